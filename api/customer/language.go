package customer

import (
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"sallyport/gate"
	"sallyport/identity"
	"sallyport/law"
)

// The pages are written in English. In Russian they are the same templates, in which each run of text
// between two tags is put in its place from the words in russian.go; a run that has none keeps the
// door from opening, so that no page is half in one language. What a page is given in English (a
// title, a reason) is looked up when it is shown.

// A tongue is a language of the pages.
type tongue string

const (
	english tongue = "en"
	russian tongue = "ru"
)

var tongues = []tongue{english, russian} // in the order of the matcher's

var matcher = language.NewMatcher([]language.Tag{language.English, language.Russian})

const tongueCookie = "sallyport-language"

// tongue is the one that the visitor chose, or that their browser asks for.
func (v *visit) tongue() tongue {
	if c, err := v.r.Cookie(tongueCookie); err == nil && slices.Contains(tongues, tongue(c.Value)) {
		return tongue(c.Value)
	}
	_, at := language.MatchStrings(matcher, v.r.Header.Get("Accept-Language"))
	return tongues[at]
}

// chooseTongue keeps what a visitor chose for a year, and leads back to where they were.
func chooseTongue(v *visit) {
	if !v.form() {
		return
	}
	chosen := tongue(v.field("language"))
	if slices.Contains(tongues, chosen) {
		http.SetCookie(v.w, &http.Cookie{Name: tongueCookie, Value: string(chosen), Path: "/", MaxAge: 365 * 24 * 60 * 60, HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode})
	}
	back, err := url.Parse(v.field("back"))
	if err != nil || back.Scheme != "" || back.Host != "" || back.Path != "/me" && !strings.HasPrefix(back.Path, "/me/") {
		back = &url.URL{Path: "/me"}
	}
	v.redirect((&url.URL{Path: back.Path, RawQuery: back.RawQuery}).String())
}

var numbers = regexp.MustCompile(`\d+`)

// say puts an English text into the tongue. Numbers are none of a text's words: they stand in the
// words as #, and are put back in their order. What there are no words for stays as it is.
func (t tongue) say(text string) string {
	if t == english || text == "" {
		return text
	}
	key := numbers.ReplaceAllString(text, "#")
	found, ok := inRussian[key]
	if !ok {
		return text
	}
	for _, n := range numbers.FindAllString(text, -1) {
		found = strings.Replace(found, "#", n, 1)
	}
	return found
}

var russianMonths = [...]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"}

func (t tongue) moment(at time.Time) string {
	at = at.UTC()
	if t == russian {
		return fmt.Sprintf("%d %s %d, %s UTC", at.Day(), russianMonths[at.Month()-1], at.Year(), at.Format("15:04"))
	}
	return at.Format("2 January 2006, 15:04") + " UTC"
}

// first puts what is told in the reader's language before the other.
func (t tongue) first(all []told) []told {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b told) int {
		of := func(o told) int {
			if o.Language == string(t) {
				return 0
			}
			return 1
		}
		return of(a) - of(b)
	})
	return all
}

// words are the functions of the templates.
func (t tongue) words() template.FuncMap {
	f := maps.Clone(pageWords)
	f["say"], f["moment"], f["first"] = t.say, t.moment, t.first
	f["brand"] = func() string { return issuer }
	f["other"] = func() string { return map[tongue]string{english: "Русский", russian: "English"}[t] }
	f["standing"] = func(v law.Verb) string { return t.say(gate.StandingWord(v)) }
	f["became"] = func(s string) string { return t.say(becameWord(s)) }
	f["state"] = func(s identity.State) string { return t.say(stateWord(s)) }
	f["size"] = func(n int) string { return t.say(strconv.Itoa((n+1023)/1024) + " KiB") }
	return f
}

// What divides a template into runs of text: tags, and actions that are not put out. What is put out
// stays in its run, where each language has it at another place.
var (
	between = regexp.MustCompile(`(?s)<[^<>]*>|\{\{-?\s*(?:if|else|end|range|with|template|define|block|\$\w+\s*:=)[^}]*\}\}`)
	actions = regexp.MustCompile(`\{\{[^}]*\}\}`)
	labels  = regexp.MustCompile(`aria-label="([^"{]+)"`)
	letters = regexp.MustCompile(`\p{L}`)
)

// runsOf calls fn for each run of text of a template, and puts in its place what it gives.
func runsOf(source string, fn func(run string) string) string {
	var b strings.Builder
	put := func(text string) {
		if !letters.MatchString(actions.ReplaceAllString(text, "")) {
			b.WriteString(text)
			return
		}
		run := strings.TrimSpace(text)
		before, after, _ := strings.Cut(text, run)
		b.WriteString(before + fn(run) + after)
	}
	at := 0
	for _, m := range between.FindAllStringIndex(source, -1) {
		put(source[at:m[0]])
		b.WriteString(labels.ReplaceAllStringFunc(source[m[0]:m[1]], func(l string) string {
			return `aria-label="` + fn(labels.FindStringSubmatch(l)[1]) + `"`
		}))
		at = m[1]
	}
	put(source[at:])
	return b.String()
}

// template puts a template into the tongue.
func (t tongue) template(source string) (string, error) {
	if t == english {
		return source, nil
	}
	var missing []string
	out := runsOf(source, func(run string) string {
		if found, ok := inRussian[run]; ok {
			return found
		}
		missing = append(missing, run)
		return run
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("customer: there are no Russian words for %q; write them in russian.go", missing)
	}
	return out, nil
}
