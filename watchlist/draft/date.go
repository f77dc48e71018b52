package draft

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"sallyport/entity"
	"sallyport/watchlist"
)

// Parts is the span that a year, a month and a day stand for, each of them in digits. A month or
// a day that is not known is "", "0", "00" or letters ("dd"); without a month a day means nothing.
func Parts(year, month, day string) (entity.Dates, error) {
	y, err := strconv.Atoi(year)
	if err != nil || len(year) != 4 || y < 1 {
		return entity.Dates{}, fmt.Errorf("year %q: want four digits", watchlist.Short(year))
	}
	m, known, err := part(month)
	if err != nil {
		return entity.Dates{}, fmt.Errorf("month %q: want a number", watchlist.Short(month))
	}
	if !known {
		return entity.Year(y), nil
	}
	d, known, err := part(day)
	if err != nil {
		return entity.Dates{}, fmt.Errorf("day %q: want a number", watchlist.Short(day))
	}
	if !known {
		return Month(y, time.Month(m))
	}
	on, err := entity.NewDay(y, time.Month(m), d)
	return entity.Exact(on), err
}

// part reads a month or a day, which may be unknown.
func part(s string) (n int, known bool, err error) {
	if strings.Trim(s, "0") == "" || strings.Trim(strings.ToLower(s), "dmxj?-") == "" {
		return 0, false, nil
	}
	n, err = strconv.Atoi(s)
	return n, true, err
}

// Month is the span of a month.
func Month(year int, month time.Month) (entity.Dates, error) {
	first, err := entity.NewDay(year, month, 1)
	if err != nil {
		return entity.Dates{}, fmt.Errorf("%04d-%02d: no such month", year, int(month))
	}
	return entity.Dates{From: first, To: entity.DayOf(first.Time().AddDate(0, 1, -1))}, nil
}

// Between is the span from the beginning of one to the end of the other.
func Between(from, to entity.Dates) (entity.Dates, error) {
	if to.To.Compare(from.From) < 0 {
		return entity.Dates{}, fmt.Errorf("%s to %s: ends before it begins", from, to)
	}
	return entity.Dates{From: from.From, To: to.To, Circa: from.Circa || to.Circa}, nil
}

// Slashed reads the British "28/04/1937", "00/04/1937", "dd/mm/1937" and "1937": what is not
// known of the day makes it a span.
func Slashed(s string) (entity.Dates, error) {
	s = Squeeze(s)
	f := strings.Split(s, "/")
	if len(f) == 1 {
		f = []string{"", "", s}
	}
	if len(f) != 3 {
		return entity.Dates{}, fmt.Errorf("date %q: want one such as 28/04/1937", watchlist.Short(s))
	}
	d, err := Parts(f[2], f[1], f[0])
	if err != nil {
		return entity.Dates{}, fmt.Errorf("date %q: %w", watchlist.Short(s), err)
	}
	return d, nil
}

// SlashedDay reads "28/04/1937", a whole day.
func SlashedDay(s string) (entity.Day, error) { return whole(Slashed(s)) }

// ISO reads "1937-04-28", "1937-04" and "1937". What an instant has after its day ("T00:00:00Z",
// "+01:00") is passed over.
func ISO(s string) (entity.Dates, error) {
	m := isISO.FindStringSubmatch(Squeeze(s))
	if m == nil {
		return entity.Dates{}, fmt.Errorf("date %q: want one such as 1937-04-28", watchlist.Short(s))
	}
	d, err := Parts(m[1], m[2], m[3])
	if err != nil {
		return entity.Dates{}, fmt.Errorf("date %q: %w", watchlist.Short(s), err)
	}
	return d, nil
}

var isISO = regexp.MustCompile(`^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ][0-9:.]+)?(?:Z|[+-]\d{2}:\d{2})?)?)?$`)

// ISODay reads "1937-04-28", a whole day.
func ISODay(s string) (entity.Day, error) { return whole(ISO(s)) }

// whole is the one day of a span that must be one.
func whole(d entity.Dates, err error) (entity.Day, error) {
	if err != nil {
		return entity.Day{}, err
	}
	if d.From != d.To {
		return entity.Day{}, fmt.Errorf("date %q: want a whole day", d)
	}
	return d.From, nil
}

var (
	// "circa 1965", "approximately between 1955 and 1958"
	loosely = regexp.MustCompile(`(?i)^(?:circa|approximately|approx\.?|about|around|c\.?|ca\.?)\s+`)
	// "between 1955 and 1958", "1955 to 1958", "1955-1958", "from May 1955 to 1958"
	aSpan = regexp.MustCompile(`(?i)^(?:(?:between|from)\s+)?(.+?)\s*(?:\sand\s|\sto\s|\s-\s|–)\s*(.+)$`)
	years = regexp.MustCompile(`^(\d{4})\s?[-/]\s?(\d{4})$`)
	// "28 April 1937", "28-Apr-1937"
	dayMonthYear = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th)?[ -](\p{L}+)\.?,?[ -](\d{4})$`)
	// "April 28, 1937"
	monthDayYear = regexp.MustCompile(`^(\p{L}+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})$`)
	monthYear    = regexp.MustCompile(`^(\p{L}+)\.?,?[ -](\d{4})$`)
	// "28/4/1937", "28.4.1937", "28-04-1937"
	numeric = regexp.MustCompile(`^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$`)
)

// Text reads a date of birth as English prose writes it: "28 April 1937", "Apr 1937", "1937",
// "28/4/1937", "1937-04-28", "between 1955 and 1958", and "circa" before any of these. Digits
// parted by strokes or full stops are day, month and year, in this order.
func Text(written string) (entity.Dates, error) {
	s := strings.Trim(Squeeze(written), " .,;")
	circa := false
	if at := loosely.FindString(s); at != "" {
		s, circa = strings.TrimSpace(s[len(at):]), true
	}
	d, err := text(s)
	if err != nil {
		return entity.Dates{}, fmt.Errorf("date %q: %w", watchlist.Short(written), err)
	}
	d.Circa = d.Circa || circa
	return d, nil
}

func text(s string) (entity.Dates, error) {
	if m := years.FindStringSubmatch(s); m != nil {
		return ends(m[1], m[2])
	}
	if d, err := point(s); !errors.Is(err, errNoDate) {
		return d, err
	}
	if m := aSpan.FindStringSubmatch(s); m != nil {
		return ends(m[1], m[2])
	}
	return entity.Dates{}, errNoDate
}

func ends(from, to string) (entity.Dates, error) {
	a, err := point(from)
	if err != nil {
		return a, err
	}
	b, err := point(to)
	if err != nil {
		return b, err
	}
	return Between(a, b)
}

var errNoDate = errors.New("not a date that can be compared")

// point reads a day, a month or a year.
func point(s string) (entity.Dates, error) {
	if isISO.MatchString(s) {
		return ISO(s)
	}
	if m := numeric.FindStringSubmatch(s); m != nil {
		return Parts(m[3], m[2], m[1])
	}
	for _, f := range []struct {
		form             *regexp.Regexp
		year, month, day int
	}{{dayMonthYear, 3, 2, 1}, {monthDayYear, 3, 1, 2}, {monthYear, 2, 1, 0}} {
		m := f.form.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		month, ok := monthOf(m[f.month])
		if !ok {
			return entity.Dates{}, errNoDate
		}
		day := ""
		if f.day > 0 {
			day = m[f.day]
		}
		return Parts(m[f.year], strconv.Itoa(int(month)), day)
	}
	return entity.Dates{}, errNoDate
}

// monthOf reads "April", "Apr" and "Sept".
func monthOf(s string) (time.Month, bool) {
	for m := time.January; m <= time.December; m++ {
		name := m.String()
		if len(s) >= 3 && len(s) <= len(name) && strings.EqualFold(s, name[:len(s)]) {
			return m, true
		}
	}
	return 0, false
}
