"""A page for administrators: live shares of all servers. load_subconfig("admin-page.py") in jupyterhub_config.py, after the others.

It lists who shares what with whom, ends one share or all of a user's, and shows what may be shared where. The hub starts it as a
service and links it in its menu "Services". JupyterHub 3 or newer; docs/sharing-admin.md shows it.
"""

import os
import shutil
import subprocess

c = get_config()  # noqa: F821

# Who may use it. Groups work as well: "groups": ["support"] in the role below.
administrators = ["admin"]
# Where the service listens; only the hub's proxy has to reach it.
listen = "http://127.0.0.1:10789"
# Where the service reaches the hub's proxy, which leads it to users' servers.
proxy = "http://127.0.0.1:8000"
# The command, which must be on the machine and PATH of the hub itself, too, not of users' servers alone. A full path may stand here.
waiide = shutil.which("waiide")
if waiide is None:
    raise FileNotFoundError(
        "admin-page.py needs the command “waiide” where JupyterHub runs: install it there (docs/install.md), "
        f"or write its full path into the file. PATH is {os.environ.get('PATH')}"
    )
# What it asks of servers it signs with this key; the file is made where it is missing, readable by the hub's user alone.
key_file = os.path.abspath("waiide-admin.key")

# Servers get the key's public part: they do what it signed, for one server, one request and a minute, and nothing but list and end
# shares. No token of the hub's goes to them: a user's server may be any program. Servers that run already learn it when they are
# started again. Where hub and service run on different machines: make the file once with this command, and copy what it prints.
key = subprocess.run([waiide, "hub-service", "key", key_file], check=True, capture_output=True, text=True).stdout.strip()
c.Spawner.environment.update({"WAIIDE_SHARE_ADMIN_KEYS": key})

# The right to use the page. It means nothing to the hub, and nobody has it by a role of the hub's own.
c.JupyterHub.custom_scopes.update({"custom:waiide:admin": {"description": "See and end everybody's WAIIDE shares"}})

c.JupyterHub.services.append(
    {
        "name": "waiide",
        "url": listen,
        "command": [waiide, "hub-service"],
        "environment": {"WAIIDE_PROXY_URL": proxy, "WAIIDE_KEY_FILE": key_file},
        # In the hub's menu, for those who may open it.
        "display": True,
        # Administrators need not confirm that the page may know who they are.
        "oauth_no_confirm": True,
        # What a login at the page carries of an administrator's rights: this one and no other.
        "oauth_client_allowed_scopes": ["custom:waiide:admin"],
    }
)

# The service sees names and groups of users and where their servers are. It can open none of them.
c.JupyterHub.load_roles.append(
    {"name": "waiide-service", "services": ["waiide"], "scopes": ["list:users", "read:servers", "read:users:groups"]}
)
# "access:services" alone, which many hubs give to everybody, does not let in. With a filter somebody manages a part of the hub:
# "custom:waiide:admin!group=class-a", "!user=alice" or "!server=alice/waiide".
c.JupyterHub.load_roles.append(
    {
        "name": "waiide-admins",
        "users": administrators,
        "scopes": ["access:services!service=waiide", "custom:waiide:admin"],
    }
)
