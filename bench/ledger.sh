#!/usr/bin/env bash
# Measures the ledger: append (batches of 1,000 with fsync and a signed checkpoint each), re-verification of 1,000,000
# entries, and statement signatures per second and thread. About a minute. Any argument goes to JMH.
set -eu
cd "$(dirname "$0")/.."
mvn -B -q -pl bench -am test-compile -DskipTests
classpath=bench/target/classes:ledger/target/classes:api/target/classes
jars=$(find "${MAVEN_REPOSITORY:-$HOME/.m2/repository}" \
  \( -name 'jmh-core-1.37.jar' -o -name 'jopt-simple-5.0.4.jar' -o -name 'commons-math3-3.6.1.jar' \) | tr '\n' ':')
exec "${JAVA_HOME:?set JAVA_HOME to a JDK 25}/bin/java" -XX:-UseBASE64Intrinsics -cp "$classpath:$jars" \
  org.openjdk.jmh.Main LedgerBenchmark "$@"
