package ofac

import (
	"strings"

	"sallyport/entity"
)

// place reads the columns of add.csv. City, province and postcode share one:
// "Sudak, Crimea 98032", "London EC3N 1DY", "North Waziristan, Tribal Areas".
func place(street, city, land string) entity.Place {
	p := entity.Place{Street: street, Town: city}
	if region, ok := strings.CutPrefix(land, "Region: "); ok {
		p.Region = region
	} else {
		p.Country = country(land)
	}
	words := strings.Fields(city)
	n := len(words)
	for n > 1 && strings.ContainsAny(words[n-1], "0123456789") {
		n--
	}
	if n > 1 && n < len(words) && (words[n-1] == "CP" || words[n-1] == "C.P.") {
		n-- // código postal
	}
	if n < len(words) {
		p.Postcode = strings.Join(words[n:], " ")
		p.Town = strings.TrimSuffix(strings.Join(words[:n], " "), ",")
	}
	if town, region, ok := strings.Cut(p.Town, ", "); ok && p.Region == "" {
		p.Town, p.Region = town, region
	}
	return p
}
