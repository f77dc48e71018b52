package un

import (
	"testing"

	"sallyport/entity"
	"sallyport/match"
	"sallyport/names/script"
)

// TestOriginalScripts compares each person's name on the list of 20 November 2025, in Latin letters, with what
// the list calls a good alias in other letters: whole names as governments write them, which pairs of
// name parts say nothing of. What does not hit is another name, for the most part, or a name
// of one part. Nothing was fitted to them; how they are read was developed on them.
func TestOriginalScripts(t *testing.T) {
	edition := realEdition(t, "2025-11-20")
	w := match.DefaultWeights()
	of := func(e *entity.Entity, full string) entity.Entity {
		return entity.Entity{ID: e.ID, Kind: e.Kind, Names: []entity.Name{{Full: full}}}
	}
	pairs, hits := 0, 0
	for i := range edition.Entities {
		e := &edition.Entities[i]
		if e.Kind != entity.Person {
			continue
		}
		for _, n := range e.Names[1:] {
			if n.Weak || script.Of(n.Full) == script.Latin || script.Of(n.Full) == script.Other {
				continue
			}
			pairs++
			if f := match.Compare(of(e, n.Full), of(e, e.PrimaryName()), w); f.Grade != match.None {
				hits++
			} else {
				t.Logf("%.3f %s | %s", f.Score, e.PrimaryName(), n.Full)
			}
		}
	}
	t.Logf("%d of %d good aliases in other letters hit (%.1f %%)", hits, pairs, 100*float64(hits)/float64(pairs))
	// Measured on 2026-11-28: 92.3 %; 64.0 % before Abdul Rahman and Shamsuddin were one part in Arabic letters too.
	if pairs < 330 || float64(hits) < 0.92*float64(pairs) {
		t.Errorf("want 92 %% of more than 330")
	}
}
