package match

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sallyport/entity"
	"sallyport/names"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"petrov", "petrov", 0}, {"petrov", "pertov", 1}, {"petrov", "petro", 1}, {"petrov", "petrova", 1},
		{"petrov", "betrov", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3}, // optimal string alignment, not Damerau's 2
	} {
		if got := distance(c.a, c.b, 9); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.b, c.a, 0); (got == 0) != (c.want == 0) {
			t.Errorf("distance(%q, %q) bounded by 0 = %d", c.b, c.a, got)
		}
	}
}

// An oracle that tries every way of pairing.
func TestAssignIsBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(0, 5).Draw(t, "rows"), rapid.IntRange(0, 5).Draw(t, "cols")
		gain := make([]float64, rows*cols)
		for i := range gain {
			gain[i] = float64(rapid.IntRange(0, 4).Draw(t, "gain")) / 4
		}
		var best func(row int, used uint) float64
		best = func(row int, used uint) float64 {
			if row == rows {
				return 0
			}
			most := best(row+1, used)
			for j := range cols {
				if used>>j&1 == 0 {
					most = max(most, gain[row*cols+j]+best(row+1, used|1<<j))
				}
			}
			return most
		}
		got, seen := 0.0, []int8{}
		columns := assign(gain, rows, cols)
		for i, j := range columns[:rows] {
			if j < 0 {
				continue
			}
			if slices.Contains(seen, j) {
				t.Fatalf("column %d is taken twice", j)
			}
			seen = append(seen, j)
			got += gain[i*cols+int(j)]
		}
		if want := best(0, 0); math.Abs(got-want) > 1e-9 {
			t.Fatalf("%d × %d %v: got %v, best is %v", rows, cols, gain, got, want)
		}
	})
}

// Two keys that are alike have a key with letters left out in common; without
// this candidate search would lose names.
func TestAlikeKeysShareALeftOut(t *testing.T) {
	hashes := func(k string) map[uint64]bool {
		out := make(map[uint64]bool)
		for _, c := range leftOut(k, nil) {
			out[c] = true
		}
		return out
	}
	alike := 0
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.StringMatching(`[a-e]{3,11}`).Draw(t, "key")
		l := []byte(k)
		for range rapid.IntRange(0, 3).Draw(t, "slips") {
			at := rapid.IntRange(0, len(l)-1).Draw(t, "at")
			switch rapid.IntRange(0, 3).Draw(t, "slip") {
			case 0:
				l[at] = 'z'
			case 1:
				l = slices.Delete(l, at, at+1)
			case 2:
				l = slices.Insert(l, at, 'y')
			case 3:
				if at > 0 {
					l[at], l[at-1] = l[at-1], l[at]
				}
			}
			if len(l) == 0 {
				return
			}
		}
		if !withinSlips(k, string(l)) {
			return
		}
		alike++
		a := hashes(k)
		for h := range hashes(string(l)) {
			if a[h] {
				return
			}
		}
		t.Fatalf("%s and %s are alike and have nothing in common", k, l)
	})
	if alike == 0 {
		t.Fatal("no two keys were alike: the test proved nothing")
	}
}

// A soundScorer compares letters as the weights do and gives every pair across scripts one evidence.
type soundScorer struct {
	w     *Weights
	heard float64
}

func (s soundScorer) agreement(a, b *part) float64         { return s.w.agreement(a, b) }
func (s soundScorer) sounds(_, _ *part, _ float64) float64 { return s.heard }

// Beside a part that agrees strongly, sounds that are too weak to agree cost what they lack and no
// more; where they speak against one name they contradict.
func TestWeakSoundsCostWhatTheyLack(t *testing.T) {
	w := DefaultWeights()
	q := w.party(&entity.Entity{Kind: entity.Person, Names: []entity.Name{{Full: "Феоктист Кузнецов"}}})
	l := w.party(&entity.Entity{Kind: entity.Person, Names: []entity.Name{{Full: "Feoktist Morozov"}}})
	nats := func(sounds float64) float64 {
		var p pairing
		w.pair(&p, &q.persons[0], &l.persons[0], soundScorer{&w, sounds}, anything)
		return p.nats
	}
	whole := w.Prior + w.told(w.agreement(&q.persons[0].parts[0], &l.persons[0].parts[0]))
	for _, c := range []struct{ sounds, cost float64 }{{1.4, 0}, {1, 0}, {0.6, 0.4}, {0.2, 0.8}, {-3, 3}, {-20, 5}} {
		if got := whole - nats(c.sounds); math.Abs(got-c.cost) > 1e-9 {
			t.Errorf("evidence of sounds of %v nats costs %v, want %v", c.sounds, got, c.cost)
		}
	}
}

// What a slip takes off is taken off what the common one of two names tells, and off the mean of two common ones
// with the price of that besides; of two rare ones a slip is never worth more than another spelling.
func TestWeighSlips(t *testing.T) {
	w := DefaultWeights()
	rare, short, common, very := worth{7, names.Rare}, worth{5.5, names.Rare}, worth{5, names.Common}, worth{3.5, names.VeryCommon}
	off := w.Spelling.Slip
	for _, c := range []struct {
		a, b worth
		slip float64
		want float64
	}{
		{rare, rare, 1, 7 - off}, {rare, short, 1, 5.5 - w.Spelling.SameSound}, {rare, short, 2, 7 - 2*off}, {rare, rare, 0.1, 7 - w.Spelling.SameSound},
		{rare, common, 1, 5 - off}, {rare, very, 1, 3.5 - off}, {short, common, 2, 5 - 2*off},
		{common, very, 1, 4.25 - off - w.Spelling.BothCommon}, {very, very, 1, 3.5 - off - w.Spelling.BothCommon},
		{very, very, 2, 0}, {rare, very, 2.6, 0}, {rare, rare, math.Inf(1), 0},
	} {
		for _, way := range [...][2]worth{{c.a, c.b}, {c.b, c.a}} {
			if got := w.weigh(way[0], way[1], relation{slip: c.slip}); math.Abs(got-c.want) > 1e-9 {
				t.Errorf("%v and %v with a slip of %v letters agree by %v nats, want %v", way[0], way[1], c.slip, got, c.want)
			}
		}
	}
}

// Names that have all parts in common count as whole, less what slips take off: all of it, though beside a word that tells
// less the agreement lacks only a part; no less than another spelling costs; and nothing where a key is shared.
func TestWholeNamesLoseWhatSlipsTakeOff(t *testing.T) {
	w := DefaultWeights()
	for _, c := range []struct {
		one, two string
		want     float64
	}{
		{"Markat", "Marka", 1.2 * w.Spelling.Slip}, {"Markat", "Markad", 0.6 * w.Spelling.Slip}, {"Markat", "Markat", 0},
		{"Maria", "Marija", 0}, {"حجازي", "Hijazi", w.Spelling.SameSound}, {"Markat", "Viktor", math.Inf(1)}, {"Viktor Markat", "Markat", math.Inf(1)}, {"Markat", "Viktor Markat", math.Inf(1)},
	} {
		one, two := man(c.one), man(c.two)
		var p pairing
		w.pair(&p, &w.party(&one).persons[0], &w.party(&two).persons[0], &w, anything)
		if got := w.lost(&p); !(math.Abs(got-c.want) < 1e-9 || got == c.want) {
			t.Errorf("%s | %s: slips take %v nats off, want %v", c.one, c.two, got, c.want)
		}
	}
}

// Letters that are far apart cost nothing where the two have more in common than letters: a short name, the beginning of a
// firm's name, another script.
func TestFarSlips(t *testing.T) {
	w := DefaultWeights()
	for _, c := range []struct {
		kind     entity.Kind
		one, two string
		far      bool
	}{
		{entity.Person, "Viktor Malinga", "Viktor Melingo", true},
		{entity.Person, "Viktor Malinga", "Viktor Malimga", false},
		{entity.Person, "Viktor Malinga", "Viktor Malinga", false},
		{entity.Person, "Viktor Nicholas", "Viktor Nikolay", false},
		{entity.Person, "Viktor Taliman", "Viktor Talimanov", true},
		{entity.Organisation, "Vektor Taliman", "Vektor Talimanov", false},
		{entity.Organisation, "Vektor Taliman", "Vektor Telimen", true},
		{entity.Person, "Виктор Буранов", "Viktor Berenov", false},
		{entity.Person, "Виктор Буранов", "Виктор Беренов", true},
	} {
		read := func(written string) *name {
			p := w.party(&entity.Entity{Kind: c.kind, Names: []entity.Name{{Full: written}}})
			return &append(p.persons, p.firms...)[0]
		}
		var p pairing
		w.pair(&p, read(c.one), read(c.two), &w, anything)
		if p.partner[0] < 0 || p.partner[1] < 0 {
			t.Errorf("%s | %s: a part has no partner", c.one, c.two)
		}
		if cost := w.farSlips(&p); cost > 0 != c.far || cost < 0 {
			t.Errorf("%s | %s: far letters cost %v nats", c.one, c.two, cost)
		}
	}
}

// A deniedScorer lets two words agree by nothing.
type deniedScorer struct {
	*Weights
	one, two string
}

func (s deniedScorer) agreement(a, b *part) float64 {
	if a.Text == s.one && b.Text == s.two || a.Text == s.two && b.Text == s.one {
		return 0
	}
	return s.Weights.agreement(a, b)
}

// Two parts that are alike never speak against one name more than the same two would as a contradiction, however far
// apart their letters are: vowels make a skeleton's words differ in half their letters.
func TestLikePartsCostNoMoreThanUnlikeOnes(t *testing.T) {
	w, m := DefaultWeights(), newMaker(2)
	dearer, tried := 0, 0
	check := func(kind entity.Kind, rest, one, two string) {
		read := func(written string) *name {
			p := w.party(&entity.Entity{Kind: kind, Names: []entity.Name{{Full: rest + " " + written}}})
			return &append(p.persons, p.firms...)[0]
		}
		x, y := read(one), read(two)
		a, b := &x.parts[len(x.parts)-1], &y.parts[len(y.parts)-1]
		if w.agreement(a, b) == 0 || a.Text == b.Text || len(x.parts) != len(y.parts) {
			return
		}
		tried++
		var as, apart pairing
		w.pair(&as, x, y, &w, anything)
		if w.pair(&apart, x, y, deniedScorer{&w, a.Text, b.Text}, anything); as.nats < apart.nats-1e-9 {
			t.Errorf("%s %s | %s %s: %.3f nats, and %.3f if the two were unlike", rest, one, rest, two, as.nats, apart.nats)
		}
		if w.farSlip(slip(a, b)) > w.otherwise(a, b, w.nearness(a, b, &w)) {
			dearer++
		}
	}
	for _, c := range []struct {
		kind           entity.Kind
		rest, one, two string
	}{
		{entity.Person, "Viktor Rahim Tulpanov", "Gencoglu", "Gnclu"}, {entity.Person, "Viktor Tulpanov", "Majeed", "Majvrd"},
		{entity.Person, "Viktor Carlos", "Buranov", "Boorena"}, {entity.Organisation, "Vektor Orion", "Corps", "Cwops"},
		{entity.Organisation, "Orlan Kristall", "Markateni", "Merekotano"}, {entity.Person, "Tulpanov Rahim", "abu Yahya", "abu Yohho"},
	} {
		check(c.kind, c.rest, c.one, c.two)
	}
	syllables := strings.Fields("ka ro mi ve tu ha sa lo ni de ga ri mo ze pa lu ba ne shi or an el is um ov ev in iy ez ad ir al")
	for range 40_000 {
		one := ""
		for range 2 + m.IntN(3) {
			one += m.pick(syllables)
		}
		two := []byte(one)
		for range 1 + m.IntN(3) {
			two[1+m.IntN(len(two)-1)] = "aeioukt"[m.IntN(7)]
		}
		kind := entity.Person
		if m.IntN(3) == 0 {
			kind = entity.Organisation
		}
		check(kind, m.pick([]string{"Vektor", "Vektor Xhoxha", "Vektor Xhoxha Brzezynch"}), one, string(two))
	}
	if dearer < 200 || tried < 5000 {
		t.Errorf("%d of %d pairs are farther apart than a contradiction costs: that proves little", dearer, tried)
	}
}

// Where least is asked for, what is at least that is the same to the last bit, and what is less is
// not said to be that much.
func TestPairFromLeast(t *testing.T) {
	w, m := DefaultWeights(), newMaker(3)
	parts := strings.Fields("Виктор Андреевич Морозов Марозова Феоктист محمد أحمد الحسيني حسين 小明 王 정은 김 דוד לוי Viktor Andreyevich Morozov Morosow Feoktist " +
		"Mohammed Ahmad Alhusseini Hussein Xiaoming Wang Jong Un Kim David Levi Haji V. A. Company Газпром Gazprom Neft Bank LLC Ivanova Иванов Petrenko Kuznetsov")
	read := func() *name {
		kind, of := entity.Person, make([]string, 1+m.IntN(4))
		if m.IntN(4) == 0 {
			kind = entity.Organisation
		}
		for i := range of {
			of[i] = m.pick(parts)
		}
		p := w.party(&entity.Entity{Kind: kind, Names: []entity.Name{{Full: strings.Join(of, " ")}}})
		for _, all := range [][]name{p.persons, p.firms} {
			if len(all) > 0 {
				return &all[0]
			}
		}
		return nil
	}
	reached, stopped := 0, 0
	for range 60_000 {
		x, y := read(), read()
		if x == nil || y == nil || x.parts[0].firm != y.parts[0].firm {
			continue
		}
		var whole, p pairing
		w.pair(&whole, x, y, &w, anything)
		least := logit(w.NameFloor)
		if m.IntN(2) == 0 {
			least = whole.nats + float64(m.IntN(5)-2)/2
		}
		switch w.pair(&p, x, y, &w, least); {
		case whole.nats >= least && (p.nats != whole.nats || p.partner != whole.partner):
			t.Fatalf("%v and %v: %v nats where %v are asked for, %v in all", x.source, y.source, p.nats, least, whole.nats)
		case whole.nats < least && p.nats >= least:
			t.Fatalf("%v and %v: %v nats, but %v in all", x.source, y.source, p.nats, whole.nats)
		case whole.nats >= least:
			reached++
		case p.nats < whole.nats:
			stopped++
		}
	}
	if reached < 1000 || stopped < 1000 {
		t.Errorf("%d reached what was asked and %d were left before: that proves little", reached, stopped)
	}
}

// A dealtScorer deals two parts in two scripts what they agree by and what their sounds are evidence of.
// Of sounds below least it says the lowest.
type dealtScorer struct {
	w    *Weights
	seed uint64
}

func (s dealtScorer) deal(a, b *part, of uint64) float64 {
	h := uint64(hashOf(a.Text)) + uint64(hashOf(b.Text)) // the same both ways round
	return float64(rand.New(rand.NewPCG(h, s.seed+of)).IntN(1000)) / 1000
}

func (s dealtScorer) agreement(a, b *part) float64 {
	if !a.heavy || !b.heavy || !inTwoScripts(a, b) {
		return s.w.agreement(a, b)
	}
	if x := s.deal(a, b, 1); x > .8 {
		return min(35*(x-.78), a.info, b.info)
	}
	return 0
}

func (s dealtScorer) sounds(a, b *part, least float64) float64 {
	if e := 10*s.deal(a, b, 2) - 4.6; e >= least {
		return e
	}
	return -4.6
}

// Names of which a part vouches for others are left before all sounds are asked for only where they
// surely come to less than least.
func TestHopeless(t *testing.T) {
	w, m := DefaultWeights(), newMaker(5)
	latin := strings.Fields("Viktor Andreyevich Morozov Feoktist Mohammed Ahmad Alhusseini Xiaoming Wang Jong Un Kim David Levi Haji bin al Ibn Saleh V. Petrenko Abu Omar")
	others := strings.Fields("Виктор Андреевич Морозов Феоктист محمد أحمد الحسيني حسين بن حاجي أبو عمر 小明 王 정은 김 דוד לוי В. bin al")
	read := func(from []string) *name {
		of := make([]string, 1+m.IntN(4))
		for i := range of {
			of[i] = m.pick(from)
		}
		if m.IntN(6) == 0 {
			of[0] = m.pick(latin)
		}
		return &w.party(&entity.Entity{Kind: entity.Person, Names: []entity.Name{{Full: strings.Join(of, " ")}}}).persons[0]
	}
	reached, stopped := 0, 0
	for i := range 250_000 {
		x, y := read(latin), read(others)
		by := dealtScorer{&w, uint64(i)}
		var whole, p pairing
		w.pair(&whole, x, y, by, anything)
		if !whole.vouched || math.IsInf(whole.nats, -1) {
			continue
		}
		for _, least := range [...]float64{logit(w.NameFloor), whole.nats - 1e-6, whole.nats + 1e-6, whole.nats + .3} {
			switch w.pair(&p, x, y, by, least); {
			case whole.nats >= least && (p.nats != whole.nats || p.partner != whole.partner):
				t.Fatalf("seed %d: %v and %v: %v nats where %v are asked for, %v in all", i, x.source.Full, y.source.Full, p.nats, least, whole.nats)
			case whole.nats < least && p.nats >= least:
				t.Fatalf("seed %d: %v and %v: %v nats where %v are asked for, but %v in all", i, x.source.Full, y.source.Full, p.nats, least, whole.nats)
			case whole.nats >= least:
				reached++
			case math.IsInf(p.nats, -1):
				stopped++
			}
		}
	}
	if reached < 10_000 || stopped < 10_000 {
		t.Errorf("%d reached what was asked and %d were left before: that proves little", reached, stopped)
	}
}
