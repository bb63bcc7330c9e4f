-- The general ledger: lines, accounts by class, and which invoice or payment each batch posts.

CREATE TABLE build.gl_event AS
WITH parsed AS (
    SELECT e.event_key, e.fact_id, e.source_id, e.key, e.observed_at,
        from_json(e.payload, '{
            "batch": "VARCHAR", "journal": "VARCHAR", "posting_date": "VARCHAR",
            "account": "VARCHAR", "account_name": "VARCHAR", "account_type": "VARCHAR",
            "debit": "VARCHAR", "credit": "VARCHAR", "amount": "VARCHAR", "currency": "VARCHAR",
            "exchange_rate": "VARCHAR", "description": "VARCHAR", "reference": "VARCHAR",
            "invoice_key": "VARCHAR", "invoice_number": "VARCHAR", "due_date": "VARCHAR"}') AS v
    FROM build.event e WHERE e.kind = 'gl_entry'
)
SELECT
    p.event_key, p.source_id, p.key, v.batch, v.journal,
    coalesce(day(v.posting_date), CAST(p.observed_at AS DATE)) AS posting_date,
    coalesce(v.account, '') AS account, v.account_name, v.account_type,
    coalesce(money(v.debit), CASE WHEN money(v.credit) IS NULL AND money(v.amount) > 0
        THEN money(v.amount) END, 0) AS debit,
    coalesce(money(v.credit), CASE WHEN money(v.debit) IS NULL AND money(v.amount) < 0
        THEN -money(v.amount) END, 0) AS credit,
    money(v.amount) AS foreign_amount,
    coalesce(upper(v.currency), h.currency) AS currency, v.description, v.reference,
    coalesce(v.invoice_key, v.invoice_number) AS invoice_key, day(v.due_date) AS due_date,
    coalesce(a.payer, a.seller) AS party,
    a.payer IS NOT NULL AS is_customer, a.seller IS NOT NULL AND a.payer IS NULL AS is_supplier
FROM parsed p CROSS JOIN build.house h LEFT JOIN build.party a ON a.fact_id = p.fact_id;

CREATE TABLE build.dim_account AS
-- The class that the ledger names; else that of its party lines; else that of its name.
WITH account AS (
    SELECT source_id, account, min(event_key) AS account_sk,
        arg_max(account_name, event_key) AS account_name,
        lower(arg_max(account_type, event_key)) AS told,
        bool_or(is_customer) AS customers, bool_or(is_supplier) AS suppliers
    FROM build.gl_event GROUP BY source_id, account
),
worded AS (
    SELECT a.source_id, a.account, arg_min(w.class, w.place) AS class
    FROM account a JOIN build.account_word w ON regexp_matches(a.account_name, w.pattern, 'i')
    GROUP BY a.source_id, a.account
)
SELECT a.account_sk, a.source_id, a.account, a.account_name,
    CASE
        WHEN a.told IN ('receivable', 'payable', 'revenue', 'tax', 'cash', 'fx', 'discount',
            'write_off', 'other') THEN a.told
        WHEN a.customers AND coalesce(w.class, 'receivable') IN ('receivable', 'payable')
            THEN 'receivable'
        WHEN a.suppliers AND coalesce(w.class, 'payable') IN ('receivable', 'payable')
            THEN 'payable'
        ELSE coalesce(w.class, 'other')
    END AS account_class
FROM account a
LEFT JOIN worded w ON w.source_id = a.source_id AND w.account = a.account
UNION ALL SELECT -1, -1, '', '(none)', 'other';

CREATE TABLE build.batch AS
-- What a batch is about: the invoices its lines name by key or number.
WITH texts AS (
    SELECT DISTINCT source_id, batch, invoice_key, reference, description, party
    FROM build.gl_event WHERE batch IS NOT NULL
),
keyed AS (
    SELECT t.source_id, t.batch, o.invoice_sk, 1 AS rank
    FROM texts t
    JOIN build.event e
        ON e.kind = 'invoice' AND e.source_id = t.source_id AND e.key = t.invoice_key
    JOIN build.invoice_of o ON o.event_key = e.event_key
),
words AS (
    SELECT source_id, batch, unnest([
        struct_pack(w := number_key(invoice_key), rank := 2),
        struct_pack(w := number_key(reference), rank := 3),
        struct_pack(w := number_key(description), rank := 4)], recursive := true)
    FROM texts
    UNION ALL
    -- The number as a word of the text.
    SELECT source_id, batch,
        unnest(list_transform(string_split_regex(description, '[\s,]+'), lambda x: number_key(x))), 5
    FROM texts WHERE description IS NOT NULL
),
numbered AS (
    SELECT DISTINCT w.source_id, w.batch, t.invoice_sk, w.rank
    FROM words w JOIN build.target t ON t.number_key = w.w
    WHERE length(w.w) >= 3
)
SELECT source_id, batch, min(invoice_sk) AS invoice_sk, count(DISTINCT invoice_sk) AS invoices
FROM (
    SELECT * FROM (SELECT * FROM keyed UNION ALL SELECT * FROM numbered)
    QUALIFY rank = min(rank) OVER (PARTITION BY source_id, batch)
)
GROUP BY source_id, batch;

CREATE TABLE build.batch_kind AS
-- A batch with revenue, or one that debits a receivable, posts an invoice; one that moves money posts
-- a payment.
SELECT g.source_id, g.batch,
    bool_or(a.account_class = 'revenue') AS has_revenue,
    bool_or(a.account_class IN ('cash', 'discount', 'write_off')) AS has_money,
    sum(g.credit - g.debit) FILTER (a.account_class = 'receivable') AS received,
    min(g.posting_date) AS posting_date
FROM build.gl_event g
JOIN build.dim_account a ON a.source_id = g.source_id AND a.account = g.account
WHERE g.batch IS NOT NULL
GROUP BY g.source_id, g.batch;

CREATE TABLE build.batch_payment AS
-- The payment of the same invoice and sum that is nearest in time; one batch a payment.
WITH candidates AS (
    SELECT k.source_id, k.batch, p.payment_sk, abs(p.payment_date - k.posting_date) AS apart
    FROM build.batch_kind k
    JOIN build.batch b ON b.source_id = k.source_id AND b.batch = k.batch
    JOIN build.fact_payment_application a ON a.invoice_sk = b.invoice_sk
    JOIN build.payment p ON p.payment_sk = a.payment_sk AND p.amount = k.received
    WHERE k.has_money AND NOT k.has_revenue
)
SELECT source_id, batch, payment_sk FROM candidates
QUALIFY row_number() OVER (PARTITION BY source_id, batch ORDER BY apart, payment_sk) = 1
    AND row_number() OVER (PARTITION BY source_id, payment_sk ORDER BY apart, batch) = 1;

CREATE TABLE build.fact_gl_entry AS
WITH was AS (
    SELECT n.mention_id, n.on_day, w.customer_sk
    FROM (SELECT DISTINCT party AS mention_id, posting_date AS on_day FROM build.gl_event) n
    ASOF JOIN build.as_was w
        ON w.mention_id = n.mention_id AND greatest(n.on_day, DATE '1900-01-02') >= w.valid_from
)
SELECT
    g.event_key AS gl_entry_sk, g.source_id, g.key AS source_key, g.batch, g.journal,
    g.posting_date, a.account_sk, a.account_class,
    coalesce(w.customer_sk, -1) AS party_sk, coalesce(g.party, -1) AS party_mention,
    g.debit, g.credit, g.debit - g.credit AS ledger_amount,
    CASE WHEN g.foreign_amount IS NULL THEN g.debit - g.credit
        WHEN g.debit = g.credit THEN g.foreign_amount
        ELSE sign(g.debit - g.credit) * abs(g.foreign_amount) END AS amount,
    g.currency, g.description, g.reference, g.due_date,
    CASE WHEN k.has_money AND NOT k.has_revenue THEN -1 ELSE coalesce(b.invoice_sk, -1) END
        AS invoice_sk,
    coalesce(p.payment_sk, -1) AS payment_sk
FROM build.gl_event g
JOIN build.dim_account a ON a.source_id = g.source_id AND a.account = g.account
LEFT JOIN build.batch b ON b.source_id = g.source_id AND b.batch = g.batch AND b.invoices = 1
LEFT JOIN build.batch_kind k ON k.source_id = g.source_id AND k.batch = g.batch
LEFT JOIN build.batch_payment p ON p.source_id = g.source_id AND p.batch = g.batch
LEFT JOIN was w ON w.mention_id = g.party AND w.on_day = g.posting_date;
