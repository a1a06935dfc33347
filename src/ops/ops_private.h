/* ops_private.h - what the files of ops share. */
#ifndef RHO_OPS_PRIVATE_H
#define RHO_OPS_PRIVATE_H
#include "rhoflux/ops.h"

/* node/x when x is a factor of every addend of node, else RHO_NONE (factor.c). */
RhoNode RhoFactorDivide(RhoGraph graph, RhoNode node, RhoNode x);
/* node with equal factors of products cancelled: c*(1/c) -> 1.  For potentials derived from a free energy, where
   such quotients are removable singularities of the derivation and not of the model. */
RhoNode RhoFactorCancel(RhoGraph graph, RhoNode node);
/* potential = T*log(density) + excess with T free of fields; false when there is no such part (ideal.c). */
bool RhoIdealPart(RhoGraph graph, RhoNode potential, RhoNode density, RhoNode *T, RhoNode *excess);
/* The terms of one field's flux, appended to its equation (terms.c). */
RhoStatus RhoTermsOfField(RhoEquations eq, RhoDiag diag, int field);
/* Fits -D grad(u) - u*g*grad(w) pairs of an equation (fit.c). */
void RhoTermsFit(RhoEquations eq, int field);
void RhoConservedFind(RhoEquations eq);

/* sum_k of a grown list in the model's arena */
RhoTerm *RhoTermAdd(RhoEquations eq, RhoEquation *equation);

/* Values of every operator and symbol on a small periodic sample grid (sample.c): sup |a - b| relative to sup |a|. */
double RhoSampleDifference(RhoEquations eq, const double *value, RhoNode a, RhoNode b, RhoNode test, double from,
                           double to, unsigned seed);
#endif
