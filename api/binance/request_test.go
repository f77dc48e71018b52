package binance

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sallyport/api/internal/sample"
	"sallyport/exchange"
)

// The key, the secret and the payloads of the examples in the published REST documentation
// ("SIGNED endpoint examples for POST /api/v3/order").
const (
	exampleSecret  = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
	examplePayload = "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
	exampleSigned  = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
	mixedSigned    = "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"
)

func hmacKey(secret string) *exchange.Key {
	return &exchange.Key{KeyTerms: exchange.KeyTerms{Kind: exchange.HMACKey}, Secret: []byte(secret)}
}

func TestSignatureVectors(t *testing.T) {
	query, body := "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC", "quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
	for _, v := range []struct {
		name string
		rawRequest
		signature string
	}{
		{"in the body", rawRequest{"", examplePayload + "&signature=" + exampleSigned}, exampleSigned},
		{"in the query", rawRequest{examplePayload + "&signature=" + exampleSigned, ""}, exampleSigned},
		{"signature first", rawRequest{"signature=" + exampleSigned + "&" + examplePayload, ""}, exampleSigned},
		{"upper case", rawRequest{examplePayload, ""}, strings.ToUpper(exampleSigned)},
		// Query and body with nothing between them: …timeInForce=GTCquantity=1…
		{"in both", rawRequest{query, body + "&signature=" + mixedSigned}, mixedSigned},
		{"in both, signature in the query", rawRequest{query + "&signature=" + mixedSigned, body}, mixedSigned},
	} {
		t.Run(v.name, func(t *testing.T) {
			payload := v.payload()
			if !signedBy(hmacKey(exampleSecret), payload, v.signature) {
				t.Fatalf("payload %q: signature refused; ours is %x", payload, sign([]byte(exampleSecret), payload))
			}
			for i := range v.signature { // off by one digit anywhere
				other := []byte(v.signature)
				if other[i]++; other[i] == '9'+1 || other[i] == 'f'+1 || other[i] == 'F'+1 {
					other[i] = '0'
				}
				if signedBy(hmacKey(exampleSecret), payload, string(other)) {
					t.Fatalf("a signature with another digit at %d was taken", i)
				}
			}
			for i := range payload { // or a payload off by one byte
				if other := slices.Concat(payload[:i], []byte("~"), payload[i+1:]); signedBy(hmacKey(exampleSecret), other, v.signature) {
					t.Fatalf("a payload with another byte at %d was taken", i)
				}
			}
		})
	}
	if signedBy(hmacKey(""), nil, hex.EncodeToString(sign(nil, nil))) {
		t.Error("an empty secret signs")
	}
	if signedBy(hmacKey(exampleSecret), []byte(examplePayload), "") || signedBy(hmacKey(exampleSecret), []byte(examplePayload), exampleSigned[:62]) {
		t.Error("a short signature is taken")
	}
}

// TestPublicKeySignatures: signatures that OpenSSL made over the payload of the published
// examples, one of the published FIX logon, and HMAC's published one with a name in other
// letters; each is refused with any bit turned.
func TestPublicKeySignatures(t *testing.T) {
	x := sample.New(t)
	account := x.Open("us", sample.Somebody("Adaline Wrenfield", "US")).Account
	const payload = "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&recvWindow=5000"
	for _, v := range []struct{ name, key, payload, signature string }{
		{"RSA", `MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA2BMEQoA44KHaZHVT+7Z6
qVTvQSA1IsjvhTo9S0crnLwewzRdLSQkeJrhVub6L6KvGYcO68e4zdMfizUhXwZe
D1EpQR9zTmNO3RYFfIop9qlbm9wyHHxzj4Pt9yNoBXwUquVu6phSFbuK9mOWLtlR
Ze/8ZY+ywGOwjtY7myxYn8tMdzpKwz0Lz+EM2Sm4RxDF0ywHKJd/RTmfbSE9H+HH
gNYhEul5e/3DxFxyFFVyb5PNpPBMwfJXyIc5ZKwDx4pFWCLrauzjflEJ5Zvklqam
uQJ5cKPHdwFR3yaMkyLRNGO9PIzZYJiB40gX0SrYHXJuVPwhd3x7wL4uo0dUh/NZ
HQIDAQAB`, payload, "qkN7ia+La8useM7WjOsnPDgr9+VfJSWmadBGfmxt1XPqwv13j+VGoCj+FQF1oXHmlYst9hO+AIS6OS/fNZnUezEFIrWMKiN5bhAqMwr1amAYssP2TnCS16ej1P9cDJ7Ai84DWktdHzha8qve0cmYeCu57oSS1+iM+tY9yVX52sK25iCJ2C9FXIymVluZvmb7PDrw60NAl+P4G+Eywycsf1EaUOqVLsVk+OQDdLubodt/h8jE02IWFIPmVoCTFw/KZlHuXI01TsRQ/zrevTail+V9pkHtM881KNFF8nBFJvaTjFK3dhLNCrdBK1ZlpIRSqbpvyFI/g5aZT8v4n5KZjg=="},
		{"Ed25519", "MCowBQYDK2VwAyEA4tRHF9F/PrZX0Q8V1l9v5PCLVB34I+104aVJYg4hjJo=", payload, "/Nja+WRBpprAgqt7FUZnDRAoFLFxtHZMaT7AJnbusNk/8IXRk5km7FLFxIloHJrk45ojApiVBcubNdOLML9xCQ=="},
		{
			"Ed25519, published", "MCowBQYDK2VwAyEAGUIKv9dSpWXBViXp2m6vAIb8QMFJYBgyFEQsFJlqgA0=", "A\x01EXAMPLE\x01SPOT\x011\x0120240627-11:17:25.223",
			"4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+5UdlGPrQHrgtS3CvsRURC1oj73j8gCA==",
		},
	} {
		kind, der, err := exchange.ParsePublicKey("-----BEGIN PUBLIC KEY-----\n" + v.key + "\n-----END PUBLIC KEY-----\n")
		if err != nil {
			t.Fatal(err)
		}
		k, err := x.NewKey(account, exchange.KeyTerms{Kind: kind, Public: der})
		if err != nil {
			t.Fatal(err)
		}
		if !signedBy(&k, []byte(v.payload), v.signature) {
			t.Errorf("%s: refused", v.name)
		}
		raw, err := base64.StdEncoding.DecodeString(v.signature)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 8 * len(raw) {
			raw[i/8] ^= 1 << (i % 8)
			if signedBy(&k, []byte(v.payload), base64.StdEncoding.EncodeToString(raw)) {
				t.Errorf("%s: a signature with bit %d turned is taken", v.name, i)
			}
			raw[i/8] ^= 1 << (i % 8)
		}
		if signedBy(&k, []byte(v.payload+" "), v.signature) || signedBy(&k, []byte(v.payload), strings.ToLower(v.signature)) || signedBy(&k, []byte(v.payload), "") {
			t.Errorf("%s: another payload or signature is taken", v.name)
		}
	}
	other := "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
	if !signedBy(hmacKey(exampleSecret), []byte(other), "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3") {
		t.Error("HMAC with a name in other letters: refused")
	}
}

// The same values percent-encoded another way are other bytes, and so another signature.
func TestPayloadIsNeverEncodedAgain(t *testing.T) {
	plain, encoded := rawRequest{body: "a=@&b=%40&c=1+2&&d"}, "a=@&b=%40&c=1+2&&d"
	if got := string(plain.payload()); got != encoded {
		t.Errorf("payload %q, want %q", got, encoded)
	}
	if got := string(rawRequest{body: "a=1&%73ignature=x&b=2"}.payload()); got != "a=1&b=2" {
		t.Errorf("payload %q", got)
	}
}

// TestUnescape: a name or a value is read as net/url reads it, and what is no text is refused.
func TestUnescape(t *testing.T) {
	texts := []string{"", "BTCUSDT", "a b", "%zz", "%F", "%41%2b", "é", "\xff", "%ff", "%c3%a9", "1+2", "a%"}
	for c := range 256 {
		texts = append(texts, string([]byte{'x', byte(c), 'y'}), fmt.Sprintf("%%%02x", c))
	}
	for _, s := range texts {
		want, err := url.QueryUnescape(s)
		wantOK := err == nil && utf8.ValidString(want)
		if got, ok := unescape(s); ok != wantOK || ok && got != want {
			t.Errorf("%q is read as %q, %v; want %q, %v", s, got, ok, want, wantOK)
		}
	}
}

func TestInTime(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	for _, c := range []struct {
		what      string
		timestamp int64
		window    int64
		ok        bool
	}{
		{"now", 1_700_000_000_000, defaultWindow, true},
		{"now, in µs", 1_700_000_000_000_000, defaultWindow, true},
		{"999 ms ahead", 1_700_000_000_999, defaultWindow, true},
		{"999,999 µs ahead", 1_700_000_000_999_999, defaultWindow, true},
		{"1000 ms ahead", 1_700_000_001_000, defaultWindow, false},
		{"5000 ms ago", 1_699_999_995_000, defaultWindow, true},
		{"5001 ms ago", 1_699_999_994_999, defaultWindow, false},
		{"60 s ago, window 60 s", 1_699_999_940_000, maxWindow, true},
		{"in seconds", 1_700_000_000, maxWindow, false},
		{"nothing", 0, maxWindow, false},
	} {
		err := inTime(micros(c.timestamp), c.window, now)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("", "")
	f.Add(examplePayload, "")
	f.Add("a=1&a=2", "b=%zz")
	f.Add("signature=1&&=", "%73ignature=2&a==b&\xff=%ff")
	f.Add("symbols=%5B%22BTCUSDT%22%5D", "x=1+2&y=1%2B2")
	f.Fuzz(func(t *testing.T, query, body string) {
		raw := rawRequest{query, body}
		if payload := raw.payload(); len(payload) > len(query)+len(body) {
			t.Fatalf("the payload %q is longer than what came", payload)
		}
		p, err := parse(raw)
		if err != nil {
			return
		}
		if len(p.values) > 2*maxParameters {
			t.Fatalf("%d parameters", len(p.values))
		}
		// The standard library reads the same out of what we take (it refuses semicolons,
		// which here are ordinary characters).
		if strings.Contains(query+body, ";") {
			return
		}
		q, err1 := url.ParseQuery(query)
		b, err2 := url.ParseQuery(body)
		if err1 != nil || err2 != nil {
			t.Fatalf("the standard library refuses it: %v %v", err1, err2)
		}
		for _, v := range p.values {
			want, ok := q[v.name]
			if !ok {
				want = b[v.name]
			}
			if len(want) != 1 || want[0] != v.text {
				t.Fatalf("%q is %q, the standard library says %q", v.name, v.text, want)
			}
		}
		for name := range q {
			if !p.has(name) {
				t.Fatalf("%q was lost", name)
			}
		}
		// A signature made over the payload is found good, wherever it stands.
		if !p.has("signature") {
			s := hex.EncodeToString(sign([]byte("secret"), raw.payload()))
			for _, r := range []rawRequest{{query, body + "&signature=" + s}, {"signature=" + s + "&" + query, body}} {
				if body == "" && r.query == query {
					r.body = "signature=" + s
				}
				if query == "" && r.body == body {
					r.query = "signature=" + s
				}
				if !signedBy(hmacKey("secret"), r.payload(), s) {
					t.Fatalf("%q %q: the signature does not hold", r.query, r.body)
				}
			}
		}
	})
}

// A form takes what its regular expression takes.
func FuzzForms(f *testing.F) {
	for _, s := range []string{
		"", "0", "1.5", ".5", "1.", "1.2.3", "-1", "１", "BTCUSDT", "btc", "A-_.", "a:/b", "a b", "a\n", "a\x00", "\xff", "é",
		strings.Repeat("9", 17), strings.Repeat("9", 18), strings.Repeat("9", 19), strings.Repeat("9", 21), strings.Repeat("9", 20) + "." + strings.Repeat("9", 20),
		"1." + strings.Repeat("0", 21), "1.2345", strings.Repeat("a", 36), strings.Repeat("a", 37), strings.Repeat("a", 64), strings.Repeat("a", 65), strings.Repeat("a", 128), strings.Repeat("a", 129),
	} {
		f.Add(s)
	}
	forms := []form{wholeForm, decimalForm, symbolForm, permissionForm, clientIDForm, refForm, windowForm, keyForm}
	var legal []*regexp.Regexp
	for _, form := range forms {
		legal = append(legal, regexp.MustCompile(form.legal))
	}
	f.Fuzz(func(t *testing.T, s string) {
		for i, form := range forms {
			if is := form.is(s); is != legal[i].MatchString(s) {
				t.Errorf("%q is of the form %s: %v", s, form.legal, is)
			}
		}
	})
}

// What is signed is what came, less the pairs that are the signature, however its name is written.
func TestUnsigned(t *testing.T) {
	for _, c := range [][2]string{
		{"", ""}, {"signature=1", ""}, {"a=1", "a=1"}, {"a=1&signature=2", "a=1"}, {"signature=2&a=1", "a=1"}, {"a=1&signature=2&b=3", "a=1&b=3"},
		{"&a=1&&b=2&", "&a=1&&b=2&"}, {"a=1&signature", "a=1"}, {"a=1&%73ignature=2", "a=1"}, {"a=1&Signature=2", "a=1&Signature=2"},
		{"a=%zz&%zz=1", "a=%zz&%zz=1"}, {"&signature=1", ""}, {"&&signature=1", "&"}, {"signature=1&&a=1", "&a=1"}, {"a=b=c&signature=1=2", "a=b=c"},
	} {
		if got := string(appendUnsigned(nil, c[0])); got != c[1] {
			t.Errorf("of %q is signed %q, want %q", c[0], got, c[1])
		}
	}
}

func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"", "0", "1.5", "00000000000000000001.50000000000000000000", "1e5", "-1", "99999999999999999999", "0.123456789", ".5", "1.", "１"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := &parameters{values: []parameter{{name: "x", text: s}}}
		a := p.decimal("x", 8)
		if p.err != nil {
			if !a.IsZero() {
				t.Fatalf("%q is refused and worth %v", s, a)
			}
			return
		}
		if a.Sign() < 0 || a.Truncate(8) != a {
			t.Fatalf("%q gives %v", s, a)
		}
	})
}

// An order that is refused when its interval has passed takes nothing of what was counted since, nor begins the
// interval anew.
func TestRefusedInAnEarlierInterval(t *testing.T) {
	var u unfilled
	u.most = [2]int{10, 10}
	before, after := time.Date(2022, time.March, 1, 23, 59, 59, 0, time.UTC), time.Date(2022, time.March, 2, 0, 0, 0, 0, time.UTC)
	undo, err := u.place(1, before)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := u.place(1, after); err != nil {
			t.Fatal(err)
		}
	}
	undo()
	for _, l := range u.limits(1, after) {
		if *l.Count != 3 {
			t.Errorf("%d orders a %s are counted, want the 3 of this one", *l.Count, l.Interval)
		}
	}
}
