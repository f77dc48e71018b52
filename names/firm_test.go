package names

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// formsOf gives the legal forms that a firm's name was read with, and the rest of it.
func formsOf(written string) (forms []*Token, rest string) {
	n := Firm(written)
	var words []string
	for i := range n.Tokens {
		if n.Tokens[i].Class == LegalForm {
			forms = append(forms, &n.Tokens[i])
		} else {
			words = append(words, n.Tokens[i].Text)
		}
	}
	return forms, strings.Join(words, " ")
}

// Of each language or country, forms that are one form or may stand for it: short, spelt
// out, in other letters, in another romanisation, or as others translate it.
var formsByLanguage = map[string][]string{
	"English":        {"Nordwind LLC", "Nordwind L.L.C.", "Nordwind Limited Liability Company", "Nordwind Ltd.", "Nordwind Limited", "Nordwind Co., Ltd"},
	"English, PLC":   {"Nordwind PLC", "Nordwind Public Limited Company"},
	"Irish":          {"Nordwind DAC", "Nordwind Designated Activity Company", "Nordwind Ltd"},
	"Russian":        {"ООО Nordwind", "OOO Nordwind", "Nordwind, OOO", "Obshchestvo s ogranichennoi otvetstvennostiu Nordwind", "Общество с ограниченной ответственностью Nordwind", "Nordwind LLC"},
	"Russian, AO":    {"АО Nordwind", "AO Nordwind", "Aktsionernoe Obshchestvo Nordwind", "Nordwind Joint Stock Company", "Nordwind JSC"},
	"Russian, PAO":   {"ПАО Nordwind", "PAO Nordwind", "Publichnoe aktsionernoe obshchestvo Nordwind", "Nordwind PJSC", "Nordwind OAO", "Nordwind Open Joint Stock Company"},
	"Russian, ZAO":   {"ЗАО Nordwind", "ZAO Nordwind", "Zakrytoe aktsionernoe obshchestvo Nordwind", "Nordwind CJSC"},
	"Ukrainian":      {"ТОВ Nordwind", "TOV Nordwind", "Tovarystvo z obmezhenoyu vidpovidalnistyu Nordwind", "Nordwind LLC"},
	"Belarusian":     {"ААТ Nordwind", "Adkrytaye aktsyyanernaye tavarystva Nordwind", "Nordwind JSC"},
	"Kazakh":         {"ТОО Nordwind", "TOO Nordwind", "Nordwind LLC"},
	"Uzbek":          {"Nordwind MChJ", "Nordwind LLC"},
	"Azerbaijani":    {"Nordwind MMC", "Nordwind Məhdud Məsuliyyətli Cəmiyyət"},
	"Georgian":       {"შპს Nordwind", "Nordwind LLC"},
	"Armenian":       {"Nordwind ՍՊԸ", "Nordwind LLC"},
	"Mongolian":      {"Nordwind ХХК", "Nordwind LLC"},
	"German":         {"Nordwind GmbH", "Nordwind Gesellschaft mit beschränkter Haftung", "Nordwind G.m.b.H.", "Nordwind LLC"},
	"German, AG":     {"Nordwind AG", "Nordwind Aktiengesellschaft", "Nordwind JSC"},
	"German, KG":     {"Nordwind GmbH & Co. KG", "Nordwind Kommanditgesellschaft"},
	"Swiss Italian":  {"Nordwind Sagl", "Nordwind GmbH"},
	"Polish":         {"Nordwind Sp. z o.o.", "Nordwind Sp z o.o.", "Nordwind Spółka z ograniczoną odpowiedzialnością", "Nordwind LLC"},
	"Czech":          {"Nordwind s.r.o.", "Nordwind spol. s r.o.", "Nordwind společnost s ručením omezeným", "Nordwind Ltd"},
	"Slovak":         {"Nordwind s.r.o.", "Nordwind spoločnosť s ručením obmedzeným"},
	"Hungarian":      {"Nordwind Kft.", "Nordwind Korlátolt felelősségű társaság", "Nordwind LLC"},
	"Hungarian, Zrt": {"Nordwind Zrt.", "Nordwind Zártkörűen működő részvénytársaság", "Nordwind JSC"},
	"Romanian":       {"Nordwind S.R.L.", "Nordwind Societate cu răspundere limitată"},
	"Serbian":        {"Nordwind d.o.o.", "Nordwind DOO", "Nordwind Društvo sa ograničenom odgovornošću"},
	"Croatian":       {"Nordwind d.d.", "Nordwind dioničko društvo"},
	"Slovene":        {"Nordwind d.o.o.", "Nordwind družba z omejeno odgovornostjo"},
	"Macedonian":     {"Nordwind ДООЕЛ", "Nordwind DOOEL"},
	"Bulgarian":      {"Nordwind ЕООД", "Nordwind EOOD", "Nordwind OOD", "Nordwind Ednolichno druzhestvo s ogranichena otgovornost"},
	"Albanian":       {"Nordwind Sh.p.k.", "Nordwind LLC"},
	"Greek":          {"Nordwind Α.Ε.", "Nordwind Anonymi Etaireia"},
	"Turkish":        {"Nordwind Ltd. Şti.", "Nordwind Limited Şirketi"},
	"Turkish, A.Ş.":  {"Nordwind A.Ş.", "Nordwind Anonim Şirketi", "Nordwind JSC"},
	"Finnish":        {"Nordwind Oy", "Nordwind Osakeyhtiö", "Nordwind Oy Ab"},
	"Swedish":        {"Nordwind AB", "Nordwind Aktiebolag", "Nordwind AB (publ)"},
	"Norwegian":      {"Nordwind AS", "Nordwind Aksjeselskap", "Nordwind ASA"},
	"Danish":         {"Nordwind ApS", "Nordwind Anpartsselskab"},
	"Danish, A/S":    {"Nordwind A/S", "Nordwind Aktieselskab"},
	"Icelandic":      {"Nordwind ehf.", "Nordwind einkahlutafélag"},
	"Estonian":       {"Nordwind OÜ", "Nordwind Osaühing"},
	"Latvian":        {"SIA Nordwind", "Nordwind Sabiedrība ar ierobežotu atbildību"},
	"Lithuanian":     {"UAB Nordwind", "Nordwind Uždaroji akcinė bendrovė"},
	"French":         {"Nordwind SARL", "Nordwind S.à r.l.", "Nordwind Société à responsabilité limitée", "Nordwind LLC"},
	"French, SA":     {"Nordwind S.A.", "Nordwind S.A.S.", "Nordwind Société Anonyme", "Nordwind JSC"},
	"Dutch":          {"Nordwind B.V.", "Nordwind Besloten Vennootschap", "Nordwind BVBA"},
	"Dutch, NV":      {"Nordwind N.V.", "Nordwind naamloze vennootschap"},
	"Italian":        {"Nordwind S.r.l.", "Nordwind Società a responsabilità limitata"},
	"Italian, SpA":   {"Nordwind S.p.A.", "Nordwind Società per azioni"},
	"Spanish":        {"Nordwind S.L.", "Nordwind Sociedad Limitada", "Nordwind Ltda."},
	"Mexican":        {"Nordwind S.A. de C.V.", "Nordwind S. A. DE C. V.", "Nordwind Sociedad Anónima de Capital Variable", "Nordwind Sociedad Anónima"},
	"Peruvian":       {"Nordwind E.I.R.L.", "Nordwind Empresa Individual de Responsabilidad Limitada"},
	"Portuguese":     {"Nordwind Lda.", "Nordwind Limitada", "Nordwind Ltda"},
	"Arabic":         {"نورد ش.ذ.م.م", "نورد شركة ذات مسؤولية محدودة"},
	"Gulf":           {"Nordwind FZE", "Nordwind FZCO", "Nordwind FZ-LLC", "Nordwind DMCC", "Nordwind W.L.L."},
	"Lebanese":       {"Nordwind S.A.L.", "Nordwind SAL (Offshore)"},
	"Persian":        {"Nordwind Sahami Khass", "Nordwind Private Joint Stock Company"},
	"Hebrew":         {"נורד בע\"מ", "נורד בעמ"},
	"Chinese":        {"北风有限公司", "北风有限责任公司", "北风 有限公司"},
	"Japanese":       {"Nordwind K.K.", "Nordwind Kabushiki Kaisha"},
	"Japanese, han":  {"株式会社 北風", "(株) 北風", "株式会社北風", "北風株式会社"},
	"Korean":         {"주식회사 북풍", "(주) 북풍", "주식회사북풍"},
	"Vietnamese":     {"Công ty TNHH Nordwind", "Cong ty TNHH Nordwind"},
	"Thai":           {"Nordwind PCL", "Nordwind Public Company Limited"},
	"Indonesian":     {"PT Nordwind", "PT. Nordwind Tbk", "Perseroan Terbatas Nordwind"},
	"Malay":          {"Nordwind Sdn Bhd", "Nordwind Sdn. Bhd.", "Nordwind Sendirian Berhad"},
	"Indian":         {"Nordwind Pvt. Ltd.", "Nordwind Private Limited", "Nordwind (P) Ltd"},
	"Singaporean":    {"Nordwind Pte. Ltd.", "Nordwind Pte Ltd"},
	"Australian":     {"Nordwind Pty Ltd", "Nordwind Proprietary Limited"},
}

func TestLegalForms(t *testing.T) {
	if len(formsByLanguage) < 40 {
		t.Errorf("%d languages, want 40 at least", len(formsByLanguage))
	}
	countries := make(map[string]bool)
	for _, f := range legalForms {
		countries[f.country] = true
	}
	if len(countries) < 60 || len(legalForms) < 500 {
		t.Errorf("%d forms of %d countries are known, want 500 of 60 at least", len(legalForms), len(countries))
	}
	for language, written := range formsByLanguage {
		first, rest := formsOf(written[0])
		for _, w := range written {
			forms, name := formsOf(w)
			if len(forms) != 1 || name != rest {
				t.Errorf("%s: %q: %d forms beside %q, want one beside %q", language, w, len(forms), name, rest)
				continue
			}
			if len(first) == 1 && !forms[0].Shares(first[0]) {
				t.Errorf("%s: %q %v and %q %v are not one form", language, written[0], first[0].Keys, w, forms[0].Keys)
			}
		}
	}
}

func TestLegalFormsContradict(t *testing.T) {
	for _, pair := range [][2]string{
		{"OOO Vektor", "PAO Vektor"}, {"Vektor GmbH", "Vektor AG"}, {"Vektor Kft", "Vektor Zrt"}, {"Vektor PAO", "Vektor ZAO"}, {"Vektor SARL", "Vektor S.A."},
		{"Vektor ApS", "Vektor A/S"}, {"Vektor LLC", "Vektor Stiftelse"}, {"Vektor LLP", "Vektor LLC"}, {"FGUP Vektor", "OOO Vektor"}, {"IP Vektor", "OOO Vektor"}, {"Vektor Ltd", "Vektor PLC"},
	} {
		a, _ := formsOf(pair[0])
		b, _ := formsOf(pair[1])
		if len(a) != 1 || len(b) != 1 || a[0].Shares(b[0]) {
			t.Errorf("%q and %q: want forms that contradict", pair[0], pair[1])
		}
	}
}

// A form that is a common word or a name elsewhere counts at the ends of a name only.
func TestShortFormsAtTheEnds(t *testing.T) {
	for written, want := range map[string]int{
		"Ike Brothers Trading": 1, "Brothers Ike Trading": 0, "Nordwind SPC": 1, "Nordwind SPC Trading": 0, "As Vaziri Trading": 1,
	} {
		if forms, _ := formsOf(written); len(forms) != want {
			t.Errorf("%q: %d forms, want %d", written, len(forms), want)
		}
	}
}

func TestEveryFormHasAFamily(t *testing.T) {
	for written, f := range legalForms {
		if written == "" {
			t.Error("an empty form")
		}
		for _, class := range f.classes {
			if len(formFamilies[class]) == 0 {
				t.Errorf("form %q has class %q, which has no family", written, class)
			}
		}
	}
}

// Words of firms' names in several languages have one key.
func TestFirmWordsAgree(t *testing.T) {
	for class, families := range map[Class][]string{
		Generic: {
			"Company Co. Compañía Kompaniya компания компанія Sherkat Gongsi", "International Int'l Mezhdunarodnyi Международная Internacional Uluslararasi", "Group Grp Gruppa группа Grupo",
			"General Generalnoe Genel", "Brothers Bros. Hermanos Kardesler", "State Gosudarstvennoe Государственная Estatal", "Enterprise Ent. Predpriyatie предприятие Pradpryemstva",
			"Association Society Jam'iyya Dernek Assotsiatsiya جمعية", "Regional Kraevoi Oblastnoi региональный Regionalnaya", "Martyr Shahid Shohada",
		},
		Trade: {
			"Trading Trade Torgovyi Torgovaya торговая торговое Ticaret Comercial Handels Bazargani Maoyi", "Bank Banco Banque Banka банк", "Shipping Sudokhodnaya судоходная Keshtirani Denizcilik Naviera",
			"Oil Petroleum Neft нефть Neftyanaya Petroleo", "Plant Zavod завод Factory Fabrika Fabrica Karkhaneh", "Institute Institut институт Instituto Inst.", "University Universitet Universidad Daneshgah",
			"Technology Technologies Tech Tekhnologii технологии Tecnologia Keji", "Manufacturing Mfg. Production Proizvodstvo производственная", "Industries Inds. Industry Promyshlennost Sanayi Sanaye",
			"Ministry Ministerstvo министерство Ministerio Vezarat", "Army Armiya армия Ejercito", "Construction Stroitelnaya строительная Constructora Insaat",
			"Insurance Strakhovaya страховая Bimeh Seguros Sigorta", "Investment Invest Investitsionnaya Yatirim Inversiones", "Export Eksport Saderat Ihracat", "Engineering Eng. Inzhiniring Mohandesi",
			"Instruments Priborov Priborostroeniya Devices", "Helicopter Vertoletnyi Vertolyotnaya вертолётная", "Alloys Splavov сплавов", "Education Educational Obrazovaniya образовательное Amoozesh Egitim", "Brigade Battalion Katibat", "Welfare Refah", "Foundation Fond Fundacion Bonyad Vakfi",
			"Aviation Aircraft Aviatsionnyi Havacilik", "Building Stroitelnoe", "Measuring Izmeritelnoi", "Liberation Befreiung Felszabadítás Liberación Wyzwolenia", "Army Armee Leger Hadsereg", "Front Fronte Frontul", "Islamic Islamska Islámico Islamitische Iszlám", "Party Partij Partidul Puolue", "Armed Bewaffnete Fegyveres",
			"Pension Pensionnyi пенсионный",
		},
		Place: {
			"Russia Russian Rossiya Rossiiskaya российская", "Iran Iranian Irani", "Moscow Moskva Moskovskii московский", "North Northern Severnaya северный Norte", "China Chinese Sino Zhongguo", "Turkey Turkish Türkiye", "Region Oblast Krai Vilayat", "Vologda Vologodskii вологодский", "Jerusalem Quds Qods",
		},
	} {
		for _, family := range families {
			words := strings.Fields(family)
			first := Firm("Vektor " + words[0]).Tokens[1]
			for _, w := range words {
				tok := Firm("Vektor " + w).Tokens[1]
				if tok.Keys[0] != first.Keys[0] || tok.Class != class {
					t.Errorf("%s %v and %s %v: class %d, want one key and class %d", words[0], first.Keys, w, tok.Keys, tok.Class, class)
				}
			}
		}
	}
	bank, fund := Firm("Vektor Bank").Tokens[1], Firm("Vektor Foundation").Tokens[1]
	if bank.Shares(&fund) {
		t.Error("a bank is a foundation")
	}
}

// A word is read as what it is written under, in all its forms: not in two groups, and not so that no name can have it, as one
// with an apostrophe or a hyphen had.
func TestEveryFirmWordIsRead(t *testing.T) {
	at := make(map[string]string)
	sections := sectionsOf(firmsText)
	for section, class := range map[string]Class{"generic": Generic, "trade": Trade, "places": Place} {
		for _, line := range sections[section] {
			words := strings.Fields(line)
			first := wordKey(expanded(words[0])[0])
			for _, w := range words {
				k := wordKey(expanded(w)[0])
				if other, known := at[k]; known && other != words[0] {
					t.Errorf("%q stands with %q and with %q", w, other, words[0])
				}
				at[k] = words[0]
				if strings.HasSuffix(w, "~") {
					continue
				}
				switch got := Firm("Vektor " + w).Tokens[1]; {
				case got.Class == LegalForm, got.Class == Trade && got.Keys[0][0] == '~': // a form, or a phrase that has it
				case got.Class != class || got.Keys[0] != first:
					t.Errorf("%q, under %q: class %d, keys %v", w, words[0], got.Class, got.Keys)
				}
			}
		}
	}
	if len(at) < 1500 {
		t.Errorf("%d words, want 1,500 at least", len(at))
	}
}

// So is a phrase, and no two have an acronym by which neither could be told: NPK and NPC sound alike.
func TestEveryFirmPhraseIsRead(t *testing.T) {
	for _, line := range sectionsOf(firmsText)["phrases"] {
		first := ""
		for written := range strings.SplitSeq(line, "|") {
			written = strings.TrimSuffix(strings.TrimSpace(written), "$")
			for _, ending := range []string{"yi", "aya", "ogo"} {
				n := Firm("Vektor " + strings.ReplaceAll(written, "~", ending))
				if first == "" {
					first = n.Tokens[1].Keys[0]
				}
				if len(n.Tokens) != 2 || n.Tokens[1].Keys[0] != first || first[0] != '~' {
					t.Errorf("%q, of %q: %+v", written, first, n.Tokens[1:])
				}
				if !strings.Contains(written, "~") {
					break
				}
			}
		}
	}
}

// A word that is as often a firm's own name or a family's, or sounds like one, is no word of what firms do: two firms
// would be one that share nothing but a group, as Public Bank of Malaysia and People's Bank of Ceylon.
func TestOwnNamesOfFirmsAreTheirOwn(t *testing.T) {
	for _, word := range strings.Fields("Gamma Gama Shine Shiny Shahed Shaheed Polyot Polet Kashi Nejat Miras ISI KAR Kars Sinko Bakir Patron Trust") {
		if tok := Firm(word + " Vektor").Tokens[0]; tok.Class != Plain {
			t.Errorf("%s is of class %d with keys %v", word, tok.Class, tok.Keys)
		}
	}
	public, people := Firm("Public Bank").Tokens[0], Firm("People's Bank").Tokens[0]
	if public.Shares(&people) {
		t.Errorf("Public %v is People's %v", public.Keys, people.Keys)
	}
}

func TestFirmPhrases(t *testing.T) {
	for _, family := range [][]string{
		{"Torgovyi Dom Vektor", "Vektor Trading House", "TD Vektor", "ООО ТД Вектор"},
		{"NII Vektor", "Scientific Research Institute Vektor", "Nauchno-issledovatelskii institut Vektor", "НИИ Вектор"},
		{"NPO Vektor", "Scientific Production Association Vektor", "Nauchno-proizvodstvennoe obedinenie Vektor", "Vektor Research and Production Association"},
		{"Vektor KB", "Vektor Design Bureau", "Vektor Konstruktorskoe Byuro"},
		{"Vektor Import-Export", "Vektor Import & Export", "Vektor Impex"},
		{"UK Vektor", "Upravlyayushchaya kompaniya Vektor", "Management Company Vektor"},
		{"Vektor Dis Ticaret", "Vektor Foreign Trade"},
		{"Vektor Trading", "Vektor Trading Company", "Torgovaya Kompaniya Vektor"},
		{"Vektor Exchange", "Vektor Money Exchange", "Vektor Hawala", "Sarafi Vektor", "Vektor Currency Exchange"},
		{"Vektor Technology", "Vektor Science and Technology", "Vektor Technical"},
		{"Vektor Sea Port", "Vektor Seaport", "Morskoi torgovyi port Vektor", "Vektor Merchant Sea Port"},
		{"Islamic State of Iraq and the Levant-Vektor", "ISIL-Vektor", "ISIS-Vektor", "Daesh Vektor"},
		{"Vektor Research and Development Center", "Vektor R and D Center", "Vektor R&D Center"},
		{"Vserossiiskii nauchno-issledovatelskii institut Vektor", "All-Russian Scientific Research Institute Vektor", "VNII Vektor"},
		{"Vektor Machine Building Plant", "Vektor Mechanical Engineering Plant"},
		{"Jamaat-e-Islami Vektor", "Jamaat Islami Vektor"},
		{"Gama'a al-Islamiyya Vektor", "Jama'a al-Islamiyya Vektor", "Al-Gama'at al-Islamiyya Vektor", "Gamaa Islamia Vektor"},
		{"Nonstate Vektor", "Non-state Vektor", "Негосударственный Вектор"},
		{"Vektor Sanayi ve Ticaret", "Vektor Industry and Trade"},
		{"Vektor Real Estate", "Vektor Nedvizhimost", "Vektor Inmobiliaria"},
	} {
		keyOf := func(written string) string {
			for _, tok := range Firm(written).Tokens {
				if tok.Class == Trade {
					return tok.Keys[0]
				}
			}
			return written
		}
		for _, written := range family[1:] {
			a, b := keyOf(family[0]), keyOf(written)
			if !slices.Contains([]string{a}, b) {
				t.Errorf("%q has %q and %q has %q", family[0], a, written, b)
			}
		}
	}
}

// What a firm's name has initials of itself tells nothing more; a word that happens to be initials of words elsewhere does.
func TestInitialsOfTheNameItself(t *testing.T) {
	for _, c := range []struct{ written, initials, want string }{
		{"Metal and Mineral Trade (MMT)", "mmt", "byname"},
		{"MAMT - Metal and Mineral Trade", "mamt", "byname"},
		{"MMT Metal and Mineral Trade", "mmt", "byname"},
		{"Metal Mineral Trade (MMT)", "mmt", "byname"},
		{"VSA Vektor SA", "vsa", "plain"},
		{"Petroleos de Venezuela S.A. (PDVSA)", "pdvsa", "byname"},
		{"Islamic Revolutionary Guard Corps (IRGC)-Qods Force", "irgc", "byname"},
		{"MMT Vektor Metal and Mineral Trade", "mmt", "plain"},
		{"Metal and Mineral Trade Vektor MMT", "mmt", "plain"},
		{"Vektor Mineral VM", "vm", "plain"},
		{"ABCDEFGH Alpha Beta Cesta Delta Epsilon Fesca Gesta Hesca", "abcdefgh", "byname"},
		{"ABCDEFGHI Alpha Beta Cesta Delta Epsilon Fesca Gesta Hesca Ista", "abcdefghi", "plain"},
		{"Vektor Mineral Trade VMX", "vmx", "plain"},
		{"Nissan Automobile", "nissan", "plain"},
		{"Cargo Oil Marine Mining COMM", "comm", ""}, // communications are what it does
	} {
		got := ""
		for _, tok := range Firm(c.written).Tokens {
			if tok.Text == c.initials {
				got = map[Class]string{Plain: "plain", Byname: "byname"}[tok.Class]
			}
		}
		if got != c.want {
			t.Errorf("%q: %s is %q, want %q", c.written, c.initials, got, c.want)
		}
	}
}

// Initials are found in one go through the words; here by trying every way, which for a long name of little words are millions.
func TestInitialsByEveryWay(t *testing.T) {
	var everyWay func(letters string, words []string, n int, all bool) bool
	everyWay = func(letters string, words []string, n int, all bool) bool {
		if letters == "" && n >= 3 && !(all && len(words) > 0) {
			return true
		}
		if len(words) == 0 || words[0] == "" {
			return false
		}
		w, rest := words[0], words[1:]
		return letters != "" && w[0] == letters[0] && everyWay(letters[1:], rest, n+1, all) ||
			len(w) == 2 && strings.HasPrefix(letters, w) && everyWay(letters[2:], rest, n+1, all) ||
			letters != "" && n > 0 && firmParticles[w] && everyWay(letters, rest, n, all)
	}
	rng := rand.New(rand.NewPCG(8, 8))
	words := []string{"la", "al", "of", "and", "sa", "la", "lima", "alma", "sol", "", "oslo"}
	found := 0
	for range 100_000 {
		var name []string
		for range rng.IntN(8) {
			name = append(name, words[rng.IntN(len(words))])
		}
		letters := make([]byte, 3+rng.IntN(4))
		for i := range letters {
			letters[i] = "alos"[rng.IntN(4)]
		}
		if rng.IntN(2) == 0 { // of some of the words
			letters = letters[:0]
			for _, w := range name {
				if w != "" && (!firmParticles[w] || rng.IntN(2) == 0) {
					letters = append(letters, w[0])
				}
			}
		}
		all := rng.IntN(2) == 0
		want := everyWay(string(letters), name, 0, all)
		if want {
			found++
		}
		if got := spells(string(letters), name, all); got != want {
			t.Fatalf("%s of %q, all %v: %v, by every way %v", letters, name, all, got, want)
		}
	}
	if found < 1000 {
		t.Errorf("%d of 100,000 are initials", found)
	}
	Firm("lllllllx" + strings.Repeat(" la", MaxTokens-1)) // and does not take for ever
}

// A plant is called by its town or by the adjective made of it.
func TestTownsAndTheirAdjectives(t *testing.T) {
	for _, c := range []struct {
		a, b string
		one  bool
	}{
		{"Primersk", "Primerskii", true}, {"Primerskoye", "Primerskaya", true}, {"Приме́рский", "Primersk", true}, {"Primerskogo", "Primersky", true},
		{"Primersk", "Primerov", false}, {"Bratsk", "Bratskii", true}, {"Task", "Taska", false}, {"Whisk", "Whiskey", false}, {"Primersk", "Primerskan", false},
	} {
		a, b := Firm(c.a + " Plant").Tokens[0], Firm(c.b + " Plant").Tokens[0]
		if a.Shares(&b) != c.one {
			t.Errorf("%s %v and %s %v: one is %v", c.a, a.Keys, c.b, b.Keys, !c.one)
		}
	}
}

func TestFirmNumbers(t *testing.T) {
	for written, want := range map[string]string{
		"33rd Light Infantry Division": "33", "Zavod 25-ya": "25", "Fund VII": "7", "Orion Group V": "5", "Fund VIII": "8", "Fund Seven": "7", "Plant No. 007": "7", "2ème Armée": "2", "Fund A380": "",
	} {
		got := ""
		for _, tok := range Firm(written).Tokens {
			if tok.Class == Number {
				got = tok.Keys[0]
			}
		}
		if got != want {
			t.Errorf("%q: number %q, want %q", written, got, want)
		}
	}
}

// What has the same text has a key in common, also where a legal form is all that a firm is called by: candidates are looked for by keys.
func TestFormsAloneHaveTheirOwnKey(t *testing.T) {
	for _, c := range [][2]string{
		{"Limietd", "Limietd Vektor"}, {"Limietd", "Limietd Co"}, {"SPC", "Vektor SPC Trading"}, {"Ike Ltd", "Brothers Ike Trading"}, {"DP", "Vektor DP Trading"}, {"ДП", "Вектор ДП Трейдинг"},
	} {
		a, b := Firm(c[0]), Firm(c[1])
		text := a.Tokens[0].Text
		i := slices.IndexFunc(b.Tokens, func(t Token) bool { return t.Text == text })
		if i < 0 || a.Tokens[0].Class != Plain || b.Tokens[i].Class == LegalForm {
			t.Errorf("%q and %q: %+v and %+v: the test proves nothing", c[0], c[1], a.Tokens, b.Tokens)
		} else if !a.Tokens[0].Shares(&b.Tokens[i]) {
			t.Errorf("%q in %q has keys %v, and in %q %v", text, c[0], a.Tokens[0].Keys, c[1], b.Tokens[i].Keys)
		}
	}
	a, b := Firm("AG Ltd").Tokens[0], Firm("SA Ltd").Tokens[0]
	if a.Shares(&b) {
		t.Errorf("AG %v and SA %v, which are all that two firms are called by, are one", a.Keys, b.Keys)
	}
}
