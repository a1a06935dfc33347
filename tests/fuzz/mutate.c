/* mutate.c - damaged files end in an exit status, never more: `rhoflux check` on mutations of bytes, words and lines of
   every model and case that comes with the program or its tests, each in a process of its own, for at most 30 s.

     test_mutate ROUNDS       ROUNDS mutations of each file; the same ones every time

   A case is mutated together with its model, which stands beside it (fuzz.h).  What fails is written to the folder the
   test runs in, for replay_case. */
#include "fuzz.h"
#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROOM = 1 << 18, MOST_SECONDS = 30 };

typedef struct {
  size_t n;
  char byte[ROOM];
} Text;

static uint64_t seed;
static int nrun, nread, nfailed;

/* xorshift64* (Marsaglia 2003, Vigna 2016): a number from 0 to n - 1. */
static size_t Random(size_t n) {
  seed ^= seed >> 12;
  seed ^= seed << 25;
  seed ^= seed >> 27;
  return n ? (size_t)(seed * UINT64_C(2685821657736338717) >> 33) % n : 0;
}

/* ---- files ---- */

static void Append(Text *text, const char *byte, size_t n) {
  if (n > ROOM - text->n) exit(2);
  memcpy(text->byte + text->n, byte, n);
  text->n += n;
}

static void Read(const char *path, Text *text) {
  FILE *file = fopen(path, "rb");
  if (!file) exit(2);
  text->n = fread(text->byte, 1, ROOM / 4, file);
  text->byte[text->n] = 0;
  fclose(file);
}

static void Splice(Text *text, size_t from, size_t to, const char *piece, size_t n) {
  static char copy[ROOM];
  if (text->n + n > ROOM) return;
  memcpy(copy, piece, n);
  memmove(text->byte + from + n, text->byte + to, text->n - to);
  memcpy(text->byte + from, copy, n);
  text->n += n - (to - from);
}

/* A case in FOLDER/cases with its model FOLDER/NAME.yaml beside it. */
static void JoinModel(const char *path, Text *text) {
  static Text model;
  char name[1024], *folder;
  const char *key = strstr(text->byte, "\nmodel: ../");
  snprintf(name, sizeof name, "%s", path);
  if (!key || !(folder = strstr(name, "cases/"))) return;
  size_t begin = (size_t)(key - text->byte) + 8, n = strcspn(key + 8, "\n");
  snprintf(folder, sizeof name - (size_t)(folder - name), "%.*s", (int)n - 3, key + 11);
  Read(name, &model);
  Splice(text, begin, begin + n, "beside", 6);
  Append(text, "\n%%\n", 4);
  Append(text, model.byte, model.n);
}

/* ---- mutations ---- */

static size_t LineBegin(const Text *text, size_t at) {
  while (at > 0 && text->byte[at - 1] != '\n') at--;
  return at;
}

static size_t LineEnd(const Text *text, size_t at) {
  while (at < text->n && text->byte[at] != '\n') at++;
  return at < text->n ? at + 1 : at;
}

static const char *const word[] = {"inf",
                                   "nan",
                                   "1e308",
                                   "-1",
                                   "0",
                                   "1..9",
                                   "1..999999999",
                                   "9223372036854775807",
                                   "none",
                                   "beside",
                                   "conv(K, ",
                                   "sum(s, ",
                                   "if(",
                                   "(",
                                   ")",
                                   "[",
                                   "]",
                                   "{",
                                   "}",
                                   "\"",
                                   "grad(",
                                   "lap(",
                                   "dot(",
                                   "^1024",
                                   "^",
                                   "|",
                                   ": ",
                                   ", ",
                                   "#",
                                   "\n  ",
                                   "rho[s]",
                                   "x",
                                   "t",
                                   "Lx",
                                   "K(0)",
                                   "- ",
                                   "\xff",
                                   "\xcf\x81",
                                   "&a",
                                   "---\n"};

static void Mutate(Text *text) {
  size_t at = Random(text->n), other = Random(text->n), begin = LineBegin(text, at), end = LineEnd(text, at);
  size_t first = LineBegin(text, other), last = LineEnd(text, other), few = Random(8);
  const char *piece = word[Random(sizeof word / sizeof *word)];
  switch (text->n ? Random(8) : 8) {
  case 0: text->byte[at] = (char)Random(256); break;
  case 1: text->byte[at] = (char)(text->byte[at] ^ 1 << Random(8)); break;
  case 2: Splice(text, at, at + few < text->n ? at + few : text->n, "", 0); break;
  case 3: Splice(text, at, at, piece, strlen(piece)); break;
  case 4: Splice(text, begin, end, "", 0); break;
  case 5: Splice(text, begin, begin, text->byte + first, last - first); break;
  case 6: Splice(text, begin, end, text->byte + first, last - first); break;
  case 7: text->n = at; break;
  default: break;
  }
}

/* ---- runs ---- */

static void Child(const Text *text, FILE *output) {
  alarm(MOST_SECONDS);
  dup2(fileno(output), STDOUT_FILENO);
  dup2(fileno(output), STDERR_FILENO);
  LLVMFuzzerTestOneInput((const uint8_t *)text->byte, text->n);
  _exit(0);
}

static void Keep(const Text *text, const char *path, FILE *output, int status) {
  char name[64], line[1024];
  snprintf(name, sizeof name, "mutate-%d.yaml", ++nfailed);
  FILE *file = fopen(name, "wb");
  if (file) fwrite(text->byte, 1, text->n, file), fclose(file);
  printf("%s: status %#x, kept as %s\n", path, (unsigned)status, name);
  rewind(output);
  while (fgets(line, sizeof line, output)) fputs(line, stdout);
}

static void Run(const Text *text, const char *path) {
  int status = 0;
  FILE *output = tmpfile();
  if (!output || fflush(NULL)) exit(2);
  pid_t child = fork();
  if (child < 0) exit(2);
  if (child == 0) Child(text, output);
  if (waitpid(child, &status, 0) != child) exit(2);
  if (status) Keep(text, path, output, status);
  fclose(output);
  nrun++;
}

static void RunFiles(const char *pattern, int nround) {
  static Text good, bad;
  glob_t found;
  if (glob(pattern, 0, NULL, &found)) exit(2);
  for (size_t k = 0; k < found.gl_pathc; k++) {
    Read(found.gl_pathv[k], &good);
    JoinModel(found.gl_pathv[k], &good);
    seed = 1000 + k;
    for (int round = 0; round < nround; round++) {
      bad = good;
      for (size_t n = 1 + Random(3); n > 0; n--) Mutate(&bad);
      Run(&bad, found.gl_pathv[k]);
    }
    nread++;
  }
  globfree(&found);
}

int main(int argc, char **argv) {
  int nround = argc > 1 ? atoi(argv[1]) : 10;
  FuzzFiles((const uint8_t *)"", 0); /* one folder for all children */
  RunFiles(RHO_SOURCE_DIR "/models/*/model.yaml", nround);
  RunFiles(RHO_SOURCE_DIR "/tests/models/*.yaml", nround);
  RunFiles(RHO_SOURCE_DIR "/models/*/cases/*.yaml", nround);
  RunFiles(RHO_SOURCE_DIR "/tests/fuzz/corpus/case/*.yaml", nround);
  printf("%d files, %d runs, %d failed\n", nread, nrun, nfailed);
  return nrun > 0 && nfailed == 0 ? 0 : 1;
}
