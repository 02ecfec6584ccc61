package metric

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKindsAsTextExact(t *testing.T) {
	for k := range Custom {
		text, err := json.Marshal(k)
		require.NoError(t, err)
		require.Equal(t, `"`+k.String()+`"`, string(text))
		back := Custom
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, k, back)
	}
	_, err := json.Marshal(Custom)
	require.ErrorContains(t, err, "the metric custom cannot be written as text")
	var k Kind
	require.ErrorContains(t, k.UnmarshalText([]byte("cosign")), `unknown metric "cosign", want one of euclidean, cosine`)
}
