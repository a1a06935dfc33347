"""Pictures of the tables of `rhoflux observe`.

    observables   a panel per kind of curve of each observable, with errors, or per map; quantities in words
"""

import figures
import numpy as np
from figures import plt

COLOURS = ("#0b5394", "#d1661b", "#3d7d3a", "#8e3b8e", "#7a7a7a", "#b8860b")
MOST_CURVES = 12


def _items(tables, observable):
    """Names of the curves, and of the maps."""
    names = tables.groups(observable)
    curves = [name for name in names if tables[f"{observable}/{name}/value"].ndim == 1]
    return curves, [name for name in names if name not in curves]


def quantities(tables, observable):
    """name -> (value, error) of the numbers that an observable has beside its curves."""
    attributes = tables.file[observable].attrs
    found = {}
    for name in attributes:
        if f"{name}_error" in attributes:
            found[name] = float(attributes[name]), float(attributes[f"{name}_error"])
    return found


def label(name):
    """S(rho[a],rho[b]) as mathematics."""
    return name.replace("rho[", "ρ[").replace("sqrt", "√")


def with_error(value, error):
    if not error > 0:
        return f"{value:.6g}"
    digits = max(2, int(np.ceil(np.log10(abs(value) / error))) + 2) if value else 2
    return f"{value:.{digits}g} ± {error:.1g}"


def set_scales(axes, scales, curves):
    """Logarithmic where all numbers that are shown allow it."""
    values = np.concatenate([y[np.isfinite(y)] for _, y, _ in curves] or [np.ones(1)])
    places = np.concatenate([x for x, _, _ in curves] or [np.ones(1)])
    ordinate = len(values) and values.min() > 0 and values.max() > 2 * values.min()
    if scales == "loglog" and ordinate and places.min() > 0:
        axes.set_xscale("log")
    if scales != "linear" and ordinate:
        axes.set_yscale("log")


def draw_curve(axes, curve, colour, name):
    x, y, error = curve
    axes.plot(x, y, color=colour, linewidth=0.9, marker="." if len(x) < 60 else None, markersize=3, label=name)
    if np.any(error > 0):
        axes.fill_between(x, y - error, y + error, color=colour, alpha=0.3, linewidth=0)


def read_curve(tables, observable, name, value="value", error="error"):
    group = f"{observable}/{name}"
    abscissa = tables.text(observable, "abscissa", "x")
    return tables[f"{group}/{abscissa}"], tables[f"{group}/{value}"], tables[f"{group}/{error}"]


def _kinds(names):
    """Curves that belong into one panel: S of all pairs; F of a pair at all q."""
    kinds = {}
    for name in names:
        kind = name.split(" q=")[0] if " q=" in name else name.split("(")[0]
        kinds.setdefault(kind, []).append(name)
    return kinds


def _in_order(names):
    """By the number behind q=, if there is one."""
    return sorted(names, key=lambda name: float(name.split("q=")[1])) if "q=" in names[0] else names


def _relative(curve):
    """In units of the first value, the abscissa's least."""
    x, y, error = curve
    return (x, y / y[0], error / abs(y[0])) if y[0] != 0 else curve


def _draw_curves(axes, tables, observable, names):
    names = _in_order(names)
    waves = "q=" in names[0]
    shown = names[::max(1, -(-len(names) // MOST_CURVES))]
    curves = [read_curve(tables, observable, name) for name in shown]
    if waves:
        curves = [_relative(curve) for curve in curves]
        axes.set_ylabel(f"{label(names[0].split(' q=')[0])}, in units of its value at 0")
    many = len(shown) > len(COLOURS)
    for k, (name, curve) in enumerate(zip(shown, curves)):
        colour = plt.get_cmap("viridis")(k / max(1, len(shown) - 1)) if many else COLOURS[k]
        draw_curve(axes, curve, colour, name.split(" ")[-1] if waves else label(name))
    set_scales(axes, "linear" if waves else tables.text(observable, "scales", "linear"), curves)
    axes.set_xlabel(f"${tables.text(observable, 'abscissa', 'x')}$")
    axes.legend(fontsize=6)


def _write_quantities(axes, found):
    axes.axis("off")
    for k, (name, (value, error)) in enumerate(found.items()):
        for place, text in ((0.45, label(name)), (0.5, with_error(value, error))):
            axes.text(place, 0.95 - 0.07 * k, text, transform=axes.transAxes, va="top", fontsize=7,
                      ha="right" if place < 0.5 else "left")


def _draw_map(axes, tables, observable, name):
    group = tables.file[f"{observable}/{name}"]
    data = group["value"][()]
    while data.ndim > 2:
        data = data[data.shape[0] // 2]
    scales = [group["value"].dims[d][0] for d in range(group["value"].ndim)]
    if data.ndim == 1:
        axes.plot(scales[-1][()], data, color=COLOURS[0])
        return
    x, y = scales[-1][()], scales[-2][()]
    step = x[1] - x[0], y[1] - y[0]
    extent = (x[0] - step[0] / 2, x[-1] + step[0] / 2, y[0] - step[1] / 2, y[-1] + step[1] / 2)
    image = axes.imshow(data, origin="lower", extent=extent, aspect="equal", **figures.colours(data))
    axes.set_xlabel("$q_x$")
    axes.set_ylabel("$q_y$")
    plt.colorbar(image, ax=axes)


def observables(tables):
    panels = []
    for observable in tables.groups("/"):
        if observable == "provenance":
            continue
        curves, maps = _items(tables, observable)
        for names in _kinds(curves).values():
            panels.append((observable, lambda axes, o=observable, n=names: _draw_curves(axes, tables, o, n)))
        found = quantities(tables, observable)
        if found:
            panels.append((observable, lambda axes, f=found: _write_quantities(axes, f)))
        for name in maps:
            panels.append((f"{observable}: {label(name)}",
                           lambda axes, o=observable, n=name: _draw_map(axes, tables, o, n)))
    if not panels:
        return None
    across = min(2, len(panels))
    down = -(-len(panels) // across)
    figure, axes = plt.subplots(down, across, figsize=(figures.WIDTH, 2.9 * down), squeeze=False)
    for k, (title, draw) in enumerate(panels):
        draw(axes.flat[k])
        axes.flat[k].set_title(title.replace("_", " "), fontsize=8)
    for k in range(len(panels), down * across):
        axes.flat[k].axis("off")
    return figure


KINDS = {"observables": observables}
