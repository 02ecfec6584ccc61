package report

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// simulations holds the matrices of complete protanopia and deuteranopia on linear RGB of Machado,
// Oliveira and Fernandes, "A physiologically-based model for simulation of color vision deficiency"
// (2009), after the identity.
var simulations = [][3][3]float64{
	{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
}

func oklab(rgb uint32, sim [3][3]float64) (lab [3]float64) {
	var lin, seen [3]float64
	for i, shift := range []int{16, 8, 0} {
		v := float64(rgb>>shift&255) / 255
		if v <= 0.04045 {
			lin[i] = v / 12.92
		} else {
			lin[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	for i := range seen {
		for j := range lin {
			seen[i] += sim[i][j] * lin[j]
		}
		seen[i] = min(1, max(0, seen[i]))
	}
	r, g, b := seen[0], seen[1], seen[2]
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	return [3]float64{
		0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

// difference returns 1000 times the least Oklab distance of two colors over the simulations.
func difference(a, b uint32) float64 {
	least := math.Inf(1)
	for _, sim := range simulations {
		x, y := oklab(a, sim), oklab(b, sim)
		least = min(least, 1000*math.Sqrt((x[0]-y[0])*(x[0]-y[0])+(x[1]-y[1])*(x[1]-y[1])+(x[2]-y[2])*(x[2]-y[2])))
	}
	return least
}

func TestPaletteDifferences(t *testing.T) {
	for i, a := range Palette {
		for j, b := range Palette {
			require.InDelta(t, difference(a.Light, b.Light), differences[i][j], 0.51, "colors %d and %d: %.0f", i, j, difference(a.Light, b.Light))
			require.Equal(t, differences[i][j], differences[j][i])
			if i != j {
				require.Greater(t, difference(a.Light, b.Light), 100.0, "colors %d and %d on a light ground", i, j)
				require.Greater(t, difference(a.Dark, b.Dark), 75.0, "colors %d and %d on a dark ground", i, j)
			}
		}
	}
}
