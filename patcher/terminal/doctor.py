"""`hocket devices` and `hocket doctor`: what is there, what is missing, and how it sounds."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from patcher.terminal import exits
from patcher.terminal.exits import guarded, say
from patcher.words import DEVICE_KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.messages import Device


class Finding(NamedTuple):
    """One thing that was looked at.

    Attributes:
        text: what was found, in words.
        mend: the line that mends it; empty where nothing is wrong.
        needed: whether nothing is heard without it.
    """

    text: str
    mend: str = ""
    needed: bool = False


@guarded
def devices(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List the audio devices and MIDI ports; * marks what is taken where none is named."""
    import msgspec

    from engine.devices import devices as connected

    found = connected()
    if as_json:
        print(json.dumps(msgspec.to_builtins(found), indent=2, ensure_ascii=False))
    elif found:
        print(table(found))
    else:
        say("nothing is connected; `hocket doctor` says what is missing")


def table(found: Sequence[Device]) -> str:
    """Returns devices as lines of text, in the order given."""
    lines = []
    for each in found:
        detail = f"  {each.channels} ch, {each.rate:g} Hz" if each.rate else ""
        lines.append(
            f"{DEVICE_KINDS[each.kind]:<9} {'*' if each.default else ' '} {each.name}{detail}"
        )
    return "\n".join(lines)


@guarded
def doctor(
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="The audio device, or a part of its name.")
    ] = None,
    input_: Annotated[
        str | None, typer.Option("--input", "-i", help="The audio device to listen to.")
    ] = None,
    silent: Annotated[bool, typer.Option("--silent", help="Play no test sound.")] = False,
) -> None:
    """Say what is missing and how to mend it, then play 2 seconds and listen."""
    findings = examine()
    for each in findings:
        print(f"{'missing' if each.mend else 'good':<8} {each.text}")
        if each.mend:
            print(f"{'':<8} -> {each.mend}")
    if any(each.mend and each.needed for each in findings):
        exits.leave(exits.UNAVAILABLE, "no sound can be heard before this is mended")
    if not silent:
        from patcher.terminal.selftest import play_and_listen

        heard = play_and_listen(output, input_)
        for line in heard.words():
            print(line)
        if not heard.played:
            raise typer.Exit(exits.UNAVAILABLE)


def examine() -> list[Finding]:
    """Looks at everything that playing live needs, what nothing goes without first."""
    return [*_audio(), _midi(), *_generators(), _cache()]


def _audio() -> list[Finding]:
    from engine.audio import portaudio
    from engine.devices import audio_devices

    try:
        portaudio.load()
    except portaudio.NoDeviceError as error:
        return [Finding("PortAudio, which plays the sound", str(error), needed=True)]
    portaudio.restart_if_idle()
    found = audio_devices()
    findings = [Finding("PortAudio is there")]
    for kind, needed in (("output", True), ("input", False)):
        names = [f"{each.name}{' (default)' * each.default}" for each in found if each.kind == kind]
        if names:
            findings.append(Finding(f"{DEVICE_KINDS[kind]}: {', '.join(names)}"))
        else:
            findings.append(Finding(f"{DEVICE_KINDS[kind]}: no device", _no_device(), needed))
    return findings


def _no_device() -> str:
    """Returns what to do where PortAudio lists no device."""
    if platform.system() != "Linux":
        return "connect an audio device, then: hocket doctor"
    cards = list(Path("/dev/snd").glob("pcm*"))
    if cards and not any(os.access(card, os.R_OK | os.W_OK) for card in cards):
        return "sudo usermod -aG audio $USER, then log in again"
    if cards:
        return "jackd -d alsa"
    return "connect an audio device; to try without one: jackd -r -d dummy -r 48000 -p 256"


def _midi() -> Finding:
    import rtmidi

    from engine.devices import midi_ports
    from engine.midi.ports import find_api

    api = find_api()
    if api is None:
        mend = "sudo modprobe snd-seq" if platform.system() == "Linux" else "start a MIDI driver"
        return Finding("MIDI: no system for it answers", mend)
    names = ", ".join(each.name for each in midi_ports() if each.kind == "midi_in")
    return Finding(f"MIDI by {rtmidi.get_api_display_name(api)}: {names or 'nothing is connected'}")


def _generators() -> list[Finding]:
    findings = [Finding("the sketch generator is built in")]
    apple = platform.system() == "Darwin" and platform.machine() == "arm64"
    library = "mlx" if apple else "jax"
    pip = f"{sys.executable} -m pip install"
    if importlib.util.find_spec(library):
        findings.append(Finding(f"{library} is there"))
    else:
        findings.append(Finding(f"{library}, which models run on", f"{pip} {library}"))
    return findings


def _cache() -> Finding:
    import platformdirs

    folder = Path(platformdirs.user_cache_dir("hocket"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Finding(f"the cache folder {folder} can be written")
    except OSError as error:
        reason = error.strerror or str(error)
        return Finding(f"the cache folder {folder}: {reason}", f"sudo chown -R $USER {folder}")
