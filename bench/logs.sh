#!/usr/bin/env bash
# A log of 1,000,000 lines (100 MB): how fast it is kept, and how fast it opens at any line.
# Prints the figures of docs/performance.md; exit code 1 if more than one in a hundred openings took 200 ms or more.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jdk=$("$root/fairway" --print-jdk)
mvn -f "$root/pom.xml" -B -q -pl bench -am -Dfast -Dmaven.test.skip package dependency:build-classpath \
  -Dmdep.outputFile="$root/bench/target/classpath" >&2
exec "$jdk/bin/java" -Xmx256m -XX:-UseBASE64Intrinsics \
  -cp "$root/bench/target/classes:$(<"$root/bench/target/classpath")" dev.fairway.bench.log.LogBench
