package exchange_test

import (
	"fmt"
	"maps"
	"slices"
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
