package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"sallyport/law"
)

// canonical appends the decision's JSON, as encoding/json writes it, under the given
// identifier. Every decision is hashed in this form, which encoding/json takes longer to
// write than all rules take to be asked; TestCanonicalIsEncodingJSON holds the two together.
func (d *Decision) canonical(b []byte, id string) ([]byte, error) {
	var errs []error
	text := func(name, s string) {
		b = append(b, name...)
		b = law.AppendText(b, s)
	}
	instant := func(name string, t time.Time) {
		b = append(append(b, name...), '"')
		stated, err := t.AppendText(b)
		if err != nil { // a year outside 0 to 9999, a zone a day or more away, which encoding/json reads and does not write
			errs = append(errs, err)
			return
		}
		b = append(stated, '"')
	}
	number := func(name string, n uint64) {
		b = append(b, name...)
		b = strconv.AppendUint(b, n, 10)
	}
	texts := func(name string, list []string) {
		b = append(b, name...)
		b = law.AppendTexts(b, list)
	}
	rules := func(name string, cited []Fired) {
		if len(cited) == 0 {
			return
		}
		b = append(b, name...)
		for i := range cited {
			f := &cited[i]
			if i > 0 {
				b = append(b, ',')
			}
			text(`{"rule":`, f.Rule)
			text(`,"title":`, f.Title)
			text(`,"verb":`, f.Verb.String())
			text(`,"authority":`, f.Authority)
			text(`,"instrument":`, f.Instrument)
			text(`,"article":`, f.Article)
			if f.URL != "" {
				text(`,"url":`, f.URL)
			}
			instant(`,"effective_at":`, f.EffectiveAt)
			if f.House {
				b = append(b, `,"house":true`...)
			}
			if f.By != "" {
				text(`,"by":`, f.By)
			}
			if len(f.Missing) > 0 {
				texts(`,"missing":`, f.Missing)
			}
			b = append(b, '}')
		}
		b = append(b, ']')
	}
	// What few decisions have is left to encoding/json.
	rare := func(name string, some bool, v any) {
		if !some {
			return
		}
		rest, err := json.Marshal(v)
		errs = append(errs, err)
		b = append(b, name...)
		b = append(b, rest...)
	}

	text(`{"id":`, id)
	instant(`,"at":`, d.At)
	text(`,"action":`, string(d.Action))
	number(`,"account":`, d.Account)
	text(`,"operator":`, d.Operator)
	texts(`,"nexus":`, d.Nexus)
	text(`,"verdict":`, d.Verdict.String())
	rules(`,"fired":[`, d.Fired)
	rules(`,"exempted":[`, d.Exempted)
	rules(`,"unknown":[`, d.Unknown)
	texts(`,"tried":`, d.Tried)
	rare(`,"sides":`, len(d.Sides) > 0, d.Sides)
	rare(`,"findings":`, len(d.Findings) > 0, d.Findings)
	rare(`,"cleared":`, len(d.Cleared) > 0, d.Cleared)
	rare(`,"lapsed":`, len(d.Lapsed) > 0, d.Lapsed)
	b = append(b, `,"facts":`...)
	var err error
	b, err = d.Facts.AppendJSON(b)
	errs = append(errs, err)
	text(`,"subject":`, d.Subject)
	if d.Editions == nil {
		b = append(b, `,"editions":null`...)
	} else {
		b = append(b, `,"editions":[`...)
		for i := range d.Editions {
			e := &d.Editions[i]
			if i > 0 {
				b = append(b, ',')
			}
			text(`{"list":`, e.List)
			instant(`,"published":`, e.Published)
			text(`,"sha256":`, e.SHA256)
			b = append(b, '}')
		}
		b = append(b, ']')
	}
	if len(d.Stale) > 0 {
		texts(`,"stale":`, d.Stale)
	}
	text(`,"rules":`, d.Rules)
	text(`,"matching":`, d.Matching)
	if d.Hold != nil {
		text(`,"hold":{"owner":`, d.Hold.Owner)
		instant(`,"due":`, d.Hold.Due)
		b = append(b, '}')
	}
	if d.About != "" {
		text(`,"about":`, d.About)
	}
	if d.Movement != "" {
		text(`,"movement":`, d.Movement)
	}
	rare(`,"asked":`, d.Asked != nil, d.Asked)
	return append(b, '}'), errors.Join(errs...)
}

// buffers are those in which decisions are written to be hashed.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// sum is "" where the decision cannot be written, which no identifier equals.
func (d *Decision) sum() string {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	b, err := d.canonical((*buf)[:0], "")
	*buf = b
	if err != nil {
		return "" // a time that has no form, a score that is no number
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
