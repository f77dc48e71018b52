package desk

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sallyport/api/internal/sample"
	"sallyport/entity"
	"sallyport/staff"
)

// madeUp is a rule with a licence that only a record gives.
const madeUp = `id: us-made-up
title: A rule made up for a test
authority: An authority
instrument: An act
article: Article 1
binds: [US]
covers: 'customer.residence == "AT"'
verb: exit
effective_at: "2020-01-01T00:00:00Z"
licences:
- {id: us-made-up-1, title: By record, article: Article 3}
state: enacted
verified:
  marks: [made up]
`

// TestLicences records a licence over the desk that frees a customer, ends it again, and has
// one that runs out.
func TestLicences(t *testing.T) {
	x := sample.New(t, fstest.MapFS{"us-made-up.yaml": {Data: []byte(madeUp)}})
	c := &clerk{t, New(x.Exchange, staff.Shared(token), Options{}), token}
	p := sample.Somebody("Erika Sommer", "DE")
	p.ID = "applicant-1"
	var opened answer
	c.ok(201, c.do("POST", "/desk/v1/customers", application(t, "us", p)), &opened)
	p.Residence = entity.Place{Town: "Wien", Country: "AT"}
	if _, err := x.Amend(opened.Account, p); err != nil {
		t.Fatal(err)
	}
	ask := func(licence, by, second, reason, document, more string) string {
		return fmt.Sprintf(`{"account":%d,"licence":%q,"by":%q,"second":%q,"reason":%q,"document":%q%s}`, opened.Account, licence, by, second, reason, document, more)
	}
	c.problem(422, c.do("POST", "/desk/v1/licences", ask("us-made-up-1", "mara", "mara", "authorised", "no. 7", "")), "two different operator users")
	c.problem(422, c.do("POST", "/desk/v1/licences", ask("us-made-up-2", "mara", "kim", "authorised", "no. 7", "")), "no rule in force")
	c.problem(422, c.do("POST", "/desk/v1/licences", ask("us-made-up-1", "mara", "kim", "for Erika Sommer", "no. 7", "")), "customer's own data")
	c.problem(400, c.do("POST", "/desk/v1/licences", ask("us-made-up-1", "mara", "kim", "authorised", "no. 7", `,"until":"soon"`)), "does not read")
	var got struct {
		Licence  licence
		Standing struct{ Verdict string }
	}
	w := c.do("POST", "/desk/v1/licences", ask("us-made-up-1", "mara", "kim", "authorised", "no. 7 of Sommer", ""))
	c.ok(201, w, &got)
	if got.Standing.Verdict != "allow" || got.Licence.ID != 1 || got.Licence.Second != "kim" || !got.Licence.InForce || got.Licence.Until != nil || len(got.Licence.Document) != 64 || strings.Contains(w.Body.String(), "Sommer") {
		t.Errorf("recorded: %s", w.Body)
	}
	c.problem(409, c.do("POST", "/desk/v1/licences", ask("us-made-up-1", "mara", "kim", "authorised", "no. 7", "")), "in force")
	x.Clock.Set(sample.Opens.Add(time.Minute))
	c.problem(404, c.do("POST", "/desk/v1/licences/9/end", `{"by":"kim","reason":"revoked"}`), "no such licence")
	c.problem(400, c.do("POST", "/desk/v1/licences/x/end", `{"by":"kim","reason":"revoked"}`), "no number")
	c.problem(422, c.do("POST", "/desk/v1/licences/1/end", `{"by":"","reason":"revoked"}`), "say who")
	c.ok(200, c.do("POST", "/desk/v1/licences/1/end", `{"by":"kim","reason":"revoked"}`), &got)
	if got.Standing.Verdict != "exit" || got.Licence.InForce || got.Licence.Ended == nil || got.Licence.Ended.By != "kim" {
		t.Errorf("ended: %+v", got)
	}

	x.Clock.Set(sample.Opens.Add(2 * time.Minute))
	until := sample.Opens.Add(time.Hour).UTC()
	c.ok(201, c.do("POST", "/desk/v1/licences", ask("us-made-up-1", "mara", "kim", "again", "no. 8", fmt.Sprintf(`,"until":%q`, until.Format(time.RFC3339)))), &got)
	x.Clock.Set(until)
	if _, err := x.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	var list struct{ Licences []licence }
	c.ok(200, c.do("GET", "/desk/v1/licences", ""), &list)
	if len(list.Licences) != 2 || list.Licences[0].Ended == nil || list.Licences[0].Ended.Why != "ran out" || !list.Licences[0].Until.Equal(until) || list.Licences[1].ID != 1 {
		t.Errorf("the licences: %+v", list)
	}
}

// TestHolds shows that a hold past its time is overdue and goes on.
func TestHolds(t *testing.T) {
	x := sample.New(t)
	c := &clerk{t, New(x.Exchange, staff.Shared(token), Options{}), token}
	p := sample.Listed(t)
	p.ID, p.Birth = "applicant-1", nil
	var opened answer
	c.ok(201, c.do("POST", "/desk/v1/customers", application(t, "us", p)), &opened)
	if opened.Verdict != "hold" {
		t.Fatalf("one who resembles a listed person: %+v", opened)
	}
	for _, step := range []struct {
		at      time.Time
		overdue bool
	}{{sample.Opens.Add(time.Hour), false}, {sample.Opens.Add(49 * time.Hour), true}} {
		x.Clock.Set(step.at)
		if _, err := x.MarkLaw(); err != nil {
			t.Fatal(err)
		}
		var list struct{ Holds []held }
		c.ok(200, c.do("GET", "/desk/v1/holds", ""), &list)
		if len(list.Holds) != 1 || list.Holds[0].Account != opened.Account || list.Holds[0].Owner != "sanctions desk" || list.Holds[0].Overdue != step.overdue {
			t.Errorf("at %v: %+v", step.at, list)
		}
	}
}
