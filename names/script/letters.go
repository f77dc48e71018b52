package script

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// stripMarks drops accents; й and the like are not Greek and not at stake.
func stripMarks(word string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x300 && r < 0x370 {
			return -1
		}
		return r
	}, norm.NFD.String(word))
}

// greekELOT: ELOT 743 (ISO 843:1997 type 2), as Greek passports write; pairs first.
var greekELOT = strings.NewReplacer(
	"ου", "ou", "αυ", "av", "ευ", "ev", "ηυ", "iv", "γγ", "ng", "γξ", "nx", "γχ", "nch",
	"α", "a", "β", "v", "γ", "g", "δ", "d", "ε", "e", "ζ", "z", "η", "i", "θ", "th", "ι", "i", "κ", "k", "λ", "l", "μ", "m",
	"ν", "n", "ξ", "x", "ο", "o", "π", "p", "ρ", "r", "σ", "s", "ς", "s", "τ", "t", "υ", "y", "φ", "f", "χ", "ch", "ψ", "ps", "ω", "o")

// greekEveryday: as the names are mostly written in English.
var greekEveryday = strings.NewReplacer("gk", "g", "ch", "h", "ef", "ef", "x", "x")

// greekSoft: γ before e and i is near a y, and so written by many.
var greekSoft = strings.NewReplacer("gia", "ya", "gio", "yo", "giu", "yu", "gi", "yi", "ge", "ye")

// greekClassical: the letters of the classical tradition.
var greekClassical = strings.NewReplacer(
	"ου", "ou", "αι", "ai", "γγ", "ng", "γξ", "nx", "γχ", "nch",
	"α", "a", "β", "b", "γ", "g", "δ", "d", "ε", "e", "ζ", "z", "η", "e", "θ", "th", "ι", "i", "κ", "k", "λ", "l", "μ", "m",
	"ν", "n", "ξ", "x", "ο", "o", "π", "p", "ρ", "r", "σ", "s", "ς", "s", "τ", "t", "υ", "y", "φ", "ph", "χ", "ch", "ψ", "ps", "ω", "o")

func (r *romaniser) greek(word string) {
	word = stripMarks(word)
	// ELOT 743: αυ, ευ, ηυ are af, ef, if before θ κ ξ π σ τ φ χ ψ and at the end;
	// μπ is b at the head and at the end.
	var b strings.Builder
	letters := []rune(word)
	for i, c := range letters {
		if c == 'υ' && i > 0 && strings.ContainsRune("αεη", letters[i-1]) {
			if i+1 == len(letters) || strings.ContainsRune("θκξπσςτφχψ", letters[i+1]) {
				b.WriteRune('φ')
			} else {
				b.WriteRune('β')
			}
			continue
		}
		b.WriteRune(c)
	}
	w := b.String()
	if rest, ok := strings.CutPrefix(w, "μπ"); ok {
		w = "β\u0001" + rest
	}
	elot := strings.ReplaceAll(greekELOT.Replace(w), "v\u0001", "b")
	r.put(elot)
	every := greekEveryday.Replace(strings.ReplaceAll(elot, "mp", "b"))
	if rest, ok := strings.CutPrefix(every, "nt"); ok {
		every = "d" + rest
	}
	r.put(every)
	r.put(greekSoft.Replace(every))
	r.put(greekClassical.Replace(word))
	r.put(strings.ReplaceAll(elot, "ch", "kh"))
}

// armenian: BGN/PCGN 1981 without its marks for Eastern Armenian, ts and ch for the
// aspirated too.
var armenian = map[rune]string{
	'ա': "a", 'բ': "b", 'գ': "g", 'դ': "d", 'ե': "e", 'զ': "z", 'է': "e", 'ը': "y", 'թ': "t", 'ժ': "zh", 'ի': "i", 'լ': "l",
	'խ': "kh", 'ծ': "ts", 'կ': "k", 'հ': "h", 'ձ': "dz", 'ղ': "gh", 'ճ': "ch", 'մ': "m", 'յ': "y", 'ն': "n", 'շ': "sh", 'ո': "o",
	'չ': "ch", 'պ': "p", 'ջ': "j", 'ռ': "r", 'ս': "s", 'վ': "v", 'տ': "t", 'ր': "r", 'ց': "ts", 'ւ': "v", 'փ': "p", 'ք': "k",
	'օ': "o", 'ֆ': "f", 'և': "ev",
}

func (r *romaniser) armenian(word string) {
	// BGN/PCGN notes 1 and 2: at the head ե is ye and ո is vo; ու is u anywhere.
	word = strings.ReplaceAll(word, "ու", "u")
	head, bare := word, word
	if rest, ok := strings.CutPrefix(word, "ե"); ok {
		head = "ye" + rest
	} else if rest, ok := strings.CutPrefix(word, "ո"); ok {
		head = "vo" + rest
	}
	for _, w := range []string{head, bare} {
		r.letters(w, armenian)
	}
	// Western Armenian, of the diaspora, exchanges voiced and unvoiced stops.
	r.letters(bare, armenian, armenianWest)
}

var armenianWest = map[rune]string{
	'բ': "p", 'գ': "k", 'դ': "t", 'պ': "b", 'կ': "g", 'տ': "d", 'ծ': "dz", 'ձ': "ts", 'ճ': "j", 'ջ': "ch",
}

// georgian: the national system of 2002, which is BGN/PCGN 2009 without its
// apostrophes.
var georgian = map[rune]string{
	'ა': "a", 'ბ': "b", 'გ': "g", 'დ': "d", 'ე': "e", 'ვ': "v", 'ზ': "z", 'თ': "t", 'ი': "i", 'კ': "k", 'ლ': "l", 'მ': "m",
	'ნ': "n", 'ო': "o", 'პ': "p", 'ჟ': "zh", 'რ': "r", 'ს': "s", 'ტ': "t", 'უ': "u", 'ფ': "p", 'ქ': "k", 'ღ': "gh", 'ყ': "q",
	'შ': "sh", 'ჩ': "ch", 'ც': "ts", 'ძ': "dz", 'წ': "ts", 'ჭ': "ch", 'ხ': "kh", 'ჯ': "j", 'ჰ': "h",
}

// georgianBGN: BGN/PCGN 1981 and what is often written: ყ as k, ფ as ph.
var georgianBGN = map[rune]string{'ყ': "k"}
