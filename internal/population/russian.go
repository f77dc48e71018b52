package population

import (
	"strings"
	"sync"

	"sallyport/entity"
)

// Given names with their spellings in everyday English that no table of letters
// gives. Those marked with a slash have a patronymic of their own.
const russianMale = `
Александр Alexander Alexandr
Алексей Alexey Alexei
Анатолий Anatoly Anatoli
Андрей Andrei
Антон
Аркадий Arkady Arkadi
Арсений Arseny
Артём Artem
Артур Arthur
Богдан
Борис
Вадим
Валентин
Валерий Valery Valeri
Василий Vasily Vasili
Виктор Victor
Виталий Vitaly Vitali
Владимир
Владислав
Вячеслав
Геннадий Gennady Gennadi
Георгий Georgy Georgi
Герман
Глеб
Григорий Grigory Grigori
Данил
Денис
Дмитрий Dmitry Dmitri
Евгений Evgeny Yevgeny Evgeni
Егор Yegor
Иван
Игорь
Илья/Ильич/Ильинична Ilya Ilia
Кирилл Kirill
Константин Constantin
Лев/Львович/Львовна
Леонид
Максим Maxim
Марат
Михаил/Михайлович/Михайловна Mikhail
Никита/Никитич/Никитична
Николай Nikolay Nikolai
Олег
Павел/Павлович/Павловна
Платон
Пётр/Петрович/Петровна Petr Pyotr
Родион
Роман
Руслан
Семён Semen Semyon
Сергей Sergey Sergei
Станислав
Степан
Тимофей Timofey Timofei
Тимур
Феликс Felix
Фёдор Fedor Fyodor
Эдуард Eduard
Юрий Yuri Yury
Яков/Яковлевич/Яковлевна
Ярослав`

const russianFemale = `
Александра Alexandra
Алина
Алла
Анастасия Anastasia
Анна
Валентина
Валерия Valeria
Вера
Вероника Veronica
Виктория Victoria
Галина
Дарья Daria Darya
Диана
Евгения Evgenia
Екатерина
Елена
Елизавета
Жанна
Зоя
Инна
Ирина
Карина
Кристина Christina
Ксения Ksenia Xenia
Лариса
Лидия Lidia
Людмила
Любовь
Маргарита
Марина
Мария Maria
Надежда
Наталья Natalia Natalya
Нина
Оксана Oxana
Ольга
Полина
Раиса
Светлана
Софья Sofia Sofya
Тамара
Татьяна Tatiana Tatyana
Ульяна
Юлия Yulia Julia
Яна`

// Family names in their masculine form.
const russianFamilies = `
Абрамов Агафонов Акимов Аксёнов Алексеев Андреев Антонов Артемьев Афанасьев Баранов Белов Беляев Бирюков Блинов Бобров
Богданов Борисов Быков Васильев Веселов Виноградов Власов Волков Воробьёв Воронов Гаврилов Герасимов Голубев Горбунов
Горшков Григорьев Гришин Громов Гусев Давыдов Данилов Денисов Дмитриев Доронин Дьячков Егоров Елисеев Емельянов Ермаков
Ершов Ефимов Жданов Жуков Журавлёв Зайцев Захаров Зимин Зуев Иванов Игнатьев Ильин Исаев Казаков Калинин Карпов Киселёв
Князев Ковалёв Козлов Колесников Комаров Кондратьев Коновалов Копылов Королёв Котов Крылов Крюков Кудрявцев Кузнецов
Кузьмин Куликов Лапин Лебедев Логинов Лукин Макаров Максимов Марков Мартынов Матвеев Медведев Мельников Миронов Михайлов
Морозов Мухин Назаров Никитин Никифоров Николаев Новиков Носков Овчинников Одинцов Орехов Орлов Осипов Павлов Панов
Пахомов Петров Пономарёв Попов Потапов Прохоров Рогов Родионов Романов Рябов Савельев Сафонов Селезнёв Семёнов Сергеев
Сидоров Симонов Смирнов Соболев Соколов Соловьёв Сорокин Степанов Суворов Суханов Сычёв Тарасов Тимофеев Титов Тихонов
Трофимов Уваров Устинов Федотов Филиппов Фомин Фролов Харитонов Хохлов Цветков Чернов Шарапов Широков Шестаков Щербаков
Юдин Яковлев Островский Вишневский Жуковский Раевский Троицкий Донской Трубецкой Полевой Гончаренко Ткаченко Мельниченко
Ковальчук Савчук Черных Седых Долгих`

// A russianGiven is a given name and what follows from it.
type russianGiven struct {
	cyrillic  string
	gender    entity.Gender
	son       string // patronymic of a man's son and daughter; empty for women's names
	daughter  string
	spellings []string // in everyday English, beside what the tables of letters give
}

// A russianPatronymic is one, and whose.
type russianPatronymic struct {
	cyrillic string
	gender   entity.Gender
}

// russian holds the names, and the way back from their Latin spellings.
type russian struct {
	male, female []russianGiven
	families     []string

	givenBySound      map[string]russianGiven
	patronymicBySound map[string]russianPatronymic
}

var russians = sync.OnceValue(func() *russian {
	r := &russian{families: strings.Fields(russianFamilies), givenBySound: map[string]russianGiven{}, patronymicBySound: map[string]russianPatronymic{}}
	read := func(text string, gender entity.Gender) (out []russianGiven) {
		for line := range strings.Lines(strings.TrimSpace(text)) {
			f := strings.Fields(line)
			parts := strings.Split(f[0], "/")
			g := russianGiven{cyrillic: parts[0], gender: gender, spellings: f[1:]}
			switch {
			case gender == entity.Female:
			case len(parts) == 3:
				g.son, g.daughter = parts[1], parts[2]
			default:
				g.son, g.daughter = patronymics(parts[0])
			}
			out = append(out, g)
		}
		return out
	}
	r.male, r.female = read(russianMale, entity.Male), read(russianFemale, entity.Female)
	for _, names := range [...][]russianGiven{r.male, r.female} {
		for _, g := range names {
			for _, by := range romanisations {
				r.givenBySound[sound(latin(g.cyrillic, by))] = g
				for _, p := range [...]russianPatronymic{{g.son, entity.Male}, {g.daughter, entity.Female}} {
					if p.cyrillic != "" {
						r.patronymicBySound[sound(latin(p.cyrillic, by))] = p
					}
				}
			}
			for _, s := range g.spellings {
				r.givenBySound[sound(s)] = g
			}
		}
	}
	return r
})

// patronymics forms a son's and a daughter's from their father's name, by the
// rules of Russian grammar: Иван Иванович, Игорь Игоревич, Юрий Юрьевич, Дмитрий
// Дмитриевич (two consonants before the ending keep the и), Сергей Сергеевич.
func patronymics(father string) (son, daughter string) {
	stem := ""
	r := []rune(strings.ToLower(father))
	n := len(r)
	switch {
	case strings.HasSuffix(father, "ий"):
		stem = strings.TrimSuffix(father, "ий")
		if n > 3 && !strings.ContainsRune("аеёиоуыэюя", r[n-3]) && !strings.ContainsRune("аеёиоуыэюя", r[n-4]) && r[n-3] != r[n-4] {
			stem += "иев"
		} else {
			stem += "ьев"
		}
	case r[n-1] == 'й' || r[n-1] == 'ь':
		stem = strings.TrimRight(father, "йь") + "ев"
	default:
		stem = father + "ов"
	}
	return stem + "ич", stem + "на"
}

// feminine is a family name as a woman bears it: Иванова, Раевская, Полевая;
// -ко, -ук and -ых do not change.
func feminine(family string) string {
	for _, e := range [...][2]string{
		{"ский", "ская"}, {"цкий", "цкая"}, {"ный", "ная"}, {"ой", "ая"},
		{"ов", "ова"}, {"ев", "ева"}, {"ёв", "ёва"}, {"ин", "ина"}, {"ын", "ына"},
	} {
		if stem, ok := strings.CutSuffix(family, e[0]); ok {
			return stem + e[1]
		}
	}
	return family
}

// A russianName is a name in Cyrillic.
type russianName struct {
	given, patronymic, family string
	gender                    entity.Gender
	spelling                  string // of the given name in everyday English, where it has its own
}

// draw makes up a Russian name.
func (r *russian) draw(c *chance) russianName {
	n := russianName{gender: entity.Male, family: pick(c, r.families)}
	g := pick(c, r.male)
	father := pick(c, r.male)
	n.patronymic = father.son
	if c.oneIn(2) {
		n.gender, g = entity.Female, pick(c, r.female)
		n.family, n.patronymic = feminine(n.family), father.daughter
	}
	n.given = g.cyrillic
	if len(g.spellings) > 0 {
		n.spelling = pick(c, g.spellings)
	}
	return n
}

// inLatin writes the name in a romanisation; the everyday one has spellings of its own for given names.
func (n russianName) inLatin(by romanisation) russianName {
	out := russianName{latin(n.given, by), latin(n.patronymic, by), latin(n.family, by), n.gender, n.spelling}
	if by == everyday && n.spelling != "" {
		out.given = n.spelling
	}
	return out
}

// backToCyrillic undoes the romanisation of a listed Russian name. It reports
// false unless every part has a safe way back.
func (r *russian) backToCyrillic(given, patronymic, family string) (russianName, bool) {
	g, known := r.givenBySound[sound(given)]
	if !known {
		return russianName{}, false
	}
	out := russianName{given: g.cyrillic, gender: g.gender}
	if len(g.spellings) > 0 {
		out.spelling = g.spellings[0]
	}
	if patronymic != "" {
		p, known := r.patronymicBySound[sound(patronymic)]
		if !known || p.gender != g.gender {
			return russianName{}, false
		}
		out.patronymic = p.cyrillic
	}
	f, ok := cyrillicFamily(family)
	if !ok || out.patronymic == "" && !slavicFamily(f) {
		return russianName{}, false
	}
	out.family = f
	return out, true
}

// slavicFamily reports whether a Cyrillic family name has an ending that says so.
func slavicFamily(cyrillic string) bool {
	for _, e := range [...]string{"ов", "ев", "ёв", "ин", "ын", "ий", "ой", "ова", "ева", "ёва", "ина", "ына", "ая", "ко", "ук", "юк", "ых", "их", "ик"} {
		if strings.HasSuffix(cyrillic, e) {
			return true
		}
	}
	return false
}
