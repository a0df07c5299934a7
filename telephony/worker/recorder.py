"""Steps on their way to the database: noted at once, written in batches, in order."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from telephony import records
from telephony.deeds import Deed
from telephony.models import Step
from telephony.records import Position
from telephony.worker.gateway import Gateway

log = logging.getLogger(__name__)
EVERY_S = 0.3  # what a killed worker may lose of a transcript; never of money or identity
LARGEST_BATCH = 500


@dataclass
class Batch:
    """The steps and positions of all calls of a worker that are not written yet."""

    gateway: Gateway
    steps: list[Step] = field(default_factory=list)
    positions: dict[int, Position] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.flush()

    async def flush(self) -> None:
        """Write what there is, in order. Raises Interrupted and keeps it if that fails."""
        async with self._turn:
            while self.steps or self.positions:
                steps, self.steps = self.steps[:LARGEST_BATCH], self.steps[LARGEST_BATCH:]
                positions, self.positions = self.positions, {}
                try:
                    await self.gateway.surely(records.write, steps, positions)
                except BaseException:
                    self.steps = steps + self.steps
                    self.positions = positions | self.positions
                    raise


@dataclass
class CallRecorder:
    """The Recorder of one call. `seq` goes on where an earlier worker stopped."""

    batch: Batch
    call_id: int
    seq: int = 0
    menu_node: str = ""
    flow: str = ""

    def heard(self, prompt: str, text: str, *, at: datetime, heard_s: float, barged: bool) -> None:
        self._add(
            Step.Kind.HEARD,
            at,
            prompt=prompt,
            text=text,
            heard_s=Decimal(f"{heard_s:.1f}"),
            barged=barged,
        )

    def keyed(self, keys: str, *, at: datetime) -> None:
        self._add(Step.Kind.KEYED, at, keys=keys)

    def did(
        self, deed: Deed, *, at: datetime, instruction: UUID | None = None, about: str = ""
    ) -> None:
        self._add(Step.Kind.DID, at, deed=deed, instruction=instruction, text=about)

    def _add(self, kind: Step.Kind, at: datetime, **values: object) -> None:
        self.seq += 1
        self.batch.steps.append(
            Step(
                call_id=self.call_id,
                seq=self.seq,
                at=at,
                kind=kind,
                menu_node=self.menu_node,
                flow=self.flow,
                **values,
            )
        )
