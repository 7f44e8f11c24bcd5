#!/bin/bash
# Serving from memory against nginx on loopback: CPU per 10,000 answers and per GB, in the same run.
# usage: Tests/Benchmarks/serve.sh [SECONDS a row] [ROUNDS]
# A 2 KB playlist and a 300 KB part, over HTTP/1.1, HTTP/1.1 + TLS and HTTP/2; the server on CPU 0, the client on CPU 1.
# nginx serves the same bytes by sendfile from the page cache; rounds alternate, and medians are compared.
set -u
cd "$(dirname "$0")/../.." || exit 1
seconds=${1:-4}
rounds=${2:-3}
server=.build/release/ServeBenchmark
[ -x "$server" ] || swift build -c release --build-tests || exit 1
missing=
for tool in nginx wrk h2load:nghttp2-client openssl; do
    command -v "${tool%%:*}" >/dev/null || missing="$missing ${tool##*:}"
done
if [ -n "$missing" ]; then
    echo "Installing:$missing"
    # shellcheck disable=SC2086
    apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends $missing >/dev/null || exit 1
fi
work=$(mktemp -d)
pids=()
cleanup() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
    wait 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT

files=$work/www/live/show/720p
mkdir -p "$files"
head -c 300000 /dev/urandom >"$files/part.mp4"
head -c 1536 /dev/urandom | base64 -w 76 | head -c 2048 >"$files/index.m3u8"
chmod -R a+rX "$work"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -keyout "$work/key.pem" -out "$work/certificate.pem" 2>/dev/null
cat >"$work/nginx.conf" <<END
worker_processes 1; daemon off; pid $work/nginx.pid; error_log $work/nginx.err error; worker_rlimit_nofile 20000;
events { worker_connections 8192; }
http {
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
    types { video/mp4 mp4; application/vnd.apple.mpegurl m3u8; }
    open_file_cache max=100 inactive=60s;
    server { listen 127.0.0.1:18091; root $work/www; }
    server {
        listen 127.0.0.1:18092 ssl http2; root $work/www;
        ssl_certificate $work/certificate.pem; ssl_certificate_key $work/key.pem;
    }
}
END
taskset -c 0 nginx -c "$work/nginx.conf" 2>/dev/null &
pids+=($!)
sleep 1
read -r peer _ <"/proc/${pids[0]}/task/${pids[0]}/children"
taskset -c 0 "$server" 18093 18094 "$work/certificate.pem" "$work/key.pem" &
pids+=($!)
ours=${pids[1]}
sleep 1

# CPU of a process so far, in nanoseconds, over all its threads.
cpu() { cat /proc/"$1"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.0f\n", sum }'; }

# measure PID COMMAND...: prints "nanoseconds requests failed"
measure() {
    local pid=$1 before after output
    shift
    before=$(cpu "$pid")
    output=$(taskset -c 1 "$@" 2>&1)
    after=$(cpu "$pid")
    awk -v n=$((after - before)) '/requests in/ { r = $1 } /^requests:/ { r = $8; f += $10 }
        /Non-2xx/ { f += $NF } END { print n, r + 0, f + 0 }' <<<"$output"
}

rows=("h1 playlist" "h1 part" "tls playlist" "tls part" "h2 playlist" "h2 part")
for round in $(seq "$rounds"); do
    for row in "${rows[@]}"; do
        for who in nginx shopcast; do
            if [ "$who" = nginx ]; then pid=$peer plain=18091 secure=18092; else pid=$ours plain=18093 secure=18094; fi
            path=live/show/720p/index.m3u8
            [ "${row#* }" = part ] && path=live/show/720p/part.mp4
            case ${row% *} in
            h1) command=(wrk -t1 -c64 "-d$seconds" "http://127.0.0.1:$plain/$path") ;;
            tls) command=(wrk -t1 -c64 "-d$seconds" "https://127.0.0.1:$secure/$path") ;;
            h2) command=(h2load -t1 -c32 -m4 -D "$seconds" "https://127.0.0.1:$secure/$path") ;;
            esac
            echo "$row|$who|$(measure "$pid" "${command[@]}")" >>"$work/results"
        done
    done
done

awk -F'[| ]' -v rounds="$rounds" '
function median(list, count, i, j, t) {
    for (i = 1; i < count; i++) for (j = i + 1; j <= count; j++)
        if (list[i] > list[j]) { t = list[i]; list[i] = list[j]; list[j] = t }
    return list[int((count + 1) / 2)]
}
{
    row = $1 " " $2; who = $3; key = row "|" who
    if (!(row in seen)) { seen[row] = 1; order[++n] = row; bytes[row] = $2 == "part" ? 300000 : 2048 }
    c = ++count[key]; value[key, c] = $4 / 1e9 / $5 * 1e4; failed[row] += $6
}
END {
    print "| CPU s per 10,000 answers | nginx | shopcast | ratio | shopcast CPU s per GB |"
    print "|---|---|---|---|---|"
    for (i = 1; i <= n; i++) {
        row = order[i]
        for (j = 1; j <= rounds; j++) { a[j] = value[row "|nginx", j]; b[j] = value[row "|shopcast", j]; q[j] = b[j] / a[j] }
        ratio = median(q, rounds); theirs = median(a, rounds); mine = median(b, rounds)
        printf "| %s | %.3f | %.3f | %.2f | %.3f |%s\n", row, theirs, mine, ratio, mine / 1e4 / bytes[row] * 1e9,
            failed[row] ? " " failed[row] " failed" : ""
        if (ratio > 2) over = over " " row ";"
    }
    if (over) { print "Over 2.0:" over; exit 1 }
}' "$work/results"
