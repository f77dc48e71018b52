package binance

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// write is an answer as it is sent. Answers to orders, which are most of all, are written field by field, at a fifth of
// what encoding/json takes for them; TestWrite holds them to it.
func write(answer any) ([]byte, error) {
	o := make(object, 0, 640) // most answers
	switch a := answer.(type) {
	case orderAck:
		o = a.fields(append(o, '{'))
	case orderResult:
		o = a.fields(append(o, '{'))
	case orderFull:
		o = a.fields(append(o, '{'))
	case canceledOrder:
		o = a.fields(append(o, '{'))
	default:
		b := bytes.NewBuffer(o)
		e := json.NewEncoder(b)
		e.SetEscapeHTML(false)
		err := e.Encode(answer)
		return b.Bytes(), err
	}
	return append(o, "}\n"...), nil
}

// An object is JSON that is being written.
type object []byte

func (o object) name(s string) object {
	if o[len(o)-1] != '{' {
		o = append(o, ',')
	}
	o = append(o, '"')
	o = append(o, s...)
	return append(o, `":`...)
}

func (o object) text(name, v string) object { return o.name(name).quoted(v) }

// textIf leaves out what there is none of.
func (o object) textIf(name, v string) object {
	if v == "" {
		return o
	}
	return o.text(name, v)
}

func (o object) number(name string, v int64) object { return strconv.AppendInt(o.name(name), v, 10) }

func (o object) numberIf(name string, v int64) object {
	if v == 0 {
		return o
	}
	return o.number(name, v)
}

func (o object) id(name string, v uint64) object { return strconv.AppendUint(o.name(name), v, 10) }

func (o object) quoted(v string) object {
	for i := range len(v) {
		if c := v[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return o.escaped(v)
		}
	}
	o = append(o, '"')
	o = append(o, v...)
	return append(o, '"')
}

// escaped writes a text of other characters than most are of.
func (o object) escaped(v string) object {
	b := bytes.NewBuffer(o)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // a text
	}
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'})
}

func (a *orderAck) fields(o object) object {
	return o.text("symbol", a.Symbol).id("orderId", a.OrderID).number("orderListId", a.OrderListID).text("clientOrderId", a.ClientOrderID).number("transactTime", a.TransactTime)
}

func (a *orderResult) fields(o object) object {
	return a.conditional.fields(a.orderState.fields(a.orderAck.fields(o))).number("workingTime", a.WorkingTime)
}

func (a *orderFull) fields(o object) object {
	o = append(a.orderResult.fields(o).name("fills"), '[')
	for i := range a.Fills {
		if i > 0 {
			o = append(o, ',')
		}
		o = append(a.Fills[i].fields(append(o, '{')), '}')
	}
	o = append(o, ']')
	if len(a.PreventedMatches) == 0 {
		return o
	}
	o = append(o.name("preventedMatches"), '[')
	for i := range a.PreventedMatches {
		if i > 0 {
			o = append(o, ',')
		}
		o = append(a.PreventedMatches[i].fields(append(o, '{')), '}')
	}
	return append(o, ']')
}

func (f *orderFill) fields(o object) object {
	return o.text("price", f.Price).text("qty", f.Qty).text("commission", f.Commission).text("commissionAsset", f.CommissionAsset).id("tradeId", f.TradeID)
}

func (p *preventedMatch) fields(o object) object {
	o = o.id("preventedMatchId", p.ID).text("makerSymbol", p.MakerSymbol).number("makerOrderId", p.MakerOrderID).text("price", p.Price)
	return o.textIf("takerPreventedQuantity", p.TakerPrevented).textIf("makerPreventedQuantity", p.MakerPrevented)
}

func (s *orderState) fields(o object) object {
	o = o.text("price", s.Price).textIf("origQty", s.OrigQty).text("executedQty", s.ExecutedQty).text("origQuoteOrderQty", s.OrigQuoteOrderQty)
	o = o.text("cummulativeQuoteQty", s.CummulativeQuoteQty).text("status", s.Status).text("timeInForce", s.TimeInForce).text("type", s.Type)
	return o.text("side", s.Side).text("selfTradePreventionMode", s.SelfTradePreventionMode)
}

func (c *conditional) fields(o object) object {
	o = o.textIf("stopPrice", c.StopPrice).numberIf("trailingDelta", int64(c.TrailingDelta))
	if c.TrailingTime != nil {
		o = o.number("trailingTime", *c.TrailingTime)
	}
	o = o.textIf("icebergQty", c.IcebergQty)
	if c.PreventedMatchID != nil {
		o = o.id("preventedMatchId", *c.PreventedMatchID)
	}
	o = o.textIf("preventedQuantity", c.PreventedQuantity).numberIf("tradeGroupId", c.TradeGroupID)
	if c.StrategyID != nil {
		o = o.number("strategyId", *c.StrategyID)
	}
	return o.numberIf("strategyType", int64(c.StrategyType)).textIf("expiryReason", c.ExpiryReason)
}

func (a *canceledOrder) fields(o object) object {
	o = o.text("symbol", a.Symbol).text("origClientOrderId", a.OrigClientOrderID).id("orderId", a.OrderID).number("orderListId", a.OrderListID)
	o = o.text("clientOrderId", a.ClientOrderID).number("transactTime", a.TransactTime)
	return a.conditional.fields(a.orderState.fields(o))
}
