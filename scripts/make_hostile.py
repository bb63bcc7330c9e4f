#!/usr/bin/env python3
"""Makes files that want to hurt a reader: bombs, loops, lies, broken and misnamed ones.

    python scripts/make_hostile.py FOLDER            make them
    python scripts/make_hostile.py FOLDER --run      make them and read them all, guarded

Everything is written by this script; no file is larger than a few megabytes on disk. The test
suite reads them in ``tests/readers/test_hostile.py``.
"""

# ruff: noqa: E501 (hostile bytes are long)

from __future__ import annotations

import argparse
import base64
import io
import os
import random
import struct
import sys
import time
import zipfile
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import make_messages  # noqa: E402

Files = dict[str, bytes]


def pdf(objects: list[bytes], trailer: bytes = b"", *, broken_xref: bool = False) -> bytes:
    """A PDF of `objects` (1 is the catalog), with a right xref table unless told otherwise."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        out += b"%010d 00000 n \n" % (0 if broken_xref else place)
    out += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        trailer,
        start,
    )
    return bytes(out)


def stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (extra, len(data), data)


def page_pdf(
    content: bytes, *, page: bytes = b"", more: list[bytes] | None = None, **kw: object
) -> bytes:
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>" + page + b">>",
        content,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *(more or []),
    ]
    return pdf(objects, **kw)  # type: ignore[arg-type]


TEXT = stream(b"BT /F 12 Tf 72 720 Td (Invoice number 4711 of 3 May 2024) Tj ET")


def pdfs() -> Files:
    good = page_pdf(TEXT)
    bomb = zlib.compress(zlib.compress(b" " * 150_000_000, 9), 9)
    wide = zlib.compress(b"\x00" * 20_000_000, 9)
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 100 100]/Resources<</XObject<</X 6 0 R>>>>"
    image = (
        b"/Type/XObject/Subtype/Image/Width 50000/Height 50000/BitsPerComponent 1"
        b"/ColorSpace/DeviceGray/Filter/FlateDecode"
    )
    kids = b" ".join([b"3 0 R"] * 10_000)
    return {
        "zero.pdf": b"",
        "truncated_25.pdf": good[: len(good) // 4],
        "truncated_50.pdf": good[: len(good) // 2],
        "truncated_75.pdf": good[: len(good) * 3 // 4],
        "header_only.pdf": b"%PDF-1.7\n",
        "no_eof.pdf": good[:-40],
        "xref_zero.pdf": page_pdf(TEXT, broken_xref=True),
        "xref_loop.pdf": page_pdf(TEXT, trailer=b"/Prev 9"),
        "xref_self.pdf": good.replace(b"startxref\n", b"startxref\n9"),
        "page_tree_loop.pdf": pdf(
            [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"]
        ),
        "page_parent_loop.pdf": pdf(
            [
                b"<</Type/Catalog/Pages 2 0 R>>",
                b"<</Type/Pages/Kids[3 0 R]/Count 1/Parent 3 0 R>>",
                b"<</Type/Pages/Kids[2 0 R]/Count 1/Parent 2 0 R>>",
            ]
        ),
        "pages_10000.pdf": pdf(
            [
                b"<</Type/Catalog/Pages 2 0 R>>",
                b"<</Type/Pages/Kids[" + kids + b"]/Count 10000>>",
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
            ]
        ),
        "count_lies.pdf": good.replace(b"/Count 1", b"/Count 99999999"),
        "count_negative.pdf": good.replace(b"/Count 1", b"/Count -5"),
        "no_pages.pdf": pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]),
        "no_catalog.pdf": pdf([b"<</Type/Nothing>>"]),
        "encrypted.pdf": page_pdf(
            TEXT,
            trailer=b"/ID[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]"
            b"/Encrypt<</Filter/Standard/V 1/R 2/P -44/O<"
            + b"a1" * 32
            + b">/U<"
            + b"b2" * 32
            + b">>>",
        ),
        "encrypted_unknown.pdf": page_pdf(TEXT, trailer=b"/Encrypt<</Filter/Wonder/V 9>>"),
        "page_huge.pdf": page_pdf(TEXT, page=b"/UserUnit 1").replace(
            b"[0 0 595 842]", b"[0 0 9000000 9000000]"
        ),
        "page_empty_box.pdf": good.replace(b"[0 0 595 842]", b"[0 0 0 0]"),
        "page_turned_inside_out.pdf": good.replace(b"[0 0 595 842]", b"[595 842 0 0]"),
        "page_rotated_oddly.pdf": page_pdf(TEXT, page=b"/Rotate 37"),
        "flate_bomb.pdf": page_pdf(stream(bomb, b"/Filter[/FlateDecode/FlateDecode]")),
        "flate_broken.pdf": page_pdf(stream(b"\x78\x9c" + b"\xff" * 500, b"/Filter/FlateDecode")),
        "form_calls_itself.pdf": page_pdf(stream(b"/X Do"), more=[stream(b"/X Do /X Do", form)]),
        "picture_50000.pdf": page_pdf(
            stream(b"q 500 0 0 700 0 0 cm /X Do Q"), more=[stream(wide, image)]
        ),
        "arrays_nested.pdf": good.replace(b"/Type/Page/", b"/A" + b"[" * 60_000 + b"/Type/Page/"),
        "dictionaries_nested.pdf": good.replace(b"/Type/Page/", b"/A" + b"<</A" * 60_000),
        "states_nested.pdf": page_pdf(stream(b"q " * 500_000)),
        "letters_500000.pdf": page_pdf(
            stream(
                zlib.compress(b"BT /F 1 Tf 9 9 Td " + b"(aaaaaaaaaa) Tj " * 50_000 + b"ET"),
                b"/Filter/FlateDecode",
            )
        ),
        "strokes_200000.pdf": page_pdf(
            stream(zlib.compress(b"0 0 m 9 9 l S " * 200_000), b"/Filter/FlateDecode")
        ),
        "javascript.pdf": page_pdf(TEXT).replace(
            b"/Pages 2 0 R>>", b"/Pages 2 0 R/OpenAction<</S/JavaScript/JS(while(1){})>>>>"
        ),
        "font_missing.pdf": page_pdf(TEXT).replace(b"/F 5 0 R", b"/F 99 0 R"),
        "size_huge.pdf": stream_at_odds(good),
        "rubbish_before.pdf": random.Random(1).randbytes(900) + good,
        "rubbish_inside.pdf": good[:150] + random.Random(2).randbytes(200) + good[150:],
        "really_a_pdf.jpg": good,
        "polyglot.pdf": good + zipped({"a.txt": b"hello"}),
        "attachment_no_xml.pdf": attached(b"this is no XML"),
        "attachment_entities.pdf": attached(BOMB_XML),
        "attachment_zipped_bomb.pdf": attached(b" " * 30_000_000, squeeze=True),
    }


def stream_at_odds(good: bytes) -> bytes:
    return good.replace(b"/Length ", b"/Length 99999999")


def attached(data: bytes, *, squeeze: bool = False) -> bytes:
    packed = zlib.compress(data) if squeeze else data
    extra = b"/Type/EmbeddedFile" + (b"/Filter/FlateDecode" if squeeze else b"")
    return page_pdf(
        TEXT,
        more=[
            stream(b"", b"/Type/XObject/Subtype/Form/BBox[0 0 1 1]"),
            stream(packed, extra),
            b"<</Type/Filespec/F(factur-x.xml)/UF(factur-x.xml)/EF<</F 7 0 R>>>>",
        ],
    ).replace(
        b"/Pages 2 0 R>>",
        b"/Pages 2 0 R/Names<</EmbeddedFiles<</Names[(factur-x.xml)8 0 R]>>>>>>",
        1,
    )


def png(width: int, height: int, data: bytes, *, depth: int = 8, kind: int = 0) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(data, 9))
        + chunk(b"IEND", b"")
    )


def tiff(width: int, height: int, *, following: int = 0) -> bytes:
    tags = [
        (256, width),
        (257, height),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, 200),
        (277, 1),
        (278, height),
        (279, 100),
    ]
    out = bytearray(struct.pack("<2sHI", b"II", 42, 8) + struct.pack("<H", len(tags)))
    for tag, value in tags:
        out += struct.pack("<HHII", tag, 4, 1, value)
    return bytes(out + struct.pack("<I", following)).ljust(400, b"\x80")


def saved(form: str, **kw: object) -> bytes:
    from PIL import Image, ImageDraw

    mode = str(kw.pop("mode", "L"))
    image = Image.new(mode, (400, 200), "white")
    ImageDraw.Draw(image).text((20, 20), "Invoice 4711", fill=0 if mode == "L" else None)
    out = io.BytesIO()
    image.save(out, form, **kw)
    return out.getvalue()


def pictures() -> Files:
    from PIL import Image

    many = io.BytesIO()
    frames = [Image.new("1", (8, 8), index % 2) for index in range(2500)]
    frames[0].save(many, "TIFF", save_all=True, append_images=frames[1:])
    gif = io.BytesIO()
    looks = [Image.new("P", (8, 8), index % 250) for index in range(600)]
    looks[0].save(gif, "GIF", save_all=True, append_images=looks[1:])
    good_png, good_jpeg = saved("PNG"), saved("JPEG")
    return {
        "pixels_50000.png": png(50_000, 50_000, b"\x00" * 100),
        "pixels_2_billion.png": png(2**31 - 1, 2**31 - 1, b""),
        "pixels_zero.png": png(0, 10, b""),
        "bomb.png": png(30_000, 30_000, b"\x00" * 40_000_000),
        "one_pixel.png": png(1, 1, b"\x00\x80"),
        "thread.png": png(1, 60_000, b"\x00\x80" * 60_000),
        "sixteen_bit.png": png(20, 20, b"\x00" * 820, depth=16),
        "truncated_50.png": good_png[: len(good_png) // 2],
        "truncated_50.jpg": good_jpeg[: len(good_jpeg) // 2],
        "header_only.jpg": b"\xff\xd8\xff",
        "cmyk.jpg": saved("JPEG", mode="CMYK"),
        "exif_odd.jpg": good_jpeg[:2]
        + b"\xff\xe1\x00\x22Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x63\x00\x00\x00"
        + good_jpeg[2:],
        "really_a_jpg.pdf": good_jpeg,
        "loop.tif": tiff(10, 10, following=8),
        "pixels_60000.tif": tiff(60_000, 60_000),
        "pages_2500.tif": many.getvalue(),
        "frames_600.gif": gif.getvalue(),
        "broken.webp": b"RIFF\xff\xff\xff\x7fWEBPVP8L" + b"\x2f" * 50,
        "negative.bmp": b"BM"
        + struct.pack("<IHHIIiiHHIIiiII", 154, 0, 0, 54, 40, -50, -50, 1, 24, 0, 100, 0, 0, 0, 0)
        + b"\0" * 100,
    }


BOMB_XML = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]><x>&j;</x>"
)
UBL = (
    '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"'
    ' xmlns:c="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">{}</Invoice>'
)


def xmls() -> Files:
    outside = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    )
    return {
        "entity_outside.xml": outside.encode(),
        "entity_bomb.xml": BOMB_XML,
        "entity_utf16.xml": outside.replace("1.0", '1.0" encoding="utf-16').encode("utf-16"),
        "dtd_network.xml": b'<!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd"><x/>',
        "entity_quadratic.xml": b'<!DOCTYPE x [<!ENTITY a "'
        + b"a" * 50_000
        + b'">]><x>'
        + b"&a;" * 50_000
        + b"</x>",
        "deep.xml": b"<a>" * 200_000 + b"</a>" * 200_000,
        "wide.xml": b"<a>" + b"<b/>" * 500_000 + b"</a>",
        "attribute_huge.xml": b'<a b="' + b"x" * 12_000_000 + b'"/>',
        "attributes_many.xml": b"<a " + b" ".join(b'a%d="1"' % i for i in range(100_000)) + b"/>",
        "truncated.xml": UBL.format("<c:ID>4711</c:ID>").encode()[:150],
        "empty_root.xml": UBL.format("").encode(),
        "unknown.xml": b"<?xml version='1.0'?><recipe><egg/></recipe>",
        "encoding_lies.xml": b"<?xml version='1.0' encoding='utf-8'?><a>\xff\xfe\xe4</a>",
        "encoding_unknown.xml": b"<?xml version='1.0' encoding='klingon'?><a/>",
        "amounts_absurd.xml": UBL.format(
            "<c:ID>1</c:ID><LegalMonetaryTotal><c:PayableAmount>1e999999999</c:PayableAmount>"
            "<c:TaxInclusiveAmount>NaN</c:TaxInclusiveAmount></LegalMonetaryTotal>"
        ).encode(),
        "xinclude.xml": b'<a xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="/etc/passwd" parse="text"/></a>',
        "instruction.xml": b'<?xml version="1.0"?><?xml-stylesheet href="http://192.0.2.1/"?><a/>',
    }


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def docx(body: bytes, **more: bytes) -> bytes:
    space = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    document = b"<w:document %s><w:body>%s</w:body></w:document>" % (space, body)
    return zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": document, **more})


def archives() -> Files:
    nested = page_pdf(TEXT)
    for level in range(12):
        nested = zipped({f"level{level}.zip" if level else "a.pdf": nested})
    link = io.BytesIO()
    with zipfile.ZipFile(link, "w") as archive:
        info = zipfile.ZipInfo("passwd.txt")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    locked = bytearray(zipped({"a.txt": b"secret"}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + place] |= 1
    lying = bytearray(zipped({"a.txt": b"x" * 1000}))
    lying[lying.index(b"PK\x01\x02") + 24 : lying.index(b"PK\x01\x02") + 28] = b"\xff\xff\xff\x7f"
    good = zipped({"a.txt": b"Invoice 4711 of May", "b.txt": b"Invoice 4712 of May"})
    paragraph = b"<w:p><w:r><w:t>x</w:t></w:r></w:p>"
    return {
        "slip.zip": zipped({"../../etc/cron.d/x": b"x", "ok.txt": b"Invoice 4711"}),
        "absolute.zip": zipped({"/etc/passwd": b"x"}),
        "drive.zip": zipped({"C:\\windows\\x.txt": b"x"}),
        "bomb.zip": zipped({"a.txt": b"0" * 700_000_000}),
        "bombs_many.zip": zipped({f"{i}.pdf": b"0" * 20_000_000 for i in range(40)}),
        "nested_12.zip": nested,
        "members_10000.zip": zipped({f"{i}.txt": b"" for i in range(10_000)}),
        "link.zip": link.getvalue(),
        "locked.zip": bytes(locked),
        "size_lies.zip": bytes(lying),
        "truncated.zip": good[: len(good) * 2 // 3],
        "empty.zip": zipped({}),
        "names_odd.zip": zipped({"a\nb\x1b[31m.txt": b"Invoice 4711", "\u202egpj.txt": b"Invoice"}),
        "is_sheet.xlsx": zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<a/>"}),
        "entities.docx": zipped(
            {"[Content_Types].xml": b"<Types/>", "word/document.xml": BOMB_XML}
        ),
        "bomb.docx": docx(paragraph * 3_000_000),
        "long.docx": docx(paragraph * 150_000),
        "no_body.docx": zipped({"[Content_Types].xml": b"<Types/>", "word/styles.xml": b"<a/>"}),
        "tables_nested.docx": docx(
            b"<w:tbl><w:tr><w:tc>" * 150 + paragraph + b"</w:tc></w:tr></w:tbl>" * 150
        ),
    }


def mails() -> Files:
    head = b"From: a@example.com\r\nTo: b@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    multi = head + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
    inside = head + b"\r\nhello\r\n"
    for _ in range(60):
        inside = head + b"Content-Type: message/rfc822\r\n\r\n" + inside
    packed = base64.encodebytes(zipped({"a.txt": b"0" * 100_000_000}))
    nest = b""
    for level in range(300):
        nest += b'Content-Type: multipart/mixed; boundary="n%d"\r\n\r\n--n%d\r\n' % (level, level)
    return {
        "parts_1000.eml": multi + part * 1000 + b"--b--\r\n",
        "nested_60.eml": inside,
        "multiparts_300.eml": head + nest,
        "no_boundary.eml": head + b"Content-Type: multipart/mixed\r\n\r\nhello",
        "boundary_never.eml": multi + b"hello",
        "header_huge.eml": head + b"X-A: " + b"a" * 8_000_000 + b"\r\n\r\nhello",
        "header_broken.eml": head
        + b"Subject: =?utf-8?b?!!!?= =?x?q?=ZZ?=\r\nDate: 99 Foo\r\n\r\nhello",
        "base64_broken.eml": multi
        + b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!=\r\n--b--\r\n",
        "charset_unknown.eml": head + b"Content-Type: text/plain; charset=klingon\r\n\r\nh\xe4llo",
        "zip_bomb.eml": multi
        + b"--b\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + packed
        + b"\r\n--b--\r\n",
        "name_leads_out.eml": multi
        + b'--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename="../../x.txt"\r\n\r\nInvoice\r\n--b--\r\n',
        "html_deep.eml": head + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 100_000 + b"hello",
    }


def others() -> Files:
    text = b"Invoice number 4711\n"
    return {
        "noise.bin": random.Random(3).randbytes(5000),
        "noise.pdf": random.Random(4).randbytes(5000),
        "nulls.txt": b"\x00" * 5000,
        "long.txt": text * 500_000,
        "one_line.txt": b"a" * 3_000_000,
        "line\nfeed.txt": text,
        "\u202etxt.exe.txt": text,
        "-rf.txt": text,
        " blank .txt": text,
        "e\u0301.txt": text,
        "$(touch x);'\".txt": text,
        "a" * 251 + ".txt": text,
        "no_extension": text,
    }


def make(folder: Path) -> list[Path]:
    """Write all files into `folder`; also a pipe, a folder and a dead link named like documents."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for group in (pdfs, pictures, xmls, archives, mails, make_messages.hostile, others):
        for name, data in group().items():
            path = folder / name
            path.write_bytes(data)
            paths.append(path)
    special = [folder / name for name in ("folder.pdf", "dead_link.pdf", "pipe.pdf")]
    special[0].mkdir(exist_ok=True)
    for path, build in ((special[1], lambda p: p.symlink_to("nowhere")), (special[2], os.mkfifo)):
        if not path.is_symlink() and not path.exists():
            build(path)
    return [*paths, *special]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--run", action="store_true", help="read them all in guarded workers")
    parser.add_argument("--ocr", default="auto")
    arguments = parser.parse_args()
    paths = make(arguments.folder)
    print(f"{len(paths)} files")
    if not arguments.run:
        return
    from idp_cdi.documents import Document
    from idp_cdi.readers import ReadOptions, read_many

    options = ReadOptions(
        deadline_s=28.0, page_deadline_s=20.0, ocr=arguments.ocr, max_unpacked=64 << 20
    )
    began = time.monotonic()
    for path, result in zip(paths, read_many(paths, workers=2, options=options), strict=True):
        seconds = time.monotonic() - began
        if isinstance(result, Document):
            said = ", ".join(sorted({p.code for p in result.problems})) or "read"
            said += f" ({len(result.pages)} pages, {len(result.children)} children)"
        else:
            said = f"{result.code}: {result.reason}"
        print(f"{seconds:7.1f} s  {ascii(path.name)[:44]:44} {said}")


if __name__ == "__main__":
    main()
