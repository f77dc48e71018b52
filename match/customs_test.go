package match

import (
	"testing"

	"sallyport/entity"
)

// A likePair is two names and whether they hit.
type likePair struct {
	hit      bool
	one, two string
}

func wantHits(t *testing.T, kind entity.Kind, pairs []likePair) {
	t.Helper()
	w := DefaultWeights()
	of := func(written string) entity.Entity {
		return entity.Entity{Kind: kind, Names: []entity.Name{{Full: written}}}
	}
	for _, c := range pairs {
		for _, way := range [...][2]string{{c.one, c.two}, {c.two, c.one}} {
			f := Compare(of(way[0]), of(way[1]), w)
			if hit := f.Grade != None; hit != c.hit {
				t.Errorf("%s | %s: hit is %v, score %.2f: %v", way[0], way[1], hit, f.Score, f.Reasons)
			}
		}
	}
}

// What people of one country know of its names, and others do not.
func TestCustomsOfSpelling(t *testing.T) {
	wantHits(t, entity.Person, []likePair{
		// The article of Arabic as it sounds before a sun letter, alone and written with its name.
		{true, "Abd El Kader Khuzai EL SAYED", "Abdelkader Khuzai ES SAYED"},
		{true, "Karim Ech Cherif", "Karim al-Sharif"},
		{true, "Mohamed Ash Shaykh", "Mohamed al-Sheikh"},
		{true, "Saleh An Nahdi", "Saleh al-Nahdi"},
		{true, "Tarek Essebsi", "Tarek al-Sebsi"},
		{true, "ETTOUATI, Tarek", "Tarek al-Touati"},
		{true, "Saleh Alotaibi", "Saleh Otaibi"},
		{false, "Saleh An Nahdi", "Saleh al-Barakzai"},
		// None of it: An-ping, Anshi and An Nhien are names of China and Vietnam.
		{true, "Li An-ping", "Li Anping"},
		{true, "Wang An-shi", "Wang Anshi"},
		// French clerks write ch for sh, others dh for z; Slavs have a ch of their own.
		{true, "Achref Guizani", "Ashraf al-Qizani"},
		{true, "Bilal Mechergui", "Bilal Meshergui"},
		{true, "Ayman Dhawahri", "Ayman al-Zawahiri"},
		{false, "Aleksandr Omelchenko", "Aleksandr Onishchenko"},
		// Rahman with the article of the word before it.
		{true, "Mujibur Rahman Barakzai", "Mujib-ur-Rehman Barakzai"},
		{true, "Matiur Rahman", "Mati ur-Rehman"},
		{true, "RAHMAN, Matiur", "Mati ur-Rehman"},
		{true, "Khamis Elkaddafi", "Khamis Qadhafi"},
		// Sons, in the dialects of Arabic; and given names that are no particles.
		{true, "Usama bin Laden", "Ben Laden, Usama"},
		{true, "Ben Karvonen", "KARVONEN, Ben"},
		{true, "Ben Karvonen", "Karvonen Ben"},
		{true, "Van Nguyen", "NGUYEN, Van"},
		{true, "Ludwig van Karvonen", "Karvonen, Ludwig van"},
		{true, "Jan van der Karvonen", "Karvonen, Jan van der"},
		{true, "Marine Le Karvonen", "LE KARVONEN, Marine"},
		// The alphabet of the Somali.
		{true, "Ahmed Farah", "Axmed Faarax"},
		{true, "Osman Umar", "Cismaan Cumar"},
		{true, "Hersi Dualeh", "Xirsi Ducaale"},
		{true, "Abdirahman Fidow", "Cabdiraxmaan Fiidow"},
		{true, "Ismail Jama", "Ismaaciil Jaamac"},
		{true, "Yasin Ali Baynah", "Yasiin Cali Baynax"},
		{false, "Felix Karvonen", "Feli Karvonen"},
		// Korea's: North, South, McCune and Reischauer's, everybody's; given names as one word, as passports have them.
		{true, "Ri Pyong Chol", "Lee Byung-chul"},
		{true, "Ri Pyong Chol", "LEE BYEONGCHEOL"},
		{true, "Pak Jin Hyok", "BAK JINHYEOK"},
		{true, "Ku Ja Hyong", "Ku Cha-hyo'ng"},
		{true, "Jong Song Hwa", "JUNG SEONGHWA"},
		{false, "Jong Song Hwa", "JUNG SUNGHA"},
		{false, "Pak Jin Hyok", "Pak Jin Hak"},
		{false, "Chi Jin Hyok", "Om Jin Hyok"},
		{false, "Kim Min Su", "Kim Mina"},
	})
}

// A name that is one part in Latin letters is two words in Arabic, Bengali and Devanagari; and titles and particles are no
// names there either.
func TestCompoundsInOtherScripts(t *testing.T) {
	wantHits(t, entity.Person, []likePair{
		{true, "Abdul Rauf Barakzai", "عبد الرووف بارکزی"},
		{true, "Abd al-Rahman Yasin", "عبد الرحمن ياسين"},
		{true, "Abderrahmane Yassine", "عبد الرحمن ياسين"},
		{true, "Shamsuddin Haqqani", "شمس الدین حقانی"},
		{true, "Nureddin Barakzai", "نور الدين باركزاي"},
		{true, "Hamdullah Nomani", "حمد الله نعمانى"},
		{true, "Abu Bakr al-Baghdadi", "أبو بكر البغدادي"},
		{true, "Abu Abd al-Rahman Khuzai", "أبو عبد الرحمن الخزاعي"},
		{true, "Ahmad Jan Akhundzada", "احمد جان آخوند زاده"},
		{true, "Osama bin Laden", "أسامة بن لادن"},
		{true, "Abderrahmane Ould El Amar", "عبد الرحمن ولد العامر"},
		{true, "Haji Mohammad Barakzai", "حاجی محمد بارکزی"},
		{true, "Mohammad Essa Akhund", "محمد عیسی آخوند"},
		{true, "Saduddin Sayyed", "سعد الدين سيد"},
		{true, "Abdur Rahman Khan", "আবদুর রহমান খান"},
		{true, "Abdul Karim Sheikh", "আব্দুল করিম শেখ"},
		{true, "Nasir Uddin Khan", "নাসির উদ্দিন খান"},
		{true, "Abdul Rahman Ansari", "अब्दुर रहमान अंसारी"},
		{false, "Abdul Rahman Ansari", "अब्दुल करीम अंसारी"},
		{false, "Abd al-Rahman Khuzai", "عبد الكريم الدليمي"},
		{false, "Shamsuddin Haqqani", "نور الدین بارکزی"},
	})
}

// Traditional, simplified and Japanese characters are one.
func TestHanOfSeveralCountries(t *testing.T) {
	wantHits(t, entity.Person, []likePair{
		{true, "习近平", "習近平"}, {true, "张伟鸿", "張偉鴻"}, {true, "沢田広", "澤田廣"}, {true, "欧阳娜娜", "歐陽娜娜"}, {true, "習近平", "Xi Jinping"},
		{false, "张伟鸿", "章維紅"},
	})
}

// Names of firms in China, Korea and Japan have no blanks between words, but the words that firms' names are made of are known;
// so are those of Arabia and Persia.
func TestFirmsInOtherScripts(t *testing.T) {
	wantHits(t, entity.Organisation, []likePair{
		{true, "Huawei Technologies Co., Ltd.", "华为技术有限公司"},
		{true, "Bank of China", "中国银行"},
		{true, "Huaxin Shipping Hongkong Ltd", "華信船務(香港)有限公司"},
		{true, "Dandong Hongxiang Industrial Development Co Ltd", "丹东鸿祥实业发展有限公司"},
		{true, "Shenzhen Hongyu Trading Co., Ltd.", "深圳鸿宇贸易有限公司"},
		{true, "丹东鸿祥实业发展有限公司", "丹東鴻祥實業發展有限公司"},
		{true, "Mahan Air", "هواپیمایی ماهان"},
		{true, "National Iranian Oil Company", "شرکت ملی نفت ایران"},
		{true, "Bank Melli Iran", "بانک ملی ایران"},
		{true, "Barakzai Money Exchange", "صرافی بارکزی"},
		{false, "北方贸易有限公司", "南方贸易有限公司"},
		{false, "丹东鸿祥实业发展有限公司", "丹东鸿宇实业发展有限公司"},
		{false, "上海电气集团", "上海汽车集团"},
		{false, "Shanghai Electric Group", "上海汽车集团"},
		{false, "Bank of China", "中国海运有限公司"},
		{false, "Bank Sepah Iran", "بانک ملی ایران"},
	})
}
