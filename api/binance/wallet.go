package binance

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/chain"
	"sallyport/chain/memory"
	"sallyport/exchange"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

func (s *Server) walletRoutes() {
	s.public("GET", "/sapi/v1/system/status", 1, (*call).systemStatus)
	s.signed("GET", "/sapi/v1/capital/config/getall", 10, (*call).coins)
	s.signed("GET", "/sapi/v1/capital/deposit/address", 10, (*call).depositAddress)
	s.signed("GET", "/sapi/v1/capital/deposit/hisrec", 1, (*call).deposits)
	s.route("POST", "/sapi/v1/capital/withdraw/apply", endpoint{signed: true, may: exchange.KeyWithdraws, weight: func(*call) int { return 1 }, serve: (*call).withdraw})
	s.signed("GET", "/sapi/v1/capital/withdraw/history", 1, (*call).withdrawals)
	s.signed("GET", "/sapi/v1/asset/tradeFee", 1, (*call).tradeFee)
	s.signed("GET", "/sapi/v1/account/info", 1, (*call).vipLevel)
	s.signed("GET", "/sapi/v1/asset/assetDetail", 1, (*call).assetDetail)
	s.route("POST", "/sapi/v3/asset/getUserAsset", endpoint{signed: true, may: exchange.KeyReads, weight: func(*call) int { return 5 }, serve: (*call).userAssets})
	// There is no margin trading and no market in shares; clients that ask hear that there
	// are none.
	none := func(*call) (any, error) { return []struct{}{}, nil }
	s.public("GET", "/sapi/v1/margin/allPairs", 1, none)
	s.public("GET", "/sapi/v1/margin/isolated/allPairs", 1, none)
	s.public("GET", "/sapi/v1/equity/market/exchangeInfo", 1, func(*call) (any, error) {
		return map[string]any{"symbols": []struct{}{}}, nil
	})
}

func (c *call) systemStatus() (any, error) {
	status := struct {
		Status int    `json:"status"`
		Msg    string `json:"msg"`
	}{0, "normal"}
	if c.x.Err() != nil {
		status.Status, status.Msg = 1, "system_maintenance"
	}
	return status, nil
}

type coin struct {
	Coin              string        `json:"coin"`
	Name              string        `json:"name"`
	Free              string        `json:"free"`
	Locked            string        `json:"locked"`
	Freeze            string        `json:"freeze"` // frozen by law, or set apart until a person has looked
	Withdrawing       string        `json:"withdrawing"`
	Ipoing            string        `json:"ipoing"`
	Ipoable           string        `json:"ipoable"`
	Storage           string        `json:"storage"`
	IsLegalMoney      bool          `json:"isLegalMoney"`
	Trading           bool          `json:"trading"`
	DepositAllEnable  bool          `json:"depositAllEnable"`
	WithdrawAllEnable bool          `json:"withdrawAllEnable"`
	NetworkList       []coinNetwork `json:"networkList"`
}

type coinNetwork struct {
	Network                 string `json:"network"`
	Coin                    string `json:"coin"`
	Name                    string `json:"name"`
	IsDefault               bool   `json:"isDefault"`
	DepositEnable           bool   `json:"depositEnable"`
	WithdrawEnable          bool   `json:"withdrawEnable"`
	WithdrawFee             string `json:"withdrawFee"`
	WithdrawMin             string `json:"withdrawMin"`
	WithdrawMax             string `json:"withdrawMax"`
	WithdrawIntegerMultiple string `json:"withdrawIntegerMultiple"`
	WithdrawInternalMin     string `json:"withdrawInternalMin"`
	WithdrawTag             bool   `json:"withdrawTag"`
	DepositDust             string `json:"depositDust"`
	ContractAddress         string `json:"contractAddress"`
	ContractAddressURL      string `json:"contractAddressUrl"`
	AddressRegex            string `json:"addressRegex"`
	MemoRegex               string `json:"memoRegex"`
	MinConfirm              int    `json:"minConfirm"`
	UnLockConfirm           int    `json:"unLockConfirm"`
	ResetAddressStatus      bool   `json:"resetAddressStatus"`
	SameAddress             bool   `json:"sameAddress"`
	Busy                    bool   `json:"busy"`
	SpecialTips             string `json:"specialTips"`
	SpecialWithdrawTips     string `json:"specialWithdrawTips"`
	EstimatedArrivalTime    int    `json:"estimatedArrivalTime"` // minutes
}

func (c *call) coins() (any, error) {
	a, g, err := c.holder()
	if err != nil {
		return nil, err
	}
	traded := map[uint16]bool{}
	for _, m := range g.Markets {
		traded[m.Base], traded[m.Quote] = true, true
	}
	list := make([]coin, len(g.Assets))
	for i, asset := range g.Assets {
		show := func(x money.Amount) string { return wire(x, asset.Decimals) }
		b, none := a.balances[i], show(money.Amount{})
		step := money.MustParse("1")
		if asset.Decimals > 0 {
			step = money.MustParse("0." + strings.Repeat("0", int(asset.Decimals)-1) + "1")
		}
		list[i] = coin{
			Coin: asset.Code, Name: asset.Code, Free: show(b[ledger.Available]), Locked: show(b[ledger.Ordered]),
			Freeze: show(sum(b[ledger.Frozen], b[ledger.Apart])), Withdrawing: show(b[ledger.Leaving]),
			Ipoing: none, Ipoable: none, Storage: none, Trading: traded[uint16(i)], DepositAllEnable: true, WithdrawAllEnable: true,
			NetworkList: []coinNetwork{{
				Network: asset.Network, Coin: asset.Code, Name: asset.Network, IsDefault: true, DepositEnable: true, WithdrawEnable: true,
				WithdrawFee: show(asset.FeeOut), WithdrawMin: show(asset.MinOut), WithdrawMax: "9999999999", WithdrawIntegerMultiple: step.String(),
				WithdrawInternalMin: show(asset.MinOut), DepositDust: none,
				AddressRegex: fmt.Sprintf("^[!-~]{1,%d}$", chain.MaxAddress), MinConfirm: 1, EstimatedArrivalTime: 1,
			}},
		}
	}
	return list, nil
}

// asset is the one that the mandatory parameter coin names, on the network that the
// optional one names.
func (c *call) asset() (uint16, tape.Asset) {
	code, network := c.must("coin"), c.text("network")
	if c.err != nil {
		return 0, tape.Asset{}
	}
	i, ok := c.x.View().Asset(code)
	if !ok {
		c.fail(bad(-4018, "We don't have this asset."))
		return 0, tape.Asset{}
	}
	a := c.x.View().Genesis().Assets[i]
	if network != "" && network != a.Network {
		c.fail(invalid("network"))
	}
	return i, a
}

func (c *call) depositAddress() (any, error) {
	_, a := c.asset()
	return struct {
		Address string `json:"address"`
		Coin    string `json:"coin"`
		Tag     string `json:"tag"`
		URL     string `json:"url"`
	}{memory.DepositAddress(a.Network, c.account), a.Code, "", ""}, nil
}

// The published numbers of a deposit's state.
const (
	depositPending  = 0 // set apart until a person has looked
	depositCredited = 1
	depositNotFree  = 6 // credited, and cannot be withdrawn: frozen
)

type depositRow struct {
	ID            string `json:"id"`
	Amount        string `json:"amount"`
	Coin          string `json:"coin"`
	Network       string `json:"network"`
	Status        int    `json:"status"`
	Address       string `json:"address"`
	AddressTag    string `json:"addressTag"`
	TxID          string `json:"txId"`
	InsertTime    int64  `json:"insertTime"`
	TransferType  int    `json:"transferType"`
	ConfirmTimes  string `json:"confirmTimes"`
	UnlockConfirm int    `json:"unlockConfirm"`
	WalletType    int    `json:"walletType"`
	SourceAddress string `json:"sourceAddress"`
	TravelStatus  int    `json:"travelRuleStatus"` // whether it waits for the customer's word on where it came from (tellTravel)

	by string // the decision under which it is set apart, or ""
}

// A page is the part of a list of movements that is asked for.
type page struct {
	from, to      int64
	status        int64 // -1 is any
	coin          string
	offset, limit int
}

func (c *call) page() page {
	from, to := c.between()
	return page{from, to, c.whole("status", -1), c.text("coin"), int(min(c.whole("offset", 0), 1<<30)), c.limit(maxRows, maxRows)}
}

func (p *page) wants(coin string, status int, at int64) bool {
	return (p.coin == "" || p.coin == coin) && (p.status < 0 || p.status == int64(status)) && p.from <= at && at <= p.to
}

// pageOf cuts a list that is newest first.
func pageOf[T any](rows []T, p page) []T {
	return first(rows[min(p.offset, len(rows)):], p.limit)
}

func (c *call) deposits() (any, error) {
	p, txID := c.page(), c.text("txId")
	if c.err != nil {
		return nil, c.err
	}
	rows := slices.DeleteFunc(c.depositRows(), func(d depositRow) bool {
		return !p.wants(d.Coin, d.Status, d.InsertTime) || txID != "" && txID != d.TxID
	})
	rows = pageOf(rows, p)
	for i := range rows {
		if err := c.tellTravel(&rows[i]); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// tellTravel tells of a deposit whether it waits for the customer's word. That may be read from the log, and
// is asked of those alone that are told.
func (c *call) tellTravel(d *depositRow) error {
	if d.by == "" {
		return nil
	}
	awaits, err := c.x.AwaitsControl(d.by)
	if awaits {
		d.TravelStatus = travelPending
	}
	return err
}

// depositRows is every deposit of the account, the newest first, without tellTravel.
func (c *call) depositRows() []depositRow {
	assets := c.x.View().Genesis().Assets
	rows := []depositRow{}
	for _, d := range c.x.View().Deposits(c.account) {
		a := assets[d.Asset]
		row := depositRow{
			ID: strconv.FormatUint(d.ID, 10), Amount: wire(d.Amount, a.Decimals), Coin: a.Code, Network: d.Network, Status: depositPending,
			Address: memory.DepositAddress(d.Network, d.Account), TxID: d.TxID, InsertTime: d.Created / 1000, ConfirmTimes: "1/1", SourceAddress: d.From,
		}
		switch d.Pocket {
		case ledger.Available:
			row.Status = depositCredited
		case ledger.Frozen:
			row.Status = depositNotFree
		case ledger.Apart:
			row.by = hex.EncodeToString(d.Decision[:])
		}
		rows = append(rows, row)
	}
	slices.Reverse(rows)
	return rows
}

// withdraw asks for value to leave. The same withdrawOrderId with the same words is the
// same withdrawal, so that a client may ask again when an answer is lost.
func (c *call) withdraw() (any, error) {
	i, asset := c.asset()
	address, ref := c.must("address"), c.form("withdrawOrderId", refForm)
	c.must("amount")
	amount := c.decimal("amount", asset.Decimals)
	if tag, _ := c.get("addressTag"); tag != "" {
		c.unwanted("addressTag") // to leave a tag aside is to lose the money
	}
	if c.err != nil {
		return nil, c.err
	}
	if _, err := chain.ParseStrict(address); err != nil {
		return nil, bad(-4007, "Address validation is not passed.")
	}
	if ref == "" {
		id, err := c.id()
		if err != nil {
			return nil, err
		}
		ref = made + id
	}
	mu := &c.asking[c.account%uint64(len(c.asking))]
	mu.Lock()
	defer mu.Unlock()
	// Waiting for another withdrawal took time; what is asked for is still meant.
	if err := c.fresh(); err != nil {
		return nil, err
	}
	if w, ok := c.asked(ref); ok {
		if w.Asset != i || w.Amount != amount || w.Address != address {
			f := invalid("withdrawOrderId")
			f.reason = "another withdrawal of this account has this withdrawOrderId"
			return nil, f
		}
		return c.taken(w)
	}
	w, err := c.x.Withdraw(c.account, i, amount, asset.Network, address, ref, c.session, c.still)
	if err != nil {
		return nil, withdrawalFault(err, asset.MinOut)
	}
	return c.taken(w)
}

// made marks a ref that the client did not give; theirs have no such character.
const made = "~"

func (c *call) asked(ref string) (tape.WithdrawalChanged, bool) {
	for _, w := range c.x.View().Withdrawals(c.account) {
		if w.Ref == ref {
			return w, true
		}
	}
	return tape.WithdrawalChanged{}, false
}

// taken answers a withdrawal that the log holds. One that was frozen on its way is no
// success, though it has a number: nothing will arrive.
func (c *call) taken(w tape.WithdrawalChanged) (any, error) {
	if w.Status == tape.OutStopped {
		r := exchange.Refusal{Reason: tape.NotPermitted, Decision: hex.EncodeToString(w.Decision[:])}
		d, err := c.x.View().Decision(r.Decision)
		if err != nil {
			return nil, err
		}
		r.Verdict = d.Decision.Verdict
		f := bad(-1002, unauthorized).because(&r)
		f.reason += fmt.Sprintf("; withdrawal %d: its amount is frozen", w.ID)
		return nil, f
	}
	return withdrawn{strconv.FormatUint(w.ID, 10)}, nil
}

// A withdrawn answers a withdrawal that was taken.
type withdrawn struct {
	ID string `json:"id"`
}

// The published numbers of a withdrawal's state.
const (
	outCanceled   = 1
	outRejected   = 3
	outProcessing = 4
	outCompleted  = 6
)

type withdrawalRow struct {
	ID              string `json:"id"`
	Amount          string `json:"amount"` // what arrives
	TransactionFee  string `json:"transactionFee"`
	Coin            string `json:"coin"`
	Network         string `json:"network"`
	Status          int    `json:"status"`
	Address         string `json:"address"`
	AddressTag      string `json:"addressTag"`
	TxID            string `json:"txId"`
	ApplyTime       string `json:"applyTime"`
	CompleteTime    string `json:"completeTime,omitempty"`
	TransferType    int    `json:"transferType"`
	WithdrawOrderID string `json:"withdrawOrderId,omitempty"`
	Info            string `json:"info"`
	ConfirmNo       int    `json:"confirmNo"`
	WalletType      int    `json:"walletType"`
	TxKey           string `json:"txKey"`

	asked int64 // ms
}

// clockForm is how the published API writes the times of withdrawals, in UTC.
const clockForm = "2006-01-02 15:04:05"

func (c *call) withdrawals() (any, error) {
	p, ref, ids := c.page(), c.text("withdrawOrderId"), c.choice("idList")
	if c.err != nil {
		return nil, c.err
	}
	rows, err := c.withdrawalRows()
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(w withdrawalRow) bool {
		return !p.wants(w.Coin, w.Status, w.asked) || ref != "" && ref != w.WithdrawOrderID || !ids.of(w.ID)
	})
	return pageOf(rows, p), nil
}

// withdrawalRows is every withdrawal of the account, the newest first.
func (c *call) withdrawalRows() ([]withdrawalRow, error) {
	assets := c.x.View().Genesis().Assets
	rows := []withdrawalRow{}
	for _, w := range c.x.View().Withdrawals(c.account) {
		a := assets[w.Asset]
		net, err := w.Amount.Sub(w.Fee)
		if err != nil {
			return nil, fmt.Errorf("binance: withdrawal %d: %w", w.ID, err)
		}
		row := withdrawalRow{
			ID: strconv.FormatUint(w.ID, 10), Amount: wire(net, a.Decimals), TransactionFee: wire(w.Fee, a.Decimals), Coin: a.Code, Network: w.Network,
			Status: outProcessing, Address: w.Address, TxID: w.TxID, ApplyTime: time.UnixMicro(w.Created).UTC().Format(clockForm), WithdrawOrderID: w.Ref, asked: w.Created / 1000,
		}
		if strings.HasPrefix(w.Ref, made) {
			row.WithdrawOrderID = ""
		}
		switch w.Status {
		case tape.Sent:
			row.Status, row.ConfirmNo, row.CompleteTime = outCompleted, 1, time.UnixMicro(w.Updated).UTC().Format(clockForm)
		case tape.OutCanceled:
			row.Status, row.Info = outCanceled, "canceled; its amount is available again; see decision "+hex.EncodeToString(w.Decision[:])
		case tape.OutStopped:
			row.Status, row.Info = outRejected, "stopped; its amount is frozen; see decision "+hex.EncodeToString(w.Decision[:])
		}
		rows = append(rows, row)
	}
	slices.Reverse(rows)
	return rows, nil
}

func (c *call) tradeFee() (any, error) {
	ms, _ := c.markets()
	type fee struct {
		Symbol          string `json:"symbol"`
		MakerCommission string `json:"makerCommission"`
		TakerCommission string `json:"takerCommission"`
	}
	a, _, err := c.holder()
	if err != nil {
		return nil, err
	}
	list := make([]fee, len(ms))
	for i, m := range ms {
		f := m.fees(a.tier)
		list[i] = fee{m.Symbol, rate(f.MakerPPM), rate(f.TakerPPM)}
	}
	return list, nil
}

// vipLevel is the tier of fees that the account pays by, as published; there is nothing else here
// that could be enabled.
func (c *call) vipLevel() (any, error) {
	a, _, err := c.holder()
	if err != nil {
		return nil, err
	}
	return struct {
		VIPLevel        uint8 `json:"vipLevel"`
		Margin          bool  `json:"isMarginEnabled"`
		Futures         bool  `json:"isFutureEnabled"`
		Options         bool  `json:"isOptionsEnabled"`
		PortfolioMargin bool  `json:"isPortfolioMarginRetailEnabled"`
	}{VIPLevel: a.tier}, nil
}

// assetDetail is what may come in and go out, by asset.
func (c *call) assetDetail() (any, error) {
	type detail struct {
		MinWithdrawAmount string `json:"minWithdrawAmount"`
		DepositStatus     bool   `json:"depositStatus"`
		WithdrawFee       string `json:"withdrawFee"`
		WithdrawStatus    bool   `json:"withdrawStatus"`
	}
	only := c.text("asset")
	if c.err != nil {
		return nil, c.err
	}
	details := map[string]detail{}
	for _, a := range c.x.View().Genesis().Assets {
		if only == "" || only == a.Code {
			details[a.Code] = detail{wire(a.MinOut, a.Decimals), true, wire(a.FeeOut, a.Decimals), true}
		}
	}
	if len(details) == 0 {
		return nil, bad(-4018, "We don't have this asset.")
	}
	return details, nil
}

type userAsset struct {
	Asset        string `json:"asset"`
	Free         string `json:"free"`
	Locked       string `json:"locked"`
	Freeze       string `json:"freeze"` // frozen by law, or set apart until a person has looked
	Withdrawing  string `json:"withdrawing"`
	Ipoable      string `json:"ipoable"`
	BTCValuation string `json:"btcValuation"`
}

// userAssets is what the account holds of the asset asked for, or of each that it has any of.
func (c *call) userAssets() (any, error) {
	only, value := c.text("asset"), c.text("needBtcValuation") == "true"
	if c.err != nil {
		return nil, c.err
	}
	a, g, err := c.holder()
	if err != nil {
		return nil, err
	}
	list := []userAsset{}
	for i, asset := range g.Assets {
		b := a.balances[i]
		total := sum(b[ledger.Available], locked(b))
		if only != "" && only != asset.Code || only == "" && total.IsZero() {
			continue
		}
		show := func(x money.Amount) string { return wire(x, asset.Decimals) }
		u := userAsset{asset.Code, show(b[ledger.Available]), show(b[ledger.Ordered]), show(sum(b[ledger.Frozen], b[ledger.Apart])), show(b[ledger.Leaving]), show(money.Amount{}), "0"}
		if value {
			u.BTCValuation = c.inBTC(&g, uint16(i), total).Fixed(8)
		}
		list = append(list, u)
	}
	return list, nil
}

// inBTC is an amount's worth in bitcoin by the last prices, directly or over one other asset;
// zero where nothing prices it.
func (c *call) inBTC(g *tape.Genesis, asset uint16, amount money.Amount) money.Amount {
	btc, ok := c.x.View().Asset("BTC")
	if !ok {
		return money.Amount{}
	}
	if asset == btc {
		return amount
	}
	const step = "0.00000001"
	worth := func(from, to uint16, amount money.Amount) (money.Amount, bool) {
		for i, m := range g.Markets {
			last := c.x.View().LastPrice(uint16(i))
			switch {
			case last.IsZero():
			case m.Base == from && m.Quote == to:
				v, err := amount.Mul(last, money.Down)
				return v, err == nil
			case m.Base == to && m.Quote == from:
				return quotient(amount, last, step), true
			}
		}
		return money.Amount{}, false
	}
	if v, ok := worth(asset, btc, amount); ok {
		return v
	}
	for over := range g.Assets {
		if v, ok := worth(asset, uint16(over), amount); ok {
			if v, ok = worth(uint16(over), btc, v); ok {
				return v
			}
		}
	}
	return money.Amount{}
}
