"""WAIIDE for everybody of one host, each in a container of his own. load_subconfig("docker.py") in jupyterhub_config.py.

docs/docker.md builds the image and makes the network. Needs: pip install dockerspawner jupyterhub-idle-culler
"""

import os
import sys

import docker

c = get_config()  # noqa: F821

image = os.environ.get("DOCKER_IMAGE", "waiide")
network = os.environ.get("DOCKER_NETWORK", "waiide")
# What names of containers and volumes begin with.
prefix = os.environ.get("DOCKER_PREFIX", "waiide")

c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"
c.DockerSpawner.image = image
c.DockerSpawner.prefix = prefix
c.DockerSpawner.port = 8070
# Containers hold nothing: what users keep is in their volumes.
c.DockerSpawner.remove = True

# Containers and hub reach each other by this network; no container has a port on the host. A hub on the host itself is at the
# network's gateway. Where the hub is a container of the network, say its name there: "http://hub:8081".
c.DockerSpawner.network_name = network
gateway = docker.from_env().networks.get(network).attrs["IPAM"]["Config"][0]["Gateway"]
c.JupyterHub.hub_bind_url = "http://0.0.0.0:8081"
c.JupyterHub.hub_connect_ip = "127.0.0.1"
c.Spawner.hub_connect_url = f"http://{gateway}:8081"

# One volume a user, for all of his servers. {raw_username}, as the hub calls him: the container looks for his home under that
# name. {username} is escaped (bob.x@ex.org is bob-2ex-40ex-2eorg), as volumes' names must be.
c.DockerSpawner.volumes = {prefix + "-home-{username}": "/home/{raw_username}"}

# Servers beside the default one, by names that users choose.
c.JupyterHub.allow_named_servers = True
c.JupyterHub.named_server_limit_per_user = 3

# Or the default server only, in containers called as those of the former WAIIDE image:
# c.JupyterHub.allow_named_servers = False
# c.DockerSpawner.name_template = "{username}-waiide"

# The hub may be restarted while people work.
c.JupyterHub.cleanup_servers = False

# What one server may use.
c.DockerSpawner.mem_limit = "4G"
c.DockerSpawner.cpu_limit = 2.0

# The container's own files cannot be changed, and root keeps only what giving the home to its user takes (CHOWN), becoming that
# user (SETUID, SETGID), and telling him to stop (KILL). No program gets more rights than who starts it.
c.DockerSpawner.extra_host_config = {
    "read_only": True,
    "tmpfs": {"/tmp": "rw,mode=1777,size=1g"},
    "cap_drop": ["ALL"],
    "cap_add": ["CHOWN", "SETUID", "SETGID", "KILL"],
    "security_opt": ["no-new-privileges"],
}

# Without root from the start. The volume must then be writable for user 1000 or group 100.
# c.DockerSpawner.extra_create_kwargs = {"user": "1000:100"}

# A server ends after an hour without a person: by itself where a tab is open, by the culler where there is none.
c.Spawner.environment.update({"WAIIDE_SHUTDOWN_NO_ACTIVITY_TIMEOUT": "3600"})
c.JupyterHub.services.append(
    {"name": "idle-culler", "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"]}
)
c.JupyterHub.load_roles.append(
    {
        "name": "idle-culler",
        "services": ["idle-culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
)

# Who may share what with whom is one of the other files here; docs/sharing.md explains them.
load_subconfig("links-and-tokens.py")  # noqa: F821

# A name for each user, which keeps pages of one user's server from acting as another. Needs a wildcard name and certificate.
# c.JupyterHub.subdomain_host = "https://hub.example.org"
