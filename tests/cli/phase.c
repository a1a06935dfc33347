/* `rhoflux phase-diagram` as a user meets it: results, what it says, refusals. */
#include "program.h"

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
                          "over: {parameter: T, from: -0.6, to: 0.3, sections: [-0.4, 0, 0.2]}}\n");
  RUN(&run, "phase-diagram", "over.yaml", "--output", "over");
  assert_status(&run, 0);
  assert_says(&run, "0.3, -0.15)");
  assert_says(&run, "T = -0.4: 1 stable families of tie lines, 1 critical points, 0 triangles");
  assert_says(&run, "three phases, curve");
  assert_says(&run, "tricritical point 1");
  RUN(&run, "info", "over");
  assert_says(&run, "sections/2/triangles/0/state");
  assert_says(&run, "three_phases/0/state");
  RUN(&run, "phase-diagram", "over.yaml", "--output", "over", "--overwrite", "--json");
  assert_says(&run, "\"kind\": \"tricritical point\"");
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
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestSaysWhatItFound),
                                     cmocka_unit_test(TestSaysWhatItMeans),
                                     cmocka_unit_test(TestExactKernel),
                                     cmocka_unit_test(TestPseudoDensity),
                                     cmocka_unit_test(TestProfiles),
                                     cmocka_unit_test(TestUndefined),
                                     cmocka_unit_test(TestOver),
                                     cmocka_unit_test(TestRefusals)};
  return cmocka_run_group_tests(tests, EnterFolder, LeaveFolder);
}
