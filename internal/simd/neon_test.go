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
4ebe856b  add v11.4s, v11.4s, v30.4s
4eb1ba10  addv s16, v16.4s
4e391dce  and v14.16b, v14.16b, v25.16b
4e671def  bic v15.16b, v15.16b, v7.16b
6ea71d6f  bit v15.16b, v11.16b, v7.16b
6eb33c24  cmhs v4.4s, v1.4s, v19.4s
4e0806b5  dup v21.2d, v21.d[0]
4e0407ff  dup v31.4s, v31.s[0]
4e040c93  dup v19.4s, w4
6e331c00  eor v0.16b, v0.16b, v19.16b
4ee0f8e7  fabs v7.2d, v7.2d
4ea0f867  fabs v7.4s, v3.4s
4e73d5ef  fadd v15.2d, v15.2d, v19.2d
4e33d7ff  fadd v31.4s, v31.4s, v19.4s
4e2fe5e7  fcmeq v7.4s, v15.4s, v15.4s
6e75e5ef  fcmge v15.2d, v15.2d, v21.2d
6e23e7c7  fcmge v7.4s, v30.4s, v3.4s
6ebfe46f  fcmgt v15.4s, v3.4s, v31.4s
0e61786a  fcvtl v10.2d, v3.2s
4e61786b  fcvtl2 v11.2d, v3.4s
4e23f421  fmax v1.4s, v1.4s, v3.4s
6e30f884  fmaxv s4, v4.4s
4ebaf4e7  fmin v7.4s, v7.4s, v26.4s
6eb0f800  fminv s0, v0.4s
4e6bccf3  fmla v19.2d, v7.2d, v11.2d
4e33ce7f  fmla v31.4s, v19.4s, v19.4s
4fa518ff  fmla v31.4s, v7.4s, v5.s[3]
6e74de73  fmul v19.2d, v19.2d, v20.2d
6e25dfff  fmul v31.4s, v31.4s, v5.4s
4f9299f1  fmul v17.4s, v15.4s, v18.s[2]
4eebd4e7  fsub v7.2d, v7.2d, v11.2d
4ebbd56f  fsub v15.4s, v11.4s, v27.4s
4cdf2110  ld1 {v16.16b-v19.16b}, [x8], #64
4ccc2104  ld1 {v4.16b-v7.16b}, [x8], x12
4ddfc8e5  ld1r {v5.4s}, [x7], #4
3dc05c77  ldr q23, [x3, #368]
3cc10507  ldr q7, [x8], #16
bd4015a4  ldr s4, [x13, #20]
6f83001f  mla v31.4s, v0.4s, v3.s[0]
4ea61cc4  mov v4.16b, v6.16b
4f00041f  movi v31.4s, #0
4ebd9d6b  mul v11.4s, v11.4s, v29.4s
4eae1d8c  orr v12.16b, v12.16b, v14.16b
4e6068f1  sadalp v17.4s, v7.8h
4e21dbff  scvtf v31.4s, v31.4s
4e839431  sdot v17.4s, v1.16b, v3.16b
4fa5e8ff  sdot v31.4s, v7.16b, v5.4b[3]
4f37556b  shl v11.4s, v11.4s, #23
0f7528fe  smlal v30.4s, v7.4h, v5.h[7]
4f7528ff  smlal2 v31.4s, v7.8h, v5.h[7]
0e23c026  smull v6.8h, v1.8b, v3.8b
4e23c027  smull2 v7.8h, v1.16b, v3.16b
2e612842  sqxtun v2.4h, v2.4s
6e612862  sqxtun2 v2.8h, v3.4s
3d8030c3  str q3, [x6, #192]
3c810422  str q2, [x1], #16
6ea68463  sub v3.4s, v3.4s, v6.4s
0f10a446  sxtl v6.4s, v2.4h
0f08a401  sxtl v1.8h, v0.8b
4f10a447  sxtl2 v7.4s, v2.8h
4f08a402  sxtl2 v2.8h, v0.16b
4e0b6298  tbl v24.16b, {v20.16b-v23.16b}, v11.16b
6ea56442  umax v2.4s, v2.4s, v5.4s
6eb0a842  umaxv s2, v2.4s
2e214800  uqxtn v0.8b, v0.8h
6e214840  uqxtn2 v0.16b, v2.8h
6f3005eb  ushr v11.4s, v15.4s, #16
4e87acbf  usmmla v31.4s, v5.16b, v7.16b
2f08a401  uxtl v1.8h, v0.8b
6f08a402  uxtl2 v2.8h, v0.16b
4e8f19ce  uzp1 v14.4s, v14.4s, v15.4s
4edf3bc7  zip1 v7.2d, v30.2d, v31.2d
4e813812  zip1 v18.4s, v0.4s, v1.4s
4edf7bc7  zip2 v7.2d, v30.2d, v31.2d
4e8778a3  zip2 v3.4s, v5.4s, v7.4s
`
