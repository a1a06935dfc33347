"""Results of rhoflux in Python (h5py and numpy).

    from rhoflux_result import Result
    r = Result("run.h5")                   # or "run", or one snapshot "run.d/000003.h5"
    r.time                                 # (nt,) times of the outputs
    r.coordinates["x"], r.extent["x"]      # (nx,) cell centres; (from, to)
    r.names                                # fields and derived fields: ["rho[a]", "rho[b]"]
    r.field("rho[a]")                      # the last output, shape ([nz, [ny,]] nx): the first dimension runs fastest
    r.field("rho[a]", 0), r.field("rho[a]", time=2.5)
    t, value = r.series("total(rho[a])")
    r.provenance["model_text"]

    from rhoflux_result import Tables      # what an analysis writes: arrays in groups, not fields on a grid
    t = Tables("map.h5")
    t.analysis, t["map/growth"], t.text("map", "x_name"), t.provenance["model_text"]

The file itself is plain HDF5 with dimension scales; the arrays over all times are `r.file["rho[a]"]`.
An output whose snapshot file is missing reads as NaN; r.missing() names those files.
"""

import difflib
import os

import h5py
import numpy as np

_OWN = {"rhoflux_result", "rhoflux_tables", "dimensions", "fields", "derived", "analysis"}
_VERSION = 1


def link_name(name):
    """The name under which HDF5 holds it: a slash is written as U+2215."""
    return name.replace("/", "\u2215")


def _text(value):
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _texts(attributes, name):
    return [_text(value) for value in attributes.get(name, [])]


def _provenance(file):
    texts = {name: _text(value) for name, value in file.attrs.items() if name not in _OWN}
    if "provenance" in file:
        texts.update((name, _text(data[()])) for name, data in file["provenance"].items())
    return texts


def _find(path):
    if os.path.isdir(path) or not os.path.exists(path):
        return path + ".h5" if os.path.exists(path + ".h5") else path
    return path


class Result:
    """A result opened for reading; also a context manager.

    time         times of the outputs, (nt,)
    dimensions   names, the one that runs fastest first: ["x", "y"]
    coordinates  name -> cell centres
    extent       name -> (from, to)
    boundary     name -> "periodic" or "wall"
    spatial      name -> whether it counts as a dimension of space
    stretched    name -> whether its cells are unequal
    names        all fields; `derived` names those that are formulas of the others
    series_names names of the series
    provenance   name -> text
    """

    def __init__(self, path):
        self.path = _find(os.fspath(path))
        self.file = h5py.File(self.path, "r")
        try:
            self._read()
        except BaseException:
            self.file.close()
            raise

    def _read(self):
        attributes = self.file.attrs
        if "rhoflux_result" not in attributes:
            raise ValueError(f"'{self.path}' is an HDF5 file but not a result of rhoflux")
        if attributes["rhoflux_result"] > _VERSION:
            raise ValueError(f"'{self.path}' is of a newer version of the results ({attributes['rhoflux_result']})")
        self.is_snapshot = self.file["time"].ndim == 0
        self.time = np.atleast_1d(self.file["time"][()])
        self.derived = _texts(attributes, "derived")
        self.names = _texts(attributes, "fields") + self.derived
        self._read_mesh()
        series = self.file.get("series")
        self.series_names = _texts(series.attrs, "names") if series is not None else []

    def _read_mesh(self):
        self.dimensions = _texts(self.file.attrs, "dimensions")
        scale = {name: self.file[name] for name in self.dimensions}
        self.coordinates = {name: scale[name][()] for name in scale}
        self.extent = {name: (float(s.attrs["from"]), float(s.attrs["to"])) for name, s in scale.items()}
        self.boundary = {name: _text(s.attrs["boundary"]) for name, s in scale.items()}
        self.spatial = {name: bool(s.attrs["spatial"]) for name, s in scale.items()}
        self.stretched = {name: _text(s.attrs.get("spacing")) == "stretched" for name, s in scale.items()}

    @property
    def provenance(self):
        return _provenance(self.file)

    def missing(self):
        """The snapshot files that the outputs come from and that are not there, in order."""
        folder = os.path.dirname(self.path)
        data = self.file[link_name(self.names[0])] if self.names else None
        if data is None or not data.is_virtual:
            return []
        sources = sorted({s.file_name.replace("%%", "%") for s in data.virtual_sources()})
        return [path for path in (os.path.join(folder, s) for s in sources) if not os.path.isfile(path)]

    def _known(self, name, names, kind):
        if name in names:
            return
        near = difflib.get_close_matches(name, names, 1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise KeyError(f"'{self.path}' has no {kind} '{name}'{hint} It has: {', '.join(names) or 'none'}")

    def index(self, time):
        """The output nearest to a time."""
        return int(np.argmin(np.abs(self.time - time)))

    def field(self, name, index=-1, time=None):
        """One output of a field, shape ([nz, [ny,]] nx): by its index, or the one nearest to a time."""
        self._known(name, self.names, "field")
        index = range(len(self.time))[index if time is None else self.index(time)]
        data = self.file[link_name(name)]
        return data[()] if self.is_snapshot else data[index]

    def latex(self, name):
        """The field's name for labels, without dollar signs; the plain name when the model gave none."""
        self._known(name, self.names, "field")
        return _text(self.file[link_name(name)].attrs.get("latex", name))

    def series(self, name):
        """(times, values) of a series, both (number of lines,)."""
        self._known(name, self.series_names, "series")
        group = self.file["series"]
        return group["time"][()], group[link_name(name)][()]

    def what(self, name):
        """The sentence that says what a series is."""
        self._known(name, self.series_names, "series")
        return _text(self.file["series"][link_name(name)].attrs.get("what", ""))

    def edges(self, name):
        """The n + 1 edges of the n cells along a dimension."""
        self._known(name, self.dimensions, "dimension")
        if self.stretched[name]:
            return self.file[name + "_edges"][()]
        return np.linspace(*self.extent[name], len(self.coordinates[name]) + 1)

    @property
    def shape(self):
        """The shape of a field: slowest dimension first."""
        return tuple(len(self.coordinates[name]) for name in reversed(self.dimensions))

    @property
    def cell_volume(self):
        """Of every cell: a number, or an array of the shape of a field where cells are unequal."""
        if not any(self.stretched.values()):
            return float(np.prod([(b - a) / len(self.coordinates[n]) for n, (a, b) in self.extent.items()]))
        volume = np.ones(())
        for name in reversed(self.dimensions):
            volume = np.multiply.outer(volume, np.diff(self.edges(name)))
        return volume

    def close(self):
        self.file.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __repr__(self):
        return f"<result '{self.path}': {', '.join(self.names)} on {self.shape}, {len(self.time)} outputs>"


class Tables:
    """The tables of an analysis, opened for reading; also a context manager.

    analysis     which one: "stability", "phase_diagram"
    provenance   name -> text
    """

    def __init__(self, path):
        self.path = _find(os.fspath(path))
        self.file = h5py.File(self.path, "r")
        if "rhoflux_tables" not in self.file.attrs:
            self.file.close()
            raise ValueError(f"'{self.path}' is an HDF5 file but holds no tables of rhoflux")
        self.analysis = _text(self.file.attrs["analysis"])

    @staticmethod
    def are_at(path):
        """Whether there is a file of tables at path, or path.h5."""
        found = _find(os.fspath(path))
        if not h5py.is_hdf5(found):
            return False
        with h5py.File(found, "r") as file:
            return "rhoflux_tables" in file.attrs

    def __contains__(self, path):
        return path in self.file

    def __getitem__(self, path):
        """The array at a path."""
        return self.file[path][()]

    def groups(self, path):
        """The names of the groups in the group at path, numbers in their order; [] where there is no such group."""
        group = self.file.get(path)
        names = [] if group is None else [name for name, item in group.items() if isinstance(item, h5py.Group)]
        return sorted(names, key=lambda name: (int(name) if name.isdigit() else -1, name))

    def text(self, path, name, default=""):
        """The attribute `name` of what is at path ("": of the file): a text, a list of texts, or a number."""
        value = self.file[path or "/"].attrs.get(name, default)
        if getattr(value, "ndim", 0) == 1:
            return [_text(item) for item in value]
        return _text(value)

    @property
    def provenance(self):
        return _provenance(self.file)

    def close(self):
        self.file.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __repr__(self):
        return f"<tables '{self.path}': {self.analysis}>"
