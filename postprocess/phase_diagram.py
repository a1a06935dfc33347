"""Pictures of phase diagrams: functions that take the tables and return a matplotlib figure, or None.

    diagram     two fields against each other; one field against the parameter; one field alone, on a line
    ternary     two fields and what is left of the smaller upper bound of the window, in triangular coordinates;
                critical points outside the triangle are drawn where they are

Lines: binodal full, metastable tie lines' ends broken, spinodal dotted; tie lines thin, triangles of three phases
shaded.  Points: critical points filled (stable) or open, compositions as crosses with their phases as diamonds.
"""

import numpy as np

from figures import WIDTH, _math, plt

BINODAL, SPINODAL, TIE, TRIANGLE, POINT = "#0b5394", "#d1661b", "#9fb6cc", "#dfe8f1", "#3d8c40"
TIES = 14  # drawn of each family
STABLE = 2


# ---- what the tables hold ------------------------------------------------------------------------------------------


class Diagram:
    def __init__(self, tables):
        names, latex = tables.text("", "fields"), tables.text("", "latex")
        names, latex = ([names], [latex]) if isinstance(names, str) else (names, latex)
        self.labels = [_math(tex, name) for tex, name in zip(latex, names)]
        self.window = tables["window"]
        self.fields = len(names)
        self.parameter = tables.text("", "parameter") or None
        if self.parameter:
            self.labels.append(_math(tables.text("", "parameter_latex"), self.parameter))
            self.window = np.vstack([self.window, tables["range"]])
        self.spinodals = [tables[f"spinodal/{k}/state"] for k in tables.groups("spinodal")]
        self.families = [
            (tables[f"tie_lines/{k}/first"], tables[f"tie_lines/{k}/second"], tables.text(f"tie_lines/{k}", "stability"))
            for k in tables.groups("tie_lines")
        ]
        self.triangles = [
            (tables[f"triangles/{k}/state"], tables.text(f"triangles/{k}", "stability"))
            for k in tables.groups("triangles")
        ]
        self.critical, self.stability = tables["critical/state"], tables["critical/stability"]
        self.compositions = [
            (tables[f"compositions/{k}/composition"], tables[f"compositions/{k}/state"])
            for k in tables.groups("compositions")
        ]
        self.construction = tables.text("", "construction").replace("_", " ")
        self.local = "local only" in tables.text("", "meaning")


# ---- drawing in coordinates of the page ----------------------------------------------------------------------------


def _evenly(first, second, size, count):
    """count tie lines about equally far from each other, by the longer way of their two ends on the page."""
    step = np.maximum(*(np.linalg.norm(np.diff(ends / size, axis=0), axis=1) for ends in (first, second)))
    way = np.concatenate([[0], np.cumsum(step)])
    wanted = np.linspace(0, way[-1], count + 2)[1:-1]
    between = [np.stack([np.interp(wanted, way, column) for column in ends.T], axis=1) for ends in (first, second)]
    return np.stack(between, axis=1)


def _draw(axes, d, place, size):
    """place: states [..., 2] -> the page; size: of the window there."""
    for corners, stability in d.triangles:
        if stability == "stable":
            axes.fill(*place(corners).T, facecolor=TRIANGLE, edgecolor=BINODAL, linewidth=0.7, zorder=1)
    for curve in d.spinodals:
        axes.plot(*place(curve).T, color=SPINODAL, linestyle=(0, (1, 1.2)), linewidth=1.1, zorder=3)
    for first, second, stability in d.families:
        if stability == "unstable":
            continue
        ends = [place(first), place(second)]
        if stability == "stable":
            for tie in _evenly(*ends, size, TIES):
                axes.plot(*tie.T, color=TIE, linewidth=0.5, zorder=2)
        style = {"linestyle": "-", "linewidth": 1.5} if stability == "stable" else {"linestyle": (0, (4, 2)), "linewidth": 0.8}
        for side in ends:
            axes.plot(*side.T, color=BINODAL, zorder=4, **style)
    _draw_points(axes, d, place)


def _draw_points(axes, d, place):
    for state, stability in zip(d.critical, d.stability):
        filled = stability == STABLE
        axes.plot(*place(state), "o", markersize=5 if filled else 3.5, markeredgecolor=BINODAL if filled else SPINODAL,
                  markerfacecolor=BINODAL if filled else "white", markeredgewidth=0.8, zorder=6)
    for composition, phases in d.compositions:
        for phase in phases if len(phases) > 1 else []:
            axes.plot(*place(np.array([composition, phase])).T, color=POINT, linewidth=0.8, zorder=5)
            axes.plot(*place(phase), "D", markersize=3.8, color=POINT, zorder=7)
        axes.plot(*place(composition), "x", markersize=5, color=POINT, markeredgewidth=1.2, zorder=7)


def _legend(axes, d, **where):
    line, point = plt.Line2D, {"linestyle": "none", "color": BINODAL}
    stable = [s for *_, s in d.families]
    entries = []
    if "stable" in stable:
        entries.append(line([], [], color=BINODAL, linewidth=1.5, label=f"binodal ({d.construction})"))
    if "metastable" in stable:
        entries.append(line([], [], color=BINODAL, linestyle=(0, (4, 2)), linewidth=0.8, label="metastable"))
    if d.spinodals:
        entries.append(line([], [], color=SPINODAL, linestyle=(0, (1, 1.2)), linewidth=1.1, label="spinodal"))
    if any(d.stability == STABLE):
        entries.append(line([], [], marker="o", markersize=5, label="critical point", **point))
    if any(d.stability != STABLE):
        entries.append(line([], [], marker="o", markersize=3.5, markerfacecolor="white", markeredgecolor=SPINODAL,
                            linestyle="none", label="unstable critical point"))
    if any(s == "stable" for _, s in d.triangles):
        entries.append(plt.Rectangle((0, 0), 1, 1, facecolor=TRIANGLE, edgecolor=BINODAL, linewidth=0.7, label="three phases"))
    if d.compositions:
        entries.append(line([], [], marker="x", color=POINT, linestyle="none", label="composition"))
    if any(len(phases) > 1 for _, phases in d.compositions):
        entries.append(line([], [], marker="D", markersize=3.8, color=POINT, linewidth=0.8, label="its phases"))
    if entries:
        axes.legend(handles=entries, **where)


# ---- right angles --------------------------------------------------------------------------------------------------


def _line(d):
    """One field alone: its pairs of phases and spinodal states on a line."""
    figure, axes = plt.subplots(figsize=(0.7 * WIDTH, 1.1))
    for first, second, stability in d.families:
        axes.plot([first[0, 0], second[0, 0]], [0, 0], color=BINODAL if stability == "stable" else TIE, marker="o",
                  markersize=5, linewidth=1.5)
    for curve in d.spinodals:
        axes.plot(curve[:, 0], 0 * curve[:, 0], "|", color=SPINODAL, markersize=12)
    for composition, _ in d.compositions:
        axes.plot(composition, 0, "x", color=POINT)
    axes.set(xlim=d.window[0], yticks=[], xlabel=d.labels[0])
    axes.spines["left"].set_visible(False)
    return figure


def diagram(tables):
    d = Diagram(tables)
    if len(d.window) > 2:
        return None
    if len(d.window) == 1:
        return _line(d)
    figure, axes = plt.subplots(figsize=(WIDTH, 0.6 * WIDTH))
    _draw(axes, d, lambda u: np.asarray(u, float)[..., :2], np.ptp(d.window, axis=1))
    axes.set(xlim=d.window[0], ylim=d.window[1], xlabel=d.labels[0], ylabel=d.labels[1])
    axes.set_box_aspect(1)
    axes.set_anchor("W")
    _legend(axes, d, loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0)
    return figure


# ---- triangular coordinates ----------------------------------------------------------------------------------------

HEIGHT = np.sqrt(3) / 2


def _frame(axes, d, side, corner):
    """The triangle, with ticks of each density along the side on which it grows."""
    edge = plt.Polygon([corner(0, 0), corner(1, 0), corner(0, 1)], fill=False, edgecolor="black", linewidth=0.8, zorder=8)
    axes.add_patch(edge)
    rest = f"{side:g} $-$ {d.labels[0]} $-$ {d.labels[1]}"
    for k in range(1, 5):
        t, text = k / 5, f"{side * k / 5:g}"
        for a, b in (((t, 0), (t, 1 - t)), ((0, t), (1 - t, t)), ((t, 0), (0, t))):
            axes.plot(*np.array([corner(*a), corner(*b)]).T, color="#e4e4e4", linewidth=0.4, zorder=0)
        axes.text(*corner(t, 1 - t) + [0.02, 0.012], text, fontsize=7)
        axes.text(*corner(0, t) + [-0.02, 0.012], text, fontsize=7, ha="right")
        axes.text(*corner(1 - t, 0) + [0, -0.045], text, fontsize=7, ha="center")
    axes.text(*corner(0.5, 0.5) + [0.1, 0.05], d.labels[0], rotation=-60, ha="center", va="center")
    axes.text(*corner(0, 0.5) + [-0.1, 0.05], d.labels[1], rotation=60, ha="center", va="center")
    axes.text(*corner(0.5, 0) + [0, -0.11], rest, ha="center", va="center")
    return edge


def ternary(tables):
    d = Diagram(tables)
    if d.fields != 2 or d.parameter or (d.window[:, 0] != 0).any():
        return None
    side = d.window[:, 1].min()
    corner = lambda a, b: np.array([a + 0.5 * b, HEIGHT * b])  # noqa: E731
    place = lambda u: np.stack(  # noqa: E731
        [(np.asarray(u)[..., 0] + 0.5 * np.asarray(u)[..., 1]) / side, HEIGHT * np.asarray(u)[..., 1] / side], axis=-1
    )
    figure, axes = plt.subplots(figsize=(WIDTH, 0.62 * WIDTH))
    _draw(axes, d, place, 1)
    clip = _frame(axes, d, side, corner)
    for artist in [*axes.lines, *axes.patches]:
        outside = isinstance(artist, plt.Line2D) and artist.get_marker() == "o"  # critical points are never hidden
        artist.set_clip_path(None if outside else clip)
        artist.set_in_layout(False)
    heights = [y for _, y in place(d.critical) if y < 1.5 * HEIGHT]
    axes.set(xlim=(-0.14, 1.14), ylim=(-0.16, max([HEIGHT + 0.03, *heights]) + 0.05))
    axes.set_aspect("equal")
    axes.set_anchor("W")
    axes.axis("off")
    _legend(axes, d, loc="upper left", bbox_to_anchor=(0.86, 1.0), borderaxespad=0)
    return figure


KINDS = {"diagram": diagram, "ternary": ternary}
