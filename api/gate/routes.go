package gate

import (
	"encoding/json"
	"net/http"

	"sallyport/law"
)

// A route is one method at one path: what it takes, what it gives, and how it is carried
// out. The handler and the OpenAPI document are both made from it.
type route struct {
	method, path string
	id           string // in the document
	summary      string
	about        string
	query        []parameter
	keyed        bool // needs an Idempotency-Key
	told         bool // answers in words: explain and Accept-Language
	open         bool // needs no API key
	body         any  // a value of the type it takes; nil for none
	status       int  // of a yes
	answer       any  // a value of the type it gives; nil for none
	errors       []int
	serve        func(*Server, http.ResponseWriter, *request) (int, any, error)
}

type parameter struct {
	name, about string
	number      bool
}

// routes is the table of all there is.
func routes() []route {
	return []route{
		{
			method: "POST", path: "/gate/v1/decisions", id: "decide", summary: "Ask before an act",
			about: "May this customer do this now? The decision is in the log before it is given.",
			keyed: true, told: true, body: Ask{}, status: 200, answer: Answer{}, errors: []int{404, 409, 422}, serve: (*Server).decide,
		},
		{
			method: "GET", path: "/gate/v1/decisions/{decision}", id: "decision", summary: "A decision again",
			about: "Any decision in the log, by its id, as it was answered.",
			told:  true, status: 200, answer: Answer{}, errors: []int{404, 422}, serve: (*Server).decision,
		},
		{
			method: "POST", path: "/gate/v1/sign-ins", id: "signIn", summary: "May they sign in?",
			about: "A decision with the action sign_in.",
			keyed: true, told: true, body: SignIn{}, status: 200, answer: Answer{}, errors: []int{404, 422}, serve: (*Server).signIn,
		},
		{
			method: "POST", path: "/gate/v1/deposits", id: "deposit", summary: "May this deposit be credited?",
			about: "A decision with the action deposit, about value that has arrived: proceed credits it, set_aside keeps it apart, freeze blocks it.",
			keyed: true, told: true, body: Transfer{}, status: 200, answer: Answer{}, errors: []int{404, 409, 422}, serve: transfer(law.Deposit),
		},
		{
			method: "POST", path: "/gate/v1/withdrawals", id: "withdraw", summary: "May this withdrawal leave?",
			about: "A decision with the action withdraw.",
			keyed: true, told: true, body: Transfer{}, status: 200, answer: Answer{}, errors: []int{404, 409, 422}, serve: transfer(law.Withdraw),
		},
		{
			method: "POST", path: "/gate/v1/customers", id: "open", summary: "Tell of a customer",
			about: "May they be taken on? From then on they are decided again whenever lists, rules or what is known of them change.",
			keyed: true, told: true, body: NewCustomer{}, status: 200, answer: Answer{}, errors: []int{409, 422}, serve: (*Server).open,
		},
		{
			method: "GET", path: "/gate/v1/customers/{customer}", id: "customer", summary: "How a customer stands",
			told: true, status: 200, answer: Customer{}, errors: []int{404, 422}, serve: (*Server).customer,
		},
		{
			method: "PUT", path: "/gate/v1/customers/{customer}/profile", id: "amend", summary: "What a customer tells now",
			about: "Replaces the profile whole; they are decided again before this is answered.",
			told:  true, body: NewProfile{}, status: 200, answer: Customer{}, errors: []int{404, 422}, serve: (*Server).amend,
		},
		{
			method: "PUT", path: "/gate/v1/customers/{customer}/facts", id: "tell", summary: "What you alone know of a customer now",
			about: "Replaces these facts whole; they are decided again before this is answered.",
			told:  true, body: NewFacts{}, status: 200, answer: Customer{}, errors: []int{404, 422}, serve: (*Server).facts,
		},
		{
			method: "POST", path: "/gate/v1/counterparties", id: "counterparty", summary: "What an address is and who is listed with it",
			about: "A look at the lists in force. No decision is made and nothing is kept.",
			body:  NewCounterparty{}, status: 200, answer: Counterparty{}, errors: []int{422}, serve: (*Server).counterparty,
		},
		{
			method: "GET", path: "/gate/v1/changes", id: "changes", summary: "Who stands otherwise than before",
			about:  "Changes of standing in the order of the log. Read from after=0, it gives every customer's standing.",
			query:  []parameter{{"after", "The record after which to begin; 0 for the beginning.", true}, {"limit", "At most so many, 1 to 1000; 100 where it is left out.", true}, {"wait", "Where there is none yet, wait for one so many seconds, 0 to 30.", true}},
			status: 200, answer: Changes{}, errors: []int{422}, serve: (*Server).changes,
		},
		{
			method: "POST", path: "/gate/v1/webhooks", id: "addWebhook", summary: "Be told of changes",
			about: "Each change of standing is posted there at least once, in the order of the log, signed, and again until it is taken.",
			body:  NewWebhook{}, status: 201, answer: Webhook{}, errors: []int{422}, serve: (*Server).addWebhook,
		},
		{
			method: "GET", path: "/gate/v1/webhooks", id: "webhooks", summary: "Who is told, and how far they are",
			status: 200, answer: Webhooks{}, serve: (*Server).webhooks,
		},
		{
			method: "DELETE", path: "/gate/v1/webhooks/{webhook}", id: "removeWebhook", summary: "Be told no more",
			status: 204, errors: []int{404}, serve: (*Server).removeWebhook,
		},
		{
			method: "GET", path: "/gate/v1/openapi.json", id: "document", summary: "This document",
			open: true, status: 200, answer: json.RawMessage{},
			serve: func(s *Server, _ http.ResponseWriter, _ *request) (int, any, error) {
				return 200, json.RawMessage(s.document), nil
			},
		},
	}
}
