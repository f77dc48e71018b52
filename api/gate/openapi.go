package gate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/money"
)

// An object is a JSON object of the document; encoding/json sorts its names.
type object = map[string]any

// document is the OpenAPI 3.1 document of the routes, made of the types that they take and
// give.
func document(table []route) []byte {
	sch := schemas{}
	paths := object{}
	for _, r := range table {
		item, ok := paths[r.path].(object)
		if !ok {
			item = object{}
			paths[r.path] = item
		}
		item[strings.ToLower(r.method)] = sch.operation(&r)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Sallyport's gate", "version": "1",
			"description": "Sanctions decisions for an exchange that keeps its own ledger: ask before each act, do what the answer's do says, keep its receipt. Anything but a yes that was received is a no.",
			"license":     object{"name": "Apache-2.0", "identifier": "Apache-2.0"},
		},
		"servers":    []any{object{"url": "/"}},
		"security":   []any{object{"key": []string{}}},
		"paths":      paths,
		"components": object{"schemas": sch, "securitySchemes": object{"key": object{"type": "http", "scheme": "bearer", "description": "An API key of sallyport gate-key."}}},
	}); err != nil {
		panic(fmt.Sprintf("gate: the document does not encode: %v", err)) // it holds only texts, numbers and lists
	}
	return b.Bytes()
}

var inPath = regexp.MustCompile(`\{([a-z]+)\}`)

func (s schemas) operation(r *route) object {
	text := object{"type": "string"}
	params := []any{}
	for _, m := range inPath.FindAllStringSubmatch(r.path, -1) {
		params = append(params, object{"name": m[1], "in": "path", "required": true, "schema": text})
	}
	for _, p := range r.query {
		kind := text
		if p.number {
			kind = object{"type": "integer", "minimum": 0}
		}
		params = append(params, object{"name": p.name, "in": "query", "description": p.about, "schema": kind})
	}
	if r.keyed {
		params = append(params, object{
			"name": "Idempotency-Key", "in": "header", "required": true, "schema": object{"type": "string", "minLength": 1, "maxLength": maxIdempotencyKey},
			"description": "Your own for this question. The same key with the same question gets the same answer for as long as there is the log.",
		})
	}
	if r.told {
		params = append(params,
			object{"name": "explain", "in": "query", "description": "For whom to tell it: customer, reviewer or machine. Left out, the customer.", "schema": object{"type": "string", "enum": []string{"customer", "reviewer", "machine"}}},
			object{"name": "Accept-Language", "in": "header", "description": "The customer is told in en or ru.", "schema": text})
	}
	yes := object{"description": "Done."}
	if r.answer != nil {
		yes["content"] = s.content(r.answer)
	}
	if r.keyed {
		yes["headers"] = object{"Idempotent-Replayed": object{"description": "true where this question was answered before.", "schema": text}}
	}
	answers := object{strconv.Itoa(r.status): yes}
	errors := append([]int{500, 503}, r.errors...)
	if !r.open {
		errors = append(errors, 401, 429)
	}
	if r.keyed {
		errors = append(errors, 422)
	}
	if r.body != nil {
		errors = append(errors, 413, 415, 422)
	}
	for _, status := range append(errors, 400) {
		answers[strconv.Itoa(status)] = object{"description": "No; the message says what to do.", "content": s.content(Error{})}
	}
	op := object{"operationId": r.id, "summary": r.summary, "responses": answers}
	if r.about != "" {
		op["description"] = r.about
	}
	if len(params) > 0 {
		op["parameters"] = params
	}
	if r.body != nil {
		op["requestBody"] = object{"required": true, "content": s.content(r.body)}
	}
	if r.open {
		op["security"] = []any{}
	}
	return op
}

func (s schemas) content(v any) object {
	return object{"application/json": object{"schema": s.of(reflect.TypeOf(v))}}
}

// schemas are those of named structs, by name.
type schemas object

// of is the JSON Schema of what encoding/json writes of a type.
func (s schemas) of(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case reflect.TypeFor[money.Amount]():
		return object{"type": "string", "pattern": `^-?[0-9]+(\.[0-9]+)?$`}
	case reflect.TypeFor[json.RawMessage]():
		return object{"type": "object"}
	case reflect.TypeFor[law.Action]():
		return object{"type": "string", "enum": slices.DeleteFunc(law.Actions(), func(a law.Action) bool { return a == law.Govern })}
	case reflect.TypeFor[law.Verb]():
		var verbs []string
		for v := law.Undecided; v <= law.Release; v++ {
			verbs = append(verbs, v.String())
		}
		return object{"type": "string", "enum": verbs}
	case reflect.TypeFor[gate.Do]():
		return object{"type": "string", "enum": gate.Dos()}
	case reflect.TypeFor[entity.Kind]():
		return object{"type": "string", "enum": []string{entity.Person.String(), entity.Organisation.String()}}
	case reflect.TypeFor[entity.Day]():
		return object{"type": "string", "format": "date"}
	case reflect.TypeFor[entity.Dates]():
		return object{"type": "string", "description": "1962-03-14, 1962, circa 1962 or 1961-01-01/1963-12-31."}
	case factsType:
		return s.facts()
	}
	if t.Implements(textual) || reflect.PointerTo(t).Implements(textual) {
		return object{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Uint64:
		return object{"type": "integer", "minimum": 0}
	case reflect.Struct:
		return s.named(t)
	}
	panic(fmt.Sprintf("gate: a route takes or gives a %s, which the document cannot tell; add its form here", t))
}

// named keeps a struct's schema and gives the reference to it.
func (s schemas) named(t reflect.Type) object {
	name, ours := t.Name(), t.PkgPath() == reflect.TypeFor[Ask]().PkgPath()
	if !ours && name != "Profile" {
		name = "Profile" + name // parts of a profile
	}
	ref := object{"$ref": "#/components/schemas/" + name}
	if s[name] != nil {
		return ref
	}
	properties := object{}
	schema := object{"type": "object", "properties": properties, "additionalProperties": false}
	s[name] = schema
	required := []string{}
	for _, f := range fields(t) {
		if !ours && ofLists[f.name] {
			continue
		}
		p := s.of(f.typ)
		if about := f.doc; about != "" {
			p["description"] = about
		} else if about := ofProfiles[f.name]; about != "" && !ours {
			p["description"] = about
		}
		properties[f.name] = p
		if ours && f.required || !ours && slices.Contains([]string{"kind", "names"}, f.name) && name == "Profile" {
			required = append(required, f.name)
		}
	}
	if len(required) > 0 {
		schema["required"] = required
	}
	return ref
}

// ofProfiles tells of fields whose types have no words of their own for the document.
var ofProfiles = map[string]string{
	"names": "The name as in the papers first; others, former names and other scripts behind it.", "full": "The whole name, as written.",
	"birth": "Day of birth; several where it is not certain which.", "nationalities": "All of them, ISO 3166-1 codes.",
	"residence": "Where they live, or the firm has its office.", "permits": "Residence permits (Regulation (EU) No 833/2014, Article 5b(3)).",
	"owners": "Of a firm, with their shares.", "share_bp": "In basis points: 5000 is one half.", "until": "Last day; left out for a permanent one.",
	"identifiers": "Numbers of documents.", "wallets": "Addresses that they call their own.",
}

// facts lists the facts that an asker may tell.
func (s schemas) facts() object {
	if s["Facts"] == nil {
		properties := object{}
		for _, d := range law.Schema() {
			if !exchange.Tells(d.Name) {
				continue
			}
			p := map[law.FactType]object{
				law.TextFact: {"type": "string"}, law.TextsFact: {"type": "array", "items": object{"type": "string"}}, law.NumberFact: {"type": "integer"},
				law.TruthFact: {"type": "boolean"}, law.SharesFact: {"type": "object", "additionalProperties": object{"type": "integer"}},
			}[d.Type]
			p["description"] = d.Text
			properties[d.Name] = p
		}
		s["Facts"] = object{"type": "object", "properties": properties, "additionalProperties": false}
	}
	return object{"$ref": "#/components/schemas/Facts"}
}
