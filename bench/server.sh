#!/usr/bin/env bash
# How soon a push becomes a step, how long 50 jobs and 50 steps take that do nothing, what a step costs beside bash, and how much memory the server and
# the agent have: `fairway up` with its agent, its sandbox and its PostgreSQL, and real pushes. Then the same 50 jobs with buildbot, where it is installed
# (apt install buildbot buildbot-worker). Prints the figures of docs/performance.md; exit code 1 where one misses what is asked.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/fairway" --version >/dev/null
jdk=$("$root/fairway" --print-jdk)
mvn -f "$root/pom.xml" -B -q -pl bench -am -Dfast -Dmaven.test.skip package dependency:build-classpath \
  -Dmdep.outputFile="$root/bench/target/classpath" >&2
code=0
# shellcheck disable=SC2086
"$jdk/bin/java" -Xmx256m -XX:+UseSerialGC -XX:-UseBASE64Intrinsics -Dfairway.launcher="$root/fairway" \
  -Djava.util.logging.config.file="$root/cli/logging.properties" ${BENCH_JAVA_OPTIONS:-} \
  -cp "$root/bench/target/classes:$(<"$root/bench/target/classpath")" dev.fairway.bench.server.ServerBench || code=$?
"$root/bench/buildbot.sh"
echo "load: $(cut -d' ' -f1-3 /proc/loadavg) on $(nproc) processors"
exit "$code"
