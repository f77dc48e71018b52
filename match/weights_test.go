package match

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"sallyport/names"
)

func TestWeights(t *testing.T) {
	w := DefaultWeights()
	sum := sha256.Sum256(weightsFile)
	if want := w.Name + "-" + hex.EncodeToString(sum[:])[:12]; w.Version != want {
		t.Errorf("version %q, want %q", w.Version, want)
	}
	other, err := ParseWeights([]byte(string(weightsFile) + "\n# a remark\n"))
	if err != nil || other.Version == w.Version {
		t.Errorf("a changed file has version %q (%v), as before", other.Version, err)
	}
	if a, b := w.Matching(), other.Matching(); a == b || a != w.Version+" "+names.Version() {
		t.Errorf("matching %q, by other weights %q", a, b)
	}
	for _, c := range []struct{ why, from, to, want string }{
		{"an unknown key", "threshold:", "treshold:", "treshold"},
		{"a missing number", "swapped: -0.3", "", "swapped"},
		{"a probability above 1", "threshold: 0.50", "threshold: 1.50", "threshold"},
		{"NaN", "scale: 8.0", "scale: .nan", "scale"},
		{"the wrong sign", "birth_other: -4.0", "birth_other: 4.0", "birth_other"},
		{"a contradiction cheaper than an omission", "part: 5.0", "part: 0.10", "both_sides"},
		{"a missing length", "6: 7.0", "7: 7.0", "rare.6"},
		{"names that can never be enough", "ceiling: 10.0", "ceiling: 4.0", "ceiling"},
		{"no price of another spelling", "  romanisation: 1.5", "  #", "spelling.romanisation: want nats"},
		{"a floor above the threshold", "name_floor: 0.30", "name_floor: 0.90", "name_floor"},
	} {
		file := strings.Replace(string(weightsFile), c.from, c.to, 1)
		if file == string(weightsFile) {
			t.Fatalf("%s: %q is not in the file", c.why, c.from)
		}
		if _, err := ParseWeights([]byte(file)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that names %s", c.why, err, c.want)
		}
	}
}

// A Chinese name in another spelling costs what the weights say.
func TestRomanisationHasItsPrice(t *testing.T) {
	w := DefaultWeights()
	nats := func() float64 { return Compare(man("Wong Kar Wai"), man("Wang Jiawei"), w).Nats }
	before := nats()
	w.Spelling.Romanisation += 1
	if after := nats(); after >= before-0.1 || after <= before-1 {
		t.Errorf("%v nats at a price of one more, %v before", after, before)
	}
}
