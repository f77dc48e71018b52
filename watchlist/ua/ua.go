// Package ua reads Ukraine's State Sanctions Register (Державний реєстр санкцій), which the
// Apparatus of the National Security and Defence Council keeps under the Law "On Sanctions" of 14
// August 2014, No. 1644-VII, in the JSON of its interface: subjects, each with its actions, which
// are the decrees that list it.
//
// It makes the list "ua-nsdc" as a [watchlist.Format], with the register's numbers (sid) as ids. It
// says what is written there and nothing of what follows from it. The files carry no date of
// their own, so the day they were fetched is told beside them; it decides whose term has run out.
//
// # The files
//
// The interface gives people and legal entities apart and the actions of each subject by
// themselves. What is read is an array of subjects, or an object with one under "subjects" or
// "data", each subject with its own actions under "actions". One file, subjects.json, may hold all;
// or there are two, told apart by their names: individuals.json and legal.json. Subjects whose
// actions were not fetched are on the list, and the edition has a doubt.
//
// The register's exports as tables are not read: their columns are not public.
//
// # What is known of the files
//
// The reader has met only the fixture in this folder, written from what is public of the interface,
// and not from a real answer. Hold a first real edition against the register's own search before
// relying on it.
//
// # How fields are read
//
// The Latin transliteration is the primary name where there is one, and the Ukrainian name of kind
// [entity.Original]; "А (Б, В)" is three names. A subject is on the list as long as one of its
// actions is in force: neither ended by its status nor by its endDate. Restrictions are the
// measures, in the register's words, but that "блокування активів", the blocking of assets (Article
// 4(1)(1) of the Law), is called "asset freeze".
package ua

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"sallyport/entity"
	"sallyport/names"
	"sallyport/watchlist"
	"sallyport/watchlist/draft"
	"sallyport/watchlist/listlines"
)

// List is the name of the list.
const List = "ua-nsdc"

// Publisher is who publishes it.
const Publisher = "National Security and Defence Council of Ukraine"

// What we call the files.
const (
	allName    = "subjects.json"
	peopleName = "individuals.json"
	legalName  = "legal.json"
)

// Format is the format of the register's JSON. The files carry no date.
func Format() watchlist.Format {
	return watchlist.Format{Name: "ua-json", List: List, Publisher: Publisher, Recognise: recognise, Parse: Parse}
}

// recognise knows the subjects by their fields, and of whom they are by the file's name.
func recognise(name string, data []byte) (string, bool) {
	role := allName
	switch name = strings.ToLower(name); {
	case strings.Contains(name, "legal"):
		role = legalName
	case strings.Contains(name, "individual"):
		role = peopleName
	}
	head := bytes.TrimLeft(data[:min(len(data), 64<<10)], "\ufeff \t\r\n")
	isJSON := len(head) > 0 && (head[0] == '[' || head[0] == '{')
	return role, isJSON && bytes.Contains(head, []byte(`"sid"`)) && bytes.Contains(head, []byte(`"translit"`))
}

// A text is a string, a number or null.
type text string

// UnmarshalJSON reads any of them.
func (t *text) UnmarshalJSON(b []byte) error {
	var s *string
	if err := json.Unmarshal(b, &s); err == nil {
		if s != nil {
			*t = text(*s)
		}
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return fmt.Errorf("%s: want a text or a number", watchlist.Short(string(b)))
	}
	*t = text(n)
	return nil
}

// texts are several, or one, or none.
type texts []text

// UnmarshalJSON reads any of them.
func (t *texts) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, (*[]text)(t))
	}
	var one text
	if err := one.UnmarshalJSON(b); err != nil {
		return err
	}
	if one != "" {
		*t = texts{one}
	}
	return nil
}

type subject struct {
	ID           text   `json:"sid"`
	Type         text   `json:"subjectType"` // individual, legal; not in every answer
	Name         text   `json:"name"`
	Translit     text   `json:"translit"`
	Aliases      texts  `json:"aliases"`
	Citizenships texts  `json:"citizenships"`
	Born         text   `json:"bd"`
	Died         text   `json:"dd"`
	Status       text   `json:"status"`
	Identifiers  []code `json:"identifiers"`
	Attributes   []struct {
		Key   text `json:"key"`
		Value text `json:"value"`
	} `json:"attributes"`
	Actions *[]action `json:"actions"`
}

type code struct {
	ID      text `json:"id"` // "tax:inn", "reg:edrpou", "doc:passport"
	Code    text `json:"code"`
	Country text `json:"iso2"`
	Note    text `json:"note"`
}

type action struct {
	ID     text `json:"aid"`
	Status text `json:"status"`
	Decree *struct {
		Number text `json:"number"`
		Date   text `json:"date"`
	} `json:"decree"`
	End          text `json:"endDate"`
	Term         text `json:"term"`
	Reason       text `json:"reason"`
	Restrictions []struct {
		Restriction text `json:"restriction"`
	} `json:"restrictions"`
}

// Parse reads one edition, as the register was on the given day, from subjects.json, or from
// individuals.json and legal.json.
//
// It is a [watchlist.Format]'s Parse. Subjects are read one at a time.
func Parse(files []watchlist.File, published time.Time) (*watchlist.Edition, error) {
	e := &watchlist.Edition{List: List, Publisher: Publisher, Published: published}
	has := func(name string) bool {
		return slices.ContainsFunc(files, func(f watchlist.File) bool { return f.Name == name })
	}
	if !(len(files) == 1 && (has(allName) || has(peopleName) || has(legalName)) || len(files) == 2 && has(peopleName) && has(legalName)) {
		return nil, fmt.Errorf("watchlist/ua: want %s, or %s and %s", allName, peopleName, legalName)
	}
	if len(files) == 1 && !has(allName) {
		e.Doubts = append(e.Doubts, files[0].Name+" is half of the register: "+peopleName+" and "+legalName+" go together")
	}
	c := &reading{edition: e}
	for _, f := range files {
		c.told, c.file, c.kind = listlines.Reader{File: f.Name}, f.Name, map[string]entity.Kind{peopleName: entity.Person, legalName: entity.Organisation}[f.Name]
		if err := c.read(f.Data); err != nil {
			return nil, fmt.Errorf("watchlist/ua: %s: %w", f.Name, err)
		}
		e.Skipped = append(e.Skipped, c.told.Problems(func(field string) bool {
			return strings.HasSuffix(field, ">decree>link") // where the act is published
		})...)
	}
	if c.without > 0 {
		e.Doubts = append(e.Doubts, fmt.Sprintf("%d subjects come without their actions, so their terms and measures are not known", c.without))
	}
	if err := e.Seal(files); err != nil {
		return nil, err
	}
	return e, nil
}

// A reading is the work on one file.
type reading struct {
	edition *watchlist.Edition
	file    string
	kind    entity.Kind // of its subjects, where the name tells
	without int         // subjects without actions
	told    listlines.Reader
}

func (c *reading) read(data []byte) error {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if err := watchlist.CheckEncoding(data); err != nil {
		return err
	}
	if at, what, ok := watchlist.NotUTF8(data); ok {
		c.edition.Skipped = append(c.edition.Skipped, watchlist.Problem{File: c.file, Line: at, Field: "encoding", Text: what})
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return watchlist.ErrEmpty
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	counted, lines := 0, 1
	line := func() int {
		at := int(dec.InputOffset())
		for at < len(data) && strings.IndexByte(" \t\r\n,:", data[at]) >= 0 { // to where the next value begins
			at++
		}
		lines += bytes.Count(data[counted:at], []byte("\n"))
		counted = at
		return lines
	}
	fail := func(err error) error {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("line %d: %w", bytes.Count(data, []byte("\n"))+1, watchlist.ErrTruncated)
		}
		return fmt.Errorf("line %d: %w", line(), err)
	}
	found := false
	array := func() error { // after its [
		found = true
		for dec.More() {
			at := line()
			var raw json.RawMessage
			var s subject
			err := dec.Decode(&raw)
			if err == nil {
				err = json.Unmarshal(raw, &s)
			}
			if err != nil {
				return fail(err)
			}
			c.unread(at, "", raw, reflect.TypeFor[subject]())
			if err := draft.Leave(c.edition, c.file, at, watchlist.Short(strings.TrimSpace(string(s.ID))), c.take(&s, at)); err != nil {
				return err
			}
		}
		if _, err := dec.Token(); err != nil {
			return fail(err)
		}
		return nil
	}
	tok, err := dec.Token()
	if err != nil {
		return fail(err)
	}
	switch tok {
	case json.Delim('['):
		if err := array(); err != nil {
			return err
		}
	case json.Delim('{'):
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return fail(err)
			}
			if key == "subjects" || key == "data" {
				if tok, err = dec.Token(); err != nil {
					return fail(err)
				}
				if tok != json.Delim('[') {
					return fmt.Errorf("line %d: %q: want an array of subjects", line(), key)
				}
				if found {
					return fmt.Errorf("line %d: a second array of subjects", line())
				}
				if err := array(); err != nil {
					return err
				}
				continue
			}
			var passed json.RawMessage
			if err := dec.Decode(&passed); err != nil {
				return fail(err)
			}
			if (passed[0] == '[' || passed[0] == '{') && len(c.edition.Doubts) < 10 { // enough for a person to look
				c.edition.Doubts = append(c.edition.Doubts, fmt.Sprintf("line %d: %q stands beside the subjects and is not read", line(), watchlist.Short(fmt.Sprint(key))))
			}
		}
		if _, err := dec.Token(); err != nil {
			return fail(err)
		}
	default:
		return fmt.Errorf("line 1: want an array of subjects")
	}
	if !found {
		return errors.New("no array of subjects in it: not this register")
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("line %d: more after the end", line())
	}
	return nil
}

// unread counts the fields of a JSON value that the type has not.
func (c *reading) unread(line int, path string, raw json.RawMessage, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Slice:
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil && t.Elem().Kind() == reflect.Struct {
			for _, x := range list {
				c.unread(line, path, x, t.Elem())
			}
		}
	case reflect.Struct:
		var fields map[string]json.RawMessage
		if json.Unmarshal(raw, &fields) != nil {
			return
		}
		known := map[string]reflect.Type{}
		for f := range t.Fields() {
			known[strings.ToLower(f.Tag.Get("json"))] = f.Type
		}
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if of, ok := known[strings.ToLower(name)]; ok { // as encoding/json reads it
				c.unread(line, path+name+">", fields[name], of)
			} else if s := string(fields[name]); s != "null" && s != `""` && s != "[]" {
				c.told.Unread(line, path+name, s)
			}
		}
	}
}

// ended are the words of a status that end a listing. Any other keeps it.
var ended = []string{"expired", "canceled", "cancelled", "excluded", "inactive", "terminated", "скасовано", "скасована", "завершено", "виключено", "закінчився"}

func isEnded(status text) bool {
	return slices.Contains(ended, strings.ToLower(strings.TrimSpace(string(status))))
}

func (c *reading) take(s *subject, line int) error {
	id := strings.TrimSpace(string(s.ID))
	if id == "" || len(id) > 40 || strings.ContainsAny(id, " \t\r\n") {
		return fmt.Errorf("sid %q: want one without blanks", watchlist.Short(id))
	}
	d := draft.New(c.edition, c.file, id, c.kind)
	switch t := strings.ToLower(string(s.Type)); t {
	case "individual":
		d.Kind = entity.Person
	case "legal":
		d.Kind = entity.Organisation
	case "":
	default:
		d.Note(line, "subjectType", "%q: want individual or legal", watchlist.Short(t))
	}
	if isEnded(s.Status) {
		return nil
	}
	if s.Actions == nil || len(*s.Actions) == 0 {
		c.without++
	} else if !c.actions(d, line, *s.Actions) {
		return nil
	}
	c.names(d, s)
	for _, country := range s.Citizenships {
		d.Nationality(line, "citizenships", ukrainian(string(country)))
	}
	if b := draft.Squeeze(string(s.Born)); b != "" {
		dates, err := draft.Text(b)
		switch {
		case err != nil:
			d.Note(line, "bd", "%v", err)
		case d.Kind == entity.Organisation:
			d.Remark("founded ", dates.String())
		default:
			d.Born(dates)
		}
	}
	d.Remark("died or dissolved ", string(s.Died))
	for _, i := range s.Identifiers {
		i.take(d, line)
	}
	for _, a := range s.Attributes {
		attribute(d, line, draft.Squeeze(string(a.Key)), draft.Squeeze(string(a.Value)))
	}
	return d.Take()
}

// several finds "А (Б, В)".
var several = regexp.MustCompile(`^([^()]+)\(([^()]+)\)$`)

func (c *reading) names(d *draft.Draft, s *subject) {
	add := func(written string, kind entity.NameKind) {
		parts := []string{written}
		if m := several.FindStringSubmatch(draft.Squeeze(written)); m != nil && d.Kind == entity.Person {
			parts = append([]string{m[1]}, strings.Split(m[2], ",")...)
		}
		for i, p := range parts {
			n := person(d.Kind, p)
			if n.Kind = kind; i > 0 {
				n.Kind = entity.Alias
			}
			if n = draft.Script(n); n.Kind == entity.Original && i == 0 && written == string(s.Name) {
				n.Language = "uk"
			}
			d.Name(n)
		}
	}
	// The Latin form is the primary one, as of every list; the Ukrainian one is the bearer's or the decree's.
	if draft.HasLetter(string(s.Translit)) {
		add(string(s.Translit), entity.Primary)
		add(string(s.Name), entity.Alias)
	} else {
		add(string(s.Name), entity.Primary)
	}
	for _, a := range s.Aliases {
		add(string(a), entity.Alias)
	}
}

// person finds the parts of a name written family name first, where a patronymic in the third
// place shows that it is.
func person(kind entity.Kind, written string) entity.Name {
	n := entity.Name{Full: draft.Squeeze(written)}
	words := strings.Fields(written)
	if kind == entity.Person && len(words) == 3 && names.IsPatronymic(words[2]) {
		n.Family, n.Given, n.Patronymic = words[0], words[1], words[2]
		n.Full = n.Given + " " + n.Patronymic + " " + n.Family
	}
	return n
}

// actions reads the decrees, and reports whether one of them is in force on the day.
func (c *reading) actions(d *draft.Draft, line int, actions []action) bool {
	today := entity.DayOf(c.edition.Published.UTC())
	standing := false
	for _, a := range actions {
		if isEnded(a.Status) {
			continue
		}
		if end := draft.Squeeze(string(a.End)); end != "" {
			on, err := draft.ISODay(end)
			if err != nil {
				// What cannot be dated takes nobody off.
				d.Note(line, "endDate", "%v", err)
			} else if on.Compare(today) < 0 {
				continue
			}
			d.Remark("until ", end)
		}
		standing = true
		if a.Decree != nil {
			number, date := draft.Squeeze(string(a.Decree.Number)), draft.Squeeze(string(a.Decree.Date))
			if on, err := draft.ISODay(date); err == nil {
				if d.Listed.IsZero() || on.Compare(d.Listed) < 0 {
					d.Listed = on
				}
				if on.Compare(d.Amended) > 0 {
					d.Amended = on
				}
			} else if date != "" {
				d.Note(line, "decree date", "%v", err)
			}
			if number != "" {
				d.Basis("Decree " + number)
			}
		}
		d.Remark("term: ", string(a.Term))
		d.Remark("", string(a.Reason))
		for _, r := range a.Restrictions {
			m := draft.Squeeze(string(r.Restriction))
			if strings.HasPrefix(strings.ToLower(m), "блокування активів") {
				m = draft.AssetFreeze
			}
			d.Measure(m)
		}
	}
	if d.Amended == d.Listed {
		d.Amended = entity.Day{}
	}
	if standing && len(d.Measures) == 0 {
		d.Measure(draft.NoMeasure)
		d.Note(line, "restrictions", "no measure is stated")
	}
	return standing
}

// take reads a number by the register's word for its kind.
func (i code) take(d *draft.Draft, line int) {
	called := "registration"
	switch id := string(i.ID); {
	case id == "tax:inn":
		called = "tax id"
	case strings.HasPrefix(id, "doc:") && strings.HasSuffix(id, "passport"):
		called = "passport"
	case strings.HasPrefix(id, "reg:person"), id == "reg:unzr":
		called = "national id"
	case strings.HasPrefix(id, "reg:"), id == "":
	default:
		called = strings.ReplaceAll(id, ":", " ")
		d.Note(line, "identifiers", "%q: not a kind that is known; kept as written", watchlist.Short(id))
	}
	d.Identifier(line, "identifiers", entity.Identifier{Type: called, Number: string(i.Code), Country: string(i.Country), Doubtful: falsely.MatchString(string(i.Note))})
	d.Remark(called+" "+draft.Squeeze(string(i.Code))+": ", string(i.Note))
}

// falsely is what a note says of a document that is not the listed person's own.
var falsely = regexp.MustCompile(`(?i)підробл|фальшив|викраден|недійсн.*втрачен`)

// An address of a chain is one word without a letter of another script.
var anAddress = regexp.MustCompile(`^[0-9A-Za-z:]{20,120}$`)

// attribute reads what the register writes as a label and a text.
func attribute(d *draft.Draft, line int, key, value string) {
	label := strings.ToLower(key)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(label, w) })
	}
	switch {
	case value == "":
	case has("криптогаман", "криптовалютн", "віртуальних активів"):
		for _, a := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" ,;\n", r) }) {
			if !anAddress.MatchString(a) {
				d.Note(line, key, "%q: not an address", watchlist.Short(a))
				continue
			}
			if w := (entity.Wallet{Address: a}); !slices.Contains(d.Wallets, w) {
				d.Wallets = append(d.Wallets, w)
			}
		}
	case has("місце народження"):
		d.BornAt(value)
	case has("адрес", "місцезнаходження", "місце проживання", "місце реєстрації"):
		d.Place(line, entity.Place{Street: value})
	case has("посада", "звання"):
		d.Position(value)
	case label == "стать":
		switch strings.ToLower(value) {
		case "чоловіча", "ч":
			d.Entity.Gender = entity.Male
		case "жіноча", "ж":
			d.Entity.Gender = entity.Female
		default:
			d.Note(line, key, "%q: want чоловіча or жіноча", watchlist.Short(value))
		}
	case has("телефон", "пошта", "сайт", "email", "e-mail"):
		d.Contact(value)
	case strings.Contains(label, "imo") || strings.Contains(label, "імо"):
		d.IMO(line, value)
	case label == "кпп":
		d.Identifier(line, key, entity.Identifier{Type: "registration", Number: value, Country: "RU"})
	default:
		d.Remark(key+": ", value)
	}
}

// ukrainian is the code of a country named in Ukrainian, or the text as it stands.
func ukrainian(s string) string {
	if c, ok := countries[strings.ToLower(draft.Squeeze(s))]; ok {
		return c
	}
	return s
}

// countries are those of nearly all subjects.
var countries = map[string]string{
	"російська федерація": "RU", "росія": "RU", "рф": "RU", "україна": "UA", "республіка білорусь": "BY", "білорусь": "BY", "китай": "CN", "китайська народна республіка": "CN",
	"іран": "IR", "ісламська республіка іран": "IR", "сирія": "SY", "сирійська арабська республіка": "SY", "кіпр": "CY", "молдова": "MD", "республіка молдова": "MD", "грузія": "GE",
	"вірменія": "AM", "азербайджан": "AZ", "казахстан": "KZ", "узбекистан": "UZ", "латвія": "LV", "литва": "LT", "естонія": "EE", "польща": "PL", "німеччина": "DE", "франція": "FR",
	"італія": "IT", "іспанія": "ES", "сербія": "RS", "угорщина": "HU", "болгарія": "BG", "туреччина": "TR", "ізраїль": "IL", "оае": "AE", "об'єднані арабські емірати": "AE", "швейцарія": "CH",
	"великобританія": "GB", "велика британія": "GB", "сша": "US", "кндр": "KP",
}
