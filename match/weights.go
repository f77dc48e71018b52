package match

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"

	"go.yaml.in/yaml/v3"
)

//go:embed weights.yaml
var weightsFile []byte

// Weights are the numbers that a score is made with; see weights.yaml for what
// each is and why.
type Weights struct {
	Name         string   `yaml:"name"`
	Threshold    float64  `yaml:"threshold"`
	NameAlone    float64  `yaml:"name_alone"`
	NameFloor    float64  `yaml:"name_floor"`
	Omission     float64  `yaml:"omission"`
	Contradicts  float64  `yaml:"contradiction"`
	Swapped      float64  `yaml:"swapped"`
	DocumentName float64  `yaml:"document_name"`
	Parts        Parts    `yaml:"parts"`
	Likeness     Likeness `yaml:"likeness"`
	Evidence     Evidence `yaml:"evidence"`

	// Version is Name, a hyphen and the first 12 hex digits of the file's SHA-256.
	Version string `yaml:"-"`
}

// Parts weigh the parts of a name; an ordinary part weighs 1.
type Parts struct {
	PatronymicMissing float64 `yaml:"patronymic_missing"`
	Initial           float64 `yaml:"initial"`
	InitialLikeness   float64 `yaml:"initial_likeness"`
	Light             float64 `yaml:"light"`
	LegalForm         float64 `yaml:"legal_form"`
	Generic           float64 `yaml:"generic"`
}

// Likeness says how like one another two parts of a name are.
type Likeness struct {
	Spelling float64         `yaml:"spelling"`
	OneEdit  map[int]float64 `yaml:"one_edit"` // by length 5, 6, 7 and 8 or more
	TwoEdits float64         `yaml:"two_edits"`
}

// Evidence is what each fact adds to a score.
type Evidence struct {
	BirthDay          float64 `yaml:"birth_day"`
	BirthSpan         float64 `yaml:"birth_span"`
	BirthSwapped      float64 `yaml:"birth_swapped"`
	BirthSameYear     float64 `yaml:"birth_same_year"`
	BirthOther        float64 `yaml:"birth_other"`
	CircaYears        int     `yaml:"circa_years"`
	Nationality       float64 `yaml:"nationality"`
	NationalityOther  float64 `yaml:"nationality_other"`
	BirthPlace        float64 `yaml:"birth_place"`
	GenderOther       float64 `yaml:"gender_other"`
	WeakAlias         float64 `yaml:"weak_alias"`
	Document          float64 `yaml:"document"`
	DocumentOtherName float64 `yaml:"document_other_name"`
	Wallet            float64 `yaml:"wallet"`
}

// DefaultWeights are those of the weights.yaml that this program was built with.
func DefaultWeights() Weights {
	w, err := ParseWeights(weightsFile)
	if err != nil {
		panic(err) // our own file; TestWeights reads it
	}
	return w
}

// ParseWeights reads a file like weights.yaml. Every key must be there, none
// that is unknown, and the numbers must keep what candidate search and the
// order of scores rely on.
func ParseWeights(file []byte) (Weights, error) {
	var w Weights
	dec := yaml.NewDecoder(bytes.NewReader(file))
	dec.KnownFields(true)
	if err := dec.Decode(&w); err != nil {
		return Weights{}, fmt.Errorf("match: weights: %w", err)
	}
	if err := w.check(); err != nil {
		return Weights{}, fmt.Errorf("match: weights %q: %w", w.Name, err)
	}
	sum := sha256.Sum256(file)
	w.Version = w.Name + "-" + hex.EncodeToString(sum[:])[:12]
	return w, nil
}

func (w *Weights) check() error {
	if w.Name == "" {
		return fmt.Errorf("name is empty")
	}
	shares := []struct {
		key   string
		value float64
	}{
		{"threshold", w.Threshold}, {"name_alone", w.NameAlone}, {"name_floor", w.NameFloor}, {"omission", w.Omission},
		{"swapped", w.Swapped}, {"document_name", w.DocumentName},
		{"parts.patronymic_missing", w.Parts.PatronymicMissing}, {"parts.initial", w.Parts.Initial},
		{"parts.initial_likeness", w.Parts.InitialLikeness}, {"parts.light", w.Parts.Light},
		{"parts.legal_form", w.Parts.LegalForm}, {"parts.generic", w.Parts.Generic},
		{"likeness.spelling", w.Likeness.Spelling}, {"likeness.two_edits", w.Likeness.TwoEdits},
		{"evidence.birth_day", w.Evidence.BirthDay}, {"evidence.birth_span", w.Evidence.BirthSpan},
		{"evidence.birth_swapped", -w.Evidence.BirthSwapped}, {"evidence.birth_same_year", -w.Evidence.BirthSameYear},
		{"evidence.birth_other", -w.Evidence.BirthOther}, {"evidence.nationality", w.Evidence.Nationality},
		{"evidence.nationality_other", -w.Evidence.NationalityOther}, {"evidence.birth_place", w.Evidence.BirthPlace},
		{"evidence.gender_other", -w.Evidence.GenderOther}, {"evidence.weak_alias", w.Evidence.WeakAlias},
		{"evidence.document", w.Evidence.Document}, {"evidence.document_other_name", w.Evidence.DocumentOtherName},
		{"evidence.wallet", w.Evidence.Wallet},
	}
	for n := 5; n <= 8; n++ {
		shares = append(shares, struct {
			key   string
			value float64
		}{fmt.Sprintf("likeness.one_edit.%d", n), w.Likeness.OneEdit[n]})
	}
	for _, s := range shares {
		// The comparison is written so that a NaN fails it.
		if !(s.value > 0 && s.value < 1) {
			return fmt.Errorf("%s: want a number between 0 and 1 (negative for what speaks against), neither included", s.key)
		}
	}
	switch {
	case len(w.Likeness.OneEdit) != 4:
		return fmt.Errorf("likeness.one_edit: want the lengths 5, 6, 7 and 8")
	case !(w.Contradicts >= w.Omission && w.Contradicts <= 10):
		return fmt.Errorf("contradiction: want at least omission and at most 10")
	case w.Evidence.CircaYears < 0 || w.Evidence.CircaYears > 10:
		return fmt.Errorf("evidence.circa_years: want 0 to 10")
	case w.NameAlone*w.Parts.InitialLikeness >= w.Threshold:
		return fmt.Errorf("parts.initial_likeness: initials alone would reach the threshold")
	case w.Parts.InitialLikeness >= w.NameFloor:
		return fmt.Errorf("parts.initial_likeness: want less than name_floor: candidate search does not look for initials")
	}
	return nil
}
