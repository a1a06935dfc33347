/* verb_new.c - `rhoflux new MODEL_NAME`: a folder with a commented model, a case and a README to start from. */
#include "cli_private.h"
#include "template.h"
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

int rho_verb_new(RhoCli *cli);

static bool IsName(const char *name) {
  if (!isalpha((unsigned char)*name)) return false;
  for (; *name; name++)
    if (!isalnum((unsigned char)*name) && *name != '_') return false;
  return true;
}

/* The template with its name in place of every @. */
static void Put(const char *text, const char *name, FILE *stream) {
  for (; *text; text++) {
    if (*text == '@') fputs(name, stream);
    else fputc(*text, stream);
  }
}

static int Fail(const RhoCli *cli, const char *path) {
  if (cli->rank == 0) fprintf(stderr, "rhoflux: cannot write '%s': %s\n", path, strerror(errno));
  return RHO_EXIT_FAILED;
}

static int WriteFile(const RhoCli *cli, const char *path, const char *text, const char *name) {
  FILE *stream = fopen(path, "w");
  if (!stream) return Fail(cli, path);
  Put(text, name, stream);
  bool bad = ferror(stream) != 0;
  return fclose(stream) || bad ? Fail(cli, path) : RHO_EXIT_DONE;
}

static int WriteAll(RhoCli *cli, const char *name) {
  const char *cases = RhoArenaPrint(cli->arena, "%s/cases", name);
  if (mkdir(name, 0777)) return Fail(cli, name);
  if (mkdir(cases, 0777)) return Fail(cli, cases);
  for (int k = 0; k < rho_ntemplate; k++) {
    const char *path = RhoArenaPrint(cli->arena, "%s/%s", name, rho_template[k].path);
    int status = WriteFile(cli, path, rho_template[k].text, name);
    if (status) return status;
  }
  return RHO_EXIT_DONE;
}

int rho_verb_new(RhoCli *cli) {
  const char *name = cli->argument[0];
  if (!IsName(name)) return rho_refuse(cli, "'%s' is no name for a model: letters, digits and _, a letter first", name);
  if (rho_path_is_file(name) || rho_path_is_folder(name)) return rho_refuse(cli, "'%s' is there already", name);
  int status = cli->rank == 0 ? WriteAll(cli, name) : RHO_EXIT_DONE;
  if (status || !rho_speaks(cli)) return status;
  printf("wrote %s/: model.yaml, README.md, cases/first.yaml\n"
         "next: rhoflux check %s/model.yaml; rhoflux run %s/cases/first.yaml; rhoflux plot first\n",
         name, name, name);
  return RHO_EXIT_DONE;
}
