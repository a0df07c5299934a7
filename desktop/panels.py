"""The panels of the agent's page that the desktop brings itself."""

from desktop.agent.panels import call, customer, helping, idle, money

for _module in (call, customer, money, helping, idle):
    _module.register()
