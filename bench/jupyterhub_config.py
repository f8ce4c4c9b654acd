"""The hub of the comparison: real JupyterHub, one user, everything on loopback. bench/src/hub.ts sets the variables."""

import os

c = get_config()  # noqa: F821

c.JupyterHub.bind_url = os.environ["BENCH_PUBLIC_URL"]
c.JupyterHub.hub_bind_url = os.environ["BENCH_HUB_URL"]
c.ConfigurableHTTPProxy.api_url = os.environ["BENCH_PROXY_API_URL"]
c.ConfigurableHTTPProxy.command = os.environ["BENCH_PROXY_COMMAND"].split("\n")
c.JupyterHub.cookie_secret_file = "cookie_secret"
c.JupyterHub.db_url = "sqlite:///hub.sqlite"

c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = os.environ["BENCH_PASSWORD"]
c.Authenticator.allowed_users = {"alice"}

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = os.environ["BENCH_HOME"]
c.Spawner.cmd = [os.environ["BENCH_SINGLEUSER"]]
c.Spawner.args = ["--allow-root"]
c.Spawner.http_timeout = 90

c.JupyterHub.allow_named_servers = True


def choose_command(spawner):
    """The row of spawns: two named servers that only differ in what the hub starts."""
    if spawner.name == "waiide":
        spawner.cmd = [os.environ["BENCH_WAIIDE"]]
        spawner.args = ["--workspace", os.environ["BENCH_WORKSPACE"], "--ide-server", os.environ["BENCH_IDE"]]
    elif spawner.name == "stack":
        spawner.cmd = [os.environ["BENCH_STACK"]]
        names = ["BENCH_NODE", "BENCH_VSCODE", "BENCH_IDE_PORT", "BENCH_WORKSPACE", "BENCH_SINGLEUSER"]
        spawner.environment = {name: os.environ[name] for name in names}


c.Spawner.pre_spawn_hook = choose_command

c.JupyterHub.services = [{"name": "bench", "api_token": os.environ["BENCH_TOKEN"]}]
c.JupyterHub.load_roles = [
    {
        "name": "bench",
        "services": ["bench"],
        "scopes": ["admin:users", "admin:servers", "admin:server_state", "tokens", "access:servers"],
    }
]
