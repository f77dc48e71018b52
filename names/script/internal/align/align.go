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
	keys   []uint32
	at     []uint16
	shift  uint8
	rows   []readyRow
	ids    []uint16 // of all rows, one after the other
	counts []float32
}

type readyRow struct {
	from, to int32
	n        float32 // all counts
	kept     float32 // the counts of the pieces that are there
	back     float32 // what goes to the coarser context, as a count
	trust    float32
}

// Pieces numbers the pieces of Latin letters that models have: 0 is none or
// unknown, a single letter has its place in the alphabet, then all others.
type Pieces struct {
	codes []uint32
	find  []uint32 // open addressing: code
	id    []uint16
	shift uint8
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
	p := &Pieces{codes: make([]uint32, 27, 27+len(more))}
	for c := range p.codes {
		p.codes[c] = uint32(c)
	}
	p.codes = append(p.codes, more...)
	size, bits := 64, uint8(6)
	for size < 3*len(p.codes) {
		size, bits = size*2, bits+1
	}
	p.find, p.id, p.shift = make([]uint32, size), make([]uint16, size), 32-bits
	for id, c := range p.codes[1:] {
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
	m.pieces = p
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

// typesBack is how much of the number of types of a context its coarser one has,
// as a count. Foreign names in Han are transcribed by several traditions (Beijing,
// Taipei, Hong Kong) into many characters, so that what was met of a context tells less
// of the next name: of the half that is learned from, a quarter is likeliest by a model
// of the rest where this is high.
func typesBack(s unit.Script) float32 {
	if s == unit.Han {
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
type Native struct {
	places int
	empty  []float32 // of a place, to write nothing
	floor  []float32 // of a place, weight of base
	has    []uint64  // pieces that some place may write
	before []uint16  // how many of these are in the words of has before
	rows   []float32 // of each of them, its likelihood by place
	total  []float32 // of each of them, over all places, with what all pieces have
	// allFloor is the sum of floor.
	allFloor float32
}

// Len is the number of units.
func (n *Native) Len() int { return n.places }

// weights of the readings of a character, by their number and rank.
var readingWeights = [][]float32{nil, {1}, {.75, .25}, {.6, .15, .25}}

// least is the likelihood below which a piece is as good as unknown.
const least = 2e-5

// work is what making a native word ready writes on.
type work struct {
	sum   []float32 // by piece, zero between places
	seen  []uint16
	pairs []pieceChance // of all places
	ends  [unit.MaxLetters]int
	// what positions write: of one reading by their contexts, of several the last
	contexts map[context]written
	pieces   []writtenPiece
}

// written is what a place writes.
type written struct {
	floor, empty float32
	pieces       []writtenPiece
}

type writtenPiece struct {
	id        uint16
	p, scaled float32
}

// context is a unit with what stands around it, as a model reads it.
type context struct {
	m *Model
	unit.Unit
}

// maxContexts are remembered: letters stand in the same contexts in one word after another.
const maxContexts = 4096

// at gives what a position writes, good until the next call.
func (w *work) at(m *Model, pos unit.Position) written {
	if len(pos) != 1 {
		c := w.reckon(m, pos, w.pieces[:0])
		w.pieces = c.pieces
		return c
	}
	in := context{m, pos[0]}
	c, known := w.contexts[in]
	if !known {
		if w.contexts == nil || len(w.contexts) >= maxContexts {
			w.contexts = make(map[context]written)
		}
		c = w.reckon(m, pos, nil)
		w.contexts[in] = c
	}
	return c
}

// reckon adds up what the readings of a position write, and appends it to pieces.
func (w *work) reckon(m *Model, pos unit.Position, pieces []writtenPiece) written {
	if len(w.sum) < m.pieces.Len() {
		w.sum = make([]float32, m.pieces.Len())
	}
	floor := float32(0)
	for rank := range pos {
		floor += w.add(m, &pos[rank], readingWeights[len(pos)][rank])
	}
	c := written{floor: floor, empty: floor * base[0], pieces: pieces}
	for _, id := range w.seen {
		p := w.sum[id]
		w.sum[id] = 0
		if id == 0 {
			c.empty += p
			continue
		}
		l := length(m.pieces.codes[id])
		if p < floor*base[l] || p < least {
			continue
		}
		c.pieces = append(c.pieces, writtenPiece{id, p, p * (scaled[l] / base[l])})
	}
	w.seen = w.seen[:0]
	return c
}

type pieceChance struct {
	id uint16
	p  float32
}

var works = sync.Pool{New: func() any { return new(work) }}

// Ready makes a native word ready. Where each is not nil it is called for each
// place in turn with the pieces it may write and their likelihoods, the empty one
// as 0.
func (m *Model) Ready(word []unit.Position, each func(place int, id uint16, p float32)) *Native {
	w := works.Get().(*work)
	defer works.Put(w)
	w.pairs = w.pairs[:0]
	places := min(len(word), unit.MaxLetters)
	block := make([]float32, 2*places)
	n := &Native{places: places, empty: block[:places], floor: block[places:]}
	words := (m.pieces.Len() + 63) / 64
	n.has, n.before = make([]uint64, words), make([]uint16, words)
	for i, pos := range word[:places] {
		c := w.at(m, pos)
		n.floor[i], n.empty[i] = c.floor, c.empty
		for _, piece := range c.pieces {
			if each != nil {
				each(i, piece.id, piece.p)
			}
			w.pairs = append(w.pairs, pieceChance{piece.id, piece.scaled})
			n.has[piece.id>>6] |= 1 << (piece.id & 63)
		}
		if each != nil {
			each(i, 0, n.empty[i])
		}
		w.ends[i] = len(w.pairs)
	}
	total := 0
	for i, x := range n.has {
		n.before[i] = uint16(total)
		total += bits.OnesCount64(x)
	}
	values := make([]float32, total*(places+1))
	n.rows, n.total = values[:total*places], values[total*places:]
	at := 0
	for i := range places {
		n.allFloor += n.floor[i]
		for ; at < w.ends[i]; at++ {
			r := n.of(w.pairs[at].id)
			n.rows[r*places+i] += w.pairs[at].p
			n.total[r] += w.pairs[at].p
		}
	}
	for i, x := range n.has {
		for r := int(n.before[i]); x != 0; x &= x - 1 {
			id := i<<6 + bits.TrailingZeros64(x)
			n.total[r] += n.allFloor * scaled[length(m.pieces.codes[id])]
			r++
		}
	}
	return n
}

// of is the row of a piece, or less than 0.
func (n *Native) of(id uint16) int {
	w := n.has[id>>6]
	bit := uint64(1) << (id & 63)
	if w&bit == 0 {
		return -1
	}
	return int(n.before[id>>6]) + bits.OnesCount64(w&(bit-1))
}

// at is the likelihood of a piece at a place.
func (n *Native) at(place int, id uint16, length int) float64 {
	p := float64(n.floor[place]) * float64(base[length])
	if id != 0 {
		if r := n.of(id); r >= 0 {
			p += float64(n.rows[r*n.places+place]) / math.Pow(scale, float64(length))
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
	p      [unit.MaxLetters + 1]float32
	lo, hi int // p is zero outside of [lo, hi)
	mass   float32
}

const ring = 8 // columns kept, a power of two above unit.MaxPiece

// sums is what LogGiven writes on. Between two sums all columns are zero.
type sums struct {
	rows [unit.MaxPiece * unit.MaxLetters]int16
	// By letters written: the bound for those left, if the next piece has more than
	// 0, 1, 2, 3 letters.
	bound   [unit.MaxLetters + 1][unit.MaxPiece]float32
	columns [ring]column
}

var sumPool = sync.Pool{New: func() any { return new(sums) }}

// LogGiven is log P(latin word | native word), or -Inf where that is below least
// or no alignment can be.
//
// First it bounds the likelihood from above, from the word's end on, by letting any
// place write any piece; then it sums letter by letter and leaves out what by that
// bound cannot come to least.
func (n *Native) LogGiven(w *Word, least float64) float64 {
	letters := len(w.Letters)
	if letters > unit.MaxPiece*n.places || n.places == 0 || letters == 0 {
		return math.Inf(-1)
	}
	must := float32(math.Exp(max(least, -80)) * math.Exp2(scaleBits*float64(letters)))

	x := sumPool.Get().(*sums)
	p := n.logGiven(w, x, must)
	sumPool.Put(x)
	if p == 0 {
		return math.Inf(-1)
	}
	return math.Log(float64(p)) - float64(letters)*scaleBits*math.Ln2
}

// logGiven is the likelihood, scaled, or 0 where it is below must.
func (n *Native) logGiven(w *Word, x *sums, must float32) float32 {
	letters := len(w.Letters)
	rows, bound, columns := &x.rows, &x.bound, &x.columns
	bound[letters] = [unit.MaxPiece]float32{1}
	ids := w.ids[:unit.MaxPiece*letters]
	for j := letters - 1; j >= 0; j-- {
		bound[j] = [unit.MaxPiece]float32{}
		sum := float32(0)
		for l := min(unit.MaxPiece, letters-j); l >= 1; l-- {
			at := unit.MaxPiece*(j+l-1) + l - 1
			r := -1
			if id := ids[at]; id != 0 {
				r = n.of(id)
			}
			rows[at] = int16(r)
			p := n.allFloor * scaled[l]
			if r >= 0 {
				p = n.total[r]
			}
			sum += p * bound[j+l][0]
			bound[j][l-1] = sum
		}
	}
	if bound[0][0] < must {
		return 0
	}
	defer func() {
		for i := range columns {
			c := &columns[i]
			clear(c.p[c.lo:c.hi])
			c.lo, c.hi, c.mass = 0, 0, 0
		}
	}()
	places := n.places
	empty, floor := n.empty[:places], n.floor[:places]
	first := &columns[0]
	first.p[0], first.mass, first.hi = 1, 1, 1
	tiny := must * negligible / bound[0][0]
	for i, e := range empty {
		v := first.p[i] * e
		if v < tiny {
			break
		}
		first.p[i+1] = v
		first.mass += v
		first.hi++
	}
	for j := 1; j <= letters; j++ {
		col := &columns[j&(ring-1)]
		clear(col.p[col.lo:col.hi])
		lo, hi := places+1, 0
		for l := 1; l <= unit.MaxPiece && l <= j; l++ {
			from := &columns[(j-l)&(ring-1)]
			end := min(from.hi, places)
			if from.lo >= end {
				continue
			}
			lo, hi = min(lo, from.lo+1), max(hi, end+1)
			src := from.p[from.lo:end]
			dst := col.p[from.lo+1 : end+1][:len(src)]
			b := scaled[l]
			fl := floor[from.lo:end][:len(src)]
			if r := int(rows[unit.MaxPiece*(j-1)+l-1]); r >= 0 {
				row := n.rows[r*places+from.lo : r*places+end][:len(src)]
				for i, f := range src {
					dst[i] += f * (row[i] + b*fl[i])
				}
			} else {
				for i, f := range src {
					dst[i] += f * b * fl[i]
				}
			}
		}
		// Places that write nothing, and the band of what still counts.
		tiny := must * negligible / bound[j][0]
		mass, before := float32(0), float32(0)
		for i := lo; i <= places; i++ {
			v := col.p[i] + before*empty[i-1] // lo is 1 at least, and nothing is before it
			if i >= hi {
				if v < tiny {
					break
				}
				hi = i + 1
			}
			col.p[i] = v
			mass += v
			before = v
		}
		if lo >= hi { // nothing leads here
			lo, hi = 0, 0
		}
		col.lo, col.hi, col.mass = lo, hi, mass
		for col.lo < col.hi && col.p[col.lo] < tiny {
			col.p[col.lo] = 0
			col.lo++
		}
		for col.lo < col.hi && col.p[col.hi-1] < tiny {
			col.hi--
			col.p[col.hi] = 0
		}
		// Every alignment leaves one of the last columns for the letters after j.
		all := float32(0)
		for l := 0; l < unit.MaxPiece && l <= j; l++ {
			all += columns[(j-l)&(ring-1)].mass * bound[j-l][l]
		}
		if all < must {
			return 0
		}
	}
	last := &columns[letters&(ring-1)]
	if last.p[places] < must {
		return 0
	}
	return last.p[places]
}

// negligible is the share of least that may be left out at a time.
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
