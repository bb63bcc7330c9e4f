-- Debits equal credits in every batch of every ledger.
{{ config(severity = 'warn') }}
SELECT source_id, batch, sum(ledger_amount) AS off
FROM {{ source('idp_cdi', 'fact_gl_entry') }}
WHERE batch IS NOT NULL
GROUP BY source_id, batch
HAVING abs(sum(ledger_amount)) > 0.01
