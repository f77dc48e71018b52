// Package verify is the auditor: it replays a journal by its own reading of the words in
// package tape and says what it proved, or names the first record that does not hold.
//
// It shares formats with the venue (package tape, gate.Decision as JSON) and takes the
// rules as data from package law. It has none of the code that decides, matches orders
// or posts: not package venue, not the order book, not the ledger, not the gate. A mistake
// would have to be made twice, by two readers, to go unseen.
//
// Four things look at every record in turn:
//
//   - the journal itself: hash chain, numbers without gaps, time that never goes back,
//     signed checkpoints (package journal);
//   - the model, the dull reading of the words: the events it produces must have the digest
//     that the record carries, and its state the hash that each checkpoint signs;
//   - the audit of each decision that stands: its id is that of its content, it was made
//     under the editions and the rules in force and on the data that the account commits to,
//     its verdict follows from its own facts, and what it leaves out of them a clearance
//     covers that is in force and, where the lists are at hand, still true of the entry;
//   - the witness, which knows no words: it watches the events for what must never happen
//     (an asset that does not sum to zero, a pocket below nothing, a trade with an account
//     whose standing forbids it, between two whom a bar keeps apart or out of price-time
//     priority, a crossed book, an order that waits for a price that has come, value that
//     leaves a frozen pocket without a decision, a decision spent twice).
//
// Besides, no order and no trade is in an asset that a decision says may not be offered, or
// brings an account one that it may not hold; dates are marked before what comes of them; and who
// is moved to a tier of fees for what they traded has traded that.
//
// What it cannot show: that the facts in a decision are true, that a list was taken up as
// its publisher gave it, that no record was cut off the end unless a checkpoint kept
// elsewhere says so. The report says which of these apply.
//
// TestMutations holds it to finding each kind of broken record at its own number;
// TestWords holds the model to numbers computed by hand; FuzzCommands to never fail on
// anything that decodes.
package verify

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sallyport/gate/receipt"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/venue/tape"
	"sallyport/watchlist"
)

// Options of Journal. The zero value checks everything that needs nothing from outside
// the log: no signatures, and no decision's verdict.
type Options struct {
	Rules     []*law.Set           // editions of the rules to evaluate decisions with
	Verifiers note.Verifiers       // keys that checkpoints must be signed with; nil means they are not looked at
	Held      []journal.Checkpoint // kept elsewhere, already opened; the log must meet each

	// Edition gives the list edition of a hash in hex, from a copy of the lists: clearances
	// are then held to what its entries say. Nil means they are not.
	Edition func(list, sha256 string) (*watchlist.Edition, error)

	// Receipts that the gate gave out, already opened: each must stand in the log as it says.
	Receipts []receipt.Receipt

	Progress func(done, total uint64)
}

// progressEvery is after how many records Progress is called.
const progressEvery = 1024

// A Sort says what about a record does not hold.
type Sort string

const (
	BadLog        Sort = "log"        // the journal's own promises: chain, numbers, times, signatures
	BadCheckpoint Sort = "checkpoint" // a checkpoint signs another chain or state than this log leads to
	BadPayload    Sort = "payload"    // it is no command in its one form
	BadOutcome    Sort = "outcome"    // its effects are not those that the words of package tape give
	BadDecision   Sort = "decision"   // a decision does not follow from what it says it rests on
	BadInvariant  Sort = "invariant"  // something happened that must never happen
	BadTier       Sort = "tier"       // an account has another tier of fees than it earned
	BadReceipt    Sort = "receipt"    // a receipt that the gate signed says something else than the log
)

// A Violation names the first record that does not hold, and why.
type Violation struct {
	Seq  uint64 `json:"record"`
	Kind Sort   `json:"kind"`
	Why  string `json:"why"`
}

func (v *Violation) Error() string {
	return fmt.Sprintf("verify: record %d does not hold (%s): %s", v.Seq, v.Kind, v.Why)
}

// A Report counts what was replayed and says in sentences what that proves.
type Report struct {
	Origin   string            `json:"origin"` // name of the log
	Records  uint64            `json:"records"`
	Commands map[string]uint64 `json:"commands"` // by kind, refused ones included
	Refused  uint64            `json:"refused"`
	First    time.Time         `json:"first,omitzero"` // time of the first record, UTC
	Last     time.Time         `json:"last,omitzero"`  // and of the last

	Accounts    uint64 `json:"accounts"` // open at the end
	Orders      uint64 `json:"orders"`   // accepted
	Trades      uint64 `json:"trades"`
	Sided       uint64 `json:"sided_trades"` // of the trades, those in which one at least stood on a side of a bar
	Barred      uint64 `json:"barred"`       // matches that a bar prevented
	SelfMet     uint64 `json:"self_met"`     // matches of an account with itself or its trade group that were prevented
	Transfers   uint64 `json:"transfers"`    // of these, those whose value changed hands
	Deposits    uint64 `json:"deposits"`
	Withdrawals uint64 `json:"withdrawals"` // accepted
	Frozen      uint64 `json:"frozen"`      // accounts that stand at freeze at the end
	HeldBack    uint64 `json:"held"`        // accounts that stand at hold at the end

	Clearances uint64 `json:"clearances,omitempty"` // given
	Relied     uint64 `json:"relied,omitempty"`     // decisions that rely on one or more

	Marks    uint64 `json:"marks,omitempty"`    // of rules' hours, and of their wind-downs' and licences'
	Expiries uint64 `json:"expiries,omitempty"` // of customers' permits and licences
	Licences uint64 `json:"licences,omitempty"` // recorded for customers

	VolumeMarks uint64 `json:"volume_marks,omitempty"` // days on which it was looked at which tiers of fees were earned
	Earned      uint64 `json:"earned,omitempty"`       // moves to another of these

	Asked uint64 `json:"asked,omitempty"` // decisions that an exchange with a ledger of its own asked for

	Decisions          uint64            `json:"decisions"`           // that stand
	RedecidedDecisions uint64            `json:"redecided_decisions"` // of those, evaluated again with the rules they name
	ByVerdict          map[string]uint64 `json:"by_verdict"`

	Receipts int `json:"receipts,omitempty"` // given, and met

	Checkpoints int    `json:"checkpoints"` // signed ones in the log that were met
	Covered     uint64 `json:"covered"`     // the last record under a checkpoint
	LastSeq     uint64 `json:"last_seq"`
	Chain       Digest `json:"chain"`      // after the last record
	StateHash   Digest `json:"state_hash"` // of the state after the last record

	What []string `json:"what"` // sentences: what was proved, and what was not
}

// A Digest is a SHA-256 that is written in hex.
type Digest tape.Hash

func (d Digest) String() string { return fmt.Sprintf("%x", d[:]) }

// MarshalText writes lower-case hex.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Name is what a kind of command is called in reports: "PlaceOrder".
func Name(cmd tape.Command) string { return reflect.TypeOf(cmd).Elem().Name() }

// replay is one run of Journal.
type replay struct {
	options Options
	total   uint64
	held    map[uint64][]journal.Checkpoint
	given   map[uint64][]receipt.Receipt // by record
	asked   map[string]string            // movements of decisions that another exchange asked for, by decision
	keys    map[string]tape.Hash         // such decisions, by the question they answer
	sets    map[string]*law.Set
	model   *model
	witness *witness
	report  Report
	last    int64             // time of the record before
	unknown map[string]uint64 // decisions under rule sets that were not given, by hash
	late    uint64            // decisions recorded after the law changed since they were made

	clearances     clearances
	dates          dates
	volumes        volumes
	assets         assets
	rested, unseen uint64 // clearances held to an edition's entry, and those whose edition was not at hand
}

// Journal replays the whole log. The error is a *Violation when a record does not hold,
// and the report then covers the records before it; any other error means that the log
// could not be read. Memory is that of the state, and of one number a decision.
func Journal(log *journal.Log, o Options) (Report, error) {
	r := &replay{
		options: o, held: map[uint64][]journal.Checkpoint{}, given: map[uint64][]receipt.Receipt{}, asked: map[string]string{}, keys: map[string]tape.Hash{}, sets: map[string]*law.Set{},
		model: newModel(), witness: newWitness(), unknown: map[string]uint64{},
		clearances: newClearances(o.Edition), dates: newDates(), volumes: newVolumes(), assets: newAssets(),
		report: Report{Origin: log.Origin(), Commands: map[string]uint64{}, ByVerdict: map[string]uint64{}},
	}
	r.total, _ = log.Head()
	r.report.Chain = Digest(journal.ChainStart(log.Origin()))
	for _, s := range o.Rules {
		r.sets[s.SHA256()] = s
	}
	for _, c := range o.Held {
		r.held[c.Seq] = append(r.held[c.Seq], c)
	}

	for _, g := range o.Receipts {
		r.given[g.Seq] = append(r.given[g.Seq], g)
	}

	err := r.run(log)
	var broken *journal.BrokenError
	if errors.As(err, &broken) {
		err = &Violation{broken.Seq, BadLog, broken.Why}
	}
	r.count()
	if err != nil {
		r.report.What = nil
		return r.report, err
	}
	r.conclude()
	return r.report, nil
}

func (r *replay) run(log *journal.Log) error {
	if r.options.Verifiers == nil {
		for _, c := range r.options.Held {
			if c.Seq == 0 || c.Origin != log.Origin() {
				return &Violation{c.Seq, BadCheckpoint, fmt.Sprintf("the checkpoint held is of %q, this log of %q", c.Origin, log.Origin())}
			}
		}
		if err := log.Read(1, r.record); err != nil {
			return err
		}
		for _, c := range r.options.Held {
			if c.Seq > r.report.Records {
				return &Violation{r.report.Records + 1, BadLog, fmt.Sprintf("missing, though the checkpoint held covers record %d", c.Seq)}
			}
		}
	} else {
		proof, err := log.Audit(r.options.Verifiers, r.options.Held, r.record, r.checkpoint)
		r.report.Checkpoints = proof.Checkpoints
		r.report.Covered = max(r.report.Covered, proof.Covered)
		if err != nil {
			return err
		}
	}
	for _, g := range r.options.Receipts {
		if g.Seq > r.report.Records {
			return &Violation{r.report.Records + 1, BadLog, fmt.Sprintf("missing, though a receipt was given for record %d", g.Seq)}
		}
	}
	if err := r.witness.whole(); err != nil {
		return &Violation{r.report.LastSeq, BadInvariant, err.Error()}
	}
	if err := r.settled(nil); err != nil {
		return &Violation{r.report.LastSeq, BadDecision, err.Error()}
	}
	if err := r.due(nil); err != nil {
		return &Violation{r.report.LastSeq, BadDecision, err.Error()}
	}
	if err := r.owing(nil); err != nil {
		return &Violation{r.report.LastSeq, BadTier, err.Error()}
	}
	return nil
}

// record replays one record.
func (r *replay) record(rec journal.Record) error {
	fail := func(kind Sort, format string, args ...any) error {
		return &Violation{rec.Seq, kind, fmt.Sprintf(format, args...)}
	}
	if rec.Seq > 1 && rec.Time < r.last {
		return fail(BadLog, "its time %d is before %d, that of the record before it", rec.Time, r.last)
	}
	cmd, err := tape.Decode(tape.Kind(rec.Kind), rec.Payload)
	if err != nil {
		return fail(BadPayload, "%v", err)
	}
	if rec.Seq == 1 {
		if _, ok := cmd.(*tape.Genesis); !ok {
			return fail(BadPayload, "the first command is a %s, not the founding", Name(cmd))
		}
	}
	if err := r.settled(cmd); err != nil {
		return fail(BadDecision, "%v", err)
	}
	if err := r.due(cmd); err != nil {
		return fail(BadDecision, "%v", err)
	}
	if err := r.owing(cmd); err != nil {
		return fail(BadTier, "%v", err)
	}
	events := r.model.apply(rec.Time, cmd)
	if got := tape.Digest(events); got != rec.Outcome {
		return fail(BadOutcome, "%s: its effects are not those recorded; by the words they are: %s", Name(cmd), describe(events))
	}
	if err := r.witness.see(rec.Seq, cmd, events); err != nil {
		return fail(BadInvariant, "%s: %v", Name(cmd), err)
	}
	if err := r.auditAssets(cmd, events); err != nil {
		return fail(BadInvariant, "%s: %v", Name(cmd), err)
	}
	r.clearances.see(events)
	if _, no := refusal(events); no {
		r.report.Refused++
	} else if err := r.auditDates(rec.Seq, rec.Time, cmd, events); err != nil {
		return fail(BadDecision, "%v", err)
	} else if err := r.auditCommand(rec.Time, cmd); err != nil {
		return fail(BadDecision, "%v", err)
	}
	r.dates.ended(events)
	r.trades(events)
	if m, ok := cmd.(*tape.MarkVolume); ok {
		if err := r.auditVolume(rec.Time, m); err != nil {
			return fail(BadTier, "%v", err)
		}
	}

	for _, g := range r.given[rec.Seq] {
		if err := r.auditReceipt(&g, rec, cmd, events); err != nil {
			return fail(BadReceipt, "%v", err)
		}
		r.report.Receipts++
	}

	r.report.Commands[Name(cmd)]++
	if r.report.Records == 0 {
		r.report.First = time.UnixMicro(rec.Time).UTC()
	}
	r.report.Last = time.UnixMicro(rec.Time).UTC()
	r.report.Records++
	r.report.LastSeq, r.report.Chain, r.last = rec.Seq, Digest(rec.Chain), rec.Time

	for _, c := range r.held[rec.Seq] {
		if c.Chain != rec.Chain || c.Time != rec.Time {
			return fail(BadCheckpoint, "a checkpoint held says that another history led to it")
		}
		if err := r.checkpoint(c); err != nil {
			return err
		}
	}
	if p := r.options.Progress; p != nil && (rec.Seq%progressEvery == 0 || rec.Seq == r.total) {
		p(rec.Seq, r.total)
	}
	return nil
}

// auditCommand checks what a command that took effect says of the law.
func (r *replay) auditCommand(at int64, cmd tape.Command) error {
	switch c := cmd.(type) {
	case *tape.Decide:
		return r.auditDecision(at, c)
	case *tape.Clear:
		r.report.Clearances++
		return r.auditClear(c)
	}
	return nil
}

// checkpoint holds a checkpoint over the record just replayed to the model's state.
func (r *replay) checkpoint(c journal.Checkpoint) error {
	if hash := r.model.state().Hash(); hash != c.State {
		return &Violation{c.Seq, BadCheckpoint, fmt.Sprintf("a checkpoint signs the state %x, replaying leads to %x", c.State, hash)}
	}
	r.report.Covered = max(r.report.Covered, c.Seq)
	return nil
}

// refusal gives why a command had no effect, where it had none. One that was refused in a
// part of it, as ReplaceOrder may be, had an effect.
func refusal(events []tape.Event) (tape.Refused, bool) {
	for _, e := range events {
		if _, no := e.(tape.Refused); !no {
			return tape.Refused{}, false
		}
	}
	if len(events) == 0 {
		return tape.Refused{}, false
	}
	return events[0].(tape.Refused), true
}

// describe names events for the reader of a violation.
func describe(events []tape.Event) string {
	if e, ok := refusal(events); ok {
		return fmt.Sprintf("refused, %s", e.Reason)
	}
	const most = 8
	text := ""
	for i, e := range events {
		if i == most {
			return text + fmt.Sprintf(" and %d more", len(events)-most)
		}
		if i > 0 {
			text += ", "
		}
		text += reflect.TypeOf(e).Name()
		switch e := e.(type) {
		case tape.Refused:
			text += fmt.Sprintf(" (%s)", e.Reason)
		case *tape.OrderChanged:
			text += fmt.Sprintf(" (order %d %s, filled %s)", e.ID, e.Status, e.Filled)
		case *tape.Traded:
			text += fmt.Sprintf(" (%s at %s)", e.Quantity, e.Price)
		case *tape.BalanceChanged:
			text += fmt.Sprintf(" (account %d)", e.Account)
		case tape.StandingChanged:
			text += fmt.Sprintf(" (account %d: %s)", e.Account, e.Verdict)
		}
	}
	if text == "" {
		return "none"
	}
	return text
}

// count fills in what the state says at the end.
func (r *replay) count() {
	m := r.model
	r.report.Accounts = uint64(len(m.accounts))
	r.report.Orders, r.report.Trades = m.lastOrder, m.lastTrade
	r.report.Sided, r.report.Barred, r.report.SelfMet = r.witness.sided, r.witness.barred, r.witness.selfMet
	r.report.Transfers = r.witness.transfers
	r.report.Deposits, r.report.Withdrawals = m.lastDeposit, m.lastWithdrawal
	for _, a := range m.accounts {
		switch a.Standing.Verdict {
		case law.Freeze:
			r.report.Frozen++
		case law.Hold:
			r.report.HeldBack++
		}
	}
	r.report.StateHash = Digest(m.state().Hash())
}

// conclude writes the sentences.
func (r *replay) conclude() {
	p := &r.report
	say := func(format string, args ...any) { p.What = append(p.What, fmt.Sprintf(format, args...)) }
	if p.Records == 0 {
		say("The log %s is empty: there was nothing to prove.", p.Origin)
		return
	}
	say("Records 1 to %d of %s are there without a gap, in one hash chain, in order of time.", p.LastSeq, p.Origin)
	say("Each has the effects that an independent reading of the words in package tape gives, to the last unit.")
	say("After each of them every asset summed to zero, no account had less than nothing in any pocket, and what was reserved is what open orders need.")
	say("Each of the %d trades was at its maker's price, within both limits, in price-time priority among those who may meet, between accounts that were allowed to trade at that moment; the books were never crossed.", p.Trades)
	say("No forbidden pair ever traded: each trade was held against the bars as both accounts stood to them at that moment; in %d one at least stood on a side of a bar. Matches prevented by a bar: %d; of an account with itself or its trade group: %d.", p.Sided, p.Barred, p.SelfMet)
	say("Value came to accounts and left them as trades, transfers, deposits and withdrawals tell, and in no other way. Transfers are between two accounts of one trade group whose orders both ask for it, whom no bar keeps apart and who were both allowed to trade at that moment: %d.", p.Transfers)
	say("Nothing left a frozen pocket except by a decision recorded for that account; each opening, deposit and withdrawal had a decision of its own, spent once.")

	switch {
	case p.Decisions == 0:
		say("No decision stands in it.")
	default:
		say("Each of the %d decisions is what its id says and was made under the editions and rules in force; evaluated again from their own facts and found to follow: %d.", p.Decisions, p.RedecidedDecisions)
	}
	if n := r.assets.ruled; n > 0 {
		say("Decisions on what an operator may not offer or an account may not hold, and on what it may again: %d. No order was taken and nothing traded against one that stood.", n)
	}
	if p.Asked > 0 {
		say("Decisions for an exchange that keeps its own ledger: %d; each question has one answer, the digest of each movement is that of what moves, and none of them moved anything here. What that exchange did with them is in its own ledger.", p.Asked)
	}
	if p.Clearances > 0 {
		say("Clearances given, each for a likeness that a decision had found and none for identity: %d. Decisions that rely on one, in force at that moment and alike in every field: %d. Nobody traded or withdrew under a clearance that had ended.", p.Clearances, p.Relied)
		switch {
		case r.options.Edition == nil:
			say("What the lists' entries said, on which the clearances rest, was not looked at: no lists were given.")
		case r.unseen > 0:
			say("Clearances held to the entry in the edition in force: %d times; not, for want of the edition: %d times.", r.rested, r.unseen)
		default:
			say("Clearances held to the entry in the edition in force: %d times.", r.rested)
		}
	}
	r.sayDates(say)
	r.sayVolumes(say)
	for _, hash := range slices.Sorted(maps.Keys(r.unknown)) {
		say("Decisions not evaluated again, because they name the rule set %s, which this program does not carry: %d.", hash, r.unknown[hash])
	}
	if r.late > 0 {
		say("Decisions recorded after a rule that speaks of them had begun or ended since they were made: %d.", r.late)
	}
	switch {
	case r.options.Verifiers == nil:
		say("No key was given: the signed checkpoints in the log were not looked at.")
	case p.Checkpoints == 0:
		say("The log holds no signed checkpoint.")
	default:
		say("Signed checkpoints met, in chain and in state: %d, the last at record %d.", p.Checkpoints, p.Covered)
	}
	if p.Receipts > 0 {
		say("Receipts given and met: %d; each stands in the log as it says, and what it tells to do follows from its decision and the standing at that moment.", p.Receipts)
	}
	if n := len(r.options.Held); n > 0 {
		say("Checkpoints kept elsewhere and met: %d; no record that they cover is missing.", n)
	} else {
		say("Whether records were cut off the end cannot be told from the log alone: keep a checkpoint elsewhere.")
	}
	say("Whether the facts in the decisions are true, and the lists those of their publishers, is not for a log to show.")
}
