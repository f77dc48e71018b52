package match

import "fmt"

// A Grade says what a finding is good for. The zero value is nothing found.
type Grade uint8

const (
	None      Grade = iota
	Resembles       // a heuristic: a person must look, nothing more (it can hold, never freeze)
	Same            // identity; the package comment has the line
)

var gradeNames = [...]string{"none", "resembles", "same"}

func (g Grade) String() string {
	if int(g) < len(gradeNames) {
		return gradeNames[g]
	}
	return fmt.Sprintf("grade %d?", uint8(g))
}

// MarshalText gives the lower-case word.
func (g Grade) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (g *Grade) UnmarshalText(b []byte) error {
	for i, n := range gradeNames {
		if n == string(b) {
			*g = Grade(i)
			return nil
		}
	}
	return fmt.Errorf("match: unknown grade %q", b)
}

// A Finding says that a queried entity resembles, or is, a listed one.
//
// It speaks of the list's side only. Nothing of the queried person's own data is
// in it, so that a finding may stand in the journal, where no personal data may.
type Finding struct {
	List        string   `json:"list"`
	EntityID    string   `json:"entity_id"`
	EntityName  string   `json:"entity_name"`  // primary name on the list
	MatchedName string   `json:"matched_name"` // the name of the listed entity that agreed best; empty when an identifier or wallet alone did
	Score       float64  `json:"score"`        // 0..1, rounded to 4 decimals; a probability
	Grade       Grade    `json:"grade"`
	Reasons     []Reason `json:"reasons"`
	// Measures are those that the list states of the entry ("asset freeze", "travel ban"); see entity.Entity.
	Measures []string `json:"measures,omitempty"`
	// Nats is the sum of all evidence, the natural logarithm of the odds that Score is the
	// probability of. It goes on where Score, which is never 1, can tell no more apart.
	Nats float64 `json:"nats"`
}

// A Reason is one piece of evidence for or against.
type Reason struct {
	Kind   string  `json:"kind"`   // "name", "birth date", "nationality", "document", "wallet", "gender", …
	Effect float64 `json:"effect"` // what it added to the score; negative speaks against
	Nats   float64 `json:"nats"`   // its weight of evidence: the natural logarithm of the factor by which it changes the odds
	Text   string  `json:"text"`   // one sentence for a reviewer, in words of the list's side
}
