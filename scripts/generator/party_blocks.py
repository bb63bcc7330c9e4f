"""Blocks that show a party: address blocks, letterheads, sender lines, lists of identifiers."""

from __future__ import annotations

from .blocks import Block, Pair, label_piece, lines, pairs, stack
from .canvas import Shape
from .marks import Mark, Piece, join
from .paper import Paper
from .parties import Party, address_lines, name_piece, one_line


def _mark(role: str, name: str, text: str, *values: str, kind: str = "ID") -> Piece:
    return Piece(text, (Mark(f"{role}.{name}", values or (text,), "", kind),))


def identifiers(paper: Paper, role: str, who: Party, *, share: float = 0.7) -> list[Pair]:
    """Labels and values of the numbers of a party that this paper shows."""
    chance, words = paper.chance, paper.words
    out: list[Pair] = []
    if chance.maybe(0.07):
        code = chance.digits(
            chance.pick(["40########## #", "#############", "87###########"])
        ).replace(" ", "")
        out.append(
            (
                chance.pick(
                    [
                        "GLN",
                        "GLN:",
                        "ILN",
                        "D-U-N-S",
                        "EORI",
                        "PEC",
                        "SDI",
                        "NACE",
                        "APE",
                        "Leitweg-ID:",
                    ]
                ),
                [Piece(code, (Mark("code", (), "", "ID"),))],
            )
        )
    gst = who.country in ("AU", "IN", "MY", "SG", "CA")
    if who.vat and chance.maybe(share + 0.15):
        out.append(
            (
                words.label("vat_id"),
                [_mark(role, "vat_id", who.vat_printed, who.vat_printed, who.vat)],
            )
        )
    elif gst and chance.maybe(share):
        number = chance.digits(chance.pick(["############", "##AAAAA####A#A#", "## ### ### ###"]))
        out.append((words.label("gst_id"), [_mark(role, "tax_number", number)]))
    if who.tax and chance.maybe(share - 0.25):
        out.append((words.label("tax_number"), [_mark(role, "tax_number", who.tax)]))
    if role == "seller" and not who.is_person and chance.maybe(share - 0.2):
        out.append(_register(paper, role, who))
    return out


def _register(paper: Paper, role: str, who: Party) -> Pair:
    words, chance = paper.words, paper.chance
    piece = _mark(role, "registration_number", who.register)
    label = words.label("registration_number")
    if who.register.startswith(("HR", "FN", "CHE")) and chance.maybe(0.7):
        town = who.address.city
        return words.plain("court") + (" " + town if chance.maybe(0.7) else ""), [piece]
    return label, [piece]


def contacts(paper: Paper, role: str, who: Party, *, share: float = 0.75) -> list[Pair]:
    """Labels and values of telephone, fax, e-mail and internet address."""
    chance, words = paper.chance, paper.words
    out: list[Pair] = []
    if chance.maybe(share):
        out.append((words.label("phone"), [_mark(role, "phone", who.phone, kind="PHONE")]))
    if chance.maybe(share * 0.55):
        out.append((words.label("fax"), [Piece(who.fax, (Mark("fax", (), "", "PHONE"),))]))
    if chance.maybe(share * 0.9):
        out.append((words.label("email"), [_mark(role, "email", who.email, kind="ID")]))
    if chance.maybe(share * 0.7):
        out.append((words.label("website"), [_mark(role, "website", who.website, kind="ID")]))
    return out


def unlabelled(chance_lines: list[Pair], keep: float, paper: Paper) -> list[list[Piece]]:
    """Pairs as lines, labels left out where the values (mail, internet, phone) speak for themselves."""
    out = []
    for label, line in chance_lines:
        text = "".join(p.text for p in line)
        bare = ("@" in text or text.startswith(("www", "http"))) and not paper.chance.maybe(keep)
        if any(m.field.endswith(".phone") for p in line for m in p.marks):
            bare = paper.chance.maybe(0.25)
        out.append(list(line) if bare else [label_piece(label), Piece(" "), *line])
    return out


_DESKS = (
    "Accounts Payable", "Abteilung Einkauf", "Service comptabilité", "Kreditorenbuchhaltung",
    "Rechnungseingang", "Finance Department", "Amministrazione", "Administratie",
    "Dpto. de Compras", "Buchhaltung", "Purchasing", "Comptabilité fournisseurs",
    "Ufficio acquisti", "crediteurenadministratie", "Contabilidad",
)  # fmt: skip
_COURTESY = {
    "de": ("Herr", "Frau", "Herrn", "Hr.", "Fr."), "en": ("Mr", "Ms", "Mrs", "Mr.", "Ms."),
    "fr": ("M.", "Mme", "Monsieur", "Madame"), "es": ("Sr.", "Sra.", "D.", "Dña."),
    "it": ("Sig.", "Sig.ra", "Dott.", "Dott.ssa"), "nl": ("dhr.", "mevr.", "De heer", "Mevrouw"),
}  # fmt: skip
_TRADES = {
    "de": ("Malermeister", "Steuerberater", "Rechtsanwältin", "Fachärztin für Orthopädie",
           "Dipl.-Ing. Architekt", "Hebamme", "Fliesenlegermeister", "Freie Lektorin"),
    "en": ("Chartered Surveyor", "Electrician", "Attorney at Law", "Freelance Translator",
           "Dental Surgeon", "Landscape Gardener", "Photographer", "Master Plumber"),
    "fr": ("Avocate au barreau", "Architecte DPLG", "Infirmière libérale", "Plombier chauffagiste",
           "Traductrice", "Expert-comptable", "Médecin généraliste"),
    "es": ("Traductora jurada", "Abogado", "Arquitecta técnica", "Fontanero autónomo",
           "Asesora fiscal", "Médico especialista"),
    "it": ("Dottore commercialista", "Avvocato", "Geometra", "Idraulico", "Traduttrice",
           "Medico chirurgo"),
    "nl": ("Fysiotherapeut", "Hovenier", "Vertaalster", "Architect", "Loodgieter",
           "Administratiekantoor"),
}  # fmt: skip
_OWNER = {"de": ("Inh.", "Inhaber:", "Inhaberin", "Inhaber"), "en": ("Prop.", "Owner:"),
          "fr": ("Gérant :",), "it": ("Titolare:",), "es": ("Titular:",), "nl": ("Eigenaar:",)}  # fmt: skip


def _person(paper: Paper, role: str, who: Party) -> Piece:
    """The contact person, now and then with Mr or Mrs before the name."""
    text = who.contact
    if paper.chance.maybe(0.3):
        text = f"{paper.chance.pick(_COURTESY.get(paper.facts.language, _COURTESY['en']))} {text}"
    values = tuple(dict.fromkeys((who.contact, text)))
    return Piece(text, (Mark(f"{role}.contact_name", values, "", "PERSON"),))


def _inner(paper: Paper, role: str, who: Party, *, contact: bool) -> list[list[Piece]]:
    """Name, contact person, extra line and address, in lines."""
    chance, plan, words = paper.chance, paper.plan, paper.words
    rows: list[list[Piece]] = []
    name = [name_piece(role, who)]
    person = None
    if contact and not who.is_person:
        piece = _person(paper, role, who)
        lead = chance.maybe(0.6)
        person = [label_piece(paper.words.label("contact")), Piece(" "), piece] if lead else [piece]
    if role == "buyer" and chance.maybe(0.05):
        name = [label_piece(paper.words.label("contact")), Piece(" "), *name]
    if (
        role == "buyer"
        and paper.facts.language == "de"
        and chance.maybe(0.08)
        and not who.is_person
    ):
        rows.append([Piece("Firma")])
    if person is not None and chance.maybe(0.2):
        rows += [person, name]
    else:
        rows.append(name)
        if person is not None:
            rows.append(person)
    if chance.maybe(0.08):
        rows.append(
            [Piece(chance.pick([*_DESKS, "2. OG", "Building C", "Bâtiment B", "Standort Nord"]))]
        )
    elif person is None and chance.maybe(0.05):
        rows.append([label_piece(words.label("contact")), Piece(" "), Piece(chance.pick(_DESKS))])
    home = who.country if chance.maybe(0.2) else ""
    where = address_lines(role, who, home=home)
    if role == "buyer" and chance.maybe(0.05):
        where = []  # small invoices and online shops know no more than a name
    if not where:
        pass
    elif plan.address_line != "rows" and chance.maybe(0.7):
        rows.append(one_line(where, plan.address_line))
    else:
        rows.extend(where)
    return rows


def party_block(
    paper: Paper,
    role: str,
    who: Party,
    head: str,
    width: float,
    *,
    ids: float = 0.0,
    reach: float = 0.0,
) -> Block:
    """A party with its address, under a heading as the family has it.

    Args:
        paper: The paper in work.
        role: Role prefix of the fields.
        who: The party.
        head: Key of the heading's wording.
        width: In points.
        ids: Chance that numbers (VAT id …) are shown.
        reach: Chance that telephone and e-mail are shown.

    Returns:
        The block.
    """
    chance, plan, words = paper.chance, paper.plan, paper.words
    contact = chance.maybe(0.35 if plan.contact_place == "block" else 0.04)
    rows = _inner(paper, role, who, contact=contact)
    if role == "buyer" and plan.customer_place == "buyer" and chance.maybe(0.8):
        rows.append(
            [
                label_piece(words.label("customer_number")),
                Piece(" "),
                _mark("buyer", "customer_number", who.number),
            ]
        )
    more: list[Pair] = []
    if chance.maybe(reach):
        more += contacts(paper, role, who, share=0.6 if role == "seller" else 0.4)
    if chance.maybe(ids):
        more += identifiers(paper, role, who, share=0.75 if role == "seller" else 0.6)
    rows += unlabelled(more, 0.6, paper)
    bold = paper.style.but(bold=True)
    first = bold if chance.maybe(0.25) else None
    heading = plan.heading
    label = words.label(head)
    if heading == "none" and not (role == "ship_to" or plan.top.startswith("title/seller")):
        return lines(rows, paper.style, width, first=first)
    if heading == "inline" and rows:
        rows[0] = [label_piece(label), Piece(" "), *rows[0]]
        return lines(rows, paper.style, width)
    style = paper.label_style if heading == "label" else bold
    block = stack(
        [lines([[label_piece(label)]], style, width), lines(rows, paper.style, width, first=first)],
        1,
    )
    return block.frame() if plan.framed else block


def sender_line(paper: Paper, width: float) -> Block:
    """The small line with the sender above the address in a window envelope."""
    role, who = paper.issuer
    separator = paper.chance.pick([" - ", " · ", ", ", " | ", " • ", "   ●   ", " – ", " * "])
    rows = address_lines(role, who, home=who.country)
    line = [name_piece(role, who), Piece(separator), *one_line(rows, separator)]
    block = lines([line], paper.style.but(size=min(7.0, paper.style.size * 0.8)), width)
    block.shapes.append(Shape("line", 0, block.height + 2, width * 0.9, block.height + 2))
    block.height += 4
    return block


def letterhead(paper: Paper, width: float) -> Block:
    """The head of the sheet: name large, address and numbers below or beside."""
    chance, plan = paper.chance, paper.plan
    role, who = paper.issuer
    align = {"left": "left", "right": "right", "centre": "centre", "line": "left"}[plan.head]
    big = paper.style.but(
        size=paper.style.size * chance.pick([1.2, 1.4, 1.6, 2.0]), bold=chance.maybe(0.7)
    )
    where = address_lines(role, who, home=who.country if chance.maybe(0.7) else "")
    rows: list[list[Piece]] = []
    if chance.maybe(0.04):
        pass  # nothing but a name and how to reach it
    elif plan.head == "line" or plan.address_line != "rows":
        rows.append(one_line(where, plan.address_line if plan.address_line != "rows" else " - "))
    else:
        rows += where
    more = contacts(paper, role, who) if chance.maybe(0.75) else []
    if plan.seller_ids == "head":
        more += identifiers(paper, role, who)
    extra = unlabelled(more, 0.6, paper)
    if chance.maybe(0.4):
        rows.append(join(extra, chance.pick(["  ", " - ", " | ", ", "])))
    else:
        rows += extra
    first = [name_piece(role, who)]
    if chance.maybe(0.06):
        slogan = chance.pick(who.name.split()).strip(",.")
        rows.insert(0, [Piece(f"{chance.pick(_trades(paper))} {chance.pick('-&·')} {slogan}")])
    language = paper.facts.language
    if who.is_person and chance.maybe(0.5):
        rows.insert(0, [Piece(chance.pick(_TRADES.get(language, _TRADES["en"])))])
    elif not who.is_person and chance.maybe(0.06):
        owner = Piece(who.contact, (Mark("director", (), "", "PERSON"),))
        rows.insert(0, [Piece(f"{chance.pick(_OWNER.get(language, _OWNER['en']))} "), owner])
    block = stack(
        [lines([first], big, width, align=align), lines(rows, paper.style, width, align=align)], 2
    )
    if chance.maybe(0.3):
        block.shapes.append(Shape("line", 0, block.height + 3, width, block.height + 3))
        block.height += 6
    return block


def _trades(paper: Paper) -> list[str]:
    from .data_files import language

    trades: list[str] = language(paper.facts.language)["trades"]
    return trades


def logo(paper: Paper, width: float) -> Block:
    """A picture, or the first word of the seller's name as a word mark."""
    block = Block(width, paper.chance.pick([24.0, 32.0, 45.0, 60.0]))
    if paper.chance.maybe(0.4):
        word = paper.issuer[1].name.split()[0]
        style = paper.style.but(size=18, bold=True)
        return lines([[Piece(word)]], style, width)
    block.shapes.append(Shape("logo", 0, 0, min(120, width), block.height))
    return block


def seller_pairs(paper: Paper, role: str, who: Party) -> list[Pair]:
    """All that is shown of a party as label–value pairs."""
    return [*contacts(paper, role, who), *identifiers(paper, role, who)]


__all__ = [
    "contacts",
    "identifiers",
    "letterhead",
    "logo",
    "pairs",
    "party_block",
    "seller_pairs",
    "sender_line",
    "unlabelled",
]
