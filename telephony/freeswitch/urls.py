from django.urls import path

from telephony.freeswitch.directory import directory

urlpatterns = [path("directory/", directory, name="switch_directory")]
