"""Israeli holidays by name: known dates of several years, and the shifts of the civil days."""

from datetime import date, timedelta

import pytest

from dalpak.domain.holidays import EVES, HOLIDAYS, REST_DAYS, holidays_on

pytestmark = pytest.mark.unit

KNOWN = {
    "2026-04-01": ("erev_pesach",),
    "2026-04-02": ("pesach",),
    "2026-04-07": ("chol_hamoed_pesach", "erev_pesach_seventh"),
    "2026-04-08": ("pesach_seventh",),
    "2026-04-14": ("yom_hashoah",),
    "2026-04-21": ("yom_hazikaron",),
    "2026-04-22": ("yom_haatzmaut",),
    "2026-05-05": ("lag_baomer",),
    "2026-05-21": ("erev_shavuot",),
    "2026-05-22": ("shavuot",),
    "2026-07-23": ("tisha_bav",),
    "2026-09-11": ("erev_rosh_hashana",),
    "2026-09-12": ("rosh_hashana",),
    "2026-09-13": ("rosh_hashana",),
    "2026-09-20": ("erev_yom_kippur",),
    "2026-09-21": ("yom_kippur",),
    "2026-09-25": ("erev_sukkot",),
    "2026-09-26": ("sukkot",),
    "2026-10-02": ("chol_hamoed_sukkot", "erev_simchat_torah"),
    "2026-10-03": ("simchat_torah",),
    "2026-12-05": ("chanukah",),
    "2026-12-12": ("chanukah",),
    "2026-12-13": (),
    # 5787 is a leap year: Purim is in the second Adar.
    "2027-02-21": (),
    "2027-03-23": ("purim",),
    "2027-03-24": ("shushan_purim",),
    "2026-03-03": ("purim",),
    # 5 Iyar on Saturday, Monday, Wednesday and Friday.
    "2025-04-24": ("yom_hashoah",),
    "2025-04-30": ("yom_hazikaron",),
    "2025-05-01": ("yom_haatzmaut",),
    "2024-05-06": ("yom_hashoah",),
    "2024-05-13": ("yom_hazikaron",),
    "2024-05-14": ("yom_haatzmaut",),
    "2023-04-26": ("yom_haatzmaut",),
    "2022-05-05": ("yom_haatzmaut",),
    "2021-04-15": ("yom_haatzmaut",),
    "2022-08-07": ("tisha_bav",),
    "2022-08-06": (),
    "2025-12-14": (),
    "2025-12-15": ("chanukah",),
    "2025-12-22": ("chanukah",),
    "2025-12-23": (),
}


@pytest.mark.parametrize(("day", "names"), KNOWN.items())
def test_known_days(day: str, names: tuple[str, ...]) -> None:
    assert holidays_on(date.fromisoformat(day)) == names


@pytest.mark.parametrize("year", range(2024, 2044))
def test_every_year_is_whole(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    counted = {name: sum(name in holidays_on(d) for d in days) for name in HOLIDAYS}
    assert counted["rosh_hashana"] == 2
    assert counted["chol_hamoed_sukkot"] == 6
    assert counted["chol_hamoed_pesach"] == 5
    assert all(counted[name] == 1 for name in (*REST_DAYS, *EVES) if name != "rosh_hashana")
    assert all(counted[name] == 1 for name in ("yom_hashoah", "yom_hazikaron", "yom_haatzmaut"))
    assert all(counted[name] == 1 for name in ("lag_baomer", "tisha_bav", "purim"))
    for d in days:
        if "yom_haatzmaut" in holidays_on(d):
            assert d.strftime("%a") in {"Tue", "Wed", "Thu"}
            assert "yom_hazikaron" in holidays_on(d - timedelta(days=1))
