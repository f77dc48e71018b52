package names

import (
	"cmp"
	_ "embed"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Syllables of Chinese names in pinyin and as others spell them; made by names/script/gen/chinese,
// which says from what.
//
//go:embed chinese.txt
var chineseText string

// A Romanisation is a way of writing Chinese names in Latin letters.
type Romanisation uint8

const (
	Pinyin    Romanisation = iota // ISO 7098
	Cantonese                     // as the Government of Hong Kong writes names
	Malayan                       // Cantonese as Malaysia and Singapore write it
	WadeGiles                     // Mandarin as passports of Taiwan have it
	romanisations
)

func (s Romanisation) String() string {
	return [...]string{"pinyin", "Cantonese as Hong Kong spells it", "Cantonese as Malaysia spells it", "Wade-Giles"}[s]
}

// A Chinese is a person's whole name read as one of China.
type Chinese struct {
	// Names in pinyin that it is, or may be where it is spelt otherwise, ordered by name.
	Names []ChineseReading
	// Written are its syllables, the family name first, parted by blanks, for each way in which it
	// may be spelt otherwise than in pinyin.
	Written []string
	// Beside is a part before or behind it that is none of China: Chris Tang Ping-keung.
	Beside string
}

// A ChineseReading is a name in pinyin that a name may be.
type ChineseReading struct {
	Name ChineseName
	In   Romanisation // in which the name that is read is written
	// Nats is the logarithm of how likely it is spelt so; where that is not pinyin, plus how much
	// likelier the name in pinyin is as the same name than by chance.
	Nats float64
}

// A ChineseName is syllables of pinyin in ten bits each, 0 for none: a family name, a second one (of a woman
// who puts her husband's before hers), and the one or two syllables of a given name.
type ChineseName uint64

func (n ChineseName) with(at int, syllable uint16) ChineseName {
	return n | ChineseName(syllable)<<(10*(syllablesOfName-1-at))
}

func (n ChineseName) syllable(at int) uint16 {
	return uint16(n >> (10 * (syllablesOfName - 1 - at)) & (1<<10 - 1))
}

// syllablesOfName: two of a family name, two of a given name.
const syllablesOfName = 4

// A syllable is what a written syllable may be in the spellings that it is one of.
type syllable [romanisations]struct {
	unlikely float64 // minus the logarithm of its share; 0 where it is none
	as       []pinyinSyllable
}

// A pinyinSyllable has a number from 1 on.
type pinyinSyllable struct {
	number uint16
	nats   float64 // how much likelier it is than by chance
}

// chineseFamilies and chineseGiven are by the syllables as they are written, written by those of pinyin.
var (
	chineseFamilies, chineseGiven map[string]*syllable
	writtenFamilies, writtenGiven [romanisations]map[uint16][]writtenSyllable
)

type writtenSyllable struct {
	text           string
	nats, unlikely float64 // as in syllable
}

// How likely a name of such syllables is spelt in each way, and how likely its given name of two
// syllables is then one word; and the same for a name of elsewhere, whose syllables are as
// in package script each of [otherSyllables] equally common ones. Set by hand.
var (
	romanisationShare = [romanisations]float64{Pinyin: .55, Cantonese: .15, Malayan: .07, WadeGiles: .10}
	romanisationAsOne = [romanisations]float64{Pinyin: .80, Cantonese: .08, Malayan: .08, WadeGiles: .12}
	otherShare        = .13
	otherSyllables    = 120.0
	familyLast        = .25 // of all
	twoFamilies       = .03
)

// longestSyllable is "shuang" and "tseung".
const longestSyllable = 6

func init() {
	numbers := make(map[string]uint16)
	chineseFamilies, chineseGiven = make(map[string]*syllable), make(map[string]*syllable)
	sections := sectionsOf(chineseText)
	for s, name := range [...]string{"pinyin", "cantonese", "malayan", "wade-giles"} {
		for _, of := range [...]struct {
			part    string
			into    map[string]*syllable
			written *[romanisations]map[uint16][]writtenSyllable
		}{{"families", chineseFamilies, &writtenFamilies}, {"given", chineseGiven, &writtenGiven}} {
			of.written[s] = make(map[uint16][]writtenSyllable)
			for _, line := range sections[name+" "+of.part] {
				fields := strings.Fields(line)
				if of.into[fields[0]] == nil {
					of.into[fields[0]] = new(syllable)
				}
				in := &of.into[fields[0]][s]
				in.unlikely = decimal(fields[1])
				as := fields[2:]
				if Romanisation(s) == Pinyin {
					as = []string{fields[0], "0"}
					if len(fields) > 2 {
						as[0] = fields[2]
					}
				}
				for i := 0; i+1 < len(as); i += 2 {
					if numbers[as[i]] == 0 {
						numbers[as[i]] = uint16(len(numbers) + 1)
					}
					n, nats := numbers[as[i]], decimal(as[i+1])
					in.as = append(in.as, pinyinSyllable{n, nats})
					of.written[s][n] = append(of.written[s][n], writtenSyllable{fields[0], nats, in.unlikely})
				}
			}
		}
	}
}

func decimal(s string) float64 {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic("names: chinese.txt: " + err.Error()) // every test reads it
	}
	return n
}

// ReadChinese reads the parts of a person's whole name as a name of China, the family name first or last;
// nothing where they are none. What another spelling may be is left out where its nats are below least.
func ReadChinese(tokens []Token, least float64) Chinese {
	var few [syllablesOfName + 1]string
	words := few[:0]
	for i := range tokens {
		t := &tokens[i]
		if t.Class == Title && chineseGiven[t.Text] == nil {
			continue
		}
		if len(words) == len(few) || t.Class != Plain && !t.Light() || !t.Latin {
			return Chinese{}
		}
		words = append(words, t.Text)
	}
	// Most names are none of China, and two looks or four tell: one of the outermost words or, beside a name of
	// elsewhere, of their neighbours must be a family's.
	switch last := len(words) - 1; {
	case last < 1, !isFamily(words[0]) && !isFamily(words[last]) && (last == 1 || !isFamily(words[1]) && !isFamily(words[last-1])):
		return Chinese{}
	}
	beside := ""
	if last := len(words) - 1; last >= 2 {
		switch {
		case ofElsewhere(words[0]):
			beside, words = words[0], words[1:]
		case ofElsewhere(words[last]):
			beside, words = words[last], words[:last]
		}
	}
	last := len(words) - 1
	if last >= syllablesOfName {
		return Chinese{}
	}
	var found chineseReadings
	if f := chineseFamilies[words[0]]; f != nil {
		found.read(syllables{0: f}, writtenSyllables{words[0]}, words[1:], math.Log(1-familyLast))
		if last >= 2 {
			if g := chineseFamilies[words[1]]; g != nil {
				found.read(syllables{f, g}, writtenSyllables{words[0], words[1]}, words[2:], math.Log((1-familyLast)*twoFamilies))
			}
		}
	}
	if f := chineseFamilies[words[last]]; f != nil {
		found.read(syllables{0: f}, writtenSyllables{words[last]}, words[:last], math.Log(familyLast))
	}
	if len(found.ways) == 0 {
		return Chinese{}
	}
	out := found.chinese(least)
	out.Beside = beside
	return out
}

func isFamily(word string) bool { return len(word) <= longestSyllable && chineseFamilies[word] != nil }

// ofElsewhere reports whether a word is no part of a Chinese name.
func ofElsewhere(word string) bool {
	return len(word) > 2 && chineseGiven[word] == nil && chineseFamilies[word] == nil && !eachCut(word, func(_, _ *syllable, _ int) bool { return true })
}

// eachCut calls f with the two syllables of given names that a word may be, and where it is cut, until f says so.
func eachCut(word string, f func(first, second *syllable, at int) bool) bool {
	for cut := max(1, len(word)-longestSyllable); cut <= min(len(word)-1, longestSyllable); cut++ {
		if first := chineseGiven[word[:cut]]; first != nil {
			if second := chineseGiven[word[cut:]]; second != nil && f(first, second, cut) {
				return true
			}
		}
	}
	return false
}

// Two of a family name and two of a given one; nil and "" for none.
type (
	syllables        [syllablesOfName]*syllable
	writtenSyllables [syllablesOfName]string
)

// chineseReadings are the ways in which a name may be read.
type chineseReadings struct {
	ways []chineseWay
	all  float64 // how likely the name is in all of them
}

// A chineseWay is one spelling's reading of the syllables.
type chineseWay struct {
	spelling  Romanisation
	written   writtenSyllables
	syllables syllables
	nats      float64 // the logarithm of how likely the name is so
}

// read adds the ways to read what follows the family names.
func (r *chineseReadings) read(s syllables, written writtenSyllables, given []string, order float64) {
	switch len(given) {
	case 1:
		word := given[0]
		if s[2] = chineseGiven[word]; s[2] != nil && s[1] == nil {
			written[2] = word
			r.add(s, written, order, false)
		}
		eachCut(word, func(first, second *syllable, at int) bool {
			s[2], s[3], written[2], written[3] = first, second, word[:at], word[at:]
			r.add(s, written, order, true)
			return false
		})
	case 2:
		if s[2], s[3] = chineseGiven[given[0]], chineseGiven[given[1]]; s[2] != nil && s[3] != nil {
			written[2], written[3] = given[0], given[1]
			r.add(s, written, order, false)
		}
	}
}

func (r *chineseReadings) add(s syllables, written writtenSyllables, order float64, asOne bool) {
	other := math.Log(otherShare) + order
	for _, syl := range s {
		if syl != nil {
			other -= math.Log(otherSyllables)
		}
	}
	if s[3] != nil {
		other += math.Log(.5) // nobody knows whether it would be one word
	}
	r.all += math.Exp(other)
next:
	for spelling := range romanisations {
		likely := math.Log(romanisationShare[spelling]) + order
		for _, syl := range s {
			if syl == nil {
				continue
			}
			if syl[spelling].unlikely == 0 {
				continue next
			}
			likely -= syl[spelling].unlikely
		}
		switch {
		case s[3] == nil:
		case asOne:
			likely += math.Log(romanisationAsOne[spelling])
		default:
			likely += math.Log(1 - romanisationAsOne[spelling])
		}
		r.ways = append(r.ways, chineseWay{spelling, written, s, likely})
		r.all += math.Exp(likely)
	}
}

func (r *chineseReadings) chinese(least float64) Chinese {
	var out Chinese
	all := math.Log(r.all)
	for i := range r.ways {
		w := &r.ways[i]
		if w.spelling != Pinyin {
			out.Written = append(out.Written, strings.Join(strings.Fields(strings.Join(w.written[:], " ")), " "))
		}
		var each func(at int, name ChineseName, nats float64)
		each = func(at int, name ChineseName, nats float64) {
			switch {
			case at == len(w.syllables):
				if w.spelling == Pinyin || nats >= least {
					out.Names = append(out.Names, ChineseReading{name, w.spelling, nats})
				}
			case w.syllables[at] == nil:
				each(at+1, name, nats)
			default:
				for _, s := range w.syllables[at][w.spelling].as {
					each(at+1, name.with(at, s.number), nats+s.nats)
				}
			}
		}
		each(0, 0, w.nats-all)
	}
	slices.SortFunc(out.Names, func(a, b ChineseReading) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.In, b.In), cmp.Compare(b.Nats, a.Nats))
	})
	slices.Sort(out.Written)
	out.Written = slices.Compact(out.Written)
	return out
}

// Spelt calls f with what is [Chinese.Written] of every name that may be this one in another
// romanisation by so many nats at least.
func (n ChineseName) Spelt(least float64, f func(written string)) {
	for in := Cantonese; in < romanisations; in++ {
		x := speltIn{least: least, other: math.Log(otherShare) + math.Log(.5), f: f}
		for at := syllablesOfName - 1; at >= 0; at-- {
			x.most[at], x.likeliest[at] = x.most[at+1], x.likeliest[at+1]
			syllable := n.syllable(at)
			if syllable == 0 {
				continue
			}
			x.other -= math.Log(otherSyllables)
			x.of[at] = writtenGiven[in][syllable]
			if at < 2 {
				x.of[at] = writtenFamilies[in][syllable]
			}
			most, likeliest := math.Inf(-1), math.Inf(-1)
			for _, w := range x.of[at] {
				most, likeliest = max(most, w.nats), max(likeliest, -w.unlikely)
			}
			x.most[at] += most
			x.likeliest[at] += likeliest
			x.told[at] = true
		}
		x.each(0, "", 0, math.Log(romanisationShare[in]*max(romanisationAsOne[in], 1-romanisationAsOne[in])))
	}
}

// speltIn is one romanisation's ways to write a name.
type speltIn struct {
	least, other    float64
	f               func(written string)
	told            [syllablesOfName]bool
	of              [syllablesOfName][]writtenSyllable
	most, likeliest [syllablesOfName + 1]float64 // of the syllables from one on
}

// each goes over the syllables from one on. The name cannot be likelier to be written so than it is
// against a name of elsewhere alone: [chineseReadings.add] sums up the other ways to read it, too.
func (x *speltIn) each(at int, written string, nats, likely float64) {
	best := likely + x.likeliest[at]
	if nats+x.most[at]+best-math.Log(math.Exp(best)+math.Exp(x.other)) < x.least {
		return
	}
	switch {
	case at == syllablesOfName:
		x.f(written[1:])
	case !x.told[at]:
		x.each(at+1, written, nats, likely)
	default:
		for _, w := range x.of[at] {
			x.each(at+1, written+" "+w.text, nats+w.nats, likely-w.unlikely)
		}
	}
}
