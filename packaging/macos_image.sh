#!/bin/sh
# Signs dist/Ponder.app, puts it into a disk image and has that notarised.
# SIGN_AS: a "Developer ID Application" identity; without it the signature holds on this machine only.
# NOTARY_PROFILE: a keychain profile of `xcrun notarytool store-credentials`; without it, not notarised.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
image="dist/Ponder-$version.dmg"
identity=${SIGN_AS:--}
hardened=""
[ "$identity" = "-" ] || hardened="--options runtime --timestamp"
# shellcheck disable=SC2086 # several words or none
codesign --force --deep $hardened --entitlements packaging/data/macos-entitlements.plist \
    --sign "$identity" dist/Ponder.app
codesign --verify --deep --strict dist/Ponder.app
rm -f "$image"
hdiutil create -volname Ponder -srcfolder dist/Ponder.app -format UDZO "$image"
if [ -n "${NOTARY_PROFILE:-}" ]; then
    xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
fi
