#!/usr/bin/env python3
"""Throws damaged files at the parsers: one target each for PDF words, XML, mail, Outlook, ZIP, pictures.

    python scripts/fuzz_reading.py pdf --seconds 60
    python scripts/fuzz_reading.py xml --seconds 60 --seed 7
    python scripts/fuzz_reading.py mail --seconds 60 --keep /tmp/found

Each round takes a good file, damages it and reads it. Only `UnreadableInput` may come out, within
`--slow` seconds. Anything else, and a parser that ends the process, is a find: the file is kept,
its name is printed, and the exit code is 1. PDFs are read in a process of their own, because a
crash of the C library would end this one.
"""

# ruff: noqa: E501 (XML is long)

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from email.message import EmailMessage
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import make_hostile as maker  # noqa: E402
import make_messages as messages  # noqa: E402

from idp_cdi.documents import Document  # noqa: E402
from idp_cdi.errors import UnreadableInput  # noqa: E402
from idp_cdi.readers import ReadOptions, Source, read_many, read_source  # noqa: E402

OPTIONS = ReadOptions(ocr="off", max_unpacked=32 << 20, deadline_s=20.0)
ROUND = 50  # files that are damaged before a worker reads them

XML = (
    '<?xml version="1.0" encoding="UTF-8"?><rsm:CrossIndustryInvoice xmlns:rsm="urn:x" xmlns:ram="urn:y">'
    "<rsm:ExchangedDocument><ram:ID>R1</ram:ID></rsm:ExchangedDocument><rsm:SupplyChainTradeTransaction>"
    "<ram:ApplicableHeaderTradeAgreement><ram:SellerTradeParty><ram:Name>Müller</ram:Name>"
    "</ram:SellerTradeParty></ram:ApplicableHeaderTradeAgreement></rsm:SupplyChainTradeTransaction>"
    "</rsm:CrossIndustryInvoice>"
).encode()


def mail() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@x.example", "b@y.example", "Größe"
    message.set_content("hello")
    message.add_alternative("<p>hello</p>", subtype="html")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="ü.pdf")
    return message.as_bytes()


def seeds(target: str) -> list[bytes]:
    """Good files to begin with."""
    if target == "pdf":
        table = maker.stream(b"72 700 300 1 re f 72 100 m 72 300 l S BT /F 9 Tf (a) Tj ET")
        return [maker.page_pdf(maker.TEXT), maker.page_pdf(table), maker.attached(XML)]
    if target == "xml":
        return [XML, maker.UBL.format("<c:ID>1</c:ID>").encode(), XML.decode().encode("utf-16")]
    if target == "mail":
        return [mail()]
    if target == "msg":
        attached = {"a.txt": b"Invoice 4711", "m": messages.message({"subject": "in"}, head=24)}
        return [messages.message({"subject": "x", "body": "hello"}, attached)]
    if target == "zip":
        return [
            maker.zipped({"a.txt": b"hello"}),
            maker.docx(b"<w:p><w:r><w:t>x</w:t></w:r></w:p>"),
        ]
    return [maker.saved("PNG"), maker.saved("JPEG"), maker.saved("TIFF"), maker.saved("WEBP")]


def damage(data: bytes, chance: random.Random) -> bytes:
    """A few bytes flipped, cut out, doubled, or replaced by what parsers stumble over."""
    raw = bytearray(data)
    words = (
        b"\x00",
        b"\xff" * 4,
        b"99999999",
        b"-1",
        b"<<",
        b"<!DOCTYPE",
        b"\r\n\r\n",
        b"&#x0;",
        b"=?",
    )
    for _ in range(chance.randint(1, 6)):
        if not raw:
            break
        at = chance.randrange(len(raw))
        kind = chance.randrange(5)
        if kind == 0:
            raw[at] = chance.randrange(256)
        elif kind == 1:
            del raw[at : at + chance.randint(1, 40)]
        elif kind == 2:
            raw[at:at] = raw[at : at + chance.randint(1, 200)]
        elif kind == 3:
            raw[at : at + 1] = chance.choice(words)
        else:
            raw = raw[:at] if chance.random() < 0.2 else raw
    return bytes(raw)


def try_here(data: bytes, slow: float) -> str:
    """Read in this process; what is wrong, or nothing."""
    began = time.monotonic()
    try:
        read_source(Source.of_bytes("fuzzed", data), OPTIONS)
    except UnreadableInput:
        pass
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    seconds = time.monotonic() - began
    return f"took {seconds:.1f} s" if seconds > slow else ""


def try_there(batch: list[bytes], folder: Path) -> list[tuple[bytes, str]]:
    """Read in a worker; the files with which something is wrong."""
    paths = []
    for number, data in enumerate(batch):
        paths.append(folder / f"{number}.pdf")
        paths[-1].write_bytes(data)
    found = []
    for data, result in zip(batch, read_many(paths, options=OPTIONS), strict=True):
        if isinstance(result, Document):
            continue
        if result.code in ("input.failed", "input.crash", "input.deadline", "input.cpu"):
            found.append((data, f"{result.code}: {result.reason}"))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("target", choices=["pdf", "xml", "mail", "msg", "zip", "image"])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--slow", type=float, default=10.0)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "fuzzed")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    good = seeds(arguments.target)
    end = time.monotonic() + arguments.seconds
    tried, finds = 0, []
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            batch = [damage(chance.choice(good), chance) for _ in range(ROUND)]
            tried += len(batch)
            if arguments.target == "pdf":
                finds += try_there(batch, Path(folder))
            else:
                finds += [(d, wrong) for d in batch if (wrong := try_here(d, arguments.slow))]
    print(f"{arguments.target}: {tried} damaged files, {len(finds)} finds")
    for number, (data, wrong) in enumerate(finds[:20]):
        arguments.keep.mkdir(parents=True, exist_ok=True)
        path = arguments.keep / f"{arguments.target}{number}"
        path.write_bytes(data)
        print(f"  {path}: {wrong}")
    sys.exit(bool(finds))


if __name__ == "__main__":
    main()
