//go:build !unix

package exchange_test

import "time"

func processorTime() time.Duration { return 0 }
