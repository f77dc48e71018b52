package geo

import (
	"slices"
	"testing"

	"sallyport/entity"
)

func TestSignalsOf(t *testing.T) {
	at := on(t, "2024-06-30")
	day := func(s string) entity.Day {
		d, err := entity.ParseDay(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	p := &entity.Profile{
		Entity: entity.Entity{
			Identifiers: []entity.Identifier{
				{Type: "passport", Country: "Iran"}, {Type: "driving licence", Country: "AM"}, {Type: "tax id", Country: "DE"},
				{Type: "passport", Country: "KP", Doubtful: true}, {Type: "national id", Country: "Atlantis"},
			},
			Contacts: []string{"+7 978 123-45-67", "8 978 123-45-67", "other@example.sy", "https://example.cu"},
		},
		Residence: entity.Place{Country: "CU"},
		Permits:   []entity.Permit{{Country: "ES", Until: day("2024-06-30")}, {Country: "FR", Until: day("2024-06-29")}, {Country: "GE"}},
		Email:     "somebody@mail.ru",
	}
	want := []Signal{{Passport, "IR", at}, {LocalDocument, "AM", at}, {LocalDocument, "ES", at}, {LocalDocument, "GE", at}, {PhoneNumber, "UA-43", at}, {EmailSuffix, "SY", at}}
	if got := SignalsOf(p, at); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := SignalsOf(&entity.Profile{}, at); len(got) != 0 {
		t.Errorf("of nobody: %+v", got)
	}
}
