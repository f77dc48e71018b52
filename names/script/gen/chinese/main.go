// Command chinese writes names/chinese.txt: which syllables of pinyin a syllable of a
// Chinese name may be that is spelt as Hong Kong or Malaysia spell Cantonese, or in Wade-Giles,
// and how much likelier it is than by chance.
//
//	go run ./names/script/gen/chinese -names nr.txt > names/chinese.txt
//
// nr.txt is data/dictionary/person/nr.txt of HanLP 1.x (hankcs/HanLP, Apache License 2.0): how
// often a character is a family name (B), the first or last of two of a given name (C, D) or
// the only one (E), and which given names of two characters there are (Z), in Chinese
// newspapers. What is written has counts of syllables, no name of theirs. How characters are
// read is what package unit has: pinyin-data (MIT) and kCantonese of Unihan (Unicode License v3).
//
// How Hong Kong spells Cantonese has no document: its identity cards follow the custom of the
// Registration of Persons Offices. The tables below are written by hand, with shares by common
// knowledge; so are those of Malaysia and Singapore, whose registrars wrote what they heard. Wade-Giles is package script's, with what passports of Taiwan have
// beside it.
//
// There is no table of Hokkien and Teochew: no readings of characters in them were found
// under a licence that the project could take.
package main

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"sallyport/names/script"
	"sallyport/names/script/internal/unit"
)

// damping is the power to which counts of given names' characters are raised: the newspapers
// tell of some bearers thousands of times.
const damping = 0.75

// What is rarer is left out: of characters that are family names, of a spelling among those of its system, and
// of what a spelling may be.
const (
	leastFamily   = 2e-5
	leastSpelling = 1e-5
	leastReading  = 0.02
)

// leastShare is how common a syllable of pinyin is taken for at least: what few bear, the counts do not
// know well.
const leastShare = 0.005

func main() {
	in := flag.String("names", "", "nr.txt")
	flag.Parse()
	f, err := os.Open(*in)
	if err != nil {
		log.Fatal("chinese: ", err)
	}
	families, given, err := read(f)
	if err != nil {
		log.Fatalf("chinese: %s: %v", *in, err)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	fmt.Fprint(out, `# Made by names/script/gen/chinese, which says from what; do not edit.
# A line is a syllable as it is written, how unlikely it is in such a name (minus its logarithm, in nats), and what it may be in
# pinyin: of pinyin that alone where it is not the same, of others with how much likelier that is beside it than by chance.
`)
	write(out, "pinyin families", spelt(families, familyName, func(c rune) map[string]float64 { return pinyin(familyName(c)) }))
	write(out, "pinyin given", spelt(given, givenName, func(c rune) map[string]float64 { return pinyin(givenName(c)) }))
	write(out, "cantonese families", spelt(families, familyName, hongKong.family))
	write(out, "cantonese given", spelt(given, givenName, hongKong.given))
	write(out, "malayan families", spelt(families, familyName, malayan.family))
	write(out, "malayan given", spelt(given, givenName, malayan.given))
	write(out, "wade-giles families", spelt(families, familyName, func(c rune) map[string]float64 { return wadeFamily(familyName(c)) }))
	write(out, "wade-giles given", spelt(given, givenName, func(c rune) map[string]float64 { return wade(givenName(c)) }))
}

// read gives how often each character is a family name, and a character of a given one.
func read(in io.Reader) (families, given map[rune]float64, err error) {
	families, given = map[rune]float64{}, map[rune]float64{}
	sum := 0.0
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		fields := strings.Fields(rest)
		for i := 0; i+1 < len(fields); i += 2 {
			count, err := strconv.ParseFloat(fields[i+1], 64)
			if err != nil {
				return nil, nil, fmt.Errorf("line %d: %w", n, err)
			}
			c, size := utf8.DecodeRuneInString(word)
			switch one := size == len(word); {
			case fields[i] == "B" && one && familyName(c) != "":
				families[c] += count
				sum += count
			case strings.Contains("CDE", fields[i]) && one, fields[i] == "Z" && utf8.RuneCountInString(word) == 2:
				for _, c := range word {
					given[c] += count
				}
			}
		}
	}
	for c, n := range families {
		if n < leastFamily*sum {
			delete(families, c)
		}
	}
	for c, n := range given {
		given[c] = math.Pow(n, damping)
	}
	return families, given, lines.Err()
}

// givenName is how a character of a given name is read in Mandarin, ü as v; "" if that is not known.
func givenName(c rune) string {
	if of := unit.Readings(c); len(of) > 0 {
		return of[0]
	}
	return ""
}

func familyName(c rune) string {
	if s, ok := unit.SurnameReading(c); ok {
		return s
	}
	return givenName(c)
}

// pinyin is how a syllable of it is written: ü in three ways (GB/T 28039-2011 has lyu).
func pinyin(raw string) map[string]float64 {
	if rest, ok := strings.CutPrefix(raw[1:], "v"); ok && (raw[0] == 'l' || raw[0] == 'n') {
		return map[string]float64{raw[:1] + "u" + rest: .6, raw[:1] + "yu" + rest: .25, raw: .15}
	}
	return map[string]float64{raw: 1}
}

// A spelling is how likely it is, and how likely with each syllable of pinyin.
type spelling struct {
	all float64
	as  map[string]float64
}

// spelt sums over characters. 吕 and 卢 are one syllable of pinyin, lu, as most write them.
func spelt(characters map[rune]float64, mandarin func(rune) string, spell func(rune) map[string]float64) map[string]spelling {
	out, sum := map[string]spelling{}, 0.0
	base := map[string]float64{}
	for _, c := range slices.Sorted(maps.Keys(characters)) {
		m := strings.ReplaceAll(mandarin(c), "v", "u")
		if m == "" {
			continue
		}
		n := characters[c]
		sum += n
		base[m] += n
		for s, share := range spell(c) {
			of := out[s]
			if of.as == nil {
				of.as = map[string]float64{}
			}
			of.all += n * share
			of.as[m] += n * share
			out[s] = of
		}
	}
	for s, of := range out {
		for m, n := range of.as {
			if share := n / of.all; share < leastReading || base[m]/sum < 2*leastSpelling { // too rare, or so rare that pinyin does not have it either
				delete(of.as, m)
			} else {
				of.as[m] = math.Log(share / max(base[m]/sum, leastShare))
			}
		}
		of.all = -math.Log(of.all / sum)
		if out[s] = of; of.all > -math.Log(leastSpelling) {
			delete(out, s)
		}
	}
	return out
}

func write(out io.Writer, section string, spellings map[string]spelling) {
	fmt.Fprintf(out, "[%s]\n", section)
	for _, s := range slices.Sorted(maps.Keys(spellings)) {
		of := spellings[s]
		fmt.Fprintf(out, "%s %.1f", s, of.all)
		for _, m := range slices.SortedFunc(maps.Keys(of.as), func(a, b string) int { return cmp.Or(cmp.Compare(of.as[b], of.as[a]), cmp.Compare(a, b)) }) {
			switch gain := of.as[m]; {
			case !strings.HasPrefix(section, "pinyin"):
				if gain >= .05 {
					fmt.Fprintf(out, " %s %.1f", m, gain)
				}
			case m != s:
				fmt.Fprintf(out, " %s", m)
			}
		}
		fmt.Fprintln(out)
	}
}

// shares reads "ching 60 tsing 40".
func shares(text string) map[string]float64 {
	out, fields := map[string]float64{}, strings.Fields(text)
	for i := 0; i+1 < len(fields); i += 2 {
		n, err := strconv.ParseFloat(fields[i+1], 64)
		if err != nil {
			log.Fatalf("chinese: %q: %v", text, err) // a table of this file
		}
		out[strings.Trim(fields[i], "-")] += n
	}
	sum := 0.0
	for _, n := range out {
		sum += n
	}
	for s := range out {
		out[s] /= sum
	}
	return out
}

func table(text string) map[string]map[string]float64 {
	out := map[string]map[string]float64{}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		for entry := range strings.SplitSeq(line, ",") {
			if sound, spellings, ok := strings.Cut(strings.TrimSpace(entry), " "); ok {
				if out[sound] != nil {
					log.Fatalf("chinese: %q is in the table twice", sound)
				}
				out[sound] = shares(spellings)
			}
		}
	}
	return out
}

// A custom is how a place spells Cantonese: by initials and finals of Jyutping (~ is no initial), syllables that are
// spelt otherwise than these are, and family names that are spelt by a custom of their own or
// have another reading than the character as a word.
type custom struct{ initials, finals, whole, families map[string]map[string]float64 }

func (c *custom) given(char rune) map[string]float64 { return c.spell(unit.Cantonese(char)) }

func (c *custom) family(char rune) map[string]float64 {
	if own, ok := c.families[string(char)]; ok {
		return own
	}
	return c.given(char)
}

func (c *custom) spell(jyutping string) map[string]float64 {
	if jyutping == "" {
		return map[string]float64{}
	}
	if whole, ok := c.whole[jyutping]; ok {
		return whole
	}
	out := map[string]float64{}
	for cut := range jyutping {
		initial, final := cmp.Or(jyutping[:cut], "~"), jyutping[cut:]
		if c.initials[initial] == nil || c.finals[final] == nil {
			continue
		}
		for i, p := range c.initials[initial] {
			for f, q := range c.finals[final] {
				out[i+f] += p * q
			}
		}
		break
	}
	return out
}

// hongKong is the custom of the Government of Hong Kong.
var hongKong = custom{hongKongInitials, hongKongFinals, hongKongSyllables, hongKongFamilies}

var hongKongInitials = table(`
~ - 100, b p 78 b 22, p p 100, m m 100, f f 100, d t 90 d 10, t t 100, n n 88 l 12, l l 98 n 2
g k 88 g 12, k k 98 c 2, ng ng 88 - 12, h h 100, gw kw 92 k 5 gw 3, kw kw 92 k 8, w w 100
z ch 66 ts 24 j 7 tz 3, c ch 62 ts 38, s s 70 sh 30, j y 96 - 3 j 1`)

var hongKongFinals = table(`
aa a 64 ah 22 ar 14, aai ai 97 aai 3, aau au 97 aau 3, aam am 100, aan an 100, aang ang 100, aap ap 100, aat at 100, aak ak 100
ai ai 97 ay 3, au au 88 ow 12, am am 68 um 32, an an 70 un 30, ang ang 92 ung 8, ap ap 85 up 15, at at 80 ut 20, ak ak 93 uk 5 ack 2
e e 84 eh 16, ei ei 52 i 26 ee 14 ay 5 ey 3, eng eng 66 ang 22 ing 12, ek ek 62 ik 26 ak 12
i i 76 ee 20 e 4, iu iu 96 ew 4, im im 100, in in 97 een 3, ing ing 99 in 1, ip ip 100, it it 100, ik ik 86 ick 14
o o 84 or 12 oh 4, oi oi 97 oy 3, ou o 88 ou 6 oo 4 ow 2, on on 100, ong ong 100, ot ot 100, ok ok 96 ock 4
u u 72 oo 28, ui ui 94 ooi 6, un un 72 oon 28, ung ung 97 oong 3, ut ut 92 oot 8, uk uk 92 ook 8
oeng eung 90 eong 6 ong 4, oek euk 84 eok 16, eoi ui 88 eui 6 oi 6, eon un 92 eun 8, eot ut 88 eut 12
yu u 78 ue 22, yun uen 76 un 22 yun 2, yut uet 78 ut 22, m m 40 ng 60, ng ng 100`)

var hongKongSyllables = table(`
zi chi 58 tsz 26 tze 7 tse 3 tsi 3 chee 3, ci chi 48 tsz 28 tse 8 tze 6 chee 5 ci 5, si sze 34 si 26 see 14 shi 12 sz 7 sy 7
ji yi 46 yee 40 yee 5 i 4 ye 3 ee 2, jyu yu 74 yue 18 yee 5 yuh 3, jyun yuen 84 yun 14 un 2, jyut yuet 84 yut 16
jip yip 92 ip 8, jin yin 84 in 8 yeen 8, jing ying 96 yin 2 ing 2, jik yik 82 yick 18, jiu yiu 96 yew 4
waa wah 78 wa 22, faa fa 56 fah 24 far 20, haa ha 66 har 26 hah 8, gaa ka 60 kar 26 ga 8 kah 6, ngaa nga 70 ngar 30
saa sha 50 sa 40 sar 10, jaa ya 80 yah 20, maa ma 84 mah 10 mar 6, laa la 80 lah 12 lar 8
sing sing 56 shing 44, siu siu 88 shiu 12, sin sin 84 shin 16, soeng sheung 94 seung 6, seon shun 74 sun 12 seun 14, sau sau 84 shau 16
san san 58 sun 28 shan 14, sam sum 50 sam 42 shum 8, syut suet 78 shuet 12 sut 10, syun suen 62 shuen 24 sun 14, seoi sui 62 shui 32 seui 6
syu shu 56 shue 28 su 16, sek shek 92 sek 8, se she 84 se 16, saan shan 66 san 34, sik sik 76 shik 24, sai sai 92 shai 8, sung sung 92 shung 8
sit sit 88 shit 12, suk suk 80 shuk 20, saam sam 100, sang sang 92 sung 8, song song 92 shong 8, sok sok 100
zoeng cheung 92 tseung 5 cheong 3, zung chung 88 tsung 12, zong chong 78 tsong 22, zau chau 78 chow 16 tsau 6, zing ching 88 tsing 9 jing 3
zin chin 78 tsin 20 jin 2, ziu chiu 84 tsiu 12 jiu 4, zan chun 62 chan 32 jan 6, zeon chun 76 tsun 20 jun 4, zyu chu 72 chue 24 tsu 4
zit chit 80 tsit 20, zik chik 76 tsik 20 chick 4, zim chim 80 tsim 20, zoi choi 78 tsoi 22, zok chok 76 tsok 24, zaak chak 84 tsak 12 jak 4
zam cham 80 tsam 10 chum 10, zang tsang 70 chang 20 tsung 10, zo cho 50 tso 40 jo 10, zou cho 40 tso 54 jo 6, zeoi chui 60 tsui 40
coeng cheung 88 cheong 4 tseung 8, cing ching 84 tsing 16, cin chin 66 tsin 34, ciu chiu 74 tsiu 26, cyun chuen 78 tsuen 16 chun 6, cung chung 72 tsung 28
cau chau 74 tsau 20 chow 6, can chan 60 tsan 4 chun 36, ceon chun 76 tsun 24, cou tso 50 cho 50, coi choi 74 tsoi 26, caa cha 84 tsa 8 char 8, ceoi chui 56 tsui 44
gwan kwan 88 kwun 10 gwan 2, gwong kwong 94 kong 6, gwok kwok 96 kok 4, gwing kwing 100, gwai kwai 96 gwai 4, gwaan kwan 100
kwan kwan 94 kwun 6, gyun kuen 84 kun 16, kyun kuen 88 kun 12, gun kwun 44 koon 36 kun 18 gun 2, fun foon 52 fun 48, mun mun 62 moon 38
hei hei 76 hay 10 hi 6 hee 8, gei kei 48 ki 34 kee 12 gi 6, kei ki 52 kei 42 kay 6, mei mei 44 may 28 mi 24 mee 4, lei lei 42 li 30 lee 26 lay 2, nei nei 50 ni 40 nee 10
ng ng 94 eng 6, ngo ngo 66 ngor 34, ho ho 88 hor 12, lo lo 76 law 14 lor 10, to to 84 tor 16, do to 80 dor 8 tor 12, go ko 74 kor 14 go 12, so so 74 sor 20 soh 6
gou ko 84 go 8 kou 8, mou mo 90 mou 6 moo 4, hou ho 94 hou 6, lou lo 90 lou 10, tou to 92 tou 8, jung yung 98 yong 2, jau yau 96 yow 4, joeng yeung 94 yeong 4 yong 2`)

var hongKongFamilies = table(`
陈 chan 100, 王 wong 100, 李 lee 72 li 22 lei 6, 张 cheung 97 cheong 3, 刘 lau 100, 杨 yeung 96 young 2 yeong 2, 黄 wong 100, 赵 chiu 96 chiew 2 jiu 2, 吴 ng 97 eng 3
周 chow 58 chau 42, 徐 tsui 62 chui 38, 孙 suen 72 sun 22 shuen 6, 马 ma 96 mah 4, 朱 chu 94 chue 6, 胡 wu 72 woo 28, 郭 kwok 98 kwock 2, 何 ho 100, 林 lam 98 lum 2, 高 ko 94 kou 4 go 2
罗 lo 58 law 40 lor 2, 郑 cheng 98 chang 2, 梁 leung 98 leong 2, 谢 tse 96 che 2 tze 2, 宋 sung 100, 唐 tong 100, 许 hui 97 hoi 3, 邓 tang 100, 冯 fung 98 foong 2, 韩 hon 100, 曹 tso 82 cho 18
曾 tsang 96 chang 4, 彭 pang 100, 萧 siu 94 shiu 6, 肖 siu 94 shiu 6, 蔡 choi 72 tsoi 25 choy 3, 潘 poon 90 pun 8 phoon 2, 田 tin 100, 董 tung 100, 袁 yuen 100, 于 yu 92 yue 8, 余 yu 80 yue 14 yee 6
叶 yip 86 ip 14, 蒋 cheung 76 tseung 24, 杜 to 100, 苏 so 94 soo 6, 魏 ngai 100, 程 ching 100, 吕 lui 74 lu 24 leui 2, 丁 ting 100, 沈 shum 84 sum 12 sham 4, 任 yam 84 yum 16, 姚 yiu 97 yew 3
卢 lo 94 lu 4 loo 2, 傅 fu 94 foo 6, 钟 chung 97 cheong 3, 姜 keung 97 geung 3, 崔 chui 64 tsui 36, 谭 tam 98 tham 2, 廖 liu 96 liew 2 lew 2, 范 fan 100, 汪 wong 100, 陆 luk 97 look 3, 金 kam 96 kum 4
石 shek 100, 戴 tai 98 tay 2, 贾 ka 70 kar 20 ga 10, 韦 wai 100, 夏 ha 76 har 24, 邱 yau 100, 丘 yau 100, 方 fong 100, 侯 hau 100, 邹 chau 60 chow 36 tsau 4, 熊 hung 100, 孟 mang 100, 秦 chun 97 tsun 3
白 pak 92 bak 8, 江 kong 96 gong 4, 阎 yim 100, 闫 yim 100, 薛 sit 100, 尹 wan 100, 段 tuen 94 tun 6, 雷 lui 94 looi 6, 黎 lai 100, 史 sze 84 see 8 shi 4 si 4, 龙 lung 100, 贺 ho 100, 陶 to 97 tou 3
顾 koo 68 ku 32, 毛 mo 96 mou 4, 龚 kung 100, 邵 shiu 70 siu 30, 万 man 100, 武 mo 84 mou 16, 钱 chin 92 tsin 8, 莫 mok 100, 孔 hung 100, 汤 tong 100, 温 wan 100, 康 hong 100, 施 sze 82 see 14 si 4
文 man 100, 樊 fan 100, 邢 ying 100, 安 on 100, 齐 chai 100, 庞 pong 100, 颜 ngan 92 ngaan 8, 庄 chong 94 tsong 6, 鲁 lo 100, 甘 kam 100, 翁 yung 100, 关 kwan 100, 麦 mak 100, 冼 sin 94 sinn 6
区 au 92 ow 4 auw 4, 欧 au 94 ow 6, 邝 kwong 98 fong 2, 岑 shum 58 sum 38 sham 4, 霍 fok 97 fock 3, 倪 ngai 94 ngae 6, 赖 lai 100, 符 fu 92 foo 8, 洪 hung 100, 伍 ng 100, 古 ku 80 koo 20, 柯 o 66 or 28 oh 6
单 sin 80 shin 20, 查 cha 84 char 16, 仇 kau 80 chow 20, 翟 chak 80 jaak 20, 尤 yau 100, 游 yau 100, 阮 yuen 100, 殷 yan 100, 甄 yan 80 yun 20, 卓 cheuk 100, 祝 chuk 100, 凌 ling 100, 连 lin 100
柳 lau 100, 骆 lok 92 lock 8, 池 chi 90 chee 10, 缪 miu 92 mau 8, 梅 mui 92 moy 4 mooi 4, 容 yung 100, 严 yim 100, 饶 yiu 100, 利 lee 90 lei 10
葛 kot 100, 盛 shing 92 sing 8, 杭 hong 100, 成 shing 78 sing 22, 佘 sher 50 she 50, 谈 tam 100, 车 che 80 kui 20, 巫 mo 100, 练 lin 100, 苗 miu 100, 蓝 lam 94 larm 6, 覃 tam 60 cham 40, 植 chik 100, 曲 kuk 100`)

// malayan is the custom of Malaysia and Singapore, which is English in its vowels: Foong, Leong, Siew, Kah.
var malayan = custom{table(`
~ - 100, b p 66 b 34, p p 88 ph 12, m m 100, f f 100, d t 80 d 20, t t 94 th 6, n n 92 l 8, l l 98 n 2
g k 86 g 14, k k 84 kh 16, ng ng 80 - 20, h h 100, gw kw 74 k 22 gw 4, kw kw 92 k 8, w w 100
z ch 90 j 8 ts 2, c ch 96 ts 4, s s 86 sh 14, j y 95 - 4 j 1`), table(`
aa ah 66 a 29 ar 5, aai ai 97 aai 3, aau au 90 aau 10, aam am 100, aan an 100, aang ang 100, aap ap 90 aap 10, aat at 60 att 40, aak ak 80 ark 20
ai ai 96 ay 4, au au 56 ow 44, am am 58 um 42, an an 54 un 42 en 4, ang ang 92 ung 8, ap ap 80 up 20, at at 44 att 36 utt 10 ut 10, ak ak 50 uck 30 ack 20
e e 50 eh 50, ei ei 42 ee 36 i 14 ey 4 ay 4, eng eng 80 ang 10 ing 10, ek ek 70 ick 30
i ee 56 i 40 e 4, iu iew 50 iu 26 ew 24, im im 90 eem 10, in in 62 een 26 ien 12, ing ing 64 eng 36, ip ip 90 eep 10, it it 80 eet 20, ik ik 50 ick 24 ek 26
o oh 50 o 34 or 16, oi oi 76 oy 24, ou oh 28 o 34 ow 20 oo 10 ou 8, on on 94 orn 6, ong ong 100, ot ot 80 ott 20, ok ok 64 ock 36
u oo 54 u 46, ui ui 66 ooi 34, un oon 72 un 22 uen 6, ung oong 58 ung 26 ong 16, ut ut 70 oot 30, uk ook 46 uk 30 oke 14 ock 10
oeng eong 80 eung 10 ong 10, oek eok 60 euk 40, eoi ui 62 oi 22 ooi 16, eon un 54 oon 42 eun 4, eot ut 70 oot 30
yu u 44 oo 30 ee 14 ue 12, yun uen 40 oon 26 un 22 een 6 uan 6, yut uet 50 ut 30 oot 20, m ng 100, ng ng 94 oong 6`), table(`
ji yee 72 yi 22 ee 6, jyu yu 50 yee 26 yue 20 yuh 4, zi chee 54 chi 30 tze 6 tsz 4 ji 2 jee 4, ci chee 50 chi 34 tze 8 tsz 8, si see 38 si 22 sze 24 shi 8 sy 8
waa wah 84 wa 10 hwa 6, gwok kok 62 kwok 34 kwock 4, sing seng 42 sing 46 shing 12, gwan kwan 72 koon 12 kuan 8 kwun 8, joeng yeong 46 yong 40 yang 4 yeung 10
ng ng 100, jip yip 90 yap 6 ip 4, jan yan 62 yen 14 yin 14 yun 10, jau yau 50 yow 30 yew 20, jyun yuen 66 yoon 14 yun 12 yin 8`), table(`
陈 chan 94 chin 6, 王 wong 98 heng 2, 黄 wong 94 ooi 6, 李 lee 92 li 6 lei 2, 梁 leong 84 leung 14 neoh 2, 张 cheong 56 chong 34 cheung 6 chang 4, 杨 yong 48 yeong 30 yeung 14 yang 8
刘 lau 40 low 24 lew 22 liew 14, 林 lam 62 lum 22 lim 16, 郭 kok 34 kwok 60 kuok 6, 何 ho 80 hoh 16 hor 4, 陆 loke 56 look 14 luk 14 lok 16, 胡 woo 46 wu 24 foo 24 oh 6, 冯 foong 64 fung 26 fong 10
邓 tang 90 teng 6 thang 4, 曾 chang 46 tsang 16 chan 14 chen 24, 谢 chia 20 chea 20 cheah 20 che 20 tse 20, 罗 law 36 loh 20 low 18 lor 8 lo 18, 叶 yip 62 yap 34 ip 4, 萧 siew 76 siu 12 sew 12
周 chow 78 chau 12 chew 10, 赵 chiew 44 chew 30 chiu 20 chio 6, 苏 soo 46 so 28 su 26, 吕 looi 40 lui 40 loi 20, 雷 looi 46 lui 34 loi 20, 钟 chong 58 choong 24 chung 18, 谭 tham 62 tam 34 thum 4
潘 phoon 40 poon 32 phun 10 phang 4 pun 14, 许 hooi 30 hui 40 hoi 30, 孙 soon 46 suen 24 sun 30, 朱 choo 56 chu 38 chee 6, 江 kong 84 kiang 8 gong 8, 邱 yau 40 yow 26 hew 34, 丘 yau 40 yow 26 hew 34
蔡 choy 42 choi 34 chai 12 tsoi 12, 卢 loo 36 low 24 lo 24 lu 16, 余 yee 38 yu 26 yue 22 eu 14, 马 mah 62 ma 38, 廖 liew 62 liow 8 leow 12 liu 18, 姚 yew 46 yiu 34 yeo 20, 龙 loong 72 lung 28
沈 sum 36 shum 30 sim 16 sam 18, 洪 hoong 40 hung 34 hong 26, 吴 ng 92 goh 2 eng 6, 伍 ng 96 eng 4, 温 woon 46 wan 34 voon 20, 高 ko 34 koh 30 kow 12 kou 24, 古 koo 62 ku 38, 郑 cheng 60 chang 22 chin 18
区 au 70 ow 30, 欧 au 70 ow 30, 翁 yong 40 yoong 30 ong 30, 严 yim 60 ngam 20 yam 20, 施 see 60 sze 30 si 10, 史 see 60 sze 30 si 10, 任 yam 60 yum 40, 麦 mak 70 mark 18 mah 12, 关 kwan 74 koan 10 kuan 16
薛 sit 60 seet 40, 戴 tai 70 tye 10 tay 20, 白 pak 60 peh 20 pek 20, 尹 wan 70 won 30, 岑 sum 50 sham 30 shum 20, 单 sin 60 san 40, 仇 kow 60 kau 40, 查 cha 80 char 20, 翟 chak 100`)}

func wade(pinyin string) map[string]float64 {
	if pinyin == "" {
		return map[string]float64{}
	}
	if own, ok := taiwan[pinyin]; ok {
		return own
	}
	w := script.WadeGiles(pinyin)
	if rest, ok := strings.CutPrefix(w, "hs"); ok { // Shiao, Shiang
		return map[string]float64{w: .94, "sh" + rest: .06}
	}
	return map[string]float64{w: 1}
}

// taiwan has what passports of Taiwan write beside Wade-Giles.
var taiwan = table(`
yi yi 48 i 42 yih 6 ih 2 e 2, si ssu 30 szu 60 sze 4 su 6, zi tzu 84 tze 8 tsu 8, ci tzu 80 tsu 20, zhi chih 88 chi 12, chi chih 88 chi 12, shi shih 94 shi 6
ying ying 92 ing 8, yin yin 94 in 6, er erh 88 er 8 ehr 4, rong jung 84 rong 16, hong hung 88 hong 12, zhong chung 88 chong 12, long lung 90 long 10, guo kuo 96 kwo 4
yun yun 92 yung 3 yuin 5, jun chun 92 jiun 4 juin 4, yong yung 92 yong 8, e o 70 er 16 e 14, he ho 90 her 10, ke ko 84 ke 10 ker 6, ge ko 80 ke 14 ker 6`)

func wadeFamily(pinyin string) map[string]float64 {
	switch pinyin {
	case "li":
		return shares("lee 56 li 44")
	case "cai":
		return shares("tsai 94 tsay 6")
	case "song":
		return shares("sung 80 soong 14 song 6")
	case "shi":
		return shares("shih 100")
	case "hong":
		return shares("hung 92 hong 8")
	}
	return wade(pinyin)
}
