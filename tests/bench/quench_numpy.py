"""The quench of models/cahn_hilliard/cases/quench.yaml as its user would write it by hand: NumPy, pyFFTW where it is installed, ETDRK4
(Kassam and Trefethen 2005) with fixed steps.   quench_numpy.py OUT.npz [STEP]"""
import sys
import numpy as np

try:
    import pyfftw
    from pyfftw.interfaces import cache, numpy_fft as fft
    cache.enable()
    pyfftw.config.PLANNER_EFFORT = "FFTW_ESTIMATE"
except ImportError:
    fft = np.fft

n, length, kappa, end = 128, 200.0, 2.5, 400.0
dt = float(sys.argv[2]) if len(sys.argv) > 2 else 5.0
x = (np.arange(n) + 0.5) * length / n
X, Y = np.meshgrid(x, x, indexing="ij")
k = 2 * np.pi / length
u = 0.05 * (np.cos(3 * k * X) * np.cos(2 * k * Y) + np.cos(k * (X - 4 * Y)) + np.sin(k * (5 * X + 2 * Y)))
q = np.fft.fftfreq(n, 1 / n) * k
p = np.fft.rfftfreq(n, 1 / n) * k
q2 = q[:, None] ** 2 + p[None, :] ** 2
stabiliser = 1.0                                   # of f'(u) - stabiliser u
L = -q2 * (stabiliser + kappa * q2)
E, E2 = np.exp(dt * L), np.exp(dt * L / 2)
r = np.exp(1j * np.pi * (np.arange(1, 17) - 0.5) / 16)
LR = dt * L[..., None] + r
Q = dt * np.real(np.mean((np.exp(LR / 2) - 1) / LR, axis=-1))
f1 = dt * np.real(np.mean((-4 - LR + np.exp(LR) * (4 - 3 * LR + LR**2)) / LR**3, axis=-1))
f2 = dt * np.real(np.mean((2 + LR + np.exp(LR) * (LR - 2)) / LR**3, axis=-1))
f3 = dt * np.real(np.mean((-4 - 3 * LR - LR**2 + np.exp(LR) * (4 - LR)) / LR**3, axis=-1))


def rest(v):
    u = fft.irfft2(v, s=(n, n))
    return -q2 * fft.rfft2(u**3 - (1 + stabiliser) * u)


def energy(v):
    u = fft.irfft2(v, s=(n, n))
    weight = np.full(v.shape, 2.0)
    weight[:, 0] = weight[:, -1] = 1
    gradient = np.sum(weight * q2 * np.abs(v) ** 2) / n**4
    return length**2 * (np.mean(u**4 / 4 - u**2 / 2) + kappa / 2 * gradient)


v, out = fft.rfft2(u), []
for step in range(1, round(end / dt) + 1):
    N1 = rest(v)
    a = E2 * v + Q * N1
    N2 = rest(a)
    N3 = rest(E2 * v + Q * N2)
    N4 = rest(E2 * a + Q * (2 * N3 - N1))
    v = E * v + f1 * N1 + 2 * f2 * (N2 + N3) + f3 * N4
    if step * dt in (50, 100, 200, 400):
        out.append((step * dt, energy(v)))
np.savez(sys.argv[1], u=fft.irfft2(v, s=(n, n)), energy=out)
for t, F in out:
    print(f"{t:g} {F:.6f}")
