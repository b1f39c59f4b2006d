"""PortAudio in this process: looking for devices again, also after a JACK server died.

PortAudio lists devices once, when it starts. To see one that came later it must be ended and
started again, which closes every stream of the process.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any

LOCK = threading.RLock()
"""Held while devices are listed, opened or closed: PortAudio wants one thread at a time there."""

JACK = "JACK Audio Connection Kit"

_abandoned: list[Any] = []


def restart() -> None:
    """Looks for devices again, which may take seconds. No stream may be open."""
    import sounddevice

    with LOCK:
        shut_down()
        sounddevice._initialize()


def shut_down() -> None:
    """Ends PortAudio until `restart`. No stream may be open."""
    import sounddevice

    with LOCK:
        if jack_died():
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


def abandon(stream: Any) -> None:
    """Keeps a stream whose JACK server died from ever being freed: it can no longer be closed."""
    _abandoned.append(stream)


def _use_a_copy() -> None:
    """Goes on with a fresh copy of the library, and leaves the old one as it is.

    Once its JACK server is gone, PortAudio hangs when a stream is closed and aborts the process
    when it is ended (its issue 819: it asserts that jack_deactivate succeeds).
    """
    import sounddevice

    loaded = re.search(r"\S*libportaudio\.so\S*", Path("/proc/self/maps").read_text())
    if not loaded:
        raise OSError("PortAudio's library is not where the process says it is")
    # Another inode, or the loader would hand out the same library again; once loaded, the file
    # may go.
    with tempfile.NamedTemporaryFile(prefix="libportaudio.so.") as copy:
        shutil.copyfile(loaded.group(), copy.name)
        sounddevice._lib = sounddevice._ffi.dlopen(copy.name)
    sounddevice._initialized = 0
