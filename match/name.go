package match

import (
	"math"
	"slices"
	"unicode/utf8"

	"sallyport/entity"
	"sallyport/names"
	"sallyport/names/script"
)

// A name is one written name made ready for comparing.
type name struct {
	source     *entity.Name
	parts      []part
	runs       []run                  // neighbouring parts that may be written as one; an index keeps joins alone
	joins      []join                 // the same, in short
	keyBits    uint64                 // a bit for each key of a heavy part
	eastern    []syllables            // neighbouring syllables in Latin letters that may be one word of Han or Hangul
	characters bool                   // a part is such a word
	whole      string                 // the key of all heavy parts written as one, "" where it is too short or too long to tell
	bones      string                 // its skeleton
	single     string                 // of a firm: its only heavy part's text; "" where it has several
	firsts     string                 // of a firm: the initials of its heavy parts, three or more
	chinese    []names.ChineseReading // a person's: names in pinyin that it may be
	beside     string                 // a part of that name that is none of China
	written    []string               // the syllables of one that is not in pinyin, see [names.Chinese]
	cut        bool
	said       bool    // the source has it among others; see [names.Several]
	other      bool    // and it may be another's, of whom nothing else is known
	parted     bool    // the source tells given from family name
	native     bool    // a heavy part is not written in Latin letters
	initials   int     // each of which may be the partner of a core part of the other side
	core       int     // parts that cost [Weights.leastOneSide] each where the other side lacks them
	heavy      int     // parts that are neither light nor initials, nor beside others a firm's initials of its own name
	spare      float64 // an upper bound of what light parts and initials can add
	titled     float64 // what titles can add beyond that where the other side has them as names
}

func (w *Weights) name(source *entity.Name, n names.Name, firm bool) name {
	out := name{source: source, cut: n.Cut, parts: make([]part, len(n.Tokens))}
	given, family, bynames := false, false, 0
	for i := range n.Tokens {
		out.parts[i] = w.part(n.Tokens[i], firm)
		p := &out.parts[i]
		given = given || p.Role == names.GivenRole
		family = family || p.Role == names.FamilyRole
		if !p.heavy {
			out.spare += p.info
			switch p.Class {
			case names.Title:
				out.titled += max(0, w.Information.VeryCommon-p.info)
			case names.Initial:
				out.initials++
			}
			continue
		}
		out.heavy++
		for _, k := range p.Keys {
			out.keyBits |= 1 << (hashOf(k) & 63)
		}
		out.native = out.native || p.Native != ""
		switch p.Class {
		case names.Plain:
			out.core++
		case names.Byname:
			bynames++
		}
	}
	if firm && out.heavy > bynames {
		out.heavy -= bynames
	}
	out.parted = given && family
	out.runs = runsOf(out.parts)
	out.joins = make([]join, 0, len(out.runs)+2)
	for _, r := range out.runs {
		for _, key := range r.keys {
			out.joins = append(out.joins, join{hashOf(key), uint8(r.from), uint8(r.to)})
		}
	}
	out.eastern = w.syllablesOf(out.parts)
	for i := range out.parts {
		out.characters = out.characters || out.parts[i].characters()
	}
	out.squeeze()
	if !firm {
		c := names.ReadChinese(n.Tokens, w.leastChinese())
		out.chinese, out.written, out.beside = c.Names, c.Written, c.Beside
	}
	return out
}

// A syllables is two or three neighbouring parts as one word: Kim Jong Un is 김정은, of whom
// 정은 is one name.
type syllables struct {
	from, to uint8
	part     part
}

// characters reports whether the part is a person's name of several characters of Han or Hangul.
func (p *part) characters() bool {
	return (p.script == script.Han || p.script == script.Hangul) && p.Native != "" && !p.firm && p.heavy && p.Class != names.Number &&
		utf8.RuneCountInString(p.Native) >= 2
}

func (w *Weights) syllablesOf(parts []part) []syllables {
	if len(parts) < 2 || parts[0].firm {
		return nil
	}
	var out []syllables
	for length := min(3, len(parts)); length >= 2; length-- {
	run:
		for from := 0; from+length <= len(parts); from++ {
			text := ""
			for i := from; i < from+length; i++ {
				p := &parts[i]
				if !p.heavy || !p.Latin || p.Class != names.Plain || !script.Eastern(p.Text) {
					continue run
				}
				text += p.Text
			}
			joined := w.part(names.Token{Text: text, Keys: []string{text}, Latin: true}, false)
			joined.box() // a listed name's is seen by several goroutines
			out = append(out, syllables{uint8(from), uint8(from + length), joined})
		}
	}
	return out
}

// joinBySound joins neighbouring syllables that sound like one word of the other name. Parts
// that were joined already stay as they are.
func (w *Weights) joinBySound(parts []part, n, other *name) []part {
	if !other.characters || len(n.eastern) == 0 || len(parts) != len(n.parts) {
		return parts
	}
	var chosen [names.MaxTokens]*syllables // at the first part of a run
	var taken uint64
	for i := range other.parts {
		t := &other.parts[i]
		if !t.characters() {
			continue
		}
		var best *syllables
		most := leastPart
		for j := range n.eastern {
			r := &n.eastern[j]
			if taken>>r.from&(1<<(r.to-r.from)-1) != 0 || !shareSounds(&r.part, t) {
				continue
			}
			if e := w.sounds(&r.part, t, w.Spelling.Across+most) - w.Spelling.Across; e > most {
				best, most = r, e
			}
		}
		if best != nil {
			chosen[best.from] = best
			taken |= (1<<(best.to-best.from) - 1) << best.from
		}
	}
	if taken == 0 {
		return parts
	}
	var out []part
	for i := 0; i < len(parts); i++ {
		r := chosen[i]
		if r == nil {
			out = append(out, parts[i])
			continue
		}
		joined := r.part
		joined.word, joined.slot = -1, -1
		joined.Role = parts[r.to-1].Role
		out = append(out, joined)
		i = int(r.to) - 1
	}
	return out
}

// isWord reports whether a part of a firm's name is a word that many firms' names have.
// Such words are abbreviated as everybody likes (Tech, Intl); proper names are not: Rad is
// no Radiotekhsnab, Sky no Skyline.
func isWord(p *part) bool { return p.Class != names.Plain || p.often != names.Rare }

func longer(a, b *part) *part {
	if len(a.Text) > len(b.Text) {
		return a
	}
	return b
}

// squeeze fills what is told by the name as a whole.
func (n *name) squeeze() {
	var all [names.MaxTokens]*names.Token
	heavy := all[:0]
	var firsts []byte
	for i := range n.parts {
		if p := &n.parts[i]; p.Class == names.Number {
			return // Fund II and Fund III sound alike
		} else if p.heavy && p.Class != names.LegalForm && !p.ownInitials() {
			heavy = append(heavy, &p.Token)
			if p.firm {
				firsts = append(firsts, p.Text[0])
			}
		}
	}
	if len(heavy) == 0 {
		return
	}
	k := ""
	if len(n.runs) > 0 && len(heavy) == n.runs[0].to-n.runs[0].from && len(heavy) == len(n.parts) {
		k = n.runs[0].keys[0] // they are a run
	} else {
		k = names.JoinKey(heavy...)
	}
	if len(k) >= 8 && len(k) <= maxKey {
		n.whole, n.bones = k, skeleton(k)
	}
	if !n.parts[0].firm {
		return
	}
	if len(heavy) == 1 && heavy[0].Latin {
		n.single = heavy[0].Text
	}
	if len(firsts) >= 3 {
		n.firsts = string(firsts)
	}
}

// A run is two or three neighbouring parts, and the keys of them as one word.
type run struct {
	from, to int // parts[from:to]
	keys     []string
}

// A join is a key of a run.
type join struct {
	hash     uint32 // hashOf the key
	from, to uint8
}

// runsOf gives the runs of a name, the longest first: "Yong Chol" is written
// Yongchol, "al Qaeda" Alqaeda. Parts that stand for themselves join no others.
func runsOf(parts []part) []run {
	if len(parts) < 2 {
		return nil
	}
	most := 2*len(parts) - 3
	out, keys := make([]run, 0, most), make([]string, 0, 2*most)
	var all [3]*names.Token
	for length := min(3, len(parts)); length >= 2; length-- {
		tokens := all[:length]
		for from := 0; from+length <= len(parts); from++ {
			for i := range tokens {
				tokens[i] = &parts[from+i].Token
			}
			if mayJoin(tokens) {
				before := len(keys)
				keys = names.AppendJoinKeys(keys, tokens...)
				out = append(out, run{from, from + length, keys[before:]})
			}
		}
	}
	return out
}

// mayJoin says whether neighbours are ever written as one.
func mayJoin(tokens []*names.Token) bool {
	for i, t := range tokens {
		switch {
		case t.Class == names.Initial, t.Class == names.LegalForm, t.Class == names.Number:
			return false
		case t.Light() && (i == len(tokens)-1 || i > 0 && !tokens[i-1].Light()):
			return false // particles stand before: van der Berg
		}
	}
	return true
}

// A pairing is two names with each part's partner.
type pairing struct {
	a, b     []part                   // as compared: parts that the other writes as one are joined
	partner  [names.MaxTokens]int8    // of a's parts in b, -1 for none
	agreed   [names.MaxTokens]float64 // of a's parts with their partners, in nats
	taken    [names.MaxTokens]bool    // b's parts that have partners
	nats     float64                  // evidence of the names, prior included; -inf where nothing agrees
	swapped  bool                     // given and family name changed places
	spaced   bool                     // alike only when written without spaces
	acronym  bool                     // one is the initials of the other
	chinese  names.Romanisation       // one is the other's Chinese name in pinyin, and that is in this romanisation; Pinyin where not
	aIsSpelt bool                     // and a is the one in it
	vouched  bool                     // across scripts, and a part agrees as strongly as [Spelling.Vouches]
}

// anything is the least evidence of those who want to know it all.
var anything = math.Inf(-1)

// rounding is more than what sums of a name's evidence are wrong by.
const rounding = 1e-9

// A scorer compares parts: the weights do, and a screening remembers what they said.
type scorer interface {
	agreement(a, b *part) float64 // [Weights.agreement]
	// sounds is the evidence of parts in different scripts, in nats, where it is least or more,
	// and anything below least where it is not.
	sounds(a, b *part, least float64) float64
}

// pair finds the best partners of two names' parts and what they are evidence of:
//
//	prior + ceiling × (1 − e^(−Σ agreements / scale)) − Σ far slips − Σ told by one side − Σ told differently
//
// It is symmetric: turned says that the first name became the pairing's b. What is below least
// need not be known, and may be said to be -inf.
func (w *Weights) pair(p *pairing, x, y *name, by scorer, least float64) (turned bool) {
	p.nats, p.swapped, p.spaced, p.acronym, p.chinese = math.Inf(-1), false, false, false, names.Pinyin
	// Where two ways of pairing are equally good the order decides, so the order
	// is made the same whichever name comes first.
	if before(y.parts, x.parts) {
		x, y, turned = y, x, true
	}
	p.a, p.b = x.parts, y.parts
	for i := range p.a {
		p.partner[i] = -1
	}
	for j := range p.b {
		p.taken[j] = false
	}
	if x.heavy == 0 || y.heavy == 0 {
		return turned
	}
	p.a = joinLike(x, y.parts, y.keyBits)
	bits := x.keyBits
	if len(p.a) < len(x.parts) {
		bits = ^uint64(0) // of what was joined
	}
	p.b = joinLike(y, p.a, bits)
	p.a, p.b = w.joinBySound(p.a, x, y), w.joinBySound(p.b, y, x)
	if !w.partners(p, x, y, by, least) {
		return turned // nor do they agree as a whole
	}

	agreed, heavy, crossed, straight := 0.0, 0, 0, 0
	for i := range p.a {
		j := p.partner[i]
		if j < 0 {
			continue
		}
		a, b := &p.a[i], &p.b[j]
		if a.heavy && b.heavy {
			heavy++
		}
		agreed += p.agreed[i]
		if a.Role != names.AnyRole && b.Role != names.AnyRole {
			if a.Role == b.Role {
				straight++
			} else {
				crossed++
			}
		}
	}
	defer w.asWhole(p, x, y)
	if heavy == 0 {
		return turned
	}
	if agreed < w.Information.Whole {
		agreed = max(agreed, w.Information.Whole-w.lost(p))
	}
	if p.nats = w.Prior + w.told(agreed); p.nats >= least {
		p.nats -= w.farSlips(p)
	}
	p.nats -= w.leftovers(p, heavy, by, p.nats-least+rounding)
	if x.parted && y.parted && crossed >= 2 && straight == 0 {
		p.swapped = true
		p.nats += w.Swapped
	}
	return turned
}

// farSlips is what partners cost that are far apart by their letters and have nothing else in common, sounds
// between scripts and the beginning of a firm's name included. Other parts that agree do not make up for it, as they do for
// what a slip takes off the agreement. Two that are alike cost no more than if they contradicted.
func (w *Weights) farSlips(p *pairing) (cost float64) {
	for i := range p.a {
		j := p.partner[i]
		if j < 0 {
			continue
		}
		a, b := &p.a[i], &p.b[j]
		if !a.heavy || !b.heavy || !a.Latin || !b.Latin || inTwoScripts(a, b) || a.Text == b.Text || a.Shares(&b.Token) || sharesNickname(a, b) || abbreviates(a, b) {
			continue
		}
		if s := slip(a, b); !math.IsInf(s, 1) {
			if far := w.farSlip(s); far > 0 {
				cost += min(far, w.otherwise(a, b, w.nearness(a, b, w)))
			}
		}
	}
	return cost
}

func (w *Weights) farSlip(slip float64) float64 {
	return w.Spelling.FarSlip * max(0, slip-w.Spelling.Near)
}

// asWhole looks at the names without their spaces, where the two do not agree on
// the number of parts or on where the spaces are, and at acronyms, and keeps the better evidence.
func (w *Weights) asWhole(p *pairing, x, y *name) {
	if x.bones != "" && x.bones == y.bones && (x.heavy != y.heavy || x.whole == y.whole) {
		slip := slipOf(x.whole, y.whole)
		if nats := w.Prior + w.told(w.Information.Whole-w.Spelling.Slip*slip) - w.farSlip(slip); nats > p.nats {
			p.nats, p.spaced = nats, true
		}
	}
	if x.single != "" && x.single == y.firsts || y.single != "" && y.single == x.firsts {
		if nats := w.Prior + w.told(w.Spelling.Acronym*float64(max(len(x.firsts), len(y.firsts)))); nats > p.nats {
			p.nats, p.acronym = nats, true
		}
	}
	if len(x.chinese) > 0 && len(y.chinese) > 0 {
		w.asChinese(p, x, y)
	}
}

// asChinese looks at a Chinese name in pinyin and one in another romanisation. Single syllables are alike by chance, so
// that counts for whole names alone.
func (w *Weights) asChinese(p *pairing, x, y *name) {
	if x.beside != y.beside && x.beside != "" && y.beside != "" {
		return
	}
	most := math.Inf(-1)
	var spelling names.Romanisation
	aIsSpelt := false
	for i, j := 0, 0; i < len(x.chinese) && j < len(y.chinese); {
		a, b := &x.chinese[i], &y.chinese[j]
		switch {
		case a.Name < b.Name:
			i++
			continue
		case a.Name > b.Name:
			j++
			continue
		}
		for k := j; k < len(y.chinese) && y.chinese[k].Name == a.Name; k++ {
			b := &y.chinese[k]
			if (a.In == names.Pinyin) == (b.In == names.Pinyin) {
				continue
			}
			if nats := a.Nats + b.Nats; nats > most {
				most, spelling, aIsSpelt = nats, max(a.In, b.In), b.In == names.Pinyin
			}
		}
		i++
	}
	if spelling == names.Pinyin {
		return
	}
	nats := w.Prior + w.told(max(0, most-w.Spelling.Romanisation))
	if x.beside != y.beside {
		nats -= w.OneSide.Part
	}
	if nats > p.nats {
		p.nats, p.chinese, p.aIsSpelt, p.spaced, p.acronym, p.swapped = nats, spelling, aIsSpelt, false, false, false
	}
}

// leastChinese is what another spelling of a name must come to for the floor.
func (w *Weights) leastChinese() float64 {
	return w.Spelling.Romanisation + w.agreementFor(logit(w.NameFloor)-w.Prior) - rounding
}

// told is what agreements of so many nats count together.
func (w *Weights) told(agreed float64) float64 {
	return w.Information.Ceiling * (1 - math.Exp(-agreed/w.Information.Scale))
}

// before orders lists of parts by their texts and classes.
func before(a, b []part) bool {
	for i := range min(len(a), len(b)) {
		switch {
		case a[i].Text != b[i].Text:
			return a[i].Text < b[i].Text
		case a[i].Class != b[i].Class:
			return a[i].Class < b[i].Class
		case a[i].Role != b[i].Role:
			return a[i].Role < b[i].Role
		case len(a[i].Keys) != len(b[i].Keys):
			return len(a[i].Keys) < len(b[i].Keys)
		}
	}
	return len(a) < len(b)
}

// joinLike joins neighbouring parts of a name that the other writes as one, the
// longest runs first. bits has those of the other's keys.
func joinLike(n *name, other []part, bits uint64) []part {
	likely := false
	for _, j := range n.joins {
		likely = likely || bits>>(j.hash&63)&1 == 1
	}
	if !likely {
		return n.parts
	}
	var hashes [4 * names.MaxTokens]uint32
	var of [4 * names.MaxTokens]uint8 // whose key that is
	keys := 0
	for i := range other {
		if other[i].heavy {
			for _, k := range other[i].Keys {
				if keys < len(hashes) {
					hashes[keys], of[keys] = hashOf(k), uint8(i)
					keys++
				}
			}
		}
	}
	var chosen [names.MaxTokens]*part // at the first part of a run: what the other writes
	var length [names.MaxTokens]int
	var taken uint64
	for _, j := range n.joins {
		mask := (uint64(1)<<(j.to-j.from) - 1) << j.from
		if taken&mask != 0 {
			continue
		}
		whole := -1
		for k := range keys {
			if i := int(of[k]); hashes[k] == j.hash && (whole < 0 || i < whole) && n.joined(j, &other[i]) {
				whole = i
			}
		}
		if whole >= 0 {
			chosen[j.from], length[j.from] = &other[whole], int(j.to-j.from)
			taken |= mask
		}
	}
	if taken == 0 {
		return n.parts
	}
	var out []part
	for i := 0; i < len(n.parts); i++ {
		if chosen[i] == nil {
			out = append(out, n.parts[i])
			continue
		}
		joined := *chosen[i]
		joined.word, joined.slot, joined.Text = -1, -1, ""
		run := n.parts[i : i+length[i]]
		for j := range run {
			joined.Text += run[j].Text
			joined.info = max(joined.info, run[j].info)
		}
		joined.Role = run[len(run)-1].Role
		out = append(out, joined)
		i += len(run) - 1
	}
	return out
}

// joined reports whether another name's part is the run written as one, and none of its
// parts alone.
func (n *name) joined(j join, t *part) bool {
	var tokens [3]*names.Token
	for i := j.from; i < j.to; i++ {
		tokens[i-j.from] = &n.parts[i].Token
		if t.Shares(tokens[i-j.from]) {
			return false
		}
	}
	return sharesKey(names.AppendJoinKeys(nil, tokens[:j.to-j.from]...), t.Keys)
}

func sharesKey(a, b []string) bool {
	for _, k := range a {
		if slices.Contains(b, k) {
			return true
		}
	}
	return false
}

// partners fills partner, agreed and taken, or reports false: the names surely come to less than
// least.
func (w *Weights) partners(p *pairing, x, y *name, by scorer, least float64) bool {
	var all [64]float64
	gain := all[:]
	rows, cols := len(p.a), len(p.b)
	if rows*cols > len(all) {
		gain = make([]float64, rows*cols)
	}
	strongest := 0.0
	for i := range p.a {
		for j := range p.b {
			g := by.agreement(&p.a[i], &p.b[j])
			gain[i*cols+j] = g
			strongest = max(strongest, g)
		}
	}
	p.vouched = (x.native || y.native) && strongest >= w.Spelling.Vouches
	if p.vouched {
		if w.hopeless(p, x, y, gain, by, least) {
			return false
		}
		for i := range p.a {
			for j := range p.b {
				if gain[i*cols+j] == 0 {
					gain[i*cols+j] = w.vouchedAgreement(&p.a[i], &p.b[j], by)
				}
			}
		}
	}
	var inCol [names.MaxTokens]uint8
	simple := true
	for i := range p.a {
		p.partner[i] = -1
		inRow := 0
		for j := range p.b {
			if gain[i*cols+j] == 0 {
				continue
			}
			inRow++
			inCol[j]++
			simple = simple && inRow == 1 && inCol[j] == 1
			p.partner[i] = int8(j)
		}
	}
	if !simple {
		p.partner = assign(gain[:rows*cols], rows, cols)
	}
	for j := range p.b {
		p.taken[j] = false
	}
	for i := range p.a {
		if j := p.partner[i]; j >= 0 {
			p.taken[j] = true
			p.agreed[i] = gain[i*cols+int(j)]
		}
	}
	return true
}

// hopeless reports whether two people's names of which a part vouches for the sounds of the others
// surely come to less than least, gain being what is known to agree. Most names that share one part have
// nothing else in common, and few sounds tell that: of the name with fewer plain parts each agrees with
// a part of the other or contradicts one, however the parts are paired.
func (w *Weights) hopeless(p *pairing, x, y *name, gain []float64, by scorer, least float64) bool {
	few, many, row, col := p.a, p.b, len(p.b), 1
	n, rest, ok := plainParts(few)
	m, restOfMany, both := plainParts(many)
	if n+rest > m {
		few, many, row, col = many, few, 1, len(p.b)
		n, m, rest = m, n, restOfMany
	}
	if !ok || !both || n+rest > m {
		return false
	}
	// See [Weights.asWhole].
	if x.bones != "" && x.bones == y.bones || len(x.chinese) > 0 && len(y.chinese) > 0 {
		return false
	}
	// What agrees at most, and what surely speaks against: the parts that the other has too many first.
	agreed, lost := 0.0, float64(m-n-rest)*w.leastOneSide()
	if n+rest == 1 && m > 1 {
		lost += w.OneSide.Alone
	}
	var most [names.MaxTokens]float64
	var settled [names.MaxTokens]bool
	for i := range few {
		most[i] = few[i].info
		for j := range many {
			if g := gain[i*row+j*col]; g > 0 {
				most[i], settled[i] = max(most[i], g), true
			}
		}
		agreed += most[i]
	}
	short := func() bool {
		told := agreed
		if lost == 0 {
			told = max(told, w.Information.Whole)
		}
		return w.Prior+w.told(told)-lost+rounding < least
	}
	if short() {
		return true
	}
	for i := range few {
		t := &few[i]
		if settled[i] || t.Class != names.Plain || slices.ContainsFunc(many, func(o part) bool { return o.heavy && !inTwoScripts(t, &o) }) {
			continue
		}
		agreed -= most[i]
		// From here on it is to be known what the sounds are worth; below, the names are hopeless.
		from := max(least-w.Prior-w.told(agreed)+lost-2*rounding, -unlikeSounds/2)
		from = min(from, w.Spelling.Across+leastPart)
		sounds, cost := math.Inf(-1), math.Inf(1)
		for j := range many {
			o := &many[j]
			if !o.heavy {
				continue
			}
			e := by.sounds(t, o, from)
			if e == script.Incomparable {
				return false
			}
			e = max(e, from)
			sounds = max(sounds, e)
			cost = min(cost, w.vouchedFor(t, o, nearBySounds(e), e))
		}
		if sounds -= w.Spelling.Across; sounds >= leastPart {
			agreed += min(sounds, most[i])
		} else {
			lost += cost
		}
		if short() {
			return true
		}
	}
	return false
}

// plainParts counts the plain parts of a person's name, and those of the rest that may be partners of
// one. It reports false for a name that has others.
func plainParts(parts []part) (plain, rest int, ok bool) {
	for i := range parts {
		switch t := &parts[i]; {
		case t.firm:
			return 0, 0, false
		case t.Class == names.Plain:
			plain++
		case t.Class == names.Patronymic, t.Class == names.Title:
			rest++
		case t.Class != names.Particle:
			return 0, 0, false
		}
	}
	return plain, rest, true
}

// leftovers is what the parts without partners cost: where both sides have one of
// a sort as a contradiction, less as far as the two are alike, else as told by one
// side only. heavy is how many heavy pairs there are. A core part costs
// [Weights.leastOneSide], but for sounds beside a part that vouches for them, whose names are
// proposed whatever the rest is; [nameIndex.search] relies on it. It may be +inf where it is above most.
func (w *Weights) leftovers(p *pairing, heavy int, by scorer, most float64) float64 {
	cost, oneSided := 0.0, 0
	var left [2][names.MaxTokens]*part
	mixed := [2][2]bool{} // of a side: whether a patronymic, a name part is told by it alone
	for sort := range leftoverSorts {
		n := [2]int{}
		for i := range p.a {
			if p.partner[i] < 0 && sortOf(&p.a[i]) == sort {
				left[0][n[0]] = &p.a[i]
				n[0]++
			}
		}
		for j := range p.b {
			if !p.taken[j] && sortOf(&p.b[j]) == sort {
				left[1][n[1]] = &p.b[j]
				n[1]++
			}
		}
		as, bs := left[0][:n[0]], left[1][:n[1]]
		if n[0] > 0 && n[1] > 0 && sort != lightSort {
			if w.contradictions(p, as, bs, &cost, by, most); cost > most {
				return math.Inf(1)
			}
		}
		for k, side := range [...][]*part{as, bs} {
			for _, t := range side {
				if t != nil {
					cost += w.oneSide(t, &oneSided)
					if t.heavy && sort <= patronymicSort {
						mixed[k][sort] = true
					}
				}
			}
		}
	}
	if mixed[0][nameSort] && mixed[1][patronymicSort] || mixed[1][nameSort] && mixed[0][patronymicSort] {
		cost += w.BothSides.Mixed
	}
	if heavy == 1 && oneSided > 0 {
		cost += w.OneSide.Alone
	}
	return cost
}

// contradictions pairs what both sides tell differently, the nearest first of
// all, adds its cost and takes it out of the lists. A cost above most may be +inf.
func (w *Weights) contradictions(p *pairing, as, bs []*part, cost *float64, by scorer, most float64) {
	pairUp := func(i, j int, near float64) {
		a, b := as[i], bs[j]
		if p.vouched && inTwoScripts(a, b) {
			*cost += w.vouchedFor(a, b, near, by.sounds(a, b, anything))
		} else {
			*cost += w.otherwise(a, b, near)
		}
		as[i], bs[j] = nil, nil
	}
	if len(as) == 1 && len(bs) == 1 {
		if w.tooUnlike(p, as[0], bs[0], by, most-*cost) {
			*cost = math.Inf(1)
			return
		}
		pairUp(0, 0, w.nearness(as[0], bs[0], by))
		return
	}
	// Each part of the side that has fewer contradicts some part of the other.
	if !math.IsInf(most, 1) {
		few, many := as, bs
		if len(few) > len(many) {
			few, many = many, few
		}
		for _, a := range few {
			if !slices.ContainsFunc(many, func(b *part) bool { return !w.tooUnlike(p, a, b, by, most-*cost) }) {
				*cost = math.Inf(1)
				return
			}
		}
	}
	var few [64]float64
	near := few[:]
	if len(as)*len(bs) > len(few) {
		near = make([]float64, len(as)*len(bs))
	}
	near = near[:len(as)*len(bs)]
	for i := range as {
		for j := range bs {
			near[i*len(bs)+j] = 0.001 + w.nearness(as[i], bs[j], by) // above 0: any pair is better than none
		}
	}
	for i, j := range assign(near, len(as), len(bs)) {
		if j >= 0 {
			pairUp(i, int(j), near[i*len(bs)+int(j)]-0.001)
		}
	}
}

// tooUnlike reports whether two parts that differ surely cost more than most: it looks no
// further than that takes.
func (w *Weights) tooUnlike(p *pairing, a, b *part, by scorer, most float64) bool {
	across := inTwoScripts(a, b)
	near := 1.0
	if a.Latin && b.Latin && !across {
		near = mostNear(shapeOf(a.Keys[0]), shapeOf(b.Keys[0]))
	}
	if (!across || !p.vouched) && w.otherwise(a, b, near) > most {
		return true
	}
	if !across || math.IsInf(most, 1) {
		return false
	}
	least := -unlikeSounds * most / w.otherwise(a, b, 0) // [acrossNearness] turned round
	if p.vouched {
		least = min(least, w.Spelling.Across-most)
	}
	e := by.sounds(a, b, least-rounding)
	return e < least-rounding && e != script.Incomparable
}

// otherwise is the cost of two parts of one sort that differ. It is no less than
// that of the dearer part told by one side.
func (w *Weights) otherwise(a, b *part, near float64) float64 {
	of := func(t *part) float64 {
		switch t.Class {
		case names.Patronymic:
			return w.BothSides.Patronymic
		case names.Number:
			return w.BothSides.Number
		case names.LegalForm:
			return w.BothSides.LegalForm
		case names.Generic:
			return w.BothSides.Generic
		case names.Trade:
			return w.BothSides.Trade
		case names.Place:
			return w.BothSides.Place
		case names.Byname:
			return w.BothSides.Byname
		case names.Initial:
			return w.BothSides.Initial
		}
		if t.firm {
			return w.BothSides.Firm
		}
		return w.BothSides.Part
	}
	full := min(of(a), of(b))
	least := 0
	floor := max(w.oneSide(a, &least), w.oneSide(b, &least))
	return max(full*(1-near), min(floor, full))
}

// vouchedFor is otherwise for parts of two scripts beside one that vouches for them: sounds that speak
// for one name too weakly to agree speak against it as little.
func (w *Weights) vouchedFor(a, b *part, near, sounds float64) float64 {
	return min(w.otherwise(a, b, near), max(0, w.Spelling.Across-sounds))
}

// oneSide is the cost of a part that one side tells only; n counts the plain ones.
func (w *Weights) oneSide(t *part, n *int) float64 {
	switch t.Class {
	case names.Patronymic:
		return w.OneSide.Patronymic
	case names.Number:
		return w.OneSide.Number
	case names.LegalForm:
		return w.OneSide.LegalForm
	case names.Generic:
		return w.OneSide.Generic
	case names.Trade:
		return w.OneSide.Trade
	case names.Place:
		return w.OneSide.Place
	case names.Byname:
		return w.OneSide.Byname
	case names.Initial:
		return w.OneSide.Initial
	case names.Title, names.Particle:
		return w.OneSide.Light
	}
	*n++
	switch {
	case t.firm:
		return w.OneSide.Firm
	case t.characters() && utf8.RuneCountInString(t.Native) == 2:
		return w.OneSide.Characters
	case *n == 1:
		return w.OneSide.Part
	}
	return w.OneSide.Further
}

// Parts contradict only parts of the same sort: a patronymic another patronymic,
// a legal form another, a number another.
const (
	nameSort = iota
	patronymicSort
	numberSort
	formSort
	lightSort
	leftoverSorts
)

func sortOf(t *part) int {
	switch t.Class {
	case names.Patronymic:
		return patronymicSort
	case names.Number:
		return numberSort
	case names.LegalForm:
		return formSort
	case names.Title, names.Particle:
		return lightSort
	default:
		return nameSort
	}
}

// wholePerson reports whether the queried name is whole in the listed one: every
// part of it has its partner in another spelling at most, two of them at least,
// none of the listed name's family names is missing, and no patronymic differs. What
// the listed name may have more is a patronymic, a title, a particle or, where
// its source tells given from family names, a further given name.
func (p *pairing) wholePerson(turned bool, query, listed *name) bool {
	if query.cut || listed.cut || p.swapped {
		return false
	}
	pairs, patronymics := 0, [2]int{}
	listedGiven := false
	for i := range p.a {
		t := &p.a[i]
		if t.Class == names.Patronymic {
			patronymics[0]++
		}
		j := p.partner[i]
		if j < 0 {
			if !excused(t, turned, listed.parted) {
				return false
			}
			continue
		}
		o := &p.b[j]
		if !t.heavy || !o.heavy {
			if t.Class == names.Initial && o.Class != names.Initial || o.Class == names.Initial && t.Class != names.Initial {
				return false
			}
			continue
		}
		if t.Text != o.Text && !t.Shares(&o.Token) {
			return false
		}
		l := o
		if turned {
			l = t
		}
		listedGiven = listedGiven || l.Role == names.GivenRole
		if t.Class != names.Patronymic && o.Class != names.Patronymic {
			pairs++
		}
	}
	for j := range p.b {
		if p.b[j].Class == names.Patronymic {
			patronymics[1]++
		}
		if !p.taken[j] && !excused(&p.b[j], !turned, listed.parted) {
			return false
		}
	}
	if patronymics[0] > 0 && patronymics[1] > 0 {
		for i := range p.a {
			if p.a[i].Class == names.Patronymic && p.partner[i] < 0 {
				return false
			}
		}
	}
	return pairs >= 2 && (listedGiven || !listed.parted)
}

// excused reports whether a part may lack a partner in a whole name. ofListed
// says that it is the listed name's.
func excused(t *part, ofListed, parted bool) bool {
	switch t.Class {
	case names.Patronymic, names.Title, names.Particle:
		return true
	case names.Initial, names.LegalForm, names.Number, names.Generic:
		return false
	}
	return ofListed && parted && t.Role == names.GivenRole
}

// hasPatronymic reports whether a patronymic is among the pairs.
func (p *pairing) hasPatronymic() bool {
	for i := range p.a {
		if j := p.partner[i]; j >= 0 && p.a[i].Class == names.Patronymic && p.b[j].Class == names.Patronymic && p.a[i].Shares(&p.b[j].Token) {
			return true
		}
	}
	return false
}

// incomparable reports whether the names are written in scripts that nothing
// here leads from one to the other.
func incomparable(a, b *name) bool {
	latin := func(n *name) (some, others bool) {
		for i := range n.parts {
			if n.parts[i].heavy {
				some = some || n.parts[i].Latin
				others = others || !n.parts[i].Latin && n.parts[i].Class != names.Number
			}
		}
		return some, others
	}
	aLatin, aOther := latin(a)
	bLatin, bOther := latin(b)
	return aLatin && !aOther && bOther && !bLatin || bLatin && !bOther && aOther && !aLatin
}

// wholeName reports whether every heavy part of both names has its partner, in
// another spelling at most.
func (w *Weights) wholeName(p *pairing) bool { return w.lost(p) == 0 }

// ownInitials reports whether the part is the initials of the firm's name that it stands in, which says nothing more.
func (p *part) ownInitials() bool { return p.firm && p.Class == names.Byname }

// lost is what slips, short names and other scripts take off names that have all
// their heavy parts in common, +inf where a heavy part has no partner.
func (w *Weights) lost(p *pairing) float64 {
	for j := range p.b {
		if b := &p.b[j]; b.heavy && !p.taken[j] && !b.ownInitials() {
			return math.Inf(1)
		}
	}
	lost := 0.0
	for i := range p.a {
		a := &p.a[i]
		j := p.partner[i]
		switch {
		case j < 0 && a.heavy && !a.ownInitials(), j >= 0 && a.heavy != p.b[j].heavy:
			return math.Inf(1)
		case j < 0 || !a.heavy:
			continue
		}
		b := &p.b[j]
		if a.Text == b.Text || a.Shares(&b.Token) {
			if translated(a, b) {
				lost += w.Spelling.Translation
			}
			continue
		}
		least := min(a.info, b.info) - p.agreed[i]
		if a.Latin && b.Latin {
			if apart := slip(a, b); !math.IsInf(apart, 1) {
				least = max(least, w.slipLoss(a.worth, b.worth, apart))
			}
		}
		lost += max(least, w.Spelling.SameSound)
	}
	return lost
}

// translated reports whether two parts of firms' names in Latin letters are one word in two languages: Levant and Sham, National
// and Melli. Many firms have an English name beside their own (Vertolety Rossii, Russian Helicopters), others are
// two (Sham Trading, Levant Trading), so a name of such words alone is shown, but not as the name itself is. Across scripts
// there are no letters to keep: Банк России is the Bank of Russia.
func translated(a, b *part) bool {
	if !a.firm || a.Native != "" || b.Native != "" || a.Text == b.Text || a.Class != b.Class ||
		a.Class != names.Generic && a.Class != names.Trade && a.Class != names.Place {
		return false
	}
	group := false
	for _, k := range a.Keys {
		group = group || k[0] != '~' && slices.Contains(b.Keys, k) // not IRGC and Sepah-e Pasdaran, a phrase
	}
	return group && !oneWord(names.JoinKey(&a.Token), names.JoinKey(&b.Token))
}

// oneWord reports whether two keys are forms or abbreviations of one word: Banco and Banka, Intl and International.
func oneWord(k, l string) bool {
	if len(k) > len(l) {
		k, l = l, k
	}
	if k[0] != l[0] {
		return false
	}
	if len(k) >= prefix && k[:prefix] == l[:prefix] {
		return true
	}
	at := 0
	for i := 0; i < len(l) && at < len(k); i++ {
		if l[i] == k[at] {
			at++
		}
	}
	return at == len(k)
}
