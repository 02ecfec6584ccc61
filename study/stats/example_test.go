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

func ExampleCliffsDelta() {
	delta, interval := stats.CliffsDelta([]float64{30, 41, 55, 62, 90}, []float64{3, 8, 21, 35}, 0.95)
	fmt.Printf("%.2f, from %.2f to %.2f\n", delta, interval.Low, interval.High)
	// Output:
	// 0.90, from 0.51 to 0.98
}

func ExampleShares() {
	t, err := stats.Shares(134, 181, 304, 694, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f more, from %.3f to %.3f; odds ratio %.2f; p %.1e\n", t.Difference, t.DifferenceInterval.Low, t.DifferenceInterval.High, t.OddsRatio, t.P)
	// Output:
	// 0.302 more, from 0.224 to 0.371; odds ratio 3.66; p 4.4e-13
}

func ExampleWilson() {
	interval := stats.Wilson(134, 181, 0.95)
	fmt.Printf("134 of 181: %.1f to %.1f %%\n", 100*interval.Low, 100*interval.High)
	// Output:
	// 134 of 181: 67.2 to 79.9 %
}

func ExampleLogRank() {
	p, err := stats.LogRank(
		[]stats.Duration{{Time: 2, Ended: true}, {Time: 4, Ended: true}, {Time: 9, Ended: true}, {Time: 12, Ended: true}},
		[]stats.Duration{{Time: 20, Ended: true}, {Time: 31, Ended: true}, {Time: 50}, {Time: 70}},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("p %.4f\n", p)
	// Output:
	// p 0.0067
}

// Views of topics, and the shares of their questions without an answer.
func ExampleKendall() {
	c, err := stats.Kendall([]float64{900, 500, 410, 300, 120}, []float64{0.1, 0.2, 0.15, 0.3, 0.4})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("tau-b %.2f, p %.3f\n", c.Tau, c.P)
	// Output:
	// tau-b -0.80, p 0.083
}

func ExampleQuantile() {
	hours := []float64{1, 2, 4, 8, 100} // sorted
	fmt.Println(stats.Mean(hours), stats.Median(hours), stats.Quantile(0.25, hours), stats.Quantile(0.75, hours))
	// Output:
	// 23 4 2 8
}

func ExampleSurvival_At() {
	curve, err := stats.KaplanMeier([]stats.Duration{{Time: 2, Ended: true}, {Time: 4, Ended: true}, {Time: 9}, {Time: 50}}, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	open, interval := curve.At(24)
	fmt.Printf("%.2f are open after a day, from %.2f to %.2f\n", open, interval.Low, interval.High)
	// Output:
	// 0.50 are open after a day, from 0.06 to 0.84
}
