package align

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"sallyport/names/script/internal/unit"
)

// A File is all that is learned: one model a script, and the likelihood of Latin
// words.
//
// Its stored form is a deflate stream of varints: the number of models; of each
// the script, the number of rows, and the rows ascending by context: context less
// the one before, N in quarters, number of pieces, and for each piece ascending
// its code less the one before and its count in quarters; then the number of grams
// and for each, ascending, the gram less the one before and its count; then the
// number of Latin words, the number of common keys and for each, ascending, the key
// less the one before and its count.
type File struct {
	Models map[unit.Script]*Model
	LM     *LM
	Words  int               // Latin words that were learned from
	Common map[uint64]uint32 // keys of package script that many of them have
	Pieces *Pieces           // of all models; nil until NewPieces numbers them
}

// Quarter is the unit in which counts are stored.
const Quarter = 4

// Encode writes f; the same f gives the same bytes.
func (f *File) Encode() []byte {
	var raw []byte
	put := func(v uint64) { raw = binary.AppendUvarint(raw, v) }
	var scripts []unit.Script
	for s := range f.Models {
		scripts = append(scripts, s)
	}
	slices.Sort(scripts)
	put(uint64(len(scripts)))
	for _, s := range scripts {
		m := f.Models[s]
		put(uint64(s))
		var keys []uint32
		for k := range m.Rows {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		put(uint64(len(keys)))
		before := uint32(0)
		for _, k := range keys {
			r := m.Rows[k]
			put(uint64(k - before))
			before = k
			put(uint64(math.Round(float64(r.N) * Quarter)))
			put(uint64(len(r.Codes)))
			code := uint32(0)
			for i, c := range r.Codes {
				put(uint64(c - code))
				code = c
				put(uint64(math.Round(float64(r.Counts[i]) * Quarter)))
			}
		}
	}
	var grams []uint32
	for g := range f.LM.Count {
		grams = append(grams, g)
	}
	slices.Sort(grams)
	put(uint64(len(grams)))
	before := uint32(0)
	for _, g := range grams {
		put(uint64(g - before))
		before = g
		put(uint64(f.LM.Count[g]))
	}
	put(uint64(f.Words))
	put(uint64(len(f.Common)))
	last := uint64(0)
	for _, k := range slices.Sorted(maps.Keys(f.Common)) {
		put(k - last)
		last = k
		put(uint64(f.Common[k]))
	}
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, flate.BestCompression)
	w.Write(raw)
	w.Close()
	return out.Bytes()
}

var errShort = errors.New("align: the table ends early")

// Decode reads what Encode wrote. The table is our own and embedded: it is checked
// for being whole, not for being hostile.
func Decode(b []byte) (*File, error) {
	raw, err := io.ReadAll(flate.NewReader(bytes.NewReader(b)))
	if err != nil {
		return nil, fmt.Errorf("align: the table does not unpack: %w", err)
	}
	bad := false
	get := func() uint64 {
		v, n := binary.Uvarint(raw)
		if n <= 0 {
			bad, raw = true, nil
			return 0
		}
		raw = raw[n:]
		return v
	}
	f := &File{Models: map[unit.Script]*Model{}, LM: &LM{Count: map[uint32]float32{}}, Common: map[uint64]uint32{}}
	for range get() {
		s := unit.Script(get())
		rows := get()
		m := &Model{Rows: make(map[uint32]Row, min(rows, 1<<18))}
		key := uint32(0)
		for range rows {
			key += uint32(get())
			n := float32(get()) / Quarter
			k := get()
			if bad || k > uint64(len(raw)) {
				return nil, errShort
			}
			r := Row{N: n, Codes: make([]uint32, k), Counts: make([]float32, k)}
			code := uint32(0)
			for i := range r.Codes {
				code += uint32(get())
				r.Codes[i] = code
				r.Counts[i] = float32(get()) / Quarter
			}
			m.Rows[key] = r
		}
		f.Models[s] = m
	}
	gram := uint32(0)
	for range get() {
		if bad {
			return nil, errShort
		}
		gram += uint32(get())
		f.LM.Count[gram] = float32(get())
	}
	f.Words = int(get())
	key := uint64(0)
	for range get() {
		if bad {
			return nil, errShort
		}
		key += get()
		f.Common[key] = uint32(get())
	}
	if bad {
		return nil, errShort
	}
	f.LM.Close()
	return f, nil
}
