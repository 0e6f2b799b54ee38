"""The clock: nights that run by themselves, the pack by mail, and the alarm when there is none.

Everything here is an operation on the open house (``office.do(nights.alarm)``), told the time by
its clock, and safe to call from several processes at once: what is done once has a slot.
"""

from regisseur.office.nights.alarms import Alarm, alarm, notices, raise_alarm
from regisseur.office.nights.chores import Chore, Rounds, Routine, Scheduler, all_chores
from regisseur.office.nights.post import alarms_due, digests_due
from regisseur.office.nights.running import nightly, run_due, schedule_of
from regisseur.office.nights.slots import Night, next_night, night_of

__all__ = [
    "Alarm",
    "Chore",
    "Night",
    "Rounds",
    "Routine",
    "Scheduler",
    "alarm",
    "alarms_due",
    "all_chores",
    "digests_due",
    "next_night",
    "night_of",
    "nightly",
    "notices",
    "raise_alarm",
    "run_due",
    "schedule_of",
]
