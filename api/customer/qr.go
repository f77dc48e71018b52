package customer

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// A drawing is a QR code (ISO/IEC 18004) as the path of an SVG: a square of side 1 for each dark
// module, in a box with the quiet zone of four modules around that section 6.3.8 asks for.
type drawing struct {
	Side int    // of the box
	Path string // dark modules
}

const quiet = 4

// drawQR draws a text, or gives an empty drawing of one that is too long.
func drawQR(text string) drawing {
	code, err := qr.Encode(text, qr.M) // a seventh of it may be hidden by a reflection
	if err != nil {
		return drawing{}
	}
	var b strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if n := x - from; n > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, n, n)
			}
		}
	}
	return drawing{code.Size + 2*quiet, b.String()}
}
