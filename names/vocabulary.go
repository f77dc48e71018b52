package names

import (
	"cmp"
	_ "embed"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"sallyport/names/script"
)

// The words this package knows, as texts a person can read and add to. Each is
// of common knowledge; none was taken from a labelled set.
var (
	//go:embed vocabulary.txt
	vocabularyText string
	//go:embed firms.txt
	firmsText string
	//go:embed forms.txt
	formsText string
)

var (
	firmParticles, twoSyllables map[string]bool
	// personWords maps a folded word to what it is in people's names.
	personWords map[string]personWord
	// spellings maps a key to the key of the first spelling of its group.
	spellings map[string]string
	// togetherWords are the firms' words of scripts that put no blanks between words, longestTogether their characters.
	togetherWords   map[string]bool
	longestTogether int
	// soundsJ has the words with a j in groups of spellings whose first has it too: Najla is Nagla, and is not read as Naila.
	soundsJ map[string]bool
	// koreanSyllables are by how they are written: the numbers of those that a word may be.
	koreanSyllables map[string][]uint8
	// nicknames maps a key to the numbers of the groups it is in.
	nicknames map[string][]uint16
	// firmWords maps the key of a word that many firms' names have to what it is.
	firmWords map[string]firmWord
	// phrases maps the keys of a phrase's words, each the first of its group, joined by
	// spaces, to the key of the phrase.
	phrases map[string]phrase
	// phraseWords is the longest phrase, in words.
	phraseWords int
	// numberWords maps the folded words for numbers to their digits.
	numberWords map[string]string
	// legalForms maps the keys of the words of a form, joined by spaces, to its classes.
	legalForms map[string]legalForm
	// legalFormWords is the longest form, in words.
	legalFormWords int
	// joinedForms are those that are written without a space after or before the name, the
	// longest first.
	joinedForms []string
)

// A personWord is what a word is in people's names: the bits of all that it may be.
type personWord uint16

const (
	title personWord = 1 << iota
	particle
	article
	servant
	father  // Abu and its spellings, and those of Umm
	mother  // Umm
	son     // the next word is the father's name
	childOf // the last word was
	former  // a name follows that the person had before
)

// A firmWord is a word that many firms' names have.
type firmWord struct {
	key   string // of the first word of its group
	class Class
}

// A phrase is several words that are one word in another language, or an acronym of them.
type phrase struct {
	key  string
	edge bool // counts only as the first or the last word of a name
}

// A legalForm is a form of firms as it is written.
type legalForm struct {
	country string   // the first that has it
	texts   []string // folded; a key as short as "vi" is that of VIII too
	classes []string
	edge    bool // counts only as the first or the last word of a name
}

// formFamilies has the keys of a class of legal forms: its own, and those of the
// classes that may stand for it. The law differs from one country to the next; translators
// and clerks write LLC for OOO, Limited for GmbH, Corporation for joint stock company. A
// public company is not a closed one, though, and a company of shares none of quotas.
var formFamilies = map[string][]string{
	"llc":         {"~llc", "~limited"},
	"ltd":         {"~ltd", "~limited"},
	"cc":          {"~cc", "~limited"},
	"jsc":         {"~jsc", "~open", "~closed", "~inc"},
	"pjsc":        {"~pjsc", "~open"},
	"plc":         {"~plc", "~open"},
	"cjsc":        {"~cjsc", "~closed"},
	"inc":         {"~inc"},
	"lp":          {"~lp"},
	"coop":        {"~coop"},
	"ip":          {"~ip"},
	"npo":         {"~npo"},
	"state":       {"~state"},
	"institution": {"~institution", "~state"},
}

// adjectives are the endings of Russian and Ukrainian ones in their romanisations.
var adjectives = strings.Fields("y yi yy iy ii ij i a aya aia aja iaia yaya o oe oye oie e ye ie yie ee eye ogo oho ego oi oy oj ei ey ykh ikh uyu uiu ym im omu")

// expanded gives the words that "torgov~" stands for, or the word itself.
func expanded(word string) []string {
	stem, ok := strings.CutSuffix(word, "~")
	if !ok {
		return []string{word}
	}
	words := make([]string, len(adjectives))
	for i, ending := range adjectives {
		words[i] = stem + ending
	}
	return words
}

// sectionsOf a text of words.
func sectionsOf(text string) map[string][]string {
	sections := make(map[string][]string)
	section := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			section = strings.Trim(line, "[]")
		default:
			sections[section] = append(sections[section], line)
		}
	}
	return sections
}

// The tables are made once, from the embedded texts alone, and only read after.
func init() {
	sections := sectionsOf(vocabularyText)
	set := func(name string) map[string]bool {
		words := make(map[string]bool)
		for _, line := range sections[name] {
			for _, w := range strings.Fields(line) {
				words[Fold(w)] = true
			}
		}
		return words
	}
	personWords = make(map[string]personWord)
	for name, is := range map[string]personWord{
		"titles": title, "person particles": particle, "articles": article, "servants": servant,
		"fathers": father, "mothers": father | mother, "sons": son, "child of": childOf, "formers": former,
	} {
		for w := range set(name) {
			personWords[w] |= is
		}
	}
	firmParticles = set("firm particles")
	twoSyllables = set("family names of two syllables")
	spellings, soundsJ = make(map[string]string), make(map[string]bool)
	for _, line := range sections["spellings"] {
		words := strings.Fields(line)
		first := key(Fold(words[0]), reading{})
		for _, w := range words {
			text := Fold(w)
			spellings[key(text, reading{})] = first
			if strings.IndexByte(first, 'J') >= 0 {
				soundsJ[text] = true
			} else {
				spellings[key(text, reading{jIsY: true})] = first
			}
		}
	}
	readFirms(sectionsOf(firmsText))
	readForms(sectionsOf(formsText)[""])
	readJoinings(sections)
	numberWords = make(map[string]string)
	for _, line := range sections["numbers"] {
		words := strings.Fields(line)
		for _, w := range words[1:] {
			numberWords[Fold(w)] = words[0]
		}
	}
	koreanSyllables = make(map[string][]uint8)
	for number, line := range sections["syllables of Korea"] {
		for _, w := range strings.Fields(line) {
			koreanSyllables[w] = append(koreanSyllables[w], uint8(number)) // of 170 at most, see [appendKorean]
			koreanPairs[pairOf(w)].begins, koreanPairs[pairOf(w[len(w)-2:])].ends = true, true
		}
	}
	nicknames = make(map[string][]uint16)
	for group, line := range slices.Concat(sections["nicknames"], sections["translations"], sections["family readings"], sections["syllables of Korea"]) {
		for _, w := range strings.Fields(line) {
			word := Fold(w)
			for _, k := range [...]string{canonical(key(word, reading{})), compoundKey(word)} {
				if k != "" && !slices.Contains(nicknames[k], uint16(group)) {
					nicknames[k] = append(nicknames[k], uint16(group))
				}
			}
		}
	}
}

func readFirms(sections map[string][]string) {
	firmWords, togetherWords = make(map[string]firmWord), make(map[string]bool)
	for _, of := range [...]struct {
		section string
		class   Class
	}{{"generic", Generic}, {"trade", Trade}, {"places", Place}} {
		for _, line := range sections[of.section] {
			words := strings.Fields(line)
			first := wordKey(expanded(words[0])[0])
			for _, w := range words {
				for _, form := range expanded(w) {
					if _, known := firmWords[wordKey(form)]; known && form != w {
						continue // a form of an adjective gives way to a word
					}
					firmWords[wordKey(form)] = firmWord{first, of.class}
					switch script.Of(form) {
					case script.Han, script.Hangul, script.Kana:
						togetherWords[form] = true
						longestTogether = max(longestTogether, utf8.RuneCountInString(form))
					}
				}
			}
		}
	}
	phrases = make(map[string]phrase)
	for _, line := range sections["phrases"] {
		key := ""
		for written := range strings.SplitSeq(line, "|") {
			written, edge := strings.CutSuffix(strings.TrimSpace(written), "$")
			for _, form := range expanded(written) { // of its last word
				words := strings.Fields(form)
				for i, w := range words {
					words[i] = groupKey(wordKey(w))
				}
				joined := strings.Join(words, " ")
				if key == "" {
					key = "~" + joined
				}
				phrases[joined] = phrase{key, edge}
				phraseWords = max(phraseWords, len(words))
			}
		}
	}
}

// groupKey is the key of the first word of a word's group.
func groupKey(key string) string {
	if w, ok := firmWords[key]; ok {
		return w.key
	}
	return key
}

func readForms(lines []string) {
	legalForms = make(map[string]legalForm)
	for _, line := range lines {
		head, written, _ := strings.Cut(line, ":")
		country, class, _ := strings.Cut(head, " ")
		for form := range strings.SplitSeq(written, "|") {
			form, edge := strings.CutSuffix(strings.TrimSpace(form), "$")
			// Read as a firm's name is, so that "d.o.o." is one word here too.
			var words []string
			for _, w := range firmWordsOf(form) {
				words = append(words, wordKey(w))
			}
			joined := strings.Join(words, " ")
			f, known := legalForms[joined]
			if !known {
				f = legalForm{country: country, edge: edge}
			}
			if !slices.Contains(f.classes, class) {
				f.classes = append(f.classes, class)
			}
			f.edge = f.edge && edge
			f.texts = append(f.texts, strings.ReplaceAll(Fold(strings.ReplaceAll(form, ".", "")), " ", ""))
			legalForms[joined] = f
			legalFormWords = max(legalFormWords, len(words))
			switch script.Of(joined) {
			case script.Han, script.Hangul:
				if !known && len(words) == 1 && utf8.RuneCountInString(joined) > 1 {
					joinedForms = append(joinedForms, joined)
				}
			}
		}
	}
	slices.SortFunc(joinedForms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b)) })
}

// firmWordsOf splits a form as [Firm] splits a name: single letters that stand apart are one word.
func firmWordsOf(written string) []string {
	full, _ := bounded(written)
	var out []string
	single := false
	for _, w := range wordsOf(full, true) {
		one := len(w.raw) == 1
		if one && single {
			out[len(out)-1] += w.raw
		} else {
			out = append(out, w.raw)
		}
		single = one
	}
	return out
}

// wordKey is the key of one written word by English reading.
func wordKey(written string) string {
	text, _, latin := foldWord(strings.ToLower(written), ukrainian(written))
	if !latin {
		return text
	}
	return key(text, reading{})
}

// canonical replaces a key by that of its group of everyday spellings.
func canonical(k string) string {
	if first, ok := spellings[k]; ok {
		return first
	}
	return k
}

// keysOfForm are the classes that a form may be, its own first.
func (f *legalForm) keys() []string {
	var keys []string
	for _, class := range f.classes {
		for _, k := range formFamilies[class] {
			if !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// nicknamesOf a token with these keys.
func nicknamesOf(keys []string) []uint16 {
	groups := nicknames[keys[0]]
	for _, k := range keys[1:] {
		if strings.IndexByte(k, '+') > 0 && len(nicknames[k]) > 0 { // a name made of two
			groups = slices.Concat(groups, nicknames[k])
		}
	}
	return groups
}

// foldLegalForms puts one token of the form's classes in place of each legal form,
// the longest first. texts are the tokens' texts, keys their keys by English reading;
// it returns what is left of them beside the tokens, "" for a form.
func foldLegalForms(tokens []Token, texts, keys []string) ([]Token, []string) {
	out, left := tokens[:0:0], keys[:0:0]
	right, wrong := spelled(keys)
	for i := 0; i < len(tokens); {
		n := 0
		var form legalForm
		for k := min(legalFormWords, len(tokens)-i); k > 0; k-- {
			if k == 1 && tokens[i].Class == Number {
				break // VIII and IX sound like forms
			}
			f, ok := legalForms[strings.Join(keys[i:i+k], " ")]
			if !ok && k > 1 && bits.OnesCount64(wrong>>i&(1<<k-1)) == 1 {
				f, ok = legalForms[strings.Join(right[i:i+k], " ")]
			}
			if !ok && k == 1 && i+1 == len(tokens) && tokens[i].Class == Plain && tokens[i].Latin {
				f, ok = misspeltForm(texts[i])
			}
			if ok && k == 1 && len(keys[i]) <= 3 && !slices.Contains(f.texts, texts[i]) {
				continue
			}
			if ok && (!f.edge || i == 0 || i+k == len(tokens)) {
				n, form = k, f
				break
			}
		}
		if n == 0 {
			out, left = append(out, tokens[i]), append(left, keys[i])
			i++
			continue
		}
		// A form said twice ("OOO Romashka LLC") is said once.
		said := false
		for j := range out {
			said = said || out[j].Class == LegalForm && slices.Contains(form.keys(), out[j].Keys[0])
		}
		if !said {
			out = append(out, Token{Text: strings.Join(texts[i:i+n], " "), Keys: form.keys(), Class: LegalForm})
			left = append(left, "")
		}
		i += n
	}
	return out, left
}

// foldPhrases puts one token in place of each phrase, the longest first; keys are the
// tokens' keys by English reading.
func foldPhrases(tokens []Token, keys []string) []Token {
	groups := make([]string, len(keys))
	for i, k := range keys {
		groups[i] = groupKey(k)
	}
	var out []Token
	for i := 0; i < len(tokens); {
		n := 0
		var p phrase
		for k := min(phraseWords, len(tokens)-i); k > 0; k-- {
			if k == 1 && tokens[i].Class == Byname {
				break // initials of the name itself
			}
			f, ok := phrases[strings.Join(groups[i:i+k], " ")]
			if ok && (!f.edge || i == 0 || i+k == len(tokens) || tokens[i-1].Class == LegalForm || tokens[i+k].Class == LegalForm) {
				n, p = k, f
				break
			}
		}
		if n == 0 {
			if out != nil {
				out = append(out, tokens[i])
			}
			i++
			continue
		}
		if out == nil {
			out = append(make([]Token, 0, len(tokens)), tokens[:i]...)
		}
		t := Token{Text: tokens[i].Text, Keys: []string{p.key}, Class: Trade, Latin: tokens[i].Latin}
		if n == 1 { // what has the same text has a key in common
			t.Native = tokens[i].Native
			for _, k := range tokens[i].Keys {
				if !slices.Contains(t.Keys, k) {
					t.Keys = append(t.Keys, k)
				}
			}
		}
		for j := i + 1; j < i+n; j++ {
			t.Text += " " + tokens[j].Text
			t.Latin = t.Latin && tokens[j].Latin
		}
		out = append(out, t)
		i += n
	}
	if out == nil {
		return tokens
	}
	return out
}
