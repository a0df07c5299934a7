import gc
import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django = get_asgi_application()  # the apps are loaded before the consumers below are imported

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

import config.urls  # noqa: E402, F401 -- now, not with the first request
from config.sockets import urlpatterns  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": django,
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter([*urlpatterns]))  # type: ignore[list-item]
        ),
    }
)

# What is loaded by now stays: unfrozen, each full collection walks it again, and every screen
# of this process waits a fifth of a second for its picture (benchmarks/push.py).
gc.collect()
gc.freeze()
