#!/usr/bin/env python3
"""Start-up: whole processes against one that does nothing, timed in turn, the least of N warm runs each.

    startup.py RHOFLUX EMPTY [N] [--rows]

--rows: of runs alone, as rows of the benchmarks' table (check.py), by processor time.

EMPTY is bench_empty: PetscInitialize, one HDF5 file, exit; it is given the environment of a single process that
rhoflux gives itself, or it would look for partners for a third of a second.  The run is the quench f = (phi^2 - 1)^2/4,
kappa = 2.5 on 128 x 128 cells, ended after so many steps, with its outputs and checkpoints."""
import os
import sys
import tempfile
import time

SINGLE = {"OMP_NUM_THREADS": "1", "OMPI_MCA_ess_singleton_isolated": "1", "OMPI_MCA_orte_create_session_dirs": "0",
          "OMPI_MCA_btl": "self,vader", "OMPI_MCA_pml": "ob1"}
STEPS = 60
CASE = """rhoflux: 1
case: quench
model: cahn_hilliard
parameters: {kappa: 2.5}
mesh: {x: {length: 200, cells: 128, boundary: periodic}, y: {length: 200, cells: 128, boundary: periodic}}
initial:
  formulas: {phi: "0.05*(cos(6*pi*x/Lx)*cos(4*pi*y/Ly) + cos(2*pi*x/Lx - 8*pi*y/Ly) + sin(10*pi*x/Lx + 4*pi*y/Ly))"}
time: {end: 400, at: [50, 100, 200]}
"""


def seconds(command):
    """Wall time, processor time."""
    null = os.open(os.devnull, os.O_RDWR)
    began = time.perf_counter()
    process = os.fork()
    if process == 0:
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.execve(command[0], command, {**os.environ, **SINGLE})
    usage = os.wait4(process, 0)[2]
    os.close(null)
    return time.perf_counter() - began, usage.ru_utime + usage.ru_stime


def main():
    rows = sys.argv[-1] == "--rows"
    if rows:
        sys.argv.pop()
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    rhoflux, empty = (os.path.abspath(path) for path in sys.argv[1:3])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    run = [rhoflux, "run", "quench.yaml", "--overwrite", "--quiet", "--set"]
    commands = {"empty program": [empty], "rhoflux --version": [rhoflux, "--version"],
                "rhoflux check": [rhoflux, "check", "quench.yaml", "--quiet"],
                "run, 1 step": [*run, "solver.max_steps=1"], f"run, {STEPS} steps": [*run, f"solver.max_steps={STEPS}"]}
    least = {name: (9e9, 9e9) for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("quench.yaml", "w") as case:
            case.write(CASE)
        for _ in range(count + 1):
            for name, command in commands.items():
                least[name] = tuple(map(min, least[name], seconds(command)))
        os.chdir("/")
    base = least["empty program"]
    if rows:
        for name, (_, work) in least.items():
            if name.startswith("run"):
                steps = name.split()[1]
                print(f"process_run {steps:>14}-step ms      {1e3 * work:10.3f} {1e3 * base[1]:10.3f} {work / base[1]:8.2f}"
                      "       -  empty_program")
        return
    print("| | wall, ms | of the empty program | processor, ms | of the empty program |\n| --- | --- | --- | --- | --- |")
    for name, (wall, work) in least.items():
        print(f"| {name} | {1e3 * wall:.1f} | {wall / base[0]:.2f} | {1e3 * work:.1f} | {work / base[1]:.2f} |")


if __name__ == "__main__":
    main()
