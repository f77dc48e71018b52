package sim

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"sallyport/book"
	"sallyport/chain/memory"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
	"sallyport/watchlist"
)

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// first are the steps that every run begins with, so that there is something to trade.
var first = []string{"edition", "open", "open", "open", "open", "fund", "fund", "fund", "fund", "group", "group", "orders"}

// steps are what may happen next, and how often.
var steps = []struct {
	name  string
	often int
	do    func(*world, *rand.Rand)
}{
	{"orders", 40, (*world).orders},
	{"open", 6, (*world).open},
	{"fund", 3, (*world).fund},
	{"deposit", 6, (*world).deposit},
	{"withdraw", 6, (*world).withdraw},
	{"edition", 8, (*world).edition},
	{"clear", 4, (*world).clear},
	{"amend", 6, (*world).amend},
	{"licence", 3, (*world).licence},
	{"time", 6, (*world).time},
	{"keys", 3, (*world).addKeys},
	{"phase", 3, (*world).phase},
	{"group", 3, (*world).group},
	{"operator users", 3, (*world).operatorUsers},
	{"hand over", 4, (*world).handOver},
	{"poison", 2, (*world).poison},
	{"restart", 3, (*world).inPeace},
}

// step plays the n-th step. What it draws depends on the seed and n alone, so that others may be
// left out.
func (w *world) step(n int) {
	rng := rand.New(rand.NewPCG(w.seed, uint64(n)))
	name := ""
	if n < len(first) {
		name = first[n]
	} else {
		total := 0
		for _, s := range steps {
			total += s.often
		}
		at := rng.IntN(total)
		for _, s := range steps {
			if at -= s.often; at < 0 {
				name = s.name
				break
			}
		}
	}
	w.note("step %d: %s", n, name)
	for _, s := range steps {
		if s.name == name {
			s.do(w, rng)
		}
	}
}

// alone lets one ask while nobody else does, and waits till everything that comes of it is done.
func (w *world) alone(what string, ask func() (func(), error)) {
	w.run(false)
	w.start(what, ask)
	w.run(false)
}

func (w *world) accounts() []uint64 {
	var all []uint64
	for _, a := range w.twin.state.Accounts {
		if a.Account >= uint64(ledger.First) {
			all = append(all, a.Account)
		}
	}
	return all
}

func (w *world) account(rng *rand.Rand) (uint64, bool) {
	all := w.accounts()
	if len(all) == 0 {
		return 0, false
	}
	return pick(rng, all...), true
}

// People who come: two whom lists may name, one who resembles one of them, some who live where a
// bar, a cap or a permit's last day matters, and others.
type who struct {
	name, born, nationality, country string
	permit                           entity.Day
}

var american, iranian = who{"John Baker", "1984-05-17", "US", "US", entity.Day{}}, who{"Reza Ahmadi", "1980-01-05", "IR", "IR", entity.Day{}}

func person(rng *rand.Rand, id string) entity.Profile {
	return profile(pick(rng,
		american, american, iranian,
		who{"Viktor Andreyevich Morozov", "1962-03-14", "RU", "KZ", entity.Day{}},
		who{"Viktor Morozov", "1962-08-02", "RU", "KZ", entity.Day{}},
		who{"Leila Karimi", "1975-11-30", "IR", "AE", entity.Day{}},
		who{"Anna Volkova", "1992-07-03", "RU", "ES", entity.Day{Year: 2022, Month: 6, Day: 30}},
		who{"Oleg Smirnov", "1971-02-11", "RU", "RU", entity.Day{}},
		who{"Maria Garcia", "1990-01-01", "ES", "ES", entity.Day{}},
		who{"Jean Martin", "1985-02-03", "FR", "FR", entity.Day{}},
		who{"Ada Young", "1979-09-09", "GB", "GB", entity.Day{}},
	), id)
}

func profile(p who, id string) entity.Profile {
	born, err := entity.ParseDay(p.born)
	if err != nil {
		panic(err)
	}
	is := entity.Profile{
		Entity:    entity.Entity{ID: id, Kind: entity.Person, Names: []entity.Name{{Full: p.name}}, Birth: []entity.Dates{entity.Exact(born)}, Nationalities: []string{p.nationality}},
		Residence: entity.Place{Town: "Town", Country: p.country},
	}
	if p.permit.Year != 0 {
		is.Permits = []entity.Permit{{Country: p.country, Until: p.permit}}
	}
	return is
}

// listed are those whom an edition may name.
func listed() []entity.Entity {
	one := func(id, name string, year int, month time.Month, day int, nationality string, more ...entity.Identifier) entity.Entity {
		return entity.Entity{
			List: "us-sdn", ID: id, Kind: entity.Person, Names: []entity.Name{{Full: name}}, Birth: []entity.Dates{entity.Exact(entity.Day{Year: year, Month: month, Day: day})},
			Nationalities: []string{nationality}, Programmes: []string{"RUSSIA-EO14024"}, Identifiers: more,
		}
	}
	return []entity.Entity{
		one("90001", "Viktor Andreyevich MOROZOV", 1962, 3, 14, "RU"),
		one("90002", "KARIMI, Leila", 1975, 11, 30, "IR"),
		one("90003", "Bystander IVANOV", 1950, 1, 1, "RU"),
		one("90004", "Maria GARCIA", 1990, 1, 2, "ES"),
	}
}

func (w *world) edition(rng *rand.Rand) {
	w.drawn++
	e := &watchlist.Edition{List: "us-sdn", Publisher: "test", Published: w.now().Truncate(24 * time.Hour)}
	for _, x := range listed() {
		if rng.IntN(3) > 0 {
			if rng.IntN(4) == 0 {
				x.Birth = nil // says less of them than another edition
			}
			e.Entities = append(e.Entities, x)
		}
	}
	e.SHA256 = fmt.Sprintf("%032x%032x", w.seed, w.drawn)
	w.editions[e.SHA256] = e
	w.alone("edition", func() (func(), error) {
		_, err := w.x.TakeEdition(e, time.Now())
		return func() {
			if !slices.ContainsFunc(w.twin.state.Editions, func(b tape.Basis) bool { return fmt.Sprintf("%x", b.SHA256) == e.SHA256 }) {
				w.wrong("an edition was taken up, and the log does not say so")
			}
		}, err
	})
}

func (w *world) open(rng *rand.Rand) {
	w.drawn++
	a := exchange.Application{Operator: pick(rng, "us", "eu"), Profile: person(rng, fmt.Sprint("p", w.drawn))}
	switch len(w.twin.state.Accounts) { // two whom a bar keeps apart are there from the start, more often than not
	case 0:
		a.Operator, a.Profile = "us", profile(american, a.Profile.ID)
	case 1:
		a.Operator, a.Profile = "eu", profile(iranian, a.Profile.ID)
	}
	w.alone("open an account", func() (func(), error) {
		opened, err := w.x.Open(a)
		return func() {
			if o := opened[0]; !o.Refused {
				if !w.twin.opened[o.Account] {
					w.wrong("an account was opened, and the log does not say so")
				}
				w.kept.profiles[o.Account] = []entity.Profile{a.Profile}
			} else {
				w.met["applicants refused"]++
			}
		}, err
	})
}

// transfer sends value to an account from somewhere.
func (w *world) transfer(account uint64, asset int, amount, from string) {
	w.drawn++
	network, code := pickAsset(asset)
	key := fmt.Sprint("t", w.drawn)
	w.alone("deposit", func() (func(), error) {
		t := w.x.Chain().Send(key, memory.Transfer{Network: network, Asset: code, Amount: money.MustParse(amount), From: from, To: memory.DepositAddress(network, account)})
		d, err := w.x.Receive(account, t)
		return func() {
			if d.ID != 0 && !w.twin.deposits[d.ID] {
				w.wrong("deposit %d was acknowledged, and the log does not know it", d.ID)
			}
		}, err
	})
}

func pickAsset(asset int) (network, code string) {
	return []string{"BTC", "ETH"}[asset], []string{"BTC", "USDT"}[asset]
}

// fund gives to whoever has nothing yet.
func (w *world) fund(rng *rand.Rand) {
	has := map[uint64]bool{}
	for _, b := range w.twin.state.Balances {
		has[b.Account] = true
	}
	for _, a := range w.accounts() {
		if !has[a] {
			w.transfer(a, 0, "200", "own")
			w.transfer(a, 1, "20000", "own")
			return
		}
	}
}

func (w *world) deposit(rng *rand.Rand) {
	if a, ok := w.account(rng); ok {
		w.transfer(a, rng.IntN(2), pick(rng, "0.5", "10", "300"), pick(rng, "own", "own", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "0x8576acc5c05d6ce88f4e49bf65bdf0c62f91353c"))
	}
}

func (w *world) withdraw(rng *rand.Rand) {
	a, ok := w.account(rng)
	if !ok {
		return
	}
	w.drawn++
	ref := fmt.Sprint("w", w.drawn)
	asset := rng.IntN(2)
	network, _ := pickAsset(asset)
	amount, country := pick(rng, "1", "20", "100", "5000"), pick(rng, "US", "US", "ES", "IR", "")
	w.alone("withdraw", func() (func(), error) {
		got, err := w.x.Withdraw(a, uint16(asset), money.MustParse(amount), network, "mem1home", ref, exchange.Session{Known: country != "", Country: country})
		return func() {
			if got.ID != 0 && !w.twin.withdrawn[got.ID] {
				w.wrong("withdrawal %d was acknowledged, and the log does not know it", got.ID)
			}
		}, err
	})
}

func (w *world) clear(rng *rand.Rand) {
	if in := w.twin.state.Clearances; len(in) > 0 && rng.IntN(2) == 0 {
		id := pick(rng, in...).ID
		w.alone("take a clearance back", func() (func(), error) {
			_, _, err := w.x.TakeBack(id, "m.ortiz", "seen again")
			return nil, err
		})
		return
	}
	var held []uint64
	for _, a := range w.twin.state.Accounts {
		if a.Standing.Verdict == law.Hold {
			held = append(held, a.Account)
		}
	}
	if len(held) == 0 {
		return
	}
	a, entry := pick(rng, held...), pick(rng, "90001", "90001", "90004", "90003")
	w.alone("clear", func() (func(), error) {
		r, _, err := w.x.Clear(a, "us-sdn", entry, "m.ortiz", "another person")
		return func() {
			if !slices.ContainsFunc(w.twin.state.Clearances, func(c tape.Cleared) bool { return c.ID == r.ID }) {
				w.wrong("clearance %d was acknowledged, and the log does not know it", r.ID)
			}
		}, err
	})
}

func (w *world) amend(rng *rand.Rand) {
	a, ok := w.account(rng)
	if !ok {
		return
	}
	id := ""
	if old := w.kept.profiles[a]; len(old) > 0 {
		id = old[0].ID
	}
	p := person(rng, id)
	if len(w.kept.profiles[a]) > 0 {
		w.kept.profiles[a] = append(w.kept.profiles[a], p)
	}
	w.alone("amend", func() (func(), error) {
		_, err := w.x.Amend(a, p)
		return func() {
			if old := w.kept.profiles[a]; len(old) > 0 {
				w.kept.profiles[a] = []entity.Profile{p}
			}
		}, err
	})
}

func (w *world) licence(rng *rand.Rand) {
	if in := w.twin.state.Licences; len(in) > 0 && rng.IntN(2) == 0 {
		id := pick(rng, in...).ID
		w.alone("end a licence", func() (func(), error) {
			_, _, err := w.x.EndLicence(id, "m.ortiz", "withdrawn")
			return nil, err
		})
		return
	}
	a, ok := w.account(rng)
	if !ok || len(licences) == 0 {
		return
	}
	id, until := pick(rng, licences...), w.now().Add(time.Duration(1+rng.IntN(40))*24*time.Hour)
	w.alone("record a licence", func() (func(), error) {
		r, _, err := w.x.RecordLicence(a, id, until, "m.ortiz", "k.lind", "as written", "document")
		if errors.Is(err, exchange.LicenceSayIt) {
			l := exchange.WaitingLicence{Account: a, Licence: id, Until: until, By: "m.ortiz", Reason: "as written", Document: "document"}
			if _, _, err = w.x.SayLicence(l); err == nil {
				l.By = "k.lind"
				r, _, err = w.x.SayLicence(l)
			}
		}
		return func() {
			if !slices.ContainsFunc(w.twin.state.Licences, func(l tape.LicenceRecorded) bool { return l.ID == r.ID }) {
				w.wrong("licence %d was acknowledged, and the log does not know it", r.ID)
			}
		}, err
	})
}

// time passes: the hours of rules, of permits and of licences come, and lists fall silent.
func (w *world) time(rng *rand.Rand) {
	w.run(false)
	w.skew.Add(rng.Int64N(int64(pick(rng, time.Hour, 24*time.Hour, 40*24*time.Hour))))
	if rng.IntN(3) == 0 {
		at := w.now()
		w.alone("confirm a list", func() (func(), error) { w.x.Confirm("us-sdn", at); return nil, nil })
	}
	switch rng.IntN(3) {
	case 0: // whoever acts first finds it not marked
		if a, ok := w.account(rng); ok {
			o := w.draw(rng, a)
			x := w.x
			w.alone("order", func() (func(), error) { _, _, err := x.PlaceOrder(&o); return nil, err })
		}
		return
	case 1:
		w.alone("mark what came", func() (func(), error) { _, err := w.x.MarkLaw(); return nil, err })
		return
	}
	time.Sleep(1100 * time.Millisecond) // whoever looks each second does
	w.run(false)
}

func (w *world) addKeys(rng *rand.Rand) {
	a, ok := w.account(rng)
	if !ok {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(w.kept.keys)) {
		if w.kept.keys[key] == a {
			delete(w.kept.keys, key) // may be gone from here on
			w.alone("take a key back", func() (func(), error) {
				err := w.x.RemoveKey(a, key)
				return func() { w.kept.removed[key] = true }, err
			})
			return
		}
	}
	w.alone("give a key", func() (func(), error) {
		key, _, err := w.x.AddKey(a)
		return func() { w.kept.keys[key] = a }, err
	})
}

func (w *world) phase(rng *rand.Rand) {
	m := uint16(rng.IntN(2))
	p := tape.Phase(pick(rng, 1, 2, 3))
	for _, p := range []tape.Phase{p, 0} {
		w.alone("phase", func() (func(), error) {
			return nil, w.x.SetPhase(&tape.SetPhase{Market: m, Phase: p, By: "m.ortiz", Reason: "to see"})
		})
	}
	if a, ok := w.account(rng); ok {
		w.alone("tier", func() (func(), error) { return nil, w.x.SetTier(&tape.SetTier{Account: a, Tier: uint8(rng.IntN(2))}) })
	}
}

// group says that an account is of one owner with others, or no longer, and how much of an asset one
// order may move, for a while.
func (w *world) group(rng *rand.Rand) {
	a, ok := w.account(rng)
	if !ok {
		return
	}
	c := &tape.SetTradeGroup{Account: a, Group: pick[uint32](rng, 1, 1, 1, 1, 2, 0), By: "m.ortiz", Reason: "one owner"}
	w.alone("group", func() (func(), error) { return nil, w.x.SetTradeGroup(c) })
	if rng.IntN(3) > 0 {
		return
	}
	most := &tape.SetMaxAsset{Asset: uint16(rng.IntN(2)), Max: money.MustParse(pick(rng, "0", "2", "150")), By: "m.ortiz", Reason: "thin"}
	w.alone("bound of an asset", func() (func(), error) { return nil, w.x.SetMaxAsset(most) })
	o := w.draw(rng, a)
	w.alone("order", func() (func(), error) { _, _, err := w.x.PlaceOrder(&o); return nil, err })
	most = &tape.SetMaxAsset{Asset: most.Asset, By: "m.ortiz", Reason: "thick"}
	w.alone("bound of an asset", func() (func(), error) { return nil, w.x.SetMaxAsset(most) })
}

// operatorUsers says who the operator's people are, which decides whose word the log takes.
func (w *world) operatorUsers(rng *rand.Rand) {
	const compliance, operations = tape.MayRead | tape.MayCompliance, tape.MayRead | tape.MayOperations
	all := pick(rng,
		map[string]tape.Right{}, map[string]tape.Right{}, map[string]tape.Right{"m.ortiz": compliance | operations, "k.lind": compliance},
		map[string]tape.Right{"m.ortiz": compliance, "k.lind": compliance}, map[string]tape.Right{"k.lind": compliance | operations}, map[string]tape.Right{"m.ortiz": operations})
	w.alone("operator users", func() (func(), error) {
		return func() {
			for _, u := range w.twin.state.Users {
				if all[u.Name] != u.May {
					w.wrong("operator user %s may %d, and the log says %d", u.Name, all[u.Name], u.May)
				}
			}
			if len(w.twin.state.Users) != len(all) {
				w.wrong("%d operator users were acknowledged, and the log knows %d", len(all), len(w.twin.state.Users))
			}
		}, w.x.SetOperatorUsers(all)
	})
}

// handOver is two orders of one trade group, in which something may change hands.
func (w *world) handOver(rng *rand.Rand) {
	var of []uint64
	for _, a := range w.twin.state.Accounts {
		if a.Group == 1 && a.Standing.May&tape.MayTrade != 0 {
			of = append(of, a.Account)
		}
	}
	if len(of) < 2 {
		return
	}
	at := rng.IntN(len(of))
	gives, takes := w.draw(rng, of[at]), w.draw(rng, of[(at+1+rng.IntN(len(of)-1))%len(of)])
	gives.Type, gives.Force, gives.Stop, gives.Trail, gives.QuoteQuantity = tape.Limit, tape.GTC, money.Amount{}, 0, money.Amount{}
	gives.Price, gives.Quantity = money.Int(int64(99+rng.IntN(3))), money.Int(int64(1+rng.IntN(3)))
	takes.Market, takes.Side = gives.Market, gives.Side.Other()
	if takes.Type.Priced() && !takes.Type.Stops() {
		takes.Price = gives.Price
	}
	for _, o := range []*tape.PlaceOrder{&gives, &takes} {
		if o.SelfTrade = tape.Transfer; rng.IntN(6) == 0 {
			o.SelfTrade = tape.Decrement
		}
		x := w.x
		w.alone("order", func() (func(), error) { _, _, err := x.PlaceOrder(o); return nil, err })
	}
}

// poison is an order at which the venue fails, among others: it goes into quarantine, and they go in.
func (w *world) poison(rng *rand.Rand) {
	all := w.accounts()
	if len(all) == 0 {
		return
	}
	at := rng.IntN(4)
	for i := range 4 {
		if i != at {
			w.order(rng, all, i)
		} else {
			o := w.draw(rng, pick(rng, all...))
			o.ClientID = "poison" + o.ClientID
			x := w.x
			w.start("poisoned order", func() (func(), error) {
				_, _, err := x.PlaceOrder(&o)
				return func() { w.wrong("it was taken") }, err
			})
		}
		w.others(i, rng.IntN(3))
	}
	w.run(false)
	for m := range uint16(2) {
		w.alone("phase", func() (func(), error) {
			return nil, w.x.SetPhase(&tape.SetPhase{Market: m, By: "m.ortiz", Reason: "mended"})
		})
	}
}

// inPeace ends the process as an operator user does, and starts it again.
func (w *world) inPeace(*rand.Rand) {
	w.run(false)
	w.closes()
	w.life.disk.End()
	w.met["restarts in peace"]++
	w.boot(w.life.disk.Crash(w.sched)) // with the power cut, too, as soon as it has ended
}

// orders come, several at a time: what one commit takes and what the next is not known to them.
func (w *world) orders(rng *rand.Rand) {
	var all []uint64
	for _, a := range w.twin.state.Accounts {
		if a.Standing.May&tape.MayTrade != 0 || rng.IntN(8) == 0 {
			all = append(all, a.Account)
		}
	}
	if len(all) == 0 {
		return
	}
	for i := range 2 + rng.IntN(8) { // of whom the first comes alone
		w.order(rng, all, i)
		w.others(i, rng.IntN(4))
	}
	w.run(rng.IntN(2) == 0)
	if w.x.Err() == nil {
		w.twin.shown(w)
	}
}

// others lets n operations of the disk happen before the next of several comes; but the first comes alone. Whoever comes first upon
// a date marks it, and the others would wait for a lock meanwhile, of which synctest does not know that it is waiting.
func (w *world) others(i, n int) {
	if i > 0 {
		w.let(n)
		return
	}
	w.run(false)
	w.alone("mark what came", func() (func(), error) { _, err := w.x.MarkLaw(); return nil, err }) // if the first was refused before it did
}

// drawn is an order at a price near 100.
func (w *world) draw(rng *rand.Rand, account uint64) tape.PlaceOrder {
	w.drawn++
	price := func() money.Amount { return money.Int(int64(97 + rng.IntN(7))) }
	o := tape.PlaceOrder{
		Account: account, Market: uint16(pick(rng, 0, 0, 0, 1)), Side: book.Side(1 + rng.IntN(2)), Type: pick[tape.Type](rng, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7), Force: tape.GTC,
		SelfTrade: pick(rng, tape.ExpireMaker, tape.ExpireTaker, tape.ExpireBoth, tape.Decrement, tape.AllowSelf, tape.Transfer, tape.Transfer, tape.Transfer), Quantity: money.MustParse(pick(rng, "0.5", "1", "1.5", "3", "7", "3", "1", "100")), ClientID: fmt.Sprint("c", w.drawn),
	}
	if o.Type.Priced() {
		o.Price = price()
	}
	if o.Type.Stops() {
		o.Stop = price()
		if rng.IntN(2) == 0 { // and follows the price from there on, or at once
			if o.Trail = pick[uint32](rng, 50, 100, 200, 300); rng.IntN(2) == 0 {
				o.Stop = money.Amount{}
			}
		}
	}
	if o.Type == tape.MarketOrder && rng.IntN(2) == 0 {
		o.Quantity, o.QuoteQuantity = money.Amount{}, money.Int(int64(5+rng.IntN(900)))
	}
	if o.Type == tape.Limit || o.Type == tape.StopLossLimit || o.Type == tape.TakeProfitLimit {
		o.Force = pick(rng, tape.GTC, tape.GTC, tape.GTC, tape.IOC, tape.FOK)
	}
	if o.Type.Priced() && o.Force == tape.GTC && rng.IntN(4) == 0 {
		o.Iceberg = money.MustParse("0.5")
	}
	if rng.IntN(8) == 0 {
		o.Strategy = pick(rng, tape.Strategy{ID: int64(w.drawn), Given: tape.StrategyID}, tape.Strategy{Type: tape.LeastStrategy, Given: tape.StrategyType}, tape.Strategy{Type: 7, Given: tape.StrategyType})
	}
	return o
}

// order is what the i-th of several asks for.
func (w *world) order(rng *rand.Rand, all []uint64, i int) {
	open := w.twin.state.Orders
	o := w.draw(rng, pick(rng, all...))
	known := func(id uint64) func() {
		return func() {
			if id != 0 && !w.twin.orders[id] {
				w.wrong("order %d was acknowledged, and the log does not know it", id)
			}
		}
	}
	x := w.x
	what := rng.IntN(20)
	if len(open) == 0 && what < 6 {
		what = 19
	}
	switch {
	case what < 3:
		c := pick(rng, open...)
		only := pick(rng, 0, 0, tape.StatusNew, tape.PartiallyFilled)
		w.start("cancel", func() (func(), error) {
			_, err := x.CancelOrder(&tape.CancelOrder{Account: c.Account, Market: c.Market, Order: c.ID, Only: only})
			return nil, err
		})
	case what == 3:
		c := pick(rng, open...)
		w.start("cancel all", func() (func(), error) {
			_, err := x.CancelAll(&tape.CancelAll{Account: c.Account, Market: c.Market})
			return nil, err
		})
	case what == 4:
		c := pick(rng, open...)
		o.Account, o.Market = c.Account, c.Market
		w.start("replace", func() (func(), error) {
			_, err := x.ReplaceOrder(&tape.ReplaceOrder{Cancel: tape.CancelOrder{Account: c.Account, Market: c.Market, Order: c.ID}, Order: o})
			return nil, err
		})
	case what == 5:
		c := pick(rng, open...)
		less := pick(rng, c.Quantity, c.Quantity, money.MustParse("1"))
		for more := range pick(rng, 1, 2, 3) { // smaller by a half, and by a half again
			if half, err := less.Sub(money.MustParse("0.5")); err == nil {
				less = half
			}
			amend := &tape.AmendOrder{Account: c.Account, Market: c.Market, Order: c.ID, Quantity: less}
			w.start("amend an order", func() (func(), error) {
				_, err := x.AmendOrder(amend)
				return nil, err
			})
			w.others(i+more, 0)
		}
	case what < 8:
		loss, works := o, o
		o.Type, o.Force, o.Side, o.Price, o.Stop, o.Iceberg, o.QuoteQuantity, o.Quantity, o.Trail = tape.LimitMaker, tape.GTC, book.Sell, money.Int(int64(101+rng.IntN(4))), money.Amount{}, money.Amount{}, money.Amount{}, money.Int(1), 0
		loss = o
		loss.Type, loss.Price, loss.Stop, loss.ClientID = tape.StopLoss, money.Amount{}, money.Int(int64(95+rng.IntN(4))), o.ClientID+"s"
		loss.Trail = pick[uint32](rng, 0, 0, 100)
		list := &tape.PlaceOrderList{ClientID: o.ClientID + "o", Contingency: tape.OneCancels, Orders: []tape.PlaceOrder{o, loss}}
		if what == 7 { // the pair comes when another order is filled
			works.Type, works.Force, works.Side, works.ClientID = tape.Limit, tape.GTC, book.Buy, o.ClientID+"w"
			works.Price, works.Quantity, works.QuoteQuantity, works.Stop, works.Iceberg, works.Trail = money.Int(int64(98+rng.IntN(5))), money.Int(1), money.Amount{}, money.Amount{}, money.Amount{}, 0
			list.Contingency, list.Orders = tape.OneTriggers, []tape.PlaceOrder{works, o, loss}
			if rng.IntN(2) == 0 { // and sells what that one brings
				list.Contingency, works.Quantity = tape.OnePays, money.MustParse(pick(rng, "1", "1.5", "3"))
				o.Quantity, loss.Quantity = money.Amount{}, money.Amount{}
				list.Orders = []tape.PlaceOrder{works, o, loss}
			}
		}
		w.start("order list", func() (func(), error) {
			_, placed, _, err := x.PlaceOrderList(list)
			if err != nil {
				return nil, err
			}
			return known(placed[len(placed)-1].ID), nil
		})
	default:
		w.start("order", func() (func(), error) {
			placed, _, err := x.PlaceOrder(&o)
			return known(placed.ID), err
		})
	}
}
