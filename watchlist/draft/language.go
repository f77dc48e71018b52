package draft

import "strings"

// Language is the BCP 47 tag of a language as a list names it: by ISO 639-1 ("RU"), ISO 639-2
// ("rus", also "ger") or in English ("Russian"). It is "" where none of these is recognised, and
// then nothing is said of the language.
func Language(written string) string {
	s := strings.ToLower(Squeeze(written))
	if len(s) == 2 && s[0] >= 'a' && s[0] <= 'z' && s[1] >= 'a' && s[1] <= 'z' {
		return s
	}
	return languages[s]
}

var languages = func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(languageTable) {
		f := strings.Fields(line)
		for _, name := range f[1:] {
			m[name] = f[0]
		}
	}
	return m
}()

// languageTable has the ISO 639-1 code, the ISO 639-2 codes and the English names of the languages
// that names on lists are written in.
const languageTable = `am amh amharic
ar ara arabic
be bel belarusian
bg bul bulgarian
bn ben bengali
bs bos bosnian
cs ces cze czech
da dan danish
de deu ger german
el ell gre greek
en eng english
es spa spanish castilian
et est estonian
fa fas per persian farsi dari
fi fin finnish
fr fra fre french
he heb hebrew
hi hin hindi
hr hrv croatian
hu hun hungarian
hy hye arm armenian
it ita italian
ja jpn japanese
ka kat geo georgian
kk kaz kazakh
ko kor korean
ku kur kurdish
ky kir kyrgyz
lt lit lithuanian
lv lav latvian
mk mkd mac macedonian
mt mlt maltese
my mya bur burmese
nl nld dut dutch
no nor norwegian
pl pol polish
ps pus pashto pushto
pt por portuguese
ro ron rum romanian
ru rus russian
sk slk slo slovak
sl slv slovenian
so som somali
sq sqi alb albanian
sr srp serbian
sv swe swedish
sw swa swahili
th tha thai
tr tur turkish
uk ukr ukrainian
ur urd urdu
uz uzb uzbek
vi vie vietnamese
zh zho chi chinese mandarin
`
