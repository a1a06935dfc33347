#!/usr/bin/python3
"""Draws a result: `rhoflux plot RESULT`, or python3 plot.py RESULT.

    --kind snapshots   fields at several times (what is drawn without --kind)
           final       fields at the last time
           spacetime   fields over x and t
           series      totals, drifts, extrema, free energy, time steps
           movie       all outputs one after another
    --field NAME       this field only
    --time T           snapshots and final: the output nearest to T
    --output FILE      .png, .pdf, .svg; movies .gif, .png (animated), .mp4

Without --output the picture is NAME-KIND.png beside the result NAME.h5, with --field NAME-FIELD-KIND.png.
Exit status: 0 drawn, 1 the drawing failed, 2 the input was wrong.
"""

import argparse
import difflib
import importlib
import json
import os
import re
import shutil
import subprocess
import sys

from rhoflux_result import Result, Tables

KINDS = ("snapshots", "final", "spacetime", "series", "movie")
# Of tables: analysis -> module with KINDS, a dictionary of functions from the tables to a figure, or to None where
# they have not what it shows; without --kind the first that shows something is drawn.  Modules with a function `fields`
# take the name of one behind the tables.
ANALYSES = {"compare": "compare", "observe": "observe", "phase_diagram": "phase_diagram", "stability": "stability",
            "sweep": "sweep", "track": "track"}
MOVIE_FRAMES, MOVIE_DPI, MOVIE_SECONDS = 240, 110, 12


class Wrong(Exception):
    """A mistake of the user, in one line."""


# ---- what is asked for ---------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Wrong(f"{message}; --help says more")


def _arguments():
    parser = _Parser(prog="rhoflux plot", description=__doc__.split("\n")[0], add_help=True, allow_abbrev=False)
    parser.add_argument("result", help="NAME.h5, NAME, or one snapshot")
    parser.add_argument("--kind", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--field", action="append", metavar="NAME", help="draws this field only (repeatable)")
    parser.add_argument("--time", type=float, metavar="T", help="draws the output nearest to this time")
    parser.add_argument("--output", metavar="FILE", help="the picture; its ending says which format")
    parser.add_argument("--quiet", action="store_true", help="prints nothing but errors")
    parser.add_argument("--json", action="store_true", help="prints one JSON object")
    return parser.parse_args()


def _one_of(name, known, what):
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean '{near[0]}'? " if near else ""
    raise Wrong(f"there is no {what} '{name}'; {hint}there are: {', '.join(known)}")


def _open(path):
    if not any(os.path.isfile(p) for p in (path, path + ".h5")):
        raise Wrong(f"there is no result '{path}'" + ("" if path.endswith(".h5") else f" or '{path}.h5'"))
    try:
        result = Result(path)
    except OSError as error:
        raise Wrong(f"'{path}' can not be opened as HDF5") from error
    except (ValueError, KeyError) as error:
        raise Wrong(str(error.args[0])) from error
    if len(result.time) == 0:
        result.close()
        raise Wrong(f"'{result.path}' has no outputs yet")
    _check_snapshots(result)
    return result


def _check_snapshots(result):
    """Missing outputs are left blank, but not silently; without any there is nothing to draw."""
    missing = result.missing()
    if not missing:
        return
    folder = os.path.dirname(missing[0])
    if not os.path.isdir(folder):
        raise Wrong(f"the folder '{folder}' is missing, which holds the outputs of '{result.path}': put it beside it")
    if len(missing) == len(result.time):
        raise Wrong(f"the outputs of '{result.path}' are missing from the folder '{folder}'")
    print(f"rhoflux: {len(missing)} of {len(result.time)} outputs are missing from '{folder}' and left blank",
          file=sys.stderr)


def _fields(result, asked):
    """The fields asked for; rho stands for all of rho[...]."""
    names = []
    for name in asked or []:
        family = [n for n in result.names if n.startswith(name + "[")]
        names += [name] if name in result.names else family or [_one_of(name, result.names, "field")]
    return names or result.names


def _check_kind(result, kind):
    if kind in ("spacetime", "movie") and len(result.time) < 2:
        raise Wrong(f"'{result.path}' has one output; a {kind} needs several")
    if kind == "series" and not result.series_names:
        raise Wrong(f"'{result.path}' has no series")


def _in_file_name(name):
    """rho_a of rho[a]: letters, digits and what does no harm in the name of a file."""
    return re.sub(r"[^A-Za-z0-9.+-]+", "_", name).strip("_")


def _output_path(result, kind, asked, output):
    base = os.path.splitext(result.path)[0] + "".join(f"-{_in_file_name(name)}" for name in asked or [])
    suffix = (".gif" if _has_pillow() else ".mp4") if kind == "movie" else ".png"
    path = output or f"{base}-{kind}{suffix}"
    if not os.path.splitext(path)[1]:
        path += suffix
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise Wrong(f"there is no folder '{folder}' to write to")
    return path


# ---- movies --------------------------------------------------------------------------------------------------------


def _has_pillow():
    try:
        import PIL.Image  # noqa: F401
    except ImportError:
        return False
    return True


def _write_animation(frames, indices, path, rate):
    """GIF or animated PNG.  One palette for all frames, so that a colour means the same throughout."""
    from PIL import Image

    pictures = []
    for k in indices:
        frames.set(k)
        pictures.append(Image.fromarray(frames.pixels()))
    if path.endswith(".gif"):
        palette = _palette(pictures)
        pictures = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=int(1000 / rate), loop=0, optimize=False)


def _palette(pictures):
    """Of the first, middle and last picture above each other."""
    from PIL import Image

    sample = [pictures[0], pictures[len(pictures) // 2], pictures[-1]]
    width, height = sample[0].size
    sheet = Image.new("RGB", (width, 3 * height))
    for row, picture in enumerate(sample):
        sheet.paste(picture, (0, row * height))
    indexed = sheet.quantize(255, method=Image.Quantize.MEDIANCUT)
    colours = indexed.getpalette()
    lightest = max(range(0, len(colours), 3), key=lambda i: sum(colours[i : i + 3]))
    colours[lightest : lightest + 3] = [255, 255, 255]  # the mean of white paper and the edges of letters is grey
    indexed.putpalette(colours)
    return indexed


def _write_video(frames, indices, path, rate):
    frames.set(indices[0])
    height, width = frames.pixels().shape[:2]
    command = ["ffmpeg", "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}",
               "-r", f"{rate:g}", "-i", "-", "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p", path]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        for k in indices:
            frames.set(k)
            process.stdin.write(frames.pixels().tobytes())
    if process.returncode:
        raise Wrong(f"ffmpeg could not write '{path}'")


def _write_numbered(frames, indices, path):
    folder = os.path.splitext(path)[0] + "-frames"
    os.makedirs(folder, exist_ok=True)
    for number, k in enumerate(indices):
        frames.set(k)
        frames.figure.savefig(os.path.join(folder, f"{number:04d}.png"), dpi=MOVIE_DPI)
    return folder


def _movie(result, names, path):
    """Writes to path, or numbered pictures to a folder where nothing can write movies; returns where."""
    import figures

    figures.plt.rcParams["figure.dpi"] = MOVIE_DPI
    indices = figures.pick_times(result.time, MOVIE_FRAMES)
    frames = figures.Frames(result, names, indices)
    rate = min(max(len(indices) / MOVIE_SECONDS, 4), 25)
    suffix = os.path.splitext(path)[1]
    if suffix == ".mp4" and shutil.which("ffmpeg"):
        _write_video(frames, indices, path, rate)
    elif suffix in (".gif", ".png", ".apng") and _has_pillow():
        _write_animation(frames, indices, path, rate)
    elif suffix in (".mp4", ".gif", ".png", ".apng"):
        needed = "ffmpeg" if suffix == ".mp4" else "Pillow (python3-pil)"
        print(f"rhoflux: no {needed} to write {suffix}; numbered pictures instead", file=sys.stderr)
        return _write_numbered(frames, indices, path)
    else:
        raise Wrong(f"movies are .gif, .png or .mp4, not '{suffix}'")
    return path


# ---- pictures ------------------------------------------------------------------------------------------------------


def _picture(result, kind, names, time, path):
    import figures

    index = None if time is None else result.index(time)
    if kind == "series":
        figure = figures.series(result)
    else:
        figure = {"snapshots": figures.snapshots, "final": figures.final, "spacetime": figures.spacetime}[kind](
            result, names, index)
    return _save(figure, path)


def _save(figure, path):
    suffix = os.path.splitext(path)[1][1:]
    known = sorted(figure.canvas.get_supported_filetypes())
    if suffix not in known:
        raise Wrong(f"no picture format '.{suffix}'; there are: {', '.join(known)}")
    figure.savefig(path)
    return path


def _asked_of_tables(module, tables, arguments):
    """What goes to the functions of a module beside the tables: fields, where it knows some."""
    known = module.fields(tables) if hasattr(module, "fields") else None
    for option in ("field", "time"):
        if getattr(arguments, option) is not None and (known is None or option == "time"):
            raise Wrong(f"--{option} is for results of runs, and '{arguments.result}' has tables")
    return [] if not arguments.field else [_one_of(name, known, "field") for name in arguments.field[:1]]


def _draw_tables(arguments):
    with Tables(arguments.result) as tables:
        if tables.analysis not in ANALYSES:
            raise Wrong(f"no picture for tables of '{tables.analysis}'; there are: {', '.join(ANALYSES)}")
        module = importlib.import_module(ANALYSES[tables.analysis])
        kinds, field = module.KINDS, _asked_of_tables(module, tables, arguments)
        asked = [_one_of(arguments.kind, list(kinds), "kind of picture")] if arguments.kind else list(kinds)
        for kind in asked:
            figure = kinds[kind](tables, *field)
            if figure is not None:
                return _save(figure, _output_path(tables, kind, field, arguments.output))
        raise Wrong(f"'{tables.path}' has nothing to show as {' or '.join(asked)}")


def draw(arguments):
    """Returns the path written."""
    if Tables.are_at(arguments.result):
        return _draw_tables(arguments)
    kind = _one_of(arguments.kind or "snapshots", KINDS, "kind of picture")
    with _open(arguments.result) as result:
        names = _fields(result, arguments.field)
        _check_kind(result, kind)
        path = _output_path(result, kind, arguments.field, arguments.output)
        return _movie(result, names, path) if kind == "movie" else _picture(result, kind, names, arguments.time, path)


def main():
    try:
        arguments = _arguments()
        path = draw(arguments)
    except Wrong as error:
        print(f"rhoflux: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"rhoflux: {error.filename or arguments.result}: {error.strerror or error}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps({"picture": path, "result": arguments.result}))
    elif not arguments.quiet:
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
