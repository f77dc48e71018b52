package match

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sallyport/entity"
	"sallyport/names"
)

// Names of China as Hong Kong and Malaysia spell Cantonese and in Wade-Giles, beside pinyin: by what is known
// of the characters, those of people everybody has heard of or names that many have.
func TestChineseNamesInTwoSpellings(t *testing.T) {
	const one = `
Wang Jiawei | Wong Kar Wai | Wong Kar-wai | WONG, Kar Wai | Kar Wai Wong
Kar-wai Wong | Wang Jia Wei | Jia Wei Wang | Jiawei Wang
Dr. Wong Ka Wai | Wang Jiawei
Wong Karwai | Wang Jiawei
Chan Yuet Ying | Chen Yueying
Chow Yun-fat | Zhou Runfa
Leung Chiu-wai | Liang Chaowei
Lau Tak-wah | Liu Dehua
Cheung Hok-yau | Zhang Xueyou
Kwok Fu-shing | Guo Fucheng
Leung Kar-fai | Liang Jiahui
Lau Ching-wan | Liu Qingyun
Cheung Kwok-wing | Zhang Guorong
Mui Yim-fong | Mei Yanfang
Chan Kong-sang | Chen Gangsheng
Lee Siu-lung | Li Xiaolong
Lee Ka-shing | Li Jiacheng
Lee Ka-chiu | Li Jiachao
Tsang Yam-kuen | Zeng Yinquan
Leung Chun-ying | Liang Zhenying
Cheung Man-yuk | Zhang Manyu
Chung Cho-hung | Zhong Chuhong
Lam Ching-ha | Lin Qingxia
Chan Yik-shun | Chen Yixun
Koo Tin-lok | Gu Tianle
Chow Sing-chi | Zhou Xingchi
Hui Kwun-man | Xu Guanwen
Hui Koon-kit | Xu Guanjie
Tam Wing-lun | Tan Yonglin
Law Kar-ying | Luo Jiaying
Yuen Wo-ping | Yuan Heping
Hung Kam-bo | Hong Jinbao
To Kei-fung | Du Qifeng
Ho Hung-sun | He Hongshen
Fok Ying-tung | Huo Yingdong
Kwok Tak-shing | Guo Desheng
Cheng Yu-tung | Zheng Yutong
Lee Chu-ming | Li Zhuming
Chan Fong On-sang | Chen Fang Ansheng
Lam Kin Ming | Lin Jianming
Chan Kwok Ming | Chen Guoming
Ng Wai Man | Wu Huimin | Wu Weiwen
Yeung Suk Fan | Yang Shufen
Tang Ping-keung | Deng Bingqiang
Chu Siu Ling | Zhu Xiaoling
Tse Ting-fung | Xie Tingfeng
Choi Yuk Lan | Cai Yulan
Tsoi Yuk Lan | Cai Yulan
Tsui Chi Keung | Xu Zhiqiang
Poon Kwok Wah | Pan Guohua
Fung Kin Hong | Feng Jiankang
Yip Tak Shing | Ye Decheng
Mak Chi Wai | Mai Zhiwei
Kwan Chi Lam | Guan Zhilin
Yu Man Lok | Yu Wenle
Siu Yuet Wah | Xiao Yuehua
So Yuk Wah | Su Yuhua
Shum Kwok Keung | Shen Guoqiang
Chiu Nga Chi | Zhao Yazhi
Wan Pik Ha | Wen Bixia | Yin Bixia
Wong Tsz Wai | Wang Ziwei
Lui Leung Wai | Lü Liangwei | Lu Liangwei | Lyu Liangwei
Lai Ka Yan | Li Jiaxin
Au Chun Keung | Ou Zhenqiang
Kong Wing Fai | Jiang Yonghui
Ngai Chun Hung | Ni Zhenhong
Ip Lau Suk-yee | Ye Liu Shuyi
Carrie Lam Cheng Yuet-ngor | Lin Zheng Yue'e
Chris Tang Ping-keung | Deng Bingqiang | Chris Deng Bingqiang
TANG, Ping-keung Chris | Deng Bingqiang
Lee Ka-chiu John | Li Jiachao
Leong Wai Keong | Liang Weiqiang
Foong Mei Ling | Feng Meiling
Cheong Kah Wai | Zhang Jiawei
Loke Yew Meng | Lu Youming
Wong Chee Meng | Huang Zhiming
Chan Kok Weng | Chen Guorong
Low Siew Ling | Liu Xiaoling
Chow Kah Hoong | Zhou Jiahong
Tham Chee Keong | Tan Zhiqiang
Woo Yuen Fatt | Hu Yuanfa
Chong Kok Fai | Zhang Guohui | Zhong Guohui
Mao Tse-tung | Mao Zedong | Mao Ze Dong | Tse-tung Mao
Teng Hsiao-p'ing | Deng Xiaoping
Chou En-lai | Zhou Enlai
Liu Shao-ch'i | Liu Shaoqi
P'eng Te-huai | Peng Dehuai
Hua Kuo-feng | Hua Guofeng
Hu Yao-pang | Hu Yaobang
Chao Tzu-yang | Zhao Ziyang
Chiang Ching-kuo | Jiang Jingguo
Chiang Tse-min | Jiang Zemin
Chu Jung-chi | Zhu Rongji
Yeh Chien-ying | Ye Jianying
Hsü Shih-yu | Xu Shiyou
Sung Ch'ing-ling | Song Qingling
Tung Pi-wu | Dong Biwu
Lee Teng-hui | Li Denghui
Tsai Ing-wen | Cai Yingwen
Hsieh Chang-ting | Xie Changting
Wang Chin-ping | Wang Jinping
Wu Po-hsiung | Wu Boxiong
Lai Ching-te | Lai Qingde
Hou Yu-ih | Hou Youyi
Tseng Kuo-fan | Zeng Guofan
Tso Tsung-t'ang | Zuo Zongtang
Li Hung-chang | Li Hongzhang
K'ang Yu-wei | Kang Youwei
Liang Ch'i-ch'ao | Liang Qichao`
	const two = `
Wong Kar Wai | Wang Jianwei | Wang Jiaming | Wang Weijia | Zhang Jiawei | Wang Meiwei | Li Jiawei
Chan Yuet Ying | Chen Xueying | Chen Yuemei | Chen Yingyue | Chen Yongying
Lee Ka-shing | Li Jiachao | Li Jiaming | Li Guocheng
Lee Ka-chiu | Li Jiacheng | Li Guochao
Lau Tak-wah | Liu Xiaobo | Liu Dehai | Liu Guohua
Leung Chun-ying | Liang Zhaowei | Liang Zhenming | Liang Guoying
Cheung Kwok-wing | Zhang Guoping | Zhang Guoliang | Zhang Yongguo
Tsang Yam-kuen | Zeng Qinghong | Zeng Yinhua
Chow Sing-chi | Zhou Xingfa | Zhou Chixing
Tang Ping-keung | Deng Bingwen | Deng Zhiqiang
Chris Tang Ping-keung | Peter Deng Bingqiang | Deng Bingwen | Deng Zhiqiang
Ip Lau Suk-yee | Ye Liu Shufen | Ye Wang Shuyi
Lam Kin Ming | Lin Qiming | Lin Jianhua | Lin Mingjian
Ng Ka Man | Wu Jiaming | Wu Guomin
Chan Kwok Ming | Chen Guofeng | Chen Deming | Chen Xiaoming
Yeung Suk Fan | Yang Xuefen | Yang Shuzhen
Tse Ting-fung | Xie Tinghua | Xie Changting
Leong Wai Keong | Liang Weiming | Liang Meiqiang
Wong Chee Meng | Huang Zhiwei | Huang Mingzhi
Tham Chee Keong | Tan Zhiming | Tang Jianqiang
Fung Kin Hong | Feng Jianhua | Feng Jiangang
Mao Tse-tung | Mao Zeming | Mao Jiadong
Teng Hsiao-p'ing | Deng Xiaogang | Deng Yaping
Liu Shao-ch'i | Liu Shaoming | Liu Guoqi
P'eng Te-huai | Peng Decheng | Peng Xuehuai
Hua Kuo-feng | Hua Guoping
Chiang Ching-kuo | Jiang Jingming | Jiang Weiguo
Lee Teng-hui | Li Dengke | Li Minghui
Wu Po-hsiung | Wu Bowen | Wu Yingxiong`
	w := DefaultWeights()
	pairs, spellings := 0, make(map[string]int)
	for _, of := range [...]struct {
		hit  bool
		text string
	}{{true, one}, {false, two}} {
		for line := range strings.Lines(strings.TrimSpace(of.text)) {
			written := strings.Split(strings.TrimSpace(line), " | ")
			for _, other := range written[1:] {
				for _, way := range [...][2]string{{written[0], other}, {other, written[0]}} {
					pairs++
					f := Compare(man(way[0]), man(way[1]), w)
					if hit := f.Grade != None; hit != of.hit {
						t.Errorf("%s | %s: hit is %v, score %.2f: %v", way[0], way[1], hit, f.Score, f.Reasons)
					}
					for s := names.Pinyin; s <= names.WadeGiles && of.hit && len(f.Reasons) > 0; s++ {
						if strings.Contains(f.Reasons[0].Text, "the Chinese name: "+s.String()) {
							spellings[s.String()]++
						}
					}
				}
			}
		}
	}
	if pairs < 2*150 || len(spellings) != 4 || slices.Min(slices.Collect(maps.Values(spellings))) < 10 {
		t.Errorf("%d pairs, found by the spellings of the listed name %v: the test proves little", pairs, spellings)
	}
}

// A reviewer reads which listed name agrees and how each side is spelt, and nothing of what was asked.
func TestReasonsNameTheChineseSpelling(t *testing.T) {
	const spelt = "as another spelling of the Chinese name"
	w := DefaultWeights()
	for _, c := range [][3]string{
		{"Wang Jiawei", "WONG, Kar Wai", "name “WONG, Kar Wai”: agrees in wong, kar, wai " + spelt + ": Cantonese as Hong Kong spells it, where the name asked for is in pinyin"},
		{"Wong Kar Wai", "Wang Jiawei", "name “Wang Jiawei”: agrees in wang, jiawei " + spelt + ": pinyin, where the name asked for is in Cantonese as Hong Kong spells it"},
		{"Mao Zedong", "Mao Tse-tung", "name “Mao Tse-tung”: agrees in mao, tse, tung " + spelt + ": Wade-Giles, where the name asked for is in pinyin"},
		{"Chris Tang Ping-keung", "Deng Bingqiang", "name “Deng Bingqiang”: agrees in deng, bingqiang " + spelt + ": pinyin, where the name asked for is in Cantonese as Hong Kong spells it; lacks 1 of the parts asked for"},
		{"Deng Bingqiang", "Chris Tang Ping-keung", "name “Chris Tang Ping-keung”: agrees in tang, ping, keung " + spelt + ": Cantonese as Hong Kong spells it, where the name asked for is in pinyin; has no partner for chris"},
	} {
		if f := Compare(man(c[0]), man(c[1]), w); len(f.Reasons) != 1 || f.Reasons[0].Text != c[2] {
			t.Errorf("%s | %s: %+v\nwant %s", c[0], c[1], f.Reasons, c[2])
		}
	}
}

// A name of elsewhere beside a Chinese one costs what a part costs that one side tells.
func TestNameBesideAChineseOneCosts(t *testing.T) {
	w := DefaultWeights()
	score := func(a, b string) float64 { return Compare(man(a), man(b), w).Nats }
	alone := score("Tang Ping-keung", "Deng Bingqiang")
	for _, way := range [][2]string{{"Chris Tang Ping-keung", "Deng Bingqiang"}, {"Tang Ping-keung", "Chris Deng Bingqiang"}, {"Deng Bingqiang", "Tang Ping-keung Chris"}} {
		if got := score(way[0], way[1]); math.Abs(alone-w.OneSide.Part-got) > 1e-3 {
			t.Errorf("%s | %s: %v nats, want %v less %v", way[0], way[1], got, alone, w.OneSide.Part)
		}
	}
	if got := score("Chris Tang Ping-keung", "Chris Deng Bingqiang"); math.Abs(got-alone) > 1e-3 {
		t.Errorf("beside the same name: %v nats, want %v", got, alone)
	}
}

// Characters in pinyin, as Hong Kong and Malaysia spell them and in Wade-Giles.
var (
	chineseFamilies = strings.Fields("wang/wong/wong/wang huang/wong/wong/huang chen/chan/chan/chen li/lee/lee/li zhang/cheung/cheong/chang liu/lau/low/liu deng/tang/tang/teng zeng/tsang/chang/tseng xu/tsui/chui/hsu lin/lam/lum/lin wei/ngai/ngai/wei wu/ng/ng/wu")
	chineseGiven    = strings.Fields(`jia/ka/kah/chia jia/kar/kah/chia wei/wai/wai/wei hui/wai/wai/hui ming/ming/meng/ming guo/kwok/kok/kuo hua/wah/wah/hua de/tak/tuck/te xiao/siu/siew/hsiao ping/ping/ping/ping
		ze/chak/chack/tse dong/tung/toong/tung zhi/chi/chee/chih qiang/keung/keong/chiang yue/yuet/yuet/yueh e/ngo/ngoh/o min/man/mun/min wen/man/mun/wen ying/ying/ying/ying an/on/on/an`)
)

// characters of a name of China: one or two of a family name, then those of a given name.
type characters struct{ family, given []string }

func (m maker) characters() characters {
	c := characters{family: []string{m.pick(chineseFamilies)}, given: []string{m.pick(chineseGiven)}}
	if m.IntN(6) > 0 {
		c.given = append(c.given, m.pick(chineseGiven))
	}
	if m.IntN(12) == 0 {
		c.family = append(c.family, m.pick(chineseFamilies))
	}
	return c
}

// write writes a name in one of the spellings, or in a mixture.
func (m maker) write(c characters) string {
	spelling := m.IntN(4)
	spelt := func(of []string) []string {
		var out []string
		for _, character := range of {
			s := spelling
			if m.IntN(20) == 0 {
				s = m.IntN(4)
			}
			out = append(out, strings.Split(character, "/")[s])
		}
		return out
	}
	family, given := strings.Join(spelt(c.family), " "), strings.Join(spelt(c.given), m.pick([]string{"", " ", "-", "'"}))
	full := m.pick([]string{family + " " + given, family + " " + given, family + ", " + given, given + " " + family})
	switch m.IntN(10) {
	case 0:
		full = m.pick(someGiven) + " " + full
	case 1:
		full += " " + m.pick(someGiven)
	case 2:
		full = m.pick([]string{"Dr. ", "Mr ", "al ", "J. "}) + full
	}
	return full
}

// chinese are people some of whom have the same names.
func (m maker) chinese(n int, of []characters) []entity.Entity {
	out := make([]entity.Entity, n)
	for i := range out {
		out[i] = m.person()
		out[i].List, out[i].ID = "made", fmt.Sprint("c", i+1)
		for j := range out[i].Names {
			c := of[m.IntN(len(of))]
			if m.IntN(4) == 0 {
				c = m.characters()
			}
			out[i].Names[j].Full = m.write(c)
		}
	}
	return out
}

func (m maker) someCharacters(n int) []characters {
	of := make([]characters, n)
	for i := range of {
		of[i] = m.characters()
	}
	return of
}

func bySpelling(findings []Finding) (n int) {
	for _, f := range findings {
		for _, r := range f.Reasons {
			if strings.Contains(r.Text, "another spelling of the Chinese name") {
				n++
			}
		}
	}
	return n
}

func TestIndexFindsNamesOfChina(t *testing.T) {
	for seed := range uint64(3) {
		m := newMaker(40 + seed)
		of := m.someCharacters(60)
		listed, asked := append(m.chinese(150, of), m.entities(50)...), m.chinese(300, of)
		oracle(t, m, listed, 200, asked...)
		x, found := NewIndex(listed, DefaultWeights()), 0
		for _, q := range asked {
			found += bySpelling(x.Screen(q, Options{}))
		}
		if found < 100 {
			t.Errorf("%d findings by another spelling: the test proves little", found)
		}
	}
}

func TestRosterFindsNamesOfChina(t *testing.T) {
	seeds, n := uint64(2), 400
	if *nightly {
		seeds, n = 30, 3000
	}
	for seed := range seeds {
		m := newMaker(50 + seed)
		characters := m.someCharacters(100)
		listed := append(m.chinese(120, characters), m.entities(30)...)
		customers := make(map[uint64]entity.Entity)
		var of []Customer
		for i, e := range m.chinese(n+n/4, characters) {
			if i >= n { // and such as have slips
				e.Names[0].Full = m.slip(e.Names[0].Full)
			}
			e.List, e.ID = "", ""
			c := Customer{Number: uint64(i + 1), Entity: e}
			of, customers[c.Number] = append(of, c), e
		}
		r := openRoster(t, t.TempDir())
		put(t, r, of...)
		compact(t, r)
		same(t, r, customers, listed, 0.001)
		same(t, r, customers, listed, r.w.Threshold)
		hits, err := r.Screen(listed, profileOf(customers), Options{})
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, h := range hits {
			found += bySpelling([]Finding{h.Finding})
		}
		if found < n/5 {
			t.Errorf("%d of %d hits are by another spelling: the test proves little", found, len(hits))
		}
	}
}

func TestNamesOfChinaAreSymmetric(t *testing.T) {
	w := DefaultWeights()
	rapid.Check(t, func(t *rapid.T) {
		m := newMaker(rapid.Uint64().Draw(t, "seed"))
		for range 40 {
			c := m.characters()
			a, b := man(m.write(c)), man(m.write(c))
			if ab, ba := Compare(a, b, w), Compare(b, a, w); ab.Score != ba.Score || ab.Grade != ba.Grade {
				t.Fatalf("%q against %q: %v %v; the other way %v %v", a.PrimaryName(), b.PrimaryName(), ab.Score, ab.Grade, ba.Score, ba.Grade)
			}
		}
	})
}
