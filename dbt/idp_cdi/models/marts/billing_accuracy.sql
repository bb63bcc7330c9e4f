-- Made by scripts/make_dbt.py. Don't edit it.
SELECT
    CAST(date_trunc('month', issue_date) AS DATE) AS month_start, currency,
    count(*) AS invoices,
    sum(CASE WHEN differences = '' THEN 1 ELSE 0 END) AS agreeing,
    CAST(CAST(sum(CASE WHEN differences = '' THEN 1 ELSE 0 END) AS FLOAT8) / NULLIF(CAST(count(*) AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS accuracy,
    sum(CASE WHEN in_document AND in_billing THEN 1 ELSE 0 END) AS with_document,
    sum(CASE WHEN in_ledger THEN 1 ELSE 0 END) AS with_ledger
FROM {{ ref('mart_billing_accuracy_item') }}
WHERE issue_date <= {{ as_of() }} AND issue_date > {{ from_date() }}
    AND (CASE WHEN in_document THEN 1 ELSE 0 END + CASE WHEN in_billing THEN 1 ELSE 0 END
        + CASE WHEN in_ledger OR differences LIKE '%not in ledger%' THEN 1 ELSE 0 END) >= 2
GROUP BY CAST(date_trunc('month', issue_date) AS DATE), currency
ORDER BY currency, month_start
