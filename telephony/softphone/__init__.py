"""The agent's phone in her browser where the switch is the simulated one."""
