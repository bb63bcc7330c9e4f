"""Bank statements in SWIFT MT940 text.

Source: SWIFT MT940 (Customer Statement Message) and the banks' common ways to structure tag 86:
``?20…?63`` sub-fields (Germany, Austria, Poland) and ``/CNTP/…/REMI/…`` words (the Netherlands).
One row a booking, as for camt; amounts are signed, what leaves the account is negative.
"""

from __future__ import annotations

import hashlib
import re
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from idp_cdi.connectors import CHUNK_ROWS, Chunk, Connection, Reject, State, Stream
from idp_cdi.connectors._bank import COLUMNS, MAPPING, party_key
from idp_cdi.connectors._files import file_mark, option
from idp_cdi.connectors._table import Gather
from idp_cdi.connectors._text import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "mt940"
_SUFFIXES = {".sta": 1.0, ".mt940": 1.0, ".940": 1.0, ".swi": 0.9}
_TAG = re.compile(r"^:(\d{2}[A-Z]?):(.*)$", re.DOTALL)
_BOOKING = re.compile(
    r"^(?P<value>\d{6})(?P<entry>\d{4})?(?P<mark>R?[CD])(?P<funds>[A-Z])?"
    r"(?P<amount>\d[\d.]*,?\d{0,2})(?P<type>[A-Z][A-Z0-9]{3})(?P<reference>.*)$",
    re.DOTALL,
)
_SUB = re.compile(r"\?(\d{2})")
_WORD = re.compile(r"/(CNTP|REMI|EREF|MARF|NAME|IBAN|BIC|ORDP|BENM|CSID|RTRN|TRCD|ISDT|PREF)/")
_SEPA = re.compile(r"(EREF|KREF|MREF|CRED|SVWZ|ABWA|ABWE|IBAN|BIC)\+")


class _Balance(NamedTuple):
    account: str = ""
    statement: str = ""
    currency: str = ""


def score(location: str) -> float:
    """1 for the usual endings."""
    return 0.0 if "://" in location else _SUFFIXES.get(Path(location).suffix.lower(), 0.0)


def mapping(stream: Stream) -> dict[str, Any]:
    """What the columns mean; known without looking."""
    return MAPPING


def streams(connection: Connection) -> list[Stream]:
    """The bookings of all statements in the file."""
    return [Stream("bookings", COLUMNS, ("account", "reference"))]


def read(connection: Connection, stream: Stream, state: State) -> Iterator[Chunk]:
    """The bookings after ``state["row"]``, while the file is the one the state is about."""
    path = Path(connection.location)
    mark = file_mark(path)
    done = int(state.get("row", 0)) if state.get("file") == mark else 0
    gather, number, where = Gather(COLUMNS), 0, _Balance()
    held: tuple[int, str] | None = None
    tags = _tags(Lines(path, option(connection, "encoding")))
    for line, tag, content in chain(tags, [(0, "", "")]):
        if held is not None:
            number += 1
            if number > done:
                _book(gather, held, content if tag == "86" else "", where)
            held = None
            if len(gather.cells) >= CHUNK_ROWS:
                yield gather.chunk({"file": mark, "row": number})
        if tag == "61":
            held = (line, content)
        elif tag == "25":
            where = where._replace(account=content.strip())
        elif tag in ("28C", "28"):
            where = where._replace(statement=content.strip())
        elif tag in ("60F", "60M"):
            where = where._replace(currency=content[7:10])
    if gather or number > done:
        yield gather.chunk({"file": mark, "row": number})


def _tags(lines: Lines) -> Iterator[tuple[int, str, str]]:
    """(line number, tag, content): lines that begin no tag go on with the one before."""
    first, tag, content = 0, "", ""
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        match = _TAG.match(line)
        ends = line.startswith(("-}", "{")) or line == "-"
        if match or ends:
            if tag:
                yield first, tag, content
            first, tag, content = (number, match[1], match[2]) if match else (0, "", "")
        elif tag:
            content += "\n" + line
    if tag:
        yield first, tag, content


def _book(gather: Gather, held: tuple[int, str], told: str, where: _Balance) -> None:
    line, content = held
    match = _BOOKING.match(content)
    if match is None:
        cells = (("61", content), ("86", told))
        reason = "tag 61 is not as SWIFT writes it"
        gather.rejects.append(Reject(line, "mt940.61", reason, cells))
        return
    mark = match["mark"]
    incoming = mark in ("C", "RD")
    direction = "in" if incoming else "out"
    amount = match["amount"].replace(".", "").rstrip(",").replace(",", ".")
    value = _date(match["value"], "")
    party = _told(told)
    own, _, bank = match["reference"].partition("\n")[0].partition("//")
    reference = bank.strip() or _made_up(where, content, told)
    gather.add(
        line,
        [
            where.account, where.statement, reference, _date(match["value"], match["entry"] or ""),
            value, direction, amount if incoming else f"-{amount}", where.currency,
            party_key(direction, party["iban"], party["name"]), party["name"], party["iban"],
            party["bic"], "", "", "", "", party["remittance"],
            party["reference"] or ("" if own.strip() in ("NONREF", "") else own.strip()),
            party["mandate"], "reversal" if mark.startswith("R") else "",
        ],
    )  # fmt: skip


def _date(value: str, entry: str) -> str:
    """The value date, or the booking date MMDD beside it, which may lie in a neighbouring year."""
    year = int(value[:2])
    year += 2000 if year < 70 else 1900
    month, day = value[2:4], value[4:6]
    if entry:
        gap = int(entry[:2]) - int(month)
        year += 1 if gap < -6 else -1 if gap > 6 else 0
        month, day = entry[:2], entry[2:]
    return f"{year}-{month}-{day}"


def _told(text: str) -> dict[str, str]:
    found = dict.fromkeys(("name", "iban", "bic", "remittance", "reference", "mandate"), "")
    if _SUB.search(text):
        parts: dict[str, str] = {}
        pieces = _SUB.split(text.replace("\n", ""))
        for code, piece in zip(pieces[1::2], pieces[2::2], strict=True):
            parts[code] = parts.get(code, "") + piece
        lines = [parts[c] for c in sorted(parts) if "20" <= c <= "29" or "60" <= c <= "63"]
        found["remittance"] = "".join(lines).strip()
        found["bic"], found["iban"] = parts.get("30", "").strip(), parts.get("31", "").strip()
        found["name"] = (parts.get("32", "") + parts.get("33", "")).strip()
        _sepa(found)
    elif _WORD.search(text):
        pieces = _WORD.split(text.replace("\n", ""))
        words = {k: v.strip("/ ") for k, v in zip(pieces[1::2], pieces[2::2], strict=True)}
        side = (words.get("CNTP", "") + "///").split("/")
        found["iban"] = words.get("IBAN", side[0])
        found["bic"] = words.get("BIC", side[1])
        found["name"] = words.get("NAME", side[2])
        found["remittance"] = re.sub(r"^(?:USTD|STRD)/+", "", words.get("REMI", "")).strip("/ ")
        found["reference"], found["mandate"] = words.get("EREF", ""), words.get("MARF", "")
    else:
        found["remittance"] = " ".join(text.split())
    return found


def _sepa(found: dict[str, str]) -> None:
    """``EREF+…SVWZ+…`` inside the remittance lines of German banks."""
    pieces = _SEPA.split(found["remittance"])
    if len(pieces) < 3:
        return
    words = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    found["reference"] = words.get("EREF", "").strip()
    found["mandate"] = words.get("MREF", "").strip()
    found["remittance"] = words.get("SVWZ", pieces[0]).strip()
    found["iban"] = found["iban"] or words.get("IBAN", "").strip()
    found["bic"] = found["bic"] or words.get("BIC", "").strip()


def _made_up(where: _Balance, content: str, told: str) -> str:
    """A booking without bank reference is named by what it says."""
    said = f"{where.account}|{where.statement}|{content}|{told}"
    return "h" + hashlib.blake2b(said.encode(), digest_size=8).hexdigest()
