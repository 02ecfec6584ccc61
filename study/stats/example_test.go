package stats_test

import (
	"context"
	"fmt"

	"github.com/gobertopic/gobertopic/study/stats"
)

func ExampleMannWhitney() {
	slow := []float64{30, 41, 55, 62, 90}
	quick := []float64{3, 8, 21, 35}
	t := stats.MannWhitney(slow, quick)
	fmt.Printf("U %v of %d pairs, p %.4f, Cliff's delta %.2f\n", t.U, len(slow)*len(quick), t.P, t.Delta)
	// Output: U 19 of 20 pairs, p 0.0317, Cliff's delta 0.90
}

// Two of five questions have no answer yet: the median of the answered ones alone would be 4 hours.
func ExampleKaplanMeier() {
	curve, err := stats.KaplanMeier([]stats.Duration{
		{Time: 2, Ended: true}, {Time: 4, Ended: true}, {Time: 9, Ended: true}, {Time: 50}, {Time: 70},
	}, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	median, interval := curve.Quantile(0.5)
	fmt.Printf("%d ended, %d open, median %v hours, from %v to %v\n", curve.Events(), curve.Censored(), median, interval.Low, interval.High)
	// Output: 3 ended, 2 open, median 9 hours, from 2 to +Inf
}

func ExampleBootstrap_Intervals() {
	views := []float64{12, 40, 41, 55, 60, 71, 88, 130, 400}
	mean, median, err := stats.DefaultBootstrap().Intervals(context.Background(), views)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("mean %.0f to %.0f, median %.0f to %.0f\n", mean.Low, mean.High, median.Low, median.High)
	// Output: mean 53 to 211, median 40 to 130
}

func ExampleHolm() {
	fmt.Printf("%.2f\n", stats.Holm([]float64{0.01, 0.2, 0.03}))
	// Output: [0.03 0.20 0.06]
}
