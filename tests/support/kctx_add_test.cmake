# SPDX-License-Identifier: BSL-1.0
find_package(doctest 2.4 REQUIRED)

# doctest's implementation takes a second to compile: once for all tests.
add_library(kctx_doctest_main OBJECT ${CMAKE_CURRENT_LIST_DIR}/doctest_main.cpp)
target_compile_features(kctx_doctest_main PUBLIC cxx_std_20)
target_link_libraries(kctx_doctest_main PUBLIC doctest::doctest)
# doctest's macros use __COUNTER__, which clang 22 calls an extension.
set(is_clang_22 $<AND:$<COMPILE_LANG_AND_ID:CXX,Clang>,$<VERSION_GREATER_EQUAL:$<CXX_COMPILER_VERSION>,22>>)
target_compile_options(kctx_doctest_main PUBLIC $<${is_clang_22}:-Wno-c2y-extensions>)

# kctx_add_test(NAME name SOURCES file... [LIBRARIES target...] [DEFINES definition...])
# A doctest executable, linked to kctx::kctx, and the ctest of the same name, labelled `unit`.
function(kctx_add_test)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;LIBRARIES;DEFINES")
    if(arg_UNPARSED_ARGUMENTS OR NOT arg_NAME OR NOT arg_SOURCES)
        message(FATAL_ERROR "kctx_add_test(NAME name SOURCES file... [LIBRARIES ...] [DEFINES ...])")
    endif()
    string(REPLACE "." "_" executable test_${arg_NAME})
    add_executable(${executable} ${arg_SOURCES})
    target_link_libraries(${executable} PRIVATE
        kctx_warnings kctx_doctest_main kctx::kctx ${arg_LIBRARIES})
    target_compile_definitions(${executable} PRIVATE ${arg_DEFINES})
    add_test(NAME ${arg_NAME} COMMAND ${executable} --no-version)
    set_tests_properties(${arg_NAME} PROPERTIES LABELS unit TIMEOUT 400)
endfunction()
