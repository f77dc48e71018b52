package names

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sallyport/names/script"
)

// TestVersion: every file that this package embeds counts, and so do those of package script, whose own test
// goes through them, and Unicode. An index that was kept and is read by other tables misses names.
func TestVersion(t *testing.T) {
	tables := readBy()
	counts := func(name, content string) {
		i := slices.Index(tables, table{name, content})
		if i < 0 {
			t.Errorf("%s is in no version: add it to readBy", name)
			return
		}
		left := slices.Delete(slices.Clone(tables), i, i+1)
		other := slices.Clone(tables)
		other[i].content += "x"
		if v := Version(); versionOf(tables) != v || versionOf(left) == v || versionOf(other) == v {
			t.Errorf("without %s, or with another one, names are read by the same version %s", name, v)
		}
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	embedded := 0
	for _, path := range sources {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(source)) {
			file, ok := strings.CutPrefix(strings.TrimSpace(line), "//go:embed ")
			if !ok {
				continue
			}
			embedded++
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			counts(file, string(content))
		}
	}
	if embedded < 5 {
		t.Errorf("%d files are embedded, of five at least", embedded)
	}
	counts("script", script.Version())
	counts("unicode", unicode.Version)
	counts("normal forms", norm.Version)
	counts("revision", revision)
	if versionOf([]table{{"ab", "c"}, {"d", "e"}}) == versionOf([]table{{"a", "bc"}, {"d", "e"}}) || versionOf([]table{{"a", "bd"}, {"", "e"}}) == versionOf([]table{{"a", "b"}, {"d", "e"}}) {
		t.Error("what one table ends with and what the next begins with are one to the version")
	}
}
