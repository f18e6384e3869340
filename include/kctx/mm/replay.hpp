// SPDX-License-Identifier: BSL-1.0
/// @file
/// A recorded trace against the model: the first dump is loaded, then every request of the trace is
/// made, and what the model hands out is compared with what the kernel handed out, page by page. At
/// each dump the whole state is compared, then taken over. Memory does not grow with the trace.
#pragma once

#include <kctx/mm/cma.hpp>
#include <kctx/mm/page_allocator.hpp>
#include <kctx/mm/trace_event.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::mm {

/// What was compared, and how much of it was equal.
struct replay_counts {
    unsigned long lines = 0;             ///< read
    unsigned long events = 0;            ///< of tracepoints
    unsigned long allocs = 0;            ///< allocations in the trace
    unsigned long allocs_equal = 0;      ///< those that got the same frame
    unsigned long failures_equal = 0;    ///< requests that fail in both
    unsigned long frees = 0;             ///< blocks given back
    unsigned long fallbacks = 0;         ///< requests that got a block of another type
    unsigned long fallbacks_equal = 0;   ///< those with the same block, orders and types
    unsigned long drained = 0;           ///< pages from per-cpu lists to buddy lists
    unsigned long drained_equal = 0;     ///< those that went there in the same order
    unsigned long dumps = 0;             ///< whole states in the trace
    unsigned long dumps_equal = 0;       ///< those that are the model's in every number
    unsigned long dumps_lists_equal = 0; ///< all lists and types equal, a counter not
    unsigned long digests = 0;           ///< hashes of the state, between dumps
    unsigned long digests_equal = 0;     ///< those that are the model's
    unsigned long differences = 0;       ///< all that was not equal, of any kind
    // Taken from the trace, not predicted:
    unsigned long foreign_drains = 0; ///< somebody else emptied the per-cpu lists
    unsigned long boost_resets = 0, boost_resets_predicted = 0; ///< kswapd went to sleep
    unsigned long cma_allocs = 0;       ///< cma_alloc() with all its migrations
    unsigned long cma_allocs_equal = 0; ///< those that got the same frames
    unsigned long reclaims = 0;         ///< requests that reclaimed or compacted
    unsigned long reclaims_equal = 0;   ///< those that ended as in the trace
    unsigned long resyncs = 0;          ///< the state was taken over from a dump
    unsigned long not_compared = 0;     ///< events between a loss of the state and the next dump
    std::map<std::string, unsigned long> lost; ///< why the state was lost, how often
};

/// Where trace and model part.
struct replay_difference {
    unsigned long line = 0;  ///< of the trace, from 1 on
    std::string what;        ///< what the model has, and the trace
    std::string model_state; ///< the model's state at that point, as a dump
    std::string trace_state; ///< the trace's next dump
};

/// Does in the model what a trace of a kernel says, and compares what comes of it.
class trace_replay : private event_sink
{
public:
    trace_replay() : window_(window_size) {}

    /// Starts from a state instead of the trace's first dump.
    void start_from(const memory_state &state)
    {
        adopt(state);
        synced_ = true;
    }

    /// The next line of the trace, without its end. Throws malformed.
    void read(std::string_view text)
    {
        ++counts_.lines;
        if (dump_.inside()) {
            if (dump_.read(text, counts_.lines))
                dump_complete();
            return;
        }
        const trace_event e = parser_.parse(text, counts_.lines);
        switch (e.kind) {
        case trace_kind::other:
            return;
        case trace_kind::header:
            dump_.header(text, e.line);
            parser_.set_version(version_of_release(dump_.state().release));
            if (dump_.state().cma_pages != area_.used.size())
                area_ = cma_area(dump_.state().cma_base, dump_.state().cma_pages);
            return;
        case trace_kind::dump:
            flush();
            dump_.read(text, e.line);
            return;
        case trace_kind::free_batched:
            mark_batched(e);
            break;
        case trace_kind::operation:
            mark_context(e);
            break;
        default:
            break;
        }
        if (end_ - begin_ == window_size)
            play(window_[begin_++ % window_size]);
        window_[end_++ % window_size] = e;
    }

    /// Compares every n-th digest of the whole state; 0: none.
    void digest_every(unsigned n) { digest_every_ = n; }

    /// The trace has ended.
    void finish()
    {
        if (dump_.inside())
            throw malformed(counts_.lines, "the trace ends inside a dump");
        flush();
    }

    const replay_counts &counts() const { return counts_; } ///< what was compared so far
    /// Where they first part, or nullptr.
    const replay_difference *first_difference() const
    {
        return counts_.differences == 0 ? nullptr : &first_;
    }
    /// The model as it is now; nullptr before the first dump.
    const page_allocator *model() const { return model_.get(); }
    /// The state, with pageblocks isolated, in which a page that cma_alloc() had to move found no
    /// place: since the last dump; or none.
    const std::optional<memory_state> &state_at_cma_failure() const { return cma_failure_; }

private:
    /// An event is played when so many more are known: whether a free is only the preparation of a
    /// batched one, and in which context a request was made, stands behind it.
    static constexpr std::size_t window_size = 8192;

    void mark_batched(const trace_event &b)
    {
        // Both kinds come in the same order, so the next one is mostly right behind the last.
        for (std::size_t i = std::max(last_batched_ + 1, begin_); i < end_ && i < last_batched_ + 4;
             ++i) {
            if (mark_if(window_[i % window_size], b)) {
                last_batched_ = i;
                return;
            }
        }
        for (std::size_t i = end_; i-- > begin_;) {
            if (mark_if(window_[i % window_size], b)) {
                last_batched_ = i;
                return;
            }
        }
        throw malformed(b.line, "mm_page_free_batched of frame " + hex(b.pfn) +
                                    " without its mm_page_free within " +
                                    std::to_string(window_size) + " events before");
    }
    static bool mark_if(trace_event &e, const trace_event &b)
    {
        if (e.kind != trace_kind::free || e.pfn != b.pfn || e.batched)
            return false;
        return e.batched = true;
    }

    void mark_context(const trace_event &operation)
    {
        if (!operation.is_alloc)
            return;
        for (std::size_t i = end_; i-- > begin_;) {
            trace_event &e = window_[i % window_size];
            if (e.kind == trace_kind::operation || e.kind == trace_kind::drain)
                return;
            if (e.kind != trace_kind::alloc)
                continue;
            e.gfp = operation.gfp;
            e.nocma = operation.nocma;
            e.memalloc = operation.memalloc;
            return;
        }
    }

    void flush()
    {
        while (begin_ != end_)
            play(window_[begin_++ % window_size]);
    }

    void play(const trace_event &e)
    {
        const bool tracepoint = e.kind <= trace_kind::reclaim;
        counts_.events += tracepoint;
        if (!model_)
            return;
        if (e.kind == trace_kind::cma_end || e.kind == trace_kind::cma_release)
            mark_area(e);
        if (in_cma_ && e.kind != trace_kind::cma_end) {
            // What cma_alloc() allocates and frees, the model has done already.
            if (tracepoint && (e.by_others || e.kind >= trace_kind::compaction)) {
                in_cma_ = false;
                lose("cma_alloc while others work, or that must reclaim");
            }
            return;
        }
        if (tracepoint && !e.in_softirq)
            last_of_task_ = e.kind;
        if (!synced_) {
            counts_.not_compared += tracepoint;
            if (e.kind == trace_kind::memalloc_on || e.kind == trace_kind::memalloc_off)
                snapshot_ = e.kind == trace_kind::memalloc_on;
            return;
        }
        switch (e.kind) {
        case trace_kind::alloc:
            drain_unexplained_ = false;
            alloc(e);
            break;
        case trace_kind::free:
        case trace_kind::free_batched:
            if (compacting_ && !e.by_others && !e.in_softirq)
                lose("compaction that moved pages: where to is in no event");
            else if (!e.batched)
                free(e);
            break;
        case trace_kind::pcpu_drain:
            drained(e);
            break;
        case trace_kind::extfrag:
            expected_fallbacks_.push_back(
                {e.pfn, e.order, e.fallback_order, e.type, e.fallback_type, e.own});
            break;
        case trace_kind::kswapd_sleep:
            ++counts_.boost_resets;
            counts_.boost_resets_predicted += kswapd_woken_ || model_->kswapd_is_woken();
            kswapd_woken_ = false;
            model_->kswapd_sleeps();
            break;
        case trace_kind::reclaim:
        case trace_kind::compaction:
            compacting_ = e.kind == trace_kind::compaction;
            slow_path_ = followed_slow_path_ = true;
            break;
        case trace_kind::compaction_end:
            compacting_ &= e.by_others;
            break;
        case trace_kind::migrated:
            lose("compaction that moved pages: where to is in no event");
            break;
        case trace_kind::cma_begin:
            cma_alloc(e);
            break;
        case trace_kind::cma_end:
            cma_end(e);
            break;
        case trace_kind::drain:
            counts_.foreign_drains -= drain_unexplained_;
            drain_unexplained_ = false;
            model_->drain_all_pages();
            compare_digest(e);
            break;
        case trace_kind::operation:
            compare_digest(e);
            break;
        case trace_kind::lru_page:
            if (e.pfn == trace_event::no_pfn)
                break;
            if (model_->zone_of(e.pfn) == nullptr ||
                model_->map().tag[model_->map().index(e.pfn)].is_free())
                differ(e, frame(e.pfn) + " is used for a file, and free in the model");
            else
                model_->set_movable(e.pfn);
            break;
        case trace_kind::memalloc_on:
            snapshot_ = true;
            break;
        case trace_kind::memalloc_off:
            snapshot_ = false;
            break;
        default:
            break;
        }
    }

    void alloc(const trace_event &e)
    {
        alloc_context who;
        who.nocma = e.nocma;
        who.memalloc = e.memalloc || snapshot_;
        fallbacks_.clear();
        const bool slow = !e.by_others && slow_path_;
        if (!e.by_others)
            slow_path_ = compacting_ = false;
        counts_.reclaims += slow;
        const page_result got = model_->alloc_pages(e.gfp, e.order, who);
        // What reclaim and compaction freed, the trace has told; if nothing helped, it failed.
        if (!got && model_->last_failure().why == alloc_failure::needs_reclaim &&
            (!slow || e.pfn != trace_event::no_pfn)) {
            lose(slow ? "direct reclaim: by what it got its page is in no event"
                      : "direct reclaim or compaction without its events");
            return;
        }
        const std::uint64_t pfn = got ? got.pfn() : trace_event::no_pfn;
        if (followed_slow_path_ && (pfn != e.pfn || fallbacks_ != expected_fallbacks_)) {
            expected_fallbacks_.clear();
            lose("a slow path that changed more than its events say");
            return;
        }
        ++counts_.allocs;
        counts_.fallbacks += expected_fallbacks_.size();
        if (pfn != e.pfn) [[unlikely]] {
            differ(e, "alloc_pages(0x" + hex(e.gfp) + ", " + std::to_string(e.order) +
                          "): the model gives " + frame(pfn) + ", the trace has " + frame(e.pfn) +
                          ", " + whereabouts(e.pfn));
        } else if (fallbacks_ != expected_fallbacks_) [[unlikely]] {
            differ(e, "fallback: the model " + shown(fallbacks_) + ", the trace " +
                          shown(expected_fallbacks_));
        } else {
            ++counts_.allocs_equal;
            counts_.reclaims_equal += slow;
            counts_.failures_equal += !got;
            counts_.fallbacks_equal += fallbacks_.size();
        }
        expected_fallbacks_.clear();
    }

    void cma_alloc(const trace_event &e)
    {
        in_cma_ = true;
        cma_result_ = cma_allocator(*model_).alloc(area_, e.pages, e.order);
        cma_reclaims_ = !cma_result_ && model_->last_failure().why == alloc_failure::needs_reclaim;
        drain_begin_ = drain_end_;
    }

    void cma_end(const trace_event &e)
    {
        if (!in_cma_)
            return;
        in_cma_ = false;
        ++counts_.cma_allocs;
        const std::uint64_t pfn = cma_result_ ? cma_result_.pfn() : trace_event::no_pfn;
        if (pfn == e.pfn && (!e.has_digest || model_->digest() == e.digest)) {
            ++counts_.cma_allocs_equal;
            return;
        }
        lose(cma_reclaims_  ? "cma_alloc that must reclaim"
             : pfn == e.pfn ? "cma_alloc: the same range, by other migrations"
                            : "cma_alloc: another range");
    }

    /// The area's own map, which goes on when the state is lost.
    void mark_area(const trace_event &e)
    {
        const std::uint64_t at = e.pfn - area_.base_pfn;
        if (e.pfn == trace_event::no_pfn || e.pfn < area_.base_pfn || at > area_.used.size() ||
            e.pages > area_.used.size() - at)
            return;
        std::fill_n(area_.used.begin() + static_cast<std::ptrdiff_t>(at), e.pages,
                    e.kind == trace_kind::cma_end);
    }

    void free(const trace_event &e)
    {
        ++counts_.frees;
        if (model_->zone_of(e.pfn) == nullptr || e.order >= model_->orders()) {
            differ(e, "free of " + frame(e.pfn) + ": there is no such page");
            return;
        }
        if (model_->map().tag[model_->map().index(e.pfn)].is_free()) {
            differ(e, "free of " + frame(e.pfn) + ", which is free in the model");
            return;
        }
        if (e.in_softirq && is_locked_out(e))
            model_->free_pages_locked_out(e.pfn, e.order);
        else
            model_->free_pages(e.pfn, e.order);
    }

    /// free_unref_page_list() holds the per-cpu lists' lock over a batch (6.0 and later): a softirq
    /// that comes in between frees past them. At the end of a batch it may come before the lock is
    /// given back or after; where it would then have emptied the lists, the trace shows which.
    bool is_locked_out(const trace_event &e)
    {
        const per_cpu_pages &pcp = model_->zone_of(e.pfn)->pcp;
        const bool empties = model_->rules().pcp_drains_high_orders && e.order != 0 &&
                             e.order < model_->rules().pcp_orders && pcp.free_factor != 0;
        if (empties && begin_ != end_) {
            const trace_event &next = window_[begin_ % window_size];
            return next.kind != trace_kind::pcpu_drain || !next.in_softirq;
        }
        return in_batch(last_of_task_) && in_batch(next_of_task());
    }

    static bool in_batch(trace_kind kind)
    {
        return kind == trace_kind::free_batched || kind == trace_kind::pcpu_drain;
    }

    /// The next event but those of softirqs.
    trace_kind next_of_task() const
    {
        for (std::size_t i = begin_; i != end_; ++i) {
            if (!window_[i % window_size].in_softirq)
                return window_[i % window_size].kind;
        }
        return trace_kind::other;
    }

    void drained(const trace_event &e)
    {
        ++counts_.drained;
        if (drain_begin_ == drain_end_) {
            if (!slow_path_) { // __alloc_pages_direct_reclaim() empties them, too
                ++counts_.foreign_drains;
                drain_unexplained_ = true; // until the operation that did it is named
            }
            model_->drain_all_pages();
        }
        if (drain_begin_ != drain_end_) {
            const std::uint64_t pfn = drains_[drain_begin_++ % drains_.size()];
            if (pfn == e.pfn) {
                ++counts_.drained_equal;
                return;
            }
            drain_begin_ = drain_end_;
            differ(e, "per-cpu lists: the model gives back " + frame(pfn) + ", the trace has " +
                          frame(e.pfn));
            return;
        }
        differ(e, "per-cpu lists: the trace gives back " + frame(e.pfn) + ", the model nothing");
    }

    void compare_digest(const trace_event &e)
    {
        if (!e.has_digest || digest_every_ == 0 || ++digests_seen_ % digest_every_ != 0)
            return;
        ++counts_.digests;
        if (model_->digest() == e.digest)
            ++counts_.digests_equal;
        else
            differ(e, "the digest of the whole state differs");
    }

    void dump_complete()
    {
        const memory_state &theirs = dump_.state();
        parser_.set_version(version_of_release(theirs.release));
        if (synced_)
            compare(theirs);
        else
            ++counts_.resyncs;
        if (counts_.differences != 0 && first_.trace_state.empty())
            first_.trace_state = dump_text(theirs);
        adopt(theirs);
        synced_ = true;
    }

    void compare(const memory_state &theirs)
    {
        ++counts_.dumps;
        const memory_state ours = model_->save();
        std::string lists, numbers;
        for (std::size_t i = 0; i < ours.zones.size() && i < theirs.zones.size(); ++i)
            compare_zone(ours.zones[i], theirs.zones[i], lists, numbers);
        if (!lists.empty() || ours.zones.size() != theirs.zones.size()) {
            trace_event here;
            here.line = counts_.lines;
            differ(here, "dump '" + theirs.label + "': " + lists);
        } else if (!numbers.empty()) {
            ++counts_.dumps_lists_equal;
            ++counts_.lost["counters at a dump:" + numbers];
        } else {
            ++counts_.dumps_equal;
        }
    }

    static void compare_zone(const zone_state &ours, const zone_state &theirs, std::string &lists,
                             std::string &numbers)
    {
        const auto list = [&lists, &ours](bool equal, const std::string &what) {
            if (!equal)
                lists += (lists.empty() ? "" : ", ") + ours.name + ": " + what;
        };
        for (unsigned o = 0; o < max_orders; ++o) {
            for (unsigned t = 0; t < migrate_types; ++t)
                list(ours.lists[o][t] == theirs.lists[o][t],
                     "free list of order " + std::to_string(o) + ", type " + std::to_string(t));
        }
        for (std::size_t i = 0; i < std::max(ours.pcp.size(), theirs.pcp.size()); ++i) {
            const std::vector<pcp_entry> none;
            list((i < ours.pcp.size() ? ours.pcp[i] : none) ==
                     (i < theirs.pcp.size() ? theirs.pcp[i] : none),
                 "per-cpu list " + std::to_string(i));
        }
        if (ours.pageblocks != theirs.pageblocks) {
            for (const pageblock_state &b : theirs.pageblocks) {
                if (std::find(ours.pageblocks.begin(), ours.pageblocks.end(), b) ==
                    ours.pageblocks.end())
                    list(false, "type of the pageblock at " + hex(b.pfn));
            }
        }
        const auto number = [&numbers](long our, long their, const char *what) {
            if (our != their)
                numbers += std::string(" ") + what;
        };
        number(ours.free.global, theirs.free.global, "free");
        number(ours.free.diff, theirs.free.diff, "free_diff");
        number(ours.free_cma.global, theirs.free_cma.global, "cma");
        number(ours.free_cma.diff, theirs.free_cma.diff, "cma_diff");
        number(ours.boost, theirs.boost, "boost");
        number(ours.reserved_highatomic, theirs.reserved_highatomic, "highatomic");
        number(ours.pcp_count, theirs.pcp_count, "pcp count");
        number(ours.free_factor, theirs.free_factor, "free_factor");
    }

    void adopt(const memory_state &state)
    {
        if (!model_) {
            model_ = std::make_unique<page_allocator>(state);
        } else {
            kswapd_woken_ |= model_->kswapd_is_woken(); // a dump does not say
            model_->load(state);
        }
        model_->stop_before_reclaim(true);
        model_->watch(this);
        expected_fallbacks_.clear();
        fallbacks_.clear();
        drain_begin_ = drain_end_ = 0;
        in_cma_ = slow_path_ = compacting_ = followed_slow_path_ = false;
        cma_failure_.reset();
    }

    void lose(const std::string &why)
    {
        synced_ = false;
        ++counts_.lost[why];
    }

    void differ(const trace_event &e, const std::string &what)
    {
        if (followed_slow_path_) {
            lose("a slow path that changed more than its events say");
            return;
        }
        if (counts_.differences++ == 0) {
            first_.line = e.line;
            first_.what = what;
            first_.model_state = dump_text(model_->save());
        }
        lose("a difference");
    }

    // event_sink
    void request_failed(unsigned, unsigned) override
    {
        if (in_cma_ && !cma_failure_)
            cma_failure_ = model_->save();
    }
    void extfrag(const extfrag_event &e) override { fallbacks_.push_back(e); }
    void pcpu_drain(std::uint64_t pfn, unsigned, unsigned) override
    {
        if (drain_end_ - drain_begin_ == drains_.size())
            grow_drains();
        drains_[drain_end_++ % drains_.size()] = pfn;
    }

    void grow_drains()
    {
        std::vector<std::uint64_t> larger(2 * drains_.size());
        for (std::size_t i = drain_begin_; i != drain_end_; ++i)
            larger[i - drain_begin_] = drains_[i % drains_.size()];
        drain_end_ -= drain_begin_;
        drain_begin_ = 0;
        drains_.swap(larger);
    }

    static std::string hex(std::uint64_t n)
    {
        char digits[17];
        return {digits, std::to_chars(digits, digits + sizeof digits, n, 16).ptr};
    }
    static std::string frame(std::uint64_t pfn)
    {
        return pfn == trace_event::no_pfn ? "no page" : "frame " + hex(pfn);
    }
    static std::string shown(const std::vector<extfrag_event> &events)
    {
        if (events.empty())
            return "has none";
        std::string text = "takes";
        for (const extfrag_event &e : events)
            text += " " + hex(e.pfn) + " (order " + std::to_string(e.fallback_order) + ", type " +
                    std::to_string(e.fallback_type) + " for " + std::to_string(e.alloc_type) +
                    (e.change_ownership ? ", with its pageblock)" : ")");
        return text;
    }

    /// Where the page that the trace has is in the model.
    std::string whereabouts(std::uint64_t pfn) const
    {
        const zone *z = pfn == trace_event::no_pfn ? nullptr : model_->zone_of(pfn);
        if (z == nullptr)
            return "which the model has not";
        const page_index p = model_->map().index(pfn);
        for (unsigned o = 0; o < model_->orders(); ++o) {
            const page_tag t = model_->map().tag[p & ~((page_index{1} << o) - 1)];
            if (t.is_free() && t.order() >= o)
                return "which is in a free block of order " + std::to_string(t.order()) +
                       ", type " + std::to_string(t.type()) + " there";
        }
        for (std::size_t i = 0; i < z->pcp.lists.size(); ++i) {
            for (std::uint32_t k = 0; k < z->pcp.lists[i].size(); ++k) {
                if (z->pcp.lists[i][k].page() == p)
                    return "which is on per-cpu list " + std::to_string(i) + " there";
            }
        }
        return "which is in use there";
    }

    trace_parser parser_;
    dump_reader dump_;
    std::unique_ptr<page_allocator> model_;
    std::vector<trace_event> window_;
    std::size_t begin_ = 0, end_ = 0;
    std::size_t last_batched_ = 0;
    cma_area area_;
    bool in_cma_ = false;
    bool kswapd_woken_ = false;
    bool cma_reclaims_ = false;
    std::optional<memory_state> cma_failure_;
    bool slow_path_ = false;          ///< the task reclaims or compacts for its request
    bool compacting_ = false;         ///< by direct compaction
    bool followed_slow_path_ = false; ///< since the last dump
    page_result cma_result_;
    bool synced_ = false;
    unsigned digest_every_ = 1;
    unsigned long digests_seen_ = 0;
    trace_kind last_of_task_ = trace_kind::other; ///< the last event but those of softirqs
    bool snapshot_ = false;                       ///< the recorder reads /proc, with PF_MEMALLOC
    std::vector<extfrag_event> fallbacks_, expected_fallbacks_;
    std::vector<std::uint64_t> drains_ = std::vector<std::uint64_t>(1024);
    std::size_t drain_begin_ = 0, drain_end_ = 0;
    bool drain_unexplained_ = false;
    replay_counts counts_;
    replay_difference first_;
};

} // namespace kctx::mm
