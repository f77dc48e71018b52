package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/internal/store"
)

// seeded is a source that looks random and is the same in every run.
func seeded(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

func mustOpen(t testing.TB, dir string, o Options) *Vault {
	t.Helper()
	v, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func mustClose(t testing.TB, v *Vault) {
	t.Helper()
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
}

func mustPut(t testing.TB, v *Vault, customer uint64, name, plaintext string) Commitment {
	t.Helper()
	c, err := v.Put(customer, name, []byte(plaintext))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustGet(t testing.TB, v *Vault, customer uint64, name, want string) {
	t.Helper()
	got, err := v.Get(customer, name)
	if err != nil || string(got) != want {
		t.Fatalf("customer %d: %q, %v; want %q", customer, got, err, want)
	}
}

// The commitment, byte for byte.
func TestCommitVector(t *testing.T) {
	var salt [32]byte
	for i := range salt {
		salt[i] = byte(i)
	}
	want := sha256.Sum256(append(append([]byte{2}, salt[:]...), "Ivan Petrov"...))
	c := Commit([]byte("Ivan Petrov"), salt)
	if c != want {
		t.Errorf("Commit = %v, want %x", c, want)
	}
	const literal = "741b210489f2d23b721d709e6bb2a468d1211088d057ecaa2bd8bf5e0b72ea47"
	if c.String() != literal {
		t.Errorf("Commit = %v, want %s", c, literal)
	}
	if !CheckCommitment(c, []byte("Ivan Petrov"), salt) {
		t.Error("the commitment does not check")
	}
	for i := range 256 {
		bad := c
		bad[i/8] ^= 1 << (i % 8)
		badSalt := salt
		badSalt[i/8] ^= 1 << (i % 8)
		if CheckCommitment(bad, []byte("Ivan Petrov"), salt) || CheckCommitment(c, []byte("Ivan Petrov"), badSalt) {
			t.Fatalf("bit %d turned unseen", i)
		}
	}
	if CheckCommitment(c, []byte("Ivan Petrow"), salt) || CheckCommitment(Commitment{}, nil, [32]byte{}) {
		t.Error("another plaintext checks")
	}
}

func TestPutGetReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "some", "where")
	v := mustOpen(t, dir, Options{})
	cs, err := v.PutAll([]Item{
		{7, "profile", []byte("Ivan Petrov, 1971-03-02")},
		{7, "api-key/1", []byte("secret")},
		{9, "profile", nil},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(cs) != 3 || cs[0] == cs[1] || cs[2] == (Commitment{}) {
		t.Fatalf("commitments %v", cs)
	}
	first := mustPut(t, v, 8, "profile", "first")
	second := mustPut(t, v, 8, "profile", "first")
	if first == second {
		t.Error("two writes of the same have the same commitment: the salt is not fresh")
	}
	mustClose(t, v)

	v = mustOpen(t, dir, Options{})
	defer v.Close()
	mustGet(t, v, 7, "profile", "Ivan Petrov, 1971-03-02")
	mustGet(t, v, 7, "api-key/1", "secret")
	mustGet(t, v, 9, "profile", "")
	for _, tc := range []struct {
		customer uint64
		name     string
		c        Commitment
		want     bool
	}{{7, "profile", cs[0], true}, {7, "api-key/1", cs[1], true}, {9, "profile", cs[2], true}, {7, "profile", cs[1], false}, {8, "profile", first, false}, {8, "profile", second, true}} {
		if ok, err := v.Check(tc.customer, tc.name, tc.c); err != nil || ok != tc.want {
			t.Errorf("check %d %s: %v %v, want %v", tc.customer, tc.name, ok, err, tc.want)
		}
	}
	d, err := v.Disclose(8, "profile")
	if err != nil || d.Version != 2 || d.Commitment() != second || !CheckCommitment(second, d.Plaintext, d.Salt) {
		t.Errorf("disclosed version %d, %v", d.Version, err)
	}
	var got []uint64
	if err := v.Customers(func(c uint64) error { got = append(got, c); return nil }); err != nil || fmt.Sprint(got) != "[7 8 9]" {
		t.Errorf("customers %v, %v", got, err)
	}
	stop := errors.New("enough")
	if err := v.Customers(func(uint64) error { return stop }); err != stop {
		t.Errorf("the caller's own error came back as %v", err)
	}
	for _, id := range []struct {
		customer uint64
		name     string
	}{{7, "passport"}, {10, "profile"}, {7, "profil"}} {
		if _, err := v.Get(id.customer, id.name); !errors.Is(err, ErrNotFound) {
			t.Errorf("get %v: %v", id, err)
		}
	}
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrHeld) {
		t.Errorf("opened twice: %v", err)
	}
}

// What breaks a bound is refused, and nothing of it is kept.
func TestPutRefuses(t *testing.T) {
	v := mustOpen(t, t.TempDir(), Options{})
	defer v.Close()
	ok := Item{1, "profile", []byte("x")}
	for name, items := range map[string][]Item{
		"none":        nil,
		"customer 0":  {ok, {0, "profile", nil}},
		"no name":     {ok, {2, "", nil}},
		"long name":   {ok, {2, strings.Repeat("a", MaxName+1), nil}},
		"a person":    {ok, {2, "Ivan Petrov", nil}},
		"upper case":  {ok, {2, "Profile", nil}},
		"zero byte":   {ok, {2, "a\x00b", nil}},
		"large":       {ok, {2, "profile", make([]byte, MaxPlaintext+1)}},
		"twice":       {ok, {2, "profile", nil}, ok},
		"large batch": largeBatch(33),
		"many":        make([]Item, MaxItems+1),
	} {
		if _, err := v.PutAll(items); err == nil || errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := v.Get(1, "profile"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a part of a refused batch was kept: %v", err)
	}
	if _, err := v.PutAll(largeBatch(32)); err != nil {
		t.Errorf("the most that is allowed: %v", err)
	}
	got, err := v.Get(32, "scan")
	if err != nil || len(got) != MaxPlaintext {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func largeBatch(n int) []Item {
	items := make([]Item, n)
	for i := range items {
		items[i] = Item{uint64(i + 1), "scan", make([]byte, MaxPlaintext)}
	}
	return items
}

// Randomness that ends is an error, and nothing half-encrypted is kept.
func TestRandomnessEnds(t *testing.T) {
	dir := t.TempDir()
	mustClose(t, mustOpen(t, dir, Options{}))
	for n := range int64(32 + 12 + 32 + 12) { // data key, its nonce, salt, nonce
		v := mustOpen(t, dir, Options{Rand: io.LimitReader(seeded(1), n)})
		if _, err := v.Put(1, "profile", []byte("x")); err == nil || !strings.Contains(err.Error(), "randomness") {
			t.Fatalf("%d random bytes: %v", n, err)
		}
		if _, err := v.Get(1, "profile"); !errors.Is(err, ErrNotFound) {
			t.Fatalf("%d random bytes: %v", n, err)
		}
		mustClose(t, v)
	}
	if _, err := Open(t.TempDir(), Options{Rand: io.LimitReader(seeded(1), 31)}); err == nil || !strings.Contains(err.Error(), "randomness") {
		t.Errorf("a master key of 31 random bytes: %v", err)
	}
}

// The seed decides everything, so that a whole exchange can be simulated; and no two
// random values of a vault are the same.
func TestSeeded(t *testing.T) {
	commit := func(seed byte) string {
		v := mustOpen(t, t.TempDir(), Options{Rand: seeded(seed)})
		defer v.Close()
		return mustPut(t, v, 1, "profile", "x").String() + mustPut(t, v, 2, "profile", "x").String()
	}
	a, b, c := commit(1), commit(1), commit(2)
	if a != b || a == c || a[:64] == a[64:] {
		t.Errorf("seed 1 twice, then seed 2:\n%s\n%s\n%s", a, b, c)
	}
}

func TestMasterKey(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "master.key")
	v := mustOpen(t, dir, Options{})
	mustPut(t, v, 1, "profile", "Ivan Petrov")
	mustClose(t, v)
	text, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(text), masterKeyLine) || len(text) != len(masterKeyLine)+65 {
		t.Fatalf("key file of %d bytes, %v", len(text), err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".master*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left over: %v %v", left, err)
	}

	// Readable by others.
	if runtime.GOOS != "windows" {
		for _, mode := range []fs.FileMode{0o640, 0o604, 0o610, 0o601, 0o666} {
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), "chmod 600") {
				t.Errorf("mode %o: %v", mode, err)
			}
		}
		if err := os.Chmod(path, 0o400); err != nil {
			t.Fatal(err)
		}
		mustClose(t, mustOpen(t, dir, Options{}))
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}

	// Another key, and files that are none.
	for name, tc := range map[string]struct {
		text string
		want string
	}{
		"wrong":     {masterKeyLine + strings.Repeat("ab", 32) + "\n", "not the one"},
		"short":     {masterKeyLine + strings.Repeat("ab", 31) + "\n", "no master key"},
		"long":      {string(text) + "x", "no master key"},
		"empty":     {"", "no master key"},
		"raw bytes": {strings.Repeat("\x01", 32), "no master key"},
	} {
		if err := os.WriteFile(path, []byte(tc.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(dir, Options{})
		if err == nil || !strings.Contains(err.Error(), tc.want) || errors.Is(err, ErrWrongKey) != (name == "wrong") {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "abab") {
			t.Errorf("%s: the error tells the key: %v", name, err)
		}
	}

	// Missing: never made anew beside data.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), "put it back") {
		t.Errorf("missing: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing key was made anew: %v", err)
	}

	// Put back, and kept elsewhere.
	elsewhere := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(elsewhere, text, 0o600); err != nil {
		t.Fatal(err)
	}
	v = mustOpen(t, dir, Options{MasterKey: elsewhere})
	mustGet(t, v, 1, "profile", "Ivan Petrov")
	mustClose(t, v)
}

// tamper changes the store behind the vault's back.
func tamper(t *testing.T, dir string, change func(get func(k []byte) []byte, set func(k, v []byte), del func(k []byte))) {
	t.Helper()
	db, err := store.Open(filepath.Join(dir, "store"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := db.NewBatch()
	change(func(k []byte) []byte {
		v, err := db.Get(k)
		if err != nil {
			t.Fatal(err)
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

// Ciphertexts moved, mixed or changed give errors and never another's data.
func TestTampering(t *testing.T) {
	type getter = func([]byte) []byte
	type setter = func(k, v []byte)
	type deleter = func([]byte)
	for _, tc := range []struct {
		name     string
		change   func(getter, setter, deleter)
		customer uint64
		record   string
		want     error
	}{
		{"records of two customers swapped", func(get getter, set setter, _ deleter) {
			a, b := get(recordKey(1, "profile")), get(recordKey(2, "profile"))
			set(recordKey(1, "profile"), b)
			set(recordKey(2, "profile"), a)
		}, 1, "profile", ErrUnreadable},
		{"with their data keys", func(get getter, set setter, _ deleter) {
			for _, k := range []func(uint64) []byte{dataKeyKey, func(c uint64) []byte { return recordKey(c, "profile") }} {
				a, b := get(k(1)), get(k(2))
				set(k(1), b)
				set(k(2), a)
			}
		}, 1, "profile", ErrUnreadable},
		{"records of one customer swapped", func(get getter, set setter, _ deleter) {
			set(recordKey(1, "profile"), get(recordKey(1, "api-key")))
		}, 1, "profile", ErrUnreadable},
		{"version raised", func(get getter, set setter, _ deleter) {
			r := get(recordKey(1, "profile"))
			r[8]++
			set(recordKey(1, "profile"), r)
		}, 1, "profile", ErrUnreadable},
		{"cut off", func(get getter, set setter, _ deleter) {
			set(recordKey(1, "profile"), get(recordKey(1, "profile"))[:12])
		}, 1, "profile", ErrUnreadable},
		{"emptied", func(get getter, set setter, _ deleter) { set(recordKey(1, "profile"), nil) }, 1, "profile", ErrUnreadable},
		{"data key cut off", func(get getter, set setter, _ deleter) { set(dataKeyKey(1), get(dataKeyKey(1))[:5]) }, 1, "profile", ErrUnreadable},
		{"data key gone", func(_ getter, _ setter, del deleter) { del(dataKeyKey(1)) }, 1, "profile", ErrNotFound},
		{"the check for a data key", func(get getter, set setter, _ deleter) { set(dataKeyKey(1), get([]byte(checkKey))) }, 1, "profile", ErrUnreadable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			v := mustOpen(t, dir, Options{})
			if _, err := v.PutAll([]Item{{1, "profile", []byte("Ivan Petrov")}, {1, "api-key", []byte("secret")}, {2, "profile", []byte("Anna Ivanova")}}); err != nil {
				t.Fatal(err)
			}
			mustClose(t, v)
			tamper(t, dir, tc.change)
			v = mustOpen(t, dir, Options{})
			defer v.Close()
			if got, err := v.Get(tc.customer, tc.record); !errors.Is(err, tc.want) {
				t.Errorf("got %d bytes, %v; want %v", len(got), err, tc.want)
			}
		})
	}
	dir := t.TempDir()
	v := mustOpen(t, dir, Options{})
	mustPut(t, v, 1, "profile", "x")
	mustClose(t, v)
	// One customer's key as another's would encrypt both under it: erasing one, in vain.
	tamper(t, dir, func(get func([]byte) []byte, set func(_, _ []byte), _ func([]byte)) {
		set(dataKeyKey(2), get(dataKeyKey(1)))
	})
	v = mustOpen(t, dir, Options{})
	if _, err := v.Put(2, "profile", nil); !errors.Is(err, ErrUnreadable) {
		t.Errorf("under another customer's data key: %v", err)
	}
	mustClose(t, v)
	tamper(t, dir, func(_ func([]byte) []byte, _ func(_, _ []byte), del func([]byte)) { del([]byte(checkKey)) })
	if _, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), "is gone") {
		t.Errorf("without its check: %v", err)
	}
}

// Any bit of what lies under a record's key, turned, is found.
func TestFlippedBits(t *testing.T) {
	v := mustOpen(t, t.TempDir(), Options{Rand: seeded(3)})
	defer v.Close()
	mustPut(t, v, 1, "profile", "Ivan Petrov")
	data, err := v.openDataKey(1)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := v.db.Get(recordKey(1, "profile"))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := openRecord(data, 1, "profile", stored); !ok {
		t.Fatal("the record itself does not open")
	}
	for i := range 8 * len(stored) {
		bad := bytes.Clone(stored)
		bad[i/8] ^= 1 << (i % 8)
		if _, ok := openRecord(data, 1, "profile", bad); ok {
			t.Fatalf("bit %d turned unseen", i)
		}
	}
}

// Several records of a customer are given as each of them is, or none.
func TestDiscloseAll(t *testing.T) {
	dir := t.TempDir()
	v := mustOpen(t, dir, Options{})
	c := mustPut(t, v, 7, "profile", "Ivan Petrov")
	mustPut(t, v, 7, "told", "")
	mustPut(t, v, 8, "api-key", "another's")
	ds, err := v.DiscloseAll(7, "told", "api-key", "profile")
	if err != nil || len(ds) != 3 || ds[0] == nil || len(ds[0].Plaintext) != 0 || ds[1] != nil || ds[2] == nil || string(ds[2].Plaintext) != "Ivan Petrov" || ds[2].Commitment() != c {
		t.Fatalf("%v, %v", ds, err)
	}
	for _, none := range [][]string{nil, {"passport"}} {
		if ds, err := v.DiscloseAll(7, none...); err != nil || len(ds) != len(none) || len(ds) > 0 && ds[0] != nil {
			t.Errorf("%v: %v, %v", none, ds, err)
		}
	}
	if ds, err := v.DiscloseAll(9, "profile"); !errors.Is(err, ErrNotFound) || ds != nil {
		t.Errorf("of nobody: %v, %v", ds, err)
	}
	if _, err := v.DiscloseAll(7, "profile", "a name\x00"); err == nil {
		t.Error("a name that is none is asked for")
	}
	if err := v.Erase(8); err != nil {
		t.Fatal(err)
	}
	if ds, err := v.DiscloseAll(8, "profile", "api-key"); !errors.Is(err, ErrErased) || ds != nil {
		t.Errorf("of the erased: %v, %v", ds, err)
	}
	mustClose(t, v)
	tamper(t, dir, func(get func([]byte) []byte, set func(_, _ []byte), _ func([]byte)) {
		set(recordKey(7, "told"), get(recordKey(7, "profile")))
	})
	v = mustOpen(t, dir, Options{})
	defer v.Close()
	if ds, err := v.DiscloseAll(7, "profile", "told"); !errors.Is(err, ErrUnreadable) || ds != nil {
		t.Errorf("of whom one record is another's: %v, %v", ds, err)
	}
}

// Erased is erased: also when the ciphertext is put back, or all of it; and the
// wrapped key is in no file any longer.
func TestErase(t *testing.T) {
	dir := t.TempDir()
	v := mustOpen(t, dir, Options{})
	var items []Item
	for c := uint64(1); c <= 50; c++ {
		items = append(items, Item{c, "profile", fmt.Appendf(nil, "customer %d", c)}, Item{c, "api-key", []byte("secret")})
	}
	cs, err := v.PutAll(items)
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, v)
	var wrapped, record []byte
	tamper(t, dir, func(get func([]byte) []byte, _ func(_, _ []byte), _ func([]byte)) {
		wrapped, record = get(dataKeyKey(17)), get(recordKey(17, "profile"))
	})
	if !onDisk(t, dir, wrapped) || !onDisk(t, dir, record) {
		t.Fatal("the test looks in the wrong place: the wrapped key is in no file before erasing")
	}

	v = mustOpen(t, dir, Options{})
	if err := v.Erase(17); err != nil {
		t.Fatal(err)
	}
	// The vault is open still. Pebble removes files it has rewritten a moment later.
	for deadline := time.Now().Add(time.Minute); onDisk(t, dir, wrapped, ".log") || onDisk(t, dir, record, ".log"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a file of sorted keys still holds the erased customer's key or record")
		}
	}
	erasedFor := func(v *Vault) {
		t.Helper()
		for _, name := range []string{"profile", "api-key"} {
			if _, err := v.Get(17, name); !errors.Is(err, ErrErased) {
				t.Errorf("%v", err)
			}
		}
		if _, err := v.Check(17, "profile", cs[32]); !errors.Is(err, ErrErased) {
			t.Errorf("%v", err)
		}
		if _, err := v.PutAll([]Item{{60, "profile", nil}, {17, "profile", nil}}); !errors.Is(err, ErrErased) {
			t.Errorf("an erased number was used again: %v", err)
		}
		n := 0
		if err := v.Customers(func(c uint64) error {
			n++
			if c == 17 {
				t.Error("an erased customer is counted")
			}
			return nil
		}); err != nil || n != 49 {
			t.Errorf("%d customers, %v", n, err)
		}
		mustGet(t, v, 16, "profile", "customer 16")
		mustGet(t, v, 18, "profile", "customer 18")
	}
	erasedFor(v)
	if err := v.Erase(17); err != nil {
		t.Errorf("erased again: %v", err)
	}
	if err := v.Erase(99); !errors.Is(err, ErrNotFound) {
		t.Errorf("erased who was never there: %v", err)
	}
	mustClose(t, v)
	mustClose(t, mustOpen(t, dir, Options{})) // removes the log file kept for reuse
	if onDisk(t, dir, wrapped) || onDisk(t, dir, record) {
		t.Error("a file still holds the erased customer's key or record")
	}

	tamper(t, dir, func(_ func([]byte) []byte, set func(_, _ []byte), _ func([]byte)) {
		set(recordKey(17, "profile"), record)
	})
	v = mustOpen(t, dir, Options{})
	if _, err := v.Get(17, "profile"); !errors.Is(err, ErrErased) {
		t.Errorf("the ciphertext put back: %v", err)
	}
	mustClose(t, v)
	tamper(t, dir, func(_ func([]byte) []byte, _ func(_, _ []byte), del func([]byte)) { del(erasedKey(17)) })
	v = mustOpen(t, dir, Options{})
	if _, err := v.Get(17, "profile"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the ciphertext put back, and the mark taken away: %v", err)
	}
	mustPut(t, v, 17, "api-key", "new") // makes another data key, which opens nothing old
	if _, err := v.Get(17, "profile"); !errors.Is(err, ErrUnreadable) {
		t.Errorf("the ciphertext put back, under a new key: %v", err)
	}
	mustClose(t, v)
}

// onDisk looks for the beginning of what in all files but those of the given endings.
func onDisk(t *testing.T, dir string, what []byte, except ...string) bool {
	t.Helper()
	found := false
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || slices.Contains(except, filepath.Ext(path)) {
			return err
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed meanwhile
		}
		// A long value may be cut in two by the framing of the log file.
		found = found || bytes.Contains(data, what[:min(len(what), 24)])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// No error and no print tells a name, a secret or the name of a record.
func TestNothingTold(t *testing.T) {
	const person, secret = "Ivan Petrov", "hmac-secret-7731"
	dir := t.TempDir()
	v := mustOpen(t, dir, Options{})
	mustPut(t, v, 1, "profile", person)
	mustPut(t, v, 1, "pet-name", secret)
	mustPut(t, v, 2, "profile", person)
	d, err := v.Disclose(1, "pet-name")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, x := range []any{d, &d, []Disclosed{d}, Item{1, "pet-name", []byte(secret)}, []Item{{1, "pet-name", []byte(secret)}}, v} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			told = append(told, fmt.Sprintf(verb, x))
		}
	}
	if err := v.Erase(2); err != nil {
		t.Fatal(err)
	}
	mustClose(t, v)
	tamper(t, dir, func(get func([]byte) []byte, set func(_, _ []byte), _ func([]byte)) {
		set(recordKey(1, "pet-name"), get(recordKey(1, "profile")))
	})
	v = mustOpen(t, dir, Options{})
	errs := []error{}
	for _, f := range []func() error{
		func() error { _, err := v.Get(1, "pet-name"); return err },
		func() error { _, err := v.Get(1, "pet-name2"); return err },
		func() error { _, err := v.Get(2, "pet-name"); return err },
		func() error { _, err := v.Get(0, "pet-name"); return err },
		func() error { _, err := v.Get(1, person); return err },
		func() error { _, err := v.Put(1, person, nil); return err },
		func() error { _, err := v.Put(2, "pet-name", []byte(secret)); return err },
		func() error {
			_, err := v.PutAll([]Item{{1, "pet-name", []byte(secret)}, {1, "pet-name", nil}})
			return err
		},
		func() error {
			_, err := v.Put(1, "pet-name", bytes.Repeat([]byte(secret), 100_000))
			return err
		},
	} {
		err := f()
		if err == nil {
			t.Fatalf("error %d did not come", len(errs))
		}
		errs = append(errs, err)
		told = append(told, err.Error(), fmt.Sprintf("%+v", err))
	}
	mustClose(t, v)
	for _, s := range told {
		for _, never := range []string{person, "Petrov", secret, hex.EncodeToString([]byte(secret)), "pet-name", fmt.Sprint([]byte(secret))[1:20], hex.EncodeToString(d.Salt[:8])} {
			if strings.Contains(strings.ToLower(s), strings.ToLower(never)) {
				t.Errorf("told %q in %q", never, s)
			}
		}
	}
}

// FuzzOpenRecord: arbitrary bytes under a record's key open nothing, and do not crash.
func FuzzOpenRecord(f *testing.F) {
	v := mustOpen(f, f.TempDir(), Options{Rand: seeded(5)})
	defer v.Close()
	mustPut(f, v, 1, "profile", "Ivan Petrov")
	data, err := v.openDataKey(1)
	if err != nil {
		f.Fatal(err)
	}
	good, err := v.db.Get(recordKey(1, "profile"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint64(1), "profile", good)
	f.Add(uint64(2), "profile", good)
	f.Add(uint64(1), "profil", append([]byte("e"), good...))
	f.Add(uint64(1), "profile", good[:30])
	f.Add(uint64(0), "", []byte{})
	f.Fuzz(func(t *testing.T, customer uint64, name string, stored []byte) {
		d, ok := openRecord(data, customer, name, stored)
		if ok != (customer == 1 && name == "profile" && bytes.Equal(stored, good)) {
			t.Fatalf("opened: %v", ok)
		}
		if ok && string(d.Plaintext) != "Ivan Petrov" {
			t.Fatal("opened as another")
		}
	})
}

// BenchmarkPutAll opens 2,000 customers, a profile and a key each, with one sync.
func BenchmarkPutAll(b *testing.B) {
	items := make([]Item, 0, 4000)
	for c := uint64(1); c <= 2000; c++ {
		items = append(items, Item{c, "profile", make([]byte, 400)}, Item{c, "api-key", make([]byte, 64)})
	}
	v := mustOpen(b, b.TempDir(), Options{})
	defer v.Close()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.PutAll(items); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	v := mustOpen(b, b.TempDir(), Options{})
	defer v.Close()
	mustPut(b, v, 1, "profile", strings.Repeat("x", 400))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Get(1, "profile"); err != nil {
			b.Fatal(err)
		}
	}
}
