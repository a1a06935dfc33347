/* documented.c - models/CASES.md and models/README.md know the keys and the cases that the program knows, and no
   others.

   The program is asked for a section's keys by one that there is none of: it says which are possible.  Each of these
   stands in code (`key`, or an example) in the section of CASES.md; each key in the first column of a table that is
   headed `key` is one of these.

   Faults that were put in once: a key taken out of each document, one that the reader does not know put into its table,
   a key added to case_times.c. */
#include "program.h"
#include <ctype.h>
#include <dirent.h>

#define MODELS RHO_SOURCE_DIR "/models/"

static char *ReadWhole(const char *path) {
  FILE *stream = fopen(path, "r");
  if (!stream) fail_msg("no %s", path);
  char *text = calloc(1, 1 << 20);
  assert_true(fread(text, 1, (1 << 20) - 1, stream) > 0);
  fclose(stream);
  return text;
}

/* The text between the heading and the next one, to be freed. */
static char *SectionOf(const char *document, const char *heading) {
  char line[64];
  char *text = ReadWhole(document);
  snprintf(line, sizeof line, "\n%s\n", heading);
  const char *from = strstr(text, line);
  if (!from) fail_msg("%s has no section '%s'", document, heading);
  from += strlen(line);
  const char *to = strstr(from, "\n##");
  char *section = strndup(from, to ? (size_t)(to - from) : strlen(from));
  free(text);
  return section;
}

/* What is not code becomes blanks: backticks, one or three, open and close it. */
static void KeepCode(char *text) {
  bool code = false;
  for (char *at = text; *at; at++) {
    size_t n = strspn(at, "`");
    if (n) code = !code;
    for (; n > 1; n--) *at++ = ' ';
    if (*at == '`' || !code) *at = ' ';
  }
}

static bool IsOfWord(char c) { return isalnum((unsigned char)c) || c == '_'; }

static bool HasWord(const char *text, const char *word) {
  size_t n = strlen(word);
  for (const char *at = text; (at = strstr(at, word)); at += n)
    if ((at == text || !IsOfWord(at[-1])) && !IsOfWord(at[n])) return true;
  return false;
}

/* ---- keys ---- */

typedef struct {
  const char *document, *heading; /* where they stand */
  const char *called;             /* what the program calls the section */
  const char *probe;              /* lines of a case with a key `zzz` in it */
} Section;

#define RUN_OF "mesh: {x: {length: 8, cells: 8, boundary: periodic}}\n"
#define WHOLE RUN_OF "initial: {formulas: {phi: 0}}\n"
#define INITIAL RUN_OF "initial: {formulas: {phi: 0}, zzz: 1}\ntime: {end: 1}\n"
#define DATASET RUN_OF "initial: {dataset: {zzz: 1}}\ntime: {end: 1}\n"
#define TIME WHOLE "time: {end: 1, zzz: 1}\n"
#define SOLVER WHOLE "time: {end: 1}\nsolver: {zzz: 1}\n"
#define OUTPUT WHOLE "time: {end: 1}\noutput: {zzz: 1}\n"
#define PROTOCOL WHOLE "time: {end: 1}\nprotocol: {kappa: {zzz: 1}}\n"
static const Section section[] = {
    {"README.md", "## Cases", "a case", WHOLE "time: {end: 1}\nzzz: 1\n"},
    {"README.md", "### Initial states", "initial", INITIAL},
    {"CASES.md", "## initial", "initial", INITIAL},
    {"README.md", "### Initial states", "dataset", DATASET},
    {"CASES.md", "## initial", "dataset", DATASET},
    {"README.md", "### Times", "time", TIME},
    {"CASES.md", "## time", "time", TIME},
    {"README.md", "### Solver", "solver", SOLVER},
    {"CASES.md", "## solver", "solver", SOLVER},
    {"README.md", "### Output", "output", OUTPUT},
    {"CASES.md", "## output", "output", OUTPUT},
    {"README.md", "### Protocols", "a protocol", PROTOCOL},
    {"CASES.md", "## protocol", "a protocol", PROTOCOL},
    {"CASES.md", "## noise", "noise", WHOLE "time: {end: 1, fixed_step: 0.1}\nnoise: {zzz: 1}\n"},
    {"CASES.md", "## observe", "what is observed", WHOLE "time: {end: 1}\nobserve: [{name: histogram, zzz: 1}]\n"},
    {"CASES.md", "## stability", "stability", "stability: {zzz: 1}\n"},
    {"CASES.md", "## phase_diagram", "phase_diagram", "phase_diagram: {window: {phi: 1}, zzz: 1}\n"},
    {"CASES.md", "## phase_diagram", "over", "phase_diagram: {window: {phi: 1}, over: {zzz: 1}}\n"},
    {"CASES.md", "## Constructions of phases", "front",
     "phase_diagram: {window: {phi: 1}, construction: profiles, compositions: [{phi: 0}], front: {zzz: 1}}\n"}};
enum { NSECTION = sizeof section / sizeof *section, MOST = 40 };

/* The keys that the program calls possible. */
static int KeysOf(const Section *s, char key[MOST][32]) {
  char file[1024], says[64];
  Run run;
  int n = 0, used = 0;
  snprintf(file, sizeof file, "rhoflux: 1\ncase: probe\nmodel: cahn_hilliard\n%s", s->probe);
  WriteText("probe.yaml", file);
  RUN(&run, "check", "probe.yaml");
  snprintf(says, sizeof says, "error: %s has no key 'zzz'", s->called);
  assert_says(&run, says);
  const char *at = strstr(strstr(run.said, says), "possible here: ");
  if (!at) fail_msg("no keys in:\n%s", run.said);
  for (at += strlen("possible here: "); n < MOST && sscanf(at, "%31[a-z_]%n", key[n], &used) == 1; n++)
    at += used + strspn(at + used, ", ");
  assert_true(n > 0 && n < MOST);
  return n;
}

static bool IsOneOf(const char *word, int n, char key[MOST][32]) {
  for (int k = 0; k < n; k++)
    if (!strcmp(word, key[k])) return true;
  return false;
}

/* The words that lead the code of a row's first cell: `outputs: n`, `every: dt` | ... */
static int CheckRow(const Section *s, const char *row, int n, char key[MOST][32]) {
  char word[32];
  int nword = 0;
  const char *end = strstr(row + 1, " |");
  for (const char *at = strchr(row, '`'); at && at < end; at = strchr(strchr(at + 1, '`') + 1, '`'), nword++)
    if (sscanf(at, "`%31[a-z_]", word) != 1 || !IsOneOf(word, n, key))
      fail_msg("%s, %s: '%s' has no key %.40s", s->document, s->heading, s->called, at);
  return nword;
}

/* Of each table headed `key`; how many words. */
static int CheckTables(const Section *s, const char *text, int n, char key[MOST][32]) {
  int nword = 0;
  for (const char *table = text; (table = strstr(table, "\n| key |")); table++) {
    const char *row = strchr(strchr(table + 1, '\n') + 1, '\n'); /* behind head and rule */
    for (; row && row[1] == '|'; row = strchr(row + 1, '\n')) nword += CheckRow(s, row + 1, n, key);
  }
  return nword;
}

static void TestKeys(void **state) {
  char path[4096], key[MOST][32];
  int nword = 0;
  (void)state;
  for (const Section *s = section; s < section + NSECTION; s++) {
    bool own = strcmp(s->called, "dataset") && strcmp(s->called, "over"); /* else a part of the section */
    snprintf(path, sizeof path, MODELS "%s", s->document);
    char *text = SectionOf(path, s->heading);
    int n = KeysOf(s, key);
    if (own) nword += CheckTables(s, text, n, key);
    KeepCode(text);
    for (int k = 0; k < n; k++)
      if (!HasWord(text, key[k])) fail_msg("%s, %s: nothing of '%s' of %s", s->document, s->heading, key[k], s->called);
    free(text);
  }
  print_message("%d keys in tables\n", nword);
  assert_true(nword > 60);
}

/* Every key at the top has its row. */
static void TestTop(void **state) {
  char key[MOST][32];
  char *text = SectionOf(MODELS "README.md", "## Cases");
  int n = KeysOf(&section[0], key);
  (void)state;
  for (int k = 0; k < n; k++) {
    char row[64];
    snprintf(row, sizeof row, "\n| `%.31s` |", key[k]);
    if (!strstr(text, row)) fail_msg("README.md: no row of '%s'", key[k]);
  }
  free(text);
}

/* ---- cases ---- */

/* The row of the model in the table of cases. */
static const char *RowOf(const char *table, const char *model) {
  char head[64];
  snprintf(head, sizeof head, "\n| %.48s |", model);
  const char *row = strstr(table, head);
  if (!row) fail_msg("CASES.md: no row of the model '%s'", model);
  return row + 1;
}

/* Every case of a model stands in its row, and every name in the row is a case: how many. */
static int CheckCases(const char *table, const char *model) {
  char folder[4096], path[8192], word[64];
  const char *row = RowOf(table, model), *end = strchr(row, '\n');
  char *code = strndup(row, end ? (size_t)(end - row) : strlen(row));
  int ncase = 0;
  KeepCode(code);
  snprintf(folder, sizeof folder, MODELS "%s/cases", model);
  DIR *entries = opendir(folder);
  assert_non_null(entries);
  for (struct dirent *e; (e = readdir(entries));) {
    const char *dot = strstr(e->d_name, ".yaml");
    if (!dot) continue;
    snprintf(word, sizeof word, "%.*s", (int)(dot - e->d_name), e->d_name);
    if (!HasWord(code, word)) fail_msg("CASES.md: no case '%s' of %s", word, model);
    ncase++;
  }
  closedir(entries);
  for (const char *at = code; *(at += strspn(at, " ")); at += strcspn(at, " ")) {
    snprintf(path, sizeof path, "%s/%.*s.yaml", folder, (int)strcspn(at, " "), at);
    if (strncmp(at, "rhoflux ", 8) && strncmp(at, "sweep ", 6) && !Exists(path)) fail_msg("there is no %s", path);
  }
  free(code);
  return ncase;
}

static void TestCases(void **state) {
  char path[4096];
  char *table = SectionOf(MODELS "CASES.md", "## Cases that come with the models");
  int ncase = 0;
  DIR *entries = opendir(MODELS);
  (void)state;
  assert_non_null(entries);
  for (struct dirent *e; (e = readdir(entries));) {
    snprintf(path, sizeof path, MODELS "%s/cases", e->d_name);
    if (*e->d_name != '.' && Exists(path)) ncase += CheckCases(table, e->d_name);
  }
  closedir(entries);
  free(table);
  print_message("%d cases\n", ncase);
  assert_true(ncase > 50);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestKeys), cmocka_unit_test(TestTop),
                                     cmocka_unit_test(TestCases)};
  return cmocka_run_group_tests(tests, EnterFolder, LeaveFolder);
}
