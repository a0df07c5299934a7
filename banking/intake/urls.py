from django.urls import path

from banking.intake import api

app_name = "intake"
urlpatterns = [
    path("orders", api.Orders.as_view(), name="orders"),
    path("orders/<str:key>", api.OrderState.as_view(), name="order"),
]
