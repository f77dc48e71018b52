package main

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sallyport/entity"
	"sallyport/match"
)

// comparePairs runs the command on pairs written to a file, and gives what it wrote.
func comparePairs(t *testing.T, pairs string) (scores, stderr string, err error) {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "pairs.csv"), filepath.Join(dir, "scores.csv")
	if err := os.WriteFile(in, []byte(pairs), 0o600); err != nil {
		t.Fatal(err)
	}
	c := compareCommand()
	var errs bytes.Buffer
	c.SetErr(&errs)
	c.SetArgs([]string{"--in", in, "--out", out})
	err = c.Execute()
	text, readErr := os.ReadFile(out)
	if (readErr == nil) != (err == nil) {
		t.Errorf("error %v, and reading the output gives %v: scores appear when they are whole, and only then", err, readErr)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".scores*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	return string(text), errs.String(), err
}

// records reads the output back; each row must be as long as the header.
func records(t *testing.T, scores string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(scores)).ReadAll()
	if err != nil {
		t.Fatalf("%v in\n%s", err, scores)
	}
	return rows
}

// The scores written here follow from weights.yaml: an equal name alone scores
// name_alone, 0.90; a name that has no part in common with another, 0.
func TestCompare(t *testing.T) {
	pairs := "\ufeffid,Name2, schema ,name1,\"the \"\"note\"\"\"\r\n" + // line 1
		"7,Viktor Morozov,Person,Viktor Morozov,\"a, \"\"b\"\"\"\r\n" +
		"7,Viktor Morozov,person,Anna Schulz,\"two\nlines\"\r\n" + // lines 3 and 4
		"3,\"Morozov, Viktor\",PERSON,Виктор Морозов, spaced \r\n" +
		"too,few\r\n" + // line 6
		"\r\n" +
		"9,Vektor Plyus OOO,Company,Vektor Plyus,\xe9\r\n" +
		"9,Jos\xe9,Person,Jose,x\r\n" + // line 9
		"9,Vega,Person, \u200b,x\r\n" + // line 10
		"9,Nevsky 1,Address,Nevsky 1,x\r\n" +
		"9,\"never closed,Person,x,x\r\n" + // line 12
		"2,Severnaya Zvezda,Vessel,Severnaya Zvezda,last\r\n"
	scores, stderr, err := comparePairs(t, pairs)
	if err != nil {
		t.Fatal(err)
	}
	got := records(t, scores)
	want := [][]string{
		{"id", "Name2", " schema ", "name1", `the "note"`, "score", "hit"},
		{"7", "Viktor Morozov", "Person", "Viktor Morozov", `a, "b"`, "0.8748", "true"},
		{"7", "Viktor Morozov", "person", "Anna Schulz", "two\nlines", "0.0000", "false"},
		{"3", "Morozov, Viktor", "PERSON", "Виктор Морозов", " spaced ", "", "true"},
		{"9", "Vektor Plyus OOO", "Company", "Vektor Plyus", "\xe9", "", "true"},
		{"9", "Vega", "Person", " \u200b", "x", "0.0000", "false"},
		{"9", "Nevsky 1", "Address", "Nevsky 1", "x", "0.9266", "true"},
		{"2", "Severnaya Zvezda", "Vessel", "Severnaya Zvezda", "last", "0.9129", "true"},
	}
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d:\n%s", len(got), len(want), scores)
	}
	for i := range want {
		for j := range want[i] {
			if want[i][j] != "" && got[i][j] != want[i][j] {
				t.Errorf("row %d, column %d: %q, want %q", i, j, got[i][j], want[i][j])
			}
		}
	}
	weights := match.DefaultWeights()
	for _, line := range []string{
		`pairs.csv: line 6: 2 columns, the header has 5 (row left out)`,
		`pairs.csv: line 9: name2: not UTF-8 (row left out)`,
		`pairs.csv: line 10: name1: no name in it (the score is 0)`,
		`pairs.csv: line 12: a quotation mark is never closed (row left out)`,
		`pairs    7 compared, 3 rows left out, 1 fields not read whole`,
		`schemas  1 pairs of an unknown one`,
		`hits     5 of 7 pairs, from a score of 0.5 on`,
		`weights  ` + weights.Matching(),
	} {
		if !strings.Contains(stderr, line) {
			t.Errorf("standard error lacks %q:\n%s", line, stderr)
		}
	}
}

// Every pair has a score of its own, below the threshold too; a hit is a score at the
// threshold; which name stands where makes no difference; and a second run gives the
// same bytes.
func TestCompareScoresAllPairs(t *testing.T) {
	people := []string{"Viktor Andreyevich Morozov", "Viktor Morozov", "V. Morozov", "Виктор Морозов", "Viktor Petrovich Morozov",
		"Viktoria Morozova", "Morozov", "Anna Schulz", "محمد علي", "Mohammed Ali", "Viktor Marozau"}
	firms := []string{"Vektor Plyus OOO", "Vektor Plus", "Vektor Trading 7", "Vektor Trading 8", "Anna Schulz GmbH"}
	var pairs strings.Builder
	pairs.WriteString("schema,name1,name2\n")
	for _, set := range []struct {
		schema string
		names  []string
	}{{"Person", people}, {"Company", firms}, {"Vessel", firms}, {"Thing", append(people[:len(people):len(people)], firms...)}} {
		for _, a := range set.names {
			for _, b := range set.names {
				pairs.WriteString(set.schema + "," + a + "," + b + "\n")
			}
		}
	}
	scores, _, err := comparePairs(t, pairs.String())
	if err != nil {
		t.Fatal(err)
	}
	rows := records(t, scores)[1:]
	if len(rows) != 11*11+2*5*5+16*16 {
		t.Fatalf("%d rows", len(rows))
	}
	of := map[[3]string]string{}
	between := 0
	threshold := match.DefaultWeights().Threshold
	for _, r := range rows {
		score, err := strconv.ParseFloat(r[3], 64)
		if err != nil || !(score >= 0 && score <= 1) || len(r[3]) != len("0.0000") {
			t.Errorf("%q: score %q: want 0 to 1 with four decimals", r[:3], r[3])
		}
		if hit := strconv.FormatBool(score >= threshold); r[4] != hit {
			t.Errorf("%q: score %s, hit %s", r[:3], r[3], r[4])
		}
		if score > 0 && score < threshold {
			between++
		}
		of[[3]string(r[:3])] = r[3]
	}
	for k, score := range of {
		if turned := of[[3]string{k[0], k[2], k[1]}]; turned != score {
			t.Errorf("%q: score %s, and %s with the names exchanged", k, score, turned)
		}
	}
	if between == 0 {
		t.Error("no pair has a score between 0 and the threshold")
	}
	if again, _, _ := comparePairs(t, pairs.String()); again != scores {
		t.Error("two runs differ")
	}
}

// Each schema is read as its kind, and all of one kind score alike, in any case.
func TestCompareSchemas(t *testing.T) {
	for schema, want := range map[string]entity.Kind{"Person": entity.Person, "LegalEntity": entity.Organisation,
		"Vessel": entity.Vessel, "Airplane": entity.Aircraft, "Address": entity.UnknownKind} {
		if kind, known := kindOfSchema(schema); kind != want || known != (want != entity.UnknownKind) {
			t.Errorf("%s is read as %v, known %v; want %v", schema, kind, known, want)
		}
	}
	for _, schemas := range [][]string{
		{"Company", "company", "Organization", "ORGANISATION", "LegalEntity", "PublicBody", " company "},
		{"Person", "PERSON"}, {"Vessel", "vessel"}, {"Airplane", "airplane"}, {"Address", "Thing", ""},
	} {
		var pairs strings.Builder
		pairs.WriteString("schema,name1,name2\n")
		for _, s := range schemas {
			pairs.WriteString(s + ",Vektor Plyus OOO,Vektor Plyus Limited\n")
		}
		scores, stderr, err := comparePairs(t, pairs.String())
		if err != nil {
			t.Fatal(err)
		}
		rows := records(t, scores)[1:]
		for _, r := range rows {
			if r[3] != rows[0][3] || r[4] != rows[0][4] {
				t.Errorf("%q scores %s, %q %s", r[0], r[3], rows[0][0], rows[0][3])
			}
		}
		want := "schemas  0 pairs"
		if schemas[0] == "Address" {
			want = "schemas  3 pairs"
		}
		if !strings.Contains(stderr, want) {
			t.Errorf("%q: standard error lacks %q:\n%s", schemas, want, stderr)
		}
	}
}

func TestCompareRefuses(t *testing.T) {
	for _, c := range []struct{ why, pairs, want string }{
		{"an empty file", "", "file is empty"},
		{"no rows", "schema,name1,name2\n", "nothing could be compared"},
		{"no row that can be read", "schema,name1,name2\nPerson,x\n", "nothing could be compared: 1 rows, 1 left out"},
		{"no listed names", "schema,name1\nPerson,x\n", "line 1: header: no column name2: want schema, name1, name2"},
		{"other commas", "schema;name1;name2\n", "columns are parted by commas"},
		{"a column twice", "schema,name1,name2,name1\n", `column "name1" stands there twice`},
		{"scores already", "schema,name1,name2,Score\n", `column "score" is what is to be added`},
		{"UTF-16", "\xff\xfes\x00", "UTF-16"},
	} {
		if _, _, err := comparePairs(t, c.pairs); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.why, err, c.want)
		}
	}
}

// Problems past the first few are counted, not told.
func TestCompareTellsOfManyProblems(t *testing.T) {
	_, stderr, err := comparePairs(t, "schema,name1,name2\nPerson,a,b\n"+strings.Repeat("few\n", screenProblems+5))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(stderr, "(row left out)"); n != screenProblems || !strings.Contains(stderr, "… and 5 more of such") {
		t.Errorf("%d problems told:\n%s", n, stderr)
	}
}
