#!/usr/bin/env bash
# The 50 jobs of server.sh with buildbot: one build that triggers 50 others, each of one step that does nothing, with a master and a worker on loopback
# that runs as many at a time as there are processors. Three rounds after one that does not count; seconds from the change to the end of the last build.
set -euo pipefail
command -v buildbot >/dev/null && command -v buildbot-worker >/dev/null || {
  echo "buildbot: not installed (apt install buildbot buildbot-worker), so there is nothing to compare with"
  exit
}
many=50
work=$(mktemp -d /var/tmp/fairway-buildbot.XXXXXX)
trap 'buildbot-worker stop "$work/worker" >/dev/null 2>&1 || true; buildbot stop "$work/master" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
read -r worker_port change_port < <(python3 -c '
import socket
sockets = [socket.socket() for _ in range(2)]
for one in sockets: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))')
buildbot create-master "$work/master" >/dev/null
cat >"$work/master/master.cfg" <<CONFIG
from buildbot.plugins import changes, schedulers, steps, util, worker
names = ["job-%d" % n for n in range($many)]
no_op = util.BuildFactory([steps.ShellCommand(command=["true"])])
all_of_them = util.BuildFactory([steps.Trigger(schedulerNames=["jobs"], waitForFinish=True)])
BuildmasterConfig = {
    "workers": [worker.Worker("one", "secret", max_builds=$(nproc)), worker.Worker("trigger", "secret", max_builds=1)],
    "protocols": {"pb": {"port": "tcp:$worker_port:interface=127.0.0.1"}},
    "change_source": [changes.PBChangeSource(port="tcp:$change_port:interface=127.0.0.1", user="u", passwd="p")],
    "schedulers": [
        schedulers.AnyBranchScheduler(name="push", builderNames=["all"], treeStableTimer=None),
        schedulers.Triggerable(name="jobs", builderNames=names),
    ],
    "builders": [util.BuilderConfig(name="all", workernames=["trigger"], factory=all_of_them)]
    + [util.BuilderConfig(name=name, workernames=["one"], factory=no_op) for name in names],
    "db": {"db_url": "sqlite:///state.sqlite"},
    "buildbotNetUsageData": None,
}
CONFIG
for name in one trigger; do
  buildbot-worker create-worker "$work/worker-$name" "127.0.0.1:$worker_port" $name secret >/dev/null
done
trap 'for name in one trigger; do buildbot-worker stop "$work/worker-$name" >/dev/null 2>&1 || true; done
  buildbot stop "$work/master" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
buildbot start "$work/master" >"$work/start.log" 2>&1 || { cat "$work/start.log" >&2; exit 1; }
for name in one trigger; do buildbot-worker start "$work/worker-$name" >/dev/null; done

# Waits until so many builds have ended, and says when that was.
await() {
  python3 - "$work/master/state.sqlite" "$1" <<'PYTHON'
import sqlite3, sys, time
end = time.time() + 300
while time.time() < end:
    done, = sqlite3.connect("file:%s?mode=ro" % sys.argv[1], uri=True).execute(
        "SELECT count(*) FROM builds WHERE complete_at IS NOT NULL").fetchone()
    if done >= int(sys.argv[2]):
        print(time.time())
        sys.exit()
    time.sleep(0.1)
sys.exit("buildbot does not come to an end")
PYTHON
}

for round in 0 1 2 3; do
  begun=$(python3 - "$change_port" "$work" <<'PYTHON'
import subprocess, sys, time
subprocess.run(["buildbot", "sendchange", "-m", "127.0.0.1:" + sys.argv[1], "-a", "u:p", "-W", "bench", "-b", "main", "file"],
               check=True, stdout=subprocess.DEVNULL)
print(time.time())
PYTHON
  )
  ended=$(await $(((round + 1) * (many + 1))))
  [[ $round = 0 ]] || awk -v a="$begun" -v b="$ended" 'BEGIN { printf "%.1f\n", b - a }'
done | sort -n | paste -sd' ' | sed "s/^/buildbot $(buildbot --version | sed -n 's/^Buildbot version: //p'), $many builds, from the change to the end, in seconds: /"
