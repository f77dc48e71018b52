package binance

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"sallyport/exchange"
)

// The wallet's endpoints for places where a law wants to know who is on the other side of a
// transfer (localentity): the same movements, with the customer's answers to questions. What they
// answer lies in the vault, for whoever assesses whose an address is (Regulation (EU) 2023/1113,
// Articles 14 and 16); it moves nothing by itself. What they may be asked differs by country, so
// any answers are taken, within bounds.

func (s *Server) travelRoutes() {
	const heavy = 600 // as published
	moving := func(method, path string, serve func(*call) (any, error)) {
		s.route(method, path, endpoint{signed: true, may: exchange.KeyWithdraws, weight: func(*call) int { return heavy }, serve: serve})
	}
	moving(http.MethodPost, "/sapi/v1/localentity/withdraw/apply", (*call).withdrawAnswered)
	moving(http.MethodPut, "/sapi/v1/localentity/deposit/provide-info", (*call).answerDeposit)
	moving(http.MethodPut, "/sapi/v2/localentity/deposit/provide-info", (*call).answerDeposit)
	for _, version := range []string{"v1", "v2"} {
		s.signed("GET", "/sapi/"+version+"/localentity/withdraw/history", 1, (*call).answeredWithdrawals)
		s.signed("GET", "/sapi/"+version+"/localentity/deposit/history", 1, (*call).answeredDeposits)
	}
	s.signed("GET", "/sapi/v1/localentity/questionnaire-requirements", 1, (*call).questionnaire)
	s.signed("GET", "/sapi/v1/localentity/vasp", 1, (*call).providers)
}

// providers are the platforms that the account's operator deals with and may. Their code is the name
// that decisions call them by.
func (c *call) providers() (any, error) {
	a, ok := c.x.View().Account(c.account)
	if !ok {
		return nil, badKey()
	}
	type provider struct {
		Name string `json:"vaspName"`
		Code string `json:"vaspCode"`
	}
	rows := []provider{}
	for _, name := range c.x.Deals(a.Operator.Name) {
		rows = append(rows, provider{name, name})
	}
	return rows, nil
}

// questionnaire says whether answers are wanted: "EU" where a rule in force for the account's
// operator waits for an assessment of addresses, "NIL" where none does.
func (c *call) questionnaire() (any, error) {
	a, ok := c.x.View().Account(c.account)
	if !ok {
		return nil, badKey()
	}
	country := "NIL"
	if c.x.WantsClaims(a.Operator.Nexus, c.at) {
		country = "EU"
	}
	return struct {
		Country string `json:"questionnaireCountryCode"`
	}{country}, nil
}

// answers reads the mandatory questionnaire: an object of texts, numbers and yes or no.
func (c *call) answers() map[string]string {
	text := c.must("questionnaire")
	if c.err != nil {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var read map[string]any
	if err := d.Decode(&read); err != nil || d.More() || len(read) == 0 {
		c.fail(invalid("questionnaire"))
		return nil
	}
	answers := map[string]string{}
	for name, v := range read {
		switch v := v.(type) {
		case nil:
			answers[name] = ""
		case string:
			answers[name] = v
		case json.Number, bool:
			answers[name] = fmt.Sprint(v)
		default:
			c.fail(invalid("questionnaire"))
		}
	}
	return answers
}

// claim keeps the customer's word on an address.
func (c *call) claim(address string, answers map[string]string) error {
	err := c.x.RecordClaim(c.account, address, answers)
	var denied *exchange.Denial
	if errors.As(err, &denied) {
		f := invalid("questionnaire")
		if denied.Field == "address" {
			f = bad(-4007, "Address validation is not passed.")
		}
		f.reason = denied.Error()
		return f
	}
	if r, ok := exchange.AsRefusal(err); ok {
		return badKey().because(r)
	}
	return err
}

// An accepted answers what was taken. The second name is the published one, spelled so.
type accepted struct {
	ID       uint64 `json:"trId"`
	Accepted bool   `json:"accepted"`
	Accpted  bool   `json:"accpted"`
	Info     string `json:"info"`
}

// withdrawAnswered is withdraw with the customer's word on the address, which stays where the
// withdrawal itself is refused until somebody has assessed it.
func (c *call) withdrawAnswered() (any, error) {
	answers, address := c.answers(), c.must("address")
	if c.err != nil {
		return nil, c.err
	}
	if err := c.claim(address, answers); err != nil {
		return nil, err
	}
	answer, err := c.withdraw()
	if err != nil {
		return nil, err
	}
	id, err := strconv.ParseUint(answer.(withdrawn).ID, 10, 64)
	if err != nil {
		return nil, err
	}
	return accepted{id, true, true, "Withdrawal request accepted"}, nil
}

// answerDeposit takes the customer's word on where a deposit of theirs came from.
func (c *call) answerDeposit() (any, error) {
	answers := c.answers()
	name := "tranId"
	if c.has("depositId") {
		name = "depositId"
	}
	c.must(name)
	id := c.whole(name, 0)
	if c.err != nil {
		return nil, c.err
	}
	for _, d := range c.x.View().Deposits(c.account) {
		if int64(d.ID) != id {
			continue
		}
		if err := c.claim(d.From, answers); err != nil {
			return nil, err
		}
		return accepted{d.ID, true, true, "Deposit questionnaire accepted."}, nil
	}
	return nil, invalid(name)
}

// The published numbers of how far such a movement has come.
const (
	travelDone    = 0
	travelPending = 1
	travelFailed  = 2
)

// said is what the customer has last said of each address, as it is written back.
func (c *call) said() map[string]string {
	claims, _ := c.x.Addresses(c.account)
	said := map[string]string{}
	for _, k := range claims {
		answers := map[string]string{}
		for _, a := range k.Answers {
			answers[a.Question] = a.Answer
		}
		if b, err := json.Marshal(answers); err == nil {
			said[k.Address] = string(b)
		}
	}
	return said
}

// A choice is which movements a client asks for: "" is any, and several have commas.
type choice map[string]bool

func (c *call) choice(name string) choice {
	text := c.text(name)
	if text == "" {
		return nil
	}
	of := choice{}
	for _, t := range strings.Split(text, ",") {
		of[strings.TrimSpace(t)] = true
	}
	return of
}

func (c choice) of(text string) bool { return c == nil || c[text] }

type answeredWithdrawal struct {
	ID              string `json:"id"`
	Travel          uint64 `json:"trId"`
	Amount          string `json:"amount"` // what arrives
	TransactionFee  string `json:"transactionFee"`
	Coin            string `json:"coin"`
	Status          int    `json:"withdrawalStatus"`
	TravelStatus    int    `json:"travelRuleStatus"`
	Address         string `json:"address"`
	AddressTag      string `json:"addressTag"`
	TxID            string `json:"txId"`
	ApplyTime       string `json:"applyTime"`
	CompleteTime    string `json:"completeTime,omitempty"`
	Network         string `json:"network"`
	TransferType    int    `json:"transferType"`
	WithdrawOrderID string `json:"withdrawOrderId,omitempty"`
	Info            string `json:"info"`
	ConfirmNo       int    `json:"confirmNo"`
	WalletType      int    `json:"walletType"`
	TxKey           string `json:"txKey"`
	Questionnaire   string `json:"questionnaire"`
}

func (c *call) answeredWithdrawals() (any, error) {
	p, network, wanted := c.page(), c.text("network"), c.whole("travelRuleStatus", -1)
	travel, tx, ref := c.choice("trId"), c.choice("txId"), c.choice("withdrawOrderId")
	if c.err != nil {
		return nil, c.err
	}
	rows, err := c.withdrawalRows()
	if err != nil {
		return nil, err
	}
	said, list := c.said(), []answeredWithdrawal{}
	for _, w := range rows {
		status := travelDone
		if w.Status == outCanceled || w.Status == outRejected {
			status = travelFailed
		}
		switch {
		case !p.wants(w.Coin, w.Status, w.asked) || network != "" && network != w.Network || wanted >= 0 && wanted != int64(status):
		case !travel.of(w.ID) || !tx.of(w.TxID) || !ref.of(w.WithdrawOrderID):
		default:
			id, err := strconv.ParseUint(w.ID, 10, 64)
			if err != nil {
				return nil, err
			}
			list = append(list, answeredWithdrawal{
				ID: w.ID, Travel: id, Amount: w.Amount, TransactionFee: w.TransactionFee, Coin: w.Coin, Status: w.Status, TravelStatus: status, Address: w.Address,
				TxID: w.TxID, ApplyTime: w.ApplyTime, CompleteTime: w.CompleteTime, Network: w.Network, WithdrawOrderID: w.WithdrawOrderID, Info: w.Info,
				ConfirmNo: w.ConfirmNo, Questionnaire: said[w.Address],
			})
		}
	}
	return pageOf(list, p), nil
}

type answeredDeposit struct {
	Travel        uint64 `json:"trId"`
	TranID        uint64 `json:"tranId"`
	DepositID     string `json:"depositId"`
	Amount        string `json:"amount"`
	Coin          string `json:"coin"`
	Network       string `json:"network"`
	Status        int    `json:"depositStatus"`
	TravelStatus  int    `json:"travelRuleStatus"`
	ReqStatus     int    `json:"travelRuleReqStatus"` // the same, by the name of the second version
	Address       string `json:"address"`
	AddressTag    string `json:"addressTag"`
	TxID          string `json:"txId"`
	InsertTime    int64  `json:"insertTime"`
	TransferType  int    `json:"transferType"`
	ConfirmTimes  string `json:"confirmTimes"`
	UnlockConfirm int    `json:"unlockConfirm"`
	WalletType    int    `json:"walletType"`
	Wanted        bool   `json:"requireQuestionnaire"`
	Questionnaire string `json:"questionnaire"`
	SourceAddress string `json:"sourceAddress"`
}

func (c *call) answeredDeposits() (any, error) {
	p, network, wanted, pending := c.page(), c.text("network"), c.whole("travelRuleStatus", -1), c.text("pendingQuestionnaire") == "true"
	travel, tx, tran, deposit := c.choice("trId"), c.choice("txId"), c.choice("tranId"), c.choice("depositId")
	if c.err != nil {
		return nil, c.err
	}
	said, list := c.said(), []answeredDeposit{}
	for _, d := range c.depositRows() {
		if len(list) >= p.offset+p.limit {
			break
		}
		if !p.wants(d.Coin, d.Status, d.InsertTime) || network != "" && network != d.Network || !travel.of(d.ID) || !tx.of(d.TxID) || !tran.of(d.ID) || !deposit.of(d.ID) {
			continue
		}
		if err := c.tellTravel(&d); err != nil {
			return nil, err
		}
		awaits := d.TravelStatus == travelPending
		answers, answered := said[d.SourceAddress]
		if wanted >= 0 && wanted != int64(d.TravelStatus) || pending && (!awaits || answered) {
			continue
		}
		id, err := strconv.ParseUint(d.ID, 10, 64)
		if err != nil {
			return nil, err
		}
		list = append(list, answeredDeposit{
			Travel: id, TranID: id, DepositID: d.ID, Amount: d.Amount, Coin: d.Coin, Network: d.Network, Status: d.Status, TravelStatus: d.TravelStatus, ReqStatus: d.TravelStatus, Address: d.Address,
			TxID: d.TxID, InsertTime: d.InsertTime, ConfirmTimes: d.ConfirmTimes, Wanted: awaits, Questionnaire: answers, SourceAddress: d.SourceAddress,
		})
	}
	return pageOf(list, p), nil
}
