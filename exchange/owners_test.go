package exchange_test

import (
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/law"
	"sallyport/match"
)

// Scenario 20, and an owner's owner: an edition that names a clean firm's director, or who owns
// the firm that owns it, reaches them in its own commit. The owner's owner is an owner; the
// director is no share, which the US 50 percent rule counts alone, and acts for the firm: a
// person looks (FAQs 398 and 400).
func TestEveryRoleIsScreened(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-02-24 09:00"))
	before, after := edition(t, "2022-02-24"), edition(t, "2022-03-11")
	if _, err := p.TakeEdition(before, time.Now()); err != nil {
		t.Fatal(err)
	}
	var listed entity.Entity
	for _, e := range after.Entities {
		if before.Find(e.ID) == nil && e.Kind == entity.Person && len(e.Birth) == 1 && e.Birth[0].IsExact() && len(e.Nationalities) > 0 {
			listed = e
			break
		}
	}
	if listed.ID == "" {
		t.Fatal("the starter edition has no new person with an exact birth date")
	}
	entry := listed.ID
	listed.List, listed.ID, listed.Wallets, listed.Identifiers = "", "", nil, nil
	clean := person("", "John Miller", "1980-01-01", "US", madrid).Entity
	open := func(id string, owners []entity.Owner, officers []entity.Officer) uint64 {
		return p.open("us", entity.Profile{
			Entity:    entity.Entity{ID: id, Kind: entity.Organisation, Names: []entity.Name{{Full: "Quiet Waters Trading GmbH"}}},
			Residence: entity.Place{Town: "Vienna", Country: "AT"}, Owners: owners, Officers: officers,
			StateBody: entity.None, FinancialInstitution: entity.None,
		}).Account
	}
	holding := entity.Owner{ShareBP: 6000, Owners: []entity.Owner{{Entity: listed, ShareBP: 5000}, {Entity: clean, ShareBP: 5000}}}
	holding.Kind, holding.Names = entity.Organisation, []entity.Name{{Full: "Still Harbour Holding Ltd"}}
	owned := open("owned", []entity.Owner{holding, {Entity: clean, ShareBP: 4000}}, nil)
	directed := open("directed", []entity.Owner{{Entity: clean, ShareBP: 10000}}, []entity.Officer{{Entity: listed, Roles: []entity.Role{entity.Director}}})
	if p.verdict(owned) != law.Allow || p.verdict(directed) != law.Allow {
		t.Fatalf("before the designation: %v and %v", p.verdict(owned), p.verdict(directed))
	}
	p.at(day("2022-03-11 15:05"))
	ch, err := p.TakeEdition(after, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ch.Frozen, []uint64{owned}) || ch.Commits != 1 {
		t.Fatalf("frozen %v in %d commits, want just %d in one", ch.Frozen, ch.Commits, owned)
	}
	if !slices.Equal(ch.Held, []uint64{directed}) {
		t.Errorf("held %v, want %d, for which a listed person acts", ch.Held, directed)
	}
	acc, _ := p.View().Account(directed)
	r, _ := p.View().Decision(hex.EncodeToString(acc.Standing.Decision[:]))
	d := r.Decision
	if !slices.ContainsFunc(d.Findings, func(f match.Finding) bool { return f.EntityID == entry && f.Grade == match.Same }) {
		t.Errorf("the director is not among the findings: %+v", d.Findings)
	}
	if signs, _ := d.Facts.Texts("ownership.control_signs"); !slices.Equal(signs, []string{after.List}) {
		t.Errorf("signs of control on %q", signs)
	}
	if bp, known := d.Facts.Shares("ownership.listed_bp"); !known || bp[after.List] != 0 {
		t.Errorf("the director holds %v", bp)
	}
	if d.Verdict != law.Hold {
		t.Errorf("the firm for which a listed director acts is %v under US law", d.Verdict)
	}
	p.verified()
}

// A profile that a decision could not read is not taken, at entry or later.
func TestOwnersAreBounded(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-02-24 09:00"))
	firm := entity.Profile{Entity: entity.Entity{ID: "f", Kind: entity.Organisation, Names: []entity.Name{{Full: "Quiet Waters Trading GmbH"}}}}
	account := p.open("us", firm).Account
	rest := person("", "John Miller", "1980-01-01", "US", madrid).Entity
	firm.Owners = []entity.Owner{{Entity: rest, ShareBP: 6000}, {Entity: rest, ShareBP: 6000}}
	if _, err := p.Amend(account, firm); err == nil {
		t.Error("owners of more than the whole are taken")
	}
	firm.ID = "g"
	if _, err := p.Open(exchange.Application{Operator: "us", Profile: firm}); err == nil {
		t.Error("a firm with owners of more than the whole is opened")
	}
}
