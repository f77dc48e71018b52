package match

import (
	"math"
	"strings"
	"testing"
	"time"

	"sallyport/entity"
)

// listed and the people below are made up, but for the form of their data.
var listedMan = entity.Entity{
	List: "us-sdn", ID: "90001", Kind: entity.Person,
	Names: []entity.Name{
		{Full: "Viktor Andreyevich MOROZOV", Given: "Viktor", Patronymic: "Andreyevich", Family: "MOROZOV"},
		{Full: "Виктор Андреевич МОРОЗОВ", Kind: entity.Original},
		{Full: "Vitya", Kind: entity.Alias, Weak: true},
	},
	Gender: entity.Male, Birth: []entity.Dates{entity.Exact(entity.Day{Year: 1962, Month: time.March, Day: 14})},
	BirthPlaces: []string{"Leningrad, Russia"}, Nationalities: []string{"RU"},
	Identifiers: []entity.Identifier{{Type: "passport", Number: "530 285-387", Country: "RU"}, {Type: "tax id", Number: "770305521971", Country: "RU"}},
	Wallets:     []entity.Wallet{{Ticker: "ETH", Address: "0x8589427373D6D84E98730D7795D8f6f8731FDA16"}, {Ticker: "XBT", Address: "1NpHuti9NSM9fVTXLkvSDU4AnhqGQ5N53d"}},
}

var listedFirm = entity.Entity{
	List: "us-sdn", ID: "90002", Kind: entity.Organisation,
	Names:       []entity.Name{{Full: "OOO Vektor Plyus"}, {Full: "Vektor Plyus LLC", Kind: entity.Alias}},
	Places:      []entity.Place{{Town: "Moscow", Country: "RU"}},
	Identifiers: []entity.Identifier{{Type: "registration", Number: "1027739880893", Country: "RU"}},
}

func man(full string, change ...func(*entity.Entity)) entity.Entity {
	e := entity.Entity{ID: "customer", Kind: entity.Person, Names: []entity.Name{{Full: full}}}
	for _, c := range change {
		c(&e)
	}
	return e
}

func firm(full string, change ...func(*entity.Entity)) entity.Entity {
	e := man(full, change...)
	e.Kind = entity.Organisation
	return e
}

func born(s string) func(*entity.Entity) {
	return func(e *entity.Entity) {
		d, err := entity.ParseDates(s)
		if err != nil {
			panic(err)
		}
		e.Birth = append(e.Birth, d)
	}
}
func national(c string) func(*entity.Entity) {
	return func(e *entity.Entity) { e.Nationalities = append(e.Nationalities, c) }
}
func gender(g entity.Gender) func(*entity.Entity) { return func(e *entity.Entity) { e.Gender = g } }
func bornIn(p string) func(*entity.Entity) {
	return func(e *entity.Entity) { e.BirthPlaces = append(e.BirthPlaces, p) }
}
func document(kind, number, country string) func(*entity.Entity) {
	return func(e *entity.Entity) {
		e.Identifiers = append(e.Identifiers, entity.Identifier{Type: kind, Number: number, Country: country})
	}
}
func wallet(a string) func(*entity.Entity) {
	return func(e *entity.Entity) { e.Wallets = append(e.Wallets, entity.Wallet{Address: a}) }
}
func bornAt(e entity.Entity, place string) entity.Entity {
	e.BirthPlaces = []string{place}
	return e
}
func seat(c string) func(*entity.Entity) {
	return func(e *entity.Entity) { e.Places = append(e.Places, entity.Place{Country: c}) }
}

// The line between identity, which the law may freeze for, and resemblance,
// which only asks a person to look: DESIGN.md, "only identity can freeze"; OFAC
// FAQ 5 on what makes a hit a match; FAQ 122 on weak aliases.
func TestGrades(t *testing.T) {
	for _, c := range []struct {
		why    string
		query  entity.Entity
		listed entity.Entity
		want   Grade
	}{
		// Identity by name, day of birth and one fact more.
		{"whole name, day of birth, nationality", man("Viktor Andreyevich Morozov", born("1962-03-14"), national("RU")), listedMan, Same},
		{"the passport's romanisation", man("Viktor Andreevich Morozov", born("1962-03-14"), national("Russia")), listedMan, Same},
		{"Cyrillic, family name first", man("МОРОЗОВ ВИКТОР АНДРЕЕВИЧ", born("1962-03-14"), national("RUS")), listedMan, Same},
		{"no patronymic in the passport", man("Viktor Morozov", born("1962-03-14"), national("RU")), listedMan, Same},
		{"place of birth instead of nationality", man("Viktor Morozov", born("1962-03-14"), bornIn("Leningrad")), listedMan, Same},
		{"patronymic and gender instead of nationality", man("Viktor Andreyevich Morozov", born("1962-03-14"), gender(entity.Male)), listedMan, Same},
		{"two alternatives of the date, one of them right", man("Viktor Morozov", born("1961-03-14"), born("1962-03-14"), national("RU")), listedMan, Same},

		// One piece short of identity.
		{"no further fact", man("Viktor Morozov", born("1962-03-14")), listedMan, Resembles},
		{"gender without patronymic is no further fact", man("Viktor Morozov", born("1962-03-14"), gender(entity.Male)), listedMan, Resembles},
		{"only the country of birth", man("Viktor Morozov", born("1962-03-14"), bornIn("Russia")), listedMan, Resembles},
		{"no date of birth", man("Viktor Andreyevich Morozov", national("RU"), gender(entity.Male), bornIn("Leningrad")), listedMan, Resembles},
		{"only the year of birth", man("Viktor Andreyevich Morozov", born("1962"), national("RU")), listedMan, Resembles},
		{"circa that day", man("Viktor Andreyevich Morozov", born("circa 1962-03-14"), national("RU")), listedMan, Resembles},
		{"day and month exchanged", man("Viktor Andreyevich Morozov", born("1962-03-15"), national("RU")), listedMan, Resembles},
		{"a letter wrong in the family name", man("Viktor Andreyevich Morosov", born("1962-03-14"), national("RU")), listedMan, Resembles},
		{"an initial is no given name", man("V. A. Morozov", born("1962-03-14"), national("RU")), listedMan, Resembles},
		{"a name more than the list has", man("Viktor Andreyevich Ignatius Morozov", born("1962-03-14"), national("RU")), listedMan, Resembles},

		// Contradictions.
		{"another nationality", man("Viktor Morozov", born("1962-03-14"), national("BG"), bornIn("Leningrad")), listedMan, Resembles},
		{"another gender", man("Viktor Morozov", born("1962-03-14"), national("RU"), gender(entity.Female)), listedMan, Resembles}, // all else agrees: a clerk's slip is likelier
		{"another gender and birth date", man("Viktor Morozov", born("1961-03-14"), national("RU"), gender(entity.Female)), listedMan, None},
		{"another patronymic", man("Viktor Sergeyevich Morozov", born("1962-03-14"), national("RU")), listedMan, None},
		{"another birth date", man("Viktor Morozov", born("1988-07-02"), national("RU")), listedMan, None},
		{"another birth date and patronymic", man("Viktor Petrovich Morozov", born("1988-07-02"), national("RU"), gender(entity.Male)), listedMan, None},
		{"another day of the same year", man("Viktor Andreyevich Morozov", born("1962-08-30"), national("RU")), listedMan, Resembles},
		{"another day of the same year, no patronymic", man("Viktor Morozov", born("1962-08-30"), national("RU")), listedMan, Resembles},
		{"his daughter", man("Viktoriya Viktorovna Morozova", born("1990-01-01"), national("RU")), listedMan, None},
		{"a namesake in the feminine", man("Viktoria Morozova"), listedMan, None},
		{"a woman whose names are the feminine of his", man("Aleksandra Ivanova"), man("Aleksandr IVANOV"), None},
		{"Mario for Maria", man("Mario Gonzalez"), man("Maria GONZALEZ"), None},
		{"a patronymic that differs among very many names", man("Viktor Ivan Oleg Igor Anton Semyon Pavel Andreyevich Morozov", born("1962-03-14"), national("RU")),
			man("Viktor Ivan Oleg Igor Anton Semyon Pavel Sergeyevich Morozov", born("1962-03-14"), national("RU")), Resembles},
		{"the family name alone", man("Morozov", born("1962-03-14"), national("RU")), listedMan, None},
		{"the given name alone", man("Viktor"), listedMan, None},
		{"another family name", man("Viktor Andreyevich Kuznetsov", born("1962-03-14"), national("RU")), listedMan, None},

		// Nothing is identity that something contradicts: a number or a wallet neither.
		{"the passport with another nationality", man("Viktor Morozov", national("BG"), document("passport", "530285387", "")), listedMan, Resembles},
		{"a wallet with another birth date", man("Viktor Morozov", born("1990-01-01"), wallet("0x8589427373d6d84e98730d7795d8f6f8731fda16")), listedMan, Resembles},
		{"a wallet with another gender", man("Viktoria Morozova", gender(entity.Female), wallet("0x8589427373d6d84e98730d7795d8f6f8731fda16")), listedMan, Resembles},
		{"a wallet with another nationality", man("Viktor Morozov", national("BG"), wallet("0x8589427373d6d84e98730d7795d8f6f8731fda16")), listedMan, Resembles},

		// Towns that share a word are different towns.
		{"half the town's name", man("Viktor Morozov", born("1962-03-14"), bornIn("Nizhny Tagil")), bornAt(listedMan, "Nizhny Novgorod, Russia"), Resembles},
		{"less of the town's name", man("Viktor Morozov", born("1962-03-14"), bornIn("Novgorod")), bornAt(listedMan, "Nizhny Novgorod, Russia"), Resembles},
		{"the town in another spelling", man("Viktor Morozov", born("1962-03-14"), bornIn("г. Нижний Новгород")), bornAt(listedMan, "Nizhniy Novgorod, Russia"), Same},

		// Names alone.
		{"whole name and nothing else", man("Viktor Andreyevich Morozov"), listedMan, Resembles},
		{"given and family name and nothing else", man("Victor Morozov"), listedMan, Resembles},
		{"German romanisation, nearly", man("Wiktor Morosow"), listedMan, Resembles},
		{"a weak alias", man("Vitya"), listedMan, None},
		{"a weak alias with everything else right", man("Vitya", born("1962-03-14"), national("RU"), bornIn("Leningrad")), listedMan, None},

		// Documents.
		{"the passport and the name", man("Viktor Morozov", document("passport", "530285387", "RU")), listedMan, Same},
		{"a document of no told type or country", man("Viktor Morozov", document("document", "530285387", "")), listedMan, Same},
		{"a weak alias and the passport", man("Vitya", document("passport", "530285387", "RU")), listedMan, Same},
		{"the passport in a script not compared", man("维克托", document("passport", "530285387", "RU")), listedMan, Same},
		{"the passport's number on another name", man("Ahmed Hassan", document("passport", "530285387", "RU")), listedMan, Resembles},
		{"the passport's number with another birth date", man("Viktor Morozov", born("1990-01-01"), document("passport", "530285387", "RU")), listedMan, Resembles},
		{"the number as another kind of document", man("Ivan Petrov", document("tax id", "530285387", "RU")), listedMan, None},
		{"the number of another country's passport", man("Ivan Petrov", document("passport", "530285387", "BG")), listedMan, None},
		{"a wallet with another name and gender", man("Anna Schmidt", gender(entity.Female), wallet("0x8589427373d6d84e98730d7795d8f6f8731fda16")), listedMan, Resembles},
		{"a wallet with a like name, and all else against it", man("Viktoria Morozova", gender(entity.Female), born("1990-01-01"), national("BG"), wallet("0x8589427373d6d84e98730d7795d8f6f8731fda16")), listedMan, Resembles},
		{"a wallet with another name, gender, birth date and nationality", man("Anna Schmidt", gender(entity.Female), born("1990-01-01"), national("BG"), wallet("0x8589427373d6d84e98730d7795d8f6f8731fda16")), listedMan, Resembles},
		{"a wallet in another case", man("Somebody Else", wallet("0x8589427373d6d84e98730d7795d8f6f8731fda16")), listedMan, Same},
		{"a base58 wallet in another case is another", man("Somebody Else", wallet("1nphuti9nsm9fvtxlkvsdu4anhqgq5n53d")), listedMan, None},
		{"a firm with the man's passport number", firm("Vektor", document("passport", "530285387", "RU")), listedMan, Resembles},

		// Organisations: a register takes the same name and form in one country many times.
		{"name, form and country", firm("ООО «Вектор Плюс»", seat("RU")), listedFirm, Resembles},
		{"the form behind", firm("Vektor Plyus OOO", seat("Russia")), listedFirm, Resembles},
		{"name, form, country and registration number", firm("ООО «Вектор Плюс»", seat("RU"), document("registration", "1027739880893", "RU")), listedFirm, Same},
		{"another form", firm("PAO Vektor Plyus", seat("RU")), listedFirm, Resembles},
		{"no form", firm("Vektor Plyus", seat("RU")), listedFirm, Resembles},
		{"no country", firm("OOO Vektor Plyus"), listedFirm, Resembles},
		{"another country", firm("Vektor Plyus d.o.o.", seat("RS")), listedFirm, Resembles},
		{"its registration number", firm("Vektor Plyus", document("ogrn", "1027739880893", "RU")), listedFirm, Same},
		{"another name with its number", firm("Romashka", document("registration", "1027739880893", "RU")), listedFirm, Resembles},
		{"half the name", firm("OOO Vektor", seat("RU")), listedFirm, None},
		{"a person called so", man("Vektor Plyus"), listedFirm, None},
	} {
		f := Compare(c.query, c.listed, DefaultWeights())
		if f.Grade != c.want {
			t.Errorf("%s: %q: %v at %.4f, want %v\n%s", c.why, c.query.PrimaryName(), f.Grade, f.Score, c.want, reasons(f))
		}
		addUp(t, c.why, f)
	}
}

// addUp holds the reasons of a finding to its score and its sum.
func addUp(t *testing.T, why string, f Finding) {
	t.Helper()
	effects, nats := 0.0, 0.0
	for _, r := range f.Reasons {
		effects, nats = effects+r.Effect, nats+r.Nats
	}
	if math.Abs(effects-f.Score) > 1e-9 || math.Abs(nats-f.Nats) > 1e-9 || f.Score < 0 || f.Score >= 1 {
		t.Errorf("%s: score %.4f and %.4f nats, its reasons add up to %.6f and %.6f", why, f.Score, f.Nats, effects, nats)
	}
}

func reasons(f Finding) string {
	var b strings.Builder
	for _, r := range f.Reasons {
		b.WriteString("\t" + r.Kind + ": " + r.Text + "\n")
	}
	return b.String()
}

// The order of scores: each step up knows more.
func TestScoreNeverSaturates(t *testing.T) {
	w := DefaultWeights()
	steps := []struct {
		why   string
		query entity.Entity
	}{
		{"exact name, another birth date", man("Viktor Andreyevich Morozov", born("1988-07-02"))},
		{"no patronymic", man("Viktor Morozov")},
		{"exact name, another nationality", man("Viktor Andreyevich Morozov", national("BG"))},
		{"one letter off", man("Viktor Andreyevich Morosov")},
		{"exact name", man("Viktor Andreyevich Morozov")},
		{"and the nationality", man("Viktor Andreyevich Morozov", national("RU"))},
		{"and the year of birth", man("Viktor Andreyevich Morozov", national("RU"), born("1962"))},
		{"and the day of birth", man("Viktor Andreyevich Morozov", national("RU"), born("1962-03-14"))},
		{"and the town of birth", man("Viktor Andreyevich Morozov", national("RU"), born("1962-03-14"), bornIn("Leningrad"))},
		{"and the passport", man("Viktor Andreyevich Morozov", national("RU"), born("1962-03-14"), bornIn("Leningrad"), document("passport", "530285387", "RU"))},
	}
	last := Finding{Nats: -9}
	for _, s := range steps {
		f := Compare(s.query, listedMan, w)
		if f.Nats <= last.Nats || f.Score < last.Score || f.Score >= 1 {
			t.Errorf("%s: %.4f nats and score %.4f after %.4f and %.4f", s.why, f.Nats, f.Score, last.Nats, last.Score)
		}
		addUp(t, s.why, f)
		last = f
	}
}

// A finding stands in the journal, where no personal data may: see [Finding].
func TestNothingOfTheQuery(t *testing.T) {
	q := man("Victor Andreewitsch Quixotovich Morozov", born("1962-03-15"), national("BG"), bornIn("Plovdiv"), gender(entity.Female), document("passport", "530285387", ""), wallet("0x8589427373D6D84E98730D7795D8F6F8731FDA16"))
	f := Compare(q, listedMan, DefaultWeights())
	if len(f.Reasons) < 5 {
		t.Fatalf("only %d reasons: the test proves little\n%s", len(f.Reasons), reasons(f))
	}
	for _, r := range f.Reasons {
		for _, own := range []string{"victor", "andreewitsch", "quixot", "1962-03-15", "bg", "bulgaria", "plovdiv", "female", "530285387", "0x8589427373D6D84E98730D7795D8F6F8731FDA16"} {
			hay := strings.ToLower(r.Text)
			if own[:2] == "0x" {
				hay = r.Text
			}
			if strings.Contains(hay, own) {
				t.Errorf("%s: %q has %q of the query in it", r.Kind, r.Text, own)
			}
		}
	}
}

func TestReasonsAreReadable(t *testing.T) {
	f := Compare(man("Viktor Morosov", born("1962-03-14"), national("RU"), bornIn("Leningrad, USSR")), listedMan, DefaultWeights())
	want := "\tname: name “Виктор Андреевич МОРОЗОВ”: agrees in viktor; nearly in morozov (71 %); has no partner for andreevich\n" +
		"\tbirth date: birth date 1962-03-14 agrees to the day\n" +
		"\tplace of birth: place of birth “Leningrad” agrees\n" +
		"\tnationality: nationality RU agrees\n"
	if got := reasons(f); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
