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

CREATE MACRO signed(debit, credit, foreign_amount) AS
    CASE WHEN foreign_amount IS NULL THEN debit - credit
        WHEN debit = credit THEN foreign_amount
        ELSE CAST(sign(debit - credit) * abs(foreign_amount) AS DECIMAL(18, 4)) END;

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

CREATE TABLE build.batch_kind AS
-- A batch with revenue posts an invoice, one that moves money without revenue posts a payment.
-- Sums are in the currency of the business event.
SELECT g.source_id, g.batch,
    bool_or(a.account_class IN ('cash', 'discount', 'write_off'))
        AND NOT bool_or(a.account_class = 'revenue') AS is_payment,
    -sum(signed(g.debit, g.credit, g.foreign_amount)) FILTER (a.account_class = 'receivable')
        AS received,
    bool_or(a.account_class = 'cash') AS has_cash,
    min(g.posting_date) AS posting_date,
    min(n.customer_key) AS party, min(g.currency) AS currency
FROM build.gl_event g
JOIN build.dim_account a ON a.source_id = g.source_id AND a.account = g.account
LEFT JOIN build.now n ON n.mention_key = g.party
WHERE g.batch IS NOT NULL
GROUP BY g.source_id, g.batch;

CREATE TABLE build.batch_word AS
-- What the lines of a batch call it: keys, references, texts whole and word by word.
WITH texts AS (
    SELECT DISTINCT source_id, batch, invoice_key, reference, description
    FROM build.gl_event WHERE batch IS NOT NULL
),
words AS (
    SELECT source_id, batch, number_key(invoice_key) AS word, 2 AS rank FROM texts
    UNION SELECT source_id, batch, number_key(reference), 3 FROM texts
    UNION SELECT source_id, batch, number_key(description), 4 FROM texts
    UNION SELECT source_id, batch, number_key(w), 5 FROM (
        SELECT source_id, batch, unnest(string_split_regex(description, '[\s,]+')) AS w FROM texts
        WHERE description IS NOT NULL)
)
SELECT * FROM words WHERE length(word) >= 3;

CREATE TABLE build.batch AS
-- The invoice that a batch is about. Where one number was billed twice, the k-th batch is about the
-- k-th of them.
WITH keyed AS (
    SELECT DISTINCT g.source_id, g.batch, o.invoice_sk
    FROM build.gl_event g
    JOIN build.event e
        ON e.kind = 'invoice' AND e.source_id = g.source_id AND e.key = g.invoice_key
    JOIN build.invoice_of o ON o.event_key = e.event_key
    WHERE g.batch IS NOT NULL
),
numbered AS (
    SELECT invoice_sk, number_key,
        row_number() OVER (PARTITION BY number_key ORDER BY invoice_sk) AS nth,
        count(*) OVER (PARTITION BY number_key) AS copies
    FROM build.target
),
hits AS (
    SELECT DISTINCT w.source_id, w.batch, w.word, w.rank
    FROM build.batch_word w
    WHERE w.word IN (SELECT number_key FROM build.target)
        AND (w.source_id, w.batch) NOT IN (SELECT (source_id, batch) FROM keyed)
    QUALIFY w.rank = min(w.rank) OVER (PARTITION BY w.source_id, w.batch)
),
ranked AS (
    SELECT h.source_id, h.batch, h.word,
        row_number() OVER (
            PARTITION BY h.source_id, h.word, k.is_payment ORDER BY k.posting_date, h.batch) AS nth
    FROM hits h JOIN build.batch_kind k ON k.source_id = h.source_id AND k.batch = h.batch
)
SELECT source_id, batch, invoice_sk FROM keyed
UNION ALL
SELECT r.source_id, r.batch, n.invoice_sk
FROM ranked r
JOIN numbered n ON n.number_key = r.word AND n.nth = (r.nth - 1) % n.copies + 1;

CREATE TABLE build.batch_payment (source_id BIGINT, batch VARCHAR, payment_sk BIGINT, how VARCHAR);

CREATE TABLE build.payment_word AS
SELECT payment_sk, number_key(reference) AS word FROM build.payment
UNION SELECT payment_sk, number_key(source_key) FROM build.payment;

CREATE TABLE build.batch_candidate AS
-- Payments that a batch may post: those it names, those of its invoices, those of its customer.
WITH money AS (SELECT * FROM build.batch_kind WHERE is_payment),
named AS (
    SELECT m.source_id, m.batch, p.payment_sk, 1 AS rank
    FROM money m
    JOIN build.batch_word w ON w.source_id = m.source_id AND w.batch = m.batch
    JOIN build.payment_word p ON p.word = w.word
    UNION ALL
    SELECT m.source_id, m.batch, a.payment_sk, 2
    FROM money m
    JOIN build.batch b ON b.source_id = m.source_id AND b.batch = m.batch
    JOIN build.fact_payment_application a ON a.invoice_sk = b.invoice_sk AND a.payment_sk > 0
    UNION ALL
    -- A payment whose invoice is settled already still names it.
    SELECT m.source_id, m.batch, o.payment_sk, 2
    FROM money m
    JOIN build.batch b ON b.source_id = m.source_id AND b.batch = m.batch
    JOIN build.named n ON n.invoice_sk = b.invoice_sk
    JOIN build.payment_of o ON o.event_key = n.event_key
    UNION ALL
    SELECT m.source_id, m.batch, p.payment_sk, 3
    FROM money m
    JOIN build.payment p ON p.party = m.party AND p.amount = m.received
        AND abs(p.payment_date - m.posting_date) <= 10
)
SELECT c.source_id, c.batch, c.payment_sk, min(c.rank) AS rank,
    any_value(p.amount) = any_value(m.received) AS same_sum,
    any_value(p.currency) IS NOT DISTINCT FROM any_value(m.currency) AS same_currency,
    any_value((p.kind = 'payment') = m.has_cash) AS same_kind,
    any_value(abs(p.payment_date - m.posting_date)) AS apart
FROM named c
JOIN build.batch_kind m ON m.source_id = c.source_id AND m.batch = c.batch
JOIN build.payment p ON p.payment_sk = c.payment_sk
GROUP BY c.source_id, c.batch, c.payment_sk;

INSERT INTO build.batch_payment
-- The very sum, the nearest day; one batch a payment and one payment a batch.
SELECT source_id, batch, payment_sk, 'sum' FROM (
    SELECT * FROM build.batch_candidate WHERE same_sum AND same_kind
    QUALIFY row_number() OVER (
        PARTITION BY source_id, batch ORDER BY rank, apart, payment_sk) = 1
)
QUALIFY row_number() OVER (PARTITION BY source_id, payment_sk ORDER BY rank, apart, batch) = 1;

INSERT INTO build.batch_payment
-- What is left on both sides: the same again, for batches whose first choice was taken.
SELECT source_id, batch, payment_sk, 'rest' FROM (
    SELECT * FROM build.batch_candidate c
    WHERE same_kind AND (same_sum OR rank <= 2)
        AND (source_id, batch) NOT IN (SELECT (source_id, batch) FROM build.batch_payment)
        AND (source_id, payment_sk) NOT IN (SELECT (source_id, payment_sk) FROM build.batch_payment)
    QUALIFY row_number() OVER (
        PARTITION BY source_id, batch ORDER BY same_sum DESC, rank, apart, payment_sk) = 1
)
QUALIFY row_number() OVER (
    PARTITION BY source_id, payment_sk ORDER BY same_sum DESC, rank, apart, batch) = 1;

INSERT INTO build.batch_payment
-- A batch that says the same as one that is taken, and nothing else is left for it: posted twice.
SELECT source_id, batch, payment_sk, 'again' FROM build.batch_candidate
WHERE same_sum AND same_kind AND rank <= 2
    AND (source_id, batch) NOT IN (SELECT (source_id, batch) FROM build.batch_payment)
QUALIFY row_number() OVER (PARTITION BY source_id, batch ORDER BY rank, apart, payment_sk) = 1;

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
    signed(g.debit, g.credit, g.foreign_amount) AS amount,
    g.currency, g.description, g.reference, g.due_date,
    CASE WHEN k.is_payment THEN -1 ELSE coalesce(b.invoice_sk, -1) END AS invoice_sk,
    coalesce(p.payment_sk, -1) AS payment_sk
FROM build.gl_event g
JOIN build.dim_account a ON a.source_id = g.source_id AND a.account = g.account
LEFT JOIN (
    SELECT source_id, batch, min(invoice_sk) AS invoice_sk FROM build.batch
    GROUP BY source_id, batch HAVING count(*) = 1
) b ON b.source_id = g.source_id AND b.batch = g.batch
LEFT JOIN build.batch_kind k ON k.source_id = g.source_id AND k.batch = g.batch
LEFT JOIN build.batch_payment p ON p.source_id = g.source_id AND p.batch = g.batch
LEFT JOIN was w ON w.mention_id = g.party AND w.on_day = g.posting_date;
