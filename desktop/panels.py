"""The panels of the agent's page that the desktop brings itself."""

from desktop.agent.panels import (
    call,
    complaints,
    customer,
    helping,
    idle,
    knowledge,
    money,
    scripts,
)

for _module in (call, customer, money, knowledge, scripts, helping, complaints, idle):
    _module.register()
