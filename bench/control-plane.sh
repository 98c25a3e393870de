#!/usr/bin/env bash
# The control plane alone: jobs from queued to finished in a second, and how long a claim takes with 100,000 queued, beside what PostgreSQL itself does
# here. Real pushes, the real server process, agents that speak the protocol and start nothing. Prints the figures of docs/performance.md; exit code 1
# where less was reached than is asked. FAIRWAY_JAVA_OPTIONS goes to the server, BENCH_JAVA_OPTIONS to the bench.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/fairway" --version >/dev/null
jdk=$("$root/fairway" --print-jdk)
mvn -f "$root/pom.xml" -B -q -pl bench -am -Dfast -Dmaven.test.skip package dependency:build-classpath \
  -Dmdep.outputFile="$root/bench/target/classpath" >&2
# shellcheck disable=SC2086
exec "$jdk/bin/java" -Xmx256m -XX:+UseSerialGC -XX:-UseBASE64Intrinsics -Dfairway.launcher="$root/fairway" -Djava.util.logging.config.file="$root/cli/logging.properties" ${BENCH_JAVA_OPTIONS:-} \
  -cp "$root/bench/target/classes:$(<"$root/bench/target/classpath")" dev.fairway.bench.server.ControlPlaneBench
