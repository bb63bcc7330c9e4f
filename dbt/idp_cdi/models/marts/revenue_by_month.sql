-- Made by scripts/make_dbt.py. Don't edit it.
SELECT month_start, currency, CAST(sum(net) AS DECIMAL(18, 4)) AS net,
    CAST(sum(tax) AS DECIMAL(18, 4)) AS tax, CAST(sum(gross) AS DECIMAL(18, 4)) AS gross,
    CAST(sum(invoices) AS BIGINT) AS invoices, count(DISTINCT customer_key) AS customers
FROM {{ ref('mart_revenue_month') }}
WHERE month_start > CAST({{ from_date() }} - INTERVAL '1 month' AS DATE) AND month_start <= {{ as_of() }}
GROUP BY month_start, currency
ORDER BY currency, month_start
