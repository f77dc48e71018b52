package ofac

import (
	"strings"

	"sallyport/entity"
)

// country is the ISO 3166-1 alpha-2 code of a country that OFAC names, or the name as
// written where it is none that package entity knows. "undetermined" is no country.
func country(written string) string {
	written = strings.TrimSpace(written)
	switch strings.ToLower(written) {
	case "undetermined", "none identified", "unknown", "not available":
		return ""
	}
	if c, ok := entity.CountryCode(written); ok {
		return c
	}
	return written
}
