package exchange_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/exchange"
	"sallyport/venue/tape"
)

func publicPEM(t *testing.T, public any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// TestKeys: what a key may do is what it was made with, also after a restart; one that is
// removed opens nothing.
func TestKeys(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, day("2022-02-24 09:00"))
	a := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	kind, der, err := exchange.ParsePublicKey(publicPEM(t, public))
	if err != nil || kind != exchange.Ed25519Key {
		t.Fatalf("%q, %v", kind, err)
	}
	terms := exchange.KeyTerms{
		Kind: kind, Public: der, May: []exchange.KeyMay{exchange.KeyReads}, From: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")},
		Expires: p.Now().Add(time.Hour), Label: "the bot",
	}
	k, err := p.NewKey(a, terms)
	if err != nil {
		t.Fatal(err)
	}
	gone, err := p.NewKey(a, exchange.KeyTerms{})
	if err != nil {
		t.Fatal(err)
	}
	var r *exchange.Refusal
	if err := p.RemoveKey(a+1, gone.Name); !errors.As(err, &r) || r.Reason != tape.UnknownKey {
		t.Errorf("another account removes the key: %v", err)
	}
	if err := p.RemoveKey(a, gone.Name); err != nil {
		t.Fatal(err)
	}
	if err := p.RemoveKey(a, gone.Name); !errors.As(err, &r) || r.Reason != tape.UnknownKey {
		t.Errorf("removed again: %v", err)
	}
	want := p.Keys(a)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	q := start(t, dir, day("2022-02-24 10:00"))
	if got := q.Keys(a); len(got) != 1 || !reflect.DeepEqual(got, want) {
		t.Errorf("after a restart:\n got %+v\nwant %+v", got, want)
	}
	again, ok := q.Key(k.Name)
	if !ok || again.Allows(exchange.KeyTrades) || !again.Allows(exchange.KeyReads) || !again.Admits(netip.MustParseAddr("192.0.2.7")) ||
		again.Admits(netip.MustParseAddr("192.0.3.7")) || again.Admits(netip.Addr{}) || !again.Expired(q.Now()) || again.Expired(q.Now().Add(-time.Second)) {
		t.Errorf("the key: %+v, %v", again, ok)
	}
	if p, ok := again.PublicKey().(ed25519.PublicKey); !ok || !p.Equal(public) {
		t.Error("its public key is another")
	}
	if _, ok := q.Key(gone.Name); ok {
		t.Error("a key that was removed opens the account")
	}
	q.verified()
}

// TestMAC: what many requests at once are signed with is the HMAC of each under the secret that was shown, also after a restart.
func TestMAC(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, day("2022-02-24 09:00"))
	a := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	shown, err := p.NewKey(a, exchange.KeyTerms{})
	if err != nil {
		t.Fatal(err)
	}
	other, err := p.NewKey(a, exchange.KeyTerms{})
	if err != nil {
		t.Fatal(err)
	}
	check := func(k *exchange.Key, secret []byte) {
		t.Helper()
		var wg sync.WaitGroup
		for n := range 4 {
			wg.Go(func() {
				for i := range 100 {
					payload := bytes.Repeat([]byte{byte(n)}, 7*i)
					m := hmac.New(sha256.New, secret)
					m.Write(payload)
					if got := k.MAC(payload); !bytes.Equal(got[:], m.Sum(nil)) {
						t.Errorf("of %d bytes it is another", len(payload))
						return
					}
				}
			})
		}
		wg.Wait()
	}
	for _, k := range []exchange.Key{shown, other} {
		kept, ok := p.Key(k.Name)
		if !ok {
			t.Fatal("the key is not there")
		}
		check(kept, k.Secret)
	}
	for _, k := range p.Keys(a) { // without their secrets
		check(&k, nil)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	q := start(t, dir, day("2022-02-24 10:00"))
	kept, ok := q.Key(shown.Name)
	if !ok {
		t.Fatal("the key is not there after a restart")
	}
	check(kept, shown.Secret)
}

func TestKeyTermsRefused(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-02-24 09:00"))
	a := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"":                             "want one PEM block",
		"nonsense":                     "want one PEM block",
		publicPEM(t, &small.PublicKey): "1024 bits",
		publicPEM(t, &curve.PublicKey): "Ed25519 and RSA are taken",
		publicPEM(t, &curve.PublicKey) + publicPEM(t, &curve.PublicKey):         "want one PEM block",
		"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n":          "does not decode",
		strings.ReplaceAll(publicPEM(t, &curve.PublicKey), "PUBLIC", "PRIVATE"): "want one PEM block",
	} {
		if _, _, err := exchange.ParsePublicKey(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
	_, der, err := exchange.ParsePublicKey(publicPEM(t, ed25519.PublicKey(make([]byte, ed25519.PublicKeySize))))
	if err != nil {
		t.Fatal(err)
	}
	for what, terms := range map[string]exchange.KeyTerms{
		"no such kind":              {Kind: "dsa"},
		"no public key":             {Kind: exchange.Ed25519Key},
		"another public key":        {Kind: exchange.RSAKey, Public: der},
		"a secret and a public key": {Public: der},
		"no such permission":        {May: []exchange.KeyMay{"everything"}},
		"too many address ranges":   {From: make([]netip.Prefix, 31)},
		"no address range":          {From: make([]netip.Prefix, 1)},
		"a label of many bytes":     {Label: strings.Repeat("x", 65)},
	} {
		if _, err := p.NewKey(a, terms); !errors.Is(err, exchange.ErrKeyTerms) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if ks := p.Keys(a); len(ks) != 0 {
		t.Errorf("keys were made: %v", ks)
	}
}
