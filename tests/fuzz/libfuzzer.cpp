// SPDX-License-Identifier: BSL-1.0
// For clang's libFuzzer: cmake --build ... --target fuzz_klog; fuzz_klog tests/data/logs/documents
#include "read_log.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    return fuzz::read_log(data, size);
}
