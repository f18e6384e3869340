# SPDX-License-Identifier: BSL-1.0
# What cpack makes: kctx_VERSION_ARCH.deb and kctx-VERSION-SYSTEM.tar.gz of headers, program and
# exercises; of the sources kctx-VERSION.tar.gz (cpack --config CPackSourceConfig.cmake).
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_VENDOR kctx)
set(CPACK_PACKAGE_CONTACT "kctx maintainers <maintainers@kctx.invalid>")
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_CURRENT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Headers for kernel-style code that does not compile where a call may not be made, the program
kctx, which reads kernel logs and runs the exercises, and the exercises.")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# What compiles drivers and exercises; the machine of the exercises is of fibers.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "g++ (>= 4:12) | clang, libboost-dev, libboost-context-dev")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS clang-22)

set(CPACK_SOURCE_GENERATOR TGZ)
set(CPACK_SOURCE_PACKAGE_FILE_NAME kctx-${PROJECT_VERSION})
set(CPACK_SOURCE_IGNORE_FILES "/[.]git/" "/[.]git$" "/build/" "/__pycache__/" "/[.]cache/"
    "^${CMAKE_CURRENT_SOURCE_DIR}/lab/" "/compile_commands.json$")
include(CPack)
