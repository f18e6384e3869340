// SPDX-License-Identifier: BSL-1.0
// How fast ordinary dmesg is read: a log of a gigabyte in pieces, a report every 16 MB. CPU time.
#include <kctx/klog/explain.hpp>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <sys/resource.h>

using namespace kctx::klog;

namespace {

/// Lines as a boot prints them; the numbers in them differ.
std::string ordinary_dmesg(std::size_t bytes)
{
    constexpr const char *lines[] = {
        "pci 0000:00:1f.%u: reg 0x20: [mem 0xfebf0000-0xfebf0fff]",
        "usb 1-%u: new high-speed USB device number 3 using xhci_hcd",
        "systemd[1]: Started Journal Service, invocation %u.",
        "EXT4-fs (sda%u): mounted filesystem with ordered data mode. Quota mode: none.",
        "audit: type=1400 audit(1700000000.%u:12): apparmor=\"STATUS\" operation=\"profile_load\"",
        "e1000e 0000:00:19.%u eth0: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx",
        "ACPI: \\_SB_.PCI0.LPCB.EC0_: event GPE %u",
        "input: AT Translated Set 2 keyboard as /devices/platform/i8042/serio0/input/input%u",
        "IPv6: ADDRCONF(NETDEV_CHANGE): wlan%u: link becomes ready",
        "CPU%u: Core temperature above threshold, cpu clock throttled",
    };
    std::string text;
    text.reserve(bytes + 256);
    char line[256];
    for (unsigned i = 0; text.size() < bytes; ++i) {
        std::snprintf(line, sizeof line, "[%5u.%06u] ", i / 100, i * 7919 % 1000000);
        text += line;
        std::snprintf(line, sizeof line, lines[i % std::size(lines)], i % 17);
        text += line;
        text += '\n';
    }
    return text;
}

} // namespace

int main(int argc, char **argv)
{
    std::size_t megabytes = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1024;
    std::ifstream in(
        argc > 2 ? argv[2] : "tests/data/logs/documents/doc2_card_irq_cancel_work_2.6.32_arm.log",
        std::ios::binary);
    const std::string report_text{std::istreambuf_iterator<char>(in), {}};
    const std::string text = ordinary_dmesg(std::size_t{16} << 20);

    unsigned long reports = 0;
    explainer ex;
    report_reader reader([&](const report &r) { reports += !ex.explain(r).verdict.empty(); });
    line_splitter splitter;
    const auto read = [&](const line &l) { reader.read(l); };
    std::size_t bytes = 0;
    const std::clock_t begin = std::clock();
    while (bytes < megabytes << 20) {
        for (std::size_t at = 0; at < text.size(); at += 262144)
            splitter.feed(std::string_view(text).substr(at, 262144), read);
        splitter.feed(report_text, read);
        bytes += text.size() + report_text.size();
    }
    splitter.finish(read);
    reader.finish();
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("%zu MB, %lu lines, %lu reports, %ld MB of memory at most\n", bytes >> 20,
                splitter.lines(), reports, usage.ru_maxrss >> 10);
    std::printf("log-speed: %.0f MB/s of ordinary dmesg, one core\n",
                static_cast<double>(bytes) / 1e6 / seconds);
}
