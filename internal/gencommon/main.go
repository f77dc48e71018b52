// Command gencommon writes names/common.txt, the words that many people or firms are called by.
//
// It counts no labelled pairs. The files it reads are the common forenames and surnames of
// countries (Diego Sandoval Ochoa de Eguileor and others, CC0 1.0), the given names of a Russian
// state register (BSD-3-Clause), the surnames and given names of the census of the United States of
// 1990 and the names on OFAC's list (both public domain, 17 U.S.C. 105); what
// it writes has words and how common they are, in three steps, and nothing else of theirs.
//
//	go run ./internal/gencommon -data DIR -census DIR > names/common.txt
package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/ulikunitz/xz"

	"sallyport/names"
)

// A word is common from so many countries, listed entities or register entries on.
const (
	veryCountries, veryListed, veryRegister = 4, 60, 4000
	listed, register                        = 8, 150
	firmVery, firmListed                    = 60, 8

	// Or where so many of a hundred people of the United States bear it.
	censusVery, censusCommon = .1, .01
)

func main() {
	data := flag.String("data", "", "folder with names/ and ofac/")
	census := flag.String("census", "", "folder with dist.all.last, dist.female.first and dist.male.first")
	flag.Parse()
	countries, people, firms := map[string]map[string]bool{}, map[string]int{}, map[string]int{}
	for _, f := range []string{"names/common-forenames-by-country.csv.xz", "names/common-surnames-by-country.csv.xz"} {
		rows(filepath.Join(*data, f), func(row map[string]string) {
			for _, k := range keys(names.Person(names.Parts{Full: row["Romanized Name"]})) {
				if countries[k] == nil {
					countries[k] = map[string]bool{}
				}
				countries[k][row["Country"]] = true
			}
		})
	}
	class := map[string]byte{}
	raise := func(k string, c byte) {
		if old, ok := class[k]; !ok || c < old {
			class[k] = c
		}
	}
	for k, in := range countries {
		raise(k, step(len(in), veryCountries))
	}
	rows(filepath.Join(*data, "names/ru_first_names_freq.csv.xz"), func(row map[string]string) {
		n, err := strconv.Atoi(row["count"])
		if err != nil || n < register {
			return
		}
		for _, k := range keys(names.Person(names.Parts{Full: row["name"]})) {
			raise(k, step(n, veryRegister))
		}
	})
	for _, f := range []struct {
		name string
		of   float64 // the share of all people that the file's percentages are of
	}{{"dist.all.last", 1}, {"dist.female.first", .5}, {"dist.male.first", .5}} {
		inCensus(filepath.Join(*census, f.name), func(name string, percent float64) {
			if percent *= f.of; percent < censusCommon {
				return
			}
			c := byte('b')
			if percent >= censusVery {
				c = 'a'
			}
			for _, k := range keys(names.Person(names.Parts{Full: name})) {
				raise(k, c)
			}
		})
	}
	listedNames(*data, people, firms)
	for k, n := range people {
		if n >= listed {
			raise(k, step(n, veryListed))
		}
	}
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	fmt.Fprintln(w, "# Made by internal/gencommon; do not edit. Canonical keys and how common they are: a very, b less.")
	write := func(section string, class map[string]byte) {
		fmt.Fprintf(w, "[%s]\n", section)
		for _, k := range slices.Sorted(maps.Keys(class)) {
			fmt.Fprintf(w, "%c %s\n", class[k], k)
		}
	}
	write("people", class)
	firmClass := map[string]byte{}
	for k, n := range firms {
		if n >= firmListed {
			firmClass[k] = step(n, firmVery)
		}
	}
	write("firms", firmClass)
}

// inCensus reads a table of the census: name, per cent, cumulated, rank.
func inCensus(path string, each func(name string, percent float64)) {
	b, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) != 4 {
			log.Fatalf("%s: %q has not four columns", path, line)
		}
		percent, err := strconv.ParseFloat(f[1], 64)
		if err != nil {
			log.Fatalf("%s: %v", path, err)
		}
		each(f[0], percent)
	}
}

func step(n, very int) byte {
	if n >= very {
		return 'a'
	}
	return 'b'
}

// keys are the first keys of the Latin parts that say something.
func keys(n names.Name) []string {
	var out []string
	for i := range n.Tokens {
		t := &n.Tokens[i]
		if t.Latin && !t.Light() && t.Class != names.Initial && t.Class != names.Number && !slices.Contains(out, t.Keys[0]) {
			out = append(out, t.Keys[0])
		}
	}
	return out
}

func open(path string) io.Reader {
	f, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	r, err := xz.NewReader(bufio.NewReader(f))
	if err != nil {
		log.Fatal(path, ": ", err)
	}
	return r
}

func rows(path string, each func(map[string]string)) {
	r := csv.NewReader(open(path))
	header, err := r.Read()
	if err != nil {
		log.Fatal(path, ": ", err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			log.Fatal(path, ": ", err)
		}
		row := make(map[string]string, len(header))
		for i, h := range header {
			row[h] = fields[i]
		}
		each(row)
	}
}

// listedNames counts the parties in which a word occurs, once each. Which are people the list's
// own copy of 2024-05-03 says; parties that it has not are left out.
func listedNames(dir string, people, firms map[string]int) {
	person := map[string]bool{}
	types := csv.NewReader(open(filepath.Join(dir, "ofac-sdn-timeline/sdn_2024-05-03.csv.xz")))
	types.FieldsPerRecord = -1
	for {
		row, err := types.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal("sdn.csv: ", err)
		}
		if len(row) > 2 {
			person[row[0]] = strings.TrimSpace(row[2]) == "individual"
		}
	}
	dec := json.NewDecoder(open(filepath.Join(dir, "ofac/sdn_entities_names_2025-11-26.jsonl.xz")))
	for {
		var party struct {
			ID    int `json:"entity_id"`
			Names []struct {
				Full string `json:"full_name"`
			}
		}
		err := dec.Decode(&party)
		if err == io.EOF {
			return
		}
		if err != nil {
			log.Fatal("names of parties: ", err)
		}
		isPerson, known := person[strconv.Itoa(party.ID)]
		if !known {
			continue
		}
		seen := map[string]bool{}
		for _, n := range party.Names {
			read, count := names.Person(names.Parts{Full: n.Full}), people
			if !isPerson {
				read, count = names.Firm(n.Full), firms
			}
			for _, k := range keys(read) {
				if !seen[k] {
					seen[k] = true
					count[k]++
				}
			}
		}
	}
}
