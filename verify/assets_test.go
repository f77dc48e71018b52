package verify

import (
	"errors"
	"strings"
	"testing"

	"sallyport/book"
	"sallyport/gate"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/venue/tape"
)

// about records a decision about an asset or a platform.
func (w *writer) about(action law.Action, account uint64, what string, verdict law.Verb, change func(*gate.Decision)) {
	w.t.Helper()
	d := w.decision(action, account, verdict, "")
	d.About = what
	if change != nil {
		change(d)
	}
	cmd, _ := w.seal(d)
	w.must(cmd)
}

// TestAssets: the auditor finds an order that was taken in an asset which the operator may not
// offer, a trade with one that was left standing there, and what brings somebody an asset that
// they may not hold; and nothing where no decision stands against it.
func TestAssets(t *testing.T) {
	buy := func(w *writer, account uint64) { w.must(w.order(account, book.Buy, "20000", "1")) }
	sell := func(w *writer, account uint64) { w.must(w.order(account, book.Sell, "20000", "1")) }
	for name, c := range map[string]struct {
		play func(w *writer)
		want string // of the last record; "" for nothing
	}{
		"offered": {func(w *writer) { buy(w, alice); sell(w, bob) }, ""},
		"an order in an asset that is not offered": {func(w *writer) {
			w.about(law.ListAsset, 0, "BTC", law.AssetBan, nil)
			buy(w, alice)
		}, "trades in BTC, which operator us may not offer"},
		"an order that pays in one": {func(w *writer) {
			w.about(law.ListAsset, 0, "USDT", law.Hold, nil)
			sell(w, alice)
		}, "trades in USDT, which operator us may not offer"},
		"offered again": {func(w *writer) {
			w.about(law.ListAsset, 0, "BTC", law.AssetBan, nil)
			w.about(law.ListAsset, 0, "BTC", law.Allow, nil)
			buy(w, alice)
		}, ""},
		"not offered by another operator": {func(w *writer) {
			w.about(law.ListAsset, 0, "BTC", law.AssetBan, func(d *gate.Decision) { d.Operator, d.Nexus = "eu", []string{"EU"} })
			buy(w, alice)
		}, ""},
		"not offered by another exchange, which asked": {func(w *writer) {
			w.about(law.ListAsset, 0, "BTC", law.AssetBan, func(d *gate.Decision) {
				d.Asked = &gate.Asked{Key: strings.Repeat("1", 64), Request: strings.Repeat("2", 64)}
			})
			buy(w, alice)
		}, ""},
		"another asset": {func(w *writer) {
			w.about(law.ListAsset, 0, "ETH", law.AssetBan, nil)
			buy(w, alice)
		}, ""},
		"an order that brings what may not be held": {func(w *writer) {
			w.about(law.HoldAsset, alice, "BTC", law.AssetBan, nil)
			buy(w, alice)
		}, "buys BTC, which it may not hold"},
		"one that brings it for something else": {func(w *writer) {
			w.about(law.HoldAsset, alice, "USDT", law.AssetBan, nil)
			sell(w, alice)
		}, "buys USDT, which it may not hold"},
		"one that is pending and would bring it": {func(w *writer) {
			w.about(law.HoldAsset, alice, "BTC", law.AssetBan, nil)
			w.must(w.then(w.order(alice, book.Sell, "20000", "1"), w.order(alice, book.Buy, "15000", "1")))
		}, "buys BTC, which it may not hold"},
		"one that parts with it": {func(w *writer) {
			w.about(law.HoldAsset, alice, "BTC", law.AssetBan, nil)
			sell(w, alice)
			buy(w, bob)
		}, ""},
		"one that was left standing": {func(w *writer) {
			buy(w, alice)
			w.about(law.HoldAsset, alice, "BTC", law.AssetBan, nil)
			sell(w, bob)
		}, "trade 1: account 1000 buys BTC, which it may not hold"},
		"one that was left standing where it is not offered": {func(w *writer) {
			buy(w, alice)
			w.about(law.ListAsset, 0, "BTC", law.AssetBan, nil)
			w.must(&tape.CancelAll{Account: alice})
			w.about(law.ListAsset, 0, "BTC", law.Allow, nil)
			sell(w, bob)
		}, ""},
		"held again": {func(w *writer) {
			w.about(law.HoldAsset, alice, "BTC", law.AssetBan, nil)
			w.about(law.HoldAsset, alice, "BTC", law.Allow, nil)
			buy(w, alice)
		}, ""},
		"a refused order": {func(w *writer) {
			w.about(law.ListAsset, 0, "BTC", law.AssetBan, nil)
			w.refuse(w.order(alice, book.Buy, "20000", "90000"), tape.LotSize)
		}, ""},
		"facts of another asset": {func(w *writer) {
			w.about(law.ListAsset, 0, "BTC", law.AssetBan, func(d *gate.Decision) { set1(t, &d.Facts, "asset.represents", []string{"A7A5"}) })
		}, `it is about BTC, and its facts are of an asset that stands for ["A7A5"]`},
		"an action about no asset": {func(w *writer) { w.about(law.Trade, alice, "BTC", law.Allow, nil) }, "trade is about no asset"},
		"a platform":               {func(w *writer) { w.about(law.DealPlatform, 0, "Steppe", law.PlatformBan, nil); buy(w, alice) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := traders(t)
			c.play(w)
			_, err := Journal(w.log(t, journal.Options{}), Options{})
			var v *Violation
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (!errors.As(err, &v) || v.Seq != uint64(len(w.entries)) || !strings.Contains(v.Why, c.want)):
				t.Errorf("%v; want record %d: %s", err, len(w.entries), c.want)
			}
		})
	}
}

// TestDecisionsOfNoAccount: of no account are what an operator itself asks, about an asset it
// offers or a platform it deals with, and nothing else.
func TestDecisionsOfNoAccount(t *testing.T) {
	for _, action := range law.Actions() {
		w := traders(t)
		cmd, _ := w.seal(w.decision(action, 0, law.Allow, ""))
		if action == law.ListAsset || action == law.DealPlatform {
			w.must(cmd)
		} else {
			w.refuse(cmd, tape.BadDecision)
		}
		cmd, _ = w.seal(w.decision(action, 999, law.Allow, ""))
		w.refuse(cmd, tape.BadDecision)
	}
}
