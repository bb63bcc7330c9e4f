"""The e-invoice attached to a PDF: ZUGFeRD, Factur-X, XRechnung or Order-X as an embedded file.

The names that the standards give come first; another attached XML is taken when it is an invoice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idp_cdi.errors import UnreadableInput

if TYPE_CHECKING:
    from idp_cdi.documents import Embedded

NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
_MOST = 100
_LARGEST = 20 * 1024 * 1024


def attached_invoice(pdf: Any) -> Embedded | None:
    """The first invoice among the files attached to a pypdfium2 document, None for none.

    Raises:
        UnreadableInput: A file has the name of an e-invoice and can't be read as one.
    """
    import pypdfium2

    from idp_cdi.readers.einvoice import embedded_in

    try:
        attachments = [pdf.get_attachment(i) for i in range(min(_MOST, pdf.count_attachments()))]
        named = [(a.get_name(), a) for a in attachments]
    except pypdfium2.PdfiumError:
        return None
    named.sort(key=lambda pair: pair[0].lower() not in NAMES)
    for name, attachment in named:
        standard = name.lower() in NAMES
        if not (standard or name.lower().endswith(".xml")):
            continue
        try:
            data = bytes(attachment.get_data())
        except pypdfium2.PdfiumError as error:
            if standard:
                raise _unreadable("the attached e-invoice can't be unpacked") from error
            continue
        if len(data) > _LARGEST:
            raise _unreadable("the attached e-invoice is far too large")
        try:
            return embedded_in(data, name)[0]
        except UnreadableInput:
            if standard:
                raise
    return None


def _unreadable(reason: str) -> UnreadableInput:
    return UnreadableInput(
        reason, code="einvoice.broken", action="the printed page is read instead; ask for it again"
    )
