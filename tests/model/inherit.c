/* inherit.c - a model that extends another is the model written out. */
#include "check.h"

static RhoModel LoadChild(RhoDiag diag, const char *parent, const char *child) {
  char *first = WithHead(parent), *whole, *path = WriteFile(first, strlen(first)), *second = WithHead(child);
  size_t room = strlen(second) + strlen(path) + 32;
  whole = malloc(room);
  snprintf(whole, room, "%sextends: %s\n", second, path);
  RhoModel model;
  RhoStatus status = LoadBytes(whole, strlen(whole), diag, &model);
  if (status != RHO_OK) RhoDiagPrint(diag, stderr);
  assert_int_equal(status, RHO_OK);
  unlink(path);
  free(path);
  free(first);
  free(second);
  free(whole);
  return model;
}

static void SameNode(RhoModel a, RhoNode x, RhoModel b, RhoNode y) {
  assert_string_equal(Printed(a, x), Printed(b, y));
}

static void SameModels(RhoModel a, RhoModel b) {
  assert_int_equal(a->nfield, b->nfield);
  for (int i = 0; i < a->nfield; i++) {
    const RhoField *f = &a->field[i], *g = &b->field[i];
    assert_string_equal(f->name, g->name);
    assert_int_equal(f->kind, g->kind);
    SameNode(a, f->mobility, b, g->mobility);
    SameNode(a, f->potential, b, g->potential);
    SameNode(a, f->flux_all, b, g->flux_all);
    SameNode(a, f->reaction, b, g->reaction);
    assert_int_equal(f->nnoise, g->nnoise);
    for (int k = 0; k < f->nnoise; k++) SameNode(a, f->noise[k].amplitude, b, g->noise[k].amplitude);
  }
  assert_int_equal(a->nparameter, b->nparameter);
  for (int k = 0; k < a->nparameter; k++) {
    assert_string_equal(a->parameter[k].name, b->parameter[k].name);
    SameNode(a, a->parameter[k].formula, b, b->parameter[k].formula);
  }
  assert_int_equal(a->nkernel, b->nkernel);
  for (int k = 0; k < a->nkernel; k++) SameNode(a, a->kernel[k].formula, b, b->kernel[k].formula);
  SameNode(a, a->free_energy, b, b->free_energy);
  assert_int_equal(a->nexchange, b->nexchange);
  assert_int_equal(a->ncheck, b->ncheck);
}

static void CheckSame(const char *parent, const char *child, const char *written) {
  RhoDiag diag = RhoDiagCreate();
  RhoModel a = LoadChild(diag, parent, child), b = LoadText(diag, written);
  SameModels(a, b);
  RhoModelDestroy(&a);
  RhoModelDestroy(&b);
  RhoDiagDestroy(&diag);
}

static const char *const parent = "index: {s: [a, b]}\nparameters: {\"k[s]\": {a: 1, b: 2}, w: 3, l: 1}\n"
                                  "kernels: {K: {shape: bump, radius: l}}\n"
                                  "define: {\"v[s]\": \"k[s]*tanh(conv(K, rho[s])/w)\", \"f(x)\": \"x^2\"}\n"
                                  "fields: {\"rho[s]\": density}\n"
                                  "dynamics:\n  \"rho[s]\": {mobility: \"rho[s]\", potential: \"log(rho[s]) + v[s]\", "
                                  "noise: \"sqrt(2*rho[s])\"}\n"
                                  "checks:\n  - {conserved: \"rho[a]\"}\n";

/* Nothing given: the same equations; checks stay behind. */
static void Nothing(void **state) {
  (void)state;
  char written[2000];
  snprintf(written, sizeof written, "%s", parent);
  *strstr(written, "checks:") = 0;
  CheckSame(parent, "title: child\n", written);
}

/* Entries merge key by key, also inside an entry; `none` removes. */
static void Merging(void **state) {
  (void)state;
  CheckSame(parent,
            "parameters: {\"k[s]\": {b: 5}, w: 4, extra: 1}\nkernels: {K: {radius: 2*l}}\n"
            "define: {\"f(y)\": \"y^3\", new: \"extra*w\"}\n"
            "dynamics:\n  \"rho[ s ]\": {potential: \"log(rho[s]) + f(v[s]) + new\", noise: none}\n",
            "index: {s: [a, b]}\nparameters: {\"k[s]\": [1, 5], w: 4, l: 1, extra: 1}\n"
            "kernels: {K: {shape: bump, radius: 2*l}}\n"
            "define: {\"v[s]\": \"k[s]*tanh(conv(K, rho[s])/w)\", \"f(x)\": \"x^3\", new: \"extra*w\"}\n"
            "fields: {\"rho[s]\": density}\n"
            "dynamics:\n  \"rho[s]\": {mobility: \"rho[s]\", potential: \"log(rho[s]) + f(v[s]) + new\"}\n");
}

/* In a kernel `none` leaves out a key, also one that its new form does not have. */
static void NoneInKernels(void **state) {
  (void)state;
  const char *text = "kernels: {K: %s}\ndynamics: {u: {reaction: \"conv(K, u)\"}}\n";
  char none[300], without[300];
  snprintf(none, sizeof none, text, "{r: exp(-r^2), shape: none, radius: none, cutoff: none, integral: none}");
  snprintf(without, sizeof without, text, "{r: exp(-r^2)}");
  CheckSame(none, "title: child\n", without);
}

/* A field taken away leaves its name to a definition, and suggested states without it. */
static void FieldBecomesDefine(void **state) {
  (void)state;
  CheckSame("fields: {rho: density, c: density}\nkernels: {G: {q: \"1/(q^2 + 1)\"}}\n"
            "dynamics: {rho: {flux: \"-grad(rho) + rho*grad(c)\"}, c: {flux: \"-grad(c)\", reaction: rho - c}}\n"
            "initial: {uniform: {rho: 1, c: 1}}\n",
            "fields: {c: none}\ndynamics: {c: none}\ndefine: {c: \"conv(G, rho)\"}\ninitial: {uniform: {c: none}}\n",
            "fields: {rho: density}\nkernels: {G: {q: \"1/(q^2 + 1)\"}}\n"
            "dynamics: {rho: {flux: \"-grad(rho) + rho*grad(conv(G, rho))\"}}\ninitial: {uniform: {rho: 1}}\n");
}

/* A kernel of another form replaces the old one whole; the index set may be redefined. */
static void Replacing(void **state) {
  (void)state;
  CheckSame(parent, "index: {s: [u, v2, w2]}\nparameters: {\"k[s]\": s}\nkernels: {K: {q: \"1/(1 + (q*l)^4)\"}}\n",
            "index: {s: [u, v2, w2]}\nparameters: {\"k[s]\": [1, 2, 3], w: 3, l: 1}\n"
            "kernels: {K: {q: \"1/(1 + (q*l)^4)\"}}\n"
            "define: {\"v[s]\": \"k[s]*tanh(conv(K, rho[s])/w)\"}\nfields: {\"rho[s]\": density}\n"
            "dynamics:\n  \"rho[s]\": {mobility: \"rho[s]\", potential: \"log(rho[s]) + v[s]\", noise: "
            "\"sqrt(2*rho[s])\"}\n");
}

/* A mistake in the parent is reported in the parent's file. */
static void PlaceOfMistake(void **state) {
  (void)state;
  char *first = WithHead("dynamics:\n  phi: {reaction: \"-phj\"}\n"), *path = WriteFile(first, strlen(first));
  char child[256];
  RhoModel model;
  RhoDiag diag = RhoDiagCreate();
  snprintf(child, sizeof child, "rhoflux: 1\nmodel: child\nextends: %s\n", path);
  assert_int_equal(LoadBytes(child, strlen(child), diag, &model), RHO_INPUT);
  assert_int_equal(RhoDiagCount(diag), 1);
  assert_string_equal(RhoDiagSourceName(diag, RhoDiagPlaceAt(diag, 0).source), path);
  RhoDiagDestroy(&diag);
  unlink(path);
  free(path);
  free(first);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(Nothing),       cmocka_unit_test(Merging),
                                     cmocka_unit_test(NoneInKernels), cmocka_unit_test(FieldBecomesDefine),
                                     cmocka_unit_test(Replacing),     cmocka_unit_test(PlaceOfMistake)};
  return cmocka_run_group_tests_name("inherit", tests, NULL, NULL);
}
