package eu

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sallyport/watchlist"
	"sallyport/watchlist/draft"
	"sallyport/watchlist/listtable"
)

// csvName is what the publisher calls the file, but for its date.
const csvName = "csvfullsanctionslist_1_1.csv"

// CSV is the format of csvFullSanctionsList_1_1. The file carries its own date in each row.
func CSV() watchlist.Format {
	return watchlist.Format{Name: "eu-csv", List: List, Publisher: Publisher, Recognise: recogniseCSV, Parse: ParseCSV, Dated: true}
}

// csvTitles are columns without which the file is not this one.
var csvTitles = []string{"fileGenerationDate", "Entity_LogicalId", "Entity_SubjectType", "NameAlias_WholeName"}

func recogniseCSV(_ string, data []byte) (string, bool) {
	return csvName, listtable.Recognise(data, ';', listtable.Fallback{}, csvTitles...)
}

// ParseCSV reads one edition from csvFullSanctionsList_1_1, which must be the only file. The date
// given is ignored for the file's own fileGenerationDate.
//
// It is a [watchlist.Format]'s Parse.
func ParseCSV(files []watchlist.File, _ time.Time) (*watchlist.Edition, error) {
	return parse(files, csvName, readCSV)
}

func readCSV(e *watchlist.Edition, data []byte) error {
	t, err := listtable.CSV(data, ';', listtable.Fallback{})
	if err != nil {
		return err
	}
	if _, err := t.Seek(csvTitles...); err != nil {
		return err
	}
	e.Skipped = append(e.Skipped, t.Problems(csvName)...)
	subjects := map[string]*subject{}
	var order []*subject
	generated := ""
	for {
		row, err := t.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if on := row.Get("fileGenerationDate"); generated == "" {
			generated = on
			if e.Published, err = day(on); err != nil {
				return fmt.Errorf("line %d: fileGenerationDate %q: want a day such as 22/09/2026", row.Line, watchlist.Short(on))
			}
		} else if on != generated {
			return fmt.Errorf("line %d: fileGenerationDate %q, and %q before it: two files in one", row.Line, watchlist.Short(on), watchlist.Short(generated))
		}
		id := row.Get("Entity_LogicalId")
		if id == "" {
			if err := draft.Leave(e, csvName, row.Line, "", errors.New("no Entity_LogicalId")); err != nil {
				return err
			}
			continue
		}
		s := subjects[id]
		if s == nil {
			s = &subject{Line: row.Line, ID: id}
			subjects[id] = s
			order = append(order, s)
		}
		s.add(row)
	}
	for _, s := range order {
		if err := draft.Leave(e, csvName, s.Line, watchlist.Short(s.ID), s.take(e, csvName)); err != nil {
			return err
		}
	}
	e.Doubts = t.Doubts()
	e.Skipped = append(e.Skipped, t.Unread(csvName,
		// Of the act and of the publisher's database, not of whom is listed.
		"Entity_Regulation_Type", "NameAlias_LogicalId", "Address_LogicalId", "BirthDate_LogicalId", "Identification_LogicalId", "Citizenship_LogicalId")...)
	return nil
}

// add adds what the row says. Each row repeats the entry's own columns and has those of one fact,
// or of one fact of each kind.
func (s *subject) add(row listtable.Row) {
	of := func(group string) func(string) string {
		return func(field string) string { return row.Get(group + "_" + field) }
	}
	said := func(get func(string) string, fields ...string) bool {
		for _, f := range fields {
			if v := get(f); v != "" && v != "00" {
				return true
			}
		}
		return false
	}
	remark := func(get func(string) string) []string {
		if r := get("Remark"); r != "" {
			return []string{r}
		}
		return nil
	}
	at := func(get func(string) string) place {
		return place{City: get("City"), Region: get("Region"), Place: get("Place"), Zip: get("ZipCode"), Country: get("CountryIso2Code"), CountryName: get("CountryDescription")}
	}
	get := of("Entity")
	for _, f := range []struct {
		field *string
		value string
	}{
		{&s.EU, get("EU_ReferenceNumber")}, {&s.UN, get("UnitedNationId")}, {&s.Designated, get("DesignationDate")},
		{&s.Details, get("DesignationDetails")}, {&s.Type.Code, get("SubjectType")}, {&s.Type.Classification, get("SubjectType_ClassificationCode")},
	} {
		if *f.field == "" {
			*f.field = f.value
		}
	}
	s.Remarks = append(s.Remarks, remark(get)...)
	if get := of("Entity_Regulation"); said(get, "NumberTitle", "Programme") {
		r := regulation{Line: row.Line, Published: get("PublicationDate"), InForce: get("EntryIntoForceDate"), Number: get("NumberTitle"), Programme: get("Programme")}
		if n := len(s.Regulations); n == 0 || s.Regulations[n-1].differs(r) {
			s.Regulations = append(s.Regulations, r)
		}
	}
	if get := of("NameAlias"); said(get, "WholeName", "FirstName", "MiddleName", "LastName", "LogicalId") {
		s.Names = append(s.Names, alias{Line: row.Line, First: get("FirstName"), Middle: get("MiddleName"), Last: get("LastName"), Whole: get("WholeName"),
			Language: get("NameLanguage"), Strong: get("Strong"), Gender: get("Gender"), Title: get("Title"), Function: get("Function"), Remarks: remark(get)})
	}
	if get := of("BirthDate"); said(get, "BirthDate", "Year", "YearRangeFrom", "YearRangeTo", "City", "Place", "Region", "CountryIso2Code", "Remark") {
		s.Births = append(s.Births, birth{Line: row.Line, Circa: get("Circa"), Calendar: get("CalendarType"), Date: get("BirthDate"), Day: get("Day"), Month: get("Month"), Year: get("Year"),
			From: get("YearRangeFrom"), To: get("YearRangeTo"), place: at(get), Remarks: remark(get)})
	}
	if get := of("Citizenship"); said(get, "CountryIso2Code", "CountryDescription", "Remark") {
		s.Citizens = append(s.Citizens, citizenship{Line: row.Line, place: at(get), Remarks: remark(get)})
	}
	if get := of("Address"); said(get, "Street", "PoBox", "City", "ZipCode", "Region", "Place", "CountryIso2Code", "ContactInfo", "Remark") {
		a := address{Line: row.Line, Street: get("Street"), PoBox: get("PoBox"), place: at(get), Remarks: remark(get)}
		if c := strings.TrimSpace(get("ContactInfo")); c != "" {
			a.Contacts = contacts(c)
		}
		s.Addresses = append(s.Addresses, a)
	}
	if get := of("Identification"); said(get, "Number", "LatinNumber", "TypeCode") {
		s.Documents = append(s.Documents, identification{Line: row.Line, Number: get("Number"), Latin: get("LatinNumber"), Code: get("TypeCode"), Description: get("TypeDescription"),
			Expired: get("KnownExpired"), False: get("KnownFalse"), Lost: get("ReportedLost"), Revoked: get("RevokedByIssuer"), Bearer: get("NameOnDocument"), place: at(get), Remarks: remark(get)})
	}
}

// differs reports whether two rows tell of two acts.
func (r regulation) differs(o regulation) bool {
	o.Line = r.Line
	return r != o
}
