#!/usr/bin/env bash
# A log of 1,000,000 lines (100 MB): how fast it is kept, and how fast it opens at any line. Then one of 1 GB all the way from a job's output to stored,
# with the latency of small jobs and the server's heap meanwhile. Prints the figures of docs/performance.md; exit code 1 if more than one in a hundred
# openings took 200 ms or more, or the whole path took less than 50 MB/s.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/fairway" --version >/dev/null
jdk=$("$root/fairway" --print-jdk)
mvn -f "$root/pom.xml" -B -q -pl bench -am -Dfast -Dmaven.test.skip package dependency:build-classpath \
  -Dmdep.outputFile="$root/bench/target/classpath" >&2
bench() {
  "$jdk/bin/java" -Xmx256m -XX:-UseBASE64Intrinsics -Dfairway.launcher="$root/fairway" -Djava.util.logging.config.file="$root/cli/logging.properties" \
    -cp "$root/bench/target/classes:$(<"$root/bench/target/classpath")" "dev.fairway.bench.$1"
}
code=0
bench log.LogBench || code=$?
bench server.LogPathBench || code=$?
exit "$code"
