package exchange

import "testing"

// TestReadKey: what the vault kept before keys had terms is an HMAC key that may do everything;
// what does not read opens nothing.
func TestReadKey(t *testing.T) {
	k, err := readKey("name", 1000, []byte("c2VjcmV0"))
	if err != nil || k.Kind != HMACKey || string(k.Secret) != "c2VjcmV0" || k.Name != "name" || k.Account != 1000 || !k.Allows(KeyWithdraws) {
		t.Errorf("%+v, %v", k, err)
	}
	for _, kept := range []string{"", "{", "{}", `{"kind":"hmac"}`, `{"kind":"ed25519","public":"AAAA"}`, `{"kind":"hmac","secret":"AAAA","may":["all"]}`} {
		if k, err := readKey("name", 1000, []byte(kept)); err == nil {
			t.Errorf("%q reads as %+v", kept, k)
		}
	}
}
