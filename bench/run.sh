#!/usr/bin/env bash
# How long a developer waits for `fairway run`: one job that does nothing, 50 such jobs, one job with 50 such steps. Beside it gitlab-ci-local with its
# shell executor, where its command is named in GITLAB_CI_LOCAL (npm install gitlab-ci-local@4.75; it needs Node 22 and rsync), and the same commands in bare bash.
# All in turns, so that none has the quiet moments for itself. Prints median and spread of the wall time, and the median of the processor time, in seconds.
#   RUNS=10 GITLAB_CI_LOCAL='npx gitlab-ci-local' FAIRWAY_RUN_OPTIONS=--no-sandbox bench/run.sh
set -euo pipefail
cd "$(dirname "$0")/.."
fairway=$PWD/fairway
runs=${RUNS:-10}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
many=50

repeat() { for _ in $(seq "$1"); do echo "$2"; done; }
jobs() { for n in $(seq "$1"); do printf "$2" "$n"; done; }

for kind in one jobs steps; do
  mkdir -p "$work/$kind"
  git -C "$work/$kind" init -q -b main
done
{ printf 'on: push\njobs:\n'; jobs 1 "  j%s: {runs-on: linux, steps: [{run: 'true'}]}\n"; } >"$work/one/w.yml"
{ printf 'on: push\njobs:\n'; jobs $many "  j%s: {runs-on: linux, steps: [{run: 'true'}]}\n"; } >"$work/jobs/w.yml"
{ printf 'on: push\njobs:\n  j:\n    runs-on: linux\n    steps:\n'; repeat $many "      - run: 'true'"; } >"$work/steps/w.yml"
jobs 1 "j%s: {script: ['true']}\n" >"$work/one/.gitlab-ci.yml"
jobs $many "j%s: {script: ['true']}\n" >"$work/jobs/.gitlab-ci.yml"
{ printf 'j:\n  script:\n'; repeat $many "    - 'true'"; } >"$work/steps/.gitlab-ci.yml"
for kind in one jobs steps; do
  git -C "$work/$kind" add -A
  git -C "$work/$kind" -c user.name=bench -c user.email=bench@example.com commit -qm bench
done

with_fairway() { "$fairway" run ${FAIRWAY_RUN_OPTIONS:-} -W w.yml; }
with_gitlab_ci_local() { $GITLAB_CI_LOCAL --force-shell-executor --cwd .; }
# The floor: a shell for each job and each step, two at a time where jobs are, and nothing else.
with_bash() {
  case $1 in
    one) bash -e -c true ;;
    jobs) seq $many | xargs -P "$(nproc)" -I{} bash -e -c true ;;
    steps) for _ in $(seq $many); do bash -e -c true; done ;;
  esac
}

peers=(fairway bash)
[[ -n ${GITLAB_CI_LOCAL:-} ]] && peers+=(gitlab_ci_local)

TIMEFORMAT='%R %U %S'
measure() { # PEER KIND: one line of real, user and system seconds
  cd "$work/$2"
  { time "with_$1" "$2" >/dev/null 2>&1; } 2>&1
}

for kind in one jobs steps; do
  for peer in "${peers[@]}"; do
    (cd "$work/$kind" && "with_$peer" $kind) >"$work/first" 2>&1 || { cat "$work/first" >&2; echo "$peer cannot run this here" >&2; exit 1; }
  done
  for _ in $(seq "$runs"); do
    for peer in "${peers[@]}"; do (measure "$peer" $kind) >>"$work/$peer.$kind"; done
  done
  for peer in "${peers[@]}"; do
    wall=($(cut -d' ' -f1 "$work/$peer.$kind" | sort -n))
    processor=($(awk '{ print $2 + $3 }' "$work/$peer.$kind" | sort -n))
    printf '%-6s %-16s wall %.2f (%.2f to %.2f)  processor %.2f\n' $kind $peer "${wall[(runs - 1) / 2]}" "${wall[0]}" "${wall[-1]}" \
      "${processor[(runs - 1) / 2]}"
  done
done
echo "load: $(cut -d' ' -f1-3 /proc/loadavg) on $(nproc) processors"
