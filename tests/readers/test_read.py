"""What each kind of file gives: words with boxes, embedded data, children, problems."""

# ruff: noqa: E501 (made files are long)

from __future__ import annotations

import io
import pickle
import subprocess
import sys
import zipfile
from email.message import EmailMessage

import pytest
from needs import SAMPLES
from reading_files import LINES, hostile, picture, text_pdf

from idp_cdi.documents import PageSource
from idp_cdi.errors import LimitExceeded, MissingDependency, UnreadableInput
from idp_cdi.ocr._engines import choose
from idp_cdi.plugins import ways
from idp_cdi.readers import ReadOptions, Source, read, read_many, read_source, render
from idp_cdi.readers._dispatch import choose as choose_reader


def has_ocr():
    try:
        return bool(choose("auto"))
    except MissingDependency:
        return False


needs_ocr = pytest.mark.skipif(not has_ocr(), reason="no OCR engine: apt-get install tesseract-ocr")
PLAIN = ReadOptions(ocr="off")


def of(data: bytes, name: str = "a", options: ReadOptions = PLAIN):
    return read_source(Source.of_bytes(name, data), options)


@pytest.mark.parametrize("way", ways("readers"), ids=lambda w: w.NAME)
def test_every_way_keeps_the_contract(way):
    assert isinstance(way.NAME, str) and way.NAME
    for head in (b"", b"\x00" * 50, b"%PDF", b"PK", b"<", b"From: x", bytes(range(256))):
        assert 0.0 <= way.score(Source.of_bytes("x", head)) <= 1.0


def test_words_have_boxes_sizes_and_the_page_its_size():
    page = of(text_pdf("Invoice 4711", "Total 12,50")).pages[0]
    assert [w.text for w in page.words] == ["Invoice", "4711", "Total", "12,50"]
    assert (page.width, page.height) == (595, 842)
    first = page.words[0]
    assert first.box.x0 == pytest.approx(72, abs=1)
    assert first.box.y0 < 842 - 760 < first.box.y1 + 3
    assert first.size == 12 and first.confidence == 1


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_page_stands_upright_as_seen(turn):
    page = of(text_pdf("Invoice 4711", page=b"/Rotate %d" % turn)).pages[0]
    expected = (595, 842) if turn % 180 == 0 else (842, 595)
    # The text itself is not turned back, so it is the content that must be.
    assert sorted((page.width, page.height)) == sorted(expected)
    words = page.words
    assert [w.text for w in words] == ["Invoice", "4711"]
    assert words[0].box.width > words[0].box.height
    assert page.rotation == (360 - turn) % 360


def test_boxes_refer_to_the_crop_box():
    page = of(text_pdf("Invoice", page=b"/CropBox[50 700 300 800]")).pages[0]
    assert (page.width, page.height) == (250, 100)
    assert page.words[0].box.x0 == pytest.approx(22, abs=1)


def test_drawn_lines_become_rules():
    maker = hostile()
    data = maker.page_pdf(maker.stream(b"72 700 300 1 re f 72 100 m 72 300 l S 9 9 m 90 90 l S"))
    rules = of(data).pages[0].rules
    assert len(rules) == 2
    assert any(r.width > 290 and r.height < 3 for r in rules)
    assert any(r.height > 190 and r.width < 3 for r in rules)


def test_a_word_broken_at_the_end_of_a_line_stays_on_its_two_lines():
    page = of(text_pdf("the non-", "disclosure of this")).pages[0]
    assert [w.text for w in page.words][:3] == ["the", "non-", "disclosure"]


def test_hash_and_name_are_of_the_file(tmp_path):
    path = tmp_path / "a b.pdf"
    path.write_bytes(text_pdf("Invoice"))
    document = read(path, PLAIN)
    assert document.name == str(path) and len(document.sha256) == 64
    assert document.sha256 == of(path.read_bytes()).sha256
    assert document.seconds > 0


def test_content_decides_and_not_the_extension():
    assert of(text_pdf("Invoice"), "a.docx").reader == "pdf"
    assert of(b"From: a@b.example\nTo: c@d.example\nSubject: x\n\nhello", "a.pdf").reader == "mail"


def test_a_page_can_be_drawn(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(text_pdf("Invoice"))
    image = render(path, 1, dpi=72)
    assert image.size == (595, 842) and image.mode == "RGB"
    with pytest.raises(UnreadableInput):
        render(path, 2)


def test_limits_of_bytes_and_pages_are_kept():
    data = text_pdf("Invoice")
    with pytest.raises(LimitExceeded):
        of(data, options=PLAIN.within(max_bytes=100))
    with pytest.raises(LimitExceeded):
        of(data, options=PLAIN.within(max_pages=0))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF", "PPM"])
def test_every_kind_of_picture_opens(form):
    out = io.BytesIO()
    picture(LINES[:1], width=400, size=12).save(out, form)
    document = of(out.getvalue(), f"a.{form.lower()}")
    assert document.reader == "image" and len(document.pages) == 1


def test_a_tiff_has_all_its_pages():
    out = io.BytesIO()
    page = picture(LINES[:1], width=300, size=10)
    page.save(out, "TIFF", save_all=True, append_images=[page, page])
    assert len(of(out.getvalue(), "a.tif").pages) == 3


def test_the_camera_s_rotation_is_undone():
    out = io.BytesIO()
    image = picture(LINES[:1], width=400, size=12)
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(out, "JPEG", exif=exif)
    page = of(out.getvalue(), "a.jpg").pages[0]
    assert page.height > page.width


@needs_ocr
@pytest.mark.ocr
def test_a_scan_is_read_with_boxes_in_points():
    out = io.BytesIO()
    picture().save(out, "PNG", dpi=(150, 150))
    document = of(out.getvalue(), "a.png", ReadOptions())
    page = document.pages[0]
    assert page.source is PageSource.OCR and document.language == "en"
    assert page.width == pytest.approx(1240 * 72 / 150, abs=1)
    word = next(w for w in page.words if "4711" in w.text)
    assert 40 < word.box.x0 < 400 and 30 < word.box.y0 < 70
    assert 0.5 < word.confidence <= 1


@needs_ocr
@pytest.mark.ocr
def test_no_page_is_read_twice(tmp_path, monkeypatch):
    import idp_cdi.readers._picture as module

    out = io.BytesIO()
    picture(LINES[:2]).save(out, "PNG", dpi=(150, 150))
    options = ReadOptions(cache_dir=tmp_path, effort="fast")
    first = of(out.getvalue(), "a.png", options)

    def never(*_):
        raise AssertionError("read again")

    monkeypatch.setattr(module, "read_image", never)
    again = of(out.getvalue(), "a.png", options)
    assert again.pages == first.pages
    for entry in tmp_path.rglob("*.gz"):
        entry.write_bytes(b"broken")
    with pytest.raises(AssertionError):
        of(out.getvalue(), "a.png", options)


@needs_ocr
@pytest.mark.ocr
def test_mixed_pdfs_are_decided_page_by_page():
    from PIL import Image

    maker = hostile()
    scan = picture(LINES[:2], width=900).convert("L")
    image = (
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8"
        b"/ColorSpace/DeviceGray" % scan.size
    )
    assert isinstance(scan, Image.Image)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>>>"
    data = maker.pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R 8 0 R]/Count 2>>",
            page % 4,
            maker.TEXT,
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            maker.stream(scan.tobytes(), image),
            maker.stream(b"q 595 0 0 220 0 600 cm /X Do Q"),
            page % 7,
        ]
    )
    pages = of(data, options=ReadOptions(effort="fast")).pages
    assert [p.source for p in pages] == [PageSource.TEXT, PageSource.OCR]
    assert any("4711" in w.text for w in pages[1].words)


@needs_ocr
@pytest.mark.ocr
def test_an_invisible_old_ocr_layer_is_read_anew():
    maker = hostile()
    scan = picture(LINES[:2], width=900, height=1270).convert("L")
    image = (
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8"
        b"/ColorSpace/DeviceGray" % scan.size
    )
    content = (
        b"q 595 0 0 842 0 0 cm /X Do Q BT 3 Tr /F 12 Tf 72 720 Td (lNV0lCE nurnber rubbish) Tj ET"
    )
    data = maker.page_pdf(maker.stream(content), more=[maker.stream(scan.tobytes(), image)])
    page = of(data, options=ReadOptions(effort="fast")).pages[0]
    assert page.source is PageSource.OCR and "rubbish" not in page.text
    assert of(data).pages[0].text == "lNV0lCE nurnber rubbish"


@needs_ocr
@pytest.mark.ocr
def test_text_that_lies_under_a_picture_of_the_page_is_read_anew():
    maker = hostile()
    scan = picture(LINES[:2], width=900, height=1270)
    image = (
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8"
        b"/ColorSpace/DeviceGray" % scan.size
    )
    under = b"BT /F 12 Tf 72 720 Td (rubbish) Tj ET q 595 0 0 842 0 0 cm /X Do Q"
    paper = b"q 595 0 0 842 0 0 cm /X Do Q BT /F 12 Tf 72 720 Td (%s) Tj ET"
    stamp = paper % b"received today"
    letter = (paper % (b"Dear Sir or Madam, " * 10)).replace(b"/F 12", b"/F 4")
    cases = ((under, PageSource.OCR), (stamp, PageSource.OCR), (letter, PageSource.TEXT))
    for content, source in cases:
        data = maker.page_pdf(maker.stream(content), more=[maker.stream(scan.tobytes(), image)])
        assert of(data, options=ReadOptions(effort="fast")).pages[0].source is source


def scan_of(*pages):
    """A TIFF with a page for each of the `pages`, which are lines of print."""
    pictures = [picture(lines, width=1000, size=28, height=420) for lines in pages]
    out = io.BytesIO()
    pictures[0].save(out, "TIFF", save_all=True, append_images=pictures[1:], dpi=(150, 150))
    return out.getvalue()


@needs_ocr
def test_pages_read_at_once_are_those_read_one_by_one():
    german = ("Wir bitten um Zahlung der Rechnung", "bis zum 3. Mai auf das Konto der Firma")
    numbered = [(f"Page {n} of the scan", *(german if n % 3 else LINES[:2])) for n in range(7)]
    data = scan_of(*numbered)
    one, four = (of(data, options=ReadOptions(effort="fast", threads=n)) for n in (1, 4))
    assert one.pages == four.pages
    assert [f"Page {n}" in page.text for n, page in enumerate(four.pages)] == [True] * 7


@needs_ocr
def test_a_page_that_fails_among_pages_read_at_once_loses_only_itself(monkeypatch):
    from idp_cdi.ocr import OcrFailed
    from idp_cdi.readers import _picture

    honest = _picture.read_picture

    def third_fails(picture, sha256, number, *rest):
        if number == 3:
            raise OcrFailed("no luck", action="look at it")
        return honest(picture, sha256, number, *rest)

    monkeypatch.setattr(_picture, "read_picture", third_fails)
    document = of(
        scan_of(*[LINES[:1]] * 4), options=ReadOptions(ocr="auto", effort="fast", threads=2)
    )
    assert [p.source for p in document.pages].count(PageSource.OCR) == 3
    assert document.pages[2].problem == "no luck"
    assert [(p.code, p.page) for p in document.problems] == [("ocr.failed", 3)]


def test_a_missing_language_says_what_to_install():
    with pytest.raises(MissingDependency) as caught:
        from idp_cdi.ocr._tessdata import codes_for

        codes_for(("de", "pt"), frozenset({"de"}))
    assert caught.value.action == "apt-get install tesseract-ocr-por"


def test_a_mail_has_its_body_as_page_and_attachments_as_children():
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = (
        "Ann <a@x.example>",
        "b@y.example",
        "Rechnung für Mai",
    )
    mail.set_content("Dear Bob,\nplease find the invoice attached.")
    mail.add_alternative("<p>Dear <b>Bob</b></p>", subtype="html")
    mail.add_attachment(
        text_pdf("Invoice 4711"), maintype="application", subtype="pdf", filename="Ré.pdf"
    )
    document = of(mail.as_bytes(), "m.eml")
    assert document.reader == "mail" and document.metadata["subject"] == "Rechnung für Mai"
    assert "please find" in document.text
    assert [c.name for c in document.children] == ["m.eml!Ré.pdf"]
    assert document.children[0].text == "Invoice 4711"


def test_a_zip_that_holds_word_files_uncompressed_is_no_word_file():
    data = hostile().docx(b"<w:p><w:r><w:t>Invoice 4711</w:t></w:r></w:p>")
    for name in ("a.docx", "inner.zip"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:  # stored, not compressed
            archive.writestr(name, data)
        data = out.getvalue()
    document = of(data, "a.zip")
    (inner,) = document.children
    (word,) = inner.children
    assert (document.reader, inner.reader, word.reader) == ("archive", "archive", "docx")
    assert word.name == "a.zip!inner.zip!a.docx" and word.pages[0].text == "Invoice 4711"


def test_a_mail_in_a_mail_and_a_zip_in_it_are_reached():
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "a@x.example", "inner"
    inner.set_content("inner body")
    packed = hostile().zipped({"a.pdf": text_pdf("Invoice 4711")})
    inner.add_attachment(packed, maintype="application", subtype="zip", filename="a.zip")
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "b@x.example", "outer"
    outer.set_content("see attached")
    outer.add_attachment(inner)
    document = of(outer.as_bytes(), "m.eml")
    mail = document.children[0]
    assert "inner body" in mail.text
    assert mail.children[0].children[0].text == "Invoice 4711"


def test_html_mail_is_read_without_its_markup():
    head = b"From: a@x.example\nTo: b@x.example\nSubject: s\nContent-Type: text/html; charset=utf-8\n\n"
    document = of(head + "<style>p{}</style><p>Größe</p><script>x()</script>".encode(), "m.eml")
    assert "Größe" in document.text and "x()" not in document.text


def test_a_word_document_keeps_paragraphs_and_tables():
    body = (
        b"<w:p><w:r><w:t>This agreement is made</w:t></w:r><w:r><w:tab/><w:t>today</w:t></w:r></w:p>"
        b"<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Name</w:t></w:r></w:p></w:tc>"
        b"<w:tc><w:p><w:r><w:t>Harbour</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        b"<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:br w:type='page'/><w:t>two</w:t></w:r></w:p>"
    )
    document = of(hostile().docx(body), "a.docx")
    assert [p.text for p in document.pages] == ["This agreement is made today Name Harbour", "two"]
    name, value = (
        next(w for w in document.pages[0].words if w.text == t) for t in ("Name", "Harbour")
    )
    assert name.box.y0 == value.box.y0 and value.box.x0 > name.box.x1 + 20


def test_members_of_an_archive_are_children_in_order():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("b/one.txt", "Invoice 1 of May")
        archive.writestr("__MACOSX/x", "rubbish")
        archive.writestr("two.pdf", text_pdf("Invoice 2"))
        archive.writestr("three.xyz", b"\x00\x01")
    document = of(out.getvalue(), "a.zip")
    assert [c.name for c in document.children] == [
        "a.zip!b/one.txt",
        "a.zip!two.pdf",
        "a.zip!three.xyz",
    ]
    assert document.children[2].problems[0].code == "input.unknown_kind"


def test_many_come_back_in_order_and_one_bad_one_stops_nothing(tmp_path):
    paths = []
    for number in range(12):
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(text_pdf(f"Invoice {number}") if number != 5 else b"%PDF-")
        paths.append(path)
    paths.insert(3, tmp_path / "nowhere.pdf")
    results = list(read_many(iter(paths), workers=2, options=PLAIN))
    codes = [getattr(r, "code", "") for r in results]
    assert codes[3] == "input.no_file" and codes[6] == "pdf.broken"
    assert [r.name for r in results if not getattr(r, "code", "")] == [
        str(p) for i, p in enumerate(paths) if i not in (3, 6)
    ]


def test_a_worker_that_is_late_is_ended(tmp_path):
    slow = tmp_path / "slow.pdf"
    slow.write_bytes(hostile().pdfs()["form_calls_itself.pdf"])
    fine = tmp_path / "fine.pdf"
    fine.write_bytes(text_pdf("Invoice"))
    options = PLAIN.within(deadline_s=1.0, memory_bytes=640 << 20)
    late, read_ = read_many([slow, fine], options=options)
    assert late.code in ("input.deadline", "input.crash", "input.cpu")
    assert read_.pages


def test_leaving_early_ends_the_workers(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(text_pdf("Invoice"))
    results = read_many([path] * 50, workers=2, options=PLAIN)
    assert next(results).pages
    results.close()


def test_a_worker_has_quick_files_at_hand_and_its_death_loses_none(tmp_path):
    import os
    import signal

    from idp_cdi.readers._pool import _Pool

    names = []
    for number in range(80):
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(text_pdf(f"Invoice {number}"))
        names.append(str(path))
    pool = _Pool(2, ReadOptions(), None)
    try:
        results = pool.run(iter(names))
        found = [next(results) for _ in range(30)]
        several = max(pool.workers, key=lambda w: len(w.tasks))
        assert len(several.tasks) > 1
        os.kill(several.process.pid, signal.SIGKILL)
        found += results
    finally:
        pool.close()
    assert [document.name for document in found] == names


def test_a_worker_can_not_make_the_parent_run_anything():
    import os

    from idp_cdi.readers._pool import _unpickle

    class Evil:
        def __reduce__(self):
            return os.system, ("true",)

    with pytest.raises(pickle.UnpicklingError):
        _unpickle(pickle.dumps((Evil(), 1)))


@pytest.mark.parametrize("whose", [PageSource, str])
def test_members_of_enumerations_come_back_as_python_3_11_0_to_3_11_3_pickle_them(whose):
    from idp_cdi.readers._pool import _unpickle

    class Member:
        def __reduce__(self):
            return getattr, (whose, "OCR" if whose is PageSource else "join")

    told = pickle.dumps((Member(), 1, 0.5))
    if whose is PageSource:
        assert _unpickle(told) == (PageSource.OCR, 1, 0.5)
    else:
        with pytest.raises(pickle.UnpicklingError):
            _unpickle(told)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="samples are not there")
def test_samples_are_read():
    for path in sorted(SAMPLES.rglob("*.pdf"))[:6]:
        try:
            assert read(path, PLAIN).pages
        except UnreadableInput as error:
            assert "broken" in path.name, error


def test_a_plain_pdf_needs_no_other_reader() -> None:
    code = (
        "import sys; from idp_cdi.readers._dispatch import choose; "
        "from idp_cdi.readers import Source; choose(Source.of_bytes('a.pdf', b'%PDF-1.7')); "
        "print(*sorted(m for m in sys.modules if m.startswith('idp_cdi.readers.')))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "idp_cdi.readers.pdf" in loaded
    assert not {"idp_cdi.readers.msg", "idp_cdi.readers.docx", "idp_cdi.readers.mail"} & set(loaded)


def test_a_wrong_extension_does_not_choose_the_reader() -> None:
    assert choose_reader(Source.of_bytes("a.docx", b"%PDF-1.7")).NAME == "pdf"
    assert choose_reader(Source.of_bytes("a.pdf", b"\x89PNG\r\n\x1a\n")).NAME == "image"
    assert choose_reader(Source.of_bytes("a._pages", b"%PDF-1.7")).NAME == "pdf"
