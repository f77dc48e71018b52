package eu

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/watchlist"
	"sallyport/watchlist/listtest"
)

// many is a document with the fixture's entries n times, each with another id.
func many(b *testing.B, n int, head, foot, body, first, second string) []byte {
	var s strings.Builder
	s.WriteString(head)
	for i := range n {
		s.WriteString(strings.NewReplacer(first, fmt.Sprint(1_000_000+2*i), second, fmt.Sprint(1_000_001+2*i)).Replace(body))
	}
	s.WriteString(foot)
	b.SetBytes(int64(s.Len()))
	return []byte(s.String())
}

// Six thousand entries are what the list has in 2026.
func BenchmarkXML(b *testing.B) {
	doc := string(listtest.Fixture(b, "full.xml"))
	from, to := strings.Index(doc, "<sanctionEntity"), strings.Index(doc, "</export>")
	run(b, XML(), many(b, 3000, doc[:from], doc[to:], doc[from:to], "900001", "900002"))
}

func BenchmarkCSV(b *testing.B) {
	doc := string(listtest.Fixture(b, "full.csv"))
	from := strings.Index(doc, "\n") + 1
	run(b, CSV(), many(b, 3000, doc[:from], "", doc[from:], "900001", "900002"))
}

func run(b *testing.B, f watchlist.Format, doc []byte) {
	for b.Loop() {
		if e, err := listtest.Parse(f, doc); err != nil || len(e.Entities) != 6000 {
			b.Fatal(err)
		}
	}
}
