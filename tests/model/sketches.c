/* sketches.c - the language can say the equations it was made for: each is written down and read. */
#include "check.h"

static RhoDiag diag;

static int Setup(void **state) {
  (void)state;
  diag = RhoDiagCreate();
  return 0;
}

static int Teardown(void **state) {
  (void)state;
  RhoDiagDestroy(&diag);
  return 0;
}

static void Reads(const char *text, const char *node, const char *formula) {
  RhoModel model = LoadText(diag, text);
  const RhoField *f = &model->field[0];
  RhoNode got = !strcmp(node, "flux")        ? f->flux_all
                : !strcmp(node, "flux0")     ? f->flux[0]
                : !strcmp(node, "flux1")     ? f->flux[1]
                : !strcmp(node, "drift0")    ? f->drift[0]
                : !strcmp(node, "potential") ? f->potential
                : !strcmp(node, "rate")      ? model->exchange[0].rate
                                             : f->reaction;
  if (got != Node(model, formula)) fail_msg("%s is %s, not %s", node, Printed(model, got), formula);
  RhoModelDestroy(&model);
}

static void ScalarModels(void **state) {
  (void)state;
  /* Active Model B+ */
  Reads("parameters: {a: -1, b: 1, K: 1, lambda: 0.5, zeta: 1, D: 0.1}\ndynamics:\n  phi:\n"
        "    flux: \"-grad(a*phi + b*phi^3 - K*lap(phi) + lambda*|grad(phi)|^2) + zeta*lap(phi)*grad(phi)\"\n"
        "    noise: sqrt(2*D)\n",
        "flux", "zeta*lap(phi)*grad(phi) - grad(a*phi + b*phi^3 - K*lap(phi) + lambda*dot(grad(phi), grad(phi)))");
  /* Swift-Hohenberg */
  Reads("parameters: {r: 0.1}\ndynamics:\n  u: {reaction: \"r*u - (u + 2*lap(u) + lap(lap(u))) - u^3\"}\n", "reaction",
        "r*u - (u + 2*lap(u) + lap(lap(u))) - u^3");
  /* Dean-Kawasaki */
  Reads("parameters: {T: 1}\nkernels: {u: {shape: gaussian, width: 1, integral: 5}}\nfields: {rho: density}\n"
        "dynamics:\n  rho: {flux: \"-T*grad(rho) - rho*grad(conv(u, rho))\", noise: \"sqrt(2*T*rho)\"}\n",
        "flux", "-T*grad(rho) - rho*grad(conv(u, rho))");
}

static void Pairs(void **state) {
  (void)state;
  /* nonreciprocal Cahn-Hilliard, O(2) form */
  Reads("index: {i: 1..2}\nparameters: {alpha: 1}\ndefine: {R2: \"sum(i, phi[i]^2)\", "
        "\"G[1]\": \"-phi[1] - alpha*phi[2] + R2*phi[1] - lap(phi[1])\", "
        "\"G[2]\": \"-phi[2] + alpha*phi[1] + R2*phi[2] - lap(phi[2])\"}\n"
        "dynamics:\n  \"phi[i]\": {flux: \"-grad(G[i])\"}\n",
        "flux", "-grad(-phi[1] - alpha*phi[2] + (phi[1]^2 + phi[2]^2)*phi[1] - lap(phi[1]))");
  /* Keller-Segel, Gray-Scott */
  Reads("parameters: {D: 1, chi: 2, Dc: 1, k: 1, beta: 1}\ndynamics:\n"
        "  rho: {flux: \"-D*grad(rho) + chi*rho*grad(c)\"}\n  c: {flux: -Dc*grad(c), reaction: beta*rho - k*c}\n",
        "flux", "chi*rho*grad(c) - D*grad(rho)");
  Reads("parameters: {Du: 1, Dv: 0.5, F: 0.04, k: 0.06}\ndynamics:\n"
        "  u: {reaction: \"Du*lap(u) - u*v^2 + F*(1 - u)\"}\n  v: {reaction: \"Dv*lap(v) + u*v^2 - (F + k)*v\"}\n",
        "reaction", "Du*lap(u) - u*v^2 + F*(1 - u)");
  /* chemotaxis: sums over another set than the field's own */
  Reads("index: {m: [a, b], \"p, l\": 1..3}\nparameters: {\"chi[m,p]\": 1, \"beta[m,p]\": m, Dc: 1, k: 2}\n"
        "kernels: {G: {q: \"1/(Dc*q^2 + k)\"}}\ndefine: {\"c[p]\": \"conv(G, sum(m, beta[m,p]*rho[m]))\"}\n"
        "dynamics:\n  \"rho[m]\": {mobility: \"rho[m]\", potential: \"log(rho[m]) + sum(p, chi[m,p]*c[p])\"}\n",
        "potential", "log(rho[a]) + (chi[a,1]*c[1] + chi[a,2]*c[2] + chi[a,3]*c[3])");
  /* the term beyond the free energy of a two-temperature mixture */
  Reads("index: {\"i, j\": [A, B]}\nparameters: {\"zeta[i]\": 1, \"T[i]\": i, Q: 1, "
        "Gamma: \"(T[B] - T[A])*zeta[A]*zeta[B]/(zeta[A] + zeta[B])^2*Q\"}\n"
        "dynamics:\n  \"c[i]\":\n    mobility: \"c[i]/zeta[i]\"\n    potential: \"T[i]*log(c[i])\"\n"
        "    flux: \"-s[i]*Gamma/zeta[i]*grad(prod(j, c[j]))\"\ndefine: {\"s[i]\": \"3 - 2*i\"}\n",
        "flux", "-(s[A]*Gamma/zeta[A])*grad(c[A]*c[B])");
}

static void InternalDimensions(void **state) {
  (void)state;
  /* a continuous internal state */
  Reads("dimensions: [x, q]\nparameters: {alpha: 1}\ndefine: {U: q^4 - 3*q^2,  D: alpha*(U + 2.5),  T: 1 + 0.8*x}\n"
        "dynamics:\n  P:\n    flux: {x: \"-D*grad(P)\", q: \"-P*grad(U) - T*grad(P)\"}\n",
        "flux1", "-P*d(U, q) - T*d(P, q)");
  /* Kramers */
  Reads("dimensions: [x, v]\nparameters: {tau: 1, m: 1}\ndefine: {T: 1 + 0.8*x}\ndynamics:\n  P:\n"
        "    drift: {x: v}\n    flux: {v: \"-(v*P + T/m*grad(P))/tau\"}\n",
        "flux1", "-((v*P + T/m*d(P, v))/tau)");
  /* two particles on a line at two temperatures */
  Reads("dimensions: [x1, x2]\nparameters: {k: 1, lambda: 1, T1: 2, T2: 1}\n"
        "define: {\"U(r)\": \"k*r^2/2\", \"V(x)\": \"lambda*x^2/2\", W: \"U(x1 - x2) + V(x1) + V(x2)\"}\n"
        "dynamics:\n  P: {flux: {x1: \"-P*grad(W) - T1*grad(P)\", x2: \"-P*grad(W) - T2*grad(P)\"}}\n",
        "flux0", "-P*d(W, x1) - T1*d(P, x1)");
  /* run-and-tumble with the orientation as a dimension */
  Reads("dimensions: [x, y, theta]\nparameters: {v0: 1, tau: 1, lambda: 0.1}\n"
        "define: {rho: \"integral(theta, f)\", v: \"v0*exp(-lambda*rho)\"}\nfields: {f: density}\n"
        "dynamics:\n  f:\n    drift: {x: \"v*cos(theta)\", y: \"v*sin(theta)\"}\n    reaction: \"(rho/(2*pi) - "
        "f)/tau\"\n",
        "drift0", "v0*exp(-lambda*integral(theta, f))*cos(theta)");
}

static void Exchanges(void **state) {
  (void)state;
  /* dimers */
  Reads("dimensions: [x]\nparameters: {D1: 1, D2: 0.5}\ndefine: {T: 1 + x, kp: \"5*exp(2/T)\", km: \"100*exp(-2/T)\"}\n"
        "dynamics: {c1: {flux: -D1*grad(c1)}, c2: {flux: -D2*grad(c2)}}\n"
        "exchange:\n  - {from: 2 c1, to: c2, rate: kp*c1^2, back: km*c2}\n",
        "rate", "kp*c1^2 - km*c2");
  /* five states, rates from a symmetric matrix of barriers, neighbours only */
  Reads("index: {\"i, j\": 1..5}\ndimensions: [x]\nparameters: {k0: 10, \"D[i]\": 0.2*i, \"E[i]\": 0.5*(i - 1), "
        "\"B[i,j]\": \"max(E[i], E[j]) + 0.5\"}\ndefine: {T: 1 + 0.8*x, \"k[i,j]\": \"k0*exp(-(B[i,j] - E[j])/T)\"}\n"
        "dynamics: {\"P[i]\": {flux: \"-D[i]*grad(P[i])\"}}\n"
        "exchange:\n  - {for: \"i, j\", if: j == i + 1, from: \"P[i]\", to: \"P[j]\", rate: \"k[j,i]*P[i]\", "
        "back: \"k[i,j]*P[j]\"}\n",
        "rate", "k[2,1]*P[1] - k[1,2]*P[2]");
  /* heat with a stored density: the field is the energy, so that it is conserved with c(x1) */
  Reads("parameters: {rho: 1}\ndefine: {c: 1 + x1, T: e/(rho*c), L: 1 + 0.5*x1}\n"
        "dynamics:\n  e: {flux: \"-L/T^2*grad(T)\"}\n  x1: {flux: -grad(x1)}\n",
        "flux", "-(L/T^2)*grad(T)");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(ScalarModels), cmocka_unit_test(Pairs),
                                     cmocka_unit_test(InternalDimensions), cmocka_unit_test(Exchanges)};
  return cmocka_run_group_tests_name("sketches", tests, Setup, Teardown);
}
