package people

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// A table hands on all fields as they are, and goes on after a row that it cannot read.
func TestTable(t *testing.T) {
	table, err := NewTable("t.csv", strings.NewReader("\ufeffB, A ,\n1,\" x \",\xff\nfew\n\n\"2\n3\",y,\n\"open,z,\n"), "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%q %d %d %d", table.Header(), table.Column("a"), table.Column("b"), table.Column("c")); got != `["B" " A " ""] 1 0 -1` {
		t.Errorf("header and columns %s", got)
	}
	var got []string
	for {
		r, err := table.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("%d %d %q", r.Number, r.Line, r.Fields)
		if r.Problem != nil {
			line += " " + r.Problem.String()
		}
		got = append(got, line)
	}
	want := []string{
		`1 2 ["1" " x " "\xff"]`,
		`2 3 [] t.csv: line 3: 1 columns, the header has 3`,
		`3 5 ["2\n3" "y" ""]`,
		`4 7 [] t.csv: line 7: a quotation mark is never closed`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("records\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if _, err := NewTable("t.csv", strings.NewReader("a;b\n"), "a", "b"); err == nil || !strings.Contains(err.Error(), "no column a: want a, b (columns are parted by commas)") {
		t.Errorf("error %v", err)
	}
}
