"""What guests see while the server of a share is not running. load_subconfig("stopped-servers.py"), beside any of the others.

The hub then answers the guests, and does not know shares. Without this file, guests without an account see the login page, and users of
the hub see “404” or “Your server is not running” with a button that they may not use. With it, the page says whose server it is and whom
to ask, keeps the link's secret in the guest's tab, and opens the share when the server runs.
"""

import os

from jupyterhub.app import JupyterHub

c = get_config()  # noqa: F821

# One template for all pages of the hub. If your hub has its own page.html, put {% include "waiide-stopped.html" %} into its block
# "announcement" instead, and add this folder after your own.
folder = os.path.dirname(os.path.abspath(__file__))
c.JupyterHub.template_paths.insert(0, os.path.join(folder, "templates"))


class UsersAt:
    """The domain below which each user has a host name, or nothing. Read when a page is rendered: other files may set it later."""

    def __str__(self):
        return JupyterHub.instance().subdomain_host


# A page on another origin cannot see whether the server runs: it asks guests to try again.
c.JupyterHub.template_vars.update({"waiide_users_at": UsersAt()})
