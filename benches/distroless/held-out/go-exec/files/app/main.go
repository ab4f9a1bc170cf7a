package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"time"
)

func main() {
	out, err := exec.Command("git", "--version").CombinedOutput()
	fmt.Println(len(out) > 0, err)
	out, err = exec.Command("sh", "-c", "echo $0 | wc -c").Output()
	fmt.Print(string(out), err, "\n")
	addresses, err := net.LookupHost("localhost")
	fmt.Println(len(addresses) > 0, err, time.Unix(0, 0).Local().Location())
	if len(os.Args) > 3 {
		os.Exit(1)
	}
}
