package exchange_test

import (
	"fmt"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/law"
)

// Who resembles nobody on the lists is remembered, for as long as neither the lists nor their data change, and who
// resembles somebody never is.
func TestWhoResemblesNobody(t *testing.T) {
	c := startClearing(t, t.TempDir()) // with a customer who is like somebody
	ivan := person("i", "Ivan Petrov", "1971-05-04", "RU", almaty)
	account := c.open("us", person("m", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	firm := person("f", "Garden Tools", "2001-01-01", "ES", madrid)
	firm.Kind, firm.Birth, firm.Nationalities = entity.Organisation, nil, nil
	firm.Owners = []entity.Owner{{Entity: morozov(), ShareBP: 10000}}
	owned := c.open("us", firm)
	petrov := ivanov()
	petrov.ID, petrov.Names, petrov.Birth = "90003", []entity.Name{{Full: "Ivan PETROV"}}, nil
	c.remembers("opened", 1)
	if owned.Decision.Verdict == law.Allow {
		t.Errorf("a firm of who is listed stands at %v", owned.Decision.Verdict)
	}
	if _, err := c.Amend(account, ivan); err != nil { // asked about with the data that is known now
		t.Fatal(err)
	}
	c.remembers("told something else", 1)
	c.take(2, morozov(), ivanov(), petrov)
	c.remembers("another edition", 0)
	if c.verdict(account) == law.Allow {
		t.Error("who resembles an entry of the new edition stands at allow")
	}
	c.take(3, morozov(), ivanov())
	c.remembers("an edition without it", 1) // decided again
	it := morozov()
	itself := person("m", it.PrimaryName(), "1962-03-14", "RU", almaty)
	itself.Gender, itself.Identifiers = entity.Male, it.Identifiers
	if _, err := c.Amend(account, itself); err != nil {
		t.Fatal(err)
	}
	c.remembers("who is listed", 0)
	if c.verdict(account) != law.Freeze {
		t.Errorf("who tells that they are listed stands at %v", c.verdict(account))
	}
	c.Close()
	c.reopen()
	c.remembers("opened again", 0)
}

// Before the hour of a rule everybody is screened who has not been since the lists changed, and not all the time.
func TestScreenedAheadOfARule(t *testing.T) {
	c := startClearing(t, t.TempDir())
	const customers = 2*exchange.ScreenedAtOnce + 7
	var applications []exchange.Application
	for i := range customers {
		applications = append(applications, exchange.Application{Operator: "us", Profile: person(fmt.Sprint(i), "Maria Garcia", "1990-01-01", "ES", madrid)})
	}
	if _, err := c.Open(applications...); err != nil {
		t.Fatal(err)
	}
	c.take(2, morozov())
	c.remembers("another edition", 0)
	hour, tick := c.NextLaw(), c.AheadOfLaw()
	c.at(hour.Add(-exchange.LawSoon - time.Second))
	tick()
	c.remembers("long before", 0)
	c.at(hour.Add(-exchange.LawSoon))
	tick()
	c.remembers("soon", customers)
	e := madeUp(3, morozov(), ivanov())
	c.editions[e.SHA256] = e
	if _, err := c.TakeEdition(e, time.Now()); err != nil {
		t.Fatal(err)
	}
	tick()
	c.remembers("soon after it", customers)
	c.at(hour)
	if ch, err := c.MarkLaw(); err != nil || len(ch) != 1 || ch[0].Screened != customers+1 {
		t.Fatalf("%+v, %v", ch, err)
	}
	c.remembers("then", customers)
}

// Where no date of the law lies ahead, nobody is screened for one.
func TestNothingIsScreenedAheadOfNoLaw(t *testing.T) {
	c := startClearing(t, t.TempDir())
	c.open("us", person("m", "Maria Garcia", "1990-01-01", "ES", madrid))
	c.at(c.Now().AddDate(40, 0, 0))
	if _, err := c.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	c.take(2, ivanov())
	c.AheadOfLaw()()
	c.remembers("another edition", 1) // of whom it decided again
}

// remembers wants so many customers to be remembered, none of whom resembles anybody.
func (c *clearing) remembers(when string, want int) {
	c.t.Helper()
	if n, err := c.Remembered(); err != nil || n != want {
		c.t.Errorf("%s: %d customers are remembered, want %d (%v)", when, n, want, err)
	}
}
