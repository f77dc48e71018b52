package desk

import (
	"net/http"

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
