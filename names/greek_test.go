package names

import (
	"slices"
	"testing"
)

// ELOT 743 (ISO 843), by which passports of Greece and Cyprus are written; and what Greek writes of foreign names, by common knowledge.
func TestGreek(t *testing.T) {
	for _, c := range []struct{ greek, latin string }{
		// Tables of ELOT 743.
		{"Παπανδρέου", "Papandreou"}, {"Ευάγγελος", "Evangelos"}, {"Ευαγγελία", "Evangelia"}, {"Αυγουστίνος", "Avgoustinos"}, {"Σφίγξ", "Sfinx"},
		{"Μπακογιάννη", "Bakogianni"}, {"Μελπομένη", "Melpomeni"}, {"Ολυμπία", "Olympia"}, {"Ντίνος", "Ntinos"}, {"Γκίκας", "Gkikas"}, {"Κωνσταντίνος", "Konstantinos"},
		{"Τζανετάκης", "Tzanetakis"}, {"Τσίπρας", "Tsipras"}, {"Χρήστος", "Christos"}, {"Αγγελόπουλος", "Angelopoulos"}, {"ΜΠΑΜΠΗΣ", "Bampis"}, {"Άγχιαλος", "Anchialos"},
		// What is said b, d, g, j and ch.
		{"Ντίνος", "Dinos"}, {"Γκίκας", "Gikas"}, {"Κόμπι", "Kobi"}, {"Μπάμπης", "Babis"},
		{"Μπουτ", "Bout"}, {"Λάντεν", "Laden"}, {"Ντμίτρι", "Dmitri"}, {"Γκορμπατσόφ", "Gorbachof"}, {"Άσαντ", "Asad"}, {"Τζορτζ", "Jorj"},
	} {
		g, l := Person(Parts{Full: c.greek}).Tokens[0], Person(Parts{Full: c.latin}).Tokens[0]
		if !g.Latin || !g.Shares(&l) {
			t.Errorf("%s (%s, keys %q) is not %s (%q)", c.greek, g.Text, g.Keys, c.latin, l.Keys)
		}
	}
	// A letter with an accent that is written apart is the letter.
	if one, two := Fold("Μπουτ Ντίνος"), Fold("Μπου\u0301τ Ντι\u0301νος"); one != two || !slices.Equal(person("Μπουτ").Tokens[0].Keys, person("ΜΠΟΥΤ").Tokens[0].Keys) {
		t.Errorf("%q and %q", one, two)
	}
}
