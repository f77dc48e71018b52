package match

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"math"

	"go.yaml.in/yaml/v3"

	"sallyport/names"
)

//go:embed weights.yaml
var weightsFile []byte

// Weights are the numbers that a score is made with, in nats but for the
// probabilities; see weights.yaml for what each is and why.
type Weights struct {
	Name         string      `yaml:"name"`
	Threshold    float64     `yaml:"threshold"`     // a probability
	NameFloor    float64     `yaml:"name_floor"`    // a probability
	DocumentName float64     `yaml:"document_name"` // a probability
	Prior        float64     `yaml:"prior"`
	Information  Information `yaml:"information"`
	Spelling     Spelling    `yaml:"spelling"`
	OneSide      OneSide     `yaml:"one_side"`
	BothSides    BothSides   `yaml:"both_sides"`
	Swapped      float64     `yaml:"swapped"`
	Facts        Facts       `yaml:"facts"`

	// Version is Name, a hyphen and the first 12 hex digits of the file's SHA-256.
	Version string `yaml:"-"`
}

// Information is what agreement in a part of a name is worth.
type Information struct {
	VeryCommon float64         `yaml:"very_common"`
	Common     float64         `yaml:"common"`
	Rare       map[int]float64 `yaml:"rare"`      // by letters, 2 to 6
	Syllables  map[int]float64 `yaml:"syllables"` // by characters, 1 to 3
	Generic    float64         `yaml:"generic"`
	Trade      float64         `yaml:"trade"`
	Place      float64         `yaml:"place"`
	Byname     float64         `yaml:"byname"`
	LegalForm  float64         `yaml:"legal_form"`
	Number     float64         `yaml:"number"`
	Light      float64         `yaml:"light"`
	Initial    float64         `yaml:"initial"`
	Ceiling    float64         `yaml:"ceiling"`
	Scale      float64         `yaml:"scale"`
	Whole      float64         `yaml:"whole"`
}

// Spelling is what another spelling takes off.
type Spelling struct {
	SameSound float64 `yaml:"same_sound"`
	Nickname  float64 `yaml:"nickname"`
	// Translation comes off [Information.Whole] for each word of a firm's name that is another language's.
	Translation float64 `yaml:"translation"`
	Slip        float64 `yaml:"slip"`
	Near        float64 `yaml:"near"` // in letters of six
	FarSlip     float64 `yaml:"far_slip"`
	BothCommon  float64 `yaml:"both_common"`
	// Abbreviation is the share of the lesser information that Tech for Technologies keeps.
	Abbreviation float64 `yaml:"abbreviation"`
	Acronym      float64 `yaml:"acronym"` // a letter
	Across       float64 `yaml:"across"`
	Vouches      float64 `yaml:"vouches"`
	Romanisation float64 `yaml:"romanisation"`
}

// OneSide is what a part costs that one side tells only.
type OneSide struct {
	Part       float64 `yaml:"part"`
	Further    float64 `yaml:"further"`
	Alone      float64 `yaml:"alone"`
	Characters float64 `yaml:"characters"`
	Firm       float64 `yaml:"firm"`
	Generic    float64 `yaml:"generic"`
	Trade      float64 `yaml:"trade"`
	Place      float64 `yaml:"place"`
	Byname     float64 `yaml:"byname"`
	Patronymic float64 `yaml:"patronymic"`
	Initial    float64 `yaml:"initial"`
	LegalForm  float64 `yaml:"legal_form"`
	Number     float64 `yaml:"number"`
	Light      float64 `yaml:"light"`
}

// BothSides is what a part costs of which the other side tells another.
type BothSides struct {
	Part       float64 `yaml:"part"`
	Patronymic float64 `yaml:"patronymic"`
	Mixed      float64 `yaml:"mixed"`
	Number     float64 `yaml:"number"`
	Firm       float64 `yaml:"firm"`
	Generic    float64 `yaml:"generic"`
	Trade      float64 `yaml:"trade"`
	Place      float64 `yaml:"place"`
	Byname     float64 `yaml:"byname"`
	LegalForm  float64 `yaml:"legal_form"`
	Initial    float64 `yaml:"initial"`
}

// Facts are what each fact besides the name adds.
type Facts struct {
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

// Matching tells apart what a name is weighed by: the weights, and how names are read ([names.Version]).
// It is in each decision that rests on names.
func (w *Weights) Matching() string { return w.Version + " " + names.Version() }

// check holds every number to its sign and bounds. Comparisons are written so that a NaN fails them.
func (w *Weights) check() error {
	if w.Name == "" {
		return fmt.Errorf("name is empty")
	}
	type number struct {
		key   string
		value float64
	}
	for _, n := range []number{{"threshold", w.Threshold}, {"name_floor", w.NameFloor}, {"document_name", w.DocumentName}} {
		if !(n.value > 0 && n.value < 1) {
			return fmt.Errorf("%s: want a probability between 0 and 1, neither included", n.key)
		}
	}
	i, s, o, b, f := &w.Information, &w.Spelling, &w.OneSide, &w.BothSides, &w.Facts
	positive := []number{
		{"prior", -w.Prior}, {"swapped", -w.Swapped},
		{"information.very_common", i.VeryCommon}, {"information.common", i.Common}, {"information.generic", i.Generic},
		{"information.trade", i.Trade}, {"information.place", i.Place}, {"information.byname", i.Byname},
		{"one_side.trade", o.Trade}, {"one_side.place", o.Place}, {"one_side.byname", o.Byname},
		{"both_sides.firm", b.Firm}, {"both_sides.trade", b.Trade}, {"both_sides.place", b.Place}, {"both_sides.byname", b.Byname},
		{"information.legal_form", i.LegalForm}, {"information.number", i.Number}, {"information.light", i.Light},
		{"information.initial", i.Initial}, {"information.ceiling", i.Ceiling}, {"information.scale", i.Scale}, {"information.whole", i.Whole},
		{"spelling.same_sound", s.SameSound}, {"spelling.nickname", s.Nickname}, {"spelling.translation", s.Translation}, {"spelling.slip", s.Slip}, {"spelling.near", s.Near}, {"spelling.far_slip", s.FarSlip}, {"spelling.both_common", s.BothCommon},
		{"spelling.abbreviation", s.Abbreviation}, {"spelling.acronym", s.Acronym}, {"spelling.across", s.Across}, {"spelling.vouches", s.Vouches}, {"spelling.romanisation", s.Romanisation}, {"both_sides.mixed", b.Mixed},
		{"one_side.part", o.Part}, {"one_side.further", o.Further}, {"one_side.characters", o.Characters}, {"one_side.alone", o.Alone}, {"one_side.firm", o.Firm},
		{"one_side.generic", o.Generic}, {"one_side.patronymic", o.Patronymic}, {"one_side.initial", o.Initial},
		{"one_side.legal_form", o.LegalForm}, {"one_side.number", o.Number}, {"one_side.light", o.Light},
		{"both_sides.part", b.Part}, {"both_sides.patronymic", b.Patronymic}, {"both_sides.number", b.Number},
		{"both_sides.generic", b.Generic}, {"both_sides.legal_form", b.LegalForm}, {"both_sides.initial", b.Initial},
		{"facts.birth_day", f.BirthDay}, {"facts.birth_span", f.BirthSpan}, {"facts.birth_swapped", -f.BirthSwapped},
		{"facts.birth_same_year", -f.BirthSameYear}, {"facts.birth_other", -f.BirthOther}, {"facts.nationality", f.Nationality},
		{"facts.nationality_other", -f.NationalityOther}, {"facts.birth_place", f.BirthPlace}, {"facts.gender_other", -f.GenderOther},
		{"facts.weak_alias", f.WeakAlias}, {"facts.document", f.Document}, {"facts.document_other_name", f.DocumentOtherName}, {"facts.wallet", f.Wallet},
	}
	for n := 2; n <= 6; n++ {
		positive = append(positive, number{fmt.Sprintf("information.rare.%d", n), i.Rare[n]})
	}
	for _, n := range positive {
		if !(n.value > 0 && n.value < 30) {
			return fmt.Errorf("%s: want nats between 0 and 30 (negative for what speaks against), neither included", n.key)
		}
	}
	for n := 1; n <= 3; n++ {
		if !(i.Syllables[n] > 0 && i.Syllables[n] < 30) {
			return fmt.Errorf("information.syllables.%d: want nats between 0 and 30", n)
		}
	}
	switch {
	case len(i.Syllables) != 3:
		return fmt.Errorf("information.syllables: want 1, 2 and 3 characters")
	case len(i.Rare) != 5:
		return fmt.Errorf("information.rare: want the lengths 2, 3, 4, 5 and 6")
	case f.CircaYears < 0 || f.CircaYears > 10:
		return fmt.Errorf("facts.circa_years: want 0 to 10")
	case b.Part < o.Part || b.Patronymic < o.Patronymic || b.Number < o.Number || b.Generic < o.Generic ||
		b.Firm < b.Part || b.Trade < o.Trade || b.Place < o.Place || b.Byname < o.Byname:
		return fmt.Errorf("both_sides: want no contradiction cheaper than the same part on one side")
	case i.Ceiling+w.Prior <= logit(w.Threshold):
		return fmt.Errorf("information.ceiling: want more than prior and threshold leave, or no name alone is a finding")
	case w.Prior+w.told(i.Whole) < logit(w.Threshold):
		return fmt.Errorf("information.whole: want enough for the threshold")
	case w.NameFloor > w.Threshold:
		return fmt.Errorf("name_floor: want no more than threshold")
	}
	return nil
}

// leastOneSide is the least that a core part costs without a partner.
func (w *Weights) leastOneSide() float64 {
	return min(w.OneSide.Part, w.OneSide.Further, w.OneSide.Firm)
}

// leastAgreements are, by the core parts without partners, the agreements of parts, in nats,
// with which a name comes to NameFloor if nothing else speaks against it; +inf where none do.
func (w *Weights) leastAgreements() (least [names.MaxTokens + 1]float64) {
	for without := range least {
		told := logit(w.NameFloor) - w.Prior + float64(without)*w.leastOneSide()
		least[without] = math.Inf(1)
		if told < w.Information.Ceiling { // [Weights.told] turned round
			least[without] = -w.Information.Scale * math.Log(1-told/w.Information.Ceiling)
		}
	}
	return least
}

// mostInformation is the most that agreement in one part can be worth.
func (w *Weights) mostInformation() float64 {
	most := max(w.Information.Number, w.Information.Generic)
	for _, nats := range w.Information.Rare {
		most = max(most, nats)
	}
	return most
}

func logit(p float64) float64 { return math.Log(p / (1 - p)) }

// probability that belongs to a sum of nats.
func probability(nats float64) float64 { return 1 / (1 + math.Exp(-nats)) }
