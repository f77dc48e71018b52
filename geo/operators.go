package geo

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"

	"sallyport/entity"
)

//go:embed operators.yaml
var operatorsFile []byte

// operators reads the embedded table once; nobody writes to what it gives.
var operators = sync.OnceValues(func() (*operatorTable, error) { return parseOperators(operatorsFile) })

// An operatorTable finds what is known of a network by the number of its AS.
type operatorTable struct {
	version string
	areas   map[uint32]*operator
	hosting map[uint32]string // the hoster's name
}

// An operator runs a network in an area of control.
type operator struct {
	AS       uint32     `yaml:"as"`
	Name     string     `yaml:"name"`
	Area     string     `yaml:"area"`
	Also     []string   `yaml:"also"`
	From     entity.Day `yaml:"from"`
	Doubtful bool       `yaml:"doubtful"`
	Seen     string     `yaml:"seen"` // the month in which the holder was last looked at
}

func parseOperators(data []byte) (*operatorTable, error) {
	var file struct {
		Version   string      `yaml:"version"`
		Operators []*operator `yaml:"operators"`
		Hosting   []struct {
			AS   uint32 `yaml:"as"`
			Name string `yaml:"name"`
		} `yaml:"hosting"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		return nil, fmt.Errorf("geo: operators.yaml: %w", err)
	}
	t := &operatorTable{version: file.Version, areas: map[uint32]*operator{}, hosting: map[uint32]string{}}
	for _, o := range file.Operators {
		if o.AS == 0 || o.Name == "" || !isArea(o.Area) || !all(o.Also, isArea) || slices.Contains(o.Also, o.Area) || o.Seen == "" {
			return nil, fmt.Errorf("geo: operators.yaml: AS%d %q: want a number, a name, an area, others than that in also, and the month it was seen", o.AS, o.Name)
		}
		if t.areas[o.AS] != nil {
			return nil, fmt.Errorf("geo: operators.yaml: AS%d twice", o.AS)
		}
		t.areas[o.AS] = o
	}
	for _, h := range file.Hosting {
		if h.AS == 0 || h.Name == "" || t.hosting[h.AS] != "" || t.areas[h.AS] != nil {
			return nil, fmt.Errorf("geo: operators.yaml: AS%d %q: want a number that is not there yet, and a name", h.AS, h.Name)
		}
		t.hosting[h.AS] = h.Name
	}
	return t, nil
}

// on is the operator of that AS on a day, or nil. The zero day is any.
func (t *operatorTable) on(as uint32, day entity.Day) *operator {
	o := t.areas[as]
	if o == nil || !day.IsZero() && day.Compare(o.From) < 0 {
		return nil
	}
	return o
}

func all(list []string, ok func(string) bool) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return !ok(s) })
}

// areaCodes are the areas of control that this package tells apart. Never written to.
var areaCodes = []string{"UA-43", "UA-40", "UA-DNR", "UA-LNR", "UA-KHE", "UA-ZAP"}

func isArea(code string) bool { return slices.Contains(areaCodes, code) }
