package gate_test

import (
	"testing"

	"sallyport/gate"
	"sallyport/law"
)

func TestOneOfSeveralLicences(t *testing.T) {
	c := gate.Change{Kind: gate.Licensed, Fact: "customer.licences", Values: []string{"us-iran-560-550", "us-iran-gl-d2"}, Verdict: law.Allow, Rules: []string{"us-iran"}}
	for language, want := range map[gate.Language]string{
		gate.English: "somebody for whom one of the licences us-iran-560-550, us-iran-gl-d2 is recorded: allow, for us-iran no longer applies",
		gate.Russian: "тот, для кого записана одна из лицензий: us-iran-560-550, us-iran-gl-d2: разрешено, правило us-iran больше не применяется",
	} {
		if got := c.Say(language); got != want {
			t.Errorf("%s: %s, want %s", language, got, want)
		}
	}
	c.Values = c.Values[:1]
	if got, want := c.Say(gate.English), "somebody for whom the licence us-iran-560-550 is recorded: allow, for us-iran no longer applies"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
