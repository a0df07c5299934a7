from django.urls import path

from desktop.agent import complaints, knowledge, procedures, scripts, verbs, views
from desktop.agent.services import views as services

app_name = "desk"
urlpatterns = [
    path("", views.page, name="page"),
    path("now/", views.now, name="now"),
    path("sign-in/", verbs.sign_in, name="sign_in"),
    path("take-over/", verbs.take_over, name="take_over"),
    path("sign-out/", verbs.sign_out, name="sign_out"),
    path("ready/", verbs.ready, name="ready"),
    path("pause/", verbs.pause, name="pause"),
    path("stay/", verbs.stay, name="stay"),
    path("phone/", verbs.phone, name="phone"),
    path("call/<slug:name>/", verbs.command, name="command"),
    path("transfer/", verbs.transfer, name="transfer"),
    path("reveal/", verbs.ask_reveal, name="ask_reveal"),
    path("revealed/", verbs.reveal, name="reveal"),
    path("services/", services.listed, name="services"),
    path("service/<slug:name>/", services.ask, name="service"),
    path("service/<slug:name>/act/", services.act, name="act"),
    path("complaint/", complaints.ask, name="complaint"),
    path("complaint/take/", complaints.take, name="complain"),
    path("knowledge/", knowledge.find, name="find"),
    path("knowledge/searched/", knowledge.searched, name="searched"),
    path("knowledge/gap/", knowledge.gap, name="gap"),
    path("knowledge/<int:version_id>/useful/", knowledge.useful, name="useful"),
    path(
        "knowledge/<int:version_id>/wrong/", knowledge.ask_what_is_wrong, name="ask_what_is_wrong"
    ),
    path("knowledge/<int:version_id>/useless/", knowledge.useless, name="useless"),
    path("knowledge/<int:version_id>/urgent/", knowledge.urgent, name="urgent"),
    path("knowledge/<int:version_id>/read/", knowledge.have_read, name="have_read"),
    path("knowledge/of/<slug:name>/", knowledge.known, name="known"),
    path("knowledge/<int:version_id>/", knowledge.open_, name="open"),
    path("script/<int:version_id>/", scripts.open_, name="script"),
    path("procedure/<int:version_id>/", procedures.begin, name="walk_begin"),
    path("walk/<int:walk_id>/", procedures.look, name="walk"),
    path("walk/<int:walk_id>/answer/", procedures.answer, name="walk_answer"),
    path("walk/<int:walk_id>/end/", procedures.end, name="walk_end"),
    path("told/<uuid:key>/", verbs.told, name="told"),
    path("wrap-up/<int:entry>/", verbs.edit, name="edit"),
    path("wrap-up/<int:entry>/save/", verbs.save, name="save"),
    path("wrap-up/<int:entry>/finish/", verbs.finish, name="finish"),
    path("followed-up/<int:wrapup_id>/", verbs.followed_up, name="followed_up"),
]
