#include "check.h"
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>

static const char *const names[] = {"rho[a]", "rho[b]"};

/* The second field is derived: it belongs to the outputs, not to the state. */
static const RhoResultField three_fields[] = {
    {"rho[a]", NULL, PETSC_FALSE}, {"log", NULL, PETSC_TRUE}, {"rho[b]", NULL, PETSC_FALSE}};
static const RhoProvenance texts[] = {{"model_text", "model: pair\n"}, {"seed", "7"}};
static const RhoResultContent three = {3, 2, 2, three_fields, two_series, texts};
static const RhoNumber numbers[] = {
    {"step", 0.1}, {"total[0]", -0.0}, {"largest", INFINITY}, {"smallest", 5e-324}, {"third", 1. / 3}};
enum { NNUMBER = sizeof numbers / sizeof *numbers };

/* Outputs 0 .. noutput-1 at times 0, 0.5, ..., each with its checkpoint. */
static void AddOutputs(RhoResult result, RhoGrid grid, int from, int to) {
  Vec all = VectorOf(grid, 3), u = VectorOf(grid, 2);
  for (int k = from; k < to; k++) {
    Fill(grid, 3, all, NoiseAt, k);
    Fill(grid, 2, u, NoiseAt, k);
    OK(RhoResultWrite(result, 0.5 * k, all, (const PetscReal[]){k, -k}));
    OK(RhoResultCheckpoint(result, 0.5 * k, u, NNUMBER, numbers));
  }
  OK(VecDestroy(&all));
  OK(VecDestroy(&u));
}

static void WriteResult(RhoGrid grid, const char *path, int noutput) {
  RhoResult result;
  OK(RhoResultCreate(grid, InFolder(path), PETSC_TRUE, &three, &result));
  AddOutputs(result, grid, 0, noutput);
  OK(RhoResultDestroy(&result));
}

typedef struct {
  RhoGrid grid;
  RhoArena arena;
  RhoDiag diag;
  Vec u;
  RhoCheckpoint checkpoint;
  PetscBool ok;
} Read;

static Read ReadAs(const char *name, RhoMesh mesh, int nfield, const char *const *field) {
  Read r = {.arena = RhoArenaCreate(), .diag = RhoDiagCreate()};
  OK(RhoGridCreate(PETSC_COMM_WORLD, &mesh, nfield, 1, &r.grid));
  r.u = VectorOf(r.grid, nfield);
  Fill(r.grid, nfield, r.u, NoiseAt, 99);
  OK(RhoCheckpointRead(r.grid, r.arena, r.diag, InFolder(name), nfield, field, r.u, &r.checkpoint, &r.ok));
  return r;
}

static void Done(Read *r) {
  OK(VecDestroy(&r->u));
  OK(RhoGridDestroy(&r->grid));
  RhoDiagDestroy(&r->diag);
  RhoArenaDestroy(&r->arena);
}

/* It is output k, as written. */
static void Holds(Read *r, int k) {
  assert_true(r->ok);
  assert_true(r->checkpoint.time == 0.5 * k);
  assert_int_equal(r->checkpoint.noutput, k + 1);
  assert_int_equal(r->checkpoint.nline, k + 1);
  assert_int_equal(Different(r->grid, 2, r->u, NoiseAt, k), 0);
}

static double Number(const Read *r, const char *name) {
  for (int k = 0; k < r->checkpoint.nnumber; k++)
    if (!strcmp(r->checkpoint.number[k].name, name)) return r->checkpoint.number[k].value;
  fail_msg("no number '%s'", name);
  return NAN;
}

/* Property: state, time and numbers come back bit for bit, and the texts, on every rank, under each name of it. */
static void RoundTrip(void **state) {
  (void)state;
  static const char *const name[] = {"c", "c.h5", "c.checkpoint.h5"};
  for (int s = 0; s < NSHAPE; s++) {
    RhoGrid grid = GridOf(shapes[s], 2);
    WriteResult(grid, "c", s + 1);
    OK(RhoGridDestroy(&grid));
    Read r = ReadAs(name[s % 3], MeshOf(shapes[s]), 2, names);
    Holds(&r, s);
    assert_int_equal(RhoDiagCount(r.diag), 0);
    assert_true(r.checkpoint.same_mesh && !r.checkpoint.previous);
    assert_int_equal(r.checkpoint.nnumber, NNUMBER);
    for (int k = 0; k < NNUMBER; k++) {
      double value = Number(&r, numbers[k].name);
      assert_memory_equal(&value, &numbers[k].value, sizeof value);
    }
    assert_int_equal(r.checkpoint.nprovenance, 2);
    assert_string_equal(r.checkpoint.provenance[0].name, "model_text");
    assert_string_equal(r.checkpoint.provenance[0].what, "model: pair\n");
    Done(&r);
  }
}

/* Property: arrays come back bit for bit, of no length too, with the state still found; there are no others. */
static void Arrays(void **state) {
  (void)state;
  static const double data[] = {1.0 / 3, -INFINITY, 0};
  const RhoArray array[] = {{"S(q)", 3, data}, {"none", 0, data}};
  RhoGrid grid = GridOf(shapes[1], 2);
  RhoResult result = Written(grid, InFolder("arrays"), 1);
  Vec u = VectorOf(grid, 2);
  int n;
  Fill(grid, 2, u, NoiseAt, 0);
  RhoResultKeep(result, 2, array);
  OK(RhoResultCheckpoint(result, 0, u, 0, NULL));
  OK(RhoResultDestroy(&result));
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&grid));
  Read r = ReadAs("arrays", MeshOf(shapes[1]), 2, names);
  assert_true(r.ok);
  const double *read = RhoCheckpointArray(r.arena, &r.checkpoint, "S(q)", &n);
  assert_int_equal(n, 3);
  assert_memory_equal(read, data, sizeof data);
  assert_non_null(RhoCheckpointArray(r.arena, &r.checkpoint, "none", &n));
  assert_int_equal(n, 0);
  assert_null(RhoCheckpointArray(r.arena, &r.checkpoint, "other", &n));
  Done(&r);
}

/* Property: a checkpoint is a snapshot of the state to whoever reads results, and says that it is one. */
static void IsASnapshot(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[1], 2);
  Vec u = VectorOf(grid, 2);
  RhoArena arena = RhoArenaCreate();
  RhoDiag diag = RhoDiagCreate();
  const RhoResultInfo *info;
  PetscBool ok;
  WriteResult(grid, "s", 2);
  OK(RhoResultRead(grid, diag, RHO_NOWHERE, InFolder("s.checkpoint.h5"), 0, 2, names, u, NULL, &ok));
  assert_true(ok);
  assert_int_equal(Different(grid, 2, u, NoiseAt, 1), 0);
  assert_int_equal(RhoResultInfoRead(arena, diag, RHO_NOWHERE, InFolder("s.checkpoint.h5"), true, &info), RHO_OK);
  assert_int_equal(info->kind, RHO_FILE_CHECKPOINT);
  assert_int_equal(info->nfield, 2);
  assert_true(info->time[0] == 0.5);
  RhoDiagDestroy(&diag);
  RhoArenaDestroy(&arena);
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&grid));
}

/* Property: the checksum is the CRC-32 of ISO 3309: check value of the catalogue of CRC algorithms, and of pieces. */
static void Checksum(void **state) {
  (void)state;
  Crc crc;
  for (size_t cut = 0; cut <= 9; cut++) {
    rho_crc_begin(&crc);
    rho_crc_add(&crc, "123456789", cut);
    rho_crc_add(&crc, &"123456789"[cut], 9 - cut);
    assert_int_equal(rho_crc_end(&crc), 0xcbf43926);
  }
}

static void Change(const char *path, long at, int with) {
  if (Rank()) return;
  FILE *stream = fopen(InFolder(path), "r+");
  assert_int_equal(fseek(stream, at, SEEK_SET), 0);
  int byte = fgetc(stream);
  assert_int_equal(fseek(stream, at, SEEK_SET), 0);
  fputc(byte ^ with, stream);
  assert_int_equal(fclose(stream), 0);
}

static long Size(const char *path) {
  struct stat status;
  return Shared(stat(InFolder(path), &status) ? -1 : (long)status.st_size);
}

static void Restore(const char *path, const char *from) {
  size_t n = 0;
  if (Rank()) return;
  char *bytes = Bytes(InFolder(from), &n);
  assert_non_null(bytes);
  FILE *stream = fopen(InFolder(path), "w");
  assert_int_equal(fwrite(bytes, 1, n, stream), n);
  assert_int_equal(fclose(stream), 0);
  free(bytes);
}

/* Property: whichever bit of the last checkpoint is wrong, and wherever it is cut, the one before is taken with a
   warning; when both are damaged, what is wrong with the last one is said. */
static void Damaged(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[1], 2);
  WriteResult(grid, "d", 3);
  OK(RhoGridDestroy(&grid));
  Restore("whole", "d.checkpoint.h5");
  long size = Size("whole");
  for (int k = 0; k < 30; k++) {
    long at = k < 15 ? 34 * k : (long)(fabs(Noise(k, 1, 2, 3, 4)) * (double)size);
    MPI_Barrier(PETSC_COMM_WORLD);
    if (k % 3) Change("d.checkpoint.h5", at, 1 << k % 8);
    else if (Rank() == 0) assert_int_equal(truncate(InFolder("d.checkpoint.h5"), at), 0);
    Read r = ReadAs("d", MeshOf(shapes[1]), 2, names);
    Holds(&r, 1);
    assert_true(r.checkpoint.previous);
    Reported(r.diag, RHO_ID_OLD_CHECKPOINT, "the one before is taken, '");
    assert_int_equal(RhoDiagErrors(r.diag), 0);
    Done(&r);
    Restore("d.checkpoint.h5", "whole");
  }
  Change("d.checkpoint.h5", size - 9, 4);
  Change("d.checkpoint.old.h5", 700, 4);
  MPI_Barrier(PETSC_COMM_WORLD);
  Read r = ReadAs("d", MeshOf(shapes[1]), 2, names);
  assert_false(r.ok);
  Reported(r.diag, RHO_ID_BAD_CHECKPOINT, "d.checkpoint.h5' is damaged: its checksum is ");
  assert_int_equal(Different(r.grid, 2, r.u, NoiseAt, 99), 0);
  Done(&r);
}

static void Refused(const char *name, RhoMesh mesh, int nfield, const char *const *field, RhoDiagId id,
                    const char *part) {
  MPI_Barrier(PETSC_COMM_WORLD);
  Read r = ReadAs(name, mesh, nfield, field);
  assert_false(r.ok);
  assert_int_equal(RhoDiagErrors(r.diag), 1);
  Reported(r.diag, id, part);
  assert_int_equal(Different(r.grid, nfield, r.u, NoiseAt, 99), 0);
  Done(&r);
}

static void Put(const char *path, const char *text) {
  if (Rank()) return;
  FILE *stream = fopen(InFolder(path), "w");
  fputs(text, stream);
  fclose(stream);
}

/* Property: each thing that can not be gone on from is refused for its own reason, on all ranks. */
static void Unfit(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[1], 2);
  RhoMesh mesh = MeshOf(shapes[1]), other = mesh;
  WriteResult(grid, "u", 3);
  OK(RhoGridDestroy(&grid));
  Refused("nothing", mesh, 2, names, RHO_ID_NO_CHECKPOINT, "there is no checkpoint '");
  Put("text.checkpoint.h5", "once upon a time");
  Refused("text", mesh, 2, names, RHO_ID_NOT_A_CHECKPOINT, "text.checkpoint.h5' is not a checkpoint");
  Put("empty.checkpoint.h5", "");
  Refused("empty", mesh, 2, names, RHO_ID_BAD_CHECKPOINT, "cut short: it ends within its head");
  Restore("snapshot.checkpoint.h5", "u.d/000001.h5");
  Refused("snapshot", mesh, 2, names, RHO_ID_NOT_A_CHECKPOINT, "is not a checkpoint");
  if (Rank() == 0) mkdir(InFolder("folder.checkpoint.h5"), 0777);
  Refused("folder", mesh, 2, names, RHO_ID_CANNOT_READ, "Is a directory");
  char head[RHO_CHECKPOINT_HEAD + 1] = {0};
  rho_checkpoint_head(head, 2, 0, 0);
  Put("later.checkpoint.h5", head);
  if (Rank() == 0) assert_int_equal(truncate(InFolder("later.checkpoint.h5"), RHO_CHECKPOINT_HEAD), 0);
  Refused("later", mesh, 2, names, RHO_ID_NOT_A_CHECKPOINT, "is of version 2");
  Refused("u", mesh, 1, names, RHO_ID_OTHER_RUN, "has the fields rho[a], rho[b]; the model has rho[a]");
  Refused("u", mesh, 2, (const char *const[]){"rho[a]", "rho[c]"}, RHO_ID_NO_DATASET, "no field 'rho[c]'");
  other.dimension[0].to = 5;
  Refused("u", other, 2, names, RHO_ID_SHAPE_MISMATCH, "from -1 to 2 along x, the mesh from -1 to 5");
  Refused("u", MeshOf(shapes[0]), 2, names, RHO_ID_SHAPE_MISMATCH, "has the dimensions x, y, the mesh has x");
  Read r = ReadAs("u.checkpoint.old.h5", mesh, 2, names); /* asked for by its own name */
  Holds(&r, 1);
  assert_int_equal(RhoDiagCount(r.diag), 0);
  Done(&r);
}

static double Bad(const PetscInt i[3], int field, int output) {
  (void)output;
  return i[0] == 3 && i[1] == 7 && field == 1 ? NAN : 0.5;
}

/* No file of this process grows beyond nbyte; a write beyond is an error, not a signal. */
static void LimitFiles(rlim_t nbyte) {
  struct rlimit limit;
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = nbyte;
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limit);
}

/* Property: a state that is not finite, a full disk and a missing folder leave both checkpoints as they were, nothing
   beside them, and say why; afterwards the call may be repeated. */
static void NotWritten(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[1], 2);
  RhoResult result;
  Vec u = VectorOf(grid, 2);
  if (Rank() == 0) mkdir(InFolder("room"), 0777);
  MPI_Barrier(PETSC_COMM_WORLD);
  OK(RhoResultCreate(grid, InFolder("room/n"), PETSC_TRUE, &three, &result));
  AddOutputs(result, grid, 0, 2);
  Restore("last", "room/n.checkpoint.h5");
  Restore("before", "room/n.checkpoint.old.h5");
  Fill(grid, 2, u, Bad, 0);
  FAILS(PETSC_ERR_FP, RhoResultCheckpoint(result, 1, u, 0, NULL));
  Says("'rho[b]' is not finite at cell (3, 7)");
  Fill(grid, 2, u, NoiseAt, 5);
  for (rlim_t room = 0; room < 10000; room += 1500) {
    LimitFiles(room);
    FAILS(PETSC_ERR_FILE_WRITE, RhoResultCheckpoint(result, 1, u, 0, NULL));
    LimitFiles(RLIM_INFINITY);
    Says("cannot write '");
    Says("n.checkpoint.h5': ");
    Says(strerror(EFBIG));
    assert_true(Shared(SameBytes(InFolder("last"), InFolder("room/n.checkpoint.h5"))));
    assert_true(Shared(SameBytes(InFolder("before"), InFolder("room/n.checkpoint.old.h5"))));
    assert_true(Shared(access(InFolder("room/n.checkpoint.h5.part"), F_OK) != 0));
  }
  if (Rank() == 0) assert_int_equal(rename(InFolder("room"), InFolder("gone")), 0);
  FAILS(PETSC_ERR_FILE_OPEN, RhoResultCheckpoint(result, 1, u, 0, NULL));
  Says("cannot create '");
  Says(strerror(ENOENT));
  if (Rank() == 0) assert_int_equal(rename(InFolder("gone"), InFolder("room")), 0);
  MPI_Barrier(PETSC_COMM_WORLD);
  OK(RhoResultCheckpoint(result, 1, u, 0, NULL));
  assert_true(Shared(SameBytes(InFolder("last"), InFolder("room/n.checkpoint.old.h5"))));
  OK(RhoResultDestroy(&result));
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&grid));
}

/* ---- going on ---- */

static RhoResult Continue(Read *r, const char *path) {
  RhoResult result;
  OK(RhoResultContinue(r->grid, r->diag, InFolder(path), &three, &r->checkpoint, &result));
  return result;
}

/* Property: a result that is continued from a checkpoint, with later outputs already there, ends with the very bytes of
   one that was not interrupted. */
static void SameBytesAtTheEnd(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[1], 2);
  char of[64], as[64];
  WriteResult(grid, "e", 5);
  WriteResult(grid, "i", 3);
  Restore("kept", "i.checkpoint.h5");
  RhoResult other;
  Read r = ReadAs("i", MeshOf(shapes[1]), 2, names);
  other = Continue(&r, "i");
  AddOutputs(other, grid, 3, 5);
  OK(RhoResultDestroy(&other));
  Restore("i.checkpoint.h5", "kept"); /* back to the third output, with five on the disk */
  MPI_Barrier(PETSC_COMM_WORLD);
  Read s = ReadAs("i", MeshOf(shapes[1]), 2, names);
  other = Continue(&s, "i");
  assert_true(Shared(access(InFolder("i.d/000003.h5"), F_OK) != 0));
  AddOutputs(other, grid, 3, 5);
  OK(RhoResultDestroy(&other));
  for (int k = 0; k < 5; k++) {
    snprintf(of, sizeof of, "e.d/%06d.h5", k);
    snprintf(as, sizeof as, "i.d/%06d.h5", k);
    assert_true(Shared(SameBytes(InFolder(of), InFolder(as))));
  }
  assert_true(Shared(SameBytes(InFolder("e.checkpoint.h5"), InFolder("i.checkpoint.h5"))));
  assert_int_equal(Size("e.h5"), Size("i.h5")); /* they differ in the names of their snapshots alone */
  RhoDiag diag = RhoDiagCreate();
  const RhoResultInfo *info;
  assert_int_equal(RhoResultInfoRead(r.arena, diag, RHO_NOWHERE, InFolder("i"), true, &info), RHO_OK);
  assert_int_equal(info->ntime, 5);
  assert_int_equal(info->nline, 5);
  for (int k = 0; k < 5; k++) assert_true(info->time[k] == 0.5 * k);
  assert_true(info->series[0].first == 0 && info->series[0].last == 4 && info->series[1].last == -4);
  RhoDiagDestroy(&diag);
  Done(&r);
  Done(&s);
  OK(RhoGridDestroy(&grid));
}

/* Property: continued from the checkpoint before, the next one written leaves a whole one behind it. */
static void DamagedIsNotKept(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[0], 2);
  WriteResult(grid, "k", 3);
  Change("k.checkpoint.h5", 2000, 1);
  MPI_Barrier(PETSC_COMM_WORLD);
  Read r = ReadAs("k", MeshOf(shapes[0]), 2, names);
  Holds(&r, 1);
  RhoResult result = Continue(&r, "k");
  assert_true(Size("k.checkpoint.old.h5") == -1);
  AddOutputs(result, grid, 2, 3);
  OK(RhoResultDestroy(&result));
  Done(&r);
  r = ReadAs("k.checkpoint.old.h5", MeshOf(shapes[0]), 2, names);
  Holds(&r, 1);
  Done(&r);
  OK(RhoGridDestroy(&grid));
}

static void Misfit(Read *r, const RhoResultContent *content, const char *path, const char *part) {
  RhoResult result;
  RhoDiag diag = RhoDiagCreate();
  OK(RhoResultContinue(r->grid, diag, InFolder(path), content, &r->checkpoint, &result));
  assert_null(result);
  assert_int_equal(RhoDiagErrors(diag), 1);
  if (!strstr(Reports(diag), part)) fail_msg("'%s' is not said in %s", part, Reports(diag));
  RhoDiagDestroy(&diag);
}

/* Property: a result is not continued with other arrays or series than it has, nor one of another run; it stays as it
   is. */
static void OtherResult(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[0], 2);
  WriteResult(grid, "o", 3);
  WriteResult(grid, "short", 1);
  Restore("index", "o.h5");
  MPI_Barrier(PETSC_COMM_WORLD);
  Read r = ReadAs("o", MeshOf(shapes[0]), 2, names);
  RhoResultContent content = three;
  content.nseries = 1;
  Misfit(&r, &content, "o", "has 3 arrays and 2 series, this run writes 3 and 1");
  Misfit(&r, &two, "o", "has 3 arrays and 2 series, this run writes 2 and 2");
  Misfit(&r, &three, "short", "is not the result that '");
  Misfit(&r, &three, "absent", "absent.h5': No such file or directory");
  assert_true(Shared(SameBytes(InFolder("index"), InFolder("o.h5"))));
  Done(&r);
  OK(RhoGridDestroy(&grid));
}

/* Property: while a result is open for writing nobody else writes it, and afterwards everybody may. */
static void OneWriter(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[0], 2);
  RhoResult result, other;
  OK(RhoResultCreate(grid, InFolder("w"), PETSC_TRUE, &three, &result));
  AddOutputs(result, grid, 0, 1);
  Restore("index", "w.h5");
  FAILS(PETSC_ERR_FILE_OPEN, RhoResultCreate(grid, InFolder("w"), PETSC_TRUE, &three, &other));
  Says("another process is writing '");
  Read r = ReadAs("w", MeshOf(shapes[0]), 2, names);
  FAILS(PETSC_ERR_FILE_OPEN, RhoResultContinue(grid, r.diag, InFolder("w"), &three, &r.checkpoint, &other));
  Says("another process is writing '");
  assert_true(Shared(SameBytes(InFolder("index"), InFolder("w.h5"))));
  OK(RhoResultDestroy(&result));
  result = Continue(&r, "w");
  OK(RhoResultDestroy(&result));
  Done(&r);
  OK(RhoGridDestroy(&grid));
}

/* Property: replacing a result takes its checkpoints away, and one that is there keeps a result from being made. */
static void NotLeftBehind(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[0], 2);
  RhoResult result;
  WriteResult(grid, "l", 2);
  if (Rank() == 0) assert_int_equal(unlink(InFolder("l.h5")) || unlink(InFolder("l.xdmf")), 0);
  if (Rank() == 0) assert_int_equal(unlink(InFolder("l.d/000000.h5")) || unlink(InFolder("l.d/000001.h5")), 0);
  MPI_Barrier(PETSC_COMM_WORLD);
  FAILS(PETSC_ERR_FILE_OPEN, RhoResultCreate(grid, InFolder("l"), PETSC_FALSE, &three, &result));
  Says("l.checkpoint.h5' is there already");
  OK(RhoResultCreate(grid, InFolder("l"), PETSC_TRUE, &three, &result));
  assert_int_equal(Size("l.checkpoint.h5"), -1);
  assert_int_equal(Size("l.checkpoint.old.h5"), -1);
  OK(RhoResultDestroy(&result));
  OK(RhoGridDestroy(&grid));
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(RoundTrip),     cmocka_unit_test(Arrays),
                                          cmocka_unit_test(IsASnapshot),   cmocka_unit_test(Checksum),
                                          cmocka_unit_test(Damaged),       cmocka_unit_test(Unfit),
                                          cmocka_unit_test(NotWritten),    cmocka_unit_test(SameBytesAtTheEnd),
                                          cmocka_unit_test(OtherResult),   cmocka_unit_test(DamagedIsNotKept),
                                          cmocka_unit_test(NotLeftBehind), cmocka_unit_test(OneWriter)};
RUN(tests)
