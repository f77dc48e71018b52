package exchange_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/book"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/money"
	"sallyport/venue/tape"
	"sallyport/watchlist"
)

// Whatever happens between the screening of customers against an edition and its taking up, everybody stands afterwards as if it had
// happened before both.
func TestEditionIsPreparedAhead(t *testing.T) {
	itself := func() entity.Profile {
		p := person("it", "Viktor Andreyevich Morozov", "1962-03-14", "RU", almaty)
		p.Gender = entity.Male
		p.Identifiers = morozov().Identifiers
		return p
	}
	other := person("it", "Maria Garcia", "1990-01-01", "ES", madrid)
	elsewhere := func() *watchlist.Edition { // of another list, which has morozov too
		m := morozov()
		m.List = "eu-fsf"
		e := madeUp(77, m)
		e.List = "eu-fsf"
		return e
	}
	cases := []struct {
		name    string
		before  func(c *clearing) uint64 // until the edition is looked at
		between func(c *clearing, account uint64)
		want    law.Verb
	}{
		{"nothing", func(c *clearing) uint64 { return c.open("us", itself()).Account }, nil, law.Freeze},
		{"nothing, to who is like nobody", func(c *clearing) uint64 { return c.open("us", other).Account }, nil, law.Allow},
		{"who is on it becomes a customer", nil, func(c *clearing, _ uint64) { c.open("us", itself()) }, law.Freeze},
		{"a customer becomes who is on it", func(c *clearing) uint64 { return c.open("us", other).Account }, func(c *clearing, n uint64) {
			if _, err := c.Amend(n, itself()); err != nil {
				c.t.Fatal(err)
			}
		}, law.Freeze},
		{"who is on it becomes another", func(c *clearing) uint64 { return c.open("us", itself()).Account }, func(c *clearing, n uint64) {
			if _, err := c.Amend(n, other); err != nil {
				c.t.Fatal(err)
			}
		}, law.Allow},
		{"another edition of the list", func(c *clearing) uint64 { return c.open("us", itself()).Account }, func(c *clearing, _ uint64) { c.take(2, ivanov(), morozov()) }, law.Freeze},
		{"another edition of the list, without its entries", func(c *clearing) uint64 { return c.open("us", itself()).Account }, func(c *clearing, _ uint64) { c.take(2) }, law.Freeze},
		{"another edition of the list, without who is on it before and after", func(c *clearing) uint64 {
			p := person("it", "Bystander Ivanov", "1962-03-14", "RU", almaty)
			p.Gender = entity.Male
			return c.open("us", p).Account
		}, func(c *clearing, n uint64) {
			if c.take(2); c.verdict(n) != law.Allow {
				c.t.Fatal("who is on no list is stopped")
			}
		}, law.Freeze},
		{"an edition of another list", func(c *clearing) uint64 { return c.open("eu", itself()).Account }, func(c *clearing, _ uint64) {
			e := elsewhere()
			c.editions[e.SHA256] = e
			if _, err := c.TakeEdition(e, time.Now()); err != nil {
				c.t.Fatal(err)
			}
		}, law.Freeze},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			// Once in this order, and once with the edition looked at after all else.
			var stands [2]map[string]string
			for i, ahead := range []bool{true, false} {
				c := startClearing(t, t.TempDir())
				c.take(1, ivanov())
				account := uint64(0)
				if test.before != nil {
					account = test.before(c)
				}
				e := madeUp(9, morozov(), ivanov())
				c.editions[e.SHA256] = e
				var take func() (exchange.Change, error)
				if ahead {
					take = c.LookAhead(e)
				}
				if test.between != nil {
					c.at(c.Now().Add(time.Minute))
					test.between(c, account)
				}
				if !ahead {
					take = c.LookAhead(e)
				}
				c.at(c.Now().Add(time.Minute))
				ch, err := take()
				if err != nil {
					t.Fatal(err)
				}
				accounts := c.View().Accounts()
				if last := accounts[len(accounts)-1]; last.Standing.Verdict != test.want {
					t.Errorf("looked at ahead %v: the customer stands at %v, want %v", ahead, last.Standing.Verdict, test.want)
				}
				stands[i] = map[string]string{"change": fmt.Sprint(ch.Added, ch.Changed, ch.Removed, ch.Screened, ch.Decided, ch.Frozen, ch.Held, ch.Released)}
				for _, a := range accounts {
					r, err := c.View().Standing(a.Number)
					if err != nil {
						t.Fatal(err)
					}
					stands[i][fmt.Sprint(a.Number)] = fmt.Sprint(r.Decision.Verdict, r.Decision.Editions, r.Decision.Findings)
				}
				// What was built is of all lists in force: who is on any of them is no customer.
				if o := c.open("eu", func() entity.Profile { p := itself(); p.ID = "again"; return p }()); !o.Refused && o.Decision.Verdict == law.Allow {
					t.Errorf("looked at ahead %v: who is listed is a customer", ahead)
				}
				c.Close()
				c.reopen() // which decides everybody again, by all that is in force
				for _, a := range c.View().Accounts() {
					r, err := c.View().Standing(a.Number)
					if err != nil {
						t.Fatal(err)
					}
					if now, then := fmt.Sprint(r.Decision.Verdict, r.Decision.Editions, r.Decision.Findings), stands[i][fmt.Sprint(a.Number)]; then != "" && now != then {
						t.Errorf("looked at ahead %v: account %d stands at\n%s\nafter a start, and before it at\n%s", ahead, a.Number, now, then)
					}
				}
			}
			if !maps.Equal(stands[0], stands[1]) {
				for _, k := range slices.Sorted(maps.Keys(stands[0])) {
					t.Errorf("%s: %s\nlooked at later: %s", k, stands[0][k], stands[1][k])
				}
			}
		})
	}
}

// From the arrival of an edition until it is in force nothing leaves: what it names would be gone. All else goes on.
func TestNothingLeavesWhileAnEditionArrives(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-02-24 09:00"))
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), time.Now()); err != nil {
		t.Fatal(err)
	}
	n := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	p.fund(n, "USDT", "1000000", "own")
	done := p.Arriving()
	requested, err := p.RequestWithdrawal(n, 1, money.Int(100), "ETH", "mem1home", "before", boston)
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan error, 2)
	go func() {
		_, err := p.Withdraw(n, 1, money.Int(200), "ETH", "mem1home", "meanwhile", boston)
		asked <- err
	}()
	go func() {
		key := fmt.Sprintf("%064x", 1)
		r, err := p.Ask(exchange.Question{
			Account: n, Action: law.Withdraw, Session: boston, Asked: gate.Asked{Key: key, Request: key},
			Movement: gate.Movement{Kind: law.Withdraw, Account: n, Asset: "BTC", Amount: "1", Network: "BTC", Address: "mem1home", Ref: "elsewhere"},
		})
		if err == nil && r.Decision.Action != law.Withdraw {
			err = fmt.Errorf("the answer is %+v", r.Decision)
		}
		asked <- err
	}()
	for i := range 50 {
		if _, err := p.order(n, book.Buy, "30000", "0.01", fmt.Sprint("order ", i)); err != nil {
			t.Fatal(err)
		}
	}
	if w, _ := p.View().Withdrawal(requested.ID); w.Status != tape.Requested {
		t.Errorf("a withdrawal is %v", w.Status)
	}
	if rs := p.View().Recent(1<<20, func(d *gate.Decision) bool { return d.Action == law.Withdraw }); len(rs) != 1 {
		t.Errorf("%d withdrawals were decided, want the one of before", len(rs))
	}
	done()
	for range 2 {
		if err := <-asked; err != nil {
			t.Error(err)
		}
	}
	if rs := p.View().Recent(1<<20, func(d *gate.Decision) bool { return d.Action == law.Withdraw }); len(rs) != 3 {
		t.Errorf("%d withdrawals were decided in the end, want 3", len(rs))
	}
}

// It is the edition that keeps it, from before customers are looked at until it is in force.
func TestEditionKeepsWhatLeaves(t *testing.T) {
	c := startClearing(t, t.TempDir())
	e := madeUp(2, ivanov())
	release, taken := c.HoldBasis(), make(chan error)
	go func() { _, err := c.TakeEdition(e, time.Now()); taken <- err }()
	for until := time.Now().Add(10 * time.Second); c.MayLeave() && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
	if c.MayLeave() {
		t.Error("value leaves while an edition arrives")
	}
	release()
	if err := <-taken; err != nil {
		t.Fatal(err)
	}
	if !c.MayLeave() {
		t.Error("nothing leaves when it is in force")
	}
}

// A withdrawal that waited until nobody means it any longer does not leave: who asked has long been told so, or has given up.
func TestWaitingToLeaveIsStillMeant(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-02-24 09:00"))
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), time.Now()); err != nil {
		t.Fatal(err)
	}
	n := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	p.fund(n, "USDT", "1000000", "own")
	over := errors.New("too late")
	until := p.Now().Add(5 * time.Second)
	ask := func(ref string) error {
		_, err := p.Withdraw(n, 1, money.Int(200), "ETH", "mem1home", ref, boston, func(at time.Time) error {
			if at.After(until) {
				return over
			}
			return nil
		})
		return err
	}
	if err := ask("at once"); err != nil {
		t.Fatal(err)
	}
	done, asked := p.Arriving(), make(chan error)
	go func() { asked <- ask("later") }()
	p.at(p.Now().Add(30 * time.Second))
	done()
	if err := <-asked; !errors.Is(err, over) {
		t.Errorf("asked for half a minute ago: %v", err)
	}
	if ws := p.View().Withdrawals(n); len(ws) != 1 {
		t.Errorf("%d withdrawals, want 1", len(ws))
	}
}

// Nothing leaves while customers are screened, so that this may not take longer because others are decided: one change of the
// basis after another is not waited for at each customer.
func TestScreeningAheadWaitsForNobody(t *testing.T) {
	c := startClearing(t, t.TempDir())
	var applications []exchange.Application
	for i := range 600 {
		applications = append(applications, exchange.Application{Operator: "us", Profile: person(fmt.Sprint("p", i), "Maria Garcia", "1990-01-01", "ES", madrid)})
	}
	if _, err := c.Exchange.Open(applications...); err != nil {
		t.Fatal(err)
	}
	end, ended := make(chan struct{}), make(chan int)
	go func() {
		for changes := 0; ; changes++ {
			select {
			case <-end:
				ended <- changes
				return
			default:
				release := c.HoldBasis()
				time.Sleep(5 * time.Millisecond)
				release()
			}
		}
	}()
	c.LookAhead(madeUp(9, morozov(), ivanov()))
	close(end)
	if changes := <-ended; changes > 100 {
		t.Errorf("it took %d changes of the basis", changes)
	}
}

// Editions come at once, while value comes and goes, customers come and change, and it is closed in the middle of it all: nothing
// waits for ever, and a start afterwards finds everybody standing as they should.
func TestEditionsAtOnceAndClose(t *testing.T) {
	c := startClearing(t, t.TempDir())
	var accounts []uint64
	for i := range 20 {
		p := person(fmt.Sprint("p", i), "Maria Garcia", "1990-01-01", "ES", madrid)
		n := c.open("us", p).Account
		c.fund(n, "USDT", "1000000", "own")
		accounts = append(accounts, n)
	}
	profiles := []entity.Profile{person("", "Maria Garcia", "1990-01-01", "ES", madrid), person("", "Bystander Ivanov", "1962-03-14", "RU", almaty)}
	var editions []*watchlist.Edition
	for i := range 40 {
		e := madeUp(10+i, [][]entity.Entity{{morozov(), ivanov()}, {ivanov()}, {morozov()}, nil}[i%4]...)
		if i%2 == 1 {
			e.List = "eu-fsf"
			e.Entities = slices.Clone(e.Entities)
			for k := range e.Entities {
				e.Entities[k].List = e.List
			}
		}
		c.editions[e.SHA256] = e
		editions = append(editions, e)
	}
	var all sync.WaitGroup
	var taken, left atomic.Int64
	closing := make(chan struct{})
	again := func(do func(i int) error) {
		all.Go(func() {
			for i := 0; ; i++ {
				err := do(i)
				var refusal *exchange.Refusal
				var denial *exchange.Denial
				switch {
				case errors.Is(err, exchange.ErrClosed):
					return
				case err != nil && !errors.As(err, &refusal) && !errors.As(err, &denial) && !strings.Contains(err.Error(), "too soon"):
					select {
					case <-closing: // the vault may be closed under whoever is not in the log yet
						return
					default:
					}
					t.Error(err)
					return
				}
			}
		})
	}
	for w := range 2 {
		again(func(i int) error {
			_, err := c.TakeEdition(editions[(2*i+w)%len(editions)], time.Now())
			if taken.Add(1) == 12 {
				close(closing)
			}
			return err
		})
	}
	for w := range 3 {
		again(func(i int) error {
			n := accounts[(3*i+w)%len(accounts)]
			out, err := c.Withdraw(n, 1, money.Int(10), "ETH", "mem1home", fmt.Sprint(w, "-", i), boston)
			if err == nil && out.Status != tape.OutStopped {
				left.Add(1)
			}
			return err
		})
		again(func(i int) error {
			n, key := accounts[(3*i+w)%len(accounts)], fmt.Sprintf("%064x", w*1e6+i)
			_, err := c.Ask(exchange.Question{
				Account: n, Action: law.Withdraw, Session: boston, Asked: gate.Asked{Key: key, Request: key},
				Movement: gate.Movement{Kind: law.Withdraw, Account: n, Asset: "BTC", Amount: "1", Network: "BTC", Address: "mem1home", Ref: key},
			})
			return err
		})
	}
	again(func(i int) error {
		c.mu.Lock()
		c.now = c.now.Add(time.Second)
		c.mu.Unlock()
		_, err := c.Amend(accounts[i%len(accounts)], profiles[i/7%2])
		return err
	})
	again(func(i int) error {
		_, err := c.Exchange.Open(exchange.Application{Operator: "us", Profile: person(fmt.Sprint("new", i), "Bystander Ivanov", "1962-03-14", "RU", almaty)})
		return err
	})
	<-closing
	c.Close()
	all.Wait()
	if left.Load() == 0 {
		t.Error("nothing left")
	}
	tell := func(n uint64) string {
		r, err := c.View().Standing(n)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(r.Decision.Verdict, r.Decision.Findings, r.Decision.Subject)
	}
	before := c.View().Accounts()
	c.reopen()
	for _, a := range before {
		r, err := c.View().Standing(a.Number)
		if err != nil {
			t.Fatal(err)
		}
		if r.Decision.ID != fmt.Sprintf("%x", a.Standing.Decision) {
			t.Errorf("account %d is decided again at the start: %s", a.Number, tell(a.Number))
		}
	}
	t.Logf("%d editions, %d withdrawals, %d accounts", taken.Load(), left.Load(), len(before))
}

// An edition of one list says nothing of when another was last confirmed: that one stays silent.
func TestEditionOfAnotherListConfirmsNothing(t *testing.T) {
	c := startClearing(t, t.TempDir())
	confirmed := c.Now()
	for i := range 2 {
		c.at(c.Now().Add(staleAfter/2 + time.Hour))
		m := morozov()
		m.List = "eu-fsf"
		e := madeUp(70+i, m)
		e.List = m.List
		c.editions[e.SHA256] = e
		if _, err := c.TakeEdition(e, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.Silent(); len(got) != 1 || got[0].List != "us-sdn" || !got[0].Confirmed.Equal(confirmed) {
		t.Errorf("silent are %+v, want us-sdn since %s", got, confirmed)
	}
}
