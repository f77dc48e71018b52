// Command pinyin writes the readings of Han characters that package unit embeds,
// from the tables of github.com/mozillazg/go-pinyin (MIT), which come from the
// project pinyin-data (MIT). It is a module of its own so that the product needs
// neither.
//
//	cd names/script/gen/pinyin && go run . > ../../internal/unit/pinyin.bin
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/unicode/norm"
)

// surnames have another reading as a family name than as a word; the source of
// the readings is CLDR's transform Han-Latin-Names.
var surnames = map[rune]string{
	'单': "shan", '單': "shan", '仇': "qiu", '解': "xie", '区': "ou", '區': "ou", '查': "zha", '曾': "zeng", '盖': "ge", '蓋': "ge",
	'覃': "qin", '朴': "piao", '翟': "zhai", '乐': "yue", '樂': "yue", '员': "yun", '員': "yun", '冼': "xian", '尉': "wei", '秘': "bi",
	'繁': "po", '种': "chong", '洗': "xian", '柏': "bai", '缪': "miao", '繆': "miao", '逄': "pang", '召': "shao", '黑': "he", '折': "she",
}

func main() {
	bare := func(s string) string {
		var b strings.Builder
		for _, r := range norm.NFD.String(strings.ReplaceAll(strings.ReplaceAll(s, "ü", "v"), "ê", "e")) {
			switch {
			case r >= 'a' && r <= 'z':
				b.WriteRune(r)
			case r == 0x308 && strings.HasSuffix(b.String(), "u"): // ǖ ǘ ǚ ǜ
				t := strings.TrimSuffix(b.String(), "u") + "v"
				b.Reset()
				b.WriteString(t)
			}
		}
		return b.String()
	}
	readings := map[rune][]string{}
	seen := map[string]bool{}
	for c, list := range pinyin.PinyinDict {
		if c < 0x3400 || c > 0x9FFF {
			continue
		}
		var out []string
		for _, s := range strings.Split(list, ",") {
			if p := bare(s); p != "" && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
		if s, ok := surnames[rune(c)]; ok {
			// The reading of the word stays first: given names use it too.
			out = slices.DeleteFunc(out, func(p string) bool { return p == s })
			out = slices.Insert(out, min(1, len(out)), s)
		}
		if len(out) > 2 {
			out = out[:2]
		}
		for _, p := range out {
			seen[p] = true
		}
		readings[rune(c)] = out
	}
	var syllables []string
	for s := range seen {
		syllables = append(syllables, s)
	}
	slices.Sort(syllables)
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	fmt.Fprintln(w, strings.Join(syllables, " "))
	for c := rune(0x3400); c <= 0x9FFF; c++ {
		var two [2]uint16
		for i, s := range readings[c] {
			n, _ := slices.BinarySearch(syllables, s)
			two[i] = uint16(n + 1)
		}
		var b [4]byte
		if s, ok := surnames[c]; ok { // the mark: the second reading is that of the surname
			for i, p := range readings[c] {
				if p == s {
					two[i] |= 0x8000
				}
			}
		}
		binary.LittleEndian.PutUint16(b[:], two[0])
		binary.LittleEndian.PutUint16(b[2:], two[1])
		w.Write(b[:])
	}
}
