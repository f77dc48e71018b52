package ofac

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"sallyport/watchlist"
)

// fullSize writes an advanced document of about 120 MB with 18,000 parties of more than two
// names each, made by turns of the fixture's person.
func fullSize(w io.Writer, fixture string) error {
	head, rest, _ := strings.Cut(fixture, "<DistinctParties>")
	first, _, _ := strings.Cut(rest, `<DistinctParty FixedRef="90001">`)
	const parties = 18000
	first = strings.ReplaceAll(first, "><", ">\n          <") // as OFAC indents
	out := bufio.NewWriter(w)
	fmt.Fprint(out, head, "<DistinctParties>\n")
	for i := range parties {
		id := fmt.Sprint(100000 + i)
		fmt.Fprint(out, strings.NewReplacer(`FixedRef="90003"`, `FixedRef="`+id+`"`, `"190003"`, `"`+id+`"`, "Ivan", "Ivan"+id).Replace(first))
	}
	fmt.Fprint(out, "</DistinctParties>\n<ProfileRelationships/>\n<SanctionsEntries>\n")
	for i := range parties {
		fmt.Fprintf(out, `<SanctionsEntry ID="%d" ProfileID="%d" ListID="1550"><EntryEvent ID="1" EntryEventTypeID="1" LegalBasisID="1900"><Date><Year>2022</Year><Month>2</Month><Day>24</Day></Date></EntryEvent><SanctionsMeasure ID="2" SanctionsTypeID="1"><Comment>CYBER2</Comment></SanctionsMeasure></SanctionsEntry>`+"\n", i, 100000+i)
	}
	fmt.Fprint(out, "</SanctionsEntries>\n</Sanctions>\n")
	return out.Flush()
}

// BenchmarkAdvanced reads a document of full size from disk, hash included. The greatest
// memory of the process is given too; run it alone for that.
func BenchmarkAdvanced(b *testing.B) {
	path := b.TempDir() + "/sdn_advanced.xml"
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	if err := fullSize(f, advancedFixture(b)); err != nil {
		b.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	f.Close()
	opened, err := watchlist.OpenFile(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	for b.Loop() {
		e, err := Advanced().Parse([]watchlist.File{opened}, time.Time{})
		if err != nil || len(e.Entities) != 18000 {
			b.Fatal(err)
		}
	}
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err == nil {
		b.ReportMetric(float64(u.Maxrss)/1024, "peak-MB") // Linux counts in KiB
	}
}
