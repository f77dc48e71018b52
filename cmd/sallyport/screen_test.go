package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/match"
)

// screenFiles runs the command on a list and people written to files.
func screenFiles(t *testing.T, list, people string, args ...string) (hits []hit, stderr string, err error) {
	t.Helper()
	dir := t.TempDir()
	out := filepath.Join(dir, "hits.ndjson")
	for name, text := range map[string]string{"sdn_2022-02-25.csv": list, "people.csv": people} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := screenCommand()
	var errs bytes.Buffer
	c.SetErr(&errs)
	c.SetArgs(append([]string{"--list", filepath.Join(dir, "sdn_2022-02-25.csv"), "--in", filepath.Join(dir, "people.csv"), "--out", out}, args...))
	err = c.Execute()
	text, readErr := os.ReadFile(out)
	if (readErr == nil) != (err == nil) {
		t.Errorf("error %v, and reading the output gives %v: hits appear when they are whole, and only then", err, readErr)
	}
	for line := range strings.Lines(string(text)) {
		var h hit
		if err := json.Unmarshal([]byte(line), &h); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		hits = append(hits, h)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".hits*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	return hits, errs.String(), err
}

// The people of this list are made up.
const screenList = `90001,"MOROZOV, Viktor Andreyevich","individual","RUSSIA-EO14024",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 14 Mar 1962; POB Leningrad, Russia; nationality Russia; Gender Male; Passport 530285387 (Russia)."` + "\r\n" +
	`90002,"VEKTOR PLYUS OOO",-0- ,"RUSSIA-EO14024",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ` + "\r\n\x1a"

func TestScreen(t *testing.T) {
	people := "\ufeffdate_of_birth,full_name,nationality,document_number\n" +
		"1990-01-01,Anna Ivanova,RU,\n" +
		"1962-03-14,Виктор Андреевич Морозов,Russia,\n" +
		"1962-02-31,Viktor Morozov,RU,\n" +
		"too,few\n" +
		"1988-07-02,Viktor Petrovich Morozov,RU,\n" +
		",Viktor Morozov,,530285387\n" +
		",Jos\xe9,,\n"
	hits, stderr, err := screenFiles(t, screenList, people)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range hits {
		got = append(got, fmt.Sprintf("%d %s %s %s %v", h.Row, h.List, h.EntityID, h.EntityName, h.Grade))
		if h.Score <= 0 || h.Score >= 1 || len(h.Reasons) == 0 || h.MatchedName == "" {
			t.Errorf("row %d: %+v", h.Row, h)
		}
	}
	want := []string{
		"2 us-sdn 90001 Viktor Andreyevich MOROZOV same",
		"3 us-sdn 90001 Viktor Andreyevich MOROZOV resembles",
		"6 us-sdn 90001 Viktor Andreyevich MOROZOV same",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("hits\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	weights := match.DefaultWeights()
	for _, line := range []string{
		`people.csv: line 4: date_of_birth: "1962-02-31": no such day (the rest of the row is screened)`,
		`people.csv: line 5: 2 columns, the header has 4 (row left out)`,
		`people.csv: line 8: full_name: not UTF-8 (row left out)`,
		`people   5 screened, 2 rows left out, 1 fields not read whole`,
		fmt.Sprintf("hits     3 (2 same, 1 resembling) of 3 people, from a score of %g on", weights.Threshold),
		`list     us-sdn, published 2022-02-25, 2 entries, SHA-256 `,
		`weights  ` + weights.Matching(),
	} {
		if !strings.Contains(stderr, line) {
			t.Errorf("standard error lacks %q:\n%s", line, stderr)
		}
	}
}

// Firms are held against firms, and a person of the same name is none.
func TestScreenFirms(t *testing.T) {
	hits, _, err := screenFiles(t, screenList, "full_name,kind\nVektor Plus LLC,company\nVektor Plus LLC,person\nVektor Plus LLC,\nVektor Plus LLC d/b/a Acme,unknown\n")
	if err != nil {
		t.Fatal(err)
	}
	var rows []int
	for _, h := range hits {
		rows = append(rows, h.Row)
	}
	if !slices.Equal(rows, []int{1, 4}) {
		t.Errorf("hits in rows %v, want 1 and 4", rows)
	}
}

// What cannot be written is told by its own name, and not by that of the file beside it that is renamed in the end.
func TestOutputThatCannotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "hits.ndjson")
	_, err := createOutput(screenCommand(), path)
	if want := "screen: cannot write " + path + ": no such file"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// The output is in the order of rows however many cores there are, and a second
// run gives the same bytes.
func TestScreenIsInOrder(t *testing.T) {
	var people strings.Builder
	people.WriteString("full_name\n")
	for i := range 5000 {
		people.WriteString([]string{"Viktor Morozov\n", "Ivan Petrov\n", "Viktor Andreyevich Morozov\n"}[i%3])
	}
	first, _, err := screenFiles(t, screenList, people.String())
	if err != nil {
		t.Fatal(err)
	}
	if len(first) != 3333 {
		t.Fatalf("%d hits, want 3333", len(first))
	}
	for i := range first[1:] {
		if first[i].Row >= first[i+1].Row {
			t.Fatalf("row %d stands before row %d", first[i].Row, first[i+1].Row)
		}
	}
	second, _, _ := screenFiles(t, screenList, people.String())
	if fmt.Sprint(first) != fmt.Sprint(second) {
		t.Error("two runs differ")
	}
}

func TestScreenRefuses(t *testing.T) {
	const one = "full_name\nIvan Petrov\n"
	for _, c := range []struct {
		why, list, people string
		args              []string
		want              string
	}{
		{"nothing to screen", screenList, "full_name\n", nil, "nothing could be screened"},
		{"nothing that can be", screenList, "full_name,x\n\xff,1\n", nil, "nothing could be screened: 1 rows, 1 left out"},
		{"an empty file", screenList, "", nil, "file is empty"},
		{"no names in it", screenList, "id\n1\n", nil, "no column full_name"},
		{"an empty list", "", one, nil, "file is empty"},
		{"a list that is none", "<html>", one, nil, "not a file of any list"},
		{"two editions of one list", screenList, one, []string{"--list", "sdn_2022-02-25.csv"}, "sdn"},
		{"a threshold that is none", screenList, one, []string{"--threshold", "1.5"}, "--threshold 1.5: want a number above 0 and below 1"},
		{"a day that is none", screenList, one, []string{"--starter", "2022-02-31"}, "--starter"},
	} {
		if _, _, err := screenFiles(t, c.list, c.people, c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.why, err, c.want)
		}
	}
}

// TestScreenServes runs the whole program with --listen, asks it, and ends it.
func TestScreenServes(t *testing.T) {
	list := filepath.Join(t.TempDir(), "sdn_2022-02-25.csv")
	if err := os.WriteFile(list, []byte(screenList), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := serving(t, "screen", "--list", list, "--listen", "127.0.0.1:0")
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Post(cmd.url+"/screen/v1/search", "application/json", strings.NewReader(`{"names":["Nobody Else","Viktor Morozov"],"documents":[{"number":"530285387"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || !strings.Contains(string(b), `"entity_id":"90001"`) || !strings.Contains(string(b), `"grade":"same"`) || !strings.Contains(string(b), `"published":"2022-02-25T00:00:00Z"`) {
		t.Errorf("%s, %v", b, err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("ended with %v: %s", err, cmd.errors)
	}
	// What was asked stands nowhere.
	if told := cmd.errors.String(); strings.Contains(told, "Nobody") || strings.Contains(told, "5302") || !strings.Contains(told, "list     us-sdn, published 2022-02-25, 2 entries") {
		t.Errorf("standard error:\n%s", told)
	}
}

// The starter list says that it is one.
func TestScreenStarter(t *testing.T) {
	c := screenCommand()
	var out, errs bytes.Buffer
	c.SetOut(&out)
	c.SetErr(&errs)
	c.SetIn(strings.NewReader("full_name,date_of_birth,nationality\nПутин Владимир Владимирович,1952-10-07,RU\nVladimir Petrovich Putin,1990-01-01,RU\n"))
	c.SetArgs([]string{"--starter", "2022-03-11", "--in", "-"})
	if err := c.Execute(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(errs.String(), "STARTER LIST") {
		t.Errorf("standard error does not say that this is the starter list:\n%s", errs.String())
	}
	if n := strings.Count(out.String(), "\n"); n != 1 || !strings.HasPrefix(out.String(), `{"row":1,"list":"us-sdn"`) || !strings.Contains(out.String(), `"grade":"same"`) {
		t.Errorf("want one hit, the same person, in row 1:\n%s", out.String())
	}
}
