package exchange

import (
	"testing"

	"sallyport/venue/tape"
)

// TestOpenListsAreKept: of the order lists of an account the open ones are all kept, however many
// have come since, and of the others the last thousand at least and not many more.
func TestOpenListsAreKept(t *testing.T) {
	var ls []OrderList
	const all, open = 12_345, 700
	for id := range uint64(all) {
		ls = appendList(ls, OrderList{OrderList: tape.OrderList{ID: id + 1}})
		if i, ok := findList(ls, id+1); ok && (id+1)%(all/open) != 0 {
			ls[i].Ended = 1
		}
	}
	var opened, ended int
	for i := range ls {
		if i > 0 && ls[i].ID <= ls[i-1].ID {
			t.Fatalf("list %d comes after list %d", ls[i].ID, ls[i-1].ID)
		}
		if ls[i].Ended == 0 {
			opened++
		} else {
			ended++
		}
	}
	if opened != all/(all/open) || ended < maxTrades-maxTrades/(all/open)-1 || len(ls) > opened+3*maxTrades {
		t.Errorf("%d open and %d ended ones are kept, of %d open ones", opened, ended, all/(all/open))
	}
	if _, ok := findList(ls, 1); ok {
		t.Error("the first is kept, though it has ended long ago")
	}
}
