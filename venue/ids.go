package venue

import "sallyport/book"

// directory finds open orders by number. Numbers are given in turn, so that it is a row of
// pages of handles; a page of which no order is open any more is let go.
type directory struct {
	pages []*idPage // by number / pageIDs
	spare *idPage   // an empty one
}

const pageIDs = 4096

type idPage struct {
	open    int
	handles [pageIDs]book.Handle
}

func (d *directory) find(id uint64) book.Handle {
	i := id / pageIDs
	if i >= uint64(len(d.pages)) || d.pages[i] == nil {
		return 0
	}
	return d.pages[i].handles[id%pageIDs]
}

func (d *directory) set(id uint64, h book.Handle) {
	i := id / pageIDs
	for i >= uint64(len(d.pages)) {
		d.pages = append(d.pages, nil)
	}
	if d.pages[i] == nil {
		d.pages[i] = d.spare
		if d.spare = nil; d.pages[i] == nil {
			d.pages[i] = new(idPage)
		}
	}
	d.pages[i].open++
	d.pages[i].handles[id%pageIDs] = h
}

// each calls fn with every order, lowest number first.
func (d *directory) each(fn func(book.Handle)) {
	for _, p := range d.pages {
		if p == nil {
			continue
		}
		for _, h := range p.handles {
			if h != 0 {
				fn(h)
			}
		}
	}
}

func (d *directory) drop(id uint64) {
	i := id / pageIDs
	p := d.pages[i]
	p.handles[id%pageIDs] = 0
	if p.open--; p.open == 0 && i+1 < uint64(len(d.pages)) {
		d.pages[i], d.spare = nil, p
	}
}
