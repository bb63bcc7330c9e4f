-- A merge moves revenue between customers, never in or out of the books.
WITH was AS (
    SELECT currency, count(*) AS n, sum(gross) AS gross
    FROM {{ source('idp_cdi', 'invoice_as_was') }} GROUP BY currency
),
now AS (
    SELECT currency, count(*) AS n, sum(gross) AS gross
    FROM {{ source('idp_cdi', 'invoice_as_is') }} GROUP BY currency
)
SELECT * FROM was FULL JOIN now ON was.currency IS NOT DISTINCT FROM now.currency
WHERE was.n IS DISTINCT FROM now.n OR was.gross IS DISTINCT FROM now.gross
