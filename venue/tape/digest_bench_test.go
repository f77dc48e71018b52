package tape

import (
	"testing"

	"sallyport/money"
)

// BenchmarkDigest is of what an order brings about that rests: itself and a balance.
func BenchmarkDigest(b *testing.B) {
	m := money.MustParse
	o := &OrderChanged{Order{OrderPlain: OrderPlain{
		ID: 1_234_567, Account: 1234, Side: 1, Type: Limit, Force: GTC, Price: m("30123.45"), Quantity: m("0.0123"),
		ClientID: "x-TKT5PX2F0000000000012", Status: StatusNew, Created: 1_645_800_000_000_000, Updated: 1_645_800_000_000_000, Working: 1_645_800_000_000_000,
	}}}
	c := &BalanceChanged{Account: 1234, Asset: 1, Balance: Balances{m("99123456.78"), m("370.5")}}
	events := []Event{o, c}
	b.ReportAllocs()
	for b.Loop() {
		Digest(events)
	}
}
