package customer

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sallyport/api/internal/sample"
	"sallyport/book"
	"sallyport/exchange"
	"sallyport/money"
	"sallyport/venue/tape"
)

// TestFeesThatAreEarned shows a customer the tier that they pay by, what they traded and what is
// missing to the next, in both languages.
func TestFeesThatAreEarned(t *testing.T) {
	x := sample.With(t, func(c *exchange.Config) {
		c.TierVolumes = []money.Amount{money.Int(1000), money.Int(5000)}
		c.TradeUnidentified = true
	})
	d := open(t, x)
	b, account := d.signedUp("ada@example.org")
	other := x.Open("us", sample.Somebody("Bob Thatcher", "US")).Account
	x.Fund(account, "USDT", "100000")
	x.Fund(other, "BTC", "10")
	for i, n := range []uint64{other, account} {
		o := tape.PlaceOrder{Account: n, Side: []book.Side{book.Sell, book.Buy}[i], Type: tape.Limit, Force: tape.GTC, Price: money.Int(20000), Quantity: money.MustParse("0.1"), ClientID: "x"}
		if _, _, err := x.PlaceOrder(&o); err != nil {
			t.Fatal(err)
		}
	}
	page := func(tongue string) string {
		r := httptest.NewRequest("GET", "/me", nil)
		r.Header.Set("Accept-Language", tongue)
		return b.send(r).Body.String()
	}
	for _, s := range []struct {
		days               int
		json               string
		english, russian   string
		englishNo, russNot string
	}{
		{0, `"fees":{"tier":0,"given_tier":0,"earned_tier":0,"volume_30d":"0","day":"2022-`, "For the next tier EUR 1000 are missing, of EUR 1000.", "не хватает 1000 евро из 1000", "EUR 1800", "составил 1800"},
		{1, `"fees":{"tier":1,"given_tier":0,"earned_tier":1,"volume_30d":"1800","day":"2022-`, "you traded for EUR 1800.</p>\n<p>For the next tier EUR 3200 are missing, of EUR 5000.", "объём ваших сделок составил 1800 евро.</p>\n<p>До следующего уровня не хватает 3200 евро из 5000.", "of EUR 1000", "из 1000"},
	} {
		x.Clock.Set(sample.Opens.Add(time.Duration(s.days) * 24 * time.Hour))
		if _, err := x.MarkLaw(); err != nil {
			t.Fatal(err)
		}
		if got := b.do("GET", "/customer/v1/standing", "").Body.String(); !strings.Contains(got, s.json) {
			t.Errorf("day %d: %s", s.days, got)
		}
		if got := page("en"); !strings.Contains(got, s.english) || strings.Contains(got, s.englishNo) {
			t.Errorf("day %d: %s", s.days, got)
		}
		if got := page("ru"); !strings.Contains(got, s.russian) || strings.Contains(got, s.russNot) {
			t.Errorf("day %d: %s", s.days, got)
		}
	}
	// A tier that the desk gave is above what was earned: the next is the one after it.
	if err := x.SetTier(&tape.SetTier{Account: account, Tier: 2}); err != nil {
		t.Fatal(err)
	}
	if got := page("en"); !strings.Contains(got, "You pay by tier 2 of fees") || strings.Contains(got, "are missing") {
		t.Errorf("the desk's tier: %s", got)
	}
}

// TestTradeGroupIsShown: a customer reads, in both languages, that their account is in a trade group.
func TestTradeGroupIsShown(t *testing.T) {
	x := sample.New(t)
	d := open(t, x)
	b, account := d.signedUp("ada@example.org")
	if got := b.do("GET", "/customer/v1/standing", "").Body.String(); strings.Contains(got, "trade_group") {
		t.Errorf("in no group: %s", got)
	}
	if err := x.SetTradeGroup(&tape.SetTradeGroup{Account: account, Group: 7, By: "m.ortiz", Reason: "one fund"}); err != nil {
		t.Fatal(err)
	}
	if got := b.do("GET", "/customer/v1/standing", "").Body.String(); !strings.Contains(got, `"trade_group":7`) || strings.Contains(got, "ortiz") {
		t.Errorf("in group 7: %s", got)
	}
	for tongue, words := range map[string]string{"en": "in trade group 7, of accounts of one owner", "ru": "в торговую группу 7"} {
		r := httptest.NewRequest("GET", "/me", nil)
		r.Header.Set("Accept-Language", tongue)
		if got := b.send(r).Body.String(); !strings.Contains(got, words) || strings.Contains(got, "one fund") {
			t.Errorf("%s: %s", tongue, got)
		}
	}
}
