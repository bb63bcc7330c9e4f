-- The items behind the differences between sub-ledger and general ledger, each with its cause.
SELECT month_start, currency, cause, item, label, subledger, ledger, effect
FROM mart_reconciliation_item
WHERE cause <> 'none' AND effect <> 0 AND month_start <= :as_of
ORDER BY month_start, currency, cause, label, item_sk
