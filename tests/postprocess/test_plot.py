"""Every kind of picture of every kind of result is drawn, and mistakes are said in one line."""

import contextlib
import io
import json
import os
import sys
import tempfile
import unittest
from unittest import mock

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(os.path.dirname(HERE)), "postprocess")]

import figures  # noqa: E402
import plot  # noqa: E402
from fake_result import write_result  # noqa: E402
from rhoflux_result import Result  # noqa: E402

TIME = np.linspace(0, 4, 9)
LATEX = {"rho[a]": r"\rho_{a}", "odd": r"\notmathtext{"}


def waves(shape):
    """[time, cells]: a wave that grows along every dimension."""
    waves = [np.cos(2 * np.pi * (np.arange(n) + 0.5) / n) for n in shape]
    grid = np.add.reduce(np.meshgrid(*waves, indexing="ij"))
    return np.multiply.outer(TIME, grid)


class Drawing(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()

    def tearDown(self):
        figures.plt.close("all")
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def result(self, shape, name="r", time=TIME, **options):
        data = waves(shape)[: len(time)]
        series = {"total(rho[a])": 5 + 0 * time, "drift(rho[a])": 1e-17 * time, "min(rho[a])": 5 - time,
                  "max(rho[a])": 5 + time, "free_energy": -time, "step": 0.1 + time, "steps": time, "own": time**2}
        extent = {n: (0, k / 4) for n, k in zip("xyz", shape[::-1])}
        write_result(self.path(name + ".h5"), time, extent, {"rho[a]": 10 + data, "odd": data}, series, LATEX,
                     **options)
        return self.path(name)

    def run_plot(self, *arguments):
        """(exit status, standard output, standard error)"""
        out, err = io.StringIO(), io.StringIO()
        with mock.patch.object(sys, "argv", ["plot.py", *arguments]):
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                status = plot.main()
        return status, out.getvalue(), err.getvalue()

    def draws(self, picture, *arguments):
        status, _, err = self.run_plot(*arguments)
        self.assertEqual((status, err), (0, ""), arguments)
        self.assertGreater(os.path.getsize(picture), 1000)

    def test_every_kind_in_every_number_of_dimensions(self):
        for shape in ((32,), (8, 16), (4, 6, 8)):
            path = self.result(shape)
            for kind in plot.KINDS:
                ending = ".gif" if kind == "movie" else ".png"
                with self.subTest(shape=shape, kind=kind):
                    self.draws(f"{path}-{kind}{ending}", path, "--kind", kind)

    def test_unequal_cells(self):
        """Planes are drawn with the edges of their cells, also in movies."""
        for shape in ((32,), (8, 16)):
            path = self.result(shape, stretch=2)
            for kind in plot.KINDS:
                ending = ".gif" if kind == "movie" else ".png"
                self.draws(f"{path}-{kind}{ending}", path, "--kind", kind)
        with Result(path) as result:
            axes = figures.plt.figure().add_subplot()
            data = result.field("odd")
            image = figures.draw_plane(axes, result, data, "x", "y", {})
            corners = image.get_coordinates()
            np.testing.assert_allclose(corners[0, :, 0], result.edges("x"))
            np.testing.assert_allclose(corners[:, 0, 1], result.edges("y"))
            self.assertLess(result.edges("x")[1], 0.1 * result.edges("x")[-1] / 16)

    def test_options(self):
        path = self.result((8, 16))
        self.draws(self.path("a.pdf"), path, "--field", "rho[a]", "--output", self.path("a.pdf"))
        self.draws(self.path("b.png"), path, "--field", "rho", "--time", "1.1", "--output", self.path("b"))
        status, out, _ = self.run_plot(path, "--json", "--output", self.path("c.svg"))
        self.assertEqual((status, json.loads(out)["picture"]), (0, self.path("c.svg")))

    def test_missing_snapshots_are_left_blank(self):
        data = waves((32,))
        data[3] = np.nan
        write_result(self.path("n.h5"), TIME, {"x": (0, 1)}, {"u": data})
        for kind in ("snapshots", "spacetime", "movie"):
            status, _, err = self.run_plot(self.path("n"), "--kind", kind)
            self.assertEqual((status, err), (0, ""))

    def virtual(self, name):
        """A result whose numbers are in the files name.d/k.h5, as those of a run are."""
        write_result(self.path(name + ".h5"), TIME, {"x": (0, 1)}, {"u": waves((32,))})
        os.mkdir(self.path(name + ".d"))
        layout = h5py.VirtualLayout((len(TIME), 32), float)
        for k in range(len(TIME)):
            source = os.path.join(name + ".d", f"{k:06d}.h5")
            with h5py.File(self.path(source), "w") as file:
                file["u"] = waves((32,))[k]
            layout[k] = h5py.VirtualSource(source, "u", (32,))
        with h5py.File(self.path(name + ".h5"), "r+") as file:
            del file["u"]
            file.create_virtual_dataset("u", layout, fillvalue=np.nan)
        return self.path(name)

    def test_missing_files_are_said(self):
        path = self.virtual("v")
        self.draws(path + "-snapshots.png", path)
        os.remove(path + ".d/000003.h5")
        status, _, err = self.run_plot(path)
        self.assertEqual(status, 0)
        self.assertIn("1 of 9 outputs are missing", err)
        for k in range(len(TIME)):
            if k != 3:
                os.remove(path + f".d/{k:06d}.h5")
        self.assertIn("outputs of", self.run_plot(path)[2])
        os.rmdir(path + ".d")
        status, _, err = self.run_plot(path)
        self.assertEqual(status, 2)
        self.assertIn("v.d' is missing", err)

    def test_pictures_of_fields_have_names_of_their_own(self):
        path = self.result((32,))
        self.draws(f"{path}-rho_a-snapshots.png", path, "--field", "rho[a]")
        self.draws(f"{path}-odd-final.png", path, "--field", "odd", "--kind", "final")
        self.assertFalse(os.path.exists(f"{path}-snapshots.png"))

    def test_mistakes_are_one_line(self):
        path = self.result((32,))
        write_result(self.path("empty.h5"), [], {"x": (0, 1)}, {"u": np.zeros((0, 8))})
        with open(self.path("text.h5"), "w") as file:
            file.write("not HDF5")
        cases = [([path, "--field", "rho[q]"], "did you mean 'rho[a]'"), ([path, "--kind", "movi"], "'movie'"),
                 ([self.path("nothing")], "no result"), ([self.path("empty")], "no outputs"),
                 ([self.path("text.h5")], "HDF5"), ([path, "--output", self.path("no/a.png")], "folder"),
                 ([path, "--output", self.path("a.xyz")], "format"), ([path, "--tme", "1"], "--tme"),
                 ([path, "--kind", "movie", "--output", self.path("m.pdf")], "movies")]
        for arguments, part in cases:
            with self.subTest(part):
                status, _, err = self.run_plot(*arguments)
                self.assertEqual((status, err.count("\n")), (2, 1), err)
                self.assertIn(part, err)


class Parts(unittest.TestCase):
    def test_labels(self):
        self.assertEqual(figures.dimension_label("theta"), r"$\theta$")
        self.assertEqual(figures.dimension_label("x1"), "$x_{1}$")
        self.assertEqual(figures.dimension_label("position"), "position")
        self.assertEqual(figures.number(1.5e-7), r"1.5 \times 10^{-7}")

    def test_colours_are_about_zero_for_both_signs_about_a_mean_near_it(self):
        self.assertEqual(figures.colours(np.array([-1.0, -1.0, -1.0, 3.0]))["vmin"], -3)
        self.assertEqual(figures.colours(np.array([-1.0, 3.0]))["cmap"], "viridis")
        self.assertEqual(figures.colours(np.array([-1.0, 3.0]), 0)["cmap"], "coolwarm")
        self.assertEqual(figures.colours(np.array([-1e-9, 3.0]))["cmap"], "viridis")
        self.assertLess(*figures.spread(np.full(3, 7.0)))

    def test_outputs_are_chosen_where_something_happens(self):
        time = np.arange(101.0)
        data = np.outer(np.exp(-time / 3), np.cos(np.arange(16)))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "r.h5")
            write_result(path, time, {"x": (0, 1)}, {"u": data, "still": np.ones_like(data)})
            with Result(path) as result:
                picked = figures.pick_changes(result, ["u"], 6)
                self.assertEqual((picked[0], picked[-1]), (0, 100))
                self.assertLess(picked[3], 40)
                self.assertEqual(figures.pick_changes(result, ["still"], 6), [0, 20, 40, 60, 80, 100])

    def series_panel(self, title, series, time=np.arange(8.0)):
        """The panel with this title, of a field u from -1 to 1 on an interval of length 4."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "r.h5")
        write_result(path, time, {"x": (0, 4)}, {"u": np.zeros((len(time), 8))}, series)
        with Result(path) as result:
            figure = figures.series(result)
        self.addCleanup(figures.plt.close, figure)
        figure.canvas.draw()
        return next(axes for axes in figure.axes if axes.get_title("left").startswith(title))

    def test_noise_of_totals_is_not_blown_up(self):
        noise = 1e-14 * np.cos(np.arange(8.0))
        axes = self.series_panel("totals", {"total(u)": noise, "min(u)": 0 * noise - 1, "max(u)": 0 * noise + 1})
        self.assertGreater(np.ptp(axes.get_ylim()), 0.3)
        axes = self.series_panel("totals", {"total(u)": 5 + noise})
        self.assertGreater(np.ptp(axes.get_ylim()), 0.3)

    def test_no_drift_stands_at_zero(self):
        axes = self.series_panel("change", {"drift(u)": np.array([0, 0, 0, 1e-16, 1e-15, 0, 0, 0])})
        drawn = axes.lines[0].get_ydata()
        labels = dict(zip(axes.get_yticks(), (label.get_text() for label in axes.get_yticklabels())))
        self.assertEqual(labels[drawn[0]], "0")
        self.assertEqual(drawn[4], 1e-15)
        self.assertIn("$10^{-15}$", labels.values())

    def test_a_free_energy_that_rests_is_drawn_above_its_end(self):
        time = np.arange(50.0)
        axes = self.series_panel("free energy above", {"free_energy": np.exp(-time) - 3}, time)
        self.assertEqual(axes.get_yscale(), "log")
        axes = self.series_panel("free energy", {"free_energy": 7 + 1e-15 * np.cos(time)}, time)
        self.assertEqual(axes.get_yscale(), "linear")
        self.assertGreater(np.ptp(axes.get_ylim()), 1e-10)

    def test_space_and_time_between_outputs(self):
        """Linear along the axis of time and across a periodic boundary: a function linear in both is met."""
        time = np.array([0.0, 1.0, 4.0])
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "r.h5")
            data = np.multiply.outer(time, np.ones(8)) + np.array([0, 1, 2, 3, 4, 3, 2, 1])
            write_result(path, time, {"x": (0, 8)}, {"u": data})
            with Result(path) as result:
                x, t, fine = figures._between(result, result.field("u") * 0 + data)
        expected = np.abs(4 - np.abs(x - 4.5))
        expected = np.where(x < 0.5, 0.5 - x, expected)
        np.testing.assert_allclose(fine, np.add.outer(t, expected), atol=1e-12)

    def test_a_name_that_mathtext_can_not_set_stays_plain(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "r.h5")
            write_result(path, [0], {"x": (0, 1)}, {"rho[a]": np.ones((1, 4)), "odd": np.ones((1, 4))}, latex=LATEX)
            with Result(path) as result:
                self.assertEqual(figures.field_label(result, "odd"), "odd")
                self.assertEqual(figures.field_label(result, "rho[a]"), r"$\rho_{a}$")


if __name__ == "__main__":
    unittest.main()
