/* The command line: every verb is in the help, mistakes end with status 2 and a suggestion, and no arguments crash it.
 */
#include "program.h"
#include "cli_private.h"

static void TestHelpNamesEveryVerb(void **state) {
  Run run;
  (void)state;
  assert_int_equal(RUN(&run, "--help"), 0);
  for (int k = 0; k < rho_nverb; k++) {
    Run verb;
    assert_says(&run, rho_verb[k].name);
    assert_says(&run, rho_verb[k].summary);
    assert_int_equal(RUN(&verb, rho_verb[k].name, "--help"), 0);
    assert_says(&verb, rho_verb[k].summary);
  }
}

static void TestVersionNamesLibraries(void **state) {
  Run run;
  (void)state;
  assert_int_equal(RUN(&run, "--version"), 0);
  assert_says(&run, "rhoflux ");
  assert_says(&run, "PETSc 3.");
  assert_says(&run, "HDF5 1.");
  assert_says(&run, "FFTW 3.");
}

static void TestMistakesEndWithTwo(void **state) {
  Run run;
  (void)state;
  assert_int_equal(RunProgram(&run, (const char *const[]){RHO_PROGRAM, NULL}), 2);
  assert_int_equal(RUN(&run, "chekc", "a"), 2);
  assert_says(&run, "did you mean 'check'?");
  assert_int_equal(RUN(&run, "run", "case.yaml", "--ouput", "a"), 2);
  assert_says(&run, "did you mean '--output'?");
  assert_int_equal(RUN(&run, "run"), 2);
  assert_says(&run, "usage: rhoflux run CASE");
  assert_int_equal(RUN(&run, "check", "a", "b"), 2);
  assert_says(&run, "'b'");
  assert_int_equal(RUN(&run, "run", "a", "--seed"), 2);
  assert_says(&run, "needs a value");
  assert_int_equal(RUN(&run, "run", "a", "--quiet=1"), 2);
  assert_says(&run, "takes no value");
  assert_int_equal(RUN(&run, "run", "a", "--seed", "1", "--seed=2"), 2);
  assert_says(&run, "given twice");
  assert_int_equal(RUN(&run, "info", "a", "--", "-ts_view"), 2);
  assert_int_equal(RUN(&run, "check", "no/such/file.yaml"), 2);
  assert_says(&run, "no/such/file.yaml");
  assert_int_equal(RUN(&run, "run", "no/such/file.yaml", "--json"), 2);
  assert_says(&run, "\"cannot-read\"");
  assert_int_equal(RUN(&run, "check", RHO_TESTS "/models/pair.yaml", "--window", "2:1"), 2);
}

/* PETSc's own words in one line, no trace. */
static void TestPetscDoesNotStart(void **state) {
  Run run;
  (void)state;
  RUN(&run, "run", RHO_TESTS "/case.yaml", "--output", "unstarted", "--", "-malloc_dump", "perhaps");
  assert_status(&run, 1);
  assert_says(&run, "PETSc does not start: Unknown logical value: perhaps");
  assert_null(strstr(run.said, "PETSC ERROR"));
}

static void TestSet(void **state) {
  Run run;
  (void)state;
  assert_int_equal(RUN(&run, "check", RHO_TESTS "/models/pair.yaml", "--set", "chi=2*pi", "--set=T[a]=7.5"), 0);
  assert_says(&run, "6.28318530");
  assert_says(&run, "7.5");
  assert_int_equal(RUN(&run, "check", RHO_TESTS "/models/pair.yaml", "--set", "ch1=2"), 2);
  assert_says(&run, "--set:1:1");
  assert_says(&run, "did you mean 'chi'?");
  assert_int_equal(RUN(&run, "check", RHO_TESTS "/models/pair.yaml", "--set", "chi=2*"), 2);
  assert_int_equal(RUN(&run, "check", RHO_TESTS "/models/pair.yaml", "--set", "chi"), 2);
  assert_says(&run, "NAME=VALUE");
  assert_int_equal(RUN(&run, "check", RHO_TESTS "/case.yaml", "--set", "time.edn=2"), 2);
  assert_says(&run, "time.end");
}

/* --set of one kind of output times replaces another kind of the file; both at once are refused. */
static void TestSetOutputs(void **state) {
  Run run;
  (void)state;
  WriteText("listed.yaml", "rhoflux: 1\ncase: listed\nmodel: " RHO_TESTS "/models/pair.yaml\n"
                           "mesh: {x: {length: 8, cells: 12, boundary: periodic}}\n"
                           "initial: {state: mixed}\ntime: {end: 8, at: [1, 2, 5]}\n");
  assert_int_equal(RUN(&run, "check", "listed.yaml"), 0);
  assert_says(&run, "to 8, 5 outputs");
  assert_int_equal(RUN(&run, "check", "listed.yaml", "--set", "time.outputs=7"), 0);
  assert_says(&run, "to 8, 8 outputs");
  assert_int_equal(RUN(&run, "check", "listed.yaml", "--set", "time.every=4"), 0);
  assert_says(&run, "to 8, 3 outputs");
  assert_int_equal(RUN(&run, "check", "listed.yaml", "--set", "time.every=4", "--set", "time.outputs=2"), 2);
  assert_says(&run, "set twice");
  assert_int_equal(RUN(&run, "check", "listed.yaml", "--set", "time.end=1.5"), 2);
  assert_says(&run, "listed.yaml:6:24: error: an output at 2, after the end at 1.5");
  assert_says(&run, "takes the place of the list");
}

/* What is not there, or is something else, is answered with what it might be. */
static void TestFilesThatAreSomethingElse(void **state) {
  Run run;
  (void)state;
  assert_int_equal(RUN(&run, "new", "elsewhere"), 0);
  assert_int_equal(RUN(&run, "run", "elsewhere/cases/first"), 2);
  assert_says(&run, "did you mean 'elsewhere/cases/first.yaml'?");
  assert_int_equal(RUN(&run, "run", "elsewhere/cases/first.yaml", "--mesh", "bxo128"), 2);
  assert_says(&run, "did you mean 'box128'?");
  assert_int_equal(RUN(&run, "run", "elsewhere/cases/first.yaml", "--mesh", "elsewhere/model.yaml"), 2);
  assert_says(&run, "this is no mesh");
  assert_int_equal(RUN(&run, "run", "elsewhere/cases/first.yaml", "--output", "."), 2);
  assert_says(&run, "not the name of a result");
  assert_int_equal(RUN(&run, "info", "elsewhere/model.yaml"), 2);
  assert_says(&run, "models and cases are for rhoflux check");
  WriteText("result.h5", "\x89HDF\r\n");
  assert_int_equal(RUN(&run, "check", "result.h5"), 2);
  assert_says(&run, "this is an HDF5 file");
  assert_int_equal(RUN(&run, "help"), 0);
}

/* A file, a folder or a name in the wrong place is refused in one report. */
static void TestOtherFilesAreNoCases(void **state) {
  Run run;
  (void)state;
  assert_int_equal(RUN(&run, "run", RHO_TESTS "/models/pair.yaml"), 2);
  assert_says(&run, "this is a model file");
  assert_int_equal(RUN(&run, "run", "cahn_hilliard"), 2);
  assert_says(&run, "there are cases of this model in");
  assert_int_equal(RUN(&run, "run", RHO_SOURCE_DIR "/models/cahn_hilliard"), 2);
  assert_says(&run, "there are cases of this model in");
  assert_int_equal(RUN(&run, "check", RHO_SOURCE_DIR "/meshes/box128.yaml"), 2);
  assert_says(&run, "this is a mesh file");
  assert_null(strstr(run.said, "has no key"));
}

/* The number behind a text of what the program said. */
static double Said(const Run *run, const char *before) {
  const char *at = strstr(run->said, before);
  if (!at) fail_msg("'%s' is missing in:\n%s", before, run->said);
  return strtod(at + strlen(before), NULL);
}

/* The antisymmetric mode of pair.yaml about rho = 1 grows as (chi - 1) q^2 - kappa q^4: fastest at q^2 = (chi - 1)/(2
   kappa), with (chi - 1)^2/(4 kappa); chi = 3, kappa = 0.1. */
static void TestGrowth(void **state) {
  Run run;
  (void)state;
  assert_int_equal(RUN(&run, "check", RHO_TESTS "/models/pair.yaml", "--at", "rho=chi/3", "--q", "0:2*pi:9"), 0);
  assert_float_equal(Said(&run, "fastest: q = "), 3.16227766, 1e-6);
  assert_float_equal(Said(&run, "growth 10, frequency ") + Said(&run, "(wavelength "), 1.98692, 1e-5);
  assert_null(strstr(run.said, "what can be done"));
  assert_int_equal(RUN(&run, "check", RHO_TESTS "/models/pair.yaml", "--at", "rho=1", "--q=1", "--quiet"), 0);
  assert_true(!strncmp(run.said, "  q  ", 5));
  assert_float_equal(Said(&run, "\n  1 "), 1.9, 1e-12);
  assert_int_equal(RUN(&run, "check", RHO_TESTS "/models/pair.yaml", "--at", "rho=1", "--q=0:6:20", "--json"), 0);
  assert_float_equal(Said(&run, "\"fastest\": {\"q\": "), 3.16227766, 1e-6);
}

static void TestBadStatesAndRanges(void **state) {
  static const char *const bad[][3] = {
      {"rho=-1", "0:1:2", "--at:1:5: error: the density 'rho[a]' is -1"},
      {"rho[a]=1", "0:1:2", "no value for 'rho[b]'"},
      {"rho=1+", "0:1:2", "--at:1:6: error: an operand is missing"},
      {"rho=x", "0:1:2", "--at:1:5: error: this is not a finite number"},
      {"rhp[a]=1", "0:1:2", "did you mean 'rho[a]'?"},
      {"rho", "0:1:2", "not FIELD=VALUE"},
      {"rho=1", "0:1", "not a range of wavenumbers"},
      {"rho=1", "1:0:3", "not a range of wavenumbers"},
      {"rho=1", "0:1:2.5", "not a range of wavenumbers"},
      {"rho=1", "0:1:2:3", "not a range of wavenumbers"},
  };
  (void)state;
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    Run run;
    RUN(&run, "check", RHO_TESTS "/models/pair.yaml", "--at", bad[k][0], "--q", bad[k][1]);
    assert_status(&run, 2);
    assert_says(&run, bad[k][2]);
  }
}

static void CheckWarned(const char *extra, const char *cells, const char *length, const char *warning) {
  static const char *const all[] = {"[coarse-mesh]", "[small-box]", "[ill-posed]"};
  char text[600];
  Run run;
  snprintf(text, sizeof text,
           "rhoflux: 1\ncase: waves\nmodel: %s/models/pair.yaml\n%smesh: {x: {length: %s, cells: %s, boundary: "
           "periodic}}\ninitial: {formulas: {rho: 1 + %s*cos(2*pi*x/Lx)}}\ntime: {end: 1}\n",
           RHO_TESTS, extra, length, cells, strcmp(warning, all[1]) ? "0.5" : "0");
  WriteText("waves.yaml", text);
  assert_int_equal(RUN(&run, "check", "waves.yaml"), 0);
  for (int k = 0; k < 3; k++)
    if ((strstr(run.said, all[k]) != NULL) != !strcmp(warning, all[k]))
      fail_msg("%s is %s in:\n%s", all[k], strcmp(warning, all[k]) ? "not expected" : "missing", run.said);
}

/* The fastest wave has the length 1.987: eight cells of it are 64.4 of a mesh of 16. */
static void TestWavesOfACase(void **state) {
  (void)state;
  CheckWarned("", "65", "16", "none");
  CheckWarned("", "64", "16", "[coarse-mesh]");
  CheckWarned("", "16", "1.99", "none");
  CheckWarned("", "16", "1.98", "[small-box]");
  CheckWarned("parameters: {chi: 1}\n", "4", "1", "none");
  CheckWarned("parameters: {kappa: -0.1}\n", "64", "16", "[ill-posed]");
}

/* What a case says of a field's walls goes on top of the model's; none takes all of them out. */
static void TestWallsOfACase(void **state) {
  static const char *const walls[][2] = {
      {"{}", "u at x = 0: value 2"}, {"{u: {x: {from: {value: 3}}}}", "u at x = 0: value 3"}, {"{u: none}", NULL}};
  (void)state;
  WriteText("walled.model.yaml", "rhoflux: 1\nmodel: walled\ndynamics: {u: {flux: \"-grad(u)\"}}\n"
                                 "boundary: {u: {x: {from: {value: 2}}}}\n");
  for (size_t k = 0; k < sizeof walls / sizeof *walls; k++) {
    char text[400];
    Run run;
    snprintf(text, sizeof text,
             "rhoflux: 1\ncase: walled\nmodel: ./walled.model.yaml\nboundary: %s\n"
             "mesh: {x: {length: 1, cells: 8, boundary: wall}}\ninitial: {formulas: {u: 1}}\ntime: {end: 1}\n",
             walls[k][0]);
    WriteText("walled.yaml", text);
    assert_int_equal(RUN(&run, "check", "walled.yaml"), 0);
    if (walls[k][1]) assert_says(&run, walls[k][1]);
    else if (strstr(run.said, "u at x")) fail_msg("walls where none were expected:\n%s", run.said);
  }
}

/* Nothing but one comment and one environment, its braces in pairs. */
static void TestLatexAlone(void **state) {
  Run run;
  int depth = 0;
  (void)state;
  assert_int_equal(RUN(&run, "check", RHO_TESTS "/models/pair.yaml", "--latex"), 0);
  assert_true(!strncmp(run.said, "% pair\n\\begin{align}\n", 21));
  assert_string_equal(run.said + strlen(run.said) - 12, "\\end{align}\n");
  for (const char *at = run.said; *at; at++) {
    depth += (*at == '{') - (*at == '}');
    assert_true(depth >= 0);
  }
  assert_int_equal(depth, 0);
}

/* What is declared real and stands under a logarithm is pointed out. */
static void TestRealUnderLogarithm(void **state) {
  Run run;
  (void)state;
  WriteText("gas.yaml", "rhoflux: 1\nmodel: gas\ndynamics:\n"
                        "  u: {mobility: u, potential: log(u)}\n  w: {flux: \"-grad(w) - w*grad(u)\"}\n");
  assert_int_equal(RUN(&run, "check", "gas.yaml"), 0);
  assert_says(&run, "u            real, but under a logarithm: declare it density\n");
  assert_says(&run, "w            real\n");
}

/* A free energy that only a part of the motion lowers. */
static void TestFluxWithoutPotential(void **state) {
  Run run;
  (void)state;
  WriteText("driven.yaml", "rhoflux: 1\nmodel: driven\ndynamics:\n"
                           "  u: {mobility: 1, potential: u^3 - u - lap(u), flux: \"lap(u)*grad(u)\"}\n");
  assert_int_equal(RUN(&run, "check", "driven.yaml"), 0);
  assert_says(&run, "'u' also changes by a flux, which need not lower it");
}

static void TestFailingCheckEndsWithOne(void **state) {
  Run run;
  (void)state;
  assert_int_equal(RUN(&run, "check", RHO_TESTS "/models/failing.yaml"), 1);
  assert_says(&run, "FAIL");
  assert_says(&run, "expected 7");
  assert_int_equal(RUN(&run, "check", RHO_TESTS "/models/failing.yaml", "--json"), 1);
  assert_says(&run, "\"failed\": 1");
}

static void TestNewGivesAModelThatChecks(void **state) {
  Run run;
  (void)state;
  assert_int_equal(RUN(&run, "new", "first_model"), 0);
  assert_int_equal(RUN(&run, "check", "first_model"), 0);
  assert_int_equal(RUN(&run, "check", "first_model/cases/first.yaml"), 0);
  assert_int_equal(RUN(&run, "new", "first_model"), 2);
  assert_says(&run, "is there already");
  assert_int_equal(RUN(&run, "new", "1st"), 2);
}

/* The whole cases among the examples of models/CASES.md read. */
static void TestDocumentedCasesRead(void **state) {
  char line[512];
  FILE *text = fopen(RHO_SOURCE_DIR "/models/CASES.md", "r"), *example = NULL;
  int n = 0;
  (void)state;
  assert_non_null(text);
  while (fgets(line, sizeof line, text)) {
    if (!strncmp(line, "rhoflux: 1", 10)) assert_non_null(example = fopen("documented.yaml", "w"));
    if (example && strncmp(line, "```", 3)) {
      fputs(line, example);
    } else if (example) {
      Run run;
      fclose(example);
      example = NULL;
      RUN(&run, "check", "documented.yaml");
      assert_status(&run, 0);
      n++;
    }
  }
  fclose(text);
  assert_true(n >= 1);
}

/* ---- random command lines ---- */

/* xorshift64* (Marsaglia 2003, Vigna 2016) */
static unsigned Random(uint64_t *state, unsigned n) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return (unsigned)((*state * UINT64_C(2685821657736338717) >> 33) % n);
}

/* Changes, drops or doubles some characters. */
static void Mutate(uint64_t *state, const char *word, char *out, size_t room) {
  size_t n = 0;
  for (; *word && n + 3 < room; word++) {
    unsigned what = Random(state, 24);
    if (what == 0) continue;
    out[n++] = what == 1 ? (char)(1 + Random(state, 255)) : *word;
    if (what == 2) out[n++] = *word;
  }
  out[n] = 0;
}

static void TestRandomArguments(void **state) {
  static const char *const word[] = {"check",
                                     "new",
                                     "info",
                                     "plot",
                                     "run",
                                     "--set",
                                     "chi=2",
                                     "T[a]=1e300",
                                     "--mesh",
                                     "--output",
                                     "made",
                                     "--seed",
                                     "3",
                                     "--quiet",
                                     "--json",
                                     "--latex",
                                     "--window",
                                     "0.1:2",
                                     "--help",
                                     "--version",
                                     "--kind",
                                     "series",
                                     "--",
                                     "-ts_view",
                                     "",
                                     "=",
                                     RHO_TESTS "/models/pair.yaml",
                                     RHO_TESTS "/case.yaml",
                                     "time.end=1e-3",
                                     "--debug"};
  uint64_t seed = 20240229;
  (void)state;
  for (int k = 0; k < 150; k++) {
    char text[8][512];
    const char *argv[10] = {RHO_PROGRAM};
    unsigned n = 1 + Random(&seed, 7);
    Run run;
    for (unsigned m = 0; m < n; m++) {
      unsigned pick = m ? Random(&seed, sizeof word / sizeof *word) : Random(&seed, 5);
      if (m && Random(&seed, 3) == 0) pick = 26 + Random(&seed, 2);
      snprintf(text[m], sizeof text[m], "%s", word[pick]);
      if (Random(&seed, 3) == 0) Mutate(&seed, word[pick], text[m], sizeof text[m]);
      argv[m + 1] = text[m];
    }
    RunProgram(&run, argv);
    if (run.status > 2) {
      for (unsigned m = 1; m <= n; m++) print_error("'%s' ", argv[m]);
      fail_msg("status %d:\n%s", run.status, run.said);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestWallsOfACase),
                                     cmocka_unit_test(TestHelpNamesEveryVerb),
                                     cmocka_unit_test(TestVersionNamesLibraries),
                                     cmocka_unit_test(TestMistakesEndWithTwo),
                                     cmocka_unit_test(TestPetscDoesNotStart),
                                     cmocka_unit_test(TestSet),
                                     cmocka_unit_test(TestSetOutputs),
                                     cmocka_unit_test(TestGrowth),
                                     cmocka_unit_test(TestBadStatesAndRanges),
                                     cmocka_unit_test(TestWavesOfACase),
                                     cmocka_unit_test(TestLatexAlone),
                                     cmocka_unit_test(TestFluxWithoutPotential),
                                     cmocka_unit_test(TestRealUnderLogarithm),
                                     cmocka_unit_test(TestFilesThatAreSomethingElse),
                                     cmocka_unit_test(TestOtherFilesAreNoCases),
                                     cmocka_unit_test(TestFailingCheckEndsWithOne),
                                     cmocka_unit_test(TestNewGivesAModelThatChecks),
                                     cmocka_unit_test(TestDocumentedCasesRead),
                                     cmocka_unit_test(TestRandomArguments)};
  setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
  return cmocka_run_group_tests(tests, EnterFolder, LeaveFolder);
}
