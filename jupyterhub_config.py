"""JupyterHub's configuration: picks a profile; everything else is in documented traits.

`hdh-jupyter run` starts the hub with this file; `HDH_PROFILE` names the profile, sandbox or kubernetes. To change a
trait, add a line at the end.
"""

import os

from hdh_jupyter.profiles import PROFILES

c = get_config()  # noqa: F821  (given by JupyterHub)
PROFILES[os.environ.get("HDH_PROFILE", "sandbox")](c, os.environ)
