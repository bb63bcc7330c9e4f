-- Made by scripts/make_dbt.py. Don't edit it.
SELECT
    c.customer_id, c.name, a.invoice_number AS first_number, b.invoice_number AS second_number,
    a.issue_date AS first_date, b.issue_date AS second_date, a.currency, a.gross
FROM {{ source('idp_cdi', 'fact_invoice') }} a
JOIN {{ source('idp_cdi', 'customer_now') }} n ON n.mention_key = a.sold_to_mention
JOIN {{ source('idp_cdi', 'customer_now') }} m ON m.customer_key = n.customer_key
JOIN {{ source('idp_cdi', 'fact_invoice') }} b ON b.sold_to_mention = m.mention_key
    AND b.gross = a.gross AND b.currency = a.currency AND b.direction = a.direction
    AND abs(b.issue_date - a.issue_date) <= 10 AND b.invoice_sk > a.invoice_sk
    AND b.number_key = a.number_key
JOIN {{ source('idp_cdi', 'dim_customer_current') }} c ON c.customer_key = n.customer_key
WHERE a.direction = 'sale' AND a.issue_date <= {{ as_of() }} AND a.gross > 0
ORDER BY a.issue_date, a.invoice_number, b.invoice_number, a.invoice_sk, b.invoice_sk
