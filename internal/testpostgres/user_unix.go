//go:build unix

package testpostgres

import (
	"os"
	osuser "os/user"
	"strconv"
	"syscall"
)

// user makes dir the home of a user that may run a server, and says how to become that user.
func user(dir string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	var err error
	for _, name := range []string{"postgres", "nobody"} {
		var u *osuser.User
		if u, err = osuser.Lookup(name); err != nil {
			continue
		}
		uid, _ := strconv.ParseUint(u.Uid, 10, 32)
		gid, _ := strconv.ParseUint(u.Gid, 10, 32)
		if err = os.Chown(dir, int(uid), int(gid)); err != nil {
			continue
		}
		return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
	}
	return nil, err
}
