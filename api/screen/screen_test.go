package screen

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/match"
	"sallyport/watchlist"
)

// editions are two small lists of people who are made up.
func editions() []*watchlist.Edition {
	born := entity.Exact(entity.Day{Year: 1962, Month: 3, Day: 14})
	one := &watchlist.Edition{List: "us-sdn", Publisher: "test", Published: time.Date(2022, 3, 1, 0, 0, 0, 0, time.UTC), SHA256: strings.Repeat("1", 64), Starter: true}
	one.Entities = []entity.Entity{
		{
			List: "us-sdn", ID: "90001", Kind: entity.Person, Gender: entity.Male, Names: []entity.Name{{Full: "Viktor Andreyevich MOROZOV"}},
			Birth: []entity.Dates{born}, Nationalities: []string{"RU"}, Identifiers: []entity.Identifier{{Type: "passport", Number: "530285387", Country: "RU"}},
			Wallets: []entity.Wallet{{Ticker: "XBT", Address: "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"}},
		},
		{List: "us-sdn", ID: "90002", Kind: entity.Organisation, Names: []entity.Name{{Full: "VEKTOR PLYUS OOO"}}, Places: []entity.Place{{Country: "RU"}}},
	}
	two := &watchlist.Edition{List: "eu-fsf", SHA256: strings.Repeat("2", 64)}
	two.Entities = []entity.Entity{{List: "eu-fsf", ID: "7", Kind: entity.Person, Names: []entity.Name{{Full: "Viktor MOROZOV"}}, Birth: []entity.Dates{born}}}
	return []*watchlist.Edition{one, two}
}

func engine(o Options) http.Handler { return New(editions(), match.DefaultWeights(), o) }

func post(h http.Handler, path, kind, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestSearch(t *testing.T) {
	weights := match.DefaultWeights()
	h := engine(Options{})
	for what, c := range map[string]struct {
		body string
		want string // list, entity and grade of each finding
		more bool
	}{
		"whole name, birth and nationality": {`{"names":["Виктор Андреевич Морозов"],"birth_date":"1962-03-14","nationality":"Russia","gender":"male"}`, "us-sdn 90001 same; eu-fsf 7 resembles", false},
		"one only":                          {`{"names":["Виктор Андреевич Морозов"],"birth_date":["1962-03-14"],"nationality":["RU"],"limit":1}`, "us-sdn 90001 same", true},
		"a high threshold":                  {`{"names":["Viktor Morozov"],"birth_date":"1962","threshold":0.999999}`, "", false},
		"parts of a name":                   {`{"names":[{"full":"","given":"Viktor","patronymic":"Andreyevich","family":"Morozov"}],"limit":1,"birth_date":"1962-03-14","gender":"male"}`, "us-sdn 90001 same", true},
		"a document":                        {`{"documents":[{"type":"Passport","number":"53 0285387","country":"Russia"}]}`, "us-sdn 90001 same", false},
		"a wallet":                          {`{"wallets":["1BoatSLRHtKNngkdXEeobR76b53LETtpyT"],"kind":"person"}`, "us-sdn 90001 same", false},
		"a firm":                            {`{"kind":"organisation","names":"Vektor Plus","country":"RU"}`, "us-sdn 90002 resembles", false},
		"nobody":                            {`{"names":["Maria Garcia"]}`, "", false},
	} {
		w := post(h, "/screen/v1/search", "application/json; charset=utf-8", strings.TrimSuffix(c.body, "}")+`,"ref":"r-1"}`)
		var a Answer
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != 200 || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
			continue
		}
		var got []string
		for _, f := range a.Findings {
			got = append(got, fmt.Sprint(f.List, " ", f.EntityID, " ", f.Grade))
			if len(f.Reasons) == 0 || f.Score <= 0 {
				t.Errorf("%s: %+v", what, f)
			}
		}
		if strings.Join(got, "; ") != c.want || a.More != c.more {
			t.Errorf("%s: found %q (more: %v), want %q (%v)", what, got, a.More, c.want, c.more)
		}
		if !strings.Contains(w.Body.String(), `"findings":[`) {
			t.Errorf("%s: no list of findings: %s", what, w.Body)
		}
		if a.Ref != "r-1" || a.Matching != weights.Matching() || a.Threshold == 0 || len(a.Lists) != 2 || a.Lists[1].SHA256 != strings.Repeat("1", 64) || !a.Lists[1].Starter || a.Lists[0].Published != nil {
			t.Errorf("%s: does not say what it rests on: %s", what, w.Body)
		}
	}
}

func TestLists(t *testing.T) {
	w := httptest.NewRecorder()
	engine(Options{}).ServeHTTP(w, httptest.NewRequest("GET", "/screen/v1/lists", nil))
	var l Lists
	if err := json.Unmarshal(w.Body.Bytes(), &l); err != nil || w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if len(l.Lists) != 2 || l.Lists[0].List != "eu-fsf" || l.Lists[1].Entries != 2 || l.Lists[1].Published.Year() != 2022 || l.Matching == "" || l.Threshold <= 0 {
		t.Errorf("%s", w.Body)
	}
}

func TestProblems(t *testing.T) {
	h := engine(Options{})
	long := strings.Repeat("x", MaxText+1)
	for _, c := range []struct {
		body   string
		status int
		field  string
		words  string
	}{
		{``, 400, "", "empty"},
		{`names=x`, 400, "", "no JSON at byte"},
		{`[]`, 400, "", "does not go here"},
		{`{"names":["A B"]}{}`, 400, "", "something follows"},
		{`{"name":"A B"}`, 400, "name", "no such field"},
		{`{"names":[{"fll":"A B"}]}`, 400, "fll", "no such field"},
		{`{"names":5551234}`, 400, "names", "a number does not go here"},
		{`{"limit":"5"}`, 400, "limit", "want a number"},
		{"{\"names\":[\"Jos\xe9\"]}", 400, "", "not UTF-8"},
		{`{"names":["` + strings.Repeat("x", MaxQuery) + `"]}`, 413, "", "longer than 65536 bytes"},
		{`{}`, 422, "names", "at least a name"},
		{`{"names":[" "]}`, 422, "names[0]", "want a name"},
		{`{"names":["` + long + `"]}`, 422, "names[0].full", "at most 500"},
		{`{"names":["A B"],"ref":"` + long + `"}`, 422, "ref", "at most 500"},
		{`{"names":[` + strings.Repeat(`"A",`, MaxNames) + `"A"]}`, 422, "names", "at most 20"},
		{`{"names":["A B"],"birth_date":"1962-02-31"}`, 422, "birth_date[0]", "circa 1962"},
		{`{"names":["A B"],"nationality":["RU","Ruritania"]}`, 422, "nationality[1]", "no country"},
		{`{"names":["A B"],"country":"Ruritania"}`, 422, "country", "no country"},
		{`{"names":["A B"],"gender":"m"}`, 422, "gender", "female or male"},
		{`{"names":["A B"],"kind":"ship"}`, 422, "kind", "vessel"},
		{`{"documents":[{"number":"1234567"},{"type":"passport","number":""}]}`, 422, "documents[1].number", "as it is printed"},
		{`{"documents":[{"number":"1234567","country":"Ruritania"}]}`, 422, "documents[0].country", "no country"},
		{`{"wallets":["hello there"]}`, 422, "wallets[0]", "no blockchain address"},
		{`{"names":["A B"],"wallets":["0x52908400098527886e0f7030069857d2e4169ee7","1BoatSLRHtKNngkdXEeobR76b53LETtpyU"]}`, 422, "wallets[1]", "wrong checksum"},
		{`{"wallets":["mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn"]}`, 422, "wallets[0]", "test network"},
		{`{"names":["A B"],"limit":101}`, 422, "limit", "1 to 100"},
		{`{"names":["A B"],"limit":-1}`, 422, "limit", "1 to 100"},
		{`{"names":["A B"],"threshold":1}`, 422, "threshold", "below 1"},
	} {
		w := post(h, "/screen/v1/search", "application/json", c.body)
		var p problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Errorf("%.60s: %s", c.body, w.Body)
			continue
		}
		if w.Code != c.status || p.Status != c.status || p.Type != "about:blank" || p.Title != http.StatusText(c.status) || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%.60s: status %d, want %d: %s", c.body, w.Code, c.status, w.Body)
		}
		if p.Field != c.field || !strings.Contains(p.Detail, c.words) || strings.Contains(p.Detail, "5551234") {
			t.Errorf("%.60s: field %q, %q; want field %q and %q", c.body, p.Field, p.Detail, c.field, c.words)
		}
	}
	for _, c := range []struct {
		method, path, kind string
		status             int
		words              string
	}{
		{"GET", "/screen/v1/search", "", 405, "Use POST"},
		{"POST", "/screen/v1/lists", "", 405, "Use GET"},
		{"GET", "/", "", 404, "/screen/v1/search"},
		{"POST", "/screen/v1/search", "text/plain", 415, "application/json"},
		{"POST", "/screen/v1/batch", "application/json", 415, "application/x-ndjson"},
	} {
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(`{"names":["A B"]}`))
		r.Header.Set("Content-Type", c.kind)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.words) {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
	}
}

// batchLines splits a batch's answer.
func batchLines(t *testing.T, text string) (about Lists, rows []Line, end End) {
	t.Helper()
	all := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if err := json.Unmarshal([]byte(all[0]), &about); err != nil || about.Matching == "" {
		t.Fatalf("the first line is %s", all[0])
	}
	last := all[len(all)-1]
	if err := json.Unmarshal([]byte(last), &end); err != nil || !strings.HasPrefix(last, `{"end":`) {
		t.Fatalf("the last line is %s", last)
	}
	for _, s := range all[1 : len(all)-1] {
		var l Line
		if err := json.Unmarshal([]byte(s), &l); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		rows = append(rows, l)
	}
	return about, rows, end
}

func TestBatch(t *testing.T) {
	h := engine(Options{})
	w := post(h, "/screen/v1/batch", "application/x-ndjson", strings.Join([]string{
		`{"ref":"a","names":["Viktor Andreyevich Morozov"],"birth_date":"1962-03-14","nationality":"RU","gender":"male"}`,
		``,
		`{"ref":"b","names":["Maria Garcia"]}`,
		`{"ref":"c","names":["A B"],"gender":"x"}`,
		`{"names":["` + strings.Repeat("x", 3*MaxQuery) + `"]}`,
		"rubbish\r",
		`{"ref":"d","documents":[{"number":"530285387"}]}`, // the last line, without an end of line
	}, "\n"))
	about, rows, end := batchLines(t, w.Body.String())
	if w.Code != 200 || len(about.Lists) != 2 || len(rows) != 6 || end.End.Lines != 7 || end.End.Screened != 3 || end.End.Wrong != 3 || end.End.Error != "" {
		t.Fatalf("%d rows, end %+v", len(rows), end)
	}
	for i, want := range []struct {
		line, found int
		ref, field  string
		wrong       bool
	}{{1, 2, "a", "", false}, {3, 0, "b", "", false}, {4, 0, "c", "gender", true}, {5, 0, "", "", true}, {6, 0, "", "", true}, {7, 1, "d", "", false}} {
		r := rows[i]
		if r.Line != want.line || len(r.Findings) != want.found || r.Ref != want.ref || (r.Error != nil) != want.wrong || r.Error != nil && r.Error.Field != want.field || r.Error == nil && r.Findings == nil {
			t.Errorf("row %d: %+v, want %+v", i, r, want)
		}
	}

	// In order, whatever the cores do; more than one chunk.
	var many strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&many, `{"ref":"%d","names":["%s"]}`+"\n", i, []string{"Viktor Morozov", "Ivan Petrov"}[i%2])
	}
	_, rows, end = batchLines(t, post(h, "/screen/v1/batch", "application/x-ndjson", many.String()).Body.String())
	if len(rows) != 1000 || end.End.Screened != 1000 {
		t.Fatalf("%d rows, end %+v", len(rows), end)
	}
	for i, r := range rows {
		if r.Line != i+1 || r.Ref != fmt.Sprint(i) || (len(r.Findings) > 0) != (i%2 == 0) {
			t.Fatalf("row %d: %+v", i, r)
		}
	}
}

// Over a real connection, each line is answered before the next one is sent, and a client
// that breaks off gives the place back.
func TestBatchStreams(t *testing.T) {
	srv := httptest.NewServer(engine(Options{Batches: 1}))
	defer srv.Close()
	open := func(status int) (*io.PipeWriter, *http.Response) {
		t.Helper()
		r, w := io.Pipe()
		req, err := http.NewRequest("POST", srv.URL+"/screen/v1/batch", r)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-ndjson")
		go fmt.Fprintln(w, `{"ref":"first","names":["Viktor Morozov"]}`)
		resp, err := srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != status {
			t.Fatalf("status %d, want %d", resp.StatusCode, status)
		}
		return w, resp
	}
	w, resp := open(200)
	in := bufio.NewScanner(resp.Body)
	read := func(want string) {
		t.Helper()
		if !in.Scan() || !strings.Contains(in.Text(), want) {
			t.Fatalf("read %q (%v), want %s", in.Text(), in.Err(), want)
		}
	}
	read(`"matching"`)
	read(`"ref":"first"`)
	for i := range 3 {
		fmt.Fprintf(w, `{"ref":"%d","names":["Viktor Morozov"]}`+"\n", i)
		read(fmt.Sprintf(`"ref":"%d"`, i))
	}

	other, busy := open(503)
	other.Close()
	if busy.Header.Get("Retry-After") == "" {
		t.Error("told to come again, and not when")
	}
	busy.Body.Close()

	w.Close()
	read(`"screened":4`)
	resp.Body.Close()
	w, resp = open(200)
	w.Close()
	if b, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(b), `"screened":1`) {
		t.Errorf("the place was not given back: %s, %v", b, err)
	}
	resp.Body.Close()
}

// What breaks off is told, and the line that was cut is not screened.
func TestBatchBreaksOff(t *testing.T) {
	r := httptest.NewRequest("POST", "/screen/v1/batch", io.MultiReader(strings.NewReader(`{"names":["Viktor Morozov"]}`+"\n"+`{"names":["Viktor`), broken{}))
	r.Header.Set("Content-Type", "application/x-ndjson")
	w := httptest.NewRecorder()
	engine(Options{}).ServeHTTP(w, r)
	_, rows, end := batchLines(t, w.Body.String())
	if len(rows) != 1 || end.End.Lines != 1 || end.End.Error != "the request broke off" {
		t.Errorf("%d rows, end %+v", len(rows), end)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// FuzzParseQuery gives the reader of queries any bytes: what it takes is within bounds, is
// screened without harm, and reads back from its own form.
func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{
		`{"names":["Viktor Morozov"],"birth_date":"circa 1962","nationality":["RU"],"gender":"male"}`,
		`{"kind":"organisation","names":[{"full":"Vektor","family":"x"}],"country":"RU","documents":[{"type":"tax id","number":"12345","country":"RU"}],"limit":3,"threshold":0.5}`,
		`{"wallets":["1BoatSLRHtKNngkdXEeobR76b53LETtpyT"],"ref":"r"}`, `{}`, `[]`, `{"names":null}`, `{"names":[null]}`,
	} {
		f.Add([]byte(s))
	}
	var all []entity.Entity
	for _, e := range editions() {
		all = append(all, e.Entities...)
	}
	x := match.NewIndex(all, match.DefaultWeights())
	f.Fuzz(func(t *testing.T, b []byte) {
		q, e, err := ParseQuery(b)
		if err != nil {
			if asField(err).Text == "" {
				t.Fatal("an error that says nothing")
			}
			return
		}
		if len(e.Names) > MaxNames || len(e.Identifiers) > MaxDocuments || len(e.Wallets) > MaxWallets || len(e.Names)+len(e.Identifiers)+len(e.Wallets) == 0 {
			t.Fatalf("out of bounds: %+v", e)
		}
		x.Screen(e, match.Options{Threshold: q.Threshold, Limit: q.Limit})
		again, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		_, e2, err := ParseQuery(again)
		if len(again) > MaxQuery {
			return // escapes made it longer
		}
		if err != nil || fmt.Sprint(e) != fmt.Sprint(e2) {
			t.Fatalf("%s\nreads as %+v, %v\nnot as  %+v", again, e2, err, e)
		}
	})
}
