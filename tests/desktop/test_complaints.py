"""A complaint taken down in a call, from the agent's own page."""

from uuid import uuid4

from complaints import shipped
from complaints.models import Complaint
from tests.desktop.test_desk import desk, panel, ringing, shown, talking, wang  # noqa: F401


def test_an_agent_takes_a_complaint_down_in_the_call(desk, talking, wang):  # noqa: F811
    shipped.install()
    assert "没有投诉记录" in panel(shown(desk), "complaints")
    assert "登记投诉" in shown(desk, "/desk/complaint/")
    key = str(uuid4())
    empty = desk.post("/desk/complaint/take/", {"key": key, "words": " "}).content.decode()
    assert "wrong" in empty
    for _twice in range(2):
        answer = desk.post("/desk/complaint/take/", {"key": key, "words": "排队太久"})
        case = Complaint.objects.get()
        assert case.number in answer.content.decode()
    assert (case.call, case.customer_id) == (talking[0], wang.id)
    assert case.number in panel(shown(desk), "complaints")


def test_without_a_call_there_is_nothing_to_take_down(desk):  # noqa: F811
    shipped.install()
    answer = desk.post("/desk/complaint/take/", {"key": str(uuid4()), "words": "排队"})
    assert answer.status_code == 409
    assert not Complaint.objects.exists()
