package starter

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"sallyport/entity"
	"sallyport/watchlist"
)

// Copies of OFAC's files lie beside the project and are no part of it.
const data = "../../../shared/data"

func open(t *testing.T, path string) []byte {
	t.Helper()
	path = filepath.Join(data, path)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("SKIPPED: %s is not here, so the starter is not compared with OFAC's own files", path)
	}
	f, err := watchlist.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return f.Data
}

// A sighting is what the dated copies of sdn.csv say of an id.
type sighting struct {
	name  string
	first time.Time // the copy it is first in; zero for the oldest copy
	gone  time.Time // the copy it is no longer in
	rows  map[string]int
}

// sightings replays the copies of 2021-08-18 to 2024-05-03.
func sightings(t *testing.T) (oldest, newest time.Time, seen map[string]*sighting) {
	t.Helper()
	seen = map[string]*sighting{}
	row := func(line string) *sighting {
		r := csv.NewReader(strings.NewReader(line))
		r.LazyQuotes, r.FieldsPerRecord = true, -1
		f, err := r.Read()
		if err != nil || len(f) < 12 || !isNumber(f[0]) {
			return nil
		}
		s := seen[f[0]]
		if s == nil {
			s = &sighting{rows: map[string]int{}}
			seen[f[0]] = s
		}
		s.name = f[1]
		return s
	}
	for line := range strings.Lines(string(open(t, "ofac-sdn-timeline/sdn_base_2021-08-18.csv.xz"))) {
		line = strings.TrimRight(line, "\r\n")
		if s := row(line); s != nil {
			s.rows[line]++
		}
	}
	touched := map[*sighting]bool{}
	settle := func() {
		for s := range touched {
			n := 0
			for _, k := range s.rows {
				n += k
			}
			s.gone = time.Time{}
			if n == 0 {
				s.gone = newest
			}
		}
		clear(touched)
	}
	sc := bufio.NewScanner(bytes.NewReader(open(t, "ofac-sdn-timeline/deltas.txt.xz")))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		line := sc.Text()
		if strings.HasPrefix(line, "@ ") {
			settle()
			at, err := time.Parse(time.RFC3339, strings.Fields(line)[2])
			if err != nil {
				t.Fatal(err)
			}
			newest = at.UTC()
			if oldest.IsZero() {
				oldest = newest
			}
			continue
		}
		known := len(seen)
		s := row(line[1:])
		if s == nil {
			continue
		}
		if len(seen) > known {
			s.first = newest
		}
		switch line[0] {
		case '+':
			s.rows[line[1:]]++
		case '-':
			s.rows[line[1:]]--
		}
		touched[s] = true
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	settle()
	return oldest, newest, seen
}

// words is a name without order, case and punctuation: "PUTIN, Vladimir
// Vladimirovich" and "Vladimir Vladimirovich Putin" have the same.
func words(name string) string {
	name = strings.ReplaceAll(name, "'", "")
	w := strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	slices.Sort(w)
	return strings.Join(w, " ")
}

// Ids, names and days of the starter are those of OFAC's own files. An action of
// the evening in Washington is in a copy of the next day in UTC, a copy was made
// every six hours at most, and none on some weekends: hence the two days.
func TestAgainstOFAC(t *testing.T) {
	oldest, newest, seen := sightings(t)
	names := map[string]string{} // of November 2025
	dec := json.NewDecoder(bytes.NewReader(open(t, "ofac/sdn_entities_names_2025-11-26.jsonl.xz")))
	for {
		var e struct {
			ID    int `json:"entity_id"`
			Names []struct {
				Full    string `json:"full_name"`
				Primary bool   `json:"is_primary"`
			} `json:"names"`
		}
		if err := dec.Decode(&e); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for _, n := range e.Names {
			if n.Primary {
				names[fmt.Sprint(e.ID)] = n.Full
			}
		}
	}
	var late entity.Day // the day of the file of names
	if err := late.UnmarshalText([]byte("2025-11-26")); err != nil {
		t.Fatal(err)
	}

	const slack = 2 * 24 * time.Hour
	dated, named := 0, 0
	for _, d := range all(t) {
		if d.IDUnverified {
			continue
		}
		ours := d.Names[0].Full
		if theirs, ok := names[d.ID]; ok {
			named++
			if words(theirs) != words(ours) {
				t.Errorf("%s: %q here, %q in November 2025", d.ID, ours, theirs)
			}
		}
		if _, there := names[d.ID]; there != inForce(late, d.Listed, d.Removed) {
			t.Errorf("%s %s: on the list in November 2025 is %t; listed %s, removed %q", d.ID, ours, there, d.Listed, d.Removed)
		}
		s := seen[d.ID]
		if s == nil {
			if d.Listed.Time().Before(newest.Add(-slack)) {
				t.Errorf("%s %s: listed on %s, and in no copy to %s", d.ID, ours, d.Listed, newest)
			}
			continue
		}
		named++
		if words(s.name) != words(ours) {
			t.Errorf("%s: %q here, %q in the copies", d.ID, ours, s.name)
		}
		if s.first.IsZero() {
			if d.Listed.Time().After(oldest) {
				t.Errorf("%s %s: listed on %s, and in the copy of %s", d.ID, ours, d.Listed, oldest)
			}
		} else {
			dated++
			if late := s.first.Sub(d.Listed.Time()); late < 0 || late > slack {
				t.Errorf("%s %s: listed on %s, first in the copy of %s", d.ID, ours, d.Listed, s.first)
			}
		}
		if removed := !d.Removed.IsZero() && d.Removed.Time().Before(newest); removed != !s.gone.IsZero() {
			t.Errorf("%s %s: removed on %q, gone from the copy of %s", d.ID, ours, d.Removed, s.gone)
		} else if removed && (s.gone.Before(d.Removed.Time()) || s.gone.Sub(d.Removed.Time()) > slack) {
			t.Errorf("%s %s: removed on %s, gone from the copy of %s", d.ID, ours, d.Removed, s.gone)
		}
	}
	if dated < 60 || named < 200 {
		t.Errorf("compared %d days and %d names: too few to mean anything", dated, named)
	}
}

// Each wallet is in OFAC's files under the same ticker, letter for letter where a
// copy that keeps the case has it, and belongs to the same entry where a copy
// that knows the entry has it.
func TestWalletsAgainstOFAC(t *testing.T) {
	keep := map[string]bool{} // "XBT 12QtD5…", of 2021 to 2024-09
	for _, r := range table(t, "wallets/ofac_wallet_timeline.csv") {
		keep[r["currency"]+" "+r["address"]] = true
	}
	owner := map[string][]string{} // lower-cased, of 2025 and 2026
	for _, r := range table(t, "wallets/ofac_wallet_events_2025_2026.csv.xz") {
		k := r["ticker"] + " " + r["address_lowercased"]
		owner[k] = append(owner[k], r["entity_uid"])
	}
	cutoff := entity.Day{Year: 2024, Month: time.September, Day: 26}
	exact, owned := 0, 0
	for _, d := range all(t) {
		for _, w := range d.Wallets {
			for _, a := range w.Addresses {
				key := w.Ticker + " " + a
				if w.Listed.Compare(cutoff) <= 0 {
					exact++
					if !keep[key] {
						t.Errorf("%s: %s listed on %s is not in the copies to September 2024", d.ID, key, w.Listed)
					}
				}
				if d.ID == "38499" { // gone before that copy begins; its successor has the addresses
					continue
				}
				owned++
				if !slices.Contains(owner[w.Ticker+" "+strings.ToLower(a)], d.ID) {
					t.Errorf("%s: %s belongs to %v in the copies of 2025 and 2026", d.ID, key, owner[w.Ticker+" "+strings.ToLower(a)])
				}
			}
		}
	}
	if exact < 400 || owned < 450 {
		t.Errorf("compared %d and %d wallets: too few to mean anything", exact, owned)
	}
}

func table(t *testing.T, path string) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(open(t, path))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = r[i]
		}
		out = append(out, m)
	}
	return out
}
