// SPDX-License-Identifier: BSL-1.0
// A call is added by one declaration: a driver's own is in the table, if it comes before it.
#define KCTX_TEXTS
#include <kctx/declare/call.hpp>

namespace kctx {
KCTX_CALL(sleeps, void, card_reset, (int card), (card), "waits until the card has answered",
          "card_reset_async()", "drivers/misc/card.c card_reset()")
} // namespace kctx

#include <kctx/rules/rows.hpp>

#include <doctest/doctest.h>

using namespace kctx;
using namespace kctx::rules;

static_assert(rules::declared<call::card_reset>);
static_assert(hana::contains(contracts, hana::type_c<call::card_reset>));
static_assert(verdict<call::card_reset, WorkCtx, config::portable>);
static_assert(!verdict<call::card_reset, IrqCtx, config::off>);

TEST_CASE("a call of one's own")
{
    const call_row *row = find_call("card_reset");
    REQUIRE(row != nullptr);
    CHECK(row == &call_rows().front());
    CHECK(std::string(row->text->slug) == "sleep-in-atomic");
    CHECK(std::string(row->text->fix) == "card_reset_async()");
    CHECK(row->needs == wait_type::sleep);
    CHECK(find_call("msleep") != nullptr);
}
