"""An installation full of traces of persons whose every value is a canary."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp_cdi.connectors._mapping import SourceSpec
from idp_cdi.documents import Box, LineItem
from idp_cdi.extractions import Alternative, Extraction, Field
from idp_cdi.review.answers import Action, Answer
from idp_cdi.steps.apply import apply_documents
from idp_cdi.steps.collect import collect
from idp_cdi.steps.report import write_report
from idp_cdi.steps.review import export_questions, import_answers
from idp_cdi.steps.understand import Understood
from idp_cdi.steps.unify import unify
from idp_cdi.steps.validate import validate
from idp_cdi.store import derived, intake, log, models, questions

if TYPE_CHECKING:
    from pathlib import Path

    from idp_cdi.settings import Settings
    from idp_cdi.store import Database

NEIGHBOUR = {"name": "Bäckerei Sonnenthal GmbH", "city": "Köln", "email": "info@sonnenthal.example"}
LETTERS = "abcdefghijkmnopqrstuvwxyz"


def word(seed: str) -> str:
    """A made-up word that nothing else has."""
    digest = hashlib.sha256(seed.encode()).digest()
    return "".join(LETTERS[b % len(LETTERS)] for b in digest[:14])


@dataclass
class House:
    """The store, its files, and the canaries of each person by number."""

    database: Database
    settings: Settings
    folder: Path
    canaries: dict[int, list[str]] = field(default_factory=dict)

    def person(self, n: int) -> dict[str, str]:
        """A person; the CRM and the documents write its values alike, so they become one."""
        first, last = word(f"{n} first").title(), word(f"{n} last").title()
        values = {
            "name": f"{first} {last}",
            "street": f"{word(f'{n} street').title()}weg {n + 1}",
            "city": word(f"{n} city").title(),
            "email": f"{word(f'{n} mail')}@{word(f'{n} host')}.example",
        }
        plain = [first, last, values["street"], values["city"], *values["email"].split("@")]
        self.canaries.setdefault(n, [])
        self.canaries[n] += [c for c in plain if c not in self.canaries[n]]
        return values

    def feed(self, persons: range) -> SourceSpec:
        """The CRM's file and mapping; the neighbour is the last row."""
        path = self.folder / "given" / "crm.csv"
        path.parent.mkdir(exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(["id", "name", "street", "city", "email", "remark"])
            for n in persons:
                p = self.person(n)
                out.writerow([f"A-{n}", p["name"], p["street"], p["city"], p["email"], ""])
            out.writerow(["B-1", NEIGHBOUR["name"], "", NEIGHBOUR["city"], NEIGHBOUR["email"], ""])
        fields = {"name": "name", "street": "street", "city": "city", "email": "email"}
        return SourceSpec.model_validate(
            {"source": "crm", "location": str(path),
             "streams": {"crm": {"key": ["id"], "fields": fields}}}
        )  # fmt: skip

    def document(self, n: int, *, seller: bool) -> Understood:
        """An invoice to person `n`, or one with a seller that is somebody else."""
        p, name = self.person(n), f"invoice-{n}-{'shared' if seller else 'alone'}.pdf"
        path = self.folder / "given" / name
        path.write_bytes(f"%PDF {json.dumps(p)} {name}".encode())
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        other = (Alternative(word(f"{n} runner"), 0.2, 1, Box(1, 1, 2, 2)),)
        self.canaries[n].append(word(f"{n} runner"))

        def read(name: str, value: str) -> Field:
            sure = 0.7 if name == "city" else 0.99
            others = other if name == "street" else ()
            box = Box(1, 2, 3, 4)
            raw, why = value.upper(), f"near {value}"
            return Field(f"buyer.{name}", value, raw, sure, 1, box, "t", why, "", others)

        found = [read(k, v) for k, v in p.items()]
        if seller:
            found += [Field(f"seller.{k}", v, v, 0.99, 1, Box(5, 6, 7, 8), "t", "w")
                      for k, v in NEIGHBOUR.items()]  # fmt: skip
        found += [
            Field("invoice_number", f"2026-{n}-{seller}", f"2026-{n}", 0.99, 1, Box(1, 1, 2, 2)),
            Field("issue_date", "2026-02-03", "3.2.2026", 0.99, 1, Box(1, 1, 2, 2)),
            Field("total", f"{100 + n}.00", f"{100 + n},00", 0.99, 1, Box(1, 1, 2, 2)),
        ]
        lines = (LineItem(description=f"Work for {p['name']}", net_amount="100.00"),)
        made = Extraction(
            str(path), sha256, "invoice", 1.0, "de", 1, "pdf", 0.1, tuple(found), line_items=lines
        )
        return Understood(
            str(path), sha256, "application/pdf", path.stat().st_size, made, path=path
        )

    def furnish(self, persons: range) -> None:
        """Leave traces of everybody everywhere a trace can be."""
        collect(self.feed(persons), self.settings, self.database)
        items = [self.document(n, seller=s) for n in persons for s in (False, True)]
        apply_documents(self.database, self.settings, items)
        self._merge(persons)
        self._review()
        validate(self.database, self.settings)
        for n in persons:
            self._files(n, [i for i in items if f"invoice-{n}-" in i.name])
        export_questions(self.database, self.settings, self.folder / "out" / "q.csv", form="csv")
        export_questions(
            self.database,
            self.settings,
            self.folder / "out" / "q.xlsx",
            form="xlsx",
            pictures=False,
        )
        write_report(self.database, self.settings, self.settings.home / "report.html")

    def customer(self, n: int) -> str:
        """The customer that person `n` is."""
        with self.database.reading() as connection:
            (number,) = log.mention_ids(connection, "crm", [f"A-{n}"]).values()
            return derived.customer_id(derived.customers_of(connection, [number])[number])

    def _merge(self, persons: range) -> None:
        """A person says that the documents' mentions are the CRM's."""
        with self.database.writing() as connection:
            named = {r.key: (m, r) for m, r in log.current_records(connection)}
            for n in persons:
                values, crm = self.person(n), named[f"A-{n}"][0]
                for key, (number, one) in named.items():
                    if "#buyer" in key and one.values("email")[0].value == values["email"]:
                        why = f"{values['name']} told me"
                        log.append_decision(connection, crm, number, "same", person="ann", why=why)
            unify(connection, self.settings, sorted(m for m, _ in named.values()))

    def _review(self) -> None:
        with self.database.reading() as connection:
            items = questions.items(connection, kinds=["value"])
        told = [Answer(i.id, i.data["state"], Action.ACCEPT, remark=f"saw {i.data['value']}")
                for i in items]  # fmt: skip
        import_answers(self.database, self.settings, told, person="ann")

    def _files(self, n: int, items: list[Understood]) -> None:
        p, home = self.person(n), self.settings.home
        text = " ".join(p.values())
        for item in items:
            words = [[w, 0, 0, 1, 1, 0.9, 9] for w in text.split()]
            page = home / "cache" / "ocr" / item.sha256[:2] / f"{item.sha256}-{'0' * 32}.json.gz"
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_bytes(gzip.compress(json.dumps({"words": words}).encode()))
        (home / "cache" / "index").mkdir(parents=True, exist_ok=True)
        (home / "cache" / "index" / f"{n}.txt").write_text(text.lower())
        drop = self.folder / "drop" / "done" / "2026-02-03"
        drop.mkdir(parents=True, exist_ok=True)
        (drop / f"feed-{n}.csv").write_text(f"id,name\nA-{n},{p['name']}\n")
        (drop / f"{word(f'{n} mail')}.pdf").write_bytes(items[0].path.read_bytes())
        with self.database.writing() as connection:
            new = intake.New(f"{word(f'{n} mail')}.pdf", "document", 9)
            (entry,) = intake.claim(connection, str(self.folder / "drop"), "r", [new])
            place = str(drop / f"{word(f'{n} mail')}.pdf")
            intake.mark(connection, [entry.id], intake.DONE, sha256=items[0].sha256, place=place)
            memory = {
                "documents": [{"sha256": i.sha256, "known": [text]} for i in items],
                "trust": {},
            }
            body = json.dumps(memory, ensure_ascii=False)
            models.append(connection, "layout", body, active=False)
        (home / "learned").mkdir(exist_ok=True)
        with (home / "learned" / "spans.jsonl").open("a", encoding="utf-8") as file:
            line = {"text": text, "spans": [], "sha256": items[0].sha256}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def found(self, n: int) -> dict[str, set[str]]:
        """Canaries of person `n` in any file of the installation or row of the database."""
        wanted = [c.casefold() for c in self.canaries[n]]
        hits: dict[str, set[str]] = {}
        for path in self.folder.rglob("*"):
            if path.is_file() and "given" not in path.parts:
                content = path.read_bytes()
                if path.suffix == ".gz":
                    content += gzip.decompress(content)
                body = (content.decode("utf-8", "ignore") + str(path)).casefold()
                body += content.decode("latin-1").casefold()
                if inside := {c for c in wanted if c in body}:
                    hits[str(path.relative_to(self.folder))] = inside
        if not self.database.is_sqlite:
            hits |= self._in_tables(wanted)
        return hits

    def _in_tables(self, wanted: list[str]) -> dict[str, set[str]]:
        hits: dict[str, set[str]] = {}
        with self.database.reading() as connection:
            names = connection.exec_driver_sql(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            ).scalars()
            for name in [*names, "pg_stats"]:
                for row in connection.exec_driver_sql(f'SELECT t::text FROM "{name}" t').scalars():
                    if inside := {c for c in wanted if c in row.casefold()}:
                        hits.setdefault(name, set()).update(inside)
        return hits
