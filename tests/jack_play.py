"""Plays an array file into the sound server, as a process of its own (`Jack.playing`).

It prints its number of channels and its client's name, and begins at a line on standard input.
"""

from __future__ import annotations

import sys
import time

import jack
import numpy as np
import rtmixer


def main() -> None:
    sound = np.load(sys.argv[1])
    # PortAudio takes the next free of its names; the one that came is the one that is new.
    looker = jack.Client("hocket-looker", no_start_server=True)
    before = {port.name for port in looker.get_ports(is_audio=True)}
    with rtmixer.Mixer(channels=sound.shape[1], samplerate=int(sys.argv[2]), latency="low") as out:
        new = {port.name for port in looker.get_ports(is_audio=True)} - before
        name = next(each for each in new if ":out_0" in each)
        for port in looker.get_ports(name.split(":")[0] + ":out_"):
            for target in looker.get_all_connections(port):
                looker.disconnect(port, target)
        print(sound.shape[1], name.split(":")[0], sep="\n", flush=True)
        sys.stdin.readline()
        out.play_buffer(sound.tobytes(), channels=sound.shape[1])
        while True:
            time.sleep(1.0)


if __name__ == "__main__":
    main()
