package law

import (
	"errors"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
)

// kept is a folder that keeps sets as an exchange writes them.
func kept(sets ...*Set) fstest.MapFS {
	folder := fstest.MapFS{}
	for _, s := range sets {
		for _, r := range s.Rules() {
			folder[s.SHA256()+"/"+r.ID+".yaml"] = &fstest.MapFile{Data: r.File()}
		}
	}
	return folder
}

// A set that is kept and read again has the same name, and says the same.
func TestKeptSetsAreTheSame(t *testing.T) {
	shipped := defaults(t)
	one, err := newSet(shipped.Rules()[:1])
	if err != nil {
		t.Fatal(err)
	}
	folder := kept(shipped, one)
	folder[".new-7/half.yaml"] = &fstest.MapFile{Data: []byte("id: ha")}
	sets, unread, err := LoadKept(folder)
	if err != nil || len(unread) > 0 || len(sets) != 2 {
		t.Fatalf("%d sets, %v, %v", len(sets), unread, err)
	}
	names := map[string]int{}
	for _, s := range sets {
		names[s.SHA256()] = len(s.Rules())
	}
	if !maps.Equal(names, map[string]int{shipped.SHA256(): len(shipped.Rules()), one.SHA256(): 1}) {
		t.Errorf("kept %v", names)
	}
	r := shipped.Rules()[0]
	r.File()[0] ^= 1
	if again, err := ParseRule(r.File()); err != nil || again.SHA256 != r.SHA256 {
		t.Errorf("whoever asks for a rule's file may change it: %v", err)
	}
}

func TestTamperedSetsAreFound(t *testing.T) {
	shipped := defaults(t)
	name := shipped.SHA256()
	id := shipped.Rules()[0].ID
	for what, change := range map[string]func(fstest.MapFS){
		"a byte turned":   func(f fstest.MapFS) { f[name+"/"+id+".yaml"].Data[7] ^= 1 },
		"a file left out": func(f fstest.MapFS) { delete(f, name+"/"+id+".yaml") },
		"a file more":     func(f fstest.MapFS) { f[name+"/zz-more.yaml"] = &fstest.MapFile{Data: []byte("id: zz-more")} },
		"under another name": func(f fstest.MapFS) {
			other := strings.Repeat("0", 64)
			for path, file := range maps.Clone(f) {
				f[strings.Replace(path, name, other, 1)] = file
				delete(f, path)
			}
		},
		"emptied": func(f fstest.MapFS) {
			clear(f)
			f[name] = &fstest.MapFile{Mode: fs.ModeDir}
		},
	} {
		folder := kept(shipped)
		change(folder)
		var tampered *TamperedError
		if _, _, err := LoadKept(folder); !errors.As(err, &tampered) || tampered.SHA256 == tampered.Is {
			t.Errorf("%s: %v", what, err)
		}
	}
	folder := kept(shipped)
	folder["notes"] = &fstest.MapFile{Data: []byte("x")}
	if _, _, err := LoadKept(folder); err == nil {
		t.Error("a stray file among the sets was passed over")
	}
}

// A set of another program, whole and in words that this one does not know.
func TestUnreadSetsAreTold(t *testing.T) {
	text := []byte("id: of-tomorrow\nmood: optative\n")
	folder := fstest.MapFS{"a/of-tomorrow.yaml": {Data: text}}
	sub, err := fs.Sub(folder, "a")
	if err != nil {
		t.Fatal(err)
	}
	var tampered *TamperedError
	if err := CheckKept(sub, strings.Repeat("0", 64)); !errors.As(err, &tampered) {
		t.Fatal(err)
	}
	folder = fstest.MapFS{tampered.Is + "/of-tomorrow.yaml": {Data: text}}
	sets, unread, err := LoadKept(folder)
	if err != nil || len(sets) != 0 || len(unread) != 1 || unread[0].SHA256 != tampered.Is || !strings.Contains(unread[0].Err.Error(), "mood") {
		t.Errorf("%d sets, %v, %v", len(sets), unread, err)
	}
}
