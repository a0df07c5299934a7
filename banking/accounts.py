"""How a customer orders her accounts: which one leads, and what she calls each."""

from collections.abc import Collection

from django.db import transaction

from banking.models import Account, Customer, NicknameWord


@transaction.atomic(durable=True)
def lead(account_id: int, *, customer_id: int) -> Account:
    """Her default account from here on: first wherever she hears or chooses accounts."""
    Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    hers = Account.objects.filter(customer_id=customer_id)
    hers.filter(leads=True).exclude(pk=account_id).update(leads=False)
    account = hers.get(pk=account_id)
    if not account.leads:
        account.leads = True
        account.save(update_fields=["leads"])
    return account


@transaction.atomic(durable=True)
def name(account_id: int, slug: str, *, customer_id: int) -> Account:
    """Call it by one of the bank's words; by none with an empty slug."""
    word = NicknameWord.objects.get(slug=slug).word if slug else ""
    account = Account.objects.get(pk=account_id, customer_id=customer_id)
    account.nickname = word
    account.save(update_fields=["nickname"])
    return account


def slugs(nicknames: Collection[str]) -> dict[str, str]:
    """The keys of those nicknames that are the bank's words; no question for no nickname."""
    named = [name for name in nicknames if name]
    if not named:
        return {}
    return dict(NicknameWord.objects.filter(word__in=named).values_list("word", "slug"))


def words() -> list[NicknameWord]:
    """In the bank's order."""
    return list(NicknameWord.objects.all())
