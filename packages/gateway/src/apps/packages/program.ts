/**
 * A Python program for entry points of jupyter-server-proxy. `read BASE_URL`: prints all of them as one line of JSON. `run NAME PORT
 * UNIX_SOCKET BASE_URL`: becomes the program of one, so that commands and environments that are functions work, too.
 */
export const serverProxyProgram = `
import sys
# Nothing is imported from the folder that it runs in: others may write there.
sys.path[:] = [entry for entry in sys.path if entry not in ("", ".")]
import inspect, json, os, signal
from importlib import metadata

GROUP = "jupyter_serverproxy_servers"
SECONDS = 10

def entry_points():
    try:
        found = metadata.entry_points(group=GROUP)
    except TypeError:
        found = metadata.entry_points().get(GROUP, [])
    first = {}
    for point in found:
        first.setdefault(point.name, point)
    return first

def options_of(point):
    made = point.load()()
    if isinstance(made, dict):
        return made
    if hasattr(made, "_trait_values"):
        return {name: getattr(made, name) for name in made.trait_names()}
    return dict(made)

def asked(function, fields):
    names = inspect.signature(function).parameters.values()
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in names):
        return function(**fields)
    return function(**{one.name: fields[one.name] for one in names if one.name in fields})

def filled(value, fields):
    if callable(value):
        return filled(asked(value, fields), fields)
    if isinstance(value, (list, tuple)):
        return [filled(one, fields) for one in value]
    if isinstance(value, dict):
        return {name: filled(one, fields) for name, one in value.items()}
    return str(value).format(**fields)

def plain(value):
    return value if isinstance(value, (str, int, float, bool, type(None))) else None

def described(options):
    launcher = options.get("launcher_entry") or {}
    if not isinstance(launcher, dict):
        launcher = {name: getattr(launcher, name) for name in launcher.trait_names()}
    mappath = options.get("mappath")
    headers = options.get("request_headers_override")
    lost = [name for name in ("rewrite_response",) if options.get(name)]
    lost += [name for name, value in (("mappath", mappath), ("request_headers_override", headers)) if callable(value)]
    return {
        "has_command": bool(options.get("command")),
        "port": plain(options.get("port")),
        "unix_socket": plain(options.get("unix_socket")),
        "absolute_url": bool(options.get("absolute_url")),
        "timeout": plain(options.get("timeout")),
        "raw_socket_proxy": bool(options.get("raw_socket_proxy")),
        "mappath": {str(a): str(b) for a, b in mappath.items()} if isinstance(mappath, dict) else {},
        "request_headers": {str(a): str(b) for a, b in headers.items()} if isinstance(headers, dict) else {},
        "new_browser_tab": options.get("new_browser_tab", True) is not False,
        "enabled": launcher.get("enabled", True) is not False,
        "title": plain(launcher.get("title")),
        "icon_path": plain(launcher.get("icon_path")),
        "path_info": plain(launcher.get("path_info")),
        "lost": lost,
    }

def stop(*_):
    raise TimeoutError("it took longer than %d s" % SECONDS)

def read():
    answer = os.fdopen(os.dup(1), "w")
    # What packages print while they are imported is no answer.
    os.dup2(2, 1)
    signal.signal(signal.SIGALRM, stop)
    servers, broken = {}, {}
    for name, point in entry_points().items():
        signal.alarm(SECONDS)
        try:
            servers[name] = described(options_of(point))
        except BaseException as error:
            broken[name] = "%s: %s" % (type(error).__name__, error)
        finally:
            signal.alarm(0)
    json.dump({"servers": servers, "broken": broken}, answer)
    answer.flush()
    # Threads that packages have started do not hold it up.
    os._exit(0)

def run(name, port, unix_socket, base_url):
    options = options_of(entry_points()[name])
    fields = {"port": int(port), "unix_socket": unix_socket, "base_url": base_url}
    command = filled(options["command"], fields)
    environment = filled(options.get("environment") or {}, fields)
    os.environ.update({str(name): str(value) for name, value in environment.items()})
    sys.stdout.flush()
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit("the program %s cannot be started: %s" % (command[0], error.strerror))

# Packages that are not told the base URL take it from there.
os.environ["JUPYTERHUB_SERVICE_PREFIX"] = sys.argv[-1]
read() if sys.argv[1] == "read" else run(*sys.argv[2:])
`;
