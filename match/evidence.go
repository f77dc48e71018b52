package match

import (
	"math"
	"math/bits"
	"slices"
	"sync"
	"unicode/utf8"

	"sallyport/names"
	"sallyport/names/script"
)

// maxKey is the longest key in which slips are looked for, in bytes. Longer
// words are compared for equality.
const maxKey = 48

// leastPart is the least agreement, in nats, that makes two parts partners.
const leastPart = 0.5

// A part is a token made ready: with what agreement in it is worth.
type part struct {
	names.Token
	worth
	firm     bool          // of a firm's, a vessel's or an aircraft's name
	heavy    bool          // neither light nor an initial
	skeleton string        // of the first key; "" where it has too few consonants to say anything
	across   *across       // see ready; a part that several goroutines see has its box
	word     int32         // in a nameIndex, -1 outside of one
	slot     int8          // of a query that is being searched for, -1 else
	script   script.Script // in which it was written
}

// worth is what agreement in a part depends on besides its letters.
type worth struct {
	info  float64 // exact agreement, in nats
	often names.Frequency
}

func (w *Weights) part(t names.Token, firm bool) part {
	p := part{Token: t, firm: firm, word: -1, slot: -1, heavy: !t.Light() && t.Class != names.Initial}
	p.script = script.Of(p.Spoken())
	p.often = p.frequency()
	p.info = w.information(&p)
	if p.heavy && p.Latin {
		p.skeleton = skeleton(t.Keys[0])
	}
	return p
}

// frequency says how many bear the part as a name, and so no other by a slip. Words that many firms have are no names: whoever
// writes Comapny means Company.
func (p *part) frequency() names.Frequency {
	if p.firm && p.Class != names.Plain {
		return names.Rare
	}
	return p.Frequency(p.firm)
}

// across is what comparing a part with parts in other scripts needs, made when it is asked for.
type across struct {
	written  string
	prepared sync.Once
	script.Prepared
	keyed sync.Once
	keys  []script.Key
}

// box gives the part what is made ready later, by whichever goroutine asks first.
func (p *part) box() *across {
	if p.across == nil {
		p.across = &across{written: p.Spoken()}
	}
	return p.across
}

// boxAll is box for all parts of names that several goroutines will see.
func boxAll(of []name) {
	for i := range of {
		for j := range of[i].parts {
			of[i].parts[j].box()
		}
	}
}

// ready makes the part comparable across scripts.
func (p *part) ready() *script.Prepared {
	a := p.box()
	a.prepared.Do(func() { a.Prepared = script.Prepare(a.written) })
	return &a.Prepared
}

// soundKeys are the keys of package script, made together with what ready makes where
// that was not made before.
func (p *part) soundKeys() []script.Key {
	a := p.box()
	a.keyed.Do(func() {
		both := false
		a.prepared.Do(func() {
			a.Prepared, a.keys = script.PrepareKeys(nil, a.written)
			both = true
		})
		if !both {
			a.keys = script.AppendKeys(nil, a.written)
		}
	})
	return a.keys
}

// shareSounds reports whether two parts have a key of package script in common.
func shareSounds(a, b *part) bool {
	for _, k := range a.soundKeys() {
		if slices.Contains(b.soundKeys(), k) {
			return true
		}
	}
	return false
}

// information is what exact agreement in the part is worth, in nats.
func (w *Weights) information(p *part) float64 {
	i := &w.Information
	switch p.Class {
	case names.Title, names.Particle:
		return i.Light
	case names.LegalForm:
		return i.LegalForm
	case names.Initial:
		return i.Initial
	case names.Number:
		return i.Number
	case names.Generic:
		return i.Generic
	case names.Trade:
		return i.Trade
	case names.Place:
		return i.Place
	case names.Byname:
		return i.Byname
	}
	rare := i.Rare[min(max(letters(p), 2), 6)]
	if p.Native != "" && (p.script == script.Han || p.script == script.Hangul) {
		rare = i.Syllables[min(utf8.RuneCountInString(p.Native), 3)]
	}
	switch p.often {
	case names.VeryCommon:
		return min(rare, i.VeryCommon)
	case names.Common:
		return min(rare, i.Common)
	}
	return rare
}

// letters of a part; one of a syllabic script counts for two.
func letters(p *part) int {
	n := 0
	for _, r := range p.Text {
		if n++; r >= 0x3040 {
			n++
		}
	}
	return n
}

// agreement of two parts in nats, 0 where they are no partners. It is symmetric.
//
// Where it is above 0 for two heavy parts they share a key, a nickname, a skeleton
// or a key across scripts, or are a prefix, or have keys within [withinSlips]:
// [lexicon.search] relies on it. A title and the same word as a name agree too, and are looked up
// by [nameIndex.search].
func (w *Weights) agreement(a, b *part) float64 { return w.agree(a, b, shareSounds, w.sounds) }

// agree is agreement where it is known already whether the two share a key of package script, or
// what their sounds are evidence of.
func (w *Weights) agree(a, b *part, shareSounds func(a, b *part) bool, sounds func(a, b *part, least float64) float64) float64 {
	if a.Class == names.Initial || b.Class == names.Initial {
		return w.initialAgreement(a, b)
	}
	if isTitleAndName(a, b) {
		return w.Information.VeryCommon
	}
	if a.heavy != b.heavy || (a.Class == names.LegalForm) != (b.Class == names.LegalForm) || (a.Class == names.Number) != (b.Class == names.Number) {
		return 0
	}
	switch {
	case a.Text == b.Text && a.Class != names.LegalForm:
		return w.weigh(a.worth, b.worth, relation{same: true})
	case a.Shares(&b.Token):
		if !a.heavy {
			return (a.info + b.info) / 2
		}
		return w.weigh(a.worth, b.worth, relation{key: true})
	case !a.heavy || a.Class == names.Number || otherPlace(a.Class, b.Class):
		return 0
	}
	l := relation{nickname: sharesNickname(a, b), slip: math.Inf(1)}
	if a.Latin && b.Latin {
		l.slip = slip(a, b)
		l.begins = abbreviates(a, b) && isWord(longer(a, b))
	}
	if a.Native != "" || b.Native != "" {
		l.sound = w.acrossAgreement(a, b, shareSounds, sounds)
	}
	return w.weigh(a.worth, b.worth, l)
}

// otherPlace reports whether two known words of firms' names of such classes that share no key are two words, a place and another one, and
// no slip of one another, however near: Iran and Iraq, Hubei and Hebei, Kerman and German, Gaza and gas. What firms do is
// put in words that are near and nearly one: electric and electronic.
func otherPlace(a, b names.Class) bool {
	known := func(c names.Class) bool { return c == names.Generic || c == names.Trade || c == names.Place }
	return a == names.Place && known(b) || b == names.Place && known(a)
}

// isTitleAndName: Haji and Amir are titles before a name and names after it, and not everybody
// writes a name in the order that tells which. What is both tells what a very common name tells.
func isTitleAndName(a, b *part) bool {
	if a.Class != names.Title {
		a, b = b, a
	}
	return a.Class == names.Title && b.Class == names.Plain && !a.firm && !b.firm && a.Shares(&b.Token)
}

// standsIn reports whether a light part may be the partner of a heavy one.
func standsIn(c names.Class) bool { return c == names.Initial || c == names.Title }

// standIn is the most that such a pair is worth, in nats.
func (w *Weights) standIn() float64 { return max(w.Information.Initial, w.Information.VeryCommon) }

// A relation is in what ways two heavy parts are alike.
type relation struct {
	same     bool    // the same text
	key      bool    // a canonical key in common
	nickname bool    // a short name in common
	begins   bool    // one is the beginning of the other
	slip     float64 // what the letters are apart, see slip; +inf for too far
	sound    float64 // agreement of sounds across scripts, in nats
}

// weigh gives the agreement, in nats, of two heavy parts that are alike in so many ways.
func (w *Weights) weigh(a, b worth, l relation) float64 {
	info := (a.info + b.info) / 2
	switch {
	case l.same:
		return info
	case l.key:
		return max(info-w.Spelling.SameSound, leastPart)
	}
	best := l.sound
	if l.nickname {
		best = max(best, info-w.Spelling.Nickname, leastPart)
	}
	if l.slip < math.Inf(1) {
		lost := w.slipLoss(a, b, l.slip)
		switch {
		case a.often != names.Rare && b.often != names.Rare:
			best = max(best, info-lost)
		case a.often != names.Rare || b.often != names.Rare:
			// Whoever is called by a common name is not often another by a slip.
			best = max(best, min(a.info, b.info)-lost)
		default:
			best = max(best, min(max(a.info, b.info)-lost, min(a.info, b.info)-w.Spelling.SameSound))
		}
	}
	if l.begins {
		best = max(best, min(a.info, b.info)*w.Spelling.Abbreviation)
	}
	if best < leastPart {
		return 0
	}
	return best
}

// slipLoss is what a slip takes off, in nats.
func (w *Weights) slipLoss(a, b worth, slip float64) float64 {
	lost := w.Spelling.Slip * slip
	if a.often != names.Rare && b.often != names.Rare {
		lost += w.Spelling.BothCommon
	}
	return lost
}

// acrossAgreement is for parts written in different scripts, at least one of them
// not in Latin letters. They need a key of package script in common.
func (w *Weights) acrossAgreement(a, b *part, share func(a, b *part) bool, sounds func(a, b *part, least float64) float64) float64 {
	if !inTwoScripts(a, b) || !share(a, b) {
		return 0
	}
	return min(sounds(a, b, w.Spelling.Across+leastPart)-w.Spelling.Across, a.info, b.info)
}

// sounds is the evidence that parts in different scripts sound alike, in nats, where it is least
// or more.
func (w *Weights) sounds(a, b *part, least float64) float64 {
	return a.ready().EvidenceFrom(b.ready(), least)
}

// inTwoScripts reports whether the evidence of two parts is that of sounds.
func inTwoScripts(a, b *part) bool {
	return (a.Native != "" || b.Native != "") && a.script != b.script
}

// vouchedAgreement is for heavy parts that share no key, in names of which another
// part agrees strongly: sounds that no key brings together may then still count.
func (w *Weights) vouchedAgreement(a, b *part, by scorer) float64 {
	// What does not agree will be asked again: how much it contradicts, and most of it by too much.
	return w.vouchedBy(a, b, -unlikeSounds/2, by.sounds)
}

// vouchedBy is vouchedAgreement where sounds are told from least on, which is no more than makes them agree.
func (w *Weights) vouchedBy(a, b *part, least float64, sounds func(a, b *part, least float64) float64) float64 {
	if !a.heavy || !b.heavy || a.Class == names.Number || b.Class == names.Number || !inTwoScripts(a, b) {
		return 0
	}
	if e := min(sounds(a, b, least)-w.Spelling.Across, a.info, b.info); e >= leastPart {
		return e
	}
	return 0
}

// prefix is how many letters an abbreviation has at least.
const prefix = 3

// abbreviates reports whether one of two parts of firms' names is the beginning of
// the other: Tech, Technologies.
func abbreviates(a, b *part) bool {
	if !a.firm || !b.firm {
		return false
	}
	short, long := a.Text, b.Text
	if len(short) > len(long) {
		short, long = long, short
	}
	return len(short) >= prefix && len(long) >= len(short)+2 && long[:len(short)] == short
}

func sharesNickname(a, b *part) bool {
	for _, n := range a.Nicknames {
		for _, m := range b.Nicknames {
			if n == m {
				return true
			}
		}
	}
	return false
}

func (w *Weights) initialAgreement(a, b *part) float64 {
	switch {
	case a.Class == b.Class:
		if a.Text == b.Text {
			return w.Information.Initial
		}
		return 0
	case a.Class != names.Initial:
		a, b = b, a
	}
	if b.Class != names.Plain && b.Class != names.Patronymic {
		return 0
	}
	if b.Text[0] == a.Text[0] || b.Keys[0][0] == a.Keys[0][0] {
		return w.Information.Initial
	}
	return 0
}

// slip is how far the closest keys of two Latin words are apart that share none: the letters
// in which they differ, weighted; +inf where that is too far.
func slip(a, b *part) float64 {
	closest := math.Inf(1)
	for _, k := range a.Keys {
		for _, l := range b.Keys {
			if names.GenderTwins(k, l) {
				return math.Inf(1)
			}
			if withinSlips(k, l) {
				closest = min(closest, slipOf(k, l))
			}
		}
	}
	if math.IsInf(closest, 1) && a.skeleton != "" && a.skeleton == b.skeleton {
		closest = slipOf(a.Keys[0], b.Keys[0])
	}
	return closest
}

// slipOf is what turning one key into another costs, in letters of a name of six.
func slipOf(k, l string) float64 {
	return float64(cost(k, l)) / 10 * slipShare(min(len(k), len(l)))
}

// slipShare: a letter matters more the fewer there are.
func slipShare(length int) float64 { return min(max(6/float64(length), 0.6), 1.3) }

// withinSlips reports whether two keys are at most [edits] apart, or [moreEdits]
// where their first letters are the same.
func withinSlips(k, l string) bool {
	short := min(len(k), len(l))
	most := edits(short)
	if most > 0 && k[0] == l[0] {
		most = moreEdits(short)
	}
	return most > 0 && len(k) <= maxKey && len(l) <= maxKey && len(k)-len(l) <= most && len(l)-len(k) <= most &&
		// A slip changes at most two of the letters that a key has: a cheap look first.
		bits.OnesCount32(lettersOf(k)^lettersOf(l)) <= 2*most && distance(k, l, most) <= most
}

// edits is how many slips of the pen two keys may be apart and still be one
// name, by the length of the shorter.
func edits(length int) int {
	switch {
	case length < 3:
		return 0
	case length < 6:
		return 1
	default:
		return 2
	}
}

// moreEdits is how many they may be apart that begin with the same letter: names
// that differ in two letters of five, or three of eight, are still one person's
// oftener than two people's if all else agrees.
func moreEdits(length int) int {
	switch {
	case length == 5:
		return 2
	case length >= 8 && length <= longestMore:
		return 3
	}
	return edits(length)
}

// longestMore bounds the keys for which three letters are left out, of which
// there are hundreds of ways.
const longestMore = 11

// skeleton is the consonants of a key in classes that romanisations of one name
// rarely leave, or "" where there are fewer than four.
func skeleton(key string) string {
	b := make([]byte, 0, len(key))
	for i := range len(key) {
		c := soundOf(key[i])
		if c != 0 && (len(b) == 0 || b[len(b)-1] != c) {
			b = append(b, c)
		}
	}
	if len(b) < 4 || len(key) > maxKey {
		return ""
	}
	return string(b)
}

// soundOf gives the class of a consonant of a key, 0 for vowels and h.
func soundOf(c byte) byte {
	switch c {
	case 'b', 'p':
		return 'p'
	case 'f', 'v':
		return 'f'
	case 'd', 't':
		return 't'
	case 'g', 'k':
		return 'k'
	case 's', 'z', 'S', 'C', 'J', 'T':
		return 's'
	case 'm', 'n':
		return 'n'
	case 'l', 'r':
		return c
	}
	return 0
}

// unlike is a cost above that of any two keys.
const unlike = 1 << 20

// What a letter costs, in tenths of a slip.
const (
	whole   = 10 // another consonant
	similar = 6  // another vowel, or a consonant made in the same place; a vowel more or less
	weak    = 4  // an h more or less
	swap    = 8  // neighbours exchanged
)

// cost of turning one key into another, in tenths of a slip (optimal string
// alignment, with letters that sound alike cheaper). Keys have at most maxKey bytes.
func cost(a, b string) int {
	if len(a) > maxKey || len(b) > maxKey {
		return unlike
	}
	// What both begin and end with costs nothing: there is a cheapest way that leaves it.
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	var rows [3][maxKey + 1]int16
	before, prev, cur := &rows[0], &rows[1], &rows[2]
	for j := range len(b) {
		prev[j+1] = prev[j] + loose[b[j]]
	}
	for i := range len(a) {
		x, drop := a[i], loose[a[i]]
		replaced := &replacing[sound[x]]
		cur[0] = prev[0] + drop
		for j := range len(b) {
			y := b[j]
			d := prev[j]
			if x != y {
				d += replaced[sound[y]]
			}
			d = min(d, prev[j+1]+drop, cur[j]+loose[y])
			if i > 0 && j > 0 && x == b[j-1] && a[i-1] == y && x != y {
				d = min(d, before[j-1]+swap)
			}
			cur[j+1] = d
		}
		before, prev, cur = prev, cur, before
	}
	return int(prev[len(b)])
}

// loose is what a letter costs where the other key has none. sound numbers the classes of
// letters that sound alike, of which replacing tells what one letter for another costs.
var loose, sound, replacing = func() (loose [256]int16, sound [256]uint8, replacing [16][16]int16) {
	classes := map[byte]uint8{0: 0, 1: 1} // the vowels are one class
	for c := range loose {
		loose[c] = whole
		class := soundOf(byte(c))
		if vowel(byte(c)) {
			loose[c], class = similar, 1
		}
		if _, known := classes[class]; !known {
			classes[class] = uint8(len(classes))
		}
		sound[c] = classes[class]
	}
	loose['h'] = weak
	for i := range replacing {
		for j := range replacing {
			replacing[i][j] = whole
			if i == j && i > 0 { // class 0 is no class
				replacing[i][j] = similar
			}
		}
	}
	return loose, sound, replacing
}()

func vowel(c byte) bool {
	switch c {
	case 'a', 'e', 'i', 'o', 'u':
		return true
	}
	return false
}

// nearness of two parts that are no partners: 1 less their cost a letter, 0 for
// what has less than half in common or is of another script. It softens a
// contradiction (Carney, Cooney).
func (w *Weights) nearness(a, b *part, by scorer) float64 {
	if otherPlace(a.Class, b.Class) {
		return 0
	}
	if a.Native != "" || b.Native != "" {
		if near := acrossNearness(a, b, by); near > 0 || !a.Latin || !b.Latin {
			return near
		}
	}
	k, l := a.Keys[0], b.Keys[0]
	if !a.Latin || !b.Latin || len(k) > maxKey || len(l) > maxKey || names.GenderTwins(k, l) {
		return 0
	}
	n := 1 - float64(cost(k, l))/10/float64(max(len(k), len(l)))
	return max(0, 2*n-1)
}

// unlikeSounds is about the evidence against one name of sounds that are quite unlike.
const unlikeSounds = 5

// acrossNearness is for parts in different scripts: none where the sounds speak
// against one name as strongly as they can, all where they speak for neither.
func acrossNearness(a, b *part, by scorer) float64 {
	if !inTwoScripts(a, b) {
		return 0
	}
	return nearBySounds(by.sounds(a, b, anything))
}

func nearBySounds(e float64) float64 { return min(max(1+e/unlikeSounds, 0), 0.9) }

// distance counts the letters inserted, left out, replaced, or exchanged with
// their neighbour between two keys of at most maxKey bytes (optimal string
// alignment). It may stop above most, and then returns most+1.
func distance(a, b string, most int) int {
	var rows [3][maxKey + 1]uint8
	before, prev, cur := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		prev[j] = uint8(j)
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = uint8(i)
		least := cur[0]
		for j := 1; j <= len(b); j++ {
			d := prev[j-1]
			if a[i-1] != b[j-1] {
				d++
			}
			d = min(d, prev[j]+1, cur[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			cur[j] = d
			least = min(least, d)
		}
		if int(least) > most {
			return most + 1
		}
		before, prev, cur = prev, cur, before
	}
	return int(prev[len(b)])
}
