-- Made by scripts/make_dbt.py. Don't edit it.
WITH sold AS (
    SELECT b.ancestor_key, i.currency, sum(coalesce(i.net, i.gross)) AS net, sum(i.gross) AS gross,
        count(*) AS invoices, count(DISTINCT n.customer_key) AS customers
    FROM {{ source('idp_cdi', 'fact_invoice') }} i
    JOIN {{ source('idp_cdi', 'customer_now') }} n ON n.mention_key = i.sold_to_mention
    JOIN {{ source('idp_cdi', 'bridge_customer_hierarchy') }} b ON b.descendant_key = n.customer_key AND b.is_top
    WHERE i.direction = 'sale' AND i.issue_date > {{ from_date() }} AND i.issue_date <= {{ as_of() }}
    GROUP BY b.ancestor_key, i.currency
)
SELECT
    c.customer_id AS group_id, c.name, s.currency, s.customers,
    CAST(s.net AS DECIMAL(18, 4)) AS net, CAST(s.gross AS DECIMAL(18, 4)) AS gross, s.invoices,
    CAST(CAST(s.net AS FLOAT8) / NULLIF(CAST(sum(s.net) OVER (PARTITION BY s.currency) AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS share
FROM sold s JOIN {{ source('idp_cdi', 'dim_customer_current') }} c ON c.customer_key = s.ancestor_key
ORDER BY s.currency, net DESC, c.customer_id
