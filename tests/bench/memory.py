#!/usr/bin/env python3
"""Memory of a run, in bytes per cell, by scheme: the largest resident set of a grid less that of a small one.

    memory.py RHOFLUX

Two fields in 3-D on one rank; the whole process counts: vectors, ghosts, spectra, the copy that is written."""
import os
import sys
import tempfile

MODELS = {
    "nonreciprocal_cahn_hilliard": '{phi1: "0.1*sin(2*pi*x/Lx)", phi2: "0.1*cos(2*pi*y/Ly)"}',
    "quorum_sensing_cross": '{"rho[a]": "50 + sin(2*pi*x/Lx)", "rho[b]": "50 + cos(2*pi*y/Ly)"}',
}
SCHEMES = ["ark2", "ark3", "ark4", "ark5", "arkode3", "arkode4", "arkode5", "dirk4", "bdf", "euler", "energy_stable"]
SMALL, LARGE = 32, 112

CASE = """rhoflux: 1
case: memory
model: {model}
mesh:
  x: {{length: 30, cells: {n}, boundary: periodic}}
  y: {{length: 30, cells: {n}, boundary: periodic}}
  z: {{length: 30, cells: {n}, boundary: periodic}}
initial: {{formulas: {start}}}
time: {{end: 3e-6, at: [3e-6], step: 1e-6}}
solver: {{scheme: {scheme}, coefficients: {coefficients}}}
"""


def peak(rhoflux, folder, text):
    """Bytes of the largest resident set; None: the run was refused."""
    with open(os.path.join(folder, "memory.yaml"), "w") as case:
        case.write(text)
    process = os.fork()
    if process == 0:
        os.chdir(folder)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.execv(rhoflux, [rhoflux, "run", "memory.yaml", "--overwrite", "--quiet"])
    _, status, usage = os.wait4(process, 0)
    return None if status else 1024 * usage.ru_maxrss


def per_cell(rhoflux, folder, **case):
    size = [peak(rhoflux, folder, CASE.format(n=n, **case)) for n in (SMALL, LARGE)]
    return None if None in size else (size[1] - size[0]) / (LARGE**3 - SMALL**3)


def main():
    rhoflux = os.path.abspath(sys.argv[1])
    print("| scheme | " + " | ".join(f"{model}, {kind}" for model in MODELS for kind in ("variable", "constant")) + " |")
    print("| --- |" + " --- |" * 2 * len(MODELS))
    with tempfile.TemporaryDirectory() as folder:
        for scheme in SCHEMES:
            row = []
            for model, start in MODELS.items():
                for kind in ("variable", "constant"):
                    bytes_ = per_cell(rhoflux, folder, model=model, start=start, scheme=scheme, coefficients=kind)
                    row.append("-" if bytes_ is None else f"{bytes_:.0f}")
            print(f"| `{scheme}` | " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
