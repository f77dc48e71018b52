package match

import (
	"sallyport/names"
)

// maxKey is the longest key in which slips are looked for, in bytes. Longer
// words are compared for equality.
const maxKey = 48

// edits is how many slips of the pen two keys may be apart and still be one
// name, by the length of the shorter.
func edits(length int) int {
	switch {
	case length < 5:
		return 0
	case length < 8:
		return 1
	default:
		return 2
	}
}

// likeness of two parts of names, 0 where they are different parts. It is
// symmetric. Where it is above 0 for two heavy parts, they share a key or a key
// with letters left out: [nameIndex.similar] relies on it.
func (w *Weights) likeness(a, b *names.Token) float64 {
	if a.Light() != b.Light() {
		return 0
	}
	if a.Class == names.Initial || b.Class == names.Initial {
		return w.initialLikeness(a, b)
	}
	if (a.Class == names.LegalForm) != (b.Class == names.LegalForm) || (a.Class == names.Number) != (b.Class == names.Number) {
		return 0
	}
	if a.Text == b.Text && a.Class != names.LegalForm {
		return 1
	}
	if a.Shares(b) {
		if a.Class == names.LegalForm {
			return 1
		}
		return w.Likeness.Spelling
	}
	if !a.Latin || !b.Latin || a.Light() || a.Class == names.Number {
		return 0
	}
	best := 0.0
	for _, k := range a.Keys {
		for _, l := range b.Keys {
			if names.GenderTwins(k, l) {
				return 0
			}
			best = max(best, w.keyLikeness(k, l))
		}
	}
	return best
}

func (w *Weights) initialLikeness(a, b *names.Token) float64 {
	switch {
	case a.Class == b.Class:
		if a.Text == b.Text {
			return 1
		}
		return 0
	case a.Class != names.Initial:
		a, b = b, a
	}
	if b.Class != names.Plain && b.Class != names.Patronymic {
		return 0
	}
	if b.Text[0] == a.Text[0] || b.Keys[0][0] == a.Keys[0][0] {
		return w.Parts.InitialLikeness
	}
	return 0
}

// keyLikeness is above 0 for keys at most [edits] apart.
func (w *Weights) keyLikeness(k, l string) float64 {
	short := min(len(k), len(l))
	most := edits(short)
	if most == 0 || len(k) > maxKey || len(l) > maxKey || len(k)-len(l) > most || len(l)-len(k) > most {
		return 0
	}
	switch d := distance(k, l, most); {
	case d > most:
		return 0
	case d <= 1:
		return jaroWinkler(k, l) * w.Likeness.OneEdit[min(short, 8)]
	default:
		return jaroWinkler(k, l) * w.Likeness.TwoEdits
	}
}

// distance counts the letters inserted, left out, replaced, or exchanged with
// their neighbour between two keys of at most maxKey bytes (optimal string
// alignment). It may stop above most, and then returns most+1.
func distance(a, b string, most int) int {
	var rows [3][maxKey + 1]uint8
	before, prev, cur := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		prev[j] = uint8(j)
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = uint8(i)
		least := cur[0]
		for j := 1; j <= len(b); j++ {
			d := prev[j-1]
			if a[i-1] != b[j-1] {
				d++
			}
			d = min(d, prev[j]+1, cur[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			cur[j] = d
			least = min(least, d)
		}
		if int(least) > most {
			return most + 1
		}
		before, prev, cur = prev, cur, before
	}
	return int(prev[len(b)])
}

// jaroWinkler similarity of two keys of at most maxKey bytes, with Winkler's
// prefix scale of 0.1 over at most four letters (Winkler 1990). It is symmetric:
// the shorter key, or the lesser of two equally long ones, is walked first.
func jaroWinkler(a, b string) float64 {
	if len(a) > len(b) || len(a) == len(b) && a > b {
		a, b = b, a
	}
	if a == b {
		return 1
	}
	reach := max(len(b)/2-1, 0)
	var usedA, usedB [maxKey]bool
	common := 0
	for i := range len(a) {
		for j := max(0, i-reach); j < min(len(b), i+reach+1); j++ {
			if !usedB[j] && a[i] == b[j] {
				usedA[i], usedB[j] = true, true
				common++
				break
			}
		}
	}
	if common == 0 {
		return 0
	}
	swapped, j := 0, 0
	for i := range len(a) {
		if !usedA[i] {
			continue
		}
		for !usedB[j] {
			j++
		}
		if a[i] != b[j] {
			swapped++
		}
		j++
	}
	m := float64(common)
	jaro := (m/float64(len(a)) + m/float64(len(b)) + (m-float64(swapped)/2)/m) / 3
	prefix := 0
	for prefix < 4 && prefix < len(a) && a[prefix] == b[prefix] {
		prefix++
	}
	return jaro + float64(prefix)*0.1*(1-jaro)
}

// nearness of two parts that have no partner: 1 less the share of letters to
// change. It softens a contradiction (Carney, Cooney), and is 0 across scripts.
func nearness(a, b *names.Token) float64 {
	k, l := a.Keys[0], b.Keys[0]
	if !a.Latin || !b.Latin || len(k) > maxKey || len(l) > maxKey || names.GenderTwins(k, l) {
		return 0
	}
	longest := max(len(k), len(l))
	return 1 - float64(distance(k, l, longest))/float64(longest)
}
