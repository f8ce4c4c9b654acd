"""A page for administrators: live shares of all servers. load_subconfig("admin-page.py") in jupyterhub_config.py, after the others.

The page lists who shares what with whom, ends one share or all shares of a user, and shows what each server permits. The hub starts
it as a service and links it in its menu "Services". JupyterHub 3 or newer; see docs/sharing-admin.md.
"""

import os
import shutil
import subprocess

c = get_config()  # noqa: F821

# Who may use it. Groups work too: "groups": ["support"] in the role below.
administrators = ["admin"]
# Where the service listens; only the hub's proxy has to reach it.
listen = "http://127.0.0.1:10789"
# Where the service reaches the hub's proxy, and through it users' servers.
proxy = "http://127.0.0.1:8000"
# The command: on the machine and PATH of the hub, not only of users' servers. A full path works too.
waiide = shutil.which("waiide")
if waiide is None:
    raise FileNotFoundError(
        "admin-page.py needs the command “waiide” where JupyterHub runs: install it there (docs/install.md), "
        f"or write its full path into the file. PATH is {os.environ.get('PATH')}"
    )
# The service signs its requests to servers with this key. If the file is missing, it is created, readable only for the hub's user.
key_file = os.path.abspath("waiide-admin.key")

# Servers get the public key. They accept requests signed for one server, one request and a minute, and only list or end shares. They
# get no token of the hub, because a user's server can be any program. Running servers get the key when they restart. If hub and
# service run on different machines, create the file once with this command, and copy what it prints.
key = subprocess.run([waiide, "hub-service", "key", key_file], check=True, capture_output=True, text=True).stdout.strip()
c.Spawner.environment.update({"WAIIDE_SHARE_ADMIN_KEYS": key})

# The right to use the page. It means nothing to the hub, and no role of the hub includes it.
c.JupyterHub.custom_scopes.update({"custom:waiide:admin": {"description": "See and end everybody's WAIIDE shares"}})

c.JupyterHub.services.append(
    {
        "name": "waiide",
        "url": listen,
        "command": [waiide, "hub-service"],
        "environment": {"WAIIDE_PROXY_URL": proxy, "WAIIDE_KEY_FILE": key_file},
        # In the hub's menu, for users who may open it.
        "display": True,
        # Administrators need not confirm that the page may identify them.
        "oauth_no_confirm": True,
        # A login at the page carries only this one of an administrator's rights.
        "oauth_client_allowed_scopes": ["custom:waiide:admin"],
    }
)

# The service sees names and groups of users and where their servers are. It cannot open any server.
c.JupyterHub.load_roles.append(
    {"name": "waiide-service", "services": ["waiide"], "scopes": ["list:users", "read:servers", "read:users:groups"]}
)
# "access:services" alone, which many hubs give to everybody, is not enough. A filter limits an administrator to a part of the hub:
# "custom:waiide:admin!group=class-a", "!user=alice" or "!server=alice/waiide".
c.JupyterHub.load_roles.append(
    {
        "name": "waiide-admins",
        "users": administrators,
        "scopes": ["access:services!service=waiide", "custom:waiide:admin"],
    }
)
