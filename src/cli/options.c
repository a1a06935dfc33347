/* options.c - the command line: a verb, its arguments and options by the tables; behind `--`, PETSc's. */
#include "cli_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const RhoOption rho_option[RHO_OPT_COUNT] = {
#define RHO_OPTION(id, name, argument, repeatable, help) {name, argument, help, repeatable},
#include "options.def"
#undef RHO_OPTION
};

int rho_refuse(const RhoCli *cli, const char *format, ...) {
  if (cli->rank != 0) return RHO_EXIT_INPUT;
  va_list args;
  va_start(args, format);
  fputs("rhoflux: ", cli->err);
  vfprintf(cli->err, format, args);
  fputc('\n', cli->err);
  va_end(args);
  return RHO_EXIT_INPUT;
}

bool rho_option_number(const RhoCli *cli, RhoOptionId option, double *value) {
  const char *text = cli->value[option];
  char *end;
  if (!text) return true;
  double number = strtod(text, &end);
  bool positive = *text && !*end && isfinite(number) && number > 0;
  if (positive) *value = number;
  else rho_refuse(cli, "%s: '%s' is not a number above 0", rho_option[option].name, text);
  return positive;
}

bool rho_option_count(const RhoCli *cli, RhoOptionId option, int least, int most, int *count) {
  const char *text = cli->value[option];
  char *end;
  if (!text) return true;
  double number = strtod(text, &end);
  bool within = *text && !*end && number >= least && number <= most && number == floor(number);
  if (within) *count = (int)number;
  else rho_refuse(cli, "%s: '%s' is not a whole number from %d to %d", rho_option[option].name, text, least, most);
  return within;
}

bool rho_option_time(const RhoCli *cli, RhoOptionId option, double *value) {
  const char *text = cli->value[option];
  char *end;
  *value = NAN;
  if (!text) return true;
  *value = strtod(text, &end);
  if (*text && !*end && isfinite(*value)) return true;
  rho_refuse(cli, "%s: '%s' is not a time", rho_option[option].name, text);
  return false;
}

/* Commas within brackets belong to a name: D[a,b]. */
int rho_option_list(const RhoCli *cli, RhoOptionId option, const char ***list) {
  const char *text = cli->value[option];
  int n = 0, capacity = 0;
  *list = NULL;
  for (const char *at = text, *from = text; at && (at == text || at[-1]); at++) {
    int depth = 0;
    for (const char *c = from; c < at; c++) depth += (*c == '[') - (*c == ']');
    if (*at && !(*at == ',' && depth == 0)) continue;
    *RHO_PUSH(cli->arena, *list, n, capacity) = RhoArenaString(cli->arena, from, (size_t)(at - from));
    from = at + 1;
  }
  return n;
}

bool rho_option_names(const RhoCli *cli, RhoOptionId option, int *n, const char ***name) {
  *n = rho_option_list(cli, option, name);
  for (int k = 0; k < *n; k++) {
    if (!*(*name)[k]) {
      rho_refuse(cli, "%s: a name is missing in '%s'", rho_option[option].name, cli->value[option]);
      return false;
    }
    for (int j = 0; j < k; j++)
      if (!strcmp((*name)[k], (*name)[j])) {
        rho_refuse(cli, "%s: '%s' twice", rho_option[option].name, (*name)[k]);
        return false;
      }
  }
  return true;
}

static bool Takes(const RhoVerb *verb, int option) {
  return option == RHO_OPT_HELP || option == RHO_OPT_JSON || verb->options & 1ull << option;
}

static int RefuseOption(const RhoCli *cli, const char *name) {
  const char *candidate[RHO_OPT_COUNT];
  int n = 0;
  for (int k = 0; k < RHO_OPT_COUNT; k++)
    if (Takes(cli->verb, k)) candidate[n++] = rho_option[k].name;
  const char *near = RhoSuggest(name, n, candidate);
  if (near) return rho_refuse(cli, "%s has no option '%s', did you mean '%s'?", cli->verb->name, name, near);
  return rho_refuse(cli, "%s has no option '%s'; see rhoflux %s --help", cli->verb->name, name, cli->verb->name);
}

static int RefuseVerb(const RhoCli *cli, const char *name) {
  const char *candidate[32];
  for (int k = 0; k < rho_nverb; k++) candidate[k] = rho_verb[k].name;
  const char *near = RhoSuggest(name, rho_nverb, candidate);
  if (near) return rho_refuse(cli, "unknown verb '%s', did you mean '%s'?", name, near);
  return rho_refuse(cli, "unknown verb '%s'; see rhoflux --help", name);
}

/* Is arg this option, as "--name" or "--name=value"?  *value: behind the sign, or NULL. */
static bool IsOption(const char *arg, const char *name, const char **value) {
  size_t n = strlen(name);
  *value = arg[n] == '=' ? arg + n + 1 : NULL;
  return arg[n] == 0 || arg[n] == '=';
}

static int FindOption(const RhoCli *cli, const char *arg, const char **value) {
  for (int k = 0; k < RHO_OPT_COUNT; k++)
    if (Takes(cli->verb, k) && !strncmp(arg, rho_option[k].name, strlen(rho_option[k].name)) &&
        IsOption(arg, rho_option[k].name, value))
      return k;
  return -1;
}

static int Keep(RhoCli *cli, int option, const char *value) {
  if (rho_given(cli, option) && !rho_option[option].repeatable)
    return rho_refuse(cli, "%s is given twice", rho_option[option].name);
  RhoGiven *given = &cli->given[option];
  cli->value[option] = value;
  *RHO_PUSH(cli->arena, given->value, given->n, given->capacity) = value;
  return 0;
}

/* The option at argv[*k], and its value there or in the next argument. */
static int ReadOption(RhoCli *cli, int *k) {
  const char *arg = cli->argv[*k], *value = NULL;
  int option = FindOption(cli, arg, &value);
  if (option < 0) return RefuseOption(cli, RhoArenaString(cli->arena, arg, strcspn(arg, "=")));
  const char *argument = rho_option[option].argument;
  if (!*argument) return value ? rho_refuse(cli, "%s takes no value", rho_option[option].name) : Keep(cli, option, "");
  bool optional = *argument == '[', wanted = !optional || cli->nargument >= cli->verb->most;
  if (!value && wanted && *k + 1 < cli->argc && strncmp(cli->argv[*k + 1], "--", 2)) value = cli->argv[++*k];
  if (!value && optional) value = "";
  if (!value) return rho_refuse(cli, "%s needs a value: %s", rho_option[option].name, argument);
  return Keep(cli, option, value);
}

/* `--` and all behind it. */
static int ReadPetsc(RhoCli *cli, int k) {
  if (!Takes(cli->verb, RHO_OPT_PETSC)) return RefuseOption(cli, "--");
  cli->npetsc = cli->argc - k - 1;
  cli->petsc = cli->argv + k + 1;
  return 0;
}

static int CheckCount(const RhoCli *cli) {
  const RhoVerb *verb = cli->verb;
  if (rho_given(cli, RHO_OPT_HELP)) return 0;
  if (cli->nargument < verb->least)
    return rho_refuse(cli, "usage: rhoflux %s %s; rhoflux %s --help says more", verb->name, verb->argument, verb->name);
  if (cli->nargument <= verb->most) return 0;
  return rho_refuse(cli, "one argument too many: '%s'; usage: rhoflux %s %s", cli->argument[verb->most], verb->name,
                    verb->argument);
}

static const RhoVerb *FindVerb(const char *name) {
  for (int k = 0; k < rho_nverb; k++)
    if (!strcmp(rho_verb[k].name, name)) return &rho_verb[k];
  return NULL;
}

int rho_options_read(RhoCli *cli) {
  int status = 0;
  cli->verb = FindVerb(cli->argv[1]);
  if (!cli->verb) return RefuseVerb(cli, cli->argv[1]);
  for (int k = 2; k < cli->argc && !status; k++) {
    const char *arg = cli->argv[k];
    if (!strcmp(arg, "--")) {
      status = ReadPetsc(cli, k);
      break;
    }
    if (arg[0] == '-' && arg[1]) status = ReadOption(cli, &k);
    else *RHO_PUSH(cli->arena, cli->argument, cli->nargument, cli->argumentcapacity) = arg;
  }
  return status ? status : CheckCount(cli);
}
