// Command gen learns the table of package script: for each script, how often each
// of its units is written with which Latin letters, by expectation maximisation over
// all monotone alignments; and how often Latin name parts have which letter grams.
//
//	(cd names/script/gen/yomi && go run . > /tmp/yomi.tsv)
//	go run ./names/script/gen -data DIR -yomi /tmp/yomi.tsv [-out names/script/table.bin]
//
// DIR holds {arabic,chinese,hebrew,japanese,korean,russian}_open.tsv.xz: pairs of
// name parts mined from Wikidata, steveash/NETransliteration-COLING2018, MIT,
// copyright 2018 Amazon.com. Half of them are read; the other half, by a hash of
// the Latin part (script.HeldOut), is for TestHeldOut. The table keeps counts of units
// and letter grams that were met in several names, no name. How Japanese names in
// Han are read is learned from all of UniDic's, which names/script/gen/yomi writes and
// no test uses. The same data give the same bytes.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/ulikunitz/xz"

	"sallyport/names/script"
	"sallyport/names/script/internal/align"
	"sallyport/names/script/internal/unit"
)

var files = []struct {
	name   string
	script unit.Script
}{
	{"arabic", unit.Arabic}, {"chinese", unit.Han}, {"hebrew", unit.Hebrew},
	{"japanese", unit.Kana}, {"korean", unit.Hangul}, {"russian", unit.Cyrillic},
}

type pair struct {
	latin  align.Word
	native []unit.Position
	text   string
	trust  float64 // that it is no error of the data
}

func main() {
	dir := flag.String("data", "", "folder of the pairs")
	out := flag.String("out", "names/script/table.bin", "where the table goes")
	yomi := flag.String("yomi", "", "file of Japanese names with their readings")
	only := flag.String("only", "", "learn only these languages, parted by commas, and keep the rest of the table as it is")
	show := flag.Bool("doubt", false, "print the pairs of the learned half that fit least")
	flag.Parse()
	if *dir == "" || *yomi == "" {
		fmt.Fprintln(os.Stderr, "gen: say where the pairs and the readings are: -data DIR -yomi FILE")
		os.Exit(2)
	}
	if err := run(*dir, *yomi, *out, *only, *show); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(dir, yomi, out, only string, show bool) error {
	f := &align.File{Models: map[unit.Script]*align.Model{}, LM: &align.LM{Count: map[uint32]float32{}}}
	learned := map[unit.Script][]pair{}
	words := map[string]bool{}
	for _, file := range files {
		pairs, err := read(filepath.Join(dir, file.name+"_open.tsv.xz"), file.script, words)
		if err != nil {
			return err
		}
		learned[file.script] = pairs
	}
	for w := range words {
		align.Grams([]byte(w), func(g uint32) { f.LM.Count[g]++ })
	}
	f.LM.Close()
	f.Words, f.Common = len(words), map[uint64]uint32{}
	for w := range words {
		for _, k := range script.AppendKeys(nil, w) { // of a Latin word, for which no table is needed
			f.Common[uint64(k)]++
		}
	}
	maps.DeleteFunc(f.Common, func(_ uint64, c uint32) bool { return c < 3 })
	wanted := func(string) bool { return true }
	if only != "" {
		b, err := os.ReadFile(out)
		if err != nil {
			return err
		}
		old, err := align.Decode(b)
		if err != nil {
			return err
		}
		f.Models = old.Models
		names := strings.Split(only, ",")
		wanted = func(name string) bool { return slices.Contains(names, name) }
	}
	for _, file := range files {
		if !wanted(file.name) {
			continue
		}
		pairs := learned[file.script]
		for i := range pairs {
			p := &pairs[i]
			p.latin.LM = f.LM.Log(unit.Letters(p.text))
		}
		f.Models[file.script] = learn(file.name, file.script, pairs)
		if show {
			doubt(file.name, file.script, f.Models[file.script], pairs)
		}
	}
	if wanted("kanji") {
		kanji, err := readYomi(yomi, f.LM)
		if err != nil {
			return err
		}
		f.Models[unit.JapaneseName] = learn("kanji", unit.JapaneseName, kanji)
	}
	for g, c := range f.LM.Count {
		if c < 2 && g >= 1<<15 { // grams of three letters and more, met once
			delete(f.LM.Count, g)
		}
	}
	b := f.Encode()
	fmt.Printf("%s: %d bytes\n", out, len(b))
	return os.WriteFile(out, b, 0o644)
}

// read gives the pairs of the half that is learned from, in the file's order.
func read(path string, s unit.Script, words map[string]bool) ([]pair, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r, err := xz.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var out []pair
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		col := strings.Split(lines.Text(), "\t")
		if len(col) != 3 || n == 1 {
			continue
		}
		if unit.HeldOut(col[0]) {
			continue
		}
		letters := unit.Letters(col[0])
		if len(letters) < 2 {
			continue
		}
		words[string(letters)] = true
		natives := []string{col[1]}
		if s == unit.Hebrew && strings.ContainsAny(col[1], "'׳") {
			natives = append(natives, strings.Map(func(r rune) rune {
				if unicode.IsLetter(r) {
					return r
				}
				return -1
			}, col[1]))
		}
		for _, native := range natives {
			p := pair{native: unit.Cut(s, native), text: col[0], trust: 1 / float64(len(natives))}
			p.latin.Letters = letters
			if len(p.native) > 0 && unit.Of(native) == s {
				out = append(out, p)
			}
		}
	}
	return out, lines.Err()
}

// readYomi gives the Japanese names, each reading as it is romanised: by Hepburn
// with long vowels short, as passports do, more than in other ways.
func readYomi(path string, lm *align.LM) ([]pair, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []pair
	for n, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		name, reading, ok := strings.Cut(line, "\t")
		if !ok {
			return nil, fmt.Errorf("%s: line %d: want a name and its reading", path, n+1)
		}
		units := unit.Cut(unit.JapaneseName, name)
		trust := .7
		for _, latin := range script.Romanise(reading, 5) {
			p := pair{native: units, text: latin, trust: trust}
			p.latin.Letters = unit.Letters(latin)
			p.latin.LM = lm.Log(p.latin.Letters)
			if len(units) > 0 && len(p.latin.Letters) > 1 {
				out = append(out, p)
			}
			trust = .1
		}
	}
	return out, nil
}

// rounds of learning: first with the coarsest context only, then with all.
const (
	coarseRounds = 6
	fineRounds   = 5
)

// unwonted is the share that counts of what a unit should leave to others, until it
// shows in context that it does not.
const unwonted = .2

func learn(name string, s unit.Script, pairs []pair) *align.Model {
	m := &align.Model{Rows: map[uint32]align.Row{}}
	if s == unit.JapaneseName { // readings of more than four letters are rare: begin so
		m.Rows[unit.RestKey()] = align.Row{Codes: []uint32{0}, Counts: []float32{900}, N: 1000}
	}
	for round := range coarseRounds + fineRounds {
		levels := unit.Levels
		if round < coarseRounds {
			levels = 1
		}
		pieces := align.NewPieces(map[unit.Script]*align.Model{s: m})
		counts := map[uint32]map[uint32]float64{}
		total, wrong, weight := 0.0, 0.0, 0.0
		for i := range pairs {
			p := &pairs[i]
			pieces.Ready(&p.latin, p.latin.Letters)
			n := m.Ready(p.native, nil)
			trust := 1.0
			type seen struct {
				at   int
				code uint32
				p    float64
			}
			var buf []seen
			l := n.Posteriors(&p.latin, func(at int, code uint32, q float64) { buf = append(buf, seen{at, code, q}) })
			if math.IsInf(l, -1) {
				wrong += p.trust
				weight += p.trust
				continue
			}
			if round >= 2 { // a share of the pairs are errors: their Latin word is any
				const share = .06
				a, b := math.Log(1-share)+l, math.Log(share)+p.latin.LM
				trust = 1 / (1 + math.Exp(b-a))
			}
			total += l * p.trust
			wrong += (1 - trust) * p.trust
			weight += p.trust
			for _, b := range buf {
				u := &p.native[b.at][0]
				if round < coarseRounds && !u.MayWrite(s, b.code) {
					b.p *= unwonted
				}
				for level := range levels {
					row := counts[u.Key[level]]
					if row == nil {
						row = map[uint32]float64{}
						counts[u.Key[level]] = row
					}
					row[b.code] += b.p * trust * p.trust
				}
			}
		}
		known(s, counts)
		m = &align.Model{Rows: rows(counts)} // a model is made ready once
		fmt.Printf("%s round %2d: mean log-likelihood %.4f, errors of the data %.2f%%, %d contexts\n", name, round, total/weight, 100*wrong/weight, len(m.Rows))
	}
	return m
}

// letters that the pairs hardly have, with how they are written, as if met a few
// times: of Ukrainian, Belarusian, Serbian, Macedonian, Kazakh, Tajik and Tatar
// (BGN/PCGN and the countries' own systems), of Persian, Urdu, Pashto and Kurdish
// (BGN/PCGN 1958, 2007, 1968).
var letters = map[unit.Script]map[rune]string{
	unit.Cyrillic: {
		'і': "i y", 'ї': "yi i ji", 'є': "ye ie e je", 'ґ': "g", 'ў': "w u v", 'ђ': "dj d", 'ј': "j y i", 'љ': "lj l ly", 'њ': "nj n ny",
		'ћ': "c ch", 'џ': "dz dzh j", 'ѓ': "gj g", 'ќ': "kj k", 'ѕ': "dz z", 'ә': "a e", 'ғ': "gh g", 'қ': "k q", 'ң': "n ng", 'ө': "o",
		'ұ': "u", 'ү': "u", 'һ': "h", 'ҳ': "h kh", 'ҷ': "j dj", 'ӣ': "i", 'ӯ': "u", 'ҡ': "k q", 'җ': "j zh", 'ё': "yo e io jo o", 'ъ': "",
	},
	unit.Arabic: {
		'پ': "p", 'چ': "ch", 'ژ': "zh j", 'گ': "g", 'ٹ': "t", 'ڈ': "d", 'ڑ': "r", 'ں': "n", 'ڤ': "v", 'ټ': "t", 'ځ': "dz z", 'څ': "ts s",
		'ډ': "d", 'ړ': "r", 'ږ': "zh g", 'ښ': "sh kh", 'ڼ': "n", 'ڕ': "r", 'ڵ': "l", 'ۆ': "o", 'ێ': "e", 'ۋ': "v w",
	},
}

// known adds those letters to the counts of the coarsest context.
func known(s unit.Script, counts map[uint32]map[uint32]float64) {
	for r, list := range letters[s] {
		word := unit.Cut(s, string(r))
		key := word[0][0].Key[0]
		if counts[key] == nil {
			counts[key] = map[uint32]float64{}
		}
		writings := strings.Fields(list)
		if len(writings) == 0 {
			writings = []string{""}
		}
		for i, w := range writings {
			counts[key][unit.Code([]byte(w))] += 6 / float64(i+1)
		}
	}
}

// rows drops what was met too rarely to be told from chance, or would tell of a
// single name.
func rows(counts map[uint32]map[uint32]float64) map[uint32]align.Row {
	out := make(map[uint32]align.Row, len(counts))
	for key, row := range counts {
		var r align.Row
		sum := 0.0
		var codes []uint32
		for code := range row {
			codes = append(codes, code)
		}
		slices.Sort(codes)
		for _, code := range codes {
			sum += row[code]
			if row[code] >= .3 {
				r.Codes = append(r.Codes, code)
				r.Counts = append(r.Counts, float32(math.Round(row[code]*align.Quarter)/align.Quarter))
			}
		}
		if sum < 1.5 || len(r.Codes) == 0 {
			continue
		}
		r.N = float32(math.Round(sum*align.Quarter) / align.Quarter)
		out[key] = r
	}
	return out
}

// doubt prints the pairs that the model takes for errors, every tenth of them.
func doubt(name string, s unit.Script, m *align.Model, pairs []pair) {
	pieces := align.NewPieces(map[unit.Script]*align.Model{s: m})
	n := 0
	for i := range pairs {
		p := &pairs[i]
		pieces.Ready(&p.latin, p.latin.Letters)
		if e := m.Ready(p.native, nil).LogGiven(&p.latin, new(align.Sum), -80, 0) - p.latin.LM; e < 3 {
			if n++; n%10 == 0 {
				fmt.Printf("  doubt %s %s %v %.1f\n", name, p.text, p.native[0][0].ID, e)
			}
		}
	}
	fmt.Printf("  doubt %s: %d of %d pairs have evidence below 3\n", name, n, len(pairs))
}
