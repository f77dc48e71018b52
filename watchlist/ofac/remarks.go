package ofac

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/entity"
)

// remarks reads the items of a remarks field into e; note is told of items that
// claim to be something and cannot be read. complete says that the field was not
// cut off: if it was, its last item is not looked at.
//
// Items are divided by semicolons; the last ends in a full stop. What an entity has no field
// for is kept in the text only ("Secondary sanctions risk: …", "Target Type …").
func remarks(e *entity.Entity, text string, complete bool, note func(field, text string)) {
	for rest, more := text, true; more; {
		var item string
		item, rest, more = strings.Cut(rest, ";")
		if !more {
			if !complete {
				return
			}
			item = strings.TrimSuffix(strings.TrimSpace(item), ".")
		}
		if err := remark(e, strings.TrimSpace(item)); err != nil {
			note(err.field, err.text)
		}
	}
}

type badField struct{ field, text string }

// remark reads one item. "alt." before it says only that it is not the first.
func remark(e *entity.Entity, item string) *badField {
	item, _ = cutPrefixFold(item, "alt. ")
	head, value, _ := strings.Cut(item, " ")
	switch head {
	case "":
		return nil
	case "DOB":
		d, err := dates(value)
		if err != nil {
			return &badField{"date of birth", err.Error()}
		}
		e.Birth = append(e.Birth, d)
		return nil
	case "POB":
		e.BirthPlaces = append(e.BirthPlaces, value)
		return nil
	case "nationality", "citizen":
		e.Nationalities = addCountry(e.Nationalities, value)
		return nil
	case "Gender":
		return gender(e, value)
	case "a.k.a.", "f.k.a.", "n.k.a.":
		return weakAlias(e, head, value)
	}
	if rest, ok := strings.CutPrefix(item, walletType); ok {
		ticker, address, _ := strings.Cut(rest, " ")
		return wallet(e, ticker, address)
	}
	if rest, ok := strings.CutPrefix(item, "Nationality of Registration "); ok {
		e.Nationalities = addCountry(e.Nationalities, rest)
		return nil
	}
	if linked(e, item) {
		return nil
	}
	if reach := contact(item); reach != "" {
		e.Contacts = addOnce(e.Contacts, reach)
		return nil
	}
	if id, ok := identifier(item); ok {
		e.Identifiers = append(e.Identifiers, id)
	}
	return nil
}

// linked reads "Linked To: EXAMPLE BANK", a tie that OFAC does not say more of.
func linked(e *entity.Entity, item string) bool {
	other, ok := strings.CutPrefix(item, "Linked To:")
	if other = strings.TrimSpace(other); !ok || other == "" {
		return false
	}
	if r := (entity.Relation{Type: "linked to", Name: other}); !slices.Contains(e.Relations, r) {
		e.Relations = append(e.Relations, r)
	}
	return true
}

// titles are positions, parted by semicolons.
func titles(e *entity.Entity, written string) {
	for _, p := range strings.Split(written, ";") {
		e.Positions = addOnce(e.Positions, strings.TrimSpace(p))
	}
}

// contactWords stand before what one can be reached by, in the remarks.
var contactWords = [...]string{"Email Address", "E-mail Address", "Email", "E-mail", "Website", "Phone Number", "Phone No.", "Phone",
	"Telephone Number", "Telephone No.", "Telephone", "Fax Number", "Fax No.", "Fax"}

// contact is the e-mail address, web site, telephone or fax number of "Email Address x@example.org",
// "www.example.org" and the like, or "".
func contact(item string) string {
	for _, word := range []string{" (website)", " (email)"} {
		item = strings.TrimSuffix(item, word)
	}
	for _, word := range contactWords {
		rest, ok := cutPrefixFold(item, word)
		if !ok || rest == "" || rest[0] != ' ' && rest[0] != ':' {
			continue
		}
		// A number or an address has a digit, a dot or an @; "Phone company" has none of them.
		if rest = strings.Trim(rest, ": ."); strings.ContainsAny(rest, "0123456789.@") {
			return rest
		}
	}
	lower := strings.ToLower(item)
	site := strings.HasPrefix(lower, "www.") || strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")
	if at := strings.IndexByte(item, '@'); !strings.Contains(item, " ") && (site || at > 0 && strings.Contains(item[at:], ".")) {
		return strings.Trim(item, ".")
	}
	return ""
}

func gender(e *entity.Entity, value string) *badField {
	switch strings.ToLower(value) {
	case "male":
		e.Gender = entity.Male
	case "female":
		e.Gender = entity.Female
	default:
		return &badField{"gender", fmt.Sprintf("%q: neither male nor female", value)}
	}
	return nil
}

// weakAlias reads `'X'`. In the legacy files OFAC writes weak aliases, and no
// others, in quotes among the remarks (FAQ 122, 123).
func weakAlias(e *entity.Entity, head, value string) *badField {
	as, _ := nameKindOf(head)
	alias := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(value, "'"), "'"))
	if alias == "" {
		return &badField{"alias", fmt.Sprintf("%q: no name in it", head+" "+value)}
	}
	n := name(alias, e.Kind, as)
	n.Weak = true
	e.Names = append(e.Names, n)
	return nil
}

// walletType is what both forms of the list put before a ticker.
const walletType = "Digital Currency Address - "

// maxAddress: OFAC announced strings of up to 256 characters (FAQ 563).
const maxAddress = 256

// wallet takes an address as written; what chain it is of is not for a list
// reader to say, and tickers are known to be wrong at times.
func wallet(e *entity.Entity, ticker, address string) *badField {
	address = strings.TrimSpace(address)
	if ticker == "" || address == "" || len(address) > maxAddress || strings.ContainsAny(address, " \t,;'\"()") {
		return &badField{"digital currency address", fmt.Sprintf("%q: not a ticker and an address", ticker+" "+address)}
	}
	e.Wallets = append(e.Wallets, entity.Wallet{Ticker: ticker, Address: address})
	return nil
}

// An idType is a type of number as OFAC writes it, and as we call it.
type idType struct{ written, called string }

// idTypes are the types that stand in remarks without a word such as "No." that
// would tell where the number begins, and those we call otherwise than OFAC does.
// A longer form stands before a shorter that begins alike.
var idTypes = [...]idType{
	{"Diplomatic Passport", "diplomatic passport"},
	{"Stateless Person Passport", "stateless person passport"},
	{"Passport Booklet:", "passport"},
	{"Passport Booklet", "passport"},
	{"Passport", "passport"},
	{"National ID No.", "national id"},
	{"National Foreign ID Number", "national foreign id"},
	{"Personal ID Card", "personal id"},
	{"Citizen's Card Number", "citizen's card"},
	{"SSN", "social security"},
	{"Cedula No.", "cedula"},
	{"D.N.I.", "dni"},
	{"C.U.R.P. #", "curp"},
	{"C.U.R.P.", "curp"},
	{"C.U.I.P.", "cuip"},
	{"C.U.I.", "cui"},
	{"I.F.E.", "ife"},
	{"Credencial electoral", "electoral registry"},
	{"Cartilla de Servicio Militar Nacional", "military service"},
	{"Numero de Identidad", "national id"},
	{"Tax ID No.", "tax id"},
	{"R.F.C. #", "rfc"},
	{"R.F.C.", "rfc"},
	{"RFC", "rfc"},
	{"NIT #", "nit"},
	{"RUC #", "ruc"},
	{"RIF #", "rif"},
	{"RTN", "rtn"},
	{"C.U.I.T.", "cuit"},
	{"C.I.F.", "cif"},
	{"US FEIN", "us fein"},
	{"V.A.T. Number", "vat"},
	{"Italian Fiscal Code:", "italian fiscal code"},
	{"Italian Fiscal Code", "italian fiscal code"},
	{"Vessel Registration Identification IMO", "imo"},
	{"Identification Number IMO", "imo"},
	{"Company Number IMO", "imo company"},
	{"MMSI", "mmsi"},
	{"Other Vessel Call Sign", "call sign"},
	{"Aircraft Tail Number", "aircraft tail"},
	{"Aircraft Mode S Transponder Code", "aircraft transponder"},
	{"Aircraft Manufacturer's Serial Number (MSN)", "aircraft serial"},
	{"Aircraft Construction Number (also called L/N or S/N or F/N)", "aircraft construction"},
	{"Previous Aircraft Tail Number", "aircraft tail"},
	{"Unified Social Credit Code (USCC)", "unified social credit code"},
	{"Business Registration Document #", "business registration"},
	{"Business Registration Number", "business registration"},
	{"Registration Number", "registration"},
	{"Registration ID", "registration"},
	{"Commercial Registry Number", "commercial registry"},
	{"Company Number", "company"},
	{"UK Company Number", "company"},
	{"C.R. No.", "commercial registry"},
	{"Economic Register Number (CBLS)", "economic register"},
	{"Legal Entity Number", "legal entity identifier"},
	{"Government Gazette Number", "government gazette"},
	{"Trade License No.", "trade licence"},
	{"License", "licence"},
	{"Matricula Mercantil No", "matricula mercantil"},
	{"SWIFT/BIC", "swift/bic"},
	{"BIK (RU)", "bik"},
	{"ISIN", "isin"},
}

// notIDs are what has a number and identifies nobody: it stays in the remarks.
var notIDs = [...]string{
	"Phone", "Telephone", "Fax", "Email", "Website", "Linked To", "Executive Order", "Secondary sanctions",
	"Transactions Prohibited", "Additional Sanctions", "CAATSA", "Organization", "Target Type", "Listing Date",
	"Effective Date", "Nationality of Registration", "Aircraft Model", "Aircraft Manufacture Date",
	"Aircraft Operator", "Vessel Year", "Vessel Type", "Vessel Flag", "Vessel Owner", "Gross", "Former Vessel", "Chinese Commercial Code",
	"Bank Account", "For more information", "Member", "Judge", "Chairman", "Deputy", "Commander",
}

// identifier reads "Passport 1084010 (Egypt) issued 18 Jan 1984" and the like: a
// type, a number, the country or place in brackets that issued it, and dates,
// which are left in the remarks. An item that is not of that form is none.
func identifier(item string) (entity.Identifier, bool) {
	for _, no := range notIDs {
		if strings.HasPrefix(item, no) {
			return entity.Identifier{}, false
		}
	}
	called, rest := "", ""
	for _, t := range idTypes {
		if r, ok := strings.CutPrefix(item, t.written); ok && strings.HasPrefix(r, " ") {
			called, rest = t.called, r
			break
		}
	}
	if called == "" {
		// "Folio Mercantil No. 343997 (Mexico)": the type ends where the number begins.
		at, end := -1, 0
		for _, word := range []string{" No. ", " Number ", " # ", " Code ", " ID Card ", " Card "} {
			if i := strings.Index(item, word); i > 0 && (at < 0 || i < at) {
				at, end = i, i+len(word)
			}
		}
		if at < 0 || at > 60 {
			return entity.Identifier{}, false
		}
		called, rest = strings.ToLower(item[:at]), item[end:]
	}
	return issued(called, rest)
}

// issued reads "1084010 (Egypt) issued 18 Jan 1984".
func issued(called, rest string) (entity.Identifier, bool) {
	for _, word := range []string{" issued ", ",issued ", " expires ", " expired "} {
		rest, _, _ = strings.Cut(rest, word)
	}
	rest = strings.Trim(rest, " .,")
	id := entity.Identifier{Type: called, Number: rest}
	if strings.HasSuffix(rest, ")") {
		if i := strings.LastIndex(rest, "("); i > 0 {
			id.Number = strings.TrimSpace(rest[:i])
			id.Country = country(rest[i+1 : len(rest)-1])
		}
	}
	id.Number, _, _ = strings.Cut(id.Number, ", ") // "D000000483, Diplomatic (Syria)"
	// A number has a digit in it, which "Passport issued in Sarajevo" has not, and
	// is no paragraph.
	return id, len(id.Number) <= 60 && (strings.ContainsAny(id.Number, "0123456789") || called == "swift/bic")
}

// idCalled is how we call the type of a number that the XML gives in an element
// of its own, or "" when it is no number of anybody.
func idCalled(written string) string {
	for _, no := range notIDs {
		if strings.HasPrefix(written, no) {
			return ""
		}
	}
	for _, t := range idTypes {
		if written == t.written {
			return t.called
		}
	}
	for _, word := range []string{" No.", " Number", " #"} {
		written = strings.TrimSuffix(written, word)
	}
	return strings.ToLower(written)
}
