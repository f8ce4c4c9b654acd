"""WAIIDE for all users of one host, in a container for each user. load_subconfig("docker.py") in jupyterhub_config.py.

docs/docker.md says how to build the image and create the network. Needs: pip install dockerspawner jupyterhub-idle-culler
"""

import os
import sys

import docker

c = get_config()  # noqa: F821

image = os.environ.get("DOCKER_IMAGE", "waiide")
network = os.environ.get("DOCKER_NETWORK", "waiide")
# The prefix of the names of containers and volumes.
prefix = os.environ.get("DOCKER_PREFIX", "waiide")

c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"
c.DockerSpawner.image = image
c.DockerSpawner.prefix = prefix
c.DockerSpawner.port = 8070
# Containers hold no data: users' files are in volumes.
c.DockerSpawner.remove = True

# Containers and hub reach each other on this network; no container has a port on the host. A hub on the host itself is at the
# network's gateway. If the hub is a container on the network, use its name there: "http://hub:8081".
c.DockerSpawner.network_name = network
gateway = docker.from_env().networks.get(network).attrs["IPAM"]["Config"][0]["Gateway"]
c.JupyterHub.hub_bind_url = "http://0.0.0.0:8081"
c.JupyterHub.hub_connect_ip = "127.0.0.1"
c.Spawner.hub_connect_url = f"http://{gateway}:8081"

# One volume for each user and all of their servers. {raw_username} is the name at the hub, under which the container looks for the
# home folder. {username} is escaped (bob.x@ex.org is bob-2ex-40ex-2eorg), as names of volumes must be.
c.DockerSpawner.volumes = {prefix + "-home-{username}": "/home/{raw_username}"}

# Named servers beside the default one.
c.JupyterHub.allow_named_servers = True
c.JupyterHub.named_server_limit_per_user = 3

# Or only the default server, in containers named as those of the former WAIIDE image:
# c.JupyterHub.allow_named_servers = False
# c.DockerSpawner.name_template = "{username}-waiide"

# The hub can restart while people work.
c.JupyterHub.cleanup_servers = False

# Limits of one server.
c.DockerSpawner.mem_limit = "4G"
c.DockerSpawner.cpu_limit = 2.0

# The container's own files are read-only. Root keeps only the capabilities to give the home to its user (CHOWN), to become that user
# (SETUID, SETGID) and to stop their programs (KILL). No program gets more rights than the one that starts it.
c.DockerSpawner.extra_host_config = {
    "read_only": True,
    "tmpfs": {"/tmp": "rw,mode=1777,size=1g"},
    "cap_drop": ["ALL"],
    "cap_add": ["CHOWN", "SETUID", "SETGID", "KILL"],
    "security_opt": ["no-new-privileges"],
}

# Without root from the start; user 1000 or group 100 must then be able to write to the volume.
# c.DockerSpawner.extra_create_kwargs = {"user": "1000:100"}

# A server stops after an hour without activity: by itself if a tab is open, else by the culler.
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

# The sharing policy is one of the other files here; docs/sharing-admin.md explains them.
load_subconfig("links-and-tokens.py")  # noqa: F821

# A host name for each user, so that pages of one user's server cannot act as another user. Needs a wildcard name and certificate.
# c.JupyterHub.subdomain_host = "https://hub.example.org"
