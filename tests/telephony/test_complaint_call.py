"""投诉与建议 by telephone: said after a tone, heard again, said anew, kept whatever happens."""

from collections import namedtuple
from datetime import timedelta
from pathlib import Path

import pytest

from calendars import clock
from complaints import cases
from complaints.models import CaseStep, Complaint
from routing.models import QueueEntry
from telephony import recordings, wav
from telephony.deeds import Deed
from telephony.models import Call, CallRecording
from tests.telephony.talks import deeds

pytestmark = pytest.mark.django_db(transaction=True)

LANGUAGES = pytest.mark.parametrize("language", ["1", "3"])
COMPLAINT = ("5", "1")


async def asks(phone, language: str = "1") -> None:
    """From the greeting to the tone's announcement."""
    await phone.hears("menu.language.1")
    await phone.keys(language)
    await phone.hears("menu.root.1")
    await phone.keys(*COMPLAINT)
    await phone.hears("complaint.speak")


async def speaks(phone, seconds: float = 12, end: str = "#") -> None:
    """After the tone."""
    await phone.phone.hears("recording")
    await phone.phone.advance(seconds)
    if end:
        await phone.keys(end)


async def the_case(bank) -> Complaint:
    rows = Complaint.objects.select_related("call", "recording")
    return await bank.query(rows.get)


def takes(bank) -> list[Path]:
    return sorted((bank.exchange.recordings / recordings.MESSAGES).glob("*.wav"))


@LANGUAGES
async def test_she_says_it_and_leaves_with_a_case_number(dial, bank, language):
    phone = await dial(caller="13900139000")
    await asks(phone, language)
    await speaks(phone)
    await phone.hears("record.review")
    await phone.keys("1")
    await phone.hears_of("complaint.done")
    case = await the_case(bank)
    await phone.hears("order.receipt_again", receipt=case.number)
    due_on = clock.bank_day(case.received_at) + timedelta(days=15)
    await phone.hears("complaint.due", date=due_on)
    await phone.hears("complaint.agent")
    await phone.hears("menu.complaints.1")  # silence: the menu again
    case = await the_case(bank)
    assert (case.source, case.phone, case.customer_id) == ("message", "13900139000", None)
    assert case.acknowledged_at is not None
    assert case.recording.seconds == 12
    assert wav.read(bank.exchange.recordings / case.recording.file).seconds == 12
    assert await deeds(bank) == [Deed.COMPLAINED]
    await phone.hangs_up()
    await bank.settled()
    assert (await bank.query(Call.objects.get)).outcome == Call.Outcome.SERVED


async def test_who_is_identified_complains_as_a_customer(dial, bank, wang):
    phone = await dial()
    await phone.logs_in(wang)
    await phone.keys("*")
    await phone.hears("menu.root.1")
    await phone.keys(*COMPLAINT)
    await phone.hears("complaint.speak")
    await speaks(phone)
    await phone.hears("record.review")
    await phone.keys("1")
    await phone.hears_of("complaint.done")
    assert (await the_case(bank)).customer_id == wang.id


async def test_she_hears_it_says_it_anew_and_sends_the_second(dial, bank):
    phone = await dial()
    await asks(phone)
    await speaks(phone, 5)
    await phone.hears("record.review")
    await phone.keys("2")
    played = await phone.phone.hears("playing")
    assert played.files[0].endswith("-1.wav")
    await phone.hears("record.review")
    await phone.keys("3")
    await phone.hears("complaint.speak")
    await speaks(phone, 8)
    await phone.hears("record.review")
    await phone.keys("1")
    await phone.hears_of("complaint.done")
    assert (await the_case(bank)).recording.seconds == 8
    assert [file.name[-6:] for file in takes(bank)] == ["-2.wav"]  # the first is gone


async def test_silence_ends_the_message_and_sends_it(dial, bank):
    phone = await dial()
    await asks(phone)
    await phone.phone.hears("recording")
    await phone.phone.speak(10)
    await phone.hears("record.review", within_s=90)
    await phone.hears_of("complaint.done")
    assert (await the_case(bank)).recording.seconds > 10


async def test_who_says_nothing_is_asked_again_and_then_has_a_person(dial, bank, lin):
    await bank.seat(lin)
    phone = await dial()
    await phone.phone.speak(0)
    await asks(phone)
    await phone.hears("record.nothing", within_s=90)
    await phone.hears("record.nothing", within_s=90)
    await phone.hears("record.nothing", within_s=90)
    await phone.hears("agent.transfer")
    assert not await bank.query(Complaint.objects.exists)
    assert takes(bank) == []


async def test_a_recording_of_no_length_is_none(dial, bank):
    phone = await dial()
    await asks(phone)
    await speaks(phone, 0)
    await phone.hears("record.nothing")
    await phone.hears("complaint.speak")
    assert takes(bank) == []
    await phone.hangs_up()
    await bank.settled()
    assert not await bank.query(CallRecording.objects.exists)


# -- she hangs up ------------------------------------------------------------------------------


async def test_what_was_said_before_she_hung_up_is_kept(dial, bank):
    phone = await dial()
    await asks(phone)
    await speaks(phone, 9, end="")
    await phone.hangs_up()
    await bank.settled()
    case = await the_case(bank)
    assert case.recording.seconds == 9
    assert case.acknowledged_at is None  # she never heard her number
    assert case.call.outcome == Call.Outcome.SERVED


@pytest.mark.parametrize("where", ["record.review", "complaint.done"])
async def test_wherever_she_hangs_up_after_it_her_message_is_a_case(dial, bank, where):
    phone = await dial()
    await asks(phone)
    await speaks(phone)
    await phone.hears("record.review")
    if where != "record.review":
        await phone.keys("1")
        await phone.hears_of(where)
    await phone.hangs_up()
    await bank.settled()
    assert (await the_case(bank)).acknowledged_at is None


async def test_who_hangs_up_before_the_tone_has_said_nothing(dial, bank):
    phone = await dial()
    await asks(phone)
    await phone.hangs_up()
    await bank.settled()
    assert not await bank.query(Complaint.objects.exists)
    assert takes(bank) == []


async def test_star_takes_the_message_back(dial, bank):
    phone = await dial()
    await asks(phone)
    await speaks(phone)
    await phone.hears("record.review")
    await phone.keys("*")
    await phone.hears("menu.complaints.1")
    assert takes(bank) == []
    assert not await bank.query(Complaint.objects.exists)


async def test_nought_sends_it_and_leads_to_the_people_for_complaints(dial, bank, hire):
    await bank.seat(await bank.query(hire, "田甜", complaint=7))
    phone = await dial()
    await asks(phone)
    await speaks(phone, end="0")
    await phone.hears_of("complaint.done")
    await phone.hears("agent.transfer")
    entry = await bank.query(QueueEntry.objects.select_related("queue").get)
    assert entry.queue.slug == "complaint"
    assert (await the_case(bank)).acknowledged_at is not None


# -- bad weather -------------------------------------------------------------------------------


async def test_a_full_disk_is_said_and_a_person_takes_the_call(dial, bank, lin, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(recordings.shutil, "disk_usage", lambda _: usage(100, 99, 1))
    await bank.seat(lin)
    phone = await dial()
    await phone.hears("menu.language.1")
    await phone.keys("1")
    await phone.hears("menu.root.1")
    await phone.keys(*COMPLAINT)
    await phone.hears("record.no_room")
    await phone.hears("agent.transfer")
    assert not await bank.query(Complaint.objects.exists)


async def test_a_worker_killed_in_the_middle_loses_no_message(dial, bank):
    phone = await dial()
    await asks(phone)
    await phone.phone.hears("recording")
    await phone.phone.advance(20)
    await bank.stop_work()
    await phone.hangs_up()
    await bank.work()
    await bank.settled()
    (kept,) = await bank.query(lambda: list(CallRecording.objects.all()))
    assert kept.seconds == 20
    assert await bank.query(cases.take_in, at=clock.now() + cases.FORGOTTEN * 2) == 1
    assert (await the_case(bank)).recording_id == kept.pk
    assert await bank.query(cases.take_in, at=clock.now() + cases.FORGOTTEN * 2) == 0
    assert await bank.query(CaseStep.objects.count) == 1
