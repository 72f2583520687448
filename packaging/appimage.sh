#!/bin/sh
# Makes dist/Ponder-VERSION.AppImage from the portable folder; the first argument is appimagetool.
set -eu
cd "$(dirname "$0")/.."
tool=$1
folder=build/Ponder.AppDir
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
rm -rf "$folder"
mkdir -p "$folder/usr/lib" "$folder/usr/share/metainfo"
cp -a dist/ponder "$folder/usr/lib/ponder"
cp packaging/data/ponder.desktop packaging/data/ponder.svg "$folder/"
ln -s usr/lib/ponder/ponder "$folder/AppRun"
# Without FUSE, as in a container, the tool itself must be unpacked first.
APPIMAGE_EXTRACT_AND_RUN=1 "$tool" --no-appstream "$folder" "dist/Ponder-$version.AppImage"
