"""Pictures of the tables of `rhoflux sweep`.

    map    over two numbers, side by side: one outcome that is a word as colours, and one that is a number; more than two
           numbers: one row for each value of the others
    line   over one number: the outcomes that are numbers, points coloured by the word

Without --field the word is `pattern` (else `status`) and the number the speed, or the free energy, or an extremum.
"""

import itertools

import figures
import numpy as np
from figures import plt
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from stability import _legend, label

COLOURS = {"uniform": "#e8e8e8", "stationary": "#2e75b6", "travelling": "#e07b2a", "standing": "#58a55c",
           "irregular": "#8e5aa8", "done": "#2e75b6", "failed": "#c00000"}
OTHERS = ("#4c9aa8", "#d4a72c", "#7d7d7d", "#b5651d", "#5a5aa8", "#a05a5a")
MOST_ROWS = 6


class Outcome:
    """One outcome of all runs, an array over the axes."""

    def __init__(self, tables, path):
        self.name = tables.text(path, "name")
        self.data = tables[path]
        self.classes = tables.text(path, "classes", [])


def _outcomes(tables):
    return {o.name: o for o in (Outcome(tables, f"outcome/{key}") for key in tables.file.get("outcome", {}))}


def _axes(tables):
    names = tables.text("", "axes")
    return names, [tables["over/" + name.replace("/", "\u2215")] for name in names]


def _word(outcomes, field):
    if field and outcomes[field].classes:
        return outcomes[field]
    for name in ("pattern", "status"):
        if name in outcomes and (name == "pattern" or len(outcomes[name].classes) > 1):
            return outcomes[name]
    return None


def _number(outcomes, field):
    if field and not outcomes[field].classes:
        return outcomes[field]
    numbers = [o for o in outcomes.values() if not o.classes and np.any(np.isfinite(o.data))]
    for begin in ("speed", "free_energy", "max(", "average("):
        for outcome in numbers:
            if outcome.name.startswith(begin):
                return outcome
    return numbers[0] if numbers else None


def _figure(rows, columns, height, handles):
    """Panels [rows][columns] above a row with the legend."""
    figure = plt.figure(figsize=(figures.WIDTH, 0.4 + height * rows), layout="constrained")
    grid = figure.add_gridspec(rows + 1, columns, height_ratios=[height] * rows + [0.25 if handles else 0.01])
    if handles:
        _legend(figure, grid[rows, :], handles, min(len(handles), 5))
    return figure, [[figure.add_subplot(grid[r, c]) for c in range(columns)] for r in range(rows)]


def _colour(name, known):
    return COLOURS.get(name) or OTHERS[[n for n in known if n not in COLOURS].index(name) % len(OTHERS)]


# ---- maps ----------------------------------------------------------------------------------------------------------


def _is_log(x):
    return len(x) > 2 and np.all(x > 0) and np.ptp(np.diff(np.log(x))) < 1e-6 * abs(np.log(x[-1] / x[0]))


def _edges(x):
    """Half way between the values; in ratios where they are."""
    if _is_log(x):
        return np.exp(_edges(np.log(x)))
    if len(x) == 1:
        return x[0] + np.array([-0.5, 0.5])
    middle = 0.5 * (x[1:] + x[:-1])
    return np.concatenate(([1.5 * x[0] - 0.5 * x[1]], middle, [1.5 * x[-1] - 0.5 * x[-2]]))


def _set_scale(axis, values):
    """Even ratios are drawn so; over less than two decades some of the values are written."""
    if not _is_log(values):
        return
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    if max(values[0], values[-1]) < 100 * min(values[0], values[-1]):
        shown = values[:: (len(values) + 5) // 6]
        axis.set_ticks(shown, [f"{value:.3g}" for value in shown])
        axis.set_ticks([], minor=True)


def _frame(axes, names, x, y):
    for values, axis in ((x, axes.xaxis), (y, axes.yaxis)):
        _set_scale(axis, values)
    axes.set_xlabel(label(names[0]))
    axes.set_ylabel(label(names[1]))


def _draw_words(axes, x, y, outcome, data):
    colours = ListedColormap([_colour(name, outcome.classes) for name in outcome.classes])
    norm = BoundaryNorm(np.arange(len(outcome.classes) + 1) - 0.5, max(len(outcome.classes), 1))
    axes.pcolormesh(_edges(x), _edges(y), np.ma.masked_invalid(data.T), cmap=colours, norm=norm, rasterized=True)
    axes.set_title(outcome.name)


def _draw_numbers(axes, x, y, outcome, data, limits):
    image = axes.pcolormesh(_edges(x), _edges(y), np.ma.masked_invalid(data.T), vmin=limits[0], vmax=limits[1],
                            cmap="viridis", rasterized=True)
    axes.figure.colorbar(image, ax=axes, pad=0.02)
    axes.set_title(outcome.name)


def _mark_failures(axes, x, y, status):
    """Runs that failed, on what has no value for them."""
    if status is None or "failed" not in status[0]:
        return
    i, j = np.nonzero(status[1] == status[0].index("failed"))
    axes.plot(x[i], y[j], "x", color="#c00000", markersize=3, markeredgewidth=0.8, linestyle="")


def _count(word, k):
    return f"{word.classes[k]} ({np.sum(word.data == k)})"


def _rows(values):
    """All combinations of the values of the axes behind the first two."""
    return list(itertools.islice(itertools.product(*(range(len(v)) for v in values[2:])), MOST_ROWS))


def _limits(data):
    known = data[np.isfinite(data)]
    return (known.min(), known.max()) if len(known) else (0, 1)


def _draw_row(pair, names, values, word, number, status, at):
    x, y = values[:2]
    place = (slice(None), slice(None), *at)
    shown = [o for o in (word, number) if o is not None]
    for axes, outcome in zip(pair, shown):
        if outcome.classes:
            _draw_words(axes, x, y, outcome, outcome.data[place])
        else:
            _draw_numbers(axes, x, y, outcome, outcome.data[place], _limits(outcome.data))
        if status is not None and outcome.name != "status":
            _mark_failures(axes, x, y, (status.classes, status.data[place]))
        _frame(axes, names, x, y)
    if at:
        pair[0].annotate(", ".join(f"{label(name)} = {values[2 + k][i]:.4g}" for k, (name, i) in enumerate(zip(names[2:], at))),
                         (0, 1), xycoords="axes fraction", xytext=(0, 16), textcoords="offset points", fontsize=8)


def _map_handles(word, status):
    handles = [] if word is None else [Patch(facecolor=_colour(name, word.classes), label=_count(word, k))
                                       for k, name in enumerate(word.classes)]
    if word is not None and word.name != "status" and status is not None and "failed" in status.classes:
        handles.append(Line2D([], [], linestyle="", marker="x", color="#c00000", markersize=4,
                              label=_count(status, status.classes.index("failed"))))
    return handles


def map_figure(tables, field=None):
    names, values = _axes(tables)
    outcomes = _outcomes(tables)
    if len(names) < 2 or not outcomes:
        return None
    word, number, status = _word(outcomes, field), _number(outcomes, field), outcomes.get("status")
    rows = _rows(values)
    columns = 2 if word is not None and number is not None else 1
    figure, panels = _figure(len(rows), columns, 2.9, _map_handles(word, status))
    for r, at in enumerate(rows):
        _draw_row(panels[r], names, values, word, number, status, at)
    return figure


# ---- lines ---------------------------------------------------------------------------------------------------------

LINES = 4


def _line_outcomes(outcomes, field):
    """The number asked for, or some that change over the sweep."""
    if field and not outcomes[field].classes:
        return [outcomes[field]]
    first = _number(outcomes, None)
    wanted = ("speed", "wavelength", "free_energy", "amplitude(", "max(", "min(", "average(", "steps")
    chosen = [first] if first is not None else []  # of each kind the first
    for begin in wanted:
        for o in outcomes.values():
            moves = not o.classes and np.sum(np.isfinite(o.data)) > 1 and np.nanstd(o.data) > 1e-9 * np.nanmax(np.abs(o.data))
            if o.name.startswith(begin) and "error" not in o.name and moves and o not in chosen:
                chosen.append(o)
                break
    return chosen[:LINES]


def _draw_line(axes, name, x, outcome, error, word):
    axes.plot(x, outcome.data, color="#9a9a9a", linewidth=0.8, zorder=1)
    if error is not None:
        axes.errorbar(x, outcome.data, error.data, fmt="none", ecolor="#9a9a9a", elinewidth=0.8, zorder=1)
    for k, kind in enumerate(word.classes if word is not None else []):
        here = word.data == k
        axes.plot(x[here], outcome.data[here], "o", markersize=3.5, color=_colour(kind, word.classes), zorder=2)
    if word is None:
        axes.plot(x, outcome.data, "o", markersize=3.5, color="#2e75b6")
    _set_scale(axes.xaxis, x)
    axes.set_xlabel(label(name))
    axes.set_ylabel(outcome.name)


def line_figure(tables, field=None):
    names, values = _axes(tables)
    outcomes = _outcomes(tables)
    shown = _line_outcomes(outcomes, field) if len(names) == 1 else []
    if not shown:
        return None
    word = _word(outcomes, field)
    handles = [] if word is None else [Line2D([], [], linestyle="", marker="o", markersize=4, label=_count(word, k),
                                              color=_colour(name, word.classes)) for k, name in enumerate(word.classes)]
    figure, panels = _figure((len(shown) + 1) // 2, min(len(shown), 2), 2.3, handles)
    panels = [axes for row in panels for axes in row]
    for axes, outcome in zip(panels, shown):
        _draw_line(axes, names[0], values[0], outcome, outcomes.get(f"{outcome.name}_error"), word)
    for axes in panels[len(shown):]:
        axes.axis("off")
    return figure


def fields(tables):
    """What --field can name."""
    return list(_outcomes(tables))


KINDS = {"map": map_figure, "line": line_figure}
