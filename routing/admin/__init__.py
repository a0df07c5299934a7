"""Who takes calls and what each knows; the queues; what happened on the floor, to be read."""

from routing.admin import agents, floor, queues, watch

__all__ = ["agents", "floor", "queues", "watch"]
