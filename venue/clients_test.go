package venue

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"sallyport/book"
	"sallyport/venue/tape"
)

// The table finds what a map finds, after every adding and dropping.
func TestClientTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := New()
		v.orders = make([]order, 301)
		want := map[string]book.Handle{}
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			account, id := rapid.Uint64Range(1, 3).Draw(t, "account"), fmt.Sprint(rapid.IntRange(0, 60).Draw(t, "id"))
			key := fmt.Sprint(account, " ", id)
			if h := want[key]; h != 0 {
				v.clients.drop(v.orders[h].name, h)
				v.orders[h] = order{}
				delete(want, key)
				continue
			}
			h := book.Handle(1)
			for v.orders[h].Account != 0 {
				h++
			}
			v.orders[h] = order{OrderPlain: tape.OrderPlain{Account: account, ClientID: id}}
			v.orders[h].name = v.clients.hash(account, id)
			v.clients.enter(v.orders[h].name, h)
			want[key] = h
		}
		if v.clients.used != len(want) {
			t.Fatalf("%d entries, want %d", v.clients.used, len(want))
		}
		for account := range uint64(4) {
			for id := range 61 {
				if got := v.client(account, fmt.Sprint(id)); got != want[fmt.Sprint(account, " ", id)] {
					t.Fatalf("account %d calls %d by %d, want %d", account, got, id, want[fmt.Sprint(account, " ", id)])
				}
			}
		}
	})
}
