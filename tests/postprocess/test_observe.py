"""Pictures of observables and of their comparison, from tables made here: what is drawn of what."""

import os
import sys
import tempfile
import unittest

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "postprocess"))
import compare  # noqa: E402
import observe  # noqa: E402
from rhoflux_result import Tables  # noqa: E402

Q = np.linspace(0.5, 5, 10)


def _group(file, name, abscissa, scales):
    group = file.create_group(name)
    group.attrs.update(abscissa=abscissa, scales=scales, what="")
    return group


def _observed(path):
    """S of two pairs, one of them negative in places; F of one at two q; a map; numbers alone."""
    with h5py.File(path, "w") as file:
        file.attrs.update(rhoflux_tables=1, analysis="observe", result="gone.h5")
        group = _group(file, "structure_factor", "q", "loglog")
        for name, value in (("S(a,a)", 1 / Q**2), ("S(a,b)", 1 - Q)):
            group[f"{name}/q"], group[f"{name}/value"], group[f"{name}/error"] = Q, value, 0.1 * np.ones_like(Q)
        group = _group(file, "intermediate_scattering", "t", "log")
        for name, scale in (("F(a,a) q=2", 4.0), ("F(a,a) q=0.5", 8.0)):
            group[f"{name}/t"], group[f"{name}/value"] = Q - 0.5, scale * np.exp(-(Q - 0.5))
            group[f"{name}/error"] = np.full_like(Q, np.nan)
        group = _group(file, "structure_factor_map", "q", "linear")
        group["S(a,a)/q_y"], group["S(a,a)/q_x"] = np.arange(3.0), np.arange(4.0)
        group["S(a,a)/value"] = np.arange(12.0).reshape(3, 4)
        for d, axis in enumerate(("q_y", "q_x")):
            group[f"S(a,a)/{axis}"].make_scale(axis)
            group["S(a,a)/value"].dims[d].attach_scale(group[f"S(a,a)/{axis}"])
        _group(file, "slab", "x", "linear").attrs.update({"dense(a)": 1.5, "dense(a)_error": 0.01})


def _compared(path):
    with h5py.File(path, "w") as file:
        file.attrs.update(rhoflux_tables=1, analysis="compare", a="one.h5", b="two.h5")
        group = _group(file, "structure_factor", "q", "linear")
        for name, value in (("q", Q), ("a", Q), ("b", Q + 0.5), ("a_error", 0.3 + 0 * Q), ("b_error", 0.4 + 0 * Q),
                            ("score", 1 + 0 * Q)):
            group[f"S(a,a)/{name}"] = value
        group.create_group("quantities/dense(a)").attrs.update(a=1.0, a_error=0.1, b=1.2, b_error=0.1, score=np.sqrt(2))


class Pictures(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "tables.h5")

    def tearDown(self):
        self.folder.cleanup()

    def _panels(self, make, draw):
        make(self.path)
        with Tables(self.path) as tables:
            figure = draw(tables)
        figure.canvas.draw()
        return [axes for axes in figure.axes if axes.get_title() or axes.lines]

    def test_observables(self):
        panels = {axes.get_title() + axes.get_ylabel(): axes for axes in self._panels(_observed, observe.observables)}
        lines = panels["structure factor"].lines
        np.testing.assert_array_equal(lines[0].get_ydata(), 1 / Q**2)
        np.testing.assert_array_equal(lines[1].get_ydata(), 1 - Q)
        self.assertEqual(panels["structure factor"].get_yscale(), "linear")  # there are negative numbers
        self.assertEqual(len(panels["structure factor"].collections), 2)  # bands of errors

    def test_scattering_is_relative_and_in_order_of_q(self):
        axes = [a for a in self._panels(_observed, observe.observables) if "value at 0" in a.get_ylabel()][0]
        self.assertEqual([text.get_text() for text in axes.get_legend().get_texts()], ["q=0.5", "q=2"])
        for line in axes.lines:
            np.testing.assert_allclose(line.get_ydata(), np.exp(-(Q - 0.5)))

    def test_map_and_numbers(self):
        panels = self._panels(_observed, observe.observables)
        image = [axes.images[0] for axes in panels if axes.images][0]
        np.testing.assert_array_equal(image.get_array(), np.arange(12.0).reshape(3, 4))
        self.assertEqual(list(image.get_extent()), [-0.5, 3.5, -0.5, 2.5])
        words = [text.get_text() for axes in panels for text in axes.texts]
        self.assertIn("dense(a)", words)
        self.assertIn("1.5 ± 0.01", [word.replace("1.500", "1.5") for word in words])

    def test_compared(self):
        panels = self._panels(_compared, compare.differences)
        upper = [axes for axes in panels if "S(a,a)" in axes.get_title()][0]
        self.assertEqual([text.get_text() for text in upper.get_legend().get_texts()], ["one", "two"])
        np.testing.assert_array_equal(upper.lines[1].get_ydata() - upper.lines[0].get_ydata(), 0.5 + 0 * Q)
        scores = [line.get_ydata() for axes in panels for line in axes.lines if line.get_marker() == "."]
        self.assertTrue(any(len(score) == 10 and np.all(score == 1) for score in scores))
        self.assertTrue(any(len(score) == 1 and np.isclose(score[0], np.sqrt(2)) for score in scores))


if __name__ == "__main__":
    unittest.main()
