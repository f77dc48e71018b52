package script

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"

	"sallyport/names/script/internal/unit"
)

// Sound classes, five bits each in a skeleton. At the head of a word they are fine
// and a soft start (vowel, h, w, y, ayn, hamza) is one of them; after it they are
// coarse and what is soft is left out.
const classLetters = " APFTDSJKGLRMN"

const soft = 1

// coarse is the class that a class belongs to after the head of a word.
var coarse = func() (c [32]skeleton) {
	for i := range c {
		c[i] = skeleton(i)
	}
	c[soft] = 0
	for _, p := range []string{"FP", "DT", "JS", "GK"} {
		c[strings.IndexByte(classLetters, p[0])] = skeleton(strings.IndexByte(classLetters, p[1]))
	}
	return
}()

// A skeleton is the classes of a word's sounds, the first in the highest bits used.
type skeleton uint64

func (s skeleton) String() string {
	var b []byte
	east := s&eastern != 0
	for s &^= eastern; s > 0; s >>= classBits {
		b = append(b, classLetters[s&classMask])
	}
	if east {
		b = append(b, '~')
	}
	slices.Reverse(b)
	return string(b)
}

const (
	classBits  = 5
	classMask  = 1<<classBits - 1
	maxClasses = 6
)

// vowelSince is set in a skeleton while vowels or soft sounds have followed its
// last class.
const vowelSince skeleton = 1 << 63

const (
	cP, cT, cS, cK, cL, cR, cM, cN skeleton = 2, 4, 6, 8, 10, 11, 12, 13
)

// add appends the classes of t, in which soft stands for vowels too.
func (s skeleton) add(t skeleton, east bool) skeleton {
	for shift := 7 * classBits; shift >= 0; shift -= classBits {
		c := t >> shift & classMask
		switch {
		case c == 0:
		case s == 0:
			s = c
			if east && c == cR {
				s = cL
			}
		case c == soft:
			s |= vowelSince
		default:
			s = s.consonant(coarse[c], east)
		}
	}
	return s
}

// consonant appends one coarse class. Sounds that touch are joined where scripts
// and languages split them differently: doubled letters, t+s, n+k; in words of
// East Asia also liquids and nasals that no vowel follows, which Japanese, Korean
// and Chinese drop, lengthen or confuse.
func (s skeleton) consonant(c skeleton, east bool) skeleton {
	if east && c == cR {
		c = cL
	}
	last := coarse[s&classMask]
	if s&vowelSince == 0 {
		switch {
		case last == c, last == cN && c == cK:
			return s
		case last == cT && c == cS:
			return s&^classMask | c
		case east && last == cL && s > classMask:
			s >>= classBits
			if coarse[s&classMask] == c {
				return s
			}
		case east && last == cM && s > classMask:
			s = s&^classMask | cN
		}
	}
	s &^= vowelSince
	if s >= 1<<(classBits*(maxClasses-1)) {
		return s
	}
	return s<<classBits | c
}

// end is s as a key has it.
func (s skeleton) end(east bool) skeleton {
	if east && s&vowelSince == 0 && s > classMask {
		switch s & classMask {
		case cL:
			s >>= classBits
		case cM:
			s = s&^classMask | cN
		}
	}
	return s &^ vowelSince
}

func classes(letters string) skeleton {
	var s skeleton
	for i := range letters {
		s = s<<classBits | skeleton(strings.IndexByte(classLetters, letters[i]))
	}
	return s
}

// A sound is how letters of a Latin word may sound: first the likeliest.
type sound struct {
	letters string
	as      []skeleton
}

// sounds, the longest letters first for each first letter.
var sounds = func() map[byte][]sound {
	m := map[byte][]sound{}
	for _, line := range strings.Split(strings.TrimSpace(soundTable), "\n") {
		f := strings.Fields(line)
		s := sound{letters: f[0]}
		for _, a := range f[1:] {
			s.as = append(s.as, classes(strings.Trim(a, "-")))
		}
		m[f[0][0]] = append(m[f[0][0]], s)
	}
	for _, l := range m {
		slices.SortStableFunc(l, func(a, b sound) int { return len(b.letters) - len(a.letters) })
	}
	return m
}()

// A line: letters, then the classes they may stand for; "-" is none.
const soundTable = `
a A
e A
i A
o A
u A
y A
b P
p P
ph F
f F
v F
w A F
wh A
t T
d D
th T S
dh D S
dj J D
dz S J
dzh J
s S
sh S
sch S
shch S
tsch J
tch J
ts S
tz S
z S
zh J
cz J
sz S
c K S
ce S K J
ci S K J
cy S K
ch J K
cs J
ck K
k K
kh K A
q K
g G
ge G J
gi G J
gy G J
gh G A
j J A K
x KS K S
h A K
l L
r R
m M
n N
gn N GN
`

// Keys are the keys of a word, at most eight and short; none for a word without
// letters of a script that Evidence compares. Two words that are writings of one
// name nearly always share one; TestKeysShared says how nearly.
//
// Keys that begin with ~ are of words of China, Japan and Korea, where r and l are
// one and codas are lost, and of Latin words for these: two Latin words need not be
// looked for under them.
func Keys(word string) []string {
	var buf [8]skeleton
	return appendKeys(nil, skeletons(buf[:0], word))
}

func appendKeys(out []string, skel []skeleton) []string {
	for _, s := range skel {
		k := s.String()
		if k == "" {
			k = "-"
		}
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

func skeletons(out []skeleton, word string) []skeleton {
	s := unit.Of(word)
	switch s {
	case Other:
		return out
	case Latin:
		letters := unit.Letters(word)
		out = latinSkeletons(out, letters, false)
		return latinSkeletons(out, letters, true)
	}
	if table().Models[s] != nil {
		for _, l := range surnameSpellings(s, word) {
			if k := latinSkeleton(l, true); !slices.Contains(out, k) && len(out) < 4 {
				out = append(out, k)
			}
		}
		return nativeSkeletons(out, s, unit.Cut(s, word))
	}
	for _, r := range Romanise(word, 2) {
		out = latinSkeletons(out, []byte(r), false)
	}
	return out
}

const maxLatin = 4 // keys of a Latin word

func latinSkeletons(out []skeleton, letters []byte, east bool) []skeleton {
	var alts [unit.MaxLetters][]skeleton
	n := 0
	for i := 0; i < len(letters); {
		var hit *sound
		list := sounds[letters[i]]
		for k := range list {
			if l := list[k].letters; len(l) <= len(letters)-i && string(letters[i:i+len(l)]) == l {
				hit = &list[k]
				break
			}
		}
		if hit == nil { // no letter is without a line of its own
			i++
			continue
		}
		alts[n] = hit.as
		n++
		l := len(hit.letters)
		if l > 1 && strings.IndexByte("eiy", hit.letters[l-1]) >= 0 {
			l--
		}
		i += l
	}
	start := len(out)
	put := func(s skeleton) {
		s = s.end(east)
		if east {
			s |= eastern
		}
		if !slices.Contains(out[start:], s) && len(out)-start < maxLatin {
			out = append(out, s)
		}
	}
	join := func(at, alt, n int) skeleton {
		var s skeleton
		for i := range n {
			if i == at {
				s = s.add(alts[i][alt], east)
			} else {
				s = s.add(alts[i][0], east)
			}
		}
		return s
	}
	put(join(-1, 0, n))
	// French, and those who write French, leave these unsounded at the end.
	if n > 3 && strings.IndexByte("stdxz", letters[len(letters)-1]) >= 0 {
		put(join(-1, 0, n-1))
	}
	for i := range n {
		if alts[i][0] == soft && i > 0 { // only h and w have others
			continue
		}
		for a := 1; a < len(alts[i]); a++ {
			put(join(i, a, n))
		}
	}
	return out
}

// latinSkeleton is the first of a Latin word's.
func latinSkeleton(letters string, east bool) skeleton {
	var buf [1]skeleton
	return latinSkeletons(buf[:0], []byte(letters), east)[0]
}

// surnameSpellings are the listed spellings of a Chinese or Korean surname.
func surnameSpellings(s Script, word string) []string {
	if len(word) > 2*len("王") {
		return nil
	}
	switch s {
	case Han:
		return strings.Fields(chineseSurnames[word])
	case Hangul:
		return strings.Fields(koreanSurnames[word])
	}
	return nil
}

// eastern marks the keys of words of Japan, Korea and China, and of Latin words
// for these.
const eastern skeleton = 1 << 62

// A sounding is the classes that one unit may write in one context, with their
// likelihoods, and how far the context is to be trusted against the coarser one.
type sounding struct {
	list  []chance
	trust float64
}

type chance struct {
	s skeleton
	p float64
}

var soundings = sync.OnceValue(func() map[Script]map[uint32]sounding {
	out := map[Script]map[uint32]sounding{}
	byCode := map[uint32]skeleton{}
	for s, m := range table().Models {
		rows := map[uint32]sounding{}
		for key, r := range m.Rows {
			if key>>30 == 2 {
				continue
			}
			sum := map[skeleton]float64{}
			for i, code := range r.Codes {
				k, ok := byCode[code]
				if !ok {
					k = pieceSounds(unit.Piece(code))
					byCode[code] = k
				}
				sum[k] += float64(r.Counts[i])
			}
			x := sounding{trust: float64(r.N) / (float64(r.N) + float64(len(sum)))}
			for k, c := range sum {
				if p := c / float64(r.N); p > .004 {
					x.list = append(x.list, chance{k, p})
				}
			}
			slices.SortFunc(x.list, func(a, b chance) int { return cmp.Or(cmp.Compare(b.p, a.p), cmp.Compare(a.s, b.s)) })
			x.list = x.list[:min(8, len(x.list))]
			rows[key] = x
		}
		out[s] = rows
	}
	return out
})

// pieceSounds are the likeliest classes of a piece, soft ones kept.
func pieceSounds(piece string) skeleton {
	var k skeleton
	for i := 0; i < len(piece); {
		l := 1
		for _, s := range sounds[piece[i]] {
			if strings.HasPrefix(piece[i:], s.letters) {
				for shift := classBits; shift >= 0; shift -= classBits {
					if c := s.as[0] >> shift & classMask; c != 0 {
						k = k<<classBits | c
					}
				}
				if l = len(s.letters); l > 1 && strings.IndexByte("eiy", s.letters[l-1]) >= 0 {
					l--
				}
				break
			}
		}
		i += l
	}
	return k
}

// rare is how unlikely, as a logarithm, a key may be by its number of classes to be
// looked under: short keys are many words'. The second is for words of East Asia,
// whose keys are coarser.
var rare = [2][7]float64{
	{-3, -3, -3, -4, -6, -8, -9},
	{-2, -2, -2.5, -3.5, -5, -8, -9},
}

type soundingRows struct {
	rows map[uint32]sounding
}

// at mixes the contexts of a unit, the finest first, for what it may sound like.
func (r *soundingRows) at(u *unit.Unit, out []chance) []chance {
	left := 1.0
	for _, level := range [...]int{3, 1, 0} {
		row := r.rows[u.Key[level]]
		if len(row.list) == 0 {
			continue
		}
		w := left * row.trust
		if level == 0 {
			w = left
		}
		left -= w
	list:
		for _, x := range row.list {
			for i := range out {
				if out[i].s == x.s {
					out[i].p += w * x.p
					continue list
				}
			}
			x.p *= w
			out = append(out, x)
		}
	}
	k := 0
	for _, x := range out {
		if x.p > .004 {
			x.p = math.Log(x.p)
			out[k] = x
			k++
		}
	}
	return out[:k]
}

type ray struct {
	s skeleton
	p float64
}

const (
	beamWidth = 16 // skeletons carried from unit to unit
	maxNative = 8  // keys of a word
)

func nativeSkeletons(out []skeleton, s Script, word []unit.Position) []skeleton {
	rows := soundingRows{soundings()[s]}
	var chances [24]chance
	var rays [2][256]ray
	beam := append(rays[0][:0], ray{})
	east := s == Han || s == Kana || s == Hangul
	next := rays[1][:0]
	for _, pos := range word {
		next = next[:0]
		for rank := range pos {
			u := &pos[rank]
			row := rows.at(u, chances[:0])
			w := 0.0
			if rank > 0 {
				w = -1.2
			}
			for _, b := range beam {
				for _, x := range row {
					next = append(next, ray{b.s.add(x.s, east), b.p + x.p + w})
				}
			}
		}
		if len(next) == 0 {
			continue
		}
		slices.SortFunc(next, func(a, b ray) int {
			if a.s < b.s {
				return -1
			} else if a.s > b.s {
				return 1
			}
			return 0
		})
		k := 0
		for i := 1; i < len(next); i++ {
			if next[i].s == next[k].s {
				hi, lo := max(next[i].p, next[k].p), min(next[i].p, next[k].p)
				next[k].p = hi + math.Log1p(math.Exp(lo-hi))
			} else {
				k++
				next[k] = next[i]
			}
		}
		next = next[:k+1]
		slices.SortFunc(next, func(a, b ray) int {
			switch {
			case a.p > b.p:
				return -1
			case a.p < b.p:
				return 1
			case a.s < b.s:
				return -1
			case a.s > b.s:
				return 1
			}
			return 0
		})
		if len(next) > beamWidth {
			next = next[:beamWidth]
		}
		beam, next = next, beam
	}
	for _, b := range beam {
		k := b.s.end(east)
		classes := 0
		for x := k; x > 0; x >>= classBits {
			classes++
		}
		least := &rare[0]
		if east {
			least = &rare[1]
		}
		if len(out) > 0 && b.p < least[min(classes, len(least)-1)] {
			continue
		}
		if east {
			k |= eastern
		}
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
		if len(out) == maxNative {
			break
		}
	}
	return out
}
