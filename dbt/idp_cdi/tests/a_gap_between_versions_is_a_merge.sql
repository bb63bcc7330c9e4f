-- Versions follow each other without a gap, except while an id meant another customer: then the
-- version before the gap ended with a merge, and nothing of that customer was current.
SELECT a.customer_key, a.valid_to
FROM {{ source('idp_cdi', 'dim_customer') }} a
JOIN {{ source('idp_cdi', 'dim_customer') }} b
    ON b.customer_key = a.customer_key AND b.version = a.version + 1
WHERE b.valid_from > a.valid_to
    AND NOT EXISTS (
        SELECT 1 FROM {{ source('idp_cdi', 'xref_customer') }} x
        JOIN {{ source('idp_cdi', 'xref_customer') }} y
            ON y.mention_key = x.mention_key AND y.valid_from = x.valid_to
        WHERE x.customer_key = a.customer_key AND y.customer_key <> a.customer_key
    )
