"""Makes year_2025.txt, the table that mod.rs compares with: python3 year_2025.py > year_2025.txt

Nothing here knows cron, or rules for gaps and folds. It walks through the year minute by minute in UTC, looks at what a
wall clock in the zone shows (Python's zoneinfo), and writes down when a person who looks at that clock would act:

  daily HH:MM   once for each date, at the first minute at which that date's clock shows HH:MM or later
  twice H1,H2   the same for two hours of each date
  hourly :MM    each time that the clock shows MM; where an hour is shown only in part, at the first minute that it
                shows of it if MM itself is not shown (a jump of half an hour); an hour that is not shown has none
  rhythm N      each time that the minutes shown can be divided by N

Columns: zone, rule, how many in the year of the zone's own clock, the sum of all in minutes since 1970, and those on the
days on which the clocks are changed (from the day before to the day after), in minutes since 1970.
"""
import datetime as dt
import zoneinfo

ZONES = """UTC Europe/Berlin America/New_York Australia/Lord_Howe Asia/Kolkata Asia/Kathmandu America/St_Johns
Africa/Casablanca Pacific/Apia America/Santiago""".split()
YEAR = 2025
MINUTE = dt.timedelta(minutes=1)


def clock(zone):
    """What the clock shows at each minute of the year (with some days around it), as (minute since 1970, shown)."""
    tz = zoneinfo.ZoneInfo(zone)
    at = dt.datetime(YEAR - 1, 12, 29, tzinfo=dt.timezone.utc)
    end = dt.datetime(YEAR + 1, 1, 4, tzinfo=dt.timezone.utc)
    while at < end:
        yield int(at.timestamp()) // 60, at.astimezone(tz).replace(tzinfo=None)
        at += MINUTE


def of_day(shown, times):
    """Once a date for each time of the day: the first minute at which that date's clock shows it or later."""
    done, acts = set(), set()
    for minute, face in shown:
        for time in times:
            # A date that begins late (midnight is skipped) is there from its first minute on.
            if (face.date(), time) not in done and (face.hour, face.minute) >= time:
                done.add((face.date(), time))
                if face.year == YEAR:
                    acts.add(minute)
    return sorted(acts)


def hourly(shown, past):
    """Each time that the clock shows these minutes past the hour, or first shows later ones of an hour cut in front."""
    acts, last = [], None
    for minute, face in shown:
        if last is not None and face.year == YEAR:
            cut = face - last > MINUTE and face.replace(minute=0) > last and last.minute == 59 and face.minute > past
            if face.minute == past or cut:
                acts.append(minute)
        last = face
    return acts


def rhythm(shown, step):
    return [minute for minute, face in shown if face.year == YEAR and face.minute % step == 0]


def main():
    for zone in ZONES:
        shown = list(clock(zone))
        days = set()
        for (_, a), (_, b) in zip(shown, shown[1:]):
            if b - a != MINUTE and a.year == YEAR:
                days |= {a.date() + dt.timedelta(days=d) for d in (-1, 0, 1, 2)}
        near = {minute for minute, face in shown if face.date() in days}
        rules = {
            "daily 00:00": of_day(shown, [(0, 0)]),
            "daily 02:30": of_day(shown, [(2, 30)]),
            "daily 01:45": of_day(shown, [(1, 45)]),
            "twice 02,14": of_day(shown, [(2, 0), (14, 0)]),
            "hourly :00": hourly(shown, 0),
            "hourly :15": hourly(shown, 15),
            "rhythm 30": rhythm(shown, 30),
            "rhythm 10": rhythm(shown, 10),
        }
        for rule, acts in rules.items():
            some = [str(act) for act in acts if act in near] if not rule.startswith("rhythm 10") else []
            print(zone, rule, len(acts), sum(acts), ",".join(some) or "-", sep="|")


main()
