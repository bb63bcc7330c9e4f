"""Geometry of a page: made pages with known parts, and properties of any page."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from idp_cdi.documents import Box, Page, Word
from idp_cdi.layout import analyse, document_tables


def set_words(*lines, size=10.0, step=14.0, top=50.0):
    """Words at (x, text) for each line; None leaves a line empty."""
    words = []
    for number, line in enumerate(lines):
        for x, text in line or ():
            y = top + number * step
            for piece in text.split():
                width = 0.5 * size * len(piece)
                words.append(Word(piece, Box(x, y, x + width, y + size), 1.0, size))
                x += width + 0.3 * size
    return words


def page_of(*lines, rules=(), number=1, **kw):
    return Page(number, 595, 842, tuple(set_words(*lines, **kw)), rules=tuple(rules))


def test_words_at_one_height_are_one_line_and_gaps_part_segments():
    layout = analyse(
        page_of([(50, "Invoice number"), (300, "4711")], [(50, "Date"), (300, "3 May 2024")])
    )
    assert [line.text for line in layout.lines] == ["Invoice number 4711", "Date 3 May 2024"]
    assert [s.text for s in layout.segments] == ["Invoice number", "4711", "Date", "3 May 2024"]
    assert [layout.segments[i].text for i in layout.lines[1].segments] == ["Date", "3 May 2024"]


def test_neighbours_are_the_nearest_with_their_distance():
    layout = analyse(page_of([(50, "Total"), (300, "12,50")], [(50, "Tax"), (300, "2,00")]))
    right = layout.right_of(0)
    assert layout.segments[right.segment].text == "12,50"
    assert right.distance == 300 - 75
    assert layout.segments[layout.below(0).segment].text == "Tax"
    assert layout.segments[layout.above(3).segment].text == "12,50"
    assert layout.left_of(0) is None and layout.above(0) is None
    assert layout.segments[layout.left_of(1).segment].text == "Total"


def test_an_address_is_one_block_and_keeps_apart_from_its_neighbour():
    layout = analyse(
        page_of(
            [(50, "Harbour Trading Ltd"), (350, "Invoice 4711")],
            [(50, "12 Mill Lane"), (350, "3 May 2024")],
            [(50, "Leeds LS1 4AB"), (350, "Customer 77")],
            None,
            None,
            [(50, "Dear Sir or Madam")],
        )
    )
    texts = [b.text for b in layout.blocks]
    assert "Harbour Trading Ltd\n12 Mill Lane\nLeeds LS1 4AB" in texts
    assert "Dear Sir or Madam" in texts


def test_a_drawn_line_parts_blocks_and_segments():
    floor = Box(40, 61.5, 300, 62)
    layout = analyse(page_of([(50, "Seller Ltd")], [(50, "Buyer Ltd")], rules=[floor]))
    assert len(layout.blocks) == 2
    wall = Box(108, 40, 109, 80)
    layout = analyse(page_of([(50, "Seller Ltd"), (110, "Buyer Ltd")], rules=[wall]))
    assert [s.text for s in layout.segments] == ["Seller Ltd", "Buyer Ltd"]


def test_columns_are_read_one_after_the_other():
    left = "left column of running text here"
    right = "right column of running text here"
    lines = [[(50, f"{left} {i}"), (330, f"{right} {i}")] for i in range(12)]
    layout = analyse(page_of(*lines))
    text = layout.text
    assert text.index("left column of running text here 11") < text.index(
        "right column of running text here 0"
    )
    assert len(layout.columns) == 2


TABLE = (
    [(50, "Article"), (250, "Quantity"), (350, "Price"), (450, "Amount")],
    [(50, "Oak chair"), (265, "2"), (350, "50.00"), (450, "100.00")],
    [(50, "with arm rests")],
    [(50, "Pine table"), (265, "1"), (350, "80.00"), (450, "80.00")],
)


def test_an_unruled_table_has_rows_columns_and_a_head():
    (table,) = analyse(page_of([(50, "Thank you for your order")], None, *TABLE)).tables
    assert table.texts == [
        ["Article", "Quantity", "Price", "Amount"],
        ["Oak chair with arm rests", "2", "50.00", "100.00"],
        ["Pine table", "1", "80.00", "80.00"],
    ]
    assert table.header == 1 and not table.ruled


def test_a_ruled_table_follows_its_lines_even_with_empty_cells():
    xs, ys = (40, 200, 400, 550), (45, 61, 75, 90)
    rules = [Box(xs[0], y, xs[-1], y + 0.5) for y in ys] + [
        Box(x, ys[0], x + 0.5, ys[-1]) for x in xs
    ]
    lines = (
        [(50, "Name"), (210, "Role"), (410, "Since")],
        [(50, "Ann"), (410, "2019")],
        [(50, "Bob"), (210, "Clerk")],
    )
    (table,) = analyse(page_of(*lines, rules=rules)).tables
    assert table.ruled and table.header == 1
    assert table.texts == [["Name", "Role", "Since"], ["Ann", "", "2019"], ["Bob", "Clerk", ""]]


def test_a_table_goes_on_over_the_page_and_its_repeated_head_is_known():
    first = analyse(page_of(*TABLE))
    second = analyse(page_of(TABLE[0], TABLE[1], TABLE[3], number=2))
    other = analyse(page_of([(50, "a"), (300, "b")], [(50, "c"), (300, "d")], number=3))
    (parts, *rest) = document_tables([first, second, other])
    assert [p.page for p in parts] == [1, 2] and not rest
    assert parts[1].header == 1


def test_words_that_run_up_the_margin_do_not_disturb_the_lines():
    side = Word("Copyright", Box(10, 50, 18, 110), 1.0, 8.0)
    page = page_of([(50, "Invoice number 4711")], [(50, "of 3 May 2024")])
    layout = analyse(Page(1, 595, 842, (*page.words, side)))
    assert [line.text for line in layout.lines] == [
        "Invoice number 4711",
        "of 3 May 2024",
        "Copyright",
    ]


def test_an_empty_page_has_an_empty_layout():
    layout = analyse(Page(1, 595, 842))
    assert layout.lines == layout.blocks == layout.tables == ()
    assert layout.text == ""


number_ = st.floats(-50, 900, allow_nan=False)
word_ = st.builds(
    lambda text, x, y, w, h: Word(text, Box(x, y, x + w, y + h)),
    st.text("abc1.", min_size=1, max_size=8),
    number_,
    number_,
    st.floats(0, 200),
    st.floats(0, 60),
)
rule_ = st.builds(
    lambda x, y, length, level: Box(
        x, y, x + (length if level else 0.5), y + (0.5 if level else length)
    ),
    number_,
    number_,
    st.floats(8, 500),
    st.booleans(),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(word_, max_size=25), st.lists(rule_, max_size=12))
def test_every_word_is_in_exactly_one_segment_line_and_block(words, rules):
    layout = analyse(Page(1, 595, 842, tuple(words), rules=tuple(rules)))
    everything = sorted(map(id, words))
    assert sorted(id(w) for s in layout.segments for w in s.words) == everything
    assert sorted(id(w) for line in layout.lines for w in line.words) == everything
    assert sorted(i for b in layout.blocks for i in b.segments) == list(range(len(layout.segments)))
    assert sorted(layout.order) == list(range(len(layout.blocks)))
    for index, segment in enumerate(layout.segments):
        assert index in layout.lines[segment.line].segments
        assert index in layout.blocks[segment.block].segments
        for neighbour in layout.neighbours[index]:
            assert neighbour is None or neighbour.segment != index
    for table in layout.tables:
        assert len({len(row) for row in table.rows}) == 1
        assert len(table.edges) == len(table.rows[0])


@settings(max_examples=25, deadline=None)
@given(st.lists(word_, max_size=12), st.randoms())
def test_the_order_in_which_words_come_does_not_matter(words, random):
    distinct = list({w.box: w for w in words}.values())
    shuffled = list(distinct)
    random.shuffle(shuffled)
    one, two = (analyse(Page(1, 595, 842, tuple(ws))) for ws in (distinct, shuffled))
    assert [line.text for line in one.lines] == [line.text for line in two.lines]
    assert one.text == two.text
