/* patterns.c - what `track` calls the patterns of the cases in models/, and those of particle runs beside them.

   The four quadrants of cross couplings of models/quorum_sensing_cross, from the uniform state with a random
   disturbance: equal signs rest, apart or together; opposite ones travel, the species that slows down among the others
   behind.  Self and global sensing of models/quorum_sensing: two species that condense together, that part, and three
   phases.  And bands of particles (data/particles/D3_quorum_sensing, read by `coarsen`) beside those of the same model
   without noise: speed and lag within 3 combined standard errors.

     patterns [more]     with the word those in 2-D and with noise, too

   Faults that were put in once: the sign of lags in `track` (test_quadrants), twice the persistence time, half of
   the cross couplings (test_particles). */
#include "fields.h"
#include <math.h>

#define CASES RHO_SOURCE_DIR "/models/quorum_sensing_cross/cases/"
#define PARTICLES RHO_SOURCE_DIR "/data/particles/D3_quorum_sensing/"

static bool more;

typedef struct {
  char kind[16];
  double velocity, velocity_error, lead, lead_error, coherence; /* lead: of b, in wavelengths in the sense of motion */
} Pattern;

static Pattern Tracked(const char *result, const char *from) {
  Pattern p;
  Run run;
  RUN(&run, "track", result, "--from", from, "--json");
  assert_status(&run, 0);
  assert_says(&run, "\"pattern\": \"");
  sscanf(strstr(run.said, "\"pattern\": \"") + strlen("\"pattern\": \""), "%15[a-z]", p.kind);
  p.velocity = NumberIn(&run, "\"velocity_x\": ");
  p.velocity_error = NumberIn(&run, "\"velocity_x_error\": ");
  p.coherence = NumberIn(&run, "\"coherence\": ");
  assert_says(&run, "\"rho[b]\": ");
  const char *b = strstr(run.said, "\"rho[b]\": ");
  p.lead = NumberFrom(b, "\"lead\": ");
  p.lead_error = NumberFrom(b, "\"lead_error\": ");
  print_message("%s: %s, velocity %.5f(%.5f), coherence %.3f, b ahead by %.4f(%.4f)\n", result, p.kind, p.velocity,
                p.velocity_error, p.coherence, p.lead, p.lead_error);
  return p;
}

/* ---- the four quadrants ---- */

typedef struct {
  const char *name, *kind;
  double lead; /* of b */
} Quadrant;

static const Quadrant quadrant[] = {{"avoid", "stationary", 0.5},
                                    {"gather", "stationary", 0},
                                    {"b_chases", "travelling", -0.266},
                                    {"a_chases", "travelling", 0.266}};
enum { NQUADRANT = sizeof quadrant / sizeof *quadrant };

/* A lead of 1/2 is one of -1/2.  Errors are those of a lead that is known well: a large one would excuse any. */
static void IsOf(const Quadrant *q, Pattern p) {
  double off = p.lead - q->lead;
  assert_string_equal(p.kind, q->kind);
  assert_true(p.lead_error < 0.01);
  assert_true(fabs(off - round(off)) < 0.01 + 4 * p.lead_error);
}

static void RunCase(const char *folder, const char *name, const char *output, bool noise, const char *step) {
  char path[4096], fixed[64];
  Run run;
  snprintf(path, sizeof path, "%s%s.yaml", folder, name);
  snprintf(fixed, sizeof fixed, "time.fixed_step=%s", step);
  if (noise) RUN(&run, "run", path, "--quiet", "--output", output, "--set", "noise.omega=1000", "--set", fixed);
  else RUN(&run, "run", path, "--quiet", "--output", output);
  assert_status(&run, 0);
}

/* Waves of both species have chosen a direction before `from`: it is chance, that b is behind or ahead is not. */
static void test_quadrants(void **state) {
  (void)state;
  for (int k = 0; k < NQUADRANT; k++) {
    RunCase(CASES, quadrant[k].name, quadrant[k].name, false, "");
    IsOf(&quadrant[k], Tracked(quadrant[k].name, "250"));
  }
}

static void test_quadrants_more(void **state) {
  (void)state;
  for (int k = 0; more && k < 3 * NQUADRANT; k++) {
    const Quadrant *q = &quadrant[k / 3];
    bool plane = k % 3 > 0, noise = k % 3 < 2;
    char name[16], output[32];
    snprintf(name, sizeof name, "%s%s", q->name, plane ? "_2d" : "");
    snprintf(output, sizeof output, "%s%s", name, noise ? "_noise" : "");
    RunCase(CASES, name, output, noise, plane ? "0.25" : "0.1");
    IsOf(q, Tracked(output, plane ? "500" : "250"));
  }
}

/* The wave of the reference (tests/verify/travelling.c has its speed without noise), from the uniform state by noise
   alone; noise of 10^4 particles per length slows it by less than 0.5 %. */
static void test_from_noise(void **state) {
  Run run;
  (void)state;
  if (!more) return;
  RUN(&run, "run", CASES "b_chases.yaml", "--quiet", "--output", "noise", "--set", "noise.omega=10000", "--set",
      "time.fixed_step=0.1", "--set", "k_cross[a]=0.5", "--set", "k_cross[b]=-0.5", "--set", "time.end=1000", "--set",
      "time.outputs=250");
  assert_status(&run, 0);
  Pattern p = Tracked("noise", "700");
  assert_string_equal(p.kind, "travelling");
  assert_true(fabs(fabs(p.velocity) / 0.322574826346 - 1) < 0.005);
  assert_true(fabs(p.lead + 0.275617) < 0.005);
}

/* ---- self and global sensing ---- */

#define GLOBAL RHO_SOURCE_DIR "/models/quorum_sensing/cases/"

/* Together where all slow down among all, apart where each does among its own kind. */
static void test_two_phases(void **state) {
  static const Quadrant phases[] = {{"separation", "stationary", 0}, {"demixing", "stationary", 0.5}};
  (void)state;
  for (int k = 0; k < 2; k++) {
    RunCase(GLOBAL, phases[k].name, phases[k].name, false, "");
    IsOf(&phases[k], Tracked(phases[k].name, "200"));
  }
}

/* Potentials of a uniform state, models/quorum_sensing with its own parameters. */
static void Potentials(double a, double b, double *mu) {
  double all = 0.5 * tanh(a + b - 2);
  mu[0] = log(a) - tanh((a - 1) / 0.5) + all;
  mu[1] = log(b) - tanh((b - 1) / 0.5) + all;
}

/* Three phases side by side: three different plateaus of the same potentials, the middle one of both species alike. */
static void test_three_phases(void **state) {
  enum { NTIME = 8, NCELL = 384 };
  static const int cell[] = {0, NCELL / 2, NCELL - 1};
  static double a[NTIME][NCELL], b[NTIME][NCELL];
  double mu[3][2];
  (void)state;
  if (!more) return;
  RunCase(GLOBAL, "triple", "triple", false, "");
  ReadFields("triple.h5", "rho[a]", sizeof a / sizeof **a, *a);
  ReadFields("triple.h5", "rho[b]", sizeof b / sizeof **b, *b);
  for (int k = 0; k < 3; k++) {
    double rho[] = {a[NTIME - 1][cell[k]], b[NTIME - 1][cell[k]]};
    Potentials(rho[0], rho[1], mu[k]);
    print_message("%.5f %.5f: mu %.6f %.6f\n", rho[0], rho[1], mu[k][0], mu[k][1]);
    for (int i = 0; i < 2; i++) assert_true(fabs(mu[k][i] - mu[0][i]) < 1e-4);
  }
  double left = a[NTIME - 1][0], middle = a[NTIME - 1][NCELL / 2], right = a[NTIME - 1][NCELL - 1];
  assert_true(left > 3 * middle && middle > 1.5 * right);
  assert_true(fabs(middle - b[NTIME - 1][NCELL / 2]) < 1e-3);
}

/* ---- particles ---- */

static void Compared(const char *what, double a, double a_error, double b, double b_error) {
  double sigma = (b - a) / hypot(a_error, b_error);
  print_message("| %s | %.5f(%.5f) | %.5f(%.5f) | %+.1f |\n", what, a, a_error, b, b_error, sigma);
  assert_true(fabs(sigma) < 3);
}

/* Bands of particles from t = 240 on, when they have settled; of the fields from a time on when they have. */
static void Bands(const char *name, const char *mesh, const char *from) {
  char file[4096], particles[32];
  Run run;
  RunCase(CASES, name, name, false, "");
  snprintf(file, sizeof file, PARTICLES "%s.h5md", name);
  snprintf(particles, sizeof particles, "%s_particles", name);
  WriteText("mesh.yaml", mesh);
  RUN(&run, "coarsen", file, "--mesh", "mesh.yaml", "--species", "a=1", "--species", "b=2", "--output", particles);
  assert_status(&run, 0);
  Pattern p = Tracked(particles, "240"), f = Tracked(name, from);
  assert_string_equal(p.kind, "travelling");
  assert_string_equal(f.kind, "travelling");
  assert_true(p.velocity_error < 0.02 * fabs(p.velocity));
  Compared("speed", p.velocity, p.velocity_error, f.velocity, f.velocity_error);
  Compared("lag", p.lead, p.lead_error, f.lead, f.lead_error);
}

static void test_particles(void **state) {
  (void)state;
  Bands("travel1d", "rhoflux: 1\nx: {length: 6, cells: 48, boundary: periodic}\n", "200");
  if (more)
    Bands("travel2d",
          "rhoflux: 1\nx: {length: 6, cells: 48, boundary: periodic}\n"
          "y: {length: 3, cells: 24, boundary: periodic}\n",
          "700");
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_quadrants),    cmocka_unit_test(test_quadrants_more),
                                     cmocka_unit_test(test_from_noise),   cmocka_unit_test(test_two_phases),
                                     cmocka_unit_test(test_three_phases), cmocka_unit_test(test_particles)};
  (void)argv;
  more = argc > 1;
  return cmocka_run_group_tests_name("patterns", tests, EnterFolder, LeaveFolder);
}
