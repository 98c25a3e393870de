#!/usr/bin/env bash
# Two servers, three agents and a PostgreSQL, killed and cut off from each other at random while they run jobs.
# usage: bench/chaos.sh [JOBS [SEED [SECONDS]]]; exit code 1 if anything was lost or happened twice. Needs root, for network namespaces.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jdk=$("$root/fairway" --print-jdk)
unshare --net true || { echo "chaos: no network namespace can be made here; run it as root" >&2; exit 2; }
mvn -f "$root/pom.xml" -B -q -pl bench -am -Dfast -Dmaven.test.skip package dependency:build-classpath \
  -Dmdep.outputFile="$root/bench/target/classpath" >&2
# Jobs have users of their own, who must get to their folders.
home=$(mktemp -d /var/tmp/fairway-chaos.XXXXXX)
chmod 711 "$home"
code=0
unshare --net "$jdk/bin/java" -Xmx512m -XX:+UseSerialGC -cp "$root/bench/target/classes:$(<"$root/bench/target/classpath")" \
  dev.fairway.bench.chaos.Chaos "${1:-500}" "${2:-$(date +%s)}" "${3:-120}" "$home" || code=$?
if [ "$code" = 0 ]; then rm -rf "$home"; else echo "chaos: what the processes printed is in $home" >&2; fi
exit "$code"
