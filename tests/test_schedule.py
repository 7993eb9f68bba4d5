"""When a cron expression is due: in the local time, spread by a jitter that is always the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import ConfigError, parse_repository_config
from bot.schedule import MAX_JITTER_SECONDS, find_next, is_cron

EXPRESSIONS = ("17 3 * * *", "*/5 * * * *", "* * * * *", "0 0 1 * *", "30 2 * * 0", "0 0 29 2 *")
ZONES = ("UTC", "Europe/Vienna", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
TIMES = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(lambda value: value.replace(tzinfo=UTC))


def list_next(expression: str, zone: str, after: datetime, count: int, key: str = "acme/shop") -> list[datetime]:
    found = []
    for _ in range(count):
        after = find_next(expression, zone, after, key)
        found.append(after)
    return found


@given(st.sampled_from(EXPRESSIONS), st.sampled_from(ZONES), TIMES, st.text(max_size=20))
def test_it_goes_on_and_skips_none(expression: str, zone: str, after: datetime, key: str) -> None:
    first, second = list_next(expression, zone, after, 2, key)
    assert after < first < second
    between = first + (second - first) / 2
    assert find_next(expression, zone, between, key) == second


@given(st.sampled_from(ZONES), TIMES, st.text(max_size=20))
def test_the_local_time_is_meant(zone: str, after: datetime, key: str) -> None:
    due = find_next("17 12 * * *", zone, after, key)
    noon = due.astimezone(ZoneInfo(zone)).replace(hour=12, minute=17, second=0, microsecond=0)
    assert timedelta() <= due - noon < timedelta(seconds=MAX_JITTER_SECONDS)


def test_an_hour_that_is_skipped_and_one_that_comes_twice() -> None:
    spring = list_next("30 2 * * *", "Europe/Vienna", datetime(2026, 3, 28, 12, tzinfo=UTC), 2)
    autumn = list_next("30 2 * * *", "Europe/Vienna", datetime(2026, 10, 24, 12, tzinfo=UTC), 2)
    for first, second in (spring, autumn):
        assert timedelta(hours=22) < second - first < timedelta(hours=26)


def test_a_thousand_repositories_do_not_start_together() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    due = [find_next("0 3 * * *", "UTC", start, f"acme/shop-{number}") for number in range(1000)]
    assert max(due.count(time) for time in set(due)) < 10
    assert max(due) - min(due) < timedelta(seconds=MAX_JITTER_SECONDS)


@pytest.mark.parametrize(
    "expression", ["", "* * * *", "* * * * * *", "61 * * * *", "@daily", "a b c d e", "0 0 31 2 *"]
)
def test_no_cron(expression: str) -> None:
    assert not is_cron(expression)


def test_a_config_that_names_no_time() -> None:
    with pytest.raises(ConfigError, match=r"drift\.schedule\.cron: must be five fields of cron"):
        parse_repository_config("drift: {schedule: {cron: daily}}")
    with pytest.raises(ConfigError, match=r"drift\.schedule\.time_zone: must be the name of a time zone"):
        parse_repository_config("drift: {schedule: {cron: '1 2 * * *', time_zone: ../../etc/passwd}}")
