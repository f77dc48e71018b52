package main

import (
	"os"
	"testing"

	"sallyport/law"
)

// The example of the documentation can be asked about, and can never be in force.
func TestExampleDraft(t *testing.T) {
	const path = "../../docs/examples/ban-of-nationals.yaml"
	if _, err := readDraft(path); err != nil {
		t.Error(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := law.ParseRule(data); err == nil {
		t.Errorf("it loads as %s: a ban by no instrument is a rule", r.ID)
	}
}
