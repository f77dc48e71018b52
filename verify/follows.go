package verify

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/gate"
	"sallyport/law"
)

// follows reports why a decision does not follow from its own facts under the rules it
// names, by a reading of its own of what package gate documents. What each rule says of
// the facts, and on which sides of the bars they put a customer, is asked of package law, for
// the rules are data. pool is the nexuses of all operators whose customers trade in one book.
func follows(set *law.Set, d *gate.Decision, pool []string) error {
	var inForce []string
	for _, r := range set.InForce(d.At, d.Nexus, d.Action) {
		inForce = append(inForce, r.ID)
	}
	if !slices.Equal(d.Tried, inForce) {
		return fmt.Errorf("it tried [%s]; in force then for this operator and action were [%s]", strings.Join(d.Tried, " "), strings.Join(inForce, " "))
	}
	said := map[law.Result][]law.Outcome{}
	for _, o := range set.Evaluate(d.At, d.Nexus, d.Action, d.Facts) {
		said[o.Result] = append(said[o.Result], o)
	}
	for _, part := range []struct {
		what   string
		result law.Result
		cited  []gate.Fired
	}{
		{"fire", law.Fires, d.Fired},
		{"exempt", law.Exempt, d.Exempted},
		{"cannot be told", law.Unknown, d.Unknown},
	} {
		if err := citesJust(part.what, said[part.result], part.cited); err != nil {
			return err
		}
	}
	var sides []law.Side
	if givesStanding(d.Action) {
		sides = set.Sides(d.At, d.Nexus, pool, d.Facts)
	}
	if !slices.Equal(d.Sides, sides) {
		return fmt.Errorf("it tells the sides %+v of the bars; from its facts follow %+v", d.Sides, sides)
	}
	if want := verdict(d.Action, said[law.Fires], said[law.Unknown]); d.Verdict != want {
		return fmt.Errorf("its verdict is %s; from its facts follows %s", d.Verdict, want)
	}
	return nil
}

// citesJust compares what a decision cites with what the rules said, field by field.
func citesJust(what string, said []law.Outcome, cited []gate.Fired) error {
	var want, got []string
	for _, o := range said {
		want = append(want, o.Rule.ID)
	}
	for _, f := range cited {
		got = append(got, f.Rule)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		return fmt.Errorf("rules that %s: it cites [%s]; from its facts follow [%s]", what, strings.Join(got, " "), strings.Join(want, " "))
	}
	for _, f := range cited {
		i := slices.IndexFunc(said, func(o law.Outcome) bool { return o.Rule.ID == f.Rule })
		r := said[i].Rule
		same := f.Title == r.Title && f.Verb == r.Verb && f.Authority == r.Authority && f.Instrument == r.Instrument &&
			f.Article == r.Article && f.URL == r.URL && f.EffectiveAt.Equal(r.EffectiveAt) && f.House == r.House &&
			f.By == said[i].By && slices.Equal(f.Missing, said[i].Missing)
		if !same {
			return fmt.Errorf("it cites rule %s otherwise than the rule reads", f.Rule)
		}
	}
	return nil
}

// gravity is the order of what package gate documents, gravest first: "freeze > refuse >
// platform_ban > asset_ban > reject > hold > exit > cap > allow".
var gravity = [...]law.Verb{law.Freeze, law.Refuse, law.PlatformBan, law.AssetBan, law.Reject, law.Hold, law.Exit, law.Cap, law.Allow}

// verdict is what several rules say together.
func verdict(action law.Action, fired, unknown []law.Outcome) law.Verb {
	verbs := []law.Verb{law.Allow}
	// "exit and cap do not stop them … such a rule does not hold them where it is unknown"
	lets := func(v law.Verb) bool {
		return (action == law.Withdraw || action == law.SignIn) && (v == law.Exit || v == law.Cap)
	}
	for _, o := range fired {
		verb := o.Rule.Verb
		// "where a law says reject or exit, a new customer is refused … House policy
		// declines (reject) and never refuses."
		if action == law.OpenAccount && !o.Rule.House && (verb == law.Reject || verb == law.Exit) {
			verb = law.Refuse
		}
		if !lets(verb) {
			verbs = append(verbs, verb)
		}
	}
	for _, o := range unknown {
		if !lets(o.Rule.Verb) {
			verbs = append(verbs, law.Hold)
		}
	}
	for _, v := range gravity {
		if slices.Contains(verbs, v) {
			return v
		}
	}
	return law.Undecided // a verb that package gate does not rank
}
