package state

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

func bootID() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(id))
}

// processNamespace names the space in which process numbers are counted; containers have their own.
func processNamespace() string {
	ns, _ := os.Readlink("/proc/self/ns/pid")
	return ns
}

// processState reads when a process started, in clock ticks after boot. A zombie is not alive: it will never write.
func processState(process int) (started string, alive bool) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(process) + "/stat")
	if err != nil {
		// Anything but "no such process" proves nothing.
		return "", !errors.Is(err, fs.ErrNotExist) || !procMounted()
	}
	// The name of the program stands in parentheses and may hold anything.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return "", true
	}
	return string(fields[19]), fields[0][0] != 'Z' && fields[0][0] != 'X'
}

func procMounted() bool {
	_, err := os.Stat("/proc/self/stat")
	return err == nil
}
