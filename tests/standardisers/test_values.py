"""Tables of real notations: dates, amounts, numbers, currencies, countries, durations."""

from __future__ import annotations

import pytest

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers import way


def check(kind, raw, expected, **hints):
    if expected.startswith("value."):
        with pytest.raises(BadFormat) as caught:
            way(kind).clean(raw, **hints)
        assert caught.value.code == expected
    else:
        assert way(kind).clean(raw, **hints) == expected


@pytest.mark.parametrize(
    "raw, expected",
    [
        ("2024-01-31", "2024-01-31"),
        ("2024-01-31T23:59:00Z", "2024-01-31"),
        ("2024-01-31 00:00:00", "2024-01-31"),
        ("2024/1/31", "2024-01-31"),
        ("2024.01.31", "2024-01-31"),
        ("20240131", "2024-01-31"),
        ("31012024", "2024-01-31"),
        ("31.01.2024", "2024-01-31"),
        ("31.1.24", "2024-01-31"),
        ("1.2.2024", "2024-02-01"),
        ("31. 01. 2024", "2024-01-31"),
        ("31/01/2024", "2024-01-31"),
        ("01/31/2024", "2024-01-31"),
        ("1/31/24", "2024-01-31"),
        ("31-01-2024", "2024-01-31"),
        ("04/04/2018", "2018-04-04"),
        ("31 January 2024", "2024-01-31"),
        ("January 31, 2024", "2024-01-31"),
        ("Jan. 31, 2024", "2024-01-31"),
        ("JAN 31 2024", "2024-01-31"),
        ("Wednesday, January 31st, 2024", "2024-01-31"),
        ("31st day of January, 2024", "2024-01-31"),
        ("this 5th day of March 2012", "2012-03-05"),
        ("31-Jan-24", "2024-01-31"),
        ("31-JAN-2024", "2024-01-31"),
        ("2024 January 31", "2024-01-31"),
        ("31. Januar 2024", "2024-01-31"),
        ("den 31. Jänner 2024", "2024-01-31"),
        ("5. März 2018", "2018-03-05"),
        ("Köln, 5. März 2018", "value.format"),
        ("le 1er février 2024", "2024-02-01"),
        ("15 août 2023", "2023-08-15"),
        ("31 de enero de 2024", "2024-01-31"),
        ("2 de septiembre del 2021", "2021-09-02"),
        ("31 gennaio 2024", "2024-01-31"),
        ("1º luglio 2022", "2022-07-01"),
        ("31 januari 2024", "2024-01-31"),
        ("12 mei 2020", "2020-05-12"),
        ("31 de janeiro de 2024", "2024-01-31"),
        ("25 de dezembro de 1999", "1999-12-25"),
        ("5 marca 2021", "2021-03-05"),
        ("3 października 2020", "2020-10-03"),
        ("17. maj 2020", "2020-05-17"),
        ("2024年1月31日", "2024-01-31"),
        ("2024년 1월 31일", "2024-01-31"),
        ("29.02.2024", "2024-02-29"),
        ("15/03/68", "2068-03-15"),
        ("15/03/69", "1969-03-15"),
        ("31/01/2024 13:45", "2024-01-31"),
        ("31.01.2024, 13:45 Uhr", "2024-01-31"),
        ("Jan 31, 2024 1:45 PM", "2024-01-31"),
        ("01/02/2024", "value.ambiguous"),
        ("01-02-2024", "value.ambiguous"),
        ("1/2/24", "value.ambiguous"),
        ("01022024", "value.ambiguous"),
        ("30.02.2024", "value.format"),
        ("2023-02-29", "value.format"),
        ("32/01/2024", "value.format"),
        ("January 2024", "value.format"),
        ("13/13/2024", "value.format"),
        ("1/2/3", "value.format"),
        ("12345", "value.format"),
        ("soon", "value.format"),
        ("May", "value.format"),
        ("2024-13-01", "value.format"),
        ("31.0l.2024", "value.format"),
        ("N/A", "value.placeholder"),
        ("", "value.empty"),
    ],
)
def test_date(raw, expected):
    check("date", raw, expected)


@pytest.mark.parametrize(
    "raw, hints, expected",
    [
        ("01/02/2024", {"day_first": True}, "2024-02-01"),
        ("01/02/2024", {"day_first": False}, "2024-01-02"),
        ("01/02/2024", {"country": "DE"}, "2024-02-01"),
        ("01/02/2024", {"country": "US"}, "2024-01-02"),
        ("01/02/2024", {"country": "CA"}, "value.ambiguous"),
        ("01.02.2024", {"country": "US"}, "2024-01-02"),
        ("01/02/2024", {"country": "US", "day_first": True}, "2024-02-01"),
        ("31/01/2024", {"day_first": False}, "2024-01-31"),
        ("2024-01-02", {"day_first": True}, "2024-01-02"),
    ],
)
def test_date_with_hints(raw, hints, expected):
    check("date", raw, expected, **hints)


@pytest.mark.parametrize(
    "raw, expected",
    [
        ("1234.50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234,50", "1234.50"),
        ("1\u202f234,50 €", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1’234.50", "1234.50"),
        ("CHF 1'234.-", "1234"),
        ("Fr. 1'234.50", "1234.50"),
        ("12,34,567.00", "1234567.00"),
        ("₹ 12,34,567", "1234567"),
        ("Rs. 500/-", "500"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("1.234.567,8", "1234567.8"),
        ("$1,234.50", "1234.50"),
        ("US$ 1,234.50", "1234.50"),
        ("USD 1,234.50", "1234.50"),
        ("1.234,50 EUR", "1234.50"),
        ("€1.234,50", "1234.50"),
        ("EUR 50", "50"),
        ("50,00€", "50.00"),
        ("1 234,50 zł", "1234.50"),
        ("1.234,50 kr.", "1234.50"),
        ("kr 1 234,50", "1234.50"),
        ("RM 12.30", "12.30"),
        ("R$ 1.234,56", "1234.56"),
        ("-1,234.50", "-1234.50"),
        ("1,234.50-", "-1234.50"),
        ("−1.234,50", "-1234.50"),
        ("(1,234.50)", "-1234.50"),
        ("($1,234.50)", "-1234.50"),
        ("$(1,234.50)", "-1234.50"),
        ("-$5.00", "-5.00"),
        ("$-5.00", "-5.00"),
        ("€ -5,00", "-5.00"),
        ("+5.00", "5.00"),
        ("1,234.50 CR", "-1234.50"),
        ("1,234.50CR", "-1234.50"),
        ("1,234.50 DR", "1234.50"),
        ("1.234,56 H", "-1234.56"),
        ("1.234,56 S", "1234.56"),
        ("50,-", "50"),
        ("50,--", "50"),
        ("50.-", "50"),
        ("0,50", "0.50"),
        (".50", "0.50"),
        (",50", "0.50"),
        ("0.5", "0.5"),
        ("007.50", "7.50"),
        ("0", "0"),
        ("0,00", "0.00"),
        ("-0.00", "0.00"),
        ("1234,5", "1234.5"),
        ("1234.567", "1234.567"),
        ("0.123", "0.123"),
        ("12 . 50", "12.50"),
        ("1 234 , 50", "1234.50"),
        ("１２３．４５", "123.45"),
        ("١٢٣٫٤٥", "123.45"),
        ("1.234", "value.ambiguous"),
        ("1,234", "value.ambiguous"),
        ("$1,234", "value.ambiguous"),
        ("12,34", "12.34"),
        ("1,23,4", "value.format"),
        ("1.23.456", "value.format"),
        ("12 34", "value.format"),
        ("1.234,567,89", "value.format"),
        ("1O0.00", "value.format"),
        ("l00", "value.format"),
        ("Total 5.00", "value.format"),
        ("5.00 per month", "value.format"),
        ("5 %", "value.format"),
        ("twelve", "value.format"),
        ("", "value.empty"),
        ("tbd", "value.placeholder"),
    ],
)
def test_amount(raw, expected):
    check("amount", raw, expected)


@pytest.mark.parametrize(
    "raw, hints, expected",
    [
        ("1.234", {"decimal": ","}, "1234"),
        ("1,234", {"decimal": ","}, "1.2340"),
        ("1,234", {"decimal": "."}, "1234"),
        ("1.250", {"decimal": "."}, "1.25"),
        ("1.234", {"country": "DE"}, "1234"),
        ("1,234", {"country": "US"}, "1234"),
        ("1,234", {"country": "CA"}, "value.ambiguous"),
        ("1,234.50", {"country": "DE"}, "1234.50"),
        ("1.234,50", {"decimal": "."}, "1234.50"),
    ],
)
def test_amount_with_hints(raw, hints, expected):
    check("amount", raw, expected, **hints)


@pytest.mark.parametrize(
    "raw, expected",
    [
        ("19 %", "19"),
        ("19,0%", "19.0"),
        ("7.5 %", "7.5"),
        ("5 Stk", "5"),
        ("2,5 kg", "2.5"),
        ("3 hrs.", "3"),
        ("12 m²", "12"),
        ("-3", "-3"),
        ("1.234", "value.ambiguous"),
        ("ten", "value.format"),
        ("$5", "value.format"),
        ("5 6", "value.format"),
    ],
)
def test_number(raw, expected):
    check("number", raw, expected)


@pytest.mark.parametrize(
    "raw, expected",
    [
        ("EUR", "EUR"),
        ("eur", "EUR"),
        ("€", "EUR"),
        ("Euro", "EUR"),
        ("EURO", "EUR"),
        ("£", "GBP"),
        ("Pound Sterling", "GBP"),
        ("US$", "USD"),
        ("$", "USD"),
        ("US Dollars", "USD"),
        ("SFr.", "CHF"),
        ("Schweizer Franken", "CHF"),
        ("zł", "PLN"),
        ("Kč", "CZK"),
        ("Ft", "HUF"),
        ("R$", "BRL"),
        ("RM", "MYR"),
        ("₹", "INR"),
        ("A$", "AUD"),
        ("¥", "JPY"),
        ("kr", "value.ambiguous"),
        ("XYZ", "value.format"),
        ("money", "value.format"),
        ("", "value.empty"),
    ],
)
def test_currency(raw, expected):
    check("currency", raw, expected)


@pytest.mark.parametrize(
    "raw, expected",
    [
        ("DE", "DE"),
        ("de", "DE"),
        ("DEU", "DE"),
        ("276", "DE"),
        ("Germany", "DE"),
        ("Deutschland", "DE"),
        ("ALLEMAGNE", "DE"),
        ("Alemania", "DE"),
        ("Germania", "DE"),
        ("Duitsland", "DE"),
        ("Alemanha", "DE"),
        ("Federal Republic of Germany", "DE"),
        ("D", "DE"),
        ("U.S.A.", "US"),
        ("United States of America", "US"),
        ("États-Unis", "US"),
        ("Vereinigte Staaten", "US"),
        ("England", "GB"),
        ("Great Britain", "GB"),
        ("UK", "GB"),
        ("Vereinigtes Königreich", "GB"),
        ("The Netherlands", "NL"),
        ("Holland", "NL"),
        ("Pays-Bas", "NL"),
        ("Schweiz", "CH"),
        ("Suisse / Schweiz", "CH"),
        ("Österreich", "AT"),
        ("Oesterreich", "AT"),
        ("Česko", "CZ"),
        ("Czech Republic", "CZ"),
        ("España", "ES"),
        ("ESPANA", "ES"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("South Korea", "KR"),
        ("Republic of Korea", "KR"),
        ("Côte d’Ivoire", "CI"),
        ("Kosovo", "XK"),
        ("Россия", "value.format"),
        ("Atlantis", "value.format"),
        ("ZZ", "value.format"),
        ("", "value.empty"),
    ],
)
def test_country(raw, expected):
    check("country", raw, expected)


@pytest.mark.parametrize(
    "raw, expected",
    [
        ("2 years", "P2Y"),
        ("two (2) years", "P2Y"),
        ("Two (2) Years", "P2Y"),
        ("twenty-four (24) months", "P24M"),
        ("twenty four months", "P24M"),
        ("a period of five years", "P5Y"),
        ("one year", "P1Y"),
        ("1 year and 6 months", "P1Y6M"),
        ("18-month", "P18M"),
        ("30 days", "P30D"),
        ("30 Tage netto", "P30D"),
        ("zwei Jahre", "P2Y"),
        ("24 Monate", "P24M"),
        ("trois ans", "P3Y"),
        ("6 mois", "P6M"),
        ("dos años", "P2Y"),
        ("due anni", "P2Y"),
        ("twee jaar", "P2Y"),
        ("dois anos", "P2Y"),
        ("P2Y", "P2Y"),
        ("p18m", "P18M"),
        ("perpetual", "value.format"),
        ("2024", "value.format"),
        ("years", "value.format"),
        ("two and a half", "value.format"),
        ("0 days", "value.format"),
    ],
)
def test_duration(raw, expected):
    check("duration", raw, expected)
