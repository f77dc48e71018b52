// Package fuzzing keeps Go's fuzzer at finding inputs.
//
// By default the fuzzer tries for up to a minute to make each input that reaches new code
// smaller, byte by byte, and counts none of those runs: with a seed of a few kilobytes
// FuzzAdvanced of watchlist/ofac came to 3 executions in 10 seconds, and 5,000 a second
// without. The package is for tests only; TestBound holds it to what it says.
package fuzzing

import (
	"flag"
	"testing"
)

// minimizing is how many runs an input is worth making smaller for, as -fuzzminimizetime says it.
const minimizing = "100x"

// Bound bounds the making smaller, unless whoever started the fuzzing said how long it may
// take (-fuzzminimizetime). It is called before f.Fuzz.
func Bound(f *testing.F) {
	f.Helper()
	if err := bound(flag.CommandLine); err != nil {
		f.Fatal(err)
	}
}

func bound(flags *flag.FlagSet) error {
	const name = "test.fuzzminimizetime"
	said := false
	flags.Visit(func(x *flag.Flag) { said = said || x.Name == name })
	if said {
		return nil
	}
	return flags.Set(name, minimizing)
}
