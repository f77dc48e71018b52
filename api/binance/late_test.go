package binance

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/api/internal/sample"
	"sallyport/exchange"
	"sallyport/venue/tape"
)

// timedOut is the published answer to who asked for something of which it is not known yet whether it is carried out.
const timedOut = "Timeout waiting for response from backend server. Send status unknown; execution status unknown."

// stuck is start on an exchange that stands still at each command of some kind until it is released, and on a wire that is
// soon out of patience.
func stuck(t *testing.T, at func(tape.Command) bool) (x *sample.Exchange, ada *trader, release func()) {
	t.Helper()
	held := make(chan struct{})
	release = sync.OnceFunc(func() { close(held) })
	var begun atomic.Bool
	x = sample.With(t, func(c *exchange.Config) {
		c.Tried = func(cmd tape.Command) {
			if begun.Load() && at(cmd) {
				<-held
			}
		}
	})
	t.Cleanup(release) // before the exchange is closed, which waits for it
	patient := newTrader(t, x, New(x.Exchange, Options{Clock: x.Clock.Now}), "us", "Adaline Wrenfield", "US")
	x.Fund(patient.account, "BTC", "2")
	// The questions where they come from are answered.
	patient.yes(patient.do("POST", "/api/v3/order", strings.Replace(sell, "=late", "=before", 1)), new(orderAck))
	ada = new(trader)
	*ada = *patient
	ada.wire = New(x.Exchange, Options{Clock: x.Clock.Now, OrdersPer10s: 1, AnswerWithin: 50 * time.Millisecond})
	begun.Store(true)
	return x, ada, release
}

func places(c tape.Command) bool { _, ok := c.(*tape.PlaceOrder); return ok }

const sell = "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.5&price=40000&newClientOrderId=late"

// until waits for what comes by itself.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 2000 {
		if is() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("not in time: %s", what)
}

// An order that has no answer in time goes on: what decisions rest on does not change before the log has it, and it counts.
func TestLateOrder(t *testing.T) {
	x, ada, release := stuck(t, places)
	ada.no(ada.do("POST", "/api/v3/order", sell), 503, -1007, timedOut)
	known := make(chan bool, 1)
	go func() {
		if _, err := x.MarkLaw(); err != nil {
			t.Error(err)
		}
		_, ok := x.View().Order(ada.account, 0, "late")
		known <- ok
	}()
	select {
	case ok := <-known:
		known <- ok
	case <-time.After(50 * time.Millisecond):
	}
	release()
	if !<-known {
		t.Error("the law could change before an order that was let in under it was in the log")
	}
	until(t, "the order stands", func() bool { o, _ := x.View().Order(ada.account, 0, "late"); return o.Status == tape.StatusNew })
	if w := ada.do("POST", "/api/v3/order", strings.Replace(sell, "=late", "=next", 1)); w.Code != http.StatusTooManyRequests {
		t.Errorf("an order too many: %d %s", w.Code, w.Body)
	}
}

// Who waits for somebody who changes what decisions rest on is told so in time too.
func TestLateBehindAChange(t *testing.T) {
	reached := make(chan struct{})
	x, ada, release := stuck(t, func(c tape.Command) bool {
		_, ok := c.(*tape.OpenAccount)
		if ok {
			close(reached)
		}
		return ok
	})
	opened := make(chan error)
	go func() {
		_, err := x.Exchange.Open(exchange.Application{Operator: "us", Profile: sample.Somebody("Bertram Oakhollow", "CA")})
		opened <- err
	}()
	<-reached
	answered := make(chan *httptest.ResponseRecorder, 1)
	go func() { answered <- ada.do("POST", "/api/v3/order", sell) }()
	select {
	case w := <-answered:
		ada.no(w, 503, -1007, timedOut)
	case <-time.After(10 * time.Second):
		t.Error("no answer")
	}
	release()
	if err := <-opened; err != nil {
		t.Error(err)
	}
	until(t, "the order stands", func() bool { o, _ := x.View().Order(ada.account, 0, "late"); return o.Status == tape.StatusNew })
}

// A withdrawal that has no answer in time is asked for again under its withdrawOrderId, and is the same one.
func TestLateWithdrawal(t *testing.T) {
	x, ada, release := stuck(t, func(c tape.Command) bool { _, ok := c.(*tape.Withdraw); return ok })
	const ask = "coin=BTC&network=BTC&amount=0.5&address=1BoatSLRHtKNngkdXEeobR76b53LETtpyT&withdrawOrderId=mine"
	for range 2 {
		ada.no(ada.do("POST", "/sapi/v1/capital/withdraw/apply", ask), 503, -1007, timedOut)
	}
	release()
	until(t, "it is known again", func() bool {
		w := ada.do("POST", "/sapi/v1/capital/withdraw/apply", ask)
		if w.Code != http.StatusOK && w.Code != http.StatusServiceUnavailable {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		return w.Code == http.StatusOK
	})
	if n := len(x.View().Withdrawals(ada.account)); n != 1 {
		t.Errorf("%d withdrawals", n)
	}
}

// A request that fails by a mistake of ours takes nobody else down, and what it counted for is given back; where too much is under way
// nothing more is taken.
func TestFailedAndTooMany(t *testing.T) {
	x, _, ada, _ := start(t)
	s := New(x.Exchange, Options{Clock: x.Clock.Now})
	ada.wire = s
	e := s.routes["/api/v3/order"]["DELETE"]
	e.serve = func(*call) (any, error) { panic("planted") }
	s.routes["/api/v3/order"]["DELETE"] = e
	ada.no(ada.do("DELETE", "/api/v3/order", "symbol=BTCUSDT"), 500, -1000, "An unknown error occurred while processing the request.")
	until(t, "it is over", func() bool { return s.doing.Load() == 0 })
	s.doing.Store(mostDoing)
	ada.no(ada.do("POST", "/api/v3/order", sell), 503, -1008, "Server is currently overloaded with other requests. Please try again in a few minutes.")
	if n := s.doing.Load(); n != mostDoing {
		t.Errorf("%d under way, want %d", n, mostDoing)
	}
	s.doing.Store(mostDoing - 1)
	ada.yes(ada.do("POST", "/api/v3/order", sell), new(orderAck))
	until(t, "it is over", func() bool { return s.doing.Load() == mostDoing-1 })
}
