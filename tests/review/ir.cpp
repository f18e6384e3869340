// SPDX-License-Identifier: BSL-1.0
// The reader of intermediate code: what it says of a small file, and that broken text does no harm.
#include <review/ir.hpp>

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace kctx::tools::review;

namespace {

const std::string sample = R"(
@fops = internal constant %struct.f { ptr @_Z3isr }, align 8, !dbg !20
define dso_local i32 @_Z3isr(ptr %p) #0 !dbg !3 {
entry:
    #dbg_declare(ptr %p, !9, !DIExpression(), !8)
  %r = call noundef %"class.a" @"_ZZ5closure$_0"(ptr noundef @.str) #5, !dbg !8
  invoke void @_Z4next(i32 1)
          to label %a unwind label %b, !dbg !9
  call void %r(ptr @_Z3isr), !dbg !8
  store ptr @_Z4next, ptr %r, align 8, !dbg !9
  ret i32 0, !dbg !9
}
!0 = !DIFile(filename: "a \22b\22.cpp", directory: "/x")
!1 = !DINamespace(name: "kctx", scope: null)
!2 = !{null, !6, !7}
!3 = distinct !DISubprogram(name: "isr<kctx::IrqCtx, (a, b)>", linkageName: "_Z3isr", scope: !1, file: !0, line: 3, type: !4, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition)
!4 = !DISubroutineType(types: !2)
!5 = !DINamespace(name: "v1", scope: !1, exportSymbols: true)
!6 = !DICompositeType(tag: DW_TAG_class_type, name: "IrqCtx", scope: !5)
!7 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !6)
!8 = !DILocation(line: 5, column: 7, scope: !10)
!9 = !DILocation(line: 6, column: 1, scope: !3)
!10 = distinct !DILexicalBlock(scope: !3, file: !0, line: 4)
!19 = !DIGlobalVariable(name: "fops", file: !0, line: 9)
!20 = !DIGlobalVariableExpression(var: !19, expr: !DIExpression())
)";

} // namespace

TEST_CASE("functions, whom they call and where")
{
    const ir_module m = read_ir(sample);
    REQUIRE(m.functions.size() == 1);
    const ir_function &f = m.functions[0];
    CHECK(f.symbol == "_Z3isr");
    CHECK(f.name == "isr<kctx::IrqCtx, (a, b)>");
    CHECK(f.scope == "kctx");
    CHECK(f.internal);
    CHECK(f.at == place{"a \"b\".cpp", 3, 0});
    CHECK(f.last_line == 6);
    CHECK(f.parameters == std::vector<std::string>{"kctx::IrqCtx", "kctx::IrqCtx *"});
    REQUIRE(f.uses.size() == 6);
    CHECK(f.uses[0].symbol == "_ZZ5closure$_0");
    CHECK(f.uses[0].called);
    CHECK(f.uses[0].at == place{"a \"b\".cpp", 5, 7});
    CHECK(f.uses[2].symbol == "_Z4next"); // after the string of the first call
    CHECK(f.uses[2].called);
    CHECK(f.uses[3].symbol.empty()); // through a pointer
    CHECK(f.uses[5].symbol == "_Z4next");
    CHECK_FALSE(f.uses[5].called);
    REQUIRE(m.variables.size() == 1);
    CHECK(m.variables[0].name == "fops");
    CHECK(m.variables[0].at.line == 9);
    CHECK(m.variables[0].symbols == std::vector<std::string>{"_Z3isr"});
}

TEST_CASE("broken text")
{
    for (std::size_t end = 0; end < sample.size(); ++end)
        (void)read_ir(std::string_view(sample).substr(0, end));
    std::mt19937 random(1);
    const std::string signs = "@%!\"\\(){}<>,: \n=d0123456789";
    for (int round = 0; round < 3000; ++round) {
        std::string text = sample;
        for (int change = 0; change < 8; ++change)
            text[random() % text.size()] = signs[random() % signs.size()];
        for (const ir_function &f : read_ir(text).functions)
            CHECK(f.at.line <= 1000000000);
    }
}
