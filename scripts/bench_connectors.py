#!/usr/bin/env python3
"""Rows per second and memory of each connector, from the file to records and facts.

Usage: bench_connectors.py [--rows 1000000] [--ways csv,parquet,…] [--keep FOLDER]
[--postgresql URL] [--read]. Each way runs in a process of its own; memory is the peak of its
resident set at a tenth of the rows and at all of them, so that "flat" can be seen. CPU seconds,
because other work may share the machine. ``gl`` is a ledger journal as CSV; ``postgresql`` needs an
empty database. With ``--read`` rows are only read, not mapped.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from html import escape
from itertools import chain, islice
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

HEADER = (
    "customer_no", "company", "vat_id", "street", "postcode", "city", "country", "phone", "email",
    "updated_at",
)  # fmt: skip
WAYS = (
    "csv", "jsonl", "parquet", "sql", "excel", "singer", "camt", "mt940", "saft", "gl", "rest",
)  # fmt: skip
ENDINGS = {
    "excel": "xlsx", "sql": "db", "camt": "xml", "mt940": "sta", "rest": "csv", "gl": "csv",
    "saft": "xml",
}  # fmt: skip
_CITIES = ("Köln", "Bonn", "München", "Hamburg", "Berlin", "Paris", "Lyon", "Wien")


def rows(count: int):
    """Made-up customers: two thirds of the texts occur once, as in real tables."""
    rng = random.Random(1)
    for i in range(count):
        party = i % max(1, count * 2 // 3)
        yield (
            f"C{i:07d}", f"Müller & Söhne {party} GmbH", f"DE{100_000_000 + party}",
            f"Hauptstr. {rng.randint(1, 300)}", f"{10_000 + party % 80_000:05d}",
            _CITIES[party % 8], "DE", f"+49 221 {1_000_000 + party}",
            f"info{party}@example{party % 5000}.de", f"2026-01-{i % 28 + 1:02d} 10:00:00",
        )  # fmt: skip


def make(way: str, folder: Path, count: int) -> str:
    """The location of `count` rows for a way; made when it is not there yet."""
    path = folder / f"{way}-{count}.{ENDINGS.get(way, way)}"
    if not path.exists():
        MAKERS[way](path, count)
    return f"sqlite:///{path}" if way == "sql" else str(path)


def _csv(path: Path, count: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADER)
        writer.writerows(rows(count))


def _jsonl(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows(count):
            file.write(json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) + "\n")


def _singer(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        schema = {"properties": {n: {"type": "string"} for n in HEADER}}
        head = {"type": "SCHEMA", "stream": "t", "key_properties": [HEADER[0]], "schema": schema}
        file.write(json.dumps(head) + "\n")
        for row in rows(count):
            record = dict(zip(HEADER, row, strict=True))
            file.write(json.dumps({"type": "RECORD", "stream": "t", "record": record}) + "\n")


def _parquet(path: Path, count: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(n, pa.string()) for n in HEADER])
    source = rows(count)
    with pq.ParquetWriter(path, schema) as writer:
        while part := list(islice(source, 100_000)):
            columns = [pa.array(c) for c in zip(*part, strict=True)]
            writer.write_table(pa.table(columns, schema=schema))


def _sql(path: Path, count: int) -> None:
    import sqlite3

    with sqlite3.connect(path) as db:
        db.execute(f"CREATE TABLE t ({', '.join(HEADER)}, PRIMARY KEY ({HEADER[0]}))")
        db.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(HEADER))})", rows(count))


def _excel(path: Path, count: int) -> None:
    """As Excel writes it, texts shared; openpyxl would take minutes for a million rows."""
    base = "http://schemas.openxmlformats.org"
    main, relations = f"{base}/spreadsheetml/2006/main", f"{base}/officeDocument/2006/relationships"
    texts: dict[str, int] = {}
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as book:
        with book.open("xl/worksheets/s.xml", "w") as sheet:
            sheet.write(f'<worksheet xmlns="{main}"><sheetData>'.encode())
            for number, row in enumerate(chain([HEADER], rows(min(count, 1_048_575))), 1):
                codes = (texts.setdefault(text, len(texts)) for text in row)
                cells = (
                    f'<c r="{letter}{number}" t="s"><v>{code}</v></c>'
                    for letter, code in zip("ABCDEFGHIJ", codes, strict=True)
                )
                sheet.write(f'<row r="{number}">{"".join(cells)}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")
        with book.open("xl/sharedStrings.xml", "w") as shared:
            shared.write(f'<sst xmlns="{main}">'.encode())
            for text in texts:
                shared.write(f"<si><t>{escape(text)}</t></si>".encode())
            shared.write(b"</sst>")
        related = (
            f'<Relationship Id="{key}" Type="{relations}/{kind}" Target="{target}"/>'
            for key, kind, target in (
                ("a", "worksheet", "worksheets/s.xml"), ("b", "sharedStrings", "sharedStrings.xml")
            )
        )  # fmt: skip
        links = f"<Relationships>{''.join(related)}</Relationships>"
        book.writestr("xl/_rels/workbook.xml.rels", links)
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
            '<sheet name="t" sheetId="1" r:id="a"/></sheets></workbook>',
        )


def _camt(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">')
        file.write("<BkToCstmrStmt><Stmt><Id>S</Id><Acct><Id><Othr><Id>1</Id></Othr></Id></Acct>")
        for i, row in enumerate(rows(count)):
            name = row[1].replace("&", "&amp;")
            file.write(
                f'<Ntry><Amt Ccy="EUR">{i}.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt>'
                f"<Dt>2026-01-02</Dt></BookgDt><AcctSvcrRef>R{i}</AcctSvcrRef><NtryDtls><TxDtls>"
                f"<RltdPties><Dbtr><Nm>{name}</Nm></Dbtr></RltdPties><RmtInf><Ustrd>Invoice {i}"
                "</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
            )
        file.write("</Stmt></BkToCstmrStmt></Document>")


def _mt940(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(":20:X\n:25:1/2\n:28C:1/1\n:60F:C260101EUR0,00\n")
        for i, row in enumerate(rows(count)):
            file.write(f":61:2601020102CR{i},00NTRFNONREF//R{i}\n")
            file.write(f":86:166?00X?20Invoice {i}?32{row[1][:27]}\n")
        file.write(":62F:C260102EUR0,00\n-\n")


def _saft(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01"><Header/><MasterFiles>\n'
        )
        for row in rows(count):
            number, name, vat, street, code, city, country, phone, email, _ = row
            file.write(
                f"<Customer><CustomerID>{number}</CustomerID><CustomerTaxID>{vat}</CustomerTaxID>"
                f"<CompanyName>{name.replace('&', '&amp;')}</CompanyName><BillingAddress>"
                f"<AddressDetail>{street}</AddressDetail><City>{city}</City><PostalCode>{code}"
                f"</PostalCode><Country>{country}</Country></BillingAddress><Telephone>{phone}"
                f"</Telephone><Email>{email}</Email></Customer>\n"
            )
        file.write("</MasterFiles></AuditFile>")


def _gl(path: Path, count: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(
            ("line_id", "journal", "posting_date", "account", "account_name", "debit", "credit",
             "currency", "description", "reference")
        )  # fmt: skip
        for i in range(count):
            amount = f"{i % 9973}.{i % 100:02d}"
            sides = (amount, "0.00") if i % 2 == 0 else ("0.00", amount)
            account = ("1200", "Receivables") if i % 2 == 0 else ("4400", "Sales")
            day = f"2026-{i % 12 + 1:02d}-{i % 28 + 1:02d}"
            text = (f"Invoice {i // 2}", f"R{i // 2}")
            writer.writerow((f"L{i}", "Sales", day, *account, *sides, "EUR", *text))


def postgresql(url: str, count: int) -> str:
    """The location of `count` rows in a table of a PostgreSQL database, made anew."""
    import psycopg

    with psycopg.connect(url) as db:
        db.execute("DROP TABLE IF EXISTS t")
        db.execute(f"CREATE TABLE t ({', '.join(f'{c} text' for c in HEADER)})")
        db.execute(f"ALTER TABLE t ADD PRIMARY KEY ({HEADER[0]})")
        with db.cursor().copy("COPY t FROM STDIN") as copy:
            for row in rows(count):
                copy.write_row(row)
    return url


MAKERS = {
    "csv": _csv, "jsonl": _jsonl, "parquet": _parquet, "sql": _sql, "excel": _excel,
    "singer": _singer, "camt": _camt, "mt940": _mt940, "saft": _saft, "gl": _gl, "rest": _csv,
}  # fmt: skip


def measure(way: str, location: str, *, only_read: bool = False) -> dict[str, float]:
    """Read and map one location in this process."""
    from idp_cdi.connectors import Connection, find
    from idp_cdi.connectors._mapping import StreamMapping
    from idp_cdi.steps.map import Mapper
    from idp_cdi.steps.suggest import suggested_mapping

    server = _serve(Path(location)) if way == "rest" else None
    options: dict[str, object] = {}
    if server is not None:
        location = f"http://127.0.0.1:{server[1]}"
        paging = {"page": "page"}
        options = {"resources": {"t": {"path": "/", "paging": paging}}}
    connection = Connection(location, options)
    connector = find(location, {"gl": "csv", "postgresql": "sql"}.get(way, way))
    stream = connector.streams(connection)[0]
    mapping = suggested_mapping(connector, connection, stream)
    assert isinstance(mapping, StreamMapping)
    read = _timed(lambda: sum(len(c) for c in connector.read(connection, stream, {})))
    mapper = Mapper("bench", "t", mapping, trust=lambda field: 0.95)
    made = (0, 1.0)
    if not only_read:
        chunks = connector.read(connection, stream, {})
        made = _timed(lambda: sum(_made(mapper.map(c)) for c in chunks))
    if server is not None:
        server[0].kill()
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return {
        "rows": read[0],
        "read_s": read[1],
        "records": made[0],
        "map_s": made[1],
        "peak_mb": peak,
    }


def _made(mapped) -> int:
    return max(len(mapped.records), len(mapped.facts))


def _timed(work) -> tuple[int, float]:
    begin = time.process_time()
    count = work()
    return count, time.process_time() - begin


_SERVER = """
import csv, json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8"), delimiter=";"))
class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *a): pass
    def do_GET(self):
        page = int(parse_qs(urlsplit(self.path).query)["page"][0])
        body = json.dumps(rows[(page - 1) * 500 : page * 500]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
print(server.server_port, flush=True)
server.serve_forever()
"""


def _serve(path: Path):
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--keep", type=Path, help="folder that keeps the files that are made")
    parser.add_argument("--postgresql", default="", help="URL of an empty database: measured, too")
    parser.add_argument("--read", action="store_true", help="do not map what is read")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(*given.one, only_read=given.read)))
        return
    folder = given.keep or Path(tempfile.mkdtemp(prefix="bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    print("way      |      rows | read rows/s | to records rows/s | peak MB at 1/10 | at all")
    ways = [w for w in given.ways.split(",") if w] + ["postgresql"] * bool(given.postgresql)
    for way in ways:
        if way == "postgresql":
            places = (postgresql(given.postgresql, n) for n in (given.rows // 10, given.rows))
        else:
            places = (make(way, folder, n) for n in (given.rows // 10, given.rows))
        more = ["--read"] * given.read
        small, large = (_run(way, place, *more) for place in places)
        print(
            f"{way:8} | {large['rows']:9,.0f} | {large['rows'] / large['read_s']:11,.0f} |"
            f" {large['records'] / large['map_s']:17,.0f} | {small['peak_mb']:15,.0f} |"
            f" {large['peak_mb']:6,.0f}",
            flush=True,
        )


def _run(way: str, location: str, *more: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--one", way, location, *more], check=True, capture_output=True
    )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


if __name__ == "__main__":
    main()
