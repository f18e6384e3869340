# SPDX-License-Identifier: BSL-1.0
# The tests of the whole house run other compilers and tools than this build does.
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)

file(STRINGS ${PROJECT_SOURCE_DIR}/cmake/compilers.txt KCTX_TEST_COMPILERS)
foreach(compiler IN LISTS KCTX_TEST_COMPILERS)
    find_program(found_${compiler} ${compiler} REQUIRED NO_CACHE)
endforeach()

# kctx_add_house_test(name [CORES n] COMMAND ...)
# A ctest labelled `house`. One that itself runs n jobs at a time says so.
function(kctx_add_house_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "CORES" "COMMAND")
    add_test(NAME ${name} COMMAND ${arg_COMMAND})
    set_tests_properties(${name} PROPERTIES LABELS house TIMEOUT 1800)
    if(arg_CORES)
        set_tests_properties(${name} PROPERTIES PROCESSORS ${arg_CORES})
    endif()
endfunction()
