// Package jp reads Japan's list of those whose assets are frozen under the Foreign Exchange and
// Foreign Trade Act, as the Ministry of Finance publishes it (「経済制裁措置及び対象者リスト」): a
// workbook (.xlsx) with a sheet a regime, or a sheet of it as CSV.
//
// It makes the list "jp-mof" as a [watchlist.Format]. It says what is written there and nothing of
// what follows from it. The file carries no date of its own, so the day it was published is told
// beside it.
//
// # Sheets and ids
//
// A sheet begins with the name of its regime, which is the programme, and has its titles in the row
// that begins with 告示日付, the day of the notice. Regimes vary the titles, and so are they read:
// blanks within them mean nothing. A column that is not known here is told as a doubt.
//
// The list numbers nobody (告示番号 is the number of a notice that names many), so the id is twelve
// digits of the SHA-256 of the regime and of the Japanese and the English name: the publisher's
// correction of a name is another entry, and the old one gone. Two rows with one id are one entry.
// TestIDs holds it to that.
//
// # What is known of the file
//
// The reader has met only the fixtures in this folder, written from what is public of the columns,
// and not from a real file. Hold a first real edition against the ministry's own before relying on
// it. The old .xls is not read: save it as .xlsx.
//
// # How fields are read
//
// The English name is the primary one, the Japanese one is of kind [entity.Original]; where there
// is no English name the Japanese is primary. A cell may hold several values, one a line or after
// (a), (b) or （ａ）, （ｂ）. Dates are read in the forms 1962年3月4日, 1962年3月, 1962年 and with 頃
// or おおよそ (circa), 1962年から1964年の間 (a span), and in English. Countries are read in
// Japanese where the table in country.go has them. 不明 is nothing.
package jp

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/unicode/norm"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/draft"
	"sallyport/watchlist/listtable"
)

// List is the name of the list.
const List = "jp-mof"

// Publisher is who publishes it.
const Publisher = "Ministry of Finance of Japan"

// fileName is what we call the file; the publisher's name is its date.
const fileName = "shisantouketsu.xlsx"

// Format is the format of the list's table. The file carries no date.
func Format() watchlist.Format {
	return watchlist.Format{Name: "jp-table", List: List, Publisher: Publisher, Recognise: recognise, Parse: Parse}
}

// shiftJIS is what Excel in Japan saves a CSV as.
var shiftJIS = listtable.Fallback{Name: "Shift JIS", Encoding: japanese.ShiftJIS}

// The titles are looked for by noticeDate, since blanks stand within them.
const noticeDate = "告示日付"

func recognise(_ string, data []byte) (string, bool) {
	if len(data) > 256<<10 && !strings.HasPrefix(string(data[:4]), "PK\x03\x04") {
		end := 256 << 10
		for end > 0 && data[end-1] != '\n' {
			end--
		}
		data = data[:end]
	}
	sheets, err := listtable.Open(data, ',', shiftJIS)
	if err != nil {
		return fileName, false
	}
	for _, s := range sheets {
		for range 20 {
			row, err := s.Next()
			if err != nil {
				break
			}
			if isTitles(row) {
				return fileName, true
			}
		}
	}
	return fileName, false
}

func isTitles(row listtable.Row) bool {
	return len(row.Cells) > 0 && strings.HasPrefix(title(row.Cells[0]), noticeDate)
}

// title folds the title of a column: no blanks, and one width for each letter.
func title(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(s)), ""))
}

// A field is what a column tells.
type field int

const (
	skipped field = iota // known, and of no use to a screening
	english
	japaneseName
	alias
	weakAlias
	former
	titles
	position
	birth
	birthPlace
	nationality
	address
	passport
	idNumber
	noticed
	notice
	unListed
	unReference
	contact
	remark
	basis
)

// columns are the titles of all regimes, folded.
var columns = map[string]field{
	"告示日付": noticed, "告示番号": notice, "リスト掲載日": skipped,
	"英語表記": english, "日本語表記": japaneseName,
	"別名": alias, "別称・別名": alias, "別称・旧称": alias, "別称": alias, "別名・別称": alias, "確定可能な別名": alias, "確定に十分でない別名": weakAlias,
	"過去の別名": former, "以前の別名": former, "旧称": former, "旧称・以前の呼称": former,
	"称号": titles, "役職": position, "肩書": position, "肩書等": position,
	"生年月日": birth, "生年月日・出生地": birth, "出生地": birthPlace, "出生地・出身地": birthPlace, "国籍": nationality,
	"住所": address, "住所・所在地": address, "住所等": address, "活動地域・住所": address, "所在地・住所登録された事務所の住所": address, "所在地": address, "活動地域": remark,
	"旅券番号": passport, "身分登録番号": idNumber, "id番号": idNumber, "身分証番号": idNumber,
	"電話番号": contact, "電話": contact, "fax": contact,
	"国連制裁委員会による指定日": unListed, "国連制裁員会による指定日": unListed, "国連参照番号": unReference,
	"指定の根拠": basis, "決議1483上の根拠": basis, "その他の情報": remark, "詳細": remark, "備考": remark, "番号": skipped, "no.": skipped,
}

// Parse reads one edition from the list, which must be the only file, published on the given day.
//
// It is a [watchlist.Format]'s Parse.
func Parse(files []watchlist.File, published time.Time) (*watchlist.Edition, error) {
	return watchlist.ReadOne("jp", &watchlist.Edition{List: List, Publisher: Publisher, Published: published}, files, fileName, read)
}

// A reading is the work on one edition.
type reading struct {
	edition *watchlist.Edition
	drafts  map[string]*draft.Draft
	order   []*draft.Draft
	lines   map[string]int
}

func read(e *watchlist.Edition, data []byte) error {
	sheets, err := listtable.Open(data, ',', shiftJIS)
	if err != nil {
		return err
	}
	c := &reading{edition: e, drafts: map[string]*draft.Draft{}, lines: map[string]int{}}
	found := false
	for _, s := range sheets {
		e.Skipped = append(e.Skipped, s.Problems(fileName)...)
		has, err := c.sheet(s)
		if err != nil {
			if s.Name != "" {
				return fmt.Errorf("sheet %q: %w", watchlist.Short(s.Name), err)
			}
			return err
		}
		found = found || has
	}
	if !found {
		return errors.New("no row begins with " + noticeDate + ": not this list")
	}
	for _, d := range c.order {
		if err := draft.Leave(e, fileName, c.lines[d.ID], d.ID, d.Take()); err != nil {
			return err
		}
	}
	return nil
}

// sheet reads the regimes of a sheet: each has its name, the titles and its rows. found tells
// whether there is one.
func (c *reading) sheet(s listtable.Sheet) (found bool, err error) {
	var regime []string
	var fields []field
	for {
		row, err := s.Next()
		if err == io.EOF {
			c.edition.Doubts = append(c.edition.Doubts, s.Doubts()...)
			return found, nil
		}
		if err != nil {
			return found, err
		}
		switch {
		case isTitles(row):
			if found && len(regime) == 0 {
				return found, fmt.Errorf("line %d: titles without the name of a regime before them", row.Line)
			}
			found = true
			s.Titles(row)
			fields = c.fields(s.Name, row)
		case fields == nil: // above the titles
			for _, cell := range row.Cells {
				if cell = draft.Squeeze(cell); cell != "" {
					regime = append(regime, cell)
				}
			}
		default:
			if err := c.row(strings.Join(regime, " / "), fields, row); err != nil {
				return found, err
			}
		}
	}
}

// fields says what each column is. One that is not known may hold names.
func (c *reading) fields(sheet string, row listtable.Row) []field {
	fields := make([]field, len(row.Cells))
	for i, cell := range row.Cells {
		t := title(cell)
		f, ok := columns[t]
		if !ok && t != "" && len(c.edition.Doubts) < 10 {
			where := fmt.Sprintf("line %d", row.Line)
			if sheet != "" {
				where = fmt.Sprintf("sheet %q, %s", watchlist.Short(sheet), where)
			}
			c.edition.Doubts = append(c.edition.Doubts, fmt.Sprintf("%s: column %q is not known and not read", where, watchlist.Short(t)))
		}
		fields[i] = f
	}
	return fields
}

func (c *reading) row(regime string, fields []field, row listtable.Row) error {
	cells := map[field]string{}
	for i, cell := range row.Cells {
		if i < len(fields) && cell != "" && cell != "不明" && cell != "-" {
			f := fields[i]
			cells[f] = strings.TrimPrefix(cells[f]+"\n"+cell, "\n")
		}
	}
	names := draft.Squeeze(cells[japaneseName]) + "\n" + draft.Squeeze(cells[english])
	if names == "\n" {
		// Sheets end in notes, and rows are left over from merged cells.
		c.edition.Skipped = append(c.edition.Skipped, watchlist.Problem{File: fileName, Line: row.Line, Field: "row", Text: fmt.Sprintf("%q: no name in it", watchlist.Short(strings.Join(strings.Fields(strings.Join(row.Cells, " ")), " ")))})
		return nil
	}
	sum := sha256.Sum256([]byte(regime + "\n" + names))
	id := hex.EncodeToString(sum[:6])
	d := c.drafts[id]
	if d == nil {
		if len(c.order) >= draft.MaxEntries {
			return fmt.Errorf("line %d: more than %d entries", row.Line, draft.MaxEntries)
		}
		d = draft.New(c.edition, fileName, id, kindOf(regime))
		c.drafts[id], c.lines[id] = d, row.Line
		c.order = append(c.order, d)
	}
	take(d, row.Line, cells)
	d.Programme(regime)
	return nil
}

// kindOf goes by the regime's name: （個人） are people, （団体） organisations. Where it has both
// words or none, nothing is said.
func kindOf(regime string) entity.Kind {
	people, bodies := strings.Contains(regime, "個人"), strings.Contains(regime, "団体") || strings.Contains(regime, "銀行")
	switch {
	case people && !bodies:
		return entity.Person
	case bodies && !people:
		return entity.Organisation
	}
	return entity.UnknownKind
}

func take(d *draft.Draft, line int, cells map[field]string) {
	for _, f := range []struct {
		field field
		name  entity.Name
	}{{english, entity.Name{Kind: entity.Primary}}, {japaneseName, entity.Name{Kind: entity.Original, Language: "ja"}}, {alias, entity.Name{Kind: entity.Alias}},
		{weakAlias, entity.Name{Kind: entity.Alias, Weak: true}}, {former, entity.Name{Kind: entity.Former}}} {
		for _, s := range values(cells[f.field]) {
			for _, s := range strings.FieldsFunc(s, func(r rune) bool { return r == ';' || r == '；' }) {
				n := f.name
				if n.Full = aka.ReplaceAllString(draft.Squeeze(s), ""); f.field == english && len(d.Names) > 0 && d.Names[0].Kind == entity.Primary {
					n.Kind = entity.Alias
				}
				d.Name(draft.Script(n))
			}
		}
	}
	for _, s := range values(cells[titles]) {
		d.Position(s)
	}
	for _, s := range values(cells[position]) {
		d.Position(s)
	}
	for _, s := range values(cells[birth]) {
		born, bad := dates(s)
		for _, b := range born {
			d.Born(b)
			if d.Kind == entity.UnknownKind {
				d.Kind = entity.Person
			}
		}
		for _, b := range bad {
			d.Note(line, "生年月日", "%s", b)
		}
	}
	for _, s := range values(cells[birthPlace]) {
		d.BornAt(s)
	}
	for _, s := range values(cells[nationality]) {
		d.Nationality(line, "国籍", country(s))
	}
	for _, s := range values(cells[address]) {
		d.Place(line, entity.Place{Street: s})
	}
	for _, f := range []struct {
		field  field
		called string
	}{{passport, "passport"}, {idNumber, "national id"}} {
		for _, s := range values(cells[f.field]) {
			m := aNumber.FindString(norm.NFKC.String(s))
			if m == "" {
				d.Note(line, f.called, "number %q: no number in it", watchlist.Short(s))
				d.Remark(f.called+": ", s)
				continue
			}
			d.Identifier(line, f.called, entity.Identifier{Type: f.called, Number: m, Doubtful: strings.Contains(s, "偽造") || strings.Contains(s, "盗難") || strings.Contains(s, "虚偽")})
			if m != draft.Squeeze(s) {
				d.Remark(f.called+": ", s)
			}
		}
	}
	d.Identifier(line, "国連参照番号", entity.Identifier{Type: "un reference", Number: cells[unReference]})
	for _, f := range []struct {
		field field
		name  string
	}{{unListed, "国連制裁委員会による指定日"}, {noticed, noticeDate}} {
		// The first day of a notice is the one from which the freeze holds in Japan; revisions follow.
		for _, s := range values(cells[f.field]) {
			days, _ := dates(s)
			if len(days) == 0 || !days[0].IsExact() {
				d.Note(line, f.name, "%q: want a day such as 2022年3月1日", watchlist.Short(s))
				continue
			}
			if f.field == unListed {
				d.Remark("designated by the United Nations: ", days[0].String())
			} else if on := days[0].From; d.Listed.IsZero() || on.Compare(d.Listed) < 0 {
				d.Listed = on
			} else if on.Compare(d.Listed) > 0 && on.Compare(d.Amended) > 0 {
				d.Amended = on
			}
		}
	}
	d.Basis(cells[notice])
	for _, s := range values(cells[contact]) {
		d.Contact(s)
	}
	d.Remark("", cells[basis])
	d.Remark("", cells[remark])
}

var (
	// "(a)", "（ａ）", "(ii)": NFKC has made one width of them.
	letters = regexp.MustCompile(`\((?:[a-z]|[ivx]{1,4})\)`)
	aka     = regexp.MustCompile(`(?i)^(?:a\.?k\.?a\.?|f\.?k\.?a\.?)[ :]+`)
	aNumber = regexp.MustCompile(`[A-Z]{0,5}[- ]?[0-9][0-9A-Z]*(?:[-/.][0-9A-Z]+)*`)
)

// values parts a cell: one a line, or lettered.
func values(cell string) []string {
	var out []string
	for line := range strings.SplitSeq(cell, "\n") {
		line = strings.NewReplacer("（", "(", "）", ")").Replace(line)
		for _, v := range letters.Split(narrow(line), -1) {
			if v = strings.Trim(draft.Squeeze(v), " ,、;"); v != "" && v != "不明" && !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	return out
}

// narrow writes the wide Latin letters of Japanese texts as ordinary ones.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, s)
}
