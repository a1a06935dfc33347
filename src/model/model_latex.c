/* model_latex.c - names as LaTeX: rho -> \rho, rho_0 -> \rho_0, c1 -> c_1, rho[a] -> \rho_{a}, alpha_eff ->
 * \alpha_{\mathrm{eff}}, Tbar -> \bar{T}. */
#include "model_private.h"
#include <ctype.h>
#include <string.h>

static const char *const greek[] = {
    "alpha", "beta",  "gamma",  "delta", "epsilon", "zeta",  "eta",     "theta", "iota", "kappa", "lambda", "mu",
    "nu",    "xi",    "pi",     "rho",   "sigma",   "tau",   "upsilon", "phi",   "chi",  "psi",   "omega",  "Gamma",
    "Delta", "Theta", "Lambda", "Xi",    "Pi",      "Sigma", "Upsilon", "Phi",   "Psi",  "Omega", "ell"};

static bool IsGreek(const char *word, size_t n) {
  for (size_t k = 0; k < sizeof greek / sizeof *greek; k++)
    if (strlen(greek[k]) == n && strncmp(greek[k], word, n) == 0) return true;
  return false;
}

/* Tbar, rhohat: a letter under an accent; the length of the letter's name, 0: none. */
static size_t Accented(const char *word, size_t n, const char **accent) {
  static const char *const known[] = {"bar", "hat", "tilde"};
  for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
    size_t length = strlen(known[k]), stem = n - length;
    if (n <= length || strncmp(word + stem, known[k], length) != 0) continue;
    *accent = known[k];
    return stem == 1 || IsGreek(word, stem) ? stem : 0;
  }
  return 0;
}

static void AddWord(RhoText text, const char *word, size_t n) {
  bool number = n > 0 && isdigit((unsigned char)*word);
  const char *accent = "";
  size_t stem = Accented(word, n, &accent);
  if (stem) {
    RhoTextAdd(text, "\\%s{", accent);
    AddWord(text, word, stem);
    RhoTextAdd(text, "}");
  } else if (IsGreek(word, n)) RhoTextAdd(text, "\\%.*s", (int)n, word);
  else if (n <= 1 || number) RhoTextAdd(text, "%.*s", (int)n, word);
  else RhoTextAdd(text, "\\mathrm{%.*s}", (int)n, word);
}

/* Letters before trailing digits: "c1" is c with the subscript 1. */
static size_t WithoutDigits(const char *word, size_t n) {
  size_t k = n;
  while (k > 0 && isdigit((unsigned char)word[k - 1])) k--;
  return k > 0 ? k : n;
}

const char *rho_latex(RhoArena arena, const char *name) {
  RhoText text = RhoTextCreate(arena);
  size_t bracket = strcspn(name, "["), head = strcspn(name, "_["), stem = WithoutDigits(name, head);
  AddWord(text, name, stem);
  bool sub = stem < bracket || name[bracket];
  if (sub) RhoTextAdd(text, "_{");
  if (stem < head) RhoTextAdd(text, "%.*s", (int)(head - stem), name + stem);
  for (size_t at = head; at < bracket;) { /* words separated by _ */
    size_t n = strcspn(name + at + 1, "_[");
    if (at > stem) RhoTextAdd(text, ",");
    AddWord(text, name + at + 1, n);
    at += n + 1;
  }
  for (size_t at = bracket; name[at] && name[at] != ']';) { /* members separated by , */
    size_t n = strcspn(name + at + 1, ",]");
    if (at > stem) RhoTextAdd(text, ",");
    AddWord(text, name + at + 1, n);
    at += n + 1;
  }
  if (sub) RhoTextAdd(text, "}");
  return RhoTextGet(text);
}

const char *RhoModelLatex(const char *name, void *model) {
  RhoModel m = model;
  for (int i = 0; i < m->nfield; i++)
    if (strcmp(m->field[i].name, name) == 0) return m->field[i].latex;
  return rho_latex(m->arena, name);
}
