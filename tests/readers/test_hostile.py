"""Files that want to hurt: each ends in time, in little memory, with a reason."""

from __future__ import annotations

import time

import pytest
from reading_files import hostile

from idp_cdi.documents import Document
from idp_cdi.errors import UnreadableInput
from idp_cdi.readers import ReadOptions, _pool, read_many

#: What must be said about some of them; all others may be read or refused, but with a reason.
REFUSED = {
    "zero.pdf": "input.empty",
    "truncated_25.pdf": "pdf.broken",
    "header_only.pdf": "pdf.broken",
    "encrypted.pdf": "pdf.encrypted",
    "encrypted_unknown.pdf": "pdf.encrypted",
    "pages_10000.pdf": "pdf.too_many_pages",
    "pixels_50000.png": "image.too_large",
    "pixels_2_billion.png": "image.too_large",
    "bomb.png": "image.too_large",
    "pixels_60000.tif": "image.too_large",
    "pages_2500.tif": "image.too_many_pages",
    "truncated_50.jpg": "image.broken",
    "entity_outside.xml": "xml.doctype",
    "entity_bomb.xml": "xml.doctype",
    "entity_utf16.xml": "xml.doctype",
    "dtd_network.xml": "xml.doctype",
    "entity_quadratic.xml": "xml.doctype",
    "deep.xml": "xml.broken",
    "unknown.xml": "xml.unknown",
    "members_10000.zip": "archive.too_many",
    "truncated.zip": "archive.broken",
    "empty.zip": "archive.empty",
    "is_sheet.xlsx": "input.unknown_kind",
    "entities.docx": "xml.doctype",
    "bomb.docx": "archive.too_large",
    "parts_1000.eml": "archive.too_many",
    "truncated_75.msg": "mail.broken",
    "table_nowhere.msg": "mail.broken",
    "sectors_2_gigabytes.msg": "mail.broken",
    "messages_40_deep.msg": "archive.too_deep",
    "parts_1000.msg": "archive.too_many",
    "unpacks_to_80_megabytes.msg": "archive.too_large",
    "is_word.doc": "input.unknown_kind",
    "noise.bin": "input.unknown_kind",
    "nulls.txt": "input.unknown_kind",
    "folder.pdf": "input.no_file",
    "dead_link.pdf": "input.no_file",
    "pipe.pdf": "input.no_file",
}
CHILD = {
    "slip.zip": "archive.traversal",
    "absolute.zip": "archive.traversal",
    "drive.zip": "archive.traversal",
    "bomb.zip": "archive.too_large",
    "bombs_many.zip": "archive.too_large",
    "link.zip": "archive.link",
    "locked.zip": "archive.encrypted",
    "zip_bomb.eml": "archive.too_large",
}
PROBLEM = {
    "attachment_no_xml.pdf": "xml.broken",
    "attachment_entities.pdf": "xml.doctype",
    "attachment_zipped_bomb.pdf": "einvoice.broken",
    "page_tree_loop.pdf": "pdf.page_broken",
}
READ = {"really_a_pdf.jpg", "polyglot.pdf", "rubbish_before.pdf", "cmyk.jpg", "exif_odd.jpg"}
READ |= {"table_loops.msg", "directory_loops.msg", "sizes_lie.msg", "rich_text_lies.msg"}
OPTIONS = ReadOptions(ocr="off", deadline_s=6.0, max_unpacked=64 << 20, memory_bytes=640 << 20)
PEAKS: list[int] = []


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    paths = hostile().make(tmp_path_factory.mktemp("hostile"))
    unpickle = _pool._unpickle

    def watched(data):
        found = unpickle(data)
        PEAKS.append(found[1])
        return found

    _pool._unpickle = watched
    began = time.monotonic()
    try:
        results = list(read_many(paths, workers=2, options=OPTIONS))
    finally:
        _pool._unpickle = unpickle
    assert len(results) == len(paths) >= 60
    return paths, results, time.monotonic() - began


def test_every_file_ends_with_a_document_or_a_reason(outcomes):
    for path, result in zip(*outcomes[:2], strict=True):
        if isinstance(result, Document):
            assert result.name == str(path)
        else:
            assert isinstance(result, UnreadableInput)
            assert result.code and result.reason and result.action
            assert result.file == str(path)


def test_nothing_fails_by_surprise(outcomes):
    codes = {
        path.name: result.code
        for path, result in zip(*outcomes[:2], strict=True)
        if isinstance(result, UnreadableInput)
    }
    # A form that calls itself twice makes pdfium grow without end; the limits stop it.
    assert codes.pop("form_calls_itself.pdf") in ("input.crash", "input.deadline", "input.memory")
    assert not {name for name, code in codes.items() if code in ("input.failed", "input.crash")}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_it_is_refused_for_the_right_reason(outcomes, name):
    result = _of(outcomes, name)
    assert isinstance(result, UnreadableInput)
    assert result.code == REFUSED[name]


@pytest.mark.parametrize("name", sorted(CHILD))
def test_a_hostile_member_is_refused_and_named(outcomes, name):
    result = _of(outcomes, name)
    codes = {p.code for child in _all_children(result) for p in child.problems}
    assert CHILD[name] in codes


@pytest.mark.parametrize("name", sorted(PROBLEM))
def test_a_problem_does_not_lose_the_rest(outcomes, name):
    result = _of(outcomes, name)
    assert PROBLEM[name] in {p.code for p in result.problems}
    assert result.pages


@pytest.mark.parametrize("name", sorted(READ))
def test_an_odd_but_honest_file_is_read(outcomes, name):
    assert _of(outcomes, name).pages


def test_a_good_member_survives_its_hostile_neighbour(outcomes):
    children = _of(outcomes, "slip.zip").children
    assert [c.text for c in children if c.pages] == ["Invoice 4711"]


def test_names_of_members_can_not_play_with_the_terminal(outcomes):
    for child in _of(outcomes, "names_odd.zip").children:
        assert child.name.rpartition("!")[2].isprintable()


def test_workers_stay_small(outcomes):
    assert len(PEAKS) > 100
    assert max(PEAKS) < 512 << 20, f"{max(PEAKS) >> 20} MB"


def _of(outcomes, name):
    return next(r for p, r in zip(*outcomes[:2], strict=True) if p.name == name)


def _all_children(document):
    for child in document.children:
        yield child
        yield from _all_children(child)
