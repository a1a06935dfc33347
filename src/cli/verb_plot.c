/* verb_plot.c - `rhoflux plot RESULT`: runs postprocess/plot.py with a Python that has what it needs. */
#include "cli_private.h"
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int rho_verb_plot(RhoCli *cli);

/* The exit status of a program; 127 when it does not start, 128 when it is killed. */
static int Execute(const char *const *argv) {
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    execvp(argv[0], (char *const *)(void *)argv);
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return 127;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static bool IsComplete(const char *python) {
  static const char test[] = "import importlib.util as u, sys\n"
                             "sys.exit(any(u.find_spec(m) is None for m in ('numpy', 'h5py', 'matplotlib')))";
  const char *const argv[] = {python, "-c", test, NULL};
  return Execute(argv) == 0;
}

static const char *FindPython(void) {
  const char *const candidate[] = {getenv("RHOFLUX_PYTHON"), "python3", "/usr/bin/python3"};
  for (size_t k = 0; k < sizeof candidate / sizeof *candidate; k++)
    if (candidate[k] && *candidate[k] && IsComplete(candidate[k])) return candidate[k];
  return NULL;
}

static int Add(const RhoCli *cli, RhoOptionId option, int n, const char **argv) {
  if (!rho_given(cli, option)) return n;
  argv[n++] = rho_option[option].name;
  if (*rho_option[option].argument) argv[n++] = cli->value[option];
  return n;
}

int rho_verb_plot(RhoCli *cli) {
  const char *script = rho_path_shared(cli->arena, "postprocess/plot.py"), *argv[16] = {NULL};
  if (cli->rank != 0) return RHO_EXIT_DONE;
  if (!script) {
    fputs("rhoflux: postprocess/plot.py is not in this installation\n", stderr);
    return RHO_EXIT_FAILED;
  }
  int n = 0;
  argv[n++] = FindPython();
  if (!argv[0]) {
    fputs("rhoflux: no Python with numpy, h5py and matplotlib; tried $RHOFLUX_PYTHON, python3, /usr/bin/python3\n"
          "  on Debian: apt install python3-h5py python3-numpy python3-matplotlib\n",
          stderr);
    return RHO_EXIT_FAILED;
  }
  argv[n++] = script;
  argv[n++] = cli->argument[0];
  n = Add(cli, RHO_OPT_KIND, n, argv);
  n = Add(cli, RHO_OPT_FIELD, n, argv);
  n = Add(cli, RHO_OPT_TIME, n, argv);
  n = Add(cli, RHO_OPT_OUTPUT, n, argv);
  n = Add(cli, RHO_OPT_QUIET, n, argv);
  n = Add(cli, RHO_OPT_JSON, n, argv);
  int status = Execute(argv);
  return status <= RHO_EXIT_INPUT ? status : RHO_EXIT_FAILED;
}
