package customer

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/api/internal/sample"
	"sallyport/gate"
	"sallyport/identity"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/signin"
	"sallyport/venue/tape"
)

// hashed is an English text as a key of the words: numbers and verbs of fmt stand as #.
func hashed(text string) string {
	return numbers.ReplaceAllString(strings.ReplaceAll(text, "%d", "#"), "#")
}

// TestEveryWordIsInRussian: what the templates say, what pages are given in English, and why a request is
// not carried out; and nothing is in the words that nobody says.
func TestEveryWordIsInRussian(t *testing.T) {
	said := map[string]bool{} // by pages
	err := fs.WalkDir(pageFiles, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := pageFiles.ReadFile(path)
		runsOf(string(b), func(run string) string { said[run] = true; return run })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	must := func(text string) { said[hashed(text)] = true }
	literals := map[string]bool{}
	files, _ := filepath.Glob("*.go")
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") || path == "russian.go" {
			continue
		}
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		text := func(e ast.Expr) (string, bool) {
			if c, ok := e.(*ast.CallExpr); ok {
				if fn, ok := c.Fun.(*ast.SelectorExpr); ok && fn.Sel.Name == "Sprintf" {
					e = c.Args[0]
				}
			}
			l, ok := e.(*ast.BasicLit)
			if !ok || l.Kind != token.STRING {
				return "", false
			}
			s, err := strconv.Unquote(l.Value)
			return s, err == nil && s != ""
		}
		need := func(e ast.Expr) {
			if s, ok := text(e); ok {
				must(s)
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if s, ok := text(n); ok {
					literals[hashed(s)] = true
				}
			case *ast.KeyValueExpr:
				if k, ok := n.Key.(*ast.Ident); ok && path != "wire.go" { // which pages do not show
					switch k.Name {
					case "Heading", "Next", "text":
						need(n.Value)
					case "Text":
						if c, ok := n.Value.(*ast.CompositeLit); ok {
							for _, e := range c.Elts {
								need(e)
							}
						}
					}
				}
			case *ast.CallExpr:
				name := ""
				switch fn := n.Fun.(type) {
				case *ast.Ident:
					name = fn.Name
				case *ast.SelectorExpr:
					name = fn.Sel.Name
				}
				at, ok := map[string]int{"show": 2, "answer": 0, "onItsWay": 0, "pageTicket": 0, "missing": 1}[name]
				if ok && at < len(n.Args) {
					need(n.Args[at])
				}
			}
			return true
		})
	}
	for _, r := range reasons {
		must(r.text)
	}
	// Words of others.
	for _, p := range []string{"\xff\xff", "short", strings.Repeat("abcdefgh", 40), strings.Repeat("ab", 20), "my adaline secret"} {
		must(sentence(signin.CheckPassword(p, "adaline@example.org")))
	}
	for _, v := range []law.Verb{law.Allow, law.Cap, law.Exit, law.Hold, law.Freeze, law.Refuse} {
		must(gate.StandingWord(v))
		if v != law.Refuse {
			must("Your account is open, and " + gate.StandingWord(v))
		}
	}
	for _, s := range []tape.Status{tape.StatusNew, tape.PartiallyFilled, tape.Filled, tape.Canceled, tape.Expired, tape.ExpiredInMatch} {
		must(statusWord(s))
	}
	for _, p := range []ledger.Pocket{ledger.Available, ledger.Frozen, ledger.Apart} {
		must(becameWord(p.String()))
	}
	for _, s := range []tape.OutStatus{tape.Requested, tape.Sending, tape.Sent, tape.OutCanceled, tape.OutStopped} {
		must(becameWord(s.String()))
	}
	for _, s := range []identity.State{identity.Unknown, identity.Waits, identity.Accepted, identity.Refused} {
		must(stateWord(s))
	}
	for _, b := range [][]byte{make([]byte, identity.MaxFile+1), []byte("x")} {
		_, err := identity.Sniff(b)
		must(sentence(errors.New(strings.TrimPrefix(err.Error(), "identity: "))))
	}
	for _, w := range []string{"There are 8 of this customer already.", "1 KiB", "Try again in 1 seconds.", "buy", "sell", "deposit", "withdrawal", "read", "trade", "withdraw"} {
		must(w)
	}

	cyrillic := regexp.MustCompile(`\p{Cyrillic}`)
	for text := range said {
		if r, ok := inRussian[text]; !ok && text != "Ed25519 or RSA, PEM" {
			t.Errorf("there are no Russian words for %q", text)
		} else if ok && !cyrillic.MatchString(r) && !strings.Contains(text, "Ed25519") {
			t.Errorf("%q is %q in Russian", text, r)
		}
	}
	for text, r := range inRussian {
		if !said[text] && !literals[text] {
			t.Errorf("nobody says %q", text)
		}
		if got, want := actions.FindAllString(r, -1), actions.FindAllString(text, -1); fmt.Sprint(got) != fmt.Sprint(want) || strings.Count(r, "#") != strings.Count(text, "#") {
			t.Errorf("%q puts out something else in Russian: %q", text, r)
		}
	}
}

// TestTheLanguageOfThePages: what the browser asks for, unless the visitor has chosen; wherever they
// were; and of the API none but English.
func TestTheLanguageOfThePages(t *testing.T) {
	x := sample.New(t)
	d := open(t, x, withPasskeys)
	b, _ := d.signedUp("ada@example.org")
	var chosen *http.Cookie
	get := func(path, accept string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Language", accept)
		if chosen != nil {
			r.AddCookie(chosen)
		}
		r.AddCookie(b.cookie)
		r.RemoteAddr = b.from
		w := httptest.NewRecorder()
		b.s.ServeHTTP(w, r)
		return w
	}
	for accept, want := range map[string]string{
		"": "en", "ru": "ru", "ru-RU,ru;q=0.9,en;q=0.8": "ru", "de,ru;q=0.5": "ru", "en-GB,ru;q=0.5": "en", "zh": "en", "\xff;;q": "en", strings.Repeat("ru,", 2000): "ru",
	} {
		if w := get("/me", accept); w.Code != 200 || !strings.Contains(w.Body.String(), `<html lang="`+want+`">`) || w.Header().Get("Content-Language") != want {
			t.Errorf("%.40q: %d, want %s", accept, w.Code, want)
		}
	}
	page := get("/me", "ru").Body.String()
	for _, words := range []string{"без ограничений", "Торговать: <b>нет</b>", "Ваша личность не подтверждена", " UTC", "Мои ключи", ">English</button>", `value="/me"`} {
		if !strings.Contains(page, words) {
			t.Errorf("the page does not say %q:\n%s", words, page)
		}
	}
	if ru, en := strings.Index(page, `class="told" lang="ru"`), strings.Index(page, `class="told" lang="en"`); ru < 0 || en < ru {
		t.Error("why is not told in Russian first")
	}
	for _, path := range []string{"/me/keys", "/me/identity", "/me/security", "/me/sign-in", "/me/sign-up", "/me/forgotten", "/me/nothing"} {
		text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(get(path, "ru").Body.String(), "\n")
		for _, w := range regexp.MustCompile(`[A-Za-z]{2,}`).FindAllString(text, -1) {
			switch w {
			case "Sallyport", "English", "UTC", "JPEG", "PNG", "PDF", "RFC", "PEM", "RSA", "Ed", "ada", "example", "org", "Sample", "Inc", "EU", "branch", "US", "passport":
			default:
				t.Errorf("%s says %q in Russian", path, w)
			}
		}
	}
	if w := get("/customer/v1/keys/none", "ru"); strings.ContainsAny(w.Body.String(), "абв") {
		t.Errorf("the API speaks Russian: %s", w.Body)
	}

	choose := func(form string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/me/language", strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.RemoteAddr = b.from
		w := httptest.NewRecorder()
		b.s.ServeHTTP(w, r)
		return w
	}
	for form, want := range map[string]string{
		"language=ru&back=/me/keys": "/me/keys", "language=ru&back=/me/email?token=a": "/me/email?token=a", "language=ru&back=//evil.example/me": "/me", "language=ru&back=https://evil.example/me/": "/me",
		"language=ru&back=/meet": "/me", "language=ru&back=%5C%5Cevil.example": "/me", "language=ru&back=/me/%0d%0aX:y": "/me", "language=ru": "/me",
	} {
		w := choose(form)
		if got := w.Header().Get("Location"); w.Code != 303 || got != want {
			t.Errorf("%s leads to %q, want %q", form, got, want)
		}
		chosen = w.Result().Cookies()[0]
	}
	if !strings.Contains(get("/me", "en").Body.String(), `<html lang="ru">`) {
		t.Error("what was chosen counts less than what the browser asks for")
	}
	if w := choose("language=tlh&back=/me"); w.Code != 303 || len(w.Result().Cookies()) != 0 {
		t.Error("a language that there is not is kept")
	}

	// Why something is not taken, with its numbers.
	chosen = nil
	f := &fault{reason: tooMany, wait: 7 * time.Second}
	if got := f.in(russian); got != "Слишком много попыток. Повторите через 7 с." {
		t.Error(got)
	}
	if got := missing("birth", "Want a day such as 1985-05-17.").in(russian); got != "birth: Нужна дата, например 1985-05-17." {
		t.Error(got)
	}
	if got := (&fault{reason: notTaken, text: "Words of somebody else."}).in(russian); got != "Words of somebody else." {
		t.Error(got)
	}
}
