package population

import (
	"slices"
	"strings"

	"sallyport/entity"
)

// equivalents are spellings of one name in Latin letters, from general knowledge.
// No line brings two names together.
const equivalents = `
mohammad mohammed muhammad mohamed
ahmad ahmed
hussein hossein husayn hussain
hassan hasan
abdullah abdallah abdulla
yusuf yousef yousuf youssef
ibrahim ebrahim
ismail ismael esmail
mustafa mostafa
umar omar
usama osama
uthman othman
khalid khaled
said saeed
salih saleh
salim saleem
rashid rasheed
karim kareem
hamid hameed
walid waleed
tariq tarek
nasir nasser
suleiman sulayman sulaiman
qasim qassem kassem
faisal faysal
yahya yahia
hashem hashim
`

// intoRussian are Belarusian and Ukrainian given names, and how Russian papers
// of the same person write them.
const intoRussian = `
aliaksandr aleksandr alexander
aliaksei aleksei aleksey
siarhei sergei sergey
uladzimir vladimir
mikalai nikolai nikolay
viachaslau vyacheslav
yauheni yevgeny
dzmitry dmitry
oleksandr aleksandr
oleksiy aleksey
serhiy sergey
volodymyr vladimir
andriy andrey
dmytro dmitry
mykola nikolay
`

// accents are those that Spanish names bear and lists leave out.
const accents = `
García González Rodríguez Hernández López Pérez Sánchez Ramírez Martínez Gómez Díaz Jiménez Gutiérrez Fernández Álvarez
Vázquez Suárez Núñez Muñoz Domínguez Velásquez Méndez Ordóñez Marín Mejía Úsuga Ríos Cárdenas Beltrán Galván Guzmán Chávez
José María Jesús Andrés Óscar Iván Raúl Ramón Martín Ángel Joaquín Nicolás Sebastián Germán Hernán Rubén Víctor Héctor Julián
Adrián César Félix Tomás Agustín Álvaro Darío Inés Lucía Sofía Mónica Verónica Cañón Peña Ibáñez Durán Roldán Farías Solís Ávila`

// A spelled name is how a listed person writes their name.
type spelled struct {
	name   entity.Name
	gender entity.Gender
	native bool // not in Latin letters
}

// titled is the name's parts in title case, taken from its words where the list
// does not tell them apart. It reports false for a name of one word.
func titled(n entity.Name) (parts, bool) {
	p := parts{n.Given, n.Patronymic, n.Family}
	if p.given == "" || p.family == "" {
		words := strings.Fields(n.Full)
		if len(words) < 2 || p.given != "" || p.family != "" {
			return parts{}, false
		}
		p = parts{given: strings.Join(words[:len(words)-1], " "), family: words[len(words)-1]}
	}
	title := func(s string) string {
		words := strings.Fields(s)
		for i := range words {
			words[i] = titleCase(words[i])
		}
		return strings.Join(words, " ")
	}
	return parts{title(p.given), title(p.patronymic), title(p.family)}, true
}

var russianWritten = []string{"RU", "BY", "KZ", "KG"}

// russianOf is the entity's name in Cyrillic: the list's own, or the primary name
// turned back. It reports false for names that are not Russian.
func russianOf(e *entity.Entity) (russianName, bool) {
	for _, n := range e.Names {
		if n.Kind == entity.Original && isCyrillic(n.Full) && !strings.ContainsAny(strings.ToLower(n.Full), "іїєґў") {
			if p, ok := titled(n); ok && n.Given != "" {
				out := russianName{given: p.given, patronymic: p.patronymic, family: p.family, gender: e.Gender}
				if g, known := russians().givenBySound[sound(p.given)]; known {
					out.gender = g.gender
					if len(g.spellings) > 0 {
						out.spelling = g.spellings[0]
					}
				}
				return out, true
			}
		}
	}
	if len(e.Names) == 0 || !isLatin(e.Names[0].Full) {
		return russianName{}, false
	}
	p, ok := titled(e.Names[0])
	if !ok || strings.Contains(p.given, " ") || strings.Contains(p.family, " ") {
		return russianName{}, false
	}
	// Serbs and Bulgarians share family names with Russians and have other forms of
	// given ones: Aleksandar is no Aleksandr. A patronymic, or papers of a country
	// where Russian is written, tell.
	if p.patronymic == "" && !slices.ContainsFunc(e.Nationalities, func(n string) bool { return slices.Contains(russianWritten, n) }) {
		return russianName{}, false
	}
	return russians().backToCyrillic(p.given, p.patronymic, p.family)
}

// respell writes a listed person's name as none of the list's names and none of
// the others is written, letter case aside, and as nobody else's. It reports
// false where it finds no way.
func respell(c *chance, e *entity.Entity, others []string) (spelled, bool) {
	if len(e.Names) == 0 {
		return spelled{}, false
	}
	taken := map[string]bool{}
	for _, n := range e.Names {
		taken[strings.ToLower(n.Full)] = true
	}
	for _, o := range others {
		taken[strings.ToLower(o)] = true
	}
	n, isRussian := russianOf(e)
	p, ok := titled(e.Names[0])
	if !isRussian && (!ok || !isLatin(e.Names[0].Full)) {
		return spelled{}, false
	}
	for range 40 {
		s := spelled{gender: e.Gender}
		if isRussian {
			s = russianSpelling(c, n)
		} else {
			s = otherSpelling(c, p)
			s.gender = e.Gender
		}
		if !taken[strings.ToLower(s.name.Full)] {
			return s, true
		}
	}
	return spelled{}, false
}

// russianSpelling is one of the ways in which a Russian writes their name.
func russianSpelling(c *chance, n russianName) spelled {
	s := spelled{gender: n.gender, native: c.percent(40)}
	out := n
	if !s.native {
		out = n.inLatin(pick(c, romanisations[:]))
	}
	p := parts{out.given, out.patronymic, out.family}
	if c.percent(35) {
		p.patronymic = ""
	}
	if s.native && c.oneIn(2) { // ё is a matter of taste
		e := strings.NewReplacer("ё", "е", "Ё", "Е")
		p = parts{e.Replace(p.given), e.Replace(p.patronymic), e.Replace(p.family)}
	}
	s.name = inOneLine(c, p, s.native && c.percent(60) || c.percent(25), c.percent(15))
	return s
}

// otherSpelling reorders a name and respells those of its words that are known
// to be spelled in several ways.
func otherSpelling(c *chance, p parts) spelled {
	p.given, p.family = eachSpelling(c, p.given), eachSpelling(c, p.family)
	if p.patronymic != "" && c.oneIn(2) {
		p.patronymic = ""
	}
	return spelled{name: inOneLine(c, p, c.percent(60), c.percent(20))}
}

func inOneLine(c *chance, p parts, familyFirst, upper bool) entity.Name {
	if upper {
		p = parts{strings.ToUpper(p.given), strings.ToUpper(p.patronymic), strings.ToUpper(p.family)}
	}
	full := p.full(familyFirst)
	if familyFirst && c.oneIn(4) && isLatin(full) {
		full = p.family + ", " + parts{given: p.given, patronymic: p.patronymic}.full(false)
	}
	return entity.Name{Full: full, Given: p.given, Patronymic: p.patronymic, Family: p.family}
}

// eachSpelling respells each word that it knows, more often than not.
func eachSpelling(c *chance, s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		if c.oneIn(4) {
			continue
		}
		words[i] = otherWord(c, w)
	}
	return strings.Join(words, " ")
}

func otherWord(c *chance, w string) string {
	lower := strings.ToLower(w)
	for line := range strings.Lines(equivalents) {
		group := strings.Fields(line)
		if !slices.Contains(group, lower) {
			continue
		}
		return titleCase(pick(c, group))
	}
	for line := range strings.Lines(intoRussian) {
		if group := strings.Fields(line); len(group) > 1 && group[0] == lower {
			return titleCase(pick(c, group[1:]))
		}
	}
	for _, a := range strings.Fields(accents) {
		if withoutMarks(strings.ToLower(a)) == lower {
			return a
		}
	}
	// Al-Khazali, Al Khazali, El-Khazali.
	if rest, ok := strings.CutPrefix(lower, "al-"); ok {
		return pick(c, []string{"Al ", "El-", "al-"}) + titleCase(rest)
	}
	return w
}

func withoutMarks(s string) string {
	return strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ñ", "n").Replace(s)
}
