package population

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/ofac"
	"sallyport/watchlist/starter"
)

var storyAt = time.Date(2022, time.February, 24, 12, 0, 0, 0, time.UTC)

// A pair is two editions of a story.
type pair struct{ before, after []entity.Entity }

func starterPair(t testing.TB) pair {
	t.Helper()
	edition := func(month time.Month, day int) []entity.Entity {
		e, err := starter.Edition(time.Date(2022, month, day, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		return e.Entities
	}
	return pair{edition(time.February, 23), edition(time.March, 30)}
}

// realPair is the editions of 2022-02-24 and 2022-02-25, or skips the test.
func realPair(t testing.TB) pair {
	t.Helper()
	path := filepath.Join(realDir, "sdn_2022-02-24.csv.xz")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("REAL DATA ABSENT, TEST SKIPPED: %s: %v", path, err)
	}
	p, err := readReal()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const realDir = "../../../shared/data/ofac-sdn-timeline"

// readReal reads the two editions once for all tests; none changes them.
var readReal = sync.OnceValues(func() (pair, error) {
	var lists [2][]entity.Entity
	for i, name := range [...]string{"sdn_2022-02-24.csv.xz", "sdn_2022-02-25.csv.xz"} {
		f, err := watchlist.ReadFile(filepath.Join(realDir, name))
		if err != nil {
			return pair{}, err
		}
		f.Name = "sdn.csv"
		e, err := ofac.ParseCSV([]watchlist.File{f}, storyAt)
		if err != nil {
			return pair{}, err
		}
		lists[i] = e.Entities
	}
	return pair{lists[0], lists[1]}, nil
})

// onBoth runs a test on the starter editions with five seeds, and on the real ones.
func onBoth(t *testing.T, test func(t *testing.T, o Options, people []Person)) {
	run := func(t *testing.T, p pair, seed uint64) {
		o := Options{Seed: seed, N: 2000, Operators: []string{"us", "eu"}, Before: p.before, After: p.after, At: storyAt}
		people, err := People(o)
		if err != nil {
			t.Fatal(err)
		}
		test(t, o, people)
	}
	for seed := range uint64(5) {
		t.Run(fmt.Sprintf("starter seed %d", seed), func(t *testing.T) { run(t, starterPair(t), seed) })
	}
	t.Run("real", func(t *testing.T) { run(t, realPair(t), 1) })
}

func TestSameSeedSamePeople(t *testing.T) {
	p := starterPair(t)
	o := Options{Seed: 7, N: 500, Operators: []string{"us", "eu"}, Before: p.before, After: p.after, At: storyAt}
	first, err := People(o)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := People(o)
	if !reflect.DeepEqual(first, again) {
		t.Error("the same options made other people")
	}
	// The order in which an edition happens to be held means nothing.
	turned := o
	turned.Before, turned.After = slices.Clone(o.Before), slices.Clone(o.After)
	slices.Reverse(turned.Before)
	slices.Reverse(turned.After)
	again, _ = People(turned)
	if !reflect.DeepEqual(first, again) {
		t.Error("the same editions in another order made other people")
	}
	o.Seed = 8
	other, _ := People(o)
	same := 0
	for i := range first {
		if first[i].Profile.PrimaryName() == other[i].Profile.PrimaryName() {
			same++
		}
	}
	if same > len(first)/20 {
		t.Errorf("another seed made the same name at %d of %d places", same, len(first))
	}
}

func count(people []Person) map[Truth]int {
	n := map[Truth]int{}
	for _, p := range people {
		n[p.Truth]++
	}
	return n
}

func TestShares(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options, people []Person) {
		if len(people) != o.N {
			t.Fatalf("%d people, want %d", len(people), o.N)
		}
		got := count(people)
		for _, want := range []struct {
			truth    Truth
			from, to int
		}{
			{Listed, 45, 60}, {OwnedByListed, 4, 8}, {Namesake, 40, 40}, {Embargoed, 30, 30},
			{ExemptRussian, 150, 170}, {RussianNational, 630, 660}, {Ordinary, 1030, 1090}, {UnknownTruth, 0, 0},
		} {
			if n := got[want.truth]; n < want.from || n > want.to {
				t.Errorf("%d are %s, want %d to %d", n, want.truth, want.from, want.to)
			}
		}
		// Most of the listed are listed only now, some were before; some have no exact date.
		newly, before, loose := 0, 0, 0
		perOperator := map[string]bool{}
		for _, p := range people {
			if p.Truth != Listed {
				continue
			}
			if findID(o.Before, p.ListedID) == nil {
				newly++
			} else {
				before++
			}
			if !hasExactBirth(findID(o.After, p.ListedID)) {
				loose++
			}
			key := p.Operator + " " + p.ListedID
			if perOperator[key] {
				t.Errorf("%s is twice a customer of %s", p.ListedID, p.Operator)
			}
			perOperator[key] = true
		}
		if newly <= before || before == 0 || loose == 0 || loose > (newly+before)/3 {
			t.Errorf("of the listed %d are new and %d not, %d have no exact birth date", newly, before, loose)
		}
		for i, p := range people {
			if want := fmt.Sprintf("c-%04d", i+1); p.Profile.ID != want {
				t.Fatalf("person %d has ID %s, want %s", i, p.Profile.ID, want)
			}
		}
	})
}

// However small the list and the population, there are exactly N people, and
// nobody is listed whom the list does not hold.
func TestSmallListsAndPopulations(t *testing.T) {
	p := starterPair(t)
	one := p.after[slices.IndexFunc(p.after, func(e entity.Entity) bool { return e.ID == "34376" })]
	two := p.after[slices.IndexFunc(p.after, func(e entity.Entity) bool { return e.ID == "34558" })]
	for _, c := range []struct {
		name string
		pair
		n, listed, owned int // the most that can be
	}{
		{"no list", pair{}, 2000, 0, 0},
		{"nobody new", pair{p.after, p.after}, 2000, 60, 8},
		{"everybody new", pair{nil, p.after}, 2000, 60, 8},
		{"everybody delisted", pair{p.after, nil}, 2000, 0, 0},
		{"one entry", pair{nil, []entity.Entity{one}}, 2000, 2, 8},
		{"two entries", pair{[]entity.Entity{one}, []entity.Entity{one, two}}, 2000, 4, 8},
		{"nobody", p, 0, 0, 0},
		{"one customer", p, 1, 0, 0},
		{"forty-nine", p, 49, 1, 0},
		{"fifty", p, 50, 2, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			people, err := People(Options{Seed: 3, N: c.n, Operators: []string{"us", "eu"}, Before: c.before, After: c.after, At: storyAt})
			if err != nil {
				t.Fatal(err)
			}
			got := count(people)
			if len(people) != c.n || got[Listed] > c.listed || got[OwnedByListed] > c.owned {
				t.Errorf("%d people, %d listed, %d owned by listed; want %d, at most %d and %d", len(people), got[Listed], got[OwnedByListed], c.n, c.listed, c.owned)
			}
			if c.listed > 0 && got[Listed] == 0 || c.owned > 0 && got[OwnedByListed] == 0 {
				t.Errorf("%d listed and %d owned by listed, though the list has some", got[Listed], got[OwnedByListed])
			}
		})
	}
}

func TestRefusesWhatCannotBe(t *testing.T) {
	ok := Options{N: 10, Operators: []string{"us"}, At: storyAt}
	if _, err := People(ok); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Options){
		"want 0 to":       func(o *Options) { o.N = -1 },
		"1000001 people":  func(o *Options) { o.N = MaxPeople + 1 },
		"no time":         func(o *Options) { o.At = time.Time{} },
		"want one":        func(o *Options) { o.Operators = nil },
		"each with":       func(o *Options) { o.Operators = []string{"us", ""} },
		"one is named":    func(o *Options) { o.Operators = []string{"us", "eu", "us"} },
		"name is on the ": func(o *Options) { o.After = everyRussian() },
	} {
		o := ok
		o.N = max(o.N, 100)
		change(&o)
		if _, err := People(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// everyRussian is a list of all Russian names there are in russian.go.
func everyRussian() []entity.Entity {
	var names []entity.Name
	for _, f := range russians().families {
		for _, g := range russians().male {
			names = append(names, entity.Name{Full: g.cyrillic + " " + f})
		}
		for _, g := range russians().female {
			names = append(names, entity.Name{Full: g.cyrillic + " " + feminine(f)})
		}
	}
	return []entity.Entity{{List: "us-sdn", ID: "1", Kind: entity.Organisation, Names: names}}
}

func findID(list []entity.Entity, id string) *entity.Entity {
	for i := range list {
		if list[i].ID == id {
			return &list[i]
		}
	}
	return nil
}

// skeletonLetters: what romanisations of one consonant disagree about. It is
// written apart from sound.go, and keeps consonants only.
var skeletonLetters = strings.NewReplacer(
	"щ", "x", "ш", "w", "ж", "z", "ч", "4", "ц", "k", "х", "h", "б", "b", "в", "v", "г", "g", "д", "d", "з", "z", "к", "k", "л", "l",
	"м", "m", "н", "n", "п", "p", "р", "r", "с", "s", "т", "t", "ф", "f",
	"а", "", "е", "", "ё", "", "и", "", "й", "", "о", "", "у", "", "ъ", "", "ы", "", "ь", "", "э", "", "ю", "", "я", "", "і", "", "ї", "", "є", "",
	"shch", "x", "sch", "x", "sh", "w", "zh", "z", "kh", "h", "ch", "4", "ts", "k", "tc", "k", "th", "t", "ph", "f", "x", "ks", "c", "k", "q", "k",
	"w", "v", "a", "", "e", "", "i", "", "o", "", "u", "", "y", "", "j", "", "'", "")

func skeleton(word string) string {
	lower := strings.ToLower(word)
	if !isCyrillic(word) {
		lower = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFD.String(lower))
	}
	return string(slices.Compact([]byte(skeletonLetters.Replace(lower))))
}

func skeletons(name string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == ',' || r == '-' }) {
		if s := skeleton(w); s != "" && s != "l" { // al, el
			out = append(out, s)
		}
	}
	return out
}

// sameName: given names that Belarusian and Ukrainian spell with other consonants
// than the Russian papers of the same person, and a final h that some leave out.
var sameName = [][2]string{
	{"uladzimir", "vladimir"}, {"siarhei", "sergei"}, {"mikalai", "nikolai"}, {"viachaslau", "vyacheslav"}, {"yauheni", "yevgeny"},
	{"dzmitry", "dmitry"}, {"serhiy", "sergey"}, {"mykola", "nikolay"}, {"abdullah", "abdulla"}, {"abdallah", "abdulla"},
}

// recognisable reports whether written is name by another spelling: all its words
// are in the name, and all but a patronymic of the name are in it.
func recognisable(written string, name entity.Name) bool {
	have := skeletons(written)
	words := strings.Fields(strings.ToLower(name.Full))
	for i, w := range words {
		for _, s := range sameName {
			if w == s[0] && !slices.Contains(have, skeleton(w)) {
				words[i] = s[1]
			}
		}
	}
	want := skeletons(strings.Join(words, " "))
	patronymic := skeletons(name.Patronymic)
	for _, w := range have {
		if !slices.Contains(want, w) {
			return false
		}
	}
	for _, w := range want {
		if !slices.Contains(have, w) && !slices.Contains(patronymic, w) {
			return false
		}
	}
	return len(have) > 0
}

// A Serb called Aleksandar is not made a Russian called Aleksandr.
func TestSerbsStaySerbs(t *testing.T) {
	serb := entity.Entity{ID: "1", Kind: entity.Person, Nationalities: []string{"RS"}, Names: []entity.Name{{Full: "Aleksandar SIMONOV", Given: "Aleksandar", Family: "SIMONOV"}}}
	if n, ok := russianOf(&serb); ok {
		t.Errorf("became %+v", n)
	}
	serb.Nationalities[0] = "RU"
	if n, ok := russianOf(&serb); !ok || n.family != "Симонов" {
		t.Errorf("of a Russian: %+v, %v", n, ok)
	}
}

func TestRecognisable(t *testing.T) {
	name := entity.Name{Full: "Yuriy Alekseyevich SOLOVIEV", Patronymic: "Alekseyevich"}
	for written, want := range map[string]bool{
		"Соловьёв Юрий": true, "Iurii Solovev": true, "JURIJ ALEKSEEVICH SOLOVEV": true,
		"Юрий Сидоров": false, "Iurii": false, "Yuriy Petrovich Soloviev": false, "Solovieva Yuriy Ivan": false, "": false,
	} {
		if got := recognisable(written, name); got != want {
			t.Errorf("%q for %q: %v, want %v", written, name.Full, got, want)
		}
	}
}

// identity checks that a profile is that of a listed entity, told otherwise.
func identity(t *testing.T, p entity.Entity, listed *entity.Entity) {
	t.Helper()
	written := p.PrimaryName()
	if !slices.ContainsFunc(listed.Names, func(n entity.Name) bool { return recognisable(written, n) }) {
		t.Errorf("%q is no spelling of any name of %s %q", written, listed.ID, listed.PrimaryName())
	}
	for _, n := range listed.Names {
		if strings.EqualFold(n.Full, written) {
			t.Errorf("%q is written as on the list", written)
		}
	}
	if !slices.ContainsFunc(listed.Birth, func(d entity.Dates) bool { return d.Overlaps(p.Birth[0]) }) {
		t.Errorf("%q is born %s, %s on the list", written, p.Birth[0], listed.Birth)
	}
	if hasExactBirth(listed) && !slices.Contains(listed.Birth, p.Birth[0]) {
		t.Errorf("%q is born %s, none of the exact dates %s", written, p.Birth[0], listed.Birth)
	}
	if len(listed.Nationalities) > 0 && !slices.Equal(listed.Nationalities, p.Nationalities) {
		t.Errorf("%q is a national of %s, %s on the list", written, p.Nationalities, listed.Nationalities)
	}
	if listed.Gender != entity.UnknownGender && p.Gender != listed.Gender {
		t.Errorf("%q is %s, %s on the list", written, p.Gender, listed.Gender)
	}
}

func TestListedAreSpelledOtherwise(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options, people []Person) {
		cyrillic, withNumber, n := 0, 0, 0
		accounts := map[string][]string{}
		for _, p := range people {
			if p.Truth != Listed {
				continue
			}
			n++
			e := findID(o.After, p.ListedID)
			if e == nil {
				t.Fatalf("%s is not on the second edition", p.ListedID)
			}
			identity(t, p.Profile.Entity, e)
			name := strings.ToLower(p.Profile.PrimaryName())
			if slices.Contains(accounts[p.ListedID], name) {
				t.Errorf("%s has two accounts under %q", p.ListedID, name)
			}
			accounts[p.ListedID] = append(accounts[p.ListedID], name)
			if isCyrillic(name) {
				cyrillic++
			}
			if slices.Contains(e.Identifiers, p.Profile.Identifiers[0]) {
				withNumber++
			}
			if !strings.Contains(p.Note, e.PrimaryName()) || !strings.Contains(p.Note, p.Profile.PrimaryName()) {
				t.Errorf("note %q does not tell both names", p.Note)
			}
		}
		if cyrillic < 5 || withNumber == 0 || withNumber > n/2 {
			t.Errorf("of %d listed %d write Cyrillic and %d show a listed number", n, cyrillic, withNumber)
		}
	})
}

// Nobody but the listed and their namesakes bears a listed person's name, by the
// test's own reading, and no namesake could be the person.
func TestNobodyElseIsListed(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options, people []Person) {
		type bearer struct {
			e     *entity.Entity
			words []string
		}
		byWord := map[string][]bearer{}
		for _, list := range [][]entity.Entity{o.Before, o.After} {
			for i := range list {
				for _, n := range list[i].Names {
					// Consonants alone would make too many names the same here.
					words := strings.Fields(strings.ToLower(n.Full))
					for _, w := range words {
						byWord[w] = append(byWord[w], bearer{&list[i], words})
					}
				}
			}
		}
		check := func(truth Truth, p entity.Entity) {
			for _, n := range p.Names {
				words := strings.Fields(strings.ToLower(norm.NFC.String(n.Given + " " + n.Family)))
				if p.Kind != entity.Person {
					words = strings.Fields(strings.ToLower(n.Full))
				}
				for _, b := range byWord[words[0]] {
					if slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(b.words, w) }) {
						continue
					}
					if truth != Namesake {
						t.Errorf("%s %q bears the name of %s %q", truth, n.Full, b.e.ID, b.e.PrimaryName())
					}
					for _, d := range b.e.Birth {
						if d.Overlaps(p.Birth[0]) {
							t.Errorf("%s %q is born %s like %s", truth, n.Full, p.Birth[0], b.e.ID)
						}
					}
				}
			}
		}
		patronymics := 0
		for _, p := range people {
			if p.Truth == Listed || p.Truth == OwnedByListed {
				continue
			}
			if p.Truth != Ordinary || !strings.HasPrefix(p.Note, "owned") {
				for _, owner := range p.Profile.Owners {
					check(p.Truth, owner.Entity)
				}
			}
			check(p.Truth, p.Profile.Entity)
			if p.Truth != Namesake {
				continue
			}
			e := findID(append(slices.Clone(o.Before), o.After...), p.ListedID)
			own := p.Profile.Names[0].Patronymic
			for _, n := range e.Names {
				if own != "" && skeleton(n.Patronymic) == skeleton(own) {
					t.Errorf("namesake %q has the patronymic of %q", p.Profile.PrimaryName(), n.Full)
				}
			}
			if own != "" {
				patronymics++
			}
			if d := e.Birth[0]; p.Profile.Birth[0].From.Year >= d.From.Year-2 && p.Profile.Birth[0].From.Year <= d.To.Year+2 {
				t.Errorf("namesake %q is born %s, %s on the list", p.Profile.PrimaryName(), p.Profile.Birth[0], d)
			}
			shares := false
			for _, n := range e.Names {
				if g := skeletons(p.Profile.Names[0].Given + " " + p.Profile.Names[0].Family); len(g) > 0 {
					all := skeletons(n.Full)
					shares = shares || !slices.ContainsFunc(g, func(w string) bool { return !slices.Contains(all, w) })
				}
			}
			if !shares {
				t.Errorf("namesake %q does not share the name of %q", p.Profile.PrimaryName(), e.PrimaryName())
			}
		}
		if patronymics < 10 {
			t.Errorf("only %d namesakes have a patronymic", patronymics)
		}
	})
}

func TestProfilesAreComplete(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options, people []Person) {
		numbers := map[string]string{}
		document := func(who, listed string, ids []entity.Identifier) {
			for _, id := range ids {
				if old, taken := numbers[id.Number]; taken && old != listed {
					t.Errorf("%s: the number %s is another's (%q)", who, id.Number, old)
				}
				numbers[id.Number] = listed
				if id.Number == "" || id.Type == "" {
					t.Errorf("%s: %+v", who, id)
				}
			}
		}
		for _, p := range people {
			q := p.Profile
			who := q.ID + " " + q.PrimaryName()
			if !slices.Contains(o.Operators, p.Operator) {
				t.Errorf("%s: operator %q", who, p.Operator)
			}
			if q.PrimaryName() == "" || q.Residence.Street == "" || q.Residence.Town == "" || q.Residence.Country == "" || len(q.Identifiers) == 0 || q.Email == "" || q.List != "" {
				t.Errorf("%s: not complete: %+v", who, q)
			}
			for _, code := range append(slices.Clone(q.Nationalities), q.Residence.Country) {
				if c, ok := entity.CountryCode(code); !ok || c != code {
					t.Errorf("%s: country %q", who, code)
				}
			}
			if p.Truth == Listed {
				document(who, p.ListedID, q.Identifiers)
			} else if q.Kind == entity.Person {
				document(who, q.ID, q.Identifiers)
			}
			switch q.Kind {
			case entity.Person:
				age := storyAt.AddDate(-18, 0, 0)
				if len(q.Birth) != 1 || !q.Birth[0].IsExact() || q.Birth[0].From.Time().After(age) || len(q.Nationalities) == 0 {
					t.Errorf("%s: born %v, national of %v", who, q.Birth, q.Nationalities)
				}
				if p.Truth != Listed && (q.Gender == entity.UnknownGender || len(q.BirthPlaces) == 0) {
					t.Errorf("%s: gender %s, born in %v", who, q.Gender, q.BirthPlaces)
				}
			case entity.Organisation:
				total := 0
				for _, w := range q.Owners {
					total += w.ShareBP
					if w.PrimaryName() == "" || w.ShareBP <= 0 || len(w.Birth) != 1 || len(w.Nationalities) == 0 || !strings.HasPrefix(w.ID, q.ID+"-") || len(w.Identifiers) == 0 {
						t.Errorf("%s: owner %+v", who, w)
					}
				}
				if err := q.CheckRelated(); err != nil || q.StateBody != entity.None || q.FinancialInstitution != entity.None {
					t.Errorf("%s: %v; state body %q, financial institution %q", who, err, q.StateBody, q.FinancialInstitution)
				}
				if total != 10000 || len(q.Nationalities) > 0 || len(q.Birth) > 0 {
					t.Errorf("%s: owners hold %d of 10000; %v %v", who, total, q.Nationalities, q.Birth)
				}
			default:
				t.Errorf("%s: kind %s", who, q.Kind)
			}
		}
	})
}

// No made-up document has a listed number, however either is written, and none is given out twice.
func TestNumbersAreGivenOutOnce(t *testing.T) {
	r := newRoll([]entity.Entity{{ID: "1", Identifiers: []entity.Identifier{{Type: "passport", Number: "75 527-6391"}}}})
	for _, c := range []struct {
		number string
		free   bool
	}{{"755276391", false}, {"75 5276391", false}, {"755276392", true}, {"755276392", false}, {"MP-1", true}, {"mp1", false}} {
		if got := r.take(c.number); got != c.free {
			t.Errorf("%s: free %v, want %v", c.number, got, c.free)
		}
	}
}

// An independent reading of what the truth of a profile must be.
func TestTruthIsInTheProfile(t *testing.T) {
	exempt := strings.Fields("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO CH")
	// 833/2014 Article 5b(3): the EU's 27, the rest of the EEA, Switzerland.
	if len(exempt) != 27+3+1 {
		t.Fatal(len(exempt))
	}
	closed := strings.Fields("Simferopol Симферополь Yalta Ялта Kerch Керчь Yevpatoria Евпатория Feodosia Феодосия Sevastopol Севастополь " +
		"Donetsk Донецк Makiivka Макеевка Horlivka Горловка Luhansk Луганск Alchevsk Алчевск")
	onBoth(t, func(t *testing.T, o Options, people []Person) {
		crimeaAsRussia, expired, nearMisses, together := 0, 0, 0, 0
		for _, p := range people {
			q := p.Profile
			if p.Truth == Listed || p.Truth == Namesake {
				continue
			}
			isExempt := slices.ContainsFunc(q.Nationalities, func(n string) bool { return slices.Contains(exempt, n) })
			for _, permit := range q.Permits {
				if slices.Contains(exempt, permit.Country) && (permit.Until.IsZero() || permit.Until.Compare(entity.DayOf(storyAt)) >= 0) {
					isExempt = true
				} else {
					expired++
				}
			}
			listedBP, listedOwners := 0, 0
			for _, w := range q.Owners {
				for i := range o.After {
					e := &o.After[i]
					if e.Kind == entity.Person && slices.Contains(e.Birth, w.Birth[0]) && slices.ContainsFunc(e.Names, func(n entity.Name) bool { return recognisable(w.PrimaryName(), n) }) {
						listedBP += w.ShareBP
						listedOwners++
						identity(t, w.Entity, e)
						break
					}
				}
			}
			want := Ordinary
			switch inRussia := q.Residence.Country == "RU"; {
			case listedBP >= 5000:
				want = OwnedByListed
			case slices.Contains(closed, q.Residence.Town), slices.Contains([]string{"IR", "CU", "KP"}, q.Residence.Country), slices.Contains(q.Nationalities, "CU"):
				want = Embargoed
			case slices.Contains(q.Nationalities, "RU") && isExempt:
				want = ExemptRussian
			case slices.Contains(q.Nationalities, "RU"), inRussia:
				want = RussianNational
			}
			if p.Truth != want {
				t.Errorf("%s %q is said to be %s, and is %s: %+v", q.ID, q.PrimaryName(), p.Truth, want, q)
			}
			if listedBP > 0 && listedBP < 5000 {
				nearMisses++
			}
			if listedBP >= 5000 && listedOwners > 1 {
				together++
			}
			if want == Embargoed && q.Residence.Country == "RU" {
				crimeaAsRussia++
				if code := q.Residence.Postcode; code < "295000" || code > "299999" {
					t.Errorf("%s has postcode %q", q.Residence.Town, code)
				}
			}
			if want != Ordinary && want != RussianNational && p.Note == "" {
				t.Errorf("%s %q is %s and has no note", q.ID, q.PrimaryName(), want)
			}
		}
		if crimeaAsRussia < 3 || expired < 5 || nearMisses == 0 || together == 0 {
			t.Errorf("%d in Crimea who write Russia, %d expired permits, %d firms owned just under half, %d owned by several together",
				crimeaAsRussia, expired, nearMisses, together)
		}
	})
}

// The so-called republics were closed on 2022-02-21 and Crimea on 2014-12-19.
func TestEmbargoesBegin(t *testing.T) {
	for _, c := range []struct {
		at             string
		crimea, donbas bool
	}{{"2014-12-18", false, false}, {"2014-12-19", true, false}, {"2022-02-20", true, false}, {"2022-02-21", true, true}} {
		day, err := entity.ParseDay(c.at)
		if err != nil {
			t.Fatal(err)
		}
		people, err := People(Options{N: 1000, Operators: []string{"us"}, At: day.Time()})
		if err != nil {
			t.Fatal(err)
		}
		crimea, donbas := false, false
		for _, p := range people {
			crimea = crimea || strings.Contains(p.Note, "Yalta") || strings.Contains(p.Note, "Simferopol") || strings.Contains(p.Note, "Sevastopol") || strings.Contains(p.Note, "Kerch")
			donbas = donbas || strings.Contains(p.Note, "Donetsk") || strings.Contains(p.Note, "Luhansk") || strings.Contains(p.Note, "Horlivka") || strings.Contains(p.Note, "Makiivka")
		}
		if crimea != c.crimea || donbas != c.donbas {
			t.Errorf("%s: Crimea %v, so-called republics %v; want %v, %v", c.at, crimea, donbas, c.crimea, c.donbas)
		}
	}
}

func BenchmarkPeople(b *testing.B) {
	p := starterPair(b)
	for b.Loop() {
		if _, err := People(Options{N: 2000, Operators: []string{"us", "eu"}, Before: p.before, After: p.after, At: storyAt}); err != nil {
			b.Fatal(err)
		}
	}
}
