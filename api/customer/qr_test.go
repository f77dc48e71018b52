package customer

import (
	"fmt"
	"strings"
	"testing"

	"rsc.io/qr"

	"sallyport/signin"
)

// TestTheDrawingIsTheCode: each dark module is in the path once, and no other; and there is a quiet
// zone. That telephones read it is tried in a browser (outside/browser).
func TestTheDrawingIsTheCode(t *testing.T) {
	uri := signin.SecretURI([]byte("12345678901234567890"), issuer, strings.Repeat("a", 240)+"@example.org")
	d := drawQR(uri)
	code, err := qr.Encode(uri, qr.M)
	if err != nil || d.Side != code.Size+8 {
		t.Fatalf("a side of %d, %v", d.Side, err)
	}
	dark := map[[2]int]int{}
	for run := range strings.SplitSeq(strings.TrimSuffix(d.Path, "z"), "z") {
		var x, y, n, back int
		if _, err := fmt.Sscanf(run, "M%d %dh%dv1h-%d", &x, &y, &n, &back); err != nil || n != back {
			t.Fatalf("%q: %v", run, err)
		}
		for i := range n {
			dark[[2]int{x + i, y}]++
		}
	}
	for y := range d.Side {
		for x := range d.Side {
			want := 0
			if code.Black(x-quiet, y-quiet) { // outside of it nothing is
				want = 1
			}
			if dark[[2]int{x, y}] != want {
				t.Fatalf("%d squares at %d, %d; want %d", dark[[2]int{x, y}], x, y, want)
			}
		}
	}
	if d := drawQR(strings.Repeat("x", 10_000)); d.Side != 0 {
		t.Error("a text that no code holds is drawn")
	}
}
