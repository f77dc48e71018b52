package match

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ulikunitz/xz"

	"sallyport/entity"
	"sallyport/names"
)

var (
	rosterCustomers = flag.Int("roster-customers", 1_000_000, "made-up customers of BenchmarkRoster; 40 million need 10 GB of disk, 4 GB of memory and half an hour")
	rosterDir       = flag.String("roster-dir", "", "folder that keeps BenchmarkRoster's customers from one run to the next")
)

// A world is where made-up customers come from: for each culture first, middle and
// family names, the commonest first. Some people's family names are syllables of
// their culture, so that the vocabulary grows with the customers as it does in life.
type world struct {
	cultures []*culture
	source   string
}

type culture struct {
	first, middle, family []string
	syllables             []string
	weight                int
}

func readWorld(tb testing.TB) *world {
	tb.Helper()
	pools := filepath.Join("..", "internal", "population", "pools.txt")
	b, err := os.ReadFile(pools)
	if err != nil {
		tb.Fatal(err)
	}
	w := &world{source: "pools.txt"}
	var c *culture
	for line := range strings.Lines(string(b)) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		switch words[0] {
		case "culture":
			c = &culture{weight: 1}
			w.cultures = append(w.cultures, c)
		case "male", "female", "family":
			for _, written := range words[1:] {
				latin, _, _ := strings.Cut(strings.ReplaceAll(written, "_", " "), ":")
				latin, _, _ = strings.Cut(latin, "=")
				if words[0] == "family" {
					c.family = append(c.family, latin)
				} else {
					c.first = append(c.first, latin)
				}
			}
		}
	}
	folder := filepath.Join("..", "..", "shared", "data", "names")
	if file := unpacked(tb, filepath.Join(folder, "faker_person_names.json.xz")); file != nil {
		w.source += " and real names by country"
		var all map[string]struct{ First, Middle, Last []string }
		if err := json.Unmarshal(file, &all); err != nil {
			tb.Fatal(err)
		}
		russian := strings.Fields(string(unpacked(tb, filepath.Join(folder, "ru_surnames_male.txt.xz"))))
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(russian), func(i, j int) { russian[i], russian[j] = russian[j], russian[i] })
		for _, code := range slices.Sorted(func(yield func(string) bool) {
			for code := range all {
				if !yield(code) {
					return
				}
			}
		}) {
			of := all[code]
			c := &culture{first: of.First, middle: of.Middle, family: of.Last, weight: 1 + (len(of.First)+len(of.Last))/200}
			if code == "ru" {
				c.family, c.weight = append(c.family, russian...), 20
			}
			w.cultures = append(w.cultures, c)
		}
	} else {
		tb.Logf("REAL DATA ABSENT: %s; the customers' names are those of %s alone", folder, pools)
	}
	w.cultures = slices.DeleteFunc(w.cultures, func(c *culture) bool { return len(c.first) == 0 || len(c.family) == 0 })
	for _, c := range w.cultures {
		byFrequency(c.first)
		byFrequency(c.family)
		for _, f := range c.family[:min(len(c.family), 300)] {
			r := []rune(strings.ToLower(f))
			for i := 0; i+3 <= len(r) && r[i] < 0x2000; i += 3 {
				c.syllables = append(c.syllables, string(r[i:i+3]))
			}
		}
	}
	return w
}

// byFrequency brings those to the front that are common, as package names knows them.
func byFrequency(written []string) {
	often := make(map[string]names.Frequency)
	for _, n := range written {
		if read := names.Person(names.Parts{Full: n}); len(read.Tokens) > 0 {
			often[n] = read.Tokens[0].Frequency(false)
		}
	}
	rand.New(rand.NewPCG(3, 4)).Shuffle(len(written), func(i, j int) { written[i], written[j] = written[j], written[i] })
	slices.SortStableFunc(written, func(a, b string) int { return int(often[b]) - int(often[a]) })
}

func unpacked(tb testing.TB, path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	r, err := xz.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// common picks words by Zipf's law as Mandelbrot amended it: the hundredth is a tenth as
// common as the first.
func common(r *rand.Rand, words []string) string {
	const flat = 10
	rank := flat * math.Pow(float64(len(words)+flat)/flat, r.Float64())
	return words[min(len(words)-1, int(rank)-flat)]
}

// customer of a number; the same on every call.
func (w *world) customer(number uint64) entity.Entity {
	r := rand.New(rand.NewPCG(number, 2026))
	c := w.cultures[0]
	total := 0
	for _, c := range w.cultures {
		total += c.weight
	}
	at := r.IntN(total)
	for _, c = range w.cultures {
		if at -= c.weight; at < 0 {
			break
		}
	}
	if r.IntN(50) == 0 {
		return entity.Entity{Kind: entity.Organisation, Names: []entity.Name{{Full: w.familyOf(c, r) + " " + someCommon[r.IntN(len(someCommon))] + " " + someForm[r.IntN(len(someForm))]}}}
	}
	given, family := common(r, c.first), w.familyOf(c, r)
	full := given
	if len(c.middle) > 0 && r.IntN(2) == 0 {
		full += " " + common(r, c.middle)
	} else if r.IntN(5) == 0 {
		full += " " + common(r, c.first)
	}
	e := entity.Entity{Kind: entity.Person, Names: []entity.Name{{Full: full + " " + family, Given: given, Family: family}}}
	e.Birth = []entity.Dates{entity.Exact(entity.Day{Year: 1940 + r.IntN(66), Month: time.Month(1 + r.IntN(12)), Day: 1 + r.IntN(28)})}
	e.Nationalities = []string{someNation[r.IntN(len(someNation))]}
	e.Identifiers = []entity.Identifier{{Type: "passport", Number: strconv.Itoa(100_000_000 + r.IntN(900_000_000))}}
	return e
}

func (w *world) familyOf(c *culture, r *rand.Rand) string {
	if len(c.syllables) == 0 || r.IntN(6) > 0 {
		return common(r, c.family)
	}
	made := ""
	for range 2 + r.IntN(2) {
		made += common(r, c.syllables)
	}
	return made
}

// delta is of 100 entities with 600 names, people mostly, written in several ways.
func (w *world) delta() []entity.Entity {
	m := newMaker(9)
	out := make([]entity.Entity, 100)
	for i := range out {
		e := w.customer(1<<40 + uint64(i))
		e.List, e.ID = "made", fmt.Sprint(i+1)
		words := strings.Fields(e.Names[0].Full)
		reversed := slices.Clone(words)
		slices.Reverse(reversed)
		other := func(n uint64) string {
			for ; ; n += 1000 {
				if o := w.customer(1<<41 + n); o.Kind == e.Kind {
					return o.Names[0].Full
				}
			}
		}
		for _, n := range []string{m.slip(e.Names[0].Full), strings.Join(reversed, " "), words[0] + " " + words[len(words)-1], other(uint64(2 * i)), other(uint64(2*i + 1))} {
			e.Names = append(e.Names, entity.Name{Full: n})
		}
		out[i] = e
	}
	return out
}

// BenchmarkRoster prints what a delta of 100 entities costs against many customers:
//
//	go test -run xxx -bench Roster -benchtime 5x ./match -args -roster-customers 10000000
func BenchmarkRoster(b *testing.B) {
	w := readWorld(b)
	dir := *rosterDir
	if dir == "" {
		dir = b.TempDir()
	}
	r := openRoster(b, dir)
	begun := time.Now()
	built := r.Stats().Customers
	for built < *rosterCustomers {
		batch := make([]Customer, min(500_000, *rosterCustomers-built))
		for i := range batch {
			n := uint64(built + i + 1)
			batch[i] = Customer{n, w.customer(n)}
		}
		put(b, r, batch...)
		built += len(batch)
	}
	filled := time.Since(begun)
	if r.Stats().Segments > 1 {
		compact(b, r)
	}
	if took := time.Since(begun); took > time.Second {
		b.Logf("filled in %v, compacted in %v more", filled.Round(time.Second/10), (took - filled).Round(time.Second/10))
	}
	debug.FreeOSMemory()
	st := r.Stats()
	profile := func(n uint64) (entity.Entity, bool) { return w.customer(n), true }
	screen := func(b *testing.B, list []entity.Entity) {
		names := 0
		for _, e := range list {
			names += len(e.Names)
		}
		var hits []Hit
		before := processorTime()
		for b.Loop() {
			var err error
			if hits, err = r.Screen(list, profile, Options{}); err != nil {
				b.Fatal(err)
			}
		}
		// Other work on the machine lengthens the time of the clock, this not.
		b.ReportMetric((processorTime()-before)/float64(b.N), "cpu-s/op")
		rss, anon := memory()
		b.ReportMetric(float64(st.Bytes)/float64(st.Customers), "mapped-B/customer")
		b.ReportMetric(rss/float64(st.Customers), "resident-B/customer")
		b.ReportMetric(anon/1e6, "MB-heap")
		b.ReportMetric(float64(len(hits)), "hits")
		b.Logf("%d customers (%s), %d words, %.2f GB; %d entities, %d names: %d hits", st.Customers, w.source, st.Words, float64(st.Bytes)/1e9, len(list), names, len(hits))
	}
	b.Run("made-100", func(b *testing.B) { screen(b, w.delta()) })
	b.Run("ofac-600-names", func(b *testing.B) { screen(b, aliased(b)) })
	b.Run("ofac-100", func(b *testing.B) {
		all := realList(b)
		list := make([]entity.Entity, 0, 100)
		for i := 0; len(list) < 100; i += len(all) / 100 {
			list = append(list, all[i])
		}
		screen(b, list)
	})
	runtime.KeepAlive(r)
}

// aliased are 100 people and firms of OFAC's list of February 2022, by even steps through those
// with five to seven names, as of November 2025.
func aliased(b testing.TB) []entity.Entity {
	path := filepath.Join("..", "..", "shared", "data", "ofac", "sdn_entities_names_2025-11-26.jsonl.xz")
	file := unpacked(b, path)
	if file == nil {
		b.Skipf("REAL DATA ABSENT, BENCHMARK SKIPPED: %s", path)
	}
	facts := make(map[string]entity.Entity)
	for _, e := range realList(b) {
		facts[e.ID] = e
	}
	var all []entity.Entity
	for line := range bytes.Lines(file) {
		var of struct {
			ID    int `json:"entity_id"`
			Names []struct {
				Full string `json:"full_name"`
			}
		}
		if err := json.Unmarshal(line, &of); err != nil {
			b.Fatal(err)
		}
		e, known := facts[strconv.Itoa(of.ID)]
		if !known || len(of.Names) < 5 || len(of.Names) > 7 {
			continue
		}
		e.Names = nil
		for _, n := range of.Names {
			e.Names = append(e.Names, entity.Name{Full: n.Full})
		}
		all = append(all, e)
	}
	out := make([]entity.Entity, 100)
	for i := range out {
		out[i] = all[i*len(all)/100]
	}
	return out
}

// memory of this process in bytes as Linux counts it: resident, and the part of it that is
// no file; 0 elsewhere.
func memory() (resident, anonymous float64) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		n, _ := strconv.ParseFloat(f[1], 64)
		switch f[0] {
		case "VmRSS:":
			resident = n * 1024
		case "RssAnon:":
			anonymous = n * 1024
		}
	}
	return resident, anonymous
}

// processorTime is what this process has used of all cores, in seconds as Linux counts it; 0 elsewhere.
func processorTime() float64 {
	b, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(f[11], 64)
	system, _ := strconv.ParseFloat(f[12], 64)
	return (user + system) / 100
}
