package report

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The modules are joined to one, so that their top-level names must differ, and each must come after
// those whose values it needs when it is loaded.
func TestModulesJoin(t *testing.T) {
	files, err := filepath.Glob("web/*.js")
	require.NoError(t, err)
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	slices.Sort(files)
	require.Equal(t, files, slices.Sorted(slices.Values(modules)), "every module is in the page")
	declared := regexp.MustCompile(`(?m)^(?:export )?(?:async )?(?:function|const|let|class) (\w+)`)
	where := map[string]string{}
	for _, name := range modules {
		text, err := os.ReadFile(filepath.Join("web", name))
		require.NoError(t, err)
		for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
			require.Empty(t, where[m[1]], "%s declares %s, and so does another module", name, m[1])
			where[m[1]] = name
		}
	}
	p := readProgram()
	require.NotRegexp(t, `(?m)^(import|export) `, p.script)
	for _, part := range []string{p.script, p.library, p.style} {
		require.NotContains(t, strings.ToLower(part), "</script")
		require.NotContains(t, strings.ToLower(part), "</style")
	}
	for _, forbidden := range []string{"innerHTML", "insertAdjacentHTML", "new Function", "eval(", "http://", "https://"} {
		require.NotContains(t, strings.ReplaceAll(p.script, "http://www.w3.org/2000/svg", ""), forbidden)
	}
	require.Less(t, len(p.script)+len(p.library)+len(p.style)+len(p.page), 500_000)
}

// The files of others are those that fetch.sh recorded.
func TestVendoredHashes(t *testing.T) {
	sums, err := os.ReadFile("web/vendor/SHA256SUMS")
	require.NoError(t, err)
	n := 0
	for line := range strings.Lines(string(sums)) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		require.True(t, ok)
		text, err := os.ReadFile(filepath.Join("web/vendor", name))
		require.NoError(t, err)
		got := sha256.Sum256(text)
		require.Equal(t, sum, hex.EncodeToString(got[:]), name)
		n++
	}
	require.Equal(t, 3, n)
}
