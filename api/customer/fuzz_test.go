package customer

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"sallyport/exchange"
	"sallyport/internal/fuzzing"
)

// FuzzSignUp: whatever is sent as an application is either a profile that the exchange takes,
// and reads the same a second time, or told by field.
func FuzzSignUp(f *testing.F) {
	fuzzing.Bound(f)
	f.Add([]byte(ask("ada@example.org")))
	f.Add([]byte(ask("ada@example.org", "former_names", []string{"Ada B"}, "native_name", "Ада Б", "telephone", "+1 555 0100")))
	f.Add([]byte(`{"email":"a@b.c","documents":[{"type":"","number":"","country":"","doubtful":true}]}`))
	f.Add([]byte(`{"residence":null,"citizenships":[null]}`))
	now := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, b []byte) {
		var a application
		if err := decode(b, &a); err != nil {
			var p *fault
			if !errors.As(err, &p) || p.reason != badRequest {
				t.Fatalf("%v", err)
			}
			return
		}
		p, err := a.profile(now)
		if err != nil {
			var u *fault
			if !errors.As(err, &u) || u.reason != unfit || u.field == "" || len(u.Error()) > 400 {
				t.Fatalf("%v", err)
			}
			return
		}
		var unfitFor *exchange.Unfit
		if err := exchange.CheckProfile(p); err != nil && !errors.As(err, &unfitFor) {
			t.Fatalf("%v", err)
		}
		first, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		q, err := a.profile(now)
		if err != nil {
			t.Fatalf("a profile does not read a second time: %v", err)
		}
		if second, _ := json.Marshal(q); string(first) != string(second) {
			t.Fatalf("%s\n%s", first, second)
		}
		if len(p.Nationalities) == 0 || len(p.Identifiers) == 0 || !p.Birth[0].IsExact() {
			t.Fatalf("a profile lacks what was asked for: %s", first)
		}
	})
}

// FuzzDecode: what is read is JSON, and what is not is told as a request that does not read.
func FuzzDecode(f *testing.F) {
	fuzzing.Bound(f)
	for _, s := range []string{`{"email":"a","password":"b","code":"c"}`, `{"label":"x","may":["read"],"from":["10.0.0.0/8"],"days":1,"public_key":"","password":"","code":""}`, `{"everywhere":true}`, `{"may":{}}`, `{"passkey":{"id":"AA"},"token":"x","new":"y"}`, `[]`, `{}{}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, into := range []any{&credentials{}, &keyRequest{}, &proving{}, &ticketed{}} {
			err := decode(b, into)
			var p *fault
			if err != nil && (!errors.As(err, &p) || p.reason != badRequest || p.Error() == "") {
				t.Fatalf("%v", err)
			}
			if err == nil && !json.Valid(b) {
				t.Fatalf("%q was read", b)
			}
		}
	})
}
