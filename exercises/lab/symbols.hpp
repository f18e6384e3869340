// SPDX-License-Identifier: BSL-1.0
/// @file
/// Puts the functions of an answer on the machine's traces: it was compiled with
/// -finstrument-functions, and its symbols say what they are called.
#pragma once

#include <kctx/sim/functions.hpp>

#include <cstdlib>
#include <deque>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <cxxabi.h>
#include <elf.h>

extern "C" [[gnu::visibility("hidden")]] const char __ehdr_start; // where the program lies

namespace lab {

/// `set_hif_info` of `_ZL12set_hif_infoN4kctx7WorkCtxEP4wlan`; nothing for what is no function of a
/// driver, but of a namespace or a class, or of the scene.
inline std::string name_in_traces(const char *symbol)
{
    int status = 0;
    const std::unique_ptr<char, void (*)(void *)> demangled(
        abi::__cxa_demangle(symbol, nullptr, nullptr, &status), std::free);
    if (status != 0 || !std::string_view(symbol).starts_with("_Z"))
        return "";
    const std::string_view whole = demangled.get();
    std::string_view name = whole.substr(0, whole.find_first_of("(<"));
    name.remove_prefix(name.rfind(' ') + 1); // of a template the result comes first
    if (name.empty() || name.find(':') != name.npos || name.starts_with("lab_") ||
        whole.find("::{lambda") != whole.npos || whole.find(")::") != whole.npos)
        return "";
    return std::string(name);
}

/// Of this program, from its own file. One that was stripped has no names.
inline void name_functions()
{
    static std::deque<std::string> names;
    std::ifstream file("/proc/self/exe", std::ios::binary);
    const std::string image{std::istreambuf_iterator<char>(file), {}};
    const auto read = [&image](auto &to, std::size_t at) {
        if (at > image.size() || image.size() - at < sizeof to)
            return false;
        image.copy(reinterpret_cast<char *>(&to), sizeof to, at);
        return true;
    };
    Elf64_Ehdr header{};
    if (!read(header, 0) || header.e_ident[EI_CLASS] != ELFCLASS64)
        return;
    std::vector<Elf64_Shdr> sections(header.e_shnum);
    for (std::size_t i = 0; i < sections.size(); ++i)
        if (!read(sections[i], header.e_shoff + i * sizeof(Elf64_Shdr)))
            return;
    const std::uintptr_t base =
        header.e_type == ET_DYN ? reinterpret_cast<std::uintptr_t>(&__ehdr_start) : 0;
    for (const Elf64_Shdr &table : sections) {
        if (table.sh_type != SHT_SYMTAB || table.sh_link >= sections.size())
            continue;
        Elf64_Sym symbol{};
        for (std::size_t at = 0; at < table.sh_size; at += sizeof symbol) {
            const std::size_t strings = sections[table.sh_link].sh_offset;
            if (!read(symbol, table.sh_offset + at) || strings + symbol.st_name >= image.size())
                return;
            if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_value == 0)
                continue;
            if (std::string name = name_in_traces(image.c_str() + strings + symbol.st_name);
                !name.empty())
                kctx::sim::named_functions[reinterpret_cast<const void *>(base + symbol.st_value)] =
                    {names.emplace_back(std::move(name)).c_str()};
        }
    }
}

} // namespace lab
