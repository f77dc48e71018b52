package script

import (
	"bufio"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"

	"sallyport/names/script/internal/unit"
)

const shared = "../../../shared/data"

// lines reads a packed file of the reference data, or skips the test loudly.
func lines(t testing.TB, path string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join(shared, path))
	if err != nil {
		t.Skipf("SKIPPED, nothing was measured: the reference data are not beside the repository: %v", err)
	}
	defer f.Close()
	r, err := xz.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<24)
	for s.Scan() {
		out = append(out, s.Text())
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	return out
}

type namePair struct{ latin, native string }

// heldOut are the pairs of a language that the table was not learned from.
func heldOut(t testing.TB, language string, s Script) []namePair {
	var out []namePair
	for _, l := range lines(t, "translit/"+language+"_open.tsv.xz")[1:] {
		col := strings.Split(l, "\t")
		if !unit.HeldOut(col[0]) {
			continue
		}
		latin, native := strings.Map(letterOnly, col[0]), strings.Map(letterOnly, col[1])
		if Of(native) == s && len(unit.Letters(latin)) > 1 {
			out = append(out, namePair{latin, native})
		}
	}
	if len(out) < 5000 {
		t.Fatalf("%s: %d pairs", language, len(out))
	}
	return out
}

// letterOnly drops what a tokeniser of names drops.
func letterOnly(r rune) rune {
	if r < 0x80 && !('a' <= r && r <= 'z') || strings.ContainsRune("’‘ʿʾʼ״׳'\u200e\u200f\u200c．。", r) {
		return -1
	}
	return r
}

// listNames are the names of persons and others on the list, as words.
func listNames(t testing.TB) [][]string {
	var out [][]string
	for _, l := range lines(t, "ofac/sdn_entities_names_2025-11-26.jsonl.xz") {
		var e struct {
			Names []struct {
				Full string `json:"full_name"`
			}
		}
		if err := json.Unmarshal([]byte(l), &e); err != nil {
			t.Fatal(err)
		}
		for _, n := range e.Names {
			words := strings.FieldsFunc(strings.ToLower(n.Full), func(r rune) bool {
				return strings.ContainsRune(" ,-.()/&\"", r)
			})
			var keep []string
			for _, w := range words {
				w = strings.Map(letterOnly, w)
				if Of(w) == Latin && len(unit.Letters(w)) > 1 {
					keep = append(keep, w)
				}
			}
			if len(keep) > 0 {
				out = append(out, keep)
			}
		}
	}
	return out
}

var languages = []struct {
	name   string
	script Script
}{{"russian", Cyrillic}, {"arabic", Arabic}, {"hebrew", Hebrew}, {"korean", Hangul}, {"japanese", Kana}, {"chinese", Han}}

// measured are the figures of this table on the held-out half, less a margin: how
// many of true names of two parts reach threshold, in percent; the same where false
// hits on the list are at most one in 10^5; how many true words share a key, of all and
// of those with evidence above 3; and how many words of the list one is compared with.
var measured = map[string]struct{ recall, atRare, shared, alike, words float64 }{
	"russian": {99, 95, 96, 99, 95}, "arabic": {98.5, 94, 96, 99, 105}, "hebrew": {98.5, 92, 96, 99, 105},
	"korean": {94, 84, 84, 98.5, 230}, "japanese": {98.5, 94, 96, 98.5, 210}, "chinese": {96.5, 67, 90, 96.3, 320},
}

// threshold is a sum of evidence over two parts that at most 0.2 % of random pairs
// reach.
const threshold = 1.0

// TestHeldOut: pairs of name parts that the table was not learned from, joined to
// names of two parts. Random names stay under the threshold, true ones reach it.
// Then the names of a sanctions list are crossed with random native names, and the
// recall is told at the threshold at which one in 10^5 and one in 10^6 of these
// pairs is a hit. Some of these hits are no errors: lists have common names.
func TestHeldOut(t *testing.T) {
	queries := 12
	if os.Getenv("SALLYPORT_LONG") != "" {
		queries = 80
	}
	var list [][]string
	words := map[string]*Prepared{}
	count := map[string]float64{}
	all := 0.0
	for _, n := range listNames(t) {
		for _, w := range n {
			if words[w] == nil {
				p := Prepare(w)
				words[w] = &p
			}
			count[w]++
			all++
		}
		if len(n) > 1 {
			list = append(list, n[:2])
		}
	}
	for _, lang := range languages {
		t.Run(lang.name, func(t *testing.T) {
			pairs := heldOut(t, lang.name, lang.script)
			rng := rand.New(rand.NewPCG(1, 2))
			native, latin := make([]Prepared, len(pairs)), make([]Prepared, len(pairs))
			evidence, against := make([]float64, len(pairs)), make([]float64, len(pairs))
			for i, p := range pairs {
				native[i], latin[i] = Prepare(p.native), Prepare(p.latin)
				evidence[i] = native[i].Evidence(&latin[i])
				against[i] = native[i].Against(&latin[i], -math.Log(all)) // as if once on the list
			}
			var trues, listed, randoms []float64
			for range 50000 {
				i, j := rng.IntN(len(pairs)), rng.IntN(len(pairs))
				trues = append(trues, evidence[i]+evidence[j])
				listed = append(listed, against[i]+against[j])
				k, l := rng.IntN(len(pairs)), rng.IntN(len(pairs))
				randoms = append(randoms, native[i].Evidence(&latin[k])+native[j].Evidence(&latin[l]))
			}
			var cross, crossListed []float64
			n := 0
			for range queries {
				a, b := &native[rng.IntN(len(pairs))], &native[rng.IntN(len(pairs))]
				type four struct{ a, b, la, lb float64 }
				of := make(map[string]four, len(words))
				for w, p := range words {
					f := math.Log(count[w] / all)
					of[w] = four{a.Evidence(p), b.Evidence(p), a.Against(p, f), b.Against(p, f)}
				}
				for _, name := range list {
					x, y := of[name[0]], of[name[1]]
					cross = append(cross, max(x.a+y.b, x.b+y.a))
					crossListed = append(crossListed, max(x.la+y.lb, x.lb+y.la))
					n++
				}
			}
			for _, l := range [][]float64{trues, listed, randoms, cross, crossListed} {
				slices.Sort(l)
			}
			above := func(sorted []float64, t float64) float64 {
				i, _ := slices.BinarySearch(sorted, t)
				return 100 * float64(len(sorted)-i) / float64(len(sorted))
			}
			// at is the least value that fewer than one in rate of n exceed.
			at := func(sorted []float64, rate int) float64 {
				return math.Nextafter(sorted[len(sorted)-1-len(sorted)/rate], math.Inf(1))
			}
			noise := 0
			for _, e := range evidence {
				if e < 0 {
					noise++
				}
			}
			t.Logf("%d pairs, %.1f%% of them with evidence below 0; random names at %.1f and above: %.3f%%, true ones %.1f%%", len(pairs), 100*float64(noise)/float64(len(pairs)), threshold, above(randoms, threshold), above(trues, threshold))
			t.Logf("of %d pairs with the list, Evidence: 1e-5 at %.1f, recall %.1f%%; 1e-6 at %.1f, recall %.1f%%", n, at(cross, 1e5), above(trues, at(cross, 1e5)), at(cross, 1e6), above(trues, at(cross, 1e6)))
			t.Logf("with the list's frequencies, Against: 1e-5 at %.1f, recall %.1f%%; 1e-6 at %.1f, recall %.1f%%", at(crossListed, 1e5), above(listed, at(crossListed, 1e5)), at(crossListed, 1e6), above(listed, at(crossListed, 1e6)))
			want := measured[lang.name]
			if r := above(randoms, threshold); r > .2 {
				t.Errorf("%.3f%% of random names reach %.1f, want at most 0.2%%", r, threshold)
			}
			if r := above(trues, threshold); r < want.recall {
				t.Errorf("%.1f%% of true names reach %.1f, want %.1f%%", r, threshold, want.recall)
			}
			if r := above(trues, at(cross, 1e5)); r < want.atRare {
				t.Errorf("recall %.1f%% where the list gives one false hit in 10^5, want %.1f%%", r, want.atRare)
			}
		})
	}
}

// TestKeysShared: of held-out pairs how many share a key, of those that Evidence
// takes for one name how many; and how many words of a list one word is compared
// with.
func TestKeysShared(t *testing.T) {
	index := map[string][]int{}
	seen := map[string]bool{}
	var words []string
	for _, n := range listNames(t) {
		for _, w := range n {
			if !seen[w] {
				seen[w] = true
				for _, k := range Keys(w) {
					index[k] = append(index[k], len(words))
				}
				words = append(words, w)
			}
		}
	}
	found := func(word string) int {
		hits := map[int]bool{}
		for _, k := range Keys(word) {
			for _, i := range index[k] {
				hits[i] = true
			}
		}
		return len(hits)
	}
	for _, lang := range languages {
		t.Run(lang.name, func(t *testing.T) {
			pairs := heldOut(t, lang.name, lang.script)
			shared, alike, both := 0, 0, 0
			var sizes []int
			sum := 0
			for i, p := range pairs {
				a, b := Keys(p.latin), Keys(p.native)
				if len(a) > MaxKeys || len(b) > MaxKeys {
					t.Fatalf("%v: %v, %v: too many keys", p, a, b)
				}
				hit := slices.ContainsFunc(a, func(k string) bool { return slices.Contains(b, k) })
				if hit {
					shared++
				}
				if Evidence(p.latin, p.native) > 3 {
					alike++
					if hit {
						both++
					}
				}
				if i%10 == 0 {
					sizes = append(sizes, found(p.native))
					sum += sizes[len(sizes)-1]
				}
			}
			slices.Sort(sizes)
			percent := func(a, b int) float64 { return 100 * float64(a) / float64(b) }
			mean, p99 := sum/len(sizes), sizes[len(sizes)*99/100]
			t.Logf("%.1f%% share a key, %.2f%% of those with evidence above 3; a word finds %d of %d list words in the mean, p99 %d", percent(shared, len(pairs)), percent(both, alike), mean, len(words), p99)
			if r := percent(shared, len(pairs)); r < measured[lang.name].shared {
				t.Errorf("%.1f%% share a key, want %.1f%%", r, measured[lang.name].shared)
			}
			if r := percent(both, alike); r < measured[lang.name].alike {
				t.Errorf("%.1f%% of those with evidence share a key, want %.1f%%", r, measured[lang.name].alike)
			}
			if float64(mean) > measured[lang.name].words || p99 > 1300 {
				t.Errorf("a word finds %d words in the mean, p99 %d, want at most %.0f and 1300", mean, p99, measured[lang.name].words)
			}
		})
	}
}
