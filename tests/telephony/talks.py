"""What every story with an agent begins with."""

from telephony.models import Step


async def asks_for_a_person(phone) -> None:
    """From the greeting into the queue."""
    await phone.hears("menu.language.1")
    await phone.keys("1")
    await phone.hears("menu.root.1")
    await phone.keys("0")
    await phone.hears("agent.transfer")


async def talk(phone, agent) -> None:
    """From the greeting to the agent who is ready."""
    await asks_for_a_person(phone)
    await agent.answers()
    await phone.phone.hears("bridged")
    phone.forgets()


async def deeds(bank) -> list[str]:
    """What was done in the calls so far, in order."""
    await bank.worker.driver.batch.flush()
    rows = Step.objects.filter(kind="did").order_by("call", "seq")
    return await bank.query(lambda: list(rows.values_list("deed", flat=True)))
