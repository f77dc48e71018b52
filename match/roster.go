package match

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"sallyport/entity"
)

// A Roster is customers indexed the other way round from an [Index]: lists change and
// customers stay, so what changed on a list is held against all of them. It finds
// every pair that comparing all customers with all of the delta would report;
// TestRosterFindsWhatComparingEverythingFinds and those beside it hold it to that.
//
// It is a folder of segments, mapped into memory and never changed, and of a log of the
// latest changes, which are held in memory too. A customer costs some 55 to 70 bytes of it,
// the fewer the more there are (docs/roster.md has a table). Changes, screenings and compaction go on at the same time.
//
// The folder holds personal data: the words of customers' names in the clear, and hashes
// of document numbers and wallets that can be found by trying. Files are readable by
// their owner only. A customer who is changed or removed leaves older segments at the
// next [Roster.Compact], until when the words stay on the disk; whoever owes erasure by
// a day compacts before it.
//
// Nothing is in a roster that the customers' profiles do not tell. When it is damaged, or was
// made by another version of this program, opening it fails with [ErrRosterDamaged] or
// [ErrRosterStale], and the remedy is to remove the folder and put all customers again.
//
// One process at a time may have a folder open.
type Roster struct {
	w   Weights
	dir string

	// Locked in this order, as far as each is needed. Screenings need the last alone, and that for
	// a moment.
	compacting sync.Mutex
	changing   sync.Mutex // by changes, while their files are written too
	mu         sync.Mutex // of what follows
	closed     bool
	next       int // number of the next file
	layers     []layer
	tip        map[uint64]entity.Entity
	log        *os.File
	failed     error // of a change half made; nothing more is taken
}

// A Customer as a roster takes it. Of the entity its kind, names, dates of birth,
// documents and wallets count for being found, and a customer is put again when one of them
// changes; the rest is fetched when it is compared.
type Customer struct {
	Number uint64
	Entity entity.Entity
}

// A layer is a segment or a log; later ones overrule earlier ones.
type layer struct {
	file    string // in the folder
	segment *segment
	dead    *bitmap
}

// sealAt is how many customers the tip holds before it becomes a segment.
const sealAt = 1024

const rosterManifest = "roster.json"

type manifest struct {
	Format int      `json:"format"`
	Next   int      `json:"next"`
	Layers []string `json:"layers"` // customers-… are segments, changes-… are logs
}

// OpenRoster opens the roster in a folder, which is made if there is none. Every byte of it
// is read and held against its checksum.
func OpenRoster(dir string, w Weights) (*Roster, error) {
	r := &Roster{w: w, dir: dir, tip: make(map[uint64]entity.Entity)}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("match: roster: %w", err)
	}
	b, err := os.ReadFile(filepath.Join(dir, rosterManifest))
	m := manifest{Format: 1, Next: 1}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if left, _ := filepath.Glob(filepath.Join(dir, "customers-*")); len(left) > 0 {
			return nil, fmt.Errorf("match: roster: %s has segments and no %s: %w", dir, rosterManifest, ErrRosterDamaged)
		}
	case err != nil:
		return nil, fmt.Errorf("match: roster: %w", err)
	default:
		if m, err = readManifest(b); err != nil {
			return nil, fmt.Errorf("match: roster: %s: %w", filepath.Join(dir, rosterManifest), err)
		}
	}
	r.next = m.Next
	if err := r.load(m.Layers); err != nil {
		r.Close()
		return nil, err
	}
	// What a crash left half made is in no manifest.
	for _, pattern := range [...]string{"customers-*", "changes-*"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, f := range files {
			if !slices.Contains(m.Layers, filepath.Base(f)) {
				os.Remove(f)
			}
		}
	}
	if err := r.newLog(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func readManifest(b []byte) (manifest, error) {
	var m manifest
	sum, body, ok := bytes.Cut(b, []byte(" "))
	if !ok || string(sum) != checksum(body) {
		return m, fmt.Errorf("its checksum differs: %w", ErrRosterDamaged)
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return m, fmt.Errorf("%w: %w", err, ErrRosterDamaged)
	}
	if m.Format != 1 {
		return m, fmt.Errorf("format %d: %w", m.Format, ErrRosterStale)
	}
	for _, l := range m.Layers {
		if l != filepath.Base(l) || !strings.HasPrefix(l, "customers-") && !strings.HasPrefix(l, "changes-") {
			return m, fmt.Errorf("layer %q: %w", l, ErrRosterDamaged)
		}
	}
	return m, nil
}

func (r *Roster) load(layers []string) error {
	for _, file := range layers {
		path := filepath.Join(r.dir, file)
		if strings.HasPrefix(file, "customers-") {
			s, err := openSegment(path)
			if err != nil {
				return err
			}
			for i := range s.count {
				r.drop(s.number(i))
			}
			r.layers = append(r.layers, layer{file, s, new(bitmap)})
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("match: roster: %w (%w)", err, ErrRosterDamaged)
		}
		err = readLog(b, func(c change) {
			r.drop(c.Number)
			if c.Entity != nil {
				r.tip[c.Number] = *c.Entity
			}
		})
		if err != nil {
			return fmt.Errorf("match: roster: %s: %w", path, err)
		}
		r.layers = append(r.layers, layer{file: file})
	}
	return nil
}

// drop takes a customer out of what was there before a change.
func (r *Roster) drop(number uint64) {
	delete(r.tip, number)
	for _, l := range r.layers {
		if l.segment != nil {
			if i, ok := l.segment.find(number); ok {
				l.dead.set(i)
			}
		}
	}
}

// A change is a line of the log.
type change struct {
	Number uint64         `json:"number"`
	Entity *entity.Entity `json:"entity,omitempty"` // nil where the customer is removed
}

// appendChange writes a change as a line: CRC-32C of its JSON in hex, a space, the JSON.
func appendChange(b []byte, c change) ([]byte, error) {
	if c.Entity != nil {
		// What need not be found is not kept.
		e := c.Entity
		c.Entity = &entity.Entity{ID: e.ID, Kind: e.Kind, Names: e.Names, Birth: e.Birth, Identifiers: e.Identifiers, Wallets: e.Wallets}
	}
	body, err := json.Marshal(c)
	if err != nil {
		return b, fmt.Errorf("match: roster: customer %d: %w", c.Number, err)
	}
	b = fmt.Appendf(b, "%s ", checksum(body))
	return append(append(b, body...), '\n'), nil
}

// readLog calls f with each change. A last line without its end was being written
// when the program stopped, and nobody was told that it was kept: it is left out.
func readLog(b []byte, f func(change)) error {
	for n := 1; ; n++ {
		line, rest, whole := bytes.Cut(b, []byte("\n"))
		if !whole {
			return nil
		}
		b = rest
		sum, body, ok := bytes.Cut(line, []byte(" "))
		if !ok || string(sum) != checksum(body) {
			return fmt.Errorf("line %d: its checksum differs: %w", n, ErrRosterDamaged)
		}
		var c change
		if err := json.Unmarshal(body, &c); err != nil {
			return fmt.Errorf("line %d: %w: %w", n, err, ErrRosterDamaged)
		}
		f(c)
	}
}

// checksum of a line or of the manifest, in hex.
func checksum(b []byte) string { return fmt.Sprintf("%08x", crc32.Checksum(b, castagnoli)) }

// newLog begins a log as the last layer.
func (r *Roster) newLog() error {
	file := fmt.Sprintf("changes-%06d", r.next)
	f, err := os.OpenFile(filepath.Join(r.dir, file), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("match: roster: %w", err)
	}
	if err := r.publish(append(slices.Clone(r.layers), layer{file: file}), r.next+1); err != nil {
		f.Close()
		os.Remove(f.Name())
		return err
	}
	if r.log != nil {
		r.log.Close()
	}
	r.log = f
	return nil
}

// publish makes layers those of the roster, on disk first.
func (r *Roster) publish(layers []layer, next int) error {
	m := manifest{Format: 1, Next: next}
	for _, l := range layers {
		m.Layers = append(m.Layers, l.file)
	}
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("match: roster: %w", err)
	}
	path := filepath.Join(r.dir, rosterManifest)
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("match: roster: %w", err)
	}
	_, err = fmt.Fprintf(f, "%s %s", checksum(body), body)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err == nil {
		err = syncDir(r.dir)
	}
	if err != nil {
		return fmt.Errorf("match: roster: %w", err)
	}
	r.layers, r.next = layers, next
	return nil
}

var errRosterClosed = errors.New("match: the roster is closed")

func (r *Roster) usable() error {
	if r.closed {
		return errRosterClosed
	}
	return r.failed
}

// Put adds customers, or puts them in the place of those with their numbers; a number given
// twice counts as given last. They are on disk when it returns. Thousands at a time are
// written as a segment of their own; a first filling is quickest by some hundred thousand at
// a time, followed by [Roster.Compact].
func (r *Roster) Put(customers ...Customer) error {
	r.changing.Lock()
	defer r.changing.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.usable(); err != nil {
		return err
	}
	if len(customers) >= sealAt {
		customers = slices.Clone(customers)
		slices.SortStableFunc(customers, func(a, b Customer) int {
			switch {
			case a.Number < b.Number:
				return -1
			case a.Number > b.Number:
				return 1
			}
			return 0
		})
		kept := customers[:0]
		for i, c := range customers {
			if i+1 == len(customers) || customers[i+1].Number != c.Number {
				kept = append(kept, c)
			}
		}
		return r.putSegment(kept, false)
	}
	var lines []byte
	var err error
	for i := range customers {
		if lines, err = appendChange(lines, change{customers[i].Number, &customers[i].Entity}); err != nil {
			return err
		}
	}
	if err := r.write(lines); err != nil {
		return err
	}
	for _, c := range customers {
		r.drop(c.Number)
		r.tip[c.Number] = c.Entity
	}
	if len(r.tip) < sealAt {
		return nil
	}
	tip := make([]Customer, 0, len(r.tip))
	for _, number := range slices.Sorted(maps.Keys(r.tip)) {
		tip = append(tip, Customer{number, r.tip[number]})
	}
	return r.putSegment(tip, true)
}

// putSegment adds a segment and begins a new log after it. It lets go of mu while it writes. asTip says that it is the
// tip as it stands, so that the logs before it have nothing to add.
func (r *Roster) putSegment(customers []Customer, asTip bool) error {
	file := fmt.Sprintf("customers-%06d", r.next)
	path := filepath.Join(r.dir, file)
	r.next++
	r.mu.Unlock() // screenings go on; changes wait
	err := r.w.writeSegment(path, customers)
	var s *segment
	if err == nil {
		s, err = openSegment(path)
	}
	r.mu.Lock()
	if err != nil {
		return err
	}
	if err := r.usable(); err != nil {
		s.gone.Store(true)
		return errors.Join(err, s.release())
	}
	before := slices.Clone(r.layers)
	r.layers = append(slices.Clone(r.layers), layer{file, s, new(bitmap)})
	if err := r.newLog(); err != nil {
		r.layers = before
		s.gone.Store(true)
		return errors.Join(err, s.release())
	}
	place := slices.IndexFunc(r.layers, func(l layer) bool { return l.segment == s })
	for _, l := range r.layers[:place] {
		if l.segment == nil {
			continue
		}
		for _, c := range customers {
			if i, ok := l.segment.find(c.Number); ok {
				l.dead.set(i)
			}
		}
	}
	if asTip {
		clear(r.tip)
		return nil
	}
	for _, c := range customers {
		delete(r.tip, c.Number)
	}
	return nil
}

// write appends to the log and syncs it. After an error the log may end anywhere, so
// nothing more is taken until the roster is opened anew.
func (r *Roster) write(lines []byte) error {
	if len(lines) == 0 {
		return nil
	}
	_, err := r.log.Write(lines)
	if err == nil {
		err = r.log.Sync()
	}
	if err != nil {
		r.failed = fmt.Errorf("match: roster: a change could not be written, open the roster anew: %w", err)
	}
	return r.failed
}

// Remove takes customers out; numbers that are not there are passed over. See [Roster] for
// when their data leaves the disk.
func (r *Roster) Remove(numbers ...uint64) error {
	r.changing.Lock()
	defer r.changing.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.usable(); err != nil {
		return err
	}
	var lines []byte
	for _, n := range numbers {
		lines, _ = appendChange(lines, change{Number: n}) // numbers are always JSON
	}
	if err := r.write(lines); err != nil {
		return err
	}
	for _, n := range numbers {
		r.drop(n)
	}
	return nil
}

// Compact makes one segment of all that the roster has, without those who are gone, while
// it goes on being used, and removes the old files. progress, which may be nil, is told
// how many customers are done. A cancelled compaction leaves the roster as it was.
func (r *Roster) Compact(ctx context.Context, progress func(done, total int)) error {
	r.compacting.Lock()
	defer r.compacting.Unlock()

	r.changing.Lock()
	r.mu.Lock()
	err := r.usable()
	if err == nil {
		err = r.sealTip()
	}
	if err != nil {
		r.mu.Unlock()
		r.changing.Unlock()
		return err
	}
	var from []source
	var old []layer
	for _, l := range r.layers[:len(r.layers)-1] { // but for the new log
		old = append(old, l)
		if l.segment != nil {
			l.segment.hold()
			from = append(from, source{l.segment, l.dead.clone()})
		}
	}
	file := fmt.Sprintf("customers-%06d", r.next)
	r.next++
	r.mu.Unlock()
	r.changing.Unlock()
	defer func() {
		for _, s := range from {
			s.release()
		}
	}()

	path := filepath.Join(r.dir, file)
	err = mergeSegments(path, from, func(done, total int) error {
		if progress != nil {
			progress(done, total)
		}
		return ctx.Err()
	})
	if err != nil {
		os.Remove(path)
		return err
	}
	merged, err := openSegment(path)
	if err != nil {
		return err
	}

	r.changing.Lock()
	defer r.changing.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	dead := new(bitmap)
	if err = r.usable(); err == nil {
		// Whoever was changed or removed meanwhile.
		for _, l := range r.layers {
			if i := slices.IndexFunc(from, func(s source) bool { return s.segment == l.segment && l.segment != nil }); i >= 0 {
				l.dead.each(func(place int) {
					if !from[i].dead.has(place) {
						if p, ok := merged.find(l.segment.number(place)); ok {
							dead.set(p)
						}
					}
				})
			}
		}
		err = r.publish(append([]layer{{file, merged, dead}}, r.layers[len(old):]...), r.next)
	}
	if err != nil {
		merged.gone.Store(true)
		return errors.Join(err, merged.release())
	}
	for _, l := range old {
		if l.segment == nil {
			err = errors.Join(err, os.Remove(filepath.Join(r.dir, l.file)))
			continue
		}
		l.segment.gone.Store(true)
		err = errors.Join(err, l.segment.release())
	}
	return err
}

// sealTip makes a segment of the tip, if there is any, or else begins a new log.
func (r *Roster) sealTip() error {
	if len(r.tip) == 0 {
		return r.newLog()
	}
	tip := make([]Customer, 0, len(r.tip))
	for _, number := range slices.Sorted(maps.Keys(r.tip)) {
		tip = append(tip, Customer{number, r.tip[number]})
	}
	return r.putSegment(tip, true)
}

// Screen holds a list's delta against all customers: what was added to it or changed. It
// returns who is named or resembled, by customer and then best first; it is the
// same on every run. profile fetches a customer; several goroutines call it at a time,
// and whom it does not know is passed over. o.Limit is for each customer.
func (r *Roster) Screen(list []entity.Entity, profile func(number uint64) (entity.Entity, bool), o Options) ([]Hit, error) {
	threshold := o.Threshold
	if threshold == 0 {
		threshold = r.w.Threshold
	}
	r.mu.Lock()
	if err := r.usable(); err != nil {
		r.mu.Unlock()
		return nil, err
	}
	layers := slices.Clone(r.layers)
	tip := slices.Sorted(maps.Keys(r.tip))
	for i, l := range layers {
		if l.segment != nil {
			l.segment.hold()
			layers[i].dead = l.dead.clone() // who changes from now on still counts as he was
		}
	}
	r.mu.Unlock()
	defer func() {
		for _, l := range layers {
			if l.segment != nil {
				l.segment.release()
			}
		}
	}()

	var hits []Hit
	for part := range slices.Chunk(list, deltaAtATime) {
		d := r.w.delta(part, threshold)
		var proposed []numbered
		for _, l := range layers {
			if l.segment == nil {
				continue
			}
			s, err := d.search(l.segment)
			if err != nil {
				return nil, err
			}
			found, err := s.propose()
			if err != nil {
				return nil, err
			}
			for _, p := range found {
				if !l.dead.has(int(p.place)) {
					proposed = append(proposed, numbered{l.segment.number(int(p.place)), p.party})
				}
			}
		}
		hits = append(hits, d.findings(proposed, profile)...)
		if len(tip) > 0 {
			hits = append(hits, screenEach(NewIndex(part, r.w), tip, profile, threshold)...)
		}
	}
	sortHits(hits)
	if o.Limit > 0 {
		kept, n := hits[:0], 0
		for i, h := range hits {
			if i == 0 || h.Customer != hits[i-1].Customer {
				n = 0
			}
			if n++; n <= o.Limit {
				kept = append(kept, h)
			}
		}
		hits = kept
	}
	return hits, nil
}

// deltaAtATime bounds the memory of a screening, which grows with the delta and the vocabulary.
const deltaAtATime = 512

// RosterStats are a roster's sizes.
type RosterStats struct {
	Customers int   // alive
	Gone      int   // changed or removed since, still in segments
	Recent    int   // of the customers, in no segment yet
	Segments  int   // many are slow: time for [Roster.Compact]
	Names     int   // in segments
	Words     int   // different ones, a segment at a time
	Bytes     int64 // of the segments, on disk and mapped into memory
}

// Stats counts.
func (r *Roster) Stats() RosterStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	st := RosterStats{Recent: len(r.tip), Customers: len(r.tip)}
	for _, l := range r.layers {
		if s := l.segment; s != nil {
			gone := l.dead.count()
			st.Customers += s.count - gone
			st.Gone += gone
			st.Segments++
			st.Names += s.names
			st.Words += len(s.sorts)
			st.Bytes += int64(len(s.bytes))
		}
	}
	return st
}

// Close lets go of the files. Screenings under way end as they would.
func (r *Roster) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	var err error
	for _, l := range r.layers {
		if l.segment != nil {
			err = errors.Join(err, l.segment.release())
		}
	}
	if r.log != nil {
		err = errors.Join(err, r.log.Close())
	}
	return err
}
