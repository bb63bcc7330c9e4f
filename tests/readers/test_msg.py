"""Outlook messages: head, bodies in every form, attachments and messages in messages."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_files import script, text_pdf

from idp_cdi.errors import UnreadableInput
from idp_cdi.readers import ReadOptions, Source, read_source
from idp_cdi.readers._compound import Compound
from idp_cdi.readers._rtf import rtf_text, unpacked

maker = script("make_messages")
PLAIN = ReadOptions(ocr="off")


def of(data, name="m.msg"):
    return read_source(Source.of_bytes(name, data), PLAIN)


def test_a_message_has_its_head_and_body_as_page_and_attachments_as_children():
    document = of(
        maker.message(
            {
                "subject": "Rechnung für Mai",
                "sender": "Ann Lee",
                "address": "ann@x.example",
                "to": "Bob",
                "body": "Dear Bob,\r\nplease find the invoice attached.",
            },
            {"Ré.pdf": text_pdf("Invoice 4711"), "long.txt": b"Invoice of May\n" * 400},
        )
    )
    assert document.reader == "msg" and document.media_type == "application/vnd.ms-outlook"
    assert document.metadata["subject"] == "Rechnung für Mai"
    assert document.metadata["from"] == "Ann Lee <ann@x.example>"
    assert document.metadata["date"].startswith("Fri, 03 May 2024 09:30:00")
    assert "please find the invoice attached." in document.text
    assert [c.name for c in document.children] == ["m.msg!Ré.pdf", "m.msg!long.txt"]
    assert document.children[0].text == "Invoice 4711"
    assert document.children[1].text.split().count("Invoice") == 400


def test_a_message_in_a_message_is_read_with_its_own_attachments():
    inner = maker.message({"subject": "inner", "body": "inner body"}, {"a.txt": b"deep"}, head=24)
    document = of(maker.message({"subject": "outer", "body": "see"}, {"forwarded": inner}))
    (mail,) = document.children
    assert mail.name == "m.msg!forwarded.eml" and "inner body" in mail.text
    assert [c.text for c in mail.children] == ["deep"]


def test_an_html_body_is_read_without_its_markup_where_there_is_no_plain_one():
    html = "<style>p{}</style><p>Größe <b>12</b></p>".encode("cp1252")
    page = struct.pack("<HHIQ", 3, 0x3FDE, 6, 1252)
    tree = maker.message({"subject": "s"}, head=32, more={"__substg1.0_10130102": html})
    text = of(tree).text
    assert "Größe 12" in text and "<p>" not in text
    assert page  # the code page is not needed: the encoding is found out


def test_a_body_that_is_only_rich_text_is_unpacked_and_read():
    rich = rb"{\rtf1\ansi\ansicpg1252 Bitte zahlen Sie 5 \u8364? bis \'fcbermorgen.\par Gru\'df}"
    stored = struct.pack("<II4sI", len(rich) + 12, len(rich), b"MELA", 0) + rich
    text = of(maker.message({"subject": "s"}, more={"__substg1.0_10090102": stored})).text
    assert "Bitte zahlen Sie 5 € bis übermorgen." in text and "Gruß" in text


def test_compressed_rich_text_of_the_specification():
    """MS-OXRTFCP 4.1.1: the one message that the document itself spells out."""
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d"
        "0a800fa0"
    )
    rich = unpacked(packed, 1 << 20)
    assert rich == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert rtf_text(rich) == "hello world"


def test_html_wrapped_up_in_rich_text_loses_both_wrappings():
    rich = (
        rb"{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}\htmlrtf \par\htmlrtf0 Invoice"
        rb"{\*\htmltag84 <b>}\htmlrtf {\b\htmlrtf0  4711\htmlrtf }\htmlrtf0 {\*\htmltag92 </b>}}"
    )
    assert rtf_text(rich) == "Invoice 4711"


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.text("abcxyz", min_size=1, max_size=8),
        st.one_of(
            st.binary(max_size=9000),
            st.dictionaries(st.text("abc", min_size=1, max_size=4), st.binary(max_size=300)),
        ),
        max_size=6,
    )
)
def test_what_was_put_into_a_compound_file_comes_out_of_it(tree):
    file = Compound(maker.compound(tree), 1 << 20, "x")

    def taken(folder):
        streams = {name: file.read(place) for name, place in folder.streams.items()}
        return streams | {name: taken(inner) for name, inner in folder.storages.items()}

    assert taken(file.root) == tree


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_message_is_read_or_refused(data):
    raw = bytearray(
        maker.message(
            {"subject": "x", "body": "hello"},
            {"a.txt": b"Invoice", "m": maker.message({"subject": "in"}, head=24)},
        )
    )
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(8, len(raw) - 1))
        raw[at] = data.draw(st.integers(0, 255))
    try:
        of(bytes(raw))
    except UnreadableInput as error:
        assert error.code and error.action


@given(st.binary(max_size=400))
def test_any_bytes_are_rich_text_or_nothing(data):
    head = struct.pack("<II4sI", len(data) + 12, 500, b"LZFu", 0)
    assert len(unpacked(head + data, 300)) <= 300
    assert isinstance(rtf_text(data), str)


def test_a_word_document_of_old_is_no_message():
    with pytest.raises(UnreadableInput) as caught:
        of(maker.hostile()["is_word.doc"], "is_word.doc")
    assert caught.value.code == "input.unknown_kind"
