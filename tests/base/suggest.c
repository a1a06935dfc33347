#include "check.h"

/* A name of up to 6 letters of a small alphabet, so that near names are common. */
static void RandomName(uint64_t *random, char *name) {
  static const char *const letter[] = {"a", "b", "_", "\xcf\x81" /* rho */};
  name[0] = 0;
  for (int n = Random(random, 7); n > 0; n--) strcat(name, letter[Random(random, 4)]);
}

static int Characters(const char *name) {
  int n = 0;
  for (; *name; name++) n += ((unsigned char)*name & 0xc0) != 0x80;
  return n;
}

/* Property: the distance is symmetric. */
static void Symmetric(void **state) {
  (void)state;
  uint64_t random = 11;
  for (int trial = 0; trial < 5000; trial++) {
    char a[32], b[32];
    RandomName(&random, a);
    RandomName(&random, b);
    assert_int_equal(rho_edit_distance(a, b), rho_edit_distance(b, a));
  }
}

/* Property: the distance is 0 for equal names and for no others. */
static void ZeroOnlyForEqual(void **state) {
  (void)state;
  uint64_t random = 12;
  for (int trial = 0; trial < 5000; trial++) {
    char a[32], b[32];
    RandomName(&random, a);
    RandomName(&random, b);
    assert_int_equal(rho_edit_distance(a, b) == 0, !strcmp(a, b));
  }
}

/* Property: the distance lies between the difference of the lengths and the greater length. */
static void BetweenItsBounds(void **state) {
  (void)state;
  uint64_t random = 13;
  for (int trial = 0; trial < 5000; trial++) {
    char a[32], b[32];
    RandomName(&random, a);
    RandomName(&random, b);
    int distance = rho_edit_distance(a, b), na = Characters(a), nb = Characters(b);
    assert_true(distance >= abs(na - nb));
    assert_true(distance <= (na > nb ? na : nb));
  }
}

/* Property: one edit of each of the four kinds is at distance 1, of bytes or of longer characters. */
static void OneEdit(void **state) {
  (void)state;
  assert_int_equal(rho_edit_distance("kappa", "kapp"), 1);
  assert_int_equal(rho_edit_distance("kappa", "kapppa"), 1);
  assert_int_equal(rho_edit_distance("kappa", "kabpa"), 1);
  assert_int_equal(rho_edit_distance("kappa", "kapap"), 1);
  assert_int_equal(rho_edit_distance("\xcf\x81_a", "\xe2\x82\xac_a"), 1);
  assert_int_equal(rho_edit_distance("\xcf\x81_a", "_\xcf\x81"
                                                   "a"),
                   1);
}

/* Property: values worked by hand (Wagner and Fischer 1974: kitten, sitting; restricted transposition: ca, abc). */
static void KnownValues(void **state) {
  (void)state;
  assert_int_equal(rho_edit_distance("kitten", "sitting"), 3);
  assert_int_equal(rho_edit_distance("ca", "abc"), 3);
  assert_int_equal(rho_edit_distance("", "abc"), 3);
}

#define SUGGEST(name, ...)                                                                                             \
  RhoSuggest(name, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), (const char *const[]){__VA_ARGS__})

/* Property: one edit in a name of three letters or more finds the name, and the nearest wins. */
static void FindsTheNearest(void **state) {
  (void)state;
  assert_string_equal(SUGGEST("ph1", "rho", "phi", "mu"), "phi");
  assert_string_equal(SUGGEST("mobilty", "mobile", "mobility", "motility"), "mobility");
  assert_string_equal(SUGGEST("temprature", "density", "temperature"), "temperature");
}

/* Property: a name that differs only in case is suggested at any length, before others. */
static void CaseIsNear(void **state) {
  (void)state;
  assert_string_equal(SUGGEST("t", "x", "T"), "T");
  assert_string_equal(SUGGEST("Phi", "pho", "phi"), "phi");
  assert_string_equal(SUGGEST("KAPPA", "kapps", "kappa"), "kappa");
}

/* Property: an abbreviation finds the shortest name it may stand for, but only when no name is near. */
static void Abbreviations(void **state) {
  (void)state;
  assert_string_equal(SUGGEST("params", "kernels", "parameters", "fields"), "parameters");
  assert_string_equal(SUGGEST("init", "index", "initial_states", "initial"), "initial");
  assert_string_equal(SUGGEST("temp", "temperature", "tamp"), "tamp");
  assert_null(SUGGEST("pars", "kernels", "fields"));
  assert_null(SUGGEST("pa", "parameters"));
}

/* Property: nothing is suggested when every name is another name. */
static void NothingNear(void **state) {
  (void)state;
  assert_null(SUGGEST("x", "y", "z"));
  assert_null(SUGGEST("ab", "ac", "cb", "ba"));
  assert_null(SUGGEST("phi", "rho", "mu", "temperature"));
  assert_null(RhoSuggest("phi", 0, NULL));
}

/* Property: names too long to compare are passed over. */
static void LongNames(void **state) {
  (void)state;
  char name[200], other[200];
  memset(name, 'a', sizeof name);
  name[199] = 0;
  memcpy(other, name, sizeof name);
  other[100] = 'b';
  assert_null(SUGGEST(name, other));
  assert_string_equal(SUGGEST("phi", other, "phj"), "phj");
}

int main(void) {
  const struct CMUnitTest test[] = {
      cmocka_unit_test(Symmetric),  cmocka_unit_test(ZeroOnlyForEqual), cmocka_unit_test(BetweenItsBounds),
      cmocka_unit_test(OneEdit),    cmocka_unit_test(KnownValues),      cmocka_unit_test(FindsTheNearest),
      cmocka_unit_test(CaseIsNear), cmocka_unit_test(Abbreviations),    cmocka_unit_test(NothingNear),
      cmocka_unit_test(LongNames),
  };
  return cmocka_run_group_tests(test, NULL, NULL);
}
