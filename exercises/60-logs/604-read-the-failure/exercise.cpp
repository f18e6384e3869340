// SPDX-License-Identifier: BSL-1.0
// log.txt beside this file is the report of a page allocation failure. Read it.
#include <kctx/kctx.hpp>

// [[solve]]
constexpr unsigned pages_in_a_row = 16;
constexpr bool may_wait = false;
constexpr bool in_process_context = true; // who asked: look at the workqueue line
constexpr long pages_without_cma = 158325 - 145990;
constexpr bool above_min = true;
constexpr unsigned largest_block_not_of_cma_kB = 32;
// [[stub]]
constexpr unsigned pages_in_a_row = 0;              // TODO 1: how many pages were asked for?
constexpr bool may_wait = true;                     // TODO 2: by its flags, might the caller wait?
constexpr bool in_process_context = false;          // TODO 3: who asked? Look at the workqueue line
constexpr long pages_without_cma = 0;               // TODO 4: of the free pages
constexpr bool above_min = false;                   // TODO 5: are those more than the min watermark?
constexpr unsigned largest_block_not_of_cma_kB = 0; // TODO 6: in the line "DMA32: 1587*4kB ..."
// [[wrong memory-was-short]]
constexpr unsigned pages_in_a_row = 16;
constexpr bool may_wait = false;
constexpr bool in_process_context = true;
constexpr long pages_without_cma = 158325 - 145990;
constexpr bool above_min = false;
constexpr unsigned largest_block_not_of_cma_kB = 32;
// [[wrong as-the-document-says]]
constexpr unsigned pages_in_a_row = 16;
constexpr bool may_wait = false;
constexpr bool in_process_context = false;
constexpr long pages_without_cma = 158325 - 145990;
constexpr bool above_min = true;
constexpr unsigned largest_block_not_of_cma_kB = 32;
// [[end]]
