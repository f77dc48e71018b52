package jp

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/listtest"
)

const regime = "ウクライナをめぐる情勢に関する措置の対象者 / 資産凍結等の措置の対象となるロシア連邦の個人"

func entries(t *testing.T) []entity.Entity {
	return []entity.Entity{
		{ID: "ivan", Kind: entity.Person,
			Names: []entity.Name{
				{Full: "Ivan PRIMEROV"}, {Full: "イワン・プリメロフ", Kind: entity.Original, Language: "ja"}, {Full: "Iwan PRIMEROW", Kind: entity.Alias},
				{Full: "Иван Примеров", Kind: entity.Original}, {Full: "Vanya", Kind: entity.Alias, Weak: true}, {Full: "Ivan OLD", Kind: entity.Former},
			},
			Birth:         []entity.Dates{listtest.Dates(t, "1962-03-04"), listtest.Dates(t, "circa 1963"), listtest.Dates(t, "1961-01-01/1963-12-31")},
			Nationalities: []string{"RU"}, Places: []entity.Place{{Street: "1 Example Street, Moscow"}}, Identifiers: []entity.Identifier{{Type: "passport", Number: "70-1234567"}},
			Positions: []string{"次官"}, Programmes: []string{regime}, LegalBasis: []string{"外務省告示第90001号"}, Listed: listtest.Day(t, "2022-02-26"), Amended: listtest.Day(t, "2023-04-01"),
			Remarks: "passport: 70-1234567(2010年発行); 試験のための架空の人物"},
		{ID: "anna", Kind: entity.Person, Names: []entity.Name{{Full: "アンナ・例", Language: "ja"}}, Nationalities: []string{"ルリタニア"},
			Identifiers: []entity.Identifier{{Type: "passport", Number: "BG-99123", Doubtful: true}}, Programmes: []string{regime}, LegalBasis: []string{"外務省告示第90001号"},
			Listed: listtest.Day(t, "2022-03-01"), Remarks: "passport: (偽造旅券)BG-99123"},
	}
}

// ids puts the ids of an edition, found by a name, on entries that were written without.
func ids(t *testing.T, e *watchlist.Edition, want []entity.Entity) []entity.Entity {
	for i := range want {
		j := slices.IndexFunc(e.Entities, func(x entity.Entity) bool { return x.PrimaryName() == want[i].Names[0].Full })
		if j < 0 {
			t.Fatalf("no entry %s", want[i].Names[0].Full)
		}
		want[i].ID = e.Entities[j].ID
	}
	return want
}

func TestFixture(t *testing.T) {
	e := listtest.Edition(t, watchlist.Formats{Format()}, "jp-table", "list.csv")
	listtest.Sound(t, e)
	want := ids(t, e, entries(t))
	listtest.Entities(t, e, want...)
	listtest.Skipped(t, e,
		`shisantouketsu.xlsx: line 4: entry `+want[1].ID+`: 生年月日: "1970年2月31日": not a date that can be compared`,
		`shisantouketsu.xlsx: line 4: entry `+want[1].ID+`: 国籍: "ルリタニア": not a country that is known; kept as written`,
		`shisantouketsu.xlsx: line 7: row: "注 以上": no name in it`)
	if !e.Published.Equal(listtest.Published) || len(e.Doubts) != 0 {
		t.Errorf("published %s, doubts %q", e.Published, e.Doubts)
	}
}

// The same as a workbook, and as Excel in Japan saves a CSV, says the same.
func TestForms(t *testing.T) {
	good := listtest.Fixture(t, "list.csv")
	e, err := listtest.Parse(Format(), good)
	if err != nil {
		t.Fatal(err)
	}
	sjis, err := japanese.ShiftJIS.NewEncoder().Bytes(good)
	if err != nil {
		t.Fatal(err)
	}
	for name, doc := range map[string][]byte{"workbook": listtest.Workbook(t, good), "Shift JIS": sjis} {
		if _, ok := recognise("x", doc); !ok {
			t.Errorf("%s: not recognised", name)
		}
		got, err := listtest.Parse(Format(), doc)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(got.Entities, e.Entities) {
			t.Errorf("%s\n%+v\nwant\n%+v", name, got.Entities, e.Entities)
		}
	}
}

// An id is of the regime and the names, and of nothing else.
func TestIDs(t *testing.T) {
	id := func(old, new string) string {
		e, err := listtest.Parse(Format(), []byte(listtest.Swap(t, listtest.Fixture(t, "list.csv"), old, new)))
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(e.Entities, func(x entity.Entity) bool { return strings.Contains(x.PrimaryName(), "アンナ") })
		return e.Entities[i].ID
	}
	same := id("注", "注")
	if got := id("1970年2月31日", "1970年2月1日"); got != same {
		t.Errorf("another date makes another id: %s, %s", got, same)
	}
	for old, new := range map[string]string{"アンナ・例": "アンナ・例外", "ロシア連邦の個人": "ベラルーシ共和国の個人"} {
		if got := id(old, new); got == same {
			t.Errorf("%s for %s makes no other id", new, old)
		}
	}
}

func TestDates(t *testing.T) {
	for in, want := range map[string]string{
		"1962年3月4日": "1962-03-04", "１９６２年３月４日生まれ": "1962-03-04", "1962年3月": "1962-03-01/1962-03-31", "1962年": "1962", "1962年頃": "circa 1962", "おおよそ1962年": "circa 1962",
		"1963年から1968年の間": "1963-01-01/1968-12-31", "1955年-1958年頃": "circa 1955-01-01/1958-12-31", "1957年から1962年までの間": "1957-01-01/1962-12-31", "1962.3.4": "1962-03-04",
		"4 March 1962": "1962-03-04", "2022-03-01": "2022-03-01", "1962年3月4日、1963年": "1962-03-04 1963", "1968年から1963年の間": "", "60年": "", "ヒジュラ暦": "", "30~35歳": "",
	} {
		read, bad := dates(in)
		var got []string
		for _, d := range read {
			got = append(got, d.String())
		}
		if s := strings.Join(got, " "); s != want || (len(bad) > 0) != (want == "") {
			t.Errorf("%s: %q, not read %q; want %q", in, s, bad, want)
		}
	}
}

func TestCountries(t *testing.T) {
	for in, want := range map[string]string{"ロシア連邦": "RU", "ロシア": "RU", "イラン・イスラム共和国": "イラン・イスラム共和国", "イランイスラム共和国": "IR", "チュニジア共和国": "TN", "スーダン人": "SD", "Tunisia": "Tunisia", "中華人民共和国": "CN"} {
		if got := country(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
	for name, code := range countries {
		if c, ok := entity.CountryCode(code); !ok || c != code {
			t.Errorf("%s: %q is no code", name, code)
		}
	}
}

func TestRefuses(t *testing.T) {
	good := listtest.Fixture(t, "list.csv")
	listtest.Refuses(t, Format(), map[string]listtest.Refusal{
		"no byte":         listtest.Want("", "", watchlist.ErrEmpty),
		"titles alone":    listtest.Want(strings.Join(strings.SplitAfter(string(good), "\n")[:2], ""), "no entry", watchlist.ErrEmpty),
		"another table":   listtest.Want("a,b\n1,2\n", "not this list", nil),
		"cut in a row":    listtest.Want(string(good[:strings.Index(string(good), "2022.2.26")+30]), "the last row", watchlist.ErrTruncated),
		"half a workbook": listtest.Want("PK\x03\x04half", "without its end", watchlist.ErrTruncated),
		"no encoding":     listtest.Want("\xff\xff\n", "encoding", nil),
	})
	e, err := listtest.Parse(Format(), []byte(listtest.Swap(t, good, "その他の情報", "暗号資産アドレス")))
	if err != nil || len(e.Doubts) != 1 || !strings.Contains(e.Doubts[0], `column "暗号資産アドレス" is not known`) {
		t.Errorf("a column that is not known: %v, %v", e, err)
	}
}

func FuzzParse(f *testing.F) { listtest.Fuzz(f, Format(), listtest.Fixture(f, "list.csv")) }
