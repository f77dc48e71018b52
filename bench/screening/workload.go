package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// A query is one person to be screened, and who it is.
type query struct {
	group  string // a row of the table: "one letter wrong", "ordinary, Latin letters"
	target string // the id of the listed person it is made from; "" for an ordinary one
	name   string
	birth  string // "1962-11-23"; "" when not known
	gender string // "male", "female"; "" when not known
}

// The groups that listed people are asked for in, in the order of the table, with how
// each name is made.
const (
	asListed   = "as listed"
	asAlias    = "by an alias of the list"
	oneLetter  = "one letter wrong"
	twoLetters = "two letters wrong"
	noMiddle   = "middle name left out"
	familyLast = "family name first"
	otherLatin = "another romanisation"
	native     = "in Cyrillic or Arabic letters"
)

var alterations = []string{asListed, asAlias, oneLetter, twoLetters, noMiddle, familyLast, otherLatin, native}

// The groups of people who are on no list.
const (
	ordinaryLatin = "ordinary, Latin letters"
	ordinaryOther = "ordinary, other letters"
	mixed         = "named after two listed people"
)

// A listed person as OFAC's files write it, read here by a reader of its own, so that
// neither engine's reading of a name decides what it is asked for.
type listed struct {
	id, family, given string
	aliases           []string
	birth, gender     string
}

func (p *listed) name() string { return strings.TrimSpace(p.given + " " + p.family) }

var (
	bornOn = regexp.MustCompile(`\bDOB (\d{2} [A-Z][a-z]{2} \d{4})[;.]`)
	sex    = regexp.MustCompile(`\bGender (Male|Female)\b`)
)

// readListed gives the individuals of sdn.csv with both a family and a given name, and
// their aliases of alt.csv that are no weak ones, in the order of the file (dat_spec.txt:
// in sdn.csv id, name, type, …, remarks; in alt.csv id, id of the alias, kind, name).
func readListed(sdn, alt []byte) ([]listed, error) {
	rows, err := readRows(sdn, 12)
	if err != nil {
		return nil, fmt.Errorf("sdn.csv: %w", err)
	}
	var people []listed
	at := map[string]int{}
	for _, row := range rows {
		family, given, ok := strings.Cut(row[1], ", ")
		if row[2] != "individual" || !ok || strings.Contains(given, ",") {
			continue
		}
		p := listed{id: row[0], family: strings.TrimSpace(family), given: strings.TrimSpace(given)}
		if m := bornOn.FindStringSubmatch(row[11]); m != nil {
			if day, err := time.Parse("02 Jan 2006", m[1]); err == nil {
				p.birth = day.Format(time.DateOnly)
			}
		}
		if m := sex.FindStringSubmatch(row[11]); m != nil {
			p.gender = strings.ToLower(m[1])
		}
		at[p.id] = len(people)
		people = append(people, p)
	}
	if rows, err = readRows(alt, 5); err != nil {
		return nil, fmt.Errorf("alt.csv: %w", err)
	}
	for _, row := range rows {
		i, ok := at[row[0]]
		family, given, comma := strings.Cut(row[3], ", ")
		if ok && comma && row[2] == "aka" {
			people[i].aliases = append(people[i].aliases, strings.TrimSpace(given)+" "+strings.TrimSpace(family))
		}
	}
	return people, nil
}

// readRows reads a legacy file of OFAC. Spaces around fields are taken off, and the
// mark of an empty one.
func readRows(b []byte, columns int) ([][]string, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimSuffix(b, []byte{0x1a})))
	r.FieldsPerRecord, r.LazyQuotes = columns, true
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		for i := range row {
			if row[i] = strings.TrimSpace(row[i]); row[i] == "-0-" {
				row[i] = ""
			}
		}
	}
	return rows, nil
}

// spellings are the ways in which parts of names of one language are written in its
// own letters and in Latin ones, as pairs with how often each was met.
type spellings struct {
	native map[string]string   // Latin → the native spelling met most often
	latin  map[string][]string // native → its Latin spellings, most often first
}

// leastMet is how often a pair must have been met to be used. The known collections
// are mined, and have translations and errors among the rare pairs.
const leastMet = 3

// readSpellings reads tab-separated lines "latin, native, count" after a header.
func readSpellings(in io.Reader) (*spellings, error) {
	type pair struct {
		text  string
		count int
	}
	natives, latins := map[string][]pair{}, map[string][]pair{}
	b, err := io.ReadAll(io.LimitReader(in, 64<<20))
	if err != nil {
		return nil, err
	}
	n := 0
	for line := range strings.Lines(string(b)) {
		if n++; n == 1 {
			if strings.TrimSpace(line) != "latin\tnative\tcount" {
				return nil, errors.New(`line 1: want the header "latin, native, count", parted by tabs`)
			}
			continue
		}
		f := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(f) != 3 {
			return nil, fmt.Errorf("line %d: %d fields, want 3 parted by tabs", n, len(f))
		}
		count, err := strconv.Atoi(f[2])
		if err != nil {
			return nil, fmt.Errorf("line %d: count %q: not a number", n, f[2])
		}
		if count >= leastMet {
			natives[f[0]] = append(natives[f[0]], pair{f[1], count})
			latins[f[1]] = append(latins[f[1]], pair{f[0], count})
		}
	}
	if n == 0 {
		return nil, errors.New("file is empty")
	}
	byCount := func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.count, a.count), strings.Compare(a.text, b.text))
	}
	s := &spellings{map[string]string{}, map[string][]string{}}
	for l, ps := range natives {
		s.native[l] = slices.MinFunc(ps, byCount).text
	}
	for n, ps := range latins {
		slices.SortFunc(ps, byCount)
		for _, p := range ps {
			s.latin[n] = append(s.latin[n], p.text)
		}
	}
	return s, nil
}

// mapWords puts f(word) for every word of a name, words being parted by spaces and
// hyphens, which stay; ok tells whether f knew them all.
func mapWords(name string, f func(string) (string, bool)) (out string, ok bool) {
	ok = true
	var b strings.Builder
	for len(name) > 0 {
		end := strings.IndexAny(name, " -")
		if end < 0 {
			end = len(name)
		}
		if end > 0 {
			w, known := f(name[:end])
			ok = ok && known
			b.WriteString(w)
		}
		if end < len(name) {
			b.WriteByte(name[end])
			end++
		}
		name = name[end:]
	}
	return b.String(), ok
}

// alter makes a name of the group from a listed person's; ok is false where this
// person gives none.
func alter(group string, p *listed, tables []*spellings, r *rand.Rand) (name string, ok bool) {
	switch group {
	case asListed:
		return p.name(), true
	case asAlias:
		if len(p.aliases) == 0 {
			return "", false
		}
		return p.aliases[r.IntN(len(p.aliases))], true
	case oneLetter:
		return mistype(p.name(), r)
	case twoLetters:
		once, ok := mistype(p.name(), r)
		if !ok {
			return "", false
		}
		twice, ok := mistype(once, r)
		return twice, ok && distance(p.name(), twice) == 2
	case noMiddle:
		first, _, ok := strings.Cut(p.given, " ")
		return first + " " + p.family, ok && len(first) > 2 && !strings.Contains(first, ".")
	case familyLast:
		return p.family + " " + p.given, true
	case otherLatin:
		for _, t := range tables {
			out, _ := mapWords(p.name(), func(w string) (string, bool) {
				var others []string
				for _, o := range t.latin[t.native[strings.ToLower(w)]] {
					if o != strings.ToLower(w) {
						others = append(others, o)
					}
				}
				if len(others) == 0 {
					return w, false
				}
				return title(others[r.IntN(len(others))]), true
			})
			if out != p.name() {
				return out, true
			}
		}
	case native:
		// The whole name where a table knows all of it, else the first given name and the
		// family name: patronymics are rare in collections of given and family names.
		first, _, _ := strings.Cut(p.given, " ")
		for _, name := range []string{p.name(), first + " " + p.family} {
			for _, t := range tables {
				out, ok := mapWords(name, func(w string) (string, bool) {
					n, ok := t.native[strings.ToLower(w)]
					return title(n), ok
				})
				if ok {
					return out, true
				}
			}
		}
	}
	return "", false
}

func title(s string) string {
	for i, r := range s {
		return string(unicode.ToUpper(r)) + s[i+len(string(r)):]
	}
	return s
}

// mistype makes one mistake of typing: a letter changed, left out, put in, or swapped
// with the next, within a word of four letters and more (Damerau, CACM 7(3), 1964: four
// of five misspellings are one of these).
func mistype(name string, r *rand.Rand) (string, bool) {
	s := []rune(name)
	var places []int // whose letter and the next belong to such a word
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && unicode.IsLetter(s[j]) {
			j++
		}
		if j-i >= 4 {
			for k := i; k < j-1; k++ {
				places = append(places, k)
			}
		}
		i = j + 1
	}
	if len(places) == 0 {
		return "", false
	}
	i, letter := places[r.IntN(len(places))], rune('a'+r.IntN(26))
	if unicode.IsUpper(s[i]) && unicode.IsUpper(s[i+1]) {
		letter = unicode.ToUpper(letter)
	}
	switch r.IntN(4) {
	case 0:
		s[i] = letter
	case 1:
		s = slices.Delete(s, i, i+1)
	case 2:
		s = slices.Insert(s, i+1, letter)
	case 3:
		s[i], s[i+1] = s[i+1], s[i]
	}
	return string(s), distance(name, string(s)) == 1
}

// distance counts mistakes of typing between two names, no matter the case of letters:
// the restricted edit distance with transpositions.
func distance(a, b string) int {
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	d := make([][]int, len(x)+1)
	for i := range d {
		d[i] = make([]int, len(y)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			change := 1
			if x[i-1] == y[j-1] {
				change = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(x)][len(y)]
}

// askForListed makes up to n queries in each of the groups, each from another person
// within a group. It is the same for the same seed and files.
func askForListed(people []listed, tables []*spellings, n int, seed uint64) []query {
	var out []query
	for g, group := range alterations {
		r := rand.New(rand.NewPCG(seed, uint64(g)))
		found := 0
		for _, i := range r.Perm(len(people)) {
			if found == n {
				break
			}
			p := &people[i]
			if name, ok := alter(group, p, tables, r); ok {
				out = append(out, query{group, p.id, name, p.birth, p.gender})
				found++
			}
		}
	}
	return out
}

// mixNames makes up to n people who are on no list but bear the given name of one
// listed person and the family name of another: the hard ones among the innocent, such
// as the countries are full of that lists are about. Each has a day of birth between
// 1945 and 2004. It is the same for the same seed and files.
func mixNames(listedPeople []listed, n int, seed uint64) []query {
	words := func(name string) string {
		w := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return !unicode.IsLetter(c) })
		slices.Sort(w)
		return strings.Join(slices.Compact(w), " ")
	}
	taken := map[string]bool{} // the words of all names that are listed, or were made before
	for i := range listedPeople {
		p := &listedPeople[i]
		first, _, _ := strings.Cut(p.given, " ")
		for _, name := range append([]string{p.name(), first + " " + p.family}, p.aliases...) {
			taken[words(name)] = true
		}
	}
	r := rand.New(rand.NewPCG(seed, 3<<32))
	var out []query
	for try := 0; len(out) < n && try < 20*n; try++ {
		a, b := &listedPeople[r.IntN(len(listedPeople))], &listedPeople[r.IntN(len(listedPeople))]
		first, _, _ := strings.Cut(a.given, " ")
		name := first + " " + b.family
		if len(first) < 3 || strings.Contains(first, ".") || taken[words(name)] {
			continue
		}
		taken[words(name)] = true
		birth := time.Date(1945+r.IntN(60), 1, 1+r.IntN(365), 0, 0, 0, 0, time.UTC)
		out = append(out, query{mixed, "", name, birth.Format(time.DateOnly), a.gender})
	}
	return out
}

// pickOrdinary takes n of the people at random, the same ones for the same seed.
func pickOrdinary(all []query, n int, seed uint64) []query {
	r := rand.New(rand.NewPCG(seed, 1<<32))
	var out []query
	for _, i := range r.Perm(len(all))[:min(n, len(all))] {
		q := all[i]
		q.group = ordinaryLatin
		if strings.ContainsFunc(q.name, func(c rune) bool { return unicode.IsLetter(c) && !unicode.Is(unicode.Latin, c) }) {
			q.group = ordinaryOther
		}
		out = append(out, q)
	}
	return out
}
