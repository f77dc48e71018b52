package script

import (
	"slices"
	"strings"
	"testing"
)

// nations are names of public persons as their own languages and the press in
// English write them, twenty a language, written by hand.
var nations = map[string]string{
	"Ukrainian": `зеленський zelenskyy, шмигаль shmyhal, залужний zaluzhnyi, кличко klitschko, порошенко poroshenko, тимошенко tymoshenko,
		ющенко yushchenko, янукович yanukovych, сирський syrskyi, єрмак yermak, кулеба kuleba, данілов danilov, гончарук honcharuk,
		шевченко shevchenko, сергій serhii, олег oleh, володимир volodymyr, юлія yuliia, євген yevhen, ігор ihor`,
	"Belarusian": `лукашэнка lukashenka, ціханоўская tsikhanouskaya, ціханоўскі tsikhanouski, бабарыка babaryka, калеснікава kalesnikava,
		алексіевіч alexievich, бяляцкі bialiatski, быкаў bykau, шушкевіч shushkevich, пазьняк pazniak, статкевіч statkevich,
		латушка latushka, караткевіч karatkevich, аляксандр aliaksandr, сяргей siarhei, мікалай mikalai, віктар viktar, уладзімір uladzimir,
		андрэй andrei, юры yury`,
	"Bulgarian": `борисов borisov, радев radev, петков petkov, пеевски peevski, живков zhivkov, щерев shterev, станишев stanishev,
		първанов parvanov, плевнелиев plevneliev, василев vassilev, доган dogan, христо hristo, стоичков stoichkov, бербатов berbatov,
		гюров gyurov, цветанов tsvetanov, бойко boyko, румен rumen, кирил kiril, кубрат kubrat`,
	"Serbian": `вучић vucic, милошевић milosevic, тадић tadic, дачић dacic, николић nikolic, ђинђић djindjic, коштуница kostunica,
		шешељ seselj, караџић karadzic, младић mladic, ђоковић djokovic, јокић jokic, додик dodik, цвијановић cvijanovic, вулин vulin,
		жељка zeljka, љубиша ljubisa, његош njegos, александар aleksandar, војислав vojislav`,
	"Kazakh": `тоқаев tokayev, назарбаев nazarbayev, мәсімов massimov, әбіш abish, қасымжомарт kassymjomart, нұрсұлтан nursultan,
		дариға dariga, құлыбаев kulibayev, смайылов smailov, бектенов bektenov, асқар askar, мамин mamin, сағынтаев sagintayev,
		ахметов akhmetov, қошанов koshanov, жапаров zhaparov, сүлейменов suleimenov, өмірбек omirbek, тәжин tazhin, бәйтерек baiterek`,
	"Greek": `μητσοτάκης mitsotakis, τσίπρας tsipras, βαρουφάκης varoufakis, παπανδρέου papandreou, καραμανλής karamanlis, σημίτης simitis,
		σαμαράς samaras, βενιζέλος venizelos, παυλόπουλος pavlopoulos, σακελλαροπούλου sakellaropoulou, αναστασιάδης anastasiades,
		χριστοδουλίδης christodoulides, ωνάσης onassis, θεοδωράκης theodorakis, κυριάκος kyriakos, αλέξης alexis, γιάνης yanis,
		γιώργος giorgos, ευάγγελος evangelos, μπακογιάννης bakoyannis`,
	"Armenian": `փաշինյան pashinyan, սարգսյան sargsyan, քոչարյան kocharyan, կարապետյան karapetyan, մանուկյան manukyan, գրիգորյան grigoryan,
		հակոբյան hakobyan, հարությունյան harutyunyan, վարդանյան vardanyan, խաչատրյան khachatryan, միրզոյան mirzoyan, սիմոնյան simonyan,
		օհանյան ohanyan, պետրոսյան petrosyan, նիկոլ nikol, սերժ serzh, ռոբերտ robert, ռուբեն ruben, արարատ ararat, գագիկ gagik`,
	"Georgian": `სააკაშვილი saakashvili, ივანიშვილი ivanishvili, ზურაბიშვილი zurabishvili, ღარიბაშვილი garibashvili, შევარდნაძე shevardnadze,
		გამსახურდია gamsakhurdia, მარგველაშვილი margvelashvili, კობახიძე kobakhidze, კვირიკაშვილი kvirikashvili, უსუფაშვილი usupashvili,
		ბურჯანაძე burjanadze, ჟვანია zhvania, ნოღაიდელი noghaideli, ყაველაშვილი kavelashvili, კვარაცხელია kvaratskhelia, მიხეილ mikheil,
		ბიძინა bidzina, სალომე salome, ირაკლი irakli, გიორგი giorgi`,
	"Persian": `خامنهای khamenei, خمینی khomeini, روحانی rouhani, رئیسی raisi, ظریف zarif, احمدینژاد ahmadinejad, پزشکیان pezeshkian,
		رفسنجانی rafsanjani, لاریجانی larijani, قالیباف ghalibaf, سلیمانی soleimani, قاآنی qaani, موسوی mousavi, کروبی karroubi, پهلوی pahlavi,
		جلیلی jalili, عراقچی araghchi, محسن mohsen, ژاله zhaleh, پرویز parviz`,
	"Urdu": `شریف sharif, زرداری zardari, بھٹو bhutto, عمران imran, مشرف musharraf, قریشی qureshi, چوہدری chaudhry, گیلانی gilani,
		ڈار dar, باجوہ bajwa, بلاول bilawal, بینظیر benazir, نواز nawaz, شہباز shahbaz, آصف asif, پرویز pervez, یوسف yousaf, ٹیپو tipu,
		گل gul, کھوکھر khokhar`,
	"Hindi": `मोदी modi, गांधी gandhi, नेहरू nehru, शाह shah, सिंह singh, केजरीवाल kejriwal, योगी yogi, आदित्यनाथ adityanath, राहुल rahul,
		नरेंद्र narendra, अमित amit, वाजपेयी vajpayee, अडवाणी advani, जयशंकर jaishankar, मुर्मू murmu, कोविंद kovind, मुखर्जी mukherjee,
		तेंदुलकर tendulkar, दाऊद dawood, शर्मा sharma`,
	"Nepali": `ओली oli, प्रचण्ड prachanda, देउवा deuba, भण्डारी bhandari, कोइराला koirala, भट्टराई bhattarai, नेपाल nepal, यादव yadav,
		पौडेल paudel, थापा thapa, श्रेष्ठ shrestha, लामिछाने lamichhane, शाह shah, झा jha, खनाल khanal, ज्ञानेन्द्र gyanendra, शेर sher,
		बहादुर bahadur, पुष्प pushpa, विद्या bidya`,
	"Bengali": `হাসিনা hasina, রহমান rahman, ইউনূস yunus, মুজিবুর mujibur, খালেদা khaleda, জিয়া zia, এরশাদ ershad, ব্যানার্জী banerjee,
		মমতা mamata, বসু basu, ভট্টাচার্য bhattacharya, চৌধুরী chowdhury, মুখার্জি mukherjee, আহমেদ ahmed, শেখ sheikh, ইসলাম islam,
		দাস das, সেন sen, গাঙ্গুলী ganguly, তারেক tarique`,
	"Thai": `ทักษิณ thaksin, ชินวัตร shinawatra, ยิ่งลักษณ์ yingluck, ประยุทธ์ prayut, อภิสิทธิ์ abhisit, เวชชาชีวะ vejjajiva, ชวน chuan,
		หลีกภัย leekpai, สมชาย somchai, ภูมิพล bhumibol, วชิราลงกรณ์ vajiralongkorn, เศรษฐา srettha, ทวีสิน thavisin, สมัคร samak,
		สุนทรเวช sundaravej, อนุทิน anutin, พิธา pita, ธนาธร thanathorn, แพทองธาร paetongtarn, บรรหาร banharn`,
}

// TestNations: names in scripts and languages for which there are no pairs to learn
// from, or few. Each has evidence and a key in common with its writing in English, and
// none with names of elsewhere.
func TestNations(t *testing.T) {
	for nation, list := range nations {
		names := strings.Split(list, ",")
		if len(names) != 20 {
			t.Errorf("%s: %d names", nation, len(names))
		}
		for _, line := range names {
			f := strings.Fields(line)
			native := f[0]
			e := Evidence(native, f[1])
			shared := slices.ContainsFunc(Keys(native), func(k string) bool { return slices.Contains(Keys(f[1]), k) })
			if e < 2.5 || !shared {
				t.Errorf("%s: %s %s: evidence %.1f, keys %v and %v", nation, f[0], f[1], e, Keys(native), Keys(f[1]))
			}
			for _, other := range []string{"hernandez", "baumgartner", "okonkwo"} {
				if e := Evidence(native, other); e > 0 {
					t.Errorf("%s: %s %s: evidence %.1f", nation, f[0], other, e)
				}
			}
		}
	}
}
