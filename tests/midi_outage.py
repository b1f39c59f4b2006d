"""A performance whose sound server is killed and started again, in a process of its own.

MIDI ports and PortAudio share libjack, which frees the clients of both when the server is gone:
what touches one afterwards crashes. Says "it goes on" where nothing did.
"""

from __future__ import annotations

import subprocess
import sys

from mido.frozen import FrozenMessage

from engine.audio.portaudio import restart
from engine.midi import MidiPorts
from tests.jack import Jack
from tests.waiting import wait_until

KEYS = """
import sys, rtmidi
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, "Keys")
out.open_virtual_port("out")
for line in sys.stdin:
    out.send_message(bytes.fromhex(line))
"""


def keys() -> subprocess.Popen[str]:
    """Plugs in a keyboard; it sends the bytes of each line it is given."""
    return subprocess.Popen([sys.executable, "-c", KEYS], stdin=subprocess.PIPE, text=True)


def play(keyboard: subprocess.Popen[str], data: str) -> None:
    assert keyboard.stdin
    keyboard.stdin.write(data + "\n")
    keyboard.stdin.flush()


def main() -> None:
    said: list[str] = []
    heard: list[FrozenMessage] = []

    def wait(kind: str, note: int) -> None:
        def polled() -> bool:
            heard.extend(each for messages in ports.poll().values() for each in messages)
            return any(each.type == kind and each.note == note for each in heard)

        wait_until(polled, f"{kind} {note}; heard {heard}, said {said}")

    with Jack() as jack:
        keyboard = keys()
        ports = MidiPorts(on_event=said.append, api="jack")
        wait_until(lambda: "MIDI: hearing Keys:out" in said, "the keyboard is heard")
        play(keyboard, "90 3c 40")
        wait("note_on", 60)
        jack.kill()
        keyboard.kill()
        restart()
        wait("note_off", 60)
        jack.start()
        restart()
        keyboard = keys()
        wait_until(lambda: "MIDI: Keys:out is back" in said, f"it is back; said {said}")
        play(keyboard, "90 40 40")
        wait("note_on", 64)
        ports.close()
        keyboard.kill()
    print("it goes on")


if __name__ == "__main__":
    main()
