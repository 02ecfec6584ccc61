package sql_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/gobertopic/gobertopic/corpus"
	corpussql "github.com/gobertopic/gobertopic/corpus/sql"
	"github.com/gobertopic/gobertopic/internal/testpostgres"
)

// many is how many documents the large table has.
const many = 100_000

// databases calls f with a database of each kind that has a table of posts.
func databases(t *testing.T, f func(t *testing.T, db *sql.DB)) {
	open := func(t *testing.T, driver, address, stamp, series string) *sql.DB {
		t.Helper()
		db, err := sql.Open(driver, address)
		require.NoError(t, err)
		t.Cleanup(func() { _ = db.Close() })
		for _, statement := range []string{
			"CREATE TABLE posts (id INTEGER, title TEXT, body TEXT, created " + stamp + ", score DOUBLE PRECISION, open BOOLEAN)",
			`INSERT INTO posts VALUES (7, 'A "kettle"', 'boils', '2024-05-01 12:30:00', 1.5, true), (8, 'Größe' || chr(10) || '日本', NULL, NULL, NULL, NULL), (9, NULL, 'x', NULL, 3, false)`,
			"CREATE TABLE many (id INTEGER, text TEXT)",
			"INSERT INTO many " + series,
		} {
			if driver == "sqlite" {
				statement = strings.ReplaceAll(statement, "chr(10)", "char(10)")
			}
			_, err := db.Exec(statement)
			require.NoError(t, err, statement)
		}
		return db
	}
	t.Run("sqlite", func(t *testing.T) {
		f(t, open(t, "sqlite", "file:"+filepath.Join(t.TempDir(), "posts.db"), "DATETIME",
			fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i, 'ships leave at noon, number ' || i FROM n", many)))
	})
	t.Run("postgres", func(t *testing.T) {
		f(t, open(t, "pgx", testpostgres.Start(t), "TIMESTAMP", fmt.Sprintf("SELECT i, 'ships leave at noon, number ' || i FROM generate_series(1, %d) i", many)))
	})
}

func TestQueryExact(t *testing.T) {
	databases(t, func(t *testing.T, db *sql.DB) {
		var docs []corpus.Document
		var faults []string
		o := corpussql.Options{Options: corpus.Options{TextField: "title", TimeField: "created", Name: "posts"}}
		for range 2 { // the query runs again
			docs, faults = nil, nil
			for d, err := range corpussql.Query(t.Context(), db, "SELECT * FROM posts WHERE id > $1 ORDER BY id", o, 6) {
				if err != nil {
					faults = append(faults, err.Error())
					continue
				}
				delete(d.Fields, "open") // 1 in one database, true in the other
				docs = append(docs, d)
			}
			require.Equal(t, []corpus.Document{
				{ID: "7", Text: `A "kettle"`, Time: time.Date(2024, 5, 1, 12, 30, 0, 0, time.UTC), Fields: map[string]string{"body": "boils", "score": "1.5", "created": "2024-05-01T12:30:00Z"}},
				{ID: "8", Text: "Größe\n日本", Fields: map[string]string{}},
			}, docs)
			require.Equal(t, []string{`posts:3: field "title": is null, want a string`}, faults)
		}
		for query, want := range map[string]string{
			"SELECT 1 AS a":                     `query: the query cannot be used: it has no column "text" but ["a"]`,
			"SELECT 'a' AS text, 'b' AS text":   `query: the query cannot be used: it has the column "text" twice`,
			"SELECT nothing":                    "query: the query fails: ",
			"INSERT INTO posts (id) VALUES (1)": "query: ",
		} {
			var faults []string
			for _, err := range corpussql.Query(t.Context(), db, query, corpussql.Options{}) {
				require.Error(t, err)
				faults = append(faults, err.Error())
			}
			require.Len(t, faults, 1, query)
			require.Contains(t, faults[0], want)
		}
		for range corpussql.Query(t.Context(), db, "DELETE FROM posts RETURNING title AS text", corpussql.Options{}) { //nolint:revive // refused, or undone
			continue
		}
		n := 0
		require.NoError(t, db.QueryRow("SELECT count(*) FROM posts").Scan(&n))
		require.Equal(t, 3, n, "nothing was written")
	})
}

// Memory stays flat, whatever the number of rows; reading ends with the context and with the caller.
func TestQueryStreams(t *testing.T) {
	databases(t, func(t *testing.T, db *sql.DB) {
		heap := func() int64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			return int64(m.HeapAlloc)
		}
		query := "SELECT text FROM many"
		before, most, n := heap(), int64(0), 0
		for d, err := range corpussql.Query(t.Context(), db, query, corpussql.Options{}) {
			require.NoError(t, err)
			require.NotEmpty(t, d.Text)
			if n++; n%10_000 == 0 {
				most = max(most, heap()-before)
			}
		}
		require.Equal(t, many, n)
		require.Less(t, most, int64(24<<20), "besides the IDs of 100,000 documents") // which are some 10 MB
		t.Logf("heap grew by at most %.1f MB over %d rows", float64(most)/1e6, n)

		gone := errors.New("gone")
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		var last error
		var began time.Time
		n = 0
		for _, err := range corpussql.Query(ctx, db, query, corpussql.Options{}) {
			if last = err; err == nil {
				if n++; n == 100 {
					began = time.Now()
					cancel(gone)
				}
			}
		}
		require.ErrorIs(t, last, gone)
		require.Less(t, time.Since(began), time.Second)
		for range corpussql.Query(t.Context(), db, query, corpussql.Options{}) {
			break
		}
		require.NoError(t, db.Ping(), "the connection is free again")
		require.Zero(t, db.Stats().InUse)
	})
}

func ExampleQuery() {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = db.Close() }()
	for d, err := range corpussql.Query(context.Background(), db, "SELECT 7 AS id, 'a kettle' AS text, 2024 AS year", corpussql.Options{}) {
		fmt.Println(d.ID, d.Text, d.Fields, err)
	}
	// Output: 7 a kettle map[year:2024] <nil>
}
