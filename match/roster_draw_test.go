package match

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var draw = flag.Bool("draw", false, "draw docs/roster.svg anew")

// A drawn row is one of the table of docs/roster.md: what so many customers take.
type drawn struct {
	customers        string
	mapped, resident float64 // bytes a customer
	real, made       float64 // processor seconds for a delta
}

// The drawing is that of the table beside it:
//
//	go test -run RosterIsDrawn ./match -args -draw
func TestRosterIsDrawn(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "docs", "roster.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []drawn
	for line := range strings.Lines(string(doc)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) < 7 || !strings.HasSuffix(strings.TrimSpace(cells[1]), "million") {
			continue
		}
		number := func(i int) float64 {
			cell := strings.TrimSpace(cells[i])
			n, err := strconv.ParseFloat(strings.TrimSuffix(cell, " s"), 64)
			if err != nil {
				t.Fatalf("docs/roster.md: %q is no number", cell)
			}
			return n
		}
		rows = append(rows, drawn{strings.TrimSpace(cells[1]), number(3), number(4), number(5), number(6)})
	}
	if len(rows) < 2 {
		t.Fatalf("docs/roster.md has %d rows to be drawn", len(rows))
	}
	path := filepath.Join("..", "docs", "roster.svg")
	want := rosterDrawing(rows)
	if *draw {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/roster.svg is not what docs/roster.md says; go test -run RosterIsDrawn ./match -args -draw")
	}
}

func rosterDrawing(rows []drawn) string {
	const ink, grey = "#1a1a1a", "#5c5c5c"
	var b strings.Builder
	height := 92 + 84*len(rows) + 72
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 %d" role="img" aria-labelledby="t d" font-family="system-ui, sans-serif" font-size="13">`+"\n", height)
	fmt.Fprintf(&b, "<title id=\"t\">A roster's time and memory by its customers</title>\n<desc id=\"d\">")
	for i, r := range rows {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s customers: %.2f processor seconds for a real delta, %.2f for a made-up one; %.1f bytes a customer mapped, %.1f resident", r.customers, r.real, r.made, r.mapped, r.resident)
	}
	fmt.Fprintf(&b, "</desc>\n<rect width=\"860\" height=\"%d\" fill=\"#fff\"/>\n", height)
	text := func(x, y float64, more, s string) {
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" %s>%s</text>`+"\n", x, y, more, s)
	}
	head := `font-size="15" font-weight="600" fill="` + ink + `"`
	text(20, 28, head, "A delta of 100 entities with 600 names: processor seconds")
	text(560, 28, head, "Memory: bytes a customer")
	longest, most := 0.0, 0.0
	for _, r := range rows {
		longest, most = max(longest, r.real, r.made), max(most, r.mapped, r.resident)
	}
	bar := func(x, y, width float64, fill, label string) {
		fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="18" fill="%s"/>`+"\n", x, y, max(width, 1), fill)
		text(x+width+6, y+14, `fill="`+ink+`" stroke="#fff" stroke-width="4" paint-order="stroke"`, label)
	}
	limit, foot := 560+230*60/most, float64(52+84*len(rows))
	fmt.Fprintf(&b, `<line x1="%.1f" y1="44" x2="%.1f" y2="%.1f" stroke="#a33" stroke-dasharray="4 3"/>`+"\n", limit, limit, foot-14)
	text(limit, foot, `fill="#a33" text-anchor="middle"`, "60 asked")
	top := 52.0
	for _, r := range rows {
		text(20, top+34, `fill="`+ink+`"`, r.customers)
		for i, v := range []struct {
			seconds float64
			fill    string
		}{{r.real, "#1f5f8b"}, {r.made, "#9fc3dc"}} {
			bar(104, top+8+float64(i)*22, 380*v.seconds/longest, v.fill, fmt.Sprintf("%.2f s", v.seconds))
		}
		bar(560, top+8, 230*r.mapped/most, "#4f7340", fmt.Sprintf("%.1f", r.mapped))
		bar(560, top+30, 230*r.resident/most, "#b5cba8", fmt.Sprintf("%.1f", r.resident))
		top += 84
	}
	legend := func(x, y float64, fill, s string) {
		fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="13" height="13" fill="%s"/>`+"\n", x, y-11, fill)
		text(x+20, y, `fill="`+grey+`"`, s)
	}
	legend(104, top+38, "#1f5f8b", "of OFAC’s list, with their real aliases")
	legend(104, top+60, "#9fc3dc", "made of the same names as the customers")
	legend(560, top+38, "#4f7340", "mapped")
	legend(560, top+60, "#b5cba8", "resident with the program")
	b.WriteString("</svg>\n")
	return b.String()
}
