package script

import (
	"strings"

	"sallyport/names/script/internal/unit"
)

// kana writes Hepburn with long vowels short, as passports do, then with them
// written out, then Kunrei.
func (r *romaniser) kana(word string) {
	var short, long, kunrei strings.Builder
	last := byte(0) // the vowel before
	double := false
	for _, u := range unit.Cut(Kana, word) {
		id := u[0].ID
		s := unit.KanaSound(id)
		switch id {
		case unit.KanaLong:
			if last != 0 {
				if last == 'o' {
					long.WriteByte('u')
				} else {
					long.WriteByte(last)
				}
			}
			continue
		case unit.KanaStop:
			double = true
			continue
		}
		if s == "dj" {
			s = "j"
		}
		if double && s != "" && !strings.ContainsAny(s[:1], "aiueo") {
			first := s[:1]
			if s == "ch" {
				first = "t"
			}
			short.WriteString(first)
			long.WriteString(first)
			kunrei.WriteString(kunreiSound(s)[:1])
		}
		double = false
		vowel := len(s) == 1 && strings.ContainsAny(s, "aiueo")
		// ou and oo are a long o, uu a long u.
		if vowel && (last == 'o' && (s == "u" || s == "o") || last == 'u' && s == "u") && endsInVowel(short.String()) {
			long.WriteString(s)
			last = 0
			continue
		}
		short.WriteString(s)
		long.WriteString(s)
		kunrei.WriteString(kunreiSound(s))
		if vowel {
			last = s[0]
		} else {
			last = 0
		}
	}
	r.put(short.String())
	r.put(long.String())
	k := strings.NewReplacer("syi", "si", "tyi", "ti", "zyi", "zi").Replace(kunrei.String())
	r.put(k)
	r.put(strings.NewReplacer("mb", "mb", "nb", "mb", "np", "mp", "nm", "mm").Replace(short.String()))
	if s := short.String(); strings.Contains(s, "o") && long.String() != s {
		r.put(strings.NewReplacer("ou", "oh", "oo", "oh").Replace(long.String()))
	}
}

func endsInVowel(s string) bool {
	return s != "" && strings.IndexByte("aiueo", s[len(s)-1]) >= 0
}

// kunreiSound: Cabinet notification No. 1 of 1954.
func kunreiSound(s string) string {
	switch s {
	case "sh":
		return "sy"
	case "ch":
		return "ty"
	case "j":
		return "zy"
	case "ts":
		return "t"
	case "f":
		return "h"
	}
	return s
}

// The sounds of Hangul in the Revised Romanization (Ministry of Culture and Tourism
// notification 2000-8) and McCune-Reischauer (1939, without its marks).
var (
	initialRR = []string{"g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"}
	initialMR = []string{"k", "kk", "n", "t", "tt", "r", "m", "p", "pp", "s", "ss", "", "ch", "tch", "ch", "k", "t", "p", "h"}
	voicedMR  = []string{"g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "tch", "ch", "k", "t", "p", "h"}
	vowelRR   = []string{"a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "eu", "ui", "i"}
	vowelMR   = []string{"a", "ae", "ya", "yae", "o", "e", "yo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "u", "ui", "i"}
	finalRR   = []string{"", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng", "t", "t", "k", "t", "p", "t"}
)

// koreanSurnames: how bearers write them, the commonest first, from the passport
// statistics the National Institute of Korean Language cites in its surveys of
// surname spelling (2009, 2011).
var koreanSurnames = map[string]string{
	"김": "kim gim", "이": "lee yi rhee li ri", "리": "ri lee yi rhee", "박": "park pak bak", "최": "choi choe choy", "정": "jung jeong chung chong cheong",
	"강": "kang gang", "조": "cho jo", "윤": "yoon yun youn", "장": "jang chang", "임": "lim im rim yim", "림": "rim lim", "한": "han", "오": "oh o",
	"서": "seo suh so", "신": "shin sin", "권": "kwon gwon", "황": "hwang whang", "안": "an ahn", "송": "song", "류": "ryu yoo yu", "유": "yoo yu you ryu",
	"전": "jeon jun chun chon", "홍": "hong", "고": "ko go koh", "문": "moon mun", "양": "yang", "손": "son sohn", "배": "bae pae bai", "백": "baek paik paek",
	"허": "heo hur huh ho", "남": "nam", "심": "shim sim", "노": "noh roh no ro", "로": "ro roh", "하": "ha", "곽": "kwak gwak", "성": "sung seong song",
	"차": "cha", "주": "joo ju chu", "우": "woo u", "구": "koo ku gu", "나": "na ra", "라": "ra na", "민": "min", "진": "jin chin", "지": "ji chi jee",
	"엄": "um eom uhm", "채": "chae chai", "원": "won", "천": "chun cheon chon", "방": "bang pang", "공": "kong gong", "현": "hyun hyeon hyon", "함": "ham",
	"변": "byun byeon pyon", "염": "yeom yum", "여": "yeo", "추": "choo chu", "도": "do to", "소": "so", "석": "seok suk sok", "선": "sun seon son",
	"설": "seol sul sol", "마": "ma", "길": "gil kil", "연": "yeon yon", "위": "wi", "표": "pyo", "명": "myung myeong", "기": "ki gi", "반": "ban pan",
	"왕": "wang", "금": "keum geum kum", "옥": "ok", "육": "yook yuk", "인": "in", "맹": "maeng", "제": "je", "모": "mo", "탁": "tak", "국": "kook kuk",
	"은": "eun un", "편": "pyun pyeon", "용": "yong", "렴": "ryom", "량": "ryang", "려": "ryo", "녕": "nyong",
}

// koreanSyllables are syllables of given names as their bearers write them.
var koreanSyllables = map[string]string{
	"영": "young", "현": "hyun", "준": "joon", "수": "soo", "우": "woo", "희": "hee", "선": "sun", "정": "jung", "경": "kyung", "성": "sung", "철": "chul",
	"숙": "sook", "진": "jin", "은": "eun", "승": "seung", "형": "hyung", "주": "joo", "훈": "hoon", "규": "kyu", "근": "keun", "기": "ki", "구": "koo",
	"국": "kook", "광": "kwang", "건": "kun", "순": "soon", "연": "yeon", "석": "suk", "명": "myung", "병": "byung", "범": "bum", "덕": "duk",
	"동": "dong", "용": "yong", "원": "won", "지": "ji", "혜": "hye", "미": "mi", "민": "min", "재": "jae", "태": "tae", "호": "ho", "길": "gil", "일": "il",
}

func (r *romaniser) hangul(word string) {
	syllables := []rune(word)
	if len(syllables) == 1 {
		for _, s := range strings.Fields(koreanSurnames[word]) {
			r.put(s)
		}
	}
	var rr, mr, en strings.Builder
	voiced := false
	afterRieul := false
	for _, c := range syllables {
		if c < 0xAC00 || c > 0xD7A3 {
			continue
		}
		n := int(c - 0xAC00)
		i, v, f := n/588, n%588/28, n%28
		in := initialRR[i]
		if afterRieul && in == "r" {
			in = "l" // ll
		}
		rr.WriteString(in + vowelRR[v] + finalRR[f])
		im := initialMR[i]
		if voiced {
			im = voicedMR[i]
		}
		if i == 9 && v == 16 {
			im = "sh" // 쉬
		}
		mr.WriteString(im + vowelMR[v] + finalRR[f])
		if s, ok := koreanSyllables[string(c)]; ok {
			en.WriteString(s)
		} else {
			ie := initialRR[i]
			if i == 0 {
				ie = "k"
			}
			vowel := vowelRR[v]
			switch v {
			case 4:
				vowel = "u"
			case 6:
				vowel = "yu"
			}
			en.WriteString(ie + vowel + finalRR[f])
		}
		afterRieul = f == 8
		voiced = f == 0 || f == 4 || f == 16 || f == 21 || f == 8
	}
	r.put(rr.String())
	r.put(en.String())
	r.put(mr.String())
}

// han writes pinyin (ISO 7098 without tones), each other reading of one character
// in turn, Wade-Giles, and for surnames the spellings of Hong Kong and overseas.
func (r *romaniser) han(word string) {
	var readings [][]string
	var chars []rune
	for _, c := range word {
		if c == '々' && len(chars) > 0 {
			c = chars[len(chars)-1]
		}
		if list := unit.Readings(c); len(list) > 0 {
			chars = append(chars, c)
			readings = append(readings, list)
		}
	}
	if len(chars) == 0 {
		return
	}
	if s, ok := unit.SurnameReading(chars[0]); ok && len(chars) <= 2 {
		readings[0] = append([]string{s}, readings[0]...)
	}
	join := func(at, alt int, f func(string) string) string {
		var b strings.Builder
		for i, list := range readings {
			if i == at {
				b.WriteString(f(list[alt]))
			} else {
				b.WriteString(f(list[0]))
			}
		}
		return b.String()
	}
	plain := func(s string) string { return strings.ReplaceAll(s, "v", "u") }
	r.put(join(-1, 0, plain))
	if len(chars) <= 2 {
		for _, s := range strings.Fields(chineseSurnames[string(chars)]) {
			r.put(s)
		}
	}
	r.put(join(-1, 0, WadeGiles))
	for i, list := range readings {
		for a := 1; a < len(list); a++ {
			r.put(join(i, a, plain))
		}
	}
	if s := join(-1, 0, func(s string) string { return strings.ReplaceAll(s, "v", "yu") }); s != r.out[0] {
		r.put(s) // 吕 as Lyu, GB/T 28039-2011
	}
}

// WadeGiles turns a pinyin syllable into Wade-Giles without marks (Library of
// Congress, conversion table pinyin to Wade-Giles, 1998).
func WadeGiles(s string) string {
	if w, ok := wadeWhole[s]; ok {
		return w
	}
	i := strings.IndexAny(s, "aeiouv")
	if i < 0 {
		return s
	}
	c, v := s[:i], s[i:]
	switch c {
	case "b":
		c = "p"
	case "d":
		c = "t"
	case "g":
		c = "k"
	case "j", "q", "zh":
		c = "ch"
	case "x":
		c = "hs"
	case "z", "c":
		c = "ts"
	case "r":
		c = "j"
	}
	switch v {
	case "ian":
		v = "ien"
	case "ie":
		v = "ieh"
	case "ue", "ve":
		v = "ueh"
	case "ong":
		v = "ung"
	case "iong":
		v = "iung"
	case "e":
		if c == "k" || c == "h" || c == "" {
			v = "o"
		}
	case "uo":
		if c != "k" && c != "h" && c != "sh" {
			v = "o"
		}
	case "ui":
		if c == "k" {
			v = "uei"
		}
	case "v":
		v = "u"
	case "van":
		v = "uan"
	}
	return c + v
}

var wadeWhole = map[string]string{
	"zhi": "chih", "chi": "chih", "shi": "shih", "ri": "jih", "zi": "tzu", "ci": "tzu", "si": "ssu", "yi": "i", "you": "yu", "yan": "yen",
	"ye": "yeh", "yue": "yueh", "yong": "yung", "er": "erh", "zhong": "chung", "zhe": "che", "she": "she", "che": "che", "re": "je", "ze": "tse",
}

// chineseSurnames: the spellings of Hong Kong (Cantonese), Taiwan (Wade-Giles where
// it is no rule's), Hokkien, Hakka and Teochew, by frequency as written; the
// hundred surnames of the Ministry of Public Security's list of 2020 that have
// such, in both forms of the characters.
var chineseSurnames = func() map[string]string {
	m := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(chineseSurnameTable), "\n") {
		chars, spellings, _ := strings.Cut(line, " ")
		for _, c := range strings.Split(chars, "/") {
			m[c] = spellings
		}
	}
	return m
}()

const chineseSurnameTable = `
王 wong ong heng
李 lee lei
张/張 cheung chang cheong teo tiong
刘/劉 lau liu lao lew
陈/陳 chan chen tan chin ting
杨/楊 yeung yang yeo young
黄/黃 wong huang ng ooi wee
赵/趙 chiu chao jiu
吴/吳 ng wu goh ngo
周 chow chou chau chew
徐 tsui hsu chui chee
孙/孫 suen sun soon sung
马/馬 ma mah beh
朱 chu choo
胡 wu woo hu aw
郭 kwok kuo quek kwek
何 ho hor
林 lam lim lin lum
高 ko kao kou
罗/羅 law lo loh
郑/鄭 cheng tay chang tee
梁 leung liang leong neo
谢/謝 tse hsieh chia tze
宋 sung soong
唐 tong tang
许/許 hui hsu koh khoo hoi
邓/鄧 tang teng
冯/馮 fung feng foong
韩/韓 hon han
曹 tso tsao cho
曾 tsang tseng chan chang
彭 pang peng phang
萧/蕭/肖 siu hsiao siew seow
蔡 choi tsai chua choy
潘 poon pan phua pun
田 tin tien
董 tung
袁 yuen yuan
于 yu yue
余 yu yue yee
叶/葉 yip yeh yap ip
蒋/蔣 cheung chiang
杜 to tu toh
苏/蘇 so su soh
魏 ngai wei
程 ching cheng
吕/呂 lui lu loo
丁 ting
沈 shum shen sim sum
任 yam jen
姚 yiu yao yeo
卢/盧 lo lu loo
傅 fu foo
钟/鍾 chung chong cheong
姜 keung chiang geung
崔 chui tsui
谭/譚 tam tan tom
廖 liu liao liew
范/範 fan
汪 wong wang
陆/陸 luk lu loke
金 kam chin kum
石 shek shih sek
戴 tai tay
贾/賈 ka chia
韦/韋 wai wei
夏 ha hsia
邱/丘 yau chiu khoo hew
方 fong fang hong png
侯 hau hou
邹/鄒 chau tsou chow
熊 hung hsiung
孟 mang meng
秦 chun chin
白 pak pai peh
江 kong chiang kang
阎/閻/闫 yim yen
薛 sit hsueh see
尹 wan yin
段 tuen tuan
雷 lui lei looi
黎 lai li
史 sze shih see
龙/龍 lung loong
贺/賀 ho
陶 to tao
顾/顧 koo ku
毛 mo mao mow
郝 kok hao
龚/龔 kung
邵 shiu shao siew
万/萬 man wan
覃 cham tam chin
武 mo wu
钱/錢 chin chien
戚 chik chi
莫 mok mo
孔 hung kung
向 heung hsiang
常 sheung chang
温/溫 wan wen oon
康 hong kang
施 sze shih see
文 man wen
牛 ngau niu
樊 fan
葛 kot ko
邢 ying hsing
安 on an
齐/齊 chai chi
庞/龐 pong pang
颜/顏 ngan yen gan
庄/莊 chong chuang chng
聂/聶 nip nieh
游 yau yu yew
鲁/魯 lo lu
甘 kam kan
翁 yung weng ang
欧阳/歐陽 auyeung ouyang auyong
司徒 szeto seto
上官 sheungkwun shangkuan
诸葛/諸葛 chukot chuko
司马/司馬 szema ssuma
`
