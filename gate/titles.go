package gate

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed titles_ru.yaml
var titlesFile []byte

// russianTitles is read once and never written to.
var russianTitles = sync.OnceValue(func() map[string]string {
	titles, err := readTitles(titlesFile)
	if err != nil {
		panic(err) // our own file; TestTitles reads it
	}
	return titles
})

// Title is what a rule, of this id and English title, is called in a language. A rule that
// has no title there, an operator's own say, keeps the one it has.
func Title(rule, english string, l Language) string {
	if l == Russian {
		if title, ok := russianTitles()[rule]; ok {
			return title
		}
	}
	return english
}

// readTitles reads a file of titles by rule: one document, no rule twice, no title empty.
func readTitles(file []byte) (map[string]string, error) {
	var titles map[string]string
	dec := yaml.NewDecoder(bytes.NewReader(file))
	if err := dec.Decode(&titles); err != nil {
		return nil, fmt.Errorf("gate: titles: %w", err)
	}
	if err := dec.Decode(new(yaml.Node)); err != io.EOF {
		return nil, errors.New("gate: titles: more than one document; write all titles into one")
	}
	for rule, title := range titles {
		if strings.TrimSpace(title) == "" {
			return nil, fmt.Errorf("gate: titles: %s: the title is empty; write one or leave the rule out", rule)
		}
	}
	return titles, nil
}
