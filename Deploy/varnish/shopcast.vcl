# Varnish 7 in front of Shopcast: an edge that asks the server once for each playlist, part and segment, however many
# viewers ask the edge. Nothing here is needed on one machine; it is for more viewers than one machine has network for.
#
#   varnishd -a :6081 -f Deploy/varnish/shopcast.vcl -s malloc,1G -p thread_pool_max=2000
#
# Put TLS and HTTP/2 in front of it (HAProxy, Caddy, hitch): Varnish itself speaks neither to browsers.
# What it holds to:
#   blocking playlists (_HLS_msn)   12 s, six target durations: their text never changes once it is given
#   other playlists                 300 ms
#   parts, segments, init sections  as the server says: for ever, since no name is used twice
#   4xx                             200 ms: a part that is not there yet is there in a moment
#   5xx                             100 ms, for those who asked meanwhile; then the server is asked again
# Requests for the same address wait for one answer. A hinted part is held by the server until it is whole.

vcl 4.1;

import std;

probe ready {
    .url = "/health/ready";
    .interval = 1s;
    .timeout = 900ms;
    .window = 4;
    .threshold = 2;
    .initial = 2;
}

backend origin {
    .host = "127.0.0.1";
    .port = "8080";
    .probe = ready;
    .connect_timeout = 1s;
    # The server holds a request for at most 6 s, three target durations.
    .first_byte_timeout = 10s;
    .between_bytes_timeout = 10s;
    .max_connections = 4000;
}

# Shows that want a playback token: include keys.vcl and protected.vcl (which says how) here, and take in the two calls
# below that are marked so.

sub vcl_recv {
    set req.backend_hint = origin;
    if (req.http.Upgrade ~ "(?i)^websocket$") {
        return (pipe);
    }
    # /metrics and the like answer the server's own machine, which an edge on it would seem to be.
    if (req.url ~ "^/(metrics|health)") {
        return (synth(404));
    }
    if (req.url !~ "^/(live|replay|assets)/") {
        return (pass);
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    # PROTECTED: call shopcast_protect;
    # The same for everybody: what tells viewers apart must not tell copies apart.
    unset req.http.Cookie;
    unset req.http.Authorization;
    if (req.url ~ "\.m3u8(\?|$)") {
        call directives;
    } else {
        set req.url = regsub(req.url, "\?.*$", "");
    }
    return (hash);
}

# Keeps of a query the delivery directives only, always in the same order.
sub directives {
    set req.http.X-Directives = "";
    if (req.url ~ "[?&]_HLS_msn=") {
        set req.http.X-Directives = "&_HLS_msn=" + regsub(req.url, "^[^?]*\?(?:.*&)?_HLS_msn=([^&]*).*$", "\1");
    }
    if (req.url ~ "[?&]_HLS_part=") {
        set req.http.X-Directives = req.http.X-Directives + "&_HLS_part="
            + regsub(req.url, "^[^?]*\?(?:.*&)?_HLS_part=([^&]*).*$", "\1");
    }
    if (req.url ~ "[?&]_HLS_skip=") {
        set req.http.X-Directives = req.http.X-Directives + "&_HLS_skip="
            + regsub(req.url, "^[^?]*\?(?:.*&)?_HLS_skip=([^&]*).*$", "\1");
    }
    set req.url = regsub(req.url, "\?.*$", "") + regsub(req.http.X-Directives, "^&", "?");
    unset req.http.X-Directives;
}

sub vcl_hash {
    # PROTECTED: call shopcast_hash;
    hash_data(req.url);
    return (lookup);
}

sub vcl_pipe {
    set bereq.http.Upgrade = req.http.Upgrade;
    set bereq.http.Connection = req.http.Connection;
}

sub vcl_backend_response {
    set beresp.do_stream = true;
    set beresp.grace = 0s;
    set beresp.keep = 0s;
    if (bereq.uncacheable) {
        return (deliver);
    }
    if (beresp.status >= 500) {
        # Not kept, but told to all who waited for it: else they would wait for the server one after the other.
        set beresp.ttl = 100ms;
        return (deliver);
    }
    if (beresp.status >= 400) {
        set beresp.ttl = 200ms;
        return (deliver);
    }
    if (bereq.url ~ "[?&]_HLS_msn=") {
        set beresp.ttl = 12s;
    } elsif (bereq.url ~ "\.m3u8(\?|$)") {
        set beresp.ttl = 300ms;
    }
    return (deliver);
}

# The server is gone or restarts: once more, then the viewer's player asks again.
sub vcl_backend_error {
    if (bereq.retries == 0) {
        return (retry);
    }
    set beresp.http.Content-Type = "application/problem+json";
    set beresp.http.Cache-Control = "no-store";
    set beresp.http.Retry-After = "1";
    set beresp.http.Access-Control-Allow-Origin = "*";
    set beresp.body = {"{"type":"about:blank","title":"Service Unavailable","status":503}"};
    set beresp.ttl = 100ms;
    set beresp.grace = 0s;
    return (deliver);
}

sub vcl_deliver {
    unset resp.http.Via;
    unset resp.http.X-Varnish;
}
