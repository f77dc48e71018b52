package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sallyport/entity"
	"sallyport/geo"
)

// placing is one run of `sallyport place`.
type placing struct {
	ips, phones, emails []string
	files               geoConfig
	signals, residence  string
	at                  string
	asJSON              bool

	networks *geo.Networks
	on       time.Time
}

func placeCommand() *cobra.Command {
	var p placing
	c := &cobra.Command{
		Use:   "place [ADDRESS…]",
		Short: "Say what a written address, a network address, a number or a mail address is read as",
		Long: `Says of each written address which country it is in and, within Ukraine, in which area of
control on that day: UA-43 Crimea, UA-40 Sevastopol, UA-DNR, UA-LNR, UA-KHE and UA-ZAP (the
parts of Kherson and Zaporizhzhia oblasts that the government does not control). It reads Latin
and Cyrillic letters and transliterations. What cannot be told is said to be unclear. An
address is one argument; put it in quotes.

--ip, --phone and --email do the same for network addresses (by the files given), for
telephone numbers (with + and the country code) and for e-mail addresses. --signals weighs a file of signals against
what somebody says of where they live (--residence): comma-separated rows of kind, value and
at, with that header. Kinds are sign_in, phone, email, passport, local_document and address;
a value is the code of a country or an area, or what the kind is read from (a network
address, a number, an e-mail address, a country, a written address), or empty for no known
place; at is a day or a time such as 2024-06-30T12:00:00Z.

It knows no law: what follows from a place is for the rules. See docs/place.md.

Exit status: 0 all is read, be it unclear; 1 something cannot be read; 2 called wrongly.`,
		Example: `  sallyport place "ул. Ленина, Симферополь, Россия"
  sallyport place --at 2022-06-01 "Kherson, UA" "Kramatorsk, Ukraine"
  sallyport place --ip 203.0.113.7 --country-db country.mmdb --asn asn.csv --relays relays.txt
  sallyport place --phone "+7 978 123-45-67" --email somebody@example.ir --json
  sallyport place --signals signals.csv --residence AM --at 2024-06-30`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error { return p.run(c, args) },
	}
	c.Flags().StringArrayVar(&p.ips, "ip", nil, "network address; may be given several times, as --phone and --email may")
	c.Flags().StringArrayVar(&p.phones, "phone", nil, "telephone number, with + and the country code")
	c.Flags().StringArrayVar(&p.emails, "email", nil, "e-mail address")
	c.Flags().StringVar(&p.files.Country, "country-db", "", "database of countries (MMDB)")
	c.Flags().StringVar(&p.files.City, "city-db", "", "database of cities (MMDB)")
	c.Flags().StringVar(&p.files.ASN, "asn", "", "who announces each range: MMDB, or rows of range, AS number, name")
	c.Flags().StringVar(&p.files.Relays, "relays", "", "ranges of relays, virtual private networks and hosting: text, or MMDB")
	c.Flags().StringVar(&p.signals, "signals", "", "weigh this file of signals; \"-\" is standard input")
	c.Flags().StringVar(&p.residence, "residence", "", "with --signals: where they say that they live, a code or a written address")
	c.Flags().StringVar(&p.at, "at", "", "day on which it is asked, such as 2022-06-01; today where none is given")
	c.Flags().BoolVar(&p.asJSON, "json", false, "print JSON: one object")
	return c
}

// A placed is what one thing asked for was read as.
type placed struct {
	Kind     string   `json:"kind"` // address, ip, phone or email
	Asked    string   `json:"asked"`
	Country  string   `json:"country"`
	Area     string   `json:"area"`
	Unclear  bool     `json:"unclear"` // whether it lies in an area of control cannot be told
	Relay    bool     `json:"relay,omitempty"`
	AS       uint32   `json:"as,omitempty"`
	Operator string   `json:"operator,omitempty"`
	Why      []string `json:"why"`
	Error    string   `json:"error,omitempty"`
}

func (p *placing) run(c *cobra.Command, args []string) error {
	if p.residence != "" && p.signals == "" {
		return usageError{errors.New("--residence goes with --signals")}
	}
	if len(args)+len(p.ips)+len(p.phones)+len(p.emails) == 0 && p.signals == "" {
		return usageError{fmt.Errorf("nothing to place: give an address in quotes, --ip, --phone, --email or --signals\nsee: %s --help", c.CommandPath())}
	}
	if len(p.ips) > 0 && p.files == (geoConfig{}) {
		return usageError{errors.New("--ip needs a file to look in: --country-db, --city-db, --asn or --relays")}
	}
	p.on = time.Now().UTC()
	if p.at != "" {
		day, err := entity.ParseDay(p.at)
		if err != nil {
			return usageError{fmt.Errorf("--at: %w", err)}
		}
		p.on = day.Time().Add(24*time.Hour - time.Second) // what happened on the day is known
	}
	var err error
	if p.networks, err = p.files.networks(slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	var all []placed
	for _, list := range []struct {
		kind  string
		asked []string
	}{{"address", args}, {"ip", p.ips}, {"phone", p.phones}, {"email", p.emails}} {
		for _, asked := range list.asked {
			all = append(all, p.place(list.kind, asked))
		}
	}
	var weighed *geo.Assessment
	if p.signals != "" {
		if weighed, err = p.weigh(c.InOrStdin()); err != nil {
			return err
		}
	}
	if err := p.print(c.OutOrStdout(), all, weighed); err != nil {
		return err
	}
	unread := 0
	for _, a := range all {
		if a.Error != "" {
			unread++
		}
	}
	if unread > 0 {
		return fmt.Errorf("%d of %d cannot be read", unread, len(all))
	}
	return nil
}

// place reads one thing asked for.
func (p *placing) place(kind, asked string) placed {
	out := placed{Kind: kind, Asked: asked, Why: []string{}}
	var f geo.Found
	var err error
	switch kind {
	case "address":
		f, err = geo.Resolve(geo.Written(asked), p.on)
	case "phone":
		f, err = geo.Phone(asked)
	case "email":
		f, err = geo.Email(asked)
	case "ip":
		var a netip.Addr
		if a, err = netip.ParseAddr(asked); err != nil {
			err = errors.New("want a network address such as 203.0.113.7 or 2001:db8::1")
			break
		}
		l := p.networks.Locate(a, p.on)
		f, out.Relay, out.AS, out.Operator = l.Found, l.Relay, l.AS, l.Operator
	}
	if err != nil {
		out.Error = strings.TrimPrefix(err.Error(), "geo: ")
		return out
	}
	out.Country, out.Area, out.Unclear = f.Country, f.Area, f.Ambiguous
	out.Why = append(out.Why, f.Why...)
	return out
}

// weigh reads the file of signals and weighs it.
func (p *placing) weigh(stdin io.Reader) (*geo.Assessment, error) {
	in, name := stdin, "standard input"
	if p.signals != "-" {
		f, err := os.Open(p.signals)
		if err != nil {
			return nil, fmt.Errorf("--signals: %w", err)
		}
		defer f.Close()
		in, name = f, p.signals
	}
	signals, err := p.readSignals(in)
	if err != nil {
		return nil, fmt.Errorf("--signals: %s: %w", name, err)
	}
	residence := p.residence
	if residence != "" && !geo.IsPlace(residence) {
		f, err := geo.Resolve(geo.Written(residence), p.on)
		if err != nil || f.Code() == "" {
			return nil, usageError{fmt.Errorf("--residence %q: want a code such as AM or UA-43, or an address with a country", residence)}
		}
		residence = f.Code()
	}
	a, err := geo.Weigh(signals, residence, p.on)
	return &a, err
}

// readSignals reads rows of kind, value and at.
func (p *placing) readSignals(in io.Reader) ([]geo.Signal, error) {
	r := csv.NewReader(in)
	r.FieldsPerRecord = 3
	r.TrimLeadingSpace = true
	header, err := r.Read()
	if err != nil || !slices.Equal(header, []string{"kind", "value", "at"}) {
		return nil, errors.New("want comma-separated rows under the header kind,value,at")
	}
	var signals []geo.Signal
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return signals, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		s, err := p.signal(row)
		if err != nil {
			return nil, fmt.Errorf("line %d: %s", line, strings.TrimPrefix(err.Error(), "geo: "))
		}
		if signals = append(signals, s); len(signals) > 100_000 {
			return nil, errors.New("more than 100,000 signals") // before Weigh says that it is too many
		}
	}
}

// signal reads one row.
func (p *placing) signal(row []string) (geo.Signal, error) {
	var s geo.Signal
	if err := s.Kind.UnmarshalText([]byte(row[0])); err != nil {
		return s, err
	}
	var err error
	if s.At, err = time.Parse(time.RFC3339, row[2]); err != nil {
		day, err := entity.ParseDay(row[2])
		if err != nil {
			return s, fmt.Errorf("at %q: want a day such as 2024-06-30 or a time such as 2024-06-30T12:00:00Z", row[2])
		}
		s.At = day.Time()
	}
	value := row[1]
	if value == "" || geo.IsPlace(value) {
		s.Place = value
		return s, nil
	}
	kind := map[geo.Kind]string{geo.SignIn: "ip", geo.PhoneNumber: "phone", geo.EmailSuffix: "email", geo.Address: "address"}[s.Kind]
	if kind == "" { // a document
		code, ok := geo.Country(value)
		if !ok {
			return s, errors.New("want the country that issued the document")
		}
		s.Place = code
		return s, nil
	}
	read := *p
	read.on = s.At // where a town lay when it was written
	a := read.place(kind, value)
	if a.Error != "" {
		return s, errors.New(a.Error)
	}
	s.Place = cmp.Or(a.Area, a.Country)
	return s, nil
}

func (p *placing) print(w io.Writer, all []placed, weighed *geo.Assessment) error {
	if p.asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		type assessment struct {
			Weights string `json:"weights"`
			geo.Assessment
		}
		out := struct {
			At      entity.Day  `json:"at"`
			Places  []placed    `json:"places"`
			Weighed *assessment `json:"weighed,omitempty"`
		}{At: entity.DayOf(p.on), Places: append([]placed{}, all...)}
		if weighed != nil {
			out.Weighed = &assessment{geo.WeighingVersion(), *weighed}
		}
		return e.Encode(out)
	}
	var b strings.Builder
	for _, a := range all {
		fmt.Fprintf(&b, "%s\n", a.Asked)
		switch {
		case a.Error != "":
			fmt.Fprintf(&b, "  not read  %s\n", a.Error)
			continue
		case a.Relay:
			b.WriteString("  is        no place: a relay, a virtual private network or hosting\n")
		case a.Country == "":
			b.WriteString("  is        not known\n")
		case a.Area != "":
			fmt.Fprintf(&b, "  is        %s, in the area %s\n", a.Country, a.Area)
		case a.Unclear:
			fmt.Fprintf(&b, "  is        %s, unclear whether in an area of control\n", a.Country)
		default:
			fmt.Fprintf(&b, "  is        %s, in no area of control\n", a.Country)
		}
		for i, why := range a.Why {
			fmt.Fprintf(&b, "  %-9s %s\n", []string{"for", ""}[min(i, 1)], why)
		}
	}
	if weighed != nil {
		none := func(list []string) string { return cmp.Or(strings.Join(list, ", "), "nowhere that the signals show") }
		fmt.Fprintf(&b, "lives in    %s\nlook at     %s\n", none(weighed.Ordinarily), cmp.Or(strings.Join(weighed.Contradicted, ", "), "nothing"))
		for _, why := range weighed.Why {
			fmt.Fprintf(&b, "  %s\n", why)
		}
		fmt.Fprintf(&b, "weights %s\n", geo.WeighingVersion())
	}
	_, err := io.WriteString(w, b.String())
	return err
}
