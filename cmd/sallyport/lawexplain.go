package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/gate"
	"sallyport/law"
)

// ruleWords are the labels of a rule shown in one language. Its title is gate.Title; licences,
// instruments and conditions stand as the rule has them.
type ruleWords struct {
	law, house, state, does, authority, instrument, article, text, quote, binds, everybody, actions, everyAction, covers, others, exempt,
	from, to, windDown, until, licences, recorded, supersedes, superseded, alongside, note, source, toVerify, verified, reads string
}

var ruleLabels = map[gate.Language]ruleWords{
	gate.English: {
		law: "law", house: "house policy, not law", state: "state", does: "does", authority: "authority", instrument: "instrument", article: "article", text: "text",
		quote: "its words", binds: "binds", everybody: "every operator", actions: "actions", everyAction: "every action of a customer", covers: "covers", others: "keeps them from", exempt: "exempts",
		from: "in force from", to: "to", windDown: "wind-down", until: "until", licences: "licences", recorded: "where a person has recorded it", supersedes: "in place of", superseded: "gives way to",
		alongside: "stands beside", note: "note", source: "source held", toVerify: "still to verify", verified: "verified", reads: "reads these facts",
	},
	gate.Russian: {
		law: "закон", house: "правило оператора, не закон", state: "состояние", does: "действие", authority: "орган", instrument: "акт", article: "статья", text: "текст",
		quote: "его слова", binds: "обязывает", everybody: "каждого оператора", actions: "к чему", everyAction: "любое действие клиента", covers: "кого касается", others: "с кем разводит", exempt: "исключение",
		from: "действует с", to: "до", windDown: "завершение", until: "до", licences: "лицензии", recorded: "если человек её записал", supersedes: "вместо", superseded: "уступает",
		alongside: "наряду с", note: "примечание", source: "источник", toVerify: "ещё проверить", verified: "проверено", reads: "читает эти факты",
	},
}

func (l *lawAsked) explain() *cobra.Command {
	var language string
	c := &cobra.Command{
		Use:   "explain RULE",
		Short: "Show one rule in readable form, with what it reads and what is still to verify",
		Example: `  sallyport law explain eu-833-5b2-ban
  sallyport law explain us-crimea --language ru`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			w, ok := ruleLabels[gate.Language(language)]
			if !ok {
				return usageError{fmt.Errorf("--language %q: want en or ru", language)}
			}
			set, err := l.set()
			if err != nil {
				return err
			}
			r, ok := set.Rule(args[0])
			if !ok {
				return fmt.Errorf("law: no rule %s%s; sallyport law list shows them all", args[0], nearest(set, args[0]))
			}
			explainRule(c.OutOrStdout(), set, r, gate.Title(r.ID, r.Title, gate.Language(language)), w)
			return nil
		},
	}
	c.Flags().StringVar(&language, "language", "en", "of the title and the labels: en or ru")
	return c
}

// nearest names rules whose id has the text in it, or begins as it does.
func nearest(set *law.Set, id string) string {
	var like []string
	for _, r := range set.Rules() {
		if strings.Contains(r.ID, id) || len(id) > 5 && strings.HasPrefix(r.ID, id[:5]) {
			like = append(like, r.ID)
		}
	}
	if len(like) == 0 || id == "" {
		return ""
	}
	return " (there is " + strings.Join(like[:min(len(like), 5)], ", ") + ")"
}

func explainRule(out io.Writer, set *law.Set, r *law.Rule, title string, w ruleWords) {
	fmt.Fprintf(out, "%s\n%s\n\n", r.ID, title)
	row := func(label, value string) {
		if value == "" {
			return
		}
		pad := max(1, 16-len([]rune(label)))
		fmt.Fprintf(out, "%s%s%s\n", label, strings.Repeat(" ", pad), strings.ReplaceAll(value, "\n", "\n"+strings.Repeat(" ", 16)))
	}
	kind := w.law
	if r.House {
		kind = w.house
	}
	row(w.state, fmt.Sprintf("%s (%s)", r.State, kind))
	if r.State != law.Noted {
		row(w.does, r.Verb.String())
	}
	row(w.authority, r.Authority)
	row(w.instrument, r.Instrument)
	row(w.article, r.Article)
	row(w.text, r.URL)
	row(w.quote, r.NationalsQuote)
	binds := strings.Join(r.Binds, ", ")
	if binds == "" {
		binds = w.everybody
	}
	row(w.binds, binds)
	actions := w.everyAction
	if len(r.Actions) > 0 {
		actions = actionsOf(r.Actions)
	}
	row(w.actions, actions)
	row(w.covers, r.Covers)
	row(w.others, r.Others)
	row(w.exempt, r.Exempt)
	if !r.EffectiveAt.IsZero() {
		row(w.from, hourOf(r.EffectiveAt))
	}
	if !r.EndsAt.IsZero() {
		row(w.to, hourOf(r.EndsAt))
	}
	if r.WindDown != nil {
		row(w.windDown, fmt.Sprintf("%s %s: %s; %s", w.until, hourOf(r.WindDown.Until), actionsOf(r.WindDown.Actions), r.WindDown.Article))
	}
	for i, l := range r.Licences {
		label := ""
		if i == 0 {
			label = w.licences
		}
		when := w.recorded
		if l.Covers != "" {
			when = l.Covers
		}
		text := fmt.Sprintf("%s: %s; %s\n%s", l.ID, l.Title, l.Article, when)
		if !l.From.IsZero() || !l.Until.IsZero() {
			text += fmt.Sprintf("\n%s … %s", hourOf(l.From), hourOf(l.Until))
		}
		row(label, text)
	}
	row(w.supersedes, strings.Join(r.Supersedes, ", "))
	var by []string
	for _, o := range set.Rules() {
		if slices.Contains(o.Supersedes, r.ID) {
			by = append(by, o.ID)
		}
	}
	row(w.superseded, strings.Join(by, ", "))
	row(w.alongside, strings.Join(r.Alongside, ", "))
	row(w.note, r.Note)
	if r.Source.SHA256 != "" {
		row(w.source, r.Source.Retrieved+", SHA-256 "+r.Source.SHA256)
	}
	if r.Verified.By != "" {
		row(w.verified, r.Verified.By+", "+r.Verified.On)
	}
	row(w.toVerify, strings.Join(r.Verified.Marks, "\n"))
	if reads := r.Reads(); len(reads) > 0 {
		fmt.Fprintf(out, "\n%s:\n", w.reads)
		for _, d := range law.Schema() {
			if slices.Contains(reads, d.Name) {
				fmt.Fprintf(out, "  %s (%s)\n      %s\n", d.Name, d.Type.CEL(), d.Text)
			}
		}
	}
	fmt.Fprintf(out, "\nSHA-256 %s\n", r.SHA256)
}

func actionsOf(actions []law.Action) string {
	var names []string
	for _, a := range actions {
		names = append(names, string(a))
	}
	return strings.Join(names, ", ")
}
