package names

import (
	"strings"
	"testing"
)

// inPinyin writes a name by its syllables.
func inPinyin(n ChineseName) string {
	written := make(map[uint16]string)
	for _, of := range []map[string]*syllable{chineseFamilies, chineseGiven} {
		for text, s := range of {
			for _, as := range s[Pinyin].as {
				if old, ok := written[as.number]; !ok || len(text) < len(old) || len(text) == len(old) && text < old {
					written[as.number] = text
				}
			}
		}
	}
	var out []string
	for at := range syllablesOfName {
		if s := n.syllable(at); s != 0 {
			out = append(out, written[s])
		}
	}
	return strings.Join(out, " ")
}

// Which names of China a name may be: by what is known of the characters.
func TestReadChinese(t *testing.T) {
	for _, c := range []struct {
		written string
		as      Romanisation
		want    string // one that it may be; "" for none at all
		beside  string
	}{
		{"Wang Jiawei", Pinyin, "wang jia wei", ""},
		{"Wang Jia-wei", Pinyin, "wang jia wei", ""},
		{"Jiawei WANG", Pinyin, "wang jia wei", ""},
		{"Lyu Liangwei", Pinyin, "lu liang wei", ""},
		{"Ye Liu Shuyi", Pinyin, "ye liu shu yi", ""},
		{"Wang Fang", Pinyin, "wang fang", ""},
		{"Xian Yan", Pinyin, "xian yan", ""},
		{"Liu Xian", Pinyin, "liu xi an", ""},
		{"Wong Kar-wai", Cantonese, "wang jia wei", ""},
		{"Wong Kar Wai", Cantonese, "huang jia hui", ""},
		{"Chris Tang Ping-keung", Cantonese, "deng bing qiang", "chris"},
		{"TANG, Ping Keung Chris", Cantonese, "deng bing qiang", "chris"},
		{"Ip Lau Suk-yee", Cantonese, "ye liu shu yi", ""},
		{"Wong Tsz Wai", Cantonese, "wang zi wei", ""},
		{"Mao Tse-tung", WadeGiles, "mao ze dong", ""},
		{"Teng Hsiao-p'ing", WadeGiles, "deng xiao ping", ""},
		{"Kim Jong Un", 0, "", ""},
		{"Nguyen Van Minh", 0, "", ""},
		{"Vladimir Putin", 0, "", ""},
		{"Lee", 0, "", ""},
		{"Wong Kar Wai Ming Fai", 0, "", ""},
		{"Wong K. W.", 0, "", ""},
		{"王家衛", 0, "", ""},
	} {
		n := Person(Parts{Full: c.written})
		got := ReadChinese(n.Tokens, 4)
		found := c.want == "" && len(got.Names) == 0
		for i, r := range got.Names {
			found = found || r.In == c.as && inPinyin(r.Name) == c.want
			if r.In == Pinyin && r.Nats > 0 || r.In != Pinyin && r.Nats < 4 {
				t.Errorf("%s may be %s by %v nats", c.written, inPinyin(r.Name), r.Nats)
			}
			if i > 0 && got.Names[i-1].Name > r.Name {
				t.Errorf("%s: names are not in order", c.written)
			}
		}
		if !found || got.Beside != c.beside {
			t.Errorf("%s: want %q in %s beside %q, got beside %q:", c.written, c.want, c.as, c.beside, got.Beside)
			for _, r := range got.Names {
				t.Logf("%s, %s %.2f", inPinyin(r.Name), r.In, r.Nats)
			}
		}
	}
}

// What is one word is hardly ever Cantonese, and what may be both is less surely either.
func TestChineseIsWeighed(t *testing.T) {
	nats := func(written string, as Romanisation, name string) float64 {
		n := Person(Parts{Full: written})
		for _, r := range ReadChinese(n.Tokens, -20).Names {
			if r.In == as && inPinyin(r.Name) == name {
				return r.Nats
			}
		}
		t.Fatalf("%s is not read as %s in %s", written, name, as)
		return 0
	}
	if apart, one := nats("Li Man Ling", Cantonese, "li min ling"), nats("Li Manling", Cantonese, "li min ling"); apart < one+1 {
		t.Errorf("Li Man Ling is 李敏玲 by %.2f nats, Li Manling by %.2f", apart, one)
	}
	if apart, one := nats("Li Man Ling", Pinyin, "li man ling"), nats("Li Manling", Pinyin, "li man ling"); apart > one-1 {
		t.Errorf("Li Man Ling is pinyin by %.2f nats, Li Manling by %.2f", apart, one)
	}
	if rare, common := nats("Wong Yuet Ngo", Cantonese, "wang yue e"), nats("Wong Man Wai", Cantonese, "wang wen wei"); rare < common+.5 {
		t.Errorf("月娥 tells %.2f nats, 文偉 %.2f", rare, common)
	}
}

// Spelt is ReadChinese turned round: what a name may be written as, and no less than that.
func TestSpeltIsReadChineseTurned(t *testing.T) {
	const least = 5
	turned := 0
	for _, written := range strings.Split("Wong Kar Wai,Lee Ming,Chan Yuet-ying,Mao Tse-tung,Hsu Shih-yu,Ip Lau Suk-yee,Tsai Ing-wen,Li Man Ling,Chow Sing-chi,Ho Fung", ",") {
		n := Person(Parts{Full: written})
		read := ReadChinese(n.Tokens, least)
		for _, r := range read.Names {
			if r.In == Pinyin {
				continue
			}
			found := false
			r.Name.Spelt(least, func(other string) {
				for _, own := range read.Written {
					found = found || own == other
				}
			})
			if turned++; !found {
				t.Errorf("%s may be %s, which is not spelt so", written, inPinyin(r.Name))
			}
		}
	}
	if turned < 50 {
		t.Errorf("%d readings: the test proves little", turned)
	}
}

// What is relied on of the table: syllables are short and their numbers have ten bits, every romanisation has
// its syllables, and what a syllable may be is one of pinyin.
func TestChineseTable(t *testing.T) {
	var count [romanisations]int
	for _, of := range []map[string]*syllable{chineseFamilies, chineseGiven} {
		inPinyin := make(map[uint16]bool)
		for _, s := range of {
			for _, as := range s[Pinyin].as {
				inPinyin[as.number] = true
			}
		}
		for text, s := range of {
			if len(text) > longestSyllable || strings.Trim(text, "abcdefghijklmnopqrstuvwxyz") != "" {
				t.Errorf("%q is a syllable", text)
			}
			for in, as := range s {
				if (as.unlikely > 0) != (len(as.as) > 0) && Romanisation(in) == Pinyin || as.unlikely < 0 {
					t.Errorf("%s in %s is unlikely by %v and may be %v", text, Romanisation(in), as.unlikely, as.as)
				}
				if as.unlikely > 0 {
					count[in]++
				}
				for _, a := range as.as {
					if a.number == 0 || a.number >= 1<<10 || !inPinyin[a.number] || a.nats < 0 || a.nats > 6 {
						t.Errorf("%s in %s may be %v", text, Romanisation(in), a)
					}
				}
			}
		}
	}
	for in, n := range count {
		if n < 500 {
			t.Errorf("%d syllables in %s", n, Romanisation(in))
		}
	}
}
