package binance

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"testing"

	"sallyport/exchange"
)

// TestUnreadParametersOfConnections: who misspells a parameter of a connection, or of a listen key, changes nothing by it.
func TestUnreadParametersOfConnections(t *testing.T) {
	l := goLive(t)
	c := l.dial("/ws-api/v3")
	no := func(method, params string, code float64) {
		t.Helper()
		a := c.ask(method, params)
		if e, _ := a["error"].(map[string]any); a["status"] != 400.0 || e["code"] != code {
			t.Errorf("%s %s: %v", method, params, a)
		}
	}
	feeds := func(want string) {
		t.Helper()
		if got := fmt.Sprint(c.ask("session.subscriptions", "{}")["result"]); got != want {
			t.Errorf("subscriptions %s, want %s", got, want)
		}
	}
	no("userDataStream.subscribe.signature", l.ada.signs(`"listenKey":"a"`), -1101)
	feeds("[]")
	if a := c.ask("userDataStream.subscribe.signature", l.ada.signs("")); a["status"] != 200.0 {
		t.Fatal(a)
	}
	no("userDataStream.unsubscribe", `{"subscriptionID":7}`, -1101)
	feeds("[map[subscriptionId:0]]")
	no("session.subscriptions", `{"a":1}`, -1101)
	no("session.status", `{"a":1}`, -1101)

	k, private := ed25519Key(t, l.Exchange, l.ada.account, exchange.KeyTerms{})
	c = l.dial("/ws-api/v3")
	logon := func(more string) string {
		at := l.Clock.Now().UnixMilli()
		payload, params := fmt.Sprintf("apiKey=%s&timestamp=%d", k.Name, at), fmt.Sprintf(`"apiKey":%q,"timestamp":%d`, k.Name, at)
		if more != "" {
			payload, params = "a="+more+"&"+payload, fmt.Sprintf(`"a":%q,`, more)+params
		}
		return fmt.Sprintf(`{%s,"signature":%q}`, params, base64.StdEncoding.EncodeToString(ed25519.Sign(private, []byte(payload))))
	}
	no("session.logon", logon("1"), -1101)
	if s := c.ask("session.status", "{}")["result"].(map[string]any); s["apiKey"] != nil {
		t.Errorf("logged on by a request that was refused: %v", s)
	}
	if a := c.ask("session.logon", logon("")); a["status"] != 200.0 {
		t.Fatal(a)
	}
	no("session.logout", `{"a":"1"}`, -1101)
	if s := c.ask("session.status", "{}")["result"].(map[string]any); s["apiKey"] == nil {
		t.Errorf("logged out by a request that was refused: %v", s)
	}

	var opened struct{ ListenKey string }
	l.ada.yes(l.ada.raw("POST", "/api/v3/userDataStream", "", ""), &opened)
	l.ada.no(l.ada.raw("DELETE", "/api/v3/userDataStream", "listenKey="+opened.ListenKey+"&a=1", ""), 400, -1104, "Not all sent parameters were read; read '1' parameter(s) but was sent '2'.")
	l.ada.yes(l.ada.raw("PUT", "/api/v3/userDataStream", "listenKey="+opened.ListenKey, ""), &struct{}{})
}
