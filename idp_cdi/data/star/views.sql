-- Views over the star, the same text on DuckDB and PostgreSQL.

CREATE VIEW dim_customer_current AS
-- The living customers, and the rows for unknown and in review.
SELECT * FROM dim_customer WHERE is_current;

CREATE VIEW fact_credit_note AS
SELECT * FROM fact_invoice WHERE document_type = 'credit_note';

CREATE VIEW customer_now AS
-- From a mention to the customer it belongs to now: the way from any fact to the present.
SELECT x.mention_key, x.customer_key, x.customer_id, d.customer_sk
FROM xref_customer x
JOIN dim_customer d ON d.customer_key = x.customer_key AND d.is_current
WHERE x.is_current;

CREATE VIEW invoice_as_was AS
-- Invoices under the customer as it was known on the day of the invoice.
SELECT f.*, c.customer_key, c.customer_id, c.name AS customer_name
FROM fact_invoice f JOIN dim_customer c
    ON c.customer_sk = CASE WHEN f.direction = 'purchase' THEN f.seller_sk ELSE f.sold_to_sk END;

CREATE VIEW invoice_as_is AS
-- Invoices under the customer as it is known today, after all merges and splits.
SELECT f.*, c.customer_key, c.customer_id, c.name AS customer_name
FROM fact_invoice f
JOIN xref_customer x ON x.is_current
    AND x.mention_key = CASE WHEN f.direction = 'purchase' THEN f.seller_mention
        ELSE f.sold_to_mention END
JOIN dim_customer c ON c.customer_key = x.customer_key AND c.is_current;

CREATE VIEW invoice_line_as_was AS
SELECT f.*, c.customer_key, c.customer_id, c.name AS customer_name
FROM fact_invoice_line f JOIN dim_customer c ON c.customer_sk = f.sold_to_sk;

CREATE VIEW invoice_line_as_is AS
SELECT f.*, c.customer_key, c.customer_id, c.name AS customer_name
FROM fact_invoice_line f
JOIN xref_customer x ON x.is_current AND x.mention_key = f.sold_to_mention
JOIN dim_customer c ON c.customer_key = x.customer_key AND c.is_current;

CREATE VIEW payment_as_was AS
SELECT f.*, c.customer_key, c.customer_id, c.name AS customer_name
FROM fact_payment f JOIN dim_customer c ON c.customer_sk = f.payer_sk;

CREATE VIEW payment_as_is AS
SELECT f.*, c.customer_key, c.customer_id, c.name AS customer_name
FROM fact_payment f
JOIN xref_customer x ON x.is_current AND x.mention_key = f.payer_mention
JOIN dim_customer c ON c.customer_key = x.customer_key AND c.is_current;
