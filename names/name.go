// Package names turns a written name into folded, transliterated tokens and the
// keys under which they are compared.
//
// It knows nothing of lists, of birth dates or of law, and it decides nothing:
// whether two names resemble one another is for package match to say. It makes
// no romanisation of a script that has no letter-by-letter one: Cyrillic
// (Russian, Ukrainian, Belarusian, and the letters Serbian and Kazakh add) and
// Greek become Latin, every other script stays as it is and is compared exactly.
//
// What a part does in a name is its class: of a person's, patronymics by their ending or
// beside bin and oglu, bynames (a kunya, a maiden name after née), titles, particles; of
// a firm's, legal forms, places, and words for what it does. The words are in texts beside
// this file: vocabulary.txt for people, firms.txt for firms' words in several languages,
// forms.txt for the legal forms of 78 countries.
//
// A whole name of China may be in pinyin or in a spelling of Cantonese or Mandarin that differs from it
// in every letter: [ReadChinese] says which names in pinyin it may be, by chinese.txt.
//
// The letters follow ICAO Doc 9303 part 3 section 6 (the passport), BGN/PCGN
// 1947 and 1965 and the spellings newspapers and lists use; they disagree, so a
// token has, beside its text, canonical keys in which they agree. TestKeysAgree and
// TestSpellingsAgree prove the families of spellings, TestKeysDiffer that other names stay
// apart, TestPersonParts and TestFirm the classes, TestLegalForms the forms language by
// language, and FuzzFold that folding a folded name changes nothing.
package names

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"sallyport/names/script"
)

// What is read of one name. Longer ones are cut and marked; see [Name.Cut].
const (
	MaxRunes  = 512 // the longest name on a list of 2025 has under 400
	MaxTokens = 32
)

// A Class says what a token does in its name. The zero value is an ordinary part.
type Class uint8

const (
	Plain      Class = iota // a part of the name proper
	Patronymic              // Vladimirovich, Ivanovna
	Initial                 // one letter of a person's name
	Title                   // Dr, Haji, Sheikh
	Particle                // al, bin, von; in a firm's name: of, and, the
	LegalForm               // OOO, GmbH, "limited liability company"
	Generic                 // in a firm's name: company, group, international
	Number                  // digits
	Trade                   // in a firm's name, what it does or what sort of body it is: bank, shipping, "research institute"
	Place                   // in a firm's name: countries, peoples, cities, directions
	Byname                  // beside the name proper: Abu Yahya; a maiden name after née; initials of a firm's name
)

// A Role says which part of a person's name a token was told to be.
type Role uint8

const (
	AnyRole Role = iota // not told
	GivenRole
	FamilyRole
)

// A Form is the grammatical form that a patronymic shows.
type Form uint8

const (
	NoForm Form = iota
	Masculine
	Feminine
)

// A Token is one part of a name.
type Token struct {
	// Text is folded: lower case, no diacritics, Latin letters where the script
	// has a romanisation here.
	Text string
	// Keys are the canonical keys, at least one; two tokens that share a key are
	// spellings of one another. The first is made from Text by English reading.
	Keys  []string
	Class Class
	Role  Role
	// Native is the word as it is written, where that is in a script whose sounds
	// package script compares with those of others; "" for what is in Latin letters.
	Native string
	// Nicknames are the numbers of the groups of names for one another that the
	// token is in: Bill and William share one.
	Nicknames []uint16
	// Latin is set when Text is all Latin letters, so that one letter's
	// difference is a slip. In other scripts only equality counts.
	Latin bool
}

// Light reports whether the token says little about whose name this is.
func (t *Token) Light() bool {
	return t.Class == Title || t.Class == Particle || t.Class == LegalForm
}

// Shares reports whether the tokens have a canonical key in common.
func (t *Token) Shares(o *Token) bool {
	for _, k := range t.Keys {
		for _, l := range o.Keys {
			if k == l {
				return true
			}
		}
	}
	return false
}

// Spoken is what the token's sounds are read from: as it is written, in its own script; of one in Latin letters, with the
// article of Abdul as it stands in other scripts.
func (t *Token) Spoken() string {
	if t.Native != "" {
		return t.Native
	}
	if rest := servantOf(t.Text); rest != "" && t.Latin {
		return "abdul" + rest // Abderrahmane
	}
	return t.Text
}

// AppendJoinKeys appends the canonical keys of neighbouring tokens written as one word.
func AppendJoinKeys(keys []string, tokens ...*Token) []string {
	text, latin := joined(tokens)
	keys = appendKeys(keys, text, "", latin)
	if len(tokens) == 2 {
		keys = appendKorean(keys, tokens[0].Text, tokens[1].Text)
	}
	return keys
}

// JoinKey is the first of those keys.
func JoinKey(tokens ...*Token) string {
	text, latin := joined(tokens)
	if !latin {
		return text
	}
	return canonical(key(text, reading{}))
}

func joined(tokens []*Token) (text string, latin bool) {
	var few [64]byte
	written := few[:0]
	latin = true
	for _, t := range tokens {
		written = append(written, t.Text...)
		latin = latin && t.Latin
	}
	return string(written), latin
}

// A Name is what was read of a written name.
type Name struct {
	Tokens []Token
	// Cut is set when the written name was longer than MaxRunes or MaxTokens and
	// only its beginning was read.
	Cut bool
}

// Form is the form of the name's patronymic, if it has one.
func (n *Name) Form() Form {
	for i := range n.Tokens {
		if n.Tokens[i].Class == Patronymic {
			return patronymicForm(n.Tokens[i].Text)
		}
	}
	return NoForm
}

// Parts is a person's written name with the parts a source tells apart. Only
// Full is needed; parts that do not occur in it are disregarded.
type Parts struct {
	Full, Given, Patronymic, Family string
}

// Person reads a person's name in whatever order it is written.
func Person(p Parts) Name {
	full, cut := bounded(p.Full)
	full = unsigned(unspread(full))
	words, alternate := initialsApart(parted(markedWords(full))), ukrainian(full)
	for i := range words {
		w := &words[i]
		w.text, w.alt, w.latin = foldWord(w.raw, alternate)
		if !w.latin && ascii(w.raw) {
			if text, other, ok := undigited(w.raw); ok {
				w.text, w.alt, w.latin = text, other, true
			}
		}
		w.is = personWords[w.text]
	}
	n := Name{Cut: cut, Tokens: make([]Token, 0, min(len(words), MaxTokens))}
	roles := rolesOf(p)
	if p.Family == "" && p.Given == "" && strings.Count(full, ",") == 1 && len(words) > 1 {
		before := len(markedWords(full[:strings.IndexByte(full, ',')]))
		for i := range words[:min(before, len(words))] {
			words[i].family = true
		}
	}
	if last := len(words) - 1; last > 0 {
		switch {
		case words[last].is&(servant|father) != 0:
			// Surname first, "Abdul Majeed" becomes "Majeed Abdul": what "servant" belongs
			// to then stands at the front.
			words = slices.Insert(words[:last:last], 0, words[last])
		case secondHalf(&words[0], words[1].text):
			words = append(words[1:len(words):len(words)], words[0])
		case last > 2 && words[0].is&article != 0 && isDin(words[1].text):
			// So does "Nasir al-Din": "al-Din, Harun Nasir".
			words = append(words[2:len(words):len(words)], words[0], words[1])
		}
	}
	if roles != nil {
		for i := range words {
			words[i].family = words[i].family || roles[words[i].text].role == FamilyRole
		}
	}
	var wasCalled, childOfNext bool // the word before says: what the name was, whose child this is
	for i := 0; i < len(words); i++ {
		w := words[i]
		text, alt, latin := w.text, w.alt, w.latin
		if text == "" {
			continue
		}
		if w.is&former != 0 && len(n.Tokens) > 0 && i+1 < len(words) {
			wasCalled = true
			continue
		}
		t := Token{Text: text, Latin: latin, Role: roles[text].role, Native: native(w.raw)}
		switch {
		case isDigits(text):
			t.Class = Number
		case text == "al", text == "el", w.hyphen && text == "ul", w.assimilated(words[i+1:]) && (w.hyphen || w.family || behindName(words, i)):
			t.Class, alt, t.Text = Particle, "", "al"
		case w.is&particle != 0 && !alsoGiven(words, i):
			t.Class = Particle
			alt = cmp.Or(alt, latinOf[text])
		case w.is&title != 0 && !w.family:
			t.Class = Title
		case latin && utf8.RuneCountInString(text) == 1:
			t.Class = Initial
		}
		if roles[text].patronymic && t.Class != Particle { // "Tofik ogly" has a particle
			t.Class = Patronymic
		}
		if rest, next := compounded(words, i); rest != "" {
			t.Native = native(rest)
			t.Text, alt, i = rest, "", next
			t.Class = Plain
			switch {
			case w.is&father != 0 && !w.family && !words[next].family:
				t.Class = Byname
			case personWords[rest]&title != 0 && !w.family:
				t.Class = Title // آية الله
			}
		}
		if one := latinOf[t.Text]; one != "" && !latin && t.Light() {
			t.Text, t.Native, alt, latin, t.Latin = one, "", "", true, true
		}
		if len(n.Tokens) == MaxTokens {
			n.Cut = true
			break
		}
		t.Keys = keysOf(t.Text, alt, latin)
		if one := latinOf[t.Text]; one != "" && !latin {
			t.Keys = append(t.Keys, canonical(key(one, reading{}))) // السيد before a comma is a family's
		}
		if t.Class == Plain && latin {
			t.Keys = appendCustoms(t.Keys, t.Text, slices.ContainsFunc(words, word.isRahman), besideSyllable(words, i))
		}
		if t.Class == Plain || t.Class == Byname {
			t.Nicknames = nicknamesOf(t.Keys)
		}
		if t.Class == Plain {
			switch {
			case wasCalled, w.aside:
				t.Class = Byname
			case childOfNext:
				t.Class = Patronymic
			}
		}
		if !t.Light() {
			wasCalled, childOfNext = false, false
		}
		switch {
		case t.Class == Particle && w.is&son != 0:
			childOfNext = true
		case t.Class == Particle && w.is&childOf != 0 && len(n.Tokens) > 1 && n.Tokens[len(n.Tokens)-1].Class == Plain:
			n.Tokens[len(n.Tokens)-1].Class = Patronymic // Ali Heydar oglu
		}
		n.Tokens = append(n.Tokens, t)
	}
	keepCore(n.Tokens, roles)
	findPatronymic(n.Tokens)
	for i := range n.Tokens {
		if t := &n.Tokens[i]; t.Class == Patronymic && t.Latin {
			if father := fatherKey(t.Text); father != "" && !slices.Contains(t.Keys, father) {
				t.Keys = append(t.Keys, father)
			}
		}
	}
	if last := len(n.Tokens) - 1; last > 0 && n.Tokens[last].Class == Title && !slices.ContainsFunc(words, func(w word) bool { return w.family }) {
		// Yahya al-Hajj, Jamil Sayyed: what is a title before a name may be a family's after it.
		heavy := 0
		for i := range n.Tokens {
			if !n.Tokens[i].Light() {
				heavy++
			}
		}
		if heavy == 1 {
			n.Tokens[last].Class = Plain
		}
	}
	promoteLight(n.Tokens)
	return n
}

// compounded gives the name that a word and those after it are as one, and where its
// last word stands; "" where they are several.
//
//	Abd al-Rahman, Abdul Rahman   abdulrahman   "servant of the Merciful"; "Abd" never stands alone
//	Abu Yahya, Umm Kulthum        abuyahya      the name by one's child
//	Salah al-Din, Nur ud Din      salahuddin    "righteousness of the religion"
//	Saif Ullah                    saifullah     "sword of God"
//	Gafar Zade                    gafarzade     "born of Gafar"
func compounded(words []word, i int) (string, int) {
	if !words[i].latin {
		return compoundedThere(words, i)
	}
	at := func(i int) word {
		if i >= len(words) || !words[i].latin {
			return word{}
		}
		return words[i]
	}
	text, is, next := words[i].text, words[i].is, i+1
	word := at(next)
	if is&(servant|father) != 0 {
		if word.is&article != 0 && next+1 < len(words) {
			next++
			word = at(next)
		}
		after := word.text
		if len(after) <= 2 || word.is&son != 0 {
			return "", i
		}
		if is&servant != 0 {
			return "abdul" + strings.TrimPrefix(after, "al"), next
		}
		if word.is&servant != 0 { // Abu Abd al-Rahman
			if rest, last := compounded(words, next); rest != "" {
				after, next = rest, last
			}
		}
		if is&mother != 0 {
			return "umm" + after, next
		}
		return "abu" + after, next
	}
	if len(text) < 2 || is&(particle|article) != 0 || is&title != 0 && !alsoNamed(text) {
		return "", i
	}
	after := word.text
	switch after {
	case "ullah", "ollah", "ulla", "allah":
		return text + "ullah", next
	case "uddin", "eddin", "eddine", "addin", "aldin", "eldin", "iddin", "uddeen", "eldeen", "aldeen", "oddin":
		return text + "uddin", next
	case "zade", "zadeh", "zada", "zadah":
		return text + "zade", next
	}
	if word.is&article != 0 || after == "ed" || after == "ol" {
		switch last := at(next + 1).text; {
		case isDin(last):
			return text + "uddin", next + 1
		case last == "lah", last == "llah", last == "allah":
			return text + "ullah", next + 1
		}
	}
	return "", i
}

// compoundedThere is compounded for names in the scripts of Arabia, Persia and India: عبد الرحمن, ابو بكر, شمس الدين,
// حمد الله, غفار زاده, আব্দুর রহমান. In Arabic letters the article belongs to the second word.
func compoundedThere(words []word, i int) (string, int) {
	next := i + 1
	if next == len(words) || words[next].latin || words[next].is&particle != 0 {
		return "", i
	}
	after := words[next].text
	text := words[i].text
	if is := words[i].is; is&(servant|father) != 0 {
		text = cmp.Or(abdulOf[text], text)
		if words[next].is&servant != 0 { // ابو عبد الرحمن
			if rest, last := compoundedThere(words, next); rest != "" {
				return text + rest, last
			}
		}
		return text + after, next
	}
	switch after {
	case "الدين", "الله", "زاده", "উদ্দিন", "উদ্দীন", "উল্লাহ", "उद्दीन", "उद्दिन", "उल्लाह":
		return text + after, next
	}
	return "", i
}

// secondHalf reports whether a word that opens a name, before another one, is the end of it: UDDIN, Mohammed Nasir. Allah Dad and his
// like begin with God.
func secondHalf(w *word, next string) bool {
	switch w.text {
	case "الله":
		switch next {
		case "داد", "يار", "نور", "بخش", "نظر", "نواز", "دته", "ركها", "وسايا", "قلي", "مراد":
			return w.family
		}
		return true
	case "uddin", "ullah", "ulla", "ollah", "الدين", "উদ্দিন", "উদ্দীন", "উল্লাহ", "उद्दीन", "उद्दिन", "उल्लाह":
		return true
	}
	return false
}

// alsoNamed reports whether a title is the first half of names too: Amir Uddin, Imam Uddin, Hafiz Ullah.
func alsoNamed(title string) bool {
	switch title {
	case "amir", "emir", "hafiz", "imam":
		return true
	}
	return false
}

// abdulOf is Abdul for what it becomes before a sun letter in scripts that write what is heard.
var abdulOf = map[string]string{
	"আবদুর": "আবদুল", "আবদুস": "আবদুল", "আবদুন": "আবদুল", "আব্দুর": "আব্দুল", "আব্দুস": "আব্দুল", "আব্দুন": "আব্দুল", "अब्दुर": "अब्दुल", "अब्दुस": "अब्दुल",
}

func isDin(text string) bool {
	switch text {
	case "din", "deen", "dine", "dein", "deine":
		return true
	}
	return false
}

func (w word) isRahman() bool {
	switch w.text {
	case "rahman", "rehman", "rahmaan", "rehmaan", "rahmon":
		return true
	}
	return false
}

// besideSyllable reports whether another word of the name is a syllable as names of Korea have them.
func besideSyllable(words []word, i int) bool {
	for j := range words {
		if j != i && (script.Eastern(words[j].text) || len(koreanSyllables[words[j].text]) > 0) {
			return true
		}
	}
	return false
}

// keepCore makes bynames and the names of fathers ordinary parts of names that have
// fewer than two others: of Abu Yahya al-Libi and Osama bin Laden nothing can be spared.
func keepCore(tokens []Token, roles map[string]toldRole) {
	core, last := 0, -1
	spared := func(t *Token) bool { // by its place, not by its ending or a source's word
		return patronymicForm(t.Text) == NoForm && !roles[t.Text].patronymic
	}
	for i := range tokens {
		switch {
		case tokens[i].Class == Plain:
			core++
			last = -1
		case tokens[i].Class == Patronymic && spared(&tokens[i]):
			last = i
		}
	}
	if last > 0 {
		tokens[last].Class = Plain // Mohammed bin Salman: what ends a name stands for the family
		core++
	}
	for _, spare := range [...]Class{Patronymic, Byname} {
		for i := range tokens {
			if t := &tokens[i]; core < 2 && t.Class == spare && spared(t) {
				t.Class = Plain
				core++
			}
		}
	}
}

// markedWords are the words of a person's name; those in brackets or quotation marks are
// marked as said aside: Joaquin "El Chapo" Guzman, Anna Ivanova (Petrova).
func markedWords(full string) []word {
	const open, closing = "(\"\u201c\u201e\u00ab[", ")\"\u201d\u201c\u00bb]"
	if ascii(full) && !strings.ContainsAny(full, "(\"[") || !strings.ContainsAny(full, open) {
		return wordsOf(full, false)
	}
	var words []word
	for {
		at := strings.IndexAny(full, open)
		if at < 0 {
			break
		}
		r, size := utf8.DecodeRuneInString(full[at:])
		kind := slices.Index([]rune(open), r)
		end := strings.IndexRune(full[at+size:], []rune(closing)[kind])
		if end < 0 {
			break
		}
		words = append(words, wordsOf(full[:at], false)...)
		for _, w := range wordsOf(full[at+size:at+size+end], false) {
			w.aside = true
			words = append(words, w)
		}
		full = full[at+size+end+utf8.RuneLen([]rune(closing)[kind]):]
	}
	return append(words, wordsOf(full, false)...)
}

// parted takes a person's name that is written without a space in Han or Hangul
// apart into family and given name: a family name has one syllable, some have two.
// Transcriptions of foreign names, which are longer, stay whole.
func parted(words []word) []word {
	if len(words) != 1 {
		return words
	}
	raw := words[0].raw
	if s := script.Of(raw); s != script.Han && s != script.Hangul {
		return words
	}
	runes := []rune(raw)
	family := 1
	switch {
	case len(runes) < 2 || len(runes) > 4:
		return words
	case len(runes) > 2 && twoSyllables[string(runes[:2])], len(runes) == 4:
		family = 2 // four characters: a Japanese name as a rule
	}
	return []word{{raw: string(runes[:family])}, {raw: string(runes[family:])}}
}

// initialsApart parts initials that are written together: JP Dubois is J. P. Dubois. A word of
// two or three consonants is no name, but for a few.
func initialsApart(words []word) []word {
	if len(words) < 2 {
		return words
	}
	for i := 0; i < len(words); i++ {
		text := words[i].raw
		if len(text) < 2 || len(text) > 3 || strings.Trim(text, "bcdfghjklmnpqrstvwxz") != "" || text == "ng" || text == "tsz" ||
			personWords[text]&(title|particle|article|son|childOf|former) != 0 ||
			spellings[key(text, reading{})] != "" {
			continue
		}
		apart := make([]word, len(text))
		for j := range apart {
			apart[j] = words[i]
			apart[j].raw = text[j : j+1]
		}
		words = slices.Concat(words[:i:i], apart, words[i+1:])
		i += len(apart) - 1
	}
	return words
}

// native is the word where it is in a script that package script has a model of.
func native(raw string) string {
	if ascii(raw) {
		return ""
	}
	switch script.Of(raw) {
	case script.Cyrillic, script.Arabic, script.Hebrew, script.Han, script.Kana, script.Hangul, script.Devanagari, script.Bengali, script.Thai:
		return raw
	}
	return "" // Greek, Armenian and Georgian are romanised, and other scripts are compared with themselves
}

// Firm reads the name of an organisation, a vessel or an aircraft: dotted
// abbreviations joined, legal forms folded to their classes.
func Firm(written string) Name {
	full, cut := bounded(written)
	words, alternate := apart(wordsOf(full, true)), ukrainian(full)
	n := Name{Cut: cut}
	texts, keys := make([]string, 0, len(words)), make([]string, 0, len(words))
	for i := 0; i < len(words); i++ {
		text, alt, latin := foldWord(words[i].raw, alternate)
		if text == "" {
			continue
		}
		// "S. A. de C. V." is written "S.A. de C.V." as often.
		for len(text) == 1 && latin && i+1 < len(words) {
			next, _, ok := foldWord(words[i+1].raw, alternate)
			if !ok || len(strings.Trim(next, "abcdefghijklmnopqrstuvwxyz")) > 0 || len(next) != 1 {
				break
			}
			for i+1 < len(words) {
				next, _, ok = foldWord(words[i+1].raw, alternate)
				if !ok || len(next) != 1 {
					break
				}
				text, alt, i = text+next, "", i+1
			}
		}
		written := words[i].raw
		if i+1 < len(words) { // Ansar Allah, حزب الله
			switch next, _, _ := foldWord(words[i+1].raw, alternate); {
			case latin && len(text) > 2 && (next == "allah" || next == "ullah"):
				text, alt, i = text+"ullah", "", i+1
			case script.Of(text) == script.Arabic && next == "الله":
				text, alt, i = text+next, "", i+1
				written = text
			}
		}
		if len(n.Tokens) == MaxTokens {
			n.Cut = true
			break
		}
		t := Token{Text: text, Latin: latin, Native: native(written)}
		t.Keys = keysOf(text, alt, latin)
		own := text
		if latin {
			own = key(text, reading{})
		}
		digits, isNumber := numberOf(text, i)
		if last := len(n.Tokens) - 1; last >= 0 && (n.Tokens[last].Class == Generic || n.Tokens[last].Class == Trade) && (text == "v" || text == "x") {
			digits, isNumber = map[string]string{"v": "5", "x": "10"}[text], true // Orion Fund V
		}
		if isNumber {
			t.Class, t.Keys = Number, []string{digits}
		} else {
			w, known := firmWordOf(own)
			if known && w.key != t.Keys[0] {
				t.Keys = slices.Insert(t.Keys, 0, w.key)
			}
			switch {
			case firmParticles[text]:
				t.Class = Particle
			case known:
				t.Class = w.class
			case latin:
				if k := placeOf(text); k != "" && !slices.Contains(t.Keys, k) {
					t.Keys = append(t.Keys, k)
				}
			}
		}
		n.Tokens = append(n.Tokens, t)
		texts, keys = append(texts, text), append(keys, own)
	}
	for i := range n.Tokens {
		if t := &n.Tokens[i]; t.Class == Plain && t.Latin && isInitialsOf(texts, i) {
			t.Class = Byname
		}
	}
	n.Tokens, keys = foldLegalForms(n.Tokens, texts, keys)
	n.Tokens = foldPhrases(n.Tokens, keys)
	promoteLight(n.Tokens)
	return n
}

// firmWordOf looks a word of a firm's name up, in Arabic with and without the article and with the little words that are written
// with it: التجاري, للنفط.
func firmWordOf(own string) (firmWord, bool) {
	w, known := firmWords[own]
	if known || script.Of(own) != script.Arabic {
		return w, known
	}
	for _, before := range [...]string{"ال", "لل", "وال", "بال"} {
		if rest, ok := strings.CutPrefix(own, before); ok && utf8.RuneCountInString(rest) > 2 {
			if w, known = firmWords[rest]; known {
				return w, true
			}
			if w, known = firmWords["ال"+rest]; known {
				return w, true
			}
		}
	}
	w, known = firmWords["ال"+own]
	return w, known
}

// placeOf is the key of the town that a Russian adjective is made of, "" for any other word: Tikhoretskii is of
// Tikhoretsk, and of Ramenskoye both are.
func placeOf(text string) string {
	at := strings.LastIndex(text, "sk") + len("sk")
	if at < 6 || !slices.Contains(adjectives, text[at:]) {
		return ""
	}
	return key(text[:at], reading{})
}

// isInitialsOf reports whether a word of a firm's name is the initials of the words right before or behind it, three or
// more, and so says nothing that they do not: Metal and Mineral Trade (MMT). Little words may count or not, and
// those of two letters for both, as in Petroleos de Venezuela S.A. (PDVSA).
func isInitialsOf(texts []string, i int) bool {
	letters := texts[i]
	if len(letters) < 3 || len(letters) > 8 {
		return false
	}
	if spells(letters, texts[i+1:], false) {
		return true
	}
	for from := max(0, i-2*len(letters)); from <= i-3; from++ {
		if spells(letters, texts[from:i], true) {
			return true
		}
	}
	return false
}

// spells reports whether words, all of them or the first, have these initials, three words at least. It goes
// through the words once, whatever they are: a name of little words alone could be read in millions of ways.
func spells(letters string, words []string, all bool) bool {
	// read[n] has a bit for each number of letters that n words, or more than two of them, can have spelt.
	read := [4]uint16{0: 1}
	for i, w := range words {
		if w == "" {
			return false
		}
		var next [4]uint16
		for n, spelt := range read {
			for at := range len(letters) {
				if spelt>>at&1 == 0 {
					continue
				}
				if w[0] == letters[at] {
					next[min(n+1, 3)] |= 1 << (at + 1)
				}
				if len(w) == 2 && strings.HasPrefix(letters[at:], w) {
					next[min(n+1, 3)] |= 1 << (at + 2)
				}
				if n > 0 && firmParticles[w] {
					next[n] |= 1 << at
				}
			}
		}
		read = next
		if read[3]>>len(letters)&1 == 1 && (!all || i == len(words)-1) {
			return true
		}
	}
	return false
}

// apart takes a legal form off a word that is written without a space, as Chinese,
// Japanese and Korean do, and parts what is left where it has words of firms' names: 丹东 北风 贸易 有限公司.
func apart(words []word) []word {
	var out, pieces []word
	for i, w := range words {
		switch script.Of(w.raw) {
		case script.Han, script.Hangul, script.Kana:
		default:
			if out != nil {
				out = append(out, w)
			}
			continue
		}
		rest, form, first := w.raw, "", false
		for _, f := range joinedForms {
			if before, ok := strings.CutSuffix(w.raw, f); ok && before != "" {
				rest, form = before, f
				break
			}
			if after, ok := strings.CutPrefix(w.raw, f); ok && after != "" {
				rest, form, first = after, f, true
				break
			}
		}
		pieces = pieces[:0]
		if first {
			pieces = append(pieces, word{raw: form})
		}
		if slices.Contains(joinedForms, rest) {
			pieces = append(pieces, word{raw: rest})
		} else {
			pieces = appendParted(pieces, rest)
		}
		if form != "" && !first {
			pieces = append(pieces, word{raw: form})
		}
		if len(pieces) > 1 && out == nil {
			out = append(make([]word, 0, len(words)+len(pieces)-1), words[:i]...)
		}
		if out != nil {
			out = append(out, pieces...)
		}
	}
	if out == nil {
		return words
	}
	return out
}

// appendParted appends a word and parts it at the words of firms' names that it has, of two characters and more: the
// longest, from the left.
func appendParted(out []word, rest string) []word {
	proper := 0 // where what is no such word begins
	for at := 0; at < len(rest); {
		length := 0
		for end, n := at, 0; end < len(rest) && n < longestTogether; n++ {
			_, size := utf8.DecodeRuneInString(rest[end:])
			if end += size; n > 0 && togetherWords[rest[at:end]] {
				length = end - at
			}
		}
		if length == 0 {
			_, size := utf8.DecodeRuneInString(rest[at:])
			at += size
			continue
		}
		if proper < at {
			out = append(out, word{raw: rest[proper:at]})
		}
		out = append(out, word{raw: rest[at : at+length]})
		at += length
		proper = at
	}
	if proper < len(rest) {
		out = append(out, word{raw: rest[proper:]})
	}
	return out
}

// Fold gives the folded text of a name, its parts parted by one space. It is
// what tokens are made of; folding a folded name changes nothing. At most
// MaxRunes characters are read.
func Fold(written string) string {
	full, _ := bounded(written)
	alternate := ukrainian(full)
	var parts []string
	for _, w := range wordsOf(full, false) {
		if text, _, _ := foldWord(w.raw, alternate); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, " ")
}

// assimilated reports whether a word is the article of an Arabic name as it sounds before the next word: as-Sadr, Es Sayed,
// Ech Cherif, An Nahdi; but not An-ping, An Nguyen, nor An Ninh, Un-na and En-ning of Vietnam, Korea and China, where what
// follows is one syllable.
func (w *word) assimilated(after []word) bool {
	if len(after) == 0 || len(w.text) < 2 || !vowel(w.text[0]) || w.text[0] == 'i' {
		return false
	}
	rest, ok := strings.CutPrefix(after[0].text, w.text[1:])
	if !ok || !slices.Contains(sunLetters[:], w.text[1:]) || rest == "" || !w.hyphen && (len(rest) <= 2 || !vowel(rest[0]) || w.text[0] == 'o') {
		return false
	}
	if !script.Eastern(w.text) || syllablesIn(after[0].text) > 1 {
		return true
	}
	return w.hyphen && !script.Eastern(after[0].text) && rest[0] != 'h' && rest[0] != 'y'
}

// syllablesIn counts the vowels of a word, neighbours as one.
func syllablesIn(text string) (n int) {
	for i := range len(text) {
		if vowel(text[i]) && (i == 0 || !vowel(text[i-1])) {
			n++
		}
	}
	return n
}

// behindName reports whether a word stands behind a part of the name that is more than a title, and is not the first behind the
// comma of "Smith, Ed David". What nobody is called may open a name: ES SAYED Abdelkader.
func behindName(words []word, i int) bool {
	switch words[i].text {
	case "es", "as", "ech", "ez", "az":
		if len(words) > 2 {
			return true
		}
	}
	if i > 0 && words[i-1].family {
		return false
	}
	for _, before := range words[:i] {
		if before.is&title == 0 && before.text != "" {
			return true
		}
	}
	return false
}

// latinOf has particles and titles that are one word in several dialects and alphabets.
var latinOf = map[string]string{
	"ibn": "bin", "ben": "bin",
	"binti": "bint", "bnt": "bint", "bte": "bint", "binte": "bint",
	"walad": "ould", "wuld": "ould", "weld": "ould",
	"شيخ": "sheikh", "الشيخ": "sheikh", "سيد": "sayyid", "السيد": "sayyid", "حاج": "haji", "الحاج": "haji", "حاجي": "haji", "ملا": "mullah",
	"مولوي": "mawlawi", "مولانا": "mawlana", "قاري": "qari", "حافظ": "hafiz", "مفتي": "mufti", "امام": "imam", "استاذ": "ustad", "اخوند": "akhund",
	"امير": "amir", "دكتور": "dr", "ايهالله": "ayatollah", "ايتالله": "ayatollah", "لواء": "liwa", "عقيد": "aqid", "عميد": "amid", "فريق": "fariq",
	"بن": "bin", "ابن": "bin", "بنت": "bint", "ولد": "ould",
	"ogly": "oglu", "ugli": "oglu", "ogli": "oglu",
	"kizi": "kyzy", "qizi": "kyzy", "gizi": "kyzy", "qyzy": "kyzy",
}

// alsoGiven reports whether a particle is rather a name, since it stands where given names do: Ben Smith; Smith, Ben;
// Nguyen Thi Van; Le Duc. But not Van der Berg, nor Beethoven, Ludwig van.
func alsoGiven(words []word, i int) bool {
	switch words[i].text {
	case "ben", "van", "den", "le", "la", "do", "da", "di":
	default:
		return false
	}
	for len(words) > 1 && i > 0 && words[0].is&title != 0 {
		words, i = words[1:], i-1 // Mr Ben Smith
	}
	last := i+1 == len(words)
	if len(words) == 1 || !last && words[i+1].is&particle != 0 {
		return false
	}
	switch {
	case words[i].family: // and nothing else is
		return (i == 0 || !words[i-1].family) && (last || !words[i+1].family)
	case i == 0, words[i-1].family:
		return true
	}
	if len(words) == 2 {
		return true
	}
	// Vietnam has them as well, but a Van inside a name is left out as often as not.
	eastern := func(j int) bool {
		return j < 0 || (j == 0 || words[j].is&particle == 0) && script.Eastern(words[j].text)
	}
	return (last || words[i].text != "van" && eastern(i+1)) && eastern(i-1) && eastern(i-2)
}

// promoteLight makes ordinary parts of light ones where a name has no others:
// somebody is called Haji, and a firm AG.
func promoteLight(tokens []Token) {
	for i := range tokens {
		if !tokens[i].Light() && tokens[i].Class != Initial {
			return
		}
	}
	for i := range tokens {
		switch t := &tokens[i]; t.Class {
		case LegalForm: // and is no form of other firms' then: SA is not AG
			text := strings.ReplaceAll(t.Text, " ", "")
			t.Class, t.Keys = Plain, keysOf(text, "", ascii(text) && !hasDigit(text))
		case Title:
			t.Class = Plain
		}
	}
}

type toldRole struct {
	role       Role
	patronymic bool
}

// rolesOf maps the folded words of the parts to what they were told to be. A
// word that stands in two parts has no role.
func rolesOf(p Parts) map[string]toldRole {
	if p.Given == "" && p.Family == "" && p.Patronymic == "" {
		return nil
	}
	roles := make(map[string]toldRole)
	tell := func(part string, r toldRole) {
		part, _ = bounded(part)
		ukr := ukrainian(p.Full)
		for _, w := range wordsOf(part, false) {
			text, _, _ := foldWord(w.raw, ukr)
			if old, known := roles[text]; known && old != r {
				r = toldRole{}
			}
			roles[text] = r
		}
	}
	tell(p.Given, toldRole{role: GivenRole})
	tell(p.Family, toldRole{role: FamilyRole})
	tell(p.Patronymic, toldRole{patronymic: true})
	return roles
}

// numberOf gives the digits of a word of a firm's name that is a number: digits,
// a word for them ("seven"), or a Roman numeral that does not open the name.
func numberOf(text string, at int) (string, bool) {
	if isDigits(text) {
		return strings.TrimLeft(text[:len(text)-1], "0") + text[len(text)-1:], true
	}
	if digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz"); isDigits(digits) && ordinals[text[len(digits):]] {
		return numberOf(digits, at)
	}
	if digits, ok := numberWords[text]; ok {
		return digits, true
	}
	if at > 0 {
		if digits, ok := romanNumerals[text]; ok {
			return digits, true
		}
	}
	return "", false
}

// ordinals are the endings of numbers in English, French, Spanish and Russian: 33rd, 2ème, 1er, 25-ya.
var ordinals = map[string]bool{
	"st": true, "nd": true, "rd": true, "th": true, "er": true, "ere": true, "e": true, "eme": true, "o": true, "a": true, "ro": true, "do": true, "to": true,
	"y": true, "ya": true, "i": true, "oy": true, "oe": true, "aya": true, "go": true,
}

// romanNumerals from 2 to 20; I and letters that stand for themselves are none.
var romanNumerals = map[string]string{
	"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12", "xiii": "13",
	"xiv": "14", "xv": "15", "xvi": "16", "xvii": "17", "xviii": "18", "xix": "19", "xx": "20",
}

func isDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
