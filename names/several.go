package names

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sallyport/names/script"
)

// A Said is one of several names that one field tells.
type Said struct {
	Full string
	// Other is set where the name may be that of somebody else than whom the field is about: of who has an
	// account with them, of whom they act for. What else is known of the one is not known of the other.
	Other bool
	// Branch is set where the field names a branch of this firm, which is no other: a branch asks, and the firm is listed. Where
	// a branch is listed, the firm is not.
	Branch bool
}

// Several gives the names that a field tells besides the whole of it: "Viktor Petrov alias Viktor Bout" tells two, and either
// may be listed. It gives none where there is but one. Of a firm's field only other names of the
// firm are read, for many a firm is called by two people's (Johnson & Johnson). The whole is to be compared as well: what
// joins two names may be a part of one (Ortega y Gasset, Metin And).
func Several(full string, firm bool) []Said {
	full, _ = cutRunes(full, MaxRunes)
	if !maybeSeveral(full, firm) {
		return nil
	}
	r := severalReader{firm: firm}
	r.read(fieldWords(full), false, false)
	return r.said
}

// mostSaid bounds how many names of one field are read.
const mostSaid = 8

// A join is what stands between two names and says whose the second is.
type join uint8

const (
	noJoin  join = iota
	called       // of the same
	jointly      // of who has the account too
	behind       // of whom, or for whom, the first acts
	branch       // no phrase: a word for a part of a firm
)

// A joining is a phrase between names, after its first word.
type joining struct {
	rest []string
	join join
}

var (
	// joinings are by their first words, the longest first. Those that join nothing tell that a name is more than one.
	joinings map[string][]joining
	// joinedTogether are those of scripts that put no blanks between words.
	joinedTogether []string
	// belongings are words of what belongs to somebody named before, states tell of somebody and are no names.
	belongings, states map[string]bool
)

func readJoinings(sections map[string][]string) {
	joinings = make(map[string][]joining)
	add := func(phrase string, by join) {
		words := strings.Fields(phrase)
		joinings[words[0]] = append(joinings[words[0]], joining{words[1:], by})
	}
	for _, line := range sections["also called"] {
		add(line, called)
	}
	for _, line := range sections["jointly"] {
		add(line, jointly)
	}
	for _, line := range sections["for another"] {
		add(line, behind)
	}
	for _, line := range sections["also called, together"] {
		joinedTogether = append(joinedTogether, strings.Fields(line)...)
	}
	for _, w := range joinedTogether {
		add(w, called)
	}
	belongings, states = make(map[string]bool), make(map[string]bool)
	for _, w := range strings.Fields(strings.Join(sections["belongings"], " ")) {
		belongings[w] = true
		add(w, noJoin)
	}
	for _, w := range strings.Fields(strings.Join(sections["states"], " ")) {
		states[w] = true
		add(w, noJoin)
	}
	for _, w := range strings.Fields(strings.Join(sections["branches"], " ")) {
		add(w, branch)
	}
	for _, of := range joinings {
		slices.SortStableFunc(of, func(a, b joining) int { return cmp.Compare(len(b.rest), len(a.rest)) })
	}
}

// Signs that stand around an aside or between names, each a word by itself.
const (
	opening  = "([\"\uff08\u201c\u201e\u00ab"
	closings = ")]\"\uff09\u201d\u201c\u00bb" // in the same order
	signs    = opening + closings + ";|"
)

// maybeSeveral spares most names the rest.
func maybeSeveral(full string, firm bool) bool {
	east := false
	for _, r := range full {
		switch r {
		case '(', ')', '[', ']', '"', '/', ';', '|', '\uff08', '\uff09', '\u201c', '\u201d', '\u201e', '\u00ab', '\u00bb':
			return true
		}
		east = east || r >= '\u4e00'
	}
	if east && spaced(full) != full {
		return true
	}
	var room [32]byte // no word of a phrase is as long
	var begun []joining
	for w := range strings.FieldsSeq(full) {
		b := phraseWord(room[:0], w)
		for _, p := range begun {
			if len(p.rest) > 0 && p.rest[0] == string(b) {
				return true
			}
		}
		begun = joinings[string(b)]
		for _, p := range begun {
			if len(p.rest) == 0 && (p.join == called || firm == (p.join == branch)) {
				return true
			}
		}
	}
	return false
}

// phraseWord appends a word as the vocabulary has those of phrases: a.k.a. is aka. Where there is no room it appends the beginning.
func phraseWord(b []byte, w string) []byte {
	for _, r := range strings.Trim(w, ",:'") {
		if r == '.' {
			continue
		}
		if r < utf8.RuneSelf {
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
		} else {
			r = unicode.ToLower(r)
		}
		if len(b)+utf8.RuneLen(r) > cap(b) {
			break
		}
		b = utf8.AppendRune(b, r)
	}
	return b
}

func phraseWordOf(w string) string { return string(phraseWord(make([]byte, 0, 64), w)) }

// spaced puts blanks around what joins names in scripts that have none.
func spaced(full string) string {
	for _, w := range joinedTogether {
		if strings.Contains(full, w) {
			full = strings.ReplaceAll(full, w, " "+w+" ")
		}
	}
	return full
}

// fieldWords parts a field at blanks and signs.
func fieldWords(full string) []string {
	var words []string
	add := func(w string) {
		if w == "" {
			return
		}
		// Bout/Petrov are two, c/o and S/O are none.
		if _, phrase := joinings[phraseWordOf(w)]; !phrase && strings.IndexByte(w, '/') > 0 {
			pieces := strings.Split(w, "/")
			if !slices.ContainsFunc(pieces, func(p string) bool { return letters(p) < 2 }) {
				for i, p := range pieces {
					if i > 0 {
						words = append(words, "/")
					}
					words = append(words, p)
				}
				return
			}
		}
		words = append(words, w)
	}
	for w := range strings.FieldsSeq(spaced(full)) {
		for {
			at := strings.IndexAny(w, signs)
			if at < 0 {
				break
			}
			_, size := utf8.DecodeRuneInString(w[at:])
			add(w[:at])
			words, w = append(words, w[at:at+size]), w[at+size:]
		}
		add(w)
	}
	return words
}

func letters(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// A severalReader reads the names of one field.
type severalReader struct {
	firm bool
	said []Said
}

// A stretch is what a field has between two phrases.
type stretch struct {
	by     join     // what joins it to the stretch before
	phrase []string // which words these are
	words  []string
	less   bool // something that was in it is left out
	other  bool
	branch bool
}

// read reads the words of a field, or of an aside in it, which may be of another.
func (r *severalReader) read(words []string, aside, other bool) {
	var asides [][]string
	all := []stretch{{other: other}}
	for i := 0; i < len(words); {
		now := &all[len(all)-1]
		if end := r.asideEnds(words, i); end > 0 {
			asides = append(asides, words[i+1:end])
			now.less = true
			i = end + 1
			continue
		}
		by, n := joiningAt(words[i:])
		if by == noJoin || r.firm && by != called || by == called && named(now.words) == 0 {
			now.words = append(now.words, words[i])
			i++
			continue
		}
		all = append(all, stretch{by: by, phrase: words[i : i+n]})
		i += n
	}
	all = settle(all)
	for i := range all {
		s := &all[i]
		if r.firm {
			s.withoutBranch()
		} else {
			s.shorten()
		}
		if aside || len(all) > 1 || s.less {
			r.say(s)
		}
	}
	for _, words := range asides {
		if by, n := joiningAt(words); by == called {
			r.read(words[n:], true, other)
		} else if named(words) > 1 {
			r.read(words, true, true)
		}
	}
}

// asideEnds gives where an aside ends that begins here, 0 where none does. What a firm's name has in brackets is part of it,
// unless it is said to be another name.
func (r *severalReader) asideEnds(words []string, i int) int {
	for kind, open := range []rune(opening) {
		if words[i] != string(open) {
			continue
		}
		n := slices.Index(words[i+1:], string([]rune(closings)[kind]))
		if n < 0 {
			return 0
		}
		if by, _ := joiningAt(words[i+1 : i+1+n]); r.firm && by != called {
			return 0
		}
		return i + 1 + n
	}
	return 0
}

// joiningAt gives the longest phrase that the words begin with, and how many of them it is.
func joiningAt(words []string) (join, int) {
	if len(words) == 0 {
		return noJoin, 0
	}
	for _, p := range joinings[phraseWordOf(words[0])] {
		if p.join != branch && len(words) > len(p.rest) && slices.EqualFunc(p.rest, words[1:1+len(p.rest)], func(want, w string) bool { return want == phraseWordOf(w) }) {
			return p.join, 1 + len(p.rest)
		}
	}
	return noJoin, 0
}

// named counts words that may be names. A word of Han, kana or Hangul may be a whole one.
func named(words []string) (n int) {
	for _, w := range words {
		switch l := letters(w); {
		case l == 0, personWords[phraseWordOf(w)]&title != 0:
		case l > 1 && eastern(w):
			n += 2
		default:
			n++
		}
	}
	return n
}

func eastern(w string) bool {
	s := script.Of(w)
	return s == script.Han || s == script.Hangul || s == script.Kana
}

// settle puts together again what a phrase does not part, and gives two who share a family name each theirs.
func settle(all []stretch) []stretch {
	out := all[:1:1]
	for _, s := range all[1:] {
		last := &out[len(out)-1]
		s.other = last.other || s.by != called
		ours, theirs := named(last.words), named(s.words)
		joint, two := s.by == jointly, phraseWordOf(s.phrase[0]) != "y" // Ortega y Gasset is one family name
		switch {
		case theirs > 0 && !joint, theirs > 1 && ours > 1:
			out = append(out, s)
		case theirs > 1 && ours == 0: // Mr and Mrs Viktor Bout
			s.less = true
			*last = s
		case theirs > 1 && ours == 1: // Viktor and Maria Bout
			last.words = append(last.words, s.words[len(s.words)-1])
			out = append(out, s)
		case theirs == 1 && ours > 1 && strings.HasSuffix(last.words[0], ","): // Bout, Viktor and Maria
			s.words = slices.Concat(last.words[:1], s.words)
			out = append(out, s)
		case theirs == 1 && ours > 1 && two: // Viktor Bout and Maria, Бут Виктор и Мария
			first, end := last.words[0], last.words[len(last.words)-1]
			given := s.words
			s.words = slices.Concat(given, []string{end})
			out = append(out, s)
			s.words = slices.Concat([]string{first}, given)
			out = append(out, s)
		default:
			last.words = slices.Concat(last.words, s.phrase, s.words)
		}
	}
	return out
}

// shorten leaves out of a person's name what is none: that they are dead, that it is their trust.
func (s *stretch) shorten() {
	words := s.words
	last := func() string { return phraseWordOf(words[len(words)-1]) }
	for len(words) > 0 && states[last()] {
		words, s.less = words[:len(words)-1], true
	}
	if len(words) > 2 && (last() == "trust" || last() == "estate") {
		for len(words) > 0 && belongings[last()] {
			words = words[:len(words)-1]
		}
		if len(words) > 0 && phraseWordOf(words[0]) == "the" {
			words = words[1:]
		}
		s.less, s.other = true, true
	}
	s.words = words
}

// withoutBranch leaves out that a name is that of a branch, which is the firm: Melli Bank PLC London Branch, London Branch of Melli Bank PLC.
func (s *stretch) withoutBranch() {
	is := func(w string) bool {
		return slices.ContainsFunc(joinings[phraseWordOf(w)], func(p joining) bool { return p.join == branch })
	}
	place := func(w string) bool {
		text, _, latin := foldWord(phraseWordOf(w), false)
		if latin {
			text = key(text, reading{})
		}
		word, known := firmWordOf(text)
		return known && word.class == Place
	}
	words := s.words
	at := slices.IndexFunc(words, is)
	if at < 0 {
		return
	}
	before, behind := words[:at], words[at+1:]
	bracket := func(w string) bool { return len(w) == 1 && strings.Contains("()[]", w) }
	switch {
	case !slices.ContainsFunc(behind, func(w string) bool { return !bracket(w) }): // Bank Sepah (Paris Branch) too
		for len(before) > 2 && (place(before[len(before)-1]) || bracket(before[len(before)-1])) {
			before = before[:len(before)-1]
		}
		words = before
	case len(behind) > 1 && firmParticles[phraseWordOf(behind[0])] && !slices.ContainsFunc(before, func(w string) bool { return !place(w) }):
		words = behind[1:]
	default:
		return
	}
	if len(words) > 1 {
		s.words, s.less, s.branch = words, true, true
	}
}

// unspaced takes the blanks away that made words of brackets.
var unspaced = strings.NewReplacer("( ", "(", " )", ")", "[ ", "[", " ]", "]")

func (r *severalReader) say(s *stretch) {
	name := strings.Trim(unspaced.Replace(strings.Join(s.words, " ")), " ,:/&+@-")
	if len(r.said) < mostSaid && letters(name) > 1 {
		r.said = append(r.said, Said{name, s.other, s.branch})
	}
}
