"""Sound files that grow: readable at any moment, and past 4 GiB."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.soundfiles import SoundReader
from engine.wavefile import FLAC_BLOCK, HEADER_BYTES, FlacFile, WaveFile, grow, pcm

RNG = np.random.default_rng(5)


def sound(samples: int) -> np.ndarray:
    return RNG.uniform(-1.2, 1.2, (samples, 2)).astype(np.float32)


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="int32", always_2d=True)[0]


def test_samples_are_what_libsndfile_makes_of_them():
    edges = np.array([0.0, 1.0, -1.0, 2.0, -2.0, 2**-23, -(2**-24), 1e-9, -1e-9], np.float32)
    given = np.concatenate([sound(5000), np.stack([edges, -edges], axis=1)])
    file = io.BytesIO()
    soundfile.write(file, given, 48_000, "PCM_24", format="WAV")
    file.seek(0)
    theirs = soundfile.read(file, dtype="int32")[0]
    assert np.array_equal(pcm(given) >> 8, theirs >> 8)


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_what_is_written_is_what_is_read(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    parts = [sound(1920) for _ in range(10)]
    file = grow(path)
    for part in parts:
        file.write(part)
    file.silence(700_000)
    file.write(parts[0])
    file.close()
    file.close()
    given = np.concatenate([*parts, np.zeros((700_000, 2), np.float32), parts[0]])
    assert np.array_equal(read(path) >> 8, pcm(given) >> 8)
    info = soundfile.info(path)
    assert (info.format, info.subtype) == (ending.upper(), "PCM_24")


def test_a_wav_is_one_that_any_reader_knows(tmp_path):
    file = WaveFile(tmp_path / "a.wav")
    file.write(sound(1920))
    file.close()
    with wave.open(str(tmp_path / "a.wav")) as found:
        shape = (found.getnchannels(), found.getsampwidth(), found.getframerate())
        assert (*shape, found.getnframes()) == (2, 3, 48_000, 1920)


def test_past_4_gib_a_wav_becomes_rf64(tmp_path):
    path = tmp_path / "long.wav"
    six_hours = 6 * 3600 * 48_000
    file = WaveFile(path)
    first, last = sound(1920), sound(1920)
    file.write(first)
    file.silence(six_hours)
    file.write(last)
    file.close()
    with open(path, "rb") as raw:
        assert raw.read(4) == b"RF64"
    info = soundfile.info(path)
    assert (info.format, info.frames) == ("RF64", six_hours + 2 * 1920)
    with soundfile.SoundFile(path) as found:
        found.seek(six_hours + 1920)
        assert np.array_equal(found.read(dtype="int32") >> 8, pcm(last) >> 8)


KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from engine.wavefile import grow
file = grow(Path(sys.argv[1]))
for number in range(100):
    file.write(np.full((1920, 2), number / 200, np.float32))
    if number == 80:
        file.refresh()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("ending", "lost"), [("wav", 0), ("flac", 2 * FLAC_BLOCK)])
def test_after_a_kill_all_up_to_the_last_refresh_is_there(tmp_path, ending, lost):
    path = tmp_path / f"a.{ending}"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    found = read(path)
    assert 81 * 1920 - lost <= len(found) <= 81 * 1920
    numbers = np.arange(100, dtype=np.float32).repeat(1920)[: len(found)] / np.float32(200)
    assert np.array_equal(found[:, 1] >> 8, pcm(numbers) >> 8)
    assert SoundReader(path).seconds == pytest.approx(len(found) / 48_000)


FULL = """
import resource, sys
from pathlib import Path
import numpy as np
from engine.wavefile import grow
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
file = grow(Path(sys.argv[1]))
noise = np.random.default_rng(1).uniform(-1, 1, (1920, 2)).astype(np.float32)
try:
    for number in range(1000):
        file.write(noise)
except OSError as error:
    print(number)
file.close()
"""


def test_on_a_full_disk_the_file_is_whole(tmp_path):
    path = tmp_path / "a.wav"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], check=True, capture_output=True, text=True
    )
    frames = int(done.stdout)
    assert frames == (100_000 - HEADER_BYTES) // (1920 * 6)
    assert soundfile.info(path).frames == frames * 1920
    assert os.path.getsize(path) == HEADER_BYTES + frames * 1920 * 6


def test_a_full_disk_is_said_for_flac_too(tmp_path):
    path = tmp_path / "a.flac"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], check=False, capture_output=True, text=True
    )
    assert int(done.stdout) > 0, done.stderr
    assert len(soundfile.SoundFile(path).read(FLAC_BLOCK)) == FLAC_BLOCK


def test_only_wav_and_flac_are_written(tmp_path):
    with pytest.raises(ValueError, match=r"'a\.mp3' ends neither in \.wav nor in \.flac"):
        grow(tmp_path / "a.mp3")
    with pytest.raises(FileNotFoundError):
        FlacFile(tmp_path / "nowhere" / "a.flac")
