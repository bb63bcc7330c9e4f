"""Made-up names of persons, companies and authorities.

Names come from a grammar over syllables, family names, trades, towns and acronyms in many
shapes and cases, so that a model learns how names look and not which there are.
"""

from __future__ import annotations

import re

from .chance import Chance
from .data_files import cities, countries, language, people, places

_TITLES = {
    "en": ["Mr.", "Mrs.", "Ms", "Dr.", "Mr"], "de": ["Dr.", "Herr", "Frau", "Prof. Dr.", "Dipl.-Ing.", "Herrn"],
    "fr": ["M.", "Mme", "Dr", "Monsieur", "Madame"], "es": ["D.", "Dña.", "Sr.", "Sra."],
    "it": ["Dott.", "Sig.", "Ing.", "Sig.ra", "Avv."], "nl": ["Dhr.", "Mevr.", "Dr.", "De heer", "Ir."],
}  # fmt: skip
_CHAINS = ["24", "365", "One", "1", "2000", "Plus", "Online", "Direct", "Express", "Pro", "Hub", "World", "Point", "Center", "4U", "XL", "3", "77", "Co-op", "No. 9"]  # fmt: skip
_DOMAINS = {
    "DE": ".de", "AT": ".at", "CH": ".ch", "FR": ".fr", "BE": ".be", "NL": ".nl", "ES": ".es", "IT": ".it",
    "GB": ".co.uk", "US": ".com", "IE": ".ie", "IN": ".in", "HK": ".com.hk", "MY": ".com.my", "AU": ".com.au",
    "CA": ".ca", "SG": ".com.sg", "LU": ".lu",
}  # fmt: skip


def stem(chance: Chance) -> str:
    """An invented word, such as Velmora or Kintrex."""
    words = places()
    parts = [chance.pick(words["stems"]) for _ in range(1 if chance.maybe(0.55) else 2)]
    return ("".join(parts) + chance.pick(words["ends"])).capitalize()


def person_parts(chance: Chance, country: str) -> tuple[str, str]:
    """Given and family name of a person who lives in `country`."""
    home = country
    if chance.maybe(0.12):
        home = chance.pick(["DE", "FR", "ES", "IT", "NL", "GB", "IN", "US", "IE", "AT", "HK", "MY"])
    first, last = people(home)
    given, family = chance.pick(first), chance.pick(last)
    if chance.maybe(0.12) and home not in ("HK", "MY"):
        if home in ("US", "GB", "IE", "CA", "AU"):
            given = chance.pick(
                [
                    f"{given} {chance.digits('A')}.",
                    f"{given[0]}. {chance.pick(first)}",
                    f"{given[0]}.",
                ]
            )
        else:
            given = chance.pick(
                [f"{given}-{chance.pick(first)}", f"{given} {chance.pick(first)}", f"{given[0]}."]
            )
    if (home == "ES" and chance.maybe(0.7)) or chance.maybe(0.03):
        family = f"{family} {chance.pick(last)}"
    elif chance.maybe(0.05) and home not in ("MY", "HK"):
        family = f"{family}-{chance.pick(last)}"
    if home == "US" and chance.maybe(0.05):
        family += chance.pick([", Jr.", " III", ", Ph.D.", " Jr.", ", M.D."])
    return given, family


def person(chance: Chance, country: str, code: str = "en", *, titled: float = 0.1) -> str:
    """A person's name as printed; capitals and titles now and then."""
    given, family = person_parts(chance, country)
    name = f"{given} {family}"
    if chance.maybe(0.06):
        name = name.upper()
    elif chance.maybe(0.04):
        name = f"{given} {family.upper()}"
    elif chance.maybe(0.05):
        name = chance.pick([f"{family} {given}", f"{family.upper()} {given}", f"{family}, {given}"])
    if chance.maybe(titled):
        name = f"{chance.pick(_TITLES[code])} {name}"
    return name


def _core(chance: Chance, country: str, code: str) -> str:
    words = language(code)
    last = people(country)[1]
    town = chance.pick(cities(country)).title()
    trade, trade2 = chance.pick(words["trades"]), chance.pick(words["trades"])
    noun, adjective = chance.pick(words["nouns"]), chance.pick(words["adjectives"])
    name, name2, made = chance.pick(last), chance.pick(last), stem(chance)
    letters = chance.digits(chance.pick(["AAA", "AA", "AAAA", "A&A", "A.A.A.", "A+A", "A.A."]))
    joint = {"de": "und", "fr": "et", "es": "y", "it": "e", "nl": "en"}.get(code, "and")
    shapes = {
        f"{name} {trade}": 9, f"{made}": 7, f"{made} {trade}": 9, f"{name} & {name2}": 4,
        f"{letters} {trade}": 6, f"{adjective} {noun} {trade}": 4, f"{noun} {trade}": 4,
        f"{town} {trade}": 3, f"{trade} {name}": 4, f"{name}, {name2} & {chance.pick(last)}": 2,
        f"{name} {joint} {name2} {trade}": 2, f"{made} {chance.pick(_CHAINS)}": 2, f"{name}": 3,
        f"{made}-{trade}": 2, f"{name}-{trade}": 2, f"{trade} & {trade2} {name}": 2,
        f"{name} {trade} & {trade2}": 2, f"{made} {stem(chance)}": 2, f"{letters}": 2,
        f"{chance.pick(people(country)[0])}'s {trade}": 1 if code == "en" else 0.1,
        f"The {noun} {trade}" if code == "en" else f"{trade} {town}": 2,
        f"{made}{chance.pick(_CHAINS)}": 1, f"{name} Brothers" if code == "en" else f"{trade} {made}": 1,
        f"{made} {town}": 1, f"{trade}{noun.lower()}": 1, f"{adjective} {trade}": 2, f"{name} International": 1,
        f"{made}{chance.pick(['.com', '.io', '.net', _DOMAINS[country]])}".lower(): 1.2,
        f"{noun} & {chance.pick(words['nouns'])}": 2, f"{trade} {int(chance.random() * 98) + 1}": 1,
        f"{made} {trade} ({town})": 1, f"{chance.pick(people(country)[0])} {name} {trade}": 2,
    }  # fmt: skip
    return chance.weighted(shapes)


def _english(chance: Chance, country: str) -> str:
    """Names as American and British companies have them: plain words, funds, banks, founders."""
    words = language("en")
    pick = chance.pick
    last = people(country)[1]
    trade, trade2, noun, noun2 = (
        pick(words["trades"]),
        pick(words["trades"]),
        pick(words["nouns"]),
        pick(words["nouns"]),
    )
    adjective, name, made, town = (
        pick(words["adjectives"]),
        pick(last),
        stem(chance),
        pick(cities(country)).title(),
    )
    numeral = pick(["I", "II", "III", "IV", "V", "VI", "2", "2007"])
    return pick([
        f"{adjective} {noun} {trade} {trade2}", f"{noun} {pick(['Capital', 'Equity', 'Growth', 'Holdings'])} Partners {numeral}", f"{adjective} {trade} {pick(['Group', 'Holdings', 'Corp', 'Co.'])}",
        f"{name} {pick(['National', 'Bancorp', 'Bancshares', 'Brothers', 'Therapeutics', 'Pharmaceuticals', 'Biosciences', 'Semiconductor'])}", f"{town} {pick(['Power', 'Gas & Electric', 'Telephone', 'Steel', 'Bancorp'])} {pick(['Company', '', 'Holdings'])}",
        f"{made} {pick(['Holdings', 'Therapeutics', 'Networks', 'Brands', 'Resources', 'Acquisition'])} {pick(['', numeral, 'Corp', 'International'])}", f"The {name} {pick(['Group', 'Company', 'Companies', 'Organization'])}",
        f"{noun} {noun2} {trade}", f"{adjective} {made} {noun}", f"{chance.digits('#')}{pick(['M', '-Eleven', 'D', 'G'])} {trade}", f"{name} {trade} of {pick(list(places()['regions']['US'].values()))}",
        f"{town} and {pick(cities(country)).title()} {trade} {trade2}", f"{name} & {trade} {made}", f"{chance.digits('A')}.{chance.digits('A')}. {name} {trade}", f"{made}/{noun} {trade}", f"{trade} for {noun}",
        f"{adjective} Joint Stock {trade}", f"{name}, {pick(last)} and {pick(last)}", f"{made[:-1]}{pick(['Care', 'Tech', 'Soft', 'Net', 'Com', 'Gen'])}", f"{chance.digits('AA')} {noun} {trade} Advisors",
    ]).strip()  # fmt: skip


def _malaysian(chance: Chance) -> str:
    """Names of shops as in Malaysia: Hokkien syllables, Malay words, trades."""
    words = places()["malaysian"]
    pick = chance.pick
    core = pick([
        " ".join(pick(words["syllables"]) for _ in range(pick([2, 2, 3]))), f"{pick(words['words'])} {pick(words['words'])}",
        f"{pick(words['syllables'])} {pick(words['words'])}", f"{chance.digits('A.A.A.')}", f"{stem(chance)}", f"{pick(people('MY')[0])} {pick(words['words'])}",
    ])  # fmt: skip
    return " ".join(f"{pick(words['leads'])} {core} {pick(words['tails'])}".split())


def _cased(chance: Chance, name: str) -> str:
    how = chance.random()
    if how < 0.1:
        return name.upper()
    if how < 0.12:
        return name.lower()
    if how < 0.14:
        return re.sub(
            r"\b(\w)(\w+)", lambda m: m[1] + m[2].upper() if len(m[2]) < 4 else m[0], name
        )
    return name


def company(chance: Chance, country: str, code: str) -> str:
    """A company's name with its legal form, in one of many shapes."""
    facts = countries()[country]
    english = code == "en" and chance.maybe(0.4)
    core = _cased(
        chance, _english(chance, country) if english else _core(chance, country, code)
    ).strip()
    if "before" in facts and chance.maybe(0.25):
        return f"{chance.pick(facts['before'])} {core}"
    form = chance.pick(facts["legal"])
    if form == "d/b/a":
        return f"{core} d/b/a {stem(chance)} {chance.pick(language(code)['trades'])}"
    if form == "di":
        given, family = person_parts(chance, "IT")
        return f"{core} di {given} {family}"
    if form == "e.K." and chance.maybe(0.5):
        given, family = person_parts(chance, "DE")
        return f"{core}, Inh. {given} {family} e.K."
    if country == "MY" and chance.maybe(0.6):
        core = _malaysian(chance)
        form = form or chance.pick(["SDN BHD", "ENTERPRISE", ""])
        name = f"{core} {chance.pick(['', '', '(M)', chr(40) + chance.pick(places()['malaysian']['words']) + chr(41)])} {form}"
        name = " ".join(name.split())
        return name.upper() if chance.maybe(0.75) else name
    if country == "MY" and chance.maybe(0.6):
        lead = chance.pick(["", "SYARIKAT ", "PERNIAGAAN ", "KEDAI ", "RESTORAN ", "PASARAYA ", ""])
        return f"{lead}{core} {form}".upper().strip()
    if form.startswith(","):
        return core + form
    comma = ", " if country in ("US", "CA") and form and chance.maybe(0.3) else " "
    return f"{core}{comma}{form}".strip() if form else core


def authority(chance: Chance, country: str, code: str) -> str:
    """A public body, school, club or foundation."""
    words = language(code)
    first, last = people(country)
    return str(chance.pick(words["authorities"])).format(
        city=chance.pick(cities(country)).title(), name=chance.pick(last), trade=chance.pick(words["trades"]),
        noun=chance.pick(words["nouns"]), first=chance.pick(first), country=chance.pick(list(words["countries"].values())),
    )  # fmt: skip


def domain(chance: Chance, name: str, country: str) -> str:
    """An internet domain that goes with `name`."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss"))
    words = re.findall(r"[a-z0-9]+", "".join(s for s in plain if not unicodedata.combining(s)))
    base = chance.pick(["", "-"]).join(words[: chance.pick([1, 2, 2, 3])]) or "firm"
    return base[:24].strip("-") + chance.pick(
        [_DOMAINS[country], _DOMAINS[country], ".com", ".eu", ".net"]
    )


def email(chance: Chance, host: str, who: str = "") -> str:
    """An address at `host`, of a person or of an office."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", who.lower().replace("ß", "ss"))
    words = re.findall(r"[a-z]+", "".join(s for s in plain if not unicodedata.combining(s)))
    if words and chance.maybe(0.6):
        first, last = words[0], words[-1]
        return (
            chance.pick([f"{first}.{last}", f"{first[0]}.{last}", last, f"{first[0]}{last}", first])
            + f"@{host}"
        )
    return chance.pick(["info", "office", "sales", "billing", "contact", "mail", "accounts", "service", "buchhaltung", "compta", "administratie", "admin"]) + f"@{host}"  # fmt: skip
