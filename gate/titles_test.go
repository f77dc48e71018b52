package gate

import (
	"regexp"
	"strings"
	"testing"

	"sallyport/law"
)

func TestTitles(t *testing.T) {
	set, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	cyrillic := regexp.MustCompile(`\p{Cyrillic}`)
	for _, r := range set.Rules() {
		if r.State == law.Enacted && !cyrillic.MatchString(Title(r.ID, r.Title, Russian)) {
			t.Errorf("%s: %q is no Russian title; write one in titles_ru.yaml", r.ID, Title(r.ID, r.Title, Russian))
		}
		if got := Title(r.ID, r.Title, English); got != r.Title {
			t.Errorf("%s: the English title is %q, want %q", r.ID, got, r.Title)
		}
	}
	for id, title := range russianTitles() {
		if _, ok := set.Rule(id); !ok {
			t.Errorf("titles_ru.yaml: there is no rule %s", id)
		}
		if title != strings.TrimSpace(title) || strings.HasSuffix(title, ".") {
			t.Errorf("titles_ru.yaml: %s: %q: want a title without a full stop or space at its end", id, title)
		}
	}
	if got := Title("house-of-theirs", "A rule of an operator's own", Russian); got != "A rule of an operator's own" {
		t.Errorf("a rule without a Russian title is called %q, want its own title", got)
	}
}

func TestTitlesAreStrict(t *testing.T) {
	for name, file := range map[string]string{
		"twice":         "us-sdn: Раз\nus-sdn: Два\n",
		"empty":         "us-sdn: \"\"\n",
		"no text":       "us-sdn: [Раз]\n",
		"no map":        "- us-sdn\n",
		"nothing":       "",
		"two documents": "us-sdn: Раз\n---\nus-iran: Два\n",
	} {
		if titles, err := readTitles([]byte(file)); err == nil {
			t.Errorf("%s: read as %v", name, titles)
		}
	}
}

// What a customer reads in Russian has the rules' titles in Russian.
func TestExplainInRussian(t *testing.T) {
	for _, c := range []struct {
		name, nexus   string
		facts         map[string]any
		want, english string
	}{
		{"frozen", "US", map[string]any{"listing.same": []string{"us-sdn"}}, "Закон: «В санкционном списке OFAC (SDN)». 31 CFR chapter V", "Listed by OFAC"},
		{"exited", "EU", map[string]any{"customer.nationalities": []string{"RU"}}, "Закон: «Граждане и жители России: никаких услуг с криптоактивами».", "Russian nationals"},
		{"held", "US", map[string]any{"listing.resembles": []string{"us-sdn"}}, "не закон: «Сходство с кем-то из санкционного списка; проверяет сотрудник».", "Resembles"},
		{"unknown", "US", map[string]any{"customer.area": nil}, "для правила: «Житель Крыма или Севастополя»", "Resident of Crimea"},
	} {
		d := Decide(input(t, c.nexus, law.Review, c.facts))
		text := Explain(d, Russian, Customer)
		if !strings.Contains(text, c.want) {
			t.Errorf("%s: %q is not in\n%s", c.name, c.want, text)
		}
		if strings.Contains(text, c.english) {
			t.Errorf("%s: the title is in English:\n%s", c.name, text)
		}
		if text := Explain(d, English, Customer); !strings.Contains(text, c.english) {
			t.Errorf("%s: %q is not in\n%s", c.name, c.english, text)
		}
	}
}
