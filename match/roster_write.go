package match

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"math/bits"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"sallyport/chain"
	"sallyport/entity"
	"sallyport/names"
)

// A segmentWriter writes a segment, customer by customer in the order of their numbers.
type segmentWriter struct {
	path     string
	file     *os.File
	out      *bufio.Writer
	sum      hash.Hash32
	at       int64
	begun    int64
	table    [sections]struct{ offset, length, sum uint64 }
	err      error
	numbers  []uint64
	births   []uint16
	names    int
	blocks   []uint64
	recorded uint64 // numbers in section records
	ids      map[string]uint32
	texts    []byte
	offsets  []uint32
	marks    []uint64 // hash and customer's place
	facts    []uint64
}

// newSegmentWriter begins a segment beside its path; finish puts it there.
func newSegmentWriter(path string) (*segmentWriter, error) {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("match: roster: %w", err)
	}
	w := &segmentWriter{path: path, file: f, ids: make(map[string]uint32), sum: crc32.New(castagnoli)}
	w.out = bufio.NewWriterSize(f, 1<<20)
	w.write(make([]byte, headerSize))
	w.begin()
	return w, nil
}

func (w *segmentWriter) write(b []byte) {
	if w.err == nil {
		_, w.err = w.out.Write(b)
	}
	w.sum.Write(b)
	w.at += int64(len(b))
}

func (w *segmentWriter) begin() {
	if odd := w.at % 64; odd > 0 {
		w.write(make([]byte, 64-odd))
	}
	w.begun = w.at
	w.sum.Reset()
}

func (w *segmentWriter) end(section int) {
	t := &w.table[section]
	t.offset, t.length, t.sum = uint64(w.begun), uint64(w.at-w.begun), uint64(w.sum.Sum32())
	w.begin()
}

// word gives the number of a word, as appendWord writes it, in this segment.
func (w *segmentWriter) word(text []byte) uint32 {
	if id, known := w.ids[string(text)]; known {
		return id
	}
	id := uint32(len(w.offsets))
	if len(w.texts)+len(text) >= 1<<32 || id >= 1<<29 {
		w.err = errors.Join(w.err, errors.New("match: roster: the vocabulary is larger than 4 GB; split the customers over two rosters"))
		return 0
	}
	w.ids[string(text)] = id
	w.offsets = append(w.offsets, uint32(len(w.texts)))
	w.texts = append(w.texts, text...)
	return id
}

// add writes a customer. records are the names' heads, each with its words.
func (w *segmentWriter) add(number uint64, births uint16, records, marks, facts []uint32) {
	place := len(w.numbers)
	if place >= 1<<30 {
		w.err = errors.Join(w.err, errors.New("match: roster: more than a thousand million customers; split them over two rosters"))
		return
	}
	if place%rosterBlock == 0 {
		w.blocks = append(w.blocks, w.recorded)
	}
	w.numbers, w.births = append(w.numbers, number), append(w.births, births)
	for _, m := range marks {
		w.marks = append(w.marks, uint64(m)<<32|uint64(place))
	}
	for _, f := range facts {
		w.facts = append(w.facts, uint64(f)<<32|uint64(place))
	}
	if len(records) == 0 {
		records = []uint32{uint32(newRecordHead(&name{}, false, true, 0))}
	} else {
		for at := 0; at < len(records); at += 1 + recordHead(records[at]).length() {
			w.names++
		}
	}
	w.recorded += uint64(len(records))
	var buf [4]byte
	for _, r := range records {
		binary.LittleEndian.PutUint32(buf[:], r)
		w.write(buf[:])
	}
}

// finish writes what is left, syncs the file and gives it its name.
func (w *segmentWriter) finish() error {
	w.end(recordsSection)
	le := binary.LittleEndian
	var buf [8]byte
	put32 := func(n uint32) {
		le.PutUint32(buf[:], n)
		w.write(buf[:4])
	}
	put64 := func(n uint64) {
		le.PutUint64(buf[:], n)
		w.write(buf[:])
	}
	first, span := uint64(0), uint64(0) // of the block that reaches farthest
	if len(w.numbers) > 0 {
		first = w.numbers[0]
	}
	for block := range slices.Chunk(w.numbers, rosterBlock) {
		put64(block[0] - first)
		span = max(span, block[len(block)-1]-block[0])
	}
	w.end(basesSection)
	for block := range slices.Chunk(w.numbers, rosterBlock) {
		for _, n := range block {
			switch n -= block[0]; {
			case span < 1<<16:
				le.PutUint16(buf[:], uint16(n))
				w.write(buf[:2])
			case span < 1<<32:
				put32(uint32(n))
			default:
				put64(n)
			}
		}
	}
	w.end(numbersSection)
	for _, b := range w.births {
		le.PutUint16(buf[:], b)
		w.write(buf[:2])
	}
	w.end(birthsSection)
	for _, b := range w.blocks {
		put64(b)
	}
	w.end(blocksSection)
	for _, o := range w.offsets {
		put32(o)
	}
	put32(uint32(len(w.texts)))
	w.end(offsetsSection)
	w.write(w.texts)
	w.end(textsSection)
	w.ids = nil
	w.vocabulary(put32, put64)
	w.customers(w.marks, markStartsSection, put32)
	w.customers(w.facts, factStartsSection, put32)
	size := w.at

	h := make([]byte, headerSize)
	copy(h, segmentMagic)
	copy(h[8:], namesFingerprint())
	for i, n := range [...]uint64{uint64(size), first, uint64(len(w.numbers)), uint64(w.names), uint64(len(w.offsets))} {
		le.PutUint64(h[40+8*i:], n)
	}
	for i, t := range w.table {
		le.PutUint64(h[80+24*i:], t.offset)
		le.PutUint64(h[88+24*i:], t.length)
		le.PutUint32(h[96+24*i:], uint32(t.sum))
	}
	le.PutUint32(h[headerSize-4:], crc32.Checksum(h[:headerSize-4], castagnoli))
	if w.err == nil {
		w.err = w.out.Flush()
	}
	if w.err == nil {
		_, w.err = w.file.WriteAt(h, 0)
	}
	if w.err == nil {
		w.err = w.file.Sync()
	}
	if err := w.file.Close(); w.err == nil {
		w.err = err
	}
	if w.err == nil {
		w.err = os.Rename(w.path+".new", w.path)
	}
	if w.err != nil {
		os.Remove(w.path + ".new")
		return fmt.Errorf("match: roster: %s: %w", w.path, w.err)
	}
	return nil
}

// abandon removes what was written.
func (w *segmentWriter) abandon() {
	w.file.Close()
	os.Remove(w.path + ".new")
}

// customers writes a filing of customers' places by hashes.
func (w *segmentWriter) customers(filed []uint64, section int, put32 func(uint32)) {
	f := customerFiling(len(w.numbers))
	slices.Sort(filed)
	at := 0
	for bucket := range 1 << f.upper {
		put32(uint32(at))
		for at < len(filed) && f.bucket(uint32(filed[at]>>32)) == bucket {
			at++
		}
	}
	put32(uint32(at))
	w.end(section)
	for _, e := range filed {
		put32(f.rest(uint32(e>>32)) | uint32(e))
	}
	w.end(section + 1)
}

// filedPart is a word that appendWord wrote, as far as it is filed.
func filedPart(text []byte) part {
	t, firm, err := readWord(text)
	if err != nil {
		panic(err) // appendWord wrote it
	}
	p := part{Token: t, firm: firm, heavy: !t.Light() && t.Class != names.Initial}
	if p.heavy && p.Latin {
		p.skeleton = skeleton(t.Keys[0])
	}
	return p
}

// vocabulary writes what is made from the words: sorts, keys and clues.
func (w *segmentWriter) vocabulary(put32 func(uint32), put64 func(uint64)) {
	n := len(w.offsets)
	end := func(i int) uint32 {
		if i+1 < n {
			return w.offsets[i+1]
		}
		return uint32(len(w.texts))
	}
	sorts, keys := make([]byte, n), make([]uint64, n)
	var others []uint64
	var owners []uint32
	read := func(i int) part { return filedPart(w.texts[w.offsets[i]:end(i)]) }
	for i := range n {
		p := read(i)
		sorts[i] = wordSort(&p.Token, p.firm)
		if !p.Latin {
			continue
		}
		for j, k := range p.Keys {
			if j == 0 {
				keys[i] = packKey(k)
			} else {
				others, owners = append(others, packKey(k)), append(owners, uint32(i))
			}
		}
	}
	w.write(sorts)
	w.end(sortsSection)
	for _, k := range keys {
		put64(k)
	}
	for _, k := range others {
		put64(k)
	}
	w.end(keysSection)
	for _, o := range owners {
		put32(o)
	}
	w.end(ownersSection)
	// Clues take long to be made: the words are shared by the cores.
	f := newFiling(n+len(others), min(max(bits.Len(uint(n)), 4), 24))
	const share = 4096
	clues := make([][]uint64, (n+share-1)/share)
	begins := make([]int, len(clues)) // the first key of a share's words that is not the first of its word
	for i, at := 0, 0; i < len(clues); i++ {
		begins[i] = n + at
		for at < len(owners) && int(owners[at]) < (i+1)*share {
			at++
		}
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				i := int(next.Add(1) - 1)
				if i >= len(clues) {
					return
				}
				other := begins[i]
				for word := i * share; word < min((i+1)*share, n); word++ {
					p := read(word)
					if p.heavy {
						p.eachClue(false, func(clue uint32, key int, _ clueOf) {
							place := word
							if key > 0 && p.Latin {
								place = other + key - 1
							}
							clues[i] = append(clues[i], uint64(clue)<<32|uint64(place))
						})
					}
					if p.Latin {
						other += len(p.Keys) - 1
					}
				}
			}
		})
	}
	wg.Wait()
	starts := make([]uint32, 1<<f.upper+1)
	for _, of := range clues {
		for _, c := range of {
			starts[f.bucket(uint32(c>>32))+1]++
		}
	}
	for i := range starts[1:] {
		starts[i+1] += starts[i]
	}
	entries := make([]uint32, starts[len(starts)-1])
	at := slices.Clone(starts[:len(starts)-1])
	for i, of := range clues {
		for _, c := range of {
			to := &at[f.bucket(uint32(c>>32))]
			entries[*to] = f.rest(uint32(c>>32)) | uint32(c)
			*to++
		}
		clues[i] = nil
	}
	for _, s := range starts {
		put32(s)
	}
	w.end(clueStartsSection)
	for _, e := range entries {
		put32(e)
	}
	w.end(cluesSection)
}

// A readCustomer is a customer made ready for a segment: words are still texts.
type readCustomer struct {
	number uint64
	births uint16
	names  []readName
	marks  []uint32
	facts  []uint32
}

type readName struct {
	head  recordHead
	words [][]byte
}

// readCustomer reads a customer's names, documents and wallets.
func (w *Weights) readCustomer(c *Customer) readCustomer {
	p := w.party(&c.Entity)
	out := readCustomer{number: c.Number, births: birthYears(c.Entity.Birth)}
	for _, of := range [...][]name{p.persons, p.firms} {
		for i := range of {
			n := &of[i]
			if n.other { // whose birth is not known
				out.births = 0
			}
			if n.heavy > 0 {
				out.names = append(out.names, readNameOf(n, len(out.names) == 0))
				out.marks = appendMarks(out.marks, n)
			}
		}
	}
	for i := range p.identifiers {
		out.facts = append(out.facts, documentFact(p.identifiers[i].number))
	}
	for i := range p.wallets {
		eachWalletFact(&p.wallets[i], func(fact uint32) { out.facts = append(out.facts, fact) })
	}
	for _, hashes := range [...]*[]uint32{&out.marks, &out.facts} {
		slices.Sort(*hashes)
		*hashes = slices.Compact(*hashes)
	}
	return out
}

// birthYears is the span of years in which somebody may be born, in two bytes: how many
// years after 1799 it begins, and how many it goes on; 0 where nothing, or not everything, is
// known, and for a span that does not fit.
func birthYears(dates []entity.Dates) uint16 {
	first, last, ok := yearsOf(dates)
	if !ok || first < 1800 || first > 2054 || last-first > 255 {
		return 0
	}
	return uint16(first-1799)<<8 | uint16(last-first)
}

// yearsOf gives the years of all alternatives; ok is false where one of them is open.
func yearsOf(dates []entity.Dates) (first, last int, ok bool) {
	for i, d := range dates {
		if d.From.IsZero() || d.To.IsZero() || d.To.Year < d.From.Year {
			return 0, 0, false
		}
		from, to := d.From.Year, d.To.Year
		if d.Circa {
			from, to = from-mostCirca, to+mostCirca
		}
		if i == 0 {
			first, last = from, to
		}
		first, last = min(first, from), max(last, to)
	}
	return first, last, len(dates) > 0
}

// mostCirca is the most that [Facts.CircaYears] may be.
const mostCirca = 10

func documentFact(number string) uint32 { return clueHash('d', false, 0, []byte(number)) & hashMask }
func walletFact(key string) uint32      { return clueHash('w', false, 0, []byte(key)) & hashMask }

// eachWalletFact calls f for the key of an address and for those that are computed from it: two addresses agree,
// by [chain.Same], only if one of these is one of the other's.
func eachWalletFact(a *chain.Address, f func(fact uint32)) {
	f(walletFact(a.Key))
	for _, key := range a.Related {
		f(walletFact(key))
	}
}

func readNameOf(n *name, first bool) readName {
	var r readName
	firm := n.parts[0].firm
	text := make([]byte, 0, 32*len(n.parts))
	for i := range n.parts {
		from := len(text)
		text = appendWord(text, &n.parts[i].Token, firm)
		r.words = append(r.words, text[from:len(text):len(text)])
	}
	r.head = newRecordHead(n, firm, first, len(r.words))
	return r
}

// appendMarks gives what a name may be found by beside its words.
func appendMarks(marks []uint32, n *name) []uint32 {
	firm := n.parts[0].firm
	for _, run := range n.runs {
		for _, k := range run.keys {
			marks = append(marks, mark(runMark, firm, k))
		}
	}
	for i := range n.eastern {
		for _, k := range n.eastern[i].part.soundKeys() {
			marks = append(marks, mark(soundMark, firm, soundKey(k)))
		}
	}
	for _, c := range n.chinese {
		if c.In == names.Pinyin {
			marks = append(marks, mark(pinyinMark, firm, pinyinText(c.Name)))
		}
	}
	for _, written := range n.written {
		marks = append(marks, mark(writtenMark, firm, written))
	}
	for _, m := range [...]struct {
		kind byte
		text string
	}{{bonesMark, n.bones}, {singleMark, n.single}, {firstsMark, n.firsts}} {
		if m.text != "" {
			marks = append(marks, mark(m.kind, firm, m.text))
		}
	}
	return marks
}

func pinyinText(n names.ChineseName) string {
	return string(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

// writeSegment makes a segment of customers, which must be ordered by number, each once.
func (w *Weights) writeSegment(path string, customers []Customer) error {
	out, err := newSegmentWriter(path)
	if err != nil {
		return err
	}
	const chunk = 1024
	chunks := (len(customers) + chunk - 1) / chunk
	read := make([]chan []readCustomer, chunks)
	for i := range read {
		read[i] = make(chan []readCustomer, 1)
	}
	ahead := make(chan struct{}, 4*runtime.GOMAXPROCS(0)) // chunks read and not yet written
	go func() {
		for i := range chunks {
			ahead <- struct{}{}
			go func() {
				of := customers[i*chunk : min((i+1)*chunk, len(customers))]
				done := make([]readCustomer, len(of))
				for j := range of {
					done[j] = w.readCustomer(&of[j])
				}
				read[i] <- done
			}()
		}
	}()
	var record []uint32
	for i := range read {
		for _, c := range <-read[i] {
			record = record[:0]
			for _, n := range c.names {
				record = append(record, uint32(n.head))
				for _, text := range n.words {
					record = append(record, out.word(text))
				}
			}
			out.add(c.number, c.births, record, c.marks, c.facts)
		}
		<-ahead
	}
	return out.finish()
}

// A source is a segment to be merged, without those that are gone from it.
type source struct {
	*segment
	dead *bitmap
}

// mergeSegments writes one segment of several, in which no number is alive twice.
// progress is told how many customers are done.
func mergeSegments(path string, from []source, progress func(done, total int) error) error {
	out, err := newSegmentWriter(path)
	if err != nil {
		return err
	}
	type reading struct {
		source
		place, at    int
		word         []uint32 // in the new segment, plus 1; 0 where not yet
		marks, facts byCustomer
	}
	total := 0
	in := make([]*reading, len(from))
	for i, s := range from {
		in[i] = &reading{source: s, word: make([]uint32, len(s.sorts)), marks: hashesByCustomer(&s.marks, s.count), facts: hashesByCustomer(&s.facts, s.count)}
		total += s.count
	}
	done := 0
	var record []uint32
	for {
		var least *reading
		for _, r := range in {
			if r.place < r.count && (least == nil || r.number(r.place) < least.number(least.place)) {
				least = r
			}
		}
		if least == nil {
			break
		}
		r := least
		record = record[:0]
		alive := !r.dead.has(r.place)
		for begun := false; r.at < len(r.records); begun = true {
			h := recordHead(r.records[r.at])
			if h.first() && begun {
				break
			}
			body := r.records[r.at+1 : r.at+1+h.length()]
			r.at += 1 + h.length()
			if !alive || h.length() == 0 {
				continue
			}
			record = append(record, uint32(h))
			for _, t := range body {
				if r.word[t] == 0 {
					r.word[t] = out.word(r.text(t)) + 1
				}
				record = append(record, r.word[t]-1)
			}
		}
		if alive {
			out.add(r.number(r.place), r.births[r.place], record, r.marks.of(r.place), r.facts.of(r.place))
		}
		r.place++
		if done++; done%(1<<16) == 0 {
			if err := progress(done, total); err != nil {
				out.abandon()
				return err
			}
		}
	}
	in = nil
	if err := out.finish(); err != nil {
		return err
	}
	return progress(total, total)
}

// byCustomer is a filing of hashes turned round.
type byCustomer struct{ hashes, starts []uint32 }

func (b *byCustomer) of(place int) []uint32 { return b.hashes[b.starts[place]:b.starts[place+1]] }

func hashesByCustomer(f *filing, customers int) byCustomer {
	// Counted, then placed.
	b := byCustomer{make([]uint32, len(f.entries)), make([]uint32, customers+1)}
	f.each(func(_, place uint32) { b.starts[place+1]++ })
	for i := range customers {
		b.starts[i+1] += b.starts[i]
	}
	next := slices.Clone(b.starts[:customers])
	f.each(func(hash, place uint32) {
		b.hashes[next[place]] = hash
		next[place]++
	})
	return b
}

// A bitmap says which customers of a segment are gone from it. Nil is none.
type bitmap struct {
	mu   sync.RWMutex
	bits []uint64
	n    int
}

func (b *bitmap) has(i int) bool {
	if b == nil {
		return false
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	return i>>6 < len(b.bits) && b.bits[i>>6]>>(i&63)&1 != 0
}

func (b *bitmap) set(i int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.bits) <= i>>6 {
		b.bits = append(b.bits, make([]uint64, max(64, i>>6+1-len(b.bits)))...)
	}
	if b.bits[i>>6]>>(i&63)&1 == 0 {
		b.n++
	}
	b.bits[i>>6] |= 1 << (i & 63)
}

func (b *bitmap) count() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.n
}

func (b *bitmap) clone() *bitmap {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return &bitmap{bits: slices.Clone(b.bits), n: b.n}
}

// each calls f with those that are gone.
func (b *bitmap) each(f func(int)) {
	for i, word := range b.clone().bits {
		for ; word != 0; word &= word - 1 {
			f(i<<6 + bits.TrailingZeros64(word))
		}
	}
}

// syncDir makes renames in a folder last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && runtime.GOOS != "windows" {
		return err
	}
	return nil
}
