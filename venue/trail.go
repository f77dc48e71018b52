package venue

import (
	"cmp"
	"slices"

	"sallyport/book"
)

// followers are the orders of a market that follow its price with the same Trail in the same
// direction. Of those that began later the extreme is no better than of those that began before,
// so that they lie in runs of one extreme, the best first: a price takes in all runs that are no
// better, and triggers the first runs or none. What a trade costs does not grow with how many
// follow it, but for those that it triggers.
type followers struct {
	sells bool
	trail uint32
	runs  []run
	live  int // of all that lie there; who ends is only counted, and goes later
	lie   int
}

// A run is orders of one extreme. One that is better has a greater key; 0 is of no price yet.
type run struct {
	key uint32
	ids []uint64
}

func (f *followers) key(tick uint32) uint32 {
	if f.sells || tick == 0 {
		return tick
	}
	return ^tick
}

func (f *followers) tick(key uint32) uint32 {
	if f.sells || key == 0 {
		return key
	}
	return ^key
}

// meets reports whether a price is as far behind an extreme as triggers.
func (f *followers) meets(tick, extreme uint32) bool {
	p, x := uint64(tick)*10_000, uint64(extreme)
	switch {
	case extreme == 0:
		return false
	case f.sells:
		return p <= x*uint64(10_000-f.trail)
	}
	return p >= x*uint64(10_000+f.trail)
}

// add puts an order in whose extreme is no better than any that lies there, unless it is restored.
func (f *followers) add(id uint64, extreme uint32) {
	k := f.key(extreme)
	i, found := slices.BinarySearchFunc(f.runs, k, func(r run, k uint32) int { return cmp.Compare(k, r.key) })
	if !found {
		f.runs = slices.Insert(f.runs, i, run{key: k})
	}
	f.runs[i].ids = append(f.runs[i].ids, id)
	f.live++
	f.lie++
}

// follow takes in a traded price and adds whom it triggers to row.
func (f *followers) follow(tick uint32, row []uint64) []uint64 {
	k, n := f.key(tick), len(f.runs)
	for n > 0 && f.runs[n-1].key <= k {
		n--
	}
	if n < len(f.runs) {
		all, most := f.runs[n:], 0 // to the most of them go the others
		for i := range all {
			if len(all[i].ids) > len(all[most].ids) {
				most = i
			}
		}
		ids := all[most].ids
		for i := range all {
			if i != most {
				ids = append(ids, all[i].ids...)
			}
		}
		f.runs = append(f.runs[:n], run{k, ids})
	}
	gone := 0
	for gone < len(f.runs) && f.meets(tick, f.tick(f.runs[gone].key)) {
		row = append(row, f.runs[gone].ids...)
		f.lie -= len(f.runs[gone].ids)
		gone++
	}
	f.runs = slices.Delete(f.runs, 0, gone)
	return row
}

// tidy lets those go that have ended, once they are more than the others.
func (f *followers) tidy(open func(id uint64) bool) {
	if f.live > 0 && f.lie <= 2*f.live+16 {
		return
	}
	f.lie = 0
	for i := range f.runs {
		f.runs[i].ids = slices.DeleteFunc(f.runs[i].ids, func(id uint64) bool { return !open(id) })
		f.lie += len(f.runs[i].ids)
	}
	f.runs = slices.DeleteFunc(f.runs, func(r run) bool { return len(r.ids) == 0 })
}

// followersOf is those with whom an order follows the price.
func (m *market) followersOf(o *order) *followers {
	sells := o.Side == book.Sell
	for _, f := range m.follow {
		if f.sells == sells && f.trail == o.Trail {
			return f
		}
	}
	f := &followers{sells: sells, trail: o.Trail}
	m.follow = append(m.follow, f)
	return f
}

// startFollowing lets an order follow the price from one on.
func (v *Venue) startFollowing(o *order, m *market, extreme uint32) {
	m.followersOf(o).add(o.ID, extreme)
	v.own(o).Trailing, o.at = v.now, following
}

// unfollow is for an order that ends while it follows the price.
func (v *Venue) unfollow(o *order, m *market) {
	f := m.followersOf(o)
	f.live--
	o.at = nowhere
	f.tidy(func(id uint64) bool {
		return id != o.ID && v.ids.find(id) != 0 && v.orders[v.ids.find(id)].at == following
	})
}

// pursue takes in the prices of an arriving order's trades for those who follow them, and for those
// who begin to by one of these. Whom it triggers goes into the row.
func (v *Venue) pursue(m *market) {
	begin := v.begins
	slices.Sort(begin)
	starts := make([]int, len(begin)) // the trade, by its place in the path
	for i, id := range begin {
		o := &v.orders[v.ids.find(id)]
		rises := o.Type.Rises(o.Side)
		starts[i] = slices.IndexFunc(m.path, func(tick uint32) bool { return rises && tick >= o.stop || !rises && tick <= o.stop })
		v.own(o).Trailing, o.Updated = v.now, v.now
		v.emitOrder(o)
	}
	from := len(v.row)
	for n, tick := range m.path {
		for _, f := range m.follow {
			if f.live > 0 {
				v.row = f.follow(tick, v.row)
			}
		}
		for i, id := range begin {
			if starts[i] == n {
				v.startFollowing(&v.orders[v.ids.find(id)], m, tick)
			}
		}
	}
	triggered := v.row[from:]
	v.row = v.row[:from]
	for _, id := range triggered {
		if h := v.ids.find(id); h != 0 && v.orders[h].at == following {
			o := &v.orders[h]
			v.unfollow(o, m)
			m.trails--
			v.row = append(v.row, id)
		}
	}
	m.path, v.begins = m.path[:0], v.begins[:0]
}

// extremes are those of the orders that follow the price, in ticks by id.
func (m *market) extremes() map[uint64]uint32 {
	all := map[uint64]uint32{}
	for _, f := range m.follow {
		for _, r := range f.runs {
			for _, id := range r.ids {
				all[id] = f.tick(r.key)
			}
		}
	}
	return all
}
