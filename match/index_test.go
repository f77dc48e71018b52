package match

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/ofac"
)

// A maker of people and firms that resemble one another often.
type maker struct{ *rand.Rand }

func newMaker(seed uint64) maker { return maker{rand.New(rand.NewPCG(seed, 1))} }

func (m maker) pick(words []string) string { return words[m.IntN(len(words))] }

var (
	someGiven = strings.Fields(`Vladimir Sergey Aleksandr Dmitry Ivan Igor Oleg Yuri Mikhail Nikolay Viktor Andrey Maria Anna Yelena Natalya Olga
		Mohammed Ahmed Hassan Hussein Ali Omar Khalid Abdullah Abdulrahman Mustafa Yusuf Ibrahim Fatima Jose Carlos Maria Juan Luis Jorge
		Kim Yong Chol Wei Li John Robert James David Александр Сергій محمد علي 明`)
	someFamily = strings.Fields(`Ivanov Petrov Sidorov Smirnov Kuznetsov Volkov Morozov Zhukovsky Tsvetkov Shcherbakov Abramovich Ivanova Kuznetsova
		Hussein Hassan Rahman Khan Haqqani Assad Mahmoud Saleh Garcia Lopez Gonzalez Rodriguez Hernandez Quirarte Beltran Zambada
		Pak Ri Choe Zhang Wang Smith Jones Müller Морозов Шевченко حسين 王`)
	someFirm   = strings.Fields(`Vektor Romashka Rosneft Sberbank Atlas Orion Kvant Caribbean Havana Tehran Petro Energo Stroy Invest Plus 7 12 Северсталь`)
	someCommon = strings.Fields(`Trading Company Group Bank International Industries Holding`)
	someForm   = []string{"LLC", "OOO", "JSC", "Ltd", "GmbH", "S.A.", "d.o.o.", ""}
	someNation = []string{"RU", "UA", "IR", "IQ", "MX", "KP", "CN", "US"}
)

func (m maker) person() entity.Entity {
	e := entity.Entity{Kind: entity.Person}
	for range 1 + m.IntN(3) {
		e.Names = append(e.Names, entity.Name{Full: m.personName(), Weak: len(e.Names) > 0 && m.IntN(6) == 0})
	}
	if m.IntN(3) > 0 {
		d := entity.Exact(entity.Day{Year: 1950 + m.IntN(40), Month: time.Month(1 + m.IntN(12)), Day: 1 + m.IntN(28)})
		if m.IntN(4) == 0 {
			d = entity.Year(d.From.Year)
		}
		e.Birth = append(e.Birth, d)
	}
	if m.IntN(2) == 0 {
		e.Nationalities = []string{m.pick(someNation)}
	}
	if m.IntN(5) == 0 {
		e.Identifiers = []entity.Identifier{{Type: "passport", Number: fmt.Sprint(100000 + m.IntN(500))}}
	}
	return e
}

func (m maker) personName() string {
	parts := []string{m.pick(someGiven)}
	switch m.IntN(6) {
	case 0:
		parts = append(parts, m.pick([]string{"Ivanovich", "Petrovich", "Sergeevna", "Иванович"}))
	case 1:
		parts = append(parts, m.pick(someGiven))
	case 2:
		parts = append(parts, m.pick([]string{"al", "bin", "J.", "von", "abd al", "Dr."}), m.pick(someGiven))
	}
	if m.IntN(12) > 0 {
		parts = append(parts, m.pick(someFamily))
	}
	if m.IntN(4) == 0 {
		parts = append(parts, m.pick(someFamily))
	}
	return strings.Join(parts, m.pick([]string{" ", " ", " ", "-"}))
}

func (m maker) firm() entity.Entity {
	name := m.pick(someFirm)
	if m.IntN(2) == 0 {
		name += " " + m.pick(someFirm)
	}
	if m.IntN(2) == 0 {
		name += " " + m.pick(someCommon)
	}
	return entity.Entity{Kind: entity.Organisation, Names: []entity.Name{{Full: strings.TrimSpace(name + " " + m.pick(someForm))}}}
}

func (m maker) entities(n int) []entity.Entity {
	out := make([]entity.Entity, n)
	for i := range out {
		switch m.IntN(10) {
		case 0, 1, 2:
			out[i] = m.firm()
		case 3:
			out[i] = m.person()
			out[i].Kind = entity.UnknownKind
		default:
			out[i] = m.person()
		}
		out[i].List, out[i].ID = "made", fmt.Sprint(i+1)
	}
	return out
}

// slip changes a name as pens, keyboards and clerks do.
func (m maker) slip(s string) string {
	r := []rune(s)
	for range m.IntN(3) {
		if len(r) < 4 {
			break
		}
		at := 1 + m.IntN(len(r)-2)
		switch m.IntN(7) {
		case 6: // one part written as two
			r = slices.Insert(r, at, ' ')
		case 0:
			r = slices.Delete(r, at, at+1)
		case 1:
			r[at], r[at+1] = r[at+1], r[at]
		case 2:
			r[at] = rune('a' + m.IntN(26))
		case 3:
			r = slices.Insert(r, at, r[at])
		case 4: // a part left out, or two parts joined
			words := strings.Fields(string(r))
			if k := m.IntN(len(words)); len(words) > 1 && m.IntN(2) == 0 {
				words = slices.Delete(words, k, k+1)
				r = []rune(strings.Join(words, " "))
			} else {
				r = []rune(strings.Join(words, ""))
			}
		case 5: // another order
			words := strings.Fields(string(r))
			m.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
			r = []rune(strings.Join(words, " "))
		}
	}
	return string(r)
}

// query is like a listed entity more or less.
func (m maker) query(listed []entity.Entity) entity.Entity {
	if m.IntN(4) == 0 {
		return m.entities(1)[0]
	}
	l := listed[m.IntN(len(listed))]
	q := entity.Entity{Kind: l.Kind, Nationalities: l.Nationalities, Birth: l.Birth, Identifiers: l.Identifiers, Wallets: l.Wallets}
	q.Names = []entity.Name{{Full: m.slip(l.Names[m.IntN(len(l.Names))].Full)}}
	if m.IntN(3) == 0 {
		q.Birth = nil
	}
	if m.IntN(3) == 0 {
		q.Nationalities = nil
	}
	if m.IntN(3) > 0 {
		q.Identifiers, q.Wallets = nil, nil
	}
	return q
}

// everything is the oracle: it compares the query with each entity in turn.
func everything(q entity.Entity, listed []*party, w Weights, threshold float64) []Finding {
	var out []Finding
	p := w.party(&q)
	for _, l := range listed {
		if f := w.compare(p, l, w.likest(p, l, &w), threshold); f.Grade != None {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		switch {
		case a.Grade != b.Grade:
			return int(b.Grade) - int(a.Grade)
		case a.Nats > b.Nats:
			return -1
		case a.Nats < b.Nats:
			return 1
		}
		return 0
	})
	return out
}

func oracle(t *testing.T, m maker, listed []entity.Entity, queries int, others ...entity.Entity) {
	t.Helper()
	w := DefaultWeights()
	x := NewIndex(listed, w)
	parties := make([]*party, len(listed))
	for i := range listed {
		parties[i] = w.party(&listed[i])
	}
	hits := 0
	for i := range queries {
		q := m.query(listed)
		if i%2 == 1 && len(others) > 0 {
			q = others[i/2%len(others)]
		}
		for _, threshold := range []float64{w.Threshold, w.NameFloor} {
			got, want := x.Screen(q, Options{Threshold: threshold}), everything(q, parties, w, threshold)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("query %+v at %v:\nindex      %+v\neverything %+v", q, threshold, got, want)
			}
			hits += len(got)
		}
	}
	if hits < queries/2 && len(others) == 0 || hits == 0 {
		t.Fatalf("%d findings over %d queries: the test proves little", hits, queries)
	}
	t.Logf("%d queries, %d entities, %d findings", queries, len(listed), hits)
}

func TestIndexFindsWhatScoringEverythingFinds(t *testing.T) {
	for seed := range uint64(4) {
		m := newMaker(seed)
		oracle(t, m, m.entities(250), 150)
	}
}

func TestIndexFindsWhatScoringEverythingFindsOnARealList(t *testing.T) {
	queries := 30
	if testing.Short() {
		queries = 5
	}
	oracle(t, newMaker(7), realList(t), queries)
}

// The whole list of November 2025, asked for its own names more or less and for ordinary people
// of all scripts.
func TestIndexFindsWhatScoringEverythingFindsOnTheWholeList(t *testing.T) {
	queries := 6
	if *nightly {
		queries = 2000
	}
	people := ordinary(t, 50_000)
	m := newMaker(8)
	m.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
	oracle(t, m, fullList(t), queries, people...)
}

// realList is OFAC's list of 25 February 2022.
func realList(t testing.TB) []entity.Entity {
	t.Helper()
	return realEdition(t).Entities
}

func realEdition(t testing.TB) *watchlist.Edition {
	t.Helper()
	return realEditionOf(t, time.Date(2022, time.February, 25, 0, 0, 0, 0, time.UTC))
}

// realEditionOf is OFAC's list of a day that there is a copy of.
func realEditionOf(t testing.TB, day time.Time) *watchlist.Edition {
	t.Helper()
	path := filepath.Join("..", "..", "shared", "data", "ofac-sdn-timeline", "sdn_"+day.Format(time.DateOnly)+".csv.xz")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("REAL DATA ABSENT, TEST SKIPPED: %s: %v", path, err)
	}
	file, err := watchlist.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	format, files, err := ofac.Formats().Recognise([]watchlist.File{file})
	if err != nil {
		t.Fatal(err)
	}
	edition, err := format.Parse(files, day)
	if err != nil {
		t.Fatal(err)
	}
	return edition
}

// Every strong name of a real list finds its own entry at the top of the score,
// however it is written: as it stands, in capitals, with diacritics' marks apart.
func TestEveryListedNameFindsItself(t *testing.T) {
	listed := realList(t)
	x := NewIndex(listed, DefaultWeights())
	names, missed := 0, 0
	for i := range listed {
		for _, n := range listed[i].Names {
			if n.Weak {
				continue
			}
			names++
			q := entity.Entity{Kind: listed[i].Kind, Names: []entity.Name{{Full: strings.ToUpper(n.Full)}}}
			if !slices.ContainsFunc(x.Screen(q, Options{}), func(f Finding) bool { return f.EntityID == listed[i].ID }) {
				missed++
				t.Logf("missed: %s %q", listed[i].ID, n.Full)
			}
		}
	}
	if missed > 0 || names < 9000 {
		t.Errorf("%d of %d names do not find their own entry", missed, names)
	}
}

func TestNamePartIsSymmetric(t *testing.T) {
	w := DefaultWeights()
	rapid.Check(t, func(t *rapid.T) {
		m := newMaker(rapid.Uint64().Draw(t, "seed"))
		for range 20 {
			one := m.entities(1)[0]
			two := m.query([]entity.Entity{one})
			a := entity.Entity{Kind: one.Kind, Names: one.Names[:1]}
			b := entity.Entity{Kind: two.Kind, Names: two.Names[:1]}
			ab, ba := Compare(a, b, w), Compare(b, a, w)
			if ab.Score != ba.Score || ab.Grade != ba.Grade {
				t.Fatalf("%q against %q: %v %v; the other way %v %v", a.PrimaryName(), b.PrimaryName(), ab.Score, ab.Grade, ba.Score, ba.Grade)
			}
		}
	})
}

// The same with names of parts so alike that there are many ways to pair them.
func TestNamePartIsSymmetricWherePairingsTie(t *testing.T) {
	w := DefaultWeights()
	parts := strings.Fields("petrov petrova petrof pertov petrovich petrovna ivanov ivanova ivanovich abdul abdulrahman rahman al yong chol yongchol p i bin 7")
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) entity.Entity {
			return man(strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 1, 6).Draw(t, label), " "))
		}
		for range 40 { // ties are rare: most of 4,000 pairs have none
			a, b := draw("one"), draw("other")
			if ab, ba := Compare(a, b, w), Compare(b, a, w); ab.Score != ba.Score || ab.Grade != ba.Grade {
				t.Fatalf("%q against %q: %v %v; the other way %v %v", a.PrimaryName(), b.PrimaryName(), ab.Score, ab.Grade, ba.Score, ba.Grade)
			}
		}
	})
}

// The order of the list, the number of runs and of goroutines change nothing.
func TestFindingsAreDeterministic(t *testing.T) {
	m := newMaker(3)
	listed := m.entities(300)
	w := DefaultWeights()
	x := NewIndex(listed, w)
	shuffled := slices.Clone(listed)
	m.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	y := NewIndex(shuffled, w)
	queries := make([]entity.Entity, 100)
	for i := range queries {
		queries[i] = m.query(listed)
	}
	first := make([][]Finding, len(queries))
	found := 0
	for i, q := range queries {
		first[i] = x.Screen(q, Options{})
		found += len(first[i])
	}
	if found == 0 {
		t.Fatal("no findings: the test proves nothing")
	}
	done := make(chan error)
	for g := range 4 {
		go func() {
			for i, q := range queries {
				for _, index := range []*Index{x, y} {
					if got := index.Screen(q, Options{}); !reflect.DeepEqual(got, first[i]) {
						done <- fmt.Errorf("goroutine %d, query %d: %+v, before %+v", g, i, got, first[i])
						return
					}
				}
			}
			done <- nil
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if l := x.Screen(queries[0], Options{Limit: 1}); len(first[0]) > 0 && !reflect.DeepEqual(l, first[0][:1]) {
		t.Errorf("limited to one: %+v, want %+v", l, first[0][:1])
	}
}

// A name of ten thousand characters neither stops a screening nor identifies.
func TestLongNames(t *testing.T) {
	x := NewIndex(append([]entity.Entity{listedMan}, newMaker(1).entities(50)...), DefaultWeights())
	for _, long := range []string{
		"Viktor Morozov " + strings.Repeat("Viktor Morozov ", 700), "Viktor Andreyevich Morozov" + strings.Repeat("\u0301", 10_000), strings.Repeat("Morozov", 2_000),
	} {
		q := man(long, born("1962-03-14"), national("RU"))
		for _, f := range x.Screen(q, Options{Threshold: 0.01}) {
			if f.Grade == Same && len(long) > 20_000 && !strings.Contains(long, "\u0301") {
				t.Errorf("%.30q… is %s", long, f.EntityName)
			}
		}
	}
	if got := x.Screen(man(""), Options{}); len(got) != 0 {
		t.Errorf("an empty name finds %+v", got)
	}
	if got := NewIndex(nil, DefaultWeights()).Screen(man("Viktor Morozov"), Options{}); len(got) != 0 {
		t.Errorf("an empty index finds %+v", got)
	}
}

func BenchmarkScreen(b *testing.B) {
	run := func(b *testing.B, listed []entity.Entity) {
		x := NewIndex(listed, DefaultWeights())
		m := newMaker(5)
		queries := make([]entity.Entity, 512)
		for i := range queries {
			queries[i] = m.query(listed)
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			x.Screen(queries[i%len(queries)], Options{})
		}
	}
	b.Run("made-18000", func(b *testing.B) { run(b, wide(18_000)) })
	b.Run("ofac-2022-02-25", func(b *testing.B) { run(b, realList(b)) })
}

func BenchmarkNewIndex(b *testing.B) {
	listed := wide(18_000)
	b.ReportAllocs()
	for b.Loop() {
		NewIndex(listed, DefaultWeights())
	}
}

// wide makes entities with a vocabulary as wide as a real list's and as uneven:
// few parts are common, most are rare.
func wide(n int) []entity.Entity {
	m := newMaker(11)
	syllables := strings.Fields("ka ro mi ve tu ha sa lo ni de ga ri mo ze pa lu ba ne shi or an el is um ov ev in iy ez ad ir al")
	words := func(n int) []string {
		out := make([]string, n)
		for i := range out {
			for range 2 + m.IntN(3) {
				out[i] += m.pick(syllables)
			}
		}
		return out
	}
	given, families := words(2000), words(n)
	uneven := func(words []string) string {
		x := m.Float64()
		return words[int(float64(len(words))*x*x*x)]
	}
	out := m.entities(n)
	for i := range out {
		for j := range out[i].Names {
			full := uneven(given) + " " + uneven(families)
			if m.IntN(3) == 0 {
				full += " " + uneven(families)
			}
			out[i].Names[j].Full = full
		}
	}
	return out
}

// The part of a query that tells least is counted only where something else agrees, unless what
// is no heavy part helps: an initial stands for Putin here.
func TestIndexFindsByThePartThatTellsLeast(t *testing.T) {
	w := DefaultWeights()
	for _, c := range [][2]string{{"Vladimir P.", "Vladimir Putin"}, {"P. Vladimir", "Putin Vladimir"}} {
		listed := []entity.Entity{man(c[0])}
		x := NewIndex(listed, w)
		got, want := x.Screen(man(c[1]), Options{Threshold: w.NameFloor}), everything(man(c[1]), []*party{w.party(&listed[0])}, w, w.NameFloor)
		if len(want) != 1 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: index %+v, everything %+v", c[1], got, want)
		}
	}
}

// Names of China and Korea are one word of Han or Hangul and two or three of Latin letters, and
// titles are names: what the index finds of them, either way, is what scoring everything finds.
func TestIndexFindsSyllablesAndTitles(t *testing.T) {
	latin := strings.Split("Kim Jong Sun,Kim Jongsun,Pak Myong-chol,Ri Yong Ho,Li Xiao Long,Li Xiaolong,Wang Xiao Ming,Chen Guang Biao,Tsai Ying-wen,Choe Ryong Hae,Jang Song Thaek,Zhao Ziyang", ",")
	native := strings.Split("김정선,박명철,리용호,李小龙,王小明,陈光标,蔡英文,최룡해,장성택,赵紫阳,金正善", ",")
	entities := func(names []string) []entity.Entity {
		var out []entity.Entity
		for i, n := range names {
			out = append(out, entity.Entity{List: "made", ID: fmt.Sprint(i), Kind: entity.Person, Names: []entity.Name{{Full: n}}})
		}
		return out
	}
	w := DefaultWeights()
	for _, c := range []struct{ listed, asked []entity.Entity }{
		{entities(latin), entities(native)}, {entities(native), entities(latin)}, {entities(append(native, latin...)), entities(append(latin, native...))},
		// What is a title before a name and a name after it, beside a name that is too common to be
		// looked at by itself.
		{entities([]string{"Haji Mohammad", "Amir Mohammad"}), entities([]string{"Mohammad Haji", "Mohammad Amir"})},
		{entities([]string{"Mohammad Haji", "Mohammad Amir"}), entities([]string{"Haji Mohammad", "Amir Mohammad"})},
	} {
		x := NewIndex(c.listed, w)
		parties := make([]*party, len(c.listed))
		for i := range c.listed {
			parties[i] = w.party(&c.listed[i])
		}
		found := 0
		for _, q := range c.asked {
			for _, threshold := range []float64{w.Threshold, w.NameFloor} {
				got, want := x.Screen(q, Options{Threshold: threshold}), everything(q, parties, w, threshold)
				if !reflect.DeepEqual(got, want) {
					t.Fatalf("%s at %v:\nindex      %+v\neverything %+v", q.Names[0].Full, threshold, got, want)
				}
				if threshold == w.Threshold && len(got) > 0 {
					found++
				}
			}
		}
		if found < len(c.asked)*3/4 {
			t.Errorf("%d of %d names are found", found, len(c.asked))
		}
	}
}
