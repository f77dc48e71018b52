package align

import "sallyport/names/script/internal/unit"

// A Glance is a native word as far as it takes to say that Latin words are not likely as its writings: for words that
// few are held against, at a fraction of what [Model.ReadyIn] costs. It serves one goroutine, for one word after
// another. TestGlance holds it to [Native.LogGiven].
type Glance struct {
	pieces   *Pieces
	places   [unit.MaxLetters]*written
	n        int       // places
	total    []float32 // of a piece by number: its likelihood, scaled, over all places, beyond what all pieces of its length have
	allFloor float32   // what these have, over all places
	// Of a Latin word: where it has each piece for the first time, one more, and then where again.
	first []uint8
	again [unit.MaxPiece * unit.MaxLetters]uint8
	rest  [unit.MaxLetters + 1]float32    // by letters written: the bound for those left
	sums  [2][unit.MaxLetters + 1]float32 // by letters written: how likely they are after some places
}

// At takes another word in the place of the one before.
func (g *Glance) At(m *Model, word []unit.Position) {
	for _, c := range g.places[:g.n] {
		for k := range c.pieces {
			g.total[c.pieces[k].id] = 0
		}
	}
	if g.pieces != m.pieces {
		*g = Glance{pieces: m.pieces, total: make([]float32, m.pieces.Len()), first: make([]uint8, m.pieces.Len())}
	}
	w := works.Get().(*work)
	g.n, g.allFloor = min(len(word), unit.MaxLetters), 0
	total := g.total
	for i := range g.places[:g.n] {
		c := w.at(m, word[i])
		g.places[i] = c
		g.allFloor += c.floor
		for k := range c.pieces {
			total[c.pieces[k].id] += c.pieces[k].scaled
		}
	}
	works.Put(w)
}

// Below reports whether [Native.LogGiven] surely finds the word less likely than enough, which is above 0: by its bound first, then
// place by place. The sums are those of LogGiven in another order, and it leaves out what is negligible, so they are no less but for
// rounding, which [Word.soon] allows for.
func (g *Glance) Below(w *Word, enough float64) bool {
	letters := len(w.Letters)
	if letters > unit.MaxPiece*g.n || letters == 0 {
		return true // as there
	}
	soon := w.soon(enough)
	if g.bound(w) < soon {
		return true
	}
	first, ids := g.first, w.ids[:unit.MaxPiece*letters]
	for k, id := range ids {
		if g.total[id] != 0 {
			g.again[k], first[id] = first[id], uint8(k+1)
		}
	}
	below := g.forward(letters, soon) < soon
	for _, id := range ids {
		first[id] = 0
	}
	return below
}

// bound is [Native.bound].
func (g *Glance) bound(w *Word) float32 {
	letters := len(w.Letters)
	ids, total, rest := w.ids[:unit.MaxPiece*letters], g.total, &g.rest
	var floor [unit.MaxPiece]float32
	for l := range floor {
		floor[l] = g.allFloor * scaled[l+1]
	}
	rest[letters] = 1
	for j := letters - 1; j >= 0; j-- {
		sum := float32(0)
		for l := min(unit.MaxPiece, letters-j) - 1; l >= 0; l-- {
			sum += (total[ids[unit.MaxPiece*(j+l)+l]] + floor[l]) * rest[j+l+1]
		}
		rest[j] = sum
	}
	return rest[0]
}

// forward is the likelihood, scaled, or anything below soon where it is that.
func (g *Glance) forward(letters int, soon float32) float32 {
	now, next := &g.sums[0], &g.sums[1]
	now[0] = 1
	reached := 0 // letters that the places so far may have written
	for _, c := range g.places[:g.n] {
		for j, p := range now[:reached+1] {
			next[j] = p * c.empty
		}
		to := min(reached+unit.MaxPiece, letters)
		clear(next[reached+1 : to+1])
		for l := 1; l <= unit.MaxPiece; l++ {
			floor := c.floor * scaled[l]
			for j, p := range now[:max(min(reached, letters-l)+1, 0)] {
				next[j+l] += p * floor
			}
		}
		for k := range c.pieces {
			piece := &c.pieces[k]
			for at := g.first[piece.id]; at != 0; at = g.again[at-1] {
				end := int(at-1)/unit.MaxPiece + 1
				if begin := end - int(piece.length); begin <= reached {
					next[end] += now[begin] * piece.scaled
				}
			}
		}
		reached = to
		most := float32(0)
		for j, p := range next[:reached+1] {
			most += p * g.rest[j]
		}
		if most < soon {
			return most
		}
		now, next = next, now
	}
	if reached < letters {
		return 0
	}
	return now[letters]
}
