# Shows that need a playback token, for Varnish with Debian's varnish-vmod-digest.
#
# The cache checks the token in the address (/live/SHOW/t/TOKEN/…), takes it out, and keeps one copy for all viewers; it
# asks the server with the secret of `protection.edgeSecret`, which then does not ask for a token again. An expired token
# is refused here, for what is in the cache too. Only HS256 is checked here: the vmod knows no ES256. Shows that hand out
# ES256 tokens go to the server past the cache (`shopcast_key` leaves the secret empty, below).
#
# Use, in the main VCL, after its own clean-up of the address and before anything that returns from vcl_recv:
#
#     include "keys.vcl";          # sub shopcast_key, below: the secrets, readable for varnish only
#     include "protected.vcl";
#     sub vcl_recv { call shopcast_protect; … }
#     sub vcl_hash { call shopcast_hash; … }
#
# keys.vcl, with the keys of the settings (a new one comes in with `varnishreload`; what is cached stays):
#
#     sub shopcast_key {
#         if (req.http.X-Shopcast-Kid == "2026-11") { set req.http.X-Shopcast-Secret = "…the secret of that kid…"; }
#         set req.http.X-Shopcast-Edge-Secret = "…protection.edgeSecret…";
#     }

import digest;
import std;

sub shopcast_forget {
    unset req.http.X-Shopcast-Token;
    unset req.http.X-Shopcast-Header;
    unset req.http.X-Shopcast-Claims;
    unset req.http.X-Shopcast-Kid;
    unset req.http.X-Shopcast-Secret;
    unset req.http.X-Shopcast-Edge-Secret;
    unset req.http.X-Shopcast-Cap;
}

sub shopcast_protect {
    # What viewers send under these names is not ours.
    call shopcast_forget;
    unset req.http.Shopcast-Edge;
    if (req.url ~ "^/(live|replay)/[a-z0-9][a-z0-9_-]*/t/") {
        set req.http.X-Shopcast-Token = regsub(req.url, "^/[a-z]+/[^/]+/t/([^/?]*).*$", "\1");
        if (req.http.X-Shopcast-Token !~ "^[A-Za-z0-9_-]{2,800}\.[A-Za-z0-9_-]{2,800}\.[A-Za-z0-9_-]{43,86}$") {
            call shopcast_forget;
            return (synth(403, "The playback token is not valid."));
        }
        set req.http.X-Shopcast-Header = digest.base64url_nopad_decode(
            regsub(req.http.X-Shopcast-Token, "\..*$", ""));
        set req.http.X-Shopcast-Kid = "";
        if (req.http.X-Shopcast-Header ~ {""kid"\s*:\s*"[^"]*""}) {
            set req.http.X-Shopcast-Kid = regsub(
                req.http.X-Shopcast-Header, {"^.*"kid"\s*:\s*"([^"]*)".*$"}, "\1");
        }
        set req.http.X-Shopcast-Secret = "";
        call shopcast_key;
        if (req.http.X-Shopcast-Header ~ {""alg"\s*:\s*"ES256""}) {
            # The server checks it, each time.
            call shopcast_forget;
            return (pass);
        }
        if (req.http.X-Shopcast-Secret == ""
            || req.http.X-Shopcast-Header !~ {""alg"\s*:\s*"HS256""}
            || req.http.X-Shopcast-Header ~ {""crit""}
            || digest.base64url_nopad_hex(
                digest.hmac_sha256(req.http.X-Shopcast-Secret,
                    regsub(req.http.X-Shopcast-Token, "\.[^.]*$", "")))
                != regsub(req.http.X-Shopcast-Token, "^.*\.", "")) {
            call shopcast_forget;
            return (synth(403, "The playback token is not valid."));
        }
        # From here on the claims are those of who has the key.
        set req.http.X-Shopcast-Claims = digest.base64url_nopad_decode(
            regsub(req.http.X-Shopcast-Token, "^[^.]*\.([^.]*)\..*$", "\1"));
        if (std.time(regsub(req.http.X-Shopcast-Claims, {"^.*"exp"\s*:\s*([0-9]+).*$"}, "\1"), now - 1s) <= now) {
            call shopcast_forget;
            return (synth(403, "The playback token has expired."));
        }
        if (regsub(req.http.X-Shopcast-Claims, {"^.*"sub"\s*:\s*"([^"]*)".*$"}, "\1")
            != regsub(req.url, "^/[a-z]+/([^/]+)/.*$", "\1")) {
            call shopcast_forget;
            return (synth(403, "The playback token is for another show."));
        }
        # X-Country is the name here; write that of `protection.countryField` where it is another.
        if (req.http.X-Shopcast-Claims ~ {""country"\s*:"}
            && std.toupper(regsub(req.http.X-Shopcast-Claims, {"^.*"country"\s*:\s*"([^"]*)".*$"}, "\1"))
                != std.toupper("" + req.http.X-Country)) {
            call shopcast_forget;
            return (synth(403, "The playback token is for another country."));
        }
        set req.url = regsub(req.url, "^(/[a-z]+/[^/]+)/t/[^/?]*", "\1");
        # Nobody but us says what may be seen.
        set req.url = regsuball(req.url, "([?&])cap=[^&]*", "\1");
        if (req.http.X-Shopcast-Claims ~ {""cap"\s*:\s*[0-9]"}) {
            set req.http.X-Shopcast-Cap = regsub(
                req.http.X-Shopcast-Claims, {"^.*"cap"\s*:\s*([0-9]+).*$"}, "\1");
            if (req.url ~ "^/[a-z]+/[^/]+/[0-9]+p/"
                && std.integer(regsub(req.url, "^/[a-z]+/[^/]+/([0-9]+)p/.*$", "\1"), 0)
                    > std.integer(req.http.X-Shopcast-Cap, 0)) {
                call shopcast_forget;
                return (synth(403, "The playback token is for smaller pictures."));
            }
            # What there is to choose from, and whether the host's own picture is small enough, the server knows: one
            # copy for each cap.
            if (req.url ~ "^/[a-z]+/[^/]+/(index\.m3u8|manifest\.mpd|source/)") {
                if (req.url ~ "\?") {
                    set req.url = req.url + "&cap=" + req.http.X-Shopcast-Cap;
                } else {
                    set req.url = req.url + "?cap=" + req.http.X-Shopcast-Cap;
                }
            }
        }
        set req.http.Shopcast-Edge = req.http.X-Shopcast-Edge-Secret;
        call shopcast_forget;
    }
}

# What a token has opened is another object than what is there without one: a show's address without a token must not
# find it.
sub shopcast_hash {
    if (req.http.Shopcast-Edge) { hash_data("opened by a token"); }
}

sub vcl_synth {
    if (resp.status == 403) {
        set resp.http.Content-Type = "application/problem+json";
        set resp.http.Cache-Control = "max-age=1";
        set resp.http.Access-Control-Allow-Origin = "*";
        synthetic({"{"type":"about:blank","title":"Forbidden","status":403,"detail":""} + resp.reason + {"" }"});
        return (deliver);
    }
}
