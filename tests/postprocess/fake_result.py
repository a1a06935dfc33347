"""Writes files in the layout of a result, from numpy arrays, to test the programs that read results."""

import h5py
import numpy as np


def _scale(file, name, low, high, n, boundary, stretch):
    edges = low + (high - low) * (np.arange(n + 1) / n) ** stretch
    scale = file.create_dataset(name, data=(edges[1:] + edges[:-1]) / 2)
    if stretch != 1:
        scale.attrs["spacing"] = "stretched"
        file.create_dataset(f"{name}_edges", data=edges)
    scale.make_scale(name)
    scale.attrs["from"], scale.attrs["to"] = float(low), float(high)
    scale.attrs["boundary"], scale.attrs["spatial"] = boundary, 1


def write_result(path, time, extent, fields, series=None, latex=None, boundary="periodic", derived=(), stretch=1):
    """fields: name -> [time, (z, (y,)) x]; extent: name -> (from, to), x first; series: name -> [line]; edges lie at
    the power `stretch` of equal ones."""
    names = [name for name in fields if name not in derived]
    shape = np.shape(next(iter(fields.values())))[1:]
    with h5py.File(path, "w") as file:
        file.attrs["rhoflux_result"] = 1
        file.attrs["dimensions"], file.attrs["fields"] = list(extent), names
        file.attrs["derived"] = np.array(derived, dtype=h5py.string_dtype())
        file["time"] = np.asarray(time, float)
        for (name, (low, high)), n in zip(extent.items(), shape[::-1]):
            _scale(file, name, low, high, n, boundary, stretch)
        for name, data in fields.items():
            file[name] = np.asarray(data, float)
            if name in (latex or {}):
                file[name].attrs["latex"] = latex[name]
        group = file.create_group("series")
        group.attrs["names"] = np.array(list(series or {}), dtype=h5py.string_dtype())
        group["time"] = np.asarray(time, float)
        for name, data in (series or {}).items():
            group[name] = np.asarray(data, float)
