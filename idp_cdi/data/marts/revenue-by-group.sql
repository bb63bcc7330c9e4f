-- Net revenue by group: each customer counts once, for the top of its group.
WITH sold AS (
    SELECT b.ancestor_key, i.currency, sum(coalesce(i.net, i.gross)) AS net, sum(i.gross) AS gross,
        count(*) AS invoices, count(DISTINCT n.customer_key) AS customers
    FROM fact_invoice i
    JOIN customer_now n ON n.mention_key = i.sold_to_mention
    JOIN bridge_customer_hierarchy b ON b.descendant_key = n.customer_key AND b.is_top
    WHERE i.direction = 'sale' AND i.issue_date > :from_date AND i.issue_date <= :as_of
    GROUP BY b.ancestor_key, i.currency
)
SELECT
    c.customer_id AS group_id, c.name, s.currency, s.customers,
    CAST(s.net AS DECIMAL(18, 4)) AS net, CAST(s.gross AS DECIMAL(18, 4)) AS gross, s.invoices,
    {s.net ÷ sum(s.net) OVER (PARTITION BY s.currency)} AS share
FROM sold s JOIN dim_customer_current c ON c.customer_key = s.ancestor_key
ORDER BY s.currency, net DESC, c.customer_id
