-- How much hangs on how few: share of the largest customers, and the Herfindahl-Hirschman index (0 to 10,000).
WITH sold AS (
    SELECT n.customer_key, i.currency, sum(coalesce(i.net, i.gross)) AS net
    FROM fact_invoice i JOIN customer_now n ON n.mention_key = i.sold_to_mention
    WHERE i.direction = 'sale' AND i.issue_date > :from_date AND i.issue_date <= :as_of
    GROUP BY n.customer_key, i.currency
    HAVING sum(coalesce(i.net, i.gross)) > 0
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY currency ORDER BY net DESC, customer_key) AS place
    FROM sold
)
SELECT
    currency, count(*) AS customers, CAST(sum(net) AS DECIMAL(18, 4)) AS net,
    {sum(CASE WHEN place <= 1 THEN net ELSE 0 END) ÷ sum(net)} AS top_1,
    {sum(CASE WHEN place <= 5 THEN net ELSE 0 END) ÷ sum(net)} AS top_5,
    {sum(CASE WHEN place <= 10 THEN net ELSE 0 END) ÷ sum(net)} AS top_10,
    {sum(CASE WHEN place <= 20 THEN net ELSE 0 END) ÷ sum(net)} AS top_20,
    {10000 * sum(CAST(net AS FLOAT8) * CAST(net AS FLOAT8)) ÷ CAST(sum(net) AS FLOAT8) * CAST(sum(net) AS FLOAT8)} AS hhi
FROM ranked GROUP BY currency ORDER BY currency
