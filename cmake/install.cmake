# SPDX-License-Identifier: BSL-1.0
# Headers, find_package(kctx) and kctx.pc. Each target has its own file, so that a user of
# kctx::kctx needs neither Boost nor threads.
include(CMakePackageConfigHelpers)

set(kctx_package_dir ${CMAKE_INSTALL_DATADIR}/cmake/kctx) # headers are of no architecture
get_property(targets GLOBAL PROPERTY kctx_targets)
foreach(name IN LISTS targets)
    get_target_property(has_headers kctx_${name} INTERFACE_HEADER_SETS)
    set(file_set)
    if(has_headers)
        set(file_set FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
    endif()
    install(TARGETS kctx_${name} EXPORT kctx-${name} ${file_set})
    install(EXPORT kctx-${name} NAMESPACE kctx:: FILE kctx-${name}.cmake
            DESTINATION ${kctx_package_dir})
endforeach()

configure_package_config_file(
    ${CMAKE_CURRENT_LIST_DIR}/kctx-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/kctx-config.cmake
    INSTALL_DESTINATION ${kctx_package_dir}
    NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/kctx-config-version.cmake
    COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/kctx-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/kctx-config-version.cmake
              ${CMAKE_CURRENT_LIST_DIR}/review.cmake
        DESTINATION ${kctx_package_dir})

file(RELATIVE_PATH kctx_pc_prefix
     ${CMAKE_INSTALL_FULL_DATADIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(${CMAKE_CURRENT_LIST_DIR}/kctx.pc.in ${CMAKE_CURRENT_BINARY_DIR}/kctx.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/kctx.pc
        DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/LICENSE ${CMAKE_CURRENT_SOURCE_DIR}/CHANGELOG.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
