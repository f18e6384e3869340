# SPDX-License-Identifier: BSL-1.0
# kctx_add_review(name SOURCES file... [LIKE target] [TITLE text] [COMPILER program] [CHECK])
# A target that writes the review of a driver, by kctx review: <name>.md, <name>.html and <name>.json
# in the current binary folder.
#   LIKE      the target that compiles the driver: its include folders and definitions
#   COMPILER  whose verdict it is; by default that of clang++-22, which reads the structure
#   CHECK     the target fails if anything is illegal; the report is written all the same
set(kctx_review_include ${CMAKE_CURRENT_LIST_DIR}/../include) # in the source tree

function(kctx_add_review name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "CHECK" "LIKE;TITLE;COMPILER" "SOURCES")
    if(NOT arg_SOURCES OR arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR
            "kctx_add_review(${name} SOURCES file... [LIKE target] [TITLE text] [COMPILER program] "
            "[CHECK])")
    endif()
    if(TARGET kctx_program)
        set(program $<TARGET_FILE:kctx_program>)
    else()
        find_program(KCTX_PROGRAM kctx DOC "The kctx program")
        if(NOT KCTX_PROGRAM)
            message(FATAL_ERROR "kctx_add_review(): there is no kctx program; say KCTX_PROGRAM")
        endif()
        set(program ${KCTX_PROGRAM})
    endif()

    set(options --title "${arg_TITLE}")
    if(NOT arg_TITLE)
        set(options --title ${name})
    endif()
    if(arg_COMPILER)
        list(APPEND options --compiler ${arg_COMPILER})
    endif()
    if(arg_CHECK)
        list(APPEND options --check)
    endif()
    if(EXISTS ${kctx_review_include}/kctx/kctx.hpp)
        list(APPEND options --include ${kctx_review_include})
    endif()
    set(folders)
    set(macros)
    if(arg_LIKE)
        set(folders $<TARGET_PROPERTY:${arg_LIKE},INCLUDE_DIRECTORIES>)
        set(macros $<TARGET_PROPERTY:${arg_LIKE},COMPILE_DEFINITIONS>)
        set(folders "$<$<BOOL:${folders}>:-I$<JOIN:${folders},;-I>>")
        set(macros "$<$<BOOL:${macros}>:-D$<JOIN:${macros},;-D>>")
    endif()

    set(files)
    foreach(source IN LISTS arg_SOURCES)
        cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
        list(APPEND files ${source})
    endforeach()
    set(report ${CMAKE_CURRENT_BINARY_DIR}/${name})
    # Headers are not followed: a review is asked for, and then made.
    add_custom_target(${name}
        COMMAND ${program} review ${files} ${options} "${folders}" "${macros}" --quiet --markdown ${report}.md
                --html ${report}.html --json ${report}.json
        BYPRODUCTS ${report}.md ${report}.html ${report}.json
        COMMENT "Review of ${name}" COMMAND_EXPAND_LISTS VERBATIM)
    if(TARGET kctx_program)
        add_dependencies(${name} kctx_program)
    endif()
endfunction()
