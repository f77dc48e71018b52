package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/match"
)

// A Clearance is an operator user's word that the customer is not the listed entity they
// resemble, as the log holds it (tape.Clear). A decision that relies on one names it, and
// shows the finding all the same.
//
// It covers a finding of the entity that is a likeness and nothing more; identity is never
// covered. It is good for what was looked at: Listed and Subject. The version of the
// matching weights is no part of that: other weights give the same two descriptions another
// score, and say nothing new of either; where they make identity of it, the clearance no
// longer covers it.
type Clearance struct {
	ID       uint64    `json:"id"`
	List     string    `json:"list"`
	EntityID string    `json:"entity_id"`
	By       string    `json:"by"`      // the operator user who said it
	At       time.Time `json:"at"`      // when
	Listed   string    `json:"listed"`  // SHA-256 of what the list said in what is compared (match.Basis), hex
	Subject  string    `json:"subject"` // commitment to what the customer had told in it, hex
}

// A Lapse is a clearance that has ended, and why the question is open again.
type Lapse struct {
	Clearance
	Cause   string   `json:"cause"`             // in the words of tape.Cause
	Changed []string `json:"changed,omitempty"` // parts of the entry, or of the customer's data: "names", "birth", …
}

// String says it to a reviewer: "us-sdn 90001 was cleared on 2 March 2022 by m.ortiz, but
// the list entry's names changed".
func (l Lapse) String() string {
	s := fmt.Sprintf("%s %s was cleared on %s by %s, but %s", l.List, l.EntityID, l.At.UTC().Format("2 January 2006"), l.By, l.Cause)
	if whose, ok := strings.CutSuffix(s, " changed"); ok && len(l.Changed) > 0 {
		whose = strings.TrimSuffix(strings.TrimSuffix(whose, " data"), "'s")
		return whose + "'s " + strings.Join(l.Changed, ", ") + " changed"
	}
	return s
}

// Covers reports whether the clearance answers a finding.
func (c *Clearance) Covers(f *match.Finding) bool {
	return f.Grade == match.Resembles && f.List == c.List && f.EntityID == c.EntityID
}

// Open is the findings that no clearance covers: those that facts are to be made from.
func Open(findings []match.Finding, cleared []Clearance) []match.Finding {
	if len(cleared) == 0 {
		return findings
	}
	var open []match.Finding
	for i := range findings {
		if !slices.ContainsFunc(cleared, func(c Clearance) bool { return c.Covers(&findings[i]) }) {
			open = append(open, findings[i])
		}
	}
	return open
}

// checkCleared says what is wrong with the clearances of an input: one that covers no
// finding, or the same one twice.
func checkCleared(findings []match.Finding, cleared []Clearance) error {
	for i := range cleared {
		c := &cleared[i]
		if !slices.ContainsFunc(findings, func(f match.Finding) bool { return c.Covers(&f) }) {
			return fmt.Errorf("gate: clearance %d covers no finding", c.ID)
		}
		if i > 0 && cleared[i-1].ID >= c.ID {
			return fmt.Errorf("gate: clearance %d follows clearance %d", c.ID, cleared[i-1].ID)
		}
	}
	return nil
}
