"""Pictures of phase diagrams, from tables made here: what is drawn of what, and what is not."""

import os
import sys
import tempfile
import unittest

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "postprocess"))
import phase_diagram  # noqa: E402
from rhoflux_result import Tables  # noqa: E402


def _write(path, fields, parameter=None):
    """Tie lines of a regular solution in two fields, or of a parabola over a parameter."""
    s = np.linspace(0, 1, 20)[:, None]
    with h5py.File(path, "w") as file:
        file.attrs["rhoflux_tables"] = 1
        file.attrs.update(analysis="phase_diagram", construction="common_tangent", meaning="its own", fields=fields,
                          latex=fields)
        if parameter:
            file.attrs.update(parameter=parameter, parameter_latex=parameter)
            file["range"] = [-1.0, 0.5]
        nx = len(fields) + bool(parameter)
        file["window"] = np.tile([0.0, 2.0], (len(fields), 1))
        file["resolution"] = np.ones(len(fields))
        file["tie_lines/0/first"] = np.hstack([0.5 - 0.4 * s, 0.5 + s])[:, :nx]
        file["tie_lines/0/second"] = np.hstack([0.5 + s, 0.5 - 0.4 * s])[:, :nx]
        file["tie_lines/0"].attrs["stability"] = "stable"
        file["spinodal/0/state"] = np.hstack([0.5 + s, 0.5 + s])[:, :nx]
        file["critical/state"] = np.full((1, nx), 0.5)
        file["critical/stability"] = [2.0]
        if nx == 2 and not parameter:
            file["triangles/0/state"] = [[0.1, 1.5], [1.5, 0.1], [1.9, 1.9]]
            file["triangles/0"].attrs["stability"] = "stable"
            file["compositions/0/composition"] = [1.0, 1.0]
            file["compositions/0/state"] = [[0.2, 1.2], [1.2, 0.2]]


class Pictures(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "tables.h5")

    def tearDown(self):
        phase_diagram.plt.close("all")
        self.folder.cleanup()

    def test_two_fields(self):
        _write(self.path, ["a", "b"])
        with Tables(self.path) as tables:
            axes = phase_diagram.diagram(tables).axes[0]
            ties = [line for line in axes.lines if line.get_color() == phase_diagram.TIE]
            self.assertEqual(len(ties), phase_diagram.TIES)
            for line in ties:  # they end on the binodal
                (x0, x1), (y0, y1) = line.get_data()
                self.assertAlmostEqual((0.5 - x0) / 0.4, y0 - 0.5, 10)
                self.assertAlmostEqual((0.5 - y1) / 0.4, x1 - 0.5, 10)
            self.assertEqual(axes.get_xlim(), (0, 2))
            texts = [text.get_text() for text in axes.get_legend().get_texts()]
            self.assertIn("three phases", texts)
            self.assertIn("critical point", texts)

    def test_triangular_coordinates(self):
        _write(self.path, ["a", "b"])
        with Tables(self.path) as tables:
            axes = phase_diagram.ternary(tables).axes[0]
            points = [line.get_xydata()[0] for line in axes.lines if line.get_marker() == "o"]
            np.testing.assert_allclose(points, [[0.375, 0.25 * np.sqrt(3) / 2]])  # (0.5, 0.5) of a side of 2

    def test_several_fields_over_a_parameter(self):
        """A panel for each field, with both of its phases."""
        _write(self.path, ["a", "b"], "T")
        with h5py.File(self.path, "r+") as file:
            for name in ("first", "second"):
                del file[f"tie_lines/0/{name}"]
                file[f"tie_lines/0/{name}"] = np.column_stack([np.full(5, name == "first"), np.arange(5), np.linspace(-1, 0.5, 5)])
        with Tables(self.path) as tables:
            panels = phase_diagram.over(tables).axes
            self.assertEqual([axes.get_ylabel() for axes in panels], ["$a$", "$b$"])
            np.testing.assert_allclose(panels[0].lines[1].get_xydata(), np.column_stack([np.linspace(-1, 0.5, 5), np.zeros(5)]))
            self.assertIsNone(phase_diagram.diagram(tables))

    def test_over_a_parameter(self):
        _write(self.path, ["a"], "T")
        with Tables(self.path) as tables:
            axes = phase_diagram.diagram(tables).axes[0]
            self.assertEqual(axes.get_ylim(), (-1, 0.5))
            self.assertIsNone(phase_diagram.ternary(tables))

    def test_one_field(self):
        _write(self.path, ["a"])
        with Tables(self.path) as tables:
            self.assertIsNotNone(phase_diagram.diagram(tables))


if __name__ == "__main__":
    unittest.main()
