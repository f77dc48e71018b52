package script

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"sallyport/names/script/internal/unit"
)

// Romanise gives up to max writings of a word in the letters a to z, the commonest
// first; of a Latin word the word without marks, and with ae, oe, ue, sh, zh, ch for
// the marked letters that stand for these. It is nil for scripts without a
// romanisation here and for words without letters.
//
// Arabic and Hebrew do not write their vowels; there, as in no other script, the
// writings are the likeliest of the learned model, and no standard.
func Romanise(word string, max int) []string {
	if max <= 0 {
		return nil
	}
	r := romaniser{max: max}
	switch s := unit.Of(word); s {
	case Latin:
		r.latin(word)
	case Cyrillic:
		r.cyrillic(unit.Plain(word))
	case Greek:
		r.greek(unit.Plain(word))
	case Armenian:
		r.armenian(unit.Plain(word))
	case Georgian:
		r.letters(unit.Plain(word), georgian, georgianBGN)
	case Kana:
		r.kana(unit.Plain(word))
	case Hangul:
		r.hangul(unit.Plain(word))
	case Han:
		r.han(unit.Plain(word))
	case Arabic, Hebrew, Devanagari, Bengali, Thai:
		r.learned(s, word)
	}
	return r.out
}

type romaniser struct {
	max int
	out []string
}

// put adds a writing, cut to the letters a to z, unless it is there.
func (r *romaniser) put(s string) {
	if len(r.out) >= r.max || s == "" {
		return
	}
	s = string(unit.Letters(s))
	if s != "" && !slices.Contains(r.out, s) {
		r.out = append(r.out, s)
	}
}

// letters writes the word letter by letter, once by each table; where a later one
// says nothing the first holds.
func (r *romaniser) letters(word string, tables ...map[rune]string) {
	for i := range tables {
		var b strings.Builder
		for _, c := range word {
			s, ok := tables[i][c]
			if !ok {
				s, ok = tables[0][c]
			}
			if !ok && c < 0x80 {
				s = string(c)
			}
			b.WriteString(s)
		}
		r.put(b.String())
	}
}

var marked = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "å", "aa", "ø", "oe", "š", "sh", "ş", "sh", "ș", "sh", "ž", "zh", "č", "ch", "ć", "ch", "ç", "ch", "đ", "dj", "ñ", "ny")

func (r *romaniser) latin(word string) {
	r.put(word)
	r.put(marked.Replace(unit.Plain(word)))
}

// learned searches the model's likeliest writings, weighed by how likely each is
// as a name part.
func (r *romaniser) learned(s Script, word string) {
	t := table()
	m := t.Models[s]
	units := unit.Cut(s, word)
	if m == nil || len(units) == 0 {
		return
	}
	const width = 64
	const hopeless = 8 // nats behind the likeliest: what a word and the model of Latin names rarely make up for
	type ray struct {
		text string
		p    float64
	}
	beam := []ray{{}}
	for _, place := range m.Likeliest(units, 8) {
		var next []ray
		first := math.Inf(-1)
		for _, piece := range place {
			first = max(first, beam[0].p+math.Log(float64(piece.P)))
		}
		for _, piece := range place {
			p := math.Log(float64(piece.P))
			for _, b := range beam { // the likeliest first
				if b.p+p < first-hopeless {
					break
				}
				next = append(next, ray{b.text + piece.Letters, b.p + p})
			}
		}
		slices.SortFunc(next, func(a, b ray) int { return cmp.Or(strings.Compare(a.text, b.text), cmp.Compare(b.p, a.p)) })
		k := 0 // one text written in several ways is as likely as all of them together
		for _, r := range next[1:] {
			if r.text != next[k].text {
				k++
				next[k] = r
				continue
			}
			next[k].p += math.Log1p(math.Exp(r.p - next[k].p))
		}
		next = next[:k+1]
		slices.SortFunc(next, func(a, b ray) int { return cmp.Or(cmp.Compare(b.p, a.p), strings.Compare(a.text, b.text)) })
		beam = next[:min(width, len(next))]
	}
	for i := range beam {
		beam[i].p += .8 * t.LM.Log([]byte(beam[i].text))
	}
	slices.SortFunc(beam, func(a, b ray) int { return cmp.Or(cmp.Compare(b.p, a.p), strings.Compare(a.text, b.text)) })
	for _, b := range beam {
		r.put(b.text)
	}
}
