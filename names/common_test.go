package names

import "testing"

// How common a word is depends on whether it is in a person's name or a firm's, and is that of its commonest key.
func TestFrequency(t *testing.T) {
	people, firms := commonWords("# made\n[people]\na maria\nb zaCari\n[firms]\nb maria\na orion\n")
	for _, c := range []struct {
		in    map[string]Frequency
		key   string
		often Frequency
	}{
		{people, "maria", VeryCommon}, {people, "zaCari", Common}, {people, "orion", Rare},
		{firms, "maria", Common}, {firms, "orion", VeryCommon}, {firms, "zaCari", Rare},
	} {
		if got := c.in[c.key]; got != c.often {
			t.Errorf("%s is read as %d, want %d", c.key, got, c.often)
		}
	}
	for _, c := range []struct {
		keys         []string
		person, firm Frequency
	}{
		{[]string{"maria"}, VeryCommon, commonFirms["maria"]}, {[]string{"zaCari"}, Common, Rare}, {[]string{"aviaten"}, Rare, VeryCommon},
		{[]string{"brzezinC", "maria"}, VeryCommon, Rare}, {[]string{"maria", "brzezinC"}, VeryCommon, Rare}, {[]string{"brzezinC"}, Rare, Rare}, {nil, Rare, Rare},
	} {
		token := Token{Keys: c.keys}
		if p, f := token.Frequency(false), token.Frequency(true); p != c.person || f != c.firm {
			t.Errorf("%q: %d among people's names and %d among firms', want %d and %d", c.keys, p, f, c.person, c.firm)
		}
	}
}
