// Package sim is the exchange under simulation: everything that happens to it, from orders to
// power cuts, drawn from one seed, so that what fails once can be run again.
//
// Disk is the simulated disk. The tests hold the harness: TestSimulation plays seeds, TestMutants
// shows that it finds what is broken on purpose. What-ifs about rules are package simulate's.
package sim

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// A Disk is a file system in memory that knows what of it would outlast a power cut: of a file
// what was synced, of a directory the names that were there when it was synced. Everything else
// is kept, lost or torn as Crash draws it. Its results depend on nothing but its calls.
type Disk struct {
	// Before is asked before each operation that changes the disk, and may wait. Its error
	// becomes that of the operation: a write is then done by half, and a sync loses what was
	// to be synced, though it reads as before (Rebello et al., USENIX ATC 2020). Nil asks nobody.
	Before func(Op) error

	mu    sync.Mutex
	root  *node
	locks map[string]bool
	ended chan struct{}
}

// An Op is an operation that changes a disk.
type Op struct {
	Kind  Kind
	Path  string
	Bytes int // of a write
}

// A Kind of operation.
type Kind string

// The operations that change a disk.
const (
	Create  Kind = "create"
	Write   Kind = "write"
	Sync    Kind = "sync"
	SyncDir Kind = "sync of a directory"
	Link    Kind = "link"
	Rename  Kind = "rename"
	Remove  Kind = "remove"
	Mkdir   Kind = "mkdir"
)

// A node is a file or a directory.
type node struct {
	isDir bool

	data    []byte // as it reads
	durable []byte // as it would read after a power cut that keeps nothing else
	written []span // since the last sync, in turn

	names   map[string]*node
	lasting map[string]*node
	changes []change // of names since the last sync, in turn
}

type span struct {
	at int
	b  []byte
}

// A change of names in one directory that a power cut keeps or not. A nil node takes a name away.
type change []entry

type entry struct {
	name string
	to   *node
}

func newDir() *node {
	return &node{isDir: true, names: map[string]*node{}, lasting: map[string]*node{}}
}

// NewDisk is an empty disk.
func NewDisk() *Disk {
	return &Disk{root: newDir(), locks: map[string]bool{}, ended: make(chan struct{})}
}

// End says that the process whose disk this is has ended: whoever waits for that goes on.
func (d *Disk) End() { close(d.ended) }

// Ended is closed when the process has ended (store.Mortal).
func (d *Disk) Ended() <-chan struct{} { return d.ended }

func (d *Disk) ask(k Kind, name string) error {
	if d.Before == nil {
		return nil
	}
	return d.Before(Op{Kind: k, Path: name})
}

// sector is what a disk writes whole or not at all.
const sector = 512

// Crash is the disk as a power cut leaves it: what was synced, and of the rest what is drawn. In
// one crash of four nothing else is kept, in one everything; in one the beginning of what was
// written, torn at any byte, and the first changes of names; in one any sectors and any names.
func (d *Disk) Crash(rng *rand.Rand) *Disk {
	return d.after(crash{rng: rng, how: rng.IntN(4), seen: map[*node]*node{}})
}

// Copy is a disk with the same content, all of it lasting, for whoever looks at it: it is of a
// process that has ended.
func (d *Disk) Copy() *Disk {
	after := d.after(crash{how: everything, seen: map[*node]*node{}})
	after.End()
	return after
}

func (d *Disk) after(c crash) *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	after := NewDisk()
	after.root = c.node(d.root)
	return after
}

// What of a disk that was not synced outlasts a crash.
const (
	nothing = iota
	everything
	beginning
	anything
)

type crash struct {
	rng  *rand.Rand
	how  int
	seen map[*node]*node
}

func (c *crash) node(n *node) *node {
	if after := c.seen[n]; after != nil {
		return after
	}
	after := &node{isDir: n.isDir}
	c.seen[n] = after
	if n.isDir {
		names := c.names(n)
		after.names = map[string]*node{}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			after.names[name] = c.node(names[name])
		}
		after.lasting = maps.Clone(after.names)
		return after
	}
	after.data = c.content(n)
	after.durable = slices.Clone(after.data)
	return after
}

func (c *crash) names(n *node) map[string]*node {
	kept := maps.Clone(n.lasting)
	first := len(n.changes)
	if c.how == beginning {
		first = c.rng.IntN(len(n.changes) + 1)
	}
	for i, ch := range n.changes {
		if c.how == nothing || c.how == beginning && i >= first || c.how == anything && c.rng.IntN(2) == 0 {
			continue
		}
		ch.do(kept)
	}
	return kept
}

func (ch change) do(names map[string]*node) {
	for _, e := range ch {
		if e.to == nil {
			delete(names, e.name)
		} else {
			names[e.name] = e.to
		}
	}
}

func (c *crash) content(n *node) []byte {
	b := slices.Clone(n.durable)
	total := 0
	for _, s := range n.written {
		total += len(s.b)
	}
	left := total
	switch c.how {
	case nothing:
		left = 0
	case beginning:
		left = c.rng.IntN(total + 1)
	}
	for _, s := range n.written {
		if c.how != anything {
			k := min(left, len(s.b))
			left -= k
			b = put(b, s.at, s.b[:k])
			continue
		}
		for from := s.at; from < s.at+len(s.b); {
			to := min(s.at+len(s.b), (from/sector+1)*sector)
			if c.rng.IntN(2) == 0 {
				b = put(b, from, s.b[from-s.at:to-s.at])
			}
			from = to
		}
	}
	return b
}

// put writes into b, which grows with zeros where it is too short.
func put(b []byte, at int, what []byte) []byte {
	if len(what) == 0 {
		return b
	}
	if need := at + len(what); need > len(b) {
		b = append(b, make([]byte, need-len(b))...)
	}
	copy(b[at:], what)
	return b
}

// Flip turns one bit of one file under a directory whose name begins so, and says which; false if
// there is none.
func (d *Disk) Flip(rng *rand.Rand, dir, prefix string) (where string, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find("flip", dir)
	if err != nil {
		return "", false
	}
	files := map[string]*node{}
	gather(n, dir, files)
	maps.DeleteFunc(files, func(name string, _ *node) bool { return !strings.HasPrefix(path.Base(name), prefix) })
	if len(files) == 0 {
		return "", false
	}
	names := slices.Sorted(maps.Keys(files))
	where = names[rng.IntN(len(names))]
	f := files[where]
	f.data[rng.IntN(len(f.data))] ^= 1 << rng.IntN(8)
	f.durable = slices.Clone(f.data)
	return where, true
}

func gather(n *node, name string, files map[string]*node) {
	if !n.isDir {
		if len(n.data) > 0 {
			files[name] = n
		}
		return
	}
	for child, c := range n.names {
		gather(c, path.Join(name, child), files)
	}
}

func parts(name string) []string {
	return strings.FieldsFunc(path.Clean(name), func(r rune) bool { return r == '/' })
}

func missing(op, name string) error { return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist} }

func (d *Disk) find(op, name string) (*node, error) {
	n := d.root
	for _, p := range parts(name) {
		if n = n.names[p]; n == nil {
			return nil, missing(op, name)
		}
	}
	return n, nil
}

// parent is the directory that a name lies in, and its last part.
func (d *Disk) parent(op, name string) (*node, string, error) {
	n, err := d.find(op, path.Dir(path.Clean(name)))
	if err == nil && !n.isDir {
		err = missing(op, name)
	}
	return n, path.Base(name), err
}

func (n *node) change(ch ...entry) {
	change(ch).do(n.names)
	n.changes = append(n.changes, ch)
}

// Create makes a new file in place of any of that name. Where it fails there is a file beside the
// error, which has no name: for what was parked at the failure and goes on when the process has ended.
func (d *Disk) Create(name string, _ vfs.DiskWriteCategory) (vfs.File, error) {
	if err := d.ask(Create, name); err != nil {
		return &file{d: d, n: &node{}, name: name}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	dir, base, err := d.parent("create", name)
	if err != nil {
		return nil, err
	}
	f := &node{}
	dir.change(entry{base, f})
	return &file{d: d, n: f, name: name}, nil
}

// Link gives a file a second name.
func (d *Disk) Link(from, to string) error {
	if err := d.ask(Link, to); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find("link", from)
	if err != nil {
		return err
	}
	dir, base, err := d.parent("link", to)
	if err != nil {
		return err
	}
	if dir.names[base] != nil {
		return &fs.PathError{Op: "link", Path: to, Err: fs.ErrExist}
	}
	dir.change(entry{base, n})
	return nil
}

// Open opens a file or a directory for reading.
func (d *Disk) Open(name string, _ ...vfs.OpenOption) (vfs.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find("open", name)
	if err != nil {
		return nil, err
	}
	return &file{d: d, n: n, name: name}, nil
}

// OpenDir opens a directory, to be synced.
func (d *Disk) OpenDir(name string) (vfs.File, error) { return d.Open(name) }

// OpenReadWrite opens a file, making it if there is none.
func (d *Disk) OpenReadWrite(name string, c vfs.DiskWriteCategory, _ ...vfs.OpenOption) (vfs.File, error) {
	f, err := d.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return d.Create(name, c)
	}
	return f, err
}

// ReuseForWrite gives a file another name and opens it with what it has in it.
func (d *Disk) ReuseForWrite(from, to string, _ vfs.DiskWriteCategory) (vfs.File, error) {
	if err := d.Rename(from, to); err != nil {
		return &file{d: d, n: &node{}, name: to}, err
	}
	return d.Open(to)
}

// Remove takes a name away.
func (d *Disk) Remove(name string) error {
	if err := d.ask(Remove, name); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	dir, base, err := d.parent("remove", name)
	if err != nil {
		return err
	}
	n := dir.names[base]
	if n == nil {
		return missing("remove", name)
	}
	if len(n.names) > 0 {
		return &fs.PathError{Op: "remove", Path: name, Err: syscall.ENOTEMPTY}
	}
	dir.change(entry{base, nil})
	return nil
}

// RemoveAll removes what lies under a name, one after another.
func (d *Disk) RemoveAll(name string) error {
	d.mu.Lock()
	n, err := d.find("remove", name)
	var names []string
	if err == nil {
		names = slices.Sorted(maps.Keys(n.names))
	}
	d.mu.Unlock()
	if err != nil {
		return nil
	}
	for _, child := range names {
		if err := d.RemoveAll(path.Join(name, child)); err != nil {
			return err
		}
	}
	return d.Remove(name)
}

// Rename gives a file another name, in place of any that has it.
func (d *Disk) Rename(from, to string) error {
	if err := d.ask(Rename, to); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	old, was, err := d.parent("rename", from)
	if err != nil {
		return err
	}
	dir, base, err := d.parent("rename", to)
	if err != nil {
		return err
	}
	n := old.names[was]
	if n == nil {
		return missing("rename", from)
	}
	if into := dir.names[base]; into != nil && len(into.names) > 0 {
		return &fs.PathError{Op: "rename", Path: to, Err: syscall.ENOTEMPTY}
	}
	if old == dir {
		dir.change(entry{was, nil}, entry{base, n})
		return nil
	}
	dir.change(entry{base, n})
	old.change(entry{was, nil})
	return nil
}

// MkdirAll makes a directory and those above it.
func (d *Disk) MkdirAll(name string, _ os.FileMode) error {
	d.mu.Lock()
	n, err := d.find("mkdir", name)
	d.mu.Unlock()
	if err == nil && n.isDir {
		return nil
	}
	if err := d.ask(Mkdir, name); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	n = d.root
	for _, p := range parts(name) {
		if n.names[p] == nil {
			n.change(entry{p, newDir()})
		}
		if n = n.names[p]; !n.isDir {
			return &fs.PathError{Op: "mkdir", Path: name, Err: syscall.ENOTDIR}
		}
	}
	return nil
}

type lock struct {
	d    *Disk
	name string
}

func (l lock) Close() error {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	delete(l.d.locks, l.name)
	return nil
}

// Lock holds a name for one process. A power cut frees it.
func (d *Disk) Lock(name string) (io.Closer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.locks[name] {
		return nil, &fs.PathError{Op: "lock", Path: name, Err: syscall.EWOULDBLOCK}
	}
	d.locks[name] = true
	return lock{d, name}, nil
}

// List gives the names in a directory, sorted.
func (d *Disk) List(name string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find("list", name)
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(n.names)), nil
}

// Stat describes a file.
func (d *Disk) Stat(name string) (vfs.FileInfo, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find("stat", name)
	if err != nil {
		return nil, err
	}
	return info{path.Base(name), int64(len(n.data)), n.isDir}, nil
}

// PathBase, PathJoin and PathDir are those of package path.
func (d *Disk) PathBase(name string) string    { return path.Base(name) }
func (d *Disk) PathJoin(elem ...string) string { return path.Join(elem...) }
func (d *Disk) PathDir(name string) string     { return path.Dir(name) }
func (d *Disk) Unwrap() vfs.FS                 { return nil }
func (d *Disk) GetDiskUsage(string) (vfs.DiskUsage, error) {
	return vfs.DiskUsage{AvailBytes: 1 << 40, TotalBytes: 1 << 40}, nil
}

type info struct {
	name string
	size int64
	dir  bool
}

func (i info) Name() string           { return i.name }
func (i info) Size() int64            { return i.size }
func (i info) ModTime() time.Time     { return time.Time{} }
func (i info) IsDir() bool            { return i.dir }
func (i info) Sys() any               { return nil }
func (i info) DeviceID() vfs.DeviceID { return vfs.DeviceID{} }
func (i info) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o700
	}
	return 0o600
}

// A file is open at a place.
type file struct {
	d    *Disk
	n    *node
	name string
	at   int
}

func (f *file) Close() error { return nil }

func (f *file) Read(p []byte) (int, error) {
	n, err := f.ReadAt(p, int64(f.at))
	f.at += n
	if n > 0 {
		err = nil
	}
	return n, err
}

func (f *file) ReadAt(p []byte, at int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if at >= int64(len(f.n.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.n.data[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *file) Write(p []byte) (int, error) {
	n, err := f.WriteAt(p, int64(f.at))
	f.at += n
	return n, err
}

func (f *file) WriteAt(p []byte, at int64) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	var err error
	if f.d.Before != nil {
		if err = f.d.Before(Op{Write, f.name, len(p)}); err != nil {
			p = p[:len(p)/2]
		}
	}
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	f.n.data = put(f.n.data, int(at), p)
	f.n.written = append(f.n.written, span{int(at), slices.Clone(p)})
	return len(p), err
}

func (f *file) Preallocate(_, _ int64) error { return nil }
func (f *file) Prefetch(_, _ int64) error    { return nil }
func (f *file) Fd() uintptr                  { return vfs.InvalidFd }
func (f *file) SyncData() error              { return f.Sync() }

// SyncTo makes nothing last, as it may.
func (f *file) SyncTo(int64) (bool, error) { return false, nil }

func (f *file) Sync() error {
	kind := Sync
	if f.n.isDir {
		kind = SyncDir
	}
	err := f.d.ask(kind, f.name)
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.n.isDir {
		if err == nil {
			f.n.lasting = maps.Clone(f.n.names)
		}
		f.n.changes = nil
		return err
	}
	if err == nil {
		for _, s := range f.n.written {
			f.n.durable = put(f.n.durable, s.at, s.b)
		}
	}
	f.n.written = nil
	return err
}

func (f *file) Stat() (vfs.FileInfo, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	return info{path.Base(f.name), int64(len(f.n.data)), f.n.isDir}, nil
}
