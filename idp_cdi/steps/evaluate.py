"""Measure extraction on labelled documents: the library side of ``idp-cdi evaluate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.errors import UnreadableInput
from idp_cdi.evaluation import Report, score
from idp_cdi.evaluation.score import Prediction, read_gold
from idp_cdi.progress import SILENT

if TYPE_CHECKING:
    from pathlib import Path

    from idp_cdi.progress import Progress
    from idp_cdi.settings import Settings
    from idp_cdi.steps.understand import Understood


def evaluate(
    gold_file: Path,
    settings: Settings,
    *,
    embedded: bool = False,
    document_type: str = "",
    progress: Progress = SILENT,
) -> tuple[Report, list[Understood]]:
    """Extract every document that `gold_file` labels and count right and wrong values.

    Args:
        gold_file: JSON Lines; document paths are relative to its folder.
        settings: How to read.
        embedded: True lets embedded e-invoice data answer, else only the page counts.
        document_type: Overrules the classification where given.
        progress: Told of each finished document.

    Returns:
        The report, and what was understood of each document, in the order of the file.

    Raises:
        UnreadableInput: The file is not in the labelled format, or labels nothing.
        SettingsError: Nobody knows the document type.
    """
    from idp_cdi.steps.understand import understand_many

    gold = read_gold(gold_file)
    if not gold:
        raise UnreadableInput("no document is labelled in it", file=str(gold_file))
    paths = [gold_file.parent / g.document for g in gold]
    progress.start("reading", len(paths))
    found = list(
        understand_many(
            paths, settings, document_type=document_type, embedded=embedded, progress=progress
        )
    )
    progress.finish()
    named = {g.document: predictions(item) for g, item in zip(gold, found, strict=True)}
    return score(gold, named), found


def predictions(item: Understood) -> list[Prediction]:
    """The fields of a document as the scorer wants them."""
    if item.extraction is None:
        return []
    return [(f.name, f.value, f.confidence) for f in item.extraction.fields]
