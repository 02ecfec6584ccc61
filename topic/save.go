package topic

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/embed"
	"github.com/gobertopic/gobertopic/internal/dense"
	"github.com/gobertopic/gobertopic/umap"
)

const (
	modelFile      = "model.json"
	notesFile      = "notes.json"
	embeddingsFile = "embeddings.npy"
	pointsFile     = "points.npy"
	seedsFile      = "seeds.npy"
	labelsFile     = "labels.npy"
	sourcesDir     = "models"
	formatName     = "gobertopic model"
	formatVersion  = 3
)

// ErrUnsaved is returned where a loaded model would have to count words again and was fitted with something that a file
// cannot hold: functions of Config.Vocabulary, representers, or a weigher of the caller's. The error names it; Load takes it.
var ErrUnsaved = errors.New("the model was fitted with what a file cannot hold; give Load a Config that has it")

// saved is model.json. The embeddings, the points of the documents with text where a reducer made them, and what seeds and
// zero-shot labels became are .npy files beside it, and the notes a notes.json. The clustering and the counts of terms are not
// stored: they are the same bits when they are made again.
type saved struct {
	savedFormat
	Seed uint64

	Reducer   *umap.Config `json:",omitempty"` // nil: the embeddings are the points
	Clusterer *savedStage
	Classes   []int        `json:",omitempty"` // of the documents with text
	Seeds     [][]string   `json:",omitempty"`
	ZeroShot  *ZeroShot    `json:",omitempty"`
	Online    *savedOnline `json:",omitempty"` // of stages that learn batch by batch
	Words     savedWords
	Unsaved   []string `json:",omitempty"`

	WordsAlone  bool `json:",omitempty"` // there are no embeddings
	Documents   []string
	Active      []int `json:",omitempty"`
	Assignments []Assignment
	Topics      []Topic
	Routes      map[int][]int `json:",omitempty"`
	Unordered   bool          `json:",omitempty"`
	Grown       []generation  `json:",omitempty"`
	Outliers    OutlierPolicy `json:",omitempty"`
	NrTopics    int           `json:",omitempty"` // Config.Topics
	Sources     int           `json:",omitempty"` // the number of merged models, each in its own directory
	Rescues     []Rescue      `json:",omitempty"`
	History     []Step
	FitWarnings []string `json:",omitempty"`
	Warnings    []string `json:",omitempty"`
}

// savedWords is how the words of the topics were made.
type savedWords struct {
	Vocabulary              ctfidf.Config
	Weigher                 *savedStage `json:",omitempty"`
	TopWords                int
	RepresentativeDocs      int
	RepresentativeDiversity float64
}

// Save writes the model to the directory dir, which appears whole or not at all. dir must not exist, be empty, or hold a
// saved model, which is replaced. The documents are in it; the embedder, the representers and functions of Config.Vocabulary
// are not: Load takes them again.
//
// Reducers and clusterers of the caller's own types cannot be saved yet: the error names the stage and its type.
func (m *Model) Save(dir string) (err error) {
	s := saved{
		savedFormat: thisFormat, Seed: m.cfg.Seed,
		Classes: m.given, Seeds: m.cfg.Seeds, WordsAlone: m.embeddings.Cols == 0, Documents: m.docs, Active: m.active, Assignments: m.assignments, Topics: m.topics,
		Routes: m.routes, Unordered: m.unordered, Grown: m.grown, Outliers: m.cfg.Outliers, NrTopics: m.cfg.Topics, Sources: len(m.sources), Rescues: m.rescues, History: m.history,
		FitWarnings: texts(m.fitWarnings), Warnings: texts(m.warnings),
	}
	s.Words, s.Unsaved = m.cfg.saveWords()
	if s.Online, err = m.saveOnline(); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	switch r := m.cfg.Reducer.(type) {
	case nil:
	case PCA: // it is in Online
	case UMAP:
		cfg := r.Config
		cfg.Progress, cfg.Workers, cfg.Seed = nil, 0, m.cfg.Seed
		s.Reducer = &cfg
	default:
		return fmt.Errorf("save: the reducer is a %T, want topic.UMAP, topic.PCA or nil", r)
	}
	if s.Clusterer, err = saveClusterer(m.cfg.Clusterer); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	if m.zero != nil {
		s.ZeroShot = &m.zero.ZeroShot
	}

	if err := replaceable(dir); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	dir = filepath.Clean(dir)
	tmp, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".tmp-")
	if err != nil {
		return fmt.Errorf("save: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("save: %w", err)
			_ = os.RemoveAll(tmp)
		}
	}()
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(tmp, modelFile), s); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(tmp, notesFile), savedNotes{thisFormat, m.cfg.Notes}); err != nil {
		return err
	}
	if !s.WordsAlone {
		if err := embed.WriteNPYFile(filepath.Join(tmp, embeddingsFile), m.embeddings); err != nil {
			return err
		}
	}
	if s.hasPoints() {
		if err := embed.WriteNPYFile(filepath.Join(tmp, pointsFile), m.reduction.Points()); err != nil {
			return err
		}
	}
	if m.guide != nil {
		if err := embed.WriteNPYFile(filepath.Join(tmp, seedsFile), m.guide.seeds); err != nil {
			return err
		}
	}
	if m.zero != nil {
		if err := embed.WriteNPYFile(filepath.Join(tmp, labelsFile), m.zero.labels); err != nil {
			return err
		}
	}
	if err := m.saveSources(tmp); err != nil {
		return err
	}
	return replaceDir(tmp, dir)
}

// replaceable reports a dir that Save must not replace.
func replaceable(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) == 0:
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, modelFile)); err != nil {
		return fmt.Errorf("%s is not empty and holds no model: it is left as it is", dir)
	}
	return nil
}

// replaceDir renames from to to; what was at to is set aside first and put back when that fails.
func replaceDir(from, to string) error {
	aside := from + ".old"
	err := os.Rename(to, aside)
	if errors.Is(err, fs.ErrNotExist) {
		return os.Rename(from, to)
	}
	if err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return errors.Join(err, os.Rename(aside, to))
	}
	return os.RemoveAll(aside)
}

// Load reads a model that Save wrote. Of with it takes what a file cannot hold: the Embedder, which must be the one that the
// model was fitted with, or nil, in which case TransformEmbedded works alone; the Representers and Aspects; the functions of
// the Vocabulary; the Weigher where it is one of the caller's own; and of Run the Workers and the Progress of the model's
// later work. All else comes from the file. What is missing in with and was there in the fit makes operations that count
// words again fail with ErrUnsaved, everything else works. Every part is checked; an error names the file.
func Load(ctx context.Context, dir string, with Config) (*Model, error) {
	fail := func(file string, err error) (*Model, error) {
		return nil, fmt.Errorf("load: %s: %w", filepath.Join(dir, file), err)
	}
	var s saved
	if err := readJSON(filepath.Join(dir, modelFile), &s, &s.savedFormat); err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	notes, err := ReadNotes(dir)
	if err != nil {
		return nil, err
	}
	m := &Model{
		given: s.Classes, docs: s.Documents, active: s.Active, assignments: s.Assignments, topics: s.Topics, routes: s.Routes, unordered: s.Unordered,
		grown: s.Grown, rescues: s.Rescues, known: &known{}, terms: &terms{}, history: s.History, fitWarnings: errorsOf(s.FitWarnings), warnings: errorsOf(s.Warnings),
	}
	if m.cfg, err = with.restored(s); err != nil {
		return fail(modelFile, err)
	}
	m.cfg.Notes = notes
	if m.embeddings.Rows = len(s.Documents); !s.WordsAlone {
		if m.embeddings, err = embed.ReadNPYFile(filepath.Join(dir, embeddingsFile)); err != nil {
			return nil, fmt.Errorf("load: %w", err)
		}
	}
	if err := s.fits(m.embeddings.Rows); err != nil {
		return fail(modelFile, err)
	}
	if err := m.readAsked(dir, s); err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	if err := m.readPoints(ctx, dir, s); err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	if m.sources, err = loadSources(ctx, dir, s.Sources, with); err != nil {
		return nil, err
	}
	if err := s.holds(m); err != nil {
		return fail(modelFile, err)
	}
	if m.cfg.Clusterer, err = s.Clusterer.clusterer(); err != nil {
		return fail(modelFile, err)
	}
	if m.clustering, err = s.Online.learned(ctx, dense.Slice(m.reduction.Points(), 0, m.firstPoints()), m.cfg.Workers); err != nil {
		return fail(modelFile, fmt.Errorf("%s: %w", StageCluster, err))
	}
	if m.clustering == nil {
		err = m.clusterFitted(ctx)
	}
	if err == nil {
		err = m.afterClusters(ctx)
	}
	if err != nil {
		return fail(pointsFile, err)
	}
	if s.Online != nil {
		m.batches = s.Online.Batches
	}
	if err := m.Check(); err != nil {
		return fail(modelFile, fmt.Errorf("the parts do not fit: %w", err))
	}
	return m, nil
}

// readPoints makes the reduction again.
func (m *Model) readPoints(ctx context.Context, dir string, s saved) error {
	x := dense.Pick(m.embeddings, m.active)
	if m.guide != nil {
		x, _ = m.guide.draw(x)
	}
	points := x
	if s.Reducer != nil {
		m.cfg.Reducer = UMAP{*s.Reducer}
	}
	if s.Online != nil && s.Online.Reducer != nil {
		m.cfg.Reducer = *s.Online.Reducer
	}
	if s.hasPoints() {
		var err error
		path := filepath.Join(dir, pointsFile)
		if points, err = embed.ReadNPYFile(path); err != nil {
			return err
		}
		if points.Rows != m.fitted() {
			return fmt.Errorf("%s: %d rows for %d documents with text", path, points.Rows, m.fitted())
		}
	}
	n := m.firstPoints()
	m.reduction = identity{dense.Slice(points, 0, n)}
	switch {
	case !s.hasPoints():
	case s.Online.reduces():
		var err error
		if m.reduction, err = s.Online.reduction(ctx, dense.Slice(x, 0, n), dense.Slice(points, 0, n), m.cfg.Workers); err != nil {
			return fmt.Errorf("%s: %s: %w", filepath.Join(dir, pointsFile), StageReduce, err)
		}
	default:
		fitted, err := umap.Restore(dense.Slice(x, 0, n), dense.Slice(points, 0, n), *s.Reducer)
		if err != nil {
			return err
		}
		m.reduction = umapReduction{fitted}
	}
	if m.guide != nil {
		m.reduction = guided{m.reduction, m.guide}
	}
	if len(s.Grown) > 0 {
		m.reduction = extended{m.reduction, points}
	}
	return nil
}

// readAsked reads the embeddings of seeds and zero-shot labels.
func (m *Model) readAsked(dir string, s saved) error {
	read := func(file string, rows int) (blas32.General, error) {
		path := filepath.Join(dir, file)
		x, err := embed.ReadNPYFile(path)
		if err == nil && (x.Rows != rows || x.Cols != m.embeddings.Cols) {
			err = fmt.Errorf("%s: %d rows of %d values, want %d of %d", path, x.Rows, x.Cols, rows, m.embeddings.Cols)
		}
		return x, err
	}
	var err error
	if m.cfg.Seeds = s.Seeds; len(s.Seeds) > 0 {
		m.guide = &guide{}
		if m.guide.seeds, err = read(seedsFile, len(s.Seeds)+1); err != nil {
			return err
		}
	}
	if s.ZeroShot != nil {
		m.cfg.ZeroShot = *s.ZeroShot
		m.zero = &zero{ZeroShot: *s.ZeroShot}
		if m.zero.labels, err = read(labelsFile, len(s.ZeroShot.Labels)); err != nil {
			return err
		}
	}
	return nil
}

// fits reports document positions and counts that do not go with the matrices beside them.
func (s saved) fits(embeddings int) error {
	if len(s.Documents) != embeddings {
		return fmt.Errorf("%d documents, but %s has %d rows", len(s.Documents), embeddingsFile, embeddings)
	}
	active := len(s.Documents)
	if s.Active != nil {
		active = len(s.Active)
	}
	if s.Classes != nil && len(s.Classes) != active {
		return fmt.Errorf("%d classes for %d documents with text", len(s.Classes), active)
	}
	least := 0
	for i, g := range s.Grown {
		if g.Before < least || g.Before > active {
			return fmt.Errorf("growth %d starts at document %d, want %d to %d", i, g.Before, least, active)
		}
		least = g.Before
		end := active
		if i+1 < len(s.Grown) {
			end = min(s.Grown[i+1].Before, active)
		}
		for k, p := range g.Aside {
			if p < 0 || p >= end || k > 0 && p <= g.Aside[k-1] {
				return fmt.Errorf("growth %d sets the point %d aside, want rising ones below %d", i, p, end)
			}
		}
	}
	for i, d := range s.Active {
		if d < 0 || d >= len(s.Documents) || i > 0 && d <= s.Active[i-1] {
			return fmt.Errorf("document %d at place %d of Active, want rising positions below %d", d, i, len(s.Documents))
		}
	}
	return nil
}

// CanSave reports, before the work of a fit, why Save would refuse or fail to write dir: it holds something else than a
// model, or the directory it is to stand in is missing or cannot be written.
func CanSave(dir string) error {
	if err := replaceable(dir); err != nil {
		return err
	}
	dir = filepath.Clean(dir)
	probe, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".tmp-")
	if err != nil {
		return err
	}
	return os.Remove(probe)
}
