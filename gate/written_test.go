package gate

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sallyport/law"
	"sallyport/match"
)

// takenAs holds what the venue takes for a decision's one form to encoding/json: what that reads and writes again as it was.
func takenAs(t testing.TB, body []byte) (taken bool) {
	t.Helper()
	var d Decision
	err := json.Unmarshal(body, &d)
	again, errAgain := json.Marshal(d)
	want := err == nil && errAgain == nil && bytes.Equal(again, body)
	for range 2 { // as if nothing of it had been read before, and remembered
		got, err := ReadDecision(body)
		if taken = err == nil && got.IsWritten(body); taken != want {
			t.Fatalf("%s\nis taken %v, by encoding/json %v, which writes it as\n%s", body, taken, want, again)
		}
		if taken && !reflect.DeepEqual(got, d) {
			t.Fatalf("%s\nis read as\n%+v\nand by encoding/json as\n%+v", body, got, d)
		}
	}
	return taken
}

// TestWrittenIsEncodingJSON: nothing is taken for the one form of a decision that encoding/json would write otherwise, whatever
// is done to a form, and nothing is refused that it writes so.
func TestWrittenIsEncodingJSON(t *testing.T) {
	set := rules(t)
	var full Decision
	fill(t, reflect.ValueOf(&full).Elem(), 0)
	seen := Decision{
		Verdict: law.Freeze, Action: law.Review, At: time.Unix(1, 0).UTC(), Hold: &HoldTerms{Due: time.Unix(2, 3e6).UTC()},
		Findings: []match.Finding{{List: "a", Score: 0.5, Nats: math.Copysign(0, -1), Reasons: []match.Reason{{Effect: 1e21, Nats: 1e-7}}}},
		Asked:    &Asked{Moves: &Movement{}}, Sides: []law.Side{{Rule: "r"}}, Cleared: []Clearance{{ID: 1}},
	}
	others := []string{
		`"`, `\`, `{`, `}`, `[`, `]`, `,`, `:`, ` `, "\n", "\x00", "\x7f", "\xff", "\xc3\xa9", "\xef\xbf\xbd", "\xe2\x80\xa8", `\u2028`, `\u00e9`, `\ufffd`, `\ud800`, `\u003c`, `<`, `&`, `\/`, `\t`, `\u0041`,
		`null`, `true`, `false`, `0`, `-0`, `-`, `1e0`, `1.0`, `1E21`, `1e+21`, `0.50`, `00`, `Z`, `z`, `+00:00`, `-00:00`, `+02:00`, `+24:00`, `+23:59`, `.000Z`, `.100Z`, `.1Z`, `,1Z`, `.1234567891Z`, `T24:00:00`,
		`"id":"",`, `"ID":"",`, `"verdict":"allow",`, `,"facts":{}`, `,"sides":[]`, `,"fired":null`, `,"hold":null`, `,"asked":null`, `,"extra":1`, `{}`, `[]`, `""`, `"",`, `{},`, `,"list":"b"`, `"list":"b",`,
		`"customer.residence":"GE"`, `"customer.area":"",`, `,"told":{}`, `,"house":false`, `,"house":true`, `,"url":""`, `,"missing":[]`, `"a","a"`,
	}
	tried, taken := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		d := rapid.SampledFrom([]Decision{full, seen, {Verdict: law.Hold}}).Draw(rt, "of")
		if rapid.Bool().Draw(rt, "decided") {
			d = Decide(drawInput(rt, set))
		}
		body, err := d.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		if !takenAs(t, body) {
			t.Fatalf("%s\nis not taken", body)
		}
		for range 30 {
			other := bytes.Clone(body)
			for range rapid.IntRange(1, 3).Draw(rt, "changes") {
				at := rapid.IntRange(0, len(other)).Draw(rt, "at")
				to := min(len(other), at+rapid.SampledFrom([]int{0, 0, 1, 1, 2, 5, 20}).Draw(rt, "less"))
				with := rapid.SampledFrom(others).Draw(rt, "with")
				if rapid.Bool().Draw(rt, "moved") && to > at { // of its own
					from := rapid.IntRange(0, len(other)-1).Draw(rt, "from")
					with = string(other[from:min(len(other), from+to-at)])
				}
				other = append(append(bytes.Clone(other[:at]), with...), other[to:]...)
			}
			tried++
			if takenAs(t, other) && !bytes.Equal(other, body) {
				taken++
			}
			readAs(t, other)
		}
	})
	if taken == 0 || taken == tried {
		t.Errorf("of %d other forms %d are taken", tried, taken)
	}
	t.Logf("%d other forms, %d taken", tried, taken)
	// What a decision says in a time or a number, in every way that JSON may have it.
	for _, old := range []string{`"at":"1970-01-01T00:00:01Z"`, `"due":"1970-01-01T00:00:02.003Z"`, `"nats":-0`, `"score":0.5`, `"effect":1e+21`, `"nats":1e-7`, `"account":0`, `"list":"a"`, `"subject":""`, `"tried":null`, `"nexus":null`, `"editions":null`, `"facts":{}`} {
		body, err := seen.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		at := bytes.Index(body, []byte(old))
		if at < 0 {
			t.Fatalf("%s has no %s", body, old)
		}
		value := at + bytes.IndexByte(body[at:], ':') + 1
		for from := value; from <= at+len(old); from++ {
			for to := from; to <= at+len(old); to++ {
				for _, with := range others {
					takenAs(t, append(append(bytes.Clone(body[:from]), with...), body[to:]...))
				}
			}
		}
	}
}

func FuzzWritten(f *testing.F) {
	for _, a := range law.Actions() {
		d := Decide(input(f, "EU", a, nil))
		body, err := d.AppendJSON(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	var full Decision
	fill(f, reflect.ValueOf(&full).Elem(), 0)
	body, err := full.AppendJSON(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Fuzz(func(t *testing.T, body []byte) { takenAs(t, body); readAs(t, body) })
}
