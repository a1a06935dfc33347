/* `rhoflux stability` as a user meets it: one state, maps, results, ranks, refusals. */
#include "program.h"

#define HEAD "rhoflux: 1\ncase: about\n"

/* Property: a model and a state are enough; what is said is that of the closed form. */
static void TestState(void **state) {
  Run run;
  (void)state;
  RUN(&run, "stability", "swift_hohenberg", "--at", "u=0", "--set", "r=0.25");
  assert_status(&run, 0);
  assert_says(&run, "unstable, finite wavelength, stationary");
  assert_says(&run, "q = 1 (wavelength 6.28319), growth 0.25");
  assert_says(&run, "0.707106781 < q < 1.22474487");
  assert_true(!Exists("about.h5"));
  RUN(&run, "stability", "keller_segel", "--at", "rho=0.4", "--at", "c=0.4", "--json");
  assert_status(&run, 0);
  assert_says(&run, "\"class\": \"stable\"");
  RUN(&run, "stability", "swift_hohenberg", "--at", "u=0", "--output", "alone");
  assert_status(&run, 0);
  RUN(&run, "info", "alone");
  assert_says(&run, "tables, stability");
  assert_says(&run, "branches/growth");
}

/* Property: the smallest ratio of temperatures is found without a hint, and a result replaced only when asked. */
static void TestThreshold(void **state) {
  Run run;
  (void)state;
  RUN(&run, "stability", RHO_SOURCE_DIR "/models/two_temperature/cases/threshold.yaml", "--output", "threshold");
  assert_status(&run, 0);
  assert_says(&run, "smallest T[A]: x = ");
  assert_says(&run, "T[A] = 33.970562748477");
  RUN(&run, "info", "threshold");
  assert_says(&run, "neutral/0/x");
  assert_says(&run, "case_text");
  RUN(&run, "stability", RHO_SOURCE_DIR "/models/two_temperature/cases/threshold.yaml", "--output", "threshold");
  assert_status(&run, 2);
  assert_says(&run, "--overwrite");
}

/* Property: the smallest ratio over a triangle of compositions is found without a hint, on any number of ranks. */
static void TestRegion(void **state) {
  Run run;
  (void)state;
  RUN(&run, "stability", RHO_SOURCE_DIR "/models/two_temperature/cases/region.yaml", "--output", "region");
  assert_status(&run, 0);
  assert_says(&run, "smallest T[A] = 33.970562748477 with an unstable state, at c[A] = 0.5, c[B] = 0.5");
  assert_says(&run, "on the bound c[A] + c[B] <= 1");
  assert_says(&run, "unstable up to T[A] = 80");
  RUN(&run, "info", "region");
  assert_says(&run, "edge/smallest");
  RUN(&run, "stability", RHO_SOURCE_DIR "/models/two_temperature/cases/region.yaml", "--output", "region2", "--json");
  assert_says(&run, "\"what\": \"smallest, long waves, stationary\", \"best\": true");
}

/* Property: a case that can be run has its result beside that of the run, and none when it does not ask. */
static void TestNames(void **state) {
  Run run;
  (void)state;
  WriteText("both.yaml",
            "rhoflux: 1\ncase: both\nmodel: cahn_hilliard\nmesh: {x: {length: 20, cells: 20, boundary: periodic}}\n"
            "initial: {formulas: {phi: 0.1}}\ntime: {end: 1}\nstability: {state: {phi: 0.2}}\n");
  RUN(&run, "stability", "both.yaml");
  assert_status(&run, 0);
  assert_true(Exists("both-stability.h5") && !Exists("both.h5"));
  WriteText("none.yaml",
            "rhoflux: 1\ncase: none\nmodel: cahn_hilliard\nmesh: {x: {length: 20, cells: 20, boundary: periodic}}\n"
            "initial: {formulas: {phi: 0.1}}\ntime: {end: 1}\n");
  RUN(&run, "stability", "none.yaml");
  assert_status(&run, 0);
  assert_says(&run, "phi = 0.1");
  assert_true(!Exists("none.h5"));
}

static char *Bytes(const char *path, size_t *n) {
  FILE *stream = fopen(path, "r");
  assert_non_null(stream);
  char *bytes = malloc(1 << 22);
  *n = fread(bytes, 1, 1 << 22, stream);
  fclose(stream);
  return bytes;
}

/* Property: ranks share the rows, the result is the same, byte for byte. */
static void TestRanks(void **state) {
  Run run;
  size_t n = 0, m = 1;
  (void)state;
  WriteText("map.yaml", HEAD "model: quorum_sensing_cross\nstability: {state: {\"rho[a]\": 1.1, \"rho[b]\": 0.9},\n"
                             "  over: {\"k_self[s]\": [-1, 0, 23], \"k_cross[b]\": [-1, 1, 17]}}\n");
  RUN(&run, "stability", "map.yaml", "--overwrite");
  assert_status(&run, 0);
  char *one = Bytes("about.h5", &n);
  MPIRUN(&run, "3", "stability", "map.yaml", "--overwrite");
  assert_status(&run, 0);
  char *three = Bytes("about.h5", &m);
  assert_true(n == m && !memcmp(one, three, n));
  free(one);
  free(three);
}

static void TestRefusals(void **state) {
  Run run;
  (void)state;
  RUN(&run, "stability", "swift_hohenberg");
  assert_status(&run, 2);
  assert_says(&run, "there is no uniform state to look at");
  RUN(&run, "stability", "kramers", "--at", "P=1");
  assert_status(&run, 2);
  assert_says(&run, "[no-symbol]");
  RUN(&run, "stability", "two_temperature", "--at", "c=0.4", "--q", "0");
  assert_status(&run, 2);
  assert_says(&run, "not positive");
  WriteText("full.yaml", "rhoflux: 1\nmodel: full\nfields: {phi: density}\n"
                         "dynamics: {phi: {mobility: phi, potential: \"log(phi) - log(1 - phi)\"}}\n");
  RUN(&run, "stability", "./full.yaml", "--at", "phi=1");
  assert_status(&run, 2);
  assert_says(&run, "[undefined-state]");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestState),  cmocka_unit_test(TestThreshold),
                                     cmocka_unit_test(TestRegion), cmocka_unit_test(TestNames),
                                     cmocka_unit_test(TestRanks),  cmocka_unit_test(TestRefusals)};
  return cmocka_run_group_tests(tests, EnterFolder, LeaveFolder);
}
