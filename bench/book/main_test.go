package main

import (
	"os"
	"path/filepath"
	"testing"

	"sallyport/book/booktest"
)

// The product's book trades what the flow's own matcher does, and the file that peers read has
// a command in every sixteen bytes.
func TestOwn(t *testing.T) {
	flow, mix := booktest.Flow(7, 30_000)
	for _, classes := range []uint8{1, 16} {
		if r := own(flow, classes, false); r.fills != mix.Fills || r.volume != mix.Volume || r.ns <= 0 {
			t.Errorf("%d classes: %+v, the flow has %+v", classes, r, mix)
		}
	}
	if r := own(flow, 4, true); r.fills == mix.Fills {
		t.Errorf("a pair kept apart changes nothing: %+v", r)
	}
	file := filepath.Join(t.TempDir(), "flow")
	if err := write(file, flow); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil || len(b) != 16*len(flow) || b[1] != byte(flow[0].Side) {
		t.Errorf("%d bytes for %d commands, %v", len(b), len(flow), err)
	}
}

func TestPeerWithoutAdapter(t *testing.T) {
	if _, err := build(t.TempDir(), "nobody", ".", nil); err == nil {
		t.Error("a peer that there is no adapter for was built")
	}
}
