package desk

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"sallyport/api/internal/sample"
	"sallyport/staff"
)

const onePublic = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGUIKv9dSpWXBViXp2m6vAIb8QMFJYBgyFEQsFJlqgA0=\n-----END PUBLIC KEY-----\n"

func TestKeys(t *testing.T) {
	x := sample.New(t)
	c := &clerk{t: t, desk: New(x.Exchange, staff.Shared("open"), Options{}), token: "open"}
	n := x.Open("us", sample.Somebody("Adaline Wrenfield", "US")).Account
	path := fmt.Sprintf("/desk/v1/customers/%d/keys", n)
	expires := x.Clock.Now().Add(time.Hour).UTC()
	ask, err := json.Marshal(map[string]any{"public_key": onePublic, "may": []string{"read", "trade"}, "from": []string{"192.0.2.0/24", "2001:db8::/32"}, "expires": expires, "label": "the bot"})
	if err != nil {
		t.Fatal(err)
	}
	var made, plain shownKey
	c.ok(201, c.do("POST", path, string(ask)), &made)
	if made.Secret != "" || made.Kind != "ed25519" || fmt.Sprint(made.May, made.From) != "[read trade] [192.0.2.0/24 2001:db8::/32]" || made.Expires == nil || !made.Expires.Equal(expires) || made.Label != "the bot" {
		t.Errorf("made: %+v", made)
	}
	c.ok(201, c.do("POST", path, `{}`), &plain)
	if plain.Secret == "" || plain.Kind != "hmac" || fmt.Sprint(plain.May, plain.From) != "[read trade withdraw] []" || plain.Expires != nil {
		t.Errorf("made without a wish: %+v", plain)
	}
	var list []shownKey
	w := c.do("GET", path, "")
	c.ok(200, w, &list)
	if len(list) != 2 || list[0].Secret != "" || list[1].Secret != "" {
		t.Errorf("keys: %s", w.Body)
	}
	c.ok(200, c.do("DELETE", path+"/"+plain.Key, ""), &struct{}{})
	c.problem(404, c.do("DELETE", path+"/"+plain.Key, ""), "no such key")
	c.ok(200, c.do("GET", path, ""), &list)
	if len(list) != 1 || list[0].Key != made.Key {
		t.Errorf("after one is gone: %+v", list)
	}
	for body, words := range map[string]string{
		`{"public_key":"nonsense"}`:          "want one PEM block",
		`{"may":["everything"]}`:             "a key may read, trade and withdraw",
		`{"from":["nowhere"]}`:               "does not read",
		`{"from":["192.0.2.1"]}`:             "does not read",
		`{"expires":"2022-03-14T11:00:00Z"}`: "that is over",
		`{"expires":"tomorrow"}`:             "does not read",
	} {
		w := c.do("POST", path, body)
		status := 422
		if words == "does not read" {
			status = 400
		}
		c.problem(status, w, words)
	}
	c.problem(404, c.do("GET", "/desk/v1/customers/9/keys", ""), "no account 9")
}
