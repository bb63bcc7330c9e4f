"""The data quality scorecard: five dimensions a field and source, measured on columns.

- completeness: records that have the field;
- validity: values of a feed that its standardiser found nothing wrong with;
- uniqueness: different values among all, for fields that identify, in systems: each has a customer
  once, while documents have one as often as there are papers;
- consistency: values that are the customer's golden one, where several records tell of it;
- timeliness: values younger than the field's half-life (``data/fields.yaml``);

and beside them the mean confidence. Golden records have source "". Scorecards are kept by run,
which makes the trend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from idp_cdi.fields import fields
from idp_cdi.observations import DOCUMENTS
from idp_cdi.store import checks, feeds, log
from idp_cdi.store.checks import Measure
from idp_cdi.store.schema import golden, membership, mention, record, source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Select

    from idp_cdi.store import Database

DIMENSIONS = ("completeness", "validity", "uniqueness", "consistency", "timeliness")
_BATCH = 50_000
_KIND = "quality"

_TABLES = """
CREATE TABLE total (source VARCHAR, n BIGINT);
CREATE TABLE seen (source VARCHAR, field VARCHAR, n BIGINT, valid BIGINT, told BIGINT,
  agreed BIGINT, compared BIGINT, fresh BIGINT, dated BIGINT, sure DOUBLE);
CREATE TABLE ids (source VARCHAR, field VARCHAR, value UBIGINT);
CREATE TABLE chosen (seq BIGINT, field VARCHAR, value VARCHAR);
"""
_GOLDEN = """
CREATE OR REPLACE TEMP TABLE one AS
SELECT id AS seq, several, unnest(from_json(payload, '{"values":[["VARCHAR"]]}').values) AS v
FROM batch;
INSERT INTO chosen SELECT seq, v[1], v[2] FROM one WHERE several;
INSERT INTO total SELECT '', count(*) FROM batch;
INSERT INTO seen SELECT '', field, count(*), NULL, NULL, NULL, NULL, NULL, NULL, sum(sure)
FROM (SELECT seq, v[1] AS field, max(CAST(v[3] AS DOUBLE)) AS sure FROM one GROUP BY ALL)
GROUP BY field;
INSERT INTO ids SELECT '', v[1], hash(v[2]) FROM one WHERE v[1] IN (SELECT field FROM identifying);
"""
_RECORDS = """
CREATE OR REPLACE TEMP TABLE one AS
SELECT b.id, b.source, b.seq, b.observed_at, v[1] AS field, v[2] AS value,
  CAST(v[4] AS DOUBLE) AS sure, CASE WHEN told THEN v[6] END AS code
FROM (SELECT id, source, seq, observed_at, starts_with(payload, '{"t":') AS told,
  unnest(from_json(payload, '{"o":[["VARCHAR"]]}').o) AS v FROM batch) AS b
WHERE v[2] <> '';
INSERT INTO total SELECT source, count(*) FROM batch GROUP BY source;
INSERT INTO seen
SELECT o.source, o.field, count(DISTINCT o.id), count(*) FILTER (o.code = ''), count(o.code),
  count(*) FILTER (c.same), count(c.same),
  count(*) FILTER (o.observed_at >= h.since), count(h.since),
  sum(o.sure) * count(DISTINCT o.id) / count(*)
FROM one AS o LEFT JOIN half AS h ON h.field = o.field
LEFT JOIN (SELECT o.id, o.field, o.value, bool_or(c.value = o.value) AS same FROM one AS o
  JOIN chosen AS c ON c.seq = o.seq AND c.field = o.field GROUP BY ALL) AS c
  ON c.id = o.id AND c.field = o.field AND c.value = o.value
GROUP BY o.source, o.field;
INSERT INTO ids SELECT source, field, hash(value) FROM one
WHERE field IN (SELECT field FROM identifying)
  AND source NOT IN (SELECT source FROM repeating);
"""
_RESULT = """
WITH t AS (SELECT source, sum(n) AS n FROM total GROUP BY source),
s AS (SELECT source, field, sum(n) AS n, sum(valid) AS valid, sum(told) AS told,
  sum(agreed) AS agreed, sum(compared) AS compared, sum(fresh) AS fresh, sum(dated) AS dated,
  sum(sure) AS sure FROM seen GROUP BY source, field),
u AS (SELECT source, field, count(DISTINCT value) AS different, count(*) AS n FROM ids GROUP BY ALL)
SELECT s.source, s.field, 'completeness', s.n / t.n, t.n FROM s JOIN t USING (source)
UNION ALL SELECT source, field, 'confidence', sure / n, n FROM s WHERE n > 0
UNION ALL SELECT source, field, 'validity', valid / told, told FROM s WHERE told > 0
UNION ALL SELECT source, field, 'consistency', agreed / compared, compared FROM s WHERE compared > 0
UNION ALL SELECT source, field, 'timeliness', fresh / dated, dated FROM s WHERE dated > 0
UNION ALL SELECT source, field, 'uniqueness', different / n, n FROM u
ORDER BY 1, 2, 3
"""


def measure(connection: Connection) -> list[Measure]:
    """The scorecard of the store as it is now.

    Args:
        connection: A reading one.
    """
    import duckdb

    with duckdb.connect() as duck:
        duck.execute(_TABLES)
        _definitions(duck)
        for batch in _batches(connection, _golden_rows(), ("id", "several", "payload")):
            _run(duck, _GOLDEN, batch)
        names = ("id", "source", "seq", "observed_at", "payload")
        for batch in _batches(connection, _record_rows(), names):
            _run(duck, _RECORDS, batch)
        known = fields().party
        return [
            Measure(source, field, dimension, round(float(share), 6), int(checked))
            for source, field, dimension, share, checked in duck.execute(_RESULT).fetchall()
            if field in known
        ]


def keep(database: Database) -> list[Measure]:
    """Measure the store and keep the scorecard for the trend; one a state of the store.

    Raises:
        StoreError: The store can't be written.
    """
    with database.reading() as connection:
        state = {"record": feeds.last_record(connection), "golden": _newest(connection)}
        measures = measure(connection)
        last = feeds.runs(connection, _KIND, limit=1)
    if measures and not (last and last[0].summary == state):
        with database.writing() as connection:
            number = feeds.start_run(connection, _KIND, state)
            checks.append_quality(connection, number, measures)
            feeds.end_run(connection, number, "done", state)
    return measures


def means(measures: Iterable[Measure], *, by_source: bool = False) -> dict[tuple[str, str], float]:
    """(source or "", dimension) → the mean over fields, each weighing as many rows as it has."""
    sums: dict[tuple[str, str], list[float]] = {}
    for m in measures:
        if m.source or by_source:
            total = sums.setdefault((m.source if by_source else "", m.dimension), [0.0, 0.0])
            total[0] += m.share * m.checked
            total[1] += m.checked
    return {key: a / b for key, (a, b) in sums.items() if b}


def lines(
    measures: Sequence[Measure], *, by_field: bool
) -> list[tuple[tuple[str, str], tuple[float | None, ...]]]:
    """(source, field or "") → its shares in the order of `DIMENSIONS`, None where not measured."""
    if by_field:
        told = {((m.source, m.field), m.dimension): m.share for m in measures}
    else:
        summed = means(measures, by_source=True)
        told = {((source, ""), dimension): share for (source, dimension), share in summed.items()}
    places = sorted({place for place, _ in told})
    return [(p, tuple(told.get((p, d)) for d in DIMENSIONS)) for p in places]


def _newest(connection: Connection) -> str:
    return str(connection.execute(select(func.max(golden.c.valid_from))).scalar() or "")


def _definitions(duck: Any) -> None:
    from datetime import UTC, datetime, timedelta

    import pyarrow as pa

    now = datetime.now(UTC)
    party = fields().party.values()
    since = [log.stamp(now - timedelta(days=s.half_life_days)) for s in party]
    half = pa.table({"field": [s.name for s in party], "since": since})
    named = pa.table({"field": [s.name for s in party if s.compare == "identifier"]})
    # Many documents tell of one party: what they repeat is no duplicate.
    repeating = pa.table({"source": [DOCUMENTS]})
    for name, table in (("half", half), ("identifying", named), ("repeating", repeating)):
        duck.register("given", table)
        duck.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
        duck.unregister("given")


def _golden_rows() -> Select[Any]:
    return select(golden.c.customer_seq, golden.c.records > 1, golden.c.payload).where(
        golden.c.valid_to.is_(None)
    )


def _record_rows() -> Select[Any]:
    return (
        select(mention.c.id, source.c.name, membership.c.customer_seq, record.c.observed_at)
        .add_columns(record.c.payload)
        .join(record, record.c.id == mention.c.record_id)
        .join(source, source.c.id == mention.c.source_id)
        .outerjoin(membership, membership.c.mention_id == mention.c.id)
        .where(record.c.deleted.is_(False))
    )


def _batches(connection: Connection, statement: Select[Any], names: Sequence[str]) -> Iterator[Any]:
    import pyarrow as pa

    types = {"id": pa.int64(), "seq": pa.int64(), "several": pa.bool_()}
    result = connection.execute(statement, execution_options={"yield_per": 20_000})
    while rows := result.fetchmany(_BATCH):
        columns = zip(names, zip(*rows, strict=True), strict=True)
        yield pa.table({n: pa.array(c, types.get(n, pa.string())) for n, c in columns})


def _run(duck: Any, script: str, batch: Any) -> None:
    duck.register("batch", batch)
    for statement in script.split(";\n"):
        if statement.strip():
            duck.execute(statement)
    duck.unregister("batch")
