package names

import "strings"

// PatronymicForm tells a Russian, Ukrainian or Belarusian patronymic by its
// ending, in folded Latin letters ("vladimirovich", "ivanovna", "ilyich"), and
// gives its form; [NoForm] when the word is none. Surnames can end so too
// (Abramovich): what the word is in a name, its place decides.
func PatronymicForm(folded string) Form {
	if len(folded) < 6 {
		return NoForm
	}
	for _, end := range [...]string{"ovich", "evich", "avich", "ovych", "evych", "yovych"} {
		if strings.HasSuffix(folded, end) {
			return Masculine
		}
	}
	for _, end := range [...]string{"ovna", "evna", "ivna", "auna", "ichna", "inichna"} {
		if strings.HasSuffix(folded, end) {
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

// IsPatronymic reports whether a written word is a patronymic by its ending.
func IsPatronymic(written string) bool {
	folded := Fold(written)
	return folded != "" && !strings.Contains(folded, " ") && PatronymicForm(folded) != NoForm
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
		if t.Class == Plain && t.Role != FamilyRole && PatronymicForm(t.Text) != NoForm {
			t.Class = Patronymic
			return
		}
	}
}
