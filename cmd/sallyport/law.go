package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"sallyport/entity"
	"sallyport/gate"
	"sallyport/law"
)

// lawAsked is what the subcommands of `sallyport law` have in common.
type lawAsked struct {
	rules string // folder of further rules
}

func lawCommand() *cobra.Command {
	var l lawAsked
	c := &cobra.Command{
		Use:   "law",
		Short: "Ask the rules: what they decide, what they say, what changed in them, and whether they are sound",
		Long: `The rules are data: dated, cited, bound to those they bind, tested on scenarios. These
commands ask them without an exchange. Nothing here is legal advice; what is still to be
verified against a primary text is said wherever a rule is shown.`,
		Example: `  sallyport law list --operator eu --at 2022-10-07
  sallyport law explain eu-833-5b2-ban
  sallyport law decide --facts customer.json --operator us --at 2022-03-11T15:05:00Z
  sallyport law diff --from 2022-01-01 --to 2022-12-31
  sallyport law check`,
	}
	c.PersistentFlags().StringVar(&l.rules, "rules", "", "folder of further rules, one a file, beside those of the program")
	c.AddCommand(l.decide(), l.explain(), l.list(), l.diff(), l.facts(), l.check())
	return c
}

// set is the shipped rules and those of the folder.
func (l *lawAsked) set() (*law.Set, error) {
	if l.rules == "" {
		return law.Default()
	}
	if !isFolder(l.rules) {
		return nil, usageError{fmt.Errorf("--rules %s: no such folder", l.rules)}
	}
	return law.LoadWith(os.DirFS(l.rules))
}

// unionMembers are the codes that stand for the Union; its law binds an operator of any of them.
const unionMembers = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"

// nexusOf reads whose law binds an operator: us, eu, uk, …, several parted by commas.
func nexusOf(written string, errs io.Writer) ([]string, error) {
	var out []string
	for _, w := range strings.Split(written, ",") {
		n := strings.ToUpper(strings.TrimSpace(w))
		switch {
		case n == "":
			return nil, usageError{fmt.Errorf("say whose law binds the operator with --operator, one or several of %s", strings.ToLower(strings.Join(law.Nexuses(), ", ")))}
		case slices.Contains(law.Nexuses(), n):
		case slices.Contains(strings.Fields(unionMembers), n):
			return nil, usageError{fmt.Errorf("--operator %s: a member of the Union is bound by the Union's law; say eu", w)}
		case n == "GB":
			return nil, usageError{fmt.Errorf("--operator %s: for the United Kingdom say uk", w)}
		default:
			if _, ok := entity.CountryCode(n); !ok || len(n) != 2 {
				return nil, usageError{fmt.Errorf("--operator %q: want one or several of %s, or another country's code", w, strings.ToLower(strings.Join(law.Nexuses(), ", ")))}
			}
			fmt.Fprintf(errs, "note: no rule here binds an operator of %s but house policy and resolutions of the United Nations\n", n)
		}
		out = append(out, n)
	}
	return out, nil
}

// lawTime reads an instant. A day stands for its noon in UTC, when it is that day in nearly
// every country, so that a rule that begins with the day is in force.
func lawTime(written string) (time.Time, error) {
	if written == "" {
		return time.Now(), nil
	}
	if d, err := entity.ParseDay(written); err == nil {
		return d.Time().Add(12 * time.Hour), nil
	}
	t, err := time.Parse(time.RFC3339, written)
	if err != nil {
		return t, usageError{fmt.Errorf("--at %q: want a time with its zone such as 2022-10-07T00:00:00+02:00, or a day such as 2022-10-07 (its noon in UTC)", written)}
	}
	return t, nil
}

// maxFactsFile bounds a file of facts; the schema lets none grow near it.
const maxFactsFile = 1 << 20

// readFacts reads a file of facts, or standard input, over what is known already.
func readFacts(c *cobra.Command, path string, base law.Facts) (law.Facts, error) {
	var data []byte
	var err error
	if path == "-" {
		data, err = io.ReadAll(io.LimitReader(c.InOrStdin(), maxFactsFile))
	} else {
		data, err = readAtMost(path, maxFactsFile)
	}
	if err != nil {
		return law.Facts{}, fmt.Errorf("law decide: %w", err)
	}
	var read law.Facts
	if err := json.Unmarshal(data, &read); err != nil {
		return law.Facts{}, fmt.Errorf("law decide: %s: %w\nsallyport law facts lists every fact", inputName(path), err)
	}
	return base.With(read), nil
}

// lawAnswer is what `law decide` prints.
type lawAnswer struct {
	Verdict  law.Verb      `json:"verdict"`
	At       time.Time     `json:"at"`
	Action   law.Action    `json:"action"`
	Operator []string      `json:"operator"` // whose law binds it
	Fired    []gate.Fired  `json:"fired"`
	Exempted []gate.Fired  `json:"exempted"`
	Unknown  []gate.Fired  `json:"unknown"`
	Missing  []missingFact `json:"unknown_facts"` // which the rules under unknown need
	Tried    []string      `json:"tried"`
	Changes  []gate.Change `json:"would_change_it"`
	Rules    string        `json:"rules"` // the set's SHA-256
}

// missingFact is a fact that a rule needs and that is not known.
type missingFact struct {
	Fact string `json:"fact"`
	Text string `json:"text"`
}

// apart is what `law decide --other` prints.
type apart struct {
	MayMeet  bool      `json:"may_meet"`
	At       time.Time `json:"at"`
	Operator []string  `json:"operator"`
	Barred   []bar     `json:"barred"`
}

// bar cites a rule that keeps two customers apart.
type bar struct {
	Rule       string `json:"rule"`
	Title      string `json:"title"`
	Authority  string `json:"authority"`
	Instrument string `json:"instrument"`
	Article    string `json:"article"`
	URL        string `json:"url"`
}

func (l *lawAsked) decide() *cobra.Command {
	var facts, other, operator, at, action, explain, language string
	var ordinary bool
	c := &cobra.Command{
		Use:   "decide --facts FILE --operator us|eu|uk|ch|…",
		Short: "Decide on facts, and say by which rules and what would change it",
		Long: `Decides on a file of facts (JSON, "-" for standard input) and prints the decision as JSON: the
verdict, each rule that fired with its citation, those whose exemption or licence applied,
those that cannot be told with the facts they need, every rule tried, and what single change
of fact or of the law would make it milder.

A fact that is not given is unknown and never a default, so most files that leave facts out
end in a hold; --ordinary fills them from the ordinary customer of the scenarios, of whom
nothing is forbidden. What would change the verdict is true of others whom the law lets pass;
it is no advice to state what is not so.

With --other two customers are held against one another: which rules keep them from being
matched. A day without an hour stands for its noon in UTC.`,
		Example: `  sallyport law decide --facts customer.json --operator eu --at 2022-10-07T00:00:00+02:00
  echo '{"customer.residence": "IR"}' | sallyport law decide --facts - --ordinary --operator us
  sallyport law decide --facts customer.json --operator us --action sign_in --explain customer --language ru
  sallyport law decide --facts one.json --other two.json --operator us`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if facts == "" {
				return usageError{errors.New("say which facts with --facts FILE, or --facts - for standard input")}
			}
			if facts == "-" && other == "-" {
				return usageError{errors.New("--facts and --other cannot both be standard input")}
			}
			nexus, err := nexusOf(operator, c.ErrOrStderr())
			if err != nil {
				return err
			}
			when, err := lawTime(at)
			if err != nil {
				return err
			}
			set, err := l.set()
			if err != nil {
				return err
			}
			var base law.Facts
			if ordinary {
				if base, err = law.Ordinary(); err != nil {
					return err
				}
			}
			f, err := readFacts(c, facts, base)
			if err != nil {
				return err
			}
			if other != "" {
				g, err := readFacts(c, other, base)
				if err != nil {
					return err
				}
				return writeJSON(c.OutOrStdout(), keptApart(set, when, nexus, f, g))
			}
			in := gate.Input{Facts: f, Action: law.Action(action), Operator: "the operator", Nexus: nexus, At: when, Rules: set}
			if err := in.Check(); err != nil {
				return usageError{fmt.Errorf("law decide: %w", err)}
			}
			d := gate.Decide(in)
			changes := gate.Changes(in)
			if explain != "" {
				return explainDecision(c.OutOrStdout(), d, changes, explain, gate.Language(language))
			}
			return writeJSON(c.OutOrStdout(), answerOf(d, changes))
		},
	}
	c.Flags().StringVar(&facts, "facts", "", "file of facts, - for standard input")
	c.Flags().StringVar(&other, "other", "", "file of a second customer's facts: which rules keep the two apart")
	c.Flags().StringVar(&operator, "operator", "", "whose law binds the operator: us, eu, uk, ch, …; several parted by commas")
	c.Flags().StringVar(&at, "at", "", "the hour whose law applies (default now)")
	c.Flags().StringVar(&action, "action", string(law.Review), "what is asked for: "+actionList())
	c.Flags().StringVar(&explain, "explain", "", "words instead of JSON, for a customer or a reviewer")
	c.Flags().StringVar(&language, "language", "en", "of the words: en or ru")
	c.Flags().BoolVar(&ordinary, "ordinary", false, "facts that are not given are those of the ordinary customer of the scenarios")
	return c
}

func actionList() string { return actionsOf(law.Actions()) }

// answerOf is the decision as it is printed; lists are never null.
func answerOf(d gate.Decision, changes []gate.Change) lawAnswer {
	cited := func(in []gate.Fired) []gate.Fired { return append([]gate.Fired{}, in...) }
	return lawAnswer{
		Verdict: d.Verdict, At: d.At, Action: d.Action, Operator: d.Nexus, Fired: cited(d.Fired), Exempted: cited(d.Exempted), Unknown: cited(d.Unknown),
		Missing: missingOf(d), Tried: d.Tried, Changes: append([]gate.Change{}, changes...), Rules: d.Rules,
	}
}

func missingOf(d gate.Decision) []missingFact {
	out := []missingFact{}
	for _, doc := range law.Schema() {
		if slices.ContainsFunc(d.Unknown, func(f gate.Fired) bool { return slices.Contains(f.Missing, doc.Name) }) {
			out = append(out, missingFact{doc.Name, doc.Text})
		}
	}
	return out
}

func keptApart(set *law.Set, at time.Time, nexus []string, one, other law.Facts) apart {
	out := apart{At: at.UTC(), Operator: nexus, Barred: []bar{}}
	for _, r := range set.Barring(at, nexus, one, other) {
		out.Barred = append(out.Barred, bar{r.ID, r.Title, r.Authority, r.Instrument, r.Article, r.URL})
	}
	out.MayMeet = len(out.Barred) == 0
	return out
}

// explainDecision tells the decision in words, and then what would change it.
func explainDecision(w io.Writer, d gate.Decision, changes []gate.Change, reader string, l gate.Language) error {
	if l != gate.English && l != gate.Russian {
		return usageError{fmt.Errorf("--language %q: want en or ru", l)}
	}
	d.Hold = nil // whose question it would be is for an exchange to say
	switch reader {
	case "customer":
		fmt.Fprint(w, gate.Explain(d, l, gate.Customer))
	case "reviewer":
		fmt.Fprint(w, gate.Explain(d, l, gate.Reviewer))
	default:
		return usageError{fmt.Errorf("--explain %q: want customer or reviewer", reader)}
	}
	if len(changes) == 0 {
		return nil
	}
	heading := "What would change it, where it is true:"
	if l == gate.Russian {
		heading = "Что изменило бы решение, если это так:"
	}
	fmt.Fprintln(w, "\n"+heading)
	for _, ch := range changes {
		fmt.Fprintln(w, "- "+ch.Say(l))
	}
	return nil
}

// lawLine is one rule in `law list`.
type lawLine struct {
	ID          string       `json:"id"`
	Title       string       `json:"title"`
	Verb        string       `json:"verb,omitempty"`
	State       law.State    `json:"state"`
	House       bool         `json:"house,omitempty"`
	Binds       []string     `json:"binds"`
	Actions     []law.Action `json:"actions,omitempty"` // none: every action of a customer
	EffectiveAt *time.Time   `json:"effective_at,omitempty"`
	EndsAt      *time.Time   `json:"ends_at,omitempty"`
	Authority   string       `json:"authority"`
	Instrument  string       `json:"instrument"`
	Article     string       `json:"article"`
	ToVerify    int          `json:"to_verify"` // marks
}

func lineOf(r *law.Rule) lawLine {
	l := lawLine{ID: r.ID, Title: r.Title, State: r.State, House: r.House, Binds: append([]string{}, r.Binds...), Actions: r.Actions,
		Authority: r.Authority, Instrument: r.Instrument, Article: r.Article, ToVerify: len(r.Verified.Marks)}
	if r.State != law.Noted {
		l.Verb = r.Verb.String()
	}
	if !r.EffectiveAt.IsZero() {
		l.EffectiveAt = &r.EffectiveAt
	}
	if !r.EndsAt.IsZero() {
		l.EndsAt = &r.EndsAt
	}
	return l
}

func (l *lawAsked) list() *cobra.Command {
	var at, operator string
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the rules: all of them, or those in force at a time",
		Example: `  sallyport law list
  sallyport law list --at 2022-10-07T00:00:00+02:00 --operator eu
  sallyport law list --json`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			set, err := l.set()
			if err != nil {
				return err
			}
			rules := set.Rules()
			if at != "" {
				when, err := lawTime(at)
				if err != nil {
					return err
				}
				rules = set.Acting(when)
			}
			if operator != "" {
				nexus, err := nexusOf(operator, c.ErrOrStderr())
				if err != nil {
					return err
				}
				rules = slices.DeleteFunc(rules, func(r *law.Rule) bool { return !r.BindsAny(nexus) })
			}
			lines := []lawLine{}
			for _, r := range rules {
				lines = append(lines, lineOf(r))
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), lines)
			}
			tw := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(tw, "rule\tverb\tbinds\tfrom\tto\ttitle")
			toVerify := 0
			for i, ln := range lines {
				verb := ln.Verb
				if ln.State != law.Enacted {
					verb = string(ln.State)
				}
				fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\n", ln.ID, verb, bound(rules[i]), dateOf(rules[i].EffectiveAt), dateOf(rules[i].EndsAt), ln.Title)
				if rules[i].Verified.By == "" {
					toVerify++
				}
			}
			if err := tw.Flush(); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%d rules, %d of them not yet held against their primary text\n", len(lines), toVerify)
			return nil
		},
	}
	c.Flags().StringVar(&at, "at", "", "only those in force at this hour")
	c.Flags().StringVar(&operator, "operator", "", "only those that bind such an operator: us, eu, uk, ch, …")
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return c
}

// bound says whom a rule binds.
func bound(r *law.Rule) string {
	if r.House {
		return "house"
	}
	return strings.Join(r.Binds, ",")
}

// dateOf is an instant's day in its own zone.
func dateOf(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.DateOnly)
}

// hourOf is an instant with its hour and zone, which are part of the law.
func hourOf(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format("2006-01-02 15:04 -07:00")
}

// lawMove is one line of `law diff`.
type lawMove struct {
	At       time.Time `json:"at"`
	Rule     string    `json:"rule"`
	Title    string    `json:"title"`
	Verb     string    `json:"verb"`
	Binds    []string  `json:"binds"`
	What     string    `json:"what"`               // "begins", "ends", "wind-down ends", "licence begins", "licence ends"
	Licence  string    `json:"licence,omitempty"`  // its id
	InPlace  []string  `json:"in_place,omitempty"` // rules that it supersedes
	Citation string    `json:"citation"`
}

func (l *lawAsked) diff() *cobra.Command {
	var from, to, operator string
	var asJSON bool
	c := &cobra.Command{
		Use:   "diff --from DATE --to DATE",
		Short: "Show what changed in the law between two days",
		Long: `Shows each rule that began or ended from the first day to the last, both included, each
wind-down that ended and each licence that began or ended. Days are those of the zone that
the instrument is dated in.`,
		Example: `  sallyport law diff --from 2022-02-01 --to 2022-12-31 --operator eu
  sallyport law diff --from 2025-01-01 --to 2025-12-31 --json`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			first, err := entity.ParseDay(from)
			if err != nil {
				return usageError{fmt.Errorf("--from %q: want a day such as 2022-02-01", from)}
			}
			last, err := entity.ParseDay(to)
			if err != nil || last.Compare(first) < 0 {
				return usageError{fmt.Errorf("--to %q: want a day such as 2022-12-31, not before --from", to)}
			}
			var nexus []string
			if operator != "" {
				if nexus, err = nexusOf(operator, c.ErrOrStderr()); err != nil {
					return err
				}
			}
			set, err := l.set()
			if err != nil {
				return err
			}
			moves := movesOf(set, first, last, nexus)
			if asJSON {
				return writeJSON(c.OutOrStdout(), moves)
			}
			if len(moves) == 0 {
				fmt.Fprintf(c.OutOrStdout(), "Nothing changed from %s to %s in the rules here.\n", first, last)
				return nil
			}
			tw := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(tw, "at\trule\twhat\tverb\tbinds\ttitle")
			for _, m := range moves {
				what := m.What
				if m.Licence != "" {
					what += " (" + m.Licence + ")"
				}
				if len(m.InPlace) > 0 {
					what += " in place of " + strings.Join(m.InPlace, ", ")
				}
				binds := strings.Join(m.Binds, ",")
				if binds == "" {
					binds = "house"
				}
				fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\n", hourOf(m.At), m.Rule, what, m.Verb, binds, m.Title)
			}
			return tw.Flush()
		},
	}
	c.Flags().StringVar(&from, "from", "", "the first day")
	c.Flags().StringVar(&to, "to", "", "the last day")
	c.Flags().StringVar(&operator, "operator", "", "only rules that bind such an operator: us, eu, uk, ch, …")
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return c
}

// movesOf is the events of the rules on those days, in the zone of each; of every operator
// where no nexus is given.
func movesOf(set *law.Set, first, last entity.Day, nexus []string) []lawMove {
	moves := []lawMove{}
	for _, e := range set.Events(first.Time().AddDate(0, 0, -1), last.Time().AddDate(0, 0, 2)) {
		if day := entity.DayOf(e.At); day.Compare(first) < 0 || day.Compare(last) > 0 {
			continue
		}
		r, ok := set.Rule(e.Rule)
		if !ok || nexus != nil && !r.BindsAny(nexus) {
			continue
		}
		m := lawMove{At: e.At, Rule: r.ID, Title: r.Title, Verb: r.Verb.String(), Binds: append([]string{}, r.Binds...), Citation: r.Instrument + ", " + r.Article}
		verb := "begins"
		if e.Ends {
			verb = "ends"
		}
		switch e.Part {
		case "":
			m.What = verb
			if !e.Ends {
				m.InPlace = r.Supersedes
			}
		case "wind-down":
			m.What = "wind-down " + verb
		default:
			m.What, m.Licence = "licence "+verb, e.Part
		}
		moves = append(moves, m)
	}
	return moves
}

func (l *lawAsked) facts() *cobra.Command {
	var asSchema bool
	c := &cobra.Command{
		Use:   "facts",
		Short: "List every fact that a rule may read, or write their JSON Schema",
		Example: `  sallyport law facts
  sallyport law facts --json-schema > facts.schema.json`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			w := c.OutOrStdout()
			if asSchema {
				_, err := w.Write(law.FactsJSONSchema())
				return err
			}
			for _, d := range law.Schema() {
				fmt.Fprintf(w, "%s  %s\n    %s\n", d.Name, d.Type.CEL(), d.Text)
			}
			fmt.Fprintf(w, "\nactions   %s\nnexuses   %s\n", actionList(), strings.Join(law.Nexuses(), ", "))
			return nil
		},
	}
	c.Flags().BoolVar(&asSchema, "json-schema", false, "write the JSON Schema (2020-12) of a file of facts")
	return c
}

// checkFailed is a set of rules with findings. They are told already.
type checkFailed struct{ n int }

func (e checkFailed) Error() string {
	if e.n == 1 {
		return "law check: 1 finding"
	}
	return fmt.Sprintf("law check: %d findings", e.n)
}

func (l *lawAsked) check() *cobra.Command {
	var scenarios string
	c := &cobra.Command{
		Use:   "check",
		Short: "Hold the rules against the charter, the scenarios and one another",
		Long: `Checks that every rule cites the address of its text; that a scenario fires it and one
tries it in vain, and one shows its exemption; that no two rules of one authority say
different things of the same people unless one supersedes the other or names it under
alongside; that only a law that says "nationals" reads nationality; that house policy does no
more than hold or reject; and that every fact about place or identity that is collected has a
rule that reads it. One line a finding, with the remedy.

Further rules need scenarios of their own (--scenarios); their steps are run, verdicts
included. The exit status is 1 where there are findings.`,
		Example: `  sallyport law check
  sallyport law check --rules ./rules --scenarios ./rules/scenarios`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			set, err := l.set()
			if err != nil {
				return err
			}
			all, err := law.Scenarios()
			if err != nil {
				return err
			}
			findings := []law.Finding{}
			if scenarios != "" {
				if !isFolder(scenarios) {
					return usageError{fmt.Errorf("--scenarios %s: no such folder", scenarios)}
				}
				more, err := law.FurtherScenarios(os.DirFS(scenarios))
				if err != nil {
					return err
				}
				findings = stepsThatFail(set, more)
				all = append(all, more...)
			}
			findings = append(findings, law.Lint(set, all)...)
			w := c.OutOrStdout()
			for _, f := range findings {
				fmt.Fprintln(w, f)
			}
			enacted, noted, toVerify, steps := 0, 0, 0, 0
			for _, r := range set.Rules() {
				switch r.State {
				case law.Enacted:
					enacted++
				case law.Noted:
					noted++
				}
				if r.Verified.By == "" {
					toVerify++
				}
			}
			for _, s := range all {
				steps += len(s.Steps)
			}
			fmt.Fprintf(w, "%d rules (%d enacted, %d noted), %d still to verify against their primary text; %d scenarios, %d steps; %d findings\n",
				len(set.Rules()), enacted, noted, toVerify, len(all), steps, len(findings))
			if len(findings) > 0 {
				return checkFailed{len(findings)}
			}
			return nil
		},
	}
	c.Flags().StringVar(&scenarios, "scenarios", "", "folder of further scenarios, beside those of the program")
	return c
}

// stepsThatFail runs scenarios against the rules and the gate.
func stepsThatFail(set *law.Set, scenarios []law.Scenario) []law.Finding {
	findings := []law.Finding{}
	for _, s := range scenarios {
		for _, step := range s.Steps {
			err := step.Check(set)
			if err == nil {
				d := gate.Decide(gate.Input{Facts: step.Facts, Action: step.Action, Operator: "the operator", Nexus: step.Nexus, At: step.At, Rules: set})
				if d.Verdict != step.Verdict {
					err = fmt.Errorf("line %d: verdict %s, want %s", step.Line, d.Verdict, step.Verdict)
				}
			}
			if err != nil {
				findings = append(findings, law.Finding{Text: fmt.Sprintf("scenario %s: %v: mend the rule, or the scenario by its source", s.Name, err)})
			}
		}
	}
	return findings
}
