package simd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// neonList reads what the generator says it wrote for NEON: the encodings of instructions.
func neonList(t *testing.T) map[string]string {
	b, err := os.ReadFile("neon_encodings.txt")
	require.NoError(t, err)
	list := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		code, text, ok := strings.Cut(line, "  ")
		require.True(t, ok, line)
		list[text] = code
	}
	return list
}

// TestNEONEncodings compares the words in the assembly with the list of the generator, and the list
// with the one below, which has each form of an instruction once.
func TestNEONEncodings(t *testing.T) {
	list := neonList(t)
	files, err := filepath.Glob("*_arm64.s")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	word := regexp.MustCompile(`(?m)^\tWORD +\$0x([0-9a-f]{8}) // (.*)$`)
	seen := map[string]string{}
	for _, file := range files {
		code, err := os.ReadFile(file)
		require.NoError(t, err)
		found := word.FindAllStringSubmatch(string(code), -1)
		require.Len(t, found, strings.Count(string(code), "WORD"), file)
		for _, m := range found {
			seen[m[2]] = m[1]
		}
	}
	require.Equal(t, list, seen)

	known := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(neonForms), "\n") {
		code, text, _ := strings.Cut(line, "  ")
		require.Equal(t, code, list[text], text)
		known[form(text)] = true
	}
	for text := range list {
		require.True(t, known[form(text)], "no example of %s", text)
	}
}

// form is an instruction without its numbers.
func form(text string) string {
	text = regexp.MustCompile(`([vqsxw#\[])\d+`).ReplaceAllString(text, "$1")
	return regexp.MustCompile(`#$`).ReplaceAllString(text, "")
}

// TestNEONEncodingsByAssembler has the list assembled by GNU binutils, where they are installed.
func TestNEONEncodingsByAssembler(t *testing.T) {
	const prefix = "aarch64-linux-gnu-"
	for _, tool := range []string{"as", "objdump"} {
		if _, err := exec.LookPath(prefix + tool); err != nil {
			t.Skipf("no %s%s here: install binutils-aarch64-linux-gnu", prefix, tool)
		}
	}
	list := neonList(t)
	var texts []string
	for text := range list {
		texts = append(texts, text)
	}
	dir := t.TempDir()
	source, object := filepath.Join(dir, "list.s"), filepath.Join(dir, "list.o")
	require.NoError(t, os.WriteFile(source, []byte(strings.Join(texts, "\n")+"\n"), 0o600))
	out, err := exec.Command(prefix+"as", "-march=armv8.6-a", "-o", object, source).CombinedOutput()
	require.NoError(t, err, string(out))
	out, err = exec.Command(prefix+"objdump", "-d", object).CombinedOutput()
	require.NoError(t, err, string(out))
	codes := regexp.MustCompile(`(?m)^ +[0-9a-f]+:\t([0-9a-f]{8})`).FindAllStringSubmatch(string(out), -1)
	require.Len(t, codes, len(texts))
	for i, text := range texts {
		require.Equal(t, codes[i][1], list[text], fmt.Sprint(text))
	}
}

// neonForms is how instructions are encoded, by the assembler of GNU binutils 2.40.
const neonForms = `
4eb18610  add v16.4s, v16.4s, v17.4s
4eb1ba10  addv s16, v16.4s
4e040610  dup v16.4s, v16.s[0]
4e040c93  dup v19.4s, w4
6e331c00  eor v0.16b, v0.16b, v19.16b
4ea0f865  fabs v5.4s, v3.4s
4e33d7ff  fadd v31.4s, v31.4s, v19.4s
4e23f421  fmax v1.4s, v1.4s, v3.4s
6e30f821  fmaxv s1, v1.4s
4ea3f400  fmin v0.4s, v0.4s, v3.4s
6eb0f800  fminv s0, v0.4s
4e33ce7f  fmla v31.4s, v19.4s, v19.4s
4fa518ff  fmla v31.4s, v7.4s, v5.s[3]
6e25dfff  fmul v31.4s, v31.4s, v5.4s
4fa298f3  fmul v19.4s, v7.4s, v2.s[3]
4ea7d473  fsub v19.4s, v3.4s, v7.4s
4cdf2064  ld1 {v4.16b-v7.16b}, [x3], #64
4ccc2104  ld1 {v4.16b-v7.16b}, [x8], x12
4ddfc8e5  ld1r {v5.4s}, [x7], #4
3dc00e02  ldr q2, [x16, #48]
3cc10507  ldr q7, [x8], #16
bd4015a4  ldr s4, [x13, #20]
6f83001f  mla v31.4s, v0.4s, v3.s[0]
4ea61cc4  mov v4.16b, v6.16b
4f00041f  movi v31.4s, #0
4e6068f1  sadalp v17.4s, v7.8h
4e21dbff  scvtf v31.4s, v31.4s
4e839431  sdot v17.4s, v1.16b, v3.16b
4fa5e8ff  sdot v31.4s, v7.16b, v5.4b[3]
0f7528fe  smlal v30.4s, v7.4h, v5.h[7]
4f7528ff  smlal2 v31.4s, v7.8h, v5.h[7]
0e23c026  smull v6.8h, v1.8b, v3.8b
4e23c027  smull2 v7.8h, v1.16b, v3.16b
2e612842  sqxtun v2.4h, v2.4s
6e612862  sqxtun2 v2.8h, v3.4s
3d8030c3  str q3, [x6, #192]
3c810422  str q2, [x1], #16
6ea68463  sub v3.4s, v3.4s, v6.4s
6ea56442  umax v2.4s, v2.4s, v5.4s
6eb0a842  umaxv s2, v2.4s
2e214800  uqxtn v0.8b, v0.8h
6e214840  uqxtn2 v0.16b, v2.8h
4e87acbf  usmmla v31.4s, v5.16b, v7.16b
2f08a401  uxtl v1.8h, v0.8b
6f08a402  uxtl2 v2.8h, v0.16b
4edf3bc7  zip1 v7.2d, v30.2d, v31.2d
4e8738a2  zip1 v2.4s, v5.4s, v7.4s
4edf7bc7  zip2 v7.2d, v30.2d, v31.2d
4e8778a3  zip2 v3.4s, v5.4s, v7.4s
`
