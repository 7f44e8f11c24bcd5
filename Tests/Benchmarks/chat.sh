#!/bin/bash
# The chat's fan-out against nchan (nginx) on loopback: server CPU per delivered message, and delay, in the same run.
# usage: Tests/Benchmarks/chat.sh [SECONDS a row] [ROUNDS] [READERS] [HELD]
# Messages come at random moments, 10 and 50 a second on average, the same for both; the servers on CPU 0, the crowd on CPU 1.
# Rounds alternate, and medians are compared. A row of its own has readers that take nothing (10 %), and HELD readers are held
# open with the memory that they cost.
set -u
cd "$(dirname "$0")/../.." || exit 1
seconds=${1:-15}
rounds=${2:-3}
readers=${3:-2000}
held=${4:-10000}
server=.build/release/shopcast
[ -x "$server" ] || swift build -c release --build-tests || exit 1
module=/usr/lib/nginx/modules/ngx_nchan_module.so
if ! command -v nginx >/dev/null || ! command -v cc >/dev/null || [ ! -e "$module" ]; then
    echo "Installing: nginx libnginx-mod-nchan gcc libc6-dev"
    apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends nginx libnginx-mod-nchan gcc libc6-dev \
        >/dev/null || exit 1
fi
ulimit -n "$(ulimit -H -n)"
work=$(mktemp -d)
pids=()
cleanup() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
    wait 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT
cc -O2 -o "$work/crowd" Tests/Benchmarks/Chat/crowd.c -lm || exit 1
chmod a+rx "$work"

cat >"$work/nginx.conf" <<END
load_module $module;
worker_processes 1; daemon off; pid $work/nginx.pid; error_log $work/nginx.err error; worker_rlimit_nofile $(ulimit -n);
events { worker_connections $(($(ulimit -n) - 100)); }
http {
    access_log off; keepalive_requests 10000000; client_body_temp_path $work/body;
    nchan_shared_memory_size 64M;
    server {
        listen 127.0.0.1:18191 backlog=4096;
        location = /sub {
            nchan_subscriber websocket; nchan_channel_id show; nchan_subscriber_first_message newest;
            nchan_websocket_ping_interval 30;
        }
        location = /pub { nchan_publisher http; nchan_channel_id show; nchan_message_buffer_length 500; }
    }
}
END
taskset -c 0 nginx -c "$work/nginx.conf" 2>"$work/nginx.err.start" &
pids+=($!)
for _ in $(seq 50); do
    peer=
    read -r peer _ <"/proc/${pids[0]}/task/${pids[0]}/children"
    [ -z "$peer" ] || break
    sleep 0.1
done
[ -n "$peer" ] || { cat "$work"/nginx.err*; exit 1; }

cat >"$work/shopcast.yaml" <<END
host: 127.0.0.1
http: {port: 18192}
rtmp: {port: 18193}
srt: {port: 18194}
data: $work/data
shows: [{id: show, title: Show, streamKey: benchmark-key}]
limits: {connections: 50000}
chat:
  author: {burst: 100000, perSecond: 100000}
  address: {burst: 100000, perSecond: 100000}
  room: {burst: 100000, perSecond: 100000}
  guests: {burst: 100000, perSecond: 100000}
  readers: {most: 50000, perAddress: 50000}
END
# start_ours: sets ours.
start_ours() {
    taskset -c 0 "$server" serve --config "$work/shopcast.yaml" >>"$work/shopcast.log" 2>&1 &
    ours=$!
    pids+=("$ours")
    for _ in $(seq 100); do
        curl -sf -o /dev/null http://127.0.0.1:18192/health/ready && return
        sleep 0.1
    done
    tail -5 "$work/shopcast.log"
    exit 1
}
start_ours

# crowd WHO name=value...: one line of results
crowd() {
    local who=$1 port=18192 pid=$ours
    shift
    [ "$who" = nchan ] && port=18191 pid=$peer
    taskset -c 1 "$work/crowd" "$who" "$port" "$pid" "$@"
}

for row in "10 0" "50 0" "10 10"; do
    read -r rate slow <<<"$row"
    for round in $(seq "$rounds"); do
        for who in nchan shopcast; do
            line=$(crowd "$who" readers="$readers" rate="$rate" seconds="$seconds" slow="$slow") || exit 1
            echo "$line" >&2
            echo "row=$rate/$slow $line" >>"$work/results"
        done
    done
done

awk '
function median(list, count, i, j, t) {
    for (i = 1; i < count; i++) for (j = i + 1; j <= count; j++)
        if (list[i] > list[j]) { t = list[i]; list[i] = list[j]; list[j] = t }
    return list[int((count + 1) / 2)]
}
{
    for (name in f) delete f[name]
    for (i = 1; i <= NF; i++) { split($i, p, "="); f[p[1]] = p[2] }
    key = f["row"] "|" f["server"]
    if (!(f["row"] in seen)) { seen[f["row"]] = 1; order[++n] = f["row"] }
    c = ++count[key]; cpu[key, c] = f["cpu_us_per_delivery"]; p50[key, c] = f["p50_ms"]; p99[key, c] = f["p99_ms"]
    per[key, c] = f["frames"] ? f["delivered"] / f["frames"] : 0
    if (f["delivered"] != f["expected"])
        short[f["row"]] = short[f["row"]] " " f["server"] " " f["delivered"] "/" f["expected"]
}
function column(what, key, j) { for (j = 1; j <= count[key]; j++) list[j] = what[key, j]; return median(list, count[key]) }
END {
    print "| messages/s, slow readers | nchan µs/delivery | shopcast µs/delivery | ratio | messages/frame | nchan p50/p99 ms | shopcast p50/p99 ms |"
    print "|---|---|---|---|---|---|---|"
    for (i = 1; i <= n; i++) {
        row = order[i]; split(row, w, "/"); a = row "|nchan"; b = row "|shopcast"
        for (j = 1; j <= count[b]; j++) q[j] = cpu[b, j] / cpu[a, j]
        ratio[row] = median(q, count[b])
        printf "| %s, %s %% | %.2f | %.2f | %.2f | %.2f | %.0f / %.0f | %.0f / %.0f |%s\n", w[1], w[2], column(cpu, a),
            column(cpu, b), ratio[row], column(per, b), column(p50, a), column(p99, a), column(p50, b),
            column(p99, b), short[row] ? " short:" short[row] : ""
    }
    slowed = column(p99, "10/10|shopcast") / column(p99, "10/0|shopcast")
    printf "\nThe p99 of Shopcast with slow readers: %.2f times that without.\n", slowed
    if (ratio["10/0"] > 1.0) over = over " ratio at 10/s;"
    if (ratio["50/0"] > 0.4) over = over " ratio at 50/s;"
    if (slowed > 1.34) over = over " slow readers;"
    if (over) { print "Over:" over; exit 1 }
}' "$work/results"
verdict=$?

# A fresh process: what earlier rounds left in its memory would be counted.
kill "$ours" && wait "$ours" 2>/dev/null
start_ours
echo
line=$(crowd shopcast readers="$held" writers=0 hold=10) || verdict=1
echo "Held: $line"
exit $verdict
