package bert

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/internal/safetensors"
	"github.com/gobertopic/gobertopic/internal/simd"
	"github.com/gobertopic/gobertopic/stage"
)

func convert(tb testing.TB, m *tiny) []byte {
	tb.Helper()
	var b bytes.Buffer
	require.NoError(tb, Convert(m.save(tb), &b))
	return b.Bytes()
}

// spiked gives a model what trained ones have: columns of the state that are far larger than the
// others, after each norm.
func (m *tiny) spiked() *tiny {
	for i := range m.tensors {
		if t := &m.tensors[i]; strings.HasSuffix(t.Name, "LayerNorm.weight") {
			binary.LittleEndian.PutUint32(t.Data[4*7:], math.Float32bits(15))
			binary.LittleEndian.PutUint32(t.Data[4*30:], math.Float32bits(-20))
		}
	}
	return m
}

// TestConvertWithinTolerance: a converted model has the token ids of the directory and a cosine of at least 0.999 for every
// text, and converting gives the same bytes each time and from each type of float.
func TestConvertWithinTolerance(t *testing.T) {
	texts := tinyTexts(16)
	for i, edit := range []func(m *tiny){
		func(*tiny) {},
		func(m *tiny) { m.set(t, "sentence_bert_config.json", "max_seq_length", 6) },
		func(m *tiny) { m.files["1_Pooling/config.json"] = `{"pooling_mode": "cls"}` },
		func(m *tiny) {
			m.set(t, "tokenizer_config.json", "do_lower_case", false).set(t, "sentence_bert_config.json", "do_lower_case", true)
		},
		func(m *tiny) { m.spiked() },
		func(m *tiny) { m.files["added_tokens.json"] = `{"one more": 97, "File": 98}` },
		func(m *tiny) {
			for i := range m.tensors {
				m.tensors[i].Name = "bert." + m.tensors[i].Name
			}
		},
	} {
		if testing.Short() && i%2 == 1 {
			continue
		}
		m := newTiny(t)
		w := m.tensor(t, "embeddings.word_embeddings.weight")
		w.Data = append(w.Data, w.Data[36*4*60:36*4*62]...)
		w.Shape[0] += 2
		edit(m)
		data := convert(t, m)
		require.Equal(t, data, convert(t, m))
		direct := load(t, m.save(t), Config{})
		for k, level := range levels() {
			precision := []Precision{"", FP32, Int8}[k%3]
			e, err := Parse("here", data, Config{Kernels: level, Precision: precision})
			require.NoError(t, err)
			require.Equal(t, precision == FP32, e.Precision() == FP32)
			require.Equal(t, FP32, direct.Precision())
			require.Equal(t, direct.shape, e.shape)
			require.Equal(t, direct.tok.WordPiece().Config(), e.tok.WordPiece().Config())
			want := embedAll(t, direct, texts)
			for i, row := range embedAll(t, e, texts) {
				a, cutA := direct.Tokens(texts[i] + "File one more FILE")
				b, cutB := e.Tokens(texts[i] + "File one more FILE")
				require.Equal(t, a, b)
				require.Equal(t, cutA, cutB)
				cosine, _ := compare(want[i], row)
				require.GreaterOrEqual(t, cosine, 0.999, "text %d", i)
			}
		}
		if !strings.HasPrefix(m.tensors[0].Name, "bert.") {
			require.Equal(t, data, convert(t, m.as(t, safetensors.BF16)))
		}
	}
}

// TestCalibrationExact: what calibration finds does not depend on the kernels, and an encoder that rounds its weights when it
// is loaded has the same layers as one whose weights were rounded by Convert.
func TestCalibrationExact(t *testing.T) {
	m := newTiny(t).spiked()
	dir := m.save(t)
	raw, err := readDir(dir)
	require.NoError(t, err)
	kept := func(level string) (out []*layerWeights) {
		_, err := newEncoder(raw, Config{Precision: Int8, Kernels: level}, func(w *layerWeights) { out = append(out, w) })
		require.NoError(t, err)
		return out
	}
	want := kept(string(simd.PureGo))
	require.Len(t, want, 2)
	for i, w := range want {
		for _, p := range []product{w.qkv, w.out, w.up, w.down} {
			require.Len(t, p.smooth, p.cols, "layer %d: %s", i, p.name)
			require.Greater(t, slices.Min(p.smooth), float32(0.005), "layer %d: %s", i, p.name)
			require.Less(t, slices.Max(p.smooth), float32(5), "layer %d: %s", i, p.name)
		}
		for _, p := range []product{w.qkv, w.up} {
			require.Len(t, p.side.columns, 36/8, "layer %d: %s", i, p.name)
			require.Subset(t, p.side.columns, []int32{7, 30})
		}
		require.Empty(t, w.out.side.columns)
	}
	parsed, err := Parse("here", convert(t, m), Config{})
	require.NoError(t, err)
	for _, level := range levels() {
		require.Equal(t, want, kept(level), level)
		loaded := load(t, dir, Config{Precision: Int8, Kernels: level})
		require.Equal(t, Int8, loaded.Precision())
		for i, l := range loaded.layers {
			for _, pair := range [][2]linear{{parsed.layers[i].qkv, l.qkv}, {parsed.layers[i].out, l.out}, {parsed.layers[i].up, l.up}, {parsed.layers[i].down, l.down}} {
				require.NotNil(t, pair[1].smooth)
				require.Equal(t, pair[0].smooth, pair[1].smooth)
				if level == string(simd.Default()) {
					require.Equal(t, pair[0].small.Level(), pair[1].small.Level())
				}
			}
		}
		for i, row := range embedAll(t, loaded, tinyTexts(16)) {
			cosine, _ := compare(embedAll(t, parsed, tinyTexts(16))[i], row)
			require.GreaterOrEqual(t, cosine, 0.9999, "the word vectors alone differ")
		}
	}
}

// TestConvertRefuses what Parse could not bring back.
func TestConvertRefuses(t *testing.T) {
	general := func(m *tiny, text string) {
		m.set(t, "tokenizer_config.json", "tokenizer_class", "PreTrainedTokenizerFast")
		m.files["tokenizer.json"] = text
	}
	for want, edit := range map[string]func(m *tiny){
		"with nothing around it but [CLS] and [SEP]": func(m *tiny) { general(m, tokenizerJSON(t, []string{"[CLS]", "[SEP]"})) },
		`token "and\n" (id 83) has a line break`: func(m *tiny) {
			general(m, strings.Replace(tokenizerJSON(t, nil), `"and": 83`, `"and\n": 83`, 1))
		},
		`added token "later" has id 99, want 97`: func(m *tiny) { m.files["added_tokens.json"] = `{"later": 99}` },
		"config.json: hidden_act":                func(m *tiny) { m.set(t, "config.json", "hidden_act", "silu") },
		`is I32, want F32`:                       func(m *tiny) { m.tensors[3].DType = "I32" },
	} {
		m := newTiny(t)
		edit(m)
		var b bytes.Buffer
		err := Convert(m.save(t), &b)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "convert: ")
		require.Zero(t, b.Len(), "nothing is written")
	}
}

// TestParseRefuses files that Convert did not write.
func TestParseRefuses(t *testing.T) {
	data := convert(t, newTiny(t).spiked())
	f, err := safetensors.Parse(data)
	require.NoError(t, err)
	write := func(edit func(meta map[string]string, ts map[string]*safetensors.Tensor)) []byte {
		meta, ts := f.Metadata(), map[string]*safetensors.Tensor{}
		for _, name := range f.Names() {
			x, err := f.Tensor(name)
			require.NoError(t, err)
			ts[name] = &x
		}
		edit(meta, ts)
		var list []safetensors.Tensor
		for _, x := range ts {
			list = append(list, *x)
		}
		var b bytes.Buffer
		require.NoError(t, safetensors.Write(&b, list, meta))
		return b.Bytes()
	}
	type tensors = map[string]*safetensors.Tensor
	require.Equal(t, data, write(func(map[string]string, tensors) {}))
	const words = "embeddings.word_embeddings.weight"
	const query = "encoder.layer.0.attention.self.query.weight"
	const side = "encoder.layer.1.intermediate.dense.side"
	columns := func(values ...float32) []byte {
		return write(func(_ map[string]string, ts tensors) {
			*ts[side+".columns"] = safetensors.FromFloat32(side+".columns", []int{len(values)}, values)
		})
	}
	cases := map[string][]byte{
		"metadata shape: unexpected end":                       write(func(m map[string]string, _ tensors) { delete(m, metaShape) }),
		"metadata shape: json":                                 write(func(m map[string]string, _ tensors) { m[metaShape] = `{"hidden_size": "a"}` }),
		"hidden_size is 0, want":                               write(func(m map[string]string, _ tensors) { m[metaShape] = `{}` }),
		"metadata tokenizer: unexpected end":                   write(func(m map[string]string, _ tensors) { delete(m, metaTokenizer) }),
		"MaxWordChars is 0, want":                              write(func(m map[string]string, _ tensors) { m[metaTokenizer] = `{}` }),
		"lacks the unknown token":                              write(func(m map[string]string, _ tensors) { m[metaVocab] = "" }),
		"97 rows, want one for each of the tokenizer's 98 ids": write(func(m map[string]string, _ tensors) { m[metaVocab] += "\nx y" }),
		`"` + words + `.scale" is missing`:                     write(func(_ map[string]string, ts tensors) { delete(ts, words+".scale") }),
		`"` + query + `.scale" is missing`:                     write(func(_ map[string]string, ts tensors) { delete(ts, query+".scale") }),
		`"` + query + `" has shape [18 72], want [36 36]`:      write(func(_ map[string]string, ts tensors) { ts[query].Shape = []int{18, 72} }),
		`"` + query + `.scale" row 0, column 0: is NaN`: write(func(_ map[string]string, ts tensors) {
			ts[query+".scale"].Data = binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.NaN())))
			ts[query+".scale"].Data = bytes.Repeat(ts[query+".scale"].Data, 36)
		}),
		`"` + side + `" is I8 of shape [11 16], want I8 of shape [44 1 to 36]`: write(func(_ map[string]string, ts tensors) { ts[side].Shape = []int{11, 16} }),
		`"` + side + `.scale" is missing`:                                      write(func(_ map[string]string, ts tensors) { delete(ts, side+".scale") }),
		`"` + side + `.columns" is missing`:                                    write(func(_ map[string]string, ts tensors) { delete(ts, side+".columns") }),
		`"` + side + `.columns" has shape [3], want [4]`:                       columns(1, 2, 3),
		"has the value 2 after 2, want a greater number below 36":              columns(1, 2, 2, 3),
		"has the value -1 after -1":                                            columns(-1, 2, 3, 4),
		"has the value 36 after 4":                                             columns(1, 2, 4, 36),
		"has the value 2.5 after 1":                                            columns(1, 2.5, 3, 4),
		"at least the 8 of the header's length":                                data[:5],
		"want an end between":                                                  data[:len(data)-1],
	}
	for want, bad := range cases {
		_, err := Parse("the name", bad, Config{})
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "load encoder: the name: ")
	}
	_, err = Parse("the name", data, Config{Workers: -1})
	var wrong *stage.ConfigError
	require.ErrorAs(t, err, &wrong)
}

// TestColumnsApartWithinTolerance: a product whose inputs have a few columns that are far larger, in
// some rows only, is nearer to the one in float64 by far when these are rounded apart, for every
// number of rows, with the same bits from all kernels; and float32 weights made of the rounded ones
// are near to the original.
func TestColumnsApartWithinTolerance(t *testing.T) {
	const rows, cols, outs, apart = 70, 128, 40, 8
	a := matrix(rows, cols, cols, ruleWeights("a", rows*cols))
	for i := range rows {
		for j := 3; j < cols; j += 17 {
			a.Data[i*cols+j] *= 100 * float32(i%3)
		}
	}
	full := ruleWeights("w", outs, cols)
	for o := 1; o < outs; o++ { // as in trained models, few outputs depend on such columns
		for j := 3; j < cols; j += 17 {
			full[o*cols+j] /= 64
		}
	}
	top := make([]float32, cols)
	seeRows(top, a)
	errors := map[int]float64{}
	for _, n := range []int{0, apart} {
		p := product{weights: &weights{rows: outs, cols: cols, full: full}, biases: ruleWeights("b", outs)}
		p.quantise(top, n)
		require.Len(t, p.side.columns, n)
		require.True(t, slices.IsSorted(p.side.columns))
		for _, at := range p.side.columns {
			require.Equal(t, int32(3), at%17)
		}
		var first []uint32
		for _, level := range levels() {
			k, err := simd.For(simd.Level(level))
			require.NoError(t, err)
			l := newLinear(k, &p, Int8)
			got := matrix(rows, outs, outs, make([]float32, rows*outs))
			l.mul(got, a, &rounding{})
			if first == nil {
				first = bitsOf([][]float32{got.Data})[0]
			}
			require.Equal(t, first, bitsOf([][]float32{got.Data})[0], level)
			one := make([]float32, outs)
			l.mul(matrix(1, outs, outs, one), matrix(1, cols, cols, a.Data[69*cols:]), &rounding{})
			require.Equal(t, first[69*outs:], bitsOf([][]float32{one})[0])
			for i := range rows {
				for o := 1; o < outs; o++ {
					want := float64(p.biases[o])
					for j := range cols {
						want += float64(a.Data[i*cols+j]) * float64(full[o*cols+j])
					}
					errors[n] += square(want - float64(got.Data[i*outs+o]))
				}
			}
		}
		if n == 0 {
			continue
		}
		again := weights{rows: outs, cols: cols, small: p.small, scale: p.scale, smooth: p.smooth, side: p.side}
		again.expand()
		off := 0.0
		for i, v := range again.full {
			off += square(float64(full[i]-v)) / float64(len(full))
		}
		require.Less(t, off, square(0.002))
	}
	require.Less(t, errors[apart], errors[0]/8)
}

// TestQuantiseWithinTolerance: no row is further from its original, in squares, than with the plain scale max/127, and a
// row that int8 holds exactly comes back so.
func TestQuantiseWithinTolerance(t *testing.T) {
	for k, row := range [][]float32{
		{0, 0, 0},
		{1, -1, 0.5},
		{127, -127, 3, 0},
		{1e-45, 0, -1e-45},
		{3e38, -3e38, 1e37},
		ruleWeights("q", 1000),
		{100, 1, 0.5, 0.25, -0.125, 0.3, 0.7},
	} {
		q, scale := quantise(row, 1, len(row), nil)
		s := scale[0]
		require.True(t, s > 0 && s-s == 0, "row %d has scale %v", k, s)
		var top, got, plain float64
		for _, v := range row {
			top = max(top, math.Abs(float64(v)))
		}
		for i, v := range row {
			got += square(float64(v) - float64(q[i])*float64(s))
			if top > 0 {
				plain += square(float64(v) - math.RoundToEven(float64(v)/(top/127))*(top/127))
			}
			require.NotEqual(t, int8(-128), q[i])
		}
		if top > 1e-40 {
			require.LessOrEqual(t, got, plain*(1+1e-5)+1e-12*top*top, "row %d: %s", k, fmt.Sprint(row[:3]))
		}
	}
	q, _ := quantise([]float32{127, -127, 3, 0}, 1, 4, nil)
	require.Equal(t, []int8{127, -127, 3, 0}, q)
}

func square(x float64) float64 { return x * x }
