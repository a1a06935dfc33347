"""Pictures of phase diagrams: functions that take the tables and return a matplotlib figure, or None.

    diagram     two fields against each other; one field against the parameter; one field alone, on a line
    ternary     two fields and what is left of the smaller upper bound of the window, in triangular coordinates;
                critical points outside the triangle are drawn where they are
    sections    two fields at values of a parameter, side by side
    space       two fields and the parameter, or three fields, on three axes: curves of critical points and of three
                phases, their special points, tetrahedra of four phases, and the binodals of the sections
    over        several fields over a parameter, tie lines found by profiles: the phases of each field
    paths       two fields over a parameter: where compositions along a line start to separate

Lines: binodal full, metastable tie lines' ends broken, spinodal dotted; tie lines thin, triangles of three phases
shaded.  Points: critical points filled (stable) or open, compositions as crosses with their phases as diamonds.
"""

import numpy as np

from figures import WIDTH, _math, plt

BINODAL, SPINODAL, TIE, TRIANGLE, POINT = "#0b5394", "#d1661b", "#9fb6cc", "#dfe8f1", "#3d8c40"
TIES = 14  # drawn of each family
STABLE = 2


# ---- what the tables hold ------------------------------------------------------------------------------------------


class Region:
    """What is drawn in a plane: the diagram of two fields, or a section of one over a parameter, whose tables are
    below `at`."""

    def __init__(self, tables, at=""):
        self.spinodals = [tables[f"{at}spinodal/{k}/state"] for k in tables.groups(f"{at}spinodal")]
        self.families = [
            (tables[f"{at}tie_lines/{k}/first"], tables[f"{at}tie_lines/{k}/second"],
             tables.text(f"{at}tie_lines/{k}", "stability"))
            for k in tables.groups(f"{at}tie_lines")
        ]
        self.triangles = [
            (tables[f"{at}triangles/{k}/state"], tables.text(f"{at}triangles/{k}", "stability"))
            for k in tables.groups(f"{at}triangles")
        ]
        self.critical, self.stability = tables[f"{at}critical/state"], tables[f"{at}critical/stability"]
        self.compositions = []


class Diagram(Region):
    def __init__(self, tables):
        super().__init__(tables)
        names, latex = tables.text("", "fields"), tables.text("", "latex")
        names, latex = ([names], [latex]) if isinstance(names, str) else (names, latex)
        self.labels = [_math(tex, name) for tex, name in zip(latex, names)]
        self.window = tables["window"]
        self.fields = len(names)
        self.parameter = tables.text("", "parameter") or None
        if self.parameter:
            self.labels.append(_math(tables.text("", "parameter_latex"), self.parameter))
            self.window = np.vstack([self.window, tables["range"]])
        self.compositions = [
            (tables[f"compositions/{k}/composition"], tables[f"compositions/{k}/state"])
            for k in tables.groups("compositions")
        ]
        self.construction = tables.text("", "construction").replace("_", " ")
        self.local = "local only" in tables.text("", "meaning")
        self.sections = [
            (float(tables.text(f"sections/{k}", "parameter")), Region(tables, f"sections/{k}/"))
            for k in tables.groups("sections")
        ]
        self.curves = [
            (tables[f"{kind}/{k}/state"].reshape(-1, phases, self.fields + bool(self.parameter)),
             tables.text(f"{kind}/{k}", "stability"))
            for kind, phases in (("critical_lines", 1), ("three_phases", 3))
            for k in tables.groups(kind)
        ]
        self.boundaries = [
            (int(tables.text(f"boundaries/{k}", "path")), tables[f"boundaries/{k}/s"], tables[f"boundaries/{k}/state"],
             tables.text(f"boundaries/{k}", "kind"), tables.text(f"boundaries/{k}", "stability"))
            for k in tables.groups("boundaries")
        ]
        self.special = [
            (tables[f"special/{k}/state"], tables.text(f"special/{k}", "kind"), tables.text(f"special/{k}", "stability"))
            for k in tables.groups("special")
        ]


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


# ---- over a parameter ----------------------------------------------------------------------------------------------

CRITICAL, THREE = "#a61c3c", "#3d8c40"
MARKS = {"tricritical point": "*", "critical end point": "s", "cusp": "v", "turning point": "o"}


def _all_together(d):
    """What a legend speaks of: everything in any of the sections."""
    together = d.sections[0][1].__class__.__new__(Region)
    regions = [region for _, region in d.sections]
    for name in ("spinodals", "families", "triangles", "compositions"):
        setattr(together, name, [item for region in regions for item in getattr(region, name)])
    together.critical = np.concatenate([region.critical for region in regions])
    together.stability = np.concatenate([region.stability for region in regions])
    together.construction = d.construction
    return together


def sections(tables):
    d = Diagram(tables)
    if not d.sections:
        return None
    columns = min(3, len(d.sections))
    rows = -(-len(d.sections) // columns)
    figure = plt.figure(figsize=(WIDTH, WIDTH / columns * rows + 0.6))
    above, below = figure.subfigures(2, 1, height_ratios=[WIDTH / columns * rows, 0.6])
    grid = above.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for axes, (value, region) in zip(grid.flat, d.sections):
        _draw(axes, region, lambda u: np.asarray(u, float)[..., :2], np.ptp(d.window[:2], axis=1))
        axes.set(xlim=d.window[0], ylim=d.window[1])
        axes.set_box_aspect(1)
        axes.set_title(f"{d.labels[2]} = {value:.4g}", fontsize=8)
    for axes in grid.flat[len(d.sections):]:
        axes.set_visible(False)
    for axes in grid[-1]:
        axes.set_xlabel(d.labels[0])
    for axes in grid[:, 0]:
        axes.set_ylabel(d.labels[1])
    words = below.subplots()
    words.axis("off")
    _legend(words, _all_together(d), loc="center", ncol=3)
    return figure


def _inside(states, window):
    """States outside the window become gaps."""
    margin = 1e-6 * np.ptp(window, axis=1)
    outside = ((states < window[:, 0] - margin) | (states > window[:, 1] + margin)).any(axis=-1)
    return np.where(outside[..., None], np.nan, states)


def _space_sections(axes, d):
    for value, region in d.sections:
        lift = lambda u: _inside(np.column_stack([u, np.full(len(u), value)]), d.window)  # noqa: B023, E731
        for first, second, stability in region.families:
            for side in (first, second) if stability == "stable" else ():
                axes.plot(*lift(side).T, color=BINODAL, linewidth=0.7, alpha=0.6)
        for corners, stability in region.triangles:
            if stability == "stable":
                axes.plot(*lift(corners[[0, 1, 2, 0]]).T, color=THREE, linewidth=0.6, alpha=0.7)


def _space_curves(axes, d):
    for states, stability in d.curves:
        critical = states.shape[1] == 1
        style = {"stable": "-", "metastable": (0, (4, 2)), "unstable": (0, (1, 1.5))}[stability]
        for phase in range(states.shape[1]):
            axes.plot(*_inside(states[:, phase], d.window).T, color=CRITICAL if critical else THREE, linestyle=style,
                      linewidth=1.8 if stability == "stable" else 0.8)
    for states, kind, stability in d.special:
        if stability != "unstable":
            axes.plot(*_inside(states[:1], d.window).T, MARKS[kind], color="black", linestyle="none",
                      markersize=9 if kind == "tricritical point" else 5,
                      markerfacecolor="black" if stability == "stable" else "white")


def _space_legend(axes, d):
    line = plt.Line2D
    entries = [line([], [], color=BINODAL, linewidth=0.7, label="sections: binodals")] if d.sections else []
    phases = {states.shape[1] for states, _ in d.curves}
    if 1 in phases:
        entries.append(line([], [], color=CRITICAL, linewidth=1.8, label="critical points"))
    if 3 in phases:
        entries.append(line([], [], color=THREE, linewidth=1.8, label="three phases"))
    if any(stability == "metastable" for _, stability in d.curves):
        entries.append(line([], [], color="black", linestyle=(0, (4, 2)), linewidth=0.8, label="metastable"))
    if any(stability == "unstable" for _, stability in d.curves):
        entries.append(line([], [], color="black", linestyle=(0, (1, 1.5)), linewidth=0.8, label="unstable"))
    for kind, mark in MARKS.items():
        if any(k == kind and stability != "unstable" for _, k, stability in d.special):
            entries.append(line([], [], color="black", marker=mark, linestyle="none", label=kind))
    if d.triangles:
        entries.append(line([], [], color=THREE, marker="D", markersize=4, linestyle="none", label="four phases"))
    axes.legend(handles=entries, loc="upper left")


def space(tables):
    d = Diagram(tables)
    if len(d.window) != 3 or not (d.sections or d.curves):
        return None
    figure = plt.figure(figsize=(WIDTH, 0.68 * WIDTH))
    left, right = figure.subfigures(1, 2, width_ratios=[3, 1])
    axes, words = left.add_subplot(projection="3d"), right.subplots()
    _space_sections(axes, d)
    _space_curves(axes, d)
    for states, stability in d.triangles:
        if stability == "stable" and len(states) == 4:
            axes.plot(*_inside(states, d.window).T, "D", color=THREE, markersize=4)
            if d.fields == 3:  # the edges of a tetrahedron, each once
                axes.plot(*states[[0, 1, 2, 3, 0, 2]].T, color=THREE, linewidth=0.5, alpha=0.6)
                axes.plot(*states[[1, 3]].T, color=THREE, linewidth=0.5, alpha=0.6)
    axes.set(xlim=d.window[0], ylim=d.window[1], zlim=d.window[2], xlabel=d.labels[0], ylabel=d.labels[1],
             zlabel=d.labels[2])
    axes.view_init(22, -58)
    axes.set_box_aspect((1, 1, 0.9), zoom=0.95)
    words.axis("off")
    _space_legend(words, d)
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


# ---- over a parameter ----------------------------------------------------------------------------------------------


def over(tables):
    d = Diagram(tables)
    if not d.parameter or d.fields < 2 or not d.families:
        return None
    figure, panels = plt.subplots(1, d.fields, figsize=(WIDTH, 0.85 * WIDTH / d.fields), layout="constrained")
    for i, axes in enumerate(panels):
        for k, (first, second, _) in enumerate(d.families):
            through = f"tie lines {k + 1}" if len(d.families) > 1 else "tie lines"
            axes.fill_between(first[:, -1], first[:, i], second[:, i], color=f"C{k}", alpha=0.08, linewidth=0)
            axes.plot(first[:, -1], first[:, i], ".-", markersize=3, color=f"C{k}", label=f"{through}, one phase")
            axes.plot(second[:, -1], second[:, i], ".--", markersize=3, color=f"C{k}", label="the other")
        axes.set(xlim=d.window[-1], ylim=(0, None) if d.window[i, 0] == 0 else d.window[i], xlabel=d.labels[-1],
                 ylabel=d.labels[i])
    panels[0].legend(fontsize=7)
    return figure


def paths(tables):
    d = Diagram(tables)
    if not d.boundaries:
        return None
    numbers = sorted({number for number, *_ in d.boundaries})
    figure, grid = plt.subplots(1, len(numbers), sharey=True, squeeze=False,
                                figsize=(max(0.7, min(1, 0.5 * len(numbers))) * WIDTH, 0.5 * WIDTH))
    for axes, number in zip(grid[0], numbers):
        own = [rest for k, *rest in d.boundaries if k == number]
        for s, states, kind, stability in own:
            if kind == "spinodal":
                style = {"color": SPINODAL, "linestyle": (0, (1, 1.2)), "linewidth": 1.1, "label": "spinodal"}
            elif stability == "stable":
                style = {"color": BINODAL, "linewidth": 1.5, "label": "cloud points"}
            else:
                style = {"color": BINODAL, "linestyle": (0, (4, 2)), "linewidth": 0.8, "label": "metastable"}
            axes.plot(s, states[:, 2], **style)
        first, last = _ends_of_path(own, d)
        axes.set(xlim=(0, 1), ylim=d.window[2], xticks=[0, 0.5, 1], xticklabels=[first, "", last])
        axes.tick_params(axis="x", labelsize=7)
    grid[0, 0].set_ylabel(d.labels[2])
    handles = {h.get_label(): h for axes in grid[0] for h in axes.get_lines()}
    grid[0, -1].legend(handles=list(handles.values()), loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0)
    return figure


def _ends_of_path(boundaries, d):
    """The compositions at both ends of a path, from two points of it."""
    s = np.concatenate([s for s, *_ in boundaries])
    states = np.concatenate([states[:, :2] for _, states, *_ in boundaries])
    a, b = s.argmin(), s.argmax()
    slope = (states[b] - states[a]) / max(s[b] - s[a], 1e-300)
    return ["\n".join(f"{label} = {value:.4g}" for label, value in zip(d.labels, states[a] + slope * (end - s[a])))
            for end in (0, 1)]


KINDS = {"diagram": diagram, "ternary": ternary, "sections": sections, "space": space, "paths": paths,
         "over": over}
