/* kernel.c - K^(q) and K(0) of a kernel for bound parameters.

   A kernel of r is integrated (kernel_quadrature.c), a kernel of q evaluated; either is scaled by integral/K^(0) when
   an integral is given.  Nothing is kept between calls. */
#include "kernel_private.h"
#include <math.h>

typedef struct {
  Kernel kernel;
  int n;
  const double *q;
  double r;
  double *out;
} Task;

/* ---- opening -------------------------------------------------------------------------------------------------------
 */

static double UniformValue(RhoGraph graph, RhoNode symbol, void *ctx) {
  Kernel *kernel = ctx;
  const RhoNode *uniform = kernel->model->priv->uniform;
  (void)graph;
  for (int k = 0; k < kernel->model->nparameter + 1; k++)
    if (uniform[k] == symbol) return kernel->bound[k];
  return NAN;
}

static double ValueOr(Kernel *kernel, RhoNode node, double otherwise) {
  RhoNode bad;
  return node < 0 ? otherwise : RhoGraphValue(kernel->model->graph, node, UniformValue, kernel, &bad);
}

/* The formula as a program of its variable; NULL without memory. */
static RhoTape OpenTape(Kernel *kernel, RhoNode formula, RhoNode variable) {
  RhoModel model = kernel->model;
  RhoNode missing = RHO_NONE;
  RhoTape tape =
      RhoTapeCreate(model->graph, 1, &formula, 1, &variable, model->nparameter + 2, model->priv->uniform, &missing);
  if (tape) RhoTapeBind(tape, kernel->bound);
  return tape;
}

/* The values with the kernel's own dimension. */
static RhoStatus BoundGuarded(void *ctx) {
  Kernel *kernel = ctx;
  int n = kernel->model->nparameter + 2;
  double *bound = RhoArenaAlloc(kernel->arena, (size_t)n * sizeof *bound);
  for (int k = 0; k < n; k++) bound[k] = kernel->value[k];
  bound[kernel->model->nparameter] = kernel->dim;
  kernel->bound = bound;
  return RHO_OK;
}

static RhoStatus FindDim(Kernel *kernel, int dim) {
  double bound = kernel->value[kernel->model->nparameter];
  kernel->dim = kernel->kernel->dim  ? kernel->kernel->dim
                : kernel->model->dim ? kernel->model->dim
                : dim                ? dim
                : bound >= 1         ? (int)bound
                                     : 0;
  if (kernel->dim) return RHO_OK;
  return rho_kernel_report(kernel, RHO_ID_DIM_NEEDED, "the kernel '%s' needs the number of space dimensions%.0s", 0,
                           "give dim in the kernel, the model or the case, or give a mesh");
}

static RhoStatus OpenGuarded(void *ctx) {
  Kernel *kernel = ctx;
  const RhoKernel *k = kernel->kernel;
  kernel->cutoff = ValueOr(kernel, k->cutoff, INFINITY);
  kernel->integral = ValueOr(kernel, k->integral, NAN);
  if (!(kernel->cutoff > 0))
    return rho_kernel_report(kernel, RHO_ID_KERNEL_NOT_A_NUMBER, "the range of the kernel '%s' is %g, not positive",
                             kernel->cutoff, "a radius, length or cutoff is a positive number");
  if (k->integral >= 0 && !isfinite(kernel->integral))
    return rho_kernel_report(kernel, RHO_ID_KERNEL_NOT_A_NUMBER, "the integral asked of the kernel '%s' is %g",
                             kernel->integral, "an integral is a finite number");
  kernel->tape = OpenTape(kernel, k->formula, k->variable);
  if (!kernel->tape) return RHO_NOMEM;
  if (k->real < 0) return RHO_OK;
  kernel->real = OpenTape(kernel, k->real, k->real_variable);
  return kernel->real ? RHO_OK : RHO_NOMEM;
}

/* Runs body with everything open.  Under a guard only its own arena may be asked for memory. */
static RhoStatus Run(Task *task, int dim, GuardedFn body) {
  Kernel *kernel = &task->kernel;
  RhoStatus status = FindDim(kernel, dim);
  if (status != RHO_OK) return status;
  kernel->arena = RhoArenaCreate();
  if (!kernel->arena) return RHO_NOMEM;
  rho_kernel_rule(&kernel->rule);
  status = rho_guarded(kernel->arena, BoundGuarded, kernel);
  if (status == RHO_OK) status = rho_guarded(kernel->model->arena, OpenGuarded, kernel);
  if (status == RHO_OK) status = rho_guarded(kernel->arena, body, task);
  RhoTapeDestroy(&kernel->tape);
  RhoTapeDestroy(&kernel->real);
  RhoArenaDestroy(&kernel->arena);
  return status;
}

/* ---- values --------------------------------------------------------------------------------------------------------
 */

static double EvalOne(RhoTape tape, double x) {
  double y;
  RhoTapeEval(tape, 1, (const double *[]){&x}, NULL, (double *[]){&y}, NULL);
  return y;
}

static bool IsOfR(const Kernel *kernel) {
  return kernel->kernel->form == RHO_KERNEL_OF_R || kernel->kernel->form == RHO_KERNEL_TABLE_R;
}

/* integral/K^(0), or 1; absolute: what K^(0) is small against. */
static RhoStatus Scale(const Kernel *kernel, double at0, double absolute, double *scale) {
  *scale = 1;
  if (isnan(kernel->integral)) return RHO_OK;
  *scale = kernel->integral / at0;
  if (fabs(at0) > 1e-12 * absolute && isfinite(*scale)) return RHO_OK;
  return rho_kernel_report(kernel, RHO_ID_KERNEL_INTEGRAL, "the integral of the kernel '%s' is %g: it cannot be scaled",
                           at0, "remove 'integral', or give a kernel with an integral other than 0");
}

static RhoStatus CheckFinite(const Task *task) {
  for (int i = 0; i < task->n; i++) {
    if (isfinite(task->out[i])) continue;
    if (task->q[i] == 0)
      return rho_kernel_report(&task->kernel, RHO_ID_KERNEL_DIVERGES,
                               "the integral of the kernel '%s' does not converge (q = %g)", 0,
                               "a kernel given in q must be finite at q = 0");
    return rho_kernel_report(&task->kernel, RHO_ID_KERNEL_NOT_A_NUMBER, "the kernel '%s' is no finite number at q = %g",
                             task->q[i], "a kernel in q must be finite for all q that the mesh has");
  }
  return RHO_OK;
}

static RhoStatus TransformOfQ(Task *task) {
  Kernel *kernel = &task->kernel;
  double scale = 1, at0 = EvalOne(kernel->tape, 0);
  RhoStatus status = isnan(kernel->integral) ? RHO_OK : Scale(kernel, at0, fabs(at0), &scale);
  if (status != RHO_OK) return status;
  RhoTapeEval(kernel->tape, task->n, &task->q, NULL, &task->out, NULL);
  for (int i = 0; i < task->n; i++) task->out[i] *= scale;
  return CheckFinite(task);
}

static RhoStatus TransformOfR(Task *task) {
  static const double zero = 0;
  Kernel *kernel = &task->kernel;
  Nodes nodes;
  double qmax = 0, at0, scale;
  for (int i = 0; i < task->n; i++) qmax = fmax(qmax, task->q[i]);
  RhoStatus status = rho_kernel_resolve(kernel);
  if (status == RHO_OK) status = rho_kernel_nodes(kernel, qmax, &nodes);
  if (status != RHO_OK) return status;
  rho_kernel_sum(kernel, &nodes, 1, &zero, &at0);
  status = Scale(kernel, at0, nodes.absolute, &scale);
  if (status != RHO_OK) return status;
  rho_kernel_sum(kernel, &nodes, task->n, task->q, task->out);
  for (int i = 0; i < task->n; i++) task->out[i] *= scale;
  return CheckFinite(task);
}

static RhoStatus TransformGuarded(void *ctx) {
  Task *task = ctx;
  return IsOfR(&task->kernel) ? TransformOfR(task) : TransformOfQ(task);
}

static RhoStatus ScaleOf(Kernel *kernel, double *scale) {
  static const double zero = 0;
  Nodes nodes;
  double at0;
  *scale = 1;
  if (isnan(kernel->integral)) return RHO_OK;
  if (!IsOfR(kernel)) {
    at0 = EvalOne(kernel->tape, 0);
    return Scale(kernel, at0, fabs(at0), scale);
  }
  RhoStatus status = rho_kernel_resolve(kernel);
  if (status == RHO_OK) status = rho_kernel_nodes(kernel, 0, &nodes);
  if (status != RHO_OK) return status;
  rho_kernel_sum(kernel, &nodes, 1, &zero, &at0);
  return Scale(kernel, at0, nodes.absolute, scale);
}

static RhoStatus AtGuarded(void *ctx) {
  Task *task = ctx;
  Kernel *kernel = &task->kernel;
  double scale;
  if (!IsOfR(kernel) && !kernel->real)
    return rho_kernel_report(kernel, RHO_ID_KERNEL_NO_VALUE, "the kernel '%s' is given in q: it has no value at r = %g",
                             task->r, "give the kernel in r");
  RhoStatus status = ScaleOf(kernel, &scale);
  if (status != RHO_OK) return status;
  bool beyond = task->r >= kernel->cutoff;
  *task->out = beyond ? 0 : scale * EvalOne(IsOfR(kernel) ? kernel->tape : kernel->real, task->r);
  if (isfinite(*task->out)) return RHO_OK;
  return rho_kernel_report(kernel, RHO_ID_KERNEL_NO_VALUE, "the kernel '%s' has no finite value at r = %g", task->r,
                           "self-sensing needs a kernel that is finite at r = 0");
}

static RhoStatus CorrectorGuarded(void *ctx) {
  Task *task = ctx;
  Kernel *kernel = &task->kernel;
  if (!IsOfR(kernel) || !isnan(kernel->integral))
    return rho_kernel_report(kernel, RHO_ID_KERNEL_NO_VALUE, "the kernel '%s' has no corrector%.0s", 0,
                             "it must be given in r, as 1 - g, without an integral to be scaled to");
  RhoStatus status = rho_kernel_resolve(kernel);
  return status ? status : rho_kernel_corrector(kernel, task->out);
}

/* ---- entry points --------------------------------------------------------------------------------------------------
 */

static Task NewTask(RhoModel model, int kernel, const double *value) {
  return (Task){.kernel = {.model = model, .kernel = &model->kernel[kernel], .value = value}};
}

RhoStatus RhoKernelTransform(RhoModel model, int kernel, int dim, const double *value, int n, const double *q,
                             double *out) {
  Task task = NewTask(model, kernel, value);
  task.n = n;
  task.q = q;
  task.out = out;
  return Run(&task, dim, TransformGuarded);
}

RhoStatus RhoKernelAt(RhoModel model, int kernel, int dim, const double *value, double r, double *out) {
  Task task = NewTask(model, kernel, value);
  task.r = r;
  task.out = out;
  return Run(&task, dim, AtGuarded);
}

RhoStatus RhoKernelCorrector(RhoModel model, int kernel, int dim, const double *value, double *out) {
  Task task = NewTask(model, kernel, value);
  task.out = out;
  return Run(&task, dim, CorrectorGuarded);
}

double RhoKernelSupport(RhoModel model, int kernel, const double *value) {
  Task task = NewTask(model, kernel, value);
  if (!IsOfR(&task.kernel)) return INFINITY;
  task.kernel.bound = value; /* a cutoff is the same in every dimension */
  return ValueOr(&task.kernel, model->kernel[kernel].cutoff, INFINITY);
}
