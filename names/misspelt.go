package names

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// formWords are the words of legal forms of two words and more, by themselves and the longer
// ones with one letter left out: so "joint stock comapny" is known for what it is. A single word is
// not corrected, "Folding" is a name, unless it is one of longForms.
var formWords = sync.OnceValue(func() map[string]string {
	words := make(map[string]string)
	for form := range legalForms {
		parts := strings.Fields(form)
		if len(parts) < 2 {
			continue
		}
		for _, w := range parts {
			words[w] = w
		}
	}
	whole := slices.Sorted(maps.Keys(words))
	ambiguous := make(map[string]bool)
	for _, w := range whole {
		for i := range w {
			if len(w) < leastMisspelt {
				break
			}
			left := w[:i] + w[i+1:]
			if old, known := words[left]; known && old != w {
				ambiguous[left] = old != left // a word itself stays one
			} else {
				words[left] = w
			}
		}
	}
	for left, is := range ambiguous {
		if is {
			delete(words, left)
		}
	}
	return words
})

// longForms are the legal forms of one word of so many letters that no name is a slip away: Limited, Incorporated, but not Holding.
var longForms = sync.OnceValue(func() []legalForm {
	var out []legalForm
	for _, key := range slices.Sorted(maps.Keys(legalForms)) {
		if f := legalForms[key]; !strings.Contains(key, " ") && len(f.texts[0]) >= leastAlone {
			out = append(out, f)
		}
	}
	return out
})

// leastAlone is how many letters a form has at least that is known by itself with one of them wrong.
const leastAlone = 7

// misspeltForm gives the form that a last word of a firm's name is with one letter wrong.
func misspeltForm(text string) (legalForm, bool) {
	if len(text) < leastAlone-1 {
		return legalForm{}, false
	}
	for _, f := range longForms() {
		for _, t := range f.texts {
			if oneSlip(text, t) {
				return f, true
			}
		}
	}
	return legalForm{}, false
}

// leastMisspelt is how many letters a word has at least of which one may be wrong.
const leastMisspelt = 5

// spelled gives the keys with those words put right that have one letter wrong, too many or too
// few and stand beside a word of a legal form, and which they are; nil where there are none.
func spelled(keys []string) (right []string, wrong uint64) {
	isForm := func(i int) bool { return i >= 0 && i < len(keys) && formWords()[keys[i]] == keys[i] && keys[i] != "" }
	for i, k := range keys {
		if len(k) < leastMisspelt-1 || isForm(i) || !isForm(i-1) && !isForm(i+1) || i > 63 {
			continue
		}
		word := formWords()[k]
		for at := 0; word == "" && at < len(k); at++ {
			if w := formWords()[k[:at]+k[at+1:]]; w != "" && oneSlip(k, w) {
				word = w
			}
		}
		if word == "" || word == k {
			continue
		}
		if right == nil {
			right = append(right, keys...)
		}
		right[i], wrong = word, wrong|1<<i
	}
	return right, wrong
}

// oneSlip reports whether a letter more, less, other or exchanged with its neighbour makes one
// word of the other.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch len(b) - len(a) {
	case 0:
		return i == len(a) || a[i+1:] == b[i+1:] ||
			i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
	case 1:
		return a[i:] == b[i+1:]
	}
	return false
}
