"""The hub of these tests: the profile of a cluster, with local accounts, on the machine that runs the tests."""

import os

from hdh_jupyter.profiles import PROFILES

c = get_config()  # noqa: F821  # the hub runs this file with it
PROFILES["kubernetes"](c, os.environ)

c.JupyterHub.authenticator_class = "hdh-local"
c.ConfigurableHTTPProxy.api_url = os.environ["TEST_PROXY_API"]

load_subconfig(os.environ["TEST_SETTINGS"])  # noqa: F821
