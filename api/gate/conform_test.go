package gate

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// conforms holds an answer to the document: its status is one that the operation names, and
// its body is of the schema.
func conforms(doc object, method, path string, status int, header http.Header, body []byte) error {
	op, err := operationOf(doc, method, path)
	if err != nil {
		return err
	}
	answer, ok := op["responses"].(object)[strconv.Itoa(status)].(object)
	if !ok {
		return fmt.Errorf("%s %s: the document names no status %d", method, path, status)
	}
	content, ok := answer["content"].(object)
	if !ok {
		if len(body) > 0 {
			return fmt.Errorf("%s %s: the document gives %d no body, and there is one: %s", method, path, status, body)
		}
		return nil
	}
	if got := header.Get("Content-Type"); got != "application/json" {
		return fmt.Errorf("%s %s: Content-Type %q", method, path, got)
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return fmt.Errorf("%s %s: %d: %w: %s", method, path, status, err, body)
	}
	if err := valid(doc, content["application/json"].(object)["schema"].(object), "", v); err != nil {
		return fmt.Errorf("%s %s: %d: %w", method, path, status, err)
	}
	return nil
}

func operationOf(doc object, method, path string) (object, error) {
	path, _, _ = strings.Cut(path, "?")
	for pattern, item := range doc["paths"].(object) {
		form := "^" + regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(strings.ReplaceAll(pattern, ".", `\.`), "[^/]+") + "$"
		if regexp.MustCompile(form).MatchString(path) {
			if op, ok := item.(object)[strings.ToLower(method)].(object); ok {
				return op, nil
			}
		}
	}
	return nil, fmt.Errorf("the document has no %s %s", method, path)
}

// valid is a reading of JSON Schema as far as this document uses it; a word that it does not
// know is an error.
func valid(doc, schema object, at string, v any) error {
	fail := func(format string, args ...any) error { return fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...)) }
	if ref, ok := schema["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, "#/components/schemas/")
		target, ok := doc["components"].(object)["schemas"].(object)[name].(object)
		if !ok {
			return fail("no schema %s", name)
		}
		return valid(doc, target, at, v)
	}
	for word := range schema {
		if !slices.Contains([]string{"type", "enum", "pattern", "format", "minimum", "description", "properties", "required", "additionalProperties", "items", "minLength", "maxLength"}, word) {
			return fail("the checker does not know %q", word)
		}
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, v) {
		return fail("%v is none of %v", v, enum)
	}
	switch schema["type"] {
	case "string":
		s, ok := v.(string)
		if !ok {
			return fail("%v is no text", v)
		}
		if p, ok := schema["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(s) {
			return fail("%q is not of the form %s", s, p)
		}
		if schema["format"] == "date-time" {
			if _, err := time.Parse(time.RFC3339Nano, s); err != nil {
				return fail("%v", err)
			}
		}
	case "integer":
		n, ok := v.(float64)
		if !ok || n != float64(int64(n)) {
			return fail("%v is no whole number", v)
		}
		if least, ok := schema["minimum"].(float64); ok && n < least {
			return fail("%v is below %v", n, least)
		}
	case "number":
		if _, ok := v.(float64); !ok {
			return fail("%v is no number", v)
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			return fail("%v is neither true nor false", v)
		}
	case "array":
		list, ok := v.([]any)
		if !ok {
			return fail("%v is no list", v)
		}
		for i, item := range list {
			if err := valid(doc, schema["items"].(object), fmt.Sprintf("%s[%d]", at, i), item); err != nil {
				return err
			}
		}
	case "object":
		o, ok := v.(object)
		if !ok {
			return fail("%v is no object", v)
		}
		properties, _ := schema["properties"].(object)
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := o[name.(string)]; !ok {
				return fail("%s is missing", name)
			}
		}
		for name, value := range o {
			p, ok := properties[name].(object)
			if !ok {
				if schema["additionalProperties"] == false {
					return fail("there is a %s, of which the document says nothing", name)
				}
				continue
			}
			if err := valid(doc, p, at+"."+name, value); err != nil {
				return err
			}
		}
	default:
		return fail("the checker does not know the type %v", schema["type"])
	}
	return nil
}

// TestConformsFinds holds the checker itself to finding what is wrong.
func TestConformsFinds(t *testing.T) {
	var doc object
	if err := json.Unmarshal(document(routes()), &doc); err != nil {
		t.Fatal(err)
	}
	good := `{"code":"not_found","message":"No."}`
	header := http.Header{"Content-Type": {"application/json"}}
	if err := conforms(doc, "GET", "/gate/v1/customers/c1", 404, header, []byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path   string
		status int
		body   string
	}{
		{"/gate/v1/customers/c1", 418, good}, {"/gate/v1/nothing", 404, good}, {"/gate/v1/customers/c1", 404, `{"code":"x"}`},
		{"/gate/v1/customers/c1", 404, `{"code":"x","message":7}`}, {"/gate/v1/customers/c1", 404, `{"code":"x","message":"m","more":1}`}, {"/gate/v1/customers/c1", 200, good},
		{"/gate/v1/changes", 200, `{"changes":[],"next":-1}`}, {"/gate/v1/changes", 200, `{"changes":{},"next":1}`}, {"/gate/v1/changes", 200, `{"changes":[{}],"next":1}`},
	} {
		if conforms(doc, "GET", c.path, c.status, header, []byte(c.body)) == nil {
			t.Errorf("%+v passes", c)
		}
	}
}
