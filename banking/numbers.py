"""Card numbers, 证件号, 行号 and how they look masked. Pure."""

import re
from datetime import date

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"  # GB 11643-1999: ISO 7064 MOD 11-2


def luhn_digit(body: str) -> str:
    """The check digit that makes `body` a card number (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def is_card_number(text: str) -> bool:
    """16 to 19 digits of which the last is the Luhn check digit."""
    return bool(re.fullmatch(r"[0-9]{16,19}", text)) and luhn_digit(text[:-1]) == text[-1]


def bank_check_digit(body: str) -> str:
    """The twelfth digit of a bank code (行号), from the first eleven: ISO 7064 MOD 11,10."""
    carry = 10
    for digit in body:
        carry = ((carry + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - carry) % 10)


def is_bank_code(text: str) -> bool:
    """Twelve digits: 3 bank, 4 city, 4 branch, 1 check digit."""
    return bool(re.fullmatch(r"[0-9]{12}", text)) and bank_check_digit(text[:11]) == text[11]


def is_account_number(text: str) -> bool:
    """What another bank may call an account: 8 to 32 digits; nobody but that bank knows more."""
    return bool(re.fullmatch(r"[0-9]{8,32}", text))


def id_check_digit(body: str) -> str:
    """The eighteenth character of a resident identity number, from the first seventeen."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11]


def is_id_number(text: str) -> bool:
    """A resident identity number (居民身份证号): shape, birth date and check digit."""
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", text) or id_check_digit(text[:17]) != text[17]:
        return False
    try:
        birth_date(text)
    except ValueError:
        return False
    return True


def birth_date(id_number: str) -> date:
    """Raises ValueError if digits 7 to 14 are no date."""
    return date.fromisoformat(f"{id_number[6:10]}-{id_number[10:12]}-{id_number[12:14]}")


def age_on(day: date, born: date) -> int:
    """Completed years; who is born on 29 February ages on 1 March in common years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def masked_card(first4: str, last4: str) -> str:
    return f"{first4} **** **** {last4}"


def masked_account(last4: str) -> str:
    """An account at another bank, of which we show no more."""
    return f"**** {last4}"


def masked_mobile(mobile: str) -> str:
    return f"{mobile[:3]}****{mobile[-4:]}" if len(mobile) >= 11 else "****"


def masked_email(email: str) -> str:
    name, _at, domain = email.partition("@")
    return f"{name[:1]}***@{domain}" if domain else "****"


def masked_name(name: str) -> str:
    """The family name hidden, as banks show a payee: *晓."""
    return f"*{name[1:]}" if len(name) > 1 else name


def tail(number: str) -> str:
    return number[-4:]


def phone(text: str) -> str:
    """A caller's number as the bank keeps it: digits, without China's country code.

    "" for one that is withheld: networks then say "anonymous" and the like.
    """
    digits = re.sub(r"^(\+|00)?86(?=1[3-9][0-9]{9}$|0?[1-9][0-9]{8,10}$)", "", text.strip())
    return digits if re.fullmatch(r"[0-9]{3,20}", digits) else ""
