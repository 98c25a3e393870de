# Runs inside of the virtual machine, as its first process' only child: the same tests as root, as root of a container, and as a service of
# somebody else. $1: the folder that the machine outside has prepared.
prepared=$1
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/tmp
root=/sys/fs/cgroup
sandbox=dev.fairway.agent.SandboxTest
tests="$sandbox#aJobThatForksWithoutEndIsHeldBack $sandbox#aStepThatUsedUpTheMemorySaysSo"
ok=0

tests() {
  "$@" "$(cat "$prepared/java")" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m -cp "$prepared/classes:$(printf '%s:' "$prepared"/jars/*)" \
    Tests $tests 2>/dev/null | grep '^  '
  return "${PIPESTATUS[0]}"
}

chmod 1777 /tmp
echo "kernel $(uname -r), $(bwrap --version), controllers: $(cat $root/cgroup.controllers)"

echo "as root, where nobody has passed the limits on:"
tests || ok=1
echo "  passed on: $(cat $root/fairway/cgroup.subtree_control); groups left: $(find $root/fairway -mindepth 1 -type d | wc -l)"

echo "as root of a container, which shares its group with the agent:"
mkdir $root/box
(
  echo $BASHPID > $root/box/cgroup.procs
  export prepared tests
  unshare --cgroup --mount bash -c "umount $root && mount -t cgroup2 none $root; $(declare -f tests); tests"
) || ok=1

echo "as a service of somebody who is not root, with a group of his own:"
mkdir $root/service && chown -R nobody $root/service
(
  echo $BASHPID > $root/service/cgroup.procs
  tests setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all
) || ok=1

[ $ok = 0 ] && echo "all bounds hold"
