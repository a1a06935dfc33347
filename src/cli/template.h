/* template.h - the files that `rhoflux new` writes; @ stands for the model's name. */
#ifndef RHO_TEMPLATE_H
#define RHO_TEMPLATE_H

typedef struct {
  const char *path, *text;
} RhoTemplate;
extern const RhoTemplate rho_template[];
extern const int rho_ntemplate;

#endif
