// Package align is the arithmetic of package script: how likely a Latin word is as
// a writing of a word of another script, summed over every monotone alignment of
// its units with pieces of zero to four Latin letters.
//
// A unit's pieces are counted in four contexts (package unit), each smoothed by
// the coarser ones in the manner of Witten and Bell (The zero-frequency problem,
// 1991), the coarsest by letters of equal likelihood, so that no pair of words has
// likelihood zero. The counts are learned by names/script/gen. The model is the
// many-to-many aligner of Jiampojamarn, Kondrak and Sherif (2007) given one side.
// TestSumsToOne proves that it is a probability, TestForward that the fast sum is
// that of all alignments written out, TestLeast that stopping early is no error.
package align

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"sallyport/names/script/internal/unit"
)

// A Row is what was counted in one context: pieces of Latin letters as codes,
// ascending, and how often each was met. N is the sum of all counts, also of
// those too rare to be kept.
type Row struct {
	Codes  []uint32
	Counts []float32
	N      float32
}

// A Model is the rows of one script by context, and after Ready for words their
// form for looking up.
type Model struct {
	Rows   map[uint32]Row
	back   float32 // see typesBack
	pieces *Pieces
	// Contexts by open addressing: key+1 of a context and its row, 0 where empty.
	keys     []uint32
	at       []uint16
	shift    uint8
	rows     []readyRow
	ids      []uint16 // of all rows, one after the other
	counts   []float32
	contexts *contexts
}

type readyRow struct {
	from, to int32
	n        float32 // all counts
	kept     float32 // the counts of the pieces that are there
	back     float32 // what goes to the coarser context, as a count
	trust    float32
}

// Pieces numbers the pieces of Latin letters that models have: 0 is none or
// unknown, a single letter has its place in the alphabet, then all others. The last six
// bits of a number are less than setBits, see [Native].
type Pieces struct {
	codes   []uint32 // of a number, 0 where that is none
	lengths []uint8  // of a number
	find    []uint32 // open addressing: code
	id      []uint16
	shift   uint8
}

const hashBy = 0x9E3779B1

// NewPieces numbers all pieces of the models and makes each ready for words. That can be
// done to a model once: what words need of it is remembered by model.
func NewPieces(models map[unit.Script]*Model) *Pieces {
	known := map[uint32]bool{}
	var more []uint32
	for _, m := range models {
		for _, r := range m.Rows {
			for _, c := range r.Codes {
				if c > 26 && !known[c] {
					known[c] = true
					more = append(more, c)
				}
			}
		}
	}
	slices.Sort(more)
	p := &Pieces{codes: make([]uint32, 27)}
	for c := range p.codes {
		p.codes[c] = uint32(c)
	}
	for _, c := range more {
		for len(p.codes)&63 >= setBits {
			p.codes = append(p.codes, 0)
		}
		p.codes = append(p.codes, c)
	}
	for _, c := range p.codes {
		p.lengths = append(p.lengths, uint8(length(c)))
	}
	size, bits := 64, uint8(6)
	for size < 3*len(p.codes) {
		size, bits = size*2, bits+1
	}
	p.find, p.id, p.shift = make([]uint32, size), make([]uint16, size), 32-bits
	for id, c := range p.codes[1:] {
		if c == 0 {
			continue
		}
		for i := c * hashBy >> p.shift; ; i = (i + 1) & uint32(size-1) {
			if p.find[i] == 0 {
				p.find[i], p.id[i] = c, uint16(id+1)
				break
			}
		}
	}
	for s, m := range models {
		m.back = typesBack(s)
		m.ready(p)
	}
	return p
}

// Len is one more than the highest number.
func (p *Pieces) Len() int { return len(p.codes) }

// Letters are those of the piece with this number.
func (p *Pieces) Letters(id int) string { return unit.Piece(p.codes[id]) }

func (p *Pieces) number(code uint32) uint16 {
	for i := code * hashBy >> p.shift; ; i = (i + 1) & uint32(len(p.find)-1) {
		switch p.find[i] {
		case code:
			return p.id[i]
		case 0:
			return 0
		}
	}
}

func (m *Model) ready(p *Pieces) {
	m.pieces, m.contexts = p, new(contexts)
	size, bits := 64, uint8(6)
	for size < 2*len(m.Rows) {
		size, bits = size*2, bits+1
	}
	m.keys, m.at, m.shift = make([]uint32, size), make([]uint16, size), 32-bits
	m.rows, m.ids, m.counts = m.rows[:0], m.ids[:0], m.counts[:0]
	keys := make([]uint32, 0, len(m.Rows))
	for k := range m.Rows {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		r := m.Rows[k]
		if r.N == 0 {
			continue
		}
		x := readyRow{from: int32(len(m.ids)), n: r.N, back: float32(len(r.Codes))*m.back + 1}
		for i, c := range r.Codes {
			m.ids = append(m.ids, p.number(c))
			m.counts = append(m.counts, r.Counts[i])
			x.kept += r.Counts[i]
		}
		x.to = int32(len(m.ids))
		x.trust = r.N / (r.N + float32(len(r.Codes)) + 1)
		for i := (k + 1) * hashBy >> m.shift; ; i = (i + 1) & uint32(size-1) {
			if m.keys[i] == 0 {
				m.keys[i], m.at[i] = k+1, uint16(len(m.rows))
				break
			}
		}
		m.rows = append(m.rows, x)
	}
}

// typesBack is how much of the number of types of a context its coarser one has, as a count: the more,
// the less is taken for certain. One name is transcribed by many hands, so each quarter of the pairs that a model
// is learned from is likeliest by a model of the rest where this is 3 or 4, in every script. But what is flatter
// finds more people who are not meant, too, so not every script has it: docs/decisions/0004 says what was weighed.
func typesBack(s unit.Script) float32 {
	switch s {
	case unit.Cyrillic:
		return 3
	case unit.Hangul:
		return 2
	}
	return .7
}

func (m *Model) row(key uint32) *readyRow {
	for i := (key + 1) * hashBy >> m.shift; ; i = (i + 1) & uint32(len(m.keys)-1) {
		switch m.keys[i] {
		case key + 1:
			return &m.rows[m.at[i]]
		case 0:
			return nil
		}
	}
}

// lengths is how likely a piece of so many letters is where nothing is known.
var lengths = [unit.MaxPiece + 1]float64{.2, .55, .2, .04, .01}

// base is the likelihood of a piece of n letters where nothing is known.
var base = func() (b [unit.MaxPiece + 1]float32) {
	p := 1.0
	for n := range b {
		b[n] = float32(lengths[n] * p)
		p /= 26
	}
	return
}()

// scale is what each letter's likelihood is multiplied by, so that words of forty
// letters stay within what 32 bits hold.
const (
	scaleBits = 3
	scale     = 1 << scaleBits
)

var scaled = func() (b [unit.MaxPiece + 1]float32) {
	p := float32(1)
	for n := range b {
		b[n] = base[n] * p
		p *= scale
	}
	return
}()

// unscaled is what takes the scale of a piece off.
var unscaled = func() (b [unit.MaxPiece + 1]float32) {
	p := float32(1)
	for n := range b {
		b[n] = p
		p /= scale
	}
	return
}()

// A Word is a Latin word made ready: its letters, the number of each piece by its
// end and length, and how likely the word is as a name part.
type Word struct {
	Letters []byte
	ids     []uint16 // [unit.MaxPiece*(end-1) + length-1]
	LM      float64  // log P(word)
}

// Ready makes w ready for the letters, at most unit.MaxLetters, which it keeps.
func (p *Pieces) Ready(w *Word, letters []byte) {
	w.Letters = letters[:min(len(letters), unit.MaxLetters)]
	w.ids = make([]uint16, unit.MaxPiece*len(w.Letters))
	for end := 1; end <= len(w.Letters); end++ {
		code := uint32(0)
		for l := 1; l <= unit.MaxPiece && l <= end; l++ {
			letter := uint32(w.Letters[end-l] - 'a' + 1)
			code |= letter << (5 * (l - 1))
			if l == 1 {
				w.ids[unit.MaxPiece*(end-1)] = uint16(letter)
			} else {
				w.ids[unit.MaxPiece*(end-1)+l-1] = p.number(code)
			}
		}
	}
}

// A Native is a word of a script with a model, made ready: for each of its places
// the likelihood of each piece, scaled, beyond what all pieces of that length have.
// Of the pieces that some place may write, few places write each, so only these are kept.
type Native struct {
	places int
	empty  []float32 // of a place, to write nothing
	floor  []float32 // of a place, weight of base
	has    []uint64  // pieces that some place may write; above setBits, how many are in the words before
	total  []float32 // of each of them, from unit.MaxPiece on: its likelihood over all places, with what all pieces have; before, of the others, by their length
	from   []uint16  // of each of them and one more, where its places begin
	where  []uint8   // the places
	p      []float32 // and the likelihood there
	floats []float32 // the memory of empty, floor, total and p
	// allFloor is the sum of floor.
	allFloor float32
}

// setBits of each word of Native.has are a set, so that one look tells a piece's row.
const setBits = 48

// Len is the number of units.
func (n *Native) Len() int { return n.places }

// weights of the readings of a character, by their number and rank.
var readingWeights = [][]float32{nil, {1}, {.75, .25}, {.6, .15, .25}}

// least is the likelihood below which a piece is as good as unknown.
const least = 2e-5

// work is what making a native word ready writes on.
type work struct {
	sum    []float32 // by piece, zero between places
	seen   []uint16
	pieces []writtenPiece // of a place with several readings
	places [unit.MaxLetters]*written
	next   []uint16 // of a piece's row, where its next place goes
}

// written is what a place writes.
type written struct {
	floor, empty float32
	pieces       []writtenPiece
}

// A writtenPiece has its likelihood scaled.
type writtenPiece struct {
	scaled float32
	id     uint16
	length uint8
}

// p is the likelihood itself: scaling changes no digit of it.
func (p *writtenPiece) p() float32 { return p.scaled * unscaled[p.length] }

// A context is a place of a word with what stands around it, as a model reads it, and what
// it writes.
type context struct {
	written
	first  unit.Unit
	others []unit.Unit
}

// A usualContext has its pieces beside it: what is far apart in memory is waited for.
type usualContext struct {
	context
	beside [12]writtenPiece
}

// Each model remembers what so many contexts write: letters stand in the same contexts in one
// word after another. One that another takes the place of is reckoned anew.
const contextBits = 14

type contexts [1 << contextBits]atomic.Pointer[context]

func (c *contexts) slot(pos unit.Position) *atomic.Pointer[context] {
	h := uint64(0)
	for i := range pos {
		k := &pos[i].Key
		h = (h ^ uint64(k[3])<<32 ^ uint64(k[2])) * 0x9E3779B97F4A7C15
		h = (h ^ h>>29 ^ uint64(k[1])<<32 ^ uint64(k[0])) * 0x9E3779B97F4A7C15
	}
	return &c[h>>(64-contextBits)]
}

// at gives what a position writes.
func (w *work) at(m *Model, pos unit.Position) *written {
	slot := m.contexts.slot(pos)
	if c := slot.Load(); c != nil && c.first == pos[0] && slices.Equal(c.others, pos[1:]) {
		return &c.written
	}
	u := new(usualContext)
	c := &u.context
	c.written, c.first = w.reckon(m, pos), pos[0]
	c.pieces = append(u.beside[:0], w.pieces...)
	if len(pos) > 1 {
		c.others = slices.Clone(pos[1:])
	}
	slot.Store(c)
	return &c.written
}

// reckon adds up what the readings of a position write, all but the pieces, which are w's.
func (w *work) reckon(m *Model, pos unit.Position) written {
	if len(w.sum) < m.pieces.Len() {
		w.sum = make([]float32, m.pieces.Len())
	}
	floor := float32(0)
	for rank := range pos {
		floor += w.add(m, &pos[rank], readingWeights[len(pos)][rank])
	}
	c := written{floor: floor, empty: floor * base[0]}
	w.pieces = w.pieces[:0]
	for _, id := range w.seen {
		p := w.sum[id]
		w.sum[id] = 0
		if id == 0 {
			c.empty += p
			continue
		}
		l := m.pieces.lengths[id]
		if p < floor*base[l] || p < least {
			continue
		}
		w.pieces = append(w.pieces, writtenPiece{p * (scaled[l] / base[l]), id, l})
	}
	w.seen = w.seen[:0]
	return c
}

var works = sync.Pool{New: func() any { return new(work) }}

// Ready makes a native word ready. Where each is not nil it is called for each
// place in turn with the pieces it may write and their likelihoods, the empty one
// as 0.
func (m *Model) Ready(word []unit.Position, each func(place int, id uint16, p float32)) *Native {
	n := new(Native)
	m.ReadyIn(n, word, each)
	return n
}

// ReadyIn is Ready in the memory of a word that is not needed any more.
func (m *Model) ReadyIn(n *Native, word []unit.Position, each func(place int, id uint16, p float32)) {
	w := works.Get().(*work)
	defer works.Put(w)
	places := w.places[:min(len(word), unit.MaxLetters)]
	words, all := (m.pieces.Len()+63)/64, 0
	n.places, n.allFloor, n.has = len(places), 0, cleared(n.has, words)
	for i := range places {
		c := w.at(m, word[i])
		places[i] = c
		all += len(c.pieces)
		for k := range c.pieces {
			id := c.pieces[k].id
			n.has[id>>6] |= 1 << (id & 63)
		}
		if each != nil {
			for k := range c.pieces {
				each(i, c.pieces[k].id, c.pieces[k].p())
			}
			each(i, 0, c.empty)
		}
	}
	rows := 0
	for i, x := range n.has {
		n.has[i] |= uint64(rows) << setBits
		rows += bits.OnesCount64(x)
	}
	n.floats = cleared(n.floats, 2*len(places)+unit.MaxPiece+rows+all)
	floats := n.floats
	n.empty, floats = floats[:len(places)], floats[len(places):]
	n.floor, floats = floats[:len(places)], floats[len(places):]
	n.total, n.p = floats[:unit.MaxPiece+rows], floats[unit.MaxPiece+rows:]
	n.from, n.where = cleared(n.from, rows+1), cleared(n.where, all)
	for i := range places {
		c := places[i]
		n.floor[i], n.empty[i] = c.floor, c.empty
		n.allFloor += c.floor
		for k := range c.pieces {
			n.from[n.of(c.pieces[k].id)]++
		}
	}
	at := uint16(0)
	for r, count := range n.from {
		n.from[r] = at
		at += count
	}
	w.next = append(w.next[:0], n.from...)
	for i := range places {
		for _, piece := range places[i].pieces {
			r := n.of(piece.id)
			n.total[unit.MaxPiece+r] += piece.scaled
			n.where[w.next[r]], n.p[w.next[r]] = uint8(i), piece.scaled
			w.next[r]++
		}
	}
	for i, x := range n.has {
		r := unit.MaxPiece + x>>setBits
		for x &= 1<<setBits - 1; x != 0; x &= x - 1 {
			id := i<<6 + bits.TrailingZeros64(x)
			n.total[r] += n.allFloor * scaled[m.pieces.lengths[id]]
			r++
		}
	}
	for l := range unit.MaxPiece {
		n.total[l] = n.allFloor * scaled[l+1]
	}
}

// cleared is a slice of n zeros, in s's memory if it is enough.
func cleared[T any](s []T, n int) []T {
	if n > cap(s) {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// of is the row of a piece that some place may write.
func (n *Native) of(id uint16) int {
	w := n.has[id>>6]
	return int(w>>setBits) + bits.OnesCount64(w&(1<<(id&63)-1))
}

// place is where the total of a piece of so many letters is.
func (n *Native) place(id uint16, length int) int {
	w := n.has[id>>6]
	at := length - 1
	if w>>(id&63)&1 != 0 { // no branch is taken: which pieces are there is hard to foresee
		at = unit.MaxPiece + int(w>>setBits) + bits.OnesCount64(w&(1<<(id&63)-1))
	}
	return at
}

// at is the likelihood of a piece at a place.
func (n *Native) at(place int, id uint16, length int) float64 {
	p := float64(n.floor[place]) * float64(base[length])
	if r := n.place(id, length) - unit.MaxPiece; r >= 0 {
		for k := n.from[r]; k < n.from[r+1]; k++ {
			if int(n.where[k]) == place {
				p += float64(n.p[k]) / math.Pow(scale, float64(length))
			}
		}
	}
	return p
}

func length(code uint32) int {
	n := 0
	for ; code > 0; code >>= 5 {
		n++
	}
	return n
}

// add adds by times the smoothed likelihoods of one unit and returns the weight
// left for base. What a row has of mass for pieces it did not keep goes to the
// coarser context as well.
func (w *work) add(m *Model, u *unit.Unit, by float32) float32 {
	by = w.level(m, m.row(u.Key[3]), by)
	one, two := m.row(u.Key[1]), m.row(u.Key[2])
	a := float32(.5)
	if one != nil || two != nil {
		var x, y float32
		if one != nil {
			x = one.trust
		}
		if two != nil {
			y = two.trust
		}
		a = (x + .01) / (x + y + .02)
	}
	rest := w.level(m, one, by*a) + w.level(m, two, by*(1-a))
	return w.level(m, m.row(u.Key[0]), rest)
}

func (w *work) level(m *Model, r *readyRow, by float32) (rest float32) {
	if r == nil {
		return by
	}
	share := by / (r.n + r.back)
	ids := m.ids[r.from:r.to]
	counts := m.counts[r.from:r.to][:len(ids)]
	for k, id := range ids {
		if w.sum[id] == 0 {
			w.seen = append(w.seen, id)
		}
		w.sum[id] += share * counts[k]
	}
	return by - share*r.kept
}

// A column of the sum has, for each number of places, how likely it is that these
// wrote the letters so far.
type column struct {
	p      perPlace
	lo, hi int // what p has outside of [lo, hi) is of sums before
	mass   float32
}

// perPlace has room for as many places as a word has, and for indices that are cut to six bits, which
// spares the look whether they are within it.
type perPlace [1 << 6]float32

const ring = 8 // columns kept, a power of two above unit.MaxPiece

// A Sum is what LogGiven writes on.
type Sum struct {
	at [unit.MaxPiece * unit.MaxLetters]int16 // of a piece of the Latin word, its place in total
	// By letters written: the bound for those left, if the next piece has more than
	// 0, 1, 2, 3 letters.
	bound        [unit.MaxLetters + 1][unit.MaxPiece]float32
	row          perPlace // of a piece by place, zero but while it is added
	empty, floor perPlace // of the native word
	columns      [ring]column
}

// LogGiven is log P(latin word | native word), or -Inf where that is below least
// or no alignment can be. What is below enough, a likelihood, may be -Inf too: it is not
// added up further than shows that.
//
// First it bounds the likelihood from above, from the word's end on, by letting any
// place write any piece; then it sums letter by letter and leaves out what by that
// bound cannot come to least.
func (n *Native) LogGiven(w *Word, x *Sum, least, enough float64) float64 {
	letters := len(w.Letters)
	if letters > unit.MaxPiece*n.places || n.places == 0 || letters == 0 {
		return math.Inf(-1)
	}
	soon := w.soon(enough)
	if n.bound(w, x) < soon {
		return math.Inf(-1)
	}
	must := float32(math.Exp(max(least, -80)) * w.scale())
	if soon > must && n.logGiven(w, x, soon) == 0 { // little is carried that far
		return math.Inf(-1)
	}
	p := n.logGiven(w, x, must)
	if p == 0 {
		return math.Inf(-1)
	}
	return math.Log(float64(p)) - float64(letters)*scaleBits*math.Ln2
}

// nearlyEnough of what is enough is the least that is looked for: each of the places of each letter
// may leave out a share of negligible, see there, and sums are rounded.
const nearlyEnough = .8

// scale is what the likelihood of the word is multiplied by.
func (w *Word) scale() float64 {
	return math.Float64frombits(uint64(1023+scaleBits*len(w.Letters)) << 52) // 2^(scaleBits*letters)
}

// soon is the least bound, scaled, with which the word may be as likely as is enough.
func (w *Word) soon(enough float64) float32 { return float32(enough * w.scale() * nearlyEnough) }

// bound is an upper bound of the likelihood, scaled. It fills x.at and x.bound.
func (n *Native) bound(w *Word, x *Sum) float32 {
	letters := len(w.Letters)
	x.bound[letters] = [unit.MaxPiece]float32{1}
	ids := w.ids[:unit.MaxPiece*letters]
	for j := letters - 1; j >= 0; j-- {
		b := &x.bound[j]
		*b = [unit.MaxPiece]float32{}
		sum := float32(0)
		for l := min(unit.MaxPiece, letters-j); l >= 1; l-- {
			k := unit.MaxPiece*(j+l-1) + l - 1
			at := n.place(ids[k], l)
			x.at[k] = int16(at)
			sum += n.total[at] * x.bound[j+l][0]
			b[l-1] = sum
		}
	}
	return x.bound[0][0]
}

// logGiven is the likelihood, scaled, or 0 where it is below must, after bound.
func (n *Native) logGiven(w *Word, x *Sum, must float32) float32 {
	letters, places := len(w.Letters), n.places
	bound, columns, row, empty, floor := &x.bound, &x.columns, &x.row, &x.empty, &x.floor
	if bound[0][0] < must {
		return 0
	}
	copy(empty[:], n.empty[:places])
	copy(floor[:], n.floor[:places])
	first := &columns[0]
	first.p[0], first.mass, first.lo, first.hi = 1, 1, 0, 1
	tiny := must * negligible / bound[0][0]
	for v := float32(1); first.hi <= places; first.hi++ {
		if v *= empty[(first.hi-1)&63]; v < tiny {
			break
		}
		first.p[first.hi&63] = v
		first.mass += v
	}
	for j := 1; j <= letters; j++ {
		col := &columns[j&(ring-1)]
		lo, hi := places+1, 0
		for l := 1; l <= unit.MaxPiece && l <= j; l++ {
			from := &columns[(j-l)&(ring-1)]
			start, end := from.lo, min(from.hi, places)
			if start >= end {
				continue
			}
			if hi == 0 {
				lo, hi = start+1, start+1
			}
			for ; lo > start+1; lo-- {
				col.p[(lo-1)&63] = 0
			}
			for ; hi < end+1; hi++ {
				col.p[hi&63] = 0
			}
			b := scaled[l]
			if r := int(x.at[unit.MaxPiece*(j-1)+l-1]) - unit.MaxPiece; r >= 0 {
				written, after := int(n.from[r]), int(n.from[r+1])
				for k := written; k < after; k++ {
					row[n.where[k]&63] = n.p[k]
				}
				for i := start; i < end; i++ {
					col.p[(i+1)&63] += from.p[i&63] * (row[i&63] + b*floor[i&63])
				}
				for k := written; k < after; k++ {
					row[n.where[k]&63] = 0
				}
			} else {
				for i := start; i < end; i++ {
					col.p[(i+1)&63] += from.p[i&63] * b * floor[i&63]
				}
			}
		}
		// Places that write nothing, and the band of what still counts.
		tiny := must * negligible / bound[j][0]
		mass, before := float32(0), float32(0)
		i := lo
		for ; i < hi; i++ {
			before = col.p[i&63] + before*empty[(i-1)&63] // lo is 1 at least, and nothing is before it
			col.p[i&63] = before
			mass += before
		}
		if lo < hi {
			for ; i <= places; i++ {
				if before *= empty[(i-1)&63]; before < tiny {
					break
				}
				col.p[i&63] = before
				mass += before
				hi = i + 1
			}
		} else { // nothing leads here
			lo, hi = 0, 0
		}
		for lo < hi && col.p[lo&63] < tiny {
			lo++
		}
		for lo < hi && col.p[(hi-1)&63] < tiny {
			hi--
		}
		col.lo, col.hi, col.mass = lo, hi, mass
		// Every alignment leaves one of the last columns for the letters after j.
		all := mass * bound[j][0]
		for l := 1; l < unit.MaxPiece && l <= j; l++ {
			all += columns[(j-l)&(ring-1)].mass * bound[j-l][l]
		}
		if all < must {
			return 0
		}
	}
	last := &columns[letters&(ring-1)]
	if last.hi <= places || last.p[places&63] < must {
		return 0
	}
	return last.p[places&63]
}

// negligible is the share of least that may be left out at a time: together no more than .16 of it.
const negligible = 1e-4

// Posteriors calls count with the likelihood that a unit wrote a piece, for
// every unit and piece, given both words; it returns log P(word | native). For
// the generator.
func (n *Native) Posteriors(w *Word, count func(at int, code uint32, p float64)) float64 {
	type row [unit.MaxLetters + unit.MaxPiece + 1]float64
	u, letters := n.places, len(w.Letters)
	p := func(place, end, l int) float64 { return n.at(place, w.ids[unit.MaxPiece*(end-1)+l-1], l) }
	f := make([]row, u+1)
	f[0][0] = 1
	for i := range u {
		for j := 0; j <= letters; j++ {
			f[i+1][j] = f[i][j] * float64(n.empty[i])
			for l := 1; l <= unit.MaxPiece && l <= j; l++ {
				if f[i][j-l] > 0 {
					f[i+1][j] += f[i][j-l] * p(i, j, l)
				}
			}
		}
	}
	total := f[u][letters]
	if total == 0 {
		return math.Inf(-1)
	}
	b := make([]row, u+1)
	b[u][letters] = 1
	for i := u - 1; i >= 0; i-- {
		for j := 0; j <= letters; j++ {
			b[i][j] = b[i+1][j] * float64(n.empty[i])
			if q := f[i][j] * b[i+1][j] * float64(n.empty[i]) / total; q > 1e-4 {
				count(i, 0, q)
			}
			for l := 1; l <= unit.MaxPiece && j+l <= letters; l++ {
				if b[i+1][j+l] == 0 {
					continue
				}
				x := p(i, j+l, l) * b[i+1][j+l]
				b[i][j] += x
				if q := f[i][j] * x / total; q > 1e-4 {
					count(i, unit.Code(w.Letters[j:j+l]), q)
				}
			}
		}
	}
	return math.Log(total)
}

// A Chance is a piece with its likelihood.
type Chance struct {
	Letters string
	P       float32
}

// Likeliest are, for each place of a word, the most likeliest pieces, the likeliest
// first.
func (m *Model) Likeliest(word []unit.Position, most int) [][]Chance {
	out := make([][]Chance, min(len(word), unit.MaxLetters))
	m.Ready(word, func(place int, id uint16, p float32) {
		out[place] = append(out[place], Chance{m.pieces.Letters(int(id)), p})
	})
	for i := range out {
		slices.SortFunc(out[i], func(a, b Chance) int { return cmp.Or(cmp.Compare(b.P, a.P), strings.Compare(a.Letters, b.Letters)) })
		out[i] = out[i][:min(most, len(out[i]))]
	}
	return out
}
