-- What customers owe at a date, by age of each instalment past its due date; any past date will do.
-- Unapplied cash is a column of its own; `total` equals the control account.
WITH item AS (
    SELECT currency, item, :as_of - due_date AS late, sum(amount) AS amount
    FROM mart_receivable_movement
    WHERE moved_on <= :as_of AND (settled_on IS NULL OR settled_on > :as_of)
    GROUP BY currency, item, :as_of - due_date
)
SELECT
    currency,
    CAST(sum(CASE WHEN item <> 'cash' AND late <= 0 THEN amount ELSE 0 END) AS DECIMAL(18, 4)) AS not_due,
    CAST(sum(CASE WHEN item <> 'cash' AND late BETWEEN 1 AND 30 THEN amount ELSE 0 END) AS DECIMAL(18, 4)) AS days_1_30,
    CAST(sum(CASE WHEN item <> 'cash' AND late BETWEEN 31 AND 60 THEN amount ELSE 0 END) AS DECIMAL(18, 4)) AS days_31_60,
    CAST(sum(CASE WHEN item <> 'cash' AND late BETWEEN 61 AND 90 THEN amount ELSE 0 END) AS DECIMAL(18, 4)) AS days_61_90,
    CAST(sum(CASE WHEN item <> 'cash' AND late BETWEEN 91 AND 120 THEN amount ELSE 0 END) AS DECIMAL(18, 4)) AS days_91_120,
    CAST(sum(CASE WHEN item <> 'cash' AND late > 120 THEN amount ELSE 0 END) AS DECIMAL(18, 4)) AS over_120,
    CAST(sum(CASE WHEN item = 'cash' THEN amount ELSE 0 END) AS DECIMAL(18, 4)) AS unapplied,
    CAST(sum(amount) AS DECIMAL(18, 4)) AS total
FROM item
GROUP BY currency
ORDER BY currency
