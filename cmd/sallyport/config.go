package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"go.yaml.in/yaml/v3"

	"sallyport/exchange"
	"sallyport/geo"
	"sallyport/money"
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
	Operators []operatorConfig `yaml:"operators"`
	Assets    []assetConfig    `yaml:"assets"`
	Markets   []marketConfig   `yaml:"markets"`
	Holds     struct {
		Owner string        `yaml:"owner"`
		For   time.Duration `yaml:"for"`
	} `yaml:"holds"`
	Lists struct {
		StaleAfter time.Duration `yaml:"stale_after"`
	} `yaml:"lists"`
	Gate struct {
		Listen            string   `yaml:"listen"`
		RequestsPerSecond int      `yaml:"requests_per_second"`
		WebhookHosts      []string `yaml:"webhook_hosts"`
	} `yaml:"gate"`
	Premises string `yaml:"premises"` // country of this machine's own and private networks
	Rules    string `yaml:"rules"`    // folder of further rules, or ""
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
	if c.Holds.Owner == "" || c.Holds.For <= 0 {
		return nil, fmt.Errorf("config: %s: holds: want an owner and a time (for: 48h), for no hold is without", name)
	}
	if c.Lists.StaleAfter < 0 {
		return nil, fmt.Errorf("config: %s: lists: stale_after: want a time, or 0s for never", name)
	}
	if c.Gate.RequestsPerSecond < 0 {
		return nil, fmt.Errorf("config: %s: gate: requests_per_second: want how many each API key may send, or 0 for 200", name)
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
	g, err := c.genesis()
	if err == nil {
		err = venue.CheckGenesis(&g)
	}
	if err != nil {
		return nil, fmt.Errorf("config: %s: %w", name, err)
	}
	return &c, nil
}

// genesis is the founding tables that the configuration describes.
func (c *config) genesis() (tape.Genesis, error) {
	g := tape.Genesis{Format: tape.Format}
	index := map[string]uint16{}
	for _, o := range c.Operators {
		for _, n := range o.Nexus {
			switch n {
			case "US", "EU", "UK", "CH":
			default:
				return g, fmt.Errorf("operator %s: nexus %q: want US, EU, UK or CH", o.Name, n)
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
		g.Markets = append(g.Markets, tape.Market{
			Symbol: m.Symbol, Base: base, Quote: quote, Tick: m.Tick, MinPrice: m.MinPrice, MaxPrice: m.MaxPrice,
			Step: m.Step, MinQty: m.MinQuantity, MaxQty: m.MaxQuantity, MinNotional: m.MinNotional, MakerPPM: m.MakerPPM, TakerPPM: m.TakerPPM,
		})
	}
	return g, nil
}

// euros is what a unit of each asset is worth while no market says.
func (c *config) euros() map[string]money.Amount {
	per := map[string]money.Amount{}
	for _, a := range c.Assets {
		per[a.Code] = a.Euro
	}
	return per
}

// locate says where an address is, as far as the configuration tells: addresses of this
// machine and of private networks (RFC 1918, RFC 4193) are on the operator's premises.
func (c *config) locate(a netip.Addr) exchange.Session {
	if c.Premises != "" && (a.IsLoopback() || a.IsPrivate()) {
		return exchange.Session{Known: true, Country: c.Premises}
	}
	return exchange.Session{}
}
