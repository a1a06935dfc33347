#!/usr/bin/python3
"""Coexisting densities of a slab, from fields on a grid: a result of rhoflux or a coarse-grained particle run.

    python3 coexistence.py run.h5
    python3 coexistence.py particles.fields.h5

    from coexistence import open_fields, measure
    state = measure(open_fields("run.h5"))
    state.bands, state.width, state.dense[0].mean, state.dense[0].error

Both kinds of file become outputs density[species, ..., x], and the rest never asks where they came from:

  1. centre   X = (L/2 pi) arg int c exp(2 pi i x/L) dx,  c = rho_1, or rho_1 - rho_2 with two or more species
  2. profile  each output shifted by whole cells until X lies in the last cell before L/2, averaged along the other
              dimensions; the mean profile is the average over the outputs
  3. width    of the region where the mean profile of rho_1 is above half height, (highest + lowest)/2
  4. bulk     cells more than a margin away from the two half-height positions
  5. error    of a bulk density: standard error of the means of consecutive blocks of outputs

Bands, the connected regions of a species above its own half height, are counted on the mean shifted field first: with
more or fewer than one band the bulk is not where 4. looks for it, and nothing is measured.
"""

import argparse
import json
import sys
from dataclasses import dataclass

import h5py
import numpy as np

from rhoflux_result import Result

BLOCKS = 10


class Unusable(Exception):
    """The input can not be used; the text says why in one line."""


# ---- two kinds of file, one kind of fields -------------------------------------------------------------------------


class ParticleFields:
    """density [time, species, x(, y(, z))] over grid/x: number of particles in a cell over its volume."""

    def __init__(self, file, along):
        self.file, self.data = file, file["density"]
        species = self.data.shape[1]
        self.names = [f"species {s + 1}" for s in range(species)]
        self.time = file["time"][()]
        self.x = file[f"grid/{along}"][()]
        self.length = len(self.x) * (self.x[1] - self.x[0])
        self.origin = self.x[0] - 0.5 * (self.x[1] - self.x[0])
        self.axis = 1 + "xyz".index(along)
        self.deterministic = False

    def output(self, k):
        return np.moveaxis(self.data[k].astype(float), self.axis, -1)


class ResultFields:
    """The fields of a result: all densities, or those named."""

    def __init__(self, result, along, names):
        self.result = result
        self.names = names or [name for name in result.names if name not in result.derived]
        self.time = result.time
        self.x = result.coordinates[along]
        low, high = result.extent[along]
        self.length, self.origin = high - low, low
        self.axis = -1 - result.dimensions.index(along)
        self.deterministic = True

    def output(self, k):
        return np.moveaxis(np.array([self.result.field(name, k) for name in self.names]), self.axis, -1)


def _open_result(path, along, names):
    result = Result(path)
    for name in names or []:
        result.latex(name)  # refuses a name that is not there, with a suggestion
    along = along or result.dimensions[0]
    if along not in result.dimensions:
        raise Unusable(f"'{path}' has no dimension '{along}'; it has {', '.join(result.dimensions)}")
    if result.boundary[along] != "periodic":
        raise Unusable(f"'{path}' has walls along {along}; slabs are centred in a periodic direction")
    if result.stretched[along]:
        raise Unusable(f"the cells of '{path}' are unequal along {along}; slabs are measured on equal ones")
    return ResultFields(result, along, names)


def _open_particles(path, along):
    file = h5py.File(path, "r")
    along = along or "x"
    if "density" not in file or f"grid/{along}" not in file:
        raise Unusable(f"'{path}' is neither a result nor particle fields (density, grid/{along}, time)")
    return ParticleFields(file, along)


def _is_particle_file(path):
    try:
        with h5py.File(path, "r") as file:
            return "rhoflux_result" not in file.attrs
    except OSError:
        return False  # Result finds NAME.h5 for NAME, or says what is wrong


def open_fields(path, along=None, names=None):
    """The fields of a file of either kind; along: the direction across the slab, the first one if not given."""
    try:
        return _open_particles(path, along) if _is_particle_file(path) else _open_result(path, along, names)
    except FileNotFoundError as error:
        raise Unusable(f"there is no file '{path}' or '{path}.h5'") from error
    except OSError as error:
        raise Unusable(f"'{path}' can not be opened as HDF5") from error
    except (KeyError, ValueError) as error:
        raise Unusable(str(error.args[0])) from error


# ---- measuring -----------------------------------------------------------------------------------------------------


@dataclass
class Estimate:
    """A mean over outputs and its standard error, NaN when there are too few outputs."""

    mean: float
    error: float

    def __str__(self):
        return f"{self.mean:.2f}" + (f" +- {self.error:.2f}" if np.isfinite(self.error) else "")


@dataclass
class Coexistence:
    names: list
    x: np.ndarray  # distance from the middle of the box, to which the slab is shifted by whole cells, [n]
    centre: float  # of the slab, in x: what is left of the shift
    profile: np.ndarray  # mean profiles, [species, n]
    bands: list  # per species
    width: float  # of species 1
    margin: float
    dense: list  # per species, an Estimate inside the slab of species 1; empty unless there is one band
    dilute: list  # per species, an Estimate outside


def block_estimate(values, blocks=BLOCKS):
    """Mean and standard error from means over consecutive blocks; blocks differ in length by one at most."""
    blocks = min(blocks, len(values))
    means = np.array([block.mean() for block in np.array_split(values, blocks)])
    error = means.std(ddof=1) / np.sqrt(blocks) if blocks > 1 else np.nan
    return Estimate(float(means.mean()), float(error))


def _profiles(density):
    """[species, n]: averaged along the other dimensions."""
    return density.reshape(len(density), -1, density.shape[-1]).mean(1)


def _centre(profiles):
    """Of the slab, by the first Fourier mode, in box lengths from the box's beginning, -1/2 .. 1/2."""
    n = profiles.shape[-1]
    contrast = profiles[0] - profiles[1] if len(profiles) > 1 else profiles[0]
    return np.angle(np.sum(contrast * np.exp(2j * np.pi * (np.arange(n) + 0.5) / n))) / (2 * np.pi)


def _shift(density):
    """The cells by which an output is rolled to bring its centre before the middle of the box."""
    return -int(np.rint((_centre(_profiles(density)) - 0.5) * density.shape[-1] + 0.5))


def _centred(fields, outputs):
    """Mean shifted field [species, ..., n] and the profile of each output [output, species, n]."""
    total, profiles = 0, []
    for k in outputs:
        density = fields.output(k)
        if not np.isfinite(density).all():
            raise Unusable(f"the output at t = {fields.time[k]:g} has undefined values")
        density = np.roll(density, _shift(density), axis=-1)
        total = total + density
        profiles.append(_profiles(density))
    return total / len(outputs), np.array(profiles)


def _half_height(values):
    return 0.5 * (values.max() + values.min())


def count_regions(mask):
    """Connected regions of a periodic mask of any number of dimensions: cells that share a face are connected."""
    label = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:
        before = label
        for axis in range(mask.ndim):
            for step in (1, -1):
                label = np.where(mask, np.maximum(label, np.roll(label, step, axis)), 0)
        if np.array_equal(label, before):
            return len(np.unique(label[mask]))


def _bulk(mean_profile, distance, cell, margin):
    """Width of the slab and the cells of its inside and outside."""
    width = np.count_nonzero(mean_profile > _half_height(mean_profile)) * cell
    inside, outside = distance < width / 2 - margin, distance > width / 2 + margin
    if not inside.any() or not outside.any():
        raise Unusable(f"a slab of width {width:g} leaves no bulk at a margin of {margin:g}")
    return width, inside, outside


def _check_contrast(profile):
    if np.ptp(profile) < 0.05 * abs(profile).max():
        raise Unusable("the fields are uniform within 5 %: nothing coexists")


def measure(fields, outputs=None, margin=None, blocks=BLOCKS):
    """Coexisting densities over the outputs given by index; without: the last of a deterministic result, all of a
    particle run.  margin: in units of length, 3 for one species and 2 for more when not given."""
    outputs = list(range(len(fields.time)))[-1 if fields.deterministic else 0 :] if outputs is None else list(outputs)
    if not outputs:
        raise Unusable("no outputs to measure on")
    mean, profiles = _centred(fields, outputs)
    profile = profiles.mean(0)
    _check_contrast(profile[0])
    margin = margin if margin is not None else 3.0 if len(profile) == 1 else 2.0
    x = fields.x - fields.origin - fields.length / 2
    bands = [count_regions(field > _half_height(field)) for field in mean]
    centre = ((_centre(profile) % 1) - 0.5) * fields.length
    state = Coexistence(fields.names, x, centre, profile, bands, np.nan, margin, [], [])
    if any(n != 1 for n in state.bands):
        return state
    state.width, inside, outside = _bulk(profile[0], abs(x), fields.length / len(x), margin)
    for s in range(len(profile)):
        state.dense.append(block_estimate(profiles[:, s, inside].mean(1), blocks))
        state.dilute.append(block_estimate(profiles[:, s, outside].mean(1), blocks))
    return state


# ---- the program ---------------------------------------------------------------------------------------------------


def _print(state):
    print("bands of " + ", ".join(f"{name}: {n}" for name, n in zip(state.names, state.bands)))
    if not state.dense:
        return
    print(f"slab width {state.width:.2f}, bulk more than {state.margin:g} from its sides")
    for name, dense, dilute in zip(state.names, state.dense, state.dilute):
        print(f"{name}: inside {dense}, outside {dilute}")


def _print_json(state):
    def pairs(estimates):
        return [[e.mean, e.error if np.isfinite(e.error) else None] for e in estimates]

    print(json.dumps({"names": state.names, "bands": state.bands, "margin": state.margin,
                      "width": state.width if state.dense else None,
                      "inside": pairs(state.dense), "outside": pairs(state.dilute)}))


def _arguments():
    parser = argparse.ArgumentParser(description="Coexisting densities of a slab.")
    parser.add_argument("file", help="a result of rhoflux, or particle fields")
    parser.add_argument("--along", metavar="NAME", help="direction across the slab (the first dimension)")
    parser.add_argument("--field", action="append", metavar="NAME", help="a field of a result, repeatable (all)")
    parser.add_argument("--from", dest="start", type=float, metavar="TIME",
                        help="averages from this time on (the last output of a result, all of particle data)")
    parser.add_argument("--margin", type=float, help="distance of the bulk from the interfaces (3, or 2 for mixtures)")
    parser.add_argument("--blocks", type=int, default=BLOCKS, help="blocks of time for the errors (10)")
    parser.add_argument("--json", action="store_true", help="prints one JSON object")
    return parser.parse_args()


def main():
    arguments = _arguments()
    try:
        fields = open_fields(arguments.file, arguments.along, arguments.field)
        start = arguments.start
        outputs = None if start is None else np.flatnonzero(fields.time >= start)
        state = measure(fields, outputs, arguments.margin, max(arguments.blocks, 1))
    except Unusable as error:
        print(f"coexistence: {error}", file=sys.stderr)
        return 2
    (_print_json if arguments.json else _print)(state)
    if state.dense:
        return 0
    print("coexistence: not one band per species; no densities measured", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
