package script

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"sallyport/names/script/internal/align"
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

// A Key is what two words that are writings of one name nearly always have in
// common. It is never 0.
type Key uint64

// String shows a key as the letters of its classes; keys of East Asia with a ~.
func (k Key) String() string {
	if s := skeleton(k &^ keyMark).String(); s != "" {
		return s
	}
	return "-"
}

// keyMark is set in every key, so that the key of a word of vowels is not 0.
const keyMark = 1 << 61

// MaxKeys is the most keys that a word has.
const MaxKeys = 40

// Keys are the keys of a word, at most [MaxKeys]; none for a word without
// letters of a script that Evidence compares. Two words that are writings of one
// name nearly always share one; TestKeysShared says how nearly.
//
// Keys that begin with ~ are of words of China, Japan and Korea, where r and l are
// one and codas are lost, and of Latin words for these: two Latin words need not be
// looked for under them.
func Keys(word string) []string {
	var buf [MaxKeys]Key
	keys := AppendKeys(buf[:0], word)
	if len(keys) == 0 {
		return nil
	}
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.String()
	}
	return out
}

// AppendKeys appends what [Keys] are of to out.
func AppendKeys(out []Key, word string) []Key {
	s := unit.Of(word)
	if s != Latin && readings(s) != nil { // without the table, whose generator asks for Latin words' keys
		_, out = native(nil, out, s, word, true)
		return out
	}
	return latinKeys(out, s, word)
}

// PrepareKeys is [Prepare] and [AppendKeys] in one, sooner than the two.
func PrepareKeys(out []Key, word string) (Prepared, []Key) {
	s := unit.Of(word)
	if s == Latin || readings(s) == nil {
		return Prepare(word), latinKeys(out, s, word)
	}
	n, out := native(nil, out, s, word, true)
	return prepared(s, word, n), out
}

func latinKeys(out []Key, s Script, word string) []Key {
	var buf [MaxKeys]skeleton
	skel := buf[:0]
	switch s {
	case Other:
	case Latin:
		var letters [unit.MaxLetters]byte
		l := unit.AppendLetters(letters[:0], word)
		skel = latinSkeletons(skel, l, false)
		skel = latinSkeletons(skel, l, true)
	default:
		for _, r := range Romanise(word, 4) {
			skel = latinSkeletons(skel, []byte(r), false)
		}
	}
	return appendKeys(out, skel)
}

func appendKeys(out []Key, skel []skeleton) []Key {
	for _, s := range skel {
		if k := Key(s) | keyMark; !slices.Contains(out, k) {
			out = append(out, k)
		}
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

// A word is looked for under a key only if it is so many times likelier to have it
// than any word: the keys that find most for the fewest words compared (Neyman and
// Pearson, 1933). Transcriptions in Han have the most ways to sound, and find too
// many words, so there it takes more.
const (
	likelier    = 4
	likelierHan = 6
)

// frequency is the share of Latin words that have a key.
var frequency = sync.OnceValue(func() func(Key) float32 {
	t := table()
	n := float32(t.Words)
	f := make(map[Key]float32, len(t.Common))
	for k, c := range t.Common {
		f[Key(k)] = float32(c) / n
	}
	unheard := 1 / n
	return func(k Key) float32 {
		if x, ok := f[k]; ok {
			return x
		}
		return unheard
	}
})

// sounds of pieces by number: which of the distinct skeletons each has.
type pieceClasses struct {
	of    []uint8 // by piece
	skels []skeleton
}

var classesOfPieces = sync.OnceValue(func() *pieceClasses {
	p := table().Pieces
	c := &pieceClasses{of: make([]uint8, p.Len())}
	for id := range c.of {
		k := pieceSounds(p.Letters(id))
		i := slices.Index(c.skels, k)
		if i < 0 {
			i = len(c.skels)
			c.skels = append(c.skels, k)
		}
		c.of[id] = uint8(i)
	}
	return c
})

// A ray is classes written so far, with how likely they are.
type ray struct {
	s skeleton
	p float32
}

const (
	beamWidth = 48   // skeletons carried from unit to unit
	unlikely  = .002 // what one unit is not thought to sound like
	faint     = 1e-6 // of the likeliest skeleton, what is no longer carried
)

// beam is what the search for a native word's keys writes on.
type beam struct {
	sum      [256]float32
	seen     []uint8
	now      []ray
	next     []ray
	table    [1024]int16 // of next by hash, 0 is none
	used     []uint16
	place    int
	east     bool
	likelier float32
}

var beams = sync.Pool{New: func() any { return &beam{} }}

// native makes a word of a script with models ready, in the memory of readings that are not needed
// any more, and its keys if they are wanted.
func native(free []reading, out []Key, s Script, word string, keys bool) (all []reading, _ []Key) {
	all = free[:0]
	start := len(out)
	if keys {
		for _, l := range surnameSpellings(s, word) {
			if k := Key(latinSkeleton(l, true)) | keyMark; !slices.Contains(out[start:], k) && len(out)-start < 4 {
				out = append(out, k)
			}
		}
	}
	t := table()
	syllables := max(utf8.RuneCountInString(word), 1)
	for i, r := range readings(s) {
		share := r.share[min(syllables, len(r.share))-1]
		if share == 0 {
			continue
		}
		units := unit.Cut(r.cut, word)
		if len(units) == 0 {
			continue
		}
		m := t.Models[r.model]
		var n *align.Native
		if len(all) < cap(all) {
			n = all[:len(all)+1][len(all)].Native
		}
		if n == nil {
			n = new(align.Native)
		}
		all = append(all, reading{n, share, math.Log(share)})
		if !keys {
			m.ReadyIn(n, units, nil)
			continue
		}
		b := beams.Get().(*beam)
		b.now = append(b.now[:0], ray{0, float32(share)})
		b.place, b.east = 0, s == Han || s == Kana || s == Hangul
		b.likelier = likelier
		if s == Han && i == 0 {
			b.likelier = likelierHan
		}
		c := classesOfPieces()
		each := func(place int, id uint16, p float32) {
			if place != b.place {
				b.step(c)
				b.place = place
			}
			class := c.of[id]
			if b.sum[class] == 0 {
				b.seen = append(b.seen, class)
			}
			b.sum[class] += p
		}
		m.ReadyIn(n, units, each)
		b.step(c)
		most := MaxKeys
		if i == 0 {
			most -= 8 // for the other models
		}
		out = b.keys(out, start, most)
		if s == Cyrillic && strings.ContainsAny(word, "гщ") {
			// Ukrainian and Belarusian г is h, Bulgarian щ is sht.
			b.now = append(b.now[:0], ray{0, otherCyrillic})
			b.place = 0
			m.Ready(unit.Cut(s, cyrillicOther.Replace(word)), each)
			b.step(c)
			out = b.keys(out, start, MaxKeys)
		}
		beams.Put(b)
	}
	return all, out
}

// otherCyrillic is the share of Cyrillic words that are of languages whose г and щ
// are not those of Russian, of which most pairs are that the model has seen.
const otherCyrillic = .25

var cyrillicOther = strings.NewReplacer("г", "һ", "щ", "шт")

// step lengthens the rays by what one unit sounds like.
func (b *beam) step(c *pieceClasses) {
	b.next = b.next[:0]
	for _, class := range b.seen {
		p := b.sum[class]
		b.sum[class] = 0
		if p < unlikely {
			continue
		}
		by := c.skels[class]
		for _, r := range b.now {
			if p*r.p < faint*b.now[0].p {
				break
			}
			s := r.s.add(by, b.east)
			h := uint32(uint64(s)*0x9E3779B97F4A7C15>>54) & (uint32(len(b.table)) - 1)
			for ; ; h = (h + 1) & (uint32(len(b.table)) - 1) {
				i := b.table[h]
				if i == 0 {
					if len(b.next) < len(b.table)/2 {
						b.next = append(b.next, ray{s, p * r.p})
						b.table[h] = int16(len(b.next))
						b.used = append(b.used, uint16(h))
					}
					break
				}
				if b.next[i-1].s == s {
					b.next[i-1].p += p * r.p
					break
				}
			}
		}
	}
	for _, h := range b.used {
		b.table[h] = 0
	}
	b.used, b.seen = b.used[:0], b.seen[:0]
	if len(b.next) == 0 {
		return
	}
	b.now, b.next = b.next, b.now
	best := float32(0)
	for _, r := range b.now {
		best = max(best, r.p)
	}
	k := 0
	for _, r := range b.now {
		if r.p >= best*faint {
			b.now[k] = r
			k++
		}
	}
	b.now = b.now[:k]
	slices.SortFunc(b.now, func(x, y ray) int {
		if x.p != y.p { // hardly any are alike
			return cmp.Compare(y.p, x.p)
		}
		return cmp.Compare(x.s, y.s)
	})
	b.now = b.now[:min(beamWidth, len(b.now))]
}

// keys appends the likeliest skeletons as keys; out[from:] are the word's already; up to most.
func (b *beam) keys(out []Key, from, most int) []Key {
	often := frequency()
	for _, r := range b.now {
		if len(out)-from >= most {
			break
		}
		k := r.s.end(b.east)
		if b.east {
			k |= eastern
		}
		if len(out) > from && r.p < b.likelier*often(Key(k)|keyMark) {
			continue
		}
		if k := Key(k) | keyMark; !slices.Contains(out[from:], k) {
			out = append(out, k)
		}
	}
	return out
}
