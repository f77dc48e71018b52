package console

import (
	"net/http"
	"strconv"
	"strings"

	"sallyport/exchange"
	"sallyport/money"
	"sallyport/staff"
	"sallyport/venue/tape"
)

func (c *console) marketRoutes() {
	c.mux.HandleFunc("GET /markets", func(w http.ResponseWriter, r *http.Request) { c.markets(w, r, http.StatusOK, marketForm{}) })
	c.word("POST /markets/{symbol}/phase", staff.Operations, c.setPhase)
	c.word("POST /markets/assets/{asset}/max-order", staff.Operations, c.setMaxAsset)
}

// A marketPage shows what each market lets its customers do, and how much of each asset one order may move.
type marketPage struct {
	Markets []exchange.MarketSummary
	Assets  []exchange.AssetTotal
	Users   []exchange.OperatorUser
	Sets    bool // who looks may set them
	In      bool // who looks is signed in
	Form    marketForm
}

// A marketForm is what was written in one, where it was not taken, and why not.
type marketForm struct{ To, Problem, Reason, Max string }

// Phases are all there are, for the choice.
func (marketPage) Phases() (all []tape.Phase) {
	for p := tape.Trading; p.String() != ""; p++ {
		all = append(all, p)
	}
	return all
}

func (c *console) markets(w http.ResponseWriter, r *http.Request, status int, form marketForm) {
	s := c.x.View().Summary()
	who := c.shifts.who(r)
	c.show(w, r, status, "markets", "Markets", "markets", marketPage{s.Markets, s.Totals, c.x.View().OperatorUsers(), who.Operations(), who.By != "", form})
}

func (c *console) setPhase(w http.ResponseWriter, r *http.Request, by string) {
	symbol, reason := r.PathValue("symbol"), strings.TrimSpace(r.PostForm.Get("reason"))
	form := marketForm{To: symbol, Reason: reason}
	i, ok := c.x.View().Market(symbol)
	if !ok {
		c.missing(w, r, "No such market", "There is no market "+symbol+" here.", nil)
		return
	}
	for _, p := range (marketPage{}).Phases() {
		if p.String() == r.PostForm.Get("phase") && reason != "" {
			c.set(w, r, c.x.SetPhase(&tape.SetPhase{Market: i, Phase: p, By: by, Reason: reason}), form)
			return
		}
	}
	form.Problem = "Choose a phase and say why, in at most " + strconv.Itoa(tape.MaxReason) + " bytes."
	c.markets(w, r, http.StatusUnprocessableEntity, form)
}

func (c *console) setMaxAsset(w http.ResponseWriter, r *http.Request, by string) {
	code, reason := r.PathValue("asset"), strings.TrimSpace(r.PostForm.Get("reason"))
	form := marketForm{To: code, Reason: reason, Max: strings.TrimSpace(r.PostForm.Get("max"))}
	i, ok := c.x.View().Asset(code)
	if !ok {
		c.missing(w, r, "No such asset", "There is no asset "+code+" here.", nil)
		return
	}
	most, err := money.Parse(form.Max)
	if err != nil {
		form.Problem = "Give the bound as an amount of " + code + "; 0 is none."
		c.markets(w, r, http.StatusUnprocessableEntity, form)
		return
	}
	c.set(w, r, c.x.SetMaxAsset(&tape.SetMaxAsset{Asset: i, Max: most, By: by, Reason: reason}), form)
}

func (c *console) set(w http.ResponseWriter, r *http.Request, err error, form marketForm) {
	why := ""
	refusal, refused := exchange.AsRefusal(err)
	if refused {
		why = refusal.Reason.String()
	}
	c.recorded(w, r, err, refused, why, "/markets", func(status int, problem string) {
		form.Problem = problem
		c.markets(w, r, status, form)
	})
}
