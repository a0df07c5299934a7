"""How well and how fast something finds what answers: figures, whoever does the finding."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import mean, quantiles

from kb.search.questions import Query

LOOKED_AT = 10  # places; what stands lower counts as not found

Ask = Callable[[str, int], Sequence[str]]  # what is asked, how many → ids, best first


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of the queries, the mean reciprocal rank within ten places, and milliseconds."""

    recall_1: float
    recall_3: float
    mrr: float
    p50_ms: float
    p95_ms: float
    missed: tuple[tuple[Query, Sequence[str]], ...] = ()  # at 3, with what was found instead

    @property
    def misses_3(self) -> float:
        return 1 - self.recall_3

    def plain(self) -> dict[str, float]:
        """As the closing line names them."""
        values = asdict(self)
        names = {"recall_1": "recall@1", "recall_3": "recall@3"}
        return {
            names.get(name, name): round(values[name], 4)
            for name in ("recall_1", "recall_3", "mrr", "p50_ms", "p95_ms")
        }


def measure(queries: Sequence[Query], ask: Ask) -> Figures:
    ranks: list[int | None] = []
    took: list[float] = []
    missed = []
    ask(queries[0].asked, LOOKED_AT)  # what is read once is no query's price
    for query in queries:
        began = time.perf_counter()
        found = ask(query.asked, LOOKED_AT)
        took.append((time.perf_counter() - began) * 1000)
        rank = next((n for n, id_ in enumerate(found, start=1) if id_ in query.expected), None)
        ranks.append(rank)
        if rank is None or rank > 3:
            missed.append((query, found[:3]))
    centiles = quantiles(took * 2, n=100)  # of one query too
    return Figures(
        recall_1=mean(rank == 1 for rank in ranks),
        recall_3=mean(rank is not None and rank <= 3 for rank in ranks),
        mrr=mean(1 / rank if rank else 0.0 for rank in ranks),
        p50_ms=centiles[49],
        p95_ms=centiles[94],
        missed=tuple(missed),
    )
