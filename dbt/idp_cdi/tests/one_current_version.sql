-- A customer has at most one current version, and a mention exactly one customer.
SELECT 'customer' AS what, customer_key AS which
FROM {{ source('idp_cdi', 'dim_customer') }} WHERE is_current
GROUP BY customer_key HAVING count(*) > 1
UNION ALL
SELECT 'mention', mention_key
FROM {{ source('idp_cdi', 'xref_customer') }}
GROUP BY mention_key HAVING sum(CASE WHEN is_current THEN 1 ELSE 0 END) <> 1
