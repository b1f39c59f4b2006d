"""What a style is made of: how much of each prompt, and where it lies among them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine.patch import Patch
from engine.registry import Registry
from engine.signals import STYLE, STYLE_SIZE
from patcher.editing.causes import upstream
from patcher.editing.ports import carried

Floats = npt.NDArray[np.float64]


def vectors(data: Sequence[bytes]) -> Floats:
    """Returns styles as snapshots hold them as numbers: float64[n, 768]."""
    return np.frombuffer(b"".join(data), "<f2").astype(np.float64).reshape(len(data), STYLE_SIZE)


def prompts_of(patch: Patch, registry: Registry, generator: str) -> list[str]:
    """Returns the outlets, as `node.outlet`, where the styles begin that a generator's is made of.

    They are those of nodes into which no style leads: texts, sounds, listeners.
    """

    def blends(target: str) -> bool:
        return any(
            cable.target == target and carried(patch, registry, cable) is STYLE
            for cable in patch.cables
        )

    found = upstream(patch, generator, lambda cable: carried(patch, registry, cable) is STYLE)
    starts = {each.start for name, cables in found.items() if not blends(name) for each in cables}
    return sorted(starts)


def prompt_words(patch: Patch, node: str) -> str:
    """Returns what a prompt is called: its text or its file, else the node's name."""
    values = patch.nodes[node].values
    fed = {cable.inlet for cable in patch.cables if cable.target == node}
    if values.get("text") and "text" not in fed:
        return f"“{values['text']}”"
    return str(values.get("file") or node)


def shares(prompts: Floats, style: Floats) -> Floats:
    """Returns how much of each prompt a style is made of: float64[n], none below 0.

    They are the weights whose blend comes nearest to the style (least squares); a prompt that
    would weigh less than nothing is left out, the lightest first, and the rest weighed anew.

    Args:
        prompts: float64[n, 768].
        style: float64[768].
    """
    products, aims = prompts @ prompts.T, prompts @ style
    weights = np.zeros(len(prompts))
    heard = np.arange(len(prompts))
    while len(heard):
        found = np.linalg.lstsq(products[np.ix_(heard, heard)], aims[heard], rcond=1e-6)[0]
        if found.min() >= 0.0:
            weights[heard] = found
            break
        heard = np.delete(heard, found.argmin())
    return weights


def strangeness(prompts: Floats, weights: Floats, style: Floats) -> float:
    """Returns how much of a style the blend of its prompts does not account for, 0..1."""
    length = float(np.linalg.norm(style))
    if length == 0.0:
        return 0.0
    return min(float(np.linalg.norm(style - weights @ prompts)) / length, 1.0)


class Map:
    """A flat picture of prompts: the two directions in which they differ most.

    Attributes:
        places: of the prompts, float64[n, 2]; the farthest from the middle is at a distance of 1.
    """

    def __init__(self, prompts: Floats) -> None:
        self._middle = prompts.mean(axis=0)
        apart = prompts - self._middle
        axes = np.linalg.svd(apart, full_matrices=False)[2][:2]
        axes = np.vstack([axes, np.zeros((2 - len(axes), prompts.shape[1]))])
        # Which way round an axis goes is chance; each has its farthest prompt to the right or up.
        places = apart @ axes.T
        far = places[np.abs(places).argmax(axis=0), np.arange(2)]
        self._axes = axes * np.where(far < 0, -1.0, 1.0)[:, None]
        reach = float(np.linalg.norm(places, axis=1).max())
        self._scale = 1.0 / reach if reach > 1e-6 else 0.0
        self.places = self.of(prompts)

    def of(self, styles: Floats) -> Floats:
        """Returns where styles lie: float64[n, 768] to float64[n, 2]."""
        found: Floats = (styles - self._middle) @ self._axes.T * self._scale
        return found
