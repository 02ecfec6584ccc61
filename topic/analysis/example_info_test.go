package analysis_test

import (
	"fmt"

	"github.com/gobertopic/gobertopic/topic/analysis"
)

func ExampleDocumentInfo() {
	for _, d := range analysis.DocumentInfo(pets())[8:] {
		fmt.Println(d.Document, d.Name, d.Probability, d.Representative)
	}
	// Output:
	// 8 1_cat_purrs_fish_eats 1 true
	// 9 2_car_brakes_engine_fail 1 true
	// 10 2_car_brakes_engine_fail 1 true
	// 11 -1_falls_rain 0 true
}

func ExampleLabels() {
	labels, err := analysis.Labels(pets(), analysis.LabelOptions{Words: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(labels[0], labels[1], labels[2])
	// Output: 0_dog_barks 1_cat_purrs 2_car_brakes
}
