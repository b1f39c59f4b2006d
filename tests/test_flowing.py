from hypothesis import given
from hypothesis import strategies as st

from patcher.ui.flowing import flowed, unflowed


def short(line):
    return len(line) <= 12


def test_long_lines_are_broken_after_spaces():
    assert flowed("a song of the sea and the wind", short) == "a song of \nthe sea and \nthe wind"


def test_a_word_that_is_too_long_for_a_line_is_whole():
    link = "https://example.org/very/long/" + 300 * "x"
    assert flowed(f"see {link} there", short) == f"see \n{link} \nthere"


def test_line_breaks_of_the_writer_are_kept():
    poem = "one\ntwo\n\nthree"
    assert flowed(poem, short) == poem
    assert unflowed(poem) == poem


@given(st.text(alphabet="ab \n", max_size=200))
def test_a_text_that_nobody_changed_is_as_it_was(text):
    bare = "\n".join(line.rstrip(" ") for line in text.split("\n"))
    assert unflowed(flowed(text, short)) == bare
