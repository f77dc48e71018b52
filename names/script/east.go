package script

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"sallyport/names/script/internal/align"
	"sallyport/names/script/internal/unit"
)

// Names of China and Korea have few syllables: of two unrelated ones a syllable is
// often the same, and letters tell less of them than of other Latin words. So a
// short word of Han or Hangul is weighed against what chance gives among such
// names too.

// eastShare is the share of such names among those that a name of Han or Hangul is
// held against.
const eastShare = .4

// Of East Asian name parts, how likely one has one, two or three syllables, and how
// many syllables are about equally common in each place.
var (
	eastLengths   = [4]float64{0, .45, .5, .05}
	eastSyllables = 120.0
)

// maxEast is how many letters a syllable has at most, maxEastWord those of three.
const (
	maxEast     = 7
	maxEastWord = 3 * maxEast
)

// eastern syllables as they are romanised: pinyin, Wade-Giles, the surnames of Hong
// Kong and overseas, and Sino-Korean in the Revised Romanization and as borne.
var syllables = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	put := func(s string) {
		if s = strings.ReplaceAll(s, "v", "u"); len(s) <= maxEast {
			m[s] = true
		}
	}
	for _, s := range unit.Syllables() {
		put(s)
		put(WadeGiles(s))
	}
	for _, table := range []map[string]string{chineseSurnames, koreanSurnames, koreanSyllables} {
		for chars, list := range table {
			if len([]rune(chars)) == 1 {
				for _, s := range strings.Fields(list) {
					put(s)
				}
			}
		}
	}
	for _, s := range strings.Fields(southEast) {
		put(s)
	}
	// Readings of hanja have no doubled initial and end in a vowel, k, l, m, n, ng or
	// p; yae and we are in none.
	for i, initial := range initialRR {
		if len(initial) == 2 && initial != "ch" {
			continue
		}
		for v, vowel := range vowelRR {
			if vowel == "yae" || vowel == "we" || vowel == "e" {
				continue
			}
			for _, final := range []string{"", "k", "l", "m", "n", "ng", "p"} {
				put(initial + vowel + final)
				put(initialMR[i] + vowelMR[v] + final)
			}
		}
	}
	return m
})

// Eastern reports whether a word in Latin letters is a syllable as names of China, Korea,
// Vietnam and Burma have them: jong, un, xiao, long.
func Eastern(word string) bool { return len(word) <= maxEast && syllables()[word] }

// southEast: common syllables of Burmese and Vietnamese names, which lists have many
// of and which sound like those of China and Korea.
const southEast = `aung ba bo chit han hein hla hlaing htay htet htoo htun htwe khaing khin ko kyaw kyi lin lwin mar maung min moe mon mya myat
myint myo naing nanda nay nu nwe nyan nyein nyunt ohn oo phone phyo san saw sein shwe soe su swe tay than thant thaung thein thet thi thida
thin thu thura tin tint toe tun wai win wunna yan ye yin yu za zaw zin anh bach bao bich binh bui cam chau chi cuong dang dao dat diem dinh
do doan duc dung duong duy gia giang ha hai hanh hieu hoa hoang hong hue hung huong huu huy huynh khanh khoa kim lam lan le linh loan long
luong ly mai manh minh my nam nga ngan ngo ngoc nguyen nhan nhung nhu oanh phan phat pham phong phu phuc phung phuong quan quang quoc quy
quyen quynh sang son tai tam tan thang thanh thao thi thien thinh tho thom thu thuan thuy tien tinh toan tra tram tran trang tri trinh trong
truc trung truong tu tuan tung tuyen tuyet uyen van viet vinh vo vu vuong xuan yen`

// eastLog is the logarithm of how likely a Latin word is as a Chinese or Korean
// name part, -Inf where it has no such syllables.
func eastLog(letters []byte) float64 {
	if len(letters) > maxEastWord {
		return math.Inf(-1)
	}
	known := syllables()
	var least [maxEastWord + 1]int8 // syllables so far, 0 for none possible
	for end := 1; end <= len(letters); end++ {
		for from := max(0, end-maxEast); from < end; from++ {
			if from > 0 && least[from] == 0 {
				continue
			}
			if n := least[from] + 1; n <= 3 && (least[end] == 0 || n < least[end]) && known[string(letters[from:end])] {
				least[end] = n
			}
		}
	}
	n := least[len(letters)]
	if n == 0 {
		return math.Inf(-1)
	}
	return math.Log(eastLengths[n]) - float64(n)*math.Log(eastSyllables)
}

// koreanNames is how Koreans romanise their own names, sound by sound: the Revised
// Romanization (notification 2000-8), McCune-Reischauer (1939), North Korea's system
// of 2012, and the spellings that the National Institute of Korean Language found
// in passports (surveys of 2009 and 2011), their shares set by hand.
func koreanNames() *align.Model {
	m := &align.Model{Rows: map[uint32]align.Row{}}
	put := func(id int, spellings string) { m.Rows[unit.JamoKey(uint16(id))] = spelt(spellings, handCounts) }
	for i, s := range strings.Split(koreanInitials, ",") {
		put(i, s)
	}
	for i, s := range strings.Split(koreanVowels, ",") {
		put(32+i, s)
	}
	for i, s := range finalRR {
		switch s {
		case "k":
			s = "k 80 g 18 c 2"
		case "l":
			s = "l 85 r 12 ll 3"
		case "p":
			s = "p 85 b 15"
		case "t":
			s = "t 80 s 10 d 10"
		case "ng":
			s = "ng 96 n 4"
		default:
			s += " 100"
		}
		if i > 0 {
			put(64+i, s)
		}
	}
	return m
}

// Each: spellings with their shares in percent, - for none.
const (
	koreanInitials = "g 45 k 54 c 1,kk 70 gg 10 k 20,n 96 l 2 - 2,d 63 t 37,tt 60 dd 10 t 20 d 10,r 60 l 25 n 5 y 5 - 5,m 100,b 60 p 40,pp 70 bb 10 p 20," +
		"s 82 sh 18,ss 70 s 30,- 98 y 1 w 1,j 68 ch 29 z 3,jj 70 j 20 ch 10,ch 98 c 2,k 95 kh 5,t 95 th 5,p 95 ph 5,h 97 - 3"
	koreanVowels = "a 92 ah 5 u 3,ae 70 ai 14 e 10 ay 6,ya 90 ia 5 a 5,yae 90 yai 10,eo 38 u 27 o 24 eu 3 uh 4 ou 3 e 1,e 86 ae 5 eh 4 ey 5," +
		"yeo 36 yu 20 you 18 yo 18 u 3 yeu 2 eo 2 ou 1,ye 80 yea 5 e 10 yae 5,o 84 oh 10 oo 4 ou 2,wa 94 oa 3 ua 3,wae 80 wai 10 oae 10," +
		"oe 50 oi 20 oy 5 we 10 oi 5 ui 5 ye 5,yo 92 yoo 3 io 5,u 52 oo 35 ou 5 woo 5 wu 3,wo 65 weo 10 o 15 uo 10,we 90 ue 10," +
		"wi 70 wee 8 ui 10 uy 4 we 8,yu 62 yoo 18 you 10 ew 2 u 8,eu 44 u 42 oo 5 e 6 uh 3,ui 38 eui 18 ee 22 i 12 e 5 oui 3 uy 2,i 68 ee 16 y 5 yi 5 ie 2 ih 2 ea 2"
)

// handCounts is as how many pairs a hand-set row counts against what it does not
// list.
const handCounts = 500

// spelt is a row of spellings with their shares in percent.
func spelt(spellings string, n float32) align.Row {
	f := strings.Fields(spellings)
	sum := map[uint32]float32{}
	for i := 0; i+1 < len(f); i += 2 {
		percent, err := strconv.ParseFloat(f[i+1], 32)
		if err != nil {
			panic("script: " + spellings) // a table of this file
		}
		sum[unit.Code([]byte(strings.Trim(f[i], "-")))] += float32(percent) / 100 * n
	}
	r := align.Row{N: n}
	for _, code := range slices.Sorted(maps.Keys(sum)) {
		r.Codes = append(r.Codes, code)
		r.Counts = append(r.Counts, sum[code])
	}
	return r
}

// chineseNames is how Chinese romanise their own names, syllable by syllable: pinyin
// (ISO 7098) and Wade-Giles for Mandarin; for Cantonese what the Government of Hong
// Kong writes on identity cards, which has no document.
func chineseNames() *align.Model {
	m := &align.Model{Rows: map[uint32]align.Row{}}
	for i, s := range unit.Syllables() {
		c, v := unit.SplitSyllable(s)
		wc, wv := unit.SplitSyllable(WadeGiles(s))
		initial, final := unit.SyllableKeys(i)
		if c == "" {
			c = "-"
		}
		if c != "-" {
			m.Rows[initial] = spelt(c+" 78 "+wc+" 22", handCounts)
		} else {
			m.Rows[initial] = spelt("- 100", handCounts)
			wv = wc + wv
		}
		v, wv = cutPiece(v), cutPiece(wv)
		switch {
		case strings.HasPrefix(v, "v"): // 吕 as Lu, Lyu, Lv, Lue
			rest := v[1:]
			m.Rows[final] = spelt(fmt.Sprintf("u%s 55 yu%s 15 v%s 8 %s 22", rest, rest, rest, wv), handCounts)
		default:
			m.Rows[final] = spelt(v+" 78 "+wv+" 22", handCounts)
		}
	}
	table := func(list string) map[string]string {
		t := map[string]string{}
		for _, entry := range strings.Split(list, ",") {
			sound, spellings, _ := strings.Cut(strings.TrimSpace(entry), " ")
			t[sound] = spellings
		}
		return t
	}
	initials, finals := table(cantoneseInitials), table(cantoneseFinals)
	for i, s := range unit.Jyutping() {
		cut := len(s)
		for k := range s {
			if _, ok := finals[s[k:]]; ok {
				cut = k
				break
			}
		}
		if cut == len(s) {
			continue
		}
		initial, final := unit.JyutpingKeys(i)
		if spellings, ok := initials[s[:cut]]; ok {
			m.Rows[initial] = spelt(spellings, handCounts)
			m.Rows[final] = spelt(finals[s[cut:]], handCounts)
		}
	}
	return m
}

// By the initials and finals of Jyutping; ~ is none.
var cantoneseInitials = strings.Replace(`~ - 100, b p 55 b 45, p p 100, m m 100, f f 100, d t 80 d 20, t t 100, n n 88 l 12, l l 98 n 2,
g k 74 g 26, k k 98 c 2, ng ng 86 - 14, h h 100, gw kw 76 gw 18 k 6, kw kw 90 k 10, w w 98 v 2, z ch 46 ts 34 j 12 tz 4 c 4,
c ch 52 ts 42 c 6, s s 72 sh 28, j y 90 - 6 j 4`, "~", "", 1)

const cantoneseFinals = `aa a 78 ah 22, aai ai 90 aai 10, aau au 90 aau 10, aam am 100, aan an 98 aan 2, aang ang 100, aap ap 100, aat at 100, aak ak 100,
a a 100, ai ai 94 ay 6, au au 84 ow 16, am am 60 um 40, an an 62 un 38, ang ang 76 ung 24, ap ap 70 up 30, at at 66 ut 34, ak ak 80 uk 20,
e e 84 eh 16, ei ei 66 ee 14 i 12 ey 4 ay 4, eng eng 70 ang 30, ek ek 90 ik 10, i i 66 ee 10 z 12 ze 8 e 4, iu iu 88 io 6 ew 6, im im 100,
in in 100, ing ing 98 in 2, ip ip 100, it it 100, ik ik 82 ick 18, o o 84 or 12 oh 4, oi oi 90 oy 10, ou o 60 ou 14 ow 8 u 10 oo 8, on on 98 orn 2,
ong ong 100, ot ot 100, ok ok 98 ock 2, u u 70 oo 30, ui ui 92 ooi 8, un un 66 oon 34, ung ung 94 oong 6, ut ut 90 oot 10, uk uk 88 ook 12,
oe oe 60 euh 40, oeng eung 78 oung 8 eong 8 ong 6, oek euk 70 eok 30, eoi ui 78 eui 16 oy 6, eon un 84 eun 16, eot ut 84 eut 16,
yu yu 62 ue 16 u 22, yun uen 70 un 20 yun 10, yut uet 60 yut 20 ut 20, m m 40 ng 60, ng ng 100`

// cutPiece cuts what is longer than a piece may be; uang and iong are not.
func cutPiece(s string) string { return s[:min(len(s), unit.MaxPiece)] }
