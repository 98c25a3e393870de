#!/usr/bin/env bash
# Whether server and agent let go of what has ended: what is alive in their heaps after 1,000 jobs of `fairway up`, and after 20,000 more, by class. Takes
# some 15 minutes; exit code 1 where a heap has grown. BENCH_JAVA_OPTIONS='-Druns=40' makes it 2,000 more.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/fairway" --version >/dev/null
jdk=$("$root/fairway" --print-jdk)
mvn -f "$root/pom.xml" -B -q -pl bench -am -Dfast -Dmaven.test.skip package dependency:build-classpath \
  -Dmdep.outputFile="$root/bench/target/classpath" >&2
# shellcheck disable=SC2086
exec "$jdk/bin/java" -Xmx256m -XX:+UseSerialGC -XX:-UseBASE64Intrinsics -Dfairway.launcher="$root/fairway" \
  -Djava.util.logging.config.file="$root/cli/logging.properties" ${BENCH_JAVA_OPTIONS:-} \
  -cp "$root/bench/target/classes:$(<"$root/bench/target/classpath")" dev.fairway.bench.server.SoakBench
