package story

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// ask makes a signed call as a bot does and returns the answer and the decision it names.
func ask(wire http.Handler, key, secret, method, path, query string, now time.Time) (status int, body, decision string) {
	query += fmt.Sprintf("&timestamp=%d&recvWindow=10000", now.UnixMilli())
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(query))
	req := httptest.NewRequest(method, path+"?"+query+"&signature="+hex.EncodeToString(mac.Sum(nil)), nil)
	req.RemoteAddr = "127.0.0.1:1" // this machine; from nowhere known the place would be what stops it
	req.Header.Set("X-MBX-APIKEY", key)
	w := httptest.NewRecorder()
	wire.ServeHTTP(w, req)
	return w.Code, strings.TrimSpace(w.Body.String()), w.Header().Get("X-Sallyport-Decision")
}
