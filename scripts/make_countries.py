#!/usr/bin/env python3
"""Make idp_cdi/data/countries.tsv: country codes and names, from Unicode CLDR through Babel.

    pip install babel; scripts/make_countries.py [--check]

--check writes nothing and fails when the file is not what the script would make.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "idp_cdi" / "data" / "countries.tsv"
LANGUAGES = "en de fr es it nl pt pl sv da nb fi cs sk hu ro hr sl bg el tr".split()
# Reserved, collective and superseded codes that CLDR names beside the countries of ISO 3166-1.
NOT_COUNTRIES = set("AC CP CQ CS DG EA EU EZ IC QO TA UN XA XB XK ZZ AN".split())
# Names in use that CLDR has not; written for this project.
ALIASES = {
    "US": "U.S.|U.S.A.|USA|United States of America|America|Estados Unidos de América|EE.UU.|EEUU|"
    "EE. UU.|Etats-Unis d'Amérique|E.U.A.|Vereinigte Staaten von Amerika|Stati Uniti d'America|"
    "Verenigde Staten van Amerika|VS|Stany Zjednoczone Ameryki|États Unis|The United States",
    "GB": "UK|U.K.|Great Britain|Britain|England|Scotland|Wales|Northern Ireland|G.B.|"
    "Großbritannien|Grossbritannien|Grande-Bretagne|Grande Bretagne|Gran Bretagna|Gran Bretaña|"
    "Groot-Brittannië|Grã-Bretanha|Inglaterra|Angleterre|Inghilterra|Engeland|Schottland|"
    "United Kingdom of Great Britain and Northern Ireland|Wielka Brytania|Storbritannien|"
    "Vereinigtes Königreich Großbritannien",
    "DE": "BRD|Federal Republic of Germany|Bundesrepublik Deutschland|D|Deutchland|Allemange|FRG",
    "AT": "A|Republik Österreich|Republic of Austria|Oesterreich",
    "FR": "F|République française|French Republic|France métropolitaine",
    "IT": "I|Repubblica Italiana|Italian Republic",
    "ES": "E|Reino de España|Kingdom of Spain|Espana",
    "BE": "B|Belgique/België|België/Belgique|Belgie|Kingdom of Belgium",
    "LU": "L|Lëtzebuerg|Grand-Duché de Luxembourg|Grand Duchy of Luxembourg",
    "PT": "P|República Portuguesa",
    "CH": "Schweiz/Suisse|Suisse/Schweiz|Suisse/Schweiz/Svizzera|Schweizerische Eidgenossenschaft|"
    "Confédération suisse|Swiss Confederation|CHE",
    "LI": "FL|Fürstentum Liechtenstein|Principality of Liechtenstein",
    "NL": "Holland|Hollande|Holanda|Olanda|The Netherlands|Kingdom of the Netherlands|Niederland",
    "IE": "Éire|Republic of Ireland|Irish Republic|IRL",
    "CZ": "Czech Republic|Tschechische Republik|République tchèque|República Checa|"
    "Repubblica Ceca|Tsjechische Republiek|Česká republika|Republika Czeska",
    "SK": "Slovak Republic|Slowakische Republik|Slovenská republika",
    "MK": "Macedonia|FYROM|Mazedonien|Macédoine|Republic of North Macedonia",
    "RU": "Russian Federation|Russische Föderation|Fédération de Russie|Federación de Rusia",
    "KR": "South Korea|Republic of Korea|Korea|Südkorea|Korea, Republic of|Corée du Sud|S. Korea",
    "KP": "North Korea|Korea, Democratic People's Republic of|DPRK",
    "CN": "P.R. China|PR China|PRC|People's Republic of China|Volksrepublik China|Mainland China",
    "HK": "Hong Kong|Hongkong|Hong Kong SAR",
    "MO": "Macau|Macao",
    "TW": "Taiwan, Province of China|Taiwan R.O.C.|Taiwan, R.O.C.|Republic of China",
    "VN": "Viet Nam|Socialist Republic of Vietnam",
    "IR": "Iran, Islamic Republic of|Islamic Republic of Iran",
    "SY": "Syrian Arab Republic",
    "LA": "Lao People's Democratic Republic|Lao PDR",
    "MD": "Moldova, Republic of|Republic of Moldova|Moldavia|Moldawien",
    "TZ": "Tanzania, United Republic of|United Republic of Tanzania",
    "BO": "Bolivia, Plurinational State of",
    "VE": "Venezuela, Bolivarian Republic of",
    "BN": "Brunei Darussalam",
    "CI": "Ivory Coast|Cote d'Ivoire|Elfenbeinküste|Costa d'Avorio|Ivoorkust",
    "CD": "DR Congo|Democratic Republic of the Congo|Congo, Democratic Republic of the|Zaire",
    "CG": "Congo|Republic of the Congo",
    "MM": "Burma|Birma",
    "SZ": "Swaziland|Swasiland",
    "CV": "Cape Verde|Kap Verde",
    "TR": "Turkey|Türkei|Turquie|Turkiye|Republic of Türkiye",
    "AE": "U.A.E.|UAE|V.A.E.|VAE|Emirates|E.A.U.",
    "SA": "KSA|Kingdom of Saudi Arabia",
    "ZA": "RSA|Republic of South Africa",
    "PS": "Palestine|Palestine, State of",
    "VA": "Vatican|Holy See|Vatikan|Vaticano",
    "BY": "Weißrussland|Weissrussland|Biélorussie|Bielorrusia",
    "GR": "EL|Hellas|Hellenic Republic|Ελλάς|Ellada",
    "HR": "Republic of Croatia|Republika Hrvatska",
    "SI": "Republic of Slovenia|Republika Slovenija",
    "PL": "Republic of Poland|Rzeczpospolita Polska",
    "SE": "Kingdom of Sweden|Schweden|SWE",
    "DK": "Kingdom of Denmark|Danmark",
    "NO": "Kingdom of Norway|Norge|Noreg",
    "FI": "Suomi|Republic of Finland",
    "SG": "Republic of Singapore|S'pore",
    "MY": "W. Malaysia|West Malaysia|Persekutuan Malaysia",
    "IN": "Bharat|Republic of India",
    "ID": "Republic of Indonesia",
    "PH": "The Philippines|Republic of the Philippines",
    "BA": "Bosnia|Bosnia-Herzegovina|Bosnien|Bosnien-Herzegowina",
    "XK": "Kosovo|Kosovë|Косово|Republic of Kosovo",
}


def table() -> str:
    """The whole file as text."""
    from babel import Locale, core

    locales = [Locale.parse(name) for name in LANGUAGES]
    aliases = core.get_global("territory_aliases")
    numeric = {v[0]: k for k, v in aliases.items() if k.isdigit() and len(v) == 1}
    alpha3 = {v[0]: k for k, v in aliases.items() if len(k) == 3 and k.isalpha() and len(v) == 1}
    codes = sorted(c for c in locales[0].territories if len(c) == 2 and c not in NOT_COUNTRIES)
    lines = [
        "# Countries of ISO 3166-1: alpha-2, alpha-3, numeric, names in many languages.",
        f"# Names: Unicode CLDR through Babel (Unicode License v3): {' '.join(LANGUAGES)};",
        "# and further names in use, written for this project. Kosovo (XK) is user-assigned.",
        "# Made by scripts/make_countries.py; do not edit.",
    ]
    for code in [*codes, "XK"]:
        names = [locale.territories.get(code, "") for locale in locales]
        names += ALIASES.get(code, "").split("|")
        unique = list(dict.fromkeys(n for n in names if n and n != code))
        own = [alpha3.get(code, ""), numeric.get(code, "")]
        lines.append("\t".join([code, *own, "|".join(unique)]))
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the file, or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        return int(TARGET.read_text(encoding="utf-8") != table())
    TARGET.write_text(table(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
