package binance

import (
	"sallyport/exchange"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

func (s *Server) accountRoutes() {
	s.signed("GET", "/api/v3/account", 20, (*call).accountInfo)
	s.signed("GET", "/api/v3/account/commission", 20, (*call).commissionOf)
	s.signed("GET", "/api/v3/myFilters", 40, (*call).myFilters)
	s.signed("GET", "/api/v3/rateLimit/order", 40, (*call).orderLimits)
	s.signed("GET", "/sapi/v1/account/status", 1, (*call).accountStatus)
	s.signed("GET", "/sapi/v1/account/apiTradingStatus", 1, (*call).tradingStatus)
	s.signed("GET", "/sapi/v1/account/apiRestrictions", 1, (*call).keyTerms)
}

type balance struct {
	Asset  string `json:"asset"`
	Free   string `json:"free"`
	Locked string `json:"locked"` // whatever is theirs and not free: ordered, leaving, frozen, set apart
}

type commissionRates struct {
	Maker  string `json:"maker"`
	Taker  string `json:"taker"`
	Buyer  string `json:"buyer"`
	Seller string `json:"seller"`
}

type accountInfo struct {
	MakerCommission            uint32          `json:"makerCommission"` // basis points
	TakerCommission            uint32          `json:"takerCommission"`
	BuyerCommission            uint32          `json:"buyerCommission"`
	SellerCommission           uint32          `json:"sellerCommission"`
	CommissionRates            commissionRates `json:"commissionRates"`
	CanTrade                   bool            `json:"canTrade"`
	CanWithdraw                bool            `json:"canWithdraw"`
	CanDeposit                 bool            `json:"canDeposit"`
	Brokered                   bool            `json:"brokered"`
	RequireSelfTradePrevention bool            `json:"requireSelfTradePrevention"`
	PreventSor                 bool            `json:"preventSor"`
	UpdateTime                 int64           `json:"updateTime"`
	AccountType                string          `json:"accountType"`
	Balances                   []balance       `json:"balances"`
	Permissions                []string        `json:"permissions"`
	UID                        uint64          `json:"uid"`
	TradeGroupID               int64           `json:"tradeGroupId"` // -1: none
}

// accountInfo answers whatever the account's standing: what it may do is in the answer.
func (c *call) accountInfo() (any, error) {
	onlyHeld := c.truth("omitZeroBalances", false)
	if c.err != nil {
		return nil, c.err
	}
	a, g, err := c.holder()
	if err != nil {
		return nil, err
	}
	known := !c.x.Unidentified(c.account)
	trade, withdraw := known && a.May&tape.MayTrade != 0, known && a.May&tape.MayWithdraw != 0
	info := accountInfo{
		CommissionRates: commissionRates{Buyer: rate(0), Seller: rate(0)},
		CanTrade:        trade, CanWithdraw: withdraw,
		CanDeposit: trade, // who may only take out may not bring in more
		UpdateTime: millis(c.at), AccountType: "SPOT", Balances: []balance{}, Permissions: []string{}, UID: c.account, TradeGroupID: groupID(a.group),
	}
	if trade {
		info.Permissions = append(info.Permissions, "SPOT")
	}
	// One rate for the account where markets may have several: the highest.
	var maker, taker uint32
	for _, m := range c.traded {
		f := m.fees(a.tier)
		maker, taker = max(maker, f.MakerPPM), max(taker, f.TakerPPM)
	}
	info.MakerCommission, info.TakerCommission = maker/100, taker/100
	info.CommissionRates.Maker, info.CommissionRates.Taker = rate(maker), rate(taker)
	for i, asset := range g.Assets {
		b := a.balances[i]
		free := b[ledger.Available]
		rest := locked(b)
		if onlyHeld && free.IsZero() && rest.IsZero() {
			continue
		}
		info.Balances = append(info.Balances, balance{asset.Code, wire(free, asset.Decimals), wire(rest, asset.Decimals)})
	}
	return info, nil
}

// commissionOf is what the account pays in one market. There is no tax and no discount.
func (c *call) commissionOf() (any, error) {
	m := c.market()
	if c.err != nil {
		return nil, c.err
	}
	a, _, err := c.holder()
	if err != nil {
		return nil, err
	}
	f := m.fees(a.tier)
	none := commissionRates{rate(0), rate(0), rate(0), rate(0)}
	return struct {
		Symbol   string          `json:"symbol"`
		Standard commissionRates `json:"standardCommission"`
		Special  commissionRates `json:"specialCommission"`
		Tax      commissionRates `json:"taxCommission"`
		Discount discount        `json:"discount"`
	}{m.Symbol, commissionRates{rate(f.MakerPPM), rate(f.TakerPPM), rate(0), rate(0)}, none, none, discount{Discount: rate(0)}}, nil
}

// myFilters are those that bear on the account's orders in one market. Those of the market's assets
// are told here alone.
func (c *call) myFilters() (any, error) {
	m := c.market()
	if c.err != nil {
		return nil, c.err
	}
	assets := []filter{}
	for _, i := range []uint16{m.Base, m.Quote} {
		a := c.x.View().Genesis().Assets[i]
		if most := c.x.View().MaxAsset(i); !most.IsZero() {
			assets = append(assets, filter{"filterType": "MAX_ASSET", "asset": a.Code, "limit": wire(most, a.Decimals)})
		}
	}
	return struct {
		Exchange []filter `json:"exchangeFilters"`
		Symbol   []filter `json:"symbolFilters"`
		Asset    []filter `json:"assetFilters"`
	}{c.exchangeFilters(), m.filters(), assets}, nil
}

// A discount as answers tell of it; there is none here.
type discount struct {
	EnabledForAccount bool   `json:"enabledForAccount"`
	EnabledForSymbol  bool   `json:"enabledForSymbol"`
	DiscountAsset     string `json:"discountAsset"`
	Discount          string `json:"discount"`
}

// ratesOf is what the account would pay for one order in a market.
func (c *call) ratesOf(m *market) (any, error) {
	a, _, err := c.holder()
	if err != nil {
		return nil, err
	}
	type rates struct {
		Maker string `json:"maker"`
		Taker string `json:"taker"`
	}
	f := m.fees(a.tier)
	return struct {
		Standard rates    `json:"standardCommissionForOrder"`
		Special  rates    `json:"specialCommissionForOrder"`
		Tax      rates    `json:"taxCommissionForOrder"`
		Discount discount `json:"discount"`
	}{rates{rate(f.MakerPPM), rate(f.TakerPPM)}, rates{rate(0), rate(0)}, rates{rate(0), rate(0)}, discount{Discount: rate(0)}}, nil
}

// accountStatus is "Normal" for who may do everything, as published.
func (c *call) accountStatus() (any, error) {
	a, _, err := c.holder()
	if err != nil {
		return nil, err
	}
	status := "Normal"
	if a.May != tape.MayTrade|tape.MayWithdraw {
		status = "Locked"
	}
	return map[string]string{"data": status}, nil
}

// tradingStatus says whether the account may trade. Nothing here locks it for how it trades,
// so the conditions for that are none: each is 0.
func (c *call) tradingStatus() (any, error) {
	a, _, err := c.holder()
	if err != nil {
		return nil, err
	}
	type conditions struct {
		GTC      int `json:"GCR"`
		IOC      int `json:"IFER"` // and FOK
		Unfilled int `json:"UFR"`
	}
	type data struct {
		IsLocked           bool       `json:"isLocked"`
		PlannedRecoverTime int64      `json:"plannedRecoverTime"`
		TriggerCondition   conditions `json:"triggerCondition"`
		UpdateTime         int64      `json:"updateTime"`
	}
	return struct {
		Data data `json:"data"`
	}{data{IsLocked: a.May&tape.MayTrade == 0, UpdateTime: millis(c.at)}}, nil
}

// keyTerms is what the key that asks may do.
func (c *call) keyTerms() (any, error) {
	t := struct {
		IPRestrict        bool  `json:"ipRestrict"`
		CreateTime        int64 `json:"createTime"`
		Reading           bool  `json:"enableReading"`
		Withdrawals       bool  `json:"enableWithdrawals"`
		InternalTransfer  bool  `json:"enableInternalTransfer"`
		Margin            bool  `json:"enableMargin"`
		Futures           bool  `json:"enableFutures"`
		UniversalTransfer bool  `json:"permitsUniversalTransfer"`
		VanillaOptions    bool  `json:"enableVanillaOptions"`
		FixTrade          bool  `json:"enableFixApiTrade"`
		FixRead           bool  `json:"enableFixReadOnly"`
		SpotTrading       bool  `json:"enableSpotAndMarginTrading"`
		PortfolioMargin   bool  `json:"enablePortfolioMarginTrading"`
		TradingExpires    int64 `json:"tradingAuthorityExpirationTime,omitempty"`
	}{
		IPRestrict: len(c.key.From) > 0, CreateTime: millis(c.key.Created), Reading: c.key.Allows(exchange.KeyReads),
		Withdrawals: c.key.Allows(exchange.KeyWithdraws), SpotTrading: c.key.Allows(exchange.KeyTrades),
	}
	if c.key.Kind == exchange.Ed25519Key { // FIX takes no others
		t.FixTrade, t.FixRead = t.SpotTrading, t.Reading
	}
	if c.key.Created.IsZero() {
		t.CreateTime = 0 // made before keys had a time
	}
	if !c.key.Expires.IsZero() {
		t.TradingExpires = millis(c.key.Expires)
	}
	return t, nil
}

// A holder is the account that signed, as it stands.
type holder struct {
	tape.Standing
	tier     uint8
	group    uint32
	balances []ledger.Balance
}

func (c *call) holder() (holder, tape.Genesis, error) {
	a, ok := c.x.View().Account(c.account)
	if !ok {
		return holder{}, tape.Genesis{}, badKey()
	}
	return holder{a.Standing, a.Tier, a.Group, a.Balances}, c.x.View().Genesis(), nil
}

func sum(as ...money.Amount) money.Amount {
	var s money.Amount
	for _, a := range as {
		s = plus(s, a)
	}
	return s
}

// rate writes parts per million as a share with eight decimals.
func rate(ppm uint32) string {
	r, err := money.Int(1).MulPPM(ppm, money.Down)
	if err != nil {
		panic("binance: a rate does not fit: " + err.Error()) // at most 2^32 / 10^6
	}
	return r.Fixed(8)
}
