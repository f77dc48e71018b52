package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"golang.org/x/mod/sumdb/note"

	"sallyport/internal/store"
)

// entry is the i-th entry of every test's log, from 1.
func entry(i uint64) Entry {
	rng := rand.New(rand.NewPCG(i, 7))
	p := make([]byte, rng.IntN(300))
	for j := range p {
		p[j] = byte(rng.Uint32())
	}
	return Entry{
		Time:    1_645_747_200_000_000 + int64(i/3)*1000, // 25 February 2022; several share a moment
		Kind:    uint16(i % 5),
		Payload: p,
		Outcome: sha256.Sum256(binary.BigEndian.AppendUint64(nil, i)),
	}
}

func entries(first uint64, n int) []Entry {
	batch := make([]Entry, n)
	for i := range batch {
		batch[i] = entry(first + uint64(i))
	}
	return batch
}

func mustOpen(t testing.TB, dir string, o Options) *Log {
	t.Helper()
	l, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func mustAppend(t testing.TB, l *Log, batch []Entry) {
	t.Helper()
	if _, err := l.Append(batch); err != nil {
		t.Fatal(err)
	}
}

func mustClose(t testing.TB, l *Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// key pair of the tests, always the same.
func testKey(t testing.TB) (note.Signer, note.Verifiers) {
	t.Helper()
	skey, vkey, err := NewKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), "example.exchange/journal")
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return s, note.VerifierList(v)
}

// checkHolds reads the whole log and compares each record with what was appended.
func checkHolds(t testing.TB, l *Log) uint64 {
	t.Helper()
	var n uint64
	err := l.Read(1, func(r Record) error {
		n++
		e := entry(n)
		if r.Seq != n || r.Time != e.Time || r.Kind != e.Kind || !bytes.Equal(r.Payload, e.Payload) || r.Outcome != e.Outcome {
			return fmt.Errorf("record %d is not what was appended", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seq, _ := l.Head(); seq != n {
		t.Fatalf("read %d records, head is %d", n, seq)
	}
	return n
}

// The frame and the chain, byte for byte as the package comment lays them down.
func TestFrameVector(t *testing.T) {
	r := Record{
		Seq:     1184,
		Time:    1645747200000000, // 2022-02-25 00:00 UTC
		Kind:    0x0102,
		Payload: []byte("order"),
		Outcome: [32]byte{0: 0xaa, 31: 0xbb},
	}
	const frame = "01" + // version
		"00000000000004a0" + // 1184
		"0005d8cc613f0000" + // 1645747200000000
		"0102" + // kind
		"00000005" + "6f72646572" + // payload
		"aa000000000000000000000000000000000000000000000000000000000000bb"
	if got := hex.EncodeToString(EncodeFrame(nil, r)); got != frame {
		t.Errorf("frame\n got %s\nwant %s", got, frame)
	}

	// The chain once more by hand.
	start := sha256.Sum256([]byte("sallyport journal v1\nexample.exchange/journal\n"))
	raw, _ := hex.DecodeString(frame)
	next := sha256.Sum256(append(append([]byte{1}, start[:]...), raw...))
	if got := ChainStart("example.exchange/journal"); got != start {
		t.Errorf("Chain_0 = %x, want %x", got, start)
	}
	if got := ChainNext(start, r); got != next {
		t.Errorf("Chain_1 = %x, want %x", got, next)
	}
	const want0, want1 = "4a99f6d101e99dc8eabbb57fd1502e7301779fc6f416733929a9ee4ebcedc4a7", "9925845b15923e3cb1ed391fc2af5079114d6e932830e1376dfb9300d18450a0"
	if got := hex.EncodeToString(start[:]); got != want0 {
		t.Errorf("Chain_0 = %s, want %s", got, want0)
	}
	if got := hex.EncodeToString(next[:]); got != want1 {
		t.Errorf("Chain_1 = %s, want %s", got, want1)
	}
}

func TestAppendReadReopen(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir, Options{Origin: "example.exchange/journal"})
	if seq, chain := l.Head(); seq != 0 || chain != ChainStart("example.exchange/journal") {
		t.Fatalf("head of an empty log: %d %x", seq, chain)
	}
	if n := checkHolds(t, l); n != 0 {
		t.Fatalf("an empty log holds %d records", n)
	}
	next := uint64(1)
	for _, n := range []int{1, 2, 100, 1, 1000} {
		first, err := l.Append(entries(next, n))
		if err != nil || first != next {
			t.Fatalf("append: first %d, %v; want %d", first, err, next)
		}
		next += uint64(n)
		checkHolds(t, l)
	}
	seq, chain := l.Head()
	mustClose(t, l)

	l = mustOpen(t, dir, Options{})
	defer l.Close()
	if s, c := l.Head(); s != seq || c != chain {
		t.Fatalf("head after reopening: %d %x, was %d %x", s, c, seq, chain)
	}
	if l.Origin() != "example.exchange/journal" {
		t.Fatalf("origin after reopening: %q", l.Origin())
	}
	mustAppend(t, l, entries(next, 5))
	if n := checkHolds(t, l); n != 1109 {
		t.Fatalf("%d records, want 1109", n)
	}

	// From the middle, and from the end.
	for _, from := range []uint64{2, 700, 1109, 1110} {
		want := from
		if err := l.Read(from, func(r Record) error {
			if r.Seq != want {
				return fmt.Errorf("record %d, want %d", r.Seq, want)
			}
			want++
			return nil
		}); err != nil || want != 1110 {
			t.Errorf("read from %d: reached %d, %v", from, want, err)
		}
	}
	for _, from := range []uint64{0, 1111} {
		if err := l.Read(from, func(Record) error { return nil }); err == nil {
			t.Errorf("read from %d of 1109: no error", from)
		}
	}
	stop := errors.New("enough")
	if err := l.Read(1, func(Record) error { return stop }); err != stop {
		t.Errorf("the reader's own error came back as %v", err)
	}
}

// What breaks a bound is refused, says why, and leaves the log as it was.
func TestAppendRefuses(t *testing.T) {
	l := mustOpen(t, t.TempDir(), Options{})
	defer l.Close()
	mustAppend(t, l, entries(1, 9))
	late := entry(9).Time
	for name, tc := range map[string]struct {
		batch []Entry
		want  string
	}{
		"empty":           {nil, "without records"},
		"payload":         {[]Entry{{Time: late}, {Time: late, Payload: make([]byte, MaxPayload+1)}}, "entry 1: a payload of 1048577 bytes"},
		"records":         {make([]Entry, MaxBatch+1), "a batch of 65537 records"},
		"bytes":           {bigBatch(17, MaxPayload, late), "a batch of more than 16777216 bytes"},
		"a byte too many": {append(bigBatch(15, MaxPayload, late), Entry{Time: late, Payload: make([]byte, MaxBatchBytes-15*frameSize(MaxPayload)-frameSize(0)+1)}), "a batch of more than 16777216 bytes"},
		"time":            {[]Entry{{Time: late - 1}}, "is before"},
		"time in batch":   {[]Entry{{Time: late + 5}, {Time: late + 4}}, "entry 1: time"},
		"time far below":  {[]Entry{{Time: -1}}, "is before"},
	} {
		if _, err := l.Append(tc.batch); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want %q", name, err, tc.want)
		} else if errors.Is(err, ErrBroken) {
			t.Errorf("%s: a refused batch broke the log", name)
		}
	}
	if _, _, err := l.AppendAndCheckpoint(entries(10, 1), [32]byte{}); err == nil || !strings.Contains(err.Error(), "no key") {
		t.Errorf("checkpoint without a key: %v", err)
	}
	mustAppend(t, l, entries(10, 1))
	if n := checkHolds(t, l); n != 10 {
		t.Fatalf("%d records, want 10", n)
	}
	full := bigBatch(15, MaxPayload, entry(10).Time)
	full = append(full, Entry{Time: entry(10).Time, Payload: make([]byte, MaxBatchBytes-15*frameSize(MaxPayload)-frameSize(0))})
	mustAppend(t, l, full) // the most that is allowed
	if seq, _ := l.Head(); seq != 26 {
		t.Fatalf("head %d, want 26", seq)
	}
}

func bigBatch(n, size int, at int64) []Entry {
	batch := make([]Entry, n)
	for i := range batch {
		batch[i] = Entry{Time: at, Payload: make([]byte, size)}
	}
	return batch
}

// A time before 1970 is a time; only going back is refused.
func TestTimeBefore1970(t *testing.T) {
	l := mustOpen(t, t.TempDir(), Options{})
	defer l.Close()
	mustAppend(t, l, []Entry{{Time: -5}, {Time: -4}})
	var got []int64
	if err := l.Read(1, func(r Record) error { got = append(got, r.Time); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0] != -5 || got[1] != -4 {
		t.Fatalf("times %v", got)
	}
}

func TestOrigin(t *testing.T) {
	dir := t.TempDir()
	for _, bad := range []string{"two words", "a+b", "line\n", "\u00a0", strings.Repeat("x", 256), "\xff"} {
		if _, err := Open(dir, Options{Origin: bad}); err == nil {
			t.Errorf("origin %q was taken", bad)
		}
	}
	l := mustOpen(t, dir, Options{})
	if l.Origin() != DefaultOrigin {
		t.Errorf("origin %q", l.Origin())
	}
	mustClose(t, l)
	if _, err := Open(dir, Options{Origin: "other.example/journal"}); err == nil || !strings.Contains(err.Error(), "other.example") {
		t.Errorf("another name was taken: %v", err)
	}
}

// One process writes, or any number read; and closing one part's view of the log
// must not let go of another's lock.
func TestSingleWriter(t *testing.T) {
	dir := t.TempDir()
	l := mustOpen(t, dir, Options{})
	mustAppend(t, l, entries(1, 3))
	for range 2 {
		if _, err := Open(dir, Options{}); !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), dir) {
			t.Fatalf("second writer: %v", err)
		}
		if _, err := OpenReadOnly(dir); !errors.Is(err, ErrHeld) {
			t.Fatalf("reader beside a writer: %v", err)
		}
		if out := inAnotherProcess(t, dir); !strings.Contains(out, "another process holds it: stop it first") {
			t.Fatalf("a writer in another process: %s", out)
		}
	}
	mustClose(t, l)
	if out := inAnotherProcess(t, dir); !strings.Contains(out, "opened at 3") {
		t.Fatalf("after closing, in another process: %s", out)
	}
	a, err := OpenReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	b, err := OpenReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrHeld) {
		t.Fatalf("writer beside readers: %v", err)
	}
	mustClose(t, a)
	mustClose(t, b)
	mustClose(t, mustOpen(t, dir, Options{}))
}

const openInChild = "JOURNAL_TEST_OPEN"

// inAnotherProcess has a process of its own open the log, and gives what it said.
func inAnotherProcess(t *testing.T, dir string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), openInChild+"="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// TestMain makes this test binary the other process of inAnotherProcess.
func TestMain(m *testing.M) {
	if dir := os.Getenv(openInChild); dir != "" {
		os.Exit(openAndTell(dir))
	}
	os.Exit(m.Run())
}

func openAndTell(dir string) int {
	l, err := Open(dir, Options{})
	if err != nil {
		fmt.Println(err)
		return 0 // told, which is what was asked for
	}
	seq, _ := l.Head()
	fmt.Println("opened at", seq)
	if err := l.Close(); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// An auditor changes not a byte, also of a log whose process was killed.
func TestReadOnlyWritesNothing(t *testing.T) {
	for _, killed := range []bool{false, true} {
		dir := t.TempDir()
		l := mustOpen(t, dir, Options{})
		mustAppend(t, l, entries(1, 500))
		if killed {
			crashed := t.TempDir()
			if err := os.CopyFS(crashed, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			dir = crashed
		}
		mustClose(t, l)
		before := fingerprint(t, dir)
		r, err := OpenReadOnly(dir)
		if err != nil {
			t.Fatal(err)
		}
		if n := checkHolds(t, r); n != 500 {
			t.Fatalf("%d records, want 500", n)
		}
		if _, err := r.Append(entries(501, 1)); err == nil {
			t.Error("a log opened for reading took a record")
		}
		r.Close()
		if after := fingerprint(t, dir); after != before {
			t.Errorf("killed=%v: reading changed the directory:\n%s\nwas\n%s", killed, after, before)
		}
	}
	empty := t.TempDir()
	if _, err := OpenReadOnly(empty); err == nil || !strings.Contains(err.Error(), "there is no log here") {
		t.Errorf("an empty directory: %v", err)
	}
	if got := fingerprint(t, empty); got != "" {
		t.Errorf("reading nothing wrote %s", got)
	}
	if _, err := OpenReadOnly(filepath.Join(empty, "none")); err == nil || !strings.Contains(err.Error(), "there is no log here") {
		t.Errorf("no directory: %v", err)
	}
}

func fingerprint(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, p))
		fmt.Fprintf(&b, "%s %d %s %x\n", p, info.ModTime().UnixNano(), info.Mode(), sha256.Sum256(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Readers run beside the writer and see whole, acknowledged logs.
func TestReadWhileAppending(t *testing.T) {
	l := mustOpen(t, "log", Options{FS: vfs.NewMem(), memTable: 256 << 10})
	defer l.Close()
	done := make(chan error, 1)
	go func() {
		for i := range 200 {
			if _, err := l.Append(entries(uint64(i*10+1), 10)); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for running := true; running; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			running = false
		default:
		}
		atLeast, _ := l.Head()
		var n uint64
		if err := l.Read(1, func(Record) error { n++; return nil }); err != nil {
			t.Fatal(err)
		}
		if n < atLeast || n%10 != 0 {
			t.Fatalf("read %d records, at least %d were acknowledged, in tens", n, atLeast)
		}
	}
	if n := checkHolds(t, l); n != 2000 {
		t.Fatalf("%d records", n)
	}
}

// A reader is told nothing that a crash could still take back: a batch that Pebble
// shows already and that is not yet on the disk.
func TestReadStopsAtAcknowledged(t *testing.T) {
	var slow atomic.Bool
	reached, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	l := mustOpen(t, "log", Options{FS: faults(vfs.NewMem(), func(op errorfs.Op) error {
		if slow.Load() && (op.Kind == errorfs.OpFileSync || op.Kind == errorfs.OpFileSyncData) {
			once.Do(func() { close(reached) })
			<-release
		}
		return nil
	})})
	mustAppend(t, l, entries(1, 10))
	slow.Store(true)
	done := make(chan error, 1)
	go func() {
		_, err := l.Append(entries(11, 10))
		done <- err
	}()
	<-reached
	// The batch may be shown a moment after its sync began: look for as long as that takes.
	for range 200 {
		var n uint64
		if err := l.Read(1, func(Record) error { n++; return nil }); err != nil || n != 10 {
			t.Errorf("read %d records, %v; 10 were acknowledged", n, err)
			break
		}
	}
	close(release)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := checkHolds(t, l); n != 20 {
		t.Errorf("%d records, want 20", n)
	}
	mustClose(t, l)
}

// signedLog is a log of 100 records with checkpoints at 10, 20, … 90.
func signedLog(t *testing.T, files vfs.FS, block int) (note.Verifiers, []Checkpoint) {
	t.Helper()
	signer, v := testKey(t)
	l := mustOpen(t, "log", Options{FS: files, Signer: signer, block: block})
	var cs []Checkpoint
	for i := range 9 {
		mustAppend(t, l, entries(uint64(i*10+1), 4))
		first, c, err := l.AppendAndCheckpoint(entries(uint64(i*10+5), 6), sha256.Sum256([]byte{byte(i)}))
		if err != nil || first != uint64(i*10+5) {
			t.Fatal(first, err)
		}
		cs = append(cs, c)
	}
	mustAppend(t, l, entries(91, 10))
	mustClose(t, l)
	return v, cs
}

func audit(t *testing.T, files vfs.FS, v note.Verifiers, held ...Checkpoint) (Proof, error) {
	t.Helper()
	l, err := OpenReadOnlyOn(files, "log")
	if err != nil {
		return Proof{}, err
	}
	defer l.Close()
	return l.Audit(v, held, nil, nil)
}

func TestCheckpoints(t *testing.T) {
	files := vfs.NewMem()
	v, want := signedLog(t, files, 0)
	l, err := OpenReadOnlyOn(files, "log")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var got []Checkpoint
	if err := l.Checkpoints(func(signed []byte) error {
		c, err := OpenCheckpoint(signed, v)
		got = append(got, c)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("checkpoints\n got %v\nwant %v", got, want)
	}
	order := ""
	p, err := l.Audit(v, want[3:5], func(r Record) error {
		if r.Seq%10 == 0 {
			order += fmt.Sprintf("r%d ", r.Seq)
		}
		return nil
	}, func(c Checkpoint) error {
		order += fmt.Sprintf("s%d ", c.Seq)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	_, chain := l.Head()
	if (p != Proof{Records: 100, Chain: chain, Checkpoints: 9, Held: 2, Covered: 90}) {
		t.Errorf("proof %+v", p)
	}
	if want := "r10 s10 r20 s20 r30 s30 r40 s40 r50 s50 r60 s60 r70 s70 r80 s80 r90 s90 r100 "; order != want {
		t.Errorf("order %s", order)
	}

	// Another's key.
	_, vkey, err := NewKey(bytes.NewReader(bytes.Repeat([]byte{8}, 64)), "example.exchange/journal")
	if err != nil {
		t.Fatal(err)
	}
	other, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []note.Verifiers{note.VerifierList(other), note.VerifierList(), nil} {
		var broken *BrokenError
		if _, err := l.Audit(v, nil, nil, nil); !errors.As(err, &broken) || broken.Seq != 10 || !strings.Contains(broken.Why, "none of the keys") {
			t.Errorf("under another key: %v", err)
		}
	}
}

// One record, one state: the log does not sign two stories.
func TestCheckpointOnce(t *testing.T) {
	signer, v := testKey(t)
	l := mustOpen(t, "log", Options{FS: vfs.NewMem(), Signer: signer})
	defer l.Close()
	if _, _, err := l.AppendAndCheckpoint(nil, [32]byte{}); err == nil {
		t.Error("signed an empty log")
	}
	mustAppend(t, l, entries(1, 3))
	for range 2 {
		if _, c, err := l.AppendAndCheckpoint(nil, [32]byte{1}); err != nil || c.Seq != 3 {
			t.Fatal(c, err)
		}
	}
	if _, _, err := l.AppendAndCheckpoint(nil, [32]byte{2}); err == nil || !strings.Contains(err.Error(), "signed already") {
		t.Errorf("second state: %v", err)
	}
	if p, err := l.Audit(v, nil, nil, nil); err != nil || p.Checkpoints != 1 || p.Covered != 3 {
		t.Errorf("%+v %v", p, err)
	}
	mustAppend(t, l, entries(4, 1))
}

func TestCheckpointText(t *testing.T) {
	signer, v := testKey(t)
	c := Checkpoint{Origin: "example.exchange/journal", Seq: 1184, Chain: [32]byte{1}, State: [32]byte{2}, Time: 1645747200000000}
	signed, err := SignCheckpoint(c, signer)
	if err != nil {
		t.Fatal(err)
	}
	const want = "sallyport journal checkpoint v1\n" +
		"origin example.exchange/journal\n" +
		"record 1184\n" +
		"chain 0100000000000000000000000000000000000000000000000000000000000000\n" +
		"state 0200000000000000000000000000000000000000000000000000000000000000\n" +
		"time 1645747200000000\n" +
		"\n— example.exchange/journal "
	if !strings.HasPrefix(string(signed), want) {
		t.Errorf("signed text:\n%s", signed)
	}
	if got, err := OpenCheckpoint(signed, v); err != nil || got != c {
		t.Errorf("%+v, %v", got, err)
	}
	for i := range signed {
		for bit := range 8 {
			bad := bytes.Clone(signed)
			bad[i] ^= 1 << bit
			if got, err := OpenCheckpoint(bad, v); err == nil {
				t.Fatalf("byte %d (%q) bit %d: read as %+v", i, signed[i], bit, got)
			}
		}
	}
	// Well signed, badly written.
	for _, edit := range [][2]string{
		{"record 1184", "record 01184"}, {"record 1184", "record 0"}, {"record 1184", "record -1"}, {"record 1184", "number 1184"},
		{"chain 01", "chain 1"}, {"chain 01", "chain 0A"}, {"time 1645747200000000", "time +1645747200000000"},
		{"origin example.exchange/journal", "origin two words"}, {"v1", "v2"}, {"time 1", "more\ntime 1"},
	} {
		text := strings.Replace(c.text(), edit[0], edit[1], 1)
		bad, err := note.Sign(&note.Note{Text: text}, signer)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := OpenCheckpoint(bad, v); err == nil {
			t.Errorf("%q for %q was read as %+v", edit[1], edit[0], c)
		}
	}
	if _, err := OpenCheckpoint(make([]byte, maxNote+1), v); err == nil {
		t.Error("a huge checkpoint was read")
	}
	for _, c := range []Checkpoint{{}, {Origin: "x"}, {Seq: 1}} {
		if _, err := SignCheckpoint(c, signer); err == nil {
			t.Errorf("signed %+v", c)
		}
	}
	if _, err := SignCheckpoint(c); err == nil {
		t.Error("signed without a key")
	}
}

// tamper changes the store behind the log's back.
func tamper(t *testing.T, files vfs.FS, change func(get func(k []byte) []byte, set func(k, v []byte), del func(k []byte))) {
	t.Helper()
	db, err := store.Open("log", store.Options{FS: files})
	if err != nil {
		t.Fatal(err)
	}
	b := db.NewBatch()
	change(func(k []byte) []byte {
		v, err := db.Get(k)
		if err != nil || v == nil {
			t.Fatal(k, err)
		}
		return v
	}, func(k, v []byte) {
		if err := b.Set(k, v, nil); err != nil {
			t.Fatal(err)
		}
	}, func(k []byte) {
		if err := b.Delete(k, nil); err != nil {
			t.Fatal(err)
		}
	})
	if err := db.Commit(b); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// decodeStored reads a block of one record.
func decodeStored(b []byte) (r Record, frame []byte, err error) {
	frame, rest, err := cutStored(b, &r)
	if len(rest) > 0 {
		err = fmt.Errorf("%d bytes more", len(rest))
	}
	return r, frame, err
}

// reseal is what a forger does who can write to the store: he sets the record and
// computes checksum and chain of it and of all records after it anew.
func reseal(get func([]byte) []byte, set func(k, v []byte), from, to uint64, change func(*Record)) {
	before := ChainStart(DefaultOrigin)
	if from > 1 {
		r, _, _ := decodeStored(get(key(from-1, recordSort)))
		before = r.Chain
	}
	for seq := from; seq <= to; seq++ {
		r, _, _ := decodeStored(get(key(seq, recordSort)))
		if seq == from {
			change(&r)
		}
		frame := EncodeFrame(nil, r)
		before = ChainNext(before, r)
		set(key(seq, recordSort), appendStored(nil, frame, before))
	}
}

// Each way to falsify a stored log, what finds it, and at which record.
func TestTampering(t *testing.T) {
	type getter = func([]byte) []byte
	type setter = func(k, v []byte)
	type deleter = func([]byte)
	r := func(seq uint64) []byte { return key(seq, recordSort) }
	s := func(seq uint64) []byte { return key(seq, checkpointSort) }
	for _, tc := range []struct {
		name   string
		change func(getter, setter, deleter)
		seq    uint64
		why    string
		held   bool // only a checkpoint kept elsewhere shows it
	}{
		{"first record deleted", func(_ getter, _ setter, del deleter) { del(r(1)) }, 1, "missing", false},
		{"middle record deleted", func(_ getter, _ setter, del deleter) { del(r(57)) }, 57, "missing: record 58 comes instead", false},
		{"record before a checkpoint deleted", func(_ getter, _ setter, del deleter) { del(r(60)) }, 60, "missing", false},
		{"all records deleted", func(_ getter, _ setter, del deleter) {
			for seq := range uint64(100) {
				del(r(seq + 1))
			}
		}, 1, "missing", false},
		{"the log's name deleted", func(_ getter, _ setter, del deleter) { del([]byte(originKey)) }, 0, "gone", false},
		{"the log's name changed", func(_ getter, set setter, _ deleter) { set([]byte(originKey), formatHeader("other")) }, 1, "chain", false},
		{"the log's name garbled", func(_ getter, set setter, _ deleter) { set([]byte(originKey), []byte("x")) }, 0, "not one", false},
		{"swapped", func(get getter, set setter, _ deleter) {
			a, b := get(r(41)), get(r(42))
			set(r(41), b)
			set(r(42), a)
		}, 41, "record 42 lies in its place", false},
		{"last two swapped", func(get getter, set setter, _ deleter) {
			a, b := get(r(99)), get(r(100))
			set(r(99), b)
			set(r(100), a)
		}, 99, "record 100 lies in its place", false},
		{"swapped and renumbered", func(get getter, set setter, _ deleter) {
			for _, p := range [][2]uint64{{41, 42}, {42, 41}} {
				rec, _, _ := decodeStored(get(r(p[0])))
				rec.Seq, rec.Time = p[1], entry(p[1]).Time
				frame := EncodeFrame(nil, rec)
				set(r(p[1]), appendStored(nil, frame, rec.Chain))
			}
		}, 41, "chain", false},
		{"duplicated over another", func(get getter, set setter, _ deleter) { set(r(30), get(r(29))) }, 30, "record 29 lies in its place", false},
		{"inserted before the first", func(get getter, set setter, _ deleter) { set(r(0), get(r(1))) }, 1, "missing: record 0 comes instead", false},
		{"strange key between", func(_ getter, set setter, _ deleter) { set(append(r(12), 'x'), []byte("?")) }, 13, "no record's", false},
		{"truncated value", func(get getter, set setter, _ deleter) { set(r(33), get(r(33))[:40]) }, 33, "bytes are stored", false},
		{"empty value", func(get getter, set setter, _ deleter) { set(r(33), nil) }, 33, "bytes are stored", false},
		{"outcome forged with its checksum", func(get getter, set setter, _ deleter) {
			rec, frame, _ := decodeStored(get(r(77)))
			frame = bytes.Clone(frame)
			frame[len(frame)-1] ^= 1
			set(r(77), appendStored(nil, frame, rec.Chain))
		}, 77, "chain", false},
		{"payload forged, the chain computed anew: the next checkpoint", func(get getter, set setter, _ deleter) {
			reseal(get, set, 33, 100, func(r *Record) { r.Payload = []byte("forged") })
		}, 40, "another history", false},
		{"time set back, the chain computed anew", func(get getter, set setter, _ deleter) {
			reseal(get, set, 94, 100, func(r *Record) { r.Time -= 1_000_000 })
		}, 94, "is before", false},
		{"records before a checkpoint cut off", func(_ getter, _ setter, del deleter) {
			for seq := uint64(86); seq <= 100; seq++ {
				del(r(seq))
			}
		}, 86, "though a checkpoint covers record 90", false},
		{"checkpoint forged", func(get getter, set setter, _ deleter) {
			set(s(50), bytes.Replace(get(s(50)), []byte("state "), []byte("state 0"), 1))
		}, 50, "checkpoint", false},
		{"checkpoint of another record", func(get getter, set setter, _ deleter) { set(s(50), get(s(40))) }, 50, "the checkpoint with it is of record 40", false},
		{"records and checkpoints cut off", func(_ getter, _ setter, del deleter) {
			for seq := uint64(75); seq <= 100; seq++ {
				del(r(seq))
				del(s(seq))
			}
		}, 75, "though the checkpoint held covers record 80", true},
		{"forged to the end without checkpoints", func(get getter, set setter, del deleter) {
			reseal(get, set, 33, 100, func(r *Record) { r.Payload = []byte("forged") })
			for seq := uint64(33); seq <= 100; seq++ {
				del(s(seq))
			}
		}, 40, "another history", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			files := vfs.NewMem()
			v, cs := signedLog(t, files, 1)
			if p, err := audit(t, files, v); err != nil || p.Records != 100 {
				t.Fatalf("before: %+v %v", p, err)
			}
			tamper(t, files, tc.change)
			_, err := audit(t, files, v)
			if tc.held {
				if err != nil {
					t.Fatalf("the log alone showed it: %v", err)
				}
				_, err = audit(t, files, v, cs...)
			}
			var broken *BrokenError
			if !errors.As(err, &broken) || broken.Seq != tc.seq || !strings.Contains(broken.Why, tc.why) {
				t.Fatalf("error %v, want record %d: %q", err, tc.seq, tc.why)
			}
		})
	}
}

// Records after the last checkpoint can be cut off unseen: the limit that the package
// comment states. A checkpoint over the end closes it.
func TestTailAfterLastCheckpoint(t *testing.T) {
	files := vfs.NewMem()
	v, cs := signedLog(t, files, 1)
	tamper(t, files, func(_ func([]byte) []byte, _ func(_, _ []byte), del func([]byte)) {
		for seq := uint64(91); seq <= 100; seq++ {
			del(key(seq, recordSort))
		}
	})
	p, err := audit(t, files, v, cs...)
	if err != nil || p.Records != 90 || p.Covered != 90 {
		t.Fatalf("%+v %v", p, err)
	}
}

// Records that vanish under an open log are missed, too.
func TestTailGoneWhileOpen(t *testing.T) {
	l := mustOpen(t, "log", Options{FS: vfs.NewMem(), block: 1})
	defer l.Close()
	mustAppend(t, l, entries(1, 10))
	b := l.db.NewBatch()
	if err := b.Delete(key(10, recordSort), nil); err != nil {
		t.Fatal(err)
	}
	if err := l.db.Commit(b); err != nil {
		t.Fatal(err)
	}
	var broken *BrokenError
	if err := l.Read(1, func(Record) error { return nil }); !errors.As(err, &broken) || broken.Seq != 10 || !strings.Contains(broken.Why, "the log ends before it") {
		t.Fatal(err)
	}
}

// stretches is where each record of a block begins and ends.
func stretches(t *testing.T, b []byte) (at []int) {
	t.Helper()
	at = []int{0}
	for rest := b; len(rest) > 0; {
		var err error
		if _, rest, err = cutStored(rest, new(Record)); err != nil {
			t.Fatal(err)
		}
		at = append(at, len(b)-len(rest))
	}
	return at
}

// Ways to falsify a block of several records. The commits are of records 1 to 4, 5 to 10, 11 to 14 …, and of
// 91 to 100.
func TestTamperingInBlocks(t *testing.T) {
	r := func(seq uint64) []byte { return key(seq, recordSort) }
	for _, tc := range []struct {
		name   string
		block  uint64
		change func(b []byte, at []int) []byte
		seq    uint64
		why    string
	}{
		{"first left out", 20, func(b []byte, at []int) []byte { return b[at[1]:] }, 15, "missing: record 16 comes instead"},
		{"middle left out", 20, func(b []byte, at []int) []byte { return append(b[:at[2]:at[2]], b[at[3]:]...) }, 17, "missing: record 18 comes instead"},
		{"last left out", 20, func(b []byte, at []int) []byte { return b[:at[5]] }, 20, "its block ends before it"},
		{"cut in a record", 20, func(b []byte, at []int) []byte { return b[:at[5]+9] }, 20, "bytes are stored"},
		{"cut in a payload", 20, func(b []byte, at []int) []byte { return b[:at[6]-5] }, 20, "checksum"},
		{"emptied", 20, func([]byte, []int) []byte { return nil }, 15, "bytes are stored"},
		{"two swapped", 20, func(b []byte, at []int) []byte {
			return slices.Concat(b[:at[1]], b[at[2]:at[3]], b[at[1]:at[2]], b[at[3]:])
		}, 16, "missing: record 17 comes instead"},
		{"one twice", 20, func(b []byte, at []int) []byte { return append(b[:at[2]:at[2]], b[at[1]:]...) }, 17, "record 16 lies in its place"},
		{"one more", 20, func(b []byte, at []int) []byte { return append(b[:len(b):len(b)], b[at[5]:]...) }, 21, "record 20 lies in its place"},
		{"bytes behind", 20, func(b []byte, at []int) []byte { return append(b[:len(b):len(b)], 1, 2, 3) }, 21, "bytes are stored"},
		{"of the last block the last left out", 100, func(b []byte, at []int) []byte { return b[:at[9]] }, 100, "its block ends before it"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			files := vfs.NewMem()
			v, _ := signedLog(t, files, 0)
			tamper(t, files, func(get func([]byte) []byte, set func(_, _ []byte), _ func([]byte)) {
				b := get(r(tc.block))
				set(r(tc.block), tc.change(b, stretches(t, b)))
			})
			var broken *BrokenError
			if _, err := audit(t, files, v); !errors.As(err, &broken) || broken.Seq != tc.seq || !strings.Contains(broken.Why, tc.why) {
				t.Fatalf("error %v, want record %d: %q", err, tc.seq, tc.why)
			}
			l, err := OpenReadOnlyOn(files, "log")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			for seq := uint64(1); seq <= 100; seq++ {
				got, err := l.Record(seq)
				in := seq > tc.block-uint64(map[uint64]int{20: 6, 100: 10}[tc.block]) && seq <= tc.block
				if in != (err != nil) || err == nil && got.Seq != seq {
					t.Errorf("record %d: %d, %v", seq, got.Seq, err)
				}
			}
		})
	}
	t.Run("whole block deleted", func(t *testing.T) {
		files := vfs.NewMem()
		v, _ := signedLog(t, files, 0)
		tamper(t, files, func(_ func([]byte) []byte, _ func(_, _ []byte), del func([]byte)) { del(r(14)) })
		var broken *BrokenError
		if _, err := audit(t, files, v); !errors.As(err, &broken) || broken.Seq != 11 {
			t.Fatal(err)
		}
	})
}

// Blocks begin anew where they have grown to their size and where a commit ends, and reading may begin
// anywhere.
func TestBlocks(t *testing.T) {
	files := vfs.NewMem()
	l := mustOpen(t, "log", Options{FS: files, block: 1000})
	defer func() { mustClose(t, l) }()
	for i := range 40 {
		mustAppend(t, l, entries(uint64(i*25+1), 25))
	}
	it, err := l.db.Iter([]byte(recordPrefix), store.Successor([]byte(recordPrefix)))
	if err != nil {
		t.Fatal(err)
	}
	var ends []uint64
	for ok := it.First(); ok; ok = it.Next() {
		seq, _, _ := parseKey(it.Key())
		ends = append(ends, seq)
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	if len(ends) < 60 || len(ends) > 300 {
		t.Fatalf("1,000 records lie in %d blocks", len(ends))
	}
	for commit := uint64(25); commit <= 1000; commit += 25 {
		if !slices.Contains(ends, commit) {
			t.Fatalf("no block ends with the commit of record %d", commit)
		}
	}
	for from := uint64(1); from <= 1001; from++ {
		next := from
		err := l.Read(from, func(r Record) error {
			if r.Seq != next {
				return fmt.Errorf("record %d, want %d", r.Seq, next)
			}
			if next++; next == from+30 {
				return io.EOF
			}
			return nil
		})
		if err != nil && err != io.EOF || next != min(from+30, 1001) {
			t.Fatalf("from %d to %d: %v", from, next, err)
		}
	}
}

// Any bit of any stored record, turned: found, and the record named. And a writer
// refuses to go on after a last record that does not hold.
func TestFlippedBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		files := vfs.NewMem()
		v, _ := signedLog(t, files, []int{1, 300, 0}[rng.IntN(3)])
		seq := 1 + rng.Uint64N(100)
		if rng.IntN(4) == 0 {
			seq = 100
		}
		var block uint64 // that has it
		it := mustOpen(t, "log", Options{FS: files})
		for block = seq; ; block++ {
			if b, err := it.db.Get(key(block, recordSort)); err != nil {
				t.Fatal(err)
			} else if b != nil {
				break
			}
		}
		mustClose(t, it)
		var at string
		tamper(t, files, func(get func([]byte) []byte, set func(_, _ []byte), _ func([]byte)) {
			val := get(key(block, recordSort))
			ends := stretches(t, val)
			nth := len(ends) - 2 - int(block-seq)
			i, bit := ends[nth]+rng.IntN(ends[nth+1]-ends[nth]), rng.IntN(8)
			val[i] ^= 1 << bit
			at = fmt.Sprintf("record %d, byte %d of %d, bit %d", seq, i, len(val), bit)
			set(key(block, recordSort), val)
		})
		var broken *BrokenError
		if _, err := audit(t, files, v); !errors.As(err, &broken) || broken.Seq != seq {
			t.Fatalf("%s: %v", at, err)
		}
		l, err := OpenReadOnlyOn(files, "log")
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Read(1, func(Record) error { return nil }); !errors.As(err, &broken) || broken.Seq != seq {
			t.Fatalf("%s: read: %v", at, err)
		}
		l.Close()
		if seq == 100 {
			if _, err := Open("log", Options{FS: files}); !errors.As(err, &broken) || broken.Seq != seq {
				t.Fatalf("%s: opened for writing: %v", at, err)
			}
		}
	}
}
