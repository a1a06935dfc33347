/* program.h - running the program from a test, in a folder of its own. */
#ifndef RHO_TESTS_CLI_PROGRAM_H
#define RHO_TESTS_CLI_PROGRAM_H
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RHO_TESTS RHO_SOURCE_DIR "/tests/cli"

/* What it said, standard output and error together, and how it ended (128 + the signal when killed). */
typedef struct {
  int status;
  char said[65536];
} Run;

/* Starts a program with standard output and error going to *from. */
static inline pid_t Start(const char *const *argv, int *from) {
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  fflush(NULL);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    alarm(120); /* nothing here may hang */
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    execvp(argv[0], (char *const *)(void *)argv);
    _exit(126);
  }
  close(ends[1]);
  *from = ends[0];
  return child;
}

static inline void Finish(pid_t child, int from, Run *run) {
  char rest[4096];
  size_t used = 0;
  for (ssize_t n = 1; n > 0;) {
    bool full = used + 1 >= sizeof run->said;
    n = full ? read(from, rest, sizeof rest) : read(from, run->said + used, sizeof run->said - 1 - used);
    if (n > 0 && !full) used += (size_t)n;
  }
  run->said[used] = 0;
  close(from);
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  run->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* rhoflux with these arguments, to its end. */
#define RUN(run, ...) RunProgram(run, (const char *const[]){RHO_PROGRAM, __VA_ARGS__, NULL})
static inline int RunProgram(Run *run, const char *const *argv) {
  int from;
  pid_t child = Start(argv, &from);
  Finish(child, from, run);
  return run->status;
}

/* The same on n ranks, "2". */
#define MPIRUN(run, n, ...)                                                                                            \
  RunProgram(run, (const char *const[]){RHO_MPIEXEC, "--oversubscribe", "--bind-to", "none", "-n", n, RHO_PROGRAM,     \
                                        __VA_ARGS__, NULL})

static inline void assert_says(const Run *run, const char *part) {
  if (!strstr(run->said, part)) fail_msg("'%s' is missing in:\n%s", part, run->said);
}

static inline void assert_status(const Run *run, int status) {
  if (run->status != status) fail_msg("status %d instead of %d:\n%s", run->status, status, run->said);
}

/* The number behind the key where it stands first. */
static inline double NumberFrom(const char *text, const char *key) {
  const char *at = strstr(text, key);
  if (!at) fail_msg("no %s in:\n%s", key, text);
  return strtod(at + strlen(key), NULL);
}
static inline double NumberIn(const Run *run, const char *key) { return NumberFrom(run->said, key); }

static inline bool Exists(const char *path) {
  struct stat status;
  return stat(path, &status) == 0;
}

static char program_folder[64];

/* cmocka's group setup and teardown: into a new folder, and away with it. */
static inline int EnterFolder(void **state) {
  (void)state;
  strcpy(program_folder, "/tmp/rhoflux-XXXXXX");
  return mkdtemp(program_folder) && chdir(program_folder) == 0 ? 0 : -1;
}

static inline int LeaveFolder(void **state) {
  (void)state;
  const char *const argv[] = {"rm", "-rf", program_folder, NULL};
  Run run;
  return chdir("/") ? -1 : RunProgram(&run, argv);
}

static inline void WriteText(const char *path, const char *text) {
  FILE *stream = fopen(path, "w");
  assert_non_null(stream);
  fputs(text, stream);
  assert_int_equal(fclose(stream), 0);
}

/* Whole numbers that look random and are the same in every run of the tests, and numbers in [0, 1) one after the other
   (splitmix64: Steele, Lea, Flood 2014). */
#define RANDOM_STEP UINT64_C(0x9e3779b97f4a7c15)
static inline uint64_t Mixed(uint64_t z) {
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}
static inline uint64_t RandomOf(uint64_t k) { return Mixed((k + 1) * RANDOM_STEP); }
static inline double InUnit(uint64_t z) { return (double)(z >> 11) / (double)(UINT64_C(1) << 53); }
static inline double Uniform(uint64_t *state) { return InUnit(Mixed(*state += RANDOM_STEP)); }

#endif
