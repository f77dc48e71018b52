package binance

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/api/internal/sample"
	"sallyport/entity"
	"sallyport/exchange"
)

// TestProviders: a customer is told of the providers that their operator deals with and may, and of no others.
func TestProviders(t *testing.T) {
	firm := func(name, country string) entity.Profile {
		return entity.Profile{Entity: entity.Entity{Kind: entity.Organisation, Names: []entity.Name{{Full: name}}}, Residence: entity.Place{Country: country}}
	}
	x := sample.With(t, func(c *exchange.Config) {
		c.Platforms = []exchange.Platform{
			{Name: "Steppe", Operators: []string{"eu"}, Profile: firm("Steppe Crossing Markets LLP", "KZ")},
			{Name: "Alpine", Operators: []string{"eu", "us"}, Profile: firm("Alpine Custody AG", "CH")},
			{Name: "Elsewhere", Profile: firm("Elsewhere Ltd", "SC")},
		}
	})
	wire := New(x.Exchange, Options{Clock: x.Clock.Now})
	for operator, want := range map[string]string{"eu": "Alpine Alpine, Steppe Steppe, ", "us": "Alpine Alpine, "} {
		c := newTrader(t, x, wire, operator, "Erika Sommer "+strings.ToUpper(operator), "DE")
		var rows []map[string]string
		c.yes(c.do("GET", "/sapi/v1/localentity/vasp", ""), &rows)
		got := ""
		for _, r := range rows {
			got += r["vaspName"] + " " + r["vaspCode"] + ", "
		}
		if got != want {
			t.Errorf("a customer of %s is told of %q, want %q", operator, got, want)
		}
	}
}

// TestTravel: where a law wants to know whose an address is (Regulation (EU) 2023/1113, from 30
// December 2024), a customer says so with the movement. Their word is kept and shown, and moves
// nothing: the desk's assessment does.
func TestTravel(t *testing.T) {
	x := sample.New(t)
	wire := New(x.Exchange, Options{Clock: x.Clock.Now})
	erika := newTrader(t, x, wire, "eu", "Erika Sommer", "DE")
	bob := newTrader(t, x, wire, "us", "Bertram Oakhollow", "CA")
	wanted := func(c *trader) string {
		t.Helper()
		return fmt.Sprint(fields(t, c.do("GET", "/sapi/v1/localentity/questionnaire-requirements", ""))["questionnaireCountryCode"])
	}
	if got := wanted(erika); got != "NIL" {
		t.Errorf("before the hour %s is wanted", got)
	}
	x.Clock.Set(time.Date(2025, 2, 3, 12, 0, 0, 0, time.UTC))
	if _, err := x.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	if got, other := wanted(erika), wanted(bob); got != "EU" || other != "NIL" {
		t.Errorf("of a customer of the Union's operator %s is wanted, of another %s", got, other)
	}

	x.Fund(erika.account, "BTC", "1") // EUR 35 000, from an address of which nobody knows whose it is
	const from, own = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "1FfmbHfnpaZjKFvyi1okTjJJusN455paPH"
	list := func(path, params string, want map[string]any) {
		t.Helper()
		var rows []map[string]any
		erika.yes(erika.do("GET", path, params), &rows)
		if len(rows) != 1 {
			t.Fatalf("%s: %v", path, rows)
		}
		has(t, path, rows[0], want)
	}
	none := func(path, params string) {
		t.Helper()
		var rows []map[string]any
		if erika.yes(erika.do("GET", path, params), &rows); len(rows) != 0 {
			t.Errorf("%s?%s: %v", path, params, rows)
		}
	}
	const deposits, withdrawals = "/sapi/v2/localentity/deposit/history", "/sapi/v1/localentity/withdraw/history"
	waits := map[string]any{"depositId": "1", "depositStatus": 0.0, "travelRuleStatus": 1.0, "requireQuestionnaire": true, "questionnaire": "", "sourceAddress": from, "amount": "1.00000000"}
	list(deposits, "", waits)
	list(deposits, "pendingQuestionnaire=true&coin=BTC&network=BTC&depositId=1,7", waits)
	list("/sapi/v1/capital/deposit/hisrec", "", map[string]any{"travelRuleStatus": 1.0})
	none(deposits, "travelRuleStatus=0")
	none(deposits, "tranId=2")

	word := `{"depositOriginator":1,"isAttested":true,"receiveFrom":"1"}`
	provide := func(version, params string) map[string]any {
		return fields(t, erika.do("PUT", "/sapi/"+version+"/localentity/deposit/provide-info", params+"&questionnaire="+url.QueryEscape(word)))
	}
	has(t, "the word on a deposit", provide("v1", "tranId=1"), map[string]any{"trId": 1.0, "accepted": true})
	has(t, "the same word", provide("v2", "depositId=1"), map[string]any{"trId": 1.0, "accepted": true})
	list(deposits, "", map[string]any{"travelRuleStatus": 1.0, "questionnaire": `{"depositOriginator":"1","isAttested":"true","receiveFrom":"1"}`})
	none(deposits, "pendingQuestionnaire=true")
	for name, c := range map[string]struct {
		params string
		code   int
		msg    string
	}{
		"of nobody's":   {"tranId=9&questionnaire=" + url.QueryEscape(word), -1130, "Data sent for parameter 'tranId' is not valid."},
		"none":          {"tranId=1", -1102, "Mandatory parameter 'questionnaire' was not sent, was empty/null, or malformed."},
		"no object":     {"tranId=1&questionnaire=7", -1130, "Data sent for parameter 'questionnaire' is not valid."},
		"a deep one":    {"tranId=1&questionnaire=" + url.QueryEscape(`{"a":{"b":1}}`), -1130, "Data sent for parameter 'questionnaire' is not valid."},
		"more than one": {"tranId=1&questionnaire=" + url.QueryEscape(`{"a":1}{"b":1}`), -1130, "Data sent for parameter 'questionnaire' is not valid."},
	} {
		t.Run(name, func(t *testing.T) {
			erika.no(erika.do("PUT", "/sapi/v1/localentity/deposit/provide-info", c.params), 400, c.code, c.msg)
		})
	}

	if _, _, err := x.RecordControl(erika.account, from, true, "mara", "signed message"); err != nil {
		t.Fatal(err)
	}
	list(deposits, "", map[string]any{"depositStatus": 1.0, "travelRuleStatus": 0.0, "requireQuestionnaire": false})

	// A withdrawal waits for the assessment too, and the word on it stays.
	word = `{"isAddressOwner":1,"sendTo":1}`
	apply := func(ref string) string {
		return "coin=BTC&amount=0.5&withdrawOrderId=" + ref + "&address=" + own + "&questionnaire=" + url.QueryEscape(word)
	}
	erika.no(erika.do("POST", "/sapi/v1/localentity/withdraw/apply", apply("1")), 400, -1002, "You are not authorized to execute this request.")
	none(withdrawals, "")
	claims, _ := x.Addresses(erika.account)
	if b, _ := json.Marshal(claims); string(b) != `[{"address":"`+from+`","answers":[{"question":"depositOriginator","answer":"1"},{"question":"isAttested","answer":"true"},{"question":"receiveFrom","answer":"1"}],"on":"2025-02-03"},{"address":"`+own+`","answers":[{"question":"isAddressOwner","answer":"1"},{"question":"sendTo","answer":"1"}],"on":"2025-02-03"}]` {
		t.Errorf("kept: %s", b)
	}
	if _, _, err := x.RecordControl(erika.account, own, true, "mara", "a small transfer"); err != nil {
		t.Fatal(err)
	}
	has(t, "a withdrawal", fields(t, erika.do("POST", "/sapi/v1/localentity/withdraw/apply", apply("2"))), map[string]any{"trId": 1.0, "accpted": true})
	list(withdrawals, "withdrawOrderId=2&coin=BTC", map[string]any{
		"trId": 1.0, "id": "1", "amount": "0.49980000", "transactionFee": "0.00020000", "travelRuleStatus": 0.0, "address": own, "questionnaire": `{"isAddressOwner":"1","sendTo":"1"}`,
	})
	none(withdrawals, "travelRuleStatus=2")
	erika.no(erika.do("POST", "/sapi/v1/localentity/withdraw/apply", "coin=BTC&amount=0.1&address=two+words&questionnaire="+url.QueryEscape(word)), 400, -4007, "Address validation is not passed.")
}

// A list of deposits looks those up in the log that it tells of, and no others: of those that are set apart there may
// be thousands, and each may have been decided long ago.
func TestDepositsOfLongAgo(t *testing.T) {
	x := sample.New(t)
	wire := New(x.Exchange, Options{Clock: x.Clock.Now})
	erika := newTrader(t, x, wire, "eu", "Erika Sommer", "DE")
	x.Clock.Set(time.Date(2025, 2, 3, 12, 0, 0, 0, time.UTC))
	if _, err := x.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	x.Fund(erika.account, "BTC", "1")
	x.Pass(erika.account)
	x.Fund(erika.account, "BTC", "2")
	x.Close()
	for name, list := range map[string]func(*call) (any, error){"deposit/hisrec": (*call).deposits, "localentity/deposit/history": (*call).answeredDeposits} {
		ask := func(limit string) (rows []map[string]any, err error) {
			told, err := list(&call{Server: wire, parameters: parameters{values: []parameter{{name: "limit", text: limit}}}, account: erika.account})
			if err != nil {
				return nil, err
			}
			b, err := json.Marshal(told)
			if err == nil {
				err = json.Unmarshal(b, &rows)
			}
			return rows, err
		}
		if rows, err := ask("1"); err != nil || len(rows) != 1 || rows[0]["travelRuleStatus"] != 1.0 || rows[0]["amount"] != "2.00000000" {
			t.Errorf("%s: %v, %v", name, rows, err)
		}
		if rows, err := ask("2"); err == nil || errors.Is(err, exchange.ErrNoDecision) {
			t.Errorf("%s: what cannot be read is told: %v, %v", name, rows, err)
		}
	}
}
