package desk

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"sallyport/api/internal/sample"
	"sallyport/exchange"
)

// A decision that cannot be read from the log is not told as one that there is not.
func TestDecisionOfLongAgo(t *testing.T) {
	x := sample.New(t)
	o := x.Open("us", sample.Somebody("Ada Quillfeather", "US"))
	x.Pass(o.Account)
	d := &desk{x: x.Exchange}
	x.Close()
	for id, none := range map[string]bool{o.Decision.ID: false, strings.Repeat("0", 64): true} {
		r := httptest.NewRequest("GET", "/", nil)
		r.SetPathValue("id", id)
		_, _, err := d.decision(r)
		var said *problem
		if err == nil || errors.Is(err, exchange.ErrNoDecision) || errors.As(err, &said) != none {
			t.Errorf("decision %s: %v", id, err)
		}
	}
}
