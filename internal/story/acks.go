package story

import (
	"fmt"
	"os"
	"sync"
)

// acks writes down what the exchange acknowledged, one line each, so that a test can ask
// after a crash whether it is still there. A nil *acks writes nothing.
type acks struct {
	mu sync.Mutex
	f  *os.File
}

func openAcks(path string) (*acks, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("story: %w", err)
	}
	return &acks{f: f}, nil
}

func (a *acks) close() {
	if a != nil {
		a.f.Close()
	}
}

func (a *acks) order(id uint64)      { a.line("order", id) }
func (a *acks) deposit(id uint64)    { a.line("deposit", id) }
func (a *acks) withdrawal(id uint64) { a.line("withdrawal", id) }
func (a *acks) account(id uint64)    { a.line("account", id) }

// line is one write, so that a killed process leaves whole lines.
func (a *acks) line(what string, id uint64) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	fmt.Fprintf(a.f, "%s %d\n", what, id)
}
