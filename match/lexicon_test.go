package match

import (
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sallyport/entity"
	"sallyport/names"
)

// plainCost is cost as it is defined, with nothing spared.
func plainCost(a, b string) int {
	at := make([][]int, len(a)+1)
	for i := range at {
		at[i] = make([]int, len(b)+1)
		for j := range at[i] {
			switch {
			case i == 0 && j == 0:
				continue
			case i == 0:
				at[i][j] = at[i][j-1] + int(loose[b[j-1]])
				continue
			case j == 0:
				at[i][j] = at[i-1][j] + int(loose[a[i-1]])
				continue
			}
			x, y := a[i-1], b[j-1]
			replaced := 0
			switch {
			case x == y:
			case vowel(x) && vowel(y), soundOf(x) != 0 && soundOf(x) == soundOf(y):
				replaced = similar
			default:
				replaced = whole
			}
			at[i][j] = min(at[i-1][j-1]+replaced, at[i-1][j]+int(loose[x]), at[i][j-1]+int(loose[y]))
			if i > 1 && j > 1 && x == b[j-2] && a[i-2] == y && x != y {
				at[i][j] = min(at[i][j], at[i-2][j-2]+swap)
			}
		}
	}
	return at[len(a)][len(b)]
}

func TestCostIsThePlainOne(t *testing.T) {
	if loose['h'] != weak || loose['a'] != similar || loose['k'] != whole || loose['S'] != whole {
		t.Fatalf("a letter more costs %d, %d, %d, %d", loose['h'], loose['a'], loose['k'], loose['S'])
	}
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.StringMatching(`[aehpbtdS]{0,9}`).Draw(t, "a")
		b := rapid.StringMatching(`[aehpbtdS]{0,9}`).Draw(t, "b")
		if got, want := cost(a, b), plainCost(a, b); got != want || cost(b, a) != want {
			t.Fatalf("%s to %s costs %d, back %d; want %d", a, b, got, cost(b, a), want)
		}
	})
}

// What a lexicon finds for a part is all that agrees with it, by exactly as much.
func TestLexiconFindsAllThatAgrees(t *testing.T) {
	listed := append(newMaker(3).entities(1500), wide(500)...)
	for i, n := range acrossScripts {
		listed = append(listed, entity.Entity{Kind: entity.Kind(1 + i%2), Names: []entity.Name{{Full: n}}})
	}
	w := DefaultWeights()
	var x lexicon
	x.begin(personsAnswers)
	var all []part
	for i := range listed {
		p := w.party(&listed[i])
		for _, of := range [...][]name{p.persons, p.firms} {
			for j := range of {
				for k := range of[j].parts {
					q := &of[j].parts[k]
					if w := x.share(q); q.heavy && int(w) == len(all) {
						all = append(all, *q)
					} else if int(w) == len(all) {
						all = append(all, part{})
					}
				}
			}
		}
	}
	x.finish()
	m := newMaker(4)
	var s lexicalScratch
	s.fit(&x)
	found, byWay := 0, 0
	for range 400 {
		q := m.query(listed)
		if m.IntN(5) == 0 {
			q = entity.Entity{Kind: entity.Kind(1 + m.IntN(2)), Names: []entity.Name{{Full: acrossScripts[m.IntN(len(acrossScripts))]}}}
		}
		p := w.party(&q)
		for _, of := range [...][]name{p.persons, p.firms} {
			for j := range of {
				for k := range of[j].parts {
					q := &of[j].parts[k]
					if !q.heavy {
						continue
					}
					x.answers = kindOf(q.firm) // this lexicon has both
					got := make(map[int32]float64)
					for _, l := range x.alike(&w, q, &s).similar {
						got[l.word] = l.agreed
					}
					for word := range all {
						if all[word].heavy == false || all[word].firm != q.firm {
							continue
						}
						want := w.agreement(q, &all[word])
						if want != got[int32(word)] {
							t.Fatalf("%+v with %+v: got %v, want %v", q.Token, all[word].Token, got[int32(word)], want)
						}
						if want > 0 {
							found++
							if q.Text != all[word].Text {
								byWay++
							}
						}
					}
				}
			}
		}
	}
	if found < 1000 || byWay < 300 {
		t.Errorf("%d words agree, %d of them otherwise than by their text: the test proves little", found, byWay)
	}
}

// The same text agrees whatever it sounds like, and whatever keys stand beside it.
func TestLexiconFindsTheSameTextInTwoScripts(t *testing.T) {
	w := DefaultWeights()
	listed := w.part(names.Token{Text: "mahmoudou", Keys: []string{"mahmoudou"}, Latin: true}, false)
	asked := w.part(names.Token{Text: "mahmoudou", Native: "محمد", Keys: []string{"muhamad"}}, false)
	other := w.part(names.Token{Text: "muhamad", Native: "محمد", Keys: []string{"muhamad"}}, false)
	var x lexicon
	x.begin(personsAnswers)
	x.share(&listed)
	x.finish()
	var s lexicalScratch
	s.fit(&x)
	for _, p := range []*part{&asked, &other} {
		got, want := x.alike(&w, p, &s).of(0), w.agreement(p, &listed)
		if got != want || (got > 0) != (p == &asked) {
			t.Errorf("%s: got %v, want %v", p.Text, got, want)
		}
	}
}

var acrossScripts = strings.Split("Виктор Морозов,محمد أحمد,Mohammed Ahmad,Viktor Morosow,王小明,Wang Xiaoming,김철수,Kim Cheolsu,דוד לוי,David Levi,山田太郎,Yamada Taro,タナカ,Tanaka,Газпром Нефть,Gazprom Neft", ",")

// However long a list is, what is filed is found and nothing of another key.
func TestMultimap(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 1000} {
		want := make(map[uint32][]int32)
		var entries []entry
		for i := range n {
			h := mixed(uint64(r.IntN(n/3 + 1)))
			want[h] = append(want[h], int32(i))
			entries = append(entries, entry{h, int32(i)})
		}
		m := multimapOf(entries)
		for h := range want {
			var got []int32
			m.each(h, func(v int32) { got = append(got, v) })
			if len(got) != len(want[h]) {
				t.Fatalf("%d entries: %x has %v, want %v", n, h, got, want[h])
			}
			for i := range got {
				if got[i] != want[h][i] {
					t.Fatalf("%d entries: %x has %v, want %v", n, h, got, want[h])
				}
			}
		}
		m.each(mixed(1<<40), func(v int32) { t.Errorf("%d is found under another key", v) })
	}
}
