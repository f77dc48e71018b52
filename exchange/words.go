package exchange

import (
	"encoding/hex"
	"strconv"
	"strings"

	"sallyport/gate"
	"sallyport/law"
	"sallyport/venue/tape"
)

// standingWord says in a word what an account under this verdict is.
func standingWord(v law.Verb) string {
	switch v {
	case law.Allow:
		return "free"
	case law.Cap:
		return "capped (withdraw only while above the value)"
	case law.Exit:
		return "leaving (withdraw only, nothing is frozen)"
	case law.Hold:
		return "held for a person to look"
	case law.Freeze:
		return "frozen"
	case law.Refuse, law.Reject:
		return "refused"
	}
	return v.String()
}

// because cites the rules that fired.
func because(d *gate.Decision) string {
	if len(d.Fired) == 0 {
		if len(d.Unknown) > 0 {
			return ": a fact that a rule needs is not known (" + strings.Join(d.Unknown[0].Missing, ", ") + ")"
		}
		return ""
	}
	f := d.Fired[0]
	for _, o := range d.Fired {
		if o.Verb == d.Verdict {
			f = o
			break
		}
	}
	text := ": " + f.Instrument
	if f.Article != "" {
		text += ", " + f.Article
	}
	if f.House {
		text = ": house policy, " + f.Title
	}
	return text
}

func operatorTitle(g tape.Genesis, name string) string {
	for _, o := range g.Operators {
		if o.Name == name {
			return o.Title
		}
	}
	return name
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

// grouped writes 12345 as 12,345.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func countOf(n int, noun string) string {
	if n != 1 {
		if stem, ok := strings.CutSuffix(noun, "y"); ok {
			noun = stem + "ie"
		}
		noun += "s"
	}
	return grouped(n) + " " + noun
}

func short(h tape.Hash) string { return hex.EncodeToString(h[:6]) }
