package ofac

import (
	"strings"
	"sync"
)

// country is the ISO 3166-1 alpha-2 code of a country that OFAC names, XK for
// Kosovo as is the custom, or the name as written where the table has it not.
// "undetermined" is no country.
func country(written string) string {
	written = strings.TrimSpace(written)
	switch strings.ToLower(written) {
	case "undetermined", "none identified", "unknown", "not available":
		return ""
	}
	if c, ok := countries()[strings.ToLower(written)]; ok {
		return c
	}
	return written
}

// countries is read-only once made.
var countries = sync.OnceValue(func() map[string]string {
	m := make(map[string]string, 300)
	for _, line := range strings.Split(countryTable, "\n") {
		code, names, _ := strings.Cut(line, " ")
		for _, n := range strings.Split(names, "|") {
			m[strings.ToLower(n)] = code
		}
	}
	return m
})

// countryTable has a code a line with the names that OFAC has used for it. It
// follows ISO 3166-1 and the spellings met in the real files.
const countryTable = `AD Andorra
AE United Arab Emirates|UAE
AF Afghanistan
AG Antigua and Barbuda
AI Anguilla
AL Albania
AM Armenia
AO Angola
AR Argentina
AS American Samoa
AT Austria
AU Australia
AW Aruba
AZ Azerbaijan
BA Bosnia and Herzegovina
BB Barbados
BD Bangladesh
BE Belgium
BF Burkina Faso
BG Bulgaria
BH Bahrain
BI Burundi
BJ Benin
BM Bermuda
BN Brunei
BO Bolivia
BR Brazil
BS Bahamas, The|The Bahamas|Bahamas
BT Bhutan
BW Botswana
BY Belarus
BZ Belize
CA Canada
CD Congo, Democratic Republic of the|Democratic Republic of the Congo
CF Central African Republic
CG Congo, Republic of the|Republic of the Congo
CH Switzerland
CI Cote d Ivoire|Cote d'Ivoire
CK Cook Islands
CL Chile
CM Cameroon
CN China
CO Colombia
CR Costa Rica
CU Cuba
CV Cabo Verde|Cape Verde
CW Curacao
CY Cyprus
CZ Czech Republic|Czechia
DE Germany
DJ Djibouti
DK Denmark
DM Dominica
DO Dominican Republic
DZ Algeria
EC Ecuador
EE Estonia
EG Egypt
ER Eritrea
ES Spain
ET Ethiopia
FI Finland
FJ Fiji
FM Micronesia, Federated States of
FR France
GA Gabon
GB United Kingdom|U.K.|UK|Great Britain
GD Grenada
GE Georgia
GG Guernsey
GH Ghana
GI Gibraltar
GL Greenland
GM The Gambia|Gambia, The|Gambia
GN Guinea
GQ Equatorial Guinea
GR Greece
GT Guatemala
GW Guinea-Bissau
GY Guyana
HK Hong Kong
HN Honduras
HR Croatia
HT Haiti
HU Hungary
ID Indonesia
IE Ireland
IL Israel
IM Man, Isle of|Isle of Man
IN India
IQ Iraq
IR Iran
IS Iceland
IT Italy
JE Jersey
JM Jamaica
JO Jordan
JP Japan
KE Kenya
KG Kyrgyzstan|Kyrgyz Republic
KH Cambodia
KI Kiribati
KM Comoros
KN Saint Kitts and Nevis|St. Kitts and Nevis|St. Kitts & Nevis
KP Korea, North|North Korea|Democratic People's Republic of Korea
KR Korea, South|South Korea|Republic of Korea
KW Kuwait
KY Cayman Islands
KZ Kazakhstan
LA Laos
LB Lebanon
LC Saint Lucia
LI Liechtenstein
LK Sri Lanka
LR Liberia
LS Lesotho
LT Lithuania
LU Luxembourg
LV Latvia
LY Libya
MA Morocco
MC Monaco
MD Moldova
ME Montenegro
MG Madagascar
MH Marshall Islands
MK North Macedonia, The Republic of|North Macedonia|Macedonia|Macedonia, The Former Yugoslav Republic of
ML Mali
MM Burma|Myanmar
MN Mongolia
MO Macau|Macao
MR Mauritania
MT Malta
MU Mauritius
MV Maldives
MW Malawi
MX Mexico
MY Malaysia
MZ Mozambique
NA Namibia
NE Niger
NG Nigeria
NI Nicaragua
NL Netherlands
NO Norway
NP Nepal
NR Nauru
NZ New Zealand
OM Oman
PA Panama
PE Peru
PG Papua New Guinea
PH Philippines
PK Pakistan
PL Poland
PR Puerto Rico
PS Palestinian|Palestine|Palestinian Authority
PT Portugal
PW Palau
PY Paraguay
QA Qatar
RO Romania
RS Serbia
RU Russia|Russian Federation
RW Rwanda
SA Saudi Arabia
SB Solomon Islands
SC Seychelles
SD Sudan
SE Sweden
SG Singapore
SI Slovenia
SK Slovakia
SL Sierra Leone
SM San Marino
SN Senegal
SO Somalia
SR Suriname
SS South Sudan
ST Sao Tome and Principe
SV El Salvador
SX Sint Maarten
SY Syria
SZ Eswatini|Swaziland
TC Turks and Caicos Islands
TD Chad
TG Togo
TH Thailand
TJ Tajikistan
TL Timor-Leste|East Timor
TM Turkmenistan
TN Tunisia
TO Tonga
TR Turkey|Turkiye
TT Trinidad and Tobago
TV Tuvalu
TW Taiwan
TZ Tanzania
UA Ukraine
UG Uganda
US United States|U.S.A.|USA
UY Uruguay
UZ Uzbekistan
VA Holy See|Vatican City
VC Saint Vincent and the Grenadines|St. Vincent and the Grenadines
VE Venezuela
VG Virgin Islands, British|British Virgin Islands
VI Virgin Islands, U.S.
VN Vietnam
VU Vanuatu
WS Samoa
XK Kosovo
YE Yemen
ZA South Africa
ZM Zambia
ZW Zimbabwe`
