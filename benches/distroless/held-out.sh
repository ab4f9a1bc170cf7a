# Rows held out: the rules were not written with them in sight. Sourced by images.sh and distroless.sh.
row python-stdlib python -- python3 /app/main.py
ask_gunicorn() { answers / /yaml /https /nowhere; }
row gunicorn python -w /srv --ask -- gunicorn -w 2 -b 127.0.0.1:18081 --log-level warning web:application
ask_supervisord() { answers /a.txt; sleep 2; answers /ticks.txt; }
row supervisord python --ask -- supervisord -n -c /app/supervisord.conf
ask_uwsgi() { answers / /x; }
row uwsgi python --ask -- uwsgi --plugin python3 --http 127.0.0.1:18081 --wsgi-file /app/web.py --master
row pip-entry python --entry -- report-colours demo.py
row node-https node -e NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt -- node /app/main.mjs
row node-child node -w /app -- node index.js
row perl-lwp perl --entry -- /app/fetch.pl https://localhost:18443/hello
row perl-dbi perl -- perl -MDBI -MUnicode::Normalize -MIO::Socket::INET -e '$d=DBI->connect("dbi:SQLite::memory:","","",{RaiseError=>1}); print $d->selectrow_array("select upper(?)",undef,"abc"), length(NFD("\x{e9}")), "\n"'
row ruby-https ruby -- ruby -ropen-uri -ropen3 -ryaml -e 'print URI.open("https://localhost:18443/hello").read; puts Open3.capture2("tr a-z A-Z", stdin_data: "abc")[0]; puts({"a"=>[1]}.to_yaml)'
ask_puma() { answers / /xml; }
row puma ruby -w /app --ask -- puma -q -b tcp://127.0.0.1:18081 -t 1:1 config.ru
ask_php_server() { answers / /intl.php /db.php /plain.txt; }
row php-server php -w /srv/www --ask -- php -S 127.0.0.1:18081
row java-net java -e TZ=America/New_York --entry -- java -XX:TieredStopAtLevel=1 -cp /app Net https://localhost:18443/hello
row openssl-client web -- sh -c 'printf "GET /hello HTTP/1.0\r\n\r\n" | openssl s_client -quiet -verify_return_error -connect localhost:18443 -servername localhost 2>/dev/null | tail -n 1; openssl dgst -sha3-256 /etc/debian_version'
row sqlite-shell db -- sqlite3 :memory: "create virtual table t using fts5(x); insert into t values('running dogs'); select highlight(t,0,'<','>') from t('dogs'); select strftime('%s','2023-11-14'), json_extract('{\"a\":[1,2]}','$.a[1]');"
row archive tools -w /srv -- sh -c 'for z in gzip bzip2 xz zstd; do tar --$z -cf /tmp/a.tar data && tar -tf /tmp/a.tar | wc -l || echo "no $z"; done; tar -caf /tmp/b.tar.xz data; tar -xOf /tmp/b.tar.xz data/b.txt | wc -l'
row rsync tools --entry -- rsync -ai --delete /usr/share/common-licenses/ /tmp/copy/
row ssh-keygen tools -- sh -c 'ssh-keygen -q -t ed25519 -N "" -f /tmp/k -C me && ssh-keygen -y -f /tmp/k | cut -d" " -f1; ssh -G -p 22 example | grep -E "^(port|user) "; ssh -V'
row gpg tools -e HOME=/tmp -- sh -c 'echo secret | gpg --batch --pinentry-mode loopback --passphrase x -q -c -o /tmp/s.gpg && gpg --batch --pinentry-mode loopback --passphrase x -q -d /tmp/s.gpg; gpg --batch -q --passphrase "" --quick-gen-key a@b ed25519 && gpg -k --with-colons | cut -d: -f1 | sort | uniq -c'
row vim tools -e HOME=/tmp -- sh -c 'printf "b\na\n" > /tmp/x.c; vim -es -u /usr/share/vim/vim90/defaults.vim -c "sort" -c "set ft?" -c "%!tr a-z A-Z" -c "wq" /tmp/x.c; cat /tmp/x.c'
row jq tools --entry -- jq -rn '[1,2,3] | map(. * 2) | @csv, (1700000000 | todate), ("äé" | ascii_downcase | test("\\p{L}")), (now > 0)'
row file-magic tools -- sh -c 'file -b --mime /bin/ls /etc/passwd /usr/share/common-licenses/GPL-3; file -b /bin/ls | cut -c -20'
row busybox tools -- busybox sh -c 'busybox ls /usr/bin | busybox grep -cx busybox; busybox wget -qO- http://127.0.0.1:18080/hello; echo abc | busybox sha1sum; id -u'
row convert media --entry -- /app/thumbnail.sh
row ffmpeg media -- sh -c 'ffmpeg -v error -f lavfi -i testsrc=d=1:s=64x64:r=5 -c:v libx264 -threads 1 -f matroska - | ffprobe -v error -show_entries stream=codec_name,width -of csv -'
row locale-sort base -e LC_ALL=de_DE.UTF-8 -- sh -c 'printf "Zebra\nÄpfel\nzebra\nApfel\n" | sort; printf "%.2f\n" 3,5; date -d @1700000000 +%A'
row names base -- sh -c 'getent passwd www-data; getent hosts localhost; getent services https; printf "\344\366" | iconv -f ISO-8859-1 -t UTF-8; printf "\202\240" | iconv -f SHIFT_JIS -t UTF-8; echo; locale charmap; id nobody'
row pipeline base -u nobody -w /usr/share -- sh -c 'find common-licenses -name "*GPL*" -print0 | xargs -0 -n1 basename | awk "{print length(\$0), \$0}" | sort -rn | head -n 3 | sed "s/GPL/gpl/" | tee /tmp/out.$$ | nl; dd if=/dev/zero bs=1k count=3 2>/dev/null | od -c | head -n 2; seq 3 | paste -sd+ | tr + -; timeout 1 sleep 3; echo $?'
row make-task base -w /app -- make -s report
row cxx-threads base --entry -- /app/threads
ask_nginx_tls() { curl -sk https://localhost:18081/ || echo "no answer"; }
row nginx-tls web -e NAME=bench --entry --ask -- /app/entrypoint.sh nginx -c /app/nginx.conf
row git-daemonless web -w /tmp -e HOME=/tmp -- sh -c 'git init -q r && cd r && git config user.name A && git config user.email a@b && echo a > a && git add a && GIT_AUTHOR_DATE=@1700000000 GIT_COMMITTER_DATE=@1700000000 git commit -qm one && git rev-parse HEAD && git archive HEAD | tar -t && git submodule status && git stash list && git gc -q && git bisect log; echo $?'
row go-exec go --entry -- /app/tool
