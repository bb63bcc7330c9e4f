-- Payments: which ones are the same money told twice, and what each of them settles.

CREATE TABLE build.payment_event AS
WITH parsed AS (
    SELECT e.event_key, e.fact_id, e.source_id, e.key, e.observed_at,
        from_json(e.payload, '{
            "amount": "VARCHAR", "paid_amount": "VARCHAR", "total": "VARCHAR",
            "currency": "VARCHAR", "payment_date": "VARCHAR", "posting_date": "VARCHAR",
            "invoice_key": "VARCHAR", "invoice_number": "VARCHAR", "reference": "VARCHAR",
            "remittance": "VARCHAR", "description": "VARCHAR", "payment_method": "VARCHAR",
            "type": "VARCHAR"}') AS v
    FROM build.event e WHERE e.kind = 'payment'
),
typed AS (
    SELECT
        p.event_key, p.fact_id, p.source_id, p.key, p.observed_at,
        coalesce(money(v.amount), money(v.paid_amount), money(v.total)) AS told,
        coalesce(upper(v.currency), h.currency) AS currency,
        coalesce(day(v.payment_date), day(v.posting_date), CAST(p.observed_at AS DATE))
            AS payment_date,
        coalesce(v.invoice_key, v.invoice_number) AS invoice_key,
        v.reference, coalesce(v.remittance, v.description) AS remittance, v.payment_method,
        CASE
            WHEN regexp_matches(concat_ws(' ', v.type, v.payment_method),
                'write.?off|bad.?debt|ausbuchung|perte|insoluto', 'i') THEN 'write_off'
            WHEN regexp_matches(concat_ws(' ', v.type, v.payment_method),
                'discount|skonto|escompte|sconto|descuento|korting', 'i') THEN 'discount'
            ELSE 'payment'
        END AS kind,
        coalesce(a.payer, a.seller) AS payer,
        CASE
            WHEN a.payer IS NOT NULL THEN 'in'
            WHEN a.seller IS NOT NULL THEN 'out'
            WHEN coalesce(money(v.amount), 0) < 0 THEN 'out'
            ELSE 'in'
        END AS direction
    FROM parsed p CROSS JOIN build.house h LEFT JOIN build.party a ON a.fact_id = p.fact_id
)
SELECT t.* EXCLUDE (told),
    CASE WHEN direction = 'out' THEN abs(told) ELSE told END AS amount,
    n.customer_key AS party
FROM typed t LEFT JOIN build.now n ON n.mention_key = t.payer
WHERE told IS NOT NULL;

-- ---------------------------------------------------------------- which invoices it names

CREATE TABLE build.target AS
SELECT i.invoice_sk, i.number_key, i.currency, i.gross, i.issue_date,
    CASE i.direction WHEN 'purchase' THEN 'out' ELSE 'in' END AS direction,
    n.customer_key AS party,
    nullif(regexp_replace(i.number_key, '[^0-9]', '', 'g'), '') AS digits
FROM build.fact_invoice i
LEFT JOIN build.now n
    ON n.mention_key = CASE WHEN i.direction = 'purchase' THEN i.seller_mention ELSE i.payer_mention END
WHERE i.gross IS NOT NULL;

CREATE TABLE build.named AS
-- Told by key in its own system.
SELECT p.event_key, o.invoice_sk, 'key' AS method
FROM build.payment_event p
JOIN build.event e
    ON e.kind = 'invoice' AND e.source_id = p.source_id AND e.key = p.invoice_key
JOIN build.invoice_of o ON o.event_key = e.event_key;

CREATE TABLE build.gram AS
-- Words of the texts of payments that name no key, alone and up to four together, so that
-- "RE 2026 0042" is found; `method` says how sure the place is.
WITH texts AS (
    SELECT event_key, 'reference' AS method, invoice_key AS t FROM build.payment_event
    WHERE invoice_key IS NOT NULL
    UNION ALL
    SELECT event_key, 'reference', reference FROM build.payment_event WHERE reference IS NOT NULL
    UNION ALL
    SELECT event_key, 'remittance', remittance FROM build.payment_event
    WHERE remittance IS NOT NULL
),
words AS (
    SELECT event_key, method,
        list_filter(regexp_split_to_array(upper(left(t, 500)), '[^\p{L}\p{N}]+'), lambda w: w <> '')
            AS w
    FROM texts WHERE event_key NOT IN (SELECT event_key FROM build.named)
),
places AS (SELECT event_key, method, w, unnest(range(1, len(w) + 1)) AS first FROM words),
grams AS (
    SELECT event_key, method, first, first + n - 1 AS last,
        ltrim(array_to_string(w[first:first + n - 1], ''), '0') AS gram
    FROM places, (VALUES (1), (2), (3), (4)) size (n)
    WHERE first + n - 1 <= len(w)
)
SELECT * FROM grams WHERE length(gram) BETWEEN 3 AND 40 AND regexp_matches(gram, '[0-9]');

INSERT INTO build.named
WITH hits AS (
    SELECT g.event_key, g.first, g.last, t.invoice_sk, g.method,
        t.party = p.party AS same_party, t.gross = p.amount AS same_sum, t.issue_date,
        t.number_key
    FROM build.gram g
    JOIN build.payment_event p ON p.event_key = g.event_key
    JOIN build.target t ON t.number_key = g.gram AND t.direction = p.direction
        AND (t.currency = p.currency OR p.currency IS NULL OR t.currency IS NULL)
        AND (t.party = p.party OR length(g.gram) >= 5)
),
widest AS (
    SELECT * FROM hits h WHERE NOT EXISTS (
        SELECT 1 FROM hits o
        WHERE o.event_key = h.event_key AND o.first <= h.first AND o.last >= h.last
            AND o.last - o.first > h.last - h.first
    )
)
SELECT event_key, invoice_sk, method
FROM widest
QUALIFY row_number() OVER (
    PARTITION BY event_key, number_key
    ORDER BY same_party DESC NULLS LAST, same_sum DESC, issue_date DESC, invoice_sk, method) = 1;

INSERT INTO build.named
-- Only the digits of a number, of the same customer, with the very sum.
SELECT g.event_key, t.invoice_sk, 'digits'
FROM build.gram g
JOIN build.payment_event p ON p.event_key = g.event_key
JOIN build.target t ON t.digits = g.gram AND length(g.gram) >= 3 AND t.party = p.party
    AND t.gross = p.amount AND t.direction = p.direction
    AND (t.currency = p.currency OR p.currency IS NULL)
WHERE g.event_key NOT IN (SELECT event_key FROM build.named)
QUALIFY row_number() OVER (PARTITION BY g.event_key ORDER BY t.issue_date DESC, t.invoice_sk) = 1;

-- ---------------------------------------------------------------- the same money told twice
--
-- A payment that two systems tell of (bank and billing, say) is one payment. Systems that name invoices
-- by key come first. Never two of one system; k-th with k-th where sums repeat.

CREATE TABLE build.payment_rank AS
SELECT source_id,
    row_number() OVER (ORDER BY bool_or(method = 'key') DESC NULLS LAST, source_id) AS place
FROM build.payment_event p LEFT JOIN build.named n ON n.event_key = p.event_key
GROUP BY source_id;

CREATE TABLE build.same_payment (loose BIGINT, firm BIGINT);

INSERT INTO build.same_payment
WITH told AS (
    SELECT p.event_key, r.place, n.invoice_sk, p.amount, p.currency, p.payment_date,
        row_number() OVER (
            PARTITION BY p.source_id, n.invoice_sk, p.amount ORDER BY p.payment_date, p.event_key
        ) AS nth
    FROM build.payment_event p
    JOIN build.named n ON n.event_key = p.event_key
    JOIN build.payment_rank r ON r.source_id = p.source_id
    WHERE p.kind = 'payment'
)
SELECT l.event_key, f.event_key
FROM told l
JOIN told f ON f.invoice_sk = l.invoice_sk AND f.amount = l.amount AND f.nth = l.nth
    AND f.place < l.place AND abs(f.payment_date - l.payment_date) <= 10
    AND coalesce(f.currency, l.currency, '') = coalesce(l.currency, f.currency, '')
QUALIFY row_number() OVER (PARTITION BY l.event_key ORDER BY f.place, f.event_key) = 1
    AND row_number() OVER (PARTITION BY f.event_key, l.place ORDER BY l.event_key) = 1;

CREATE TABLE build.one_for_several AS
-- One transfer that pays several invoices, which the other system tells as several payments.
WITH candidates AS (
    SELECT l.event_key AS loose, f.event_key AS firm, l.amount AS whole, f.amount AS part,
        l.source_id AS loose_source, rf.place
    FROM build.payment_event l
    JOIN build.payment_rank rl ON rl.source_id = l.source_id
    JOIN build.named nl ON nl.event_key = l.event_key
    JOIN build.named nf ON nf.invoice_sk = nl.invoice_sk
    JOIN build.payment_event f ON f.event_key = nf.event_key AND f.kind = 'payment'
        AND abs(f.payment_date - l.payment_date) <= 10 AND f.amount <> l.amount
    JOIN build.payment_rank rf ON rf.source_id = f.source_id AND rf.place < rl.place
    WHERE l.kind = 'payment'
        AND l.event_key NOT IN (SELECT loose FROM build.same_payment)
        AND f.event_key NOT IN (SELECT firm FROM build.same_payment)
    QUALIFY row_number() OVER (
        PARTITION BY f.event_key, rl.place ORDER BY abs(f.payment_date - l.payment_date), l.event_key
    ) = 1
)
SELECT loose, firm FROM candidates
QUALIFY sum(part) OVER (PARTITION BY loose, place) = whole;

INSERT INTO build.same_payment
WITH rest AS (
    SELECT p.event_key, p.source_id, r.place, p.party, p.amount, p.currency, p.payment_date,
        p.event_key IN (SELECT event_key FROM build.named) AS is_named
    FROM build.payment_event p JOIN build.payment_rank r ON r.source_id = p.source_id
    WHERE p.kind = 'payment' AND p.party IS NOT NULL
        AND p.event_key NOT IN (
            SELECT loose FROM build.same_payment UNION SELECT firm FROM build.same_payment
            UNION SELECT loose FROM build.one_for_several
            UNION SELECT firm FROM build.one_for_several)
),
told AS (
    SELECT *, row_number() OVER (
        PARTITION BY source_id, party, amount, currency ORDER BY payment_date, event_key) AS nth
    FROM rest
)
SELECT l.event_key, f.event_key
FROM told l
JOIN told f ON f.party = l.party AND f.amount = l.amount AND f.nth = l.nth AND f.place < l.place
    AND abs(f.payment_date - l.payment_date) <= 10 AND NOT (l.is_named AND f.is_named)
    AND coalesce(f.currency, l.currency, '') = coalesce(l.currency, f.currency, '')
QUALIFY row_number() OVER (PARTITION BY l.event_key ORDER BY f.place, f.event_key) = 1;

CREATE TABLE build.payment_of AS
-- Telling → payment. One transfer for several payments of another system is the payment itself.
WITH RECURSIVE up AS (
    SELECT loose AS event_key, firm AS head FROM build.same_payment
    UNION ALL
    SELECT u.event_key, s.firm FROM up u JOIN build.same_payment s ON s.loose = u.head
),
head AS (
    SELECT event_key, head FROM up WHERE head NOT IN (SELECT loose FROM build.same_payment)
)
SELECT p.event_key, coalesce(h.head, s.loose, p.event_key) AS payment_sk
FROM build.payment_event p
LEFT JOIN head h ON h.event_key = p.event_key
LEFT JOIN build.one_for_several s ON s.firm = p.event_key;

CREATE TABLE build.payment AS
SELECT p.event_key AS payment_sk, p.direction, p.kind, p.payer, p.payment_date, p.currency, p.amount,
    p.payment_method, coalesce(p.reference, l.reference) AS reference,
    coalesce(p.remittance, l.remittance) AS remittance, p.source_id, p.key AS source_key,
    coalesce(l.places, 1) AS source_count, coalesce(p.party, l.party) AS party
FROM build.payment_event p
JOIN build.payment_of o ON o.event_key = p.event_key AND o.payment_sk = p.event_key
LEFT JOIN (
    SELECT o.payment_sk, count(*) AS places, arg_min(p.reference, p.event_key) AS reference,
        arg_min(p.remittance, p.event_key) AS remittance, arg_min(p.party, p.event_key) AS party
    FROM build.payment_of o JOIN build.payment_event p ON p.event_key = o.event_key
    GROUP BY o.payment_sk HAVING count(*) > 1
) l ON l.payment_sk = p.event_key;

CREATE TABLE build.fact_payment AS
WITH was AS (
    SELECT n.mention_id, n.on_day, w.customer_sk
    FROM (SELECT DISTINCT payer AS mention_id, payment_date AS on_day FROM build.payment) n
    ASOF JOIN build.as_was w
        ON w.mention_id = n.mention_id AND greatest(n.on_day, DATE '1900-01-02') >= w.valid_from
)
SELECT p.* EXCLUDE (payer, party), coalesce(w.customer_sk, -1) AS payer_sk,
    coalesce(p.payer, -1) AS payer_mention
FROM build.payment p
LEFT JOIN was w ON w.mention_id = p.payer AND w.on_day = p.payment_date;

CREATE TABLE build.fact_payment_source AS
SELECT p.event_key, o.payment_sk, p.source_id, p.key AS source_key, p.payment_date, p.currency,
    p.amount
FROM build.payment_event p JOIN build.payment_of o ON o.event_key = p.event_key;

-- ---------------------------------------------------------------- what settles what

CREATE TABLE build.credited AS
-- A credit note settles the invoice that it names.
SELECT c.invoice_sk AS credit_note_sk, t.invoice_sk, c.issue_date, -c.gross AS amount,
    t.gross AS whole
FROM build.fact_invoice c
JOIN build.target ct ON ct.invoice_sk = c.invoice_sk
JOIN build.target t ON t.number_key = number_key(c.preceding_invoice) AND t.gross > 0
    AND t.direction = ct.direction AND t.party IS NOT DISTINCT FROM ct.party
    AND t.currency IS NOT DISTINCT FROM c.currency
WHERE c.document_type = 'credit_note' AND c.gross < 0
QUALIFY row_number() OVER (PARTITION BY c.invoice_sk ORDER BY t.issue_date DESC, t.invoice_sk) = 1;

CREATE TABLE build.meant AS
-- What each payment is meant to settle. A payment that names one invoice by key is all for it; one
-- that names several invoices pays them in the order of their dates.
WITH refs AS (
    SELECT o.payment_sk, n.invoice_sk, arg_min(n.method, m.rank) AS method,
        sum(p.amount) FILTER (n.method = 'key') AS share
    FROM build.named n
    JOIN build.payment_of o ON o.event_key = n.event_key
    JOIN build.payment_event p ON p.event_key = n.event_key
    JOIN (VALUES ('key', 1), ('reference', 2), ('remittance', 3), ('digits', 4)) m (method, rank)
        ON m.method = n.method
    GROUP BY o.payment_sk, n.invoice_sk
),
keyed AS (SELECT DISTINCT payment_sk FROM refs WHERE share IS NOT NULL),
fit AS (
    SELECT r.*, t.gross, t.issue_date, abs(p.amount) AS paid, p.payment_date, p.kind,
        CASE WHEN t.gross < 0 THEN -1 ELSE 1 END AS sign
    FROM refs r
    JOIN build.target t ON t.invoice_sk = r.invoice_sk
    JOIN build.payment p ON p.payment_sk = r.payment_sk
        AND (p.amount < 0) = (t.gross < 0) AND p.amount <> 0
    WHERE r.share IS NOT NULL OR r.payment_sk NOT IN (SELECT payment_sk FROM keyed)
),
left_over AS (
    SELECT f.*,
        greatest(abs(f.gross) - coalesce(s.shares, 0) - coalesce(c.credits, 0), 0) AS room
    FROM fit f
    LEFT JOIN (SELECT invoice_sk, sum(abs(share)) AS shares FROM fit GROUP BY invoice_sk) s
        ON s.invoice_sk = f.invoice_sk
    LEFT JOIN (SELECT invoice_sk, sum(amount) AS credits FROM build.credited GROUP BY invoice_sk) c
        ON c.invoice_sk = f.invoice_sk
),
spread AS (
    SELECT *, sum(room) OVER (
        PARTITION BY payment_sk ORDER BY issue_date, invoice_sk
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS upto
    FROM left_over
)
SELECT payment_sk, CAST(-1 AS BIGINT) AS credit_note_sk, invoice_sk, payment_date AS on_day, kind, method,
    sign,
    CASE WHEN share IS NOT NULL THEN abs(share)
        ELSE greatest(least(upto, paid) - (upto - room), 0) END AS amount,
    abs(gross) AS whole
FROM spread;

INSERT INTO build.meant
-- As much of a credit note as was not paid out.
SELECT -1, c.credit_note_sk, c.invoice_sk, c.issue_date, 'credit_note', 'preceding', 1,
    greatest(c.amount - coalesce(r.refunded, 0), 0), c.whole
FROM build.credited c
LEFT JOIN (SELECT invoice_sk, sum(amount) AS refunded FROM build.meant GROUP BY invoice_sk) r
    ON r.invoice_sk = c.credit_note_sk;

INSERT INTO build.meant
-- Sources that send no payments, but say what is open: that much is paid.
SELECT -1, -1, i.invoice_sk, coalesce(i.paid_on, CAST(i.observed_at AS DATE)), 'stated', 'stated',
    sign(i.gross), abs(i.gross) - abs(s.open_now), abs(i.gross)
FROM build.invoice i
JOIN (
    SELECT invoice_sk, coalesce(open_told, CASE
        WHEN regexp_matches(status, '^(fully[ _-]?)?(paid|settled|bezahlt|beglichen|payée?|réglée?|pagat[ao]|pagad[ao]|betaald)', 'i')
        THEN 0 END) AS open_now
    FROM build.invoice
) s ON s.invoice_sk = i.invoice_sk
WHERE i.is_system AND i.gross <> 0 AND s.open_now IS NOT NULL
    AND abs(s.open_now) < abs(i.gross) AND s.open_now * sign(i.gross) >= 0
    AND i.source_id NOT IN (SELECT source_id FROM build.payment_event)
    AND i.invoice_sk NOT IN (SELECT invoice_sk FROM build.meant);

INSERT INTO build.meant
-- A till receipt is paid where it is written.
SELECT -1, -1, invoice_sk, issue_date, 'stated', 'stated', sign(gross), abs(gross), abs(gross)
FROM build.fact_invoice
WHERE document_type = 'receipt' AND gross <> 0
    AND invoice_sk NOT IN (SELECT invoice_sk FROM build.meant);

CREATE TABLE build.fact_payment_application AS
-- Nothing is settled beyond its amount: what comes on top stays unapplied.
WITH dated AS (
    SELECT m.*, i.currency,
        CASE WHEN m.on_day IS NULL OR m.on_day < i.issue_date THEN coalesce(i.issue_date, m.on_day) ELSE m.on_day END
            AS application_date
    FROM build.meant m JOIN build.fact_invoice i ON i.invoice_sk = m.invoice_sk
),
running AS (
    SELECT *, sum(amount) OVER (
        PARTITION BY invoice_sk
        ORDER BY application_date, kind = 'credit_note', payment_sk, credit_note_sk
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS upto
    FROM dated WHERE amount > 0
),
clamped AS (
    SELECT *, least(upto, whole) - least(upto - amount, whole) AS settled FROM running
)
SELECT
    concat_ws('-', CASE WHEN payment_sk > 0 THEN 'p' || payment_sk
        WHEN credit_note_sk > 0 THEN 'c' || credit_note_sk ELSE 's' END, invoice_sk)
        AS application_key,
    kind, payment_sk, credit_note_sk, invoice_sk, application_date, currency,
    sign * settled AS amount, method
FROM clamped WHERE settled > 0;
