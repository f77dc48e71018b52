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
