from banking.core import LossReceipt
from banking.secret import Secret
from telephony.ivr.bank.asking import Asking


class BankLosses(Asking):
    async def report_loss(self, number: Secret, id_number: Secret) -> LossReceipt:
        return await self._ask(self._core.report_loss, number, id_number, call_ref=self._ref)
