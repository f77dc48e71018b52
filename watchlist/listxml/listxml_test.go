package listxml

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"sallyport/watchlist"
)

// read reads a whole document as a list's reader does: the root's attribute, then each entry.
func read(document string) (root string, lines []int, err error) {
	r, err := NewReader([]byte(document))
	if err != nil {
		return "", nil, err
	}
	for {
		tok, err := r.Token()
		if err == io.EOF {
			return root, lines, nil
		}
		if err != nil {
			return root, lines, r.Fail(err)
		}
		start, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		if r.Depth() == 1 {
			root = start.Attr[0].Value
			continue
		}
		var entry struct {
			Line int `xml:"line,attr"`
		}
		if err := r.DecodeElement(&entry, &start); err != nil {
			return root, lines, r.Fail(err)
		}
		lines = append(lines, entry.Line)
	}
}

func TestReader(t *testing.T) {
	root, lines, err := read("<list at=\"today\">\n<entry line=\"99\"/>\n\n<entry><deep>text</deep></entry></list>")
	if err != nil || root != "today" || len(lines) != 2 || lines[0] != 2 || lines[1] != 4 {
		t.Fatalf("root %q, entries on lines %v, %v; want today, 2 and 4", root, lines, err)
	}
}

func TestReaderStops(t *testing.T) {
	deep := strings.Repeat("<e>", MaxDepth-1)
	for name, c := range map[string]struct {
		document, want string
		is             error
	}{
		"nothing":               {" \n", "", watchlist.ErrEmpty},
		"a document type":       {"<!DOCTYPE list [<!ENTITY a \"aaaa\">]><list at=\"x\"/>", "line 1: a document type declaration", nil},
		"nesting too deep":      {"<list at=\"x\">\n" + deep + "<e>", "line 2: elements nested deeper than 16", nil},
		"an endless text":       {"<list at=\"x\"><e>" + strings.Repeat("x", MaxText+1) + "</e></list>", "longer than any", nil},
		"breaking off":          {"<list at=\"x\">\n<e>text", "line 2", watchlist.ErrTruncated},
		"breaking off in a tag": {"<list at=\"x\">\n<e", "line 2", watchlist.ErrTruncated},
		"no XML in the middle":  {"<list at=\"x\">\n<e></f></list>", "line 2", nil},
	} {
		_, _, err := read(c.document)
		if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) || c.is == nil && errors.Is(err, watchlist.ErrTruncated) {
			t.Errorf("%s: %v; want %q, %v", name, err, c.want, c.is)
		}
	}
	if _, _, err := read("<list at=\"x\">" + deep + strings.Repeat("</e>", MaxDepth-1) + "</list>"); err != nil {
		t.Errorf("as deep as may be: %v", err)
	}
	if _, lines, err := read("<list at=\"x\">" + strings.Repeat("<e/>", 3*MaxDepth) + "</list>"); err != nil || len(lines) != 3*MaxDepth {
		t.Errorf("many entries side by side: %d read, %v", len(lines), err)
	}
}

// children reads a document of entries <e> in a root <list>, and gives their attributes at.
func children(document string) (at []string, doubts []string, err error) {
	r, err := NewAttributeReader([]byte(document))
	if err != nil {
		return nil, nil, err
	}
	doubts, err = r.Children("list",
		func(start xml.StartElement) error {
			if Attribute(start, "at") == "" {
				return errors.New("no date")
			}
			return nil
		},
		func(start *xml.StartElement, line int) (bool, error) {
			if start.Name.Local != "e" {
				return false, nil
			}
			var entry struct {
				Line int    `xml:"line,attr"`
				At   string `xml:"at,attr"`
				Deep string `xml:"deep"`
			}
			if err := r.DecodeElement(&entry, start); err != nil {
				return true, r.Fail(err)
			}
			if entry.Line != line {
				return true, errors.New("another line")
			}
			at = append(at, entry.At+entry.Deep)
			return true, nil
		})
	return at, doubts, err
}

func TestChildren(t *testing.T) {
	at, doubts, err := children("<list at=\"today\">\n<e at=\"a\" line=\"99\"><deep>!</deep></e>\n<other><e at=\"no\"/></other><e at=\"b\"/></list>")
	if err != nil || strings.Join(at, " ") != "a! b" || len(doubts) != 1 || !strings.Contains(doubts[0], "line 3: element <other>") {
		t.Fatalf("entries %q, doubts %q, %v", at, doubts, err)
	}
	for name, c := range map[string]struct {
		document, want string
		is             error
	}{
		"another root":          {"<lost at=\"x\"/>", "want <list>", nil},
		"what begin refuses":    {"<list/>", "line 1: no date", nil},
		"a second root":         {"<list at=\"x\"/><e/>", "after the end", nil},
		"an entry breaking off": {"<list at=\"x\"><e at=\"a\">", "line 1", watchlist.ErrTruncated},
		"no end":                {"<list at=\"x\"><e at=\"a\"/>", "", watchlist.ErrTruncated},
		"no element":            {"text", "", nil},
		"an endless attribute":  {"<list at=\"x\"><e at=\"" + strings.Repeat("x", MaxText+1) + "\"/></list>", "an attribute of", nil},
		"attributes for ever":   {"<list at=\"x\"><e" + strings.Repeat(" a=\"\"", MaxAttributes+1) + "/></list>", "attributes in one element", nil},
	} {
		_, _, err := children(c.document)
		if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v; want %q, %v", name, err, c.want, c.is)
		}
	}
	if _, doubts, err := children("<list at=\"x\">" + strings.Repeat("<o/>", 3*maxDoubts) + "</list>"); err != nil || len(doubts) != maxDoubts {
		t.Errorf("%d doubts, %v; want %d", len(doubts), err, maxDoubts)
	}
}

// What an element has in it that the type has no field for is told once a kind, with its first
// line and how many there are; what is empty says nothing.
func TestUnread(t *testing.T) {
	type inner struct {
		At  string `xml:"at,attr"`
		Has string `xml:",chardata"`
	}
	var entry struct {
		Line  int      `xml:"line,attr"`
		ID    string   `xml:"id,attr"`
		Deep  []string `xml:"a>b"`
		Inner *inner   `xml:"inner"`
		Kept  struct {
			XML string `xml:",innerxml"`
		} `xml:"kept"`
		Any struct {
			All []inner `xml:",any"`
		} `xml:"any"`
	}
	doc := `<list xmlns:x="y">
<e id="1" more="m" x:y="z"><a><b>1</b><c>not</c></a><inner at="2" by="3">4<odd/></inner></e>
<e><a><c>neither</c></a><kept><k>5</k></kept><any><p at="6" by="7">8</p></any><empty/><id>seq</id>
<f><g h="9"/><g>10</g></f></e>
</list>`
	for attributes, want := range map[bool]string{
		true: `f: line 2: e>a>c: "not": not read, nor are 1 more of it
f: line 2: e>inner@by: "3": not read
f: line 2: e@more: "m": not read
f: line 2: e@y: "z": not read
f: line 3: e>any>p@by: "7": not read
f: line 4: e>f: "9": not read`,
		// Then the reader says that attributes mean nothing.
		false: `f: line 2: e>a>c: "not": not read, nor are 1 more of it
f: line 4: e>f: "10": not read`,
	} {
		r, err := NewReader([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		r.guard.attributes = attributes
		if _, err := r.Children("list", func(xml.StartElement) error { return nil }, func(start *xml.StartElement, line int) (bool, error) {
			return true, r.DecodeElement(&entry, start)
		}); err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, p := range r.Unread("f", "id") {
			told = append(told, p.String())
		}
		if got := strings.Join(told, "\n"); got != want {
			t.Errorf("attributes %t:\n%s\nwant\n%s", attributes, got, want)
		}
	}
}
