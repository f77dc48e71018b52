package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test program be `screening serve FOLDER`, as startServed calls it.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "serve" {
		if err := serve(os.Args[2], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func write(t *testing.T, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A list of two people, three ordinary ones, and a peer that knows one of the two by her
// family name: the table must say so. Sallyport's figures are told only where no change
// of its scores can move them.
func TestRun(t *testing.T) {
	folder := t.TempDir()
	sdn := write(t, folder, "sdn.csv", testSDN)
	alt := write(t, folder, "alt.csv", testAlt)
	people := write(t, folder, "people.csv", "full_name,date_of_birth,gender\nOlive Brown,1970-01-02,female\nKurt Weill,,\nНикто Никакой,1980,male\n")
	pairs := write(t, folder, "pairs.tsv", testSpellings)
	var asked []string
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := r.URL.Query()
		entities := []map[string]any{}
		switch {
		case r.URL.Path == "/v2/listinfo":
			_ = json.NewEncoder(w).Encode(map[string]any{"lists": map[string]int{"us_ofac": 4}, "version": "made by hand"})
			return
		case strings.Contains(v.Get("name"), "DOE"):
			entities = append(entities, map[string]any{"sourceID": "1", "match": 0.8})
		}
		asked = append(asked, r.URL.RawQuery)
		_ = json.NewEncoder(w).Encode(map[string]any{"query": v, "entities": entities})
	}))
	defer peer.Close()

	var out, errs strings.Builder
	err := run(t.Context(), []string{"--sdn", sdn, "--alt", alt, "--people", people, "--spellings", pairs, "--watchman-url", peer.URL,
		"--ordinary", "3", "--mixed", "1", "--listed", "2", "--rounds", "1"}, nil, &out, &errs)
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	text := out.String()
	rows := map[string][]string{}
	for line := range strings.Lines(text) {
		for _, group := range []string{asListed, asAlias, ordinaryLatin, ordinaryOther} {
			if rest, ok := strings.CutPrefix(strings.TrimSpace(line), group); ok {
				rows[group] = strings.Fields(rest)[:6] // n, ours %, theirs at equal alarms %, from 0.70 %
			}
		}
	}
	for group, want := range map[string]string{
		asListed:      "2 100.0 % 50.0 % 50.0",
		asAlias:       "1 100.0 % 100.0 % 100.0",
		ordinaryLatin: "2 0.0 % 0.0 % 0.0",
		ordinaryOther: "1 0.0 % 0.0 % 0.0",
	} {
		if got := strings.Join(rows[group], " "); got != want {
			t.Errorf("%s: %s, want %s", group, got, want)
		}
	}
	if strings.Contains(text, "NOT as before") || strings.Count(text, "as many queries with a hit") != 3 {
		t.Error("the engines did not answer twice alike")
	}
	if !strings.Contains(text, `4 entries in Sallyport, 4 in Watchman's us_ofac (version "made by hand")`) {
		t.Error("the sizes are not told")
	}
	if t.Failed() {
		t.Log(text)
	}
	full := strings.Join(asked, "\n")
	if !strings.Contains(full, "birthDate=1958-03-14&gender=female&minMatch=0&name=Jane+Mary+DOE+ROE&type=person") {
		t.Errorf("the peer was not asked with all facts:\n%s", full)
	}
}

func TestFlagsRefused(t *testing.T) {
	for _, args := range []string{"", "--sdn a", "--sdn a --people b --facts all", "--sdn a --people b --rounds 0",
		"--sdn a --people b --watchman c --watchman-url d", "--sdn a --people b c", "--sdn /none --people /none"} {
		var out, errs strings.Builder
		if err := run(t.Context(), strings.Fields(args), nil, &out, &errs); err == nil {
			t.Errorf("%q ran:\n%s", args, out.String())
		}
	}
}

// A listed person counts as found by the own entry alone, one on no list by any.
func TestRates(t *testing.T) {
	queries := []query{{group: asListed, target: "1"}, {group: asListed, target: "2"}, {group: ordinaryLatin}, {group: ordinaryLatin}}
	given := []answer{{best: 0.9, target: 0.9}, {best: 0.9}, {best: 0.8}, {best: 0}}
	var out strings.Builder
	writeRates(&out, queries, []column{{"a", given, 0}, {"b", given, 0.85}})
	got := map[string]string{}
	for line := range strings.Lines(out.String()) {
		for _, group := range []string{asListed, ordinaryLatin, mixed} {
			if rest, ok := strings.CutPrefix(strings.TrimSpace(line), group); ok {
				got[group] = strings.Join(strings.Fields(rest), " ")
			}
		}
	}
	for group, want := range map[string]string{asListed: "2 50.0 % 50.0 %", ordinaryLatin: "2 50.0 % 0.0 %", mixed: "0 - -"} {
		if got[group] != want {
			t.Errorf("%s: %s, want %s", group, got[group], want)
		}
	}
}

// All facts of a query get into what Sallyport is asked.
func TestAsked(t *testing.T) {
	e, err := asked(query{name: "Jane Roe", birth: "1958-03-14", gender: "female"})
	if err != nil || e.PrimaryName() != "Jane Roe" || len(e.Birth) != 1 || e.Birth[0].String() != "1958-03-14" || e.Gender.String() != "female" {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err := asked(query{name: "X", birth: "14 March"}); err == nil {
		t.Errorf("a day of no known form was read as %+v", e)
	}
}
