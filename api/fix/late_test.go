package fix

import (
	"sync"
	"testing"
	"time"

	"sallyport/api/binance"
	"sallyport/api/internal/sample"
	"sallyport/exchange"
	"sallyport/venue/tape"
)

// TestLate: of what is not known to be carried out no report says that it was refused. It is told when it is carried out.
func TestLate(t *testing.T) {
	held := make(chan struct{})
	release := sync.OnceFunc(func() { close(held) })
	x := sample.With(t, func(c *exchange.Config) {
		c.Tried = func(cmd tape.Command) {
			if o, ok := cmd.(*tape.PlaceOrder); ok && o.ClientID == "late" {
				<-held
			}
		}
	})
	l := goLiveOn(t, x, binance.Options{AnswerWithin: 200 * time.Millisecond}, time.Second)
	defer release()
	ada := l.dial("ADA").logon(l.ada, "")
	ada.send("D", "11=before|38=0.5|40=2|44=40000|54=2|55=BTCUSDT|59=1")
	ada.send("D", "11=other|38=0.5|40=2|44=40000|54=2|55=BTCUSDT|59=1")
	ada.wants("35=8|11=before|150=0", "35=8|11=other|150=0")
	const text = "|373=99|25016=-1007|58=Timeout waiting for response from backend server. Send status unknown; execution status unknown."
	ada.send("D", "11=late|38=0.5|40=2|44=41000|54=2|55=BTCUSDT|59=1")
	ada.wants("35=3|45=4|372=D" + text)
	ada.send("F", "11=cancel|41=before|55=BTCUSDT")
	ada.wants("35=3|45=5|372=F" + text)
	ada.send("XCN", "25033=1|11=next|41=other|38=0.1|40=2|44=41000|54=2|55=BTCUSDT|59=1")
	ada.wants("35=3|45=6|372=XCN" + text)
	ada.send("XAK", "11=smaller|41=other|38=0.1|55=BTCUSDT")
	ada.wants("35=3|45=7|372=XAK" + text)
	ada.send("q", "11=all|55=BTCUSDT|530=1")
	ada.wants("35=3|45=8|372=q" + text)
	release()
	ada.wants("35=8|11=late|150=0|39=0", "35=8|11=cancel|41=before|150=4")
}
