"""Matching: which records mean the same party, how surely, and why.

One engine for a million rows and for one: Arrow columns in; pairs (left, right, weight in bits,
probability, pattern) and clusters out. The pieces, each a module:

- `columns`: what each column is, from its name and contents; `records`: rows made comparable.
- `blocking`: candidate pairs; `comparisons` and `alignment`: levels of agreement.
- `model`: the versioned weights and frequencies; `training`: learning them without labels;
  `scoring`: match weights; `clusters`: customers from pairs.
- `labels`: answers of people; `storage` and `configuration`: models and settings on disk.
- `online`: the same for one new record against an index on disk; `explanation`: why.

What the rest of the package uses (the engine's contract):

    from idp_cdi.engines.local import run           # batch
    result = run(table)                             # a pyarrow.Table of strings, any columns
    result.clusters      int64 array, the cluster of each row (the least row number in it)
    result.pairs         Pairs: left, right (row numbers), weight, probability, pattern arrays
    result.model         Model; result.model.save(folder) / Model.load(folder)

    from idp_cdi.matching.online import Index, Segment   # one record at a time
    index = Index(model, [Segment.of(table, numbers, model)])   # or Segment.open(path), mapped
    pairs = index.score({"name": …, "vat_id": …})   # the pairs that the batch run would give
    index.add(number, row); index.remove(number); segment.save(path)

    from idp_cdi.matching.clusters import cluster   # pairs (and person's decisions) to clusters
    cluster(size, left, right, weight, threshold=bits, same=…, different=…)
    # Give it the pairs that speak against a match too, down to FLOOR: they keep clusters apart.

    from idp_cdi.matching.explanation import waterfall
    waterfall(model, row_a, row_b)                  # each field: level in words, values, bits

A pair's weight depends on its two rows and the model alone; a cluster on the pairs within its
component alone. So incremental work equals a rebuild, in any order, and unrelated records change
nothing. A column ``<field>__confidence`` (0–1) says how sure each value is: with probability c a
weight of w bits counts log2(c·2^w + 1 − c).
"""
