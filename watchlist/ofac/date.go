package ofac

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sallyport/entity"
)

// dates reads a date of birth in the forms OFAC writes: "07 Oct 1952", "1970",
// "Sep 1938", "circa 1979", "circa 07 Jul 1966", "1966 to 1967", "01 Jan 1961 to
// 31 Dec 1962", "Mar 1962 to Feb 1963" and "circa 1979-1982".
func dates(s string) (entity.Dates, error) {
	written := s
	var d entity.Dates
	for _, word := range []string{"circa ", "approximately ", "approx. ", "c. "} {
		if rest, ok := cutPrefixFold(s, word); ok {
			s, d.Circa = strings.TrimSpace(rest), true
			break
		}
	}
	from, to, isSpan := strings.Cut(s, " to ")
	if !isSpan && len(s) == 9 && s[4] == '-' {
		from, to, isSpan = s[:4], s[5:], true
	}
	first, err := span(strings.TrimSpace(from))
	if err != nil {
		return entity.Dates{}, fmt.Errorf("%q: %w", written, err)
	}
	d.From, d.To = first.From, first.To
	if isSpan {
		last, err := span(strings.TrimSpace(to))
		if err != nil {
			return entity.Dates{}, fmt.Errorf("%q: %w", written, err)
		}
		if last.To.Compare(d.From) < 0 {
			return entity.Dates{}, fmt.Errorf("%q: ends before it begins", written)
		}
		d.To = last.To
	}
	return d, nil
}

// span reads a day, a month of a year, or a year.
func span(s string) (entity.Dates, error) {
	words := strings.Fields(s)
	if len(words) == 0 || len(words) > 3 {
		return entity.Dates{}, fmt.Errorf("want 07 Oct 1952, Oct 1952 or 1952")
	}
	y, ok := number(words[len(words)-1], 4)
	if !ok || y < 1000 {
		return entity.Dates{}, fmt.Errorf("year %q: want four digits", words[len(words)-1])
	}
	if len(words) == 1 {
		return entity.Year(y), nil
	}
	m, ok := month(words[len(words)-2])
	if !ok {
		return entity.Dates{}, fmt.Errorf("month %q: no such month", words[len(words)-2])
	}
	if len(words) == 2 {
		last := time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC)
		return entity.Dates{From: entity.Day{Year: y, Month: m, Day: 1}, To: entity.DayOf(last)}, nil
	}
	d, ok := number(words[0], 2)
	if !ok {
		return entity.Dates{}, fmt.Errorf("day %q: want one or two digits", words[0])
	}
	if _, err := entity.NewDay(y, m, d); err != nil {
		return entity.Dates{}, fmt.Errorf("no such day")
	}
	return entity.Exact(entity.Day{Year: y, Month: m, Day: d}), nil
}

// month reads an English month, whole or by its first three letters.
func month(s string) (time.Month, bool) {
	if len(s) < 3 {
		return 0, false
	}
	for m := time.January; m <= time.December; m++ {
		if full := m.String(); strings.EqualFold(s, full) || strings.EqualFold(s, full[:3]) {
			return m, true
		}
	}
	return 0, false
}

// number reads one to max digits and nothing else.
func number(s string, max int) (int, bool) {
	if s == "" || len(s) > max || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}
