package names

import (
	_ "embed"
	"strings"
)

// The words that many people or firms are called by; made by internal/gencommon,
// which says from what.
//
//go:embed common.txt
var commonText string

var commonPeople, commonFirms = commonWords(commonText)

func commonWords(text string) (people, firms map[string]Frequency) {
	people, firms = make(map[string]Frequency), make(map[string]Frequency)
	into := people
	for line := range strings.Lines(text) {
		switch line = strings.TrimSpace(line); {
		case line == "[firms]":
			into = firms
		case strings.HasPrefix(line, "a "):
			into[line[2:]] = VeryCommon
		case strings.HasPrefix(line, "b "):
			into[line[2:]] = Common
		}
	}
	return people, firms
}

// A Frequency says how many bear a name part. The zero value is few.
type Frequency uint8

const (
	Rare Frequency = iota
	Common
	VeryCommon
)

// Frequency of the token among people's names, or firms'. It is that of the
// token's commonest key.
func (t *Token) Frequency(firm bool) Frequency {
	in := commonPeople
	if firm {
		in = commonFirms
	}
	most := Rare
	for _, k := range t.Keys {
		most = max(most, in[k])
	}
	return most
}
