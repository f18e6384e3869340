// SPDX-License-Identifier: BSL-1.0
/// @file
/// The top of log reading: a report to its explanation, kind by kind. One paragraph of verdict, the
/// evidence, the rule, the fixes.
#pragma once

#include <kctx/klog/decode.hpp>
#include <kctx/klog/explain_allocation.hpp>
#include <kctx/klog/explain_lockdep.hpp>
#include <kctx/klog/explain_memory.hpp>
#include <kctx/klog/explain_oops.hpp>
#include <kctx/klog/explain_sleeping.hpp>

#include <string>
#include <utility>

namespace kctx::klog {

/// Explains the reports of one log, in their order.
class explainer
{
public:
    explicit explainer(known_machine known = {}) : decoder_(std::move(known)) {}

    /// Explains @p r, the next report of the log.
    explanation explain(const report &r)
    {
        explanation e;
        e.said = decoder_.decode(r);
        switch (r.kind) {
        case report_kind::scheduling_while_atomic:
        case report_kind::sleeping_function:
            detail::explain_sleeping(r, e);
            break;
        case report_kind::invalid_wait_context:
            detail::explain_wait_context(r, e);
            break;
        case report_kind::inconsistent_lock_state:
            detail::explain_inconsistent(r, e);
            break;
        case report_kind::page_allocation_failure:
        case report_kind::slab_failure:
            detail::explain_failure(r, e);
            failed_ = {r.line, e.call ? detail::function_text(e.call->caller, e.call->module) : ""};
            break;
        case report_kind::vmalloc_failure:
            detail::explain_vmalloc(r, e);
            break;
        case report_kind::out_of_memory:
            detail::explain_oom(r, e);
            break;
        case report_kind::memory_info:
            detail::explain_memory(r, e);
            break;
        case report_kind::oops:
            detail::explain_oops(r, failed_, e);
            break;
        case report_kind::kernel_panic:
            detail::explain_panic(r, e);
            break;
        default:
            detail::explain_proc(r, e);
            break;
        }
        if (r.panic && r.kind != report_kind::kernel_panic && r.kind != report_kind::oops)
            detail::add_panic(r, e);
        for (const std::string &text : e.said.context)
            e.findings.push_back({text, certainty::proved, {}});
        if (!r.taint.empty())
            e.findings.push_back(
                {"tainted: " + detail::taint_words(r.taint), certainty::proved, {}});
        return e;
    }

private:
    decoder decoder_;
    detail::failed_allocation failed_;
};

} // namespace kctx::klog
