package embed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas/blas32"
)

// byTable embeds texts by a rule: a large part by language, a small one by topic.
type byTable struct{ stride int }

func (b byTable) Embed(_ context.Context, texts []string) (blas32.General, error) {
	x := blas32.General{Rows: len(texts), Cols: 3, Stride: b.stride, Data: make([]float32, len(texts)*b.stride)}
	for i, s := range texts {
		row := x.Data[i*b.stride:]
		if s == "" {
			continue
		}
		row[0], row[1], row[2] = float32(len(language(s)))*10, float32(s[len(s)-1]-'0'), 0.1*float32(i%2)
		if strings.HasSuffix(s, "!") {
			row[1] = float32(math.NaN())
		}
	}
	return x, nil
}

func language(s string) string { l, _, _ := strings.Cut(s, " "); return l }

func centerTexts() (texts []string) {
	for i := range 60 {
		texts = append(texts, fmt.Sprintf("%s text %d", []string{"en", "deu", "x"}[i%3], i%5))
	}
	return append(texts, "", "rare text 1", "rare text 3")
}

// TestCenterBy: the mean of each group that is large enough becomes 0, others are centered by all,
// zeros stay.
func TestCenterBy(t *testing.T) {
	texts := centerTexts()
	c, err := CenterBy(t.Context(), byTable{3}, language, texts, CenterConfig{})
	require.NoError(t, err)
	x, err := c.Embed(t.Context(), texts)
	require.NoError(t, err)
	sums := map[string][3]float64{}
	for i, s := range texts {
		sum := sums[language(s)]
		for k := range 3 {
			sum[k] += float64(x.Data[i*x.Stride+k])
		}
		sums[language(s)] = sum
	}
	for _, l := range []string{"en", "deu", "x"} {
		for k := range 3 {
			require.InDelta(t, 0, sums[l][k], 1e-4, l)
		}
	}
	require.Equal(t, [3]float64{}, sums[""], "zeros stay")
	require.Greater(t, sums["rare"][0], 20.0)
	groups := c.Groups()
	require.Len(t, groups, 4)
	require.Equal(t, 2, groups["rare"].Texts)
	require.Nil(t, groups["rare"].Mean)
	require.InDelta(t, 30, groups["deu"].Mean[0], 1e-9)

	all, err := CenterBy(t.Context(), byTable{3}, language, texts, CenterConfig{MinGroup: -1})
	require.NoError(t, err)
	require.NotNil(t, all.Groups()["rare"].Mean)
	// A language that no text had.
	y, err := c.Embed(t.Context(), []string{"español text 4"})
	require.NoError(t, err)
	require.InDelta(t, 80-c.means.All[0], y.Data[0], 1e-5)
}

// TestCenterSameBits: the order of the texts, the stride of the embedder and saving change nothing.
func TestCenterSameBits(t *testing.T) {
	texts := centerTexts()
	for i := range texts { // one vector for one text, whatever its place
		texts[i] += " 1"
	}
	even := func(list []string) *Centered {
		c, err := CenterBy(t.Context(), embedFunc(func(s []string) (blas32.General, error) {
			x, err := byTable{5}.Embed(t.Context(), s)
			for i := range x.Rows {
				x.Data[i*x.Stride+2] = float32(len(s[i])) / 7
			}
			return x, err
		}), language, list, CenterConfig{MinGroup: 3})
		require.NoError(t, err)
		return c
	}
	a := even(texts)
	turned := slices.Clone(texts)
	slices.Reverse(turned)
	require.Equal(t, a.means, even(turned).means)
	var b bytes.Buffer
	n, err := a.WriteTo(&b)
	require.NoError(t, err)
	require.Equal(t, int64(b.Len()), n)
	again, err := ReadCentered(&b, a.embedder, language)
	require.NoError(t, err)
	x, err := a.Embed(t.Context(), texts)
	require.NoError(t, err)
	y, err := again.Embed(t.Context(), texts)
	require.NoError(t, err)
	require.Equal(t, x, y)
}

type embedFunc func(texts []string) (blas32.General, error)

func (f embedFunc) Embed(_ context.Context, texts []string) (blas32.General, error) { return f(texts) }

func TestCenterRefuses(t *testing.T) {
	fail := errors.New("no vectors")
	for _, c := range []struct {
		e     Embedder
		texts []string
		cfg   CenterConfig
		want  string
	}{
		{embedFunc(func([]string) (blas32.General, error) { return blas32.General{}, fail }), []string{"a 1"}, CenterConfig{}, "no vectors"},
		{embedFunc(func([]string) (blas32.General, error) {
			return blas32.General{Rows: 2, Cols: 1, Stride: 1, Data: []float32{1, 2}}, nil
		}), []string{"a 1"}, CenterConfig{}, "gave 2 rows for 1 texts"},
		{byTable{3}, []string{"a 1", "b !"}, CenterConfig{}, "row 1, column 1"},
		{byTable{3}, []string{"", ""}, CenterConfig{}, "none of 2 texts has a vector other than zero"},
		{byTable{3}, nil, CenterConfig{}, "none of 0 texts"},
	} {
		_, err := CenterBy(t.Context(), c.e, language, c.texts, c.cfg)
		require.ErrorContains(t, err, c.want)
	}
	c, err := CenterBy(t.Context(), byTable{3}, language, centerTexts(), CenterConfig{})
	require.NoError(t, err)
	c.embedder = embedFunc(func([]string) (blas32.General, error) {
		return blas32.General{Rows: 1, Cols: 1, Stride: 1, Data: []float32{1}}, nil
	})
	_, err = c.Embed(t.Context(), []string{"a 1"})
	require.ErrorContains(t, err, "gave 1 columns, want 3")
}

// FuzzReadCentered: whatever is read is refused or centers every text.
func FuzzReadCentered(f *testing.F) {
	c, err := CenterBy(f.Context(), byTable{3}, language, centerTexts(), CenterConfig{})
	require.NoError(f, err)
	var b bytes.Buffer
	_, err = c.WriteTo(&b)
	require.NoError(f, err)
	f.Add(b.Bytes())
	f.Add([]byte(`{"dim": 3, "texts": 1, "all": [1, 2, 3], "groups": {"en": {"texts": 1, "mean": [1]}}}`))
	f.Add([]byte(`{"dim": -1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ReadCentered(bytes.NewReader(data), byTable{3}, language)
		if err != nil {
			return
		}
		x, err := c.Embed(t.Context(), centerTexts())
		require.True(t, err != nil && c.means.Dim != 3 || err == nil && x.Rows == len(centerTexts()))
	})
}

// ExampleCenterBy groups texts by the first word, which stands for a detected language.
func ExampleCenterBy() {
	texts := []string{"en text 1", "en text 3", "deu text 1", "deu text 3"}
	c, err := CenterBy(context.Background(), byTable{3}, language, texts, CenterConfig{MinGroup: -1})
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := c.Embed(context.Background(), texts)
	fmt.Println(x.Data[:2], x.Data[6:8], err)
	// Output: [0 -1] [0 -1] <nil>
}
