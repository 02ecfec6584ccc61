// Package testpostgres starts a PostgreSQL server for tests.
package testpostgres

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

// Start starts a server in a directory of its own, on a socket alone, and returns its address. It ends with the test. The test
// is skipped where no PostgreSQL is installed (Debian: postgresql), and under -short, or where none can run.
func Start(t testing.TB) (address string) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a PostgreSQL server")
	}
	bin := programs()
	if bin == "" {
		t.Skip("no PostgreSQL server: install it (Debian: apt-get install postgresql) to run this test")
	}
	dir, err := os.MkdirTemp("", "gobertopic-pg-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	as, err := user(dir)
	if err != nil {
		t.Skipf("PostgreSQL does not run for root, and there is no other user: %v", err)
	}
	data := filepath.Join(dir, "data")
	run := func(name string, args ...string) error {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir, cmd.SysProcAttr = dir, as
		cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
		out, err := os.CreateTemp(dir, "log")
		if err != nil {
			return err
		}
		defer func() { _ = out.Close() }()
		cmd.Stdout, cmd.Stderr = out, out // a file: a pipe would stay open in the server
		if err := cmd.Run(); err != nil {
			said, _ := os.ReadFile(out.Name())
			return errors.Join(err, errors.New(strings.TrimSpace(string(said))))
		}
		return nil
	}
	if err := run("initdb", "-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--no-sync"); err != nil {
		t.Fatalf("initdb: %v", err)
	}
	if err := run("pg_ctl", "-D", data, "-w", "-t", "60", "-o", "-c listen_addresses='' -c fsync=off -k "+dir, "start"); err != nil {
		t.Fatalf("pg_ctl start: %v", err)
	}
	t.Cleanup(func() {
		if err := run("pg_ctl", "-D", data, "-m", "immediate", "stop"); err != nil {
			t.Errorf("pg_ctl stop: %v", err)
		}
	})
	return "postgres://test@/postgres?host=" + dir
}

// programs is the directory of the newest server that is installed, "" for none.
func programs() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	sort.Slice(found, func(i, j int) bool {
		a, b := found[i], found[j]
		return len(a) < len(b) || len(a) == len(b) && a < b
	})
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	return ""
}
