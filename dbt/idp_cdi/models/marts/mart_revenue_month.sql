-- Made by scripts/make_dbt.py. Don't edit it.
SELECT
    c.customer_key, CAST(date_trunc('month', i.issue_date) AS DATE) AS month_start, i.currency,
    CAST(sum(coalesce(i.net, i.gross)) AS DECIMAL(18, 4)) AS net,
    CAST(sum(coalesce(i.tax, 0)) AS DECIMAL(18, 4)) AS tax,
    CAST(sum(i.gross) AS DECIMAL(18, 4)) AS gross,
    count(*) AS invoices
FROM {{ source('idp_cdi', 'fact_invoice') }} i JOIN {{ source('idp_cdi', 'customer_now') }} c ON c.mention_key = i.sold_to_mention
WHERE i.direction = 'sale' AND i.issue_date IS NOT NULL AND i.gross IS NOT NULL
GROUP BY c.customer_key, CAST(date_trunc('month', i.issue_date) AS DATE), i.currency
