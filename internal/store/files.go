package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Disk is the machine's own file system. The functions below take any: what lies beside a store
// (keys, snapshots, rules) meets the same disk as the store does, and the same crashes in tests.
var Disk vfs.FS = diskFS{vfs.Default}

// MakeDir makes a directory for its owner alone, and those above it that are missing, so that
// no power cut takes away what is put into it later.
func MakeDir(files vfs.FS, dir string, mode os.FileMode) error {
	if info, err := files.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	parent := files.PathDir(dir)
	if parent != dir {
		if err := MakeDir(files, parent, mode); err != nil {
			return err
		}
	}
	return errors.Join(files.MkdirAll(dir, mode), SyncDir(files, parent))
}

// SyncDir makes the names in a directory last.
func SyncDir(files vfs.FS, dir string) error {
	if HasModes(files) && runtime.GOOS == "windows" {
		return nil // which cannot, and need not
	}
	d, err := files.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// WriteNew writes a file that was not there, and its content to the disk; its name lasts from
// the next SyncDir on.
func WriteNew(files vfs.FS, path string, b []byte, mode os.FileMode) (err error) {
	var f interface {
		io.WriteCloser
		Sync() error
	}
	if HasModes(files) { // where files have modes
		f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	} else {
		f, err = files.Create(path, vfs.WriteCategoryUnspecified)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

// Replace puts a file in place whole, or leaves what was there. What it wrote lasts once it
// has returned.
func Replace(files vfs.FS, path string, b []byte, mode os.FileMode) error {
	half := path + ".new"
	if err := files.Remove(half); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := WriteNew(files, half, b, mode); err != nil {
		return err
	}
	return errors.Join(files.Rename(half, path), SyncDir(files, files.PathDir(path)))
}

// ReadFile reads a plain file of at most so many bytes.
func ReadFile(files vfs.FS, path string, most int64) ([]byte, error) {
	f, err := files.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("it is no plain file")}
	}
	if info.Size() > most {
		return nil, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("it has %d bytes: the most is %d", info.Size(), most)}
	}
	b := make([]byte, info.Size())
	if _, err := io.ReadFull(f, b); err != nil {
		return nil, &fs.PathError{Op: "read", Path: path, Err: err}
	}
	return b, nil
}

// HasModes reports whether files have modes and directories are the machine's own.
func HasModes(files vfs.FS) bool { return vfs.Root(files) == vfs.Default }

// DirFS is a directory and what lies right in it, for reading.
func DirFS(files vfs.FS, dir string) fs.ReadDirFS { return dirFS{files, dir} }

type dirFS struct {
	files vfs.FS
	dir   string
}

func (d dirFS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	f, err := d.files.Open(filepath.Join(d.dir, name))
	if err != nil {
		return nil, err
	}
	return dirFile{f}, nil
}

func (d dirFS) ReadDir(name string) ([]fs.DirEntry, error) {
	names, err := d.files.List(filepath.Join(d.dir, name))
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	entries := make([]fs.DirEntry, len(names))
	for i, n := range names {
		info, err := d.files.Stat(filepath.Join(d.dir, name, n))
		if err != nil {
			return nil, err
		}
		entries[i] = fs.FileInfoToDirEntry(info)
	}
	return entries, nil
}

type dirFile struct{ vfs.File }

func (f dirFile) Stat() (fs.FileInfo, error) { return f.File.Stat() }
