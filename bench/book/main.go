// Command book measures order books side by side: the product's own, with one class of
// counterparties and with several, and those of peers, over the same flow of commands in one run.
//
// A peer is a checkout that you have: nothing of it is in this repository. Its adapter (peers/)
// is built against that checkout, in a folder of its own, each time.
//
//	go run ./book --peer geseq=/path/to/orderbook --with github.com/geseq/udecimal=/path/to/udecimal \
//	    --peer intrepidkarthi=/path/to/other/orderbook
package main

import (
	"bytes"
	"embed"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"sallyport/book"
	"sallyport/book/booktest"
)

//go:embed peers
var adapters embed.FS

// modules are the import paths of the peers that there are adapters for.
var modules = map[string]string{"geseq": "github.com/geseq/orderbook", "intrepidkarthi": "github.com/intrepidkarthi/orderbook"}

// pairs are name=value flags, in the order given.
type pairs [][2]string

func (p *pairs) String() string { return fmt.Sprint(*p) }
func (p *pairs) Set(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok {
		return fmt.Errorf("want name=folder")
	}
	*p = append(*p, [2]string{name, value})
	return nil
}

// A run is one engine's time over the timed commands, and what it traded.
type run struct {
	ns     float64 // per command
	fills  int
	volume uint64
	allocs float64 // per command
}

func main() {
	var peers, with pairs
	flag.Var(&peers, "peer", "NAME=FOLDER of a peer's checkout; names: geseq, intrepidkarthi")
	flag.Var(&with, "with", "MODULE=FOLDER of a module that a peer needs and cannot be downloaded")
	repeat := flag.Int("repeat", 7, "runs of each engine; the table has the median and the best")
	seeds := flag.Int("commands", 1_000_000, "timed commands")
	flag.Parse()
	if err := measure(peers, with, *repeat, *seeds); err != nil {
		fmt.Fprintln(os.Stderr, "book:", err)
		os.Exit(1)
	}
}

func measure(peers, with pairs, repeat, count int) error {
	dir, err := os.MkdirTemp("", "book")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	type contender struct {
		name string
		run  func(flow []booktest.Command, file string) (run, error)
		same bool // its fills are to be those of the flow
	}
	ours := func(classes uint8, apart bool) func([]booktest.Command, string) (run, error) {
		return func(flow []booktest.Command, _ string) (run, error) { return own(flow, classes, apart), nil }
	}
	engines := []contender{
		{"sallyport, one class", ours(1, false), true}, {"sallyport, 4 classes", ours(4, false), true},
		{"sallyport, 4 classes, one pair apart", ours(4, true), false}, {"sallyport, 16 classes", ours(16, false), true},
	}
	for _, p := range peers {
		program, err := build(dir, p[0], p[1], with)
		if err != nil {
			return err
		}
		engines = append(engines, contender{p[0], func(_ []booktest.Command, file string) (run, error) { return other(program, file) }, true})
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "engine\tseed\tmedian ns/command\tbest\tallocs\tfills\tagrees\n")
	for _, seed := range []int64{42, 7} {
		flow, mix := booktest.Flow(seed, count)
		file := filepath.Join(dir, fmt.Sprint(seed))
		if err := write(file, flow); err != nil {
			return err
		}
		runs := make([][]run, len(engines))
		for range repeat { // in turn, so that what the machine does meanwhile meets all alike
			for i, e := range engines {
				r, err := e.run(flow, file)
				if err != nil {
					return fmt.Errorf("%s: %w", e.name, err)
				}
				runs[i] = append(runs[i], r)
			}
		}
		for i, e := range engines {
			slices.SortFunc(runs[i], func(a, b run) int { return int(a.ns*100) - int(b.ns*100) })
			r := runs[i][len(runs[i])/2]
			agrees := "yes"
			switch {
			case !e.same:
				agrees = "is not to"
			case r.fills != mix.Fills || r.volume != mix.Volume:
				agrees = fmt.Sprintf("NO: the flow has %d", mix.Fills)
			}
			fmt.Fprintf(w, "%s\t%d\t%.1f\t%.1f\t%.2f\t%d\t%s\n", e.name, seed, r.ns, runs[i][0].ns, r.allocs, r.fills, agrees)
		}
		w.Flush()
		ps := percentiles(flow, 4, 50, 99, 99.9)
		fmt.Printf("sallyport, 4 classes, seed %d: 50 %% of the commands within %d ns, 99 %% within %d, 99.9 %% within %d, less what looking at the clock takes\n", seed, ps[0], ps[1], ps[2])
	}
	return nil
}

// percentiles times every command by itself, and takes off the median of timing nothing.
func percentiles(flow []booktest.Command, classes uint8, ps ...float64) []int64 {
	do, _ := engine(len(flow), classes, false)
	for i := range flow[:booktest.Preload] {
		do(&flow[i])
	}
	timed := flow[booktest.Preload:]
	took, nothing := make([]int64, len(timed)), make([]int64, len(timed))
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	runtime.GC()
	for i := range timed {
		start := time.Now()
		nothing[i] = int64(time.Since(start))
		start = time.Now()
		do(&timed[i])
		took[i] = int64(time.Since(start))
	}
	slices.Sort(took)
	slices.Sort(nothing)
	var out []int64
	for _, p := range ps {
		out = append(out, max(0, took[int(float64(len(took)-1)*p/100)]-nothing[len(nothing)/2]))
	}
	return out
}

// engine is the least around the product's book that carries a flow out, and what it traded.
func engine(orders int, classes uint8, apart bool) (do func(*booktest.Command), r *run) {
	pool := book.NewPool(1 << 16)
	b := book.New(pool, booktest.MaxPrice)
	var may [book.Classes]book.Mask
	for i := range may {
		may[i] = book.Everybody
	}
	if apart {
		may[1] &^= 1 << 2
		may[2] &^= 1 << 1
	}
	handles := make([]book.Handle, orders)
	ids := make([]uint32, 1<<16)
	r = &run{}
	return func(c *booktest.Command) {
		if c.Kind == booktest.Cancel {
			if h := handles[c.ID]; h != 0 {
				b.Remove(h)
				pool.Put(h)
				handles[c.ID] = 0
			}
			return
		}
		left, class := uint64(c.Lots), c.Class%classes
		if b.Crosses(c.Side, c.Price) {
			for left > 0 {
				h := b.Best(c.Side, may[class])
				if h == 0 || !b.Within(h, c.Price) {
					break
				}
				open := b.Lots(h)
				n := min(left, open)
				left -= n
				r.fills++
				r.volume += n
				if n == open {
					b.Remove(h)
					pool.Put(h)
					handles[ids[h]] = 0
				} else {
					b.Take(h, n)
				}
			}
			if left == 0 || b.Crosses(c.Side, c.Price) {
				return
			}
		}
		if c.Kind == booktest.Market {
			return
		}
		h := pool.Get()
		b.Rest(h, c.Side, class, c.Price, left)
		handles[c.ID], ids[h] = h, c.ID
	}, r
}

// own runs the product's book.
func own(flow []booktest.Command, classes uint8, apart bool) run {
	do, r := engine(len(flow), classes, apart)
	for i := range flow[:booktest.Preload] {
		do(&flow[i])
	}
	timed := flow[booktest.Preload:]
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	for i := range timed {
		do(&timed[i])
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	r.ns = float64(took.Nanoseconds()) / float64(len(timed))
	r.allocs = float64(after.Mallocs-before.Mallocs) / float64(len(timed))
	return *r
}

// write puts a flow into a file: commands of 16 bytes, little-endian: kind, side, class, a zero,
// price, lots, id.
func write(path string, flow []booktest.Command) error {
	b := make([]byte, 0, 16*len(flow))
	for _, c := range flow {
		b = append(b, byte(c.Kind), byte(c.Side), c.Class, 0)
		for _, n := range []uint32{c.Price, c.Lots, c.ID} {
			b = binary.LittleEndian.AppendUint32(b, n)
		}
	}
	return os.WriteFile(path, b, 0o600)
}

// build makes a peer's adapter into a program.
func build(dir, name, folder string, with pairs) (string, error) {
	source, err := adapters.ReadFile("peers/" + name + ".go.txt")
	if err != nil {
		return "", fmt.Errorf("no adapter for peer %q", name)
	}
	at := filepath.Join(dir, name)
	if err := os.MkdirAll(at, 0o700); err != nil {
		return "", err
	}
	mod := "module adapter\n\ngo 1.26\n\n"
	for _, p := range append(pairs{{modules[name], folder}}, with...) {
		abs, err := filepath.Abs(p[1])
		if err != nil {
			return "", err
		}
		mod += fmt.Sprintf("require %s v0.0.0\nreplace %s => %s\n", p[0], p[0], abs)
	}
	for file, text := range map[string][]byte{"go.mod": []byte(mod), "main.go": source} {
		if err := os.WriteFile(filepath.Join(at, file), text, 0o600); err != nil {
			return "", err
		}
	}
	for _, args := range [][]string{{"mod", "tidy"}, {"build", "-o", "adapter", "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = at
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("peer %s: go %s: %w\n%s", name, args[0], err, out)
		}
	}
	return filepath.Join(at, "adapter"), nil
}

// other runs a peer over a file. Its adapter prints nanoseconds, fills, volume and allocations of
// the commands after the preload.
func other(program, file string) (run, error) {
	cmd := exec.Command(program, file, fmt.Sprint(booktest.Preload))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Run(); err != nil {
		return run{}, err
	}
	var ns, n, allocs float64
	var r run
	if _, err := fmt.Sscan(out.String(), &ns, &n, &r.fills, &r.volume, &allocs); err != nil {
		return run{}, fmt.Errorf("its adapter said %q: %w", out.String(), err)
	}
	r.ns, r.allocs = ns/n, allocs/n
	return r, nil
}
