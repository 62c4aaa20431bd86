package state

import (
	"os"
	"os/user"
)

// A machine is what tells whether the holder of a lease can still be at work.
type machine struct {
	host      string
	boot      string // "" if the system does not tell
	namespace string
	process   int
	started   string
	user      string
	// state tells about a process of this machine: when it started, and whether it is there and not a zombie.
	state func(process int) (started string, alive bool)
}

// thisMachine describes the running process.
func thisMachine() machine {
	m := machine{boot: bootID(), namespace: processNamespace(), process: os.Getpid(), state: processState}
	m.host, _ = os.Hostname()
	m.started, _ = m.state(m.process)
	if u, err := user.Current(); err == nil {
		m.user = u.Username
	}
	return m
}

// dead reports whether the holder of l is provably gone: it ran on this machine since this boot, where its process
// number means the same, and no such process is left.
func (m *machine) dead(l *Lease) bool {
	if l.Host != m.host || l.Boot != m.boot || l.Namespace != m.namespace || l.Process == 0 {
		return false
	}
	started, alive := m.state(l.Process)
	return !alive || started != l.Started
}

// ThisProcess describes the running process: another one on the same machine, since the same boot and with the same
// meaning of process numbers, has the same Boot and Namespace.
func ThisProcess() Process {
	p := Process{ID: os.Getpid(), Boot: bootID(), Namespace: processNamespace()}
	p.Started, _ = processState(p.ID)
	return p
}
