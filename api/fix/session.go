package fix

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/api/binance"
	"sallyport/exchange"
)

// A session is one connection. It is of its own goroutine alone; another only reads.
type session struct {
	s    *Server
	conn net.Conn
	link *binance.Link

	name     string // the client's SenderCompID, once it has been said
	entered  bool   // and is that of a session of its account
	in, out  uint32 // numbers of the last messages; after the highest comes 0, as published
	interval time.Duration
	patience time.Duration // with a client that does not read
	lastIn   time.Time
	lastOut  time.Time
	asked    string // TestReqID that is waited for, or ""
	askedAt  time.Time
	tests    int

	dropCopy bool // it is told what happens and asks for nothing
	acksOnly bool
	acks     map[ack]bool // that are still to come, where nothing else is told

	window int64 // the seconds in which messages are counted
	sent   int
}

// A pace is how many messages a client may send in how many seconds, as published.
type pace struct{ most, seconds int }

var (
	ofOrders   = pace{10_000, 10}
	ofDropCopy = pace{60, 60}
)

func (s *session) pace() pace {
	if s.dropCopy {
		return ofDropCopy
	}
	return ofOrders
}

// An ack is the first that is told of what a client has asked for: of an order, or of an order list.
type ack struct {
	id   uint64
	what string // the ExecutionReport's type, or the ListStatus's
}

const server = "SPOT" // the exchange's name, as published

// A reject is a session-level refusal: the message cannot be what the client means.
type reject struct {
	reason int // SessionRejectReason
	tag    int // RefTagID, or 0
	code   int // ErrorCode
	text   string
	last   string // of the Logout where the session ends with it; "": the same
}

const (
	tagMissing     = 1
	tagNotDefined  = 2
	tagUndefined   = 3
	valueIncorrect = 5
	badFormat      = 6
	badSignature   = 8
	badTime        = 10
	tagTwice       = 13

	groupDisordered = 15
	groupMiscounted = 16
	other           = 99
)

func absent(tag int) *reject {
	return &reject{reason: tagMissing, tag: tag, code: -1102, text: fmt.Sprintf("Required tag '%d' missing.", tag)}
}

func incorrect(tag int) *reject {
	return &reject{reason: valueIncorrect, tag: tag, code: -1130, text: fmt.Sprintf("Data sent for field (%d) is not valid.", tag)}
}

func twice(tag int) *reject {
	return &reject{reason: tagTwice, tag: tag, code: -1171, text: fmt.Sprintf("Tag '%d' appears more than once.", tag)}
}

// undefined is of a field that a message does not have, or no message has.
func undefined(tag int) *reject {
	if _, ok := slices.BinarySearch(publishedTags, tag); !ok {
		return &reject{reason: tagUndefined, tag: tag, code: -1103, text: "Undefined Tag."}
	}
	return &reject{reason: tagNotDefined, tag: tag, code: -1170, text: fmt.Sprintf("Tag '%d' not defined for this message type.", tag)}
}

// errOver ends a session in which all has been said.
var errOver = errors.New("the session is over")

// ending is why a session ends, in the words of its Logout.
type ending string

func (e ending) Error() string { return string(e) }

// session serves a connection until it ends.
func (s *Server) session(c net.Conn) {
	link, err := s.wire.Link(remoteOf(c))
	ses := &session{s: s, conn: c, link: link, patience: writeWithin, acks: map[ack]bool{}}
	if err != nil {
		ses.goodbye(err)
		return
	}
	defer link.Close()
	in, failed, stop := make(chan message), make(chan error, 1), make(chan struct{})
	defer close(stop)
	_ = c.SetReadDeadline(time.Now().Add(logonWithin)) // of a closed connection the read tells
	go func() {
		r := bufio.NewReaderSize(c, 4096)
		for {
			m, err := read(r)
			if err != nil {
				failed <- err
				return
			}
			select {
			case in <- m:
			case <-stop:
				return
			}
		}
	}()
	err = ses.run(in, failed)
	ses.goodbye(err)
	if ses.entered {
		s.leave(link.Account(), ses.name)
	}
}

// run answers until there is a reason to end.
func (s *session) run(in <-chan message, failed <-chan error) error {
	select {
	case m := <-in:
		if err := s.logon(m); err != nil {
			return err
		}
	case err := <-failed:
		return s.unread(err)
	case <-s.link.Ended():
		return s.link.Why()
	}
	_ = s.conn.SetReadDeadline(time.Time{}) // from here on heartbeats say whether anybody is there
	beat := time.NewTicker(max(s.interval/10, time.Millisecond))
	defer beat.Stop()
	for {
		var err error
		select {
		case m := <-in:
			err = s.take(m)
		case b := <-s.link.Events():
			err = s.tell(b)
		case <-beat.C:
			err = s.beat(time.Now())
		case err = <-failed:
			err = s.unread(err)
		case <-s.link.Ended():
			for { // what was told before the end
				select {
				case b := <-s.link.Events():
					if err := s.tell(b); err != nil {
						return err
					}
					continue
				default:
				}
				return s.link.Why()
			}
		}
		if err != nil {
			return err
		}
	}
}

// unread is why nothing more is read.
func (s *session) unread(err error) error {
	if errors.Is(err, errGarbled) {
		return s.turnAway(nil, &reject{reason: other, code: -1177, text: err.Error()})
	}
	return errOver
}

// goodbye says why it ends, if there is anybody to say it to.
func (s *session) goodbye(why error) {
	if why == nil || errors.Is(why, errOver) {
		return
	}
	s.patience = goodbyeWithin
	_ = s.send(message{{tagMsgType, "5"}, {tagText, why.Error()}}) // whoever does not read it has gone
}

// send numbers a message and sends it.
func (s *session) send(m message) error {
	s.out++
	to := s.name
	if to == "" {
		to = "UNKNOWN"
	}
	head := message{m[0], {tagMsgSeqNum, strconv.FormatUint(uint64(s.out), 10)}, {tagSender, server}, {tagSendingTime, stamp(s.s.o.Clock())}, {tagTarget, to}}
	if err := s.conn.SetWriteDeadline(time.Now().Add(s.patience)); err != nil {
		return errOver
	}
	if _, err := s.conn.Write(encode(append(head, m[1:]...))); err != nil {
		return errOver
	}
	s.lastOut = time.Now()
	return nil
}

var (
	compID   = regexp.MustCompile(`^[a-zA-Z0-9-_]{1,8}$`)
	clientID = regexp.MustCompile(`^[a-zA-Z0-9-_]{1,36}$`)
	window   = regexp.MustCompile(`^[0-9]{1,5}(\.[0-9]{1,3})?$`)
)

// header checks what every message begins with and gives what an endpoint asks of it. An
// error ends the session.
func (s *session) header(m message) (params map[string]string, wrong *reject, err error) {
	seq, err := strconv.ParseUint(m.get(tagMsgSeqNum), 10, 32)
	if err != nil {
		return nil, nil, s.turnAway(m, s.unexpected("MsgSeqNum (34) is missing or no number."))
	}
	if want := s.in + 1; uint32(seq) != want {
		kind := "too low"
		if uint32(seq) > want {
			kind = "too high"
		}
		return nil, nil, s.turnAway(m, s.unexpected(fmt.Sprintf("MsgSeqNum (34) is %s: expected %d, received %d. Nothing is sent again; log on anew.", kind, want, seq)))
	}
	s.in = uint32(seq)
	if m.get(tagSender) != s.name {
		return nil, nil, s.turnAway(m, otherSender)
	}
	if m.get(tagTarget) != server {
		return nil, nil, s.turnAway(m, incorrect(tagTarget))
	}
	for i, f := range m {
		if !text(f.value) && f.tag != tagRawData {
			why := "Only printable ASCII characters and SOH (Start of Header) are allowed."
			if f.value == "" {
				why = "Tag specified without a value."
			}
			return nil, &reject{reason: badFormat, tag: f.tag, code: -1177, text: why}, nil
		}
		if slices.ContainsFunc(m[:i], func(o field) bool { return o.tag == f.tag }) && !repeats(m, f.tag) {
			return nil, twice(f.tag), nil
		}
	}
	if !m.has(tagSendingTime) {
		return nil, absent(tagSendingTime), nil
	}
	at, ok := timeOf(m.get(tagSendingTime))
	if !ok {
		return nil, &reject{reason: badFormat, tag: tagSendingTime, code: -1100, text: "SendingTime (52) is no time."}, nil
	}
	params = map[string]string{"timestamp": strconv.FormatInt(at.UnixMicro(), 10)}
	if m.has(tagRecvWindow) {
		if !window.MatchString(m.get(tagRecvWindow)) {
			return nil, incorrect(tagRecvWindow), nil
		}
		params["recvWindow"] = m.get(tagRecvWindow)
	}
	return params, nil, nil
}

var headerFields = map[int]bool{tagMsgType: true, tagMsgSeqNum: true, tagSender: true, tagSendingTime: true, tagTarget: true, tagRecvWindow: true}

// only refuses fields that a message does not have: leaving them aside would do something else
// than the client means.
func only[T any](m message, fields map[int]T) *reject {
	for _, f := range m {
		if _, ok := fields[f.tag]; !ok && !headerFields[f.tag] {
			return undefined(f.tag)
		}
	}
	return nil
}

// need refuses a message that lacks a field.
func need(m message, tags ...int) *reject {
	for _, tag := range tags {
		if !m.has(tag) {
			return absent(tag)
		}
	}
	return nil
}

var logonFields = map[int]bool{
	tagEncrypt: true, tagHeartBtInt: true, tagRawLength: true, tagRawData: true, tagReset: true, tagUsername: true, tagHandling: true, tagResponseMode: true, tagDropCopy: true,
}

// logon answers the first message.
func (s *session) logon(m message) error {
	if m.get(tagMsgType) != "A" {
		return s.turnAway(m, &reject{reason: other, tag: tagMsgType, code: -1180, text: "Logon<A> must be the first message in the session."})
	}
	if !compID.MatchString(m.get(tagSender)) {
		return s.turnAway(m, otherSender)
	}
	s.name = m.get(tagSender)
	params, wrong, err := s.header(m)
	if err != nil {
		return err
	}
	if wrong == nil {
		wrong = only(m, logonFields)
	}
	if wrong == nil {
		wrong = need(m, tagEncrypt, tagHeartBtInt, tagRawLength, tagRawData, tagReset, tagUsername, tagHandling)
	}
	interval, _ := strconv.Atoi(m.get(tagHeartBtInt))
	mode := m.get(tagResponseMode)
	if wrong == nil {
		switch {
		case m.get(tagEncrypt) != "0":
			wrong = incorrect(tagEncrypt)
		case interval < 5 || interval > 60:
			wrong = incorrect(tagHeartBtInt)
		case m.get(tagReset) != "Y":
			wrong = &reject{reason: valueIncorrect, tag: tagReset, code: -1175, text: "Continuation of sequence numbers to new session is currently unsupported. Sequence numbers must be reset for each new session."}
		case m.get(tagHandling) != "1" && m.get(tagHandling) != "2":
			wrong = incorrect(tagHandling)
		case m.has(tagDropCopy) && m.get(tagDropCopy) != "N" && m.get(tagDropCopy) != "Y":
			wrong = incorrect(tagDropCopy)
		case mode != "" && mode != "1" && (mode != "2" || m.get(tagDropCopy) == "Y"): // a copy has nothing to acknowledge
			wrong = incorrect(tagResponseMode)
		}
	}
	if wrong != nil {
		return s.turnAway(m, wrong)
	}
	s.dropCopy = m.get(tagDropCopy) == "Y"
	may := []exchange.KeyMay{exchange.KeyTrades}
	if s.dropCopy {
		may = append(may, exchange.KeyReads)
	}
	if err := s.link.Logon(m.get(tagUsername), payload(m), m.get(tagRawData), params, may...); err != nil {
		return s.turnAway(m, refusalOf(err).reject())
	}
	if r := s.s.enter(s.link.Account(), s.name, s.dropCopy); r != nil {
		return s.turnAway(m, (*refusal)(r).reject())
	}
	s.entered, s.acksOnly, s.interval = true, mode == "2", time.Duration(interval)*s.s.o.second
	s.lastIn = time.Now()
	return s.send(message{{tagMsgType, "A"}, {tagEncrypt, "0"}, {tagHeartBtInt, m.get(tagHeartBtInt)}, {tagUUID, s.s.uuid}})
}

// payload is what a Logon signs.
func payload(m message) string {
	return strings.Join([]string{m.get(tagMsgType), m.get(tagSender), m.get(tagTarget), m.get(tagMsgSeqNum), m.get(tagSendingTime)}, "\x01")
}

// otherSender is of a SenderCompID that is none, or not the one that the session began with.
var otherSender = &reject{reason: valueIncorrect, tag: tagSender, code: -1178,
	text: "SenderCompId(49) contains an incorrect value. The SenderCompID value should not change throughout the lifetime of a session."}

// unexpected is of a number that is not the next; the Logout says more.
func (s *session) unexpected(more string) *reject {
	return &reject{reason: valueIncorrect, tag: tagMsgSeqNum, code: -1179, text: fmt.Sprintf("MsgSeqNum(34) contains an unexpected value. Expected: '%d'.", s.in+1), last: more}
}

// turnAway refuses a message, and that is the end.
func (s *session) turnAway(m message, r *reject) error {
	if err := s.reject(m, r); err != nil {
		return err
	}
	if r.last != "" {
		return ending(r.last)
	}
	return ending(r.text)
}

// reject answers a message that cannot be what the client means.
func (s *session) reject(m message, r *reject) error {
	a := message{{tagMsgType, "3"}, {tagRefSeqNum, strconv.FormatUint(uint64(s.in), 10)}}
	if r.tag != 0 {
		a = append(a, field{tagRefTag, strconv.Itoa(r.tag)})
	}
	if kind := m.get(tagMsgType); text(kind) {
		a = append(a, field{tagRefType, kind})
	}
	return s.send(append(a, field{tagRejectReason, strconv.Itoa(r.reason)}, field{tagErrorCode, strconv.Itoa(r.code)}, field{tagText, r.text}))
}

// refusalOf is what a link has refused.
func refusalOf(err error) *refusal {
	var r *binance.Refusal
	if !errors.As(err, &r) {
		panic(err) // links give no others
	}
	return (*refusal)(r)
}

type refusal binance.Refusal

// reject is a refusal as one of the session's.
func (r *refusal) reject() *reject {
	j := &reject{reason: valueIncorrect, code: r.Code, text: worded((*binance.Refusal)(r))}
	switch r.Code {
	case -1033:
		j.tag = tagSender
	case -1102, -1105:
		j.reason = tagMissing
	case -1100, -1111:
		j.reason = badFormat
	case -1106:
		j.reason = tagNotDefined
	case -1021, -1131:
		j.reason, j.tag = badTime, tagSendingTime
	case -1022, -2014, -2015, -4056:
		j.reason = badSignature
	case -1000, -1003, -1007, -1016, -1034:
		j.reason = other
	case -1121:
		j.tag = tagSymbol
	}
	return j
}

// ofForm is whether a request was refused for its form and not for what it asks: the published
// API answers those with a Reject, the others with a report of what was asked.
func (r *refusal) ofForm() bool { return -1199 <= r.Code && r.Code <= -1100 || r.Code == -1021 }

// unreported is whether a Reject answers a request and no report of what was asked: it is of form, or whether it is carried
// out is not known, of which a report would say that it is not.
func (r *refusal) unreported() bool { return r.ofForm() || r.Code == -1000 || r.Code == -1007 }

// entering are the messages that only those may send who enter orders.
var entering = []string{"D", "E", "F", "XCN", "XAK", "q"}

// take answers a message after the Logon.
func (s *session) take(m message) error {
	p := s.pace()
	if w := s.s.o.Clock().Unix() / int64(p.seconds); w != s.window {
		s.window, s.sent = w, 0
	}
	if s.sent++; s.sent > p.most {
		return ending(fmt.Sprintf("Too many messages; current limit is %d messages per %d SECOND.", p.most, p.seconds))
	}
	s.lastIn = time.Now()
	params, wrong, err := s.header(m)
	if err != nil {
		return err
	}
	if wrong != nil {
		return s.reject(m, wrong)
	}
	kind := m.get(tagMsgType)
	if s.dropCopy && slices.Contains(entering, kind) {
		return s.reject(m, &reject{reason: other, tag: tagMsgType, code: -1183, text: "Requested operation is not allowed in DropCopy sessions."})
	}
	switch kind {
	case "0":
		if s.asked != "" && m.get(tagTestReqID) == s.asked {
			s.asked = ""
		}
		return nil
	case "1":
		if wrong := need(m, tagTestReqID); wrong != nil {
			return s.reject(m, wrong)
		}
		return s.send(message{{tagMsgType, "0"}, {tagTestReqID, m.get(tagTestReqID)}})
	case "3":
		s.s.o.Log.Warn("a client rejected a message", "account", s.link.Account(), "text", m.get(tagText))
		return nil
	case "5":
		if err := s.send(message{{tagMsgType, "5"}, {tagText, "Logout acknowledgment."}}); err != nil {
			return err
		}
		return errOver
	case "A":
		return s.reject(m, &reject{reason: other, tag: tagMsgType, code: -1176, text: "Logon<A> should only be sent once."})
	case "D":
		return s.order(m, params)
	case "E":
		return s.list(m, params)
	case "F":
		return s.cancel(m, params)
	case "XCN":
		return s.replace(m, params)
	case "XAK":
		return s.amend(m, params)
	case "q":
		return s.cancelAll(m, params)
	case "XLQ":
		return s.limits(m, params)
	case "2", "4":
		return s.reject(m, &reject{reason: other, tag: tagMsgType, code: -1020, text: "Nothing is sent again here."})
	}
	return s.reject(m, &reject{reason: other, tag: tagMsgType, code: -1020, text: "This message is not served here."})
}

// order answers a NewOrderSingle. What becomes of the order is told with the account's events.
func (s *session) order(m message, params map[string]string) error {
	wrong := only(m, orderFields)
	if wrong == nil {
		wrong = need(m, tagClOrdID, tagOrdType, tagSide, tagSymbol)
	}
	if wrong == nil {
		wrong = named36(m, tagClOrdID)
	}
	var asked map[string]string
	if wrong == nil {
		asked, wrong = orderOf(m, orderFields)
	}
	if wrong != nil {
		return s.reject(m, wrong)
	}
	return s.ask("POST", "/api/v3/order", params, asked, "NEW", m, refusedOrder)
}

// cancel answers an OrderCancelRequest of an order or an order list.
func (s *session) cancel(m message, params map[string]string) error {
	wrong := only(m, cancelFields)
	if wrong == nil {
		wrong = need(m, tagClOrdID, tagSymbol)
	}
	if wrong == nil {
		wrong = named36(m, tagClOrdID, tagOrigClOrdID, tagOrigListID)
	}
	lists := m.has(tagListID) || m.has(tagOrigListID)
	if wrong == nil && lists == (m.has(tagOrderID) || m.has(tagOrigClOrdID)) {
		if lists {
			wrong = incorrect(tagListID) // which of the two?
		} else {
			wrong = absent(tagOrderID)
		}
	}
	p := copied(m, cancelFields)
	if m.has(tagRestrictions) {
		p["cancelRestrictions"] = restrictions[m.get(tagRestrictions)]
		if wrong == nil && (lists || p["cancelRestrictions"] == "") { // a list is in no such state
			wrong = incorrect(tagRestrictions)
		}
	}
	if wrong != nil {
		return s.reject(m, wrong)
	}
	path := "/api/v3/order"
	if lists {
		path = "/api/v3/orderList"
	}
	return s.ask("DELETE", path, params, p, "CANCELED", m, refusedCancel)
}

// replace answers an OrderCancelRequestAndNewOrderSingle. What becomes of a half that was taken is told
// with the account's events.
func (s *session) replace(m message, params map[string]string) error {
	wrong := only(m, replaceFields)
	if wrong == nil {
		wrong = need(m, tagReplaceMode, tagClOrdID, tagOrdType, tagSide, tagSymbol)
	}
	if wrong == nil {
		wrong = named36(m, tagClOrdID, tagOrigClOrdID, tagCancelClOrdID)
	}
	if wrong == nil && !m.has(tagOrderID) && !m.has(tagOrigClOrdID) {
		wrong = absent(tagOrderID)
	}
	var asked map[string]string
	if wrong == nil {
		asked, wrong = orderOf(m, replaceFields)
	}
	if wrong != nil {
		return s.reject(m, wrong)
	}
	maps.Copy(asked, params)
	answer, err := s.link.Do("POST", "/api/v3/order/cancelReplace", asked)
	var why refusal // of the half that was refused last
	if err != nil {
		r := refusalOf(err)
		switch {
		case r.unreported():
			return s.reject(m, r.reject())
		case r.Data == nil: // neither half was tried
			return s.send(refusedOrder(m, (*binance.Refusal)(r)))
		}
		answer, why = r.Data, refusal{Reason: r.Reason, Decision: r.Decision}
	}
	var of struct {
		CancelResult, NewOrderResult     string
		CancelResponse, NewOrderResponse json.RawMessage
	}
	if err := json.Unmarshal(answer, &of); err != nil {
		return err
	}
	first := why
	if of.NewOrderResult == "FAILURE" {
		first = refusal{}
	}
	if err := s.half(of.CancelResult, of.CancelResponse, "CANCELED", first, cancelOf(m), refusedCancel); err != nil {
		return err
	}
	return s.half(of.NewOrderResult, of.NewOrderResponse, "NEW", why, m, refusedOrder)
}

// half tells what came of a half: who hears acknowledgements only is to hear of it, and a refusal is
// told at once, with the decision that it rests on.
func (s *session) half(result string, answer json.RawMessage, execution string, why refusal, m message, refused func(message, *binance.Refusal) message) error {
	switch result {
	case "SUCCESS":
		return s.acknowledge(answer, execution)
	case "FAILURE":
		var r struct {
			Code int
			Msg  string
		}
		if err := json.Unmarshal(answer, &r); err != nil {
			return err
		}
		why.Code, why.Text = r.Code, r.Msg
		return s.send(refused(m, (*binance.Refusal)(&why)))
	}
	return nil // not attempted
}

// amend answers an OrderAmendKeepPriorityRequest.
func (s *session) amend(m message, params map[string]string) error {
	wrong := only(m, amendFields)
	if wrong == nil {
		wrong = need(m, tagClOrdID, tagSymbol, tagOrderQty)
	}
	if wrong == nil {
		wrong = named36(m, tagClOrdID, tagOrigClOrdID)
	}
	if wrong == nil && !m.has(tagOrderID) && !m.has(tagOrigClOrdID) {
		wrong = absent(tagOrderID)
	}
	if wrong != nil {
		return s.reject(m, wrong)
	}
	return s.ask("PUT", "/api/v3/order/amend/keepPriority", params, copied(m, amendFields), "REPLACED", m, refusedAmend)
}

// ask asks an endpoint that changes orders. Whoever hears acknowledgements only hears of those
// that the answer names.
func (s *session) ask(method, path string, params, asked map[string]string, execution string, m message, refused func(message, *binance.Refusal) message) error {
	maps.Copy(asked, params)
	answer, err := s.link.Do(method, path, asked)
	if err != nil {
		r := refusalOf(err)
		if r.unreported() {
			return s.reject(m, r.reject())
		}
		return s.send(refused(m, (*binance.Refusal)(r)))
	}
	return s.acknowledge(answer, execution)
}

// acknowledge keeps what who hears acknowledgements only is to hear of.
func (s *session) acknowledge(answer json.RawMessage, execution string) error {
	if !s.acksOnly {
		return nil
	}
	orders, lists, err := changed(answer, execution)
	if err != nil {
		return err
	}
	for _, a := range append(orders, lists...) {
		s.acks[a] = true
	}
	return nil
}

var massFields = map[int]bool{tagClOrdID: true, tagSymbol: true, tagMassType: true}

// cancelAll answers an OrderMassCancelRequest.
func (s *session) cancelAll(m message, params map[string]string) error {
	wrong := only(m, massFields)
	if wrong == nil {
		wrong = need(m, tagClOrdID, tagSymbol, tagMassType)
	}
	if wrong == nil {
		wrong = named36(m, tagClOrdID)
	}
	if wrong == nil && m.get(tagMassType) != "1" {
		wrong = incorrect(tagMassType)
	}
	if wrong != nil {
		return s.reject(m, wrong)
	}
	params["symbol"] = m.get(tagSymbol)
	a := message{{tagMsgType, "r"}, {tagClOrdID, m.get(tagClOrdID)}, {tagSymbol, m.get(tagSymbol)}, {tagMassType, "1"}}
	answer, err := s.link.Do("DELETE", "/api/v3/openOrders", params)
	if err != nil {
		r := refusalOf(err)
		if r.unreported() {
			return s.reject(m, r.reject())
		}
		return s.send(append(a, field{tagMassResponse, "0"}, field{tagMassReason, "99"}, field{tagErrorCode, strconv.Itoa(r.Code)}, field{tagText, worded((*binance.Refusal)(r))}))
	}
	orders, _, err := changed(answer, "CANCELED")
	if err != nil {
		return err
	}
	if err := s.acknowledge(answer, "CANCELED"); err != nil {
		return err
	}
	return s.send(append(a, field{tagMassResponse, "1"}, field{tagAffected, strconv.Itoa(len(orders))}))
}

var limitFields = map[int]bool{tagReqID: true}

// limits answers a LimitQuery.
func (s *session) limits(m message, params map[string]string) error {
	wrong := only(m, limitFields)
	if wrong == nil {
		wrong = need(m, tagReqID)
	}
	if wrong != nil {
		return s.reject(m, wrong)
	}
	answer, err := s.link.Do("GET", "/api/v3/rateLimit/order", params)
	if err != nil {
		return s.reject(m, refusalOf(err).reject())
	}
	var limits []struct {
		Interval                  string
		IntervalNum, Limit, Count int
	}
	if err := json.Unmarshal(answer, &limits); err != nil {
		return err
	}
	a := message{{tagMsgType, "XLR"}, {tagReqID, m.get(tagReqID)}, {tagNoLimits, strconv.Itoa(len(limits) + 1)}}
	limit := func(kind string, count, most, every int, unit string) {
		a = append(a, field{tagLimitType, kind}, field{tagLimitCount, strconv.Itoa(count)}, field{tagLimitMax, strconv.Itoa(most)},
			field{tagLimitInterval, strconv.Itoa(every)}, field{tagLimitUnit, unit})
	}
	p := s.pace()
	limit("2", s.sent, p.most, p.seconds, "s")
	for _, l := range limits {
		limit("1", l.Count, l.Limit, l.IntervalNum, strings.ToLower(l.Interval[:1]))
	}
	return s.send(a)
}

// named36 refuses a client's id that is not of the published form.
func named36(m message, tags ...int) *reject {
	for _, tag := range tags {
		if m.has(tag) && !clientID.MatchString(m.get(tag)) {
			return &reject{reason: badFormat, tag: tag, code: -1100, text: fmt.Sprintf("Illegal characters found in field (%d); legal range is '%s'.", tag, clientID)}
		}
	}
	return nil
}

// tell tells one of the account's events.
func (s *session) tell(b []byte) error {
	var kind struct {
		Event    string `json:"e"`
		At       int64  `json:"E"`
		Reason   string `json:"reason"`
		Decision string `json:"decision"`
	}
	if err := json.Unmarshal(b, &kind); err != nil {
		return err
	}
	switch kind.Event {
	case "eventStreamTerminated":
		if kind.Decision != "" {
			return ending(worded(&binance.Refusal{Text: "The session ends.", Reason: kind.Reason, Decision: kind.Decision}))
		}
		return ending("The API key of this session is no longer valid.")
	case "executionReport":
	case "listStatus":
		var e binance.ListStatus
		if err := json.Unmarshal(b, &e); err != nil || !s.hears(ack{e.List, e.Status}) {
			return err
		}
		return s.send(listStatus(&e, s.link.TypesOf(e.List)))
	default:
		return nil
	}
	var e binance.ExecutionReport
	if err := json.Unmarshal(b, &e); err != nil {
		return err
	}
	if !s.hears(ack{e.Order, e.Execution}) {
		return nil
	}
	return s.send(report(&e))
}

// hears is whether the client is told of something: who hears acknowledgements only hears the first of what
// it has asked for.
func (s *session) hears(a ack) bool {
	if !s.acksOnly {
		return true
	}
	asked := s.acks[a]
	delete(s.acks, a)
	return asked
}

// beat lets time pass: after an interval in which nothing was sent a Heartbeat goes out, after one
// in which nothing came it is asked whether anybody is there, and after another without the
// answer the session ends.
func (s *session) beat(now time.Time) error {
	switch {
	case s.asked != "" && now.Sub(s.askedAt) >= s.interval:
		return ending("No Heartbeat came in answer to the TestRequest.")
	case s.asked == "" && now.Sub(s.lastIn) >= s.interval:
		s.tests++
		s.asked, s.askedAt = strconv.Itoa(s.tests), now
		return s.send(message{{tagMsgType, "1"}, {tagTestReqID, s.asked}})
	case now.Sub(s.lastOut) >= s.interval:
		return s.send(message{{tagMsgType, "0"}})
	}
	return nil
}
