package story

import (
	"testing"

	"sallyport/entity"
	"sallyport/gate"
	"sallyport/internal/population"
	"sallyport/law"
	"sallyport/watchlist"
)

// The summary fails the demo when a promise is not kept, so what it counts as kept is tested.
func TestJudge(t *testing.T) {
	then := &watchlist.Edition{Entities: []entity.Entity{{ID: "1"}}}
	for _, c := range []struct {
		truth   population.Truth
		listed  string
		verdict law.Verb
		fired   []string
		want    outcome
	}{
		{population.Listed, "1", law.Freeze, []string{"us-sdn"}, listedFrozen},
		{population.Listed, "1", law.Hold, []string{"house-resemblance"}, listedHeld},
		{population.Listed, "1", law.Refuse, []string{"us-crimea"}, listedHeld}, // stopped all the same
		{population.Listed, "1", law.Allow, nil, listedMissed},
		{population.Listed, "1", law.Exit, []string{"eu-833-5b2-ban"}, listedMissed}, // their assets can leave
		{population.Listed, "2", law.Allow, nil, free},                               // on another edition only
		{population.OwnedByListed, "", law.Freeze, []string{"us-50pct"}, listedFrozen},
		{population.OwnedByListed, "", law.Allow, nil, listedMissed},
		{population.Ordinary, "", law.Allow, nil, free},
		{population.Namesake, "1", law.Hold, []string{"house-resemblance"}, innocentHeld},
		{population.Namesake, "1", law.Freeze, []string{"us-sdn"}, innocentFrozen},
		{population.Ordinary, "", law.Freeze, nil, innocentFrozen},
		{population.Ordinary, "", law.Undecided, nil, innocentHeld},
		{population.Embargoed, "", law.Refuse, []string{"us-iran"}, stoppedByPlace},
		{population.Embargoed, "", law.Freeze, []string{"us-cuba"}, stoppedByPlace},
		{population.Embargoed, "", law.Freeze, []string{"us-cuba", "us-sdn"}, innocentFrozen},
		{population.RussianNational, "", law.Exit, []string{"eu-833-5b2-ban"}, leaving},
		{population.RussianNational, "", law.Cap, []string{"eu-833-5b2-cap"}, leaving},
		{population.RussianNational, "", law.Freeze, []string{"eu-833-5b2-ban"}, innocentFrozen},
	} {
		d := gate.Decision{Verdict: c.verdict}
		for _, r := range c.fired {
			d.Fired = append(d.Fired, gate.Fired{Rule: r})
		}
		if got := judge(&population.Person{Truth: c.truth, ListedID: c.listed}, &d, then); got != c.want {
			t.Errorf("truth %v, %v by %v: outcome %d, want %d", c.truth, c.verdict, c.fired, got, c.want)
		}
	}
}

func TestClockNeverGoesBack(t *testing.T) {
	begin := entity.Day{Year: 2022, Month: 3, Day: 11}.Time()
	c := NewClock(begin)
	c.Advance(begin.AddDate(0, 0, 1))
	c.Advance(begin)
	if now := c.Now(); now.Before(begin.AddDate(0, 0, 1)) {
		t.Fatalf("the clock reads %v", now)
	}
}
