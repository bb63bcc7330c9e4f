-- Business events of the log: the newest version of each, its parties by role, its values typed.

CREATE TABLE build.event AS
WITH several AS (
    SELECT kind, source_id, key, min(id) AS first_id, max(id) AS last_id
    FROM stage.fact GROUP BY kind, source_id, key HAVING count(*) > 1
)
SELECT
    coalesce(s.first_id, f.id) AS event_key,
    f.id AS fact_id, f.kind, f.source_id, f.key, f.observed_at, f.document, f.payload
FROM stage.fact f
LEFT JOIN several s ON s.kind = f.kind AND s.source_id = f.source_id AND s.key = f.key
WHERE NOT f.deleted AND (s.last_id IS NULL OR s.last_id = f.id);

CREATE TABLE build.party AS
-- Role-playing parties. A system that tells one party of a sale means it in all roles.
WITH told AS (
    SELECT
        fact_id,
        min(mention_id) FILTER (role = 'buyer') AS buyer,
        min(mention_id) FILTER (role = 'sold_to') AS sold_to,
        min(mention_id) FILTER (role = 'bill_to') AS bill_to,
        min(mention_id) FILTER (role = 'ship_to') AS ship_to,
        min(mention_id) FILTER (role = 'payer') AS payer,
        min(mention_id) FILTER (role = 'seller') AS seller
    FROM stage.fact_party GROUP BY fact_id
)
SELECT
    fact_id,
    coalesce(sold_to, buyer, bill_to, payer) AS sold_to,
    coalesce(bill_to, buyer, sold_to, payer) AS bill_to,
    coalesce(ship_to, sold_to, buyer, bill_to) AS ship_to,
    coalesce(payer, bill_to, buyer, sold_to) AS payer,
    seller
FROM told;

CREATE TABLE build.now AS
-- The customer of each mention today, a plain number to compare with.
SELECT mention_key, customer_key FROM build.xref_customer WHERE is_current;

CREATE TABLE build.asked AS
SELECT document, count(*) AS questions, count(*) FILTER (status IN ('open', 'disputed')) AS open_ones
FROM stage.review_item WHERE document <> '' GROUP BY document;

CREATE MACRO number_key(t) AS
    nullif(ltrim(upper(regexp_replace(t, '[^\p{L}\p{N}]', '', 'g')), '0'), '');
CREATE MACRO money(t) AS TRY_CAST(t AS DECIMAL(18, 4));
CREATE MACRO day(t) AS TRY_CAST(left(t, 10) AS DATE);

CREATE TABLE build.house AS
-- The currency of systems that name none: as set, else the one that most invoices are in.
SELECT coalesce(
    nullif(upper((SELECT currency FROM build.setting)), ''),
    (SELECT mode(upper(json_extract_string(payload, '$.currency'))) FROM build.event
     WHERE kind IN ('invoice', 'payment'))
) AS currency;

CREATE TABLE build.invoice_event AS
WITH parsed AS (
    SELECT
        e.event_key, e.fact_id, e.source_id, e.key, e.document, e.observed_at,
        from_json(e.payload, '{
            "invoice_number": "VARCHAR", "issue_date": "VARCHAR", "due_date": "VARCHAR",
            "currency": "VARCHAR", "net_total": "VARCHAR", "tax_total": "VARCHAR",
            "total": "VARCHAR", "amount_due": "VARCHAR", "open_amount": "VARCHAR",
            "paid_amount": "VARCHAR", "payment_date": "VARCHAR", "status": "VARCHAR",
            "purchase_order": "VARCHAR", "preceding_invoice": "VARCHAR", "type": "VARCHAR",
            "duplicate_of": "VARCHAR", "confidence": {
                "invoice_number": "DOUBLE", "issue_date": "DOUBLE", "total": "DOUBLE"}}') AS v
    FROM build.event e WHERE e.kind = 'invoice'
),
typed AS (
    SELECT
        p.event_key, p.fact_id, p.source_id, p.key, p.document, p.observed_at,
        p.document IS NULL AS is_system,
        -- A system that names no number mostly has it as its key.
        coalesce(v.invoice_number, CASE WHEN p.document IS NULL THEN p.key END) AS invoice_number,
        CASE
            WHEN regexp_matches(v.type, '^(381|384)$|credit|gutschrift|avoir|nota di credito|abono|(^|_)refund', 'i')
                OR (p.document IS NULL AND coalesce(money(v.total), money(v.net_total)) < 0)
                THEN 'credit_note'
            WHEN v.type = 'receipt' THEN 'receipt'
            ELSE 'invoice'
        END AS document_type,
        day(v.issue_date) AS issue_date,
        day(v.due_date) AS due_date,
        coalesce(upper(v.currency), CASE WHEN p.document IS NULL THEN h.currency END) AS currency,
        money(v.net_total) AS net_told, money(v.tax_total) AS tax_told,
        coalesce(money(v.total), money(v.net_total) + money(v.tax_total),
            CASE WHEN p.document IS NULL THEN money(v.net_total) END) AS gross_told,
        coalesce(money(v.open_amount), money(v.amount_due),
            money(v.total) - money(v.paid_amount)) AS open_told,
        day(v.payment_date) AS paid_on,
        v.status, v.purchase_order, v.preceding_invoice, v.duplicate_of,
        CASE WHEN p.document IS NULL THEN 1.0 ELSE least(
            coalesce(v.confidence.invoice_number, 0), coalesce(v.confidence.issue_date, 0),
            coalesce(v.confidence.total, 0)) END AS confidence
    FROM parsed p, build.house h
)
SELECT
    t.* EXCLUDE (net_told, tax_told, gross_told),
    CASE WHEN document_type = 'credit_note' THEN -abs(gross_told) ELSE gross_told END AS gross,
    CASE WHEN document_type = 'credit_note' THEN -abs(coalesce(net_told, gross_told - tax_told))
        ELSE coalesce(net_told, gross_told - tax_told) END AS net,
    CASE WHEN document_type = 'credit_note' THEN -abs(coalesce(tax_told, gross_told - net_told))
        ELSE coalesce(tax_told, gross_told - net_told) END AS tax,
    number_key(invoice_number) AS number_key,
    CASE
        WHEN p.sold_to IS NOT NULL THEN 'sale'
        WHEN p.seller IS NOT NULL THEN 'purchase'
        ELSE 'unknown'
    END AS direction,
    p.sold_to, p.bill_to, p.ship_to, p.payer, p.seller,
    coalesce(n.customer_key, s.customer_key) AS party
FROM typed t
LEFT JOIN build.party p ON p.fact_id = t.fact_id
LEFT JOIN build.now n ON n.mention_key = p.sold_to
LEFT JOIN build.now s ON s.mention_key = p.seller;
