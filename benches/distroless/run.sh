# What runs the programs of the benches and talks to them. Sourced by distroless.sh and fates.sh.
# Uses: dir (what images.sh made), work (a directory of the run), run (runs a layout), port. Sets: site_server.

# What the programs talk to: a file server with TLS and without, and a git repository.
site=$work/site; mkdir -p "$site"
echo "hello from the bench" > "$site/hello"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
git init -q -b main "$work/repo"
echo a > "$work/repo/a.txt"; git -C "$work/repo" add a.txt
GIT_AUTHOR_DATE=@1700000000+0000 GIT_COMMITTER_DATE=@1700000000+0000 \
  git -C "$work/repo" -c user.name=Bench -c user.email=bench@localhost commit -qm first
git clone -q --bare "$work/repo" "$site/repo.git"; git -C "$site/repo.git" update-server-info
python3 - "$site" "$dir/server.crt" "$dir/server.key" << 'SERVER' &
import functools, http.server, socket, ssl, sys, threading
site, certificate, key = sys.argv[1:]
class Quiet(http.server.SimpleHTTPRequestHandler):
    server_version, sys_version = "bench", ""
    def log_message(self, *words): pass
handler = functools.partial(Quiet, directory=site)
class SixServer(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
servers = []
for kind, address in (http.server.ThreadingHTTPServer, "127.0.0.1"), (SixServer, "::1"):
    servers.append(kind((address, 18080), handler))
    servers.append(kind((address, 18443), handler))
    servers[-1].socket = context.wrap_socket(servers[-1].socket, server_side=True)
threads = [threading.Thread(target=server.serve_forever) for server in servers]
[thread.start() for thread in threads]
SERVER
site_server=$!
for _ in $(seq 50); do curl -fs -o /dev/null --cacert "$dir/ca.crt" https://localhost:18443/hello && break; sleep 0.1; done

answers() { # PATH…: the status, type and text of every answer of the row's server
  local path
  for path in "$@"; do
    : > "$work/body"
    printf '%s %s %s\n' "$path" "$(curl -s -m 20 -o "$work/body" -w '%{http_code} %{content_type}' "127.0.0.1:$port$path" || true)" \
      "$(sha256sum < "$work/body" | cut -c -16) $(head -c 60 "$work/body" | tr -d '\0' | head -n 1)"
  done
}
talk() { # LINE…: what the row's server says to these lines
  local line
  exec 7<> "/dev/tcp/127.0.0.1/$port" || { echo "no answer"; return 0; }
  for line in "$@"; do printf '%s\r\n' "$line" >&7; done
  timeout 5 cat <&7 | tr -d '\r' || true
  exec 7>&-
}
listeners() { ss -ltnpH "sport = :$port" | grep -o 'pid=[0-9]*' | cut -d= -f2 | sort -u; }
# Runs a bundle; leaves what it said in FILE and what it said on standard error in FILE.err.
say() { # LAYOUT BUNDLE ASK FILE
  local layout=$1 bundle=$2 ask=$3 file=$4 runner
  if [ "$ask" = - ]; then
    timeout -k 5 120 "$run" "$layout" --bundle "$bundle" > "$file" 2> "$file.err" < /dev/null || echo "exit $?" >> "$file"
    return 0
  fi
  "$run" "$layout" --bundle "$bundle" > "$file.out" 2> "$file.err" < /dev/null &
  runner=$!
  for _ in $(seq 300); do
    [ -z "$(listeners)" ] || break
    kill -0 "$runner" 2> /dev/null || break
    sleep 0.1
  done
  { if [ -n "$(listeners)" ]; then "$ask" || true; else echo "it does not listen"; fi; } > "$file" 2>> "$file.err"
  kill -TERM "$runner" 2> /dev/null || true
  wait "$runner" 2> /dev/null || true
  for _ in $(seq 50); do [ -n "$(listeners)" ] || break; sleep 0.1; done
  kill -9 $(listeners) 2> /dev/null || true
}
