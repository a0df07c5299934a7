"""What callers left on tape: heard in the admin by who may, in ranges, and written down."""

import hashlib
from collections import namedtuple
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from calendars import clock
from people.models import AccessLog
from people.roles import Role
from telephony import recordings, wav
from telephony.models import Call, CallRecording
from tests import cast
from tests.telephony.test_admin import as_

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(settings, tmp_path):
    settings.RECORDINGS = tmp_path
    return tmp_path


@pytest.fixture
def call(folder) -> Call:
    return Call.objects.create(
        uuid=uuid4(), node="node1", dialled="961202", caller="13900139000", started_at=cast.NOON
    )


@pytest.fixture
def kept(call) -> CallRecording:
    path = recordings.place(call.uuid, 1)
    Path(path).write_bytes(wav.silence(12.5))
    return recordings.keep(call.pk, path, at=cast.NOON)


def page(row: CallRecording) -> str:
    return reverse("admin:telephony_call_recording", args=[row.pk])


def test_a_message_is_kept_once_with_its_length_and_its_digest(folder, call, kept):
    assert (str(kept.seconds), kept.file) == ("12.5", f"messages/{call.uuid}-1.wav")
    assert kept.sha256 == hashlib.sha256((folder / kept.file).read_bytes()).hexdigest()
    assert recordings.keep(call.pk, str(folder / kept.file), at=cast.NOON) == kept
    with pytest.raises(DatabaseError), transaction.atomic():
        CallRecording.objects.update(sha256="0" * 64)


def test_it_is_heard_on_the_page_of_its_call_by_who_may(call, kept):
    here = reverse("admin:telephony_call_change", args=[call.pk])
    for role, may in ((Role.COMPLAINT_HANDLER, True), (Role.QC, True), (Role.MENU_OWNER, False)):
        client = as_(role)
        assert (page(kept) in client.get(here).content.decode()) is may
        answer = client.get(page(kept))
        assert answer.status_code == (200 if may else 403)
        assert AccessLog.objects.filter(user=client.user, field="file").count() == may


def test_nothing_but_sound_is_served(kept):
    answer = as_(Role.QC).get(page(kept))
    assert answer["Content-Type"] == "audio/wav"
    assert answer["Content-Disposition"].startswith("inline; filename=")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"].startswith("private, no-store")
    assert b"".join(answer.streaming_content).startswith(b"RIFF")


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=44-", 44, None),
        ("bytes=-5", -5, None),
        ("bytes=9-99999999", 9, None),
    ],
)
def test_a_player_may_ask_for_a_part(folder, kept, asked, first, last):
    whole = (folder / kept.file).read_bytes()
    answer = as_(Role.QC).get(page(kept), headers={"range": asked})
    begin = first % len(whole)
    end = len(whole) - 1 if last is None else last
    assert answer.status_code == 206
    assert answer.content == whole[begin : end + 1]
    assert answer["Content-Range"] == f"bytes {begin}-{end}/{len(whole)}"


def test_a_part_that_is_not_there_is_refused(folder, kept):
    size = (folder / kept.file).stat().st_size
    answer = as_(Role.QC).get(page(kept), headers={"range": f"bytes={size}-"})
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{size}")


def test_a_range_that_is_none_gets_the_whole(kept):
    answer = as_(Role.QC).get(page(kept), headers={"range": "lines=1-2"})
    assert answer.status_code == 200


def test_listening_on_is_the_same_hearing(kept):
    client = as_(Role.QC)
    for asked in ("bytes=0-", "bytes=4000-", "bytes=8000-"):
        client.get(page(kept), headers={"range": asked})
    assert AccessLog.objects.filter(field="file").count() == 1


def test_a_file_that_is_gone_is_not_found(folder, kept):
    (folder / kept.file).unlink()
    assert as_(Role.QC).get(page(kept)).status_code == 404


# -- room, and what was left -------------------------------------------------------------------


def test_there_must_be_room(call, monkeypatch):
    usage = namedtuple("usage", "total used free")
    for free, room in ((recordings.ROOM, True), (recordings.ROOM - 1, False)):
        monkeypatch.setattr(recordings.shutil, "disk_usage", lambda _, free=free: usage(1, 1, free))
        if room:
            assert recordings.place(call.uuid, 1).endswith("-1.wav")
        else:
            with pytest.raises(recordings.NoRoom):
                recordings.place(call.uuid, 1)


def test_where_no_folder_can_be_made_there_is_no_room(settings, tmp_path, call):
    settings.RECORDINGS = tmp_path / "file"
    settings.RECORDINGS.write_text("no folder")
    with pytest.raises(recordings.NoRoom):
        recordings.place(call.uuid, 1)


def test_what_is_no_audio_is_of_no_length(folder):
    (folder / "bad.wav").write_bytes(b"no audio")
    assert recordings.seconds("bad.wav") == recordings.seconds("none.wav") == 0


def test_takes_that_nobody_kept_are_found_once_the_call_is_over(folder, call):
    for number, seconds in ((1, 20), (2, 0.2)):
        Path(recordings.place(call.uuid, number)).write_bytes(wav.silence(seconds))
    (folder / "messages" / "of-nobody.wav").write_bytes(wav.silence(9))
    at = clock.now() + timedelta(hours=1)
    assert recordings.find(live={call.uuid}, at=at) == []
    (found,) = recordings.find(live=(), at=at)
    assert (found.call, found.seconds) == (call, 20)
    assert recordings.find(live=(), at=at) == []
