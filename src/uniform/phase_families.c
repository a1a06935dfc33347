/* phase_families.c - families of tie lines: where they are stable, and the triangles where they stop to be. */
#include "phase_private.h"
#include <math.h>
#include <string.h>

/* ---- stability -------------------------------------------------------------------------------------------------- */

static RhoStatus AtPoint(RhoPhases *p, const double *x) {
  if (p->nx == p->n || p->lambda == x[p->n]) return RHO_OK;
  return rho_samples_at(p, x[p->n]);
}

/* lowest[nx]: the state that is lower, when it is not stable. */
static RhoPhaseStability Stability(RhoPhases *p, const double *x1, const double *x2, double *lowest) {
  double phase[2 * MOSTX];
  if (!rho_locally_stable(p, x1) || !rho_locally_stable(p, x2)) return RHO_PHASE_UNSTABLE;
  if (AtPoint(p, x1)) return RHO_PHASE_UNSTABLE;
  memcpy(phase, x1, sizeof *x1 * (size_t)p->nx);
  memcpy(phase + p->nx, x2, sizeof *x2 * (size_t)p->nx);
  double height = rho_tangent_plane(p, 2, phase, lowest);
  return height < -rho_tangent_round_off(p, x1) ? RHO_PHASE_METASTABLE : RHO_PHASE_STABLE;
}

/* ---- triangles -------------------------------------------------------------------------------------------------- */

static bool SameState(const RhoPhases *p, const double *a, const double *b) {
  for (int i = 0; i < p->n; i++)
    if (fabs(a[i] - b[i]) > 1e-7 * (p->request->to[i] - p->request->from[i])) return false;
  return p->nx == p->n || fabs(a[p->n] - b[p->n]) < 1e-7 * (p->request->parameter_to - p->request->parameter_from);
}

static int CornerAt(const RhoPhases *p, const RhoPhaseSet *set, const double *state) {
  for (int a = 0; a < set->nphase; a++)
    if (SameState(p, set->state + a * p->nx, state)) return a;
  return -1;
}

static bool AllDistinct(const RhoPhases *p, const RhoPhaseSet *set) {
  for (int a = 0; a < set->nphase; a++)
    if (CornerAt(p, set, set->state + a * p->nx) != a) return false;
  return true;
}

static int KnownSet(const RhoFamilies *families, const RhoPhaseSet *set) {
  for (int k = 0; k < families->nset; k++) {
    bool same = true;
    for (int a = 0; a < set->nphase; a++)
      same = same && CornerAt(families->p, &families->set[k], set->state + a * families->p->nx) >= 0;
    if (same) return k;
  }
  return -1;
}

int rho_families_set_near(RhoFamilies *families, int nphase, double *x) {
  RhoPhases *p = families->p;
  double t[MOSTPHASES], lowest[MOSTX];
  if (!rho_phases_solve(p, nphase, NULL, x, t) || AtPoint(p, x)) return -1;
  RhoPhaseSet set = {.nphase = nphase, .state = RhoArenaAlloc(p->arena, sizeof(double) * (size_t)(nphase * p->nx))};
  for (int a = 0; a < nphase; a++) {
    RhoLocalFields(p->local, x + a * p->nx, set.state + a * p->nx);
    if (p->nx > p->n) set.state[a * p->nx + p->n] = x[p->n];
  }
  if (!AllDistinct(p, &set)) return -1;
  int known = KnownSet(families, &set);
  if (known >= 0) return known;
  set.mu = RhoArenaAlloc(p->arena, sizeof(double) * (size_t)p->n);
  RhoLocalPotentials(p->local, 1, x, set.mu, NULL, NULL);
  set.p = rho_pressure(p, x);
  set.residual = rho_phases_residual(p, nphase, x);
  bool below = rho_tangent_plane(p, nphase, x, lowest) < -rho_tangent_round_off(p, x);
  set.stability = below ? RHO_PHASE_METASTABLE : RHO_PHASE_STABLE;
  for (int a = 0; a < nphase; a++)
    if (!rho_locally_stable(p, x + a * p->nx)) set.stability = RHO_PHASE_UNSTABLE;
  *RHO_PUSH(p->arena, families->set, families->nset, families->nsetcapacity) = set;
  return families->nset - 1;
}

/* ---- one family ------------------------------------------------------------------------------------------------- */

static void SetPoint(RhoPhases *p, RhoTies *ties, int k) {
  int nx = p->nx;
  rho_tie_phases(p, ties->curve.y + k * ties->curve.m, ties->x[0] + k * nx, ties->x[1] + k * nx);
  for (int side = 0; side < 2; side++) RhoLocalFields(p->local, ties->x[side] + k * nx, ties->u[side] + k * p->n);
}

static void Reserve(RhoPhases *p, RhoTies *ties, int npoint) {
  for (int side = 0; side < 2; side++) {
    ties->x[side] = RhoArenaAlloc(p->arena, sizeof(double) * (size_t)(npoint * p->nx));
    ties->u[side] = RhoArenaAlloc(p->arena, sizeof(double) * (size_t)(npoint * p->n));
  }
  ties->stability = RhoArenaAlloc(p->arena, sizeof *ties->stability * (size_t)npoint);
  ties->edge = RhoArenaAlloc(p->arena, sizeof *ties->edge * (size_t)npoint);
}

/* The tie line of the triangle's corners a, b in the unknowns of the family, in its sense. */
static void EdgeUnknowns(const RhoPhases *p, const RhoPhaseSet *set, int a, int b, const double *like, double *y) {
  double x1[MOSTX], x2[MOSTX];
  RhoLocalCoordinates(p->local, set->state + a * p->nx, x1);
  RhoLocalCoordinates(p->local, set->state + b * p->nx, x2);
  if (p->nx > p->n) x1[p->n] = x2[p->n] = set->state[p->n];
  rho_tie_pack(p, x1, x2, y);
  if (like[2 * p->n] < 0)
    for (int i = 0; i <= p->n; i++) y[p->n + i] = -y[p->n + i];
}

/* How far y is along the way from point k to point k + 1: 0 to 1; far off it: -1. */
static double Between(const RhoCurve *curve, int k, const double *y) {
  const double *a = curve->y + k * curve->m, *b = a + curve->m;
  double along = 0, length = 0, off = 0;
  for (int i = 0; i < curve->m; i++) {
    along += (y[i] - a[i]) * (b[i] - a[i]);
    length += (b[i] - a[i]) * (b[i] - a[i]);
  }
  double s = along / length;
  for (int i = 0; i < curve->m; i++) {
    double miss = y[i] - a[i] - s * (b[i] - a[i]);
    off += miss * miss;
  }
  return off < 0.01 * length + 1e-16 && s >= -1e-9 && s <= 1 + 1e-9 ? s : -1;
}

/* Takes the edge into the family, behind point k. */
static void Insert(RhoPhases *p, RhoTies *ties, int k, const double *y, int set) {
  RhoTies old = *ties;
  int m = old.curve.m, n = old.curve.npoint;
  ties->curve.npoint = n + 1;
  ties->curve.y = RhoArenaAlloc(p->arena, sizeof(double) * (size_t)((n + 1) * m));
  ties->curve.tangent = RhoArenaAlloc(p->arena, sizeof(double) * (size_t)((n + 1) * m));
  Reserve(p, ties, n + 1);
  for (int q = 0; q <= n; q++) {
    int from = q <= k ? q : q - 1;
    const double *source = q == k + 1 ? y : old.curve.y + from * m;
    memcpy(ties->curve.y + q * m, source, sizeof *y * (size_t)m);
    memcpy(ties->curve.tangent + q * m, old.curve.tangent + from * m, sizeof *y * (size_t)m);
    ties->stability[q] = q == k + 1 ? RHO_PHASE_STABLE : old.stability[from];
    ties->edge[q] = q == k + 1 ? set : old.edge[from];
    SetPoint(p, ties, q);
  }
}

/* Every edge of the triangle that is a tie line of the family. */
static void InsertEdges(RhoPhases *p, RhoTies *ties, int number, const RhoPhaseSet *set) {
  double y[RHO_TRACE_MAX];
  for (int a = 0; a < set->nphase; a++)
    for (int b = 0; b < set->nphase; b++) {
      if (a == b) continue;
      EdgeUnknowns(p, set, a, b, ties->curve.y, y);
      int k = 0, last = ties->curve.npoint - 1;
      while (k < last && Between(&ties->curve, k, y) < 0) k++;
      if (k < last && ties->edge[k] != number && ties->edge[k + 1] != number) Insert(p, ties, k, y, number);
    }
}

void rho_families_cut(RhoFamilies *families) {
  for (int s = 0; s < families->nset; s++)
    for (int c = 0; c < families->nties && families->set[s].stability == RHO_PHASE_STABLE; c++)
      InsertEdges(families->p, &families->ties[c], s, &families->set[s]);
}

/* Where stability changes between neighbours there is a triangle, or over a parameter a triple point: its third corner
 * is what is lower on the far side. */
static void FindTriangles(RhoFamilies *families, RhoTies *ties, double (*lowest)[MOSTX]) {
  RhoPhases *p = families->p;
  int nx = p->nx, n = ties->curve.npoint;
  if (nx != 2) return;
  for (int k = 0; k + 1 < n; k++) {
    if ((ties->stability[k] == RHO_PHASE_STABLE) == (ties->stability[k + 1] == RHO_PHASE_STABLE)) continue;
    int far = ties->stability[k] == RHO_PHASE_STABLE ? k + 1 : k, near = 2 * k + 1 - far;
    double x[3 * MOSTX];
    if (ties->stability[far] != RHO_PHASE_METASTABLE) continue;
    memcpy(x, ties->x[0] + near * nx, sizeof *x * (size_t)nx);
    memcpy(x + nx, ties->x[1] + near * nx, sizeof *x * (size_t)nx);
    memcpy(x + 2 * nx, lowest[far], sizeof *x * (size_t)nx);
    rho_families_set_near(families, 3, x);
  }
}

/* At a critical point and on a spinodal stability is decided by round-off. */
static void EndsLikeNeighbours(RhoTies *ties) {
  int last = ties->curve.npoint - 1;
  for (int side = 0; side < 2; side++) {
    RhoPhaseEndKind kind = ties->curve.end[side].kind;
    if (kind == RHO_PHASE_CRITICAL || kind == RHO_PHASE_SPINODAL)
      ties->stability[side ? last : 0] = ties->stability[side ? last - 1 : 1];
  }
}

bool rho_families_add(RhoFamilies *families, const double *y, bool critical) {
  RhoPhases *p = families->p;
  RhoTie tie = {p, NULL, false};
  RhoSystem system = rho_tie_system(&tie);
  if (!critical && !rho_tie_is_inside(p, y)) return false;
  for (int c = 0; c < families->nties && !critical; c++)
    if (rho_curve_has(&system, p->n, 1, &families->ties[c].curve, y)) return true;
  RhoTies ties = {.curve = rho_curve_ties(p, y)};
  int npoint = ties.curve.npoint;
  if (npoint < 1 || (npoint < 2 && system.m > system.n)) return false;
  Reserve(p, &ties, npoint);
  double(*lowest)[MOSTX] = RhoArenaAlloc(p->arena, sizeof *lowest * (size_t)npoint);
  for (int k = 0; k < npoint; k++) {
    SetPoint(p, &ties, k);
    ties.edge[k] = -1;
    ties.stability[k] = Stability(p, ties.x[0] + k * p->nx, ties.x[1] + k * p->nx, lowest[k]);
  }
  EndsLikeNeighbours(&ties);
  FindTriangles(families, &ties, lowest);
  *RHO_PUSH(p->arena, families->ties, families->nties, families->ntiescapacity) = ties;
  return true;
}

/* ---- where a composition is ------------------------------------------------------------------------------------- */

/* On which side of the tie line k the composition is, and how far along it. */
static double Side(const RhoPhases *p, const RhoTies *ties, int k, const double *z, double *along) {
  const double *a = ties->u[0] + k * p->n, *b = ties->u[1] + k * p->n;
  if (p->n == 1) {
    *along = (z[0] - a[0]) / (b[0] - a[0]);
    return p->nx == 1 ? 0 : ties->x[0][k * p->nx + 1] - p->lambda;
  }
  double w[2] = {p->request->to[0] - p->request->from[0], p->request->to[1] - p->request->from[1]};
  double d[2] = {(b[0] - a[0]) / w[0], (b[1] - a[1]) / w[1]}, e[2] = {(z[0] - a[0]) / w[0], (z[1] - a[1]) / w[1]};
  *along = (d[0] * e[0] + d[1] * e[1]) / (d[0] * d[0] + d[1] * d[1]);
  return d[0] * e[1] - d[1] * e[0];
}

static bool Stable(const RhoTies *ties, int k) {
  return ties->stability[k] == RHO_PHASE_STABLE && ties->stability[k + 1] == RHO_PHASE_STABLE;
}

static int FindIsolated(const RhoFamilies *families, const double *z, bool any, double *y, double *fraction) {
  for (int c = 0; c < families->nties; c++) {
    const RhoTies *ties = &families->ties[c];
    Side(families->p, ties, 0, z, fraction);
    if (!(*fraction >= 0 && *fraction <= 1) || !(any || ties->stability[0] == RHO_PHASE_STABLE)) continue;
    memcpy(y, ties->curve.y, sizeof *y * (size_t)ties->curve.m);
    return c;
  }
  return -1;
}

int rho_families_find(const RhoFamilies *families, const double *z, bool any, double *y, double *fraction) {
  const RhoPhases *p = families->p;
  if (p->n > 2) return -1;
  if (p->nx == 1) return FindIsolated(families, z, any, y, fraction);
  for (int c = 0; c < families->nties; c++) {
    const RhoTies *ties = &families->ties[c];
    double along[2], before = Side(p, ties, 0, z, &along[0]), here;
    for (int k = 0; k + 1 < ties->curve.npoint; k++, before = here, along[0] = along[1]) {
      here = Side(p, ties, k + 1, z, &along[1]);
      if ((before > 0) == (here > 0) || !(any || Stable(ties, k))) continue;
      double s = before / (before - here), t = (1 - s) * along[0] + s * along[1];
      if (!(t >= 0 && t <= 1)) continue;
      const double *a = ties->curve.y + k * ties->curve.m, *b = a + ties->curve.m;
      for (int i = 0; i < ties->curve.m; i++) y[i] = (1 - s) * a[i] + s * b[i];
      *fraction = t;
      return c;
    }
  }
  return -1;
}

int rho_families_set(const RhoFamilies *families, const double *z, double *fraction) {
  const RhoPhases *p = families->p;
  for (int k = 0; k < families->nset; k++) {
    const RhoPhaseSet *set = &families->set[k];
    double u[MOSTX * MOSTFIELDS];
    bool within = set->stability == RHO_PHASE_STABLE && set->nphase == p->n + 1;
    for (int a = 0; a < set->nphase && within; a++)
      memcpy(u + a * p->n, set->state + a * p->nx, sizeof *u * (size_t)p->n);
    within = within && rho_barycentric(p->n, u, z, fraction);
    for (int a = 0; a < set->nphase && within; a++) within = fraction[a] >= 0;
    if (within) return k;
  }
  return -1;
}

/* ---- the result ------------------------------------------------------------------------------------------------- */

static RhoPhaseEnd PieceEnd(const RhoPhases *p, const RhoTies *ties, int k, int side) {
  double x[2 * MOSTX];
  if (ties->edge[k] >= 0) return (RhoPhaseEnd){RHO_PHASE_TRIANGLE, ties->edge[k]};
  if (side ? k < ties->curve.npoint - 1 : k > 0) return (RhoPhaseEnd){RHO_PHASE_LOST, -1};
  for (int a = 0; a < 2; a++) memcpy(x + a * p->nx, ties->x[a] + k * p->nx, sizeof *x * (size_t)p->nx);
  return rho_named_end(p, ties->curve.end[side], 2, x);
}

static void KeepPiece(RhoFamilies *families, const RhoTies *ties, int first, int last, int *capacity) {
  RhoPhases *p = families->p;
  RhoPhaseDiagram *out = p->out;
  size_t npoint = (size_t)(last - first + 1), nx = (size_t)p->nx, n = (size_t)p->n;
  RhoPhaseFamily *family = RHO_PUSH(p->arena, out->family, out->nfamily, *capacity);
  *family = (RhoPhaseFamily){.npoint = (int)npoint, .stability = ties->stability[first + (last > first)]};
  family->first = RhoArenaAlloc(p->arena, sizeof(double) * npoint * nx);
  family->second = RhoArenaAlloc(p->arena, sizeof(double) * npoint * nx);
  family->mu = RhoArenaAlloc(p->arena, sizeof(double) * npoint * n);
  family->p = RhoArenaAlloc(p->arena, sizeof(double) * npoint);
  for (int k = first; k <= last; k++) {
    double *states[2] = {family->first + (k - first) * p->nx, family->second + (k - first) * p->nx};
    for (int side = 0; side < 2; side++) {
      memcpy(states[side], ties->u[side] + k * p->n, sizeof(double) * n);
      if (nx > n) states[side][n] = ties->x[side][k * p->nx + p->n];
    }
    RhoLocalPotentials(p->local, 1, ties->x[0] + k * p->nx, family->mu + (k - first) * p->n, NULL, NULL);
    family->p[k - first] = rho_pressure(p, ties->x[0] + k * p->nx);
  }
  family->end[0] = PieceEnd(p, ties, first, 0);
  family->end[1] = PieceEnd(p, ties, last, 1);
}

void rho_families_result(RhoFamilies *families) {
  RhoPhases *p = families->p;
  int capacity = 0;
  for (int c = 0; c < families->nties; c++) {
    RhoTies *ties = &families->ties[c];
    int first = 0, n = ties->curve.npoint;
    if (n == 1) KeepPiece(families, ties, 0, 0, &capacity);
    for (int k = 1; k < n; k++) {
      bool edge = ties->edge[k] >= 0,
           change = !edge && ties->edge[k - 1] < 0 && ties->stability[k] != ties->stability[k - 1];
      if (change) {
        KeepPiece(families, ties, first, k - 1, &capacity);
        first = k;
      } else if (edge || k == n - 1) {
        KeepPiece(families, ties, first, k, &capacity);
        first = k;
      }
    }
  }
  p->out->nset = families->nset;
  p->out->set = families->set;
}
