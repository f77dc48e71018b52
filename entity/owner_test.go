package entity

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Profiles as they were stored before owners had owners are read as they were meant, and a
// profile that tells everything comes back whole.
func TestProfilesReadBack(t *testing.T) {
	old := `{"id":"c-1","kind":"organisation","names":[{"full":"Quiet Waters Ltd","kind":"primary"}],"residence":{"country":"CY"},` +
		`"owners":[{"id":"c-1-1","kind":"person","names":[{"full":"Ann","kind":"primary"}],"share_bp":2500}]}`
	var p Profile
	if err := json.Unmarshal([]byte(old), &p); err != nil {
		t.Fatal(err)
	}
	if o := p.Owners[0]; o.ShareBP != 2500 || o.Most() != 2500 || o.PrimaryName() != "Ann" || len(p.Related()) != 1 || p.CheckRelated() != nil {
		t.Errorf("read %+v", p)
	}
	p.StateBody, p.FinancialInstitution = "RU", None
	p.Owners[0].UpToBP, p.Owners[0].Joint, p.Owners[0].Roles = 5000, "pact", []Role{Director, AppointsBoard}
	p.Owners = append(p.Owners, Owner{Entity: Entity{ID: "h", Kind: Organisation, Names: []Name{{Full: "Holding"}}}, ShareBP: 5000,
		Owners: []Owner{{Entity: Entity{ID: "c-1"}, ShareBP: 100}}, Officers: []Officer{{Entity: Entity{ID: "c-1-1"}, Roles: []Role{Votes}}}})
	p.Officers = []Officer{{Entity: Entity{ID: "s", Kind: Organisation, Names: []Name{{Full: "Secretary Ltd"}}}, Roles: []Role{Administrator},
		Owners: []Owner{{Entity: Entity{Kind: Person, Names: []Name{{Full: "Bo"}}}, ShareBP: 10000}}}}
	if err := p.CheckRelated(); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{`"up_to_bp":5000`, `"joint":"pact"`, `["director","appoints_board"]`, `"controls_votes"`, `"state_body":"RU"`, `"financial_institution":"none"`} {
		if !strings.Contains(string(b), word) {
			t.Errorf("%s is not in %s", word, b)
		}
	}
	var back Profile
	if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(back, p) {
		t.Errorf("%v: %+v, want %+v", err, back, p)
	}
	var paths []string
	for _, r := range p.Related() {
		paths = append(paths, r.Path)
	}
	want := []string{"owners[0]", "owners[1]", "owners[1].owners[0]", "owners[1].officers[0]", "officers[0]", "officers[0].owners[0]"}
	if !slices.Equal(paths, want) {
		t.Errorf("related %q, want %q", paths, want)
	}
	of := []int{-1, -1, 1, 1, -1, 4}
	for i, r := range p.Related() {
		if r.Of != of[i] {
			t.Errorf("%s is of %d, want %d", r.Path, r.Of, of[i])
		}
	}
}

func TestCheckRelated(t *testing.T) {
	ann := `{"kind":"person","names":[{"full":"Ann","kind":"primary"}],"share_bp":`
	deep := `{"kind":"organisation","names":[{"full":"F","kind":"primary"}],"share_bp":1`
	for name, c := range map[string]struct{ told, says string }{
		"more than the whole":     {`"owners":[` + ann + `6000},` + ann + `5000}]`, "owners[1]: together"},
		"of an owner":             {`"owners":[{"kind":"organisation","names":[{"full":"F","kind":"primary"}],"share_bp":1,"owners":[` + ann + `6000},` + ann + `5000}]}]`, "owners[0].owners[1]: together"},
		"a negative share":        {`"owners":[` + ann + `-1}]`, "want share_bp"},
		"a band the wrong way":    {`"owners":[` + ann + `5000,"up_to_bp":4000}]`, "up_to_bp"},
		"a band beyond the whole": {`"owners":[` + ann + `5000,"up_to_bp":10001}]`, "up_to_bp"},
		"no name":                 {`"owners":[{"kind":"person","share_bp":1}]`, "want a name"},
		"an id of nobody":         {`"owners":[{"id":"x","share_bp":1}]`, "want a name"},
		"a person's owners":       {`"owners":[` + ann + `1,"owners":[` + ann + `1}]}]`, "a person has neither"},
		"a person's officers":     {`"owners":[` + ann + `1,"officers":[{"names":[{"full":"Bo","kind":"primary"}],"roles":["director"]}]}]`, "a person has neither"},
		"told twice": {`"owners":[{"id":"a","kind":"organisation","names":[{"full":"F","kind":"primary"}],"share_bp":1,"owners":[` + ann + `1}]},` +
			`{"id":"a","share_bp":1,"owners":[` + ann + `1}]}]`, "elsewhere in the profile"},
		"a person's owners, by its id": {`"owners":[{"id":"a","names":[{"full":"F","kind":"primary"}],"share_bp":1,"owners":[` + ann + `1}]},{"id":"a","kind":"person","share_bp":1}]`, "a person has neither"},
		"of two kinds":                 {`"owners":[{"id":"a","kind":"organisation","names":[{"full":"F","kind":"primary"}],"share_bp":1},{"id":"a","kind":"person","share_bp":1}]`, "another kind"},
		"no role":                      {`"officers":[{"kind":"person","names":[{"full":"Ann","kind":"primary"}],"roles":[]}]`, "what the officer is"},
		"too deep":                     {`"owners":[` + strings.Repeat(deep+`,"owners":[`, MaxDepth) + deep + `}` + strings.Repeat(`]}`, MaxDepth) + `]`, "deep at most"},
		"too many":                     {`"owners":[` + strings.Repeat(ann+`0},`, MaxRelated) + ann + `0}]`, "at most 500"},
		"a state unheard of":           {`"state_body":"Atlantis"`, "state_body: want"},
		"a bank unheard of":            {`"financial_institution":"no"`, "financial_institution: want"},
		"a long joint":                 {`"owners":[` + ann + `1,"joint":"` + strings.Repeat("x", 65) + `"}]`, "64 bytes"},
		"many roles":                   {`"owners":[` + ann + `1,"roles":["director"` + strings.Repeat(`,"director"`, 16) + `]}]`, "at most 16"},
	} {
		var p Profile
		if err := json.Unmarshal([]byte(`{"kind":"organisation",`+c.told+`}`), &p); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := p.CheckRelated(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want an error about %q", name, err, c.says)
		}
	}
	var p Profile
	if err := json.Unmarshal([]byte(`{"kind":"person","owners":[`+ann+`1}]}`), &p); err != nil || p.CheckRelated() == nil {
		t.Errorf("a person with owners: %v", err)
	}
	if err := json.Unmarshal([]byte(`{"kind":"organisation","owners":[`+ann+`1,"roles":["king"]}]}`), &p); err == nil || !strings.Contains(err.Error(), "unknown role") {
		t.Errorf("a role unheard of: %v", err)
	}
	p = Profile{}
	deepest := `"owners":[` + strings.Repeat(deep+`,"owners":[`, MaxDepth-1) + deep + `}` + strings.Repeat(`]}`, MaxDepth-1) + `]`
	if err := json.Unmarshal([]byte(`{"kind":"organisation",`+deepest+`}`), &p); err != nil || p.CheckRelated() != nil {
		t.Errorf("owners %d deep: %v, %v", MaxDepth, err, p.CheckRelated())
	}
}
