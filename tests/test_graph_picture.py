"""The picture of a patch, as a browser reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal, NamedTuple
from xml.etree import ElementTree

import pytest

from engine.conditioning import Conditioning
from engine.node import Output, read
from engine.patch import Cable, Comment, Node, Patch
from engine.registry import Registry
from engine.signals import Audio, Control, Midi, Notes, Range, Style, Text, Unit
from patcher.terminal.graph_picture import draw_graph
from patcher.ui.colours import COMMENT_COLOURS, SIGNAL_COLOURS, UNKNOWN

SVG = "{http://www.w3.org/2000/svg}"


class Weighted(NamedTuple):
    style: Style
    weight: Unit = 1.0


def keys(channel: int = 0) -> Midi:
    """Plays."""
    return ()


def held(midi: Midi) -> Notes:
    """Holds."""
    raise NotImplementedError


def width(notes: Notes, width: Annotated[Control, Range(0, 127)] = 0) -> Notes:
    """Frees."""
    return notes


def prompt(text: Text = "", voice: Literal["low", "high"] = "low") -> Style:
    """Says."""
    raise NotImplementedError


def mix(*styles: Weighted) -> Style:
    """Mixes."""
    raise NotImplementedError


def model(style: Style, notes: Notes) -> Conditioning:
    """Plays."""
    return Conditioning()


def output(audio: Audio) -> Output:
    """Sounds."""
    return Output(audio)


TYPES: dict[str, Callable[..., Any]] = {
    "midi.input": keys,
    "notes.held": held,
    "mask.width": width,
    "style.prompt": prompt,
    "style.mix": mix,
    "generator.model": model,
    "audio.output": output,
}
REGISTRY = Registry.of({name: read(name, make) for name, make in TYPES.items()})


def patch_of(nodes: Mapping[str, Node | str], *cables: str, title: str = "") -> Patch:
    return Patch(
        title=title,
        nodes={k: Node(v) if isinstance(v, str) else v for k, v in nodes.items()},
        cables=tuple(Cable.between(*each.split(" -> ")) for each in cables),
    )


def drawn(patch: Patch) -> ElementTree.Element:
    return ElementTree.fromstring(draw_graph(patch, REGISTRY))


def boxes(picture: ElementTree.Element) -> dict[str, ElementTree.Element]:
    """The boxes by the id each shows."""
    found = [each for each in picture.iter(f"{SVG}g") if each.get("class") == "node"]
    return {words(each)[0]: each for each in found}


def comments(picture: ElementTree.Element) -> dict[str, ElementTree.Element]:
    """The comments by the first line each shows."""
    found = [each for each in picture.iter(f"{SVG}g") if each.get("class") == "comment"]
    return {words(each)[0]: each for each in found}


def covered(box: ElementTree.Element) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a box or a comment."""
    left, top = corner(box)
    inside = rectangle(box)
    return (
        left,
        top,
        left + float(inside.get("width", "")),
        top + float(inside.get("height", "")),
    )


def words(element: ElementTree.Element) -> list[str]:
    return ["".join(each.itertext()) for each in element.iter(f"{SVG}text")]


def cables(picture: ElementTree.Element) -> dict[str, ElementTree.Element]:
    found = [each for each in picture.iter(f"{SVG}path") if each.get("class") == "cable"]
    return {each.findtext(f"{SVG}title", ""): each for each in found}


def corner(box: ElementTree.Element) -> tuple[float, float]:
    x, y = box.get("transform", "")[len("translate(") : -1].split()
    return float(x), float(y)


def rectangle(box: ElementTree.Element) -> ElementTree.Element:
    found = box.find(f"{SVG}rect")
    assert found is not None
    return found


SIMPLE = patch_of(
    {
        "keys": Node("midi.input", values={"channel": 3}),
        "held": "notes.held",
        "free": Node("mask.width", values={"width": 12}),
        "player": "generator.model",
        "out": "audio.output",
    },
    "keys.midi -> held.midi",
    "held.notes -> free.notes",
    "free.notes -> player.notes",
    "player.audio -> out.audio",
    title="Simple",
)


def test_every_node_and_cable_is_drawn_once() -> None:
    picture = drawn(SIMPLE)
    assert set(boxes(picture)) == {"keys", "held", "free", "player", "out"}
    assert set(cables(picture)) == {
        "keys.midi → held.midi",
        "held.notes → free.notes",
        "free.notes → player.notes",
        "player.audio → out.audio",
    }
    assert "Simple" in words(picture)


def test_a_box_shows_its_type_ports_and_values() -> None:
    found = boxes(drawn(SIMPLE))
    assert words(found["free"]) == ["free", "mask.width", "notes", "width 12", "notes"]
    assert words(found["keys"]) == ["keys", "midi.input", "channel 3", "midi"]
    assert words(found["player"]) == ["player", "generator.model", "style", "notes", "audio"]
    # The output node has an inlet and no outlet.
    assert len(found["out"].findall(f"{SVG}circle")) == 1


def test_a_cable_has_its_signals_colour_and_the_legend_names_it() -> None:
    picture = drawn(SIMPLE)
    colours = {name: each.get("stroke") for name, each in cables(picture).items()}
    assert colours["keys.midi → held.midi"] == SIGNAL_COLOURS["Midi"]
    assert colours["held.notes → free.notes"] == SIGNAL_COLOURS["Notes"]
    assert colours["player.audio → out.audio"] == SIGNAL_COLOURS["Audio"]
    assert words(picture)[-3:] == ["Notes", "Audio", "Midi"]


def test_a_cable_ends_at_the_dots_of_its_ports() -> None:
    picture = drawn(SIMPLE)
    start, end = boxes(picture)["held"], boxes(picture)["free"]
    _, outlet = start.findall(f"{SVG}circle")
    inlet = end.findall(f"{SVG}circle")[0]
    path = cables(picture)["held.notes → free.notes"].get("d", "")
    assert path.startswith(
        f"M{corner(start)[0] + float(outlet.get('cx', '')):g} "
        f"{corner(start)[1] + float(outlet.get('cy', '')):g}C"
    )
    assert path.endswith(f" {corner(end)[0]:g} {corner(end)[1] + float(inlet.get('cy', '')):g}")


def test_the_ports_of_a_group_are_those_in_use_in_their_order() -> None:
    picture = drawn(
        patch_of(
            {
                "a": "style.prompt",
                "b": Node("style.mix", values={"weight2": 0.25, "weight10": 1}),
            },
            "a.style -> b.style10",
            "a.style -> b.style2",
        )
    )
    assert words(boxes(picture)["b"])[2:] == [
        "style2",
        "weight2 0.25",
        "style10",
        "weight10 1",
        "style",
    ]


def test_a_value_is_not_shown_while_a_cable_feeds_it() -> None:
    patch = patch_of(
        {"a": Node("style.mix"), "b": Node("style.mix", values={"weight1": 0.5})},
        "a.style -> b.weight1",
    )
    assert words(boxes(drawn(patch))["b"])[2:] == ["weight1", "style"]


def test_what_is_not_installed_is_dashed_and_says_so() -> None:
    picture = drawn(
        patch_of(
            {
                "ghost": Node("acme.verb", values={"size": "huge"}),
                "spook": "acme.echo",
                "out": "audio.output",
            },
            "ghost.wet -> out.audio",
            "spook.a -> ghost.dry",
        )
    )
    ghost = boxes(picture)["ghost"]
    assert words(ghost) == ["ghost", "acme.verb · not installed", "dry", "size huge", "wet"]
    assert rectangle(ghost).get("stroke-dasharray")
    assert not rectangle(boxes(picture)["out"]).get("stroke-dasharray")
    known, unknown = (cables(picture)[n] for n in ("ghost.wet → out.audio", "spook.a → ghost.dry"))
    # One end tells what the cable carries; with neither it is dashed.
    assert known.get("stroke") == SIGNAL_COLOURS["Audio"]
    assert not known.get("stroke-dasharray")
    assert unknown.get("stroke") == UNKNOWN
    assert unknown.get("stroke-dasharray")
    assert words(picture)[-2:] == ["Audio", "unknown"]


def test_a_bypassed_node_is_dimmed_and_says_so() -> None:
    nodes = {**SIMPLE.nodes, "free": Node("mask.width", bypass=True), "gone": Node("no.such")}
    nodes["gone"] = replace(nodes["gone"], bypass=True)
    found = boxes(drawn(replace(SIMPLE, nodes=nodes)))
    assert words(found["free"])[1] == "mask.width · bypassed"
    assert words(found["gone"])[1] == "no.such · not installed · bypassed"
    assert float(found["free"].get("opacity", 1)) < 0.7
    assert "opacity" not in found["held"].attrib


APART = patch_of(
    {"a": Node("notes.held", at=(100, 100)), "b": Node("mask.width", at=(500, 100))},
    "a.notes -> b.notes",
)


def test_comments_lie_under_the_boxes_where_the_patch_has_them() -> None:
    text = Comment("Play softly\n<b>&", at=(-50, 20), colour="green")
    picture = drawn(replace(APART, comments={"text": text}))
    found = comments(picture)["Play softly"]
    assert words(found) == ["Play softly", "<b>&"]
    assert rectangle(found).get("fill") == COMMENT_COLOURS["green"]
    ours, box = corner(found), corner(boxes(picture)["a"])
    assert (box[0] - ours[0], box[1] - ours[1]) == (150, 80)
    order = [each.get("class") for each in picture.iter() if each.get("class")]
    assert order.index("comment") < order.index("cable") < order.index("node")
    # The picture is as large as what lies in it.
    assert float(picture.get("width", "")) > covered(boxes(picture)["b"])[2] - ours[0]


def test_a_frame_takes_in_the_boxes_that_begin_in_it() -> None:
    frame = Comment("Hands", at=(90, 60), size=(60, 60), colour="mauve")
    picture = drawn(replace(APART, comments={"frame": frame}))
    found = comments(picture)["Hands"]
    assert rectangle(found).get("fill") == COMMENT_COLOURS["grey"]
    left, top, right, bottom = covered(found)
    inside, outside = (covered(boxes(picture)[name]) for name in "ab")
    assert left < inside[0]
    assert top < inside[1]
    assert inside[2] < right < outside[0]
    assert inside[3] < bottom


@pytest.mark.parametrize("far", [0.0, 900_000.0])
def test_comments_whose_place_means_nothing_stand_below_the_boxes(far: float) -> None:
    """Boxes that overlap go into columns, and what is far off would make a picture of nothing."""
    patch = APART if far else SIMPLE
    found = {
        "one": Comment("First", at=(far, far), size=(300, 300)),
        "two": Comment("Second", at=(far, 0)),
    }
    picture = drawn(replace(patch, comments=found))
    lowest = max(covered(each)[3] for each in boxes(picture).values())
    first, second = (covered(comments(picture)[name]) for name in ("First", "Second"))
    assert lowest < first[1] < first[3] < second[1]
    assert float(picture.get("height", "")) < 1_000
    assert float(picture.get("width", "")) < 2_000


def test_a_comment_of_many_lines_and_one_of_none_are_drawn() -> None:
    comments_ = {"many": Comment("la\n" * 20_000), "none": Comment(""), "wide": Comment("la" * 999)}
    picture = drawn(Patch(comments=comments_))
    assert float(picture.get("height", "")) < 1_000
    assert float(picture.get("width", "")) < 1_000


def test_a_port_that_its_node_lacks_is_drawn_too() -> None:
    picture = drawn(
        patch_of({"a": "notes.held", "b": "mask.width"}, "a.nope -> b.huh", "a.notes -> gone.x")
    )
    assert set(cables(picture)) == {"a.nope → b.huh"}
    assert "huh" in words(boxes(picture)["b"])


@pytest.mark.parametrize("text", ["<b>&\"'</b>", "]]></title><script>", "\x00\x1b\ud800", "\u202e"])
def test_text_from_a_patch_stays_text(text: str) -> None:
    patch = patch_of(
        {"a": Node("style.prompt", values={"text": text}), "b": Node(text)},
        title=text,
    )
    picture = drawn(patch)
    shown = "".join("\ufffd" if each in "\x00\x1b\ud800" else each for each in text)
    assert shown in words(picture)
    assert f"text {shown}" in words(picture)
    assert {each.tag for each in picture.iter()} == {
        SVG + tag for tag in ("svg", "g", "rect", "circle", "text", "tspan")
    }


def test_long_texts_are_cut_and_put_on_one_line() -> None:
    text = "a warm felt piano,\n" + "slow and close " * 4_000
    patch = patch_of({"a": Node("style.prompt", values={"text": text})}, title=text)
    picture = drawn(patch)
    assert "text a warm felt piano, slow a…" in words(picture)
    assert float(picture.get("width", "")) < 1_000


def test_an_empty_patch_is_a_picture_too() -> None:
    assert words(drawn(Patch(title="Nothing yet"))) == ["Nothing yet"]


def test_boxes_lie_where_the_patch_has_them() -> None:
    patch = patch_of(
        {"a": Node("notes.held", at=(500, 40)), "b": Node("mask.width", at=(100, 300))},
        "a.notes -> b.notes",
    )
    found = boxes(drawn(patch))
    assert corner(found["a"]) == (400, 0)
    assert corner(found["b"]) == (0, 260)


def test_a_cable_that_leads_back_runs_below_the_boxes() -> None:
    patch = patch_of(
        {
            "a": Node("mask.width", at=(0, 0)),
            "b": Node("mask.width", at=(300, 0)),
            "c": Node("mask.width", at=(600, 0)),
        },
        "a.notes -> b.notes",
        "c.notes -> a.notes",
        "b.notes -> b.width",
    )
    picture = drawn(patch)
    bottom = max(float(rectangle(each).get("height", "")) for each in boxes(picture).values())
    lows = []
    for name in ("c.notes → a.notes", "b.notes → b.width"):
        path = cables(picture)[name].get("d", "")
        lows.append(float(path.partition("H")[0].split()[-1]))
    assert min(lows) > bottom
    assert lows[0] != lows[1]
    below = float(picture.get("height", "")) - max(lows)
    assert below > 100  # the margins and the legend


def test_boxes_that_would_overlap_go_into_columns_from_left_to_right() -> None:
    found = boxes(drawn(SIMPLE))
    lefts = [corner(found[name])[0] for name in ("keys", "held", "free", "player", "out")]
    assert lefts == sorted(lefts)
    assert len(set(lefts)) == 5
