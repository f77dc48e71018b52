package ofac

import (
	"strings"

	"sallyport/entity"
	"sallyport/watchlist/draft"
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
	n.Given, n.Patronymic = draft.CutPatronymic(given)
	return n
}
