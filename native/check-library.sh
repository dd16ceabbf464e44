#!/bin/sh
# Checks a built library: it exports what exports.txt lists, needs libc alone, and asks for no
# symbol younger than glibc 2.17.
#
# usage: check-library.sh <library> <exports.txt> [<required>]
# exit:  0 as it should be, or the tools to tell are missing (said on standard output); 1 not so, or
#        they are missing and <required> is true
set -eu
LC_ALL=C
export LC_ALL

library=$1
expected=$2
required=${3:-false}

case $library in
  *.so) ;;
  *) echo "native: exports of $library not checked: not an ELF library" && exit 0 ;;
esac
for tool in nm readelf; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    echo "native: exports of $library not checked: no $tool here (Debian package binutils)"
    [ "$required" != true ]
    exit
  fi
done

fail() {
  echo "native: $library: $1" >&2
  exit 1
}

exported=$(nm -D --defined-only "$library" | awk '{ print $NF }' | sort)
[ "$exported" = "$(sort "$expected")" ] || fail "exports differ from $expected:
$exported"

needed=$(readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
case $needed in
  libc.so*) [ "$(echo "$needed" | wc -l)" -eq 1 ] || fail "needs more than libc: $needed" ;;
  *) fail "needs something other than libc: $needed" ;;
esac

versions=$(nm -D "$library" | sed -n 's/.*@\{1,2\}GLIBC_//p' | sort -u)
youngest=$(printf '2.17\n%s\n' "$versions" | sort -t. -k1,1n -k2,2n -k3,3n | tail -n 1)
[ "$youngest" = 2.17 ] || fail "asks for GLIBC_$youngest, above 2.17"

echo "native: $library: exports, libraries and symbol versions are as listed"
