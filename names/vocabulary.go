package names

import (
	_ "embed"
	"slices"
	"strings"
)

// The words this package knows, as a text a person can read and add to. Each is
// of common knowledge; none was taken from a labelled set.
//
//go:embed vocabulary.txt
var vocabularyText string

var (
	titles, personParticles, firmParticles, articles, servants, generics, genericKeys, twoSyllables map[string]bool
	// spellings maps a key to the key of the first spelling of its group.
	spellings map[string]string
	// nicknames maps a key to the numbers of the groups it is in.
	nicknames map[string][]uint16
	// firmWords maps a key to the key of the first word of its group.
	firmWords map[string]string
	// numberWords maps the folded words for numbers to their digits.
	numberWords map[string]string
	// legalForms maps the keys of the words of a form, joined by spaces, to its class.
	legalForms map[string]string
	// legalFormWords is the longest form, in words.
	legalFormWords int
)

// The tables are made once, from the embedded text alone, and only read after.
func init() {
	sections := make(map[string][]string)
	section := ""
	for line := range strings.Lines(vocabularyText) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			section = strings.Trim(line, "[]")
		default:
			sections[section] = append(sections[section], line)
		}
	}
	set := func(name string) map[string]bool {
		words := make(map[string]bool)
		for _, line := range sections[name] {
			for _, w := range strings.Fields(line) {
				words[Fold(w)] = true
			}
		}
		return words
	}
	titles, personParticles, firmParticles = set("titles"), set("person particles"), set("firm particles")
	articles, servants, generics = set("articles"), set("servants"), set("generic")

	twoSyllables = set("family names of two syllables")
	spellings = make(map[string]string)
	for _, line := range sections["spellings"] {
		first := ""
		for i, w := range strings.Fields(line) {
			for _, r := range [...]reading{{}, {jIsY: true}} {
				k := key(Fold(w), r)
				if i == 0 && first == "" {
					first = k
				}
				spellings[k] = first
			}
		}
	}
	firmWords = make(map[string]string)
	for _, line := range sections["firm words"] {
		words := strings.Fields(line)
		for _, w := range words {
			firmWords[wordKey(w)] = wordKey(words[0])
		}
	}
	genericKeys = make(map[string]bool)
	for w := range generics {
		if k := key(w, reading{}); len(k) > 3 {
			genericKeys[k] = true
			if first, ok := firmWords[k]; ok {
				genericKeys[first] = true
			}
		}
	}
	numberWords = make(map[string]string)
	for _, line := range sections["numbers"] {
		words := strings.Fields(line)
		for _, w := range words[1:] {
			numberWords[Fold(w)] = words[0]
		}
	}
	nicknames = make(map[string][]uint16)
	for group, line := range sections["nicknames"] {
		for _, w := range strings.Fields(line) {
			k := canonical(key(Fold(w), reading{}))
			if !slices.Contains(nicknames[k], uint16(group)) {
				nicknames[k] = append(nicknames[k], uint16(group))
			}
		}
	}
	legalForms = make(map[string]string)
	for _, line := range sections["legal forms"] {
		class, forms, _ := strings.Cut(line, ":")
		for form := range strings.SplitSeq(forms, "|") {
			// Read as a firm's name is, so that "d.o.o." is one word here too.
			var words []string
			full, _ := bounded(form)
			for _, w := range wordsOf(full, true) {
				words = append(words, wordKey(w.raw))
			}
			legalForms[strings.Join(words, " ")] = "~" + strings.TrimSpace(class)
			legalFormWords = max(legalFormWords, len(words))
		}
	}
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

// foldLegalForms puts one token of the form's class in place of each legal form,
// the longest first. texts are the tokens' texts, keys their keys by English reading.
func foldLegalForms(tokens []Token, texts, keys []string) []Token {
	out := tokens[:0:0]
	for i := 0; i < len(tokens); {
		n, class := 0, ""
		for k := min(legalFormWords, len(tokens)-i); k > 0; k-- {
			if c, ok := legalForms[strings.Join(keys[i:i+k], " ")]; ok {
				n, class = k, c
				break
			}
		}
		if n == 0 {
			out = append(out, tokens[i])
			i++
			continue
		}
		// A form said twice ("OOO Romashka LLC") is said once.
		said := false
		for j := range out {
			said = said || out[j].Class == LegalForm && out[j].Keys[0] == class
		}
		if !said {
			out = append(out, Token{Text: strings.Join(texts[i:i+n], " "), Keys: []string{class}, Class: LegalForm})
		}
		i += n
	}
	return out
}
