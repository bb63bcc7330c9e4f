-- Made by scripts/make_dbt.py. Don't edit it.
SELECT
    b.invoice_number, c.customer_id, c.name, b.issue_date, b.currency, b.document_gross,
    b.billing_gross, b.ledger_gross, b.differences
FROM {{ ref('mart_billing_accuracy_item') }} b JOIN {{ source('idp_cdi', 'dim_customer_current') }} c ON c.customer_key = b.customer_key
WHERE b.differences <> '' AND b.issue_date <= {{ as_of() }} AND b.issue_date > {{ from_date() }}
ORDER BY b.issue_date, b.invoice_number, b.invoice_sk
