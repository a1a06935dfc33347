"""Pictures of results: functions that take a Result and return a matplotlib figure.

    snapshots   at times chosen by how much happens between them.  1-D: curves, one panel per field; 2-D: images, a row
                per field, a column per time; 3-D: the three mid-planes, a row per field at one time, or a row per time
                of one field
    final       the same at one time: the last, or the one asked for
    spacetime   fields over x and t; of 2-D and 3-D results along the middle line in x
    series      totals, drifts, extrema, free energy, steps over time
    Frames      one picture that is redrawn output by output, for movies

A field has one colour scale (or axis) in all its panels.  Densities and other one-signed fields are drawn in viridis,
fields of both signs in a diverging map about zero.
"""

import re

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
from matplotlib import ticker  # noqa: E402
from matplotlib.mathtext import MathTextParser  # noqa: E402

WIDTH = 7.0  # inches: the text width of a two-column page
DPI = 200
MAX_CURVES, MAX_IMAGES = 6, 5
MOST_READ = 5e7  # numbers read to choose outputs by what happens in them

STYLE = {
    "font.size": 9, "axes.titlesize": 9, "axes.labelsize": 9, "legend.fontsize": 8,
    "xtick.labelsize": 8, "ytick.labelsize": 8, "mathtext.fontset": "dejavusans",
    "axes.linewidth": 0.6, "xtick.major.width": 0.6, "ytick.major.width": 0.6, "lines.linewidth": 1.3,
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
    "image.cmap": "viridis", "savefig.dpi": DPI, "figure.dpi": DPI, "figure.constrained_layout.use": True,
    "axes.formatter.useoffset": False, "axes.formatter.limits": (-4, 5),
    "axes.prop_cycle": plt.cycler(color=["#0b5394", "#d1661b", "#3d8c40", "#8e3b8a", "#7a6a53", "#4a4a4a"]),
}
plt.rcParams.update(STYLE)

GREEK = set("alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi rho sigma tau phi chi psi "
            "omega".split())

# ---- names and numbers ---------------------------------------------------------------------------------------------


def _math(latex, plain):
    """latex as mathtext, or the plain name where matplotlib can not set it."""
    try:
        MathTextParser("path").parse(f"${latex}$")
    except ValueError:
        return plain
    return f"${latex}$"


def dimension_label(name):
    if name in GREEK:
        return f"$\\{name}$"
    match = re.fullmatch(r"([A-Za-z])_?(\d*)", name)
    return f"${match[1]}_{{{match[2]}}}$" if match and match[2] else f"${name}$" if match else name


def field_label(result, name):
    latex = result.latex(name)
    return name if latex == name and not re.fullmatch(r"[A-Za-z]", name) else _math(latex, name)


def time_label(time):
    return f"$t = {number(time)}$"


def number(value):
    """Four digits, powers of ten as such."""
    text = f"{value:.4g}"
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return text
    power = f"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else f"{mantissa} \\times {power}"


def spread(values):
    """(low, high) of what is defined, never empty: uniform fields get a range of 1 % about them."""
    values = np.asarray(values)[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = values.min(), values.max()
    least = 1e-2 * max(abs(low), abs(high)) or 1.0
    if high - low < 1e-6 * least:
        return low - least / 2, high + least / 2
    return low, high


def colours(values):
    """Arguments for an image: map and limits."""
    low, high = spread(values)
    if low < 0 < high and min(-low, high) > 0.05 * max(-low, high):
        limit = max(-low, high)
        return {"cmap": "coolwarm", "vmin": -limit, "vmax": limit}
    return {"cmap": "viridis", "vmin": low, "vmax": high}


def pick_times(time, count):
    """Indices of `count` outputs, start and end among them, evenly spread over the outputs."""
    return sorted(set(np.linspace(0, len(time) - 1, min(count, len(time))).round().astype(int)))


def pick_changes(result, names, count):
    """Indices of `count` outputs, start and end among them: as much of the change as of the time lies between two."""
    time = np.arange(len(result.time)) / max(len(result.time) - 1, 1)
    if len(result.time) <= count or len(result.time) * len(names) * np.prod(result.shape) > MOST_READ:
        return pick_times(result.time, count)
    changes = sum(_changes(result, name) for name in names) / len(names)
    progress = 0.5 * (time + np.concatenate([[0], np.cumsum(changes)]))
    return sorted({int(np.argmin(abs(progress - at * progress[-1]))) for at in np.linspace(0, 1, count)})


def _changes(result, name):
    """Between outputs, rms over the cells, as shares of their sum."""
    data = [result.field(name, k) for k in range(len(result.time))]
    steps = np.array([np.sqrt(np.mean(np.nan_to_num(b - a) ** 2)) for a, b in zip(data, data[1:])])
    return steps / (steps.sum() or 1)


def time_colours(count):
    """From early to late, dark to light."""
    return plt.get_cmap("viridis")(np.linspace(0.0, 0.88, count)) if count > 1 else ["C0"]


def is_logarithmic(time):
    """Whether outputs are spread in log t: the middle one lies below a tenth of the end."""
    positive = time[time > 0]
    return len(positive) > 4 and positive[len(positive) // 2] < 0.1 * positive[-1]


# ---- planes and lines ----------------------------------------------------------------------------------------------


def is_equal_aspect(result, across, up):
    """Directions of space are drawn to scale unless that makes a strip."""
    if not (result.spatial[across] and result.spatial[up]):
        return False
    width, height = (np.ptp(result.extent[name]) for name in (across, up))
    return 1 / 6 < height / width < 6


def draw_plane(axes, result, data, across, up, scale):
    extent = (*result.extent[across], *result.extent[up])
    aspect = "equal" if is_equal_aspect(result, across, up) else "auto"
    image = axes.imshow(data, origin="lower", extent=extent, aspect=aspect, interpolation="nearest", **scale)
    axes.tick_params(direction="out", length=2.5)
    for side in axes.spines.values():
        side.set_visible(True)
    axes.xaxis.set_major_locator(ticker.MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_locator(ticker.MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    return image


def add_colourbar(image, axes, label, width):
    """Beside a panel of a width in inches, as high as the panel."""
    beside = axes.inset_axes([1 + 0.07 / width, 0, 0.09 / width, 1])
    bar = axes.figure.colorbar(image, cax=beside, label=label)
    bar.outline.set_linewidth(0.6)
    bar.locator = ticker.MaxNLocator(4, steps=[1, 2, 2.5, 5, 10])
    bar.update_ticks()


def plane_height(result, across, up, width):
    """Height in inches of a panel of a width."""
    if not is_equal_aspect(result, across, up):
        return 0.8 * width
    return width * np.ptp(result.extent[up]) / np.ptp(result.extent[across])


def mid_plane(result, data, fixed):
    """The plane through the middle cell along dimension `fixed` of 3-D data, with the names across and up."""
    axis = 2 - result.dimensions.index(fixed)
    names = [name for name in result.dimensions if name != fixed]
    return np.take(data, data.shape[axis] // 2, axis), names[0], names[1]


def middle_line(result, data):
    """Along the first dimension, through the middle cell of the others."""
    while data.ndim > 1:
        data = data[len(data) // 2]
    return data


def cut_text(result):
    """Where middle_line is."""
    others = result.dimensions[1:]
    where = (f"{dimension_label(n)} = {number(result.coordinates[n][len(result.coordinates[n]) // 2])}" for n in others)
    return ", ".join(where)


def stack(result, name, indices):
    return np.array([result.field(name, k) for k in indices])


def padded(low, high, share=0.05):
    pad = share * (high - low)
    return (0 if 0 <= low <= 0.25 * high else low - pad), high + pad


# ---- snapshots -----------------------------------------------------------------------------------------------------


def curves(result, names, indices):
    """A panel per field, a curve per time."""
    figure, panels = plt.subplots(len(names), 1, sharex=True, squeeze=False, figsize=(5.6, 0.7 + 1.75 * len(names)))
    x = result.dimensions[0]
    for axes, name in zip(panels[:, 0], names):
        data = stack(result, name, indices)
        for k, line, colour in zip(indices, data, time_colours(len(indices))):
            axes.plot(result.coordinates[x], line, color=colour, label=time_label(result.time[k]))
        axes.set_ylim(*padded(*spread(data)))
        axes.set_ylabel(field_label(result, name))
    axes.set_xlim(*result.extent[x])
    axes.set_xlabel(dimension_label(x))
    if len(indices) > 1:
        panels[0, 0].legend(loc="upper left", bbox_to_anchor=(1.01, 1.04), borderaxespad=0, handlelength=1.2)
    else:
        panels[0, 0].set_title(time_label(result.time[indices[0]]), loc="right")
    return figure


def images(result, names, indices):
    """2-D: a row per field, a column per time, one colour scale per row."""
    across, up = result.dimensions
    columns = len(indices)
    width = (WIDTH - 1.3) / max(columns, 2)
    height = plane_height(result, across, up, width)
    figure, panels = plt.subplots(len(names), columns, sharex=True, sharey=True, squeeze=False,
                                  figsize=(1.3 + columns * width, 0.5 + len(names) * (height + 0.12)))
    for row, name in zip(panels, names):
        data = stack(result, name, indices)
        scale = colours(data)
        for axes, plane in zip(row, data):
            image = draw_plane(axes, result, plane, across, up, scale)
        row[0].set_ylabel(dimension_label(up))
        add_colourbar(image, row[-1], field_label(result, name), width)
    for axes, k in zip(panels[0], indices):
        axes.set_title(time_label(result.time[k]))
    for axes in panels[-1]:
        axes.set_xlabel(dimension_label(across))
    return figure


def mid_planes(result, rows, scales, labels):
    """3-D: a row per (name, index), a column per plane."""
    fixed = list(reversed(result.dimensions))  # the plane of the first two dimensions comes first
    width = (WIDTH - 1.3) / 3
    figure, panels = plt.subplots(len(rows), 3, squeeze=False, figsize=(WIDTH, 0.4 + len(rows) * (0.85 * width + 0.5)))
    for row, (name, k), scale, label in zip(panels, rows, scales, labels):
        data = result.field(name, k)
        for axes, dimension in zip(row, fixed):
            plane, across, up = mid_plane(result, data, dimension)
            image = draw_plane(axes, result, plane, across, up, scale)
            axes.set_xlabel(dimension_label(across))
            axes.set_ylabel(dimension_label(up))
            middle = result.coordinates[dimension][len(result.coordinates[dimension]) // 2]
            axes.set_title(f"{dimension_label(dimension)} = {number(middle)}" + (f", {label}" if label else ""))
        add_colourbar(image, row[-1], field_label(result, name), width)
    return figure


def mid_planes_of_one(result, name, indices):
    scale = colours(stack(result, name, indices))
    return mid_planes(result, [(name, k) for k in indices], [scale] * len(indices),
                      [time_label(result.time[k]) for k in indices])


def mid_planes_of_all(result, names, k):
    figure = mid_planes(result, [(name, k) for name in names], [colours(result.field(name, k)) for name in names],
                        [""] * len(names))
    figure.suptitle(time_label(result.time[k]), fontsize=9)
    return figure


def snapshots(result, names, index=None):
    """At several times, or at the one of an index."""
    if len(result.dimensions) == 1:
        return curves(result, names, pick_changes(result, names, MAX_CURVES) if index is None else [index])
    if len(result.dimensions) == 2:
        return images(result, names, pick_changes(result, names, MAX_IMAGES) if index is None else [index])
    if len(names) == 1 and index is None:
        return mid_planes_of_one(result, names[0], pick_changes(result, names, 4))
    return mid_planes_of_all(result, names, len(result.time) - 1 if index is None else index)


def together(result, names, k):
    """1-D: all fields at one time in one panel."""
    figure, axes = plt.subplots(figsize=(4.6, 2.9))
    x = result.dimensions[0]
    for name in names:
        axes.plot(result.coordinates[x], result.field(name, k), label=field_label(result, name))
    axes.set_xlim(*result.extent[x])
    axes.set_ylim(*padded(*spread(stack_fields(result, names, k))))
    axes.set_xlabel(dimension_label(x))
    axes.set_title(time_label(result.time[k]), loc="right")
    if len(names) == 1:
        axes.set_ylabel(field_label(result, names[0]))
    else:
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0, handlelength=1.2)
    return figure


def stack_fields(result, names, k):
    return np.array([result.field(name, k) for name in names])


def _are_comparable(result, names, k):
    """Whether fields can share an axis: the smallest spans a tenth of all."""
    data = stack_fields(result, names, k)
    return np.ptp(data) < 10 * min(np.ptp(d) or np.ptp(data) for d in data)


def final(result, names, index=None):
    k = len(result.time) - 1 if index is None else index
    if len(result.dimensions) == 1 and len(names) <= 6 and _are_comparable(result, names, k):
        return together(result, names, k)
    return snapshots(result, names, k)


# ---- space and time ------------------------------------------------------------------------------------------------


def time_edges(time):
    """Edges of the outputs' bars: middles between outputs."""
    if len(time) == 1:
        return np.array([time[0] - 0.5, time[0] + 0.5])
    middle = 0.5 * (time[1:] + time[:-1])
    return np.concatenate([[time[0]], middle, [time[-1]]])


def spacetime(result, names, index=None):
    x = result.dimensions[0]
    columns = min(len(names), 3)
    rows = -(-len(names) // columns)
    width = (WIDTH - 0.5) / max(columns, 2) - 0.7
    figure, panels = plt.subplots(rows, columns, sharex=True, sharey=True, squeeze=False,
                                  figsize=(0.5 + columns * (width + 0.7), 0.6 + 2.6 * rows))
    for axes, name in zip(panels.flat, names):
        data = np.array([middle_line(result, result.field(name, k)) for k in range(len(result.time))])
        scale = colours(data)
        mesh = axes.pcolormesh(result.edges(x), time_edges(result.time), np.ma.masked_invalid(data), rasterized=True,
                               **scale)
        axes.spines[:].set_visible(True)
        add_colourbar(mesh, axes, field_label(result, name), width)
    for axes in panels.flat[len(names):]:
        axes.set_visible(False)
    for axes in panels[-1]:
        axes.set_xlabel(dimension_label(x))
    for axes in panels[:, 0]:
        axes.set_ylabel("$t$")
    if len(result.dimensions) > 1:
        figure.suptitle(f"along {cut_text(result)}", fontsize=9)
    return figure


# ---- series --------------------------------------------------------------------------------------------------------

ROUND_OFF = np.finfo(float).eps


def _inside(prefix, name):
    """rho[a] of total(rho[a]) when prefix is total."""
    return name[len(prefix) + 1 : -1] if name.startswith(prefix + "(") and name.endswith(")") else None


def _quantity_label(result, name):
    return field_label(result, name) if name in result.names else name


def _matching(result, prefix):
    return [(name, _inside(prefix, name)) for name in result.series_names if _inside(prefix, name) is not None]


def _label_lines(axes, count):
    if count > 1:
        axes.legend(loc="best", handlelength=1.2)


def _draw_totals(axes, result):
    """Totals over their first values."""
    totals = _matching(result, "total")
    for name, of in totals:
        t, value = result.series(name)
        axes.plot(t, value, label=_quantity_label(result, of))
    axes.set_title("totals", loc="left")
    low, high = axes.get_ylim()
    axes.set_ylim(*padded(*spread(np.array([low, high]))))
    _label_lines(axes, len(totals))


def _draw_drifts(axes, result):
    """Magnitudes; an exact zero is drawn at a tenth of round-off."""
    drifts = _matching(result, "drift")
    for name, of in drifts:
        t, value = result.series(name)
        axes.plot(t, np.maximum(abs(value), ROUND_OFF / 10), ".-", markersize=3, linewidth=0.7,
                  label=_quantity_label(result, of))
    axes.axhline(ROUND_OFF, color="0.6", linewidth=0.7, zorder=0)
    axes.annotate("round-off", (1, ROUND_OFF), xycoords=("axes fraction", "data"), ha="right", va="bottom",
                  color="0.45", fontsize=7)
    axes.set_yscale("log")
    axes.set_ylim(ROUND_OFF / 20, max(1e2 * ROUND_OFF, 3 * axes.get_ylim()[1]))
    axes.set_title("change of totals, relative", loc="left")
    _label_lines(axes, len(drifts))


def _draw_extrema(axes, result):
    highs = dict((of, name) for name, of in _matching(result, "max"))
    pairs = [(of, name, highs[of]) for name, of in _matching(result, "min") if of in highs]
    for of, low, high in pairs:
        t, bottom = result.series(low)
        line, = axes.plot(t, bottom, label=_quantity_label(result, of))
        axes.plot(t, result.series(high)[1], color=line.get_color())
    axes.set_title("lowest and highest value", loc="left")
    _label_lines(axes, len(pairs))


def _draw_step(axes, result):
    t, step = result.series("step")
    axes.plot(t[1:], step[1:], color="0.3")
    axes.set_yscale("log")
    axes.set_title("time step", loc="left")


def _draw_work(axes, result):
    for name in [n for n in ("steps", "rejected", "iterations") if n in result.series_names]:
        axes.plot(*result.series(name), label=name)
    axes.set_title("work so far", loc="left")
    axes.legend(loc="upper left", handlelength=1.2)


def _draw_one(name):
    def draw(axes, result):
        axes.plot(*result.series(name))
        axes.set_title("free energy" if name == "free_energy" else name, loc="left")

    return draw


def _is_of_panel(name):
    return any(_inside(prefix, name) is not None for prefix in ("total", "drift", "min", "max"))


def _panels(result):
    known = {"step", "steps", "rejected", "iterations", "free_energy"}
    names = result.series_names
    panels = [draw for prefix, draw in (("total", _draw_totals), ("drift", _draw_drifts), ("max", _draw_extrema))
              if _matching(result, prefix)]
    if "free_energy" in names:
        panels.insert(0, _draw_one("free_energy"))
    panels += [_draw_one(name) for name in names if name not in known and not _is_of_panel(name)]
    if "step" in names:
        panels.append(_draw_step)
    if "steps" in names:
        panels.append(_draw_work)
    return panels


def _set_time_axis(axes, time):
    """Of all panels: they share it."""
    logarithmic = is_logarithmic(time)
    axes.set_xscale("log" if logarithmic else "linear")
    if len(time) > 1:
        axes.set_xlim(time[time > 0][0] if logarithmic else time[0], time[-1])


def series(result):
    draws = _panels(result)
    columns = 1 if len(draws) == 1 else 2
    rows = -(-len(draws) // columns)
    figure, panels = plt.subplots(rows, columns, sharex=True, squeeze=False,
                                  figsize=(WIDTH if columns > 1 else 4.6, 0.4 + 1.75 * rows))
    for axes, draw in zip(panels.flat, draws):
        draw(axes, result)
    _set_time_axis(panels[0, 0], result.series(result.series_names[0])[0])
    for axes in panels.flat[len(draws):]:
        axes.set_visible(False)
    for column in panels.T:
        last = [axes for axes in column if axes.get_visible()][-1]
        last.tick_params(labelbottom=True)
        last.set_xlabel("$t$")
    return figure


# ---- movies --------------------------------------------------------------------------------------------------------


class Frames:
    """A figure whose contents follow set(k), with axes and colours that hold for all the outputs given."""

    def __init__(self, result, names, indices):
        self.result, self.names = result, names
        draw = self._begin_lines if len(result.dimensions) == 1 else self._begin_planes
        limits = [self._limits(name, indices) for name in names]
        self.figure, self.artists = draw(limits)
        self.title = self.figure.suptitle(time_label(result.time[indices[0]]), fontsize=9)
        self.figure.canvas.draw()
        self.figure.set_layout_engine("none")

    def _limits(self, name, indices):
        ranges = [spread(data) for data in (self.result.field(name, k) for k in indices) if np.isfinite(data).any()]
        return np.array([min(low for low, _ in ranges), max(high for _, high in ranges)])

    def _data(self, name, k):
        data = self.result.field(name, k)
        return mid_plane(self.result, data, self.result.dimensions[2])[0] if data.ndim == 3 else data

    def _begin_lines(self, limits):
        x = self.result.dimensions[0]
        figure, panels = plt.subplots(len(self.names), 1, sharex=True, squeeze=False,
                                      figsize=(5.0, 0.9 + 1.7 * len(self.names)))
        lines = []
        for axes, name, limit in zip(panels[:, 0], self.names, limits):
            lines += axes.plot(self.result.coordinates[x], self._data(name, 0))
            axes.set_ylim(*padded(*limit))
            axes.set_ylabel(field_label(self.result, name))
        axes.set_xlim(*self.result.extent[x])
        axes.set_xlabel(dimension_label(x))
        return figure, lines

    def _begin_planes(self, limits):
        across, up = self.result.dimensions[:2]
        count = len(self.names)
        width = 3.0
        figure, panels = plt.subplots(1, count, squeeze=False, sharey=True,
                                      figsize=(0.4 + count * (width + 0.7),
                                               0.7 + plane_height(self.result, across, up, width)))
        artists = []
        for axes, name, limit in zip(panels[0], self.names, limits):
            artists.append(draw_plane(axes, self.result, self._data(name, 0), across, up, colours(limit)))
            axes.set_xlabel(dimension_label(across))
            add_colourbar(artists[-1], axes, field_label(self.result, name), width)
        panels[0, 0].set_ylabel(dimension_label(up))
        return figure, artists

    def set(self, k):
        for artist, name in zip(self.artists, self.names):
            data = self._data(name, k)
            artist.set_ydata(data) if len(self.result.dimensions) == 1 else artist.set_data(data)
        self.title.set_text(time_label(self.result.time[k]))
        self.figure.canvas.draw()

    def pixels(self):
        """[height, width, 3], bytes."""
        return np.asarray(self.figure.canvas.buffer_rgba())[..., :3].copy()
