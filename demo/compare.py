"""Coexisting densities of the demo's results beside those of the particle runs: checks, a table, a picture.

    python3 compare.py FOLDER        # where the results are; writes FOLDER/demo.png

All densities, of particles and fields, come from one function, coexistence.measure.

What is known to separate them: the fields' speeds follow the mean of the sensed density R, those of the particles R
itself, which fluctuates (4 to 6 % in the dense phase, 8 to 13 % in the dilute one).  Averaging tanh((R - r0)/w) over
Poisson fluctuations of R moves the steady densities: the dilute ones of two species by 0.8 % in 1-D and 1.2 % in 2-D,
those of one species by 0.5 to 1.2 % in 2-D.  That is beyond the statistical error of the 2-D runs, which are therefore
checked to 2 %, the 1-D runs to 3 standard errors.
"""

import os
import sys
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "postprocess"))

import figures  # noqa: E402
import numpy as np  # noqa: E402
from coexistence import Unusable, measure, open_fields  # noqa: E402
from rhoflux_result import Result  # noqa: E402

PARTICLES = os.path.join(HERE, "..", "data", "particles", "D3_quorum_sensing")
AGREE = 1e-3  # different starts, and the last two outputs: relative
DRIFT = 1e-12  # of the totals
SIGMAS, MEAN_FIELD = 3.0, 0.02  # allowed difference: in standard errors, or in 2-D as a share

STARTS = ("particles", "antiphase", "plateaus")


@dataclass
class System:
    """A particle run and the results that belong to it."""

    run: str
    title: str
    dim: int
    results: tuple

    def species(self):
        return 2 if self.run.startswith("demix") else 1


SYSTEMS = (
    System("demix1d", "two species, 1-D", 1, tuple(f"demix1d_{start}" for start in STARTS)),
    System("demix2d", "two species, 2-D", 2, tuple(f"demix2d_{start}" for start in STARTS)),
    System("mips1d_slab", "one species, 1-D", 1, ("mips1d_slab",)),
    System("mips2d_slab", "one species, 2-D", 2, ("mips2d_slab",)),
)


class Checks:
    """Counts what fails, and says it."""

    def __init__(self):
        self.failed, self.done = [], 0

    def __call__(self, holds, text):
        self.done += 1
        if not holds:
            self.failed.append(text)
            print(f"FAILED  {text}")


# ---- measuring -----------------------------------------------------------------------------------------------------


def densities(state):
    """Inside and outside per species: [2*species] estimates."""
    return [estimate for pair in zip(state.dense, state.dilute) for estimate in pair]


def labels(system):
    names = ["rho_a", "rho_b"][: system.species()]
    return [f"{name} {where}" for name in names for where in ("inside", "outside")]


def measure_result(folder, name, check):
    """The last output, after the bands are counted; None when they are not one per species."""
    fields = open_fields(os.path.join(folder, name))
    state = measure(fields)
    check(all(n == 1 for n in state.bands), f"{name}: one band per species, found {state.bands}")
    if not state.dense:
        return None
    before = measure(fields, [len(fields.time) - 2])
    change = max(abs(a.mean / b.mean - 1) for a, b in zip(densities(state), densities(before)))
    check(change < AGREE, f"{name}: steady, the last two outputs differ by {change:.1e}")
    with Result(os.path.join(folder, name)) as result:
        drift = max(abs(result.series(s)[1]).max() for s in result.series_names if s.startswith("drift("))
    check(drift < DRIFT, f"{name}: totals conserved, they drift by {drift:.1e}")
    return state


@dataclass
class Row:
    system: System
    label: str
    particle: object  # an Estimate
    fields: np.ndarray  # one value per result

    def difference(self):
        return self.fields.mean() - self.particle.mean

    def error(self):
        """Combined: of the particle run, and between the results."""
        between = self.fields.std(ddof=1) if len(self.fields) > 1 else 0.0
        return np.hypot(self.particle.error, between)

    def sigmas(self):
        return self.difference() / self.error()

    def share(self):
        return self.difference() / self.particle.mean


def check_row(row, check):
    name = f"{row.system.run}: {row.label}"
    spread = np.ptp(row.fields) / row.fields.mean()
    check(spread < AGREE, f"{name}: the starts agree, they differ by {spread:.1e}")
    near = abs(row.sigmas()) < SIGMAS or (row.system.dim == 2 and abs(row.share()) < MEAN_FIELD)
    check(near, f"{name}: {row.fields.mean():.2f} against {row.particle} of the particles")


def compare(system, folder, check):
    """(state of the particle run, states of the results, rows)"""
    particle = measure(open_fields(os.path.join(PARTICLES, system.run + ".fields.h5")))
    states = [measure_result(folder, name, check) for name in system.results]
    if any(state is None for state in states):
        return particle, states, []
    values = np.array([[estimate.mean for estimate in densities(state)] for state in states])
    rows = [Row(system, *row) for row in zip(labels(system), densities(particle), values.T)]
    for row in rows:
        check_row(row, check)
    return particle, states, rows


# ---- the table -----------------------------------------------------------------------------------------------------


def print_table(rows):
    print()
    print(f"{'':33} {'particles':>16}   {'fields, started from':<31} {'difference':>12}")
    print(f"{'':50}   {'particles':>9} {'antiphase':>10} {'plateaus':>9} {'sigma':>9} {'%':>7}")
    last = None
    for row in rows:
        title = row.system.title if row.system is not last else ""
        last = row.system
        values = " ".join(f"{value:10.2f}" for value in row.fields).ljust(32)
        print(f"{title:18} {row.label:14} {str(row.particle):>16}  {values}"
              f"{row.sigmas():+9.1f} {100 * row.share():+7.2f}")
    print()
    print("sigma: difference in combined standard errors.  In 2-D a systematic shift comes on top: particles sense a")
    print("fluctuating density, the fields its mean.  It lowers the fields' dilute densities by up to 1.4 % and the")
    print("dense ones of a single species by 1 %.")


# ---- the picture ---------------------------------------------------------------------------------------------------

SPECIES = ("#0b5394", "#d1661b")
LINES = {"particles": "-", "antiphase": "--", "plateaus": ":"}


def draw_profiles(axes, system, particle, states):
    for s in range(len(particle.profile)):
        axes.plot(particle.x - particle.centre, particle.profile[s], "o", markersize=2.6, markerfacecolor="none",
                  markeredgewidth=0.7, color=SPECIES[s])
        for state, style in zip(states, LINES.values()):
            axes.plot(state.x - state.centre, state.profile[s], style, color=SPECIES[s], linewidth=1.1)
    axes.set_xlim(-8, 8)
    axes.set_xticks(range(-8, 9, 4))
    axes.set_ylim(0, None)
    axes.set_xlabel("distance from the middle of the slab")
    axes.set_title(system.title, loc="left")


def legend_of_profiles(axes):
    from matplotlib.lines import Line2D

    dot = Line2D([], [], color="0.3", marker="o", linestyle="", markersize=3, markerfacecolor="none")
    lines = [Line2D([], [], color="0.3", linestyle=style, linewidth=1.1) for style in LINES.values()]
    species = [Line2D([], [], color=colour, linewidth=3) for colour in SPECIES]
    names = ["$\\rho_a$", "$\\rho_b$", "particle run", *(f"from {name}" for name in LINES)]
    axes.legend([*species, dot, *lines], names, loc="upper left", bbox_to_anchor=(1.02, 1.0), borderaxespad=0,
                handlelength=1.5)


def draw_image(axes, density, extent, scale, title):
    image = axes.imshow(density, origin="lower", extent=extent, interpolation="nearest", **scale)
    axes.spines[:].set_visible(True)
    axes.set_title(title, loc="left")
    axes.set_xlabel("$x$")
    return image


def draw_fields(panels, folder):
    """rho_a in 2-D: one output of the particle run, and the fields at the beginning and the end of two runs."""
    particle = open_fields(os.path.join(PARTICLES, "demix2d.fields.h5"))
    own, other = (open_fields(os.path.join(folder, f"demix2d_{start}")) for start in ("particles", "antiphase"))
    end = own.time[-1]
    shown = [(particle, -1, "particles, last output"), (own, -1, f"fields from there, $t = {end:g}$"),
             (other, 0, "antiphase, $t = 0$"), (other, -1, f"antiphase, $t = {end:g}$")]
    for axes, (fields, k, title) in zip(panels, shown):
        density = fields.output(k % len(fields.time))[0]
        image = draw_image(axes, density, (0, 16, 0, 8), {"vmin": 0, "vmax": 200}, title)
    panels[0].set_ylabel("$y$")
    figures.add_colourbar(image, panels[-1], "$\\rho_a$", 1.4)


def draw_differences(axes, rows):
    """Fields over particles, in percent, with the particle run's standard error."""
    place = -np.arange(len(rows), dtype=float)
    for k, row in enumerate(rows):
        place[k] -= 0.6 * SYSTEMS.index(row.system)
    percent = [100 * row.particle.error / row.particle.mean for row in rows]
    axes.axvline(0, color="0.7", linewidth=0.7, zorder=0)
    axes.errorbar(np.zeros(len(rows)), place, xerr=percent, fmt="o", color="0.35", markersize=3, capsize=2, linewidth=1,
                  label="particle run and standard error")
    for n, (marker, start) in enumerate(zip("s^v", STARTS)):
        points = [(100 * (row.fields[n] / row.particle.mean - 1), y)
                  for row, y in zip(rows, place) if n < len(row.fields)]
        axes.plot(*zip(*points), marker, markersize=4.5, markerfacecolor="none", color="C1",
                  label=f"fields from {start}")
    axes.set_yticks(place, [f"{row.system.title}   {row.label.replace('rho_', '$ρ_').replace(' ', '$ ', 1)}"
                            for row in rows])
    for row, y in zip(rows, place):
        axes.text(1.01, y, f"{row.particle}  |  {row.fields.mean():.2f}".replace("+-", "±"), va="center", fontsize=7.5,
                  transform=axes.get_yaxis_transform())
    axes.text(1.01, place[0] + 0.75, "particles  |  fields", va="center", fontsize=7.5,
              transform=axes.get_yaxis_transform())
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(place[-1] - 0.7, 0.7)
    axes.set_xlabel("coexisting density, difference from the particle run in %")
    axes.legend(loc="lower left", bbox_to_anchor=(-0.36, 1.02), ncol=4, columnspacing=1.2, handletextpad=0.4)


def draw(folder, systems):
    """systems: (system, particle, states, rows) each"""
    figure = figures.plt.figure(figsize=(7.6, 8.2))
    top, middle, bottom = figure.subfigures(3, 1, height_ratios=[2.3, 1.25, 4.3])
    profiles = top.subplots(1, 2)
    for axes, (system, particle, states, _) in zip(profiles, systems):
        draw_profiles(axes, system, particle, states)
    profiles[0].set_ylabel("density")
    legend_of_profiles(profiles[-1])
    draw_fields(middle.subplots(1, 4, sharey=True), folder)
    draw_differences(bottom.subplots(), [row for *_, rows in systems for row in rows])
    path = os.path.join(folder, "demo.png")
    figure.savefig(path)
    return path


def main():
    folder, check = sys.argv[1], Checks()
    try:
        systems = [(system, *compare(system, folder, check)) for system in SYSTEMS]
    except Unusable as error:
        sys.exit(f"demo: {error}")
    rows = [row for *_, part in systems for row in part]
    print_table(rows)
    if all(part for *_, part in systems):
        print(f"\npicture: {draw(folder, systems)}")
    print(f"{check.done - len(check.failed)} of {check.done} checks hold")
    sys.exit(1 if check.failed else 0)


if __name__ == "__main__":
    main()
