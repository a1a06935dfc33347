"""Pictures of results: functions that take a Result and return a matplotlib figure.

    snapshots   at times chosen by how much happens between them.  1-D: curves, one panel per field; 2-D: images, a row
                per field, a column per time; 3-D: the three mid-planes, a row per field at one time, or a row per time
                of one field
    final       the same at one time: the last, or the one asked for
    spacetime   fields over x and t; of 2-D and 3-D results along the middle line in x
    series      totals, drifts, extrema, free energy, steps over time
    Frames      one picture that is redrawn output by output, for movies

A field has one colour scale (or axis) in all its panels.  It is viridis, but for fields that change sign about a mean
near zero: a diverging map about zero.
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


def mean(values):
    values = np.asarray(values)[np.isfinite(values)]
    return float(values.mean()) if values.size else 0.0


def colours(values, centre=None):
    """Arguments for an image: map and limits.  centre: the mean, where values are but the extremes."""
    low, high = spread(values)
    limit = max(-low, high)
    centre = mean(values) if centre is None else centre
    if low < 0 < high and min(-low, high) > 0.2 * limit and abs(centre) < 0.1 * limit:
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
    aspect = "equal" if is_equal_aspect(result, across, up) else "auto"
    if result.stretched[across] or result.stretched[up]:
        image = axes.pcolormesh(result.edges(across), result.edges(up), data, rasterized=True, **scale)
        axes.set_aspect(aspect)
    else:
        extent = (*result.extent[across], *result.extent[up])
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


FEW_OUTPUTS = 40  # so few are marked on the axis of time
FINE = 480  # points of a picture of x and t along each of them


def _fine_times(time):
    """Equidistant on the axis they are drawn on, from the first output on it to the last."""
    if is_logarithmic(time):
        return np.geomspace(time[time > 0][0], time[-1], FINE)
    return np.linspace(time[0], time[-1], FINE)


def _between(result, data):
    """(x, t, data) on fine points: linear between outputs on the axis of time, and between the centres of cells."""
    x, time = result.dimensions[0], result.time
    low, high = result.extent[x]
    period = high - low if result.boundary[x] == "periodic" else None
    points, times = np.linspace(low, high, FINE), _fine_times(time)
    along = np.array([np.interp(points, result.coordinates[x], line, period=period) for line in data])
    scale = np.log if is_logarithmic(time) else np.array
    positive = time > 0 if is_logarithmic(time) else slice(None)
    columns = [np.interp(scale(times), scale(time[positive]), column) for column in along[positive].T]
    return points, times, np.array(columns).T


def draw_spacetime(axes, result, data, scale):
    """Bars where an output is missing, or there is but one."""
    if len(result.time) < 2 or not np.isfinite(data).all():
        return axes.pcolormesh(result.edges(result.dimensions[0]), time_edges(result.time), np.ma.masked_invalid(data),
                               rasterized=True, **scale)
    image = axes.pcolormesh(*_between(result, data), shading="nearest", rasterized=True, **scale)
    axes.set_xlim(*result.extent[result.dimensions[0]])
    axes.set_ylim(_fine_times(result.time)[0], result.time[-1])
    return image


def set_output_axis(axes, time):
    """The axis of time, upwards: logarithmic when the outputs are; few outputs are marked."""
    if is_logarithmic(time):
        axes.set_yscale("log")
    elif len(time) <= FEW_OUTPUTS:
        axes.set_yticks(time, minor=True)
        axes.yaxis.set_major_locator(ticker.MaxNLocator(6, steps=[1, 2, 5, 10]))


def spacetime(result, names, index=None):
    x = result.dimensions[0]
    columns = min(len(names), 3)
    rows = -(-len(names) // columns)
    width = (WIDTH - 0.5) / max(columns, 2) - 0.7
    figure, panels = plt.subplots(rows, columns, sharex=True, sharey=True, squeeze=False,
                                  figsize=(0.5 + columns * (width + 0.7), 0.6 + 2.6 * rows))
    for axes, name in zip(panels.flat, names):
        fields = [result.field(name, k) for k in range(len(result.time))]
        data = np.array([middle_line(result, field) for field in fields])
        mesh = draw_spacetime(axes, result, data, colours(data, mean([mean(field) for field in fields])))
        axes.spines[:].set_visible(True)
        axes.set_title(field_label(result, name))
        axes.xaxis.set_major_locator(ticker.MaxNLocator(4, steps=[1, 2, 5, 10]))
        add_colourbar(mesh, axes, None, width)
    for axes in panels.flat[len(names):]:
        axes.set_visible(False)
    for axes in panels[-1]:
        axes.set_xlabel(dimension_label(x))
    for axes in panels[:, 0]:
        axes.set_ylabel("$t$")
    set_output_axis(panels[0, 0], result.time)
    if len(result.dimensions) > 1:
        figure.suptitle(f"along {cut_text(result)}", fontsize=9)
    return figure


# ---- series --------------------------------------------------------------------------------------------------------

ROUND_OFF = np.finfo(float).eps
NOTHING = ROUND_OFF / 10  # where an exact zero stands on a logarithmic axis
STEADY = 1e-10  # changes below this share of the whole are drawn as none
DASHES = ["-", (0, (4, 1.5)), (0, (1.5, 1)), (0, (6, 1, 1, 1))]  # lines on each other stay visible


def _inside(prefix, name):
    """rho[a] of total(rho[a]) when prefix is total."""
    return name[len(prefix) + 1 : -1] if name.startswith(prefix + "(") and name.endswith(")") else None


def _quantity_label(result, name):
    return field_label(result, name) if name in result.names else name


def _matching(result, prefix):
    return [(name, _inside(prefix, name)) for name in result.series_names if _inside(prefix, name) is not None]


def _label_lines(axes, count):
    if count > 1:
        axes.legend(loc="best", handlelength=2.0)


def _set_range(axes, values, least):
    """About what is drawn, but at least so wide: noise is not blown up."""
    low, high = spread(values)
    if high - low < least:
        middle = (low + high) / 2
        low, high = middle - least / 2, middle + least / 2
    axes.set_ylim(*padded(low, high))


def _largest_total(result):
    """What a total could be: the largest absolute value of a field, everywhere."""
    values = [abs(result.series(name)[1]) for prefix in ("min", "max") for name, _ in _matching(result, prefix)]
    values = np.concatenate(values or [[0.0]])
    volume = np.prod([b - a for a, b in result.extent.values()])
    return volume * max(values[np.isfinite(values)], default=0.0)


def _draw_totals(axes, result):
    totals = _matching(result, "total")
    for k, (name, of) in enumerate(totals):
        t, value = result.series(name)
        axes.plot(t, value, linestyle=DASHES[k % len(DASHES)], label=_quantity_label(result, of))
    values = np.concatenate([result.series(name)[1] for name, _ in totals])
    _set_range(axes, values, 0.1 * max(_largest_total(result), abs(spread(values)[1])))
    axes.set_title("totals", loc="left")
    _label_lines(axes, len(totals))


def _draw_drifts(axes, result):
    """Magnitudes over decades; below round-off stands 0."""
    drifts = _matching(result, "drift")
    for k, (name, of) in enumerate(drifts):
        t, value = result.series(name)
        axes.plot(t, np.where(abs(value) > NOTHING, abs(value), NOTHING), linestyle=DASHES[k % len(DASHES)],
                  linewidth=0.9, label=_quantity_label(result, of))
    axes.axhline(ROUND_OFF, color="0.6", linewidth=0.7, zorder=0)
    axes.annotate("round-off", (1, ROUND_OFF), xycoords=("axes fraction", "data"), ha="right", va="bottom",
                  color="0.45", fontsize=7)
    axes.set_yscale("log")
    axes.set_ylim(NOTHING / 2, max(1e2 * ROUND_OFF, 3 * axes.get_ylim()[1]))
    decades = np.arange(-15, np.log10(axes.get_ylim()[1]))
    decades = decades[:: 1 + len(decades) // 5]
    axes.yaxis.set_major_locator(ticker.FixedLocator([NOTHING, *10**decades]))
    axes.yaxis.set_major_formatter(
        ticker.FuncFormatter(lambda v, _: "0" if v < ROUND_OFF else f"$10^{{{round(np.log10(v))}}}$"))
    axes.yaxis.set_minor_locator(ticker.NullLocator())
    axes.set_title("change of totals, relative", loc="left")
    _label_lines(axes, len(drifts))


def _draw_extrema(axes, result):
    highs = dict((of, name) for name, of in _matching(result, "max"))
    pairs = [(of, name, highs[of]) for name, of in _matching(result, "min") if of in highs]
    values = []
    for k, (of, low, high) in enumerate(pairs):
        t, bottom = result.series(low)
        top = result.series(high)[1]
        line, = axes.plot(t, bottom, linestyle=DASHES[k % len(DASHES)], label=_quantity_label(result, of))
        axes.plot(t, top, color=line.get_color(), linestyle=line.get_linestyle())
        values += [bottom, top]
    _set_range(axes, np.concatenate(values), STEADY)
    axes.set_title("lowest and highest value", loc="left")
    _label_lines(axes, len(pairs))


def _label_log(axes, values):
    """Some decades, or 1, 2 and 5 of each, or round numbers: about four."""
    axes.set_yscale("log")
    values = values[np.isfinite(values) & (values > 0)]
    low, high = (values.min(), values.max()) if values.size else (0.1, 1.0)
    exponents = np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    ticks = [m * 10**e for e in exponents for m in (1, 2, 5) if 0.99 * low <= m * 10**e <= 1.01 * high]
    if high > 100 * low:
        ticks = 10 ** exponents[:: 1 + len(exponents) // 5]
    elif len(ticks) < 3:
        ticks = ticker.MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    axes.yaxis.set_major_locator(ticker.FixedLocator([t for t in ticks if t > 0]))
    axes.set_ylim(low / (high / low) ** 0.05, high * (high / low) ** 0.05) if high > low else None
    axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"${number(value)}$"))
    axes.yaxis.set_minor_formatter(ticker.NullFormatter())


def _draw_step(axes, result):
    t, step = result.series("step")
    axes.plot(t[1:], step[1:], color="0.3")
    _label_log(axes, step[1:])
    axes.set_title("time step", loc="left")


def _draw_work(axes, result):
    """Counts from 1 on over decades; what never happened is left out."""
    counts = [(name, *result.series(name)) for name in ("steps", "rejected", "iterations")
              if name in result.series_names]
    counts = [count for count in counts if np.any(count[2] > 0)]
    for name, t, value in counts:
        line, = axes.plot(t, value)
        axes.annotate(name, (t[-1], value[-1]), (0, 2), textcoords="offset points", ha="right", va="bottom",
                      color=line.get_color(), fontsize=8)
    axes.set_yscale("symlog", linthresh=1)
    axes.set_ylim(0, None)
    axes.set_title("work so far", loc="left")


def _falls_and_rests(value):
    """Whether most of the time a sinking value is within 5 % of its last."""
    above = value[:-1] - value[-1]
    return len(value) > 5 and np.all(above >= 0) and np.median(above) < 0.05 * above[0]


def _draw_energy(axes, result):
    t, value = result.series("free_energy")
    whole = max(abs(value[np.isfinite(value)]), default=1.0)
    if np.isfinite(value).all() and _falls_and_rests(value) and value[0] - value[-1] > STEADY * whole:
        axes.plot(t[:-1], np.where(value[:-1] > value[-1], value[:-1] - value[-1], np.nan))
        _label_log(axes, value[:-1] - value[-1])
        axes.set_title(f"free energy above its last value ${number(value[-1])}$", loc="left")
        return
    axes.plot(t, value)
    _set_range(axes, value, STEADY * whole)
    axes.set_title("free energy", loc="left")


def _draw_one(name):
    def draw(axes, result):
        t, value = result.series(name)
        axes.plot(t, value)
        _set_range(axes, value, STEADY * max(abs(value[np.isfinite(value)]), default=1.0))
        axes.set_title(name, loc="left")

    return draw


def _is_of_panel(name):
    return any(_inside(prefix, name) is not None for prefix in ("total", "drift", "min", "max"))


def _panels(result):
    known = {"step", "steps", "rejected", "iterations", "free_energy"}
    names = result.series_names
    panels = [draw for prefix, draw in (("total", _draw_totals), ("drift", _draw_drifts), ("max", _draw_extrema))
              if _matching(result, prefix)]
    if "free_energy" in names:
        panels.insert(0, _draw_energy)
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


def _series_panels(count):
    """The figure and its panels, two in a row, the last one of an odd number as wide as two."""
    columns = 1 if count == 1 else 2
    rows = -(-count // columns)
    figure = plt.figure(figsize=(WIDTH if columns > 1 else 4.6, 0.4 + 1.75 * rows))
    grid = figure.add_gridspec(rows, columns)
    places = [grid[k // columns, k % columns] for k in range(count)]
    if columns > 1 and count % 2:
        places[-1] = grid[rows - 1, :]
    panels = []
    for place in places:
        panels.append(figure.add_subplot(place, sharex=panels[0] if panels else None))
    return figure, panels, columns


def series(result):
    draws = _panels(result)
    figure, panels, columns = _series_panels(len(draws))
    for axes, draw in zip(panels, draws):
        draw(axes, result)
        axes.yaxis.get_offset_text().set_x(1)  # away from the title
        axes.yaxis.get_offset_text().set_ha("right")
    time = result.series(result.series_names[0])[0]
    _set_time_axis(panels[0], time)
    if not is_logarithmic(time):
        panels[0].xaxis.set_major_locator(ticker.MaxNLocator(6, steps=[1, 2, 5, 10]))
    alone = columns > 1 and len(draws) % 2
    for k, axes in enumerate(panels):
        axes.tick_params(labelbottom=k >= len(panels) - (3 if alone else columns))
        if k >= len(panels) - (1 if alone else columns):
            axes.set_xlabel("$t$")
    return figure


# ---- movies --------------------------------------------------------------------------------------------------------


class Frames:
    """A figure whose contents follow set(k), with axes and colours that hold for all the outputs given."""

    def __init__(self, result, names, indices):
        self.result, self.names = result, names
        draw = self._begin_lines if len(result.dimensions) == 1 else self._begin_planes
        limits = [self._limits(name, indices) for name in names]
        self.means = [mean([mean(result.field(name, k)) for k in indices]) for name in names]
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
        for axes, name, limit, centre in zip(panels[0], self.names, limits, self.means):
            artists.append(draw_plane(axes, self.result, self._data(name, 0), across, up, colours(limit, centre)))
            axes.set_xlabel(dimension_label(across))
            add_colourbar(artists[-1], axes, field_label(self.result, name), width)
        panels[0, 0].set_ylabel(dimension_label(up))
        return figure, artists

    def set(self, k):
        for artist, name in zip(self.artists, self.names):
            data = self._data(name, k)
            draw = getattr(artist, "set_ydata" if len(self.result.dimensions) == 1 else "set_data", None)
            (draw or artist.set_array)(data)  # a mesh of unequal cells has set_array
        self.title.set_text(time_label(self.result.time[k]))
        self.figure.canvas.draw()

    def pixels(self):
        """[height, width, 3], bytes."""
        return np.asarray(self.figure.canvas.buffer_rgba())[..., :3].copy()
