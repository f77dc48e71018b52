package desk

import (
	"errors"
	"net/http"
	"net/netip"
	"time"

	"sallyport/exchange"
)

// keyAsk is an API key as it is asked for. With nothing said it is signed with by HMAC, may do
// all the account may, from anywhere, for ever.
type keyAsk struct {
	PublicKey string            `json:"public_key"` // PEM, Ed25519 or RSA; none: HMAC, with a secret that is shown once
	May       []exchange.KeyMay `json:"may"`        // of read, trade, withdraw
	From      []netip.Prefix    `json:"from"`       // address ranges it may be used from
	Expires   *time.Time        `json:"expires"`
	Label     string            `json:"label"`
}

// A shownKey is an API key as the desk shows it.
type shownKey struct {
	Account uint64            `json:"account"`
	Key     string            `json:"apiKey"`
	Secret  string            `json:"secret,omitempty"`
	Kind    exchange.KeyKind  `json:"kind"`
	May     []exchange.KeyMay `json:"may"`
	From    []netip.Prefix    `json:"from"`
	Expires *time.Time        `json:"expires,omitempty"`
	Created *time.Time        `json:"created,omitempty"` // not of keys that are older than this field
	Label   string            `json:"label,omitempty"`
}

func shown(k *exchange.Key) shownKey {
	s := shownKey{Account: k.Account, Key: k.Name, Secret: string(k.Secret), Kind: k.Kind, May: k.May, From: k.From, Label: k.Label}
	if len(s.May) == 0 {
		s.May = []exchange.KeyMay{exchange.KeyReads, exchange.KeyTrades, exchange.KeyWithdraws}
	}
	if s.From == nil {
		s.From = []netip.Prefix{}
	}
	if !k.Expires.IsZero() {
		s.Expires = &k.Expires
	}
	if !k.Created.IsZero() {
		s.Created = &k.Created
	}
	return s
}

// account reads the account in the path, which must be one.
func (d *desk) account(r *http.Request) (uint64, error) {
	n, err := number(r)
	if err != nil {
		return 0, err
	}
	if _, ok := d.x.View().Account(n); !ok {
		return 0, noAccount(n)
	}
	return n, nil
}

// addKey gives an API key. Its secret is shown this once.
func (d *desk) addKey(r *http.Request) (int, any, error) {
	n, err := d.account(r)
	if err != nil {
		return 0, nil, err
	}
	var ask keyAsk
	if err := optional(r, &ask); err != nil {
		return 0, nil, err
	}
	terms := exchange.KeyTerms{May: ask.May, From: ask.From, Label: ask.Label}
	if ask.PublicKey != "" {
		if terms.Kind, terms.Public, err = exchange.ParsePublicKey(ask.PublicKey); err != nil {
			return 0, nil, wrong(http.StatusUnprocessableEntity, "public_key: %s.", err)
		}
	}
	if ask.Expires != nil {
		if terms.Expires = ask.Expires.UTC(); !d.x.Now().Before(terms.Expires) {
			return 0, nil, wrong(http.StatusUnprocessableEntity, "expires: that is over. Give a time to come, or none.")
		}
	}
	k, err := d.x.NewKey(n, terms)
	if errors.Is(err, exchange.ErrKeyTerms) {
		return 0, nil, wrong(http.StatusUnprocessableEntity, "%s.", err)
	}
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, shown(&k), nil
}

// keys lists an account's API keys, without their secrets.
func (d *desk) keys(r *http.Request) (int, any, error) {
	n, err := d.account(r)
	if err != nil {
		return 0, nil, err
	}
	list := []shownKey{}
	for _, k := range d.x.Keys(n) {
		list = append(list, shown(&k))
	}
	return http.StatusOK, list, nil
}

// removeKey takes an API key away, at once and for good.
func (d *desk) removeKey(r *http.Request) (int, any, error) {
	n, err := d.account(r)
	if err != nil {
		return 0, nil, err
	}
	if err := nothing(r); err != nil {
		return 0, nil, err
	}
	key := r.PathValue("key")
	if k, ok := d.x.Key(key); !ok || k.Account != n {
		return 0, nil, wrong(http.StatusNotFound, "Account %d has no such key. GET /desk/v1/customers/%d/keys lists those it has.", n, n)
	}
	if err := d.x.RemoveKey(n, key); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, struct {
		Account uint64 `json:"account"`
		Key     string `json:"apiKey"`
		Removed bool   `json:"removed"`
	}{n, key, true}, nil
}
