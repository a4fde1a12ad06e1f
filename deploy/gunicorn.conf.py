"""Production: one process per core, each `gunicorn dalpak.asgi:app -c deploy/gunicorn.conf.py`.

Live calls outlive SIGTERM here: gunicorn's own asgi worker waits for open sockets (uvicorn's worker
hangs up on every caller within 0.1 s), and the app drains meanwhile. Everything that is not about
being a process is a setting of the app, read from the environment by dalpak.config.
"""

from typing import Any

from dalpak.config import load_settings
from dalpak.web.server import drain_with

settings = load_settings()

bind = f"{settings.host}:{settings.port}"

# A call is a socket of one worker. More cores: more instances behind the load balancer, each with a
# port of its own, rather than more workers sharing one.
worker_class = "asgi"
workers = 1

# Never recycle a process for having served enough requests: a caller would be cut off.
max_requests = 0
preload_app = False  # the app's clients hold threads, which a fork would lose
reload = False

# The worker's heartbeat comes from its event loop once a second: two minutes without one means that
# the loop is stuck for good. It does not limit the length of a call.
timeout = 120
keepalive = 5

# The app drains by its own deadline and says goodbye before it; gunicorn only cuts what is left.
# A supervisor (systemd, Kubernetes) must wait longer still, and a load balancer's idle time-out
# must be over a minute.
graceful_timeout = int(settings.drain_deadline_s) + 10

asgi_lifespan = "on"
asgi_loop = "auto"  # uvloop, which is installed
websocket_max_message_size = settings.ws_max_size_bytes

worker_tmp_dir = "/dev/shm"  # the heartbeat file: never wait for a disk
control_socket_disable = True  # nothing here is changed at run time, and $HOME may be read-only
accesslog = None  # paths may carry what nobody should keep; the app logs calls, masked


def post_worker_init(worker: Any) -> None:
    """The one way for the app to hear of SIGTERM early: its shutdown comes after the drain."""
    drain_with(worker.asgi, lambda: not worker.alive)
