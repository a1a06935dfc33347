/* Under mpirun: one process speaks, wrong input ends all ranks with status 2, and a grid too small says so. */
#include "program.h"

static int Count(const char *text, const char *part) {
  int n = 0;
  for (; (text = strstr(text, part)); text++) n++;
  return n;
}

static void TestOneSpeaks(void **state) {
  Run run;
  (void)state;
  MPIRUN(&run, "2", "run", RHO_TESTS "/case.yaml");
  assert_status(&run, 0);
  assert_int_equal(Count(run.said, "done: "), 1);
  assert_true(Exists("case.h5"));
}

static void TestWrongInputEndsAll(void **state) {
  Run run;
  (void)state;
  assert_int_equal(MPIRUN(&run, "2", "run", RHO_TESTS "/bad_case/case-missing.yaml"), 2);
  assert_int_equal(Count(run.said, "[case-missing]"), 1);
  assert_int_equal(MPIRUN(&run, "2", "run", "a", "--ouput", "b"), 2);
  assert_int_equal(Count(run.said, "did you mean '--output'?"), 1);
  assert_int_equal(MPIRUN(&run, "2", "check", "no/such/model.yaml"), 2);
}

static void TestTooManyRanks(void **state) {
  Run run;
  (void)state;
  WriteText("narrow.yaml", "rhoflux: 1\ncase: narrow\nmodel: " RHO_TESTS "/models/pair.yaml\n"
                           "mesh: {x: {length: 8, cells: 12, boundary: periodic},"
                           " y: {length: 8, cells: 2, boundary: periodic}}\n"
                           "initial: {state: mixed}\ntime: {end: 1}\n");
  assert_int_equal(MPIRUN(&run, "4", "run", "narrow.yaml"), 2);
  assert_int_equal(Count(run.said, "[mesh-ranks]"), 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestOneSpeaks), cmocka_unit_test(TestWrongInputEndsAll),
                                     cmocka_unit_test(TestTooManyRanks)};
  return cmocka_run_group_tests(tests, EnterFolder, LeaveFolder);
}
