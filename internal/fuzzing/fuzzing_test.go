package fuzzing

import (
	"flag"
	"testing"
)

func TestBound(t *testing.T) {
	for said, want := range map[string]string{"": minimizing, "7s": "7s"} {
		flags := flag.NewFlagSet("test", flag.ContinueOnError)
		value := flags.String("test.fuzzminimizetime", "60s", "")
		if said != "" {
			if err := flags.Set("test.fuzzminimizetime", said); err != nil {
				t.Fatal(err)
			}
		}
		if err := bound(flags); err != nil || *value != want {
			t.Errorf("said %q: %q, %v; want %q", said, *value, err, want)
		}
	}
	if flag.Lookup("test.fuzzminimizetime") == nil {
		t.Error("Go's tests have no such flag any more")
	}
}
