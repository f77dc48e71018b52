package ftm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/internal/fuzzing"
	"sallyport/watchlist"
	"sallyport/watchlist/listlines"
	"sallyport/watchlist/listtest"
)

var published = time.Date(2024, 5, 3, 0, 0, 0, 0, time.UTC)

func edition(t *testing.T, content string) *watchlist.Edition {
	t.Helper()
	e, err := as("some-list", "somebody").Parse([]watchlist.File{{Name: fileName, Data: []byte(content)}}, published)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// example has one of each kind of line; everybody in it is made up. What belongs together
// stands apart and in no order.
const example = `{"id":"own-1","schema":"Ownership","properties":{"owner":["p-1"],"asset":["c-1"],"percentage":["50"]},"datasets":["xx_list"],"target":false}
{"id":"wal-1","schema":"CryptoWallet","properties":{"publicKey":["0x00000000000000000000000000000000000000aa"],"currency":["eth"],"holder":["p-1"]},"datasets":["xx_list"],"target":false}
{"id":"p-1","schema":"Person","caption":"Ivan Ivanovich EXAMPLOV","properties":{"name":["Иван Иванович Примеров","Ivan Ivanovich EXAMPLOV","Ivan Examplov"],"weakAlias":["Vanya"],"alias":["IVE"],"previousName":["Ivan Formerov"],"firstName":["Ivan","Иван"],"lastName":["Examplov","Примеров"],"fatherName":["Ivanovich"],"birthDate":["1970-02-03","1971","1972-05"],"birthPlace":["Omsk, Russia"],"nationality":["ru"],"citizenship":["ru","cy"],"country":["ru"],"gender":["male"],"passportNumber":["72 1234567"],"idNumber":["A-1"],"innCode":["770123456789"],"addressEntity":["adr-1"],"address":["Lenina 1, Omsk"],"topics":["sanction","role.pep"],"position":["Minister of Examples"],"email":["ivan@example.org"],"phone":["+7 000"],"website":["https://example.org"],"programId":["XX-1"],"sourceUrl":["https://list.example/1"],"notes":["Seen in Omsk."]},"datasets":["xx_list"],"referents":["old-1"],"first_seen":"2022-03-01T00:00:00","last_change":"2024-05-02T10:11:12","target":true}
{"id":"adr-1","schema":"Address","properties":{"full":["Lenina 1, 644000 Omsk, Russia"],"street":["Lenina 1"],"city":["Omsk"],"postalCode":["644000"],"state":["Omsk oblast"],"country":["ru"]},"datasets":["xx_list"],"target":false}
{"id":"pas-1","schema":"Passport","properties":{"holder":["p-1"],"number":["72 1234567"],"country":["ru"]},"target":false}
{"id":"doc-1","schema":"Identification","properties":{"holder":["p-1"],"number":["DL 9"],"type":["Driving licence"],"country":["cy"]},"target":false}
{"id":"san-1","schema":"Sanction","properties":{"entity":["old-1"],"program":["Examples programme"],"provisions":["Asset freeze","Travel ban"],"authority":["Ministry of Examples"],"startDate":["2022-03-01"],"listingDate":["2022-02-28"],"reason":["He gives bad examples."]},"target":false}
{"id":"c-1","schema":"Company","caption":"Example LLC","properties":{"name":["Example LLC"],"jurisdiction":["ru"],"ogrnCode":["1027700000000"],"parent":["c-2"],"leiCode":["LEI1"]},"datasets":["xx_list"],"target":true}
{"id":"c-2","schema":"Company","caption":"Holding","properties":{"name":["Holding"]},"target":false}
{"id":"fam-1","schema":"Family","properties":{"person":["p-1"],"relative":["p-2"],"relationship":["Wife"]},"target":false}
{"id":"p-2","schema":"Person","caption":"Anna Examplova","properties":{"name":["Anna Examplova"]},"target":false}
{"id":"dir-1","schema":"Directorship","properties":{"director":["p-1"],"organization":["c-1"],"role":["Chairman"]},"target":false}
{"id":"ass-1","schema":"Associate","properties":{"person":["p-2"],"associate":["p-1"]},"target":false}
{"id":"lnk-1","schema":"UnknownLink","properties":{"subject":["v-1"],"object":["p-1"]},"target":false}
{"id":"occ-1","schema":"Occupancy","properties":{"holder":["p-1"],"post":["pos-1"]},"target":false}
{"id":"pos-1","schema":"Position","caption":"Member of the Council","properties":{"name":["Member of the Council"]},"target":false}
{"id":"v-1","schema":"Vessel","caption":"MV EXAMPLE","properties":{"name":["MV EXAMPLE"],"imoNumber":["IMO9187629"],"mmsi":["273000000"],"callSign":["UABC"],"flag":["pa"]},"datasets":["xx_list"],"target":true}
{"id":"wal-2","schema":"CryptoWallet","caption":"Wallet 2","properties":{"publicKey":["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"],"currency":["XBT"]},"datasets":["xx_list"],"target":true}
`

func TestExample(t *testing.T) {
	e := edition(t, example)
	if len(e.Skipped) != 0 || len(e.Doubts) != 0 || e.Publisher != "somebody, dataset xx_list" || !e.Published.Equal(published) {
		t.Errorf("skipped %v, doubts %v, publisher %q, published %s", e.Skipped, e.Doubts, e.Publisher, e.Published)
	}
	want := []entity.Entity{
		{
			List: "some-list", ID: "c-1", Kind: entity.Organisation, Names: []entity.Name{{Full: "Example LLC"}}, Places: []entity.Place{{Country: "RU"}},
			Identifiers: []entity.Identifier{{Type: "registration", Number: "1027700000000", Country: "RU"}, {Type: "legal entity identifier", Number: "LEI1"}},
			Relations: []entity.Relation{{Type: "owned by (50 %)", ID: "p-1", Name: "Ivan Ivanovich EXAMPLOV"},
				{Type: "directed by (chairman)", ID: "p-1", Name: "Ivan Ivanovich EXAMPLOV"}, {Type: "owned by", Name: "Holding"}},
		},
		{
			List: "some-list", ID: "p-1", Kind: entity.Person, Gender: entity.Male,
			Names: []entity.Name{
				{Full: "Ivan Ivanovich EXAMPLOV", Given: "Ivan", Patronymic: "Ivanovich", Family: "Examplov"},
				{Full: "Иван Иванович Примеров", Given: "Иван", Family: "Примеров", Kind: entity.Original},
				{Full: "Ivan Examplov", Given: "Ivan", Family: "Examplov", Kind: entity.Alias},
				{Full: "IVE", Kind: entity.Alias},
				{Full: "Ivan Formerov", Given: "Ivan", Kind: entity.Former},
				{Full: "Vanya", Kind: entity.Alias, Weak: true},
			},
			Birth: []entity.Dates{entity.Exact(entity.Day{Year: 1970, Month: 2, Day: 3}), entity.Year(1971),
				{From: entity.Day{Year: 1972, Month: 5, Day: 1}, To: entity.Day{Year: 1972, Month: 5, Day: 31}}},
			BirthPlaces: []string{"Omsk, Russia"}, Nationalities: []string{"RU", "CY"},
			Places: []entity.Place{{Street: "Lenina 1", Town: "Omsk", Region: "Omsk oblast", Postcode: "644000", Country: "RU"}},
			Identifiers: []entity.Identifier{{Type: "passport", Number: "72 1234567", Country: "RU"}, {Type: "national id", Number: "A-1"},
				{Type: "tax id", Number: "770123456789", Country: "RU"}, {Type: "driving licence", Number: "DL 9", Country: "CY"}},
			Wallets: []entity.Wallet{{Ticker: "ETH", Address: "0x00000000000000000000000000000000000000aa"}},
			Relations: []entity.Relation{{Type: "owner of (50 %)", ID: "c-1", Name: "Example LLC"}, {Type: "family member of (wife)", Name: "Anna Examplova"},
				{Type: "director of (chairman)", ID: "c-1", Name: "Example LLC"}, {Type: "associate of", Name: "Anna Examplova"}, {Type: "linked to", ID: "v-1", Name: "MV EXAMPLE"}},
			Positions: []string{"Minister of Examples", "Member of the Council"}, Contacts: []string{"ivan@example.org", "+7 000", "https://example.org"},
			Programmes: []string{"XX-1", "Examples programme"}, Measures: []string{"asset freeze", "travel ban"},
			Listed: entity.Day{Year: 2022, Month: 2, Day: 28}, Amended: entity.Day{Year: 2024, Month: 5, Day: 2},
			Remarks: "Topics: sanction, role.pep; Seen in Omsk.; Source: https://list.example/1; Authority: Ministry of Examples; He gives bad examples.",
		},
		{
			List: "some-list", ID: "v-1", Kind: entity.Vessel, Names: []entity.Name{{Full: "MV EXAMPLE"}}, Places: []entity.Place{{Country: "PA"}},
			Identifiers: []entity.Identifier{{Type: "imo", Number: "IMO9187629"}, {Type: "mmsi", Number: "273000000"}, {Type: "call sign", Number: "UABC"}},
			Relations:   []entity.Relation{{Type: "linked to", ID: "p-1", Name: "Ivan Ivanovich EXAMPLOV"}},
		},
		{List: "some-list", ID: "wal-2", Names: []entity.Name{{Full: "Wallet 2"}}, Wallets: []entity.Wallet{{Ticker: "XBT", Address: "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"}}},
	}
	if len(e.Entities) != len(want) {
		t.Fatalf("%d entries, want %d", len(e.Entities), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(e.Entities[i], want[i]) {
			t.Errorf("entry %s is\n%s\nwant\n%s", want[i].ID, listtest.JSON(e.Entities[i]), listtest.JSON(want[i]))
		}
	}
	if list, err := names(watchlist.File{Name: fileName, Data: []byte(example)}); err != nil || list != "xx-list" {
		t.Errorf("the file names the list %q, %v", list, err)
	}
}

// TestAnyOrder turns the lines round: the same entries come of it, with the parts in another
// order. And the same lines give the same edition each time.
func TestAnyOrder(t *testing.T) {
	lines := strings.SplitAfter(strings.TrimSuffix(example, "\n"), "\n")
	lines[len(lines)-1] += "\n"
	slices.Reverse(lines)
	a, b := edition(t, example), edition(t, strings.Join(lines, ""))
	for i := range a.Entities {
		x, y := a.Entities[i], b.Entities[i]
		if x.ID != y.ID || len(x.Relations) != len(y.Relations) || !slices.Equal(x.Wallets, y.Wallets) || !slices.Equal(x.Names, y.Names) || x.Listed != y.Listed {
			t.Errorf("%s is\n%s\nin the other order\n%s", x.ID, listtest.JSON(x), listtest.JSON(y))
		}
	}
	for range 20 {
		if !reflect.DeepEqual(edition(t, example), a) {
			t.Fatal("the same bytes gave another edition")
		}
	}
}

// TestNested reads the form in which what belongs to an entry stands inside it.
func TestNested(t *testing.T) {
	const nested = `{"id":"p-1","schema":"Person","caption":"Ivan Examplov","target":true,"properties":{"name":["Ivan Examplov"],` +
		`"sanctions":[{"id":"s-1","schema":"Sanction","properties":{"entity":["p-1"],"programId":["XX-1"]}}],` +
		`"familyPerson":[{"id":"f-1","schema":"Family","properties":{"relative":[{"id":"p-9","schema":"Person","properties":{"name":["Anna"]}}]}}],` +
		`"ownershipOwner":[{"id":"o-1","schema":"Ownership","properties":{"asset":[{"id":"c-1","schema":"Company","caption":"Example LLC","target":true,"properties":{"name":["Example LLC"],"cryptoWallets":[{"id":"w-9","schema":"CryptoWallet","properties":{"publicKey":["9"]}}]}}]}}],` +
		`"cryptoWallets":[{"id":"w-1","schema":"CryptoWallet","properties":{"publicKey":["0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],"currency":["ETH"]}}],` +
		`"addressEntity":[{"id":"a-1","schema":"Address","properties":{"full":["Omsk"],"country":["ru"]}}]}}
{"id":"c-1","schema":"Company","caption":"Example LLC","target":true,"properties":{"name":["Example LLC"]}}
`
	e := edition(t, nested)
	for range 20 { // the order of properties in memory is another each time
		if again := edition(t, nested); !reflect.DeepEqual(again, e) {
			t.Fatalf("the same bytes gave another edition: %s", listtest.JSON(again.Entities))
		}
	}
	if len(e.Entities) != 2 || len(e.Skipped) != 0 {
		t.Fatalf("%s\n%v", listtest.JSON(e.Entities), e.Skipped)
	}
	p := e.Find("p-1")
	if !slices.Equal(p.Programmes, []string{"XX-1"}) || !slices.Equal(p.Wallets, []entity.Wallet{{Ticker: "ETH", Address: "0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}}) ||
		!slices.Equal(p.Places, []entity.Place{{Street: "Omsk", Country: "RU"}}) || !slices.Equal(p.Relations, []entity.Relation{{Type: "family member of", Name: "Anna"}, {Type: "owner of", ID: "c-1", Name: "Example LLC"}}) {
		t.Errorf("the entry is\n%s", listtest.JSON(p))
	}
	if c := e.Find("c-1"); !slices.Equal(c.Wallets, []entity.Wallet{{Address: "9"}}) || !slices.Equal(c.Relations, []entity.Relation{{Type: "owned by", ID: "p-1", Name: "Ivan Examplov"}}) {
		t.Errorf("the other entry is\n%s", listtest.JSON(c))
	}
}

// TestWallets: the wallet of an entry is told with the entry and is none itself, listed or not;
// that of somebody who is not listed is an entry if it is listed itself, and else nothing.
func TestWallets(t *testing.T) {
	wallet := func(id, holder string, target bool) string {
		return fmt.Sprintf(`{"id":%q,"schema":"CryptoWallet","target":%v,"properties":{"publicKey":["key-%s"],"holder":[%q]}}`+"\n", id, target, id, holder)
	}
	e := edition(t, wallet("w-1", "p-1", true)+wallet("w-2", "p-1", false)+wallet("w-3", "p-2", true)+wallet("w-4", "p-2", false)+
		`{"id":"p-1","schema":"Person","target":true,"properties":{"name":["Listed"]}}`+"\n"+`{"id":"p-2","schema":"Person","target":false,"properties":{"name":["Not listed"]}}`+"\n")
	var got []string
	for _, x := range e.Entities {
		got = append(got, fmt.Sprint(x.ID, x.Wallets))
	}
	if want := []string{"p-1[{ key-w-1} { key-w-2}]", "w-3[{ key-w-3}]"}; !slices.Equal(got, want) {
		t.Errorf("entries %q, want %q", got, want)
	}
}

// TestBadLines: what cannot be read is left out and told, and the rest goes on.
func TestBadLines(t *testing.T) {
	good := func(i int) string {
		return fmt.Sprintf(`{"id":"p-%d","schema":"Person","properties":{"name":["Person %d"]}}`+"\n", i, i)
	}
	var many strings.Builder
	for i := range 3000 {
		many.WriteString(good(i))
	}
	for _, c := range []struct {
		name, line string
		want       string // in the problem told, "" for none
		entries    int
		doubt      bool
	}{
		{"no JSON", "nonsense\n", `line 3001: line: "nonsense": no entity in JSON`, 3000, false},
		{"two bad of three thousand", "nonsense\n{\n", "line 3002", 3000, false},
		{"four bad", "1\n2\n3\n4\n", "line 3004", 3000, true},
		{"an array", "[1]\n", "no entity in JSON", 3000, false},
		{"no schema", `{"id":"x"}` + "\n", "without id or schema", 3000, false},
		{"no name", `{"id":"x","schema":"Person","properties":{}}` + "\n", "entry x: line: an entity without a name", 3000, false},
		{"an id twice", good(7), "entry p-7: line: its id is that of line 8", 3000, false},
		{"a wrong type", `{"id":"x","schema":"Person","properties":{"name":"X"}}` + "\n", "no entity in JSON", 3000, false},
		{"too long", `{"id":"x","schema":"Person","properties":{"name":["` + strings.Repeat("x", listlines.MaxLine) + `"]}}` + "\n", "longer than", 3000, false},
		{"a bad date", `{"id":"x","schema":"Person","properties":{"name":["X"],"birthDate":["1970-02-31"]}}` + "\n", `entry x: birthDate: "1970-02-31": no such date`, 3001, false},
		{"a bad gender", `{"id":"x","schema":"Person","properties":{"name":["X"],"gender":["n"]}}` + "\n", `entry x: gender: "n"`, 3001, false},
		{"a long value", `{"id":"x","schema":"Person","properties":{"name":["X"],"notes":["` + strings.Repeat("x", maxValue+1) + `"]}}` + "\n", "entry x: notes: a value of", 3001, false},
		{"many values", `{"id":"x","schema":"Person","properties":{"name":["X"` + strings.Repeat(`,"X"`, maxValues) + `]}}` + "\n", "entry x: name: 2001 values", 3001, false},
		{"all with all", `{"id":"x","schema":"Family","properties":{"person":[` + ids(50) + `],"relative":[` + ids(50) + `]}}` + "\n", "entry x: line: it ties 50 and 50", 3000, false},
		{"a schema that lists nobody", `{"id":"x","schema":"Article","properties":{"title":["X"]}}` + "\n", "", 3000, false},
		{"an unknown schema", `{"id":"x","schema":"Wizard","properties":{"name":["X"]}}` + "\n", `line 3001: schema Wizard: "X": not read`, 3000, false},
		{"an unknown property", `{"id":"x","schema":"Person","properties":{"name":["X"],"shoeSize":["43"]}}` + "\n", `line 3001: shoeSize: "43": not read`, 3001, false},
		{"a bare number", `{"id":"x","schema":"Person","properties":{"name":["X"],"idNumber":[12]}}` + "\n", "", 3001, false},
		{"a document of nobody", `{"id":"x","schema":"Passport","properties":{"holder":["nobody"],"number":["1"]}}` + "\n", "", 3000, false},
	} {
		e := edition(t, many.String()+c.line)
		last := ""
		if n := len(e.Skipped); n > 0 {
			last = e.Skipped[n-1].String()
		}
		if len(e.Entities) != c.entries || (c.want == "") != (last == "") || !strings.Contains(last, c.want) || c.doubt != (len(e.Doubts) > 0) {
			t.Errorf("%s: %d entries, doubts %v, last problem %.200q; want %d and %q", c.name, len(e.Entities), e.Doubts, last, c.entries, c.want)
		}
	}
	for content, want := range map[string]error{"": watchlist.ErrEmpty, "\n\n": watchlist.ErrEmpty, good(1) + `{"id":"p-2","sche`: watchlist.ErrTruncated} {
		_, err := as("some-list", "").Parse([]watchlist.File{{Name: fileName, Data: []byte(content)}}, published)
		if !errors.Is(err, want) {
			t.Errorf("%q: error %v, want %v", content, err, want)
		}
	}
	if e := edition(t, good(1)+strings.TrimSuffix(good(2), "\n")); len(e.Entities) != 2 {
		t.Error("a last line without an end of line is whole all the same")
	}
}

// ids are as many ids, quoted.
func ids(n int) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("%q", fmt.Sprint("p-", i)))
	}
	return strings.Join(out, ",")
}

// TestHub: an entry with a hundred thousand wallets and relations is read like any other, and
// has every one of them.
func TestHub(t *testing.T) {
	const many = 100_000
	var b strings.Builder
	b.WriteString(`{"id":"hub","schema":"Person","target":true,"properties":{"name":["Hub"]}}` + "\n")
	for i := range many {
		fmt.Fprintf(&b, `{"id":"w-%d","schema":"CryptoWallet","target":false,"properties":{"publicKey":["k%d"],"holder":["hub"]}}`+"\n", i, i)
		fmt.Fprintf(&b, `{"id":"l-%d","schema":"UnknownLink","target":false,"properties":{"subject":["hub"],"object":["w-%d"]}}`+"\n", i, i)
	}
	if e := edition(t, b.String()); len(e.Entities) != 1 || len(e.Entities[0].Wallets) != many || len(e.Entities[0].Relations) != many {
		t.Errorf("%d entries, %d wallets, %d relations", len(e.Entities), e.Wallets(), len(e.Entities[0].Relations))
	}
}

func TestNames(t *testing.T) {
	two := `{"id":"a","schema":"Person","properties":{"name":["A"]},"datasets":["x","y"]}` + "\n"
	if _, err := names(watchlist.File{Data: []byte(two)}); err == nil || !strings.Contains(err.Error(), "2 datasets") {
		t.Errorf("two datasets: error %v", err)
	}
	for _, c := range []struct{ told, content, want string }{
		{"", example, "FollowTheMoney file, dataset xx_list"},
		{"FollowTheMoney file, dataset xx_list", example, "FollowTheMoney file, dataset xx_list"},
		{"somebody, dataset xx_list", example, "somebody, dataset xx_list"},
		{"somebody, dataset xx_list", two, "somebody, dataset xx_list, dataset x, y"},
		{"", `{"id":"a","schema":"Person","properties":{"name":["A"]},"datasets":["1","2","3","4"]}`, "FollowTheMoney file, a collection of datasets"},
		{"", `{"id":"a","schema":"Person","properties":{"name":["A"]}}`, "FollowTheMoney file, no dataset named"},
	} {
		e, err := as("l", c.told).Parse([]watchlist.File{{Name: fileName, Data: []byte(c.content)}}, published)
		if err != nil || e.Publisher != c.want {
			t.Errorf("told %q: %q, %v; want %q", c.told, e.Publisher, err, c.want)
		}
	}
}

// TestStreams reads a file of 64 MB from disk, most of it in lines that say nothing of an
// entry, and looks at how much is held of it at the end.
func TestStreams(t *testing.T) {
	path := filepath.Join(t.TempDir(), "big.json")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	filler := strings.Repeat("x", 8000)
	size := 0
	for i := 0; size < 64<<20; i++ {
		n, err := fmt.Fprintf(f, `{"id":"n-%d","schema":"Person","target":false,"properties":{"name":["N"],"notes":["%s"]}}`+"\n", i, filler)
		if err != nil {
			t.Fatal(err)
		}
		size += n
	}
	if _, err := f.WriteString(example); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := watchlist.OpenFile(path)
	if err != nil || file.Data != nil {
		t.Fatalf("the file is in memory: %v", err)
	}
	format, files, err := watchlist.Formats{Format()}.Recognise([]watchlist.File{file})
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	e, err := format.As("some-list", "").Parse(files, published)
	if err != nil || len(e.Entities) != 4 {
		t.Fatalf("%v, %v", e, err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > 8<<20 {
		t.Errorf("of %d bytes %d are held", size, held)
	}
	runtime.KeepAlive(e)
}

// FuzzParse: whatever comes, the reader ends, says the same twice, and what it makes of it is
// an edition that a store can keep.
func FuzzParse(f *testing.F) {
	fuzzing.Bound(f)
	f.Add([]byte(example))
	for _, l := range bytes.SplitAfter([]byte(example), []byte("\n")) {
		f.Add(l)
	}
	f.Add([]byte(`{"id":"a","schema":"Person","properties":{"name":[{"id":"a","schema":"Person","properties":{"name":["x"]}}]}}`))
	f.Add([]byte(`{"id":"a","schema":"Family","properties":{"person":[{"id":"b","schema":"Family","properties":null}]}}`))
	f.Add([]byte("\ufeff" + `{"id":"a","schema":"Person","properties":{"name":["A"],"birthDate":["0000","9999-12"],"referents":["a"]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		files := []watchlist.File{{Name: fileName, Data: data}}
		e, err := as("some-list", "").Parse(files, published)
		again, err2 := as("some-list", "").Parse(files, published)
		if (err == nil) != (err2 == nil) || !reflect.DeepEqual(e, again) {
			t.Fatalf("read twice: %v, %v", err, err2)
		}
		if err != nil {
			return
		}
		for i := range e.Entities {
			x := &e.Entities[i]
			if x.ID == "" || x.PrimaryName() == "" || x.Names[0].Kind != entity.Primary {
				t.Fatalf("an entry without an id or a primary name: %s", listtest.JSON(x))
			}
			b, err := json.Marshal(x)
			if err != nil {
				t.Fatal(err)
			}
			var back entity.Entity
			if err := json.Unmarshal(b, &back); err != nil {
				t.Fatalf("%s: %v", b, err)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	var file bytes.Buffer
	for i := range 10_000 {
		file.WriteString(strings.NewReplacer("p-1", fmt.Sprint("p-1-", i), "c-1", fmt.Sprint("c-1-", i), "v-1", fmt.Sprint("v-1-", i), "wal-", fmt.Sprint("w-", i, "-"),
			"old-1", fmt.Sprint("old-1-", i)).Replace(strings.SplitAfter(example, "\n")[2]))
	}
	b.SetBytes(int64(file.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := as("some-list", "").Parse([]watchlist.File{{Name: fileName, Data: file.Bytes()}}, published); err != nil {
			b.Fatal(err)
		}
	}
}
