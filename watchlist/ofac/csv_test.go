package ofac

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/internal/fuzzing"
	"sallyport/watchlist"
)

// Rows in the form of OFAC's files, about nobody.
const (
	person  = `90003,"EXAMPLOV, Ivan Petrovich","individual","RUSSIA-EO14024] [CYBER2","Minister of Examples",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 03 Mar 1961; alt. DOB circa 1960; POB Omsk, Russia; nationality Russia; alt. nationality Cyprus; citizen Russia; Gender Male; Digital Currency Address - ETH 0x00000000000000000000000000000000000000Aa; Passport 72 1234567 (Russia) issued 27 Aug 2014 expires 27 Aug 2024; alt. Passport issued in Omsk; Tax ID No. 770123456789 (Russia); a.k.a. 'VANYA'; f.k.a. 'PRIMEROV, Ivan'; Linked To: EXAMPLE BANK; Minister of Examples."` + "\r\n"
	bank    = `90001,"EXAMPLE BANK",-0- ,"RUSSIA-EO14024",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"SWIFT/BIC EXAMRUMM; Registration Number 1027700000000 (Russia); Folio Mercantil No. 343997 (Mexico) issued 14 Dec 2005; Phone Number 982188526300."` + "\r\n"
	vessel  = `90002,"EXAMPLE STAR","vessel","RUSSIA-EO14024",-0- ,"UFRI","Crude Oil Tanker","105708","57683","Russia","Example Shipping","Vessel Registration Identification IMO 9187629."` + "\r\n"
	bare    = `90004,"DELOS REYES, Feliciano Semborio, Jr.","individual","SDGT",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ` + "\r\n"
	aliases = `90003,1,"aka","EKZAMPLOV, Ivan",-0- ` + "\r\n" + `90003,2,"fka","PRIMEROV, Ivan Petrovich",-0- ` + "\r\n" + `90001,3,"nka","'EXAMPLE BANK PLC'","weak"` + "\r\n" + `90003,4,"aka","'ABBAS, Rafi'",-0- ` + "\r\n" + endMark
	streets = `90003,1,"1 Shaliapin Street","Sudak, Crimea 98032","Ukraine",-0- ` + "\r\n" + `90003,2,-0- ,-0- ,"Region: Crimea",-0- ` + "\r\n" + `90001,3,-0- ,-0- ,-0- ,-0- ` + "\r\n" + endMark
)

var today = time.Date(2022, 2, 25, 0, 0, 0, 0, time.UTC)

func file(name, data string) watchlist.File { return watchlist.File{Name: name, Data: []byte(data)} }

func parsed(t *testing.T, files ...watchlist.File) *watchlist.Edition {
	t.Helper()
	e, err := ParseCSV(files, today)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// equal compares by JSON, which shows what differs.
func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	g, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	w, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if string(g) != string(w) {
		t.Errorf("%s is\n%s\nwant\n%s", what, g, w)
	}
}

func TestCSV(t *testing.T) {
	e := parsed(t, file("sdn.csv", person+bank+vessel+bare+endMark), file("alt.csv", aliases), file("add.csv", streets))
	if e.List != "us-sdn" || !e.Published.Equal(today) || len(e.Doubts)+len(e.Skipped) != 0 || len(e.Sources) != 3 {
		t.Errorf("edition: list %s, published %s, doubts %v, skipped %v, sources %v", e.List, e.Published, e.Doubts, e.Skipped, e.Sources)
	}
	equal(t, "the person", e.Find("90003"), entity.Entity{
		List: "us-sdn", ID: "90003", Kind: entity.Person, Gender: entity.Male,
		Names: []entity.Name{
			{Full: "Ivan Petrovich EXAMPLOV", Given: "Ivan", Patronymic: "Petrovich", Family: "EXAMPLOV"},
			{Full: "VANYA", Kind: entity.Alias, Weak: true},
			{Full: "Ivan PRIMEROV", Given: "Ivan", Family: "PRIMEROV", Kind: entity.Former, Weak: true},
			{Full: "Ivan EKZAMPLOV", Given: "Ivan", Family: "EKZAMPLOV", Kind: entity.Alias},
			{Full: "Ivan Petrovich PRIMEROV", Given: "Ivan", Patronymic: "Petrovich", Family: "PRIMEROV", Kind: entity.Former},
			{Full: "Rafi' 'ABBAS", Given: "Rafi'", Family: "'ABBAS", Kind: entity.Alias},
		},
		Birth:         []entity.Dates{entity.Exact(entity.Day{Year: 1961, Month: 3, Day: 3}), {From: entity.Year(1960).From, To: entity.Year(1960).To, Circa: true}},
		BirthPlaces:   []string{"Omsk, Russia"},
		Nationalities: []string{"RU", "CY"},
		Places:        []entity.Place{{Street: "1 Shaliapin Street", Town: "Sudak", Region: "Crimea", Postcode: "98032", Country: "UA"}, {Region: "Crimea"}},
		Identifiers:   []entity.Identifier{{Type: "passport", Number: "72 1234567", Country: "RU"}, {Type: "tax id", Number: "770123456789", Country: "RU"}},
		Wallets:       []entity.Wallet{{Ticker: "ETH", Address: "0x00000000000000000000000000000000000000Aa"}},
		Relations:     []entity.Relation{{Type: "linked to", Name: "EXAMPLE BANK"}},
		Positions:     []string{"Minister of Examples"},
		Programmes:    []string{"RUSSIA-EO14024", "CYBER2"},
		Remarks:       strings.TrimSuffix(strings.SplitN(person, `-0- ,"`, 2)[1], "\"\r\n"),
	})
	bank := e.Find("90001")
	equal(t, "the bank's names", bank.Names, []entity.Name{{Full: "EXAMPLE BANK"}, {Full: "EXAMPLE BANK PLC", Kind: entity.Alias, Weak: true}})
	equal(t, "the bank's numbers", bank.Identifiers, []entity.Identifier{{Type: "swift/bic", Number: "EXAMRUMM"},
		{Type: "registration", Number: "1027700000000", Country: "RU"}, {Type: "folio mercantil", Number: "343997", Country: "MX"}})
	ship := e.Find("90002")
	equal(t, "the vessel's numbers", ship.Identifiers, []entity.Identifier{{Type: "call sign", Number: "UFRI"}, {Type: "imo", Number: "9187629"}})
	if ship.Kind != entity.Vessel || !slices.Equal(ship.Nationalities, []string{"RU"}) || !strings.HasPrefix(ship.Remarks, "Crude Oil Tanker; Tonnage 105708; ") {
		t.Errorf("vessel: %+v", ship)
	}
	if n := e.Find("90004").Names[0]; n.Full != "Feliciano Semborio DELOS REYES Jr." || n.Given != "Feliciano Semborio" {
		t.Errorf("a name with a suffix: %+v", n)
	}
}

func TestCSVRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want string
		is   error
	}{
		"no byte":            {"", "empty", watchlist.ErrEmpty},
		"end mark only":      {endMark, "no row", watchlist.ErrEmpty},
		"cut in a field":     {bank + person[:200], "truncated", watchlist.ErrTruncated},
		"cut between fields": {bank + strings.SplitN(person, `"individual"`, 2)[0], "truncated", watchlist.ErrTruncated},
		"cut before its end": {bank + strings.TrimSuffix(person, "\r\n"), "truncated", watchlist.ErrTruncated},
		"a web page":         {"<!DOCTYPE html><html>", "web page", nil},
		"after the end":      {bank + endMark + "\r\n" + person, "after the end mark", nil},
		"a quote astray":     {strings.Replace(bank, "EXAMPLE BANK", `EXAMPLE "BANK`, 1) + person + endMark, "line 1", nil},
		"an endless field":   {strings.Replace(bank, "EXAMPLE", strings.Repeat("X", maxField), 1) + endMark, "longer than any field", nil},
	} {
		_, err := ParseCSV([]watchlist.File{file("sdn.csv", c.data)}, today)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "watchlist/ofac: sdn.csv: ") || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: error %v, want one of sdn.csv that says %q", name, err, c.want)
		}
	}
	if _, err := ParseCSV([]watchlist.File{file("alt.csv", aliases)}, today); err == nil || !strings.Contains(err.Error(), "sdn.csv is missing") {
		t.Errorf("without sdn.csv: error %v", err)
	}
	for name, data := range map[string]string{"alt.csv": aliases[:50], "add.csv": "x\r\n" + endMark, "sdn_comments.csv": ""} {
		if _, err := ParseCSV([]watchlist.File{file("sdn.csv", bank+endMark), file(name, data)}, today); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("a broken %s: error %v, want one that names it", name, err)
		}
	}
}

func TestCSVDoubts(t *testing.T) {
	if e := parsed(t, file("sdn.csv", bank+person)); len(e.Doubts) != 1 || !strings.Contains(e.Doubts[0], "end mark") {
		t.Errorf("whole rows without the end mark: doubts %q", e.Doubts)
	}
	if e := parsed(t, file("sdn.csv", bank+endMark), file("alt.csv", aliases)); len(e.Doubts) != 1 || !strings.Contains(e.Doubts[0], "3 of 4 rows") {
		t.Errorf("aliases of entries that are not there: doubts %q", e.Doubts)
	}
	// Remarks continued from another day's file could join two halves of two addresses.
	if e := parsed(t, file("sdn.csv", bank+endMark), file("sdn_comments.csv", "90003,\"and so on\"\r\n"+endMark)); len(e.Doubts) != 1 || !strings.Contains(e.Doubts[0], "sdn_comments.csv: 1 of 1 rows") {
		t.Errorf("remarks of entries that are not there: doubts %q", e.Doubts)
	}
}

func TestCSVKeepsEntryWithBadField(t *testing.T) {
	row := strings.Replace(person, "03 Mar 1961", "31 Feb 1961", 1)
	row = strings.Replace(row, "Gender Male", "Gender Malle", 1)
	e := parsed(t, file("sdn.csv", bank+row+endMark))
	if got := len(e.Find("90003").Birth); got != 1 {
		t.Errorf("%d dates of birth, want the one that is a date", got)
	}
	if len(e.Skipped) != 2 || e.Skipped[0].String() != `sdn.csv: line 2: entry 90003: date of birth: "31 Feb 1961": no such day` || e.Skipped[1].Field != "gender" {
		t.Errorf("skipped: %v", e.Skipped)
	}
}

func TestCSVHeader(t *testing.T) {
	head := "ID,Name,Type,Country,Title,F,G,H,I,J,K,Details\r\n"
	e := parsed(t, file("sdn.csv", "\xef\xbb\xbf"+head+bank+endMark+",,,,,,,,,,,\r\n"))
	if len(e.Entities) != 1 || len(e.Doubts) != 0 || len(e.Skipped) != 1 || e.Skipped[0].Line != 1 {
		t.Errorf("%d entries, doubts %v, skipped %v", len(e.Entities), e.Doubts, e.Skipped)
	}
}

// A feed that puts all in lower case destroys base58: the wallets are kept, and told.
func TestCSVTellsBrokenWallets(t *testing.T) {
	e := parsed(t, file("sdn.csv", fmt.Sprintf(bankRow, "Digital Currency Address - XBT 1boatslrhtknngkdxeeobr76b53lettpyt; alt. Digital Currency Address - ETH 0x52908400098527886e0f7030069857d2e4169ee7; alt. Digital Currency Address - EOS someaccount.")+endMark))
	if len(e.Skipped) != 1 || e.Skipped[0].Field != "wallet" || e.Skipped[0].Line != 1 || !strings.Contains(e.Skipped[0].Text, "lower case?") || len(e.Entities[0].Wallets) != 3 {
		t.Errorf("skipped %v, wallets %v", e.Skipped, e.Entities[0].Wallets)
	}
}

// TestRemarksGoOn cuts one long remark at every character, as sdn.csv does at its
// thousandth, and continues it in sdn_comments.csv: the entry must be the same
// each time. Without the continuation it must not hold an address that is none.
func TestRemarksGoOn(t *testing.T) {
	var addresses []string
	tail := ""
	for i := range 6 {
		a := fmt.Sprintf("0x%040d", i)
		addresses = append(addresses, a)
		tail += "; alt. Digital Currency Address - XBT " + a
	}
	tail += "; Linked To: EXAMPLE BANK, S.A."
	for at := 0; at <= len(tail); at++ {
		text := "Website " + strings.Repeat("w", cut-len("Website ")-at) + tail
		cell := func(remarks string) string { return fmt.Sprintf(bankRow, remarks) }
		first, rest := text[:cut], text[cut:]
		sdn := file("sdn.csv", cell(first)+endMark)
		if rest != "" {
			e := parsed(t, sdn, file("sdn_comments.csv", "90001,\""+rest+"\"\r\n"+endMark))
			if x := e.Entities[0]; x.Remarks != text || len(x.Wallets) != len(addresses) || len(e.Skipped) != 0 {
				t.Fatalf("cut at %d: %d wallets, skipped %v, remarks %q", at, len(x.Wallets), e.Skipped, x.Remarks)
			}
		}
		e := parsed(t, sdn)
		for _, w := range e.Entities[0].Wallets {
			if !slices.Contains(addresses, w.Address) {
				t.Fatalf("cut at %d: %q is taken for an address", at, w.Address)
			}
		}
		if wantSkipped := rest != "" && !strings.HasSuffix(first, "."); wantSkipped != (len(e.Skipped) == 1) {
			t.Fatalf("cut at %d: skipped %v", at, e.Skipped)
		}
	}
}

const bankRow = `90001,"EXAMPLE BANK",-0- ,"CYBER2",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"%s"` + "\r\n"

func TestDates(t *testing.T) {
	for in, want := range map[string]string{
		"07 Oct 1952":                "1952-10-07",
		"7 October 1952":             "1952-10-07",
		"1970":                       "1970",
		"Sep 1938":                   "1938-09-01/1938-09-30",
		"Feb 1960":                   "1960-02-01/1960-02-29",
		"circa 1979":                 "circa 1979",
		"circa 07 Jul 1966":          "circa 1966-07-07",
		"1966 to 1967":               "1966-01-01/1967-12-31",
		"01 Jan 1961 to 31 Dec 1962": "1961-01-01/1962-12-31",
		"Mar 1962 to Feb 1963":       "1962-03-01/1963-02-28",
		"circa 1979-1982":            "circa 1979-01-01/1982-12-31",
	} {
		if d, err := dates(in); err != nil || d.String() != want {
			t.Errorf("%q: %s, %v; want %s", in, d, err, want)
		}
	}
	for _, in := range []string{"", "31 Feb 1970", "29 Feb 1961", "00 Jan 1970", "1 Foo 1970", "70", "19700", "1982 to 1979", "-0-", "1970 to", "7 Oct 52", "07 Oct 1952 1953", "²⁰ Oct 1952"} {
		if d, err := dates(in); err == nil {
			t.Errorf("%q was read as %s", in, d)
		}
	}
}

func TestPersonNames(t *testing.T) {
	for written, want := range map[string]entity.Name{
		"PUTIN, Vladimir Vladimirovich":  {Full: "Vladimir Vladimirovich PUTIN", Given: "Vladimir", Patronymic: "Vladimirovich", Family: "PUTIN"},
		"PAMFILOVA, Ella Aleksandrovna":  {Full: "Ella Aleksandrovna PAMFILOVA", Given: "Ella", Patronymic: "Aleksandrovna", Family: "PAMFILOVA"},
		"FILIPCHUK, Pavlo Ihorovych":     {Full: "Pavlo Ihorovych FILIPCHUK", Given: "Pavlo", Patronymic: "Ihorovych", Family: "FILIPCHUK"},
		"KUBRAKOU, Ivan Uladzimiravich":  {Full: "Ivan Uladzimiravich KUBRAKOU", Given: "Ivan", Patronymic: "Uladzimiravich", Family: "KUBRAKOU"},
		"EFENDIEV, Nazim Tofik Ogly":     {Full: "Nazim Tofik Ogly EFENDIEV", Given: "Nazim", Patronymic: "Tofik Ogly", Family: "EFENDIEV"},
		"MAKSIMENKO, Vladimir Ilich":     {Full: "Vladimir Ilich MAKSIMENKO", Given: "Vladimir", Patronymic: "Ilich", Family: "MAKSIMENKO"},
		"ATABIYEV, Islam Seit-Umarovich": {Full: "Islam Seit-Umarovich ATABIYEV", Given: "Islam", Patronymic: "Seit-Umarovich", Family: "ATABIYEV"},
		"AL-TIKRITI, Rana Saddam":        {Full: "Rana Saddam AL-TIKRITI", Given: "Rana Saddam", Family: "AL-TIKRITI"},
		"KRSTIC, Radislav":               {Full: "Radislav KRSTIC", Given: "Radislav", Family: "KRSTIC"},
		"MILOSEVIC, Stankovich":          {Full: "Stankovich MILOSEVIC", Given: "Stankovich", Family: "MILOSEVIC"},
		"ABU ZAYNAB":                     {Full: "ABU ZAYNAB"},
	} {
		if got := name(written, entity.Person, entity.Primary); got != want {
			t.Errorf("%q: %+v, want %+v", written, got, want)
		}
	}
	if got := name("ANGLO-CARIBBEAN CO., LTD.", entity.Organisation, entity.Primary); got != (entity.Name{Full: "ANGLO-CARIBBEAN CO., LTD."}) {
		t.Errorf("a firm with a comma: %+v", got)
	}
}

func TestPlaces(t *testing.T) {
	for city, want := range map[string]entity.Place{
		"Sudak, Crimea 98032":                 {Town: "Sudak", Region: "Crimea", Postcode: "98032"},
		"London EC3N 1DY":                     {Town: "London", Postcode: "EC3N 1DY"},
		"Zurich CH-8022":                      {Town: "Zurich", Postcode: "CH-8022"},
		"North Waziristan, FATA":              {Town: "North Waziristan", Region: "FATA"},
		"Algodones, Baja California CP 21298": {Town: "Algodones", Region: "Baja California", Postcode: "CP 21298"},
		"Moscow":                              {Town: "Moscow"},
		"107023":                              {Town: "107023"},
		"":                                    {},
	} {
		if got := place("", city, ""); got != want {
			t.Errorf("%q: %+v, want %+v", city, got, want)
		}
	}
	for land, want := range map[string]string{"Korea, North": "KP", "Virgin Islands, British": "VG", "undetermined": "", "Burma": "MM", "Freedonia": "Freedonia", "russia": "RU"} {
		if got := country(land); got != want {
			t.Errorf("%q is %q, want %q", land, got, want)
		}
	}
}

// TestRealCopies reads the other real files at hand; the counts are those of the
// folder's README.
func TestRealCopies(t *testing.T) {
	real := func(names ...string) []watchlist.File {
		var out []watchlist.File
		for i := 0; i < len(names); i += 2 {
			out = append(out, watchlist.File{Name: names[i], Data: realFile(t, "ofac/"+names[i+1])})
		}
		return out
	}
	e := parsed(t, real("sdn.csv", "sdn_2021-07-07.csv.xz", "alt.csv", "alt_2021-07-07.csv.xz", "add.csv", "add_2021-07-07.csv.xz")...)
	names, places := 0, 0
	for _, x := range e.Entities {
		for _, n := range x.Names[1:] {
			if !n.Weak {
				names++
			}
		}
		places += len(x.Places)
	}
	if len(e.Entities) != 8976 || names != 11910 || len(e.Doubts) != 0 {
		t.Errorf("2021-07-07: %d entries, %d strong aliases, doubts %v; want 8976, 11910, none", len(e.Entities), names, e.Doubts)
	}
	if places == 0 || places > 13837 {
		t.Errorf("2021-07-07: %d places, want some of the 13837 rows", places)
	}

	headered := parsed(t, real("sdn.csv", "sdn_2023-01-06_headered.csv.xz", "add.csv", "add_2023-01-06.csv.xz")...)
	if len(headered.Entities) != 11443 || len(headered.Doubts) != 0 {
		t.Errorf("2023-01-06: %d entries, doubts %v; want 11443, none", len(headered.Entities), headered.Doubts)
	}

	// Aliases of 2025 on entries of 2021 are files of different days, and are told so.
	if mixed := parsed(t, real("sdn.csv", "sdn_2021-07-07.csv.xz", "alt.csv", "alt_2025-12-19.csv.xz")...); len(mixed.Doubts) != 1 {
		t.Errorf("files of different days: doubts %q, want one", mixed.Doubts)
	}
}

// TestEmptyPublication offers what the retired address gave on 2024-05-04: no byte.
// 14,965 parties must stay listed.
func TestEmptyPublication(t *testing.T) {
	data := realFile(t, "ofac-sdn-timeline/sdn_2024-05-03.csv.xz")
	s, err := watchlist.OpenStore(t.TempDir(), Formats())
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2024, 5, 3, 18, 43, 23, 0, time.UTC)
	intake := watchlist.Intake{Published: at, At: at, By: "test", MaxLossBP: watchlist.DefaultMaxLossBP}
	first, err := s.Offer(CSV(), []watchlist.File{{Name: "sdn.csv", Data: data}}, intake)
	if err != nil || first.Verdict != watchlist.Accepted {
		t.Fatalf("2024-05-03: %s, %v", first, err)
	}
	intake.Published = intake.Published.Add(7 * time.Hour)
	intake.Force = true // not even a person can take up nothing
	out, err := s.Offer(CSV(), []watchlist.File{{Name: "sdn.csv"}}, intake)
	if err != nil || out.Verdict != watchlist.Refused || out.Reason != watchlist.Empty || !strings.Contains(out.String(), "sdn.csv: file is empty") {
		t.Errorf("no byte: %s, %v; want refused, and the file named", out, err)
	}
	intake.Force = false
	for name, c := range map[string]struct {
		data []byte
		want watchlist.Reason
	}{
		"half of it":                     {data[:len(data)/2], watchlist.Truncated},
		"nine tenths, whole rows":        {data[:strings.LastIndex(string(data[:len(data)*9/10]), "\r\n")+2], watchlist.Doubtful},
		"nine tenths with the end mark":  {append(slices.Clone(data[:strings.LastIndex(string(data[:len(data)*9/10]), "\r\n")+2]), endMark...), watchlist.Shrinks},
		"OFAC's other list in its place": {realFile(t, "ofac/cons_prim_2025-12-19.csv.xz"), watchlist.WrongPublisher},
	} {
		if out, err := s.Offer(CSV(), []watchlist.File{{Name: "sdn.csv", Data: c.data}}, intake); err != nil || out.Reason != c.want {
			t.Errorf("%s: %s, %v; want: %s", name, out, err, c.want)
		}
	}
	e, err := s.Current(List)
	if err != nil || e.SHA256 != first.Meta.SHA256 || len(e.Entities) != 14965 {
		t.Errorf("in force: %v; want the edition of 2024-05-03 with its 14,965 entries", err)
	}
}

// A row that cannot be read is left out and told with its line and column; the others are read,
// and the edition waits for a person. Where most are left out it is another file.
func TestCSVLeavesOut(t *testing.T) {
	for name, c := range map[string]struct{ row, want string }{
		"eleven columns":   {strings.Replace(person, "-0- ,", "", 1), "sdn.csv: line 2: row: 11 columns, want 12: left out"},
		"one column":       {"90003\r\n", "sdn.csv: line 2: row: 1 columns, want 12: left out"},
		"an id of letters": {strings.Replace(person, "90003", "9OOO3", 1), `sdn.csv: line 2: ent_num: id "9OOO3": want a number: left out`},
		"an id twice":      {bank, "sdn.csv: line 2: entry 90001: ent_num: it stands in the file twice: left out"},
		"no name":          {strings.Replace(person, `"EXAMPLOV, Ivan Petrovich"`, "-0- ", 1), "sdn.csv: line 2: entry 90003: SDN_Name: no name: left out"},
		"a header later":   {"ID,a,b,c,d,e,f,g,h,i,j,k\r\n", `sdn.csv: line 2: ent_num: id "ID": want a number: left out`},
	} {
		e := parsed(t, file("sdn.csv", bank+c.row+vessel+endMark))
		if len(e.Entities) != 2 || len(e.Skipped) != 1 || e.Skipped[0].String() != c.want || len(e.Doubts) != 1 || e.Doubts[0] != "1 entries or rows could not be read and are left out" {
			t.Errorf("%s: %d entries, skipped %v, doubts %q", name, len(e.Entities), e.Skipped, e.Doubts)
		}
	}
	if _, err := ParseCSV([]watchlist.File{file("sdn.csv", bank+"1,2\r\n3,4\r\n"+endMark)}, today); err == nil || !strings.Contains(err.Error(), "2 rows are not of this list, and 1 are") {
		t.Errorf("most rows left out: %v", err)
	}
}

// What the remarks say of how somebody is reached, and of whom they are tied to, has fields.
func TestRemarksOfContacts(t *testing.T) {
	items := `Email Address info@example.ru; alt. Email Address x@example.org; Email:adel@example.sa; Website www.example.ru; Website: http://example.org/a; www.example.com; info@example.net (email); ` +
		`Telephone (357)(22660766); Phone No. 982188526300; Alt. Fax: 9821; Phone company of Omsk; For more information on this entry see www.example.gov; ` +
		`Secondary sanctions risk: section 1(b) of Executive Order 13224; Linked To: EXAMPLE BANK; Linked To: EXAMPLE BANK; alt. Nationality of Registration Iran; Website www.example.edu.`
	e := parsed(t, file("sdn.csv", `90001,"EXAMPLE BANK",-0- ,"SDGT","Chairman; Minister of Examples",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"`+items+`"`+"\r\n"+endMark)).Find("90001")
	equal(t, "contacts", e.Contacts, []string{"info@example.ru", "x@example.org", "adel@example.sa", "www.example.ru", "http://example.org/a", "www.example.com", "info@example.net",
		"(357)(22660766)", "982188526300", "9821", "www.example.edu"})
	equal(t, "relations", e.Relations, []entity.Relation{{Type: "linked to", Name: "EXAMPLE BANK"}})
	equal(t, "nationalities", e.Nationalities, []string{"IR"})
	equal(t, "positions", e.Positions, []string{"Chairman", "Minister of Examples"})
	if e.Remarks != items {
		t.Errorf("remarks are %q, want the whole of them", e.Remarks)
	}
}

func FuzzCSV(f *testing.F) {
	fuzzing.Bound(f)
	f.Add(person+bank+vessel+bare+endMark, aliases, streets, "90003,\"x\"\r\n")
	f.Add(bank, "", "", "")
	f.Add("ID,a,b,c,d,e,f,g,h,i,j,k\n"+bank+endMark+",,,,,,,,,,,", aliases, "90001,\"", "\x1a")
	f.Add(strings.Replace(person, "03 Mar 1961", "circa -1-9", 1), aliases, streets, "90003,' ; a.k.a. '")
	f.Fuzz(func(t *testing.T, sdn, alt, add, comments string) {
		files := []watchlist.File{file("sdn.csv", sdn)}
		for name, data := range map[string]string{"alt.csv": alt, "add.csv": add, "sdn_comments.csv": comments} {
			if data != "" {
				files = append(files, file(name, data))
			}
		}
		checkFuzzed(t, CSV(), files)
	})
}

// checkFuzzed holds a reader to its promises whatever it reads: it does not panic,
// reads the same twice, and makes only entries that have an id and a name.
func checkFuzzed(t *testing.T, format watchlist.Format, files []watchlist.File) {
	a, err := format.Parse(files, today)
	if err != nil {
		if !strings.HasPrefix(err.Error(), "watchlist") {
			t.Fatalf("an error that does not say where: %v", err)
		}
		return
	}
	b, err := format.Parse(files, today)
	if err != nil || !watchlist.Diff(a, b).Empty() || a.SHA256 != watchlist.Hash(watchlist.SourcesOf(files)) {
		t.Fatalf("read again it differs: %v", err)
	}
	for _, e := range a.Entities {
		if !isID(e.ID) || strings.TrimSpace(e.PrimaryName()) == "" {
			t.Fatalf("entry %q %q", e.ID, e.PrimaryName())
		}
		for _, w := range e.Wallets {
			if w.Address == "" || len(w.Address) > maxAddress {
				t.Fatalf("entry %s: wallet %q", e.ID, w.Address)
			}
		}
		for _, d := range e.Birth {
			if again, err := entity.ParseDates(d.String()); err != nil || again != d {
				t.Fatalf("entry %s: born %s, read again %s, %v", e.ID, d, again, err)
			}
		}
	}
}

func BenchmarkCSV(b *testing.B) {
	data := realFile(b, "ofac-sdn-timeline/sdn_2022-02-25.csv.xz")
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := ParseCSV([]watchlist.File{{Name: "sdn.csv", Data: data}}, today); err != nil {
			b.Fatal(err)
		}
	}
}
