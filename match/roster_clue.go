package match

import (
	"encoding/binary"
	"errors"
	"math/bits"

	"sallyport/names"
	"sallyport/names/script"
)

// A clue is a hash under which a word of the roster's vocabulary is looked for: of
// its keys, nicknames, skeleton, of a firm's word's beginning, and of what is left of
// a key after slips. Two parts that [Weights.agreement] lets agree have a clue in
// common, the one made as a listed word's, the other as a query's; what
// has a clue in common is then compared.
//
// All letters are bytes here, as in package match's other distances.

// Kinds of clues and of the hashes in a customer's record.
const (
	keyClue      = 'k'
	nickClue     = 'n'
	soundClue    = 's'
	prefixClue   = 'p'
	shortClue    = 'a' // a key of five letters or fewer, with up to one left out
	middleClue   = 'b' // five to seven letters, by the first one: up to two of the others left out
	headlessClue = 'c' // six or more, but for the first one: up to one left out
	frontClue    = 'f' // eight or more, by the first one: the front half of the others, up to one left out
	backClue     = 'g' // the same of the back half
	nativeClue   = 'x' // key of package script, of a word that is not written in Latin letters
	latinClue    = 'y' // the same of a word that is
	runMark      = 'R' // key of neighbouring parts written as one
	soundMark    = 'Z' // key of package script of neighbouring syllables as one word
	bonesMark    = 'B'
	singleMark   = 'S'
	pinyinMark   = 'P' // name of China in pinyin
	writtenMark  = 'W' // syllables of one in another spelling
	firstsMark   = 'F'
)

// clueHash is FNV-1a of 64 bits with a mixed end. It is part of the file format.
func clueHash(kind byte, firm bool, extra uint16, s []byte) uint32 {
	h := uint64(14695981039346656037) ^ uint64(kind) ^ uint64(extra)<<16
	if firm {
		h ^= 1 << 40
	}
	h *= 1099511628211
	for _, c := range s {
		h = (h ^ uint64(c)) * 1099511628211
	}
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	return uint32(h >> 32)
}

// mark is a hash that is filed for a customer.
func soundKey(k script.Key) string { return string(binary.LittleEndian.AppendUint64(nil, uint64(k))) }

func mark(kind byte, firm bool, s string) uint32 {
	return clueHash(kind, firm, 0, []byte(s)) & hashMask
}

// eachLeft calls f with s and with s less up to most letters. s is scratch of f's
// until it returns.
func eachLeft(s string, most int, f func([]byte)) {
	var bufs [4][maxKey]byte
	n := copy(bufs[0][:], s)
	f(bufs[0][:n])
	var leave func(depth, from, n int)
	leave = func(depth, from, n int) {
		for i := from; i < n; i++ {
			b := &bufs[depth+1]
			copy(b[:i], bufs[depth][:i])
			copy(b[i:], bufs[depth][i+1:n])
			f(b[:n-1])
			if depth+1 < most {
				leave(depth+1, i, n-1)
			}
		}
	}
	if most > 0 {
		leave(0, 0, n)
	}
}

// slips says whether a key is one in which slips are looked for.
func slips(key string) bool { return edits(len(key)) > 0 && len(key) <= maxKey }

// eachListedSlip calls f with the clues of a key of the vocabulary that are for
// slips. What pairs of keys have in common, by lengths n of the listed key:
//
//   - Different first letters allow [edits] slips, one of which takes the first
//     letter: another letter for it, one more or one less, after which up to one is left
//     for what follows the listed key's first letter; or an exchange with its neighbour,
//     which the asking key then makes before it asks.
//   - The same first letter costs nothing, and the rest may differ in [moreEdits].
//     Up to seven letters: both sides leave out up to two (the symmetric-delete
//     argument). From eight on there may be three slips; the rest is two halves with
//     a letter between them, so that no exchange of neighbours touches both, and one
//     half has one slip at most. A half is a beginning or an end of the rest, so it
//     is known where the other key's like of it lies.
func eachListedSlip(key string, firm bool, f func(uint32)) {
	if !slips(key) {
		return
	}
	n := len(key)
	if n <= 5 {
		eachLeft(key, 1, func(s []byte) { f(clueHash(shortClue, firm, 0, s)) })
	}
	if n >= 5 && n <= 7 {
		eachLeft(key[1:], 2, func(s []byte) { f(clueHash(middleClue, firm, uint16(key[0]), s)) })
	}
	if n >= 6 {
		eachLeft(key[1:], 1, func(s []byte) { f(clueHash(headlessClue, firm, 0, s)) })
	}
	if n >= 8 {
		extra := uint16(key[0]) | uint16(n)<<8
		half := halfOf(n)
		eachLeft(key[1:1+half], 1, func(s []byte) { f(clueHash(frontClue, firm, extra, s)) })
		eachLeft(key[2+half:], 1, func(s []byte) { f(clueHash(backClue, firm, extra, s)) })
	}
}

// halfOf is the length of the front half of what follows the first letter of a key of n.
func halfOf(n int) int { return (n - 2) / 2 }

// eachAskedSlip calls f with the clues that a key asks the vocabulary for.
func eachAskedSlip(key string, firm bool, f func(uint32)) {
	if !slips(key) {
		return
	}
	n := len(key)
	if n <= 6 {
		eachLeft(key, 1, func(s []byte) { f(clueHash(shortClue, firm, 0, s)) })
	}
	if n >= 5 && n <= 9 {
		eachLeft(key[1:], 2, func(s []byte) { f(clueHash(middleClue, firm, uint16(key[0]), s)) })
	}
	if n >= 5 {
		headless := func(key string) {
			eachLeft(key, 1, func(s []byte) { f(clueHash(headlessClue, firm, 0, s)) })
		}
		for from := range 4 {
			headless(key[from:])
		}
		headless(key[:1] + key[2:])
	}
	rest := key[1:]
	for listed := max(8, n-3); listed <= min(n+3, maxKey); listed++ {
		extra := uint16(key[0]) | uint16(listed)<<8
		front := halfOf(listed)
		back := listed - 2 - front
		// Their like may be a letter longer or shorter. Then too what is as long has something in
		// common with them when one letter is left out of each: with abc, axb of axbc has ab.
		eachLeft(rest[:front], 1, func(s []byte) { f(clueHash(frontClue, firm, extra, s)) })
		eachLeft(rest[len(rest)-back:], 1, func(s []byte) { f(clueHash(backClue, firm, extra, s)) })
	}
}

// clueOf says what a clue is of.
type clueOf uint8

const (
	ofKey   clueOf = iota // a key, a nickname, a skeleton, a beginning
	ofSlip                // what is left of a key
	ofSound               // a key of package script
)

// eachClue calls f with all clues of a heavy part: those a word of the vocabulary is
// filed under, each with the number of the part's key that it is of or 0, or those that it asks for.
func (p *part) eachClue(asked bool, f func(clue uint32, key int, of clueOf)) {
	for i, k := range p.Keys {
		f(clueHash(keyClue, p.firm, 0, []byte(k)), i, ofKey)
	}
	for _, n := range p.Nicknames {
		f(clueHash(nickClue, p.firm, n, nil), 0, ofKey)
	}
	if p.skeleton != "" {
		f(clueHash(soundClue, p.firm, 0, []byte(p.skeleton)), 0, ofKey)
	}
	if p.firm && p.Latin && len(p.Text) >= prefix {
		f(clueHash(prefixClue, true, 0, []byte(p.Text[:prefix])), 0, ofKey)
	}
	if p.Class == names.Number {
		return
	}
	// Two words in Latin letters need not be looked for by the sounds of another script.
	native := p.Native != ""
	var buf [script.MaxKeys]script.Key
	for _, k := range script.AppendKeys(buf[:0], p.Spoken()) {
		key := binary.LittleEndian.AppendUint64(nil, uint64(k))
		switch {
		case asked && native:
			f(clueHash(latinClue, p.firm, 0, key), 0, ofSound)
			fallthrough
		case asked, native:
			f(clueHash(nativeClue, p.firm, 0, key), 0, ofSound)
		default:
			f(clueHash(latinClue, p.firm, 0, key), 0, ofSound)
		}
	}
	if !p.Latin {
		return
	}
	for i, k := range p.Keys {
		slip := func(clue uint32) { f(clue, i, ofSlip) }
		if asked {
			eachAskedSlip(k, p.firm, slip)
		} else {
			eachListedSlip(k, p.firm, slip)
		}
	}
}

// A sort of word in one byte: class, and whether it is a firm's, Latin, of a script whose
// sounds are compared.
const (
	classBits = 0x0f
	firmBit   = 0x10
	latinBit  = 0x20
	nativeBit = 0x40
)

func wordSort(t *names.Token, firm bool) uint8 {
	s := uint8(t.Class)
	if firm {
		s |= firmBit
	}
	if t.Latin {
		s |= latinBit
	}
	if t.Native != "" {
		s |= nativeBit
	}
	return s
}

// appendWord writes a token as the vocabulary holds it. What role its source gave it
// is left out: agreement does not look at it. No keys are one that is the text, no writing of a
// native word is the text too.
func appendWord(b []byte, t *names.Token, firm bool) []byte {
	b = append(b, wordSort(t, firm))
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	text(t.Text)
	if len(t.Keys) == 1 && t.Keys[0] == t.Text {
		b = append(b, 0)
	} else {
		b = binary.AppendUvarint(b, uint64(len(t.Keys)))
		for _, k := range t.Keys {
			text(k)
		}
	}
	b = binary.AppendUvarint(b, uint64(len(t.Nicknames)))
	for _, n := range t.Nicknames {
		b = binary.AppendUvarint(b, uint64(n))
	}
	switch t.Native {
	case "":
	case t.Text:
		text("")
	default:
		text(t.Native)
	}
	return b
}

var errWord = errors.New("a word of the vocabulary is malformed")

// readWord reads what appendWord wrote. It keeps no reference to b.
func readWord(b []byte) (t names.Token, firm bool, err error) {
	if len(b) == 0 {
		return t, false, errWord
	}
	sort := b[0]
	t.Class, t.Latin, firm = names.Class(sort&classBits), sort&latinBit != 0, sort&firmBit != 0
	all, at := string(b), 1
	number := func() int {
		n, size := binary.Uvarint(b[at:])
		if size <= 0 || n > 1<<16 {
			err, at = errWord, len(b)
			return 0
		}
		at += size
		return int(n)
	}
	text := func() string {
		n := number()
		if n > len(all)-at {
			err = errWord
			return ""
		}
		at += n
		return all[at-n : at]
	}
	t.Text = text()
	if n := number(); n == 0 {
		t.Keys = []string{t.Text}
	} else if err == nil && n <= len(b) {
		t.Keys = make([]string, n)
		for i := range t.Keys {
			t.Keys[i] = text()
		}
	}
	if n := number(); err == nil && n > 0 && n <= len(b) {
		t.Nicknames = make([]uint16, n)
		for i := range t.Nicknames {
			t.Nicknames[i] = uint16(number())
		}
	}
	if sort&nativeBit != 0 {
		if t.Native = text(); t.Native == "" {
			t.Native = t.Text
		}
	}
	if err == nil && (at != len(b) || t.Text == "" || len(t.Keys) == 0) {
		err = errWord
	}
	return t, firm, err
}

// A key of up to packedKey letters is a number: its letters in five bits each, the first in the
// lowest, and its length in the upper four bits. 0 is of a word in which no slips are looked for, and longKey
// says that the word has to be asked.
const (
	packedKey = 12
	longKey   = 15 << 60
)

func packKey(key string) uint64 {
	if len(key) > packedKey {
		return longKey
	}
	k := uint64(len(key)) << 60
	for i := range len(key) {
		c := letterCode(key[i])
		if c == letterCode(0) {
			return longKey
		}
		k |= c << (5 * i)
	}
	return k
}

// mostNear is an upper bound of [Weights.nearness] by the shapes of two keys. No letter but h costs less
// than [similar], and a letter h is left out of account.
func mostNear(a, b uint32) float64 {
	const h, shapeLetters = 1 << ('h' - 'a'), 1<<26 - 1
	d := max(bits.OnesCount32(a&^b&shapeLetters&^h), bits.OnesCount32(b&^a&shapeLetters&^h))
	long := max(a>>26, b>>26)
	if long == 0 {
		return 1
	}
	n := 1 - float64(d*min(similar, whole))/10/float64(long)
	return max(0, 2*n-1)
}
