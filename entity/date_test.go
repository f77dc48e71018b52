package entity

import "testing"

func TestParseDates(t *testing.T) {
	for _, s := range []string{"1952-10-07", "1970", "0070", "1966-01-01/1967-12-31", "circa 1979", "circa 1979-05-01/1982-04-30", "2024-02-29"} {
		d, err := ParseDates(s)
		if err != nil || d.String() != s {
			t.Errorf("%q: %q, %v", s, d, err)
		}
	}
	for _, s := range []string{"", "circa ", "19 7", "+197", "-197", "0000", "0000-01-01", "1970-02-31", "2023-02-29", "1970-1-1", "1967-12-31/1966-01-01", "1966/1967", " 1970"} {
		if d, err := ParseDates(s); err == nil {
			t.Errorf("%q is read as %q", s, d)
		}
	}
}

// Both ends of a span belong to it.
func TestOverlaps(t *testing.T) {
	parse := func(s string) Dates {
		d, err := ParseDates(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"1970", "1970-12-31", true}, {"1970", "1971-01-01", false}, {"1970", "1970-01-01", true}, {"1970", "1969-12-31", false},
		{"1966-01-01/1967-12-31", "1967-12-31/1968-01-01", true}, {"1952-10-07", "1952-10-07", true},
	} {
		if a, b := parse(c.a), parse(c.b); a.Overlaps(b) != c.want || b.Overlaps(a) != c.want {
			t.Errorf("%s and %s: overlap is not %v both ways", c.a, c.b, c.want)
		}
	}
}

func FuzzParseDates(f *testing.F) {
	for _, s := range []string{"1952-10-07", "circa 1979", "1966-01-01/1967-12-31", "19 7", "0000", "1970-01-01/1970-12-31"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDates(s)
		if err != nil {
			return
		}
		if again, err := ParseDates(d.String()); err != nil || again != d {
			t.Fatalf("%q is %q, and that is %q, %v", s, d, again, err)
		}
	})
}
