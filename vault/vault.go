// Package vault keeps customers' personal data and API secrets, encrypted under one
// data key per customer. The journal holds only commitments to what lies here, so that
// erasing a customer's data key erases the person while the journal still verifies. The
// vault knows no law: when a customer may or must be erased is decided elsewhere.
//
// # What holds
//
// Put and PutAll return once everything is on the disk; of one PutAll everything is
// there after a crash or nothing. A record opens only under the customer, the name and
// the version that it was written for, so that moving ciphertexts about yields errors,
// never another's data. No error tells the name or the content of a record. The tests
// in vault_test.go and crash_test.go prove it.
//
// # Keys
//
// A master key of 32 random bytes lies in a file that only its owner may read; it is
// made, and on the disk, before anything is encrypted. It wraps the data keys, each 32
// random bytes; data keys encrypt records. Both by AES-256-GCM (NIST SP 800-38D) with
// random nonces of 96 bits, which its section 8.3 allows for 2^32 encryptions under
// one key: here one for each customer, and one for each write of a customer's record.
//
// # Store
//
// A Pebble database, integers big-endian; seal(key, additional, plain) is
// nonce (12) || AES-256-GCM:
//
//	"m"                          seal(master, "sallyport vault v1 check", "")
//	"k" || customer (8)          seal(master, "sallyport vault v1 data key" || customer, data key)
//	"d" || customer (8) || name  0x01 || version (8) || seal(data key, "sallyport vault v1 record" || customer || version || name, salt (32) || plaintext)
//	"e" || customer (8)          erased: 0x00 as long as the old files hold the key, then 0x01
//
// The salt of a commitment lies inside the ciphertext: erasing the key erases it with
// the plaintext, and then the commitment cannot even be guessed at. Customer numbers
// and the names of records lie open: a name says what sort of data it is ("profile"),
// never whose.
//
// # What erasing cannot reach
//
// Copies of the vault made before (backups) hold the wrapped key, which opens with the
// master key. Blocks that the file system freed may hold it until they are written
// over, as may the log file that the store keeps for reuse until it is next opened.
package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"sallyport/internal/store"
)

// Bounds of what is kept.
const (
	MaxPlaintext = 1 << 20  // bytes of one record
	MaxName      = 64       // bytes of the name of a record
	MaxItems     = 1 << 16  // records of one PutAll
	MaxBatch     = 32 << 20 // bytes of all records of one PutAll
)

// Why a record is not given out, or a vault does not open; found by errors.Is.
var (
	ErrNotFound   = errors.New("there is no such record")
	ErrErased     = errors.New("the customer was erased")
	ErrUnreadable = errors.New("the stored record does not open: it was changed or belongs elsewhere")
	ErrWrongKey   = errors.New("the master key is not the one this vault was made with")
	// ErrBroken is in every error after a write failed, until the vault is opened anew.
	ErrBroken = store.ErrBroken
	// ErrHeld says that another process has the vault open.
	ErrHeld = store.ErrHeld
)

// A Commitment is SHA-256(0x02 || salt || plaintext): it binds to the plaintext and,
// without the salt, tells nothing of it.
type Commitment [32]byte

// String is the commitment in hexadecimal. It may be shown to anybody.
func (c Commitment) String() string { return hex.EncodeToString(c[:]) }

// Commit makes the commitment to a plaintext under a salt of 32 random bytes.
func Commit(plaintext []byte, salt [32]byte) Commitment {
	h := sha256.New()
	h.Write([]byte{0x02})
	h.Write(salt[:])
	h.Write(plaintext)
	return Commitment(h.Sum(nil))
}

// CheckCommitment reports whether c commits to this plaintext under this salt.
func CheckCommitment(c Commitment, plaintext []byte, salt [32]byte) bool {
	want := Commit(plaintext, salt)
	return subtle.ConstantTimeCompare(c[:], want[:]) == 1
}

// An Item is one record to be kept. Printing it shows nothing of its content.
type Item struct {
	Customer  uint64 // from 1
	Name      string // what sort of data: 1 to MaxName of a-z, 0-9, dot, dash, slash and underscore
	Plaintext []byte // at most MaxPlaintext bytes
}

// Format keeps content out of logs, whatever verb it is printed with.
func (i Item) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "item of customer %d", i.Customer) }

// A Disclosed record is all that someone needs to check its commitment. Printing it
// shows nothing of its content.
type Disclosed struct {
	Customer  uint64
	Name      string
	Version   uint64 // counts the writes of this record, from 1
	Plaintext []byte
	Salt      [32]byte
}

// Commitment is the commitment that was returned when the record was put.
func (d Disclosed) Commitment() Commitment { return Commit(d.Plaintext, d.Salt) }

// Format keeps content out of logs, whatever verb it is printed with.
func (d Disclosed) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "record of customer %d, version %d", d.Customer, d.Version)
}

// Options of Open. The zero value keeps the master key beside the data and takes
// randomness from crypto/rand.
type Options struct {
	// MasterKey is the path of the master key's file; empty means master.key in the
	// vault's directory. It belongs on another medium than the backups of the vault.
	MasterKey string
	// Rand is where keys, nonces and salts come from; nil means crypto/rand. Anything
	// that can be guessed opens the vault.
	Rand io.Reader
	// ReadOnly opens a vault that is there and writes nothing, not even what an erasure
	// that was cut off still owes. No other process may have it open for writing.
	ReadOnly bool

	// FS is the file system; nil is the machine's own.
	FS vfs.FS
}

// A Vault is an open vault. Its methods may be called from several goroutines.
type Vault struct {
	db     *store.DB
	master cipher.AEAD
	rand   io.Reader

	mu sync.RWMutex // readers see a customer before or after a write, never amidst
}

// Open opens the vault in dir, making it, and its master key, when there is none.
func Open(dir string, o Options) (*Vault, error) {
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.MasterKey == "" {
		o.MasterKey = filepath.Join(dir, "master.key")
	}
	data := filepath.Join(dir, "store")
	if o.ReadOnly {
		return openReadOnly(data, o)
	}
	master, err := masterKey(o.files(), o.MasterKey, dir, data, o.Rand)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(data, store.Options{FS: o.FS})
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	v := &Vault{db: db, master: newAEAD(master), rand: o.Rand}
	err = v.checkMaster(o.MasterKey)
	if err == nil {
		err = v.finishErasures()
	}
	if err != nil {
		v.db.Close()
		return nil, err
	}
	return v, nil
}

// files is where the master key lies.
func (o *Options) files() vfs.FS {
	if o.FS == nil {
		return store.Disk
	}
	return o.FS
}

func openReadOnly(data string, o Options) (*Vault, error) {
	master, err := readMasterKey(o.files(), o.MasterKey)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(data, store.Options{FS: o.FS, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	v := &Vault{db: db, master: newAEAD(master), rand: o.Rand}
	sealed, err := db.Get([]byte(checkKey))
	if err == nil {
		if _, ok := open(v.master, []byte(checkPurpose), sealed); !ok {
			err = fmt.Errorf("%s: %w", o.MasterKey, ErrWrongKey)
		}
	}
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("vault: %w", err)
	}
	return v, nil
}

// checkMaster opens the check that was sealed when the vault was made, or seals it.
func (v *Vault) checkMaster(path string) error {
	sealed, err := v.db.Get([]byte(checkKey))
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	if sealed != nil {
		if _, ok := open(v.master, []byte(checkPurpose), sealed); !ok {
			return fmt.Errorf("vault: %s: %w", path, ErrWrongKey)
		}
		return nil
	}
	empty, err := v.empty()
	if err != nil {
		return err
	}
	if !empty {
		return errors.New("vault: the record that proves the master key is gone, though there is data: put back a copy of the vault")
	}
	sealed, err = v.seal(v.master, []byte(checkPurpose), nil)
	if err != nil {
		return err
	}
	b := v.db.NewBatch()
	return v.commit(b, b.Set([]byte(checkKey), sealed, nil))
}

func (v *Vault) empty() (bool, error) {
	it, err := v.db.Iter(nil, nil)
	if err != nil {
		return false, fmt.Errorf("vault: %w", err)
	}
	any := it.First()
	if err := it.Close(); err != nil {
		return false, fmt.Errorf("vault: %w", err)
	}
	return !any, nil
}

// Put keeps one record, in place of the one of the same customer and name, and returns
// the commitment to it. The first record of a customer makes the data key.
func (v *Vault) Put(customer uint64, name string, plaintext []byte) (Commitment, error) {
	cs, err := v.PutAll([]Item{{customer, name, plaintext}})
	if err != nil {
		return Commitment{}, err
	}
	return cs[0], nil
}

// PutAll keeps all items or none, with one sync, and returns the commitments to them in
// their order. No record may be there twice, and no customer may have been erased.
func (v *Vault) PutAll(items []Item) ([]Commitment, error) {
	if err := checkItems(items); err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.db.Err(); err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	b := v.db.NewBatch()
	cs, err := v.fill(b, items)
	if err != nil {
		b.Close()
		return nil, err
	}
	if err := v.commit(b, nil); err != nil {
		return nil, err
	}
	return cs, nil
}

func checkItems(items []Item) error {
	if len(items) == 0 || len(items) > MaxItems {
		return fmt.Errorf("vault: %d records at once: want 1 to %d", len(items), MaxItems)
	}
	type id struct {
		customer uint64
		name     string
	}
	seen := make(map[id]int, len(items))
	total := 0
	for i, item := range items {
		if err := checkID(item.Customer, item.Name); err != nil {
			return fmt.Errorf("%w (item %d)", err, i)
		}
		if len(item.Plaintext) > MaxPlaintext {
			return fmt.Errorf("vault: item %d, of customer %d, has %d bytes: the most is %d", i, item.Customer, len(item.Plaintext), MaxPlaintext)
		}
		if total += len(item.Plaintext); total > MaxBatch {
			return fmt.Errorf("vault: records of more than %d bytes at once", MaxBatch)
		}
		if j, twice := seen[id{item.Customer, item.Name}]; twice {
			return fmt.Errorf("vault: items %d and %d are the same record of customer %d", j, i, item.Customer)
		}
		seen[id{item.Customer, item.Name}] = i
	}
	return nil
}

func checkID(customer uint64, name string) error {
	if customer == 0 {
		return errors.New("vault: customers are numbered from 1")
	}
	ok := len(name) > 0 && len(name) <= MaxName
	for i := 0; i < len(name) && ok; i++ {
		c := name[i]
		ok = 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '.' || c == '-' || c == '_' || c == '/'
	}
	if !ok {
		return fmt.Errorf("vault: the name of a record of customer %d: want 1 to %d of a-z, 0-9, dot, dash, slash and underscore", customer, MaxName)
	}
	return nil
}

// fill encrypts the items into the batch.
func (v *Vault) fill(b *pebble.Batch, items []Item) ([]Commitment, error) {
	cs := make([]Commitment, len(items))
	keys := make(map[uint64]cipher.AEAD) // made or opened by this call
	for i, item := range items {
		data, ok := keys[item.Customer]
		if !ok {
			var err error
			if data, err = v.dataKey(b, item.Customer); err != nil {
				return nil, err
			}
			keys[item.Customer] = data
		}
		k := recordKey(item.Customer, item.Name)
		old, err := v.db.Get(k)
		if err != nil {
			return nil, fmt.Errorf("vault: customer %d: %w", item.Customer, err)
		}
		version := uint64(1)
		if old != nil {
			before, _, ok := parseRecord(old)
			if !ok || before+1 == 0 {
				return nil, fmt.Errorf("vault: customer %d: %w", item.Customer, ErrUnreadable)
			}
			version = before + 1
		}
		var salt [32]byte
		if _, err := io.ReadFull(v.rand, salt[:]); err != nil {
			return nil, fmt.Errorf("vault: randomness: %w", err)
		}
		sealed, err := v.seal(data, recordAdditional(item.Customer, version, item.Name), append(salt[:], item.Plaintext...))
		if err != nil {
			return nil, err
		}
		if err := b.Set(k, formatRecord(version, sealed), nil); err != nil {
			return nil, fmt.Errorf("vault: %w", err)
		}
		cs[i] = Commit(item.Plaintext, salt)
	}
	return cs, nil
}

// dataKey opens the customer's data key, or makes one in the batch.
func (v *Vault) dataKey(b *pebble.Batch, customer uint64) (cipher.AEAD, error) {
	data, err := v.openDataKey(customer)
	if !errors.Is(err, ErrNotFound) {
		return data, err
	}
	fresh := make([]byte, 32)
	if _, err := io.ReadFull(v.rand, fresh); err != nil {
		return nil, fmt.Errorf("vault: randomness: %w", err)
	}
	wrapped, err := v.seal(v.master, dataKeyAdditional(customer), fresh)
	if err != nil {
		return nil, err
	}
	if err := b.Set(dataKeyKey(customer), wrapped, nil); err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	return newAEAD(fresh), nil
}

func (v *Vault) openDataKey(customer uint64) (cipher.AEAD, error) {
	erased, err := v.db.Get(erasedKey(customer))
	if err != nil {
		return nil, fmt.Errorf("vault: customer %d: %w", customer, err)
	}
	if erased != nil {
		return nil, fmt.Errorf("vault: customer %d: %w", customer, ErrErased)
	}
	wrapped, err := v.db.Get(dataKeyKey(customer))
	if err != nil {
		return nil, fmt.Errorf("vault: customer %d: %w", customer, err)
	}
	if wrapped == nil {
		return nil, fmt.Errorf("vault: customer %d: %w", customer, ErrNotFound)
	}
	plain, ok := open(v.master, dataKeyAdditional(customer), wrapped)
	if !ok || len(plain) != 32 {
		return nil, fmt.Errorf("vault: customer %d: %w", customer, ErrUnreadable)
	}
	return newAEAD(plain), nil
}

// Get returns the plaintext of the record as it was last put: ErrNotFound, ErrErased or
// ErrUnreadable when there is none to give.
func (v *Vault) Get(customer uint64, name string) ([]byte, error) {
	d, err := v.Disclose(customer, name)
	if err != nil {
		return nil, err
	}
	return d.Plaintext, nil
}

// Disclose is Get with the salt, for someone who holds the commitment to check.
func (v *Vault) Disclose(customer uint64, name string) (Disclosed, error) {
	if err := checkID(customer, name); err != nil {
		return Disclosed{}, err
	}
	ds, err := v.DiscloseAll(customer, name)
	if err != nil {
		return Disclosed{}, err
	}
	if ds[0] == nil {
		return Disclosed{}, fmt.Errorf("vault: customer %d: %w", customer, ErrNotFound)
	}
	return *ds[0], nil
}

// DiscloseAll is Disclose of several records of one customer, as they are at one time and in the order of the names; nil of
// a name that has none. It fails where there is no such customer, or where one of the records cannot be given.
func (v *Vault) DiscloseAll(customer uint64, names ...string) ([]*Disclosed, error) {
	for _, name := range names {
		if err := checkID(customer, name); err != nil {
			return nil, err
		}
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	data, err := v.openDataKey(customer)
	if err != nil {
		return nil, err
	}
	ds := make([]*Disclosed, len(names))
	for i, name := range names {
		stored, err := v.db.Get(recordKey(customer, name))
		if err != nil {
			return nil, fmt.Errorf("vault: customer %d: %w", customer, err)
		}
		if stored == nil {
			continue
		}
		d, ok := openRecord(data, customer, name, stored)
		if !ok {
			return nil, fmt.Errorf("vault: customer %d: %w", customer, ErrUnreadable)
		}
		ds[i] = &d
	}
	return ds, nil
}

// Check reads the record and reports whether c commits to what it holds now.
func (v *Vault) Check(customer uint64, name string, c Commitment) (bool, error) {
	d, err := v.Disclose(customer, name)
	if err != nil {
		return false, err
	}
	return CheckCommitment(c, d.Plaintext, d.Salt), nil
}

// Customers calls fn with the number of each customer who has a data key, ascending. It
// sees the vault as it was when it began. An error of fn is returned as it is.
func (v *Vault) Customers(fn func(customer uint64) error) error {
	it, err := v.db.Iter([]byte(dataKeyPrefix), store.Successor([]byte(dataKeyPrefix)))
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	defer it.Close()
	for ok := it.First(); ok; ok = it.Next() {
		if len(it.Key()) != 1+8 {
			return errors.New("vault: a data key lies under no customer's number")
		}
		if err := fn(binary.BigEndian.Uint64(it.Key()[1:])); err != nil {
			return err
		}
	}
	if err := it.Error(); err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	return nil
}

// Erase removes the customer's data key and records for good and takes no new ones for
// this number. It returns when the key is in no file of sorted keys any longer; if the
// process ends before, the customer is erased nevertheless and the next Open finishes
// the files. Erasing again is no error; a customer who was never there is ErrNotFound.
func (v *Vault) Erase(customer uint64) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, err := v.openDataKey(customer)
	switch {
	case errors.Is(err, ErrErased):
		return v.finishErasures()
	case err != nil && !errors.Is(err, ErrUnreadable): // what cannot be read can be erased
		return err
	}
	b := v.db.NewBatch()
	records := recordKey(customer, "")
	err = errors.Join(
		b.Set(erasedKey(customer), []byte{erasing}, nil),
		b.Delete(dataKeyKey(customer), nil),
		b.DeleteRange(records, store.Successor(records), nil),
	)
	if err := v.commit(b, err); err != nil {
		return err
	}
	return v.finishErasures()
}

// finishErasures rewrites the files that may still hold keys of the erased.
func (v *Vault) finishErasures() error {
	it, err := v.db.Iter([]byte(erasedPrefix), store.Successor([]byte(erasedPrefix)))
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	var open []uint64
	for ok := it.First(); ok; ok = it.Next() {
		if len(it.Key()) == 1+8 && bytes.Equal(it.Value(), []byte{erasing}) {
			open = append(open, binary.BigEndian.Uint64(it.Key()[1:]))
		}
	}
	if err := it.Close(); err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	if len(open) == 0 {
		return nil
	}
	b := v.db.NewBatch()
	for _, customer := range open {
		for _, prefix := range [][]byte{dataKeyKey(customer), recordKey(customer, "")} {
			if err := v.db.Scrub(prefix, store.Successor(prefix)); err != nil {
				b.Close()
				return fmt.Errorf("vault: customer %d is erased, but old files may hold the key: %w", customer, err)
			}
		}
		if err := b.Set(erasedKey(customer), []byte{erased}, nil); err != nil {
			b.Close()
			return fmt.Errorf("vault: %w", err)
		}
	}
	return v.commit(b, nil)
}

// commit writes the batch, unless filling it failed.
func (v *Vault) commit(b *pebble.Batch, err error) error {
	if err != nil {
		b.Close()
		return fmt.Errorf("vault: %w", err)
	}
	if err := v.db.Commit(b); err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	return nil
}

// Close closes the vault.
func (v *Vault) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.db.Close(); err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	return nil
}

// Keys of the store, and what is authenticated beside a ciphertext.
const (
	checkKey      = "m"
	dataKeyPrefix = "k"
	recordPrefix  = "d"
	erasedPrefix  = "e"

	checkPurpose   = "sallyport vault v1 check"
	dataKeyPurpose = "sallyport vault v1 data key"
	recordPurpose  = "sallyport vault v1 record"

	erasing = 0x00
	erased  = 0x01
)

func numbered(prefix string, customer uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte(prefix), customer)
}

func dataKeyKey(customer uint64) []byte { return numbered(dataKeyPrefix, customer) }
func erasedKey(customer uint64) []byte  { return numbered(erasedPrefix, customer) }
func recordKey(customer uint64, name string) []byte {
	return append(numbered(recordPrefix, customer), name...)
}

func dataKeyAdditional(customer uint64) []byte { return numbered(dataKeyPurpose, customer) }
func recordAdditional(customer, version uint64, name string) []byte {
	return append(binary.BigEndian.AppendUint64(numbered(recordPurpose, customer), version), name...)
}

const recordVersion = 0x01

func formatRecord(version uint64, sealed []byte) []byte {
	b := make([]byte, 0, 1+8+len(sealed))
	b = append(b, recordVersion)
	b = binary.BigEndian.AppendUint64(b, version)
	return append(b, sealed...)
}

func parseRecord(b []byte) (version uint64, sealed []byte, ok bool) {
	if len(b) < 1+8 || b[0] != recordVersion {
		return 0, nil, false
	}
	return binary.BigEndian.Uint64(b[1:]), b[9:], true
}

// openRecord decrypts what lies under a record's key.
func openRecord(data cipher.AEAD, customer uint64, name string, stored []byte) (Disclosed, bool) {
	version, sealed, ok := parseRecord(stored)
	if !ok {
		return Disclosed{}, false
	}
	plain, ok := open(data, recordAdditional(customer, version, name), sealed)
	if !ok || len(plain) < 32 {
		return Disclosed{}, false
	}
	return Disclosed{customer, name, version, plain[32:], [32]byte(plain)}, true
}

// newAEAD is AES-256-GCM; key is 32 bytes.
func newAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // only by a key of another length
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // only by a block of another length
	}
	return aead
}

func (v *Vault) seal(key cipher.AEAD, additional, plain []byte) ([]byte, error) {
	nonce := make([]byte, key.NonceSize(), key.NonceSize()+len(plain)+key.Overhead())
	if _, err := io.ReadFull(v.rand, nonce); err != nil {
		return nil, fmt.Errorf("vault: randomness: %w", err)
	}
	return key.Seal(nonce, nonce, plain, additional), nil
}

func open(key cipher.AEAD, additional, sealed []byte) (plain []byte, ok bool) {
	if len(sealed) < key.NonceSize() {
		return nil, false
	}
	plain, err := key.Open(nil, sealed[:key.NonceSize()], sealed[key.NonceSize():], additional)
	return plain, err == nil
}
