package names

import (
	"testing"
)

func TestLettersAsDigitsAndSigns(t *testing.T) {
	for _, c := range []struct{ written, plain string }{
		// As machines misread documents, and as people disguise a name.
		{"V1ktor B0ut", "Viktor Bout"}, {"Vladimir Pu71n", "Vladimir Pu71n"}, {"M0HAMMED", "Mohammed"}, {"0sama", "Osama"}, {"M1khai1", "Mikhail"}, {"A1ex K1ara", "Alex Klara"},
		{"5ergey Iv4nov", "Sergey Ivanov"}, {"V!ktor B@ut", "Viktor Baut"}, {"$ergey Mu$tafin", "Sergey Mustafin"}, {"Mus$afin", "Mussafin"},
		// The alphabet of Arabic chats.
		{"Mu7ammad Sa3id", "Muhammad Said"}, {"5aled 7assan", "Khaled Hassan"}, {"3abdullah", "Abdullah"}, {"Ali3", "Ali"}, {"2ahmad", "Ahmad"}, {"9asem", "Qasem"},
		// A box for each letter.
		{"V I K T O R  B O U T", "Viktor Bout"}, {"V I K T O R B O U T", "Viktorbout"}, {"В И К Т О Р   Б У Т", "Виктор Бут"},
		// What is no such thing stays.
		{"viktor@bout", "viktor bout"}, {"Viktor Bout!", "Viktor Bout"}, {"J. R. R. T. M.", "J. R. R. T. M."}, {"Li 3", "Li 3"},
		{"John Smith 3rd", "John Smith 3rd"}, {"Hoang 1967", "Hoang 1967"}, {"Agent 007b", "Agent 007b"}, {"A1 B2", "A1 B2"}, {"A1b2", "A1b2"},
	} {
		got, want := person(c.written), person(c.plain)
		if len(got.Tokens) != len(want.Tokens) {
			t.Errorf("%q: %+v, want %+v", c.written, got.Tokens, want.Tokens)
			continue
		}
		for i := range got.Tokens {
			if g, w := &got.Tokens[i], &want.Tokens[i]; !g.Shares(w) || g.Class != w.Class || g.Latin != w.Latin {
				t.Errorf("%q: %+v, want %+v", c.written, g, w)
			}
		}
	}
	for written, text := range map[string]string{"John Smith 3rd": "3rd", "Ann A1b2": "a1b2", "1 2 3 4 5": "5", "Agent 007b": "007b"} {
		if n := person(written).Tokens; n[len(n)-1].Text != text {
			t.Errorf("%q ends in %+v", written, n[len(n)-1])
		}
	}
	// Firms have numbers, and signs: a bank is no 8ank.
	if n := Firm("Sh8dow 3M V!sta").Tokens; n[0].Text != "sh8dow" {
		t.Errorf("%+v", n)
	}
}
