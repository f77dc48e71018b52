package desk

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The package comment, which docs/desk.md points to, lists each request that there is, and no other.
func TestRequestsAreListed(t *testing.T) {
	b, err := os.ReadFile("desk.go")
	if err != nil {
		t.Fatal(err)
	}
	comment, code, _ := strings.Cut(string(b), "\npackage desk\n")
	listed, served := map[string]bool{}, map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^//\t([A-Z]+) +(/desk/v1/\S+)`).FindAllStringSubmatch(comment, -1) {
		listed[m[1]+" "+m[2]] = true
	}
	for _, m := range regexp.MustCompile(`\{"([A-Z]+)", "(/desk/v1/[^"]+)"`).FindAllStringSubmatch(code, -1) {
		served[m[1]+" "+m[2]] = true
		if !listed[m[1]+" "+m[2]] {
			t.Errorf("%s %s is not in the package comment", m[1], m[2])
		}
	}
	if len(served) < 30 || len(served) != len(listed) {
		t.Errorf("%d requests are served and %d listed", len(served), len(listed))
	}
}
