"""The demo bank's machines: some at each branch, the rest where people pass."""

from datetime import datetime, timedelta
from random import Random

from banking.models.atms import Atm
from people.models import Branch

AT_BRANCHES = 84
ELSEWHERE = (
    *("东门地铁站", "华强北地铁站", "会展中心地铁站", "深圳北站", "罗湖口岸", "皇岗口岸"),
    *("宝安机场 T3", "蛇口码头", "万象城", "海岸城", "茂业百货", "天虹商场", "山姆会员店"),
    *("市民中心", "人民医院", "北大深圳医院", "中心书城", "深圳大学", "大学城", "科技园"),
    *("软件产业基地", "坂田基地", "富士康南门", "富士康北门", "盐田港", "大梅沙", "华侨城"),
    *(
        "世界之窗",
        "梅林一村",
        "莲花北村",
        "桃源居",
        "碧海湾",
        "西乡步行街",
        "沙井万丰",
        "龙岗中心城",
        "布吉街口",
    ),
)
# Of a hundred machines so many are not at work at any moment; the rest are.
SHARES = {
    Atm.State.OFFLINE: 3,
    Atm.State.FAULT: 2,
    Atm.State.JAMMED: 1,
    Atm.State.RETAINED: 1,
    Atm.State.NO_CASH: 3,
    Atm.State.MAINTENANCE: 3,
}


def build(seed: int, at: datetime) -> None:
    """A hundred and twenty machines, the same for the same seed. Branches must be there."""
    dice = Random(seed)  # noqa: S311  # it is to be the same each time
    branches = [b for b in Branch.objects.order_by("code") if "支行" in b.name or "营业" in b.name]
    places = [
        (branches[index % len(branches)], f"{index // len(branches) + 1} 号")
        for index in range(AT_BRANCHES)
    ] + [(dice.choice(branches), place) for place in ELSEWHERE]
    Atm.objects.bulk_create(
        _machine(dice, branch, index, place, at) for index, (branch, place) in enumerate(places, 1)
    )


def _machine(dice: Random, branch: Branch, index: int, place: str, at: datetime) -> Atm:
    state = Atm.State.ONLINE
    drawn = dice.randrange(100)
    for candidate, share in SHARES.items():
        if 0 <= drawn < share:
            state = candidate
            break
        drawn -= share
    minutes = dice.randint(2, 90) if state != Atm.State.ONLINE else dice.randint(60, 6000)
    return Atm(
        code=f"ATM{index:04}",
        branch=branch,
        place=place,
        state=state,
        since=at - timedelta(minutes=minutes),
        cassette_pct=0 if state == Atm.State.NO_CASH else dice.randint(8, 98),
    )
