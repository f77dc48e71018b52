package main

import (
	"bytes"
	"io"
	"os"
	"testing"
	"time"

	"sallyport/law"
	"sallyport/simulate"
)

// The example of the documentation can be asked about, and can never be in force.
func TestExampleDraft(t *testing.T) {
	const path = "../../docs/examples/ban-of-nationals.yaml"
	if _, err := readDraft(path); err != nil {
		t.Error(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := law.ParseRule(data); err == nil {
		t.Errorf("it loads as %s: a ban by no instrument is a rule", r.ID)
	}
}

// Whatever a file of customers holds, nothing breaks and nobody is counted twice.
func FuzzCustomers(f *testing.F) {
	for _, seed := range []string{
		"nationality,residence,town,permits,value_eur,listed\nRU,RU,Москва,,1000,\nRU;DE,AM,,DE,-1,us-sdn uk-sanctions/asset-freeze\n",
		"nationality,residence,kind,established,owned_by_listed\n,GE,firm,GE,us-sdn=6000;x\n\"\n",
		`{"facts": {"customer.kind": "person"}, "value_eur_cents": 100}` + "\n\n",
		`{"facts": {"customer.home": 1}}`, "{", "", "nationality,residence\n\x00,\xff\n",
	} {
		f.Add([]byte(seed))
	}
	set, err := law.Default()
	if err != nil {
		f.Fatal(err)
	}
	when := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	sim, err := simulate.New(simulate.Question{Before: set, After: set, At: when, Operators: [][]string{{"US"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := simulation{customers: "-", when: when}
		c := simulateCommand()
		c.SetIn(bytes.NewReader(data))
		c.SetErr(io.Discard)
		src, err := s.fromFile(c)
		if err != nil {
			return
		}
		tally, counted := sim.Tally(), 0
		_ = src.portions(t.Context(), func(p portion) error { // a line that cannot be read ends it
			n, err := p(tally)
			counted += n
			return err
		})
		if got := tally.Report().Customers; got != counted {
			t.Errorf("%d customers counted, %d told of", got, counted)
		}
	})
}

// A made-up customer who is on no list is told of in every fact that lists tell, or the rules
// that read it would hold them for what nobody left out.
func TestMadeUpCustomersAreOnNoList(t *testing.T) {
	fl, err := newFiller()
	if err != nil {
		t.Fatal(err)
	}
	for kind, f := range map[string]law.Facts{"organisation": ofNoList(), "person": fl.person.With(noneOf(func(fact string) bool { return fact == "listing.same" || fact == "listing.resembles" }))} {
		if err := f.Set("customer.kind", kind); err != nil {
			t.Fatal(err)
		}
		f = fl.fill(f, 0)
		for _, d := range law.Schema() {
			if simulate.ToldByLists(d.Name) && !f.Known(d.Name) {
				t.Errorf("%s: %s is not known of a made-up customer", kind, d.Name)
			}
		}
	}
}
