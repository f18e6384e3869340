# SPDX-License-Identifier: BSL-1.0
include(GNUInstallDirs)

set(kctx_include_dir ${CMAKE_CURRENT_LIST_DIR}/../include)
cmake_path(NORMAL_PATH kctx_include_dir)
set(kctx_flags_dir ${CMAKE_CURRENT_LIST_DIR}/flags)

# kctx::<name> here, in the build tree of a parent project, and installed.
function(kctx_interface_target name)
    add_library(kctx_${name} INTERFACE)
    add_library(kctx::${name} ALIAS kctx_${name})
    set_property(TARGET kctx_${name} PROPERTY EXPORT_NAME ${name})
    set_property(GLOBAL APPEND PROPERTY kctx_targets ${name})
endfunction()

# kctx_room(name HEADERS file-or-folder... [REQUIRES target...])
# One target of the library, kctx::<name>: the named headers and folders below include/kctx. A name
# that does not exist there contributes nothing.
function(kctx_room name)
    cmake_parse_arguments(PARSE_ARGV 1 room "" "" "HEADERS;REQUIRES")
    set(headers)
    foreach(entry IN LISTS room_HEADERS)
        if(IS_DIRECTORY ${kctx_include_dir}/kctx/${entry})
            file(GLOB_RECURSE found CONFIGURE_DEPENDS ${kctx_include_dir}/kctx/${entry}/*.hpp)
            list(APPEND headers ${found})
        elseif(EXISTS ${kctx_include_dir}/kctx/${entry})
            list(APPEND headers ${kctx_include_dir}/kctx/${entry})
        endif()
    endforeach()
    kctx_interface_target(${name})
    target_sources(kctx_${name} INTERFACE
        FILE_SET HEADERS BASE_DIRS ${kctx_include_dir} FILES ${headers})
    target_link_libraries(kctx_${name} INTERFACE ${room_REQUIRES})
endfunction()

# kctx_flags_target(name FLAGS file CLANG_SINCE version)
# kctx::<name>: the compiler flags listed in cmake/flags/<file>, for clang of that version or later.
function(kctx_flags_target name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "FLAGS;CLANG_SINCE" "")
    file(STRINGS ${kctx_flags_dir}/${arg_FLAGS} flags)
    kctx_interface_target(${name})
    set(is_clang $<COMPILE_LANG_AND_ID:CXX,Clang>)
    set(is_recent $<VERSION_GREATER_EQUAL:$<CXX_COMPILER_VERSION>,${arg_CLANG_SINCE}>)
    target_compile_options(kctx_${name} INTERFACE
        "$<$<AND:${is_clang},${is_recent}>:${flags}>")
endfunction()
