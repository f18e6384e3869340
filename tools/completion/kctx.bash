# SPDX-License-Identifier: BSL-1.0
# bash completion of kctx: subcommands and options as the program's own help lists them.
_kctx()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local program=${COMP_WORDS[0]} command=${COMP_WORDS[1]}
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$program" --help 2>/dev/null |
            sed -n '/^Subcommands:/,$ s/^  \([a-z]\+\).*/\1/p') --help --version" -- "$word")
        return
    fi
    case $before in
    --rule)
        mapfile -t COMPREPLY < <(compgen -W "$("$program" explain --rule list 2>/dev/null)" -- "$word")
        return
        ;;
    --arch)
        mapfile -t COMPREPLY < <(compgen -W "x86 arm arm64 powerpc mips s390 riscv" -- "$word")
        return
        ;;
    esac
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$program" "$command" --help 2>/dev/null |
            grep -o -e '--[a-z-]\+' | sort -u)" -- "$word")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
}
complete -o filenames -F _kctx kctx
