package law

import "slices"

// Take states a fact as another set of facts has it, and reports whether that one does. Of a
// set of texts that is known here already it becomes the union of the two.
func (f *Facts) Take(from Facts, name string) bool {
	_, place, ok := docOf(name)
	if !ok || from.value(name) == nil {
		return false
	}
	if f.values == nil {
		f.values = make([]any, len(schema))
	}
	v := from.values[place] // never written to after Set has copied it
	if own, ok := f.values[place].([]string); ok {
		all := slices.Concat(own, v.([]string))
		slices.Sort(all)
		v = slices.Compact(all)
	}
	f.values[place] = v
	return true
}
