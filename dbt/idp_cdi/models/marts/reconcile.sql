-- Made by scripts/make_dbt.py. Don't edit it.
SELECT
    month_start, currency,
    CAST(sum(subledger) AS DECIMAL(18, 4)) AS subledger,
    CAST(sum(ledger) AS DECIMAL(18, 4)) AS ledger,
    CAST(sum(effect) AS DECIMAL(18, 4)) AS difference,
    CAST(sum(CASE WHEN cause = 'not posted' THEN effect ELSE 0 END) AS DECIMAL(18, 4)) AS not_posted,
    CAST(sum(CASE WHEN cause = 'posted twice' THEN effect ELSE 0 END) AS DECIMAL(18, 4)) AS posted_twice,
    CAST(sum(CASE WHEN cause = 'only in ledger' THEN effect ELSE 0 END) AS DECIMAL(18, 4)) AS only_in_ledger,
    CAST(sum(CASE WHEN cause = 'cut-off' THEN effect ELSE 0 END) AS DECIMAL(18, 4)) AS cut_off,
    CAST(sum(CASE WHEN cause = 'rounding' THEN effect ELSE 0 END) AS DECIMAL(18, 4)) AS rounding,
    CAST(sum(CASE WHEN cause = 'fx' THEN effect ELSE 0 END) AS DECIMAL(18, 4)) AS fx,
    CAST(sum(CASE WHEN cause = 'currency' THEN effect ELSE 0 END) AS DECIMAL(18, 4)) AS wrong_currency,
    CAST(sum(CASE WHEN cause = 'amount' THEN effect ELSE 0 END) AS DECIMAL(18, 4)) AS wrong_amount,
    CAST(sum(CASE WHEN cause = 'none' THEN effect ELSE 0 END) AS DECIMAL(18, 4)) AS unexplained
FROM {{ ref('mart_reconciliation_item') }}
WHERE month_start <= {{ as_of() }}
GROUP BY month_start, currency
ORDER BY currency, month_start
