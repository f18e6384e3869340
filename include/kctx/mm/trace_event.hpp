// SPDX-License-Identifier: BSL-1.0
/// @file
/// Traces of the page allocator as text, a line at a time: the recorded kernels' format (one letter
/// a kind, `e a pfn order gfp type`), and the kernel's own tracepoints as trace-cmd and
/// /sys/kernel/tracing/trace print them (`... mm_page_alloc: page=... pfn=... order=...`).
#pragma once

#include <kctx/kernel/gfp_names.hpp>
#include <kctx/mm/dump.hpp>

#include <cstdint>
#include <string_view>

namespace kctx::mm {

/// What a line of a trace is: a tracepoint's, or the recorder's own.
enum class trace_kind : unsigned char {
    other,        ///< nothing that matters here
    alloc,        ///< mm_page_alloc
    free,         ///< mm_page_free
    free_batched, ///< mm_page_free_batched: the free that an mm_page_free prepared
    zone_locked,  ///< mm_page_alloc_zone_locked
    pcpu_drain,   ///< mm_page_pcpu_drain
    extfrag,      ///< mm_page_alloc_extfrag
    kswapd_sleep,
    compaction,     ///< direct compaction begins
    compaction_end, ///< or was put off
    migrated,       ///< compaction has moved pages
    reclaim,        ///< direct reclaim begins
    operation,      ///< the recorder's own alloc or free, whose events came before
    drain,          ///< all per-cpu lists are emptied
    sleep,          ///< the recorder slept: others ran
    lru_page,       ///< a page taken for a file: it is on the LRU now
    cma_begin,      ///< cma_alloc() begins
    cma_end,        ///< cma_alloc() has returned
    cma_release,    ///< cma_release() has returned
    memalloc_on,    ///< the task has PF_MEMALLOC from here
    memalloc_off,
    header, ///< an `H` line
    dump,   ///< a line of a dump
};

/// What a line of a trace says, as far as it is of its kind.
struct trace_event {
    static constexpr std::uint64_t no_pfn = ~std::uint64_t{0}; ///< no frame: the request failed

    trace_kind kind = trace_kind::other; ///< of which tracepoint, or of the recorder's own lines
    bool by_others = false;              ///< not by the recorder's task
    bool in_softirq = false;             ///< in a softirq, as the flags column says
    bool nocma = false;                  ///< the task has PF_MEMALLOC_NOCMA, PF_MEMALLOC_PIN
    bool memalloc = false;               ///< ... PF_MEMALLOC
    bool batched = false;                ///< free: a free_batched follows and is the free itself
    bool is_alloc = false;               ///< operation: an allocation
    bool has_digest = false;             ///< a digest of the state follows the event
    bool own = false;                    ///< extfrag: the pageblock changed its type
    unsigned char order = 0;             ///< of the block
    unsigned char type = 0;              ///< of the request, or of the page
    unsigned char fallback_order = 0;    ///< extfrag
    unsigned char fallback_type = 0;     ///< extfrag: the type of the block that was found
    unsigned gfp = 0;                    ///< the mask in bits
    unsigned long line = 0;              ///< of the trace, from 1 on
    std::uint64_t pfn = no_pfn;          ///< no_pfn: the request failed
    std::uint64_t digest = 0;            ///< state_digest of the kernel behind the event
    std::uint32_t pages = 0;             ///< cma_*: how many; the alignment is in order
};

/// Reads lines. Throws malformed for a line that is of a known kind and cannot be read.
class trace_parser
{
public:
    /// The kernel whose numbers and names the trace has.
    void set_version(unsigned version) { version_ = version; }

    /// Reads line number @p line, without its newline.
    trace_event parse(std::string_view text, unsigned long line)
    {
        trace_event e;
        e.line = line;
        if (text.size() < 2)
            return e;
        if (text[0] == 'e' && text[1] == ' ') {
            event(text, e);
            return e;
        }
        if (text[1] == ' ' && text[0] != ' ')
            recorded(text, e);
        else if (const std::size_t at = text.find(": mm_"); at != std::string_view::npos)
            tracepoint(text, at + 2, e);
        return e;
    }

private:
    struct cursor {
        std::string_view text;
        std::size_t at;
        unsigned long line;

        bool at_end() const { return at >= text.size(); }
        void blank()
        {
            if (at_end() || text[at] != ' ')
                bad("a blank");
            ++at;
        }
        std::uint64_t hex()
        {
            std::uint64_t n = 0;
            const std::size_t begin = at;
            for (; at < text.size(); ++at) {
                const unsigned d = digit(text[at]);
                if (d > 15)
                    break;
                n = n << 4 | d;
            }
            if (at == begin || at - begin > 13)
                bad("a frame number");
            return n;
        }
        std::uint64_t decimal()
        {
            std::uint64_t n = 0;
            const std::size_t begin = at;
            for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
                n = n * 10 + static_cast<unsigned>(text[at] - '0');
            if (at == begin || at - begin > 15)
                bad("a number");
            return n;
        }
        unsigned small(unsigned limit, const char *what)
        {
            const std::uint64_t n = decimal();
            if (n >= limit)
                bad(what);
            return static_cast<unsigned>(n);
        }
        unsigned mask()
        {
            if (text.substr(at, 2) != "0x")
                bad("0x and a mask");
            at += 2;
            const std::uint64_t n = hex();
            if (n > ~0u)
                bad("a mask of 32 bits");
            return static_cast<unsigned>(n);
        }
        bool skip(std::string_view word)
        {
            if (text.substr(at, word.size()) != word)
                return false;
            at += word.size();
            return true;
        }
        [[noreturn]] void bad(const char *expected) const
        {
            throw malformed(line, "expected " + std::string(expected) + " at column " +
                                      std::to_string(at + 1) + ": '" + detail::fields::shown(text) +
                                      "'");
        }
        static unsigned digit(char c)
        {
            if (c >= '0' && c <= '9')
                return static_cast<unsigned>(c - '0');
            if (c >= 'a' && c <= 'f')
                return static_cast<unsigned>(c - 'a') + 10;
            return 16;
        }
    };

    /// "e KIND ...": what makes up nearly all of a trace.
    void event(std::string_view text, trace_event &e)
    {
        if (text.size() < 4 || text[3] != ' ')
            throw malformed(e.line,
                            "an event without a kind: '" + detail::fields::shown(text) + "'");
        cursor c{text, 4, e.line};
        const char kind = text[2];
        if (kind == 'k') {
            e.by_others = text.find(" @") != std::string_view::npos;
            if (c.skip("kswapd_sleep"))
                e.kind = trace_kind::kswapd_sleep;
            else if (c.skip("direct_reclaim_begin"))
                e.kind = trace_kind::reclaim;
            else if (c.skip("try_to_compact"))
                e.kind = trace_kind::compaction;
            else if (c.skip("compact_end") || c.skip("compact_deferred"))
                e.kind = trace_kind::compaction_end;
            else if (c.skip("compact_migrated ") && moved_pages(text.substr(c.at)))
                e.kind = trace_kind::migrated;
            return;
        }
        const bool failed = (kind == 'a' || kind == 'z') && c.skip("-");
        if (!failed)
            e.pfn = c.hex();
        switch (kind) {
        case 'a':
            e.kind = trace_kind::alloc;
            c.blank();
            e.order = static_cast<unsigned char>(c.small(64, "an order"));
            c.blank();
            e.gfp = c.mask();
            c.blank();
            e.type = static_cast<unsigned char>(c.small(64, "a migrate type"));
            break;
        case 'f':
            e.kind = trace_kind::free;
            c.blank();
            e.order = static_cast<unsigned char>(c.small(64, "an order"));
            break;
        case 'b':
            e.kind = trace_kind::free_batched;
            break;
        case 'z':
        case 'd':
            e.kind = kind == 'z' ? trace_kind::zone_locked : trace_kind::pcpu_drain;
            c.blank();
            e.order = static_cast<unsigned char>(c.small(64, "an order"));
            c.blank();
            e.type = static_cast<unsigned char>(c.small(64, "a migrate type"));
            break;
        case 'x':
            e.kind = trace_kind::extfrag;
            c.blank();
            e.order = static_cast<unsigned char>(c.small(64, "an order"));
            c.blank();
            e.fallback_order = static_cast<unsigned char>(c.small(64, "an order"));
            c.blank();
            e.type = static_cast<unsigned char>(c.small(64, "a migrate type"));
            c.blank();
            e.fallback_type = static_cast<unsigned char>(c.small(64, "a migrate type"));
            c.blank();
            e.own = c.small(2, "0 or 1") == 1;
            break;
        default:
            throw malformed(e.line, std::string("no event of kind '") +
                                        detail::fields::shown(text.substr(2, 1)) + "'");
        }
        if (!c.at_end()) {
            c.blank();
            e.by_others = c.skip("@");
            e.in_softirq = e.by_others && c.skip("softirq");
        }
    }

    /// The other lines of a record.
    void recorded(std::string_view text, trace_event &e)
    {
        switch (text[0]) {
        case 'A':
            allocation(text, e);
            break;
        case 'F':
            e.kind = trace_kind::operation;
            digest(text, e);
            break;
        case 'O':
            if (text.starts_with("O drain")) {
                e.kind = trace_kind::drain;
                digest(text, e);
            } else if (text.starts_with("O sleep")) {
                e.kind = trace_kind::sleep;
            }
            break;
        case 'Y': {
            detail::fields f(text, e.line);
            f.next();
            f.next();
            const std::string_view pfn = f.next();
            e.kind = trace_kind::lru_page;
            if (pfn != "FAIL")
                e.pfn = f.frame(pfn);
            break;
        }
        case '>':
            if (text.starts_with("> snap"))
                e.kind = trace_kind::memalloc_on;
            else if (text.starts_with("> C ")) {
                e.kind = trace_kind::cma_begin;
                cma(text.substr(2), e);
            }
            break;
        case '<':
            if (text.starts_with("< snap"))
                e.kind = trace_kind::memalloc_off;
            break;
        case 'C':
            e.kind = trace_kind::cma_end;
            cma(text, e);
            break;
        case 'c':
            e.kind = trace_kind::cma_release;
            released(text, e);
            break;
        case 'H':
            e.kind = trace_kind::header;
            break;
        case 'D':
            e.kind = trace_kind::dump;
            break;
        default:
            break;
        }
    }

    /// "C count align", and the frame if it has returned.
    static void cma(std::string_view text, trace_event &e)
    {
        detail::fields f(text, e.line);
        f.next();
        e.pages = f.number<std::uint32_t>(f.next());
        const auto align = f.number<unsigned>(f.next());
        if (align > 20 || e.pages > max_pages)
            f.bad("cma_alloc of more, or aligned to more, than there is");
        e.order = static_cast<unsigned char>(align);
        const std::string_view pfn = f.next();
        if (!pfn.empty() && pfn != "FAIL")
            e.pfn = f.frame(pfn);
        digest(text, e);
    }
    /// "c count frame ok"
    static void released(std::string_view text, trace_event &e)
    {
        detail::fields f(text, e.line);
        f.next();
        e.pages = f.number<std::uint32_t>(f.next());
        e.pfn = f.frame(f.next());
        digest(text, e);
    }

    static void allocation(std::string_view text, trace_event &e)
    {
        detail::fields f(text, e.line);
        f.next();
        f.next();
        e.kind = trace_kind::operation;
        e.is_alloc = true;
        e.gfp = f.number<unsigned>(f.next(), 16);
        for (std::string_view field = f.next(); !field.empty(); field = f.next()) {
            e.nocma |= field == "ctx=nocma";
            e.memalloc |= field == "ctx=memalloc";
        }
        digest(text, e);
    }

    static void digest(std::string_view text, trace_event &e)
    {
        const std::size_t at = text.rfind(" h=");
        if (at == std::string_view::npos)
            return;
        e.digest = detail::fields(text, e.line).number<std::uint64_t>(text.substr(at + 3), 16);
        e.has_digest = true;
    }

    /// mm_compaction_migratepages: "ok=15" of 6.1, "all=32 rc=0" of 5.4 (with rc=-12 some may have
    /// moved; their old frames are freed then), "nr_migrated=15 nr_failed=0" as text.
    static bool moved_pages(std::string_view text)
    {
        while (text.starts_with(' '))
            text.remove_prefix(1);
        if (text.starts_with("all="))
            return text.find("rc=-") == std::string_view::npos;
        const std::size_t number = text.find('=');
        return number != std::string_view::npos && number + 1 < text.size() &&
               text[number + 1] >= '1' && text[number + 1] <= '9';
    }

    /// The kernel's own text, from the event's name on.
    void tracepoint(std::string_view text, std::size_t at, trace_event &e)
    {
        cursor c{text, at, e.line};
        if (c.skip("mm_page_alloc:"))
            e.kind = trace_kind::alloc;
        else if (c.skip("mm_page_free:"))
            e.kind = trace_kind::free;
        else if (c.skip("mm_page_free_batched:"))
            e.kind = trace_kind::free_batched;
        else if (c.skip("mm_page_alloc_zone_locked:"))
            e.kind = trace_kind::zone_locked;
        else if (c.skip("mm_page_pcpu_drain:"))
            e.kind = trace_kind::pcpu_drain;
        else if (c.skip("mm_page_alloc_extfrag:"))
            e.kind = trace_kind::extfrag;
        else if (c.skip("mm_vmscan_kswapd_sleep:"))
            e.kind = trace_kind::kswapd_sleep;
        else if (c.skip("mm_vmscan_direct_reclaim_begin:"))
            e.kind = trace_kind::reclaim;
        else if (c.skip("mm_compaction_try_to_compact_pages:"))
            e.kind = trace_kind::compaction;
        else if (c.skip("mm_compaction_end:") || c.skip("mm_compaction_deferred:"))
            e.kind = trace_kind::compaction_end;
        else if (c.skip("mm_compaction_migratepages:") && moved_pages(text.substr(c.at)))
            e.kind = trace_kind::migrated;
        if (e.kind == trace_kind::other || e.kind >= trace_kind::kswapd_sleep)
            return;

        // "page=(null) pfn=0" is a request that failed.
        const bool none = text.find("page=(null)", c.at) != std::string_view::npos ||
                          text.find("page=0000000000000000 ", c.at) != std::string_view::npos;
        if (!none)
            e.pfn = pfn_of(text, c);
        if (e.kind == trace_kind::free_batched)
            return;
        if (e.kind == trace_kind::extfrag) {
            e.order = order_of(text, c, "alloc_order=");
            e.fallback_order = order_of(text, c, "fallback_order=");
            e.type = type_of(text, c, "alloc_migratetype=");
            e.fallback_type = type_of(text, c, "fallback_migratetype=");
            find(text, c, "change_ownership=");
            e.own = c.small(2, "0 or 1") == 1;
            return;
        }
        e.order = order_of(text, c, "order=");
        if (e.kind == trace_kind::free)
            return;
        e.type = type_of(text, c, "migratetype=");
        if (e.kind == trace_kind::alloc) {
            find(text, c, "gfp_flags=");
            e.gfp = flags(text.substr(c.at), c);
        }
    }

    static void find(std::string_view text, cursor &c, std::string_view key)
    {
        // Keys end the word before: " order=" is not in "alloc_order=".
        for (std::size_t at = text.find(key, c.at); at != std::string_view::npos;
             at = text.find(key, at + 1)) {
            if (text[at - 1] == ' ') {
                c.at = at + key.size();
                return;
            }
        }
        throw malformed(c.line,
                        "no " + std::string(key) + " in '" + detail::fields::shown(text) + "'");
    }
    static std::uint64_t pfn_of(std::string_view text, cursor &c)
    {
        find(text, c, "pfn=");
        return c.skip("0x") ? c.hex() : c.decimal();
    }
    static unsigned char order_of(std::string_view text, cursor &c, std::string_view key)
    {
        find(text, c, key);
        return static_cast<unsigned char>(c.small(64, "an order"));
    }
    unsigned char type_of(std::string_view text, cursor &c, std::string_view key) const
    {
        find(text, c, key);
        return static_cast<unsigned char>(
            kernel::migratetype_of(version_, c.small(64, "a migrate type")));
    }

    /// "GFP_KERNEL|__GFP_ZERO|0x800": traces repeat few masks, so the last ones are kept.
    unsigned flags(std::string_view text, const cursor &c)
    {
        text = text.substr(0, text.find(' '));
        for (const known_mask &k : known_) {
            if (!k.text.empty() && k.text == text)
                return k.mask;
        }
        unsigned mask = 0;
        for (std::string_view rest = text; !rest.empty();) {
            const std::string_view name = rest.substr(0, rest.find('|'));
            rest.remove_prefix(std::min(rest.size(), name.size() + 1));
            if (name == "none")
                continue;
            if (name.starts_with("0x")) {
                mask |= detail::fields(text, c.line).number<unsigned>(name, 16);
                continue;
            }
            unsigned value = kernel::gfp_absent;
            for (unsigned i = 0; i < static_cast<unsigned>(kernel::gfp_flag::count); ++i) {
                if (name == kernel::gfp_flag_names[i])
                    value = kernel::gfp_value(version_, static_cast<kernel::gfp_flag>(i));
            }
            if (value == kernel::gfp_absent)
                throw malformed(c.line, "'" + detail::fields::shown(name) +
                                            "' is no GFP flag of this kernel");
            mask |= value;
        }
        known_[oldest_] = {std::string(text), mask};
        oldest_ = (oldest_ + 1) % (sizeof known_ / sizeof *known_);
        return mask;
    }

    struct known_mask {
        std::string text;
        unsigned mask = 0;
    };

    unsigned version_ = KCTX_VERSION(5, 4, 124);
    known_mask known_[8];
    unsigned oldest_ = 0;
};

} // namespace kctx::mm
