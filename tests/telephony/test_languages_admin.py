"""Languages and zips of recordings in the admin: how far each is, and what a studio has to read."""

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from people import approvals
from people.models import Approval, User
from people.roles import Role
from telephony import studio, studio_batch
from telephony.models import Recording, RecordingBatch
from telephony.tasks import check_uploads
from tests.cast import NOON
from tests.telephony import cantonese
from tests.telephony.test_admin import KNOWN, YES, as_, text
from tests.telephony.test_studio_batch import FILES, GOOD, zipped_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own")]

LANGUAGES = "/admin/telephony/offeredlanguage/"
BATCHES = "/admin/telephony/recordingbatch/"


def listed(response) -> list[list[str]]:
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    content = response.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content)))[1:]


def csv_of(lang: str) -> str:
    return reverse("admin:telephony_offeredlanguage_recordings", args=[lang])


def test_how_far_each_language_is():
    page = text(as_(Role.MENU_OWNER).get(LANGUAGES))
    count = len(cantonese.needed())
    assert re.search(r"Mandarin offered to callers .* Missing 0", page)
    assert f"Cantonese not offered yet Recorded 0 / {count} Missing {count}" in page
    assert "yue/say/n.0.wav 零" in page
    assert f"and {count - 20} more" in page


def test_the_studio_gets_a_list_of_files_and_words():
    owner = as_(Role.MENU_OWNER)
    missing = listed(owner.get(csv_of("yue")))
    assert dict(missing) == cantonese.needed()
    assert ["yue/balance.same-1.wav", "您尾号"] in missing
    assert listed(owner.get(csv_of("zh"))) == []
    assert len(listed(owner.get(csv_of("zh") + "?all"))) > 700
    assert owner.get(csv_of("fr")).status_code == 404


def test_the_owner_of_the_menus_is_told_when_one_is_withdrawn():
    cantonese.record()
    owner = as_(Role.MENU_OWNER, "zh-hans")
    assert "语种已停用" not in text(owner.get("/admin/"))
    assert "粤语 已开通" in text(owner.get(LANGUAGES))
    goodbye = Recording.objects.get(file="yue/goodbye.wav")
    studio.take_back(goodbye.pk, by=owner.user, at=NOON)
    home = text(owner.get("/admin/"))
    assert "语种已停用 粤语 缺 1 条录音" in home
    assert "粤语 202" in text(owner.get(LANGUAGES))
    assert "语种已停用" not in text(as_(Role.AGENT, "zh-hans").get("/admin/"))


def upload(client, files):
    wavs = SimpleUploadedFile("粤语.zip", zipped_of(files).getvalue(), "application/zip")
    return client.post(f"{BATCHES}add/", {"wavs": wavs})


def test_a_zip_from_the_upload_to_the_approval():
    owner, supervisor = as_(Role.MENU_OWNER), as_(Role.SUPERVISOR)
    answer = upload(owner, FILES)
    batch = RecordingBatch.objects.get()
    page = reverse("admin:telephony_recordingbatch_change", args=[batch.pk])
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert "being checked" in text(owner.get(page))
    check_uploads()
    shown = text(owner.get(page))
    assert "yue/menu.root.9.wav no prompt needs it" in shown
    assert "yue/menu.invalid.wav nobody speaks in it" in shown
    assert "yue/goodbye.wav fits 多谢您嘅来电，再见。" in shown
    ask = reverse("admin:telephony_recordingbatch_ask", args=[batch.pk])
    assert supervisor.post(ask, YES | {"reason": "粤语"}).status_code == 403
    owner.post(ask, YES | {"reason": "粤语"})
    asked = Approval.objects.get()
    assert "asks to use them: 粤语" in text(supervisor.get(page))
    assert "粤语.zip: 2 recordings" in text(supervisor.get("/admin/people/approval/"))
    approvals.approve(asked.pk, by=supervisor.user, at=NOON)
    assert Recording.objects.filter(state="used").count() == 2
    assert "2 / 8" in text(owner.get(BATCHES))


def test_what_is_no_zip_says_so():
    owner = as_(Role.MENU_OWNER)
    wavs = SimpleUploadedFile("粤语.zip", b"no zip", "application/zip")
    assert "This is no zip file" in owner.post(f"{BATCHES}add/", {"wavs": wavs}).content.decode()
    assert "This field is required" in owner.post(f"{BATCHES}add/", {}).content.decode()
    assert as_(Role.SUPERVISOR).post(f"{BATCHES}add/", {"wavs": wavs}).status_code == 403
    assert not RecordingBatch.objects.exists()


def test_a_zip_is_dropped():
    owner = as_(Role.MENU_OWNER)
    upload(owner, {"yue/goodbye.wav": GOOD})
    batch = RecordingBatch.objects.get()
    owner.post(reverse("admin:telephony_recordingbatch_drop", args=[batch.pk]), YES)
    batch.refresh_from_db()
    assert batch.state == "dropped"
    assert not batch.files.filter(verdict="to_check").exists()


def test_the_chinese_pages_hold_no_english():
    cantonese.record(without={"yue/goodbye.wav"})
    owner = as_(Role.MENU_OWNER, "zh-hans")
    by = User.objects.get(pk=owner.user.pk)
    batch = studio_batch.receive("录音.zip", zipped_of(FILES), by=by, at=NOON)
    check_uploads()
    studio_batch.ask(batch.pk, reason="粤语", by=by, at=NOON)
    page = reverse("admin:telephony_recordingbatch_change", args=[batch.pk])
    for address in (LANGUAGES, BATCHES, f"{BATCHES}add/", page):
        words = re.sub(r"\S*\.(wav|zip|txt)\b|menu.owner", "", text(owner.get(address)))
        assert set(re.findall(r"[A-Za-z]{3,}", words)) <= KNOWN | {"menu"}, address
