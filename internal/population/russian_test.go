package population

import (
	"strings"
	"testing"

	"sallyport/entity"
)

func TestRomanisations(t *testing.T) {
	for _, c := range []struct {
		russian string
		want    [len(romanisations)]string // passport, BGN, everyday, GOST, Central European
	}{
		{"Юрий", [...]string{"Iurii", "Yuriy", "Yury", "Iurii", "Jurij"}},
		{"Сергей", [...]string{"Sergei", "Sergey", "Sergey", "Sergei", "Sergej"}},
		{"Евгений", [...]string{"Evgenii", "Yevgeniy", "Evgeny", "Evgenii", "Evgenij"}},
		{"Алексеевич", [...]string{"Alekseevich", "Alekseyevich", "Alekseevich", "Alekseevich", "Alekseevich"}},
		{"Кузнецов", [...]string{"Kuznetsov", "Kuznetsov", "Kuznetsov", "Kuznetcov", "Kuznecov"}},
		{"Захаров", [...]string{"Zakharov", "Zakharov", "Zakharov", "Zakharov", "Zaharov"}},
		{"Соловьёв", [...]string{"Solovev", "Solovyov", "Soloviev", "Solovev", "Solovev"}},
		{"Наталья", [...]string{"Natalia", "Natalya", "Natalia", "Natalia", "Natalja"}},
		{"Щербакова", [...]string{"Shcherbakova", "Shcherbakova", "Shcherbakova", "Shcherbakova", "Shcherbakova"}},
		{"Троицкий", [...]string{"Troitskii", "Troitskiy", "Troitsky", "Troitckii", "Troickij"}},
		{"Жданов-Быков", [...]string{"Zhdanov-Bykov", "Zhdanov-Bykov", "Zhdanov-Bykov", "Zhdanov-Bykov", "Zhdanov-Bykov"}},
	} {
		for i, by := range romanisations {
			if got := latin(c.russian, by); got != c.want[i] {
				t.Errorf("%s in romanisation %d: %s, want %s", c.russian, i, got, c.want[i])
			}
		}
	}
}

func TestPatronymics(t *testing.T) {
	for father, want := range map[string]string{
		"Иван": "Иванович Ивановна", "Игорь": "Игоревич Игоревна", "Сергей": "Сергеевич Сергеевна", "Николай": "Николаевич Николаевна",
		"Юрий": "Юрьевич Юрьевна", "Василий": "Васильевич Васильевна", "Дмитрий": "Дмитриевич Дмитриевна", "Георгий": "Георгиевич Георгиевна",
		"Геннадий": "Геннадьевич Геннадьевна", "Илья": "Ильич Ильинична", "Никита": "Никитич Никитична", "Лев": "Львович Львовна",
		"Павел": "Павлович Павловна", "Пётр": "Петрович Петровна", "Михаил": "Михайлович Михайловна", "Яков": "Яковлевич Яковлевна",
	} {
		found := false
		for _, g := range russians().male {
			if g.cyrillic == father {
				found = true
				if got := g.son + " " + g.daughter; got != want {
					t.Errorf("%s: %s, want %s", father, got, want)
				}
			}
		}
		if !found {
			t.Errorf("%s is not among the given names", father)
		}
	}
}

func TestFeminine(t *testing.T) {
	for family, want := range map[string]string{
		"Иванов": "Иванова", "Королёв": "Королёва", "Лебедев": "Лебедева", "Никитин": "Никитина", "Раевский": "Раевская",
		"Троицкий": "Троицкая", "Полевой": "Полевая", "Ткаченко": "Ткаченко", "Савчук": "Савчук", "Черных": "Черных",
	} {
		if got := feminine(family); got != want {
			t.Errorf("%s: %s, want %s", family, got, want)
		}
	}
}

// Names as OFAC romanises them, and as their bearers write them in Russian.
func TestBackToCyrillic(t *testing.T) {
	for _, c := range []struct{ given, patronymic, family, want string }{
		{"Andrey", "Sergeyevich", "Puchkov", "Андрей Сергеевич Пучков"},
		{"Yuriy", "Alekseyevich", "Soloviev", "Юрий Алексеевич Соловьев"},
		{"Galina", "Olegovna", "Ulyutina", "Галина Олеговна Улютина"},
		{"Sergei", "Sergeevich", "Ivanov", "Сергей Сергеевич Иванов"},
		{"Alexander", "Aleksandrovich", "Vedyakhin", "Александр Александрович Ведяхин"},
		{"Viktor", "Gennadievich", "Khrenin", "Виктор Геннадьевич Хренин"},
		{"Sergey", "", "Zaytsev", "Сергей Зайцев"},
		{"Igor", "Yurievich", "Shchegolev", "Игорь Юрьевич Щеголев"},
		{"Natalia", "Vladimirovna", "Poklonskaya", "Наталья Владимировна Поклонская"},
		{"Kirill", "Mikhailovich", "Kovalchuk", "Кирилл Михайлович Ковальчук"},
		{"Dmitry", "", "Dmitriev", "Дмитрий Дмитриев"},
		{"Aleksey", "Ilyich", "Melnikov", "Алексей Ильич Мельников"},
		{"Boris", "", "Kuzmin-Sokolsky", "Борис Кузьмин-Сокольский"},
	} {
		n, ok := russians().backToCyrillic(c.given, c.patronymic, c.family)
		got := parts{n.given, n.patronymic, n.family}.full(false)
		if !ok || got != c.want {
			t.Errorf("%s %s %s: %q, %v; want %q", c.given, c.patronymic, c.family, got, ok, c.want)
		}
	}
	for _, c := range []struct{ given, patronymic, family, why string }{
		{"Ahmad", "", "Karimov", "no Russian given name"},
		{"Sergei", "", "Smith", "no way back for th"},
		{"Boris", "", "Johnson", "no way back for j"},
		{"Timur", "", "Ayoubov", "French ou, which letter by letter is another name"},
		{"Maria", "", "Lopez", "no Slavic ending, no patronymic"},
		{"Sergei", "Ivanovna", "Ivanov", "a woman's patronymic with a man's name"},
		{"Aliaksandr", "Piatrovich", "Vetsianevich", "Belarusian"},
	} {
		if n, ok := russians().backToCyrillic(c.given, c.patronymic, c.family); ok {
			t.Errorf("%s %s %s became %+v: %s", c.given, c.patronymic, c.family, n, c.why)
		}
	}
}

// Every given name comes back from each of its spellings.
func TestGivenNamesComeBack(t *testing.T) {
	for _, names := range [...][]russianGiven{russians().male, russians().female} {
		for _, g := range names {
			spellings := append([]string{g.cyrillic}, g.spellings...)
			for _, by := range romanisations {
				spellings = append(spellings, latin(g.cyrillic, by))
			}
			for _, s := range spellings {
				if got := russians().givenBySound[sound(s)]; got.cyrillic != g.cyrillic {
					t.Errorf("%s is %s, and comes back as %q", s, g.cyrillic, got.cyrillic)
				}
			}
		}
	}
}

// A patronymic and a Slavic family name show a gender; it is the bearer's.
func TestGenderIsConsistent(t *testing.T) {
	shown := func(n entity.Name) (g entity.Gender) {
		for _, e := range []string{"вна", "чна", "vna", "chna"} {
			if strings.HasSuffix(strings.ToLower(n.Patronymic), e) {
				return entity.Female
			}
		}
		for _, e := range []string{"ич", "ich", "ych"} {
			if strings.HasSuffix(strings.ToLower(n.Patronymic), e) {
				return entity.Male
			}
		}
		return entity.UnknownGender
	}
	family := func(n entity.Name) entity.Gender {
		f := strings.ToLower(n.Family)
		for _, e := range []string{"ова", "ева", "ёва", "ина", "ая", "ova", "eva", "skaya", "skaia", "skaja"} {
			if strings.HasSuffix(f, e) {
				return entity.Female
			}
		}
		for _, e := range []string{"ов", "ев", "ёв", "ин", "ский", "цкий", "ov", "ev", "skiy", "skii", "sky", "skij"} {
			if strings.HasSuffix(f, e) {
				return entity.Male
			}
		}
		return entity.UnknownGender
	}
	onBoth(t, func(t *testing.T, o Options, people []Person) {
		patronymics, women := 0, 0
		for _, p := range people {
			for _, n := range p.Profile.Names {
				g := shown(n)
				if g == entity.UnknownGender {
					continue
				}
				patronymics++
				if g == entity.Female {
					women++
				}
				if p.Profile.Gender != entity.UnknownGender && p.Profile.Gender != g {
					t.Errorf("%s is %s", n.Full, p.Profile.Gender)
				}
				if f := family(n); f != entity.UnknownGender && f != g {
					t.Errorf("%s: patronymic of one gender, family name of the other", n.Full)
				}
			}
		}
		if patronymics < 500 || women < patronymics/3 || women > patronymics*2/3 {
			t.Errorf("%d patronymics, %d of women", patronymics, women)
		}
	})
}
