"""What is connected: audio outputs and inputs, and MIDI ports."""

from __future__ import annotations

from typing import Any

import rtmidi

from engine.audio import portaudio
from engine.audio.portaudio import NoDeviceError
from engine.messages import Device
from engine.midi.ports import OURS, PortList, find_api

CLIENT = "hocket-devices"


def devices() -> list[Device]:
    """Returns what is connected; where no sound plays, as it is now, else as it was before.

    May take a second. What is missing altogether is left out: no PortAudio, no MIDI system.
    """
    portaudio.restart_if_idle()
    return [*audio_devices(), *midi_ports()]


def audio_devices() -> list[Device]:
    """Returns the outputs, then the inputs, as PortAudio listed them when it last looked."""
    found = []
    for kind in portaudio.KINDS:
        try:
            default = portaudio.find(None, kind)["index"]
            listed = portaudio.listed(kind)
        except NoDeviceError:
            continue
        for each in listed:
            rate, channels = each["default_samplerate"], each[f"max_{kind}_channels"]
            found.append(Device(kind, each["name"], each["index"] == default, rate, channels))
    return found


def midi_ports() -> list[Device]:
    """Returns the MIDI ports of others, inputs first: those that can be heard, then played."""
    api = find_api()
    if api is None:
        return []
    heard = [Device("midi_in", name) for name in _names(rtmidi.MidiIn(api, CLIENT))]
    return heard + [Device("midi_out", name) for name in _names(rtmidi.MidiOut(api, CLIENT))]


def _names(client: Any) -> list[str]:
    ports = PortList(client, OURS)
    ports.look()
    client.delete()
    return list(ports.names)
