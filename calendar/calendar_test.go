package calendar

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/entity"
)

func day(t testing.TB, s string) entity.Day {
	t.Helper()
	d, err := entity.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func of(t testing.TB, nexus string) *Calendar {
	t.Helper()
	c, err := Of(nexus)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The weekdays of a year that are no business days, written down by hand from the law and
// from the year's almanac.
func TestHolidays(t *testing.T) {
	for _, c := range []struct {
		nexus string
		year  int
		want  string
	}{
		// 19 June 2021 was a Saturday, two days after the law: 18 June. 4 July a Sunday, 25
		// December a Saturday, and New Year's Day of 2022 a Saturday, kept in the old year.
		{"US", 2021, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"},
		{"US", 2022, "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26"},
		{"US", 2020, "01-01 01-20 02-17 05-25 07-03 09-07 10-12 11-11 11-26 12-24 12-25"}, // no Juneteenth yet
		{"US", 2025, "01-01 01-09 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25"},
		{"UK", 2022, "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27"},
		{"UK", 2023, "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26"},
		{"UK", 2021, "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28"},
		{"UK", 2020, "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28"},
		{"EU", 2023, "04-07 04-10 05-01 12-25 12-26"},
		{"EU", 2024, "01-01 03-29 04-01 05-01 12-25 12-26"},
		{"CH", 2023, "01-02 04-07 04-10 05-18 05-29 08-01 12-25 12-26"},
	} {
		var got []string
		for d := (entity.Day{Year: c.year, Month: 1, Day: 1}); d.Year == c.year; d = plus(d, 1) {
			if is, err := of(t, c.nexus).IsBusinessDay(d); err != nil {
				t.Fatal(err)
			} else if !is && !weekend(d) {
				got = append(got, d.String()[5:])
			}
		}
		if want := strings.Fields(c.want); !slices.Equal(got, want) {
			t.Errorf("%s %d: %v\nwant %v", c.nexus, c.year, got, want)
		}
	}
}

func TestInaugurationDayIsABusinessDay(t *testing.T) {
	// 20 January 2021 was a Wednesday; that of 2025 was the third Monday of the month.
	if is, err := of(t, "US").IsBusinessDay(day(t, "2021-01-20")); err != nil || !is {
		t.Errorf("%v, %v", is, err)
	}
}

// Scenario 60: 31 CFR 501.603(b)(1), "within 10 business days from the date that property
// becomes blocked". Blocked on Friday 1 July 2022; Monday is Independence Day: 5, 6, 7, 8, 11,
// 12, 13, 14, 15 and 18 July are ten.
func TestBusinessDays(t *testing.T) {
	for _, c := range []struct {
		nexus, from string
		n           int
		want        string
	}{
		{"US", "2022-07-01", 10, "2022-07-18"},
		{"US", "2022-06-30", 1, "2022-07-01"},
		{"US", "2022-07-02", 1, "2022-07-05"}, // a Saturday
		{"US", "2022-12-22", 10, "2023-01-09"},
		{"US", "2021-12-30", 1, "2022-01-03"}, // Friday the 31st is New Year's Day, observed
		{"UK", "2022-09-16", 1, "2022-09-20"},
		{"UK", "2022-06-01", 2, "2022-06-07"},
		{"EU", "2023-04-06", 1, "2023-04-11"},
		{"CH", "2023-07-31", 1, "2023-08-02"},
		{"US", "2022-07-04", 0, "2022-07-05"},
		{"US", "2022-07-05", 0, "2022-07-05"},
	} {
		if got, err := of(t, c.nexus).AddBusinessDays(day(t, c.from), c.n); err != nil || got != day(t, c.want) {
			t.Errorf("%s: %d business days after %s: %v, %v; want %s", c.nexus, c.n, c.from, got, err, c.want)
		}
	}
}

func TestNothingIsGuessedOutsideTheData(t *testing.T) {
	for _, nexus := range []string{"US", "UK", "EU", "CH"} {
		c := of(t, nexus)
		if c.Law == "" || len(c.Marks) == 0 {
			t.Errorf("%s cites nothing or claims to be beyond doubt", nexus)
		}
		for _, d := range []entity.Day{{Year: c.From - 1, Month: 12, Day: 31}, {Year: c.To + 1, Month: 1, Day: 1}} {
			if _, err := c.IsBusinessDay(d); err == nil {
				t.Errorf("%s: knows %s", nexus, d)
			}
		}
		if _, err := c.AddBusinessDays(entity.Day{Year: c.To, Month: 12, Day: 28}, 5); err == nil {
			t.Errorf("%s: counts on into a year it does not know", nexus)
		}
		if _, err := c.AddBusinessDays(entity.Day{Year: 2022, Month: 1, Day: 3}, -1); err == nil {
			t.Errorf("%s: counts backwards", nexus)
		}
	}
	if _, err := Of("JP"); err == nil {
		t.Error("there is a calendar of Japan")
	}
}

func TestDue(t *testing.T) {
	// Friday, 1 July 2022, 23:30 in New York is Saturday in UTC; it ends with Monday the 18th there.
	at := time.Date(2022, 7, 2, 3, 30, 0, 0, time.UTC)
	if got, err := of(t, "US").Due(at, 10); err != nil || !got.Equal(time.Date(2022, 7, 19, 4, 0, 0, 0, time.UTC)) {
		t.Errorf("due %v, %v", got, err)
	}
	if got, err := of(t, "EU").Due(time.Date(2022, 12, 1, 12, 0, 0, 0, time.UTC), 1); err != nil || !got.Equal(time.Date(2022, 12, 2, 23, 0, 0, 0, time.UTC)) {
		t.Errorf("due %v, %v", got, err)
	}
}

// The zone database is the oracle: every six hours of all years, and the minutes around each
// change.
func TestZones(t *testing.T) {
	for _, nexus := range []string{"US", "UK", "EU", "CH"} {
		c := of(t, nexus)
		loc, err := time.LoadLocation(c.Zone)
		if err != nil {
			t.Skipf("no zone database here, so summer times were NOT checked: %v", err)
		}
		for at := time.Date(c.From, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() <= c.To; at = at.Add(time.Hour) {
			for _, at := range []time.Time{at, at.Add(-time.Microsecond)} {
				_, got := at.In(c.zoneAt(at)).Zone()
				if _, want := at.In(loc).Zone(); got != want {
					t.Fatalf("%s at %v: %d s east of UTC, want %d", c.Zone, at, got, want)
				}
			}
		}
		for d := (entity.Day{Year: c.From, Month: 1, Day: 1}); d.Year <= c.To; d = plus(d, 1) {
			next := plus(d, 1)
			if got, want := c.EndOf(d), time.Date(next.Year, next.Month, next.Day, 0, 0, 0, 0, loc); !got.Equal(want) {
				t.Fatalf("%s: %s ends at %v, want %v", c.Zone, d, got, want)
			}
		}
	}
}

func TestDataThatContradictItself(t *testing.T) {
	good, err := embedded.ReadFile("data/uk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for old, wrong := range map[string]string{
		"law: Banking": "lawless: Banking", "substitute: next": "substitute: sometimes", "summer: eu": "summer: of love", "to: 2030": "to: 2010",
		"on: 2022-09-19": "on: 2022-09-18", "on: 2023-05-08": "on: 2031-05-08", "weekday: Monday, nth: 1": "weekday: Mon, nth: 1", "month: 1, day: 1": "month: 2, day: 30",
	} {
		text := strings.Replace(string(good), old, wrong, 1)
		if text == string(good) {
			t.Fatalf("%q is not in the file", old)
		}
		if _, err := parse([]byte(text)); err == nil {
			t.Errorf("with %q the data were taken", wrong)
		}
	}
}
