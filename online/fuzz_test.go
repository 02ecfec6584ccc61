package online_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/online"
)

// FuzzUnmarshal: what is read is refused, or can be worked with and written again.
func FuzzUnmarshal(f *testing.F) {
	x := blobs(60, 3, 3, 0.5)
	p, _ := online.NewPCA(online.PCAConfig{NComponents: 2})
	k, _ := online.NewKMeans(online.KMeansConfig{NClusters: 3})
	cfg := online.DBStreamConfig{}
	cfg.Fading, cfg.Gap = 0.1, 5
	s, _ := online.NewDBStream(cfg)
	for range 2 {
		for _, v := range []any{p, k, s} {
			text, err := json.Marshal(v)
			require.NoError(f, err)
			f.Add(text)
		}
		p, _ = p.Update(f.Context(), x)
		k, _ = k.Update(f.Context(), x)
		s, _ = s.Update(f.Context(), x)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		ctx := t.Context()
		var p online.PCA
		if json.Unmarshal(text, &p) == nil && p.Config().NComponents <= 3 && len(p.Means()) <= 3 {
			if next, err := p.Update(ctx, x); err == nil {
				again(t, next, &online.PCA{})
				_, err = next.Transform(ctx, x)
				require.NoError(t, err)
			}
		}
		var k online.KMeans
		if json.Unmarshal(text, &k) == nil && k.Config().NClusters < 100 {
			if next, err := k.Update(ctx, x); err == nil {
				again(t, next, &online.KMeans{})
				_, _, err = next.Predict(ctx, x)
				require.NoError(t, err)
			}
		}
		var s online.DBStream
		if json.Unmarshal(text, &s) == nil {
			if next, err := s.Update(ctx, x); err == nil {
				again(t, next, &online.DBStream{})
				_, _, err = next.Predict(ctx, x)
				require.NoError(t, err)
			}
		}
	})
}
