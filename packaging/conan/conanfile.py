# SPDX-License-Identifier: BSL-1.0
"""The headers as a Conan 2 package, from the sources that this recipe lies in:

    conan create packaging/conan
"""

import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load

required_conan_version = ">=2.0"


class KctxConan(ConanFile):
    name = "kctx"
    description = "Linux kernel execution contexts, checked by the C++ compiler"
    license = "BSL-1.0"
    topics = ("linux-kernel", "static-analysis", "header-only")
    package_type = "header-library"
    settings = "os", "compiler", "build_type", "arch"
    no_copy_source = True

    @property
    def _project(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def set_version(self):
        header = load(self, os.path.join(self._project, "include", "kctx", "version.hpp"))
        numbers = re.findall(r"^#define KCTX_LIB_(?:MAJOR|MINOR|PATCH) (\d+)$", header, re.M)
        self.version = ".".join(numbers)

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "CHANGELOG.md", "cmake/*", "include/*"):
            copy(self, pattern, src=self._project, dst=self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def validate(self):
        check_min_cppstd(self, 20)

    def package_id(self):
        self.info.clear()

    def generate(self):
        toolchain = CMakeToolchain(self)
        for option in ("KCTX_BUILD_TESTS", "KCTX_BUILD_TOOLS", "KCTX_BUILD_EXAMPLES"):
            toolchain.cache_variables[option] = False
        toolchain.generate()

    def package(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.install()

    def package_info(self):
        # The package's own CMake files have the targets and their flags.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = [os.path.join("share", "cmake", "kctx")]
        self.cpp_info.set_property("pkg_config_name", "none")
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
