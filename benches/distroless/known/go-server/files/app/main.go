package main

import (
	"fmt"
	"io"
	"log"
	"mime"
	"net/http"
	"os/user"
	"path"
	"strings"
	"time"
)

func main() {
	http.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("/tz/", func(w http.ResponseWriter, r *http.Request) {
		zone, err := time.LoadLocation(strings.TrimPrefix(r.URL.Path, "/tz/"))
		if err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		fmt.Fprintln(w, time.Unix(1700000000, 0).In(zone).Format(time.RFC1123Z))
	})
	http.HandleFunc("/tls", func(w http.ResponseWriter, r *http.Request) {
		answer, err := http.Get("https://localhost:18443/hello")
		if err != nil {
			http.Error(w, err.Error(), 502)
			return
		}
		defer answer.Body.Close()
		io.Copy(w, answer.Body)
	})
	http.HandleFunc("/mime/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, mime.TypeByExtension(path.Ext(r.URL.Path)))
	})
	http.HandleFunc("/user", func(w http.ResponseWriter, r *http.Request) {
		one, err := user.Lookup("www-data")
		fmt.Fprintln(w, one, err)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:18081", nil))
}
