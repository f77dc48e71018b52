package desk

import (
	"net/http"

	"sallyport/signin"
	"sallyport/venue/tape"
)

// signOut ends every session of a customer, such as of one whose device was stolen.
func (d *desk) signOut(r *http.Request) (int, any, error) {
	account, err := number(r)
	if err != nil {
		return 0, nil, err
	}
	var ask struct {
		By string `json:"by"`
	}
	if err := body(r, &ask); err != nil {
		return 0, nil, err
	}
	if ask.By == "" || len(ask.By) > tape.MaxBy {
		return 0, nil, wrong(http.StatusUnprocessableEntity, "by: want the name of the operator user who says it, 1 to %d bytes.", tape.MaxBy)
	}
	if _, ok := d.x.Login(account); !ok {
		return 0, nil, wrong(http.StatusNotFound, "Nobody signs in to an account %d.", account)
	}
	ended := 0
	err = d.x.ChangeLogin(account, func(l *signin.Login) error {
		ended = len(l.Sessions)
		l.EndOthers("")
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	d.o.Log.Info("the desk signed a customer out", "account", account, "by", ask.By, "sessions", ended)
	return http.StatusOK, struct {
		Account uint64 `json:"account"`
		Ended   int    `json:"ended"`
	}{account, ended}, nil
}
