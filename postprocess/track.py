"""Pictures of the tables of `rhoflux track`.

    pattern   the first field over x and t with the path of the pattern (1-D), or at the last output with its wavevector
              and velocity (2-D), beside the displacement over time with the line of the mean velocity
"""

import os

import figures
import numpy as np
from figures import plt
from rhoflux_result import Result


def _result(tables):
    """The result that was tracked, beside the tables or where it was; None when it is gone."""
    path = tables.text("", "result")
    beside = os.path.join(os.path.dirname(tables.path), os.path.basename(path))
    for candidate in (path, beside):
        if os.path.exists(candidate):
            return Result(candidate)
    return None


def _number(tables, name):
    return float(tables.text("", name, np.nan))


def _with_error(value, error, unit=""):
    if not np.isfinite(value):
        return "none"
    return f"{value:.5g}{unit}" if not error > 0 else f"{value:.5g} ± {error:.1g}{unit}"


def _title(tables):
    parts = [tables.text("", "pattern")]
    if parts[0] in ("travelling", "stationary"):
        parts.append(f"speed {_with_error(_number(tables, 'speed'), _number(tables, 'speed_error'))}")
    parts.append(f"wavelength {_number(tables, 'wavelength'):.5g}")
    if np.isfinite(_number(tables, "period")):
        parts.append(f"period {_with_error(_number(tables, 'period'), _number(tables, 'period_error'))}")
    return ", ".join(parts)


def _draw_displacement(axes, tables):
    time, shift = tables["time"], tables["displacement"]
    rate = np.polyfit(time - time.mean(), shift, 1)
    axes.plot(time, shift, ".", markersize=3, color="#0b5394", label="outputs")
    axes.plot(time, np.polyval(rate, time - time.mean()), color="#d1661b", label="mean velocity", zorder=0)
    axes.set_xlabel("$t$")
    axes.set_ylabel("displacement / wavelength")
    figures._set_range(axes, shift, 0.05)
    axes.legend()


def _draw_path(axes, tables, result, name):
    """The window that was looked at, and where a crest goes."""
    time, shift = tables["time"], tables["displacement"]
    first = int(np.argmin(np.abs(result.time - time[0])))
    data = np.array([result.field(name, k) for k in range(first, first + len(time))])
    low, high = result.extent["x"]
    image = axes.imshow(data, origin="lower", aspect="auto", extent=(low, high, time[0], time[-1]),
                        **figures.colours(data))
    k = _number(tables, "wavevector_x")
    x = result.coordinates["x"]
    phase = np.angle(np.sum((data[0] - data[0].mean()) * np.exp(-1j * k * (x - low))))
    crest = -phase / k + shift * 2 * np.pi / k
    if tables.text("", "pattern") == "travelling":
        folded = np.mod(crest, high - low)
        jumps = np.abs(np.diff(folded)) > 0.5 * (high - low)
        folded[1:][jumps] = np.nan
        axes.plot(low + folded, time, color="white", linewidth=1, linestyle="--")
    axes.set_xlabel("$x$")
    axes.set_ylabel("$t$")
    plt.colorbar(image, ax=axes, label=figures.field_label(result, name))


def _draw_plane(axes, tables, result, name):
    data = result.field(name)
    extent = (*result.extent["x"], *result.extent["y"])
    image = axes.imshow(data, origin="lower", extent=extent, **figures.colours(data))
    middle = 0.5 * (extent[0] + extent[1]), 0.5 * (extent[2] + extent[3])
    k = np.array([_number(tables, "wavevector_x"), _number(tables, "wavevector_y")])
    step = k * 2 * np.pi / np.dot(k, k)
    axes.annotate("", xy=np.add(middle, step), xytext=middle,
                  arrowprops={"arrowstyle": "-|>", "color": "white", "linewidth": 1.2})
    axes.set_xlabel("$x$")
    axes.set_ylabel("$y$")
    plt.colorbar(image, ax=axes, label=figures.field_label(result, name))


def pattern(tables):
    names = tables.groups("fields")
    result = _result(tables)
    dimensions = 0 if result is None else len(result.extent)
    drawn = dimensions in (1, 2)
    figure, axes = plt.subplots(1, 2 if drawn else 1, figsize=(figures.WIDTH, 2.9), squeeze=False)
    if dimensions == 1:
        _draw_path(axes[0, 0], tables, result, result.names[0] if result.names[0] in names else names[0])
    elif dimensions == 2:
        _draw_plane(axes[0, 0], tables, result, result.names[0] if result.names[0] in names else names[0])
    _draw_displacement(axes[0, -1], tables)
    figure.suptitle(_title(tables), fontsize=9)
    if result is not None:
        result.close()
    return figure


KINDS = {"pattern": pattern}
