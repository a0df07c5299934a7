"""The prompt studio's page: what it finds, what it shows of a prompt, its verbs, who may press."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from calendars import clock
from people import staff
from people.models import Approval
from people.roles import Role
from routing import shipped as routing_shipped
from telephony import laying, rewording, shipped, wording
from telephony.models import OwnPrompt, Reading, Recording, Rendering, Rewording
from tests import cast
from tests.prompting import approve_all, render, says
from tests.telephony.test_studio import tone

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = "祝您生活愉快，再见。"


@pytest.fixture
def bank(own):
    cast.bank_terms()
    routing_shipped.install(at=clock.now())
    return shipped.install(at=clock.now())


def client(user, language: str = "zh-hans") -> Client:
    found = Client(headers={"accept-language": language})
    found.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return found


@pytest.fixture
def owner(bank, lina):
    return client(lina)


@pytest.fixture
def checker(bank, zhang):
    return client(zhang)


def page(who: Client, **query: str):
    response = who.get(reverse("studio:prompts"), query)
    assert response.status_code == 200
    return response


def press(who: Client, verb: str, **values: object):
    return who.post(reverse("studio:do", args=[verb]), values, follow=True)


def keys(who: Client, **query: str) -> set[str]:
    return {row.key for row in page(who, **query).context["page"].paginator.object_list}


def text(response) -> str:
    bare = re.sub(r"<(head|script|style|option).*?</\1>", " ", response.content.decode())
    return " ".join(re.sub(r"<[^>]+>", " ", bare).split())


def test_every_prompt_is_in_the_list_once_a_language(owner):
    found = page(owner).context["page"].paginator.object_list
    book = wording.prompts()
    assert len(found) == sum(len(book.prompts(lang)) for lang in book.languages)
    assert len({(row.lang, row.key) for row in found}) == len(found)
    values = page(owner, kind="values").context["page"].paginator.object_list
    needed = [r for lang in book.languages for r in book.recordings(lang) if r.fragment]
    assert {row.key for row in values} == {f"say/{r.fragment}" for r in needed}


def test_it_is_found_by_words_by_key_and_by_language(owner):
    assert "menu.accounts.1" in keys(owner, q="查询余额")
    assert keys(owner, q="menu.accounts.1") == {"menu.accounts.1"}
    assert keys(owner, q="account balance", lang="zh") == set()
    assert "balance.one" in keys(owner, q="ACCOUNT balance", lang="en")
    assert keys(owner, q="没有这样的词") == set()
    assert "没有" in text(page(owner, q="没有这样的词"))
    assert page(owner, lang="yue", page="x").status_code == 200  # what is odd is left out


def test_it_is_narrowed_by_what_audio_there_is(owner, lina, zhang, hum):
    OwnPrompt.objects.create(key="menu.own.more", lang="zh", text="更多服务，请按 5。")
    laying.lay_out()
    assert keys(owner, audio="missing", lang="zh") == {"menu.own.more"}
    assert "menu.own.more" not in keys(owner, audio="missing", lang="yue")
    assert keys(owner, audio="recorded") == keys(owner, audio="rendered") == set()
    press(owner, "render-lacking", reason="合成")
    render(clock.now())
    assert keys(owner, audio="waits") == {"menu.own.more"}
    approve_all(zhang)
    assert keys(owner, audio="rendered") == keys(owner, kind="own") == {"menu.own.more"}
    assert keys(owner, audio="missing", lang="zh") == set()
    wav = SimpleUploadedFile("a.wav", tone())
    words = says()
    press(owner, "upload", file="zh/goodbye.wav", words=words, wav=wav, reason="新录")
    approve_all(zhang)
    assert keys(owner, audio="recorded") == {"goodbye"}
    Reading.objects.create(word="更多", said="geng4 duo1")
    assert "menu.own.more" in keys(owner, audio="outdated")


def test_a_prompt_shows_its_pieces_and_where_it_is_heard(owner):
    response = page(owner, at="balance.one", **{"in": "zh"})
    context = response.context
    assert [piece.name for piece in context["pieces"]] == [
        "zh/balance.one-1.wav",
        "zh/balance.one-2.wav",
        "zh/balance.one-3.wav",
    ]
    assert any("(balance)" in use.words for use in context["uses"])
    for piece in context["pieces"]:
        sound = owner.get(piece.address)
        assert (sound.status_code, sound["Content-Type"]) == (200, "audio/wav")
    whole = response.content.decode()
    assert reverse("studio:heard", args=["zh/say/d.4.wav"]) in whole  # with examples in it
    root = page(owner, at="menu.root.1", **{"in": "zh"}).context["uses"]
    assert any(use.link.endswith("?at=root.1") for use in root)
    hello = page(owner, at="welcome.961202", **{"in": "zh"}).context["uses"]
    assert any("961202" in use.words for use in hello)


@pytest.mark.parametrize("file", ["zh/nothing.wav", "manifest.json", "../settings.py", "zh"])
def test_nothing_but_prompts_is_played(owner, file):
    assert owner.get(f"/prompts/heard/{file}").status_code == 404


def test_from_other_words_to_what_callers_hear_and_back(owner, checker, hum):
    at = {"lang": "zh", "key": "goodbye"}
    shipped_words = says()
    press(owner, "words", **at, text=WORDS, reason="更亲切")
    shown = page(owner, at="goodbye", **{"in": "zh"}).context
    assert shown["asked"].lacks_audio
    assert "text" in shown
    press(owner, "render", **at, reason="合成")
    render(clock.now())
    theirs = page(checker, at="goodbye", **{"in": "zh"}).context
    assert len(theirs["to_decide"]) == 2
    assert owner.get(reverse("studio:prompts")).context["may_decide"]
    press(owner, "approve", pk=theirs["to_decide"])
    assert says() == shipped_words  # her own
    press(checker, "approve", pk=theirs["to_decide"])
    assert says() == WORDS
    after = page(owner, at="goodbye", **{"in": "zh"})
    assert after.context["shipped"] == shipped_words
    assert [event.who for event in after.context["events"]].count("张敏") == 2
    press(owner, "take-words-back", pk=Rewording.objects.get().pk)
    assert says() == shipped_words
    events = page(owner, at="goodbye", **{"in": "zh"}).context["events"]
    assert (events[0].who, events[0].says) == ("李娜", WORDS)


def test_what_is_refused_is_said_on_the_page(owner):
    at = {"lang": "zh", "key": "identify.pin_wrong", "reason": "短"}
    said = text(press(owner, "words", **at, text="密码不对。"))
    assert "{left:times}" in said
    assert "数值" in said or "占位" in said
    assert press(owner, "words", lang="zh").status_code == 200
    assert not Rewording.objects.exists()


def test_the_verb_leads_back_to_the_list_as_it_was(owner):
    back = "q=%E5%86%8D%E8%A7%81&lang=zh&in=zh&at=goodbye"
    response = press(owner, "words", lang="zh", key="goodbye", text="", reason="x", back=back)
    assert response.redirect_chain[-1][0] == f"/prompts/?{back}"


def test_without_a_voice_the_page_says_what_to_install_and_uploads(owner, hum):
    hum.missing = "uv sync --extra voice"
    said = text(page(owner, at="goodbye", **{"in": "zh"}))
    assert "uv sync --extra voice" in said
    assert "上传" in said
    assert "由语音合成" not in said
    assert press(owner, "render", lang="zh", key="goodbye", reason="合成").status_code == 200
    assert not Rendering.objects.exists()


def test_an_order_shows_how_far_it_is(owner, hum, lina):
    OwnPrompt.objects.create(key="menu.own.a", lang="zh", text="好，请按 5。")
    OwnPrompt.objects.create(key="menu.own.b", lang="zh", text="X，请按 6。")
    laying.lay_out()
    response = press(owner, "render-lacking", reason="合成")
    order = Rendering.objects.get()
    assert response.redirect_chain[-1][0] == reverse("studio:rendering", args=[order.pk])
    partial = reverse("studio:progress", args=[order.pk])
    assert f'hx-get="{partial}"' in owner.get(partial).content.decode()
    render(clock.now())
    over = owner.get(partial)
    assert "hx-get" not in over.content.decode()
    assert "“X”" in text(over) or "「X」" in text(over) or "X" in text(over)
    press(owner, "try-again", pk=order.pk)
    assert f'hx-get="{partial}"' in owner.get(partial).content.decode()


def test_who_looks_changes_nothing(bank, hum, zhang):
    auditor = client(staff.hire(number="6009", name="审计", branch=None, roles=[Role.AUDITOR]))
    words = {"lang": "zh", "key": "goodbye", "reason": "r"}
    for verb, values in {
        "words": words | {"text": WORDS},
        "render": words,
        "approve": {"pk": 1},
        "take-back": {"pk": 1},
    }.items():
        assert press(auditor, verb, **values).status_code == 403
    assert press(client(zhang), "words", **words, text=WORDS).status_code == 403
    assert "上传录音" not in text(page(auditor))
    assert press(auditor, "nothing").status_code == 404


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_mixes_the_languages(bank, lina, hum, language):
    """Keys, files and names apart, which are what they are."""
    lang = language[:2]
    said = text(page(client(lina, language), lang=lang, q="goodbye", at="goodbye", **{"in": lang}))
    if lang == "en":
        assert not re.search("[\u4e00-\u9fff]", said.replace("简体中文", ""))
    else:
        bare = re.sub(r"[a-z_]+[./][a-z0-9_./-]*", " ", said)  # a key, a file
        assert set(re.findall("[A-Za-z]+", bare)) <= {"English", "goodbye"}


def test_a_row_of_the_dictionary_lists_what_it_makes_outdated(owner, hum):
    row = Reading.objects.create(word="再见", said="zai4 jian4")
    address = reverse("admin:telephony_reading_change", args=[row.pk])
    assert "zh/goodbye.wav" in text(owner.get(address))
    said = {"lang": "zh", "word": "再见", "said": "zai4 jian5", "note": ""}
    response = owner.post(address, said, follow=True)
    assert response.redirect_chain[-1][0] == address
    wrong = owner.post(address, said | {"said": "zai4"}, follow=True)
    assert "音节" in text(wrong)
    row.refresh_from_db()
    assert row.said == "zai4 jian5"
    listed = text(owner.get(reverse("admin:telephony_reading_changelist")))
    assert "yin2 hang2" in listed  # what ships


def test_a_word_is_tried_and_what_is_outdated_rendered_from_its_row(owner, checker, hum):
    row = Reading.objects.create(word="再见", said="zai4 jian4")
    pressed = {"_form_submitted": "True"}  # the theme's dialog was answered
    try_it = reverse("admin:telephony_reading_try_it", args=[row.pk])
    tried = owner.post(try_it, pressed)
    order = Rendering.objects.get(is_trial=True)
    assert tried["HX-Redirect"] == reverse("studio:rendering", args=[order.pk])
    address = reverse("studio:tried", args=[order.pk, 1])
    assert owner.get(address).status_code == 404  # not yet
    render(clock.now())
    assert owner.get(address)["Content-Type"] == "audio/wav"
    assert address in owner.get(reverse("studio:rendering", args=[order.pk])).content.decode()
    again = reverse("admin:telephony_reading_render_again", args=[row.pk])
    rendered = owner.post(again, pressed | {"reason": "改读音"})
    assert rendered["HX-Redirect"].startswith("/prompts/renderings/")
    render(clock.now())
    assert Approval.objects.filter(reason="改读音", state="open").exists()
    assert checker.post(again, pressed | {"reason": "x"}).status_code == 403
    hum.missing = "uv sync --extra voice"
    tried = owner.post(try_it, pressed)
    assert tried["HX-Redirect"] == reverse("admin:telephony_reading_change", args=[row.pk])
    assert Rendering.objects.count() == 2


def test_an_own_prompt_that_is_heard_changes_in_the_studio_alone(owner, lina, zhang, hum):
    row = OwnPrompt.objects.create(key="menu.own.more", lang="zh", text="更多服务，请按 5。")
    laying.lay_out()
    address = reverse("admin:telephony_ownprompt_change", args=[row.pk])
    assert 'name="text"' in owner.get(address).content.decode()
    press(owner, "render-lacking", reason="合成")
    render(clock.now())
    approve_all(zhang)
    assert 'name="text"' not in owner.get(address).content.decode()
    rewording.ask("zh", row.key, "其他，请按 5。", reason="短", by=lina, at=clock.now())
    assert Approval.objects.filter(state="open").count() == 1
    assert Recording.objects.count() == 1
