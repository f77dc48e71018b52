// Command unihan writes the Cantonese and Korean readings of Han characters that
// package unit embeds, from the Unicode Consortium's Unihan_Readings.txt (in
// Unihan.zip of the Unicode Character Database, Unicode License v3).
//
//	go run ./names/script/gen/unihan -in Unihan_Readings.txt -out names/script/internal/unit/unihan.bin
//
// The first reading of kCantonese, in Jyutping without its tone, and the first of
// kHangul are taken.
package main

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

func main() {
	in := flag.String("in", "", "Unihan_Readings.txt")
	out := flag.String("out", "names/script/internal/unit/unihan.bin", "where the table goes")
	flag.Parse()
	if err := run(*in, *out); err != nil {
		fmt.Fprintln(os.Stderr, "unihan:", err)
		os.Exit(1)
	}
}

func run(in, out string) error {
	f, err := os.Open(in)
	if err != nil {
		return err
	}
	defer f.Close()
	cantonese, korean := map[rune]string{}, map[rune]rune{}
	seen := map[string]bool{}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		col := strings.Split(lines.Text(), "\t")
		if len(col) != 3 {
			continue
		}
		c, err := strconv.ParseUint(strings.TrimPrefix(col[0], "U+"), 16, 32)
		if err != nil {
			return fmt.Errorf("%s: line %d: %q is no character", in, n, col[0])
		}
		if c < 0x3400 || c > 0x9FFF {
			continue
		}
		first, _, _ := strings.Cut(col[2], " ")
		switch col[1] {
		case "kCantonese":
			s := strings.TrimRight(first, "123456")
			cantonese[rune(c)], seen[s] = s, true
		case "kHangul":
			korean[rune(c)], _ = utf8.DecodeRuneInString(first)
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	var syllables []string
	for s := range seen {
		syllables = append(syllables, s)
	}
	slices.Sort(syllables)
	raw := []byte(strings.Join(syllables, " ") + "\n")
	for c := rune(0x3400); c <= 0x9FFF; c++ {
		i, ok := slices.BinarySearch(syllables, cantonese[c])
		if !ok {
			i = -1
		}
		raw = binary.LittleEndian.AppendUint16(raw, uint16(i+1))
	}
	for c := rune(0x3400); c <= 0x9FFF; c++ {
		raw = binary.LittleEndian.AppendUint16(raw, uint16(korean[c]))
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(raw); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(out, b.Bytes(), 0o644)
}
