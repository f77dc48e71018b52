package exchange

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"sallyport/gate"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/venue/tape"
)

// decisions is what a view keeps of the decisions in the log: of the one that an account stands under what lists and
// changes of the basis ask for (stance), whole the few that pages and the gate ask for all the time, and of every one where
// it is. All others are read from the log when somebody asks for them (View.Decision).
type decisions struct {
	count   int
	finder  finder  // every one, by its identifier, its question and its movement
	changes numbers // the records of every Notice

	recent  []*DecisionRecord          // newest last, the last maxRecent
	opening map[string]*DecisionRecord // that an account may yet be opened with, by id
	apart   map[string]*DecisionRecord // newest on a movement of another ledger whose value lies apart or may just be moving
	permits []*DecisionRecord          // those of apart that let it move, oldest first, and some that are there no more
	laid    map[string]laid            // what put a deposit or a withdrawal here where it lies and is not free, by the bytes of the decision
	rulings map[ruled]*DecisionRecord  // our own on assets and platforms: the newest
	holding map[uint64]bool            // accounts with a ruling on what they may hold
	rests   map[string]*rests          // what decisions that accounts stand under rest on, each once
}

const (
	maxRecent = 2000
	maxRead   = 2048 // decisions kept that were read from the log; a power of two
)

func newDecisions() decisions {
	return decisions{
		opening: map[string]*DecisionRecord{}, apart: map[string]*DecisionRecord{}, laid: map[string]laid{}, rulings: map[ruled]*DecisionRecord{}, holding: map[uint64]bool{},
		rests: map[string]*rests{},
	}
}

// A DecisionRecord is a decision as it stands in the log.
type DecisionRecord struct {
	Seq      uint64
	At       time.Time
	Decision gate.Decision
	Standing tape.Standing // of its account after that record; zero where there was none
}

// Body is the decision as it stands in the log: canonical JSON, of which there is one for each (tape.Decide).
func (r *DecisionRecord) Body() []byte { return encodeDecision(r.Decision).Body }

// ErrNoDecision says that no decision of the log is the one that was asked for.
var ErrNoDecision = errors.New("is not in the log")

var errNoLog = errors.New("exchange: this view has no log to read from")

// stood is a change of an account's standing: the number of the record, and in its lowest two bytes what the account
// may do from there on and the verdict. By which decision, the record says.
type stood uint64

func stoodOf(seq uint64, s *tape.Standing) stood {
	if seq > maxFound {
		panic("exchange: a record's number takes more than six bytes")
	}
	return stood(seq<<16 | uint64(s.May)<<8 | uint64(s.Verdict))
}

func (s stood) seq() uint64 { return uint64(s >> 16) }

// standing is what a change made it, by a decision.
func (s stood) standing(decision tape.Hash) tape.Standing {
	return tape.Standing{Verdict: s.verdict(), May: tape.May(s >> 8), Decision: decision}
}

func (s stood) verdict() law.Verb { return law.Verb(uint8(s)) }

// findStood is where the change of a record stands among an account's, or would stand.
func (a *accountView) findStood(seq uint64) (int, bool) {
	return slices.BinarySearchFunc(a.stood, seq, func(s stood, seq uint64) int { return cmp.Compare(s.seq(), seq) })
}

func (v *View) decided(body []byte, e tape.Decided) {
	r := &DecisionRecord{Seq: v.seq, At: timeOf(v.at)}
	var err error
	if r.Decision, err = gate.ReadDecision(body); err != nil {
		panic("exchange: a decision that the venue took does not decode")
	}
	d := &r.Decision
	v.count++
	for _, name := range namesOf(d) {
		v.finder.add(name, r.Seq)
	}
	if len(v.recent) >= maxRecent {
		v.recent = slices.Delete(v.recent, 0, maxRecent/4)
	}
	v.recent = append(v.recent, r)
	v.ruled(r)
	switch {
	case d.Action == law.OpenAccount && (d.Verdict == law.Refuse || d.Verdict == law.Reject):
		v.refused++
		v.happened(Happening{Kind: "refuse", Text: "An applicant was refused by " + operatorTitle(v.genesis, d.Operator) + because(d), Decision: d.ID, Account: d.Account, Action: d.Action, Verdict: d.Verdict})
	case d.Action == law.OpenAccount:
		v.opening[d.ID] = r
	case d.Action == law.Withdraw && d.Verdict != law.Allow && d.Verdict != law.Exit && d.Verdict != law.Cap,
		d.Action == law.Deposit && d.Verdict != law.Allow && d.Verdict != law.Exit && d.Verdict != law.Cap:
		v.happened(Happening{
			Kind: d.Verdict.String(), Text: "A " + string(d.Action) + " of account " + number(d.Account) + ": " + d.Verdict.String() + because(d),
			Decision: d.ID, Account: d.Account, Action: d.Action, Verdict: d.Verdict,
		})
	}
}

// namesOf is what a decision is found by.
func namesOf(d *gate.Decision) []foundName {
	names := []foundName{nameOf(byID, d.ID)}
	if d.Asked == nil {
		return names
	}
	if d.Asked.Key != "" {
		names = append(names, nameOf(byKey, d.Asked.Key))
	}
	if d.Movement != "" && d.Asked.Moves != nil {
		names = append(names, nameOf(byMovement, d.Movement))
	}
	return names
}

// ruled keeps a decision of our own on an asset or a platform as the newest of its kind.
func (v *View) ruled(r *DecisionRecord) {
	d := &r.Decision
	if d.About == "" || d.Asked != nil {
		return
	}
	v.rulings[ruledOn(d.Account, d.Operator, d.Action, d.About)] = r
	if d.Action == law.HoldAsset {
		v.holding[d.Account] = true
	}
}

// ruled is what a decision on an asset or a platform rules: for whom, what and which. An
// account has one operator, which need not be named.
type ruled struct {
	account  uint64
	operator string
	action   law.Action
	about    string
}

func ruledOn(account uint64, operator string, action law.Action, about string) ruled {
	if account != 0 {
		operator = ""
	}
	return ruled{account, operator, action, about}
}

// ruling is the newest decision of ours on an asset or a platform, or nil.
func (v *View) ruling(account uint64, operator string, action law.Action, about string) *DecisionRecord {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.rulings[ruledOn(account, operator, action, about)]
}

// anyHolding reports whether it was ever decided what a customer may hold.
func (v *View) anyHolding() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return len(v.holding) > 0
}

// asksHolding reports whether it was ever decided what this customer may hold.
func (v *View) asksHolding(account uint64) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.holding[account]
}

func (v *View) standingChanged(e tape.StandingChanged) {
	a := v.of(e.Account)
	before, id := a.standing, hex.EncodeToString(e.Decision[:])
	countStops(v.stops, a, -1)
	by := v.toStandUnder(id)
	a.standing, a.sides, a.under = e.Standing, e.Sides, v.stanceBy(by)
	v.counts.standings[before.Verdict]--
	v.counts.standings[e.Verdict]++
	v.counts.note(a)
	a.stood = append(a.stood, stoodOf(v.seq, &e.Standing))
	countStops(v.stops, a, +1)
	v.changes.add(v.seq)
	if before.Verdict == e.Verdict || before.Verdict == law.Undecided && e.Verdict == law.Allow {
		return
	}
	text := "Account " + number(e.Account) + " of " + v.genesis.Operators[a.operator].Title + " is " + standingWord(e.Verdict)
	kind := e.Verdict.String()
	if e.Verdict == law.Allow {
		kind = "release"
	}
	if by != nil {
		text += because(&by.Decision)
	}
	action := law.Review
	if len(a.stood) == 1 {
		action = law.OpenAccount
	}
	v.happened(Happening{Kind: kind, Text: text, Decision: id, Account: e.Account, Action: action, Verdict: e.Verdict})
}

// laid is of a decision under which something lies what tells whether it is decided again: there may be much of that, and each
// time that a list changes it is gone through.
type laid struct {
	action  law.Action
	verdict law.Verb
}

// lay notes the decision under which something lies, which as a rule is just before the record at hand, or in
// it. Of another that is read when it is asked for.
func (v *View) lay(id tape.Hash) {
	name := hex.EncodeToString(id[:])
	for _, r := range slices.Backward(v.recent) {
		if r.Decision.ID == name {
			v.laid[string(id[:])] = laid{r.Decision.Action, r.Decision.Verdict}
			return
		}
	}
}

// laidBy is what is kept of the decision under which something lies; the error is as of Decision.
func (v *View) laidBy(id tape.Hash) (laid, error) {
	v.mu.RLock()
	l, ok := v.laid[string(id[:])]
	v.mu.RUnlock()
	if ok {
		return l, nil
	}
	r, err := v.decisionBy(id)
	if err != nil {
		return laid{}, err
	}
	return laid{r.Decision.Action, r.Decision.Verdict}, nil
}

// toStandUnder is the decision that the record at hand gives an account: the one that is in it, or one that waited for the account to
// be opened.
func (v *View) toStandUnder(id string) *DecisionRecord {
	if n := len(v.recent); n > 0 && v.recent[n-1].Decision.ID == id {
		delete(v.opening, id)
		return v.recent[n-1]
	}
	r := v.opening[id]
	delete(v.opening, id)
	return r
}

func countStops(stops map[string]int, a *accountView, by int) {
	if a.under.seq == 0 || a.standing.Verdict == law.Allow {
		return
	}
	for _, rule := range a.under.rests.fired {
		stops[rule] += by
	}
}

// Standing is the decision that an account stands under. The error is ErrNoDecision where there is no such account, and
// another where it cannot be read.
func (v *View) Standing(account uint64) (*DecisionRecord, error) {
	s := v.stance(account)
	if s.whole != nil {
		return s.whole, nil
	}
	if s.seq == 0 {
		return nil, fmt.Errorf("exchange: what account %d stands under %w", account, ErrNoDecision)
	}
	r, err := v.decisionOf(s.seq)
	if err != nil {
		return nil, err
	}
	if r.Decision.Account != account || r.Decision.ID != s.id() {
		return nil, fmt.Errorf("exchange: record %d has another decision than account %d stands under", s.seq, account)
	}
	return r, nil
}

// Decision finds a decision by its id, however old it is. The error is ErrNoDecision where the log has none of it, and
// another where that cannot be told.
func (v *View) Decision(id string) (*DecisionRecord, error) {
	return v.newest(byID, id, theEnd, func(d *gate.Decision) bool { return d.ID == id })
}

func (v *View) decisionBy(id tape.Hash) (*DecisionRecord, error) {
	return v.Decision(hex.EncodeToString(id[:]))
}

// newest is the newest decision of a name in a record before the given one, for which is says yes.
func (v *View) newest(kind, name string, before uint64, is func(*gate.Decision) bool) (*DecisionRecord, error) {
	by := nameOf(kind, name)
	v.mu.RLock()
	seqs := v.finder.find(by)
	v.mu.RUnlock()
	for _, seq := range seqs {
		if seq >= before {
			continue
		}
		r, err := v.decisionOf(seq)
		if err != nil {
			return nil, err
		}
		if is(&r.Decision) {
			return r, nil
		}
		if !slices.Contains(namesOf(&r.Decision), by) {
			return nil, fmt.Errorf("exchange: record %d has another decision than it had", seq)
		}
	}
	return nil, fmt.Errorf("exchange: %s%s %w", kind, name, ErrNoDecision)
}

// Decisions finds several by their ids, the newest of them first and at most limit, which are read. An
// id of none is passed over.
func (v *View) Decisions(ids []string, limit int) ([]*DecisionRecord, error) {
	var seqs []uint64
	asked, names := map[string]bool{}, map[foundName]bool{}
	v.mu.RLock()
	for _, id := range ids {
		by := nameOf(byID, id)
		asked[id], names[by] = true, true
		seqs = append(seqs, v.finder.find(by)...)
	}
	v.mu.RUnlock()
	slices.Sort(seqs)
	var rs []*DecisionRecord
	for _, seq := range slices.Backward(slices.Compact(seqs)) {
		if len(rs) == limit {
			break
		}
		r, err := v.decisionOf(seq)
		if err != nil {
			return nil, err
		}
		switch {
		case asked[r.Decision.ID]:
			rs = append(rs, r)
		case !slices.ContainsFunc(namesOf(&r.Decision), func(n foundName) bool { return names[n] }):
			return nil, fmt.Errorf("exchange: record %d has another decision than it had", seq)
		}
	}
	return rs, nil
}

// decisionOf is the decision of a record, from what is at hand or from the log.
func (v *View) decisionOf(seq uint64) (*DecisionRecord, error) {
	if r := v.atHand(seq); r != nil {
		return r, nil
	}
	rec, cmd, err := v.logged(seq)
	if err != nil {
		return nil, err
	}
	return v.decisionIn(rec, cmd)
}

// decisionIn is the decision of a record that was read, which is at hand for a while.
func (v *View) decisionIn(rec journal.Record, cmd tape.Command) (*DecisionRecord, error) {
	r, err := decodeRecord(rec, cmd)
	if err != nil {
		return nil, err
	}
	if r.Standing, err = v.stoodAfter(r.Decision.Account, r.Seq); err != nil {
		return nil, err
	}
	v.read[r.Seq%maxRead].Store(r)
	return r, nil
}

// decodeRecord is the decision of a record, without the standing.
func decodeRecord(rec journal.Record, cmd tape.Command) (*DecisionRecord, error) {
	c, ok := cmd.(*tape.Decide)
	if !ok {
		return nil, fmt.Errorf("exchange: record %d is no decision", rec.Seq)
	}
	r := &DecisionRecord{Seq: rec.Seq, At: timeOf(rec.Time)}
	var err error
	if r.Decision, err = gate.ReadDecision(c.Body); err != nil {
		return nil, fmt.Errorf("exchange: the decision of record %d does not decode: %w", rec.Seq, err)
	}
	if err := r.Decision.Check(); err != nil {
		return nil, fmt.Errorf("exchange: record %d: %w", rec.Seq, err)
	}
	return r, nil
}

// atHand is the decision of a record if it need not be read, or nil.
func (v *View) atHand(seq uint64) *DecisionRecord {
	if r := v.read[seq%maxRead].Load(); r != nil && r.Seq == seq {
		return r
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	i, ok := slices.BinarySearchFunc(v.recent, seq, func(r *DecisionRecord, seq uint64) int { return cmp.Compare(r.Seq, seq) })
	if !ok {
		return nil
	}
	return v.recent[i]
}

// logged is a record of the log and its command.
func (v *View) logged(seq uint64) (journal.Record, tape.Command, error) {
	if v.log == nil {
		return journal.Record{}, nil, errNoLog
	}
	rec, err := v.log.Record(seq)
	if err != nil {
		return rec, nil, fmt.Errorf("exchange: %w", err)
	}
	cmd, err := tape.Decode(tape.Kind(rec.Kind), rec.Payload)
	if err != nil {
		return rec, nil, fmt.Errorf("exchange: record %d: %w", seq, err)
	}
	return rec, cmd, nil
}

// stoodAfter is the standing that an account had after a record.
func (v *View) stoodAfter(account, seq uint64) (tape.Standing, error) {
	v.mu.RLock()
	var is stood
	var now tape.Standing
	if a := v.accounts[account]; a != nil {
		i, ok := a.findStood(seq)
		if ok {
			i++
		}
		if i > 0 {
			is = a.stood[i-1]
		}
		if i == len(a.stood) {
			now = a.standing
		}
	}
	v.mu.RUnlock()
	if is == 0 || now != (tape.Standing{}) {
		return now, nil
	}
	decision, err := v.stoodBy(is.seq())
	return is.standing(decision), err
}

// stoodBy is the decision by which a record changed a standing.
func (v *View) stoodBy(seq uint64) (tape.Hash, error) {
	if r := v.atHand(seq); r != nil {
		return hashOf(r.Decision.ID)
	}
	rec, cmd, err := v.logged(seq)
	if err != nil {
		return tape.Hash{}, err
	}
	if c, ok := cmd.(*tape.OpenAccount); ok {
		return c.Decision, nil
	}
	r, err := decodeRecord(rec, cmd)
	if err != nil {
		return tape.Hash{}, err
	}
	return hashOf(r.Decision.ID)
}

// Recent lists the newest decisions for which keep says yes, newest first.
func (v *View) Recent(limit int, keep func(*gate.Decision) bool) []*DecisionRecord {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var rs []*DecisionRecord
	for i := len(v.recent) - 1; i >= 0 && len(rs) < limit; i-- {
		if keep(&v.recent[i].Decision) {
			rs = append(rs, v.recent[i])
		}
	}
	return rs
}

// A Notice says that an account stands under another decision from here on, or that
// a movement of it in another ledger was decided again.
type Notice struct {
	Seq     uint64 // the log's record
	At      time.Time
	Account uint64
	Before  law.Verb // undecided at the opening
	tape.Standing

	Movement *DecisionRecord // the decision on the movement; nil for a change of standing
}

// answered keeps what a decision answers, and how the account stands after it.
func (v *View) answered(events []tape.Event) {
	e, ok := events[0].(tape.Decided)
	if !ok {
		return // refused
	}
	r := v.recent[len(v.recent)-1]
	if a := v.accounts[e.Account]; a != nil {
		r.Standing = a.standing
	}
	d := &r.Decision
	if d.Asked == nil || d.Movement == "" || d.Asked.Moves == nil {
		return
	}
	if d.Asked.Again != "" {
		v.changes.add(r.Seq)
	}
	switch do, _ := r.Do(); do {
	case gate.Proceed:
		v.permits = append(v.permits, r)
		v.apart[d.Movement] = r
	case gate.Block, gate.SetAside:
		v.apart[d.Movement] = r
	default:
		delete(v.apart, d.Movement) // nothing lies there, and whoever asked will ask again
	}
	for len(v.permits) > 0 {
		r := v.permits[0]
		if newest := v.apart[r.Decision.Movement] == r; newest && !r.GoodUntil().Before(timeOf(v.at)) {
			break
		} else if newest {
			delete(v.apart, r.Decision.Movement) // it has moved, or can no longer
		}
		v.permits = v.permits[1:]
	}
}

// Answer finds the decision that a question was answered with, by Asked.Key; the error is as of
// Decision.
func (v *View) Answer(key string) (*DecisionRecord, error) {
	return v.newest(byKey, key, theEnd, func(d *gate.Decision) bool { return d.Asked != nil && d.Asked.Key == key })
}

// movedElsewhere lists the newest decision on each movement in another ledger whose value lies
// apart or frozen there, or may just be moving, in the order of the log.
func (v *View) movedElsewhere() []*DecisionRecord {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var rs []*DecisionRecord
	for _, r := range v.apart {
		if do, _ := r.Do(); do != gate.Proceed || !r.GoodUntil().Before(timeOf(v.at)) {
			rs = append(rs, r)
		}
	}
	slices.SortFunc(rs, func(a, b *DecisionRecord) int { return cmp.Compare(a.Seq, b.Seq) })
	return rs
}

// permit is the newest decision on a movement in another ledger; the error is as of Decision.
func (v *View) permit(movement string) (*DecisionRecord, error) {
	return v.onMovement(movement, theEnd)
}

// onMovement is the newest decision on a movement in another ledger in a record before the given one.
func (v *View) onMovement(movement string, before uint64) (*DecisionRecord, error) {
	return v.newest(byMovement, movement, before, func(d *gate.Decision) bool {
		return d.Movement == movement && d.Asked != nil && d.Asked.Moves != nil
	})
}

// Changes lists what has changed after a record of the log, oldest first, at most limit.
func (v *View) Changes(after uint64, limit int) ([]Notice, error) {
	var ns []Notice
	for len(ns) < limit {
		v.mu.RLock()
		seqs := v.changes.after(after, limit-len(ns))
		v.mu.RUnlock()
		for _, seq := range seqs {
			n, err := v.notice(seq)
			if err == nil {
				ns = append(ns, n)
			} else if !errors.Is(err, ErrNoDecision) { // what it was decided again after; nobody waits for it
				return nil, err
			}
			after = seq
		}
		if len(seqs) == 0 {
			break
		}
	}
	return ns, nil
}

// notice is what a record changed.
func (v *View) notice(seq uint64) (Notice, error) {
	r := v.atHand(seq)
	if r == nil {
		rec, cmd, err := v.logged(seq)
		if err != nil {
			return Notice{}, err
		}
		if c, ok := cmd.(*tape.OpenAccount); ok {
			return v.stoodNotice(Notice{Seq: seq, At: timeOf(rec.Time), Account: c.Account}, c.Decision)
		}
		if r, err = v.decisionIn(rec, cmd); err != nil {
			return Notice{}, err
		}
	}
	d := &r.Decision
	n := Notice{Seq: seq, At: r.At, Account: d.Account}
	if d.Movement == "" {
		id, err := hashOf(d.ID)
		if err != nil {
			return Notice{}, err
		}
		return v.stoodNotice(n, id)
	}
	before, err := v.onMovement(d.Movement, seq)
	if err != nil {
		return Notice{}, err
	}
	n.Before, n.Standing, n.Movement = before.Decision.Verdict, r.Standing, r
	return n, nil
}

// stoodNotice adds how the account stood before a record and stands from it on, by a decision.
func (v *View) stoodNotice(n Notice, decision tape.Hash) (Notice, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	a := v.accounts[n.Account]
	if a == nil {
		return Notice{}, fmt.Errorf("exchange: record %d changes the standing of account %d, which there is not", n.Seq, n.Account)
	}
	i, ok := a.findStood(n.Seq)
	if !ok {
		return Notice{}, fmt.Errorf("exchange: record %d did not change the standing of account %d", n.Seq, n.Account)
	}
	if i > 0 {
		n.Before = a.stood[i-1].verdict()
	}
	n.Standing = a.stood[i].standing(decision)
	return n, nil
}
