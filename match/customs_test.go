package match

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/entity"
	"sallyport/names"
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
		{true, "Ed Dawson", "Mr Ed Dawson"}, // who is no al-Dawson
		{true, "Kim Un-na", "Kim Unna"},
		{true, "Kim Un-nyong", "Kim Unnyong"},
		// None of it: An-ping, Anshi and An Nhien are names of China and Vietnam.
		{true, "Li An-ping", "Li Anping"},
		{true, "Wang An-shi", "Wang Anshi"},
		// French clerks write ch for sh, others dh for z; Slavs have a ch of their own.
		{true, "Achref Guizani", "Ashraf al-Qizani"},
		{true, "Bilal Mechergui", "Bilal Meshergui"},
		{true, "Ayman Dhawahri", "Ayman al-Zawahiri"},
		{false, "Aleksandr Omelchenko", "Aleksandr Onishchenko"},
		// Whose father somebody is called, as one word.
		{true, "Abu'l-Qasim Salavati", "Abolghassem Salavati"},
		{true, "Abu al-Fazl Mokhtarzad", "Abolfazl Mokhtarzad"},
		{true, "Abou el-Hassan Ferchichi", "Aboulhassan Ferchichi"},
		{false, "Aboubacar Ferchichi", "Aboulhassan Ferchichi"},
		{false, "Abuladze Vakhtang", "Ladze Vakhtang"},
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
		{false, "Coogan Karvonen", "Ogan Karvonen"},
		// Names that only sound like another people's.
		{false, "Radha Karvonen", "Raza Karvonen"},
		{false, "Dara Karvonen", "Tana Karvonen"},
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
		{true, "Oh Jin Hyok", "OH, Jinhyeok"},
		// Uddin and Ullah are no names by themselves, whatever a passport has for a family name.
		{true, "Ahsan Ullah", "ULLAH, Ahsan"},
		{true, "Mohammed Nasir Uddin", "UDDIN MOHAMMED NASIR"},
		{true, "احسن اللہ", "اللہ, احسن"},
		{true, "নাসির উদ্দিন", "উদ্দিন, নাসির"},
		{true, "Amiruddin Khuzai", "Amir Uddin Khuzai"},
		{false, "Mr Uddin Khuzai", "Uddin Barakzai"},
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
		{true, "Amir Uddin Khuzai", "امیر الدین خزاعی"},
		{true, "Aya Khuzai", "آية الخزاعي"},
		{true, "Amid Khuzai", "عميد الخزاعي"},
		{true, "Fariq Khuzai", "فريق الخزاعي"},
		{true, "Ayatollah Ali Khuzai", "آية الله علي الخزاعي"},
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

// A slip in a word that many firms have, or in a legal form, is a slip and no other firm.
func TestSlipsInFirmsWords(t *testing.T) {
	wantHits(t, entity.Organisation, []likePair{
		{true, "Tawasul Compay", "Tawasul Company"},
		{true, "ML Hoeding Group Limited", "ML Holding Group Limited"},
		{true, "Emresa Cubana de Aviacion", "Empresa Cubana de Aviacion"},
		{true, "Gnupo Segtac SA de CV", "Grupo Segtac, S.A. de C.V."},
		{true, "Keencloud Lipited", "Keencloud Limited"},
		{true, "Tardigrade Limietd", "Tardigrade Ltd"},
		{false, "Folding Comapny", "Holding Company Segtac"},
		{false, "Tawasul Compay", "Keencloud Company"},
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

// peopleOfCustoms are people whose names are read by the customs of their people, whole or in several writings.
func (m maker) peopleOfCustoms(n int) []entity.Entity {
	name := func() string {
		switch m.IntN(10) {
		case 0:
			return m.pick(strings.Fields("Pak Kim Ri Jong Oh BAK LEE")) + " " + m.pick(strings.Fields("Jin-hyok JINHYEOK Chinhyok Yongchol Un-na Seonghwa SONGHWA Yegye")) + " " + m.pick([]string{"", "Ho", "Il"})
		case 1:
			return m.pick(strings.Fields("Pak Kim Ri Jong Oh")) + " " + m.pick(strings.Fields("Jin Chin Yong Un Song")) + " " + m.pick(strings.Fields("Hyok Hyeok Chol Na Hwa Gye"))
		case 2:
			return m.pick(strings.Fields("Xasan Axmed Cabdiraxmaan Cismaan Xirsi Abdirahman Hersi Osman")) + " " + m.pick(strings.Fields("Faarax Cumar Ducaale Dualeh Jaamac Farah Umar"))
		case 3:
			return m.pick(strings.Fields("Achref Ashraf Karim Tarek Ayman Bilal")) + " " + m.pick([]string{"Ech Cherif", "al-Sharif", "Es Sayed", "ES-SAYED", "Essebsi", "al-Sebsi", "Alotaibi", "Otaibi", "Dhawahri", "al-Zawahiri", "Mechergui", "An Nahdi"})
		case 4:
			return m.pick([]string{"عبد الرحمن", "شمس الدین", "حمد الله", "أبو بكر", "محمد", "امير", "آية الله", "احمد جان", "اللہ"}) + " " + m.pick([]string{"ياسين", "حقانى", "بن سلمان", "آخوند زاده", "الله", "السيد", "و", "عبد"})
		case 5:
			return m.pick([]string{"Abd al-Rahman", "Abderrahmane", "Shamsuddin", "Hamdullah", "Abu Bakr", "Mohammed bin", "Amir Uddin", "ULLAH,", "UDDIN, Nasir"}) + " " + m.pick([]string{"Yassin", "Haqqani", "Salman", "Akhundzada", "Sayyed", "Ahsan"})
		case 6:
			return m.pick([]string{"আব্দুর রহমান", "নাসির উদ্দিন", "अब्दुर रहमान", "Abdur Rahman", "Nasir Uddin", "Fazlur Rahman", "Fazl ur-Rehman"}) + " " + m.pick([]string{"খান", "अंसारी", "Khan", "Ansari"})
		case 7:
			return m.pick([]string{"SMITH,", "Nguyen", "NGUYEN,", "Karvonen,", "Mr"}) + " " + m.pick([]string{"Ben", "Van", "Thi Van", "Le", "Ludwig van", "Ed David", "An Ninh"})
		case 8:
			return m.pick([]string{"Ben", "Van", "Ed David", "Ludwig van", "Jan van der", "Ben Bin"}) + " " + m.pick([]string{"Smith", "Nguyen", "Karvonen", "Laden"})
		}
		return m.personName()
	}
	out := make([]entity.Entity, n)
	for i := range out {
		out[i] = entity.Entity{Kind: entity.Person, List: "made", ID: fmt.Sprint(i + 1), Names: []entity.Name{{Full: name()}}}
		if m.IntN(3) == 0 {
			out[i].Names = append(out[i].Names, entity.Name{Full: name()})
		}
	}
	return out
}

func TestIndexFindsCustomsAsScoringEverythingDoes(t *testing.T) {
	for seed := range uint64(3) {
		m := newMaker(40 + seed)
		oracle(t, m, m.peopleOfCustoms(250), 150, m.peopleOfCustoms(75)...)
	}
}

// rosterOracle holds a roster of the customers to comparing each with everybody listed, which has so many hits at least.
func rosterOracle(t *testing.T, listed []entity.Entity, of []Customer, least int) {
	t.Helper()
	customers := make(map[uint64]entity.Entity)
	for _, c := range of {
		customers[c.Number] = c.Entity
	}
	r := openRoster(t, t.TempDir())
	put(t, r, of...)
	compact(t, r) // whoever lies in the tip is compared with everybody
	for _, threshold := range []float64{0.001, r.w.Threshold} {
		if hits := same(t, r, customers, listed, threshold); hits < least {
			t.Errorf("%d hits at %v: the test proves little", hits, threshold)
		}
	}
}

func TestRosterFindsCustomsAsComparingEverythingDoes(t *testing.T) {
	m := newMaker(50)
	listed := m.peopleOfCustoms(150)
	of := m.customersLike(listed, 800)
	for i, e := range m.peopleOfCustoms(400) {
		of[2*i].Entity.Names = e.Names
	}
	rosterOracle(t, listed, of, 400)
}

// Initials of a firm's own name say little that its words do not, whether they are told or not, but are still its initials.
func TestInitialsBesideTheName(t *testing.T) {
	wantHits(t, entity.Organisation, []likePair{
		{true, "Metal and Mineral Trade (MMT)", "Metal & Mineral Trade S.A.R.L."},
		{true, "Islamic Republic of Iran Shipping Lines (IRISL)", "IRISL"},
		{true, "National Iranian Oil Company (NIOC)", "NIOC"},
		{true, "Petroleos de Venezuela S.A. (PDVSA)", "Petroleos de Venezuela"},
		{true, "Islamic Revolutionary Guard Corps (IRGC)", "Islamic Revolutionary Guards Corps"},
		{true, "Islamic Revolutionary Guard Corps (IRGC)", "Sepah-e Pasdaran"},
		{true, "Islamic State of Iraq and the Levant (ISIL)", "Daesh"},
		{true, "National Oil Company (NOC)", "National Oil Co"},
		{false, "National Oil Company (NOC)", "National Gas Co"},
		{false, "National Iranian Oil Company (NIOC)", "National Iranian Gas Company (NIGC)"},
	})
	of := func(written string) entity.Entity {
		return entity.Entity{Kind: entity.Organisation, Names: []entity.Name{{Full: written}}}
	}
	if f := Compare(of("MMT Metal and Mineral Trade"), of("MMT Trading"), DefaultWeights()); f.Score < 0.3 {
		t.Errorf("MMT and MMT: %.3f", f.Score)
	}
}

// A roster weighs slips in words that many firms have as comparing does.
func TestRosterWeighsSlipsInFirmsWords(t *testing.T) {
	firm := func(id, written string) entity.Entity {
		return entity.Entity{ID: id, Kind: entity.Organisation, Names: []entity.Name{{Full: written}}}
	}
	customers := make(map[uint64]entity.Entity)
	var of []Customer
	for len(of) < sealAt { // a segment, no tip
		n := uint64(len(of))
		customers[n] = firm("", [...]string{"Tawasul Compay", "ML Hoeding Group Limited", "Emresa Segtac", "Nobody Whatsoever", "Keencloud Bankk"}[n%5])
		of = append(of, Customer{n, customers[n]})
	}
	r := openRoster(t, t.TempDir())
	put(t, r, of...)
	compact(t, r)
	listed := []entity.Entity{firm("1", "Tawasul Company"), firm("2", "ML Holding Group Limited"), firm("3", "Empresa Segtac"), firm("4", "Keencloud Bank")}
	if hits := same(t, r, customers, listed, 0.5); hits < len(of)*4/5 {
		t.Errorf("%d hits of %d customers", hits, len(of))
	}
	if hits := same(t, r, customers, listed, 0.8); hits < len(of)/5 {
		t.Errorf("%d hits of %d customers at 0.8", hits, len(of))
	}
	// The list has the slip.
	for i := range of {
		customers[of[i].Number] = firm("", [...]string{"Tawasul Company", "ML Holding Group Limited", "Empresa Segtac", "Nobody Whatsoever"}[i%4])
		of[i].Entity = customers[of[i].Number]
	}
	r = openRoster(t, t.TempDir())
	put(t, r, of...)
	compact(t, r)
	listed = []entity.Entity{firm("1", "Tawasul Compay"), firm("2", "ML Hoeding Group Limited"), firm("3", "Emresa Segtac")}
	if hits := same(t, r, customers, listed, 0.5); hits < len(of)*3/4 {
		t.Errorf("%d hits of %d customers where the list has the slip", hits, len(of))
	}
	if hits := same(t, r, customers, listed, 0.8); hits < len(of)/4 {
		t.Errorf("%d hits of %d customers at 0.8 where the list has the slip", hits, len(of))
	}
}

// A roster looks for a name in Latin letters by what is heard of it, as comparing does.
func TestRosterHearsNames(t *testing.T) {
	customers := make(map[uint64]entity.Entity)
	var of []Customer
	var listed []entity.Entity
	for i, c := range [...]struct{ a, b string }{
		{"Abdessettar", "عبد الستار"}, {"Abdennabi", "عبد النبي"}, {"Abdezzahir", "عبد الظاهر"}, {"Abdeddaim", "عبد الدائم"},
		{"Abdenneji", "عبد الناجي"}, {"Abderraouf", "عبد الرؤوف"}, {"Abdettaouab", "عبد التواب"}, {"Abdechchakour", "عبد الشكور"},
	} {
		e := man(c.b)
		e.ID = fmt.Sprint(i)
		listed = append(listed, e)
		customers[uint64(i)] = man(c.a)
		of = append(of, Customer{uint64(i), customers[uint64(i)]})
	}
	for len(of) < sealAt { // a segment, no tip
		c := Customer{uint64(len(of)), man("Nobody Whatsoever")}
		of, customers[c.Number] = append(of, c), c.Entity
	}
	r := openRoster(t, t.TempDir())
	put(t, r, of...)
	compact(t, r)
	if hits := same(t, r, customers, listed, 0.01); hits < 6 {
		t.Errorf("%d of 8 names are found", hits)
	}
}

// A name meets itself whichever comes first, in capitals, with its title and with its family name before a comma.
func TestNamesOfAllPeoplesMeetThemselves(t *testing.T) {
	w := DefaultWeights()
	for _, c := range [...][2]string{
		{"Thi Van", "Nguyen"}, {"Van Hung", "Tran"}, {"An Ninh", "Nguyen"}, {"Bao Le", "Bui"}, {"Thi Ha", "Do"}, {"Van Bao Le", "Bui"}, {"Duc Tho", "Le"},
		{"Un-na", "Kim"}, {"Jin Hyok", "Oh"}, {"En-ning", "Chen"}, {"An-ni", "Li"}, {"Un Nam", "Choe"}, {"Da", "Li"},
		{"Ben", "Karvonen"}, {"Ed", "Dawson"}, {"Ed David", "Karvonen"}, {"Or Reuven", "Levi"}, {"Di", "Karvonen"}, {"Art Thomas", "Karvonen"},
		{"Ludwig", "van Karvonen"}, {"Jan", "van der Karvonen"}, {"Marine", "Le Karvonen"}, {"Maria", "do Karmo"}, {"Zine", "Ben Ali"}, {"Zine El Abidine", "Ben Ali"},
		{"Ahsan", "Ullah"}, {"Mohammed Nasir", "Uddin"}, {"Amir", "Uddin"}, {"Radha", "Gandhi"}, {"Madhu", "Sandhu"}, {"Mohammad", "Abdul"}, {"Ma Theresa", "de la Cruz"},
		{"Felix", "Coogan"}, {"Xavier", "McGee"}, {"Ayman", "as-Sadr"}, {"Tarek", "Ettouati"}, {"Karim", "Ech Cherif"}, {"Abdelkader", "Es Sayed"}, {"Diya", "an-Nur"},
		{"احسن", "اللہ"}, {"محمد", "السيد"}, {"امیر", "کریمی"}, {"آية", "الخزاعي"}, {"عادل", "امام"}, {"حافظ", "الأسد"}, {"سيد", "قطب"}, {"عميد", "الخزاعي"},
		{"নাসির", "উদ্দিন"}, {"শেখ", "হাসিনা"}, {"अब्दुल", "अंसारी"},
	} {
		given, family := c[0], c[1]
		same := given + " " + family
		for _, other := range [...]string{
			family + ", " + given, strings.ToUpper(family) + ", " + given, strings.ToUpper(family) + " " + strings.ToUpper(given), family + " " + given,
			strings.ToUpper(same), strings.ToLower(same), "Mr " + same,
		} {
			person := func(written string) entity.Entity {
				return entity.Entity{Kind: entity.Person, Names: []entity.Name{{Full: written}}}
			}
			f, g := Compare(person(same), person(other), w), Compare(person(other), person(same), w)
			if f.Grade == None || f.Score != g.Score {
				t.Errorf("%s | %s: score %.2f, turned round %.2f: %v", same, other, f.Score, g.Score, f.Reasons)
			}
		}
	}
}

// A firm whose name is made of the words of many firms may be called so in another language, as Russian firms are; two firms are
// too. So it is shown, below whoever has the name itself, in whatever abbreviation or letters, and the reason says what it is.
func TestTranslatedNamesOfLightWords(t *testing.T) {
	of := func(written string) entity.Entity {
		return entity.Entity{Kind: entity.Organisation, Names: []entity.Name{{Full: written}}}
	}
	w := DefaultWeights()
	for _, c := range []struct {
		a, b       string
		translated string // what the reason names of b, "" for a name that is the same
	}{
		{"Vertolety Rossii", "Russian Helicopters", "russian, helicopters"},
		{"Jaysh al-Islam", "Army of Islam", "army"},
		{"Sham Trading", "Levant Trading", "levant"},
		{"Bank Maskan", "Housing Bank", "housing"},
		{"Pochta Bank", "Post Bank", "post"},
		{"Banka Gruppa", "Bank Group", ""},
		{"Intl Mfg Co", "International Manufacturing Company", ""},
		{"Levant Trading", "Levant Trading", ""},
		{"IRGC", "Islamic Revolutionary Guard Corps", ""},
		{"Daesh", "ISIL", ""},
		{"Банк России", "Bank of Russia", ""},
		{"中国银行", "Bank of China", ""},
	} {
		f, g := Compare(of(c.a), of(c.b), w), Compare(of(c.b), of(c.a), w)
		if f.Grade != Resembles || f.Score != g.Score {
			t.Errorf("%s | %s: %.3f, turned round %.3f", c.a, c.b, f.Score, g.Score)
			continue
		}
		told := strings.Contains(f.Reasons[0].Text, "in another language in "+c.translated)
		if c.translated == "" {
			told = !strings.Contains(f.Reasons[0].Text, "language")
		}
		if !told || (f.Score < 0.75) != (c.translated != "") {
			t.Errorf("%s | %s: %.3f: %s", c.a, c.b, f.Score, f.Reasons[0].Text)
		}
	}
}

// Words that one language has for one thing and another for another, or that are somebody's name or a town.
func TestFirmsOfWordsThatSoundAlike(t *testing.T) {
	wantHits(t, entity.Organisation, []likePair{
		{true, "Bank Tejarat", "Tejarat Bank"},
		{true, "Bank-e Tejarat", "TEJARAT BANK PJSC"},
		{true, "Commercial Bank of Syria", "Syrian Commercial Bank"},
		{true, "NPK Uralvagonzavod", "Research and Production Corporation Uralvagonzavod"},
		{true, "NPTs Priborist", "Research and Production Center Priborist"},
		{true, "Neftegazovaya Kompaniya Segtac", "Segtac Oil and Gas Company"},
		{true, "Ministry of the Interior of Syria", "Syrian Ministry of Internal Affairs"},
		{true, "Ministerstvo vnutrennikh del Belarusi", "Ministry of Internal Affairs of Belarus"},
		{true, "Ministry of Foreign Affairs of Belarus", "Ministerstvo inostrannykh del Belarusi"},
		{false, "Bank Tejarat", "Trade Finance Bank"},
		{false, "Air Koryo", "Korean Air"},
		{false, "Koryo Bank", "Bank of Korea"},
		{true, "Choson Trading Bank", "Korea Trading Bank"},
		{true, "Segtac Motor Company", "Segtac Motors"},
		{true, "Towarzystwo Ubezpieczen Segtac", "Segtac Insurance Company"},
		{false, "Segtac Motor Company", "Segtac Motel Company"},
		{false, "Commercial Bank of Syria", "Bank of Syria"},
		{false, "Trade Bank of Iraq", "Bank of Iraq"},
		{false, "Ministry of Foreign Affairs of Belarus", "Ministry of Internal Affairs of Belarus"},
		{false, "Ministry of the Interior of the Russian Federation", "Ministry of Foreign Affairs of the Russian Federation"},
		{false, "Carbon Black Trading", "Coal Black Trading"},
		{false, "Gaza Steel Company", "Gas Steel Company"},
		{false, "Ghazi Steel", "Gas Steel"},
		{false, "Gaza Relief Fund", "Gas Relief Fund"},
		{true, "Mujahidin Indonesia Timur", "Mujahideen of Eastern Indonesia"},
		{false, "Mina Copper Trading", "Port Copper Trading"},
	})
}

// Places that are known are no slips of one another, nor of another word, however near; one with a letter wrong is.
func TestPlacesThatAreNear(t *testing.T) {
	wantHits(t, entity.Organisation, []likePair{
		{false, "Iran Steel Trading and Shipping Company", "Iraq Steel Trading and Shipping Company"},
		{false, "National Iranian Oil Company", "National Iraqi Oil Company"},
		{false, "Hubei Steel Trading Company", "Hebei Steel Trading Company"},
		{false, "Henan Trading", "Hunan Trading"},
		{false, "Niger Mining Company", "Nigeria Mining Company"},
		{false, "Slovakia Bank", "Slovenia Bank"},
		{false, "Kerman Cement", "German Cement"},
		{false, "Omsk Shipping Company", "Tomsk Shipping Company"},
		{true, "Hubie Steel Trading Company", "Hubei Steel Trading Company"},
		{true, "Kermann Cement", "Kerman Cement"},
		{true, "Natoinal Iranain Oil Company", "National Iranian Oil Company"},
		{true, "Penza Institute of Electronic Devices", "Penza Institute of Electric Devices"},
	})
	of := func(written string) entity.Entity {
		return entity.Entity{Kind: entity.Organisation, Names: []entity.Name{{Full: written}}}
	}
	if f := Compare(of("Iran Oil Company"), of("Iraq Oil Company"), DefaultWeights()); f.Score > 0.05 {
		t.Errorf("Iran and Iraq: %.3f", f.Score)
	}
}

// What many firms are called by is no name; what many people are called by is one, whatever part of the name it is.
func TestFrequencyOfParts(t *testing.T) {
	w := DefaultWeights()
	person, firm := names.Person(names.Parts{Full: "Olga Ivanovna Petrova", Patronymic: "Ivanovna"}), names.Firm("Vektor Company")
	person.Tokens[1].Keys = []string{"olga"} // which many are called
	if p := w.part(person.Tokens[1], false); p.Class != names.Patronymic || p.often == names.Rare {
		t.Errorf("a patronymic that many have: class %d, %d", p.Class, p.often)
	}
	if p := w.part(firm.Tokens[1], true); p.often != names.Rare || p.Frequency(true) == names.Rare {
		t.Errorf("company: %d, of %d", p.often, p.Frequency(true))
	}
}

// firmsOfWords are firms called by words that many firms have, with slips, in several languages, forms and initials.
func (m maker) firmsOfWords(n int) []entity.Entity {
	word := func() string {
		switch m.IntN(8) {
		case 0:
			return m.pick(strings.Fields("Sham Levant Moscow Moskovskii Iran Iranian Russian Rossii Tikhoretsk Tikhoretskii Korea Koryo North Severnyi"))
		case 1:
			return m.pick(strings.Fields("Company Kompaniya Co Group Gruppa National Melli Natsionalnyi International Intl Mezhdunarodnyi Joint People's Public"))
		case 2, 3:
			return m.pick(strings.Fields("Bank Banco Trading Tejarat Torgovyi Trade Helicopters Vertolety Shipping Lines Machine Building Oil Neft Insurance Bimeh Technical Technologies Army Jaysh Islam Islamic Islami Front"))
		case 4:
			return m.pick([]string{"Import-Export", "Impex", "Trading House", "TD", "NPK", "NII", "NPTs", "IRGC", "Sepah-e Pasdaran", "Ministry of the Interior", "MVD", "R&D", "JSB", "Joint Stock Commercial Bank", "Research and Production Corporation"})
		case 5:
			return m.pick([]string{"MMT", "Metal and Mineral Trade (MMT)", "National Oil Company (NOC)", "Islamic Revolutionary Guard Corps (IRGC)", "la la la (LLL)", "NIOC", "PDVSA", "(TRB)", "Fund II", "No. 7", "25-ya", "银行", "贸易", "中国", "бюро", "شرکت", "بانک"})
		}
		return m.pick(strings.Fields("Romashka Lanmax Kvazar Tawasul Tawassul Keencloud Segtac Vektor Wektor Veles Al-Barakat Gaza Mina"))
	}
	name := func() string {
		var words []string
		for range 1 + m.IntN(4) {
			words = append(words, word())
		}
		form := m.pick([]string{"", "", "LLC", "Limited", "Limietd", "Incorporated", "OOO", "Obshchestvo s ogranichennoi otvetstvennostyu", "Joint Stock Comapny", "Gesellschaft mit beschränkter Haftung", "Sociedad Anonima", "S. A. de C. V.", "PJSC", "有限公司"})
		switch m.IntN(5) {
		case 0:
			words = append([]string{form}, words...)
		case 1:
			words = append(words[:len(words)/2:len(words)/2], append([]string{form}, words[len(words)/2:]...)...)
		default:
			words = append(words, form)
		}
		written := strings.TrimSpace(strings.Join(words, " "))
		if m.IntN(3) == 0 {
			written = m.slip(written)
		}
		return written
	}
	out := make([]entity.Entity, n)
	for i := range out {
		out[i] = entity.Entity{Kind: entity.Organisation, List: "made", ID: fmt.Sprint(i + 1), Names: []entity.Name{{Full: name()}}}
		if m.IntN(3) == 0 {
			out[i].Names = append(out[i].Names, entity.Name{Full: name()})
		}
	}
	return out
}

func TestIndexFindsFirmsOfWordsAsScoringEverythingDoes(t *testing.T) {
	for seed := range uint64(2) {
		m := newMaker(60 + seed)
		oracle(t, m, m.firmsOfWords(200), 120, m.firmsOfWords(60)...)
	}
}

func TestRosterFindsFirmsOfWordsAsComparingEverythingDoes(t *testing.T) {
	m := newMaker(70)
	listed := m.firmsOfWords(150)
	of := m.customersLike(listed, 400)
	for i, e := range m.firmsOfWords(200) {
		of[2*i].Entity = entity.Entity{Kind: entity.Organisation, Names: e.Names}
	}
	rosterOracle(t, listed, of, 200)
}

// Two firms are as like whichever comes first.
func TestFirmsOfWordsTurnedRound(t *testing.T) {
	w := DefaultWeights()
	m := newMaker(80)
	all := m.firmsOfWords(60)
	for i := range all {
		for j := range all[:i] {
			if f, g := Compare(all[i], all[j], w), Compare(all[j], all[i], w); f.Score != g.Score || f.Grade != g.Grade {
				t.Errorf("%v | %v: %.4f, turned round %.4f", all[i].Names, all[j].Names, f.Score, g.Score)
			}
		}
	}
}

// Greek letters that are read together, and letters written as digits and signs.
func TestWrittenOtherwise(t *testing.T) {
	wantHits(t, entity.Person, []likePair{
		{true, "Βίκτορ Μπουτ", "Viktor Bout"},
		{true, "Μπασάρ αλ Άσαντ", "Bashar al-Assad"},
		{true, "Ντμίτρι Μεντβέντεφ", "Dmitry Medvedev"},
		{true, "Σεργκέι Λαβρόφ", "Sergei Lavrov"},
		{true, "Ευαγγελία Αγγελοπούλου", "Evangelia Angelopoulou"},
		{true, "V1ktor B0ut", "Viktor Bout"},
		{true, "Mu7ammad Sa3id al-Zawa7iri", "Muhammad Said al-Zawahiri"},
		{true, "V!ktor Anatolijevitch B@ut", "Viktor Anatolijevitch Bout"},
		{true, "V I K T O R  B O U T", "Viktor Bout"},
		{true, "V I K T O R B O U T", "Viktor Bout"},
		{false, "Μαρία Παπαδοπούλου", "Maria Papandreou"},
		{false, "V1ktor B0ut", "Viktor Boyarkin"},
	})
}

// What Arabic writes with a firm's word, what is written as one word elsewhere, and branches.
func TestFirmsWrittenOtherwise(t *testing.T) {
	wantHits(t, entity.Organisation, []likePair{
		{true, "حزب الله", "Hizballah"},
		{true, "Hizb Allah", "Hezbollah"},
		{true, "أنصار الله", "Ansarallah"},
		{true, "المصرف التجاري السوري", "Commercial Bank of Syria"},
		{true, "مصرف سورية المركزي", "Central Bank of Syria"},
		{true, "شركة النفط السورية", "Syrian Petroleum Company"},
		{true, "حركة المقاومة الإسلامية", "Harakat al-Muqawama al-Islamiya"},
		{true, "新疆生产建设兵团", "Xinjiang Production and Construction Corps"},
		{true, "Melli Bank PLC London Branch", "Melli Bank PLC"},
		{true, "London Branch of Bank Sepah", "Bank Sepah"},
		{false, "المصرف التجاري السوري", "Central Bank of Syria"},
		{false, "المصرف التجاري السوري", "Commercial Bank of Iraq"},
		{false, "حزب البعث", "Hizballah"},
		{false, "Acme Bank London Branch", "Melli Bank PLC London Branch"},
	})
}
