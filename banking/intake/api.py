"""POST /api/settlement/orders and what became of them (docs/settlement-intake.md)."""

from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, NotFound, ParseError
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from banking.errors import CoreUnavailable, SignatureRefused
from banking.intake import gate, orders, problems, signing
from banking.intake.orders import Taken, Wanted
from banking.models import IntakeClient
from banking.secret import Secret
from calendars import clock
from people.errors import Refusal

MOST_BYTES = 16_384
KEY = serializers.RegexField(r"^[A-Za-z0-9._:-]{1,64}$")


class TooLarge(APIException):
    status_code = 413
    default_detail = "An order is no longer than 16 kB."


class SignedByClient(BaseAuthentication):
    """The request's headers, its body and its time, against the secret of its key."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, IntakeClient]:
        sent: HttpRequest = request._request
        body = _body(sent)
        try:
            signed = signing.read(
                authorization=request.headers.get("Authorization", ""),
                timestamp=request.headers.get("Bankline-Timestamp", ""),
                nonce=request.headers.get("Bankline-Nonce", ""),
                idempotency_key=request.headers.get("Idempotency-Key", ""),
                method=sent.method or "",
                path=sent.get_full_path(),
                body=body,
            )
        except signing.Malformed:
            raise SignatureRefused from None
        return AnonymousUser(), gate.admit(signed, at=clock.now())

    def authenticate_header(self, request: Request) -> str:
        return signing.SCHEME


class SignatureScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The same in the schema."""

    target_class = SignedByClient
    name = "signature"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": signing.SCHEME}


def _body(sent: HttpRequest) -> bytes:
    """Raises TooLarge."""
    try:
        body = sent.body
    except RequestDataTooBig:
        raise TooLarge from None
    if len(body) > MOST_BYTES:
        raise TooLarge
    return body


class IsClient(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, IntakeClient)


class Yuan(serializers.DecimalField):
    """A string with two places: "1500.00". A number of JSON is a float to most who read it."""

    def __init__(self) -> None:
        super().__init__(max_digits=18, decimal_places=2, min_value=Decimal("0.01"))

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str):
            self.fail("invalid")
        amount: Decimal = super().to_internal_value(data)
        return amount


class OrderSerializer(serializers.Serializer[Wanted]):
    """The shape of an order; what may be is the services' to say."""

    customer = serializers.RegexField(r"^[0-9]{10}$")
    payer_account = serializers.RegexField(r"^[0-9]{8,19}$")
    payee_account = serializers.RegexField(r"^[0-9]{8,32}$")
    payee_name = serializers.CharField(max_length=60)
    bank_code = serializers.RegexField(r"^[0-9]{12}$")
    amount = Yuan()
    speed = serializers.ChoiceField(["now", "ordinary", "next_day"], default="now")
    remark = serializers.CharField(max_length=60, default="", allow_blank=True)

    def to_internal_value(self, data: Any) -> Any:
        """A field that we don't know is a wish that we would not fulfil."""
        if isinstance(data, dict) and (strange := sorted(data.keys() - self.fields.keys())):
            raise serializers.ValidationError({name: ["unknown"] for name in strange})
        return super().to_internal_value(data)

    def wanted(self) -> Wanted:
        values = dict(self.validated_data)
        return Wanted(payee_account=Secret(values.pop("payee_account")), **values)


STATE = inline_serializer(
    "State",
    {
        "key": serializers.CharField(),
        "state": serializers.CharField(),
        "receipt": serializers.CharField(),
        "amount": Yuan(),
        "fee": Yuan(),
        "settles_by": serializers.DateTimeField(allow_null=True),
        "reason": serializers.CharField(),
        "refusal": serializers.DictField(required=False),
    },
)


class IntakeView(APIView):
    authentication_classes = [SignedByClient]
    permission_classes = [IsClient]
    parser_classes = [JSONParser]
    renderer_classes = [JSONRenderer]

    def handle_exception(self, exc: Exception) -> Response:
        """Every refusal is a problem with its type; a fault stays a fault."""
        match exc:
            case CoreUnavailable():
                answer = problems.problem("core-unavailable", str(exc), 503)
                answer["Retry-After"] = "5"
            case Refusal():
                answer = problems.of_refusal(exc)
            case APIException():
                answer = problems.of_exception(exc)
            case _:
                return super().handle_exception(exc)
        if answer.status_code == 401:
            answer["WWW-Authenticate"] = signing.SCHEME
        answer.exception = True
        return answer


class Orders(IntakeView):
    @extend_schema(request=OrderSerializer, responses={200: STATE, 201: STATE})
    def post(self, request: Request) -> Response:
        """Hand an order in: 201 the first time, 200 with its state ever after."""
        key = _key(request.headers.get("Idempotency-Key", ""))
        shape = OrderSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        taken = orders.take(
            _client(request),
            key,
            shape.wanted(),
            body=request._request.body,
            at=clock.now(),
        )
        if taken.refusal is not None:
            return problems.of_refusal(taken.refusal, key=taken.key, state=taken.state)
        return Response(_shown(taken), status=201 if taken.is_new else 200)


class OrderState(IntakeView):
    @extend_schema(responses=STATE)
    def get(self, request: Request, key: str) -> Response:
        """What became of it."""
        taken = orders.find(_client(request), key)
        if taken is None:
            raise NotFound
        return Response(_shown(taken))


def _client(request: Request) -> IntakeClient:
    assert isinstance(request.auth, IntakeClient)  # nobody else is let in
    return request.auth


def _key(text: str) -> str:
    """Raises ParseError."""
    try:
        return str(KEY.run_validation(text))
    except serializers.ValidationError:
        raise ParseError("Idempotency-Key") from None


def _shown(taken: Taken) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "key": taken.key,
        "state": taken.state,
        "receipt": taken.receipt,
        "amount": f"{taken.amount:.2f}",
        "fee": f"{taken.fee:.2f}",
        "settles_by": taken.settles_by.astimezone(clock.SHANGHAI).isoformat()
        if taken.settles_by
        else None,
        "reason": taken.reason,
    }
    if taken.refusal is not None:
        shown["refusal"] = problems.of_refusal(taken.refusal).data
    return shown
