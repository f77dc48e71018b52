package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sdnRows is an sdn.csv in OFAC's form, with the ids from first to last.
func sdnRows(first, last int) string {
	var b strings.Builder
	for id := first; id <= last; id++ {
		fmt.Fprintf(&b, "%d,\"EXAMPLOV, Ivan %d\",\"individual\",\"CYBER2\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 1970; nationality Russia.\"\r\n", id, id)
	}
	return b.String() + "\x1a"
}

// runLists runs `sallyport lists` with the arguments and gives back what it said.
func runLists(data string, args ...string) (string, error) {
	var out bytes.Buffer
	c := listsCommand()
	c.SetArgs(append(args, "--data", data))
	c.SetOut(&out)
	c.SetErr(&out)
	c.SilenceUsage, c.SilenceErrors = true, true
	err := c.Execute()
	return out.String(), err
}

func TestLists(t *testing.T) {
	data, in := t.TempDir(), t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(in, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	succeed := func(want string, args ...string) string {
		t.Helper()
		out, err := runLists(data, args...)
		if err != nil || !strings.Contains(out, want) {
			t.Fatalf("lists %q: %v\n%swant it to say %q", args, err, out, want)
		}
		return out
	}
	fail := func(want string, args ...string) string {
		t.Helper()
		out, err := runLists(data, args...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Fatalf("lists %q: error %v\n%swant one that says %q", args, err, out, want)
		}
		return err.Error()
	}
	a := write("sdn_2022-02-24.csv", sdnRows(1, 100))
	b := write("sdn_2022-02-25.csv", strings.Replace(sdnRows(2, 103), "Ivan 7\"", "Ivan Seven\"", 1))
	half := write("sdn_2022-02-26.csv", sdnRows(1, 50))

	succeed("sallyport lists pull", "status")
	fail("No edition of us-sdn is in force", "import", write("empty.csv", ""))
	succeed("edition of 2022-02-24, 100 entries", "import", a)
	succeed("in force already", "import", a)
	succeed("3 added, 1 changed, 1 removed", "import", b)

	// What cannot be taken up says so, says what is still in force, and what to do.
	fail("untouched: us-sdn of 2022-02-25", "import", write("empty.csv", ""))
	fail("it is truncated: watchlist/ofac: sdn.csv: line 103", "import", write("sdn_2022-02-27.csv", strings.TrimSuffix(sdnRows(1, 103), ".\"\r\n\x1a")))
	fail("not a file of any list", "import", write("people.csv", "name,born\r\nA,1970\r\n"))
	fail("older than the edition in force", "import", write("sdn_2021-02-24.csv", sdnRows(1, 101)))
	fail("want a day such as", "import", b, "--published", "yesterday")
	// A row that cannot be read is told with its place, the others are read, and a person decides.
	short := write("short_2022-02-26.csv", strings.Replace(sdnRows(2, 104), "103,\"EXAMPLOV, Ivan 103\",", "103,", 1))
	if told := fail("1 entries or rows could not be read and are left out", "import", short); !strings.Contains(told, "sdn.csv: line 102: row: 11 columns, want 12: left out") {
		t.Errorf("a row of eleven columns: %s", told)
	}
	waiting := fail("53 of 102 entries would be delisted", "import", half)
	_, hash, ok := strings.Cut(waiting, "sallyport lists accept ")
	if !ok {
		t.Fatalf("the error does not say how to accept it: %s", waiting)
	}
	hash, folder, _ := strings.Cut(hash, " ")
	if folder != "--data "+data {
		t.Errorf("what is to be typed is not for this folder: %s", waiting)
	}
	succeed("waiting", "status")
	if st := succeed("2022-02-25", "status"); !strings.Contains(st, "OFAC") || !strings.Contains(st, "102") || strings.Contains(st, "STARTER") {
		t.Errorf("status:\n%s", st)
	}
	fail("status --data "+data+" shows which editions wait", "accept", "0123456789abcdef")
	succeed("1 added, 1 changed, 53 removed", "accept", hash, "--by", "a person")
	succeed("a person", "status")

	var status []struct {
		List, Publisher, SHA256 string
		Entities                int
		Age                     int64 `json:"age_hours"`
	}
	if err := json.Unmarshal([]byte(succeed("", "status", "--json")), &status); err != nil || len(status) != 1 || status[0].Entities != 50 || status[0].List != "us-sdn" || len(status[0].SHA256) != 64 || status[0].Age < 24*365 {
		t.Errorf("status --json: %+v, %v", status, err)
	}

	// Editions by date, by hash, by file: the same answer.
	want := "+ 101  Ivan 101 EXAMPLOV  CYBER2"
	byDate := succeed(want, "diff", "2022-02-24", "2022-02-25")
	byFile := succeed(want, "diff", a, b)
	if byDate != byFile {
		t.Errorf("by date:\n%sby file:\n%s", byDate, byFile)
	}
	for _, line := range []string{"~ 7  Ivan Seven EXAMPLOV", `names: -"Ivan 7 EXAMPLOV" +"Ivan Seven EXAMPLOV"`, "- 1  Ivan 1 EXAMPLOV", "3 added, 1 changed, 1 removed"} {
		if !strings.Contains(byDate, line) {
			t.Errorf("diff does not say %q:\n%s", line, byDate)
		}
	}
	var d struct {
		Counts  map[string]int
		Added   []struct{ ID, Name string }
		Removed []struct{ ID string }
	}
	if err := json.Unmarshal([]byte(succeed("", "diff", a, hash, "--json")), &d); err != nil || d.Counts["removed"] != 50 || len(d.Removed) != 50 || d.Removed[0].ID != "51" || d.Added == nil {
		t.Errorf("diff --json: %+v, %v", d, err)
	}
	fail("no edition of us-sdn published on 2020-01-01 or before", "diff", "2020-01-01", "2022-02-25")
	fail("no file, no date and no hash", "diff", "nonsense", "2022-02-25")
	fail("accepts 2 arg(s)", "diff", a)
}

func TestListsPull(t *testing.T) {
	data := t.TempDir()
	body, status := sdnRows(1, 100), http.StatusOK
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		etag := fmt.Sprintf("%q", fmt.Sprint(len(body)))
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", etag)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	defer s.Close()
	pull := func() (string, error) { return runLists(data, "pull", "--tries", "1", "--url", "sdn.csv="+s.URL) }
	if out, err := pull(); err != nil || !strings.Contains(out, "100 entries") {
		t.Fatalf("first: %s, %v", out, err)
	}
	if out, err := pull(); err != nil || !strings.Contains(out, "nothing new") {
		t.Errorf("again: %s, %v", out, err)
	}
	for name, c := range map[string]struct {
		body   string
		status int
		want   string
	}{
		"empty":    {"", 200, "file is empty"},
		"a page":   {"<html>moved</html>", 200, "web page"},
		"an error": {"down", 503, "503"},
		"half":     {sdnRows(1, 100)[:3000], 200, "it is truncated"},
	} {
		body, status = c.body, c.status
		if _, err := pull(); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "untouched") {
			t.Errorf("%s: %v, want %q and the edition in force untouched", name, err, c.want)
		}
	}
	body, status = sdnRows(1, 101), 200
	if out, err := pull(); err != nil || !strings.Contains(out, "1 added, 0 changed, 0 removed") {
		t.Errorf("the next: %s, %v", out, err)
	}
	if left, err := filepath.Glob(filepath.Join(data, ".fetched-*")); err != nil || len(left) != 0 {
		t.Errorf("left behind %v, %v", left, err)
	}
	for _, args := range [][]string{{"pull", "--format", "pdf"}, {"pull", "--url", "x"}, {"pull", "--max-loss", "101"}, {"pull", "--max-loss", "NaN"}, {"pull", "--tries", "0"}} {
		if _, err := runLists(data, args...); err == nil || !strings.Contains(err.Error(), "want") {
			t.Errorf("lists %q: %v, want an error that says what is wanted", args, err)
		}
	}
}
