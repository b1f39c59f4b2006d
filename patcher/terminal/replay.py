"""`hocket replay`: a recorded performance, rendered again from its log."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from patcher.terminal.arguments import Fallback, check_sound, naming, node_types
from patcher.terminal.exits import InputError, guarded, say


@guarded
def replay(
    log: Annotated[Path, typer.Argument(help="The .hocketlog of a recording, or its folder.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The .wav or .flac to write.")
    ] = Path("replay.wav"),
    stems: Annotated[
        Path | None, typer.Option(help="A folder for each generator's own sound.")
    ] = None,
    fallback: Fallback = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Render a recorded performance again from its log."""
    from engine.recording import clock
    from engine.recording.log import LogError, find_log
    from engine.recording.replay import replay as play_again
    from patcher.terminal import describe
    from patcher.terminal.progress import progress_bar

    check_sound(output)
    bar = progress_bar(f"replaying {log.name}") if sys.stderr.isatty() else nullcontext(None)
    try:
        log = find_log(log)
        with naming(log), bar as progress:
            report = play_again(
                log, node_types(), output, stems=stems, progress=progress, fallback=fallback
            )
    except LogError as error:
        raise InputError(f"{log}: {error}") from None
    for seconds, remark in report.remarks:
        say(f"{clock(seconds)} {remark}")
    if report.lost:
        say(f"{report.lost} frames are silent: the disk was too slow for them at the time")
    files = [report.path, *report.stems]
    if as_json:
        found = describe.report_json(report, files)
        remarks = [{"seconds": seconds, "text": text} for seconds, text in report.remarks]
        print(json.dumps({**found, "lost": report.lost, "remarks": remarks}, indent=2))
        return
    for path in files:
        print(path)
    say(describe.report_line(report))
