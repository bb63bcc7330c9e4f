"""Bank statements in ISO 20022 XML: camt.053 (and the reports camt.052, advices camt.054).

Source: https://www.iso20022.org/catalogue-messages (Bank-to-Customer Cash Management). One row a
transaction: a batch booking gives one for each of its details. Amounts are signed: what leaves the
account is negative. A reversed booking keeps its own reference and the opposite sign.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idp_cdi.connectors import CHUNK_ROWS, Chunk, Connection, State, Stream
from idp_cdi.connectors._bank import COLUMNS, MAPPING, party_key
from idp_cdi.connectors._files import file_mark
from idp_cdi.connectors._table import Gather
from idp_cdi.connectors._text import head
from idp_cdi.connectors._xml import all_of, elements, find, first, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "camt"


def score(location: str) -> float:
    """1 for XML whose head names a camt message."""
    if "://" in location or Path(location).suffix.lower() != ".xml":
        return 0.0
    path = Path(location)
    return float(path.is_file() and b"camt.05" in head(path, 4096))


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
    gather, number = Gather(COLUMNS), 0
    for entry in elements(path, frozenset({"Ntry"})):
        statement = entry.getparent()
        account = text(statement, "Acct/Id/IBAN", "Acct/Id/Othr/Id")
        for row in _rows(entry, account, text(statement, "Id")):
            number += 1
            if number > done:
                gather.add(number, row)
        if len(gather.cells) >= CHUNK_ROWS:
            yield gather.chunk({"file": mark, "row": number})
    if gather or number > done:
        yield gather.chunk({"file": mark, "row": number})


def _rows(entry: Any, account: str, statement: str) -> Iterator[list[str]]:
    details = all_of(entry, "NtryDtls/TxDtls") or [None]
    booked = texts(entry, without="NtryDtls")
    reference = first(booked, "AcctSvcrRef", "NtryRef") or _made_up(entry, statement)
    for index, detail in enumerate(details, 1):
        own = reference if len(details) == 1 else f"{reference}/{index}"
        yield [account, statement, own, *_row(entry, booked, detail)]


def _row(entry: Any, booked: dict[str, str], detail: Any) -> list[str]:
    source = entry if detail is None else detail
    told = booked if detail is None else texts(detail)
    incoming = (first(told, "CdtDbtInd") or first(booked, "CdtDbtInd")) == "CRDT"
    direction = "in" if incoming else "out"
    amount = find(entry, "Amt")
    if detail is not None:
        for path in ("Amt", "AmtDtls/TxAmt/Amt"):
            found = find(detail, path) if path in told else None
            if found is not None:
                amount = found
                break
    value = (amount.text or "").strip() if amount is not None else ""
    side = "Dbtr" if incoming else "Cdtr"
    party = _party(source, told, side)
    iban = first(told, f"RltdPties/{side}Acct/Id/IBAN", f"RltdPties/{side}Acct/Id/Othr/Id")
    bank = f"RltdAgts/{side}Agt/FinInstnId"
    remittance = (
        " ".join((e.text or "").strip() for e in all_of(source, "RmtInf/Ustrd"))
        or first(told, "RmtInf/Strd/CdtrRefInf/Ref")
        or first(booked, "AddtlNtryInf")
    )
    return [
        first(booked, "BookgDt/Dt", "BookgDt/DtTm")[:10],
        first(booked, "ValDt/Dt", "ValDt/DtTm")[:10],
        direction, value if incoming or not value else f"-{value}",
        amount.get("Ccy", "") if amount is not None else "",
        party_key(direction, iban, party[0]), party[0], iban, first(told, f"{bank}/BICFI",
        f"{bank}/BIC"), *party[1:], remittance,
        first(told, "Refs/EndToEndId"), first(told, "Refs/MndtId"),
        first(booked, "Sts/Cd", "Sts"),
    ]  # fmt: skip


def _party(source: Any, told: dict[str, str], side: str) -> tuple[str, str, str, str, str]:
    """Name, street, postcode, town, country of the other side; newer files nest it in ``Pty``."""
    base = f"RltdPties/{side}"
    name = first(told, f"{base}/Nm", f"{base}/Pty/Nm", f"RltdPties/Ultmt{side}/Nm")
    where = next((p for p in (f"{base}/PstlAdr", f"{base}/Pty/PstlAdr") if p in told), None)
    if where is None:
        return name, "", "", "", ""
    street = " ".join(
        filter(None, (first(told, f"{where}/StrtNm"), first(told, f"{where}/BldgNb")))
    )
    lines = [(e.text or "").strip() for e in all_of(source, f"{where}/AdrLine")]
    street = street or (lines[0] if lines else "")
    code, town, land = (first(told, f"{where}/{part}") for part in ("PstCd", "TwnNm", "Ctry"))
    return name, street, code, town, land


def _made_up(entry: Any, statement: str) -> str:
    """Some banks number nothing: the booking is then named by what it says."""
    said = "|".join(t.strip() for t in entry.itertext() if t.strip())
    return "h" + hashlib.blake2b(f"{statement}|{said}".encode(), digest_size=8).hexdigest()
