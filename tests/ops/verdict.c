/* Is there a free energy?  Against what is known of the models in the literature, and against each other. */
#include "ops_check.h"

typedef struct {
  const char *what;
  RhoVariational verdict;
  const char *text;
} Case;

#define QUORUM                                                                                                         \
  "fields: {a: density, b: density}\n"                                                                                 \
  "kernels: {K: {shape: gaussian, width: 1}}\n"                                                                        \
  "parameters: {ka: -1, kb: -0.7, ga: 0.5, gb: 0.5, ca: 0.5, cb: 0.5}\n"                                               \
  "define: {sa: 'conv(K, a)', sb: 'conv(K, b)', phi: tanh(sa + sb - 2)}\n"
#define QUORUM_LOCAL                                                                                                   \
  "fields: {a: density, b: density}\n"                                                                                 \
  "parameters: {ka: -1, kb: -0.7, ga: 0.5, gb: 0.5, ca: 0.5, cb: 0.5}\n"                                               \
  "define: {sa: a, sb: b, phi: tanh(sa + sb - 2)}\n"
#define SELF_GLOBAL(ga, gb)                                                                                            \
  "dynamics: {a: {mobility: a, potential: log(a) + ka*tanh((sa - 1)/0.5) + " ga "*phi},\n"                             \
  "  b: {mobility: b, potential: log(b) + kb*tanh((sb - 1)/0.5) + " gb "*phi}}\n"
#define SELF_CROSS                                                                                                     \
  "dynamics: {a: {mobility: a, potential: log(a) + ka*tanh((sa - 1)/0.5) + ca*tanh((sb - 1)/0.5)},\n"                  \
  "  b: {mobility: b, potential: log(b) + kb*tanh((sb - 1)/0.5) + cb*tanh((sa - 1)/0.5)}}\n"
#define MAYER                                                                                                          \
  "fields: {A: density, B: density}\n"                                                                                 \
  "parameters: {TA: 5, TB: 1, T: '(TA + TB)/2'}\n"                                                                     \
  "kernels: {MA: {r: 1 - exp(-2*exp(-r^2)/TA)}, MB: {r: 1 - exp(-2*exp(-r^2)/TB)},\n"                                  \
  "  MX: {r: 1 - exp(-2*exp(-r^2)/T)}, MY: {r: 1 - exp(-2*exp(-r^2)/T)}, MZ: {r: 1 - exp(-3*exp(-r^2)/T)}}\n"

static const Case table[] = {
    /* Dinelli et al., eqs. 8, 10, 14: d log v_a/d rho_b = d log v_b/d rho_a */
    {"common phi^g, kernels", RHO_LOCAL, QUORUM SELF_GLOBAL("ga", "ga")},
    {"common phi^g, equal by value", RHO_LOCAL, QUORUM SELF_GLOBAL("ga", "gb")},
    {"common phi^g, no kernel", RHO_FUNCTIONAL, QUORUM_LOCAL SELF_GLOBAL("ga", "ga")},
    {"different phi^g", RHO_NOT_VARIATIONAL, QUORUM SELF_GLOBAL("ga", "1.1*ga")},
    {"different phi^g, no kernel", RHO_NOT_VARIATIONAL, QUORUM_LOCAL SELF_GLOBAL("ga", "0.999*ga")},
    {"cross couplings, equal", RHO_NOT_VARIATIONAL, QUORUM SELF_CROSS},
    {"cross couplings, no kernel", RHO_NOT_VARIATIONAL, QUORUM_LOCAL SELF_CROSS},
    /* one species: local always, functional only with local sensing */
    {"one species, kernel", RHO_LOCAL,
     "fields: {a: density}\nkernels: {K: {shape: bump, radius: 1}}\n"
     "dynamics: {a: {mobility: a, potential: 'log(a) - tanh((conv(K, a) - 1)/0.5)'}}"},
    {"one species", RHO_FUNCTIONAL, "dynamics: {a: {mobility: a, potential: log(a) - tanh((a - 1)/0.5)}}"},
    /* two temperatures with Mayer kernels: mu_i = T_i log c_i + sum_j T_ij conv(M_ij, c_j), M and T symmetric */
    {"two temperatures", RHO_FUNCTIONAL,
     MAYER "dynamics: {A: {mobility: A, potential: 'TA*log(A) + TA*conv(MA, A) + T*conv(MX, B)'},\n"
           "  B: {mobility: B, potential: 'TB*log(B) + TB*conv(MB, B) + T*conv(MX, A)'}}"},
    {"the same kernel twice", RHO_FUNCTIONAL,
     MAYER "dynamics: {A: {mobility: A, potential: 'TA*log(A) + TA*conv(MA, A) + T*conv(MX, B)'},\n"
           "  B: {mobility: B, potential: 'TB*log(B) + TB*conv(MB, B) + T*conv(MY, A)'}}"},
    {"different kernels", RHO_NOT_VARIATIONAL,
     MAYER "dynamics: {A: {mobility: A, potential: 'TA*log(A) + TA*conv(MA, A) + T*conv(MX, B)'},\n"
           "  B: {mobility: B, potential: 'TB*log(B) + TB*conv(MB, B) + T*conv(MZ, A)'}}"},
    {"different temperatures across", RHO_NOT_VARIATIONAL,
     MAYER "dynamics: {A: {mobility: A, potential: 'TA*log(A) + TA*conv(MX, B)'},\n"
           "  B: {mobility: B, potential: 'TB*log(B) + TB*conv(MX, A)'}}"},
    /* square gradients */
    {"Cahn-Hilliard", RHO_FUNCTIONAL, "dynamics: {a: {mobility: 1, potential: a^3 - a - 0.5*lap(a)}}"},
    {"varying stiffness, as derived", RHO_FUNCTIONAL,
     "dynamics: {a: {mobility: 1, potential: 'a^3 - div((1 + a^2)*grad(a)) + a*|grad(a)|^2'}}"},
    {"varying stiffness, by the product rule", RHO_FUNCTIONAL,
     "dynamics: {a: {mobility: 1, potential: 'a^3 - (1 + a^2)*lap(a) - a*|grad(a)|^2'}}"},
    {"varying stiffness, wrong factor", RHO_LOCAL,
     "dynamics: {a: {mobility: 1, potential: 'a^3 - (1 + a^2)*lap(a) - 0.5*a*|grad(a)|^2'}}"},
    {"Active Model B", RHO_LOCAL, "dynamics: {a: {mobility: 1, potential: 'a^3 - a - lap(a) + 0.3*|grad(a)|^2'}}"},
    {"coupled gradients", RHO_FUNCTIONAL,
     "dynamics: {a: {mobility: 1, potential: a + b^2 - 0.3*lap(b)}, b: {mobility: 1, potential: 2*a*b - 0.3*lap(a)}}"},
    {"coupled gradients, one way", RHO_LOCAL,
     "dynamics: {a: {mobility: 1, potential: a + b^2 - 0.3*lap(b)}, b: {mobility: 1, potential: 2*a*b}}"},
    {"nonreciprocal", RHO_NOT_VARIATIONAL,
     "dynamics: {a: {mobility: 1, potential: a^3 + 0.5*b - lap(a)}, b: {mobility: 1, potential: b^3 - 0.5*a - "
     "lap(b)}}"},
    {"conv inside a function", RHO_FUNCTIONAL,
     "kernels: {K: {shape: gaussian, width: 1}}\n"
     "dynamics: {a: {mobility: 1, potential: 'conv(K, sin(conv(K, a)))'}}"},
    {"odd derivative", RHO_LOCAL, "dimensions: [x]\ndynamics: {a: {mobility: 1, potential: 'a + 0.2*d(a, x)'}}"},
    {"one branch", RHO_FUNCTIONAL, "dynamics: {a: {mobility: 1, potential: 'if(a > 0, a^2, -a^3) - lap(a)'}}"},
    {"given", RHO_FUNCTIONAL, "free_energy: a^4 - a^2 + |grad(a)|^2\ndynamics: {a: {mobility: 1}}"},
};

static RhoVerdict VerdictOf(Loaded *m) { return RhoVariationalTest(m->eq, m->value, 0, 0); }

/* Property: the verdicts that theory gives. */
static void KnownModels(void **state) {
  (void)state;
  static const char *const word[] = {"none", "local", "functional"};
  for (int k = 0; k < COUNT(table); k++) {
    Loaded m = LoadText(1, table[k].text);
    RhoVerdict v = VerdictOf(&m);
    if (!v.applicable) fail_msg("%s: not applicable: %s", table[k].what, v.reason);
    if (v.verdict != table[k].verdict) fail_msg("%s: %s, asymmetry %g", table[k].what, word[v.verdict], v.asymmetry);
    Unload(&m);
  }
}

/* Property: a verdict against carries its witness, a verdict for is proved or sampled. */
static void HowItIsKnown(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(table); k++) {
    Loaded m = LoadText(1, table[k].text);
    RhoVerdict v = VerdictOf(&m);
    bool witness = v.witness[0] >= 0 && v.witness[1] >= v.witness[0] && v.asymmetry >= 1e-9;
    if (v.verdict != RHO_FUNCTIONAL && !(witness && v.nsample > 0)) fail_msg("no witness: %s", table[k].what);
    if (v.verdict == RHO_FUNCTIONAL && !v.functional_proved && v.nsample == 0) fail_msg("no ground: %s", table[k].what);
    if (v.verdict == RHO_NOT_VARIATIONAL && v.local_proved) fail_msg("proved and refuted: %s", table[k].what);
    assert_true(v.from == 1e-2 && v.to == 1e3);
    Unload(&m);
  }
}

/* Property: algebra is enough for these. */
static void Proved(void **state) {
  (void)state;
  static const char *const what[] = {"common phi^g, no kernel",
                                     "two temperatures",
                                     "the same kernel twice",
                                     "Cahn-Hilliard",
                                     "varying stiffness, as derived",
                                     "varying stiffness, by the product rule",
                                     "coupled gradients",
                                     "conv inside a function",
                                     "given"};
  for (int k = 0; k < COUNT(what); k++)
    for (int c = 0; c < COUNT(table); c++) {
      if (strcmp(what[k], table[c].what) != 0) continue;
      Loaded m = LoadText(1, table[c].text);
      RhoVerdict v = VerdictOf(&m);
      if (!v.local_proved || !v.functional_proved) fail_msg("not proved: %s", what[k]);
      Unload(&m);
    }
}

/* Property: cross couplings with sigmoids are reciprocal only when both vanish, at whatever values of the others. */
static void CrossCouplings(void **state) {
  (void)state;
  static const double value[][2] = {{0.5, 0.5}, {0.5, -0.5}, {0.5, 0}, {0, -0.01}, {0, 0}};
  Loaded m = LoadText(1, QUORUM SELF_CROSS);
  for (int k = 0; k < COUNT(value); k++) {
    RhoSetting setting[2] = {{"ca", value[k][0], RHO_NOWHERE}, {"cb", value[k][1], RHO_NOWHERE}};
    Bind(&m, 1, 2, setting);
    RhoVerdict v = VerdictOf(&m);
    assert_int_equal(v.verdict, value[k][0] == 0 && value[k][1] == 0 ? RHO_LOCAL : RHO_NOT_VARIATIONAL);
  }
  Unload(&m);
}

/* Property: without a potential the question does not apply, and the reason names the field. */
static void NotApplicable(void **state) {
  (void)state;
  Loaded m = LoadText(1, "dynamics: {a: {mobility: 1, potential: a}, bee: {flux: -grad(bee)}}");
  RhoVerdict v = VerdictOf(&m);
  assert_false(v.applicable);
  assert_non_null(strstr(v.reason, "bee"));
  Unload(&m);
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(KnownModels), cmocka_unit_test(HowItIsKnown),
                                    cmocka_unit_test(Proved), cmocka_unit_test(CrossCouplings),
                                    cmocka_unit_test(NotApplicable)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
