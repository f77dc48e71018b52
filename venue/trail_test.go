package venue

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestFollowers holds those who follow a price to a reading that looks at each of them at each
// price, through many that come, end and are triggered.
func TestFollowers(t *testing.T) {
	type one struct{ start, extreme uint32 }
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 5))
		f := &followers{sells: seed%2 == 0, trail: uint32(between(r, 1, 400))}
		all := map[uint64]*one{}
		last, id, triggers := uint32(0), uint64(0), 0
		better := func(a, b uint32) bool { return b == 0 || f.sells && a > b || !f.sells && a < b }
		for range 3000 {
			switch between(r, 0, 3) {
			case 0:
				id++
				f.add(id, last)
				all[id] = &one{last, last}
			case 1:
				for gone := range all { // whichever
					delete(all, gone)
					f.live--
					f.tidy(func(id uint64) bool { return all[id] != nil })
					break
				}
			default:
				if last == 0 {
					last = 10_000
				}
				last = uint32(max(1, int(last)+between(r, -150, 150)))
				var want, got []uint64
				for id, o := range all {
					if better(last, o.extreme) {
						o.extreme = last
					}
					p, x := uint64(last)*10_000, uint64(o.extreme)
					if f.sells && p <= x*uint64(10_000-f.trail) || !f.sells && p >= x*uint64(10_000+f.trail) {
						want = append(want, id)
					}
				}
				for _, id := range f.follow(last, nil) {
					if all[id] != nil {
						got = append(got, id)
						delete(all, id)
						f.live--
					}
				}
				slices.Sort(want)
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Fatalf("seed %d: at %d there were triggered %v, want %v", seed, last, got, want)
				}
				triggers += len(got)
			}
			m := market{follow: []*followers{f}}
			extremes := m.extremes()
			for id, o := range all {
				if extremes[id] != o.extreme {
					t.Fatalf("seed %d: order %d has the extreme %d, want %d", seed, id, extremes[id], o.extreme)
				}
			}
			if f.live != len(all) || f.lie > 2*f.live+20 && f.live > 0 {
				t.Fatalf("seed %d: %d live and %d lie there, of %d", seed, f.live, f.lie, len(all))
			}
		}
		if triggers == 0 {
			t.Errorf("seed %d triggers nobody", seed)
		}
	}
}
