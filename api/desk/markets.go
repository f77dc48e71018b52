package desk

import (
	"net/http"

	"sallyport/money"
	"sallyport/venue/tape"
)

// setPhase says what a market lets its customers do from now on.
func (d *desk) setPhase(r *http.Request) (int, any, error) {
	var ask struct {
		Phase  string `json:"phase"`
		By     string `json:"by"`
		Reason string `json:"reason"`
	}
	if err := body(r, &ask); err != nil {
		return 0, nil, err
	}
	if err := settle(r, &ask.By); err != nil {
		return 0, nil, err
	}
	symbol := r.PathValue("symbol")
	i, ok := d.x.View().Market(symbol)
	if !ok {
		return 0, nil, wrong(http.StatusNotFound, "There is no market %q here. GET /desk/v1/summary lists them.", symbol)
	}
	for p := tape.Trading; p.String() != ""; p++ {
		if p.String() == ask.Phase {
			if err := d.x.SetPhase(&tape.SetPhase{Market: i, Phase: p, By: ask.By, Reason: ask.Reason}); err != nil {
				return 0, nil, err
			}
			return http.StatusOK, map[string]string{"symbol": symbol, "phase": ask.Phase}, nil
		}
	}
	return 0, nil, wrong(http.StatusUnprocessableEntity, "phase: want TRADING, CANCEL_ONLY (orders end and none come) or HALT (nothing).")
}

// setTier puts a customer's account into a tier of fees, from its next trade on.
func (d *desk) setTier(r *http.Request) (int, any, error) {
	n, err := number(r)
	if err != nil {
		return 0, nil, err
	}
	var ask struct {
		Tier *uint8 `json:"tier"`
	}
	if err := body(r, &ask); err != nil {
		return 0, nil, err
	}
	if _, ok := d.x.View().Account(n); !ok {
		return 0, nil, noAccount(n)
	}
	if ask.Tier == nil {
		return 0, nil, wrong(http.StatusUnprocessableEntity, "tier: want a number; 0 is the tier that every account begins in.")
	}
	if err := d.x.SetTier(&tape.SetTier{Account: n, Tier: *ask.Tier}); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, struct {
		Account uint64 `json:"account"`
		Tier    uint8  `json:"tier"`
	}{n, *ask.Tier}, nil
}

// setTradeGroup says which trade group a customer's account is in: with which others it is one owner's.
func (d *desk) setTradeGroup(r *http.Request) (int, any, error) {
	n, err := number(r)
	if err != nil {
		return 0, nil, err
	}
	var ask struct {
		Group  *uint32 `json:"group"`
		By     string  `json:"by"`
		Reason string  `json:"reason"`
	}
	if err := body(r, &ask); err != nil {
		return 0, nil, err
	}
	if err := settle(r, &ask.By); err != nil {
		return 0, nil, err
	}
	if _, ok := d.x.View().Account(n); !ok {
		return 0, nil, noAccount(n)
	}
	if ask.Group == nil {
		return 0, nil, wrong(http.StatusUnprocessableEntity, "group: want the number that all accounts of the owner share; 0 is none.")
	}
	if err := d.x.SetTradeGroup(&tape.SetTradeGroup{Account: n, Group: *ask.Group, By: ask.By, Reason: ask.Reason}); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, struct {
		Account uint64 `json:"account"`
		Group   uint32 `json:"trade_group"`
	}{n, *ask.Group}, nil
}

// setMaxAsset says how much of an asset one order may move.
func (d *desk) setMaxAsset(r *http.Request) (int, any, error) {
	var ask struct {
		Max    *money.Amount `json:"max"`
		By     string        `json:"by"`
		Reason string        `json:"reason"`
	}
	if err := body(r, &ask); err != nil {
		return 0, nil, err
	}
	if err := settle(r, &ask.By); err != nil {
		return 0, nil, err
	}
	code := r.PathValue("asset")
	i, ok := d.x.View().Asset(code)
	if !ok {
		return 0, nil, wrong(http.StatusNotFound, "There is no asset %q here. GET /desk/v1/summary lists them.", code)
	}
	if ask.Max == nil {
		return 0, nil, wrong(http.StatusUnprocessableEntity, "max: want an amount of the asset, in quotation marks; 0 is no bound.")
	}
	if err := d.x.SetMaxAsset(&tape.SetMaxAsset{Asset: i, Max: *ask.Max, By: ask.By, Reason: ask.Reason}); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, struct {
		Asset string       `json:"asset"`
		Max   money.Amount `json:"max_order"`
	}{code, *ask.Max}, nil
}
