// Package lint holds the rules of this house that a compiler does not, as tests whose
// failure names the remedy.
package lint

import (
	"bytes"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

const root = "../.."

// layers are the folders from the top down. A package imports from lower lines only; within a
// line no one imports another, but for what `beside` names.
var layers = [][]string{
	{"cmd"},
	{"internal/story"},
	{"console", "api"},
	{"exchange"},
	{"verify"},
	{"venue"},
	{"simulate"},
	{"gate"},
	{"match", "law", "internal/population"},
	{"watchlist", "geo", "calendar", "identity"},
	{"entity", "ledger", "book", "names", "chain", "ownership"},
	{"money", "journal", "vault", "signin", "mail", "staff"},
	{"internal/keyfile"},
	{"internal/store", "internal/fuzzing", "internal/memo"},
}

// beside are imports within a line, or upwards, that have their reason.
var beside = map[[2]string]string{
	{"verify", "venue/tape"}: "the auditor reads the venue's stored forms, never its code",
	{"venue/tape", "law"}:    "a standing carries a legal verb",
}

func layerOf(pkg string) (int, string) {
	for i, line := range layers {
		for _, folder := range line {
			if pkg == folder || strings.HasPrefix(pkg, folder+"/") {
				return i, folder
			}
		}
	}
	return -1, ""
}

// sources calls fn for each Go file of the module with its package's folder.
func sources(t *testing.T, fn func(path, pkg string, test bool)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil && rel != "." {
				return fs.SkipDir // a module of its own
			}
			if strings.HasPrefix(d.Name(), ".") && rel != "." || d.Name() == "testdata" || d.Name() == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(rel, ".go") {
			fn(path, filepath.ToSlash(filepath.Dir(rel)), strings.HasSuffix(rel, "_test.go"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestImportsPointDown(t *testing.T) {
	files := 0
	sources(t, func(path, pkg string, test bool) {
		files++
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		from, folder := layerOf(pkg)
		if from < 0 && !strings.HasPrefix(pkg, "internal/") {
			t.Errorf("%s: folder %q has no layer; give it a line in the list of layers of this test and of ARCHITECTURE.md", path, pkg)
			return
		}
		if test || from < 0 {
			return // a test may bring together what its package keeps apart
		}
		for _, im := range f.Imports {
			name, _ := strconv.Unquote(im.Path.Value)
			target, ok := strings.CutPrefix(name, "sallyport/")
			if !ok {
				continue
			}
			to, other := layerOf(target)
			if other == folder {
				continue
			}
			if to <= from && beside[[2]string{pkg, target}] == "" && beside[[2]string{folder, target}] == "" {
				t.Errorf("%s imports %s: %s lies above or beside %s; move what it needs down, or hand it in as an argument", path, name, other, folder)
			}
			if folder == "verify" && target == "venue" {
				t.Errorf("%s imports the venue's code; the auditor works from the words in venue/tape alone", path)
			}
		}
	})
	if files < 50 {
		t.Fatalf("only %d files were read; the test looks in the wrong place", files)
	}
}

// dependencies are the modules that this one may require, each with its reason.
var dependencies = map[string]string{
	"cel.dev/cel-go":                          "conditions of rules: typed at load, no side effects, bounded cost (Apache-2.0)",
	"github.com/cockroachdb/pebble/v2":        "store of the log and the vault: group commit, checksums, years of crash tests (BSD-3)",
	"github.com/coder/websocket":              "WebSocket frames, closing and pings, tried by the Autobahn suite; minimal and context-aware (ISC)",
	"github.com/descope/virtualwebauthn":      "a virtual authenticator, to hold passkeys to (MIT); tests only",
	"github.com/go-webauthn/webauthn":         "passkeys: CBOR, COSE keys and attestation read as the specification says, kept up with it for years (BSD-3)",
	"github.com/oschwald/maxminddb-golang/v2": "reads MMDB files, by the author of the format's own readers; bounded and fuzzed (ISC)",
	"github.com/rogpeppe/go-internal":         "txtar scenarios and script tests, the go command's own way (BSD-3); tests only",
	"github.com/schollz/progressbar/v3":       "progress of long work on a terminal (MIT)",
	"github.com/spf13/cobra":                  "subcommands, flags and help as every operator knows them (Apache-2.0)",
	"github.com/ulikunitz/xz":                 "list files come packed (BSD-3)",
	"go.yaml.in/yaml/v3":                      "rules, weights and configuration are YAML; strict decoding (MIT, Apache-2.0)",
	"golang.org/x/crypto":                     "keccak, BLAKE2b and RIPEMD-160, which addresses are made of; argon2id for passwords (BSD-3)",
	"golang.org/x/mod":                        "signed checkpoints as notes; the go.mod reader of this test (BSD-3)",
	"golang.org/x/sync":                       "errgroup (BSD-3)",
	"golang.org/x/term":                       "is standard error a terminal (BSD-3)",
	"golang.org/x/text":                       "Unicode normal forms, the encodings that lists come in (BSD-3)",
	"rsc.io/qr":                               "QR codes, finished long ago, without dependencies, and no larger than the standard (BSD-3)",
	"pgregory.net/rapid":                      "property tests with shrinking (MPL-2.0); tests only",
}

func TestDependenciesHaveReasons(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := modfile.Parse("go.mod", b, nil)
	if err != nil {
		t.Fatal(err)
	}
	direct := map[string]bool{}
	for _, r := range m.Require {
		if r.Indirect {
			continue
		}
		direct[r.Mod.Path] = true
		if dependencies[r.Mod.Path] == "" {
			t.Errorf("go.mod requires %s, which has no reason here; write one line why it beats our own code for years, with its licence (MIT, BSD, ISC, Apache-2.0, MPL), or do without", r.Mod.Path)
		}
	}
	for path := range dependencies {
		if !direct[path] {
			t.Errorf("%s has a reason here and is not required by go.mod; delete the line", path)
		}
	}
	if len(m.Replace) > 0 {
		t.Errorf("go.mod replaces modules; what is built here must build elsewhere")
	}
}

// forbidden words and what to write instead.
var forbidden = map[string]string{
	"T" + "ODO":        "do it, or write the reason it waits as a sentence",
	"F" + "IXME":       "mend it",
	"time.Sle" + "ep(": "wait for the thing itself; a sleep is a guess (story and tests of other processes excepted)",
}

func TestWords(t *testing.T) {
	sources(t, func(path, pkg string, test bool) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for word, remedy := range forbidden {
			if strings.HasPrefix(word, "time.") && (test || pkg == "internal/story") {
				continue
			}
			if i := bytes.Index(b, []byte(word)); i >= 0 {
				t.Errorf("%s:%d: %q: %s", path, 1+bytes.Count(b[:i], []byte("\n")), word, remedy)
			}
		}
	})
}

// TestPureCore keeps clocks, randomness, files and networks out of what must be computed again.
func TestPureCore(t *testing.T) {
	pure := []string{"money", "ledger", "book", "venue", "venue/tape", "entity", "names", "match", "law", "geo", "calendar", "ownership", "gate", "verify", "simulate"}
	barred := []string{"time.Now", "os.Getenv", "math/rand", "\"net\"", "\"net/http\"", "crypto/rand"}
	seen := map[string]bool{}
	sources(t, func(path, pkg string, test bool) {
		if test || !slices.Contains(pure, pkg) {
			return
		}
		seen[pkg] = true
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range barred {
			if bytes.Contains(b, []byte(w)) {
				t.Errorf("%s uses %s: hand it in as an argument, so that a past result can be computed again", path, w)
			}
		}
	})
	if len(seen) != len(pure) {
		t.Fatalf("only %v of %v were read", seen, pure)
	}
}
