from django.urls import path

from desktop.receipts import views

app_name = "receipts"
urlpatterns = [
    path("", views.search, name="search"),
    path("<str:number>/", views.receipt, name="receipt"),
]
