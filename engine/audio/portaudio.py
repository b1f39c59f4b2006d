"""PortAudio in this process: looking for devices again, also after a JACK server died.

PortAudio lists devices once, when it starts. To see one that came later it must be ended and
started again, which closes every stream of the process.
"""

from __future__ import annotations

import contextlib
import ctypes
import re
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, Literal, get_args

LOCK = threading.RLock()
"""Held while devices are listed, opened or closed: PortAudio wants one thread at a time there."""

Kind = Literal["output", "input"]
KINDS: tuple[Kind, ...] = get_args(Kind)

JACK = "JACK Audio Connection Kit"

_open: list[Any] = []
_jack_lost = threading.Event()
_refused: list[str] = []


class NoDeviceError(Exception):
    """There is no such device, or it cannot be opened; the message says which and why."""


def load() -> Any:
    """Returns the module `sounddevice`.

    Raises:
        NoDeviceError: there is no PortAudio on this machine, or it does not start.
    """
    # Tried once: to look takes two processes, each import that fails leaves a module behind, and
    # who waits for a device looks each second.
    if not _refused:
        try:
            import sounddevice

            return sounddevice
        except OSError:
            _refused.append("PortAudio is missing (Debian, Ubuntu: sudo apt install libportaudio2)")
        except Exception as error:  # its PortAudioError: with the module the class is gone too
            _refused.append(f"PortAudio does not start: {error}; mend that and start hocket again")
    raise NoDeviceError(_refused[0])


def listed(kind: Kind) -> list[dict[str, Any]]:
    """Returns what PortAudio says of every output or input. Raises NoDeviceError."""
    sounddevice = load()
    try:
        with LOCK:
            return [each for each in sounddevice.query_devices() if each[f"max_{kind}_channels"]]
    except sounddevice.PortAudioError as error:
        raise NoDeviceError(f"PortAudio does not answer: {error}") from None


def find(name: str | None, kind: Kind) -> dict[str, Any]:
    """Returns what PortAudio says of a device.

    Args:
        name: the device's, else the first that has it as a part, in any case; None for the default.

    Raises:
        NoDeviceError: there is none; the message lists those that there are.
    """
    sounddevice = load()
    with LOCK:
        found = listed(kind)
        default = sounddevice.default.device[kind]
        if default < 0:
            default = getattr(sounddevice._lib, f"Pa_GetDefault{kind.title()}Device")()
    if name is None:
        fitting = [each for each in found if each["index"] == default] or found
    else:
        fitting = [each for each in found if each["name"] == name]
        fitting += [each for each in found if name.lower() in each["name"].lower()]
    if fitting:
        return dict(fitting[0])
    if not found:
        raise NoDeviceError(f"there is no audio {kind} on this machine")
    names = ", ".join(each["name"] for each in found)
    raise NoDeviceError(f"there is no audio {kind} {name!r}; there are: {names}")


def opened(stream: Any) -> None:
    """Notes that a stream is open, so that nobody ends PortAudio under it."""
    _open.append(stream)


def close(stream: Any, *, dead: bool) -> None:
    """Closes a stream. One whose JACK server died can not be closed and is kept for ever."""
    with LOCK:
        _open.remove(stream)
        if dead and _is_jack(stream.device):
            _keep_for_ever(stream)
            _jack_lost.set()
            leave_running()
        else:
            stream.close(ignore_errors=True)


def _is_jack(device: int) -> bool:
    """Says whether a device is JACK's, or PortAudio can not tell any more."""
    import sounddevice

    try:
        api = sounddevice.query_devices(device)["hostapi"]
        return bool(sounddevice.query_hostapis(api)["name"] == JACK)
    except sounddevice.PortAudioError:
        return True


def leave_running() -> None:
    """Lets the process end without PortAudio's being ended, which may hang or abort it."""
    # Looked up, not imported: another thread may hang in its import.
    if module := sys.modules.get("sounddevice"):
        vars(module)["_initialized"] = 0
        for each in (vars(module).get("_lib"), *_open):
            _keep_for_ever(each)


def _keep_for_ever(used: Any) -> None:
    """Keeps a stream or a library through the end of the process too.

    Where a server only stood still for a while, libjack's thread calls into both again, every few
    ms. When the process ends, Python would unload the library under that thread: a crash.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(used))


def restart_if_idle() -> None:
    """Looks for devices again where that closes no stream."""
    # What does not start is said by the next who opens a device.
    with LOCK, contextlib.suppress(NoDeviceError):
        if not _open:
            restart()


def restart() -> None:
    """Looks for devices again, which may take seconds. No stream may be open.

    Raises:
        NoDeviceError: PortAudio is missing, or does not start again.
    """
    sounddevice = load()
    with LOCK:
        try:
            shut_down()
            sounddevice._initialize()
        except (sounddevice.PortAudioError, OSError) as error:
            raise NoDeviceError(f"PortAudio does not start: {error}") from None


def shut_down() -> None:
    """Ends PortAudio until `restart`. No stream may be open."""
    import sounddevice

    with LOCK:
        if _jack_lost.is_set() or jack_died():
            _use_a_copy()
        elif sounddevice._initialized:
            sounddevice._terminate()


def jack_died() -> bool:
    """Says whether the JACK server that PortAudio had found is gone."""
    import sounddevice

    with LOCK:
        if not sounddevice._initialized:
            return False
        for api in sounddevice.query_hostapis():
            if api["name"] == JACK and api["default_output_device"] >= 0:
                device = sounddevice.query_devices(api["default_output_device"])
                try:
                    sounddevice.RawOutputStream(
                        device=api["default_output_device"],
                        samplerate=device["default_samplerate"],
                        channels=1,
                    ).close()
                except sounddevice.PortAudioError:
                    return True
        return False


def _use_a_copy() -> None:
    """Goes on with a fresh copy of the library, and leaves the old one as it is.

    Once its JACK server is gone, PortAudio hangs when a stream is closed and aborts the process
    when it is ended (its issue 819: it asserts that jack_deactivate succeeds).
    """
    import sounddevice

    # libjack still calls into the old library when it clears up what the dead server left.
    _keep_for_ever(sounddevice._lib)
    maps = Path("/proc/self/maps").read_text()
    original = next(
        path for path in re.findall(r"/\S*libportaudio\S*", maps) if Path(path).exists()
    )
    # Another inode, or the loader would hand out the same library again; once loaded, the file
    # may go.
    with tempfile.NamedTemporaryFile(prefix="libportaudio.so.") as copy:
        shutil.copyfile(original, copy.name)
        sounddevice._lib = sounddevice._ffi.dlopen(copy.name)
    sounddevice._initialized = 0
    _jack_lost.clear()
