package keyfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var day = time.Date(2022, 3, 1, 0, 0, 0, 0, time.UTC)

// TestFile: a token opens from within a second of its making until its removal, and what stands
// behind it is read with it.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "some.keys")
	f, err := Open(path, func(_ []Line, l Line) error {
		if len(l.More) > 1 {
			return errors.New("too many words")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := f.Admit(""); ok {
		t.Error("without a file, nothing opens")
	}
	first, err := Make(path, "x_", "shop", []string{"all"}, nil, day)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Make(path, "x_", "shop", nil, nil, day)
	if err != nil || first == second || !strings.HasPrefix(first, "x_") {
		t.Fatal(first, second, err)
	}
	if b, err := os.ReadFile(path); err != nil || strings.Contains(string(b), first) {
		t.Errorf("the file holds the token itself: %s %v", b, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	f.looked = time.Time{}
	l, ok := f.Admit(first)
	if !ok || l.Name != "shop" || l.Made != "2022-03-01" || len(l.More) != 1 || l.More[0] != "all" {
		t.Errorf("%+v %v", l, ok)
	}
	if again, ok := f.Find(l.Sum); !ok || again.Name != "shop" {
		t.Errorf("%+v %v", again, ok)
	}
	if _, ok := f.Admit(second); !ok {
		t.Error("a second token of the name does not open")
	}
	if _, ok := f.Admit(first[:len(first)-1]); ok {
		t.Error("a part of a token opens")
	}
	if all, there, err := f.Lines(); len(all) != 2 || !there || err != nil {
		t.Errorf("%+v %v %v", all, there, err)
	}
	if n, err := Remove(path, "other"); n != 0 || err != nil {
		t.Error(n, err)
	}
	if n, err := Remove(path, "shop"); n != 2 || err != nil {
		t.Error(n, err)
	}
	f.looked = time.Time{}
	if _, ok := f.Admit(first); ok {
		t.Error("a removed token opens")
	}
}

// TestFileThatDoesNotRead: it lets nobody in, says which line is wrong, and is well again once it is.
func TestFileThatDoesNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "some.keys")
	token, err := Make(path, "", "shop", nil, nil, day)
	if err != nil {
		t.Fatal(err)
	}
	well, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	write := func(b string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(b), 0o600); err != nil {
			t.Fatal(err)
		}
		f.looked = time.Time{}
	}
	for _, wrong := range []string{"shop\n", "shop nothash\n", "two/words 00\n", strings.Repeat("#", maxFile+1)} {
		write(string(well) + wrong)
		if _, ok := f.Admit(token); ok {
			t.Errorf("%.20q: somebody is let in", wrong)
		}
		if _, there, err := f.Lines(); err == nil || !there {
			t.Errorf("%.20q: no error", wrong)
		}
		if _, err := Open(path, nil); err == nil || len(wrong) < 100 && !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%.20q: %v", wrong, err)
		}
	}
	write("# said of it\n\n" + string(well))
	if _, ok := f.Admit(token); !ok {
		t.Error("a file that is well again lets nobody in")
	}
	if _, err := Open(path, func([]Line, Line) error { return errors.New("not wanted") }); err == nil || !strings.Contains(err.Error(), "line 3: not wanted") {
		t.Errorf("%v", err)
	}
	for _, name := range []string{"", "two words", "ä", strings.Repeat("a", 65)} {
		if _, err := Make(path, "", name, nil, nil, day); err == nil {
			t.Errorf("%q is taken for a name", name)
		}
	}
}

// TestChangesDoNotLoseEachOther: makings and removals at one time are all done, also where the last line has no end.
func TestChangesDoNotLoseEachOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "some.keys")
	kept, err := Make(path, "", "kept", nil, nil, day)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b[:len(b)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	const many = 20
	var all sync.WaitGroup
	made := make([]string, many)
	for i := range many {
		if _, err := Make(path, "", fmt.Sprint("old", i), nil, nil, day); err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			if n, err := Remove(path, fmt.Sprint("old", i)); n != 1 || err != nil {
				t.Errorf("old%d: %d %v", i, n, err)
			}
		})
		all.Go(func() {
			var err error
			if made[i], err = Make(path, "", fmt.Sprint("new", i), nil, nil, day); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	f, err := Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lines, _, err := f.Lines(); len(lines) != many+1 || err != nil {
		t.Errorf("%d lines, want %d: %v", len(lines), many+1, err)
	}
	for i, token := range append(made, kept) {
		if _, ok := f.Admit(token); !ok {
			t.Errorf("token %d opens nothing", i)
		}
	}
}
