# SPDX-License-Identifier: BSL-1.0
"""The kernel trees and headers that the tests read: from Debian's packages, never copied here."""
import glob
import os
import subprocess

TREES = os.environ.get("KCTX_KERNEL_TREES", os.path.expanduser("~/.cache/kctx/kernels"))


def install(version):
    """Installs the packages of one version, 6.1 or 6.12, if they are not there."""
    if glob.glob(f"/usr/src/linux-source-{version}.tar.xz") and build(version, False):
        return
    headers = {
        "6.1": ["linux-headers-amd64"],
        "6.12": ["linux-headers-6.12-amd64"],
    }[version]
    subprocess.run(
        ["apt-get", "install", "--yes", "--no-install-recommends", f"linux-source-{version}", *headers],
        check=True, stdout=subprocess.DEVNULL)


def build(version, must=True):
    """The prepared build of linux-headers."""
    found = sorted(d for d in glob.glob(f"/usr/src/linux-headers-{version}.*-amd64")
                   if "-rt-" not in d and "-cloud-" not in d)
    if must and not found:
        raise SystemExit(f"no linux-headers-{version}.*-amd64 in /usr/src")
    return found[-1] if found else None


def tree(version):
    """The unpacked source."""
    path = os.path.join(TREES, f"linux-source-{version}")
    if not os.path.exists(os.path.join(path, "Kbuild")):
        os.makedirs(TREES, exist_ok=True)
        subprocess.run(["tar", "xJf", f"/usr/src/linux-source-{version}.tar.xz", "-C", TREES], check=True)
    return path
