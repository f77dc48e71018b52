package exchange_test

import (
	"testing"

	"sallyport/law"
	"sallyport/ledger"
)

// What lies set aside is decided again where what decisions rest on changes, and recorded where
// that moves it: one that leaves it where it lies was recorded at each start and each edition
// anew, and where the clock had not moved on since the last one the folder did not open.
func TestAsideIsNotDecidedForEver(t *testing.T) {
	c := startClearing(t, t.TempDir())
	p := person("f", "Viktor Andreyevich Morozov", "1962-03-14", "RU", almaty)
	p.Identifiers = morozov().Identifiers
	a := c.open("us", person("g", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	if _, err := c.Amend(a, p); err != nil {
		t.Fatal(err)
	}
	if c.verdict(a) != law.Freeze {
		t.Fatalf("the customer is %v", c.verdict(a))
	}
	if d := c.fund(a, "USDT", "100", "own"); d.Pocket != ledger.Frozen {
		t.Fatalf("the deposit is %v", d.Pocket)
	}
	less := morozov() // from here on it may be another
	less.Identifiers, less.Birth = nil, nil
	c.take(2, less, ivanov())
	if c.verdict(a) != law.Hold {
		t.Fatalf("the customer is %v", c.verdict(a))
	}
	if d := c.View().Deposits(a)[0]; d.Pocket != ledger.Apart {
		t.Fatalf("what nobody freezes any more is %v", d.Pocket)
	}
	before, _ := c.Head()
	for range 2 { // at the same instant, as under a clock that was put back
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		c.reopen()
	}
	if after, _ := c.Head(); after != before {
		t.Fatalf("%d records were written by opening it again", after-before)
	}
	c.verified()
}
