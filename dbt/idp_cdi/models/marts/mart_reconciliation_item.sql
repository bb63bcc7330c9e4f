-- Made by scripts/make_dbt.py. Don't edit it.
WITH posted AS (
    SELECT invoice_sk, payment_sk, posting_date, currency, amount, batch, source_id, gl_entry_sk,
        description
    FROM {{ source('idp_cdi', 'fact_gl_entry') }} WHERE account_class = 'receivable'
),
business AS (
    SELECT 'invoice' AS item, i.invoice_sk AS item_sk, i.invoice_number AS label, i.currency,
        i.issue_date AS on_day, i.gross AS amount
    FROM {{ source('idp_cdi', 'fact_invoice') }} i
    WHERE i.direction = 'sale' AND i.issue_date IS NOT NULL AND i.gross IS NOT NULL
        AND i.document_type <> 'receipt'
    UNION ALL
    SELECT 'payment', p.payment_sk, coalesce(p.reference, p.source_key), p.currency,
        p.payment_date, -p.amount
    FROM {{ source('idp_cdi', 'fact_payment') }} p WHERE p.direction = 'in'
),
ledger AS (
    SELECT
        CASE WHEN payment_sk > 0 THEN 'payment' ELSE 'invoice' END AS item,
        CASE WHEN payment_sk > 0 THEN payment_sk ELSE invoice_sk END AS item_sk,
        min(posting_date) AS on_day, max(posting_date) AS last_day, min(currency) AS currency,
        sum(amount) AS amount, count(DISTINCT batch) AS batches
    FROM posted WHERE payment_sk > 0 OR invoice_sk > 0
    GROUP BY 1, 2
),
exchange AS (SELECT DISTINCT source_id, batch FROM {{ source('idp_cdi', 'fact_gl_entry') }} WHERE account_class = 'fx'),
both_sides AS (
    SELECT b.item, b.item_sk, b.label, b.currency AS told_currency, b.on_day AS told_day,
        b.amount AS told, l.currency AS posted_currency, l.on_day AS posted_day, l.last_day,
        l.amount AS posted, l.batches,
        CASE
            WHEN l.item_sk IS NULL THEN 'not posted'
            WHEN l.currency <> b.currency THEN 'currency'
            WHEN l.batches > 1 AND abs(l.amount) >= 2 * abs(b.amount) THEN 'posted twice'
            WHEN l.amount = b.amount AND (
                date_trunc('month', l.on_day) <> date_trunc('month', b.on_day)) THEN 'cut-off'
            WHEN l.amount = b.amount THEN 'none'
            WHEN abs(l.amount - b.amount) <= 0.05 THEN 'rounding'
            ELSE 'amount'
        END AS cause
    FROM business b LEFT JOIN ledger l ON l.item = b.item AND l.item_sk = b.item_sk
),
effects AS (
    SELECT item, item_sk, label, told_currency AS currency,
        CAST(date_trunc('month', told_day) AS DATE) AS month_start, cause,
        told AS subledger, CAST(0 AS DECIMAL(18, 4)) AS ledger
    FROM both_sides
    UNION ALL
    SELECT item, item_sk, label, posted_currency, CAST(date_trunc('month', posted_day) AS DATE),
        cause, 0, posted
    FROM both_sides WHERE posted IS NOT NULL
    UNION ALL
    SELECT 'entry', p.gl_entry_sk, p.description, p.currency,
        CAST(date_trunc('month', p.posting_date) AS DATE),
        CASE WHEN e.batch IS NOT NULL THEN 'fx' ELSE 'only in ledger' END, 0, p.amount
    FROM posted p
    LEFT JOIN exchange e ON e.source_id = p.source_id AND e.batch = p.batch
    WHERE p.payment_sk <= 0 AND p.invoice_sk <= 0
),
any_ledger AS (SELECT count(*) AS n FROM posted)
SELECT item, item_sk, min(label) AS label, currency, month_start, cause,
    CAST(sum(subledger) AS DECIMAL(18, 4)) AS subledger,
    CAST(sum(ledger) AS DECIMAL(18, 4)) AS ledger,
    CAST(sum(subledger) - sum(ledger) AS DECIMAL(18, 4)) AS effect
FROM effects CROSS JOIN any_ledger
WHERE any_ledger.n > 0
GROUP BY item, item_sk, currency, month_start, cause
