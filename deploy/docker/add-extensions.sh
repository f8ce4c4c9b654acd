#!/bin/sh
# Part of the image's build: unpacks every .vsix of a folder as an extension that is built into the IDE server.
# add-extensions.sh FOLDER EXTENSIONS
set -eu
platform=linux-$(node -p process.arch)
mkdir -p "$2"
for file in "$1"/*.vsix; do
    [ -e "$file" ] || continue
    refuse() { echo "$file is not built in: $1" >&2; exit 1; }
    unpacked=$(mktemp -d)
    unzip -q "$file" extension.vsixmanifest 'extension/*' -d "$unpacked" || refuse "unzip cannot read it"
    target=$(sed -n 's/.*TargetPlatform="\([^"]*\)".*/\1/p' "$unpacked/extension.vsixmanifest")
    case ${target:-universal} in universal | "$platform") ;; *) refuse "it is for $target, and the image is $platform" ;; esac
    name=$(jq -er '"\(.publisher).\(.name)" | ascii_downcase' "$unpacked/extension/package.json") || refuse "it has no manifest"
    case $name in .* | *[!a-z0-9._-]*) refuse "its name is $name" ;; esac
    [ ! -e "$2/$name" ] || refuse "the folder has $name twice"
    [ ! -e "/opt/calliope/WAIIDE-server/extensions/$name" ] || refuse "the IDE server has $name already"
    cp -R "$unpacked/extension" "$2/$name"
    chmod -R u=rwX,go=rX "$2/$name"
    rm -r "$unpacked"
    echo "built in: $name"
done
