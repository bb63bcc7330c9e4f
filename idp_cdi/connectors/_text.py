r"""Bytes to lines of text, whatever the encoding, with memory for one block at a time.

One encoding is found from the first megabytes. Lines that it can't read (two exports glued
together) are read as UTF-8 or Windows-1252 instead, and reported.

>>> encoding_of("Müller;Köln\n".encode("latin-1")), encoding_of("Müller".encode("utf-16"))
('cp1252', 'utf-16')
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp_cdi.errors import LimitExceeded, UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

_BLOCK = 1 << 21
_SAMPLE = 1 << 20
_LINE = 256 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = "äöüÄÖÜßéèêëàâçîïôùûñÑáíóúìòåøæÅØÆÉÈÀÇÓÍÁÚãõÃÕÊÔœŒ"
_CENTRAL = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽőűŐŰöüäÖÜÄßđĐăâîșțşţĂÂÎŞŢ"
_CYRILLIC = "".join(map(chr, range(0x410, 0x450))) + "ёЁіїєґІЇЄҐ"
_GREEK = "".join(map(chr, range(0x3AC, 0x3CF))) + "".join(map(chr, range(0x391, 0x3AA))) + "ΆΈΉΊΌΎΏ"
_SIGNS = "€£–—’‘“”„°§®©²³½ºª«»"
#: Encodings of one byte a letter, the usual ones first, with the letters that speak for them.
_EIGHT_BIT = (
    ("cp1252", _WESTERN),
    ("cp1250", _CENTRAL),
    ("cp1251", _CYRILLIC),
    ("cp1253", _GREEK),
    ("cp1254", "ğĞıİşŞçÇöÖüÜâîÂÎ"),
    ("cp850", _WESTERN),
    ("mac_roman", _WESTERN),
    ("iso8859_2", _CENTRAL),
    ("cp852", _CENTRAL),
    ("koi8_r", _CYRILLIC),
    ("cp866", _CYRILLIC),
)


def encoding_of(sample: bytes) -> str:
    """The encoding of `sample`, the beginning of a file; a line may be cut off at its end."""
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    wide = _wide(sample)
    if wide:
        return wide
    if _is_utf8(sample):
        return "utf-8"
    # A file in UTF-8 with a few foreign lines is still a file in UTF-8.
    lines = [line for line in sample.split(b"\n")[:-1] if not line.isascii()]
    good = sum(map(_is_utf8, lines))
    if good and good * 2 >= len(lines):
        return "utf-8"
    return _eight_bit(b"\n".join(lines[:2000]) or sample[:65536])


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _wide(sample: bytes) -> str:
    head = sample[:4096]
    if len(head) < 8:
        return ""
    even, odd = head[0::2].count(0) * 2 / len(head), head[1::2].count(0) * 2 / len(head)
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.05 else ""


def _eight_bit(sample: bytes) -> str:
    """The encoding in which most of the foreign bytes are letters where letters should be."""
    scores = {name: _reads_well(sample, name, letters + _SIGNS) for name, letters in _EIGHT_BIT}
    best = max(scores, key=lambda name: scores[name])  # of equals the first
    if scores[best] >= 0.85:
        return best
    from charset_normalizer import from_bytes

    guess = from_bytes(sample).best()
    if guess is None or "az,;\n".encode(guess.encoding, "replace") != b"az,;\n":
        return best
    return guess.encoding


def _reads_well(sample: bytes, name: str, letters: str) -> float:
    """The share of foreign characters that are expected and stand well in their word."""
    text = f" {sample.decode(name, 'replace')} "
    known = frozenset(letters)
    foreign = [i for i, c in enumerate(text) if ord(c) > 127 and c != "\xa0"]
    good = 0
    for place in foreign:
        before, char, after = text[place - 1], text[place], text[place + 1]
        if char.isalpha():
            good += char in known and not (char.isupper() and before.islower())
        else:
            good += char in known and (not after.isalpha() or char in "°«“„‘")
    return good / len(foreign) if foreign else 1.0


@dataclass(slots=True)
class Lines:
    """The lines of a file with their ends kept; iterate once.

    `odd` collects the numbers of lines that were not in the file's encoding, and `nuls` of those
    with NUL characters, which are dropped. Line numbers start at 1.
    """

    path: Path
    encoding: str = ""
    odd: list[int] = field(default_factory=list)
    nuls: list[int] = field(default_factory=list)
    number: int = 0
    newline: str = "\n"

    def __post_init__(self) -> None:
        sample = head(self.path)
        self.encoding = self.encoding or encoding_of(sample)
        if codecs.lookup(self.encoding).name == "utf-8" and sample.startswith(codecs.BOM_UTF8):
            self.encoding = "utf-8-sig"
        if b"\n" not in sample and b"\r" in sample:
            self.newline = "\r"

    def __iter__(self) -> Iterator[str]:
        with self.path.open("rb") as file:
            for block in self._blocks(file):
                lines = block.split(self.newline)
                if "\0" in block:
                    lines = self._without_nuls(lines)
                last = lines.pop()
                for line in lines:
                    self.number += 1
                    yield line + "\n"
                if last:
                    self.number += 1
                    yield last

    def _without_nuls(self, lines: list[str]) -> list[str]:
        first = self.number + 1
        self.nuls += [number for number, line in enumerate(lines, first) if "\0" in line]
        return [line.replace("\0", "") for line in lines]

    def _blocks(self, file: BinaryIO) -> Iterator[str]:
        name = codecs.lookup(self.encoding).name
        if name.startswith(("utf-16", "utf-32")):
            yield from self._wide_blocks(file)
            return
        mark = self.newline.encode("ascii")
        rest, first = b"", True
        while data := file.read(_BLOCK):
            if first and name == "utf-8-sig":
                data = data.removeprefix(codecs.BOM_UTF8)
            first = False
            cut = data.rfind(mark)
            if cut < 0:
                rest += data
                if len(rest) > _LINE:
                    raise LimitExceeded(
                        f"a line is longer than {_LINE >> 20} MB; is this a text file?",
                        code="feed.line",
                        file=str(self.path),
                    )
                continue
            yield self._decode(rest + data[: cut + 1], name.removesuffix("-sig"))
            rest = data[cut + 1 :]
        if rest:
            yield self._decode(rest, name.removesuffix("-sig"))

    def _wide_blocks(self, file: BinaryIO) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        rest = ""
        while data := file.read(_BLOCK):
            text = rest + decoder.decode(data)
            cut = text.rfind(self.newline)
            rest = text[cut + 1 :]
            if cut >= 0:
                yield text[: cut + 1]
        rest += decoder.decode(b"", final=True)
        if rest:
            yield rest

    def _decode(self, data: bytes, name: str) -> str:
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            return self._line_by_line(data, name)

    def _line_by_line(self, data: bytes, name: str) -> str:
        parts: list[str] = []
        mark = self.newline.encode("ascii")
        for number, line in enumerate(data.split(mark), self.number + 1):
            try:
                parts.append(line.decode(name))
            except UnicodeDecodeError:
                self.odd.append(number)
                other = "utf-8" if name != "utf-8" and _is_utf8(line) else "cp1252"
                parts.append(line.decode(other, "replace"))
        return self.newline.join(parts)


def head(path: Path, size: int = _SAMPLE) -> bytes:
    """The first bytes of a file.

    Raises:
        UnreadableInput: It is not there, is a folder, or may not be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise UnreadableInput(
            error.strerror or "can't be opened", code="feed.open", file=str(path)
        ) from error
