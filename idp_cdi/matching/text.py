"""Text made comparable, a column at a time: folding to plain Latin letters, words, and hashes.

Folding is for comparison only; what was seen is never changed. Umlauts and their two-letter
spellings meet ("Müller", "Mueller", "Muller"), accents go, Cyrillic and Greek are written in
Latin letters. A word in a script that can't be transliterated letter by letter folds to "".

>>> fold("Müller"), fold("MUELLER"), fold("Łódź"), fold("Васильев"), fold("王伟")
('muller', 'muller', 'lodz', 'vasilev', '')
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Up to so many strings Python's regular expressions are faster than compiling Arrow's.
SMALL = 2000
_LETTERS: dict[str, str] = {
    "ß": "ss", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "a", "œ": "o", "ı": "i",
    "ä": "a", "ö": "o", "ü": "u", "å": "a", "ħ": "h", "ŋ": "n", "ĸ": "k", "ŧ": "t",
    # Cyrillic, the usual passport spelling without signs
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "ё": "e", "є": "e",
    "ж": "zh", "з": "z", "и": "i", "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m",
    "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ў": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "",
    "э": "e", "ю": "yu", "я": "ya",
    # Greek
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip
_TABLE = str.maketrans(_LETTERS)
_DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
_OCR = (("rn", "m"), ("cl", "d"), ("vv", "w"), ("ii", "n"))
_OCR_TABLE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "8": "b", "6": "g", "2": "z"})
_BYTES = np.random.default_rng(20240229).integers(1, 1 << 63, 256, dtype=np.uint64) | np.uint64(1)
_MULTIPLIER = 0x9E3779B97F4A7C15
_POWERS = np.array([pow(_MULTIPLIER, i, 1 << 64) for i in range(4096)], dtype=np.uint64)


def fold(text: str) -> str:
    """`text` in lower-case Latin letters and digits without accents; other signs go."""
    if text.isascii():
        text = text.lower()
    else:
        text = unicodedata.normalize("NFKC", text).lower().translate(_TABLE)
        if not text.isascii():
            text = unicodedata.normalize("NFKD", text).translate(_TABLE)
    if not (text.isascii() and text.isalnum()):
        text = "".join(c for c in text if c.isascii() and c.isalnum())
    if "e" in text:
        for pair, letter in _DIGRAPHS:
            if pair in text:
                text = text.replace(pair, letter)
    return text


def skeleton(text: str) -> str:
    """A folded word with the letters that optical reading confuses made one.

    >>> skeleton("8ecker") == skeleton("becker"), skeleton("modern") == skeleton("modem")
    (True, True)
    """
    for pair, letter in _OCR:
        if pair in text:
            text = text.replace(pair, letter)
    return text.translate(_OCR_TABLE)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _plain(values: Any) -> list[str | None] | None:
    """The strings, where they are few and of letters that both regex engines see alike."""
    if len(values) > SMALL:
        return None
    strings: list[str | None] = values.to_pylist()
    joined = "".join(s for s in strings if s)
    return strings if joined.isascii() or max(joined) < "\u0300" else None


def replace(values: Any, pattern: str, by: str, python: str = "") -> Any:
    """Replace what matches `pattern` (RE2) in an Arrow string array.

    Compiling an RE2 pattern with Unicode classes takes milliseconds; for a few strings Python's
    own engine does the same with the pattern `python`.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    strings = _plain(values)
    if strings is None:
        return pc.replace_substring_regex(values, pattern, by)
    substitute = _compiled(python or pattern).sub
    return pa.array([s if s is None else substitute(by, s) for s in strings], type=pa.string())


def without_quotes(values: Any) -> Any:
    """An Arrow string array without apostrophes and quotes: "O'Hara" is "OHara"."""
    import pyarrow.compute as pc

    for sign in "'’`´":
        values = pc.replace_substring(values, sign, "")
    return values


def extract(values: Any, pattern: str) -> Any:
    """The first group of `pattern` in each string of an Arrow array, null where there is none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    strings = _plain(values)
    if strings is None:
        return pc.struct_field(pc.extract_regex(values, pattern), [0])
    search = _compiled(pattern).search
    found = [None if s is None else search(s) for s in strings]
    return pa.array([None if m is None else m[1] for m in found], type=pa.string())


def hash_strings(values: Any) -> NDArray[np.uint64]:
    """A 64-bit hash of each string of an Arrow string array; the same in every run and process.

    Nulls hash like the empty string. Strings longer than 4096 bytes hash by their first 4096.
    """
    import pyarrow as pa

    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if not pa.types.is_large_string(values.type):
        values = values.cast(pa.large_string())
    if len(values) == 0:
        return np.zeros(0, dtype=np.uint64)
    buffers = values.buffers()
    offsets = np.frombuffer(buffers[1], dtype=np.int64)[
        values.offset : values.offset + len(values) + 1
    ]
    data = np.frombuffer(buffers[2] or b"", dtype=np.uint8)
    out = np.empty(len(values), dtype=np.uint64)
    step = 200_000
    for start in range(0, len(values), step):
        part = offsets[start : start + step + 1]
        out[start : start + step] = _hash_bytes(data[part[0] : part[-1]], part - part[0])
    return out


def _hash_bytes(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint64]:
    lengths = np.diff(offsets)
    place = np.arange(len(data), dtype=np.int64) - np.repeat(offsets[:-1], lengths)
    keep = place < len(_POWERS)
    terms = np.where(keep, _BYTES[data] * _POWERS[np.minimum(place, len(_POWERS) - 1)], 0)
    sums = np.zeros(len(data) + 1, dtype=np.uint64)
    np.cumsum(terms, out=sums[1:])
    return mix(sums[offsets[1:]] - sums[offsets[:-1]] + lengths.astype(np.uint64))


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread 64-bit numbers over the whole range, one to one (the finaliser of SplitMix64)."""
    x = values ^ (values >> np.uint64(30))
    x = x * np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x = x * np.uint64(0x94D049BB133111EB)
    spread: NDArray[np.uint64] = x ^ (x >> np.uint64(31))
    return spread


def hash_list(values: Sequence[str]) -> NDArray[np.uint64]:
    """`hash_strings` of Python strings."""
    import pyarrow as pa

    return hash_strings(pa.array(values, type=pa.large_string()))
