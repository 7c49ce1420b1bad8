"""The records by which the gateway finds workspaces."""

import json
import stat
from dataclasses import replace

import pytest

from hdh_jupyter.routes import RouteRecord, read_route, remove_route, routed_projects, tcp_endpoint, write_route

RECORD = RouteRecord(
    project="vox",
    base_url="/user/prj-vox/",
    address="/tmp/ws-vox/jupyter.sock",
    api_token="a-secret",
    client_id="jupyterhub-user-prj-vox",
    public_url="http://prj-vox.hdh.localhost:8000/user/prj-vox/",
)


def test_record_is_read_back_replaced_and_removed(tmp_path):
    assert read_route(tmp_path, "vox") is None
    write_route(tmp_path, RECORD)
    assert read_route(tmp_path, "vox") == RECORD
    newer = replace(RECORD, api_token="another")
    write_route(tmp_path, newer)
    assert read_route(tmp_path, "vox") == newer
    assert list(routed_projects(tmp_path)) == ["vox"]
    remove_route(tmp_path, "vox")
    remove_route(tmp_path, "vox")
    assert read_route(tmp_path, "vox") is None
    assert list(tmp_path.iterdir()) == []


def test_secret_is_for_the_owner_alone_and_never_printed(tmp_path):
    write_route(tmp_path, RECORD)
    assert stat.S_IMODE((tmp_path / "vox.json").stat().st_mode) == 0o600
    assert "a-secret" not in repr(RECORD)
    assert "a-key" not in repr(replace(RECORD, key="a-key"))


@pytest.mark.parametrize("project", ["../vox", "", "Vox", "vox/..", ".vox"])
def test_name_that_is_no_project_id_is_refused(tmp_path, project):
    with pytest.raises(ValueError, match="Not a project's id"):
        read_route(tmp_path, project)
    with pytest.raises(ValueError, match="Not a project's id"):
        remove_route(tmp_path, project)


@pytest.mark.parametrize(
    "content",
    [[], {}, {"project": "vox"}, {**RECORD.__dict__, "address": 3}, {**RECORD.__dict__, "project": "other"}],
)
def test_file_that_is_no_record_is_refused(tmp_path, content):
    (tmp_path / "vox.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match="record"):
        read_route(tmp_path, "vox")


@pytest.mark.parametrize(
    ("address", "endpoint"),
    [("http://10.1.2.3:8888", ("10.1.2.3", 8888)), ("http://[fd00::1]:8888", ("fd00::1", 8888))],
)
def test_address_on_a_network_is_an_ip_address_and_a_port(address, endpoint):
    assert tcp_endpoint(address) == endpoint


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://",
        "http://10.1.2.3",
        "http://10.1.2.3:",
        "http://10.1.2.3:0",
        "http://10.1.2.3:99999",
        "http://10.1.2.3:8888/",
        "http://10.1.2.3:8888/user/prj-other/",
        "http://10.1.2.3:8888?a",
        "http://somebody@10.1.2.3:8888",
        "http://10.1.2.3:8888@10.9.9.9:80",
        "https://10.1.2.3:8888",
        "http://workspace:8888",
        "http://localhost:8888",
        "http://010.1.2.3:8888",
        "http://10.1.2.3:8888\n",
        "http://[fe80::1%25eth0]:8888",
        "run/ws.sock",
    ],
)
def test_address_that_could_lead_elsewhere_is_refused(address):
    with pytest.raises(ValueError, match=r"."):
        tcp_endpoint(address)
