// Package fix is the order entry and the drop copy of FIX 4.4 over a running exchange, as the published Spot FIX
// API has it (binance-spot-api-docs, fix-api.md): what it takes and sends, under which tags.
//
// It is another form of package binance's wire and no second one: each message becomes the
// parameters of an endpoint, asked through a binance.Link, and the account's events become
// ExecutionReports and ListStatus. Who is let in, what an order may be and what is refused, with which code and
// text, is settled there.
//
// A session begins with a Logon that an Ed25519 key has signed and has numbers from 1 on both
// sides. Nothing is sent again: a number that is not the next ends the session with a Logout that
// says so, and so do bytes that are no message. What may be asked after a Logon: NewOrderSingle,
// NewOrderList, OrderCancelRequest, OrderCancelRequestAndNewOrderSingle,
// OrderAmendKeepPriorityRequest, OrderMassCancelRequest, LimitQuery; of a drop copy LimitQuery
// alone, for it is told what happens to the account's orders and asks for nothing. Not served:
// market data.
//
// TestPublishedLogon holds the signature and the encoding to the published example,
// TestPublishedList and TestOrderListTypes order lists to the published examples and table;
// TestConversation shows a session; FuzzRead, FuzzList and FuzzSession put garbage in.
package fix

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"sallyport/api/binance"
)

// Options say how sessions are kept. The zero value is usable.
type Options struct {
	Clock func() time.Time // the exchange's, for the times on what is sent; nil is time.Now
	Log   *slog.Logger     // nil is silent

	// Of tests: what a second of HeartBtInt lasts.
	second time.Duration
}

const (
	ofAccount   = 10 // sessions of one account at once that enter orders, and as many drop copies, as published
	logonWithin = 10 * time.Second
	writeWithin = 10 * time.Second

	goodbyeWithin = 3 * time.Second
)

// A Server takes FIX connections until it is closed.
type Server struct {
	wire *binance.Server
	o    Options
	uuid string        // of this server, as the answers to Logons name it
	done chan struct{} // closed with it

	mu        sync.Mutex
	closed    bool
	listeners map[net.Listener]bool
	conns     map[net.Conn]bool
	sessions  map[uint64]map[string]bool // by account and SenderCompID, whether it is a drop copy. Invariant: at most ofAccount of one account are, and as many are not
	running   sync.WaitGroup
}

// New serves the endpoints of a wire.
func New(wire *binance.Server, o Options) *Server {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.second == 0 {
		o.second = time.Second
	}
	var b [16]byte
	rand.Read(b[:])                             // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80 // RFC 9562, section 5.4
	id := fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
	return &Server{wire: wire, o: o, uuid: id, done: make(chan struct{}), listeners: map[net.Listener]bool{}, conns: map[net.Conn]bool{}, sessions: map[uint64]map[string]bool{}}
}

// Serve takes connections of a listener until it or the server is closed; then it gives
// net.ErrClosed.
func (s *Server) Serve(l net.Listener) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return net.ErrClosed
	}
	s.listeners[l] = true
	s.mu.Unlock()
	wait := time.Duration(0)
	for {
		c, err := l.Accept()
		if err != nil {
			var passing interface{ Temporary() bool } // too many open files, as net/http has it
			if errors.As(err, &passing) && passing.Temporary() {
				wait = min(max(2*wait, 5*time.Millisecond), time.Second)
				select {
				case <-time.After(wait):
					continue
				case <-s.done:
				}
			}
			return err
		}
		wait = 0
		if !s.begin(c) {
			c.Close()
			return net.ErrClosed
		}
		go func() {
			defer s.end(c)
			s.session(c)
		}()
	}
}

func (s *Server) begin(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.conns[c] = true
	s.running.Add(1)
	return true
}

func (s *Server) end(c net.Conn) {
	c.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	s.running.Done()
}

// Close ends all sessions and waits for them. Closing the wire before lets them say goodbye.
func (s *Server) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.done)
	}
	for l := range s.listeners {
		l.Close()
	}
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
	return nil
}

// enter takes a session in under its name, if no other of the account has it and one more may be.
func (s *Server) enter(account uint64, name string, dropCopy bool) *binance.Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := s.sessions[account]
	alike := 0
	for _, d := range names {
		if d == dropCopy {
			alike++
		}
	}
	_, taken := names[name]
	switch {
	case taken:
		return &binance.Refusal{Code: -1033, Text: "SenderCompId(49) is currently in use. Concurrent use of the same SenderCompId within one account is not allowed."}
	case alike >= ofAccount:
		return &binance.Refusal{Code: -1034, Text: fmt.Sprintf("Too many concurrent connections; current limit is '%d'.", ofAccount)}
	case names == nil:
		names = map[string]bool{}
		s.sessions[account] = names
	}
	names[name] = dropCopy
	return nil
}

func (s *Server) leave(account uint64, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if delete(s.sessions[account], name); len(s.sessions[account]) == 0 {
		delete(s.sessions, account)
	}
}

// remoteOf is the address that a connection comes from, or none.
func remoteOf(c net.Conn) netip.Addr {
	a, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return a.Addr()
}
