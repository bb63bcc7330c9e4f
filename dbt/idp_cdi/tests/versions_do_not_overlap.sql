-- No two versions of one customer hold at one time.
SELECT customer_key, valid_from
FROM (
    SELECT customer_key, valid_from,
        lag(valid_to) OVER (PARTITION BY customer_key ORDER BY valid_from) AS before
    FROM {{ source('idp_cdi', 'dim_customer') }}
) v
WHERE valid_from < before
