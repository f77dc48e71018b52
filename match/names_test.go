package match

import (
	"strings"
	"testing"

	"sallyport/entity"
)

// Names by what people and firms are called and how that is written, two a case: one
// bearer's, or two bearers'. They are made up, with parts that are common where the case is
// from; none is from a labelled set.
func TestNamesOfOneAndOfTwo(t *testing.T) {
	w := DefaultWeights()
	for _, c := range []struct {
		kind     entity.Kind
		hit      bool
		one, two string
	}{
		// A title before a name, a name after it; initials written together; particles with a name.
		{entity.Person, true, "Amir Kuburan", "Kuburan Amir"},
		{entity.Person, true, "Haji Ibrahimzoy", "Ibrahimzoy Haji"},
		{entity.Person, true, "JP Duboisier", "Jean-Pierre Duboisier"},
		{entity.Person, true, "R.K. Vadekar", "RK Vadekar"},
		{entity.Person, false, "JP Duboisier", "Jean-Marie Marchandot"},
		{entity.Person, true, "Jan van der Bergman", "Jan Vanderbergman"},
		{entity.Person, true, "Pa kTong Sokhun", "Pak Tong Sokhun"},
		// The article written with the name, and left out; a name in the spelling of another country.
		{entity.Person, true, "Fahad Alghamdi", "Fahd al-Ghamidi"},
		{entity.Person, true, "Nayef Alharbi", "Nayif Harbi"},
		{entity.Person, true, "Tarek Elzawahry", "Tariq al-Zawahiri"},
		{entity.Person, true, "Saleh Alkadhimi", "Salih al-Kazimi"},
		{entity.Person, false, "Carmen Alvarez", "Carmen Varez"},
		{entity.Person, true, "Viktar Halavanau", "Viktor Golovanov"},
		{entity.Person, true, "Hocine Kaci", "Husayn Kaci"},
		{entity.Person, true, "Azzedine Kaci", "Izz al-Din Kaci"},
		{entity.Person, true, "Recep Yilmaz", "Rajab Yilmaz"},
		{entity.Person, true, "Shmuel Rosen", "Samuel Rozen"},
		// Whoever is called by a common name is not another by a slip of the pen, though somebody's name is mistyped.
		{entity.Person, false, "Deborah Melinda Crane", "Deborah Malinga"},
		{entity.Person, false, "Zachary Michelle Foster", "Michele Zagaria"},
		{entity.Person, false, "Nicholas Aaron Zachary", "Nicola Zagaria"},
		{entity.Person, false, "Kelvin Marsh Wong", "Kelvin Tongo"},
		{entity.Person, true, "Zacharry Fostter", "Zachary Foster"},
		{entity.Person, true, "Christophre Malinga", "Christopher Malinga"},
		{entity.Person, true, "Deborah Malimga", "Deborah Malinga"},
		// One word of Han or Hangul, two of Latin letters.
		{entity.Person, true, "박명철", "Pak Myong Chol"},
		{entity.Person, true, "李小龙", "Li Xiao Long"},
		{entity.Person, false, "박명철", "Pak Kwang Ho"},
		{entity.Person, false, "李小龙", "Li Guang Yao"},
		// Legal forms, abbreviations, translations.
		{entity.Organisation, true, "OOO Vektor-Plast", "Vektor-Plast LLC"},
		{entity.Organisation, true, "Obshchestvo s ogranichennoi otvetstvennostiu Torgovyi Dom Vektor", "Vektor Trading House LLC"},
		{entity.Organisation, true, "Nordstrom Aktiengesellschaft", "Nordstrom AG"},
		{entity.Organisation, true, "AO NII Kulon", "Joint Stock Company Scientific Research Institute Kulon"},
		{entity.Organisation, true, "Cinar Dis Ticaret Ltd. Sti.", "Cinar Foreign Trade Limited"},
		{entity.Organisation, true, "Bank Rodnik PAO", "Банк Родник ПАО"},
		{entity.Organisation, true, "Zafar Bros Mfg Co", "Zafar Brothers Manufacturing Company"},
		{entity.Organisation, true, "Sherkat-e Sanaye Daryai Khorsand", "Khorsand Marine Industries Company"},
		{entity.Organisation, true, "Ministerstvo oborony Severnoi Marlandii", "Ministry of Defense of Northern Marlandii"},
		{entity.Organisation, true, "Universidad Nacional de Aguasola", "National University of Aguasola"},
		{entity.Organisation, true, "Karvonen Oy", "Karvonen Osakeyhtiö"},
		{entity.Organisation, true, "PT Sumber Rejeki Tbk", "Sumber Rejeki"},
		{entity.Organisation, false, "Vektor LLC", "Vektor Electronics JSC"},
		{entity.Organisation, false, "Fond Orlenok", "Bank Orlenok"},
		// Common words and a place make no firm.
		{entity.Organisation, false, "Moscow Trading Company LLC", "Moscow Shipping Company LLC"},
		{entity.Organisation, false, "Iran Combine Manufacturing Co", "Iran Tractor Manufacturing Co"},
		{entity.Organisation, false, "Tehran International Bank", "Tehran International Insurance"},
		{entity.Organisation, false, "Dubai General Trading LLC", "Sharjah General Trading LLC"},
		{entity.Organisation, false, "China National Electronics Import Export Corp", "China National Chemical Import Export Corp"},
		{entity.Organisation, false, "Northern Shipping Company", "Southern Shipping Company"},
		{entity.Organisation, false, "State Research Institute of Physics", "State Research Institute of Chemistry"},
		{entity.Organisation, false, "Zarrin Kaveh Cement Tehran", "Zarrin Kaveh Cement Isfahan"},
		{entity.Organisation, false, "Granit Kristall Yakhont Izumrud Rubin", "Granit Kristall Yakhont Izumrud Sapfir"},
		// Numbers, acronyms, beginnings.
		{entity.Organisation, true, "Orlan Fund VII", "Orlan Fund 7"},
		{entity.Organisation, false, "Orlan Fund VII", "Orlan Fund VIII"},
		{entity.Organisation, false, "33rd Repair Plant", "34th Repair Plant"},
		{entity.Organisation, true, "GZMK", "Gornyi Zavod Mineralnogo Kamnya"},
		{entity.Organisation, false, "RMT LLC", "Rodnik Maritime Terminal"},
		{entity.Organisation, false, "Rad d.o.o.", "Radiotekhsnab d.o.o."},

		// The parts of Arabic names.
		{entity.Person, true, "Abd al-Rahman Fadil al-Khuzai", "Abdurrahman Fadel Alkhuzai"},
		{entity.Person, true, "Salah al-Din Mourad Qaddour", "Salaheddine Murad Kaddour"},
		{entity.Person, true, "Abu Yahya Hasan Ghailan al-Turabi", "Hassan Ghaylan al-Turabi"},
		{entity.Person, true, "Khalid bin Faisal bin Nawaf al-Dulaimi", "Khaled Faysal al-Dulaymi"},
		{entity.Person, true, "Abu Yahya Ahmad Hassan (Shahin)", "Ahmed Hasan"},
		{entity.Person, false, "Khalid bin Faisal al-Dulaimi", "Khalid bin Mansur al-Dulaimi"},
		{entity.Person, false, "Abu Yahya al-Turabi", "Abu Yahya al-Dulaimi"},
		{entity.Person, true, "TURABI, Mousa Abu", "Abu Turabi, Musa"},
		// Servants of the Merciful, the Kind: called by the second half alone.
		{entity.Person, true, "Latif Barakzai", "Abdul Latif Barakzai"},
		{entity.Person, true, "Rahman Khuzai", "Abd al-Rahman al-Khuzai"},
		{entity.Person, true, "Qayum Barakzai", "Mullah Abdul Qayyum Barakzai"},
		{entity.Person, false, "Latif Barakzai", "Abdul Karim Barakzai"},
		{entity.Person, false, "Din Barakzai", "Nur al-Din Barakzai"},
		{entity.Person, false, "Ullah Barakzai", "Abdullah Barakzai"},
		// Father's names.
		{entity.Person, true, "Ilham Heydar oglu Mirzayev", "Ilham Mirzayev"},
		{entity.Person, false, "Ilham Heydar oglu Mirzayev", "Ilham Vagif oglu Mirzayev"},
		{entity.Person, true, "Ihar Ryhoravich Karpenka", "Igor Grigorievich Karpenko"},
		{entity.Person, true, "Daniyar Abishuly Sarsenov", "Daniyar Sarsenov"},
		// Two surnames, maiden names.
		{entity.Person, true, "Joaquín Quirarte Zambrano", "Joaquin Quirarte"},
		{entity.Person, true, "María de la Luz Quirarte y Zambrano", "Maria Luz Quirarte Zambrano"},
		{entity.Person, false, "Joaquín Quirarte Zambrano", "Joaquín Quirarte Beltrán"},
		{entity.Person, true, "Erika Vogelsang geb. Schnitzler", "Erika Vogelsang"},
		{entity.Person, true, "Erika Schnitzler", "Erika Vogelsang geb. Schnitzler"},
		// Titles, orders, short names.
		{entity.Person, true, "Gen. Lic. Ignacio Quirarte", "Nacho Quirarte"},
		{entity.Person, true, "генерал-майор Михаил Воронцовский", "Misha Vorontsovsky"},
		{entity.Person, true, "Mullah Haji Abdul Kabir Barakzai", "Abdulkabir Barakzai"},
		{entity.Person, true, "Pak Kwang Hyok", "Kwang-hyok Park"},
		{entity.Person, true, "Gafar-Zadeh, Mekhti", "Mehdi Gafarzade"},
		{entity.Person, false, "Ivan Vorontsovsky", "Igor Vorontsovsky"},
		{entity.Person, false, "Ivan Vorontsovsky", "Ivanna Vorontsovska"},
	} {
		entityOf := func(written string) entity.Entity {
			return entity.Entity{Kind: c.kind, Names: []entity.Name{{Full: written}}}
		}
		for _, way := range [...][2]string{{c.one, c.two}, {c.two, c.one}} {
			f := Compare(entityOf(way[0]), entityOf(way[1]), w)
			if hit := f.Grade != None; hit != c.hit {
				t.Errorf("%s | %s: hit is %v, score %.2f: %v", way[0], way[1], hit, f.Score, f.Reasons)
			}
		}
	}
}

// A reviewer reads which part agrees and how.
func TestReasonsNameForms(t *testing.T) {
	f := Compare(entity.Entity{Kind: entity.Person, Names: []entity.Name{{Full: "Misha Vorontsovsky"}}},
		entity.Entity{Kind: entity.Person, Names: []entity.Name{{Full: "Mikhail Vorontsovsky"}}}, DefaultWeights())
	if len(f.Reasons) != 1 || !strings.Contains(f.Reasons[0].Text, "by a short or another form of the name in mikhail") {
		t.Errorf("reasons %v", f.Reasons)
	}
}
