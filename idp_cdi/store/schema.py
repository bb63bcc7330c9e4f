"""The tables. The log only grows; derived tables can be rebuilt from it.

Times are ISO 8601 UTC text (``2026-01-31T09:30:00.000000Z``): they sort, and mean the same on both
databases. JSON is text for the same reason: a rebuild gives the same bytes. A *mention* is the
stable place a record is about (source and key), its records are the versions seen there.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# ---------------------------------------------------------------- the log

source = Table(
    "source",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("owner", String, nullable=False, default=""),
    Column("trust", Text, nullable=False, default="{}"),
)

document = Table(
    "document",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("name", String, nullable=False),
    Column("media_type", String, nullable=False, default=""),
    Column("size", Integer, nullable=False, default=0),
    Column("seen_at", String(27), nullable=False),
)

sighting = Table(
    "sighting",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", String(64), ForeignKey("document.sha256"), nullable=False, index=True),
    Column("path", String, nullable=False),
    Column("at", String(27), nullable=False),
)

extraction = Table(
    "extraction",
    metadata,
    Column("sha256", String(64), ForeignKey("document.sha256"), primary_key=True),
    Column("pipeline", String, primary_key=True),
    Column("at", String(27), nullable=False),
    Column("status", String, nullable=False),
    Column("type", String, nullable=False, default=""),
    Column("language", String, nullable=False, default=""),
    Column("pages", Integer, nullable=False, default=0),
    Column("seconds", Float, nullable=False, default=0.0),
    Column("payload", Text, nullable=False),
)

mention = Table(
    "mention",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", Integer, ForeignKey("source.id"), nullable=False),
    Column("key", String, nullable=False),
    Column("record_id", Integer, nullable=False),
    UniqueConstraint("source_id", "key"),
)

record = Table(
    "record",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mention_id", Integer, ForeignKey("mention.id"), nullable=False, index=True),
    Column("content", String(32), nullable=False),
    Column("kind", String, nullable=False),
    Column("role", String, nullable=False),
    Column("observed_at", String(27), nullable=False),
    Column("deleted", Boolean, nullable=False, default=False),
    Column("payload", Text, nullable=False),
)

fact = Table(
    "fact",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("source_id", Integer, ForeignKey("source.id"), nullable=False),
    Column("key", String, nullable=False),
    Column("content", String(32), nullable=False),
    Column("identity", String(32), nullable=True, index=True),
    Column("observed_at", String(27), nullable=False),
    Column("document", String(64), ForeignKey("document.sha256"), nullable=True, index=True),
    Column("deleted", Boolean, nullable=False, default=False),
    Column("payload", Text, nullable=False),
    Index("ix_fact_key", "kind", "source_id", "key"),
)

fact_party = Table(
    "fact_party",
    metadata,
    Column("fact_id", Integer, ForeignKey("fact.id"), primary_key=True),
    Column("role", String, primary_key=True),
    Column("mention_id", Integer, ForeignKey("mention.id"), primary_key=True, index=True),
)

decision = Table(
    "decision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("left_id", Integer, ForeignKey("mention.id"), nullable=False),
    Column("right_id", Integer, ForeignKey("mention.id"), nullable=False),
    Column("verdict", String, nullable=False),
    Column("person", String, nullable=False),
    Column("at", String(27), nullable=False),
    Column("why", Text, nullable=False, default=""),
    Index("ix_decision_left", "left_id"),
    Index("ix_decision_right", "right_id"),
)

customer = Table(
    "customer",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("anchor_id", Integer, ForeignKey("mention.id"), nullable=False, unique=True),
    Column("minted_at", String(27), nullable=False),
)

answer = Table(
    "answer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("item_id", String, nullable=False, index=True),
    Column("action", String, nullable=False),
    Column("value", Text, nullable=False, default=""),
    Column("person", String, nullable=False),
    Column("at", String(27), nullable=False),
    Column("applied", Boolean, nullable=False, default=False),
    Column("payload", Text, nullable=False, default="{}"),
)

rejection = Table(
    "rejection",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("stream", String, nullable=False),
    Column("row", String, nullable=False),
    Column("code", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("at", String(27), nullable=False),
    Column("resolved_at", String(27), nullable=True),
    Index("ix_rejection_stream", "source", "stream"),
)

stream_state = Table(
    "stream_state",
    metadata,
    Column("source", String, primary_key=True),
    Column("stream", String, primary_key=True),
    Column("state", Text, nullable=False),
    Column("updated_at", String(27), nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("started_at", String(27), nullable=False),
    Column("ended_at", String(27), nullable=True),
    Column("status", String, nullable=False, default="running"),
    Column("summary", Text, nullable=False, default="{}"),
)

model = Table(
    "model",
    metadata,
    Column("kind", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("active", Boolean, nullable=False, default=False),
    Column("created_at", String(27), nullable=False),
    Column("payload", Text, nullable=False),
)

#: The life of every file of a drop folder; see `idp_cdi.inbox`.
intake = Table(
    "intake",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("folder", String, nullable=False),
    Column("path", String, nullable=False),
    Column("run", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("sha256", String(64), nullable=False, default="", index=True),
    Column("size", BigInteger, nullable=False, default=0),
    Column("source", String, nullable=False, default=""),
    Column("type", String, nullable=False, default=""),
    Column("tenant", String, nullable=False, default=""),
    Column("pipeline", String, nullable=False, default=""),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", String(27), nullable=True),
    Column("step", String, nullable=False, default=""),
    Column("code", String, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("action", Text, nullable=False, default=""),
    Column("first", String, nullable=False, default=""),
    Column("place", String, nullable=False, default=""),
    Column("claimed_at", String(27), nullable=False),
    Column("read_at", String(27), nullable=True),
    Column("ended_at", String(27), nullable=True),
    Index("ix_intake_folder", "folder", "state"),
)

#: Where a mention was before it moved to another customer, and until when.
former_membership = Table(
    "former_membership",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mention_id", Integer, ForeignKey("mention.id"), nullable=False, index=True),
    Column("customer_seq", Integer, ForeignKey("customer.seq"), nullable=False),
    Column("until", String(27), nullable=False),
)

#: What persons and runs did, as a chain of hashes; see `idp_cdi.store.audit`.
audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", String(27), nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

#: What makes an entry's digest more than a hash of a guessable text; gone once it is erased.
audit_salt = Table(
    "audit_salt",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("salt", String(32), nullable=False),
)

#: Keyed hashes of what was erased and must not come in again.
suppression = Table(
    "suppression",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("kind", String, nullable=False),
    Column("source_id", Integer, ForeignKey("source.id"), nullable=True),
    Column("at", String(27), nullable=False),
)

#: Files that we wrote and that hold customers' values.
exported = Table(
    "exported",
    metadata,
    Column("path", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("at", String(27), nullable=False),
)

# ---------------------------------------------------------------- derived

edge = Table(
    "edge",
    metadata,
    Column("left_id", Integer, ForeignKey("mention.id"), primary_key=True),
    Column("right_id", Integer, ForeignKey("mention.id"), primary_key=True, index=True),
    Column("weight", Float, nullable=False),
    Column("probability", Float, nullable=False),
    Column("found_by", Text, nullable=False, default=""),
)

membership = Table(
    "membership",
    metadata,
    Column("mention_id", Integer, ForeignKey("mention.id"), primary_key=True),
    Column("customer_seq", Integer, ForeignKey("customer.seq"), nullable=False, index=True),
)

golden = Table(
    "golden",
    metadata,
    Column("customer_seq", Integer, ForeignKey("customer.seq"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("valid_from", String(27), nullable=False),
    Column("valid_to", String(27), nullable=True),
    Column("kind", String, nullable=False),
    Column("roles", String, nullable=False),
    Column("records", Integer, nullable=False),
    Column("content", String(32), nullable=False),
    Column("payload", Text, nullable=False),
)

review_item = Table(
    "review_item",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String, nullable=False),
    Column("status", String, nullable=False, default="open", index=True),
    Column("priority", Float, nullable=False, default=0.0),
    Column("document", String(64), nullable=False, default="", index=True),
    Column("mention_id", Integer, nullable=True, index=True),
    Column("field", String, nullable=False, default=""),
    Column("created_at", String(27), nullable=False),
    Column("closed_at", String(27), nullable=True),
    Column("payload", Text, nullable=False),
)

#: What each validation rule found in a run, by source ("" for golden records).
rule_result = Table(
    "rule_result",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, ForeignKey("run.id"), nullable=False, index=True),
    Column("rule", String, nullable=False),
    Column("version", String(16), nullable=False),
    Column("what", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("source", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("checked", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("examples", Text, nullable=False),
)

#: The scorecard: a share (0-1) per field, source and dimension, and of how many.
quality = Table(
    "quality",
    metadata,
    Column("run_id", Integer, ForeignKey("run.id"), primary_key=True),
    Column("source", String, primary_key=True),
    Column("field", String, primary_key=True),
    Column("dimension", String, primary_key=True),
    Column("share", Float, nullable=False),
    Column("checked", Integer, nullable=False),
)
