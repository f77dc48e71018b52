package console

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/law"
	"sallyport/watchlist"
)

// namesake puts an edition in force with one entry, and opens an account for somebody who resembles it.
func (f *floor) namesake() (entry entity.Entity, edition func(int, entity.Entity) *watchlist.Edition, held exchange.Opened) {
	f.t.Helper()
	born, _ := entity.ParseDay("1962-03-14")
	entry = entity.Entity{List: "us-sdn", ID: "90001", Kind: entity.Person, Names: []entity.Name{{Full: "Viktor Andreyevich MOROZOV"}}, Birth: []entity.Dates{entity.Exact(born)}, Nationalities: []string{"RU"}}
	edition = func(n int, e entity.Entity) *watchlist.Edition {
		return &watchlist.Edition{List: "us-sdn", Publisher: "test", Published: after, SHA256: fmt.Sprintf("%064x", n), Entities: []entity.Entity{e}}
	}
	f.take(edition(1, entry), nil)
	p := plainPerson("n", "Viktor Morozov", "RU", "KZ")
	other, _ := entity.ParseDay("1962-08-02")
	p.Birth = []entity.Dates{entity.Exact(other)}
	if held = f.open("us", p); held.Decision.Verdict != law.Hold {
		f.t.Fatalf("the namesake is %v", held.Decision.Verdict)
	}
	return entry, edition, held
}

// TestLikenesses follows one question over its page and the decision's: open, cleared, and
// open again when the list's entry changes.
func TestLikenesses(t *testing.T) {
	f := newFloor(t)
	entry, edition, o := f.namesake()
	page := func(path string) *node {
		t.Helper()
		_, text := f.get(path)
		return parse(t, text)
	}
	open := page("/likenesses")
	has(t, open.one(t, "article", "finding"), fmt.Sprint("Account ", o.Account), "Viktor Andreyevich MOROZOV", "90001", "sanctions desk", "birth date")
	has(t, open.one(t, "main", ""), "Nobody was cleared so far.")
	if _, text := f.get("/likenesses"); strings.Contains(text, "1962-08-02") {
		t.Error("the customer's own birthday is on the page")
	}

	if _, _, err := f.Clear(o.Account, "us-sdn", "90001", "m.ortiz", "another patronymic <shown>"); err != nil {
		t.Fatal(err)
	}
	answered := page("/likenesses")
	has(t, answered.one(t, "main", ""), "Nobody who is not cleared resembles anybody on a list.")
	has(t, answered.one(t, "tr", "clearance-1"), "90001", "m.ortiz", "another patronymic <shown>", "in force")
	released := "/decisions/" + f.standing(o.Account).ID
	has(t, page(released).one(t, "p", "cleared"), "Cleared by m.ortiz", "another patronymic <shown>", "clearance 1")
	has(t, page("/").one(t, "main", ""), "was cleared of resembling us-sdn 90001 by m.ortiz")

	entry.Birth = append([]entity.Dates{entity.Year(1961)}, entry.Birth...)
	f.take(edition(2, entry), nil)
	const why = "was cleared on 24 February 2022 by m.ortiz, but the list entry's birth changed"
	has(t, page("/likenesses").one(t, "p", "again"), "Open again:", why)
	has(t, page("/likenesses").one(t, "tr", "clearance-1"), "ended", why)
	has(t, page("/decisions/"+f.standing(o.Account).ID).one(t, "p", "again"), why)
	has(t, page(released).one(t, "p", "cleared"), "which has ended since")
}
