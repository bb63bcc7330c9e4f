"""Why customers are what they are."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from idp_cdi.identity import Link, Rules, Ruling, partition, standing
from idp_cdi.steps._picture import picture
from idp_cdi.steps.explain import (
    Evidence,
    Face,
    Said,
    Scene,
    compare,
    compare_lines,
    explain,
    lines,
)

RULES = Rules(link=5.0)


def witness(left, right):
    return [
        Evidence("name", "same", "Acme & Söhne", "Acme & Söhne", 9.5, 9.5),
        Evidence("vat_id", "missing on one side", "DE136695976", "", 0.0, 14.0),
        Evidence("city", "different", "Bonn", "Berlin", -3.0, 4.0),
    ]


def scene(links, rulings=(), records=range(1, 6), marks=None):
    decided = standing(Ruling(a, b, v, i) for i, (a, b, v) in enumerate(rulings))
    found = partition(records, links, decided, rules=RULES, marks=marks)
    return Scene(
        {n: Face(f"crm␟{n}", f"Acme <{n}>", "crm") for n in records},
        links,
        decided,
        {(a, b): Said("kim", "2026-01-01", "saw the contract") for a, b, _ in rulings},
        found.cuts,
        found.labels,
        RULES,
        witness,
    )


def test_a_story_names_every_link_with_its_evidence():
    world = scene([Link(1, 2, 9.0, 0.99), Link(2, 3, 7.0, 0.97), Link(1, 3, 6.0, 0.95)])
    story = explain(world, "C-0000001", (1, 2, 3))
    assert [(s.left.reference, s.right.reference, s.spare) for s in story.steps] == [
        ("crm␟1", "crm␟2", 1),
        ("crm␟2", "crm␟3", 1),
    ]
    told = "\n".join(lines(story))
    assert "C-0000001: 3 records" in told
    assert "crm:1 – crm:2: +9.0 bits, probability 0.9900, 1 further link" in told
    assert "+9.5  name: same" in told
    assert "-3.0  city: different  'Bonn' – 'Berlin'" in told


def test_a_persons_decision_is_told_with_name_and_reason():
    world = scene([Link(1, 2, 9.0)], [(2, 3, "same"), (1, 4, "different")])
    told = "\n".join(lines(explain(world, "C-1", (1, 2, 3))))
    assert "crm:2 – crm:3: by kim (saw the contract)" in told
    assert "declared different\n  crm:1 – crm:4: by kim (saw the contract)" in told


def test_two_records_of_one_customer_show_the_way_between_them():
    world = scene([Link(1, 2, 9.0, 0.99), Link(2, 3, 7.0, 0.97)])
    found = compare(world, 1, 3)
    assert found.together
    assert [(s.left.reference, s.right.reference) for s in found.way] == [
        ("crm␟1", "crm␟2"),
        ("crm␟2", "crm␟3"),
    ]
    assert "2 links lead from one to the other; the weakest has +7.0 bits" in found.reason
    assert "the way between them" in compare_lines(found)


def test_two_customers_learn_what_would_be_needed():
    found = compare(scene([Link(1, 2, 2.0, 0.8)]), 1, 2)
    assert not found.together
    assert found.weight == 2.0
    assert "3.0 bits short" in found.reason
    assert found.needed[0].startswith("vat_id, which is missing: agreement would add +14.0 bits")
    assert found.needed[1].startswith("city, which differs: agreement would add +7.0 bits")
    assert "customers merge" in found.needed[-1]


def test_pairs_never_compared_and_pairs_declared_different_say_so():
    world = scene([], [(1, 2, "different")])
    assert compare(world, 1, 2).reason == (
        "kim declared them different, which outranks every match"
    )
    assert "too little in common" in compare(world, 3, 4).reason


def test_a_cut_is_the_reason_why_not():
    marks = {1: (("vat_id:DE", "DE1"),), 3: (("vat_id:DE", "DE3"),)}
    world = scene([Link(1, 2, 12.0), Link(2, 3, 9.0)], marks=marks)
    found = compare(world, 1, 3)
    assert not found.together
    assert "the link of crm:2 and crm:3 was cut: it would join two different valid" in found.reason
    story = explain(world, "C-1", (1, 2))
    assert [s.right.reference for s in story.cuts] == ["crm␟3"]


def test_a_declared_match_says_who():
    world = scene([], [(1, 2, "same")])
    assert compare(world, 1, 2).reason == "kim declared them the same"


def test_the_picture_is_well_formed_deterministic_and_escapes_names():
    world = scene([Link(1, 2, 9.0), Link(2, 3, 7.0)], [(3, 4, "same"), (1, 5, "different")])
    story = explain(world, "C-1", (1, 2, 3, 4))
    drawn = picture(story)
    assert drawn == picture(story)
    root = ET.fromstring(drawn)
    texts = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "Acme <1>" in texts
    assert "+9.0" in texts
    assert "kim" in texts
    assert "different" in texts
    assert len(list(root.iter("{http://www.w3.org/2000/svg}circle"))) == 5


def test_the_picture_of_one_record_and_of_hundreds_is_drawn():
    alone = explain(scene([]), "C-1", (1,))
    assert len(list(ET.fromstring(picture(alone)).iter("{http://www.w3.org/2000/svg}circle"))) == 1
    many = range(1, 301)
    world = scene([Link(n, n + 1, 20.0) for n in range(1, 300)], records=many)
    drawn = picture(explain(world, "C-1", tuple(many)))
    assert "220 of them not shown" in drawn
    ET.fromstring(drawn)
