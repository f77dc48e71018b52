package desk

import (
	"fmt"
	"testing"
	"time"

	"sallyport/api/internal/sample"
	"sallyport/entity"
	"sallyport/ledger"
	"sallyport/staff"
)

// TestControls: above EUR 1 000, a deposit from an address of which nobody knows whose it is
// waits with an operator of the Union, until the desk says that this was assessed.
func TestControls(t *testing.T) {
	x := sample.New(t)
	c := &clerk{t, New(x.Exchange, staff.Shared(token), Options{}), token}
	p := sample.Somebody("Erika Sommer", "DE")
	p.ID = "applicant-1"
	var opened answer
	c.ok(201, c.do("POST", "/desk/v1/customers", application(t, "eu", p)), &opened)
	x.Clock.Set(time.Date(2025, 2, 3, 12, 0, 0, 0, time.UTC))
	var moved struct{ Pocket string }
	c.ok(201, c.do("POST", "/desk/v1/transfers", fmt.Sprintf(`{"account":%d,"asset":"BTC","amount":"1","from":"mem1own"}`, opened.Account)), &moved)
	if moved.Pocket != "apart" {
		t.Fatalf("before it was assessed: %s", moved.Pocket)
	}
	ask := func(account uint64, address, by, how string) string {
		return fmt.Sprintf(`{"account":%d,"address":%q,"theirs":true,"by":%q,"how":%q}`, account, address, by, how)
	}
	c.problem(422, c.do("POST", "/desk/v1/controls", ask(opened.Account, "two words", "mara", "signed message")), "address: want a whole address")
	c.problem(422, c.do("POST", "/desk/v1/controls", ask(opened.Account, "mem1own", "", "signed message")), "by: want")
	c.problem(422, c.do("POST", "/desk/v1/controls", ask(opened.Account, "mem1own", "mara", " ")), "how: want")
	c.problem(404, c.do("POST", "/desk/v1/controls", ask(4711, "mem1own", "mara", "signed message")), "4711")
	c.problem(400, c.do("POST", "/desk/v1/controls", `{"address":7}`), "does not read")
	var got struct {
		Account uint64
		Address string
		Theirs  bool
		By, On  string
	}
	c.ok(201, c.do("POST", "/desk/v1/controls", ask(opened.Account, "mem1own", "mara", "signed message")), &got)
	if got.Account != opened.Account || got.Address != "mem1own" || !got.Theirs || got.By != "mara" || got.On != "2025-02-03" {
		t.Errorf("recorded: %+v", got)
	}
	if err := x.RecordClaim(opened.Account, "mem1other", map[string]string{"sendTo": "1"}); err != nil {
		t.Fatal(err)
	}
	var known struct {
		Claims   []entity.Claim
		Controls []entity.Control
	}
	c.ok(200, c.do("GET", fmt.Sprintf("/desk/v1/customers/%d/addresses", opened.Account), ""), &known)
	if len(known.Claims) != 1 || known.Claims[0].Address != "mem1other" || known.Claims[0].Answers[0] != (entity.Answer{Question: "sendTo", Answer: "1"}) || len(known.Controls) != 1 || known.Controls[0].Address != "mem1own" {
		t.Errorf("of addresses is known %+v", known)
	}
	c.problem(404, c.do("GET", "/desk/v1/customers/4711/addresses", ""), "4711")
	if ds := x.View().Deposits(opened.Account); len(ds) != 1 || ds[0].Pocket != ledger.Available {
		t.Errorf("after it was assessed: %+v", ds)
	}
	p.Controls = []entity.Control{{Address: "mem1own", Theirs: true, How: "h", By: "b", On: entity.Day{Year: 2025, Month: 2, Day: 3}}}
	p.ID = "applicant-2"
	c.problem(422, c.do("POST", "/desk/v1/customers", application(t, "eu", p)), "profile.controls")
	p.Controls, p.Claims = nil, []entity.Claim{{Address: "mem1own", Answers: []entity.Answer{{Question: "sendTo", Answer: "1"}}}}
	c.problem(422, c.do("POST", "/desk/v1/customers", application(t, "eu", p)), "profile.claims")
}
