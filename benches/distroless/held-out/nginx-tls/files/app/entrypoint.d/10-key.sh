openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$NAME" -keyout /tmp/key.pem -out /tmp/crt.pem 2> /dev/null
mkdir -p /tmp/www
sed "s/NAME/$NAME/" /app/index.html > /tmp/www/index.html
