"""Charts as inline SVG: no script, no font, no request; light and dark by the page's own colours.

Each function takes plain numbers and returns one ``<svg>`` text with a title and a description for
screen readers and a tooltip on every mark. Colours are CSS variables of the page (``--ink``,
``--muted``, ``--line``, ``--c1`` … ``--c4``), so that a chart reads in both schemes.

- `columns`: counts by class, with marks at thresholds;
- `lines`: courses over time or over a threshold, with a band where there is one;
- `reliability`: how often a value was right whose confidence was so and so;
- `sparkline`: a course the size of a word; `short`: a number as people read it.
"""

from __future__ import annotations

from idp_cdi.charts._columns import columns
from idp_cdi.charts._lines import Line, lines, sparkline
from idp_cdi.charts._reliability import reliability
from idp_cdi.charts._svg import short

__all__ = ["Line", "columns", "lines", "reliability", "short", "sparkline"]
