package topic

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
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

// Save writes the model to the directory dir, which appears whole or not at all. dir must not exist, be
// empty, or hold a saved model, which is replaced. Everything that was computed is written: the
// documents, their embeddings, the fitted stages, the topics with their words. The embedder is not, nor
// is what ErrUnsaved speaks of: Load takes it again. It fails for stages that Config.CanSave reports.
func (m *Model) Save(dir string) error {
	err := store.Write(dir, func(w *store.Writer) error { return m.save(w) })
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

// save writes the parts of the model.
func (m *Model) save(w stage.Writer) error {
	notes := m.pipeline.cfg.Notes
	if err := state.WriteSections(w, state.Section{Name: notesSection, Data: &notes}); err != nil {
		return err
	}
	if err := m.documents.save(w); err != nil {
		return fmt.Errorf("documents: %w", err)
	}
	if err := m.pipeline.save(w); err != nil {
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

// savedDocuments is what documents hold beside texts and embeddings.
type savedDocuments struct {
	Active  []int         `json:"active,omitempty"`
	Classes []int         `json:"classes,omitempty"`
	Batches *batch.Counts `json:"batches,omitempty"`
}

func (d *documents) sections(s *savedDocuments) []state.Section {
	return []state.Section{
		{Name: "documents.json", Data: s}, {Name: "texts.json", Data: &d.texts}, {Name: "embeddings.npy", Data: &d.embeddings},
	}
}

func (d *documents) save(w stage.Writer) error {
	return state.WriteSections(w, d.sections(&savedDocuments{d.active, d.classes, d.batches})...)
}

// savedPipeline is what a pipeline holds beside matrices and fitted stages.
type savedPipeline struct {
	Seed        uint64          `json:"seed"`
	Reducer     *state.Settings `json:"reducer,omitempty"`
	Clusterer   *state.Settings `json:"clusterer"`
	Granularity Granularity     `json:"granularity"`
	Outliers    OutlierPolicy   `json:"outliers,omitempty"`
	SeedWords   [][]string      `json:"seed_words,omitempty"`
	ZeroShot    ZeroShot        `json:"zero_shot"`
	Fits        []savedFit      `json:"fits,omitempty"`
	Sources     int             `json:"sources,omitempty"` // number of merged models
	Policy      *savedPolicy    `json:"policy,omitempty"`
	Regions     *savedRegions   `json:"regions,omitempty"`
	Warnings    []string        `json:"warnings,omitempty"`
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

func (p *pipeline) sections(s *savedPipeline, x *pipelineMatrices) []state.Section {
	return []state.Section{
		{Name: "pipeline.json", Data: s},
		{Name: "points.npy", Data: &p.rows.points},
		{Name: "labels.npy", Data: &p.rows.labels},
		{Name: "strengths.npy", Data: &p.rows.strengths},
		{Name: "zero_shot.npy", Data: &x.names},
		{Name: "seeds.npy", Data: &x.seeds},
		{Name: "policy.npy", Data: &x.policy},
		{Name: "regions.npy", Data: &x.regions},
	}
}

func (p *pipeline) save(w stage.Writer) error {
	s := savedPipeline{
		Seed: p.cfg.Seed, Granularity: p.cfg.Granularity, Outliers: p.cfg.Outliers, SeedWords: p.cfg.Seeds, ZeroShot: p.cfg.ZeroShot,
		Sources: len(p.sources), Warnings: texts(p.warnings),
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
	if err := state.WriteSections(w, p.sections(&s, &x)...); err != nil {
		return err
	}
	for i, c := range p.fits {
		if err := saveFit(state.Sub(w, "fit/"+strconv.Itoa(i)), c, s.Fits[i]); err != nil {
			return fmt.Errorf("fit %d: %w", i, err)
		}
	}
	for i, m := range p.sources {
		if err := m.save(state.Sub(w, "model/"+strconv.Itoa(i))); err != nil {
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

func (w *description) sections(s *savedDescription, a *descriptionArrays) []state.Section {
	return slices.Concat([]state.Section{
		{Name: "description.json", Data: s},
		{Name: "topic_embeddings.npy", Data: &a.embeddings},
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
	return state.WriteSections(to, w.sections(&s, &a)...)
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
