SELECT i.invoice_sk
FROM {{ source('idp_cdi', 'fact_invoice') }} i
JOIN (
    SELECT invoice_sk, sum(amount) AS amount
    FROM {{ source('idp_cdi', 'fact_payment_application') }} GROUP BY invoice_sk
) s ON s.invoice_sk = i.invoice_sk
WHERE abs(s.amount) > abs(i.gross)
