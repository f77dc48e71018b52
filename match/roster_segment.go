package match

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/bits"
	"os"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"unsafe"

	"sallyport/entity"
	"sallyport/names"
)

// A segment is one file of a roster, mapped into memory and never changed. It begins with a
// header of headerSize bytes, in little-endian:
//
//	 0  magic "SALROST3"
//	 8  how names are read, 32 bytes: see namesFingerprint
//	40  size of the file, first customer's number, customers, names, words: 8 bytes each
//	80  sections: offset and length, 8 bytes each, CRC-32C of the section and 4 bytes 0
//	…   CRC-32C of the header before it, in the last 4 bytes
//
// The sections, each from a multiple of 64 on:
//
//	bases    of rosterBlock customers: the first one's number, less the segment's first; 8 bytes
//	numbers  of customers, less their block's base, ascending; 2, 4 or 8 bytes each
//	records  of customers' names; see recordHead
//	births   of customers, 2 bytes each; see birthYears
//	blocks   of rosterBlock customers: where in the records each begins, 8 bytes
//	offsets  where in the texts each word begins, 4 bytes, and the end
//	texts    of words; see appendWord
//	sorts    of words, a byte each; see wordSort
//	keys     of words: the first key of each, then all others, 8 bytes each; see packKey
//	owners   of those others: their words, 4 bytes each, ascending
//	clues    of words, which are filed under them by their keys' places; two sections, see filing
//	marks    of customers, by their places; two sections, see filing
//	facts    of customers: hashes of documents' numbers and wallets; two sections, see filing
type segment struct {
	path    string
	bytes   []byte
	unmap   func() error
	held    atomic.Int32 // by the roster and by screenings under way
	gone    atomic.Bool  // the file is to be removed once nobody holds the segment
	first   uint64
	count   int
	names   int
	bases   []uint64
	short   []uint16
	narrow  []uint32
	wide    []uint64
	records []uint32
	births  []uint16
	blocks  []uint64
	offsets []uint32
	texts   []byte
	sorts   []uint8
	keys    []uint64
	owners  []uint32
	clues   filing
	marks   filing
	facts   filing
}

const (
	segmentMagic = "SALROST3"
	headerSize   = 512
	rosterBlock  = 1024 // customers
)

const (
	basesSection = iota
	numbersSection
	recordsSection
	birthsSection
	blocksSection
	offsetsSection
	textsSection
	sortsSection
	keysSection
	ownersSection
	clueStartsSection
	cluesSection
	markStartsSection
	marksSection
	factStartsSection
	factsSection
	sections
)

var sectionNames = [sections]string{"bases", "numbers", "records", "births", "blocks", "offsets", "texts", "sorts", "keys", "owners",
	"starts of clues", "clues", "starts of marks", "marks", "starts of facts", "facts"}

// A filing finds numbers by hashes of 32 bits. The upper bits of a hash choose a bucket,
// starts[bucket] to starts[bucket+1] of entries; an entry has the number in its lower
// bits, as many as the greatest needs, and above it as many of the hash's next bits as fit.
type filing struct {
	starts  []uint32
	entries []uint32
	upper   int // bits of a hash that choose the bucket
	lower   int // bits of an entry that are the number
}

// newFiling gives the form of a filing of numbers below n in 2^upper buckets.
func newFiling(n, upper int) filing { return filing{upper: upper, lower: bits.Len(uint(n))} }

// rest of a hash that an entry has beside a number.
func (f *filing) rest(hash uint32) uint32 { return hash << f.upper >> f.lower << f.lower }

func (f *filing) bucket(hash uint32) int { return int(uint64(hash) >> (32 - f.upper)) }

// find gives the entries among which those of a hash are, and what these have above the number.
func (f *filing) find(hash uint32) (entries []uint32, rest uint32) {
	b := f.bucket(hash)
	return f.entries[f.starts[b]:f.starts[b+1]], f.rest(hash)
}

// fits says whether the filing is one of numbers below n.
func (f *filing) fits(n int) bool {
	f.lower = bits.Len(uint(n))
	f.upper = bits.Len(uint(max(len(f.starts)-1, 1))) - 1
	if f.upper > 31 || f.lower > 31 || len(f.starts) != 1<<f.upper+1 || f.starts[0] != 0 || int(f.starts[1<<f.upper]) != len(f.entries) {
		return false
	}
	for i := range f.starts[1:] {
		if f.starts[i] > f.starts[i+1] {
			return false
		}
	}
	for _, e := range f.entries {
		if int(e&(1<<f.lower-1)) >= n {
			return false
		}
	}
	return true
}

// A customer's marks and facts are hashes of 28 bits, which a filing of them has whole.
const (
	hashBits = 28
	hashMask = 1<<32 - 1<<(32-hashBits)
)

// customerFiling is the form of a filing of so many customers by hashes of hashBits.
func customerFiling(customers int) filing {
	return newFiling(customers, max(bits.Len(uint(customers))-(32-hashBits), 0))
}

// each calls g with the hashes and the customers' places.
func (f *filing) each(g func(hash, place uint32)) {
	for b := range f.starts[1:] {
		for _, e := range f.entries[f.starts[b]:f.starts[b+1]] {
			g(uint32(uint64(b)<<(32-f.upper))|e>>f.lower<<f.lower>>f.upper, e&(1<<f.lower-1))
		}
	}
}

// ErrRosterDamaged is what the errors of a roster wrap whose files are not what was written.
// Nothing is lost that the customers' profiles do not tell: the remedy is to make it anew.
var ErrRosterDamaged = errors.New("the roster is damaged; remove its folder and put all customers into a new one")

// ErrRosterStale is wrapped where another version of this program wrote the roster, which
// read names otherwise or had another form of file.
var ErrRosterStale = errors.New("the roster was made by another version; remove its folder and put all customers into a new one")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// openSegment maps a file and checks every byte of it.
func openSegment(path string) (*segment, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("match: roster: %w (%w)", err, ErrRosterDamaged)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("match: roster: %w", err)
	}
	size := info.Size()
	if size < headerSize || int64(int(size)) != size {
		return nil, fmt.Errorf("match: roster: %s has %d bytes: %w", path, size, ErrRosterDamaged)
	}
	b, unmap, err := mapFile(f, int(size))
	if err != nil {
		return nil, fmt.Errorf("match: roster: %s cannot be mapped into memory: %w", path, err)
	}
	s := &segment{path: path, bytes: b, unmap: unmap}
	s.held.Store(1)
	if err := s.read(); err != nil {
		return nil, errors.Join(err, unmap())
	}
	return s, nil
}

func (s *segment) read() error {
	b := s.bytes
	damaged := func(format string, args ...any) error {
		return fmt.Errorf("match: roster: %s: %s: %w", s.path, fmt.Sprintf(format, args...), ErrRosterDamaged)
	}
	le := binary.LittleEndian
	switch {
	case string(b[:7]) != segmentMagic[:7]:
		return damaged("not a roster's file")
	case crc32.Checksum(b[:headerSize-4], castagnoli) != le.Uint32(b[headerSize-4:]):
		return damaged("the header's checksum differs")
	case string(b[:8]) != segmentMagic || string(b[8:40]) != string(namesFingerprint()):
		return fmt.Errorf("match: roster: %s: %w", s.path, ErrRosterStale)
	case le.Uint64(b[40:]) != uint64(len(b)):
		return damaged("%d bytes, %d were written", len(b), le.Uint64(b[40:]))
	}
	s.first = le.Uint64(b[48:])
	counts := [3]uint64{le.Uint64(b[56:]), le.Uint64(b[64:]), le.Uint64(b[72:])}
	for _, n := range counts {
		if n > uint64(len(b)) {
			return damaged("%d customers, names or words in %d bytes", n, len(b))
		}
	}
	s.count, s.names = int(counts[0]), int(counts[1])
	words := int(counts[2])
	var in [sections][]byte
	for i := range in {
		at := 80 + 24*i
		off, n, sum := le.Uint64(b[at:]), le.Uint64(b[at+8:]), le.Uint32(b[at+16:])
		if off > uint64(len(b)) || n > uint64(len(b))-off || off%64 != 0 {
			return damaged("section %s lies outside", sectionNames[i])
		}
		in[i] = b[off : off+n : off+n]
		if crc32.Checksum(in[i], castagnoli) != sum {
			return damaged("the checksum of section %s differs", sectionNames[i])
		}
	}
	switch len(in[numbersSection]) {
	case 2 * s.count:
		s.short = viewOf[uint16](in[numbersSection])
	case 4 * s.count:
		s.narrow = viewOf[uint32](in[numbersSection])
	default:
		s.wide = viewOf[uint64](in[numbersSection])
	}
	s.bases = viewOf[uint64](in[basesSection])
	s.records, s.births, s.blocks = viewOf[uint32](in[recordsSection]), viewOf[uint16](in[birthsSection]), viewOf[uint64](in[blocksSection])
	s.offsets, s.texts = viewOf[uint32](in[offsetsSection]), in[textsSection]
	s.sorts, s.keys, s.owners = in[sortsSection], viewOf[uint64](in[keysSection]), viewOf[uint32](in[ownersSection])
	s.clues.starts, s.clues.entries = viewOf[uint32](in[clueStartsSection]), viewOf[uint32](in[cluesSection])
	s.marks.starts, s.marks.entries = viewOf[uint32](in[markStartsSection]), viewOf[uint32](in[marksSection])
	s.facts.starts, s.facts.entries = viewOf[uint32](in[factStartsSection]), viewOf[uint32](in[factsSection])
	// The sums above say that this is what was written; these, that it was written by this form.
	blocks := (s.count + rosterBlock - 1) / rosterBlock
	switch {
	case len(s.short)+len(s.narrow)+len(s.wide) != s.count, len(s.births) != s.count, len(s.blocks) != blocks, len(s.bases) != blocks,
		len(s.offsets) != words+1, len(s.sorts) != words, len(s.keys) != words+len(s.owners),
		!s.clues.fits(len(s.keys)), !s.marks.fits(s.count), !s.facts.fits(s.count), int(s.offsets[words]) != len(s.texts):
		return damaged("sections do not fit one another")
	}
	return nil
}

// viewOf gives little-endian numbers, in place where this machine has them so.
func viewOf[T uint16 | uint32 | uint64](b []byte) []T {
	size := int(unsafe.Sizeof(T(0)))
	n := len(b) / size
	if n == 0 {
		return nil
	}
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 && uintptr(unsafe.Pointer(unsafe.SliceData(b)))%uintptr(size) == 0 {
		return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
	}
	out := make([]T, n)
	for i := range out {
		for j := size - 1; j >= 0; j-- {
			out[i] = out[i]<<8 | T(b[size*i+j])
		}
	}
	return out
}

// number of the customer at a place.
func (s *segment) number(place int) uint64 {
	n := s.first + s.bases[place/rosterBlock]
	switch {
	case s.short != nil:
		return n + uint64(s.short[place])
	case s.narrow != nil:
		return n + uint64(s.narrow[place])
	}
	return n + s.wide[place]
}

// find gives the place of a customer.
func (s *segment) find(number uint64) (int, bool) {
	if s.count == 0 || number < s.first {
		return 0, false
	}
	block, exact := slices.BinarySearch(s.bases, number-s.first)
	if !exact {
		block--
	}
	if block < 0 {
		return 0, false
	}
	from, end := block*rosterBlock, min((block+1)*rosterBlock, s.count)
	place := from + sort.Search(end-from, func(i int) bool { return s.number(from+i) >= number })
	return place, place < end && s.number(place) == number
}

func (s *segment) text(word uint32) []byte { return s.texts[s.offsets[word]:s.offsets[word+1]] }

// part of the vocabulary, made ready for comparing.
func (w *Weights) rosterPart(s *segment, word uint32) (part, error) {
	t, firm, err := readWord(s.text(word))
	if err != nil {
		return part{}, fmt.Errorf("match: roster: %s: word %d: %w (%w)", s.path, word, err, ErrRosterDamaged)
	}
	return w.part(t, firm), nil
}

func (s *segment) hold() { s.held.Add(1) }

// release unmaps the segment, and removes its file if that is over, when nobody holds it any more.
func (s *segment) release() error {
	if s.held.Add(-1) > 0 {
		return nil
	}
	err := s.unmap()
	if s.gone.Load() {
		err = errors.Join(err, os.Remove(s.path))
	}
	return err
}

// A recordHead begins the record of a written name, from the low bits on:
//
//	6 bits  how many words follow, those of all its parts in order
//	6 bits  core parts; 6 bits heavy parts
//	2 bits  initials and titles, 3 for three and more; 4 bits other light parts, 15 for 15 and more
//	1 bit   a heavy part is not written in Latin letters
//	5 bits  unused
//	1 bit   it is read as a firm's name
//	1 bit   it is the first of its customer
//
// Beside its words a name has marks, which are filed by themselves: hashes of the keys of
// neighbouring parts written as one, of the whole name's skeleton, of a Chinese name's syllables, of an acronym or what may have one.
type recordHead uint32

func newRecordHead(n *name, firm, first bool, length int) recordHead {
	initials := 0
	for i := range n.parts {
		if standsIn(n.parts[i].Class) {
			initials++
		}
	}
	others := len(n.parts) - n.heavy - initials
	h := uint32(length) | uint32(n.core)<<6 | uint32(n.heavy)<<12 | uint32(min(initials, 3))<<18 | uint32(min(others, 15))<<20
	if n.native {
		h |= nativeHead
	}
	if firm {
		h |= 1 << 30
	}
	if first {
		h |= 1 << 31
	}
	return recordHead(h)
}

const nativeHead = 1 << 24

func (h recordHead) length() int  { return int(h & 0x3f) }
func (h recordHead) core() int    { return int(h >> 6 & 0x3f) }
func (h recordHead) heavy() int   { return int(h >> 12 & 0x3f) }
func (h recordHead) native() bool { return h&nativeHead != 0 }

// initials and other light parts, at least as many as there are.
func (h recordHead) initials() int { return atLeast(int(h>>18&3), 3) }
func (h recordHead) light() int    { return atLeast(int(h>>20&15), 15) }

func atLeast(n, many int) int {
	if n == many {
		return names.MaxTokens
	}
	return n
}

func (h recordHead) first() bool { return h&(1<<31) != 0 }

var fingerprintNames = [...]string{
	"Vladimir Vladimirovich Putin", "ПУТИН Владимир Владимирович", "Щербакова Наталья Олеговна", "Ґалаґан Зіновій Їжакевич", "Юрий Ёлкин", "Shaikh Abd al-Rahman bin Khalid Al-Qasimi",
	"Abdul Majeed", "Majeed Abdul", "Mohammed Hussein ould Sidi", "Muhammad Husayn Al Zawahiri", "Dr. Johann von der Müller-Lüdenscheidt jr.", "Jean-Luc de la Tour", "François d'Alençon",
	"Juri Andrejevich Zhukovsky", "Jurij Žukovskij", "Khrushchov Nikita", "Bill Clinton", "Billy", "Liz Ng", "J. R. Smith", "Juan Carlos García López", "Núñez y Peña", "Nguyễn Văn Đức", "Kim Jong-un", "Yong Chol Ri",
	"王毅", "محمد علي", "Γιώργος Παπαδόπουλος", "דוד בן גוריון", "山田 タロウ", "김정은", "박 명철", "Վարդան Մամիկոնյան", "გიორგი გამსახურდია", "नरेन्द्र मोदी", "শেখ হাসিনা", "สมชาย วงศ์สวัสดิ์", "里根 卡扎菲", "Sergii Alekhavich Piatrowski", "O'Brien", "Þórður Ægir Straße", "Ibn Saud", "Ben Smith", "Van Nguyen", "Zubayr Ogly", "Haji",
	"OOO \"Romashka\"", "S. A. de C. V.", "Trading Company Limited", "Gesellschaft mit beschränkter Haftung Nord", "Bank of Moscow PJSC", "7 Stars Int'l Shipping & Trading Co., Ltd.", "Seven Stars XIV", "АО Газпром Нефть", "Tech Industries Group", "MV Sea Pride II",
	"Wang Jiawei", "Wong Kar Wai", "Mao Tse-tung", "Abolghasem Tabrizi", "Torgovyi Dom Vektor", "Zavod Primerskii", "Metal and Mineral Trade (MMT)", "Tardigrade Limietd", "Public Joint Stock Comapny Rosbank", "丹东鸿祥实业发展有限公司",
}

// fingerprintWallets are of the chains whose addresses have several spellings.
var fingerprintWallets = [...]string{"0xE950DC316b836e4EeFb8308bf32Bf7C72a1358FF", "TXEsK1sEsKjZ1xtHitnyAAoqw3WLdYdRNW", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h"}

// namesFingerprint tells apart versions of this program by what they keep of a customer: a
// roster's segments were made by one of them and are held against names read by another only
// at the price of missing some. It is of what is kept of some customers, which shows changes of the code, and of
// [names.Version], for some names show few changes of the tables. Nothing that is kept depends on weights.
var namesFingerprint = sync.OnceValue(func() []byte { return fingerprintOf(names.Version(), fingerprintCustomers(), appendClues) })

// fingerprintCustomers is what is kept of some customers.
func fingerprintCustomers() (kept []readCustomer) {
	w := DefaultWeights()
	for i, written := range fingerprintNames {
		for _, kind := range [...]entity.Kind{entity.Person, entity.Organisation} {
			kept = append(kept, w.readCustomer(&Customer{Number: uint64(i), Entity: entity.Entity{
				Kind: kind, Names: []entity.Name{{Full: written}},
				Birth:       []entity.Dates{{From: entity.Day{Year: 1950 + i}, To: entity.Day{Year: 1951 + i}, Circa: i%2 == 0}},
				Identifiers: []entity.Identifier{{Type: "Passport", Number: "75 № 52" + written}},
				Wallets:     []entity.Wallet{{Address: fingerprintWallets[i%len(fingerprintWallets)]}},
			}}))
		}
	}
	return kept
}

// fingerprintOf has all that is kept, and the clues that each word is filed under.
func fingerprintOf(version string, kept []readCustomer, clues func(b, word []byte) []byte) []byte {
	b := append([]byte(version), '\n')
	for i := range kept {
		c := &kept[i]
		b = binary.LittleEndian.AppendUint16(b, c.births)
		for _, n := range c.names {
			b = binary.LittleEndian.AppendUint32(b, uint32(n.head))
			for _, word := range n.words {
				b = append(b, word...)
				b = clues(b, word)
			}
		}
		for _, hashes := range [...][]uint32{c.marks, c.facts} {
			for _, h := range hashes {
				b = binary.LittleEndian.AppendUint32(b, h)
			}
		}
		b = append(b, '\n')
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

// appendClues appends the clues that a word is filed under, and its skeleton.
func appendClues(b, word []byte) []byte {
	p := filedPart(word)
	b = append(b, p.skeleton...)
	if p.heavy {
		p.eachClue(false, func(clue uint32, _ int, _ clueOf) { b = binary.LittleEndian.AppendUint32(b, clue) })
	}
	return b
}
