#!/usr/bin/env bash
# Fuzzes each place where input from outside comes in, for a while each. What is found is written into the tests' resources, where it
# stays as a test. That a problem matcher is a regular expression of the job is no finding. usage: bench/fuzz.sh [TIME_OF_EACH [PATTERN]], such as 10m 'Language'
set -euo pipefail
shopt -s globstar
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
code=0
for file in "$root"/{workflow,agent,server}/src/test/java/dev/fairway/**/*FuzzTest.java; do
  [[ -e $file && $file =~ ${2:-.} ]] || continue
  module=${file#"$root"/} module=${module%%/*} class=$(basename "$file" .java)
  for method in $(grep -A1 '@FuzzTest' "$file" | sed -nE 's/^ *void ([A-Za-z]+)\(.*/\1/p'); do
    echo "== $class#$method for ${1:-60s}"
    JAZZER_FUZZ=1 mvn -f "$root/pom.xml" -B -q -o -Dfast -pl "$module" -am test -Dtest="$class#$method" \
      -Djazzer.hooks=true -Djazzer.disabled_hooks=com.code_intelligence.jazzer.sanitizers.RegexInjection -Djazzer.max_duration="${1:-60s}" -Dsurefire.failIfNoSpecifiedTests=false 2>&1 | grep -E 'Exception|Error:|FAILED|Done |artifact' || code=1
  done
done
exit "$code"
