"""What a caller said to the recorder while nobody drove: found, listened to, taken care of once."""

import re
import struct
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.urls import reverse

from calendars import clock
from people.models import AccessLog, User
from people.roles import Role
from telephony import emergencies, wav
from telephony.models import EmergencyMessage
from telephony.nobody import REPORTS
from tests.telephony.test_admin import KNOWN, YES, as_, text

pytestmark = pytest.mark.django_db(transaction=True)


async def leaves_a_message(phone, seconds: float = 20) -> None:
    await phone.phone.hears("nobody.drives")
    await phone.keys("1")
    await phone.phone.hears("recording")
    await phone.phone.advance(seconds)


async def found(bank) -> list[EmergencyMessage]:
    await bank.settled()
    return await bank.query(lambda: list(EmergencyMessage.objects.all()))


async def test_who_leads_next_finds_what_was_left(unmanned):
    phone = await unmanned.dial(caller="13800136027")
    await leaves_a_message(phone)
    await phone.hangs_up()
    await unmanned.work()
    (message,) = await found(unmanned)
    assert (str(message.channel), message.caller) == (phone.call, "13800136027")
    assert message.seconds == 20
    assert (settings.RECORDINGS / message.file).is_file()
    assert message.state == "waiting"


async def test_a_message_is_left_to_its_end_when_a_worker_comes_meanwhile(unmanned):
    phone = await unmanned.dial()
    await leaves_a_message(phone)
    await unmanned.work()
    assert await found(unmanned) == []
    await phone.phone.advance(15)
    await phone.hangs_up()
    (message,) = await found(unmanned)
    assert message.seconds == 35


async def test_it_is_found_once_whoever_leads(unmanned):
    phone = await unmanned.dial()
    await leaves_a_message(phone)
    await phone.hangs_up()
    for _ in range(3):
        await unmanned.work()
        assert len(await found(unmanned)) == 1
        await unmanned.stop_work()


async def test_who_hung_up_at_the_tone_left_no_message(unmanned):
    phone = await unmanned.dial()
    await leaves_a_message(phone, seconds=0.5)
    await phone.hangs_up()
    await unmanned.work()
    assert await found(unmanned) == []


@pytest.mark.parametrize("name", ["nobody.wav", "../nobody.wav", f"{UUID(int=1)}.wav"])
async def test_files_that_are_no_messages_are_left_alone(unmanned, name):
    (settings.RECORDINGS / REPORTS / name).write_bytes(b"no audio")
    await unmanned.work()
    assert await found(unmanned) == []


@pytest.fixture
def message(db) -> EmergencyMessage:
    return EmergencyMessage.objects.create(
        channel=uuid4(), file="nobody/x.wav", seconds=3, left_at=clock.now()
    )


def test_a_message_is_taken_care_of_once(message):
    clerk, other = (User.objects.create_user(username=name, name=name) for name in ("1", "2"))
    at = clock.now()
    done = emergencies.taken_care_of(message.pk, by=clerk, at=at)
    assert (done.state, done.done_by) == ("done", clerk)
    with pytest.raises(emergencies.TakenCareOfAlready):
        emergencies.taken_care_of(message.pk, by=other, at=at + timedelta(minutes=1))
    message.refresh_from_db()
    assert (message.done_by, message.done_at) == (clerk, at)


# -- the pages -------------------------------------------------------------------------------


@pytest.fixture
def told(settings, tmp_path) -> EmergencyMessage:
    """A message of three seconds, with its file."""
    settings.RECORDINGS = tmp_path
    (tmp_path / REPORTS).mkdir()
    channel = uuid4()
    of(tmp_path, PCM, chunk(b"data", SOUND)).rename(tmp_path / REPORTS / f"{channel}.wav")
    emergencies.find(live=(), at=clock.now())
    EmergencyMessage.objects.update(caller="13800136027")
    return EmergencyMessage.objects.get(channel=channel)


def page(message: EmergencyMessage, name: str) -> str:
    return reverse(f"admin:telephony_emergencymessage_{name}", args=[message.pk])


def test_who_listens_is_written_down(told):
    client = as_(Role.BACK_OFFICE)
    shown = text(client.get(page(told, "change")))
    assert "13800136027" in shown
    heard = b"".join(client.get(page(told, "audio")).streaming_content)
    assert heard.endswith(SOUND)
    fields = AccessLog.objects.order_by("id").values_list("user", "field", "subject")
    subject = f"telephony.emergencymessage:{told.pk}"
    assert list(fields) == [(client.user.pk, "caller", subject), (client.user.pk, "file", subject)]


def test_who_only_reads_hears_nothing(told):
    client = as_(Role.AUDITOR)
    shown = text(client.get(page(told, "change")))
    assert "138****6027" in shown
    assert "13800136027" not in shown
    assert client.get(page(told, "audio")).status_code == 403
    assert client.post(page(told, "taken_care_of"), YES).status_code == 403
    assert not AccessLog.objects.exists()


def test_the_verb_of_the_page(told):
    client = as_(Role.AGENT)
    client.get(page(told, "taken_care_of"))  # the dialog
    assert EmergencyMessage.objects.get().state == "waiting"
    client.post(page(told, "taken_care_of"), YES)
    assert EmergencyMessage.objects.get().done_by == client.user
    assert "13800136027" not in text(client.get(page(told, "change")))


def test_a_file_that_is_gone(told):
    (settings.RECORDINGS / told.file).unlink()
    assert as_(Role.SUPERVISOR).get(page(told, "audio")).status_code == 404


def test_the_chinese_pages_hold_no_english(told):
    client = as_(Role.SUPERVISOR, "zh-hans")
    for address in ("/admin/telephony/emergencymessage/", page(told, "change")):
        words = re.sub(r"\b[0-9a-f-]{36}\b", "", text(client.get(address)))
        assert set(re.findall(r"[A-Za-z]{3,}", words)) <= KNOWN, address


# -- the files ---------------------------------------------------------------------------------


def chunk(name: bytes, body: bytes, size: int | None = None) -> bytes:
    return name + struct.pack("<I", len(body) if size is None else size) + body


PCM = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16))  # as FreeSWITCH records
SOUND = b"\0" * 48_000  # three seconds of it


def of(tmp_path: Path, *chunks: bytes) -> Path:
    path = tmp_path / "x.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", 0) + b"WAVE" + b"".join(chunks))
    return path


def test_length_and_comment_of_a_recording(tmp_path):
    about = chunk(b"LIST", b"INFO" + chunk(b"ISFT", b"odd\0") + chunk(b"ICMT", b"13800136027\0"))
    for order in ([about, chunk(b"data", SOUND)], [chunk(b"data", SOUND), about]):
        assert wav.read(of(tmp_path, PCM, *order)) == wav.Wav(3.0, "13800136027")


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 10**9])
def test_a_recording_whose_switch_died_is_as_long_as_its_file(tmp_path, size):
    assert wav.read(of(tmp_path, PCM, chunk(b"data", SOUND, size))).seconds == 3


@pytest.mark.parametrize(
    "content",
    [b"", b"RIFF", b"RIFF\0\0\0\0AVI ", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEfmt \2\0\0\0\0\0"],
)
def test_what_is_no_recording(tmp_path, content):
    (tmp_path / "x.wav").write_bytes(content)
    with pytest.raises(wav.NotAudio):
        wav.read(tmp_path / "x.wav")
