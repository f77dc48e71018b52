package population_test

import (
	"os"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/internal/population"
	"sallyport/match"
	"sallyport/watchlist"
	"sallyport/watchlist/ofac"
	"sallyport/watchlist/starter"
)

// TestScreened screens populations of several seeds against the edition that is to stop some
// of them: whoever is listed is found, and nobody else is taken for a listed person.
func TestScreened(t *testing.T) {
	seeds := uint64(4)
	if testing.Short() {
		seeds = 1
	}
	check := func(t *testing.T, before, after *watchlist.Edition) {
		index := match.NewIndex(after.Entities, match.DefaultWeights())
		listed, missed, held := 0, 0, 0
		for seed := range seeds {
			people, err := population.People(population.Options{
				Seed: seed, N: 2000, Operators: []string{"us", "eu"}, Before: before.Entities, After: after.Entities, At: before.Published,
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range people {
				if p.Profile.Kind != entity.Person {
					continue
				}
				findings := index.Screen(p.Profile.Entity, match.Options{})
				if p.Truth == population.Listed && after.Find(p.ListedID) != nil {
					listed++
					if len(findings) == 0 {
						missed++
						t.Errorf("seed %d: %s %s", seed, p.Profile.ID, p.Note)
					}
					continue
				}
				for _, f := range findings {
					held++
					if f.Grade == match.Same {
						t.Errorf("seed %d: %s, who is no listed person (%s), is taken for %s", seed, p.Profile.ID, p.Note, f.EntityName)
					}
				}
			}
		}
		t.Logf("%d listed, %d missed; of %d others %d resemble somebody", listed, missed, int(seeds)*2000-listed, held)
		if listed == 0 {
			t.Fatal("nobody is listed")
		}
	}
	t.Run("starter", func(t *testing.T) {
		before, err := starter.Edition(time.Date(2022, 2, 24, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		after, err := starter.Edition(time.Date(2022, 3, 11, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		check(t, before, after)
	})
	t.Run("OFAC", func(t *testing.T) {
		const dir = "../../../shared/data/ofac-sdn-timeline/"
		read := func(name string, day time.Time) *watchlist.Edition {
			f, err := watchlist.ReadFile(dir + name)
			if os.IsNotExist(err) {
				t.Skipf("SKIPPED: %s%s is not there", dir, name)
			}
			if err != nil {
				t.Fatal(err)
			}
			format, files, err := ofac.Formats().Recognise([]watchlist.File{f})
			if err != nil {
				t.Fatal(err)
			}
			e, err := format.Parse(files, day)
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		if _, err := os.Stat(dir); err != nil {
			t.Skipf("SKIPPED: %s is not there", dir)
		}
		check(t, read("sdn_2022-02-24.csv.xz", time.Date(2022, 2, 24, 0, 0, 0, 0, time.UTC)), read("sdn_2022-02-25.csv.xz", time.Date(2022, 2, 25, 0, 0, 0, 0, time.UTC)))
	})
}
