package match

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"sallyport/entity"
)

// A finding carries the measures of its entry, and says nothing of them where the list does not.
func TestFindingsCarryMeasures(t *testing.T) {
	of := func(measures ...string) Finding {
		e := entity.Entity{List: "uk-sanctions", ID: "RUS0001", Kind: entity.Person, Names: []entity.Name{{Full: "Viktor Ivanovich Morozov"}}, Measures: measures}
		found := NewIndex([]entity.Entity{e}, DefaultWeights()).Screen(entity.Entity{Kind: entity.Person, Names: []entity.Name{{Full: "Viktor Ivanovich Morozov"}}}, Options{})
		if len(found) != 1 {
			t.Fatalf("%d findings", len(found))
		}
		return found[0]
	}
	if got := of("asset freeze", "travel ban").Measures; !slices.Equal(got, []string{"asset freeze", "travel ban"}) {
		t.Errorf("measures %q", got)
	}
	b, err := json.Marshal(of())
	if err != nil || strings.Contains(string(b), "measures") {
		t.Errorf("of a list that states none: %s, %v", b, err)
	}
}
