package population

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"sallyport/entity"
)

func TestPoolsAreSound(t *testing.T) {
	s := pools()
	if len(s.order) < 40 || len(s.cultures) < 25 {
		t.Fatalf("%d countries, %d cultures: pools.txt was cut", len(s.order), len(s.cultures))
	}
	for code, x := range s.cultures {
		if len(x.male) < 5 || len(x.female) < 4 || len(x.familyMale) < 7 || len(x.familyMale) != len(x.familyFemale) {
			t.Errorf("culture %s: %d men's, %d women's, %d and %d family names", code, len(x.male), len(x.female), len(x.familyMale), len(x.familyFemale))
		}
		for _, list := range [][]written{x.male, x.female, x.familyMale, x.familyFemale} {
			seen := map[string]bool{}
			for _, w := range list {
				if w.latin == "" || !isLatin(w.latin) || strings.ContainsAny(w.latin+w.native, "=:;_") {
					t.Errorf("culture %s: %q in Latin, %q in its script", code, w.latin, w.native)
				}
				if (w.native == "") != (list[0].native == "") {
					t.Errorf("culture %s: some names have a native spelling, %q has not or alone has", code, w.latin)
				}
				if seen[w.latin] {
					t.Errorf("culture %s: %q twice", code, w.latin)
				}
				seen[w.latin] = true
				oneScript(t, w.native)
			}
		}
	}
	for _, x := range s.order {
		if c, ok := entity.CountryCode(x.code); !ok || c != x.code {
			t.Errorf("country %s is none", x.code)
		}
		if len(x.towns) < 2 || len(x.streets) < 2 || len(x.firms) == 0 || !strings.Contains(x.passport, "####") || len(x.cultures) == 0 {
			t.Errorf("country %s is not complete", x.code)
		}
		for _, c := range x.cultures {
			if c != "ru" && s.cultures[c] == nil {
				t.Errorf("country %s: culture %s is none", x.code, c)
			}
		}
		for _, w := range x.streets {
			oneScript(t, w.native)
		}
		for _, w := range x.towns {
			oneScript(t, w.name.native)
			oneScript(t, w.region.native)
		}
	}
	for _, code := range []string{"RU", "IR", "CU", "KP"} {
		if s.countries[code].weight != 0 {
			t.Errorf("ordinary customers come from %s", code)
		}
	}
	for _, list := range []string{exempting, abroad} {
		for _, f := range strings.Fields(list) {
			if code, _, _ := strings.Cut(f, ":"); s.countries[code] == nil {
				t.Errorf("people live in %s, which has no towns", code)
			}
		}
	}
}

// oneScript fails for a Cyrillic word with a Latin letter in it and the like.
func oneScript(t *testing.T, s string) {
	t.Helper()
	scripts := []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Arabic, unicode.Hebrew, unicode.Armenian, unicode.Georgian, unicode.Han, unicode.Hangul}
	var in []int
	for _, r := range s {
		if !unicode.IsLetter(r) {
			continue
		}
		if unicode.In(r, unicode.Hiragana, unicode.Katakana) { // Japanese is written in all three
			r = '日'
		}
		i := slices.IndexFunc(scripts, func(x *unicode.RangeTable) bool { return unicode.Is(x, r) })
		if i < 0 {
			t.Errorf("%q: letter %q is of no script known here", s, r)
		} else if !slices.Contains(in, i) {
			in = append(in, i)
		}
	}
	if len(in) > 1 {
		t.Errorf("%q mixes scripts", s)
	}
}

func TestReadPoolsRefuses(t *testing.T) {
	for _, text := range []string{
		"male Jan", "culture xx sideways", "country XX en weight=much", "country XX en\ntown Nowhere", "town A; B; C", "nonsense",
	} {
		if _, err := readPools(text); err == nil || !strings.Contains(err.Error(), "line ") {
			t.Errorf("%q: error %v, want one that names a line", text, err)
		}
	}
}
