"""The command line. Results go to standard output, messages and progress to standard error."""

from __future__ import annotations

import json
import sys
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from patcher.terminal import exits
from patcher.terminal.arguments import (
    Fallback,
    PatchPath,
    check_sound,
    find_patch,
    naming,
    node_types,
    read_patch,
    worded,
)
from patcher.terminal.attach import attach
from patcher.terminal.doctor import devices, doctor
from patcher.terminal.edit import edit
from patcher.terminal.exits import InputError, guarded, say
from patcher.terminal.models import models
from patcher.terminal.replay import replay
from patcher.terminal.run import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.patch import Patch, Problem
    from engine.registry import Registry
    from engine.render import Report

app = typer.Typer(
    name="hocket",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def bare(context: typer.Context) -> None:
    """Patch MIDI, masks, styles and sound into live music models. Without a command: edit."""
    if context.invoked_subcommand is None:
        edit()


@app.command()
@guarded
def render(
    patch: PatchPath,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The .wav or .flac to write.")
    ] = None,
    midi: Annotated[Path | None, typer.Option(help="A MIDI file to play.")] = None,
    audio_in: Annotated[Path | None, typer.Option(help="A sound file as audio input.")] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.04, max=86_400, help="The length; else the inputs'.")
    ] = None,
    tempo: Annotated[
        float, typer.Option(min=20, max=400, help="Beats a minute, where no MIDI file says.")
    ] = 120.0,
    seed: Annotated[int, typer.Option(min=0, help="What random choices start from.")] = 0,
    stems: Annotated[
        Path | None, typer.Option(help="A folder for each generator's own sound.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="A .png of waveform, spectrogram and notes.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NODE.INLET=VALUE", help="A value to set; repeatable."),
    ] = None,
    fallback: Fallback = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Render a patch to a sound file."""
    from engine.compiler import modernise
    from engine.render import Inputs, open_player
    from engine.render import render as render_frames

    path, document = read_patch(patch)
    registry = node_types()
    document = modernise(document, registry)
    for text in set_ or []:
        document = _set(document, registry, text)
    output = output or Path(f"{path.stem}.wav")
    _check_outputs(output, picture)
    inputs = Inputs(_read_midi(midi), _read_audio(audio_in), seconds, tempo, seed)
    with naming(patch):
        player = open_player(document, registry, path.parent, fallback, say)
    assert player.plan is not None
    _print_problems(patch, player.plan.problems)
    with _progress(output) as progress:
        report = render_frames(
            player, inputs, output, stems=stems, keep_notes=picture is not None, progress=progress
        )
    if picture:
        from patcher.terminal.picture import draw_picture

        draw_picture(output, picture, document.title or path.stem, report.notes)
    _print_report(report, picture, as_json)


@app.command()
@guarded
def check(
    patches: Annotated[list[str], typer.Argument(help="Patches to check.", metavar="PATCH...")],
) -> None:
    """Say everything that is wrong with patches."""
    codes = [_check(patch) for patch in patches]
    if any(codes):
        raise typer.Exit(max(codes))


@app.command()
@guarded
def show(
    patch: PatchPath,
    code: Annotated[bool, typer.Option("--code", help="The Python it is compiled to.")] = False,
    graph: Annotated[Path | None, typer.Option(help="An .svg to draw the patch into.")] = None,
) -> None:
    """Show the plan a patch is compiled to."""
    from engine.compiler import compile_patch
    from engine.render import offline_services

    path, document = read_patch(patch)
    registry = node_types()
    with naming(patch):
        plan = compile_patch(document, registry, offline_services(), path.parent)
    if graph:
        from patcher.terminal.graph_picture import draw_graph

        graph.parent.mkdir(parents=True, exist_ok=True)
        graph.write_text(draw_graph(document, registry), encoding="utf-8")
        say(f"drawn to {graph}")
    print(plan.source if code else plan, end="" if code else "\n")


@app.command()
@guarded
def nodes(
    name: Annotated[str | None, typer.Argument(help="A node type, or a family.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
) -> None:
    """List the node types, or explain one."""
    from patcher.terminal import describe

    registry = node_types()
    types = describe.select(registry, name)
    if not types:
        near = ", ".join(registry.near(name or ""))
        hint = f"; did you mean {near}?" if near else "; `hocket nodes` lists all"
        exits.leave(exits.USAGE, f"no node type or family {name!r}{hint}")
    if as_json:
        print(json.dumps([describe.as_json(each) for each in types], indent=2, ensure_ascii=False))
    elif len(types) == 1 and name in (types[0].name, *types[0].aliases):
        print(describe.page(types[0]))
    else:
        print(describe.table(types))
    for fault in registry.faults:
        say(f"{fault.package}: not loaded: {fault.error}")


@app.command()
@guarded
def schema() -> None:
    """Print the JSON Schema of patch files."""
    from engine.files import schema as patch_schema

    print(json.dumps(patch_schema(), indent=2))


for command in (edit, run, attach, replay, devices, doctor):
    app.command()(command)
app.add_typer(models, name="models")


def main() -> None:
    """Runs the command line."""
    app()


def _check(patch: str) -> int:
    """Says everything that is wrong with a patch; returns an exit code."""
    from engine.compiler import compile_patch
    from engine.files import load_patch
    from engine.patch import PatchError
    from engine.render import offline_services

    problems: tuple[Problem, ...]
    try:
        path = find_patch(patch)
        document = load_patch(path)
        problems = compile_patch(document, node_types(), offline_services(), path.parent).problems
    except PatchError as error:
        problems = error.problems
    except OSError as error:
        code, words = exits.verdict(error)
        say(words)
        return code
    except typer.Exit as left:  # no patch has this name, which has been said
        return left.exit_code
    for problem in problems:
        print(f"{patch}: {worded(problem)}")
    if not problems:
        print(f"{patch}: good")
    return 0 if all(each.warning for each in problems) else exits.INVALID


def _set(patch: Patch, registry: Registry, text: str) -> Patch:
    from engine.edits import set_value
    from engine.patch import PatchError

    place, found, value = text.partition("=")
    name, dot, port = place.partition(".")
    if not found or not dot:
        exits.leave(exits.USAGE, f"--set {text!r} is not NODE.INLET=VALUE")
    try:
        parsed: Any = json.loads(value)
    except ValueError:
        parsed = value
    try:
        return set_value(patch, registry, name, port, parsed)
    except PatchError:
        # 808 is a number to JSON; where a text is wanted it is a drum machine.
        with suppress(PatchError):
            return set_value(patch, registry, name, port, value)
        raise


def _check_outputs(output: Path, picture: Path | None) -> None:
    check_sound(output)
    if picture and picture.suffix.lower() != ".png":
        exits.leave(exits.USAGE, f"{picture} does not end in .png")
    if picture:
        picture.parent.mkdir(parents=True, exist_ok=True)


def _read_midi(path: Path | None) -> Any:
    from engine.song import read_song

    try:
        return read_song(path) if path else None
    except ValueError as error:
        raise InputError(str(error)) from None


def _read_audio(path: Path | None) -> Any:
    from engine.soundfiles import SoundReader

    try:
        return SoundReader(path) if path else None
    except ValueError as error:
        raise InputError(str(error)) from None


def _print_problems(patch: str, problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        say(f"{patch}: {worded(problem)}")


def _progress(output: Path) -> AbstractContextManager[Callable[[int, int], None] | None]:
    """Returns a progress bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        return nullcontext(None)
    from patcher.terminal.progress import progress_bar

    return progress_bar(f"rendering {output.name}")


def _print_report(report: Report, picture: Path | None, as_json: bool) -> None:
    from patcher.terminal import describe

    files = [report.path, *report.stems, *([picture] if picture else [])]
    if as_json:
        print(json.dumps(describe.report_json(report, files), indent=2))
        return
    for path in files:
        print(path)
    say(describe.report_line(report))


if __name__ == "__main__":
    main()
