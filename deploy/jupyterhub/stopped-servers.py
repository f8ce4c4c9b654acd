"""What guests see while the server of a share is not running. load_subconfig("stopped-servers.py"), beside any of the others.

The hub itself answers then, and knows nothing of shares: without this it shows strangers its login page, and people of the hub
“404” or “Your server is not running” with a button that they may not use. With it the page says whose server it is and whom to
ask, keeps the link's secret in the guest's tab, and goes on to the share by itself once the server runs.
"""

import os

from jupyterhub.app import JupyterHub

c = get_config()  # noqa: F821

# One template for all pages of the hub. A hub that has a page.html of its own puts {% include "waiide-stopped.html" %} into the
# block "announcement" of that instead, and names this folder after its own.
folder = os.path.dirname(os.path.abspath(__file__))
c.JupyterHub.template_paths.insert(0, os.path.join(folder, "templates"))


class UsersAt:
    """The domain below which each user has a name of his own, or nothing. Asked when a page is made: other files may set it."""

    def __str__(self):
        return JupyterHub.instance().subdomain_host


# From another origin a page cannot see whether a server runs: there guests are asked to try again.
c.JupyterHub.template_vars.update({"waiide_users_at": UsersAt()})
