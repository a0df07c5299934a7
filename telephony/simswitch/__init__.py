"""A switch without media: calls, timers and digits in memory, FreeSWITCH's event socket outside.

Where there is no FreeSWITCH this process takes its place; nothing but configuration knows. What
it does is copied from FreeSWITCH 1.11's sources and held to it by `tests/contracts/`: where the
two differ, this one is wrong. It imports nothing of Django.

`switch.Switch` is the whole machine without a socket: it is fed commands, keys and time, and
gives out events. `esl_server` and `phone_server` put the two sockets in front of it.
"""
