package entity

import "testing"

func TestCountryCode(t *testing.T) {
	for _, c := range []struct{ written, code string }{
		{"RU", "RU"}, {"ru", "RU"}, {"RUS", "RU"}, {"Russia", "RU"}, {"Russian Federation", "RU"},
		{" The  Gambia ", "GM"}, {"Gambia, The", "GM"},
		{"Congo, Democratic Republic of the", "CD"}, {"Democratic Republic of the Congo", "CD"}, {"Congo", "CG"},
		{"Korea, North", "KP"}, {"South Korea", "KR"}, {"Côte d’Ivoire", "CI"}, {"Ivory Coast", "CI"},
		{"Bosnia & Herzegovina", "BA"}, {"Bosnia and Herzegovina", "BA"}, {"U.S.A.", "US"}, {"Россия", "RU"},
		{"Niger", "NE"}, {"Nigeria", "NG"}, {"Dominica", "DM"}, {"Dominican Republic", "DO"},
	} {
		if got, ok := CountryCode(c.written); !ok || got != c.code {
			t.Errorf("CountryCode(%q) = %q, %v; want %q", c.written, got, ok, c.code)
		}
	}
	for _, s := range []string{"", " ", "Ruritania", "X", "ZZ", "Russia and Belarus", "undetermined"} {
		if got, ok := CountryCode(s); ok {
			t.Errorf("CountryCode(%q) = %q; want none", s, got)
		}
	}
}

// Every code of the table is two capital letters, and no name stands for two countries.
func TestCountryTableIsSound(t *testing.T) {
	if n := len(countries()); n < 700 {
		t.Fatalf("%d spellings; the table was cut", n)
	}
	for name, code := range countries() {
		if len(code) != 2 || code[0] < 'A' || code[0] > 'Z' || code[1] < 'A' || code[1] > 'Z' {
			t.Errorf("%q has code %q", name, code)
		}
		if len(name) == 2 && name != "uk" && name != "us" && countryKey(code) != name && name != "рф" {
			t.Errorf("%q is a code of another country, %q", name, code)
		}
	}
}
