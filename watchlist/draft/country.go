package draft

import (
	"strings"

	"sallyport/entity"
)

// Country reads a country as lists write it: a code, a name, the adjective of a nationality
// ("Iranian"), or words for none. Known is false for anything else, which is then given back as
// written, with blanks squeezed. A country that is no more ("YUG") is not known: nobody can say
// which of its successors is meant.
func Country(written string) (code string, known bool) {
	s := Squeeze(written)
	key := strings.ToLower(s)
	switch key {
	case "", "00", "-", "na", "n/a", "none", "unknown", "not available", "not applicable", "undetermined", "stateless", "unspecified":
		return "", true
	}
	if c, ok := adjectives[key]; ok {
		return c, true
	}
	if c, ok := entity.CountryCode(s); ok {
		return c, true
	}
	// "Iran (Islamic Republic of)", "Congo (Democratic Republic)": the words in brackets qualify.
	if c, ok := formal[key]; ok {
		return c, true
	}
	for _, word := range []string{" citizenship", " nationality", " national", " citizen"} {
		if rest, ok := strings.CutSuffix(key, word); ok {
			if c, ok := adjectives[rest]; ok {
				return c, true
			}
			if c, ok := entity.CountryCode(rest); ok {
				return c, true
			}
		}
	}
	return s, false
}

// formal are names of countries as official lists write them, beside those that package entity
// knows.
var formal = map[string]string{
	"congo (democratic republic)":                         "CD",
	"congo, the democratic republic of the":               "CD",
	"democratic republic of congo":                        "CD",
	"republic of congo":                                   "CG",
	"korea, democratic people's republic of":              "KP",
	"korea (democratic people's republic of)":             "KP",
	"north korea (democratic people's republic of korea)": "KP",
	"korea, republic of":                                  "KR",
	"china, hong kong special administrative region":      "HK",
	"hong kong special administrative region":             "HK",
	"libyan arab jamahirya":                               "LY",
	"state of libya":                                      "LY",
	"macedonia (the former yugoslav republic of)":         "MK",
	"occupied palestinian territories":                    "PS",
	"the occupied palestinian territories":                "PS",
	"palestinian territory, occupied":                     "PS",
	"sultanate of oman":                                   "OM",
	"tanzania, united republic of":                        "TZ",
	"union of the comoros":                                "KM",
	"united states of america (usa)":                      "US",
	"kingdom of saudi arabia":                             "SA",
	"republic of türkiye":                                 "TR",
	"venezuela, bolivarian republic of":                   "VE",
	"burma/myanmar":                                       "MM",
	"myanmar (burma)":                                     "MM",
	"lao people's democratic republic (the)":              "LA",
	"republic of south sudan":                             "SS",
	"republic of the sudan":                               "SD",
	"the republic of yemen":                               "YE",
	"republic of yemen":                                   "YE",
	"republic of iraq":                                    "IQ",
	"united kingdom of great britain":                     "GB",
	"great britain and northern ireland":                  "GB",
	"people's democratic republic of algeria":             "DZ",
	"islamic republic of afghanistan":                     "AF",
	"islamic republic of pakistan":                        "PK",
	"federal republic of nigeria":                         "NG",
	"federal republic of somalia":                         "SO",
	"democratic socialist republic of sri lanka":          "LK",
	"republic of korea (south korea)":                     "KR",
	"democratic people's republic of korea (north korea)": "KP",
	"iran, the islamic republic of":                       "IR",
	"bosnia-herzegovina":                                  "BA",
	"united arab emirates (uae)":                          "AE",
	"central african republic (car)":                      "CF",
	"guinea bissau":                                       "GW",
	"republic of guinea-bissau":                           "GW",
	"republic of guinea":                                  "GN",
	"taiwan, province of china":                           "TW",
	"republic of moldova (transnistria)":                  "MD",
	"cook islands (the)":                                  "CK",
	"marshall islands (the)":                              "MH",
	"russian federation (the)":                            "RU",
	"netherlands (kingdom of the)":                        "NL",
	"swiss confederation":                                 "CH",
	"french republic":                                     "FR",
	"italian republic":                                    "IT",
	"hashemite kingdom of jordan":                         "JO",
	"lebanese republic":                                   "LB",
	"republic of cuba":                                    "CU",
	"republic of nicaragua":                               "NI",
	"republic of zimbabwe":                                "ZW",
	"republic of haiti":                                   "HT",
	"republic of mali":                                    "ML",
	"republic of tunisia":                                 "TN",
	"arab republic of egypt":                              "EG",
}

// adjectives are nationalities as British, Australian and UN lists write them.
var adjectives = map[string]string{
	"afghan": "AF", "afgan": "AF", "albanian": "AL", "algerian": "DZ", "american": "US", "angolan": "AO", "argentine": "AR", "argentinian": "AR",
	"armenian": "AM", "australian": "AU", "austrian": "AT", "azerbaijani": "AZ", "azeri": "AZ", "bahraini": "BH", "bangladeshi": "BD",
	"belarusian": "BY", "belarussian": "BY", "belgian": "BE", "bolivian": "BO", "bosnian": "BA", "brazilian": "BR", "british": "GB", "bulgarian": "BG",
	"burkinabe": "BF", "burmese": "MM", "burundian": "BI", "cambodian": "KH", "cameroonian": "CM", "canadian": "CA", "chadian": "TD", "chilean": "CL",
	"chinese": "CN", "colombian": "CO", "comoran": "KM", "comorian": "KM", "croatian": "HR", "cuban": "CU", "cypriot": "CY", "czech": "CZ", "danish": "DK", "djiboutian": "DJ",
	"dutch": "NL", "ecuadorian": "EC", "egyptian": "EG", "emirati": "AE", "eritrean": "ER", "estonian": "EE", "ethiopian": "ET", "filipino": "PH", "philippine": "PH",
	"finnish": "FI", "french": "FR", "gabonese": "GA", "gambian": "GM", "georgian": "GE", "german": "DE", "ghanaian": "GH", "greek": "GR", "guatemalan": "GT", "haitian": "HT",
	"honduran": "HN", "hungarian": "HU", "indian": "IN", "indonesian": "ID", "iranian": "IR", "iraqi": "IQ", "irish": "IE", "israeli": "IL",
	"italian": "IT", "ivorian": "CI", "jamaican": "JM", "japanese": "JP", "jordanian": "JO", "kazakh": "KZ", "kazakhstani": "KZ", "kenyan": "KE", "kosovan": "XK", "kosovar": "XK",
	"kuwaiti": "KW", "kyrgyz": "KG", "laotian": "LA", "latvian": "LV", "lebanese": "LB", "liberian": "LR", "libyan": "LY", "lithuanian": "LT", "macedonian": "MK",
	"malaysian": "MY", "maldivian": "MV", "malian": "ML", "maltese": "MT", "mauritanian": "MR", "mexican": "MX", "moldovan": "MD", "mongolian": "MN", "montenegrin": "ME", "moroccan": "MA",
	"mozambican": "MZ", "namibian": "NA", "nepalese": "NP", "nepali": "NP", "new zealander": "NZ", "nicaraguan": "NI", "nigerien": "NE", "nigerian": "NG", "north korean": "KP", "norwegian": "NO",
	"omani": "OM", "pakistani": "PK", "palestinian": "PS", "panamanian": "PA", "peruvian": "PE", "polish": "PL", "portuguese": "PT", "qatari": "QA",
	"romanian": "RO", "russian": "RU", "rwandan": "RW", "salvadoran": "SV", "saudi": "SA", "saudi arabian": "SA", "senegalese": "SN", "serbian": "RS", "sierra leonean": "SL", "singaporean": "SG",
	"slovak": "SK", "slovenian": "SI", "somali": "SO", "somalian": "SO", "south african": "ZA", "south korean": "KR", "south sudanese": "SS", "spanish": "ES", "sri lankan": "LK",
	"sudanese": "SD", "swedish": "SE", "swiss": "CH", "syrian": "SY", "tajik": "TJ", "tajikistani": "TJ", "tanzanian": "TZ", "thai": "TH", "togolese": "TG", "trinidadian": "TT", "tunisian": "TN",
	"turkish": "TR", "turkmen": "TM", "ugandan": "UG", "ukrainian": "UA", "uzbek": "UZ", "uzbekistani": "UZ", "venezuelan": "VE", "vietnamese": "VN", "yemeni": "YE",
	"zambian": "ZM", "zimbabwean": "ZW",
}
