package fix

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

const (
	begin   = "8=FIX.4.4\x01"
	soh     = 1
	maxBody = 8 << 10 // bytes of a client's message between BodyLength and CheckSum

	maxFields = 256
)

// Tags of fields, by their names in FIX 4.4 and, from 25000 on, in the published schema.
const (
	tagClOrdID          = 11
	tagCumQty           = 14
	tagExecID           = 17
	tagExecInst         = 18
	tagLastPx           = 31
	tagLastQty          = 32
	tagMsgSeqNum        = 34
	tagMsgType          = 35
	tagOrderID          = 37
	tagOrderQty         = 38
	tagOrdStatus        = 39
	tagOrdType          = 40
	tagOrigClOrdID      = 41
	tagPrice            = 44
	tagRefSeqNum        = 45
	tagSender           = 49
	tagSendingTime      = 52
	tagSide             = 54
	tagSymbol           = 55
	tagTarget           = 56
	tagText             = 58
	tagForce            = 59
	tagTransactTime     = 60
	tagListID           = 66
	tagNoOrders         = 73
	tagRawLength        = 95
	tagRawData          = 96
	tagEncrypt          = 98
	tagOrdReject        = 103
	tagHeartBtInt       = 108
	tagMaxFloor         = 111
	tagTestReqID        = 112
	tagNoMiscFees       = 136
	tagFee              = 137
	tagFeeCurrency      = 138
	tagFeeType          = 139
	tagReset            = 141
	tagExecType         = 150
	tagLeaves           = 151
	tagCashQty          = 152
	tagRefTag           = 371
	tagRefType          = 372
	tagRejectReason     = 373
	tagListStatusType   = 429
	tagListOrderStatus  = 431
	tagCxlResponseTo    = 434
	tagMassType         = 530
	tagMassResponse     = 531
	tagMassReason       = 532
	tagAffected         = 533
	tagUsername         = 553
	tagWorking          = 636
	tagStrategyType     = 847
	tagTradeID          = 1003
	tagAggressor        = 1057
	tagTrigger          = 1100
	tagTriggerAction    = 1101
	tagTriggerPrice     = 1102
	tagTriggerPriceType = 1107
	tagTriggerDirection = 1109
	tagContingency      = 1385
	tagListReject       = 1386
	tagReqID            = 6136
	tagStrategyID       = 7940
	tagDropCopy         = 9406
	tagRecvWindow       = 25000
	tagSelfTrade        = 25001
	tagRestrictions     = 25002
	tagNoLimits         = 25003
	tagLimitType        = 25004
	tagLimitCount       = 25005
	tagLimitMax         = 25006
	tagLimitInterval    = 25007
	tagLimitUnit        = 25008
	tagTrail            = 25009
	tagNoListTriggers   = 25010
	tagListTriggerWhen  = 25011
	tagListTriggerOf    = 25012
	tagListTriggerThen  = 25013
	tagClListID         = 25014
	tagOrigListID       = 25015
	tagErrorCode        = 25016
	tagCumQuote         = 25017
	tagCreated          = 25018
	tagTrailingTime     = 25022
	tagWorkingTime      = 25023
	tagPrevented        = 25024
	tagPreventedPrice   = 25025
	tagPreventedExecQty = 25026
	tagTradeGroup       = 25027
	tagCounterSymbol    = 25028
	tagCounterOrder     = 25029
	tagPreventedQty     = 25030
	tagLastPrevented    = 25031
	tagSOR              = 25032
	tagReplaceMode      = 25033
	tagCancelClOrdID    = 25034
	tagHandling         = 25035
	tagResponseMode     = 25036
	tagUUID             = 25037
	tagRateMode         = 25038
	tagOPO              = 25046
	tagExpiry           = 25056
)

// publishedTags are those of the published schema of order entry, ascending, whether they are served or not.
var publishedTags = []int{
	8, 9, 10, 11, 14, 17, 18, 31, 32, 34, 35, 37, 38, 39, 40, 41, 44, 45, 49, 52, 54, 55, 56, 58, 59, 60, 66, 70, 73, 95, 96, 98, 103, 108, 111, 112, 136, 137, 138, 139,
	141, 148, 150, 151, 152, 211, 371, 372, 373, 429, 431, 434, 530, 531, 532, 533, 553, 574, 636, 811, 835, 836, 839, 847, 1003, 1057, 1094, 1100, 1101, 1102, 1107, 1109,
	1385, 1386, 6136, 7940, 9406, 25000, 25001, 25002, 25003, 25004, 25005, 25006, 25007, 25008, 25009, 25010, 25011, 25012, 25013, 25014, 25015, 25016, 25017, 25018, 25021,
	25022, 25023, 25024, 25025, 25026, 25027, 25028, 25029, 25030, 25031, 25032, 25033, 25034, 25035, 25036, 25037, 25038, 25045, 25046, 25050, 25051, 25052, 25056,
}

// A field is one tag and its value.
type field struct {
	tag   int
	value string
}

// A message is a client's, without BeginString, BodyLength and CheckSum: those have been
// checked and say nothing more. The first field is its MsgType.
type message []field

// get is a field's value, or "" where it was not sent.
func (m message) get(tag int) string {
	for _, f := range m {
		if f.tag == tag {
			return f.value
		}
	}
	return ""
}

func (m message) has(tag int) bool {
	for _, f := range m {
		if f.tag == tag {
			return true
		}
	}
	return false
}

// errGarbled is for bytes that are no message: where the next one begins cannot be told.
var errGarbled = errors.New("garbled message")

func garbled(why string, args ...any) error {
	return fmt.Errorf("%w: "+why, append([]any{errGarbled}, args...)...)
}

// read reads one message. It takes no more than maxBody bytes of it.
func read(r *bufio.Reader) (message, error) {
	var head [len(begin)]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	if string(head[:]) != begin {
		return nil, garbled("want %s first", "BeginString (8) FIX.4.4")
	}
	sum := checksum(0, head[:])
	length, err := r.Peek(2)
	if err != nil {
		return nil, err
	}
	if string(length) != "9=" {
		return nil, garbled("want BodyLength (9) second")
	}
	n, digits := 0, 0
	for {
		b, err := r.ReadByte()
		if err != nil {
			return nil, err
		}
		sum += b
		digits++
		if digits <= 2 {
			continue // 9=
		}
		if b == soh && digits > 3 {
			break
		}
		if b < '0' || b > '9' || digits > 10 {
			return nil, garbled("BodyLength (9) is no length")
		}
		if n = n*10 + int(b-'0'); n > maxBody {
			return nil, garbled("a message of more than %d bytes", maxBody)
		}
	}
	body := make([]byte, n+len("10=000\x01"))
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, err
	}
	body, trailer := body[:n], body[n:]
	if want := fmt.Sprintf("10=%03d\x01", checksum(sum, body)); string(trailer) != want {
		return nil, garbled("BodyLength (9) or CheckSum (10) is wrong")
	}
	return parse(body)
}

func checksum(sum byte, b []byte) byte {
	for _, c := range b {
		sum += c
	}
	return sum
}

// parse reads the fields of a body.
func parse(body []byte) (message, error) {
	var m message
	for len(body) > 0 {
		eq := bytes.IndexByte(body, '=')
		if eq < 1 || eq > 5 || body[0] == '0' {
			return nil, garbled("a field without a tag")
		}
		tag, err := strconv.ParseUint(string(body[:eq]), 10, 31)
		if err != nil {
			return nil, garbled("a field without a tag")
		}
		body = body[eq+1:]
		end := bytes.IndexByte(body, soh)
		if tag == tagRawData && len(m) > 0 && m[len(m)-1].tag == tagRawLength {
			// Data may hold what ends other fields; its length is said before it.
			end, err = strconv.Atoi(m[len(m)-1].value)
			if err != nil || end < 0 || end >= len(body) || body[end] != soh {
				return nil, garbled("RawDataLength (95) is not that of RawData (96)")
			}
		}
		if end < 0 {
			return nil, garbled("a field that does not end")
		}
		if len(m) == maxFields {
			return nil, garbled("more than %d fields", maxFields)
		}
		m = append(m, field{int(tag), string(body[:end])})
		body = body[end+1:]
	}
	if len(m) == 0 || m[0].tag != tagMsgType {
		return nil, garbled("want MsgType (35) third")
	}
	return m, nil
}

// text is whether a value is of printable ASCII, and something.
func text(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return s != ""
}

// encode is a message of the exchange as it is sent.
func encode(m message) []byte {
	var body []byte
	for _, f := range m {
		body = strconv.AppendInt(body, int64(f.tag), 10)
		body = append(body, '=')
		for i := range len(f.value) {
			c := f.value[i]
			if c < ' ' || c > '~' {
				c = '?'
			}
			body = append(body, c)
		}
		body = append(body, soh)
	}
	b := fmt.Appendf(nil, "%s9=%d\x01%s", begin, len(body), body)
	return fmt.Appendf(b, "10=%03d\x01", checksum(0, b))
}

// stamp is a time as the exchange writes it.
func stamp(t time.Time) string { return t.UTC().Format("20060102-15:04:05.000000") }

// stampMillis is one of the exchange's times in milliseconds.
func stampMillis(ms int64) string { return stamp(time.UnixMilli(ms)) }

// timeOf reads a client's time: of seconds, milliseconds or microseconds.
func timeOf(s string) (time.Time, bool) {
	const layout = "20060102-15:04:05"
	if n := len(s) - len(layout); n != 0 && n != 4 && n != 7 || strings.Contains(s, ",") {
		return time.Time{}, false
	}
	t, err := time.Parse(layout, s) // takes a fraction too
	return t, err == nil && t.Year() > 2000
}
