package law

import (
	"slices"
	"testing"
)

func TestTake(t *testing.T) {
	set := func(values map[string]any) (f Facts) {
		for name, v := range values {
			if err := f.Set(name, v); err != nil {
				t.Fatal(err)
			}
		}
		return f
	}
	from := set(map[string]any{"customer.permits": []string{"ES", "AT"}, "holding.value_eur_cents": 5, "session.country": ""})
	var f Facts
	if f.Take(from, "customer.residence") || f.Take(from, "no.such") || len(f.Names()) != 0 {
		t.Error("what the other does not know was taken")
	}
	f = set(map[string]any{"customer.permits": []string{"CH", "ES"}, "holding.value_eur_cents": 7})
	for _, name := range from.Names() {
		if !f.Take(from, name) {
			t.Errorf("%s was not taken", name)
		}
	}
	permits, _ := f.Texts("customer.permits")
	value, _ := f.Number("holding.value_eur_cents")
	country, known := f.Text("session.country")
	if !slices.Equal(permits, []string{"AT", "CH", "ES"}) || value != 5 || country != "" || !known {
		t.Errorf("%v %d %q %v", permits, value, country, known)
	}
	if theirs, _ := from.Texts("customer.permits"); !slices.Equal(theirs, []string{"AT", "ES"}) {
		t.Errorf("the other became %v", theirs)
	}
}
