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
// that of all alignments written out.
package align

import (
	"cmp"
	"math"
	"slices"
	"strings"

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

// A Model is the rows of one script by context.
type Model struct {
	Rows map[uint32]Row
}

// lengths is how likely a piece of so many letters is where nothing is known.
var lengths = [unit.MaxPiece + 1]float64{.2, .55, .2, .04, .01}

// Base is the likelihood of a piece of n letters where nothing is known.
var Base = func() (b [unit.MaxPiece + 1]float32) {
	p := 1.0
	for n := range b {
		b[n] = float32(lengths[n] * p)
		p /= 26
	}
	return
}()

// A Word is a Latin word made ready: N letters, the code of each piece by its
// end and length, and how likely the word is as a name part.
type Word struct {
	N     int
	Codes [unit.MaxLetters + 1][unit.MaxPiece]uint32 // [end][length-1]
	LM    float64                                    // log P(word)
}

// Ready fills w with the letters, at most unit.MaxLetters.
func (w *Word) Ready(letters []byte) {
	w.N = min(len(letters), unit.MaxLetters)
	for end := 1; end <= w.N; end++ {
		for l := 1; l <= unit.MaxPiece && l <= end; l++ {
			w.Codes[end][l-1] = unit.Code(letters[end-l : end])
		}
	}
}

// Equal reports whether two words have the same letters.
func (w *Word) Equal(o *Word) bool {
	if w.N != o.N {
		return false
	}
	for i := w.N; i > 0; i -= unit.MaxPiece {
		l := min(i, unit.MaxPiece)
		if w.Codes[i][l-1] != o.Codes[i][l-1] {
			return false
		}
	}
	return true
}

type slot struct {
	code uint32 // 0 is empty
	p    float32
}

// A place is one position of a native word: a table of what it may write.
type place struct {
	slots []slot // a power of two of them
	shift uint8
	empty float32 // likelihood of writing nothing
	floor [unit.MaxPiece + 1]float32
}

// A Native is a word of a script with a model, made ready.
type Native struct {
	places []place
}

// Len is the number of units.
func (n *Native) Len() int { return len(n.places) }

const hashBy = 0x9E3779B1

func (p *place) of(code uint32, length int) float32 {
	mask := uint32(len(p.slots) - 1)
	for i := code * hashBy >> p.shift; ; i++ {
		s := &p.slots[i&mask]
		if s.code == code {
			return s.p
		}
		if s.code == 0 {
			return p.floor[length]
		}
	}
}

func length(code uint32) int {
	n := 0
	for ; code > 0; code >>= 5 {
		n++
	}
	return n
}

// weights of the readings of a character, by rank.
var readingWeight = [2]float32{.75, .25}

// Smoothing: what is added to the number of types of a context, by level.
var smoothing = [unit.Levels]float32{1, 1, 1, 1}

// Ready makes a native word ready.
func (m *Model) Ready(word []unit.Position) *Native {
	n := &Native{places: make([]place, len(word))}
	var merge merger
	for i, pos := range word {
		merge.reset()
		for rank := range pos {
			w := float32(1)
			if len(pos) > 1 {
				w = readingWeight[min(rank, 1)]
			}
			merge.add(m, &pos[rank], w)
		}
		n.places[i] = merge.place()
	}
	return n
}

type merger struct {
	codes []uint32
	p     []float32
	index map[uint32]int
	floor float32 // weight of Base in the mixture
}

func (g *merger) reset() {
	g.codes, g.p, g.floor = g.codes[:0], g.p[:0], 0
	if g.index == nil {
		g.index = make(map[uint32]int, 256)
	}
	clear(g.index)
}

func (g *merger) row(r Row, by float32) {
	for k, c := range r.Codes {
		i, ok := g.index[c]
		if !ok {
			i = len(g.codes)
			g.index[c] = i
			g.codes = append(g.codes, c)
			g.p = append(g.p, 0)
		}
		g.p[i] += by * r.Counts[k]
	}
}

// add adds w times the smoothed likelihoods of one unit. What a row has of mass
// for pieces it did not keep goes to the coarser context as well.
func (g *merger) add(m *Model, u *unit.Unit, w float32) {
	fine := m.Rows[u.Key[3]]
	w = g.level(fine, w, 3)
	one, two := m.Rows[u.Key[1]], m.Rows[u.Key[2]]
	a := float32(.5)
	if one.N+two.N > 0 {
		x, y := trust(one), trust(two)
		a = (x + .01) / (x + y + .02)
	}
	rest := g.level(one, w*a, 1) + g.level(two, w*(1-a), 2)
	rest = g.level(m.Rows[u.Key[0]], rest, 0)
	g.floor += rest
}

func trust(r Row) float32 {
	if r.N == 0 {
		return 0
	}
	return r.N / (r.N + float32(len(r.Codes)) + 1)
}

func (g *merger) level(r Row, w float32, level int) (rest float32) {
	if r.N == 0 {
		return w
	}
	kept := float32(0)
	for _, c := range r.Counts {
		kept += c
	}
	back := float32(len(r.Codes))*.7 + smoothing[level]
	by := w / (r.N + back)
	g.row(r, by)
	return w - by*kept
}

func (g *merger) place() place {
	var p place
	for l := range p.floor {
		p.floor[l] = g.floor * Base[l]
	}
	p.empty = p.floor[0]
	used := 0
	for k, c := range g.codes {
		if c == 0 {
			p.empty += g.p[k]
			g.p[k] = 0
			continue
		}
		f := p.floor[length(c)]
		if g.p[k] < f || g.p[k] < 2e-5 {
			g.p[k] = 0 // as good as the floor
			continue
		}
		g.p[k] += f
		used++
	}
	size, bits := 2, uint8(1)
	for size < used*3/2+1 {
		size, bits = size*2, bits+1
	}
	p.slots, p.shift = make([]slot, size), 32-bits
	for k, c := range g.codes {
		if g.p[k] == 0 {
			continue
		}
		for i := c * hashBy >> p.shift; ; i++ {
			s := &p.slots[int(i)&(size-1)]
			if s.code == 0 {
				*s = slot{c, g.p[k]}
				break
			}
		}
	}
	return p
}

// Row32 is one row of the forward sum: likelihoods by letters written.
type Row32 [unit.MaxLetters + unit.MaxPiece + 1]float64

// LogGiven is log P(latin word | native word), -Inf if no alignment can be.
func (n *Native) LogGiven(w *Word) float64 {
	if w.N > unit.MaxPiece*len(n.places) || len(n.places) == 0 || w.N == 0 {
		return math.Inf(-1)
	}
	var rows [2]Row32
	cur, next := &rows[0], &rows[1]
	cur[0] = 1
	lo, hi := 0, 0 // letters written so far: cur is zero elsewhere
	for i := range n.places {
		p := &n.places[i]
		// What is left must not need more letters than the units left can write.
		nlo := max(0, w.N-unit.MaxPiece*(len(n.places)-i-1))
		nhi := min(w.N, hi+unit.MaxPiece)
		empty := float64(p.empty)
		for j := nlo; j <= nhi; j++ {
			sum := cur[j] * empty
			codes := &w.Codes[j]
			for l := 1; l <= unit.MaxPiece && l <= j; l++ {
				if from := cur[j-l]; from > 0 {
					sum += from * float64(p.of(codes[l-1], l))
				}
			}
			next[j] = sum
		}
		for j := lo; j < nlo; j++ {
			next[j] = 0
		}
		for j := nhi + 1; j <= w.N; j++ {
			next[j] = 0
		}
		cur, next = next, cur
		lo, hi = nlo, nhi
	}
	return math.Log(cur[w.N])
}

// Posteriors calls count with the likelihood that a unit wrote a piece, for
// every unit and piece, given both words; it returns log P(word | native). For
// the generator.
func (n *Native) Posteriors(w *Word, count func(at int, code uint32, p float64)) float64 {
	u := len(n.places)
	f := make([]Row32, u+1)
	f[0][0] = 1
	for i := range u {
		p := &n.places[i]
		for j := 0; j <= w.N; j++ {
			f[i+1][j] = f[i][j] * float64(p.empty)
			for l := 1; l <= unit.MaxPiece && l <= j; l++ {
				if f[i][j-l] > 0 {
					f[i+1][j] += f[i][j-l] * float64(p.of(w.Codes[j][l-1], l))
				}
			}
		}
	}
	total := f[u][w.N]
	if total == 0 {
		return math.Inf(-1)
	}
	b := make([]Row32, u+1)
	b[u][w.N] = 1
	for i := u - 1; i >= 0; i-- {
		p := &n.places[i]
		for j := 0; j <= w.N; j++ {
			b[i][j] = b[i+1][j] * float64(p.empty)
			if q := f[i][j] * b[i+1][j] * float64(p.empty) / total; q > 1e-4 {
				count(i, 0, q)
			}
			for l := 1; l <= unit.MaxPiece && j+l <= w.N; l++ {
				if b[i+1][j+l] == 0 {
					continue
				}
				code := w.Codes[j+l][l-1]
				x := float64(p.of(code, l)) * b[i+1][j+l]
				b[i][j] += x
				if q := f[i][j] * x / total; q > 1e-4 {
					count(i, code, q)
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

// Likeliest are the n likeliest pieces at a place, the likeliest first.
func (n *Native) Likeliest(at, most int) []Chance {
	p := &n.places[at]
	out := []Chance{{"", p.empty}}
	for _, s := range p.slots {
		if s.code != 0 {
			out = append(out, Chance{unit.Piece(s.code), s.p})
		}
	}
	slices.SortFunc(out, func(a, b Chance) int { return cmp.Or(cmp.Compare(b.P, a.P), strings.Compare(a.Letters, b.Letters)) })
	return out[:min(most, len(out))]
}
