#!/usr/bin/env bash
# Deployments, rollbacks and refused bad deploys with 24 clients sending all the while.
# Prints the figures of docs/performance.md; exit code 1 if a request was lost.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jdk=$("$root/fairway" --print-jdk)
mvn -f "$root/pom.xml" -B -q -pl bench -am -Dfast -Dmaven.test.skip package dependency:build-classpath \
  -Dmdep.outputFile="$root/bench/target/classpath" >&2
exec "$jdk/bin/java" -Xmx512m -cp "$root/bench/target/classes:$(<"$root/bench/target/classpath")" \
  dev.fairway.bench.delivery.DeliveryBench
