// SPDX-License-Identifier: BSL-1.0
LAB_TEST("the text reaches the flash")
{
    flash f{};
    oops_context oops{};
    oops.to = &f;
    oops.length = 5;
    __builtin_memcpy(oops.text, "oops!", 5);
    host::run<ProcessCtx>(oops_log, &oops);
    LAB_EXPECT(f.used == 5 && f.cells[0] == 'o' && f.cells[4] == '!', "the flash has another text");
    LAB_EXPECT(oops.length == 0, "the text was not taken");
}
LAB_TEST("a message that comes meanwhile is not lost")
{
    static oops_context oops{};
    flash f{};
    f.meanwhile = [] {
        if (oops.length == 0 || oops.text[0] == 'a') {
            oops.text[oops.length == 0 ? 0 : 1] = 'b';
            oops.length++;
        }
    };
    oops.to = &f;
    oops.length = 1;
    oops.text[0] = 'a';
    host::run<ProcessCtx>(oops_log, &oops);
    f.meanwhile = nullptr;
    host::run<ProcessCtx>(oops_log, &oops);
    LAB_EXPECT(f.used == 2 && f.cells[0] == 'a' && f.cells[1] == 'b',
               "the message 'b' came while the flash was written, and is lost");
}

// [[machine]]
LAB_MACHINE({.version = KCTX_VERSION(2, 6, 32), .debug = false})
{
    static flash f{};
    static oops_context oops{};
    oops.to = &f;
    oops.length = 1;
    lab::task("insmod", 826, [] { oops_log(lab::token<ProcessCtx>(), &oops); });
    lab::run();
}
// [[end]]
