// SPDX-License-Identifier: BSL-1.0
/// @file
/// The upper layer of log reading: a report to statements about its numbers.
#pragma once

#include <kctx/klog/decode_count.hpp>
#include <kctx/klog/decode_request.hpp>
#include <kctx/klog/reader.hpp>

#include <utility>

namespace kctx::klog {

/// Decodes the reports of one log, in their order: a report may follow from one before it.
class decoder
{
public:
    explicit decoder(known_machine known = {}) : known_(std::move(known)) {}

    /// Decodes @p r, the next report of the log.
    decoded decode(const report &r)
    {
        decoded d;
        d.from = machine_of(r, known_);
        switch (r.kind) {
        case report_kind::scheduling_while_atomic:
            detail::decode_schedule(r, earlier_, d);
            earlier_ = r.line;
            break;
        case report_kind::sleeping_function:
            detail::decode_sleep(r, d);
            break;
        case report_kind::page_allocation_failure:
        case report_kind::slab_failure:
        case report_kind::vmalloc_failure:
        case report_kind::out_of_memory:
            detail::decode_failure(r, d);
            break;
        default:
            break;
        }
        return d;
    }

private:
    known_machine known_;
    unsigned long earlier_ = 0; ///< line of the last "scheduling while atomic"
};

} // namespace kctx::klog
