package watchman

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestSearch has the answers in the form of Watchman's docs/search.md.
func TestSearch(t *testing.T) {
	answer, status := "", http.StatusOK
	var asked string
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.RequestURI()
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	defer peer.Close()
	s := Attach(peer.URL, 0)
	q := Query{Type: "person", Name: "Ана & Мария", BirthDate: "1962-11-23", Gender: "female", MinMatch: 0.8, Limit: 3}

	answer = `{"query":{"name":"x"},"entities":[{"name":"A","sourceID":"12","match":0.9025},{"name":"B","sourceID":"7","match":0.81}]}`
	got, err := s.Search(t.Context(), q)
	if want := []Hit{{"12", 0.9025}, {"7", 0.81}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("two entities: %v, %v; want %v", got, err, want)
	}
	const want = "/v2/search?birthDate=1962-11-23&gender=female&limit=3&minMatch=0.8&name=%D0%90%D0%BD%D0%B0+%26+%D0%9C%D0%B0%D1%80%D0%B8%D1%8F&type=person"
	if asked != want {
		t.Errorf("asked for\n%s, want\n%s", asked, want)
	}
	if _, err = s.Search(t.Context(), Query{Type: "vessel", Name: "A"}); err != nil || asked != "/v2/search?minMatch=0&name=A&type=vessel" {
		t.Errorf("a name alone: %v, asked for %s", err, asked)
	}
	answer = `{"query":{},"entities":null}`
	if got, err = s.Search(t.Context(), q); err != nil || len(got) != 0 {
		t.Errorf("nothing found: %v, %v", got, err)
	}
	for _, bad := range []string{
		`{"entities":[]}`, `[]`, `{"query":{},"entities":[{"sourceID":"12","match":1.5}]}`,
		`{"query":{},"entities":[{"entity":{"sourceID":"12"},"match":0.9}]}`,
	} {
		answer = bad
		if got, err := s.Search(t.Context(), q); err == nil {
			t.Errorf("%s was read as %v", bad, got)
		}
	}
	answer, status = `{"error":"extra/unused query parameters"}`, http.StatusBadRequest
	if _, err := s.Search(t.Context(), q); err == nil || !strings.Contains(err.Error(), "400") || !strings.Contains(err.Error(), "unused") {
		t.Errorf("status 400 gave %v, want an error that says what was answered", err)
	}
	answer, status = `{"lists":{"us_ofac":8976},"version":"v0.65.2"}`, http.StatusOK
	if i, err := s.Info(t.Context()); err != nil || i.Lists["us_ofac"] != 8976 || i.Version != "v0.65.2" {
		t.Errorf("info: %v, %v", i, err)
	}
}

// A program that ends is told at once, and leaves nothing behind.
func TestStartOfWhatEnds(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("BENCH_TEST_END", "1") // see TestMain
	var log strings.Builder
	_, err = Start(context.Background(), self, nil, &log)
	if err == nil || !strings.Contains(err.Error(), "ended before it answered") {
		t.Errorf("got %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "bench-watchman-*")); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
	if log.String() != "as if read: sdn.csv alt.csv add.csv sdn_comments.csv\n" {
		t.Errorf("the program saw other files, or its log was lost: %q", log.String())
	}
}

// TestMain plays a server that finds its files and ends, for TestStartOfWhatEnds.
func TestMain(m *testing.M) {
	if os.Getenv("BENCH_TEST_END") == "" {
		os.Exit(m.Run())
	}
	found := []string{"as if read:"}
	for _, name := range listFiles {
		if _, err := os.Stat(filepath.Join(os.Getenv("INITIAL_DATA_DIRECTORY"), name)); err == nil {
			found = append(found, name)
		}
	}
	_, _ = io.WriteString(os.Stdout, strings.Join(found, " ")+"\n")
	os.Exit(3)
}
