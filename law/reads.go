package law

import (
	"encoding/binary"
	"slices"
	"time"
)

// conditions are all that can decide by the rule at the instant.
func (r *Rule) conditions(at time.Time) []*condition {
	var all []*condition
	for _, c := range []*condition{r.covers, r.others, r.exempt} {
		if c != nil {
			all = append(all, c)
		}
	}
	for i := range r.Licences {
		if l := &r.Licences[i]; l.in(at) && l.covers != nil {
			all = append(all, l.covers)
		}
	}
	return all
}

// Texts is every text that the rule's conditions compare facts with at the instant, the ids
// of the licences that are valid then among them; sorted.
func (r *Rule) Texts(at time.Time) []string {
	var all []string
	for _, c := range r.conditions(at) {
		all = append(all, c.texts...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Numbers is every number that the rule's conditions compare facts with at the instant, sorted.
func (r *Rule) Numbers(at time.Time) []int64 {
	var all []int64
	for _, c := range r.conditions(at) {
		all = append(all, c.numbers...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// A Lens sees of facts what some rules can tell apart and no more: the facts that they read,
// and of a number that they only compare with other numbers on which side of each it lies.
// Facts with one [Lens.Key] have one outcome under each of the rules, which is how a million
// customers are decided by deciding some thousands. The zero value sees nothing.
type Lens struct {
	seen []seen
}

// seen is one fact in a lens.
type seen struct {
	place  int     // in the schema
	ranked bool    // only the place among numbers counts
	among  []int64 // sorted
}

// NewLens is the lens of the rules. What is asked and for whom ("action", "operator.nexus")
// is given with the question and not seen.
func NewLens(rules []*Rule) Lens {
	byName := map[string]*seen{}
	for _, r := range rules {
		conditions := []*condition{r.covers, r.others, r.exempt}
		for i := range r.Licences {
			conditions = append(conditions, r.Licences[i].covers)
		}
		for _, c := range conditions {
			if c == nil {
				continue
			}
			for _, fact := range c.facts {
				s := byName[fact]
				if s == nil {
					s = &seen{ranked: true}
					byName[fact] = s
				}
				among, ranked := c.ranked[fact]
				s.ranked = s.ranked && ranked
				s.among = append(s.among, among...)
			}
		}
	}
	var l Lens
	for i, d := range schema {
		if s := byName[d.Name]; s != nil && d.Name != "action" && d.Name != "operator.nexus" {
			s.place = i
			slices.Sort(s.among)
			s.among = slices.Compact(s.among)
			l.seen = append(l.seen, *s)
		}
	}
	return l
}

// Key appends what the lens sees of the facts.
func (l Lens) Key(b []byte, f Facts) []byte {
	text := func(s string) { b = append(append(b, byte(len(s))), s...) } // at most maxTextLen bytes
	for _, s := range l.seen {
		var value any
		if f.values != nil {
			value = f.values[s.place]
		}
		switch v := value.(type) {
		case string:
			b = append(b, 's')
			text(v)
		case []string:
			b = append(b, 'l', byte(len(v)))
			for _, t := range v {
				text(t)
			}
		case int64:
			b = append(b, 'n')
			if s.ranked {
				i, equal := slices.BinarySearch(s.among, v)
				v = 2 * int64(i)
				if equal {
					v++
				}
			}
			b = binary.BigEndian.AppendUint64(b, uint64(v))
		case bool:
			b = append(b, 'f')
			if v {
				b[len(b)-1] = 't'
			}
		case map[string]int64:
			b = append(b, 'm', byte(len(v)))
			keys := make([]string, 0, len(v))
			for k := range v {
				keys = append(keys, k)
			}
			slices.Sort(keys)
			for _, k := range keys {
				text(k)
				b = binary.BigEndian.AppendUint64(b, uint64(v[k]))
			}
		default:
			b = append(b, '?')
		}
	}
	return b
}
