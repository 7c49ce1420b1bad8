"""Profiles fill in the hub's configuration, alone and after a chart's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from jupyterhub.crypto import CryptKeeper
from jupyterhub.orm import Role
from spawner.test_sandbox_spawner import Routes
from traitlets.config import Config

from hdh_jupyter.auth.openid import OpenIDAuthenticator
from hdh_jupyter.db import open_database
from hdh_jupyter.errors import PublicError
from hdh_jupyter.profiles import PROFILES, VISITOR_SCOPES
from hdh_jupyter.spawner.kubernetes.spawner import ProjectKubeSpawner


@pytest.fixture
def cluster(tmp_path: Path) -> dict[str, str]:
    return {
        "HDH_STATE": str(tmp_path / "state"),
        "HDH_ORIGIN": "https://hdh.example",
        "HDH_HUB_URL": "http://hub:8081",
        "HDH_GATEWAY_URL": "http://gateway:8000",
    }


def test_a_cluster_by_itself(cluster: dict[str, str], tmp_path: Path) -> None:
    config = Config()
    PROFILES["kubernetes"](config, cluster)
    hub = config.JupyterHub
    assert (hub.subdomain_host, hub.public_url) == ("https://hdh.example", "https://hdh.example/")
    assert (hub.hub_bind_url, hub.hub_connect_url) == ("http://:8081", "http://hub:8081")
    assert (hub.spawner_class, hub.authenticator_class) == ("hdh-kubernetes", "hdh-openid")
    assert hub.db_url == f"sqlite:///{tmp_path}/state/jupyterhub.sqlite"
    assert len(hub.cookie_secret) == 32
    assert (hub.cleanup_servers, hub.admin_access, hub.allow_named_servers) == (False, False, False)
    assert hub.load_roles == [{"name": "user", "scopes": VISITOR_SCOPES}]
    assert config.ProjectKubeSpawner.gateway_address == "http://gateway:8000"
    assert config.ConfigurableHTTPProxy.should_start is False
    assert "admin_users" not in config.Authenticator


def test_within_the_chart_its_own_settings_stand(cluster: dict[str, str]) -> None:
    config = Config()
    culler = {"name": "culler", "scopes": ["delete:servers"], "services": ["culler"]}
    config.JupyterHub.update(
        {
            "hub_bind_url": "http://:8081",
            "hub_connect_url": "http://hub:8081",
            "db_url": "postgresql+psycopg://hub@database/hub",
            "cookie_secret": b"chart",
            "tornado_settings": {"slow_spawn_timeout": 0},
            "services": [{"name": "culler"}],
            "load_roles": [culler],
            "admin_access": True,
            "authenticator_class": "dummy",
            "spawner_class": "kubespawner.KubeSpawner",
        }
    )
    config.ConfigurableHTTPProxy.api_url = "http://proxy-api:8001"
    PROFILES["kubernetes"](config, cluster)
    hub = config.JupyterHub
    assert hub.db_url == "postgresql+psycopg://hub@database/hub"
    assert hub.cookie_secret == b"chart"
    assert hub.tornado_settings == {"slow_spawn_timeout": 0, "hdh_state_dir": cluster["HDH_STATE"]}
    assert hub.load_roles == [culler, {"name": "user", "scopes": VISITOR_SCOPES}]
    assert config.ConfigurableHTTPProxy.api_url == "http://proxy-api:8001"
    assert (hub.admin_access, hub.authenticator_class, hub.spawner_class) == (False, "hdh-openid", "hdh-kubernetes")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("HDH_STATE", "", "run.missing_variable"),
        ("HDH_ORIGIN", "", "run.missing_variable"),
        ("HDH_HUB_URL", "", "run.missing_variable"),
        ("HDH_GATEWAY_URL", "", "run.missing_variable"),
        ("HDH_ORIGIN", "http://hdh.example", "run.bad_origin"),
        ("HDH_ORIGIN", "hdh.example", "run.bad_origin"),
        ("HDH_ORIGIN", "https://hdh.example/hub", "run.bad_origin"),
        ("HDH_ORIGIN", "https://hdh", "run.bad_origin"),
        ("HDH_ORIGIN", "https://me@hdh.example", "run.bad_origin"),
        ("HDH_HUB_URL", "hub:8081", "run.bad_url"),
        ("HDH_HUB_URL", "http://hub:8081/hub", "run.bad_url"),
        ("HDH_GATEWAY_URL", "http+unix://gateway", "run.bad_url"),
    ],
)
def test_what_is_missing_or_wrong_is_told_in_a_sentence(
    cluster: dict[str, str], name: str, value: str, code: str
) -> None:
    with pytest.raises(PublicError) as caught:
        PROFILES["kubernetes"](Config(), {**cluster, name: value})
    assert caught.value.code == code
    assert name in caught.value.message("en")
    assert name in caught.value.message("fr")


def test_without_encryption_only_this_machine_is_taken(cluster: dict[str, str]) -> None:
    config = Config()
    PROFILES["kubernetes"](config, {**cluster, "HDH_ORIGIN": "http://hdh.localhost:8000/"})
    assert config.JupyterHub.subdomain_host == "http://hdh.localhost:8000"


async def test_a_hub_with_the_profile_starts(
    cluster: dict[str, str], hub_app: Callable[..., Awaitable[Any]], request: pytest.FixtureRequest
) -> None:
    config = Config()
    PROFILES["kubernetes"](config, cluster)
    open_database(f"sqlite:///{cluster['HDH_STATE']}/hdh.sqlite").upgrade()
    config.JupyterHub.proxy_class = Routes
    config.CryptKeeper.keys = [b"0" * 32]
    request.addfinalizer(CryptKeeper.clear_instance)
    CryptKeeper.clear_instance()
    config.JupyterHub.hub_bind_url = "http://127.0.0.1:0"
    config.OpenIDAuthenticator.issuer = "https://accounts.example"
    config.OpenIDAuthenticator.client_id = "hdh"
    config.OpenIDAuthenticator.client_secret = "secret"
    hub = await hub_app(config)
    assert issubclass(hub.spawner_class, ProjectKubeSpawner)
    assert issubclass(hub.authenticator_class, OpenIDAuthenticator)
    assert hub.subdomain_host == "https://hdh.example"
    assert hub.cleanup_servers is False
    assert hub.db.query(Role).filter_by(name="user").one().scopes == VISITOR_SCOPES
