package desk

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/api/internal/sample"
	"sallyport/staff"
)

func TestMarketsAndTiers(t *testing.T) {
	x := sample.New(t)
	c := &clerk{t, New(x.Exchange, staff.Shared(token), Options{}), token}
	o := x.Open("us", sample.Somebody("Adaline Wrenfield", "US"))
	const path = "/desk/v1/markets/ETHUSDT/phase"
	var phase struct{ Symbol, Phase string }
	for _, want := range []string{"HALT", "CANCEL_ONLY", "TRADING", "HALT"} {
		c.ok(200, c.do("POST", path, `{"phase":"`+want+`","by":"m.ortiz","reason":"the feed of prices stands still"}`), &phase)
		var sum struct {
			Markets []struct{ Symbol, Phase string }
		}
		c.ok(200, c.do("GET", "/desk/v1/summary", ""), &sum)
		if phase.Symbol != "ETHUSDT" || phase.Phase != want || sum.Markets[1].Phase != want || sum.Markets[0].Phase != "TRADING" {
			t.Errorf("%s: %+v, %+v", want, phase, sum)
		}
	}
	c.problem(422, c.do("POST", path, `{"phase":"BREAK","by":"m.ortiz"}`), "phase: want TRADING, CANCEL_ONLY")
	c.problem(422, c.do("POST", path, `{"phase":"","by":"m.ortiz"}`), "phase: want TRADING, CANCEL_ONLY")
	c.problem(422, c.do("POST", path, `{"phase":"TRADING","reason":"nobody says so"}`), "nobody says why")
	c.problem(422, c.do("POST", path, `{"phase":"TRADING","by":"m.ortiz","reason":"`+strings.Repeat("r", 501)+`"}`), "nobody says why")
	c.problem(404, c.do("POST", "/desk/v1/markets/DOGEUSDT/phase", `{"phase":"HALT","by":"m.ortiz"}`), "no market")
	if got := x.View().Phase(1).String(); got != "HALT" {
		t.Errorf("the market is %s after what was refused", got)
	}

	tier := fmt.Sprintf("/desk/v1/customers/%d/tier", o.Account)
	var set struct {
		Account uint64
		Tier    uint8
	}
	c.ok(200, c.do("POST", tier, `{"tier":2}`), &set)
	var seen struct {
		Tier uint8
		Fees struct {
			Given  uint8  `json:"given_tier"`
			Volume string `json:"volume_30d"`
		}
	}
	c.ok(200, c.do("GET", fmt.Sprintf("/desk/v1/customers/%d", o.Account), ""), &seen)
	if set.Account != o.Account || set.Tier != 2 || seen.Tier != 2 || seen.Fees.Given != 2 || seen.Fees.Volume != "0" {
		t.Errorf("%+v, then %+v", set, seen)
	}
	c.problem(422, c.do("POST", tier, `{}`), "tier: want a number")
	c.problem(400, c.do("POST", tier, `{"tier":256}`), "does not read")
	c.problem(404, c.do("POST", "/desk/v1/customers/99999/tier", `{"tier":1}`), "no account 99999")
}

// TestTradeGroupsAndBounds: the desk says which accounts are one owner's, and how much of an asset one
// order may move; both with who says so and why.
func TestTradeGroupsAndBounds(t *testing.T) {
	x := sample.New(t)
	c := &clerk{t, New(x.Exchange, staff.Shared(token), Options{}), token}
	o := x.Open("us", sample.Somebody("Adaline Wrenfield", "US"))
	at := fmt.Sprintf("/desk/v1/customers/%d", o.Account)
	var set struct {
		Account uint64
		Group   uint32 `json:"trade_group"`
	}
	c.ok(200, c.do("POST", at+"/trade-group", `{"group":7,"by":"m.ortiz","reason":"both are the fund's"}`), &set)
	seen := set
	c.ok(200, c.do("GET", at, ""), &seen)
	if set.Account != o.Account || set.Group != 7 || seen.Group != 7 {
		t.Errorf("%+v, then %+v", set, seen)
	}
	c.problem(422, c.do("POST", at+"/trade-group", `{"by":"m.ortiz","reason":"r"}`), "group: want the number")
	c.problem(422, c.do("POST", at+"/trade-group", `{"group":8,"by":"m.ortiz"}`), "nobody says why")
	c.problem(422, c.do("POST", at+"/trade-group", `{"group":8,"reason":"r"}`), "nobody says this")
	c.problem(400, c.do("POST", at+"/trade-group", `{"group":-1,"by":"m.ortiz","reason":"r"}`), "does not read")
	c.problem(404, c.do("POST", "/desk/v1/customers/99999/trade-group", `{"group":1,"by":"m.ortiz","reason":"r"}`), "no account 99999")

	const bound = "/desk/v1/assets/ETH/max-order"
	for _, want := range []string{"2.5", "0"} {
		var most struct {
			Asset string
			Max   string `json:"max_order"`
		}
		c.ok(200, c.do("POST", bound, `{"max":"`+want+`","by":"m.ortiz","reason":"thin"}`), &most)
		var sum struct {
			Totals []struct {
				Asset string
				Max   string `json:"max_order"`
			}
		}
		c.ok(200, c.do("GET", "/desk/v1/summary", ""), &sum)
		if most.Asset != "ETH" || most.Max != want || sum.Totals[1].Asset != "ETH" || sum.Totals[1].Max != want || sum.Totals[0].Max != "0" {
			t.Errorf("%s: %+v, %+v", want, most, sum)
		}
	}
	c.problem(422, c.do("POST", bound, `{"by":"m.ortiz","reason":"r"}`), "max: want an amount")
	c.problem(422, c.do("POST", bound, `{"max":"-1","by":"m.ortiz","reason":"r"}`), "the amount does not fit it")
	c.problem(422, c.do("POST", bound, `{"max":"1","by":"m.ortiz"}`), "nobody says why")
	c.problem(404, c.do("POST", "/desk/v1/assets/DOGE/max-order", `{"max":"1","by":"m.ortiz","reason":"r"}`), "no asset")
}
