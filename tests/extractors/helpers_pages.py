from idp_cdi.documents import Box, Document, Page, Word


def page(*lines, number=1, size=10.0, step=14.0):
    """A page of text lines; " | " in a line starts a new column 200 points to the right."""
    words = []
    for row, line in enumerate(lines):
        for column, part in enumerate(line.split(" | ")):
            x = 40.0 + 200.0 * column
            for text in part.split():
                width = 0.5 * size * len(text)
                y = 40.0 + step * row
                words.append(Word(text, Box(x, y, x + width, y + size), 1.0, size))
                x += width + 0.3 * size
    return Page(number, 595.0, 842.0, tuple(words))


def document(*lines, language=""):
    return Document("a.pdf", "0" * 64, "application/pdf", "pdf", (page(*lines),), language=language)
