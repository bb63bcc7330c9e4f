-- Net revenue by customer as known today, in the twelve months up to the date (or from :from_date).
WITH sold AS (
    SELECT n.customer_key, i.currency, sum(coalesce(i.net, i.gross)) AS net, sum(i.gross) AS gross,
        count(*) AS invoices, max(i.issue_date) AS last_invoice
    FROM fact_invoice i JOIN customer_now n ON n.mention_key = i.sold_to_mention
    WHERE i.direction = 'sale' AND i.issue_date > :from_date AND i.issue_date <= :as_of
    GROUP BY n.customer_key, i.currency
)
SELECT
    c.customer_id, c.name, c.ultimate_parent_id AS group_id, s.currency,
    CAST(s.net AS DECIMAL(18, 4)) AS net, CAST(s.gross AS DECIMAL(18, 4)) AS gross, s.invoices,
    s.last_invoice,
    {s.net ÷ sum(s.net) OVER (PARTITION BY s.currency)} AS share
FROM sold s JOIN dim_customer_current c ON c.customer_key = s.customer_key
ORDER BY s.currency, net DESC, c.customer_id
