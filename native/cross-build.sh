#!/bin/sh
# Builds the library for another machine than this one, from the same sources with the same flags.
#
# usage: cross-build.sh <compiler> <library>
# exit:  0 built; anything else: the compiler said why, and there is no library
set -eu
LC_ALL=C
export LC_ALL

compiler=$1
library=$2

cd "$(dirname "$0")"
rm -f "$library"
mkdir -p "$(dirname "$library")"
"$compiler" @cflags.rsp -Iinclude src/*.c @ldflags.rsp -o "$library"
