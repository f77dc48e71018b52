package population

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sallyport/entity"
)

// sound is a coarse key of one written word: spellings of one name share it, and
// so do some names of different people. It is only used to keep the made-up away
// from the listed and to check a way back into Cyrillic, where too coarse is safe.
// It is not the matcher's key and must not become it: the population would then
// contain no spelling that the matcher cannot read.
func sound(word string) string {
	if isCyrillic(word) {
		word = latinWord(word, passport)
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(word)) {
		switch r {
		case 'ł':
			r = 'l'
		case 'đ':
			r = 'd'
		case 'ı':
			r = 'i'
		case 'ø':
			r = 'o'
		}
		if unicode.IsLetter(r) {
			b.WriteRune(r)
		}
	}
	s := soundLetters.Replace(b.String())
	s = strings.NewReplacer("ie", "e", "io", "e").Replace(string(slices.Compact([]byte(s))))
	s = strings.NewReplacer("e", "a", "o", "u").Replace(s)
	return string(slices.Compact([]byte(s)))
}

var soundLetters = strings.NewReplacer(
	"shch", "S", "sch", "S", "sh", "S", "zh", "Z", "kh", "h", "ch", "C", "ts", "T", "tc", "T", "tz", "T", "gh", "g", "ph", "f", "ck", "k",
	"ss", "s", "c", "k", "q", "k", "x", "ks", "w", "v", "y", "i", "j", "i", "ae", "a", "ou", "u", "oo", "u", "ß", "s")

// soundOf is sound, with the given names that have several spellings brought together.
func soundOf(word string) string {
	s := sound(word)
	if g, ok := russians().givenBySound[s]; ok {
		return sound(g.cyrillic)
	}
	return s
}

// sounds are the sounds of a name's words, articles left out.
func sounds(name string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == '-' || r == ',' }) {
		if s := soundOf(w); s != "" && s != "al" {
			out = append(out, s)
		}
	}
	return out
}

// A roll knows the names, birth dates and numbers on the two editions, so that
// nobody made up is a listed person by accident.
type roll struct {
	names   []rollName
	byWord  map[string][]int // sound of a word → the names it is in
	numbers map[string]bool  // of documents, listed and given out
}

type rollName struct {
	words []string
	of    *entity.Entity
}

func newRoll(editions ...[]entity.Entity) *roll {
	r := &roll{byWord: map[string][]int{}, numbers: map[string]bool{}}
	for _, list := range editions {
		for i := range list {
			e := &list[i]
			for _, id := range e.Identifiers {
				r.numbers[bareNumber(id.Number)] = true
			}
			for _, n := range e.Names {
				words := sounds(n.Full)
				for _, w := range slices.Compact(slices.Sorted(slices.Values(words))) {
					r.byWord[w] = append(r.byWord[w], len(r.names))
				}
				r.names = append(r.names, rollName{words, e})
			}
		}
	}
	return r
}

// bearers are the listed entities one of whose names contains all the words of
// the given one, in any order. A name without a letter has none.
func (r *roll) bearers(name string) []*entity.Entity {
	if len(r.names) == 0 { // a population of a million is mostly made without a list
		return nil
	}
	words := sounds(name)
	if len(words) == 0 {
		return nil
	}
	var out []*entity.Entity
	for _, i := range r.byWord[words[0]] {
		n := r.names[i]
		if !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(n.words, w) }) && !slices.Contains(out, n.of) {
			out = append(out, n.of)
		}
	}
	return out
}

// free reports whether no listed entity bears the name.
func (r *roll) free(name string) bool { return len(r.bearers(name)) == 0 }

// take reports whether the number is nobody's, and if so gives it out.
func (r *roll) take(number string) bool {
	bare := bareNumber(number)
	if r.numbers[bare] {
		return false
	}
	r.numbers[bare] = true
	return true
}

// bareNumber is a document number without what its writers put between the signs.
func bareNumber(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, s)
}
