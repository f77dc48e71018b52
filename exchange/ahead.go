package exchange

import (
	"maps"
	"slices"
	"sync"

	"sallyport/entity"
	"sallyport/match"
	"sallyport/watchlist"
)

// ahead is what can be found out of an edition before it is taken up, while all else goes on: what it changes, and whom of
// the customers that touches.
type ahead struct {
	list   string
	beside string // watch.name of the editions in force when it was looked
	delta  watchlist.Delta
	gone   map[string]bool // entities that it changes or removes, by id
	fresh  *match.Index    // over those that it adds or changes
	next   watch           // with it in force, without confirmed
	built  bool            // next is

	// Of customers who were screened against fresh, as they were then, whether they resemble any of it. A profile that
	// changes becomes another.
	screened map[*entity.Profile]bool
}

// lookAhead prepares an edition and screens every customer against what it brings. It holds basis only to see what is in
// force and who is a customer: nothing leaves until it is done, so that it waits for nobody then.
func (x *Exchange) lookAhead(e *watchlist.Edition) *ahead {
	in, profiles := x.inForce()
	a := prepare(e, in, x.cfg.Weights)
	defer a.build(x.cfg.Weights)()
	hit := make([]bool, len(profiles))
	each(len(profiles), func(i int) { hit[i] = a.touches(profiles[i]) })
	a.screened = make(map[*entity.Profile]bool, len(profiles))
	for i, p := range profiles {
		a.screened[p] = hit[i]
	}
	return a
}

// inForce is what customers are held against, and their profiles.
func (x *Exchange) inForce() (in watch, profiles []*entity.Profile) {
	x.basis.RLock()
	defer x.basis.RUnlock()
	for _, c := range x.customers.all() {
		profiles = append(profiles, c.profile)
	}
	return x.watch, profiles
}

// prepare finds what an edition changes of those in force.
func prepare(e *watchlist.Edition, in watch, weights match.Weights) *ahead {
	a := &ahead{list: e.List, beside: in.name, gone: map[string]bool{}}
	a.delta = watchlist.Diff(in.editions[e.List], e)
	fresh := slices.Clone(a.delta.Added)
	for i := range a.delta.Changed {
		a.gone[a.delta.Changed[i].ID] = true
		fresh = append(fresh, a.delta.Changed[i].New)
	}
	for i := range a.delta.Removed {
		a.gone[a.delta.Removed[i].ID] = true
	}
	a.fresh = match.NewIndex(fresh, weights)
	a.next.editions = maps.Clone(in.editions) // which nobody writes to
	a.next.editions[e.List] = e
	return a
}

// build makes what is built from the editions, beside whatever else is done until the function that it gives returns.
func (a *ahead) build(weights match.Weights) (wait func()) {
	if a.built {
		return func() {}
	}
	var done sync.WaitGroup
	done.Go(func() { a.next.build(weights) })
	return func() { done.Wait(); a.built = true }
}

// touches reports whether somebody resembles an entity that the edition adds or changes.
func (a *ahead) touches(p *entity.Profile) bool {
	own, owners := a.next.screen(a.fresh, p)
	return len(own) > 0 || len(owners) > 0
}

// affected finds the customers whom the edition touches: those who resemble an entity it adds
// or changes, and those whose standing rests on one it changes or removes. The caller holds basis for writing.
func (x *Exchange) affected(a *ahead, ch *Change) []*customer {
	all := x.customers.all()
	ch.Screened = len(all)
	hit := make([]bool, len(all))
	each(len(all), func(i int) {
		c := all[i]
		last := x.view.stance(c.account)
		for _, f := range last.findings() {
			hit[i] = hit[i] || f.List == a.list && a.gone[f.EntityID]
		}
		if hit[i] {
			return
		}
		var known bool
		if hit[i], known = a.screened[c.profile]; !known { // who has come since, or told something else
			hit[i] = a.touches(c.profile)
		}
	})
	var affected []*customer
	for i, c := range all {
		if hit[i] {
			affected = append(affected, c)
		}
	}
	return affected
}
