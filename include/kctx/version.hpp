// SPDX-License-Identifier: BSL-1.0
/// @file
/// The version of the library, here and nowhere else: CMake, the packages and the program read it
/// from these lines, which hold nothing else. What a number promises: docs/versions.md.
#pragma once

/// A release that is not compatible; 0: any minor one may be
#define KCTX_LIB_MAJOR 0
/// A release that adds something
#define KCTX_LIB_MINOR 1
/// A release that mends something
#define KCTX_LIB_PATCH 0

/// The version as one number, to compare: KCTX_LIB_VERSION >= KCTX_LIB_NUMBER(0, 2, 0).
#define KCTX_LIB_NUMBER(major, minor, patch) ((major) * 1000000 + (minor) * 1000 + (patch))
/// The version of these headers, as KCTX_LIB_NUMBER() makes it.
#define KCTX_LIB_VERSION KCTX_LIB_NUMBER(KCTX_LIB_MAJOR, KCTX_LIB_MINOR, KCTX_LIB_PATCH)
