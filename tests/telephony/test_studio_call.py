"""A call hears what was approved before it began, and keeps it."""

import pytest

from calendars import clock
from people import approvals
from people.models import Approval
from telephony import rendering, rewording

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = "个人银行业务，请按 1。"


async def plays(phone, part: str) -> str:
    """The next file whose name holds `part`."""
    while True:
        heard = await phone.phone.hears("playing")
        for file in heard.files:
            if part in file:
                return file


def changes(by, decider) -> None:
    at = clock.now()
    rewording.ask("zh", "menu.root.1", WORDS, reason="清楚些", by=by, at=at)
    rendering.ask(rendering.lacking(), reason="合成", by=by, at=at)
    while rendering.go_on(at=at):
        pass
    for asked in Approval.objects.filter(state="open"):
        approvals.approve(asked.pk, by=decider, at=at)


async def test_the_next_call_hears_the_new_words_and_this_one_the_old(
    own, hum, dial, bank, lina, zhang
):
    first = await dial("961202")
    await first.hears("menu.language.1")
    await bank.query(changes, lina, zhang)
    await first.keys("1")
    assert (await plays(first, "menu.root.1")).endswith("/zh/menu.root.1.wav")
    await first.hangs_up()

    second = await dial("961202")
    await second.hears("menu.language.1")
    await second.keys("1")
    assert str(own) in await plays(second, "menu.root.1")
    await second.hangs_up()
