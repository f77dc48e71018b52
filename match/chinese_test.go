package match

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"sallyport/names"
)

// Names of China as Hong Kong spells Cantonese and in Wade-Giles, beside pinyin: by what is known
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
	if pairs < 2*150 || len(spellings) != 3 || slices.Min(slices.Collect(maps.Values(spellings))) < 20 {
		t.Errorf("%d pairs, found by the spellings of the listed name %v: the test proves little", pairs, spellings)
	}
}
