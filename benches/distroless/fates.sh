# The outputs whose fate fates.sh knows. Sourced by it.

# What works: what the profiles make of the images as they are, and what takes only what is not used.
for one in go-server musl-static musl-dynamic curl-tls bash-script nginx-proxy memcached redis git-https \
  flask express perl-modules php-mbstring ruby-json java-jar postgres; do
  output "$one-distroless" "row:$one" with --profile distroless
done
output bash-script-lean row:bash-script with --profile lean
output perl-modules-lean row:perl-modules with --profile lean
output nginx-safe row:nginx-proxy with --profile safe
output redis-packages row:redis with --profile safe --drop-package build-essential --drop-package git
output express-tests express take '/app/node_modules/*/test/**' '/app/node_modules/**/*.md' '/usr/share/doc/**'
output flask-unused flask take '/usr/lib/python3*/idlelib/**' '/usr/lib/python3*/lib2to3/**' '/usr/share/doc/**' '/usr/lib/python3*/turtledemo/**'
output perl-unused perl-modules take '/usr/share/perl/*/pod/**' '/usr/share/doc/**'
output ruby-unused ruby-json take '/usr/lib/ruby/gems/*/doc/**' '/usr/lib/ruby/*/rdoc/**' '/usr/share/doc/**'
output nginx-unused nginx-proxy take '/etc/nginx/koi-*' '/etc/nginx/win-utf' '/usr/share/nginx/html/**'
output bash-unused bash-script take '/usr/bin/{yes,shred,factor,pinky,vdir}' '/usr/share/locale/**'
output php-unused php-mbstring take '/usr/lib/php/*/php.ini-*' '/usr/share/doc/**'
output postgres-unused postgres take '/usr/lib/postgresql/15/lib/{hstore,isn,ltree,seg,cube}.so' '/usr/share/postgresql/15/man/**'
output authorities-unused memcached take '/etc/ssl/certs/**'
output library-unused bash-script take '/usr/lib/x86_64-linux-gnu/libsepol.so*' '/usr/lib/x86_64-linux-gnu/libpam*.so*'
output java-unused java-jar take '/usr/lib/jvm/*/jmods/**' '/usr/lib/jvm/*/man/**' '/usr/share/doc/**'

# What starts.
output entry-gone go-server take /app/server
output entry-mode go-server mode 644 app/server
output entry-argument java-jar take /app/app.jar
output entry-script-gone bash-script take /app/report.sh
output entry-script-mode bash-script mode 644 app/report.sh
output entry-by-name memcached take /usr/bin/memcached
output interpreter-gone bash-script take /usr/bin/bash
output sh-gone git-https take /usr/bin/sh /usr/bin/dash
output interpreter-python flask take '/usr/bin/python3*'
output loader-gone curl-tls take '/usr/lib/x86_64-linux-gnu/ld-linux*' '/usr/lib64/ld-linux*' '/lib64/ld-linux*'
output loader-musl musl-dynamic take '/lib/ld-musl-*' '/usr/lib/ld-musl-*'
output argument-relative flask take /app/app.py
output argument-directory bash-script take '/usr/share/common-licenses/**' /usr/share/common-licenses
config workdir-script express --config.workingdir /app
output workdir-gone workdir-script take '/app/**' /app

# Libraries.
output library-of-entry curl-tls take '/usr/lib/x86_64-linux-gnu/libcurl.so*'
output library-of-library curl-tls take '/usr/lib/x86_64-linux-gnu/libbrotlicommon.so*'
output library-libc memcached take '/usr/lib/x86_64-linux-gnu/libc.so.6'
output library-of-plugin nginx-proxy take '/usr/lib/nginx/modules/*'
output library-of-command bash-script take '/usr/lib/x86_64-linux-gnu/libacl.so*'
probe preloaded "" --config.env LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libz.so.1 << 'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
int main(void) { puts(dlsym(RTLD_DEFAULT, "zlibVersion") ? "there" : "none"); }
C
output preload-gone preloaded take '/usr/lib/x86_64-linux-gnu/libz.so*'

# What is opened without a name in the config.
output authorities-curl curl-tls take '/etc/ssl/certs/**'
output authorities-go go-server take '/etc/ssl/certs/**'
output authorities-git git-https take '/etc/ssl/certs/ca-certificates.crt'
config python-tls flask --clear config.cmd --config.cmd python3 --config.cmd -c --config.cmd \
  'import urllib.request; print(urllib.request.urlopen("https://localhost:18443/hello").read())'
ask_of[python-tls]=-
output authorities-python python-tls take '/etc/ssl/certs/**' '/usr/share/ca-certificates/**'
config node-tls express --clear config.cmd --config.cmd node --config.cmd -e --config.cmd \
  'require("https").get("https://localhost:18443/hello", answer => console.log(answer.statusCode)).on("error", error => console.log(error.code))'
ask_of[node-tls]=-
output authorities-node node-tls take '/etc/ssl/certs/**'
output zones-go go-server take '/usr/share/zoneinfo/**'
output zones-python flask take '/usr/share/zoneinfo/**'
output zones-script bash-script take '/usr/share/zoneinfo/**'
output zones-postgres postgres take '/usr/share/zoneinfo/**'
output users-go go-server take /etc/passwd
output users-daemon memcached put 644 'root:x:0:0:root:/root:/bin/bash\n' etc/passwd
output users-row postgres put 644 'root:x:0:0:root:/root:/bin/bash\n' etc/passwd
output users-group nginx-proxy take /etc/group
output temporary-gone bash-script take '/tmp/**' /tmp
output temporary-mode postgres mode 755 tmp
output mime-go go-server take /etc/mime.types '/usr/share/mime/**' '/etc/apache2/**'

probe cancel -pthread --config.env A=b << 'C'
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static void *wait_long(void *none) { sleep(60); return none; }
int main(void) {
  pthread_t thread; void *end;
  pthread_create(&thread, NULL, wait_long, NULL);
  usleep(1000); pthread_cancel(thread); pthread_join(thread, &end);
  puts(end == PTHREAD_CANCELED ? "cancelled" : "ended");
}
C
output libgcc-cancel cancel take '/usr/lib/x86_64-linux-gnu/libgcc_s*'
probe system "" --config.env A=b << 'C'
#include <stdio.h>
#include <stdlib.h>
int main(void) { printf("%d\n", system("exit 3")); }
C
output shell-of-system system take /usr/bin/sh /usr/bin/dash
probe iconv "" --config.env A=b << 'C'
#include <iconv.h>
#include <stdio.h>
int main(void) { puts(iconv_open("UTF-8", "ISO-8859-15") == (iconv_t)-1 ? "none" : "there"); }
C
output gconv-gone iconv take '/usr/lib/x86_64-linux-gnu/gconv/**'
output gconv-one iconv take '/usr/lib/x86_64-linux-gnu/gconv/ISO8859-15.so'
probe locale "" --config.env LANG=C.UTF-8 << 'C'
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
int main(void) { char *name = setlocale(LC_ALL, ""); printf("%s %s\n", name ? name : "none", nl_langinfo(CODESET)); }
C
output locale-c locale take '/usr/lib/locale/C.utf8/**'
config german locale --config.env LANG=de_DE.UTF-8
output locale-archive german take /usr/lib/locale/locale-archive
probe user "" --config.env A=b << 'C'
#include <pwd.h>
#include <stdio.h>
int main(void) { struct passwd *user = getpwnam("www-data"); puts(user ? user->pw_dir : "nobody"); }
C
output users-getpwnam user take /etc/passwd
probe zone "" --config.env TZ=Asia/Tokyo << 'C'
#include <stdio.h>
#include <time.h>
int main(void) { time_t then = 1700000000; char text[64]; strftime(text, sizeof text, "%H:%M %Z", localtime(&then)); puts(text); }
C
output zones-tz zone take '/usr/share/zoneinfo/Asia/Tokyo'
probe opened "" --config.env A=b << 'C'
#include <dlfcn.h>
#include <stdio.h>
int main(void) { puts(dlopen("libz.so.1", RTLD_NOW) ? "loaded" : "none"); }
C
output library-of-dlopen opened take '/usr/lib/x86_64-linux-gnu/libz.so*'
config legacy git-https --clear config.entrypoint --clear config.cmd --config.entrypoint openssl \
  --config.cmd dgst --config.cmd -provider --config.cmd legacy --config.cmd -md4 --config.cmd /etc/passwd
output openssl-provider legacy take '/usr/lib/x86_64-linux-gnu/ossl-modules/**'
config request git-https --clear config.entrypoint --clear config.cmd --config.entrypoint openssl \
  --config.cmd req --config.cmd -new --config.cmd -newkey --config.cmd rsa:1024 --config.cmd -nodes --config.cmd -subj --config.cmd /CN=a \
  --config.cmd -keyout --config.cmd /dev/null --config.cmd -out --config.cmd /dev/null
output openssl-settings request take /etc/ssl/openssl.cnf

# Commands and links.
output command-sed bash-script take /usr/bin/sed
output command-awk-link bash-script take /etc/alternatives/awk
output command-awk-target bash-script take /usr/bin/mawk
output command-diff bash-script take /usr/bin/diff
output git-remote-https git-https take '/usr/lib/git-core/git-remote-http*'
output command-of-postgres postgres take /usr/lib/postgresql/15/bin/initdb
output command-of-command postgres take /usr/lib/postgresql/15/bin/postgres
output command-of-perl perl-modules take /usr/bin/uname

# Modules.
output python-standard flask take '/usr/lib/python3*/json/**' '/usr/lib/python3*/json'
output python-deeper flask take '/usr/lib/python3*/http/**'
output python-encodings flask take '/usr/lib/python3*/encodings/**'
output python-compiled flask take '/usr/lib/python3*/lib-dynload/_json*' '/usr/lib/python3*/lib-dynload/_zoneinfo*' '/usr/lib/python3*/lib-dynload/_hashlib*' '/usr/lib/python3*/lib-dynload/_ssl*' '/usr/lib/python3*/lib-dynload/_contextvars*'
output python-package flask take '/usr/lib/python3/dist-packages/jinja2/**' '/usr/lib/python3/dist-packages/jinja2'
output python-own-template flask take '/app/templates/**'
output node-package express take '/app/node_modules/qs/**' '/app/node_modules/qs'
output node-part express take '/app/node_modules/express/lib/router/**'
output node-builtin express take '/usr/share/nodejs/cjs-module-lexer/**'
output node-icu express take '/usr/lib/x86_64-linux-gnu/libicudata*'
output php-extension php-mbstring take '/usr/lib/php/20220829/mbstring.so'
output php-settings php-mbstring take '/etc/php/8.2/cli/conf.d/*'
output perl-module perl-modules take '/usr/share/perl5/Text/CSV.pm'
output perl-deeper perl-modules take '/usr/share/perl5/DateTime/TimeZone/**' 
output perl-standard perl-modules take '/usr/share/perl/**/Data/Dumper.pm' '/usr/lib/**/Data/Dumper.pm'
output perl-compiled perl-modules take '/usr/lib/x86_64-linux-gnu/perl*/**/POSIX.so'
output ruby-standard ruby-json take '/usr/lib/ruby/3.1.0/erb.rb'
output ruby-compiled ruby-json take '/usr/lib/x86_64-linux-gnu/ruby/3.1.0/json/ext/parser.so'
output ruby-deeper ruby-json take '/usr/lib/ruby/3.1.0/net/protocol.rb'
output java-machine java-jar take '/usr/lib/jvm/*/lib/server/**'
output java-modules java-jar take '/usr/lib/jvm/*/lib/modules'
output java-library java-jar take '/usr/lib/jvm/*/lib/libnio.so'
output java-security java-jar take '/etc/java-17-openjdk/security/**'
output nginx-settings nginx-proxy take /etc/nginx/nginx.conf
output nginx-types nginx-proxy take /etc/nginx/mime.types
output nginx-include nginx-proxy take /etc/nginx/proxy_params
output nginx-site nginx-proxy take '/etc/nginx/sites-available/*'
output nginx-pages nginx-proxy take '/srv/www/**'
output nginx-state nginx-proxy take '/var/lib/nginx/**' /var/lib/nginx '/var/log/nginx/**' /var/log/nginx
output postgres-share postgres take '/usr/share/postgresql/15/postgres.bki'
output postgres-words postgres take '/usr/share/postgresql/15/tsearch_data/**'
output postgres-language postgres take /usr/lib/postgresql/15/lib/plpgsql.so
output redis-library redis take '/usr/lib/x86_64-linux-gnu/liblua5.1.so*'
