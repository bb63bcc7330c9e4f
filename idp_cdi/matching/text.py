"""Text made comparable, a column at a time: folding to plain Latin letters, words, and hashes.

Folding is for comparison only; what was seen is never changed. Umlauts and their two-letter
spellings meet ("Müller", "Mueller", "Muller"), accents go, Cyrillic and Greek are written in
Latin letters as passports do, other scripts as AnyAscii has them (Chinese in Pinyin). Arabic and
Hebrew leave vowels out, so that their letters would be other words than the spelling in Latin
letters: they fold to "", which says nothing rather than something wrong.

>>> fold("Müller"), fold("MUELLER"), fold("Łódź"), fold("Васильев"), fold("अमित"), fold("صديقي")
('muller', 'muller', 'lodz', 'vasilev', 'amit', '')
>>> parts("王伟"), parts("O'Hara")
(['wang', 'wei'], ['ohara'])
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.matching.raw import mapped, undoubled
from idp_cdi.matching.strings import FEW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

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
# Hebrew, Arabic, Syriac, Thaana; Arabic presentation forms.
_VOWELLESS = re.compile("[\u0590-\u07bf\ufb1d-\ufdff\ufe70-\ufeff]")
_SYLLABLE = re.compile("([\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff])")
DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
_ENDING = re.compile("(?:ie|ey|ee)$")
_SOUNDS = (
    ("ph", "f"),
    ("ck", "k"),
    ("ks", "x"),
    ("tz", "z"),
    ("dt", "t"),
    ("th", "t"),
    ("ya", "ia"),
)
_TWICE = re.compile(r"([a-z])\1")
_OCR = (("rn", "m"), ("cl", "d"), ("vv", "w"), ("ii", "n"))
_OCR_TABLE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "8": "b", "6": "g", "2": "z"})
_OCR_BYTES = np.arange(256, dtype=np.uint8)
_OCR_BYTES[list(_OCR_TABLE)] = [ord(str(letter)) for letter in _OCR_TABLE.values()]
_BYTES = np.random.default_rng(20240229).integers(1, 1 << 63, 256, dtype=np.uint64) | np.uint64(1)
_MULTIPLIER = 0x9E3779B97F4A7C15
# Of longer strings the first bytes count.
_PLAIN_BYTES, _PLAIN_POWERS = _BYTES.tolist(), [pow(_MULTIPLIER, i, 1 << 64) for i in range(4096)]
#: All bits of a hash.
ALL = (1 << 64) - 1


def fold(text: str) -> str:
    """`text` in lower-case Latin letters and digits without accents; other signs go."""
    if text.isascii():
        text = text.lower()
    else:
        text = unicodedata.normalize("NFKC", text).lower().translate(_TABLE)
        if not text.isascii():
            text = "".join(c if c.isascii() else _latin(c) for c in text)
    if not (text.isascii() and text.isalnum()):
        text = "".join(c for c in text if c.isascii() and c.isalnum())
    if "e" in text:
        for pair, letter in DIGRAPHS:
            if pair in text:
                text = text.replace(pair, letter)
    return text


@lru_cache(maxsize=1 << 14)
def _latin(sign: str) -> str:
    """One sign in Latin letters; "" where it has none or writes no vowels."""
    plain = unicodedata.normalize("NFKD", sign).translate(_TABLE)
    plain = "".join(c for c in plain if not "\u0300" <= c <= "\u036f")
    if plain.isascii() or _VOWELLESS.match(sign):
        return plain if plain.isascii() else ""
    from anyascii import anyascii

    return anyascii(sign).lower()


def parts(word: str) -> list[str]:
    """A word folded; of signs that are syllables (Chinese, Korean) each one is a word."""
    if word.isascii() or not _SYLLABLE.search(word):
        return [fold(word)]
    return [fold(piece) for piece in _SYLLABLE.split(word) if piece]


def skeleton(text: str) -> str:
    """A folded word with the letters that optical reading confuses made one.

    >>> skeleton("8ecker") == skeleton("becker"), skeleton("modern") == skeleton("modem")
    (True, True)
    """
    for pair, letter in _OCR:
        if pair in text:
            text = text.replace(pair, letter)
    return text.translate(_OCR_TABLE)


def skeletons(words: Any) -> Any:
    """`skeleton` of each string of an Arrow array of ASCII letters.

    >>> import pyarrow as pa
    >>> skeletons(pa.array(["8ecker", "modern"])).to_pylist() == [skeleton("8ecker"), "modem"]
    True
    """
    import pyarrow.compute as pc

    for pair, letter in _OCR:
        words = pc.replace_substring(words, pair, letter)
    return mapped(words, _OCR_BYTES)


def sound(text: str) -> str:
    """The skeleton of a folded word in which what sounds the same is made one too.

    >>> sound("mooney") == sound("moonie"), sound("alexander") == sound("aleksander")
    (True, True)
    """
    if len(text) > 3:
        text = _ENDING.sub("y", text)
        for pair, letter in _SOUNDS:
            if pair in text:
                text = text.replace(pair, letter)
        text = _TWICE.sub(r"\1", text)
    return skeleton(text)


def sounds(words: Any) -> Any:
    """`sound` of each string of an Arrow array of ASCII letters.

    >>> import pyarrow as pa
    >>> some = ["mooney", "aleksander", "moo", "Phillippee", "aaaa", "x"]
    >>> sounds(pa.array(some)).to_pylist() == [sound(word) for word in some]
    True
    """
    import pyarrow.compute as pc

    long = pc.replace_substring_regex(words, "(?:ie|ey|ee)$", "y")
    for pair, letter in _SOUNDS:
        long = pc.replace_substring(long, pair, letter)
    return skeletons(pc.if_else(pc.greater(pc.binary_length(words), 3), undoubled(long), words))


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
    step = 50_000
    for start in range(0, len(values), step):
        part = offsets[start : start + step + 1]
        out[start : start + step] = _hash_bytes(data[part[0] : part[-1]], part - part[0])
    return out


def _hash_bytes(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Each byte's number times the power of its place, added up, and the length.

    Powers go on over all strings; each string's sum is brought back by the power where it begins.
    """
    lengths = np.diff(offsets)
    powers, inverse = _running(1 << max(16, len(data).bit_length()))
    sums = np.zeros(len(data) + 1, dtype=np.uint64)
    np.cumsum(_BYTES[data] * powers[: len(data)], out=sums[1:])
    starts = offsets[:-1]
    stops = np.minimum(offsets[1:], starts + len(_PLAIN_POWERS))
    return mix((sums[stops] - sums[starts]) * inverse[starts] + lengths.astype(np.uint64))


@lru_cache(maxsize=2)
def _running(size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The powers of the multiplier, from 0 to `size`, and their inverses."""
    out = []
    for factor in (_MULTIPLIER, pow(_MULTIPLIER, -1, 1 << 64)):
        steps = np.full(size + 1, factor, dtype=np.uint64)
        steps[0] = 1
        out.append(np.multiply.accumulate(steps))
    return out[0], out[1]


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread 64-bit numbers over the whole range, one to one (the finaliser of SplitMix64)."""
    # In place: new memory costs as much as the arithmetic.
    x: NDArray[np.uint64] = values >> np.uint64(30)
    x ^= values
    x *= np.uint64(0xBF58476D1CE4E5B9)
    moved = x >> np.uint64(27)
    x ^= moved
    x *= np.uint64(0x94D049BB133111EB)
    np.right_shift(x, np.uint64(31), out=moved)
    x ^= moved
    return x


def hash_list(values: Sequence[str]) -> NDArray[np.uint64]:
    """`hash_strings` of Python strings."""
    if len(values) <= FEW:
        return np.array([hash_one(v) for v in values], dtype=np.uint64)
    import pyarrow as pa

    return hash_strings(pa.array(values, type=pa.large_string()))


@lru_cache(maxsize=1 << 16)
def hash_one(value: str) -> int:
    """The hash of one string, the same number as `hash_strings` gives.

    >>> hash_one("käse") == int(hash_list(["käse"] * 100)[0])
    True
    """
    data = value.encode()
    x = len(data)
    for byte, power in zip(data, _PLAIN_POWERS, strict=False):
        x += _PLAIN_BYTES[byte] * power
    return mix_one(x & ALL)


def mix_one(x: int) -> int:
    """`mix` of one number.

    >>> mix_one(7) == int(mix(np.array([7], dtype=np.uint64))[0])
    True
    """
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & ALL
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & ALL
    return x ^ (x >> 31)
