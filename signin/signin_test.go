package signin

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/internal/fuzzing"
)

var cheap = Cost{Memory: 64, Passes: 1, Threads: 1}

// TestTOTPByTheRFC: RFC 6238, appendix B, the rows of SHA-1.
func TestTOTPByTheRFC(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		if got := TOTP(secret, Step(time.Unix(at, 0)), 8); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
	// RFC 4226, appendix D: the codes of the first counters, of six digits.
	for i, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		if got := TOTP(secret, int64(i), 6); got != want {
			t.Errorf("counter %d: %s, want %s", i, got, want)
		}
	}
}

func TestCodesAreGoodOnceAndAStepAround(t *testing.T) {
	secret, err := NewSecret(rand.Reader)
	if err != nil || len(secret) != 20 {
		t.Fatal(secret, err)
	}
	now := time.Unix(1_800_000_000, 0)
	for d := int64(-3); d <= 3; d++ {
		step, ok := CheckTOTP(secret, TOTP(secret, Step(now)+d, 6), now, 0)
		if near := d >= -1 && d <= 1; ok != near || ok && step != Step(now)+d {
			t.Errorf("%+d steps: %d, %v", d, step, ok)
		}
	}
	code := TOTP(secret, Step(now), 6)
	if _, ok := CheckTOTP(secret, " "+code[:3]+" "+code[3:]+" ", now, Step(now)-1); !ok {
		t.Error("a code with a space in it is not taken")
	}
	if _, ok := CheckTOTP(secret, code, now, Step(now)); ok {
		t.Error("a code is taken twice")
	}
	for _, bad := range []string{"", "12345", code + "0", "abcdef"} {
		if _, ok := CheckTOTP(secret, bad, now, 0); ok {
			t.Errorf("%q is taken", bad)
		}
	}
	if uri := SecretURI([]byte("12345678901234567890"), "Sallyport", "a b@example.org"); uri != "otpauth://totp/Sallyport:a%20b@example.org?issuer=Sallyport&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" {
		t.Error(uri)
	}
}

func TestRecoveryCodesAreGoodOnce(t *testing.T) {
	codes, hashes, err := NewRecovery(rand.Reader)
	if err != nil || len(codes) != 10 || len(hashes) != 10 {
		t.Fatal(codes, err)
	}
	l := &Login{Recovery: hashes}
	if l.Recover("") || l.Recover("aaaa-bbbb-cccc-dddd") {
		t.Error("a code that was never given is taken")
	}
	if !l.Recover(strings.ToUpper(strings.ReplaceAll(codes[4], "-", " "))) || l.Recover(codes[4]) || len(l.Recovery) != 9 || !l.Recover(codes[0]) {
		t.Error("a code is not good exactly once")
	}
	for i, c := range codes {
		if bytes.Contains(hashes[i], []byte(c)) {
			t.Error("a code is kept as it is")
		}
	}
	if s := fmt.Sprintf("%v %+v %#v %s", Login{Email: "ada@example.org"}, &Login{Password: "secret"}, Login{Password: "secret"}, Login{}); strings.Contains(s, "ada") || strings.Contains(s, "secret") {
		t.Errorf("a login prints as %s", s)
	}
}

func TestPasswords(t *testing.T) {
	h, err := NewHasher(cheap, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	hash, err := h.Hash(ctx, "zażółć gęślą jaźń")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatal(hash, err)
	}
	again, _ := h.Hash(ctx, "zażółć gęślą jaźń")
	if hash == again {
		t.Error("two hashes have one salt")
	}
	check := func(hash, password string) bool {
		ok, err := h.Check(ctx, hash, password)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if !check(hash, "zażółć gęślą jaźń") || !check(hash, "zaz\u0307o\u0301łc\u0301 ge\u0328s\u0301la\u0328 jaz\u0301n\u0301") {
		t.Error("a password is not taken as another keyboard writes it")
	}
	if check(hash, "zażółć gęślą jaźn") || check("", "zażółć gęślą jaźń") || check("", "") {
		t.Error("a wrong password is taken")
	}
	// A hash made at another cost is still read by its own.
	dearer, err := NewHasher(Cost{Memory: 128, Passes: 2, Threads: 2}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := dearer.Check(ctx, hash, "zażółć gęślą jaźń"); !ok || err != nil {
		t.Error("a hash of a lower cost is not read", err)
	}
	for _, bad := range []string{
		"x", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", strings.Replace(hash, "v=19", "v=16", 1), strings.Replace(hash, "m=64", "m=4294967295", 1),
		strings.Replace(hash, "t=1", "t=99", 1), strings.Replace(hash, "p=1", "p=0", 1), hash[:len(hash)-1], hash + "=", strings.Replace(hash, "m=64", "m=064", 1),
	} {
		if ok, err := h.Check(ctx, bad, "x"); ok || err == nil {
			t.Errorf("%q is read as a hash", bad)
		}
	}
	for _, c := range []Cost{{}, {Memory: 64, Passes: 1}, {Memory: 7, Passes: 1, Threads: 1}, {Memory: maxMemory + 1, Passes: 1, Threads: 1}} {
		if _, err := NewHasher(c, rand.Reader); err == nil {
			t.Errorf("a cost of %+v is taken", c)
		}
	}
	if DefaultCost != (Cost{65536, 3, 4}) {
		t.Errorf("the default cost is %+v, not RFC 9106's second recommendation", DefaultCost)
	}
}

// TestAnUnknownCustomerCostsTheSame: the work for an e-mail address that nobody has is that of
// one that somebody has, by count of bytes hashed: the cost in the hash that stands in.
func TestAnUnknownCustomerCostsTheSame(t *testing.T) {
	h, err := NewHasher(DefaultCost, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c, _, _, err := parse(h.nobody)
	if err != nil || c != DefaultCost {
		t.Errorf("nobody's hash costs %+v, %v", c, err)
	}
}

func TestBoundedHashing(t *testing.T) {
	h, err := NewHasher(cheap, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var held []func()
	for range cap(h.slots) {
		done, err := h.slot(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, done)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var waiting sync.WaitGroup
	for range maxWaiting {
		waiting.Go(func() {
			if _, err := h.Check(ctx, "", "x"); !errors.Is(err, context.Canceled) {
				t.Errorf("who waited and went: %v", err)
			}
		})
	}
	for len(h.queue) < cap(h.queue) {
		time.Sleep(time.Millisecond)
	}
	if _, err := h.Hash(context.Background(), "x"); !errors.Is(err, ErrBusy) {
		t.Errorf("beyond those who wait: %v", err)
	}
	cancel()
	waiting.Wait()
	for _, done := range held {
		done()
	}
	if _, err := h.Hash(context.Background(), "x"); err != nil {
		t.Errorf("when all are done: %v", err)
	}
}

func TestEmail(t *testing.T) {
	for in, want := range map[string]string{
		" Ada@Example.ORG ": "ada@example.org", "a+b@example.org": "a+b@example.org", "": "", "ada": "", "ada@localhost": "", "@example.org": "", "a@b@example.org": "",
		"Ada <ada@example.org>": "", "ada@example.org, eve@example.org": "", "ada@[192.0.2.1]": "", "a b@example.org": "", "ada@example.org\nBcc: x@example.org": "",
		strings.Repeat("a", 255) + "@example.org": "",
		// What is one address in another spelling is one here (RFC 6532), and what is none in the end is none.
		"\u212Aate@example.org": "kate@example.org", "A\u0308da@example.org": "äda@example.org", "J\u030Cda@example.org": "\u01F0da@example.org", "a\u037Eb@example.org": "",
		"ada@example.org.": "", "ada@ex\u202Eample.org": "", "a\u202Eda@example.org": "", "a\u200Bda@example.org": "", "\uFEFFada@example.org": "", "a\u0000da@example.org": "", "a\u0085da@example.org": "",
		"\"ada\"@example.org": "", "ada@example..org": "", strings.Repeat("\u1E9E", 84) + "@b.c": "",
	} {
		got, err := Email(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
		if again, err := Email(got); got != "" && (again != got || err != nil) {
			t.Errorf("%q: %q, and once more %q, %v", in, got, again, err)
		}
	}
}

func TestCheckPassword(t *testing.T) {
	for in, words := range map[string]string{
		"six wet otters juggle": "", "пять слов подряд тут": "", "elevenchars": "shorter", "абвгдежзикл": "shorter", strings.Repeat("abcdefg ", 33): "longer", "aaaaaaaaaaaaaaaa": "repeats",
		"hello Adaline 12345": "e-mail", "six wet \xff otters": "UTF-8",
	} {
		err := CheckPassword(in, "adaline@example.org")
		if (err == nil) != (words == "") || err != nil && !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v, want %q", in, err, words)
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	terms := Terms{Idle: time.Minute, Most: 5 * time.Minute}
	now := time.Unix(1_800_000_000, 0)
	var l Login
	in := func(how Session) string {
		t.Helper()
		token, err := l.Begin(7, how, terms, now, rand.Reader)
		if err != nil || len(token) != 54 {
			t.Fatal(token, err)
		}
		if n, ok := TokenAccount(token); n != 7 || !ok {
			t.Errorf("the token is of account %d", n)
		}
		return token
	}
	is := func(token string, want bool) {
		t.Helper()
		s := l.Session(token, terms, now)
		if (s != nil) != want {
			t.Errorf("at %s: %v, want %v", now, s, want)
		}
		if s != nil && terms.Marks(s, now) {
			s.Used = now
		}
	}
	a, b := in(Session{}), in(Session{Device: "telephone"})
	is(a, true)
	is(b, true)
	is("", false)
	is(a+"x", false)
	now = now.Add(59 * time.Second)
	is(a, true)
	now = now.Add(time.Second)
	is(b, false) // a minute without use
	is(a, true)
	for range 4 {
		now = now.Add(50 * time.Second)
		is(a, true)
	}
	now = now.Add(50 * time.Second) // more than five minutes in all
	is(a, false)
	a, b = in(Session{}), in(Session{})
	if l.EndOthers(a); len(l.Sessions) != 1 {
		t.Errorf("%d sessions are left", len(l.Sessions))
	}
	is(a, true)
	is(b, false)
	l.EndOthers("")
	is(a, false)
	a, b = in(Session{}), in(Session{})
	if !l.End(a, "") || l.End(a, "") || !l.End("", l.Sessions[0].ID) || l.End("", "") || len(l.Sessions) != 0 {
		t.Errorf("ended by token and by name: %d are left", len(l.Sessions))
	}
	is(b, false)
	key := Passkey{}
	key.Credential.ID = []byte("key")
	a, b = in(Session{Passkey: []byte("key")}), in(Session{})
	l.EndOf(&key)
	is(a, false)
	is(b, true)
	l.EndOf(&Passkey{}) // which began none
	is(b, true)
	first := in(Session{})
	for range MaxSessions {
		now = now.Add(time.Second)
		in(Session{})
	}
	is(first, false) // one too many
	if len(l.Sessions) != MaxSessions {
		t.Errorf("%d sessions are kept", len(l.Sessions))
	}
	last := in(Session{})
	kept, err := json.Marshal(&l)
	if err != nil || !strings.Contains(string(kept), `"hash":"`) {
		t.Fatal(err)
	}
	raw, _ := base64.RawURLEncoding.DecodeString(last)
	for _, form := range []string{last, string(raw), string(raw[8:]), base64.StdEncoding.EncodeToString(raw), hex.EncodeToString(raw[8:])} {
		if strings.Contains(string(kept), form) {
			t.Error("a token is kept as it is")
		}
	}
	now = now.Add(time.Hour)
	in(Session{})
	if len(l.Sessions) != 1 {
		t.Errorf("%d sessions are kept after all but one are over", len(l.Sessions))
	}
	now = now.Add(-time.Second)
	is(last, false)
	for _, s := range []string{"", "x", last + "A", last[:53], strings.Repeat("!", 54)} {
		if n, ok := TokenAccount(s); ok {
			t.Errorf("%q is a token of account %d", s, n)
		}
	}
}

// TestTicketsOpenOnce: each for its purpose, for its time, and only the newest.
func TestTicketsOpenOnce(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	var l Login
	issue := func(p Purpose) string {
		t.Helper()
		token, err := l.Issue(7, p, "ada@example.org", now, rand.Reader)
		if n, ok := TokenAccount(token); err != nil || n != 7 || !ok {
			t.Fatal(token, err)
		}
		return token
	}
	good := func(token string, want bool, p ...Purpose) {
		t.Helper()
		if k, ok := l.Ticket(token, now, p...); ok != want || ok && k.Email != "ada@example.org" {
			t.Errorf("for %v: %v, want %v", p, ok, want)
		}
	}
	a, b := issue(NewPassword), issue(ConfirmEmail)
	good(a, true, NewPassword)
	good(a, false, ConfirmEmail, ChangeEmail, Invitation)
	good(a, false)
	good(b, true, ChangeEmail, ConfirmEmail)
	good("", false, NewPassword)
	good(strings.Map(func(r rune) rune {
		if r == 'A' {
			return 'B'
		}
		return 'A'
	}, a), false, NewPassword)
	c := issue(NewPassword)
	good(a, false, NewPassword)
	good(c, true, NewPassword)
	if len(l.Tickets) != 2 {
		t.Errorf("%d tickets are kept", len(l.Tickets))
	}
	if kept, _ := json.Marshal(&l); strings.Contains(string(kept), c) || strings.Contains(string(kept), b) {
		t.Error("a token is kept as it is")
	}
	now = now.Add(30*time.Minute - 1)
	good(c, true, NewPassword)
	now = now.Add(1)
	good(c, false, NewPassword)
	l.Void(ConfirmEmail)
	good(b, false, ConfirmEmail)
	e := issue(NewPassword)
	for range maxFailed - 1 {
		l.Fail(NewPassword)
	}
	l.Fail(Invitation) // which there is none of
	good(e, true, NewPassword)
	l.Fail(NewPassword)
	good(e, false, NewPassword)
	if _, err := l.Issue(7, "", "", now, rand.Reader); err == nil {
		t.Error("a ticket for nothing")
	}
}

func TestWaitsGrow(t *testing.T) {
	w := Waits{Free: 3, First: time.Second, Most: 10 * time.Second, Quiet: time.Minute}
	now := time.Unix(1_800_000_000, 0)
	var got []time.Duration
	for range 10 {
		wait := w.Try("a", now)
		got = append(got, wait)
		now = now.Add(wait)
	}
	// Three for nothing; then each wait is followed by an attempt that makes the next longer.
	if want := "[0s 0s 0s 1s 0s 2s 0s 4s 0s 8s]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
	now = now.Add(10 * time.Second)
	for range 5 {
		now = now.Add(w.Try("a", now))
	}
	if wait := w.Try("a", now); wait > 10*time.Second {
		t.Errorf("the wait grows to %s", wait)
	}
	if w.Try("b", now) != 0 {
		t.Error("one waits for another's failures")
	}
	w.Succeeded("a")
	if w.Try("a", now) != 0 {
		t.Error("who succeeded waits")
	}
	w.Try("a", now)
	w.Try("a", now)
	w.Spare("a")
	if w.Try("a", now) != 0 || w.Try("a", now) == 0 {
		t.Error("sparing forgets more than the last attempt, or less")
	}
	now = now.Add(2 * time.Minute)
	if first, second := w.Try("a", now), w.Try("a", now); first != 0 || second != 0 {
		t.Error("what was quiet is not forgotten")
	}
}

// TestWaitsAreBounded: who tries from ever new addresses takes no more memory than there is room for, keeps nobody
// else waiting, and has nobody forgotten who tried more than that.
func TestWaitsAreBounded(t *testing.T) {
	w := Waits{Free: 3, First: time.Hour, Most: time.Hour, Quiet: time.Hour}
	now := time.Unix(1_800_000_000, 0)
	for range 4 {
		w.Try("guesses", now)
	}
	for range 2 {
		w.Try("guessed", now)
	}
	for i := range 2 * maxTries {
		if w.Try(fmt.Sprint("k", i), now) != 0 {
			t.Fatalf("number %d waits for those before", i)
		}
		if n := len(w.tries); n > maxTries {
			t.Fatalf("%d are counted", n)
		}
	}
	if w.Try("guesses", now) == 0 || w.Try("guessed", now) != 0 || w.Try("guessed", now) == 0 {
		t.Error("who tried often is forgotten for those who tried once")
	}
	for _, who := range []string{"new", "newer"} {
		for i := range 3 {
			if w.Try(who, now) != 0 {
				t.Errorf("%s waits for what others tried, at the %d. time", who, i+1)
			}
		}
		if w.Try(who, now) == 0 {
			t.Errorf("%s is not counted", who)
		}
	}
	if now = now.Add(2 * time.Hour); w.Try("another", now) != 0 || w.Try("guesses", now) != 0 {
		t.Error("what is over is kept")
	}
}

// FuzzHash: whatever is read as a hash is written the same, and costs no more than is allowed.
func FuzzHash(f *testing.F) {
	fuzzing.Bound(f)
	h, err := NewHasher(cheap, rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(h.nobody)
	f.Add("$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g")
	f.Fuzz(func(t *testing.T, s string) {
		c, salt, hash, err := parse(s)
		if err != nil {
			return
		}
		if !c.ok() || format(c, salt, hash) != s {
			t.Errorf("%q reads as %+v", s, c)
		}
	})
}

// TestSeals: a sealed address comes out as it went in until its time has run out, under its own key alone,
// and no part of it can be turned; it shows nothing of itself, and two of one address differ.
func TestSeals(t *testing.T) {
	if _, err := NewSeals(make([]byte, SealKeyBytes-1), rand.Reader); err == nil {
		t.Error("a short key")
	}
	key := bytes.Repeat([]byte{7}, SealKeyBytes)
	s, err := NewSeals(key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	monday := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	token, err := s.Seal("ada@example.org", monday)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := s.Seal("ada@example.org", monday)
	if raw, _ := base64.RawURLEncoding.DecodeString(token); token == other || bytes.Contains(raw, []byte("ada")) {
		t.Errorf("%s %s", token, other)
	}
	for _, at := range []time.Time{monday, monday.Add(72*time.Hour - time.Second)} {
		if email, err := s.Open(token, at); err != nil || email != "ada@example.org" {
			t.Errorf("%s: %q, %v", at, email, err)
		}
	}
	if _, err := s.Open(token, monday.Add(72*time.Hour)); !errors.Is(err, ErrSeal) {
		t.Errorf("after three days: %v", err)
	}
	raw, _ := base64.RawURLEncoding.DecodeString(token)
	for i := range raw {
		for bit := range 8 {
			turned := bytes.Clone(raw)
			turned[i] ^= 1 << bit
			if _, err := s.Open(base64.RawURLEncoding.EncodeToString(turned), monday); !errors.Is(err, ErrSeal) {
				t.Fatalf("bit %d of byte %d: %v", bit, i, err)
			}
		}
		if _, err := s.Open(base64.RawURLEncoding.EncodeToString(raw[:i]), monday); !errors.Is(err, ErrSeal) {
			t.Fatalf("%d bytes: %v", i, err)
		}
	}
	strange, _ := NewSeals(bytes.Repeat([]byte{8}, SealKeyBytes), rand.Reader)
	if _, err := strange.Open(token, monday); !errors.Is(err, ErrSeal) {
		t.Errorf("under another key: %v", err)
	}
}
