"""The hub of these tests: a real one, whose spawner starts nothing and writes the route record."""

import os
from pathlib import Path
from urllib.parse import quote

from jupyterhub.spawner import Spawner

from hdh_jupyter.gateway.proxy_connections import leave_closing_to_proxy
from hdh_jupyter.projects.scopes import project_of
from hdh_jupyter.routes import RouteRecord, remove_route, write_route
from hdh_jupyter.state import StateFolder

STATE = StateFolder(Path(os.environ["TEST_STATE"]))
ORIGIN = os.environ["TEST_ORIGIN"]


def unix(name):
    return f"http+unix://{quote(str(STATE.sockets / name), safe='')}"


class RecordingSpawner(Spawner):
    async def start(self):
        self.user.settings["oauth_no_confirm_list"].add(self.oauth_client_id)
        project = project_of(self.user.name)
        record = RouteRecord(
            project,
            self.server.base_url,
            str(STATE.sockets / f"ws-{project}.sock"),
            self.api_token,
            self.oauth_client_id,
            self.user.url,
        )
        write_route(STATE.routes, record)
        self.server.connect_url = unix("gateway.sock") + self.server.base_url
        return unix("gateway.sock")

    async def poll(self):
        return None

    async def stop(self, now=False):
        remove_route(STATE.routes, project_of(self.user.name))


leave_closing_to_proxy()
c = get_config()  # noqa: F821  # the hub runs this file with it
c.JupyterHub.spawner_class = RecordingSpawner
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.bind_url = f"http://127.0.0.1:{ORIGIN.rpartition(':')[2]}"
c.JupyterHub.subdomain_host = ORIGIN
c.JupyterHub.hub_bind_url = unix("hub.sock")
c.JupyterHub.db_url = f"sqlite:///{STATE.root / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret = STATE.key("hub-cookies")
c.ConfigurableHTTPProxy.api_url = unix("proxy.sock")
c.ConfigurableHTTPProxy.pid_file = str(STATE.root / "proxy.pid")
c.JupyterHub.load_groups = {"vega": {"users": ["ada", "bob"]}}
c.JupyterHub.load_roles = [
    {"name": "vega", "groups": ["vega"], "scopes": ["access:servers!user=prj-vega", "servers!user=prj-vega"]},
    {"name": "altair", "users": ["ada"], "scopes": ["access:servers!user=prj-altair"]},
    {"name": "driver", "services": ["driver"], "scopes": ["admin:users", "admin:servers", "groups", "admin:groups"]},
]
c.JupyterHub.services = [{"name": "driver", "api_token": os.environ["TEST_TOKEN"]}]
