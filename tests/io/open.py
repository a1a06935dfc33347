#!/usr/bin/env python3
"""Results as others open them:  open.py MAKE POSTPROCESS

MAKE FOLDER writes r0.h5 ... (make.c); POSTPROCESS holds rhoflux_result.py.  One property per function.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

import h5py
import numpy as np

make, postprocess = sys.argv[1:]
sys.path.insert(0, postprocess)
from rhoflux_result import Result  # noqa: E402

SHAPES = [(24,), (20, 12), (12, 20), (8, 5, 6), (4, 10, 3)]  # slowest first, as in make.c
FROM, LENGTH = (-1, 0.5, -2), (3, 2.5, 4)
FIELDS = ["rho[a]", "rho[b]", "a/b <&>"]


def expected(shape, field):
    """i + 100 j + 10^4 k + 10^6 field + 10^7 output, [output, (k, (j,)) i]."""
    grids = np.meshgrid(*[np.arange(n) for n in shape], indexing="ij")
    cells = sum(100.0**d * grid for d, grid in enumerate(reversed(grids)))
    return np.array([cells + 1e6 * field + 1e7 * output for output in range(3)])


def check_plain_h5py(path, shape):
    """h5py reads every field, with its scales attached, and times, coordinates and series."""
    with h5py.File(path) as file:
        np.testing.assert_array_equal(file["time"], [0, 0.1, 0.2])
        for f, name in enumerate(FIELDS):
            data = file[name.replace("/", "\u2215")]
            np.testing.assert_array_equal(data, expected(shape, f))
            names = ["time"] + ["x", "y", "v"][: len(shape)][::-1]
            assert [list(dimension.keys()) for dimension in data.dims] == [[name] for name in names]
            assert all(dimension[0] == file[name] for dimension, name in zip(data.dims, names))
        series = file["series/total(rho[a])"]
        assert series.dims[0][0] == file["series/time"]
        np.testing.assert_array_equal(series, np.arange(6) / 2)
        for d, name in enumerate(["x", "y", "v"][: len(shape)]):
            n = shape[-1 - d]
            np.testing.assert_allclose(file[name], FROM[d] + (np.arange(n) + 0.5) * LENGTH[d] / n, rtol=1e-14)


def check_module(path, shape):
    """The Python module gives the same."""
    for given in (path, path[:-3]):
        with Result(given) as r:
            assert r.names == FIELDS and r.derived == FIELDS[2:] and r.shape == shape
            assert r.dimensions == ["x", "y", "v"][: len(shape)]
            assert r.extent["x"] == (-1, 2) and r.boundary["x"] == "periodic" and r.spatial["x"]
            assert r.provenance == {"rhoflux_version": "0.1.0", "model_text": "m" * 2999}
            for f, name in enumerate(FIELDS):
                np.testing.assert_array_equal(r.field(name), expected(shape, f)[-1])
                np.testing.assert_array_equal(r.field(name, 1), expected(shape, f)[1])
                np.testing.assert_array_equal(r.field(name, time=0.06), expected(shape, f)[1])
            times, values = r.series("a/b")
            np.testing.assert_array_equal(values, -np.arange(6) / 2)
            np.testing.assert_allclose(times, 0.05 * np.arange(6))
            assert r.what("total(rho[a])") == "the integral of rho[a]" and r.latex("rho[a]") == "\\rho_{a}"
            assert r.latex("rho[b]") == "rho[b]" and len(r.edges("x")) == shape[-1] + 1
            for call in (lambda: r.field("rho[A]"), lambda: r.series("total"), lambda: r.field("rho[a]", 3)):
                try:
                    call()
                except (KeyError, IndexError):
                    continue
                raise AssertionError("an unknown name or output was accepted")
    with Result(path[:-3] + ".d/000001.h5") as r:
        assert r.is_snapshot and r.time == [0.1]
        np.testing.assert_array_equal(r.field("rho[b]"), expected(shape, 1)[1])


def dimensions(element):
    return [int(n) for n in element.get("Dimensions").split()]


def check_xdmf(path, shape):
    """The XDMF is well-formed XML; each array it names is there, in the stated shape on the stated mesh."""
    folder = os.path.dirname(path)
    grids = ElementTree.parse(path[:-3] + ".xdmf").getroot().findall("Domain/Grid/Grid")
    assert [float(grid.find("Time").get("Value")) for grid in grids] == [0, 0.1, 0.2]
    cells = [1] * (3 - len(shape)) + list(shape)
    for output, grid in enumerate(grids):
        assert dimensions(grid.find("Topology")) == [n + 1 for n in cells]
        origin, spacing = [[float(x) for x in item.text.split()] for item in grid.findall("Geometry/DataItem")]
        for d, n in enumerate(reversed(shape)):
            assert origin[2 - d] == FROM[d] and abs(spacing[2 - d] * n - LENGTH[d]) < 1e-14
        assert [a.get("Name") for a in grid.findall("Attribute")] == FIELDS
        for f, attribute in enumerate(grid.findall("Attribute")):
            item = attribute.find("DataItem")
            name, dataset = item.text.split(":/")
            with h5py.File(os.path.join(folder, name)) as file:
                assert dimensions(item) == cells and file[dataset].shape == shape
                np.testing.assert_array_equal(file[dataset], expected(shape, f)[output])


def check_stretched(path, shape):
    """Unequal cells along y: edges, centres, volumes and the mean are theirs, and XDMF names the edges."""
    ny, nx = shape
    y = FROM[1] + LENGTH[1] * np.arange(ny + 1) ** 2 / ny**2
    x = FROM[0] + LENGTH[0] * np.arange(nx + 1) / nx
    with Result(path) as r:
        assert r.stretched == {"x": False, "y": True}
        np.testing.assert_allclose(r.edges("y"), y, rtol=1e-15)
        np.testing.assert_allclose(r.edges("x"), x, rtol=0, atol=1e-14)
        np.testing.assert_allclose(r.coordinates["y"], (y[1:] + y[:-1]) / 2, rtol=1e-14)
        np.testing.assert_allclose(r.cell_volume, np.outer(np.diff(y), np.diff(x)), rtol=1e-12)
        mean = (r.field("rho[b]") * r.cell_volume).sum() / r.cell_volume.sum()
    with open(path + ".json", encoding="utf-8") as stream:
        info = json.load(stream)
    assert abs(info["fields"][1]["mean"] - mean) < 1e-12 * mean
    assert "least_width" not in info["dimensions"][0]
    assert abs(info["dimensions"][1]["least_width"] - LENGTH[1] / ny**2) < 1e-14
    assert abs(info["dimensions"][1]["largest_width"] - LENGTH[1] * (2 * ny - 1) / ny**2) < 1e-14
    grids = ElementTree.parse(path[:-3] + ".xdmf").getroot().findall("Domain/Grid/Grid")
    for output, grid in enumerate(grids):
        assert grid.find("Topology").get("TopologyType") == "3DRectMesh"
        assert dimensions(grid.find("Topology")) == [2, ny + 1, nx + 1]
        assert grid.find("Geometry").get("GeometryType") == "VXVYVZ"
        items = grid.findall("Geometry/DataItem")
        assert [dimensions(item) for item in items] == [[nx + 1], [ny + 1], [2]]
        for item, edges in zip(items, (x, y)):
            name, dataset = item.text.split(":/")
            with h5py.File(os.path.join(os.path.dirname(path), name)) as file:
                np.testing.assert_allclose(file[dataset], edges, rtol=0, atol=1e-14)
        assert len(items[2].text.split()) == 2
        assert f"{output:06d}" in items[0].text


def check_info(path, shape):
    """What info prints as JSON is what is in the file."""
    with open(path + ".json", encoding="utf-8") as stream:
        info = json.load(stream)
    assert info["kind"] == "result" and info["times"] == [0, 0.1, 0.2] and info["lines"] == 6 and not info["datasets"]
    assert [d["cells"] for d in info["dimensions"]] == list(reversed(shape))
    assert [(d["name"], d["boundary"], d["spatial"]) for d in info["dimensions"]] == [
        ("x", "periodic", True), ("y", "wall", True), ("v", "periodic", False)][: len(shape)]
    for f, field in enumerate(info["fields"]):
        last = expected(shape, f)[-1]
        assert field["name"] == FIELDS[f] and field["derived"] == (f == 2)
        assert (field["lowest"], field["highest"]) == (last.min(), last.max())
        assert abs(field["mean"] - last.mean()) < 1e-12 * last.mean()
    assert [(s["name"], s["what"], s["first"], s["last"]) for s in info["series"]] == [
        ("total(rho[a])", "the integral of rho[a]", 0, 2.5), ("a/b", "", 0, -2.5)]
    assert info["provenance"] == {"rhoflux_version": "0.1.0", "model_text": "m" * 2999}


def check_missing(path, shape):
    """An output whose snapshot is gone reads as NaN, the others as before."""
    os.remove(path[:-3] + ".d/000001.h5")
    with h5py.File(path) as file:
        data = file["rho[a]"][()]
    assert np.isnan(data[1]).all()
    np.testing.assert_array_equal(data[[0, 2]], expected(shape, 0)[[0, 2]])


with tempfile.TemporaryDirectory() as there, tempfile.TemporaryDirectory() as here:
    subprocess.run([make, there], check=True)
    os.chdir("/")
    for entry in os.listdir(there):  # moved: nothing may depend on where it was written
        assert not entry.endswith(".part")
        shutil.move(os.path.join(there, entry), here)
    check_stretched(os.path.join(here, "stretched.h5"), SHAPES[1])
    for s, shape in enumerate(SHAPES):
        path = os.path.join(here, f"r{s}.h5")
        for check in (check_plain_h5py, check_module, check_xdmf, check_info, check_missing):
            check(path, shape)
