-- One row an invoice, however many files and systems tell of it.
--
-- Two tellings are one invoice when their numbers agree and two of customer, total and date do (or
-- one does and nothing contradicts it). Systems come before documents: the system of record gives the
-- values, the others are lineage. Two rows of one system never are one invoice.

CREATE TABLE build.same_invoice AS
WITH pairs AS (
    SELECT
        c.event_key AS child, c.source_id AS child_source, c.is_system,
        h.event_key AS parent, h.source_id AS parent_source,
        h.direction = 'sale' AND length(h.number_key) >= 6 AS is_ours,
        CASE WHEN c.party = h.party THEN 1 WHEN c.party <> h.party THEN -1 ELSE 0 END AS customer,
        CASE WHEN c.gross = h.gross AND c.currency IS NOT DISTINCT FROM h.currency THEN 1
            WHEN c.gross = h.gross AND (c.currency IS NULL OR h.currency IS NULL) THEN 1
            WHEN c.gross IS NULL OR h.gross IS NULL THEN 0 ELSE -1 END AS gross,
        CASE WHEN c.issue_date = h.issue_date THEN 1 WHEN c.issue_date <> h.issue_date THEN -1
            ELSE 0 END AS issued
    FROM build.invoice_event c
    JOIN build.invoice_event h ON h.number_key = c.number_key
        AND (h.document_type = 'credit_note') = (c.document_type = 'credit_note')
        AND (h.direction = c.direction OR 'unknown' IN (h.direction, c.direction))
        AND h.is_system
        AND h.source_id <> c.source_id
        AND (NOT c.is_system OR h.source_id < c.source_id)
),
fit AS (
    SELECT *, 4 * customer + 2 * gross + issued AS score
    FROM pairs
    WHERE (customer = 1)::INT + (gross = 1)::INT + (issued = 1)::INT >= 2
        OR greatest(customer, gross, issued) = 1 AND least(customer, gross, issued) >= 0
        OR NOT is_system AND is_ours AND 1 IN (customer, gross, issued)
),
best AS (
    -- Each telling goes to its best invoice; each invoice takes one row of a system.
    SELECT *, row_number() OVER (PARTITION BY child ORDER BY parent_source, score DESC, parent) AS a
    FROM fit
)
SELECT child, parent
FROM best WHERE a = 1
QUALIFY NOT is_system
    OR row_number() OVER (PARTITION BY parent, child_source ORDER BY score DESC, child) = 1
UNION ALL
-- Files that the log takes for the same invoice count once, unless a person said otherwise.
SELECT c.event_key, h.event_key
FROM build.invoice_event c
JOIN build.invoice_event h ON h.document = c.duplicate_of AND h.event_key < c.event_key
WHERE c.event_key NOT IN (SELECT child FROM best WHERE a = 1);

CREATE TABLE build.invoice_of AS
-- Telling → invoice. A chain is as long as there are sources.
WITH RECURSIVE up AS (
    SELECT child AS event_key, parent AS head FROM build.same_invoice
    UNION ALL
    SELECT u.event_key, s.parent FROM up u JOIN build.same_invoice s ON s.child = u.head
),
root AS (
    SELECT event_key, head FROM up WHERE head NOT IN (SELECT child FROM build.same_invoice)
)
SELECT e.event_key, coalesce(r.head, e.event_key) AS invoice_sk
FROM build.invoice_event e
LEFT JOIN root r ON r.event_key = e.event_key;

CREATE TABLE build.invoice AS
-- The values of the system of record; what it does not say comes from the others, the first best.
WITH told AS (
    SELECT
        o.invoice_sk, e.*,
        row_number() OVER (
            PARTITION BY o.invoice_sk
            ORDER BY e.event_key <> o.invoice_sk, NOT e.is_system, e.confidence DESC, e.event_key
        ) AS place
    FROM build.invoice_event e JOIN build.invoice_of o ON o.event_key = e.event_key
),
single AS (
    SELECT invoice_sk FROM told GROUP BY invoice_sk HAVING count(*) = 1
)
SELECT
    invoice_sk, invoice_number, number_key, direction, document_type,
    sold_to, bill_to, ship_to, payer, seller, issue_date, due_date, currency, net, tax, gross,
    open_told, paid_on, observed_at, status, purchase_order, preceding_invoice, source_id,
    key AS source_key, 1 AS source_count, document AS document_sha256, is_system,
    confidence
FROM told WHERE invoice_sk IN (SELECT invoice_sk FROM single)
UNION ALL
SELECT
    invoice_sk,
    arg_min(invoice_number, place), arg_min(number_key, place),
    coalesce(arg_min(direction, place) FILTER (direction <> 'unknown'), 'unknown'),
    arg_min(document_type, place),
    arg_min(sold_to, place), arg_min(bill_to, place), arg_min(ship_to, place),
    arg_min(payer, place), arg_min(seller, place),
    arg_min(issue_date, place), arg_min(due_date, place), arg_min(currency, place),
    arg_min(net, place), arg_min(tax, place), arg_min(gross, place),
    arg_min(open_told, place) FILTER (is_system), arg_min(paid_on, place) FILTER (is_system),
    arg_min(observed_at, place), arg_min(status, place),
    arg_min(purchase_order, place), arg_min(preceding_invoice, place),
    arg_min(source_id, place), arg_min(key, place), count(*), arg_min(document, place),
    bool_or(is_system), CASE WHEN bool_or(is_system) THEN 1.0 ELSE max(confidence) END
FROM told WHERE invoice_sk NOT IN (SELECT invoice_sk FROM single)
GROUP BY invoice_sk;

CREATE TABLE build.needed AS
-- Every (mention, day) that a fact needs as it was then.
SELECT DISTINCT mention_id, on_day
FROM (
    SELECT unnest([sold_to, bill_to, ship_to, payer, seller]) AS mention_id,
        coalesce(issue_date, CAST(observed_at AS DATE)) AS on_day
    FROM build.invoice
)
WHERE mention_id IS NOT NULL;

CREATE TABLE build.was AS
SELECT n.mention_id, n.on_day, w.customer_sk
FROM build.needed n
ASOF JOIN build.as_was w
    ON w.mention_id = n.mention_id AND greatest(n.on_day, DATE '1900-01-02') >= w.valid_from;

CREATE TABLE build.nobody AS
-- A sale whose customer nobody could name yet: in review where questions are open, else unknown.
SELECT i.invoice_sk,
    CASE WHEN a.open_ones > 0 THEN -2 ELSE -1 END AS who
FROM build.invoice i LEFT JOIN build.asked a ON a.document = i.document_sha256;

CREATE TABLE build.fact_invoice AS
SELECT
    i.* EXCLUDE (sold_to, bill_to, ship_to, payer, seller, open_told, paid_on, observed_at, is_system),
    coalesce(a.customer_sk, n.who) AS sold_to_sk, coalesce(i.sold_to, n.who) AS sold_to_mention,
    coalesce(b.customer_sk, n.who) AS bill_to_sk, coalesce(i.bill_to, n.who) AS bill_to_mention,
    coalesce(c.customer_sk, n.who) AS ship_to_sk, coalesce(i.ship_to, n.who) AS ship_to_mention,
    coalesce(d.customer_sk, n.who) AS payer_sk, coalesce(i.payer, n.who) AS payer_mention,
    coalesce(e.customer_sk, -1) AS seller_sk, coalesce(i.seller, -1) AS seller_mention
FROM (SELECT *, coalesce(issue_date, CAST(observed_at AS DATE)) AS on_day FROM build.invoice) i
JOIN build.nobody n ON n.invoice_sk = i.invoice_sk
LEFT JOIN build.was a ON a.mention_id = i.sold_to AND a.on_day = i.on_day
LEFT JOIN build.was b ON b.mention_id = i.bill_to AND b.on_day = i.on_day
LEFT JOIN build.was c ON c.mention_id = i.ship_to AND c.on_day = i.on_day
LEFT JOIN build.was d ON d.mention_id = i.payer AND d.on_day = i.on_day
LEFT JOIN build.was e ON e.mention_id = i.seller AND e.on_day = i.on_day;

CREATE TABLE build.fact_invoice_source AS
SELECT
    e.event_key, o.invoice_sk, e.source_id, e.key AS source_key,
    CASE WHEN e.is_system THEN 'system' ELSE 'document' END AS channel,
    e.document AS document_sha256, e.invoice_number,
    coalesce(e.sold_to, e.seller, -1) AS customer_mention,
    e.issue_date, e.due_date, e.currency, e.net, e.tax, e.gross, e.confidence
FROM build.invoice_event e JOIN build.invoice_of o ON o.event_key = e.event_key;

-- ---------------------------------------------------------------- lines

CREATE TABLE build.line_event AS
WITH parsed AS (
    SELECT e.event_key, e.source_id, e.key,
        from_json(e.payload, '{
            "invoice_key": "VARCHAR", "invoice_number": "VARCHAR", "line_number": "VARCHAR",
            "description": "VARCHAR", "quantity": "VARCHAR", "unit": "VARCHAR",
            "unit_price": "VARCHAR", "net_amount": "VARCHAR", "tax_rate": "VARCHAR",
            "amount": "VARCHAR"}') AS v
    FROM build.event e WHERE e.kind = 'invoice_line'
)
SELECT event_key, source_id, coalesce(v.invoice_key, v.invoice_number) AS invoice_key,
    TRY_CAST(v.line_number AS INTEGER) AS told_number, v.description,
    TRY_CAST(v.quantity AS DECIMAL(18, 6)) AS quantity, v.unit,
    TRY_CAST(v.unit_price AS DECIMAL(18, 6)) AS unit_price,
    coalesce(money(v.net_amount), money(v.amount)) AS net,
    TRY_CAST(v.tax_rate AS DECIMAL(9, 4)) AS tax_rate
FROM parsed;

CREATE TABLE build.line AS
WITH system_line AS (
    SELECT o.invoice_sk, l.*
    FROM build.line_event l
    JOIN build.event e ON e.kind = 'invoice' AND e.source_id = l.source_id AND e.key = l.invoice_key
    JOIN build.invoice_of o ON o.event_key = e.event_key
),
document_line AS (
    SELECT o.invoice_sk, e.event_key, e.source_id,
        unnest(from_json(json_extract(f.payload, '$.lines'), '[{
            "description": "VARCHAR", "quantity": "VARCHAR", "unit_price": "VARCHAR",
            "net_amount": "VARCHAR", "tax_rate": "VARCHAR"}]')) AS v,
        generate_subscripts(CAST(json_extract(f.payload, '$.lines') AS JSON[]), 1) AS told_number
    FROM build.invoice_event e
    JOIN build.event f ON f.fact_id = e.fact_id
    JOIN build.invoice_of o ON o.event_key = e.event_key
    WHERE NOT e.is_system AND json_extract(f.payload, '$.lines') IS NOT NULL
        AND o.invoice_sk NOT IN (SELECT invoice_sk FROM system_line)
    QUALIFY dense_rank() OVER (
        PARTITION BY o.invoice_sk ORDER BY e.confidence DESC, e.event_key) = 1
)
SELECT invoice_sk, event_key, source_id, told_number, description, quantity, unit, unit_price, net,
    tax_rate
FROM system_line
UNION ALL
SELECT invoice_sk, event_key, source_id, told_number, v.description,
    TRY_CAST(v.quantity AS DECIMAL(18, 6)), NULL, TRY_CAST(v.unit_price AS DECIMAL(18, 6)),
    money(v.net_amount), TRY_CAST(v.tax_rate AS DECIMAL(9, 4))
FROM document_line;

CREATE TABLE build.fact_invoice_line AS
SELECT
    l.invoice_sk,
    row_number() OVER (PARTITION BY l.invoice_sk ORDER BY l.told_number, l.event_key) AS line_number,
    i.sold_to_sk, i.sold_to_mention, i.issue_date, i.currency, l.description, l.quantity, l.unit,
    l.unit_price,
    CASE WHEN i.document_type = 'credit_note' AND l.net > 0 THEN -l.net ELSE l.net END AS net,
    l.tax_rate, l.source_id
FROM build.line l JOIN build.fact_invoice i ON i.invoice_sk = l.invoice_sk;

-- ---------------------------------------------------------------- instalments

CREATE TABLE build.instalment_event AS
WITH parsed AS (
    SELECT e.event_key, e.source_id,
        from_json(e.payload, '{
            "invoice_key": "VARCHAR", "due_date": "VARCHAR", "amount": "VARCHAR"}') AS v
    FROM build.event e WHERE e.kind = 'instalment'
)
SELECT p.event_key, o.invoice_sk, day(v.due_date) AS due_date, money(v.amount) AS amount
FROM parsed p
JOIN build.event e ON e.kind = 'invoice' AND e.source_id = p.source_id AND e.key = v.invoice_key
JOIN build.invoice_of o ON o.event_key = e.event_key;

CREATE TABLE build.fact_instalment AS
WITH whole AS (
    -- Instalments that don't add up to the invoice are not believed.
    SELECT e.invoice_sk
    FROM build.instalment_event e JOIN build.fact_invoice i ON i.invoice_sk = e.invoice_sk
    GROUP BY e.invoice_sk
    HAVING abs(sum(e.amount)) = abs(max(i.gross)) AND count(e.due_date) = count(*)
)
SELECT
    e.invoice_sk,
    row_number() OVER (PARTITION BY e.invoice_sk ORDER BY e.due_date, e.event_key) AS instalment,
    e.due_date,
    CASE WHEN i.gross < 0 THEN -abs(e.amount) ELSE e.amount END AS amount,
    'stated' AS basis
FROM build.instalment_event e
JOIN whole w ON w.invoice_sk = e.invoice_sk
JOIN build.fact_invoice i ON i.invoice_sk = e.invoice_sk
UNION ALL
SELECT invoice_sk, 1, coalesce(due_date, issue_date), gross,
    CASE WHEN due_date IS NULL THEN 'issue' ELSE 'invoice' END
FROM build.fact_invoice
WHERE gross IS NOT NULL AND invoice_sk NOT IN (SELECT invoice_sk FROM whole);
