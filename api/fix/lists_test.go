package fix

import (
	"bufio"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/api/binance"
	"sallyport/api/internal/sample"
	"sallyport/exchange"
	"sallyport/internal/fuzzing"
	"sallyport/ledger"
)

// written is fields with | behind each, as the published examples have them.
func written(m message) string {
	var b strings.Builder
	for _, f := range m {
		fmt.Fprintf(&b, "%d=%s|", f.tag, f.value)
	}
	return b.String()
}

func published(t *testing.T, s string) message {
	t.Helper()
	m, err := read(bufio.NewReader(strings.NewReader(strings.ReplaceAll(s, "|", "\x01"))))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestPublishedList holds NewOrderList and ListStatus to the published examples (fix-api.md).
func TestPublishedList(t *testing.T) {
	m := published(t, "8=FIX.4.4|9=236|35=E|34=2|49=Eg13pOvN|52=20240607-02:19:07.836|56=SPOT|73=2|11=w1717726747805308656|55=LTCBNB|54=2|38=1|40=2|44=0.25|59=1|11=p1717726747805308656|55=LTCBNB|54=2|38=1|40=1|25010=1|25011=3|25012=0|25013=1|1385=2|25014=1717726747805308656|10=235|") // printed with the sum 171, which is not that of its bytes
	list, orders, wrong := readList(m)
	if wrong != nil {
		t.Fatal(wrong)
	}
	path, p, wrong := listOf(list, orders)
	want := map[string]string{
		"symbol": "LTCBNB", "listClientOrderId": "1717726747805308656", "newOrderRespType": "ACK",
		"workingType": "LIMIT", "workingSide": "SELL", "workingQuantity": "1", "workingPrice": "0.25", "workingTimeInForce": "GTC", "workingClientOrderId": "w1717726747805308656",
		"pendingType": "MARKET", "pendingSide": "SELL", "pendingQuantity": "1", "pendingClientOrderId": "p1717726747805308656",
	}
	if wrong != nil || path != "/api/v3/orderList/oto" || !maps.Equal(p, want) {
		t.Errorf("%s with %v, %+v\nwant %v", path, p, wrong, want)
	}

	status := published(t, "8=FIX.4.4|9=293|35=N|34=2|49=SPOT|52=20240607-02:19:07.837191|56=Eg13pOvN|55=BTCUSDT|60=20240607-02:19:07.836000|66=25|73=2|55=BTCUSDT|37=52|11=w1717726747805308656|55=BTCUSDT|37=53|11=p1717726747805308656|25010=1|25011=3|25012=0|25013=1|429=4|431=3|1385=2|25014=1717726747805308656|25015=1717726747805308656|10=162|")
	got := listStatus(&binance.ListStatus{
		Symbol: "BTCUSDT", List: 25, Kind: "OTO", Status: "EXEC_STARTED", Orders: "EXECUTING", ClientID: "1717726747805308656", Time: 1717726747836,
		Of: []binance.ListMember{{Symbol: "BTCUSDT", Order: 52, ClientID: "w1717726747805308656"}, {Symbol: "BTCUSDT", Order: 53, ClientID: "p1717726747805308656"}},
	}, []string{"LIMIT", "MARKET"})
	const group = "73=2|55=BTCUSDT|37=52|11=w1717726747805308656|55=BTCUSDT|37=53|11=p1717726747805308656|25010=1|25011=3|25012=0|25013=1|"
	apart := func(m message) []string { // the group, and the fields around it in any order
		before, after, ok := strings.Cut(written(m), group)
		if !ok {
			t.Fatalf("%s\nwant in it %s", written(m), group)
		}
		return slices.Sorted(strings.SplitSeq(before+after, "|"))
	}
	sent := slices.DeleteFunc(slices.Clone(status), func(f field) bool { return f.tag != tagMsgType && headerFields[f.tag] })
	if g, w := apart(got), apart(sent); !slices.Equal(g, w) {
		t.Errorf("told %v\nwant %v", g, w)
	}
	if s := written(listStatus(&binance.ListStatus{Kind: "OCO", Of: []binance.ListMember{{}, {}}}, nil)); strings.Contains(s, "25010=") {
		t.Errorf("triggers of orders that are forgotten: %s", s)
	}
}

// traded lets the last price be 40,000.
func (l *live) traded(ada, bob *client) {
	l.t.Helper()
	ada.send("D", "11=first|38=0.01|40=2|44=40000|54=2|55=BTCUSDT|59=1")
	ada.wants("35=8|11=first|150=0")
	bob.send("D", "11=first|38=0.01|40=1|54=1|55=BTCUSDT")
	bob.wants("35=8|150=0", "35=8|150=F|31=40000.00000000")
	ada.wants("35=8|150=F")
}

const (
	stop      = "|1100=4|1101=1|1107=2" // and 1102 and 1109
	whenTrade = "|25010=1|25011=2|25012=%d|25013=2"
	whenPrice = "|25010=1|25011=1|25012=%d|25013=2"
	whenFull  = "|25010=1|25011=3|25012=0|25013=1"
)

// pairOfSells are the orders of an OCO that sells: one that stops a loss at a price, and one with a limit.
func pairOfSells(name, quantity, below, above string) string {
	return "73=2|11=" + name + "-below|38=" + quantity + "|40=3|54=2|55=BTCUSDT" + stop + "|1102=" + below + "|1109=D" + fmt.Sprintf(whenTrade, 1) +
		"|11=" + name + "-above|38=" + quantity + "|40=2|18=6|44=" + above + "|54=2|55=BTCUSDT" + fmt.Sprintf(whenPrice, 0)
}

// unpaid is an order without its OrderQty.
func unpaid(order string) string { return strings.Replace(order, "|38=0.01", "", 1) }

// TestOrderListTypes places each list of the published table ("Supported Order List Types"), with the triggers that it names, and with
// others.
func TestOrderListTypes(t *testing.T) {
	l := goCalm(t)
	l.Fund(l.ada.account, "USDT", "100000")
	ada, bob := l.dial("ADA").logon(l.ada, ""), l.dial("BOB").logon(l.bob, "")
	l.traded(ada, bob)
	const symbol = "|38=0.01|55=BTCUSDT"
	var (
		sell, buy         = symbol + "|54=2", symbol + "|54=1"
		stopBelow         = "40=3" + stop + "|1102=39000|1109=D" // of a sell a stop loss, of a buy a take profit
		stopAbove         = "40=3" + stop + "|1102=41000|1109=U"
		limitBelow        = "40=4|44=38500|59=1" + stop + "|1102=39000|1109=D"
		limitAbove        = "40=4|44=41500|59=1" + stop + "|1102=41000|1109=U"
		makerLow, makerHi = "40=2|18=6|44=39500", "40=2|18=6|44=40500"
		workLow           = "40=2|44=39900|59=1" + buy
	)
	for i, c := range []struct {
		what, contingency string   // and OPO
		orders            []string // without ClOrdID and triggers
		triggers          []string // as the table has them
		types             string
	}{
		{"a sale, STOP_LOSS and LIMIT_MAKER", "1", []string{stopBelow + sell, makerHi + sell}, []string{"25010=1|25011=2|25012=1|25013=2|", "25010=1|25011=1|25012=0|25013=2|"}, "STOP_LOSS LIMIT_MAKER"},
		{"a sale, STOP_LOSS_LIMIT and LIMIT_MAKER", "1", []string{limitBelow + sell, makerHi + sell}, []string{"25010=1|25011=2|25012=1|25013=2|", "25010=1|25011=1|25012=0|25013=2|"}, "STOP_LOSS_LIMIT LIMIT_MAKER"},
		{"a purchase, LIMIT_MAKER and STOP_LOSS", "1", []string{makerLow + buy, stopAbove + buy}, []string{"25010=1|25011=1|25012=1|25013=2|", "25010=1|25011=2|25012=0|25013=2|"}, "LIMIT_MAKER STOP_LOSS"},
		{"a purchase, LIMIT_MAKER and STOP_LOSS_LIMIT", "1", []string{makerLow + buy, limitAbove + buy}, []string{"25010=1|25011=1|25012=1|25013=2|", "25010=1|25011=2|25012=0|25013=2|"}, "LIMIT_MAKER STOP_LOSS_LIMIT"},
		{"a sale, STOP_LOSS and TAKE_PROFIT", "1", []string{stopBelow + sell, stopAbove + sell}, []string{"25010=1|25011=1|25012=1|25013=2|", "25010=1|25011=1|25012=0|25013=2|"}, "STOP_LOSS TAKE_PROFIT"},
		{"a sale, STOP_LOSS_LIMIT and TAKE_PROFIT_LIMIT", "1", []string{limitBelow + sell, limitAbove + sell}, []string{"25010=1|25011=1|25012=1|25013=2|", "25010=1|25011=1|25012=0|25013=2|"}, "STOP_LOSS_LIMIT TAKE_PROFIT_LIMIT"},
		{"a purchase, TAKE_PROFIT and STOP_LOSS", "1", []string{stopBelow + buy, stopAbove + buy}, []string{"25010=1|25011=1|25012=1|25013=2|", "25010=1|25011=1|25012=0|25013=2|"}, "TAKE_PROFIT STOP_LOSS"},
		{"one and another", "2", []string{workLow, "40=1" + sell}, []string{"", "25010=1|25011=3|25012=0|25013=1|"}, "LIMIT MARKET"},
		{"one and another, post-only", "2", []string{makerLow + buy, limitBelow + sell}, []string{"", "25010=1|25011=3|25012=0|25013=1|"}, "LIMIT_MAKER STOP_LOSS_LIMIT"},
		{"one and two that sell", "2", []string{workLow, stopBelow + sell, makerHi + sell},
			[]string{"", "25010=2|25011=3|25012=0|25013=2|25011=2|25012=2|25013=2|", "25010=2|25011=3|25012=0|25013=2|25011=1|25012=1|25013=2|"}, "LIMIT STOP_LOSS LIMIT_MAKER"},
		{"one and two that buy", "2", []string{makerHi + sell, makerLow + buy, limitAbove + buy},
			[]string{"", "25010=2|25011=3|25012=0|25013=2|25011=1|25012=2|25013=2|", "25010=2|25011=3|25012=0|25013=2|25011=2|25012=1|25013=2|"}, "LIMIT_MAKER LIMIT_MAKER STOP_LOSS_LIMIT"},
		{"one and two that sell at a price", "2", []string{workLow, limitBelow + sell, stopAbove + sell},
			[]string{"", "25010=2|25011=3|25012=0|25013=2|25011=1|25012=2|25013=2|", "25010=2|25011=3|25012=0|25013=2|25011=1|25012=1|25013=2|"}, "LIMIT STOP_LOSS_LIMIT TAKE_PROFIT"},
		{"one and two that buy at a price", "2", []string{workLow, stopBelow + buy, stopAbove + buy},
			[]string{"", "25010=2|25011=3|25012=0|25013=2|25011=1|25012=2|25013=2|", "25010=2|25011=3|25012=0|25013=2|25011=1|25012=1|25013=2|"}, "LIMIT TAKE_PROFIT STOP_LOSS"},
		// A pending one has no OrderQty until it comes.
		{"one pays for another", "2|25046=Y", []string{workLow, "40=1|55=BTCUSDT|54=2"}, []string{"", "25010=1|25011=3|25012=0|25013=1|"}, "LIMIT MARKET"},
		{"one pays for two at a price", "2|25046=Y", []string{workLow, unpaid(limitBelow + sell), unpaid(limitAbove + sell)},
			[]string{"", "25010=2|25011=3|25012=0|25013=2|25011=1|25012=2|25013=2|", "25010=2|25011=3|25012=0|25013=2|25011=1|25012=1|25013=2|"}, "LIMIT STOP_LOSS_LIMIT TAKE_PROFIT_LIMIT"},
		{"one pays for two", "2|25046=Y", []string{makerLow + buy, unpaid(stopBelow + sell), unpaid(makerHi + sell)},
			[]string{"", "25010=2|25011=3|25012=0|25013=2|25011=2|25012=2|25013=2|", "25010=2|25011=3|25012=0|25013=2|25011=1|25012=1|25013=2|"}, "LIMIT_MAKER STOP_LOSS LIMIT_MAKER"},
	} {
		t.Run(c.what, func(t *testing.T) {
			ada.t, l.t = t, t
			ids := make([]string, len(c.orders))
			for j := range ids {
				ids[j] = fmt.Sprintf("o%d-%d", i, j)
			}
			fields := func(triggers []string) string {
				s := fmt.Sprintf("25014=list-%d|1385=%s|73=%d", i, c.contingency, len(c.orders))
				for j, o := range c.orders {
					s += "|11=" + ids[j] + "|" + o + "|" + strings.TrimSuffix(triggers[j], "|")
				}
				return s
			}
			for j, right := range c.triggers {
				for _, other := range []string{"", "25010=1|25011=2|25012=0|25013=2|", strings.Replace(right, "25012="+strconv.Itoa(len(ids)-j)+"|", "25012=7|", 1), strings.Replace(right, "25012=0|25013=2|25", "25012=1|25013=2|25", 1)} {
					if other == right {
						continue
					}
					changed := slices.Clone(c.triggers)
					changed[j] = other
					ada.send("E", fields(changed))
					// The table prints CANCEL for what releases: see listed.sent.
					want := cmp.Or(strings.Replace(right, "25011=3|25012=0|25013=2|", "25011=3|25012=0|25013=1|", 1), "NONE")
					if m := ada.wants("35=3|372=E|371=25010|373=5|25016=-1174"); !strings.HasSuffix(m.get(tagText), " order. Recommendation: '"+want+"'") {
						t.Errorf("order %d with %q: %s", j, other, m.get(tagText))
					}
				}
			}
			released := make([]string, len(ids)) // as the words of the table have it
			for j, s := range c.triggers {
				released[j] = strings.Replace(s, "25011=3|25012=0|25013=2|", "25011=3|25012=0|25013=1|", 1)
			}
			for _, triggers := range [][]string{c.triggers, released} {
				ada.send("E", fields(triggers))
				for j := range ids {
					switch m := ada.wants("35=8|150=0"); {
					case strings.Contains(c.contingency, "25046") && j > 0:
						if m.has(tagOrderQty) || m.get(tagOrdStatus) != "A" {
							t.Errorf("what another pays for: %s", written(m))
						}
					case m.get(tagOrderQty) != "0.01000000":
						t.Errorf("the quantity: %s", written(m))
					}
				}
				m := ada.wants(fmt.Sprintf("35=N|55=BTCUSDT|25014=list-%d|25015=list-%d|1385=%s|429=4|431=3|73=%d|25016=-", i, i, c.contingency[:1], len(ids)))
				all := l.View().OrderLists(l.ada.account)
				of := map[string]uint64{}
				types := make([]string, len(ids))
				for j, id := range ids {
					o, _ := l.View().Order(l.ada.account, 0, id)
					of[id], types[j] = o.ID, o.Type.String()
				}
				// A pair that buys is told from above, as the venue has it: the triggers point at the orders as they are told.
				told := slices.SortedFunc(maps.Keys(of), func(a, b string) int { return int(of[a]) - int(of[b]) })
				point := func(s string) string {
					for j, id := range ids {
						s = strings.Replace(s, fmt.Sprintf("25012=%d|25013=2|", j), fmt.Sprintf("25012=at%d|25013=2|", slices.Index(told, id)), 1)
					}
					return strings.ReplaceAll(s, "=at", "=")
				}
				want := fmt.Sprintf("73=%d|", len(ids))
				for n, id := range told {
					if all[len(all)-1].Orders[n] != of[id] {
						t.Errorf("orders %v of the list %+v", of, all[len(all)-1])
					}
					want += fmt.Sprintf("55=BTCUSDT|37=%d|11=%s|%s", of[id], id, point(released[slices.Index(ids, id)]))
				}
				if got := written(m); !strings.HasSuffix(got, want) {
					t.Errorf("told %s\nwant at its end %s", got, want)
				}
				if got := strings.Join(types, " "); got != c.types {
					t.Errorf("placed %s, want %s", got, c.types)
				}
				ada.send("F", fmt.Sprintf("11=cancel-%d|25015=list-%d|55=BTCUSDT", i, i))
				for range ids {
					ada.wants("35=8|11=cancel-" + strconv.Itoa(i) + "|150=4")
				}
				ada.wants(fmt.Sprintf("35=N|25014=list-%d|429=5|431=6", i))
			}
		})
	}
}

// TestOneCancelsTheOther: when one of two trades the other ends, and when the price of the stop comes the limit does.
func TestOneCancelsTheOther(t *testing.T) {
	l := goCalm(t)
	ada, acks, bob := l.dial("ADA").logon(l.ada, ""), l.dial("ACKS").logon(l.ada, "|25036=2"), l.dial("BOB").logon(l.bob, "")
	l.traded(ada, bob)
	ada.send("E", "25014=one|1385=1|25046=N|"+pairOfSells("one", "0.1", "39000", "41000"))
	below := ada.wants("35=8|11=one-below|150=0|39=0|40=3|1102=39000.00000000|1109=D|636=-|25023=-")
	above := ada.wants("35=8|11=one-above|150=0|39=0|40=2|18=6|44=41000.00000000|636=Y|66=" + below.get(tagListID))
	id := ada.wants("35=N|25014=one|1385=1|429=4|431=3|73=2|37=" + below.get(tagOrderID)).get(tagListID)
	if id != above.get(tagListID) || id == "" {
		t.Errorf("list %q, its orders' is %q", id, above.get(tagListID))
	}

	// Its limit is met in part, then whole.
	bob.send("D", "11=buy-1|38=0.04|40=1|54=1|55=BTCUSDT")
	bob.wants("35=8|150=0", "35=8|150=F|31=41000.00000000")
	told := func(want ...string) { // in any order, for the record has its own
		t.Helper()
		var got []string
		for range want {
			m := ada.wants("66=" + id)
			got = append(got, m.get(tagMsgType)+" "+m.get(tagClOrdID)+" "+m.get(tagExecType)+m.get(tagListOrderStatus)+" "+m.get(tagOrdStatus)+m.get(tagListStatusType))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("told %q\nwant %q", got, want)
		}
	}
	told("8 one-above F 1", "8 one-below C C")
	bob.send("D", "11=buy-2|38=0.06|40=1|54=1|55=BTCUSDT")
	bob.wants("35=8|150=0", "35=8|150=F|32=0.06000000")
	told("8 one-above F 2", "N one-below 6 5")

	// The price of its stop comes: it sells for what there is, and the limit has ended before.
	ada.send("E", "25014=two|1385=1|"+pairOfSells("two", "0.1", "39000", "42000"))
	ada.wants("35=8|11=two-below|150=0", "35=8|11=two-above|150=0")
	id = ada.wants("35=N|25014=two|429=4").get(tagListID)
	bob.send("D", "11=bid|38=1|40=2|44=38900|54=1|55=BTCUSDT|59=1")
	bob.wants("35=8|11=bid|150=0")
	ada.send("D", "11=down|38=0.01|40=1|54=2|55=BTCUSDT")
	ada.wants("35=8|11=down|150=0", "35=8|11=down|150=F|31=38900.00000000")
	bob.wants("35=8|150=F|32=0.01000000", "35=8|150=F|32=0.10000000")
	told("8 two-above C C", "8 two-below 0 0", "8 two-below F 2", "N two-below 6 5")

	acks.send("XLQ", "6136=q") // and who wants acknowledgements alone has heard of nothing
	acks.wants("35=XLR")
}

// TestOneTriggersTheOther: what waits for an order comes when it is filled whole, and ends with it.
func TestOneTriggersTheOther(t *testing.T) {
	l := goCalm(t)
	ada, bob := l.dial("ADA").logon(l.ada, ""), l.dial("BOB").logon(l.bob, "")
	l.traded(ada, bob)
	working := func(name string) string { return "11=" + name + "-w|38=0.1|40=2|44=39000|54=1|55=BTCUSDT|59=1" }
	bob.send("E", "25014=two|1385=2|73=2|"+working("two")+"|11=two-p|38=0.05|40=2|44=45000|54=2|55=BTCUSDT|59=1"+whenFull)
	bob.wants("35=8|11=two-w|150=0|39=0|54=1|636=Y", "35=8|11=two-p|150=0|39=A|54=2|636=-|151=0.05", "35=N|25014=two|1385=2|429=4|431=3|73=2")
	ada.send("D", "11=sell-1|38=0.04|40=1|54=2|55=BTCUSDT")
	bob.wants("35=8|11=two-w|150=F|39=1")
	ada.send("D", "11=sell-2|38=0.06|40=1|54=2|55=BTCUSDT")
	bob.wants("35=8|11=two-w|150=F|39=2", "35=8|11=two-p|150=0|39=0|44=45000.00000000|636=Y")
	bob.send("F", "11=enough|41=two-p|55=BTCUSDT")
	bob.wants("35=8|11=enough|41=two-p|150=4", "35=N|25014=two|429=5|431=6")

	// A pair comes, and of that one cancels the other.
	bob.send("E", "25014=three|1385=2|73=3|"+working("three")+
		"|11=three-b|38=0.05|40=4|44=38000|59=1|54=2|55=BTCUSDT"+stop+"|1102=38500|1109=D|25010=2|25011=3|25012=0|25013=1|25011=2|25012=2|25013=2"+
		"|11=three-a|38=0.05|40=2|18=6|44=42000|54=2|55=BTCUSDT|25010=2|25011=3|25012=0|25013=1|25011=1|25012=1|25013=2")
	bob.wants("35=8|11=three-w|150=0|39=0", "35=8|11=three-b|150=0|39=A|40=4|1102=38500.00000000", "35=8|11=three-a|150=0|39=A|18=6", "35=N|25014=three|1385=2|429=4|73=3")
	ada.wants("35=8|11=sell-1|150=0", "35=8|150=F", "35=8|11=sell-2|150=0", "35=8|150=F")
	ada.send("D", "11=sell-3|38=0.1|40=1|54=2|55=BTCUSDT")
	ada.wants("35=8|11=sell-3|150=0", "35=8|150=F|39=2")
	bob.wants("35=8|11=three-w|150=F|39=2", "35=8|11=three-b|150=0|39=0", "35=8|11=three-a|150=0|39=0")
	l.Fund(l.ada.account, "USDT", "100000")
	ada.send("D", "11=buy-1|38=0.05|40=1|54=1|55=BTCUSDT")
	ada.wants("35=8|11=buy-1|150=0", "35=8|150=F|31=42000.00000000|39=2")
	seen := map[string]string{}
	for range 2 {
		m := bob.wants("35=8|151=0")
		seen[m.get(tagClOrdID)] = m.get(tagExecType)
	}
	if fmt.Sprint(seen) != "map[three-a:F three-b:C]" {
		t.Errorf("of the pair: %v", seen)
	}
	bob.wants("35=N|25014=three|429=5|431=6")

	// With the working order what waits for it ends.
	bob.send("E", "25014=none|1385=2|73=2|"+working("none")+"|11=none-p|38=0.05|40=1|54=2|55=BTCUSDT"+whenFull)
	bob.wants("35=8|11=none-w|150=0", "35=8|11=none-p|150=0|39=A", "35=N|429=4")
	bob.send("XAK", "11=none-l|41=none-w|38=0.08|55=BTCUSDT")
	bob.wants("35=8|11=none-l|150=5|38=0.08000000")
	if m := bob.wants("35=N|25014=none|1385=2|429=100|431=3|73=2"); m.get(tagClOrdID) != "none-l" {
		t.Errorf("one of its orders is called %s", m.get(tagClOrdID))
	}
	bob.send("F", "11=cancel|41=none-l|55=BTCUSDT")
	bob.wants("35=8|41=none-l|150=4", "35=8|41=none-p|150=4", "35=N|25014=none|429=5|431=6")
}

// TestListAcks: who hears acknowledgements only hears of the lists it places and cancels, and of nothing that becomes of them.
func TestListAcks(t *testing.T) {
	l := goCalm(t)
	ada, acks, bob := l.dial("ADA").logon(l.ada, ""), l.dial("ACKS").logon(l.ada, "|25036=2"), l.dial("BOB").logon(l.bob, "")
	l.traded(ada, bob)
	acks.send("E", "25014=one|1385=1|"+pairOfSells("one", "0.1", "39000", "41000"))
	acks.wants("35=8|11=one-below|150=0", "35=8|11=one-above|150=0", "35=N|25014=one|429=4|431=3")
	ada.wants("35=8|11=one-below|150=0", "35=8|11=one-above|150=0", "35=N|25014=one|429=4")
	bob.send("D", "11=buy-1|38=0.1|40=1|54=1|55=BTCUSDT")
	bob.wants("35=8|150=0", "35=8|150=F")
	ada.wants("35=8", "35=8", "35=N|25014=one|429=5")
	acks.send("E", "25014=two|1385=1|"+pairOfSells("two", "0.1", "39000", "42000"))
	acks.wants("35=8|11=two-below|150=0", "35=8|11=two-above|150=0", "35=N|25014=two|429=4")
	acks.send("F", "11=enough|25015=two|55=BTCUSDT")
	acks.wants("35=8|11=enough|150=4", "35=8|11=enough|150=4", "35=N|25014=two|429=5|431=6")
	acks.send("E", "25014=three|1385=1|"+pairOfSells("three", "0.1", "39000", "42000"))
	acks.wants("35=8|11=three-below|150=0", "35=8|11=three-above|150=0", "35=N|25014=three|429=4")
	acks.send("q", "11=all|55=BTCUSDT|530=1")
	seen := map[string]int{}
	for range 4 {
		m := acks.wants("55=BTCUSDT")
		seen[m.get(tagMsgType)+m.get(tagExecType)+m.get(tagAffected)+m.get(tagListStatusType)]++
	}
	if fmt.Sprint(seen) != "map[84:2 N5:1 r2:1]" {
		t.Errorf("all cancelled: %v", seen)
	}
	// That an order comes to the book by another's end, or by a price, is told as NEW again, and nobody asked for that.
	acks.send("E", "25014=four|1385=2|73=2|11=four-w|38=0.02|40=2|44=41000|54=2|55=BTCUSDT|59=1|11=four-p|38=0.02|40=2|44=42000|54=2|55=BTCUSDT|59=1"+whenFull)
	acks.wants("35=8|11=four-w|150=0|39=0", "35=8|11=four-p|150=0|39=A", "35=N|25014=four|429=4")
	bob.send("D", "11=buy-2|38=0.02|40=1|54=1|55=BTCUSDT")
	bob.wants("35=8|150=0", "35=8|150=F|39=2")
	acks.send("XLQ", "6136=q")
	acks.wants("35=XLR|25005=7")
}

// TestRefusedLists: what cannot be meant is a Reject that names the field, what is not done a ListStatus.
func TestRefusedLists(t *testing.T) {
	l := goCalm(t)
	ada, bob := l.dial("ADA").logon(l.ada, ""), l.dial("BOB").logon(l.bob, "")
	l.traded(ada, bob)
	pair := pairOfSells("x", "0.1", "39000", "41000")
	sent := func(old, new string) string {
		if !strings.Contains(pair, old) {
			t.Fatalf("%q is not in %s", old, pair)
		}
		return "25014=list|1385=1|" + strings.Replace(pair, old, new, 1)
	}
	const last = "|25010=1|25011=1|25012=0|25013=2" // of pair
	otoco := "|11=x-w|38=0.1|40=2|44=39000|54=1|55=BTCUSDT|59=1|11=x-b|38=0.1|40=3|54=2|55=BTCUSDT" + stop + "|1102=38500|1109=D|25010=2|25011=3|25012=0|25013=1|25011=2|25012=2|25013=2" +
		"|11=x-a|38=0.1|40=2|18=6|44=42000|54=2|55=BTCUSDT|25010=2|25011=3|25012=0|25013=1|25011=1|25012=1|25013=2"
	for _, c := range []struct{ what, fields, want string }{
		{"no name", "1385=1|" + pair, "371=25014|373=1|25016=-1102"},
		{"a name of another form", "25014=a b|1385=1|" + pair, "371=25014|373=6|25016=-1100"},
		{"an order's name of another form", sent("11=x-above", "11=x!"), "371=11|373=6|25016=-1100"},
		{"no contingency", "25014=list|" + pair, "371=1385|373=1"},
		{"another contingency", "25014=list|1385=3|" + pair, "371=1385|373=5"},
		{"no orders", "25014=list|1385=1", "371=73|373=1"},
		{"none", "25014=list|1385=1|73=0", "371=73|373=5"},
		{"one", "25014=list|1385=1|73=1|11=x|38=0.1|40=2|18=6|44=41000|54=2|55=BTCUSDT", "371=73|373=5"},
		{"three of which one cancels the other", "25014=list|1385=1|73=3" + otoco, "371=73|373=5"},
		{"four", "25014=list|1385=2|73=4|11=a|40=1|54=1|55=BTCUSDT|11=b|40=1|54=1|55=BTCUSDT|11=c|40=1|54=1|55=BTCUSDT|11=d|40=1|54=1|55=BTCUSDT", "371=73|373=5"},
		{"fewer than are said", sent("73=2", "73=3"), "371=73|373=16|25016=-1188|58=Incorrect NumInGroup count for repeating group 'NoOrders (73)'."},
		{"more than are said", sent("73=2", "73=1"), "371=73|373=16|25016=-1188"},
		{"a number that is none", sent("73=2", "73=two"), "371=73|373=16|25016=-1188"},
		{"orders before their number", "25014=list|1385=1|11=x|73=2", "371=11|373=15|25016=-1173|58=Repeating group 'NoOrders (73)' fields out of order."},
		{"an order that does not begin with its name", sent("73=2|11=x-below|38=0.1", "73=2|38=0.1|11=x-below"), "371=38|373=15|25016=-1173"},
		{"a field after the orders", strings.Replace(sent("73=2", "73=2"), "|11=x-above", "|25046=N|11=x-above", 1), "371=11|373=15|25016=-1173"},
		{"twice in an order", sent("|1109=D", "|1109=D|1109=U"), "371=1109|373=13|25016=-1171"},
		{"twice in the list", "25014=list|25014=list|1385=1|" + pair, "371=25014|373=13"},
		{"two groups of orders", sent(last, last+"|73=2"), "371=73|373=13"},
		{"a pair by what the first brings", "25046=Y|" + sent("73=2", "73=2"), "371=25046|373=5|25016=-1130"},
		{"or what else", "25046=1|" + sent("73=2", "73=2"), "371=25046|373=5|25016=-1130"},
		{"a peg", sent("|44=41000", "|44=41000|1094=5"), "371=1094|373=2|25016=-1170"},
		{"a pegged order", sent("|40=2|18=6", "|40=P"), "371=40|373=5"},
		{"routing", sent("|44=41000", "|44=41000|25032=N"), "371=25032|373=2|25016=-1170"},
		{"a field of another message", sent("73=2", "41=x|73=2"), "371=41|373=2|25016=-1170"},
		{"no type", sent("|40=3", ""), "371=40|373=1"},
		{"no side", sent("|54=2", ""), "371=54|373=1"},
		{"no market", sent("|55=BTCUSDT", ""), "371=55|373=1"},
		{"a side that is none", strings.ReplaceAll(sent("73=2", "73=2"), "|54=2", "|54=3"), "371=54|373=5|25016=-1130"},
		{"a force that is none", sent("|44=41000", "|44=41000|59=2"), "371=59|373=5"},
		{"a mode that is none", strings.ReplaceAll(sent("73=2", "73=2"), "|40=", "|25001=9|40="), "371=25001|373=5"},
		{"a strategy that is none", sent("|44=41000", "|44=41000|7940=a"), "371=7940|373=5"},
		{"a strategy's kind below the least", sent("|44=41000", "|44=41000|847=999999"), "371=847|373=5"},
		{"two sides", sent("|54=2", "|54=1"), "371=54|373=5|25016=-1182|58=Conflicting fields: [54]"},
		{"two quantities", sent("|38=0.1", "|38=0.2"), "371=38|373=5|25016=-1182"},
		{"two markets", sent("|55=BTCUSDT", "|55=ETHUSDT"), "371=55|373=5|25016=-1182"},
		{"two modes", sent("|44=41000", "|44=41000|25001=2"), "371=25001|373=5|25016=-1182"},
		{"two sides of a pair that waits", "25014=list|1385=2|73=3" + strings.Replace(otoco, "|54=2", "|54=1", 1), "371=54|373=5|25016=-1182"},
		{"two quantities of a pair that waits", "25014=list|1385=2|73=3" + strings.Replace(otoco, "11=x-b|38=0.1", "11=x-b|38=0.2", 1), "371=38|373=5|25016=-1182"},
		{"no triggers", sent(last, ""), "371=25010|373=5|25016=-1174|58=Component 'ListTriggeringInstruction' is incorrectly populated on 'above' order. Recommendation: '25010=1|25011=1|25012=0|25013=2|'"},
		{"triggers of the first", "25014=list|1385=2|73=2|11=w|38=0.1|40=2|44=39000|54=1|55=BTCUSDT|59=1|25010=1|25011=1|25012=1|25013=2|11=p|38=0.1|40=1|54=2|55=BTCUSDT" + whenFull,
			"371=25010|25016=-1174|58=Component 'ListTriggeringInstruction' is incorrectly populated on 'working' order. Recommendation: 'NONE'"},
		{"a trigger that ends what waits", "25014=list|1385=2|73=2|11=w|38=0.1|40=2|44=39000|54=1|55=BTCUSDT|59=1|11=p|38=0.1|40=1|54=2|55=BTCUSDT|25010=1|25011=3|25012=0|25013=2",
			"371=25010|25016=-1174|58=Component 'ListTriggeringInstruction' is incorrectly populated on 'pending' order. Recommendation: '25010=1|25011=3|25012=0|25013=1|'"},
		{"fewer triggers than are said", sent(last, strings.Replace(last, "25010=1", "25010=2", 1)), "371=25010|373=16|25016=-1188|58=Incorrect NumInGroup count for repeating group 'NoListTriggeringInstructions (25010)'."},
		{"triggers without their number", sent(last, "|25011=1|25012=0|25013=2"), "371=25011|373=15|25016=-1173"},
		{"a trigger that does not begin with its type", sent(last, "|25010=1|25012=0|25011=1|25013=2"), "371=25012|373=15|25016=-1173"},
		{"a trigger without its order", sent(last, "|25010=1|25011=1|25013=2"), "371=25012|373=1"},
		{"a trigger without its action", sent(last, "|25010=1|25011=1|25012=0"), "371=25013|373=1"},
		{"a trigger's field twice", sent(last, last+"|25013=1"), "371=25013|373=13"},
		{"triggers in two places", sent(last, "|25010=1|25011=1|38=0.1|25012=0|25013=2"), "371=38|373=13"},

		// In the words of the endpoint.
		{"a limit that would take", sent("|40=2|18=6", "|40=2|59=1"), "25016=-1158|58=Order type not supported in OCO."},
		{"no stop price", sent("|1102=39000", ""), "373=1|25016=-1102|58=Mandatory parameter 'belowStopPrice' was not sent, was empty/null, or malformed."},
		{"no price", sent("|44=41000", ""), "373=1|25016=-1102|58=Mandatory parameter 'abovePrice' was not sent, was empty/null, or malformed."},
		{"no quantity", strings.ReplaceAll(sent("73=2", "73=2"), "|38=0.1", ""), "373=1|25016=-1102"},
		{"money where there is a quantity", sent("|44=41000", "|44=41000|152=10"), "373=2|25016=-1106|58=Parameter 'aboveQuoteOrderQty' sent when not required."},
		{"a force where there is none", sent("|44=41000", "|44=41000|59=1"), "373=2|25016=-1106"},
		{"what is shown of an order without a limit", sent("|1109=D", "|1109=D|111=0.01"), "373=2|25016=-1106"},
		{"the limit below", "25014=list|1385=1|73=2|11=b|38=0.1|40=2|18=6|44=39000|54=2|55=BTCUSDT" + fmt.Sprintf(whenPrice, 1) + "|11=a|38=0.1|40=3|54=2|55=BTCUSDT" + stop + "|1102=41000|1109=D" + fmt.Sprintf(whenTrade, 0),
			"25016=-1166|58=A limit order in a sell OCO must be above."},
		{"two limits", "25014=list|1385=1|73=2|11=b|38=0.1|40=2|18=6|44=39000|54=2|55=BTCUSDT" + fmt.Sprintf(whenTrade, 1) + "|11=a|38=0.1|40=2|18=6|44=41000|54=2|55=BTCUSDT" + fmt.Sprintf(whenTrade, 0), "25016=-1168"},
		{"no such market", strings.ReplaceAll(sent("73=2", "73=2"), "BTCUSDT", "NOPE"), "371=55|373=5|25016=-1121"},
	} {
		t.Run(c.what, func(t *testing.T) {
			ada.t = t
			if !strings.Contains(c.want, "|58=") {
				ada.send("E", c.fields)
				ada.wants("35=3|372=E|" + c.want)
				return
			}
			want, text, _ := strings.Cut(c.want, "|58=")
			ada.send("E", c.fields)
			if m := ada.wants("35=3|372=E|" + want); m.get(tagText) != text {
				t.Errorf("it says %q, want %q", m.get(tagText), text)
			}
		})
	}
	ada.t = t
	for _, c := range []struct{ what, fields, want string }{
		{"more than there is", strings.ReplaceAll(sent("73=2", "73=2"), "|38=0.1", "|38=3"), "25016=-2010|58=Account has insufficient balance for requested action."},
		{"prices the wrong way round", sent("|1102=39000", "|1102=41500"), "25016=-2010|58=The relationship of the prices for the orders is not correct."},
		{"a stop beyond the last price", sent("|1102=39000", "|1102=40500"), "25016=-2010|58=The relationship of the prices for the orders is not correct."},
		{"a price too fine", sent("|1102=39000", "|1102=39000.001"), "25016=-1013|58=Filter failure: PRICE_FILTER"},
		{"a quantity too small", strings.ReplaceAll(sent("73=2", "73=2"), "|38=0.1", "|38=0.000001"), "25016=-1013|58=Filter failure: LOT_SIZE"},
		{"one name for two", sent("11=x-above", "11=x-below"), "25016=-2010|58=Duplicate order sent."},
		{"a first order that takes at once", "25014=list|1385=2|73=2|11=w|38=0.1|40=1|54=1|55=BTCUSDT|11=p|38=0.1|40=1|54=2|55=BTCUSDT" + whenFull, "25016=-1014|58=Unsupported order combination."},
	} {
		t.Run(c.what, func(t *testing.T) {
			ada.t = t
			ada.send("E", c.fields)
			m := ada.wants("35=N|55=BTCUSDT|66=-|25014=list|25015=list|429=2|431=7|1386=99|73=2|103=99|37=-|" + c.want)
			if c.what != "one name for two" && !strings.Contains(written(m), "|73=2|55=BTCUSDT|11=x-below|55=BTCUSDT|11=x-above|103=99|") && !strings.Contains(written(m), "|73=2|55=BTCUSDT|11=w|55=BTCUSDT|11=p|103=99|") {
				t.Errorf("refused, and its orders are not named: %s", written(m))
			}
			if got := m[len(m)-3:]; got[0].tag != tagOrdReject || got[1].tag != tagErrorCode || got[2].tag != tagText {
				t.Errorf("the refusal does not end with why: %s", written(m))
			}
		})
	}
	ada.t = t
	if open := l.View().Orders(l.ada.account, true); len(open) != 0 {
		t.Errorf("refused, and yet: %+v", open)
	}
	// The same list is placed, of which each was a change, and not a second time under its name.
	ada.send("E", "25014=list|1385=1|"+pair)
	ada.wants("35=8|11=x-below|150=0", "35=8|11=x-above|150=0", "35=N|25014=list|429=4")
	ada.send("E", "25014=list|1385=1|"+strings.ReplaceAll(pair, "11=x", "11=y"))
	ada.wants("35=N|25014=list|431=7|25016=-2010|58=Duplicate order sent.|11=y-below")
	ada.send("E", "25014=other|1385=2|73=3"+strings.ReplaceAll(otoco, "11=x", "11=z"))
	ada.wants("35=N|25014=other|1385=2|431=7|73=3|25016=-2010|58=Account has insufficient balance for requested action.")
}

// TestListsOfTheStopped: who may not trade hears it of a list too, with the decision.
func TestListsOfTheStopped(t *testing.T) {
	l := goCalm(t)
	o := l.Open("us", sample.Listed(t))
	c := l.dial("F").logon(l.keyed(o.Account, exchange.KeyTerms{}), "")
	c.send("E", "25014=list|1385=1|"+pairOfSells("x", "0.1", "39000", "41000"))
	m := c.wants("35=N|25014=list|429=2|431=7|1386=99|25016=-2010")
	if text := m.get(tagText); !strings.HasPrefix(text, "This action is disabled on this account. (") || !strings.Contains(text, "(freeze)") || !strings.HasSuffix(text, "; decision "+o.Decision.ID+")") {
		t.Errorf("it says %q, decision %s", text, o.Decision.ID)
	}
}

// TestListsBounded: what an account may have open in all markets is bounded here as on the wire.
func TestListsBounded(t *testing.T) {
	g := sample.Genesis()
	g.Markets[0].MaxLists, g.MaxOpen.Orders = 1, 3
	l := goLiveOn(t, sample.Of(t, g), binance.Options{}, time.Second)
	l.Fund(l.ada.account, "BTC", "10")
	ada := l.dial("ADA").logon(l.ada, "")
	ada.send("E", "25014=a|1385=1|"+pairOfSells("a", "0.1", "39000", "41000"))
	ada.wants("35=8", "35=8", "35=N|429=4")
	ada.send("E", "25014=b|1385=1|"+pairOfSells("b", "0.1", "39000", "41000"))
	ada.wants("35=N|25014=b|431=7|25016=-1013|58=Filter failure: MAX_NUM_ORDER_LISTS")
	for _, one := range []struct{ id, answer string }{{"c", "35=8|150=0"}, {"d", "35=8|150=8|25016=-1013|58=Filter failure: EXCHANGE_MAX_NUM_ORDERS"}} {
		ada.send("D", "11="+one.id+"|38=0.1|40=2|44=41000|54=2|55=BTCUSDT|59=1")
		ada.wants(one.answer)
	}
}

// TestListLimits: each order of a list counts, for the market's bounds and for what an account may send.
func TestListLimits(t *testing.T) {
	g := sample.Genesis()
	g.Markets[0].MaxOrders, g.Markets[0].MaxStops = 3, 2
	l := goLiveOn(t, sample.Of(t, g), binance.Options{OrdersPer10s: 6}, time.Second)
	l.Fund(l.ada.account, "BTC", "10")
	ada, bob := l.dial("ADA").logon(l.ada, ""), l.dial("BOB").logon(l.bob, "")
	l.traded(ada, bob) // which takes what it counts off
	counts := func(want string) {
		t.Helper()
		ada.send("XLQ", "6136=q")
		if m := written(ada.wants("35=XLR")); !strings.Contains(m, "|25004=1|25005="+want+"|25006=6|") {
			t.Errorf("%s, want %s orders", m, want)
		}
	}
	ada.send("E", "25014=a|1385=1|"+pairOfSells("a", "0.1", "39000", "41000"))
	ada.wants("35=8", "35=8", "35=N|429=4")
	counts("2")
	ada.send("E", "25014=b|1385=1|"+pairOfSells("b", "0.1", "39000", "41000"))
	ada.wants("35=N|25014=b|431=7|25016=-1013|58=Filter failure: MAX_NUM_ORDERS")
	counts("2")
	ada.send("F", "11=c|25015=a|55=BTCUSDT")
	ada.wants("35=8|150=4", "35=8|150=4", "35=N|429=5")
	for i, name := range []string{"d", "e"} {
		ada.send("E", "25014="+name+"|1385=1|"+pairOfSells(name, "0.1", "39000", "41000"))
		ada.wants("35=8", "35=8", "35=N|429=4")
		ada.send("F", "11=c"+name+"|25015="+name+"|55=BTCUSDT")
		ada.wants("35=8|150=4", "35=8|150=4", "35=N|429=5")
		counts(strconv.Itoa(4 + 2*i))
	}
	ada.send("E", "25014=f|1385=1|"+pairOfSells("f", "0.1", "39000", "41000"))
	if m := ada.wants("35=N|25014=f|431=7|25016=-1015"); !strings.HasPrefix(m.get(tagText), "Too many new orders") {
		t.Errorf("it says %q", m.get(tagText))
	}
	counts("6")
	if open := l.View().Orders(l.ada.account, true); len(open) != 0 {
		t.Errorf("refused, and yet: %+v", open)
	}
	if a, _ := l.View().Account(l.ada.account); !a.Balances[0][ledger.Ordered].IsZero() {
		t.Errorf("nothing is open, and reserved is %v", a.Balances[0])
	}
}

// FuzzList: whatever fields come, each lies where it belongs or the message is refused, and what an
// endpoint is asked has each value that is no word of FIX.
func FuzzList(f *testing.F) {
	f.Add("25014=list|1385=1|" + pairOfSells("x", "0.1", "39000", "41000"))
	f.Add("1385=2|73=2|11=w|38=0.1|40=2|44=39000|54=1|55=BTCUSDT|59=1|7940=5|847=1000000|11=p|152=10|40=1|54=2|55=BTCUSDT" + whenFull + "|25014=a|25046=N")
	f.Add("25014=b|1385=2|73=3|11=w|38=0.1|40=2|44=39000|54=1|55=BTCUSDT|59=1|111=0.01|11=b|38=0.1|40=3|54=2|55=BTCUSDT" + stop + "|25009=100|1102=38500|1109=D|25010=2|25011=3|25012=0|25013=2|25011=2|25012=2|25013=2" +
		"|11=a|38=0.1|40=2|18=6|44=42000|54=2|55=BTCUSDT|25010=2|25011=3|25012=0|25013=1|25011=1|25012=1|25013=2")
	f.Add("25014=c|1385=1|73=2|11=a|25010=1|25012=0|25011=1|11=b|25010=0|211=1")
	fuzzing.Bound(f)
	f.Fuzz(func(t *testing.T, s string) {
		m := message{{tagMsgType, "E"}}
		for f := range strings.SplitSeq(s, "|") {
			if tag, v, ok := strings.Cut(f, "="); ok && text(v) {
				if n, err := strconv.ParseUint(tag, 10, 16); err == nil {
					m = append(m, field{int(n), v})
				}
			}
		}
		list, orders, wrong := readList(m)
		if wrong != nil {
			if wrong.code == 0 || wrong.text == "" {
				t.Fatalf("%+v", wrong)
			}
			return
		}
		all := slices.Clone(list)
		for _, o := range orders {
			all = append(all, o.message...)
			for _, t := range o.triggers {
				all = append(all, t...)
			}
		}
		byTag := func(a, b field) int { return strings.Compare(written(message{a}), written(message{b})) }
		slices.SortFunc(all, byTag)
		sorted := slices.SortedFunc(slices.Values(m), byTag)
		if !slices.Equal(all, sorted) {
			t.Fatalf("read  %s\nwrote %s", written(sorted), written(all))
		}
		path, p, wrong := listOf(list, orders)
		if wrong != nil {
			return
		}
		if !strings.HasPrefix(path, "/api/v3/orderList/") || len(orders) != 2 && len(orders) != 3 || p["listClientOrderId"] != list.get(tagClListID) {
			t.Fatalf("%s %v", path, p)
		}
		values := slices.Collect(maps.Values(p))
		for _, o := range orders {
			for _, f := range o.message {
				if name := orderFields[f.tag]; name != "" && !slices.Contains(values, f.value) {
					t.Fatalf("%v has not %d=%s", p, f.tag, f.value)
				}
			}
		}
	})
}
