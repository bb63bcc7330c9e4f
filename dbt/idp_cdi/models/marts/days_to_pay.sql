-- Made by scripts/make_dbt.py. Don't edit it.
WITH part AS (
    SELECT m.customer_key, m.currency, m.invoice_sk, -m.amount AS amount,
        m.moved_on - i.issue_date AS days, m.moved_on - m.due_date AS late, m.moved_on
    FROM {{ ref('mart_receivable_movement') }} m JOIN {{ source('idp_cdi', 'fact_invoice') }} i ON i.invoice_sk = m.invoice_sk
    WHERE m.cause = 'payment' AND m.item = 'invoice' AND m.moved_on <= {{ as_of() }}
)
SELECT
    c.customer_id, c.name, p.currency, count(DISTINCT p.invoice_sk) AS invoices_paid,
    CAST(sum(p.amount) AS DECIMAL(18, 4)) AS amount_paid,
    CAST(CAST(sum(p.amount * p.days) AS FLOAT8) / NULLIF(CAST(sum(p.amount) AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS days_to_pay,
    CAST(CAST(sum(p.amount * p.late) AS FLOAT8) / NULLIF(CAST(sum(p.amount) AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS days_beyond_terms,
    CAST(CAST(sum(CASE WHEN p.late > 0 THEN p.amount ELSE 0 END) AS FLOAT8) / NULLIF(CAST(sum(p.amount) AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS late_share,
    max(p.moved_on) AS last_payment
FROM part p JOIN {{ source('idp_cdi', 'dim_customer_current') }} c ON c.customer_key = p.customer_key
GROUP BY c.customer_id, c.name, p.currency
ORDER BY p.currency, amount_paid DESC, c.customer_id
