package names

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func person(full string) Name { return Person(Parts{Full: full}) }

// The families are written by hand from the romanisation tables themselves:
// ICAO Doc 9303-3 (passports since 2013), GOST 52535 (2010 to 2013), the Soviet
// French-style passport, BGN/PCGN 1947, ISO 9 with marks dropped, German and
// everyday spellings.
func TestKeysAgree(t *testing.T) {
	for _, family := range []string{
		"Юрий Yuriy Yuri Yury Iurii Youri Juri Jurij Yurii",
		"Дмитрий Dmitriy Dmitry Dmitri Dmitrii Dimitri Dmitrij",
		"Сергей Sergey Sergei Serguei Sergej",
		"Андрей Andrey Andrei Andrej Andreï",
		"Наталья Natalya Natalia Nataliia Natal'ya Natalja",
		"Яна Yana Iana Jana",
		"Ярослав Yaroslav Iaroslav Jaroslav",
		"Александр Aleksandr Alexander Alexandr Aleksander",
		"Алексей Aleksey Alexey Alexei Aleksei Aleksej Aliaksei",
		"Ведяхин Vedyakhin Vedjahin Vediakhin",
		"Гадецкий Gadetskiy Gadeckij Gadetsky",
		"Евгений Yevgeny Evgeny Evgenii Yevgeniy Evgeniy",
		"Фёдор Fyodor Fedor Feodor Fiodor",
		"Пётр Pyotr Petr Piotr",
		"Артём Artyom Artem",
		"Горбачёв Gorbachev Gorbachyov Gorbachov",
		"Хрущёв Khrushchev Khrushchyov Hrushchev",
		"Щукин Shchukin Schukin Shukin Schtschukin",
		"Жуков Zhukov Jukov",
		"Захаров Zakharov Zaharov",
		"Чехов Chekhov Tchekhov Tschechow Chehov Čehov",
		"Цветков Tsvetkov Cvetkov Tzvetkov",
		"Кузнецов Kuznetsov Kuznecov Kuznetcov",
		"Царёв Tsarev Carev Tsaryov",
		"Жуковский Zhukovskiy Zhukovsky Zhukovskii Zhukovskij Zhukovski Jukovski",
		"Толстой Tolstoy Tolstoi Tolstoj",
		"Васильевич Vasilyevich Vasilevich Vasil'evich Vasilievich",
		"Алексеевич Alekseevich Alekseyevich Alexeyevich",
		"Соловьёв Solovyov Solovev Soloviev Solov'ev",
		"Романов Romanov Romanoff",
		"Филипп Filipp Philip Filip",
		"Виктория Viktoria Victoria Viktoriya Viktoriia",
		"Олег Oleg",
		"Igor Ihor Игорь",
		"Müller Mueller", "Müller Muller",
		"Šešelj Seselj Sheshelj",
		"Mohammed Muhammad Mohamed Mohamad Muhammed Мухаммад",
		"Hussein Hussain Husayn Hossein Хусейн",
		"Abdullah Abdallah Abdulla Abdollah",
		"Παπαδόπουλος Papadopoulos",
		"Χρήστος Christos",
		"Volodymyr Володимир",
	} {
		words := strings.Fields(family)
		first := person(words[0]).Tokens[0]
		for _, w := range words[1:] {
			if tok := person(w).Tokens[0]; !tok.Shares(&first) {
				t.Errorf("%s %v and %s %v share no key", words[0], first.Keys, w, tok.Keys)
			}
		}
	}
}

// Names of different people stay apart, however near their letters.
func TestKeysDiffer(t *testing.T) {
	for _, pair := range [][2]string{
		{"Ivan", "Ivana"}, {"Ivanov", "Ivanova"}, {"Petrov", "Petrova"}, {"Ivanovich", "Ivanovna"},
		{"Ivanov", "Ivanin"}, {"Orlov", "Oslov"}, {"Marin", "Martin"}, {"Lee", "Le"}, {"Xu", "Yu"}, {"Li", "Lo"},
		{"Karimov", "Kerimova"}, {"Ahmad", "Hamad"}, {"Salem", "Salman"}, {"Muller", "Mueller"},
		{"Иванов", "Иванова"}, {"محمد", "محمود"}, {"王", "李"},
	} {
		a, b := person(pair[0]).Tokens[0], person(pair[1]).Tokens[0]
		if a.Shares(&b) {
			t.Errorf("%s %v and %s %v share a key", pair[0], a.Keys, pair[1], b.Keys)
		}
	}
}

func TestFold(t *testing.T) {
	for _, c := range []struct{ written, want string }{
		{"  Vladimir\tVladimirovich  PUTIN ", "vladimir vladimirovich putin"},
		{"Владимир Путин", "vladimir putin"},
		{"Vla\u200bdi\u00admir\x00 Putin", "vladimir putin"},
		{"ＰＵＴＩＮ", "putin"},
		{"José Peña-Nieto", "jose pena nieto"},
		{"O’Neill, Conor", "oneill conor"},
		{"Łukasz Straße", "lukasz strasse"},
		{"İbrahim IŞIK", "ibrahim isik"},
		{"Олександр Гончар", "oleksandr gonchar"}, // no letter of it is Ukrainian alone
		{"Ігор Гончар", "ihor honchar"},
		{"مُحَمَّد", "محمد"},
		{"أحمد", "احمد"},
		{"習近平", "习近平"},
		{"黒田", "黑田"},
		{"रजनीकांत", "रजनीकांत"},
		{"\xff\xfe", ""},
		{"", ""},
	} {
		if got := Fold(c.written); got != c.want {
			t.Errorf("Fold(%q) = %q, want %q", c.written, got, c.want)
		}
	}
}

func classes(n Name) string {
	var out []string
	for _, t := range n.Tokens {
		out = append(out, t.Text+"/"+[...]string{"plain", "patronymic", "initial", "title", "particle", "form", "generic", "number", "trade", "place", "byname"}[t.Class])
	}
	return strings.Join(out, " ")
}

func TestPersonClasses(t *testing.T) {
	for _, c := range []struct{ written, want string }{
		{"Vladimir Vladimirovich Putin", "vladimir/plain vladimirovich/patronymic putin/plain"},
		{"ПУТИН Владимир Владимирович", "putin/plain vladimir/plain vladimirovich/patronymic"},
		{"Анна Ильинична Толстая", "anna/plain ilinichna/patronymic tolstaya/plain"},
		{"Сяргеева Алена Мікалаеўна", "syarheeva/plain alena/plain mikalaeuna/patronymic"},
		{"Iryna Lieanidawna ABELSKAYA", "iryna/plain lieanidawna/patronymic abelskaya/plain"}, // as OFAC writes it
		{"Latoya Deshawna Brown", "latoya/plain deshawna/plain brown/plain"},
		{"Roman Arkadyevich Abramovich", "roman/plain arkadyevich/patronymic abramovich/plain"},
		{"Viktor Yanukovych", "viktor/plain yanukovych/plain"},
		{"Yanukovych Viktor Fedorovych", "yanukovych/plain viktor/plain fedorovych/patronymic"},
		{"Sheikh Osama bin Laden", "sheikh/title osama/plain bin/particle laden/plain"},
		{"Bashar al-Assad", "bashar/plain al/particle assad/plain"},
		{"Muqtada as-Sadr", "muqtada/plain al/particle sadr/plain"},
		{"An Nguyen", "an/plain nguyen/plain"},
		{"Abd al-Rahman Khan", "abdulrahman/plain khan/plain"},
		{"Abdul Rahman Khan", "abdulrahman/plain khan/plain"},
		{"J. R. Smith", "j/initial r/initial smith/plain"},
		{"Dr. Ludwig van Beethoven", "dr/title ludwig/plain van/particle beethoven/plain"},
		{"Haji", "haji/plain"},
		{"Ben Smith", "ben/plain smith/plain"},
		{"Van der Berg Jan", "van/particle der/particle berg/plain jan/plain"},
	} {
		if got := classes(person(c.written)); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.written, got, c.want)
		}
	}
	told := Person(Parts{Full: "Roman Abramovich Petrovich", Given: "Roman", Family: "Petrovich", Patronymic: "Abramovich"})
	if got, want := classes(told), "roman/plain abramovich/patronymic petrovich/plain"; got != want {
		t.Errorf("with its parts told: got %s, want %s", got, want)
	}
}

func TestFirm(t *testing.T) {
	for _, c := range []struct{ written, want string }{
		{"ООО «Ромашка»", "ooo/form romashka/plain"},
		{"Romashka d.o.o.", "romashka/plain doo/form"},
		{"Romashka DOO", "romashka/plain doo/form"},
		{"UNIDAS S.A.", "unidas/generic sa/form"},
		{"INMUEBLES S. A. DE C. V.", "inmuebles/plain sa de cv/form"},
		{"Anglo-Caribbean Co., Ltd.", "anglo/plain caribbean/plain co ltd/form"},
		{"Общество с ограниченной ответственностью Вектор", "obshchestvo s ogranichennoy otvetstvennostyu/form vektor/plain"},
		{"A B C Trading", "abc/plain trading/trade"},
		{"Smith & Sons GmbH & Co. KG", "smith/plain and/particle sons/generic gmbh and co kg/form"},
		{"Plant No. 9", "plant/trade no/plain 9/number"},
	} {
		if got := classes(Firm(c.written)); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.written, got, c.want)
		}
	}
	a, b, other := Firm("OOO Vektor"), Firm("Vektor LLC"), Firm("PAO Vektor")
	form := func(n Name) string {
		for _, t := range n.Tokens {
			if t.Class == LegalForm {
				return t.Keys[0]
			}
		}
		return ""
	}
	if form(a) != form(b) || form(a) == "" || form(a) == form(other) {
		t.Errorf("legal forms: OOO %q, LLC %q, PAO %q", form(a), form(b), form(other))
	}
}

func TestGenderTwins(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Aleksandr", "Aleksandra", true}, {"Ivanov", "Ivanova", true}, {"Dostoevsky", "Dostoevskaya", true}, {"Mario", "Maria", true},
		{"Ivanovich", "Ivanovna", true}, {"Yevgeny", "Yevgenia", true},
		{"Ivanov", "Ivanov", false}, {"Petrov", "Petrovsky", false}, {"Omar", "Omer", false},
	} {
		a, b := person(c.a).Tokens[0].Keys[0], person(c.b).Tokens[0].Keys[0]
		if GenderTwins(a, b) != c.want || GenderTwins(b, a) != c.want {
			t.Errorf("GenderTwins(%s %q, %s %q) is not %v both ways", c.a, a, c.b, b, c.want)
		}
	}
}

// A name of ten thousand characters is cut and says so; ten thousand marks on
// one letter, and characters that NFKC makes eighteen of, are no longer either.
func TestLongNamesAreCut(t *testing.T) {
	for _, long := range []string{
		strings.Repeat("a", 10_000), strings.Repeat("ab ", 4_000), strings.Repeat("ﷺ", 5_000), strings.Repeat("Щ", 10_000), strings.Repeat("a.", 5_000),
	} {
		for _, n := range []Name{person(long), Firm(long)} {
			if !n.Cut || len(n.Tokens) > MaxTokens {
				t.Errorf("%.12q…: cut %v, %d tokens", long, n.Cut, len(n.Tokens))
			}
			for _, tok := range n.Tokens {
				if utf8.RuneCountInString(tok.Text) > 4*MaxRunes {
					t.Errorf("%.12q…: a token of %d characters", long, utf8.RuneCountInString(tok.Text))
				}
			}
		}
	}
	if person("Vladimir Putin").Cut {
		t.Error("a short name is marked as cut")
	}
	if got := Fold("P" + strings.Repeat("\u0301", 10_000) + "utin"); got != "p" && got != "putin" {
		t.Errorf("a letter under ten thousand accents folds to %.40q", got)
	}
}

func TestVocabularyIsRead(t *testing.T) {
	words := make(map[personWord]int)
	for _, is := range personWords {
		for bit := title; bit <= former; bit <<= 1 {
			words[is&bit]++
		}
	}
	for name, n := range map[string]int{"titles": words[title], "person particles": words[particle], "firm particles": len(firmParticles), "articles": words[article], "servants": words[servant]} {
		if n < 5 {
			t.Errorf("section [%s] has %d words", name, n)
		}
	}
	if len(spellings) < 150 || len(legalForms) < 100 {
		t.Errorf("%d spellings, %d legal forms", len(spellings), len(legalForms))
	}
	for k, first := range spellings {
		if spellings[first] != first {
			t.Errorf("spelling %q leads to %q, which leads to %q: one name stands in two groups", k, first, spellings[first])
		}
	}
}

func TestFoldIsIdempotent(t *testing.T) {
	letters := []rune("aАяЁїґγάšßİıø'’-. ـمُ習가のिे\u0301\u200d\u0130ﷺ½Ⅷ0٣ႠⴀაჲÀԱևՙъь\u0591")
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom(letters))).Draw(t, "name")
		checkFold(t, s)
	})
}

// Every character of Unicode alone, before and behind a Latin capital with a mark, and before a letter
// of each script that is written in Latin letters.
func TestFoldIsIdempotentForEveryCharacter(t *testing.T) {
	assigned := 0
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.C) || unicode.In(r, unicode.Co, unicode.Cs) {
			continue
		}
		assigned++
		if testing.Short() && assigned%8 != 0 {
			continue
		}
		c := string(r)
		written := []string{c}
		if !unicode.In(r, unicode.Han, unicode.Hangul) || assigned%16 == 0 { // those are read alike
			written = append(written, c+"À", "À"+c, c+"Я", c+"Ω", c+"ა", c+"Կ")
		}
		for _, s := range written {
			once := Fold(s)
			if twice := Fold(once); twice != once {
				t.Errorf("Fold(%q) = %q, and of that %q", s, once, twice)
			}
		}
	}
	if assigned < 140_000 {
		t.Errorf("%d characters were tried", assigned)
	}
}

// A word in letters of several scripts loses none of them.
func TestFoldOfMixedScripts(t *testing.T) {
	for written, want := range map[string]string{
		"აÀ": "aa", "Àა": "aa", "ЯԱ": "yaa", "ъა": "a", "Ա1Բ": "a1b", "ნიკաЯ": "nikaya", // each letter by its own script's table
		"ႠÀ": "ⴀa", "Ⴀ": "ⴀ", // the oldest Georgian letters have no romanisation here
		"ՙPetrosyan": "petrosyan", "Petros՚yan": "petrosyan", // the Armenian half ring and apostrophe
		"Երևան": "yerevan", "Պողոս": "poghos", "Ն\u0301ունե": "nune", // in one script as before
	} {
		if got := Fold(written); got != want {
			t.Errorf("Fold(%q) = %q, want %q", written, got, want)
		}
	}
}

// mixedScripts are what a fuzzed text's bytes stand for where it is read as letters of several scripts.
var mixedScripts = []rune("aZÀßıŁ ЯґъЁѴΩΰςԱեվևՙ՚აႠⴀჲᲐعىآـשׁ\u05b8\u0591韓国のノ가ᄀनि้ก𐌀Ꭰ1٣½'’-.&\u0301\u0338\u200d\u0f73\u3099")

// mixed is a text of such letters, as many as there are bytes.
func mixed(s string) string {
	letters := make([]rune, len(s))
	for i := range len(s) {
		letters[i] = mixedScripts[int(s[i])%len(mixedScripts)]
	}
	return string(letters)
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Владимир Путин", "ﷺ", "e\u0301\u0301", "Ἀθηνᾶ", "İ", "㌀", "각", "नि", "\u1e9b\u0323", "a\u200db", "0x\xff", "S. A. de C.V.", "\u0f73\u0300\u0300", "ႠÀ", "ЬԿ", "ՙΩ",
		"\u1fed\u09cb", "न\u0300\u0300\u0300'\u0300", "ع\u0301\u0301\u0301ـ\u0301", "क़\u0301\u0301\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkFold(t, s)
		checkFold(t, mixed(s))
	})
}

type failer interface {
	Fatalf(format string, args ...any)
}

func checkFold(t failer, s string) {
	once := Fold(s)
	if twice := Fold(once); twice != once && utf8.RuneCountInString(once) <= MaxRunes {
		t.Fatalf("Fold(%q) = %q, and of that %q", s, once, twice)
	}
	for _, n := range []Name{person(s), Firm(s)} {
		if len(n.Tokens) > MaxTokens {
			t.Fatalf("%q: %d tokens", s, len(n.Tokens))
		}
		for _, tok := range n.Tokens {
			if tok.Text == "" || len(tok.Keys) == 0 || slices.Contains(tok.Keys, "") {
				t.Fatalf("%q: token %+v has no text or no key", s, tok)
			}
		}
	}
}

func BenchmarkPerson(b *testing.B) {
	for _, c := range []struct{ name, full string }{
		{"latin", "Vladimir Vladimirovich Putin"}, {"cyrillic", "Владимир Владимирович Путин"}, {"diacritics", "José María Muñoz Peña"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				person(c.full)
			}
		})
	}
}
