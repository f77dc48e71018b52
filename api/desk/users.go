package desk

import (
	"net/http"
	"strings"
	"time"

	"sallyport/staff"
)

// operatorUsers lists who may what, as the log has it.
func (d *desk) operatorUsers(*http.Request) (int, any, error) {
	type user struct {
		Name  string    `json:"name"`
		May   []string  `json:"may"`
		Since time.Time `json:"since"`
		Seq   uint64    `json:"seq"`
	}
	out := []user{}
	for _, u := range d.x.View().OperatorUsers() {
		out = append(out, user{u.Name, strings.Split(staff.Right(u.May).String(), ","), u.Since, u.Seq})
	}
	return http.StatusOK, struct {
		Users []user `json:"operator_users"`
	}{out}, nil
}
