package entity

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// A Day is a day of the Gregorian calendar, with no hour and no zone.
// The zero value is no day.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// NewDay returns the day, or an error when the calendar has no such day.
func NewDay(year int, month time.Month, day int) (Day, error) {
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if t.Year() != year || t.Month() != month || t.Day() != day || year < 1 || year > 9999 {
		return Day{}, fmt.Errorf("%04d-%02d-%02d: no such day", year, month, day)
	}
	return Day{year, month, day}, nil
}

// ParseDay reads "2022-02-24".
func ParseDay(s string) (Day, error) {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		return Day{}, fmt.Errorf("date %q: want a day such as 2022-02-24", s)
	}
	return NewDay(t.Date())
}

// DayOf is the day that t falls on in t's own zone.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day{y, m, d}
}

// IsZero reports whether d is no day.
func (d Day) IsZero() bool { return d == Day{} }

// Time is the first instant of the day in UTC.
func (d Day) Time() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// Compare orders days; the zero day comes before all others.
func (d Day) Compare(o Day) int {
	switch {
	case d.Year != o.Year:
		return d.Year - o.Year
	case d.Month != o.Month:
		return int(d.Month - o.Month)
	default:
		return d.Day - o.Day
	}
}

// String writes "2022-02-24", or "" for the zero day.
func (d Day) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText writes what String does.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// MarshalJSON writes the day as a JSON string.
func (d Day) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalText reads "2022-02-24"; the empty text is the zero day.
func (d *Day) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Day{}
		return nil
	}
	v, err := ParseDay(string(b))
	*d = v
	return err
}

// Dates is a span of days within which something happened, both ends included.
// An exact day is a span of one; "1970" is the whole year; "circa 1979" is the
// year with Circa set, and what that widens is for the reader to say.
type Dates struct {
	From, To Day
	Circa    bool
}

// Exact is the span of one day.
func Exact(d Day) Dates { return Dates{From: d, To: d} }

// Year is the span of a whole year.
func Year(y int) Dates {
	return Dates{From: Day{y, time.January, 1}, To: Day{y, time.December, 31}}
}

// IsExact reports whether the span is one known day.
func (s Dates) IsExact() bool { return !s.From.IsZero() && s.From == s.To && !s.Circa }

// Overlaps reports whether some day lies in both spans, as they are written.
func (s Dates) Overlaps(o Dates) bool {
	return s.From.Compare(o.To) <= 0 && o.From.Compare(s.To) <= 0
}

// String writes "1952-10-07", "1970", "1966-01-01/1967-12-31" or, before any of
// these, "circa ".
func (s Dates) String() string {
	var b strings.Builder
	if s.Circa {
		b.WriteString("circa ")
	}
	switch {
	case s.From == s.To:
		b.WriteString(s.From.String())
	case s == Dates{From: Year(s.From.Year).From, To: Year(s.From.Year).To, Circa: s.Circa}:
		fmt.Fprintf(&b, "%04d", s.From.Year)
	default:
		fmt.Fprintf(&b, "%s/%s", s.From, s.To)
	}
	return b.String()
}

// ParseDates reads what String writes.
func ParseDates(text string) (Dates, error) {
	var s Dates
	rest, circa := strings.CutPrefix(text, "circa ")
	s.Circa = circa
	if len(rest) == 4 {
		rest = rest + "-01-01/" + rest + "-12-31"
	}
	from, to, span := strings.Cut(rest, "/")
	if !span {
		to = from
	}
	var err error
	if s.From, err = ParseDay(from); err == nil {
		s.To, err = ParseDay(to)
	}
	if err != nil || s.To.Compare(s.From) < 0 {
		return Dates{}, fmt.Errorf("dates %q: want 1952-10-07, 1970 or 1966-01-01/1967-12-31", text)
	}
	return s, nil
}

// MarshalText writes what String does.
func (s Dates) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what String wrote.
func (s *Dates) UnmarshalText(b []byte) error {
	v, err := ParseDates(string(b))
	*s = v
	return err
}
