-- Made by scripts/make_dbt.py. Don't edit it.
WITH told AS (
    SELECT s.*, n.customer_key, coalesce(v.vat_id, n.customer_id) AS legal,
        row_number() OVER (
            PARTITION BY s.invoice_sk, s.channel ORDER BY s.confidence DESC, s.event_key) AS place
    FROM {{ source('idp_cdi', 'fact_invoice_source') }} s
    LEFT JOIN {{ source('idp_cdi', 'customer_now') }} n ON n.mention_key = s.customer_mention AND s.customer_mention > 0
    LEFT JOIN {{ source('idp_cdi', 'dim_customer') }} v ON v.customer_sk = n.customer_sk
),
shown AS (SELECT * FROM told WHERE channel = 'document' AND place = 1),
billed AS (SELECT * FROM told WHERE channel = 'system' AND place = 1),
posted AS (
    SELECT
        g.invoice_sk,
        count(DISTINCT g.batch) AS batches,
        min(g.posting_date) AS posting_date,
        min(g.currency) AS currency,
        max(coalesce(v.vat_id, n.customer_id)) AS legal,
        sum(CASE WHEN g.account_class = 'receivable' THEN g.amount ELSE 0 END) AS gross,
        -sum(CASE WHEN g.account_class = 'revenue' THEN g.amount ELSE 0 END) AS net,
        -sum(CASE WHEN g.account_class = 'tax' THEN g.amount ELSE 0 END) AS tax
    FROM {{ source('idp_cdi', 'fact_gl_entry') }} g
    LEFT JOIN {{ source('idp_cdi', 'customer_now') }} n ON n.mention_key = g.party_mention AND g.party_mention > 0
    LEFT JOIN {{ source('idp_cdi', 'dim_customer') }} v ON v.customer_sk = n.customer_sk
    WHERE g.invoice_sk > 0 GROUP BY g.invoice_sk
),
ledgers AS (SELECT count(*) AS n FROM posted)
SELECT
    i.invoice_sk, i.invoice_number, i.issue_date, i.currency, c.customer_key,
    d.invoice_sk IS NOT NULL AS in_document,
    b.invoice_sk IS NOT NULL AS in_billing,
    p.invoice_sk IS NOT NULL AS in_ledger,
    d.gross AS document_gross, b.gross AS billing_gross,
    CAST(p.gross AS DECIMAL(18, 4)) AS ledger_gross,
    concat(
        CASE WHEN d.legal <> b.legal THEN 'document customer;' ELSE '' END,
        CASE WHEN d.issue_date <> b.issue_date THEN 'document date;' ELSE '' END,
        CASE WHEN d.net <> b.net THEN 'document net;' ELSE '' END,
        CASE WHEN d.tax <> b.tax THEN 'document tax;' ELSE '' END,
        CASE WHEN d.gross <> b.gross THEN 'document gross;' ELSE '' END,
        CASE WHEN d.currency <> b.currency THEN 'document currency;' ELSE '' END,
        CASE WHEN p.legal <> coalesce(v.vat_id, c.customer_id) THEN 'ledger customer;' ELSE '' END,
        CASE WHEN p.posting_date <> i.issue_date THEN 'ledger date;' ELSE '' END,
        CASE WHEN p.batches > 1 AND p.gross <> i.gross THEN 'ledger twice;'
            ELSE concat(
                CASE WHEN p.net <> 0 AND p.net <> i.net THEN 'ledger net;' ELSE '' END,
                CASE WHEN p.net <> 0 AND p.tax <> i.tax THEN 'ledger tax;' ELSE '' END,
                CASE WHEN p.gross <> i.gross THEN 'ledger gross;' ELSE '' END) END,
        CASE WHEN p.currency <> i.currency THEN 'ledger currency;' ELSE '' END,
        CASE WHEN p.invoice_sk IS NULL AND l.n > 0 THEN 'not in ledger;' ELSE '' END
    ) AS differences
FROM {{ source('idp_cdi', 'fact_invoice') }} i
JOIN {{ source('idp_cdi', 'customer_now') }} c ON c.mention_key = i.sold_to_mention
JOIN {{ source('idp_cdi', 'dim_customer') }} v ON v.customer_sk = c.customer_sk
CROSS JOIN ledgers l
LEFT JOIN shown d ON d.invoice_sk = i.invoice_sk
LEFT JOIN billed b ON b.invoice_sk = i.invoice_sk
LEFT JOIN posted p ON p.invoice_sk = i.invoice_sk
WHERE i.direction = 'sale'
