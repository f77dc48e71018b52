//go:build race

package gate

const raced = true // under the race detector
