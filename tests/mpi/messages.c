/* messages.c - what ranks send each other for a residual is what src/README.md, "Between ranks", says: the same numbers
   of calls and of bytes, on any number of ranks. */
#include "boxes.h"

static Box Open(Setup *s, const char *path, int shape, RhoBoundary boundary) {
  RhoMesh mesh = BoxOfShape(shape, boundary);
  assert_true(SetupOpen(path, &mesh, s));
  FillState(s, 1, 0, 0.01, s->u);
  return BoxOf(s);
}

static Traffic OfResidual(Setup *s) {
  Vec F;
  OK(VecDuplicate(s->u, &F));
  OK(RhoResidual(s->fm, 0, s->u, F)); /* makes what is made once */
  OK(VecScale(s->u, 2));
  TrafficTake();
  OK(RhoResidual(s->fm, 0, s->u, F));
  Traffic traffic = TrafficTake();
  OK(VecDestroy(&F));
  return traffic;
}

/* Property: a residual of local terms sends ghosts, and nothing else. */
static void LocalResidualsSendGhosts(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(shapes); k++)
    for (int walls = 0; walls < 2; walls++) {
      Setup s;
      Box b = Open(&s, local, k, walls ? RHO_WALL : RHO_PERIODIC);
      Compare("residual", &b, OfResidual(&s), Ghosts(&b, b.nfield));
      SetupClose(&s);
    }
}

/* Property: one with two convolutions sends ghosts of the fields, two pairs of transforms, ghosts of the results. */
static void ConvolutionsSendTransforms(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(shapes); k++) {
    Setup s;
    Box b = Open(&s, sensing, k, RHO_PERIODIC);
    Compare("residual with convolutions", &b, OfResidual(&s), Plus(Ghosts(&b, b.nfield), Sensed(&b)));
    SetupClose(&s);
  }
}

/* Property: ghosts are sent once for one state, whoever reads them, and again when it has changed. */
static void GhostsAreSentOnce(void **state) {
  Setup s;
  Vec F;
  RhoTangent tangent;
  (void)state;
  Box b = Open(&s, sensing, 1, RHO_PERIODIC);
  OK(VecDuplicate(s.u, &F));
  OK(RhoTangentCreate(s.fm, RHO_PART_ALL, &tangent));
  OK(RhoResidual(s.fm, 0, s.u, F));
  TrafficTake();
  OK(RhoResidual(s.fm, 0, s.u, F));
  Compare("residual again", &b, TrafficTake(), Sensed(&b));
  OK(RhoTangentSet(tangent, 0, s.u));
  Compare("tangent there", &b, TrafficTake(), Sensed(&b));
  OK(VecScale(s.u, 2));
  OK(RhoTangentSet(tangent, 0, s.u));
  Compare("tangent elsewhere", &b, TrafficTake(), Plus(Ghosts(&b, b.nfield), Sensed(&b)));
  OK(RhoTangentDestroy(&tangent));
  OK(VecDestroy(&F));
  SetupClose(&s);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(LocalResidualsSendGhosts),
                                     cmocka_unit_test(ConvolutionsSendTransforms), cmocka_unit_test(GhostsAreSentOnce)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
