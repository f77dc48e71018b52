package binance

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/book"
	"sallyport/exchange"
	"sallyport/money"
	"sallyport/venue/tape"
)

func (s *Server) marketRoutes() {
	nothing := func(*call) (any, error) { return struct{}{}, nil }
	s.public("GET", "/api/v3/ping", 1, nothing)
	s.public("GET", "/api/v3/time", 1, (*call).serverTime)
	s.public("GET", "/api/v3/exchangeInfo", 20, (*call).exchangeInfo)
	s.route("GET", "/api/v3/depth", endpoint{weight: depthWeight, serve: (*call).depth})
	s.public("GET", "/api/v3/trades", 25, (*call).trades)
	s.public("GET", "/api/v3/historicalTrades", 25, (*call).historicalTrades)
	s.public("GET", "/api/v3/aggTrades", 4, (*call).aggTrades)
	s.public("GET", "/api/v3/klines", 2, (*call).klines)
	s.public("GET", "/api/v3/uiKlines", 2, (*call).klines)
	s.public("GET", "/api/v3/avgPrice", 2, (*call).avgPrice)
	each := func(one, all int) func(*call) int {
		return func(c *call) int {
			if c.has("symbol") {
				return one
			}
			return all
		}
	}
	perMarket := func(c *call) int { ms, _ := c.markets(); return min(4*max(1, len(ms)), 200) }
	s.route("GET", "/api/v3/ticker/24hr", endpoint{weight: dayWeight, serve: (*call).ticker24})
	s.route("GET", "/api/v3/ticker/tradingDay", endpoint{weight: perMarket, serve: (*call).tradingDay})
	s.route("GET", "/api/v3/ticker", endpoint{weight: perMarket, serve: (*call).windowTicker})
	s.route("GET", "/api/v3/ticker/price", endpoint{weight: each(2, 4), serve: (*call).tickerPrice})
	s.route("GET", "/api/v3/ticker/bookTicker", endpoint{weight: each(2, 4), serve: (*call).bookTicker})
	// Market data has kept its old paths too; go-binance asks for trades there.
	for _, name := range []string{"ping", "time", "exchangeInfo", "depth", "trades", "historicalTrades", "aggTrades", "klines", "ticker/24hr"} {
		s.routes["/api/v1/"+name] = s.routes["/api/v3/"+name]
	}
}

func (c *call) serverTime() (any, error) {
	return struct {
		ServerTime int64 `json:"serverTime"`
	}{millis(c.at)}, nil
}

// A market is one of the exchange's, with its assets at hand. It never changes: the founding tables do not.
type market struct {
	tape.Market
	index       uint16
	base, quote tape.Asset
}

func marketAt(g *tape.Genesis, i uint16) *market {
	m := g.Markets[i]
	return &market{Market: m, index: i, base: g.Assets[m.Base], quote: g.Assets[m.Quote]}
}

// market is the one that the mandatory parameter symbol names, or an empty one where something is wrong.
func (c *call) market() *market {
	c.must("symbol")
	m := c.named(c.form("symbol", symbolForm))
	if m == nil {
		return &market{}
	}
	return m
}

// named is the market of a symbol, or nil where there is none or something was wrong before.
func (c *call) named(symbol string) *market {
	if c.err != nil {
		return nil
	}
	m := c.bySymbol[symbol]
	if m == nil {
		c.fail(bad(-1121, invalidSymbol))
	}
	return m
}

// markets are those that symbol or symbols name, or all; one is true when it was symbol.
func (c *call) markets() (ms []*market, one bool) {
	switch {
	case c.has("symbol") && c.has("symbols"):
		c.fail(bad(-1128, "Combination of optional parameters invalid."))
		return nil, false
	case c.has("symbol"):
		if m := c.named(c.form("symbol", symbolForm)); m != nil {
			ms = append(ms, m)
		}
		return ms, true
	case c.has("symbols"):
		var symbols []string
		if err := json.Unmarshal([]byte(c.text("symbols")), &symbols); err != nil || len(symbols) == 0 || len(symbols) > maxParameters {
			c.fail(bad(-1100, `Illegal characters found in parameter 'symbols'; legal range is '["BTCUSDT","ETHUSDT"]'.`))
			return nil, false
		}
		for i, s := range symbols {
			if slices.Contains(symbols[:i], s) {
				c.fail(bad(-1151, "Symbol is present multiple times in the list."))
				return nil, false
			}
		}
		for _, s := range symbols {
			if ms = append(ms, c.named(s)); c.err != nil {
				return nil, false
			}
		}
		return ms, false
	}
	return slices.Clone(c.traded), false
}

// phaseAsked is the status of markets that symbolStatus names, or "". CANCEL_ONLY is one here too, and no market
// has a BREAK.
func (c *call) phaseAsked() string {
	status := c.text("symbolStatus")
	switch status {
	case "", tape.Trading.String(), tape.CancelOnly.String(), tape.Halted.String(), "BREAK":
	default:
		c.fail(bad(-1122, "Invalid symbolStatus."))
	}
	return status
}

// inPhase leaves of markets those that have the status that is asked for; the one that symbol names must have it.
func (c *call) inPhase(ms []*market, one bool) []*market {
	status := c.phaseAsked()
	if c.err != nil || status == "" {
		return ms
	}
	ms = slices.DeleteFunc(ms, func(m *market) bool { return c.x.View().Phase(m.index).String() != status })
	if one && len(ms) == 0 {
		c.fail(bad(-1220, "The symbol's status does not match the requested symbolStatus."))
	}
	return ms
}

// mini is whether the parameter type asks for the shorter of the two forms of a ticker.
func (c *call) mini() bool {
	switch c.text("type") {
	case "MINI":
		return true
	case "", "FULL":
	default:
		c.fail(bad(-1139, "Invalid ticker type."))
	}
	return false
}

// tickers answers with one object for symbol and a list for anything else.
func tickers[T any](c *call, of func(*market) T) (any, error) {
	ms, one := c.markets()
	ms = c.inPhase(ms, one)
	if c.err != nil {
		return nil, c.err
	}
	list := make([]T, len(ms))
	for i, m := range ms {
		list[i] = of(m)
	}
	if one {
		return list[0], nil
	}
	return list, nil
}

// wire writes an amount with eight decimals, as the published API does, or as many fewer
// as the asset has; with more only when the amount needs them. Nothing is ever cut off.
func wire(a money.Amount, decimals uint8) string {
	d := min(int(decimals), 8)
	if a.Truncate(d) != a {
		return a.String()
	}
	return a.Fixed(d)
}

func (m *market) qty(a money.Amount) string { return wire(a, m.base.Decimals) }

// price writes a price, or any amount of the quote asset.
func (m *market) price(a money.Amount) string { return wire(a, m.quote.Decimals) }

type filter map[string]any // encoded in order of the names

type symbolInfo struct {
	Symbol                          string     `json:"symbol"`
	Status                          string     `json:"status"`
	BaseAsset                       string     `json:"baseAsset"`
	BaseAssetPrecision              uint8      `json:"baseAssetPrecision"`
	QuoteAsset                      string     `json:"quoteAsset"`
	QuotePrecision                  uint8      `json:"quotePrecision"`
	QuoteAssetPrecision             uint8      `json:"quoteAssetPrecision"`
	BaseCommissionPrecision         uint8      `json:"baseCommissionPrecision"`
	QuoteCommissionPrecision        uint8      `json:"quoteCommissionPrecision"`
	OrderTypes                      []string   `json:"orderTypes"`
	IcebergAllowed                  bool       `json:"icebergAllowed"`
	OCOAllowed                      bool       `json:"ocoAllowed"`
	OTOAllowed                      bool       `json:"otoAllowed"`
	OPOAllowed                      bool       `json:"opoAllowed"`
	QuoteOrderQtyMarketAllowed      bool       `json:"quoteOrderQtyMarketAllowed"`
	AllowTrailingStop               bool       `json:"allowTrailingStop"`
	CancelReplaceAllowed            bool       `json:"cancelReplaceAllowed"`
	AmendAllowed                    bool       `json:"amendAllowed"`
	PegInstructionsAllowed          bool       `json:"pegInstructionsAllowed"`
	IsSpotTradingAllowed            bool       `json:"isSpotTradingAllowed"`
	IsMarginTradingAllowed          bool       `json:"isMarginTradingAllowed"`
	Filters                         []filter   `json:"filters"`
	Permissions                     []string   `json:"permissions"`
	PermissionSets                  [][]string `json:"permissionSets"`
	DefaultSelfTradePreventionMode  string     `json:"defaultSelfTradePreventionMode"`
	AllowedSelfTradePreventionModes []string   `json:"allowedSelfTradePreventionModes"`
}

func (s *Server) info(m *market) symbolInfo {
	i := symbolInfo{
		Symbol: m.Symbol, Status: s.x.View().Phase(m.index).String(),
		BaseAsset: m.base.Code, BaseAssetPrecision: m.base.Decimals, BaseCommissionPrecision: m.base.Decimals,
		QuoteAsset: m.quote.Code, QuotePrecision: m.quote.Decimals, QuoteAssetPrecision: m.quote.Decimals, QuoteCommissionPrecision: m.quote.Decimals,
		IcebergAllowed: true, OCOAllowed: true, OTOAllowed: true, OPOAllowed: true, AllowTrailingStop: m.Rising.Max != 0 || m.Falling.Max != 0, CancelReplaceAllowed: true, AmendAllowed: true,
		QuoteOrderQtyMarketAllowed: true, IsSpotTradingAllowed: true,
		Filters:     m.filters(),
		Permissions: []string{"SPOT"}, PermissionSets: [][]string{{"SPOT"}},
		DefaultSelfTradePreventionMode: tape.ExpireMaker.String(),
	}
	for _, t := range orderTypes {
		i.OrderTypes = append(i.OrderTypes, t.String())
	}
	for _, mode := range m.selfTradeModes() {
		i.AllowedSelfTradePreventionModes = append(i.AllowedSelfTradePreventionModes, mode.String())
	}
	return i
}

// unbounded is how the published API writes a greatest value that there is not.
const unbounded = "9223372036854775807"

// filters are the market's, each in the words of clients; one that bounds nothing is left out
// unless clients cannot do without it.
func (m *market) filters() []filter {
	lot := func(kind string, most money.Amount) filter {
		return filter{"filterType": kind, "minQty": m.qty(m.MinQty), "maxQty": m.qty(most), "stepSize": m.qty(m.Step)}
	}
	most, worth := m.MaxQty, unbounded
	if !m.MarketMaxQty.IsZero() {
		most = money.Min(most, m.MarketMaxQty)
	}
	if !m.MaxNotional.IsZero() {
		worth = m.price(m.MaxNotional)
	}
	fs := []filter{
		{"filterType": "PRICE_FILTER", "minPrice": m.price(m.MinPrice), "maxPrice": m.price(m.MaxPrice), "tickSize": m.price(m.Tick)},
		lot("LOT_SIZE", m.MaxQty),
		lot("MARKET_LOT_SIZE", most),
		// Of a market order by quantity the venue takes the last price, which is what no minutes mean.
		{"filterType": "NOTIONAL", "minNotional": m.price(m.MinNotional), "applyMinToMarket": true, "maxNotional": worth, "applyMaxToMarket": !m.MaxNotional.IsZero(), "avgPriceMins": 0},
	}
	if m.Buys != (tape.Band{}) || m.Sells != (tape.Band{}) {
		up := func(b tape.Band) string {
			if b.Up != 0 {
				return rate(b.Up)
			}
			return quotient(m.MaxPrice, m.MinPrice, "0.00000001").Fixed(8) // from any price beyond the greatest
		}
		fs = append(fs, filter{"filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": up(m.Buys), "bidMultiplierDown": rate(m.Buys.Down),
			"askMultiplierUp": up(m.Sells), "askMultiplierDown": rate(m.Sells.Down), "avgPriceMins": 0})
	}
	fs = append(fs, mostOf(
		howMany{"ICEBERG_PARTS", "limit", m.MaxParts}, howMany{"MAX_NUM_ORDERS", "maxNumOrders", m.MaxOrders}, howMany{"MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders", m.MaxStops},
		howMany{"MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders", m.MaxIcebergs}, howMany{"MAX_NUM_ORDER_LISTS", "maxNumOrderLists", m.MaxLists}, howMany{"MAX_NUM_ORDER_AMENDS", "maxNumOrderAmends", m.MaxAmends},
	)...)
	if m.Rising.Max != 0 || m.Falling.Max != 0 {
		fs = append(fs, filter{"filterType": "TRAILING_DELTA", "minTrailingAboveDelta": m.Rising.Min, "maxTrailingAboveDelta": m.Rising.Max,
			"minTrailingBelowDelta": m.Falling.Min, "maxTrailingBelowDelta": m.Falling.Max})
	}
	if !m.MaxPosition.IsZero() {
		fs = append(fs, filter{"filterType": "MAX_POSITION", "maxPosition": m.qty(m.MaxPosition)})
	}
	return fs
}

// howMany is a filter of how many there may be.
type howMany struct {
	kind, name string
	n          uint32
}

// mostOf are those of filters that bound something.
func mostOf(all ...howMany) []filter {
	fs := []filter{}
	for _, f := range all {
		if f.n != 0 {
			fs = append(fs, filter{"filterType": f.kind, f.name: f.n})
		}
	}
	return fs
}

// exchangeFilters are those of all markets together.
func (c *call) exchangeFilters() []filter {
	m := c.x.View().Genesis().MaxOpen
	return mostOf(
		howMany{"EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders", m.Orders}, howMany{"EXCHANGE_MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders", m.Stops},
		howMany{"EXCHANGE_MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders", m.Icebergs}, howMany{"EXCHANGE_MAX_NUM_ORDER_LISTS", "maxNumOrderLists", m.Lists},
	)
}

// ofSome is whether a market is one of those that are asked for by permission and by status, of which neither goes
// with names of markets.
func (c *call) ofSome() func(*symbolInfo) bool {
	if (c.has("permissions") || c.has("symbolStatus")) && (c.has("symbol") || c.has("symbols")) {
		c.fail(bad(-1128, "Combination of optional parameters invalid."))
	}
	asked := []string{c.text("permissions")}
	if strings.HasPrefix(asked[0], "[") {
		if json.Unmarshal([]byte(asked[0]), &asked) != nil || len(asked) > maxParameters {
			c.fail(illegal("permissions", permissionForm))
		}
	}
	for _, p := range asked {
		if c.has("permissions") && !permissionForm.is(p) {
			c.fail(illegal("permissions", permissionForm))
		}
	}
	status := c.phaseAsked()
	return func(m *symbolInfo) bool {
		permitted := !c.has("permissions") || slices.ContainsFunc(m.Permissions, func(p string) bool { return slices.Contains(asked, p) })
		return permitted && (status == "" || m.Status == status)
	}
}

func (c *call) exchangeInfo() (any, error) {
	ms, _ := c.markets()
	sets := c.truth("showPermissionSets", true)
	keep := c.ofSome()
	if c.err != nil {
		return nil, c.err
	}
	infos := []symbolInfo{}
	for i := range ms {
		if m := c.info(ms[i]); keep(&m) {
			if !sets {
				m.PermissionSets = [][]string{}
			}
			infos = append(infos, m)
		}
	}
	return struct {
		Timezone        string       `json:"timezone"`
		ServerTime      int64        `json:"serverTime"`
		RateLimits      []rateLimit  `json:"rateLimits"`
		ExchangeFilters []filter     `json:"exchangeFilters"`
		Symbols         []symbolInfo `json:"symbols"`
	}{"UTC", millis(c.at), []rateLimit{
		{"REQUEST_WEIGHT", "MINUTE", 1, c.o.WeightPerMinute, nil}, {"ORDERS", "SECOND", 10, c.o.OrdersPer10s, nil}, {"ORDERS", "DAY", 1, c.o.OrdersPerDay, nil},
	}, c.exchangeFilters(), infos}, nil
}

const (
	defaultDepth = 100
	maxDepth     = 5000
	defaultRows  = 500
	maxRows      = 1000
)

func depthWeight(c *call) int {
	switch n := c.limit(defaultDepth, maxDepth); {
	case n <= 100:
		return 5
	case n <= 500:
		return 25
	case n <= 1000:
		return 50
	}
	return 250
}

func (c *call) depth() (any, error) {
	m, limit := c.market(), c.limit(defaultDepth, maxDepth)
	c.inPhase([]*market{m}, true)
	if c.err != nil {
		return nil, c.err
	}
	return c.bookOf(m, limit), nil
}

// A level is a price and what is open at it.
type level [2]string

type bookDepth struct {
	LastUpdateID uint64  `json:"lastUpdateId"`
	Bids         []level `json:"bids"`
	Asks         []level `json:"asks"`
}

func (s *Server) bookOf(m *market, limit int) bookDepth {
	bids, asks, update := s.x.View().Depth(m.index, limit)
	return bookDepth{update, m.levels(bids), m.levels(asks)}
}

func (m *market) levels(ls []exchange.Level) []level {
	out := make([]level, len(ls))
	for i, l := range ls {
		out[i] = level{m.price(l.Price), m.qty(l.Quantity)}
	}
	return out
}

type publicTrade struct {
	ID           uint64 `json:"id"`
	Price        string `json:"price"`
	Qty          string `json:"qty"`
	QuoteQty     string `json:"quoteQty"`
	Time         int64  `json:"time"`
	IsBuyerMaker bool   `json:"isBuyerMaker"`
	IsBestMatch  bool   `json:"isBestMatch"`
}

func (m *market) publicTrades(ts []tape.Traded) []publicTrade {
	list := make([]publicTrade, len(ts))
	for i, t := range ts {
		list[i] = publicTrade{t.ID, m.price(t.Price), m.qty(t.Quantity), m.price(value(t)), t.At / 1000, t.TakerSide == book.Sell, true}
	}
	return list
}

// value is price × quantity, which the founding tables make exact (tape.Market).
func value(t tape.Traded) money.Amount {
	v, err := t.Price.Mul(t.Quantity, money.Down)
	if err != nil {
		panic("binance: the value of a trade does not fit: " + err.Error())
	}
	return v
}

func last[T any](list []T, n int) []T { return list[max(0, len(list)-n):] }

func first[T any](list []T, n int) []T { return list[:min(len(list), n)] }

func (c *call) trades() (any, error) {
	m, limit := c.market(), c.limit(defaultRows, maxRows)
	if c.err != nil {
		return nil, c.err
	}
	return m.publicTrades(last(c.x.View().MarketTrades(m.index), limit)), nil
}

func (c *call) historicalTrades() (any, error) {
	m, limit, from := c.market(), c.limit(defaultRows, maxRows), c.whole("fromId", 0)
	if c.err != nil {
		return nil, c.err
	}
	ts := c.x.View().MarketTrades(m.index)
	if !c.has("fromId") {
		return m.publicTrades(last(ts, limit)), nil
	}
	ts = slices.DeleteFunc(ts, func(t tape.Traded) bool { return t.ID < uint64(from) })
	return m.publicTrades(first(ts, limit)), nil
}

// An aggregate is what one order took at one price. Its number is that of its last trade.
type aggregate struct {
	ID           uint64 `json:"a"`
	Price        string `json:"p"`
	Qty          string `json:"q"`
	First        uint64 `json:"f"`
	Last         uint64 `json:"l"`
	Time         int64  `json:"T"`
	IsBuyerMaker bool   `json:"m"`
	IsBestMatch  bool   `json:"M"`
}

func (c *call) aggTrades() (any, error) {
	m, limit, fromID := c.market(), c.limit(defaultRows, maxRows), c.whole("fromId", 0)
	from, to := c.between()
	if c.err != nil {
		return nil, c.err
	}
	list := []aggregate{}
	for _, a := range m.aggregates(c.x.View().MarketTrades(m.index)) {
		if a.ID >= uint64(fromID) && from <= a.Time && a.Time <= to {
			list = append(list, a)
		}
	}
	if c.has("fromId") || c.has("startTime") {
		return first(list, limit), nil
	}
	return last(list, limit), nil
}

func (m *market) aggregates(ts []tape.Traded) []aggregate {
	list := []aggregate{}
	for i := 0; i < len(ts); {
		t, qty, n := ts[i], ts[i].Quantity, 1
		for i+n < len(ts) && ts[i+n].Taker == t.Taker && ts[i+n].Price == t.Price {
			qty = plus(qty, ts[i+n].Quantity)
			n++
		}
		list = append(list, aggregate{ts[i+n-1].ID, m.price(t.Price), m.qty(qty), t.ID, ts[i+n-1].ID, t.At / 1000, t.TakerSide == book.Sell, true})
		i += n
	}
	return list
}

// plus adds what is only shown; a sum that does not fit stays as it was.
func plus(a, b money.Amount) money.Amount {
	if s, err := a.Add(b); err == nil {
		return s
	}
	return a
}

// A span of trades in figures.
type span struct{ exchange.Candle }

// average is the price weighted by quantity, to eight decimals, or zero.
func (s *span) average() money.Amount { return quotient(s.Value, s.Quantity, "0.00000001") }

// quotient is a / b rounded towards zero to a step, or zero where there is none.
func quotient(a, b money.Amount, step string) money.Amount {
	negative := a.Sign() < 0
	if negative {
		a = a.Neg()
	}
	q, err := a.Quo(b, money.MustParse(step))
	if err != nil {
		return money.Amount{}
	}
	if negative {
		return q.Neg()
	}
	return q
}

// since is the span of a market's trades from an instant on, as far as they are at hand one by
// one; else of the minutes from the one it lies in.
func (s *Server) since(m *market, from time.Time) span {
	var sp span
	ts := s.x.View().MarketTrades(m.index)
	if len(ts) >= keptTrades && ts[0].At >= from.UnixMicro() {
		from = from.Truncate(time.Minute)
		minutes, _ := s.x.View().Candles(m.index, time.Minute, from)
		for _, c := range minutes {
			if c.Start >= from.UnixMicro() {
				sp.Join(c)
			}
		}
		return sp
	}
	for _, t := range ts {
		if t.At >= from.UnixMicro() {
			sp.Add(t)
		}
	}
	return sp
}

// before is the price of the last trade before an instant, as exactly as since; else zero.
func (s *Server) before(m *market, at time.Time) money.Amount {
	var price money.Amount
	minutes, _ := s.x.View().Candles(m.index, time.Minute, at.Truncate(time.Minute))
	for _, c := range minutes {
		if c.Start < at.Truncate(time.Minute).UnixMicro() {
			price = c.Close
		}
	}
	for _, t := range s.x.View().MarketTrades(m.index) {
		if t.At < at.UnixMicro() {
			price = t.Price
		}
	}
	return price
}

const averageMinutes = 5

func (s *Server) average(m *market, at time.Time) money.Amount {
	sp := s.since(m, at.Add(-averageMinutes*time.Minute))
	if sp.Count == 0 {
		return s.x.View().LastPrice(m.index)
	}
	return sp.average()
}

func (c *call) avgPrice() (any, error) {
	m := c.market()
	if c.err != nil {
		return nil, c.err
	}
	return struct {
		Mins      int    `json:"mins"`
		Price     string `json:"price"`
		CloseTime int64  `json:"closeTime"`
	}{averageMinutes, m.price(c.average(m, c.at)), lastTraded(c.x.View().MarketTrades(m.index))}, nil
}

// lastTraded is when the last of trades was, or 0 where there is none.
func lastTraded(ts []tape.Traded) int64 {
	if len(ts) == 0 {
		return 0
	}
	return ts[len(ts)-1].At / 1000
}

type ticker24 struct {
	Symbol             string `json:"symbol"`
	PriceChange        string `json:"priceChange"`
	PriceChangePercent string `json:"priceChangePercent"`
	WeightedAvgPrice   string `json:"weightedAvgPrice"`
	PrevClosePrice     string `json:"prevClosePrice"`
	LastPrice          string `json:"lastPrice"`
	LastQty            string `json:"lastQty"`
	BidPrice           string `json:"bidPrice"`
	BidQty             string `json:"bidQty"`
	AskPrice           string `json:"askPrice"`
	AskQty             string `json:"askQty"`
	OpenPrice          string `json:"openPrice"`
	HighPrice          string `json:"highPrice"`
	LowPrice           string `json:"lowPrice"`
	Volume             string `json:"volume"`
	QuoteVolume        string `json:"quoteVolume"`
	OpenTime           int64  `json:"openTime"`
	CloseTime          int64  `json:"closeTime"`
	FirstID            int64  `json:"firstId"`
	LastID             int64  `json:"lastId"`
	Count              int    `json:"count"`
}

// dayWeight is that of the tickers of 24 hours: of up to 20 markets that are named as of one, of more as of many, and
// of all as of all.
func dayWeight(c *call) int {
	switch ms, _ := c.markets(); {
	case c.has("symbol"), c.has("symbols") && len(ms) <= 20:
		return 2
	case c.has("symbols"):
		return 40
	}
	return 80
}

func (c *call) ticker24() (any, error) {
	if c.mini() {
		return tickers(c, func(m *market) miniWindow { t := c.day(m, c.at); return t.window() })
	}
	return tickers(c, func(m *market) ticker24 { return c.day(m, c.at) })
}

// window is a ticker in the shorter form.
func (t *ticker24) window() miniWindow {
	return miniWindow{t.Symbol, t.OpenPrice, t.HighPrice, t.LowPrice, t.LastPrice, t.Volume, t.QuoteVolume, t.OpenTime, t.CloseTime, t.FirstID, t.LastID, t.Count}
}

// day is the 24 hours before an instant in figures.
func (s *Server) day(m *market, at time.Time) ticker24 {
	from := at.Add(-24 * time.Hour)
	sp := s.since(m, from)
	t := ticker24{Symbol: m.Symbol, OpenTime: millis(from), CloseTime: millis(at), FirstID: -1, LastID: -1, Count: sp.Count, LastQty: m.qty(money.Amount{})}
	last, prev := s.x.View().LastPrice(m.index), s.before(m, from)
	if sp.Count > 0 {
		t.FirstID, t.LastID, last = int64(sp.First), int64(sp.Last), sp.Close
		if prev.IsZero() { // nothing was traded before
			prev = sp.Open
		}
		if ts := s.x.View().MarketTrades(m.index); len(ts) > 0 {
			t.LastQty = m.qty(ts[len(ts)-1].Quantity)
		}
	}
	change, percent := sp.change()
	b := s.top(m)
	t.PriceChange, t.WeightedAvgPrice, t.PrevClosePrice = m.price(change), m.price(sp.average()), m.price(prev)
	t.PriceChangePercent = percent
	t.LastPrice = m.price(last)
	t.BidPrice, t.BidQty, t.AskPrice, t.AskQty = b.BidPrice, b.BidQty, b.AskPrice, b.AskQty
	t.OpenPrice, t.HighPrice, t.LowPrice = m.price(sp.Open), m.price(sp.High), m.price(sp.Low)
	t.Volume, t.QuoteVolume = m.qty(sp.Quantity), m.price(sp.Value)
	return t
}

// change is how far the price went from the first trade to the last, and that in percent.
func (s *span) change() (money.Amount, string) {
	change, err := s.Close.Sub(s.Open)
	if err != nil || s.Count == 0 {
		change = money.Amount{}
	}
	hundred, err := change.Mul(money.Int(100), money.Down)
	if err != nil {
		hundred = money.Amount{}
	}
	return change, quotient(hundred, s.Open, "0.001").Fixed(3)
}

var rollingForm = regexp.MustCompile(`^([1-9][0-9]?)([mhd])$`)

// windowOf reads the length of a rolling window: 1m to 59m, 1h to 23h, 1d to 7d.
func windowOf(text string) (time.Duration, bool) {
	part := rollingForm.FindStringSubmatch(text)
	if part == nil {
		return 0, false
	}
	n, _ := strconv.Atoi(part[1]) // two digits
	unit, most := time.Minute, 59
	switch part[2] {
	case "h":
		unit, most = time.Hour, 23
	case "d":
		unit, most = 24*time.Hour, 7
	}
	return time.Duration(n) * unit, n <= most
}

type miniWindow struct {
	Symbol      string `json:"symbol"`
	OpenPrice   string `json:"openPrice"`
	HighPrice   string `json:"highPrice"`
	LowPrice    string `json:"lowPrice"`
	LastPrice   string `json:"lastPrice"`
	Volume      string `json:"volume"`
	QuoteVolume string `json:"quoteVolume"`
	OpenTime    int64  `json:"openTime"`
	CloseTime   int64  `json:"closeTime"`
	FirstID     int64  `json:"firstId"`
	LastID      int64  `json:"lastId"`
	Count       int    `json:"count"`
}

type fullWindow struct {
	miniWindow
	PriceChange        string `json:"priceChange"`
	PriceChangePercent string `json:"priceChangePercent"`
	WeightedAvgPrice   string `json:"weightedAvgPrice"`
}

// windowTicker is a market over a window that ends now and begins on a full minute.
func (c *call) windowTicker() (any, error) {
	size := c.text("windowSize")
	if size == "" {
		size = "1d"
	}
	window, ok := windowOf(size)
	if !ok {
		c.fail(invalid("windowSize"))
	}
	return c.windows(c.at.Add(-window).Truncate(time.Minute), c.at)
}

// tradingDay is a market over the day that it is in the time zone asked for.
func (c *call) tradingDay() (any, error) {
	day, _ := intervalOf("1d")
	day.zone = c.zone()
	from := day.start(c.at)
	return c.windows(from, day.after(from, 1).Add(-time.Millisecond))
}

// windows are the tickers of markets that are named, from an instant on.
func (c *call) windows(from, to time.Time) (any, error) {
	if !c.has("symbol") && !c.has("symbols") {
		c.fail(bad(-1128, "Combination of optional parameters invalid."))
	}
	if c.mini() {
		return tickers(c, func(m *market) miniWindow { return c.window(m, from, to).miniWindow })
	}
	return tickers(c, func(m *market) fullWindow { return c.window(m, from, to) })
}

// window is a market from an instant on in figures, said to end at another.
func (s *Server) window(m *market, from, to time.Time) fullWindow {
	sp := s.since(m, from)
	if sp.Count == 0 {
		sp.Close = s.x.View().LastPrice(m.index)
	}
	change, percent := sp.change()
	w := fullWindow{miniWindow{
		m.Symbol, m.price(sp.Open), m.price(sp.High), m.price(sp.Low), m.price(sp.Close), m.qty(sp.Quantity), m.price(sp.Value),
		millis(from), millis(to), -1, -1, sp.Count,
	}, m.price(change), percent, m.price(sp.average())}
	if sp.Count > 0 {
		w.FirstID, w.LastID = int64(sp.First), int64(sp.Last)
	}
	return w
}

type tickerPrice struct {
	Symbol string `json:"symbol"`
	Price  string `json:"price"`
}

func (c *call) tickerPrice() (any, error) {
	return tickers(c, func(m *market) tickerPrice {
		return tickerPrice{m.Symbol, m.price(c.x.View().LastPrice(m.index))}
	})
}

type bookTicker struct {
	Symbol   string `json:"symbol"`
	BidPrice string `json:"bidPrice"`
	BidQty   string `json:"bidQty"`
	AskPrice string `json:"askPrice"`
	AskQty   string `json:"askQty"`
}

// top is the best of both sides; a side with nothing in it has zeros.
func (s *Server) top(m *market) bookTicker {
	t, _ := s.topAt(m)
	return t
}

// topAt is top and the number of the book's last change.
func (s *Server) topAt(m *market) (bookTicker, uint64) {
	t := bookTicker{m.Symbol, m.price(money.Amount{}), m.qty(money.Amount{}), m.price(money.Amount{}), m.qty(money.Amount{})}
	bids, asks, update := s.x.View().Depth(m.index, 1)
	if len(bids) > 0 {
		t.BidPrice, t.BidQty = m.price(bids[0].Price), m.qty(bids[0].Quantity)
	}
	if len(asks) > 0 {
		t.AskPrice, t.AskQty = m.price(asks[0].Price), m.qty(asks[0].Quantity)
	}
	return t, update
}

func (c *call) bookTicker() (any, error) {
	return tickers(c, func(m *market) bookTicker { return c.top(m) })
}
