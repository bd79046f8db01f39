"""Who the sides of other people's files are, with the date in mind.

"Government of Afghanistan" names whoever governs: from 15 August 2021 the Taliban, who are the de
facto authorities since, and before them, from 27 September 1996 until the interim administration of
22 December 2001, the Taliban as well (UCDP lists their enemies of then, UIFSA, as side B).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from conflictmap.ingest.reference_actors import reference_actors

DE_FACTO_FROM = pd.Timestamp("2021-08-15")
"""First day of the Taliban as the de facto authorities: 24 Asad 1400."""

TALIBAN_RULE = ((pd.Timestamp("1996-09-27"), pd.Timestamp("2001-12-21")), (DE_FACTO_FROM, None))
"""First and last day of the Taliban's governments; the second goes on."""

EARLIER_GOVERNMENTS = {
    "government-until-1992": (None, pd.Timestamp("1992-04-27")),
    "government-1992-1996": (pd.Timestamp("1992-04-28"), pd.Timestamp("1996-09-26")),
    "republic-forces": (pd.Timestamp("2001-12-22"), pd.Timestamp("2021-08-14")),
}
"""First and last day of the governments that were not the Taliban's, by our actor."""

UNSETTLED = "unsettled"
EARLIER = "earlier"
"""A government before the Taliban's of 2021, and the days do not tell which."""


class Side(NamedTuple):
    """An armed side: our actor (empty: we have none), the victim group its dead belong to, and its
    name in our words (empty: as the source writes it)."""

    actor_id: str = ""
    victim_group: str = "unknown"
    name: str = ""


TALIBAN = Side("taliban", "taliban", "the Taliban")
TALIBAN_GOVERNMENT = Side("taliban", "taliban", "the Taliban (de facto authorities)")
EARLIER_GOVERNMENT = Side("", "republic_forces", "government forces")
OTHER_STATE = Side("", "other_state")
NOT_KNOWN = Side()

SIDES = {
    "taleban": TALIBAN,
    "taliban": TALIBAN,
    "is": Side("iskp", "iskp", "ISKP"),
    "nrf": Side("nrf", "anti_taliban", "the National Resistance Front"),
    "aff": Side("aff", "anti_taliban", "the Afghanistan Freedom Front"),
    "uifsa": Side("uifsa", "anti_taliban"),  # fought the Taliban of 1996 to 2001
    "ttp": Side("ttp", "unknown", "TTP"),
    "al-qaida": Side("al-qaeda", "unknown", "al-Qaida"),
    "hizb-i islami-yi afghanistan": Side("hizb-e-islami"),
    "civilians": Side("", "civilians", "civilians"),
}
"""UCDP's names in lower case. No entry: the dead of that side are "unknown", its name is kept, and
the actor is the one of `NAMES` or of the reference actors that bears it."""

NAMES = {
    "iskp": "ISKP|IS-KP|ISIS|ISIS-K|ISIS-Khorasan|ISIL-KP|Daesh|Islamic State Khorasan Province"
    "|Islamic State Khorasan Province (ISKP)|Islamic State in Khurasan Province"
    "|Islamic State Khorasan|Islamic State (Afghanistan)|Islamic State"
    "|Khorasan Chapter of the Islamic State|داعش|داعش خراسان",
    "taliban": "Taliban|Taleban|The Taliban|Islamic Emirate of Afghanistan|Islamic Emirate"
    "|de facto authorities|Taliban - Red Unit|طالبان|د طالبانو|امارت اسلامی",
    "nrf": "NRF|National Resistance Front|National Resistance Front (NRF)|NRF: National Resistance"
    " Front|National Resistance Front of Afghanistan|جبهه مقاومت ملی|جبهه مقاومت",
    "aff": "AFF|Afghanistan Freedom Front|Afghanistan Freedom Front (AFF)"
    "|AFF: Afghanistan Freedom Front|Freedom Front|جبهه آزادی",
    "anlf": "ANLF|Afghan National Liberation Front|Afghan National Liberation Front (ANLF)"
    "|National Liberation Front of Afghanistan",
    "ttp": "TTP|Tehrik-i-Taliban Pakistan|Tehreek-e-Taliban Pakistan"
    "|Tehrik-i-Taliban Pakistan (TTP)|TTP: Tehreek-i-Taliban Pakistan",
    "al-qaeda": "Al-Qaeda|Al Qaeda|al-Qaida|Al-Qaida|القاعده",
    "haqqani-network": "Haqqani network|HQN: Haqqani Network|شبکه حقانی",
    "hizb-e-islami": "Hizb-e-Islami|Hezb-e-Islami|Hezb-e Islami|Hizb-i Islami-yi Afghanistan"
    "|حزب اسلامی",
    "anti-taliban-groups": "anti-Taliban groups|anti-Taliban forces|anti-Taliban fronts",
    "turkestan-freedom-tigers": "Turkestan Freedom Tigers|Turkestan's Freedom Tigers"
    "|Freedom Tigers of Turkestan",
    "nimia": "National Islamic Movement for the Independence of Afghanistan",
    "wolf-unit": "Wolf Unit",
    "noors": "Noors|High Council of Resistance",
    "ansarullah": "Ansarullah Movement|Jamaat Ansarullah",
    "east-turkestan-movement": "East Turkestan Movement|East Turkestan Islamic Movement"
    "|Turkistan Islamic Party",
}
"""Our actors by the names that newsrooms, ACLED and GTD give them, separated by bars. "ISIS" acting
in Afghanistan is ISKP (data/README.md, rules of coding)."""

_STATE_FORCES = re.compile(
    r"(?:military forces|police forces|government) of (?:the )?(?:islamic \w+ of )?afghanistan\b"
    r"[^()]*(?:\((?P<first>[0-9]{4}) ?- ?(?P<last>[0-9]{4})?\))?.*"
)
"""ACLED's names of the state's forces; the years of the government stand in brackets."""

_FOREIGN_FORCES = re.compile(
    r"(?:military forces|police forces|government) of (?:the )?(?P<country>[^()]+?)"
    r"(?: \([0-9]{4} ?-[^()]*\).*)?"
)

_NOBODY = re.compile(r"(unidentified|unknown|civilians|protesters|rioters)\b.*")


def actor_ids(names: pd.Series) -> pd.Series:
    """Return our actor for each name; missing where we know none by that name."""
    distinct = {name: _actor(_key(str(name))) for name in names.dropna().unique()}
    return names.map(distinct).astype("str")


def names_nobody(name: str) -> bool:
    """Return whether a name stands for nobody in particular: unidentified, unknown, civilians."""
    return _NOBODY.fullmatch(_key(name)) is not None


def acled_actor_ids(names: pd.Series, government: pd.Series) -> pd.Series:
    """Return our actor for each name of ACLED; missing where we have none.

    "Military Forces of Afghanistan (2021-)" are the Taliban's, "(2014-2021)" the Republic's. A name
    without years is its government's of the day. Forces of other states go by their country.

    Parameters
    ----------
    names
        ``actor1`` or ``actor2``.
    government
        `government_of` the same rows.
    """
    codes, pairs = _distinct_pairs(names, government)
    found = [_acled_actor(_key(name), who) for name, who in pairs]
    return pd.Series(pd.array(found, dtype="str").take(codes), index=names.index)


def government_of(date_from: pd.Series, date_to: pd.Series, opponent: pd.Series) -> pd.Series:
    """Tell who "Government of Afghanistan" is in each row.

    It is "taliban", one of `EARLIER_GOVERNMENTS`, `EARLIER` or `UNSETTLED`. The day decides. Where
    the days of a row lie on both sides of a change, its opponent does: nobody fights themselves,
    and the groups that rose against the Taliban fight none else. A government of the Taliban that
    fights the Taliban is unsettled too.

    Parameters
    ----------
    date_from, date_to
        The days in which it happened.
    opponent
        The other side, in lower case, as UCDP names it.
    """
    last = date_to.fillna(date_from)
    first_is, last_is = _is_taliban_rule(date_from), _is_taliban_rule(last)
    is_taliban, is_earlier = first_is & last_is, ~first_is & ~last_is & date_from.notna()
    is_crossing = ~is_taliban & ~is_earlier
    fights_taliban = opponent == "taleban"
    fights_for_republic = opponent.isin(["nrf", "aff", "uifsa"])
    settled = np.select(
        [
            is_taliban & ~fights_taliban,
            is_earlier,
            is_crossing & fights_taliban,
            is_crossing & fights_for_republic,
        ],
        ["taliban", EARLIER, EARLIER, "taliban"],
        default=UNSETTLED,
    )
    government = pd.Series(settled, index=date_from.index, dtype="str")
    return government.mask(government == EARLIER, _earlier_government(date_from, last))


def sides(names: pd.Series, government: pd.Series) -> pd.DataFrame:
    """Return for each name of a side what `Side` says.

    Parameters
    ----------
    names
        Sides as UCDP writes them.
    government
        `government_of` the same rows; asked only where the side is the government.

    Returns
    -------
    DataFrame
        ``actor_id`` (missing: none of ours), ``victim_group``, ``name``, indexed like `names`.
    """
    keys = names.str.strip().str.lower()
    codes, pairs = _distinct_pairs(keys, government)
    found = [_side(key, who) for key, who in pairs]
    columns = {}
    for field in Side._fields:
        values = pd.array([getattr(side, field) or None for side in found], dtype="str")
        columns[field] = pd.Series(values.take(codes), index=names.index)
    table = pd.DataFrame(columns, index=names.index)
    return table.assign(name=table["name"].fillna(names))


def _side(key: str, government: str) -> Side:
    if key == "government of afghanistan":
        if government == "taliban":
            return TALIBAN_GOVERNMENT
        if government == UNSETTLED:
            return NOT_KNOWN
        return EARLIER_GOVERNMENT._replace(actor_id=_earlier_actor(government) or "")
    actor = _actor(_key(key)) or ""
    if key.startswith("government of "):
        return OTHER_STATE._replace(actor_id=actor)
    return SIDES.get(key, NOT_KNOWN._replace(actor_id=actor))


def _actor(key: str) -> str | None:
    """Return the actor that bears a name, or whose country the forces of a name are of."""
    if (actor := _ids().get(key)) is not None:
        return actor
    forces = _FOREIGN_FORCES.fullmatch(key)
    return _ids().get(f"government of {forces['country']}") if forces else None


def _acled_actor(key: str, government: str) -> str | None:
    forces = _STATE_FORCES.fullmatch(key)
    if forces is None:
        return _actor(key)
    if not forces["first"]:
        return "taliban" if government == "taliban" else _earlier_actor(government)
    if forces["first"] in ("1996", "2021"):
        return "taliban"
    # Each of the governments began within the first year of its years, and held its end.
    began = pd.Timestamp(f"{forces['first']}-12-31")
    for actor, (first, last) in EARLIER_GOVERNMENTS.items():
        if (first is None or began >= first) and began <= last:
            return actor
    return None


def _earlier_actor(government: str) -> str | None:
    return government if government in EARLIER_GOVERNMENTS else None


def _earlier_government(first_day: pd.Series, last_day: pd.Series) -> pd.Series:
    """Return the one of `EARLIER_GOVERNMENTS` in whose days each interval begins or ends."""
    found = pd.Series(EARLIER, index=first_day.index, dtype="str")
    number = pd.Series(0, index=first_day.index)
    for actor, (first, last) in EARLIER_GOVERNMENTS.items():
        held = first_day <= last
        if first is not None:
            held &= last_day >= first
        number += held
        found = found.mask(held, actor)
    return found.mask(number != 1, EARLIER)


def _distinct_pairs(left: pd.Series, right: pd.Series) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """Return the distinct pairs of two columns, and for each row the position of its pair."""
    left_codes, left_texts = pd.factorize(left)
    right_codes, right_texts = pd.factorize(right)
    both = left_codes * len(right_texts) + right_codes
    codes, pairs = pd.factorize(both)
    where = [divmod(int(pair), len(right_texts)) for pair in pairs]
    return codes, [(str(left_texts[a]), str(right_texts[b])) for a, b in where]


def _is_taliban_rule(days: pd.Series) -> pd.Series:
    held = pd.Series(False, index=days.index)
    for first, last in TALIBAN_RULE:
        held |= (days >= first) & ((days <= last) if last is not None else days.notna())
    return held


@lru_cache(maxsize=1)
def _ids() -> dict[str, str]:
    ids = {
        _key(name): actor.actor_id
        for actor in reference_actors().values()
        for name in (actor.name, *actor.names)
    }
    return ids | {_key(name): actor for actor, names in NAMES.items() for name in names.split("|")}


def _key(name: str) -> str:
    """Return a name for matching: no case, accents, joiners, nor a choice between like letters."""
    folded = unicodedata.normalize("NFKD", name.casefold()).translate(_LETTERS)
    kept = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return " ".join(kept.replace("\u200c", " ").split())


_LETTERS = str.maketrans("يكۀ’", "یکه'")
