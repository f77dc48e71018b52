package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"sallyport/chain"
	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/starter"
)

// addressing is one run of `sallyport address`.
type addressing struct {
	from     screening // its lists and starter
	data     string
	inForce  bool // leave the editions before those in force alone
	asJSON   bool
	byStatus bool
}

func addressCommand() *cobra.Command {
	var a addressing
	c := &cobra.Command{
		Use:   "address ADDRESS…",
		Short: "Say what an address is and whether a list names it",
		Long: `Says of each blockchain address what it is, how it is spelled, of which chains it can
be, and who is listed with it, since when and until when. "-" stands for standard input,
one address a line.

Addresses are compared by the bytes they stand for: a key is found in whatever spelling
it is asked for, and under whatever ticker it is listed. How sure an agreement is:

  same                          the listed key on a chain of the listed address
  same key on another chain     for a person to look at, as are those below
  derived from the same key     a nested witness program (P2SH-P2WPKH) of the listed key, a
                                receiver within a unified Zcash address, or an account of
                                the public key that is asked for
  same account, another tag     the list names another user of the account

What is not known as an address is compared letter for letter. A wrong checksum, letters
of both cases in bech32 and an address of a test network are told: such a text is no
address, and whether what was meant is listed is not known.

With --data, every edition kept there is read, and what is told of an address is the
edition that first had it and the one in which it was gone. --in-force reads only the
editions in force. Without --list, --starter or --data nothing is held against any list, and
--exit-code is refused.

Exit status: 0 all is answered; 1 something failed, or an address cannot be read; 2 called
wrongly. With --exit-code also 3 where a list in force names an address, and 4 where none
does but a person has to look (any grade above but the first).`,
		Example: `  sallyport address --starter 2024-09-26 0xE950DC316b836e4EeFb8308bf32Bf7C72a1358FF
  sallyport address --list sdn.csv --json 1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH
  sallyport address --data ./exchange bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4
  sallyport address --data ./exchange --in-force --exit-code - < addresses.txt`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.run(c, args) },
	}
	c.Flags().StringSliceVar(&a.from.lists, "list", nil, "files of lists, parted by commas")
	c.Flags().StringVar(&a.from.starter, "starter", "", "the starter list as of this day, such as 2022-03-11; no substitute for an official list")
	c.Flags().StringVar(&a.data, "data", "", "data folder; the editions in its folder \"lists\"")
	c.Flags().BoolVar(&a.inForce, "in-force", false, "of the data folder, read only the editions in force")
	c.Flags().BoolVar(&a.asJSON, "json", false, "print JSON: one object with the lists and, in the order asked, the addresses")
	c.Flags().BoolVar(&a.byStatus, "exit-code", false, "end with status 3 where an address is listed, 4 where a person has to look")
	return c
}

// A listing is an entry of a list that has an address, or had it.
type listing struct {
	List       string      `json:"list"`
	EntityID   string      `json:"entity_id"`
	EntityName string      `json:"entity_name"`
	Ticker     string      `json:"ticker"`  // as the list files it
	Address    string      `json:"address"` // as the list writes it
	Grade      chain.Grade `json:"grade"`
	InForce    bool        `json:"in_force"`
	Misfiled   bool        `json:"misfiled,omitempty"`        // by its form it is of no chain of the ticker's
	Since      entity.Day  `json:"listed,omitzero"`           // the address, where the list tells it
	Until      entity.Day  `json:"removed,omitzero"`          // the address, the first day not in force, where the list tells it
	EntrySince entity.Day  `json:"entry_listed,omitzero"`     // the entry, which may have got the address later
	Before     string      `json:"edition_without,omitempty"` // date of the last edition kept before it came
	First      string      `json:"edition_first,omitempty"`   // date of the first edition kept that has it
	Gone       string      `json:"edition_gone,omitempty"`    // date of the edition in which it was gone
}

// An answer is what is said of one address.
type answer struct {
	Asked    string       `json:"asked"`
	Family   chain.Family `json:"family"`
	Kind     string       `json:"kind,omitempty"`
	Chains   []string     `json:"chains"`
	Spelling string       `json:"spelling,omitempty"`
	Key      string       `json:"key,omitempty"`
	Tag      string       `json:"tag,omitempty"` // destination tag, account id or payment id
	Fault    string       `json:"fault,omitempty"`
	Error    string       `json:"error,omitempty"` // why it cannot be read at all
	Listings []listing    `json:"listings"`

	known bool
}

// unread holds for a text that is no whole address, so that nothing is known of the
// address that was meant.
func (a *answer) unread() bool { return a.Error != "" || a.Fault != "" && !a.known }

type heldAgainst struct {
	List      string `json:"list"`
	Published string `json:"published"` // "" where not known
	SHA256    string `json:"sha256"`
	Starter   bool   `json:"starter"`
	Wallets   int    `json:"wallets"`
	Unread    int    `json:"unread"`           // wallets that are no whole addresses, and are compared letter for letter if at all
	Odd       string `json:"odd,omitempty"`    // the first wallet with something wrong, and what
	Earlier   int    `json:"earlier_editions"` // that were read for when it came and went
}

// A listedAddress is a listing before it is asked for.
type listedAddress struct {
	address chain.Address
	listing listing
}

func (a *addressing) run(c *cobra.Command, args []string) error {
	if a.inForce && a.data == "" {
		return wrongly(c, errors.New("--in-force is of the lists of a data folder: say which with --data DIR"))
	}
	// Status 0 would be read as "not listed".
	if a.byStatus && a.data == "" && a.from.starter == "" && len(a.from.lists) == 0 {
		return wrongly(c, errors.New("--exit-code needs something to hold the addresses against: --data DIR, --list FILE or --starter DATE"))
	}
	current, pasts, err := a.editions(c)
	if err != nil {
		return err
	}
	held := []heldAgainst{}
	var listed chain.Table[listing]
	for _, e := range current {
		h := heldAgainst{List: e.List, SHA256: e.SHA256, Starter: e.Starter, Wallets: e.Wallets()}
		if !e.Published.IsZero() {
			h.Published = dayOf(e.Published)
		}
		all, err := listedIn(e)
		if err != nil {
			return err
		}
		if p := pasts[e]; p != nil {
			h.Earlier = len(p.dates) - 1
			all = p.tell(all)
		}
		for _, l := range all {
			if fault := l.address.Fault; l.listing.InForce && fault != "" {
				if h.Odd == "" {
					h.Odd = fmt.Sprintf("%s %s of entry %s: %s", l.listing.Ticker, l.listing.Address, l.listing.EntityID, fault)
				}
				if !l.address.Known {
					h.Unread++
				}
			}
			l.listing.Misfiled = !l.address.Fits(l.listing.Ticker)
			listed.Add(l.address, l.listing)
		}
		held = append(held, h)
	}
	out := bufio.NewWriter(c.OutOrStdout())
	var w addressWriter = &addressText{w: out, held: held}
	if a.asJSON {
		w = &addressJSON{w: out}
	}
	if err := w.begin(held); err != nil {
		return err
	}
	asked, bad, hits, looks := 0, 0, 0, 0
	err = eachAddress(c, args, func(text string) error {
		ans := ask(&listed, text)
		asked++
		if ans.unread() {
			bad++
		}
		same := func(l listing) bool { return l.InForce && l.Grade == chain.SameKey }
		switch {
		case slices.ContainsFunc(ans.Listings, same):
			hits++
		case slices.ContainsFunc(ans.Listings, func(l listing) bool { return l.InForce }):
			looks++
		}
		return w.answer(&ans)
	})
	if err == nil {
		err = w.end()
	}
	if err = errors.Join(err, out.Flush()); err != nil {
		return err
	}
	switch {
	case bad > 0:
		return fmt.Errorf("%d of %d addresses cannot be read, and are not known to be free", bad, asked)
	case a.byStatus && hits > 0:
		return statusError(3)
	case a.byStatus && looks > 0:
		return statusError(4)
	}
	return nil
}

// statusError ends the program with a status and no word: all was said.
type statusError int

func (statusError) Error() string   { return "" }
func (s statusError) ExitCode() int { return int(s) }

// ask says what a text is and who is listed with it.
func ask(listed *chain.Table[listing], text string) answer {
	ans := answer{Asked: text, Chains: []string{}, Listings: []listing{}}
	a, err := chain.Parse(text)
	if err != nil {
		ans.Error = err.Error()
		return ans
	}
	ans.Family, ans.Kind, ans.Spelling, ans.Key, ans.Tag, ans.Fault, ans.known = a.Family, a.Kind, a.Spelling, a.Key, a.Tag, a.Fault, a.Known
	ans.Chains = append(ans.Chains, a.Chains...)
	for _, hit := range listed.Find(a) {
		hit.Value.Grade = hit.Grade
		ans.Listings = append(ans.Listings, hit.Value)
	}
	return ans
}

// eachAddress calls ask for every address, those on standard input line by line. Where a
// person waits and sees no answers go by, it is told how far it is.
func eachAddress(c *cobra.Command, args []string, ask func(text string) error) error {
	for _, arg := range args {
		if arg != "-" {
			if err := ask(arg); err != nil {
				return err
			}
			continue
		}
		bar := countBar(c.ErrOrStderr(), c.OutOrStdout(), -1, "addresses")
		sc := bufio.NewScanner(c.InOrStdin())
		for line := 1; sc.Scan(); line++ {
			text := strings.TrimSpace(sc.Text())
			if text == "" {
				continue
			}
			if err := ask(text); err != nil {
				return err
			}
			_ = bar.Add(1) // a bar that cannot be drawn is no reason to stop
		}
		_ = bar.Finish()
		if err := sc.Err(); err != nil {
			return fmt.Errorf("address: standard input: %w", err)
		}
	}
	return nil
}

// countBar counts things on a terminal, unless out is one too and shows them go by.
func countBar(w, out io.Writer, total int, of string) *progressbar.ProgressBar {
	terminal := func(w io.Writer) bool {
		f, ok := w.(*os.File)
		return ok && term.IsTerminal(int(f.Fd()))
	}
	if !terminal(w) || out != nil && terminal(out) {
		return progressbar.DefaultSilent(int64(total))
	}
	return progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(of),
		progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
}

// editions gives what is in force, and of the lists of the data folder what went before.
func (a *addressing) editions(c *cobra.Command) ([]*watchlist.Edition, map[*watchlist.Edition]*past, error) {
	var out []*watchlist.Edition
	if len(a.from.lists) > 0 || a.from.starter != "" {
		var err error
		if out, err = a.from.editions(); err != nil {
			return nil, nil, err
		}
	}
	pasts := map[*watchlist.Edition]*past{}
	if a.data == "" {
		return out, pasts, nil
	}
	dir := filepath.Join(a.data, "lists")
	s, err := watchlist.OpenStore(dir, listFormats())
	if err != nil {
		return nil, nil, err
	}
	names, err := s.Lists()
	if err != nil {
		return nil, nil, err
	}
	held := len(out)
	for _, name := range names {
		e, err := s.Current(name)
		if errors.Is(err, watchlist.ErrNoEdition) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		out = append(out, e)
		if a.inForce || e.Starter { // which knows the days itself
			continue
		}
		if pasts[e], err = pastOf(c, s, e); err != nil {
			return nil, nil, err
		}
	}
	if len(out) == held {
		return nil, nil, fmt.Errorf("%s: no edition of any list is in force: use sallyport lists pull, or --starter DATE", dir)
	}
	return out, pasts, nil
}

// A past is in which of a list's editions each wallet was.
type past struct {
	dates []string // of the editions, the one in force last
	runs  map[walletOfEntry][]stretch
	last  map[walletOfEntry]listedAddress // as the last edition that had it wrote it
}

type walletOfEntry struct{ entity, ticker, address string }

// A stretch is editions one after another that had a wallet: from the first to the last.
type stretch struct{ from, to int }

func pastOf(c *cobra.Command, s *watchlist.Store, current *watchlist.Edition) (*past, error) {
	kept, err := s.Editions(current.List)
	if err != nil {
		return nil, err
	}
	p := &past{runs: map[walletOfEntry][]stretch{}, last: map[walletOfEntry]listedAddress{}}
	bar := countBar(c.ErrOrStderr(), nil, len(kept), current.List+" editions")
	defer bar.Finish()
	for _, m := range kept {
		_ = bar.Add(1) // a bar that cannot be drawn is no reason to stop
		if m.SHA256 == current.SHA256 && m.Published.Equal(current.Published) {
			continue
		}
		// A publisher may go back to the very bytes of an earlier day, which are kept
		// once and under their first date: then that day has them too.
		e, err := s.Load(current.List, m.SHA256)
		if err != nil {
			// Only days become less exact by it.
			fmt.Fprintf(c.ErrOrStderr(), "left out: %v\n", err)
			continue
		}
		date := m.Published
		if date.IsZero() {
			date = m.TakenIn
		}
		if err := p.add(e, dayOf(date)); err != nil {
			return nil, err
		}
	}
	return p, p.add(current, dayOf(current.Published))
}

// add takes in the next edition.
func (p *past) add(e *watchlist.Edition, date string) error {
	all, err := listedIn(e)
	if err != nil {
		return err
	}
	at := len(p.dates)
	p.dates = append(p.dates, date)
	for _, l := range all {
		if !l.listing.InForce {
			continue
		}
		k := walletOfEntry{l.listing.EntityID, l.listing.Ticker, l.listing.Address}
		p.last[k] = l
		runs := p.runs[k]
		switch n := len(runs); {
		case n == 0 || runs[n-1].to < at-1:
			p.runs[k] = append(runs, stretch{at, at})
		default:
			runs[n-1].to = at
		}
	}
	return nil
}

// tell dates the wallets in force and adds those that were.
func (p *past) tell(all []listedAddress) []listedAddress {
	for i := range all {
		l := &all[i].listing
		if runs := p.runs[walletOfEntry{l.EntityID, l.Ticker, l.Address}]; l.InForce && len(runs) > 0 {
			p.date(l, runs[len(runs)-1])
		}
	}
	var gone []listedAddress
	for k, runs := range p.runs {
		for _, r := range runs {
			if r.to == len(p.dates)-1 {
				continue
			}
			l := p.last[k]
			l.listing.InForce = false
			p.date(&l.listing, r)
			gone = append(gone, l)
		}
	}
	slices.SortFunc(gone, func(a, b listedAddress) int {
		return cmp.Or(cmp.Compare(a.listing.Gone, b.listing.Gone), watchlist.CompareIDs(a.listing.EntityID, b.listing.EntityID),
			cmp.Compare(a.listing.Ticker, b.listing.Ticker), cmp.Compare(a.listing.Address, b.listing.Address))
	})
	return append(all, gone...)
}

func (p *past) date(l *listing, r stretch) {
	l.First = p.dates[r.from]
	if r.from > 0 {
		l.Before = p.dates[r.from-1]
	}
	if r.to < len(p.dates)-1 {
		l.Gone = p.dates[r.to+1]
	}
}

// listedIn gives the addresses of an edition, and of the starter those it no longer
// has too: the starter knows the days of each address, other lists at most the
// entry's.
func listedIn(e *watchlist.Edition) (all []listedAddress, err error) {
	add := func(l listing) {
		l.List = e.List
		a, err := chain.Parse(l.Address)
		if err != nil {
			a = chain.Address{Text: l.Address, Fault: err.Error()}
		}
		all = append(all, listedAddress{a, l})
	}
	for i := range e.Entities {
		x := &e.Entities[i]
		for _, w := range x.Wallets {
			add(listing{EntityID: x.ID, EntityName: x.PrimaryName(), Ticker: w.Ticker, Address: w.Address, InForce: true, EntrySince: x.Listed})
		}
	}
	if !e.Starter {
		return all, nil
	}
	ds, err := starter.Designations()
	if err != nil {
		return nil, err
	}
	day := entity.DayOf(e.Published)
	for i := range ds {
		d := &ds[i]
		for _, g := range d.Wallets {
			gone := g.Removed // of the address, at the latest with its entry
			if gone.IsZero() || !d.Removed.IsZero() && d.Removed.Compare(gone) < 0 {
				gone = d.Removed
			}
			for _, text := range g.Addresses {
				at := slices.IndexFunc(all, func(l listedAddress) bool {
					return l.listing.EntityID == d.ID && l.listing.Address == text && l.listing.Ticker == g.Ticker
				})
				switch {
				case at >= 0 && g.Listed.Compare(day) <= 0:
					all[at].listing.Since = g.Listed
				case at < 0 && !gone.IsZero() && gone.Compare(day) <= 0:
					add(listing{EntityID: d.ID, EntityName: d.Names[0].Full, Ticker: g.Ticker, Address: text, Since: g.Listed, Until: gone, EntrySince: d.Listed})
				}
			}
		}
	}
	return all, nil
}

// An addressWriter writes the answers, in the order asked.
type addressWriter interface {
	begin(held []heldAgainst) error
	answer(a *answer) error
	end() error
}

// addressJSON writes one object, an answer at a time, so that a long input needs no
// memory.
type addressJSON struct {
	w       *bufio.Writer
	answers int
}

func (j *addressJSON) begin(held []heldAgainst) error { return j.write("{\n  \"lists\": ", held, "") }

func (j *addressJSON) answer(a *answer) error {
	before := ",\n    "
	if j.answers == 0 {
		before = ",\n  \"addresses\": [\n    "
	}
	j.answers++
	return j.write(before, a, "  ")
}

func (j *addressJSON) end() error {
	if j.answers == 0 {
		_, err := j.w.WriteString(",\n  \"addresses\": []\n}\n")
		return err
	}
	_, err := j.w.WriteString("\n  ]\n}\n")
	return err
}

func (j *addressJSON) write(before string, v any, indent string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("  "+indent, "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := j.w.WriteString(before + strings.TrimRight(b.String(), "\n"))
	return err
}

// addressText writes for people: the answers, and then what they were held against.
type addressText struct {
	w    *bufio.Writer
	held []heldAgainst
}

func (*addressText) begin([]heldAgainst) error { return nil }

func (t *addressText) answer(a *answer) error {
	if a.Error != "" {
		_, err := fmt.Fprintf(t.w, "%q\n  not read  %s\n", a.Asked, a.Error)
		return err
	}
	fmt.Fprintf(t.w, "%s\n  is        %s", a.Spelling, a.Kind)
	if len(a.Chains) > 0 {
		fmt.Fprintf(t.w, " (%s)", strings.Join(a.Chains, ", "))
	}
	if a.Fault != "" {
		fmt.Fprintf(t.w, ": %s", a.Fault)
	}
	fmt.Fprintf(t.w, "\n  key       %s\n", a.Key)
	inForce := false
	for _, l := range a.Listings {
		word := "listed"
		if !l.InForce {
			word = "formerly"
		} else if l.Grade != chain.SameKey {
			word = "look at"
		}
		inForce = inForce || l.InForce
		misfiled := ""
		if l.Misfiled {
			misfiled = " (by its form of another chain)"
		}
		fmt.Fprintf(t.w, "  %-9s %s %s %s, %s %s%s: %s%s\n", word, l.List, l.EntityID, l.EntityName, l.Ticker, l.Address, misfiled, l.Grade, daysOf(l))
	}
	if !inForce && len(t.held) > 0 {
		no := "no"
		if a.unread() {
			no = "not known: this is no whole address"
		}
		fmt.Fprintf(t.w, "  listed    %s\n", no)
	}
	return t.w.Flush()
}

func (t *addressText) end() error {
	if len(t.held) == 0 {
		t.w.WriteString("not held against any list: use --list, --starter or --data\n")
	}
	for _, l := range t.held {
		published := "date of publication not known"
		if l.Published != "" {
			published = "published " + l.Published
		}
		earlier := ""
		if l.Earlier > 0 {
			earlier = fmt.Sprintf(", and %d editions before it", l.Earlier)
		}
		fmt.Fprintf(t.w, "held against %s, %s, %d wallets, SHA-256 %.12s%s%s\n", l.List, published, l.Wallets, l.SHA256, earlier, starterMark(l.Starter))
		if l.Unread > 0 {
			fmt.Fprintf(t.w, "  %d of its wallets are no whole addresses, so that nobody is found with what was meant\n", l.Unread)
		}
		if l.Odd != "" {
			fmt.Fprintf(t.w, "  odd: %s\n", l.Odd)
		}
	}
	return t.w.Flush()
}

// daysOf says since when and until when, as far as it is known.
func daysOf(l listing) string {
	switch {
	case !l.Until.IsZero():
		return fmt.Sprintf("; %s until %s", l.Since, l.Until)
	case !l.Since.IsZero():
		return fmt.Sprintf("; since %s", l.Since)
	case l.First != "":
		text := "; in the earliest edition kept, of " + l.First
		if l.Before != "" {
			text = fmt.Sprintf("; since the edition of %s, not in that of %s", l.First, l.Before)
		}
		if l.Gone != "" {
			text += ", gone in that of " + l.Gone
		}
		if l.Before == "" && !l.EntrySince.IsZero() {
			text += fmt.Sprintf("; the entry since %s", l.EntrySince)
		}
		return text
	case !l.EntrySince.IsZero():
		return fmt.Sprintf("; the entry since %s, the address since a day that the list does not tell", l.EntrySince)
	}
	return "; since a day that the list does not tell"
}
