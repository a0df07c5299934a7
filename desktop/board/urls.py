from django.urls import path

from desktop.board import views

app_name = "board"
urlpatterns = [path("<str:link>/", views.board, name="board")]
