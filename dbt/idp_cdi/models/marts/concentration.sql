-- Made by scripts/make_dbt.py. Don't edit it.
WITH sold AS (
    SELECT n.customer_key, i.currency, sum(coalesce(i.net, i.gross)) AS net
    FROM {{ source('idp_cdi', 'fact_invoice') }} i JOIN {{ source('idp_cdi', 'customer_now') }} n ON n.mention_key = i.sold_to_mention
    WHERE i.direction = 'sale' AND i.issue_date > {{ from_date() }} AND i.issue_date <= {{ as_of() }}
    GROUP BY n.customer_key, i.currency
    HAVING sum(coalesce(i.net, i.gross)) > 0
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY currency ORDER BY net DESC, customer_key) AS place
    FROM sold
)
SELECT
    currency, count(*) AS customers, CAST(sum(net) AS DECIMAL(18, 4)) AS net,
    CAST(CAST(sum(CASE WHEN place <= 1 THEN net ELSE 0 END) AS FLOAT8) / NULLIF(CAST(sum(net) AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS top_1,
    CAST(CAST(sum(CASE WHEN place <= 5 THEN net ELSE 0 END) AS FLOAT8) / NULLIF(CAST(sum(net) AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS top_5,
    CAST(CAST(sum(CASE WHEN place <= 10 THEN net ELSE 0 END) AS FLOAT8) / NULLIF(CAST(sum(net) AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS top_10,
    CAST(CAST(sum(CASE WHEN place <= 20 THEN net ELSE 0 END) AS FLOAT8) / NULLIF(CAST(sum(net) AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS top_20,
    CAST(CAST(10000 * sum(CAST(net AS FLOAT8) * CAST(net AS FLOAT8)) AS FLOAT8) / NULLIF(CAST(CAST(sum(net) AS FLOAT8) * CAST(sum(net) AS FLOAT8) AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS hhi
FROM ranked GROUP BY currency ORDER BY currency
