package ofac

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/watchlist"
)

const dataDir = "../../../shared/data/"

// realFile reads a file of the real data, or skips the test where it is absent.
func realFile(t testing.TB, name string) []byte {
	t.Helper()
	path := filepath.Join(dataDir, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("REAL DATA ABSENT, TEST SKIPPED: %s: %v", path, err)
	}
	f, err := watchlist.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return f.Data
}

// A publication is one line of timeline.csv.
type publication struct {
	utc                        time.Time
	commit, sha256             string
	entries, added, gone, dca  int
	rowsAdded, rowsGone, bytes int
}

func timeline(t testing.TB) []publication {
	rows, err := csv.NewReader(bytes.NewReader(realFile(t, "ofac-sdn-timeline/timeline.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []publication
	for _, r := range rows[1:] {
		n := func(i int) int {
			v, err := strconv.Atoi(r[i])
			if err != nil {
				t.Fatalf("timeline.csv: %q: %v", r, err)
			}
			return v
		}
		utc, err := time.Parse(time.RFC3339, r[0])
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, publication{utc: utc, commit: r[1], bytes: n(2), sha256: r[3],
			entries: n(4), added: n(5), gone: n(6), rowsAdded: n(7), rowsGone: n(8), dca: n(9)})
	}
	return out
}

// TestTimeline takes up every publication of sdn.csv from 2021-08-18 to 2024-05-03,
// rebuilt from the first copy and the rows that each added and removed, and then
// the empty file of 2024-05-04: each is offered to a Store, as `sallyport lists
// import` does, and the empty one must leave it as it was to the byte. It counts as
// timeline.csv counts:
//
//   - entries, new and delisted ids exactly, so nobody is delisted who was not;
//   - the mentions of a digital currency address. Its unit is a mention in the
//     text; ours is an address that can be used. A mention that the cut at 1,000
//     characters went through is no wallet and stands in Skipped instead: wallets
//     and cut mentions together are the mentions.
//
// Where the folder has a byte-exact copy of a publication, its hash must be the
// one of timeline.csv and the rebuilt edition must say the same as the copy.
// The default policy must let each of the 308 in.
func TestTimeline(t *testing.T) {
	pubs := timeline(t)
	rows := map[string]string{} // id → row
	apply := func(op byte, row string) {
		id, _, _ := strings.Cut(row, ",")
		switch op {
		case '+':
			rows[id] = row
		case '-':
			if rows[id] == row { // a changed row is removed and added in either order
				delete(rows, id)
			}
		}
	}
	for _, row := range strings.Split(string(realFile(t, "ofac-sdn-timeline/sdn_base_2021-08-18.csv.xz")), "\r\n") {
		if row != "" && row != endMark {
			apply('+', row)
		}
	}
	rebuilt := func() []byte {
		ids := make([]string, 0, len(rows))
		for id := range rows {
			ids = append(ids, id)
		}
		sort.Slice(ids, func(i, j int) bool { return watchlist.CompareIDs(ids[i], ids[j]) < 0 })
		var b bytes.Buffer
		for _, id := range ids {
			b.WriteString(rows[id])
			b.WriteString("\r\n")
		}
		b.WriteString(endMark)
		return b.Bytes()
	}
	exact := map[string]string{
		"2021-08-18T09": "sdn_base_2021-08-18", "2022-02-24": "sdn_2022-02-24", "2022-02-25": "sdn_2022-02-25",
		"2022-04-08": "sdn_2022-04-08", "2022-08-08": "sdn_2022-08-08", "2024-05-01": "sdn_2024-05-01", "2024-05-03": "sdn_2024-05-03",
	}
	copies := 0

	blocks := strings.Split("\n"+string(realFile(t, "ofac-sdn-timeline/deltas.txt.xz")), "\n@ ")[1:]
	if len(pubs) != 309 || len(blocks) < 308 {
		t.Fatalf("timeline.csv has %d publications and deltas.txt %d, want 309 and at least 308", len(pubs), len(blocks))
	}
	dir := t.TempDir()
	store, err := watchlist.OpenStore(dir, Formats())
	if err != nil {
		t.Fatal(err)
	}
	// The outcome of an offer counts wallets; what else the edition says is looked at here.
	var e *watchlist.Edition
	format := CSV()
	format.Parse = func(files []watchlist.File, published time.Time) (*watchlist.Edition, error) {
		var err error
		e, err = ParseCSV(files, published)
		return e, err
	}
	offer := func(at time.Time, data []byte) watchlist.Outcome {
		out, err := store.Offer(format, []watchlist.File{{Name: "sdn.csv", Data: data}},
			watchlist.Intake{Published: at, At: at, By: "test", MaxLossBP: watchlist.DefaultMaxLossBP})
		if err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		return out
	}
	previous := -1 // the publication taken up before
	for i, pub := range pubs[:308] {
		lines := strings.Split(strings.TrimSuffix(blocks[i], "\n"), "\n")
		if commit, _, _ := strings.Cut(lines[0], " "); commit != pub.commit {
			t.Fatalf("deltas.txt: block %d is of commit %s, want %s", i, commit, pub.commit)
		}
		for _, op := range "-+" {
			for _, line := range lines[1:] {
				if line != "" && rune(line[0]) == op {
					apply(line[0], strings.TrimSuffix(line[1:], "\r"))
				}
			}
		}
		// -short looks at every tenth publication and at both sides of a copy.
		if testing.Short() && i%10 != 0 && i < 300 {
			continue
		}
		out := offer(pub.utc, rebuilt())
		if out.Verdict != watchlist.Accepted {
			t.Fatalf("%s: %s", pub.utc, out)
		}
		if len(e.Entities) != pub.entries {
			t.Errorf("%s: %d entries, want %d", pub.utc, len(e.Entities), pub.entries)
		}
		if got := e.Wallets() + cutWallets(e); got != pub.dca {
			t.Errorf("%s: %d wallets and %d cut mentions, want %d mentions", pub.utc, e.Wallets(), cutWallets(e), pub.dca)
		}
		if d := out.Delta; i > 0 && previous == i-1 && (len(d.Added) != pub.added || len(d.Removed) != pub.gone) {
			t.Errorf("%s: %d added and %d removed, want %d and %d", pub.utc, len(d.Added), len(d.Removed), pub.added, pub.gone)
		}
		if d := out.Delta; previous >= 0 && len(d.Added)-len(d.Removed) != pub.entries-pubs[previous].entries {
			t.Errorf("%s: %d added and %d removed, want %d more than in the edition before", pub.utc, len(d.Added), len(d.Removed), pub.entries-pubs[previous].entries)
		}
		previous = i
		for prefix, name := range exact {
			if !strings.HasPrefix(pub.utc.Format("2006-01-02T15"), prefix) {
				continue
			}
			whole, err := ParseCSV([]watchlist.File{{Name: "sdn.csv", Data: realFile(t, "ofac-sdn-timeline/"+name+".csv.xz")}}, pub.utc)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if whole.SHA256 != pub.sha256 {
				continue // another publication of the same day
			}
			copies++
			if d := watchlist.Diff(whole, e); !d.Empty() {
				t.Errorf("%s: rebuilt edition differs from the copy: %d added, %d changed, %d removed", name, len(d.Added), len(d.Changed), len(d.Removed))
			}
		}
		// The store keeps every edition; all of these are more than a test may leave on
		// a disk. No later offer reads them.
		if f, err := store.InForce(List); err != nil || f.SHA256 != out.Meta.SHA256 {
			t.Fatalf("%s: in force is %.12s, %v; want %.12s", pub.utc, f.SHA256, err, out.Meta.SHA256)
		} else if f.Previous != "" {
			if err := os.RemoveAll(filepath.Join(dir, List, "editions", f.Previous)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !testing.Short() && copies != len(exact) {
		t.Errorf("%d byte-exact copies met the hash of their publication, want %d", copies, len(exact))
	}
	if pubs[308].bytes != 0 {
		t.Fatalf("the last publication has %d bytes, want the empty one", pubs[308].bytes)
	}

	before := sums(t, dir)
	if out := offer(pubs[308].utc, nil); out.Verdict != watchlist.Refused || out.Reason != watchlist.Empty {
		t.Errorf("%s, no byte: %s; want refused as empty", pubs[308].utc, out)
	}
	if after := sums(t, dir); after != before {
		t.Errorf("the empty publication changed the store:\n%s\nwas\n%s", after, before)
	}
	// Another process finds the last edition in force, whole.
	again, err := watchlist.OpenStore(dir, Formats())
	if err != nil {
		t.Fatal(err)
	}
	if last, err := again.Current(List); err != nil || len(last.Entities) != pubs[307].entries || !last.Published.Equal(pubs[307].utc) {
		t.Errorf("in force after the empty publication: %v; want that of %s with %d entries", err, pubs[307].utc, pubs[307].entries)
	}
}

// sums tells of every file under dir its hash.
func sums(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(data), path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// cutWallets counts the mentions of a digital currency address that the cut at
// 1,000 characters went through.
func cutWallets(e *watchlist.Edition) int {
	n := 0
	for _, p := range e.Skipped {
		if p.Field == "remarks" && strings.Contains(p.Text, "Digital Currency Address") {
			n++
		}
	}
	return n
}
