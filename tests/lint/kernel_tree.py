# SPDX-License-Identifier: BSL-1.0
"""The kernel trees and headers that the tests read: from Debian's packages, never copied here.

KCTX_KERNEL_TREES names a folder with linux-source-6.1 and linux-source-6.12 in it, unpacked or to be
unpacked there. Where the packages of the headers are not installed, a tree that is there and prepared
(make modules_prepare) is its own build; then no package is needed.
"""
import glob
import os
import subprocess
import sys

TREES = os.environ.get("KCTX_KERNEL_TREES", os.path.expanduser("~/.cache/kctx/kernels"))


def install(version):
    """Installs the packages of one version, 6.1 or 6.12, if something of it is not there."""
    unpacked = os.path.exists(os.path.join(path(version), "Kbuild"))
    if (unpacked or os.path.exists(f"/usr/src/linux-source-{version}.tar.xz")) and build(version, False):
        return
    headers = {
        "6.1": ["linux-headers-amd64"],
        "6.12": ["linux-headers-6.12-amd64"],
    }[version]
    subprocess.run(
        ["apt-get", "install", "--yes", "--no-install-recommends", f"linux-source-{version}", *headers],
        check=True, stdout=subprocess.DEVNULL)


def build(version, must=True):
    """The prepared build: of linux-headers, or the tree itself."""
    found = sorted(d for d in glob.glob(f"/usr/src/linux-headers-{version}.*-amd64")
                   if "-rt-" not in d and "-cloud-" not in d)
    if not found and os.path.exists(os.path.join(path(version), "include/generated/autoconf.h")):
        found = [path(version)]
    if must and not found:
        raise SystemExit(f"no linux-headers-{version}.*-amd64 in /usr/src, and {path(version)} is not prepared")
    return found[-1] if found else None


def path(version):
    return os.path.join(TREES, f"linux-source-{version}")


def tree(version):
    """The unpacked source."""
    if not os.path.exists(os.path.join(path(version), "Kbuild")):
        os.makedirs(TREES, exist_ok=True)
        print(f"unpacking linux-source-{version} in {TREES}", file=sys.stderr)
        subprocess.run(["tar", "xJf", f"/usr/src/linux-source-{version}.tar.xz", "-C", TREES], check=True)
    return path(version)
