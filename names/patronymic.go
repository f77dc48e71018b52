package names

import "strings"

// patronymicForm tells a Russian, Ukrainian or Belarusian patronymic by its
// ending, in folded Latin letters ("vladimirovich", "ivanovna", "ilyich"), and
// gives its form; [NoForm] when the word is none. Surnames can end so too
// (Abramovich): what the word is in a name, its place decides.
func patronymicForm(folded string) Form {
	if len(folded) < 6 && folded != "ilich" {
		return NoForm
	}
	for _, end := range [...]string{"ovich", "evich", "avich", "ovych", "evych"} {
		if strings.HasSuffix(folded, end) {
			return Masculine
		}
	}
	// The Belarusian -аўна is -auna or -awna; Shawna and the names made with it are American.
	for _, end := range [...]string{"ovna", "evna", "ivna", "auna", "euna", "awna", "ichna"} {
		if strings.HasSuffix(folded, end) && !strings.HasSuffix(folded, "shawna") {
			return Feminine
		}
	}
	// Central Asia's and the Caucasus's, written as one word.
	for _, end := range [...]string{"uly", "uulu", "ogly", "oglu", "ugli", "ogli"} {
		if strings.HasSuffix(folded, end) && len(folded) >= len(end)+4 {
			return Masculine
		}
	}
	for _, end := range [...]string{"kyzy", "qyzy", "kizi", "qizi", "gizi"} {
		if strings.HasSuffix(folded, end) && len(folded) >= len(end)+4 {
			return Feminine
		}
	}
	// The few in -ich alone, from fathers in -a and -ya: Ilya, Kuzma, Luka, Foma, Nikita, Savva.
	switch folded {
	case "ilyich", "ilich", "illich", "kuzmich", "lukich", "fomich", "nikitich", "savvich", "mironich", "silich":
		return Masculine
	}
	return NoForm
}

// fatherKey is a key made of the father's name in a patronymic and of its form, so
// that Olegovich and Alehavich, Petrovna and Piatrowna meet; "" where the father's
// name is in no group of spellings.
func fatherKey(folded string) string {
	form := patronymicForm(folded)
	if form == NoForm {
		return ""
	}
	for _, end := range [...]string{"ovich", "evich", "avich", "ovych", "evych", "ovna", "evna", "ivna", "auna", "euna", "awna", "ich", "ichna"} {
		stem, ok := strings.CutSuffix(folded, end)
		if !ok || len(stem) < 3 {
			continue
		}
		// The father's name without its ending: Andre-y, Vasil-y, Ily-a, Serge-y.
		for _, ending := range [...]string{"", "y", "ey", "iy", "i", "ei", "a", "o"} {
			if first, known := spellings[key(stem+ending, reading{})]; known {
				if form == Feminine {
					return "~d " + first
				}
				return "~s " + first
			}
		}
	}
	return ""
}

// IsPatronymic reports whether a written word is a patronymic by its ending.
func IsPatronymic(written string) bool {
	folded := Fold(written)
	return folded != "" && !strings.Contains(folded, " ") && patronymicForm(folded) != NoForm
}

// findPatronymic marks at most one token, by its ending and its place: it never
// comes first and needs two other parts beside it (Viktor Yanukovych has none;
// in Roman Arkadyevich Abramovich it is the middle one).
func findPatronymic(tokens []Token) {
	heavy := 0
	for i := range tokens {
		switch {
		case tokens[i].Class == Patronymic:
			return
		case tokens[i].Class == Plain || tokens[i].Class == Initial:
			heavy++
		}
	}
	if heavy < 3 {
		return
	}
	for i := range tokens[1:] {
		t := &tokens[i+1]
		if t.Class == Plain && t.Role != FamilyRole && patronymicForm(t.Text) != NoForm {
			if i+2 == len(tokens) && strings.HasSuffix(t.Text, "oglu") {
				return // a Turkish family name
			}
			t.Class = Patronymic
			return
		}
	}
}
