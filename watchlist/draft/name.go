package draft

import (
	"strings"

	"sallyport/entity"
	"sallyport/names"
)

// Person is a person's name of which the source tells the given names, in order, and the family
// name apart. full may be "", which puts them together.
func Person(full, given, family string) entity.Name {
	if Squeeze(full) == "" {
		full = given + " " + family
	}
	n := entity.Name{Full: Squeeze(full), Family: Squeeze(family)}
	n.Given, n.Patronymic = CutPatronymic(Squeeze(given))
	return n
}

// Script says of a name how it is written: one in another script than the Latin is of kind
// original, unless it is the primary or a former one.
func Script(n entity.Name) entity.Name {
	if n.Kind == entity.Alias && HasLetter(n.Full) && !IsLatin(n.Full) {
		n.Kind = entity.Original
	}
	return n
}

// CutPatronymic parts "Vladimir Vladimirovich" and "Nazim Tofik Ogly" where the
// ending shows a patronymic of a Russian, Ukrainian, Belarusian or Turkic form.
// A name of one word is a given name whatever its ending.
func CutPatronymic(given string) (rest, patronymic string) {
	words := strings.Fields(given)
	n := len(words)
	if n < 2 {
		return given, ""
	}
	// "Seit-Umarovich": the second part of a double name shows it.
	last := words[n-1][strings.LastIndexByte(words[n-1], '-')+1:]
	switch {
	case n >= 3 && isSonOf(words[n-1]):
		return strings.Join(words[:n-2], " "), words[n-2] + " " + words[n-1]
	case names.IsPatronymic(last):
		return strings.Join(words[:n-1], " "), words[n-1]
	}
	return given, ""
}

func isSonOf(w string) bool {
	switch strings.ToLower(w) {
	case "ogly", "oglu", "ogli", "oglou", "kyzy", "kizi", "qizi", "uulu", "uly":
		return true
	}
	return false
}
