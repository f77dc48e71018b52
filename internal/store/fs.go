package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// diskFS is the machine's file system with locks that belong to the open file
// instead of the process: Pebble's own (fcntl) is lost as soon as any other part of
// the process opens and closes the lock file.
type diskFS struct{ vfs.FS }

func (f diskFS) Unwrap() vfs.FS { return f.FS }

func (f diskFS) Lock(name string) (io.Closer, error) { return lockExclusive(name, f.FS) }

// readOnlyFS refuses everything that would change the directory, so that an
// auditor's promise not to write does not rest on Pebble's good manners.
type readOnlyFS struct {
	vfs.FS
	disk bool
}

func (f readOnlyFS) Unwrap() vfs.FS { return f.FS }

// Lock shares the writer's lock where there is one. A copy of a store made
// without its lock file needs none.
func (f readOnlyFS) Lock(name string) (io.Closer, error) {
	if f.disk {
		return lockShared(name)
	}
	return unlocked{}, nil
}

func refuse(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: fs.ErrPermission}
}

func (readOnlyFS) Create(name string, _ vfs.DiskWriteCategory) (vfs.File, error) {
	return nil, refuse("create", name)
}
func (readOnlyFS) OpenReadWrite(name string, _ vfs.DiskWriteCategory, _ ...vfs.OpenOption) (vfs.File, error) {
	return nil, refuse("open for writing", name)
}
func (readOnlyFS) ReuseForWrite(_, name string, _ vfs.DiskWriteCategory) (vfs.File, error) {
	return nil, refuse("reuse", name)
}
func (readOnlyFS) Link(_, name string) error                 { return refuse("link", name) }
func (readOnlyFS) Remove(name string) error                  { return refuse("remove", name) }
func (readOnlyFS) RemoveAll(name string) error               { return refuse("remove", name) }
func (readOnlyFS) Rename(_, name string) error               { return refuse("rename", name) }
func (readOnlyFS) MkdirAll(name string, _ os.FileMode) error { return refuse("mkdir", name) }

// unlocked is the lock of a directory that needs none.
type unlocked struct{}

func (unlocked) Close() error { return nil }

// failStopFS stops the store at the first write that the disk refuses. Reading,
// locking and removing may fail without harm to what is stored: their errors pass.
type failStopFS struct {
	vfs.FS
	d *DB
}

func (f failStopFS) Unwrap() vfs.FS { return f.FS }

// wrote passes on what a writing call returned, if it succeeded.
func (f failStopFS) wrote(file vfs.File, err error) (vfs.File, error) {
	if err != nil {
		f.d.stop(err)
	}
	return failStopFile{file, f.d}, nil
}

// Create makes a file, and before a marker (which says by its name which manifest is
// in force) puts the directory on the disk, so that no power cut can leave the marker
// without the file it names. Pebble syncs the directory only after moving the marker.
func (f failStopFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if err := f.beforeMarker(name); err != nil {
		return nil, err
	}
	return f.wrote(f.FS.Create(name, c))
}

// Remove removes a file, and before an old marker puts the directory on the disk, so
// that no power cut can leave neither the old nor the new one.
func (f failStopFS) Remove(name string) error {
	if err := f.beforeMarker(name); err != nil {
		return err
	}
	return f.FS.Remove(name)
}

func (f failStopFS) beforeMarker(name string) error {
	if !strings.HasPrefix(f.PathBase(name), "marker.") {
		return nil
	}
	dir, err := f.OpenDir(f.PathDir(name))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (f failStopFS) OpenReadWrite(name string, c vfs.DiskWriteCategory, o ...vfs.OpenOption) (vfs.File, error) {
	return f.wrote(f.FS.OpenReadWrite(name, c, o...))
}

func (f failStopFS) ReuseForWrite(oldname, newname string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return f.wrote(f.FS.ReuseForWrite(oldname, newname, c))
}

// OpenDir opens a directory to sync it.
func (f failStopFS) OpenDir(name string) (vfs.File, error) {
	dir, err := f.FS.OpenDir(name)
	if err != nil {
		return nil, err
	}
	return failStopFile{dir, f.d}, nil
}

func (f failStopFS) Link(oldname, newname string) error {
	return f.d.wrote(f.FS.Link(oldname, newname))
}

func (f failStopFS) Rename(oldname, newname string) error {
	return f.d.wrote(f.FS.Rename(oldname, newname))
}

type failStopFile struct {
	vfs.File
	d *DB
}

func (d *DB) wrote(err error) error {
	if err != nil {
		d.stop(err)
	}
	return nil
}

func (f failStopFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	return n, f.d.wrote(err)
}

func (f failStopFile) WriteAt(p []byte, at int64) (int, error) {
	n, err := f.File.WriteAt(p, at)
	return n, f.d.wrote(err)
}

func (f failStopFile) Preallocate(at, n int64) error { return f.d.wrote(f.File.Preallocate(at, n)) }
func (f failStopFile) Sync() error                   { return f.d.wrote(f.File.Sync()) }
func (f failStopFile) SyncData() error               { return f.d.wrote(f.File.SyncData()) }

func (f failStopFile) SyncTo(n int64) (full bool, err error) {
	full, err = f.File.SyncTo(n)
	return full, f.d.wrote(err)
}
