package fix

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sallyport/api/binance"
)

// listFields are what a NewOrderList has of its own, listedFields what each of its orders may have,
// and triggerFields what each of an order's triggers has.
var (
	listFields   = map[int]bool{tagClListID: true, tagContingency: true, tagOPO: true, tagNoOrders: true}
	listedFields = func() map[int]string {
		fields := maps.Clone(orderFields)
		fields[tagNoListTriggers] = ""
		return fields
	}()
	triggerFields = map[int]bool{tagListTriggerWhen: true, tagListTriggerOf: true, tagListTriggerThen: true}
)

// repeats is whether a field may come more than once in a message.
func repeats(m message, tag int) bool {
	_, ofOrder := listedFields[tag]
	return m.get(tagMsgType) == "E" && (ofOrder || triggerFields[tag])
}

// A listed is an order of a NewOrderList, with the fields of each of its triggers.
type listed struct {
	message
	triggers []message
}

// A trigger is what must happen to the order of an index of a list, from 0, for what to happen to
// another: ListTriggerType, ListTriggerTriggerIndex and ListTriggerAction.
type trigger struct{ when, index, then string }

const (
	whenActivated    = "1"
	whenPartlyFilled = "2"
	whenFilled       = "3"
	thenRelease      = "1"
	thenCancel       = "2"
)

// readList takes a NewOrderList apart: the fields of the list, and those of each of its orders,
// which begin with ClOrdID. Every field comes to lie somewhere, or the message is refused.
func readList(m message) (list message, orders []listed, wrong *reject) {
	inOrders, inTriggers := false, false
	for _, f := range m {
		_, ofOrder := listedFields[f.tag]
		switch {
		case headerFields[f.tag] || listFields[f.tag]:
			list = append(list, f)
			inOrders, inTriggers = f.tag == tagNoOrders, false
		case ofOrder:
			if inOrders && f.tag == tagClOrdID {
				orders = append(orders, listed{})
			}
			if !inOrders || len(orders) == 0 {
				return nil, nil, disordered("NoOrders", tagNoOrders, f.tag)
			}
			o := &orders[len(orders)-1]
			if o.has(f.tag) {
				return nil, nil, twice(f.tag)
			}
			o.message = append(o.message, f)
			inTriggers = f.tag == tagNoListTriggers
		case triggerFields[f.tag]:
			if !inTriggers {
				return nil, nil, disordered("NoListTriggeringInstructions", tagNoListTriggers, f.tag)
			}
			o := &orders[len(orders)-1]
			if f.tag == tagListTriggerWhen {
				o.triggers = append(o.triggers, nil)
			}
			if len(o.triggers) == 0 {
				return nil, nil, disordered("NoListTriggeringInstructions", tagNoListTriggers, f.tag)
			}
			t := &o.triggers[len(o.triggers)-1]
			if t.has(f.tag) {
				return nil, nil, twice(f.tag)
			}
			*t = append(*t, f)
		default:
			return nil, nil, undefined(f.tag)
		}
	}
	if wrong := need(list, tagClListID, tagContingency, tagNoOrders); wrong != nil {
		return nil, nil, wrong
	}
	if list.get(tagNoOrders) != strconv.Itoa(len(orders)) {
		return nil, nil, miscounted("NoOrders", tagNoOrders)
	}
	for _, o := range orders {
		if o.has(tagNoListTriggers) && o.get(tagNoListTriggers) != strconv.Itoa(len(o.triggers)) {
			return nil, nil, miscounted("NoListTriggeringInstructions", tagNoListTriggers)
		}
		wrong := need(o.message, tagOrdType, tagSide, tagSymbol)
		for _, t := range o.triggers {
			if wrong == nil {
				wrong = need(t, tagListTriggerOf, tagListTriggerThen)
			}
		}
		if wrong != nil {
			return nil, nil, wrong
		}
	}
	return list, orders, nil
}

func disordered(group string, tag, field int) *reject {
	return &reject{reason: groupDisordered, tag: field, code: -1173, text: fmt.Sprintf("Repeating group '%s (%d)' fields out of order.", group, tag)}
}

func miscounted(group string, tag int) *reject {
	return &reject{reason: groupMiscounted, tag: tag, code: -1188, text: fmt.Sprintf("Incorrect NumInGroup count for repeating group '%s (%d)'.", group, tag)}
}

// A listForm is how an endpoint that places lists names the parameters of each order.
type listForm struct {
	path   string
	orders []string // what those of each begin with, in the published sequence
	pair   string   // what those that both of a pair share begin with
	paid   string   // the path with OPO
}

// listForms are those of each ContingencyType, by the number of orders.
var listForms = map[string]map[int]listForm{
	"1": {2: {path: "/api/v3/orderList/oco", orders: []string{"below", "above"}}},
	"2": {
		2: {path: "/api/v3/orderList/oto", orders: []string{"working", "pending"}, paid: "/api/v3/orderList/opo"},
		3: {path: "/api/v3/orderList/otoco", orders: []string{"working", "pendingBelow", "pendingAbove"}, pair: "pending", paid: "/api/v3/orderList/opoco"},
	},
}

// listOf is the endpoint that places a list, and its parameters.
func listOf(list message, orders []listed) (path string, p map[string]string, wrong *reject) {
	forms, ok := listForms[list.get(tagContingency)]
	if !ok {
		return "", nil, incorrect(tagContingency)
	}
	form, ok := forms[len(orders)]
	if !ok {
		return "", nil, incorrect(tagNoOrders)
	}
	switch pays := list.get(tagOPO); {
	case pays == "" || pays == "N":
	case pays == "Y" && form.paid != "":
		form.path = form.paid
	default:
		return "", nil, incorrect(tagOPO)
	}
	first := pairOf(list.get(tagContingency))
	pair := len(orders)-first == 2
	// An endpoint has these once for all orders of a list, or for both of a pair.
	if wrong := differing(orders, tagSymbol, tagSelfTrade); wrong != nil {
		return "", nil, wrong
	}
	if pair {
		if wrong := differing(orders[first:], tagSide, tagOrderQty); wrong != nil {
			return "", nil, wrong
		}
	}
	p = map[string]string{"listClientOrderId": list.get(tagClListID), "newOrderRespType": "ACK"}
	types := make([]string, len(orders))
	for i, o := range orders {
		of, wrong := orderOf(o.message, listedFields)
		if wrong != nil {
			return "", nil, wrong
		}
		types[i] = of["type"]
		for name, value := range of {
			switch name {
			case "newOrderRespType":
				continue
			case "symbol", "selfTradePreventionMode":
			case "newClientOrderId":
				name = form.orders[i] + "ClientOrderId"
			case "side", "quantity":
				begin := form.orders[i]
				if pair && i >= first {
					begin = form.pair
				}
				name = parameter(begin, name)
			default:
				name = parameter(form.orders[i], name)
			}
			p[name] = value
		}
	}
	want := triggersOf(list.get(tagContingency), types)
	for i, o := range orders {
		if !slices.Equal(o.sent(), want[i]) {
			return "", nil, &reject{reason: valueIncorrect, tag: tagNoListTriggers, code: -1174, text: fmt.Sprintf("Component 'ListTriggeringInstruction' is incorrectly populated on '%s' order. Recommendation: '%s'",
				form.orders[i], recommended(want[i]))}
		}
	}
	return form.path, p, nil
}

// parameter is a name of an endpoint's that begins with which order it is for, or with nothing.
func parameter(begin, name string) string {
	if begin == "" {
		return name
	}
	return begin + strings.ToUpper(name[:1]) + name[1:]
}

// pairOf is the index of the first order of a list that waits for another or is of a pair.
func pairOf(contingency string) int {
	if contingency == "1" {
		return 0
	}
	return 1
}

// differing refuses a list of whose orders one says otherwise than the first.
func differing(orders []listed, tags ...int) *reject {
	for _, tag := range tags {
		for _, o := range orders[1:] {
			if o.get(tag) != orders[0].get(tag) {
				return &reject{reason: valueIncorrect, tag: tag, code: -1182, text: fmt.Sprintf("Conflicting fields: [%d]", tag)}
			}
		}
	}
	return nil
}

// triggersOf are the triggers of each order of a list, by the published table ("Supported Order List
// Types"), which asks of a list to name them and leaves no choice: what waits comes when the first
// order is filled; of a pair one ends when the other trades, where that one is in the book, or when
// its price has come.
func triggersOf(contingency string, types []string) [][]trigger {
	first := pairOf(contingency)
	all := make([][]trigger, len(types))
	for i := first; i < len(types); i++ {
		if first == 1 {
			all[i] = append(all[i], trigger{whenFilled, "0", thenRelease})
		}
		if len(types)-first == 2 {
			other := first + (i-first+1)%2
			when := whenActivated
			if types[other] == "LIMIT_MAKER" || types[other] == "LIMIT" { // the latter for an endpoint to refuse
				when = whenPartlyFilled
			}
			all[i] = append(all[i], trigger{when, strconv.Itoa(other), thenCancel})
		}
	}
	return all
}

// sent are an order's triggers. The table has the first of those of OTOCO as FILLED and CANCEL, where its
// words and OTO have RELEASE: each means that the order comes then.
func (o *listed) sent() []trigger {
	var all []trigger
	for i, t := range o.triggers {
		g := trigger{t.get(tagListTriggerWhen), t.get(tagListTriggerOf), t.get(tagListTriggerThen)}
		if len(o.triggers) == 2 && i == 0 && g == (trigger{whenFilled, "0", thenCancel}) {
			g.then = thenRelease
		}
		all = append(all, g)
	}
	return all
}

// group is triggers as fields.
func group(ts []trigger) message {
	if len(ts) == 0 {
		return nil
	}
	m := message{{tagNoListTriggers, strconv.Itoa(len(ts))}}
	for _, t := range ts {
		m = append(m, field{tagListTriggerWhen, t.when}, field{tagListTriggerOf, t.index}, field{tagListTriggerThen, t.then})
	}
	return m
}

// recommended is triggers as the table has them.
func recommended(ts []trigger) string {
	if len(ts) == 0 {
		return "NONE"
	}
	var b strings.Builder
	for _, f := range group(ts) {
		fmt.Fprintf(&b, "%d=%s|", f.tag, f.value)
	}
	return b.String()
}

var (
	contingencies = map[string]string{"OCO": "1", "OTO": "2"}
	listStatuses  = map[string]string{"RESPONSE": "2", "EXEC_STARTED": "4", "ALL_DONE": "5", "UPDATED": "100"}
	listOrders    = map[string]string{"EXECUTING": "3", "ALL_DONE": "6", "REJECT": "7"}
)

// listStatus is the ListStatus of what became of an order list, whose orders are of these types, or of
// none where those are forgotten. The group of its orders stands last.
func listStatus(e *binance.ListStatus, types []string) message {
	m := message{
		{tagMsgType, "N"}, {tagSymbol, e.Symbol}, {tagTransactTime, stampMillis(e.Time)}, {tagListID, strconv.FormatUint(e.List, 10)}, {tagClListID, e.ClientID}, {tagOrigListID, e.ClientID},
		{tagContingency, contingencies[e.Kind]}, {tagListStatusType, listStatuses[e.Status]}, {tagListOrderStatus, listOrders[e.Orders]},
		{tagNoOrders, strconv.Itoa(len(e.Of))},
	}
	triggers := make([][]trigger, len(e.Of))
	if len(types) == len(e.Of) {
		triggers = triggersOf(contingencies[e.Kind], types)
	}
	for i, o := range e.Of {
		m = append(m, field{tagSymbol, o.Symbol}, field{tagOrderID, strconv.FormatUint(o.Order, 10)}, field{tagClOrdID, o.ClientID})
		m = append(m, group(triggers[i])...)
	}
	return m
}

// refusedList is the ListStatus of a list that was not taken. The published table has the code and the
// text in the message, the published schema in the group of orders; at the end of the last order they
// are in both.
func refusedList(list message, orders []listed, r *binance.Refusal) message {
	a := message{
		{tagMsgType, "N"}, {tagSymbol, orders[0].get(tagSymbol)}, {tagClListID, list.get(tagClListID)}, {tagOrigListID, list.get(tagClListID)}, {tagContingency, list.get(tagContingency)},
		{tagListStatusType, listStatuses["RESPONSE"]}, {tagListOrderStatus, listOrders["REJECT"]}, {tagListReject, "99"}, {tagNoOrders, strconv.Itoa(len(orders))},
	}
	for _, o := range orders {
		a = append(a, field{tagSymbol, o.get(tagSymbol)}, field{tagClOrdID, o.get(tagClOrdID)})
	}
	return append(a, field{tagOrdReject, "99"}, field{tagErrorCode, strconv.Itoa(r.Code)}, field{tagText, worded(r)})
}

// list answers a NewOrderList. What becomes of the list and its orders is told with the account's events.
func (s *session) list(m message, params map[string]string) error {
	list, orders, wrong := readList(m)
	if wrong == nil {
		wrong = named36(list, tagClListID)
	}
	for _, o := range orders {
		if wrong == nil {
			wrong = named36(o.message, tagClOrdID)
		}
	}
	var path string
	var asked map[string]string
	if wrong == nil {
		path, asked, wrong = listOf(list, orders)
	}
	if wrong != nil {
		return s.reject(m, wrong)
	}
	return s.ask("POST", path, params, asked, "NEW", m, func(_ message, r *binance.Refusal) message { return refusedList(list, orders, r) })
}
