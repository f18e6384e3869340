// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the model's speed is measured beside: the harness alone, and a bare buddy with six
/// migratetype lists, a pageblock map, a watermark check and a simplified fallback. Metadata only:
/// no page is touched. `zone` is a cost probe, not a model: one zone, no per-cpu lists, and 27 bits
/// for a page's number: less than 512 GiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <sys/mman.h>

constexpr unsigned kMaxOrder = 10;
constexpr int64_t kNoPage = -1;

inline void *zmap(size_t n) // zeroed, backed when touched
{
    void *p = mmap(nullptr, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
    if (p == MAP_FAILED) {
        std::perror("mmap");
        std::exit(2);
    }
    return p;
}

// Cost of the harness itself.
struct NullAlloc {
    static const char *name() { return "harness"; }
    void init(uint64_t n) { np = n; }
    int64_t alloc(unsigned)
    {
        cur += 64;
        if (cur >= np)
            cur = 0;
        return (int64_t)cur;
    }
    void free(int64_t p, unsigned o) { sink += (uint64_t)p + o; }
    size_t meta_bytes() const { return 0; }
    uint64_t np = 0, cur = 0, sink = 0;
};

// One 8-byte cell a page, and the parts of Linux every faithful model needs on each call: 6
// migratetype lists per order, a 4-bit pageblock migratetype map, per-order nr_free, zone free
// pages, a 3-level watermark check and a simplified fallback (largest block of the fallback type
// first; whole-pageblock claim without counting compatible pages). One zone, no pcp lists. Shows
// what fidelity costs per call.
struct RefZone {
    static const char *name() { return "zone"; }
    enum { UNMOVABLE, MOVABLE, RECLAIMABLE, PCPTYPES, HIGHATOMIC = PCPTYPES, CMA, ISOLATE, TYPES };
    static constexpr unsigned kPB = 9; // pageblock_order on x86-64
    struct Cell {
        uint32_t next, prev_ord;
    };
    static constexpr uint32_t kIdx = (1u << 27) - 1;
    Cell *c = nullptr;
    uint8_t *pb = nullptr;
    uint64_t np = 0;
    size_t bytes = 0;
    RefZone() = default;
    RefZone(const RefZone &) = delete;
    RefZone &operator=(const RefZone &) = delete;
    ~RefZone()
    {
        if (c)
            munmap(c, (np + TYPES * (kMaxOrder + 1)) * sizeof(Cell));
        if (pb)
            munmap(pb, (np >> kPB) + 1);
    }
    uint32_t mask[TYPES] = {};
    uint64_t nr_free[kMaxOrder + 1] = {};
    int64_t free_pages = 0;
    int64_t wmark[3] = {};
    uint32_t head(unsigned t, unsigned o) const { return (uint32_t)np + t * (kMaxOrder + 1) + o; }
    void push(uint32_t p, unsigned o, unsigned t)
    {
        uint32_t h = head(t, o), f = c[h].next;
        c[p] = {f, h | ((o + 1) << 27)};
        c[f].prev_ord = (c[f].prev_ord & ~kIdx) | p;
        c[h].next = p;
        mask[t] |= 1u << o;
        ++nr_free[o];
    }
    void unlink(uint32_t p, unsigned o, unsigned t)
    {
        uint32_t n = c[p].next, q = c[p].prev_ord & kIdx;
        c[p].prev_ord = 0;
        c[q].next = n;
        c[n].prev_ord = (c[n].prev_ord & ~kIdx) | q;
        if (n == q)
            mask[t] &= ~(1u << o);
        --nr_free[o];
    }
    void init(uint64_t npages)
    {
        np = npages;
        size_t m = np + TYPES * (kMaxOrder + 1);
        c = (Cell *)zmap(m * sizeof(Cell));
        pb = (uint8_t *)zmap((np >> kPB) + 1);
        bytes = m * sizeof(Cell) + (np >> kPB) + 1;
        for (size_t h = np; h < m; ++h)
            c[h] = {(uint32_t)h, (uint32_t)h};
        for (uint64_t b = 0; b < (np >> kPB); ++b)
            pb[b] = MOVABLE;
        for (uint64_t p = np; p >= (1u << kMaxOrder); p -= 1u << kMaxOrder)
            push((uint32_t)(p - (1u << kMaxOrder)), kMaxOrder, MOVABLE);
        free_pages = (int64_t)np;
        wmark[0] = (int64_t)(np / 1024);
        wmark[1] = wmark[0] * 5 / 4;
        wmark[2] = wmark[0] * 3 / 2;
    }
    bool watermark_ok(unsigned order, int64_t mark, unsigned t) const
    {
        if (free_pages - ((1 << order) - 1) <= mark)
            return false;
        if (!order)
            return true;
        for (unsigned o = order; o <= kMaxOrder; ++o) {
            if (!nr_free[o])
                continue;
            for (unsigned k = 0; k < PCPTYPES; ++k)
                if (mask[k] >> o & 1)
                    return true;
            if (t == MOVABLE && (mask[CMA] >> o & 1))
                return true;
        }
        return false;
    }
    int64_t take(unsigned order, unsigned t)
    {
        uint32_t m = mask[t] >> order;
        if (!m)
            return kNoPage;
        unsigned k = order + (unsigned)__builtin_ctz(m);
        uint32_t p = c[head(t, k)].next;
        unlink(p, k, t);
        while (k > order) {
            --k;
            push(p + (1u << k), k, t);
        }
        return p;
    }
    // Documented fallback: scan the orders from the largest down, claim whole pageblocks where
    // allowed, otherwise take the block and leave the remainders on the list of the block's own
    // type.
    int64_t fallback(unsigned order, unsigned t)
    {
        static constexpr uint8_t fb[PCPTYPES][2] = {
            {RECLAIMABLE, MOVABLE}, {RECLAIMABLE, UNMOVABLE}, {UNMOVABLE, MOVABLE}};
        for (int o = (int)kMaxOrder; o >= (int)order; --o)
            for (unsigned f : fb[t]) {
                if (!(mask[f] >> o & 1))
                    continue;
                uint32_t p = c[head(f, (unsigned)o)].next;
                if ((unsigned)o >= kPB) {
                    unlink(p, (unsigned)o, f);
                    for (uint32_t b = p >> kPB; b < ((p + (1u << o)) >> kPB); ++b)
                        pb[b] = (uint8_t)t;
                    push(p, (unsigned)o, t);
                    return take(order, t);
                }
                if ((unsigned)o >= kPB - 1 || t != MOVABLE) { // claim: move every free block of it
                    uint32_t s = p & ~((1u << kPB) - 1), e = s + (1u << kPB);
                    pb[p >> kPB] = (uint8_t)t;
                    for (uint32_t q = s; q < e;) {
                        unsigned oo = c[q].prev_ord >> 27;
                        if (!oo) {
                            ++q;
                            continue;
                        }
                        --oo;
                        unlink(q, oo, f);
                        push(q, oo, t);
                        q += 1u << oo;
                    }
                    return take(order, t);
                }
                unlink(p, (unsigned)o, f);
                for (unsigned k = (unsigned)o; k > order;) {
                    --k;
                    push(p + (1u << k), k, f);
                }
                return p;
            }
        return kNoPage;
    }
    int64_t alloc_mt(unsigned order, unsigned t)
    {
        if (!watermark_ok(order, wmark[1], t) && !watermark_ok(order, wmark[0], t))
            return kNoPage;
        int64_t p = take(order, t);
        if (p < 0)
            p = fallback(order, t);
        if (p >= 0)
            free_pages -= 1 << order;
        return p;
    }
    uint32_t tick = 0;
    int64_t alloc(unsigned order)
    { // 1/4 unmovable, 1/8 reclaimable, rest movable
        uint32_t r = (tick += 0x9E3779B9u) >> 29;
        return alloc_mt(order, r < 2 ? UNMOVABLE : r < 3 ? RECLAIMABLE : MOVABLE);
    }
    void free(int64_t pfn, unsigned o)
    {
        uint32_t p = (uint32_t)pfn;
        unsigned t = pb[p >> kPB];
        free_pages += 1 << o;
        while (o < kMaxOrder) {
            uint32_t b = p ^ (1u << o);
            if ((c[b].prev_ord >> 27) != o + 1)
                break;
            unsigned bt = pb[b >> kPB];
            if (o >= kPB && bt != t && (t >= PCPTYPES || bt >= PCPTYPES))
                break;
            // list a free block sits on: read it from the pageblock (Linux does the same)
            unlink(b, o, bt);
            p &= b;
            ++o;
        }
        push(p, o, o >= kPB ? (pb[p >> kPB] = (uint8_t)t, t) : t);
        if (o > kPB)
            pb[(p >> kPB) + 1] = (uint8_t)t;
    }
    size_t meta_bytes() const { return bytes; }
};
