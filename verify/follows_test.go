package verify

import (
	"testing"

	"sallyport/law"
)

// TestVerdict holds verdict to the paragraphs of package gate, one case a sentence.
func TestVerdict(t *testing.T) {
	rules := func(verbs ...law.Verb) (said []law.Outcome) {
		for _, v := range verbs {
			said = append(said, law.Outcome{Rule: &law.Rule{Verb: v}})
		}
		return said
	}
	house := []law.Outcome{{Rule: &law.Rule{Verb: law.Reject, House: true}}}
	for _, c := range []struct {
		why            string
		action         law.Action
		fired, unknown []law.Outcome
		want           law.Verb
	}{
		{"no rule", law.Trade, nil, nil, law.Allow},
		{"freeze > refuse", law.Review, rules(law.Refuse, law.Freeze), nil, law.Freeze},
		{"refuse > reject", law.Review, rules(law.Reject, law.Refuse), nil, law.Refuse},
		{"reject > hold", law.Review, rules(law.Hold, law.Reject), nil, law.Reject},
		{"hold > exit", law.Review, rules(law.Exit, law.Hold), nil, law.Hold},
		{"exit > cap", law.Review, rules(law.Cap, law.Exit), nil, law.Exit},
		{"cap > allow", law.Review, rules(law.Cap), nil, law.Cap},
		{"what cannot be told holds", law.Trade, nil, rules(law.Freeze), law.Hold},
		{"and no more", law.Trade, rules(law.Exit), rules(law.Freeze), law.Hold},
		{"where a law says exit, a new customer is refused", law.OpenAccount, rules(law.Exit), nil, law.Refuse},
		{"or reject", law.OpenAccount, rules(law.Reject), nil, law.Refuse},
		{"a freeze stays a freeze", law.OpenAccount, rules(law.Freeze, law.Exit), nil, law.Freeze},
		{"house policy never refuses", law.OpenAccount, house, nil, law.Reject},
		{"a law that rejects does not refuse an existing customer", law.Review, rules(law.Reject), nil, law.Reject},
		{"exit does not stop a withdrawal", law.Withdraw, rules(law.Exit), nil, law.Allow},
		{"nor does cap", law.Withdraw, rules(law.Cap), nil, law.Allow},
		{"nor a sign-in", law.SignIn, rules(law.Exit), nil, law.Allow},
		{"nor where it is unknown", law.Withdraw, nil, rules(law.Exit), law.Allow},
		{"another unknown holds a withdrawal", law.Withdraw, rules(law.Exit), rules(law.Reject), law.Hold},
		{"exit stops a deposit", law.Deposit, rules(law.Exit), nil, law.Exit},
		{"an unknown exit holds a trade", law.Trade, nil, rules(law.Exit), law.Hold},
		{"a verb without rank decides nothing", law.Trade, rules(law.Release), nil, law.Allow},
	} {
		if got := verdict(c.action, c.fired, c.unknown); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}
