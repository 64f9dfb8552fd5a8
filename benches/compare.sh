#!/usr/bin/env bash
# How fast nosrv is next to what else one would run, as a table for README.md. Exit code 1: a bound was missed; 2: it could not measure.
#
# Every figure is a ratio of two commands on the same bytes in one run: they take turns, the fastest run of each counts, and their
# input has been read once before. A bold figure is beyond its bound. Inputs are generated, and removed at the end.
set -euo pipefail
export LC_ALL=C TIMEFORMAT='%3R %3U %3S'
repository=$(cd "$(dirname "$0")/.." && pwd)
bytes=$((1 << 30))
runs=7
chosen=()
known=()
missed=0

usage() {
    cat <<'END'
usage: benches/compare.sh [--bytes N] [--runs N] [ROW…]
  --bytes N  bytes of each log, as 512M or 1G [default: 1G]; TMPDIR needs room for 20 times as many
  --runs N   runs of each command, of which the fastest counts [default: 7]
  ROW        only these rows: see the table at the end of this file [default: all]
NOSRV=FILE measures that program instead of building one.
END
}

fail() {
    printf 'compare.sh: %s\n' "$*" >&2
    exit 2
}

note() { printf '%s\n' "$*" >&2; }

# --- what runs ---

arguments() {
    while [ $# -gt 0 ]; do
        case $1 in
        --bytes) bytes=$(numfmt --from=iec "${2:?--bytes needs a number}") && shift 2 ;;
        --runs) runs=${2:?--runs needs a number} && shift 2 ;;
        -h | --help) usage && exit 0 ;;
        -*) usage >&2 && exit 2 ;;
        *) chosen+=("$1") && shift ;;
        esac
    done
    [[ $bytes =~ ^[1-9][0-9]*$ && $runs =~ ^[1-9][0-9]*$ ]] || fail "--bytes and --runs must be numbers above 0"
}

tools() {
    local tool free
    for tool in rustc halog haproxy gzip zcat zstd journalctl "$journal_writer" "$gnu_time"; do
        command -v "$tool" >/dev/null || fail "$tool is missing; it is part of the comparison"
    done
    free=$(df --output=avail -B1 . | tail -n 1)
    [ "$free" -ge $((20 * bytes)) ] || fail "$PWD has not enough room; set TMPDIR or --bytes"
    [ -n "${NOSRV:-}" ] || cargo build --quiet --release --locked --manifest-path "$repository/Cargo.toml"
    nosrv=${NOSRV:-${CARGO_TARGET_DIR:-$repository/target}/release/nosrv}
    rustc --edition 2024 -O -o generate "$repository/benches/generate.rs"
    command -v "$nosrv" >/dev/null || fail "there is no program $nosrv"
}

# Makes the inputs that are not there yet, and reads them once.
need() {
    local input
    for input; do
        [ -e "$input" ] || make "$input"
        find "$input" -type f -exec cat {} + >/dev/null
    done
}

make() {
    note "making $1"
    case $1 in
    plain.log) ./generate rfc3164 "$bytes" "$1" ;;
    plain.log.gz) need plain.log && gzip -k plain.log ;;
    plain.log.zst) need plain.log && zstd -q plain.log ;;
    rotated)
        need plain.log && mkdir rotated
        # shellcheck disable=SC2016 # FILE is set by split
        split -n l/10 -d -a 1 --filter='gzip >"$FILE.gz"' plain.log rotated/haproxy.log-2026061
        ;;
    log.export) ./generate export "$bytes" "$1" ;;
    log.json) ./generate json "$bytes" "$1" ;;
    journal)
        need log.export && mkdir journal
        "$journal_writer" -o journal/haproxy.journal log.export 2>/dev/null
        ;;
    custom.log)
        # As many lines as the plain log has. Written in large pieces, as that one is: what was written in small ones lies in single
        # pages in the cache, and reading it takes a tenth more.
        need plain.log && ./generate custom "$bytes" custom.all
        head -n "$(wc -l <plain.log)" custom.all | dd of=custom.log bs=1M iflag=fullblock status=none && rm custom.all
        ;;
    keyed.log) ./generate keyed "$bytes" "$1" ;;
    linear-*.log) n=${1//[!0-9]/} && ./generate rfc3164 $((n * bytes)) "$1" ;;
    distinct-*.log) n=${1//[!0-9]/} && ./generate distinct $((n * bytes)) "$1" ;;
    *) fail "nobody knows how to make $1" ;;
    esac
}

# --- how it is measured ---

# Runs the commands in turn; sets wall_ms[i] and cpu_ms[i] to the fastest of each.
fastest() {
    local commands=("$@") run i spent wall user system
    wall_ms=() cpu_ms=()
    for ((run = 0; run < runs; run++)); do
        for i in "${!commands[@]}"; do
            spent=$({ time eval "${commands[i]}" >/dev/null 2>&1; } 2>&1) || fail "failed: ${commands[i]}"
            read -r wall user system <<<"${spent//./}"
            wall=$((10#$wall)) user=$((10#$user + 10#$system))
            ((run > 0 && wall >= wall_ms[i])) || wall_ms[i]=$wall
            ((run > 0 && user >= cpu_ms[i])) || cpu_ms[i]=$user
        done
    done
}

# Most memory that a command takes, in KiB.
peak_kib() { "$gnu_time" -f %M "$@" 2>&1 >/dev/null | tail -n 1; }

# Hundredths as a decimal.
decimal() { printf '%d.%02d' $(($1 / 100)) $(($1 % 100)); }

# A ratio and its bound as two cells; the ratio is bold when it is beyond the bound. `-`: no bound.
cells() {
    local ours=$1 theirs=$2 bound=$3 ratio
    ratio=$(decimal $(((100 * ours + theirs / 2) / theirs)))
    if [ "$bound" != - ] && ((100 * ours > 10#${bound/./} * theirs)); then
        printf '**%s** | %s' "$ratio" "$bound"
        return 1
    fi
    printf '%s | %s' "$ratio" "$bound"
}

line() { printf '| %s | %s | %s | %s | %s |\n' "$@"; }

# Whether a row was asked for.
wanted() {
    local row
    known+=("$1")
    [ ${#chosen[@]} -gt 0 ] || return 0
    for row in "${chosen[@]}"; do [ "$row" != "$1" ] || return 0; done
    return 1
}

# --- kinds of rows ---

# row NAME "INPUT…" WALL CPU WORK OURS AGAINST THEIRS: the bounds are ratios of wall time and of processor time.
row() {
    local name=$1 inputs=$2 wall cpu
    wanted "$name" || return 0
    # shellcheck disable=SC2086 # several words
    need $inputs
    fastest "$6" "$8"
    note "$name: ${wall_ms[0]} ms (processor ${cpu_ms[0]} ms) against ${wall_ms[1]} ms (processor ${cpu_ms[1]} ms)"
    wall=$(cells "${wall_ms[0]}" "${wall_ms[1]}" "$3") || missed=1
    cpu=$(cells "${cpu_ms[0]}" "${cpu_ms[1]}" "$4") || missed=1
    line "$name" "$5" "$7" "$wall" "$cpu"
}

# figure NAME WORK AGAINST OURS THEIRS BOUND: numbers instead of two commands.
figure() {
    local ratio
    ratio=$(cells "$4" "$5" "$6") || missed=1
    line "$1" "$2" "$3" "$ratio" '- | -'
}

# memory NAME WORK COMMAND…: MiB at `bytes` and at ten times as many.
memory() {
    local name=$1 work=$2 times kib
    shift 2
    wanted "$name" || return 0
    for times in 1 10; do
        need "distinct-$times.log"
        kib=$(peak_kib "$@" "distinct-$times.log")
        note "$name: $kib KiB at $times × $bytes bytes"
        figure "$name" "$work, ${times} × $(numfmt --to=iec "$bytes")" MiB "$kib" 1024 256.00
    done
}

# The slowest of the bundles in `samples`, from start to report.
small() {
    local bundle commands=() slowest
    wanted small || return 0
    for bundle in "$repository"/samples/causes/*/bundle; do commands+=("$analyze '$bundle'"); done
    fastest "${commands[@]}"
    slowest=$(printf '%s\n' "${wall_ms[@]}" | sort -n | tail -n 1)
    figure small "the slowest of ${#commands[@]} small bundles" ms "$slowest" 1 20.00
}

# Time per byte at 1, 2, 4 and 8 times `bytes`: the slowest against the fastest.
linear() {
    local times commands=() ns=() each
    wanted linear || return 0
    for times in 1 2 4 8; do
        need "linear-$times.log"
        commands+=("$analyze linear-$times.log")
    done
    fastest "${commands[@]}"
    for each in 0 1 2 3; do ns+=($((wall_ms[each] * 1000000 / (1 << each)))); done
    note "linear: ${wall_ms[*]} ms"
    rm linear-*.log
    mapfile -t ns < <(printf '%s\n' "${ns[@]}" | sort -n)
    figure linear "1, 2, 4, 8 × $(numfmt --to=iec "$bytes"), the most time per byte" 'the least' "${ns[3]}" "${ns[0]}" 1.10
}

machine() {
    local key value model=unknown
    while IFS=: read -r key value; do
        case $key in "model name"*) model=${value# } && break ;; esac
    done </proc/cpuinfo
    printf '%s, %s cores; %s; %s; logs of %s, fastest of %s.\n\n' "$model" "$(nproc)" \
        "$(haproxy -v | head -n 1 | cut -d ' ' -f 1-3)" "$(journalctl --version | head -n 1 | cut -d ' ' -f 1-2)" "$(numfmt --to=iec "$bytes")" "$runs"
}

# --- the table ---

journal_writer=/lib/systemd/systemd-journal-remote
gnu_time=/usr/bin/time
arguments "$@"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
tools
analyze="'$nosrv' analyze --format json -o /dev/null"
stats="'$nosrv' stats --format json -o /dev/null"

machine
line row work against 'time | at most' 'processor time | at most'
line --- --- --- '--- | ---' '--- | ---'
row plain plain.log 0.40 0.75 '`analyze`, httplog lines behind a syslog prefix' "$analyze plain.log" '`halog -srv`' 'halog -srv <plain.log'
row gz plain.log.gz 0.35 - 'the same as one `.gz`' "$analyze plain.log.gz" '`zcat \| halog -srv`' 'zcat plain.log.gz | halog -srv'
row pieces rotated 0.25 - 'the same as ten rotated `.gz`' "$analyze rotated" '`zcat *.gz \| halog -srv`' 'zcat rotated/*.gz | halog -srv'
row zst plain.log.zst 1.10 - 'the same as one `.zst`' "$analyze plain.log.zst" '`zstd -dc`' 'zstd -dc plain.log.zst'
row export 'plain.log log.export' 1.00 - '`journalctl -o export` of such lines, per byte' "$analyze log.export" 'the plain log' "$analyze plain.log"
row json 'plain.log log.json' 1.50 - '`journalctl -o json` of such lines, per byte' "$analyze log.json" 'the plain log' "$analyze plain.log"
row journal journal 0.15 - 'native journal files of such lines' "$analyze journal" '`journalctl -o export`' 'journalctl -o export --file "journal/*.journal"'
row custom 'plain.log custom.log' 1.30 - 'a `log-format` as `option httplog` without cookies, per line' "$analyze '$repository/benches/generator/custom.cfg' custom.log" 'the plain log' "$analyze plain.log"
row keyed 'plain.log keyed.log' - - 'a `log-format` with a key before each value, per byte' "$analyze '$repository/benches/generator/keyed.cfg' keyed.log" 'the plain log' "$analyze plain.log"
row stats plain.log 1.00 - '`stats`, all tables but URLs and clients' "$stats --tables status,servers,termination,timers,holes plain.log" '`halog -srv`' 'halog -srv <plain.log'
row stats-urls plain.log 0.25 - '`stats`, all tables' "$stats plain.log" '`halog -u`' 'halog -u <plain.log'
memory memory '`analyze`, 1 M distinct URLs and clients' "$nosrv" analyze --format json -o /dev/null
memory memory-stats '`stats`, 1 M distinct URLs and clients' "$nosrv" stats --format json -o /dev/null
# What lies in the page cache takes the place of what is read next.
rm -rf distinct-*.log plain.log* log.* rotated journal custom.log keyed.log
small
linear
for name in "${chosen[@]}"; do
    [[ " ${known[*]} " == *" $name "* ]] || fail "there is no row $name, only: ${known[*]}"
done
exit "$missed"
