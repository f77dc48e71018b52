package geo

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// signIns are sign-ins at a place on so many days, each step days after the one before it,
// the first so many days before the weighing.
func signIns(place string, at time.Time, first, days, step int) []Signal {
	var out []Signal
	for i := range days {
		out = append(out, Signal{SignIn, place, at.AddDate(0, 0, -first+i*step)})
	}
	return out
}

func TestWeigh(t *testing.T) {
	at := on(t, "2024-06-30").Add(12 * time.Hour)
	one := func(k Kind, place string) []Signal { return []Signal{{k, place, at.AddDate(-2, 0, 0)}} }
	yerevan := signIns("AM", at, 360, 120, 3)
	for _, c := range []struct {
		name                     string
		signals                  [][]Signal
		residence                string
		ordinarily, contradicted string
	}{
		{"nothing", nil, "AM", "", ""},
		{"their word alone", nil, "IR", "", ""},
		{"those who live where they say", [][]Signal{yerevan}, "AM", "AM", ""},
		// Law scenario 7: a resident of Armenia signs in once from Tehran.
		{"one sign-in from Tehran", [][]Signal{yerevan, signIns("IR", at, 30, 1, 1)}, "AM", "AM", ""},
		{"one sign-in from Tehran and no other", [][]Signal{signIns("IR", at, 30, 1, 1)}, "AM", "", ""},
		{"a thousand sign-ins from Tehran in one day", [][]Signal{yerevan, slices.Repeat(signIns("IR", at, 30, 1, 1), 1000)}, "AM", "AM", ""},
		{"three weeks with the family", [][]Signal{yerevan, signIns("IR", at, 40, 21, 1)}, "AM", "AM", ""},
		{"a persistent pattern", [][]Signal{signIns("IR", at, 300, 90, 3)}, "AM", "IR", ""},
		{"a persistent pattern, whatever they say", [][]Signal{signIns("IR", at, 300, 90, 3)}, "", "IR", ""},
		{"most days in Tehran, some in Yerevan", [][]Signal{signIns("IR", at, 300, 60, 5), signIns("AM", at, 299, 20, 5)}, "AM", "IR", ""},
		{"half and half", [][]Signal{signIns("IR", at, 300, 50, 6), signIns("AM", at, 299, 50, 6)}, "AM", "", "IR"},
		{"a fortnight, and nothing before it", [][]Signal{signIns("IR", at, 14, 14, 1)}, "AM", "", "IR"},
		{"a rare one who was away for three weeks", [][]Signal{signIns("AM", at, 350, 20, 16), signIns("IR", at, 40, 21, 1)}, "AM", "", "IR"},
		// Whoever moved is looked at, once as much has been elsewhere since as it took.
		{"moved to Yerevan half a year ago", [][]Signal{signIns("IR", at, 360, 100, 1), signIns("AM", at, 180, 60, 3)}, "AM", "", "IR"},
		{"moved to Yerevan a month ago", [][]Signal{signIns("IR", at, 360, 110, 3), signIns("AM", at, 28, 28, 1)}, "AM", "IR", ""},
		{"moved more than a year ago", [][]Signal{signIns("IR", at, 700, 100, 3), yerevan}, "AM", "AM", ""},

		// What is kept.
		{"a lone prefix", [][]Signal{one(PhoneNumber, "IR")}, "AM", "", ""},
		{"a lone suffix", [][]Signal{one(EmailSuffix, "IR")}, "AM", "", ""},
		{"a lone passport", [][]Signal{one(Passport, "IR")}, "AM", "", ""},
		{"an emigrant with all they brought", [][]Signal{yerevan, one(PhoneNumber, "IR"), one(EmailSuffix, "IR"), one(Passport, "IR"), one(LocalDocument, "IR")}, "AM", "AM", ""},
		{"all that and no sign-in of a known place", [][]Signal{one(PhoneNumber, "IR"), one(EmailSuffix, "IR"), one(LocalDocument, "IR")}, "AM", "", "IR"},
		{"five numbers are one kind", [][]Signal{slices.Repeat(one(PhoneNumber, "IR"), 5)}, "AM", "", ""},
		{"a prefix and a recurring pattern", [][]Signal{signIns("AM", at, 300, 30, 9), signIns("IR", at, 299, 9, 30), one(PhoneNumber, "IR")}, "AM", "AM", "IR"},
		{"a recurring pattern alone", [][]Signal{signIns("AM", at, 300, 30, 9), signIns("IR", at, 299, 9, 30)}, "AM", "AM", ""},
		{"several kinds that agree with sign-ins", [][]Signal{signIns("AM", at, 300, 30, 9), signIns("IR", at, 299, 16, 16), one(PhoneNumber, "IR"), one(EmailSuffix, "IR")}, "AM", "AM IR", ""},
		{"a bank's address in Crimea", [][]Signal{one(Address, "UA-43")}, "RU", "", "UA UA-43"},
		{"several kinds and no pattern", [][]Signal{one(Address, "IR"), one(PhoneNumber, "IR"), one(EmailSuffix, "IR"), one(LocalDocument, "IR")}, "AM", "", "IR"},

		// Areas. CoinList (E12): the country says Russia, all else Crimea.
		{"Simferopol, written as Russia", [][]Signal{signIns("UA-43", at, 300, 60, 5)}, "RU", "UA UA-43", ""},
		{"Simferopol, written as Ukraine", [][]Signal{signIns("UA-43", at, 300, 60, 5)}, "UA", "UA UA-43", ""},
		{"between Simferopol and Sevastopol", [][]Signal{signIns("UA-43", at, 300, 50, 6), signIns("UA-40", at, 299, 50, 6)}, "UA-43", "UA", "UA-40"},
		{"a Crimean who is in Ukraine, nobody knows where", [][]Signal{signIns("UA", at, 14, 10, 1)}, "UA-43", "", ""},
		{"a Crimean's old number in Kyiv", [][]Signal{signIns("UA", at, 300, 60, 5), one(PhoneNumber, "UA-43")}, "UA", "UA", ""},

		// Relays are no place.
		{"only relays", [][]Signal{signIns("", at, 300, 300, 1)}, "AM", "", ""},
		{"behind a relay for half a year", [][]Signal{signIns("IR", at, 350, 60, 3), signIns("", at, 170, 170, 1)}, "AM", "IR", ""},
		{"what is after the day is not known yet", [][]Signal{signIns("IR", at, -1, 300, 1)}, "AM", "", ""},
	} {
		a, err := Weigh(slices.Concat(c.signals...), c.residence, at)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got, want := strings.Join(a.Ordinarily, " ")+" | "+strings.Join(a.Contradicted, " "), c.ordinarily+" | "+c.contradicted; got != want {
			t.Errorf("%s: %s, want %s\n  %s", c.name, got, want, strings.Join(a.Why, "\n  "))
		}
	}
}

func TestWeighRefuses(t *testing.T) {
	at := on(t, "2024-06-30")
	for _, c := range []struct {
		signals   []Signal
		residence string
		at        time.Time
		want      string
	}{
		{slices.Repeat(signIns("IR", at, 1, 1, 1), 10_001), "", at, "10001 signals, at most 10000"},
		{nil, "", time.Time{}, "no day"},
		{nil, "Armenia", at, `residence "Armenia"`},
		{[]Signal{{Place: "IR", At: at}}, "", at, "signal 1 has no kind"},
		{[]Signal{{Kind: 99, Place: "IR", At: at}}, "", at, "signal 1 has no kind"},
		{[]Signal{{Kind: SignIn, Place: "IR"}}, "", at, "signal 1 has no time"},
		{[]Signal{{Kind: SignIn, Place: "UA-14", At: at}}, "", at, `place "UA-14"`},
	} {
		if _, err := Weigh(c.signals, c.residence, c.at); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
	if _, err := Weigh(slices.Repeat(signIns("IR", at, 1, 1, 1), 10_000), "", at); err != nil {
		t.Error(err)
	}
	if WeighingVersion() != "place-1" {
		t.Errorf("version %q", WeighingVersion())
	}
}

var (
	placesDrawn    = rapid.SampledFrom([]string{"IR", "AM", "UA", "UA-43", "UA-40", "RU"})
	residenceDrawn = rapid.SampledFrom([]string{"", "AM", "IR", "UA", "UA-43", "RU"})
)

// drawSignals draws runs of sign-ins, so that patterns of every grade come about, and a few
// signals of other kinds.
func drawSignals(t *rapid.T, at time.Time) []Signal {
	var all []Signal
	for range rapid.IntRange(0, 5).Draw(t, "runs") {
		place := rapid.OneOf(placesDrawn, rapid.Just("")).Draw(t, "place of a run")
		all = append(all, signIns(place, at, rapid.IntRange(-5, 400).Draw(t, "first"), rapid.IntRange(1, 30).Draw(t, "days"), rapid.IntRange(1, 12).Draw(t, "step"))...)
	}
	return append(all, rapid.SliceOfN(drawnSignal(at, rapid.OneOf(placesDrawn, rapid.Just(""))), 0, 5).Draw(t, "signals")...)
}

func drawnSignal(at time.Time, places *rapid.Generator[string]) *rapid.Generator[Signal] {
	return rapid.Custom(func(t *rapid.T) Signal {
		return Signal{Kind(rapid.IntRange(1, len(kindNames)-1).Draw(t, "kind")), places.Draw(t, "place"), at.AddDate(0, 0, -rapid.IntRange(-5, 400).Draw(t, "ago"))}
	})
}

func TestWeighProperties(t *testing.T) {
	at := on(t, "2024-06-30").Add(13 * time.Hour)
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		signals := drawSignals(t, at)
		residence := residenceDrawn.Draw(t, "residence")
		weigh := func(s []Signal, residence string) Assessment {
			a, err := Weigh(s, residence, at)
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		a := weigh(signals, residence)
		seen["ordinarily"] += len(a.Ordinarily)
		seen["contradicted"] += len(a.Contradicted)

		for _, p := range a.Contradicted {
			if slices.Contains(a.Ordinarily, p) || p == residence || p == countryIn(residence) {
				t.Fatalf("%s is contradicted: %+v, residence %q", p, a, residence)
			}
		}
		// Their order says nothing.
		if b := weigh(rapid.Permutation(signals).Draw(t, "order"), residence); !reflect.DeepEqual(a, b) {
			t.Fatalf("in another order %+v, not %+v", b, a)
		}
		// Their word cancels no pattern.
		if b := weigh(signals, residenceDrawn.Draw(t, "another residence")); !slices.Equal(a.Ordinarily, b.Ordinarily) {
			t.Fatalf("with another residence %v, not %v", b.Ordinarily, a.Ordinarily)
		}
		// Relays weigh nothing in either direction.
		placed := slices.DeleteFunc(slices.Clone(signals), func(s Signal) bool { return s.Place == "" })
		if b := weigh(placed, residence); !slices.Equal(a.Ordinarily, b.Ordinarily) || !slices.Equal(a.Contradicted, b.Contradicted) {
			t.Fatalf("without relays %+v, not %+v", b, a)
		}
		// More evidence for a place never takes it out.
		more := rapid.SliceOfN(drawnSignal(at, rapid.Just(placesDrawn.Draw(t, "a place"))), 1, 40).Draw(t, "more")
		b := weigh(slices.Concat(signals, more), residence)
		for _, p := range []string{more[0].Place, countryIn(more[0].Place)} {
			if slices.Contains(a.Ordinarily, p) && !slices.Contains(b.Ordinarily, p) ||
				slices.Contains(a.Contradicted, p) && !slices.Contains(b.Contradicted, p) && !slices.Contains(b.Ordinarily, p) {
				t.Fatalf("more evidence for %s: %+v, before %+v", p, b, a)
			}
		}
	})
	if seen["ordinarily"] == 0 || seen["contradicted"] == 0 {
		t.Errorf("the draws never came to a conclusion: %v", seen)
	}
}

func TestScaleIsChecked(t *testing.T) {
	good := string(weighingFile)
	for _, c := range []struct{ from, to, want string }{
		{"version: place-1", "version: \"\"", "want a version"},
		{"{grade: frequent, days: 6,", "{grade: frequent, days: 2,", "takes less than the one before"},
		{"  phone: {points: 1, kept: true}\n", "", "kind phone has no points"},
		{"  phone: ", "  phones: ", "kind phone has no points"},
		{"ordinarily: 6", "ordinarily: 2", "less to conclude than to look"},
		{"kept_at_most: 2", "kept_at: 2", "not found"},
	} {
		if !strings.Contains(good, c.from) {
			t.Fatalf("%q is not in the file", c.from)
		}
		if _, err := parseScale([]byte(strings.Replace(good, c.from, c.to, 1))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want one with %q", c.to, err, c.want)
		}
	}
}

func TestKindsAreWords(t *testing.T) {
	for k := SignIn; int(k) < len(kindNames); k++ {
		b, _ := k.MarshalText()
		var again Kind
		if err := again.UnmarshalText(b); err != nil || again != k {
			t.Errorf("%s: %v, %v", b, again, err)
		}
	}
	var k Kind
	if err := k.UnmarshalText(nil); err == nil || k != UnknownKind {
		t.Errorf("no word: %v, %v", k, err)
	}
}
