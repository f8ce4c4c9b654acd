"""What Zero to JupyterHub makes of values: python render_kubernetes.py CHART VALUES FOLDER POLICY ...

Checks the values against the chart's schema, runs the chart's own jupyterhub_config.py with them and each of the share policies,
and lets KubeSpawner render Pods. Writes FOLDER/<policy>.json, and those of the first also as FOLDER/<number>.yaml. KUBECONFIG must name some cluster, which is not asked.
"""

import asyncio
import copy
import json
import os
import sys
import types
from pathlib import Path

import jsonschema
import yaml
from jupyterhub.objects import Hub, Server
from kubernetes_asyncio.client import ApiClient
from kubespawner import KubeSpawner
from kubespawner.spawner import MockObject
from traitlets.config import PyFileConfigLoader

chart, values_file, target, *policies = map(Path, sys.argv[1:])

# A Pod for each: user, server, position in the profile list.
servers = [("alice", "", None), ("alice", "waiide", "large"), ("bob.x@ex.org", "waiide", None)]


def without_nulls(values):
    """As Helm hands on what a chart leaves open."""
    if not isinstance(values, dict):
        return values
    return {key: without_nulls(value) for key, value in values.items() if value is not None}


def merged(base, over):
    """As Helm merges: null takes away what is there."""
    result = dict(base)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


def load_configuration(values, policy):
    """Runs the chart's configuration, whose helper reads files that are mounted in a cluster."""
    helper = types.ModuleType("z2jh")
    helper.__file__ = str(chart / "z2jh.py")
    exec(compile((chart / "z2jh.py").read_text(), helper.__file__, "exec"), helper.__dict__)
    helper._load_config = lambda: values
    helper._get_config_value = lambda key: f"test-{key}"
    helper.get_secret_value = lambda key, default="secret": default or "secret"
    sys.modules["z2jh"] = helper
    os.environ.update({"TEST_HUB_SERVICE_PORT": "8081", "TEST_PROXY_API_SERVICE_PORT": "8001"})

    # The chart mounts the policy; here it is where it is.
    snippets = values["hub"]["extraConfig"]
    mounted = values["hub"]["extraFiles"]["share-policy"]["mountPath"]
    for name, text in snippets.items():
        snippets[name] = text.replace(mounted, str(policy.resolve()))
    return PyFileConfigLoader(str((chart / "jupyterhub_config.py").resolve())).load_config()


async def render(config, user_name, server_name, profile):
    user = MockObject()
    user.id, user.name, user.escaped_name, user.url = 1, user_name, user_name, f"/user/{user_name}/"

    class Named(KubeSpawner):
        name = server_name

    hub = Hub(ip="hub", port=8081, base_url="/hub/")
    spawner = Named(config=config, user=user, hub=hub, _mock=True)
    spawner.server = Server(ip="0.0.0.0", port=8888, base_url=f"/user/{user_name}/{server_name}/")
    spawner.api_token, spawner.oauth_client_id = "token", f"jupyterhub-user-{user_name}"
    if profile:
        spawner.user_options = {"profile": profile}
    await spawner.load_user_options()
    return [spawner.get_pvc_manifest(), await spawner.get_pod_manifest()]


async def main():
    schema = yaml.safe_load((chart / "values.schema.yaml").read_text())
    defaults = yaml.safe_load((chart / "values.yaml").read_text())
    values = merged(defaults, yaml.safe_load(values_file.read_text()))
    # What --set-file puts there.
    values["hub"]["extraFiles"]["share-policy"]["stringData"] = policies[0].read_text()
    jsonschema.validate(values, schema, cls=jsonschema.Draft7Validator)

    names = {"Chart": {"Name": "jupyterhub", "Version": "4.4.0"}, "Release": {"Name": "hub"}}
    api = ApiClient()
    for policy in policies:
        config = load_configuration(without_nulls(copy.deepcopy({**values, **names})), policy)
        rendered = []
        for number, server in enumerate(servers):
            claim, pod = map(api.sanitize_for_serialization, await render(config, *server))
            rendered.append({"claim": claim, "pod": pod})
            if policy is policies[0]:
                (target / f"{number}.yaml").write_text(yaml.safe_dump_all([claim, pod]))
        result = {"servers": rendered, "roles": config.JupyterHub.load_roles}
        (target / f"{policy.stem}.json").write_text(json.dumps(result))
    await api.close()


asyncio.run(main())
