SELECT * FROM {{ ref('reconcile') }} WHERE unexplained <> 0
