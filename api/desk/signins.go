package desk

import (
	"errors"
	"net/http"

	"sallyport/exchange"
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
	if err := settle(r, &ask.By); err != nil {
		return 0, nil, err
	}
	if err := checkBy(ask.By); err != nil {
		return 0, nil, err
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

// checkBy says what is wrong with the name of who asks.
func checkBy(by string) error {
	if by == "" || len(by) > tape.MaxBy {
		return wrong(http.StatusUnprocessableEntity, "by: want the name of the operator user who says it, 1 to %d bytes.", tape.MaxBy)
	}
	return nil
}

// invite lets the holder of an account that the desk opened sign in.
func (d *desk) invite(r *http.Request) (int, any, error) {
	account, err := number(r)
	if err != nil {
		return 0, nil, err
	}
	var ask struct {
		Email string `json:"email"`
		By    string `json:"by"`
		Mail  bool   `json:"mail"`
	}
	if err := body(r, &ask); err != nil {
		return 0, nil, err
	}
	if err := settle(r, &ask.By); err != nil {
		return 0, nil, err
	}
	if err := checkBy(ask.By); err != nil {
		return 0, nil, err
	}
	if _, ok := d.x.View().Account(account); !ok {
		return 0, nil, noAccount(account)
	}
	if d.o.Invite == nil {
		return 0, nil, wrong(http.StatusConflict, "Nobody is invited here: there is no site for the customers' pages.")
	}
	link, err := d.o.Invite(account, ask.Email, ask.Mail)
	switch {
	case errors.Is(err, exchange.ErrSignsIn):
		return 0, nil, wrong(http.StatusConflict, "The holder of account %d signs in already. A forgotten password is theirs to reset.", account)
	case errors.Is(err, exchange.ErrEmailTaken):
		return 0, nil, wrong(http.StatusConflict, "email: another customer signs in with this address.")
	case errors.Is(err, signin.ErrEmail):
		return 0, nil, wrong(http.StatusUnprocessableEntity, "email: %s.", signin.ErrEmail)
	case err != nil:
		return 0, nil, err
	}
	d.o.Log.Info("the desk invited a customer to sign in", "account", account, "by", ask.By, "mailed", ask.Mail)
	return http.StatusCreated, struct {
		Account uint64 `json:"account"`
		Mailed  bool   `json:"mailed"`
		Link    string `json:"link,omitempty"` // shown this once; good for a week, once
	}{account, ask.Mail, link}, nil
}
