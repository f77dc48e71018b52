package exchange_test

import (
	"testing"
	"time"

	"sallyport/exchange"
	"sallyport/law"
)

// A hold of business days is due with the end of the last of them in the authority's zone, and
// is overdue after it and nothing else: only a person's word or other facts end it.
func TestHoldInBusinessDays(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-06-01 09:00"))
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	cfg := p.config()
	cfg.Dir, cfg.HoldFor, cfg.HoldDays, cfg.StaleAfter = t.TempDir(), 0, 10, 0
	p.dir = cfg.Dir
	p.at(time.Date(2022, 7, 1, 15, 0, 0, 0, time.UTC)) // the Friday before Independence Day
	var err error
	if p.Exchange, err = exchange.Open(cfg); err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.TakeEdition(edition(t, "2022-03-11"), time.Now()); err != nil {
		t.Fatal(err)
	}
	// Two of one name with a listed person, whose day of birth is not known.
	like := person("l", "Sergey Viktorovich Lavrov", "1950-03-21", "RU", moscow)
	like.Birth = nil
	var held []uint64
	for operator, want := range map[string]time.Time{
		"us": time.Date(2022, 7, 19, 4, 0, 0, 0, time.UTC),  // Monday the 18th ends in New York
		"eu": time.Date(2022, 7, 15, 22, 0, 0, 0, time.UTC), // Friday the 15th ends in Brussels
	} {
		like.ID = operator
		o := p.open(operator, like)
		held = append(held, o.Account)
		if d := o.Decision; d.Verdict != law.Hold || d.Hold == nil || !d.Hold.Due.Equal(want) || d.Hold.Owner != "desk" {
			t.Errorf("%s: %s, hold %+v; want it due at %v", operator, d.Verdict, d.Hold, want)
		}
	}
	p.at(day("2022-12-24 12:00"))
	if _, err := p.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	for _, n := range held {
		if v := p.verdict(n); v != law.Hold {
			t.Errorf("months after it was due account %d is %v", n, v)
		}
	}
	if hs := p.View().Holds(); len(hs) != 2 || !hs[0].Due.Before(hs[1].Due) {
		t.Errorf("holds %+v", hs)
	}
	p.verified()
}

func TestHoldsNeedACalendar(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-06-01 09:00"))
	cfg := p.config()
	cfg.Dir, cfg.HoldDays = t.TempDir(), 10
	cfg.Genesis.Operators[0].Nexus = []string{"JP"}
	if x, err := exchange.Open(cfg); err == nil {
		x.Close()
		t.Error("business days of Japan were counted")
	}
}
