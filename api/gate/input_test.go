package gate

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sallyport/api/internal/sample"
	"sallyport/exchange"
	"sallyport/law"
)

// aPlatform is a provider as somebody would tell of it, changed.
func aPlatform(change func(object)) object {
	p := object{"name": "Steppe", "profile": object{"kind": "organisation", "names": []object{{"full": "Steppe Crossing Markets LLP"}}, "residence": object{"country": "KZ"}}}
	change(p)
	return p
}

// TestBadInput: what is wrong is named by field, and nothing of it gets into the log.
func TestBadInput(t *testing.T) {
	h := open(t)
	h.customer("c-1", "us", sample.Somebody("Ada Quillfeather", "US"))
	person := func(change func(object)) object {
		p := profileOf(t, sample.Somebody("Ada Quillfeather", "US"))
		change(p)
		return object{"customer": "c-9", "operator": "us", "profile": p}
	}
	move := func(change func(q, m object)) object {
		q := moves("c-1", clean, "w-1")
		change(q, q["movement"].(object))
		return q
	}
	long := strings.Repeat("x", maxText+1)
	const customers, decisions, out, in = "/gate/v1/customers", "/gate/v1/decisions", "/gate/v1/withdrawals", "/gate/v1/sign-ins"
	before := h.x.View().Summary()
	for i, c := range []struct {
		status      int
		code, field string
		path        string
		body        any
	}{
		{400, badJSON, "", out, ""},
		{400, badJSON, "", out, " \n"},
		{400, badJSON, "", out, "null"},
		{400, badJSON, "", out, "[]"},
		{400, badJSON, "", out, `"text"`},
		{400, badJSON, "", out, `{"customer":`},
		{400, badJSON, "", out, `{"customer":"c-1"}}`},
		{400, badJSON, "", out, `{"customer":"c-1"} {}`},
		{400, badJSON, "", out, "{\"customer\":\"\xff\"}"},
		{400, badJSON, "customer", out, `{"customer":"c-1","customer":"c-2"}`},
		{400, badJSON, "asset", out, `{"customer":"c-1","movement":{"asset":"BTC","asset":"ETH"}}`},
		{400, badJSON, "", out, `{"customer":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`},
		{413, tooLarge, "", out, `{"customer":"` + strings.Repeat("x", maxBody) + `"}`},
		{400, unknownField, "custommer", out, `{"custommer":"c-1"}`},
		{400, unknownField, "verdict", decisions, object{"customer": "c-1", "action": "trade", "verdict": "allow"}},
		{422, invalidField, "customer", out, move(func(q, _ object) { q["customer"] = 7 })},
		{422, invalidField, "customer", out, move(func(q, _ object) { delete(q, "customer") })},
		{422, invalidField, "customer", out, move(func(q, _ object) { q["customer"] = "a b" })},
		{422, invalidField, "customer", out, move(func(q, _ object) { q["customer"] = "../c-1" })},
		{422, invalidField, "customer", out, move(func(q, _ object) { q["customer"] = strings.Repeat("c", 129) })},
		{404, noCustomer, "customer", out, move(func(q, _ object) { q["customer"] = "c-77" })},
		{422, invalidField, "movement", out, object{"customer": "c-1"}},
		{422, invalidField, "movement.asset", out, move(func(_, m object) { m["asset"] = "B T C" })},
		{422, invalidField, "movement.asset", out, move(func(_, m object) { delete(m, "asset") })},
		{422, invalidField, "movement.amount", out, move(func(_, m object) { m["amount"] = "0" })},
		{422, invalidField, "movement.amount", out, move(func(_, m object) { m["amount"] = "-1" })},
		{422, invalidField, "movement.amount", out, move(func(_, m object) { m["amount"] = 0.5 })},
		{422, invalidField, "movement.amount", out, move(func(_, m object) { m["amount"] = "1e5" })},
		{422, invalidField, "movement.amount", out, move(func(_, m object) { m["amount"] = "0.0000000000000000001" })},
		{422, invalidField, "movement.address", out, move(func(_, m object) { m["address"] = "two words" })},
		{422, invalidField, "movement.address", out, move(func(_, m object) { delete(m, "address") })},
		{422, invalidField, "movement.reference", out, move(func(_, m object) { delete(m, "reference") })},
		{422, invalidField, "movement.reference", out, move(func(_, m object) { m["reference"] = long })},
		{422, invalidField, "movement.network", out, move(func(_, m object) { m["network"] = "a\nb" })},
		{422, invalidField, "movement.counterparty.names", out, move(func(_, m object) { m["counterparty"] = object{"kind": "person"} })},
		{422, invalidField, "movement.counterparty.kind", out, move(func(_, m object) { m["counterparty"] = object{"names": []object{{"full": "A B"}}} })},
		{422, invalidField, "movement.counterparty.measures", out, move(func(_, m object) {
			m["counterparty"] = object{"kind": "person", "names": []object{{"full": "A B"}}, "measures": []string{"travel ban"}}
		})},
		{422, invalidField, "session.ip", out, move(func(q, _ object) { q["session"] = object{"ip": "127.0.0.1"} })},
		{422, invalidField, "session.ip", out, move(func(q, _ object) { q["session"] = object{"ip": "10.1.2.3"} })},
		{422, invalidField, "session.ip", out, move(func(q, _ object) { q["session"] = object{"ip": "::ffff:192.168.0.1"} })},
		{422, invalidField, "session.ip", out, move(func(q, _ object) { q["session"] = object{"ip": "fe80::1%eth0"} })},
		{422, invalidField, "session.ip", out, move(func(q, _ object) { q["session"] = object{"ip": "example.org"} })},
		{422, invalidField, "session", out, move(func(q, _ object) { q["session"] = object{"ip": "192.0.2.1", "country": "US"} })},
		{422, invalidField, "session.country", out, move(func(q, _ object) { q["session"] = object{} })},
		{422, invalidField, "session.country", out, move(func(q, _ object) { q["session"] = object{"country": "us"} })},
		{422, invalidField, "session.country", out, move(func(q, _ object) { q["session"] = object{"area": "UA-43"} })},
		{422, invalidField, "movement.asset", out, move(func(_, m object) { m["asset"] = "btc" })},
		{422, invalidField, "assets", decisions, object{"customer": "c-1", "action": "trade"}},
		{422, invalidField, "assets", decisions, object{"customer": "c-1", "action": "trade", "assets": []string{"BTC", "us dollar"}}},
		{422, invalidField, "assets", decisions, object{"customer": "c-1", "action": "sign_in", "assets": []string{"BTC"}}},
		{422, invalidField, "action", decisions, object{"customer": "c-1", "action": "govern"}},
		{422, invalidField, "assets", decisions, object{"customer": "c-1", "action": "hold_asset"}},
		{422, invalidField, "assets", decisions, object{"customer": "c-1", "action": "hold_asset", "assets": []string{"BTC", "ETH"}}},
		{422, invalidField, "customer", decisions, object{"action": "hold_asset", "assets": []string{"BTC"}}},
		{422, invalidField, "customer", decisions, object{"action": "list_asset", "customer": "c-1", "operator": "us", "assets": []string{"BTC"}}},
		{422, invalidField, "operator", decisions, object{"action": "list_asset", "assets": []string{"BTC"}}},
		{422, invalidField, "operator", decisions, object{"action": "list_asset", "operator": "mars", "assets": []string{"BTC"}}},
		{422, invalidField, "session", decisions, object{"action": "list_asset", "operator": "us", "assets": []string{"BTC"}, "session": object{"country": "US"}}},
		{422, invalidField, "assets", decisions, object{"action": "list_asset", "operator": "us"}},
		{422, invalidField, "assets", decisions, object{"action": "list_asset", "operator": "us", "assets": []string{"b t c"}}},
		{422, invalidField, "facts.holding.value_eur_cents", decisions, object{"action": "list_asset", "operator": "us", "assets": []string{"BTC"}, "facts": object{"holding.value_eur_cents": 1}}},
		{422, invalidField, "movement", decisions, object{"action": "list_asset", "operator": "us", "assets": []string{"BTC"}, "movement": moves("c-1", clean, "w")["movement"]}},
		{422, invalidField, "platform", decisions, object{"action": "deal_platform", "operator": "us"}},
		{422, invalidField, "platform", decisions, object{"customer": "c-1", "action": "review", "platform": aPlatform(func(object) {})}},
		{422, invalidField, "assets", decisions, object{"action": "deal_platform", "operator": "us", "assets": []string{"BTC"}, "platform": aPlatform(func(object) {})}},
		{422, invalidField, "platform.name", decisions, object{"action": "deal_platform", "operator": "us", "platform": aPlatform(func(p object) { delete(p, "name") })}},
		{422, invalidField, "platform.profile.names", decisions, object{"action": "deal_platform", "operator": "us", "platform": aPlatform(func(p object) { p["profile"] = object{"kind": "organisation"} })}},
		{422, invalidField, "platform", decisions, object{"action": "deal_platform", "operator": "us", "platform": aPlatform(func(p object) { p["profile"].(object)["kind"] = "person" })}},
		{422, invalidField, "platform", decisions, object{"action": "deal_platform", "operator": "us", "platform": aPlatform(func(p object) { p["name"] = strings.Repeat("n", 129) })}},
		{422, invalidField, "facts.asset.represents", decisions, object{"action": "deal_platform", "operator": "us", "platform": aPlatform(func(object) {}), "facts": object{"asset.represents": []string{"BTC"}}}},
		{422, invalidField, "session.area", out, move(func(q, _ object) { q["session"] = object{"country": "RU", "area": "UA-43"} })},
		{422, invalidField, "facts", out, move(func(q, _ object) { q["facts"] = object{"no.such": 1} })},
		{422, invalidField, "facts", out, move(func(q, _ object) { q["facts"] = object{"holding.value_eur_cents": "1"} })},
		{422, invalidField, "facts", out, move(func(q, _ object) { q["facts"] = object{"holding.value_eur_cents": nil} })},
		{422, invalidField, "facts.listing.same", out, move(func(q, _ object) { q["facts"] = object{"listing.same": []string{}} })},
		{422, invalidField, "facts.counterparty.listed", out, move(func(q, _ object) { q["facts"] = object{"counterparty.listed": []string{}} })},
		{422, invalidField, "facts.session.country", in, object{"customer": "c-1", "facts": object{"session.country": "US"}}},
		{422, invalidField, "action", decisions, object{"customer": "c-1", "action": "steal"}},
		{422, invalidField, "action", decisions, object{"customer": "c-1"}},
		{422, invalidField, "action", decisions, object{"customer": "c-1", "action": "open_account"}},
		{422, invalidField, "movement", decisions, object{"customer": "c-1", "action": "withdraw"}},
		{422, invalidField, "movement", decisions, object{"customer": "c-1", "action": "trade", "assets": []string{"BTC"}, "movement": moves("c-1", clean, "w")["movement"]}},
		{422, invalidField, "operator", decisions, object{"customer": "c-1", "action": "trade", "operator": "eu"}},
		{422, invalidField, "facts", decisions, object{"customer": "c-1", "action": "review", "facts": object{"holding.value_eur_cents": 1}}},
		{422, invalidField, "operator", customers, object{"customer": "c-9", "operator": "mars", "profile": profileOf(t, sample.Somebody("A B", "US"))}},
		{422, invalidField, "customer", customers, object{"customer": "ada@example.org", "operator": "us", "profile": profileOf(t, sample.Somebody("A B", "US"))}},
		{422, invalidField, "profile", customers, object{"customer": "c-9", "operator": "us"}},
		{422, invalidField, "profile.names", customers, person(func(p object) { delete(p, "names") })},
		{422, invalidField, "profile.kind", customers, person(func(p object) { delete(p, "kind") })},
		{422, invalidField, "profile.kind", customers, person(func(p object) { p["kind"] = "vessel" })},
		{422, invalidField, "profile.id", customers, person(func(p object) { p["id"] = "other" })},
		{422, invalidField, "profile.controls", customers, person(func(p object) {
			p["controls"] = []object{{"address": clean, "theirs": true, "how": "a word", "by": "me", "on": "2022-03-14"}}
		})},
		{422, invalidField, "profile.programmes", customers, person(func(p object) { p["programmes"] = []string{"SDGT"} })},
		{422, invalidField, "profile.identifiers[0].doubtful", customers, person(func(p object) {
			p["identifiers"] = []object{{"type": "passport", "number": "1", "doubtful": true}}
		})},
		{422, invalidField, "profile.owners[0].listed", customers, person(func(p object) { p["owners"] = []object{{"names": []object{{"full": "X"}}, "listed": "2022-01-01"}} })},
		{422, invalidField, "profile.names[0].full", customers, person(func(p object) { p["names"] = []object{{"full": long}} })},
		{422, invalidField, "profile.names", customers, person(func(p object) { p["names"] = slices.Repeat([]object{{"full": "A"}}, maxList+1) })},
		{422, invalidField, "", customers, person(func(p object) { p["birth"] = []string{"31 Feb"} })},
		{422, invalidField, "facts.customer.residence", customers, object{"customer": "c-9", "operator": "us", "profile": profileOf(t, sample.Somebody("A B", "US")), "facts": object{"customer.residence": "US"}}},
		{422, invalidField, "address", "/gate/v1/counterparties", object{"address": ""}},
		{422, invalidField, "address", "/gate/v1/counterparties", object{"address": "a b"}},
		{422, invalidField, "url", "/gate/v1/webhooks", object{"url": "gopher://x"}},
		{422, invalidField, "url", "/gate/v1/webhooks", object{"url": "http://example.org/"}},
		{422, invalidField, "url", "/gate/v1/webhooks", object{"url": "https://user:pass@example.org/"}},
		{422, invalidField, "url", "/gate/v1/webhooks", object{"url": "https://"}},
		{422, invalidField, "url", "/gate/v1/webhooks", object{"url": "http://169.254.169.254/latest"}},
		{422, invalidField, "after", "/gate/v1/webhooks", object{"url": "https://example.org/", "after": 1 << 40}},
		{422, invalidField, "after", "/gate/v1/webhooks", object{"url": "https://example.org/", "after": -1}},
	} {
		t.Run(fmt.Sprint(i, c.field), func(t *testing.T) {
			h.t = t
			h.no(c.status, c.code, c.field, "POST", c.path, c.body)
		})
	}
	h.t = t
	h.no(415, mediaType, "", "POST", out, moves("c-1", clean, "w"), "Content-Type: text/plain")
	h.no(415, mediaType, "", "POST", out, moves("c-1", clean, "w"), "Content-Type: ")
	h.no(400, noKey, "Idempotency-Key", "POST", out, moves("c-1", clean, "w"), "Idempotency-Key: ")
	h.no(422, invalidField, "Idempotency-Key", "POST", out, moves("c-1", clean, "w"), "Idempotency-Key: a b")
	h.no(422, invalidField, "Idempotency-Key", "POST", out, moves("c-1", clean, "w"), "Idempotency-Key: "+strings.Repeat("k", 129))
	h.no(401, unauthorized, "", "POST", out, moves("c-1", clean, "w"), "Authorization: ")
	h.no(401, unauthorized, "", "POST", out, moves("c-1", clean, "w"), "Authorization: Bearer "+h.key+"x")
	h.no(401, unauthorized, "", "POST", out, moves("c-1", clean, "w"), "Authorization: Basic "+h.key)
	h.no(401, unauthorized, "", "GET", "/nothing", nil, "Authorization: ")
	h.no(404, notFound, "", "GET", "/nothing", nil)
	h.no(405, badMethod, "", "PATCH", "/gate/v1/customers", nil)
	h.no(400, badJSON, "", "GET", "/gate/v1/changes", "{}")
	h.no(404, notFound, "decision", "GET", "/gate/v1/decisions/00", nil)
	h.no(404, notFound, "webhook", "DELETE", "/gate/v1/webhooks/00", nil)
	h.no(422, invalidField, "customer", "GET", "/gate/v1/customers/a%2Fb", nil)
	for _, query := range []string{"after=x", "after=-1", "limit=0", "limit=1001", "wait=31", "after=1&after=2", "before=1"} {
		name, _, _ := strings.Cut(query, "=")
		h.no(422, invalidField, name, "GET", "/gate/v1/changes?"+query, nil)
	}
	if after := h.x.View().Summary(); after.Seq != before.Seq || after.Decisions != before.Decisions {
		t.Errorf("what was refused came into the log: %d records more", after.Seq-before.Seq)
	}
	ask[Answer](h, "POST", out, moves("c-1", clean, "w"))
}

// TestCustomersHeldHere: of those who hold their assets here the gate knows the value itself.
func TestCustomersHeldHere(t *testing.T) {
	h := open(t)
	p := sample.Somebody("Ada Quillfeather", "US")
	p.ID = "here-1"
	o := h.x.Open("us", p)
	h.x.Fund(o.Account, "BTC", "1")
	q := moves("here-1", clean, "w-1")
	q["facts"] = object{"holding.value_eur_cents": 1}
	h.no(422, invalidField, "facts.holding.value_eur_cents", "POST", "/gate/v1/withdrawals", q)
	h.no(422, invalidField, "facts", "PUT", "/gate/v1/customers/here-1/facts", object{"facts": object{"holding.value_eur_cents": 1}})
	delete(q, "facts")
	a := ask[Answer](h, "POST", "/gate/v1/withdrawals?explain=machine", q)
	if a.Do.String() != "proceed" || !strings.Contains(string(a.Evidence), `"holding.value_eur_cents":3500000`) {
		t.Errorf("%+v", a)
	}
	h.verify()
}

// TestMoneyIsNotGuessed: what moves on no chain may be money or not, and only the asker knows.
func TestMoneyIsNotGuessed(t *testing.T) {
	h := open(t)
	h.customer("c-1", "us", sample.Somebody("Ada Quillfeather", "US"))
	for i, c := range []struct {
		network string
		told    any
		fact    string
	}{{"BTC", nil, `"asset.money":false`}, {"", nil, ""}, {"", true, `"asset.money":true`}} {
		q := moves("c-1", clean, fmt.Sprint("d-", i))
		q["movement"].(object)["network"] = c.network
		if c.told != nil {
			q["facts"] = object{"asset.money": c.told}
		}
		a := ask[Answer](h, "POST", "/gate/v1/deposits?explain=machine", q)
		var d struct {
			Facts json.RawMessage `json:"facts"`
		}
		if err := json.Unmarshal(a.Evidence, &d); err != nil {
			t.Fatal(err)
		}
		if has := strings.Contains(string(d.Facts), `"asset.money"`); has != (c.fact != "") || !strings.Contains(string(d.Facts), c.fact) {
			t.Errorf("%+v: %s", c, d.Facts)
		}
	}
	h.verify()
}

// TestEveryFactHasItsTeller: each fact of the rules is either the gate's to find out, or in
// the document as one that may be told; a new fact must be thought of.
func TestEveryFactHasItsTeller(t *testing.T) {
	told := []string{
		"asset.issuer_listed", "asset.money", "asset.represents", "counterparty.area", "counterparty.bank_listed", "counterparty.control_assessed", "counterparty.country", "counterparty.platform_established",
		"counterparty.platform_listed", "counterparty.platform_resembles", "counterparty.platform_succeeds", "counterparty.self_hosted", "exposure.listed", "holding.fiat_eur_cents",
		"holding.value_eur_cents", "movement.dust", "movement.value_eur_cents",
	}
	for _, d := range law.Schema() {
		if exchange.Tells(d.Name) != slices.Contains(told, d.Name) {
			t.Errorf("fact %s: may an exchange that keeps its own ledger tell it? Say so here and, if not, in exchange.Tells", d.Name)
		}
	}
}

// TestKeys: a key is known by its name until it is removed.
func TestKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "gate.keys")
	key, err := MakeKey(path, "shop", nil, sample.Opens)
	if err != nil || !strings.HasPrefix(key, keyPrefix) {
		t.Fatal(key, err)
	}
	k, err := OpenKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	if name, ok := k.Admit(key); !ok || name != "shop" {
		t.Errorf("%q %v", name, ok)
	}
	if n, err := RemoveKeys(path, "shop"); n != 1 || err != nil {
		t.Error(n, err)
	}
	if k, err = OpenKeys(path); err != nil {
		t.Fatal(err)
	}
	if _, ok := k.Admit(key); ok {
		t.Error("a removed key opens")
	}
	if err := os.WriteFile(path, []byte("shop notahash\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeys(path); err == nil || !strings.Contains(err.Error(), "line 1") || !strings.Contains(err.Error(), "gate-key") {
		t.Errorf("%v", err)
	}
}

// TestRates: who asks more often than allowed is told when to come again.
func TestRates(t *testing.T) {
	h := open(t)
	h.s.rates.PerSecond, h.s.rates.AtOnce = 0.5, 1
	ask[Changes](h, "GET", "/gate/v1/changes", nil)
	status, header, _ := h.do("GET", "/gate/v1/changes", nil)
	if status != 429 || header.Get("Retry-After") == "" {
		t.Errorf("%d %v", status, header)
	}
}

// TestDocument: it is OpenAPI 3.1, whole in itself, and the same each time.
func TestDocument(t *testing.T) {
	h := open(t)
	status, _, b := h.do("GET", "/gate/v1/openapi.json", nil, "Authorization: ")
	if status != 200 || string(b) != string(document(routes())) {
		t.Fatalf("%d %s", status, b)
	}
	var doc object
	if err := json.Unmarshal(b, &doc); err != nil || doc["openapi"] != "3.1.0" {
		t.Fatal(err, doc["openapi"])
	}
	ids, operations := map[any]bool{}, 0
	for path, item := range doc["paths"].(object) {
		for method, op := range item.(object) {
			o := op.(object)
			operations++
			if ids[o["operationId"]] || o["summary"] == "" {
				t.Errorf("%s %s: operationId %v, summary %v", method, path, o["operationId"], o["summary"])
			}
			ids[o["operationId"]] = true
			for status := range o["responses"].(object) {
				if len(status) != 3 {
					t.Errorf("%s %s: status %q", method, path, status)
				}
			}
		}
	}
	if operations != len(routes()) {
		t.Errorf("%d operations of %d routes", operations, len(routes()))
	}
	// Each reference leads somewhere, and each schema is referred to.
	defined := doc["components"].(object)["schemas"].(object)
	used := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case object:
			if ref, ok := v["$ref"].(string); ok {
				used[strings.TrimPrefix(ref, "#/components/schemas/")] = true
			}
			for _, x := range v {
				walk(x)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(doc)
	for name := range used {
		if defined[name] == nil {
			t.Errorf("schema %s is referred to and not there", name)
		}
	}
	for name := range defined {
		if !used[name] {
			t.Errorf("schema %s is there and not referred to", name)
		}
	}
	if p := defined["Profile"].(object)["properties"].(object); p["programmes"] != nil || p["residence"] == nil {
		t.Errorf("the profile of a customer: %v", reflect.ValueOf(p).MapKeys())
	}
}

// TestCounterparties looks up addresses.
func TestCounterparties(t *testing.T) {
	h := open(t)
	wallet := sample.ListedWallet(t)
	before := h.x.View().Summary().Seq
	c := ask[Counterparty](h, "POST", "/gate/v1/counterparties", object{"address": " " + wallet})
	if len(c.Listed) == 0 || c.Listed[0].List != "us-sdn" || c.Listed[0].EntityID == "" || c.Listed[0].Name == "" || c.Listed[0].Grade != "same" || !c.Decisive || !c.Known {
		t.Errorf("%+v", c)
	}
	c = ask[Counterparty](h, "POST", "/gate/v1/counterparties", object{"address": clean})
	if len(c.Listed) != 0 || !c.Decisive || c.Address != clean {
		t.Errorf("%+v", c)
	}
	if h.x.View().Summary().Seq != before {
		t.Error("a look at an address is in the log")
	}
}

// FuzzDecode holds the reading of questions to its bounds: it never fails in another way than
// by an error that says something, and what it reads is written and read as the same.
func FuzzDecode(f *testing.F) {
	seed, _ := json.Marshal(moves("c-1", clean, "w-1"))
	f.Add(seed)
	f.Add([]byte(`{"customer":"c","action":"trade","facts":{"holding.value_eur_cents":5},"session":{"country":"","area":""}}`))
	f.Add([]byte(`{"customer":"c","operator":"us","profile":{"kind":"person","names":[{"full":"A"}],"birth":["circa 1962"],"owners":[{"share_bp":5000}]}}`))
	f.Add([]byte(`{"profile":{"residence":{"country":"UA","town":"Yalta"},"permits":[{"country":"ES","until":"2026-01-01"}]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, v := range []any{&Ask{}, &NewCustomer{}, &Transfer{}} {
			e := decode(b, v)
			if e != nil {
				if e.Message == "" || e.status < 400 {
					t.Fatalf("%+v", e)
				}
				continue
			}
			again, err := json.Marshal(v)
			if err != nil {
				t.Fatalf("read, and not written: %v", err)
			}
			second := reflect.New(reflect.TypeOf(v).Elem()).Interface()
			if e := decode(again, second); e != nil {
				t.Fatalf("%s\nwas read from %s and is refused: %+v", again, b, e)
			}
			if third, err := json.Marshal(second); err != nil || string(third) != string(again) {
				t.Fatalf("%s\nbecame\n%s", again, third)
			}
			if c, ok := v.(*NewCustomer); ok {
				_ = checkProfile("profile", &c.Profile)
			}
		}
	})
}
