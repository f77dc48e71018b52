package main

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

const testSDN = `1,"DOE ROE, Jane Mary","individual","X",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 14 Mar 1958; POB Nowhere; Gender Female."
2,"ACME","-0- ","X",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- 
3,"AL-TESTI, Ahmad","individual","X",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 1960; alt. DOB 31 Feb 1961."
4,"MONONYM","individual","X",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- 
` + "\x1a"

const testAlt = `1,11,"aka","DOEROE, J. M.",-0- 
2,12,"aka","ACME, Ltd",-0- 
3,13,"fka","TESTI, Ahmed",-0- 
` + "\x1a"

const testSpellings = "latin\tnative\tcount\n" +
	"ahmad\tأحمد\t90\nahmed\tأحمد\t40\nahmat\tأحمد\t2\nal\tال\t9\ntesti\tتستي\t3\njane\tجين\t7\n"

func testPeople(t *testing.T) ([]listed, []*spellings) {
	t.Helper()
	people, err := readListed([]byte(testSDN), []byte(testAlt))
	if err != nil {
		t.Fatal(err)
	}
	table, err := readSpellings(strings.NewReader(testSpellings))
	if err != nil {
		t.Fatal(err)
	}
	return people, []*spellings{table}
}

func TestReadListed(t *testing.T) {
	people, _ := testPeople(t)
	want := []listed{
		{id: "1", family: "DOE ROE", given: "Jane Mary", aliases: []string{"J. M. DOEROE"}, birth: "1958-03-14", gender: "female"},
		{id: "3", family: "AL-TESTI", given: "Ahmad"},
	}
	if !reflect.DeepEqual(people, want) {
		t.Errorf("got  %+v\nwant %+v", people, want)
	}
	if _, err := readListed([]byte("1,2,3\n"), nil); err == nil {
		t.Error("a row of three fields was read as sdn.csv")
	}
}

func TestAlterations(t *testing.T) {
	people, tables := testPeople(t)
	jane, ahmad := &people[0], &people[1]
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		group string
		of    *listed
		want  string // "" for none
	}{
		{asListed, jane, "Jane Mary DOE ROE"},
		{asAlias, jane, "J. M. DOEROE"},
		{asAlias, ahmad, ""},
		{noMiddle, jane, "Jane DOE ROE"},
		{noMiddle, ahmad, ""},
		{familyLast, jane, "DOE ROE Jane Mary"},
		{otherLatin, ahmad, "Ahmed AL-TESTI"}, // ahmat was met too rarely
		{otherLatin, jane, ""},
		{native, ahmad, "أحمد ال-تستي"},
		{native, jane, ""}, // the table has Jane alone
		{native, &listed{given: "Jane Unknown", family: "TESTI"}, "جين تستي"},
	} {
		for range 20 { // so that a spelling met too rarely would be drawn at some time
			got, ok := alter(c.group, c.of, tables, r)
			if ok != (c.want != "") || ok && got != c.want {
				t.Errorf("%s of %s: %q, %v; want %q", c.group, c.of.name(), got, ok, c.want)
				break
			}
		}
	}
}

// Mistakes are as many as they are called, and of all four kinds.
func TestMistakes(t *testing.T) {
	people, _ := testPeople(t)
	r := rand.New(rand.NewPCG(1, 2))
	lengths, swapped := map[int]int{}, 0
	for range 2000 {
		for group, want := range map[string]int{oneLetter: 1, twoLetters: 2} {
			name := people[1].name()
			got, ok := alter(group, &people[1], nil, r)
			if !ok {
				continue
			}
			if d := distance(name, got); d != want {
				t.Fatalf("%s: %q has %d mistakes", group, got, d)
			}
			if want == 1 {
				lengths[len(got)-len(name)]++
				if got == "Hamad AL-TESTI" || got == "hAmad AL-TESTI" {
					swapped++
				}
			}
		}
	}
	if lengths[-1] == 0 || lengths[0] == 0 || lengths[1] == 0 || swapped == 0 {
		t.Errorf("lengths %v, %d times Ahmad became hAmad: a kind of mistake is missing", lengths, swapped)
	}
	if _, ok := mistype("Li Wu Yan", r); ok {
		t.Error("a mistake was made in a word of three letters")
	}
}

// The distances are Damerau's own definition, by hand.
func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "ab", 2}, {"Abc", "abC", 0}, {"abcd", "abdc", 1}, {"abcd", "acbd", 1}, {"abcd", "abd", 1}, {"ca", "abc", 3}, {"Иван", "Ивен", 1}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%q, %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestSameWorkload(t *testing.T) {
	people, tables := testPeople(t)
	one, two := askForListed(people, tables, 2, 7), askForListed(people, tables, 2, 7)
	if !reflect.DeepEqual(one, two) {
		t.Errorf("the same seed made\n%v\nand\n%v", one, two)
	}
	seen := map[string]int{}
	for _, q := range one {
		seen[q.group]++
	}
	want := map[string]int{asListed: 2, asAlias: 1, oneLetter: 2, twoLetters: 2, noMiddle: 1, familyLast: 2, otherLatin: 1, native: 1}
	if seen[oneLetter] < 1 || seen[twoLetters] < 1 { // a mistake may have changed nothing, and that person is passed over
		t.Errorf("no mistakes in %v", one)
	}
	want[oneLetter], want[twoLetters] = seen[oneLetter], seen[twoLetters]
	if !reflect.DeepEqual(seen, want) {
		t.Errorf("groups %v, want %v", seen, want)
	}
	all := []query{{name: "Ana Pérez"}, {name: "Иван Petrov"}, {name: "李四"}}
	for _, q := range pickOrdinary(all, 9, 1) {
		if latin := q.name == "Ana Pérez"; (q.group == ordinaryLatin) != latin {
			t.Errorf("%s is in the group %q", q.name, q.group)
		}
	}
	if a, b := pickOrdinary(all, 2, 3), pickOrdinary(all, 2, 3); len(a) != 2 || !reflect.DeepEqual(a, b) {
		t.Errorf("the same seed picked %v and %v", a, b)
	}
}

func TestMixNames(t *testing.T) {
	people, _ := testPeople(t)
	people = append(people, listed{id: "9", given: "Li", family: "SHORT"}, listed{id: "10", given: "Ahmad Jane", family: "DOE ROE", gender: "male"})
	got := map[string]string{}
	for _, q := range mixNames(people, 100, 1) {
		if q.group != mixed || q.target != "" || q.birth < "1945-01-01" || q.birth > "2004-12-31" {
			t.Errorf("%+v", q)
		}
		got[q.name] = q.gender
	}
	// Ahmad DOE ROE is listed by its words, Ahmad AL-TESTI as it stands, Li is too short.
	delete(got, "Ahmad SHORT") // either Ahmad may have given the name, and the gender
	if want := map[string]string{"Jane AL-TESTI": "female", "Jane SHORT": "female"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if a, b := mixNames(people, 2, 5), mixNames(people, 2, 5); len(a) != 2 || !reflect.DeepEqual(a, b) {
		t.Errorf("the same seed made %v and %v", a, b)
	}
}

func TestReadSpellingsRefuses(t *testing.T) {
	for _, bad := range []string{"", "a\tb\n", "latin\tnative\tcount\na\tb\n", "latin\tnative\tcount\na\tb\tmany\n"} {
		if s, err := readSpellings(strings.NewReader(bad)); err == nil {
			t.Errorf("%q was read as %v", bad, s)
		}
	}
}
