/* The symbol A(q) against other spellings of the same equation, numerical linearisation, and the continuum limit. */
#include "random_formula.h"
#include "ops_private.h"

typedef struct {
  const char *what, *text, *same; /* same: the right-hand sides written as reactions, with operators; NULL: as text */
} Case;

#define HEAD                                                                                                           \
  "fields: {a: density, b: density}\n"                                                                                 \
  "parameters: {D: 0.7, T: 1.3, B: 0.4, k: 0.3, w: 0.5}\n"                                                             \
  "kernels: {K: {shape: gaussian, width: 1}, Y: {shape: yukawa, length: 0.6}}\n"                                       \
  "define: {v: 'exp(-tanh((conv(K, a) - 1)/w) + 0.4*tanh(conv(K, a + b) - 2))', mu: T*log(b) + B*a*b - k*lap(b)}\n"

static const Case table[] = {
    {"quorum sensing",
     HEAD "dynamics: {a: {mobility: a*v^2, potential: log(a) + log(v)}, b: {mobility: b*D, potential: mu}}",
     HEAD "dynamics: {a: {reaction: 'div(a*v^2*grad(log(a) + log(v)))'}, b: {reaction: 'div(b*D*grad(mu))'}}"},
    {"fitted from two gradients",
     HEAD "dynamics: {a: {flux: '-a*v^2*grad(log(v)) - v^2*grad(a)'}, b: {flux: '-D*grad(b) - B*b*grad(a*b)'}}",
     HEAD "dynamics: {a: {reaction: 'div(v*grad(v*a))'}, b: {reaction: 'D*lap(b) + B*div(b*grad(a*b))'}}"},
    {"free energy",
     HEAD "free_energy: T*a*(log(a) - 1) + b^4/4 + B*a*b + k*|grad(b)|^2/2 + w*dot(grad(a), grad(b)) + a*conv(Y, b)\n"
          "dynamics: {a: {mobility: a}, b: {mobility: D}}",
     HEAD "dynamics: {a: {reaction: 'T*lap(a) + div(a*grad(B*b - w*lap(b) + conv(Y, b)))'},\n"
          "  b: {reaction: 'D*lap(b^3 + B*a - k*lap(b) - w*lap(a) + conv(Y, a))'}}"},
    {"reactions, drift, exchange",
     HEAD "dynamics: {a: {flux: -D*grad(a), drift: {x: 0.8*b}, reaction: a*b - a^2}, b: {flux: {x: '-k*grad(b)'}}}\n"
          "exchange: [{from: a, to: 2 b, rate: B*a^2, back: b}]",
     HEAD "dynamics: {a: {reaction: 'D*lap(a) - d(0.8*a*b, x) + a*b - a^2 - B*a^2 + b'},\n"
          "  b: {reaction: 'k*d(d(b, x), x) + 2*(B*a^2 - b)'}}"},
    {"active model B+",
     HEAD "dynamics: {a: {flux: '-grad(a^3 - a - k*lap(a) + B*|grad(a)|^2) + w*lap(a)*grad(a)'}, b: {flux: -grad(b)}}",
     HEAD "dynamics: {a: {reaction: 'lap(a^3 - a - k*lap(a) + B*|grad(a)|^2) - w*div(lap(a)*grad(a))'},\n"
          "  b: {reaction: lap(b)}}"},
    {"conv of products",
     HEAD "dynamics: {a: {mobility: a, potential: 'log(a) + b*conv(Y, a*b) + conv(K, v)'}, b: {reaction: 'conv(K, a*b) "
          "- b'}}",
     HEAD "dynamics: {a: {reaction: 'lap(a) + div(a*grad(b*conv(Y, a*b))) + div(a*grad(conv(K, v)))'},\n"
          "  b: {reaction: 'conv(K, a*b) - b'}}"},
};

enum { NQ = 5 };
static const double wavenumber[NQ] = {0, 0.3, 1, 2.5, 6};

/* Property: the terms of an equation, fitted or not, sum to the flux that was written. */
static void TermsSumToTheFlux(void **state) {
  (void)state;
  uint64_t seed = 2;
  for (int k = 0; k < COUNT(table); k++) {
    Loaded m = LoadText(1, table[k].text), same = LoadText(1, table[k].same);
    double u[2] = {Uniformly(&seed, 0.2, 2), Uniformly(&seed, 0.2, 2)}, size = 1;
    double complex *A = SymbolAlong(&m, RHO_PART_ALL, 1, u, NQ, wavenumber, 0);
    double complex *B = SymbolAlong(&same, RHO_PART_ALL, 1, u, NQ, wavenumber, 0);
    for (int i = 0; i < 4 * NQ; i++) {
      size = fmax(size, cabs(A[i]));
      if (!(cabs(A[i] - B[i]) <= 1e-13 * size))
        fail_msg("%s: entry %d, q = %g", table[k].what, i % 4, wavenumber[i / 4]);
    }
    free(A);
    free(B);
    Unload(&m);
    Unload(&same);
  }
}

/* d_t u_i as one node, from the terms */
static RhoNode RightHandSide(const Loaded *m, int i) {
  RhoGraph graph = m->eq->graph;
  RhoNode sum = m->eq->equation[i].source;
  for (int k = 0; k < m->eq->equation[i].nterm; k++) {
    const RhoTerm *term = &m->eq->equation[i].term[k];
    RhoNode c = term->coef, divergence;
    if (term->kind == RHO_TERM_ADVECTIVE) {
      divergence = RhoGraphApply(graph, RHO_OP_DIFF, 0, &c);
    } else if (term->kind == RHO_TERM_GRADIENT) {
      divergence = RhoGraphApply(graph, RHO_OP_DIVGRAD, 0, (RhoNode[]){c, term->arg});
    } else {
      RhoNode cT = RhoGraph2(graph, RHO_FN_MUL, c, term->T), cu = RhoGraph2(graph, RHO_FN_MUL, c, term->density);
      divergence = RhoGraphApply(graph, RHO_OP_DIVGRAD, 0, (RhoNode[]){cT, term->density});
      if (term->arg >= 0)
        divergence =
            RhoGraphPlus(graph, divergence, RhoGraphApply(graph, RHO_OP_DIVGRAD, 0, (RhoNode[]){cu, term->arg}));
      divergence = RhoGraph1(graph, RHO_FN_NEG, divergence);
    }
    sum = RhoGraphPlus(graph, sum, RhoGraph1(graph, RHO_FN_NEG, divergence));
  }
  for (int e = 0; e < m->eq->nexchange; e++) {
    RhoNode change = RhoGraphConstant(graph, m->model->exchange[e].change[i]);
    sum = RhoGraphPlus(graph, sum, RhoGraphTimes(graph, change, m->model->exchange[e].rate));
  }
  return sum;
}

/* F_i at u + s cos(q x + phase) in field j */
static void Evaluate(const Loaded *m, RhoSample grid, RhoNode F, const double *u, int j, double s, double q,
                     double phase, double h, double *out) {
  RhoArena work = RhoArenaCreate();
  int n = rho_sample_points(grid);
  double *values[2] = {calloc((size_t)n, sizeof(double)), calloc((size_t)n, sizeof(double))};
  rho_sample_begin(grid, work);
  for (int i = 0; i < 2; i++) {
    for (int p = 0; p < n; p++) values[i][p] = u[i] + (i == j ? s * cos(q * p * h + phase) : 0);
    rho_sample_set(grid, m->model->field[i].symbol, values[i]);
  }
  const double *at = rho_sample_values(grid, F);
  assert_non_null(at);
  memcpy(out, at, sizeof(double) * (size_t)n);
  RhoArenaDestroy(&work);
  free(values[0]);
  free(values[1]);
}

/* The part of F(u + s cos) along exp(iqx), by central differences */
static double complex Projected(const Loaded *m, RhoSample grid, RhoNode F, const double *u, int j, double q,
                                double h) {
  enum { MOST = 64 };
  int n = rho_sample_points(grid);
  double up[MOST], down[MOST], s = 1e-4;
  double complex sum = 0;
  Evaluate(m, grid, F, u, j, s, q, 0, h, up);
  Evaluate(m, grid, F, u, j, -s, q, 0, h, down);
  for (int p = 0; p < n; p++) sum += (up[p] - down[p]) / (2 * s) * cexp(-I * q * p * h);
  return 2 * sum / n;
}

static void CompareWithMeasured(Loaded *m, const char *what, int n, double length, int nmode, double tolerance) {
  static const double u[2] = {0.8, 1.1};
  RhoArena arena = RhoArenaCreate();
  RhoSample grid;
  Require(m, rho_sample_create(m->eq, arena, m->value, 1, n, length, &grid), "grid");
  for (int mode = 1; mode <= nmode; mode++) {
    double q = 2 * M_PI * mode / length;
    double complex *A = SymbolAlong(m, RHO_PART_ALL, (int)m->value[m->model->nparameter], u, 1, &q, 0);
    for (int k = 0; k < 4; k++) {
      double complex measured = Projected(m, grid, RightHandSide(m, k / 2), u, k % 2, q, length / n);
      if (!(cabs(measured - A[k]) < tolerance * fmax(1, cabs(A[k]))))
        fail_msg("A_%d = %g%+gi, measured %g%+gi: %s", k, creal(A[k]), cimag(A[k]), creal(measured), cimag(measured),
                 what);
    }
    free(A);
  }
  RhoArenaDestroy(&arena);
}

/* Property: A(q) is the derivative of the right-hand side along plane waves, measured on a periodic grid. */
static void NumericalLinearisation(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(table); k++) {
    Loaded m = LoadText(1, table[k].text);
    CompareWithMeasured(&m, table[k].what, 32, 7, 3, 1e-6);
    Unload(&m);
  }
}

/* Property: the same for random equations. */
static void RandomEquations(void **state) {
  (void)state;
  uint64_t seed = 21;
  for (int k = 0; k < 80; k++) {
    char one[8192], two[8192], text[20000];
    RandomFormula(&seed, 1 + k % 3, one, sizeof one);
    RandomFormula(&seed, 1 + k % 3, two, sizeof two);
    snprintf(text, sizeof text,
             RANDOM_HEAD "dynamics:\n  a: {reaction: \"%s\"}\n  b: {mobility: 1 + a^2, potential: \"%s\"}\n", one, two);
    Loaded m = LoadText(2, text);
    CompareWithMeasured(&m, text, 16, 5, 2, 1e-5);
    Unload(&m);
  }
}

/* Property: the symbol of a grid of spacing h tends to that of the continuum, with an error of second order. */
static void GridTendsToContinuum(void **state) {
  (void)state;
  static const double u[2] = {0.8, 1.1}, q = 1.7;
  for (int k = 0; k < COUNT(table); k++) {
    Loaded m = LoadText(1, table[k].text);
    double complex *exact = SymbolAlong(&m, RHO_PART_ALL, 1, u, 1, &q, 0);
    double error[2] = {0, 0};
    for (int level = 0; level < 2; level++) {
      double complex *A = SymbolAlong(&m, RHO_PART_ALL, 1, u, 1, &q, level ? 0.01 : 0.02);
      for (int i = 0; i < 4; i++) error[level] = Worse(error[level], cabs(A[i] - exact[i]));
      free(A);
    }
    double order = log2(error[0] / error[1]);
    if (!(fabs(order - 2) < 0.01)) fail_msg("%s: order %g", table[k].what, order);
    free(exact);
    Unload(&m);
  }
}

/* Property: many wavenumbers at once, or one at a time; asked once or twice: the same bits. */
static void OneByOne(void **state) {
  (void)state;
  static const double u[2] = {0.8, 1.1};
  Loaded m = LoadText(1, table[0].text);
  double complex *all = SymbolAlong(&m, RHO_PART_ALL, 1, u, NQ, wavenumber, 0);
  for (int k = 0; k < NQ; k++) {
    double complex *one = SymbolAlong(&m, RHO_PART_ALL, 1, u, 1, &wavenumber[k], 0);
    assert_memory_equal(one, all + 4 * k, sizeof *one * 4);
    free(one);
  }
  free(all);
  Unload(&m);
}

/* Property: the stiff part of a linear model without convolutions is all of it. */
static void StiffOfLinear(void **state) {
  (void)state;
  static const double u[2] = {0.8, 1.1};
  Loaded m = LoadText(1, "parameters: {D: 2, k: 0.1}\n"
                         "dynamics: {a: {flux: '-D*grad(a)', reaction: b - a}, b: {reaction: -lap(lap(b)) + a - 3*b}}");
  double complex *A = SymbolAlong(&m, RHO_PART_ALL, 1, u, NQ, wavenumber, 0);
  double complex *S = SymbolAlong(&m, RHO_PART_STIFF, 1, u, NQ, wavenumber, 0);
  for (int i = 0; i < 4 * NQ; i++) assert_true(cabs(A[i] - S[i]) <= 1e-13 * fmax(1, cabs(A[i])));
  free(A);
  free(S);
  Unload(&m);
}

typedef struct {
  const char *text;
  double u[2];
  double s0[4], s2[4], s4[4]; /* S_ij = s0 + s2 q^2 + s4 q^4 */
} Stiff;

static const Stiff stiff[] = {
    {"dynamics: {a: {mobility: 2, potential: a^3 - a - 0.5*lap(a)}, b: {}}", {0.3, 0}, {0}, {0}, {-1, 0, 0, 0}},
    {"fields: {a: density, b: density}\nkernels: {K: {shape: gaussian, width: 1}}\n"
     "dynamics: {a: {mobility: a*b, potential: '3*log(a) + conv(K, b) + b^2'}, b: {}}",
     {2, 4},
     {0},
     {-12, 0, 0, 0},
     {0}},
    {"fields: {a: density, b: density}\n"
     "dynamics: {a: {mobility: a/2, potential: 3*log(a) + 5*b - 0.1*lap(a) - 0.2*lap(b)}, b: {}}",
     {2, 4},
     {0},
     {-1.5, 0, 0, 0},
     {-0.1, -0.2, 0, 0}},
    {"dynamics: {a: {flux: -2*grad(a), reaction: a^2*b - a}, b: {flux: -3*grad(b), reaction: 1 - a^2*b}}",
     {2, 5},
     {19, 4, -20, -4},
     {-2, 0, 0, -3},
     {0}},
    {"dynamics: {a: {reaction: 0.3*a - a - 2*lap(a) - lap(lap(a)) - a^3 + b}, b: {}}",
     {2, 5},
     {-0.7, 1, 0, 0},
     {2, 0, 0, 0},
     {-1, 0, 0, 0}},
    {"dynamics: {a: {flux: '-grad(a^3 - a - lap(a)) + (1 + a^2)*grad(a)'}, b: {flux: '-(1 + b^2)*grad(b)'}}",
     {2, 3},
     {0},
     {0, 0, 0, -10},
     {-1, 0, 0, 0}},
    {"dimensions: [x]\ndynamics: {a: {flux: {x: '5*a - 2*grad(a)'}}, b: {}}", {2, 5}, {0}, {-2, 0, 0, 0}, {0}},
};

/* Property: the stiff part is what stiff.c says: no convolution, no drift, no f'(phi) beside kappa lap phi. */
static void StiffParts(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(stiff); k++) {
    Loaded m = LoadText(1, stiff[k].text);
    double complex *S = SymbolAlong(&m, RHO_PART_STIFF, 1, stiff[k].u, NQ, wavenumber, 0);
    for (int w = 0; w < 4 * NQ; w++) {
      double q2 = wavenumber[w / 4] * wavenumber[w / 4];
      double is = stiff[k].s0[w % 4] + stiff[k].s2[w % 4] * q2 + stiff[k].s4[w % 4] * q2 * q2;
      if (!(cabs(S[w] - is) <= 1e-13 * fmax(1, fabs(is))))
        fail_msg("S_%d at q^2 = %g: %g, not %g: %s", w % 4, q2, creal(S[w]), is, stiff[k].text);
    }
    free(S);
    Unload(&m);
  }
}

/* Property: laplace, where given, stands for lap and for the gradients in all directions, the sum of s for neither. */
static void GivenLaplace(void **state) {
  (void)state;
  static const double u[2] = {1, 1}, laplace = 3, s = 100;
  Loaded m = LoadText(1, "dynamics: {a: {flux: '-2*grad(a) + 5*grad(lap(a))'}, b: {flux: {x: '-grad(b)'}}}");
  RhoWaves waves = {.n = 1, .s = {&s}, .laplace = &laplace};
  double complex A[4];
  Require(&m, RhoSymbol(m.eq, RHO_PART_ALL, m.value, u, &waves, A), "symbol");
  assert_true(A[0] == -2 * 3 - 5 * 9 && A[3] == -100);
  Unload(&m);
}

/* Property: with a coefficient that depends on a coordinate there is no symbol, unless one says where. */
static void NoSymbol(void **state) {
  (void)state;
  static const double u[1] = {1}, q = 1;
  Loaded m = LoadText(1, "dimensions: [x]\ndynamics: {P: {flux: '-(1 + x)*grad(P)'}}");
  RhoArena arena = RhoArenaCreate();
  RhoWaves waves;
  double complex A;
  const double *all[RHO_MAXDIM] = {&q, NULL, NULL};
  Require(&m, RhoWavesCreate(m.eq, arena, 1, m.value, 1, all, NULL, &waves), "waves");
  assert_int_equal(RhoSymbol(m.eq, RHO_PART_ALL, m.value, u, &waves, &A), RHO_INPUT);
  waves.place = (double[]){0.5, 0, 0};
  Require(&m, RhoSymbol(m.eq, RHO_PART_ALL, m.value, u, &waves, &A), "symbol");
  assert_true(A == -1.5);
  RhoArenaDestroy(&arena);
  Unload(&m);
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(TermsSumToTheFlux), cmocka_unit_test(NumericalLinearisation),
                                    cmocka_unit_test(RandomEquations),   cmocka_unit_test(GridTendsToContinuum),
                                    cmocka_unit_test(OneByOne),          cmocka_unit_test(StiffOfLinear),
                                    cmocka_unit_test(StiffParts),        cmocka_unit_test(GivenLaplace),
                                    cmocka_unit_test(NoSymbol)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
