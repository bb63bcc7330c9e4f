-- Made by scripts/make_dbt.py. Don't edit it.
WITH closing AS (
    SELECT DISTINCT least(month_end, {{ as_of() }}) AS closing_day, month_start
    FROM {{ source('idp_cdi', 'dim_date') }}
    WHERE date_day <= {{ as_of() }} AND date_day >= CAST(date_trunc('month', {{ as_of() }}) - INTERVAL '12 months' AS DATE)
),
flow AS (
    SELECT currency, moved_on, due_date, sum(amount) AS amount,
        sum(CASE WHEN cause = 'issued' THEN amount ELSE 0 END) AS sales
    FROM {{ ref('mart_receivable_movement') }} WHERE moved_on <= {{ as_of() }}
    GROUP BY currency, moved_on, due_date
),
balance AS (
    SELECT
        f.currency, c.closing_day, c.month_start,
        CAST(date_trunc('month', c.closing_day) - INTERVAL '2 months' AS DATE) AS rolling_start,
        sum(f.amount) AS receivables,
        sum(CASE WHEN f.due_date >= c.closing_day THEN f.amount ELSE 0 END) AS not_due,
        sum(CASE WHEN f.moved_on < c.month_start THEN f.amount ELSE 0 END) AS opening,
        sum(CASE WHEN f.moved_on >= c.month_start THEN f.sales ELSE 0 END) AS sales_month,
        sum(CASE WHEN f.moved_on >= CAST(date_trunc('month', c.closing_day) - INTERVAL '2 months' AS DATE)
            THEN f.sales ELSE 0 END) AS sales_rolling
    FROM closing c JOIN flow f ON f.moved_on <= c.closing_day
    GROUP BY f.currency, c.closing_day, c.month_start
),
month_sales AS (
    SELECT b.currency, b.closing_day, b.receivables,
        CAST(date_trunc('month', f.moved_on) AS DATE) AS sold_in, sum(f.sales) AS sales
    FROM balance b JOIN flow f ON f.currency = b.currency AND f.moved_on <= b.closing_day
    GROUP BY b.currency, b.closing_day, b.receivables, CAST(date_trunc('month', f.moved_on) AS DATE)
),
back AS (
    
    SELECT s.currency, s.closing_day, s.receivables, s.sales,
        least(CAST(s.sold_in + INTERVAL '1 month' AS DATE) - 1, s.closing_day) - s.sold_in + 1 AS days,
        sum(s.sales) OVER (
            PARTITION BY s.currency, s.closing_day ORDER BY s.sold_in DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS covered
    FROM month_sales s WHERE s.sales > 0
),
countback AS (
    SELECT currency, closing_day,
        CAST(sum(CAST(CAST(days * greatest(least(receivables - (covered - sales), sales), 0) AS FLOAT8) / NULLIF(CAST(sales AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4))) AS DECIMAL(18, 4)) AS days
    FROM back GROUP BY currency, closing_day
),
paid AS (
    SELECT m.currency, m.invoice_sk, max(m.moved_on) AS paid_on,
        sum(CASE WHEN m.cause = 'payment' THEN -m.amount ELSE 0 END) AS amount,
        sum(CASE WHEN m.cause = 'payment' THEN -m.amount * (m.moved_on - i.issue_date) ELSE 0 END) AS days,
        sum(CASE WHEN m.cause = 'payment' THEN -m.amount * (m.moved_on - m.due_date) ELSE 0 END) AS late
    FROM {{ ref('mart_receivable_movement') }} m JOIN {{ source('idp_cdi', 'fact_invoice') }} i ON i.invoice_sk = m.invoice_sk
    WHERE m.moved_on <= {{ as_of() }} AND m.item = 'invoice'
    GROUP BY m.currency, m.invoice_sk
    HAVING sum(m.amount) = 0
),
paying AS (
    SELECT b.currency, b.closing_day, sum(p.amount) AS amount, sum(p.days) AS days, sum(p.late) AS late
    FROM balance b
    JOIN paid p ON p.currency = b.currency AND p.paid_on BETWEEN b.rolling_start AND b.closing_day
    GROUP BY b.currency, b.closing_day
)
SELECT
    b.currency, b.closing_day,
    CAST(b.receivables AS DECIMAL(18, 4)) AS receivables,
    CAST(b.receivables - b.not_due AS DECIMAL(18, 4)) AS overdue,
    CAST(b.sales_month AS DECIMAL(18, 4)) AS sales_month,
    CAST(b.sales_rolling AS DECIMAL(18, 4)) AS sales_rolling,
    CAST(CAST(b.receivables * (b.closing_day - b.month_start + 1) AS FLOAT8) / NULLIF(CAST(b.sales_month AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS dso_simple,
    CAST(CAST(b.receivables * (b.closing_day - b.rolling_start + 1) AS FLOAT8) / NULLIF(CAST(b.sales_rolling AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS dso_rolling,
    c.days AS dso_countback,
    CAST(CAST(b.not_due * (b.closing_day - b.rolling_start + 1) AS FLOAT8) / NULLIF(CAST(b.sales_rolling AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS best_possible_dso,
    CAST(CAST((b.receivables - b.not_due) * (b.closing_day - b.rolling_start + 1) AS FLOAT8) / NULLIF(CAST(b.sales_rolling AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS average_days_delinquent,
    CAST(CAST(100 * (b.opening + b.sales_month - b.receivables) AS FLOAT8) / NULLIF(CAST(b.opening + b.sales_month - b.not_due AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS collection_effectiveness,
    CAST(CAST(p.days AS FLOAT8) / NULLIF(CAST(p.amount AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS days_to_pay,
    CAST(CAST(p.late AS FLOAT8) / NULLIF(CAST(p.amount AS FLOAT8), 0) + 1e-9 AS DECIMAL(18, 4)) AS days_beyond_terms
FROM balance b
LEFT JOIN countback c ON c.currency = b.currency AND c.closing_day = b.closing_day
LEFT JOIN paying p ON p.currency = b.currency AND p.closing_day = b.closing_day
ORDER BY b.currency, b.closing_day
