package binance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

// fill gives every field of a value something, or leaves it out, as r has it.
func fill(r *rand.Rand, v reflect.Value) {
	texts := []string{"", "0.00100000", "BTCUSDT", "a\"b\\c", "<&>", "é\u2028", "\x00\n\x7f", "\xff"}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i))
		}
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.String:
		v.SetString(texts[r.IntN(len(texts))])
	case reflect.Int64:
		v.SetInt([]int64{0, -1, 1, math.MaxInt64, math.MinInt64}[r.IntN(5)])
	case reflect.Uint32, reflect.Uint64:
		v.SetUint([]uint64{0, 1, math.MaxUint32, math.MaxUint64}[r.IntN(4)] & (1<<v.Type().Bits() - 1))
	case reflect.Pointer:
		if r.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem())
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(4), 4))
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	default:
		panic("a field of kind " + v.Kind().String())
	}
}

// TestWrite: whatever an answer to an order says, it is written as encoding/json writes it.
func TestWrite(t *testing.T) {
	for _, of := range []any{orderAck{}, orderResult{}, orderFull{}, canceledOrder{}, orderRow{}, struct{}{}, []any{}} {
		t.Run(fmt.Sprintf("%T", of), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			for range 2000 {
				v := reflect.New(reflect.TypeOf(of)).Elem()
				if v.Type() != reflect.TypeFor[[]any]() {
					fill(r, v)
				}
				var want bytes.Buffer
				e := json.NewEncoder(&want)
				e.SetEscapeHTML(false)
				if err := e.Encode(v.Interface()); err != nil {
					t.Fatal(err)
				}
				if got, err := write(v.Interface()); err != nil || !bytes.Equal(got, want.Bytes()) {
					t.Fatalf("%+v is written, %v\n%s\nand by encoding/json\n%s", v.Interface(), err, got, want.Bytes())
				}
			}
		})
	}
}
