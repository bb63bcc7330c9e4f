-- What is aged is what moved: invoices less payments, to the cent.
WITH aged AS (SELECT currency, total FROM {{ ref('ageing') }}),
books AS (
    SELECT currency, sum(amount) AS amount FROM (
        SELECT currency, gross AS amount FROM {{ source('idp_cdi', 'fact_invoice') }}
        WHERE direction = 'sale' AND issue_date <= {{ as_of() }} AND gross IS NOT NULL
        UNION ALL
        SELECT currency, -amount FROM {{ source('idp_cdi', 'fact_payment') }}
        WHERE direction = 'in' AND payment_date <= {{ as_of() }}
        UNION ALL
        SELECT currency, -amount FROM {{ source('idp_cdi', 'fact_payment_application') }}
        WHERE kind = 'stated' AND application_date <= {{ as_of() }}
    ) b GROUP BY currency
)
SELECT coalesce(a.currency, b.currency) AS currency
FROM aged a FULL JOIN books b ON a.currency IS NOT DISTINCT FROM b.currency
WHERE coalesce(a.total, 0) <> coalesce(b.amount, 0)
