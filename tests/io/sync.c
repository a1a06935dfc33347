/* What is on the disk when the machine fails.

   Property: whichever checkpoints are brought to the disk, from the first such one on there is one there at any moment,
   also between the two renamings; and one that need not stay is not kept. */
#include "check.h"

typedef struct {
  bool there, on_disk;
} File;

static bool Uniform(uint64_t k) { return (k * UINT64_C(0x9e3779b97f4a7c15) >> 40) % 3 == 0; }

static void OneIsThere(void **state) {
  struct RhoResult_s r = {.previous = "before"};
  File last = {0}, before = {0};
  bool once = false;
  (void)state;
  rho_sync_begin(&r, false);
  for (uint64_t k = 0; k < 10000; k++) {
    bool on_disk = Uniform(k);
    if (rho_sync_keeps(&r) && last.there) {
      before = last;
      last = (File){0};
      assert_true(!once || before.on_disk);
    }
    last = (File){true, on_disk};
    rho_sync_replaced(&r, on_disk);
    once |= on_disk;
    assert_true(!once || last.on_disk || before.on_disk);
    assert_true(r.on_disk == last.on_disk && r.before_on_disk == before.on_disk);
    assert_true(k == 0 || before.there); /* there are always two */
  }
}

/* Records are read as they were written; what was cut short or changed is passed over, and what comes behind is not. */
static void Journal(void **state) {
  const char *path = InFolder("journal"), *const * record;
  RhoArena arena = RhoArenaCreate();
  RhoJournal journal;
  int n;
  (void)state;
  OK(RhoJournalRead(arena, path, &n, &record));
  assert_int_equal(n, 0);
  OK(RhoJournalOpen(path, &journal));
  OK(RhoJournalAdd(journal, "one\t1"));
  OK(RhoJournalAdd(journal, ""));
  OK(RhoJournalAdd(journal, "two"));
  OK(RhoJournalClose(&journal));
  OK(truncate(path, 16 + 11 + 11)); /* behind the first letter of "two" */
  OK(RhoJournalOpen(path, &journal));
  OK(RhoJournalAdd(journal, "three"));
  OK(RhoJournalClose(&journal));
  OK(RhoJournalRead(arena, path, &n, &record));
  assert_int_equal(n, 3);
  assert_string_equal(record[0], "one\t1");
  assert_string_equal(record[1], "");
  assert_string_equal(record[2], "three");
  FILE *file = fopen(path, "r+");
  OK(fseek(file, 12, SEEK_SET));
  fputc('O', file);
  OK(fclose(file));
  OK(RhoJournalRead(arena, path, &n, &record));
  assert_int_equal(n, 2);
  RhoArenaDestroy(&arena);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(OneIsThere), cmocka_unit_test(Journal)};

RUN(tests)
