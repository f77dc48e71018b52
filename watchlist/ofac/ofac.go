// Package ofac reads the list of Specially Designated Nationals (SDN) as the
// Office of Foreign Assets Control of the U.S. Treasury publishes it, and fetches
// it from OFAC's Sanctions List Service.
//
// These of its forms are read, each a [watchlist.Format]. Those of the non-SDN list make
// "us-cons" and the others the same "us-sdn", with OFAC's own numbers as ids:
//
//   - [CSV] and [ConsCSV]: the legacy files sdn.csv with, where they are at hand, alt.csv,
//     add.csv and sdn_comments.csv, as OFAC's "Data Specification" (dat_spec.txt)
//     describes them; cons_prim.csv and its companions are laid out alike;
//
//   - [XML] and [ConsXML]: SDN.XML and CONSOLIDATED.XML, the sdnList document of the schema
//     sdn.xsd;
//
//   - [Advanced] and [ConsAdvanced]: SDN_ADVANCED.XML and CONS_ADVANCED.XML, the <Sanctions>
//     document of the advanced data standard, read as a stream;
//
//   - [Enhanced] and [ConsEnhanced]: SDN_ENHANCED.XML and CONS_ENHANCED.XML, the
//     <sanctionsData> document of the Sanctions List Service's schema ENHANCED_XML, read as
//     a stream.
//
// The package says what is written there and nothing of what follows from it.
//
// # What is known of the files
//
// The CSV reader has read 308 real publications of 2021 to 2024 (TestTimeline)
// and copies of 2025. None of the XML readers has met a real file: they have met fixtures in
// this folder, written by hand from the published schemas, and the advanced reader a document of
// full size with the 41,859 real names of November 2025 (TestFullSize). TestXML,
// TestAdvancedTellsWhatXMLTells and TestEnhancedTellsWhatAdvancedTells hold each to the one
// before. Compare a first real edition with the CSV of the same day (`sallyport lists diff`)
// before relying on it.
//
// In the CSV a null is "-0- ", programmes are joined as "FTO] [SDGT", the file
// ends with the byte 0x1A, and remarks are cut at 1,000 characters; the rest of
// them stands in sdn_comments.csv, from the very next character on. Without that
// file whatever was cut through is not used, so that half a blockchain address is
// never taken for one, and the loss is told in Edition.Skipped.
//
// A file is refused whole where it breaks off, has no end, or its structure is broken. A row or
// an entry that cannot be read (too few columns, an id that is no number, no name) is left out
// and counted, and the edition waits for a person (watchlist.Edition.Leave). A single field that
// makes no sense, such as a date of 31 February, is told in Edition.Skipped and
// its entry is kept without it. Nothing vanishes without a word: an element, a value or a
// reference that the reader does not know is told too (TestAdvancedTellsWhatItDoesNotRead and
// its like).
//
// # How fields are read
//
// The name "PUTIN, Vladimir Vladimirovich" of a person becomes the full name
// "Vladimir Vladimirovich PUTIN" with its parts. Names in quotes in the remarks
// are what OFAC calls weak aliases (FAQ 122, 123) and are marked so. A vessel's
// flag is its nationality. What "Linked To:" names is a relation, and what one is reached by
// (e-mail, web site, telephone) a contact; both stay among the remarks too. To "block" is the
// measure "asset freeze". Countries become ISO 3166-1 alpha-2 codes where the
// table in country.go has them and stay as written elsewhere. Titles, parted at semicolons, are
// positions. A vessel's particulars, who issued a document and until when, and a risk of
// secondary sanctions have no field and are put among the remarks.
package ofac

import (
	"strings"

	"sallyport/entity"
	"sallyport/watchlist"
)

// List is the name of the list that both formats make.
const List = "us-sdn"

// Publisher is who publishes it.
const Publisher = "OFAC, U.S. Department of the Treasury"

// Bounds on what a file may hold. The longest real field has 1,000 characters
// in the CSV and about 12,000 in the XML; 19,329 entries were listed in September
// 2026.
const (
	maxField   = 64 << 10
	maxEntries = 1_000_000
)

// Formats are the formats this package reads.
func Formats() watchlist.Formats {
	return watchlist.Formats{CSV(), XML(), ConsXML(), Advanced(), ConsAdvanced(), Enhanced(), ConsEnhanced(), ConsCSV()}
}

// kindOf reads sdn.csv's SDN_Type and the XML's sdnType.
func kindOf(s string) (entity.Kind, bool) {
	switch strings.ToLower(s) {
	case "individual":
		return entity.Person, true
	case "vessel":
		return entity.Vessel, true
	case "aircraft":
		return entity.Aircraft, true
	case "", "entity":
		return entity.Organisation, true
	}
	return entity.UnknownKind, false
}

// nameKindOf reads "aka", "a.k.a.", "fka", "nka" and the like. A name that is
// "now known as" is an alias: the entry is still filed under the other.
func nameKindOf(s string) (entity.NameKind, bool) {
	switch strings.ToLower(strings.ReplaceAll(s, ".", "")) {
	case "aka", "nka":
		return entity.Alias, true
	case "fka":
		return entity.Former, true
	}
	return entity.Alias, false
}

// programmes splits "IRAN] [SDGT] [IRGC".
func programmes(s string) []string {
	var out []string
	for _, p := range strings.Split(s, "] [") {
		if p = strings.Trim(p, "[] "); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// joinRemarks puts what stands in columns of its own before the remarks, unless
// the remarks say it too, as they mostly do of a title.
func joinRemarks(remarks string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" && !strings.Contains(remarks, p) {
			out = append(out, p)
		}
	}
	if remarks != "" {
		out = append(out, remarks)
	}
	return strings.Join(out, "; ")
}

func labelled(label, value string) string {
	if value == "" {
		return ""
	}
	return label + " " + value
}

// addCountry adds a nationality once.
func addCountry(list []string, name string) []string {
	c := country(name)
	if c == "" {
		return list
	}
	for _, x := range list {
		if x == c {
			return list
		}
	}
	return append(list, c)
}
