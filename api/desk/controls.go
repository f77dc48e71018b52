package desk

import (
	"net/http"

	"sallyport/entity"
)

// control takes the word of an operator user that it was assessed whose an address is.
func (d *desk) control(r *http.Request) (int, any, error) {
	var ask struct {
		Account uint64 `json:"account"`
		Address string `json:"address"`
		Theirs  bool   `json:"theirs"`
		By      string `json:"by"`
		How     string `json:"how"`
	}
	if err := body(r, &ask); err != nil {
		return 0, nil, err
	}
	if err := settle(r, &ask.By); err != nil {
		return 0, nil, err
	}
	if _, ok := d.x.View().Account(ask.Account); !ok {
		return 0, nil, noAccount(ask.Account)
	}
	k, _, err := d.x.RecordControl(ask.Account, ask.Address, ask.Theirs, ask.By, ask.How)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, struct {
		Account uint64 `json:"account"`
		entity.Control
	}{ask.Account, k}, nil
}

// addresses is what a customer has said of addresses on the other side of movements, and what was
// found of them: where the first is without the second somebody has yet to look.
func (d *desk) addresses(r *http.Request) (int, any, error) {
	n, err := d.account(r)
	if err != nil {
		return 0, nil, err
	}
	claims, controls := d.x.Addresses(n)
	if claims == nil {
		claims = []entity.Claim{}
	}
	if controls == nil {
		controls = []entity.Control{}
	}
	return http.StatusOK, struct {
		Claims   []entity.Claim   `json:"claims"`
		Controls []entity.Control `json:"controls"`
	}{claims, controls}, nil
}
