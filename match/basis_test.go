package match

import (
	"reflect"
	"slices"
	"testing"

	"sallyport/entity"
)

func listed() entity.Entity {
	return entity.Entity{
		List: "us-sdn", ID: "90001", Kind: entity.Person, Gender: entity.Male,
		Names:         []entity.Name{{Full: "Viktor MOROZOV", Family: "MOROZOV"}, {Full: "Vitya", Weak: true, Kind: entity.Alias}},
		Birth:         []entity.Dates{entity.Year(1962), entity.Year(1963)},
		BirthPlaces:   []string{"Leningrad"},
		Nationalities: []string{"RU"},
		Places:        []entity.Place{{Town: "Moscow", Country: "RU"}},
		Identifiers:   []entity.Identifier{{Type: "passport", Number: "530285387", Country: "RU"}},
		Wallets:       []entity.Wallet{{Ticker: "XBT", Address: "1Boat"}},
	}
}

// TestBasis changes one thing at a time and says whether a comparison would see it. A field
// of an entity that is new must be put on one side or the other.
func TestBasis(t *testing.T) {
	day := entity.Day{Year: 2022, Month: 3, Day: 1}
	counted := map[string]bool{}
	for _, c := range []struct {
		field  string
		part   string // that changes, or ""
		change func(*entity.Entity)
	}{
		{"Kind", "kind", func(e *entity.Entity) { e.Kind, e.Places = entity.UnknownKind, nil }},
		{"Names", "names", func(e *entity.Entity) { e.Names = append(e.Names, entity.Name{Full: "Victor Morozoff"}) }},
		{"Names", "names", func(e *entity.Entity) { e.Names[0].Full += "A" }},
		{"Names", "names", func(e *entity.Entity) { e.Names[0].Patronymic = "Andreyevich" }},
		{"Names", "names", func(e *entity.Entity) { e.Names[1].Weak = false }},
		{"Names", "", func(e *entity.Entity) { e.Names[1].Kind = entity.Former }},
		{"Names", "", func(e *entity.Entity) { slices.Reverse(e.Names) }},
		{"Gender", "gender", func(e *entity.Entity) { e.Gender = entity.UnknownGender }},
		{"Birth", "birth", func(e *entity.Entity) { e.Birth = e.Birth[:1] }},
		{"Birth", "birth", func(e *entity.Entity) { e.Birth[0].Circa = true }},
		{"Birth", "", func(e *entity.Entity) { slices.Reverse(e.Birth) }},
		{"BirthPlaces", "birth places", func(e *entity.Entity) { e.BirthPlaces = nil }},
		{"Nationalities", "nationalities", func(e *entity.Entity) { e.Nationalities = append(e.Nationalities, "UA") }},
		{"Nationalities", "", func(e *entity.Entity) { e.Nationalities = append(e.Nationalities, "RU") }},
		{"Identifiers", "identifiers", func(e *entity.Entity) { e.Identifiers[0].Number = "530285388" }},
		{"Identifiers", "identifiers", func(e *entity.Entity) { e.Identifiers[0].Doubtful = true }},
		{"Wallets", "wallets", func(e *entity.Entity) { e.Wallets[0].Address = "1Ship" }},
		{"Wallets", "", func(e *entity.Entity) { e.Wallets[0].Ticker = "XYZ" }},
		{"Places", "", func(e *entity.Entity) { e.Places[0] = entity.Place{Street: "1 Main St", Country: "SY"} }},
		{"List", "", func(e *entity.Entity) { e.List = "eu-fsf" }},
		{"ID", "", func(e *entity.Entity) { e.ID = "2" }},
		{"Relations", "", func(e *entity.Entity) { e.Relations = []entity.Relation{{Type: "owned by", ID: "1"}} }},
		{"Positions", "", func(e *entity.Entity) { e.Positions = []string{"Minister"} }},
		{"Contacts", "", func(e *entity.Entity) { e.Contacts = []string{"a@b"} }},
		{"Programmes", "", func(e *entity.Entity) { e.Programmes = []string{"SDGT"} }},
		{"LegalBasis", "", func(e *entity.Entity) { e.LegalBasis = []string{"Executive Order 14024"} }},
		{"Measures", "", func(e *entity.Entity) { e.Measures = []string{"travel ban"} }},
		{"Listed", "", func(e *entity.Entity) { e.Listed = day }},
		{"Amended", "", func(e *entity.Entity) { e.Amended = day }},
		{"Removed", "", func(e *entity.Entity) { e.Removed = day }},
		{"Remarks", "", func(e *entity.Entity) { e.Remarks = "a remark" }},
	} {
		counted[c.field] = true
		before, after := listed(), listed()
		c.change(&after)
		if reflect.DeepEqual(before, after) {
			t.Errorf("%s: the case changes nothing", c.field)
		}
		a, b := BasisOf(&before), BasisOf(&after)
		var want []string
		if c.part != "" {
			want = []string{c.part}
		}
		if got := b.Changed(a); !slices.Equal(got, want) {
			t.Errorf("%s: changed %q, want %q", c.field, got, want)
		}
		if same := a.SHA256() == b.SHA256(); same != (c.part == "") {
			t.Errorf("%s: the hashes are the same: %v", c.field, same)
		}
	}
	e := reflect.TypeFor[entity.Entity]()
	for i := range e.NumField() {
		if name := e.Field(i).Name; !counted[name] {
			t.Errorf("entity.Entity has the field %s: say here, and in BasisOf, whether a comparison reads it", name)
		}
	}

	// A firm's countries are compared, its streets are not.
	firm := listed()
	firm.Kind = entity.Organisation
	moved, abroad := firm, firm
	moved.Places = []entity.Place{{Street: "1 Main St", Country: "Russia"}}
	abroad.Places = []entity.Place{{Country: "SY"}}
	if c := BasisOf(&moved).Changed(BasisOf(&firm)); len(c) != 0 {
		t.Errorf("a firm's street: %q", c)
	}
	if c := BasisOf(&abroad).Changed(BasisOf(&firm)); !slices.Equal(c, []string{"countries"}) {
		t.Errorf("a firm's country: %q", c)
	}
	p := entity.Profile{Entity: firm, Owners: []entity.Owner{{Entity: listed(), ShareBP: 100}}}
	q := p
	q.Owners = []entity.Owner{{Entity: listed(), ShareBP: 5000}}
	q.Email, q.Residence.Country = "a@b", "DE"
	if c := BasisOfProfile(&q).Changed(BasisOfProfile(&p)); len(c) != 0 {
		t.Errorf("a share, an e-mail address and a residence: %q", c)
	}
	q.Owners[0].Names = nil
	if c := BasisOfProfile(&q).Changed(BasisOfProfile(&p)); !slices.Equal(c, []string{"owners"}) {
		t.Errorf("an owner's names: %q", c)
	}
	// Owners of owners and officers are compared as owners and officers are, and their roles are not.
	q = p
	q.Owners = []entity.Owner{{Entity: listed(), ShareBP: 100, Owners: []entity.Owner{{Entity: firm, ShareBP: 1}}}}
	if c := BasisOfProfile(&q).Changed(BasisOfProfile(&p)); !slices.Equal(c, []string{"owners"}) {
		t.Errorf("an owner's owner: %q", c)
	}
	q.Owners = p.Owners
	q.Officers = []entity.Officer{{Entity: firm, Roles: []entity.Role{entity.Director}}}
	if c := BasisOfProfile(&q).Changed(BasisOfProfile(&p)); !slices.Equal(c, []string{"officers"}) {
		t.Errorf("an officer: %q", c)
	}
	other := q
	other.Officers = []entity.Officer{{Entity: firm, Roles: []entity.Role{entity.Contract}}}
	if c := BasisOfProfile(&q).Changed(BasisOfProfile(&other)); len(c) != 0 {
		t.Errorf("an officer's role: %q", c)
	}

	back, ok := ParseBasis(BasisOfProfile(&p).Canonical())
	if !ok || back.SHA256() != BasisOfProfile(&p).SHA256() {
		t.Error("a basis does not read back")
	}
	for _, bad := range []string{"", "{}x", `[{"part":"shoes","values":["44"]}]`, `[ ]`} {
		if _, ok := ParseBasis([]byte(bad)); ok {
			t.Errorf("%q reads as a basis", bad)
		}
	}
}
