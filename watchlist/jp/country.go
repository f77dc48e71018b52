package jp

import (
	"strings"

	"sallyport/watchlist/draft"
)

// country is the code of a country written in Japanese, or the text as it stands. What is known
// in English, as some sheets write it, package draft reads.
func country(s string) string {
	key := draft.Squeeze(s)
	for _, end := range []string{"国籍", "人"} {
		if rest, ok := strings.CutSuffix(key, end); ok && rest != "" {
			key = rest
		}
	}
	if code, ok := countries[key]; ok {
		return code
	}
	for _, end := range []string{"イスラム共和国", "共和国", "連邦", "王国"} {
		if code, ok := countries[strings.TrimSuffix(key, end)]; ok {
			return code
		}
	}
	return s
}

// countries are the names the ministry writes. A republic's and a kingdom's title may follow.
var countries = map[string]string{
	"アフガニスタン": "AF", "アラブ首長国": "AE", "アラブ首長国連邦": "AE", "アルジェリア": "DZ", "イエメン": "YE", "イスラエル": "IL", "イタリア": "IT", "イラク": "IQ", "イラン": "IR",
	"インド": "IN", "インドネシア": "ID", "ウガンダ": "UG", "ウクライナ": "UA", "ウズベキスタン": "UZ", "英国": "GB", "エジプト": "EG", "エチオピア": "ET", "エリトリア": "ER", "オーストラリア": "AU",
	"オーストリア": "AT", "オランダ": "NL", "カザフスタン": "KZ", "カタール": "QA", "カナダ": "CA", "韓国": "KR", "大韓民国": "KR", "キプロス": "CY", "キューバ": "CU", "キルギス": "KG", "クウェート": "KW",
	"ケニア": "KE", "コンゴ民主": "CD", "コンゴ民主共和国": "CD", "サウジアラビア": "SA", "サウディ・アラビア": "SA", "サウディアラビア": "SA", "シリア": "SY", "シリア・アラブ": "SY", "シンガポール": "SG", "スイス": "CH",
	"スーダン": "SD", "スウェーデン": "SE", "スペイン": "ES", "スロバキア": "SK", "セネガル": "SN", "セルビア": "RS", "ソマリア": "SO", "タイ": "TH", "タジキスタン": "TJ", "タンザニア": "TZ", "チャド": "TD",
	"中央アフリカ": "CF", "中国": "CN", "中華人民": "CN", "中華人民共和国": "CN", "チュニジア": "TN", "ドイツ": "DE", "トルコ": "TR", "トルクメニスタン": "TM", "トリニダード・トバゴ": "TT", "ナイジェリア": "NG", "ニジェール": "NE",
	"日本": "JP", "ハイチ": "HT", "パキスタン": "PK", "バングラデシュ": "BD", "バーレーン": "BH", "フィリピン": "PH", "フランス": "FR", "ブルガリア": "BG", "米国": "US", "アメリカ合衆国": "US", "ベトナム": "VN", "ベラルーシ": "BY",
	"ベルギー": "BE", "ボスニア・ヘルツェゴビナ": "BA", "マリ": "ML", "マレーシア": "MY", "南スーダン": "SS", "南アフリカ": "ZA", "ミャンマー": "MM", "モーリタニア": "MR", "モルドバ": "MD", "モロッコ": "MA", "ヨルダン": "JO",
	"リビア": "LY", "ルワンダ": "RW", "レバノン": "LB", "ロシア": "RU", "北朝鮮": "KP", "朝鮮民主主義人民": "KP", "朝鮮民主主義人民共和国": "KP",
}
