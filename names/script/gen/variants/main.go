// Command variants writes names/variants.txt: the characters of Han that are written in several ways, traditional, simplified,
// Japanese and as Taiwan and Hong Kong have them.
//
//	go run ./names/script/gen/variants -in DIR > names/variants.txt
//
// DIR is data/dictionary of OpenCC (BYVoid/OpenCC, Apache License 2.0). Each line is a character and then those that are read as
// it: the simplified one first, since it has fewest. What simplifying joins (後 and 后) is joined here too.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

func main() {
	in := flag.String("in", "", "folder of OpenCC's dictionaries")
	flag.Parse()
	if err := run(*in, os.Stdout); err != nil {
		log.Fatal("variants: ", err)
	}
}

func run(in string, out io.Writer) error {
	tables := map[string]map[rune]rune{}
	for _, name := range []string{"TSCharacters", "JPShinjitaiCharacters", "TWVariants", "HKVariants"} {
		f, err := os.Open(filepath.Join(in, name+".txt"))
		if err != nil {
			return err
		}
		tables[name], err = read(f)
		f.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	_, err := io.WriteString(out, written(one(tables["TSCharacters"], tables["JPShinjitaiCharacters"], turned(tables["TWVariants"]), turned(tables["HKVariants"]))))
	return err
}

// read gives the first of the characters that each character stands for.
func read(in io.Reader) (map[rune]rune, error) {
	out := map[rune]rune{}
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		from, to, ok := strings.Cut(line, "\t")
		if !ok {
			return nil, fmt.Errorf("line %d: want two columns", n)
		}
		to, _, _ = strings.Cut(to, " ")
		if f, t := []rune(from), []rune(to); len(f) == 1 && len(t) == 1 && utf8.RuneLen(f[0]) == 3 && utf8.RuneLen(t[0]) == 3 {
			out[f[0]] = t[0]
		}
	}
	return out, lines.Err()
}

func turned(table map[rune]rune) map[rune]rune {
	out := map[rune]rune{}
	for _, from := range slices.Sorted(maps.Keys(table)) {
		out[table[from]] = from
	}
	return out
}

// one gives for each character what it is written as once it is traditional by the others and then simplified.
func one(simplified map[rune]rune, others ...map[rune]rune) map[rune]rune {
	simple := func(r rune) rune {
		if s, ok := simplified[r]; ok {
			return s
		}
		return r
	}
	out, ends := map[rune]rune{}, map[rune]bool{}
	for from := range simplified {
		out[from] = simple(from)
		ends[out[from]] = true
	}
	for _, table := range others {
		for from, to := range table {
			if _, known := out[from]; !known && !ends[from] {
				out[from] = simple(to)
			}
		}
	}
	for from, to := range out { // an end has no other end
		for range out {
			next, ok := out[to]
			if !ok || next == to || next == from {
				break
			}
			to = next
		}
		out[from] = to
	}
	maps.DeleteFunc(out, func(from, to rune) bool { return from == to })
	return out
}

func written(one map[rune]rune) string {
	groups := map[rune][]rune{}
	for from, to := range one {
		groups[to] = append(groups[to], from)
	}
	var b strings.Builder
	b.WriteString("# Made by names/script/gen/variants from OpenCC (Apache License 2.0). A character of Han, and those that are read as it.\n")
	for _, to := range slices.Sorted(maps.Keys(groups)) {
		slices.Sort(groups[to])
		fmt.Fprintf(&b, "%c%s\n", to, string(groups[to]))
	}
	return b.String()
}
