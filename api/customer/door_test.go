package customer

import (
	"errors"
	"testing"
	"time"

	"sallyport/entity"
)

// A name of China, Japan or Korea is whole as one word; a single name of other scripts is half a name or a
// whole one that only a person can tell from half.
func TestWholeNames(t *testing.T) {
	for name, whole := range map[string]bool{
		"Adaline Wrenfield": true, "习近平": true, "王芳": true, "佐々木": true, "김정은": true, "さくらももこ": true, "محمد سعود": true,
		"Suharto": false, "王": false, "محمد": false, "王x": false,
	} {
		a := &application{
			Name: name, Birth: "1985-05-17", Citizenships: []string{"CN"}, Residence: entity.Place{Town: "Springfield", Country: "US"},
			Documents: []entity.Identifier{{Type: "passport", Number: "X1", Country: "CN"}},
		}
		p, err := a.profile(time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC))
		var f *fault
		switch {
		case whole && (err != nil || p.Names[0].Full != name):
			t.Errorf("%s: %v", name, err)
		case !whole && (!errors.As(err, &f) || f.field != "name"):
			t.Errorf("%s: %v, want to hear of the name", name, err)
		}
	}
}

// Each input that a fault is told of stands in a page, and the page has a word for it.
func TestFaultsAreOfInputs(t *testing.T) {
	for key, in := range inputs {
		if _, ok := inRussian[in.label]; !ok {
			t.Errorf("%s: %q is no word of the pages", key, in.label)
		}
	}
	f := &fault{reason: unfit, field: "citizenships", text: "It is missing."}
	if text, input := f.onPage("application", russian); input != "citizenships" || text != "Гражданство: Не указано." {
		t.Errorf("%q of %q", text, input)
	}
	f.field = "nowhere"
	if text, input := f.onPage("application", english); input != "" || text != "nowhere: It is missing." {
		t.Errorf("%q of %q", text, input)
	}
}
