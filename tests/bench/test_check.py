"""Properties of check.py on small made-up tables: what is as good passes, what is worse does not, whichever way."""
import os
import subprocess
import sys
import tempfile
import unittest

CHECK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check.py")
ROWS = {"residual": "2D-128 ns/cell 0.9 0.3 3.00 -  stencil", "step": "3D-64 ns/cell 20 10 2.00 400  4_pairs",
        "transform": "2 scaling 1.8 1.9 0.95 -  fftw_mpi"}


def status(committed, new, *margin):
    with tempfile.TemporaryDirectory() as folder:
        path = [os.path.join(folder, name) for name in ("committed", "new")]
        for name, rows in zip(path, (committed, new)):
            with open(name, "w") as table:
                table.write("# a head\n" + "".join(f"{row} {text}\n" for row, text in rows.items()))
        run = subprocess.run([sys.executable, "-B", CHECK, *path, *margin], capture_output=True, text=True)
    return run.returncode, run.stdout


def changed(row, old, new):
    return {**ROWS, row: ROWS[row].replace(old, new)}


class Check(unittest.TestCase):
    def test_same_passes(self):
        self.assertEqual(status(ROWS, ROWS), (0, ""))

    def test_within_the_margin_passes(self):
        self.assertEqual(status(ROWS, changed("residual", "3.00", "3.70"))[0], 0)
        self.assertEqual(status(ROWS, changed("residual", "3.00", "1.00"))[0], 0)

    def test_beyond_the_margin_fails(self):
        code, text = status(ROWS, changed("residual", "3.00", "3.80"))
        self.assertEqual(code, 1)
        self.assertIn("residual 2D-128: ratio 3.80, was 3.00", text)
        self.assertEqual(status(ROWS, changed("residual", "3.00", "3.80"), "1.3")[0], 0)
        self.assertEqual(status(ROWS, changed("residual", "3.00", "3.70"), "1.1")[0], 1)

    def test_nan_fails(self):
        self.assertEqual(status(ROWS, changed("residual", "3.00", "nan"))[0], 1)

    def test_memory_counts(self):
        self.assertEqual(status(ROWS, changed("step", "400", "490"))[0], 0)
        self.assertEqual(status(ROWS, changed("step", "400", "510"))[0], 1)
        self.assertEqual(status(ROWS, changed("step", "400", "-"))[0], 1)

    def test_less_scaling_fails(self):
        self.assertEqual(status(ROWS, changed("transform", "0.95", "1.50"))[0], 0)
        self.assertEqual(status(ROWS, changed("transform", "0.95", "0.70"))[0], 1)

    def test_missing_row_fails_and_new_one_passes(self):
        fewer = {name: text for name, text in ROWS.items() if name != "step"}
        self.assertEqual(status(ROWS, fewer)[0], 1)
        self.assertEqual(status(fewer, ROWS), (0, "step 3D-64: new\n"))

    def test_nothing_to_compare_with_fails(self):
        self.assertEqual(status({}, ROWS)[0], 1)


if __name__ == "__main__":
    unittest.main()
