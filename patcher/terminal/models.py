"""`hocket models`: what is installed, how to get the rest, and what this machine can play."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import Annotated

import typer

from patcher.terminal import exits
from patcher.terminal.exits import guarded, say

models = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


@models.callback(invoke_without_command=True)
@guarded
def listed(context: typer.Context, as_json: Json = False) -> None:
    """List the models: what is installed where, and what fetches the rest."""
    if context.invoked_subcommand:
        return
    from patcher.terminal import models_list

    parts = models_list.find()
    if as_json:
        print(json.dumps(models_list.as_json(parts), indent=2, ensure_ascii=False))
        return
    print("\n".join(models_list.table(parts)))
    if not models_list.trained(parts):
        say("no model with trained weights can be played here, only the sketch")


@models.command()
@guarded
def download(
    name: Annotated[str, typer.Argument(help="mrt2_small, mrt2_base, musiccoca or spectrostream.")],
    export: Annotated[
        bool, typer.Option("--export", help="The export for MLX instead of the weights.")
    ] = False,
) -> None:
    """Download a model, or what makes styles and pasts for all of them.

    These, musiccoca and spectrostream, come together.
    """
    from engine.generators.mrt2 import installed
    from engine.generators.mrt2.fetching import fetch

    legal = (*installed.NAMES, installed.ENCODER, installed.CODEC)
    if name not in legal:
        exits.leave(exits.USAGE, f"no download {name!r}; there are: {', '.join(legal)}")
    if export and name not in installed.NAMES:
        exits.leave(exits.USAGE, f"{name} has no export; leave --export out")
    say(f"downloading {name}; Ctrl-C ends it")
    for file in fetch(name, export, sys.stderr if sys.stderr.isatty() else None):
        print(file)


@models.command()
@guarded
def bench(
    name: Annotated[str, typer.Argument(help="A model, as patches name it: mrt2_small, sketch.")],
    most: Annotated[int, typer.Option(min=1, max=1024, help="Instances to stop at.")] = 64,
    as_json: Json = False,
) -> None:
    """Measure how many instances of a model this machine plays in real time."""
    from patcher.terminal import models_bench

    tell = None if as_json else partial(print, flush=True)
    report = models_bench.measure(name, most, tell)
    if as_json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        print(report.verdict())
    if report.interrupted:
        raise typer.Exit(exits.INTERRUPTED)
