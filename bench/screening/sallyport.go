package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sallyport/bench/process"
	"sallyport/entity"
	"sallyport/match"
	"sallyport/watchlist"
	"sallyport/watchlist/ofac"
)

// newIndex reads OFAC's files, given by their names in lower case, as the product
// reads them, and makes an index.
func newIndex(files map[string][]byte) (*match.Index, int, error) {
	var list []watchlist.File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		list = append(list, watchlist.File{Name: name, Data: files[name]})
	}
	e, err := ofac.ParseCSV(list, time.Time{})
	if err != nil {
		return nil, 0, err
	}
	return match.NewIndex(e.Entities, match.DefaultWeights()), len(e.Entities), nil
}

// asked makes of a query what Sallyport screens.
func asked(q query) (entity.Entity, error) {
	e := entity.Entity{Kind: entity.Person, Names: []entity.Name{{Full: q.name}}}
	if q.birth != "" {
		day, err := entity.ParseDay(q.birth)
		if err != nil {
			return e, err
		}
		e.Birth = []entity.Dates{entity.Exact(day)}
	}
	switch q.gender {
	case "female":
		e.Gender = entity.Female
	case "male":
		e.Gender = entity.Male
	}
	return e, nil
}

// serve is `screening serve FOLDER`: Sallyport's screening behind HTTP on 127.0.0.1,
// alone in its process, so that it is asked and measured exactly as a peer is. It is
// no part of the product. It says its address in one line and goes on until its input
// ends, which it does with the process that started it.
func serve(folder string, in io.Reader, out io.Writer) error {
	files := map[string][]byte{}
	for _, name := range []string{"sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv"} {
		b, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if err == nil {
			files[name] = b
		}
	}
	index, _, err := newIndex(files)
	if err != nil {
		return err
	}
	clear(files)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler(index), ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	if _, err := fmt.Fprintf(out, "http://%s\n", l.Addr()); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, in) // its end is what is waited for
		_ = server.Close()
	}()
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// handler answers GET /search?name=…&birth=…&gender=… with the findings in JSON.
func handler(index *match.Index) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /search", func(w http.ResponseWriter, r *http.Request) {
		v := r.URL.Query()
		e, err := asked(query{name: v.Get("name"), birth: v.Get("birth"), gender: v.Get("gender")})
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(index.Screen(e, match.Options{})) // an error is a client gone
	})
	return mux
}

// A served is a `screening serve` in a process of its own.
type served struct {
	url    string
	pid    int
	load   time.Duration // from its start to its first answer
	cpu    time.Duration // what it had used by then
	client *http.Client
	cmd    *exec.Cmd
	input  io.Closer
	dir    string
}

func startServed(ctx context.Context, files map[string][]byte) (_ *served, err error) {
	s := &served{client: &http.Client{Timeout: time.Minute}}
	if s.dir, err = os.MkdirTemp("", "bench-sallyport-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(s.dir, name), b, 0o600); err != nil {
			return nil, err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s.cmd = exec.CommandContext(ctx, self, "serve", s.dir)
	s.cmd.Stderr = os.Stderr
	if s.input, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	s.pid = s.cmd.Process.Pid
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("sallyport over HTTP: it ended before it answered: %w", err)
	}
	s.url = strings.TrimSpace(line)
	if _, err := s.ask(ctx, query{name: "Nobody"}); err != nil {
		return nil, err
	}
	s.load = time.Since(start)
	s.cpu, err = process.CPU(s.pid)
	return s, err
}

func (s *served) stop() {
	if s.input != nil {
		_ = s.input.Close() // it ends with its input
	}
	if s.pid != 0 {
		_ = s.cmd.Wait() // a killed one says so; nothing hangs on it
	}
	_ = os.RemoveAll(s.dir) // a folder of temporary files left over harms nobody
}

func (s *served) ask(ctx context.Context, q query) ([]hit, error) {
	v := url.Values{"name": {q.name}}
	if q.birth != "" {
		v.Set("birth", q.birth)
	}
	if q.gender != "" {
		v.Set("gender", q.gender)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/search?"+v.Encode(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("sallyport over HTTP: status %d: %.200s", resp.StatusCode, b)
	}
	var found []struct {
		ID    string  `json:"entity_id"`
		Score float64 `json:"score"`
	}
	if err := json.Unmarshal(b, &found); err != nil {
		return nil, fmt.Errorf("sallyport over HTTP: %w", err)
	}
	hits := make([]hit, len(found))
	for i, f := range found {
		hits[i] = hit{f.ID, f.Score}
	}
	return hits, nil
}

// screenInProcess asks the index with nothing between.
func screenInProcess(index *match.Index) func(context.Context, query) ([]hit, error) {
	return func(_ context.Context, q query) ([]hit, error) {
		e, err := asked(q)
		if err != nil {
			return nil, err
		}
		found := index.Screen(e, match.Options{})
		hits := make([]hit, len(found))
		for i, f := range found {
			hits[i] = hit{f.EntityID, f.Score}
		}
		return hits, nil
	}
}
