package listxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"sallyport/internal/fuzzing"
	"sallyport/watchlist"
)

// scanned writes the tokens one a line, texts side by side as one.
func scanned(in io.Reader) (string, error) {
	s, err := Scan(in)
	if err != nil {
		return "", err
	}
	var out, text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			fmt.Fprintf(&out, "%q\n", text.String())
			text.Reset()
		}
	}
	for {
		t, err := s.Next()
		if err == io.EOF {
			return out.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch t.Kind {
		case Start:
			flush()
			fmt.Fprintf(&out, "<%s", t.Name)
			for _, a := range t.Attrs {
				fmt.Fprintf(&out, " %s=%q", a.Name, a.Value)
			}
			out.WriteString("\n")
		case End:
			flush()
			fmt.Fprintf(&out, "</%s\n", t.Name)
		case Text:
			text.Write(t.Text)
		}
	}
}

// oracle does the same with encoding/xml.
func oracle(doc string) (string, error) {
	d := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(doc, "\ufeff")))
	var out, text strings.Builder
	depth := 0
	flush := func() {
		if text.Len() > 0 {
			fmt.Fprintf(&out, "%q\n", text.String())
			text.Reset()
		}
	}
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return out.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			flush()
			depth++
			fmt.Fprintf(&out, "<%s", t.Name.Local)
			for _, a := range t.Attr {
				fmt.Fprintf(&out, " %s=%q", a.Name.Local, a.Value)
			}
			out.WriteString("\n")
		case xml.EndElement:
			flush()
			depth--
			fmt.Fprintf(&out, "</%s\n", t.Name.Local)
		case xml.CharData:
			if depth > 0 {
				text.Write(t)
			}
		}
	}
}

var scanSeeds = []string{
	"<a/>", "\ufeff<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<a x='1' y=\"a&amp;b>c\">t&#65;&#x41;\r\nu<b/><![CDATA[<&]]></a>\n",
	"<p:a xmlns:p='u' p:x='1'><!-- c --><p:b >x</p:b ></p:a>", "<a>&lt;&gt;&quot;&apos;</a>",
	"<a><b></a></b>", "<a>]]></a>", "<a x='<'/>", "<a>\x01</a>", "<a>\xff</a>", "<a", "<a>", "<!DOCTYPE a><a/>", "<a/><b/>", "x", "",
}

func TestScanReadsAsEncodingXML(t *testing.T) {
	read := 0
	for _, doc := range scanSeeds {
		got, err := scanned(iotest.OneByteReader(strings.NewReader(doc)))
		whole, err2 := scanned(strings.NewReader(doc))
		if got != whole || (err == nil) != (err2 == nil) {
			t.Errorf("%q: read byte by byte %q, %v; at once %q, %v", doc, got, err, whole, err2)
		}
		if err != nil {
			continue
		}
		read++
		if want, err := oracle(doc); err != nil || got != want {
			t.Errorf("%q: scanned\n%sencoding/xml reads\n%s%v", doc, got, want, err)
		}
	}
	if read != 4 {
		t.Errorf("%d documents were read, want the first 4", read)
	}
}

func TestScanRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		doc, want string
		is        error
	}{
		"nothing":            {" \n", "", watchlist.ErrEmpty},
		"cut in a tag":       {"<a>\n<b", "line 2", watchlist.ErrTruncated},
		"cut in a text":      {"<a>b", "breaks off", watchlist.ErrTruncated},
		"cut in a character": {"<a>\xd0", "breaks off", watchlist.ErrTruncated},
		"UTF-16":             {"\xff\xfe<\x00a\x00", "UTF-16", nil},
		"Latin-1 by name":    {"<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "ISO-8859-1", nil},
		"Latin-1 by bytes":   {"<a>\n\xe9</a>", "0xE9: not UTF-8", nil},
		"a document type":    {"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "document type", nil},
		"their own entity":   {"<a>\n\n&b;</a>", "&b;", nil},
		"nested for ever":    {strings.Repeat("<a>", MaxDepth+1), "nested deeper", nil},
		"a text for ever":    {"<a>" + strings.Repeat("x", MaxText+1) + "</a>", "longer than any", nil},
		"a tag for ever":     {"<a b='" + strings.Repeat("x", maxTag+1) + "'/>", "longer than any", nil},
		"attributes forever": {"<a" + strings.Repeat(" b:c='d'", MaxAttributes+1) + "/>", "more than 64 attributes", nil},
		"an attribute twice": {"<a b='1' b='2'/>", "twice", nil},
		"the wrong end":      {"<a><b></a>", "<b> is open", nil},
		"two roots":          {"<a/><b/>", "second root", nil},
		"text after it":      {"<a/>x", "outside", nil},
		"a control":          {"<a>\x00</a>", "U+0000", nil},
		"&#0;":               {"<a>&#0;</a>", "&#0;", nil},
	} {
		_, err := scanned(strings.NewReader(c.doc))
		if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) || c.is == nil && errors.Is(err, watchlist.ErrTruncated) {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.want)
		}
	}
}

func FuzzScan(f *testing.F) {
	fuzzing.Bound(f)
	for _, doc := range scanSeeds {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		got, err := scanned(bytes.NewReader(doc))
		if err != nil {
			return
		}
		want, err := oracle(string(doc))
		if err != nil {
			t.Fatalf("%q was read, and encoding/xml says %v", doc, err)
		}
		if got != want {
			t.Fatalf("%q: scanned\n%sencoding/xml reads\n%s", doc, got, want)
		}
	})
}
