// Package script compares a name part written in one script with one written in
// another, and gives the keys under which to look for it.
//
// It is about single name parts: lower-case words without spaces, hyphens and
// apostrophes. It knows nothing of whole names, of lists or of law, and it decides
// nothing: [Evidence] says how much more likely two words are as writings of one
// name than by chance, and what to make of it is for package match to say.
//
// Evidence comes from models (package align) of how a word is written in Latin
// letters. Those of Cyrillic, Arabic, Hebrew, Han, kana and Hangul are learned from
// pairs; Japanese names in Han from a dictionary's readings; how Chinese (Mandarin
// and Cantonese) and Koreans romanise their own names, and Devanagari, Bengali and
// Thai, are set by hand from the systems named beside each table. Greek, Armenian
// and Georgian have romanisations ([Romanise]) and are compared by these; other
// scripts are not compared. [Keys] are skeletons of consonant classes.
//
// TestHeldOut measures recall and chance on pairs the models have not seen, by
// script; TestKeysShared what Keys find and how much else; TestNations names of
// fourteen nations; TestRomanise the letters against their published tables.
//
// Sources. The counts in table.bin are learned from pairs of name parts mined from
// Wikidata (steveash/NETransliteration-COLING2018, MIT, copyright 2018 Amazon.com)
// and, for Japanese names in Han, from unidic-mecab 2.1.2 (copyright 2011-2013 The
// UniDic Consortium, three-clause BSD); they are statistics of letters, no name of
// the data is in them. The readings of Han characters are those of go-pinyin and
// pinyin-data (MIT) and, in Cantonese and Korean, of the Unihan database (Unicode
// License v3). Surname readings follow the CLDR transform Han-Latin-Names
// (Unicode-3.0). The tables of letters are written by hand after the documents each
// of them names.
package script

import (
	_ "embed"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"sync"
	"unicode/utf8"

	"sallyport/names/script/internal/align"
	"sallyport/names/script/internal/unit"
)

// A Script is a writing system.
type Script = unit.Script

// The scripts that are told apart; Other is the rest, and words without letters.
const (
	Other    = unit.Other
	Latin    = unit.Latin
	Cyrillic = unit.Cyrillic
	Greek    = unit.Greek
	Armenian = unit.Armenian
	Georgian = unit.Georgian
	Arabic   = unit.Arabic
	Hebrew   = unit.Hebrew
	Han      = unit.Han
	Kana     = unit.Kana
	Hangul   = unit.Hangul

	Devanagari = unit.Devanagari
	Bengali    = unit.Bengali
	Thai       = unit.Thai
)

// Of is the script of a word; in a mixed word, of its first letter that has one.
func Of(word string) Script { return unit.Of(word) }

//go:embed table.bin
var tableFile []byte

var table = sync.OnceValue(func() *align.File {
	f, err := align.Decode(tableFile)
	if err != nil {
		panic("script: the embedded table is broken: " + err.Error()) // every test reads it
	}
	commonReadings(f.Models[unit.JapaneseName])
	f.Models[unit.KoreanName] = koreanNames()
	f.Models[unit.ChineseName] = chineseNames()
	f.Models[Devanagari] = south(Devanagari, devanagari)
	f.Models[Bengali] = south(Bengali, devanagari, bengali)
	f.Models[Thai] = south(Thai, thai)
	f.Pieces = align.NewPieces(f.Models)
	return f
})

// commonReadings leaves a model those pieces only, where nothing is known of a
// character, that many characters are read as: all of them take long to look through
// and tell nothing.
func commonReadings(m *align.Model) {
	for key, r := range m.Rows {
		if key>>30 != 0 {
			continue
		}
		kept := align.Row{N: .02 * r.N} // of what is dropped, for the unheard of
		for i, c := range r.Counts {
			if c >= .004*r.N {
				kept.Codes, kept.Counts = append(kept.Codes, r.Codes[i]), append(kept.Counts, c)
				kept.N += c
			}
		}
		m.Rows[key] = kept
	}
}

// Version names what Evidence, Keys and Romanise are computed from: revision of the
// code, and a hash of the learned table and the readings. TestVersion holds it to every file that is embedded.
var Version = sync.OnceValue(func() string { return versionOf(files()) })

func files() [][]byte { return [][]byte{tableFile, unit.PinyinFile(), unit.UnihanFile()} }

func versionOf(files [][]byte) string {
	h := fnv.New64a()
	for _, f := range files {
		h.Write(f)
	}
	return "script-5-" + strconv.FormatUint(h.Sum64(), 16)
}

// Limits of Evidence, in nats.
const (
	// Incomparable is the evidence for words that cannot be compared.
	Incomparable = -20
	// doubtShare is the share of names whose other writing is not a transcription
	// at all; it keeps evidence from falling below its logarithm.
	doubtShare = .01
	// commonest is how likely a name part is that an unrelated person bears too,
	// at the least, e^-12; it keeps evidence from rising above its logarithm.
	commonest = 6.1e-6
	// negligible evidence is as good as none at all: e^-12 beside doubtShare.
	negligible = -12
)

// A Prepared word has what Evidence needs of it. Make it with [Prepare]; it may be
// used by several goroutines.
type Prepared struct {
	script Script
	word   *align.Word // of a Latin word
	chance [2]chance   // of a Latin word, against words that are not few and that are
	few    bool        // a word of Han or Hangul of so few syllables that chance finds its like
	native []reading   // of a word of a script with a model
	latin  *romanised  // of a word of another script
	listed []listed    // writings that are known as such
}

// romanised are a word's romanisations, the likeliest first: made when they are first asked for,
// for only words of two scripts that are not Latin need them.
type romanised struct {
	word string
	once sync.Once
	as   []align.Word
}

func (r *romanised) words() []align.Word {
	r.once.Do(func() {
		for _, l := range Romanise(r.word, 3) {
			r.as = append(r.as, latinWord([]byte(l)))
		}
	})
	return r.as
}

// A chance is how likely a Latin word is met by chance.
type chance struct{ log, p float64 }

// A reading is a word made ready by one model.
type reading struct {
	*align.Native
	share float64 // of the words of the script that are to be read so
	log   float64 // its logarithm
}

// readings are the models that a script's words are read by, the learned one first.
func readings(s Script) []reader {
	switch s {
	case Hangul:
		return hangulReaders
	case Han:
		return hanReaders
	}
	if table().Models[s] == nil {
		return nil
	}
	return oneReader[s : s+1]
}

// A reader is a model and how often it is the right one, by the number of syllables
// from one on: 0 for never.
type reader struct {
	model unit.Script // whose rows
	cut   unit.Script // how a word is cut for it
	share [4]float64
}

// A single character of Han is a family name, in whatever country; words of two are
// given names much oftener than transcriptions of foreign ones, longer ones the
// other way round. Set by hand.
var (
	hangulReaders = []reader{{Hangul, Hangul, [4]float64{.3, .5, .7, 1}}, {unit.KoreanName, unit.KoreanName, [4]float64{.7, .5, .3, 0}}}
	hanReaders    = []reader{
		{Han, Han, [4]float64{.05, .3, .7, 1}},
		{unit.ChineseName, unit.ChineseName, [4]float64{.6, .35, .12, 0}},
		{unit.JapaneseName, unit.JapaneseName, [4]float64{.25, .25, .13, .05}},
		{unit.KoreanName, unit.HanjaName, [4]float64{.1, .1, .05, 0}},
	}
	oneReader = func() (all [Thai + 1]reader) {
		for s := range all {
			all[s] = reader{Script(s), Script(s), [4]float64{1, 1, 1, 1}}
		}
		return
	}()
)

// likely is the logarithm of how likely the word is written w; what is below least
// may be left out, and below the likelihood enough it need not be more than that.
func (p *Prepared) likely(w *align.Word, least, enough float64, by *Question) float64 {
	best := math.Inf(-1)
	x := sums.Get().(*align.Sum)
	for i := range p.native {
		r := &p.native[i]
		if by != nil && by.within>>i&1 == 0 {
			continue
		}
		if l := r.LogGiven(w, x, least-r.log, enough/r.share) + r.log; l > best {
			best = l
			if i+1 < len(p.native) {
				enough = max(enough, math.Exp(l))
			}
		}
	}
	sums.Put(x)
	return best
}

var sums = sync.Pool{New: func() any { return new(align.Sum) }}

// Of words of so few syllables chance finds their like.
const fewSyllables = 3

// mostListed writings of a word are known as such.
const mostListed = 6

// A listed writing is one that bearers of the name use, with its share.
type listed struct {
	letters string
	share   float64
}

// Prepare does the work of Evidence that one word needs alone: some 1.5 µs and 1.5 kB for
// a word of a script with a model, two or three times that where its letters come in contexts
// not met lately, four times for short words of Han, which have four models.
func Prepare(word string) Prepared {
	var p Prepared
	p.Prepare(word)
	return p
}

// Prepare makes p that of another word, in the memory that it has. Nobody else may use it.
func (p *Prepared) Prepare(word string) {
	s := unit.Of(word)
	n := p.native[:0]
	if s != Latin {
		n, _ = native(p.native, nil, s, word, false)
	}
	*p = prepared(s, word, n)
}

func prepared(s Script, word string, n []reading) Prepared {
	p := Prepared{script: s, native: n}
	switch s {
	case Latin:
		w := latinWord(unit.Letters(word))
		p.word = &w
		few := math.Log((1-eastShare)*math.Exp(w.LM) + eastShare*math.Exp(eastLog(w.Letters)))
		p.chance = [2]chance{{w.LM, math.Exp(w.LM)}, {few, math.Exp(few)}}
	case Other:
	default:
		p.latin = &romanised{word: word}
		if s == Han || s == Hangul {
			p.few = utf8.RuneCountInString(word) <= fewSyllables
			// Surnames are written as families do, whatever the syllable's
			// transcription: 이 as Lee.
			for i, r := range Romanise(word, mostListed) {
				p.listed = append(p.listed, listed{r, max(.4/float64(int(1)<<i), .02)})
			}
		}
	}
	return p
}

func latinWord(letters []byte) align.Word {
	var w align.Word
	table().Pieces.Ready(&w, letters)
	w.LM = table().LM.Log(letters)
	return w
}

// Modelled reports whether the word is of a script with a model.
func (p *Prepared) Modelled() bool { return len(p.native) > 0 }

// Script is the script of the word.
func (p *Prepared) Script() Script { return p.script }

// Evidence is how much more likely the two words are as writings of one name than
// as name parts met by chance: the logarithm of the ratio, in nats; above 0 speaks
// for, below 0 against. It is the same both ways round and allocates nothing but,
// at the first comparison of two words neither of which is Latin, their
// romanisations.
//
// It ends near 12 above, since a part that fits however well is borne by others
// too, and near -4.6 below, since some names have another writing that is no
// transcription. Words of the same script: 0, for that is not this package's
// question. [Incomparable] where no model and no romanisation bridges the two.
func (p *Prepared) Evidence(q *Prepared) float64 { return p.evidence(q, 0, nil) }

// EvidenceFrom is [Prepared.Evidence] where that is least or more, and else anything below
// least: unlike words are turned away sooner.
func (p *Prepared) EvidenceFrom(q *Prepared, least float64) float64 {
	return p.evidence(q, enough(least), nil)
}

// enough is the ratio that evidence is limit of, 0 where it is as low as evidence gets, or beyond its
// reach.
func enough(evidence float64) float64 {
	return max((1/(math.Exp(-evidence)-commonest)-doubtShare)/(1-doubtShare), 0)
}

// A Question is a word of a script with a model that is held against many others. It serves one goroutine at a time.
type Question struct {
	word   *Prepared
	bounds align.Bounds
	least  float64
	enough float64                    // of least
	shares [align.MaxReadings]float32 // of each reading: what is enough for it
	within uint8                      // the readings in which the word it is held against may come to that
}

// Ask makes p the word of the question.
func (q *Question) Ask(p *Prepared) {
	q.word, q.enough = p, 0
	var readings [align.MaxReadings]*align.Native
	for i := range p.native {
		readings[i] = p.native[i].Native
	}
	q.bounds.Lay(table().Pieces, readings[:len(p.native)]...)
}

// Latins are many words in Latin letters, by their numbers from 0 on, for words of other scripts to be held against.
type Latins struct {
	words  align.Words
	chance [][2]chance
}

// Add gives a word the next number.
func (l *Latins) Add(word string) {
	p := Prepared{word: new(align.Word)}
	if unit.Of(word) == Latin {
		p = Prepare(word)
	}
	l.words.Add(p.word, [2]float64{p.chance[0].p, p.chance[1].p})
	l.chance = append(l.chance, p.chance)
}

// Near looks at what [Question.EvidenceFrom] looks at first, and gives something to keep: of many words the looks do not
// wait for one another, where they would in the course of reckoning.
func (l *Latins) Near(number int32) uint16 { return l.words.Near(number) }

// EvidenceFrom is that of the question's word and the Latin one of this number, to the bit.
func (q *Question) EvidenceFrom(l *Latins, number int32, least float64) float64 {
	p := q.word
	q.from(least)
	way := 0
	if p.few {
		way = 1
	}
	q.within = q.bounds.Within(&l.words, number, way, &q.shares)
	if q.within == 0 && !slices.ContainsFunc(p.listed, func(as listed) bool { return l.words.Spells(number, as.letters) }) {
		return unknown
	}
	return l.evidence(number, p, q.enough, q)
}

// EvidenceFrom is [Prepared.EvidenceFrom] of the word with this number and another, to the bit.
func (l *Latins) EvidenceFrom(number int32, p *Prepared, least float64) float64 {
	return l.evidence(number, p, enough(least), nil)
}

func (l *Latins) evidence(number int32, p *Prepared, enough float64, by *Question) float64 {
	w, c := l.words.Word(number), l.chance[number]
	w.LM = c[0].log
	return p.evidence(&Prepared{script: Latin, word: &w, chance: c}, enough, by)
}

// from reckons what is enough for least.
func (q *Question) from(least float64) {
	if q.least == least && q.enough != 0 {
		return
	}
	q.least, q.enough = least, enough(least)
	for i := range q.word.native {
		q.shares[i] = float32(q.enough / q.word.native[i].share)
	}
}

// A Glance is a word as far as it takes to turn most Latin words away, sooner than [Prepare] makes it ready. It serves one goroutine, for
// one word after another.
type Glance struct {
	word          string
	few           bool // see Prepared
	readings      int  // 0 where the word has none, and nothing can be said
	of            [align.MaxReadings]align.Glance
	share         [align.MaxReadings]float64
	isRomanised   bool
	listed        []string // writings that are known as such
	least, enough float64
}

// At takes another word in the place of the one before.
func (g *Glance) At(word string) {
	s := unit.Of(word)
	g.word, g.few, g.readings, g.isRomanised, g.listed = word, false, 0, false, nil
	if s == Latin {
		return
	}
	syllables := max(utf8.RuneCountInString(word), 1)
	for _, r := range readings(s) {
		share := r.share[min(syllables, len(r.share))-1]
		if share == 0 {
			continue
		}
		if units := unit.Cut(r.cut, word); len(units) > 0 {
			g.of[g.readings].At(table().Models[r.model], units)
			g.share[g.readings] = share
			g.readings++
		}
	}
	if s == Han || s == Hangul {
		g.few = syllables <= fewSyllables
	} else {
		g.isRomanised = true // to nothing
	}
}

// Below reports whether the evidence of the two words is surely below least. Of scripts without a model and of pairs without a Latin
// word it says nothing.
func (g *Glance) Below(p *Prepared, least float64) bool {
	if g.readings == 0 || p.word == nil || len(p.word.Letters) == 0 || least < unlike+1e-6 { // what is enough has few digits there
		return false
	}
	if g.least != least || g.enough == 0 {
		g.least, g.enough = least, enough(least)
	}
	chance := p.chance[0].p
	if g.few {
		chance = p.chance[1].p
	}
	for i := range g.readings {
		if !g.of[i].Below(p.word, chance*g.enough/g.share[i]) {
			return false
		}
	}
	if !g.isRomanised {
		g.isRomanised, g.listed = true, Romanise(g.word, mostListed)
	}
	for _, l := range g.listed {
		if l == string(p.word.Letters) {
			return false
		}
	}
	return true
}

// evidence is exact from the ratio enough on.
func (p *Prepared) evidence(q *Prepared, enough float64, by *Question) float64 {
	e, w := p.ratio(q, negligible, enough, by)
	if w == nil {
		return e
	}
	if math.IsInf(e, -1) {
		return unlike
	}
	return limit(e)
}

// Against is [Prepared.Evidence] with what is known of the Latin word's frequency
// where it was met, as its logarithm: of a list, times the word occurs over words
// in all. The rarer of the model's and the caller's frequency does not count; the
// evidence needs no other end above then. Where most names are long and the model
// is unsure of each letter this tells less than Evidence does; see TestHeldOut.
func (p *Prepared) Against(q *Prepared, logFrequency float64) float64 {
	e, w := p.ratio(q, negligible, 0, nil)
	if w == nil {
		return e
	}
	return math.Log((1-doubtShare)*math.Exp(e+w.LM-max(w.LM, logFrequency)) + doubtShare)
}

// unknown is the evidence of words of which one is no listed writing of the other, see known, and by no model likely.
var unknown = limit(Incomparable)

// unlike is the evidence of words that are as good as never writings of one name.
var unlike = limit(math.Inf(-1))

func limit(e float64) float64 {
	return -math.Log(1/((1-doubtShare)*math.Exp(e)+doubtShare) + commonest)
}

// ratio is the bare logarithm of the ratio with the Latin word it was taken
// against, -Inf where it is below least and perhaps where the ratio is below enough;
// without a Latin word the value stands as it is.
func (p *Prepared) ratio(q *Prepared, least, enough float64, by *Question) (float64, *align.Word) {
	if p.script > q.script { // the same sums in the same order both ways
		p, q = q, p
	}
	switch {
	case p.script == q.script:
		return 0, nil
	case p.word != nil && len(p.word.Letters) == 0 || p.script == Other || q.script == Other:
		return Incomparable, nil
	case p.word != nil && len(q.native) > 0:
		c := &p.chance[0]
		if q.few {
			c = &p.chance[1]
		}
		return max(q.likely(p.word, c.log+least, c.p*enough, by)-c.log, q.known(p.word, c.log)), p.word
	case p.word != nil:
		return best(p.word, q.latin.words()), nil
	}
	// Both are native: each against the other's romanisations.
	e := math.Inf(-1)
	for i, l := range p.latin.words() {
		if len(q.native) > 0 {
			e = max(e, limit(q.likely(&l, l.LM+negligible, 0, nil)-l.LM))
		} else {
			e = max(e, best(&p.latin.words()[i], q.latin.words()))
		}
	}
	if len(p.native) > 0 {
		for _, l := range q.latin.words() {
			e = max(e, limit(p.likely(&l, l.LM+negligible, 0, nil)-l.LM))
		}
	}
	return max(e, Incomparable), nil
}

// Evidence is [Prepared.Evidence] of two words.
func Evidence(a, b string) float64 {
	p, q := Prepare(a), Prepare(b)
	return p.Evidence(&q)
}

// known is the evidence that w is one of p's listed writings, which by chance it is
// with chance, a logarithm.
func (p *Prepared) known(w *align.Word, chance float64) float64 {
	for i := range p.listed {
		if l := &p.listed[i]; l.letters == string(w.Letters) {
			return math.Log(l.share) - chance
		}
	}
	return Incomparable
}

func best(w *align.Word, other []align.Word) float64 {
	e := float64(Incomparable)
	for i := range other {
		e = max(e, edit(w, &other[i]))
	}
	return e
}
