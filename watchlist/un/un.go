// Package un reads the United Nations Security Council consolidated list in the
// XML that the Security Council publishes (consolidated.xml, schema
// sc-sanctions.xsd): everybody and everything that a sanctions committee of the
// Council has listed.
//
// It makes the list "un-sc" as a [watchlist.Format], with the permanent reference
// numbers ("QDi.001") as ids. It says what is written there and nothing of what
// follows from it: a listing by the Council binds states, and what binds a firm
// is the law of its own country that carries the listing out.
//
// TestRealEditions reads four real files of 2016, 2018 and 2025, entry by entry,
// and TestPeopleOfTheListAreFound screens people of the list against the last.
//
// # What is refused
//
// A file is refused whole where its structure is broken: a missing end, no
// dateGenerated, an entry without a reference number or a name, a reference
// number twice. A single field that makes no sense is told in Edition.Skipped,
// with its line, and its entry is kept without it. The file does not say how many
// entries it has; where it lacks one of its two sections, or has an element that
// this package does not know in a place where entries stand, that is a doubt
// (Edition.Doubts), and a person decides.
//
// # How fields are read
//
// FIRST_NAME to FOURTH_NAME are joined in their order. They are not parts of a
// name in the sense of [entity.Name]: the second is a family name for one person
// and a father's name for the next, so Given and Family stay empty.
// NAME_ORIGINAL_SCRIPT is the name of kind [entity.Original].
//
// One ALIAS_NAME may hold many: "Fazel Rahim; Fazil Rahim" is two aliases, and
// "حسن غول (Hassan Ghul; Hassan Gul)" is three, since a bracket in another script
// repeats the name. An alias of quality Low is weak; "f.k.a." is a former name.
// The remark that an alias was "previously listed as" tells of the list and not
// of the person, so that alias stays an alias. Birth dates and places given with
// an alias are alternatives of the person's own.
//
// A date of type APPROXIMATELY is circa, BETWEEN is a span of whole years; a year
// with the note "Sep.", or the note "Nov. 1973" alone, is a month. Days written
// as xs:date with a zone ("2015-07-01-04:00") are that day.
//
// Numbers of documents are parted from the words around them: "Libyan Passport
// No. 96/184442", or the note "Italian Fiscal Code: …" where NUMBER is empty. A
// false or misused document of a listed person is kept like a true one; the note
// that says so stands in the remarks.
//
// Remarks hold titles, designations, COMMENTS1, the notes on other fields and the
// day of the last amendment.
package un

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"sallyport/entity"
	"sallyport/watchlist"
)

// List is the name of the list.
const List = "un-sc"

// Publisher is who publishes it.
const Publisher = "United Nations Security Council"

// fileName is what the publisher calls the file.
const fileName = "consolidated.xml"

// maxEntries bounds what a file may hold; the longest real one has 1,093 entries.
const maxEntries = 100_000

var (
	isReference = regexp.MustCompile(`^[A-Z]{2,4}[a-z]\.[0-9]{1,6}$`) // "QDi.001": committee, i or e, number

	// An xs:date may end in a zone.
	isDay   = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})?$`)
	isYears = regexp.MustCompile(`^(\d{4})(?:\s*-\s*(\d{4}))?$`)
	isMonth = regexp.MustCompile(`^([A-Za-z]{3,9})\.?(?: (\d{4}))?$`)

	// "a) … b) …" counts the aliases in one field.
	enumerator = regexp.MustCompile(`(?:^|\s)[a-z]\)\s`)
	// "حسن غول (Hassan Ghul; Hassan Gul)"
	bracketed = regexp.MustCompile(`^([^()]+)\(([^()]+)\)$`)
	// "Gender: male" stands in the comments of entries that lack the field.
	genderInComments = regexp.MustCompile(`(?i)\bgender:\s*(male|female)\b`)
	// "Libyan Passport No. 96/184442"
	labelledNumber = regexp.MustCompile(`(?i)^(.*?\b(?:number|passport|no\.|card|ssn|code|document(?: \([^)]*\))?)(?:\s+no\.?)?\s*:?)\s+(\S.*)$`)
	// "381110042 (Expired 25 Jan. 2016)", "R00012098, South Sudan"
	afterNumber = regexp.MustCompile(`^([^()]*\d[^()]*?)(?:\s*\([^()]*\)|,[^\d]*)$`)
	// Of the note "Tunisian passport number L723315, issued on 5 May 1998" the number
	// ends before the comma.
	endOfNumber = regexp.MustCompile(`(?i)(?:,|\(|\b(?:issued|expire[sd]|under name|none)\b)`)
)

// squeeze makes one line of a text, as the publisher breaks and indents them at will.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// aliases parts the names that one ALIAS_NAME holds.
func aliases(written string) []string {
	var out []string
	add := func(list string) {
		for _, s := range strings.Split(list, ";") {
			for _, n := range enumerator.Split(s, -1) {
				if n = strings.Trim(n, " ,"); hasLetter(n) {
					out = append(out, n)
				}
			}
		}
	}
	if m := bracketed.FindStringSubmatch(written); m != nil && hasLetter(m[1]) && hasLetter(m[2]) && isLatin(m[1]) != isLatin(m[2]) {
		add(m[1])
		add(m[2])
		return out
	}
	add(written)
	return out
}

func hasLetter(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

// isLatin reports whether the first letter is one of the Latin script.
func isLatin(s string) bool {
	i := strings.IndexFunc(s, unicode.IsLetter)
	if i < 0 {
		return false
	}
	for _, r := range s[i:] {
		return unicode.Is(unicode.Latin, r)
	}
	return false
}

// day reads "2015-07-01" and "2015-07-01-04:00".
func day(written string) (entity.Day, error) {
	m := isDay.FindStringSubmatch(written)
	if m == nil {
		return entity.Day{}, fmt.Errorf("date %q: want a day such as 2022-02-24", watchlist.Short(written))
	}
	d, err := dayOf(m[1])
	if err != nil {
		return d, fmt.Errorf("date %q: no such day", watchlist.Short(written))
	}
	return d, nil
}

// dayOf reads ten characters of the form 2015-07-01.
func dayOf(s string) (entity.Day, error) {
	year, _ := strconv.Atoi(s[:4])
	month, _ := strconv.Atoi(s[5:7])
	of, _ := strconv.Atoi(s[8:])
	return entity.NewDay(year, time.Month(month), of)
}

// years reads "1963" and "1955-1958".
func years(written string) (entity.Dates, error) {
	m := isYears.FindStringSubmatch(written)
	if m == nil {
		return entity.Dates{}, fmt.Errorf("year %q: want a year such as 1963", watchlist.Short(written))
	}
	if m[2] == "" {
		return span(m[1], m[1])
	}
	return span(m[1], m[2])
}

// span is the span of whole years from one to another.
func span(from, to string) (entity.Dates, error) {
	a, errA := strconv.Atoi(from)
	b, errB := strconv.Atoi(to)
	if errA != nil || errB != nil || len(from) != 4 || len(to) != 4 || a < 1 || b < a {
		return entity.Dates{}, fmt.Errorf("years %q to %q: want two such as 1955 and 1958, the earlier first", watchlist.Short(from), watchlist.Short(to))
	}
	return entity.Dates{From: entity.Year(a).From, To: entity.Year(b).To}, nil
}

// month reads the notes "Nov. 1973" and, of a year given beside it, "Sep.".
func month(note, year string) (entity.Dates, bool) {
	m := isMonth.FindStringSubmatch(note)
	if m == nil || m[2] != "" && year != "" && m[2] != year {
		return entity.Dates{}, false
	}
	if m[2] != "" {
		year = m[2]
	}
	for i := time.January; i <= time.December; i++ {
		name := i.String()
		if !strings.EqualFold(m[1], name) && !strings.EqualFold(m[1], name[:3]) && !(i == time.September && strings.EqualFold(m[1], "Sept")) {
			continue
		}
		y, err := strconv.Atoi(year)
		if err != nil || y < 1 || y > 9999 {
			return entity.Dates{}, false
		}
		first := entity.Day{Year: y, Month: i, Day: 1}
		return entity.Dates{From: first, To: entity.DayOf(first.Time().AddDate(0, 1, -1))}, true
	}
	return entity.Dates{}, false
}

// country is the ISO 3166-1 alpha-2 code, or the text as written where package
// entity knows none. Editions up to 2018 name some nationalities by the adjective.
func country(written string) string {
	s := squeeze(written)
	switch strings.ToLower(s) {
	case "na", "unknown", "not available":
		return ""
	case "afghan":
		return "AF"
	case "algerian":
		return "DZ"
	case "iraqi":
		return "IQ"
	case "malaysian":
		return "MY"
	case "pakistani":
		return "PK"
	case "palestinian":
		return "PS"
	case "saudi arabian":
		return "SA"
	case "somali":
		return "SO"
	case "tunisian":
		return "TN"
	case "yemeni":
		return "YE"
	case "china, hong kong special administrative region", "hong kong special administrative region":
		return "HK"
	case "sultanate of oman":
		return "OM"
	case "union of the comoros":
		return "KM"
	}
	if c, ok := entity.CountryCode(s); ok {
		return c
	}
	return s
}

// document says which kind of number it is, and parts it from the words that
// some entries write around it. Where NUMBER is empty the second type or the note
// may hold it: "Afghan national identification card (tazkira) number 44323".
func document(kind, kind2, number, note string) (entity.Identifier, error) {
	if number == "" && strings.ContainsAny(kind2, "0123456789") {
		number, kind2 = kind2, ""
	}
	if number == "" && note != "" {
		if at := endOfNumber.FindStringIndex(note); at != nil {
			note = note[:at[0]]
		}
		number = strings.TrimSpace(note)
	}
	if number == "" {
		return entity.Identifier{}, errors.New("no number in it")
	}
	if m := afterNumber.FindStringSubmatch(number); m != nil {
		number = m[1]
	}
	label := ""
	if m := labelledNumber.FindStringSubmatch(number); m != nil && strings.ContainsAny(m[2], "0123456789") {
		label, number = m[1], m[2]
		if again := labelledNumber.FindStringSubmatch(number); again != nil && strings.ContainsAny(again[2], "0123456789") {
			label, number = label+" "+again[1], again[2]
		}
	}
	if !strings.ContainsAny(number, "0123456789") {
		return entity.Identifier{}, fmt.Errorf("number %q: no digit in it", watchlist.Short(number))
	}
	// The finest description decides: the label before the number, then the second
	// type, which corrects the first ("National Identification Number", "Voter ID").
	for _, said := range []string{label, kind2, kind} {
		if t := documentType(said); t != "" {
			return entity.Identifier{Type: t, Number: number}, nil
		}
	}
	return entity.Identifier{Type: "document", Number: number}, nil
}

func documentType(said string) string {
	s := strings.ToLower(said)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(s, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("passport", "passeport", "pasaporte"):
		return "passport"
	case has("social security", "ssn"):
		return "social security number"
	case has("fiscal"):
		return "tax id"
	case has("driver", "driving"):
		return "driving licence"
	case has("travel document", "laissez-passer"):
		return "travel document"
	case has("birth certificate", "ration card", "voter", "student", "certificate", "military", "fardc", "serviceman", "residential", "registration", "other id"):
		return strings.Trim(squeeze(strings.TrimSuffix(strings.NewReplacer("number", "", " no.", "", " no", "", ":", "").Replace(s), " ")), " .")
	case has("identi", "national number", "personal", "bpa"):
		return "national id"
	}
	return ""
}
