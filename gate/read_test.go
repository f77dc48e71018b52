package gate

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sallyport/law"
	"sallyport/match"
)

// readAs reads a decision and holds it to encoding/json; it reports whether it was read without it.
func readAs(t testing.TB, body []byte) (plain bool) {
	t.Helper()
	var want Decision
	errJSON := json.Unmarshal(body, &want)
	for range 2 { // as if nothing of it had been read before, and remembered
		got, err := ReadDecision(body)
		if (err != nil) != (errJSON != nil) || err == nil && !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\nis read as\n%+v, %v\nand by encoding/json as\n%+v, %v", body, got, err, want, errJSON)
		}
		_, plain = readPlain(body)
	}
	return plain
}

// TestReadIsEncodingJSON: what is decided is read without encoding/json, whatever was decided, and as that reads it.
func TestReadIsEncodingJSON(t *testing.T) {
	set, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		d := Decide(drawInput(rt, set))
		body, err := d.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		if plain := readAs(t, body); !plain && !strings.ContainsAny(string(body), `\`) && isASCII(body) {
			t.Fatalf("%s\nis left to encoding/json", body)
		}
	})
	var full Decision
	fill(t, reflect.ValueOf(&full).Elem(), 0)
	body, err := full.AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	readAs(t, body)
	for _, d := range []Decision{
		{}, {At: time.Unix(0, 0).UTC(), Editions: []EditionRef{}, Nexus: []string{}, Tried: []string{"a"}},
		{Findings: []match.Finding{{List: "a]}", EntityName: `"\{[`, Reasons: []match.Reason{{Text: "Ж"}}}}, Asked: &Asked{Key: "k", Moves: &Movement{}}},
		{Account: 1042, Hold: &HoldTerms{Owner: "desk", Due: time.Unix(1, 0).UTC()}, About: "BTC", Movement: "00", Stale: []string{"us-sdn"}},
	} {
		d.Verdict, d.Action = law.Allow, law.Review
		if body, err = d.AppendJSON(nil); err != nil {
			t.Fatal(err)
		}
		if !readAs(t, body) {
			t.Errorf("%s\nis left to encoding/json", body)
		}
		for i := range body { // cut off, and one letter another
			readAs(t, body[:i])
			for _, c := range []byte("\"{}[],:0\\ xЖ\t") {
				other := append([]byte{}, body...)
				other[i] = c
				readAs(t, other)
			}
		}
		readAs(t, append(body, ' '))
		readAs(t, append(body, '}'))
	}
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x7f {
			return false
		}
	}
	return true
}

// What decisions share can be appended to without changing the others.
func TestReadSharesNothingToWriteTo(t *testing.T) {
	d := Decide(input(t, "US", law.Review, nil))
	body, err := d.AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	one, _ := ReadDecision(body)
	two, _ := ReadDecision(body)
	_ = append(one.Tried, "x")
	_ = append(one.Editions, EditionRef{List: "x"})
	_ = append(one.Fired, Fired{Rule: "x"})
	if again, _ := ReadDecision(body); !reflect.DeepEqual(two, again) || cap(one.Tried) != len(one.Tried) || cap(one.Editions) != len(one.Editions) {
		t.Error("what was appended to one is read in another")
	}
}

func FuzzReadDecision(f *testing.F) {
	d := Decide(input(f, "EU", law.OpenAccount, nil))
	body, err := d.AppendJSON(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Fuzz(func(t *testing.T, body []byte) { readAs(t, body) })
}

func BenchmarkReadDecision(b *testing.B) {
	d := Decide(input(b, "US", law.Review, nil))
	body, err := d.AppendJSON(nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadDecision(body); err != nil {
			b.Fatal(err)
		}
	}
}
