package gobertopic_test

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/community"
	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/embed/bert"
	"github.com/gobertopic/gobertopic/embed/static"
	"github.com/gobertopic/gobertopic/hdbscan"
	"github.com/gobertopic/gobertopic/online"
	"github.com/gobertopic/gobertopic/represent"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/supervised"
	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/umap"
)

// free are numbers without an upper bound: none costs memory or time by its value.
var free = regexp.MustCompile(`^(` + strings.Join([]string{
	`.*Seed`,
	// Sizes and thresholds that data is compared with.
	`hdbscan\.(PLSCAN\.)?Config\.ClusterSelection(Epsilon|EpsilonMax|Persistence)`, `umap\.Config\.Disconnection`,
	`community\.Config\.(MinSize|Communities)`, `(ctfidf\.Config|topic\.Config\.Words\.Vocabulary)\.((Min|Max)DF\.Count|MaxFeatures)`, `ctfidf\.Online\.DeleteMinDF`,
	`online\.DBStreamConfig\.(Radius|Fading|Gap|MinWeight)`, `represent\.ZeroShot\.MinScore`,
	// At most as many as there are.
	`represent\.\w+\.TopTerms`, `(bert|static)\.Config\.MaxTokens`, `bert\.Config\.TruncateDim`, // the model's own, or the text's
	// Factors.
	`umap\.Config\.(LearningRate|Spread|LocalConnectivity|RepulsionStrength|DensLambda|DensVarShift)`,
	`ctfidf\.\w+\.(SeedMultiplier|GuidedMultiplier|Prior)`, `supervised\.Logistic\.C`,
}, "|") + `)$`)

// infinite are thresholds that nothing may reach.
var infinite = regexp.MustCompile(`^(umap\.Config\.Disconnection|represent\.ZeroShot\.MinScore)$`)

// Every number among the settings is refused if it is too large to be meant, whether it comes from a
// program or from a saved model, unless its value costs nothing.
func TestSettingsHaveUpperBounds(t *testing.T) {
	for _, v := range []stage.Validator{
		umap.Config{},
		hdbscan.Config{},
		hdbscan.PLSCAN{},
		community.Config{},
		supervised.Logistic{},
		online.PCAConfig{},
		online.KMeansConfig{},
		online.DBStreamConfig{},
		ctfidf.Config{},
		ctfidf.Weighting{},
		ctfidf.NPMI{},
		ctfidf.FightingWords{},
		ctfidf.Online{},
		represent.KeyBERT{},
		represent.MMR{},
		represent.PartOfSpeech{},
		represent.ZeroShot{Labels: []string{"a"}},
		topic.Config{},
		bert.Config{},
		static.Config{},
	} {
		at := reflect.New(reflect.TypeOf(v)).Elem()
		at.Set(reflect.ValueOf(v))
		require.NoError(t, v.Validate(), "%T", v)
		eachNumber(at, fmt.Sprintf("%T", v), func(field string, number reflect.Value) {
			old := reflect.New(number.Type()).Elem()
			old.Set(number)
			if number.Kind() == reflect.Float64 {
				if !infinite.MatchString(field) {
					number.SetFloat(math.Inf(1))
					assert.Error(t, at.Interface().(stage.Validator).Validate(), "%s is infinite", field)
				}
				number.SetFloat(math.NaN())
				assert.Error(t, at.Interface().(stage.Validator).Validate(), "%s is NaN", field)
				number.SetFloat(1e300)
			} else if number.CanInt() {
				number.SetInt(math.MaxInt64 >> (64 - number.Type().Bits()))
			} else {
				number.SetUint(math.MaxUint64 >> (64 - number.Type().Bits()))
			}
			err := at.Interface().(stage.Validator).Validate()
			if free.MatchString(field) {
				assert.NoError(t, err, "%s", field)
			} else {
				assert.Error(t, err, "%s has no upper bound", field)
			}
			number.Set(old)
		})
	}
}

// eachNumber calls do with every settable number within v.
func eachNumber(v reflect.Value, name string, do func(field string, number reflect.Value)) {
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				eachNumber(v.Field(i), name+"."+f.Name, do)
			}
		}
	case v.CanInt() || v.CanUint() || v.CanFloat():
		do(name, v)
	}
}
