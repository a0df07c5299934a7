"""A morning on the floor, made through the services: the mock-ups' state at 10:24:36.

What one sees there: 8 callers wait, the longest for 01:52; agents in every state.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import uuid4

from banking.models import Atm
from people import staff
from people.models import Branch
from people.roles import Role
from reporting import shipped as reporting_shipped
from routing import entries, offers, presence, rounds, shipped
from routing.entries import Wish
from routing.models import Agent, AgentSkill, Dispatcher, QueueEntry, Skill
from telephony import records
from telephony.deeds import Deed
from telephony.models import Call
from telephony.records import Arrival
from tests.desktop.busy import TEN_PAST, call, moment
from tests.reporting.stories import served
from tests.routing.conftest import NODE, Seat

# name: skills
STAFF = {
    "周颖": ("complaint",),
    "邓伟": ("general",),
    "黄志强": ("card",),
    "马晓东": ("general",),
    "许珊珊": ("loan",),
    "苏婷": ("general",),
    "丁磊": ("loan",),
    "吴建平": ("general",),
    "袁野": ("card",),
    "郑丽娟": ("general",),
    "魏莉": ("loan",),
    "卢思远": ("card",),
    "谢文静": ("general",),
    "阎波": ("ebank",),
    "冯雪": ("general",),
    "林晓": ("general", "english"),
    "潘虹": ("general",),
    "陆薇": ("english",),
    "江涛": ("ebank",),
    "孟洁": ("card",),
    "顾婷": ("general",),
}
READY_AT_FIRST = 8  # of the staff, who served callers before ten


@dataclass
class Morning:
    """The floor's people and callers, by name."""

    seats: dict[str, Seat] = field(default_factory=dict)
    waiting: list[QueueEntry] = field(default_factory=list)
    lost: list[QueueEntry] = field(default_factory=list)


def hire(name: str, number: int, skills: tuple[str, ...], at: datetime | None) -> Seat | None:
    """A new agent; signed in at `at`, if she is."""
    user = staff.hire(number=str(number), name=name, branch=None, roles=[Role.AGENT])
    agent = Agent.objects.create(user=user)
    for slug in skills:
        AgentSkill.objects.create(agent=agent, skill=Skill.objects.get(slug=slug), level=5)
    return Seat(user, presence.sign_in(user, tab=uuid4(), at=at)) if at else None


def takes(seat: Seat, queue: str, at: datetime) -> None:
    """She was ready, and talks since `at`."""
    seat.beats(at)
    presence.ready(seat.pk, at=at - timedelta(seconds=20))
    enters(queue, at - timedelta(seconds=9), "13800001111")
    rounds.run(at=at - timedelta(seconds=4))
    offers.to_ring(NODE, at=at - timedelta(seconds=3))
    held = seat.user.agent.reservation_set.get(ended_at=None)
    offers.answered(held.leg, at=at)


def enters(queue: str, at: datetime, caller: str) -> QueueEntry:
    """A call that came a minute ago asks for a person."""
    arrival = Arrival(uuid4(), NODE, "961202", caller, at - timedelta(seconds=60))
    records.open_call(arrival, at=arrival.started_at)
    return entries.enter(Wish(arrival.uuid, NODE, caller, "zh"), queue, at=at)


def leg_of(seat: Seat):
    return seat.user.agent.reservation_set.get(ended_at=None).leg


def ago(minutes: int, seconds: int = 0) -> datetime:
    return TEN_PAST - timedelta(minutes=minutes, seconds=seconds)


def busy(*, seed: int = 7) -> Morning:
    """Everything up to TEN_PAST."""
    shipped.install(at=moment("07:00"))
    reporting_shipped.install(at=moment("07:00"))
    morning = Morning()
    for number, (name, skills) in enumerate(STAFF.items(), 1001):
        at = None if name == "顾婷" else moment("07:30")
        if seat := hire(name, number, skills, at):
            morning.seats[name] = seat
    _before_ten(morning, Random(seed))
    _now(morning)
    _waiting(morning)
    machines()
    _calls(Random(seed))
    # A page of a slow machine is looked at for a while: the pulse must not seem to have stopped.
    Dispatcher.objects.create(holder="node1", beat_at=ago(-60), round_ms=12, rounds=9000)
    for seat in morning.seats.values():
        seat.beats(TEN_PAST, phone=seat.user.name != "邓伟")
    return morning


def _before_ten(morning: Morning, dice: Random) -> None:
    """Callers since half past seven: most answered, a few gone."""
    for name, queue in (
        ("吴建平", "general"),
        ("袁野", "card"),
        ("丁磊", "loan"),
        ("阎波", "ebank"),
    ):
        seat = morning.seats[name]
        at = moment("07:40")
        while at < ago(25):
            seat.is_ready(at - timedelta(seconds=40)) if seat.state == "paused" else None
            if dice.random() < 0.06:
                entry = enters(queue, at, _number(dice))
                entries.leave(
                    entry.call_ref, QueueEntry.Outcome.ABANDONED, at=at + timedelta(seconds=48)
                )
                morning.lost.append(entry)
                at += timedelta(minutes=2)
            wait = dice.choice((3, 5, 8, 11, 14, 19, 26, 41))
            talk = dice.randint(60, 220)
            served(
                seat,
                at,
                wait_s=wait,
                talk_s=talk,
                hold_s=dice.choice((0, 0, 20)),
                wrap_up_s=dice.randint(8, 40),
                queue=queue,
                caller=_number(dice),
            )
            at += timedelta(seconds=wait + talk + 120 + dice.randint(0, 200))


def _calls(dice: Random) -> None:
    """The calls that the IVR took, by the hour; two of three needed no person."""
    for hour, number in ((7, 6), (8, 20), (9, 38), (10, 18)):
        for index in range(number):
            at = moment(f"{hour:02}:00") + timedelta(seconds=index * (24 if hour == 10 else 60))
            deeds = () if dice.random() < 0.35 else (Deed.BALANCE,)
            call(at, *deeds, caller=_number(dice), lasts_s=40)


def weeks_before() -> None:
    """Two Tuesdays like this one, with calls to its end: so many are to be expected."""
    by_hour = {7: 5, 8: 22, 9: 36, 10: 40, 11: 36, 12: 24, 13: 27, 14: 35, 15: 34, 16: 30}
    Call.objects.bulk_create(
        Call(
            uuid=uuid4(),
            node=NODE,
            dialled="961202",
            started_at=moment(f"{hour:02}:00") - timedelta(weeks=week, minutes=-index),
        )
        for week in (1, 2)
        for hour, number in {**by_hour, 17: 22, 18: 15, 19: 11, 20: 7}.items()
        for index in range(number)
    )


def _number(dice: Random) -> str:
    return f"139{dice.randrange(10**8):08}"


def _now(morning: Morning) -> None:
    """What each does at TEN_PAST."""
    seats = morning.seats
    for name, queue, minutes, seconds in (
        ("周颖", "complaint", 14, 32),
        ("丁磊", "loan", 7, 58),
        ("吴建平", "general", 6, 41),
        ("袁野", "card", 5, 20),
        ("黄志强", "card", 5, 10),
        ("郑丽娟", "general", 4, 55),
        ("魏莉", "loan", 4, 12),
        ("卢思远", "card", 3, 47),
        ("谢文静", "general", 3, 30),
        ("许珊珊", "loan", 3, 20),
        ("阎波", "ebank", 3, 5),
        ("冯雪", "general", 2, 58),
        ("邓伟", "general", 2, 40),
        ("潘虹", "general", 2, 20),
    ):
        takes(seats[name], queue, ago(minutes, seconds))
    offers.held(leg_of(seats["许珊珊"]), at=ago(2, 6))
    offers.finished(leg_of(seats["黄志强"]), at=ago(3, 48))
    offers.finished(leg_of(seats["潘虹"]), at=ago(0, 31))
    for name, reason, at in (
        ("马晓东", "break", ago(18, 20)),
        ("江涛", "training", ago(24, 10)),
        ("孟洁", "break", ago(6, 12)),
    ):
        seats[name].is_ready(at - timedelta(minutes=1))
        presence.pause(seats[name].pk, reason, at=at)
    seats["陆薇"].is_ready(ago(7, 20))
    seats["林晓"].is_ready(ago(2, 0))
    _rings(seats["苏婷"])


def _rings(seat: Seat) -> None:
    presence.heartbeat(seat.session.pk, phone=True, at=ago(0, 10))
    presence.ready(seat.pk, at=ago(0, 9))
    presence.pause(_lin().pk, "break", at=ago(0, 9))  # so that nobody else is able
    entries.enter(Wish(uuid4(), NODE, "13800002222", "zh"), "general", at=ago(0, 8))
    rounds.run(at=ago(0, 4))
    offers.to_ring(NODE, at=ago(0, 3))
    presence.heartbeat(_lin().sessions.get().pk, phone=True, at=ago(0, 3))
    presence.ready(_lin().pk, at=ago(0, 2))


def _lin() -> Agent:
    return Agent.objects.get(user__name="林晓")


def _waiting(morning: Morning) -> None:
    """Eight who wait; nobody able is ready, and no round runs."""
    for queue, waits in (("loan", (112, 80, 41, 12)), ("card", (31, 9)), ("ebank", (8, 5))):
        for seconds in waits:
            wish = Wish(uuid4(), NODE, f"1370000{seconds:04}", "zh")
            morning.waiting.append(entries.enter(wish, queue, at=ago(0, seconds)))


def machines() -> None:
    """A few machines in each state; one is offline for 47 minutes."""
    branch = Branch.objects.create(code="001002", name="福田支行", district="福田区")
    state = Atm.State
    made = [
        *((state.ONLINE, 300, 70),) * 106,
        (state.OFFLINE, 47, 50),
        (state.OFFLINE, 3, 50),
        (state.FAULT, 12, 50),
        (state.RETAINED, 9, 50),
        *((state.NO_CASH, 20, 0),) * 3,
        *((state.MAINTENANCE, 200, 0),) * 4,
    ]
    Atm.objects.bulk_create(
        Atm(
            code=f"ATM{number:04}",
            branch=branch,
            place=f"{number - 103} 号" if number > 106 else f"{number} 号",
            state=is_in,
            since=ago(minutes),
            cassette_pct=cash,
        )
        for number, (is_in, minutes, cash) in enumerate(made, 1)
    )
