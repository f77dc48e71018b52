package listlines

import (
	"errors"
	"strings"
	"testing"

	"sallyport/watchlist"
)

func read(text string, bound int) (*Reader, int, error) {
	r, taken := &Reader{File: "f"}, 0
	err := r.Read(strings.NewReader(text), "thing", func() string {
		if taken >= bound {
			return "2 things"
		}
		return ""
	}, func(number int, text []byte) bool {
		if string(text) == "bad" || strings.HasSuffix(string(text), "{") {
			return false
		}
		taken++
		return true
	})
	return r, taken, err
}

func TestRead(t *testing.T) {
	r, taken, err := read("\ufeffa\n\nbad\n"+strings.Repeat("x", MaxLine+1)+"\nb\xff", 9)
	if err != nil || taken != 2 || r.Lines != 4 || r.Left != 2 || len(r.Doubts()) != 1 {
		t.Fatalf("%d taken, %d lines, %d left, %v", taken, r.Lines, r.Left, err)
	}
	var told []string
	for _, p := range r.Problems(func(string) bool { return false }) {
		told = append(told, p.String())
	}
	if got, want := strings.Join(told, "\n"), `f: line 3: line: "bad": no thing in JSON
f: line 4: line: longer than 8388608 bytes
f: line 5: encoding: byte 0xFF: not UTF-8; it is read as U+FFFD`; got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
	for text, want := range map[string]error{"": watchlist.ErrEmpty, "a\n{": watchlist.ErrTruncated, "\xff\xfea\x00": watchlist.ErrUTF16} {
		if _, _, err := read(text, 9); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
	if _, taken, err := read("a\nb\nc\nd\n", 2); err == nil || !strings.Contains(err.Error(), "more than 2 things") || taken != 2 {
		t.Errorf("%d taken, %v", taken, err)
	}
	for in, want := range map[[3]string]string{{"", "F", "x"}: "F, x", {"A", "F", "x"}: "A, x", {"A, x", "F", "x"}: "A, x"} {
		if got := Publisher(in[0], in[1], in[2]); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestUnread(t *testing.T) {
	r := &Reader{File: "f"}
	r.Problem(9, "id", "field", "text")
	r.Unread(2, "b", "first")
	r.Unread(3, "b", "second")
	r.Unread(2, "a", "other")
	r.Unread(1, "known", "x")
	r.Unread(4, "", "y")
	got := ""
	for _, p := range r.Problems(func(f string) bool { return f == "known" }) {
		got += p.String() + "\n"
	}
	if want := "f: line 9: entry id: field: text\nf: line 2: a: \"other\": not read\nf: line 2: b: \"first\": not read, nor are 1 more of it\nf: line 4: \"\": \"y\": not read\n"; got != want {
		t.Errorf("told\n%swant\n%s", got, want)
	}
}
