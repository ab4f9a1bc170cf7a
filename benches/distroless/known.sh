# Rows that the rules were written with in sight. Sourced by images.sh and distroless.sh.
# Ports of this machine: 18443 serves TLS, 18080 plain HTTP, 18081 is the row's own.
ask_go_server() { answers /healthz /tz/Europe/Berlin /tz/America/New_York /tls /mime/x.webmanifest /user /nowhere; }
row go-server go --entry --ask -- /app/server

row curl-tls base --entry -- curl -sS https://localhost:18443/hello

ask_flask() { answers / /hello/World /json /tz /nowhere; }
row flask python -w /app -e PYTHONUNBUFFERED=1 --ask -- python3 app.py

ask_express() { answers / /json /static/a.txt /nowhere; }
row express node -w /app -e NODE_ENV=production --ask -- node server.js

ask_nginx_proxy() { answers / /style.css /api/hello /nowhere; }
row nginx-proxy web --ask -- nginx -g 'daemon off;'

row bash-script base --entry -- /app/report.sh /usr/share/common-licenses
row perl-modules perl -- perl /app/main.pl
row php-mbstring php --entry -- php /app/main.php
row ruby-json ruby -w /app -- ruby main.rb
row java-jar java -e LANG=C.UTF-8 --entry -- java -Xshare:off -jar /app/app.jar Welt

ask_redis() { talk 'PING' 'SET a 41' 'INCR a' 'LPUSH l x y z' 'LRANGE l 0 -1' 'EVAL "return redis.sha1hex(ARGV[1])" 0 q' 'QUIT'; }
row redis db --ask -- redis-server --port 18081 --save '' --bind 127.0.0.1

row postgres db -u postgres -e LANG=C.UTF-8 -- /app/query.sh

ask_memcached() { talk 'set a 0 0 5' 'hello' 'get a' 'incr b 1' 'version' 'quit'; }
row memcached db --ask -- memcached -u nobody -l 127.0.0.1 -p 18081

row git-https web --entry -- /app/clone.sh https://localhost:18443/repo.git
row musl-static musl -- /app/static Europe/Berlin
row musl-dynamic musl -- /app/dynamic Europe/Berlin
