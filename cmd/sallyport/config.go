package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"sallyport/api/customer"
	"sallyport/exchange"
	"sallyport/geo"
	"sallyport/law"
	"sallyport/mail"
	"sallyport/money"
	"sallyport/signin"
	"sallyport/venue"
	"sallyport/venue/tape"
)

// defaultConfig is the configuration that serve runs with where no file is given; it is
// also the documentation of every key.
//
//go:embed default.yaml
var defaultConfig []byte

// config is the YAML file of serve. Unknown keys are errors.
type config struct {
	Listen    string           `yaml:"listen"`
	TLS       tlsConfig        `yaml:"tls"`
	Wire      wireConfig       `yaml:"wire"`
	Operators []operatorConfig `yaml:"operators"`
	Assets    []assetConfig    `yaml:"assets"`
	Markets   []marketConfig   `yaml:"markets"`
	Accounts  boundsConfig     `yaml:"accounts"`
	Fees      struct {
		Tiers []struct {
			Volume money.Amount `yaml:"volume"`
		} `yaml:"tiers"`
	} `yaml:"fees"`
	Holds struct {
		Owner string        `yaml:"owner"`
		For   time.Duration `yaml:"for"`           // or
		Days  int           `yaml:"business_days"` // by the calendar of the operator's nexus
	} `yaml:"holds"`
	Lists struct {
		StaleAfter time.Duration `yaml:"stale_after"`
	} `yaml:"lists"`
	Snapshots struct {
		EveryMiB int64 `yaml:"every_mib"`
	} `yaml:"snapshots"`
	Gate struct {
		Listen            string   `yaml:"listen"`
		RequestsPerSecond int      `yaml:"requests_per_second"`
		WebhookHosts      []string `yaml:"webhook_hosts"`
	} `yaml:"gate"`
	FIX struct {
		Listen string `yaml:"listen"`
	} `yaml:"fix"`
	Customers struct {
		SignUp            bool   `yaml:"sign_up"`
		TradeUnidentified bool   `yaml:"trade_unidentified"`
		Site              string `yaml:"site"`
		PasskeyDomain     string `yaml:"passkey_domain"`
		RequestsPerSecond int    `yaml:"requests_per_second"`
		TwoIdentify       bool   `yaml:"two_identify"`
	} `yaml:"customers"`
	Mail struct {
		Server       string        `yaml:"server"`
		Security     mail.Security `yaml:"security"`
		User         string        `yaml:"user"`
		PasswordFile string        `yaml:"password_file"`
		From         string        `yaml:"from"`
	} `yaml:"mail"`
	Premises string    `yaml:"premises"` // country of this machine's own and private networks
	Geo      geoConfig `yaml:"geo"`
	Rules    string    `yaml:"rules"` // folder of further rules, or ""

	Proxies []netip.Prefix `yaml:"proxies"` // the operator's own, whose X-Forwarded-For is believed

	Transfers struct {
		SendsParties bool `yaml:"sends_parties"`
	} `yaml:"transfers"`

	Governors string `yaml:"governors"` // file of those who govern the operators, or ""
	Platforms string `yaml:"platforms"` // file of other providers that are known, or ""
}

// wireConfig is what the programs of customers may ask of the wire.
type wireConfig struct {
	WeightPerMinute int `yaml:"weight_per_minute"`
	OrdersPer10s    int `yaml:"orders_per_10s"`
	OrdersPerDay    int `yaml:"orders_per_day"`
}

type operatorConfig struct {
	Name  string   `yaml:"name"`
	Title string   `yaml:"title"`
	Nexus []string `yaml:"nexus"`
}

type assetConfig struct {
	Code            string       `yaml:"code"`
	Decimals        uint8        `yaml:"decimals"`
	Network         string       `yaml:"network"`
	LeastWithdrawal money.Amount `yaml:"least_withdrawal"`
	WithdrawalFee   money.Amount `yaml:"withdrawal_fee"`
	Euro            money.Amount `yaml:"euro"`
	Represents      []string     `yaml:"represents"` // assets that it wraps or is a claim to
}

// boundsConfig is how much one account may have open in all markets together; 0 is no bound.
type boundsConfig struct {
	MaxOrders   uint32 `yaml:"max_orders"`
	MaxStops    uint32 `yaml:"max_stops"`
	MaxIcebergs uint32 `yaml:"max_icebergs"`
	MaxLists    uint32 `yaml:"max_lists"`
}

type marketConfig struct {
	Symbol      string       `yaml:"symbol"`
	Base        string       `yaml:"base"`
	Quote       string       `yaml:"quote"`
	Tick        money.Amount `yaml:"tick"`
	MinPrice    money.Amount `yaml:"min_price"`
	MaxPrice    money.Amount `yaml:"max_price"`
	Step        money.Amount `yaml:"step"`
	MinQuantity money.Amount `yaml:"min_quantity"`
	MaxQuantity money.Amount `yaml:"max_quantity"`
	MinNotional money.Amount `yaml:"min_notional"`
	MakerPPM    uint32       `yaml:"maker_ppm"`
	TakerPPM    uint32       `yaml:"taker_ppm"`

	Tiers             []tierConfig `yaml:"tiers"` // of fees, from the second on
	MaxNotional       money.Amount `yaml:"max_notional"`
	MarketMaxQuantity money.Amount `yaml:"market_max_quantity"`
	MaxPosition       money.Amount `yaml:"max_position"`
	MaxOrders         *uint32      `yaml:"max_orders"`
	MaxStops          *uint32      `yaml:"max_stops"`
	MaxParts          *uint32      `yaml:"max_parts"`
	MaxIcebergs       uint32       `yaml:"max_icebergs"`
	MaxLists          *uint32      `yaml:"max_lists"`
	MaxAmends         *uint32      `yaml:"max_amends"`
	Buys              *bandConfig  `yaml:"buys"`
	Sells             *bandConfig  `yaml:"sells"`
	Rising            *trailConfig `yaml:"trail_rising"`
	Falling           *trailConfig `yaml:"trail_falling"`
	AllowSelfTrade    bool         `yaml:"allow_self_trade"`
}

// trailConfig is how far behind the price orders may follow it, in hundredths of a percent; a
// greatest of 0 lets none.
type trailConfig struct {
	Min uint32 `yaml:"min"`
	Max uint32 `yaml:"max"`
}

var usualTrail = trailConfig{Min: 10, Max: 2000}

type tierConfig struct {
	MakerPPM uint32 `yaml:"maker_ppm"`
	TakerPPM uint32 `yaml:"taker_ppm"`
}

// bandConfig is where prices may lie, in millionths of the last one; 0 is no bound.
type bandConfig struct {
	DownPPM uint32 `yaml:"down_ppm"`
	UpPPM   uint32 `yaml:"up_ppm"`
}

var usualBand = bandConfig{DownPPM: 200_000, UpPPM: 5_000_000}

// given is what the file says, or what is usual where it says nothing.
func given[T any](said *T, usual T) T {
	if said != nil {
		return *said
	}
	return usual
}

// readConfig reads a file, or the built-in configuration where path is empty.
func readConfig(path string) (*config, error) {
	data, name := defaultConfig, "the built-in configuration"
	if path != "" {
		var err error
		if data, err = readAtMost(path, 1<<20); err != nil {
			return nil, fmt.Errorf("config: %w", err)
		}
		name = path
	}
	var c config
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&c); errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("config: %s is empty; `sallyport serve --print-config` prints one to start from", name)
	} else if err != nil {
		return nil, fmt.Errorf("config: %s: %w\n`sallyport serve --print-config` prints every key there is", name, err)
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("config: %s: more than one document", name)
	}
	if h := c.Holds; h.Owner == "" || h.For < 0 || h.Days < 0 || h.Days > 1000 || (h.For > 0) == (h.Days > 0) {
		return nil, fmt.Errorf("config: %s: holds: want an owner and a time (for: 48h, or business_days: 2), for no hold is without", name)
	}
	if err := c.checkTiers(); err != nil {
		return nil, fmt.Errorf("config: %s: fees: %w", name, err)
	}
	if c.Lists.StaleAfter < 0 {
		return nil, fmt.Errorf("config: %s: lists: stale_after: want a time, or 0s for never", name)
	}
	if c.Snapshots.EveryMiB < -1 || c.Snapshots.EveryMiB > 1<<20 {
		return nil, fmt.Errorf("config: %s: snapshots: every_mib: want MiB of log between two snapshots, at most 1048576, 0 for 256, or -1 for never", name)
	}
	if c.Gate.RequestsPerSecond < 0 {
		return nil, fmt.Errorf("config: %s: gate: requests_per_second: want how many each API key may send, or 0 for 200", name)
	}
	if w := c.Wire; w.WeightPerMinute < 0 || w.OrdersPer10s < 0 || w.OrdersPerDay < 0 {
		return nil, fmt.Errorf("config: %s: wire: want how much each client and account may ask, or 0 for what is usual", name)
	}
	for _, h := range c.Gate.WebhookHosts {
		if host, port, err := net.SplitHostPort(h); err != nil || host == "" || port == "" {
			return nil, fmt.Errorf("config: %s: gate: webhook_hosts: %q: want a host and a port, such as hooks.internal:8443", name, h)
		}
	}
	// What is no country is in no sanctioned one, and would let everybody pass.
	if code, ok := geo.Country(c.Premises); c.Premises != "" && (!ok || code != c.Premises) {
		return nil, fmt.Errorf("config: %s: premises %q: want the two capital letters of a country, or \"\"", name, c.Premises)
	}
	if c.Customers.RequestsPerSecond < 0 {
		return nil, fmt.Errorf("config: %s: customers: requests_per_second: want how many each customer may send, or 0 for 10", name)
	}
	if c.Customers.Site == "" && c.Customers.PasskeyDomain != "" {
		return nil, fmt.Errorf("config: %s: customers: passkey_domain: want the site too, such as https://exchange.example", name)
	}
	if c.Customers.Site != "" {
		if _, err := signin.NewPasskeys(c.Customers.Site, c.Customers.PasskeyDomain, rand.Reader); err != nil {
			return nil, fmt.Errorf("config: %s: customers: site: %w", name, err)
		}
	}
	g, err := c.genesis()
	if err == nil {
		err = venue.CheckGenesis(&g)
	}
	if err != nil {
		return nil, fmt.Errorf("config: %s: %w", name, err)
	}
	return &c, nil
}

// mailer sends letters as the configuration says: through a server, or into a folder of the data
// folder, which the log of events tells.
func (c *config) mailer(data string, log *slog.Logger) (customer.Mailer, error) {
	if c.Mail.Server == "" {
		dir := filepath.Join(data, "outbox")
		log.Info("no mail server is configured: letters to customers are written into a folder and sent to nobody", "folder", dir)
		return &mail.Outbox{Dir: dir}, nil
	}
	m := &mail.SMTP{Server: c.Mail.Server, Security: c.Mail.Security, User: c.Mail.User, From: c.Mail.From}
	if c.Mail.PasswordFile != "" {
		b, err := readAtMost(c.Mail.PasswordFile, 1<<10)
		if err != nil {
			return nil, fmt.Errorf("config: mail: password_file: %w", err)
		}
		m.Password = strings.TrimSpace(string(b))
	}
	if err := m.Check(); err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	return m, nil
}

// localSite is where a browser on this machine finds the customers' pages: by a name, for a network
// address has no passkeys.
func (c *config) localSite(l net.Listener) string {
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return ""
	}
	return c.TLS.scheme() + "://localhost:" + port
}

// snapshotBytes is after how many bytes of log a snapshot is written, as exchange.Config has it.
func (c *config) snapshotBytes() int64 { return c.Snapshots.EveryMiB << 20 }

// genesis is the founding tables that the configuration describes.
func (c *config) genesis() (tape.Genesis, error) {
	g := tape.Genesis{Format: tape.Format, MaxOpen: tape.Bounds{Orders: c.Accounts.MaxOrders, Stops: c.Accounts.MaxStops, Icebergs: c.Accounts.MaxIcebergs, Lists: c.Accounts.MaxLists}}
	index := map[string]uint16{}
	for _, o := range c.Operators {
		for _, n := range o.Nexus {
			if code, ok := geo.Country(n); n == "UN" || !slices.Contains(law.Nexuses(), n) && !(ok && code == n) {
				return g, fmt.Errorf("operator %s: nexus %q: want whose law binds it: %s, or another country's two letters, which no rule here binds",
					o.Name, n, strings.Join(law.Nexuses(), ", "))
			}
		}
		g.Operators = append(g.Operators, tape.Operator{Name: o.Name, Title: o.Title, Nexus: o.Nexus})
	}
	for i, a := range c.Assets {
		if a.Euro.Sign() <= 0 { // worth nothing, it would be below every limit of a law
			return g, fmt.Errorf("asset %s: euro: want what one unit is worth, more than 0", a.Code)
		}
		index[a.Code] = uint16(i)
		g.Assets = append(g.Assets, tape.Asset{Code: a.Code, Decimals: a.Decimals, Network: a.Network, MinOut: a.LeastWithdrawal, FeeOut: a.WithdrawalFee})
	}
	for _, m := range c.Markets {
		base, ok1 := index[m.Base]
		quote, ok2 := index[m.Quote]
		if !ok1 || !ok2 {
			return g, fmt.Errorf("market %s: %s or %s is not among the assets", m.Symbol, m.Base, m.Quote)
		}
		buys, sells := given(m.Buys, usualBand), given(m.Sells, usualBand)
		of := tape.Market{
			Symbol: m.Symbol, Base: base, Quote: quote, Tick: m.Tick, MinPrice: m.MinPrice, MaxPrice: m.MaxPrice,
			Step: m.Step, MinQty: m.MinQuantity, MaxQty: m.MaxQuantity, MinNotional: m.MinNotional, MakerPPM: m.MakerPPM, TakerPPM: m.TakerPPM,
			MaxNotional: m.MaxNotional, MarketMaxQty: m.MarketMaxQuantity, MaxPosition: m.MaxPosition, MaxOrders: given(m.MaxOrders, 200), MaxStops: given(m.MaxStops, 5), MaxParts: given(m.MaxParts, 10),
			MaxIcebergs: m.MaxIcebergs, MaxLists: given(m.MaxLists, 20), MaxAmends: given(m.MaxAmends, 10),
			Buys: tape.Band{Down: buys.DownPPM, Up: buys.UpPPM}, Sells: tape.Band{Down: sells.DownPPM, Up: sells.UpPPM}, AllowSelf: m.AllowSelfTrade,
			Rising: tape.Trails(given(m.Rising, usualTrail)), Falling: tape.Trails(given(m.Falling, usualTrail)),
		}
		for _, t := range m.Tiers {
			of.Tiers = append(of.Tiers, tape.Fees{MakerPPM: t.MakerPPM, TakerPPM: t.TakerPPM})
		}
		g.Markets = append(g.Markets, of)
	}
	return g, nil
}

// governors reads the file that the configuration names.
func (c *config) governors() ([]exchange.Governor, error) {
	return readArray[exchange.Governor]("governors", c.Governors, `[{"operator": …, "role": …, "profile": {…}}]`)
}

// platforms reads the file that the configuration names.
func (c *config) platforms() ([]exchange.Platform, error) {
	return readArray[exchange.Platform]("platforms", c.Platforms, `[{"name": …, "operators": […], "profile": {…}}]`)
}

// readArray reads a JSON array from the file that a key names; none where it names none.
func readArray[T any](key, path, want string) ([]T, error) {
	if path == "" {
		return nil, nil
	}
	data, err := readAtMost(path, 1<<20)
	if err != nil {
		return nil, fmt.Errorf("config: %s: %w", key, err)
	}
	var all []T
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("config: %s: %s: %w; want %s", key, path, err, want)
	}
	return all, nil
}

// checkTiers holds the tiers that are to be earned to those that the markets have: one that no
// market has would be earned for nothing.
func (c *config) checkTiers() error {
	have, before := 0, money.Amount{}
	for _, m := range c.Markets {
		have = max(have, len(m.Tiers))
	}
	for i, t := range c.Fees.Tiers {
		if i == have {
			return fmt.Errorf("tier %d is to be earned, and no market has fees for it", i+1)
		}
		if !before.Less(t.Volume) {
			return fmt.Errorf("tier %d: volume: want euro in 30 days, more than %s", i+1, before)
		}
		before = t.Volume
	}
	return nil
}

// tierVolumes is what exchange.Config has of them.
func (c *config) tierVolumes() (all []money.Amount) {
	for _, t := range c.Fees.Tiers {
		all = append(all, t.Volume)
	}
	return all
}

// represents is what each asset wraps or is a claim to.
func (c *config) represents() map[string][]string {
	all := map[string][]string{}
	for _, a := range c.Assets {
		all[a.Code] = a.Represents
	}
	return all
}

// euros is what a unit of each asset is worth while no market says.
func (c *config) euros() map[string]money.Amount {
	per := map[string]money.Amount{}
	for _, a := range c.Assets {
		per[a.Code] = a.Euro
	}
	return per
}

// geoConfig is the files that say where a network address is. Each may be "".
type geoConfig struct {
	Country string `yaml:"country"`
	City    string `yaml:"city"`
	ASN     string `yaml:"asn"`
	Relays  string `yaml:"relays"`
}

// networks reads the files, and tells the log of each which it is: a past answer is
// understood by the hash of what it was read from.
func (c geoConfig) networks(log *slog.Logger) (*geo.Networks, error) {
	var n geo.Networks
	for _, f := range []struct {
		key, path string
		read      func([]byte) error
	}{
		{"country", c.Country, n.ReadCountry}, {"city", c.City, n.ReadCity}, {"asn", c.ASN, n.ReadASN}, {"relays", c.Relays, n.ReadRelays},
	} {
		if f.path == "" {
			continue
		}
		data, err := readAtMost(f.path, maxGeoFile)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.key, err)
		}
		if err := f.read(data); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", f.key, f.path, err)
		}
		log.Info("places of networks are read from a file", "key", f.key, "file", f.path, "sha256", fmt.Sprintf("%x", sha256.Sum256(data)))
	}
	return &n, nil
}

// maxGeoFile is the longest file of places that is read, in bytes.
const maxGeoFile = 1 << 30

// locator says where an address is: addresses of this machine and of private networks
// (RFC 1918, RFC 4193) are on the operator's premises, others where the files say.
func (c *config) locator(n *geo.Networks, clock func() time.Time) func(netip.Addr) exchange.Session {
	return func(a netip.Addr) exchange.Session {
		if c.Premises != "" && (a.IsLoopback() || a.IsPrivate()) {
			return exchange.Session{Known: true, Country: c.Premises}
		}
		l := n.Locate(a, clock())
		return exchange.Session{Known: l.Known(), Country: l.Country, Area: l.Area, AreaOpen: l.Ambiguous}
	}
}
