package names

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// What is written in one field where several names are wanted, by common knowledge of forms and registers.
func TestSeveral(t *testing.T) {
	own, others := func(full ...string) (said []Said) {
		for _, f := range full {
			said = append(said, Said{Full: f})
		}
		return said
	}, func(said []Said, full ...string) []Said {
		for _, f := range full {
			said = append(said, Said{Full: f, Other: true})
		}
		return said
	}
	for _, c := range []struct {
		full string
		want []Said
	}{
		{"Viktor Petrov", nil},
		{"", nil},
		{"Viktor PETROV a.k.a. Viktor Anatolijevitch BOUT", own("Viktor PETROV", "Viktor Anatolijevitch BOUT")},
		{"Viktor Petrov, also known as Viktor Bout", own("Viktor Petrov", "Viktor Bout")},
		{"Viktor Petrov A/K/A Viktor Bout f/k/a V. Bulakin", own("Viktor Petrov", "Viktor Bout", "V. Bulakin")},
		{"Viktor Petrov alias Merchant", own("Viktor Petrov", "Merchant")},
		{"VIKTOR PETROV @ VIKTOR BOUT @ BULAKIN", own("VIKTOR PETROV", "VIKTOR BOUT", "BULAKIN")},
		{"Viktor Petrov (formerly Viktor Bout)", own("Viktor Petrov", "Viktor Bout")},
		{"Petrov, Viktor (aka: Bout, Viktor)", own("Petrov, Viktor", "Bout, Viktor")},
		{"Виктор Петров, он же Виктор Бут", own("Виктор Петров", "Виктор Бут")},
		{"محمد علي المعروف باسم ابو يحيي", own("محمد علي", "ابو يحيي")},
		{"王小明又名李大同", own("王小明", "李大同")},
		{"王小明（又名李大同）", own("王小明", "李大同")},
		{"Viktor (Vitya) Bout", own("Viktor Bout")},
		{"Viktor “The Merchant of Death” Bout", others(own("Viktor Bout"), "The Merchant of Death")},
		{"Viktor Bout (Deceased)", own("Viktor Bout")},
		{"Viktor Bout, deceased", own("Viktor Bout")},

		// Who else has the account: what is known of the first is not known of them.
		{"Maria Lee or Viktor Bout", others(own("Maria Lee"), "Viktor Bout")},
		{"Bout, Viktor & Lee, Maria", others(own("Bout, Viktor"), "Lee, Maria")},
		{"Maria and Viktor Bout", others(own("Maria Bout"), "Viktor Bout")},
		{"Bout, Maria and Viktor", others(own("Bout, Maria"), "Bout, Viktor")},
		{"Бут Мария и Виктор", others(own("Бут Мария"), "Виктор Мария", "Бут Виктор")},
		{"Mr and Mrs Viktor Bout", others(nil, "Mrs Viktor Bout")},
		{"MARIA LEE JTWROS VIKTOR BOUT", others(own("MARIA LEE"), "VIKTOR BOUT")},
		{"Maria Lee/Viktor Bout", others(own("Maria Lee"), "Viktor Bout")},
		{"Maria Lee; Viktor Bout; Ivan Petrov", others(own("Maria Lee"), "Viktor Bout", "Ivan Petrov")},
		{"VIKTOR BOUT JTWROS", own("VIKTOR BOUT")},
		{"Maria Lee and Viktor Petrov alias Viktor Bout", others(own("Maria Lee"), "Viktor Petrov", "Viktor Bout")},

		// Whom they act for.
		{"c/o Viktor Bout", others(nil, "Viktor Bout")},
		{"Estate of Viktor Bout", others(nil, "Viktor Bout")},
		{"Ms Anna Lee, guardian of Viktor Bout", others(own("Ms Anna Lee"), "Viktor Bout")},
		{"Anna Lee as trustee for Viktor Bout", others(own("Anna Lee"), "Viktor Bout")},
		{"The Viktor Bout Revocable Living Trust", others(nil, "Viktor Bout")},
		{"Ivan Petrov (brother of Viktor Bout)", others(own("Ivan Petrov"), "brother of Viktor Bout")},

		// What joins two names may be a part of one.
		{"José Ortega y Gasset", nil},
		{"María y Juan López", others(own("María López"), "Juan López")},
		{"王小明 and 李大同", others(own("王小明"), "李大同")},
		{"A B; C D; E F; G H; I J; K L; M N; O P; Q R; S T", others(own("A B"), "C D", "E F", "G H", "I J", "K L", "M N", "O P")},
		{"Juan Pérez y María López", others(own("Juan Pérez"), "María López")},
		{"Metin And", nil},
		{"Levi Or Reuven", nil},
		{"Alias bin Ahmad", nil},
		{"Ravi S/O Kumar", nil},
		{"Anna Petrova/Ivanova Lee", others(own("Anna Petrova"), "Ivanova Lee")},
	} {
		if got := Several(c.full, false); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %+v, want %+v", c.full, got, c.want)
		}
	}
	for _, c := range []struct {
		full string
		want []Said
	}{
		{"Acme Trading Ltd", nil},
		{"Acme Trading Ltd d/b/a Garantex Europe OU", own("Acme Trading Ltd", "Garantex Europe OU")},
		{"Acme Trading Ltd (trading as Garantex)", own("Acme Trading Ltd", "Garantex")},
		{"Acme Trading (Hong Kong) Limited, formerly known as Garantex", own("Acme Trading (Hong Kong) Limited", "Garantex")},
		{"Johnson & Johnson", nil},
		{"Melli Bank PLC London Branch", []Said{{Full: "Melli Bank PLC", Branch: true}}},
		{"Melli Bank PLC, Hong Kong Branch", []Said{{Full: "Melli Bank PLC", Branch: true}}},
		{"London Branch of Melli Bank PLC", []Said{{Full: "Melli Bank PLC", Branch: true}}},
		{"Банк Россия, филиал", []Said{{Full: "Банк Россия", Branch: true}}},
		{"Bank Sepah (Paris Branch)", []Said{{Full: "Bank Sepah", Branch: true}}},
		{"Olive Branch Trading", nil},
		{"Branch Energy Ltd", nil},
		{"Acme Branch", nil},
		{"Acme (Hong Kong) Limited", nil},
		{"ООО \"Ромашка\"", nil},
		{"Smith and Jones Estate", nil},
		{"Alias Systems Corporation", nil},
		{"Known As Productions", nil},
		{"丹东实业有限公司（又名红祥贸易公司）", own("丹东实业有限公司", "红祥贸易公司")},
	} {
		if got := Several(c.full, true); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %+v, want %+v", c.full, got, c.want)
		}
	}
}

// Whatever a field holds, what is read of it is no more than it holds, and is bounded.
func FuzzSeveral(f *testing.F) {
	for _, s := range []string{"Viktor Petrov alias Viktor Bout", "a and b or c", "((((", "王小明（又名李大同", "x y and \"", "Mr & Mrs A B Trust", ") and (aka", "aka aka aka", "A B and C D; E F (G H [I J]) estate"} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, full string, firm bool) {
		said := Several(full, firm)
		if len(said) > mostSaid {
			t.Fatalf("%d names of %q", len(said), full)
		}
		for _, s := range said {
			if letters(s.Full) < 2 || utf8.RuneCountInString(s.Full) > 2*MaxRunes {
				t.Errorf("%q has the name %q", full, s.Full)
			}
			for _, w := range strings.Fields(strings.Map(func(r rune) rune {
				if strings.ContainsRune(signs+"/", r) {
					return ' '
				}
				return r
			}, s.Full)) {
				if !strings.Contains(full, w) {
					t.Errorf("%q has a name with %q, which is not in it", full, w)
				}
			}
			if firm && s.Other {
				t.Errorf("the firm %q has another's name %q", full, s.Full)
			}
		}
	})
}

// Most fields tell one name, and are not to pay for those that tell several.
func TestOneNameAllocatesNothing(t *testing.T) {
	for _, full := range []string{"Viktor Andreyevich Morozov", "Виктор Андреевич Морозов", "王小明", "Muhammad al-Zawahiri", "Acme Trading Company Limited"} {
		if n := testing.AllocsPerRun(100, func() { Several(full, false); Several(full, true) }); n > 0 {
			t.Errorf("%s: %v allocations", full, n)
		}
	}
}
