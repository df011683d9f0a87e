// Forgetest is a Gitea in one program, for tests that need a real forge:
//
//	forgetest web --config FILE
//
// It takes the commands that `gitea` has. It is an ordinary module dependency, so that a test machine needs Go, a C
// compiler for SQLite and the module proxy, and no other download. The front end is not in the module: there is the API,
// there are hooks and Git, and no pages.
package main

import (
	"os"

	"code.gitea.io/gitea/cmd"
	"code.gitea.io/gitea/modules/log"
	"code.gitea.io/gitea/modules/setting"
)

// Set by the linker.
var version = "unknown"

func main() {
	setting.AppVer = version
	app := cmd.NewMainApp(cmd.AppVersion{Version: setting.AppVer})
	err := cmd.RunMainApp(app, os.Args...)
	log.GetManager().Close()
	if err != nil {
		os.Exit(1)
	}
}
