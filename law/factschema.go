package law

import (
	"bytes"
	"encoding/json"
)

// FactsJSONSchema is the JSON Schema (2020-12) of [Facts], made from [Schema]: for those who
// make facts in other programs. The file facts.schema.json beside the code is its output, and
// TestFactsJSONSchema holds the two together.
func FactsJSONSchema() []byte {
	properties := make(object, 0, len(schema))
	for _, d := range schema {
		properties = append(properties, member{d.Name, d.jsonSchema()})
	}
	b, err := json.Marshal(object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", "Facts of a decision"},
		{"description", "What is known when a decision is taken. A fact that is left out is unknown, which is never a default: a rule that needs it holds."},
		{"type", "object"},
		{"additionalProperties", false},
		{"properties", properties},
	})
	if err != nil {
		panic(err) // texts and numbers alone
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		panic(err)
	}
	out.WriteByte('\n')
	return out.Bytes()
}

func (d FactDoc) jsonSchema() object {
	described := object{{"description", d.Text}}
	switch d.Type {
	case TextFact:
		return append(described, d.textSchema()...)
	case TextsFact:
		return append(described, member{"type", "array"}, member{"uniqueItems", true}, member{"maxItems", maxTexts}, member{"items", d.textSchema()})
	case NumberFact:
		return append(described, member{"type", "integer"})
	case TruthFact:
		return append(described, member{"type", "boolean"})
	}
	return append(described, member{"type", "object"}, member{"maxProperties", maxTexts}, member{"propertyNames", d.textSchema()},
		member{"additionalProperties", object{{"type", "integer"}, {"minimum", 0}, {"maximum", 10000}}})
}

// textSchema says what one text of the fact must look like, as FactDoc.check has it.
func (d FactDoc) textSchema() object {
	o := object{{"type", "string"}, {"maxLength", maxTextLen}}
	if p := d.Form.pattern(); p != "" {
		if d.Blank {
			p = "^$|" + p
		}
		return append(o, member{"pattern", p})
	}
	switch {
	case d.Form == ActionForm:
		return append(o, member{"enum", Actions()})
	case d.Form == KindForm:
		return append(o, member{"enum", []string{"person", "organisation"}})
	case !d.Blank:
		o = append(o, member{"minLength", 1})
	}
	return o
}

// pattern is the regular expression of a form, "" where it has none. All are written so that
// ECMA-262, which JSON Schema speaks, reads them as Go does.
func (f Form) pattern() string {
	switch f {
	case CountryForm:
		return countryForm.String()
	case AreaForm:
		return areaForm.String()
	case PlaceForm:
		return placeForm.String()
	case ListForm, LicenceForm:
		return listForm.String()
	case MeasureForm:
		return measureForm.String()
	case NexusForm:
		return nexusForm.String()
	case AssetForm:
		return assetForm.String()
	}
	return ""
}

// An object is a JSON object whose members stay in their order.
type object []member

type member struct {
	name  string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, part := range []any{m.name, m.value} {
			if j > 0 {
				b.WriteByte(':')
			}
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(part); err != nil {
				return nil, err
			}
			b.Truncate(b.Len() - 1) // the line feed
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
