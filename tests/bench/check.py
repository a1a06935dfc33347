#!/usr/bin/env python3
"""Ratios of a run of the benchmarks beside those of another one, the committed one.

    check.py COMMITTED NEW [MARGIN]

Tables as bench_suite and bench_scaling write them: lines "name shape unit ours limit ratio memory words", comments with #.
Exit 1 when a ratio is more than MARGIN times the committed one (1.25: ratios of one machine differ by up to a tenth), when
memory a cell is, or when a row is missing.  Of scaling rows (unit "scaling"), where more is better, the reverse."""
import sys

MARGIN = 1.25


def read(path):
    rows = {}
    with open(path) as table:
        for line in table:
            word = line.split("#")[0].split()
            if not word:
                continue
            if len(word) < 7:
                raise ValueError(f"{path}: not a row: {line.strip()}")
            number = None if word[6] == "-" else float(word[6])
            rows[word[0], word[1]] = (word[2], float(word[5]), number)
    return rows


def worse(old, new, margin):
    """What has become worse of a row, in words."""
    unit, was, held = old
    _, now, holds = new
    factor = was / now if unit == "scaling" else now / was
    if not factor <= margin:
        yield f"ratio {now:.2f}, was {was:.2f}"
    if held and (holds is None or not holds <= margin * held):
        yield f"memory {holds or float('nan'):.0f}, was {held:.0f} bytes a cell"


def compare(committed, new, margin):
    for key, old in committed.items():
        if key not in new:
            yield f"{' '.join(key)}: missing"
            continue
        for what in worse(old, new[key], margin):
            yield f"{' '.join(key)}: {what}"


def main():
    margin = float(sys.argv[3]) if len(sys.argv) > 3 else MARGIN
    committed, new = read(sys.argv[1]), read(sys.argv[2])
    found = list(compare(committed, new, margin))
    for line in found:
        print(line)
    for key in new.keys() - committed.keys():
        print(f"{' '.join(key)}: new")
    if not committed:
        print("nothing committed to compare with")
    return 1 if found or not committed else 0


if __name__ == "__main__":
    sys.exit(main())
