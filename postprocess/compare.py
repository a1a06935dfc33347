"""Pictures of the tables of `rhoflux compare`.

    differences   for each curve both results with their errors, and below the difference in units of its error;
                  quantities as points in the same units
"""

import os

import figures
import numpy as np
from figures import plt
from observe import COLOURS, draw_curve, label, read_curve, set_scales

MOST_CURVES = 6


def _short(path):
    return os.path.splitext(os.path.basename(path))[0]


def _draw_scores(axes, x, score):
    axes.axhspan(-1, 1, color="#dddddd", linewidth=0)
    for level in (-3, 3):
        axes.axhline(level, color="#999999", linewidth=0.6, linestyle="--")
    axes.plot(x, score, ".", markersize=4, color="#8e3b8e")
    largest = np.nanmax(np.abs(score)) if np.any(np.isfinite(score)) else 0
    axes.set_ylim(-max(4, 1.15 * largest), max(4, 1.15 * largest))


def _draw_curve(upper, lower, tables, observable, name):
    curves = [read_curve(tables, observable, name, which, f"{which}_error") for which in ("a", "b")]
    for which, colour, curve in zip(("a", "b"), COLOURS, curves):
        draw_curve(upper, curve, colour, _short(tables.text("", which)))
    set_scales(upper, tables.text(observable, "scales", "linear"), curves)
    _draw_scores(lower, curves[0][0], tables[f"{observable}/{name}/score"])
    lower.set_xscale(upper.get_xscale())
    lower.set_xlim(upper.get_xlim())
    upper.set_xticklabels([])
    upper.tick_params(axis="x", which="both", labelbottom=False)
    upper.set_title(f"{observable.replace('_', ' ')}: {label(name)}", fontsize=8)
    upper.legend(fontsize=6)
    lower.set_xlabel(f"${tables.text(observable, 'abscissa', 'x')}$")
    lower.set_ylabel("difference / error", fontsize=7)


def _draw_quantities(upper, lower, tables, observable):
    names = tables.groups(f"{observable}/quantities")
    score = np.array([float(tables.text(f"{observable}/quantities/{name}", "score", np.nan)) for name in names])
    upper.axis("off")
    upper.set_title(observable.replace("_", " "), fontsize=8)
    _draw_scores(lower, np.arange(len(names)), score)
    lower.set_xticks(np.arange(len(names)), [label(name) for name in names], rotation=60, ha="right", fontsize=6)
    for k, name in enumerate(names):
        a, b = (float(tables.text(f"{observable}/quantities/{name}", which)) for which in ("a", "b"))
        upper.text(0.02, 0.95 - 0.09 * k, f"{label(name)}:  {a:.5g}   {b:.5g}", va="top", fontsize=6)


def differences(tables):
    panels = []
    for observable in tables.groups("/"):
        if observable == "provenance":
            continue
        curves = [name for name in tables.groups(observable) if name != "quantities"]
        step = max(1, -(-len(curves) // MOST_CURVES))
        panels += [lambda u, l, o=observable, n=name: _draw_curve(u, l, tables, o, n) for name in curves[::step]]
        if tables.groups(f"{observable}/quantities"):
            panels.append(lambda u, l, o=observable: _draw_quantities(u, l, tables, o))
    if not panels:
        return None
    across = min(2, len(panels))
    down = -(-len(panels) // across)
    figure, axes = plt.subplots(2 * down, across, figsize=(figures.WIDTH, 3.6 * down), squeeze=False,
                                gridspec_kw={"height_ratios": [2, 1] * down})
    for k in range(down * across):
        row, column = divmod(k, across)
        upper, lower = axes[2 * row, column], axes[2 * row + 1, column]
        if k < len(panels):
            panels[k](upper, lower)
        else:
            upper.axis("off")
            lower.axis("off")
    return figure


KINDS = {"differences": differences}
