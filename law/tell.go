package law

// Take states a fact as another set of facts has it, and reports whether that one does.
func (f *Facts) Take(from Facts, name string) bool {
	v, ok := from.values[name] // never written to after Set has copied it
	if !ok {
		return false
	}
	if f.values == nil {
		f.values = make(map[string]any)
	}
	f.values[name] = v
	return true
}
