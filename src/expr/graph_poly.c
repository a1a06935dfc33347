/* graph_poly.c - polynomials over atoms: coefficients, products of atoms, sums, powers, the test for zero. */
#include "graph_poly.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TERM 20000
#define MAX_PRODUCT 1000000L
#define MAX_POWER 100000

void RhoRingCreate(RhoRing *ring, RhoArena arena) {
  *ring = (RhoRing){.arena = arena, .nslot = 256};
  ring->slot = RhoArenaAlloc(arena, (size_t)ring->nslot * sizeof *ring->slot);
  *RHO_PUSH(arena, ring->mono, ring->nmono, ring->monocapacity) = (RhoMono){0, NULL};
}

void RhoRingGiveUp(RhoRing *ring) { longjmp(*RhoArenaGuard(ring->arena), RHO_GIVE_UP); }

/* ---- coefficients ------------------------------------------------------------------------------------------------ */

static long long Gcd(long long a, long long b) {
  while (b) {
    long long rest = a % b;
    a = b;
    b = rest;
  }
  return a < 0 ? -a : a;
}

static RhoCoef Inexact(double value, double size) { return (RhoCoef){0, 0, value, size}; }

/* q > 0 */
static RhoCoef Rational(long long p, long long q) {
  long long divisor = Gcd(p, q);
  double value = (double)(p / divisor) / (double)(q / divisor);
  return (RhoCoef){p / divisor, q / divisor, value, fabs(value)};
}

/* The fraction with a denominator of at most 10^4 that is this number to the last bit, by continued fractions. */
static bool Fraction(double value, RhoCoef *coef) {
  double x = value, p0 = 0, q0 = 1, p1 = 1, q1 = 0;
  for (int k = 0; k < 20; k++) {
    double whole = floor(x), p = whole * p1 + p0, q = whole * q1 + q0;
    if (q > 1e4 || fabs(p) > 9e15) return false;
    if (p / q == value) return *coef = Rational((long long)p, (long long)q), true;
    x = 1 / (x - whole);
    p0 = p1, q0 = q1, p1 = p, q1 = q;
  }
  return false;
}

/* The decimal of at most 15 digits that is this number to the last bit. */
static bool ShortDecimal(double value, RhoCoef *coef) {
  double power = 1;
  for (int k = 0; k <= 18; k++, power *= 10) {
    double p = rint(value * power);
    if (fabs(p) >= 1e15) return false;
    if (p / power == value) return *coef = Rational((long long)p, (long long)power), true;
  }
  return false;
}

/* What a number of a formula means: 0.1 is 1/10, and so is 1/3 after it was folded. */
static RhoCoef Number(double value) {
  RhoCoef coef;
  if (Fraction(value, &coef) || ShortDecimal(value, &coef)) return coef;
  return Inexact(value, fabs(value));
}

static RhoCoef Times(RhoCoef a, RhoCoef b) {
  long long p, q;
  if (a.q && b.q) {
    long long ab = Gcd(a.p, b.q), ba = Gcd(b.p, a.q);
    if (!__builtin_mul_overflow(a.p / ab, b.p / ba, &p) && !__builtin_mul_overflow(a.q / ba, b.q / ab, &q))
      return Rational(p, q);
  }
  return Inexact(a.value * b.value, a.size * b.size);
}

static RhoCoef Plus(RhoCoef a, RhoCoef b) {
  long long p1, p2, p, q;
  if (a.q && b.q && !__builtin_mul_overflow(a.p, b.q, &p1) && !__builtin_mul_overflow(b.p, a.q, &p2) &&
      !__builtin_add_overflow(p1, p2, &p) && !__builtin_mul_overflow(a.q, b.q, &q))
    return Rational(p, q);
  return Inexact(a.value + b.value, a.size + b.size);
}

static RhoCoef Inverse(RhoCoef a) {
  if (a.q) return a.p > 0 ? Rational(a.q, a.p) : Rational(-a.q, -a.p);
  return Inexact(1 / a.value, a.size / (a.value * a.value));
}

static bool IsZero(RhoCoef a) { return a.q ? a.p == 0 : fabs(a.value) <= 64 * DBL_EPSILON * a.size; }

static bool IsSameCoef(RhoCoef a, RhoCoef b) {
  if (a.q && b.q) return a.p == b.p && a.q == b.q;
  return fabs(a.value - b.value) <= 64 * DBL_EPSILON * (a.size + b.size);
}

/* ---- products of atoms ------------------------------------------------------------------------------------------- */

static bool IsSameMono(RhoMono a, RhoMono b) {
  return a.n == b.n && (a.n == 0 || memcmp(a.factor, b.factor, (size_t)a.n * sizeof *a.factor) == 0);
}

static int *FindMono(RhoRing *ring, RhoMono mono) {
  unsigned hash = 1;
  for (int k = 0; k < mono.n; k++)
    hash = (hash * 31 + (unsigned)mono.factor[k].atom) * 0x9e3779b1u + (unsigned)mono.factor[k].power;
  for (hash ^= hash >> 15;; hash++) {
    int *slot = &ring->slot[hash & (unsigned)(ring->nslot - 1)];
    if (*slot == 0 || IsSameMono(ring->mono[*slot], mono)) return slot;
  }
}

static void Rehash(RhoRing *ring) {
  ring->nslot *= 2;
  ring->slot = RhoArenaAlloc(ring->arena, (size_t)ring->nslot * sizeof *ring->slot);
  for (int k = 1; k < ring->nmono; k++) *FindMono(ring, ring->mono[k]) = k;
}

/* The number of the product; factors by increasing atom. */
static int InternMono(RhoRing *ring, int n, const RhoFactor *factor) {
  RhoMono mono = {n, factor};
  if (n == 0) return 0;
  int *slot = FindMono(ring, mono);
  if (*slot) return *slot;
  RhoFactor *copy = RhoArenaAlloc(ring->arena, (size_t)n * sizeof *copy);
  memcpy(copy, factor, (size_t)n * sizeof *copy);
  mono.factor = copy;
  int made = *slot = ring->nmono;
  *RHO_PUSH(ring->arena, ring->mono, ring->nmono, ring->monocapacity) = mono;
  if (2 * ring->nmono > ring->nslot) Rehash(ring);
  return made;
}

/* Room for n factors, until the next call. */
static RhoFactor *Factors(RhoRing *ring, int n) {
  while (ring->factorcapacity < n)
    ring->factor = RhoArenaGrow(ring->arena, ring->factor, &ring->factorcapacity, sizeof *ring->factor);
  return ring->factor;
}

/* An indicator is its own square. */
static int PowerOf(const RhoRing *ring, int atom, int power) {
  return ring->atom[atom].kind == RHO_ATOM_INDICATOR && power > 1 ? 1 : power;
}

static int MonoTimes(RhoRing *ring, int a, int b) {
  RhoMono x = ring->mono[a], y = ring->mono[b];
  int n = 0, i = 0, j = 0;
  if (a == 0 || b == 0) return a + b;
  RhoFactor *factor = Factors(ring, x.n + y.n);
  while (i < x.n || j < y.n) {
    int atom = j == y.n || (i < x.n && x.factor[i].atom < y.factor[j].atom) ? x.factor[i].atom : y.factor[j].atom;
    int power = 0;
    if (i < x.n && x.factor[i].atom == atom) power += x.factor[i++].power;
    if (j < y.n && y.factor[j].atom == atom) power += y.factor[j++].power;
    if (abs(power) > MAX_POWER) RhoRingGiveUp(ring);
    if (power) factor[n++] = (RhoFactor){atom, PowerOf(ring, atom, power)};
  }
  return InternMono(ring, n, factor);
}

/* The first factor that is a root and holds whole powers of what is under it, or -1. */
static int WholeRoot(const RhoRing *ring, int mono) {
  for (int k = 0; k < ring->mono[mono].n; k++) {
    RhoFactor factor = ring->mono[mono].factor[k];
    const RhoAtom *atom = &ring->atom[factor.atom];
    if (atom->kind == RHO_ATOM_ROOT && (factor.power < 0 || factor.power >= atom->code)) return k;
  }
  return -1;
}

static int WithPower(RhoRing *ring, int mono, int k, int power) {
  RhoMono old = ring->mono[mono];
  RhoFactor *factor = Factors(ring, old.n);
  int n = 0;
  for (int i = 0; i < old.n; i++) {
    factor[n] = old.factor[i];
    if (i == k) factor[n].power = power;
    if (factor[n].power) n++;
  }
  return InternMono(ring, n, factor);
}

/* ---- sums -------------------------------------------------------------------------------------------------------- */

static void Push(RhoRing *ring, int mono, RhoCoef coef) {
  *RHO_PUSH(ring->arena, ring->term, ring->nterm, ring->termcapacity) = (RhoTerm){mono, coef};
}

static int CompareTerms(const void *a, const void *b) {
  int x = ((const RhoTerm *)a)->mono, y = ((const RhoTerm *)b)->mono;
  return (x > y) - (x < y);
}

/* Takes the terms pushed since the stack had from terms; leaves the sum on it, sorted, without zeros. */
static int Combine(RhoRing *ring, int from) {
  int n = from;
  qsort(ring->term + from, (size_t)(ring->nterm - from), sizeof *ring->term, CompareTerms);
  for (int k = from; k < ring->nterm;) {
    RhoTerm sum = ring->term[k++];
    while (k < ring->nterm && ring->term[k].mono == sum.mono) sum.coef = Plus(sum.coef, ring->term[k++].coef);
    if (!isfinite(sum.coef.value)) RhoRingGiveUp(ring);
    if (!IsZero(sum.coef)) ring->term[n++] = sum;
  }
  return n - from;
}

static RhoPoly Collect(RhoRing *ring, int from) {
  int n = ring->nterm > from ? Combine(ring, from) : 0;
  if (n > MAX_TERM) RhoRingGiveUp(ring);
  RhoTerm *term = RhoArenaAlloc(ring->arena, (size_t)(n + 1) * sizeof *term);
  if (n) memcpy(term, ring->term + from, (size_t)n * sizeof *term);
  ring->nterm = from;
  return (RhoPoly){n, term};
}

static RhoPoly Single(RhoRing *ring, int mono, RhoCoef coef) {
  int from = ring->nterm;
  Push(ring, mono, coef);
  return Collect(ring, from);
}

RhoPoly RhoPolyNumber(RhoRing *ring, double value) {
  if (!isfinite(value)) RhoRingGiveUp(ring);
  return Single(ring, 0, Number(value));
}

RhoPoly RhoPolyRational(RhoRing *ring, long long p, long long q) { return Single(ring, 0, Rational(p, q)); }

RhoPoly RhoPolySum(RhoRing *ring, RhoPoly p, double factor, RhoPoly q) {
  int from = ring->nterm;
  RhoCoef scale = Number(factor);
  for (int k = 0; k < p.n; k++) Push(ring, p.term[k].mono, p.term[k].coef);
  for (int k = 0; k < q.n; k++) Push(ring, q.term[k].mono, Times(scale, q.term[k].coef));
  return Collect(ring, from);
}

RhoPoly RhoPolySumAll(RhoRing *ring, int n, const RhoPoly *p) {
  int from = ring->nterm;
  for (int i = 0; i < n; i++)
    for (int k = 0; k < p[i].n; k++) Push(ring, p[i].term[k].mono, p[i].term[k].coef);
  return Collect(ring, from);
}

/* Pushes coef * mono, whole powers taken out of roots: sqrt(x)^3 = x sqrt(x). */
static void PushReduced(RhoRing *ring, int mono, RhoCoef coef) {
  int k = WholeRoot(ring, mono);
  if (k < 0) {
    Push(ring, mono, coef);
    return;
  }
  RhoFactor factor = ring->mono[mono].factor[k];
  int q = ring->atom[factor.atom].code, whole = (int)floor((double)factor.power / q);
  RhoPoly inside = RhoPolyPower(ring, ring->atom[factor.atom].arg[0], whole);
  RhoPoly rest = Single(ring, WithPower(ring, mono, k, factor.power - whole * q), coef);
  RhoPoly product = RhoPolyTimes(ring, rest, inside);
  for (int i = 0; i < product.n; i++) Push(ring, product.term[i].mono, product.term[i].coef);
}

RhoPoly RhoPolyAtom(RhoRing *ring, int atom, int power) {
  RhoFactor factor = {atom, power};
  int from = ring->nterm;
  PushReduced(ring, InternMono(ring, power != 0, &factor), Number(1));
  return Collect(ring, from);
}

RhoPoly RhoPolyTimes(RhoRing *ring, RhoPoly p, RhoPoly q) {
  int from = ring->nterm;
  ring->nproduct += (long)p.n * q.n;
  if (ring->nproduct > MAX_PRODUCT) RhoRingGiveUp(ring);
  for (int i = 0; i < p.n; i++)
    for (int j = 0; j < q.n; j++)
      PushReduced(ring, MonoTimes(ring, p.term[i].mono, q.term[j].mono), Times(p.term[i].coef, q.term[j].coef));
  return Collect(ring, from);
}

bool RhoPolyIsNumber(RhoPoly p, RhoCoef *coef) {
  *coef = p.n ? p.term[0].coef : Rational(0, 1);
  return p.n == 0 || (p.n == 1 && p.term[0].mono == 0);
}

/* ---- powers and denominators ------------------------------------------------------------------------------------- */

/* 1/(coef mono) */
static RhoPoly InverseTerm(RhoRing *ring, RhoTerm term) {
  RhoPoly p = Single(ring, 0, Inverse(term.coef));
  RhoMono mono = ring->mono[term.mono];
  for (int k = 0; k < mono.n; k++)
    p = RhoPolyTimes(ring, p, RhoPolyAtom(ring, mono.factor[k].atom, -mono.factor[k].power));
  return p;
}

static int PowerIn(const RhoRing *ring, int mono, int atom) {
  RhoMono m = ring->mono[mono];
  for (int k = 0; k < m.n; k++)
    if (m.factor[k].atom == atom) return m.factor[k].power;
  return 0;
}

/* The product of the lowest powers of all atoms in p: a common factor. */
static int CommonMono(RhoRing *ring, RhoPoly p) {
  int common = p.term[0].mono;
  for (int i = 1; i < p.n; i++) {
    for (int k = ring->mono[common].n - 1; k >= 0; k--) {
      RhoFactor factor = ring->mono[common].factor[k];
      int power = PowerIn(ring, p.term[i].mono, factor.atom);
      if (power < factor.power) common = WithPower(ring, common, k, power);
    }
  }
  return common;
}

/* 1/p = 1/(c m) 1/p', p' with first coefficient 1 and without common factors, so that multiples share an atom. */
static RhoPoly InversePoly(RhoRing *ring, RhoPoly p) {
  if (p.n == 0) RhoRingGiveUp(ring);
  if (p.n == 1) return InverseTerm(ring, p.term[0]);
  RhoPoly front = InverseTerm(ring, (RhoTerm){CommonMono(ring, p), p.term[0].coef});
  RhoAtom atom = {.kind = RHO_ATOM_DENOMINATOR, .narg = 1, .arg = {RhoPolyTimes(ring, p, front)}};
  if (atom.arg[0].n == 1) return RhoPolyTimes(ring, front, InverseTerm(ring, atom.arg[0].term[0]));
  return RhoPolyTimes(ring, front, RhoPolyAtom(ring, RhoRingAtom(ring, atom), -1));
}

RhoPoly RhoPolyPower(RhoRing *ring, RhoPoly p, int n) {
  if (n < 0) return RhoPolyPower(ring, InversePoly(ring, p), -n);
  RhoPoly result = RhoPolyRational(ring, 1, 1);
  for (; n; n >>= 1) {
    if (n & 1) result = RhoPolyTimes(ring, result, p);
    if (n > 1) p = RhoPolyTimes(ring, p, p);
  }
  return result;
}

/* ---- what the terms of a sum have in common ---------------------------------------------------------------------- */

/* The power of the atom that can be taken out of all terms: the one nearest to 0, when all have the same sign. */
static int CommonPower(const RhoRing *ring, RhoPoly p, RhoFactor factor) {
  int common = factor.power;
  for (int i = 1; i < p.n && common; i++) {
    int power = PowerIn(ring, p.term[i].mono, factor.atom);
    if ((power > 0) != (common > 0) || power == 0) return 0;
    if (abs(power) < abs(common)) common = power;
  }
  return common;
}

static int CommonFactors(RhoRing *ring, RhoPoly p, bool uniform) {
  RhoMono first = ring->mono[p.term[0].mono];
  RhoFactor *factor = Factors(ring, first.n);
  int n = 0;
  for (int k = 0; k < first.n; k++) {
    RhoFactor common = {first.factor[k].atom, CommonPower(ring, p, first.factor[k])};
    if (common.power && (!uniform || ring->atom[common.atom].uniform)) factor[n++] = common;
  }
  return InternMono(ring, n, factor);
}

/* The largest number of which all coefficients are multiples; 1 where they are not rational. */
static RhoCoef Content(RhoPoly p) {
  long long up = 0, down = 1;
  for (int k = 0; k < p.n; k++) {
    RhoCoef coef = p.term[k].coef;
    if (!coef.q || __builtin_mul_overflow(down / Gcd(down, coef.q), coef.q, &down)) return Rational(1, 1);
    up = Gcd(up, coef.p);
  }
  return Rational(up, down);
}

/* The terms that have a number in front, apart from signs, when divided by scale. */
static int CountNumbers(RhoPoly p, RhoCoef scale) {
  int n = 0;
  RhoCoef inverse = Inverse(scale);
  for (int k = 0; k < p.n; k++) n += fabs(Times(p.term[k].coef, inverse).value) != 1;
  return n;
}

/* What to take out of the coefficients: their content if that leaves fewer numbers, or one of them that leaves still
   fewer, by two at least (x/2 + y/2 + z/10 = (x + y + z/5)/2, but not 2*x + 3*y = 2*(x + 1.5*y)); else 1. */
static RhoCoef CommonNumber(RhoPoly p) {
  RhoCoef best = Number(1), content = Content(p);
  int before = CountNumbers(p, best), least = before;
  if (CountNumbers(p, content) < least) {
    best = content;
    least = CountNumbers(p, best);
  }
  for (int k = 0; k < p.n && k < 8; k++) {
    RhoCoef scale = p.term[k].coef;
    if (scale.value < 0) scale = Times(scale, Number(-1));
    int n = CountNumbers(p, scale);
    if (!scale.q || n >= least || n > before - 2) continue;
    best = scale;
    least = n;
  }
  return best;
}

RhoPoly RhoPolyPrimitive(RhoRing *ring, RhoPoly p, bool uniform, RhoPoly *front) {
  RhoCoef number = p.n > 1 ? CommonNumber(p) : p.term[0].coef;
  if ((p.term[0].coef.value < 0) != (number.value < 0)) number = Times(number, Number(-1));
  *front = Single(ring, CommonFactors(ring, p, uniform), number);
  return RhoPolyTimes(ring, p, InverseTerm(ring, front->term[0]));
}

/* ---- zero -------------------------------------------------------------------------------------------------------- */

/* The last denominator in p, or -1; those inside it came before it. */
static int LastDenominator(const RhoRing *ring, RhoPoly p) {
  int last = -1;
  for (int i = 0; i < p.n; i++) {
    RhoMono mono = ring->mono[p.term[i].mono];
    for (int k = 0; k < mono.n; k++)
      if (ring->atom[mono.factor[k].atom].kind == RHO_ATOM_DENOMINATOR && mono.factor[k].atom > last)
        last = mono.factor[k].atom;
  }
  return last;
}

/* p times the power of the denominator that clears it. */
static RhoPoly Cleared(RhoRing *ring, RhoPoly p, int atom) {
  int lowest = 0, from = ring->nterm;
  RhoPoly inside = ring->atom[atom].arg[0];
  for (int i = 0; i < p.n; i++) {
    int power = PowerIn(ring, p.term[i].mono, atom);
    if (power < lowest) lowest = power;
  }
  for (int i = 0; i < p.n; i++) {
    RhoFactor clear = {atom, -PowerIn(ring, p.term[i].mono, atom)};
    RhoPoly rest =
        Single(ring, MonoTimes(ring, p.term[i].mono, InternMono(ring, clear.power != 0, &clear)), p.term[i].coef);
    RhoPoly product = RhoPolyTimes(ring, rest, RhoPolyPower(ring, inside, -clear.power - lowest));
    for (int k = 0; k < product.n; k++) Push(ring, product.term[k].mono, product.term[k].coef);
  }
  return Collect(ring, from);
}

bool RhoPolyIsZero(RhoRing *ring, RhoPoly p) {
  for (int atom; p.n > 0 && (atom = LastDenominator(ring, p)) >= 0;) p = Cleared(ring, p, atom);
  return p.n == 0;
}

/* ---- atoms ------------------------------------------------------------------------------------------------------- */

static bool IsSamePoly(RhoRing *ring, RhoPoly p, RhoPoly q) {
  bool same = p.n == q.n;
  for (int k = 0; k < p.n && same; k++)
    same = p.term[k].mono == q.term[k].mono && IsSameCoef(p.term[k].coef, q.term[k].coef);
  if (same) return true;
  if (LastDenominator(ring, p) < 0 && LastDenominator(ring, q) < 0) return false;
  return RhoPolyIsZero(ring, RhoPolySum(ring, p, -1, q));
}

static bool IsSameAtom(RhoRing *ring, const RhoAtom *a, const RhoAtom *b) {
  if (a->kind != b->kind || a->code != b->code || a->attr != b->attr || a->narg != b->narg) return false;
  for (int k = 0; k < a->narg; k++)
    if (!IsSamePoly(ring, a->arg[k], b->arg[k])) return false;
  return true;
}

bool RhoPolyIsUniform(const RhoRing *ring, RhoPoly p) {
  for (int i = 0; i < p.n; i++) {
    RhoMono mono = ring->mono[p.term[i].mono];
    for (int k = 0; k < mono.n; k++)
      if (!ring->atom[mono.factor[k].atom].uniform) return false;
  }
  return true;
}

int RhoRingAtom(RhoRing *ring, RhoAtom atom) {
  for (int k = 0; k < ring->natom; k++) {
    RhoAtom old = ring->atom[k];
    if (IsSameAtom(ring, &old, &atom)) return k;
  }
  if (atom.kind != RHO_ATOM_SYMBOL) atom.uniform = atom.kind != RHO_ATOM_OPERATOR;
  for (int k = 0; k < atom.narg; k++) atom.uniform = atom.uniform && RhoPolyIsUniform(ring, atom.arg[k]);
  *RHO_PUSH(ring->arena, ring->atom, ring->natom, ring->atomcapacity) = atom;
  return ring->natom - 1;
}

/* The factors of the product that are uniform, or those that are not. */
static int Part(RhoRing *ring, int mono, bool uniform) {
  RhoMono all = ring->mono[mono];
  RhoFactor *factor = Factors(ring, all.n);
  int n = 0;
  for (int k = 0; k < all.n; k++)
    if (ring->atom[all.factor[k].atom].uniform == uniform) factor[n++] = all.factor[k];
  return InternMono(ring, n, factor);
}

void RhoMonoSplit(RhoRing *ring, int mono, int *uniform, int *rest) {
  *uniform = Part(ring, mono, true);
  *rest = Part(ring, mono, false);
}

void RhoPolySplitTerm(RhoRing *ring, RhoTerm term, RhoPoly *uniform, RhoPoly *rest) {
  int u, r;
  RhoMonoSplit(ring, term.mono, &u, &r);
  *uniform = Single(ring, u, term.coef);
  *rest = Single(ring, r, Number(1));
}
