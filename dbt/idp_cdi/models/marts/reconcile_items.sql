-- Made by scripts/make_dbt.py. Don't edit it.
SELECT month_start, currency, cause, item, label, subledger, ledger, effect
FROM {{ ref('mart_reconciliation_item') }}
WHERE cause <> 'none' AND effect <> 0 AND month_start <= {{ as_of() }}
ORDER BY month_start, currency, cause, label, item_sk
