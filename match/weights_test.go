package match

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
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
	for _, c := range []struct{ why, from, to, want string }{
		{"an unknown key", "threshold:", "treshold:", "treshold"},
		{"a missing number", "omission: 0.28", "", "omission"},
		{"a number above 1", "name_alone: 0.90", "name_alone: 1.90", "name_alone"},
		{"NaN", "name_floor: 0.80", "name_floor: .nan", "name_floor"},
		{"the wrong sign", "birth_other: -0.30", "birth_other: 0.30", "birth_other"},
		{"a contradiction cheaper than an omission", "contradiction: 1.60", "contradiction: 0.10", "contradiction"},
		{"a missing length", "8: 0.93", "9: 0.93", "one_edit"},
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
