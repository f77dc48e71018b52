package align

import (
	"bytes"
	"math"
	"testing"

	"sallyport/names/script/internal/unit"
)

// tiny is a model of two letters, made by hand.
func tiny() *Model {
	m := &Model{Rows: map[uint32]Row{}}
	code := func(s string) uint32 { return unit.Code([]byte(s)) }
	for _, p := range unit.Cut(unit.Cyrillic, "аб") {
		u := p[0]
		m.Rows[u.Key[0]] = Row{Codes: []uint32{0, code("a"), code("b"), code("ab")}, Counts: []float32{1, 4, 3, 1}, N: 9.5}
		m.Rows[u.Key[1]] = Row{Codes: []uint32{code("a"), code("bb")}, Counts: []float32{2, 1}, N: 3}
	}
	return m
}

// words calls f for every word of the letters a, b and c of at most n letters.
func words(n int, f func([]byte)) {
	var walk func(w []byte)
	walk = func(w []byte) {
		f(w)
		if len(w) < n {
			for _, c := range []byte("abc") {
				walk(append(w[:len(w):len(w)], c))
			}
		}
	}
	walk(nil)
}

// Over all pieces the likelihoods of one place add up to one: those met, and the
// rest at the floor.
func TestSumsToOne(t *testing.T) {
	m := tiny()
	pieces := NewPieces(map[unit.Script]*Model{unit.Cyrillic: m})
	n := m.Ready(unit.Cut(unit.Cyrillic, "аб"), nil)
	for i := range n.places {
		sum := float64(n.empty[i])
		for l := 1; l <= unit.MaxPiece; l++ {
			sum += math.Pow(26, float64(l)) * n.at(i, 0, l)
		}
		for id := 1; id < pieces.Len(); id++ {
			l := len(pieces.Letters(id))
			sum += n.at(i, uint16(id), l) - n.at(i, 0, l)
		}
		if math.Abs(sum-1) > 1e-4 {
			t.Errorf("place %d sums to %v", i, sum)
		}
	}
}

// The fast sum is that of every way to cut the word, written out.
func TestForward(t *testing.T) {
	m := tiny()
	pieces := NewPieces(map[unit.Script]*Model{unit.Cyrillic: m})
	n := m.Ready(unit.Cut(unit.Cyrillic, "абаб"), nil)
	p := func(i int, piece []byte) float64 {
		if len(piece) == 0 {
			return float64(n.empty[i])
		}
		return n.at(i, pieces.number(unit.Code(piece)), len(piece))
	}
	var all func(i int, rest []byte) float64
	all = func(i int, rest []byte) float64 {
		if i == n.Len() {
			if len(rest) == 0 {
				return 1
			}
			return 0
		}
		sum := 0.0
		for l := 0; l <= unit.MaxPiece && l <= len(rest); l++ {
			sum += p(i, rest[:l]) * all(i+1, rest[l:])
		}
		return sum
	}
	words(6, func(letters []byte) {
		if len(letters) == 0 {
			return
		}
		var w Word
		var x Sum
		pieces.Ready(&w, letters)
		want := math.Log(all(0, letters))
		if got := n.LogGiven(&w, &x, -80, 0); math.Abs(got-want) > 1e-4 {
			t.Fatalf("%s: %v, written out %v", letters, got, want)
		}
		if got := n.LogGiven(&w, &x, want-.01, 0); math.Abs(got-want) > 1e-3 {
			t.Fatalf("%s: where %v is asked for %v, written out %v", letters, want-.01, got, want)
		}
		if got := n.LogGiven(&w, &x, want+.01, 0); !math.IsInf(got, -1) {
			t.Fatalf("%s: where %v is asked for %v, written out %v", letters, want+.01, got, want)
		}
		exact := n.LogGiven(&w, &x, -80, 0)
		if got := n.LogGiven(&w, &x, -80, math.Exp(want-.01)); got != exact {
			t.Fatalf("%s: where %v is enough %v, else %v", letters, want-.01, got, exact)
		}
		if got := n.LogGiven(&w, &x, -80, math.Exp(want+.5)); !math.IsInf(got, -1) {
			t.Fatalf("%s: where %v is enough %v, written out %v", letters, want+.5, got, want)
		}
		counted := make([]float64, n.Len())
		got := n.Posteriors(&w, func(at int, _ uint32, q float64) { counted[at] += q })
		if math.Abs(got-want) > 1e-5 {
			t.Fatalf("%s: Posteriors give %v, written out %v", letters, got, want)
		}
		for i, c := range counted {
			if math.Abs(c-1) > .01 {
				t.Fatalf("%s: unit %d is counted %v times", letters, i, c)
			}
		}
	})
}

func TestFile(t *testing.T) {
	f := &File{Models: map[unit.Script]*Model{unit.Cyrillic: tiny()}, LM: &LM{Count: map[uint32]float32{}}, Words: 7, Common: map[uint64]uint32{1 << 62: 3, 5: 9}}
	Grams([]byte("abba"), func(g uint32) { f.LM.Count[g]++ })
	b := f.Encode()
	if !bytes.Equal(b, f.Encode()) {
		t.Error("encoded twice, the bytes differ")
	}
	g, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, g.Encode()) {
		t.Error("decoded and encoded, the bytes differ")
	}
	if g.Words != 7 || g.Common[1<<62] != 3 || len(g.Common) != 2 {
		t.Errorf("common keys are decoded as %d, %v", g.Words, g.Common)
	}
	if len(g.LM.Count) == 0 || len(g.Models) != 1 || math.IsInf(g.LM.Log([]byte("abba")), 0) {
		t.Error("what is decoded is empty")
	}
	if g.LM.Log([]byte("abba")) <= g.LM.Log([]byte("bbab")) {
		t.Error("a word that was seen is no likelier than one that was not")
	}
	if _, err := Decode(b[:len(b)/2]); err == nil {
		t.Error("half a table is read without an error")
	}
}

// The bounds of several readings at a time are those of each, also where another word was laid out before.
func TestBounds(t *testing.T) {
	m := tiny()
	pieces := NewPieces(map[unit.Script]*Model{unit.Cyrillic: m})
	var readings []*Native
	for _, word := range []string{"абаб", "б", "аа", "ббабб"} {
		readings = append(readings, m.Ready(unit.Cut(unit.Cyrillic, word), nil))
	}
	var all Words
	words(6, func(letters []byte) {
		var w Word
		pieces.Ready(&w, bytes.Clone(letters))
		all.Add(&w, [2]float64{1e-4, 1e-3})
	})
	var b Bounds
	below := 0
	for _, of := range [][]*Native{readings, readings[:1], readings[1:3], readings[3:]} {
		b.Lay(pieces, of...)
		enough := [MaxReadings]float32{1, .1, 10, 1}
		number := int32(-1)
		words(6, func(letters []byte) {
			number++
			w := all.Word(number)
			if !bytes.Equal(w.Letters, letters) {
				t.Fatalf("word %d is %s, and was %s", number, w.Letters, letters)
			}
			if len(letters) == 0 {
				return
			}
			var x Sum
			for way, chance := range []float64{1e-4, 1e-3} {
				within := b.Within(&all, number, way, &enough)
				for k, n := range of {
					if got, want := b.of(w.ids)[k], n.bound(&w, &x); got != want {
						t.Fatalf("%s: reading %d of %d is bounded by %v, and by itself by %v", letters, k, len(of), got, want)
					}
					soon := w.soon(chance * float64(enough[k]))
					if within>>k&1 == 0 {
						below++
						if got := n.bound(&w, &x); got > soon*1.001 {
							t.Fatalf("%s: reading %d of %d is said to be below %v, and is bounded by %v", letters, k, len(of), soon, got)
						}
						if got := n.LogGiven(&w, &x, -80, chance*float64(enough[k])); !math.IsInf(got, -1) {
							t.Fatalf("%s: reading %d of %d is said to be below what it comes to, %v", letters, k, len(of), got)
						}
					} else if n.bound(&w, &x) < soon*.999 {
						t.Fatalf("%s: reading %d of %d is not said to be below %v", letters, k, len(of), soon)
					}
				}
			}
		})
	}
	if below < 1000 {
		t.Errorf("%d bounds turned a word away: that proves little", below)
	}
}

// A glance turns away only what is below what is asked, and near all of that, also where it was of another word before.
func TestGlance(t *testing.T) {
	m := tiny()
	pieces := NewPieces(map[unit.Script]*Model{unit.Cyrillic: m})
	var g Glance
	below, missed, byBound := 0, 0, 0
	for _, word := range []string{"абаб", "б", "аа", "ббабб", "а"} {
		units := unit.Cut(unit.Cyrillic, word)
		n := m.Ready(units, nil)
		g.At(m, units)
		words(6, func(letters []byte) {
			if len(letters) == 0 {
				return
			}
			var w Word
			var x Sum
			pieces.Ready(&w, letters)
			likely := n.LogGiven(&w, &x, -80, 0)
			if len(letters) <= unit.MaxPiece*n.Len() {
				if got, want := g.bound(&w), n.bound(&w, &x); got != want {
					t.Fatalf("%s as %s: the bound is %v, that of the word made ready %v", word, letters, got, want)
				}
			}
			for _, enough := range []float64{1e-7, 1e-4, 1e-2, math.Exp(likely) * 1.001, math.Exp(likely) * 1.3} {
				if enough == 0 {
					continue
				}
				switch got := g.Below(&w, enough); {
				case got && likely >= math.Log(enough):
					t.Fatalf("%s as %s: said to be below %v, and it is %v", word, letters, enough, math.Exp(likely))
				case got:
					below++
					if len(letters) <= unit.MaxPiece*n.Len() && n.bound(&w, &x) < w.soon(enough) {
						byBound++
					}
				case math.Exp(likely) < enough*nearlyEnough*.999:
					missed++
				}
			}
		})
	}
	if below < 5000 || byBound > below*2/3 || missed > 0 {
		t.Errorf("%d were turned away, %d of them by the bound alone, %d were not that are below", below, byBound, missed)
	}
}
