"""A week of the knowledge base in use: searched, opened, said, missed, judged, changed at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from kb import corrections, drafting, gaps, opinions, reading, receipts, reviewing
from kb.corrections import Wrong
from kb.models import ArticleVersion
from kb.scripts import SCRIPTS, Wording, opened, published
from kb.texts import Text
from people.models import User
from telephony.models import Call

DAYS, A_DAY = 7, 8  # searches
OPENED = 0.85  # of those that an article answers
SINCE = timedelta(days=60)  # what ships has been answered

# What agents type, and the article that they then open; none: nothing fits.
ASKED = (
    ("提前支取", "time-early"),
    ("存款保险 最高", "insurance-cap"),
    ("lpr", "lpr-what"),
    ("房贷 重定价日", "home-repricing"),
    ("房贷提前还清", "home-settle-early"),
    ("解冻费", "upfront-fee"),
    ("睡眠卡清理", "dormant-card-cleanup"),
    ("线上限额怎么调高", "noncounter-limit"),
    ("信用卡年费", "credit-annual-fee"),
    ("临时额度", "credit-limit-temporary"),
    ("核实银行来电", "phone-verify-bank-call"),
    ("U盾 驱动", "ukey-basics"),
    ("验证码收不到", "sms-code-not-received"),
    ("微信绑卡", "quick-pay-binding"),
    ("hanghao", "bank-code-find"),
    ("户号输错", "bill-wrong-house"),
    ("ETC 注销", "etc"),
    ("R3 风险等级", "risk-levels"),
    ("小额账户管理费", "fee-free-account"),
    ("数字人民币钱包", ""),
    ("古币鉴定", ""),
    ("szrmb", ""),
)
# What nothing answers, each in the words of several.
GAPS = (
    ("数字人民币钱包怎么开通", "请问数字人民币钱包怎么开通", "开通数字人民币钱包"),
    ("手里的古币可以鉴定吗", "古币鉴定"),
)
OF_USE = ("time-early", "sms-code-not-received", "home-repricing", "upfront-fee", "etc")
# Article, what its reader says, and what its owner says to that; "": not answered yet.
WRONG = (
    ("ukey-basics", "客户反映新驱动要先卸载旧版本，答案里没有写。", "已核实，将补充到步骤中。"),
    ("credit-annual-fee", "客户问分期交易算不算消费次数，这里看不出来。", ""),
)
# Scripts that agents open, the most used more often.
SAID = ("calm-angry", "verify-why", "calm-angry", "refuse-waive", "transfer-leader", "safety-ask")
# One that waits for its review.
REWORDED = "hold-longer"
SOONER = (
    "{称呼}，抱歉还没有查完，大约还要一分钟。您可以继续等，也可以留个方便的时间，"
    "我给{来电号码}回电，您看哪样方便？"
)
URGENT = "phone-verify-bank-call"
WARNING = (
    "紧急提醒：近期有人冒充本行客服，以“注销校园贷账户”“修复征信”为由要求转账。"
    "本行不会要求客户把钱转到“安全账户”，也不会索要密码和验证码。"
    "请先让客户停止转账，再按本条目核实来电。"
)
NOT_READ = ("1001", "1016", "1107")  # those who have not come to it yet
DOUBTED = "bank-code-find"
WHY = "有两位客户按此答案仍填错行号，疑为示例有误，请先查明哪些客户听到过。"


@dataclass(frozen=True, slots=True)
class Desk:
    """Who works with it: agents by their numbers, who writes, who reviews, the back office."""

    agents: Sequence[User]
    editor: User
    reviewer: User
    office: User


def build(seed: int, at: datetime, desk: Desk) -> None:
    """Needs what ships, answered for `SINCE`, and calls to report gaps in."""
    dice = Random(seed)  # noqa: S311  # the same each time
    versions = {
        version.article.key: version.pk
        for version in ArticleVersion.objects.in_force(at).select_related("article")
    }
    for when in _moments(dice, at):
        asked, key = dice.choice(ASKED)
        agent = dice.choice(desk.agents)
        search = reading.searched(asked, by=agent, call=None, at=when)
        if key and search and dice.random() < OPENED:
            read = when + timedelta(seconds=dice.randint(2, 9))
            reading.opened(versions[key], asked=asked, by=agent, call=None, at=read)
    _scripts(seed, at, desk)
    _gaps(dice, at, desk)
    _opinions(versions, at, desk)
    _urgent(versions[URGENT], at, desk)
    doubted = ArticleVersion.objects.get(pk=versions[DOUBTED])
    since = at - timedelta(days=3)
    corrections.ask(
        Wrong(version=doubted),
        since=since,
        until=at - timedelta(days=1),
        why=WHY,
        by=desk.office,
        at=at - timedelta(hours=2),
    )


def _moments(dice: Random, at: datetime) -> Iterator[datetime]:
    """In the order in which they passed: each day's working hours, counted back from now."""
    for day in range(DAYS, 0, -1):
        minutes = sorted(dice.sample(range(9 * 60), A_DAY))
        yield from (at - timedelta(days=day) + timedelta(minutes=minute) for minute in minutes)


def _scripts(seed: int, at: datetime, desk: Desk) -> None:
    dice = Random(seed)  # noqa: S311  # the same each time
    said = {version.script.key: version for version in published().select_related("script")}
    for when in _moments(dice, at):
        version, agent = said[dice.choice(SAID)], dice.choice(desk.agents)
        opened(version.pk, by=agent, call=None, at=when)
    before, written = said[REWORDED], at - timedelta(hours=5)
    draft = SCRIPTS.revise(before.script_id, by=desk.editor, at=written)
    wording = replace(Wording.of(before), words=SOONER)
    SCRIPTS.write(draft.pk, wording, by=desk.editor, at=written)
    SCRIPTS.submit(draft.pk, by=desk.editor, at=written + timedelta(minutes=6))


def _gaps(dice: Random, at: datetime, desk: Desk) -> None:
    calls = list(Call.objects.filter(node="demo", ended_at__lt=at).order_by("started_at", "pk"))
    for words in GAPS:
        *in_calls, _between_them = words
        for n, asked in enumerate(words):
            call = calls[n] if n < min(len(in_calls), len(calls)) else None
            when = (call.ended_at if call else None) or at - timedelta(hours=3)
            gaps.report(asked, by=dice.choice(desk.agents), call=call, at=when)


def _opinions(versions: dict[str, int], at: datetime, desk: Desk) -> None:
    for n, key in enumerate(OF_USE):
        agent = desk.agents[n % len(desk.agents)]
        opinions.give(
            versions[key], useful=True, by=agent, call=None, at=at - timedelta(days=n + 1)
        )
    for n, (key, words, answer) in enumerate(WRONG):
        said = opinions.give(
            versions[key],
            useful=False,
            words=words,
            by=desk.agents[-1 - n],
            call=None,
            at=at - timedelta(days=2, hours=n),
        )
        if answer:
            opinions.take_up(said.pk, answer, by=desk.editor, at=at - timedelta(days=1))


def _urgent(version_id: int, at: datetime, desk: Desk) -> None:
    """Warned of since yesterday; not all have read it."""
    before = ArticleVersion.objects.get(pk=version_id)
    text, when = Text.of(before), at - timedelta(days=1)
    draft = drafting.revise(before.article_id, by=desk.editor, at=when)
    warned = replace(text, answer=f"{WARNING}\n\n{text.answer}")
    drafting.write(draft.pk, warned, by=desk.editor, at=when)
    drafting.submit(draft.pk, by=desk.editor, at=when, note="今早接到同类来电三起，请尽快审核。")
    reviewing.approve(draft.pk, urgent=True, by=desk.reviewer, at=when + timedelta(minutes=12))
    for n, agent in enumerate(desk.agents):
        if agent.username not in NOT_READ:
            read = when + timedelta(minutes=20 + 7 * n)
            receipts.read(draft.pk, by=agent, at=read)
