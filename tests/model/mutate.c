/* mutate.c - damaged model files are refused or read, never more: bytes, words and lines of every shipped model and of
   every refused file are exchanged, dropped, doubled.  The first argument is the number of rounds per file. */
#include "check.h"
#include <dirent.h>

static int rounds = 40;
static int nrefused, nread;

static char *ReadAll(const char *path, size_t *nbyte) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  char *text = malloc(1 << 16);
  *nbyte = fread(text, 1, 1 << 16, file);
  fclose(file);
  return text;
}

/* A place in the text; the next line's beginning. */
static size_t Somewhere(uint64_t *seed, size_t n) { return n ? (size_t)Random(seed, (int)n) : 0; }

static size_t LineBegin(const char *text, size_t at) {
  while (at > 0 && text[at - 1] != '\n') at--;
  return at;
}

static size_t LineEnd(const char *text, size_t n, size_t at) {
  while (at < n && text[at] != '\n') at++;
  return at < n ? at + 1 : n;
}

/* text[n] with the bytes [from, to) replaced by piece; room enough is the caller's matter. */
static size_t Splice(char *text, size_t n, size_t from, size_t to, const char *piece, size_t npiece) {
  char *keep = malloc(npiece + 1);
  memcpy(keep, piece, npiece);
  memmove(text + from + npiece, text + to, n - to);
  memcpy(text + from, keep, npiece);
  free(keep);
  return n - (to - from) + npiece;
}

static const char *const token[] = {
    "|",   "(",    ")",   "[s]",      "[",     "]",     "{",    "}",   ": ",  ", ",   "\"",       "'",
    "#",   " #",   "-",   "*",        "&",     "!",     "%",    "\t",  "\n",  "\n  ", "none",     "inf",
    "1e9", "1..9", "phi", "sum(s, ",  "grad(", "dot(",  "div(", "rho", "if(", "d(",   "t",        "dim",
    "^",   "/0",   "@",   "\xcf\x81", "\xff",  "---\n", "<<",   "pi",  "x",   "K(0)", "conv(K, ", "-1"};

static size_t Mutate(char *text, size_t n, uint64_t *seed) {
  size_t at = Somewhere(seed, n), other = Somewhere(seed, n), begin = LineBegin(text, at), end = LineEnd(text, n, at);
  const char *word = token[Random(seed, (int)(sizeof token / sizeof *token))];
  switch (Random(seed, 8)) {
  case 0: text[at] = (char)Random(seed, 256); return n;
  case 1: return Splice(text, n, at, at + 1, "", 0);
  case 2: return Splice(text, n, at, at, word, strlen(word));
  case 3: return Splice(text, n, begin, end, "", 0);
  case 4: return Splice(text, n, begin, begin, text + begin, end - begin);
  case 5: {
    size_t from = LineBegin(text, other), to = LineEnd(text, n, other);
    return Splice(text, n, begin, begin, text + from, to - from);
  }
  case 6: return Splice(text, n, at, at + 1 + Somewhere(seed, n - at < 8 ? n - at : 8), "", 0);
  default: return at; /* cut off */
  }
}

static void CheckOne(const char *text, size_t n) {
  RhoModel model;
  RhoDiag diag = RhoDiagCreate();
  RhoStatus status = LoadBytes(text, n, diag, &model);
  assert_true(status == RHO_OK || status == RHO_INPUT);
  assert_true((status == RHO_OK) == (RhoDiagErrors(diag) == 0));
  assert_true((status == RHO_OK) == (model != NULL));
  nread += status == RHO_OK;
  nrefused += status != RHO_OK;
  RhoModelDestroy(&model);
  RhoDiagDestroy(&diag);
}

static void MutateFile(const char *path, uint64_t seed) {
  size_t nbyte;
  char *text = ReadAll(path, &nbyte), *copy = malloc(1 << 18);
  if (text && nbyte > 0)
    for (int round = 0; round < rounds; round++) {
      size_t n = nbyte;
      memcpy(copy, text, nbyte);
      for (int k = 1 + Random(&seed, 3); k > 0 && n > 0 && n < 1 << 16; k--) n = Mutate(copy, n, &seed);
      CheckOne(copy, n);
    }
  free(text);
  free(copy);
}

static void MutateFolder(const char *folder, const char *suffix) {
  DIR *stream = opendir(folder);
  assert_non_null(stream);
  uint64_t seed = 99;
  for (struct dirent *entry; (entry = readdir(stream));) {
    char path[600];
    snprintf(path, sizeof path, "%s/%s%s", folder, entry->d_name, suffix);
    if (entry->d_name[0] != '.' && strstr(path, ".yaml")) MutateFile(path, seed++);
  }
  closedir(stream);
}

static void ShippedModels(void **state) {
  (void)state;
  setenv("RHOFLUX_MODELS", RHO_SOURCE_DIR "/models", 1);
  MutateFolder(RHO_SOURCE_DIR "/models", "/model.yaml");
}

static void RefusedFiles(void **state) {
  (void)state;
  MutateFolder(RHO_SOURCE_DIR "/tests/cli/bad", "");
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(ShippedModels), cmocka_unit_test(RefusedFiles)};
  if (argc > 1) rounds = atoi(argv[1]);
  int failed = cmocka_run_group_tests_name("mutate", tests, NULL, NULL);
  printf("%d refused, %d read\n", nrefused, nread);
  return failed;
}
