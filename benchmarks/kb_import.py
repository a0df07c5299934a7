"""`kb-import`: the seconds that 10,000 articles take from an Excel file to drafts, over a minute.

Read, planned as the preview does, kept, planned again under its locks and taken: what an editor
waits for in all. Half of the rows are new, half change what is answered already.
"""

import sys
import time
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.database import database  # noqa: E402

ROWS = 10_000
GOAL_S = 60


def main() -> None:
    with database("kb_import"):
        measure()


def measure() -> None:
    import django

    django.setup()
    from django.db import connection

    from calendars import clock
    from kb import bulk, importing, shipped
    from kb.models import ArticleVersion
    from kb.sheets import files, writing
    from people import staff
    from people.roles import Role

    at = clock.now()
    shipped.install(at=at)
    editor = staff.hire(number="1", name="Editor", branch=None, roles=[Role.KB_EDITOR])
    reviewer = staff.hire(number="2", name="Reviewer", branch=None, roles=[Role.KB_REVIEWER])

    def take(content: bytes) -> dict[str, int]:
        rows = files.read(content)
        importing.plan(rows, by=editor, at=at)  # the page that she looks at
        file = importing.bring("bench.xlsx", rows, by=editor, at=at)
        return importing.take(file.pk, by=editor, at=at).counts

    take(writing.write(writing.Kind.XLSX, rows(ROWS // 2, "first")))
    drafts = list(ArticleVersion.objects.filter(state="draft").values_list("pk", flat=True))
    bulk.submit(drafts, by=editor, at=at)
    bulk.approve(drafts, by=reviewer, at=at)
    content = writing.write(writing.Kind.XLSX, rows(ROWS, "second"))

    start = time.perf_counter()
    counts = take(content)
    passed = time.perf_counter() - start
    assert counts["new"] == counts["changed"] == ROWS // 2, counts
    start = time.perf_counter()
    assert take(content)["same"] == ROWS
    again = time.perf_counter() - start
    drafts = list(ArticleVersion.objects.filter(state="draft").values_list("pk", flat=True))
    start = time.perf_counter()
    bulk.submit(drafts, by=editor, at=at)
    bulk.approve(drafts, by=reviewer, at=at + timedelta(seconds=1))
    published = time.perf_counter() - start
    connection.close()
    print(f"bench kb-import ratio={passed / GOAL_S:.2f} goal=<=1")
    print(
        f"  {ROWS:,} rows, {len(content) / 1e6:.1f} MB: {passed:.1f} s; the same file again "
        f"{again:.1f} s; submitted and approved in {published:.1f} s"
    )


def rows(count: int, wording: str) -> list[list[str]]:
    """As long as articles are."""
    return [
        [
            *(f"bench-{n}", "deposits", f"第{n}个问题怎么办理？", f"{n}号业务怎么办\n{n}号去哪办"),
            f"请带身份证件到网点办理，{wording}。",
            f"第{n}项业务，{wording}。" + "请带身份证件到任一网点办理，当日办结，不收费。" * 12,
            "带身份证件\n到网点取号\n签字确认",
            *("业务管理规范 第三条", "", "", "balance|last-transactions", f"业务|{n}", "0", "180"),
            *("", "", ""),
        ]
        for n in range(count)
    ]


if __name__ == "__main__":
    main()
