package desk

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"sallyport/api/internal/sample"
	"sallyport/entity"
	"sallyport/staff"
)

// TestClearances answers a question of likeness over the desk, opens it again by a change of
// the customer's data, answers it once more and takes that back.
func TestClearances(t *testing.T) {
	x := sample.New(t)
	c := &clerk{t, New(x.Exchange, staff.Shared(token), Options{}), token}
	p := sample.Listed(t)
	p.ID, p.Email = "applicant-1", "somebody@example.org"
	p.Birth[0] = entity.Exact(entity.Day{Year: p.Birth[0].From.Year, Month: 1, Day: 2}) // another day of that year
	var held answer
	c.ok(201, c.do("POST", "/desk/v1/customers", application(t, "us", p)), &held)
	if held.Verdict != "hold" {
		t.Fatalf("one who resembles a listed person: %+v", held)
	}
	var open struct {
		Likenesses []struct {
			Account    uint64
			Decision   string
			Owner, Due string
			List       string
			EntityID   string `json:"entity_id"`
			EntityName string `json:"entity_name"`
			Grade      string
			Score      float64
			Reasons    []struct{ Kind, Text string }
			Again      []string
		}
	}
	w := c.do("GET", "/desk/v1/likenesses", "")
	c.ok(200, w, &open)
	if len(open.Likenesses) != 1 {
		t.Fatalf("open questions: %s", w.Body)
	}
	q := open.Likenesses[0]
	if q.Account != held.Account || q.Decision != held.Decision || q.Owner != "sanctions desk" || q.Due == "" || q.List != "us-sdn" || q.Grade != "resembles" || q.EntityName == "" || q.Score == 0 || len(q.Reasons) == 0 || len(q.Again) != 0 {
		t.Errorf("the open question: %s", w.Body)
	}
	if strings.Contains(w.Body.String(), "example.org") || strings.Contains(w.Body.String(), "-01-02") {
		t.Errorf("personal data: %s", w.Body)
	}

	ask := func(by, reason string) string {
		b, err := json.Marshal(map[string]any{"account": q.Account, "list": q.List, "entity": q.EntityID, "by": by, "reason": reason})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	c.problem(422, c.do("POST", "/desk/v1/clearances", ask("", "another day of birth")), "by: want the name")
	c.problem(422, c.do("POST", "/desk/v1/clearances", ask("m.ortiz", "")), "no personal data")
	c.problem(422, c.do("POST", "/desk/v1/clearances", ask("m.ortiz", "wrote from somebody@example.org")), "may hold none")
	c.problem(422, c.do("POST", "/desk/v1/clearances", ask("m.ortiz", strings.Repeat("r", 501))), "1 to 500 bytes")
	c.problem(422, c.do("POST", "/desk/v1/clearances", `{"account":1000,"by":"m","reason":"r"}`), "list, entity")
	c.problem(400, c.do("POST", "/desk/v1/clearances", `{"account":1000,"user":"m"}`), `unknown field "user"`)
	c.problem(404, c.do("POST", "/desk/v1/clearances", `{"account":99,"list":"us-sdn","entity":"1","by":"m","reason":"r"}`), "no such account")
	c.problem(409, c.do("POST", "/desk/v1/clearances", fmt.Sprintf(`{"account":%d,"list":"us-sdn","entity":"1","by":"m","reason":"r"}`, q.Account)), "does not resemble")
	c.problem(405, c.do("DELETE", "/desk/v1/clearances", ""), "Use GET or POST")

	type told struct {
		Clearance struct {
			ID, Account, Seq     uint64
			List, Entity         string
			By, Reason, Decision string
			InForce              bool `json:"in_force"`
			Ended                struct{ Why, By, Reason string }
		}
		Standing answer
	}
	var yes told
	c.ok(201, c.do("POST", "/desk/v1/clearances", ask("m.ortiz", "another day of birth, shown on a document")), &yes)
	if yes.Clearance.ID != 1 || yes.Clearance.By != "m.ortiz" || !yes.Clearance.InForce || yes.Clearance.Decision != held.Decision || yes.Standing.Verdict != "allow" {
		t.Errorf("the clearance: %+v", yes)
	}
	c.problem(409, c.do("POST", "/desk/v1/clearances", ask("m.ortiz", "again")), "in force already")
	w = c.do("GET", "/desk/v1/likenesses", "")
	c.ok(200, w, &open)
	if len(open.Likenesses) != 0 {
		t.Errorf("open questions after the clearance: %s", w.Body)
	}

	amend := func(p entity.Profile) string {
		b, err := json.Marshal(map[string]any{"profile": p})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	var amended struct {
		Standing answer
		Again    []string
	}
	profile := fmt.Sprintf("/desk/v1/customers/%d/profile", q.Account)
	p.Email = "another@example.org"
	c.ok(200, c.do("PUT", profile, amend(p)), &amended)
	if amended.Standing.Verdict != "allow" || len(amended.Again) != 0 {
		t.Errorf("after another e-mail address: %+v", amended)
	}
	p.Birth[0] = entity.Exact(entity.Day{Year: p.Birth[0].From.Year, Month: 1, Day: 3})
	c.ok(200, c.do("PUT", profile, amend(p)), &amended)
	if amended.Standing.Verdict != "hold" || len(amended.Again) != 1 || !strings.Contains(amended.Again[0], "by m.ortiz, but the customer's birth changed") {
		t.Errorf("after another day of birth: %+v", amended)
	}
	c.problem(404, c.do("PUT", "/desk/v1/customers/9999/profile", amend(p)), "no account 9999")
	c.problem(422, c.do("PUT", profile, `{"profile":{"kind":"person"}}`), "at least one name")

	c.ok(201, c.do("POST", "/desk/v1/clearances", ask("m.ortiz", "still another day of birth")), &yes)
	c.problem(422, c.do("POST", "/desk/v1/clearances/2/end", `{"by":"k.lee"}`), "reason: want")
	c.problem(404, c.do("POST", "/desk/v1/clearances/1/end", `{"by":"k.lee","reason":"r"}`), "no such clearance in force")
	c.problem(400, c.do("POST", "/desk/v1/clearances/two/end", `{"by":"k.lee","reason":"r"}`), "no number")
	var back told
	c.ok(200, c.do("POST", "/desk/v1/clearances/2/end", `{"by":"k.lee","reason":"the document was forged"}`), &back)
	if back.Clearance.InForce || back.Clearance.Ended.Why != "the word was taken back" || back.Clearance.Ended.By != "k.lee" || back.Standing.Verdict != "hold" {
		t.Errorf("taken back: %+v", back)
	}
	var all struct {
		Clearances []struct {
			ID      uint64
			InForce bool `json:"in_force"`
			Ended   struct {
				Why     string
				Changed []string
			}
		}
	}
	w = c.do("GET", "/desk/v1/clearances", "")
	c.ok(200, w, &all)
	if len(all.Clearances) != 2 || all.Clearances[0].ID != 2 || all.Clearances[1].Ended.Why != "the customer's data changed" || len(all.Clearances[1].Ended.Changed) != 1 {
		t.Errorf("all of them: %s", w.Body)
	}

	// Identity is not cleared by one word.
	var frozen answer
	c.ok(201, c.do("POST", "/desk/v1/customers", application(t, "us", sample.Listed(t))), &frozen)
	c.problem(409, c.do("POST", "/desk/v1/clearances", strings.Replace(ask("m.ortiz", "r"), fmt.Sprint(q.Account), fmt.Sprint(frozen.Account), 1)), "ends as a release")
	c.token = ""
	c.problem(401, c.do("POST", "/desk/v1/clearances", ask("m.ortiz", "r")), "desk.token")
}
