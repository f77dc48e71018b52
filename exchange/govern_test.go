package exchange_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/law"
)

// An operator whom a law in force forbids to be governed so does not start (catalogue of
// scenarios, 38).
func TestGovernors(t *testing.T) {
	rules, err := law.LoadWith(fstest.MapFS{"eu-test-govern.yaml": {Data: []byte(`id: eu-test-govern
title: No resident of Russia on the board
authority: A test
instrument: An act of this test
article: "1"
binds: [EU]
actions: [govern]
covers: customer.residence == "RU"
verb: refuse
effective_at: "2024-01-18T00:00:00+01:00"
state: enacted
verified: {marks: [all of it]}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	governor := func(operator, country string) exchange.Governor {
		return exchange.Governor{Operator: operator, Role: "member of the board", Profile: entity.Profile{
			Entity:    entity.Entity{Kind: entity.Person, Names: []entity.Name{{Full: "Made Up"}}, Nationalities: []string{"KZ"}},
			Residence: entity.Place{Country: country, Town: "Moscow"},
		}}
	}
	for _, c := range []struct {
		name     string
		at       string
		governor exchange.Governor
		want     string // in the error; "" for none
	}{
		{"resident of Russia, the day before", "2024-01-17 22:59", governor("eu", "RU"), ""},
		{"resident of Russia, from the hour on", "2024-01-17 23:00", governor("eu", "RU"), "member of the board"},
		{"resident of Russia, another operator", "2024-01-17 23:00", governor("us", "RU"), ""},
		{"resident of Kazakhstan", "2024-01-17 23:00", governor("eu", "KZ"), ""},
		{"whose country cannot be read", "2024-01-17 23:00", governor("eu", "Atlantis"), "in which country you live"},
		{"of no operator", "2024-01-17 23:00", governor("uk", "RU"), `no operator "uk"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &place{t: t, dir: t.TempDir(), now: day(c.at), rules: rules, logged: make(lines, 100)}
			cfg := p.config()
			cfg.Governors = []exchange.Governor{c.governor}
			x, err := exchange.Open(cfg)
			if err == nil {
				defer x.Close()
			}
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}
