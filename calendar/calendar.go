package calendar

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"sallyport/entity"
)

//go:embed data/*.yaml
var embedded embed.FS

// A Calendar is the business days of one authority. It does not change.
type Calendar struct {
	Nexus string   // of the operators who count by it: "US"
	Title string   // whose days
	Law   string   // that makes them
	Marks []string // what is still to verify
	From  int      // the first year it speaks of
	To    int      // the last
	Zone  string   // of the authority, as the zone database names it

	standard time.Duration // east of UTC, in winter
	summer   summer
	holidays map[entity.Day]string // names by day, substitutes included
}

// file is the YAML of a calendar; decoding refuses a field that is not here.
type file struct {
	Nexus string `yaml:"nexus"`
	Title string `yaml:"title"`
	Law   string `yaml:"law"`
	Zone  struct {
		Name     string        `yaml:"name"`
		Standard time.Duration `yaml:"standard"`
		Summer   summer        `yaml:"summer"`
	} `yaml:"zone"`
	Years      struct{ From, To int } `yaml:"years"`
	Substitute string                 `yaml:"substitute"` // "nearest", "next" or "none"
	Yearly     []yearly               `yaml:"yearly"`
	Once       []once                 `yaml:"once"`
	Marks      []string               `yaml:"marks"`
}

// yearly is a holiday that comes each year: a day of a month, the n-th weekday of a month
// (the last where n is -1), or a number of days from Easter Sunday.
type yearly struct {
	Name    string `yaml:"name"`
	Month   int    `yaml:"month"`
	Day     int    `yaml:"day"`
	Weekday string `yaml:"weekday"`
	Nth     int    `yaml:"nth"`
	Easter  *int   `yaml:"easter"`
	Since   int    `yaml:"since"`  // the first year; 0: ever
	Except  []int  `yaml:"except"` // years in which it was elsewhere or not at all
}

type once struct {
	Name string     `yaml:"name"`
	On   entity.Day `yaml:"on"`
}

var load = sync.OnceValues(func() (map[string]*Calendar, error) {
	entries, err := embedded.ReadDir("data")
	if err != nil {
		return nil, err
	}
	all := map[string]*Calendar{}
	for _, e := range entries {
		data, err := embedded.ReadFile("data/" + e.Name())
		if err != nil {
			return nil, err
		}
		c, err := parse(data)
		if err != nil {
			return nil, fmt.Errorf("calendar: %s: %w", e.Name(), err)
		}
		all[c.Nexus] = c
	}
	return all, nil
})

// Of is the calendar by which an operator of that nexus counts. The error says that there is
// none.
func Of(nexus string) (*Calendar, error) {
	all, err := load()
	if err != nil {
		return nil, err
	}
	if c := all[nexus]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("calendar: no business days are known for %s; they are for CH, EU, UK and US", nexus)
}

func parse(data []byte) (*Calendar, error) {
	var f file
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return nil, err
	}
	if err := dec.Decode(new(any)); err != io.EOF {
		return nil, fmt.Errorf("more than one document")
	}
	switch {
	case f.Nexus == "" || f.Title == "" || f.Law == "" || f.Zone.Name == "" || len(f.Yearly) == 0:
		return nil, fmt.Errorf("want nexus, title, law, zone and yearly: no day is free without a law")
	case f.Years.From < 1971 || f.Years.To < f.Years.From || f.Years.To > 2100:
		return nil, fmt.Errorf("years %d to %d: want the years that the data speak of", f.Years.From, f.Years.To)
	case f.Substitute != "nearest" && f.Substitute != "next" && f.Substitute != "none":
		return nil, fmt.Errorf("substitute %q: want nearest, next or none", f.Substitute)
	case f.Zone.Summer != "us" && f.Zone.Summer != "eu":
		return nil, fmt.Errorf("summer %q: want us or eu", f.Zone.Summer)
	}
	c := &Calendar{
		Nexus: f.Nexus, Title: f.Title, Law: f.Law, Marks: f.Marks, From: f.Years.From, To: f.Years.To,
		Zone: f.Zone.Name, standard: f.Zone.Standard, summer: f.Zone.Summer, holidays: map[entity.Day]string{},
	}
	// The year before and after too: a New Year's Day on a Saturday is kept on 31 December.
	var away []entity.Day // at a weekend
	for year := c.From - 1; year <= c.To+1; year++ {
		for _, y := range f.Yearly {
			if year < y.Since || slices.Contains(y.Except, year) {
				continue
			}
			day, err := y.in(year)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", y.Name, err)
			}
			c.holidays[day] = y.Name
			if weekend(day) {
				away = append(away, day)
			}
		}
	}
	for _, o := range f.Once {
		if o.Name == "" || o.On.Year < c.From || o.On.Year > c.To || weekend(o.On) {
			return nil, fmt.Errorf("%s on %s: want a name and a weekday of the years %d to %d", o.Name, o.On, c.From, c.To)
		}
		c.holidays[o.On] = o.Name
	}
	if f.Substitute == "none" {
		return c, nil
	}
	slices.SortFunc(away, entity.Day.Compare)
	for _, day := range away {
		name := c.holidays[day] + " (observed)"
		switch {
		case f.Substitute == "next":
			for d := plus(day, 1); ; d = plus(d, 1) {
				if _, taken := c.holidays[d]; !taken && !weekend(d) {
					c.holidays[d] = name
					break
				}
			}
		case day.Time().Weekday() == time.Saturday:
			c.holidays[plus(day, -1)] = name
		default:
			c.holidays[plus(day, 1)] = name
		}
	}
	return c, nil
}

// in is the day of the holiday in a year.
func (y *yearly) in(year int) (entity.Day, error) {
	switch {
	case y.Easter != nil:
		return plus(easter(year), *y.Easter), nil
	case y.Weekday == "":
		return entity.NewDay(year, time.Month(y.Month), y.Day)
	}
	for w := time.Sunday; w <= time.Saturday; w++ {
		if w.String() == y.Weekday {
			return nth(year, time.Month(y.Month), w, y.Nth)
		}
	}
	return entity.Day{}, fmt.Errorf("weekday %q: want one such as Monday", y.Weekday)
}

// nth is the n-th such weekday of a month, or the last where n is -1.
func nth(year int, month time.Month, w time.Weekday, n int) (entity.Day, error) {
	if n == -1 {
		last := entity.DayOf(time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC))
		return plus(last, -(int(last.Time().Weekday()-w+7) % 7)), nil
	}
	if n < 1 || n > 4 {
		return entity.Day{}, fmt.Errorf("nth %d: want 1 to 4, or -1 for the last", n)
	}
	first := entity.Day{Year: year, Month: month, Day: 1}
	return plus(first, int(w-first.Time().Weekday()+7)%7+7*(n-1)), nil
}

// easter is Easter Sunday of the Gregorian calendar (the algorithm of Butcher's
// Ecclesiastical Calendar, 1876; Meeus, Astronomical Algorithms, chapter 8).
func easter(year int) entity.Day {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	return entity.Day{Year: year, Month: time.Month(month), Day: (h + l - 7*m + 33*month + 19) % 32}
}

func plus(d entity.Day, n int) entity.Day { return entity.DayOf(d.Time().AddDate(0, 0, n)) }

func weekend(d entity.Day) bool {
	w := d.Time().Weekday()
	return w == time.Saturday || w == time.Sunday
}

// Holiday is the name of a holiday, or "" for a day that is none.
func (c *Calendar) Holiday(day entity.Day) (string, error) {
	if err := c.knows(day); err != nil {
		return "", err
	}
	return c.holidays[day], nil
}

func (c *Calendar) knows(day entity.Day) error {
	if day.Year < c.From || day.Year > c.To {
		return fmt.Errorf("calendar: %s: the holidays of %s are known from %d to %d; bring its data up to date", day, c.Title, c.From, c.To)
	}
	return nil
}

// IsBusinessDay reports whether the day is neither at a weekend nor a holiday.
func (c *Calendar) IsBusinessDay(day entity.Day) (bool, error) {
	name, err := c.Holiday(day)
	return err == nil && name == "" && !weekend(day), err
}

// AddBusinessDays is the n-th business day after the day, which itself does not count; with
// n 0 it is the day itself where that is one, and else the next.
func (c *Calendar) AddBusinessDays(day entity.Day, n int) (entity.Day, error) {
	if n < 0 || n > 1000 {
		return entity.Day{}, fmt.Errorf("calendar: %d business days: want 0 to 1000", n)
	}
	if n == 0 {
		day, n = plus(day, -1), 1
	}
	for n > 0 {
		day = plus(day, 1)
		is, err := c.IsBusinessDay(day)
		if err != nil {
			return entity.Day{}, err
		}
		if is {
			n--
		}
	}
	return day, nil
}

// DayAt is the day that it is in the authority's zone at an instant.
func (c *Calendar) DayAt(at time.Time) entity.Day { return entity.DayOf(at.In(c.zoneAt(at))) }

// EndOf is the first instant after the day in the authority's zone.
func (c *Calendar) EndOf(day entity.Day) time.Time {
	next := plus(day, 1).Time().Add(-c.standard)
	if c.summer.in(next, c.standard) {
		next = next.Add(-time.Hour)
	}
	return next.In(c.zoneAt(next))
}

// Due is the end of the n-th business day after the one on which the instant falls.
func (c *Calendar) Due(at time.Time, n int) (time.Time, error) {
	day, err := c.AddBusinessDays(c.DayAt(at), n)
	if err != nil {
		return time.Time{}, err
	}
	return c.EndOf(day), nil
}

func (c *Calendar) zoneAt(at time.Time) *time.Location {
	offset := c.standard
	if c.summer.in(at, c.standard) {
		offset += time.Hour
	}
	return time.FixedZone("", int(offset.Seconds()))
}

// summer is by which law a zone has summer time, of one hour.
type summer string

// in reports whether it is summer time at an instant.
//
// us: from 02:00 local time on the second Sunday of March to 02:00 on the first Sunday of
// November (15 U.S.C. 260a, since 2007). eu: from 01:00 UTC on the last Sunday of March to
// 01:00 UTC on the last Sunday of October (Directive 2000/84/EC; Summer Time Order 2002).
func (s summer) in(at time.Time, standard time.Duration) bool {
	year := at.Add(standard).UTC().Year()
	sunday := func(month time.Month, n int) time.Time {
		day, err := nth(year, month, time.Sunday, n)
		if err != nil {
			panic(err) // n is one of those below
		}
		return day.Time()
	}
	var from, to time.Time
	if s == "us" {
		from = sunday(time.March, 2).Add(2*time.Hour - standard)
		to = sunday(time.November, 1).Add(time.Hour - standard) // 02:00 of summer time
	} else {
		from = sunday(time.March, -1).Add(time.Hour)
		to = sunday(time.October, -1).Add(time.Hour)
	}
	return !at.Before(from) && at.Before(to)
}
