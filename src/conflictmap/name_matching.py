"""Names that could not be read: what they may have been meant for, for a person to confirm.

A misspelt name is compared with the names inside its stated province only: first by its consonants,
then letter by letter. Whatever is found is a proposal. Nothing here places a row: once a person has
confirmed a proposal, its name takes the place of the stated one, and `placing` reads that.

Measured on the names of the edition of 2014, each asked with its province (all but the last by the
tests, which print the figures). One spelling of each district withheld: 328 of 359 found, none
wrong. All district aliases withheld, so that only usual names are left: 2,287 of 3,077 found, 2
more wrong. Of names whose district was withheld, none of 642 got a (wrong) proposal as a district,
18 as a place; of names asked in another province, 8 of 3,116; of 781 villages withheld, 102 got the
name of another village: which is why a proposal stays one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from conflictmap.boundaries import BoundaryEdition
from conflictmap.distinct import combinations, stripped
from conflictmap.districts import is_stated_abroad
from conflictmap.gazetteer import Gazetteer, Place, build_gazetteer, name_key, names_a_ward

Column = Literal["province_name", "district_name", "place_name"]

CUTOFF = 85.0
"""Least likeness (`rapidfuzz.fuzz.ratio` of two keys, 0 to 100) of a proposal by letters. Never
``WRatio``: it compares parts of names, and finds something for most names that we do not have."""

MARGIN = 3.0
"""By how much a proposal must be likelier than the nearest name of another unit."""

CONSONANTS_CUTOFF = 65.0
"""Least likeness of a proposal by consonants: with less, short names of few consonants meet."""

LEAST_CONSONANTS = 3
"""Shorter skeletons are shared by too many names."""

PROPOSAL_COLUMNS = ("row", "column", "name", "unit_code", "score", "method")

_COUNTRY = "AF"  # where a province is sought; districts and places are sought in their province
_QUERIES = 2_000  # distinct names compared in one go: bounds the memory
_SAME_SOUND = {  # in this order: "ch" before "c"
    **{"kh": "x", "gh": "g", "sh": "š", "zh": "j", "ch": "č", "ph": "f", "th": "t", "dh": "d"},
    **{"c": "k", "q": "k", "v": "w"},
}
_NUMBERED = re.compile(r"\s[IVX]+$")  # "Kohistan II": another part, not another spelling
_VOWELS = "aeiouاآعءئؤأإ"
_HALF_VOWELS = "wyhویه"  # letters that come and go: Daulatabad and Dawlatabad, Kohistan and Koistan


def propose_names(rows: pd.DataFrame, edition: BoundaryEdition) -> pd.DataFrame:
    """Propose a known name for each stated name that no name of the edition answers.

    A province is sought among the provinces; a district among the districts and hand-placed places
    of the stated province; a place there too, and among the villages. Nothing is proposed without a
    province that can be read, for a name that is known anywhere in the country (`placing` keeps its
    candidates), for a city ward, or for a row stated abroad; nor for a place whose district is
    known.

    Parameters
    ----------
    rows
        One row per stated place: ``province_name``, ``district_name``, ``place_name``, ``country``
        as text; an absent column is missing throughout.
    edition
        The names to choose from.

    Returns
    -------
    DataFrame
        At most one row per stated name: ``row`` (label in the index of `rows`), ``column`` (which
        stated name), ``name`` (its usual spelling here), ``unit_code`` (the finest unit that surely
        holds what bears it), ``score`` (likeness of the spellings, 0 to 100) and ``method``
        ("skeleton": same consonants, "fuzzy": like letters).
    """
    gazetteer = build_gazetteer(edition)
    questions: dict[_Scope, dict[str, None]] = defaultdict(dict)
    asked: list[tuple[object, _Scope, str]] = []
    number, names = _stated(rows)
    unread = [_unread(one, gazetteer) for one in names]
    is_unread = np.array([one is not None for one in unread], dtype=bool)
    for position in np.flatnonzero(is_unread[number]).tolist():
        scope, text = unread[number[position]]
        asked.append((rows.index[position], scope, text))
        questions[scope][name_key(text)] = None
    answers = {scope: _answers(list(keys), scope, edition) for scope, keys in questions.items()}
    proposals = [
        (label, scope.column, *answers[scope][name_key(text)])
        for label, scope, text in asked
        if name_key(text) in answers[scope]
    ]
    table = pd.DataFrame(proposals, columns=list(PROPOSAL_COLUMNS))
    return table.astype({"row": rows.index.dtype, "score": "float64"}).astype(
        dict.fromkeys(("column", "name", "unit_code", "method"), "str")
    )


def consonant_skeleton(text: str) -> str:
    """Return the consonants of a name, those of one sound made one.

    "Sheendand" and "Shindand" meet, "Mosa Qal'ah" and "Musa Qala". A vowel at the beginning counts
    as "a"; digits stay.
    """
    key = name_key(text)
    for written, sound in _SAME_SOUND.items():
        key = key.replace(written, sound)
    if not key:
        return ""
    first = "a" if key[0] in _VOWELS else key[0]
    rest = (letter for letter in key[1:] if letter not in _VOWELS + _HALF_VOWELS)
    return re.sub(r"(\D)\1+", r"\1", first + "".join(rest))


# --- the names to choose from ---------------------------------------------------------------------


class _Scope(NamedTuple):
    """Where a name is sought: the kind of name, and the province (or the country) around it."""

    column: Column
    area: str


class _Answer(NamedTuple):
    name: str
    unit_code: str
    score: float
    method: str


@dataclass(frozen=True, eq=False)
class _Names:
    """The names of a scope, those of units first: what they are called, and what bears them."""

    keys: list[str]
    names: list[str]
    unit_codes: list[str]
    homes: np.ndarray  # number of the unit that a name belongs to: namesakes of one unit are one
    digits: np.ndarray
    skeletons: dict[str, list[int]]


@lru_cache(maxsize=256)
def _names_of(scope: _Scope, edition: BoundaryEdition) -> _Names:
    """Return the names to choose from in a scope; each key of a unit once."""
    found: dict[tuple[str, str], tuple[str, str]] = {}  # key and home -> name and unit
    for key, home, name, unit in _bearers(scope, edition):
        found.setdefault((key, home), (name, unit))
    keys = [key for key, _ in found]
    numbers = {home: number for number, home in enumerate(dict.fromkeys(home for _, home in found))}
    skeletons: dict[str, list[int]] = defaultdict(list)
    for position, key in enumerate(keys):
        skeletons[consonant_skeleton(key)].append(position)
    return _Names(
        keys=keys,
        names=[name for name, _ in found.values()],
        unit_codes=[unit for _, unit in found.values()],
        homes=np.array([numbers[home] for _, home in found], dtype="int64"),
        digits=_digits(keys),
        skeletons=dict(skeletons),
    )


def _bearers(scope: _Scope, edition: BoundaryEdition) -> Iterable[tuple[str, str, str, str]]:
    """Yield the key, the home, the usual name and the finest sure unit of each name of a scope."""
    gazetteer = build_gazetteer(edition)
    usual = dict(zip(edition.units["code"], edition.units["name_common"], strict=True))
    if scope.column == "province_name":
        unit_tables = (gazetteer.province_names, gazetteer.province_aliases)
    else:
        unit_tables = (gazetteer.district_names, gazetteer.district_aliases)
    for units in unit_tables:
        for key, codes in units.items():
            yield from (
                (key, code, usual[code], code)
                for code in codes
                if code.startswith(f"{scope.area}-")
            )
    place_tables = {
        "province_name": (),
        "district_name": (gazetteer.hand_placed,),
        "place_name": (gazetteer.hand_placed, gazetteer.villages),
    }[scope.column]
    for named in place_tables:
        for key, places in named.items():
            yield from (
                (key, _home(place), place.name, _surest_unit(place))
                for place in places
                if place.adm1_code == scope.area
            )


def _home(place: Place) -> str:
    return place.adm2_code or " ".join(place.candidates) or place.adm1_code


def _surest_unit(place: Place) -> str:
    return place.adm2_code if place.is_inside_district and place.adm2_code else place.adm1_code


# --- the comparison -------------------------------------------------------------------------------


def _answers(keys: list[str], scope: _Scope, edition: BoundaryEdition) -> dict[str, _Answer]:
    """Return the proposal of each distinct key of a scope that has one."""
    known = _names_of(scope, edition)
    answers: dict[str, _Answer] = {}
    for start in range(0, len(keys) if known.keys else 0, _QUERIES):
        part = keys[start : start + _QUERIES]
        # The cutoff lets a runner-up be seen down to the margin; below it, scores are 0.
        scores = process.cdist(
            part, known.keys, scorer=fuzz.ratio, score_cutoff=CUTOFF - MARGIN, dtype=np.float32
        )
        # "Karte 3" is a letter away from "Karte 4", and another place.
        scores[_digits(part)[:, None] != known.digits[None, :]] = 0
        for key, likeness in zip(part, scores, strict=True):
            answer = _by_consonants(key, likeness, known) or _by_letters(likeness, known)
            if answer is not None:
                answers[key] = answer
    return answers


def _by_consonants(key: str, likeness: np.ndarray, known: _Names) -> _Answer | None:
    """Return the only unit whose names have these consonants, unless another is spelt as alike."""
    skeleton = consonant_skeleton(key)
    positions = known.skeletons.get(skeleton, [])
    homes = set(known.homes[positions])
    if len(skeleton) < LEAST_CONSONANTS or len(homes) != 1:
        return None
    score, position = max(
        (fuzz.ratio(key, known.keys[position]), -position) for position in positions
    )
    runner_up = likeness[known.homes != homes.pop()].max(initial=0)
    is_clear = score >= CONSONANTS_CUTOFF and score - runner_up >= MARGIN
    return _answer(known, -position, score, "skeleton") if is_clear else None


def _by_letters(likeness: np.ndarray, known: _Names) -> _Answer | None:
    """Return the name of the likest letters, where no other unit has one nearly as alike."""
    position = int(likeness.argmax())
    score = float(likeness[position])
    runner_up = likeness[known.homes != known.homes[position]].max(initial=0)
    is_clear = score >= CUTOFF and score - runner_up >= MARGIN
    return _answer(known, position, score, "fuzzy") if is_clear else None


def _answer(known: _Names, position: int, score: float, method: str) -> _Answer:
    return _Answer(known.names[position], known.unit_codes[position], round(score, 1), method)


def _digits(keys: list[str]) -> np.ndarray:
    return np.array([re.sub(r"\D", "", key) for key in keys], dtype=np.str_)


# --- the names to read ----------------------------------------------------------------------------


class _Stated(NamedTuple):
    """The names of one row; None where nothing is stated."""

    province_name: str | None
    district_name: str | None
    place_name: str | None


def _stated(rows: pd.DataFrame) -> tuple[np.ndarray, list[_Stated]]:
    """Return the number of each row's names, and the distinct names; none for a row abroad."""
    columns = pd.DataFrame(
        {
            column: stripped(rows[column]) if column in rows.columns else pd.Series(dtype="str")
            for column in _Stated._fields
        },
        index=rows.index,
    )
    if "country" in rows.columns:
        columns = columns.mask(is_stated_abroad(rows["country"]))
    number, first = combinations([columns[name] for name in columns])
    held = columns.iloc[first].astype("object")
    distinct = held.where(held.notna(), None).itertuples(index=False, name=None)
    return number, [_Stated(*names) for names in distinct]


@lru_cache(maxsize=50_000)
def _unread(names: _Stated, gazetteer: Gazetteer) -> tuple[_Scope, str] | None:
    """Return the name of a row that nothing of the edition bears, and where it is sought."""
    if names.province_name is None:
        return None
    provinces = gazetteer.provinces(names.province_name, may_be_city=True)
    if not provinces:
        return _Scope("province_name", _COUNTRY), names.province_name
    if len(provinces) > 1:
        return None
    column: Column = "district_name" if names.district_name is not None else "place_name"
    name = names.district_name or names.place_name
    if name is None or names_a_ward(name) or _NUMBERED.search(name):
        return None
    if _is_known(name, provinces[0], gazetteer, villages=column == "place_name"):
        return None
    return _Scope(column, provinces[0]), name


def _is_known(name: str, province: str, gazetteer: Gazetteer, *, villages: bool) -> bool:
    """Tell whether a name is one of ours: a village in its province, any other in the country."""
    here = gazetteer.places(name, villages=True) if villages else ()
    return bool(
        gazetteer.districts(name)[0]
        or gazetteer.provinces(name)
        or gazetteer.places(name)
        or gazetteer.districts_with_word(name, province)
        or any(place.adm1_code == province for place in here)
    )
