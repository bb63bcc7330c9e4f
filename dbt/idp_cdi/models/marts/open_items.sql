-- Made by scripts/make_dbt.py. Don't edit it.
SELECT
    c.customer_id, c.name, m.item, coalesce(i.invoice_number, p.reference, p.source_key) AS reference,
    m.instalment, i.issue_date, m.due_date, {{ as_of() }} - m.due_date AS days_late, m.currency,
    CAST(sum(m.amount) AS DECIMAL(18, 4)) AS open_amount
FROM {{ ref('mart_receivable_movement') }} m
JOIN {{ source('idp_cdi', 'dim_customer_current') }} c ON c.customer_key = m.customer_key
LEFT JOIN {{ source('idp_cdi', 'fact_invoice') }} i ON i.invoice_sk = m.invoice_sk
LEFT JOIN {{ source('idp_cdi', 'fact_payment') }} p ON p.payment_sk = m.payment_sk AND m.item = 'cash'
WHERE m.moved_on <= {{ as_of() }} AND (m.settled_on IS NULL OR m.settled_on > {{ as_of() }})
GROUP BY c.customer_id, c.name, m.item, m.invoice_sk, m.instalment, i.invoice_number, i.issue_date,
    CASE WHEN m.item = 'cash' THEN m.payment_sk END, p.reference, p.source_key, m.due_date, m.currency
HAVING sum(m.amount) <> 0
ORDER BY m.currency, m.due_date, reference, m.instalment, c.customer_id
