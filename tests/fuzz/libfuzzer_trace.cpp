// SPDX-License-Identifier: BSL-1.0
// For clang's libFuzzer: cmake --build ... --target fuzz_trace; fuzz_trace -malloc_limit_mb=16384
// DIR (a dump may describe 2 TiB, whose map is reserved and not touched)
#include "read_trace.hpp"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    fuzz::read_trace({reinterpret_cast<const char *>(data), size});
    return 0;
}
