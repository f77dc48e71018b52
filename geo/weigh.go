package geo

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
)

// A Kind says what a signal comes from. The zero value is not known, and is refused.
type Kind uint8

const (
	UnknownKind   Kind = iota
	SignIn             // the network address of a sign-in, located
	PhoneNumber        // the prefix of a telephone number
	EmailSuffix        // the suffix of an e-mail address
	Passport           // who issued a passport or a citizen's card
	LocalDocument      // who issued a residence permit or a driving licence
	Address            // a written address that another than the customer gives
)

var kindNames = [...]string{"", "sign_in", "phone", "email", "passport", "local_document", "address"}

func (k Kind) String() string {
	if int(k) < len(kindNames) && k != UnknownKind {
		return kindNames[k]
	}
	return "unknown"
}

// MarshalText gives the word of the kind, such as "sign_in".
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *Kind) UnmarshalText(b []byte) error {
	for i, name := range kindNames[1:] {
		if name == string(b) {
			*k = Kind(i + 1)
			return nil
		}
	}
	return fmt.Errorf("geo: kind of signal %q: want one of %s", shown(string(b)), strings.Join(kindNames[1:], ", "))
}

// A Signal is one thing that tells of a place.
type Signal struct {
	Kind Kind
	// Place is the ISO code of a country or an area, as [Found.Code] has it. Empty is no
	// place: of a relay, of hosting, of what nobody knows. It weighs nothing.
	Place string
	At    time.Time // of the sign-in, or since when the rest is on record
}

// Assessment is what signals say together of where somebody lives. Both lists are sorted,
// and no place is in both.
type Assessment struct {
	// Ordinarily are places of which evidence other than their own word shows that they live
	// there. An area's evidence is that of its country too.
	Ordinarily []string `json:"ordinarily"`
	// Contradicted are places whose evidence stands against the stated residence, too much to
	// be left aside and too little to conclude from: a person must look.
	Contradicted []string `json:"contradicted"`
	Why          []string `json:"why"` // a sentence for each place with evidence, and for what weighs nothing
}

// maxSignals bounds what is weighed: a year has a sign-in every hour in it.
const maxSignals = 10_000

// WeighingVersion is that of the thresholds and weights that [Weigh] uses. An assessment is
// computed again only under the same one.
func WeighingVersion() string {
	if w, err := weighing(); err == nil {
		return w.Version
	}
	return ""
}

// Weigh adds up what tells of where somebody lives, on the day of at, against the residence
// that they state: the code of a country or an area, or "". Their word cancels nothing and
// is evidence for nothing; it only says what the rest is compared with. Signals after at are
// not known yet and are left aside; their order says nothing. It refuses more than 10,000 of
// them, and one without a kind or a time.
func Weigh(signals []Signal, residence string, at time.Time) (Assessment, error) {
	w, err := weighing()
	if err != nil {
		return Assessment{}, err
	}
	if len(signals) > maxSignals {
		return Assessment{}, fmt.Errorf("geo: %d signals, at most %d are weighed; leave the oldest out", len(signals), maxSignals)
	}
	if at.IsZero() {
		return Assessment{}, fmt.Errorf("geo: no day given; a pattern is one of the year before a day")
	}
	if residence != "" && !IsPlace(residence) {
		return Assessment{}, fmt.Errorf("geo: residence %q: want a country such as AM or an area such as UA-43", shown(residence))
	}
	for i, s := range signals {
		switch {
		case s.Kind == UnknownKind || int(s.Kind) >= len(kindNames):
			return Assessment{}, fmt.Errorf("geo: signal %d has no kind", i+1)
		case s.At.IsZero():
			return Assessment{}, fmt.Errorf("geo: signal %d has no time", i+1)
		case s.Place != "" && !IsPlace(s.Place):
			return Assessment{}, fmt.Errorf("geo: signal %d: place %q: want a country such as IR or an area such as UA-43", i+1, shown(s.Place))
		}
	}
	return w.weigh(signals, residence, at), nil
}

// A scale is the embedded weights.
type scale struct {
	Version    string `yaml:"version"`
	WindowDays int    `yaml:"window_days"`
	Pattern    []step `yaml:"pattern"` // the weakest first
	Kinds      map[string]struct {
		Points int  `yaml:"points"`
		Kept   bool `yaml:"kept"`
	} `yaml:"kinds"`
	KeptAtMost   int `yaml:"kept_at_most"`
	Contradicted int `yaml:"contradicted"`
	Ordinarily   int `yaml:"ordinarily"`
}

// A step is what a grade of a pattern of sign-ins takes.
type step struct {
	Grade   string `yaml:"grade"`
	Days    int    `yaml:"days"`
	Weeks   int    `yaml:"weeks"`
	Percent int    `yaml:"more_than_percent"`
	Points  int    `yaml:"points"`
}

//go:embed weighing.yaml
var weighingFile []byte

// weighing reads the embedded weights once; nobody writes to what it gives.
var weighing = sync.OnceValues(func() (*scale, error) { return parseScale(weighingFile) })

func parseScale(data []byte) (*scale, error) {
	var w scale
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&w); err != nil {
		return nil, fmt.Errorf("geo: weighing.yaml: %w", err)
	}
	wrong := func(what string) error { return fmt.Errorf("geo: weighing.yaml: %s", what) }
	if w.Version == "" || w.WindowDays <= 0 || len(w.Pattern) != 3 {
		return nil, wrong("want a version, a window and three grades of a pattern")
	}
	for i, s := range w.Pattern {
		if s.Grade == "" || s.Points <= 0 || s.Days <= 0 || s.Weeks <= 0 {
			return nil, wrong("a grade without a name, days, weeks or points")
		}
		if p := w.Pattern[max(i-1, 0)]; i > 0 && (s.Days < p.Days || s.Weeks < p.Weeks || s.Percent < p.Percent || s.Points <= p.Points) {
			return nil, wrong("a grade that takes less than the one before it")
		}
	}
	for _, name := range kindNames[2:] {
		if k, ok := w.Kinds[name]; !ok || k.Points < 0 {
			return nil, wrong("kind " + name + " has no points")
		}
	}
	if len(w.Kinds) != len(kindNames)-2 {
		return nil, wrong("a kind that there is not")
	}
	if w.Contradicted <= 0 || w.Ordinarily < w.Contradicted {
		return nil, wrong("it takes less to conclude than to look")
	}
	return &w, nil
}

const hoursADay = 24

// A day and a week are counted from 1970-01-01, UTC.
func dayNumber(t time.Time) int { return int(floorDiv(t.Unix(), hoursADay*3600)) }

func weekOf(day int) int { return int(floorDiv(int64(day), 7)) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Evidence is what stands for one place.
type evidence struct {
	days  map[int]bool // with a sign-in there
	kinds map[Kind]bool
}

func (w *scale) weigh(signals []Signal, residence string, at time.Time) Assessment {
	places := map[string]*evidence{}
	placed := map[int]bool{} // days with a sign-in whose place is known
	today := dayNumber(at)
	nowhere, old := 0, 0
	for _, s := range signals {
		if s.At.After(at) {
			continue
		}
		if s.Place == "" {
			nowhere++
			continue
		}
		day := dayNumber(s.At)
		if s.Kind == SignIn && day <= today-w.WindowDays {
			old++
			continue
		}
		if s.Kind == SignIn {
			placed[day] = true
		}
		for _, place := range slices.Compact([]string{s.Place, countryIn(s.Place)}) {
			e := places[place]
			if e == nil {
				e = &evidence{days: map[int]bool{}, kinds: map[Kind]bool{}}
				places[place] = e
			}
			if s.Kind == SignIn {
				e.days[day] = true
			} else {
				e.kinds[s.Kind] = true
			}
		}
	}

	grades := map[string]int{} // 1 for the weakest step
	for place, e := range places {
		grades[place] = w.grade(e, placed)
	}
	out := Assessment{Ordinarily: []string{}, Contradicted: []string{}, Why: []string{}}
	for _, place := range slices.Sorted(maps.Keys(places)) {
		points, words := w.points(place, places[place], grades)
		verdict := "too little to say anything"
		switch {
		case points >= w.Ordinarily && grades[place] >= len(w.Pattern)-1:
			out.Ordinarily = append(out.Ordinarily, place)
			verdict = "they live there"
		case place == residence || place == countryIn(residence):
			verdict = "it is what they say"
		case points >= w.Contradicted:
			out.Contradicted = append(out.Contradicted, place)
			verdict = "a person must look"
		}
		e := places[place]
		if n := len(e.days); n > 0 {
			words = append([]string{fmt.Sprintf("sign-ins on %d of %d days with a known place (weeks: %d)", n, len(placed), weeks(e.days))}, words...)
		}
		out.Why = append(out.Why, fmt.Sprintf("%s: %s (points: %d): %s", place, strings.Join(words, ", "), points, verdict))
	}
	if nowhere > 0 {
		out.Why = append(out.Why, fmt.Sprintf("of no known place, which weighs nothing: %d", nowhere))
	}
	if old > 0 {
		out.Why = append(out.Why, fmt.Sprintf("sign-ins more than %d days ago, which weigh nothing: %d", w.WindowDays, old))
	}
	return out
}

// grade is how strong the pattern of sign-ins is: 0 for none.
func (w *scale) grade(e *evidence, placed map[int]bool) int {
	g := 0
	for i, s := range w.Pattern {
		if reaches(s, len(e.days), weeks(e.days)) && len(e.days)*100 > s.Percent*len(placed) {
			g = i + 1
		}
	}
	if g == len(w.Pattern) && w.ended(e, placed) {
		g--
	}
	return g
}

func reaches(s step, days, weeks int) bool { return days >= s.Days && weeks >= s.Weeks }

// ended holds where as much as makes a persistent pattern has been elsewhere since.
func (w *scale) ended(e *evidence, placed map[int]bool) bool {
	last := slices.Max(slices.Collect(maps.Keys(e.days)))
	since := map[int]bool{}
	for day := range placed {
		if day > last {
			since[day] = true
		}
	}
	return reaches(w.Pattern[len(w.Pattern)-1], len(since), weeks(since))
}

func weeks(days map[int]bool) int {
	set := map[int]bool{}
	for d := range days {
		set[weekOf(d)] = true
	}
	return len(set)
}

// points adds up the evidence for a place, and tells it apart from its sign-ins.
func (w *scale) points(place string, e *evidence, grades map[string]int) (int, []string) {
	var words []string
	points, kept := 0, 0
	if g := grades[place]; g > 0 {
		points += w.Pattern[g-1].Points
		words = append(words, w.Pattern[g-1].Grade)
	}
	for _, k := range slices.Sorted(maps.Keys(e.kinds)) {
		rule := w.Kinds[k.String()]
		words = append(words, strings.ReplaceAll(k.String(), "_", " "))
		if rule.Kept {
			kept += rule.Points
		} else {
			points += rule.Points
		}
	}
	if kept > w.KeptAtMost && persistentElsewhere(place, grades, len(w.Pattern)) {
		kept = w.KeptAtMost
		words = append(words, "which people keep when they move")
	}
	return points + kept, words
}

// persistentElsewhere holds where sign-ins have a persistent pattern in a place that neither
// lies in this one nor this one in it.
func persistentElsewhere(place string, grades map[string]int, persistent int) bool {
	for other, g := range grades {
		if g == persistent && other != place && other != countryIn(place) && countryIn(other) != place {
			return true
		}
	}
	return false
}
