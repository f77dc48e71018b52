package names

import "testing"

// A slip in a word of a legal form of several words does not hide the form; a word that stands
// alone, or is no word of a form, stays what it is.
func TestMisspeltForms(t *testing.T) {
	forms := func(n Name) (forms, others int) {
		for _, t := range n.Tokens {
			if t.Class == LegalForm {
				forms++
			} else {
				others++
			}
		}
		return forms, others
	}
	for _, c := range []struct {
		written       string
		forms, others int
	}{
		{"Public Joint Stock Comapny Rosbank", 1, 1},
		{"Limted Liability Company Veles Trust", 1, 2},
		{"Limited Liabilityy Company Lanmax", 1, 1},
		{"Joint Stokc Company Kvazar", 1, 1},
		{"Limted Liabilty Company Lanmax", 0, 4}, // two slips are none
		{"Folding Partners", 0, 2},
		{"Comapny Rosbank", 0, 2},
		{"Keencloud Lipited", 1, 1},
		{"Tardigrade Limietd", 1, 1},
		{"Kvazar Incorporatd", 1, 1},
		{"Kvazar Coprporation", 1, 1},
		{"Limietd Kvazar", 0, 2}, // a form stands behind the name
		{"Limietd", 0, 1},        // and not alone
		{"Kvazar Folding", 0, 2},
		{"Kvazar Limietd Veles", 0, 3},
		{"Kvazar Berhard", 0, 2}, // Berhad is too short
		{"Kvazar Limetid", 0, 2}, // two slips
		{"Kvazar Limit", 0, 2},
		{"Kvazar Limitd", 1, 1},
		{"Kvazar Cooperativa", 0, 2}, // a word that is known
		{"Kvazar Limit3d", 0, 2},
	} {
		n := Firm(c.written)
		if f, o := forms(n); f != c.forms || o != c.others {
			t.Errorf("%s: %d legal forms and %d other words, want %d and %d: %+v", c.written, f, o, c.forms, c.others, n.Tokens)
		}
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"stok", "stoks", true}, {"stok", "stko", true}, {"stok", "stuk", true}, {"tok", "stok", true}, {"stok", "stok", true},
		{"stok", "soktu", false}, {"stok", "st", false}, {"stok", "tsko", false}, {"stok", "stuu", false},
	} {
		if oneSlip(c.a, c.b) != c.want || oneSlip(c.b, c.a) != c.want {
			t.Errorf("%s and %s are one slip apart: %t, back %t; want %t", c.a, c.b, oneSlip(c.a, c.b), oneSlip(c.b, c.a), c.want)
		}
	}
}

// A Roman numeral is a number, though it sounds like a legal form.
func TestNumeralsAreNoForms(t *testing.T) {
	for _, numeral := range []string{"II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"} {
		n := Firm("Orion Fund " + numeral)
		if last := n.Tokens[len(n.Tokens)-1]; len(n.Tokens) != 3 || last.Class != Number {
			t.Errorf("%s: %+v", numeral, n.Tokens)
		}
	}
}
