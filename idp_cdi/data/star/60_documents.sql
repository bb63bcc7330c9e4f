-- Documents and the values read from them.

CREATE TABLE build.fact_document AS
WITH said AS (
    SELECT r.document, count(*) AS answers
    FROM stage.answer a JOIN stage.review_item r ON r.id = a.item_id
    WHERE r.document <> '' GROUP BY r.document
),
shows AS (
    SELECT e.document, min(o.invoice_sk) AS invoice_sk
    FROM build.invoice_event e JOIN build.invoice_of o ON o.event_key = e.event_key
    WHERE e.document IS NOT NULL GROUP BY e.document
)
SELECT
    d.sha256 AS document_sha256, d.name, d.media_type, d.size,
    CAST(d.seen_at AS TIMESTAMP) AS seen_at,
    coalesce(e.status, 'failed') AS status, e.type AS document_type, e.language, e.pages, e.seconds,
    coalesce(json_array_length(e.payload, '$.fields'), 0) AS fields,
    coalesce(q.questions, 0) AS questions, coalesce(q.open_ones, 0) AS open_questions,
    coalesce(a.answers, 0) AS answers, coalesce(s.invoice_sk, -1) AS invoice_sk
FROM stage.document d
LEFT JOIN stage.extraction e ON e.sha256 = d.sha256
LEFT JOIN build.asked q ON q.document = d.sha256
LEFT JOIN said a ON a.document = d.sha256
LEFT JOIN shows s ON s.document = d.sha256;

CREATE TABLE build.fact_field AS
WITH seen AS (
    SELECT sha256,
        unnest(from_json(json_extract(payload, '$.fields'), '[{
            "name": "VARCHAR", "group": "VARCHAR", "value": "VARCHAR", "raw": "VARCHAR",
            "confidence": "DOUBLE", "page": "INTEGER"}]')) AS f,
        generate_subscripts(CAST(json_extract(payload, '$.fields') AS JSON[]), 1) AS number
    FROM stage.extraction WHERE status = 'ok'
),
told AS (
    SELECT r.document, r.field, arg_max(a.action, a.id) AS action, arg_max(a.value, a.id) AS value
    FROM stage.answer a JOIN stage.review_item r ON r.id = a.item_id
    WHERE r.document <> '' AND r.field <> '' GROUP BY r.document, r.field
)
SELECT
    s.sha256 AS document_sha256, s.number AS field_number, f.name AS field,
    f."group" AS party_group, f.value, f.raw, f.confidence, f.page,
    t.action IN ('accept', 'correct', 'absent') AS reviewed,
    CASE t.action WHEN 'accept' THEN coalesce(nullif(t.value, ''), f.value)
        WHEN 'correct' THEN t.value END AS truth
FROM seen s LEFT JOIN told t ON t.document = s.sha256 AND t.field = f.name;
