from routing.models.agents import Agent, AgentSkill, PauseReason, Presence, Session, Skill
from routing.models.queues import Queue, QueueEntry, Reservation, WaitingCredit
from routing.models.watch import Dispatcher, Repair

__all__ = [
    "Agent",
    "AgentSkill",
    "Dispatcher",
    "PauseReason",
    "Presence",
    "Queue",
    "QueueEntry",
    "Repair",
    "Reservation",
    "Session",
    "Skill",
    "WaitingCredit",
]
