package ofac

import (
	"strings"

	"sallyport/entity"
	"sallyport/names"
)

// name turns a name as OFAC files it into one in natural order. Only a person's
// has parts: "LAST, First Middle" or "LAST, First Middle, Jr.".
func name(written string, kind entity.Kind, as entity.NameKind) entity.Name {
	n := entity.Name{Full: written, Kind: as}
	if kind != entity.Person {
		return n
	}
	family, rest, ok := strings.Cut(written, ",")
	if !ok {
		return n
	}
	given, suffix, _ := strings.Cut(rest, ",")
	return personName(strings.TrimSpace(given), strings.TrimSpace(family), strings.TrimSpace(suffix), as)
}

// personName puts together the parts of a person's name.
func personName(given, family, suffix string, as entity.NameKind) entity.Name {
	n := entity.Name{Family: family, Kind: as}
	n.Full = strings.Join(strings.Fields(given+" "+family+" "+suffix), " ")
	n.Given, n.Patronymic = cutPatronymic(given)
	return n
}

// cutPatronymic parts "Vladimir Vladimirovich" and "Nazim Tofik Ogly" where the
// ending shows a patronymic of a Russian, Ukrainian, Belarusian or Turkic form.
// A name of one word is a given name whatever its ending.
func cutPatronymic(given string) (rest, patronymic string) {
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
