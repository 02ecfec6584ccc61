package topic_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/topic"
	"github.com/gobertopic/gobertopic/topic/internal/store"
)

// sections holds the sections of a saved model by name. Those that are packed together have the name
// of the pack before theirs: "fit/0/clustering/packed.zip!settings.json".
type sections map[string][]byte

// readModel returns the sections of a saved model.
func readModel(t testing.TB, dir string) sections {
	t.Helper()
	r, err := store.Open(dir)
	require.NoError(t, err)
	defer r.Close()
	out := sections{}
	require.NoError(t, fs.WalkDir(r, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := r.Bytes(name)
		if err != nil || !strings.HasSuffix(name, "packed.zip") {
			out[name] = bytes.Clone(b)
			return err
		}
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return err
		}
		for _, f := range z.File {
			in, err := f.Open()
			if err != nil {
				return err
			}
			if out[name+"!"+f.Name], err = io.ReadAll(in); err != nil {
				return err
			}
		}
		return nil
	}))
	return out
}

// write writes a model whose checksums are right, and returns its directory.
func (s sections) write(t testing.TB, dir string) {
	t.Helper()
	require.NoError(t, store.Write(dir, func(w *store.Writer) error {
		packs := map[string]*bytes.Buffer{}
		zips := map[string]*zip.Writer{}
		for _, name := range slices.Sorted(maps.Keys(s)) {
			var out io.Writer
			var err error
			if pack, member, ok := strings.Cut(name, "!"); ok {
				if packs[pack] == nil {
					packs[pack] = &bytes.Buffer{}
					zips[pack] = zip.NewWriter(packs[pack])
				}
				out, err = zips[pack].CreateHeader(&zip.FileHeader{Name: member, Method: zip.Store})
			} else {
				out, err = w.Create(name)
			}
			if err == nil {
				_, err = out.Write(s[name])
			}
			if err != nil {
				return err
			}
		}
		for _, pack := range slices.Sorted(maps.Keys(packs)) {
			out, err := w.Create(pack)
			if err == nil {
				err = zips[pack].Close()
			}
			if err == nil {
				_, err = out.Write(packs[pack].Bytes())
			}
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

// with returns sections with other content of one; nil leaves it out.
func (s sections) with(name string, content []byte) sections {
	out := maps.Clone(s)
	if out[name] = content; content == nil {
		delete(out, name)
	}
	return out
}

// openAll loads a model and has it do everything that a damaged part could upset. It returns the first
// error.
func openAll(ctx context.Context, dir string) error {
	m, err := topic.Load(ctx, dir, topic.LoadOptions{Embedder: bagOfWords{}, Workers: 1})
	if err == nil {
		err = m.Check()
	}
	if err != nil {
		return err
	}
	m.Topics()
	m.Warnings()
	fresh := []string{"cat dog", "rain snow zebra", ""}
	if _, err := m.Transform(ctx, fresh); err != nil {
		return err
	}
	var out []error
	_, err = m.Probabilities(ctx, 2)
	out = append(out, err)
	_, err = m.TransformProbabilities(ctx, topic.Input{Docs: fresh}, 2)
	out = append(out, err)
	layers, _, err := m.Layers()
	out = append(out, err)
	if len(layers) > 0 {
		_, err := m.AtLayer(ctx, len(layers)-1)
		out = append(out, err)
	}
	_, err = m.Grow(ctx, fresh)
	out = append(out, err)
	for _, err := range out {
		expected := false
		for _, known := range []error{topic.ErrNoMemberships, topic.ErrNoLayers, topic.ErrNoTexts, topic.ErrNoEmbeddings} {
			expected = expected || errors.Is(err, known)
		}
		if err != nil && !expected {
			return err
		}
	}
	return nil
}

// leaves calls do with every value in a decoded JSON text, its path, and a function that replaces it.
func leaves(v any, path string, set func(any), do func(path string, v any, set func(any))) {
	do(path, v, set)
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			leaves(v[k], path+"."+k, func(x any) { v[k] = x }, do)
		}
	case []any:
		for i := range min(len(v), 2) {
			leaves(v[i], path+"["+strconv.Itoa(i)+"]", func(x any) { v[i] = x }, do)
		}
	}
}

// A value of another type, or outside its range, and a field that is unknown, are errors in every JSON
// section, whatever the checksums say.
func TestWrongSettingsAreRefused(t *testing.T) {
	for kind, dir := range savedModels(t) {
		if !thorough() && kind != "communities" && kind != "merged" && kind != "online" {
			continue
		}
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			requireWrongRefused(t, kind, readModel(t, dir))
		})
	}
}

// requireWrongRefused changes every value of the JSON sections of a model.
func requireWrongRefused(t *testing.T, kind string, whole sections) {
	t.Helper()
	accepted := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(whole)) {
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		decode := func() (v any) {
			d := json.NewDecoder(bytes.NewReader(whole[name]))
			d.UseNumber()
			require.NoError(t, d.Decode(&v))
			return v
		}
		try := func(path, what string, v any) {
			text, err := json.Marshal(v)
			require.NoError(t, err)
			to := filepath.Join(t.TempDir(), "model")
			whole.with(name, text).write(t, to)
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			err = openAll(ctx, to)
			require.NotErrorIs(t, err, context.DeadlineExceeded, "%s: %s%s: %s", kind, name, path, what)
			if err == nil {
				accepted[fmt.Sprintf("%s %s: %s", name, path, what)] = true
			}
		}
		v := decode()
		var paths []string
		leaves(v, "", func(x any) {}, func(path string, _ any, _ func(any)) { paths = append(paths, path) })
		for _, path := range paths {
			replace := func(what string, x any) {
				v := decode()
				holder := []any{v}
				leaves(v, "", func(x any) { holder[0] = x }, func(p string, _ any, set func(any)) {
					if p == path {
						set(x)
					}
				})
				try(path, what, holder[0])
			}
			leaves(v, "", func(any) {}, func(p string, at any, _ func(any)) {
				if p != path {
					return
				}
				switch at := at.(type) {
				case json.Number:
					replace("-7", json.Number("-7"))
					replace("huge", json.Number("1000000007"))
					replace("1e300", json.Number("1e300"))
					replace("text", "text")
				case string:
					replace("odd", at+"\x00 and more")
					replace("number", 5)
				case bool:
					replace("text", "text")
				case []any:
					replace("object", map[string]any{"a": 1})
				case map[string]any:
					more := maps.Clone(at)
					more["unknown field"] = 1
					replace("unknown", more)
					replace("array", []any{1})
				}
			})
		}
	}
	var wrong []string
	for _, a := range slices.Sorted(maps.Keys(accepted)) {
		if !harmless.MatchString(a) {
			wrong = append(wrong, a)
		}
	}
	require.Empty(t, wrong, "accepted")
}

// harmless are changed values that a model may have: texts, numbers with no range that cost nothing, and
// stage.None.
var harmless = regexp.MustCompile(`^(model/\d/)*(` + strings.Join([]string{
	`pipeline\.json \.(seed: huge|seed_words\[\d\]\[\d\]: odd|warnings\[\d\]: odd|zero_shot\.labels\[\d\]: odd|zero_shot\.min_similarity: -7)`,
	`pipeline\.json \.reducer\.settings\.min_dist: -7`,
	`pipeline\.json \.clusterer\.settings\..*size: huge`, `pipeline\.json \.clusterer\.settings\.min_samples: huge`,
	`pipeline\.json \.clusterer\.settings\.(c|cluster_selection_(epsilon|epsilon_max|persistence)): .*`,
	`pipeline\.json \.clusterer\.settings\.layering\.(base_n_clusters: huge|layer_similarity_threshold: -7)`,
	`grouping\.json \.(topics\[\d\]\.label|history\[\d\]\.operation): odd`,
	`description\.json \.words\.vocabulary\.((min|max)_df\.count|max_features): huge`, `description\.json \.words\.vocabulary\.token_pattern: odd`,
	`description\.json \.words\.(aspects\[\d\]\.name: odd|weigher\.settings\.\w+_multiplier: .*)`,
	`description\.json \.topics\[\d\]\.aspects\..*`, `vocabulary\.json \[\d\]: odd`,
	`documents\.json \.batches\.Counting\.delete_min_df: .*`,
	`fit/\d/.*settings\.json \.(min_dist: -7|.*size: huge|min_samples: huge|cluster_selection_(epsilon|epsilon_max|persistence): .*)`,
	`fit/\d/.*(kmeans|pca)\.json \.(centers|counts|components|mean|singular_values|variance|batches|since|seen).*`,
}, "|") + `)$`)
