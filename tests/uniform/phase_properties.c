/* Properties that every phase diagram has, over shipped models at many parameters. */
#include "uniform_check.h"
#include "rhoflux/phase.h"

enum { NZ = 24, NFLASH = NZ * NZ, MOSTSETTING = 16 };

typedef struct {
  Loaded m;
  RhoArena arena;
  RhoPhaseDiagram d;
  double to[2], flash[2 * NFLASH];
  RhoPhaseRequest request;
  int nsetting;
  RhoSetting setting[MOSTSETTING];
} Made;

static void Make(Made *made, double a, double b, int nflash) {
  static const double from[2] = {0, 0};
  made->to[0] = a;
  made->to[1] = b;
  for (int k = 0; k < nflash; k++) {
    made->flash[2 * k] = a * (k % NZ + 0.5) / NZ;
    made->flash[2 * k + 1] = b * (k / NZ + 0.5) / NZ;
  }
  made->request = (RhoPhaseRequest){
      .from = from, .to = made->to, .parameter = -1, .nflash = nflash, .flash = made->flash, .tangents = true};
  made->arena = RhoArenaCreate();
  Bind(&made->m, 1, made->nsetting, made->setting);
  RhoStatus status = RhoPhaseDiagramMake(made->m.eq, made->m.value, &made->request, made->arena, &made->d);
  Require(&made->m, status, "diagram");
}

static void Free(Made *made) {
  RhoArenaDestroy(&made->arena);
  Unload(&made->m);
}

static void Set(Made *made, const char *name, double value) {
  made->setting[made->nsetting++] = (RhoSetting){name, value, RHO_NOWHERE};
}

static void SetQuorum(Made *made, uint64_t *seed, bool swapped) {
  static const char *const name[2][3] = {{"k_self[a]", "rho_self[a]", "w_self[a]"},
                                         {"k_self[b]", "rho_self[b]", "w_self[b]"}};
  for (int s = 0; s < 2; s++) {
    Set(made, name[s ^ swapped][0], Uniformly(seed, -2, -0.5));
    Set(made, name[s ^ swapped][1], Uniformly(seed, 0.6, 1.4));
    Set(made, name[s ^ swapped][2], Uniformly(seed, 0.35, 0.7));
  }
  Set(made, "k_glob", Uniformly(seed, -1, 1));
}

static void SetTwo(Made *made, uint64_t *seed) {
  double beta = Uniformly(seed, 1, 3);
  Set(made, "T[A]", exp(Uniformly(seed, 2, 4.5)));
  Set(made, "zeta[B]", Uniformly(seed, 0.5, 2));
  Set(made, "B[A,B]", beta);
  Set(made, "B[B,A]", beta);
}

/* ---- regions --------------------------------------------------------------------------------------------------------
 */

static double Cross(const double *a, const double *b, const double *z) {
  return (b[0] - a[0]) * (z[1] - a[1]) - (b[1] - a[1]) * (z[0] - a[0]);
}

/* How often the tie lines of a family sweep over z. */
static int Sweeps(const RhoPhaseFamily *family, const double *z) {
  int n = 0;
  for (int k = 0; k + 1 < family->npoint; k++) {
    const double *a[2] = {family->first + 2 * k, family->first + 2 * k + 2};
    const double *b[2] = {family->second + 2 * k, family->second + 2 * k + 2};
    double side[2] = {Cross(a[0], b[0], z), Cross(a[1], b[1], z)}, along[2];
    if ((side[0] > 0) == (side[1] > 0)) continue;
    for (int q = 0; q < 2; q++) {
      double x = b[q][0] - a[q][0], y = b[q][1] - a[q][1];
      along[q] = ((z[0] - a[q][0]) * x + (z[1] - a[q][1]) * y) / (x * x + y * y);
    }
    double s = side[0] / (side[0] - side[1]), t = (1 - s) * along[0] + s * along[1];
    n += t > 0 && t < 1;
  }
  return n;
}

static bool IsWithin(const RhoPhaseSet *set, const double *z) {
  const double *a = set->state, *b = a + 2, *c = a + 4;
  bool p = Cross(a, b, z) > 0, q = Cross(b, c, z) > 0, r = Cross(c, a, z) > 0;
  return p == q && q == r;
}

/* Stable two- and three-phase regions of z. */
static int Regions(const RhoPhaseDiagram *d, const double *z, bool *three) {
  int n = 0;
  *three = false;
  for (int k = 0; k < d->nfamily; k++)
    if (d->family[k].stability == RHO_PHASE_STABLE) n += Sweeps(&d->family[k], z);
  for (int k = 0; k < d->nset; k++)
    if (d->set[k].stability == RHO_PHASE_STABLE && IsWithin(&d->set[k], z)) *three = true, n++;
  return n;
}

static void CheckLever(const RhoPhaseFlash *flash) {
  double sum = 0, z[2] = {0, 0};
  for (int a = 0; a < flash->nphase; a++) {
    assert_true(flash->fraction[a] >= 0);
    sum += flash->fraction[a];
    for (int i = 0; i < 2; i++) z[i] += flash->fraction[a] * flash->state[2 * a + i];
  }
  assert_near(sum, 1, 1e-14, "sum of the fractions");
  for (int i = 0; i < 2; i++) assert_near(z[i], flash->composition[i], 1e-12, "lever rule");
}

/* Property: every composition is in one region at most, and separates into as many phases as that has; Gibbs's phase
   rule; fractions make up the composition; f of the mixture is nowhere below that of its phases. */
static void CheckRegions(const Made *made) {
  const RhoPhaseDiagram *d = &made->d;
  int nodd = 0;
  assert_int_equal(d->nunexplained, 0);
  for (int k = 0; k < d->nflash; k++) {
    const RhoPhaseFlash *flash = &d->flash[k];
    bool three;
    int n = Regions(d, flash->composition, &three), phases = n == 0 ? 1 : three ? 3 : 2;
    assert_in_range(flash->nphase, 1, 3);
    assert_true(flash->height >= -1e-12 && flash->residual < 1e-10);
    CheckLever(flash);
    nodd += n > 1 || flash->nphase != phases;
  }
  assert_true(nodd <= d->nflash / 200); /* binodals are drawn with chords: a composition may be between */
}

static bool Cut(const double *a, const double *b, const double *c, const double *e) {
  return (Cross(a, b, c) > 0) != (Cross(a, b, e) > 0) && (Cross(c, e, a) > 0) != (Cross(c, e, b) > 0);
}

/* Property: stable tie lines never cross each other. */
static void CheckCrossings(const RhoPhaseDiagram *d) {
  for (int c = 0; c < d->nfamily; c++)
    for (int e = 0; e <= c; e++) {
      const RhoPhaseFamily *f = &d->family[c], *g = &d->family[e];
      if (f->stability != RHO_PHASE_STABLE || g->stability != RHO_PHASE_STABLE) continue;
      for (int k = 1; k + 1 < f->npoint; k += 3)
        for (int q = 1; q + 1 < g->npoint; q += 3) {
          if (c == e && k == q) continue;
          assert_false(Cut(f->first + 2 * k, f->second + 2 * k, g->first + 2 * q, g->second + 2 * q));
        }
    }
}

/* Property: along families mu and p are those of both phases. */
static void CheckEquality(const Made *made) {
  const RhoPhaseDiagram *d = &made->d;
  for (int c = 0; c < d->nfamily; c++)
    for (int k = 0; k < d->family[c].npoint; k += 7)
      for (int i = 0; i < 2; i++) {
        const double *u = d->family[c].second + 2 * k;
        double mu = RhoLocalValue(made->m.eq, RhoLocalPotential(made->m.eq, i), made->m.value, u);
        assert_near(d->family[c].mu[2 * k + i], mu, 1e-11, "mu");
      }
}

static void TwoTemperatures(void **state) {
  (void)state;
  uint64_t seed = 3;
  for (int k = 0; k < 5; k++) {
    Made made = {.m = LoadFile("two_temperature", 1)};
    SetTwo(&made, &seed);
    Make(&made, 2, 3, NFLASH);
    CheckRegions(&made);
    CheckCrossings(&made.d);
    CheckEquality(&made);
    Free(&made);
  }
}

static void QuorumSensing(void **state) {
  (void)state;
  uint64_t seed = 4;
  for (int k = 0; k < 5; k++) {
    Made made = {.m = LoadFile("quorum_sensing", 1)};
    SetQuorum(&made, &seed, false);
    Make(&made, 4, 4, NFLASH);
    CheckRegions(&made);
    CheckCrossings(&made.d);
    CheckEquality(&made);
    Free(&made);
  }
}

/* ---- what must not matter -------------------------------------------------------------------------------------------
 */

/* Each triangle and critical point of one is among those of the other, with fields swapped if asked. */
static void SameFeatures(const RhoPhaseDiagram *a, const RhoPhaseDiagram *b, bool swapped) {
  assert_int_equal(a->nset, b->nset);
  assert_int_equal(a->ncritical, b->ncritical);
  for (int k = 0; k < a->nset; k++)
    for (int q = 0; q < 3; q++) {
      double least = INFINITY;
      for (int j = 0; j < b->nset * 3; j++) {
        const double *u = a->set[k].state + 2 * q, *v = b->set[j / 3].state + 2 * (j % 3);
        least = fmin(least, fmax(fabs(u[0] - v[swapped]), fabs(u[1] - v[!swapped])));
      }
      assert_true(least < 1e-11);
    }
  for (int k = 0; k < a->ncritical; k++) {
    double least = INFINITY;
    for (int j = 0; j < b->ncritical; j++) {
      const double *u = a->critical[k].state, *v = b->critical[j].state;
      if (a->critical[k].stability != b->critical[j].stability) continue;
      least = fmin(least, fmax(fabs(u[0] - v[swapped]), fabs(u[1] - v[!swapped])));
    }
    assert_true(least < 1e-9);
  }
}

/* Property: nothing depends on which species is the first, nor on how the window is sampled. */
static void OrderAndSampling(void **state) {
  (void)state;
  for (int k = 0; k < 4; k++) {
    uint64_t first = 21 + (uint64_t)k, second = first, third = first;
    Made made = {.m = LoadFile("quorum_sensing", 1)}, other = made, moved = made;
    other.m = LoadFile("quorum_sensing", 1);
    moved.m = LoadFile("quorum_sensing", 1);
    SetQuorum(&made, &first, false);
    SetQuorum(&other, &second, true);
    SetQuorum(&moved, &third, false);
    Make(&made, 4, 4, 0);
    Make(&other, 4, 4, 0);
    Make(&moved, 4.0037, 4.0041, 0);
    SameFeatures(&made.d, &other.d, true);
    SameFeatures(&made.d, &moved.d, false);
    Free(&made);
    Free(&other);
    Free(&moved);
  }
}

/* ---- three fields ----------------------------------------------------------------------------------------------- */

/* Property: with one species almost gone, the phases of the other two: at 1e-9 of it, the flash of two species to 1e-8;
   all sets share mu; fractions make up the composition. */
static void ThreeSpecies(void **state) {
  (void)state;
  Loaded two = LoadFile("quorum_sensing", 1), three = LoadFile(RHO_SOURCE_DIR "/models/quorum_sensing/three.yaml", 1);
  RhoSetting setting[2] = {{"k_self[a]", -1, RHO_NOWHERE}, {"k_self[b]", -0.9, RHO_NOWHERE}};
  double from[3] = {0}, to[3] = {4, 4, 4}, z2[4] = {1.2, 1.2, 0.8, 0.8}, z3[6] = {1.2, 1.2, 1e-9, 0.8, 0.8, 1e-9};
  Bind(&two, 1, 2, setting);
  RhoArena arena = RhoArenaCreate();
  RhoPhaseRequest a = {.from = from, .to = to, .parameter = -1, .nflash = 2, .flash = z2, .tangents = true}, b = a;
  b.flash = z3;
  RhoPhaseDiagram d2, d3;
  Require(&two, RhoPhaseDiagramMake(two.eq, two.value, &a, arena, &d2), "two species");
  Require(&three, RhoPhaseDiagramMake(three.eq, three.value, &b, arena, &d3), "three species");
  assert_int_equal(d3.nunexplained, 0);
  assert_true(d3.nset > 10 && d3.family->npoint > 100 && d3.spinodal->npoint > 100);
  for (int k = 0; k < d3.nset; k++) assert_true(d3.set[k].residual < 1e-12);
  for (int k = 0; k < 2; k++) {
    assert_int_equal(d3.flash[k].nphase, d2.flash[k].nphase);
    double sum[3] = {0};
    for (int p = 0; p < d3.flash[k].nphase; p++) {
      double least = INFINITY;
      const double *u = d3.flash[k].state + 3 * p;
      for (int q = 0; q < d2.flash[k].nphase; q++) {
        const double *v = d2.flash[k].state + 2 * q;
        least = fmin(least, fmax(fabs(u[0] - v[0]), fabs(u[1] - v[1])));
      }
      assert_true(least < 1e-8);
      for (int i = 0; i < 3; i++) sum[i] += d3.flash[k].fraction[p] * u[i];
    }
    for (int i = 0; i < 3; i++) assert_true(fabs(sum[i] / z3[3 * k + i] - 1) < 1e-10);
  }
  RhoArenaDestroy(&arena);
  Unload(&two);
  Unload(&three);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TwoTemperatures), cmocka_unit_test(QuorumSensing),
                                     cmocka_unit_test(OrderAndSampling), cmocka_unit_test(ThreeSpecies)};
  setenv("RHOFLUX_MODELS", RHO_SOURCE_DIR "/models", 1);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
