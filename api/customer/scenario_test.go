package customer

import (
	"encoding/base32"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/mod/sumdb/note"

	"sallyport/api/desk"
	"sallyport/api/internal/sample"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/signin"
	"sallyport/staff"
	"sallyport/verify"
)

// a stage is what one scenario plays on.
type stage struct {
	*door
	dir     string
	post    *postbox
	persons map[string]*browser
	now     *browser
	status  int
	body    string
	secret  []byte // of the authenticator
}

// TestScenarios plays the transcripts in testdata. Their words:
//
//	as NAME [us|iran]          who asks from now on, and from where
//	ask METHOD PATH [FILE]     what they ask; with no file of the archive, nothing
//	letter ADDRESS SUBJECT     the next letter goes to the address; its link is in $TOKEN, "" where it has none
//	status N                   what was answered
//	[!] says TEXT…             what the answer holds, or does not
//	staff METHOD PATH [FILE]   what the desk asks
//	later DURATION             time goes by
//	code                       the code that the authenticator of the last secret shows, in $CODE
//	audit                      the exchange closes, and the auditor replays its log; which holds none of the texts
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	var stages sync.Map // by folder; the scenarios play side by side
	of := func(ts *testscript.TestScript) *stage {
		s, _ := stages.Load(ts.Getenv("WORK"))
		return s.(*stage)
	}
	answered := func(ts *testscript.TestScript, s *stage, w *httptest.ResponseRecorder) {
		s.status, s.body = w.Code, w.Body.String()
		ts.Logf("%d %s", s.status, s.body)
	}
	request := func(ts *testscript.TestScript, args []string) (method, path, body string) {
		if len(args) < 2 || len(args) > 3 {
			ts.Fatalf("want METHOD PATH [FILE]")
		}
		if len(args) == 3 {
			body = os.Expand(ts.ReadFile(args[2]), ts.Getenv)
		}
		return args[0], args[1], body
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			tb := e.T().(testing.TB)
			dir := tb.TempDir()
			e.Setenv("PASSWORD", password)
			d, post := withMail(tb, sample.In(tb, dir))
			stages.Store(e.WorkDir, &stage{door: d, dir: dir, post: post, persons: map[string]*browser{}})
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"as": func(ts *testscript.TestScript, _ bool, args []string) {
				s := of(ts)
				if s.persons[args[0]] == nil {
					s.persons[args[0]] = s.browser()
				}
				s.now = s.persons[args[0]]
				if len(args) == 2 {
					s.now.from = map[string]string{"us": sample.FromUS, "iran": sample.FromIran}[args[1]]
				}
			},
			"ask": func(ts *testscript.TestScript, _ bool, args []string) {
				s := of(ts)
				method, path, body := request(ts, args)
				answered(ts, s, s.now.do(method, path, body))
				if _, after, ok := strings.Cut(s.body, `"secret":"`); ok && strings.HasSuffix(path, "/totp") {
					text, _, _ := strings.Cut(after, `"`)
					b, err := base32.StdEncoding.DecodeString(text)
					ts.Check(err)
					s.secret = b
				}
			},
			"letter": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Setenv("TOKEN", of(ts).post.next(args[0], args[1]))
			},
			"staff": func(ts *testscript.TestScript, _ bool, args []string) {
				s := of(ts)
				method, path, body := request(ts, args)
				r := httptest.NewRequest(method, path, strings.NewReader(body))
				r.Header.Set("Authorization", "Bearer desk")
				w := httptest.NewRecorder()
				desk.New(s.x.Exchange, staff.Shared("desk"), desk.Options{}).ServeHTTP(w, r)
				answered(ts, s, w)
			},
			"status": func(ts *testscript.TestScript, _ bool, args []string) {
				if s := of(ts); strconv.Itoa(s.status) != args[0] {
					ts.Fatalf("status %d, want %s: %s", s.status, args[0], s.body)
				}
			},
			"says": func(ts *testscript.TestScript, neg bool, args []string) {
				for _, words := range args {
					if s := of(ts); strings.Contains(s.body, words) == neg {
						ts.Fatalf("the answer says %q: %v: %s", words, neg, s.body)
					}
				}
			},
			"later": func(ts *testscript.TestScript, _ bool, args []string) {
				d, err := time.ParseDuration(args[0])
				ts.Check(err)
				c := of(ts).clock
				c.Set(c.Now().Add(d))
			},
			"code": func(ts *testscript.TestScript, _ bool, _ []string) {
				ts.Setenv("CODE", signin.TOTP(of(ts).secret, signin.Step(of(ts).clock.Now()), 6))
			},
			"audit": func(ts *testscript.TestScript, _ bool, args []string) {
				s := of(ts)
				ts.Check(s.x.Close())
				ts.Check(audit(s.dir, args))
			},
		},
	})
}

// audit replays a log, and looks for texts in its records.
func audit(dir string, texts []string) error {
	key, err := os.ReadFile(filepath.Join(dir, "keys", "checkpoint.pub"))
	if err != nil {
		return err
	}
	v, err := note.NewVerifier(strings.TrimSpace(string(key)))
	if err != nil {
		return err
	}
	log, err := journal.OpenReadOnly(filepath.Join(dir, "journal"))
	if err != nil {
		return err
	}
	defer log.Close()
	rules, err := law.Default()
	if err != nil {
		return err
	}
	if _, err := verify.Journal(log, verify.Options{Rules: []*law.Set{rules}, Verifiers: note.VerifierList(v)}); err != nil {
		return err
	}
	return log.Read(1, func(r journal.Record) error {
		for _, text := range texts {
			if strings.Contains(strings.ToLower(string(r.Payload)), strings.ToLower(text)) {
				return fmt.Errorf("record %d holds %q", r.Seq, text)
			}
		}
		return nil
	})
}
