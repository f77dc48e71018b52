package gate

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"sallyport/entity"
	"sallyport/law"
	"sallyport/match"
)

// firmOf reads a firm whose owners and officers are told as the desk's API takes them.
func firmOf(t testing.TB, text string) *entity.Profile {
	t.Helper()
	p := &entity.Profile{Residence: entity.Place{Country: "CY", Town: "Limassol"}}
	if err := json.Unmarshal([]byte(text), p); err != nil {
		t.Fatal(err)
	}
	p.Kind, p.Names = entity.Organisation, []entity.Name{{Full: "Quiet Waters Ltd"}}
	if err := p.CheckRelated(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return p
}

// found gives whoever is called LISTED-n or LIKE-n entry n of us-sdn and of uk-sanctions.
func found(p *entity.Profile) (map[int][]match.Finding, []match.Finding) {
	by, all := map[int][]match.Finding{}, []match.Finding(nil)
	for i, r := range p.Related() {
		called, entry, ok := strings.Cut(r.PrimaryName(), "-")
		if !ok {
			continue
		}
		grade := match.Resembles
		if called == "LISTED" {
			grade = match.Same
		}
		for _, l := range []string{"uk-sanctions", "us-sdn"} {
			by[i] = append(by[i], match.Finding{List: l, EntityID: entry, EntityName: "X", Grade: grade, Score: 1})
		}
		all = append(all, by[i]...)
	}
	return by, all
}

// What the facts say of firms. The wanted text is of us-sdn: listed_bp, listed_over_bp and
// single_bp, a dash where the list is not in it and a question mark where the fact is unknown;
// then the words of those of majority, controlled and signs that name the list.
func TestOwnershipFacts(t *testing.T) {
	lists := []string{"us-sdn", "eu-fsf", "uk-sanctions"}
	person := func(name string) string { return `"kind":"person","names":[{"full":"` + name + `","kind":"primary"}]` }
	firm := func(name string) string {
		return `"kind":"organisation","names":[{"full":"` + name + `","kind":"primary"}]`
	}
	for _, c := range []struct{ name, told, want string }{
		{"nobody named", `{}`, "? ? ? majority?"},
		{"a clean firm", `{"owners":[{` + person("Ann") + `,"share_bp":10000}]}`, "- - -"},
		{"exactly half, the rest told", `{"owners":[{` + person("LISTED-1") + `,"share_bp":5000},{` + person("Ann") + `,"share_bp":5000}]}`, "5000 5000 5000 majority signs"},
		{"exactly half, the rest not told", `{"owners":[{` + person("LISTED-1") + `,"share_bp":5000}]}`, "? ? ? majority? signs"}, // of the other lists it is possible,
		{"exactly half, and a little of one who resembles", `{"owners":[{` + person("LISTED-1") + `,"share_bp":5000},{` + person("LIKE-2") + `,"share_bp":100},{` + person("Ann") + `,"share_bp":4900}]}`, "? ? 5000 majority signs"},
		{"49 percent, the rest not told", `{"owners":[{` + person("LISTED-1") + `,"share_bp":4900}]}`, "? ? ? majority? signs"},
		{"24: two of a quarter", `{"owners":[{` + person("LISTED-1") + `,"share_bp":2500},{` + person("LISTED-2") + `,"share_bp":2500},{` + person("Ann") + `,"share_bp":5000}]}`, "5000 5000 2500 majority signs"},
		{"one person twice", `{"owners":[{` + person("LISTED-1") + `,"share_bp":3000},{` + firm("Shell") + `,"share_bp":3000,"owners":[{` + person("LISTED-1") + `,"share_bp":10000}]},{` + person("Ann") + `,"share_bp":4000}]}`, "6000 6000 6000 majority signs"},
		{"40 beside three of 20", `{"owners":[{` + person("LISTED-1") + `,"share_bp":4000},{` + person("Ann") + `,"share_bp":2000},{` + person("Bo") + `,"share_bp":2000},{` + person("Cy") + `,"share_bp":2000}]}`, "4000 4000 4000 majority signs"},
		{"a cascade of halves", `{"owners":[{` + firm("A") + `,"share_bp":5000,"owners":[{` + person("LISTED-1") + `,"share_bp":5000},{` + person("Ann") + `,"share_bp":5000}]},{` + person("Bo") + `,"share_bp":5000}]}`, "5000 0 0 majority signs"},
		{"a firm that nobody is named for", `{"owners":[{` + firm("A") + `,"share_bp":10000}]}`, "? ? ? majority?"},
		{"a firm that nobody is named for, with a little", `{"owners":[{` + firm("A") + `,"share_bp":1000},{` + person("Ann") + `,"share_bp":9000}]}`, "- - -"},
		{"a band across the line", `{"owners":[{` + person("LISTED-1") + `,"share_bp":2500,"up_to_bp":5000},{` + person("Ann") + `,"share_bp":5000}]}`, "? ? ? majority? signs"},
		{"a band below it", `{"owners":[{` + person("LISTED-1") + `,"share_bp":2500,"up_to_bp":4900},{` + person("Ann") + `,"share_bp":5100}]}`, "2500 2500 2500 signs"},
		{"20: a listed director", `{"owners":[{` + person("Ann") + `,"share_bp":10000}],"officers":[{` + person("LISTED-1") + `,"roles":["director"]}]}`, "0 0 0 signs"},
		{"a director who resembles", `{"owners":[{` + person("Ann") + `,"share_bp":10000}],"officers":[{` + person("LIKE-1") + `,"roles":["administrator"]}]}`, "- - - signs"},
		{"an owner's listed director", `{"owners":[{` + firm("A") + `,"share_bp":10000,"owners":[{` + person("Ann") + `,"share_bp":10000}],"officers":[{` + person("LISTED-1") + `,"roles":["board_member"]}]}]}`, "0 0 0 signs"},
		{"the right to appoint the board", `{"owners":[{` + person("Ann") + `,"share_bp":10000}],"officers":[{` + person("LISTED-1") + `,"roles":["appoints_board"]}]}`, "0 0 0 controlled signs"},
		{"one who resembles has it", `{"owners":[{` + person("Ann") + `,"share_bp":10000}],"officers":[{` + person("LIKE-1") + `,"roles":["controls_by_contract"]}]}`, "- - - controlled? signs"},
		{"28: 49 percent and a seat", `{"owners":[{` + person("LISTED-1") + `,"share_bp":4900,"roles":["board_member"]},{` + person("Ann") + `,"share_bp":5100}]}`, "4900 4900 4900 signs"},
		{"two who act together", `{"owners":[{` + person("LISTED-1") + `,"share_bp":3000,"joint":"pact"},{` + person("Bo") + `,"share_bp":3000,"joint":"pact"},{` + person("Ann") + `,"share_bp":4000}]}`, "3000 3000 6000 majority? signs"},
		{"firms that own one another", `{"id":"c","owners":[{"id":"a",` + firm("A") + `,"share_bp":6000,"owners":[{"id":"c","share_bp":6000},{` + person("Ann") + `,"share_bp":4000}]},{` + person("Bo") + `,"share_bp":4000}]}`, "? ? ? majority?"},
		{"one told again by its id", `{"owners":[{"id":"a",` + firm("A") + `,"share_bp":3000,"owners":[{` + person("LISTED-1") + `,"share_bp":10000}]},{` + firm("B") + `,"share_bp":3000,"owners":[{"id":"a","share_bp":10000}]},{` + person("Ann") + `,"share_bp":4000}]}`, "6000 6000 6000 majority signs"},
		{"a small holding far up", `{"owners":[{` + firm("A") + `,"share_bp":1000,"owners":[{` + person("LISTED-1") + `,"share_bp":1000},{` + person("Ann") + `,"share_bp":9000}]},{` + person("Bo") + `,"share_bp":9000}]}`, "0 0 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := firmOf(t, c.told)
			by, all := found(p)
			f := FactsFor(p, nil, by, lists, day)
			var got []string
			for _, name := range []string{"listed_bp", "listed_over_bp", "single_bp"} {
				m, known := f.Shares("ownership." + name)
				n, in := m["us-sdn"]
				switch {
				case !known:
					got = append(got, "?")
				case !in:
					got = append(got, "-")
				default:
					b, _ := json.Marshal(n)
					got = append(got, string(b))
				}
			}
			for _, name := range []string{"majority", "controlled", "control_signs"} {
				ls, known := f.Texts("ownership." + name)
				word := strings.TrimPrefix(name, "control_")
				if !known {
					got = append(got, word+"?")
				} else if slices.Contains(ls, "us-sdn") {
					got = append(got, word)
				}
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("%s, want %s", s, c.want)
			}
			// Whatever the facts are, identity among the findings is never lost.
			in := Input{Facts: f, Action: law.OpenAccount, Account: 7, Operator: "op", Nexus: []string{"US"}, At: day, Rules: rules(t), Findings: all}
			if err := in.Check(); err != nil {
				t.Error(err)
			}
		})
	}
}

// The firm that docs/ownership.md draws and writes is what it says: half X's for US law, and a
// tenth by the test of more than half.
func TestOwnershipDocument(t *testing.T) {
	doc, err := os.ReadFile("../docs/ownership.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(doc), "```json\n")
	text, _, closed := strings.Cut(text, "```")
	if !ok || !closed {
		t.Fatal("there is no JSON in it")
	}
	p := firmOf(t, text)
	by := map[int][]match.Finding{}
	for i, r := range p.Related() {
		if r.PrimaryName() == "X" {
			by[i] = []match.Finding{{List: "us-sdn", EntityID: "1", Grade: match.Same}}
		}
	}
	f := FactsFor(p, nil, by, []string{"us-sdn"}, day)
	for name, want := range map[string]int64{"ownership.listed_bp": 5000, "ownership.listed_over_bp": 1000, "ownership.single_bp": 1000} {
		if m, known := f.Shares(name); !known || m["us-sdn"] != want {
			t.Errorf("%s %v, want %d", name, m, want)
		}
	}
	if s, known := f.Text("customer.state_body_of"); s != "" || !known {
		t.Errorf("state body of %q, %v", s, known)
	}
}

// A profile whose owners contradict themselves states nothing of them.
func TestOwnersThatCannotBeRead(t *testing.T) {
	owner := entity.Owner{Entity: entity.Entity{Kind: entity.Person}, ShareBP: 6000}
	firm := func(id string, bp int, owners ...entity.Owner) entity.Owner {
		return entity.Owner{Entity: entity.Entity{ID: id, Kind: entity.Organisation}, ShareBP: bp, Owners: owners}
	}
	few := entity.Owner{Entity: owner.Entity, ShareBP: 1000}
	many := make([]entity.Owner, entity.MaxRelated+1)
	for name, owners := range map[string][]entity.Owner{
		"more than the whole":     {owner, owner},
		"a negative share":        {{Entity: owner.Entity, ShareBP: -1}},
		"a band the wrong way":    {{Entity: owner.Entity, ShareBP: 10, UpToBP: 5}},
		"a person's owners":       {{Entity: owner.Entity, ShareBP: 1000, Owners: []entity.Owner{owner}}},
		"one id, told twice":      {firm("a", 5000, few), firm("a", 5000, few)},
		"one id, of two kinds":    {firm("a", 5000), {Entity: entity.Entity{ID: "a", Kind: entity.Person}, ShareBP: 5000}},
		"the customer told again": {firm("c", 5000, few)},
		"too many":                many,
	} {
		p := &entity.Profile{Owners: owners}
		p.Kind, p.ID = entity.Organisation, "c"
		f := FactsFor(p, nil, nil, []string{"us-sdn"}, day)
		for _, n := range f.Names() {
			if strings.HasPrefix(n, "ownership.") {
				t.Errorf("%s: %s is stated", name, n)
			}
		}
	}
}

func TestStatements(t *testing.T) {
	for _, c := range []struct {
		kind       entity.Kind
		said, want string
		known      bool
	}{
		{entity.Person, "", "", true}, {entity.Person, "RU", "", true}, {entity.Organisation, "", "", false}, {entity.Organisation, "none", "", true},
		{entity.Organisation, "Russia", "RU", true}, {entity.Organisation, "Atlantis", "", false}, {entity.UnknownKind, "none", "", false},
	} {
		p := &entity.Profile{StateBody: c.said, FinancialInstitution: c.said}
		p.Kind = c.kind
		f := FactsFor(p, nil, nil, nil, day)
		for _, name := range []string{"customer.state_body_of", "customer.financial_institution_of"} {
			if got, known := f.Text(name); got != c.want || known != c.known {
				t.Errorf("%s that says %q: %s %q, %v; want %q, %v", c.kind, c.said, name, got, known, c.want, c.known)
			}
		}
	}
}

// How much of a firm is Russian: nationals, residents, and firms established there, with the
// whole holding of a firm of which they hold more than half.
func TestRussianOwners(t *testing.T) {
	owner := func(bp int, nation, lives string) string {
		return fmt.Sprintf(`{"kind":"person","names":[{"full":"Ann","kind":"primary"}],"nationalities":[%q],"places":[{"country":%q}],"share_bp":%d}`, nation, lives, bp)
	}
	firm := func(bp int, seat string, owners ...string) string {
		return fmt.Sprintf(`{"kind":"organisation","names":[{"full":"F","kind":"primary"}],"places":[{"country":%q}],"share_bp":%d,"owners":[%s]}`, seat, bp, strings.Join(owners, ","))
	}
	for _, c := range []struct {
		name   string
		owners []string
		want   int64 // -1 is unknown
	}{
		{"none", []string{owner(10000, "GE", "GE")}, 0},
		{"a national", []string{owner(5001, "RU", "GE"), owner(4999, "GE", "GE")}, 5001},
		{"a resident", []string{owner(3000, "GE", "RU"), owner(7000, "GE", "GE")}, 3000},
		{"a firm established there", []string{firm(6000, "RU"), owner(4000, "GE", "GE")}, 6000},
		{"a firm of theirs abroad", []string{firm(6000, "CY", owner(5001, "RU", "RU"), owner(4999, "GE", "GE")), owner(4000, "GE", "GE")}, 6000},
		{"half of a firm abroad", []string{firm(6000, "CY", owner(5000, "RU", "RU"), owner(5000, "GE", "GE")), owner(4000, "GE", "GE")}, -1},
		{"a firm abroad of nobody", []string{firm(6000, "CY"), owner(4000, "GE", "GE")}, -1},
		{"a nationality that cannot be read", []string{owner(10000, "Soviet", "GE")}, -1},
		{"a residence that was not told", []string{owner(10000, "GE", "")}, -1},
		{"a rest that nobody is named for", []string{owner(9000, "GE", "GE")}, -1},
	} {
		p := firmOf(t, `{"owners":[`+strings.Join(c.owners, ",")+`]}`)
		got, known := FactsFor(p, nil, nil, []string{"us-sdn"}, day).Number("customer.russian_owned_bp")
		if known != (c.want >= 0) || known && got != c.want {
			t.Errorf("%s: %d, %v; want %d", c.name, got, known, c.want)
		}
	}
}

// What an entry imposes is stated of entries that are the customer, and of no others.
func TestMeasures(t *testing.T) {
	of := func(own ...match.Finding) ([]string, bool) {
		p := person(func(*entity.Profile) {})
		return FactsFor(p, own, nil, []string{"us-sdn", "uk-sanctions"}, day).Texts("listing.measures")
	}
	got, known := of(
		match.Finding{List: "uk-sanctions", EntityID: "1", Grade: match.Same, Measures: []string{"asset freeze", "trust services sanctions"}},
		match.Finding{List: "uk-sanctions", EntityID: "2", Grade: match.Same, Measures: []string{entity.NoMeasure, "обмеження"}},
		match.Finding{List: "us-cons", EntityID: "3", Grade: match.Same, Measures: []string{"eo 14024 directive 1a"}},
		match.Finding{List: "us-sdn", EntityID: "3", Grade: match.Same},
		match.Finding{List: "us-sdn", EntityID: "4", Grade: match.Resembles, Measures: []string{"travel ban"}})
	want := []string{"uk-sanctions/asset-freeze", "uk-sanctions/none-stated", "uk-sanctions/other", "uk-sanctions/trust-services-sanctions",
		"us-cons/eo-14024-directive-1a", "us-sdn/none-stated"}
	if !known || !slices.Equal(got, want) {
		t.Errorf("%q, %v, want %q", got, known, want)
	}
	if got, known = of(); !known || len(got) != 0 {
		t.Errorf("of nobody listed: %q, %v", got, known)
	}
	if _, known = FactsFor(person(func(*entity.Profile) {}), nil, nil, nil, day).Texts("listing.measures"); known {
		t.Error("with no list screened, measures are known")
	}
	var many match.Finding
	many.List, many.Grade = "us-sdn", match.Same
	for i := range 65 {
		many.Measures = append(many.Measures, "measure "+strings.Repeat("x", i+1))
	}
	if _, known = of(many); known {
		t.Error("65 measures are stated: the schema takes 64, and none may be left out")
	}
}

// What is taken at entry, a decision can read: whatever a firm tells of its owners, as long as it
// passes the check, the facts say something of who controls it, and identity is never lost.
func FuzzOwners(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"id":"c","owners":[{"id":"a","kind":"organisation","names":[{"full":"A","kind":"primary"}],"share_bp":6000,"owners":[{"id":"c","share_bp":6000}]}]}`,
		`{"owners":[{"kind":"person","names":[{"full":"LISTED-1","kind":"primary"}],"share_bp":2500,"up_to_bp":5000,"joint":"p","roles":["votes"]}]}`,
		`{"officers":[{"kind":"person","names":[{"full":"LIKE-1","kind":"primary"}],"roles":["director"]}],"state_body":"none"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p := &entity.Profile{}
		if json.Unmarshal(b, p) != nil {
			return
		}
		p.Kind = entity.Organisation
		if p.CheckRelated() != nil {
			return
		}
		by, all := found(p)
		facts := FactsFor(p, nil, by, []string{"us-sdn", "uk-sanctions"}, day)
		if !facts.Known("ownership.control_signs") {
			t.Fatalf("%s passes the check and cannot be read", b)
		}
		for _, fd := range all {
			in := Input{Facts: facts}
			if fd.Grade == match.Same && !in.shows(fd.List) {
				t.Fatalf("%s: identity on %s is lost", b, fd.List)
			}
		}
	})
}

// A listed owner whose own property is not frozen makes no firm frozen (regulation 7 of SI
// 2019/855 asks who is designated for an asset freeze).
func TestOwnerWithoutAFreeze(t *testing.T) {
	firm := firmOf(t, `{"kind":"organisation","names":[{"full":"Firm"}],"owners":[{"kind":"person","names":[{"full":"An Owner"}],"share_bp":10000}]}`)
	for _, c := range []struct {
		name     string
		measures []string
		want     map[string]int64 // nil where the fact is unknown
	}{
		{"a list of freezes", nil, map[string]int64{"uk-sanctions": 10000}},
		{"an asset freeze among others", []string{"travel ban", "asset freeze"}, map[string]int64{"uk-sanctions": 10000}},
		{"a travel ban alone", []string{"travel ban"}, map[string]int64{"uk-sanctions": 0}},
		{"no measure stated", []string{entity.NoMeasure}, nil},
	} {
		found := map[int][]match.Finding{0: {{List: "uk-sanctions", EntityID: "1", Grade: match.Same, Measures: c.measures}}}
		f := FactsFor(firm, nil, found, []string{"uk-sanctions"}, day)
		got, known := f.Shares("ownership.single_bp")
		if known != (c.want != nil) || !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, known %v, want %v", c.name, got, known, c.want)
		}
	}
}

func TestRepresentatives(t *testing.T) {
	of := func(officers string, grade match.Grade) ([]string, bool) {
		firm := firmOf(t, `{"kind":"organisation","names":[{"full":"Firm"}],"owners":[{"kind":"person","names":[{"full":"An Owner"}],"share_bp":10000}],"officers":[`+officers+`]}`)
		found := map[int][]match.Finding{}
		for i, r := range firm.Related() {
			if strings.HasPrefix(r.PrimaryName(), "LISTED") {
				found[i] = []match.Finding{{List: "us-sdn", EntityID: "1", Grade: grade}}
			}
		}
		return FactsFor(firm, nil, found, []string{"us-sdn"}, day).Texts("customer.represented_by")
	}
	for _, c := range []struct {
		name, officers string
		grade          match.Grade
		want           []string
		known          bool
	}{
		{"nobody", ``, match.Same, []string{}, true},
		{"a listed administrator", `{"kind":"person","names":[{"full":"LISTED"}],"roles":["administrator"]}`, match.Same, []string{"us-sdn"}, true},
		{"a listed director", `{"kind":"person","names":[{"full":"LISTED"}],"roles":["director"]}`, match.Same, []string{"us-sdn"}, true},
		{"a listed signatory who is on the board", `{"kind":"person","names":[{"full":"LISTED"}],"roles":["board_member","signatory"]}`, match.Same, []string{"us-sdn"}, true},
		{"a seat on the board", `{"kind":"person","names":[{"full":"LISTED"}],"roles":["board_member"]}`, match.Same, []string{}, true},
		{"an administrator who resembles", `{"kind":"person","names":[{"full":"LISTED"}],"roles":["administrator"]}`, match.Resembles, nil, false},
		{"another administrator", `{"kind":"person","names":[{"full":"Ann"}],"roles":["administrator"]}`, match.Same, []string{}, true},
	} {
		got, known := of(c.officers, c.grade)
		if known != c.known || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, known %v, want %v, known %v", c.name, got, known, c.want, c.known)
		}
	}
}
