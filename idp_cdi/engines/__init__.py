"""Where matching runs: one module an engine, each with the same function.

An engine has ``NAME``, ``is_available()`` and ``run(table, options)``; all give the same pairs and
clusters for the same table and model. `local` runs in this process on Arrow and NumPy arrays, up
to 16 million records. The contract test in ``tests/engines`` finds them by listing this folder.
"""
