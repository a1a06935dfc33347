/* `rhoflux phase-diagram` as a user meets it: results, what it says, refusals. */
#include "program.h"
#include <hdf5_hl.h>
#include <math.h>

static void Write(const char *name, const char *text) {
  FILE *stream = fopen(name, "w");
  assert_non_null(stream);
  fputs(text, stream);
  fclose(stream);
}

#define HEAD "rhoflux: 1\ncase: diagram\n"

static void TestSaysWhatItFound(void **state) {
  Run run;
  (void)state;
  Write("two.yaml",
        HEAD "model: two_temperature\nphase_diagram: {window: {\"c[i]\": 2}, compositions: [{\"c[i]\": 0.4}]}\n");
  RUN(&run, "phase-diagram", "two.yaml");
  assert_status(&run, 0);
  assert_says(&run, "critical point 1 (0.16377476, 1.2045911) stable");
  assert_says(&run, "0.9292031305 of (0.42672257, 0.047916684)");
  assert_says(&run, "these are the phases of the model");
  RUN(&run, "info", "diagram");
  assert_status(&run, 0);
  assert_says(&run, "tie_lines/0/first");
  RUN(&run, "phase-diagram", "two.yaml");
  assert_status(&run, 2);
  assert_says(&run, "--overwrite");
  RUN(&run, "phase-diagram", "two.yaml", "--overwrite", "--json", "--set", "T[A]=1");
  assert_status(&run, 0);
  assert_says(&run, "\"critical_points\": []");
}

static void TestSaysWhatItMeans(void **state) {
  Run run;
  (void)state;
  Write("local.yaml", HEAD "model: quorum_sensing\nphase_diagram: {window: {\"rho[s]\": 4}}\n");
  RUN(&run, "phase-diagram", "local.yaml", "--output", "local");
  assert_status(&run, 0);
  assert_says(&run, "the model's own phases are not these");
  Write("none.yaml", HEAD "model: quorum_sensing_cross\nphase_diagram: {window: {\"rho[s]\": 4}}\n");
  RUN(&run, "phase-diagram", "none.yaml", "--output", "none");
  assert_status(&run, 0);
  assert_says(&run, "there is no free energy: no tangent construction exists");
  assert_says(&run, "spinodals");
}

/* One field with a kernel: exact unless the common tangent is asked for. */
static void TestExactKernel(void **state) {
  Run run;
  (void)state;
  Write("one.yaml", HEAD "model: " RHO_SOURCE_DIR "/models/quorum_sensing/particles.yaml\n"
                         "parameters: {sense_self: 0}\n"
                         "phase_diagram: {window: {\"rho[s]\": 800}, compositions: [{\"rho[a]\": 200}]}\n");
  RUN(&run, "phase-diagram", "one.yaml", "--output", "one", "--set", "k_self[a]=-1");
  assert_status(&run, 0);
  assert_says(&run, "exact for every symmetric kernel");
  assert_says(&run, "0.6305078567 of (67.246273)");
  assert_says(&run, "of (426.53328)");
  Write("tangent.yaml", HEAD "model: " RHO_SOURCE_DIR "/models/quorum_sensing/particles.yaml\n"
                             "parameters: {sense_self: 0}\nphase_diagram: {window: {\"rho[s]\": 800}, "
                             "construction: common_tangent}\n");
  RUN(&run, "phase-diagram", "tangent.yaml", "--output", "tangent");
  assert_status(&run, 0);
  assert_says(&run, "the model's own phases are not these");
  assert_says(&run, "(73.794025) = (465.48022)");
}

static void TestPseudoDensity(void **state) {
  Run run;
  (void)state;
  Write("active.yaml", HEAD "model: active_model_b_plus\nphase_diagram: {window: {phi: [-1.5, 1.8]}, "
                            "over: {parameter: a, from: -0.25, to: 0.1}}\n");
  RUN(&run, "phase-diagram", "active.yaml", "--output", "active");
  assert_status(&run, 0);
  assert_says(&run, "(-0.86368285, -0.25) = (1.0955725, -0.25)");
  assert_says(&run, "to critical point 1");
}

/* Two species without a free energy: half of the band that runs end with (models/quorum_sensing_cross). */
static void TestProfiles(void **state) {
  Run run;
  (void)state;
  RUN(&run, "phase-diagram", RHO_SOURCE_DIR "/models/quorum_sensing_cross/cases/phase_profiles.yaml", "--output",
      "box");
  assert_status(&run, 0);
  assert_says(&run, "each pair is on a tie line");
  assert_says(&run, "composition (120, 120) is one phase");
  assert_says(&run, "(313.216");
  assert_says(&run, "of (94.732");
  assert_says(&run, "composition 1 to composition 2");
  RUN(&run, "info", "box");
  assert_says(&run, "compositions/0/profile");
}

/* Two fields over a parameter: in closed form, the tricritical point is at n = 0.3, T = -0.15. */
static void TestOver(void **state) {
  Run run;
  (void)state;
  Write("landau.yaml", "rhoflux: 1\nmodel: landau\nparameters: {T: 0}\nfields: {m: real, n: real}\n"
                       "free_energy: '(n + 0.5*m^2 + m^4)^2/2 + T*m^2 - 0.3*m^4 + m^6'\n"
                       "dynamics: {m: {mobility: 1}, n: {mobility: 1}}\n");
  Write("over.yaml", HEAD "model: landau.yaml\nphase_diagram: {window: {m: [-1.5, 1.5], n: [-2, 2]}, "
                          "over: {parameter: T, from: -0.6, to: 0.3, sections: [-0.4, 0, 0.2]}, "
                          "paths: [[{m: -1, n: -0.4}, {m: 1, n: -0.4}]]}\n");
  RUN(&run, "phase-diagram", "over.yaml", "--output", "over");
  assert_status(&run, 0);
  assert_says(&run, "0.3, -0.15)");
  assert_says(&run, "T = -0.4: 1 stable families of tie lines, 1 critical points, 0 triangles");
  assert_says(&run, "three phases, curve");
  assert_says(&run, "path 1, cloud points, ");
  assert_says(&run, "tricritical point 1");
  RUN(&run, "info", "over");
  assert_says(&run, "sections/2/triangles/0/state");
  assert_says(&run, "three_phases/0/state");
  assert_says(&run, "boundaries/0/other");
  RUN(&run, "phase-diagram", "over.yaml", "--output", "over", "--overwrite", "--json");
  assert_says(&run, "\"kind\": \"tricritical point\"");
}

/* The columns of a table of tie lines; returns their number. */
static int TieLines(const char *path, int width, double *first, double *second, double *error, double *share) {
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  hsize_t shape[2];
  assert_true(file >= 0 && H5LTget_dataset_info(file, "tie_lines/0/first", shape, NULL, NULL) >= 0);
  assert_true(shape[0] <= 64 && (int)shape[1] == width);
  H5LTread_dataset_double(file, "tie_lines/0/first", first);
  H5LTread_dataset_double(file, "tie_lines/0/second", second);
  H5LTread_dataset_double(file, "tie_lines/0/error", error);
  H5LTread_dataset_double(file, "tie_lines/0/share", share);
  H5Fclose(file);
  return (int)shape[0];
}

/* Property: over a parameter fronts of a potential a phi + phi^3/4 - lap(phi) have the phases +-2 sqrt(-a) to the
   errors that are stated, and are followed towards their critical point as far as the box allows. */
static void TestProfilesOver(void **state) {
  Run run;
  double first[128], second[128], error[64], share[64], last = 0;
  (void)state;
  Write("fronts.yaml",
        HEAD "model: active_model_b_plus\nparameters: {lambda: 0, zeta: 0}\n"
             "phase_diagram: {window: {phi: 2}, over: {parameter: a, from: -0.5, to: 0.1}, "
             "construction: profiles, compositions: [{phi: 0.3}], front: {length: 50, cells: 96, between: 5}}\n");
  RUN(&run, "phase-diagram", "fronts.yaml", "--output", "fronts", "--set", "a=0.3");
  assert_status(&run, 0);
  assert_says(&run, "end of the range to where the box is too small");
  int n = TieLines("fronts.h5", 2, first, second, error, share);
  assert_in_range(n, 6, 20);
  for (int k = 0; k < n; k++) {
    double a = first[2 * k + 1], phase = 2 * sqrt(-a), high = fmax(first[2 * k], second[2 * k]);
    assert_true(a == second[2 * k + 1] && (k == 0 || a > first[2 * k - 1]));
    assert_true(fabs(high - phase) <= error[k] * phase && fabs(first[2 * k] + second[2 * k]) <= 2 * error[k] * phase);
    assert_true(fabs(share[k] * first[2 * k] + (1 - share[k]) * second[2 * k] - 0.3) < 1e-12);
    last = a;
  }
  assert_true(error[0] < 1e-3 && last > -0.1 && last < 0);
}

/* Property: a step that is halved at once, and again and again, goes on to the end of the range: phases s +- 2 are
   found for steps of s up to 2, of which there are 32. */
static void TestProfilesHalved(void **state) {
  Run run;
  double first[128], second[128], error[64], share[64];
  (void)state;
  Write("shifted.yaml", "rhoflux: 1\nmodel: shifted\nparameters: {s: 0}\nfields: {phi: real}\n"
                        "dynamics: {phi: {mobility: 1, potential: \"(phi - s)^3/4 - (phi - s) - lap(phi)\"}}\n");
  Write("halved.yaml", HEAD "model: shifted.yaml\nphase_diagram: {window: {phi: 50}, over: {parameter: s, from: 0, "
                            "to: 40}, construction: profiles, compositions: [{phi: 0.3}], "
                            "front: {length: 20, cells: 48, between: 0}}\n");
  RUN(&run, "phase-diagram", "halved.yaml", "--output", "halved");
  assert_status(&run, 0);
  assert_says(&run, "end of the range to end of the range");
  int n = TieLines("halved.h5", 2, first, second, error, share);
  assert_int_equal(n, 33);
  for (int k = 0; k < n; k++) {
    double s = 1.25 * k, high = fmax(first[2 * k], second[2 * k]), low = fmin(first[2 * k], second[2 * k]);
    assert_true(fabs(first[2 * k + 1] - s) < 1e-9 && fabs(second[2 * k + 1] - s) < 1e-9);
    assert_true(fabs(high - s - 2) < 1e-2 && fabs(low - s + 2) < 1e-2);
  }
}

/* Property: of two species with a free energy the tie lines go through the composition, and both phases have the same
   chemical potentials, T log c_i + ..., to the errors that are stated. */
static void TestMixtureOver(void **state) {
  Run run;
  double first[192], second[192], error[64], share[64];
  (void)state;
  Write("mixture.yaml", HEAD "model: two_temperature\nparameters: {\"K[i,j]\": [[1, 0], [0, 1]]}\n"
                             "phase_diagram: {window: {\"c[i]\": 2}, over: {parameter: \"T[A]\", from: 48, to: 60}, "
                             "construction: profiles, compositions: [{\"c[A]\": 0.24, \"c[B]\": 1}], "
                             "front: {length: 30, cells: 64, between: 1}}\n");
  RUN(&run, "phase-diagram", "mixture.yaml", "--output", "mixture");
  assert_status(&run, 0);
  int n = TieLines("mixture.h5", 3, first, second, error, share);
  assert_int_equal(n, 3);
  for (int k = 0; k < n; k++) {
    const double *a = first + 3 * k, *b = second + 3 * k;
    double T = a[2], Tbar = 0.5 * (T + 1), worst = 60 * error[k];
    double mu_A = T * log(a[0] / b[0]) + T * (a[0] - b[0]) + Tbar * (a[1] - b[1]);
    double mu_B = log(a[1] / b[1]) + (a[1] - b[1]) + Tbar * (a[0] - b[0]);
    assert_true(fabs(mu_A) < T * worst && fabs(mu_B) < T * worst && worst < 0.5);
    for (int i = 0; i < 2; i++) assert_true(fabs(share[k] * a[i] + (1 - share[k]) * b[i] - (i ? 1 : 0.24)) < 1e-4);
  }
}

/* A window that reaches beyond the domain: where, and the diagram of the rest. */
static void TestUndefined(void **state) {
  Run run;
  (void)state;
  Write("model.yaml", "rhoflux: 1\nmodel: regular\nfields: {phi: density}\nparameters: {chi: 3}\n"
                      "dynamics: {phi: {mobility: phi, potential: \"log(phi) - log(1 - phi) - 2*chi*phi\"}}\n");
  Write("regular.yaml", HEAD "model: model.yaml\nphase_diagram: {window: {phi: 1.2}, compositions: [{phi: 0.5}]}\n");
  RUN(&run, "phase-diagram", "regular.yaml", "--output", "regular");
  assert_status(&run, 0);
  assert_says(&run, "[no-free-energy-here]");
  assert_says(&run, "so at phi = ");
  assert_says(&run, "0.5000000000 of");
}

/* A model without a case: printed, and written only where --output says so. */
static void TestModel(void **state) {
  Run run;
  (void)state;
  RUN(&run, "phase-diagram", "two_temperature");
  assert_status(&run, 2);
  assert_says(&run, "--window 0:4");
  RUN(&run, "phase-diagram", "two_temperature", "--window", "4");
  assert_status(&run, 2);
  assert_says(&run, "FROM:TO");
  RUN(&run, "phase-diagram", "two_temperature", "--window", "2:1");
  assert_status(&run, 2);
  assert_says(&run, "is empty");
  RUN(&run, "phase-diagram", "two_temperature", "--window", "0:2");
  assert_status(&run, 0);
  assert_says(&run, "critical point 1 (0.16377476, 1.2045911) stable");
  RUN(&run, "info", "two_temperature");
  assert_status(&run, 2);
  RUN(&run, "phase-diagram", "two_temperature", "--window", "0:2", "--output", "of_model");
  assert_status(&run, 0);
  RUN(&run, "info", "of_model");
  assert_says(&run, "tie_lines/0/first");
  RUN(&run, "phase-diagram", "two.yaml", "--window", "0:2");
  assert_status(&run, 2);
  assert_says(&run, "of its own");
}

static void TestRefusals(void **state) {
  Run run;
  (void)state;
  Write("section.yaml", HEAD "model: two_temperature\nmesh: {x: {length: 1, cells: 8, boundary: wall}}\n");
  RUN(&run, "phase-diagram", "section.yaml");
  assert_status(&run, 2);
  assert_says(&run, "needs the key 'phase_diagram'");
  RUN(&run, "run", "two.yaml");
  assert_status(&run, 2);
  assert_says(&run, "needs the key 'mesh'");
  RUN(&run, "check", "two.yaml");
  assert_status(&run, 0);
  RUN(&run, "phase-diagram", "two.yaml", "--output", "nowhere/diagram");
  assert_status(&run, 2);
  assert_says(&run, "there is no folder");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(TestSaysWhatItFound), cmocka_unit_test(TestSaysWhatItMeans), cmocka_unit_test(TestExactKernel),
      cmocka_unit_test(TestPseudoDensity),   cmocka_unit_test(TestProfiles),        cmocka_unit_test(TestProfilesOver),
      cmocka_unit_test(TestProfilesHalved),  cmocka_unit_test(TestMixtureOver),     cmocka_unit_test(TestOver),
      cmocka_unit_test(TestModel),           cmocka_unit_test(TestUndefined),       cmocka_unit_test(TestRefusals)};
  return cmocka_run_group_tests(tests, EnterFolder, LeaveFolder);
}
