package customer

import (
	"os"
	"strings"
	"testing"
)

// TestPalette: the colours are the console's, whose contrast is tested there. Neither set of
// pages serves the other's file, so each has them.
func TestPalette(t *testing.T) {
	palette := func(path string) string {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, ok := strings.Cut(string(b), ":root {")
		colours, _, ended := strings.Cut(rest, "*, *::before")
		if !ok || !ended || !strings.Contains(colours, "--freeze:") {
			t.Fatalf("%s has no palette where it is looked for", path)
		}
		return colours
	}
	if palette("static/me.css") != palette("../../console/static/console.css") {
		t.Error("the colours of /me are no longer those of the console")
	}
}
