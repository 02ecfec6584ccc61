package topic

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/internal/check"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/sparse"
	"github.com/gobertopic/gobertopic/stage"
	"github.com/gobertopic/gobertopic/stage/state"
	"github.com/gobertopic/gobertopic/topic/internal/batch"
	"github.com/gobertopic/gobertopic/topic/internal/place"
	"github.com/gobertopic/gobertopic/topic/internal/store"
)

// CanSave reports, before a fit, why models made by c could not be saved to the directory dir: a stage
// whose type is not registered with package stage/state, or that has a setting, such as a function,
// that a file cannot hold; dir holds something other than a model, or the directory above it is missing
// or cannot be written. An empty dir asks about the stages alone.
func (c Config) CanSave(dir string) error {
	var errs []error
	if dir != "" {
		errs = append(errs, store.CanWrite(dir))
	}
	if c.Reducer != nil {
		errs = append(errs, state.CanSave(c.Reducer))
	}
	return errors.Join(append(errs, state.CanSave(c.clusterer()))...)
}

// SaveOptions says what of a model is saved. The zero value saves everything, so that a loaded model
// answers with the same bits.
type SaveOptions struct {
	// WithoutTexts leaves out the documents but for the typical ones of each topic. Operations that count
	// words anew fail with ErrNoTexts then, among them Grow and those that merge or split topics;
	// Transform finds documents of the fit by their embeddings. Default false.
	WithoutTexts bool
	// Embeddings says how the embeddings of the documents are saved, those within fitted stages included:
	//
	//	float32  as they are, 4 bytes a value
	//	float16  rounded to 2 bytes
	//	int8     rounded to 1 byte, and 4 for each document
	//	none     not at all, nor what the stages became: new documents get the topic whose mean
	//	         embedding has the highest cosine with theirs, and only blank ones are outliers;
	//	         operations that need embeddings or fitted stages fail with ErrNoEmbeddings
	//
	// Default "": float32, or what the model was loaded with.
	Embeddings string
}

const noEmbeddings = "none" // as a value of SaveOptions.Embeddings

func (o SaveOptions) validate() error {
	var f check.Fields
	f.Want(o.Embeddings == noEmbeddings || store.Precision(o.Embeddings).Valid(), "topic.SaveOptions.Embeddings", o.Embeddings, "float32, float16, int8 or none")
	return f.Err()
}

// Save writes the model to the directory dir, which appears whole or not at all. dir must not exist, be
// empty, or hold a saved model, which is replaced; the directory above it must exist. Everything that
// was computed is written, but for what opt leaves out: the documents, their embeddings, the fitted
// stages, the topics with their words. The embedder is not, nor is what ErrUnsaved speaks of: Load
// takes it again. It fails for stages that Config.CanSave reports.
func (m *Model) Save(ctx context.Context, dir string, opt SaveOptions) error {
	err := opt.validate()
	if err == nil && dir == "" {
		err = errors.New("there is no directory to write to")
	}
	if err == nil {
		err = m.open()
	}
	if err == nil {
		err = store.Write(dir, func(w *store.Writer) error {
			whole := saving{ctx, w}
			return m.save(whole, rounding{whole, m.Dims(), opt.precision(m.documents)}, opt)
		})
	}
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

// precision returns that of the embeddings of d.
func (o SaveOptions) precision(d *documents) store.Precision {
	switch p := store.Precision(o.Embeddings); {
	case o.Embeddings == "" || o.Embeddings == noEmbeddings:
		return d.precision
	case p.Exact():
		return ""
	default:
		return p
	}
}

// saving is the Writer of a save that ends when its context does.
type saving struct {
	ctx context.Context
	w   *store.Writer
}

// Create begins a section.
func (s saving) Create(name string) (io.Writer, error) {
	if err := context.Cause(s.ctx); err != nil {
		return nil, err
	}
	return s.w.Create(name)
}

// WriteMatrix writes a matrix.
func (s saving) WriteMatrix(name string, x blas32.General) error {
	if err := context.Cause(s.ctx); err != nil {
		return err
	}
	return s.w.WriteMatrix(name, x)
}

// rounding is saving, but for matrices whose rows are embeddings.
type rounding struct {
	saving
	dims int
	to   store.Precision
}

// WriteMatrix writes a matrix.
func (r rounding) WriteMatrix(name string, x blas32.General) error {
	if err := context.Cause(r.ctx); err != nil || x.Cols != r.dims {
		return r.saving.WriteMatrix(name, x)
	}
	return r.w.WriteRounded(name, x, r.to)
}

// save writes the parts of the model: embeddings of documents to rounded, all else to w.
func (m *Model) save(w, rounded stage.Writer, opt SaveOptions) error {
	notes := m.pipeline.cfg.Notes
	if err := state.WriteSections(w, state.Section{Name: notesSection, Data: &notes}); err != nil {
		return err
	}
	s := savedDocumentsOf(m, opt)
	if err := m.documents.save(w, rounded, s); err != nil {
		return fmt.Errorf("documents: %w", err)
	}
	if err := m.pipeline.save(w, rounded, s.WithoutRows, opt); err != nil {
		return fmt.Errorf("stages: %w", err)
	}
	if err := m.grouping.save(w); err != nil {
		return fmt.Errorf("topics: %w", err)
	}
	if err := m.description.save(w); err != nil {
		return fmt.Errorf("words: %w", err)
	}
	warnings := texts(m.warnings)
	return state.WriteSections(w, state.Section{Name: "warnings.json", Data: &warnings})
}

const notesSection = "notes.json"

// savedDocuments is what documents hold beside texts and arrays.
type savedDocuments struct {
	N            int             `json:"documents"`
	Dims         int             `json:"dimensions,omitempty"`
	Precision    store.Precision `json:"precision,omitempty"`
	WithoutTexts bool            `json:"without_texts,omitempty"`
	WithoutRows  bool            `json:"without_embeddings,omitempty"`
	Typical      []savedText     `json:"typical,omitempty"` // of a model without texts
	Classes      bool            `json:"classes,omitempty"` // some are known
	Batches      *batch.Counts   `json:"batches,omitempty"`
}

type savedText struct {
	Doc  int    `json:"document"`
	Text []byte `json:"text"` // any bytes
}

// savedDocumentsOf returns what is saved: what the model does not have cannot be saved.
func savedDocumentsOf(m *Model, opt SaveOptions) *savedDocuments {
	d := m.documents
	s := &savedDocuments{
		N: d.n, Dims: m.Dims(), Precision: opt.precision(d), WithoutTexts: d.withoutTexts || opt.WithoutTexts,
		WithoutRows: d.withoutRows || opt.Embeddings == noEmbeddings && d.hasEmbeddings(), Classes: d.classes != nil, Batches: d.batches,
	}
	if !s.WithoutTexts {
		return s
	}
	typical := maps.Clone(d.typical)
	if !d.withoutTexts {
		typical = map[int]string{}
		for _, t := range m.description.topics {
			for _, doc := range t.representative {
				typical[doc] = d.texts[doc]
			}
		}
	}
	for _, doc := range sortedKeys(typical) {
		s.Typical = append(s.Typical, savedText{doc, []byte(typical[doc])})
	}
	return s
}

func (d *documents) save(w, rounded stage.Writer, s *savedDocuments) error {
	err := state.WriteSections(w, state.Section{Name: "documents.json", Data: s}, state.Section{Name: "active.npy", Data: &d.active}, state.Section{Name: "order.npy", Data: &d.order})
	if err == nil && s.Classes {
		err = state.WriteSections(w, state.Section{Name: "classes.npy", Data: &d.classes})
	}
	if err == nil && !s.WithoutTexts {
		err = writeTexts(w, d.texts)
	}
	if err == nil && !s.WithoutRows {
		err = state.WriteSections(rounded, state.Section{Name: embeddingsSection, Data: &d.embeddings})
	}
	return err
}

const (
	embeddingsSection = "embeddings.npy"
	textsSection      = "texts.txt"      // one after the other
	textEndsSection   = "texts.ends.npy" // where each ends
)

// writeTexts writes texts, which may hold any bytes.
func writeTexts(w stage.Writer, texts []string) error {
	ends, end := make([]int, len(texts)), 0
	for i, text := range texts {
		end += len(text)
		ends[i] = end
	}
	if err := state.WriteSections(w, state.Section{Name: textEndsSection, Data: &ends}); err != nil {
		return err
	}
	f, err := w.Create(textsSection)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<16)
	for _, text := range texts {
		if _, err := out.WriteString(text); err != nil {
			return err
		}
	}
	return out.Flush()
}

// savedPipeline is what a pipeline holds beside matrices and fitted stages.
type savedPipeline struct {
	Embedder    embedderIdentity `json:"embedder,omitempty"`
	Seed        uint64           `json:"seed"`
	Reducer     *state.Settings  `json:"reducer,omitempty"`
	Clusterer   *state.Settings  `json:"clusterer"`
	Granularity Granularity      `json:"granularity"`
	Outliers    OutlierPolicy    `json:"outliers,omitempty"`
	SeedWords   [][]string       `json:"seed_words,omitempty"`
	ZeroShot    ZeroShot         `json:"zero_shot"`
	Fits        []savedFit       `json:"fits,omitempty"`
	Sources     int              `json:"sources,omitempty"` // number of merged models
	Policy      *savedPolicy     `json:"policy,omitempty"`
	Regions     *savedRegions    `json:"regions,omitempty"`
	Warnings    []string         `json:"warnings,omitempty"`
}

type savedFit struct {
	Offset  int  `json:"offset"`
	Reduced bool `json:"reduced,omitempty"` // there is a reduction
	Empty   bool `json:"empty,omitempty"`   // the clustering is place.NoClusters
}

type savedPolicy struct {
	Labels []int   `json:"labels"`
	Floor  float64 `json:"floor"`
}

type savedRegions struct {
	Labels []int     `json:"labels"`
	Floors []float64 `json:"floors"`
}

// pipelineMatrices holds the matrices of a pipeline.
type pipelineMatrices struct {
	names, seeds, policy, regions blas32.General
}

// sections returns those that are always read.
func (p *pipeline) sections(s *savedPipeline, x *pipelineMatrices) []state.Section {
	return []state.Section{
		{Name: "pipeline.json", Data: s},
		{Name: "zero_shot.npy", Data: &x.names},
		{Name: "seeds.npy", Data: &x.seeds},
		{Name: "policy.npy", Data: &x.policy},
		{Name: "regions.npy", Data: &x.regions},
	}
}

// sections returns what the stages say of each row but for the points, which may be embeddings.
func (r *rowResults) sections() []state.Section {
	return []state.Section{{Name: "labels.npy", Data: &r.labels}, {Name: "strengths.npy", Data: &r.strengths}}
}

func (r *rowResults) pointsSection() state.Section {
	return state.Section{Name: "points.npy", Data: &r.points}
}

func (p *pipeline) save(w, rounded stage.Writer, withoutRows bool, opt SaveOptions) error {
	s := savedPipeline{
		Embedder: p.embedder, Seed: p.cfg.Seed, Granularity: p.cfg.Granularity, Outliers: p.cfg.Outliers, SeedWords: p.cfg.Seeds, ZeroShot: p.cfg.ZeroShot,
		Sources: p.merged, Warnings: texts(p.warnings),
	}
	var err error
	if s.Reducer, err = encode(p.cfg.Reducer); err != nil {
		return fmt.Errorf("reducer: %w", err)
	}
	if s.Clusterer, err = encode(p.cfg.Clusterer); err != nil {
		return fmt.Errorf("clusterer: %w", err)
	}
	x := pipelineMatrices{seeds: p.seeds.Seeds}
	if p.names != nil {
		x.names = stackRows(p.names.Centroids.Rows)
	}
	if p.policy != nil {
		s.Policy = &savedPolicy{p.policy.Centroids.IDs, p.policy.Floor}
		x.policy = stackRows(p.policy.Centroids.Rows)
	}
	if p.accept != nil {
		s.Regions = &savedRegions{}
		var centers [][]float32
		for _, l := range sortedKeys(p.accept) {
			s.Regions.Labels, s.Regions.Floors = append(s.Regions.Labels, l), append(s.Regions.Floors, p.accept[l].Floor)
			centers = append(centers, p.accept[l].Center)
		}
		x.regions = stackRows(centers)
	}
	for _, c := range p.fits {
		_, empty := c.Clustering.(place.NoClusters)
		s.Fits = append(s.Fits, savedFit{Offset: c.Offset, Reduced: c.Reduction != nil, Empty: empty})
	}
	if withoutRows {
		s.Fits = nil
	}
	if err := state.WriteSections(w, p.sections(&s, &x)...); err != nil || withoutRows {
		return err
	}
	return p.saveRows(w, rounded, s.Fits, opt)
}

// saveRows writes what the stages became and what they say of the rows.
func (p *pipeline) saveRows(w, rounded stage.Writer, fits []savedFit, opt SaveOptions) error {
	err := state.WriteSections(w, p.rows.sections()...)
	if err == nil {
		err = state.WriteSections(rounded, p.rows.pointsSection())
	}
	if err != nil {
		return err
	}
	for i, c := range p.fits {
		if err := saveFit(state.Sub(rounded, "fit/"+strconv.Itoa(i)), c, fits[i]); err != nil {
			return fmt.Errorf("fit %d: %w", i, err)
		}
	}
	for i, m := range p.sources {
		dir := "model/" + strconv.Itoa(i)
		if err := m.save(state.Sub(w, dir), state.Sub(rounded, dir), opt); err != nil {
			return fmt.Errorf("merged model %d: %w", i, err)
		}
	}
	return nil
}

func saveFit(w stage.Writer, c *place.Clusters, s savedFit) error {
	err := state.WriteSections(w, state.Section{Name: "rows.npy", Data: &c.Rows}, state.Section{Name: "same.npy", Data: &c.Same})
	if err == nil && s.Reduced {
		err = state.Save(state.Sub(w, "reduction"), c.Reduction)
	}
	if err == nil && !s.Empty {
		err = state.Save(state.Sub(w, "clustering"), c.Clustering)
	}
	return err
}

// encode returns the saved form of a stage, nil for no stage.
func encode(v any) (*state.Settings, error) {
	if v == nil {
		return nil, nil
	}
	s, err := state.Encode(v)
	return &s, err
}

// decode returns the stage of a saved form as an S; the zero value for nil.
func decode[S any](s *state.Settings) (out S, err error) {
	if s == nil {
		return out, nil
	}
	v, err := s.Decode()
	if err != nil {
		return out, err
	}
	out, ok := v.(S)
	if !ok {
		return out, fmt.Errorf("%s is a %T, which cannot serve here", s.Stage, v)
	}
	return out, nil
}

// stackRows returns a matrix of rows of one length.
func stackRows(rows [][]float32) blas32.General {
	if len(rows) == 0 {
		return blas32.General{}
	}
	x := dense.New(len(rows), len(rows[0]))
	for i, r := range rows {
		copy(dense.Row(x, i), r)
	}
	return x
}

// savedGrouping is a grouping without its assignments.
type savedGrouping struct {
	Topics  []savedGroup  `json:"topics"`
	Routes  []savedRoute  `json:"routes,omitempty"`
	KeepIDs bool          `json:"keep_ids,omitempty"`
	Rules   []OutlierRule `json:"rules,omitempty"`
	History []Step        `json:"history"`
}

type savedGroup struct {
	ID    int    `json:"id"`
	Size  int    `json:"size"`
	Label string `json:"label,omitempty"`
}

type savedRoute struct {
	Label  int   `json:"label"`
	Topics []int `json:"topics"`
}

func (g *grouping) save(w stage.Writer) error {
	s := savedGrouping{KeepIDs: g.keepIDs, Rules: g.rules, History: g.history}
	for _, t := range g.topics {
		s.Topics = append(s.Topics, savedGroup{t.id, t.size, t.label})
	}
	for _, l := range sortedKeys(g.routes) {
		s.Routes = append(s.Routes, savedRoute{l, g.routes[l]})
	}
	topics, probabilities := make([]int32, len(g.assignments)), make([]float64, len(g.assignments))
	for i, a := range g.assignments {
		topics[i], probabilities[i] = int32(a.Topic), a.Probability
	}
	return state.WriteSections(w, groupingSections(&s, &topics, &probabilities)...)
}

func groupingSections(s *savedGrouping, topics *[]int32, probabilities *[]float64) []state.Section {
	return []state.Section{{Name: "grouping.json", Data: s}, {Name: "topics.npy", Data: topics}, {Name: "probabilities.npy", Data: probabilities}}
}

// savedDescription is a description without its counts, weights and embeddings.
type savedDescription struct {
	Words    savedWords       `json:"words"`
	Topics   []savedDescribed `json:"topics"`
	Classes  []int            `json:"classes,omitempty"` // of counts and weights
	Docs     float64          `json:"docs"`
	Reduce   bool             `json:"reduce_frequent_words,omitempty"`
	Warnings []string         `json:"warnings,omitempty"`
}

type savedDescribed struct {
	Name           string                   `json:"name"`
	Terms          []ctfidf.Term            `json:"terms,omitempty"`
	Aspects        map[string][]ctfidf.Term `json:"aspects,omitempty"`
	Representative []int                    `json:"representative,omitempty"`
}

// savedWords is Words. What is not registered, and functions, are named in Unsaved.
type savedWords struct {
	Vocabulary              ctfidf.Config     `json:"vocabulary"`
	Weigher                 *state.Settings   `json:"weigher,omitempty"`
	Representers            []*state.Settings `json:"representers,omitempty"`
	Aspects                 []savedAspect     `json:"aspects,omitempty"`
	TopWords                int               `json:"top_words,omitempty"`
	RepresentativeDocs      int               `json:"representative_docs,omitempty"`
	RepresentativeDiversity float64           `json:"representative_diversity,omitempty"`
	Unsaved                 []string          `json:"unsaved,omitempty"`
}

type savedAspect struct {
	Name         string            `json:"name"`
	Representers []*state.Settings `json:"representers,omitempty"`
}

// descriptionArrays holds the arrays of a description.
type descriptionArrays struct {
	embeddings blas32.General
	vocabulary []string
	sizes, idf []float64
}

// sections returns those that are always read.
func (w *description) sections(s *savedDescription, a *descriptionArrays) []state.Section {
	return []state.Section{{Name: "description.json", Data: s}, {Name: "topic_embeddings.npy", Data: &a.embeddings}}
}

// wordSections returns those of counts and weights.
func (w *description) wordSections(a *descriptionArrays) []state.Section {
	return slices.Concat([]state.Section{
		{Name: "vocabulary.json", Data: &a.vocabulary},
		{Name: "sizes.npy", Data: &a.sizes},
		{Name: "idf.npy", Data: &a.idf},
	}, csrSections("counts", &w.counts.Rows), csrSections("weights", &w.weights.Rows))
}

func csrSections(name string, x *sparse.CSR[float64]) []state.Section {
	return []state.Section{
		{Name: name + "/cols.json", Data: &x.Cols},
		{Name: name + "/row_ptr.npy", Data: &x.RowPtr},
		{Name: name + "/col.npy", Data: &x.Col},
		{Name: name + "/value.npy", Data: &x.Value},
	}
}

func (w *description) save(to stage.Writer) error {
	s := savedDescription{Classes: w.counts.Classes, Docs: w.counts.Docs, Reduce: w.weights.ReduceFrequentWords, Warnings: texts(w.warnings), Words: w.words.saved()}
	a := descriptionArrays{vocabulary: w.counts.Vocabulary, sizes: w.counts.Sizes, idf: w.weights.IDF}
	var embeddings [][]float32
	for _, t := range w.topics {
		s.Topics = append(s.Topics, savedDescribed{t.name, t.terms, t.aspects, t.representative})
		embeddings = append(embeddings, t.embedding)
	}
	a.embeddings = stackRows(embeddings)
	return state.WriteSections(to, append(w.sections(&s, &a), w.wordSections(&a)...)...)
}

func texts(errs []error) []string {
	var out []string
	for _, err := range errs {
		out = append(out, err.Error())
	}
	return out
}

func errorsOf(texts []string) []error {
	var out []error
	for _, t := range texts {
		out = append(out, errors.New(t))
	}
	return out
}

// saved returns what a file holds of w.
func (w Words) saved() savedWords {
	s := savedWords{
		Vocabulary: w.Vocabulary, TopWords: w.TopWords, RepresentativeDocs: w.RepresentativeDocs, RepresentativeDiversity: w.RepresentativeDiversity,
		Unsaved: slices.Clone(w.missing),
	}
	s.Vocabulary.Workers = 0
	unsaved := func(name string) { s.Unsaved = append(s.Unsaved, name) }
	var err error
	if s.Weigher, err = encode(w.Weigher); err != nil {
		s.Weigher = nil
		unsaved("Weigher")
	}
	var ok bool
	if s.Representers, ok = encodeChain(w.Representers); !ok {
		unsaved("Representers")
	}
	for _, a := range w.Aspects {
		chain, ok := encodeChain(a.Representers)
		if !ok {
			unsaved("Aspects")
			s.Aspects = nil
			break
		}
		s.Aspects = append(s.Aspects, savedAspect{a.Name, chain})
	}
	for name, there := range w.functions() {
		if there {
			unsaved(name)
		}
	}
	slices.Sort(s.Unsaved)
	s.Unsaved = slices.Compact(s.Unsaved)
	return s
}

// encodeChain returns the saved form of representers, or false if one of them has none.
func encodeChain(representers []Representer) ([]*state.Settings, bool) {
	var out []*state.Settings
	for _, r := range representers {
		s, err := encode(r)
		if err != nil {
			return nil, false
		}
		out = append(out, s)
	}
	return out, true
}

// functions says which of the functions of the vocabulary are set, by name.
func (w Words) functions() map[string]bool {
	return map[string]bool{
		"Vocabulary.Preprocessor": w.Vocabulary.Preprocessor != nil,
		"Vocabulary.Stem":         w.Vocabulary.Stem != nil,
		"Vocabulary.Tokenizer":    w.Vocabulary.Tokenizer != nil,
	}
}
