package ofac

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/watchlist"
)

// consFiles are the files of the non-SDN list and those of the SDN list that they are laid
// out like.
var consFiles = map[string]string{"cons_prim.csv": "sdn.csv", "cons_alt.csv": "alt.csv", "cons_add.csv": "add.csv", "cons_comments.csv": "sdn_comments.csv"}

// ConsCSV is the format of the legacy files of OFAC's non-SDN list: cons_prim.csv with, where
// they are at hand, cons_alt.csv, cons_add.csv and cons_comments.csv. They are laid out as the SDN
// files are, so "cons_" must stand in a file's name; see notBlocked for where it does not.
func ConsCSV() watchlist.Format {
	return watchlist.Format{Name: "ofac-cons-csv", List: ConsList, Publisher: Publisher, Parse: parseConsCSV,
		Recognise: func(name string, data []byte) (string, bool) {
			if !strings.Contains(strings.ToLower(name), "cons_") {
				return "", false
			}
			like, ok := recogniseCSV("", data)
			for cons, sdn := range consFiles {
				if ok && sdn == like {
					return cons, true
				}
			}
			return "", false
		}}
}

func parseConsCSV(files []watchlist.File, published time.Time) (*watchlist.Edition, error) {
	as := make([]watchlist.File, len(files))
	back := map[string]string{}
	for i, f := range files {
		as[i] = f
		if sdn, ok := consFiles[f.Name]; ok {
			as[i].Name, back[sdn] = sdn, f.Name
		}
	}
	e, err := readCSV(as, published)
	if err != nil {
		return nil, err
	}
	for i := range e.Skipped {
		if name := back[e.Skipped[i].File]; name != "" {
			e.Skipped[i].File = name
		}
	}
	for i, d := range e.Doubts {
		for sdn, name := range back {
			d = strings.ReplaceAll(d, sdn, name)
		}
		e.Doubts[i] = d
	}
	e.List = ConsList
	directives(e)
	if err := e.Seal(files); err != nil {
		return nil, err
	}
	return e, nil
}

// otherProgrammes are those of nearly all entries of the non-SDN list, and of one in two hundred of
// the SDN list: sectoral sanctions, the Palestinian Legislative Council, Chinese military-industrial
// companies.
var otherProgrammes = []string{"UKRAINE-EO13662", "NS-PLC", "CMIC-EO13959"}

// notBlocked marks an edition of the SDN list most of whose entries are of programmes of the other one,
// which the files themselves do not tell it from.
func notBlocked(e *watchlist.Edition) {
	n := 0
	for i := range e.Entities {
		if slices.ContainsFunc(e.Entities[i].Programmes, func(p string) bool { return slices.Contains(otherProgrammes, p) }) {
			n++
		}
	}
	if 2*n > len(e.Entities) {
		e.Foreign = fmt.Sprintf("%d of %d entries are of programmes of OFAC's non-SDN list: are these its files? Then cons_ belongs in their names", n, len(e.Entities))
	}
}
