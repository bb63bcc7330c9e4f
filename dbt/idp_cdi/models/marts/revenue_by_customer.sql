-- Made by scripts/make_dbt.py. Don't edit it.
WITH sold AS (
    SELECT n.customer_key, i.currency, sum(coalesce(i.net, i.gross)) AS net, sum(i.gross) AS gross,
        count(*) AS invoices, max(i.issue_date) AS last_invoice
    FROM {{ source('idp_cdi', 'fact_invoice') }} i JOIN {{ source('idp_cdi', 'customer_now') }} n ON n.mention_key = i.sold_to_mention
    WHERE i.direction = 'sale' AND i.issue_date > {{ from_date() }} AND i.issue_date <= {{ as_of() }}
    GROUP BY n.customer_key, i.currency
)
SELECT
    c.customer_id, c.name, c.ultimate_parent_id AS group_id, s.currency,
    CAST(s.net AS DECIMAL(18, 4)) AS net, CAST(s.gross AS DECIMAL(18, 4)) AS gross, s.invoices,
    s.last_invoice,
    CAST(CAST(s.net AS FLOAT8) / NULLIF(CAST(sum(s.net) OVER (PARTITION BY s.currency) AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS share
FROM sold s JOIN {{ source('idp_cdi', 'dim_customer_current') }} c ON c.customer_key = s.customer_key
ORDER BY s.currency, net DESC, c.customer_id
