-- Share of invoices on which document, billing system and ledger agree, by month.
-- Only invoices that at least two of them tell of are compared.
SELECT
    CAST(date_trunc('month', issue_date) AS DATE) AS month_start, currency,
    count(*) AS invoices,
    sum(CASE WHEN differences = '' THEN 1 ELSE 0 END) AS agreeing,
    {sum(CASE WHEN differences = '' THEN 1 ELSE 0 END) ÷ count(*)} AS accuracy,
    sum(CASE WHEN in_document AND in_billing THEN 1 ELSE 0 END) AS with_document,
    sum(CASE WHEN in_ledger THEN 1 ELSE 0 END) AS with_ledger
FROM mart_billing_accuracy_item
WHERE issue_date <= :as_of AND issue_date > :from_date
    AND (CASE WHEN in_document THEN 1 ELSE 0 END + CASE WHEN in_billing THEN 1 ELSE 0 END
        + CASE WHEN in_ledger OR differences LIKE '%not in ledger%' THEN 1 ELSE 0 END) >= 2
GROUP BY CAST(date_trunc('month', issue_date) AS DATE), currency
ORDER BY currency, month_start
