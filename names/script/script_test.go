package script

import (
	"bytes"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	for word, want := range map[string]Script{
		"putin": Latin, "řezníček": Latin, "путин": Cyrillic, "παπάς": Greek, "սարգսյան": Armenian, "ქართველი": Georgian,
		"محمد": Arabic, "כהן": Hebrew, "陈": Han, "やまだ": Kana, "トム": Kana, "김": Hangul, "สมชาย": Thai, "मोदी": Devanagari, "হাসিনা": Bengali, "ሰላም": Other, "": Other, "123": Other,
		"ー": Other, "7путин": Cyrillic, "ıвan": Latin,
	} {
		if got := Of(word); got != want {
			t.Errorf("Of(%q) is %v, want %v", word, got, want)
		}
	}
}

// Names in the news, none of them from the pairs' files: what is one name has
// evidence and a key in common, what is another has neither.
func TestNamesInTheNews(t *testing.T) {
	for _, line := range strings.Split(strings.TrimSpace(`
путин putin
медведев medvedev
шойгу shoigu
лукашенко lukashenko
зеленский zelenskyy
порошенко poroshenko
хаменеи khamenei
قذافي gaddafi
محمد muhammad
مظفر muzaffar
خامنئي khamenei
روحاني rouhani
نصرالله nasrallah
السيسي elsisi
נתניהו netanyahu
הרצוג herzog
習 xi
近平 jinping
陳 chan
毛 mao
이 lee
恩来 enlai
晋三 shinzo
篠田 shinoda
金 kim
正恩 jongun
家超 kachiu
鄭月娥 chengyuetngor
영호 yongho
習近平 xijinping
정은 jongun
문 moon
박 park
爱德华 edward
やまもと yamamoto
トランプ trump
μητσοτάκης mitsotakis
τσίπρας tsipras
սարգսյան sargsyan
სააკაშვილი saakashvili
`), "\n") {
		f := strings.Fields(line)
		e := Evidence(f[0], f[1])
		shared := slices.ContainsFunc(Keys(f[0]), func(k string) bool { return slices.Contains(Keys(f[1]), k) })
		if e < 3 || !shared {
			t.Errorf("%s %s: evidence %.1f, keys %v and %v", f[0], f[1], e, Keys(f[0]), Keys(f[1]))
		}
		if back := Evidence(f[1], f[0]); math.Abs(back-e) > 0 {
			t.Errorf("%s %s: %v one way, %v the other", f[0], f[1], e, back)
		}
		for _, other := range []string{"hernandez", "baumgartner", "okonkwo"} {
			if e := Evidence(f[0], other); e > 0 {
				t.Errorf("%s %s: evidence %.1f", f[0], other, e)
			}
		}
	}
}

func BenchmarkEvidence(b *testing.B) {
	for _, p := range [][2]string{{"иванов", "ivanov"}, {"иванов", "karimi"}, {"محمود", "mahmud"}, {"トランプ", "trumps"}, {"김정은", "jongun"}} {
		b.Run(p[1], func(b *testing.B) {
			n, l := Prepare(p[0]), Prepare(p[1])
			b.ReportAllocs()
			for b.Loop() {
				n.Evidence(&l)
			}
		})
	}
}

func BenchmarkPrepare(b *testing.B) {
	for _, w := range []string{"иванов", "ivanov", "محمود", "陈"} {
		b.Run(w, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Prepare(w)
			}
		})
	}
}

func BenchmarkKeys(b *testing.B) {
	for _, w := range []string{"иванов", "ivanov", "محمود", "陈", "トランプ"} {
		b.Run(w, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Keys(w)
			}
		})
	}
}

// Each line: the word, then writings that Romanise must give among its first
// eight, with the document that has the example or the rule.
func TestRomanise(t *testing.T) {
	for _, line := range strings.Split(strings.TrimSpace(`
щербаков shcherbakov           | BGN/PCGN 1947; ICAO Doc 9303-3 6 B
юлия yuliya iuliia             | BGN/PCGN 1947; ICAO Doc 9303-3 6 B
сергей sergey sergei sergej    | BGN/PCGN 1947; ICAO; scientific
хрущёв khrushchev hruscev      | newspapers; scientific
евгений evgeny yevgeny evgenii | newspapers; BGN/PCGN; ICAO
згорани zghorany zgorani       | Ukraine No. 55 of 2010, its example; ICAO
київ kyiv                      | Ukraine No. 55 of 2010
євген yevhen                   | Ukraine No. 55 of 2010: ye at the head
живковић zivkovic              | Serbian Latin without its marks
қасым kasym qasym              | Kazakhstan's passports; BGN/PCGN 1979
щерев shterev                  | Bulgaria's Transliteration Act of 2009
παπαδόπουλος papadopoulos      | ELOT 743
ευαγγελία evangelia            | ELOT 743: ev, ng
μπακογιάννη bakogianni         | ELOT 743: b at the head
սարգսյան sargsyan              | BGN/PCGN 1981
երևան yerevan                  | BGN/PCGN 1981, note 1
გამსახურდია gamsakhurdia       | Georgia's national system of 2002
ყიფიანი qipiani kipiani        | Georgia's national system; often written
やまだ yamada                  | Hepburn
いちろう ichiro ichirou itiro  | Hepburn short, long; Kunrei (notification 1 of 1954)
はっとり hattori               | Hepburn
しんいち shinichi siniti       | Hepburn; Kunrei
チャン chan                    | Hepburn
김 kim gim                     | as borne; Revised Romanization
이 lee yi rhee                 | as borne
박 park pak bak                | as borne; Revised Romanization
최 choi choe                   | as borne; Revised Romanization
철수 cheolsu chulsoo cholsu    | Revised Romanization; as borne; McCune-Reischauer
평양 pyeongyang pyongyang      | Revised Romanization; McCune-Reischauer
陳 chen chan tan               | pinyin; Hong Kong; Hokkien
张 zhang chang cheung          | pinyin; Wade-Giles; Hong Kong
习 xi hsi                      | pinyin; Wade-Giles
建国 jianguo chienkuo          | pinyin; Wade-Giles
单 shan dan                    | CLDR Han-Latin-Names: the surname first
曾 zeng tsang                  | CLDR Han-Latin-Names; Hong Kong
吕 lu lyu                      | pinyin; GB/T 28039-2011
欧阳 ouyang auyeung            | pinyin; Hong Kong
müller muller mueller          | marks off; ae, oe, ue
đoković dokovic djokovich      | marks off; English reading
محمد mohammed mohammad         | learned
בנימין beniamin                | learned
`), "\n") {
		words, _, _ := strings.Cut(line, "|")
		f := strings.Fields(words)
		got := Romanise(f[0], 8)
		for _, want := range f[1:] {
			if !slices.Contains(got, want) {
				t.Errorf("Romanise(%s) is %v, without %s", f[0], got, want)
			}
		}
		if one := Romanise(f[0], 1); len(one) != 1 || one[0] != got[0] {
			t.Errorf("Romanise(%s, 1) is %v, the first of eight is %s", f[0], one, got[0])
		}
	}
	for _, word := range []string{"ሰላም", "", "123"} {
		if got := Romanise(word, 5); got != nil {
			t.Errorf("Romanise(%q) is %v", word, got)
		}
	}
}

func TestIncomparable(t *testing.T) {
	for _, p := range [][2]string{{"ሰላም", "selam"}, {"", "ivanov"}, {"иванов", ""}, {"иванов", "123"}} {
		if e := Evidence(p[0], p[1]); e != Incomparable {
			t.Errorf("%v: evidence %v", p, e)
		}
	}
	if e := Evidence("иванов", "петров"); e != 0 {
		t.Errorf("two words of one script: evidence %v, want 0", e)
	}
}

// Neither word is Latin: each goes through the other's romanisations.
func TestNativeToNative(t *testing.T) {
	for _, p := range [][3]string{
		{"иванов", "イワノフ", "タナカ"}, {"נתניהו", "нетаньяху", "шварценеггер"}, {"모하메드", "محمد", "كريستوفر"}, {"სააკაშვილი", "саакашвили", "иванов"},
		{"παπαδόπουλος", "пападопулос", "кузнецов"},
	} {
		same, other := Evidence(p[0], p[1]), Evidence(p[0], p[2])
		if same < 3 || other > 0 {
			t.Errorf("%v: evidence %.1f and %.1f", p, same, other)
		}
	}
}

func TestAgainst(t *testing.T) {
	n, l := Prepare("петров"), Prepare("petrov")
	rare, common := n.Against(&l, -20), n.Against(&l, -4)
	if rare <= common || common > 4.1 || rare < 6 {
		t.Errorf("against a rare word %.1f, a common one %.1f", rare, common)
	}
	if back := l.Against(&n, -4); back != common {
		t.Errorf("%v one way, %v the other", common, back)
	}
}

// Marks on Latin letters change nothing.
func TestMarks(t *testing.T) {
	for _, p := range [][2]string{{"řezníček", "reznicek"}, {"müller", "muller"}, {"łukasz", "lukasz"}, {"MÜLLER", "muller"}} {
		if a, b := Keys(p[0]), Keys(p[1]); !slices.Equal(a, b) {
			t.Errorf("%v: keys %v and %v", p, a, b)
		}
		if a, b := Evidence(p[0], "мюллер"), Evidence(p[1], "мюллер"); a != b {
			t.Errorf("%v: evidence %v and %v", p, a, b)
		}
	}
}

func TestLatinKeys(t *testing.T) {
	for _, line := range []string{
		"hasan khasan", "geoffrey jeoffrey", "yusuf jusuf", "mohammad muhamed", "gadhafi gaddafi", "khrushchev khruschev", "osman othman",
		"xavier ksavier", "chan chann", "walter valter", "stephen stefen", "catherine katherine", "petrenko petrenco",
	} {
		f := strings.Fields(line)
		if a, b := Keys(f[0]), Keys(f[1]); !slices.ContainsFunc(a, func(k string) bool { return slices.Contains(b, k) }) {
			t.Errorf("%s: keys %v and %v", line, a, b)
		}
	}
	if slices.ContainsFunc(Keys("petrov"), func(k string) bool { return slices.Contains(Keys("ivanov"), k) }) {
		t.Error("petrov and ivanov share a key")
	}
}

// Words of all lengths, the long against the short, in an order that leaves traces of
// one comparison for the next, if any are left.
func TestLengths(t *testing.T) {
	var words []Prepared
	for _, w := range []string{"и", "ли", "лили", "иван", "константинопольский", "م", "محمود", "김", "남궁민수", "陈", "布拉克", "トランプ", "ロドリゲスバルガス"} {
		words = append(words, Prepare(w))
	}
	var latin []Prepared
	for _, w := range []string{"i", "libyan", "lianhe", "lili", "lililili", "lilililililili", "mamamama", "chenchen", "kimkimkimkim", "bzz", "zzzzzzzz", "qxjqxjqxjqxjqxjqxj", "ivan", "konstantinopolski", "trump", "rodriguezvargas", strings.Repeat("wxk", 13)} {
		latin = append(latin, Prepare(w))
	}
	first := map[[2]int]float64{}
	for round := range 3 {
		for i := range words {
			for j := range latin {
				e := words[i].Evidence(&latin[j])
				if round == 0 {
					first[[2]int{i, j}] = e
				} else if e != first[[2]int{i, j}] {
					t.Errorf("words %d and %d: evidence %v, then %v", i, j, first[[2]int{i, j}], e)
				}
			}
		}
	}
}

// soundingWords are of all scripts with a model, and Latin words of which some are writings of them.
var soundingWords = strings.Fields(`иванов константинопольский щукин محمود الحسيني فاطمة נתניהו לוי トランプ ロドリゲス 김정은 남궁민수 이 陈 小明 王 布拉克 欧阳 山田 अब्दुल রহমান ธนกร
ivanov ivanoff konstantinopolsky shchukin schukin mahmud mahmoud alhuseini husayni fatima netanyahu levi levy trump rodriguez jongun jongeun namgung lee yi chen chan
xiaoming wang wong burak ouyang yamada abdul rahman thanakorn karimi hernandez petrova li xu bzz`)

// EvidenceFrom is Evidence to the last bit from least on, and below it where that is.
func TestEvidenceFrom(t *testing.T) {
	above, below := 0, 0
	var asked Question
	var latins Latins
	for _, b := range soundingWords {
		latins.Add(b)
	}
	for _, a := range soundingWords {
		word := Prepare(a)
		if word.Modelled() {
			asked.Ask(&word)
		}
		for number, b := range soundingWords {
			p, q := Prepare(a), Prepare(b)
			exact := p.Evidence(&q)
			for _, least := range []float64{-25, -4.61, -4.6, -2.5, -1, 0, 1.5, 4, 8, 11.9, 12.1, exact, exact - 1e-6, exact + 1e-6} {
				if q.Script() == Latin && word.Modelled() {
					if got := asked.EvidenceFrom(&latins, int32(number), least); exact >= least && got != exact || exact < least && got >= least {
						t.Fatalf("%s, %s: asked from %v on it is %v, in all %v", a, b, least, got, exact)
					}
				}
				switch got := p.EvidenceFrom(&q, least); {
				case exact >= least && got != exact:
					t.Fatalf("%s, %s: from %v on it is %v, in all %v", a, b, least, got, exact)
				case exact < least && got >= least:
					t.Fatalf("%s, %s: %v is below %v, but not %v", a, b, exact, least, got)
				case q.Script() == Latin && latins.EvidenceFrom(int32(number), &p, least) != got:
					t.Fatalf("%s, %s: from %v on it is %v, of many words %v", a, b, least, got, latins.EvidenceFrom(int32(number), &p, least))
				case exact >= least:
					above++
				default:
					below++
				}
			}
		}
	}
	if above < 1000 || below < 1000 {
		t.Errorf("%d above and %d below prove little", above, below)
	}
}

// A glance turns away only what is below least, of the scripts with models nearly all of that, and one word after another.
func TestGlanceBelow(t *testing.T) {
	var g Glance
	could, did := make(map[Script]int), make(map[Script]int)
	for _, a := range append([]string{"김", "金", "王", "이"}, soundingWords...) {
		g.At(a)
		for _, b := range append([]string{"kim", "lee", "king", "wang"}, soundingWords...) {
			p, q := Prepare(a), Prepare(b)
			exact := p.Evidence(&q)
			for _, least := range []float64{-25, -4.61, -4.6, -2.5, 0, 1.5, 4, 8, exact, exact + 1e-6, exact + .5} {
				switch below := g.Below(&q, least); {
				case below && exact >= least:
					t.Fatalf("%s, %s: said to be below %v, and it is %v", a, b, least, exact)
				case below:
					did[p.Script()]++
					could[p.Script()]++
				case exact < least-.5 && exact > Incomparable && q.Script() == Latin && p.Script() != Latin:
					could[p.Script()]++
				}
			}
		}
	}
	for _, s := range []Script{Cyrillic, Arabic, Hebrew, Han, Kana, Hangul, Devanagari, Bengali, Thai} {
		if did[s] < could[s]*9/10 || did[s] < 20 {
			t.Errorf("%v: %d of %d were turned away", s, did[s], could[s])
		}
	}
}

// Writings of surnames that are known as such count where by no model they are likely.
func TestEvidenceOfListedWritings(t *testing.T) {
	listed := 0
	for _, surnames := range []map[string]string{koreanSurnames, chineseSurnames} {
		for _, surname := range slices.Sorted(maps.Keys(surnames)) {
			word := Prepare(surname)
			var asked Question
			asked.Ask(&word)
			var latins Latins
			for number, spelling := range append(strings.Fields(surnames[surname]), "xq") {
				latins.Add(spelling)
				other := Prepare(spelling)
				exact := word.Evidence(&other)
				if got := asked.EvidenceFrom(&latins, int32(number), max(exact, 0)); got != exact && exact >= 0 || exact < 0 && got >= 0 {
					t.Errorf("%s, %s: %v, in all %v", surname, spelling, got, exact)
				}
				if exact >= 0 {
					listed++
				}
			}
		}
	}
	if listed < 400 {
		t.Errorf("%d writings are evidence: that proves little", listed)
	}
}

// A word made ready in the memory of another is what it is else.
func TestPrepareInPlace(t *testing.T) {
	var p Prepared
	for _, other := range soundingWords {
		for _, word := range soundingWords {
			p.Prepare(other)
			p.Prepare(word)
			alone := Prepare(word)
			for _, w := range []string{"ivanov", "mahmud", "xiaoming", "김정은", other} {
				q := Prepare(w)
				if got, want := p.Evidence(&q), alone.Evidence(&q); got != want {
					t.Fatalf("%s after %s, with %s: %v, alone %v", word, other, w, got, want)
				}
			}
		}
	}
}

// TestVersion: every file that this package and those below it embed counts.
func TestVersion(t *testing.T) {
	if v := Version(); !strings.HasPrefix(v, "script-5-") || len(v) < 20 || v != Version() {
		t.Errorf("Version() is %q", v)
	}
	var embedded []string
	if err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for line := range strings.Lines(string(source)) {
			if file, ok := strings.CutPrefix(strings.TrimSpace(line), "//go:embed "); ok {
				embedded = append(embedded, filepath.Join(filepath.Dir(path), file))
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(embedded) < 3 {
		t.Fatalf("%q are embedded, of three at least", embedded)
	}
	for _, path := range embedded {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(files(), func(f []byte) bool { return bytes.Equal(f, b) }) {
			t.Errorf("%s is in no version: add it to files", path)
		}
	}
	for i, f := range files() {
		other := files()
		other[i] = append(slices.Clone(f), 'x')
		if versionOf(other) == Version() {
			t.Errorf("another file in the place of number %d has the same version", i)
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	n, l := Prepare("иванов"), Prepare("ivanov")
	if a := testing.AllocsPerRun(100, func() { n.Evidence(&l) }); a != 0 {
		t.Errorf("Evidence allocates %v times", a)
	}
}

func FuzzWord(f *testing.F) {
	for _, w := range []string{"иванов", "ivanov", "محمد", "ال", "כהן", "ג'", "ト", "ッー", "々", "シェヴ", "김", "欧阳", "μπ", "եո", "ü", "\u200d", "\xff", "ﷺﷺﷺ", "㍿", strings.Repeat("щ", 10000), strings.Repeat("ﷺ", 10000), strings.Repeat("김", 10000), strings.Repeat("キャ", 5000)} {
		f.Add(w, "petrov")
		f.Add("陈", w)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		p, q := Prepare(a), Prepare(b)
		e, back := p.Evidence(&q), q.Evidence(&p)
		if e != back || math.IsNaN(e) || e < Incomparable || e > 13 {
			t.Fatalf("%q %q: %v one way, %v the other", a, b, e, back)
		}
		for _, w := range []string{a, b} {
			k := Keys(w)
			if len(k) > MaxKeys || !slices.Equal(k, Keys(w)) {
				t.Fatalf("%q: keys %v, then %v", w, k, Keys(w))
			}
			for _, s := range k {
				if len(s) > 8 || s == "" {
					t.Fatalf("%q: key %q", w, s)
				}
			}
			r := Romanise(w, 5)
			if len(r) > 5 || !slices.Equal(r, Romanise(w, 5)) {
				t.Fatalf("%q: %v, then %v", w, r, Romanise(w, 5))
			}
			for _, s := range r {
				if strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") != "" || s == "" {
					t.Fatalf("%q: romanised as %q", w, s)
				}
			}
		}
	})
}
