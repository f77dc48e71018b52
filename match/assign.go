package match

import (
	"math"

	"sallyport/names"
)

// assign pairs rows with columns one to one so that the sum of gain over the
// pairs is largest (Kuhn 1955, in the form with potentials). gain has one entry a
// row and column, row by row, none below 0; there are at most names.MaxTokens of either.
// It returns the column of each row, -1 for none; a pair without gain is none. Time grows with
// rows² × columns.
func assign(gain []float64, rows, cols int) (out [names.MaxTokens]int8) {
	for i := range out {
		out[i] = -1
	}
	if rows > cols {
		var few [64]float64
		turned := few[:]
		if len(gain) > len(few) {
			turned = make([]float64, len(gain))
		}
		for i := range rows {
			for j := range cols {
				turned[j*rows+i] = gain[i*cols+j]
			}
		}
		for j, i := range assign(turned[:len(gain)], cols, rows) {
			if i >= 0 {
				out[i] = int8(j)
			}
		}
		return out
	}
	const most = names.MaxTokens + 1
	var potentials [2][most]float64
	var columns [2][most]int
	var costs [most]float64
	var marks [most]bool
	u, v := potentials[0][:rows+1], potentials[1][:cols+1]
	rowOf, way := columns[0][:cols+1], columns[1][:cols+1] // of a column, from 1; 0 is none
	least, seen := costs[:cols+1], marks[:cols+1]
	for i := 1; i <= rows; i++ {
		rowOf[0] = i
		at := 0
		for j := range least {
			least[j], seen[j] = math.Inf(1), false
		}
		for rowOf[at] != 0 {
			seen[at] = true
			row, next, delta := rowOf[at], 0, math.Inf(1)
			for j := 1; j <= cols; j++ {
				if seen[j] {
					continue
				}
				if c := -gain[(row-1)*cols+j-1] - u[row] - v[j]; c < least[j] {
					least[j], way[j] = c, at
				}
				if least[j] < delta {
					delta, next = least[j], j
				}
			}
			for j := range seen {
				if seen[j] {
					u[rowOf[j]] += delta
					v[j] -= delta
				} else {
					least[j] -= delta
				}
			}
			at = next
		}
		for at != 0 {
			rowOf[at] = rowOf[way[at]]
			at = way[at]
		}
	}
	for j := 1; j <= cols; j++ {
		if i := rowOf[j]; i > 0 {
			out[i-1] = int8(j - 1)
			if gain[(i-1)*cols+j-1] == 0 {
				out[i-1] = -1
			}
		}
	}
	return out
}
