package identity

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func TestSniff(t *testing.T) {
	for in, want := range map[string]Kind{
		"\xff\xd8\xff\xe0": JPEG, "\x89PNG\r\n\x1a\n...": PNG, "%PDF-1.7": PDF, "": "", "GIF89a": "", "<svg>": "", " %PDF-1.7": "", "\xff\xd8": "", "PK\x03\x04": "",
		"%PDF-" + strings.Repeat("x", MaxFile): "",
	} {
		if got, err := Sniff([]byte(in)); got != want || (err == nil) != (want != "") {
			t.Errorf("%.12q: %q, %v", in, got, err)
		}
	}
	if s := fmt.Sprintf("%v %+v %#v %s", File{PDF, []byte("secret")}, File{PDF, []byte("secret")}, File{PDF, []byte("secret")}, File{PDF, []byte("secret")}); strings.Contains(s, "secret") || strings.Contains(s, "115") {
		t.Errorf("a file prints as %s", s)
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		a     Answer
		words string
	}{
		{Answer{State: Accepted, By: "m. ortiz", Reason: "seen"}, ""},
		{Answer{State: Refused, By: "m. ortiz", Reason: "blurred"}, ""},
		{Answer{State: Waits, By: "provider", Reference: "case 7"}, ""},
		{Answer{By: "m. ortiz", Reason: "seen"}, "state"},
		{Answer{State: "perhaps", By: "m. ortiz", Reason: "seen"}, "state"},
		{Answer{State: Accepted, Reason: "seen"}, "by"},
		{Answer{State: Accepted, By: strings.Repeat("x", MaxBy+1), Reason: "seen"}, "by"},
		{Answer{State: Refused, By: "m. ortiz"}, "reason"},
		{Answer{State: Waits, By: "m. ortiz", Reason: strings.Repeat("x", MaxReason+1)}, "reason"},
		{Answer{State: Accepted, By: "m. ortiz", Reason: "seen", Reference: strings.Repeat("x", MaxReference+1)}, "reference"},
	} {
		err := c.a.Check()
		if (err == nil) != (c.words == "") || err != nil && !strings.Contains(err.Error(), c.words) {
			t.Errorf("%+v: %v, want %q", c.a, err, c.words)
		}
	}
	a, err := Manual{}.Check(context.Background(), Case{})
	if err != nil || a.State != Waits || a.Check() != nil {
		t.Errorf("the manual checker: %+v, %v", a, err)
	}
}
