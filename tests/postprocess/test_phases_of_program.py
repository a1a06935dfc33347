"""Pictures of what the program writes: small phase diagrams and extremes, computed and drawn by `rhoflux` itself.

One test for each kind of picture.  The command writes a PNG of a sensible size, and the same figure, made here, has the
data: what its lines go through fulfils closed forms, as do the places of its points.

    python3 test_phases_of_program.py PROGRAM

Faults that were put in once: sections in another order, one phase of each curve, a path over n, the same field in both
panels, an extreme at the place of its number, tetrahedra displaced.
"""

import os
import struct
import subprocess
import sys
import tempfile
import unittest

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "postprocess"))
import phase_diagram  # noqa: E402
import stability  # noqa: E402
from rhoflux_result import Tables  # noqa: E402

PROGRAM = os.path.abspath(sys.argv.pop()) if len(sys.argv) > 1 else "rhoflux"

# Landau's free energy at fixed D = n + gamma m^2 + delta m^4: a m^2 + b m^4 + C m^6, a = T + gamma D, b = B + delta D.
B, C, GAMMA, DELTA, N = -0.3, 1.0, 0.5, 1.0, -0.4
LANDAU = f"""rhoflux: 1
model: landau
parameters: {{T: 0, B: {B}, C: {C}, gamma: {GAMMA}, delta: {DELTA}}}
fields: {{m: real, n: real}}
define: {{D: n + gamma*m^2 + delta*m^4}}
free_energy: "D^2/2 + T*m^2 + B*m^4 + C*m^6"
dynamics: {{m: {{mobility: 1}}, n: {{mobility: 1}}}}
"""
OVER = f"""rhoflux: 1
case: landau
model: landau.model.yaml
phase_diagram:
  window: {{m: [-1.5, 1.5], n: [-2, 2]}}
  over: {{parameter: T, from: -0.6, to: 0.3, sections: [-0.5, -0.2, 0.1]}}
  paths: [[{{m: -1, n: {N}}}, {{m: 1, n: {N}}}]]
"""

# Four components alike.
CHI = 2.9
THREE = f"""rhoflux: 1
model: alike
fields: {{a: density, b: density, c: density}}
parameters: {{chi: {CHI}}}
define: {{s: 1 - a - b - c}}
free_energy: "a*log(a) + b*log(b) + c*log(c) + s*log(s) + chi*(a*b + a*c + b*c + (a + b + c)*s)"
dynamics: {{a: {{mobility: a}}, b: {{mobility: b}}, c: {{mobility: c}}}}
"""

# psi follows phi: phases phi = +-sqrt(-a), and psi + phi/2 the same in both, 0.3 by the mean.
WELLS = """rhoflux: 1
model: wells
parameters: {a: -1}
fields: {phi: real, psi: real}
define: {D: psi + phi/2}
dynamics:
  phi: {mobility: 1, potential: "D/2 + a*phi + phi^3 - lap(phi)"}
  psi: {mobility: 1, potential: D}
"""
PROFILES = """rhoflux: 1
case: wells
model: wells.model.yaml
phase_diagram:
  window: {phi: [-1, 1], psi: [-1, 1]}
  construction: profiles
  compositions: [{phi: 0, psi: 0.3}]
  over: {parameter: a, from: -1, to: -0.5}
  front: {length: 16, cells: 32, between: 3}
"""

REGION = """rhoflux: 1
case: region
model: two_temperature
stability:
  extremes: "T[A]"
  over: {"T[A]": [1, 80, 9], "c[A]": [0.01, 1, 8], "c[B]": [0.01, 1, 9]}
  within: ["c[A] + c[B] <= 1"]
"""


def landau(points):
    """m^2, a, b of points (m, n, T)."""
    m, n, T = np.asarray(points).T
    D = n + GAMMA * m**2 + DELTA * m**4
    return m**2, T + GAMMA * D, B + DELTA * D


def drawn(axes, colour):
    """The lines of the colour with more than one point, as rows of points; on three axes of three numbers."""
    lines = [line for line in axes.lines if line.get_color() == colour]
    rows = [np.column_stack(line.get_data_3d() if hasattr(line, "get_data_3d") else line.get_data()) for line in lines]
    return [row for row in rows if len(row) > 1]


class Program(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.environment = dict(os.environ, OMP_NUM_THREADS="1", RHOFLUX_PYTHON=sys.executable)
        cls.made = set()

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def tearDown(self):
        phase_diagram.plt.close("all")

    def path(self, name):
        return os.path.join(self.place.name, name)

    def rhoflux(self, *arguments):
        run = subprocess.run([PROGRAM, *arguments], cwd=self.place.name, env=self.environment, capture_output=True,
                             text=True, timeout=120, check=False)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def tables(self, verb, name, case, model=None):
        """The tables that the verb makes of the case, once."""
        if name not in self.made:
            if model:
                with open(self.path(f"{name}.model.yaml"), "w", encoding="utf-8") as file:
                    file.write(model)
            with open(self.path(f"{name}.yaml"), "w", encoding="utf-8") as file:
                file.write(case)
            self.rhoflux(verb, f"{name}.yaml")
            self.made.add(name)
        tables = Tables(self.path(f"{name}.h5"))
        self.addCleanup(tables.close)
        return tables

    def draws(self, name, kind):
        """`rhoflux plot` writes a PNG of some hundred thousand pixels, not all of them paper."""
        self.rhoflux("plot", name, "--kind", kind)
        picture = self.path(f"{name}-{kind}.png")
        with open(picture, "rb") as file:
            head = file.read(24)
        self.assertEqual(head[:8], b"\x89PNG\r\n\x1a\n")
        width, height = struct.unpack(">II", head[16:])
        self.assertTrue(500 < width < 4000 and 200 < height < 4000, (width, height))
        paper = phase_diagram.plt.imread(picture)[..., :3].min(axis=2)
        self.assertGreater(np.mean(paper < 0.9), 0.005)

    def test_sections(self):
        """A panel for each value of the parameter, with its spinodal, its tie lines and their ends."""
        tables = self.tables("phase-diagram", "landau", OVER, LANDAU)
        self.draws("landau", "sections")
        panels = [axes for axes in phase_diagram.sections(tables).axes if axes.get_title()]
        self.assertEqual([float(axes.get_title().split("=")[1]) for axes in panels], [-0.5, -0.2, 0.1])
        for axes, T in zip(panels, (-0.5, -0.2, 0.1)):
            self.assertEqual((axes.get_xlim(), axes.get_ylim()), ((-1.5, 1.5), (-2, 2)))
            of = lambda rows: landau(np.column_stack([rows, np.full(len(rows), T)]))  # noqa: B023, E731
            spinodal = np.concatenate(drawn(axes, phase_diagram.SPINODAL))
            s, a, b = of(spinodal)
            self.assertGreater(len(spinodal), 50)
            np.testing.assert_allclose(2 * a + 12 * b * s + 30 * C * s**2, 0, atol=1e-9)
            ends = drawn(axes, phase_diagram.BINODAL)
            self.assertGreaterEqual(len(ends), 2)
            for first, second in zip(ends[::2], ends[1::2]):  # both phases have the same D, so the same a
                np.testing.assert_allclose(of(first)[1], of(second)[1], atol=1e-9)
            self.assertGreaterEqual(len(drawn(axes, phase_diagram.TIE)), phase_diagram.TIES)

    def test_space_of_two_fields(self):
        """Curves of critical points and of three phases, and the tricritical point where they meet."""
        tables = self.tables("phase-diagram", "landau", OVER, LANDAU)
        self.draws("landau", "space")
        axes = phase_diagram.space(tables).axes[0]
        critical, three = (drawn(axes, colour) for colour in (phase_diagram.CRITICAL, phase_diagram.THREE))
        self.assertEqual(len(critical), 4)
        for points in critical:
            points = points[np.isfinite(points).all(axis=1)]
            s, a, b = landau(points)
            np.testing.assert_allclose(points[:, 0] * (b + 5 * C * s), 0, atol=1e-8)
            np.testing.assert_allclose(a + 6 * b * s + 15 * C * s**2, 0, atol=1e-8)
        curves = [points for points in three if len(points) > 4]  # of four points: triangles of sections
        self.assertEqual(len(curves), 3)
        middle = [np.nanmax(np.abs(points[:, 0])) < 1e-9 for points in curves]
        self.assertEqual(sorted(middle), [False, False, True])
        for points in (points for points, is_middle in zip(curves, middle) if not is_middle):
            s, a, b = landau(points[np.isfinite(points).all(axis=1)])
            np.testing.assert_allclose(a, C * s**2, atol=1e-8)
            np.testing.assert_allclose(b, -2 * C * s, atol=1e-8)
        star = [np.ravel(line.get_data_3d()) for line in axes.lines if line.get_marker() == "*"]
        np.testing.assert_allclose(star, [[0, -B / DELTA, GAMMA * B / DELTA]], atol=1e-9)
        self.assertEqual(axes.get_zlim(), (-0.6, 0.3))

    def test_paths(self):
        """The spinodal and the cloud points over the way from one composition to the other."""
        tables = self.tables("phase-diagram", "landau", OVER, LANDAU)
        self.draws("landau", "paths")
        axes = phase_diagram.paths(tables).axes[0]
        place = lambda rows: np.column_stack([2 * rows[:, 0] - 1, np.full(len(rows), N), rows[:, 1]])  # noqa: E731
        s, a, b = landau(place(np.concatenate(drawn(axes, phase_diagram.SPINODAL))))
        self.assertGreater(len(s), 50)
        np.testing.assert_allclose(2 * a + 12 * b * s + 30 * C * s**2, 0, atol=1e-9)
        clouds = [landau(place(rows)) for rows in drawn(axes, phase_diagram.BINODAL)]
        mirrored = [np.abs(a + 2 * b * s + 3 * C * s**2).max() < 1e-9 for s, a, b in clouds]  # m beside -m
        self.assertTrue(2 <= sum(mirrored) < len(clouds))
        self.assertEqual([text.get_text() for text in axes.get_xticklabels()][::2],
                         ["$m$ = -1\n$n$ = -0.4", "$m$ = 1\n$n$ = -0.4"])
        self.assertEqual({text.get_text() for text in axes.get_legend().get_texts()},
                         {"spinodal", "cloud points", "metastable"})

    def test_space_of_three_fields(self):
        """Curves of three phases and tetrahedra of four, of equal potentials."""
        tables = self.tables("phase-diagram", "alike", OVER.split("model:")[0].replace("landau", "alike")
                             + "model: alike.model.yaml\nphase_diagram: {window: {a: 1, b: 1, c: 1}}\n", THREE)
        self.draws("alike", "space")
        axes = phase_diagram.space(tables).axes[0]

        def potentials(u):
            s = 1 - u.sum(axis=-1, keepdims=True)
            return np.log(u / s) + CHI * (s - u)

        corners = [np.column_stack(line.get_data_3d()) for line in axes.lines if line.get_marker() == "D"]
        self.assertEqual([len(states) for states in corners], [4] * 4)
        for states in corners:
            np.testing.assert_allclose(potentials(states), potentials(states[:1]).repeat(4, axis=0), atol=1e-9)
        curves = [points for points in drawn(axes, phase_diagram.THREE) if len(points) > 6]
        self.assertGreaterEqual(len(curves), 30)
        self.assertEqual(len(curves) % 3, 0)
        for three in zip(curves[::3], curves[1::3], curves[2::3]):
            inside = np.all([(points > 1e-6).all(axis=1) & (points.sum(axis=1) < 1 - 1e-6) for points in three], axis=0)
            for points in three[1:]:
                np.testing.assert_allclose(potentials(points[inside]), potentials(three[0][inside]), atol=1e-8)

    def test_profiles_over_a_parameter(self):
        """A panel for each field with both of its phases over the parameter."""
        tables = self.tables("phase-diagram", "wells", PROFILES, WELLS)
        self.draws("wells", "over")
        panels = phase_diagram.over(tables).axes
        self.assertEqual([axes.get_xlabel() for axes in panels], ["$a$", "$a$"])
        a = np.linspace(-1, -0.5, 5)
        for axes, side in zip(panels, (1, -0.5)):
            lines = [line.get_xydata() for line in axes.lines]
            self.assertEqual(len(lines), 2)
            found = sorted(lines, key=lambda line: line[0, 1])
            for line, sign in zip(found, (-1, 1)):
                np.testing.assert_allclose(line[np.argsort(line[:, 0]), 0], a, atol=1e-12)
                expected = (0 if side == 1 else 0.3) + sign * abs(side) * np.sqrt(-line[:, 0])
                np.testing.assert_allclose(line[:, 1], expected, atol=2e-3)

    def test_extremes(self):
        """The smallest T_A of each state of the region, and the least of them in the middle of its edge."""
        tables = self.tables("stability", "region", REGION)
        self.draws("region", "extremes")
        axes = stability.extremes(tables).axes[0]
        dots = [np.ravel(line.get_data()) for line in axes.lines if line.get_marker() == "o"]
        np.testing.assert_allclose(dots, [[0.5, 0.5]], atol=1e-8)
        self.assertIn("33.9706", [text.get_text() for text in axes.texts])
        values = np.ma.masked_invalid(axes.collections[0].get_array()).reshape(9, 8)
        a, b = np.meshgrid(np.linspace(0.01, 1, 8), np.linspace(0.01, 1, 9))
        s = np.sqrt((1 + a) * (1 + b) / (a * b))  # (T_A + 1)/2 = s sqrt(T_A)
        expected = (s + np.sqrt(s**2 - 1)) ** 2
        there = (a + b < 1) & (expected < 80)
        self.assertGreater(there.sum(), 2)
        np.testing.assert_allclose(values[there], expected[there], rtol=1e-3)
        self.assertTrue(values.mask[a + b > 1].all())


if __name__ == "__main__":
    unittest.main()
