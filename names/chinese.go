package names

import (
	"cmp"
	_ "embed"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Syllables of Chinese names in pinyin and as others spell them; made by names/script/gen/chinese,
// which says from what.
//
//go:embed chinese.txt
var chineseText string

// A Spelling is a way of writing Chinese names in Latin letters.
type Spelling uint8

const (
	Pinyin    Spelling = iota // ISO 7098
	Cantonese                 // as the Government of Hong Kong writes names
	WadeGiles                 // Mandarin as passports of Taiwan have it
	spellings_
)

func (s Spelling) String() string {
	return [...]string{"pinyin", "Hong Kong's spelling of Cantonese", "Wade-Giles"}[s]
}

// A Chinese is a person's whole name read as one of China.
type Chinese struct {
	// Names in pinyin that it is, or may be where it is spelt otherwise, ordered by name.
	Names []ChineseReading
	// Written are its syllables, the family name first, parted by blanks, for each way in which it
	// may be spelt otherwise than in pinyin.
	Written []string
}

// A ChineseReading is a name in pinyin that a name may be.
type ChineseReading struct {
	Name     ChineseName
	Spelling Spelling // of the name that is read
	// Nats is the logarithm of how likely it is spelt so; where that is not pinyin, plus how much
	// likelier the name in pinyin is as the same name than by chance.
	Nats float64
}

// A ChineseName is a family name and the one or two syllables of a given name in pinyin.
type ChineseName uint32

func chineseName(family, first, second uint16) ChineseName {
	return ChineseName(family)<<20 | ChineseName(first)<<10 | ChineseName(second)
}

// A syllable is what a written syllable may be in the spellings that it is one of.
type syllable [spellings_]struct {
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
	writtenFamilies, writtenGiven [spellings_]map[uint16][]writtenSyllable
)

type writtenSyllable struct {
	text string
	nats float64
}

// How likely a name of such syllables is spelt in each way, and how likely its given name of two
// syllables is then one word; and the same for a name of elsewhere, whose syllables are as
// in package script each of [otherSyllables] equally common ones. Set by hand.
var (
	spellingShare  = [spellings_]float64{Pinyin: .55, Cantonese: .15, WadeGiles: .10}
	spellingAsOne  = [spellings_]float64{Pinyin: .80, Cantonese: .08, WadeGiles: .12}
	otherShare     = .20
	otherSyllables = 120.0
	familyLast     = .25 // of all
)

// longestSyllable is "shuang" and "tseung".
const longestSyllable = 6

func init() {
	numbers := make(map[string]uint16)
	chineseFamilies, chineseGiven = make(map[string]*syllable), make(map[string]*syllable)
	sections := sectionsOf(chineseText)
	for s, name := range [...]string{"pinyin", "cantonese", "wade-giles"} {
		for _, of := range [...]struct {
			part    string
			into    map[string]*syllable
			written *[spellings_]map[uint16][]writtenSyllable
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
				if Spelling(s) == Pinyin {
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
					of.written[s][n] = append(of.written[s][n], writtenSyllable{fields[0], nats})
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

// ReadChinese reads the parts of a person's whole name as two or three syllables of a name of China, the
// family name first or last; nothing where they are none. What another spelling may be is left
// out where its nats are below least.
func ReadChinese(tokens []Token, least float64) Chinese {
	var few [3]string
	words := few[:0]
	for i := range tokens {
		t := &tokens[i]
		if t.Class == Title && chineseGiven[t.Text] == nil {
			continue
		}
		if len(words) == len(few) || t.Class != Plain && !t.Light() || !t.Latin || len(t.Text) > 2*longestSyllable {
			return Chinese{}
		}
		words = append(words, t.Text)
	}
	if len(words) < 2 {
		return Chinese{}
	}
	var found chineseReadings
	last := len(words) - 1
	if f := chineseFamilies[words[0]]; f != nil {
		found.read(f, words[0], words[1:], math.Log(1-familyLast))
	}
	if f := chineseFamilies[words[last]]; f != nil {
		found.read(f, words[last], words[:last], math.Log(familyLast))
	}
	if len(found.ways) == 0 {
		return Chinese{}
	}
	return found.chinese(least)
}

// chineseReadings are the ways in which a name may be read.
type chineseReadings struct {
	ways []chineseWay
	all  float64 // how likely the name is in all of them
}

// A chineseWay is one spelling's reading of the syllables.
type chineseWay struct {
	spelling  Spelling
	written   [3]string
	syllables [3]*syllable // the third is nil where there are two
	nats      float64      // the logarithm of how likely the name is so
}

func (r *chineseReadings) read(family *syllable, written string, given []string, order float64) {
	if len(given) == 2 {
		if first, second := chineseGiven[given[0]], chineseGiven[given[1]]; first != nil && second != nil {
			r.add([3]*syllable{family, first, second}, [3]string{written, given[0], given[1]}, order, false)
		}
		return
	}
	whole := given[0]
	if one := chineseGiven[whole]; one != nil {
		r.add([3]*syllable{family, one}, [3]string{written, whole}, order, false)
	}
	for cut := max(1, len(whole)-longestSyllable); cut <= min(len(whole)-1, longestSyllable); cut++ {
		first := chineseGiven[whole[:cut]]
		if first == nil {
			continue
		}
		if second := chineseGiven[whole[cut:]]; second != nil {
			r.add([3]*syllable{family, first, second}, [3]string{written, whole[:cut], whole[cut:]}, order, true)
		}
	}
}

func (r *chineseReadings) add(syllables [3]*syllable, written [3]string, order float64, asOne bool) {
	other, form := math.Log(otherShare)+order-2*math.Log(otherSyllables), 0.0
	if syllables[2] != nil {
		other += math.Log(.5) - math.Log(otherSyllables) // nobody knows whether it would be one word
	}
	r.all += math.Exp(other)
next:
	for s := range spellings_ {
		likely := math.Log(spellingShare[s]) + order
		for _, syl := range syllables {
			if syl == nil {
				continue
			}
			if syl[s].unlikely == 0 {
				continue next
			}
			likely -= syl[s].unlikely
		}
		if syllables[2] != nil {
			if form = math.Log(1 - spellingAsOne[s]); asOne {
				form = math.Log(spellingAsOne[s])
			}
			likely += form
		}
		r.ways = append(r.ways, chineseWay{s, written, syllables, likely})
		r.all += math.Exp(likely)
	}
}

func (r *chineseReadings) chinese(least float64) Chinese {
	var out Chinese
	all := math.Log(r.all)
	for i := range r.ways {
		w := &r.ways[i]
		if w.spelling != Pinyin {
			out.Written = append(out.Written, strings.TrimRight(strings.Join(w.written[:], " "), " "))
		}
		likely := w.nats - all
		add := func(name ChineseName, nats float64) {
			if w.spelling == Pinyin || nats >= least {
				out.Names = append(out.Names, ChineseReading{name, w.spelling, nats})
			}
		}
		for _, f := range w.syllables[0][w.spelling].as {
			for _, first := range w.syllables[1][w.spelling].as {
				name, nats := chineseName(f.number, first.number, 0), likely+f.nats+first.nats
				if w.syllables[2] == nil {
					add(name, nats)
					continue
				}
				for _, second := range w.syllables[2][w.spelling].as {
					add(name|ChineseName(second.number), nats+second.nats)
				}
			}
		}
	}
	slices.SortFunc(out.Names, func(a, b ChineseReading) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Spelling, b.Spelling), cmp.Compare(b.Nats, a.Nats))
	})
	slices.Sort(out.Written)
	out.Written = slices.Compact(out.Written)
	return out
}

// Spelt calls f with what is [Chinese.Written] of every name that may be this one in another
// spelling by so many nats at least.
func (n ChineseName) Spelt(least float64, f func(written string)) {
	family, first, second := uint16(n>>20), uint16(n>>10&(1<<10-1)), uint16(n&(1<<10-1))
	for s := Cantonese; s < spellings_; s++ {
		for _, a := range writtenFamilies[s][family] {
			for _, b := range writtenGiven[s][first] {
				if second == 0 {
					if a.nats+b.nats >= least {
						f(a.text + " " + b.text)
					}
					continue
				}
				for _, c := range writtenGiven[s][second] {
					if a.nats+b.nats+c.nats >= least {
						f(a.text + " " + b.text + " " + c.text)
					}
				}
			}
		}
	}
}

// ChineseVersion tells states of the table apart, and of how it is read.
var ChineseVersion = sync.OnceValue(func() string {
	h := fnv.New64a()
	h.Write([]byte(chineseText))
	return "chinese-1-" + strconv.FormatUint(h.Sum64(), 16)
})
