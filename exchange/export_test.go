package exchange

import (
	"bytes"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"sallyport/journal"
	"sallyport/money"
	"sallyport/venue"
	"sallyport/venue/tape"
	"sallyport/watchlist"
)

// Restorable replays a closed exchange's log and, at some records on the way, goes on beside it
// from what a snapshot taken there gives: both must show the same at the end.
func Restorable(dir string) error {
	log, err := journal.OpenReadOnly(filepath.Join(dir, "journal"))
	if err != nil {
		return err
	}
	defer log.Close()
	end, _ := log.Head()
	v, view := venue.New(), newView(log)
	type twin struct {
		from  uint64
		venue *venue.Venue
		view  *View
		still *View  // of that record, and
		then  []byte // what it was then
	}
	var twins []twin
	err = log.Read(1, func(r journal.Record) error {
		cmd, err := tape.Decode(tape.Kind(r.Kind), r.Payload)
		if err != nil {
			return err
		}
		var out tape.Buffer
		v.Apply(r.Time, cmd, &out)
		view.take(r.Seq, r.Time, cmd, out.Events)
		if r.Seq%7 == 0 || r.Seq == end {
			if wrong := Miscounted(view); wrong != "" {
				return fmt.Errorf("after record %d: %s", r.Seq, wrong)
			}
		}
		for _, t := range twins {
			var out tape.Buffer
			t.venue.Apply(r.Time, cmd, &out)
			if tape.Digest(out.Events) != r.Outcome {
				return fmt.Errorf("restored at record %d, record %d brings about something else", t.from, r.Seq)
			}
			t.view.take(r.Seq, r.Time, cmd, out.Events)
		}
		if r.Seq != end/3 && r.Seq != end*2/3 && r.Seq != 2 {
			return nil
		}
		t := twin{from: r.Seq}
		b, err := v.Snapshot().Encode()
		if err == nil {
			var s *tape.Snapshot
			if s, err = tape.DecodeSnapshot(b); err == nil {
				t.venue, err = venue.Restore(s)
			}
		}
		still := view.still()
		if err == nil {
			b, err = still.encode()
		}
		if err == nil {
			t.view, err = readView(b, log)
		}
		t.still, t.then = still, b
		twins = append(twins, t)
		return err
	})
	if err != nil {
		return err
	}
	want, err := view.encode()
	if err != nil {
		return err
	}
	state := v.State()
	for _, t := range twins {
		if now, err := t.still.encode(); err != nil || !bytes.Equal(now, t.then) {
			return fmt.Errorf("a view kept still at record %d has changed since: %v", t.from, err)
		}
		if wrong := Miscounted(t.still); wrong != "" {
			return fmt.Errorf("kept still at record %d: %s", t.from, wrong)
		}
		if wrong := Miscounted(t.view); wrong != "" {
			return fmt.Errorf("restored at record %d: %s", t.from, wrong)
		}
		got, err := t.view.encode()
		if err != nil {
			return err
		}
		if s := t.venue.State(); s.Hash() != state.Hash() {
			return fmt.Errorf("restored at record %d: another state", t.from)
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("restored at record %d: another view", t.from)
		}
		if err := shows(t.view, view); err != nil {
			return fmt.Errorf("restored at record %d: %w", t.from, err)
		}
	}
	return nil
}

// Miscounted says what a view counts otherwise than who goes through all its accounts; "" if nothing.
func Miscounted(v *View) string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if counted := v.countAll(); !reflect.DeepEqual(v.counts, counted) {
		return fmt.Sprintf("the view counts %+v, and there are %+v", v.counts, counted)
	}
	return ""
}

// shows compares what two views show, by every method that asks for nothing or for an account,
// a market or a number of things.
func shows(a, b *View) error {
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range va.NumMethod() {
		name, typ := va.Type().Method(i).Name, va.Method(i).Type()
		if name == "Watch" || strings.HasPrefix(name, "Restore") {
			continue
		}
		var all [][]reflect.Value
		ids := []uint64{0, 1, 2}
		for n := range b.accounts {
			ids = append(ids, n)
		}
		switch {
		case typ.NumIn() == 0:
			all = [][]reflect.Value{{}}
		case typ.In(0).Kind() == reflect.Uint64, typ.In(0).Kind() == reflect.Uint16:
			for _, id := range ids {
				args := []reflect.Value{reflect.ValueOf(id).Convert(typ.In(0))}
				if typ.In(0).Kind() == reflect.Uint16 && id >= uint64(len(b.markets)) {
					continue
				}
				for k := 1; k < typ.NumIn(); k++ {
					arg := reflect.New(typ.In(k)).Elem()
					switch {
					case arg.Kind() == reflect.Int:
						arg.SetInt(1 << 20)
					case arg.Type() == reflect.TypeFor[time.Duration]():
						arg.SetInt(int64(time.Minute))
					}
					args = append(args, arg)
				}
				all = append(all, args)
			}
		default:
			continue // by a name: what it finds is in what the others list
		}
		for _, args := range all {
			ra, rb := va.Method(i).Call(args), vb.Method(i).Call(args)
			for k := range ra {
				if !alike(ra[k].Interface(), rb[k].Interface()) {
					return fmt.Errorf("%s%v shows %+v, want %+v", name, args, ra[k], rb[k])
				}
			}
		}
	}
	return nil
}

// alike is reflect.DeepEqual for which a list of nothing is as good as none.
func alike(a, b any) bool {
	va := reflect.ValueOf(a)
	if va.Kind() == reflect.Slice && va.Len() == 0 && reflect.ValueOf(b).Len() == 0 {
		return true
	}
	return reflect.DeepEqual(a, b)
}

// FailAt makes the venue fail right after it has applied a command for which fn gives a text.
// It is to be called while nobody else puts commands in.
func (x *Exchange) FailAt(fn func(tape.Command) string) {
	x.cfg.Tried = func(c tape.Command) {
		if why := fn(c); why != "" {
			panic(why)
		}
	}
}

// Queued is how many jobs wait for the sequencer.
func (x *Exchange) Queued() int { return len(x.jobs) }

// Fields counts the fields of what a view is made of, by type.
func Fields() map[string]int {
	fields := map[string]int{}
	for _, x := range []any{
		View{}, marketView{}, accountView{}, turnover{}, orderView{}, depthSide{}, Level{}, OrderList{}, Amendment{}, Candle{}, DecisionRecord{}, EditionInForce{}, RuleMark{}, Happening{}, decisions{}, counts{}, stance{}, rests{}, laid{}, finder{}, finderShard{}, numbers{}, ClearanceRecord{}, LicenceRecord{}, OperatorUser{}, clearances{},
	} {
		t := reflect.TypeOf(x)
		fields[t.Name()] = t.NumField()
	}
	return fields
}

// ReadView reads a view's stored form, for the fuzzer.
func ReadView(b []byte) (again []byte, err error) {
	v, err := readView(b, nil)
	if err != nil {
		return nil, err
	}
	return v.encode()
}

// ViewBytes is the stored form of what a view shows.
func ViewBytes(v *View) ([]byte, error) { return v.still().encode() }

// Submit puts commands into the log as one job.
func (x *Exchange) Submit(cmds ...tape.Command) ([][]tape.Event, error) { return x.submit(cmds...) }

// Astray changes the venue by a command that the log does not have.
func (x *Exchange) Astray(cmd tape.Command) {
	var out tape.Buffer
	x.sequencer.venue.Apply(x.sequencer.last, cmd, &out)
}

// AskCheckpoint lets commands into the log and asks for a checkpoint of them.
func (x *Exchange) AskCheckpoint(cmds ...tape.Command) error {
	_, err := x.submitJob(&job{cmds: cmds, checkpoint: true})
	return err
}

// PruneSnapshots removes the snapshots that are no use, as before a new one is written.
func (x *Exchange) PruneSnapshots() error { return x.snapshots.prune() }

// KeepWaiting is keepWaiting.
func (x *Exchange) KeepWaiting(account uint64, all []WaitingLicence) error {
	return x.keepWaiting(account, all)
}

// Forget takes out of the view the decisions that are at hand, as when many came after them.
func (x *Exchange) Forget() {
	x.view.mu.Lock()
	defer x.view.mu.Unlock()
	x.view.forget()
}

// LookAhead is the first half of TakeEdition; take is the second.
func (x *Exchange) LookAhead(e *watchlist.Edition) (take func() (Change, error)) {
	a := x.lookAhead(e)
	return func() (Change, error) { return x.takeEdition(e, a, time.Now()) }
}

// Arriving is as if an edition had arrived that is not in force yet, until done is called.
func (x *Exchange) Arriving() (done func()) {
	x.leaving.Lock()
	return x.leaving.Unlock
}

// RequestWithdrawal is Withdraw as if no edition were arriving.
func (x *Exchange) RequestWithdrawal(account uint64, asset uint16, amount money.Amount, network, address, ref string, s Session) (tape.WithdrawalChanged, error) {
	return x.withdraw(x.customers.find(account), asset, amount, network, address, ref, s)
}

// Blind lets a view find nothing in the log, as if it could not be read, while the exchange goes on; it gives back its sight.
func (x *Exchange) Blind() (see func()) {
	log := x.view.log
	x.view.log = nil
	return func() { x.view.log = log }
}

// HoldBasis is as a change of what decisions rest on, until release is called.
func (x *Exchange) HoldBasis() (release func()) {
	x.basis.Lock()
	return x.basis.Unlock
}

// Remembered is how many customers are remembered to resemble nobody on the lists in force, each of whom is screened.
func (x *Exchange) Remembered() (n int, err error) {
	x.basis.Lock()
	defer x.basis.Unlock()
	for _, c := range x.customers.all() {
		if c.unlike.Load() != x.watch.number {
			continue
		}
		n++
		if own, owners := x.watch.screen(x.watch.index, c.profile); len(own)+len(owners) > 0 {
			err = fmt.Errorf("account %d resembles somebody", c.account)
		}
	}
	return n, err
}

// LawSoon is how long before a rule's hour customers are screened for it, and ScreenedAtOnce how many at a time.
const (
	LawSoon        = lawSoon
	ScreenedAtOnce = screenedAtOnce
)

// AheadOfLaw is what is done each second for a rule whose hour comes.
func (x *Exchange) AheadOfLaw() func() {
	var l lawAhead
	return func() { l.screen(x) }
}

// NextLaw is when the law changes next.
func (x *Exchange) NextLaw() time.Time { return timeOf(x.agenda.lawAt()) }

// SenderWaits waits until the sender has taken up all that is to be sent.
func (x *Exchange) SenderWaits() {
	for len(x.outbox) > 0 || x.missed.Load() {
		time.Sleep(time.Millisecond)
	}
}

// MayLeave reports whether value is let go now.
func (x *Exchange) MayLeave() bool {
	if !x.leaving.TryRLock() {
		return false
	}
	x.leaving.RUnlock()
	return true
}

// MaxRecent is how many of the newest decisions the view keeps whole.
const MaxRecent = maxRecent
