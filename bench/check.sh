#!/usr/bin/env bash
# How long `fairway check` takes on a repository of 200 workflow files, as they are in large ones: about 110 lines each, with
# matrices, local and other actions, called workflows and scripts. Prints, with and without shellcheck, the seconds that people
# wait and those of the processors (user and system together), each sorted, the median in the middle; one run before does not count.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
files=${1:-200}
runs=7
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

workflow() {
  cat <<YAML
name: Service $1
on:
  push:
    branches: [main, 'releases/**', '!releases/old-$1']
    paths: ['services/s$1/**', '!**/*.md']
  pull_request:
    types: [opened, synchronize, reopened]
    branches: [main]
  workflow_dispatch:
    inputs:
      level: {type: choice, options: [info, debug, trace], default: info}
      dry-run: {type: boolean, default: true}
permissions:
  contents: read
  packages: write
concurrency:
  group: service-$1-\${{ github.ref }}
  cancel-in-progress: \${{ github.event_name == 'pull_request' }}
env:
  SERVICE: s$1
  REGISTRY: registry.example.com/team-$(($1 % 7))
defaults:
  run: {shell: bash}
jobs:
  plan:
    runs-on: linux
    timeout-minutes: 5
    outputs:
      version: \${{ steps.version.outputs.version }}
      changed: \${{ steps.changes.outputs.list }}
    steps:
      - uses: actions/checkout@v4
        with: {fetch-depth: 0}
      - id: version
        run: |
          set -euo pipefail
          version="\$(git describe --tags --always --match 's$1-*')"
          echo "version=\${version}" >> "\$GITHUB_OUTPUT"
      - id: changes
        env:
          BASE: \${{ github.event.pull_request.base.sha || github.event.before }}
        run: |
          list=\$(git diff --name-only "\$BASE" HEAD -- "services/s$1" | sort -u | tr '\n' ' ')
          if [ -z "\$list" ]; then
            echo "::notice title=Nothing to do::no file of s$1 has changed"
          fi
          echo "list=\$list" >> "\$GITHUB_OUTPUT"
  test:
    name: Test on \${{ matrix.os }} with Java \${{ matrix.java }}
    needs: plan
    if: needs.plan.outputs.changed != '' && !contains(github.event.head_commit.message, '[skip]')
    runs-on: [linux, "\${{ matrix.os }}"]
    timeout-minutes: 30
    strategy:
      fail-fast: false
      matrix:
        os: [debian, alpine]
        java: [21, 25]
        include:
          - {os: debian, java: 25, coverage: true}
        exclude:
          - {os: alpine, java: 21}
    services:
      database:
        image: postgres:18
        env: {POSTGRES_PASSWORD: "\${{ secrets.TEST_PASSWORD }}"}
        ports: ['5432:5432']
        options: --health-cmd pg_isready --health-interval 5s
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-java@v4
        with: {distribution: temurin, java-version: "\${{ matrix.java }}"}
      - uses: actions/cache@v4
        with:
          path: ~/.m2/repository
          key: maven-\${{ runner.os }}-\${{ hashFiles('**/pom.xml') }}
          restore-keys: maven-\${{ runner.os }}-
      - name: Test
        working-directory: services/s$1
        env:
          DATABASE_PORT: \${{ job.services.database.ports[5432] }}
          LEVEL: \${{ inputs.level || 'info' }}
        run: |
          mvn -B verify -Dlevel="\$LEVEL" \\
            -Ddb.port="\$DATABASE_PORT" \\
            -Drevision=\${{ needs.plan.outputs.version }}
          for report in target/surefire-reports/*.xml; do
            grep -c '<testcase' "\$report" || true
          done
      - uses: ./.github/actions/report
        if: always() && matrix.coverage
        with: {name: "s$1", token: "\${{ github.token }}"}
      - uses: actions/upload-artifact@v4
        if: success()
        with:
          name: s$1-\${{ matrix.os }}-\${{ matrix.java }}
          path: services/s$1/target/*.jar
  deliver:
    needs: [plan, test]
    if: github.ref == 'refs/heads/main' && !inputs.dry-run
    uses: ./.github/workflows/deliver.yml
    with:
      service: s$1
      version: \${{ needs.plan.outputs.version }}
    secrets:
      key: \${{ secrets.DEPLOY_KEY }}
YAML
}

mkdir -p "$folder"/.github/{workflows,actions/report}
cat >"$folder/.github/actions/report/action.yml" <<'YAML'
name: Report
inputs:
  name: {required: true}
  token: {required: true}
runs:
  using: composite
  steps:
    - run: ./report "$NAME"
      shell: bash
      env: {NAME: "${{ inputs.name }}"}
YAML
cat >"$folder/.github/workflows/deliver.yml" <<'YAML'
on:
  workflow_call:
    inputs:
      service: {type: string, required: true}
      version: {type: string, required: true}
    secrets:
      key: {required: true}
jobs:
  deliver:
    runs-on: linux
    environment: production
    steps:
      - env: {KEY: "${{ secrets.key }}", SERVICE: "${{ inputs.service }}", VERSION: "${{ inputs.version }}"}
        run: ./deliver "$SERVICE" "$VERSION"
YAML
for ((i = 1; i < files; i++)); do workflow "$i" >"$folder/.github/workflows/s$i.yml"; done
"$root/fairway" --version >/dev/null
cd "$folder"
wc -lc .github/workflows/*.yml | tail -1 | awk -v files="$files" '{ print files " files, " $1 " lines, " $2 " bytes" }'

# check OPTION…: the seconds, and those of the processors.
check() {
  local TIMEFORMAT='%R %U %S'
  { time "$root/fairway" check "$@" >found.txt; } 2>&1 | awk '{ print $1, $2 + $3 }'
  grep -q ' no error' found.txt || { echo "fairway check found an error:" >&2; tail -3 found.txt >&2; exit 1; }
}

for option in --no-shellcheck ''; do
  check $option >/dev/null
  for ((i = 0; i < runs; i++)); do check $option; done >times.txt
  echo "fairway check $option: $(tail -1 found.txt)"
  cut -d' ' -f1 times.txt | sort -n | paste -sd' ' | sed 's/^/  waited: /'
  cut -d' ' -f2 times.txt | sort -n | paste -sd' ' | sed 's/^/  processors: /'
done
