#!/usr/bin/env python3
"""How long cleaning takes: microseconds of CPU time a value, by kind of value.

    scripts/bench_standardise.py [--values 20000]

Values are made up, all different, a part of them in rarer notations, as in a column of a feed.
Cleaning a column of a million values takes as many seconds as a value takes microseconds; columns
are cleaned once for each distinct value, so real ones take less.
"""

from __future__ import annotations

import argparse
import random
import time

from idp_cdi.standardisers import standardise

HINTS = {"date": {"day_first": True}, "amount": {"decimal": ","}}


def made(kind: str, rng: random.Random) -> str:
    """One value of a kind."""
    n = rng.randrange(10**8)
    digits = f"{n:08d}"
    odd = rng.random() < 0.2
    match kind:
        case "name":
            legal = rng.choice(["GmbH", "Ltd.", "S.A.", "GmbH & Co. KG", "Inc."])
            return f"Müller {digits} Maschinenbau {legal}" if odd else f"Miller {digits} {legal}"
        case "person_name":
            return f"Müller{digits}, Dr. Anna" if odd else f"Anna Miller{digits}"
        case "date":
            d, m, y = 1 + n % 28, 1 + n // 28 % 12, 1950 + n % 90
            return (
                f"{d}. März {y}"
                if odd
                else rng.choice([f"{d:02}.{m:02}.{y}", f"{y}-{m:02}-{d:02}"])
            )
        case "amount":
            return f"EUR 1.{digits[:3]},{digits[:2]}" if odd else f"{n / 100:.2f}"
        case "phone":
            return f"(030) {digits[:4]}-{digits[4:]}" if odd else f"+49 30 {digits}"
        case "email":
            return f"Ann <ann{digits}@acme.de>" if odd else f"ann.lee{digits}@acme-tools.de"
        case "website":
            return f"https://www.acme{digits}.de/" if odd else f"acme{digits}.de"
        case "vat_id":
            return f"DE {vat(n)}" if odd else f"DE{vat(n)}"
        case "iban":
            account = f"37040044{n:010d}"
            check = 98 - int(account + "131400") % 97
            return f"DE{check:02}{account}"
        case "postal_code":
            return f"D-{n % 90000 + 10000}" if odd else str(n % 90000 + 10000)
        case "street":
            return f"Haupt-Str.  {n}" if odd else f"Hauptstraße {n}"
        case "city":
            return (
                f"{n % 90000 + 10000} Köln {digits[:3]}x"
                if odd
                else f"Köln Viertel {chr(65 + n % 26)}"
            )
        case "country":
            return rng.choice(["DE", "Germany", "Frankreich", "USA", "IT", "Österreich"])
        case "address":
            return (
                f"Hauptstr. {n}\n{n % 90000 + 10000} Köln" if odd else f"Hauptstr. {n}, 50667 Köln"
            )
        case _:
            return f"No. {digits}" if odd else f"A-{digits}"


def vat(n: int) -> str:
    """Nine digits with a right check digit (ISO 7064 mod 11,10)."""
    product, digits = 10, f"{n % 90_000_000 + 10_000_000:08d}"
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return f"{digits}{(11 - product) % 10}"


def main() -> None:
    """Time every kind of value that feeds have."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, default=20_000)
    count = parser.parse_args().values
    kinds = (
        "name person_name date amount phone email website vat_id iban postal_code street city "
        "country address identifier"
    )
    for kind in kinds.split():
        rng = random.Random(1)
        values = [made(kind, rng) for _ in range(count)]
        standardise(kind, values[0], country="DE", **HINTS.get(kind, {}))
        start = time.process_time()
        good = sum(standardise(kind, v, country="DE", **HINTS.get(kind, {})).ok for v in values)
        spent = (time.process_time() - start) / count * 1e6
        print(f"{kind:14}{spent:7.1f} us   {good / count:.1%} good")


if __name__ == "__main__":
    main()
