"""The statutory days off: the editions of 全国年节及纪念日放假办法, and the lunar calendar.

Sources: the Regulation as amended by State Council Orders 270 (1999), 513 (2007), 644 (2013) and
795 (2024). The dates of the four movable festivals are in ``data/movable_festivals.csv``. They are
reckoned by GB/T 33661-2017 (new moons and solar terms at UTC+8).
"""

from __future__ import annotations

import datetime
from functools import cache
from importlib import resources

from attrs import frozen

__all__ = [
    "EDITIONS",
    "FIRST_YEAR",
    "LAST_YEAR",
    "Edition",
    "Festival",
    "edition_of",
    "english",
    "festivals",
    "statutory_count",
    "statutory_names",
]

FIRST_YEAR = 2007
LAST_YEAR = 2200

_ENGLISH = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Qingming Festival",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
    "春节延长假期": "the extended Spring Festival",
    "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日": "the 70th anniversary of victory (1945)",
}


@frozen(kw_only=True)
class Edition:
    """The days off that one edition of the Regulation grants to everybody.

    - ``in_force``: the first year it holds for; ``order``: the State Council's order.
    - ``spring``: days of Spring Festival, counted from the first day of the first lunar month (-1 is the
      day before it).
    - ``labour``, ``national``: days of May and of October.
    - ``traditional``: whether Qingming, Dragon Boat and Mid-Autumn are days off.
    - ``longest_stretch``: how many days in a row people generally work at most before or after a holiday
      (article 7); None where the edition does not say.
    """

    in_force: int
    order: str
    spring: tuple[int, ...]
    labour: tuple[int, ...]
    national: tuple[int, ...] = (1, 2, 3)
    traditional: bool = True
    longest_stretch: int | None = None


EDITIONS = (
    Edition(
        in_force=2000,
        order="国务院令第270号",
        spring=(0, 1, 2),
        labour=(1, 2, 3),
        traditional=False,
    ),
    Edition(in_force=2008, order="国务院令第513号", spring=(-1, 0, 1), labour=(1,)),
    Edition(in_force=2014, order="国务院令第644号", spring=(0, 1, 2), labour=(1,)),
    Edition(
        in_force=2025,
        order="国务院令第795号",
        spring=(-1, 0, 1, 2),
        labour=(1, 2),
        longest_stretch=6,
    ),
)


def edition_of(year: int) -> Edition:
    """The edition in force in ``year``."""
    return next(edition for edition in reversed(EDITIONS) if edition.in_force <= year)


@frozen(kw_only=True)
class Festival:
    """A festival of one year, with its statutory days in order."""

    name: str
    days: tuple[datetime.date, ...]


@frozen(kw_only=True)
class _Movable:
    spring: datetime.date
    qingming: datetime.date
    dragon_boat: datetime.date
    mid_autumn: datetime.date


@cache
def _movable() -> dict[int, _Movable]:
    text = resources.files("onsite_workflow").joinpath("data", "movable_festivals.csv")
    table: dict[int, _Movable] = {}
    for line in text.read_text(encoding="utf-8").splitlines()[1:]:
        year, *days = line.split(",")
        spring, qingming, dragon_boat, mid_autumn = (
            datetime.date.fromisoformat(f"{year}-{day}") for day in days
        )
        table[int(year)] = _Movable(
            spring=spring, qingming=qingming, dragon_boat=dragon_boat, mid_autumn=mid_autumn
        )
    return table


@cache
def festivals(year: int) -> tuple[Festival, ...]:
    """The festivals of ``year`` with the days that the Regulation grants, in the Regulation's order.

    ``year`` is between ``FIRST_YEAR`` and ``LAST_YEAR``, since the lunar table has no others. Two
    festivals may fall on the same day (Mid-Autumn and National Day in 2020): then both name it.
    """
    movable = _movable()[year]
    edition = edition_of(year)
    new_year = movable.spring.toordinal()
    found = [
        Festival(name="元旦", days=(datetime.date(year, 1, 1),)),
        Festival(
            name="春节",
            days=tuple(datetime.date.fromordinal(new_year + day) for day in edition.spring),
        ),
        Festival(name="劳动节", days=tuple(datetime.date(year, 5, day) for day in edition.labour)),
        Festival(
            name="国庆节", days=tuple(datetime.date(year, 10, day) for day in edition.national)
        ),
    ]
    if edition.traditional:
        found[2:2] = [Festival(name="清明节", days=(movable.qingming,))]
        found[4:4] = [
            Festival(name="端午节", days=(movable.dragon_boat,)),
            Festival(name="中秋节", days=(movable.mid_autumn,)),
        ]
    return tuple(found)


@cache
def statutory_names(year: int) -> dict[datetime.date, tuple[str, ...]]:
    """Each statutory day of ``year``, with the festivals that it belongs to."""
    names: dict[datetime.date, tuple[str, ...]] = {}
    for festival in festivals(year):
        for day in festival.days:
            names[day] = (*names.get(day, ()), festival.name)
    return names


def statutory_count(year: int) -> int:
    """How many days off the Regulation grants in ``year``: 10 in 2007, 11 from 2008, 13 from 2025."""
    return sum(len(festival.days) for festival in festivals(year))


def english(name: str) -> str:
    """The English name of a festival, or of several joined with ``、``. An unknown name is returned as
    it is."""
    return " and ".join(_ENGLISH.get(part, part) for part in name.split("、"))
