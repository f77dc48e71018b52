package tape

import (
	"fmt"

	"sallyport/law"
	"sallyport/money"
)

// A Form writes or reads one value after another as this package does: for what follows the log
// and is kept beside it. As in coder, one list of fields serves both directions.
type Form struct{ c coder }

// Write is a form to be written.
func Write() *Form { return &Form{coder{b: make([]byte, 0, 1<<16)}} }

// Read is a form that was written; each value's own checks are made.
func Read(b []byte) *Form { return &Form{coder{b: b, reading: true}} }

// Reading reports the direction.
func (f *Form) Reading() bool { return f.c.reading }

// Bytes is what was written.
func (f *Form) Bytes() ([]byte, error) { return f.c.b, f.c.err }

// End is the error of a reading, which must have come to the end of the bytes.
func (f *Form) End() error {
	if f.c.err == nil && len(f.c.b) != 0 {
		f.Fail(fmt.Errorf("%d bytes left over", len(f.c.b)))
	}
	return f.c.err
}

// Fail ends it with an error, if none has ended it before.
func (f *Form) Fail(err error) { f.c.fail(err) }

// Of is a value of one of the types listed here; another is a mistake of the caller.
func (f *Form) Of(values ...any) {
	c := &f.c
	for _, v := range values {
		switch v := v.(type) {
		case *uint64:
			c.u64(v)
		case *uint32:
			c.u32(v)
		case *uint16:
			c.u16(v)
		case *uint8:
			c.u8(v)
		case *int64:
			c.time(v)
		case *bool:
			c.bool(v)
		case *Hash:
			c.hash(v)
		case *string:
			f.text(v)
		case *[]byte:
			c.bytes(v, maxBody)
		case *money.Amount:
			c.amount(v)
		case *Balances:
			for i := range v {
				c.amount(&v[i])
			}
		case *law.Verb:
			narrow(c, v, 255)
		case *Phase:
			narrow(c, v, 255)
		case *Cause:
			narrow(c, v, 255)
		case *[]law.Side:
			codeSides(c, v)
		case *Standing:
			v.code(c)
		case *Genesis:
			v.code(c)
		case *TakeEdition:
			v.code(c)
		case *MarkVolume:
			v.code(c)
		case *MarkRule:
			v.code(c)
		case *SetOperatorUser:
			v.code(c)
		case *Order:
			v.code(c)
		case *OrderList:
			v.code(c)
		case *Traded:
			v.code(c)
		case *Prevented:
			v.code(c)
		case *DepositChanged:
			codeDeposit(c, v)
		case *WithdrawalChanged:
			codeWithdrawal(c, v)
		case *Cleared:
			codeCleared(c, v)
		case *ClearanceEnded:
			codeClearanceEnded(c, v)
		case *LicenceRecorded:
			codeLicence(c, v)
		case *LicenceEnded:
			codeLicenceEnded(c, v)
		default:
			panic(fmt.Sprintf("tape: no form of a %T", v))
		}
	}
}

// text is a text as long as a body may be.
func (f *Form) text(v *string) {
	b := []byte(*v)
	if f.c.bytes(&b, maxBody); f.c.reading {
		*v = string(b)
	}
}

// Rows is a list of any length.
func Rows[T any](f *Form, v *[]T, item func(*T)) { rows(&f.c, v, item) }
