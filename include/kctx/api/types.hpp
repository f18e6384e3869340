// SPDX-License-Identifier: BSL-1.0
/// @file
/// The kernel's integer types.
/// @par Kernel source
/// include/linux/types.h, include/asm-generic/int-ll64.h (6.12).
#pragma once

namespace kctx {

/// Integers of a known width, as the kernel has them.
using u8 = unsigned char;
using u16 = unsigned short;
using u32 = unsigned int;
using u64 = unsigned long long;
using s8 = signed char;
using s16 = short;
using s32 = int;
using s64 = long long;
using size_t = decltype(sizeof 0); ///< bytes: std::size_t
/// Bytes or -errno.
using ssize_t = decltype(static_cast<char *>(nullptr) - static_cast<char *>(nullptr));
using loff_t = __INT64_TYPE__; ///< a position in a file, as <sys/types.h> has it
using dma_addr_t = u64;        ///< an address as a device sees it
using phys_addr_t = u64;       ///< an address as the memory controller sees it
using resource_size_t = u64;   ///< the same, of a device's registers
using sector_t = u64;          ///< 512 bytes of a disk
using ktime_t = s64;           ///< nanoseconds

} // namespace kctx
