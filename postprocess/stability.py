"""Pictures of `rhoflux stability`: functions that take Tables and return a matplotlib figure, or None.

    map          classes and growth over two numbers, with the neutral curves and their named points
    extremes     the smallest number with instability over the states of a region, with its extremes
    dispersion   growth and frequency of all branches over q: bands, fastest wave, exceptional points
"""

import re

import numpy as np

import figures
from figures import plt
from matplotlib.colors import BoundaryNorm, ListedColormap, LogNorm, Normalize
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

# By class, in the order of the attribute `classes`: stable is paper; stationary cold, oscillatory warm.
COLOURS = ("#ffffff", "#9dc3e6", "#f4b183", "#2e75b6", "#c55a11", "#a9d18e", "#e2a1d6", "#d9d9d9")
MOST_NUMBERS = 4
CURVE = {"long waves": "-", "finite wavelength": "--", "uniform": ":"}


def label(name, fields=(), latex=()):
    """A name of the model for an axis: fields by their LaTeX, parameters with their index below."""
    if name in fields:
        return figures._math(latex[list(fields).index(name)], name)
    match = re.fullmatch(r"([A-Za-z]+\d*)(?:_(\w+))?(?:\[(.*)\])?", name)
    if not match:
        return name
    base = f"\\{match[1]}" if match[1] in figures.GREEK else match[1] if len(match[1]) == 1 else f"\\mathrm{{{match[1]}}}"
    below = [f"\\mathrm{{{part}}}" if len(part) > 1 else part for part in (match[2], match[3]) if part]
    return figures._math(base + (f"_{{{','.join(below)}}}" if below else ""), name)


def _legend(figure, place, handles, columns):
    """A legend in a row of its own, as wide as it likes."""
    axes = figure.add_subplot(place)
    axes.axis("off")
    axes.legend(handles=handles, loc="center", ncol=columns, borderaxespad=0).set_in_layout(False)


# ---- maps ----------------------------------------------------------------------------------------------------------


def _edges(x):
    return np.concatenate(([x[0]], 0.5 * (x[1:] + x[:-1]), [x[-1]]))


def _curves(axes, tables, colour):
    """Draws the neutral curves; legend entries of their kinds, then of their marks."""
    seen, marks = {}, {}
    for name in tables.groups("neutral"):
        group = f"neutral/{name}"
        kind, moves = tables.text(group, "kind"), bool(tables.text(group, "oscillatory"))
        axes.plot(tables[f"{group}/x"], tables[f"{group}/y"], CURVE[kind], color=colour, linewidth=2.0 if moves else 1.3)
        text = f"neutral: {kind}, {'oscillatory' if moves else 'stationary'}"
        seen[text] = Line2D([], [], linestyle=CURVE[kind], color=colour, linewidth=2.0 if moves else 1.3, label=text)
        marks.update(_marks(axes, tables, group, colour))
    return [*seen.values(), *marks.values()]


def _extremes(tables):
    """How many extremes all curves have."""
    marks = [what for name in tables.groups("neutral") for what in tables.text(f"neutral/{name}", "marks", [])]
    return sum(what.startswith(("largest ", "smallest ")) for what in marks)


def _marks(axes, tables, group, colour):
    """Extremes as dots, with their numbers where there are few; points of codimension two as diamonds and squares."""
    seen, few = {}, _extremes(tables) <= MOST_NUMBERS
    names = tables.text(group, "marks", [])
    for what, (x, y) in zip(names, tables[f"{group}/mark"]):
        if what.startswith(("largest ", "smallest ")):
            axis = what.split(" ", 1)[1]
            upright = axis == tables.text("map", "axes")[1]
            sense = 1 if what.startswith("largest") else -1
            offset = (0, 6 * sense) if upright else (6 * sense, 0)
            axes.plot(x, y, "o", color=colour, markersize=4)
            if not few:
                continue
            axes.annotate(f"{y if upright else x:.6g}", (x, y), textcoords="offset points", xytext=offset, fontsize=7,
                          ha="center" if upright else "left" if sense > 0 else "right",
                          va="center" if not upright else "bottom" if sense > 0 else "top", color=colour)
        else:
            style = {"marker": "s" if "wavelength" in what else "D", "linestyle": "", "color": "white",
                     "markeredgecolor": colour, "markersize": 5}
            axes.plot(x, y, clip_on=False, zorder=5, **style)
            seen[what] = Line2D([], [], label=what, **style)
    return seen


def _image(axes, x, y, values, **options):
    # squares of colour without seams, also in vector formats
    return axes.pcolormesh(_edges(x), _edges(y), values, shading="flat", rasterized=True, linewidth=0, **options)


def _classes(axes, tables, x, y):
    names = tables.text("map", "classes")
    number = tables["map/class"]
    norm = BoundaryNorm(np.arange(len(names) + 1) - 0.5, len(names))
    _image(axes, x, y, number, cmap=ListedColormap(COLOURS[: len(names)]), norm=norm)
    handles = [Patch(facecolor=COLOURS[k], edgecolor="#808080", linewidth=0.5, label=names[k])
               for k in range(len(names)) if np.any(number == k)]
    handles += _curves(axes, tables, "black")
    axes.set_title("kind of the fastest wave")
    return handles


def _growth(axes, tables, x, y):
    growth = np.where(tables["map/growth"] > 0, tables["map/growth"], np.nan)
    if not np.any(np.isfinite(growth)):
        axes.set_title("nothing grows")
        return
    top, typical = np.nanmax(growth), np.nanmedian(growth)
    wide = top > 20 * typical
    norm = LogNorm(max(np.nanmin(growth), 1e-5 * top), top) if wide else Normalize(0, top)
    image = _image(axes, x, y, growth, cmap="viridis", norm=norm)
    _curves(axes, tables, "#c00000")
    axes.figure.colorbar(image, ax=axes, pad=0.02, extend="min" if wide else "neither")
    axes.set_title(r"largest growth rate [1/time]")


def map_figure(tables):
    if "map" not in tables:
        return None
    x, y = tables["map/x"], tables["map/y"]
    kinds = len(np.unique(tables["map/class"])) + 2 * len(tables.groups("neutral"))
    rows = min(3, 1 + kinds // 3)
    figure = plt.figure(figsize=(figures.WIDTH, 3.5 + 0.22 * rows), layout="constrained")
    grid = figure.add_gridspec(2, 2, height_ratios=[3.5, 0.25 * rows])
    pair = [figure.add_subplot(grid[0, 0])]
    pair.append(figure.add_subplot(grid[0, 1], sharey=pair[0]))
    pair[1].tick_params(labelleft=False)
    names = tables.text("map", "axes")
    fields, latex = tables.text("", "fields"), tables.text("", "latex")
    for axes in pair:
        axes.set_xlim(x[0], x[-1])
        axes.set_ylim(y[0], y[-1])
        axes.set_xlabel(label(names[0], fields, latex))
        for side in ("top", "right"):
            axes.spines[side].set_visible(True)
    pair[0].set_ylabel(label(names[1], fields, latex))
    _growth(pair[1], tables, x, y)
    handles = _classes(pair[0], tables, x, y)
    _legend(figure, grid[1, :], handles, min(3, len(handles)))
    return figure


# ---- extremes ------------------------------------------------------------------------------------------------------


def _extreme_points(axes, tables, sense, upright):
    """Extremes of one sense as dots over the states, the best with its number; legend entries."""
    x, what = tables["extremes/x"], tables.text("extremes", "what")
    at = [k for k, text in enumerate(what) if text.startswith(sense) and "edge" not in text]
    style = {"smallest": dict(marker="o", color="black"), "largest": dict(marker="^", color="#c00000")}[sense]
    for rank, k in enumerate(at):
        place = (x[k, 1], x[k, 2]) if upright else (x[k, 1], x[k, 0])
        axes.plot(*place, linestyle="", markersize=6 if rank == 0 else 4, markeredgecolor="white", clip_on=False,
                  zorder=5, **style)
        if rank == 0:
            low, high = axes.get_xlim()
            right = place[0] > 0.5 * (low + high)
            axes.annotate(f"{x[k, 0]:.6g}", place, textcoords="offset points", xytext=(-7 if right else 7, 6), fontsize=8,
                          ha="right" if right else "left", va="bottom", zorder=6,
                          bbox=dict(boxstyle="round,pad=0.15", color="white", alpha=0.75, linewidth=0))
    names = {"smallest": "smallest with an unstable state", "largest": "largest"}
    return [Line2D([], [], linestyle="", label=names[sense], **style)] if at else []


def _with_labels(text, names, labels):
    for name, shown in zip(names, labels):
        text = text.replace(name, shown)
    return text.replace("<=", r"$\leq$").replace(">=", r"$\geq$").replace("*", r" ")


def _edge_image(figure, axes, x, y, value, sense, labels):
    if value.ndim > 2:
        beyond, pick = (np.inf, np.min) if sense == "smallest" else (-np.inf, np.max)
        value = pick(np.where(np.isnan(value), beyond, value), axis=0)
        value = np.where(np.isinf(value), np.nan, value)
    image = _image(axes, x, y, value, cmap="viridis_r" if sense == "smallest" else "viridis")
    hidden = f", of any {labels[3]}" if len(labels) > 3 else ""
    figure.colorbar(image, ax=axes, pad=0.02).set_label(f"{sense} {labels[0]} with instability{hidden}")
    axes.set_ylim(y[0], y[-1])
    axes.set_ylabel(labels[2])
    for side in ("top", "right"):
        axes.spines[side].set_visible(True)


def _extremes_of(figure, place, tables, sense, labels):
    """One sense over the states; legend entries."""
    x, value = tables["edge/x1"], tables[f"edge/{sense}"]
    axes = figure.add_subplot(place)
    axes.set_xlim(x[0], x[-1])
    axes.set_xlabel(labels[1])
    upright = len(labels) > 2
    if upright:
        _edge_image(figure, axes, x, tables["edge/x2"], value, sense, labels)
    else:
        axes.plot(x, value, color="black")
        axes.set_ylabel(f"{sense} {labels[0]} with instability")
    return _extreme_points(axes, tables, sense, upright)


def extremes(tables):
    if "edge" not in tables:
        return None
    names, what = tables.text("extremes", "axes"), tables.text("extremes", "what")
    labels = [label(name, tables.text("", "fields"), tables.text("", "latex")) for name in names]
    senses = [sense for sense in ("smallest", "largest")
              if any(text.startswith(sense) and "edge" not in text for text in what)] or ["smallest"]
    figure = plt.figure(figsize=((0.66 if len(senses) == 1 else 1.2) * figures.WIDTH, 4.4), layout="constrained")
    grid = figure.add_gridspec(2, len(senses), height_ratios=[4, 0.25])
    handles = [entry for k, sense in enumerate(senses)
               for entry in _extremes_of(figure, grid[0, k], tables, sense, labels)]
    within = tables.text("extremes", "within", [])
    figure.suptitle(", ".join(_with_labels(text, names, labels) for text in within), fontsize=9)
    if handles:
        _legend(figure, grid[1, :], handles, 2)
    return figure


# ---- one state -----------------------------------------------------------------------------------------------------


def _window(growth):
    """Limits that show what grows, and as much below."""
    top = np.nanmax(growth[0])
    scale = max(top, -np.nanmin(growth[0]) * 0.02) or 1.0
    low = max(np.nanmin(growth), -2.5 * scale)
    return low - 0.08 * scale, max(top, 0) + 0.25 * scale


def _branches(axes, q, values, names):
    for k, line in enumerate(values):
        axes.plot(q, line, color=f"C{k % 6}", label=names[k] if names else None)
    axes.axhline(0, color="black", linewidth=0.6)
    axes.set_xlim(0, q[-1])


def _draw_growth(axes, tables, q, growth, names):
    for low, high, _, _ in tables["bands"]:
        axes.axvspan(low, min(high, q[-1]), color="#fde9d9", linewidth=0, zorder=0, label="growing waves")
    _branches(axes, q, growth, names)
    axes.set_ylim(*_window(np.sort(growth, axis=0)[::-1]))
    axes.set_ylabel(r"growth $\mathrm{Re}\,\lambda$ [1/time]")
    at, rate = tables.text("fastest", "q"), tables.text("fastest", "growth")
    if at > 0:
        axes.plot(at, rate, "o", color="black", markersize=4,
                  label=f"fastest: $q = {figures.number(at)}$, growth ${figures.number(rate)}$")


def _state_text(tables):
    fields, latex = tables.text("", "fields"), tables.text("", "latex")
    return ", ".join(f"{label(name, fields, latex)} = {value:.4g}" for name, value in zip(fields, tables["state"]))


def dispersion(tables):
    if "branches" not in tables:
        return None
    q, growth, frequency = (tables[f"branches/{name}"] for name in ("q", "growth", "frequency"))
    order = np.argsort(-np.nanmax(growth[:, 1:], axis=1), kind="stable")
    growth, frequency = growth[order], frequency[order]
    moves = np.nanmax(np.abs(frequency)) > 1e-12 * np.nanmax(np.abs(growth))
    names = [f"branch {k + 1}" for k in range(len(growth))] if len(growth) > 1 else None
    rows = 2 if moves else 1
    figure = plt.figure(figsize=(0.75 * figures.WIDTH, 3.2 + 1.7 * (rows - 1)), layout="constrained")
    grid = figure.add_gridspec(rows + 1, 1, height_ratios=[1.6, 1][:rows] + [0.4])
    stack = [figure.add_subplot(grid[0, 0])]
    if moves:
        stack.append(figure.add_subplot(grid[1, 0], sharex=stack[0]))
        stack[0].tick_params(labelbottom=False)
    _draw_growth(stack[0], tables, q, growth, names)
    if moves:
        _branches(stack[1], q, frequency, None)
        stack[1].set_ylabel(r"frequency $\mathrm{Im}\,\lambda$ [1/time]")
    for axes in stack:
        for k, at in enumerate(tables["exceptional"]):
            if at < q[-1]:
                axes.axvline(at, color="#808080", linestyle=":", linewidth=1,
                             label="exceptional point" if k == 0 and axes is stack[0] else None)
    stack[-1].set_xlabel(r"wavenumber $q$ [1/length]")
    handles = dict((handle.get_label(), handle) for handle in stack[0].get_legend_handles_labels()[0])
    _legend(figure, grid[-1, 0], list(handles.values()), 2)
    stack[0].set_title(f"{_state_text(tables)}: {tables.text('fastest', 'class')}")
    return figure


KINDS = {"map": map_figure, "extremes": extremes, "dispersion": dispersion}
