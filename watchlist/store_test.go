package watchlist

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sallyport/entity"
)

// hundred is a list of a hundred entries without those at the front.
func hundred(without int) string {
	var b strings.Builder
	for i := without; i < 100; i++ {
		fmt.Fprintf(&b, "%d P%d\n", i+1, i)
	}
	return b.String()
}

// TestJudge has one case for each reason and for the neighbours of the bounds.
func TestJudge(t *testing.T) {
	in := Intake{At: date("2026-01-01"), MaxLossBP: DefaultMaxLossBP}
	force := in
	force.Force = true
	full := edition(t, hundred(0), "2022-02-24")
	twoFiles := func(e *Edition) *Edition {
		e.Sources = append(e.Sources, Source{Name: "other.txt"})
		return e
	}
	fresh := func(content, day string) *Edition { return edition(t, content, day) }
	// held has an address and a second name on each entry, and loses them at the front.
	held := func(addresses, names int) *Edition {
		e := edition(t, hundred(0), "2022-02-25")
		for i := range e.Entities {
			x := &e.Entities[i]
			if i >= addresses {
				x.Wallets = []entity.Wallet{{Ticker: "XBT", Address: fmt.Sprint("1", i)}}
			}
			if i >= names {
				x.Names = append(x.Names, entity.Name{Full: fmt.Sprint("Q", i), Kind: entity.Alias})
			}
		}
		return e
	}
	elsewhere := held(100, 0) // all addresses are with another entry, under another ticker
	for i := range 100 {
		elsewhere.Entities[0].Wallets = append(elsewhere.Entities[0].Wallets, entity.Wallet{Ticker: "ETH", Address: fmt.Sprint("1", i)})
	}
	others := "1000 X\n" + hundred(1)                     // the first is gone, somebody else has come
	renamed := strings.ReplaceAll(hundred(0), " P", " Q") // all stay by their numbers, none by name
	strangers := strings.ReplaceAll(hundred(0), " P", "9 P")
	by := func(e *Edition, publisher, foreign string) *Edition {
		e.Publisher, e.Foreign = publisher, foreign
		return e
	}
	as := func(list string) Intake { return Intake{At: in.At, MaxLossBP: in.MaxLossBP, List: list} }
	for _, c := range []struct {
		name       string
		old, new   *Edition
		sameFormat bool
		in         Intake
		verdict    Verdict
		reason     Reason
	}{
		{"the first", nil, full, true, in, Accepted, NoReason},
		{"newer, the same", full, fresh(hundred(0), "2022-02-25"), true, in, Accepted, NoReason},
		{"another of the same day", full, fresh(hundred(1), "2022-02-24"), true, in, Accepted, NoReason},
		{"a day older", full, fresh(hundred(0), "2022-02-23"), true, in, Refused, Older},
		{"a day older, forced", full, fresh(hundred(0), "2022-02-23"), true, force, Accepted, NoReason},
		{"five of a hundred gone", full, fresh(hundred(5), "2022-02-25"), true, in, Accepted, NoReason},
		{"six of a hundred gone", full, fresh(hundred(6), "2022-02-25"), true, in, Waiting, Shrinks},
		{"six gone, forced", full, fresh(hundred(6), "2022-02-25"), true, force, Accepted, NoReason},
		{"one gone, none allowed", full, fresh(hundred(1), "2022-02-25"), true, Intake{At: in.At}, Waiting, Shrinks},
		{"five of a hundred addresses gone", held(0, 0), held(5, 0), true, in, Accepted, NoReason},
		{"six addresses gone", held(0, 0), held(6, 0), true, in, Waiting, Shrinks},
		{"addresses with another entry", held(0, 0), elsewhere, true, in, Accepted, NoReason},
		{"ten of two hundred names gone", held(0, 0), held(0, 10), true, in, Accepted, NoReason},
		{"eleven names gone", held(0, 0), held(0, 11), true, in, Waiting, Shrinks},
		{"dated a day ahead", full, fresh(hundred(0), "2026-01-02"), true, in, Accepted, NoReason},
		{"dated two days ahead", full, fresh(hundred(0), "2026-01-03"), true, in, Waiting, Future},
		{"dated two days ahead, the first", nil, fresh(hundred(0), "2026-01-03"), true, in, Waiting, Future},
		{"dated two days ahead, forced", full, fresh(hundred(0), "2026-01-03"), true, force, Accepted, NoReason},
		{"come at no time", full, fresh(hundred(0), "2026-01-01"), true, Intake{}, Waiting, Future},
		{"as many, one is another", full, fresh(others, "2022-02-25"), true, in, Accepted, NoReason},
		{"as many, all under other names", full, fresh(renamed, "2022-02-25"), true, in, Waiting, Shrinks},
		{"as many, all are others", full, fresh(strangers, "2022-02-25"), true, in, Waiting, Shrinks},
		{"a doubt", full, fresh("!\n"+hundred(0), "2022-02-25"), true, in, Waiting, Doubtful},
		{"a doubt at first", nil, fresh("!\n"+hundred(0), "2022-02-25"), true, in, Waiting, Doubtful},
		{"a doubt and older", full, fresh("!\n"+hundred(0), "2022-02-23"), true, in, Refused, Older},
		{"a file is missing", twoFiles(fresh(hundred(0), "2022-02-24")), fresh(hundred(0), "2022-02-25"), true, in, Waiting, MissingSource},
		{"another format has other files", twoFiles(fresh(hundred(0), "2022-02-24")), fresh(hundred(0), "2022-02-25"), false, in, Accepted, NoReason},
		{"a real one, older, over the starter", fresh("starter\n"+hundred(0), "2022-02-24"), fresh(hundred(90), "2022-02-01"), false, in, Accepted, NoReason},
		{"of another publisher", full, by(fresh(hundred(0), "2022-02-25"), "somebody", ""), true, in, Waiting, WrongPublisher},
		{"of another publisher, forced", full, by(fresh(hundred(0), "2022-02-25"), "somebody", ""), true, force, Accepted, NoReason},
		{"of another publisher and older", full, by(fresh(hundred(0), "2022-02-23"), "somebody", ""), true, in, Refused, Older},
		{"the first, of any publisher", nil, by(fresh(hundred(0), "2022-02-25"), "somebody", ""), true, in, Accepted, NoReason},
		{"over the starter, which has another", by(fresh("starter\n"+hundred(0), "2022-02-24"), "this project", ""), full, false, in, Accepted, NoReason},
		{"the file names another list", full, by(fresh(hundred(0), "2022-02-25"), "nobody", "it names other-list"), true, in, Waiting, WrongPublisher},
		{"the file names another list, the first", nil, by(fresh(hundred(0), "2022-02-25"), "nobody", "it names other-list"), true, in, Waiting, WrongPublisher},
		{"offered as the list it is", full, fresh(hundred(0), "2022-02-25"), true, as("test-list"), Accepted, NoReason},
		{"offered as another list", full, fresh(hundred(0), "2022-02-25"), true, as("other-list"), Waiting, WrongPublisher},
		{"offered as another list, the first", nil, fresh(hundred(0), "2022-02-25"), true, as("other-list"), Waiting, WrongPublisher},
		{"the starter over a real one", full, fresh("starter\n"+hundred(0), "2026-01-01"), false, in, Refused, Downgrade},
	} {
		v, r, text, _ := Judge(c.old, c.new, c.sameFormat, c.in)
		if v != c.verdict || r != c.reason {
			t.Errorf("%s: %s, %s (%s); want %s, %s", c.name, v, r, text, c.verdict, c.reason)
		}
		if (v == Accepted) != (text == "") {
			t.Errorf("%s: %s with the text %q", c.name, v, text)
		}
	}
}

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := OpenStore(dir, Formats{lines()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func offer(t *testing.T, s *Store, content, day string) Outcome {
	t.Helper()
	out, err := s.Offer(lines(), text(content), Intake{Published: date(day), At: date("2026-01-01"), By: "test", MaxLossBP: DefaultMaxLossBP})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestOffer(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := s.InForce("test-list"); !errors.Is(err, ErrNoEdition) {
		t.Fatalf("an empty store: error %v, want ErrNoEdition", err)
	}
	first := offer(t, s, hundred(0), "2022-02-24")
	if first.Verdict != Accepted || len(first.Delta.Added) != 100 {
		t.Fatalf("first offer: %s", first)
	}

	// What is at fault in the files leaves the edition in force untouched, on disk
	// to the byte, and the outcome says why.
	before := tree(t, dir)
	for content, want := range map[string]Reason{"": Empty, "!\n": Empty, "1 A\n2 B": Truncated, "<html>\n": Unreadable} {
		out := offer(t, s, content, "2022-02-25")
		if out.Verdict != Refused || out.Reason != want || out.Text == "" {
			t.Errorf("%q: %s; want refused: %s", content, out, want)
		}
	}
	if out := offer(t, s, hundred(0)+"200 New\n", "2022-02-23"); out.Reason != Older {
		t.Errorf("an older edition: %s", out)
	}
	if after := tree(t, dir); after != before {
		t.Errorf("a refusal changed the store:\n%s\nwas\n%s", after, before)
	}

	// Again the same: accepted, and nothing is written.
	if out := offer(t, s, hundred(0), "2022-02-25"); out.Verdict != Accepted || !out.Unchanged {
		t.Errorf("the same again: %s", out)
	}
	if after := tree(t, dir); after != before {
		t.Error("an unchanged edition changed the store")
	}

	// One that loses too much waits, is kept, and a person takes it up by its hash.
	out := offer(t, s, hundred(50), "2022-02-26")
	if out.Verdict != Waiting || out.Reason != Shrinks {
		t.Fatalf("half the entries gone: %s", out)
	}
	if f, err := s.InForce("test-list"); err != nil || f.SHA256 != first.Meta.SHA256 {
		t.Fatalf("while it waits %.8s is in force, %v; want the first", f.SHA256, err)
	}
	if w, err := s.Waiting("test-list"); err != nil || len(w) != 1 || w[0].SHA256 != out.Meta.SHA256 || !strings.Contains(w[0].Waiting, "50 of 100") {
		t.Fatalf("waiting: %+v, %v", w, err)
	}
	if _, err := s.Accept("test-list", out.Meta.SHA256[:7], Intake{}); err == nil {
		t.Error("seven digits of a hash were enough")
	}
	acc, err := s.Accept("test-list", out.Meta.SHA256[:8], Intake{At: date("2026-01-02"), By: "a person"})
	if err != nil || acc.Verdict != Accepted || len(acc.Delta.Removed) != 50 {
		t.Fatalf("accept: %s, %v", acc, err)
	}
	f, err := s.InForce("test-list")
	if err != nil || f.SHA256 != out.Meta.SHA256 || f.Previous != first.Meta.SHA256 || !f.Forced || f.AcceptedBy != "a person" || !f.AcceptedAt.Equal(date("2026-01-02")) || !f.Published.Equal(date("2022-02-26")) {
		t.Fatalf("in force: %+v, %v", f, err)
	}
	if w, err := s.Waiting("test-list"); err != nil || len(w) != 0 {
		t.Errorf("still waiting: %+v, %v", w, err)
	}

	// Every edition is there for ever, and a person can go back to one.
	if kept, err := s.Editions("test-list"); err != nil || len(kept) != 2 {
		t.Fatalf("%d editions are kept, %v; want 2", len(kept), err)
	}
	if back, err := s.Accept("test-list", first.Meta.SHA256, Intake{At: date("2026-01-03"), By: "a person"}); err != nil || len(back.Delta.Added) != 50 {
		t.Fatalf("going back: %s, %v", back, err)
	}
	if e, err := open(t, dir).Current("test-list"); err != nil || len(e.Entities) != 100 {
		t.Fatalf("in force after going back: %v", err)
	}
	if names, err := s.Lists(); err != nil || len(names) != 1 || names[0] != "test-list" {
		t.Errorf("lists: %v, %v", names, err)
	}
}

// A publisher who was asked and has nothing newer confirms the edition; of one that is no
// longer in force it says nothing, and time does not go back.
func TestConfirm(t *testing.T) {
	s := open(t, t.TempDir())
	first := offer(t, s, hundred(0), "2022-02-24")
	confirmed := func() time.Time {
		t.Helper()
		f, err := s.InForce("test-list")
		if err != nil {
			t.Fatal(err)
		}
		return f.ConfirmedAt
	}
	taken := confirmed()
	for _, c := range []struct {
		hash string
		at   time.Time
		want time.Time
	}{
		{first.Meta.SHA256, taken.Add(time.Hour), taken.Add(time.Hour)},
		{first.Meta.SHA256, taken.Add(time.Minute), taken.Add(time.Hour)},
		{strings.Repeat("0", 64), taken.Add(2 * time.Hour), taken.Add(time.Hour)},
	} {
		if err := s.Confirm("test-list", c.hash, c.at); err != nil {
			t.Fatal(err)
		}
		if got := confirmed(); !got.Equal(c.want) {
			t.Errorf("confirmed at %v, want %v", got, c.want)
		}
	}
	if err := s.Confirm("other-list", first.Meta.SHA256, taken); !errors.Is(err, ErrNoEdition) {
		t.Errorf("a list with none in force: %v", err)
	}
	if names, err := s.Lists(); err != nil || len(names) != 1 {
		t.Errorf("lists: %v, %v; want the one", names, err)
	}
}

// TestReturnToOldBytes: a publisher that goes back to the bytes of an earlier day
// has published again, and what is in force carries the new date.
func TestReturnToOldBytes(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	offer(t, s, hundred(0), "2022-02-24")
	offer(t, s, hundred(0)+"200 New\n", "2022-02-25")
	if out := offer(t, s, hundred(0), "2022-02-26"); out.Verdict != Accepted || out.Unchanged {
		t.Fatalf("the first bytes again: %s", out)
	}
	if e, err := open(t, dir).Current("test-list"); err != nil || !e.Published.Equal(date("2022-02-26")) || len(e.Entities) != 100 {
		t.Fatalf("in force: %v", err)
	}
	if out := offer(t, open(t, dir), hundred(0)+"300 Other\n", "2022-02-25"); out.Reason != Older {
		t.Errorf("an edition of the day before: %s", out)
	}
}

func TestDamageIsFound(t *testing.T) {
	dir := t.TempDir()
	out := offer(t, open(t, dir), hundred(0), "2022-02-24")
	path := filepath.Join(dir, "test-list", "editions", out.Meta.SHA256, "list.txt")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	if _, err := s.Load("test-list", out.Meta.SHA256); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a flipped bit: error %v, want damaged", err)
	}
	if _, err := s.Offer(lines(), text(hundred(1)), Intake{Published: date("2022-02-25"), At: date("2026-01-01"), MaxLossBP: 500}); err == nil {
		t.Error("a new edition was compared with a damaged one")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load("test-list", out.Meta.SHA256); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a missing file: error %v, want damaged", err)
	}
}

// TestDamageIsMended: of an earlier edition that rotted since, the publisher's files
// are here when they are offered again. Left as it lay, it would be in force and
// nobody could read it.
func TestDamageIsMended(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	first := offer(t, s, hundred(0), "2022-02-24")
	offer(t, s, hundred(0)+"200 New\n", "2022-02-25")
	if err := os.WriteFile(filepath.Join(dir, "test-list", "editions", first.Meta.SHA256, "list.txt"), []byte("1 A\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := offer(t, s, hundred(0), "2022-02-26"); out.Verdict != Accepted {
		t.Fatalf("the first bytes again: %s", out)
	}
	if e, err := open(t, dir).Current("test-list"); err != nil || len(e.Entities) != 100 {
		t.Errorf("in force: %v", err)
	}
}

// TestWaitingIsTakenOffWhole watches the editions that wait while one after another
// is kept aside, offered again and forced in: each is seen whole or not at all, and
// so it is for a process that was killed at that moment.
func TestWaitingIsTakenOffWhole(t *testing.T) {
	w, r := open(t, t.TempDir()), (*Store)(nil)
	r = open(t, w.dir)
	at := date("2022-02-24")
	offer(t, w, hundred(0), day(at))
	done := make(chan struct{})
	failed := make(chan error, 1)
	go func() {
		defer close(failed)
		for {
			if _, err := r.Waiting("test-list"); err != nil {
				failed <- err
				return
			}
			select {
			case <-done:
				return
			default:
			}
		}
	}()
	for i := range 40 {
		at = at.AddDate(0, 0, 1)
		content := strings.ReplaceAll(hundred(0), " P", fmt.Sprintf("%d P", i+1))
		if out := offer(t, w, content, day(at)); out.Reason != Shrinks {
			t.Errorf("%s: %s; want one that waits", day(at), out)
			break
		}
		if out, err := w.Offer(lines(), text(content), Intake{Published: at, At: at, Force: true}); err != nil || out.Verdict != Accepted {
			t.Errorf("%s: %s, %v", day(at), out, err)
			break
		}
		if waiting, err := w.Waiting("test-list"); err != nil || len(waiting) != 0 {
			t.Errorf("%s: %d still wait, %v", day(at), len(waiting), err)
			break
		}
	}
	close(done)
	if err := <-failed; err != nil {
		t.Error(err)
	}
}

func TestNamesStayInside(t *testing.T) {
	s := open(t, t.TempDir())
	for _, list := range []string{"", "..", "../x", "a/b", ".hidden", "UPPER"} {
		if _, err := s.InForce(list); err == nil || errors.Is(err, ErrNoEdition) {
			t.Errorf("InForce(%q): error %v, want a refusal of the name", list, err)
		}
	}
	if _, err := s.Load("test-list", "../../etc"); err == nil {
		t.Error("Load of a path: no error")
	}
	out, err := s.Offer(lines(), []File{{Name: "../list.txt", Data: []byte("1 A\n")}}, Intake{})
	if err != nil || out.Verdict != Refused {
		t.Errorf("a file name with a path: %s, %v; want refused", out, err)
	}
}

// TestReadersSeeWholeStates reads which edition is in force, without a pause, while
// another Store takes up one after another: a reader needs no lock and must never
// meet half a file, nor go back in time.
func TestReadersSeeWholeStates(t *testing.T) {
	dir := t.TempDir()
	w, r := open(t, dir), open(t, dir)
	at := date("2022-02-24")
	offer(t, w, hundred(0), day(at))
	done := make(chan struct{})
	failed := make(chan error, 1)
	go func(last time.Time) {
		defer close(failed)
		for {
			f, err := r.InForce("test-list")
			if err == nil && f.Published.Before(last) {
				err = fmt.Errorf("the edition of %s after that of %s", day(f.Published), day(last))
			}
			if err != nil {
				failed <- err
				return
			}
			last = f.Published
			select {
			case <-done:
				return
			default:
			}
		}
	}(at)
	for i := range 40 {
		at = at.AddDate(0, 0, 1)
		if out := offer(t, w, hundred(0)+fmt.Sprintf("%d New\n", 1000+i), day(at)); out.Verdict != Accepted {
			t.Errorf("%s: %s", day(at), out)
			break
		}
	}
	close(done)
	if err := <-failed; err != nil {
		t.Error(err)
	}
}

// TestWritersTakeTurns lets four writers, each with a store of its own as four
// processes would have, take up editions at once. Each edition accepted must have
// been compared with the one just before it: none is the base of two.
func TestWritersTakeTurns(t *testing.T) {
	dir := t.TempDir()
	outcomes := make(chan Outcome)
	const writers, each = 4, 10
	for w := range writers {
		s := open(t, dir)
		go func() {
			for i := range each {
				out, err := s.Offer(lines(), text(hundred(0)+fmt.Sprintf("%d New\n", 1000+i*writers+w)), Intake{Published: date("2022-02-24"), At: date("2026-01-01"), MaxLossBP: DefaultMaxLossBP})
				if err != nil {
					out.Text = err.Error()
				}
				outcomes <- out
			}
		}()
	}
	base := map[string]bool{}
	for range writers * each {
		out := <-outcomes
		if out.Verdict != Accepted {
			t.Fatalf("%s", out)
		}
		if base[out.Delta.From] {
			t.Fatalf("two editions were accepted over %.8q", out.Delta.From)
		}
		base[out.Delta.From] = true
	}
}

// TestKill kills a process that takes up one edition after another, at random
// moments, and looks at what is left: the edition in force loads, is no older than
// the last one that was acknowledged, and so do all that are kept.
func TestKill(t *testing.T) {
	if dir := os.Getenv("WATCHLIST_KILL_DIR"); dir != "" {
		takeUpForEver(dir)
	}
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	kills := 20
	if testing.Short() {
		kills = 5
	}
	for i := range kills {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
		cmd.Env = append(os.Environ(), "WATCHLIST_KILL_DIR="+dir)
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		acknowledged := ""
		in := bufio.NewScanner(stdout)
		for n := 1 + rng.IntN(6); n > 0 && in.Scan(); n-- {
			acknowledged = in.Text()
		}
		time.Sleep(time.Duration(rng.IntN(8000)) * time.Microsecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for in.Scan() { // what it said before it died counts too
			acknowledged = in.Text()
		}
		cmd.Wait()

		s := open(t, dir)
		f, err := s.InForce("test-list")
		if err != nil {
			t.Fatalf("kill %d: %v", i, err)
		}
		if day(f.Published) < acknowledged {
			t.Fatalf("kill %d: the edition of %s is in force, that of %s was acknowledged", i, day(f.Published), acknowledged)
		}
		kept, err := s.Editions("test-list")
		if err != nil {
			t.Fatalf("kill %d: %v", i, err)
		}
		told, err := s.History("test-list")
		if err != nil || len(told) != f.Acceptance || told[len(told)-1].SHA256 != f.SHA256 {
			t.Fatalf("kill %d: the history tells of %d acceptances of %d, %v", i, len(told), f.Acceptance, err)
		}
		for j := 1; j < len(told); j++ {
			if told[j].Previous != told[j-1].SHA256 || told[j].Acceptance != j+1 {
				t.Fatalf("kill %d: acceptance %d does not follow on the one before it", i, j+1)
			}
		}
		for _, m := range kept {
			if _, err := s.Load("test-list", m.SHA256); err != nil {
				t.Fatalf("kill %d: %v", i, err)
			}
		}
	}
	// The next writer sweeps up.
	f, err := open(t, dir).InForce("test-list")
	if err != nil {
		t.Fatal(err)
	}
	if out := offer(t, open(t, dir), hundred(0)+"99999999 Last\n", day(f.Published.AddDate(0, 0, 1))); out.Verdict != Accepted {
		t.Fatalf("after the kills: %s", out)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "test-list", "*", ".new-*")); len(left) > 0 {
		t.Errorf("unfinished work is left: %v", left)
	}
}

// takeUpForEver offers an edition a day and prints the day once it is accepted.
func takeUpForEver(dir string) {
	s, err := OpenStore(dir, Formats{lines()})
	if err != nil {
		panic(err)
	}
	at := date("2022-02-24")
	if f, err := s.InForce("test-list"); err == nil {
		at = f.Published
	}
	for {
		at = at.AddDate(0, 0, 1)
		out, err := s.Offer(lines(), text(hundred(0)+fmt.Sprintf("%d New\n", at.Unix())), Intake{Published: at, At: at, MaxLossBP: DefaultMaxLossBP})
		if err != nil || out.Verdict != Accepted {
			panic(fmt.Sprint(out, err))
		}
		fmt.Println(day(at))
	}
}

// tree lists every file under dir with its content.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		fmt.Fprintf(&b, "%s %q\n", path, data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
