package geo

import (
	"strings"
	"testing"

	"sallyport/internal/fuzzing"
)

func TestPhone(t *testing.T) {
	for number, want := range map[string]string{
		"+98 912 345 6789": "IR", "0098-912-345-67-89": "IR", "tel:+98.21.1234.5678": "IR", "+۹۸ ۹۱۲ ۳۴۵ ۶۷۸۹": "IR", "＋９８９１２３４５６７８９": "IR",
		"+963 11 123 4567": "SY", "+53 7 123 4567": "CU", "+850 2 381 2345": "KP",
		"+7 (978) 123-45-67": "UA-43", "+7 3652 12-34-56": "UA-43", "+380 652 123456": "UA-43",
		"+7 8692 12-34-56": "UA-40", "+380 692 123456": "UA-40",
		"+7 949 123-45-67": "UA-DNR", "+380 71 123 4567": "UA-DNR", "+7 959 123-45-67": "UA-LNR", "+380 72 123 4567": "UA-LNR",
		// One oblast on both sides of a line, and plans that nobody has confirmed.
		"+380 62 123 4567": "UA?", "+380 552 123456": "UA?", "+7 856 123-45-67": "UA?", "+7 857 123-45-67": "UA?", "+7 990 123-45-67": "UA?",
		"+7 495 123-45-67": "RU?", "+7 916 123-45-67": "RU?", "+380 67 123 4567": "UA?",
		"+7 701 123 4567": "KZ", "+7 7172 123456": "KZ", "+7 940 123-45-67": "GE", "+995 32 212 3456": "GE", "+374 10 123456": "AM",
		"+1 415 555 0100": "US", "+1 416 555 0100": "CA", "+1 876 555 0100": "JM", "+1 787 555 0100": "PR", "+1 800 555 0100": "",
		"+44 (0)20 7946 0000": "GB", "+44 1534 123456": "JE", "+39 06 698 12345": "VA", "+39 06 123 45678": "IT",
		"+90 392 123 4567": "CY", "+90 212 123 4567": "TR", "+358 18 12345": "AX", "+47 22 12 34 56": "NO",
		"+881 6 12345678": "", "+999 1234567": "",
		"+49 30 1234567 ext. 12": "DE", "+49 30 1234567 доб. 5": "DE",
		"8 978 123-45-67": "error", "89123456789": "error", "+12345": "error", "+1234567890123456": "error", "": "error", "call me": "error", "+ 7 a": "error", "\xff+98912345678": "error",
		strings.Repeat("1", 101): "error",
	} {
		f, err := Phone(number)
		got := f.Code()
		if f.Ambiguous {
			got += "?"
		}
		if err != nil {
			got = "error"
			if len(number) > 5 && strings.Contains(err.Error(), strings.TrimSpace(number)) {
				t.Errorf("the error repeats the number: %v", err)
			}
		}
		if got != want {
			t.Errorf("%q: %q (%q, %v), want %q", number, got, f.Why, err, want)
		}
	}
}

func TestEmail(t *testing.T) {
	for address, want := range map[string]string{
		// Tango Card (E4), daVinci (E10).
		"a@example.ir": "IR", "a@example.sy": "SY", "a@example.cu": "CU", "a@example.kp": "KP", "<A@Mail.Example.IR>": "IR", "a@example.ir.": "IR",
		"a@example.ایران": "IR", "a@example.xn--mgba3a4f16a": "IR", "a@example.рф": "RU?", "a@xn--e1afmkfd.xn--p1ai": "RU?",
		"a@example.ru": "RU?", "a@example.ua": "UA?", "a@example.crimea.ua": "UA-43", "a@x.sebastopol.ua": "UA-40", "a@example.uk": "GB", "a@example.co.uk": "GB", "a@example.de": "DE",
		// Mail for everybody, and suffixes for everybody.
		"a@mail.ru": "", "a@yandex.ru": "", "a@yandex.kz": "", "a@yahoo.co.uk": "", "a@hotmail.fr": "", "a@corp.mail.ru": "RU?",
		"a@example.io": "", "a@example.su": "", "a@example.eu": "", "a@gmail.com": "", "a@example.org": "", "a@example.zz": "",
		"a@ir": "error", "@example.ir": "error", "example.ir": "error", "a@example..ir": "error", "a@exa mple.ir": "error", "": "error", "a@\xff.ir": "error",
		strings.Repeat("a", 250) + "@b.ir": "error",
	} {
		f, err := Email(address)
		got := f.Code()
		if f.Ambiguous {
			got += "?"
		}
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q: %q (%q, %v), want %q", address, got, f.Why, err, want)
		}
	}
}

// Every country has a prefix of its own or shares that of the country it belongs with.
func TestContactsAreComplete(t *testing.T) {
	table, err := contacts()
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, p := range table.prefixes {
		have[p.country] = true
	}
	// By E.164 on another's code: +590, +44, +500, +64, +33, +1, +672, or none at all.
	shared := map[string]bool{"BL": true, "MF": true, "GS": true, "PN": true, "TF": true, "UM": true, "HM": true, "BV": true, "EH": true}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			if _, ok := isoCountry(code); ok && have[code] == shared[code] {
				t.Errorf("%s: has a prefix %v", code, have[code])
			}
		}
	}
	for suffix := range table.sold {
		if _, both := table.suffixes[suffix]; both {
			t.Errorf("suffix %s belongs to a country and to everybody", suffix)
		}
	}
	for _, c := range []struct{ data, want string }{
		{"areas: [{prefix: 7978, area: UA-14, what: x}]", "want an area"},
		{"countries: {RU: [7, 7]}", "twice"},
		{"countries: {ZZ: [7]}", "no country"},
		{"suffixes: {x: Y}", "no country and no area"},
		{"more: 1", "not found"},
	} {
		if _, err := parseContacts([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.data, err, c.want)
		}
	}
}

func FuzzPhone(f *testing.F) {
	f.Add("+7 (978) 123-45-67")
	f.Add("0098 912 345 67 89 ext 5")
	f.Add("tel:+44(0)20")
	fuzzing.Bound(f)
	f.Fuzz(func(t *testing.T, number string) {
		found, err := Phone(number)
		if err != nil {
			if found.Code() != "" {
				t.Fatalf("%v, and yet %+v", err, found)
			}
			return
		}
		checkFound(t, found)
		digits, err := digitsOf(number)
		if err != nil {
			t.Fatal(err)
		}
		// Its digits alone say the same.
		if again, err := Phone("+" + digits); err != nil || again.Code() != found.Code() {
			t.Fatalf("%q: %+v, its digits %+v, %v", number, found, again, err)
		}
	})
}

func FuzzEmail(f *testing.F) {
	f.Add("somebody@example.ir")
	f.Add("<a@x.crimea.ua.>")
	f.Add("a@b@c.рф")
	fuzzing.Bound(f)
	f.Fuzz(func(t *testing.T, address string) {
		found, err := Email(address)
		if err != nil {
			return
		}
		checkFound(t, found)
		// What stands before the sign says nothing.
		if again, err := Email("x" + address[strings.LastIndexByte(address, '@'):]); err != nil || again.Code() != found.Code() {
			t.Fatalf("%q: %+v, for another user %+v, %v", address, found, again, err)
		}
	})
}

func checkFound(t *testing.T, f Found) {
	t.Helper()
	if f.Area != "" && (f.Country != "UA" || f.Ambiguous) || f.Code() != "" && !IsPlace(f.Code()) || len(f.Why) == 0 {
		t.Fatalf("%+v", f)
	}
}
