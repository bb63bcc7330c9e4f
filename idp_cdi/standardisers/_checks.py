"""Check digits of national numbers, by python-stdnum; imported when first needed.

>>> passes("DE", "vat", "136695976"), passes("DE", "vat", "136695978")
(True, False)
>>> passes("ZZ", "vat", "1") is None
True
"""

from __future__ import annotations

from functools import cache
from typing import Protocol, cast

# kind of number and country → module of python-stdnum. Only where its rule is what we need.
_MODULES = {
    "vat": {
        "AT": "at.uid", "BE": "be.vat", "BG": "bg.vat", "CY": "cy.vat", "CZ": "cz.dic",
        "DE": "de.vat", "DK": "dk.cvr", "EE": "ee.kmkr", "EL": "gr.vat", "ES": "es.nif",
        "FI": "fi.alv", "FR": "fr.tva", "HR": "hr.oib", "HU": "hu.anum", "IE": "ie.vat",
        "IT": "it.iva", "LT": "lt.pvm", "LU": "lu.tva", "LV": "lv.pvn", "MT": "mt.vat",
        "NL": "nl.btw", "PL": "pl.nip", "PT": "pt.nif", "RO": "ro.cf", "SE": "se.vat",
        "SI": "si.ddv", "SK": "sk.dph", "GB": "gb.vat", "XI": "gb.vat", "CH": "ch.uid",
        "LI": "ch.uid", "NO": "no.orgnr", "AU": "au.abn", "NZ": "nz.ird", "IN": "in_.gstin",
        "RS": "rs.pib", "TR": "tr.vkn", "RU": "ru.inn", "IS": "is_.vsk", "AR": "ar.cuit",
        "BR": "br.cnpj", "CL": "cl.rut", "CO": "co.nit", "MX": "mx.rfc", "PE": "pe.ruc",
        "ZA": "za.tin", "KR": "kr.brn", "TW": "tw.ubn", "UA": "ua.edrpou", "MK": "mk.edb",
        "IL": "il.hp", "UY": "uy.rut", "EC": "ec.ruc", "VE": "ve.rif", "SM": "sm.coe",
    },
    "tax": {
        "DE": "de.stnr", "AT": "at.tin", "BE": "be.nn", "CZ": "cz.rc", "DK": "dk.cpr",
        "ES": "es.nif", "FI": "fi.hetu", "FR": "fr.nif", "GB": "gb.utr", "GR": "gr.vat",
        "IE": "ie.pps", "IT": "it.codicefiscale", "NL": "nl.bsn", "PL": "pl.nip", "PT": "pt.nif",
        "RO": "ro.cnp", "SE": "se.orgnr", "US": "us.tin", "CA": "ca.bn", "AU": "au.abn",
        "BR": "br.cpf", "MX": "mx.rfc", "IN": "in_.pan", "HR": "hr.oib", "HU": "hu.anum",
        "TR": "tr.vkn", "RU": "ru.inn", "ZA": "za.tin", "NZ": "nz.ird", "CL": "cl.rut",
    },
    "registration": {
        "FR": "fr.siren", "BE": "be.vat", "DK": "dk.cvr", "NO": "no.orgnr", "SE": "se.orgnr",
        "FI": "fi.ytunnus", "CH": "ch.uid", "EE": "ee.registrikood", "AT": "at.businessid",
        "IT": "it.iva", "ES": "es.cif", "PT": "pt.nif", "HR": "hr.oib", "BG": "bg.vat",
        "RO": "ro.cui", "AU": "au.acn", "SG": "sg.uen", "CN": "cn.uscc", "JP": "jp.cn",
        "CZ": "cz.dic", "RU": "ru.ogrn", "UA": "ua.edrpou", "BR": "br.cnpj", "LU": "lu.tva",
    },
}  # fmt: skip


class _Number(Protocol):
    def is_valid(self, number: str) -> bool: ...


@cache
def _module(country: str, kind: str) -> _Number | None:
    from importlib import import_module

    path = _MODULES[kind].get(country)
    return cast("_Number", import_module(f"stdnum.{path}")) if path else None


def passes(country: str, kind: str, number: str) -> bool | None:
    """Say whether a number passes its country's check.

    Args:
        country: ISO 3166-1 alpha-2; for VAT also EL and XI.
        kind: "vat", "tax" or "registration".
        number: Without country prefix and separators.

    Returns:
        True or False; None where we know no rule.
    """
    module = _module(country, kind)
    return None if module is None else bool(module.is_valid(number))


def luhn(digits: str) -> bool:
    """Say whether the last digit is right by the Luhn rule (SIREN, SIRET and others)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) << (place & 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
