package analysis_test

import (
	"context"
	"fmt"
	"time"

	"github.com/gobertopic/gobertopic/topic/analysis"
)

func ExampleOverTime() {
	times := make([]time.Time, len(notes.docs))
	for i := range times {
		times[i] = time.Date(2024, time.January, 1+7*i, 0, 0, 0, 0, time.UTC) // a text each week
	}
	opt := analysis.OverTimeOptions{Every: analysis.Month, Terms: 2}
	rows, err := analysis.OverTime(context.Background(), pets(), times, opt)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range rows {
		fmt.Println(r.Time.Format("January"), r.Topic, r.Count, r.Terms[0].Term, r.Terms[1].Term)
	}
	// Output:
	// January 0 5 dog barks
	// February 1 4 cat purrs
	// March -1 1 falls rain
	// March 2 2 car brakes
}

func ExamplePerClass() {
	authors := []string{"ann", "bob", "ann", "bob", "ann", "bob", "ann", "bob", "ann", "bob", "ann", "bob"}
	rows, err := analysis.PerClass(context.Background(), pets(), authors, analysis.PerClassOptions{Terms: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range rows {
		fmt.Println(r.Class, r.Topic, r.Count, r.Terms[0].Term, r.Terms[1].Term)
	}
	// Output:
	// ann 0 3 dog barks
	// ann 1 2 purrs cat
	// ann 2 1 brakes fail
	// bob -1 1 falls rain
	// bob 0 2 dog ball
	// bob 1 2 cat purrs
	// bob 2 1 engine stalls
}
