"""Coexisting densities by slab profile: known profiles come back, particle runs give their published numbers."""

import os
import sys
import tempfile
import unittest

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "postprocess")]

from coexistence import Unusable, block_estimate, count_regions, measure, open_fields  # noqa: E402
from fake_result import write_result  # noqa: E402

PARTICLES = os.path.join(ROOT, "data", "particles", "D3_quorum_sensing")

# Run: width of the slab, then per species inside, error, outside, error, as the particle runs were first evaluated.
PUBLISHED = {
    "mips1d_slab": (14.75, [(424.57, 1.21, 67.26, 0.16)]),
    "mips2d_slab": (11.50, [(213.85, 0.27, 33.74, 0.09)]),
    "demix1d": (7.75, [(313.43, 1.01, 95.32, 0.30), (95.36, 0.30, 312.52, 0.74)]),
    "demix2d": (7.50, [(156.34, 0.79, 48.00, 0.20), (48.03, 0.37, 155.63, 0.48)]),
}


def band(x, centre, width, length, high=5.0, low=1.0):
    """A plateau `high` of a width, in a periodic box at `low`."""
    distance = abs((x - centre + length / 2) % length - length / 2)
    return low + (high - low) * 0.5 * (1 - np.tanh((distance - width / 2) / 0.4))


class Synthetic(unittest.TestCase):
    LENGTH, N = 24.0, 192

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.x = (np.arange(self.N) + 0.5) * self.LENGTH / self.N

    def tearDown(self):
        self.folder.cleanup()

    def result(self, fields, extent=None, **more):
        path = os.path.join(self.folder.name, "r.h5")
        count = len(next(iter(fields.values())))
        write_result(path, np.arange(count), extent or {"x": (0, self.LENGTH)}, fields, **more)
        return open_fields(path)

    def test_plateaus_come_back_wherever_the_slab_is(self):
        for centre in np.linspace(0, self.LENGTH, 17):
            state = measure(self.result({"rho": [band(self.x, centre, 11, self.LENGTH)]}))
            self.assertEqual(state.bands, [1])
            self.assertAlmostEqual(state.width, 11, delta=2.1 * self.LENGTH / self.N)
            self.assertAlmostEqual(state.dense[0].mean, 5, delta=1e-4)
            self.assertAlmostEqual(state.dilute[0].mean, 1, delta=1e-4)
            sides = np.interp(state.centre + np.array([-5.5, 5.5]), state.x, state.profile[0])
            np.testing.assert_allclose(sides, 3, atol=0.05)  # half height
            self.assertLessEqual(abs(state.centre), 1.01 * self.LENGTH / self.N)

    def test_two_species_are_told_apart_and_averaged_along_y(self):
        a = band(self.x, 9, 12, self.LENGTH) * np.ones((6, 1))
        b = band(self.x, 21, 12, self.LENGTH, high=7, low=2) * np.ones((6, 1))
        wave = np.sin(2 * np.pi * (np.arange(6) + 0.5) / 6)[:, None]
        state = measure(self.result({"a": [a + 0.3 * wave], "b": [b]}, {"x": (0, self.LENGTH), "y": (0, 3)}))
        self.assertEqual((state.bands, state.margin), ([1, 1], 2.0))
        found = [state.dense[0].mean, state.dilute[0].mean, state.dense[1].mean, state.dilute[1].mean]
        np.testing.assert_allclose(found, [5, 1, 2, 7], rtol=1e-3)

    def test_a_box_that_does_not_begin_at_zero(self):
        state = measure(self.result({"rho": [band(self.x, 3, 11, self.LENGTH)]}, {"x": (-7, self.LENGTH - 7)}))
        self.assertAlmostEqual(state.dense[0].mean, 5, delta=1e-4)
        self.assertAlmostEqual(state.x[0] + state.x[-1], 0, delta=1e-9)

    def test_two_bands_are_counted_and_not_measured(self):
        double = band(self.x, 6, 5, self.LENGTH) + band(self.x, 16, 5, self.LENGTH)
        state = measure(self.result({"rho": [double]}))
        self.assertEqual((state.bands, state.dense), ([2], []))

    def test_what_can_not_be_measured_is_refused(self):
        slab = [band(self.x, 9, 4, self.LENGTH)]
        for fields, more in (({"rho": slab}, {}), ({"rho": [np.ones(self.N)]}, {}),
                             ({"rho": [band(self.x, 9, 11, self.LENGTH)]}, {"boundary": "wall"})):
            with self.assertRaises(Unusable):
                measure(self.result(fields, **more))

    def test_a_file_that_is_none(self):
        with self.assertRaises(Unusable):
            open_fields(os.path.join(self.folder.name, "nothing"))


class Parts(unittest.TestCase):
    def test_regions_join_across_periodic_sides_and_not_across_corners(self):
        self.assertEqual(count_regions(np.array([1, 1, 0, 0, 1], bool)), 1)
        self.assertEqual(count_regions(np.array([1, 0, 1, 0, 0], bool)), 2)
        self.assertEqual(count_regions(np.eye(4, dtype=bool)), 4)
        self.assertEqual(count_regions(np.zeros((3, 3), bool)), 0)

    def test_the_error_of_independent_values(self):
        values = np.random.default_rng(1).normal(3, 1, 40000)
        errors = [block_estimate(part).error for part in values.reshape(100, 400)]
        self.assertAlmostEqual(np.sqrt(np.mean(np.square(errors))), 1 / 20, delta=0.005)
        self.assertTrue(np.isnan(block_estimate(np.ones(1)).error))


class Particles(unittest.TestCase):
    def test_published_numbers(self):
        for run, (width, species) in PUBLISHED.items():
            with self.subTest(run):
                state = measure(open_fields(os.path.join(PARTICLES, run + ".fields.h5")))
                self.assertEqual(state.bands, [1] * len(species))
                self.assertAlmostEqual(state.width, width, places=9)
                for expected, dense, dilute in zip(species, state.dense, state.dilute):
                    found = (dense.mean, dense.error, dilute.mean, dilute.error)
                    np.testing.assert_allclose(found, expected, atol=0.0051)


if __name__ == "__main__":
    unittest.main()
