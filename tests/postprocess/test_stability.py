"""Pictures of stability, from tables made here: what is drawn of what, and what is not."""

import os
import sys
import tempfile
import unittest

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "postprocess"))
import stability  # noqa: E402
from rhoflux_result import Tables  # noqa: E402

CLASSES = ["stable", "long waves, stationary", "long waves, oscillatory", "finite wavelength, stationary",
           "finite wavelength, oscillatory", "uniform, stationary", "uniform, oscillatory", "undefined"]


def _head(file):
    file.attrs["rhoflux_tables"] = 1
    file.attrs.update(analysis="stability", fields=["c[A]", "c[B]"], latex=["c_{A}", "c_{B}"])


def _map(path, undefined=False):
    """Growth x - y, stable where it is negative; a neutral curve along the diagonal with an extreme and an end."""
    x, y = np.linspace(0, 1, 21), np.linspace(0, 2, 11)
    growth = x[None, :] - y[:, None]
    with h5py.File(path, "w") as file:
        _head(file)
        file["map/x"], file["map/y"] = x, y
        file["map"].attrs.update(axes=["c[A]", "k_cross[b]"], classes=CLASSES, largest_q=3.0)
        file["map/growth"] = np.full_like(growth, np.nan) if undefined else growth
        file["map/class"] = np.full(growth.shape, 7.0) if undefined else np.where(growth > 0, 1.0, 0.0)
        if undefined:
            return
        group = file.create_group("neutral/0")
        group["x"], group["y"], group["mark"] = x, x, [[0.5, 0.5], [1.0, 1.0]]
        group.attrs.update(kind="long waves", oscillatory=0.0, first="window", last="another instability",
                           marks=["largest k_cross[b]", "another instability takes over"])


def _state(path, moves=True):
    q = np.linspace(0, 2, 50)
    growth = np.array([q**2 - q**4, -q**2])
    with h5py.File(path, "w") as file:
        _head(file)
        file["state"] = [0.4, 0.5]
        file["branches/q"], file["branches/growth"] = q, growth
        file["branches/frequency"] = np.array([q, -q]) * moves
        file["bands"], file["exceptional"] = [[0.0, 1.0, np.sqrt(0.5), 0.25]], [1.5]
        file.create_group("fastest").attrs.update({"q": np.sqrt(0.5), "growth": 0.25, "class": CLASSES[1]})


def _extremes(path, dimensions):
    """The smallest T over states: of one density, two, or three, that of the sum of their squares."""
    x = np.linspace(0, 1, 9)
    grid = np.meshgrid(*[x] * dimensions, indexing="ij")
    value = 1 + sum(part**2 for part in grid)
    with h5py.File(path, "w") as file:
        _head(file)
        for k in range(dimensions):
            file[f"edge/x{k + 1}"] = x
        file["edge/smallest"], file["edge/largest"] = value, np.full_like(value, 5)
        file["extremes/x"] = [[1.0] + [0.0] * dimensions, [5.0] + [0.5] * dimensions]
        file["extremes"].attrs.update(axes=["T", "c[A]", "c[B]", "c[C]"][: dimensions + 1], within=["c[A] <= 1"],
                                      what=["smallest, long waves, stationary", "largest, the window's edge"])


class Pictures(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "tables.h5")

    def tearDown(self):
        stability.plt.close("all")
        self.folder.cleanup()

    def _draw(self, kind):
        with Tables(self.path) as tables:
            figure = stability.KINDS[kind](tables)
        if figure is not None:
            figure.savefig(os.path.join(self.folder.name, "a.png"))
        return figure

    def _legend(self, figure):
        return [text.get_text() for axes in figure.axes if axes.get_legend() for text in axes.get_legend().get_texts()]

    def test_map(self):
        """A map shows the classes it has, its curves and their marks, and not those it has not."""
        _map(self.path)
        figure = self._draw("map")
        legend = self._legend(figure)
        self.assertEqual(legend, ["stable", "long waves, stationary", "neutral: long waves, stationary",
                                  "another instability takes over"])
        self.assertIn("0.5", [text.get_text() for text in figure.axes[0].texts])
        self.assertEqual(figure.axes[0].get_ylabel(), r"$k_{\mathrm{cross},b}$")
        self.assertIsNone(self._draw("dispersion"))

    def test_extremes(self):
        """The sense that has an extreme within the window is drawn, with its number, of any number of densities."""
        for dimensions in (1, 2, 3):
            _extremes(self.path, dimensions)
            figure = self._draw("extremes")
            self.assertEqual(self._legend(figure), ["smallest with an unstable state"])
            self.assertIn("1", [text.get_text() for text in figure.axes[0].texts])
            self.assertEqual(len(figure.axes), 2 if dimensions == 1 else 3)
            self.assertIsNone(self._draw("map"))
            if dimensions == 3:
                least = figure.axes[0].collections[0].get_array().compressed().reshape(9, 9)
                np.testing.assert_allclose(least[0, :], 1 + np.linspace(0, 1, 9) ** 2)

    def test_nothing_grows(self):
        """A map without growth is drawn."""
        _map(self.path, undefined=True)
        self.assertEqual(self._legend(self._draw("map")), ["undefined"])

    def test_dispersion(self):
        """Frequencies have a panel of their own only where something oscillates."""
        _state(self.path)
        figure = self._draw("dispersion")
        self.assertEqual(len(figure.axes), 3)
        self.assertIn("exceptional point", self._legend(figure))
        _state(self.path, moves=False)
        self.assertEqual(len(self._draw("dispersion").axes), 2)
        self.assertIsNone(self._draw("map"))

    def test_window(self):
        """What grows fills at least a quarter of the panel."""
        growth = np.array([[0.0, 0.01, -5.0], [0.0, -1.0, -100.0]])
        low, high = stability._window(growth)
        self.assertGreater(0.01 / (high - low), 0.03)
        self.assertLess(low, 0)


if __name__ == "__main__":
    unittest.main()
