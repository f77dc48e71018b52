// Package watchman speaks to a Watchman server (github.com/moov-io/watchman, Apache-2.0),
// a screening service written by others, so that it can be measured beside Sallyport.
//
// It speaks GET /v2/search, GET /v2/listinfo and GET /ping as Watchman's own
// documentation has them (docs/search.md and docs/config.md of its release of
// August 2026). It holds none of Watchman's code and does not build it: the caller
// names a program that is there, or the address of a server that runs.
//
// TestSearch proves the client against answers written by hand; the program itself is
// met only by the commands of this module.
package watchman

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"sallyport/bench/process"
)

// maxAnswer bounds the answer to one search: 100 entities with all their addresses.
const maxAnswer = 16 << 20

// MaxLimit is the largest number of entities that Watchman returns for one search,
// whatever is asked for.
const MaxLimit = 100

// A Server is a Watchman that answers.
type Server struct {
	URL  string        // "http://127.0.0.1:18084"
	PID  int           // 0 where the server was not started here and no number was given
	Load time.Duration // from its start to its first answer; 0 where it was not started here
	CPU  time.Duration // what it had used by then

	client *http.Client
	cmd    *exec.Cmd
	ended  chan struct{} // closed when the program that Start started has ended
	dir    string
}

// Attach takes a server that runs already. pid may be 0; its CPU time and memory are
// then not known.
func Attach(address string, pid int) *Server {
	return &Server{URL: address, PID: pid, client: newClient()}
}

// The default client keeps two connections to a host; no more than one is used here.
func newClient() *http.Client { return &http.Client{Timeout: time.Minute} }

// listFiles are those that Watchman's us_ofac is made of. It would download each that
// it does not find.
var listFiles = []string{"sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv"}

// Start runs the program on a port of 127.0.0.1 over OFAC's files, given by their
// names in lower case, and waits until it answers. A file not given is an empty one.
// It downloads nothing: every file is there, the address for downloads is a closed
// port of this machine, and the next refresh is a year away. All other settings are
// the program's own. Its log goes to log. [Server.Stop] ends it.
func Start(ctx context.Context, program string, files map[string][]byte, log io.Writer) (_ *Server, err error) {
	if program, err = filepath.Abs(program); err != nil {
		return nil, fmt.Errorf("watchman: %w", err)
	}
	s := &Server{client: newClient()}
	if s.dir, err = os.MkdirTemp("", "bench-watchman-"); err != nil {
		return nil, fmt.Errorf("watchman: %w", err)
	}
	defer func() {
		if err != nil {
			s.Stop()
		}
	}()
	for _, name := range listFiles {
		if err := os.WriteFile(filepath.Join(s.dir, name), files[name], 0o600); err != nil {
			return nil, fmt.Errorf("watchman: %w", err)
		}
	}
	ports, err := freePorts(2)
	if err != nil {
		return nil, fmt.Errorf("watchman: %w", err)
	}
	address, admin := fmt.Sprintf("127.0.0.1:%d", ports[0]), fmt.Sprintf("127.0.0.1:%d", ports[1])
	s.URL = "http://" + address
	config := filepath.Join(s.dir, "config.yml")
	text := fmt.Sprintf("Watchman:\n  Servers:\n    BindAddress: %q\n    AdminAddress: %q\n", address, admin)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("watchman: %w", err)
	}
	s.cmd = exec.CommandContext(ctx, program)
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = s.dir, log, log
	s.cmd.Env = append(os.Environ(),
		"APP_CONFIG="+config,
		"INITIAL_DATA_DIRECTORY="+s.dir,
		"INCLUDED_LISTS=us_ofac",
		"DATA_REFRESH_INTERVAL=8760h",
		"OFAC_DOWNLOAD_TEMPLATE=http://127.0.0.1:1/%s",
	)
	start := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("watchman: %w", err)
	}
	s.PID, s.ended = s.cmd.Process.Pid, make(chan struct{})
	go func() {
		_ = s.cmd.Wait() // how it ended stands in its log
		close(s.ended)
	}()
	for s.ping(ctx) != nil {
		select {
		case <-s.ended:
			return nil, fmt.Errorf("watchman: %s ended before it answered: read its log", program)
		case <-time.After(5 * time.Millisecond):
		}
		if time.Since(start) > 2*time.Minute {
			return nil, fmt.Errorf("watchman: %s: no answer at %s/ping after two minutes: read its log", program, s.URL)
		}
	}
	s.Load = time.Since(start)
	if s.CPU, err = process.CPU(s.PID); err != nil {
		return nil, err
	}
	return s, nil
}

// freePorts finds ports of 127.0.0.1 that nobody listens on at the moment.
func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // all are held until the last is found, so that they differ
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// Stop ends a server that Start started and removes its files. One that was attached
// goes on.
func (s *Server) Stop() {
	if s.ended != nil {
		_ = s.cmd.Process.Kill() // it keeps nothing on disk; an error says that it ended before
		<-s.ended
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir) // a folder of temporary files left over harms nobody
	}
}

func (s *Server) ping(ctx context.Context) error {
	_, err := s.get(ctx, "/ping", nil)
	return err
}

func (s *Server) get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	address := s.URL + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("watchman: %w", err)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("watchman: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("watchman: %s: %w", path, err)
	case len(body) > maxAnswer:
		return nil, fmt.Errorf("watchman: %s: answer of more than %d bytes", path, maxAnswer)
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("watchman: %s: status %d: %.200s", path, resp.StatusCode, body)
	}
	return body, nil
}

// Info says what the server holds.
type Info struct {
	Version string         // "" of a program built from sources without one
	Lists   map[string]int // "us_ofac" → number of entities
}

// Info asks the server for its lists.
func (s *Server) Info(ctx context.Context) (Info, error) {
	body, err := s.get(ctx, "/v2/listinfo", nil)
	if err != nil {
		return Info{}, err
	}
	var info Info
	if err := json.Unmarshal(body, &info); err != nil {
		return Info{}, fmt.Errorf("watchman: /v2/listinfo: %w", err)
	}
	return info, nil
}

// A Query is one search.
type Query struct {
	Type      string // "person", "business", "vessel"
	Name      string
	BirthDate string  // "1962-11-23"; "" when not known
	Gender    string  // "male", "female"; "" when not known
	MinMatch  float64 // 0 to 1
	Limit     int     // up to MaxLimit; 0 for the server's own, which is 10
}

// A Hit is an entity that the server found, with its score from 0 to 1.
type Hit struct {
	ID    string  `json:"sourceID"`
	Score float64 `json:"match"`
}

// Search returns what the server finds, best first.
func (s *Server) Search(ctx context.Context, q Query) ([]Hit, error) {
	v := url.Values{"type": {q.Type}, "name": {q.Name}, "minMatch": {strconv.FormatFloat(q.MinMatch, 'f', -1, 64)}}
	if q.BirthDate != "" {
		v.Set("birthDate", q.BirthDate)
	}
	if q.Gender != "" {
		v.Set("gender", q.Gender)
	}
	if q.Limit > 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	body, err := s.get(ctx, "/v2/search", v)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Query    json.RawMessage `json:"query"`
		Entities []Hit           `json:"entities"` // null when nothing was found
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("watchman: /v2/search: %w", err)
	}
	if answer.Query == nil {
		return nil, errors.New("watchman: /v2/search: answer does not repeat the query: is this a Watchman of version 0.50 or later?")
	}
	for _, h := range answer.Entities {
		if h.ID == "" || h.Score < 0 || h.Score > 1 {
			return nil, fmt.Errorf("watchman: /v2/search: entity %q with match %v: want an id and a number from 0 to 1", h.ID, h.Score)
		}
	}
	return answer.Entities, nil
}
