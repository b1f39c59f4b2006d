"""Makes engine/style/references.py: where known instruments lie among the measures of sounds.

Plays phrases on General MIDI programs with FluidSynth, on the sketch's own anchors, and plain
sines; measures them as the engine measures any sound; finds the axes that tell the anchors apart
and the references along them; writes the file. Takes a
few minutes. Needs FluidSynth and soundfonts, on Debian and Ubuntu:

    sudo apt install fluidsynth fluid-soundfont-gm csound-soundfont \\
        musescore-general-soundfont-small
    python -m bench.references [--print]

With `--print` nothing is written: it prints how many phrases of each soundfont land on their
anchor when that soundfont is left out of the fit. TimGM6mb is never fitted: the tests hear it as
one that is new.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bench.takes import Take, play, play_sines, play_sketch, takes
from engine.style.lexicon import ANCHORS
from engine.style.measure import Features, measure

Floats = npt.NDArray[np.float64]

SOUNDFONTS = (
    "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/sounds/sf2/sf_GMbank.sf2",
    "/usr/share/sounds/sf3/MuseScore_General_Lite.sf3",
)
PLACE = Path(__file__).parents[1] / "engine/style/references.py"

JOINED = {0: 1, 4: 5, 3: 6}
"""Phrases that are measured once more with another one after them."""
SHRINKING = 0.3
DIMENSIONS = 14
MOST = 16
"""References of an anchor."""


class Measured(NamedTuple):
    """Measures of many phrases, float64[n, 21], and what each was played by."""

    places: Floats
    anchors: npt.NDArray[np.str_]
    programs: npt.NDArray[np.str_]
    sources: npt.NDArray[np.str_]


Heard = tuple[Take, Floats]
"""A take and its measures, float64[21]."""


def hear_soundfont(bank: Path) -> list[Heard]:
    """Plays and measures every take on a soundfont."""
    which = takes()
    return hear(zip(which, play(bank, which), strict=True))


def hear_sketch() -> list[Heard]:
    """Plays and measures what needs no soundfont."""
    return hear((*play_sketch(), *play_sines()))


def hear(played: Iterable[tuple[Take, Floats]]) -> list[Heard]:
    """Measures takes, and some of a program one after the other: a sound is rarely of one kind."""
    sounds = dict(played)
    joined = {
        Take(anchor, program, 10 + one): np.concatenate([sound, sounds[after]])
        for (anchor, program, one), sound in sounds.items()
        if (after := Take(anchor, program, JOINED.get(one, -1))) in sounds
    }
    heard = []
    for take, sound in (sounds | joined).items():
        features = measure(sound / max(float(np.abs(sound).max()), 1e-9))
        heard.append((take, np.append(features.shape, features[1:])))
    return heard


def gathered(heard: Mapping[str, list[Heard]]) -> Measured:
    """Puts together what was heard of each source."""
    rows = [
        (place, take.anchor, f"{take.anchor} {take.program}", source)
        for source, each in heard.items()
        for take, place in each
    ]
    places, *names = zip(*rows, strict=True)
    return Measured(np.array(places), *(np.array(each) for each in names))


def within(places: Floats, groups: npt.NDArray[np.str_]) -> Floats:
    """Returns the covariance of places around the means of their groups, float64[21, 21]."""
    _, group = np.unique(groups, return_inverse=True)
    means = np.array([places[group == each].mean(axis=0) for each in range(group.max() + 1)])
    apart = places - means[group]
    return apart.T @ apart / len(apart)


def fit(measured: Measured) -> tuple[Floats, Floats, dict[str, Floats]]:
    """Returns the centre, the axes, and each anchor's references along them.

    Axes are linear discriminants (Fisher 1936) whose unit is what one program varies by, from
    phrase to phrase and, half of it, from soundfont to soundfont. That covariance is shrunk
    towards its diagonal (Friedman 1989), for there are few phrases for 21 measures.
    """
    places, anchors, programs, sources = measured
    played = np.char.add(np.char.add(sources, "/"), programs)
    spread = 0.5 * within(places, played) + 0.5 * within(places, programs)
    spread = (1 - SHRINKING) * spread + SHRINKING * np.diag(np.diag(spread))
    whitening = np.linalg.cholesky(np.linalg.inv(spread))
    white = places @ whitening
    found = {}
    for anchor in ANCHORS:
        of = np.unique(played[anchors == anchor])
        found[anchor] = clusters(np.array([white[played == each].mean(axis=0) for each in of]))
    together = np.concatenate(list(found.values()))
    main = np.linalg.svd(together - together.mean(axis=0), full_matrices=False)[2][:DIMENSIONS]
    centre = np.round(places.mean(axis=0), 2)
    axes = np.array([[float(f"{each:.2g}") for each in row] for row in whitening @ main.T])
    references = {name: np.round(each @ main.T - centre @ axes, 1) for name, each in found.items()}
    return centre, axes, references


def clusters(means: Floats) -> Floats:
    """Returns up to `MOST` centres (k-means, the best of eight starts), float64[k, 21]."""
    k = min(MOST, len(means))
    best, least = means[:k], np.inf
    for seed in range(8):
        random = np.random.Generator(np.random.PCG64(seed))
        centres = means[random.choice(len(means), k, replace=False)]
        for _ in range(30):
            squares = ((means[:, None] - centres) ** 2).sum(axis=-1)
            nearest = squares.argmin(axis=1)
            centres = np.array(
                [
                    means[nearest == at].mean(axis=0) if (nearest == at).any() else centres[at]
                    for at in range(k)
                ]
            )
        error = float(((means - centres[nearest]) ** 2).sum())
        if error < least:
            best, least = centres, error
    return best


def landed(measured: Measured, centre: Floats, axes: Floats, found: dict[str, Floats]) -> float:
    """Returns the share of phrases whose nearest reference is their own anchor's."""
    along = (measured.places - centre) @ axes
    squares = np.array(
        [((along[:, None] - each) ** 2).sum(axis=-1).min(axis=1) for each in found.values()]
    )
    names = np.array(list(found))
    return float((names[squares.argmin(axis=0)] == measured.anchors).mean())


def written(text: str, centre: Floats, axes: Floats, references: dict[str, Floats]) -> str:
    """Returns the text of the file with other numbers."""
    names = [f"shape {at}" for at in range(1, 9)] + list(Features._fields[1:])
    rows = [f"{name}: {_row(row, '.2g')}" for name, row in zip(names, axes, strict=True)]
    places = [f"{name}: {_row(row, '.1f')}" for name, rows in references.items() for row in rows]
    for block, numbers in {
        "_AXES": "\n".join(rows).replace("0.", "."),
        "_CENTRE": "\n".join(textwrap.wrap(_row(centre, ".2f"), 95)),
        "_REFERENCES": "\n".join(places),
    }.items():
        before, _, rest = text.partition(f'\n{block} = """\n')
        _, _, after = rest.partition('\n"""\n')
        text = f'{before}\n{block} = """\n{numbers}\n"""\n{after}'
    return text


def _row(numbers: Floats, form: str) -> str:
    return " ".join(format(each + 0.0, form) for each in numbers.tolist())


def main(arguments: list[str]) -> None:
    """Writes the file, or prints how well it generalises."""
    heard = {Path(bank).stem: hear_soundfont(Path(bank)) for bank in SOUNDFONTS}
    heard["sketch"] = hear_sketch()
    if "--print" in arguments:
        for bank in map(Path, SOUNDFONTS):
            others = {name: each for name, each in heard.items() if name != bank.stem}
            share = landed(gathered({bank.stem: heard[bank.stem]}), *fit(gathered(others)))
            print(f"{bank.stem}: {share:.0%} of its phrases, fitted without it")
    else:
        PLACE.write_text(written(PLACE.read_text(), *fit(gathered(heard))))


if __name__ == "__main__":
    main(sys.argv[1:])
