"""Customer data from systems and documents, unified into golden records.

Every command of ``idp-cdi`` is one function here with arguments around it.
"""

from __future__ import annotations

__version__ = "0.1.0"
