#!/usr/bin/env python3
"""A whole quench, process against process, timed in turn, the least of N warm runs each:

    quench.py RHOFLUX EMPTY [N]

models/cahn_hilliard/cases/quench.yaml against what its user would write by hand (quench_numpy.py, with as long a step as
keeps its free energy within 0.5 %) and against a program that does nothing (bench_empty).  The free energies stand beside
those of a converged run."""
import os
import sys
import tempfile

import h5py
import numpy as np

from startup import seconds

HERE = os.path.dirname(os.path.abspath(__file__))
CASE = os.path.join(HERE, "../../models/cahn_hilliard/cases/quench.yaml")
# quench_numpy.py with 256 x 256 points and steps of 0.1; with 0.2 the same to 5e-7
CONVERGED = {50: -475.28293, 100: -3801.0143, 200: -6349.4365, 400: -6701.6027}


def off(energies):
    return ", ".join(f"{100 * (F / CONVERGED[round(t)] - 1):+.3f}" for t, F in energies)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    rhoflux, empty = (os.path.abspath(path) for path in sys.argv[1:3])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    commands = {"empty program": [empty],
                "rhoflux run quench": [rhoflux, "run", CASE, "--overwrite", "--quiet"],
                "NumPy, pyFFTW": ["/usr/bin/python3", os.path.join(HERE, "quench_numpy.py"), "out.npz"]}
    least = {name: (9e9, 9e9) for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for _ in range(count + 1):
            for name, command in commands.items():
                least[name] = tuple(map(min, least[name], seconds(command)))
        with h5py.File("quench.h5") as result:
            series = result["series"]
            energies = {"rhoflux run quench": list(zip(series["time"][1:], series["free_energy"][1:]))}
        energies["NumPy, pyFFTW"] = np.load("out.npz")["energy"]
        os.chdir("/")
    base = least["empty program"]
    print("| | wall, ms | of the empty program | processor, ms | of the empty program | free energy off, %, at t = 50, 100, 200, 400 |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, (wall, work) in least.items():
        print(f"| {name} | {1e3 * wall:.1f} | {wall / base[0]:.2f} | {1e3 * work:.1f} | {work / base[1]:.2f} | "
              f"{off(energies[name]) if name in energies else ''} |")


if __name__ == "__main__":
    main()
