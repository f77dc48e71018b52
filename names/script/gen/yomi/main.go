// Command yomi writes the Japanese family and given names of UniDic that are written
// in Han characters, each with its reading in kana, a line each, for the generator
// of the table of package script to learn from. It is a module of its own so that
// the product needs no dictionary.
//
//	cd names/script/gen/yomi && go run . > /tmp/yomi.tsv
//
// Source: unidic-mecab 2.1.2, copyright 2011-2013 The UniDic Consortium, under the
// three-clause BSD licence, as packed by github.com/ikawaha/kagome-dict (MIT).
package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"unicode"

	"github.com/ikawaha/kagome-dict/uni"
)

// The columns of UniDic's features after the part of speech.
const (
	reading = 2 // of the lexeme, in katakana
	written = 4
)

func main() {
	d := uni.Dict()
	var lines []string
	for i, pos := range d.POSTable.POSs {
		var names [4]string
		for k := range min(len(pos), len(names)) {
			names[k] = d.POSTable.NameList[pos[k]]
		}
		if names[1] != "固有名詞" || names[2] != "人名" || names[3] != "姓" && names[3] != "名" {
			continue
		}
		c := d.Contents[i]
		if all(c[written], unicode.Han) && all(c[reading], unicode.Katakana) {
			lines = append(lines, c[written]+"\t"+c[reading])
		}
	}
	slices.Sort(lines)
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	for _, l := range slices.Compact(lines) {
		fmt.Fprintln(w, l)
	}
}

func all(s string, t *unicode.RangeTable) bool {
	for _, r := range s {
		if !unicode.Is(t, r) && r != '々' && r != 'ー' && r != 'ヶ' {
			return false
		}
	}
	return s != ""
}
