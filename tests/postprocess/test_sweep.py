"""Pictures of sweeps, from tables made here: every run is drawn where it belongs, in the colour of its word."""

import os
import sys
import tempfile
import unittest

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "postprocess"))
import sweep  # noqa: E402
from matplotlib.colors import to_rgb  # noqa: E402
from rhoflux_result import Tables  # noqa: E402

WORDS = ["stationary", "travelling"]


def _outcome(file, name, data, classes=None):
    file[f"outcome/{name}"] = data
    file[f"outcome/{name}"].attrs["name"] = name
    if classes:
        file[f"outcome/{name}"].attrs["classes"] = classes


def _tables(path, *axes):
    """The speed is the first number plus ten times the second; runs with the largest first number failed."""
    values = [np.asarray(values, float) for _, values in axes]
    grid = np.meshgrid(*values, indexing="ij")
    failed = grid[0] == values[0].max()
    speed = np.where(failed, np.nan, grid[0] + (10 * grid[1] if len(axes) > 1 else 0))
    with h5py.File(path, "w") as file:
        file.attrs["rhoflux_tables"] = 1
        file.attrs.update(analysis="sweep", axes=[name for name, _ in axes])
        for (name, _), x in zip(axes, values):
            file[f"over/{name}"] = x
        _outcome(file, "status", np.where(failed, 1.0, 0.0), ["done", "failed"])
        _outcome(file, "pattern", np.where(failed, np.nan, np.where(speed > 0, 1.0, 0.0)), WORDS)
        _outcome(file, "speed", speed)
        _outcome(file, "steps", np.where(failed, np.nan, 7.0))


class Pictures(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "tables.h5")

    def tearDown(self):
        sweep.plt.close("all")
        self.folder.cleanup()

    def _draw(self, kind, field=None):
        with Tables(self.path) as tables:
            figure = sweep.KINDS[kind](tables, field)
        if figure is not None:
            figure.canvas.draw()
        return figure

    @staticmethod
    def _at(axes, x, y):
        """The colour of the mesh at a point, and its value."""
        mesh = axes.collections[0]
        corners = mesh.get_coordinates()
        i = np.searchsorted(corners[0, :, 0], x) - 1
        j = np.searchsorted(corners[:, 0, 1], y) - 1
        return mesh.to_rgba(mesh.get_array().reshape(len(corners) - 1, -1))[j, i, :3], mesh.get_array().reshape(
            len(corners) - 1, -1)[j, i]

    def test_every_run_stands_at_its_numbers(self):
        _tables(self.path, ("alpha", [0, 1, 2, 5]), ("solver.rtol", [0.0, 0.5, 0.8]))
        words, speed = self._draw("map").axes[1:3]
        for x in (0, 1, 2):
            for y in (0.0, 0.5, 0.8):
                colour, value = self._at(speed, x, y)
                self.assertEqual(value, x + 10 * y)
                colour, _ = self._at(words, x, y)
                np.testing.assert_allclose(colour, to_rgb(sweep.COLOURS[WORDS[x + y > 0]]))
        self.assertTrue(np.ma.is_masked(self._at(speed, 5, 0.5)[1]))

    def test_failures_are_marked(self):
        _tables(self.path, ("alpha", [0, 1, 2]), ("beta", [1, 2, 3, 4]))
        for axes in self._draw("map").axes[1:3]:
            np.testing.assert_array_equal(axes.lines[0].get_xdata(), [2, 2, 2, 2])
            np.testing.assert_array_equal(axes.lines[0].get_ydata(), [1, 2, 3, 4])

    def test_even_ratios_are_logarithmic(self):
        _tables(self.path, ("alpha", [0.01, 0.1, 1]), ("beta", [1, 2, 3]))
        axes = self._draw("map").axes[1]
        self.assertEqual((axes.get_xscale(), axes.get_yscale()), ("log", "linear"))
        np.testing.assert_allclose(axes.collections[0].get_coordinates()[0, :, 0], 10 ** np.arange(-2.5, 1, 1))

    def test_more_numbers_make_more_rows(self):
        _tables(self.path, ("alpha", [0, 1, 2]), ("beta", [1, 2, 3]), ("gamma", [7, 8]))
        figure = self._draw("map")
        texts = [text.get_text() for axes in figure.axes for text in axes.texts]
        self.assertEqual(texts, [r"$\gamma$ = 7", r"$\gamma$ = 8"])

    def test_line(self):
        _tables(self.path, ("alpha", [0, 1, 2, 3]))
        self.assertIsNone(self._draw("map"))
        axes = self._draw("line").axes[1]
        self.assertEqual(axes.get_ylabel(), "speed")
        shown = {line.get_color(): list(line.get_xdata()) for line in axes.lines[1:]}
        self.assertEqual(shown[sweep.COLOURS["stationary"]], [0])
        self.assertEqual(shown[sweep.COLOURS["travelling"]], [1, 2])

    def test_field(self):
        _tables(self.path, ("alpha", [0, 1, 2]), ("beta", [1, 2, 3]))
        titles = [axes.get_title() for axes in self._draw("map", "steps").axes]
        self.assertIn("steps", titles)
        self.assertNotIn("speed", titles)
        with Tables(self.path) as tables:
            self.assertEqual(set(sweep.fields(tables)), {"status", "pattern", "speed", "steps"})


if __name__ == "__main__":
    unittest.main()
