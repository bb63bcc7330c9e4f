"""Validation rules: what must be true of records at the door and of golden records, as data.

A rule is a few lines of YAML (``data/rules/*.yaml``; your own in ``rules/*.yaml`` of the home
folder, where one with the id of a shipped rule changes it). Each says what it checks, how bad a
failure is, who owns it and what to do. All rules of a scope are checked in one pass over columns,
never row by row; see `idp_cdi.rules.check`.

To add one, write it into a file and run ``idp-cdi rules list``; tests are in ``tests/rules``.

>>> from idp_cdi.rules.spec import Rule
>>> rule = Rule(id="postcode.de", what="format", field="postal_code", pattern="[0-9]{5}",
...             when={"country": ("DE",)}, message="a German postal code has five digits")
>>> rule.scope, rule.severity.value
(('door', 'golden'), 'note')
"""
