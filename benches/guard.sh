#!/usr/bin/env bash
# Instructions per line, one thread, counted by callgrind: unlike time, the same however busy the machine is.
# Exit code 1: a count is above its bound, or so far below that the bound guards nothing; 2: it could not count.
# NOSRV=FILE counts that program instead of building one.
#
# What a log of twice the length takes more, divided by the lines it has more: start and report are in both and cancel out.
# Both are longer than what is read whole and hashed, and both end before the generated incident begins.
set -euo pipefail
export LC_ALL=C
repository=$(cd "$(dirname "$0")/.." && pwd)
half=$((20 << 20))
# Below so many hundredths of the bound, the bound has become too wide to notice what is lost again.
loose=75
missed=0

fail() {
    printf 'guard.sh: %s\n' "$*" >&2
    exit 2
}

# The release profile without optimization at link time: the counts differ by at most 1.5 %.
build=(
    --locked --manifest-path "$repository/Cargo.toml" --profile guard --config 'profile.guard.inherits="release"'
    --config profile.guard.lto=false --config profile.guard.codegen-units=16 --config profile.guard.debug=0
)

# Instructions of a whole command.
instructions() {
    local said
    said=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1) || fail "failed: $*: $said"
    [[ $said =~ Collected\ :\ ([0-9]+) ]] || fail "callgrind counted nothing: $said"
    printf '%s' "${BASH_REMATCH[1]}"
}

# Records in a log; those of the export format have many lines.
records() {
    case $1 in
    export.*) grep -c '^MESSAGE=' "$1" ;;
    *) wc -l <"$1" ;;
    esac
}

# row KIND BOUND COMMAND ARGUMENT…: the command reads a log of that kind, whose path is put behind.
row() {
    local kind=$1 bound=$2 few many each verdict=
    shift 2
    if [ ! -e "$kind.log" ]; then
        # The incident begins in the middle.
        ./generate "$kind" $((4 * half)) all
        head -c $((2 * half)) all >"$kind.log"
        head -c "$half" all >"$kind.half"
    fi
    few=$(instructions "$nosrv" "$@" "$kind.half")
    many=$(instructions "$nosrv" "$@" "$kind.log")
    each=$(((many - few) / ($(records "$kind.log") - $(records "$kind.half"))))
    if ((each > bound)); then
        verdict='more than the bound'
    elif ((100 * each < loose * bound)); then
        verdict="far below the bound: set it in benches/guard.sh to $((each * 106 / 100)), or what was won can be lost unseen"
    fi
    [ -z "$verdict" ] || missed=1
    printf '%-8s %-8s %6d of %6d instructions per line  %s\n' "$1" "$kind" "$each" "$bound" "$verdict"
}

command -v valgrind >/dev/null || fail "valgrind is missing"
[ -n "${NOSRV:-}" ] || cargo build "${build[@]}"
nosrv=${NOSRV:-${CARGO_TARGET_DIR:-$repository/target}/guard/nosrv}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
rustc --edition 2024 -O -o generate "$repository/benches/generate.rs"

# Bounds: what was counted, and 6 % for other compilers and C libraries.
output=(-j 1 --format json -o /dev/null)
row rfc3164 861 analyze "${output[@]}"
row export 1946 analyze "${output[@]}"
row json 2681 analyze "${output[@]}"
row custom 1583 analyze "${output[@]}" "$repository/benches/generator/custom.cfg"
row keyed 1983 analyze "${output[@]}" "$repository/benches/generator/keyed.cfg"
row rfc3164 2196 stats "${output[@]}"
exit "$missed"
