package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/internal/population"
	"sallyport/law"
	"sallyport/match"
	"sallyport/match/people"
	"sallyport/money"
	"sallyport/simulate"
	"sallyport/vault"
	"sallyport/watchlist"
)

const (
	maxGenerate   = 10_000_000
	generateChunk = 10_000 // made at a time; the first of them meets the lists
	portionRows   = 512
	maxLine       = 64 << 10 // of NDJSON
	maxValue      = 1 << 53  // cents, beyond any test in any rule
)

// ofQuestion are the facts that a decision states of the question itself.
var ofQuestion = []string{"action", "operator.name", "operator.nexus"}

// told are facts that are a customer's own, which nobody fills in for them.
var told = []string{
	"customer.area", "customer.birth_country", "customer.established", "customer.kind", "customer.nationalities", "customer.permits",
	"customer.represented_by", "customer.residence", "customer.russian_owned_bp", "customer.us_person", "listing.measures", "listing.resembles", "listing.same",
	"ownership.control_signs", "ownership.controlled", "ownership.listed_bp", "ownership.listed_over_bp", "ownership.majority", "ownership.single_bp",
}

// filler completes facts that were made of a file's row.
type filler struct {
	around law.Facts // of the ordinary customer, without what is each customer's own
	person law.Facts // of the ordinary person, who is owned by nobody
}

func newFiller() (*filler, error) {
	ordinary, err := law.Ordinary()
	if err != nil {
		return nil, err
	}
	f := &filler{around: ordinary.Clone()}
	for _, name := range told {
		f.around.Unset(name)
	}
	// A person is owned by nobody, and nobody acts for them.
	f.person = f.around.With(noneOf(func(fact string) bool { return simulate.ToldByLists(fact) && !strings.HasPrefix(fact, "listing.") }))
	if err := f.person.Set("customer.russian_owned_bp", 0); err != nil {
		return nil, err
	}
	return f, nil
}

// noneOf is the facts of those names with nothing in them.
func noneOf(wanted func(fact string) bool) law.Facts {
	var none law.Facts
	for _, d := range law.Schema() {
		if !wanted(d.Name) {
			continue
		}
		var empty any = []string{}
		if d.Type == law.SharesFact {
			empty = map[string]int64{}
		}
		if err := none.Set(d.Name, empty); err != nil {
			panic(err) // a fact that lists tell is a set or a map of shares
		}
	}
	return none
}

// ofNoList is what lists tell of a customer who, with all who own them and act for them, is
// on none; what an entry imposes follows from that.
func ofNoList() law.Facts {
	return noneOf(func(fact string) bool { return simulate.ToldByLists(fact) && fact != "listing.measures" })
}

// fill is the facts with what nobody told of: evidence, licences and whatever else is not the
// customer's own is as of an ordinary customer. What is their own and was not told stays unknown.
func (fl *filler) fill(f law.Facts, cents int64) law.Facts {
	base := fl.around
	if kind, _ := f.Text("customer.kind"); kind == "person" {
		base = fl.person
	}
	out := base.With(f)
	_ = out.Set("holding.value_eur_cents", cents)
	if same, known := out.Texts("listing.same"); known && !out.Known("listing.measures") {
		measures := []string{}
		for _, list := range same {
			measures = append(measures, list+"/none-stated")
		}
		_ = out.Set("listing.measures", measures)
	}
	return out
}

// facts are those of a profile under the lists in force and, where lists or likeness are asked
// about, under those.
func (sc *screener) facts(fl *filler, p *entity.Profile, more law.Facts, at time.Time, cents int64) simulate.Customer {
	var c simulate.Customer
	made := func(x *match.Index, lists []string, o match.Options) law.Facts {
		if x == nil {
			return fl.fill(gate.FactsFor(p, nil, nil, nil, at).With(more), cents)
		}
		own, owners := find(x, p, o)
		return fl.fill(gate.FactsFor(p, own, owners, lists, at).With(more), cents)
	}
	c.Facts = made(sc.now, sc.nowLists, match.Options{})
	if sc.both {
		c.Then, c.Differ = made(sc.then, sc.lists, match.Options{Threshold: sc.threshold}), true
	}
	c.Country, _ = c.Facts.Text("customer.residence")
	c.Cents = cents
	return c
}

// fromNobody makes customers up.
func (s *simulation) fromNobody() (source, error) {
	fl, err := newFiller()
	if err != nil {
		return source{}, err
	}
	if s.starter == "" && len(s.lists) == 0 {
		s.starter = entity.DayOf(s.when.UTC()).String()
	}
	inForce, err := (&screening{lists: s.lists, starter: s.starter}).editions()
	if err != nil {
		return source{}, err
	}
	sc, err := s.newScreener(inForce)
	if err != nil {
		return source{}, err
	}
	var listed []entity.Entity
	for _, e := range inForce {
		listed = append(listed, e.Entities...)
	}
	// The others are made without a list, and so are on none.
	onNone := ofNoList()
	chunk := func(i int) portion {
		n := min(generateChunk, s.generate-i*generateChunk)
		return func(t *simulate.Tally) (int, error) {
			o := population.Options{Seed: s.seed + uint64(i), N: n, Operators: []string{"op"}, At: s.when}
			against, more := &screener{}, onNone
			if i == 0 || s.screens() {
				against, more = sc, law.Facts{}
			}
			if i == 0 {
				o.Before, o.After = listed, listed
			}
			made, err := population.People(o)
			if err != nil {
				return 0, err
			}
			r := rand.New(rand.NewPCG(s.seed, uint64(i)))
			for k := range made {
				cents := int64(r.ExpFloat64() * 150_000) // some EUR 1,500 in the mean; nothing rests on it
				t.Add(against.facts(fl, &made[k].Profile, more, s.when, cents))
			}
			return n, nil
		}
	}
	return source{total: int64(s.generate), portions: func(_ context.Context, give func(portion) error) error {
		for i := 0; i*generateChunk < s.generate; i++ {
			if err := give(chunk(i)); err != nil {
				return err
			}
		}
		return nil
	}}, nil
}

// fromFile reads customers from CSV or NDJSON.
func (s *simulation) fromFile(c *cobra.Command) (source, error) {
	fl, err := newFiller()
	if err != nil {
		return source{}, err
	}
	in, _, err := openInput(c, s.customers)
	if err != nil {
		return source{}, err
	}
	buffered := bufio.NewReaderSize(in, maxLine)
	if head, _ := buffered.Peek(1); bytes.Equal(head, []byte("{")) {
		if s.screens() || len(s.lists) > 0 || s.starter != "" {
			in.Close()
			return source{}, usageError{fmt.Errorf("%s: facts made before cannot be held against lists; give the people as CSV", inputName(s.customers))}
		}
		return source{total: -1, portions: func(_ context.Context, give func(portion) error) error {
			defer in.Close()
			return s.lines(fl, buffered, give)
		}}, nil
	}
	var sc *screener
	if s.screens() || len(s.lists) > 0 || s.starter != "" {
		inForce, err := (&screening{lists: s.lists, starter: s.starter}).editions()
		if err == nil {
			sc, err = s.newScreener(inForce)
		}
		if err != nil {
			in.Close()
			return source{}, err
		}
	}
	rows, err := s.table(c, sc != nil, buffered)
	if err != nil {
		in.Close()
		return source{}, err
	}
	return source{total: -1, portions: func(ctx context.Context, give func(portion) error) error {
		defer in.Close()
		return s.rows(ctx, c, fl, sc, rows, give)
	}}, nil
}

// customerRows is a file of customers, read row by row.
type customerRows struct {
	column func(string) int
	next   func() (person entity.Entity, fields []string, problems []people.Problem, err error) // fields are nil where the row is left out
	listed bool                                                                                 // it says who is listed
}

// table opens a file of customers: as people where they are screened, else as any table.
func (s *simulation) table(c *cobra.Command, screened bool, in io.Reader) (*customerRows, error) {
	name := inputName(s.customers)
	if screened {
		r, err := people.NewReader(name, in)
		if err != nil {
			return nil, err
		}
		return &customerRows{column: r.Column, next: func() (entity.Entity, []string, []people.Problem, error) {
			row, err := r.Next()
			if row.LeftOut {
				row.Fields = nil
			}
			return row.Person, row.Fields, row.Problems, err
		}}, nil
	}
	t, err := people.NewTable(name, in, "nationality", "residence")
	if err != nil {
		return nil, err
	}
	rows := &customerRows{column: t.Column, listed: t.Column("listed") >= 0, next: func() (entity.Entity, []string, []people.Problem, error) {
		rec, err := t.Next()
		if rec.Problem != nil {
			return entity.Entity{}, nil, []people.Problem{*rec.Problem}, err
		}
		return entity.Entity{}, rec.Fields, nil, err
	}}
	if !rows.listed {
		fmt.Fprintf(c.ErrOrStderr(), "note: %s does not say who is listed (column listed), and no --list is given: of everybody it is unknown, which holds\n", name)
	}
	return rows, nil
}

// rows gives the rows of a file in portions.
func (s *simulation) rows(ctx context.Context, c *cobra.Command, fl *filler, sc *screener, rows *customerRows, give func(portion) error) error {
	type row struct {
		person entity.Entity
		fields []string
	}
	told, leftOut := 0, 0
	if sc == nil {
		sc = &screener{}
	}
	for end := false; !end; {
		var some []row
		for len(some) < portionRows {
			person, fields, problems, err := rows.next()
			if err == io.EOF {
				end = true
				break
			}
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return fmt.Errorf("simulate: %s: %w", inputName(s.customers), err)
			}
			for _, p := range problems {
				if told++; told <= screenProblems {
					fmt.Fprintln(c.ErrOrStderr(), p)
				}
			}
			if fields == nil {
				leftOut++
				continue
			}
			some = append(some, row{person, fields})
		}
		err := give(func(t *simulate.Tally) (int, error) {
			for _, r := range some {
				p, more, cents := profileOf(r.person, func(column string) string {
					if i := rows.column(column); i >= 0 {
						return strings.TrimSpace(r.fields[i])
					}
					return ""
				}, rows)
				t.Add(sc.facts(fl, &p, more, s.when, cents))
			}
			return len(some), nil
		})
		if err != nil {
			return err
		}
	}
	if told > screenProblems {
		fmt.Fprintf(c.ErrOrStderr(), "… and %d more of such\n", told-screenProblems)
	}
	if leftOut > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "%d rows left out\n", leftOut)
	}
	return nil
}

// profileOf makes a profile of a row, and the facts that the row tells beside it. What cannot be
// read stays unknown.
func profileOf(person entity.Entity, get func(string) string, rows *customerRows) (p entity.Profile, more law.Facts, cents int64) {
	p.Entity = person
	p.Kind = entity.Person
	if k := get("kind"); k != "" {
		if kind, _ := people.KindOf(k); kind != entity.Person {
			p.Kind = entity.Organisation
		}
	}
	parts := func(s string) []string {
		return strings.FieldsFunc(s, func(c rune) bool { return c == ';' || c == '|' || c == ' ' })
	}
	p.Nationalities = nil
	for _, n := range strings.FieldsFunc(get("nationality"), func(c rune) bool { return c == ';' || c == '|' }) {
		p.Nationalities = append(p.Nationalities, strings.TrimSpace(n))
	}
	p.Residence = entity.Place{Country: get("residence"), Region: get("region"), Town: get("town"), Postcode: get("postcode")}
	for _, country := range strings.FieldsFunc(get("permits"), func(c rune) bool { return c == ';' || c == '|' }) {
		p.Permits = append(p.Permits, entity.Permit{Country: strings.TrimSpace(country)})
	}
	if e := get("established"); e != "" {
		p.Identifiers = append(p.Identifiers, entity.Identifier{Type: "registration", Country: e})
	}
	if v, err := money.Parse(get("value_eur")); err == nil && v.Sign() > 0 {
		cents = maxValue
		if v, err = v.Mul(money.Int(100), money.Down); err == nil && v.Less(money.Int(maxValue)) {
			cents = v.Whole()
		}
	}
	if rows.listed {
		same, measures := []string{}, []string{}
		for _, l := range parts(get("listed")) {
			list, _, measured := strings.Cut(l, "/")
			same = append(same, list)
			if !measured {
				l += "/none-stated"
			}
			measures = append(measures, l)
		}
		_ = more.Set("listing.same", same) // what does not fit the schema stays unknown, and so do the next
		_ = more.Set("listing.measures", measures)
		_ = more.Set("listing.resembles", []string{})
	}
	if rows.column("owned_by_listed") >= 0 && p.Kind == entity.Organisation {
		shares, ok := map[string]int64{}, true
		for _, l := range parts(get("owned_by_listed")) {
			list, bp, _ := strings.Cut(l, "=")
			n, err := strconv.ParseInt(bp, 10, 64)
			shares[list], ok = n, ok && err == nil
		}
		if ok {
			_ = more.Set("ownership.listed_bp", shares)
		}
	}
	if rows.column("represented_by") >= 0 && p.Kind == entity.Organisation {
		_ = more.Set("customer.represented_by", parts(get("represented_by")))
	}
	return p, more, cents
}

// factsLine is a line of NDJSON.
type factsLine struct {
	ID    string    `json:"id"`
	Facts law.Facts `json:"facts"`
	Cents int64     `json:"value_eur_cents"`
}

// lines gives lines of facts in portions.
func (s *simulation) lines(fl *filler, in *bufio.Reader, give func(portion) error) error {
	number := 0
	for end := false; !end; {
		first := number + 1
		var some [][]byte
		for len(some) < portionRows && !end {
			line, err := in.ReadSlice('\n')
			switch {
			case errors.Is(err, bufio.ErrBufferFull):
				return fmt.Errorf("simulate: %s: line %d: longer than %d bytes", inputName(s.customers), number+1, maxLine)
			case err == io.EOF:
				end = true
			case err != nil:
				return fmt.Errorf("simulate: %s: %w", inputName(s.customers), err)
			}
			if number++; len(bytes.TrimSpace(line)) > 0 || !end {
				some = append(some, bytes.Clone(line))
			}
		}
		err := give(func(t *simulate.Tally) (int, error) {
			n := 0
			for i, line := range some {
				if len(bytes.TrimSpace(line)) == 0 {
					continue
				}
				var l factsLine
				dec := json.NewDecoder(bytes.NewReader(line))
				dec.DisallowUnknownFields()
				if err := dec.Decode(&l); err != nil {
					return n, fmt.Errorf("simulate: %s: line %d: %w", inputName(s.customers), first+i, err)
				}
				for _, name := range ofQuestion {
					l.Facts.Unset(name)
				}
				if held, known := l.Facts.Number("holding.value_eur_cents"); known && l.Cents == 0 {
					l.Cents = held
				}
				c := simulate.Customer{Facts: fl.fill(l.Facts, l.Cents), Cents: l.Cents}
				c.Country, _ = l.Facts.Text("customer.residence")
				if l.Cents < 0 || l.Cents > maxValue {
					return n, fmt.Errorf("simulate: %s: line %d: value_eur_cents %d: want 0 to %d", inputName(s.customers), first+i, l.Cents, int64(maxValue))
				}
				t.Add(c)
				n++
			}
			return n, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// fromData reads the data folder of an exchange: the log alone where a rule is asked about, and
// the vault and the lists too where an edition or a threshold is.
func (s *simulation) fromData() (source, func(*simulate.Simulation) (*simulate.Past, error), error) {
	fail := func(err error) (source, func(*simulate.Simulation) (*simulate.Past, error), error) {
		return source{}, nil, err
	}
	config, err := readConfig(s.config)
	if err != nil {
		return fail(err)
	}
	var decisions []*gate.Decision
	view, err := exchange.Look(s.data, func(d *gate.Decision) { decisions = append(decisions, d) })
	if err != nil {
		return fail(fmt.Errorf("simulate: %w", err))
	}
	s.log = view
	if s.at == "" {
		if last := view.Summary().At; len(s.asked) == 0 || last.After(s.when) {
			s.when = last
		}
	}
	s.operators = nil
	operator := map[string]int{}
	for i, o := range view.Genesis().Operators {
		s.operators = append(s.operators, o.Nexus)
		operator[o.Name] = i
	}
	var sc *screener
	if s.screens() {
		store, err := watchlist.OpenStore(filepath.Join(s.data, "lists"), listFormats())
		if err != nil {
			return fail(err)
		}
		var inForce []*watchlist.Edition
		for _, in := range view.Summary().Editions {
			e, err := store.Load(in.List, hex.EncodeToString(in.SHA256[:]))
			if err != nil {
				return fail(err)
			}
			inForce = append(inForce, e)
		}
		if sc, err = s.newScreener(inForce); err != nil {
			return fail(err)
		}
		if s.vault, err = vault.Open(filepath.Join(s.data, "vault"), vault.Options{MasterKey: filepath.Join(s.data, "keys", "vault.key"), ReadOnly: true}); err != nil {
			return fail(fmt.Errorf("simulate: %w", err))
		}
	}
	accounts := view.Accounts()
	lists := &toldByLists{facts: map[uint64]law.Facts{}}
	customer := func(a exchange.Account) (simulate.Customer, error) {
		r, err := view.Standing(a.Number)
		if err != nil {
			return simulate.Customer{}, fmt.Errorf("simulate: %w", err)
		}
		out := simulate.Customer{Operator: operator[a.Operator.Name], Facts: r.Decision.Facts.Clone(), Cents: view.ValueCents(a.Number, config.euros())}
		for _, name := range ofQuestion {
			out.Facts.Unset(name)
		}
		if err := out.Facts.Set("holding.value_eur_cents", out.Cents); err != nil {
			return out, err
		}
		out.Country, _ = out.Facts.Text("customer.residence")
		if sc == nil {
			return out, nil
		}
		plain, err := s.vault.Get(a.Number, "profile")
		if err != nil {
			return out, fmt.Errorf("simulate: %w", err)
		}
		var p entity.Profile
		if err := json.Unmarshal(plain, &p); err != nil {
			return out, fmt.Errorf("simulate: account %d: the profile in the vault does not decode", a.Number)
		}
		out.Then, out.Differ = sc.again(&p, &r.Decision, out.Facts, s.when), true
		lists.tell(a.Number, out.Then)
		return out, nil
	}
	src := source{total: int64(len(accounts)), portions: func(_ context.Context, give func(portion) error) error {
		for some := range slices.Chunk(accounts, portionRows) {
			err := give(func(t *simulate.Tally) (int, error) {
				for _, a := range some {
					out, err := customer(a)
					if err != nil {
						return 0, err
					}
					t.Add(out)
				}
				return len(some), nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}}
	if sc != nil && len(s.asked) == 0 {
		return src, ofPastLists(decisions, lists), nil
	}
	return src, s.ofPastLaw(decisions), nil
}

// again is the facts of a decision with those that lists tell made anew, under the lists asked
// about. A likeness that a reviewer cleared stays cleared as long as the entry is as it was.
func (sc *screener) again(p *entity.Profile, d *gate.Decision, facts law.Facts, at time.Time) law.Facts {
	own, owners := find(sc.then, p, match.Options{Threshold: sc.threshold})
	uncleared := func(fs []match.Finding) []match.Finding {
		return slices.DeleteFunc(fs, func(f match.Finding) bool {
			return f.Grade == match.Resembles && !sc.changed[[2]string{f.List, f.EntityID}] &&
				slices.ContainsFunc(d.Cleared, func(c gate.Clearance) bool { return c.List == f.List && c.EntityID == f.EntityID })
		})
	}
	own = uncleared(own)
	for i := range owners {
		owners[i] = uncleared(owners[i])
	}
	made := gate.FactsFor(p, own, owners, sc.lists, at)
	out := facts.Clone()
	for _, name := range told {
		if simulate.ToldByLists(name) {
			out.Unset(name)
		} else {
			made.Unset(name)
		}
	}
	return out.With(made)
}
