-- Customers: every version, where mentions belong and belonged, redirects, hierarchy.
-- Runs in DuckDB over the staged store (schema stage), fills schema build.

CREATE TABLE build.span AS
-- Where each mention belonged from when to when. The first span begins in 1900: an invoice of last
-- year belongs to the customer that its party was when we first heard of it.
WITH moves AS (
    SELECT mention_id, seq, until, row_number() OVER (PARTITION BY mention_id ORDER BY id) AS n
    FROM (
        SELECT id, mention_id, seq, CAST(until AS TIMESTAMP) AS until FROM stage.former
        UNION ALL
        SELECT 9223372036854775807, mention_id, seq, NULL FROM stage.membership
    )
)
SELECT
    mention_id,
    seq,
    coalesce(lag(until) OVER (PARTITION BY mention_id ORDER BY n), TIMESTAMP '1900-01-01')
        AS valid_from,
    coalesce(until, TIMESTAMP '9999-12-31') AS valid_to,
    until IS NULL AS is_member,
    n = max(n) OVER (PARTITION BY mention_id) AS is_last
FROM moves;

CREATE TABLE build.means AS
-- What every number ever issued means today.
SELECT c.seq, coalesce(m.seq, c.seq) AS now, c.id, c.anchor_id
FROM stage.customer c
LEFT JOIN stage.membership m ON m.mention_id = c.anchor_id;

CREATE TABLE build.best_link AS
SELECT mention_id, max(probability) AS score
FROM (
    SELECT left_id AS mention_id, probability FROM stage.linked
    UNION ALL
    SELECT right_id, probability FROM stage.linked
)
GROUP BY mention_id;

CREATE TABLE build.decided AS
WITH last AS (
    SELECT left_id, right_id, arg_max(verdict, id) AS verdict
    FROM stage.decision GROUP BY left_id, right_id
)
SELECT DISTINCT unnest([left_id, right_id]) AS mention_id
FROM last WHERE verdict = 'same';

CREATE TABLE build.xref_customer AS
WITH place AS (
    SELECT
        s.mention_id,
        CASE WHEN s.is_last AND NOT s.is_member THEN m.now ELSE s.seq END AS seq,
        s.valid_from,
        CASE WHEN s.is_last THEN TIMESTAMP '9999-12-31' ELSE s.valid_to END AS valid_to,
        s.is_last AS is_current,
        NOT s.is_member AND s.is_last AS is_deleted
    FROM build.span s
    JOIN build.means m ON m.seq = s.seq
),
size AS (SELECT seq, count(*) AS members FROM stage.membership GROUP BY seq)
SELECT
    p.mention_id AS mention_key,
    m.source_id,
    o.name AS source_name,
    m.key AS source_key,
    p.seq AS customer_key,
    c.id AS customer_id,
    p.valid_from,
    p.valid_to,
    p.is_current,
    CASE
        WHEN p.is_deleted THEN 'deleted'
        WHEN d.mention_id IS NOT NULL THEN 'person'
        WHEN coalesce(z.members, 1) = 1 THEN 'alone'
        ELSE 'match'
    END AS method,
    CASE WHEN p.is_current THEN l.score END AS score
FROM place p
JOIN stage.mention m ON m.id = p.mention_id
JOIN stage.source o ON o.id = m.source_id
JOIN stage.customer c ON c.seq = p.seq
LEFT JOIN size z ON z.seq = p.seq
LEFT JOIN build.best_link l ON l.mention_id = p.mention_id
LEFT JOIN build.decided d ON d.mention_id = p.mention_id
UNION ALL
SELECT
    v.number, -1, 'none', v.word, v.number, v.word, TIMESTAMP '1900-01-01', TIMESTAMP '9999-12-31',
    true, v.word, NULL
FROM (VALUES (-1, 'unknown'), (-2, 'review')) v (number, word);

CREATE TABLE build.customer_redirect AS
SELECT
    m.id AS old_customer_id,
    n.id AS customer_id,
    m.seq AS old_customer_key,
    m.now AS customer_key,
    f.since
FROM build.means m
JOIN stage.customer n ON n.seq = m.now
LEFT JOIN (
    SELECT mention_id, max(CAST(until AS TIMESTAMP)) AS since FROM stage.former GROUP BY mention_id
) f ON f.mention_id = m.anchor_id
WHERE m.now <> m.seq;

-- ---------------------------------------------------------------- hierarchy

CREATE TABLE build.owns AS
-- Direct ownership as sources state it; the newest statement about a subsidiary holds.
WITH stated AS (
    SELECT
        p.seq AS parent,
        s.seq AS child,
        TRY_CAST(json_extract_string(f.payload, '$.ownership_share') AS DECIMAL(9, 6)) AS share,
        f.id
    FROM stage.fact f
    JOIN stage.fact_party a ON a.fact_id = f.id AND a.role = 'parent'
    JOIN stage.fact_party b ON b.fact_id = f.id AND b.role = 'subsidiary'
    JOIN stage.membership p ON p.mention_id = a.mention_id
    JOIN stage.membership s ON s.mention_id = b.mention_id
    WHERE f.kind = 'ownership' AND NOT f.deleted
        AND f.id IN (
            SELECT max(id) FROM stage.fact WHERE kind = 'ownership' GROUP BY source_id, key
        )
)
SELECT child, arg_max(parent, id) AS parent, arg_max(share, id) AS share
FROM stated WHERE parent <> child GROUP BY child;

CREATE TABLE build.climb AS
-- Upwards from every customer; a ring of owners ends where it would close.
WITH RECURSIVE up AS (
    SELECT child AS seq, parent AS ancestor, 1 AS depth, share, [child, parent] AS way
    FROM build.owns
    UNION ALL
    SELECT
        u.seq, o.parent, u.depth + 1, CAST(u.share * o.share AS DECIMAL(9, 6)),
        list_append(u.way, o.parent)
    FROM up u JOIN build.owns o ON o.child = u.ancestor
    WHERE NOT list_contains(u.way, o.parent) AND u.depth < 50
)
SELECT * FROM up;

CREATE TABLE build.bridge_customer_hierarchy AS
WITH living AS (SELECT DISTINCT seq FROM stage.membership),
top AS (SELECT seq, max(depth) AS depth FROM build.climb GROUP BY seq),
pairs AS (
    SELECT
        l.seq AS ancestor_key, l.seq AS descendant_key, 0 AS depth,
        CAST(1 AS DECIMAL(9, 6)) AS ownership_share, t.seq IS NULL AS is_top, 'self' AS method
    FROM living l LEFT JOIN top t ON t.seq = l.seq
    UNION ALL
    SELECT c.ancestor, c.seq, c.depth, c.share, c.depth = t.depth, 'stated'
    FROM build.climb c JOIN top t ON t.seq = c.seq
    UNION ALL
    SELECT v.n, v.n, 0, 1, true, 'self' FROM (VALUES (-1), (-2)) v (n)
)
SELECT
    p.*,
    coalesce(a.id, CASE p.ancestor_key WHEN -1 THEN 'unknown' ELSE 'review' END) AS ancestor_id,
    coalesce(d.id, CASE p.descendant_key WHEN -1 THEN 'unknown' ELSE 'review' END) AS descendant_id
FROM pairs p
LEFT JOIN stage.customer a ON a.seq = p.ancestor_key
LEFT JOIN stage.customer d ON d.seq = p.descendant_key;

-- ---------------------------------------------------------------- versions

CREATE TABLE build.version AS
-- `fields` and `told` are the names and values of the golden record, best first.
WITH read AS (
    SELECT * EXCLUDE (payload),
        from_json(payload, '{"values": [["VARCHAR"]]}')."values" AS golden
    FROM stage.golden
)
SELECT
    seq * 100000 + version AS customer_sk,
    seq,
    version,
    CASE
        WHEN version = min(version) OVER (PARTITION BY seq) THEN TIMESTAMP '1900-01-01'
        ELSE CAST(valid_from AS TIMESTAMP)
    END AS valid_from,
    coalesce(CAST(valid_to AS TIMESTAMP), TIMESTAMP '9999-12-31') AS valid_to,
    valid_to IS NULL AS is_current,
    kind, roles, records,
    list_transform(golden, lambda g: g[1]) AS fields,
    list_transform(golden, lambda g: g[2]) AS told,
    list_avg(list_transform(golden, lambda g: CAST(g[3] AS DOUBLE))) AS golden_confidence
FROM read;

CREATE TABLE build.dim_customer AS
WITH known AS (
    -- How many sources know the customer: those of the mentions that were there at the time.
    SELECT v.customer_sk, count(DISTINCT m.source_id) AS sources
    FROM build.version v
    JOIN build.span s ON s.seq = v.seq AND s.valid_from <= v.valid_from AND s.valid_to > v.valid_from
    JOIN stage.mention m ON m.id = s.mention_id
    GROUP BY v.customer_sk
),
live AS (
    SELECT b.seq, count(DISTINCT m.source_id) AS sources
    FROM stage.membership b JOIN stage.mention m ON m.id = b.mention_id GROUP BY b.seq
),
above AS (
    SELECT
        descendant_key AS seq,
        max(ancestor_id) FILTER (depth = 1) AS parent,
        max(ancestor_id) FILTER (is_top) AS top
    FROM build.bridge_customer_hierarchy GROUP BY descendant_key
)
SELECT
    v.customer_sk,
    v.seq AS customer_key,
    c.id AS customer_id,
    v.version,
    v.valid_from,
    v.valid_to,
    v.is_current,
    CASE
        WHEN v.is_current THEN 'current'
        WHEN v.version = max(v.version) OVER (PARTITION BY v.seq) THEN 'merged'
        ELSE 'former'
    END AS status,
    v.kind,
    v.roles,
    v.records AS record_count,
    CASE
        WHEN v.is_current THEN coalesce(l.sources, 0)
        ELSE least(coalesce(k.sources, 1), v.records)
    END AS source_count,
    v.golden_confidence,
    CASE WHEN v.is_current THEN a.parent END AS parent_customer_id,
    CASE WHEN v.is_current THEN coalesce(a.top, c.id) END AS ultimate_parent_id,
    {party_values}
FROM build.version v
JOIN stage.customer c ON c.seq = v.seq
LEFT JOIN known k ON k.customer_sk = v.customer_sk
LEFT JOIN live l ON l.seq = v.seq
LEFT JOIN above a ON a.seq = v.seq
UNION ALL BY NAME
SELECT
    v.number AS customer_sk, v.number AS customer_key, v.word AS customer_id, 1 AS version,
    TIMESTAMP '1900-01-01' AS valid_from, TIMESTAMP '9999-12-31' AS valid_to, true AS is_current,
    v.word AS status, 'unknown' AS kind, '' AS roles, 0 AS record_count, 0 AS source_count,
    v.label AS name, v.word AS ultimate_parent_id
FROM (VALUES (-1, 'unknown', '(unknown)'), (-2, 'review', '(in review)')) v (number, word, label);

CREATE TABLE build.as_was AS
-- Which version of which customer a mention was from when on.
SELECT s.mention_id, greatest(s.valid_from, v.valid_from) AS valid_from, v.customer_sk
FROM build.span s
JOIN build.version v ON v.seq = s.seq
    AND v.valid_from < s.valid_to AND v.valid_to > s.valid_from;

CREATE TABLE build.dim_source AS
SELECT id AS source_id, name AS source_name,
    CASE WHEN name = 'documents' THEN 'documents' ELSE 'feed' END AS kind, owner
FROM stage.source
UNION ALL SELECT -1, 'none', 'none', '';

CREATE TABLE build.dim_date AS
SELECT
    CAST(d AS DATE) AS date_day,
    year(d) AS year, quarter(d) AS quarter, month(d) AS month,
    CAST(date_trunc('month', d) AS DATE) AS month_start,
    last_day(d) AS month_end,
    isoyear(d) AS iso_year, week(d) AS iso_week,
    CAST(date_trunc('week', d) AS DATE) AS week_start,
    isodow(d) AS day_of_week,
    isodow(d) > 5 AS is_weekend
FROM generate_series(DATE '1990-01-01', DATE '2059-12-31', INTERVAL 1 DAY) t (d);
