package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/chain"
	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/starter"
)

// addressing is one run of `sallyport address`.
type addressing struct {
	from   screening // its lists and starter
	data   string
	asJSON bool
}

func addressCommand() *cobra.Command {
	var a addressing
	c := &cobra.Command{
		Use:   "address ADDRESS…",
		Short: "Say what an address is and whether a list names it",
		Long: `Says of each blockchain address what it is, how it is spelled, and who is listed with
it. Addresses are compared by the bytes they stand for: a key is found in whatever
spelling it is asked for, and under whatever ticker it is listed.

"same" is the listed key on a chain of the listed address, "same key on another chain"
a question for a person. What is not known as an address is compared letter for letter.

Without --list, --starter or --data nothing is held against any list.`,
		Example: `  sallyport address --starter 2024-09-26 0xE950DC316b836e4EeFb8308bf32Bf7C72a1358FF
  sallyport address --list sdn.csv --json 1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH
  sallyport address --data ./exchange bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.run(c, args) },
	}
	c.Flags().StringSliceVar(&a.from.lists, "list", nil, "files of lists, parted by commas")
	c.Flags().StringVar(&a.from.starter, "starter", "", "the starter list as of this day, such as 2022-03-11; no substitute for an official list")
	c.Flags().StringVar(&a.data, "data", "", "data folder; the editions in force in its folder \"lists\"")
	c.Flags().BoolVar(&a.asJSON, "json", false, "print JSON: one object with the lists and, in the order asked, the addresses")
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
	Since      entity.Day  `json:"listed,omitzero"`       // the address, where known
	Until      entity.Day  `json:"removed,omitzero"`      // the address, the first day not in force, where known
	EntrySince entity.Day  `json:"entry_listed,omitzero"` // the entry, which may have got the address later
}

// An answer is what is said of one address.
type answer struct {
	Asked    string       `json:"asked"`
	Family   chain.Family `json:"family"`
	Kind     string       `json:"kind,omitempty"`
	Chains   []string     `json:"chains"`
	Spelling string       `json:"spelling,omitempty"`
	Key      string       `json:"key,omitempty"`
	Fault    string       `json:"fault,omitempty"`
	Error    string       `json:"error,omitempty"` // why it cannot be read at all
	Listings []listing    `json:"listings"`
}

// addressReport is what --json prints.
type addressReport struct {
	Lists     []heldAgainst `json:"lists"`
	Addresses []answer      `json:"addresses"`
}

type heldAgainst struct {
	List      string `json:"list"`
	Published string `json:"published"` // "" where not known
	SHA256    string `json:"sha256"`
	Starter   bool   `json:"starter"`
	Wallets   int    `json:"wallets"`
	Unread    int    `json:"unread"` // wallets that cannot be read, and are not compared
}

// A listedAddress is a listing before it is asked for.
type listedAddress struct {
	address chain.Address
	listing listing
}

func (a *addressing) run(c *cobra.Command, args []string) error {
	editions, err := a.editions()
	if err != nil {
		return err
	}
	rep := addressReport{Lists: []heldAgainst{}, Addresses: []answer{}}
	listed := map[string][]listedAddress{} // by key
	for _, e := range editions {
		h := heldAgainst{List: e.List, SHA256: e.SHA256, Starter: e.Starter, Wallets: e.Wallets()}
		if !e.Published.IsZero() {
			h.Published = dayOf(e.Published)
		}
		all, unread, err := listedIn(e)
		if err != nil {
			return err
		}
		h.Unread = unread
		for _, l := range all {
			listed[l.address.Key] = append(listed[l.address.Key], l)
		}
		rep.Lists = append(rep.Lists, h)
	}
	bad := 0
	for _, text := range args {
		ans := answer{Asked: text, Chains: []string{}, Listings: []listing{}}
		asked, err := chain.Parse(text)
		if err != nil {
			ans.Error = err.Error()
			bad++
		} else {
			ans.Family, ans.Kind, ans.Spelling, ans.Key, ans.Fault = asked.Family, asked.Kind, asked.Spelling, asked.Key, asked.Fault
			ans.Chains = append(ans.Chains, asked.Chains...)
			for _, l := range listed[asked.Key] {
				l.listing.Grade = chain.Same(asked, l.address)
				ans.Listings = append(ans.Listings, l.listing)
			}
		}
		rep.Addresses = append(rep.Addresses, ans)
	}
	if a.asJSON {
		err = writeJSON(c.OutOrStdout(), rep)
	} else {
		err = printAddresses(c.OutOrStdout(), rep)
	}
	if err == nil && bad > 0 {
		err = fmt.Errorf("%d of %d addresses cannot be read, and are not known to be free", bad, len(args))
	}
	return err
}

func (a *addressing) editions() ([]*watchlist.Edition, error) {
	var out []*watchlist.Edition
	if len(a.from.lists) > 0 || a.from.starter != "" {
		var err error
		if out, err = a.from.editions(); err != nil {
			return nil, err
		}
	}
	if a.data == "" {
		return out, nil
	}
	dir := filepath.Join(a.data, "lists")
	s, err := watchlist.OpenStore(dir, listFormats())
	if err != nil {
		return nil, err
	}
	names, err := s.Lists()
	if err != nil {
		return nil, err
	}
	held := len(out)
	for _, name := range names {
		e, err := s.Current(name)
		if errors.Is(err, watchlist.ErrNoEdition) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	if len(out) == held {
		return nil, fmt.Errorf("%s: no edition of any list is in force: use sallyport lists pull, or --starter DATE", dir)
	}
	return out, nil
}

// listedIn gives the addresses of an edition, and of the starter those it no longer
// has too: the starter knows the days of each address, other lists at most the
// entry's.
func listedIn(e *watchlist.Edition) (all []listedAddress, unread int, err error) {
	add := func(l listing) {
		l.List = e.List
		a, err := chain.Parse(l.Address)
		if err != nil {
			unread++
			return
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
		return all, unread, nil
	}
	ds, err := starter.Designations()
	if err != nil {
		return nil, 0, err
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
	return all, unread, nil
}

func printAddresses(w io.Writer, rep addressReport) error {
	var b strings.Builder
	for _, a := range rep.Addresses {
		if a.Error != "" {
			fmt.Fprintf(&b, "%q\n  not read  %s\n", a.Asked, a.Error)
			continue
		}
		fmt.Fprintf(&b, "%s\n  is        %s", a.Spelling, a.Kind)
		if len(a.Chains) > 0 {
			fmt.Fprintf(&b, " (%s)", strings.Join(a.Chains, ", "))
		}
		if a.Fault != "" {
			fmt.Fprintf(&b, ": %s", a.Fault)
		}
		fmt.Fprintf(&b, "\n  key       %s\n", a.Key)
		inForce := false
		for _, l := range a.Listings {
			word := "listed"
			if !l.InForce {
				word = "formerly"
			}
			inForce = inForce || l.InForce
			fmt.Fprintf(&b, "  %-9s %s %s %s, %s %s: %s%s\n", word, l.List, l.EntityID, l.EntityName, l.Ticker, l.Address, l.Grade, daysOf(l))
		}
		if !inForce && len(rep.Lists) > 0 {
			b.WriteString("  listed    no\n")
		}
	}
	if len(rep.Lists) == 0 {
		b.WriteString("not held against any list: use --list, --starter or --data\n")
	}
	for _, l := range rep.Lists {
		published := "date of publication not known"
		if l.Published != "" {
			published = "published " + l.Published
		}
		fmt.Fprintf(&b, "held against %s, %s, %d wallets, SHA-256 %.12s%s\n", l.List, published, l.Wallets, l.SHA256, starterMark(l.Starter))
		if l.Unread > 0 {
			fmt.Fprintf(&b, "  %d of its wallets cannot be read and are not compared\n", l.Unread)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// daysOf says since when and until when, as far as it is known.
func daysOf(l listing) string {
	switch {
	case !l.Until.IsZero():
		return fmt.Sprintf("; %s until %s", l.Since, l.Until)
	case !l.Since.IsZero():
		return fmt.Sprintf("; since %s", l.Since)
	case !l.EntrySince.IsZero():
		return fmt.Sprintf("; the entry since %s, the address since a day that the list does not tell", l.EntrySince)
	}
	return "; since a day that the list does not tell"
}
