r"""The text of an Outlook message that only has its body as compressed rich text.

Where the rich text wraps up an HTML body, what is only there for rich-text viewers is left out and
the tags are stripped; the rest is text with its paragraphs.

Source: https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxrtfcp and ms-oxrtfex

>>> rtf_text(rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}Gr\'fc\'dfe\par 5 \u8364? {\b net}}")
'Grüße\n5 € net'
"""

from __future__ import annotations

import re
import struct

_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)",
    re.IGNORECASE,
)
_ASIDE = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer themedata listtable "
    b"listoverridetable rsidtbl generator datastore latentstyles xmlnstbl".split()
)
_BREAKS = {b"par": "\n", b"line": "\n", b"row": "\n", b"tab": "\t", b"cell": "\t"}
_SIGNS = {b"emdash": "—", b"endash": "–", b"bullet": "•", b"lquote": "‘", b"rquote": "’"}
_SIGNS |= {b"ldblquote": "“", b"rdblquote": "”"}


def unpacked(data: bytes, most: int) -> bytes:
    """Compressed rich text as rich text, at most `most` bytes; b"" where it is none."""
    if len(data) < 16:
        return b""
    size, kind = struct.unpack_from("<I4s", data, 4)
    if kind == b"MELA":
        return data[16 : 16 + min(size, most)]
    if kind != b"LZFu":
        return b""
    window = bytearray(4096)
    window[: len(_START)] = _START
    at, place, out = len(_START), 16, bytearray()
    most = min(size, most)
    while place < len(data) and len(out) < most:
        flags = data[place]
        place += 1
        for bit in range(8):
            if flags >> bit & 1:
                if place + 1 >= len(data):
                    return bytes(out[:most])
                offset, length = data[place] << 4 | data[place + 1] >> 4, (data[place + 1] & 15) + 2
                place += 2
                if offset == at:  # the mark of the end
                    return bytes(out[:most])
                copied = range(offset, offset + length)
            elif place < len(data):
                window[at] = data[place]
                place += 1
                copied = range(at, at + 1)
            else:
                break
            for source in copied:
                byte = window[source % 4096]
                window[at] = byte
                out.append(byte)
                at = (at + 1) % 4096
    return bytes(out[:most])


def rtf_text(data: bytes) -> str:
    """The text of rich text, or the text of the HTML that it wraps up."""
    from idp_cdi.readers.text import html_text

    wraps = b"\\fromhtml" in data[:400]
    text = _Walk(wraps=wraps).run(data)
    return (
        html_text(text)
        if wraps
        else "\n".join(line.strip(" ") for line in text.split("\n")).strip()
    )


class _Walk:
    """Goes through the tokens of rich text and collects what is visible."""

    def __init__(self, *, wraps: bool) -> None:
        self.wraps = wraps
        self.codec = "cp1252"
        self.out: list[str] = []
        self.aside = False  # in a group that is not text
        self.shown = True  # False in what only viewers of rich text are to see
        self.skip = 0  # characters that stand in for the one just given as \u
        self.bytes = bytearray()
        self.stack: list[tuple[bool, bool]] = []

    def run(self, data: bytes) -> str:
        for match in _TOKEN.finditer(data):
            word, number, code, symbol, brace, plain = match.groups()
            if code is not None:
                self._byte(int(code, 16))
                continue
            if self.bytes:
                self._flush()
            if brace == b"{":
                self.stack.append((self.aside, self.shown))
            elif brace == b"}":
                if self.stack:
                    self.aside, self.shown = self.stack.pop()
            elif word is not None:
                self._word(word, int(number) if number else None)
            elif symbol is not None:
                self._symbol(symbol)
            elif plain is not None:
                skipped = min(self.skip, len(plain))
                self.skip -= skipped
                self._add(plain[skipped:].decode(self.codec, "replace"))
        self._flush()
        return "".join(self.out)

    def _byte(self, value: int) -> None:
        if self.skip:
            self.skip -= 1
        elif not self.aside and self.shown:
            self.bytes.append(value)

    def _flush(self) -> None:
        if self.bytes:
            self.out.append(self.bytes.decode(self.codec, "replace"))
            self.bytes.clear()

    def _add(self, text: str) -> None:
        if not self.aside and self.shown:
            self.out.append(text)

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self.aside = True
        elif symbol in (b"\\", b"{", b"}"):
            self._add(symbol.decode())
        elif symbol == b"~":
            self._add(" ")

    def _word(self, word: bytes, number: int | None) -> None:
        if word == b"ansicpg" and number is not None:
            self.codec = _codec(number)
        elif word == b"htmltag":
            self.aside = not self.wraps  # the one starred group that is the text's own
        elif word == b"htmlrtf":
            self.shown = number == 0
        elif word == b"u" and number is not None:
            code = number % 65536
            self._add("\ufffd" if 0xD800 <= code < 0xE000 else chr(code))
            self.skip = 1
        elif word in _ASIDE:
            self.aside = True
        elif word in _BREAKS or word in _SIGNS:
            self._add(_BREAKS.get(word) or _SIGNS[word])


def _codec(number: int) -> str:
    import codecs

    try:
        return codecs.lookup(f"cp{number}").name
    except LookupError:
        return "cp1252"
