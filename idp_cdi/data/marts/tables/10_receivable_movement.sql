-- Everything that ever changed what customers owe, one row a change of one instalment.
-- The sum up to a day is what was open on that day, of any customer, bucket or instalment. What was
-- settled for good before that day (`settled_on`) adds up to zero and can be left out.
WITH instalment AS (
    SELECT
        s.invoice_sk, s.instalment, s.due_date, s.amount, i.issue_date, i.currency, c.customer_key,
        i.document_type,
        sum(abs(s.amount)) OVER (
            PARTITION BY s.invoice_sk ORDER BY s.instalment
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS upto
    FROM fact_instalment s
    JOIN fact_invoice i ON i.invoice_sk = s.invoice_sk
    JOIN customer_now c ON c.mention_key = i.bill_to_mention
    WHERE i.direction = 'sale' AND i.issue_date IS NOT NULL AND s.amount <> 0
),
settled AS (
    -- What settles an invoice goes to its instalments in the order in which they fall due.
    SELECT
        a.*,
        sum(abs(a.amount)) OVER (
            PARTITION BY a.invoice_sk ORDER BY a.application_date, a.application_key
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS upto
    FROM fact_payment_application a
),
moved AS (
    SELECT
        customer_key, currency,
        CASE WHEN document_type = 'credit_note' THEN 'credit_note' ELSE 'invoice' END AS item,
        invoice_sk, instalment, CAST(-1 AS BIGINT) AS payment_sk, due_date,
        issue_date AS moved_on, 'issued' AS cause, amount
    FROM instalment
    UNION ALL
    SELECT
        i.customer_key, i.currency,
        CASE WHEN i.document_type = 'credit_note' THEN 'credit_note' ELSE 'invoice' END,
        i.invoice_sk, i.instalment, s.payment_sk, i.due_date, s.application_date, s.kind,
        CASE WHEN i.amount > 0 THEN -1 ELSE 1 END * (
            least(i.upto, s.upto) - greatest(i.upto - abs(i.amount), s.upto - abs(s.amount)))
    FROM instalment i
    JOIN settled s ON s.invoice_sk = i.invoice_sk
        AND least(i.upto, s.upto) > greatest(i.upto - abs(i.amount), s.upto - abs(s.amount))
    UNION ALL
    -- A credit note that settles an invoice is used up by as much.
    SELECT
        i.customer_key, i.currency, 'credit_note', i.invoice_sk, i.instalment,
        CAST(-1 AS BIGINT), i.due_date, s.application_date, 'applied', s.amount
    FROM settled s
    JOIN instalment i ON i.invoice_sk = s.credit_note_sk AND i.instalment = 1
    WHERE s.kind = 'credit_note'
),
cash AS (
    -- Money that came in and is not applied (yet): an item of its own, negative.
    SELECT payer_mention, currency, payment_sk, payment_date AS moved_on, -amount AS amount
    FROM fact_payment WHERE direction = 'in'
    UNION ALL
    SELECT p.payer_mention, p.currency, a.payment_sk, a.application_date, a.amount
    FROM fact_payment_application a
    JOIN fact_payment p ON p.payment_sk = a.payment_sk AND p.direction = 'in'
),
unapplied AS (
    SELECT
        n.customer_key, c.currency, 'cash' AS item, CAST(-1 AS BIGINT) AS invoice_sk,
        1 AS instalment, c.payment_sk, c.moved_on AS due_date, c.moved_on, 'unapplied' AS cause,
        sum(c.amount) AS amount
    FROM cash c JOIN customer_now n ON n.mention_key = c.payer_mention
    GROUP BY n.customer_key, c.currency, c.payment_sk, c.moved_on
    HAVING sum(c.amount) <> 0
),
settled_invoice AS (
    SELECT invoice_sk, instalment, max(moved_on) AS settled_on
    FROM moved GROUP BY invoice_sk, instalment HAVING sum(amount) = 0
),
settled_cash AS (
    SELECT payment_sk, max(moved_on) AS settled_on
    FROM unapplied GROUP BY payment_sk HAVING sum(amount) = 0
)
SELECT m.customer_key, m.currency, m.item, m.invoice_sk, m.instalment, m.payment_sk, m.due_date,
    m.moved_on, s.settled_on, m.cause, CAST(m.amount AS DECIMAL(18, 4)) AS amount
FROM moved m
LEFT JOIN settled_invoice s ON s.invoice_sk = m.invoice_sk AND s.instalment = m.instalment
UNION ALL
SELECT u.customer_key, u.currency, u.item, u.invoice_sk, u.instalment, u.payment_sk, u.due_date,
    u.moved_on, s.settled_on, u.cause, CAST(u.amount AS DECIMAL(18, 4))
FROM unapplied u
LEFT JOIN settled_cash s ON s.payment_sk = u.payment_sk
